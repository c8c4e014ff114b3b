/* api.c: the functions behind struct aq_host and the extensions. Each only makes a record of its call (call.h). */
#include "host/call.h"

#include "base/log.h"
#include "host/host.h"

#include <aioquant/feed.h>
#include <aioquant/market.h>
#include <aioquant/orders.h>
#include <aioquant/service.h>
#include <aioquant/store.h>
#include <aioquant/tell.h>

#include <stdio.h>
#include <string.h>

/* ---- core ---- */

static void api_log(void *owner, int32_t level, const char *text)
{
	const struct instance *i = owner;

	if (!i->host->rehearsal)
		log_line(level, i->name, "%s", text);
}

static int64_t api_now(void *owner)
{
	return ((const struct instance *)owner)->now_ns;
}

static int64_t api_timer_set(void *owner, int64_t at_ns, int64_t period_ns, uint64_t tag)
{
	struct call c = {.op = CALL_TIMER_SET, .a = at_ns, .b = period_ns, .c = (int64_t)tag};

	return call(owner, &c);
}

static int32_t api_timer_clear(void *owner, int64_t id)
{
	struct call c = {.op = CALL_TIMER_CLEAR, .a = id};

	return (int32_t)call(owner, &c);
}

static int32_t api_post(void *owner, uint64_t tag, const void *bytes, uint32_t length)
{
	struct call c = {.op = CALL_POST, .a = (int64_t)tag, .in = bytes, .in_size = length};

	return (int32_t)call(owner, &c);
}

/* [any]: only marks the instance; the loop delivers the event. */
static int32_t api_wake(void *owner, uint64_t tag)
{
	struct instance *i = owner;

	if (i->host->rehearsal)
		return AQ_OK;
	__atomic_store_n(&i->wake_tag, tag, __ATOMIC_RELAXED);
	__atomic_store_n(&i->woken, 1, __ATOMIC_RELEASE);
	loop_wake(i->host->loop);
	return AQ_OK;
}

static int32_t api_conf_get(void *owner, const char *name, char *out, uint32_t size)
{
	struct call c = {
		.op = CALL_CONF_GET, .in = name, .in_size = (uint32_t)strlen(name) + 1, .out = out, .out_size = size};

	return (int32_t)call(owner, &c);
}

uint64_t instance_random(uint64_t state[2])
{
	uint64_t a = state[0], b = state[1];

	state[0] = b;
	a ^= a << 23;
	state[1] = a ^ b ^ (a >> 17) ^ (b >> 26);
	return state[1] + b;
}

static uint64_t api_random(void *owner)
{
	return instance_random(((struct instance *)owner)->random);
}

static void api_fail(void *owner, const char *why)
{
	struct instance *i = owner;

	i->failed = true;
	snprintf(i->why, sizeof(i->why), "%s", why);
}

/* ---- aq.draft.market/1 ---- */

static int32_t api_subscribe(void *owner, uint32_t instrument, uint32_t mask)
{
	struct call c = {.op = CALL_SUBSCRIBE, .a = instrument, .b = mask};

	return (int32_t)call(owner, &c);
}

static int32_t api_unsubscribe(void *owner, uint32_t instrument, uint32_t mask)
{
	struct call c = {.op = CALL_UNSUBSCRIBE, .a = instrument, .b = mask};

	return (int32_t)call(owner, &c);
}

static int32_t api_resolve(void *owner, const char *text, struct aq_market *out)
{
	struct call c = {.op = CALL_RESOLVE,
		.in = text,
		.in_size = (uint32_t)strlen(text) + 1,
		.out = out,
		.out_size = sizeof(*out)};

	return (int32_t)call(owner, &c);
}

static int32_t api_instrument(void *owner, uint32_t instrument, struct aq_instrument *out)
{
	struct call c = {.op = CALL_INSTRUMENT, .a = instrument, .out = out, .out_size = sizeof(*out)};

	return (int32_t)call(owner, &c);
}

