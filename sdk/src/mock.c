/* mock.c: see mock.h. What the strategy may call stands first, then what the test calls. */
#include "mock_service.h"
#include "mock_store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TAG_OF_AUTHOR ((UINT64_C(1) << 48) - 1)

static void wrong(const char *why)
{
	fprintf(stderr, "mock: %s\n", why);
	abort();
}

static bool final(const struct aq_order *o)
{
	return o->state == AQ_DENIED || o->state >= AQ_FILLED;
}

static bool busy(const struct aq_order *o)
{
	return o->place != 0 || o->cancel != 0 || o->amend != 0;
}

static struct aq_instrument *instrument_of(struct aq_mock *k, uint32_t id)
{
	return id >= 1 && id <= k->instrument_count ? &k->instruments[id - 1] : NULL;
}

/* ---- the queue ---- */

static void queue_event(struct aq_mock *k, uint16_t type, uint16_t flags, struct aq_market m, uint64_t tag,
	const void *body, size_t size)
{
	struct aq_event e = {.size = (uint32_t)((sizeof(e) + size + 7) / 8 * 8), .type = type, .flags = flags,
		.instrument = m.instrument, .account = m.account, .tag = tag, .time_ns = k->now_ns};
	if (k->tail + e.size > AQ_MOCK_QUEUE)
		wrong("more events than fit; run them");
	memcpy(k->queue + k->tail, &e, sizeof(e));
	if (size > 0)
		memcpy(k->queue + k->tail + sizeof(e), body, size);
	k->tail += e.size;
}

void aq_mock_event(struct aq_mock *k, uint16_t type, struct aq_market m, uint64_t tag, const void *body, size_t size)
{
	queue_event(k, type, 0, m, tag, body, size);
}

void aq_mock_downloaded(struct aq_mock *k, uint16_t type, struct aq_market m, uint64_t tag, const void *body,
	size_t size)
{
	queue_event(k, type, AQ_EV_DOWNLOADED, m, tag, body, size);
}

static void tell(struct aq_mock *k, const struct aq_order *o, uint8_t update, uint8_t request, uint16_t code)
{
	struct aq_order_change change = {.order = *o, .update = update, .request = request, .code = code};
	struct aq_market m = {o->instrument, o->account};
	aq_mock_event(k, AQ_EV_ORDER, m, o->tag, &change, sizeof(change));
}

/* The event is copied out and wiped afterwards, so that a strategy that keeps a pointer into it is found out. */
bool aq_mock_step(struct aq_mock *k)
{
	struct aq_event *e;
	uint32_t size;
	if (k->self == NULL || (k->head == k->tail && !aq_mock_service_tell(k)))
		return false;
	memcpy(&size, k->queue + k->head, sizeof(size));
	e = malloc(size);
	if (e == NULL)
		wrong("out of memory");
	memcpy(e, k->queue + k->head, size);
	k->head += size;
	if (k->head == k->tail)
		k->head = k->tail = 0;
	k->callbacks++;
	k->why[0] = '\0';
	k->plugin->on_event(k->self, e);
	memset(e, 0xa5, size);
	free(e);
	return true;
}

void aq_mock_run(struct aq_mock *k)
{
	while (aq_mock_step(k)) {
	}
}

/* ---- the host's table ---- */

static void host_log(void *owner, int32_t level, const char *text)
{
	struct aq_mock *k = owner;
	snprintf(k->log, sizeof(k->log), "%s", text);
	k->warnings += level >= AQ_LOG_WARN;
}

static int64_t host_now(void *owner)
{
	return ((struct aq_mock *)owner)->now_ns;
}

static int64_t host_timer_set(void *owner, int64_t at_ns, int64_t period_ns, uint64_t tag)
{
	struct aq_mock *k = owner;
	if (!k->started)
		return AQ_ESTATE;
	for (uint32_t i = 0; i < AQ_MOCK_TIMERS; i++) {
		if (k->timers[i].id == 0) {
			k->timers[i] = (struct aq_mock_timer){++k->timer_ids, at_ns, period_ns, tag};
			return k->timer_ids;
		}
	}
	return AQ_EAGAIN;
}

