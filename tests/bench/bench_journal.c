/* bench_journal.c [FOLDER]: what an append costs, beside write() of the same bytes, and what a durable append costs, beside
 * write() and fdatasync(). A line a figure, separated by tabs: name, value, unit, baseline's name, its value, ratio. The
 * folder (else TMPDIR, else /tmp) should lie on the disk that is meant. */
#include "base/check.h"
#include "host/journal_files.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define BODY 300
#define BURST 5000 /* records; within what the helper thread keeps ready */
#define BURSTS 40
#define DURABLE 200 /* groups */

static int64_t samples[BURST * BURSTS];
static char body[BODY];

static int64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * INT64_C(1000000000) + ts.tv_nsec;
}

static int by_value(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static double quantile(size_t count, double q)
{
	qsort(samples, count, sizeof(samples[0]), by_value);
	return (double)samples[(size_t)(q * (double)(count - 1))];
}

static void line(const char *name, double value, const char *unit, const char *baseline, double other)
{
	printf("%s\t%.1f\t%s\t%s\t%.1f\t%.3f\n", name, value, unit, baseline, other, value / other);
}

/* One call of what is measured. */
typedef void run_fn(void *context);

/* Mean of a burst in ns, the median of all bursts. The pause lets the helper catch up, as a trading loop would. */
static double mean_of_bursts(run_fn *run, void *context)
{
	const struct timespec pause = {.tv_nsec = 30000000};

	for (int burst = 0; burst < BURSTS; burst++) {
		int64_t begin = now_ns();

		for (int i = 0; i < BURST; i++)
			run(context);
		samples[burst] = (now_ns() - begin) * 1000 / BURST;
		nanosleep(&pause, NULL);
	}
	return quantile(BURSTS, 0.5) / 1000;
}

/* Quantile of single calls in ns, the cost of looking at the clock included. */
static double single_calls(run_fn *run, void *context, double q)
{
	const struct timespec pause = {.tv_nsec = 30000000};
	size_t n = 0;

	for (int burst = 0; burst < BURSTS; burst++) {
		for (int i = 0; i < BURST; i++) {
			int64_t begin = now_ns();

			run(context);
			samples[n++] = now_ns() - begin;
		}
		nanosleep(&pause, NULL);
	}
	return quantile(n, q);
}

struct bench {
	struct journal *journal;
	int fd;
	int group;
	int64_t time_ns;
};

static void append(void *context)
{
	struct bench *b = context;

	if (journal_wants_rotation(b->journal, BODY)) {
		CHECK(journal_rotate_begin(b->journal, b->time_ns) == 0);
		CHECK(journal_rotate_end(b->journal, b->time_ns) == 0);
	}
	CHECK(journal_append(b->journal, 1, 1, b->time_ns++, body, 44, body + 44, BODY - 44, NULL) == 0);
}

static void write_same(void *context)
{
	const struct bench *b = context;

	CHECK(write(b->fd, body, BODY) == BODY);
}

static void append_durably(void *context)
{
	struct bench *b = context;

	for (int i = 0; i < b->group; i++)
		append(b);
	CHECK(journal_sync(b->journal, journal_end(b->journal)) == 0);
}

static void write_durably(void *context)
{
	const struct bench *b = context;

	for (int i = 0; i < b->group; i++)
		write_same(context);
	CHECK(fdatasync(b->fd) == 0);
}

/* Median of a durable group in us. */
static double durable_us(run_fn *run, void *context)
{
	for (int i = 0; i < DURABLE; i++) {
		int64_t begin = now_ns();

		run(context);
		samples[i] = now_ns() - begin;
	}
	return quantile(DURABLE, 0.5) / 1000;
}

static struct journal *open_journal(const char *folder, enum journal_grade grade)
{
	/* Nothing is kept, so that the bench leaves no more than three segments. */
	struct journal_options options = {.folder = folder, .grade = grade, .keep_ns = 1};
	struct aq_err err = {0};
	struct journal *j;

	if (journal_open(&j, &options, journal_files_system(), &err) != 0) {
		fprintf(stderr, "%s\n", err.text);
		exit(1);
	}
	return j;
}

static void bench_page(const char *folder, struct bench *b)
{
	double other;

	b->journal = open_journal(folder, JOURNAL_PAGE);
	other = mean_of_bursts(write_same, b);
	line("journal_append", mean_of_bursts(append, b), "ns", "write", other);
	other = single_calls(write_same, b, 0.99);
	line("journal_append_p99", single_calls(append, b, 0.99), "ns", "write_p99", other);
	other = single_calls(write_same, b, 0.9999);
	line("journal_append_p9999", single_calls(append, b, 0.9999), "ns", "write_p9999", other);
	journal_close(b->journal);
}

static void bench_disk(const char *folder, struct bench *b)
{
	static const int groups[] = {1, 8, 64};
	char name[64];
	double other;

	b->journal = open_journal(folder, JOURNAL_DISK);
	for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++) {
		b->group = groups[i];
		other = durable_us(write_durably, b);
		snprintf(name, sizeof(name), "journal_durable_%d", b->group);
		line(name, durable_us(append_durably, b), "us", "write+fdatasync", other);
	}
	journal_close(b->journal);
}

static void remove_one(void *to, const char *name)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s/%s", (const char *)to, name);
	if (name[0] != '.')
		unlink(path);
}

int main(int argc, char **argv)
{
	const char *root = argc > 1 ? argv[1] : getenv("TMPDIR");
	const struct journal_files *files = journal_files_system();
	struct bench b = {0};
	char folder[4000], path[4096];

	for (int i = 0; i < BODY; i++)
		body[i] = (char)(i * 7 + 1);
	snprintf(folder, sizeof(folder), "%s/journal-bench-XXXXXX", root != NULL ? root : "/tmp");
	if (mkdtemp(folder) == NULL) {
		perror(folder);
		return 1;
	}
	snprintf(path, sizeof(path), "%s/written", folder);
	b.fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	CHECK(b.fd >= 0);
	bench_page(folder, &b);
	bench_disk(folder, &b);
	close(b.fd);
	files->list(NULL, folder, remove_one, folder);
	return rmdir(folder) == 0 ? 0 : 1;
}
