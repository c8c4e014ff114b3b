/* standing.h: what an operator, or a policy, has said of an instance, an account or the whole host: go on, close only,
 * pause, halt, flatten, quarantine.
 *
 * A standing is a fact: it is journalled with who and why, and lasts over reload, crash and restart until it is lifted.
 * It denies new orders at the gate, takes out the orders that rest, and goes on doing so until the venue has said that
 * none is left: for an account or the host by a list of its own that has none. `flatten` then closes the positions. */
#ifndef AQ_FLOW_STANDING_H
#define AQ_FLOW_STANDING_H

#include "flow/flow.h"

/* In `who` of a flatten: it ends by itself when it has done all, for an instance that has been stopped. */
#define STANDING_ON_STOP "on_stop"

enum standing_state {
	STANDING_RUN = 0,
	STANDING_CLOSE_ONLY = 1, /* orders that bring a position nearer to zero pass */
	STANDING_PAUSE = 2,
	STANDING_HALT = 3,
	STANDING_FLATTEN = 4,
	STANDING_QUARANTINE = 5, /* an instance that crashed: it does not run until it is released */
	STANDING_STATES = 6
};

/* What a quarantine does to the orders that the instance has left. */
enum standing_orders { STANDING_CANCEL = 0, STANDING_LEAVE = 1, STANDING_CLOSE = 2 };

/* Is it an order that closes a position on an operator's word? Those end by themselves. */
bool standing_closed_by(const struct aq_order *o);

bool standing_fits(const struct flow *f, const struct fact_standing *fact);
void standing_apply(struct flow *f, const struct fact_standing *fact);

/* Journals it, and begins: orders leave with the next tick. AQ_EFORMAT when it makes no sense, AQ_ESPACE when the journal
 * is full (it holds all the same, but would not survive a restart). */
int standing_set(struct flow *f, const struct fact_standing *fact);
/* NULL for an unknown scope. */
const struct standing *standing_find(const struct flow *f, enum flow_scope scope, uint32_t id);
const char *standing_name(uint8_t state);
/* The strictest of what holds for an instance's orders on an account. */
uint8_t standing_of(const struct flow *f, uint32_t instance, uint32_t account);
/* It has done what it can do: orders gone as the venue says, with flatten the positions too. */
bool standing_is_done(const struct standing *s);
/* A flatten at a stop. */
bool standing_ends_itself(const struct standing *s);
/* Something has happened that a standing may wait for. */
void standing_look_soon(struct flow *f);
/* Takes out an order that a standing does not want, once it can be cancelled. */
void standing_order_rests(struct flow *f, struct order *order);
/* What a strategy is told of a state: an enum aq_trouble_kind, 0 = nothing. */
uint16_t standing_trouble(uint8_t state);

void standing_tick(struct flow *f);

typedef int standing_sink(void *context, const struct fact_standing *fact);
int standing_snapshot(const struct flow *f, standing_sink *sink, void *context);

#endif
