/* bench_store.h: what the program and the strategy bench_store, in the same process, tell each other. */
#ifndef TESTS_BENCH_PLUGIN_STORE_H
#define TESTS_BENCH_PLUGIN_STORE_H

#include <stddef.h>
#include <stdint.h>

#define STORE_SINGLES 2000

struct bench_store {
	uint32_t store;       /* its options */
	/* of the program, before the first turn */
	const uint8_t *frame; /* that it inserts and reads back; NULL = it does nothing */
	size_t length;
	uint32_t rows;
	uint32_t singles;     /* rows that it inserts one by one afterwards */
	uint32_t chunks;      /* of the frame in one callback; 0 = as many as the store takes */
	void (*finished)(void *context);
	void *context;
	/* of the strategy */
	uint64_t steps;       /* chunks given, pages and ends taken: of two runs, the same number is the same work */
	int64_t frame_ns, read_ns;
	int64_t single_ns[STORE_SINGLES];
	char error[240];      /* "" = all went well */
};

#endif
