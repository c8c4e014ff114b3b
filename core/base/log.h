/* log.h: one line a message, to stderr or a file. Never a key or a signature.
 *
 * The caller only makes a record in a ring; a thread writes. Before log_open, after log_close and in a forked child
 * log_line writes by itself. A full ring loses lines: those of low levels first, since each level leaves room for those
 * above it; how many is told. Identical lines, and more than `limit` lines a second of one kind, are counted instead of
 * written, and told. */
#ifndef AQ_BASE_LOG_H
#define AQ_BASE_LOG_H

#include <aioquant/abi.h>

#include <stdbool.h>
#include <stddef.h>

enum log_format { LOG_TEXT = 1, LOG_LOGFMT = 2, LOG_JSON = 3 };

struct log_options {
	const char *path;  /* NULL or empty = stderr */
	int level;         /* lines below it are not written */
	int format;        /* enum log_format; 0 = text on stderr, logfmt in a file */
	int64_t rotate;    /* bytes at which the file is renamed and a new one begun; 0 = never */
	int64_t keep_ns;   /* age at which renamed files are deleted; 0 = for ever */
	uint32_t limit;    /* lines a second of one origin and format string, errors aside; 0 = any */
};

/* Ends what was open. Returns -1 and errno when the file cannot be opened or the thread not be started. [start] */
int log_open(const struct log_options *options);
/* All that has been said is written; what comes later goes to stderr. Waits for a writer that gets on, not for one that
 * is stuck. No other thread logs meanwhile. [end] */
void log_close(void);

/* `origin`: an instance or a part of the host. `format`: its address tells one kind of line from others. [any] */
void log_line(int level, const char *origin, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* Waits, at most about 2 s, until all that this thread has said is written. False = it is not. [any] */
bool log_flush(void);
/* The file has been moved away: opens it anew, soon. [any] */
void log_reopen(void);
int log_level_get(void);
void log_level_set(int level);
/* Of log_options.limit. [any] */
void log_limit_set(uint32_t limit);

/* ---- async-signal-safe, for a process that dies ---- */

/* These bytes as they are, at once. */
void log_write_now(const char *text, size_t length);
/* Ends the writing thread's work and writes what waits in the ring, and the counts. Lines that are said later are written
 * by who says them. Lines that a stuck writer has in hand may come twice. */
void log_drain_signal(void);

#endif
