/* candles_stored.c: what a store knows of the past, and what the adapter tells, as one: by time, each once. */
#include "flow/candles_request.h"

#include "base/check.h"

#include <stdlib.h>
#include <string.h>

bool candles_asked(const struct flow *f, uint64_t request, struct candles_asked *out)
{
	const struct candle_request *r = candle_request_find(f, request);

	if (r == NULL)
		return false;
	*out = (struct candles_asked){.instance = r->instance, .instrument = r->instrument, .count = r->count, .interval = r->interval};
	return true;
}

void candle_request_forget_stored(struct candle_request *r)
{
	free(r->stored_klines);
	free(r->stored_trades);
	r->stored_klines = NULL;
	r->stored_trades = NULL;
	r->stored_count = r->stored_next = 0;
	r->stored_until_ns = INT64_MIN;
}

void candles_stored_klines(struct flow *f, uint64_t request, const struct aq_kline *list, uint32_t count, int64_t until_ns)
{
	struct candle_request *r = candle_request_find(f, request);

	if (r == NULL || count == 0 || r->interval == AQ_TRADES_ONLY)
		return;
	candle_request_forget_stored(r);
	r->stored_klines = malloc(count * sizeof(*list));
	CHECK(r->stored_klines != NULL);
	memcpy(r->stored_klines, list, count * sizeof(*list));
	r->stored_count = count;
	r->stored_since_ns = list[0].open_ns;
	r->stored_until_ns = until_ns;
}

void candles_stored_trades(struct flow *f, uint64_t request, const struct candles_trade *list, uint32_t count)
{
	struct candle_request *r = candle_request_find(f, request);

	if (r == NULL || count == 0 || r->interval != AQ_TRADES_ONLY)
		return;
	candle_request_forget_stored(r);
	r->stored_trades = calloc(count, sizeof(*r->stored_trades));
	CHECK(r->stored_trades != NULL);
	for (uint32_t i = 0; i < count; i++)
		r->stored_trades[i] = (struct past_trade){.t = list[i].t, .at_ns = list[i].at_ns, .stored = true};
	r->stored_count = count;
	r->stored_since_ns = list[0].at_ns;
	r->stored_until_ns = list[count - 1].at_ns;
}

void candle_request_take_stored(struct flow *f, struct candle_request *r, int64_t at_ns, uint64_t id)
{
	while (r->stored_next < r->stored_count) {
		uint32_t at = r->stored_next;

		if (r->interval == AQ_TRADES_ONLY ? r->stored_trades[at].t.id > id : r->stored_klines[at].open_ns > at_ns)
			return;
		r->stored_next++;
		if (r->interval == AQ_TRADES_ONLY)
			candle_request_take(f, r, &r->stored_trades[at]);
		else
			candle_request_take_kline(r, &r->stored_klines[at]);
	}
}

void candle_request_join(struct flow *f, struct candle_request *r, int64_t since_ns)
{
	candle_request_take_stored(f, r, INT64_MAX, UINT64_MAX);
	r->complete_ns = since_ns;
	if (since_ns <= r->stored_until_ns && r->stored_since_ns < since_ns)
		r->complete_ns = r->stored_since_ns;
}

int64_t candle_request_torn_ns(const struct candle_request *r)
{
	if (r->stored_until_ns == INT64_MIN || r->complete_ns <= r->stored_until_ns)
		return INT64_MIN;
	return r->complete_ns < r->asked_ns ? r->complete_ns : r->asked_ns;
}
