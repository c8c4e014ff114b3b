/* log_ring.h: a bounded ring of messages: any thread puts, one takes. No lock, no system call. */
#ifndef AQ_BASE_LOG_RING_H
#define AQ_BASE_LOG_RING_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LOG_RING_SIZE (UINT64_C(1) << 20)
#define LOG_RING_BLOCK 64 /* a message takes whole blocks, and has a word of the ring's own before it */

struct log_ring {
	_Alignas(64) _Atomic uint64_t head; /* bytes ever taken up */
	_Alignas(64) _Atomic uint64_t tail; /* bytes ever given back; what is not taken up is zero */
	_Alignas(64) unsigned char bytes[LOG_RING_SIZE];
};

/* Nobody else uses it. Its pages are there afterwards. */
void log_ring_clear(struct log_ring *r);
/* `length` > 0. `room`: how much of the ring may be in use with it. Returns that, or 0 when it does not fit. [any] */
uint64_t log_ring_put(struct log_ring *r, const void *message, size_t length, uint64_t room);
/* The message at *at, which begins as the tail and moves on. Returns its length, 0 when there is none yet; a message is
 * never longer than `size`. [taker] */
size_t log_ring_get(const struct log_ring *r, uint64_t *at, void *out, size_t size);
/* All before `at` is free again. [taker] */
void log_ring_release(struct log_ring *r, uint64_t at);

#endif
