/* book.h: price levels of one market. Each side is a sorted array with its best level at the end, since most changes
 * happen there: a change near the best moves few bytes. Farther away a removed level stays as a hole (quantity 0), which
 * the next one that comes there fills: venues take away and set again what is far from the best all the time. */
#ifndef AQ_FLOW_BOOK_H
#define AQ_FLOW_BOOK_H

#include <aioquant/types.h>

struct book_side {
	struct aq_level *levels; /* worst first, best last; the last is no hole */
	uint32_t count, capacity; /* count: levels and holes */
	uint32_t holes;
	uint32_t last;           /* where the last change was */
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
