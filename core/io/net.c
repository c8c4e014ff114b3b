#include "io/net.h"

#include "base/check.h"
#include "io/sock.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timerfd.h>
#include <unistd.h>

struct net *net_create(struct loop *l)
{
	struct net *n = calloc(1, sizeof(*n));

	CHECK(n != NULL);
	n->loop = l;
	n->armed_ns = SOCK_NEVER;
	n->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	CHECK(n->timer_fd >= 0);
	n->timer_watch = loop_watch(l, n->timer_fd, LOOP_READ, sock_timer, n);
	return n;
}

void net_destroy(struct net *n)
{
	if (n == NULL)
		return;
	while (n->socks != NULL)
		sock_remove(n->socks);
	slots_finish(&n->ids);
	loop_unwatch(n->loop, n->timer_watch);
	close(n->timer_fd);
	free(n);
}

int64_t net_open(struct net *n, const char *address, int64_t timeout_ns, const struct net_events *events, void *context,
	struct aq_err *err)
{
	struct address a;
	struct sock *s;
	int fd, error;

	if (address_parse(address, &a, err) != AQ_OK)
		return AQ_EINVAL;
	fd = address_socket(&a);
	error = fd >= 0 && connect(fd, &a.socket.any, a.length) == 0 ? 0 : errno;
	s = sock_add(n, fd, error == 0 || error == EINPROGRESS ? CONNECTING : FAILED, events, context);
	if (s->state == FAILED) {
		snprintf(s->why, sizeof(s->why), "%s", strerror(error));
		sock_set_deadline(s, 1);
	} else if (timeout_ns > 0) {
		sock_set_deadline(s, sock_monotonic() + timeout_ns);
	}
	return s->id;
}

int64_t net_listen(struct net *n, const char *address, unsigned mode, const struct net_events *events, void *context,
	uint16_t *port, struct aq_err *err)
{
	struct address a;
	struct stat info = {0};
	struct sock *s;
	int fd;

	if (address_parse(address, &a, err) != AQ_OK)
		return AQ_EINVAL;
	fd = address_listen(&a, mode, err);
	if (fd < 0)
		return AQ_EINVAL;
	if (address_path(&a) != NULL)
		lstat(address_path(&a), &info);
	s = sock_add(n, fd, LISTENING, events, context);
	s->address = a;
	s->device = info.st_dev;
	s->inode = info.st_ino;
	if (port != NULL)
		*port = address_port(fd);
	return s->id;
}

int net_send(struct net *n, int64_t connection, const void *bytes, uint32_t length)
{
	struct sock *s = slots_find(&n->ids, connection);
	uint32_t done = 0;

	if (s == NULL || (s->state != OPEN && s->state != CONNECTING && s->state != FAILED))
		return AQ_ENOENT;
	if (s->broken || s->state == FAILED)
		return AQ_OK;
	/* Decided before the kernel is asked: what it would take may depend on nothing but luck. */
	if (length > NET_PENDING_MAX - s->pending.length)
		return AQ_EAGAIN;
	if (s->state == OPEN && s->pending.length == 0)
		done = sock_write(s, bytes, length);
	if (done < length) {
		bytes_put(&s->pending, (const char *)bytes + done, length - done);
		sock_set_events(s);
	}
	return AQ_OK;
}

uint32_t net_pending(const struct net *n, int64_t connection)
{
	const struct sock *s = slots_find(&n->ids, connection);

	return s != NULL ? s->pending.length : 0;
}

void net_close(struct net *n, int64_t connection, bool flush)
{
	struct sock *s = slots_find(&n->ids, connection);

	if (s == NULL)
		return;
	if (flush && !s->broken && (s->state == OPEN || (s->state == CONNECTING && s->pending.length > 0)))
		sock_flush_and_end(s);
	else
		sock_remove(s);
}

void net_pause(struct net *n, int64_t connection, bool paused)
{
	struct sock *s = slots_find(&n->ids, connection);

	if (s == NULL)
		return;
	s->paused = paused;
	sock_set_events(s);
}

int64_t net_peer_uid(const struct net *n, int64_t connection)
{
	const struct sock *s = slots_find(&n->ids, connection);
	struct ucred peer;
	socklen_t length = sizeof(peer);
	int family = 0;
	socklen_t family_length = sizeof(family);

	if (s == NULL || s->fd < 0 || getsockopt(s->fd, SOL_SOCKET, SO_DOMAIN, &family, &family_length) != 0)
		return -1;
	if (family != AF_UNIX || getsockopt(s->fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) != 0)
		return -1;
	return peer.uid;
}
