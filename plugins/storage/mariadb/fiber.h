/* fiber.h: a function with a stack of its own that can wait for something without holding up the loop.
 *
 * So what a call does on the server is written from top to bottom, although it waits for the network at many places. One
 * thread; a fiber is started and resumed from the loop only, and never from another fiber.
 */
#ifndef MARIADB_FIBER_H
#define MARIADB_FIBER_H

#include <stdbool.h>
#include <stddef.h>
#include <ucontext.h>

struct fiber {
	ucontext_t loop, own;
	void *stack; /* owned; NULL before the first start */
	void (*work)(void *context);
	void *context;
	bool under_way; /* has begun and not ended */
	/* what sanitizers are told about stacks */
	void *loop_fake, *own_fake, *loop_handle, *own_handle;
	const void *loop_bottom;
	size_t loop_size;
};

/* False when there is no memory for its stack. */
bool fiber_make(struct fiber *f);
void fiber_free(struct fiber *f);
/* Runs `work` until it waits or ends. The fiber is not under way. */
void fiber_start(struct fiber *f, void (*work)(void *context), void *context);
/* Goes on behind fiber_wait until it waits again or ends. */
void fiber_resume(struct fiber *f);
/* From within `work`: back to the loop until somebody resumes it. */
void fiber_wait(struct fiber *f);

#endif
