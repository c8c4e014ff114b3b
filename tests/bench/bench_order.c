/* bench_order.c: from a market event in memory, as it is handed to the adapter, to the order that arrives there,
 * through decoding, book, strategy, gate and journal; beside the bare work: the event's levels into a book and a copy
 * of an order. event_to_order: a recording, whose deltas collect 100 ms, those that move the price more than a hundred
 * levels. tick_to_order: deltas of four levels, as a venue sends that tells each change. */
#include "bench.h"

#include "base/check.h"
#include "host/replay.h"

#include "order_probe.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PASSES 20
#define TICK_PASSES 3
#define TICKS 20000

static struct order_samples ours;

static void pass(const char *capture, const char *strategy, int number)
{
	char config[4096], state[300];
	struct host *h;

	snprintf(state, sizeof(state), "%s/order-%d-%zu", bench_folder(), number, ours.count);
	bench_config(config, sizeof(config), state, capture);
	bench_config_add(config, sizeof(config), strategy);
	bench_config_counter(config, sizeof(config), "count", "binance:BTC/USDT");
	h = bench_host_open(config);
	order_probe(h, "binance", &ours);
	host_drain(h);
	while (!replay_ended(h)) {
		order_probe_turn();
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

/* ---- deltas of few levels ---- */

static const char ticks_example[] =
	"[strategy:mm]\nplugin = example\nmarket = demo:BTC/USDT\nspread = 4bps\nskew = 1bps\n"
	"tolerance = 0.1bps\nsize = 0.01 BTC\nmax_position = 0.05 BTC\n"
	"limit.open_orders = 4\nlimit.order_rate = 4000/s\n";

struct book_body {
	struct aq_book_update update;
	struct aq_level levels[2 * 100];
};

#define PX(dollars) ((dollars)*INT64_C(100000000))
#define QTY PX(5)

static void put_book(FILE *out, uint32_t number, const struct book_body *body)
{
	const struct sim_frame frame = {
		.type = SIM_BOOK, .market = 1, .seq = number, .time_ns = BENCH_FIRST_NS + (int64_t)number * 10000000};

	bench_put(out, frame, body,
		sizeof(body->update) + (body->update.bids + body->update.asks) * sizeof(*body->levels));
}

/* The best bid and ask go up and down by half the distance of a quote from the middle, so that all quotes follow and
 * none is met. */
static void write_ticks(const char *path)
{
	FILE *out = bench_capture_begin(path, 1);
	struct book_body body = {.update = {.reaches = 1, .bids = 100, .asks = 100, .snapshot = 1}};

	for (int i = 0; i < 100; i++) {
		body.levels[i] = (struct aq_level){PX(60000 - (i > 0) * 50 - i), QTY};
		body.levels[100 + i] = (struct aq_level){PX(60001 + (i > 0) * 50 + i), QTY};
	}
	put_book(out, 0, &body);
	for (uint32_t n = 1; n <= TICKS; n++) {
		int64_t from = n % 2 == 0 ? 60006 : 60000, to = n % 2 == 0 ? 60000 : 60006;

		body = (struct book_body){.update = {.follows = n, .reaches = n + 1, .bids = 2, .asks = 2},
			.levels = {{PX(to), QTY}, {PX(from), 0}, {PX(to + 1), QTY}, {PX(from + 1), 0}}};
		put_book(out, n, &body);
	}
	CHECK(fclose(out) == 0);
}

static void measure(const char *name, const char *capture, const char *strategy, int passes)
{
	static const struct {
		const char *name;
		double q;
	} quantiles[] = {{"p50", 0.5}, {"p99", 0.99}, {"p999", 0.999}};
	int64_t *samples = calloc(ORDER_SAMPLES, sizeof(*samples));
	size_t count;
	char figure[64], baseline[64];

	CHECK(samples != NULL);
	ours.count = 0;
	for (int i = 0; i < passes; i++)
		pass(capture, strategy, i);
	count = bare(capture, samples);
	CHECK(ours.count > 1000);
	for (size_t i = 0; i < sizeof(quantiles) / sizeof(*quantiles); i++) {
		snprintf(figure, sizeof(figure), "%s_%s", name, quantiles[i].name);
		snprintf(baseline, sizeof(baseline), "book_set and a copy, %s", quantiles[i].name);
		bench_line(figure, bench_quantile(ours.ns, ours.count, quantiles[i].q), "ns", baseline,
			bench_quantile(samples, count, quantiles[i].q));
	}
	fprintf(stderr, "bench_order: %s from %zu orders\n", name, ours.count);
	free(samples);
}

int bench_main(void)
{
	char ticks[300];

	measure("event_to_order", bench_capture_path(), bench_example, PASSES);
	snprintf(ticks, sizeof(ticks), "%s/ticks.aqc", bench_folder());
	write_ticks(ticks);
	measure("tick_to_order", ticks, ticks_example, TICK_PASSES);
	return 0;
}
