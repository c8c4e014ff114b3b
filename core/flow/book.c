/* book.c: see book.h. */
#include "flow/book.h"

#include "base/check.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define NEAR 16   /* levels from the best among which a removal closes the gap at once */
#define BESIDE 10  /* levels beside the last change that are looked at one by one */
#define HOLES 64  /* holes that a side may have besides one for each level */

static void side_init(struct book_side *side, uint32_t levels, int32_t sign)
{
	side->levels = calloc(levels, sizeof(*side->levels));
	CHECK(side->levels != NULL);
	side->capacity = levels;
	side->count = 0;
	side->holes = 0;
	side->last = 0;
	side->sign = sign;
}

void book_init(struct book *b, uint32_t levels)
{
	side_init(&b->bids, levels, 1);
	side_init(&b->asks, levels, -1);
}

void book_finish(struct book *b)
{
	free(b->bids.levels);
	free(b->asks.levels);
}

void book_clear(struct book *b)
{
	b->bids.count = b->bids.holes = b->bids.last = 0;
	b->asks.count = b->asks.holes = b->asks.last = 0;
}

static void side_grow(struct book_side *side)
{
	side->capacity *= 2;
	side->levels = realloc(side->levels, side->capacity * sizeof(*side->levels));
	CHECK(side->levels != NULL);
}

/* Prices as numbers of which the larger is the better: all bits of an ask's are turned over. */
static inline int64_t key_of(const struct book_side *side, aq_px price)
{
	return price ^ (side->sign > 0 ? 0 : -1);
}

/* First place in [low, high) whose level is not worse than `key`, else high: by halves, without a branch that could be
 * guessed wrong. */
static inline uint32_t search(const struct book_side *side, uint32_t low, uint32_t high, int64_t key)
{
	const struct aq_level *at = side->levels + low;

	for (size_t left = high - low; left > 0;) {
		size_t half = (left + 1) / 2;

		at += half & -(size_t)(key_of(side, at[half - 1].price) < key);
		left -= half;
	}
	return (uint32_t)(at - side->levels);
}

/* The same in the whole side. Levels of a delta follow each other, best first: the nearest ones are looked at one by one
 * from where the last change was, then more and more at once. */
static uint32_t place_of(const struct book_side *side, int64_t key)
{
	uint32_t from = side->last < side->count ? side->last : side->count, near = from > BESIDE ? from - BESIDE : 0;

	if (from < side->count && key_of(side, side->levels[from].price) < key)
		return search(side, from + 1, side->count, key);
	for (; from > near; from--)
		if (key_of(side, side->levels[from - 1].price) < key)
			return from;
	for (uint32_t n = 63; n < from; n = 16 * n + 15)
		if (key_of(side, side->levels[from - n - 1].price) < key)
			return search(side, from - n, from, key);
	return search(side, 0, from, key);
}

static void close_holes(struct book_side *side)
{
	uint32_t to = 0;

	for (uint32_t i = 0; i < side->count; i++)
		if (side->levels[i].qty != 0)
			side->levels[to++] = side->levels[i];
	side->count = to;
	side->holes = 0;
}

/* The last one is always a level. */
static void trim(struct book_side *side)
{
	while (side->count > 0 && side->levels[side->count - 1].qty == 0) {
		side->count--;
		side->holes--;
	}
}

static void remove_at(struct book_side *side, uint32_t at)
{
	if (side->count - at > NEAR) {
		side->levels[at].qty = 0;
		if (++side->holes > side->count / 2 + HOLES)
			close_holes(side);
		return;
	}
	side->count--;
	memmove(&side->levels[at], &side->levels[at + 1], (side->count - at) * sizeof(*side->levels));
	trim(side);
}

/* The hole next to the place between at - 1 and at, or count when the end is as near. */
static uint32_t hole_near(const struct book_side *side, uint32_t at)
{
	uint32_t right = at, left = at;

	if (side->holes == 0)
		return side->count;
	for (; right < side->count; right++) {
		if (side->levels[right].qty == 0)
			return right;
		if (left > 0 && side->levels[--left].qty == 0)
			return left;
	}
	return side->count;
}

/* What lies between its place and the next hole, or the end, moves by one. */
static void insert_at(struct book_side *side, uint32_t at, struct aq_level level)
{
	uint32_t hole = hole_near(side, at);

	if (hole < at) {
		memmove(&side->levels[hole], &side->levels[hole + 1], (--at - hole) * sizeof(*side->levels));
		side->holes--;
		side->levels[at] = level;
		return;
	}
	if (hole == side->capacity)
		side_grow(side);
	if (hole == side->count)
		side->count++;
	else
		side->holes--;
	memmove(&side->levels[at + 1], &side->levels[at], (hole - at) * sizeof(*side->levels));
	side->levels[at] = level;
}

void book_set(struct book_side *side, aq_px price, aq_qty qty)
{
	uint32_t at = place_of(side, key_of(side, price));
	struct aq_level *level = &side->levels[at];

	side->last = at;
	if (at == side->count || level->price != price) {
		if (qty > 0)
			insert_at(side, at, (struct aq_level){price, qty});
	} else if (qty > 0) {
		side->holes -= level->qty == 0;
		level->qty = qty;
	} else if (level->qty != 0) {
		remove_at(side, at);
	}
}

const struct aq_level *book_best(const struct book_side *side)
{
	return side->count > 0 ? &side->levels[side->count - 1] : NULL;
}

uint32_t book_copy(const struct book_side *side, struct aq_level *out, uint32_t n)
{
	uint32_t copied = 0;

	for (uint32_t i = side->count; i > 0 && copied < n; i--)
		if (side->levels[i - 1].qty != 0)
			out[copied++] = side->levels[i - 1];
	return copied;
}
