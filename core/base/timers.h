/* timers.h: deadlines in the order of (time, id): a heap of fixed capacity that doubles when it is full. No clock. */
#ifndef AQ_BASE_TIMERS_H
#define AQ_BASE_TIMERS_H

#include <stdint.h>

struct timer {
	int64_t at_ns;
	int64_t period_ns; /* 0 = once */
	int64_t id;        /* rises with every timer: ties fire in the order of setting */
	uint64_t tag;
	uint32_t owner;
	uint32_t reserved;
};

struct timers {
	struct timer *heap; /* the earliest first */
	uint32_t count, capacity;
	int64_t last_id;
};

void timers_init(struct timers *t, uint32_t capacity);
void timers_finish(struct timers *t);
/* An id for a timer that is added later. */
int64_t timers_next_id(struct timers *t);
void timers_add(struct timers *t, const struct timer *timer);
/* Id of the earliest one; 0 when there is none. */
int64_t timers_first_id(const struct timers *t);
/* INT64_MAX when there is none. */
int64_t timers_due_ns(const struct timers *t);
/* Takes the earliest one if it is due; a repeating one is set anew, past `now_ns` in one step. 1 when *out is filled. */
int timers_take(struct timers *t, int64_t now_ns, struct timer *out);
/* The same for timers of one owner alone, whatever others are due before. */
int timers_take_of(struct timers *t, uint32_t owner, int64_t now_ns, struct timer *out);
/* 0, or -1 when `owner` has no such timer. */
int timers_remove(struct timers *t, uint32_t owner, int64_t id);
void timers_remove_owner(struct timers *t, uint32_t owner);

#endif
