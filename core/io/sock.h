/* sock.h: inside of net: one socket of any kind, its states and its deadline. All on the loop. */
#ifndef AQ_IO_SOCK_H
#define AQ_IO_SOCK_H

#include "io/address.h"
#include "io/bytes.h"
#include "io/net.h"
#include "io/slots.h"

#include <sys/stat.h>

#define SOCK_FLUSH_NS INT64_C(5000000000) /* that a closed connection has to get rid of its bytes */
#define SOCK_NEVER INT64_MAX

enum sock_state {
	CONNECTING,
	FAILED, /* `closed` is owed at the next turn */
	OPEN,
	FLUSHING, /* closed by us, bytes are pending; the id is gone */
	ENDING, /* all is sent, the peer is told; reads until its end, or unread bytes would reset what is under way */
	LISTENING
};

struct sock {
	struct net *net;
	struct sock *next, *previous;
	int64_t id;
	int64_t watch; /* 0 = no descriptor */
	int fd;
	enum sock_state state;
	bool paused;
	bool broken;         /* writing failed; `why` says how */
	int64_t deadline_ns; /* monotonic */
	struct net_events events;
	void *context;
	struct bytes pending;
	char why[160];
	struct address address; /* of a listener */
	dev_t device;           /* of its socket file, so that only our own is removed */
	ino_t inode;
};

struct net {
	struct loop *loop;
	struct slots ids;
	struct sock *socks;
	int timer_fd; /* the nearest deadline_ns */
	int64_t timer_watch;
	int64_t armed_ns;
	char read[NET_READ_MAX];
};

int64_t sock_monotonic(void);
/* `fd` < 0: a connection that failed before it began. Aborts when out of memory. */
struct sock *sock_add(struct net *n, int fd, enum sock_state state, const struct net_events *events, void *context);
void sock_remove(struct sock *s);
/* Removes it and tells its owner. The last thing that a caller does with `s`. */
void sock_closed(struct sock *s, const char *why);
/* Lets the owner go, and the rest of the bytes on their way. */
void sock_flush_and_end(struct sock *s);
void sock_set_events(struct sock *s);
/* At `at_ns` on the monotonic clock; what it means depends on the state. */
void sock_set_deadline(struct sock *s, int64_t at_ns);
/* Handlers of the loop: of a sock, of the net's timer. */
void sock_ready(void *context, int events);
void sock_timer(void *context, int events);
/* Writes from the caller's memory what the kernel takes. Returns how much, all of it after a failure. */
uint32_t sock_write(struct sock *s, const char *bytes, uint32_t length);
void sock_write_pending(struct sock *s);

#endif
