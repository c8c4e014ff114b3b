/* state.h: the whole of the venue, for the files of this folder.
 *
 * file + capture: the recorded market. book: what is displayed. orders: who waits where. accounts: money and positions.
 * match: trades, books and takers. requests: what the host asks. answers: what it is told. cash: funding and transfers.
 * venue: time. record: the judge's text.
 */
#ifndef SIM_VENUE_STATE_H
#define SIM_VENUE_STATE_H

#include "sim/venue/book.h"
#include "sim/venue/capture.h"
#include "sim/venue/orders.h"
#include "sim/venue/queue.h"

enum { SIM_SIDES = 3 }; /* position sides: net, long, short */

struct sim_asset_row {
	struct aq_amt total, locked;
	bool touched; /* the host has not been told yet */
	bool used;    /* ever: it is part of the account */
};

/* Average-cost method: closing n of d lots carries cost * n / d of the cost away, rounded toward zero. */
struct sim_position_row {
	aq_qty qty;         /* signed */
	struct aq_amt cost; /* signed like qty: what the open quantity cost */
	struct aq_amt realised;
	struct aq_amt locked; /* contracts: margin, |cost| / leverage */
	bool touched, used;
};

struct sim_account {
	char name[48];
	bool hedging;
	struct aq_amt fee_maker, fee_taker;
	uint32_t leverage;
	uint32_t wire;                      /* index at the host, 0 = it does not know this account */
	struct sim_asset_row *assets;       /* by asset index */
	struct sim_position_row *positions; /* (market - 1) * SIM_SIDES + position side - 1 */
};

struct sim_market {
	struct aq_instrument instrument; /* digits of the timeline, filters of the file being read */
	struct sim_book book;
	struct sim_rests rests[2];    /* [0] buys, [1] sells */
	uint16_t base, quote, settle; /* asset indices */
	aq_px last, mark;             /* AQ_NONE = none yet */
	bool candles_alone;           /* it has nothing that fills an order */
	uint32_t mask;                /* AQ_SUB_* of the host */
	uint64_t from[4];             /* per kind: number of the first frame that it gets */
};

/* A row of an account that the host has yet to be told of. */
struct sim_touch {
	uint32_t account;
	uint32_t row;
	bool position;
};

struct sim_flow_row {
	uint32_t account;
	int64_t time_ns;
	struct aq_cashflow flow;
};

struct sim_venue {
	struct sim_timeline timeline;
	struct sim_cursor now_at;  /* next frame that happens */
	struct sim_cursor feed_at; /* next frame that reaches the host; never before now_at */
	uint32_t file;             /* and round, in which the latest frame happened */
	uint64_t lap;
	int64_t now_ns;
	int64_t feed_ns, entry_ns, response_ns;
	bool owns_clock;

	struct sim_market *markets; /* index - 1 */
	uint32_t market_count;
	char (*assets)[16];
	uint32_t asset_count;
	struct sim_account *accounts;
	uint32_t account_count;
	struct sim_orders orders;

	struct sim_venue_cash *cash; /* by time */
	uint32_t cash_count, cash_done;
	struct sim_flow_row *flows;
	uint32_t flow_count, flow_capacity;

	struct sim_touch *touches;
	uint32_t touch_count;

	bool connected; /* a host has said hello and not gone */
	bool end_said;
	uint32_t wanted;                          /* markets of which the host wants anything */
	uint32_t reducers;                        /* resting orders that may only reduce */
	uint64_t events;                          /* number of the latest order or account frame */
	bool overflow;                            /* an amount did not fit; it stands as it was */
	struct sim_queue requests, answers, feed; /* feed: snapshots and instruments, due with the market frames */
	uint64_t *scratch;                        /* SIM_FRAME_MAX bytes: what is being emitted */
};

static inline struct sim_market *sim_market_at(const struct sim_venue *v, uint16_t market)
{
	return &v->markets[market - 1];
}

#endif
