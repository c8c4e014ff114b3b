#include "io/sock.h"

#include "base/check.h"

#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#define SECOND INT64_C(1000000000)

int64_t sock_monotonic(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * SECOND + now.tv_nsec;
}

static void arm(struct net *n, int64_t at_ns)
{
	struct itimerspec spec = {0};

	if (at_ns == n->armed_ns)
		return;
	n->armed_ns = at_ns;
	if (at_ns != SOCK_NEVER)
		spec.it_value = (struct timespec){.tv_sec = at_ns / SECOND, .tv_nsec = at_ns % SECOND};
	CHECK(timerfd_settime(n->timer_fd, TFD_TIMER_ABSTIME, &spec, NULL) == 0);
}

/* A deadline that goes away leaves the timer armed: it then finds nothing due. */
void sock_set_deadline(struct sock *s, int64_t at_ns)
{
	s->deadline_ns = at_ns;
	if (at_ns < s->net->armed_ns)
		arm(s->net, at_ns);
}

static void sock_due(struct sock *s)
{
	s->deadline_ns = SOCK_NEVER;
	if (s->state == CONNECTING)
		sock_closed(s, "timed out while connecting");
	else if (s->state == FAILED)
		sock_closed(s, s->why);
	else if (s->state == LISTENING)
		sock_set_events(s);
	else if (s->state == FLUSHING || s->state == ENDING)
		sock_remove(s);
}

static struct sock *nearest(const struct net *n)
{
	struct sock *best = n->socks;

	for (struct sock *s = n->socks; s != NULL; s = s->next)
		if (s->deadline_ns < best->deadline_ns)
			best = s;
	return best;
}

/* One a turn, since its callback may change the list; the timer is set to a time that has passed for the next. */
void sock_timer(void *context, int events)
{
	struct net *n = context;
	struct sock *s;
	uint64_t expirations;

	if (read(n->timer_fd, &expirations, sizeof(expirations)) < 0)
		return;
	n->armed_ns = SOCK_NEVER;
	s = nearest(n);
	if (s == NULL || s->deadline_ns == SOCK_NEVER)
		return;
	if (s->deadline_ns > sock_monotonic()) {
		arm(n, s->deadline_ns);
		return;
	}
	arm(n, 1);
	sock_due(s);
}
