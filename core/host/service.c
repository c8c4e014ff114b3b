/* service.c: see service.h. */
#include "host/service.h"

#include "base/check.h"
#include "host/host.h"
#include "io/notify.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#define SECOND_NS INT64_C(1000000000)
#define LOOK_NS (5 * SECOND_NS)   /* how often the line about the instances is looked at, if the watchdog is not faster */
#define READY_NS (30 * SECOND_NS) /* longest wait for instances that wait for their venues */

enum phase { STARTING = 1, RELOADING = 2, READY = 3, STOPPING = 4 };

struct service {
	struct notify *notify;
	enum phase phase;
	int64_t since_ns; /* of the phase, monotonic */
	bool watched;
	bool unheard;     /* READY found no room: the timer lets it be tried again */
	int timer_fd;
	int64_t timer;    /* watch of the loop */
	char status[200]; /* as last sent */
};

static int64_t monotonic_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * SECOND_NS + now.tv_nsec;
}

/* ---- the line ---- */

struct sum {
	unsigned all, running, waiting, failed;
};

static struct sum sum_instances(const struct host *h)
{
	struct sum sum = {0};

	for (uint32_t id = 1; id <= names_count(&h->flow.names, NAME_INSTANCE) && id < INSTANCES_MAX; id++) {
		const struct instance *i = h->instances[id];

		if (i == NULL)
			continue;
		sum.all++;
		sum.running += i->state == INSTANCE_RUNNING;
		sum.waiting += i->state == INSTANCE_CREATED;
		sum.failed += i->state == INSTANCE_FAILED;
	}
	return sum;
}

static void describe(const struct host *h, char *out, size_t size)
{
	const char *mode = h->clock != CLOCK_REAL ? "replay" : h->options.mode == MODE_LIVE ? "live" : "paper";
	struct sum sum = sum_instances(h);
	int used = snprintf(out, size, "STATUS=%s: %u of %u instances run", mode, sum.running, sum.all);

	if (sum.waiting > 0)
		used += snprintf(out + used, size - (size_t)used, ", %u waiting for their markets", sum.waiting);
	if (sum.failed > 0)
		snprintf(out + used, size - (size_t)used, ", %u FAILED: see aqctl", sum.failed);
}

/* Only what is new; what found no room is new the next time, too. */
static void say_status(struct host *h)
{
	struct service *s = h->service;
	char text[sizeof(s->status)];

	describe(h, text, sizeof(text));
	if (strcmp(text, s->status) != 0 && notify_send(s->notify, text))
		memcpy(s->status, text, sizeof(text));
}

/* ---- what happens ---- */

static void enter(struct service *s, enum phase phase)
{
	s->phase = phase;
	s->since_ns = monotonic_ns();
}

void service_turn(struct host *h)
{
	struct service *s = h->service;

	if (s == NULL || s->phase > RELOADING || s->unheard || h->reload != NULL)
		return;
	if (h->waiting > 0 && monotonic_ns() < s->since_ns + READY_NS)
		return;
	s->unheard = !notify_send(s->notify, "READY=1");
	if (s->unheard)
		return;
	enter(s, READY);
	say_status(h);
}

void service_reloading(struct host *h)
{
	struct service *s = h->service;
	char text[80];

	if (s == NULL || s->phase == STARTING || s->phase == STOPPING)
		return;
	enter(s, RELOADING);
	snprintf(text, sizeof(text), "RELOADING=1\nMONOTONIC_USEC=%" PRId64, s->since_ns / 1000);
	notify_send(s->notify, text);
}

void service_stopping(struct host *h)
{
	if (h->service == NULL)
		return;
	enter(h->service, STOPPING);
	notify_send(h->service->notify, "STOPPING=1\nSTATUS=stopping: orders are withdrawn as on_stop says");
}

/* The loop turns: that it comes here is the proof. */
static void on_timer(void *context, int events)
{
	struct host *h = context;
	struct service *s = h->service;
	uint64_t expired;

	if (read(s->timer_fd, &expired, sizeof(expired)) != sizeof(expired))
		return;
	s->unheard = false;
	if (s->watched)
		notify_send(s->notify, "WATCHDOG=1");
	if (s->phase != STOPPING)
		say_status(h);
}

/* ---- life ---- */

static void start_timer(struct host *h)
{
	struct service *s = h->service;
	int64_t watchdog = notify_watchdog_ns(), every = watchdog > 0 && watchdog < LOOK_NS ? watchdog : LOOK_NS;
	struct itimerspec time = {.it_interval = {.tv_sec = every / SECOND_NS, .tv_nsec = every % SECOND_NS}};

	time.it_value = time.it_interval;
	s->watched = watchdog > 0;
	s->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	CHECK(s->timer_fd >= 0);
	CHECK(timerfd_settime(s->timer_fd, 0, &time, NULL) == 0);
	s->timer = loop_watch(h->loop, s->timer_fd, LOOP_READ, on_timer, h);
}

void service_open(struct host *h)
{
	struct notify *notify = notify_open();

	if (notify == NULL)
		return;
	h->service = calloc(1, sizeof(*h->service));
	CHECK(h->service != NULL);
	h->service->notify = notify;
	enter(h->service, STARTING);
	start_timer(h);
}

void service_close(struct host *h)
{
	struct service *s = h->service;

	if (s == NULL)
		return;
	loop_unwatch(h->loop, s->timer);
	close(s->timer_fd);
	notify_close(s->notify);
	h->service = NULL;
	free(s);
}
