/* log_writer.c: see log_writer.h. What a pass has taken is given back to the ring when it is written: a drain in its place
 * finds it. */
#include "base/log_writer.h"
#include "base/thread.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define PERIOD_NS 20000000
#define STUCK_S 2
#define KICK_AT (LOG_RING_SIZE / 4)

static int64_t clock_ns(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return ts.tv_sec * INT64_C(1000000000) + ts.tv_nsec;
}

/* ---- who logs ---- */

void log_writer_kick(struct log_writer *w)
{
	if (!atomic_exchange(&w->kicked, true))
		sem_post(&w->wake);
}

/* What is urgent, or fills the ring, does not wait for the thread's next look. */
void log_writer_put(struct log_writer *w, const struct log_record *r)
{
	static const uint64_t rooms[] = {[0] = LOG_RING_SIZE / 2, [AQ_LOG_DEBUG] = LOG_RING_SIZE / 2,
		[AQ_LOG_INFO] = LOG_RING_SIZE / 4 * 3, [AQ_LOG_WARN] = LOG_RING_SIZE / 8 * 7, [AQ_LOG_ERROR] = LOG_RING_SIZE};
	uint64_t used = log_ring_put(&w->ring, r, log_record_size(r), rooms[r->level]);

	if (used == 0)
		atomic_fetch_add(&w->lost, 1);
	if (used == 0 || used >= KICK_AT || r->level >= AQ_LOG_WARN)
		log_writer_kick(w);
}

/* ---- the thread ---- */

