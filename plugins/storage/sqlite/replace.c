/* replace.c: a document becomes all of one row. */
#include "sqlite/change.h"

/* The one document of the call. */
static int read_row(struct change *m, struct sql_row *row)
{
	const struct sql_buffer *rows = &m->c->given.parts[AQ_PART_ROWS];
	bson_t document;
	size_t at = 0;
	int status = sql_document_next(rows->at, rows->length, &at, &document, m->err);

	if (status < 0)
		return -1;
	if (status == 0 || at != rows->length)
		return sql_fail(m->err, AQ_STORE_REFUSED, "replace takes one document");
	return sql_row_read(m->q.s, &document, row, m->err);
}

static int replace_row(struct change *m, const struct sql_row *row)
{
	struct aq_store_end *end = &m->c->answer.end;
	struct sql_buffer text = {0};
	struct sql_params params = {0};
	int status = sql_replace(&m->q, row, &text, &params, m->err);

	if (status == 0)
		status = change_run(m, &text, &params, &end->matched);
	end->changed = end->matched;
	sql_params_free(&params);
	sql_buffer_free(&text);
	return status;
}

static int replace(struct change *m)
{
	struct sql_row row;
	int status;

	if (sql_row_new(m->q.s, &row, m->err) != 0)
		return -1;
	status = read_row(m, &row);
	if (status == 0)
		status = replace_row(m, &row);
	if (status == 0 && m->c->answer.end.matched == 0 && (m->c->given.what.flags & AQ_STORE_OR_INSERT) != 0)
		status = change_insert(m, &row);
	sql_row_free(&row);
	return status;
}

static int replace_all(struct store *s, struct call *c, struct sql_error *err)
{
	return change_with(s, c, replace, err);
}

int store_replace(struct store *s, struct call *c, struct sql_error *err)
{
	return transaction_around(s, c, replace_all, err);
}
