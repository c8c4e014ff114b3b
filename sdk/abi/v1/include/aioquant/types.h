/* types.h: numbers, names and the flat records that cross the ABI.
 *
 * A price (aq_px) is int64 scaled by 10^px_digits of its instrument, a quantity (aq_qty) by 10^qty_digits. Quantity is in
 * the base currency for spot and linear contracts, in the quote currency for inverse contracts. AQ_NONE is "no value".
 * Money and sums (aq_amt) are 128-bit integers at 10^-18. No double is ever part of an order.
 */
#ifndef AIOQUANT_TYPES_H
#define AIOQUANT_TYPES_H

#include "abi.h"

typedef int64_t aq_px;
typedef int64_t aq_qty;
#define AQ_NONE INT64_MIN

/* Two's complement 128-bit integer: value = hi * 2^64 + lo, in units of 10^-18 of its currency. */
struct aq_amt {
	uint64_t lo;
	int64_t hi;
};

/* In all enumerations 0 means unknown or unset. They travel as uint8_t. */
enum aq_side { AQ_BUY = 1, AQ_SELL = 2 };
enum aq_instrument_kind { AQ_SPOT = 1, AQ_LINEAR = 2, AQ_INVERSE = 3 };
enum aq_qty_unit { AQ_UNIT_BASE = 1, AQ_UNIT_QUOTE = 2 };
enum aq_trading_state { AQ_TRADING = 1, AQ_HALTED = 2, AQ_CANCEL_ONLY = 3, AQ_DELISTED = 4 };
enum aq_order_type { AQ_LIMIT = 1, AQ_MARKET_ORDER = 2, AQ_STOP_LIMIT = 3, AQ_STOP_MARKET = 4, AQ_TRAILING = 5 };
enum aq_tif { AQ_GTC = 1, AQ_IOC = 2, AQ_FOK = 3, AQ_GTD = 4 };
enum aq_position_side { AQ_NET = 1, AQ_LONG = 2, AQ_SHORT = 3 };
enum aq_margin_mode { AQ_CASH = 1, AQ_CROSS = 2, AQ_ISOLATED = 3 };
enum aq_liquidity { AQ_MAKER = 1, AQ_TAKER = 2 };
enum aq_trigger_source { AQ_BY_LAST = 1, AQ_BY_MARK = 2, AQ_BY_INDEX = 3 };
enum aq_self_trade { AQ_ST_NONE = 1, AQ_ST_CANCEL_TAKER = 2, AQ_ST_CANCEL_MAKER = 3, AQ_ST_CANCEL_BOTH = 4 };
/* What the original calls trade_type: an intention that decides side, position side and reduce-only (orders.h). */
enum aq_intention { AQ_BUY_OPEN = 1, AQ_SELL_OPEN = 2, AQ_SELL_CLOSE = 3, AQ_BUY_CLOSE = 4 };

enum aq_order_state {
	AQ_CREATED = 1,
	AQ_DENIED = 2,      /* final: never left the host */
	AQ_SENT = 3,        /* bytes have left, the venue has not answered */
	AQ_UNTRIGGERED = 4, /* a stop that waits at the venue */
	AQ_OPEN = 5,        /* partly filled is open with filled > 0 */
	AQ_FILLED = 6,      /* final, as all that follow; every final state may carry fills */
	AQ_CANCELLED = 7,
	AQ_REJECTED = 8,
	AQ_EXPIRED = 9
};

/* Beside the state, one for each of place, cancel, amend. */
enum aq_request_state { AQ_REQ_NONE = 0, AQ_REQ_SENT = 1, AQ_REQ_UNKNOWN = 2 };

