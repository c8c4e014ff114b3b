/* store.h: draft. Kind storage, and the extension "aq.draft.store/2" through which strategies and services use it.
 *
 * One asynchronous service over every back end. The caller states an operation; the host queues it (bounded) and
 * hands it to the storage instance, which lives on a loop of its own and may block on its back end there.
 * - A call is begin, any number of append, end: so a frame or a large value crosses in chunks of at most 64 KiB, each
 *   copied. Nothing of it is visible before end. begin and append answer AQ_EAGAIN when the queue is full;
 *   AQ_EV_STORE_ROOM follows when there is room again.
 * - It ends in exactly one AQ_EV_STORE_END or AQ_EV_STORE_ERROR. Rows come before it, in pages that the caller asks
 *   for.
 * - Calls to one store that name the same collection stay in order, across a reload of the back end too.
 * - Rows, documents, filters, schemas are BSON: times int64 ns, decimals decimal128. Filters have the document form
 *   ({price: {$gte: ...}}) and become bound parameters; no statement text is ever built from a value.
 * - A back end that is down is retried with back-off. Calls that have not reached it wait for it, in their order, as
 *   long as their deadline lets them.
 *
 * Changes: /2  frames with nulls, bytes, decimal128 and names of 63 bytes; distinct and replace; limits of update and
 * delete; insert_id; rows that are larger than an event; AQ_STORE_DOWN; answers are [loop]; without AQ_STORE_FACT and
 * stored(): what has been stored for good is what END answers; watch, unwatch and AQ_EV_STORE_FD for back ends that are
 * reached through a socket; no AQ_STORE_CREATE in a transaction.
 */
#ifndef AIOQUANT_STORE_H
#define AIOQUANT_STORE_H

#include "plugin.h"

#define AQ_STORE_EXT "aq.draft.store/2"
#define AQ_STORE_PROVIDER_EXT "aq.draft.store_provider/2"
#define AQ_STORE_CHUNK (64u * 1024u)

/* Parts that append carries, in this order; which of them an operation takes is said beside it. A part is the bytes of its
 * chunks, one behind the other: they may be cut anywhere. */
enum aq_store_part {
	AQ_PART_FILTER = 1,
	AQ_PART_UPDATE = 2,     /* document form: {$set: ...} */
	AQ_PART_PROJECTION = 3,
	AQ_PART_SORT = 4,
	AQ_PART_SCHEMA = 5,     /* {fields: [{name, type, ...}], comment}; below */
	AQ_PART_ROWS = 6,       /* documents, one behind the other */
	AQ_PART_FRAME = 7,      /* struct aq_frame and its columns */
	AQ_PART_STATEMENT = 8,  /* text of the back end, with places for parameters */
	AQ_PART_PARAMETERS = 9  /* one document whose values are bound in their order */
};

/* A schema is {fields: [{name: "price", type: "decimal", precision: 28, digits: 8, comment: "..."}, ...], comment: "..."}
 *
 * type            int64, double, decimal, text, bytes, bool, timestamp (int64 ns)
 * precision       of a decimal, 1..34, all its digits; default 34
 * digits          of a decimal, 0..precision, behind the point; required
 * key             true: part of the primary key, in the order of the fields; never null
 * auto_increment  true: an int64 that the back end counts when a row does not give it; it is the whole key. Numbers rise, but
 *                 some may be left out, after calls that were refused above all: they do not count rows
 * index, unique   true: an index of this field alone; a text: fields with the same text make one index, in their order
 * size            of text (characters) and bytes, the longest that is taken; 255 by default for fields in a key or index,
 *                 else unlimited
 * comment         at most 255 bytes
 *
 * At most 256 fields; their names have at most 63 bytes, do not begin with $, and differ in more than the case of ASCII
 * letters.
 */

enum aq_store_op {
	AQ_STORE_CREATE = 1,    /* SCHEMA; a collection that is there with the same schema is no error. Refused in a transaction,
				   since not every back end could take it back */
	AQ_STORE_LIST = 2,      /* rows: {name} */
	AQ_STORE_DESCRIBE = 3,  /* one row: the schema */
	AQ_STORE_INSERT = 4,    /* ROWS or FRAME */
	AQ_STORE_FIND = 5,      /* FILTER, PROJECTION, SORT; skip and limit in the call */
	AQ_STORE_COUNT = 6,     /* FILTER */
	AQ_STORE_UPDATE = 7,    /* FILTER, UPDATE, SORT; at most `limit` rows, 0 = all */
	AQ_STORE_UPSERT = 8,    /* FILTER, UPDATE */
	AQ_STORE_FIND_MODIFY = 9, /* FILTER, UPDATE, SORT; one row: as it was, or with AQ_STORE_NEW as it is */
	AQ_STORE_DELETE = 10,   /* FILTER, SORT; at most `limit` rows, 0 = all */
	AQ_STORE_RAW = 11,      /* STATEMENT, PARAMETERS: rows when it gives any, else `changed` and insert_id; refused where
				   the back end has no statements */
	AQ_STORE_BEGIN = 12,    /* a transaction; END brings the id for `transaction` of what belongs to it */
	AQ_STORE_COMMIT = 13,
	AQ_STORE_ROLLBACK = 14,
	AQ_STORE_DISTINCT = 15, /* FILTER, PROJECTION of one field, skip and limit; rows {field: value}, in their order */
	AQ_STORE_REPLACE = 16   /* FILTER, ROWS: one document, which becomes all of the one row that is found; fields that it
				   lacks are null. With AQ_STORE_OR_INSERT it is inserted when none is */
};

