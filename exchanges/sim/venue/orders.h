/* orders.h: every order and every fill that the venue has seen, and which orders rest where.
 *
 * Orders and fills live in blocks that never move, so a pointer to one stays good; a new block is taken once in
 * thousands. They are kept to the end, since a query, a list or the record may ask for any of them.
 */
#ifndef SIM_VENUE_ORDERS_H
#define SIM_VENUE_ORDERS_H

#include "sim/frame.h"

#include <stdbool.h>

#define SIM_BLOCK 4096u
#define SIM_BLOCKS 16384u /* at most SIM_BLOCK x SIM_BLOCKS orders, as many fills */
#define SIM_NO_ORDER UINT32_MAX

struct sim_order_row {
	uint64_t id;       /* client order id */
	uint64_t priority; /* smaller = earlier in the queue */
	uint32_t number;   /* own index; its text is the venue's order id */
	uint32_t account;  /* index in the options */
	uint16_t market;
	uint8_t side, type, tif, position_side, post_only, reduce_only, self_trade, state;
	uint16_t code; /* enum aq_code: why rejected or ended */
	bool resting;
	aq_px price; /* AQ_NONE for market orders */
	aq_qty qty;  /* 0 = by quote_qty; set to what was filled when that is done */
	aq_qty filled;
	aq_qty ahead;             /* displayed quantity that has to trade at the price first */
	aq_qty opening;           /* contracts: part that adds to the position, filled last; margin is locked for it */
	struct aq_amt quote_left; /* market orders by amount: what is left of it */
	struct aq_amt quote_qty;
	struct aq_amt locked; /* of the asset that it pays with */
	struct aq_amt value;  /* sum of fill price x quantity */
	int64_t expiry_ns, placed_ns, ended_ns;
};

struct sim_fill_row {
	uint32_t order; /* number of the order */
	uint8_t liquidity;
	uint8_t reserved;
	uint16_t fee_asset;
	aq_px price;
	aq_qty qty, cumulative, ahead;
	struct aq_amt fee, realised;
	int64_t time_ns;
};

/* One entry of a side of a market's resting orders; like levels: larger keys are better, the best stand at the end. */
struct sim_rest {
	int64_t key;
	uint64_t priority;
	uint32_t order;
};
struct sim_rests {
	struct sim_rest *rest;
	uint32_t count, capacity;
};

struct sim_expiry {
	int64_t at_ns;
	uint32_t order;
};

struct sim_orders {
	struct sim_order_row **order_blocks;
	struct sim_fill_row **fill_blocks;
	uint32_t order_count, fill_count;
	uint32_t *slots; /* open addressing by (account, client order id): number + 1, 0 = empty */
	uint32_t slot_mask;
	struct sim_expiry *expiry; /* gtd orders that rest, latest first */
	uint32_t expiry_count, expiry_capacity;
	uint64_t priority;
};

int sim_orders_create(struct sim_orders *o);
void sim_orders_destroy(struct sim_orders *o);

static inline struct sim_order_row *sim_order_at(const struct sim_orders *o, uint32_t number)
{
	return &o->order_blocks[number / SIM_BLOCK][number % SIM_BLOCK];
}

static inline struct sim_fill_row *sim_fill_at(const struct sim_orders *o, uint32_t number)
{
	return &o->fill_blocks[number / SIM_BLOCK][number % SIM_BLOCK];
}

static inline bool sim_order_final(const struct sim_order_row *r)
{
	return r->state >= AQ_FILLED;
}

/* NULL when the venue holds as many as it can, or is out of memory. The id must not be known yet. */
struct sim_order_row *sim_order_add(struct sim_orders *o, uint32_t account, uint64_t id);
struct sim_order_row *sim_order_find(const struct sim_orders *o, uint32_t account, uint64_t id);
struct sim_fill_row *sim_fill_add(struct sim_orders *o);

/* Room for a few, so that the first orders of a market take no memory. */
int sim_rests_create(struct sim_rests *s);
/* Sorted by key, then by priority. AQ_ESPACE: out of memory. */
int sim_rest_add(struct sim_rests *s, int64_t key, const struct sim_order_row *r);
void sim_rest_remove(struct sim_rests *s, int64_t key, const struct sim_order_row *r);
int sim_expiry_add(struct sim_orders *o, const struct sim_order_row *r);
void sim_expiry_remove(struct sim_orders *o, const struct sim_order_row *r);

static inline int64_t sim_expiry_next(const struct sim_orders *o)
{
	return o->expiry_count == 0 ? INT64_MAX : o->expiry[o->expiry_count - 1].at_ns;
}

#endif
