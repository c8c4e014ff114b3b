/* stores.h: how a strategy keeps and finds things in a store; a part of strategy.h. Candles, assets and orders: records.h.
 *
 *	struct diary { uint32_t store; ... };
 *	AQ_STORE(diary, store, AQ_REQUIRED, "where it keeps its fills")     // [strategy:x] store = main, as in [storage:main]
 *
 *	aq_put(q, s->store, "fills", 0, "{time: %ld, symbol: %s, price: %.*ld}", f->time_ns, symbol, px_digits, f->price);
 *	aq_find(q, &(struct aq_query){.store = s->store, .collection = "fills", .tag = LAST, .sort = "{time: -1}", .limit = 10},
 *		"{symbol: %s, price: {$gte: %.*ld}}", symbol, px_digits, least);
 *
 * A call is asked for here and answered later: rows come to the `row` callback (or `frame`), then once `answer`, all with its
 * tag. Nothing waits. A strategy without `answer` has a line in the log for each call that failed. Every call returns the
 * call's id (> 0), or a negative status:
 * AQ_EFORMAT  the template is no document    AQ_ESPACE   the documents are longer than AQ_STORE_CHUNK
 * AQ_ENOENT   no such store                  AQ_EINVAL   what it is called with
 * AQ_EAGAIN   the store's queue is full: nothing was asked; the `room` callback follows when there is room
 * AQ_ENOSYS   this host has no stores        AQ_ESTATE   the strategy has not started
 *
 * Documents are written as templates in the relaxed form of JSON: names with or without quotes or from %s, 'texts' and
 * "texts" (up to the next such quote, without %), texts of one word that does not begin like a number, whole numbers (int64),
 * numbers with a point (decimal, exact), true, false, null, {...} and [...]. Values come in by the conversions of printf, so
 * that the compiler checks their types; they are never read as part of the template:
 *
 *	%s, %.*s              text; NULL is null
 *	%d %u %ld %lu %lld    int64, also for times in ns (%llu and %lu only up to INT64_MAX)
 *	%.*ld, %.*lld         decimal: first its digits, an int, then the scaled integer: a price with px_digits; AQ_NONE is null
 *	%g %f %e              double: for signals, never for money
 *	%hhu                  bool, as AQ_BOOL has it
 *
 * Everything here is linked hidden into the plugin; none of it is ABI. In callbacks only, from `ready` on. Nothing is
 * allocated but for rows that are longer than an event. */
#ifndef AIOQUANT_STORES_H
#define AIOQUANT_STORES_H

#include "bson.h"
#include "frame.h"

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(hidden)

struct aq_ctx;

/* How a call has ended. Texts are valid in the callback. */
struct aq_answer {
	int64_t call;
	uint64_t matched, changed; /* rows */
	int64_t insert_id;         /* of an auto_increment field; 0 = none */
	uint64_t transaction;      /* that aq_begin has begun */
	uint8_t fault;             /* 0 = done, else enum aq_store_fault */
	int32_t code;              /* the back end's own */
	const char *text;          /* and its words; "" when it is done */
};

/* What a call is about. Texts are copied; NULL and 0 are left out. */
struct aq_query {
	uint32_t store;
	const char *collection;
	uint64_t tag;
	const char *sort;     /* "{time: -1, id: 1}" */
	const char *fields;   /* "{time: 1, price: 1}": those alone come; a template without conversions */
	uint64_t skip, limit; /* not of a statement, of which `page` takes some and aq_forget leaves the rest */
	uint32_t page;        /* rows that come before aq_more; 0 = all */
	int64_t within_ns;    /* an error (AQ_STORE_LATE) when the back end has not begun it by then */
	uint64_t transaction; /* that it belongs to */
	bool frames;          /* rows come as frames, to the `frame` callback */
	bool new_row;         /* aq_find_modify: the row as it is after the change */
	bool or_insert;       /* aq_replace: when there is none */
};

#define AQ_TEMPLATE_(n) __attribute__((format(printf, n, n + 1)))

/* Makes a collection of a schema (store.h) if it is not there: "{fields: [{name: time, type: timestamp, key: true}, ...]}". */
int64_t aq_create(struct aq_ctx *q, uint32_t store, const char *collection, uint64_t tag, const char *schema, ...)
	AQ_TEMPLATE_(5);
