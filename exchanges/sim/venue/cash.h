/* cash.h: transfers and funding, at the times that the options give.
 *
 * Funding of a market pays rate x value of each position, longs to shorts when the rate is above zero, rounded toward
 * zero. The value is taken at the mark price of the latest funding frame of the market; without one at the middle of
 * the book; without that at the last trade; without any price there is no funding. Nothing stops a transfer from taking
 * a balance below zero.
 */
#ifndef SIM_VENUE_CASH_H
#define SIM_VENUE_CASH_H

#include "sim/venue/state.h"

/* Copies the options' lines, ordered by time. AQ_EINVAL: a line names what is not there. */
int sim_cash_create(struct sim_venue *v, const struct sim_venue_options *options, struct aq_err *err);
/* Time of the next one, INT64_MAX when there is none. */
int64_t sim_cash_next(const struct sim_venue *v);
/* All that are due at v->now_ns. */
void sim_cash_run(struct sim_venue *v);

#endif
