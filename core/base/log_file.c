/* log_file.c: see log_file.h. */
#include "base/log_file.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define RETRY_NS INT64_C(1000000000)
#define PATIENCE_MS 1000 /* with a pipe that is full */

/* Not as one of the three standard descriptors, should they be closed. */
static int open_file(const char *path)
{
	int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0640), higher;

	if (fd < 0 || fd > STDERR_FILENO)
		return fd;
	higher = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	close(fd);
	return higher;
}

/* -1: no file that could be renamed, but a device or a pipe. */
static int64_t size_of(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISREG(st.st_mode) ? st.st_size : -1;
}

int log_file_open(struct log_file *f, const char *path, int64_t rotate, int64_t keep_ns)
{
	bool is_file = path != NULL && *path != '\0';
	int fd = is_file ? open_file(path) : 0;

	if (fd < 0)
		return -1;
	snprintf(f->path, sizeof(f->path), "%s", is_file ? path : "");
	f->size = size_of(fd);
	f->rotate = is_file && f->size >= 0 ? rotate : 0;
	f->keep_ns = is_file && f->size >= 0 ? keep_ns : 0;
	f->retry_ns = f->expire_ns = 0;
	f->error = 0;
	f->cut = false;
	atomic_store(&f->fd, fd);
	return 0;
}

void log_file_close(struct log_file *f)
{
	int fd = atomic_exchange(&f->fd, 0);

	if (fd != 0)
		close(fd);
}

int log_file_fd(const struct log_file *f)
{
	int fd = atomic_load(&f->fd);

	return fd != 0 ? fd : STDERR_FILENO;
}

int log_file_reopen(struct log_file *f)
{
	int fd, reason = 0;

	if (f->path[0] == '\0')
		return 0;
	fd = open_file(f->path);
	if (fd < 0)
		return -1;
	if (dup3(fd, log_file_fd(f), O_CLOEXEC) < 0)
		reason = errno;
	else
		f->size = size_of(fd);
	close(fd);
	f->cut = f->cut && reason != 0;
	f->retry_ns = 0;
	errno = reason;
	return reason == 0 ? 0 : -1;
}

bool log_file_takes(int fd)
{
	struct pollfd room = {.fd = fd, .events = POLLOUT};

	return poll(&room, 1, PATIENCE_MS) > 0;
}

size_t log_file_put(int fd, const char *bytes, size_t length)
{
	size_t done = 0;

	while (done < length) {
		ssize_t n = write(fd, bytes + done, length - done);

		if (n > 0)
			done += (size_t)n;
		else if (n == 0 || (errno != EINTR && (errno != EAGAIN || !log_file_takes(fd))))
			break;
	}
	return done;
}

/* Returns how much need not be written elsewhere: whole lines. */
static size_t to_file(struct log_file *f, const char *lines, size_t length, int64_t now_ns)
{
	int fd = log_file_fd(f);
	size_t done = 0;

	errno = 0;
	if (!f->cut || log_file_put(fd, "\n", 1) == 1) {
		f->cut = false;
		done = log_file_put(fd, lines, length);
	}
	f->size += (int64_t)done;
	f->error = done == length ? 0 : errno != 0 ? errno : EIO;
	if (f->error == 0)
		return length;
	f->retry_ns = now_ns + RETRY_NS;
	f->cut = f->cut || (done > 0 && lines[done - 1] != '\n');
	while (done > 0 && lines[done - 1] != '\n')
		done--;
	return done;
}

static uint64_t count_lines(const char *lines, size_t length)
{
	uint64_t count = 0;

	for (size_t i = 0; i < length; i++)
		count += lines[i] == '\n';
	return count;
}

uint64_t log_file_write(struct log_file *f, const char *lines, size_t length, int64_t now_ns)
{
	size_t done = 0;

	if (f->error == 0 || now_ns >= f->retry_ns)
		done = to_file(f, lines, length, now_ns);
	if (done < length && log_file_fd(f) != STDERR_FILENO)
		done += log_file_put(STDERR_FILENO, lines + done, length - done);
	return count_lines(lines + done, length - done);
}