static int32_t host_timer_clear(void *owner, int64_t id)
{
	struct aq_mock *k = owner;
	for (uint32_t i = 0; id > 0 && i < AQ_MOCK_TIMERS; i++) {
		if (k->timers[i].id == id) {
			k->timers[i].id = 0;
			return AQ_OK;
		}
	}
	return AQ_ENOENT;
}

static int32_t host_post(void *owner, uint64_t tag, const void *bytes, uint32_t length)
{
	aq_mock_event(owner, AQ_EV_POST, (struct aq_market){0, 0}, tag, bytes, length);
	return AQ_OK;
}

static int32_t host_wake(void *owner, uint64_t tag)
{
	aq_mock_event(owner, AQ_EV_WAKE, (struct aq_market){0, 0}, tag, NULL, 0);
	return AQ_OK;
}

static int32_t host_conf_get(void *owner, const char *name, char *out, uint32_t size)
{
	return AQ_ENOENT;
}

static uint64_t host_random(void *owner)
{
	return 4; /* the same in every replay */
}

static void host_fail(void *owner, const char *why)
{
	struct aq_mock *k = owner;
	snprintf(k->failed, sizeof(k->failed), "%s", why);
}

/* ---- the market extension ---- */

/* All of the test's instruments are used by others. */
static int32_t subscribe_all(struct aq_mock *k, uint32_t mask)
{
	for (uint32_t i = 0; i < k->instrument_count; i++) {
		k->subscribed[i] |= mask;
		aq_mock_event(k, AQ_EV_INSTRUMENT, (struct aq_market){i + 1, 0}, 0, &k->instruments[i], sizeof(k->instruments[i]));
	}
	return AQ_OK;
}

static int32_t market_subscribe(void *owner, uint32_t instrument, uint32_t mask)
{
	struct aq_mock *k = owner;
	if (instrument == AQ_ALL)
		return k->started ? subscribe_all(k, mask) : AQ_ESTATE;
	if (instrument_of(k, instrument) == NULL)
		return AQ_ENOENT;
	k->subscribed[instrument - 1] |= mask;
	return k->started ? AQ_OK : AQ_ESTATE;
}

static int32_t market_unsubscribe(void *owner, uint32_t instrument, uint32_t mask)
{
	struct aq_mock *k = owner;
	if (instrument_of(k, instrument) == NULL)
		return AQ_ENOENT;
	k->subscribed[instrument - 1] &= ~mask;
	return AQ_OK;
}

static int32_t market_resolve(void *owner, const char *text, struct aq_market *out)
{
	struct aq_mock *k = owner;
	for (uint32_t i = 0; i < k->instrument_count; i++) {
		if (strcmp(k->instruments[i].symbol, text) == 0) {
			*out = (struct aq_market){i + 1, 1};
			return AQ_OK;
		}
	}
	return AQ_ENOENT;
}

static int32_t market_instrument(void *owner, uint32_t instrument, struct aq_instrument *out)
{
	struct aq_mock *k = owner;
	struct aq_instrument *i = instrument_of(k, instrument);
	if (i == NULL || k->rehearsal)
		return AQ_ENOENT;
	if (out->size != sizeof(*out))
		return AQ_EINVAL;
	*out = *i;
	return AQ_OK;
}

static int32_t market_top(void *owner, uint32_t instrument, struct aq_top *out)
{
	struct aq_mock *k = owner;
	k->reads++;
	if (instrument_of(k, instrument) == NULL)
		return AQ_ENOENT;
	*out = k->tops[instrument - 1];
	return AQ_OK;
}

static int32_t market_levels(void *owner, uint32_t instrument, uint8_t side, struct aq_level *out, uint32_t n)
{
	struct aq_mock *k = owner;
	uint32_t count;
	if (instrument_of(k, instrument) == NULL || (side != AQ_BUY && side != AQ_SELL))
		return AQ_ENOENT;
	count = k->level_counts[instrument - 1][side - 1];
	count = count < n ? count : n;
	memcpy(out, k->levels[instrument - 1][side - 1], count * sizeof(*out));
	return (int32_t)count;
}