#define AQ_STORE_NEW 1u      /* find-and-modify: the row after the change */
#define AQ_STORE_AS_FRAMES 2u /* rows come as frames */
#define AQ_STORE_OR_INSERT 4u /* of a replace */

struct aq_store_call {
	uint32_t size;
	uint32_t store;       /* id of an AQ_OPT_STORE option */
	uint8_t op;           /* enum aq_store_op */
	uint8_t reserved[3];
	uint32_t flags;       /* AQ_STORE_* */
	uint64_t tag;         /* the events of this call bring it back */
	uint64_t transaction; /* 0 = none */
	uint64_t skip, limit; /* limit 0 = all */
	int64_t deadline_ns;  /* 0 = none: an error (AQ_STORE_LATE) when the back end has not begun it by then */
	char collection[64];  /* table or collection */
};

/* Precedes the bytes of each append. */
struct aq_store_chunk {
	uint32_t size;
	uint8_t part;         /* enum aq_store_part */
	uint8_t reserved[3];
	uint32_t length;      /* of the bytes; at most AQ_STORE_CHUNK */
	uint32_t reserved2;
};

/* A batch of rows by column. Columns follow: for each a struct aq_column, its nulls if it has any, and its array; each of
 * these padded to 8 bytes. */
struct aq_frame {
	uint32_t rows, columns;
};
enum aq_column_type {
	AQ_COL_INT64 = 1,
	AQ_COL_DOUBLE = 2,
	AQ_COL_TIME = 3,        /* int64 ns */
	AQ_COL_DECIMAL = 4,     /* int64 at 10^-digits; AQ_NONE = null */
	AQ_COL_TEXT = 5,        /* rows + 1 offsets of uint32_t, then the bytes */
	AQ_COL_BOOL = 6,        /* bytes of 0 and 1 */
	AQ_COL_BYTES = 7,       /* as TEXT */
	AQ_COL_DECIMAL128 = 8   /* 16 bytes as in BSON */
};
struct aq_column {
	char name[64];
	uint8_t type;         /* enum aq_column_type */
	uint8_t digits;       /* DECIMAL */
	uint8_t nulls;        /* 1: (rows + 7) / 8 bytes come before the array; bit i % 8 of byte i / 8: row i is null, and
				 what the array holds there does not matter */
	uint8_t reserved;
	uint32_t length;      /* bytes of the array, without padding */
};

/* Events of a call; in all of them tag is the call's. An error of an AQ_STORE_BEGIN after its end: the transaction was rolled
 * back, by its time limit or with its connection. */
enum aq_store_event {
	AQ_EV_STORE_ROWS = 120,  /* [aq_store_rows, documents or a frame] */
	AQ_EV_STORE_END = 121,   /* [aq_store_end] */
	AQ_EV_STORE_ERROR = 122, /* [aq_store_error] */
	AQ_EV_STORE_ROOM = 123,  /* tag: the store; a queue that was full has room */
	AQ_EV_STORE_STATE = 124, /* [aq_store_state] the back end is up or down */
	AQ_EV_STORE_FD = 125     /* [aq_store_fd] tag: the watch's. To a storage plugin alone: what it watches is ready */
};

struct aq_store_rows {
	uint64_t call;
	uint32_t rows, length;   /* bytes that follow */
	uint8_t frame;           /* 1: they are a frame */
	uint8_t last;            /* 1: of the page that was asked for */
	uint8_t more;            /* 1: these bytes are a piece of one row; the next event goes on with it. Then `rows` is 0, and
				    1 in its last piece */
	uint8_t reserved[5];
};

struct aq_store_end {
	uint64_t call;
	uint64_t matched, changed; /* rows */
	uint64_t transaction;      /* of AQ_STORE_BEGIN: its id, which is the call's */
	int64_t insert_id;         /* the auto_increment value of the (first) row that was inserted; 0 = none */
};

enum aq_store_fault {
	AQ_STORE_REFUSED = 1,  /* the back end said no: code and text are its own */
	AQ_STORE_DUPLICATE = 2,
	AQ_STORE_LATE = 3,     /* the deadline passed; nothing has happened */
	AQ_STORE_LOST = 4,     /* the connection went while it was under way: it may have happened */
	AQ_STORE_UNKNOWN = 5,  /* collection, field or type that is not there */
	AQ_STORE_DOWN = 6,     /* the back end is not there; nothing has happened: it may be tried again */
	AQ_STORE_CONFLICT = 7  /* a deadlock or a lock that others held too long; nothing has happened: it may be tried again */
};

