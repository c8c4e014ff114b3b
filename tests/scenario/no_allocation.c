/* no_allocation.c: from the first market event of a replay to the last, with a strategy that quotes, one that says why it
 * does and shows numbers, and one that takes every kind of data, nothing in the process allocates: host, adapter, venue, strategies, journal. */
#include "bench.h"
#include "count.h"

#include "base/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void make_capture(char *path, size_t size)
{
	const char *bin = getenv("AQ_BIN"), *source = getenv("AQ_SOURCE");
	char command[2048];

	CHECK(bin != NULL && source != NULL);
	snprintf(path, size, "%s/btcusdt.aqc", bench_folder());
	snprintf(command, sizeof(command),
		"'%s/replay' import --venue binance --symbol BTCUSDT '%s' "
		"'%s/tests/data/binance-spot/btcusdt_20240808.gz' "
		"'%s/tests/data/binance-spot/btcusdt_20240809.gz'",
		bin, path, source, source);
	CHECK(system(command) == 0);
}

static const char maker[] =
	"[strategy:maker]\n"
	"plugin = market_maker\n"
	"market = binance:BTC/USDT\n"
	"size = 0.01 BTC\n"
	"max_position = 0.1 BTC\n"
	"levels = 3\n";

int bench_main(void)
{
	const char *marshal = getenv("AQ_MARSHAL");
	char capture[512], state[300], config[4096];
	struct host *h;
	uint64_t allocations;

	if (marshal != NULL && strcmp(marshal, "1") == 0)
		printf("a marshalled run allocates by design: this is one without\n");
	make_capture(capture, sizeof(capture));
	snprintf(state, sizeof(state), "%s/state", bench_folder());
	bench_config(config, sizeof(config), state, capture);
	bench_config_add(config, sizeof(config), bench_example);
	bench_config_add(config, sizeof(config), maker);
	bench_config_counter(config, sizeof(config), "count", "binance:BTC/USDT");
	h = bench_host_open(config);
	count_watch(h);
	host_run(h);
	allocations = count_allocations();
	count_watch(NULL);
	printf("%llu events, %llu orders, %llu fills, %llu allocations\n", (unsigned long long)h->events,
		(unsigned long long)h->orders_sent, (unsigned long long)h->flow.ledger.fill_number,
		(unsigned long long)allocations);
	for (void *const *caller = count_callers(); *caller != NULL; caller++)
		printf("allocated by %p\n", *caller);
	CHECK(h->events > 90000 && h->orders_sent > 100 && h->flow.ledger.fill_number > 0);
	bench_host_close(h);
	return allocations == 0 ? 0 : 1;
}
