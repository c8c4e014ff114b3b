/* queue.h: a first-in-first-out ring of events, each with the instance that it is for. One thread.
 *
 * What has been taken stays readable until new events overwrite it: that history is what a rehearsal of new code is fed
 * with. A full ring grows (doubling) rather than drop: the events in it may be facts.
 */
#ifndef AQ_FLOW_QUEUE_H
#define AQ_FLOW_QUEUE_H

#include <aioquant/event.h>

#define QUEUE_BLOCK 16 /* history is walked from the start of a block of 2^16 bytes on */
#define QUEUE_HISTORY 1024 /* most events of a history */
#define QUEUE_MARKS 8  /* so that a walk reads at most half a megabyte, on the trading loop */

struct queue {
	uint8_t *bytes;
	uint64_t capacity; /* a power of two */
	/* Positions only rise; position & (capacity - 1) is the place in `bytes`. */
	/* What begins at or behind `oldest` is intact; oldest <= next to take (head) <= next to write (tail). */
	uint64_t oldest, head, tail;
	uint64_t marks[QUEUE_MARKS]; /* first entry of each of the last blocks: where a walk of the history may begin */
	uint64_t block;              /* of the last mark */
};

/* One entry: the event stands right behind it. */
struct queue_entry {
	uint32_t size;     /* of entry and event; 0 = the rest up to the end of the ring is unused */
	uint32_t instance; /* receiver, or source in a queue of records */
};

void queue_init(struct queue *q, uint64_t capacity);
void queue_finish(struct queue *q);
/* Room for an event of `size` bytes at the tail, to be filled by the caller; valid until the next queue call. */
struct aq_event *queue_push(struct queue *q, uint32_t instance, uint32_t size);
/* The next event without taking it, NULL when empty. Valid until it is overwritten: copy before long work. */
const struct aq_event *queue_peek(const struct queue *q, uint32_t *instance);
void queue_drop(struct queue *q);
static inline int queue_empty(const struct queue *q)
{
	return q->head == q->tail;
}
static inline uint64_t queue_bytes(const struct queue *q)
{
	return q->tail - q->head;
}
/* How many events wait for `instance`. */
uint64_t queue_waiting(const struct queue *q, uint32_t instance);
/* An empty queue whose history nobody asks for begins at the start again, where its memory is in the cache. */
static inline void queue_rewind(struct queue *q)
{
	q->oldest = q->head = q->tail = 0;
}
/* Calls `each` for the last `most` (at most QUEUE_HISTORY) events of `instance` that have been taken, as far back as the
 * marks go, oldest first. */
void queue_history(const struct queue *q, uint32_t instance, uint32_t most,
	void (*each)(void *context, const struct aq_event *event), void *context);

#endif
