/* strategy.c: life of a strategy instance, and the way from the host's events to its callbacks.
 *
 * Order within an event: what the SDK knows is brought up to date, the author's callback runs, the book callback
 * restates the quotes where the event bears on them, and then the quotes that had to wait are looked at. */
#include "strategy_ctx.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SAME(ours, theirs) \
	_Static_assert(offsetof(struct aq_strategy, ours) == offsetof(struct aq_plugin, theirs), \
		"begins as a plugin does")
SAME(magic, magic);
SAME(abi_major, abi_major);
SAME(abi_minor, abi_minor);
SAME(size, size);
SAME(kind, kind);
SAME(name, name);
SAME(version, version);
SAME(summary, summary);
SAME(options, options);
SAME(state_schema, state_schema);
SAME(state_oldest, state_oldest);
SAME(create, create);
SAME(check, check);
SAME(plugin_start, start);
SAME(plugin_stop, stop);
SAME(plugin_destroy, destroy);
SAME(plugin_save, save);
SAME(plugin_load, load);
SAME(on_event, on_event);
SAME(ops, ops);
_Static_assert(offsetof(struct aq_strategy, self_size) >= sizeof(struct aq_plugin), "the author's part lies behind it");

static int32_t fail(struct aq_err *err, int32_t code, const char *text)
{
	if (err != NULL) {
		err->code = code;
		snprintf(err->text, sizeof(err->text), "%s", text);
	}
	return code;
}

/* ---- life ---- */

static int32_t find_markets(struct aq_ctx *q)
{
	const struct aq_option *o = q->strategy->options;
	for (; o != NULL && o->name != NULL; o++) {
		if (o->type != AQ_OPT_MARKET)
			continue;
		if (q->markets == AQ_CTX_MARKETS)
			return AQ_ESPACE;
		q->market_offsets[q->markets] = o->offset;
		q->market_flags[q->markets++] = o->flags;
	}
	return AQ_OK;
}

int32_t aq_strategy_create(const struct aq_strategy *strategy, const struct aq_host *host, void **self,
	struct aq_err *err)
{
	size_t size = AQ_CTX_ROOM + (strategy->self_size + 63) / 64 * 64;
	struct aq_ctx *q = aligned_alloc(64, size);
	*self = NULL;
	if (q == NULL)
		return fail(err, AQ_ESPACE, "out of memory");
	memset(q, 0, size);
	q->strategy = strategy;
	q->host = host;
	q->self = (char *)q + AQ_CTX_ROOM;
	q->epoch = 1;
	if (find_markets(q) < 0 || aq_ctx_keeps(strategy) > AQ_CTX_KEEPS) {
		free(q);
		return fail(err, AQ_ESPACE, "more than 16 market options or 128 kept fields");
	}
	q->market = host->extension(host->owner, AQ_MARKET_EXT);
	q->orders = host->extension(host->owner, AQ_ORDERS_EXT);
	q->tell = host->extension(host->owner, AQ_TELL_EXT);
	q->store = host->extension(host->owner, AQ_STORE_EXT);
	*self = q->self;
	return AQ_OK;
}

int32_t aq_strategy_start(void *self, struct aq_err *err)
{
	struct aq_ctx *q = aq_ctx_of(self);
	if (q->market == NULL)
		return fail(err, AQ_ENOSYS, "the host does not offer " AQ_MARKET_EXT);
	if (q->orders == NULL)
		return fail(err, AQ_ENOSYS, "the host does not offer " AQ_ORDERS_EXT);
	q->now_ns = q->host->now(q->host->owner);
	q->started = true;
	return AQ_OK;
}

void aq_strategy_stop(void *self)
{
	struct aq_ctx *q = aq_ctx_of(self);
	q->epoch++;
	if (q->strategy->stop != NULL)
		q->strategy->stop(self, q);
	q->stopped = true;
}

void aq_strategy_destroy(void *self)
{
	if (self == NULL)
		return;
	aq_ctx_store_free(aq_ctx_of(self));
	free(aq_ctx_of(self));
}

/* ---- markets ---- */

struct aq_market aq_ctx_market(const struct aq_ctx *q, uint32_t i)
{
	struct aq_market m;
	memcpy(&m, (const char *)q->self + q->market_offsets[i], sizeof(m));
	return m;
}

static bool concerns(struct aq_market m, uint32_t instrument, uint32_t account)
{
	return m.instrument != 0 && (instrument == 0 || m.instrument == instrument) &&
	       (account == 0 || m.account == 0 || m.account == account);
}

