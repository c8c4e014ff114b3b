/* call_do.c: what each call does. */
#include "host/call.h"

#include "flow/candles.h"
#include "flow/ledger.h"
#include "flow/market.h"
#include "flow/order_notes.h"
#include "flow/orders.h"
#include "host/host.h"
#include "host/net_owner.h"
#include "host/replay.h"
#include "host/store.h"
#include "host/tap.h"
#include "host/view.h"

#include <stdio.h>
#include <string.h>

#define TIMERS_MAX 4096
#define POST_MAX (32u * 1024u)
#define POSTS_WAITING_MAX (64u << 20) /* bytes of events of all kinds: who posts two for each gets no further */

/* Of a call that is held back the store knows nothing yet. */
static int64_t check_store(const struct instance *i, const struct call *c)
{
	struct host *h = i->host;

	if (c->op == CALL_STORE_BEGIN)
		return store_check_begin(h, i->id, c->in, i->held.size);
	if (i->holding)
		return store_check_held(h, (uint64_t)c->a, (uint8_t)c->b, c->op == CALL_STORE_APPEND ? c->in_size : 0, i->held.size);
	if (c->op == CALL_STORE_APPEND)
		return store_check_append(h, i->id, (uint64_t)c->a, (uint8_t)c->b, c->in_size);
	return store_check_end(h, i->id, (uint64_t)c->a);
}

int64_t call_check(const struct instance *i, const struct call *c)
{
	int64_t rc;

	switch (c->op) {
	case CALL_TIMER_SET:
		return c->b < 0 ? AQ_EINVAL : i->host->timers.count >= TIMERS_MAX ? AQ_EAGAIN : AQ_OK;
	case CALL_POST:
		if (c->in_size > POST_MAX)
			return AQ_EINVAL;
		return queue_bytes(&i->host->flow.out) > POSTS_WAITING_MAX ? AQ_EAGAIN : AQ_OK;
	case CALL_SUBSCRIBE:
		if ((uint32_t)c->a == AQ_ALL)
			return i->kind == AQ_SERVICE ? AQ_OK : AQ_EINVAL;
		rc = market_check_subscription(&i->host->flow, (uint32_t)c->a, (uint32_t)c->b);
		return rc == AQ_ENOENT && i->host->rehearsal ? AQ_OK : rc; /* the first rehearsals come before the instruments */
	case CALL_HISTORY:
		rc = candles_check(&i->host->flow, (uint32_t)c->a, (uint8_t)c->b, (uint32_t)c->c);
		return rc == AQ_ENOENT && i->host->rehearsal ? AQ_OK : rc;
	case CALL_JOURNAL_OPEN:
		return tap_check_name(c->in);
	case CALL_SPOOL_OPEN:
		return tap_check_spool(c->in);
	case CALL_SPOOL_APPEND:
		return c->in_size > SPOOL_RECORD_MAX ? AQ_EINVAL : AQ_OK;
	case CALL_STORE_BEGIN:
	case CALL_STORE_APPEND:
	case CALL_STORE_END:
		return i->host->rehearsal ? AQ_OK : check_store(i, c);
	default:
		return AQ_OK;
	}
}

static int64_t timer_set(struct instance *i, const struct call *c)
{
	struct host *h = i->host;
	struct timer t = {.at_ns = c->a, .period_ns = c->b, .tag = (uint64_t)c->c, .owner = i->id,
		.id = c->d != 0 ? c->d : timers_next_id(&h->timers)};

	timers_add(&h->timers, &t);
	return t.id;
}

static int64_t post(struct instance *i, const struct call *c)
{
	struct aq_event *event;

	event = flow_event(&i->host->flow, i->id, AQ_EV_POST, c->in_size);
	if (event == NULL)
		return AQ_ESTATE;
	event->tag = (uint64_t)c->a;
	if (c->in_size > 0)
		memcpy(event + 1, c->in, c->in_size);
	return AQ_OK;
}

static int64_t place_batch(struct instance *i, const struct call *c)
{
	const struct aq_place *orders = c->in;
	int64_t *ids = c->out;
	uint32_t n = c->in_size / (uint32_t)sizeof(*orders);

	for (uint32_t k = 0; k < n; k++)
		ids[k] = orders_place(&i->host->flow, i->id, &orders[k]);
	return AQ_OK;
}

static int64_t conf_get(struct instance *i, const struct call *c)
{
	const struct config_entry *entry = config_get(i->section, c->in);
	size_t length = entry == NULL ? 0 : strlen(entry->value);

	if (entry == NULL)
		return AQ_ENOENT;
	if (length >= c->out_size)
		return AQ_ESPACE;
	memcpy(c->out, entry->value, length + 1);
	return (int64_t)length;
}

/* Answers of a sized struct: the caller's size must be the one that this host knows. */
static bool sized(const struct call *c, uint32_t size)
{
	uint32_t given;

	memcpy(&given, c->out, sizeof(given));
	return given == size && c->out_size >= size;
}

