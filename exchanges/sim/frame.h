/* frame.h: what the simulated venue and its adapter say to each other, and what a capture file holds.
 *
 * A stream of frames, little-endian, each a multiple of 8 bytes, no gaps. Prices and quantities are scaled by the digits
 * of the instrument frame with the same index. The same market frames stand in a capture file and travel to the host.
 * A capture file is CAPTURE, then INSTRUMENT frames, then market frames whose time_ns never goes back.
 */
#ifndef SIM_FRAME_H
#define SIM_FRAME_H

#include <aioquant/event.h>

#define SIM_VERSION 2
#define SIM_CAPTURE_MAGIC "AQCAP01\n"
#define SIM_FRAME_MAX ((uint32_t)(AQ_EVENT_MAX - sizeof(struct aq_event))) /* a frame, and its record, fit an event */
#define SIM_MARKETS_MAX 1024u              /* instruments of one venue */
#define SIM_ACCOUNTS_MAX 256u              /* names in one hello */

struct sim_frame {
	uint32_t size;     /* of the whole frame */
	uint16_t type;     /* enum sim_type */
	uint16_t market;   /* instrument index, from 1; 0 = none */
	int64_t time_ns;   /* capture: when it reached the collector (shifted). To the host: when it arrives there. From the
	                      host: when it left there */
	int64_t venue_ns;  /* the venue's time; 0 = not given */
	uint64_t seq;      /* capture: line number in the source. Orders and accounts: the venue's event number. */
};

enum sim_type {
	SIM_CAPTURE = 1,    /* [sim_capture] first frame of a file */
	SIM_INSTRUMENT = 2, /* [aq_instrument] with id = index */
	SIM_BOOK = 3,       /* [aq_book_update, levels] */
	SIM_TICKER = 4,     /* [aq_ticker] */
	SIM_TRADE = 5,      /* [aq_trade] */
	SIM_FUNDING = 6,    /* [aq_funding] */
	SIM_KLINE = 7,      /* [aq_kline] closed, `empty` 0; time_ns is its end: nothing of it is known before */
	/* host to venue */
	SIM_HELLO = 20,     /* [sim_hello] */
	SIM_SUBSCRIBE = 21, /* [sim_subscribe] */
	SIM_PLACE = 22,     /* [sim_request] */
	SIM_CANCEL = 23,    /* [sim_request] */
	SIM_AMEND = 24,     /* [sim_request] */
	SIM_QUERY = 25,     /* [sim_request] */
	SIM_LIST = 26,      /* [sim_list] */
	SIM_DONE = 27,      /* [sim_done] the host has finished this moment */
	SIM_MOVE = 28,      /* the first frame of a second connection: the host that has the first one will go on by this.
	                       It closes the first when it has read MOVED, the last frame there, and all that the venue has
	                       to say from then on comes by the second */
	SIM_PAST = 29,      /* [sim_past] asks for trades, or candles, of the past */
	/* venue to host */
	SIM_WELCOME = 40,   /* [sim_welcome] answer to HELLO, then INSTRUMENT frames */
	SIM_ORDER = 41,     /* [sim_order]: with aq_order_update */
	SIM_FILL = 42,      /* [sim_fill] */
	SIM_BALANCE = 43,   /* [sim_balance] absolute */
	SIM_POSITION = 44,  /* [sim_position] absolute, contracts only */
	SIM_CASHFLOW = 45,  /* [sim_cashflow] */
	SIM_LIST_BEGIN = 46,/* [sim_list] */
	SIM_LIST_END = 47,  /* [sim_list] */
	SIM_TICK = 48,      /* with owns_clock: the last frame of a moment, alone when a timer of the host is due. All of the
	                       moment has been said, DONE is awaited */
	SIM_END = 49,       /* the capture has ended */
	SIM_MOVED = 50,     /* answer to MOVE */
	SIM_PAST_TRADE = 51,/* [aq_trade] seq: the request */
	SIM_PAST_END = 52,  /* [sim_past] since_ns: from then on all were told */
	SIM_PAST_KLINE = 53 /* [aq_kline] seq: the request */
};

struct sim_capture {
	char magic[8];
	uint32_t version;
	uint32_t instruments;
	uint64_t frames;    /* market frames that follow; 0 = unknown */
	int64_t first_ns, last_ns;
	int64_t shift_ns;   /* what was added to the collector's stamps */
	char source[64];    /* e.g. "binance BTCUSDT 2024-08-08" */
};

struct sim_subscribe {
	uint32_t mask; /* AQ_SUB_* wanted now */
	uint32_t reserved;
};

struct sim_hello {
	uint32_t version;
	uint32_t accounts;      /* how many names follow */
	uint64_t latest_event;  /* of the venue's event numbers that the host has seen; 0 = none */
	/* then `accounts` x char[48]; account index on the wire = position from 1 */
};

struct sim_welcome {
	uint32_t version;
	uint32_t instruments;
	int64_t now_ns;         /* the venue's clock */
	uint8_t owns_clock;     /* 1: lockstep; the venue waits for DONE after each moment */
	uint8_t resumed;        /* 1: this host was greeted before and nothing was lost: its subscriptions stand */
	uint8_t reserved[6];
};

struct sim_request { /* PLACE, CANCEL, AMEND, QUERY */
	uint32_t account;  /* index of the hello */
	uint32_t reserved;
	uint64_t order;    /* client order id */
	aq_px price;       /* AQ_NONE = market order, or unchanged in an amend */
	aq_qty qty;
	struct aq_amt quote_qty;
	int64_t expiry_ns;
	uint8_t side, type, tif, position_side, post_only, reduce_only, margin_mode, self_trade;
};

struct sim_list {
	uint32_t account;
	uint32_t reserved;
	int64_t since_ns;   /* fills and cash flows at this time or later, by the venue's time */
};

struct sim_past {
	int64_t since_ns;   /* by the venue's time */
	uint64_t count;     /* at most so many, the last ones. UINT32_MAX asks for candles, too; fewer are trades alone */
	uint64_t request;
};

struct sim_done {
	int64_t next_timer_ns; /* INT64_MAX = none */
};

struct sim_order {
	uint32_t account;
	uint32_t reserved;
	struct aq_order_update update;
};

struct sim_fill {
	uint32_t account;
	uint32_t reserved;
	struct aq_fill fill; /* account, instrument, instance, tag are 0 */
};

struct sim_balance {
	uint32_t account;
	uint32_t reserved;
	char asset[16];
	struct aq_amt total, locked;
};

struct sim_position {
	uint32_t account;
	uint8_t position_side, margin_mode;
	uint8_t reserved[2];
	aq_qty qty;         /* signed */
	struct aq_amt cost;
};

struct sim_cashflow {
	uint32_t account;
	uint32_t reserved;
	struct aq_cashflow flow;
};

#define SIM_BODY(type, frame) ((const struct type *)(const void *)((const struct sim_frame *)(frame) + 1))

#endif