/* Inserts one row. */
int64_t aq_put(struct aq_ctx *q, uint32_t store, const char *collection, uint64_t tag, const char *row, ...)
	AQ_TEMPLATE_(5);
/* Inserts many: documents one behind the other (bson.h), or a frame (frame.h); at most AQ_STORE_CHUNK bytes. */
int64_t aq_put_rows(struct aq_ctx *q, const struct aq_query *about, const void *documents, uint32_t length);
int64_t aq_put_frame(struct aq_ctx *q, const struct aq_query *about, const void *frame, uint32_t length);

/* A frame of any length (aq_frame_begin with SIZE_MAX), all of it or nothing. */
struct aq_batch {
	struct aq_query about;
	const void *frame;    /* the caller's; it stays as it is until the call's id is returned */
	uint64_t length;
	uint64_t at;          /* the SDK's own, 0 at first: how much has been handed over */
	int64_t call;
};
/* Hands over as much as the store's queue takes. Returns the call's id when that was all. AQ_EAGAIN: the rest waits; call it
 * again in the `room` callback, with the same struct, or give it up with aq_forget(q, b->call). Any other status: nothing
 * was asked, and the next time it begins anew; AQ_EINVAL also when it is longer than the store's option `queue`. A reload in
 * between leaves what was handed over in the queue: new code that keeps the field `call` gives it up in `ready`. */
int64_t aq_put_batch(struct aq_ctx *q, struct aq_batch *b);

int64_t aq_find(struct aq_ctx *q, const struct aq_query *about, const char *filter, ...) AQ_TEMPLATE_(3);
/* answer.matched is the number. */
int64_t aq_count(struct aq_ctx *q, const struct aq_query *about, const char *filter, ...) AQ_TEMPLATE_(3);
/* `fields` has one field: each value that it has once. */
int64_t aq_distinct(struct aq_ctx *q, const struct aq_query *about, const char *filter, ...) AQ_TEMPLATE_(3);
/* Two documents one behind the other, a filter and an update: "{symbol: %s} {$set: {price: %.*ld}}". */
int64_t aq_update(struct aq_ctx *q, const struct aq_query *about, const char *filter_and_update, ...) AQ_TEMPLATE_(3);
int64_t aq_upsert(struct aq_ctx *q, const struct aq_query *about, const char *filter_and_update, ...) AQ_TEMPLATE_(3);
int64_t aq_find_modify(struct aq_ctx *q, const struct aq_query *about, const char *filter_and_update, ...) AQ_TEMPLATE_(3);
/* A filter and the whole row. */
int64_t aq_replace(struct aq_ctx *q, const struct aq_query *about, const char *filter_and_row, ...) AQ_TEMPLATE_(3);
int64_t aq_delete(struct aq_ctx *q, const struct aq_query *about, const char *filter, ...) AQ_TEMPLATE_(3);
/* A statement of the back end's own with places for parameters, and their values: "[%s, %ld]" or a document; NULL = none. */
int64_t aq_statement(struct aq_ctx *q, const struct aq_query *about, const char *statement, const char *parameters, ...)
	AQ_TEMPLATE_(4);
/* A row {name} each; a row that is its schema. */
int64_t aq_collections(struct aq_ctx *q, uint32_t store, uint64_t tag);
int64_t aq_describe(struct aq_ctx *q, uint32_t store, const char *collection, uint64_t tag);

/* answer.transaction is its id, for aq_query. It is rolled back when it lasts too long: then `answer` comes once more. */
int64_t aq_begin(struct aq_ctx *q, uint32_t store, uint64_t tag);
int64_t aq_commit(struct aq_ctx *q, uint32_t store, uint64_t transaction, uint64_t tag);
int64_t aq_rollback(struct aq_ctx *q, uint32_t store, uint64_t transaction, uint64_t tag);

/* So many rows more, 0 = all. AQ_ENOENT when it has ended. */
int32_t aq_more(struct aq_ctx *q, int64_t call, uint32_t rows);
/* Nothing more comes of it. */
int32_t aq_forget(struct aq_ctx *q, int64_t call);

/* A template as a document in the caller's buffer. Returns its length, or AQ_EFORMAT, AQ_ESPACE, and of a value what
 * aq_doc_end says. Any thread. */
int32_t aq_doc_of(void *buffer, size_t room, const char *format, ...) AQ_TEMPLATE_(3);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif
