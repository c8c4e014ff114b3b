/* kline.h: candles out of trades, by the venue's time; pure. All intervals are UTC: weeks begin on Monday, three and
 * fifteen days count from 1970-01-01, months and years are the calendar's. */
#ifndef AQ_FLOW_KLINE_H
#define AQ_FLOW_KLINE_H

#include <aioquant/event.h>
#include <stdbool.h>

/* Nothing is traded 146 years before or after 1970: every begin and end of a candle fits. */
#define KLINE_FAR_NS (INT64_MAX / 2)

bool kline_known(uint8_t interval);
/* "1m", "1mon"; "?" for an unknown one. */
const char *kline_name(uint8_t interval);
/* The begin of the candle that a moment falls into, and of the one behind a begin. */
int64_t kline_begin(uint8_t interval, int64_t at_ns);
int64_t kline_end(uint8_t interval, int64_t begin_ns);
/* The begin of the candle `count` before the one of a moment; INT64_MIN where that is before all time. */
int64_t kline_begin_before(uint8_t interval, int64_t at_ns, uint32_t count);

/* One candle being built. An interval without a trade gives none: the next one counts it in `empty`. */
struct kline {
	struct aq_kline now; /* trades = 0: none yet */
	int64_t since_ns;    /* trades from then on are known: a candle that begins before is partial */
	int64_t last_end_ns; /* of the last closed one; INT64_MIN = none */
	uint64_t last_id;    /* of the last trade that was taken */
	uint64_t late;       /* trades that came when their candle was closed: left out */
};

void kline_init(struct kline *k, uint8_t interval, int64_t since_ns);
/* True when the trade has closed the candle before, which is in *closed. `value`: of the trade, in the quote currency.
 * A trade that was taken before, or that makes no sense, is passed over. */
bool kline_add(struct kline *k, const struct aq_trade *t, int64_t at_ns, struct aq_amt value, struct aq_kline *closed);
/* No more trades of the candle are to be expected. False when there is none. */
bool kline_close(struct kline *k, struct aq_kline *closed);

#endif
