/* answers.h: frames for the host. Each order or account frame takes the next event number, also when no host is there
 * to hear it: a gap tells the host what it has missed. Nothing is queued without a host. */
#ifndef SIM_VENUE_ANSWERS_H
#define SIM_VENUE_ANSWERS_H

#include "sim/venue/state.h"

/* What became of an order: answers = enum aq_request or 0. */
void sim_say_order(struct sim_venue *v, const struct sim_order_row *r, uint8_t update, uint8_t answers, uint16_t code,
	const char *text);
/* The same about an order that the venue does not have; `wire` is the host's index of the account. */
void sim_say_no_order(struct sim_venue *v, uint32_t wire, uint64_t order, uint8_t update, uint8_t answers,
	uint16_t code, const char *text);
void sim_say_fill(struct sim_venue *v, uint32_t number);
void sim_say_flow(struct sim_venue *v, const struct sim_flow_row *flow);
void sim_say_balance(struct sim_venue *v, uint32_t account, uint32_t asset);
void sim_say_position(struct sim_venue *v, uint32_t account, uint32_t row);
/* Balances and positions that have changed since the last call, each once. */
void sim_say_touched(struct sim_venue *v);
void sim_say_list(struct sim_venue *v, uint16_t type, uint32_t wire, int64_t since_ns);
/* WELCOME and the instruments, at once. */
void sim_say_welcome(struct sim_venue *v, bool resumed);
void sim_say_instrument(struct sim_venue *v, const struct sim_market *m);
/* The book as it stands, as if the capture had spoken of it now. */
void sim_say_snapshot(struct sim_venue *v, struct sim_market *m);
void sim_say_end(struct sim_venue *v);

/* The venue's id of an order as text. */
void sim_order_text(uint32_t number, char *out, size_t size);

#endif
