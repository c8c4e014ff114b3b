/* bench_stall.c: the longest turn of the trading loop while a strategy gives a store a frame of a million rows, one chunk a
 * turn, and takes all of it back as frames, beside turns in which nothing happens. A turn is what lies between two looks at the
 * kernel; the loop never waits.
 *
 * The machine does other things, too, and its interrupts are longer than what is looked for. So the same run is made several
 * times: a turn in which something happens is known by its step (the chunk, the page), and of each step the shortest turn
 * counts. What is our own is in each of them. store_stall is the longest of these by the time that the thread had a
 * processor, store_stall_wall by the wall clock. */
#include "bench.h"
#include "rows.h"

#include "base/check.h"
#include "io/loop.h"

#include "plugin/bench_store.h"

#include <stdlib.h>
#include <string.h>

#define RUNS 7
#define ROWS 1000000u
#define STEPS 20000

/* Of each step its shortest turn, ns. */
struct turns {
	int64_t wall[STEPS], cpu[STEPS];
	int seen[STEPS]; /* in how many runs; two steps in one turn count as the second */
	int64_t longest_wall, longest_cpu; /* of all turns, whatever they did */
	uint64_t count;
};

static struct turns fed, quiet;

static struct {
	struct host *host;
	struct turns *out;
	const struct bench_store *told; /* NULL = each turn is a step */
	uint64_t step;
	int64_t wall_ns, cpu_ns; /* when the turn began */
} now;

/* ---- turns ---- */

static void turn_begins(void *context)
{
	(void)context;
	now.wall_ns = bench_now_ns();
	now.cpu_ns = bench_cpu_ns();
}

static void keep_shortest(int64_t *kept, int64_t ns)
{
	*kept = *kept == 0 || ns < *kept ? ns : *kept;
}

static void keep_longest(int64_t *kept, int64_t ns)
{
	*kept = ns > *kept ? ns : *kept;
}

static void turn_ends(void *context)
{
	int64_t cpu = bench_cpu_ns() - now.cpu_ns, wall = bench_now_ns() - now.wall_ns;
	uint64_t step = now.told != NULL ? now.told->steps : now.step + 1;

	(void)context;
	if (now.wall_ns == 0)
		return;
	now.out->count++;
	keep_longest(&now.out->longest_cpu, cpu);
	keep_longest(&now.out->longest_wall, wall);
	if (step != now.step && step < STEPS) {
		keep_shortest(&now.out->cpu[step], cpu);
		keep_shortest(&now.out->wall[step], wall);
		now.out->seen[step]++;
	}
	now.step = step;
	if (now.told == NULL && step == STEPS)
		now.host->stop = true;
}

/* ---- runs ---- */

static void stop(void *context)
{
	((struct host *)context)->stop = true;
}

static struct host *open_host(int number)
{
	char config[2048], section[600], state[32];

	snprintf(state, sizeof(state), "stall-%d", number);
	bench_config_real(config, sizeof(config), state, "busy");
	snprintf(section, sizeof(section), "[storage:main]\nplugin = sqlite\nfile = %s/stall.db\nqueue = 256MB\nmax_call = 256MB\n"
		"synchronous = normal\n[strategy:filler]\nplugin = bench_store\nstore = main\n", bench_folder());
	bench_config_add(config, sizeof(config), section);
	return bench_host_open(config);
}

static void remove_database(void)
{
	static const char *const ends[] = {"", "-wal", "-shm"};
	char path[320];

	for (int i = 0; i < 3; i++) {
		snprintf(path, sizeof(path), "%s/stall.db%s", bench_folder(), ends[i]);
		remove(path);
	}
}

static void turn_all(struct host *h, struct turns *out, const struct bench_store *told)
{
	now.host = h;
	now.out = out;
	now.told = told;
	now.step = 0;
	now.wall_ns = 0;
	loop_on_wait(h->loop, turn_ends, turn_begins, NULL);
	host_run(h);
	loop_on_wait(h->loop, NULL, NULL, NULL);
}

/* Without a frame nothing happens. */
static void run(int number, const uint8_t *frame, size_t length)
{
	struct host *h = open_host(number);
	struct bench_store *told = host_instance(h, "filler")->self;

	told->frame = frame;
	told->length = length;
	told->rows = ROWS;
	told->chunks = 1;
	told->finished = stop;
	told->context = h;
	turn_all(h, frame != NULL ? &fed : &quiet, frame != NULL ? told : NULL);
	if (frame != NULL && (told->error[0] != '\0' || told->read_ns == 0)) {
		fprintf(stderr, "bench_stall: %s\n", told->error);
		exit(1);
	}
	bench_host_close(h);
	remove_database();
}

/* ---- figures ---- */

/* Of the steps that most runs have seen. */
static double longest_us(const struct turns *t, const int64_t *steps)
{
	int64_t longest = 0;

	for (int i = 0; i < STEPS; i++)
		if (t->seen[i] > RUNS / 2)
			keep_longest(&longest, steps[i]);
	return (double)longest / 1e3;
}

static void tell(const char *what, const struct turns *t)
{
	fprintf(stderr, "bench_stall: %s: %llu turns in all, the longest of them once %.1f us of its thread, %.1f us by the wall\n",
		what, (unsigned long long)t->count, (double)t->longest_cpu / 1e3, (double)t->longest_wall / 1e3);
}

int bench_main(void)
{
	size_t length;
	uint8_t *frame = rows_frame(ROWS, &length);

	for (int i = 0; i < RUNS; i++) {
		run(2 * i, NULL, 0);
		run(2 * i + 1, frame, length);
	}
	free(frame);
	tell("undisturbed", &quiet);
	tell("fed", &fed);
	bench_line("store_stall", longest_us(&fed, fed.cpu), "us", "undisturbed", longest_us(&quiet, quiet.cpu));
	bench_line("store_stall_wall", longest_us(&fed, fed.wall), "us", "undisturbed", longest_us(&quiet, quiet.wall));
	return 0;
}
