/* client.c: see client.h. */
#include "client.h"

#include "head.h"
#include "leave.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define SILENT_S 2 /* then a host that may hang is asked for something that it answers at once */
#define PROBE_S 1
#define BODY_MAX ((size_t)1 << 30) /* of an answer that is kept as a whole */

/* ---- time ---- */

static long long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000ll + now.tv_nsec / 1000000;
}

/* False when the deadline has passed, and nothing is there: who was stopped meanwhile takes what has come. */
static bool wait_for(int fd, short events, long long deadline_ms)
{
	struct pollfd p = {.fd = fd, .events = events};

	for (;;) {
		long long left = deadline_ms - now_ms();
		int got = poll(&p, 1, left > 0 ? (int)left : 0);

		if (got != -1 || errno != EINTR)
			return got > 0;
	}
}

/* ---- the connection ---- */

static int complain_absent(const char *path, int error)
{
	const char *what = error == ENOENT         ? "there is no such socket: no host runs there"
			   : error == ECONNREFUSED ? "its host has ended"
			   : error == EACCES       ? "it belongs to another user: run aqctl as the user of the host, "
						     "or as a member of its [control] group"
						   : strerror(error);

	fprintf(stderr,
		"aqctl: %s: %s.\n"
		"Start one with aioquantd -c FILE, or name its socket: aqctl -S SOCKET, aqctl -d STATE_DIR, "
		"AQ_SOCKET.\n",
		path, what);
	return CONTROL_NOT_RUNNING;
}

static int complain_connect(const char *path, int error)
{
	if (error == EAGAIN) {
		fprintf(stderr, "aqctl: %s: the host is stopped, or too many ask it at once\n", path);
		return CONTROL_FAILED;
	}
	return complain_absent(path, error);
}

/* A host that is stopped while many ask has a full backlog: SO_SNDTIMEO bounds the wait for a place in it. */
static int open_socket(const char *path, int timeout_s, int *out)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct timeval longest = {.tv_sec = timeout_s};
	int error;

	if (strlen(path) >= sizeof(address.sun_path)) {
		fprintf(stderr, "aqctl: %s: a socket's path has at most %zu bytes\n", path,
			sizeof(address.sun_path) - 1);
		return CONTROL_USAGE;
	}
	memcpy(address.sun_path, path, strlen(path));
	*out = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (*out >= 0 && setsockopt(*out, SOL_SOCKET, SO_SNDTIMEO, &longest, sizeof(longest)) == 0 &&
		connect(*out, (const struct sockaddr *)&address, sizeof(address)) == 0)
		return CONTROL_DONE;
	error = errno;
	if (*out >= 0)
		close(*out);
	return complain_connect(path, error);
}

