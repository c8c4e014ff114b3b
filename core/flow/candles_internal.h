/* candles_internal.h: what candles.c and candles_past.c share. */
#ifndef AQ_FLOW_CANDLES_INTERNAL_H
#define AQ_FLOW_CANDLES_INTERNAL_H

#include "flow/candles.h"
#include "flow/kline.h"

/* One interval of a market that somebody wants. */
struct candles {
	struct kline k;
	uint32_t *instances;
	uint32_t count;
	struct candles *next;
};

void candles_tell(struct flow *f, uint32_t instance, uint32_t instrument, const struct aq_kline *k, uint16_t flags);
/* The instance hears of them from now on; `known`: what its history has come to. */
void candles_add(struct flow *f, struct market *m, uint32_t instance, const struct kline *known);
/* A trade of now, for those who are still told the past. */
void candles_hold(struct flow *f, uint32_t instrument, const struct aq_trade *t, int64_t at_ns);
bool candles_awaited(const struct flow *f, uint32_t instrument);
/* Requests of an instance, AQ_ALL: of all. */
void candles_requests_forget(struct flow *f, uint32_t instance);
void candles_requests_tick(struct flow *f);

#endif