/* Two options may name one market: only the first counts. */
static bool named_before(const struct aq_ctx *q, uint32_t i)
{
	struct aq_market m = aq_ctx_market(q, i);
	for (uint32_t k = 0; k < i; k++) {
		if (aq_market_same(aq_ctx_market(q, k), m))
			return true;
	}
	return false;
}

/* The next market that an event is about, from *i on. Market data that no option names (subscribed by hand) is about
 * the instrument alone. */
static bool next_market(const struct aq_ctx *q, const struct aq_event *e, uint32_t *i, bool *any, struct aq_market *out)
{
	for (; *i < q->markets; ++*i) {
		*out = aq_ctx_market(q, *i);
		if (concerns(*out, e->instrument, e->account) && !named_before(q, *i)) {
			++*i;
			return *any = true;
		}
	}
	if (*any || e->instrument == 0)
		return false;
	*out = (struct aq_market){e->instrument, e->account};
	return *any = true;
}

/* Lets the strategy state its quotes anew wherever they depend on (instrument, account); 0 = any. */
static void restate(struct aq_ctx *q, uint32_t instrument, uint32_t account)
{
	if (q->strategy->book == NULL || !q->ready)
		return;
	for (uint32_t i = 0; i < q->markets; i++) {
		struct aq_market m = aq_ctx_market(q, i);
		if ((q->market_flags[i] & AQ_BOOK) && concerns(m, instrument, account) && !named_before(q, i))
			q->strategy->book(q->self, q, m);
	}
}

/* ---- events ---- */

static void on_market_data(struct aq_ctx *q, const struct aq_event *e)
{
	const struct aq_strategy *s = q->strategy;
	struct aq_market m;
	uint32_t i = 0;
	bool any = false;
	if (e->type == AQ_EV_BOOK)
		aq_ctx_top_is(q, e->instrument, &AQ_BODY(aq_book, e)->top);
	else if (e->type == AQ_EV_FUNDING)
		aq_ctx_note_funding(q, e->instrument, AQ_BODY(aq_funding, e));
	if (!q->ready || (e->flags & AQ_EV_DOWNLOADED))
		return;
	while (next_market(q, e, &i, &any, &m)) {
		if (e->type == AQ_EV_BOOK && s->book != NULL)
			s->book(q->self, q, m);
		else if (e->type == AQ_EV_TRADE && s->trade != NULL)
			s->trade(q->self, q, m, AQ_BODY(aq_trade, e));
		else if (e->type == AQ_EV_TICKER && s->ticker != NULL)
			s->ticker(q->self, q, m, AQ_BODY(aq_ticker, e));
		else if (e->type == AQ_EV_FUNDING && s->funding != NULL)
			s->funding(q->self, q, m, AQ_BODY(aq_funding, e));
		else if (e->type == AQ_EV_KLINE && s->kline != NULL)
			s->kline(q->self, q, m, AQ_BODY(aq_kline, e), (e->flags & AQ_EV_HISTORICAL) != 0);
		else if (e->type == AQ_EV_HISTORY && s->history != NULL)
			s->history(q->self, q, m, AQ_BODY(aq_history, e));
	}
}

static void on_order(struct aq_ctx *q, const struct aq_event *e)
{
	const struct aq_order_change *change = AQ_BODY(aq_order_change, e);
	struct aq_order_change ours;
	struct aq_market m = {change->order.instrument, change->order.account};
	if (e->flags & AQ_EV_DOWNLOADED)
		return; /* the state of an order, which is looked up when it is needed */
	aq_ctx_note_order(q, change);
	if (q->strategy->order != NULL) {
		if (change->order.tag > AQ_TAG_MASK) {
			ours = *change;
			ours.order.tag &= AQ_TAG_MASK;
			change = &ours;
		}
		q->strategy->order(q->self, q, change);
	}
	aq_ctx_act(q, m, false);
}

static void on_fill(struct aq_ctx *q, const struct aq_event *e)
{
	const struct aq_fill *f = AQ_BODY(aq_fill, e);
	struct aq_fill ours;
	struct aq_market m = {f->instrument, f->account};
	if ((e->flags & AQ_EV_DOWNLOADED) && q->ready)
		return; /* a download after a gap repeats what this instance has been told */
	aq_ctx_note_fill(q, f);
	if (q->strategy->fill != NULL) {
		if (f->tag > AQ_TAG_MASK) {
			ours = *f;
			ours.tag &= AQ_TAG_MASK;
			f = &ours;
		}
		q->strategy->fill(q->self, q, f);
	}
	restate(q, m.instrument, m.account);
	aq_ctx_act(q, m, false);
}