static bool send_all(int fd, const char *line, long long deadline_ms)
{
	for (size_t done = 0, length = strlen(line); done < length;) {
		ssize_t got = send(fd, line + done, length - done, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (got > 0)
			done += (size_t)got;
		else if ((errno != EAGAIN && errno != EINTR) || !wait_for(fd, POLLOUT, deadline_ms))
			return false;
	}
	return true;
}

/* Bytes read; less than asked for when the host has closed or the time is up. */
static size_t read_some(int fd, char *to, size_t length, long long deadline_ms)
{
	size_t done = 0;

	while (done < length && wait_for(fd, POLLIN, deadline_ms)) {
		ssize_t got = read(fd, to + done, length - done);

		if (got == 0 || (got < 0 && errno != EINTR))
			break;
		done += got > 0 ? (size_t)got : 0;
	}
	return done;
}

/* ---- the answer ---- */

/* Read byte by byte: it is short, and what follows is of known length. */
static bool read_head(int fd, struct answer *out, long long deadline_ms)
{
	char head[CONTROL_HEAD_MAX];
	size_t used = 0;

	while (used < sizeof(head) && read_some(fd, head + used, 1, deadline_ms) == 1 && head[used] != '\n')
		used++;
	return used < sizeof(head) && head[used] == '\n' && head_parse(head, used, &out->code, &out->length);
}

/* Behind what the body has already, of which `have` is the length. */
static bool read_body(int fd, struct answer *out, size_t have, long long deadline_ms)
{
	char *body = out->length <= BODY_MAX - have ? realloc(out->body, have + out->length + 1) : NULL;

	if (body == NULL)
		return false;
	out->body = body;
	body[have + out->length] = '\0';
	return read_some(fd, body + have, out->length, deadline_ms) == out->length;
}

static bool pass_on(struct answer *out)
{
	out->streamed = true;
	if (fwrite(out->body, 1, out->length, out->stream) == out->length && fflush(out->stream) == 0)
		return true;
	fprintf(stderr, "aqctl: what came cannot be written: %s\n", strerror(errno));
	exit(CONTROL_FAILED);
}

static bool read_whole(int fd, struct answer *out, int timeout_s, long long deadline_ms)
{
	size_t have = 0;

	for (;;) {
		if (!read_head(fd, out, deadline_ms) || !read_body(fd, out, have, deadline_ms))
			return false;
		if (out->code == HEAD_PIECE && out->stream != NULL)
			pass_on(out);
		else
			have += out->length;
		if (out->code != HEAD_PIECE)
			break;
		deadline_ms = now_ms() + timeout_s * 1000ll;
	}
	out->length = have;
	return true;
}

static bool read_answer(int fd, struct answer *out, int timeout_s, long long deadline_ms)
{
	if (read_whole(fd, out, timeout_s, deadline_ms))
		return true;
	free(out->body);
	out->body = NULL;
	return false;
}

/* ---- a host that may hang ---- */

/* An answer begins, or another caller gets one: a halt waits for the venue, which may take longer than this. */
static bool turns(const char *path, int fd, long long deadline_ms)
{
	long long silent = now_ms() + SILENT_S * 1000ll;
	struct answer head;
	bool alive;
	int probe;

	if (wait_for(fd, POLLIN, silent < deadline_ms ? silent : deadline_ms))
		return true;
	if (now_ms() >= deadline_ms || open_socket(path, PROBE_S, &probe) != CONTROL_DONE)
		return false;
	alive = send_all(probe, "help\n", now_ms() + PROBE_S * 1000ll) && read_head(probe, &head, now_ms() + PROBE_S * 1000ll);
	close(probe);
	return alive;
}

static int complain_silent(const char *path, bool closed, int waited_s)
{
	if (closed)
		fprintf(stderr, "aqctl: %s: the host closed the connection without an answer; ask again: aqctl status\n", path);
	else
		fprintf(stderr,
			"aqctl: %s: no answer within %d s: the host is busy or stopped (aqctl -t SECONDS waits longer)\n", path,
			waited_s);
	return CONTROL_FAILED;
}

static int ask(const char *path, const char *line, int timeout_s, struct answer *out)
{
	bool halting = leave_may(line), alive = true, ok;
	int longest_s = halting && timeout_s > SILENT_S + PROBE_S ? SILENT_S + PROBE_S : timeout_s, fd;
	long long deadline = now_ms() + timeout_s * 1000ll;
	int rc = open_socket(path, longest_s, &fd);

	if (rc != CONTROL_DONE)
		return rc;
	ok = send_all(fd, line, deadline) && (!halting || (alive = turns(path, fd, deadline))) && read_answer(fd, out, timeout_s, deadline);
	close(fd);
	if (!ok && out->streamed)
		fprintf(stderr, "aqctl: what came is not all of the answer\n");
	return ok ? CONTROL_DONE : complain_silent(path, alive && now_ms() < deadline, alive ? timeout_s : longest_s);
}

int client_ask(const char *socket_path, const char *line, int timeout_s, struct answer *out)
{
	int rc = ask(socket_path, line, timeout_s, out);

	if ((rc == CONTROL_FAILED || rc == CONTROL_NOT_RUNNING) && leave_may(line))
		leave(socket_path, line);
	return rc;
}
