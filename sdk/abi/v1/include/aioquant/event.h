/* event.h: every event that on_event gets, and every record that an adapter emits.
 *
 * An event is this header followed by at most 64 KiB of its own bytes; it holds no pointers and is valid until the
 * callback returns. A plugin must ignore types it does not know (the host sends none that its minor lacks).
 *
 * Events between DOWNLOAD_BEGIN and DOWNLOAD_END carry AQ_EV_DOWNLOADED and no seq: they tell the state, not news.
 * A download comes after every start: first start, reload, restart, gap.
 */
#ifndef AIOQUANT_EVENT_H
#define AIOQUANT_EVENT_H

#include "types.h"

struct aq_event {
	uint32_t size;       /* of header and body, a multiple of 8, at most AQ_EVENT_MAX */
	uint16_t type;       /* enum aq_event_type */
	uint16_t flags;      /* AQ_EV_* */
	uint32_t instrument; /* 0 = none */
	uint32_t account;    /* 0 = none */
	uint64_t seq;        /* per instrument for market data, per instance for the rest; 0 = none */
	uint64_t tag;        /* the tag of the call or order that this answers, else 0 */
	int64_t time_ns;     /* arrival of the bytes that caused it; the value of now during the callback */
	int64_t venue_ns;    /* the venue's own time, 0 = it gives none */
};
#define AQ_EVENT_MAX (64u * 1024u)

#define AQ_EV_DOWNLOADED 1u /* part of a download */
#define AQ_EV_HISTORICAL 2u
#define AQ_EV_MORE 4u       /* adapter: another record of the same bytes follows */

enum aq_event_type {
	/* life, to every kind; body in brackets, none = header only */
	AQ_EV_DOWNLOAD_BEGIN = 1,
	AQ_EV_DOWNLOAD_END = 2,
	AQ_EV_TIMER = 3,        /* tag: the timer's */
	AQ_EV_POST = 4,         /* [bytes given to post] */
	AQ_EV_WAKE = 5,
	AQ_EV_CONF = 6,         /* live options have new values: the host has filled the fields */
	AQ_EV_TROUBLE = 7,      /* [aq_trouble] */
	/* market, to who subscribed */
	AQ_EV_INSTRUMENT = 20,  /* [aq_instrument] new or changed; also emitted by adapters through feed.instrument */
	AQ_EV_BOOK = 21,        /* [aq_book] the book has changed */
	AQ_EV_TICKER = 22,      /* [aq_ticker]; also emitted by adapters */
	AQ_EV_TRADE = 23,       /* [aq_trade]; also emitted by adapters */
	AQ_EV_FUNDING = 24,     /* [aq_funding]; also emitted by adapters */
	AQ_EV_KLINE = 25,       /* [aq_kline]; also emitted by adapters: a closed candle of the venue's own */
	AQ_EV_HISTORY = 26,     /* [aq_history]: what was asked for with market.history has been told; also emitted by adapters */
	/* orders and accounts, to the owner */
	AQ_EV_ORDER = 40,       /* [aq_order_change] */
	AQ_EV_FILL = 41,        /* [aq_fill] */
	AQ_EV_POSITION = 42,    /* [aq_position] */
	AQ_EV_BALANCE = 43,     /* [aq_balance]; also emitted by adapters */
	/* intents, host to adapter */
	AQ_EV_SUBSCRIBE = 60,   /* instrument; tag = mask of AQ_SUB_* wanted now, 0 = nothing any more */
	AQ_EV_PLACE = 61,       /* [aq_order] */
	AQ_EV_CANCEL = 62,      /* [aq_order] */
	AQ_EV_AMEND = 63,       /* [aq_order], targets in amend_price and amend_qty */
	AQ_EV_QUERY = 64,       /* [aq_order] what has become of this client order id? Answer with AQ_UP_* and REQ_LOOKUP */
	AQ_EV_RECONCILE = 65,   /* account: send open orders, fills and cash flows since tag (ns), balances, positions, in
	                           this order, between RECONCILE_BEGIN and RECONCILE_END */
	AQ_EV_ACCOUNT = 66,     /* [aq_account] an account this venue serves (download, and when one is added) */
	AQ_EV_SETTLED = 67,     /* clock = venue: all that followed from the last feed.clock is done; tag = next timer, ns */
	AQ_EV_PAST = 68,        /* [aq_past] send the trades, or the venue's candles, of the past that it asks for,
	                           AQ_EV_HISTORICAL with tag = request, oldest first, then HISTORY; what comes from then on
	                           comes as ever */
	/* inputs of an adapter */
	AQ_EV_NET_OPEN = 80,    /* tag: connection id. Download: it is open already */
	AQ_EV_NET_DATA = 81,    /* tag: connection id [bytes, length = size - header - tag pad, see aq_net_data] */
	AQ_EV_NET_CLOSED = 82,  /* tag: connection id [text] */
	AQ_EV_FRAME = 83,       /* replay: [one venue frame] */
	/* records of an adapter about the venue, besides those marked above */
	AQ_EV_VENUE = 100,      /* [aq_venue] */
	AQ_EV_BOOK_UPDATE = 101,/* [aq_book_update, levels] */
	AQ_EV_ORDER_UPDATE = 102,/* [aq_order_update] */
	AQ_EV_VENUE_FILL = 103, /* [aq_fill] */
	AQ_EV_VENUE_POSITION = 104, /* [aq_position]: qty per side as the venue says */
	AQ_EV_CASHFLOW = 105,   /* [aq_cashflow] */
	AQ_EV_RECONCILE_BEGIN = 106,
	AQ_EV_RECONCILE_END = 107
};

