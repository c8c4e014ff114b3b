#include "io/slots.h"

#include "base/check.h"

#include <stdlib.h>

/* An id is a sequence number above the index of its slot: 2^43 ids before the sequence wraps. */
#define INDEX_BITS 20
#define INDEX_MASK ((1u << INDEX_BITS) - 1u)

static void grow(struct slots *s)
{
	uint32_t capacity = s->capacity == 0 ? 16 : s->capacity * 2;

	CHECK(capacity <= INDEX_MASK + 1u);
	s->slots = realloc(s->slots, capacity * sizeof(*s->slots));
	CHECK(s->slots != NULL);
	for (uint32_t i = s->capacity; i < capacity; i++)
		s->slots[i] = (struct slot){.next_free = i + 1 < capacity ? i + 2 : 0};
	s->free = s->capacity + 1;
	s->capacity = capacity;
}

int64_t slots_add(struct slots *s, void *item)
{
	struct slot *slot;
	uint32_t index;

	if (s->free == 0)
		grow(s);
	index = s->free - 1;
	slot = &s->slots[index];
	s->free = slot->next_free;
	slot->id = ++s->sequence << INDEX_BITS | index;
	slot->item = item;
	return slot->id;
}

static struct slot *find(const struct slots *s, int64_t id)
{
	uint32_t index = (uint32_t)(id & INDEX_MASK);

	return id > 0 && index < s->capacity && s->slots[index].id == id ? &s->slots[index] : NULL;
}

void *slots_find(const struct slots *s, int64_t id)
{
	struct slot *slot = find(s, id);

	return slot != NULL ? slot->item : NULL;
}

void slots_remove(struct slots *s, int64_t id)
{
	struct slot *slot = find(s, id);

	if (slot == NULL)
		return;
	*slot = (struct slot){.next_free = s->free};
	s->free = (uint32_t)(slot - s->slots) + 1;
}

void *slots_any(const struct slots *s)
{
	for (uint32_t i = 0; i < s->capacity; i++)
		if (s->slots[i].id != 0)
			return s->slots[i].item;
	return NULL;
}

void slots_finish(struct slots *s)
{
	free(s->slots);
	*s = (struct slots){0};
}
