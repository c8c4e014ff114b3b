/* book.c: see book.h. */
#include "flow/book.h"

#include "base/check.h"

#include <stdlib.h>
#include <string.h>

#define NEAR 12 /* levels from the best that are searched one by one */

static void side_init(struct book_side *side, uint32_t levels, int32_t sign)
{
	side->levels = calloc(levels, sizeof(*side->levels));
	CHECK(side->levels != NULL);
	side->capacity = levels;
	side->count = 0;
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
	b->bids.count = 0;
	b->asks.count = 0;
}

static void side_grow(struct book_side *side)
{
	side->capacity *= 2;
	side->levels = realloc(side->levels, side->capacity * sizeof(*side->levels));
	CHECK(side->levels != NULL);
}

/* Is `a` worse than `b` on this side? */
static inline int worse(const struct book_side *side, aq_px a, aq_px b)
{
	return side->sign > 0 ? a < b : a > b;
}

/* First place whose level is not worse than `price`. */
static uint32_t place_of(const struct book_side *side, aq_px price)
{
	uint32_t low = 0, high = side->count;

	for (uint32_t i = 0; i < NEAR && high > 0; i++, high--)
		if (worse(side, side->levels[high - 1].price, price))
			return high;
	while (low < high) {
		uint32_t middle = (low + high) / 2;

		if (worse(side, side->levels[middle].price, price))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void remove_at(struct book_side *side, uint32_t at)
{
	side->count--;
	memmove(&side->levels[at], &side->levels[at + 1], (side->count - at) * sizeof(*side->levels));
}

static void insert_at(struct book_side *side, uint32_t at, struct aq_level level)
{
	if (side->count == side->capacity)
		side_grow(side);
	memmove(&side->levels[at + 1], &side->levels[at], (side->count - at) * sizeof(*side->levels));
	side->levels[at] = level;
	side->count++;
}

void book_set(struct book_side *side, aq_px price, aq_qty qty)
{
	uint32_t at = place_of(side, price);
	int there = at < side->count && side->levels[at].price == price;

	if (there && qty > 0)
		side->levels[at].qty = qty;
	else if (there)
		remove_at(side, at);
	else if (qty > 0)
		insert_at(side, at, (struct aq_level){price, qty});
}

const struct aq_level *book_best(const struct book_side *side)
{
	return side->count > 0 ? &side->levels[side->count - 1] : NULL;
}

uint32_t book_copy(const struct book_side *side, struct aq_level *out, uint32_t n)
{
	n = n < side->count ? n : side->count;
	for (uint32_t i = 0; i < n; i++)
		out[i] = side->levels[side->count - 1 - i];
	return n;
}
