/* book.c: sorted arrays of levels. */
#include "sim/venue/book.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_CAPACITY 8192u
#define NEAR 16u /* levels from the best that are searched one by one before halving */

int sim_book_create(struct sim_book *b)
{
	for (int i = 0; i < 2; i++) {
		b->side[i].levels = malloc(FIRST_CAPACITY * sizeof *b->side[i].levels);
		if (b->side[i].levels == NULL)
			return AQ_ESPACE;
		b->side[i].capacity = FIRST_CAPACITY;
	}
	return AQ_OK;
}

void sim_book_destroy(struct sim_book *b)
{
	free(b->side[0].levels);
	free(b->side[1].levels);
}

/* Index of the first level whose key is not below `key`. */
static uint32_t place_of(const struct sim_side *s, int64_t key)
{
	uint32_t high = s->count;
	for (uint32_t n = 0; n < NEAR; n++, high--)
		if (high == 0 || s->levels[high - 1].key < key)
			return high;
	uint32_t low = 0;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		if (s->levels[middle].key < key)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Doubles; a side starts larger than any book seen, so this is rare. */
static bool make_room(struct sim_side *s)
{
	if (s->count < s->capacity)
		return true;
	struct sim_level *more = realloc(s->levels, 2u * s->capacity * sizeof *more);
	if (more == NULL)
		return false;
	s->levels = more;
	s->capacity *= 2;
	return true;
}

static void set_level(struct sim_side *s, int64_t key, aq_qty qty)
{
	uint32_t at = place_of(s, key);
	struct sim_level *level = s->levels + at;
	bool there = at < s->count && level->key == key;
	if (qty == 0) {
		if (there)
			memmove(level, level + 1, (--s->count - at) * sizeof *level);
		return;
	}
	if (!there) {
		if (!make_room(s))
			return;
		level = s->levels + at;
		memmove(level + 1, level, (s->count++ - at) * sizeof *level);
		level->key = key;
	}
	level->shown = qty;
	level->taken = 0;
}

bool sim_book_apply(struct sim_book *b, const struct aq_book_update *u, uint64_t shift)
{
	const struct aq_level *level = AQ_BOOK_LEVELS(u);
	if (!u->snapshot && (!b->ready || u->reaches + shift < b->reaches))
		return false;
	if (u->snapshot) {
		b->side[0].count = b->side[1].count = 0;
		b->ready = true;
	}
	/* Backwards: a snapshot is best first, so each of its levels is added at the end. */
	for (uint32_t i = u->bids; i > 0; i--)
		set_level(&b->side[0], level[i - 1].price, level[i - 1].qty);
	for (uint32_t i = u->asks; i > 0; i--)
		set_level(&b->side[1], -level[u->bids + i - 1].price, level[u->bids + i - 1].qty);
	b->reaches = u->reaches + shift;
	return true;
}

struct sim_level *sim_side_find(const struct sim_side *s, int64_t key)
{
	uint32_t at = place_of(s, key);
	return at < s->count && s->levels[at].key == key ? &s->levels[at] : NULL;
}

aq_qty sim_side_available(const struct sim_side *s, int64_t key)
{
	const struct sim_level *level = sim_side_find(s, key);
	return level == NULL ? 0 : level->shown - level->taken;
}

int64_t sim_side_best(const struct sim_side *s)
{
	for (uint32_t i = s->count; i > 0; i--)
		if (s->levels[i - 1].shown > s->levels[i - 1].taken)
			return s->levels[i - 1].key;
	return SIM_NO_KEY;
}
