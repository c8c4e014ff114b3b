/* market.h: extension "aq.draft.market/1", for strategies and services. All reads show the state as of the event in
 * hand and are copied into the caller's buffer. */
#ifndef AIOQUANT_MARKET_H
#define AIOQUANT_MARKET_H

#include "plugin.h"

#define AQ_MARKET_EXT "aq.draft.market/1"

/* What a subscription asks for: the same bits as in option flags. */
#define AQ_SUB_BOOK AQ_BOOK
#define AQ_SUB_TRADES AQ_TRADES
#define AQ_SUB_TICKER AQ_TICKER
#define AQ_SUB_FUNDING AQ_FUNDING
#define AQ_SUB_LATEST AQ_LATEST

struct aq_market_api {
	uint32_t size;
	uint32_t reserved;
	/* Adds these kinds of data. Events follow, beginning with the present state. AQ_ALL in place of an instrument, for
	 * services: of every market that another instance subscribes to, now or later, and AQ_EV_INSTRUMENT for each; with mask 0 that
	 * alone. It lasts when the other one ends. AQ_ENOENT, AQ_ESTATE, AQ_EINVAL, AQ_EAGAIN (too many services do so). [loop] */
	int32_t (*subscribe)(void *owner, uint32_t instrument, uint32_t mask);
	/* Takes these kinds away. No event of them comes after the running callback. [loop] */
	int32_t (*unsubscribe)(void *owner, uint32_t instrument, uint32_t mask);
	/* ACCOUNT:SYMBOL or EXCHANGE:SYMBOL. AQ_ENOENT. [loop] */
	int32_t (*resolve)(void *owner, const char *text, struct aq_market *out);
	/* out->size is set by the caller in all that follows. AQ_ENOENT. [loop] */
	int32_t (*instrument)(void *owner, uint32_t instrument, struct aq_instrument *out);
	int32_t (*top)(void *owner, uint32_t instrument, struct aq_top *out);
	/* Best `n` levels of a side, best first. Returns how many were written. [loop] */
	int32_t (*levels)(void *owner, uint32_t instrument, uint8_t side, struct aq_level *out, uint32_t n);
	/* AQ_ENOENT before the first trade. [loop] */
	int32_t (*last_trade)(void *owner, uint32_t instrument, struct aq_trade *out);
	/* The last `count` (at most 4096) closed candles of an interval, AQ_EV_HISTORICAL and oldest first, then AQ_EV_HISTORY
	 * with how many there were, then candles as they are built, without gap and without double: one AQ_EV_KLINE for each
	 * trade, and one with `closed`. With AQ_TRADES_ONLY the last trades, and a subscription to trades. From the capture, the
	 * store or the venue; in a replay only what was over by then. It lasts over reloads. AQ_EINVAL, AQ_ENOENT, AQ_ESTATE.
	 * [loop] */
	int32_t (*history)(void *owner, uint32_t instrument, uint8_t interval, uint32_t count);
};

#endif
