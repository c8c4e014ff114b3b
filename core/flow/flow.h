/* flow.h: everything between an adapter's records and an adapter's intents, in the order of the data:
 * market -> strategy -> risk -> order -> account -> journal.
 *
 * No sockets, no dlopen, no clock of its own: the host sets now_ns, hands in records, and takes out events. A unit test
 * does the same. One thread. After flow_init nothing is allocated on the way from a market event to an order; tables
 * double when configuration or a venue's instrument list outgrows them.
 */
#ifndef AQ_FLOW_FLOW_H
#define AQ_FLOW_FLOW_H

#include "base/map.h"
#include "flow/book.h"
#include "flow/fact.h"
#include "flow/journal.h"
#include "flow/names.h"
#include "flow/overrides.h"
#include "flow/queue.h"

#include <aioquant/feed.h>
#include <aioquant/market.h>
#include <aioquant/orders.h>
#include <aioquant/tell.h>

#define FLOW_DENIALS (AQ_DENY_CLOSE_ONLY + 1)
#define FLOW_DEADLINES 3 /* kinds of request deadlines, see orders.c */

struct flow_options {
	char report_currency[16];
	int64_t order_max_delay_ns;
	int64_t request_timeout_ns;  /* an answer that takes longer makes the request unknown */
	int64_t lookup_every_ns;     /* first distance between two lookups; doubles up to 16 times that */
	int64_t accept_ns;           /* after this a venue can no longer accept what we sent: "not found" is then evidence */
	int64_t stale_after_ns;      /* age at which a book is stale; 0 = never */
	int64_t kline_grace_ns;      /* so long after its end a candle is closed, if no later trade has closed it before */
	int64_t duplicate_ns;        /* window of the duplicate check */
	uint32_t max_orders;         /* non-final and recent final orders kept in memory */
	uint32_t max_fills;          /* recent fills kept for deduplication and downloads */
	uint32_t host_number;        /* 12 bits of every client order id */
	int64_t started_ns;          /* 31 bits of every client order id: the second of this start */
};

/* ---- limits ---- */
enum flow_scope { SCOPE_HOST = 1, SCOPE_ACCOUNT = 2, SCOPE_INSTANCE = 3 };

struct flow_position_limit {
	uint32_t instrument;
	aq_qty qty;
};

struct flow_limits {
	struct aq_amt order, gross, loss_day; /* report_currency; 0 = none */
	struct aq_amt collar;                 /* ratio; 0 = none */
	uint32_t open_orders, order_rate;     /* 0 = none; rate per second, at most FLOW_RATE_MAX */
	uint8_t on_loss;                      /* enum standing_state that loss_day leads to; 0 = orders are denied, no more */
	struct flow_position_limit *positions;
	uint32_t position_count;
};
#define FLOW_RATE_MAX 4096

/* What holds for a host, an account or an instance by an operator's word, and how far it has come; see standing.h. */
struct standing {
	struct fact_standing fact;
	uint8_t step;              /* enum standing_step */
	uint32_t cancels;          /* sent since it began */
	int64_t confirmed_ns;      /* the venue has said that nothing rests (flatten: and all is closed); 0 = not yet */
	int64_t retry_ns;          /* positions are not closed again before that */
	uint32_t tries;            /* since something of them was closed */
	uint64_t held;             /* of them, when it was last looked */
};

/* What limits count, one per host, account and instance. */
struct flow_meter {
	struct standing standing;
	struct flow_limits limits;
	int64_t *sent_ns;        /* ring of the last order_rate sending times */
	uint32_t sent_at;
	uint32_t open;           /* non-final orders */
	int64_t day_ns;          /* beginning of the loss day; INT64_MIN = none yet */
	struct aq_amt day_start; /* profit at that moment */
	uint64_t denied;
};

struct candles;
struct candle_request;

/* ---- market ---- */
struct flow_subscriber {
	uint32_t instance;
	uint32_t mask;
	uint32_t books, tickers;    /* with AQ_SUB_LATEST: how many wait to be told as one */
	uint64_t trades_after; /* trades up to this id were told as the past; 0 = none */
};

