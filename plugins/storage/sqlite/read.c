/* read.c: find, distinct and count. */
#include "sqlite/store.h"

#include <string.h>

struct connection *store_reader(struct store *s, struct sql_error *err)
{
	struct connection_options o = store_options(s);

	for (int i = 0; i < READERS_MAX; i++) {
		struct connection *c = &s->readers[i];

		if (c->busy)
			continue;
		if (c->db == NULL && connection_open(c, &o, false, err) != 0)
			return NULL;
		return c;
	}
	sql_fail(err, AQ_STORE_REFUSED, "%d reads are open: end one of them or forget it", READERS_MAX);
	return NULL;
}

/* ---- find ---- */

static int open_cursor(struct connection *connection, struct call *c, const struct sql_query *q, struct sql_error *err)
{
	struct answer *a = &c->answer;
	struct sql_buffer text = {0};
	struct sql_params params = {0};
	int status = c->given.what.op == AQ_STORE_DISTINCT ? sql_distinct(q, &a->columns, &text, &params, err)
		: sql_select(q, "", &a->columns, &text, &params, err);

	a->cursor = status == 0 ? connection_prepare(connection, text.at, err) : NULL;
	sql_buffer_free(&text);
	if (a->cursor != NULL) {
		a->connection = connection;
		connection->busy = true;
		status = values_bind(connection, a->cursor, 0, params.at, params.count, true, err);
	}
	sql_params_free(&params);
	return a->cursor != NULL ? status : -1;
}

/* In a transaction all rows are read at once: what follows in it does not change them, and its end finds nothing open. */
static int read_all(struct store *s, struct call *c, struct sql_error *err)
{
	struct answer *a = &c->answer;
	int code = SQLITE_DONE, status = 0;

	while (status == 0 && (code = sqlite3_step(a->cursor)) == SQLITE_ROW)
		if (answer_document(a, a->cursor, &a->row, err) != 0 || answer_add(s, c, &a->row, err) != 0)
			status = -1;
	if (status == 0 && code != SQLITE_DONE)
		status = connection_failed(a->connection, code, err);
	connection_release(a->connection, a->cursor);
	a->connection->busy = false;
	a->cursor = NULL;
	return status;
}

static int find(struct store *s, struct call *c, struct connection *connection, struct sql_error *err)
{
	struct answer *a = &c->answer;
	struct sql_query q;
	bson_t storage[3];

	if (sql_given_query(&c->given, &sql_dialect_sqlite, &a->collection->schema, storage, &q, err) != 0 ||
		sql_projection(q.s, q.projection, &a->columns, err) != 0)
		return -1;
	if (open_cursor(connection, c, &q, err) != 0)
		return -1;
	if (s->transaction.id != 0 && read_all(s, c, err) != 0)
		return -1;
	return answer_begin(a, err);
}

int store_find(struct store *s, struct call *c, struct sql_error *err)
{
	struct connection *connection = s->transaction.id != 0 ? &s->writer : store_reader(s, err);

	if (connection == NULL)
		return -1;
	c->answer.as_frames = (c->given.what.flags & AQ_STORE_AS_FRAMES) != 0;
	if (c->answer.as_frames && s->transaction.id != 0)
		return sql_fail(err, AQ_STORE_REFUSED, "in a transaction rows come as documents");
	c->answer.collection = collection_get(s, c->given.what.collection, err);
	return c->answer.collection != NULL ? find(s, c, connection, err) : -1;
}

/* ---- count ---- */

static int count(struct store *s, struct call *c, const struct sql_query *q, struct sql_error *err)
{
	struct sql_buffer text = {0};
	struct sql_params params = {0};
	sqlite3_stmt *statement = NULL;
	int code, status = sql_count(q, &text, &params, err);

	if (status == 0)
		statement = connection_prepare(&s->writer, text.at, err);
	status = statement != NULL ? values_bind(&s->writer, statement, 0, params.at, params.count, false, err) : -1;
	if (status == 0) {
		code = sqlite3_step(statement);
		if (code == SQLITE_ROW)
			c->answer.end.matched = (uint64_t)sqlite3_column_int64(statement, 0);
		else
			status = connection_failed(&s->writer, code, err);
	}
	connection_release(&s->writer, statement);
	sql_params_free(&params);
	sql_buffer_free(&text);
	return status;
}

int store_count(struct store *s, struct call *c, struct sql_error *err)
{
	struct sql_collection *collection = collection_get(s, c->given.what.collection, err);
	struct sql_query q;
	bson_t storage[3];
	int status;

	if (collection == NULL)
		return -1;
	status = sql_given_query(&c->given, &sql_dialect_sqlite, &collection->schema, storage, &q, err);
	if (status == 0)
		status = count(s, c, &q, err);
	sql_collection_put(collection);
	return status;
}
