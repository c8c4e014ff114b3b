/* download.h: the state as events: what an instance gets after every start (first start, reload, restart, gap). One
 * path for all: DOWNLOAD_BEGIN, instruments, orders, fills since its last save, positions, balances, books,
 * DOWNLOAD_END; for an adapter accounts, instruments, subscriptions, orders. */
#ifndef AQ_FLOW_DOWNLOAD_H
#define AQ_FLOW_DOWNLOAD_H

#include "flow/flow.h"

/* Queues the download of an instance. `fills_after`: number of the last fill that its saved state knows; UINT64_MAX = it
 * wants none. */
void download_strategy(struct flow *f, uint32_t instance, uint64_t fills_after);
void download_exchange(struct flow *f, uint32_t instance);
/* Between: connections that are open (the host knows them). */
void download_begin(struct flow *f, uint32_t instance);
void download_end(struct flow *f, uint32_t instance);
void download_account(struct flow *f, uint32_t exchange, const struct aq_account *account, uint16_t flags);

#endif
