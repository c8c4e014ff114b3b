/* bench_counter.c: a strategy that takes every kind of data of one market and does nothing but count. */
#include <aioquant/plugin.h>

#include <stdlib.h>

struct counter {
	struct aq_market market;
	uint64_t events;
};

static const struct aq_option options[] = {
	{.name = "market",
		.type = AQ_OPT_MARKET,
		.size = sizeof(struct aq_market),
		.offset = offsetof(struct counter, market),
		.flags = AQ_REQUIRED | AQ_BOOK | AQ_TRADES | AQ_TICKER,
		.help = "what to count"},
	{.name = NULL},
};

static int32_t create(const struct aq_host *host, void **self, struct aq_err *err)
{
	(void)host;
	(void)err;
	*self = calloc(1, sizeof(struct counter));
	return *self != NULL ? AQ_OK : AQ_ESPACE;
}

static void on_event(void *self, const struct aq_event *event)
{
	struct counter *c = self;

	c->events += event->size > 0;
}

AQ_PLUGIN(.kind = AQ_STRATEGY, .name = "bench_counter", .version = "1", .summary = "counts events", .options = options,
	.create = create, .destroy = free, .on_event = on_event);