/* Gets what others get. */
#define FLOW_FOLLOWERS 16
struct flow_follower {
	uint32_t instance;
	uint32_t mask;
};

struct market {
	struct aq_instrument instrument;
	struct book book;
	struct aq_top top;          /* kept in step with the book */
	struct aq_ticker ticker;
	int64_t ticker_venue_ns;
	struct aq_trade last_trade;
	uint64_t reaches;           /* the chain: last update applied */
	uint64_t seq;               /* of the records of this market */
	uint8_t has_book, has_trade, has_ticker, after_snapshot;
	uint8_t *waiting;           /* deltas that wait for a snapshot: whole records, back to back */
	uint32_t waiting_bytes;
	struct candles *candles;    /* see candles.h; NULL = nobody wants any */
	uint32_t wanted;            /* union of the subscribers' masks, as the adapter knows it */
	struct flow_subscriber *subscribers;
	uint32_t subscriber_count, subscriber_capacity;
	struct market *next_latest; /* of those with something to be told as one; itself: the last */
	aq_px middle2;              /* bid + ask of the last valid book; 0 = never */
	uint64_t gaps, crossed, stale;
};

/* ---- instances, exchanges, accounts ---- */
struct flow_instance {
	uint32_t kind;             /* enum aq_kind; 0 = only known from the journal */
	uint8_t active;            /* gets events */
	uint8_t stopping;          /* no new orders */
	uint8_t up;                /* exchanges: the venue can take orders */
	uint8_t withdrawn;         /* strategies: its orders are to be taken out, until the venue has confirmed each */
	int64_t stale_after_ns;    /* exchanges: as in flow_options, for their books alone; 0 = as there, INT64_MAX = never */
	uint64_t seq;              /* of non-market events */
	uint32_t orders;           /* newest of its non-final orders, or FLOW_NIL */
	uint32_t rows, fees;       /* first ledger and fee row, or FLOW_NIL */
	uint32_t *accounts;        /* that its configuration names: it gets their balances and troubles */
	uint32_t account_count;
	struct flow_meter meter;
	char why[AQ_WHY_SIZE];     /* strategies: what they have said in the event in hand, see order_notes.h */
};

struct flow_account {
	uint32_t exchange;         /* instance; 0 = only known from the journal */
	uint8_t hedging, margin_mode, ready, listing; /* listing: between RECONCILE_BEGIN and END */
	uint8_t closing, reserved[3];                 /* listed; waiting for lookups of what was not there */
	uint32_t rows, fees;       /* first sum and fee row, or FLOW_NIL */
	struct aq_fees rates;      /* of the venue, as configured or told */
	int64_t since_ns;          /* venue's time of the newest fill or cash flow known */
	uint64_t round;            /* of reconciliation */
	int64_t from_ns;           /* fills from then on are wanted, until a round ends; INT64_MAX = none */
	int64_t retry_ns;          /* asks the adapter again; INT64_MAX = nothing outstanding */
	uint64_t standing_round;   /* a list of this round or a later one tells whether a halt is done; 0 = none is needed */
	int64_t held_until_ns;     /* its fills and cash flows wait, see held_news.h; INT64_MAX = they are booked as they come */
	int64_t changed_ns;        /* it has been in step, or not, since then; 0 = since the start */
	int64_t in_step_ns;        /* the last round ended then; 0 = none has */
	struct flow_meter meter;
};

#define FLOW_NIL UINT32_MAX