static int64_t read_instrument(struct instance *i, const struct call *c)
{
	const struct market *m = market_find(&i->host->flow, (uint32_t)c->a);

	if (!sized(c, sizeof(struct aq_instrument)))
		return AQ_EINVAL;
	if (m == NULL)
		return AQ_ENOENT;
	memcpy(c->out, &m->instrument, sizeof(m->instrument));
	return AQ_OK;
}

static int64_t read_top(struct instance *i, const struct call *c)
{
	const struct market *m = market_find(&i->host->flow, (uint32_t)c->a);

	if (m == NULL)
		return AQ_ENOENT;
	memcpy(c->out, &m->top, sizeof(m->top));
	return AQ_OK;
}

static int64_t read_last_trade(struct instance *i, const struct call *c)
{
	const struct market *m = market_find(&i->host->flow, (uint32_t)c->a);

	if (m == NULL || !m->has_trade)
		return AQ_ENOENT;
	memcpy(c->out, &m->last_trade, sizeof(m->last_trade));
	return AQ_OK;
}

static int64_t read_order(struct instance *i, const struct call *c)
{
	const struct flow *f = &i->host->flow;
	const struct order *order = c->a != 0 ? orders_find(f, (uint64_t)c->a) : orders_by_tag(f, i->id, (uint64_t)c->b);

	if (!sized(c, sizeof(struct aq_order)))
		return AQ_EINVAL;
	if (order == NULL || order->o.instance != i->id)
		return AQ_ENOENT;
	memcpy(c->out, &order->o, sizeof(order->o));
	return AQ_OK;
}

static int64_t read_position(struct instance *i, const struct call *c)
{
	uint32_t instance = c->c == 0 ? i->id : (uint32_t)c->c;

	if (!sized(c, sizeof(struct aq_position)) || (c->c != 0 && (uint32_t)c->c != AQ_ALL))
		return AQ_EINVAL;
	if ((uint32_t)c->a >= i->host->flow.account_capacity || market_find(&i->host->flow, (uint32_t)c->b) == NULL)
		return AQ_ENOENT;
	ledger_position(&i->host->flow, (uint32_t)c->a, (uint32_t)c->b, instance, c->out);
	return AQ_OK;
}

static int64_t read_balance(struct instance *i, const struct call *c)
{
	const struct balance *b = ledger_balance_find(&i->host->flow, (uint32_t)c->a, c->in);

	if (!sized(c, sizeof(struct aq_balance)))
		return AQ_EINVAL;
	if (b == NULL)
		return AQ_ENOENT;
	memcpy(c->out, &b->b, sizeof(b->b));
	return AQ_OK;
}

static int64_t read_fees(struct instance *i, const struct call *c)
{
	struct flow *f = &i->host->flow;

	if ((uint32_t)c->a >= f->account_capacity || f->accounts[c->a].exchange == 0)
		return AQ_ENOENT;
	memcpy(c->out, &f->accounts[c->a].rates, sizeof(struct aq_fees));
	return AQ_OK;
}

static int64_t set_clock(struct instance *i, const struct call *c)
{
	struct host *h = i->host;

	if (h->clock != CLOCK_VENUE || (h->clock_owner != 0 && h->clock_owner != i->id))
		return AQ_ESTATE;
	h->clock_owner = i->id;
	if (c->a < h->flow.now_ns)
		return AQ_EINVAL;
	h->settle = true;
	host_set_now(h, c->a);
	return AQ_OK;
}

/* From start on: what comes before belongs to no order. */
static int64_t tell(struct instance *i, const struct call *c)
{
	double value;

	if (!i->effects || i->saving)
		return AQ_ESTATE;
	if (c->op == CALL_WHY) {
		order_notes_say(&i->host->flow, i->id, c->in);
		return AQ_OK;
	}
	memcpy(&value, &c->a, sizeof(value));
	return gauges_set(&i->gauges, c->in, value, i->now_ns);
}

static int64_t do_store(struct instance *i, const struct call *c)
{
	struct host *h = i->host;

	switch (c->op) {
	case CALL_STORE_BEGIN:
		return store_begin(h, i->id, (uint64_t)c->d, c->in);
	case CALL_STORE_APPEND:
		return store_append(h, i->id, (uint64_t)c->a, (uint8_t)c->b, c->in, c->in_size);
	case CALL_STORE_END:
		return store_end(h, i->id, (uint64_t)c->a, (uint32_t)c->b);
	case CALL_STORE_MORE:
		return store_more(h, i->id, (uint64_t)c->a, (uint32_t)c->b);
	default:
		return store_forget(h, i->id, (uint64_t)c->a);
	}
}

