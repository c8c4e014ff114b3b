/* candles.h: the candles that instances want, out of the trades, or the venue's own candles, that a market's records bring;
 * and the past, which its adapter tells when it is asked.
 *
 * A candle is closed by the first trade of a later interval, by the venue's own candle that ends with it, or kline_grace
 * after its end. Whoever asks for history gets
 * the last closed candles (AQ_EV_HISTORICAL), AQ_EV_HISTORY, then live ones, without gap and without double: what is traded
 * while the adapter tells is held back until it has told all. */
#ifndef AQ_FLOW_CANDLES_H
#define AQ_FLOW_CANDLES_H

#include "flow/flow.h"

#define CANDLES_HISTORY_MAX 4096

void candles_finish(struct flow *f);
/* As market.history of the SDK. AQ_EINVAL, AQ_ENOENT. */
int32_t candles_check(const struct flow *f, uint32_t instrument, uint8_t interval, uint32_t count);
int32_t candles_want(struct flow *f, uint32_t instance, uint32_t instrument, uint8_t interval, uint32_t count);
/* All of an instance that is gone; all that it has of one market. */
void candles_forget(struct flow *f, uint32_t instance);
void candles_forget_market(struct flow *f, uint32_t instance, uint32_t instrument);
/* Some instance wants candles of this market, or waits for its past. */
bool candles_want_trades(const struct flow *f, const struct market *m);
/* The instance waits for past trades of the market: those of now are kept until it has been told. */
bool candles_keep_trades(const struct flow *f, uint32_t instance, const struct market *m);
/* The connection of an exchange is lost or back: of the candles that are being built then not all trades are known. */
void candles_venue(struct flow *f, uint32_t exchange, bool up);

/* What AQ_EV_PAST asks for an instance. False: nobody waits for it any more. */
struct candles_asked {
	uint32_t instance, instrument, count;
	uint8_t interval;
};
bool candles_asked(const struct flow *f, uint64_t request, struct candles_asked *out);
/* What a store knows of that past, before the adapter is asked: oldest first, each once, copied; nothing is missing from the
 * first to `until_ns`. Candles of the interval that was asked for, or shorter ones; trades have ids. */
void candles_stored_klines(struct flow *f, uint64_t request, const struct aq_kline *list, uint32_t count, int64_t until_ns);
struct candles_trade {
	struct aq_trade t;
	int64_t at_ns;
};
void candles_stored_trades(struct flow *f, uint64_t request, const struct candles_trade *list, uint32_t count);

/* Records of adapters: a trade of now, a candle that has closed now, one of either of the past, the end of the past. */
void candles_trade(struct flow *f, struct market *m, const struct aq_trade *t, int64_t venue_ns);
void candles_kline(struct flow *f, struct market *m, const struct aq_kline *k);
void candles_past(struct flow *f, const struct aq_event *record);
void candles_past_kline(struct flow *f, const struct aq_event *record);
void candles_history(struct flow *f, const struct aq_event *record);

int64_t candles_due_ns(const struct flow *f);
void candles_tick(struct flow *f);

#endif
