/* replay_store.h: what a recorder has kept in a store, as a capture that a simulated venue plays.
 *
 * Of each market the books and the trades, in the order of time; where there are no trades, the candles of the shortest
 * interval that was recorded. Trades of a moment come before the book of it, which knows them. */
#ifndef AQ_HOST_REPLAY_STORE_H
#define AQ_HOST_REPLAY_STORE_H

#include "host/sim_options.h"

struct host;

/* Reads what `o` names between its start and its end, and names the capture in its place: STATE_DIR/replay/EXCHANGE-1.aqc,
 * written anew. Nothing to do when it names no store. 0 or an error; then no capture is left. */
int replay_store(struct host *h, const char *exchange, struct sim_options *o, struct aq_err *err);

#endif
