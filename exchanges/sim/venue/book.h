/* book.h: the displayed book of one market. Each side is an array of levels, worst first, so that what changes most
 * stands at the end. Prices are kept as keys: the price of a bid, the negated price of an ask. So a larger key is
 * always better, and a bid and an ask meet when their keys add up to zero or more. */
#ifndef SIM_VENUE_BOOK_H
#define SIM_VENUE_BOOK_H

#include "sim/frame.h"

#include <stdbool.h>

struct sim_level {
	int64_t key;
	aq_qty qty; /* as displayed; 0: a hole, which a removed level far from the best leaves for the next that comes there */
};

struct sim_side {
	struct sim_level *levels; /* the last is no hole */
	uint32_t count, capacity, holes; /* count: levels and holes */
	/* What orders of the accounts took of a level since the capture last spoke of it, in no order; usually none. */
	struct sim_level *taken;
	uint32_t taken_count, taken_capacity;
};

#define SIM_WAITING 1024 /* deltas kept for the first snapshot; a collector's snapshot comes within seconds */

struct sim_book {
	struct sim_side side[2]; /* [0] bids, [1] asks */
	uint64_t reaches;        /* update id that it stands at */
	bool ready;              /* a snapshot has been seen */
	/* Deltas that stand in the capture before the first snapshot: it may be older than the last of them. */
	const struct aq_book_update *waiting[SIM_WAITING];
	uint32_t waiting_count;
};

#define SIM_NO_KEY INT64_MIN

/* Index of a side: AQ_BUY -> bids. */
static inline int sim_side_of(uint8_t side)
{
	return side == AQ_SELL;
}

static inline int64_t sim_key(uint8_t side, aq_px price)
{
	return side == AQ_SELL ? -price : price;
}

/* 0 or AQ_ESPACE. */
int sim_book_create(struct sim_book *b);
void sim_book_destroy(struct sim_book *b);
/* A frame of the capture, which stays mapped. Deltas before the first snapshot wait for it, those older than the book
 * change nothing. Returns false when the book is as it was. Levels without room are left out (out of memory only). */
bool sim_book_apply(struct sim_book *b, const struct aq_book_update *u, uint64_t shift);
/* Closes the holes of a side. */
void sim_side_close(struct sim_side *s);
/* What is left at a key. */
aq_qty sim_side_available(const struct sim_side *s, int64_t key);
/* What is left of a level. */
aq_qty sim_level_left(const struct sim_side *s, const struct sim_level *level);
/* An order takes some of what is left at a key. */
void sim_side_take(struct sim_side *s, int64_t key, aq_qty qty);
/* The best key at which something is left, or SIM_NO_KEY. */
int64_t sim_side_best(const struct sim_side *s);

#endif
