/* modify.c: update, upsert, find-and-modify, delete. */
#include "sqlite/store.h"

#include "sql/update.h"

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

/* What a change works with. */
struct change {
	struct store *s;
	struct call *c;
	struct sql_query q;
	const bson_t *update;
	struct sql_error *err;
};

/* Prepares and binds. NULL with the error. */
static sqlite3_stmt *bound(struct change *m, const struct sql_buffer *text, const struct sql_params *params)
{
	sqlite3_stmt *statement = connection_prepare(&m->s->writer, text->at, m->err);

	if (statement == NULL || values_bind(&m->s->writer, statement, params->at, params->count, true, m->err) == 0)
		return statement;
	connection_release(&m->s->writer, statement);
	return NULL;
}

/* Runs it; how many rows it changed. */
static int run(struct change *m, const struct sql_buffer *text, const struct sql_params *params, uint64_t *rows)
{
	sqlite3_stmt *statement = bound(m, text, params);
	int status = statement != NULL ? store_step(&m->s->writer, statement, m->err) : -1;

	*rows = status == 0 ? (uint64_t)sqlite3_changes64(m->s->writer.db) : 0;
	connection_release(&m->s->writer, statement);
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
		status = run(m, &text, &params, rows);
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

static int insert_row(struct change *m, const struct sql_row *row)
{
	struct sql_params params = {.at = row->values, .count = row->count};
	struct sql_buffer text = {0};
	int status = sql_insert(m->q.d, m->q.collection, m->q.s, &text, m->err);

	if (status == 0)
		status = run(m, &text, &params, &m->c->answer.end.changed);
	sql_buffer_free(&text);
	return status;
}

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
		status = insert_row(m, &row);
	sql_row_free(&row);
	return status;
}

/* ---- find and modify ---- */

/* The row number has three names, and a field may take each. */
static const char *row_number(const struct sql_schema *s)
{
	static const char *const names[] = {"rowid", "_rowid_", "oid"};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		bool taken = false;

		for (uint32_t f = 0; f < s->count; f++)
			taken |= sqlite3_stricmp(s->fields[f].name, names[i]) == 0;
		if (!taken)
			return names[i];
	}
	return NULL;
}

/* The first of the sort. 1, 0 when none matches, -1. */
static int find_first(struct change *m, const char *number, struct sql_value *row)
{
	struct sql_buffer text = {0};
	struct sql_params params = {0};
	const struct sql_columns none = {.count = 0};
	sqlite3_stmt *statement = NULL;
	int code, status;

	m->q.limit = 1;
	status = sql_select(&m->q, number, &none, &text, &params, m->err);
	if (status == 0)
		statement = bound(m, &text, &params);
	if (statement == NULL) {
		status = -1;
	} else {
		code = sqlite3_step(statement);
		*row = (struct sql_value){.type = SQL_INT64, .integer = sqlite3_column_int64(statement, 0)};
		status = code == SQLITE_ROW ? 1 : code == SQLITE_DONE ? 0 : connection_failed(&m->s->writer, code, m->err);
	}
	connection_release(&m->s->writer, statement);
	sql_params_free(&params);
	sql_buffer_free(&text);
	return status;
}

/* Runs it; the row that it gives becomes the answer. */
static int run_and_answer(struct change *m, const struct sql_buffer *text, const struct sql_params *params)
{
	sqlite3_stmt *statement = bound(m, text, params);
	struct answer *a = &m->c->answer;
	int code = SQLITE_DONE, status = statement != NULL ? 0 : -1;

	while (status == 0 && (code = sqlite3_step(statement)) == SQLITE_ROW)
		status = answer_document(a, statement, &a->row, m->err) != 0 ? -1 : answer_add(m->s, m->c, &a->row, m->err);
	if (status == 0 && code != SQLITE_DONE)
		status = connection_failed(&m->s->writer, code, m->err);
	connection_release(&m->s->writer, statement);
	return status;
}

static void put_number(struct sql_buffer *text, const char *number)
{
	sql_buffer_put(text, " WHERE ");
	sql_buffer_put(text, number);
	sql_buffer_put(text, " = ?");
}