/* ---- orders ---- */
struct order {
	struct aq_order o;
	uint32_t next, previous;       /* list of the instance's non-final orders, or of free slots */
	uint32_t rows[2];              /* ledger: own row, sum of the account */
	uint64_t listed;               /* round in which the venue's list had it */
	int64_t sent_ns[3];            /* when place, cancel, amend left; index enum aq_request - 1 */
	int64_t lookup_ns;             /* next lookup while a request is unknown; 0 = none */
	uint32_t lookups;
	uint32_t asked, answered;      /* lookups that left on this connection, and their answers: they come in order */
	uint32_t proof;                /* the first of those that left when the venue could no longer accept the order; 0 = none */
	uint8_t used;
	uint8_t fills_missing;         /* how often the venue told of more than we have */
	aq_qty venue_filled;           /* the most that the venue said to be filled */
	uint8_t contested;             /* it has ended for us, and the venue listed it as open: asked */
	uint8_t amend_unheard;         /* the journal could not take the answer to its amend */
	aq_qty reserved_qty;           /* what it holds of its side in the ledger rows' open quantities */
	struct aq_amt reserved_amount; /* what it holds of reserved_asset */
	uint32_t reserved_asset;       /* index in balances, FLOW_NIL = none */
};

/* See order_notes.h. */
struct order_note {
	char why[AQ_WHY_SIZE];
	char venue[80];
};

struct order_denial {
	int64_t time_ns;
	struct aq_order_change change;
	char why[AQ_WHY_SIZE];
};

struct order_deadline {
	uint32_t slot;
	uint8_t request;               /* enum aq_request */
	uint8_t reserved[3];
	uint64_t order;
	int64_t sent_ns;
};

struct orders {
	struct order *slots;
	struct order_note *notes;         /* of the slots */
	uint32_t capacity;
	struct map by_id, by_tag;      /* by_tag: non-final orders, key (instance, tag) */
	uint32_t free;                 /* never used or emptied slots */
	uint32_t *finals;              /* ring of final orders' slots, oldest is emptied first */
	uint32_t final_head, final_count;
	uint32_t unsure;               /* of the finals, those whose last terms are not known: their amend is */
	struct order_deadline *deadlines; /* ring in the order of sending */
	uint32_t deadline_head, deadline_count, deadline_capacity;
	struct order_denial *denials;     /* ring of the last ones */
	uint32_t denial_at, denial_count;
	uint64_t last_id;
	int64_t next_lookup_ns;        /* INT64_MAX = none */
	uint64_t odd, repeats;         /* what the tables refused, what was a copy */
	uint64_t ended[AQ_EXPIRED + 1]; /* since the start, by their final state */
};

/* ---- ledger ---- */
#define LEDGER_ADJUSTS 64

struct ledger_row {
	struct aq_position p;          /* instance AQ_ALL: the account's sum */
	aq_qty open_buy, open_sell;    /* worst case of non-final orders */
	uint32_t next;                 /* rows of one instance, or of one account's sums */
	uint32_t reserved;
	uint64_t listed;               /* round in which the venue named this position; sums only */
};

struct balance {
	struct aq_balance b;
	struct aq_amt reserved;        /* by our non-final orders */
	struct aq_amt since;           /* what our fills changed since the venue's last word */
};

struct fee_row {
	struct fact_fees f;            /* instance AQ_ALL: the account's sum */
	uint32_t next;
	uint32_t reserved;
};

struct ledger {
	struct ledger_row *rows;
	uint32_t count, capacity;
	struct map by_key;
	struct balance *balances;
	uint32_t balance_count, balance_capacity;
	struct fee_row *fees;
	uint32_t fee_count, fee_capacity;
	struct fact_fill *fills;       /* ring of recent fills */
	uint32_t fill_at, fill_count, fill_capacity;
	int64_t forgotten_ns;          /* venue's time of the newest fill that has left the ring; INT64_MIN = none */
	struct map seen;               /* fills and cash flows by key */
	struct fact_cashflow *cash;    /* ring of recent cash flows */
	uint32_t cash_at, cash_count, cash_capacity;
	struct fact_adjust *adjusts;   /* ring of the last adjustments */
	uint32_t adjust_at, adjust_count;
	uint64_t fill_number;
	uint64_t mismatches, late_fills, overfills;
};

/* ---- news that waits, see held_news.h ---- */
struct held_record {
	struct aq_event event;
	union {
		struct aq_fill fill;
		struct aq_cashflow flow;
	} body;
};

struct held_news {
	struct held_record *list;
	uint32_t count;
};

struct flow;
typedef void flow_log(void *context, int level, const char *text);

