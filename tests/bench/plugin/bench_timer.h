/* bench_timer.h: what the strategy bench_timer has measured, for the program that reads it in the same process. */
#ifndef TESTS_BENCH_PLUGIN_TIMER_H
#define TESTS_BENCH_PLUGIN_TIMER_H

#include <stdint.h>

#define TIMER_SAMPLES 200000

struct bench_timer {
	int64_t period_ns;  /* its option */
	int64_t due_ns;     /* the next moment */
	uint32_t count;
	int64_t late_ns[TIMER_SAMPLES];
};

#endif
