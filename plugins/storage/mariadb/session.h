/* session.h: one connection to the server, its prepared statements and the fiber in which it is used.
 *
 * Functions that ask the server wait in the session's fiber. After a connection has been lost they answer at once, with
 * the same error: so whoever has begun something ends it the usual way.
 */
#ifndef MARIADB_SESSION_H
#define MARIADB_SESSION_H

#include "mariadb/fiber.h"
#include "sql/value.h"

#include <mysql.h>

#define SESSIONS_MAX 8
#define STATEMENTS_KEPT 32 /* by each session */

struct store;
struct call;

/* What the operator chose. */
struct session_options {
	char host[256]; /* empty: `path` is a socket */
	uint16_t port;
	char path[108];
	const char *database, *user, *password, *tls_ca;
	uint8_t tls; /* enum session_tls */
	int64_t connect_timeout, call_timeout;
};
enum session_tls { TLS_OFF = 1, TLS_PREFERRED = 2, TLS_REQUIRED = 3 };

/* A column of a row from the server. */
struct cell {
	uint8_t type;      /* enum sql_type of `value` */
	unsigned long length;
	my_bool null;
	union {
		int64_t integer;
		double real;
	};
	bool large;        /* an unsigned number that int64 does not hold, if it is negative here */
	char *buffer;      /* owned */
	unsigned long size;
};

/* A prepared statement. */
struct statement {
	char *text;        /* owned */
	size_t length;
	MYSQL_STMT *handle;
	uint64_t used;     /* when, in uses of the session */
	bool busy, kept;
	bool open;         /* has rows that were not fetched */
	MYSQL_FIELD *fields; /* of `meta` */
	MYSQL_RES *meta;
	struct cell *cells;
	MYSQL_BIND *binds;
	unsigned columns;
	unsigned ahead;    /* rows that a cursor fetches at a time */
	struct statement *next; /* of those that are left to the end of a lost connection */
};

enum session_task { TASK_NONE = 0, TASK_CONNECT, TASK_CALL, TASK_FILL, TASK_CLOSE, TASK_GIVE_UP, TASK_KILL };

struct session {
	struct store *s;
	unsigned number;        /* in the pool */
	MYSQL *mysql;           /* NULL = no connection */
	bool connected;         /* and ready for calls */
	bool lost;              /* nothing more is asked of this connection */
	bool looks;             /* what is being sent changes nothing */
	bool sent;              /* something has left that takes effect by itself, or the commit of it */
	const char *cut;        /* why what is under way is broken off; NULL = it is not */
	struct sql_error why;   /* of a connection that was not made, or is lost */

	struct fiber fiber;
	uint8_t task;           /* enum session_task: what its fiber is for */
	int64_t watch;          /* 0 = none */
	int fd;                 /* that is watched, of the library's socket; 0 = none */
	uint32_t watched, ready;
	int64_t timer;          /* 0 = none; set for timer_ns */
	int64_t timer_ns;
	int64_t limit_ns;       /* when what is under way has taken too long, or an idle one is closed; 0 = never */

	struct call *call;      /* that it works on, or whose cursor it has */
	uint64_t transaction;   /* 0 = none */
	uint64_t transaction_turn; /* of the call that began it */
	int64_t transaction_timer;
	bool give_up;           /* the transaction is to be rolled back as soon as its call has ended */
	const char *give_up_why;

	struct statement *statements[STATEMENTS_KEPT];
	struct statement *left; /* that ended after the connection was lost */
	uint64_t uses;
	/* what the server is like */
	unsigned long thread;
	uint64_t max_packet;
	bool bulk, load;
	void *file; /* that the server may read; NULL = none */
};

/* ---- session.c ---- */

/* Connects and makes the settings. */
int session_open(struct session *c, const struct session_options *o, struct sql_error *err);
/* From the loop, when its fiber has ended. */
void session_close(struct session *c);
/* Runs a text of ours that gives no rows. */
int session_run(struct session *c, const char *text, struct sql_error *err);

/* ---- wait.c: a session waits for its socket ---- */

/* Waits until one of `wanted` (MYSQL_WAIT_*) is there; what is, as bits. MYSQL_WAIT_TIMEOUT when it was broken off. */
int session_wait(struct session *c, int wanted);
/* What is asked from now on may take so long. */
void session_limit(struct session *c, int64_t duration);
/* Its timer has an event: whether the limit has passed. */
bool session_is_late(struct session *c);
/* Keeps an eye on the socket while nothing is asked: the server may end the connection. */
void session_rest(struct session *c);
void session_unwatch(struct session *c);
/* And closes the descriptor for it. */
void session_drop_socket(struct session *c);
/* Breaks off what is under way; its fiber goes on with an error. From the loop. */
void session_cut(struct session *c, const char *why);

/* ---- load.c: what LOAD DATA reads ---- */

/* A server gets no file that it was not asked to read. */
void load_guard(struct session *c);

/* ---- fault.c ---- */

/* What the server or the library said last; `st` NULL = of the connection. Always -1. */
int session_failed(struct session *c, struct statement *st, struct sql_error *err);
/* -1 with the error when nothing more can be asked. */
int session_check(struct session *c, struct sql_error *err);

/* ---- statement.c ---- */

/* A prepared statement, from those kept if it is there. NULL with the error. Goes back with statement_release. */
struct statement *statement_prepare(struct session *c, const char *text, size_t length, struct sql_error *err);
/* The same for a text that is not kept. */
struct statement *statement_prepare_once(struct session *c, const char *text, size_t length, struct sql_error *err);
/* Closes what is open of it, and keeps or ends it. NULL is taken. */
void statement_release(struct session *c, struct statement *st);
/* With `cursor` rows stay on the server if it can. */
int statement_execute(struct session *c, struct statement *st, const struct sql_value *values, uint32_t count, bool cursor,
	struct sql_error *err);
/* Sends what has been bound by hand. */
int statement_send(struct session *c, struct statement *st, struct sql_error *err);
/* The next row into its cells. 1, 0 at the end, -1. */
int statement_next(struct session *c, struct statement *st, struct sql_error *err);
/* Executes and takes no rows; how many it changed or matched, if `rows` is not NULL. */
int statement_do(struct session *c, const struct sql_buffer *text, const struct sql_params *params, uint64_t *rows,
	struct sql_error *err);
/* Frees it without asking the server. */
void statement_free(struct statement *st);

/* ---- cells.c ---- */

/* What the rows of an executed statement are put into. */
int cells_make(struct session *c, struct statement *st, struct sql_error *err);
void cells_free(struct statement *st);
/* Behind a fetch: values that were larger than their place. */
int cells_complete(struct session *c, struct statement *st, struct sql_error *err);
size_t cells_bytes(const struct statement *st);
/* A column as the server has it; texts and bytes are valid until the statement moves. */
int cell_raw(const struct statement *st, unsigned column, struct sql_value *out, struct sql_error *err);
/* A column as its field's type. What the field cannot hold is an error: somebody else has written it. */
int cell_field(const struct statement *st, unsigned column, const struct sql_field *f, struct sql_value *out,
	struct sql_error *err);

/* Asks the server through the library: `name` is the function's without _start, `handle` its first argument. */
#define SESSION_ASK(c, name, result, handle, ...) \
	do { \
		int wanted_ = name##_start(&(result), handle __VA_OPT__(,) __VA_ARGS__); \
		while (wanted_ != 0) \
			wanted_ = name##_cont(&(result), handle, session_wait(c, wanted_)); \
	} while (0)

#endif
