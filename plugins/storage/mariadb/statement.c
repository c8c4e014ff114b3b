/* statement.c: prepared statements of a session, the last ones of which are kept. */
#include "mariadb/store.h"

#include <mysqld_error.h>
#include <stdlib.h>
#include <string.h>

/* What a packet holds besides the values. */
#define PACKET_HEAD 1024u

/* ---- those that are kept ---- */

void statement_free(struct statement *st)
{
	if (st == NULL)
		return;
	cells_free(st);
	if (st->handle != NULL)
		mysql_stmt_close(st->handle);
	free(st->text);
	free(st);
}

/* Tells the server, too; where there is none any more, that would be tried nevertheless before the connection is closed. */
static void end(struct session *c, struct statement *st)
{
	my_bool failed = 0;

	if (c->lost) {
		st->next = c->left;
		c->left = st;
		return;
	}
	SESSION_ASK(c, mysql_stmt_close, failed, st->handle);
	st->handle = NULL;
	statement_free(st);
}

static struct statement *kept(struct session *c, const char *text, size_t length)
{
	for (unsigned i = 0; i < STATEMENTS_KEPT; i++) {
		struct statement *st = c->statements[i];

		if (st != NULL && !st->busy && st->length == length && memcmp(st->text, text, length) == 0)
			return st;
	}
	return NULL;
}

/* Takes a free place, or that of the one that was used the longest ago; none when all are busy. */
static void keep(struct session *c, struct statement *st)
{
	unsigned best = STATEMENTS_KEPT;
	struct statement *old;

	for (unsigned i = 0; i < STATEMENTS_KEPT; i++) {
		const struct statement *there = c->statements[i];

		if (there == NULL) {
			best = i;
			break;
		}
		if (!there->busy && (best == STATEMENTS_KEPT || there->used < c->statements[best]->used))
			best = i;
	}
	if (best == STATEMENTS_KEPT)
		return;
	old = c->statements[best];
	c->statements[best] = st;
	st->kept = true;
	if (old != NULL)
		end(c, old);
}

static struct statement *make(struct session *c, const char *text, size_t length, struct sql_error *err)
{
	struct statement *st = calloc(1, sizeof(*st));

	if (st != NULL) {
		st->handle = mysql_stmt_init(c->mysql);
		st->text = malloc(length + 1);
	}
	if (st == NULL || st->handle == NULL || st->text == NULL) {
		statement_free(st);
		sql_no_memory(err);
		return NULL;
	}
	memcpy(st->text, text, length);
	st->text[length] = '\0';
	st->length = length;
	st->busy = true;
	return st;
}

struct statement *statement_prepare_once(struct session *c, const char *text, size_t length, struct sql_error *err)
{
	struct statement *st;
	int failed = 1;

	if (session_check(c, err) != 0)
		return NULL;
	if (length + PACKET_HEAD > c->max_packet) {
		sql_fail(err, AQ_STORE_REFUSED, "Got a packet bigger than 'max_allowed_packet' bytes: a statement of %zu bytes", length);
		err->code = ER_NET_PACKET_TOO_LARGE;
		return NULL;
	}
	st = make(c, text, length, err);
	if (st == NULL)
		return NULL;
	session_limit(c, c->s->call_timeout);
	SESSION_ASK(c, mysql_stmt_prepare, failed, st->handle, text, length);
	if (!failed)
		return st;
	session_failed(c, st, err);
	end(c, st);
	return NULL;
}

struct statement *statement_prepare(struct session *c, const char *text, size_t length, struct sql_error *err)
{
	struct statement *st = kept(c, text, length);

	if (st == NULL) {
		st = statement_prepare_once(c, text, length, err);
		if (st != NULL)
			keep(c, st);
	}
	if (st != NULL) {
		st->busy = true;
		st->used = ++c->uses;
	}
	return st;
}

void statement_release(struct session *c, struct statement *st)
{
	my_bool failed = 0;

	if (st == NULL)
		return;
	if (st->open && !c->lost)
		SESSION_ASK(c, mysql_stmt_reset, failed, st->handle);
	st->open = false;
	cells_free(st);
	st->busy = false;
	if (!st->kept)
		end(c, st);
}

/* ---- values to its places ---- */

