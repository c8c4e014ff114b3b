/* bench_book.c: what a book delta of the capture costs in the flow, from the record to the top of the book, beside a
 * bare loop that sets the same levels. */
#include "bench.h"

#include "base/check.h"
#include "flow/market.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PASSES 21

struct work {
	struct aq_event **records; /* of one market, in order */
	size_t count, lead;        /* lead: up to the snapshot, which deltas may have arrived ahead of */
	uint64_t levels;           /* of those behind it */
};

static const struct aq_book_update *update(const struct work *w, size_t i)
{
	return AQ_BODY(aq_book_update, w->records[i]);
}

static struct work load(const struct bench_capture *c, uint32_t instrument)
{
	struct work w = {0};

	w.records = calloc(c->frames, sizeof(*w.records));
	CHECK(w.records != NULL);
	for (uint64_t at = c->begin; at < c->length; at += bench_frame(c, at)->size) {
		const struct sim_frame *frame = bench_frame(c, at);
		uint32_t body = frame->size - (uint32_t)sizeof(*frame);
		struct aq_event *record;

		if (frame->type != SIM_BOOK || frame->market != 1)
			continue;
		record = calloc(1, sizeof(*record) + body);
		CHECK(record != NULL);
		*record = (struct aq_event){.size = (uint32_t)sizeof(*record) + body,
			.type = AQ_EV_BOOK_UPDATE,
			.instrument = instrument,
			.time_ns = frame->time_ns};
		memcpy(record + 1, frame + 1, body);
		w.records[w.count++] = record;
		if (update(&w, w.count - 1)->snapshot)
			w.lead = w.count;
	}
	for (size_t i = w.lead; i < w.count; i++)
		w.levels += update(&w, i)->bids + update(&w, i)->asks;
	return w;
}

static void feed(struct flow *f, const struct work *w, size_t i)
{
	flow_emit(f, 1, w->records[i]);
	flow_apply_next(f);
}

/* The lead is not counted. Returns ns. */
static int64_t pass_flow(struct flow *f, const struct work *w)
{
	int64_t begin;

	f->markets[1]->has_book = 0;
	for (size_t i = 0; i < w->lead; i++)
		feed(f, w, i);
	begin = bench_cpu_ns();
	for (size_t i = w->lead; i < w->count; i++)
		feed(f, w, i);
	return bench_cpu_ns() - begin;
}

static void set_bare(struct book *b, const struct aq_book_update *u)
{
	const struct aq_level *level = AQ_BOOK_LEVELS(u);

	for (uint32_t i = 0; i < u->bids; i++)
		book_set(&b->bids, level[i].price, level[i].qty);
	for (uint32_t i = 0; i < u->asks; i++)
		book_set(&b->asks, level[u->bids + i].price, level[u->bids + i].qty);
}

static int64_t pass_bare(struct book *b, const struct work *w)
{
	int64_t begin;

	book_clear(b);
	set_bare(b, update(w, w->lead - 1));
	for (size_t i = 0; i < w->lead - 1; i++)
		if (update(w, i)->reaches > update(w, w->lead - 1)->reaches)
			set_bare(b, update(w, i));
	begin = bench_cpu_ns();
	for (size_t i = w->lead; i < w->count; i++)
		set_bare(b, update(w, i));
	return bench_cpu_ns() - begin;
}

static uint32_t make_market(struct flow *f, const struct bench_capture *c)
{
	const struct sim_frame *head = bench_frame(c, 0), *frame = bench_frame(c, head->size);
	struct aq_instrument in = *SIM_BODY(aq_instrument, frame);
	int32_t id;

	in.id = 0;
	CHECK(flow_instance_id(f, "binance", AQ_EXCHANGE) == 1);
	id = market_instrument(f, 1, &in);
	CHECK(id > 0);
	return (uint32_t)id;
}

int bench_main(void)
{
	const struct flow_options options = {.report_currency = "USDT",
		.max_orders = 64,
		.max_fills = 64,
		.started_ns = INT64_C(1723161600000000000)};
	struct bench_capture c = bench_capture_map(bench_capture_path());
	static struct flow f;
	struct work w;
	struct book bare;
	int64_t flow_ns[PASSES], bare_ns[PASSES];
	double with, without, deltas;

	flow_init(&f, &options);
	w = load(&c, make_market(&f, &c));
	book_init(&bare, 8192);
	CHECK(w.lead > 0 && w.count > w.lead);
	for (int i = 0; i < PASSES; i++) {
		flow_ns[i] = pass_flow(&f, &w);
		bare_ns[i] = pass_bare(&bare, &w);
	}
	CHECK(f.markets[1]->has_book && f.markets[1]->gaps == 0);
	with = bench_quantile(flow_ns, PASSES, 0);
	without = bench_quantile(bare_ns, PASSES, 0);
	deltas = (double)(w.count - w.lead);
	bench_line("book_delta", with / deltas, "ns", "bare book_set loop", without / deltas);
	bench_line("book_delta_level", with / (double)w.levels, "ns", "bare book_set", without / (double)w.levels);
	for (size_t i = 0; i < w.count; i++)
		free(w.records[i]);
	free(w.records);
	book_finish(&bare);
	flow_finish(&f);
	return 0;
}
