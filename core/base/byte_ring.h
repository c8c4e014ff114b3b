/* byte_ring.h: messages from one thread to one other, in their order, through a ring of fixed size. No lock, no system call.
 *
 * A message and its head of 8 bytes never wrap, so those of up to half the ring always find room when the ring is empty. */
#ifndef AQ_BASE_BYTE_RING_H
#define AQ_BASE_BYTE_RING_H

#include <stdatomic.h>
#include <stdint.h>

struct byte_ring {
	uint8_t *bytes;
	uint64_t capacity; /* a power of two */
	/* Positions only rise; position & (capacity - 1) is the place in `bytes`. */
	_Alignas(64) _Atomic uint64_t head; /* next to take */
	_Alignas(64) _Atomic uint64_t tail; /* next to write */
	uint64_t reserved; /* the writer's: where the tail will be */
};

void byte_ring_init(struct byte_ring *r, uint64_t capacity);
/* Nobody uses it any more. */
void byte_ring_finish(struct byte_ring *r);

/* Whether a message of `length` bytes has room, when another of `before` bytes goes first. [writer] */
int byte_ring_has_room(const struct byte_ring *r, uint64_t before, uint64_t length);
/* Bytes that hold no message; of them a message may get less, since it does not wrap. [writer, reader] */
uint64_t byte_ring_free(const struct byte_ring *r);
/* Room for one of `length` bytes, 8-aligned; NULL when there is none. The reader sees it after the commit. [writer] */
void *byte_ring_reserve(struct byte_ring *r, uint32_t length);
void byte_ring_commit(struct byte_ring *r);

/* The oldest message, NULL when there is none; it stays until it is dropped. [reader] */
const void *byte_ring_peek(struct byte_ring *r, uint32_t *length);
void byte_ring_drop(struct byte_ring *r);

#endif
