/* mock.h: a host in memory, for unit tests of strategies and services. No venue, no clock, no files: the test says what happens.
 *
 *	struct aq_mock *k = aq_mock_new((const struct aq_plugin *)&aq_plugin_1);
 *	struct aq_market m = aq_mock_market(k, "BTC/USDT", 2, 5);
 *	aq_mock_create(k);
 *	aq_mock_option(k, "market", &m, sizeof(m));
 *	aq_mock_start(k);                              // start, download, ready
 *	aq_mock_top(k, m, 10000, 100000, 10001, 100000);
 *	aq_mock_run(k);                                // delivers what has been queued, and what that causes
 *	assert(aq_mock_live(k, m, BID)->price == 9999);
 *
 * A store answers what the test says, too:
 *
 *	struct aq_mock_call *c = aq_mock_asked(k, LAST); // what was asked with this tag
 *	aq_mock_row(k, c, "{price: %.*ld}", 2, INT64_C(6183763));
 *	aq_mock_done(k, c, (struct aq_store_end){.matched = 1});
 *
 * A service hears of what the test puts into the journal, and the test looks into its spools:
 *
 *	aq_mock_fact(k, AQ_JOURNAL_FILL, &fill, sizeof(fill));
 *	aq_mock_run(k);
 *	assert(aq_mock_opened(k, "fills", false)->acknowledged == 1);
 *
 * State changes at once, events wait in the queue until aq_mock_run or aq_mock_step: so a test can put anything between
 * a denial and the news of it. Mistakes of the strategy that a real host would only deny are counted in `faults`.
 * Functions abort when the test itself is wrong. One thread.
 */
#ifndef AQ_MOCK_H
#define AQ_MOCK_H

#include <aioquant/bson.h>
#include <aioquant/market.h>
#include <aioquant/orders.h>
#include <aioquant/service.h>
#include <aioquant/store.h>
#include <aioquant/tell.h>

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

#define AQ_MOCK_ORDERS 4096
#define AQ_MOCK_INSTRUMENTS 8
#define AQ_MOCK_ACCOUNTS 4
#define AQ_MOCK_QUEUE (1u << 20)
#define AQ_MOCK_TIMERS 64
#define AQ_MOCK_CALLS 1024
#define AQ_MOCK_TAPS 16
#define AQ_MOCK_KEPT 4096

struct aq_mock_timer {
	int64_t id, at_ns, period_ns; /* id 0 = free */
	uint64_t tag;
};

/* What has become of a call of a store. */
enum aq_mock_call_state {
	AQ_MOCK_BEGUN = 1,
	AQ_MOCK_ASKED,       /* rows and its end may come */
	AQ_MOCK_TRANSACTION, /* it has begun one, which has not ended */
	AQ_MOCK_ENDED,
	AQ_MOCK_FORGOTTEN
};

struct aq_mock_call {
	int64_t id;
	struct aq_store_call what;
	uint8_t state;               /* enum aq_mock_call_state */
	uint64_t wanted;             /* rows that may come yet, UINT64_MAX = all */
	struct {
		uint8_t *bytes;      /* NULL = not given */
		uint32_t length;
	} parts[AQ_PART_PARAMETERS + 1]; /* by enum aq_store_part */
	uint8_t last_part;
};

/* A fact of the journal, or a record of a spool. */
struct aq_mock_kept {
	int64_t time_ns;
	uint32_t kind;               /* enum aq_journal_kind; 0 = of a spool */
	uint32_t length;
	uint8_t *bytes;
};

/* A reader of the journal, or a spool. Positions and numbers count from 1. */
struct aq_mock_tap {
	char name[16];
	bool is_spool;
	uint64_t tag;
	uint32_t kinds;              /* of the journal: bits 1u << enum aq_journal_kind */
	uint32_t wanted;             /* records that were asked for and have not been told */
	uint64_t at, read;           /* where to read on; the last that was told */
	uint64_t acknowledged;       /* all up to it */
	uint64_t dropped;            /* of a spool: all up to it are gone */
	uint32_t count;              /* of a spool: records that were appended */
	struct aq_mock_kept records[AQ_MOCK_KEPT];
};

struct aq_mock {
	const struct aq_plugin *plugin;
	struct aq_host host;
	struct aq_err err; /* of the last create, start or load */
	void *self;
	bool started;
	int64_t now_ns;

