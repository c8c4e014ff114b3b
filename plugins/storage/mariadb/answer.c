/* answer.c: rows go out in pages as the caller wants them. A page that was not taken is kept and offered again. */
#include "mariadb/store.h"

#include <stdlib.h>
#include <string.h>

/* ---- rows of a statement ---- */

static int append(bson_t *out, const char *name, const struct sql_value *v, struct sql_error *err)
{
	return sql_value_append(out, name, v) ? 0
		: sql_fail(err, AQ_STORE_REFUSED, "field %s of a row does not fit a document", name);
}

static int raw_document(const struct statement *st, bson_t *out, struct sql_error *err)
{
	struct sql_value v;

	for (unsigned i = 0; i < st->columns; i++)
		if (cell_raw(st, i, &v, err) != 0 || append(out, st->fields[i].name, &v, err) != 0)
			return -1;
	return 0;
}

static int document(const struct answer *a, const struct statement *st, bson_t *out, struct sql_error *err)
{
	struct sql_value v;

	bson_reinit(out);
	if (a->collection == NULL)
		return raw_document(st, out, err);
	for (uint32_t i = 0; i < a->columns.count; i++) {
		const struct sql_field *f = &a->collection->schema.fields[a->columns.field[i]];

		if (cell_field(st, i, f, &v, err) != 0 || append(out, f->name, &v, err) != 0)
			return -1;
	}
	return 0;
}

static int values(struct answer *a, const struct statement *st, struct sql_error *err)
{
	for (uint32_t i = 0; i < a->columns.count; i++)
		if (cell_field(st, i, &a->collection->schema.fields[a->columns.field[i]], &a->values[i], err) != 0)
			return -1;
	return 0;
}

/* ---- rows that are ready ---- */

int answer_add(struct call *c, const bson_t *row, struct sql_error *err)
{
	struct answer *a = &c->answer;

	if (a->ready.length + row->len > (uint64_t)c->s->max_call)
		return sql_fail(err, AQ_STORE_REFUSED, "the rows are more than max_call bytes; ask for them in parts");
	sql_buffer_add(&a->ready, bson_get_data(row), row->len);
	return a->ready.failed ? sql_no_memory(err) : 0;
}

int answer_read_all(struct session *c, struct call *call, struct statement *st, struct sql_error *err)
{
	struct answer *a = &call->answer;
	int status;

	while ((status = statement_next(c, st, err)) == 1)
		if (document(a, st, &a->row, err) != 0 || answer_add(call, &a->row, err) != 0)
			return -1;
	return status;
}

static int ready_values(struct answer *a, const bson_t *row, struct sql_error *err)
{
	bson_iter_t at;

	bson_iter_init(&at, row);
	for (uint32_t i = 0; i < a->columns.count && bson_iter_next(&at); i++)
		if (sql_value_take(&at, &a->collection->schema.fields[a->columns.field[i]], SQL_STORE, &a->values[i], err) != 0)
			return -1;
	return 0;
}

static int next_ready(struct answer *a, struct sql_error *err)
{
	bson_t row;
	int status = sql_document_next(a->ready.at, a->ready.length, &a->ready_at, &row, err);

	a->has_row = status == 1;
	if (status != 1)
		return status;
	if (a->as_frames)
		return ready_values(a, &row, err);
	bson_reinit(&a->row);
	return bson_concat(&a->row, &row) ? 0 : sql_no_memory(err);
}

/* ---- from row to row ---- */

static int next_fetched(struct session *c, struct answer *a, struct sql_error *err)
{
	int status = statement_next(c, a->cursor, err);

	a->has_row = status == 1;
	if (status < 0)
		return -1;
	if (status == 1)
		return a->as_frames ? values(a, a->cursor, err) : document(a, a->cursor, &a->row, err);
	statement_release(c, a->cursor);
	a->cursor = NULL;
	return 0;
}

static int advance(struct session *c, struct answer *a, struct sql_error *err)
{
	return a->cursor != NULL ? next_fetched(c, a, err) : next_ready(a, err);
}

int answer_begin(struct session *c, struct answer *a, struct sql_error *err)
{
	a->values = calloc(a->columns.count + 1, sizeof(*a->values));
	if (a->values == NULL)
		return sql_no_memory(err);
	if (a->as_frames && sql_frame_out_begin(&a->frames, &a->collection->schema, &a->columns, err) != 0)
		return -1;
	return advance(c, a, err);
}

/* ---- pages ---- */

static bool is_wanted(const struct answer *a)
{
	return a->has_row && (a->endless || a->wanted > 0);
}

/* Whether the row in hand goes into the page, too. One that is too large for any page goes alone. */
static bool has_room(const struct answer *a)
{
	if (a->as_frames)
		return a->frames.rows == 0 || sql_frame_out_size(&a->frames, a->values) <= PAGE_BYTES;
	return a->page.length == 0 || a->page.length + a->row.len <= PAGE_BYTES;
}

int answer_fill(struct session *c, struct answer *a, struct sql_error *err)
{
	a->page_rows = 0;
	while (is_wanted(a) && has_room(a)) {
		if (!a->as_frames)
			sql_buffer_add(&a->page, bson_get_data(&a->row), a->row.len);
		else if (sql_frame_out_row(&a->frames, a->values, err) != 0)
			return -1;
		a->page_rows++;
		a->wanted -= a->wanted > 0;
		if (advance(c, a, err) != 0)
			return -1;
	}
	if (a->page_rows > 0 && a->as_frames && sql_frame_out_end(&a->frames, &a->page, err) != 0)
		return -1;
	a->page_last = !a->has_row || (!a->endless && a->wanted == 0);
	a->end.matched += a->page_rows;
	return a->page.failed ? sql_no_memory(err) : 0;
}

static int32_t offer(struct call *c)
{
	struct answer *a = &c->answer;
	struct aq_store_rows rows = {.call = c->id, .rows = a->page_rows, .length = (uint32_t)a->page.length,
		.frame = a->as_frames, .last = a->page_last};
	int32_t status = c->s->provider->rows(c->s->host->owner, &rows, a->page.at);

	if (status != AQ_EAGAIN)
		sql_buffer_clear(&a->page);
	return status;
}

/* Nobody takes its rows. */
static void drop(struct call *c)
{
	c->gone = true;
	if (c->session != NULL)
		run_close(c);
	else
		call_release(c);
}

/* False when it waits for the server. */
static bool fill(struct call *c)
{
	if (c->answer.cursor != NULL)
		return run_fill(c);
	c->failed = answer_fill(NULL, &c->answer, &c->why) != 0;
	return true;
}

void answer_pump(struct call *c)
{
	struct answer *a = &c->answer;
	int32_t status = AQ_OK;

	if (c->session != NULL && c->session->fiber.under_way)
		return; /* goes on when that has ended */
	while (!c->failed && status == AQ_OK && (a->page.length > 0 || is_wanted(a))) {
		if (a->page.length == 0 && !fill(c))
			return;
		if (!c->failed)
			status = offer(c);
	}
	if (c->failed)
		call_fail(c, &c->why);
	else if (status != AQ_OK && status != AQ_EAGAIN)
		drop(c);
	else if (status == AQ_OK && !a->has_row)
		call_done(c);
}

void answer_free(struct answer *a)
{
	sql_frame_out_free(&a->frames);
	sql_collection_put(a->collection);
	free(a->values);
	bson_destroy(&a->row);
	sql_buffer_free(&a->ready);
	sql_buffer_free(&a->page);
}