static void bind(MYSQL_BIND *b, struct sql_value *v)
{
	switch (v->type) {
	case SQL_NULL:
		b->buffer_type = MYSQL_TYPE_NULL;
		break;
	case SQL_DOUBLE:
		b->buffer_type = MYSQL_TYPE_DOUBLE;
		b->buffer = &v->real;
		break;
	case SQL_DECIMAL:
		b->buffer_type = MYSQL_TYPE_NEWDECIMAL;
		b->buffer = v->decimal;
		b->buffer_length = strlen(v->decimal);
		break;
	case SQL_TEXT:
	case SQL_BYTES:
		b->buffer_type = v->type == SQL_TEXT ? MYSQL_TYPE_STRING : MYSQL_TYPE_BLOB;
		b->buffer = (void *)(uintptr_t)v->bytes.at;
		b->buffer_length = v->bytes.length;
		break;
	default:
		b->buffer_type = MYSQL_TYPE_LONGLONG;
		b->buffer = &v->integer;
		break;
	}
}

static uint64_t packet_size(const struct sql_value *values, uint32_t count)
{
	uint64_t size = PACKET_HEAD;

	for (uint32_t i = 0; i < count; i++)
		size += 16 + (values[i].type == SQL_TEXT || values[i].type == SQL_BYTES ? values[i].bytes.length : SQL_DECIMAL_SIZE);
	return size;
}

static int bind_all(struct statement *st, const struct sql_value *values, uint32_t count, struct sql_error *err)
{
	MYSQL_BIND *binds = calloc(count + 1, sizeof(*binds));

	if (binds == NULL)
		return sql_no_memory(err);
	for (uint32_t i = 0; i < count; i++)
		bind(&binds[i], (struct sql_value *)(uintptr_t)&values[i]);
	mysql_stmt_bind_param(st->handle, binds); /* copies them */
	free(binds);
	return 0;
}

/* ---- executing ---- */

int statement_send(struct session *c, struct statement *st, struct sql_error *err)
{
	int failed = 1;

	if (session_check(c, err) != 0)
		return -1;
	session_limit(c, c->s->call_timeout);
	c->sent = c->sent || (!c->looks && (c->mysql->server_status & SERVER_STATUS_IN_TRANS) == 0);
	SESSION_ASK(c, mysql_stmt_execute, failed, st->handle);
	return failed ? session_failed(c, st, err) : 0;
}

int statement_execute(struct session *c, struct statement *st, const struct sql_value *values, uint32_t count, bool cursor,
	struct sql_error *err)
{
	const unsigned long type = cursor ? CURSOR_TYPE_READ_ONLY : CURSOR_TYPE_NO_CURSOR;
	const unsigned no_array = 0;
	uint64_t size = packet_size(values, count);

	if (mysql_stmt_param_count(st->handle) != count)
		return sql_fail(err, AQ_STORE_REFUSED, "the statement has %lu places and the call %u parameters",
			mysql_stmt_param_count(st->handle), count);
	if (size > c->max_packet) {
		sql_fail(err, AQ_STORE_REFUSED, "Got a packet bigger than 'max_allowed_packet' bytes: values of %llu bytes",
			(unsigned long long)size);
		err->code = ER_NET_PACKET_TOO_LARGE;
		return -1;
	}
	mysql_stmt_attr_set(st->handle, STMT_ATTR_CURSOR_TYPE, &type);
	mysql_stmt_attr_set(st->handle, STMT_ATTR_ARRAY_SIZE, &no_array);
	if (count > 0 && bind_all(st, values, count, err) != 0)
		return -1;
	if (statement_send(c, st, err) != 0)
		return -1;
	st->open = mysql_stmt_field_count(st->handle) > 0;
	return st->open ? cells_make(c, st, err) : 0;
}

int statement_next(struct session *c, struct statement *st, struct sql_error *err)
{
	int code = 1;

	if (session_check(c, err) != 0)
		return -1;
	if (!st->open)
		return 0;
	session_limit(c, c->s->call_timeout);
	SESSION_ASK(c, mysql_stmt_fetch, code, st->handle);
	if (code == 0 || code == MYSQL_DATA_TRUNCATED)
		return cells_complete(c, st, err) == 0 ? 1 : -1;
	st->open = false;
	return code == MYSQL_NO_DATA ? 0 : session_failed(c, st, err);
}

int statement_do(struct session *c, const struct sql_buffer *text, const struct sql_params *params, uint64_t *rows,
	struct sql_error *err)
{
	struct statement *st = statement_prepare(c, text->at, text->length, err);
	int status;

	if (st == NULL)
		return -1;
	status = statement_execute(c, st, params->at, params->count, false, err);
	if (status == 0 && rows != NULL)
		*rows = mysql_stmt_affected_rows(st->handle);
	statement_release(c, st);
	return status;
}