struct aq_store_error {
	uint64_t call;
	int32_t code;          /* the back end's own */
	uint8_t fault;         /* enum aq_store_fault */
	uint8_t reserved[3];
	char text[240];        /* the back end's own words */
};

struct aq_store_state {
	uint32_t store;
	uint8_t up;
	uint8_t reserved[3];
	uint64_t waiting;      /* calls that have not ended */
	char text[120];
};

#define AQ_WATCH_READ 1u  /* reading would not block; an end or an error of the descriptor counts too */
#define AQ_WATCH_WRITE 2u

struct aq_store_fd {
	uint32_t events;         /* AQ_WATCH_*: which of those that are watched */
	uint32_t reserved;
};

/* What a strategy or service calls. */
struct aq_store_api {
	uint32_t size;
	uint32_t reserved;
	/* Opens a call. Returns its id (> 0). AQ_EINVAL, AQ_ENOENT (store), AQ_EAGAIN, AQ_ESTATE. [loop] */
	int64_t (*begin)(void *owner, const struct aq_store_call *call);
	/* Copies one chunk. AQ_EAGAIN: nothing was taken. AQ_ENOENT, AQ_EINVAL (part out of order, too long). [loop] */
	int32_t (*append)(void *owner, int64_t call, const struct aq_store_chunk *chunk, const void *bytes);
	/* Hands it over. `rows` of the answer may come at once; 0 = all, as they fit. [loop] */
	int32_t (*end)(void *owner, int64_t call, uint32_t rows);
	/* Asks for the next page; `rows` as above. AQ_ENOENT when it has ended. [loop] */
	int32_t (*more)(void *owner, int64_t call, uint32_t rows);
	/* No more events of it come but those that wait already; what has been handed over may still happen, but a
	 * transaction that it began is rolled back. AQ_ENOENT. [loop] */
	int32_t (*forget)(void *owner, int64_t call);
};

/* aq_plugin.ops of a storage plugin. create, check and destroy run on the trading loop; start, stop, on_event and these
 * run on the store's own, which may wait for its back end, but none of them for another call to end. */
struct aq_store_ops {
	uint32_t size;
	uint32_t reserved;
	/* The same three steps as the caller's, with the host's id of the call. A negative answer ends it with an
	 * error. [loop] */
	int32_t (*begin)(void *self, uint64_t call, const struct aq_store_call *what);
	int32_t (*append)(void *self, uint64_t call, const struct aq_store_chunk *chunk, const void *bytes);
	int32_t (*end)(void *self, uint64_t call);
	/* The caller wants so many rows more, UINT32_MAX = all. The first time right after `end`: rows go out after it only.
	 * [loop] */
	void (*more)(void *self, uint64_t call, uint32_t rows);
	/* The caller is gone: give up what can be given up. No answer is needed. [loop] */
	void (*forget)(void *self, uint64_t call);
};

/* What the storage plugin answers through. */
struct aq_store_provider_api {
	uint32_t size;
	uint32_t reserved;
	/* Documents or a frame of at most AQ_STORE_CHUNK less 4 KiB together; one of one row alone may have any length, the host
	 * cuts it. AQ_EAGAIN: the caller's queue is full; go on after `more` with 0 rows, which only says that there is room.
	 * AQ_ENOENT: the caller is gone. [loop] */
	int32_t (*rows)(void *owner, const struct aq_store_rows *rows, const void *bytes);
	int32_t (*done)(void *owner, const struct aq_store_end *end);
	/* Of an AQ_STORE_BEGIN that was done: its transaction is open no longer, it has been rolled back. */
	int32_t (*failed)(void *owner, const struct aq_store_error *error);
	/* Up or down; it counts as down until it has said that it is up. While it is down the host hands no new call over.
	 * [loop] */
	int32_t (*state)(void *owner, uint8_t up, const char *text);
	/* Sends AQ_EV_STORE_FD with `tag` whenever a descriptor of the plugin's own is ready for one of `events`
	 * (AQ_WATCH_READ | AQ_WATCH_WRITE): again after each callback, as long as it is. An error or a hang-up makes it ready
	 * for all that is watched. One watch a descriptor; the descriptor stays open until unwatch or the end of stop, which
	 * ends all watches. Returns an id (> 0). AQ_EINVAL (no descriptor, no events, bits that are not known), AQ_ESTATE
	 * (before start), AQ_EAGAIN (too many). [loop] */
	int64_t (*watch)(void *owner, int fd, uint32_t events, uint64_t tag);
	/* No event of it comes any more, those that wait already included. AQ_ENOENT. [loop] */
	int32_t (*unwatch)(void *owner, int64_t id);
};

#endif