static void on_trouble(struct aq_ctx *q, const struct aq_event *e)
{
	const struct aq_trouble *t = AQ_BODY(aq_trouble, e);
	struct aq_market m = {e->instrument, e->account};
	if (t->what == AQ_TROUBLE_NOT_READY)
		aq_ctx_account_bar(q, e->account, AQ_BARRED_NOT_READY, t->over);
	if (t->what == AQ_TROUBLE_STOPPED)
		aq_ctx_account_bar(q, e->account, AQ_BARRED_STOPPED, t->over);
	if (!q->ready || (e->flags & AQ_EV_DOWNLOADED))
		return;
	if (q->strategy->trouble != NULL)
		q->strategy->trouble(q->self, q, t, m);
	if (t->over)
		aq_ctx_release(q, m);
	restate(q, m.instrument, m.account);
	aq_ctx_act(q, m, true); /* quotes of a strategy without a book callback leave too */
}

static void on_timer(struct aq_ctx *q, const struct aq_event *e)
{
	if (e->tag == AQ_TIMER_RETRY) {
		aq_ctx_retry(q);
		return;
	}
	if (e->tag == AQ_TIMER_HEARTBEAT) {
		if (q->strategy->heartbeat != NULL)
			q->strategy->heartbeat(q->self, q, e->time_ns / SECOND_NS);
		else /* of the code before */
			aq_timer_stop(q, AQ_TIMER_HEARTBEAT);
		return;
	}
	aq_ctx_timer_fired(q, e->tag);
	if (q->strategy->timer != NULL)
		q->strategy->timer(q->self, q, e->tag);
}

static void on_download_end(struct aq_ctx *q)
{
	struct aq_err err = {0};
	bool first = !q->ready;
	q->downloading = false;
	if (aq_ctx_settle(q, &err) < 0) {
		q->host->fail(q->host->owner, err.text);
		return;
	}
	q->ready = true;
	if (first)
		aq_ctx_timers_take_over(q);
	if (first && q->strategy->heartbeat != NULL)
		aq_every_aligned(q, AQ_TIMER_HEARTBEAT, SECOND_NS, 0);
	if (first && q->strategy->ready != NULL)
		q->strategy->ready(q->self, q);
	restate(q, 0, 0);
	aq_ctx_act(q, (struct aq_market){0, 0}, true);
}

static void on_conf(struct aq_ctx *q)
{
	if (q->strategy->param != NULL)
		q->strategy->param(q->self, q);
	restate(q, 0, 0);
}

void aq_strategy_event(void *self, const struct aq_event *e)
{
	struct aq_ctx *q = aq_ctx_of(self);
	q->epoch++;
	q->now_ns = e->time_ns != 0 ? e->time_ns : q->host->now(q->host->owner);
	switch (e->type) {
	case AQ_EV_BOOK:
	case AQ_EV_TRADE:
	case AQ_EV_TICKER:
	case AQ_EV_FUNDING:
	case AQ_EV_KLINE:
	case AQ_EV_HISTORY:
		on_market_data(q, e);
		break;
	case AQ_EV_ORDER:
		on_order(q, e);
		break;
	case AQ_EV_FILL:
		on_fill(q, e);
		break;
	case AQ_EV_TROUBLE:
		on_trouble(q, e);
		break;
	case AQ_EV_TIMER:
		on_timer(q, e);
		break;
	case AQ_EV_CONF:
		on_conf(q);
		break;
	case AQ_EV_INSTRUMENT:
		aq_ctx_instrument_changed(q, AQ_BODY(aq_instrument, e));
		break;
	case AQ_EV_POSITION:
		if (q->strategy->position != NULL && q->ready && !(e->flags & AQ_EV_DOWNLOADED))
			q->strategy->position(self, q, AQ_BODY(aq_position, e));
		break;
	case AQ_EV_DOWNLOAD_BEGIN:
		q->downloading = true;
		aq_ctx_instruments_forget(q);
		aq_ctx_forget_orders(q);
		break;
	case AQ_EV_DOWNLOAD_END:
		on_download_end(q);
		break;
	default: /* of a store, or of a kind that this version does not know */
		aq_ctx_store_event(q, e);
		break;
	}
}