	struct aq_instrument instruments[AQ_MOCK_INSTRUMENTS]; /* [0] has id 1; the test may change them */
	uint32_t subscribed[AQ_MOCK_INSTRUMENTS];
	struct aq_top tops[AQ_MOCK_INSTRUMENTS];
	struct aq_level levels[AQ_MOCK_INSTRUMENTS][2][32]; /* [side - 1]; the top alone unless the test adds more */
	uint32_t level_counts[AQ_MOCK_INSTRUMENTS][2];
	aq_qty positions[AQ_MOCK_INSTRUMENTS][AQ_MOCK_ACCOUNTS]; /* account 1 is [0] */
	struct aq_position position_extra; /* what reads add: avg_price, realised, unrealised */
	struct aq_balance balance;
	uint32_t instrument_count;

	struct aq_order orders[AQ_MOCK_ORDERS]; /* [0] has id 1, oldest first */
	uint32_t order_count;
	struct aq_mock_timer timers[AQ_MOCK_TIMERS];
	int64_t timer_ids;

	uint16_t deny[4];        /* [enum aq_request]: code that the gate answers with, 0 = lets pass */
	bool full;               /* place, cancel and amend answer AQ_EAGAIN */
	bool order_before_fill;  /* which news of a fill comes first */
	bool rehearsal;          /* the market extension knows no instrument yet */
	uint32_t placed, cancelled, amended; /* calls that were accepted or denied, without AQ_EAGAIN */
	uint32_t doubles;        /* places while an order of the same market and tag was alive */
	uint32_t careless;       /* cancels and amends of an order with a request on its way */
	uint32_t malformed;      /* prices off the tick, quantities off the lot or beyond the filters */
	uint32_t reads;          /* of orders, positions and tops: what a callback costs */
	uint32_t callbacks;      /* of the plugin's on_event */

	char log[1024];          /* last line */
	uint32_t warnings;
	bool deaf;               /* it has no extension to be told something */
	void (*download)(struct aq_mock *k); /* the test's, or NULL: queues what a download tells before its end */
	char why[AQ_WHY_SIZE];   /* last text of aq_tell_api.why in the event in hand, cut as it is */
	char order_why[AQ_MOCK_ORDERS][AQ_WHY_SIZE]; /* what was in it when an order was placed or amended */
	struct {
		char name[AQ_GAUGE_NAME_SIZE];
		double value;
	} gauges[AQ_GAUGES];
	uint32_t gauge_count;
	struct aq_mock_call calls[AQ_MOCK_CALLS]; /* of stores; [0] has id 1 */
	uint32_t call_count;
	uint32_t store_room;     /* steps of calls (begin, each chunk, end) that are taken before AQ_EAGAIN; UINT32_MAX = all */
	bool storeless;          /* this host has no stores */

	struct aq_mock_kept facts[AQ_MOCK_KEPT]; /* [0] has position 1 */
	uint32_t fact_count;
	struct aq_mock_tap taps[AQ_MOCK_TAPS];
	uint32_t tap_count;
	struct aq_view_account view_accounts[8]; /* what a view shows: the test's to fill */
	struct aq_view_position view_positions[8];
	uint32_t view_account_count, view_position_count;

	char failed[256];        /* text of aq_host.fail, else empty */
	uint8_t *queue;          /* events, [head, tail) */
	uint32_t head, tail;
	uint8_t *blob;           /* of the last save */
	uint32_t blob_length;
};

struct aq_mock *aq_mock_new(const struct aq_plugin *plugin);
/* stop (if started), destroy, free. */
void aq_mock_free(struct aq_mock *k);

/* A spot market of account 1, tick and lot of one unit, no minima. */
struct aq_market aq_mock_market(struct aq_mock *k, const char *symbol, uint8_t px_digits, uint8_t qty_digits);

int32_t aq_mock_create(struct aq_mock *k);
/* Copies a value into the option's field, as the host does. */
void aq_mock_option(struct aq_mock *k, const char *name, const void *value, size_t size);
/* save into k->blob; returns what save returned. */
int32_t aq_mock_save(struct aq_mock *k);
int32_t aq_mock_load(struct aq_mock *k, const void *blob, uint64_t length);
/* start and a download: what a first start and a restart do. */
int32_t aq_mock_start(struct aq_mock *k);
/* A download again, as after a gap. */
void aq_mock_download(struct aq_mock *k);
/* Puts a new instance in the old one's place, with its state and orders, as a reload does; then a download. */
int32_t aq_mock_reload(struct aq_mock *k, const struct aq_plugin *plugin);

