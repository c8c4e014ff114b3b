/* errand.h: what a verb has done beside the trading loop, because it waits for a disk or a child: one at a time, on a thread
 * of its own, so that no reload waits for it. */
#ifndef AQ_HOST_ERRAND_H
#define AQ_HOST_ERRAND_H

#include <stdatomic.h>
#include <stdbool.h>

struct host;

struct errand_job {
	void (*work)(void *context);                  /* [its thread] touches nothing but its context */
	void (*done)(struct host *h, void *context);  /* [loop] */
	void (*free)(void *context);                  /* after done, or instead of it when the host ends; any thread */
	void *context;
	atomic_bool *stop;                            /* NULL, or set when the host ends: the work must not go on */
};

/* Makes the thread. */
void errand_open(struct host *h);
/* False while another is under way. */
bool errand_begin(struct host *h, const struct errand_job *job);
/* What can be done now; called between two moments. */
void errand_step(struct host *h);
/* Stops what is under way, and ends the thread. Accepts a host without one. */
void errand_close(struct host *h);

#endif