static int32_t api_top(void *owner, uint32_t instrument, struct aq_top *out)
{
	struct call c = {.op = CALL_TOP, .a = instrument, .out = out, .out_size = sizeof(*out)};

	return (int32_t)call(owner, &c);
}

static int32_t api_levels(void *owner, uint32_t instrument, uint8_t side, struct aq_level *out, uint32_t n)
{
	struct call c = {.op = CALL_LEVELS,
		.a = instrument,
		.b = side,
		.c = n,
		.out = out,
		.out_size = n * (uint32_t)sizeof(*out)};

	return n > 4096 ? AQ_EINVAL : (int32_t)call(owner, &c);
}

static int32_t api_last_trade(void *owner, uint32_t instrument, struct aq_trade *out)
{
	struct call c = {.op = CALL_LAST_TRADE, .a = instrument, .out = out, .out_size = sizeof(*out)};

	return (int32_t)call(owner, &c);
}

static int32_t api_history(void *owner, uint32_t instrument, uint8_t interval, uint32_t count)
{
	struct call c = {.op = CALL_HISTORY, .a = instrument, .b = interval, .c = count};

	return (int32_t)call(owner, &c);
}

static const struct aq_market_api market_api = {
	.size = sizeof(market_api),
	.subscribe = api_subscribe,
	.unsubscribe = api_unsubscribe,
	.resolve = api_resolve,
	.instrument = api_instrument,
	.top = api_top,
	.levels = api_levels,
	.last_trade = api_last_trade,
	.history = api_history,
};

/* ---- aq.draft.orders/1 ---- */

static int64_t api_place(void *owner, const struct aq_place *order)
{
	struct call c = {.op = CALL_PLACE, .in = order, .in_size = sizeof(*order)};

	return order->size != sizeof(*order) ? AQ_EINVAL : call(owner, &c);
}

static int32_t api_place_batch(void *owner, const struct aq_place *orders, uint32_t n, int64_t *ids)
{
	struct call c = {.op = CALL_PLACE_BATCH,
		.in = orders,
		.in_size = n * (uint32_t)sizeof(*orders),
		.out = ids,
		.out_size = n * (uint32_t)sizeof(*ids)};

	return n == 0 || n > 256 ? AQ_EINVAL : (int32_t)call(owner, &c);
}

static int32_t api_cancel(void *owner, uint64_t id, uint64_t tag, uint64_t call_tag)
{
	struct call c = {.op = CALL_CANCEL, .a = (int64_t)id, .b = (int64_t)tag, .c = (int64_t)call_tag};

	return (int32_t)call(owner, &c);
}

static int32_t api_cancel_all(void *owner, uint32_t account, uint32_t instrument)
{
	struct call c = {.op = CALL_CANCEL_ALL, .a = account, .b = instrument};

	return (int32_t)call(owner, &c);
}

static int32_t api_amend(void *owner, const struct aq_amend *amend)
{
	struct call c = {.op = CALL_AMEND, .in = amend, .in_size = sizeof(*amend)};

	return amend->size != sizeof(*amend) ? AQ_EINVAL : (int32_t)call(owner, &c);
}

static int32_t api_order(void *owner, uint64_t id, uint64_t tag, struct aq_order *out)
{
	struct call c = {.op = CALL_ORDER, .a = (int64_t)id, .b = (int64_t)tag, .out = out, .out_size = sizeof(*out)};

	return (int32_t)call(owner, &c);
}

static int32_t api_open_orders(void *owner, uint32_t account, uint32_t instrument, struct aq_order *out, uint32_t max)
{
	struct call c = {.op = CALL_OPEN_ORDERS,
		.a = account,
		.b = instrument,
		.c = max,
		.out = out,
		.out_size = max * (uint32_t)sizeof(*out)};

	return max > 65536 ? AQ_EINVAL : (int32_t)call(owner, &c);
}

static int32_t api_position(
	void *owner, uint32_t account, uint32_t instrument, uint32_t instance, struct aq_position *out)
{
	struct call c = {.op = CALL_POSITION,
		.a = account,
		.b = instrument,
		.c = instance,
		.out = out,
		.out_size = sizeof(*out)};

	return (int32_t)call(owner, &c);
}