static void note(struct log_writer *w, int level, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* The file can no longer be written, or can again. */
static void note_change(struct log_writer *w, int before)
{
	if (before == 0 && w->file.error != 0)
		note(w, AQ_LOG_ERROR, "%s: %s: lines go to standard error; it is tried again every second", w->file.path,
			strerror(w->file.error));
	else if (before != 0 && w->file.error == 0)
		note(w, AQ_LOG_WARN, "the file takes lines again; some went to standard error");
}

static void send(struct log_writer *w, int64_t now_ns)
{
	int before = w->file.error;
	uint64_t nowhere;

	if (w->used == 0)
		return;
	nowhere = log_file_write(&w->file, w->batch, w->used, now_ns);
	atomic_fetch_add(&w->lost, nowhere);
	w->used = 0;
	if (w->file.path[0] != '\0')
		note_change(w, before);
}

static void put(struct log_writer *w, const struct log_record *r)
{
	if (sizeof(w->batch) - w->used < LOG_LINE_MAX)
		send(w, clock_ns(CLOCK_MONOTONIC));
	w->used += log_format((enum log_format)atomic_load(&w->format), r, w->batch + w->used);
}

/* A line of the log about itself, past all limits. */
static void note(struct log_writer *w, int level, const char *format, ...)
{
	struct log_record r;
	va_list args;

	va_start(args, format);
	log_record_make(&r, level, "log", format, args);
	va_end(args);
	put(w, &r);
}

/* Identical lines first: those that are left are what a limit counts. */
static void take(struct log_writer *w, const struct log_record *r, int64_t now_ns)
{
	uint64_t origin = log_hash(r->bytes, r->origin_length, r->level);

	if (!log_limit_pass(&w->repeats, log_hash(r->bytes + r->origin_length, r->text_length, origin), r, now_ns))
		return;
	if (w->rates.allowed == 0 || r->level >= AQ_LOG_ERROR ||
		log_limit_pass(&w->rates, log_hash(&r->kind, sizeof(r->kind), origin), r, now_ns))
		put(w, r);
}

/* `now_ns` INT64_MAX: all of it. */
static void tell_held(struct log_writer *w, int64_t now_ns)
{
	const struct log_record *r;

	while ((r = log_limit_next(&w->repeats, now_ns)) != NULL || (r = log_limit_next(&w->rates, now_ns)) != NULL)
		put(w, r);
}

static void tell_lost(struct log_writer *w, int64_t now_ns)
{
	uint64_t lost = atomic_load(&w->lost);

	if (lost == w->lost_told || (w->lost_told_ns != 0 && now_ns - w->lost_told_ns < LOG_LIMIT_WINDOW_NS))
		return;
	note(w, AQ_LOG_WARN, "%llu lines were lost: more was said than could be written",
		(unsigned long long)(lost - w->lost_told));
	w->lost_told = lost;
	w->lost_told_ns = now_ns;
}

static void look_after_file(struct log_writer *w, int64_t now_ns)
{
	int64_t wall_ns = clock_ns(CLOCK_REALTIME);

	if (atomic_exchange(&w->reopen, false) && log_file_reopen(&w->file) != 0)
		note(w, AQ_LOG_WARN, "%s cannot be opened anew: %s. Lines go to the file that was moved away; send SIGUSR1 again "
			"when that is mended.", w->file.path, strerror(errno));
	if (log_file_is_full(&w->file, now_ns) && log_file_rotate(&w->file, wall_ns, now_ns) != 0)
		note(w, AQ_LOG_WARN, "%s has its size and cannot be renamed or begun anew: %s. It is tried again.", w->file.path,
			strerror(errno));
	log_file_expire(&w->file, wall_ns, now_ns);
}

static bool batch_is_full(const struct log_writer *w)
{
	return sizeof(w->batch) - w->used < LOG_LINE_MAX ||
		(w->file.size < w->file.rotate && w->file.size + (int64_t)w->used >= w->file.rotate);
}

/* False: nothing is left to do at once. */
static bool pass(struct log_writer *w)
{
	uint64_t at = atomic_load(&w->ring.tail);
	int64_t now_ns = clock_ns(CLOCK_MONOTONIC);
	bool more;

	look_after_file(w, now_ns);
	w->rates.allowed = atomic_load(&w->limit);
	tell_held(w, now_ns);
	do {
		more = log_ring_get(&w->ring, &at, &w->record, sizeof(w->record)) > 0;
		if (more)
			take(w, &w->record, now_ns);
	} while (more && !batch_is_full(w));
	tell_lost(w, now_ns);
	send(w, now_ns);
	log_ring_release(&w->ring, at);
	return more || w->used > 0;
}

static void wait_for_kick(struct log_writer *w)
{
	int64_t until = clock_ns(CLOCK_MONOTONIC) + PERIOD_NS;
	struct timespec ts = {.tv_sec = until / 1000000000, .tv_nsec = until % 1000000000};

	sem_clockwait(&w->wake, CLOCK_MONOTONIC, &ts);
	atomic_store(&w->kicked, false);
}

/* The last words. A note about the file may follow. */
static void finish(struct log_writer *w)
{
	tell_held(w, INT64_MAX);
	tell_lost(w, INT64_MAX);
	while (w->used > 0)
		send(w, INT64_MAX - LOG_LIMIT_WINDOW_NS);
}

static void *run(void *context)
{
	struct log_writer *w = context;
	bool ending = false, more = true;

	setpriority(PRIO_PROCESS, (id_t)gettid(), 10); /* the trading loop goes first */
	while (more || !ending) {
		ending = atomic_load(&w->ending);
		atomic_store(&w->busy, true);
		more = atomic_load(&w->running) && pass(w);
		if (ending && !more && atomic_load(&w->running))
			finish(w);
		atomic_store(&w->busy, false);
		if (!atomic_load(&w->running))
			break; /* drained by somebody else */
		if (!more && !ending)
			wait_for_kick(w);
	}
	return NULL;
}

int log_writer_start(struct log_writer *w)
{
	int rc;

	log_ring_clear(&w->ring);
	w->repeats = (struct log_limit){.allowed = 1, .remark = " (repeated ", .remark_end = ")"};
	w->rates = (struct log_limit){.remark = " (lines like this were left out ", .remark_end = ")"};
	w->lost_told = atomic_load(&w->lost);
	w->lost_told_ns = 0;
	w->used = 0;
	atomic_store(&w->ending, false);
	atomic_store(&w->reopen, false);
	atomic_store(&w->kicked, false);
	sem_init(&w->wake, 0, 0);
	atomic_store(&w->running, true);
	rc = thread_start(&w->thread, run, w);
	w->started = rc == 0;
	atomic_store(&w->running, rc == 0);
	errno = rc;
	return rc == 0 ? 0 : -1;
}

void log_writer_stop(struct log_writer *w)
{
	uint64_t seen;
	int rc;

	atomic_store(&w->ending, true);
	log_writer_kick(w);
	do {
		struct timespec until;

		seen = atomic_load(&w->ring.tail);
		clock_gettime(CLOCK_REALTIME, &until);
		until.tv_sec += STUCK_S;
		rc = pthread_timedjoin_np(w->thread, NULL, &until);
	} while (rc != 0 && atomic_load(&w->ring.tail) != seen);
	w->started = false;
	w->stuck = rc != 0;
}
