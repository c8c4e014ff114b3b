/* connection.c: see connection.h. */
#include "sqlite/connection.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- errors ---- */

/* A call that fails has done nothing, but where its commit fails. */
static enum aq_store_fault fault_of(int code)
{
	switch (code) {
	case SQLITE_CONSTRAINT_PRIMARYKEY:
	case SQLITE_CONSTRAINT_UNIQUE:
	case SQLITE_CONSTRAINT_ROWID:
		return AQ_STORE_DUPLICATE;
	default:
		break;
	}
	switch (code & 0xff) {
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return AQ_STORE_CONFLICT;
	case SQLITE_FULL:
	case SQLITE_IOERR:
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
	case SQLITE_CANTOPEN:
	case SQLITE_READONLY:
	case SQLITE_PERM:
	case SQLITE_PROTOCOL:
		return AQ_STORE_DOWN;
	default:
		return AQ_STORE_REFUSED;
	}
}

bool connection_is_down(const struct sql_error *err)
{
	return err->code != 0 && (err->fault == AQ_STORE_DOWN || err->fault == AQ_STORE_LOST);
}

int connection_failed(struct connection *c, int code, struct sql_error *err)
{
	const char *text = c->db != NULL ? sqlite3_errmsg(c->db) : sqlite3_errstr(code);

	sql_fail(err, fault_of(code), "%s", text);
	err->code = code;
	return -1;
}

/* ---- statements ---- */

static void forget_statement(struct statement *s)
{
	sqlite3_finalize(s->handle);
	free(s->text);
	*s = (struct statement){0};
}

static struct statement *kept(struct connection *c, const char *text)
{
	for (int i = 0; i < STATEMENTS_KEPT; i++)
		if (c->statements[i].text != NULL && !c->statements[i].busy && strcmp(c->statements[i].text, text) == 0)
			return &c->statements[i];
	return NULL;
}

/* A free place, or the one that was used the longest ago; NULL when all are busy. */
static struct statement *place(struct connection *c)
{
	struct statement *best = NULL;

	for (int i = 0; i < STATEMENTS_KEPT; i++) {
		struct statement *s = &c->statements[i];

		if (!s->busy && (best == NULL || s->used < best->used))
			best = s;
	}
	if (best != NULL && best->text != NULL)
		forget_statement(best);
	return best;
}

static sqlite3_stmt *prepare(struct connection *c, const char *text, int length, const char **rest,
	struct sql_error *err)
{
	sqlite3_stmt *handle = NULL;
	int code = sqlite3_prepare_v3(c->db, text, length, SQLITE_PREPARE_PERSISTENT, &handle, rest);

	if (code != SQLITE_OK)
		connection_failed(c, code, err);
	else if (handle == NULL)
		sql_fail(err, AQ_STORE_REFUSED, "the statement is empty");
	return handle;
}

sqlite3_stmt *connection_prepare(struct connection *c, const char *text, struct sql_error *err)
{
	struct statement *s = kept(c, text);

	if (s == NULL) {
		sqlite3_stmt *handle = prepare(c, text, -1, NULL, err);

		s = handle != NULL ? place(c) : NULL;
		if (s == NULL)
			return handle;
		s->text = strdup(text);
		if (s->text == NULL)
			return handle;
		s->handle = handle;
	}
	s->busy = true;
	s->used = ++c->uses;
	return s->handle;
}

/* Blanks and comments may follow; the parser takes them for an empty statement. */
static bool is_single(struct connection *c, const char *rest, size_t length)
{
	sqlite3_stmt *next = NULL;
	int code = SQLITE_OK;

	while (length > 0 && code == SQLITE_OK && next == NULL) {
		const char *after = rest;

		code = sqlite3_prepare_v2(c->db, rest, (int)length, &next, &after);
		if (after == rest)
			break;
		length -= (size_t)(after - rest);
		rest = after;
	}
	sqlite3_finalize(next);
	return code == SQLITE_OK && next == NULL;
}

