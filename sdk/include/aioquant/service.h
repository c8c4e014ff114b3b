/* service.h: draft. What a service (recorder, console, alerts, metrics) gets:
 * "aq.draft.view/2" to look at everything the host shows, "aq.draft.journal/2" for orders and money in their order, and
 * "aq.draft.spool/1" for what waits to be stored; not offered by any host yet "aq.draft.control/1" to give the commands that aqctl
 * gives and "aq.draft.web/1" for pages. Besides those market, store and tell as strategies have them; never orders: a service has
 * no orders of its own.
 *
 * Changes: view/2 rows of accounts and positions; journal/2 several readers for a service, bodies of their own; spool/1.
 */
#ifndef AIOQUANT_SERVICE_H
#define AIOQUANT_SERVICE_H

#include "event.h"
#include "plugin.h"

#define AQ_VIEW_EXT "aq.draft.view/2"
#define AQ_CONTROL_EXT "aq.draft.control/1"
#define AQ_WEB_EXT "aq.draft.web/1"
#define AQ_JOURNAL_EXT "aq.draft.journal/2"
#define AQ_SPOOL_EXT "aq.draft.spool/1"

enum aq_service_event {
	AQ_EV_VIEW_CHANGED = 160,  /* tag: enum aq_view_table that has changed since it was last read */
	AQ_EV_ALARM = 161,         /* [aq_alarm] something is wrong, or right again */
	AQ_EV_CONTROL_DONE = 162,  /* [aq_control_result, text] tag: the command's */
	AQ_EV_WEB_REQUEST = 163,   /* [aq_web_request, body] tag: the route's */
	AQ_EV_WEB_OPEN = 164,      /* [aq_web_request] a WebSocket of a route; its id is `request` */
	AQ_EV_WEB_MESSAGE = 165,   /* [aq_web_request, body] */
	AQ_EV_WEB_CLOSED = 166,    /* [aq_web_request] */
	AQ_EV_JOURNAL = 167,       /* [aq_journal_record, body] tag: the reader's */
	AQ_EV_SPOOL = 168,         /* [aq_spool_record, bytes] tag: the spool's */
	AQ_EV_STOPPING = 169       /* the host stops: what waits is to be dealt with now */
};

/* ---- view ---- */

enum aq_view_table {
	AQ_VIEW_HOST = 1,
	AQ_VIEW_VENUES = 2,
	AQ_VIEW_ACCOUNTS = 3,
	AQ_VIEW_INSTANCES = 4,
	AQ_VIEW_ORDERS = 5,
	AQ_VIEW_POSITIONS = 6,
	AQ_VIEW_LIMITS = 7,
	AQ_VIEW_LATENCY = 8
};

/* One row of AQ_VIEW_HOST. */
struct aq_view_host {
	uint32_t size;
	uint8_t mode;              /* 1 replay, 2 paper, 3 live */
	uint8_t operator_state;    /* 0 none, 1 paused, 2 close-only, 3 halted */
	uint8_t reserved[2];
	int64_t started_ns;
	uint64_t journal_bytes, disk_free_bytes;
	uint32_t overrides, errors; /* options changed at run time; sections that failed */
	char server_id[48];
	char version[32];
};

/* One row of AQ_VIEW_INSTANCES: every section with a plugin. */
struct aq_view_instance {
	uint32_t size;
	uint32_t id;
	uint8_t kind;              /* enum aq_kind */
	uint8_t operator_state;
	uint8_t reserved[2];
	uint32_t generation;
	uint64_t events, denied;
	int64_t queue_ns;          /* age of the oldest event that waits */
	char name[48], plugin[48];
	char hash[16];             /* of the code, first digits */
	char state[32];            /* the word that aqctl shows */
};