static int32_t market_last_trade(void *owner, uint32_t instrument, struct aq_trade *out)
{
	return AQ_ENOENT;
}

/* There is no past here; the test queues candles as AQ_EV_KLINE. */
static int32_t market_history(void *owner, uint32_t instrument, uint8_t interval, uint32_t count)
{
	struct aq_mock *k = owner;
	struct aq_history none = {.interval = interval};
	if (interval > AQ_1Y || count > 4096)
		return AQ_EINVAL;
	if (instrument_of(k, instrument) == NULL)
		return AQ_ENOENT;
	if (!k->started)
		return AQ_ESTATE;
	aq_mock_event(k, AQ_EV_HISTORY, (struct aq_market){instrument, 0}, 0, &none, sizeof(none));
	return AQ_OK;
}

static const struct aq_market_api market_api = {.size = sizeof(market_api), .subscribe = market_subscribe,
	.unsubscribe = market_unsubscribe, .resolve = market_resolve, .instrument = market_instrument,
	.top = market_top, .levels = market_levels, .last_trade = market_last_trade, .history = market_history};

/* ---- the orders extension ---- */

static struct aq_order *by_id(struct aq_mock *k, uint64_t id)
{
	return id >= 1 && id <= k->order_count ? &k->orders[id - 1] : NULL;
}

static struct aq_order *by_host_tag(struct aq_mock *k, uint64_t tag)
{
	for (uint32_t i = k->order_count; i-- > 0;) {
		if (k->orders[i].tag == tag && !final(&k->orders[i]))
			return &k->orders[i];
	}
	return NULL;
}

static bool has_price(uint8_t type)
{
	return type == AQ_LIMIT || type == AQ_STOP_LIMIT;
}

static void check_order(struct aq_mock *k, aq_px price, aq_qty qty, const struct aq_order *o)
{
	const struct aq_instrument *i = &k->instruments[o->instrument - 1];
	k->malformed += qty <= 0 || qty % i->lot != 0 || qty < i->min_qty || (i->max_qty > 0 && qty > i->max_qty);
	k->malformed += has_price(o->type) && (price <= 0 || price % i->tick != 0);
}

static uint16_t gate(struct aq_mock *k, uint8_t request, const struct aq_order *o)
{
	if (k->deny[request] != 0)
		return k->deny[request];
	return request == AQ_REQ_PLACE && by_host_tag(k, o->tag) != NULL ? AQ_DENY_TAG_BUSY : AQ_CODE_NONE;
}

static int64_t orders_place(void *owner, const struct aq_place *p)
{
	struct aq_mock *k = owner;
	struct aq_order o = {.size = sizeof(o), .account = p->account, .instrument = p->instrument, .instance = 1,
		.id = k->order_count + 1, .tag = p->tag, .side = p->side, .type = p->type, .tif = p->tif,
		.post_only = p->post_only, .reduce_only = p->reduce_only,
		.price = has_price(p->type) ? p->price : AQ_NONE,
		.qty = p->qty, .ahead = AQ_NONE, .display_qty = AQ_NONE,
		.trigger = p->trigger != 0 ? p->trigger : AQ_NONE, .trigger_source = p->trigger_source, .trail = AQ_NONE,
		.amend_price = AQ_NONE, .amend_qty = AQ_NONE, .created_ns = k->now_ns, .updated_ns = k->now_ns};
	if (!k->started)
		return AQ_ESTATE;
	if (p->size != sizeof(*p) || instrument_of(k, p->instrument) == NULL)
		return AQ_EINVAL;
	if (k->full)
		return AQ_EAGAIN;
	if (k->order_count == AQ_MOCK_ORDERS)
		wrong("more orders than fit");
	k->placed++;
	k->doubles += aq_mock_live(k, (struct aq_market){o.instrument, o.account}, o.tag & TAG_OF_AUTHOR) != NULL;
	check_order(k, o.price, o.qty, &o);
	o.code = gate(k, AQ_REQ_PLACE, &o);
	o.state = o.code != 0 ? AQ_DENIED : AQ_SENT;
	o.place = o.code != 0 ? AQ_REQ_NONE : AQ_REQ_SENT;
	memcpy(k->order_why[k->order_count], k->why, sizeof(k->why));
	k->orders[k->order_count++] = o;
	if (o.code != 0)
		tell(k, &o, 0, AQ_REQ_PLACE, o.code);
	return (int64_t)o.id;
}

