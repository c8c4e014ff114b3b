/* read.c: find, distinct and count. */
#include "mariadb/store.h"

/* ---- find ---- */

static int open_cursor(struct session *c, struct call *call, const struct sql_query *q, struct sql_error *err)
{
	struct answer *a = &call->answer;
	struct sql_buffer text = {0};
	struct sql_params params = {0};
	int status = call->given.what.op == AQ_STORE_DISTINCT ? sql_distinct(q, &a->columns, &text, &params, err)
		: sql_select(q, "", &a->columns, &text, &params, err);

	if (status == 0)
		a->cursor = statement_prepare(c, text.at, text.length, err);
	status = a->cursor != NULL ? statement_execute(c, a->cursor, params.at, params.count, true, err) : -1;
	sql_params_free(&params);
	sql_buffer_free(&text);
	return status;
}

/* Where the session cannot be held for it, all rows are taken at once. */
static int take_all(struct session *c, struct call *call, struct sql_error *err)
{
	struct statement *st = call->answer.cursor;
	int status = answer_read_all(c, call, st, err);

	call->answer.cursor = NULL;
	statement_release(c, st);
	return status;
}

static int find(struct session *c, struct call *call, struct sql_error *err)
{
	struct answer *a = &call->answer;
	struct sql_query q;
	bson_t storage[3];

	if (sql_given_query(&call->given, &sql_dialect_mariadb, &a->collection->schema, storage, &q, err) != 0 ||
		sql_projection(q.s, q.projection, &a->columns, err) != 0)
		return -1;
	if (open_cursor(c, call, &q, err) != 0)
		return -1;
	return call->may_hold ? 0 : take_all(c, call, err);
}

int store_find(struct session *c, struct call *call, struct sql_error *err)
{
	int status;

	call->answer.as_frames = (call->given.what.flags & AQ_STORE_AS_FRAMES) != 0;
	call->answer.collection = collection_get(c, call->given.what.collection, err);
	if (call->answer.collection == NULL)
		return -1;
	c->looks = true;
	status = find(c, call, err);
	c->looks = false;
	return status;
}

/* ---- count ---- */

static int read_count(struct session *c, const struct sql_buffer *text, const struct sql_params *params, uint64_t *count,
	struct sql_error *err)
{
	struct statement *st = statement_prepare(c, text->at, text->length, err);
	struct sql_value v = {.type = SQL_NULL};
	int status;

	if (st == NULL)
		return -1;
	c->looks = true;
	status = statement_execute(c, st, params->at, params->count, false, err);
	c->looks = false;
	if (status == 0)
		status = statement_next(c, st, err);
	if (status == 1)
		status = cell_raw(st, 0, &v, err);
	*count = (uint64_t)v.integer;
	statement_release(c, st);
	return status;
}

static int count(struct session *c, struct call *call, const struct sql_query *q, struct sql_error *err)
{
	struct sql_buffer text = {0};
	struct sql_params params = {0};
	int status = sql_count(q, &text, &params, err);

	if (status == 0)
		status = read_count(c, &text, &params, &call->answer.end.matched, err);
	sql_params_free(&params);
	sql_buffer_free(&text);
	return status;
}

int store_count(struct session *c, struct call *call, struct sql_error *err)
{
	struct sql_collection *collection = collection_get(c, call->given.what.collection, err);
	struct sql_query q;
	bson_t storage[3];
	int status;

	if (collection == NULL)
		return -1;
	status = sql_given_query(&call->given, &sql_dialect_mariadb, &collection->schema, storage, &q, err);
	if (status == 0)
		status = count(c, call, &q, err);
	sql_collection_put(collection);
	return status;
}
