/* rehearsal.h: new code is run in a child process before it is loaded here: head, create with the section's values, load
 * of a state, start, download of a copy of the host's state, the last events of its subscriptions with its calls recorded
 * and not executed, stop, destroy. The child is `/proc/self/exe --rehearse`, never a bare fork. */
#ifndef AQ_HOST_REHEARSAL_H
#define AQ_HOST_REHEARSAL_H

#include "host/config.h"

struct blob;
struct host;
struct instance;

#define REHEARSAL_EVENTS 1000

/* What the child is fed with: pieces, each with a head (kind and length), in a buffer. */
struct rehearsal {
	uint8_t *bytes; /* malloc */
	size_t size, capacity;
};

/* Collects the state for a section; `running` is the instance that the code would replace, or NULL. With `fresh` its
 * state is left out. [loop] */
void rehearsal_collect(struct rehearsal *r, struct host *h, const struct config_section *section,
	struct instance *running, bool fresh);
/* The state in it, borrowed; there = false without one. [any] */
void rehearsal_state(const struct rehearsal *r, struct blob *out);
/* The child goes no further than create, options and check. */
void rehearsal_only_check(struct rehearsal *r);
/* Makes room, and touches it, so that collecting meets no page that is not there. [any] */
void rehearsal_reserve(struct rehearsal *r);
void rehearsal_free(struct rehearsal *r);
/* Spawns the child and waits at most `timeout_ns`. Refusals, crashes and hangs are errors with their reason, in which the
 * file is called `original`. [any] */
int rehearsal_run(const struct rehearsal *r, const char *path, const char *original, uint32_t kind, int64_t timeout_ns,
	struct aq_err *err);
/* The child: reads the pieces from descriptor 3, and leaves a crash in 4. Returns the exit status; prints
 * the reason on standard error. */
int rehearsal_main(const char *path, const char *original, uint32_t kind);

#endif
