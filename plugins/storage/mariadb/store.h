/* store.h: the store of one instance: its pool of connections, its collections and its calls.
 *
 * All on the store's loop, which never waits here: what asks the server something runs in the fiber of a session and ends
 * when the answer is there. Functions that take a struct sql_error return 0, or -1 with it filled; those that also take a
 * session may wait, so they are called from its fiber only.
 */
#ifndef MARIADB_STORE_H
#define MARIADB_STORE_H

#include "mariadb/session.h"
#include "sql/frame_out.h"
#include "sql/given.h"
#include "sql/known.h"

#include <aioquant/plugin.h>

#define CALLS_MAX 256
#define KILLS_MAX SESSIONS_MAX
#define PAGE_BYTES (60u * 1024u) /* an event has room for it */

/* Low bits of a timer's tag; those above are the session's number. */
enum store_timer { TIMER_RETRY = 1, TIMER_DEADLINE = 2, TIMER_SESSION = 3, TIMER_TRANSACTION = 4, TIMER_KINDS = 8 };

/* What a call answers with rows: a cursor that is open on the server, or documents that are ready. */
struct answer {
	struct statement *cursor;       /* of the call's session; NULL = documents are ready */
	struct sql_collection *collection;  /* NULL = raw: columns as they are */
	struct sql_columns columns;
	struct sql_frame_out frames;
	struct sql_value *values;       /* of the row in hand, one a column */
	bool as_frames, has_row;
	bson_t row;                     /* the row in hand, unless frames are wanted */
	struct sql_buffer ready;
	size_t ready_at;
	struct sql_buffer page;         /* has not been taken yet if it is not empty */
	uint32_t page_rows;
	bool page_last;
	bool endless;                   /* as many rows as fit are wanted */
	uint64_t wanted;
	struct aq_store_end end;
};

enum call_state {
	CALL_GIVEN = 0,   /* its parts come */
	CALL_WAITING = 1, /* for its turn */
	CALL_RUNNING = 2, /* a session works on it */
	CALL_ANSWERING = 3
};

struct call {
	struct store *s;
	struct sql_given given;
	uint64_t id;
	uint64_t turn;                  /* place in the order, once it has ended */
	uint8_t state;                  /* enum call_state */
	bool failed;                    /* what ran in the fiber did, `why` is its error */
	bool gone;                      /* nobody wants to know any more */
	bool may_hold;                  /* its rows may stay on the server: they hold the session */
	struct sql_error why;
	struct session *session;        /* that works on it, or has its cursor */
	struct answer answer;
};

struct store {
	const struct aq_host *host;
	const struct aq_store_provider_api *provider;
	/* options */
	char address[256], database[128], user[128], password[256], pool[16], tls_ca[1024];
	uint8_t tls;
	int64_t connect_timeout, connect_tries, call_timeout, max_call, transaction_limit;

	struct session_options connect; /* made of the options */
	unsigned pool_min, pool_max;
	struct session sessions[SESSIONS_MAX];
	struct sql_known collections;
	struct call *calls[CALLS_MAX];
	uint64_t turns;
	bool started, up, told, turning, again;
	bool was_up;      /* since then it is tried for ever */
	int64_t tries;    /* before that */
	int64_t retry;    /* timer; 0 = connections may be made */
	int64_t pause;    /* until the next try, ns */
	int64_t deadline; /* timer, at deadline_ns */
	int64_t deadline_ns;
	unsigned long kills[KILLS_MAX]; /* connections whose statement was broken off */
	unsigned kill_count;
};

extern const struct aq_store_ops store_ops;

/* ---- pool.c: connections are made, lost and tried again; up and down ---- */

void pool_start(struct store *s);
void pool_stop(struct store *s);
/* After a session's fiber has been started or resumed: if it has ended, what it was for is told, and a connection that is
 * gone is closed. */
void pool_look(struct session *c);
/* After a page was filled without waiting: the same for the connection alone. */
void pool_settle(struct session *c);
/* Connects another one if one is missing or wanted. */
void pool_grow(struct store *s, bool wanted);
/* Connected, without work, cursor and transaction; NULL when there is none. */
struct session *pool_idle(struct store *s);
/* The session's socket or its timer has an event. */
void pool_ready(struct session *c, uint32_t events);
void pool_timer(struct session *c);
void pool_retry(struct store *s);
/* A call has been worked on and the connection is still there. */
void pool_works(struct store *s);
/* How many are taken by transactions and by rows that wait to be asked for. */
unsigned pool_held(const struct store *s);

