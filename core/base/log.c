/* log.c: see log.h. */
#include "base/log.h"

#include "base/log_writer.h"

#include <errno.h>
#include <pthread.h>
#include <time.h>
#include <unistd.h>

#define FLUSH_S 2

static struct log_writer writer; /* zeros: text to stderr, without a thread */
static atomic_int lowest = AQ_LOG_INFO;

/* The thread is not there; what waits in the ring is the parent's to write. */
static void in_child(void)
{
	atomic_store(&writer.running, false);
	writer.started = false;
}

static void watch_forks(void)
{
	pthread_atfork(NULL, NULL, in_child);
}

int log_open(const struct log_options *options)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	bool is_file = options->path != NULL && options->path[0] != '\0';

	log_close();
	if (writer.stuck) {
		errno = EBUSY;
		return -1;
	}
	if (log_file_open(&writer.file, options->path, options->rotate, options->keep_ns) != 0)
		return -1;
	pthread_once(&once, watch_forks);
	atomic_store(&lowest, options->level);
	atomic_store(&writer.format, options->format != 0 ? options->format : is_file ? LOG_LOGFMT : LOG_TEXT);
	atomic_store(&writer.limit, options->limit);
	return log_writer_start(&writer);
}

void log_close(void)
{
	if (writer.started)
		log_writer_stop(&writer);
	if (writer.stuck)
		return; /* the file stays with the thread */
	log_writer_drain(&writer); /* what was said while it ended */
	log_file_close(&writer.file);
	atomic_store(&writer.format, LOG_TEXT);
}

void log_line(int level, const char *origin, const char *format, ...)
{
	struct log_record r;
	va_list args;

	if (level < atomic_load_explicit(&lowest, memory_order_relaxed))
		return;
	va_start(args, format);
	log_record_make(&r, level, origin, format, args);
	va_end(args);
	if (atomic_load_explicit(&writer.running, memory_order_acquire)) {
		log_writer_put(&writer, &r);
	} else {
		char line[LOG_LINE_MAX];

		log_writer_direct(&writer, &r, line);
	}
}

bool log_flush(void)
{
	const struct timespec pause = {.tv_nsec = 100000};
	uint64_t target = atomic_load(&writer.ring.head);
	struct timespec begin, now;

	clock_gettime(CLOCK_MONOTONIC, &begin);
	while (atomic_load(&writer.running) && atomic_load(&writer.ring.tail) < target) {
		clock_gettime(CLOCK_MONOTONIC, &now);
		if (now.tv_sec - begin.tv_sec > FLUSH_S)
			return false;
		log_writer_kick(&writer);
		nanosleep(&pause, NULL);
	}
	return true;
}

void log_reopen(void)
{
	atomic_store(&writer.reopen, true);
	if (atomic_load(&writer.running))
		log_writer_kick(&writer);
}

int log_level_get(void)
{
	return atomic_load(&lowest);
}

void log_level_set(int level)
{
	atomic_store(&lowest, level);
}

void log_limit_set(uint32_t limit)
{
	atomic_store(&writer.limit, limit);
}

void log_write_now(const char *text, size_t length)
{
	int fd = log_file_fd(&writer.file);
	size_t done = log_file_takes(fd) ? log_file_put(fd, text, length) : 0;

	if (done < length && fd != STDERR_FILENO)
		log_file_put(STDERR_FILENO, text + done, length - done);
}

void log_drain_signal(void)
{
	log_writer_drain(&writer);
}
