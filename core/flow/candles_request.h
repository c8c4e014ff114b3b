/* candles_request.h: one question about the past: what its answer has told so far, and what came live meanwhile. */
#ifndef AQ_FLOW_CANDLES_REQUEST_H
#define AQ_FLOW_CANDLES_REQUEST_H

#include "flow/candles_internal.h"

/* A trade, its time, and its number in the stream of its market; 0: it is of the past. */
struct past_trade {
	struct aq_trade t;
	int64_t at_ns;
	uint64_t seq;
};

struct candle_request {
	uint64_t id;
	uint32_t instance, instrument, count;
	uint8_t interval;
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
	struct candle_request *next;
};

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
