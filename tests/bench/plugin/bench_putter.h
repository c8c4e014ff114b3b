/* bench_putter.h: what the program and the strategy bench_putter, in the same process, tell each other. */
#ifndef TESTS_BENCH_PLUGIN_PUTTER_H
#define TESTS_BENCH_PLUGIN_PUTTER_H

#include <aioquant/plugin.h>

struct bench_putter {
	struct aq_market market; /* its options */
	uint32_t store;
	int32_t fill;            /* of the program: at its next event it puts rows until there is no room */
	/* of the strategy */
	uint64_t put, full, done, failed;
};

#endif
