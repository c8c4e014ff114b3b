/* order_probe.h: how long it takes from a market event, as it is handed to the adapter, to each order that arrives there
 * because of it. */
#ifndef TESTS_BENCH_ORDER_PROBE_H
#define TESTS_BENCH_ORDER_PROBE_H

#include "bench.h"

#define ORDER_SAMPLES 400000

struct order_samples {
	int64_t ns[ORDER_SAMPLES];
	size_t count;
};

/* Stands before the adapter's on_event from here on, and adds to `out`. */
void order_probe(struct host *h, const char *exchange, struct order_samples *out);
/* Before each turn. */
void order_probe_turn(void);

#endif
