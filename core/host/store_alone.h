/* store_alone.h: one store, before the host has any: for what must be read from it before time begins.
 *
 * A small host of its own with the section's plugin and nothing else, on a loop of its own. Every call waits for its end. Only
 * while host_open runs. */
#ifndef AQ_HOST_STORE_ALONE_H
#define AQ_HOST_STORE_ALONE_H

#include "host/store.h"

#include <aioquant/bson.h>
#include <aioquant/frame.h>

struct store_alone;

struct store_alone_ask {
	const char *collection; /* NULL = none */
	struct aq_bson filter, projection, sort; /* {0} = none */
	uint64_t limit;         /* 0 = all */
	uint8_t op;             /* enum aq_store_op: one that gives rows */
	/* Each frame of rows as it comes; borrowed. 0, or an error, which ends the call. */
	int (*frame)(void *context, const struct aq_frame_reader *f, struct aq_err *err);
	void *context;
};

/* Starts the plugin of a [storage:...] section and waits until the store is up, some seconds. 0 or an error. */
int store_alone_open(struct store_alone **out, struct host *h, const struct config_section *section, struct aq_err *err);
/* 0 or an error: of the store, with its text, or of `frame`. AQ_ENOENT: there is no such collection or field. */
int store_alone_ask(struct store_alone *s, const struct store_alone_ask *what, struct aq_err *err);
/* Accepts NULL. */
void store_alone_close(struct store_alone *s);

#endif