/* What only services have. */
static int64_t do_service(struct instance *i, const struct call *c)
{
	struct host *h = i->host;

	switch (c->op) {
	case CALL_JOURNAL_OPEN:
		return tap_open_journal(h, i, c->in, (uint32_t)c->b, (uint64_t)c->a);
	case CALL_SPOOL_OPEN:
		return tap_open_spool(h, i, c->in);
	case CALL_SPOOL_APPEND:
		return tap_append(h, i->id, (uint64_t)c->a, c->in, c->in_size);
	case CALL_TAP_READ:
		return tap_read(h, i->id, (uint64_t)c->a, (uint32_t)c->b);
	case CALL_TAP_ACKNOWLEDGE:
		return tap_acknowledge(h, i->id, (uint64_t)c->a, (uint64_t)c->b);
	case CALL_SPOOL_STATE:
		return sized(c, sizeof(struct aq_spool_state)) ? tap_state(h, i->id, (uint64_t)c->a, c->out) : AQ_EINVAL;
	case CALL_NAME:
		return view_name(h, (uint32_t)c->a, (uint64_t)c->b, c->out, c->out_size);
	default:
		return view_rows(h, (uint32_t)c->a, (uint32_t)c->b, c->out, (uint32_t)c->c, (uint32_t)c->d);
	}
}

static int64_t do_market(struct instance *i, const struct call *c)
{
	struct flow *f = &i->host->flow;

	switch (c->op) {
	case CALL_SUBSCRIBE:
		if ((uint32_t)c->a == AQ_ALL)
			return market_follow(f, i->id, (uint32_t)c->b);
		return market_subscribe(f, i->id, (uint32_t)c->a, (uint32_t)c->b);
	case CALL_UNSUBSCRIBE:
		return market_unsubscribe(f, i->id, (uint32_t)c->a, (uint32_t)c->b);
	case CALL_HISTORY:
		return candles_want(f, i->id, (uint32_t)c->a, (uint8_t)c->b, (uint32_t)c->c);
	case CALL_RESOLVE:
		return market_resolve(f, c->in, c->out);
	case CALL_INSTRUMENT:
		return read_instrument(i, c);
	case CALL_TOP:
		return read_top(i, c);
	case CALL_LEVELS:
		return market_levels(f, (uint32_t)c->a, (uint8_t)c->b, c->out, (uint32_t)c->c);
	case CALL_LAST_TRADE:
		return read_last_trade(i, c);
	default:
		return AQ_ENOSYS;
	}
}

static int64_t do_orders(struct instance *i, const struct call *c)
{
	struct flow *f = &i->host->flow;

	switch (c->op) {
	case CALL_PLACE:
		return orders_place(f, i->id, c->in);
	case CALL_PLACE_BATCH:
		return place_batch(i, c);
	case CALL_CANCEL:
		return orders_cancel(f, i->id, (uint64_t)c->a, (uint64_t)c->b, (uint64_t)c->c);
	case CALL_CANCEL_ALL:
		return orders_cancel_all(f, i->id, (uint32_t)c->a, (uint32_t)c->b);
	case CALL_AMEND:
		return orders_amend(f, i->id, c->in);
	case CALL_ORDER:
		return read_order(i, c);
	case CALL_OPEN_ORDERS:
		return orders_open(f, i->id, (uint32_t)c->a, (uint32_t)c->b, c->out, (uint32_t)c->c);
	case CALL_POSITION:
		return read_position(i, c);
	case CALL_BALANCE:
		return read_balance(i, c);
	case CALL_FEES:
		return read_fees(i, c);
	default:
		return do_market(i, c);
	}
}

int64_t call_do(struct instance *i, const struct call *c)
{
	struct host *h = i->host;

	switch (c->op) {
	case CALL_TIMER_SET:
		return timer_set(i, c);
	case CALL_TIMER_CLEAR:
		return timers_remove(&h->timers, i->id, c->a) == 0 ? AQ_OK : AQ_ENOENT;
	case CALL_POST:
		return post(i, c);
	case CALL_CONF_GET:
		return conf_get(i, c);
	case CALL_EMIT:
		return flow_emit(&h->flow, i->id, c->in);
	case CALL_CLOCK:
		return set_clock(i, c);
	case CALL_FEED_INSTRUMENT:
		return market_instrument(&h->flow, i->id, c->in);
	case CALL_NET_OPEN:
		return net_owner_open(h, i->id, c->in);
	case CALL_NET_SEND:
		return net_owner_send(h, i->id, c->a, c->in, c->in_size);
	case CALL_NET_CLOSE:
		return net_owner_close(h, i->id, c->a);
	case CALL_WHY:
	case CALL_GAUGE:
		return tell(i, c);
	case CALL_STORE_BEGIN:
	case CALL_STORE_APPEND:
	case CALL_STORE_END:
	case CALL_STORE_MORE:
	case CALL_STORE_FORGET:
		return do_store(i, c);
	case CALL_JOURNAL_OPEN:
	case CALL_SPOOL_OPEN:
	case CALL_SPOOL_APPEND:
	case CALL_TAP_READ:
	case CALL_TAP_ACKNOWLEDGE:
	case CALL_SPOOL_STATE:
	case CALL_NAME:
	case CALL_VIEW_ROWS:
		return do_service(i, c);
	case CALL_REPLAY_SEND:
		return replay_receive(h, i->id, c->in, c->in_size);
	default:
		return do_orders(i, c);
	}
}
