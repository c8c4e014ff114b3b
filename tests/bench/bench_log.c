/* bench_log.c: what a line of the log costs the thread that says it, beside snprintf of the same line and write(2) to the
 * same file. */
#include "bench.h"

#include "base/check.h"
#include "base/log.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define BURST 1000 /* lines, less than what makes a burst of them wake the writing thread */
#define BURSTS 201
#define WORDS "order %d: buy %d.%03d BTC at 61824.%02d, %s"

static int file;

static void log_one(int i)
{
	log_line(AQ_LOG_INFO, "mm-btc", WORDS, i, i % 7, i % 1000, i % 100, "post only");
}

static void write_one(int i)
{
	char line[256];
	int length = snprintf(line, sizeof(line), "time=%s level=%s from=%s msg=\"" WORDS "\"\n", "2026-11-29T14:02:11.123456Z",
		"info", "mm-btc", i, i % 7, i % 1000, i % 100, "post only");

	CHECK(write(file, line, (size_t)length) == length);
}

/* Mean ns of a line in a burst, the median of all bursts; between them the log is written. */
static double line_ns(void (*say)(int i))
{
	int64_t samples[BURSTS];

	for (int burst = 0; burst < BURSTS; burst++) {
		int64_t begin = bench_cpu_ns();

		for (int i = 0; i < BURST; i++)
			say(burst * BURST + i);
		samples[burst] = bench_cpu_ns() - begin;
		CHECK(log_flush());
	}
	return bench_quantile(samples, BURSTS, 0.5) / BURST;
}

int bench_main(void)
{
	struct log_options options = {.level = AQ_LOG_INFO};
	char path[300];
	double other;

	snprintf(path, sizeof(path), "%s/log", bench_folder());
	options.path = path;
	CHECK(log_open(&options) == 0);
	file = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
	CHECK(file >= 0);
	other = line_ns(write_one);
	bench_line("log_line", line_ns(log_one), "ns", "snprintf+write", other);
	close(file);
	log_close();
	return 0;
}
