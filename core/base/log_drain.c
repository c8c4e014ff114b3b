/* log_drain.c: writing without the thread: by who logs when there is none, and by a signal handler in a process that
 * dies. See log_writer.h. */
#include "base/log_writer.h"

#include <pthread.h>
#include <time.h>
#include <unistd.h>

#define PATIENCE 200 /* ms that a writer has to end its pass */

void log_writer_direct(struct log_writer *w, const struct log_record *r, char *line)
{
	size_t length = log_format((enum log_format)atomic_load(&w->format), r, line);
	int fd = log_file_fd(&w->file);
	size_t done = log_file_put(fd, line, length);

	if (done < length && fd != STDERR_FILENO)
		log_file_put(STDERR_FILENO, line, length);
}

/* In the thread itself there is nobody to wait for. */
static void wait_for_writer(struct log_writer *w)
{
	const struct timespec ms = {.tv_nsec = 1000000};

	for (int i = 0; i < PATIENCE && !pthread_equal(pthread_self(), w->thread) && atomic_load(&w->busy); i++)
		nanosleep(&ms, NULL);
}

static void direct_held(struct log_writer *w, struct log_limit *l)
{
	const struct log_record *r;

	while ((r = log_limit_next(l, INT64_MAX)) != NULL)
		log_writer_direct(w, r, w->line);
}

static void direct_lost(struct log_writer *w)
{
	uint64_t lost = atomic_load(&w->lost) - w->lost_told;
	struct log_record *r = &w->drained;
	struct timespec now;

	if (lost == 0)
		return;
	clock_gettime(CLOCK_REALTIME, &now);
	r->time_ns = now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
	r->level = AQ_LOG_WARN;
	r->origin_length = r->text_length = 0;
	log_record_add(r, "log");
	r->origin_length = r->text_length;
	r->text_length = 0;
	log_record_add_number(r, lost);
	log_record_add(r, " lines were lost: more was said than could be written");
	log_writer_direct(w, r, w->line);
}

void log_writer_drain(struct log_writer *w)
{
	bool takes;
	uint64_t at;

	if (!atomic_exchange(&w->running, false))
		return;
	wait_for_writer(w);
	at = atomic_load(&w->ring.tail);
	while ((takes = log_file_takes(log_file_fd(&w->file))) &&
		log_ring_get(&w->ring, &at, &w->drained, sizeof(w->drained)) > 0)
		log_writer_direct(w, &w->drained, w->line);
	if (!takes)
		return;
	direct_held(w, &w->repeats);
	direct_held(w, &w->rates);
	direct_lost(w);
}
