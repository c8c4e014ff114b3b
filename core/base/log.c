/* log.c: formats into a local buffer and writes it with one write(2), so that lines of several threads never mix. */
#include "base/log.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static char log_path[4096];
static atomic_int log_fd = STDERR_FILENO;
static atomic_int log_level = AQ_LOG_INFO;

static int open_file(const char *path)
{
	return open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640);
}

int log_open(const char *path, int level)
{
	int fd = path == NULL || *path == '\0' ? STDERR_FILENO : open_file(path);

	if (fd < 0)
		return -1;
	snprintf(log_path, sizeof(log_path), "%s", fd == STDERR_FILENO ? "" : path);
	log_fd = fd;
	log_level = level;
	return 0;
}

void log_reopen(void)
{
	int fd = log_path[0] == '\0' ? -1 : open_file(log_path);

	if (fd >= 0)
		dup3(fd, log_fd, O_CLOEXEC);
	if (fd >= 0 && fd != log_fd)
		close(fd);
}

void log_line(int level, const char *origin, const char *format, ...)
{
	static const char *const names[] = {"?", "debug", "info", "warn", "error"};
	char line[1400];
	struct timespec ts;
	struct tm tm;
	size_t used;
	va_list args;

	if (level < log_level)
		return;
	clock_gettime(CLOCK_REALTIME, &ts);
	gmtime_r(&ts.tv_sec, &tm);
	used = strftime(line, sizeof(line), "%Y-%m-%dT%H:%M:%S", &tm);
	used += (size_t)snprintf(line + used, sizeof(line) - used, ".%03ldZ %-5s %s: ", ts.tv_nsec / 1000000,
		names[level >= AQ_LOG_DEBUG && level <= AQ_LOG_ERROR ? level : 0], origin);
	va_start(args, format);
	vsnprintf(line + used, sizeof(line) - used - 1, format, args);
	va_end(args);
	used = strlen(line);
	for (size_t i = 0; i < used; i++)
		line[i] = line[i] == '\n' ? ' ' : line[i];
	line[used++] = '\n';
	if (write(log_fd, line, used) < 0)
		return; /* nowhere left to say it */
}