/* Why an order was denied, rejected or ended. 1-99: the host's risk gate; 100-199: the venue. */
enum aq_code {
	AQ_CODE_NONE = 0,
	AQ_DENY_ARGUMENT = 1,        /* malformed: price, quantity or a combination of flags */
	AQ_DENY_UNSUPPORTED = 2,     /* the host or the venue cannot do that */
	AQ_DENY_TAG_BUSY = 3,        /* a non-final order lives under this tag */
	AQ_DENY_TICK = 4,            /* price is no multiple of the tick */
	AQ_DENY_LOT = 5,             /* quantity is no multiple of the lot */
	AQ_DENY_MIN_QTY = 6,
	AQ_DENY_MAX_QTY = 7,
	AQ_DENY_MIN_NOTIONAL = 8,
	AQ_DENY_BALANCE = 9,
	AQ_DENY_MAX_NOTIONAL = 10,   /* limit.order */
	AQ_DENY_MAX_POSITION = 11,   /* limit.position */
	AQ_DENY_MAX_OPEN = 12,       /* limit.open_orders */
	AQ_DENY_RATE = 13,           /* limit.order_rate */
	AQ_DENY_COLLAR = 14,         /* limit.collar */
	AQ_DENY_STALE_BOOK = 15,     /* no valid, fresh book */
	AQ_DENY_DUPLICATE = 16,      /* same side, price and quantity as an order of a moment ago */
	AQ_DENY_SELF_TRADE = 17,     /* would meet an order of the same account */
	AQ_DENY_LOSS_DAY = 18,       /* limit.loss_day */
	AQ_DENY_RECONCILING = 19,    /* the account is being reconciled; cancels pass */
	AQ_DENY_VENUE_DOWN = 20,
	AQ_DENY_NO_PRICE = 21,       /* cannot be valued in report_currency */
	AQ_DENY_REDUCE_ONLY = 22,    /* would increase or open a position */
	AQ_DENY_JOURNAL = 23,        /* the journal cannot take it: disk full */
	AQ_DENY_INSTRUMENT = 24,     /* unknown, halted or delisted */
	AQ_DENY_STOPPING = 25,       /* instance, account or process takes no new orders */
	AQ_DENY_CAPACITY = 26,       /* order table full */
	AQ_DENY_NOT_FOUND = 27,      /* cancel or amend of an order that is not there or is final */
	AQ_DENY_IN_FLIGHT = 28,      /* a request of this kind is under way or unknown */
	AQ_DENY_GROSS = 29,          /* limit.gross */
	AQ_DENY_LATE = 30,           /* its deadline has passed */
	AQ_DENY_CLOSE_ONLY = 31,     /* an operator allows only what brings a position nearer to zero */
	AQ_VENUE_POST_ONLY = 100,    /* would have taken */
	AQ_VENUE_BALANCE = 101,
	AQ_VENUE_FILTER = 102,
	AQ_VENUE_NOT_FOUND = 103,
	AQ_VENUE_DUPLICATE = 104,
	AQ_VENUE_UNFILLED = 105,     /* ioc remainder, fok */
	AQ_VENUE_EXPIRED = 106,      /* gtd */
	AQ_VENUE_SELF_TRADE = 107,
	AQ_VENUE_OTHER = 108,
	AQ_VENUE_NOT_RECEIVED = 109  /* looked up after it could no longer be accepted: it never arrived */
};

/* One price level. */
struct aq_level {
	aq_px price;
	aq_qty qty; /* absolute; 0 removes the level in a delta */
};

/* Something tradable. `revision` rises whenever filters change; digits never change under one id. */
struct aq_instrument {
	uint32_t size;
	uint32_t id;             /* the host's; 0 in what an adapter hands in */
	uint32_t revision;
	uint32_t exchange;       /* id of the exchange instance; 0 in what an adapter hands in */
	uint8_t kind;            /* enum aq_instrument_kind */
	uint8_t px_digits;       /* 0..18, the finest that the venue's API can express */
	uint8_t qty_digits;      /* 0..18 */
	uint8_t qty_unit;        /* enum aq_qty_unit */
	uint8_t state;           /* enum aq_trading_state */
	uint8_t reserved[3];
	aq_px tick;              /* > 0 */
	aq_qty lot;              /* > 0 */
	aq_qty min_qty;          /* 0 = none */
	aq_qty max_qty;          /* 0 = none */
	struct aq_amt min_notional;  /* in quote currency; 0 = none */
	struct aq_amt contract_size; /* base (linear) or quote (inverse) units of one contract; 10^18 for spot */
	char base[16], quote[16], settle[16];
	char symbol[48];         /* unified: BTC/USDT, BTC/USDT:USDT */
	char venue_symbol[48];   /* the venue's spelling */
};

