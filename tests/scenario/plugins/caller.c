/* caller.c: a strategy that does nothing of its own: the test that runs the host calls the store in its name, and hears what it
 * is told. */
#include "caller.h"

#include <stdlib.h>

/* So that a turn of the host that waits for a store looks at the test's patience, too. */
#define LOOK_NS INT64_C(20000000)

static const struct aq_option options[] = {
	{.name = "store", .type = AQ_OPT_STORE, .flags = AQ_REQUIRED, .size = sizeof(uint32_t),
		.offset = offsetof(struct caller, store)},
	{.name = NULL}};

static int32_t create(const struct aq_host *host, void **self, struct aq_err *err)
{
	struct caller *c = calloc(1, sizeof(*c));

	(void)err;
	*self = c;
	if (c != NULL)
		c->host = host;
	return c != NULL ? AQ_OK : AQ_ESPACE;
}

static int32_t start(void *self, struct aq_err *err)
{
	struct caller *c = self;

	(void)err;
	c->api = c->host->extension(c->host->owner, AQ_STORE_EXT);
	c->host->timer_set(c->host->owner, c->host->now(c->host->owner) + LOOK_NS, LOOK_NS, 0);
	return c->api != NULL ? AQ_OK : AQ_ENOSYS;
}

static void on_event(void *self, const struct aq_event *event)
{
	const struct caller *c = self;

	if (c->hear != NULL)
		c->hear(c->context, event);
}

AQ_PLUGIN(.kind = AQ_STRATEGY, .name = "caller", .version = "1", .summary = "calls what its test calls", .options = options,
	.create = create, .start = start, .destroy = free, .on_event = on_event);
