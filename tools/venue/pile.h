/* pile.h: bytes that wait to be sent, first in first out, up to a bound. */
#ifndef VENUE_PILE_H
#define VENUE_PILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pile {
	uint8_t *bytes;
	size_t capacity, head, tail;
	size_t most; /* more than this never waits */
};

/* False when it would hold more than `most`: nothing was taken then. */
bool pile_add(struct pile *p, const void *bytes, size_t length);
static inline size_t pile_length(const struct pile *p)
{
	return p->tail - p->head;
}
static inline const uint8_t *pile_first(const struct pile *p)
{
	return p->bytes + p->head;
}
void pile_drop(struct pile *p, size_t length);
void pile_clear(struct pile *p);
void pile_free(struct pile *p);

#endif