static int32_t orders_place_batch(void *owner, const struct aq_place *orders, uint32_t n, int64_t *ids)
{
	for (uint32_t i = 0; i < n; i++)
		ids[i] = orders_place(owner, &orders[i]);
	return (int32_t)n;
}

static int32_t orders_cancel(void *owner, uint64_t id, uint64_t tag, uint64_t call_tag)
{
	struct aq_mock *k = owner;
	struct aq_order *o = id != 0 ? by_id(k, id) : by_host_tag(k, tag);
	if (o == NULL || final(o))
		return AQ_ENOENT;
	if (k->full)
		return AQ_EAGAIN;
	k->cancelled++;
	k->careless += busy(o);
	if (k->deny[AQ_REQ_CANCEL] != 0) {
		tell(k, o, 0, AQ_REQ_CANCEL, k->deny[AQ_REQ_CANCEL]);
		return AQ_OK;
	}
	o->cancel = AQ_REQ_SENT;
	o->cancel_tag = call_tag;
	return AQ_OK;
}

static int32_t orders_cancel_all(void *owner, uint32_t account, uint32_t instrument)
{
	struct aq_mock *k = owner;
	int32_t count = 0;
	for (uint32_t i = 0; i < k->order_count; i++) {
		struct aq_order *o = &k->orders[i];
		if ((account == 0 || o->account == account) && (instrument == 0 || o->instrument == instrument))
			count += orders_cancel(k, o->id, 0, 0) == AQ_OK;
	}
	return count;
}

static int32_t orders_amend(void *owner, const struct aq_amend *a)
{
	struct aq_mock *k = owner;
	struct aq_order *o = a->order != 0 ? by_id(k, a->order) : by_host_tag(k, a->tag);
	if (a->size != sizeof(*a))
		return AQ_EINVAL;
	if (o == NULL || final(o))
		return AQ_ENOENT;
	if (k->full)
		return AQ_EAGAIN;
	k->amended++;
	k->careless += busy(o) || o->state != AQ_OPEN;
	check_order(k, a->price != AQ_NONE ? a->price : o->price, a->qty != AQ_NONE ? a->qty : o->qty, o);
	if (k->deny[AQ_REQ_AMEND] != 0) {
		tell(k, o, 0, AQ_REQ_AMEND, k->deny[AQ_REQ_AMEND]);
		return AQ_OK;
	}
	memcpy(k->order_why[o->id - 1], k->why, sizeof(k->why));
	o->amend = AQ_REQ_SENT;
	o->amend_price = a->price != AQ_NONE ? a->price : o->price;
	o->amend_qty = a->qty != AQ_NONE ? a->qty : o->qty;
	o->amend_tag = a->call_tag;
	return AQ_OK;
}

static int32_t orders_order(void *owner, uint64_t id, uint64_t tag, struct aq_order *out)
{
	struct aq_mock *k = owner;
	struct aq_order *o = id != 0 ? by_id(k, id) : by_host_tag(k, tag);
	k->reads++;
	if (out->size != sizeof(*out))
		return AQ_EINVAL;
	if (o == NULL)
		return AQ_ENOENT;
	*out = *o;
	return AQ_OK;
}

static int32_t orders_open_orders(void *owner, uint32_t account, uint32_t instrument, struct aq_order *out,
	uint32_t max)
{
	struct aq_mock *k = owner;
	uint32_t count = 0;
	for (uint32_t i = 0; i < k->order_count; i++) {
		struct aq_order *o = &k->orders[i];
		if (final(o) || (account != 0 && o->account != account))
			continue;
		if (instrument != 0 && o->instrument != instrument)
			continue;
		if (count++ < max)
			out[count - 1] = *o;
	}
	return (int32_t)count;
}

