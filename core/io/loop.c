#include "io/loop.h"

#include "base/check.h"
#include "io/slots.h"

#include <errno.h>
#include <ev.h>
#include <stdlib.h>
#include <sys/pidfd.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SECOND INT64_C(1000000000)

struct watch {
	ev_io io; /* first: a watcher is its watch */
	struct loop *loop;
	int64_t id;
	int events;
	void (*ready)(void *context, int events);
	void *context;
};

struct signal_watch {
	ev_signal signal; /* first */
	struct signal_watch *next;
	void (*got)(void *context, int signal);
	void *context;
};

struct child_watch {
	ev_io io; /* first; on a pidfd: a SIGCHLD handler would reap children that others wait for */
	struct loop *loop;
	struct child_watch *next;
	int pid;
	void (*ended)(void *context, int pid, int status);
	void *context;
};

struct loop {
	struct ev_loop *ev;
	bool turning;
	ev_io deadline_io, limit_io; /* timerfds: epoll's own timeout counts milliseconds */
	int64_t deadline_ns;
	void (*due)(void *context);
	void *due_context;
	ev_async wake;
	void (*woken)(void *context);
	void *woken_context;
	void (*wait_begin)(void *context);
	void (*wait_end)(void *context);
	void *wait_context;
	struct slots watches;
	struct signal_watch *signals;
	struct child_watch *children;
};

int64_t loop_now(const struct loop *l)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec * SECOND + now.tv_nsec;
}

static struct timespec timespec_of(int64_t ns)
{
	return (struct timespec){.tv_sec = ns / SECOND, .tv_nsec = ns % SECOND};
}

static void set_timer(int fd, int flags, struct timespec at)
{
	struct itimerspec spec = {.it_value = at};

	CHECK(timerfd_settime(fd, flags, &spec, NULL) == 0);
}

/* False when the timer was set anew after it had become readable in this turn. */
static bool take_expiry(int fd)
{
	uint64_t expirations;

	return read(fd, &expirations, sizeof(expirations)) == (ssize_t)sizeof(expirations);
}

static void on_deadline(struct ev_loop *ev, ev_io *io, int revents)
{
	struct loop *l = io->data;

	if (!take_expiry(io->fd))
		return;
	l->deadline_ns = INT64_MAX;
	l->due(l->due_context);
}

static void on_limit(struct ev_loop *ev, ev_io *io, int revents)
{
	take_expiry(io->fd);
}

static void on_wake(struct ev_loop *ev, ev_async *async, int revents)
{
	struct loop *l = async->data;

	if (l->woken != NULL)
		l->woken(l->woken_context);
}

static void start_timer(struct loop *l, ev_io *io, clockid_t clock, void (*callback)(struct ev_loop *, ev_io *, int))
{
	int fd = timerfd_create(clock, TFD_NONBLOCK | TFD_CLOEXEC);

	CHECK(fd >= 0);
	ev_io_init(io, callback, fd, EV_READ);
	io->data = l;
	ev_io_start(l->ev, io);
}

struct loop *loop_create(void)
{
	struct loop *l = calloc(1, sizeof(*l));

	CHECK(l != NULL);
	l->ev = ev_loop_new(EVFLAG_AUTO | EVFLAG_NOENV);
	CHECK(l->ev != NULL);
	l->deadline_ns = INT64_MAX;
	/* Deadlines are wall clock times; how long a turn may wait must not follow a clock that is set. */
	start_timer(l, &l->deadline_io, CLOCK_REALTIME, on_deadline);
	start_timer(l, &l->limit_io, CLOCK_MONOTONIC, on_limit);
	ev_async_init(&l->wake, on_wake);
	l->wake.data = l;
	ev_async_start(l->ev, &l->wake);
	return l;
}

static void drop_child(struct child_watch *child)
{
	struct child_watch **at = &child->loop->children;

	while (*at != child)
		at = &(*at)->next;
	*at = child->next;
	ev_io_stop(child->loop->ev, &child->io);
	close(child->io.fd);
	free(child);
}

static void drop_signal(struct loop *l, struct signal_watch **at)
{
	struct signal_watch *gone = *at;

	*at = gone->next;
	ev_signal_stop(l->ev, &gone->signal);
	free(gone);
}

void loop_destroy(struct loop *l)
{
	struct watch *watch;

	if (l == NULL)
		return;
	while ((watch = slots_any(&l->watches)) != NULL)
		loop_unwatch(l, watch->id);
	slots_finish(&l->watches);
	while (l->signals != NULL)
		drop_signal(l, &l->signals);
	while (l->children != NULL)
		drop_child(l->children);
	ev_async_stop(l->ev, &l->wake);
	ev_io_stop(l->ev, &l->deadline_io);
	ev_io_stop(l->ev, &l->limit_io);
	close(l->deadline_io.fd);
	close(l->limit_io.fd);
	ev_loop_destroy(l->ev);
	free(l);
}

void loop_turn(struct loop *l, int64_t wait_ns)
{
	CHECK(!l->turning);
	l->turning = true;
	if (wait_ns > 0)
		set_timer(l->limit_io.fd, 0, timespec_of(wait_ns));
	ev_run(l->ev, wait_ns == 0 ? EVRUN_NOWAIT : EVRUN_ONCE);
	if (wait_ns > 0)
		set_timer(l->limit_io.fd, 0, timespec_of(0));
	l->turning = false;
}

