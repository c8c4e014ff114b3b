/* bench_replay.c: a whole capture at full speed with book, matching, journal and the example, every line of it going
 * through the adapter, beside a bare read of the capture (the best pass of each); and how often that allocates. */
#include "bench.h"
#include "count.h"

#include "base/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PASSES 15

static uint64_t allocations;
static int64_t cpu_ns; /* of the trading loop, at best */

/* Lines per second. */
static double replay(const char *capture, int number)
{
	char config[4096], state[300];
	struct host *h;
	int64_t begin, took, cpu;
	double rate;

	snprintf(state, sizeof(state), "%s/replay-%d", bench_folder(), number);
	bench_config(config, sizeof(config), state, capture);
	bench_config_add(config, sizeof(config), bench_example);
	bench_config_counter(config, sizeof(config), "count", "binance:BTC/USDT");
	h = bench_host_open(config);
	count_watch(h);
	begin = bench_now_ns();
	cpu = bench_cpu_ns();
	host_run(h);
	took = bench_now_ns() - begin;
	cpu = bench_cpu_ns() - cpu;
	if (cpu_ns == 0 || cpu < cpu_ns)
		cpu_ns = cpu;
	allocations = count_allocations();
	count_watch(NULL);
	rate = (double)h->events * 1e9 / (double)took;
	bench_host_close(h);
	return rate;
}

static double read_bare(const struct bench_capture *c)
{
	uint64_t sum = 0;
	int64_t begin = bench_now_ns();

	for (uint64_t at = c->begin; at < c->length; at += bench_frame(c, at)->size)
		sum += bench_frame(c, at)->size;
	bench_keep(&sum);
	return (double)c->frames * 1e9 / (double)(bench_now_ns() - begin);
}

int bench_main(void)
{
	struct bench_capture c = bench_capture_map(bench_capture_path());
	int64_t rates[PASSES], bare[PASSES];

	for (int i = 0; i < PASSES; i++) {
		rates[i] = (int64_t)replay(bench_capture_path(), i);
		bare[i] = (int64_t)read_bare(&c);
	}
	bench_line("replay_events", bench_quantile(rates, PASSES, 1), "1/s", "bare read of the capture",
		bench_quantile(bare, PASSES, 1));
	fprintf(stderr, "bench_replay: %.1f ms of the processor, start and stop left out\n", (double)cpu_ns / 1e6);
	bench_line("replay_allocations", (double)allocations, "calls", "goal", 0);
	for (void *const *caller = count_callers(); getenv("AQ_CALLERS") != NULL && *caller != NULL; caller++)
		fprintf(stderr, "allocated by %p\n", *caller);
	return 0;
}