/* Best prices as of the event in hand. */
struct aq_top {
	uint64_t seq;            /* of the record that made it */
	int64_t venue_ns;        /* the venue's time of it */
	int64_t arrival_ns;      /* arrival of its bytes */
	aq_px bid, ask;          /* AQ_NONE when that side is empty */
	aq_qty bid_qty, ask_qty;
	uint8_t valid;           /* 1: in sync, fresh, not crossed */
	uint8_t why;             /* enum aq_book_fault when not valid */
	uint8_t reserved[6];
};

enum aq_book_fault {
	AQ_BOOK_NONE_YET = 1, /* no snapshot so far */
	AQ_BOOK_GAP = 2,
	AQ_BOOK_STALE = 3,
	AQ_BOOK_CROSSED = 4,
	AQ_BOOK_VENUE_DOWN = 5,
	AQ_BOOK_HALTED = 6
};

/* The whole of an order, as the order service, events, the journal and the download show it. */
struct aq_order {
	uint32_t size;
	uint32_t account;
	uint32_t instrument;
	uint32_t instance;       /* owner; 0 = external */
	uint64_t id;             /* client order id, 63 bits */
	uint64_t tag;
	uint8_t side, position_side, intention, type, tif, post_only, reduce_only, self_trade;
	uint8_t margin_mode, trigger_source, state, place, cancel, amend; /* last three: enum aq_request_state */
	uint16_t code;           /* enum aq_code: why denied, rejected or ended */
	aq_px price;             /* AQ_NONE for market orders */
	aq_qty qty;
	aq_qty filled;
	aq_qty ahead;            /* quantity ahead in the queue when known, else AQ_NONE */
	aq_qty display_qty;      /* AQ_NONE = all */
	aq_px trigger, trail;    /* AQ_NONE = none */
	aq_px amend_price;       /* target of the amend under way */
	aq_qty amend_qty;
	struct aq_amt quote_qty; /* market orders by amount; 0 = by qty */
	struct aq_amt value;     /* sum of fill price x quantity, quote currency */
	int64_t created_ns, updated_ns;
	int64_t expiry_ns;       /* gtd; 0 = none */
	int64_t deadline_ns;     /* the place request must have left by then; 0 = order_max_delay */
	uint64_t cancel_tag, amend_tag;
	uint64_t parent, list;   /* 0 = none */
	char venue_id[40];       /* the venue's order id as text */
};

/* One execution. */
struct aq_fill {
	uint32_t size;
	uint32_t account;
	uint32_t instrument;
	uint32_t instance;
	uint64_t order;          /* client order id; 0 = unknown order of others */
	uint64_t tag;            /* of the order */
	aq_px price;
	aq_qty qty;              /* > 0 */
	aq_qty cumulative;       /* filled quantity of the order after this, as the venue says; AQ_NONE if it does not */
	aq_qty ahead;            /* quantity that was ahead; AQ_NONE if unknown */
	struct aq_amt fee;       /* > 0 paid, < 0 rebate; in the base asset of a spot market it leaves the position */
	struct aq_amt realised;  /* profit it realised, settle currency, without fee; set by the host */
	int64_t venue_ns;
	uint8_t side, position_side, liquidity, margin_mode;
	uint8_t reserved[4];
	char fee_asset[16];
	char trade_id[40];       /* the venue's; empty if it has none */
};

/* One row of the ledger. Of a spot market a fee that the venue takes in base has left it, in whole lots. */
struct aq_position {
	uint32_t size;
	uint32_t account;
	uint32_t instrument;
	uint32_t instance;       /* 0: `external`; AQ_ALL in a read asks for the account's sum */
	uint8_t position_side, margin_mode;
	uint8_t reserved[6];
	aq_qty qty;              /* signed: long > 0 */
	aq_px avg_price;         /* AQ_NONE when flat; rounded toward zero, for display */
	struct aq_amt cost;      /* signed: what the open quantity cost, exact */
	struct aq_amt realised;  /* since the ledger began, settle currency, without fees */
	struct aq_amt unrealised;/* at the last valid middle; 0 when there is none */
	struct aq_amt bought, sold; /* turnover, quote currency */
};
#define AQ_ALL 0xffffffffu

struct aq_balance {
	uint32_t size;
	uint32_t account;
	char asset[16];
	struct aq_amt total, locked;
};

struct aq_fees {
	struct aq_amt maker, taker; /* ratio at 10^-18; negative = rebate */
};

#endif