void loop_deadline(struct loop *l, int64_t at_ns, void (*due)(void *context), void *context)
{
	l->due = due;
	l->due_context = context;
	if (at_ns == l->deadline_ns)
		return;
	l->deadline_ns = at_ns;
	/* A time of zero would disarm. */
	set_timer(l->deadline_io.fd, TFD_TIMER_ABSTIME, timespec_of(at_ns == INT64_MAX ? 0 : at_ns > 0 ? at_ns : 1));
}

static void before_wait(struct ev_loop *ev)
{
	const struct loop *l = ev_userdata(ev);

	l->wait_begin(l->wait_context);
}

static void after_wait(struct ev_loop *ev)
{
	const struct loop *l = ev_userdata(ev);

	l->wait_end(l->wait_context);
}

void loop_on_wait(struct loop *l, void (*begin)(void *context), void (*end)(void *context), void *context)
{
	l->wait_begin = begin;
	l->wait_end = end;
	l->wait_context = context;
	ev_set_userdata(l->ev, l);
	ev_set_loop_release_cb(l->ev, before_wait, after_wait);
}

static int to_ev(int events)
{
	return ((events & LOOP_READ) != 0 ? EV_READ : 0) | ((events & LOOP_WRITE) != 0 ? EV_WRITE : 0);
}

static void on_ready(struct ev_loop *ev, ev_io *io, int revents)
{
	struct watch *watch = (struct watch *)io;
	int events = ((revents & EV_READ) != 0 ? LOOP_READ : 0) | ((revents & EV_WRITE) != 0 ? LOOP_WRITE : 0);

	/* An error of the descriptor shows as readiness for all that was asked: the next call on it tells what it is.
	 */
	watch->ready(watch->context, (revents & EV_ERROR) != 0 ? watch->events : events);
}

int64_t loop_watch(struct loop *l, int fd, int events, void (*ready)(void *context, int events), void *context)
{
	struct watch *watch = calloc(1, sizeof(*watch));

	CHECK(watch != NULL);
	ev_io_init(&watch->io, on_ready, fd, to_ev(events));
	watch->loop = l;
	watch->ready = ready;
	watch->context = context;
	watch->events = events;
	watch->id = slots_add(&l->watches, watch);
	if (events != 0)
		ev_io_start(l->ev, &watch->io);
	return watch->id;
}

void loop_watch_change(struct loop *l, int64_t id, int events)
{
	struct watch *watch = slots_find(&l->watches, id);

	if (watch == NULL || watch->events == events)
		return;
	ev_io_stop(l->ev, &watch->io);
	ev_io_set(&watch->io, watch->io.fd, to_ev(events));
	watch->events = events;
	if (events != 0)
		ev_io_start(l->ev, &watch->io);
}

void loop_unwatch(struct loop *l, int64_t id)
{
	struct watch *watch = slots_find(&l->watches, id);

	if (watch == NULL)
		return;
	ev_io_stop(l->ev, &watch->io);
	slots_remove(&l->watches, id);
	free(watch);
}

static void on_signal(struct ev_loop *ev, ev_signal *signal, int revents)
{
	struct signal_watch *watch = (struct signal_watch *)signal;

	watch->got(watch->context, signal->signum);
}

void loop_signal(struct loop *l, int signal, void (*got)(void *context, int signal), void *context)
{
	struct signal_watch **at = &l->signals;
	struct signal_watch *watch;

	while (*at != NULL && (*at)->signal.signum != signal)
		at = &(*at)->next;
	if (*at != NULL)
		drop_signal(l, at);
	if (got == NULL)
		return;
	watch = calloc(1, sizeof(*watch));
	CHECK(watch != NULL);
	watch->got = got;
	watch->context = context;
	watch->next = l->signals;
	l->signals = watch;
	ev_signal_init(&watch->signal, on_signal, signal);
	ev_signal_start(l->ev, &watch->signal);
}

static void on_child(struct ev_loop *ev, ev_io *io, int revents)
{
	struct child_watch *child = (struct child_watch *)io;
	void (*ended)(void *, int, int) = child->ended;
	void *context = child->context;
	int pid = child->pid, status = -1;
	pid_t got = waitpid(pid, &status, WNOHANG);

	if (got == 0 || (got < 0 && errno == EINTR))
		return;
	drop_child(child);
	ended(context, pid, status);
}

int loop_child(struct loop *l, int pid, void (*ended)(void *context, int pid, int status), void *context)
{
	int fd = pidfd_open(pid, 0);
	struct child_watch *child;
	siginfo_t info;

	if (fd < 0)
		return AQ_ENOENT;
	if (waitid(P_PIDFD, (id_t)fd, &info, WEXITED | WNOHANG | WNOWAIT) < 0) { /* alive, but nobody's child of ours */
		close(fd);
		return AQ_ENOENT;
	}
	child = calloc(1, sizeof(*child));
	CHECK(child != NULL);
	child->loop = l;
	child->pid = pid;
	child->ended = ended;
	child->context = context;
	child->next = l->children;
	l->children = child;
	ev_io_init(&child->io, on_child, fd, EV_READ);
	ev_io_start(l->ev, &child->io);
	return AQ_OK;
}

void loop_on_wake(struct loop *l, void (*woken)(void *context), void *context)
{
	l->woken = woken;
	l->woken_context = context;
}

void loop_wake(struct loop *l)
{
	ev_async_send(l->ev, &l->wake);
}
