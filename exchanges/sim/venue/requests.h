/* requests.h: what the host asks, once it has arrived at the venue. */
#ifndef SIM_VENUE_REQUESTS_H
#define SIM_VENUE_REQUESTS_H

#include "sim/venue/state.h"

/* SIM_PAST: in past.c. */
void sim_past(struct sim_venue *v, const struct sim_frame *frame);

#define SIM_NO_ACCOUNT UINT32_MAX

/* At once, since nothing can be said before it. */
void sim_hello(struct sim_venue *v, const struct sim_frame *frame);
/* SUBSCRIBE, PLACE, CANCEL, AMEND, QUERY, LIST. In the last five `account` is the venue's index (SIM_NO_ACCOUNT = the
 * venue has no such account) and `reserved` the host's. */
void sim_handle(struct sim_venue *v, const struct sim_frame *frame);
void sim_unsubscribe_all(struct sim_venue *v);
/* gtd orders whose time has come. */
void sim_expire(struct sim_venue *v);

/* Checks (checks.c). NULL, or what is wrong, and *code. */
const char *sim_check_form(const struct sim_venue *v, const struct sim_order_row *r, uint16_t *code);
const char *sim_check_filters(const struct sim_venue *v, const struct sim_order_row *r, uint16_t *code);
const char *sim_check_money(const struct sim_venue *v, struct sim_order_row *r, uint16_t *code);
/* The part of an order that would add to its position beyond what is there and what other open orders close already. */
aq_qty sim_opening(const struct sim_venue *v, const struct sim_order_row *r);

void sim_place(struct sim_venue *v, const struct sim_frame *frame);
void sim_amend(struct sim_venue *v, const struct sim_frame *frame);

#endif
