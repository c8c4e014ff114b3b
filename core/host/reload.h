/* reload.h: new code, options and sections into the running process, one transaction per instance:
 * PLAN -> STAGE (helper thread) -> FREEZE -> ADOPT -> COMMIT -> RESUME -> RETIRE -> WATCH.
 *
 * Anything that fails before COMMIT leaves the instance as it was. FREEZE to RESUME happens within one turn of the loop,
 * with all queues drained, so what arrives meanwhile waits in the sockets (or the capture) and nothing overflows. */
#ifndef AQ_HOST_RELOAD_H
#define AQ_HOST_RELOAD_H

#include <stdbool.h>
#include <stdint.h>

struct host;
struct instance;

enum reload_outcome { RELOAD_KEPT = 1, RELOAD_CONFIGURED, RELOAD_REPLACED, RELOAD_ADDED, RELOAD_REMOVED, RELOAD_REFUSED };

struct reload_result {
	char name[48];
	uint8_t outcome; /* enum reload_outcome */
	uint32_t generation;
	char before[13], after[13]; /* hashes */
	int64_t frozen_ns;
	uint64_t queued; /* events that waited for it */
	uint32_t orders; /* taken over */
	char text[512];  /* refused: why */
};

struct reload_request {
	const char *const *names; /* NULL: all */
	int count;
	bool plan, fresh;
	bool release; /* the one that is named has its quarantine ended when it has come up */
	uint32_t uid; /* who releases it */
	/* Called once, when all is done, with every result. NULL = only the log. */
	void (*done)(void *context, const struct reload_result *results, int count);
	void *context;
};

/* Begins; AQ_ESTATE while one is under way (a signal is remembered then). Reasons that concern the files come through
 * `done` with outcome refused. */
int reload_begin(struct host *h, const struct reload_request *request);
/* SIGHUP: all; several become one. */
void reload_signal(struct host *h);
/* What can be done now; called between two moments. */
void reload_step(struct host *h);
/* Back to the code, options and state before the last reload of an instance. */
int reload_rollback(struct host *h, struct instance *i, struct reload_result *result);
/* A failure soon after a reload goes back by itself; true when it did. */
bool reload_watch_failed(struct host *h, struct instance *i, const char *why);
void reload_close(struct host *h);

#endif
