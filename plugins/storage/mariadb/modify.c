/* modify.c: update, upsert, replace, delete. What is one statement needs no transaction around it. */
#include "mariadb/change.h"

/* ---- what they share ---- */

static int with_query(struct change *m, struct sql_collection *collection, int (*work)(struct change *))
{
	bson_t storage[3], update_storage;

	if (sql_given_query(&m->call->given, &sql_dialect_mariadb, &collection->schema, storage, &m->q, m->err) != 0 ||
		sql_given_document(&m->call->given, AQ_PART_UPDATE, "update", &update_storage, &m->update, m->err) != 0)
		return -1;
	if (m->q.filter == NULL)
		return sql_fail(m->err, AQ_STORE_REFUSED, "the filter is missing; {} is all rows");
	return work(m);
}

int change_with(struct session *c, struct call *call, int (*work)(struct change *), struct sql_error *err)
{
	struct change m = {.c = c, .call = call, .err = err};

	call->answer.collection = collection_get(c, call->given.what.collection, err);
	return call->answer.collection != NULL ? with_query(&m, call->answer.collection, work) : -1;
}

typedef int build(const struct sql_query *q, const void *what, struct sql_buffer *out, struct sql_params *params,
	struct sql_error *err);

static int build_and_run(struct change *m, build *built, const void *what)
{
	struct aq_store_end *end = &m->call->answer.end;
	struct sql_buffer text = {0};
	struct sql_params params = {0};
	int status = built(&m->q, what, &text, &params, m->err);

	if (status == 0)
		status = text.failed ? sql_no_memory(m->err) : statement_do(m->c, &text, &params, &end->matched, m->err);
	end->changed = end->matched;
	sql_params_free(&params);
	sql_buffer_free(&text);
	return status;
}

int64_t change_insert_id(const struct sql_schema *s, const struct sql_row *row, const struct statement *st)
{
	for (uint32_t i = 0; i < s->count; i++)
		if (s->fields[i].automatic)
			return row->values[i].type != SQL_NULL ? row->values[i].integer : (int64_t)mysql_stmt_insert_id(st->handle);
	return 0;
}

static int insert(struct change *m, const struct sql_buffer *text, const struct sql_row *row)
{
	struct statement *st = statement_prepare(m->c, text->at, text->length, m->err);
	int status;

	if (st == NULL)
		return -1;
	status = statement_execute(m->c, st, row->values, row->count, false, m->err);
	if (status == 0) {
		m->call->answer.end.changed = 1;
		m->call->answer.end.insert_id = change_insert_id(m->q.s, row, st);
	}
	statement_release(m->c, st);
	return status;
}

int change_insert(struct change *m, const struct sql_row *row)
{
	struct sql_buffer text = {0};
	int status = sql_insert(m->q.d, m->q.collection, m->q.s, 1, &text, m->err);

	if (status == 0)
		status = insert(m, &text, row);
	sql_buffer_free(&text);
	return status;
}

/* ---- update and delete ---- */

static int build_update(const struct sql_query *q, const void *what, struct sql_buffer *out, struct sql_params *params,
	struct sql_error *err)
{
	return sql_update(q, what, out, params, err);
}

static int update(struct change *m)
{
	return build_and_run(m, build_update, m->update);
}

static int build_delete(const struct sql_query *q, const void *none, struct sql_buffer *out, struct sql_params *params,
	struct sql_error *err)
{
	(void)none;
	return sql_delete(q, out, params, err);
}

static int delete(struct change *m)
{
	return build_and_run(m, build_delete, NULL);
}

/* ---- upsert ---- */

static int upsert(struct change *m)
{
	struct sql_row row;
	int status = update(m);

	if (status != 0 || m->call->answer.end.matched > 0)
		return status;
	if (sql_row_new(m->q.s, &row, m->err) != 0)
		return -1;
	status = sql_upsert_row(m->q.s, m->q.filter, m->update, &row, m->err);
	if (status == 0)
		status = change_insert(m, &row);
	sql_row_free(&row);
	return status;
}

/* ---- replace ---- */

/* The one document of the call. */
static int read_row(struct change *m, struct sql_row *row)
{
	const struct sql_buffer *rows = &m->call->given.parts[AQ_PART_ROWS];
	bson_t document;
	size_t at = 0;
	int status = sql_document_next(rows->at, rows->length, &at, &document, m->err);

	if (status < 0)
		return -1;
	if (status == 0 || at != rows->length)
		return sql_fail(m->err, AQ_STORE_REFUSED, "replace takes one document");
	return sql_row_read(m->q.s, &document, row, m->err);
}

static int build_replace(const struct sql_query *q, const void *row, struct sql_buffer *out, struct sql_params *params,
	struct sql_error *err)
{
	return sql_replace(q, row, out, params, err);
}

static int replace(struct change *m)
{
	struct sql_row row;
	int status;

	if (sql_row_new(m->q.s, &row, m->err) != 0)
		return -1;
	status = read_row(m, &row);
	if (status == 0)
		status = build_and_run(m, build_replace, &row);
	if (status == 0 && m->call->answer.end.matched == 0 && (m->call->given.what.flags & AQ_STORE_OR_INSERT) != 0)
		status = change_insert(m, &row);
	sql_row_free(&row);
	return status;
}

/* ---- the calls ---- */

static int upsert_all(struct session *c, struct call *call, struct sql_error *err)
{
	return change_with(c, call, upsert, err);
}

static int replace_all(struct session *c, struct call *call, struct sql_error *err)
{
	return change_with(c, call, replace, err);
}

int store_update(struct session *c, struct call *call, struct sql_error *err)
{
	return change_with(c, call, update, err);
}

int store_delete(struct session *c, struct call *call, struct sql_error *err)
{
	return change_with(c, call, delete, err);
}

int store_upsert(struct session *c, struct call *call, struct sql_error *err)
{
	return transaction_around(c, call, upsert_all, err);
}

int store_replace(struct session *c, struct call *call, struct sql_error *err)
{
	return transaction_around(c, call, replace_all, err);
}
