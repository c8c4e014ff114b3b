/* helper.h: a thread beside the trading loop for what may wait for a disk or a child: it is there from the start, because
 * making a thread takes the loop longer than handing over a job. A host has one for reloads and what they leave behind, and
 * one for errands, which may take minutes. */
#ifndef AQ_HOST_HELPER_H
#define AQ_HOST_HELPER_H

#include <stdint.h>

struct helper;

/* Low priority, all signals blocked, never on processor `cpu` (-1 = anywhere). */
struct helper *helper_create(int64_t cpu);
/* Does what is left, then ends. Accepts NULL. */
void helper_destroy(struct helper *h);
/* Jobs are done one after the other; handing one over never waits for those before. [loop] */
void helper_run(struct helper *h, void (*job)(void *context), void *context);
/* Until all jobs are done. [loop] */
void helper_wait(struct helper *h);

#endif
