/* find_modify.c: one row is found, changed and shown, as it was or as it is. */
#include "sqlite/change.h"

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
		statement = change_bound(m, &text, &params);
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
	sqlite3_stmt *statement = change_bound(m, text, params);
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
	if ((m->c->given.what.flags & AQ_STORE_NEW) != 0) {
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
	const char *number = sql_row_number(m->q.s);
	struct sql_value row;
	int status;

	if (number == NULL)
		return sql_fail(m->err, AQ_STORE_REFUSED, "find-and-modify needs one of the names rowid, _rowid_, oid for "
			"itself");
	if (sql_projection(m->q.s, NULL, &m->c->answer.columns, m->err) != 0)
		return -1;
	status = find_first(m, number, &row);
	if (status <= 0)
		return status;
	if ((m->c->given.what.flags & AQ_STORE_NEW) == 0 && show_row(m, number, &row) != 0)
		return -1;
	if (change_row(m, number, &row) != 0)
		return -1;
	m->c->answer.end.changed = 1;
	return 0;
}

static int find_modify_all(struct store *s, struct call *c, struct sql_error *err)
{
	return change_with(s, c, find_modify, err);
}

int store_find_modify(struct store *s, struct call *c, struct sql_error *err)
{
	return transaction_around(s, c, find_modify_all, err);
}
