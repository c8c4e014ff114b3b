/* fact.h: what the journal records, and nothing else changes orders and money.
 *
 * Every change goes one way: a fact is appended to the journal and then applied. Recovery applies the same facts in the
 * same order, so that a restart ends in the state of before; a snapshot is a series of facts that rebuild the state.
 * All bodies are flat and have no padding.
 */
#ifndef AQ_FLOW_FACT_H
#define AQ_FLOW_FACT_H

#include <aioquant/event.h>

#define FACT_VERSION 1

enum fact_type {
	FACT_NAME = 1,       /* fact_name: an id for a name, for ever */
	FACT_INSTRUMENT = 2, /* aq_instrument: new, or a new revision */
	FACT_ORDER = 3,      /* aq_order: a new order as it leaves, one of others that was found, or a snapshot's */
	FACT_REQUEST = 4,    /* fact_request: a cancel or an amend leaves, or is unknown, or was found not to be there */
	FACT_UPDATE = 5,     /* fact_update: what the venue said and the tables allowed */
	FACT_FILL = 6,       /* fact_fill */
	FACT_BALANCE = 7,    /* aq_balance */
	FACT_CASHFLOW = 8,   /* fact_cashflow */
	FACT_DENIED = 9,     /* aq_order_change */
	FACT_ADJUST = 10,    /* fact_adjust: the venue's position differs, the venue wins */
	FACT_OPERATOR = 11,  /* fact_operator */
	FACT_DAY = 12,       /* fact_day: profit at the beginning of a UTC day */
	FACT_LEDGER = 13,    /* aq_position: a row, snapshots only */
	FACT_FEES = 14,      /* fact_fees: fees paid by an instance, snapshots only */
	FACT_SEEN = 15,      /* fact_fill applied before, snapshots only: for deduplication and downloads */
	FACT_SEEN_CASH = 16, /* fact_cashflow applied before, snapshots only */
	FACT_COUNTER = 17,   /* fact_counter, snapshots only */
	FACT_RESTART = 18,   /* fact_restart: what was under way is unknown from here on */
	FACT_STANDING = 19,  /* fact_standing: halt, pause and their like, and the end of it */
	FACT_OVERRIDE = 20,  /* fact_override: a live option that an operator has set, or sets no longer */
	FACT_SEEN_ADJUST = 21 /* fact_adjust applied before, snapshots only */
};

enum name_kind { NAME_INSTANCE = 1, NAME_ACCOUNT = 2, NAME_INSTRUMENT = 3, NAME_KINDS = 4 };

struct fact_name {
	uint32_t kind; /* enum name_kind */
	uint32_t id;
	char text[96]; /* instruments: EXCHANGE:SYMBOL */
};

struct fact_request {
	uint64_t order;
	uint64_t tag;      /* of the call */
	int64_t time_ns;
	aq_px price;       /* amend: targets */
	aq_qty qty;
	uint8_t request;   /* enum aq_request */
	uint8_t state;     /* enum aq_request_state it goes to */
	uint8_t reserved[6];
};

struct fact_update {
	uint32_t account;
	uint32_t reserved;
	int64_t time_ns;
	struct aq_order_update update;
};

struct fact_fill {
	uint64_t number;   /* rises by one with every fill of this host */
	int64_t time_ns;
	struct aq_fill fill;
};

struct fact_cashflow {
	uint32_t account;
	uint32_t is_valued;
	int64_t time_ns, venue_ns;
	struct aq_cashflow flow;
	struct aq_amt value; /* in report_currency, at the prices of its booking */
};

struct fact_adjust {
	uint32_t account, instrument;
	uint8_t position_side, margin_mode;
	uint8_t reserved[6];
	aq_qty difference; /* added to the row `external` */
	aq_px price;       /* valued at the middle, AQ_NONE = at no cost */
	int64_t time_ns;
	aq_qty venue, ledger; /* the evidence */
};

struct fact_operator {
	int64_t time_ns;
	uint32_t uid;
	uint32_t reserved;
	char who[40];
	char what[80];
};

struct fact_day {
	uint32_t scope;    /* enum flow_scope */
	uint32_t id;
	int64_t day_ns;    /* its beginning */
	struct aq_amt profit; /* in report_currency */
};

struct fact_fees {
	uint32_t account, instance;
	char asset[16];
	struct aq_amt paid;
};

struct fact_counter {
	uint64_t order_id; /* the last one given out */
	uint64_t fill_number;
	int64_t forgotten_ns; /* venue's time of the newest fill that is remembered no more */
};

struct fact_standing {
	uint32_t scope;    /* enum flow_scope */
	uint32_t id;       /* 0 of the host */
	int64_t time_ns;
	uint32_t uid;      /* who */
	uint8_t state;     /* enum standing_state */
	uint8_t orders;    /* enum standing_orders */
	uint8_t after;     /* enum standing_state that holds when a flatten at a stop is done, or a quarantine is released */
	uint8_t reserved;
	char who[40];      /* aqctl, file, signal, crash, limit.loss_day */
	char why[80];
};

#define OVERRIDE_VALUE_MAX 256
struct fact_override {
	int64_t time_ns;
	uint32_t uid;
	uint32_t reserved;
	char section[48]; /* strategy:NAME */
	char key[48];
	char value[OVERRIDE_VALUE_MAX]; /* empty: the configuration's holds again */
};

struct fact_restart {
	int64_t time_ns;  /* of the last record before */
	uint64_t cut;     /* bytes of a torn tail */
};

#endif
