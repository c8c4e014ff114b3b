/* bench.h: what the programs of this folder share: time, quantiles, the line of a figure, a capture in memory, a host
 * around it. Each program defines bench_main; those that need a host are its rehearsal children too. */
#ifndef TESTS_BENCH_H
#define TESTS_BENCH_H

#include "host/host.h"

#include "sim/frame.h"

#include <stdio.h>

int bench_main(void);

int64_t bench_now_ns(void);
/* Time that this thread had a processor: for loops that wait for nothing, on machines that do other things too. */
int64_t bench_cpu_ns(void);
/* Sorts the samples. `q` 0.5 is the median. */
double bench_quantile(int64_t *samples, size_t count, double q);
/* name, value, unit, baseline's name, its value, ratio. */
void bench_line(const char *name, double value, const char *unit, const char *baseline, double other);
/* The compiler must think that these bytes are read. */
static inline void bench_keep(const void *bytes)
{
	__asm__ volatile("" : : "g"(bytes) : "memory");
}

/* A folder of this process that goes with it. */
const char *bench_folder(void);

/* ---- captures ---- */

struct bench_capture {
	const uint8_t *bytes;
	uint64_t length, begin; /* market frames from `begin` */
	uint64_t frames;
};

/* AQ_CAPTURE of the environment. */
const char *bench_capture_path(void);
struct bench_capture bench_capture_map(const char *path);
static inline const struct sim_frame *bench_frame(const struct bench_capture *c, uint64_t at)
{
	return (const struct sim_frame *)(const void *)(c->bytes + at);
}

#define BENCH_FIRST_NS INT64_C(1723161600000000000)
/* A new capture of `markets` spot markets BTC/USDT, M2/USDT, M3/USDT ... with 8 digits; market frames
 * follow. */
FILE *bench_capture_begin(const char *path, uint32_t markets);
/* Sets the size of the frame. */
void bench_put(FILE *out, struct sim_frame frame, const void *body, size_t size);

/* ---- hosts ---- */

/* The sections [host], [log] and [exchange:binance], [account:demo] over a capture; speed max. */
void bench_config(char *out, size_t size, const char *state, const char *capture);
/* The sections [host] and [log] of a host by the wall clock, in a state folder of that name; `io_mode` as in [host]. */
void bench_config_real(char *out, size_t size, const char *name, const char *io_mode);
/* [strategy:mm] that quotes as the demo does. */
extern const char bench_example[];
void bench_config_add(char *out, size_t size, const char *text);
/* Adds [strategy:NAME], which only counts what it gets of `market`. */
void bench_config_counter(char *out, size_t size, const char *name, const char *market);
/* Ends the process with the reason when the deployment does not come up. */
struct host *bench_host_open(const char *config);
/* Without the strategies' policies: their orders stay as they are. */
void bench_host_close(struct host *h);
/* One moment of a replay, without pacing. */
void bench_turn(struct host *h);
/* Turns until a market event has reached a running strategy. False when the replay ended before. */
bool bench_turn_until_live(struct host *h);

#endif
