/* follow.h: one strategy for a person who watches: on a terminal a live view, else a line a second; at the end where the
 * result comes from, and a last line with figures for scripts. Nobody who does not ask for it pays for it. */
#ifndef AQ_HOST_FOLLOW_H
#define AQ_HOST_FOLLOW_H

#include "host/reload.h"

#include <aioquant/abi.h>

struct follow_options {
	const char *name;   /* of the strategy; NULL = nobody watches, all calls do nothing */
	const char *notes;  /* FIFO whose lines are shown: "say TEXT" among what happened, "try TEXT" as a hint; or NULL */
	const char *result; /* file that gets what follow_end says too; or NULL */
};

/* What cannot be opened is an error. */
int follow_begin(struct host *h, const struct follow_options *options, struct aq_err *err);
/* At the end of a moment: fills, quotes, highest position, deepest fall of the profit. */
void follow_sample(struct host *h);
/* A reload or a way back of any instance is done. */
void follow_reload(struct host *h, const struct reload_result *result, const char *what);
/* The terminal as it was, then the result. */
void follow_end(struct host *h);

#endif
