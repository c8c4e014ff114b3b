/* past.c: the trades, and candles, that have happened, read from the capture once more. */
#include "sim/venue/requests.h"

#include <string.h>

#define PAST_MAX (1u << 20) /* trades and candles of one answer */

/* When it began: a candle at its opening. Where the venue gives no time its moment in the capture counts. */
static int64_t time_of(const struct sim_cursor *c)
{
	if (c->frame->type == SIM_KLINE)
		return SIM_BODY(aq_kline, c->frame)->open_ns;
	return c->frame->venue_ns != 0 ? c->frame->venue_ns : c->time_ns;
}

static bool is_asked_for(const struct sim_cursor *c, uint16_t market, const struct sim_past *asked)
{
	bool kind = c->frame->type == SIM_TRADE || (c->frame->type == SIM_KLINE && asked->count == UINT32_MAX);
	return kind && c->market == market && time_of(c) >= asked->since_ns;
}

static uint64_t count_asked(const struct sim_venue *v, uint16_t market, const struct sim_past *asked)
{
	struct sim_cursor c;
	uint64_t count = 0;
	for (sim_cursor_begin(&c, &v->timeline); c.frame != NULL && c.number < v->now_at.number;
		sim_cursor_advance(&c, &v->timeline))
		count += is_asked_for(&c, market, asked);
	return count;
}

static void say_one(struct sim_venue *v, const struct sim_cursor *c, uint64_t request)
{
	uint16_t type = c->frame->type == SIM_KLINE ? SIM_PAST_KLINE : SIM_PAST_TRADE;
	struct sim_frame *frame = sim_queue_add(&v->answers, c->frame->size, type, v->now_ns + v->response_ns);
	if (frame == NULL)
		return;
	frame->market = c->market;
	frame->venue_ns = c->frame->venue_ns != 0 ? c->frame->venue_ns : c->time_ns;
	frame->seq = request;
	memcpy(frame + 1, c->frame + 1, c->frame->size - sizeof *frame);
}

/* What lies before the capture is not known. */
static void say_end(struct sim_venue *v, uint16_t market, const struct sim_past *asked, int64_t since_ns)
{
	uint32_t size = (uint32_t)(sizeof(struct sim_frame) + sizeof(struct sim_past));
	struct sim_frame *frame = sim_queue_add(&v->answers, size, SIM_PAST_END, v->now_ns + v->response_ns);
	if (frame == NULL)
		return;
	frame->market = market;
	*(struct sim_past *)(void *)(frame + 1) = (struct sim_past){.since_ns = since_ns, .request = asked->request};
}

void sim_past(struct sim_venue *v, const struct sim_frame *frame)
{
	const struct sim_past *asked = SIM_BODY(sim_past, frame);
	uint64_t most = asked->count < PAST_MAX ? asked->count : PAST_MAX, skip, count;
	struct sim_cursor c;
	if (!v->connected || frame->market == 0 || frame->market > v->market_count)
		return;
	if (v->timeline.rate != 0) { /* its moments are not those of the capture */
		say_end(v, frame->market, asked, INT64_MAX);
		return;
	}
	count = count_asked(v, frame->market, asked);
	skip = count > most ? count - most : 0;
	sim_cursor_begin(&c, &v->timeline);
	int64_t known_ns = c.frame != NULL ? time_of(&c) : INT64_MAX;
	for (; c.frame != NULL && c.number < v->now_at.number; sim_cursor_advance(&c, &v->timeline)) {
		if (!is_asked_for(&c, frame->market, asked))
			continue;
		if (skip > 0) {
			skip--;
			known_ns = time_of(&c) + 1;
		} else {
			say_one(v, &c, asked->request);
		}
	}
	say_end(v, frame->market, asked, known_ns > asked->since_ns ? known_ns : asked->since_ns);
}
