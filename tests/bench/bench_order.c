/* bench_order.c: from a market event in memory, as it is handed to the adapter, to the order that arrives there,
 * through decoding, book, strategy, gate and journal; beside the bare work: the event's levels into a book and a copy
 * of an order. */
#include "bench.h"

#include "base/check.h"
#include "host/replay.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PASSES 20
#define SAMPLES 400000

/* What stands before the adapter's on_event while samples are taken. */
static struct {
	void (*on_event)(void *self, const struct aq_event *event);
	int64_t began_ns; /* when the first market event of the moment was handed over; 0 = none yet */
	int64_t *samples;
	size_t count;
} probe;

static void probed(void *self, const struct aq_event *event)
{
	if (event->type == AQ_EV_FRAME && probe.began_ns == 0) {
		uint16_t type = AQ_BODY(sim_frame, event)->type;

		probe.began_ns = type >= SIM_BOOK && type <= SIM_FUNDING ? bench_now_ns() : -1;
	}
	if ((event->type == AQ_EV_PLACE || event->type == AQ_EV_AMEND) && probe.began_ns > 0 && probe.count < SAMPLES)
		probe.samples[probe.count++] = bench_now_ns() - probe.began_ns;
	probe.on_event(self, event);
}

static void pass(const char *capture, int number)
{
	char config[4096], state[300];
	struct host *h;
	struct instance *adapter;

	snprintf(state, sizeof(state), "%s/order-%d", bench_folder(), number);
	bench_config(config, sizeof(config), state, capture);
	bench_config_add(config, sizeof(config), bench_example);
	bench_config_counter(config, sizeof(config), "count", "binance:BTC/USDT");
	h = bench_host_open(config);
	adapter = host_instance(h, "binance");
	probe.on_event = adapter->plugin->table.on_event;
	adapter->plugin->table.on_event = probed;
	host_drain(h);
	while (!replay_ended(h)) {
		probe.began_ns = 0;
		bench_turn(h);
	}
	bench_host_close(h);
}

/* ---- the bare work ---- */

static int64_t bare_one(struct book *b, const struct aq_book_update *u, struct aq_order *out)
{
	const struct aq_level *level = AQ_BOOK_LEVELS(u);
	static struct aq_order order = {.size = sizeof(order), .side = AQ_BUY, .type = AQ_LIMIT};
	int64_t begin = bench_now_ns();

	for (uint32_t i = u->bids; i > 0; i--)
		book_set(&b->bids, level[i - 1].price, level[i - 1].qty);
	for (uint32_t i = u->asks; i > 0; i--)
		book_set(&b->asks, level[u->bids + i - 1].price, level[u->bids + i - 1].qty);
	order.price = book_best(&b->bids)->price;
	*out = order;
	bench_keep(out);
	return bench_now_ns() - begin;
}

static size_t bare(const char *capture, int64_t *samples)
{
	struct bench_capture c = bench_capture_map(capture);
	static struct aq_order out[64];
	struct book b;
	size_t count = 0;

	book_init(&b, 8192);
	for (uint64_t at = c.begin; at < c.length; at += bench_frame(&c, at)->size) {
		const struct sim_frame *frame = bench_frame(&c, at);

		if (frame->type != SIM_BOOK || (b.bids.count == 0 && !SIM_BODY(aq_book_update, frame)->snapshot))
			continue;
		samples[count] = bare_one(&b, SIM_BODY(aq_book_update, frame), &out[count % 64]);
		count++;
	}
	book_finish(&b);
	return count;
}

int bench_main(void)
{
	static const struct {
		const char *name, *baseline;
		double q;
	} figures[] = {{"event_to_order_p50", "book_set and a copy, p50", 0.5}, {"event_to_order_p99", "p99", 0.99},
		{"event_to_order_p999", "p999", 0.999}};
	const char *capture = bench_capture_path();
	int64_t *samples = calloc(SAMPLES, sizeof(*samples));
	size_t count;

	probe.samples = calloc(SAMPLES, sizeof(*probe.samples));
	CHECK(samples != NULL && probe.samples != NULL);
	for (int i = 0; i < PASSES; i++)
		pass(capture, i);
	count = bare(capture, samples);
	for (size_t i = 0; i < sizeof(figures) / sizeof(*figures); i++)
		bench_line(figures[i].name, bench_quantile(probe.samples, probe.count, figures[i].q), "ns",
			figures[i].baseline, bench_quantile(samples, count, figures[i].q));
	fprintf(stderr, "bench_order: %zu orders\n", probe.count);
	free(samples);
	free(probe.samples);
	return 0;
}
