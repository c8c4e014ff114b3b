/* candles_past.c: questions about the past: who asks, until when an answer is waited for, and the records that answer. What
 * has been told to one is in candles_request.c. */
#include "flow/candles_request.h"

#include "base/check.h"
#include "flow/market.h"

#include <stdlib.h>
#include <string.h>

#define PATIENCE_NS 10000000000ll /* of a request whose adapter does not answer; each record begins it anew */
#define LONGEST_NS 300000000000ll /* but no longer than this, since what is traded meanwhile waits in memory */

/* ---- requests ---- */

static void unlink_request(struct flow *f, struct candle_request *r)
{
	struct candle_request **at = &f->candles.requests;

	while (*at != r)
		at = &(*at)->next;
	*at = r->next;
}

/* The past is complete: what was traded meanwhile follows, then the instance hears of everything as it comes. */
static void end(struct flow *f, struct candle_request *r)
{
	struct market *m = market_find(f, r->instrument);

	unlink_request(f, r);
	candle_request_end(f, r, m);
	candle_request_free(r);
	market_tell_wanted(f, m);
}

void candles_hold(struct flow *f, const struct market *m, const struct aq_trade *t, int64_t at_ns)
{
	for (struct candle_request *r = f->candles.requests; r != NULL; r = r->next)
		if (r->instrument == m->instrument.id)
			candle_request_hold(r, t, at_ns, m->seq);
}

void candles_hold_kline(struct flow *f, const struct market *m, const struct aq_kline *k)
{
	for (struct candle_request *r = f->candles.requests; r != NULL; r = r->next)
		if (r->instrument == m->instrument.id)
			candle_request_hold_kline(r, k);
}

bool candles_keep_trades(const struct flow *f, uint32_t instance, const struct market *m)
{
	for (const struct candle_request *r = f->candles.requests; r != NULL; r = r->next)
		if (r->instance == instance && r->instrument == m->instrument.id && r->interval == AQ_TRADES_ONLY)
			return true;
	return false;
}

struct candle_request *candle_request_find(const struct flow *f, uint64_t id)
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

void candles_requests_forget(struct flow *f, uint32_t instance, uint32_t instrument)
{
	for (struct candle_request **at = &f->candles.requests; *at != NULL;) {
		struct candle_request *r = *at;

		if ((instance != AQ_ALL && r->instance != instance) || (instrument != 0 && r->instrument != instrument)) {
			at = &r->next;
			continue;
		}
		*at = r->next;
		candle_request_free(r);
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

void candles_requests_again(struct flow *f, uint32_t exchange)
{
	for (struct candle_request *r = f->candles.requests; r != NULL; r = r->next) {
		if (market_find(f, r->instrument)->instrument.exchange != exchange)
			continue;
		r->id = ++f->candles.last_id; /* what was on its way answers nothing any more */
		r->told = r->held_count = r->held_kline_count = 0;
		candle_request_forget_stored(r);
		r->asked_ns = f->now_ns;
		r->until_ns = f->now_ns + PATIENCE_NS;
		r->last_ns = f->now_ns + LONGEST_NS;
		kline_init(&r->k, r->interval, f->now_ns);
		ask(f, r);
	}
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
		.interval = interval,
		.complete_ns = INT64_MAX, .asked_ns = f->now_ns, .until_ns = f->now_ns + PATIENCE_NS, .last_ns = f->now_ns + LONGEST_NS,
		.stored_until_ns = INT64_MIN};
	if (interval != AQ_TRADES_ONLY)
		r->closed = calloc(count + 1u, sizeof(*r->closed));
	else
		r->trades = calloc(count + 1u, sizeof(*r->trades));
	CHECK(r->closed != NULL || r->trades != NULL);
	kline_init(&r->k, interval, f->now_ns);
	r->next = f->candles.requests;
	f->candles.requests = r;
	candles_pause(market_find(f, instrument), interval, instance);
	if (r->until_ns < f->candles.due_ns)
		f->candles.due_ns = r->until_ns;
	market_tell_wanted(f, market_find(f, instrument));
	if (!ask(f, r))
		end(f, r);
	return AQ_OK;
}

/* ---- records ---- */

/* The request that a record of the past belongs to; it is waited for anew. */
static struct candle_request *answered(struct flow *f, const struct aq_event *record, int64_t at_ns)
{
	struct candle_request *r = candle_request_find(f, record->tag);

	if (r == NULL || r->instrument != record->instrument || at_ns > f->now_ns + CANDLES_AHEAD_NS)
		return NULL;
	r->until_ns = f->now_ns + PATIENCE_NS < r->last_ns ? f->now_ns + PATIENCE_NS : r->last_ns;
	return r;
}

void candles_past(struct flow *f, const struct aq_event *record)
{
	struct past_trade p = {.t = *AQ_BODY(aq_trade, record), .at_ns = record->venue_ns};
	struct candle_request *r = answered(f, record, p.at_ns);

	if (r == NULL || p.at_ns <= 0)
		return;
	candle_request_take_stored(f, r, p.at_ns, p.t.id);
	candle_request_take(f, r, &p);
}

void candles_past_kline(struct flow *f, const struct aq_event *record)
{
	const struct aq_kline *k = AQ_BODY(aq_kline, record);
	struct candle_request *r = answered(f, record, k->end_ns);

	if (r == NULL || !kline_makes_sense(k))
		return;
	candle_request_take_stored(f, r, k->open_ns, 0);
	candle_request_take_kline(r, k);
}

void candles_history(struct flow *f, const struct aq_event *record)
{
	struct candle_request *r = candle_request_find(f, AQ_BODY(aq_history, record)->request);

	if (r == NULL || r->instrument != record->instrument)
		return;
	candle_request_join(f, r, AQ_BODY(aq_history, record)->since_ns);
	r->k.since_ns = r->complete_ns < r->k.since_ns ? r->complete_ns : r->k.since_ns;
	r->k.now.partial = r->k.now.partial && r->k.now.open_ns < r->complete_ns;
	end(f, r);
}