/* The row as it is. */
static int show_row(struct change *m, const char *number, const struct sql_value *row)
{
	struct sql_query all = {.d = m->q.d, .collection = m->q.collection, .s = m->q.s};
	struct sql_buffer text = {0};
	struct sql_params params = {0};
	int status = sql_select(&all, "", &m->c->answer.columns, &text, &params, m->err);

	put_number(&text, number);
	if (status == 0)
		status = sql_params_add(&params, row, m->err);
	if (status == 0)
		status = text.failed ? sql_no_memory(m->err) : run_and_answer(m, &text, &params);
	sql_params_free(&params);
	sql_buffer_free(&text);
	return status;
}

static int put_change(struct change *m, const char *number, const struct sql_value *row, struct sql_buffer *text,
	struct sql_params *params)
{
	sql_buffer_put(text, "UPDATE ");
	if (sql_put_collection(&m->q, text, m->err) != 0 ||
		sql_update_set(m->q.d, m->q.s, m->update, text, params, m->err) != 0)
		return -1;
	put_number(text, number);
	if ((m->c->what.flags & AQ_STORE_NEW) != 0) {
		sql_buffer_put(text, " RETURNING ");
		if (sql_put_columns(m->q.d, m->q.s, &m->c->answer.columns, text, m->err) != 0)
			return -1;
	}
	if (text->failed)
		return sql_no_memory(m->err);
	return sql_params_add(params, row, m->err);
}

static int change_row(struct change *m, const char *number, const struct sql_value *row)
{
	struct sql_buffer text = {0};
	struct sql_params params = {0};
	int status = put_change(m, number, row, &text, &params);

	if (status == 0)
		status = run_and_answer(m, &text, &params);
	sql_params_free(&params);
	sql_buffer_free(&text);
	return status;
}

static int find_modify(struct change *m)
{
	const char *number = row_number(m->q.s);
	struct sql_value row;
	int status;

	if (number == NULL)
		return sql_fail(m->err, AQ_STORE_REFUSED, "find-and-modify needs one of the names rowid, _rowid_, oid for itself");
	if (sql_projection(m->q.s, NULL, &m->c->answer.columns, m->err) != 0)
		return -1;
	status = find_first(m, number, &row);
	if (status <= 0)
		return status;
	if ((m->c->what.flags & AQ_STORE_NEW) == 0 && show_row(m, number, &row) != 0)
		return -1;
	if (change_row(m, number, &row) != 0)
		return -1;
	m->c->answer.end.changed = 1;
	return 0;
}

/* ---- the calls ---- */

static int with_query(struct store *s, struct call *c, struct collection *collection, int (*work)(struct change *),
	struct sql_error *err)
{
	struct change m = {.s = s, .c = c, .err = err};
	bson_t storage[3], update_storage;

	if (call_query(c, collection, storage, &m.q, err) != 0 ||
		call_document(c, AQ_PART_UPDATE, "update", &update_storage, &m.update, err) != 0)
		return -1;
	if (m.q.filter == NULL)
		return sql_fail(err, AQ_STORE_REFUSED, "the filter is missing; {} is all rows");
	return work(&m);
}

static int with_collection(struct store *s, struct call *c, int (*work)(struct change *), struct sql_error *err)
{
	c->answer.collection = collection_get(s, c->what.collection, err);
	return c->answer.collection != NULL ? with_query(s, c, c->answer.collection, work, err) : -1;
}

static int update_all(struct store *s, struct call *c, struct sql_error *err)
{
	return with_collection(s, c, update, err);
}

static int upsert_all(struct store *s, struct call *c, struct sql_error *err)
{
	return with_collection(s, c, upsert, err);
}

static int find_modify_all(struct store *s, struct call *c, struct sql_error *err)
{
	return with_collection(s, c, find_modify, err);
}

static int delete_all(struct store *s, struct call *c, struct sql_error *err)
{
	return with_collection(s, c, delete, err);
}

int store_update(struct store *s, struct call *c, struct sql_error *err)
{
	return transaction_around(s, c, update_all, err);
}

int store_upsert(struct store *s, struct call *c, struct sql_error *err)
{
	return transaction_around(s, c, upsert_all, err);
}

int store_find_modify(struct store *s, struct call *c, struct sql_error *err)
{
	return transaction_around(s, c, find_modify_all, err);
}

int store_delete(struct store *s, struct call *c, struct sql_error *err)
{
	return transaction_around(s, c, delete_all, err);
}
