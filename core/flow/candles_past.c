/* candles_past.c: requests for the past: the adapter tells trades, which become the last closed candles. */
#include "flow/candles_internal.h"

#include "base/check.h"
#include "flow/market.h"

#include <stdlib.h>
#include <string.h>

#define PATIENCE_NS 10000000000ll /* of a request whose adapter does not answer; each record begins it anew */

/* A trade and its time. */
struct past_trade {
	struct aq_trade t;
	int64_t at_ns;
};

struct candle_request {
	uint64_t id;
	uint32_t instance, instrument, count;
	uint8_t interval;
	int64_t until_ns;
	struct kline k;
	struct aq_kline *closed;   /* ring of the last `count` */
	struct past_trade *trades; /* likewise, with AQ_TRADES_ONLY */
	uint64_t told;             /* ever put into the ring */
	int64_t complete_ns;       /* the adapter has told all trades from then on */
	struct past_trade *held;   /* of now, while the past is told */
	uint32_t held_count, held_capacity;
	struct candle_request *next;
};

/* ---- taking trades ---- */

static void take_closed(struct candle_request *r, const struct aq_kline *closed)
{
	if (r->count == 0)
		return;
	r->closed[r->told++ % r->count] = *closed;
}

static void take(struct flow *f, struct candle_request *r, const struct past_trade *p)
{
	struct aq_kline closed;
	struct aq_amt value;

	if (r->interval == AQ_TRADES_ONLY) {
		if (r->count > 0)
			r->trades[r->told++ % r->count] = *p;
		r->k.last_id = p->t.id;
		return;
	}
	if (market_notional(market_find(f, r->instrument), p->t.price, p->t.qty, &value) == 0 &&
		kline_add(&r->k, &p->t, p->at_ns, value, &closed))
		take_closed(r, &closed);
}

void candles_hold(struct flow *f, uint32_t instrument, const struct aq_trade *t, int64_t at_ns)
{
	for (struct candle_request *r = f->candles.requests; r != NULL; r = r->next) {
		if (r->instrument != instrument)
			continue;
		if (r->held_count == r->held_capacity) {
			r->held_capacity = r->held_capacity == 0 ? 256 : 2 * r->held_capacity;
			r->held = realloc(r->held, r->held_capacity * sizeof(*r->held));
			CHECK(r->held != NULL);
		}
		r->held[r->held_count++] = (struct past_trade){.t = *t, .at_ns = at_ns};
	}
}

/* ---- telling ---- */

static void tell_trade(struct flow *f, const struct candle_request *r, const struct past_trade *p, uint16_t flags)
{
	struct aq_event *event = flow_event(f, r->instance, AQ_EV_TRADE, sizeof(p->t));

	if (event == NULL)
		return;
	event->instrument = r->instrument;
	event->flags |= flags;
	event->venue_ns = p->at_ns;
	memcpy(event + 1, &p->t, sizeof(p->t));
}

/* A candle whose begin is not known is none of the past. */
static bool tell_candle(struct flow *f, const struct candle_request *r, const struct aq_kline *closed)
{
	struct aq_kline k = *closed;

	k.partial = k.partial && k.open_ns < r->complete_ns;
	if (k.partial)
		return false;
	candles_tell(f, r->instance, r->instrument, &k, AQ_EV_HISTORICAL);
	return true;
}

static uint32_t tell_ring(struct flow *f, const struct candle_request *r)
{
	uint32_t count = r->told < r->count ? (uint32_t)r->told : r->count, told = 0;

	for (uint32_t i = 0; i < count; i++) {
		uint64_t at = (r->told - count + i) % r->count;

		if (r->interval != AQ_TRADES_ONLY) {
			told += tell_candle(f, r, &r->closed[at]);
			continue;
		}
		tell_trade(f, r, &r->trades[at], AQ_EV_HISTORICAL);
		told++;
	}
	return told;
}

static void tell_end(struct flow *f, const struct candle_request *r, uint32_t count)
{
	struct aq_history body = {.interval = r->interval, .count = count};
	struct aq_event *event = flow_event(f, r->instance, AQ_EV_HISTORY, sizeof(body));

	if (event == NULL)
		return;
	event->instrument = r->instrument;
	memcpy(event + 1, &body, sizeof(body));
}

/* ---- requests ---- */

static void unlink_request(struct flow *f, struct candle_request *r)
{
	struct candle_request **at = &f->candles.requests;

	while (*at != r)
		at = &(*at)->next;
	*at = r->next;
}

static void free_request(struct candle_request *r)
{
	free(r->closed);
	free(r->trades);
	free(r->held);
	free(r);
}

/* The past is complete: what was traded meanwhile follows, then the instance hears of everything as it comes. */
static void end(struct flow *f, struct candle_request *r)
{
	struct market *m = market_find(f, r->instrument);
	uint32_t count;

	unlink_request(f, r);
	if (r->interval != AQ_TRADES_ONLY)
		for (uint32_t i = 0; i < r->held_count; i++)
			take(f, r, &r->held[i]);
	count = tell_ring(f, r);
	tell_end(f, r, count);
	if (r->interval != AQ_TRADES_ONLY) {
		candles_add(f, m, r->instance, &r->k);
	} else if ((market_mask(f, r->instance, r->instrument) & AQ_SUB_TRADES) == 0) {
		for (uint32_t i = 0; i < r->held_count; i++)
			if (r->held[i].t.id == 0 || r->held[i].t.id > r->k.last_id) /* else it was of the past already */
				tell_trade(f, r, &r->held[i], 0);
		market_subscribe(f, r->instance, r->instrument, AQ_SUB_TRADES);
	}
	free_request(r);
	market_tell_wanted(f, m);
}

