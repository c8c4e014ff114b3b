/* follow_split.h: where a strategy's profit comes from: spread captured at its fills, what the price did afterwards, fees.
 *
 * Spread captured is (middle - price) x quantity of each fill, a sale the other way round, at the last middle from before
 * the trade: the book that follows it already knows of it. What is left of the profit is what the price did. The parts
 * add up to the ledger's profit exactly. Amounts are in report_currency. */
#ifndef AQ_HOST_FOLLOW_SPLIT_H
#define AQ_HOST_FOLLOW_SPLIT_H

#include "flow/flow.h"

#define SPLIT_MIDDLES 128 /* at ten books a second more than the slowest answer of a venue */
#define SPLIT_DIGITS 2    /* behind the point of what a person is shown */

struct split_middle {
	int64_t venue_ns;
	aq_px middle2; /* bid + ask */
};

struct split {
	struct split_middle middles[SPLIT_MIDDLES]; /* a ring */
	uint32_t at, count;
	struct aq_amt spread;
	struct aq_amt before, fees_before; /* of the journal that it began with: profit, and the fees in it */
	bool begun;
};

struct split_parts {
	struct aq_amt before; /* profit that was there when it began */
	struct aq_amt spread, moved, fees; /* since then; fees > 0 are paid */
	struct aq_amt total;  /* before + spread + moved - fees: the ledger's profit */
};

/* From here on; the profit up to now is told apart. */
void split_begin(struct split *s, const struct flow *f, uint32_t instance);
/* The book of the market as it is now, noted for the fills that come. */
void split_note_middle(struct split *s, const struct market *m);
/* The middle (bid + ask) before a fill of that market; 0 = there was none. */
aq_px split_middle_before(const struct split *s, int64_t venue_ns);
/* A fill at that middle. */
void split_fill(struct split *s, const struct flow *f, const struct aq_fill *fill, aq_px middle2);
/* All that an instance has paid, at the prices of now. */
struct aq_amt split_fees(const struct flow *f, uint32_t instance);
struct aq_amt split_profit(const struct flow *f, uint32_t instance);
struct split_parts split_now(const struct split *s, const struct flow *f, uint32_t instance);
/* The parts cut to SPLIT_DIGITS so that they still add up to their total: what is cut off is the price's. */
struct split_parts split_shown(const struct split_parts *exact);

#endif