static int32_t orders_position(void *owner, uint32_t account, uint32_t instrument, uint32_t instance,
	struct aq_position *out)
{
	struct aq_mock *k = owner;
	k->reads++;
	if (out->size != sizeof(*out) || instrument_of(k, instrument) == NULL || account < 1 ||
		account > AQ_MOCK_ACCOUNTS)
		return AQ_EINVAL;
	*out = k->position_extra;
	out->size = sizeof(*out);
	out->account = account;
	out->instrument = instrument;
	out->qty = k->positions[instrument - 1][account - 1];
	return AQ_OK;
}

static int32_t orders_balance(void *owner, uint32_t account, const char *asset, struct aq_balance *out)
{
	struct aq_mock *k = owner;
	if (out->size != sizeof(*out) || strcmp(asset, k->balance.asset) != 0)
		return AQ_ENOENT;
	*out = k->balance;
	return AQ_OK;
}

static int32_t orders_fees(void *owner, uint32_t account, uint32_t instrument, struct aq_fees *out)
{
	*out = (struct aq_fees){0};
	return AQ_OK;
}

static const struct aq_orders_api orders_api = {.size = sizeof(orders_api), .place = orders_place,
	.place_batch = orders_place_batch, .cancel = orders_cancel, .cancel_all = orders_cancel_all,
	.amend = orders_amend, .order = orders_order, .open_orders = orders_open_orders, .position = orders_position,
	.balance = orders_balance, .fees = orders_fees};

/* ---- the tell extension ---- */

static int32_t tell_why(void *owner, const char *text)
{
	struct aq_mock *k = owner;
	snprintf(k->why, sizeof(k->why), "%s", text);
	return AQ_OK;
}

static int32_t tell_gauge(void *owner, const char *name, double value)
{
	struct aq_mock *k = owner;
	uint32_t at = 0;
	while (at < k->gauge_count && strcmp(k->gauges[at].name, name) != 0)
		at++;
	if (strlen(name) >= AQ_GAUGE_NAME_SIZE)
		return AQ_EINVAL;
	if (at == AQ_GAUGES)
		return AQ_ESPACE;
	snprintf(k->gauges[at].name, sizeof(k->gauges[at].name), "%s", name);
	k->gauges[at].value = value;
	k->gauge_count += at == k->gauge_count;
	return AQ_OK;
}

static const struct aq_tell_api tell_api = {.size = sizeof(tell_api), .why = tell_why, .gauge = tell_gauge};

static const void *host_extension(void *owner, const char *name)
{
	struct aq_mock *k = owner;
	if (strcmp(name, AQ_MARKET_EXT) == 0)
		return &market_api;
	if (strcmp(name, AQ_TELL_EXT) == 0)
		return k->deaf ? NULL : &tell_api;
	if (strcmp(name, AQ_STORE_EXT) == 0)
		return k->storeless ? NULL : &aq_mock_store_api;
	if (strcmp(name, AQ_VIEW_EXT) == 0)
		return &aq_mock_view_api;
	if (strcmp(name, AQ_JOURNAL_EXT) == 0)
		return &aq_mock_journal_api;
	if (strcmp(name, AQ_SPOOL_EXT) == 0)
		return &aq_mock_spool_api;
	return strcmp(name, AQ_ORDERS_EXT) == 0 ? &orders_api : NULL;
}

/* ---- the test's side: life ---- */

struct aq_mock *aq_mock_new(const struct aq_plugin *plugin)
{
	struct aq_mock *k = calloc(1, sizeof(*k));
	if (k == NULL || (k->queue = malloc(AQ_MOCK_QUEUE)) == NULL)
		wrong("out of memory");
	k->plugin = plugin;
	k->store_room = UINT32_MAX;
	k->now_ns = INT64_C(1700000000000000000);
	k->host = (struct aq_host){.size = sizeof(k->host), .abi_major = AQ_ABI_MAJOR, .abi_minor = AQ_ABI_MINOR,
		.owner = k, .log = host_log, .now = host_now, .timer_set = host_timer_set,
		.timer_clear = host_timer_clear, .post = host_post, .wake = host_wake,
		.conf_get = host_conf_get, .random = host_random, .fail = host_fail, .extension = host_extension};
	return k;
}

