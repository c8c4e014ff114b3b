#include "io/sock.h"

#include "base/check.h"

#include <errno.h>
#include <string.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#define SECOND INT64_C(1000000000)
#define ACCEPT_REST_NS (SECOND / 10) /* after the process ran out of descriptors */
#define ACCEPT_BATCH 16              /* so that a flood of connections does not hold up the loop */

/* Readiness: each of these may call its owner once, as the last thing it does, since `s` may be gone afterwards. */

static void connected(struct sock *s)
{
	int error = 0;
	socklen_t length = sizeof(error);

	getsockopt(s->fd, SOL_SOCKET, SO_ERROR, &error, &length);
	if (error != 0) {
		sock_closed(s, strerror(error));
		return;
	}
	s->state = OPEN;
	s->deadline_ns = SOCK_NEVER;
	sock_write_pending(s);
	sock_set_events(s);
	if (s->events.opened != NULL)
		s->events.opened(s->context, s->id);
}

static void read_open(struct sock *s)
{
	ssize_t got = read(s->fd, s->net->read, sizeof(s->net->read));

	if (got > 0) {
		if (s->events.data != NULL)
			s->events.data(s->context, s->id, s->net->read, (uint32_t)got);
	} else if (got == 0 && s->pending.length > 0) {
		/* The peer has finished speaking, perhaps not listening. */
		void (*closed)(void *, int64_t, const char *) = s->events.closed;

		sock_flush_and_end(s);
		if (closed != NULL)
			closed(s->context, s->id, "the peer closed the connection");
	} else if (got == 0) {
		sock_closed(s, "the peer closed the connection");
	} else if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR) {
		sock_closed(s, strerror(errno));
	}
}

/* Reads on past the last byte that we sent, so that none of it is lost to a reset. */
static void read_ending(struct sock *s)
{
	ssize_t got = read(s->fd, s->net->read, sizeof(s->net->read));

	if (got == 0 || (got < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR))
		sock_remove(s);
}

static void write_flushing(struct sock *s)
{
	sock_write_pending(s);
	if (s->pending.length == 0) {
		s->state = ENDING;
		shutdown(s->fd, SHUT_WR);
	}
	sock_set_events(s);
}

static void accept_some(struct sock *listener)
{
	struct net *n = listener->net;
	int64_t id = listener->id;

	for (int i = 0; i < ACCEPT_BATCH && slots_find(&n->ids, id) == listener; i++) {
		int fd = accept4(listener->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
		struct sock *s;

		if (fd < 0) {
			if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
				sock_set_deadline(listener, sock_monotonic() + ACCEPT_REST_NS);
				sock_set_events(listener);
			}
			return;
		}
		address_tune(&listener->address, fd);
		s = sock_add(n, fd, OPEN, &listener->events, listener->context);
		if (s->events.opened != NULL)
			s->events.opened(s->context, s->id);
	}
}

static void open_ready(struct sock *s, int events)
{
	if ((events & LOOP_WRITE) != 0) {
		sock_write_pending(s);
		sock_set_events(s);
		if (s->pending.length == 0 && !s->broken && s->events.drained != NULL) {
			s->events.drained(s->context, s->id); /* what can be read still can be in the next turn */
			return;
		}
	}
	if ((events & LOOP_READ) != 0)
		read_open(s);
}

void sock_ready(void *context, int events)
{
	struct sock *s = context;

	switch (s->state) {
	case CONNECTING:
		connected(s);
		break;
	case OPEN:
		open_ready(s, events);
		break;
	case FLUSHING:
		write_flushing(s);
		break;
	case ENDING:
		read_ending(s);
		break;
	case LISTENING:
		accept_some(s);
		break;
	case FAILED:
		break;
	}
}
