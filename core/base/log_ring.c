/* log_ring.c: see log_ring.h. A message is there when its word, which holds its length, is no longer zero. Words never
 * wrap, since a block divides the ring; what follows them may. */
#include "base/log_ring.h"

#include "base/check.h"

#include <string.h>

#define MASK (LOG_RING_SIZE - 1)

static _Atomic uint64_t *word_at(const struct log_ring *r, uint64_t at)
{
	return (_Atomic uint64_t *)(uintptr_t)(r->bytes + (at & MASK));
}

static uint64_t blocks(size_t length)
{
	return (sizeof(uint64_t) + length + LOG_RING_BLOCK - 1) / LOG_RING_BLOCK * LOG_RING_BLOCK;
}

/* How many of `length` bytes at `at` lie before the ring's end. */
static size_t before_end(uint64_t at, size_t length)
{
	uint64_t left = LOG_RING_SIZE - (at & MASK);

	return length < left ? length : (size_t)left;
}

void log_ring_clear(struct log_ring *r)
{
	memset(r->bytes, 0, sizeof(r->bytes));
	atomic_store(&r->head, 0);
	atomic_store(&r->tail, 0);
}

uint64_t log_ring_put(struct log_ring *r, const void *message, size_t length, uint64_t room)
{
	uint64_t size = blocks(length), tail = atomic_load_explicit(&r->tail, memory_order_acquire);
	uint64_t head = atomic_load_explicit(&r->head, memory_order_relaxed), at;
	size_t part;

	do {
		if (head + size - tail > room)
			return 0;
	} while (!atomic_compare_exchange_weak_explicit(&r->head, &head, head + size, memory_order_relaxed, memory_order_relaxed));
	at = head + sizeof(uint64_t);
	part = before_end(at, length);
	memcpy(r->bytes + (at & MASK), message, part);
	memcpy(r->bytes, (const unsigned char *)message + part, length - part);
	atomic_store_explicit(word_at(r, head), length, memory_order_release);
	return head + size - tail;
}

size_t log_ring_get(const struct log_ring *r, uint64_t *at, void *out, size_t size)
{
	uint64_t begin = *at + sizeof(uint64_t);
	size_t length, part;

	if (*at - atomic_load_explicit(&r->tail, memory_order_relaxed) >= LOG_RING_SIZE)
		return 0; /* all of the ring has been taken, and nothing been given back */
	length = (size_t)atomic_load_explicit(word_at(r, *at), memory_order_acquire);
	if (length == 0)
		return 0;
	CHECK(length <= size);
	part = before_end(begin, length);
	memcpy(out, r->bytes + (begin & MASK), part);
	memcpy((unsigned char *)out + part, r->bytes, length - part);
	*at += blocks(length);
	return length;
}

void log_ring_release(struct log_ring *r, uint64_t at)
{
	uint64_t tail = atomic_load_explicit(&r->tail, memory_order_relaxed);
	size_t length = (size_t)(at - tail), part = before_end(tail, length);

	memset(r->bytes + (tail & MASK), 0, part);
	memset(r->bytes, 0, length - part);
	atomic_store_explicit(&r->tail, at, memory_order_release);
}
