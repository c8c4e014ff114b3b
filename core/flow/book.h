/* book.h: price levels of one market. Each side is a sorted array with its best level at the end, since most changes
 * happen there: a change near the best moves few bytes. */
#ifndef AQ_FLOW_BOOK_H
#define AQ_FLOW_BOOK_H

#include <aioquant/types.h>

struct book_side {
	struct aq_level *levels; /* worst first, best last */
	uint32_t count, capacity;
	int32_t sign;            /* +1: higher is better (bids), -1: lower is better */
};

struct book {
	struct book_side bids, asks;
};

/* Room for `levels` a side; a side that outgrows it doubles (rare, and never shrinks). */
void book_init(struct book *b, uint32_t levels);
void book_finish(struct book *b);
void book_clear(struct book *b);
/* Sets the absolute quantity of a price; 0 removes it, and removing what is not there is normal. */
void book_set(struct book_side *side, aq_px price, aq_qty qty);
/* NULL when the side is empty. */
const struct aq_level *book_best(const struct book_side *side);
/* Copies the best `n` levels, best first; returns how many. */
uint32_t book_copy(const struct book_side *side, struct aq_level *out, uint32_t n);

#endif