/* One row of AQ_VIEW_ACCOUNTS. */
struct aq_view_account {
	uint32_t size;
	uint32_t id;
	uint8_t ready;             /* reconciled with its venue */
	uint8_t is_valued;         /* 0: a price is missing */
	uint8_t reserved[6];
	struct aq_amt equity;      /* in report_currency: balances, and what open contracts are worth */
	char name[48];
};

/* One row of AQ_VIEW_POSITIONS: of each (account, instrument, instance), the row `external` (instance 0) included. */
struct aq_view_position {
	uint32_t size;
	uint8_t is_valued;         /* 0: a price is missing */
	uint8_t reserved[3];
	struct aq_position position;
	struct aq_amt realised, unrealised; /* in report_currency, without fees */
};

struct aq_view_api {
	uint32_t size;
	uint32_t reserved;
	/* Rows of a table from `first` on, each of the table's struct, as of the event in hand. Returns how many were written;
	 * AQ_ENOENT for a table it does not offer (so far it offers accounts and positions), AQ_EINVAL. [loop] */
	int32_t (*rows)(void *owner, uint32_t table, uint32_t first, void *out, uint32_t row_size, uint32_t rows);
	/* AQ_EV_VIEW_CHANGED at most once in `every_ns` for each table of the mask (bit = enum aq_view_table). So far AQ_ENOSYS.
	 * [loop] */
	int32_t (*watch)(void *owner, uint32_t tables, int64_t every_ns);
};

/* ---- alarms ---- */

enum aq_alarm_kind {
	AQ_ALARM_HALT = 1,
	AQ_ALARM_LOSS_DAY = 2,
	AQ_ALARM_UNKNOWN = 3,      /* an order */
	AQ_ALARM_UNRECONCILED = 4,
	AQ_ALARM_VENUE_DOWN = 5,
	AQ_ALARM_DISK_LOW = 6,
	AQ_ALARM_QUARANTINE = 7,
	AQ_ALARM_PEER_MISSING = 8,
	AQ_ALARM_WARN = 9          /* any line of the log from warn on */
};
struct aq_alarm {
	uint16_t kind;             /* enum aq_alarm_kind */
	uint8_t over;              /* 1: it is well again */
	uint8_t level;             /* enum aq_level_of_log */
	uint8_t reserved[4];
	int64_t since_ns;
	char subject[64];          /* instance, account, venue */
	char text[240];            /* what is wrong and what is being done */
};

/* ---- control ---- */

/* One command of the table that serves aqctl, console and bus alike. Words as aqctl takes them follow in `text`. */
struct aq_control_command {
	uint32_t size;
	uint8_t json;              /* 1: the answer as JSON with a schema name, 0: as people read it */
	uint8_t reserved[3];
	uint64_t tag;
	int64_t deadline_ns;       /* a command that adds risk is refused after it; 0 = one second */
	char who[64];              /* goes into the journal */
	char text[256];
};

struct aq_control_result {
	int32_t code;              /* aqctl's exit code: 0 done, 1 failed, 2 usage, 4 refused, 5 partly */
	uint32_t length;           /* of the text that follows; long answers come in several events */
	uint8_t more;
	uint8_t reserved[7];
};

struct aq_control_api {
	uint32_t size;
	uint32_t reserved;
	/* Ends in an AQ_EV_CONTROL_DONE without `more`. AQ_EINVAL, AQ_EAGAIN, AQ_ESTATE; what the section does not
	 * grant is refused with code 4. [loop] */
	int32_t (*run)(void *owner, const struct aq_control_command *command);
};

/* ---- web: the server is the host's ---- */

struct aq_web_route {
	uint32_t size;
	uint8_t socket;            /* 1: WebSocket */
	uint8_t open;              /* 1: no token is asked for; only for what everybody may see */
	uint8_t reserved[2];
	uint64_t tag;
	char method[8];            /* GET, POST */
	char path[120];            /* /orders; a trailing slash matches all below it */
};

struct aq_web_request {
	uint64_t request;          /* to be answered with it */
	uint32_t length;           /* of the body that follows */
	uint8_t role;              /* 1 may look, 2 may act */
	uint8_t reserved[3];
	char who[64];
	char path[240];
	char query[240];
};

