/* book.c: sorted arrays of levels. */
#include "sim/venue/book.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_CAPACITY 8192u
#define BESIDE 10u /* levels behind the one before that are looked at one by one */
#define NEAR 16u   /* levels from the best among which a removal closes the gap at once */
#define HOLES 64u  /* holes that a side may have besides one for each level */

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
	for (int i = 0; i < 2; i++) {
		free(b->side[i].levels);
		free(b->side[i].taken);
	}
}

/* Index of the first level in [low, high) whose key is not below `key`, else high. By halves, without a branch that could
 * be guessed wrong. */
static uint32_t search(const struct sim_side *s, uint32_t low, uint32_t high, int64_t key)
{
	const struct sim_level *at = s->levels + low;
	for (size_t left = high - low; left > 0;) {
		size_t half = (left + 1) / 2;
		at += half & -(size_t)(at[half - 1].key < key);
		left -= half;
	}
	return (uint32_t)(at - s->levels);
}

/* The same in the whole side. Levels of an update mostly follow each other: the nearest ones behind `hint` are looked at
 * one by one, then more and more at once. */
static uint32_t place_of(const struct sim_side *s, uint32_t hint, int64_t key)
{
	if (hint > s->count)
		hint = s->count;
	if (hint > 0 && s->levels[hint - 1].key >= key)
		return search(s, 0, hint, key);
	uint32_t near = s->count - hint > BESIDE ? hint + BESIDE : s->count;
	for (; hint < near; hint++)
		if (s->levels[hint].key >= key)
			return hint;
	for (uint32_t n = 63; n < s->count - hint; n = 16 * n + 15)
		if (s->levels[hint + n].key >= key)
			return search(s, hint, hint + n, key);
	return search(s, hint, s->count, key);
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

/* The capture speaks of a level: nothing of it is taken any more. */
static void give_back(struct sim_side *s, int64_t key)
{
	for (uint32_t i = s->taken_count; i > 0; i--)
		if (s->taken[i - 1].key == key)
			s->taken[i - 1] = s->taken[--s->taken_count];
}

void sim_side_close(struct sim_side *s)
{
	uint32_t to = 0;
	for (uint32_t i = 0; i < s->count; i++)
		if (s->levels[i].qty != 0)
			s->levels[to++] = s->levels[i];
	s->count = to;
	s->holes = 0;
}

/* Near the best the gap is closed, else a hole stays. */
static void remove_level(struct sim_side *s, uint32_t at)
{
	if (s->count - at <= NEAR) {
		memmove(s->levels + at, s->levels + at + 1, (--s->count - at) * sizeof *s->levels);
		for (; s->count > 0 && s->levels[s->count - 1].qty == 0; s->count--)
			s->holes--;
		return;
	}
	s->levels[at].qty = 0;
	if (++s->holes > s->count / 2 + HOLES)
		sim_side_close(s);
}

/* The hole next to the place between at - 1 and at, or count when the end is as near. */
static uint32_t hole_near(const struct sim_side *s, uint32_t at)
{
	uint32_t before = at;
	if (s->holes == 0)
		return s->count;
	for (uint32_t i = at; i < s->count; i++) {
		if (s->levels[i].qty == 0)
			return i;
		if (before > 0 && s->levels[--before].qty == 0)
			return before;
	}
	return s->count;
}

/* What lies between its place and the next hole, or the end, moves by one. */
static void insert_level(struct sim_side *s, uint32_t at, struct sim_level level)
{
	uint32_t hole = hole_near(s, at);
	if (hole == s->count && !make_room(s))
		return;
	if (hole < at) {
		at--;
		memmove(s->levels + hole, s->levels + hole + 1, (at - hole) * sizeof level);
	} else {
		memmove(s->levels + at + 1, s->levels + at, (hole - at) * sizeof level);
	}
	if (hole == s->count)
		s->count++;
	else
		s->holes--;
	s->levels[at] = level;
}

/* Returns where the level stands, or would. */
static uint32_t set_level(struct sim_side *s, uint32_t hint, int64_t key, aq_qty qty)
{
	uint32_t at = place_of(s, hint, key);
	struct sim_level *level = s->levels + at;
	if (s->taken_count > 0)
		give_back(s, key);
	if (at == s->count || level->key != key) {
		if (qty > 0)
			insert_level(s, at, (struct sim_level){.key = key, .qty = qty});
	} else if (qty > 0) {
		s->holes -= level->qty == 0;
		level->qty = qty;
	} else if (level->qty != 0) {
		remove_level(s, at);
	}
	return at;
}

static void begin(struct sim_book *b)
{
	b->side[0].count = b->side[1].count = 0;
	b->side[0].holes = b->side[1].holes = 0;
	b->side[0].taken_count = b->side[1].taken_count = 0;
	b->ready = true;
}

/* Backwards: levels mostly stand best first, so each comes behind the one before, in a snapshot at the end. */
static void set_levels(struct sim_book *b, const struct aq_book_update *u)
{
	const struct aq_level *level = AQ_BOOK_LEVELS(u);
	uint32_t hint = 0;
	for (uint32_t i = u->bids; i > 0; i--)
		hint = set_level(&b->side[0], hint, level[i - 1].price, level[i - 1].qty);
	hint = 0;
	for (uint32_t i = u->asks; i > 0; i--)
		hint = set_level(&b->side[1], hint, -level[u->bids + i - 1].price, level[u->bids + i - 1].qty);
}

static void apply_waiting(struct sim_book *b, uint64_t shift)
{
	for (uint32_t i = 0; i < b->waiting_count; i++) {
		const struct aq_book_update *u = b->waiting[i];
		if (u->reaches + shift <= b->reaches)
			continue;
		set_levels(b, u);
		b->reaches = u->reaches + shift;
	}
	b->waiting_count = 0;
}

bool sim_book_apply(struct sim_book *b, const struct aq_book_update *u, uint64_t shift)
{
	if (!u->snapshot && !b->ready) {
		if (b->waiting_count < SIM_WAITING)
			b->waiting[b->waiting_count++] = u;
		return false;
	}
	if (!u->snapshot && u->reaches + shift < b->reaches)
		return false;
	if (u->snapshot)
		begin(b);
	set_levels(b, u);
	b->reaches = u->reaches + shift;
	if (u->snapshot)
		apply_waiting(b, shift);
	return true;
}

aq_qty sim_level_left(const struct sim_side *s, const struct sim_level *level)
{
	for (uint32_t i = 0; i < s->taken_count; i++)
		if (s->taken[i].key == level->key)
			return level->qty - s->taken[i].qty;
	return level->qty;
}

aq_qty sim_side_available(const struct sim_side *s, int64_t key)
{
	uint32_t at = place_of(s, s->count, key);
	return at < s->count && s->levels[at].key == key ? sim_level_left(s, &s->levels[at]) : 0;
}

void sim_side_take(struct sim_side *s, int64_t key, aq_qty qty)
{
	for (uint32_t i = 0; i < s->taken_count; i++)
		if (s->taken[i].key == key) {
			s->taken[i].qty += qty;
			return;
		}
	if (s->taken_count == s->taken_capacity) {
		uint32_t capacity = s->taken_capacity == 0 ? 64 : 2 * s->taken_capacity;
		struct sim_level *more = realloc(s->taken, capacity * sizeof *more);
		if (more == NULL)
			return;
		s->taken = more;
		s->taken_capacity = capacity;
	}
	s->taken[s->taken_count++] = (struct sim_level){.key = key, .qty = qty};
}

int64_t sim_side_best(const struct sim_side *s)
{
	for (uint32_t i = s->count; i > 0; i--)
		if (s->taken_count == 0 || sim_level_left(s, &s->levels[i - 1]) > 0)
			return s->levels[i - 1].key;
	return SIM_NO_KEY;
}