sqlite3_stmt *connection_prepare_raw(struct connection *c, const char *text, size_t length, struct sql_error *err)
{
	const char *rest = text;
	sqlite3_stmt *handle = NULL;

	if (length > 1u << 20 || memchr(text, '\0', length) != NULL || !bson_utf8_validate(text, length, false)) {
		sql_fail(err, AQ_STORE_REFUSED, "a statement is valid UTF-8 of at most 1 MiB");
		return NULL;
	}
	c->raw = true;
	handle = prepare(c, text, (int)length, &rest, err);
	if (handle != NULL && !is_single(c, rest, length - (size_t)(rest - text))) {
		sqlite3_finalize(handle);
		handle = NULL;
		sql_fail(err, AQ_STORE_REFUSED, "a call has one statement");
	}
	c->raw = false;
	return handle;
}

void connection_release(struct connection *c, sqlite3_stmt *statement)
{
	if (statement == NULL)
		return;
	for (int i = 0; i < STATEMENTS_KEPT; i++)
		if (c->statements[i].handle == statement) {
			sqlite3_reset(statement);
			sqlite3_clear_bindings(statement);
			c->statements[i].busy = false;
			return;
		}
	sqlite3_finalize(statement);
}

int connection_run(struct connection *c, const char *text, struct sql_error *err)
{
	sqlite3_stmt *statement = connection_prepare(c, text, err);
	int code, status = 0;

	if (statement == NULL)
		return -1;
	do
		code = sqlite3_step(statement);
	while (code == SQLITE_ROW);
	if (code != SQLITE_DONE)
		status = connection_failed(c, code, err);
	connection_release(c, statement);
	return status;
}

/* ---- opening ---- */

static void configure(struct connection *c, const struct connection_options *o)
{
	sqlite3_extended_result_codes(c->db, 1);
	sqlite3_busy_timeout(c->db, (int)(o->busy_timeout_ns / 1000000));
	sqlite3_limit(c->db, SQLITE_LIMIT_LENGTH, (int)o->largest);
	sqlite3_db_config(c->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(c->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	/* else a name that is not there would be taken for a text */
	sqlite3_db_config(c->db, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
	sqlite3_db_config(c->db, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
}

/* Answers "wal" when the file has it. */
static int use_wal(struct connection *c, struct sql_error *err)
{
	sqlite3_stmt *statement = connection_prepare(c, "PRAGMA journal_mode = WAL", err);
	int code, status = 0;

	if (statement == NULL)
		return -1;
	code = sqlite3_step(statement);
	if (code != SQLITE_ROW)
		status = connection_failed(c, code, err);
	else if (strcmp((const char *)sqlite3_column_text(statement, 0), "wal") != 0) {
		status = sql_fail(err, AQ_STORE_DOWN, "the file cannot have a write-ahead log where it is");
		err->code = SQLITE_CANTOPEN;
	}
	connection_release(c, statement);
	return status;
}

static int prepare_file(struct connection *c, const struct connection_options *o, struct sql_error *err)
{
	struct sql_buffer cache = {0};
	int status;

	sql_buffer_put(&cache, "PRAGMA cache_size = -");
	sql_buffer_number(&cache, (uint64_t)o->cache_bytes / 1024);
	status = cache.failed ? sql_no_memory(err) : connection_run(c, cache.at, err);
	sql_buffer_free(&cache);
	if (status != 0 || use_wal(c, err) != 0)
		return -1;
	return connection_run(c, o->full ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL", err);
}

/* SQLite has opened no file before the first statement. */
int connection_open(struct connection *c, const struct connection_options *o, bool writes, struct sql_error *err)
{
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | (writes ? SQLITE_OPEN_CREATE : 0), code;
	char path[1100]; /* with ./ before it, no name is a URI or :memory: */

	snprintf(path, sizeof(path), "%s%s", o->file[0] == '/' ? "" : "./", o->file);
	code = sqlite3_open_v2(path, &c->db, flags, NULL);
	if (code == SQLITE_OK) {
		configure(c, o);
		code = functions_add(c->db);
	}
	if (code != SQLITE_OK ? connection_failed(c, code, err) != 0 : prepare_file(c, o, err) != 0) {
		connection_close(c);
		return -1;
	}
	if (!writes && connection_run(c, "PRAGMA query_only = 1", err) != 0) {
		connection_close(c);
		return -1;
	}
	guard_set(c);
	return 0;
}

void connection_close(struct connection *c)
{
	for (int i = 0; i < STATEMENTS_KEPT; i++)
		forget_statement(&c->statements[i]);
	sqlite3_close_v2(c->db);
	*c = (struct connection){0};
}