/* A valid top (quantities and prices scaled), and the event of it. */
void aq_mock_top(struct aq_mock *k, struct aq_market m, aq_px bid, aq_qty bid_qty, aq_px ask, aq_qty ask_qty);
/* The book is not valid any more, and AQ_EV_TROUBLE says so. */
void aq_mock_fault(struct aq_mock *k, struct aq_market m, enum aq_book_fault why, enum aq_trouble_kind what);
void aq_mock_trouble(struct aq_mock *k, struct aq_market m, enum aq_trouble_kind what, bool over);
/* Queues any event. */
void aq_mock_event(struct aq_mock *k, uint16_t type, struct aq_market m, uint64_t tag, const void *body, size_t size);
/* The same as a download has it, with AQ_EV_DOWNLOADED: for k->download. */
void aq_mock_downloaded(struct aq_mock *k, uint16_t type, struct aq_market m, uint64_t tag, const void *body,
	size_t size);

/* What the venue says to an order: AQ_UP_OPEN, REJECTED, CANCELLED, EXPIRED, AMENDED, CANCEL_REJECTED, AMEND_REJECTED,
 * UNKNOWN (of every request on its way). */
void aq_mock_answer(struct aq_mock *k, struct aq_order *o, enum aq_update update, uint16_t code);
void aq_mock_fill(struct aq_mock *k, struct aq_order *o, aq_qty qty);

/* The call of a store that was begun last with this tag; NULL: none. */
struct aq_mock_call *aq_mock_asked(struct aq_mock *k, uint64_t tag);
/* A part of it that is a document, or the first of its documents; {0}: it has none. */
struct aq_bson aq_mock_part(const struct aq_mock_call *c, enum aq_store_part part);
/* What the store answers to one that was handed over; nothing, once the strategy has given it up. Rows that were not asked for
 * are a mistake of the test. A row is a template as in stores.h: "{symbol: %s, price: %.*ld}". */
void aq_mock_row(struct aq_mock *k, struct aq_mock_call *c, const char *row, ...) __attribute__((format(printf, 3, 4)));
/* `rows` documents one behind the other, or a frame of so many. One row alone may be longer than an event: it comes in pieces. */
void aq_mock_rows(struct aq_mock *k, struct aq_mock_call *c, const void *bytes, uint32_t length, uint32_t rows, bool frame);
/* `end.call` and `end.transaction` are filled in. */
void aq_mock_done(struct aq_mock *k, struct aq_mock_call *c, struct aq_store_end end);
void aq_mock_refuse(struct aq_mock *k, struct aq_mock_call *c, enum aq_store_fault fault, int32_t code, const char *text);
/* There is room again (k->store_room), and AQ_EV_STORE_ROOM says so. */
void aq_mock_store_room(struct aq_mock *k, uint32_t store);
void aq_mock_store_state(struct aq_mock *k, uint32_t store, bool up, const char *text);

/* A fact at the end of the journal: AQ_EV_JOURNAL to readers of its kind that want one, when nothing else waits. */
void aq_mock_fact(struct aq_mock *k, enum aq_journal_kind kind, const void *body, size_t size);
/* A reader of the journal or a spool that the service has opened; NULL: none. */
struct aq_mock_tap *aq_mock_opened(struct aq_mock *k, const char *name, bool is_spool);
/* The spool was full: what it holds up to that number is gone, unless it was told. */
void aq_mock_spool_drop(struct aq_mock *k, const char *name, uint64_t to);

/* Moves time and queues the timers that come due. */
void aq_mock_time(struct aq_mock *k, int64_t now_ns);
/* Delivers one event; false when there is none. */
bool aq_mock_step(struct aq_mock *k);
void aq_mock_run(struct aq_mock *k);

/* The order that is not final under the author's tag, or NULL. */
struct aq_order *aq_mock_live(struct aq_mock *k, struct aq_market m, uint64_t tag);
/* The order placed last. */
struct aq_order *aq_mock_last(struct aq_mock *k);
/* doubles + careless + malformed. */
uint32_t aq_mock_faults(const struct aq_mock *k);

#ifdef __cplusplus
}
#endif

#endif