static struct candle_request *find(const struct flow *f, uint64_t id)
{
	struct candle_request *r = f->candles.requests;

	while (r != NULL && r->id != id)
		r = r->next;
	return r;
}

bool candles_awaited(const struct flow *f, uint32_t instrument)
{
	for (const struct candle_request *r = f->candles.requests; r != NULL; r = r->next)
		if (r->instrument == instrument)
			return true;
	return false;
}

void candles_requests_forget(struct flow *f, uint32_t instance)
{
	for (struct candle_request **at = &f->candles.requests; *at != NULL;) {
		struct candle_request *r = *at;

		if (instance != AQ_ALL && r->instance != instance) {
			at = &r->next;
			continue;
		}
		*at = r->next;
		free_request(r);
	}
}

void candles_requests_tick(struct flow *f)
{
	for (struct candle_request *r = f->candles.requests, *next; r != NULL; r = next) {
		next = r->next;
		if (f->now_ns >= r->until_ns) {
			flow_say(f, AQ_LOG_WARN, "%s does not tell the past of %s: %s gets none", flow_instance_name(f,
				market_find(f, r->instrument)->instrument.exchange), market_find(f, r->instrument)->instrument.symbol,
				flow_instance_name(f, r->instance));
			end(f, r);
		} else if (r->until_ns < f->candles.due_ns) {
			f->candles.due_ns = r->until_ns;
		}
	}
}

/* ---- asking ---- */

static bool ask(struct flow *f, const struct candle_request *r)
{
	const struct market *m = market_find(f, r->instrument);
	struct aq_past body = {.since_ns = INT64_MIN, .count = r->count, .request = r->id};
	struct aq_event *event = r->count == 0 ? NULL : flow_event(f, m->instrument.exchange, AQ_EV_PAST, sizeof(body));

	if (event == NULL)
		return false;
	if (r->interval != AQ_TRADES_ONLY) {
		body.since_ns = kline_begin_before(r->interval, f->now_ns, r->count);
		body.count = UINT32_MAX;
	}
	event->instrument = r->instrument;
	memcpy(event + 1, &body, sizeof(body));
	return true;
}

int32_t candles_check(const struct flow *f, uint32_t instrument, uint8_t interval, uint32_t count)
{
	if ((interval != AQ_TRADES_ONLY && !kline_known(interval)) || count > CANDLES_HISTORY_MAX)
		return AQ_EINVAL;
	return market_find(f, instrument) == NULL ? AQ_ENOENT : AQ_OK;
}

int32_t candles_want(struct flow *f, uint32_t instance, uint32_t instrument, uint8_t interval, uint32_t count)
{
	int32_t rc = candles_check(f, instrument, interval, count);
	struct candle_request *r = rc != 0 ? NULL : calloc(1, sizeof(*r));

	if (rc != 0)
		return rc;
	CHECK(r != NULL);
	*r = (struct candle_request){.id = ++f->candles.last_id, .instance = instance, .instrument = instrument, .count = count,
		.interval = interval, .complete_ns = INT64_MAX, .until_ns = f->now_ns + PATIENCE_NS};
	if (interval != AQ_TRADES_ONLY)
		r->closed = calloc(count + 1u, sizeof(*r->closed));
	else
		r->trades = calloc(count + 1u, sizeof(*r->trades));
	CHECK(r->closed != NULL || r->trades != NULL);
	kline_init(&r->k, interval, f->now_ns);
	r->next = f->candles.requests;
	f->candles.requests = r;
	if (r->until_ns < f->candles.due_ns)
		f->candles.due_ns = r->until_ns;
	market_tell_wanted(f, market_find(f, instrument));
	if (!ask(f, r))
		end(f, r);
	return AQ_OK;
}

/* ---- records ---- */

void candles_past(struct flow *f, const struct aq_event *record)
{
	struct candle_request *r = find(f, record->tag);
	struct past_trade p = {.t = *AQ_BODY(aq_trade, record), .at_ns = record->venue_ns};

	if (r == NULL || r->instrument != record->instrument)
		return;
	if (r->k.now.trades == 0 && r->k.last_id == 0 && p.at_ns < r->k.since_ns)
		r->k.since_ns = p.at_ns; /* known from here on, unless the end says more */
	r->until_ns = f->now_ns + PATIENCE_NS;
	take(f, r, &p);
}

void candles_history(struct flow *f, const struct aq_event *record)
{
	struct candle_request *r = find(f, AQ_BODY(aq_history, record)->request);

	if (r == NULL || r->instrument != record->instrument)
		return;
	r->complete_ns = AQ_BODY(aq_history, record)->since_ns;
	r->k.now.partial = r->k.now.partial && r->k.now.open_ns < r->complete_ns;
	end(f, r);
}
