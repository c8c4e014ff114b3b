/* store.h: the store of one instance: its connections, collections, calls and the transaction.
 *
 * All on the store's loop, where it may wait for the file. Functions that take a struct sql_error return 0, or -1 with it
 * filled.
 */
#ifndef SQLITE_STORE_H
#define SQLITE_STORE_H

#include "sql/frame_out.h"
#include "sql/given.h"
#include "sql/known.h"
#include "sqlite/values.h"

#include <aioquant/plugin.h>

#define CALLS_MAX 256
#define READERS_MAX 8         /* reads that are open at once */
#define PAGE_BYTES (AQ_STORE_CHUNK - 4096u) /* an event has room for it */

enum store_timer { TIMER_RETRY = 1, TIMER_TRANSACTION = 2 };

/* What a call answers with rows: a cursor that is open, or documents that are ready. */
struct answer {
	struct connection *connection;  /* of the cursor */
	sqlite3_stmt *cursor;           /* NULL = documents are ready */
	struct sql_collection *collection;  /* NULL = raw: columns as they are */
	struct sql_columns columns;
	struct sql_frame_out frames;
	struct sql_value *values;       /* of the row in hand, one a column */
	bool as_frames, has_row;
	bson_t row;                     /* the document in hand */
	struct sql_buffer ready;
	size_t ready_at;
	struct sql_buffer page;         /* has not been taken yet if it is not empty */
	uint32_t page_rows;
	bool page_last;
	bool endless;                   /* all rows are wanted */
	uint64_t wanted;
	struct aq_store_end end;
};

struct call {
	struct sql_given given;
	uint64_t id;
	uint64_t turn;                  /* > 0: waits for the transaction to end */
	bool answering;
	struct answer answer;
};

struct transaction {
	uint64_t id; /* of the call that began it; 0 = none */
	int64_t timer;
};

struct store {
	const struct aq_host *host;
	const struct aq_store_provider_api *provider;
	/* options */
	char file[1024];
	uint8_t synchronous;
	int64_t busy_timeout, cache, max_call, transaction_limit;

	struct connection writer;
	struct connection readers[READERS_MAX];
	struct sql_known collections;
	struct call *calls[CALLS_MAX];
	struct transaction transaction;
	uint64_t turns;
	bool started, up, told;
	int64_t retry; /* timer */
	int64_t pause; /* until the next try, ns */
};

extern const struct aq_store_ops store_ops;

/* ---- health.c: up and down ---- */

/* Opens the file, or goes down and tries again later. */
void store_open(struct store *s);
void store_close(struct store *s);
void store_retry(struct store *s);
/* The file does not work: why. */
void store_down(struct store *s, const struct sql_error *err);
void store_works(struct store *s);
struct connection_options store_options(const struct store *s);

/* ---- collections.c ---- */

/* AQ_STORE_UNKNOWN when there is none. Goes back with sql_collection_put. */
struct sql_collection *collection_get(struct store *s, const char *name, struct sql_error *err);
int collection_create(struct store *s, struct call *c, struct sql_error *err);
int collections_list(struct store *s, struct call *c, struct sql_error *err);
int collection_describe(struct store *s, struct call *c, struct sql_error *err);

/* ---- calls.c ---- */

void call_fail(struct store *s, struct call *c, const struct sql_error *err);
void call_done(struct store *s, struct call *c);
/* Runs the calls that waited for the transaction, in their order. */
void calls_go_on(struct store *s);
void calls_free(struct store *s);

/* ---- answer.c ---- */

/* Sends what is wanted, ends the call when all has been sent. */
void answer_pump(struct store *s, struct call *c);
void answer_free(struct answer *a);
/* Adds a document to those that are ready. */
int answer_add(struct store *s, struct call *c, const bson_t *document, struct sql_error *err);
/* The row that the statement stands on, as a document; replaces `out`. */
int answer_document(struct answer *a, sqlite3_stmt *row, bson_t *out, struct sql_error *err);
/* To the first row of the cursor. */
int answer_begin(struct answer *a, struct sql_error *err);

/* ---- operations: the rows are left in the call's answer ---- */

/* Of distinct, too. */
int store_find(struct store *s, struct call *c, struct sql_error *err);
int store_count(struct store *s, struct call *c, struct sql_error *err);
int store_insert(struct store *s, struct call *c, struct sql_error *err);
int store_update(struct store *s, struct call *c, struct sql_error *err);
int store_upsert(struct store *s, struct call *c, struct sql_error *err);
int store_find_modify(struct store *s, struct call *c, struct sql_error *err);
int store_replace(struct store *s, struct call *c, struct sql_error *err);
int store_delete(struct store *s, struct call *c, struct sql_error *err);
int store_raw(struct store *s, struct call *c, struct sql_error *err);
/* What the field that counts itself is in the row that was inserted last; 0 = there is no such field. */
int64_t store_insert_id(const struct store *s, const struct sql_schema *schema);
/* A connection that no open read has; NULL with the error. */
struct connection *store_reader(struct store *s, struct sql_error *err);
/* Steps a statement that gives no rows. */
int store_step(struct connection *c, sqlite3_stmt *statement, struct sql_error *err);

/* ---- transaction.c ---- */

int transaction_begin(struct store *s, struct call *c, struct sql_error *err);
int transaction_end(struct store *s, bool keep, struct sql_error *err);
/* The time limit, or nobody wants it any more. */
void transaction_give_up(struct store *s, const char *why);
/* Runs `work` so that all of it happens or nothing: in a transaction of its own, or within the one under way. */
int transaction_around(struct store *s, struct call *c,
	int (*work)(struct store *s, struct call *c, struct sql_error *err), struct sql_error *err);

#endif