static int32_t api_balance(void *owner, uint32_t account, const char *asset, struct aq_balance *out)
{
	struct call c = {.op = CALL_BALANCE,
		.a = account,
		.in = asset,
		.in_size = (uint32_t)strlen(asset) + 1,
		.out = out,
		.out_size = sizeof(*out)};

	return (int32_t)call(owner, &c);
}

static int32_t api_fees(void *owner, uint32_t account, uint32_t instrument, struct aq_fees *out)
{
	struct call c = {.op = CALL_FEES, .a = account, .b = instrument, .out = out, .out_size = sizeof(*out)};

	return (int32_t)call(owner, &c);
}

static const struct aq_orders_api orders_api = {
	.size = sizeof(orders_api),
	.place = api_place,
	.place_batch = api_place_batch,
	.cancel = api_cancel,
	.cancel_all = api_cancel_all,
	.amend = api_amend,
	.order = api_order,
	.open_orders = api_open_orders,
	.position = api_position,
	.balance = api_balance,
	.fees = api_fees,
};

/* ---- aq.draft.tell/1 ---- */

/* What is longer is cut there: nothing behind it is read. */
static int32_t api_why(void *owner, const char *text)
{
	char copy[AQ_WHY_SIZE + 4]; /* one whole character more than is kept */
	struct call c = {.op = CALL_WHY, .in = copy};

	c.in_size = (uint32_t)strnlen(text, sizeof(copy) - 1) + 1;
	memcpy(copy, text, c.in_size - 1);
	copy[c.in_size - 1] = '\0';
	return (int32_t)call(owner, &c);
}

static int32_t api_gauge(void *owner, const char *name, double value)
{
	struct call c = {.op = CALL_GAUGE, .in = name, .in_size = (uint32_t)strnlen(name, AQ_GAUGE_NAME_SIZE) + 1};

	if (c.in_size > AQ_GAUGE_NAME_SIZE)
		return AQ_EINVAL;
	memcpy(&c.a, &value, sizeof(value));
	return (int32_t)call(owner, &c);
}

static const struct aq_tell_api tell_api = {.size = sizeof(tell_api), .why = api_why, .gauge = api_gauge};

/* ---- aq.draft.feed/1, net/1, replay/1 ---- */

static int32_t api_feed_instrument(void *owner, const struct aq_instrument *instrument)
{
	struct call c = {.op = CALL_FEED_INSTRUMENT, .in = instrument, .in_size = sizeof(*instrument)};

	return instrument->size != sizeof(*instrument) ? AQ_EINVAL : (int32_t)call(owner, &c);
}

static int32_t api_emit(void *owner, const struct aq_event *record)
{
	struct call c = {.op = CALL_EMIT, .in = record, .in_size = record->size};

	return record->size < sizeof(*record) || record->size > AQ_EVENT_MAX ? AQ_EINVAL : (int32_t)call(owner, &c);
}

static int32_t api_clock(void *owner, int64_t now_ns)
{
	struct call c = {.op = CALL_CLOCK, .a = now_ns};

	return (int32_t)call(owner, &c);
}

static const struct aq_feed_api feed_api = {
	.size = sizeof(feed_api),
	.instrument = api_feed_instrument,
	.emit = api_emit,
	.clock = api_clock,
};

static int64_t api_net_open(void *owner, const char *address)
{
	struct call c = {.op = CALL_NET_OPEN, .in = address, .in_size = (uint32_t)strlen(address) + 1};

	return call(owner, &c);
}

static int32_t api_net_send(void *owner, int64_t connection, const void *bytes, uint32_t length)
{
	struct call c = {.op = CALL_NET_SEND, .a = connection, .in = bytes, .in_size = length};

	return (int32_t)call(owner, &c);
}

static int32_t api_net_close(void *owner, int64_t connection)
{
	struct call c = {.op = CALL_NET_CLOSE, .a = connection};

	return (int32_t)call(owner, &c);
}