/* Body of AQ_EV_TROUBLE: something that an instance depends on is not well, or is well again. */
enum aq_trouble_kind {
	AQ_TROUBLE_STALE = 1,
	AQ_TROUBLE_GAP = 2,
	AQ_TROUBLE_CROSSED = 3,
	AQ_TROUBLE_VENUE_DOWN = 4,
	AQ_TROUBLE_NOT_READY = 5, /* the account is being reconciled */
	AQ_TROUBLE_HALTED = 6,
	AQ_TROUBLE_DROPPED = 7,   /* reserved */
	AQ_TROUBLE_STOPPED = 8,   /* an operator has paused or halted the account, the instance or all: new orders are denied */
	AQ_TROUBLE_CLOSE_ONLY = 9 /* an operator allows only orders that bring a position nearer to zero */
};
struct aq_trouble {
	uint16_t what; /* enum aq_trouble_kind */
	uint8_t over;  /* 1: it is well again */
	uint8_t reserved[5];
	uint64_t count;
};

/* Body of AQ_EV_BOOK: the top; levels are read with market.levels. */
struct aq_book {
	struct aq_top top;
	uint64_t replaced; /* with delivery `latest`: how many this one stands for besides itself */
};

struct aq_ticker {
	uint64_t update; /* the venue's update id, 0 = none */
	aq_px bid, ask;
	aq_qty bid_qty, ask_qty;
	uint64_t replaced; /* as in aq_book; 0 in what an adapter emits */
};

struct aq_trade {
	uint64_t id; /* the venue's trade id, 0 = none */
	aq_px price;
	aq_qty qty;
	uint8_t taker; /* enum aq_side of the taker */
	uint8_t reserved[7];
};

struct aq_funding {
	struct aq_amt rate; /* ratio at 10^-18 */
	aq_px mark;         /* AQ_NONE = not given */
	int64_t next_ns;
	aq_px index;        /* AQ_NONE = not given */
};

enum aq_interval {
	AQ_TRADES_ONLY = 0, /* of market.history: trades, not candles */
	AQ_1M = 1, AQ_3M = 2, AQ_5M = 3, AQ_15M = 4, AQ_30M = 5, AQ_1H = 6, AQ_2H = 7, AQ_3H = 8, AQ_4H = 9, AQ_6H = 10,
	AQ_8H = 11, AQ_12H = 12, AQ_1D = 13, AQ_3D = 14, AQ_1W = 15, AQ_15D = 16, AQ_1MON = 17, AQ_1Y = 18
};

/* A candle out of the venue's trades, by its time, UTC: [open_ns, end_ns). An interval without a trade has none.
 * An adapter may emit the venue's own, closed, instead of trades: the core makes those of longer intervals of them, none of
 * shorter ones, and what such a source does not tell (value, taker_buy_*, trades, ids) is 0. */
struct aq_kline {
	int64_t open_ns, end_ns;
	aq_px open, high, low, close;
	aq_qty qty, taker_buy_qty;              /* as trades have it */
	struct aq_amt value, taker_buy_value;   /* price x quantity; of inverse contracts in base */
	uint64_t trades;
	uint64_t first_trade, last_trade;       /* the venue's ids */
	uint32_t empty;                         /* intervals without a trade between the candle before and this one */
	uint8_t interval;                       /* enum aq_interval */
	uint8_t closed;                         /* 1: nothing more comes to it */
	uint8_t partial;                        /* 1: trades of its begin, or while the venue was away, are not known */
	uint8_t reserved;
};

struct aq_history {
	uint8_t interval;    /* enum aq_interval */
	uint8_t reserved[3];
	uint32_t count;      /* what was told; fewer than asked for where the source does not reach back so far */
	int64_t since_ns;    /* adapter: trades from then on are complete; strategies: 0 */
	uint64_t request;    /* adapter: of AQ_EV_PAST */
};

/* Body of AQ_EV_PAST. */
struct aq_past {
	int64_t since_ns;    /* trades from then on, by the venue's time; INT64_MIN: only the count matters */
	uint32_t count;      /* at most so many, the last ones */
	uint32_t reserved;
	uint64_t request;    /* to be given back in HISTORY */
};

