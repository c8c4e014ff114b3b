/* slots.h: ids for what lives on a loop. An id is found in constant time and is never used again. */
#ifndef AQ_IO_SLOTS_H
#define AQ_IO_SLOTS_H

#include <stdint.h>

struct slot {
	int64_t id; /* 0 = free */
	void *item; /* borrowed */
	uint32_t next_free;
};

/* All zeroes = empty. */
struct slots {
	struct slot *slots;
	uint32_t capacity;
	uint32_t free; /* index + 1, 0 = none */
	int64_t sequence;
};

/* Returns an id > 0. Aborts when out of memory or beyond 2^20 items. */
int64_t slots_add(struct slots *s, void *item);
/* NULL when the id is gone. */
void *slots_find(const struct slots *s, int64_t id);
void slots_remove(struct slots *s, int64_t id);
/* Any item, NULL when there is none: for taking all of them down. */
void *slots_any(const struct slots *s);
void slots_finish(struct slots *s);

#endif
