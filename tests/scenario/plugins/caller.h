/* caller.h: what a test that has a host in its own process shares with the strategy `caller` in it. */
#ifndef CALLER_H
#define CALLER_H

#include <aioquant/plugin.h>
#include <aioquant/store.h>

struct caller {
	const struct aq_host *host;
	const struct aq_store_api *api;
	uint32_t store;
	uint32_t reserved;
	/* Set by the test once the instance is there; without it events go nowhere. */
	void (*hear)(void *context, const struct aq_event *event);
	void *context;
};

#endif
