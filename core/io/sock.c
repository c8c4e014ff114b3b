#include "io/sock.h"

#include "base/check.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Life of a sock */

void sock_set_events(struct sock *s)
{
	int events = 0;

	switch (s->state) {
	case CONNECTING:
	case FLUSHING:
		events = LOOP_WRITE;
		break;
	case OPEN:
		events = (s->paused ? 0 : LOOP_READ) | (s->pending.length > 0 ? LOOP_WRITE : 0);
		break;
	case ENDING:
		events = LOOP_READ;
		break;
	case LISTENING:
		events = s->deadline_ns == SOCK_NEVER ? LOOP_READ : 0;
		break;
	case FAILED:
		break;
	}
	loop_watch_change(s->net->loop, s->watch, events);
}

struct sock *sock_add(struct net *n, int fd, enum sock_state state, const struct net_events *events, void *context)
{
	struct sock *s = calloc(1, sizeof(*s));

	CHECK(s != NULL);
	s->net = n;
	s->fd = fd;
	s->state = state;
	s->deadline_ns = SOCK_NEVER;
	s->events = *events;
	s->context = context;
	s->next = n->socks;
	if (n->socks != NULL)
		n->socks->previous = s;
	n->socks = s;
	s->id = slots_add(&n->ids, s);
	if (fd >= 0)
		s->watch = loop_watch(n->loop, fd, 0, sock_ready, s);
	sock_set_events(s);
	return s;
}

static void remove_file(const struct sock *s)
{
	const char *path = address_path(&s->address);
	struct stat info;

	if (path != NULL && lstat(path, &info) == 0 && info.st_dev == s->device && info.st_ino == s->inode)
		unlink(path);
}

void sock_remove(struct sock *s)
{
	struct net *n = s->net;

	slots_remove(&n->ids, s->id);
	loop_unwatch(n->loop, s->watch);
	if (s->state == LISTENING)
		remove_file(s);
	if (s->fd >= 0)
		close(s->fd);
	if (s->previous != NULL)
		s->previous->next = s->next;
	else
		n->socks = s->next;
	if (s->next != NULL)
		s->next->previous = s->previous;
	bytes_finish(&s->pending);
	free(s);
}

/* The sock is gone before its owner hears of it: the callback may open a new one or end the host. */
void sock_closed(struct sock *s, const char *why)
{
	void (*closed)(void *, int64_t, const char *) = s->events.closed;
	void *context = s->context;
	int64_t id = s->id;
	char text[sizeof(s->why)];

	snprintf(text, sizeof(text), "%s", s->broken ? s->why : why);
	sock_remove(s);
	if (closed != NULL)
		closed(context, id, text);
}

void sock_flush_and_end(struct sock *s)
{
	slots_remove(&s->net->ids, s->id);
	s->state = FLUSHING;
	if (s->pending.length == 0) {
		s->state = ENDING;
		shutdown(s->fd, SHUT_WR);
	}
	sock_set_deadline(s, sock_monotonic() + SOCK_FLUSH_NS);
	sock_set_events(s);
}

/* Writing */

/* After this reads bring what the peer had sent, and then an end. */
static void writing_failed(struct sock *s, int error)
{
	s->broken = true;
	snprintf(s->why, sizeof(s->why), "cannot send: %s", strerror(error));
	bytes_take(&s->pending, s->pending.length);
	shutdown(s->fd, SHUT_RDWR);
}

uint32_t sock_write(struct sock *s, const char *bytes, uint32_t length)
{
	uint32_t done = 0;

	while (done < length) {
		ssize_t got = send(s->fd, bytes + done, length - done, MSG_NOSIGNAL);

		if (got >= 0) {
			done += (uint32_t)got;
		} else if (errno == EAGAIN || errno == EWOULDBLOCK) {
			break;
		} else if (errno != EINTR) {
			writing_failed(s, errno);
			return length;
		}
	}
	return done;
}

void sock_write_pending(struct sock *s)
{
	struct iovec parts[2];
	struct msghdr message = {.msg_iov = parts};

	while (s->pending.length > 0) {
		ssize_t got;

		message.msg_iovlen = (size_t)bytes_parts(&s->pending, parts);
		got = sendmsg(s->fd, &message, MSG_NOSIGNAL);
		if (got >= 0)
			bytes_take(&s->pending, (uint32_t)got);
		else if (errno == EAGAIN || errno == EWOULDBLOCK)
			break;
		else if (errno != EINTR)
			writing_failed(s, errno);
	}
}