static void end_instance(struct aq_mock *k, const struct aq_plugin *plugin, void *self)
{
	bool started = k->started;
	k->started = false; /* calls with effects are refused from here on */
	if (started && plugin->stop != NULL)
		plugin->stop(self);
	plugin->destroy(self);
}

void aq_mock_free(struct aq_mock *k)
{
	end_instance(k, k->plugin, k->self);
	aq_mock_store_free(k);
	aq_mock_service_free(k);
	free(k->queue);
	free(k->blob);
	free(k);
}

struct aq_market aq_mock_market(struct aq_mock *k, const char *symbol, uint8_t px_digits, uint8_t qty_digits)
{
	struct aq_instrument *i = &k->instruments[k->instrument_count];
	if (k->instrument_count == AQ_MOCK_INSTRUMENTS)
		wrong("more instruments than fit");
	*i = (struct aq_instrument){.size = sizeof(*i), .id = k->instrument_count + 1, .revision = 1, .exchange = 1,
		.kind = AQ_SPOT, .px_digits = px_digits, .qty_digits = qty_digits, .qty_unit = AQ_UNIT_BASE,
		.state = AQ_TRADING, .tick = 1, .lot = 1};
	snprintf(i->symbol, sizeof(i->symbol), "%s", symbol);
	k->tops[k->instrument_count] = (struct aq_top){.bid = AQ_NONE, .ask = AQ_NONE, .why = AQ_BOOK_NONE_YET};
	return (struct aq_market){++k->instrument_count, 1};
}

int32_t aq_mock_create(struct aq_mock *k)
{
	return k->plugin->create(&k->host, &k->self, &k->err);
}

static const struct aq_option *option_named(const struct aq_mock *k, const char *name)
{
	const struct aq_option *o = k->plugin->options;
	while (o != NULL && o->name != NULL && strcmp(o->name, name) != 0)
		o++;
	return o != NULL && o->name != NULL ? o : NULL;
}

void aq_mock_option(struct aq_mock *k, const char *name, const void *value, size_t size)
{
	const struct aq_option *o = option_named(k, name);
	if (k->self == NULL || o == NULL || o->size != size)
		wrong("no such option, or not of this size");
	memcpy((char *)k->self + o->offset, value, size);
}

static int32_t blob_write(void *sink, const void *bytes, uint32_t length)
{
	struct aq_mock *k = sink;
	uint8_t *longer = realloc(k->blob, k->blob_length + length + 1u);
	if (longer == NULL)
		return AQ_ESPACE;
	k->blob = longer;
	memcpy(k->blob + k->blob_length, bytes, length);
	k->blob_length += length;
	return AQ_OK;
}

int32_t aq_mock_save(struct aq_mock *k)
{
	struct aq_writer out = {.size = sizeof(out), .sink = k, .write = blob_write};
	k->blob_length = 0;
	return k->plugin->save(k->self, &out);
}

int32_t aq_mock_load(struct aq_mock *k, const void *blob, uint64_t length)
{
	struct aq_reader in = {.size = sizeof(in), .schema = k->plugin->state_schema, .bytes = blob, .length = length};
	return k->plugin->load(k->self, &in, &k->err);
}

void aq_mock_download(struct aq_mock *k)
{
	const struct aq_market none = {0, 0};
	aq_mock_event(k, AQ_EV_DOWNLOAD_BEGIN, none, 0, NULL, 0);
	if (k->download != NULL)
		k->download(k);
	aq_mock_event(k, AQ_EV_DOWNLOAD_END, none, 0, NULL, 0);
}

