/* find_modify.c: one row is found and locked, changed and shown, as it was or as it is. */
#include "mariadb/change.h"

/* The row as it is becomes the answer. */
static int show_row(struct change *m, const struct key *k)
{
	struct sql_query all = {.d = m->q.d, .collection = m->q.collection, .s = m->q.s};
	struct sql_buffer text = {0};
	struct sql_params params = {0};
	struct statement *st = NULL;
	int status = sql_select(&all, "", &m->call->answer.columns, &text, &params, m->err);

	if (status == 0)
		status = key_where(k, &text, &params, m->err);
	if (status == 0)
		st = text.failed ? NULL : statement_prepare(m->c, text.at, text.length, m->err);
	status = st != NULL ? statement_execute(m->c, st, params.at, params.count, false, m->err) : -1;
	if (status == 0)
		status = answer_read_all(m->c, m->call, st, m->err);
	statement_release(m->c, st);
	sql_params_free(&params);
	sql_buffer_free(&text);
	return status;
}

static int change_row(struct change *m, const struct key *k)
{
	struct sql_buffer text = {0};
	struct sql_params params = {0};
	int status;

	sql_buffer_put(&text, "UPDATE ");
	status = sql_put_collection(&m->q, &text, m->err);
	if (status == 0)
		status = sql_update_set(m->q.d, m->q.s, m->update, &text, &params, m->err);
	if (status == 0)
		status = key_where(k, &text, &params, m->err);
	if (status == 0)
		status = text.failed ? sql_no_memory(m->err)
			: statement_do(m->c, &text, &params, &m->call->answer.end.changed, m->err);
	sql_params_free(&params);
	sql_buffer_free(&text);
	return status;
}

static int change_and_show(struct change *m, struct key *k)
{
	bool after = (m->call->given.what.flags & AQ_STORE_NEW) != 0;

	if (sql_projection(m->q.s, NULL, &m->call->answer.columns, m->err) != 0)
		return -1;
	if (!after && show_row(m, k) != 0)
		return -1;
	if (change_row(m, k) != 0)
		return -1;
	return !after ? 0 : key_change(k, m->update, m->err) != 0 ? -1 : show_row(m, k);
}

static int find_modify(struct change *m)
{
	struct key k;
	int status = key_find(m, &k);

	if (status == 1)
		status = change_and_show(m, &k);
	key_free(&k);
	return status;
}

static int find_modify_all(struct session *c, struct call *call, struct sql_error *err)
{
	return change_with(c, call, find_modify, err);
}

int store_find_modify(struct session *c, struct call *call, struct sql_error *err)
{
	return transaction_around(c, call, find_modify_all, err);
}
