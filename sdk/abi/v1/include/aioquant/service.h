/* service.h: draft. What a service (console, alerts, metrics, recorder) gets, as far as its section grants it:
 * "aq.draft.view/1" to look at everything the host shows, "aq.draft.control/1" to give the commands that aqctl gives,
 * "aq.draft.web/1" for pages, and "aq.draft.journal/1" for orders and money in their order. Besides those market,
 * store and bus as strategies have them; never orders: a service has no orders of its own.
 */
#ifndef AIOQUANT_SERVICE_H
#define AIOQUANT_SERVICE_H

#include "plugin.h"

#define AQ_VIEW_EXT "aq.draft.view/1"
#define AQ_CONTROL_EXT "aq.draft.control/1"
#define AQ_WEB_EXT "aq.draft.web/1"
#define AQ_JOURNAL_EXT "aq.draft.journal/1"

enum aq_service_event {
	AQ_EV_VIEW_CHANGED = 160,  /* tag: enum aq_view_table that has changed since it was last read */
	AQ_EV_ALARM = 161,         /* [aq_alarm] something is wrong, or right again */
	AQ_EV_CONTROL_DONE = 162,  /* [aq_control_result, text] tag: the command's */
	AQ_EV_WEB_REQUEST = 163,   /* [aq_web_request, body] tag: the route's */
	AQ_EV_WEB_OPEN = 164,      /* [aq_web_request] a WebSocket of a route; its id is `request` */
	AQ_EV_WEB_MESSAGE = 165,   /* [aq_web_request, body] */
	AQ_EV_WEB_CLOSED = 166,    /* [aq_web_request] */
	AQ_EV_JOURNAL = 167        /* [aq_journal_record, body] */
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

struct aq_view_api {
	uint32_t size;
	uint32_t reserved;
	/* Rows of a table from `first` on, each of the table's struct (orders: struct aq_order, positions: struct
	 * aq_position), as of the event in hand. Returns how many were written; AQ_ENOENT for a table it does not
	 * know. [loop] */
	int32_t (*rows)(void *owner, uint32_t table, uint32_t first, void *out, uint32_t row_size, uint32_t rows);
	/* AQ_EV_VIEW_CHANGED at most once in `every_ns` for each table of the mask (bit = enum aq_view_table). [loop]
	 * */
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

/* ---- journal ---- */

/* Orders, fills, denials, cash flows and operator actions, in their order, from the reader's acknowledged position
 * on: the same records whether they happen now or happened before the service was started. */
struct aq_journal_record {
	uint64_t position;
	int64_t time_ns;
	uint16_t type;             /* an event type of event.h: AQ_EV_ORDER, AQ_EV_FILL, AQ_EV_CASHFLOW ... */
	uint8_t reserved[2];
	uint32_t length;           /* of the body that follows */
};

struct aq_journal_api {
	uint32_t size;
	uint32_t reserved;
	/* AQ_EV_JOURNAL from the acknowledged position on, at most `window` not acknowledged at once. [loop] */
	int32_t (*read)(void *owner, uint32_t window);
	/* Everything up to this position is done with; the host keeps what is not. [loop] */
	int32_t (*acknowledge)(void *owner, uint64_t position);
};

#endif