struct aq_web_answer {
	uint32_t size;
	uint16_t status;           /* 200 */
	uint8_t more;              /* 1: further bytes of this answer follow with another call */
	uint8_t reserved;
	uint64_t request;
	char type[64];             /* text/html; charset=utf-8 */
};

struct aq_web_api {
	uint32_t size;
	uint32_t reserved;
	/* Returns an id (> 0). AQ_EINVAL when another service has the route. [loop] */
	int64_t (*route)(void *owner, const struct aq_web_route *route);
	/* At most 64 KiB a call. AQ_EAGAIN: the connection takes no more now; AQ_EV_WAKE follows. AQ_ENOENT: it is
	 * gone. [loop] */
	int32_t (*answer)(void *owner, const struct aq_web_answer *answer, const void *bytes, uint32_t length);
	/* A message on a WebSocket, or on all of a route (socket 0). [loop] */
	int32_t (*send)(void *owner, int64_t route, uint64_t socket, const void *bytes, uint32_t length);
};

/* ---- journal: orders and money in their order ---- */

/* What a reader asks for: bits of its mask are 1u << kind. */
enum aq_journal_kind {
	AQ_JOURNAL_ORDER = 1,    /* [aq_order_change] an order leaves, a cancel or amend of it does, or the venue has said
	                            something; to a reader without fills a fill is one, too: AQ_UP_FILLED, `filled` */
	AQ_JOURNAL_FILL = 2,     /* [aq_journal_fill] */
	AQ_JOURNAL_CASHFLOW = 3, /* [aq_journal_cashflow] */
	AQ_JOURNAL_DENIAL = 4,   /* [aq_order_change] an order that was not sent, and why */
	AQ_JOURNAL_OPERATOR = 5  /* [aq_journal_operator] */
};

/* The same records in the same order whether they happen now or happened before the service was started. An order of an
 * AQ_JOURNAL_ORDER is as it is known: its terms are those of the change; what the journal's record does not say and the host no
 * longer knows is 0, or AQ_NONE. */
struct aq_journal_record {
	uint64_t position;         /* of this record; rises for ever */
	uint64_t next;             /* to acknowledge it and all before it */
	int64_t time_ns;           /* of the fact; in the event's header it is that of the reading */
	uint8_t kind;              /* enum aq_journal_kind */
	uint8_t more;              /* 1: another record waits behind it, asked for or not */
	uint8_t reserved[2];
	uint32_t length;           /* of the body that follows */
};
#define AQ_JOURNAL_BODY(type, record) ((const struct type *)(const void *)((const struct aq_journal_record *)(record) + 1))

/* A fill, or where the venue's position differed from the ledger the adjustment that made them equal. */
struct aq_journal_fill {
	struct aq_fill fill;
	uint64_t number;           /* rises by one with every fill of this host; 0 = an adjustment */
	struct aq_amt notional;    /* price x quantity, in quote (inverse: base) currency */
	/* In report_currency, at the prices of the reading where the fill does not have them. */
	struct aq_amt notional_value, fee_value, realised_value;
	uint8_t is_valued;         /* 0: a price was missing */
	uint8_t reserved[7];
};

struct aq_journal_cashflow {
	uint32_t account;
	uint8_t is_valued;         /* 0: a price was missing when it was booked */
	uint8_t reserved[3];
	int64_t venue_ns;
	struct aq_cashflow flow;
	struct aq_amt value;       /* in report_currency, at the price of its booking */
};

/* What a person, a file, a limit or a crash did: pause, halt, flatten, a live option that was set ... */
struct aq_journal_operator {
	uint32_t uid;
	uint32_t reserved;
	char who[40];              /* aqctl, file, signal, crash, limit.loss_day */
	char subject[48];          /* host, account, instance or section */
	char what[360];
};

