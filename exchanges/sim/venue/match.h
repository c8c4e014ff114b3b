/* match.h: who trades with whom.
 *
 * The book is displayed depth; orders of the accounts are not part of it. Price comes before time.
 * - An order that comes to rest waits behind the quantity displayed at its price (what orders of the accounts have
 * taken of it left out) and behind earlier orders of the accounts at that price. The displayed quantity ahead shrinks
 * by trades at that price only, never because the level shrinks: cancellations are taken to happen behind
 * (risk-averse).
 * - A trade of the capture at the price, by a taker of the other side (or of no known side), first uses up what is
 * ahead, then fills the orders in their turn. No part of its quantity is used twice.
 * - An order is filled wholly at its own price when a trade goes beyond that price, and when the best of the other side
 * of the book reaches it. A trade beyond uses its quantity for these orders first.
 * - A taker meets the displayed levels and the resting orders of all accounts in the order of price; at one price the
 *   displayed quantity ahead of an order comes before it, the rest of the level after it. What it takes of a level
 * stays taken until the capture speaks of that level again, and counts as traded there for those who wait.
 * - reduce-only fills no more than the position; what is left is cancelled when there is none.
 */
#ifndef SIM_VENUE_MATCH_H
#define SIM_VENUE_MATCH_H

#include "sim/venue/state.h"

void sim_match_trade(struct sim_venue *v, struct sim_market *m, const struct aq_trade *t);
/* After a change of the book. */
void sim_match_book(struct sim_venue *v, struct sim_market *m);
/* An accepted order takes what it can, then rests or ends. */
void sim_match_taker(struct sim_venue *v, struct sim_order_row *r);

/* What a taker would get, without doing it; stops at `want` (AQ_NONE: at `quote`). Returns the quantity. */
aq_qty sim_preview(const struct sim_venue *v, const struct sim_order_row *r, aq_qty want, struct aq_amt quote,
	struct aq_amt *value);
/* The order would trade at once at this price. */
bool sim_would_take(const struct sim_venue *v, const struct sim_order_row *r, aq_px price);
/* Into the queue at its price, behind all that is there. */
void sim_rest(struct sim_venue *v, struct sim_order_row *r);
void sim_unrest(struct sim_venue *v, struct sim_order_row *r);
/* Ends an order: out of its queue, unlocked. */
void sim_end_order(struct sim_venue *v, struct sim_order_row *r, uint8_t state, uint16_t code);
/* Cancels resting reduce-only orders that have nothing to reduce any more. */
void sim_sweep_reducers(struct sim_venue *v);

#endif
