/* answer.c: rows go out in pages as the caller wants them. A page that was not taken is kept and offered again. */
#include "sqlite/store.h"

#include <stdlib.h>
#include <string.h>

/* ---- rows ---- */

static int raw_document(sqlite3_stmt *row, bson_t *out, struct sql_error *err)
{
	struct sql_value v;

	for (int i = 0; i < sqlite3_column_count(row); i++)
		if (values_raw_column(row, i, &v, err) != 0)
			return -1;
		else if (!sql_value_append(out, sqlite3_column_name(row, i), &v))
			return sql_fail(err, AQ_STORE_REFUSED, "a row does not fit a document");
	return 0;
}

int answer_document(struct answer *a, sqlite3_stmt *row, bson_t *out, struct sql_error *err)
{
	struct sql_value v;

	bson_reinit(out);
	if (a->collection == NULL)
		return raw_document(row, out, err);
	for (uint32_t i = 0; i < a->columns.count; i++) {
		const struct sql_field *f = &a->collection->schema.fields[a->columns.field[i]];

		if (values_column(row, (int)i, f, &v, err) != 0)
			return -1;
		if (!sql_value_append(out, f->name, &v))
			return sql_fail(err, AQ_STORE_REFUSED, "field %s of a row does not fit a document", f->name);
	}
	return 0;
}

static int read_values(struct answer *a, struct sql_error *err)
{
	for (uint32_t i = 0; i < a->columns.count; i++)
		if (values_column(a->cursor, (int)i, &a->collection->schema.fields[a->columns.field[i]], &a->values[i], err) != 0)
			return -1;
	return 0;
}

static int step(struct answer *a, struct sql_error *err)
{
	int code = sqlite3_step(a->cursor);

	a->has_row = code == SQLITE_ROW;
	if (code == SQLITE_DONE) { /* nothing holds the file any longer */
		connection_release(a->connection, a->cursor);
		a->cursor = NULL;
		a->connection->busy = false;
		return 0;
	}
	if (code != SQLITE_ROW)
		return connection_failed(a->connection, code, err);
	return a->as_frames ? read_values(a, err) : answer_document(a, a->cursor, &a->row, err);
}

static int next_ready(struct answer *a, struct sql_error *err)
{
	bson_t document;
	int status = sql_document_next(a->ready.at, a->ready.length, &a->ready_at, &document, err);

	a->has_row = status == 1;
	if (status != 1)
		return status;
	bson_reinit(&a->row);
	return bson_concat(&a->row, &document) ? 0 : sql_no_memory(err);
}

static int advance(struct answer *a, struct sql_error *err)
{
	if (a->cursor != NULL)
		return step(a, err);
	if (a->ready_at < a->ready.length)
		return next_ready(a, err);
	a->has_row = false;
	return 0;
}

int answer_begin(struct answer *a, struct sql_error *err)
{
	a->values = calloc(a->columns.count + 1, sizeof(*a->values));
	if (a->values == NULL)
		return sql_no_memory(err);
	if (a->as_frames && sql_frame_out_begin(&a->frames, &a->collection->schema, &a->columns, err) != 0)
		return -1;
	return advance(a, err);
}

int answer_add(struct store *s, struct call *c, const bson_t *document, struct sql_error *err)
{
	struct answer *a = &c->answer;

	if (a->ready.length + document->len > (uint64_t)s->max_call)
		return sql_fail(err, AQ_STORE_REFUSED, "the rows are more than max_call bytes; ask for them in parts");
	sql_buffer_add(&a->ready, bson_get_data(document), document->len);
	return a->ready.failed ? sql_no_memory(err) : 0;
}

/* ---- pages ---- */

/* Whether the row in hand goes into the page, too. One that is too large for any page goes alone. */
static bool room(const struct answer *a)
{
	if (a->as_frames)
		return a->frames.rows == 0 || sql_frame_out_size(&a->frames, a->values) <= PAGE_BYTES;
	return a->page.length == 0 || a->page.length + a->row.len <= PAGE_BYTES;
}

static int fill(struct answer *a, struct sql_error *err)
{
	a->page_rows = 0;
	while (a->has_row && (a->endless || a->wanted > 0) && room(a)) {
		if (!a->as_frames)
			sql_buffer_add(&a->page, bson_get_data(&a->row), a->row.len);
		else if (sql_frame_out_row(&a->frames, a->values, err) != 0)
			return -1;
		a->page_rows++;
		a->wanted -= a->endless ? 0 : 1;
		if (advance(a, err) != 0)
			return -1;
	}
	if (a->page_rows > 0 && a->as_frames && sql_frame_out_end(&a->frames, &a->page, err) != 0)
		return -1;
	a->page_last = !a->has_row || (!a->endless && a->wanted == 0);
	a->end.matched += a->page_rows;
	return a->page.failed ? sql_no_memory(err) : 0;
}

static int32_t offer(struct store *s, struct call *c)
{
	struct answer *a = &c->answer;
	struct aq_store_rows rows = {.call = c->id, .rows = a->page_rows, .length = (uint32_t)a->page.length,
		.frame = a->as_frames, .last = a->page_last};

	return s->provider->rows(s->host->owner, &rows, a->page.at);
}

void answer_pump(struct store *s, struct call *c)
{
	struct answer *a = &c->answer;
	struct sql_error err;
	int32_t status;

	while (a->page.length > 0 || (a->has_row && (a->endless || a->wanted > 0))) {
		if (a->page.length == 0 && fill(a, &err) != 0) {
			call_fail(s, c, &err);
			return;
		}
		status = offer(s, c);
		if (status == AQ_EAGAIN)
			return;
		sql_buffer_clear(&a->page);
		if (status < 0) { /* the caller is gone */
			a->has_row = false;
			break;
		}
	}
	if (!a->has_row)
		call_done(s, c);
}

void answer_free(struct answer *a)
{
	if (a->cursor != NULL) {
		connection_release(a->connection, a->cursor);
		a->connection->busy = false;
	}
	sql_frame_out_free(&a->frames);
	sql_collection_put(a->collection);
	free(a->values);
	bson_destroy(&a->row);
	sql_buffer_free(&a->ready);
	sql_buffer_free(&a->page);
}
