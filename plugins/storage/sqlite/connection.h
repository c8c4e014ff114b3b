/* connection.h: one connection to the database file, its functions and its prepared statements.
 *
 * Everything runs on the thread of the store's loop and may block on the file.
 */
#ifndef SQLITE_CONNECTION_H
#define SQLITE_CONNECTION_H

#include "sql/value.h"

#include <sqlite3.h>

#define STATEMENTS_KEPT 32 /* by each connection */

struct statement {
	char *text; /* owned; NULL = free place */
	sqlite3_stmt *handle;
	uint64_t used; /* when, in uses of the connection */
	bool busy;
};

struct connection {
	sqlite3 *db; /* NULL = not open */
	struct statement statements[STATEMENTS_KEPT];
	uint64_t uses;
	bool raw;    /* what is being prepared is a caller's text */
	bool busy;   /* a cursor reads on it */
};

/* What the operator chose. */
struct connection_options {
	const char *file;
	bool full;   /* synchronous */
	int64_t busy_timeout_ns, cache_bytes;
	int64_t largest; /* bytes of a value and of a row */
};

int connection_open(struct connection *c, const struct connection_options *o, bool writes, struct sql_error *err);
void connection_close(struct connection *c);
/* Runs a statement of ours that gives no rows. */
int connection_run(struct connection *c, const char *text, struct sql_error *err);
/* A prepared statement, from those kept if it is there. NULL with the error. Goes back with connection_release. */
sqlite3_stmt *connection_prepare(struct connection *c, const char *text, struct sql_error *err);
/* Prepares a caller's statement, which is not kept. One statement, without transactions, attached files and the tables of
 * the store itself. */
sqlite3_stmt *connection_prepare_raw(struct connection *c, const char *text, size_t length, struct sql_error *err);
/* Resets it, and keeps or ends it. NULL is taken. */
void connection_release(struct connection *c, sqlite3_stmt *statement);

/* The error that this connection had last. Always -1. */
int connection_failed(struct connection *c, int code, struct sql_error *err);
/* Whether it says that the file cannot be worked with now, rather than that the call is wrong. */
bool connection_is_down(const struct sql_error *err);

/* The order of decimals and the sums of updates. */
int functions_add(sqlite3 *db);
/* What a statement may do; `connection` lives as long as its database. */
void guard_set(struct connection *connection);

#endif