int32_t aq_mock_start(struct aq_mock *k)
{
	int32_t status;
	k->started = true;
	status = k->plugin->start != NULL ? k->plugin->start(k->self, &k->err) : AQ_OK;
	k->started = status >= 0;
	if (k->started) {
		aq_mock_download(k);
		aq_mock_run(k);
	}
	return status;
}

/* The options keep their values: fields of the same name and size are copied over. */
int32_t aq_mock_reload(struct aq_mock *k, const struct aq_plugin *plugin)
{
	const struct aq_plugin *old_plugin = k->plugin;
	void *old = k->self;
	int32_t status = aq_mock_save(k);
	if (status >= 0)
		status = plugin->create(&k->host, &k->self, &k->err);
	if (status < 0)
		return status;
	k->plugin = plugin;
	for (const struct aq_option *o = old_plugin->options; o != NULL && o->name != NULL; o++) {
		if (option_named(k, o->name) != NULL)
			aq_mock_option(k, o->name, (char *)old + o->offset, o->size);
	}
	status = aq_mock_load(k, k->blob, k->blob_length);
	end_instance(k, old_plugin, old);
	return status < 0 ? status : aq_mock_start(k);
}

/* ---- the test's side: the market ---- */

void aq_mock_top(struct aq_mock *k, struct aq_market m, aq_px bid, aq_qty bid_qty, aq_px ask, aq_qty ask_qty)
{
	struct aq_book book = {.top = {.seq = k->tops[m.instrument - 1].seq + 1, .venue_ns = k->now_ns,
		.arrival_ns = k->now_ns, .bid = bid, .ask = ask, .bid_qty = bid_qty, .ask_qty = ask_qty, .valid = 1}};
	k->tops[m.instrument - 1] = book.top;
	k->levels[m.instrument - 1][0][0] = (struct aq_level){bid, bid_qty};
	k->levels[m.instrument - 1][1][0] = (struct aq_level){ask, ask_qty};
	k->level_counts[m.instrument - 1][0] = k->level_counts[m.instrument - 1][1] = 1;
	aq_mock_event(k, AQ_EV_BOOK, (struct aq_market){m.instrument, 0}, 0, &book, sizeof(book));
}

void aq_mock_trouble(struct aq_mock *k, struct aq_market m, enum aq_trouble_kind what, bool over)
{
	struct aq_trouble t = {.what = (uint16_t)what, .over = over, .count = 1};
	aq_mock_event(k, AQ_EV_TROUBLE, m, 0, &t, sizeof(t));
}

void aq_mock_fault(struct aq_mock *k, struct aq_market m, enum aq_book_fault why, enum aq_trouble_kind what)
{
	k->tops[m.instrument - 1].valid = 0;
	k->tops[m.instrument - 1].why = (uint8_t)why;
	aq_mock_trouble(k, (struct aq_market){m.instrument, 0}, what, false);
}

static int32_t fire_first(struct aq_mock *k, int64_t until_ns)
{
	struct aq_mock_timer *first = NULL;
	for (uint32_t i = 0; i < AQ_MOCK_TIMERS; i++) {
		struct aq_mock_timer *t = &k->timers[i];
		if (t->id > 0 && t->at_ns <= until_ns && (first == NULL || t->at_ns < first->at_ns))
			first = t;
	}
	if (first == NULL)
		return AQ_ENOENT;
	k->now_ns = first->at_ns > k->now_ns ? first->at_ns : k->now_ns;
	aq_mock_event(k, AQ_EV_TIMER, (struct aq_market){0, 0}, first->tag, NULL, 0);
	if (first->period_ns > 0)
		first->at_ns += first->period_ns;
	else
		first->id = 0;
	return AQ_OK;
}

void aq_mock_time(struct aq_mock *k, int64_t now_ns)
{
	while (fire_first(k, now_ns) == AQ_OK) {
	}
	k->now_ns = now_ns;
}

/* ---- the test's side: orders ---- */

static void answer_place(struct aq_order *o, uint8_t state)
{
	o->state = state;
	o->place = AQ_REQ_NONE;
}

