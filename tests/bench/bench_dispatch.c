/* bench_dispatch.c: an event's way through the queue and the ABI to a plugin that does nothing, beside a bare indirect
 * call on the same bytes; and what a thousand strategies that look elsewhere add to the cost of an event. */
#include "bench.h"

#include "base/check.h"
#include "host/start.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BURST 64 /* events that wait together */
#define LOOPS 5000
#define PASSES 11
#define OTHERS 1000
#define FRAMES 200000
#define SCALE_PASSES 5

/* ---- dispatch ---- */

static void push(struct host *h, uint32_t instance)
{
	struct aq_event *event = flow_event(&h->flow, instance, AQ_EV_TICKER, sizeof(struct aq_ticker));

	CHECK(event != NULL);
	memset(event + 1, 0, sizeof(struct aq_ticker));
}

static int64_t through_host(struct host *h, uint32_t instance)
{
	int64_t begin = bench_cpu_ns();

	for (int i = 0; i < LOOPS; i++) {
		for (int k = 0; k < BURST; k++)
			push(h, instance);
		host_begin_turn(h);
		host_drain(h);
	}
	return bench_cpu_ns() - begin;
}

static int64_t bare_calls(const struct instance *i)
{
	struct {
		struct aq_event event;
		struct aq_ticker ticker;
	} bytes = {.event = {.size = sizeof(bytes), .type = AQ_EV_TICKER}};
	void (*volatile on_event)(void *, const struct aq_event *) = i->plugin->table.on_event;
	int64_t begin = bench_cpu_ns();

	for (int k = 0; k < LOOPS * BURST; k++)
		on_event(i->self, &bytes.event);
	return bench_cpu_ns() - begin;
}

static void dispatch(const char *capture)
{
	int64_t host_ns[PASSES], bare_ns[PASSES];
	char config[4096], state[300];
	struct instance *counter;
	struct host *h;

	snprintf(state, sizeof(state), "%s/dispatch", bench_folder());
	bench_config(config, sizeof(config), state, capture);
	bench_config_counter(config, sizeof(config), "count", "binance:BTC/USDT");
	h = bench_host_open(config);
	CHECK(bench_turn_until_live(h));
	counter = host_instance(h, "count");
	for (int i = 0; i < PASSES; i++) {
		host_ns[i] = through_host(h, counter->id);
		bare_ns[i] = bare_calls(counter);
	}
	bench_line("dispatch", bench_quantile(host_ns, PASSES, 0) / (LOOPS * BURST), "ns", "bare indirect call",
		bench_quantile(bare_ns, PASSES, 0) / (LOOPS * BURST));
	bench_host_close(h);
}

/* ---- scale ---- */

/* Another instance of the same code, as start.c would begin it, but without a rehearsal of its own. */
static void add_other(struct host *h, const struct instance *like, uint32_t number)
{
	struct config_entry *entries = calloc(2, sizeof(*entries));
	struct config_section *section = calloc(1, sizeof(*section));
	struct plugin *plugin = calloc(1, sizeof(*plugin));
	char *market = malloc(48), *name = malloc(48);
	struct instance *i;
	struct aq_err err = {0};
	int pending = 0;
	uint32_t id;

	CHECK(entries != NULL && section != NULL && plugin != NULL && market != NULL && name != NULL);
	snprintf(market, 48, "binance:M%u/USDT", number);
	snprintf(name, 48, "other%u", number);
	entries[0] = (struct config_entry){.key = "plugin", .value = "bench_counter", .file = ""};
	entries[1] = (struct config_entry){.key = "market", .value = market, .file = ""};
	*section =
		(struct config_section){.kind = "strategy", .name = name, .file = "", .entries = entries, .count = 2};
	*plugin = *like->plugin;
	id = flow_instance_id(&h->flow, name, AQ_STRATEGY);
	CHECK(id != 0 && instance_create(h, id, name, section, plugin, 1, &i, &pending, &err) == 0 && pending == 0);
	h->instances[id] = i;
	instance_attach(i);
	CHECK(instance_start(i, &err) == 0);
	instance_go_live(i, UINT64_MAX);
	host_begin_turn(h);
	host_drain(h);
}

/* ns per event of a replay of the first market's data. */
static double replay_beside(const char *capture, uint32_t others, int pass)
{
	char config[4096], state[300];
	struct host *h;
	uint64_t events;
	int64_t begin, took;

	snprintf(state, sizeof(state), "%s/scale-%u-%d", bench_folder(), others, pass);
	bench_config(config, sizeof(config), state, capture);
	bench_config_counter(config, sizeof(config), "count", "binance:BTC/USDT");
	h = bench_host_open(config);
	CHECK(bench_turn_until_live(h));
	for (uint32_t i = 0; i < others; i++)
		add_other(h, host_instance(h, "count"), i + 2);
	events = h->events;
	begin = bench_cpu_ns();
	host_run(h);
	took = bench_cpu_ns() - begin;
	events = h->events - events;
	CHECK(events > FRAMES / 2);
	bench_host_close(h);
	return (double)took / (double)events;
}

static double least(const char *capture, uint32_t others)
{
	double best = 0;

	for (int pass = 0; pass < SCALE_PASSES; pass++) {
		double ns = replay_beside(capture, others, pass);

		best = pass == 0 || ns < best ? ns : best;
	}
	return best;
}

/* Tickers and trades, a microsecond apart, all of the first market. */
static void write_capture(const char *path)
{
	FILE *out = bench_capture_begin(path, OTHERS + 1);

	for (uint32_t i = 0; i < FRAMES; i++) {
		struct sim_frame frame = {.market = 1, .time_ns = BENCH_FIRST_NS + (int64_t)i * 1000, .seq = i + 1};
		const struct aq_ticker ticker = {.update = i + 1,
			.bid = 6000000000000 + i % 64 * 1000000,
			.ask = 6000100000000,
			.bid_qty = 1,
			.ask_qty = 1};
		const struct aq_trade trade = {.id = i + 1, .price = 6000000000000, .qty = 1000, .taker = AQ_BUY};

		frame.type = i % 4 == 0 ? SIM_TRADE : SIM_TICKER;
		if (i % 4 == 0)
			bench_put(out, frame, &trade, sizeof(trade));
		else
			bench_put(out, frame, &ticker, sizeof(ticker));
	}
	CHECK(fclose(out) == 0);
}

int bench_main(void)
{
	char capture[300];

	snprintf(capture, sizeof(capture), "%s/markets.aqc", bench_folder());
	write_capture(capture);
	dispatch(capture);
	bench_line("dispatch_scale", least(capture, OTHERS), "ns", "1 strategy", least(capture, 0));
	return 0;
}
