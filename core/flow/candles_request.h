/* candles_request.h: one question about the past: what its answer has told so far, and what came live meanwhile. */
#ifndef AQ_FLOW_CANDLES_REQUEST_H
#define AQ_FLOW_CANDLES_REQUEST_H

#include "flow/candles_internal.h"

/* A trade, its time, and its number in the stream of its market; 0: it is of the past. */
struct past_trade {
	struct aq_trade t;
	int64_t at_ns;
	uint64_t seq;
	bool stored; /* it is from a store */
};

struct candle_request {
	uint64_t id;
	uint32_t instance, instrument, count;
	uint8_t interval;
	int64_t asked_ns;
	int64_t until_ns, last_ns; /* it ends without an answer: when nothing comes, and in any case */
	struct kline k;
	struct aq_kline *closed;   /* ring of the last `count` */
	struct past_trade *trades; /* likewise, with AQ_TRADES_ONLY */
	uint64_t told;             /* ever put into the ring */
	int64_t complete_ns;       /* the adapter has told all trades from then on; INT64_MAX: it has not answered */
	struct past_trade *held;   /* of now, while the past is told */
	uint32_t held_count, held_capacity;
	struct aq_kline *held_klines; /* of the venue, likewise */
	uint32_t held_kline_count, held_kline_capacity;
	/* what a store knows (candles_stored.c), oldest first; it is taken when what the adapter tells has come so far */
	struct aq_kline *stored_klines;
	struct past_trade *stored_trades;
	uint32_t stored_count, stored_next;
	int64_t stored_since_ns, stored_until_ns; /* complete between these; until INT64_MIN: there is none */
	struct candle_request *next;
};

/* ---- candles_stored.c ---- */

/* Takes what a store knows of before the adapter's record: by the time of that, or by the id of a trade. */
void candle_request_take_stored(struct flow *f, struct candle_request *r, int64_t at_ns, uint64_t id);
/* The adapter has told all from `since_ns` on: it is known since when all is. */
void candle_request_join(struct flow *f, struct candle_request *r, int64_t since_ns);
/* Between what the store and what the adapter knows something is missing: what was stored is not told, and only what begins
 * from this moment on is whole. INT64_MIN: nothing is missing. */
int64_t candle_request_torn_ns(const struct candle_request *r);
void candle_request_forget_stored(struct candle_request *r);
/* NULL: it has ended. */
struct candle_request *candle_request_find(const struct flow *f, uint64_t id);

/* A trade, or a candle of the venue, of the past. */
void candle_request_take(struct flow *f, struct candle_request *r, const struct past_trade *p);
void candle_request_take_kline(struct candle_request *r, const struct aq_kline *k);
/* One of now: it waits until the past is complete. */
void candle_request_hold(struct candle_request *r, const struct aq_trade *t, int64_t at_ns, uint64_t seq);
void candle_request_hold_kline(struct candle_request *r, const struct aq_kline *k);
/* Tells all of it, and from then on what comes. */
void candle_request_end(struct flow *f, struct candle_request *r, struct market *m);
void candle_request_free(struct candle_request *r);

#endif
