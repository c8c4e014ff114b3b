/* candles_internal.h: what the files of candles share. */
#ifndef AQ_FLOW_CANDLES_INTERNAL_H
#define AQ_FLOW_CANDLES_INTERNAL_H

#include "flow/candles.h"
#include "flow/kline.h"

/* A venue's clock may be ahead of ours. A stamp further on is none: its candle would be the last one until then. */
#define CANDLES_AHEAD_NS 300000000000ll

/* Who hears of candles. */
struct candle_listener {
	uint32_t instance;
	int64_t from_ns; /* of those that begin before, its history has told */
};

/* One interval of a market that somebody wants. */
struct candles {
	struct kline k;
	struct candle_listener *listeners;
	uint32_t count;
	bool none_said; /* that the venue's candles are longer */
	struct candles *next;
};

void candles_tell(struct flow *f, uint32_t instance, uint32_t instrument, const struct aq_kline *k, uint16_t flags);
/* The instance hears of them from now on; `known`: what its history has come to. */
void candles_add(struct flow *f, struct market *m, uint32_t instance, const struct kline *known);
/* It hears of none until candles_add: its history will tell those of now, too. */
void candles_pause(struct market *m, uint8_t interval, uint32_t instance);
/* Its time is over: no more trades are waited for. */
bool candles_is_over(const struct flow *f, const struct kline *k);
/* A trade, or a candle, of now, for those who are still told the past. */
void candles_hold(struct flow *f, const struct market *m, const struct aq_trade *t, int64_t at_ns);
void candles_hold_kline(struct flow *f, const struct market *m, const struct aq_kline *k);
bool candles_awaited(const struct flow *f, uint32_t instrument);
/* Requests of an instance, AQ_ALL: of all; about an instrument, 0: about any. */
void candles_requests_forget(struct flow *f, uint32_t instance, uint32_t instrument);
void candles_requests_tick(struct flow *f);
/* The connection of an exchange is back: what was asked over the one before is asked anew. */
void candles_requests_again(struct flow *f, uint32_t exchange);

#endif