struct flow {
	int64_t now_ns;
	struct flow_options options;
	struct names names;
	struct queue out;              /* events to instances */
	struct queue in;               /* records of adapters that wait */
	struct market **markets;       /* by id; [0] unused */
	uint32_t market_capacity;
	struct flow_instance *instances; /* by id; [0] is `external` */
	struct flow_follower followers[FLOW_FOLLOWERS];
	uint32_t follower_count;
	uint32_t instance_capacity;
	struct flow_account *accounts; /* by id */
	uint32_t account_capacity;
	struct flow_meter meter;       /* of the host */
	uint64_t denials[FLOW_DENIALS]; /* since the start, by enum aq_code */
	struct orders orders;
	struct ledger ledger;
	struct held_news held;
	struct journal *journal;       /* NULL: facts are applied only (unit tests, rehearsals) */
	int64_t next_stale_ns;
	int64_t next_pull_ns; /* orders that were pulled and are still open are looked at again; INT64_MAX = none */
	struct overrides overrides;    /* live options that an operator has set */
	bool closes;                   /* on an operator's word: books are watched for it */
	uint32_t standings;            /* how many of the host, the accounts and the instances do not simply run */
	int64_t standing_due_ns;       /* the next look at halts and their like; INT64_MAX = none holds */
	int64_t next_day_ns;           /* midnight, when the loss days begin */
	uint64_t rotations;
	int64_t missed_ns;             /* a fact could not be journalled: the venue is asked again then; INT64_MAX = none */
	struct {                       /* see candles.h */
		struct candle_request *requests;
		uint64_t last_id;
		int64_t due_ns;
	} candles;
	struct market *latest;         /* the first market that some are to be told the latest of; NULL = none */
	int64_t next_loss_ns;          /* when the day's losses are looked at again; INT64_MAX = nothing follows from them */
	bool recovering, journal_failed;
	bool instruments_changed;      /* since the host last looked */
	flow_log *log;
	void *log_context;
};

void flow_init(struct flow *f, const struct flow_options *options);
void flow_finish(struct flow *f);
void flow_say(struct flow *f, int level, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Ids; the first call for a name journals it. Return 0 when the journal cannot take it. */
uint32_t flow_instance_id(struct flow *f, const char *name, uint32_t kind);
uint32_t flow_account_id(struct flow *f, const char *name);
const char *flow_instance_name(const struct flow *f, uint32_t id);
const char *flow_account_name(const struct flow *f, uint32_t id);
/* Makes room for an id that a fact has given out. */
void flow_grow_instances(struct flow *f, uint32_t id);
void flow_grow_accounts(struct flow *f, uint32_t id);
/* NULL for an unknown id. */
struct flow_meter *flow_meter_of(struct flow *f, uint32_t scope, uint32_t id);
/* An instance's configuration names this account. */
void flow_trade_on(struct flow *f, uint32_t instance, uint32_t account);
bool flow_trades_on(const struct flow_instance *instance, uint32_t account);
/* Takes over limits (positions is copied). */
void flow_limits_set(struct flow_meter *meter, const struct flow_limits *limits);
/* Another stale_after_ns for the books of one exchange; 0 = that of the options, INT64_MAX = never. */
void flow_stale_after_set(struct flow *f, uint32_t exchange, int64_t ns);
/* Binds an account to the exchange instance that serves it. */
void flow_account_bind(struct flow *f, uint32_t account, uint32_t exchange, bool hedging, uint8_t margin_mode);

/* One event with room for `body` bytes (rounded up to 8, zeroed) to be filled; header set but for tag and venue_ns. NULL
 * when the instance gets no events. */
struct aq_event *flow_event(struct flow *f, uint32_t instance, uint16_t type, uint32_t body);

/* Records of adapters wait in `in`; flow_apply_next applies one and returns false when there is none. */
int flow_emit(struct flow *f, uint32_t exchange, const struct aq_event *record);
bool flow_apply_next(struct flow *f);

/* The earliest moment at which flow_tick has something to do; INT64_MAX = none. */
int64_t flow_due_ns(const struct flow *f);
void flow_tick(struct flow *f);

#endif