static const struct aq_net_api net_api = {
	.size = sizeof(net_api),
	.open = api_net_open,
	.send = api_net_send,
	.close = api_net_close,
};

static int32_t api_replay_send(void *owner, const void *frame, uint32_t length)
{
	struct call c = {.op = CALL_REPLAY_SEND, .in = frame, .in_size = length};

	return (int32_t)call(owner, &c);
}

static const struct aq_replay_api replay_api = {.size = sizeof(replay_api), .send = api_replay_send};

/* ---- aq.draft.store/2 ---- */

static int64_t api_store_begin(void *owner, const struct aq_store_call *what)
{
	struct call c = {.op = CALL_STORE_BEGIN, .in = what, .in_size = sizeof(*what)};

	return what->size != sizeof(*what) ? AQ_EINVAL : call(owner, &c);
}

static int32_t api_store_append(void *owner, int64_t id, const struct aq_store_chunk *chunk, const void *bytes)
{
	struct call c = {.op = CALL_STORE_APPEND, .a = id, .b = chunk->part, .in = bytes, .in_size = chunk->length};

	if (chunk->size != sizeof(*chunk) || chunk->length > AQ_STORE_CHUNK || chunk->reserved2 != 0 ||
		(chunk->reserved[0] | chunk->reserved[1] | chunk->reserved[2]) != 0)
		return AQ_EINVAL;
	return (int32_t)call(owner, &c);
}

static int32_t api_store_end(void *owner, int64_t id, uint32_t rows)
{
	struct call c = {.op = CALL_STORE_END, .a = id, .b = rows};

	return (int32_t)call(owner, &c);
}

static int32_t api_store_more(void *owner, int64_t id, uint32_t rows)
{
	struct call c = {.op = CALL_STORE_MORE, .a = id, .b = rows};

	return (int32_t)call(owner, &c);
}

static int32_t api_store_forget(void *owner, int64_t id)
{
	struct call c = {.op = CALL_STORE_FORGET, .a = id};

	return (int32_t)call(owner, &c);
}

static const struct aq_store_api store_api = {.size = sizeof(store_api),
	.begin = api_store_begin,
	.append = api_store_append,
	.end = api_store_end,
	.more = api_store_more,
	.forget = api_store_forget};

/* ---- aq.draft.journal/2, spool/1, view/2 ---- */

static int32_t api_journal_open(void *owner, const char *reader, uint32_t kinds, uint64_t tag)
{
	struct call c = {.op = CALL_JOURNAL_OPEN,
		.a = (int64_t)tag,
		.b = kinds,
		.in = reader,
		.in_size = (uint32_t)strlen(reader) + 1};

	return (int32_t)call(owner, &c);
}

static int32_t api_tap_read(void *owner, uint64_t tag, uint32_t records)
{
	struct call c = {.op = CALL_TAP_READ, .a = (int64_t)tag, .b = records};

	return (int32_t)call(owner, &c);
}

static int32_t api_tap_acknowledge(void *owner, uint64_t tag, uint64_t to)
{
	struct call c = {.op = CALL_TAP_ACKNOWLEDGE, .a = (int64_t)tag, .b = (int64_t)to};

	return (int32_t)call(owner, &c);
}

static int32_t api_name(void *owner, uint32_t kind, uint64_t id, char *out, uint32_t size)
{
	struct call c = {.op = CALL_NAME, .a = kind, .b = (int64_t)id, .out = out, .out_size = size};

	return (int32_t)call(owner, &c);
}

static const struct aq_journal_api journal_api = {.size = sizeof(journal_api),
	.open = api_journal_open,
	.read = api_tap_read,
	.acknowledge = api_tap_acknowledge,
	.name = api_name};

static int32_t api_spool_open(void *owner, const struct aq_spool *spool)
{
	struct call c = {.op = CALL_SPOOL_OPEN, .in = spool, .in_size = sizeof(*spool)};

	return spool->size != sizeof(*spool) ? AQ_EINVAL : (int32_t)call(owner, &c);
}

