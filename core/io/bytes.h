/* bytes.h: a bounded queue of bytes that wait to be written. Its memory grows to what was needed once and stays. */
#ifndef AQ_IO_BYTES_H
#define AQ_IO_BYTES_H

#include <stdint.h>
#include <sys/uio.h>

/* All zeroes = empty. */
struct bytes {
	char *data; /* a ring of `capacity` bytes, a power of two */
	uint32_t capacity, head, length;
};

/* Copies to the end. Aborts when out of memory; the caller bounds the length. */
void bytes_put(struct bytes *b, const void *data, uint32_t length);
/* The waiting bytes in order, without taking them. Returns how many of the two parts are in use. */
int bytes_parts(const struct bytes *b, struct iovec parts[2]);
void bytes_take(struct bytes *b, uint32_t length);
void bytes_finish(struct bytes *b);

#endif
