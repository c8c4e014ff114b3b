/* pile.c: see pile.h. */
#include "venue/pile.h"

#include "base/check.h"

#include <stdlib.h>
#include <string.h>

static void make_room(struct pile *p, size_t length)
{
	size_t held = pile_length(p), capacity = p->capacity == 0 ? 1u << 20 : p->capacity;

	while (held + length > capacity / 2) /* half stays free, so that moving to the front is rare */
		capacity *= 2;
	if (p->head > 0)
		memmove(p->bytes, p->bytes + p->head, held);
	p->head = 0;
	p->tail = held;
	if (capacity == p->capacity)
		return;
	p->bytes = realloc(p->bytes, capacity);
	CHECK(p->bytes != NULL);
	p->capacity = capacity;
}

bool pile_add(struct pile *p, const void *bytes, size_t length)
{
	if (pile_length(p) + length > p->most)
		return false;
	if (p->tail + length > p->capacity)
		make_room(p, length);
	memcpy(p->bytes + p->tail, bytes, length);
	p->tail += length;
	return true;
}

void pile_drop(struct pile *p, size_t length)
{
	p->head += length;
	if (p->head == p->tail)
		pile_clear(p);
}

void pile_clear(struct pile *p)
{
	p->head = p->tail = 0;
}

void pile_free(struct pile *p)
{
	free(p->bytes);
}
