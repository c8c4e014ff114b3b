/* queue.c: see queue.h. An entry never wraps: when it would, a marker of size 0 skips to the start of the ring. */
#include "flow/queue.h"

#include "base/check.h"

#include <stdlib.h>
#include <string.h>

static struct queue_entry *entry_at(const struct queue *q, uint64_t position)
{
	return (struct queue_entry *)(void *)(q->bytes + (position & (q->capacity - 1)));
}

/* The entry behind the one at `position`; q->tail when that was the last. */
static uint64_t next(const struct queue *q, uint64_t position)
{
	position += entry_at(q, position)->size;
	if (position != q->tail && entry_at(q, position)->size == 0)
		position += q->capacity - (position & (q->capacity - 1));
	return position;
}

void queue_init(struct queue *q, uint64_t capacity)
{
	CHECK((capacity & (capacity - 1)) == 0 && capacity >= 2 * AQ_EVENT_MAX);
	memset(q, 0, sizeof(*q));
	q->bytes = aligned_alloc(64, capacity);
	CHECK(q->bytes != NULL);
	q->capacity = capacity;
	memset(q->bytes, 0, capacity); /* touched now, not on the first event */
}

void queue_finish(struct queue *q)
{
	free(q->bytes);
	q->bytes = NULL;
}

/* Twice the size; what has not been taken moves to the start, the history is lost. */
static void grow(struct queue *q)
{
	struct queue larger;
	uint32_t instance;
	const struct aq_event *event;

	queue_init(&larger, 2 * q->capacity);
	while ((event = queue_peek(q, &instance)) != NULL) {
		memcpy(queue_push(&larger, instance, event->size), event, event->size);
		queue_drop(q);
	}
	queue_finish(q);
	*q = larger;
}

/* Goes to the start of the ring; positions that stood at the tail go with it. */
static void wrap(struct queue *q)
{
	uint64_t from = q->tail;

	entry_at(q, from)->size = 0;
	q->tail += q->capacity - (from & (q->capacity - 1));
	q->head = q->head == from ? q->tail : q->head;
	q->oldest = q->oldest == from ? q->tail : q->oldest;
}

struct aq_event *queue_push(struct queue *q, uint32_t instance, uint32_t size)
{
	uint64_t total = sizeof(struct queue_entry) + size;
	uint64_t left = q->capacity - (q->tail & (q->capacity - 1));
	uint64_t takes = total <= left ? total : left + total;
	struct queue_entry *entry;

	CHECK(size >= sizeof(struct aq_event) && size <= AQ_EVENT_MAX && size % 8 == 0);
	if (q->tail + takes - q->head > q->capacity) {
		grow(q);
		return queue_push(q, instance, size);
	}
	if (q->tail + takes - q->oldest > q->capacity) /* a look at what lies there would miss the cache each time */
		q->oldest = q->tail + takes - q->capacity;
	if (takes != total)
		wrap(q);
	if (q->tail >> QUEUE_BLOCK != q->block) {
		q->block = q->tail >> QUEUE_BLOCK;
		q->marks[q->block % QUEUE_MARKS] = q->tail;
	}
	entry = entry_at(q, q->tail);
	entry->size = (uint32_t)total;
	entry->instance = instance;
	q->tail += total;
	return (struct aq_event *)(void *)(entry + 1);
}

const struct aq_event *queue_peek(const struct queue *q, uint32_t *instance)
{
	const struct queue_entry *entry;

	if (q->head == q->tail)
		return NULL;
	entry = entry_at(q, q->head);
	*instance = entry->instance;
	return (const struct aq_event *)(const void *)(entry + 1);
}

void queue_drop(struct queue *q)
{
	CHECK(q->head != q->tail);
	q->head = next(q, q->head);
}

uint64_t queue_waiting(const struct queue *q, uint32_t instance)
{
	uint64_t count = 0;

	for (uint64_t at = q->head; at != q->tail; at = next(q, at))
		count += entry_at(q, at)->instance == instance;
	return count;
}

/* The oldest mark that is still intact. */
static uint64_t walk_start(const struct queue *q)
{
	uint64_t start = q->head;

	for (int i = 0; i < QUEUE_MARKS; i++)
		if (q->marks[i] >= q->oldest && q->marks[i] < start)
			start = q->marks[i];
	return start;
}

void queue_history(const struct queue *q, uint32_t instance, uint32_t most,
	void (*each)(void *context, const struct aq_event *event), void *context)
{
	uint64_t last[QUEUE_HISTORY]; /* where the last ones stand; one walk, since it is done on the trading loop */
	uint64_t found = 0, first;

	most = most < QUEUE_HISTORY ? most : QUEUE_HISTORY;
	for (uint64_t at = walk_start(q); at != q->head && most > 0; at = next(q, at))
		if (entry_at(q, at)->instance == instance)
			last[found++ % most] = at;
	first = found > most ? found - most : 0;
	for (uint64_t i = first; i < found; i++)
		each(context, (const struct aq_event *)(const void *)(entry_at(q, last[i % most]) + 1));
}