static void lose_answers(struct aq_order *o)
{
	uint8_t *requests[] = {&o->place, &o->cancel, &o->amend};
	for (int i = 0; i < 3; i++) {
		if (*requests[i] != AQ_REQ_NONE)
			*requests[i] = AQ_REQ_UNKNOWN;
	}
}

static void end_order(struct aq_order *o, uint8_t state)
{
	o->state = state;
	o->place = o->cancel = o->amend = AQ_REQ_NONE;
}

static uint8_t apply_answer(struct aq_order *o, enum aq_update update)
{
	switch (update) {
	case AQ_UP_OPEN:
		answer_place(o, AQ_OPEN);
		return AQ_REQ_PLACE;
	case AQ_UP_REJECTED:
		end_order(o, AQ_REJECTED);
		return AQ_REQ_PLACE;
	case AQ_UP_CANCELLED:
		end_order(o, AQ_CANCELLED);
		return AQ_REQ_CANCEL;
	case AQ_UP_EXPIRED:
		end_order(o, AQ_EXPIRED);
		return 0;
	case AQ_UP_AMENDED:
		o->price = o->amend_price;
		o->qty = o->amend_qty;
		o->amend = AQ_REQ_NONE;
		return AQ_REQ_AMEND;
	case AQ_UP_CANCEL_REJECTED:
		o->cancel = AQ_REQ_NONE;
		return AQ_REQ_CANCEL;
	case AQ_UP_AMEND_REJECTED:
		o->amend = AQ_REQ_NONE;
		return AQ_REQ_AMEND;
	case AQ_UP_UNKNOWN:
		lose_answers(o);
		return 0;
	default:
		wrong("no answer of a venue to an order");
		return 0;
	}
}

void aq_mock_answer(struct aq_mock *k, struct aq_order *o, enum aq_update update, uint16_t code)
{
	uint8_t request;
	if (o == NULL || final(o))
		wrong("an answer to an order that has ended");
	request = apply_answer(o, update);
	o->updated_ns = k->now_ns;
	o->code = code != 0 ? code : o->code;
	tell(k, o, (uint8_t)update, request, code);
}

void aq_mock_fill(struct aq_mock *k, struct aq_order *o, aq_qty qty)
{
	struct aq_fill f = {.size = sizeof(f), .account = o->account, .instrument = o->instrument, .instance = 1,
		.order = o->id, .tag = o->tag, .price = o->price, .qty = qty, .cumulative = o->filled + qty,
		.ahead = AQ_NONE, .venue_ns = k->now_ns, .side = o->side, .liquidity = AQ_MAKER};
	struct aq_market m = {o->instrument, o->account};
	if (final(o) || qty <= 0 || qty > o->qty - o->filled)
		wrong("a fill that cannot be");
	o->filled += qty;
	o->place = AQ_REQ_NONE;
	o->state = AQ_OPEN;
	k->positions[m.instrument - 1][m.account - 1] += o->side == AQ_BUY ? qty : -qty;
	if (o->filled == o->qty)
		end_order(o, AQ_FILLED);
	if (k->order_before_fill)
		tell(k, o, AQ_UP_OPEN, 0, 0);
	aq_mock_event(k, AQ_EV_FILL, m, o->tag, &f, sizeof(f));
	if (!k->order_before_fill)
		tell(k, o, AQ_UP_OPEN, 0, 0);
}

struct aq_order *aq_mock_live(struct aq_mock *k, struct aq_market m, uint64_t tag)
{
	for (uint32_t i = k->order_count; i-- > 0;) {
		struct aq_order *o = &k->orders[i];
		if (o->instrument == m.instrument && o->account == m.account && (o->tag & TAG_OF_AUTHOR) == tag &&
			!final(o))
			return o;
	}
	return NULL;
}

struct aq_order *aq_mock_last(struct aq_mock *k)
{
	return k->order_count > 0 ? &k->orders[k->order_count - 1] : NULL;
}

uint32_t aq_mock_faults(const struct aq_mock *k)
{
	return k->doubles + k->careless + k->malformed;
}
