/* queue.h: frames that wait for their moment, in order of time. A frame's time_ns is when it is due.
 *
 * One block of memory from the beginning; it doubles when a burst (a list of many fills, snapshots of many markets)
 * does not fit, and stays so. Offsets, not pointers, survive an addition. */
#ifndef SIM_VENUE_QUEUE_H
#define SIM_VENUE_QUEUE_H

#include "sim/frame.h"

struct sim_queue {
	uint8_t *bytes;
	size_t capacity, head, tail; /* frames lie between head and tail */
	int64_t last_ns;             /* of the newest: none is due before it */
	uint64_t lost;               /* frames that found no memory */
};

/* 0 or AQ_ESPACE. */
int sim_queue_create(struct sim_queue *q, size_t capacity);
void sim_queue_destroy(struct sim_queue *q);
/* A zeroed frame of `size` bytes with size, type and time set (no earlier than the newest), for the caller to fill
 * before the next call; NULL when out of memory. */
struct sim_frame *sim_queue_add(struct sim_queue *q, uint32_t size, uint16_t type, int64_t due_ns);
/* Oldest, NULL when empty; valid until the next sim_queue_add. */
struct sim_frame *sim_queue_first(const struct sim_queue *q);
void sim_queue_drop(struct sim_queue *q);
void sim_queue_clear(struct sim_queue *q);

static inline int64_t sim_queue_due(const struct sim_queue *q)
{
	return q->head == q->tail ? INT64_MAX : ((const struct sim_frame *)(const void *)(q->bytes + q->head))->time_ns;
}

#endif
