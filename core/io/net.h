/* net.h: byte-stream connections (Unix and TCP) by id, for adapters and for the control socket.
 *
 * Sockets are non-blocking, close-on-exec, TCP with TCP_NODELAY. Sending writes at once what the kernel takes and keeps
 * the rest, at most NET_PENDING_MAX bytes. Ids are never used again. Callbacks run on the loop; none is called before
 * the function that caused it has returned. After a `closed` the id is gone.
 */
#ifndef AQ_IO_NET_H
#define AQ_IO_NET_H

#include "io/loop.h"

#include <stdint.h>

#define NET_PENDING_MAX (1u << 20)
#define NET_READ_MAX (60u * 1024u) /* most that one `data` call brings */

struct net_events {
	void (*opened)(void *context, int64_t connection);
	void (*data)(void *context, int64_t connection, const void *bytes, uint32_t length);
	void (*closed)(void *context, int64_t connection, const char *why);
	void (*drained)(void *context, int64_t connection); /* the kernel has all that waited to be sent */
};

struct net;
struct net *net_create(struct loop *l);
void net_destroy(struct net *n);

/* unix:PATH or tcp:ADDRESS:PORT (numeric address or localhost; names are resolved elsewhere). Connects in the
 * background and gives up after `timeout_ns` (0 = when the kernel does). What is sent before `opened` waits. Returns an
 * id > 0 or AQ_EINVAL. */
int64_t net_open(struct net *n, const char *address, int64_t timeout_ns, const struct net_events *events, void *context,
	struct aq_err *err);
/* Listens; each accepted connection is `opened` with an id of its own. Unix sockets get `mode` and a stale file is
 * replaced, a live one is AQ_EINVAL. tcp:127.0.0.1:0 picks a port, written to *port if not NULL. net_close on the id
 * that is returned ends it and removes its file; what it accepted lives on. */
int64_t net_listen(struct net *n, const char *address, unsigned mode, const struct net_events *events, void *context,
	uint16_t *port, struct aq_err *err);
/* 0, AQ_ENOENT, or AQ_EAGAIN: the bytes would pass NET_PENDING_MAX and none was taken. 0 says that they were taken, not
 * that they arrive: after an error of the kernel they are dropped, what the peer sent before is still read, and
 * `closed` follows. */
int net_send(struct net *n, int64_t connection, const void *bytes, uint32_t length);
/* Bytes that wait to be sent. */
uint32_t net_pending(const struct net *n, int64_t connection);
/* Closes, after what is pending if `flush` (a peer that does not take it within 5 s loses it). `closed` is not called.
 */
void net_close(struct net *n, int64_t connection, bool flush);
/* Stops and goes on reading (a reload freezes an adapter). */
void net_pause(struct net *n, int64_t connection, bool paused);
/* uid of the peer of a Unix connection, or -1. */
int64_t net_peer_uid(const struct net *n, int64_t connection);

#endif
