/* walk.h: what a taker would meet, piece by piece: displayed quantity and resting orders, in the order of price, then
 * as they wait. It only looks; whoever acts on a piece begins a new walk. */
#ifndef SIM_VENUE_WALK_H
#define SIM_VENUE_WALK_H

#include "sim/venue/state.h"

struct sim_walk {
	const struct sim_venue *venue;
	const struct sim_side *side;
	const struct sim_rests *rests;
	uint32_t level, rest; /* how many of each are still to come */
	aq_qty left;          /* of the level in hand */
	aq_qty passed;        /* displayed quantity that has come at this price */
	int64_t limit;        /* key of the taker's price, SIM_NO_KEY = any price */
};

struct sim_piece {
	int64_t key;
	aq_qty qty;
	struct sim_order_row *maker; /* NULL: displayed quantity */
};

/* The side that a taker of `side` meets; price AQ_NONE = any price. */
void sim_walk_begin(
	struct sim_walk *w, const struct sim_venue *v, const struct sim_market *m, uint8_t side, aq_px price);
bool sim_walk_next(struct sim_walk *w, struct sim_piece *out);
/* What an order still wants, its position allowing. */
aq_qty sim_open_qty(const struct sim_venue *v, const struct sim_order_row *r);

static inline aq_px sim_price_of(int64_t key)
{
	return key < 0 ? -key : key;
}

#endif
