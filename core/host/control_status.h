/* control_status.h: what status tells and others, too. Inside of control only. */
#ifndef AQ_HOST_CONTROL_STATUS_H
#define AQ_HOST_CONTROL_STATUS_H

#include "host/host.h"

struct status_markets {
	uint32_t markets;
	uint32_t valid;    /* those whose book can be trusted, or is wanted by nobody */
	uint64_t gaps;
	int64_t newest_ns; /* arrival of the newest book; 0 = none */
};

/* live, paper, or replay */
const char *status_mode(const struct host *h);
/* The markets of an exchange that somebody wants. */
struct status_markets status_markets(const struct flow *f, uint32_t exchange);
/* What an account owns, at the last valid middles, and what open contracts have gained. False: a price is missing. */
bool status_equity(const struct flow *f, uint32_t account, struct aq_amt *out);
/* How far an account is in step with its venue. */
const char *status_step(const struct flow_account *a);

#endif