/* Adapter: a snapshot or a delta. Levels follow, bids then asks, each best first in a snapshot, any order in a delta.
 * Chain: `follows` names the update that this one continues, `reaches` the one after it. The core decides gaps, and it
 * alone: with `at` = the update that its book has reached, which a snapshot sets, a delta
 * 1. with follows == at is applied;
 * 2. else, with overlap and reaches <= at, is old and dropped (also the one that ends exactly at the snapshot);
 * 3. else, with overlap, follows < at, and nothing applied since the snapshot, is applied: it begins before the
 *    snapshot and ends behind it, and quantities are absolute;
 * 4. else there is a gap.
 * Applied, it sets at = reaches. Deltas before the first snapshot, or after a gap, wait for the next one and are then
 * taken in order, since a snapshot may be older than deltas that arrived ahead of it; those it is beyond are dropped. */
struct aq_book_update {
	uint64_t follows;    /* ignored in a snapshot */
	uint64_t reaches;
	uint32_t bids, asks; /* numbers of levels */
	uint8_t snapshot;    /* 1: replaces the whole book and restarts the chain at `reaches` */
	uint8_t overlap;     /* 1: rules 2 and 3 hold; 0: each delta continues exactly what was reached before */
	uint8_t reserved[6];
};
#define AQ_BOOK_LEVELS(update) ((const struct aq_level *)(const void *)((const struct aq_book_update *)(update) + 1))

struct aq_venue {
	uint8_t up;      /* 1: data and orders can flow; 0: down */
	uint8_t reserved[7];
	char text[120];  /* why, for people */
};

struct aq_account {
	uint32_t size;
	uint32_t id;
	uint8_t hedging;     /* 1: long and short kept apart */
	uint8_t margin_mode; /* enum aq_margin_mode */
	uint8_t reserved[6];
	int64_t since_ns;    /* fills before this are known */
	char name[48];
	char key_file[256];  /* empty = none */
};

/* What an adapter says about an order. */
enum aq_update {
	AQ_UP_OPEN = 1,        /* accepted, resting (or about to trade) */
	AQ_UP_UNTRIGGERED = 2,
	AQ_UP_TRIGGERED = 3,
	AQ_UP_REJECTED = 4,
	AQ_UP_CANCELLED = 5,
	AQ_UP_EXPIRED = 6,
	AQ_UP_FILLED = 7,      /* only with a query or a list; fills come as VENUE_FILL */
	AQ_UP_AMENDED = 8,     /* price and qty hold the new values */
	AQ_UP_CANCEL_REJECTED = 9,
	AQ_UP_AMEND_REJECTED = 10,
	AQ_UP_NOT_FOUND = 11,  /* answer to a query: absent from open orders and from history */
	AQ_UP_UNKNOWN = 12     /* the adapter lost the answer: timeout, 5xx, dropped connection */
};
enum aq_request { AQ_REQ_PLACE = 1, AQ_REQ_CANCEL = 2, AQ_REQ_AMEND = 3, AQ_REQ_LOOKUP = 4, AQ_REQ_LIST = 5 };

struct aq_order_update {
	uint32_t size;
	uint8_t update;  /* enum aq_update */
	uint8_t answers; /* enum aq_request that this answers; 0 = it came by itself */
	uint16_t code;   /* enum aq_code */
	uint64_t order;  /* client order id, 0 when only venue_id is known */
	aq_px price;     /* AQ_NONE = not said */
	aq_qty qty;      /* AQ_NONE = not said */
	aq_qty filled;   /* cumulative, AQ_NONE = not said */
	aq_qty ahead;    /* AQ_NONE = not known */
	uint8_t side, type, tif, position_side; /* for orders the host does not know; 0 otherwise */
	uint8_t post_only, reduce_only, reserved[2];
	char venue_id[40];
	char text[80];   /* the venue's words, for people */
};

enum aq_cash_kind { AQ_CASH_FUNDING = 1, AQ_CASH_TRANSFER = 2, AQ_CASH_FEE = 3, AQ_CASH_INTEREST = 4, AQ_CASH_REBATE = 5 };
struct aq_cashflow {
	uint32_t size;
	uint8_t kind; /* enum aq_cash_kind */
	uint8_t reserved[3];
	struct aq_amt amount; /* signed: > 0 received */
	char asset[16];
	char id[40];          /* the venue's, for deduplication */
};

/* Body of AQ_EV_ORDER: the order after the change, and why. One that ended while its amend was unknown keeps amend =
 * AQ_REQ_UNKNOWN and is told once more, with its last terms, when the venue has told them. */
struct aq_order_change {
	struct aq_order order;
	uint8_t update;     /* enum aq_update that caused it; 0 = the host itself (denied, sent, unknown) */
	uint8_t request;    /* enum aq_request that a denial or rejection is about */
	uint16_t code;      /* enum aq_code */
	uint8_t reserved[4];
	struct aq_amt limit, value, headroom; /* denials: the limit, what it would have been, what is left */
	char text[80];
};

/* Body of AQ_EV_NET_DATA. */
struct aq_net_data {
	uint32_t length; /* bytes that follow */
	uint32_t reserved;
};
#define AQ_NET_BYTES(data) ((const uint8_t *)((const struct aq_net_data *)(data) + 1))

/* The body of an event. */
#define AQ_BODY(type, event) ((const struct type *)(const void *)((const struct aq_event *)(event) + 1))

#endif
