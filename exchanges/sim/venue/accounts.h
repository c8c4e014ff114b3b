/* accounts.h: balances with locking, positions, fees.
 *
 * Spot: a buy locks price x open quantity of the quote asset, a sell locks its open quantity of the base asset; nothing
 * is locked for fees. The buyer pays its fee in the base asset out of what it gets, the seller in the quote asset.
 * Contracts: an order locks value / leverage for the part that would add to the position, a position locks |cost| /
 * leverage, fees and realised profit go to the settle asset. Unrealised profit counts for nothing and nothing is ever
 * liquidated. A fee is amount x rate, rounded toward zero at 10^-18; below zero it is a rebate.
 */
#ifndef SIM_VENUE_ACCOUNTS_H
#define SIM_VENUE_ACCOUNTS_H

#include "sim/venue/state.h"

/* What a quantity is worth: price x quantity in the quote asset; inverse contracts: quantity / price in the base asset.
 */
int sim_value(const struct aq_instrument *i, aq_px price, aq_qty qty, struct aq_amt *out);
/* Row of the position that an order of this account works on. */
struct sim_position_row *sim_position_of(const struct sim_venue *v, const struct sim_order_row *r);
/* How much of its position an order could still close. */
aq_qty sim_closable(const struct sim_venue *v, const struct sim_order_row *r);
/* The order may never add to its position: reduce_only, or the closing side of a hedged one. */
bool sim_only_reduces(const struct sim_order_row *r);
/* The asset that an order pays with. */
uint16_t sim_pays_with(const struct sim_venue *v, const struct sim_order_row *r);
/* What an order with `left` open at `price` has to lock. */
int sim_lock_needed(
	const struct sim_venue *v, const struct sim_order_row *r, aq_px price, aq_qty left, struct aq_amt *out);
/* total - locked. */
struct aq_amt sim_free(const struct sim_venue *v, uint32_t account, uint16_t asset);
/* Locks what the order needs now: nothing when it is final or a market order. */
void sim_relock(struct sim_venue *v, struct sim_order_row *r);
/* Adds to a balance (negative takes). */
void sim_credit(struct sim_venue *v, uint32_t account, uint16_t asset, struct aq_amt amount);
/* Books a fill: fee, balances, position. Fills fee, fee_asset and realised of the row. */
void sim_settle(struct sim_venue *v, struct sim_order_row *r, struct sim_fill_row *fill);
/* Marks rows as changed, for sim_say_touched. */
void sim_touch_asset(struct sim_venue *v, uint32_t account, uint16_t asset);
/* *sum += amount; an overflow leaves it and is remembered in v->overflow. */
void sim_add(struct sim_venue *v, struct aq_amt *sum, struct aq_amt amount);

#endif
