/* reconcile.h: after each start and reconnect, what the venue has is compared with what we know, and the venue wins.
 * Until that is done new orders and amends on the account are denied; cancels pass. */
#ifndef AQ_FLOW_RECONCILE_H
#define AQ_FLOW_RECONCILE_H

#include "flow/flow.h"

/* The venue can be reached, or no longer. */
void reconcile_venue(struct flow *f, uint32_t exchange, bool up);
/* Begins (again) for one account. */
void reconcile_start(struct flow *f, uint32_t account);
/* The same with fills from that time on, 0 = all, in this round or in the first that is not cut off. */
void reconcile_start_from(struct flow *f, uint32_t account, int64_t since_ns);
/* Records of adapters. */
void reconcile_begin(struct flow *f, uint32_t account);
/* A record of the list: the adapter is at it, nobody need ask again. */
void reconcile_alive(struct flow *f, uint32_t account);
/* A balance or position: when it is the list's, its fills and cash flows have been told. */
void reconcile_past_fills(struct flow *f, uint32_t account);
void reconcile_end(struct flow *f, uint32_t account);
void reconcile_position(struct flow *f, const struct aq_event *record);
/* A lookup has been answered: the account may be ready now. */
void reconcile_progress(struct flow *f, uint32_t account);
/* Asks again when an adapter has not answered. */
int64_t reconcile_due_ns(const struct flow *f);
void reconcile_tick(struct flow *f);
/* Where an account is not ready: what its strategies have resting elsewhere, once more where a cancel came to nothing. */
void reconcile_pull_again(struct flow *f);

#endif
