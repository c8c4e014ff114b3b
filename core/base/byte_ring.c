/* byte_ring.c: see byte_ring.h. Each message has a head before it; a head of size 0 skips to the start of the ring. */
#include "base/byte_ring.h"

#include "base/check.h"

#include <stdlib.h>

struct head {
	uint32_t size;   /* of head and message, a multiple of 8 */
	uint32_t length; /* of the message */
};

static struct head *head_at(const struct byte_ring *r, uint64_t position)
{
	return (struct head *)(void *)(r->bytes + (position & (r->capacity - 1)));
}

static uint64_t size_of(uint64_t length)
{
	return sizeof(struct head) + ((length + 7) & ~UINT64_C(7));
}

/* What a message of this size takes from the ring at `position`: with the rest up to the end when it does not fit there. */
static uint64_t takes(const struct byte_ring *r, uint64_t position, uint64_t size)
{
	uint64_t left = r->capacity - (position & (r->capacity - 1));

	return size <= left ? size : left + size;
}

void byte_ring_init(struct byte_ring *r, uint64_t capacity)
{
	CHECK((capacity & (capacity - 1)) == 0 && capacity >= 64);
	r->bytes = aligned_alloc(64, capacity);
	CHECK(r->bytes != NULL);
	r->capacity = capacity;
	r->reserved = 0;
	atomic_init(&r->head, 0);
	atomic_init(&r->tail, 0);
}

void byte_ring_finish(struct byte_ring *r)
{
	free(r->bytes);
	r->bytes = NULL;
}

int byte_ring_has_room(const struct byte_ring *r, uint64_t before, uint64_t length)
{
	uint64_t tail = atomic_load_explicit(&r->tail, memory_order_relaxed);
	uint64_t head = atomic_load_explicit(&r->head, memory_order_acquire);

	if (before > 0)
		tail += takes(r, tail, size_of(before));
	return tail + takes(r, tail, size_of(length)) - head <= r->capacity;
}

uint64_t byte_ring_free(const struct byte_ring *r)
{
	uint64_t head = atomic_load_explicit(&r->head, memory_order_acquire);
	uint64_t tail = atomic_load_explicit(&r->tail, memory_order_acquire);

	return r->capacity - (tail - head);
}

void *byte_ring_reserve(struct byte_ring *r, uint32_t length)
{
	uint64_t tail = atomic_load_explicit(&r->tail, memory_order_relaxed);
	uint64_t size = size_of(length), needs = takes(r, tail, size);

	if (!byte_ring_has_room(r, 0, length))
		return NULL;
	if (needs != size) {
		head_at(r, tail)->size = 0;
		tail += needs - size;
	}
	*head_at(r, tail) = (struct head){.size = (uint32_t)size, .length = length};
	r->reserved = tail + size;
	return head_at(r, tail) + 1;
}

void byte_ring_commit(struct byte_ring *r)
{
	atomic_store_explicit(&r->tail, r->reserved, memory_order_release);
}

/* Past the rest of the ring that a message did not fit into. */
static uint64_t begin_of(const struct byte_ring *r, uint64_t position)
{
	if (head_at(r, position)->size == 0)
		position += r->capacity - (position & (r->capacity - 1));
	return position;
}

const void *byte_ring_peek(struct byte_ring *r, uint32_t *length)
{
	uint64_t head = atomic_load_explicit(&r->head, memory_order_relaxed);
	const struct head *h;

	if (head == atomic_load_explicit(&r->tail, memory_order_acquire))
		return NULL;
	h = head_at(r, begin_of(r, head));
	*length = h->length;
	return h + 1;
}

void byte_ring_drop(struct byte_ring *r)
{
	uint64_t head = begin_of(r, atomic_load_explicit(&r->head, memory_order_relaxed));

	atomic_store_explicit(&r->head, head + head_at(r, head)->size, memory_order_release);
}
