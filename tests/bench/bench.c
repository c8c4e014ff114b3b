/* bench.c: see bench.h. */
#include "bench.h"

#include "base/check.h"
#include "host/rehearsal.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static char folder[256];

int64_t bench_now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * INT64_C(1000000000) + ts.tv_nsec;
}

int64_t bench_cpu_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
	return ts.tv_sec * INT64_C(1000000000) + ts.tv_nsec;
}

static int by_value(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

double bench_quantile(int64_t *samples, size_t count, double q)
{
	CHECK(count > 0);
	qsort(samples, count, sizeof(*samples), by_value);
	return (double)samples[(size_t)(q * (double)(count - 1))];
}

/* Behind the point, of a figure that a person reads. */
static int digits_of(double value)
{
	return value < 10 ? 3 : value < 1000 ? 1 : 0;
}

void bench_line(const char *name, double value, const char *unit, const char *baseline, double other)
{
	printf("%s\t%.*f\t%s\t%s\t%.*f\t%.3g\n", name, digits_of(value), value, unit, baseline, digits_of(other), other,
		other != 0 ? value / other : 0);
	fflush(stdout);
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *at)
{
	(void)st;
	(void)kind;
	(void)at;
	return remove(path);
}

static void remove_folder(void)
{
	nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

const char *bench_folder(void)
{
	const char *root = getenv("TMPDIR");

	if (folder[0] != '\0')
		return folder;
	snprintf(folder, sizeof(folder), "%s/aioquant-bench-XXXXXX", root != NULL ? root : "/tmp");
	if (mkdtemp(folder) == NULL) {
		perror(folder);
		exit(1);
	}
	atexit(remove_folder);
	return folder;
}

/* ---- captures ---- */

const char *bench_capture_path(void)
{
	const char *path = getenv("AQ_CAPTURE");

	if (path != NULL && access(path, R_OK) == 0)
		return path;
	fprintf(stderr, "AQ_CAPTURE names no capture; tools/bench makes one\n");
	exit(1);
}

struct bench_capture bench_capture_map(const char *path)
{
	struct bench_capture c = {0};
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	void *bytes;

	CHECK(fd >= 0 && fstat(fd, &st) == 0);
	bytes = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0);
	CHECK(bytes != MAP_FAILED);
	close(fd);
	c.bytes = bytes;
	c.length = (uint64_t)st.st_size;
	while (bench_frame(&c, c.begin)->type < SIM_BOOK)
		c.begin += bench_frame(&c, c.begin)->size;
	for (uint64_t at = c.begin; at < c.length; at += bench_frame(&c, at)->size)
		c.frames++;
	return c;
}

void bench_put(FILE *out, struct sim_frame frame, const void *body, size_t size)
{
	frame.size = (uint32_t)(sizeof(frame) + size);
	CHECK(fwrite(&frame, sizeof(frame), 1, out) == 1 && fwrite(body, size, 1, out) == 1);
}

static struct aq_instrument instrument(uint32_t index)
{
	struct aq_instrument i = {.size = sizeof(i),
		.id = index,
		.kind = AQ_SPOT,
		.px_digits = 8,
		.qty_digits = 8,
		.qty_unit = AQ_UNIT_BASE,
		.state = AQ_TRADING,
		.tick = 1000000,
		.lot = 1000,
		.min_qty = 1000,
		.contract_size = {.lo = UINT64_C(1000000000000000000)}};

	if (index == 1)
		snprintf(i.base, sizeof(i.base), "BTC");
	else
		snprintf(i.base, sizeof(i.base), "M%u", index);
	snprintf(i.quote, sizeof(i.quote), "USDT");
	snprintf(i.settle, sizeof(i.settle), "USDT");
	snprintf(i.symbol, sizeof(i.symbol), "%s/USDT", i.base);
	snprintf(i.venue_symbol, sizeof(i.venue_symbol), "%sUSDT", i.base);
	return i;
}

FILE *bench_capture_begin(const char *path, uint32_t markets)
{
	struct sim_capture head = {.magic = SIM_CAPTURE_MAGIC,
		.version = SIM_VERSION,
		.instruments = markets,
		.first_ns = BENCH_FIRST_NS,
		.last_ns = BENCH_FIRST_NS};
	FILE *out = fopen(path, "w");

	CHECK(out != NULL);
	bench_put(out, (struct sim_frame){.type = SIM_CAPTURE}, &head, sizeof(head));
	for (uint32_t i = 1; i <= markets; i++) {
		struct aq_instrument in = instrument(i);

		bench_put(out, (struct sim_frame){.type = SIM_INSTRUMENT, .market = (uint16_t)i}, &in, sizeof(in));
	}
	return out;
}

int main(int argc, char **argv)
{
	if (argc == 5 && strcmp(argv[1], "--rehearse") == 0)
		return rehearsal_main(argv[3], argv[4], (uint32_t)strtoul(argv[2], NULL, 10));
	return bench_main();
}
