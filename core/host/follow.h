/* follow.h: one line a second about a strategy for a person who watches, and a last line with the result. */
#ifndef AQ_HOST_FOLLOW_H
#define AQ_HOST_FOLLOW_H

#include <stdint.h>

struct host;

/* Follows the strategy of this name (`aioquantd --follow NAME`). */
void follow_begin(struct host *h, const char *name);
/* Prints a line when a second of the wall clock has passed. */
void follow_tick(struct host *h, int64_t wall_ns);
/* Once a moment: highest position and deepest fall of the profit. */
void follow_sample(struct host *h);
void follow_end(struct host *h);

#endif
