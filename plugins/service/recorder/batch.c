/* batch.c: see batch.h. */
#include "batch.h"

#include <stdlib.h>
#include <string.h>

#define ALIGN(n) (((n) + 7) & ~(size_t)7)

bool batch_init(struct batch *b, uint32_t most, size_t longest)
{
	*b = (struct batch){.most = most, .room = most * ALIGN(longest)};
	b->bytes = malloc(b->room);
	b->records = calloc(most, sizeof(*b->records));
	return b->bytes != NULL && b->records != NULL;
}

void batch_free(struct batch *b)
{
	free(b->bytes);
	free(b->records);
	*b = (struct batch){0};
}

bool batch_add(struct batch *b, const struct batch_record *record, const void *bytes, uint32_t length)
{
	struct batch_record *r = &b->records[b->count];

	if (b->count == b->most || b->used + ALIGN(length) > b->room)
		return false;
	*r = *record;
	r->at = b->used;
	r->stored = false;
	memcpy(b->bytes + b->used, bytes, length);
	b->used += ALIGN(length);
	b->count++;
	return true;
}

uint32_t batch_whole(const struct batch *b, uint32_t most)
{
	uint32_t count = b->count < most ? b->count : most;

	for (uint32_t i = 1; i < count; i++)
		if (b->records[i].missing != 0)
			return i;
	return count;
}

void batch_drop(struct batch *b, uint32_t count)
{
	size_t from = count < b->count ? b->records[count].at : b->used;

	memmove(b->bytes, b->bytes + from, b->used - from);
	b->used -= from;
	b->count -= count;
	memmove(b->records, b->records + count, b->count * sizeof(*b->records));
	for (uint32_t i = 0; i < b->count; i++)
		b->records[i].at -= from;
}

void batch_is_stored(struct batch *b, uint32_t count, uint64_t number, int64_t time_ns)
{
	struct batch_record *first = &b->records[0];

	if (number >= first->missing && number < first->number && first->missing != 0)
		first->missing = number + 1 < first->number ? number + 1 : 0;
	for (uint32_t i = 0; i < count; i++)
		if (b->records[i].number == number && b->records[i].time_ns == time_ns)
			b->records[i].stored = true;
}
