/* bench_timer.c: a strategy with one repeating timer, which notes how late each call comes by the wall clock. Of periods that
 * were missed the first one counts. */
#include "bench_timer.h"

#include <aioquant/plugin.h>

#include <stddef.h>
#include <stdlib.h>
#include <time.h>

struct timer_strategy {
	struct bench_timer told; /* first: the program reads it */
	const struct aq_host *host;
};

static const struct aq_option options[] = {
	{.name = "period",
		.type = AQ_OPT_DURATION,
		.size = sizeof(int64_t),
		.offset = offsetof(struct timer_strategy, told.period_ns),
		.flags = AQ_REQUIRED,
		.help = "of its timer"},
	{.name = NULL},
};

static int32_t create(const struct aq_host *host, void **self, struct aq_err *err)
{
	struct timer_strategy *s = calloc(1, sizeof(*s));

	(void)err;
	if (s == NULL)
		return AQ_ESPACE;
	s->host = host;
	*self = s;
	return AQ_OK;
}

static int32_t start(void *self, struct aq_err *err)
{
	struct timer_strategy *s = self;

	(void)err;
	s->told.due_ns = s->host->now(s->host->owner) + s->told.period_ns;
	s->host->timer_set(s->host->owner, s->told.due_ns, s->told.period_ns, 1);
	return AQ_OK;
}

static void on_event(void *self, const struct aq_event *event)
{
	struct bench_timer *t = &((struct timer_strategy *)self)->told;
	struct timespec ts;

	if (event->type != AQ_EV_TIMER || t->count == TIMER_SAMPLES)
		return;
	clock_gettime(CLOCK_REALTIME, &ts);
	t->late_ns[t->count++] = ts.tv_sec * INT64_C(1000000000) + ts.tv_nsec - t->due_ns;
	t->due_ns += (event->time_ns - t->due_ns) / t->period_ns * t->period_ns + t->period_ns;
}

AQ_PLUGIN(.kind = AQ_STRATEGY, .name = "bench_timer", .version = "1", .summary = "notes how late its timer is",
	.options = options, .create = create, .start = start, .destroy = free, .on_event = on_event);