/* ---- schedule.c: whose turn it is ---- */

/* Gives sessions to the calls that may run. Called from the loop, after anything that may have changed that. */
void store_turn(struct store *s);

/* ---- collections.c ---- */

/* AQ_STORE_UNKNOWN when there is none. Goes back with sql_collection_put. */
struct sql_collection *collection_get(struct session *c, const char *name, struct sql_error *err);
int collections_list(struct session *c, struct call *call, struct sql_error *err);
int collection_describe(struct session *c, struct call *call, struct sql_error *err);

/* ---- create.c ---- */

int collection_create(struct session *c, struct call *call, struct sql_error *err);

/* ---- calls.c ---- */

struct operation {
	int (*run)(struct session *c, struct call *call, struct sql_error *err);
	bool holds; /* it may go on holding its session */
};
const struct operation *call_operation(const struct call *c);
void call_fail(struct call *c, const struct sql_error *err);
void call_done(struct call *c);
void call_release(struct call *c);
void calls_free(struct store *s);

/* ---- run.c: work in the fiber of a session, and what comes after it ---- */

/* Begins something in the fiber of a session that does nothing. */
void run_start(struct session *c, enum session_task task, void (*work)(void *session), struct call *call);
/* Its fiber has ended. */
void run_ended(struct session *c, enum session_task task);
/* The session is gone: so is the cursor of its call, and its transaction. */
void run_lost(struct session *c);
/* Begins a call on a session that is idle or has its transaction. */
void run_call(struct session *c, struct call *call);
/* Fetches rows of an open cursor until a page is full. False when it waits; else it has ended, `failed` says how. */
bool run_fill(struct call *call);
/* Closes the cursor of a call that is gone. */
void run_close(struct call *call);
/* Rolls back a transaction that nobody ends any more. */
void run_give_up(struct session *c, const char *why);
/* Ends the statements of connections that were broken off. */
void run_kill(struct session *c);

/* ---- answer.c ---- */

/* Sends what is wanted, ends the call when all has been sent. From the loop. */
void answer_pump(struct call *c);
void answer_free(struct answer *a);
/* Rows of the cursor or of those that are ready, until the page is full. */
int answer_fill(struct session *c, struct answer *a, struct sql_error *err);
/* To the first row. */
int answer_begin(struct session *c, struct answer *a, struct sql_error *err);
/* Adds a document to those that are ready. */
int answer_add(struct call *c, const bson_t *document, struct sql_error *err);
/* All rows of the statement that has been executed, which are documents then. */
int answer_read_all(struct session *c, struct call *call, struct statement *st, struct sql_error *err);

/* ---- operations: the rows are left in the call's answer ---- */

int store_find(struct session *c, struct call *call, struct sql_error *err);
int store_count(struct session *c, struct call *call, struct sql_error *err);
int store_insert(struct session *c, struct call *call, struct sql_error *err);
int store_update(struct session *c, struct call *call, struct sql_error *err);
int store_upsert(struct session *c, struct call *call, struct sql_error *err);
int store_find_modify(struct session *c, struct call *call, struct sql_error *err);
int store_delete(struct session *c, struct call *call, struct sql_error *err);
int store_replace(struct session *c, struct call *call, struct sql_error *err);
int store_raw(struct session *c, struct call *call, struct sql_error *err);

/* ---- transaction.c ---- */

int transaction_begin(struct session *c, struct call *call, struct sql_error *err);
int transaction_end(struct session *c, struct call *call, struct sql_error *err);
/* The session that has it; NULL when it has ended. */
struct session *transaction_session(struct store *s, uint64_t id);
/* The server no longer has it, or it has been ended. */
void transaction_over(struct session *c);
/* The same, of one that nobody has ended: the host is told. */
void transaction_rolled_back(struct session *c, uint8_t fault, const char *why);
/* Runs `work` so that all of it happens or nothing: in a transaction of its own, or within the one under way. */
int transaction_around(struct session *c, struct call *call,
	int (*work)(struct session *c, struct call *call, struct sql_error *err), struct sql_error *err);

#endif