enum aq_name_kind {
	AQ_NAME_INSTANCE = 1,
	AQ_NAME_ACCOUNT = 2,
	AQ_NAME_ORDER = 3,         /* an order's id as people read it */
	AQ_NAME_CODE = 4,          /* what an enum aq_code means, in words */
	AQ_NAME_CURRENCY = 5,      /* id 0: report_currency */
	AQ_NAME_HOST = 6           /* id 0: server_id */
};

struct aq_journal_api {
	uint32_t size;
	uint32_t reserved;
	/* A reader of the caller's, by name ([a-z0-9_], at most 15), from where it has acknowledged on; the first time from the oldest
	 * that there is. Again: it goes back there, and what waits of it is not told any more. A reader that is opened no
	 * more after a reload is given up. Nothing of the journal is deleted before every reader has acknowledged it. [loop] */
	int32_t (*open)(void *owner, const char *reader, uint32_t kinds, uint64_t tag);
	/* So many AQ_EV_JOURNAL more, with the reader's tag, as soon as there are any. AQ_ENOENT. [loop] */
	int32_t (*read)(void *owner, uint64_t tag, uint32_t records);
	/* All before `next` is done with. AQ_ENOENT, AQ_EINVAL. [loop] */
	int32_t (*acknowledge)(void *owner, uint64_t tag, uint64_t next);
	/* The name of an id that a record has (enum aq_name_kind). Returns its length; AQ_ENOENT, AQ_ESPACE. [loop] */
	int32_t (*name)(void *owner, uint32_t kind, uint64_t id, char *out, uint32_t size);
};

/* ---- spool: what must outlive the process until somebody has taken it ---- */

/* Records are numbered from 1 on without a gap, checksummed, and survive a kill of the process. A spool that is full drops its
 * oldest records; whoever reads sees it by the numbers. */
struct aq_spool {
	uint32_t size;
	uint32_t reserved;
	uint64_t tag;
	int64_t limit;             /* bytes on the disk, at least 512 KiB */
	char name[16];             /* [a-z0-9_]: one folder for each */
	char folder[256];          /* that it lies in; relative to the section's file; empty: STATE_DIR/spool */
};

struct aq_spool_record {
	uint64_t number;
	uint64_t previous;         /* that was read or acknowledged before it; number - 1, or those between were dropped */
	int64_t time_ns;           /* of its append */
	uint8_t more;              /* 1: another waits behind it */
	uint8_t reserved[3];
	uint32_t length;           /* of the bytes that follow */
};

struct aq_spool_state {
	uint32_t size;
	uint32_t reserved;
	uint64_t last;             /* number; 0 = none */
	uint64_t acknowledged;
	int64_t bytes;             /* on the disk */
	uint64_t dropped;          /* since it was opened */
};

struct aq_spool_api {
	uint32_t size;
	uint32_t reserved;
	/* Opens it, and makes it if it is not there. One that cannot be opened takes the caller out, with the reason. Again: reading
	 * goes back to what was acknowledged, and what waits of it is not told any more. AQ_EINVAL. [loop] */
	int32_t (*open)(void *owner, const struct aq_spool *spool);
	/* Returns its number: the record is accepted. At most 32 KiB. AQ_ENOENT, AQ_EINVAL. [loop] */
	int64_t (*append)(void *owner, uint64_t tag, const void *bytes, uint32_t length);
	/* So many AQ_EV_SPOOL more, with the spool's tag, as soon as there are any. AQ_ENOENT. [loop] */
	int32_t (*read)(void *owner, uint64_t tag, uint32_t records);
	/* All up to `number` is done with. AQ_ENOENT, AQ_EINVAL. [loop] */
	int32_t (*acknowledge)(void *owner, uint64_t tag, uint64_t number);
	/* out->size is set by the caller. AQ_ENOENT. [loop] */
	int32_t (*state)(void *owner, uint64_t tag, struct aq_spool_state *out);
};

#endif