static int64_t api_spool_append(void *owner, uint64_t tag, const void *bytes, uint32_t length)
{
	struct call c = {.op = CALL_SPOOL_APPEND, .a = (int64_t)tag, .in = bytes, .in_size = length};

	return call(owner, &c);
}

static int32_t api_spool_state(void *owner, uint64_t tag, struct aq_spool_state *out)
{
	struct call c = {.op = CALL_SPOOL_STATE, .a = (int64_t)tag, .out = out, .out_size = sizeof(*out)};

	return (int32_t)call(owner, &c);
}

static const struct aq_spool_api spool_api = {.size = sizeof(spool_api),
	.open = api_spool_open,
	.append = api_spool_append,
	.read = api_tap_read,
	.acknowledge = api_tap_acknowledge,
	.state = api_spool_state};

static int32_t api_view_rows(void *owner, uint32_t table, uint32_t first, void *out, uint32_t row_size, uint32_t rows)
{
	struct call c = {.op = CALL_VIEW_ROWS,
		.a = table,
		.b = first,
		.c = row_size,
		.d = rows,
		.out = out,
		.out_size = row_size * rows};

	return row_size > 4096 || rows > 4096 ? AQ_EINVAL : (int32_t)call(owner, &c);
}

static int32_t api_view_watch(void *owner, uint32_t tables, int64_t every_ns)
{
	(void)owner;
	(void)tables;
	(void)every_ns;
	return AQ_ENOSYS;
}

static const struct aq_view_api view_api = {.size = sizeof(view_api), .rows = api_view_rows, .watch = api_view_watch};

/* ---- who gets what ---- */

/* An exchange gets the venue inside this process when its section names a capture, else sockets. */
static const void *exchange_extension(const struct instance *i, const char *name)
{
	bool inside = instance_is_replay(i->section);

	if (strcmp(name, AQ_FEED_EXT) == 0)
		return &feed_api;
	if (strcmp(name, AQ_REPLAY_EXT) == 0)
		return inside ? &replay_api : NULL;
	if (strcmp(name, AQ_NET_EXT) == 0)
		return inside ? NULL : &net_api;
	return NULL;
}

static const void *strategy_extension(const char *name)
{
	if (strcmp(name, AQ_MARKET_EXT) == 0)
		return &market_api;
	if (strcmp(name, AQ_ORDERS_EXT) == 0)
		return &orders_api;
	if (strcmp(name, AQ_TELL_EXT) == 0)
		return &tell_api;
	return strcmp(name, AQ_STORE_EXT) == 0 ? &store_api : NULL;
}

/* As a strategy, but it has no orders; and what is only for whoever looks after the whole. */
static const void *service_extension(const char *name)
{
	if (strcmp(name, AQ_ORDERS_EXT) == 0)
		return NULL;
	if (strcmp(name, AQ_JOURNAL_EXT) == 0)
		return &journal_api;
	if (strcmp(name, AQ_SPOOL_EXT) == 0)
		return &spool_api;
	return strcmp(name, AQ_VIEW_EXT) == 0 ? &view_api : strategy_extension(name);
}

static const void *api_extension(void *owner, const char *name)
{
	const struct instance *i = owner;

	switch (i->kind) {
	case AQ_EXCHANGE:
		return exchange_extension(i, name);
	case AQ_STRATEGY:
		return strategy_extension(name);
	case AQ_SERVICE:
		return service_extension(name);
	default:
		return NULL;
	}
}

void api_table(struct instance *i, struct aq_host *out)
{
	*out = (struct aq_host){.size = sizeof(*out),
		.abi_major = AQ_ABI_MAJOR,
		.abi_minor = AQ_ABI_MINOR,
		.owner = i,
		.log = api_log,
		.now = api_now,
		.timer_set = api_timer_set,
		.timer_clear = api_timer_clear,
		.post = api_post,
		.wake = api_wake,
		.conf_get = api_conf_get,
		.random = api_random,
		.fail = api_fail,
		.extension = api_extension};
}
