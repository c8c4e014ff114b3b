/* kline.h: candles out of trades, or out of a venue's shorter candles, by the venue's time; pure. All intervals are UTC: weeks begin on Monday, three and
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
/* Each candle of `interval` consists of whole ones of `piece`. */
bool kline_divides(uint8_t piece, uint8_t interval);

/* One candle being built. An interval without a trade gives none: the next one counts it in `empty`. */
struct kline {
	struct aq_kline now; /* see kline_begun */
	int64_t since_ns;    /* trades from then on are known: a candle that begins before is partial */
	int64_t last_end_ns; /* of the last closed one; INT64_MIN = none */
	uint64_t last_id;    /* of the last trade that was taken */
	int64_t last_ns;     /* and its time; INT64_MIN = none */
	int64_t told_ns;     /* end of the last candle of the venue that was taken; INT64_MIN = none */
	uint64_t late;       /* trades and the venue's candles that came when their candle was closed: left out */
};

/* Something has been traded in the one that is being built. How many trades that were a venue need not tell. */
static inline bool kline_begun(const struct kline *k)
{
	return k->now.open != 0;
}

void kline_init(struct kline *k, uint8_t interval, int64_t since_ns);
/* True when the trade has closed the candle before, which is in *closed. `value`: of the trade, in the quote currency.
 * A trade that was taken before, or that makes no sense, is passed over. */
bool kline_add(struct kline *k, const struct aq_trade *t, int64_t at_ns, struct aq_amt value, struct aq_kline *closed);
/* A venue may say anything of its candles, too. */
bool kline_makes_sense(const struct aq_kline *k);
/* The same with a closed candle of the venue, whose interval divides this one.
 * What it speaks of is told: trades of that time are late, and so is a candle of whose time something was told. */
bool kline_add_candle(struct kline *k, const struct aq_kline *piece, struct aq_kline *closed);
/* A venue's candles have told the one that is being built to its end. */
bool kline_complete(const struct kline *k);
/* No more trades of the candle are to be expected. False when there is none. */
bool kline_close(struct kline *k, struct aq_kline *closed);

#endif
