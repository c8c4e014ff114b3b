/* candles_request.c: see candles_request.h. */
#include "flow/candles_request.h"

#include "base/check.h"
#include "flow/market.h"

#include <stdlib.h>
#include <string.h>

/* ---- taking trades ---- */

static void take_closed(struct candle_request *r, const struct aq_kline *closed)
{
	if (r->count == 0)
		return;
	r->closed[r->told++ % r->count] = *closed;
}

static void take_trade(struct candle_request *r, const struct past_trade *p)
{
	if (p->t.id != 0 && p->t.id <= r->k.last_id)
		return; /* told before */
	r->k.last_id = p->t.id != 0 ? p->t.id : r->k.last_id;
	if (r->count > 0)
		r->trades[r->told++ % r->count] = *p;
}

static void take_candle(struct flow *f, struct candle_request *r, const struct past_trade *p)
{
	struct aq_kline closed;
	struct aq_amt value;

	if (market_notional(market_find(f, r->instrument), p->t.price, p->t.qty, &value) == 0 &&
		kline_add(&r->k, &p->t, p->at_ns, value, &closed))
		take_closed(r, &closed);
}

/* What comes first is known from its time on, unless the end says more. */
static void know_since(struct kline *k, int64_t at_ns)
{
	if (!kline_begun(k) && k->last_end_ns == INT64_MIN && at_ns < k->since_ns)
		k->since_ns = at_ns;
}

void candle_request_take(struct flow *f, struct candle_request *r, const struct past_trade *p)
{
	if (r->interval == AQ_TRADES_ONLY) {
		take_trade(r, p);
		return;
	}
	know_since(&r->k, p->at_ns);
	take_candle(f, r, p);
}

void candle_request_take_kline(struct candle_request *r, const struct aq_kline *k)
{
	struct aq_kline closed;

	if (r->interval == AQ_TRADES_ONLY)
		return;
	know_since(&r->k, k->open_ns);
	if (kline_add_candle(&r->k, k, &closed))
		take_closed(r, &closed);
	if (kline_complete(&r->k) && kline_close(&r->k, &closed))
		take_closed(r, &closed);
}

void candle_request_hold(struct candle_request *r, const struct aq_trade *t, int64_t at_ns, uint64_t seq)
{
	if (r->held_count == r->held_capacity) {
		r->held_capacity = r->held_capacity == 0 ? 256 : 2 * r->held_capacity;
		r->held = realloc(r->held, r->held_capacity * sizeof(*r->held));
		CHECK(r->held != NULL);
	}
	r->held[r->held_count++] = (struct past_trade){.t = *t, .at_ns = at_ns, .seq = seq};
}

void candle_request_hold_kline(struct candle_request *r, const struct aq_kline *k)
{
	if (r->held_kline_count == r->held_kline_capacity) {
		r->held_kline_capacity = r->held_kline_capacity == 0 ? 64 : 2 * r->held_kline_capacity;
		r->held_klines = realloc(r->held_klines, r->held_kline_capacity * sizeof(*r->held_klines));
		CHECK(r->held_klines != NULL);
	}
	r->held_klines[r->held_kline_count++] = *k;
}

/* ---- telling ---- */

static void tell_trade(struct flow *f, const struct candle_request *r, const struct past_trade *p, uint16_t flags)
{
	struct aq_event *event = flow_event(f, r->instance, AQ_EV_TRADE, sizeof(p->t));

	if (event == NULL)
		return;
	event->instrument = r->instrument;
	event->flags |= flags;
	event->seq = p->seq;
	event->venue_ns = p->at_ns;
	memcpy(event + 1, &p->t, sizeof(p->t));
}

/* A candle whose begin is not known is none of the past. */
static bool tell_candle(struct flow *f, const struct candle_request *r, const struct aq_kline *closed)
{
	struct aq_kline k = *closed;

	k.partial = k.partial && k.open_ns < r->complete_ns;
	if (k.partial || k.open_ns < candle_request_torn_ns(r))
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
		if (r->trades[at].stored && candle_request_torn_ns(r) != INT64_MIN)
			continue;
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

/* ---- the end ---- */

void candle_request_free(struct candle_request *r)
{
	free(r->closed);
	free(r->trades);
	free(r->held);
	free(r->held_klines);
	candle_request_forget_stored(r);
	free(r);
}

/* What was traded meanwhile belongs to the candles, and those whose time is over are of the past, as they are for others
 * who have them. */
static void end_candles(struct flow *f, struct candle_request *r, struct market *m)
{
	struct aq_kline closed;
	int64_t torn_ns = candle_request_torn_ns(r);

	if (torn_ns != INT64_MIN) { /* it was built of what both know */
		r->k.since_ns = torn_ns;
		r->k.now.partial |= r->k.now.open_ns < torn_ns;
	}
	for (uint32_t i = 0; i < r->held_count; i++)
		take_candle(f, r, &r->held[i]);
	for (uint32_t i = 0; i < r->held_kline_count; i++)
		candle_request_take_kline(r, &r->held_klines[i]);
	if (candles_is_over(f, &r->k) && kline_close(&r->k, &closed))
		take_closed(r, &closed);
	tell_end(f, r, tell_ring(f, r));
	candles_add(f, m, r->instance, &r->k);
}

static void end_trades(struct flow *f, struct candle_request *r)
{
	tell_end(f, r, tell_ring(f, r));
	for (uint32_t i = 0; i < r->held_count; i++) {
		if (r->held[i].t.id != 0 && r->held[i].t.id <= r->k.last_id)
			continue; /* it was of the past already */
		tell_trade(f, r, &r->held[i], 0);
	}
	market_subscribe(f, r->instance, r->instrument, AQ_SUB_TRADES);
	market_trades_after(f, r->instance, r->instrument, r->k.last_id);
}

void candle_request_end(struct flow *f, struct candle_request *r, struct market *m)
{
	if (r->interval == AQ_TRADES_ONLY)
		end_trades(f, r);
	else
		end_candles(f, r, m);
}
