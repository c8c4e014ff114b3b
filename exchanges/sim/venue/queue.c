/* queue.c: a block of memory with a moving window. */
#include "sim/venue/queue.h"

#include <stdlib.h>
#include <string.h>

int sim_queue_create(struct sim_queue *q, size_t capacity)
{
	memset(q, 0, sizeof *q);
	q->last_ns = INT64_MIN;
	q->bytes = malloc(capacity);
	q->capacity = capacity;
	return q->bytes != NULL ? AQ_OK : AQ_ESPACE;
}

void sim_queue_destroy(struct sim_queue *q)
{
	free(q->bytes);
}

/* Moves the window to the front when at least half is free there, which keeps the cost per byte constant; else grows.
 */
static int make_room(struct sim_queue *q, size_t size)
{
	if (q->tail + size <= q->capacity)
		return AQ_OK;
	size_t used = q->tail - q->head;
	if (used + size > q->capacity / 2) {
		size_t capacity = q->capacity;
		while (used + size > capacity / 2)
			capacity *= 2;
		uint8_t *more = realloc(q->bytes, capacity);
		if (more == NULL)
			return AQ_ESPACE;
		q->bytes = more;
		q->capacity = capacity;
	}
	memmove(q->bytes, q->bytes + q->head, used);
	q->head = 0;
	q->tail = used;
	return AQ_OK;
}

struct sim_frame *sim_queue_add(struct sim_queue *q, uint32_t size, uint16_t type, int64_t due_ns)
{
	if (make_room(q, size) != AQ_OK) {
		q->lost++;
		return NULL;
	}
	struct sim_frame *frame = (struct sim_frame *)(void *)(q->bytes + q->tail);
	memset(frame, 0, size);
	frame->size = size;
	frame->type = type;
	if (due_ns < q->last_ns)
		due_ns = q->last_ns;
	frame->time_ns = due_ns;
	q->last_ns = due_ns;
	q->tail += size;
	return frame;
}

struct sim_frame *sim_queue_first(const struct sim_queue *q)
{
	return q->head == q->tail ? NULL : (struct sim_frame *)(void *)(q->bytes + q->head);
}

void sim_queue_drop(struct sim_queue *q)
{
	q->head += sim_queue_first(q)->size;
	if (q->head == q->tail)
		q->head = q->tail = 0;
}

void sim_queue_clear(struct sim_queue *q)
{
	q->head = q->tail = 0;
}
