/* modify.c: update, upsert, delete; and what all changes of rows have in common: change.h. */
#include "sqlite/change.h"

#include <string.h>

int store_step(struct connection *c, sqlite3_stmt *statement, struct sql_error *err)
{
	int code;

	do
		code = sqlite3_step(statement);
	while (code == SQLITE_ROW);
	if (code != SQLITE_DONE)
		connection_failed(c, code, err);
	sqlite3_reset(statement);
	return code == SQLITE_DONE ? 0 : -1;
}

sqlite3_stmt *change_bound(struct change *m, const struct sql_buffer *text, const struct sql_params *params)
{
	sqlite3_stmt *statement = connection_prepare(&m->s->writer, text->at, m->err);

	if (statement == NULL || values_bind(&m->s->writer, statement, 0, params->at, params->count, true, m->err) == 0)
		return statement;
	connection_release(&m->s->writer, statement);
	return NULL;
}

int change_run(struct change *m, const struct sql_buffer *text, const struct sql_params *params, uint64_t *rows)
{
	sqlite3_stmt *statement = change_bound(m, text, params);
	int status = statement != NULL ? store_step(&m->s->writer, statement, m->err) : -1;

	*rows = status == 0 ? (uint64_t)sqlite3_changes64(m->s->writer.db) : 0;
	connection_release(&m->s->writer, statement);
	return status;
}

int change_insert(struct change *m, const struct sql_row *row)
{
	struct sql_params params = {.at = row->values, .count = row->count};
	struct sql_buffer text = {0};
	struct aq_store_end *end = &m->c->answer.end;
	int status = sql_insert(m->q.d, m->q.collection, m->q.s, 1, &text, m->err);

	if (status == 0)
		status = change_run(m, &text, &params, &end->changed);
	if (status == 0)
		end->insert_id = store_insert_id(m->s, m->q.s);
	sql_buffer_free(&text);
	return status;
}

typedef int build(const struct sql_query *q, const bson_t *update, struct sql_buffer *out, struct sql_params *params,
	struct sql_error *err);

static int build_and_run(struct change *m, build *built, uint64_t *rows)
{
	struct sql_buffer text = {0};
	struct sql_params params = {0};
	int status = built(&m->q, m->update, &text, &params, m->err);

	if (status == 0)
		status = change_run(m, &text, &params, rows);
	sql_params_free(&params);
	sql_buffer_free(&text);
	return status;
}

/* ---- update and delete ---- */

static int update(struct change *m)
{
	struct aq_store_end *end = &m->c->answer.end;
	int status = build_and_run(m, sql_update, &end->matched);

	end->changed = end->matched;
	return status;
}

static int build_delete(const struct sql_query *q, const bson_t *none, struct sql_buffer *out,
	struct sql_params *params, struct sql_error *err)
{
	(void)none;
	return sql_delete(q, out, params, err);
}

static int delete(struct change *m)
{
	struct aq_store_end *end = &m->c->answer.end;
	int status = build_and_run(m, build_delete, &end->matched);

	end->changed = end->matched;
	return status;
}

/* ---- upsert ---- */

static int upsert(struct change *m)
{
	struct sql_row row;
	int status = update(m);

	if (status != 0 || m->c->answer.end.matched > 0)
		return status;
	if (sql_row_new(m->q.s, &row, m->err) != 0)
		return -1;
	status = sql_upsert_row(m->q.s, m->q.filter, m->update, &row, m->err);
	if (status == 0)
		status = change_insert(m, &row);
	sql_row_free(&row);
	return status;
}

/* ---- the calls ---- */

static int with_query(struct store *s, struct call *c, struct sql_collection *collection, int (*work)(struct change *),
	struct sql_error *err)
{
	struct change m = {.s = s, .c = c, .err = err};
	bson_t storage[3], update_storage;

	if (sql_given_query(&c->given, &sql_dialect_sqlite, &collection->schema, storage, &m.q, err) != 0 ||
		sql_given_document(&c->given, AQ_PART_UPDATE, "update", &update_storage, &m.update, err) != 0)
		return -1;
	if (m.q.filter == NULL)
		return sql_fail(err, AQ_STORE_REFUSED, "the filter is missing; {} is all rows");
	return work(&m);
}

int change_with(struct store *s, struct call *c, int (*work)(struct change *), struct sql_error *err)
{
	c->answer.collection = collection_get(s, c->given.what.collection, err);
	return c->answer.collection != NULL ? with_query(s, c, c->answer.collection, work, err) : -1;
}

static int update_all(struct store *s, struct call *c, struct sql_error *err)
{
	return change_with(s, c, update, err);
}

static int upsert_all(struct store *s, struct call *c, struct sql_error *err)
{
	return change_with(s, c, upsert, err);
}

static int delete_all(struct store *s, struct call *c, struct sql_error *err)
{
	return change_with(s, c, delete, err);
}

int store_update(struct store *s, struct call *c, struct sql_error *err)
{
	return transaction_around(s, c, update_all, err);
}

int store_upsert(struct store *s, struct call *c, struct sql_error *err)
{
	return transaction_around(s, c, upsert_all, err);
}

int store_delete(struct store *s, struct call *c, struct sql_error *err)
{
	return transaction_around(s, c, delete_all, err);
}
