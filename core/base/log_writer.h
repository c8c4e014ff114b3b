/* log_writer.h: the thread that writes the log: takes records from the ring, holds back what comes too often, and writes
 * the others in batches. It looks every 20 ms, and at once when it is kicked, so that who says something seldom calls the
 * system. */
#ifndef AQ_BASE_LOG_WRITER_H
#define AQ_BASE_LOG_WRITER_H

#include "base/log_file.h"
#include "base/log_format.h"
#include "base/log_limit.h"
#include "base/log_ring.h"

#include <pthread.h>
#include <semaphore.h>

#define LOG_BATCH 65536

struct log_writer {
	struct log_ring ring;
	atomic_bool running; /* the ring is open; else who logs writes by himself */
	atomic_bool busy;    /* the thread is in a pass */
	atomic_bool ending, kicked, reopen;
	atomic_int format;
	atomic_uint limit;
	_Atomic uint64_t lost;
	bool started, stuck; /* of those who open and close */
	pthread_t thread;
	sem_t wake;
	struct log_file file;
	/* of the thread, and of a drain when that has ended */
	struct log_limit repeats, rates;
	uint64_t lost_told;
	int64_t lost_told_ns;
	struct log_record record;
	size_t used;
	char batch[LOG_BATCH];
	/* of a drain */
	struct log_record drained;
	char line[LOG_LINE_MAX];
};

/* The file is open. 0, or -1 and errno. */
int log_writer_start(struct log_writer *w);
/* Until all is written, or it is stuck: it stays then. */
void log_writer_stop(struct log_writer *w);
/* [any] */
void log_writer_put(struct log_writer *w, const struct log_record *r);
void log_writer_kick(struct log_writer *w);

/* ---- log_drain.c: without the thread ---- */

/* Writes one record at once; `line` has LOG_LINE_MAX bytes. Async-signal-safe. [any] */
void log_writer_direct(struct log_writer *w, const struct log_record *r, char *line);
/* See log_drain_signal. */
void log_writer_drain(struct log_writer *w);

#endif
