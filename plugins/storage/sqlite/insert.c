/* insert.c: rows and frames; all of a call or nothing. */
#include "sqlite/store.h"

#include "sql/frame.h"
#include "sql/write.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* What an insert works with. */
struct insertion {
	struct store *s;
	const struct sql_schema *schema;
	sqlite3_stmt *statement;
	struct sql_row row;
	uint64_t count;
	int64_t first_id;
};

int64_t store_insert_id(const struct store *s, const struct sql_schema *schema)
{
	for (uint32_t i = 0; i < schema->count; i++)
		if (schema->fields[i].automatic)
			return sqlite3_last_insert_rowid(s->writer.db);
	return 0;
}

/* Which row it was. */
static int at_row(uint64_t row, struct sql_error *err)
{
	char text[sizeof(err->text)];

	memcpy(text, err->text, sizeof(text));
	snprintf(err->text, sizeof(err->text), "row %" PRIu64 ": %.200s", row + 1, text);
	return -1;
}

static int insert_row(struct insertion *i, struct sql_error *err)
{
	if (values_bind(&i->s->writer, i->statement, i->row.values, i->row.count, false, err) != 0 ||
		store_step(&i->s->writer, i->statement, err) != 0)
		return at_row(i->count, err);
	if (i->count++ == 0)
		i->first_id = store_insert_id(i->s, i->schema);
	return 0;
}

static int insert_rows(struct insertion *i, const struct sql_buffer *rows, struct sql_error *err)
{
	size_t at = 0;
	bson_t document;
	int status;

	while ((status = sql_document_next(rows->at, rows->length, &at, &document, err)) == 1) {
		if (sql_row_read(i->schema, &document, &i->row, err) != 0)
			return at_row(i->count, err);
		if (insert_row(i, err) != 0)
			return -1;
	}
	return status == 0 ? 0 : at_row(i->count, err);
}

/* ---- frames ---- */

static int match(struct insertion *i, const struct sql_frame *f, int fields[SQL_FIELDS_MAX], struct sql_error *err)
{
	for (uint32_t c = 0; c < f->count; c++) {
		fields[c] = sql_schema_field(i->schema, f->columns[c].name, err);
		if (fields[c] < 0)
			return -1;
	}
	return 0;
}

static int frame_row(struct insertion *i, const struct sql_frame *f, const int *fields, uint32_t row,
	struct sql_error *err)
{
	for (uint32_t c = 0; c < f->count; c++) {
		const struct sql_field *field = &i->schema->fields[fields[c]];

		if (sql_frame_take(&f->columns[c], row, field, &i->row.values[fields[c]], err) != 0)
			return at_row(row, err);
	}
	if (sql_row_check_keys(i->schema, &i->row, err) != 0)
		return at_row(row, err);
	return insert_row(i, err);
}

static int insert_frame(struct insertion *i, const struct sql_buffer *bytes, struct sql_error *err)
{
	int fields[SQL_FIELDS_MAX];
	struct sql_frame f;
	int status;

	if (sql_frame_open(bytes->at, bytes->length, &f, err) != 0)
		return -1;
	status = match(i, &f, fields, err);
	for (uint32_t row = 0; row < f.rows && status == 0; row++)
		status = frame_row(i, &f, fields, row, err);
	sql_frame_close(&f);
	return status;
}

/* ---- the call ---- */

static int insert(struct insertion *i, struct call *c, struct sql_error *err)
{
	const struct sql_buffer *rows = &c->given.parts[AQ_PART_ROWS], *frame = &c->given.parts[AQ_PART_FRAME];
	struct sql_buffer text = {0};
	int status;

	if ((rows->length > 0) == (frame->length > 0))
		return sql_fail(err, AQ_STORE_REFUSED, "insert takes rows or a frame");
	status = sql_insert(&sql_dialect_sqlite, c->given.what.collection, i->schema, &text, err);
	if (status == 0)
		i->statement = connection_prepare(&i->s->writer, text.at, err);
	sql_buffer_free(&text);
	if (i->statement == NULL || sql_row_new(i->schema, &i->row, err) != 0)
		return -1;
	status = rows->length > 0 ? insert_rows(i, rows, err) : insert_frame(i, frame, err);
	sql_row_free(&i->row);
	return status;
}

static int insert_all(struct store *s, struct call *c, struct sql_error *err)
{
	struct sql_collection *collection = collection_get(s, c->given.what.collection, err);
	struct insertion i = {.s = s};
	int status;

	if (collection == NULL)
		return -1;
	i.schema = &collection->schema;
	status = insert(&i, c, err);
	connection_release(&s->writer, i.statement);
	sql_collection_put(collection);
	c->answer.end.changed = i.count;
	c->answer.end.insert_id = i.first_id;
	return status;
}

int store_insert(struct store *s, struct call *c, struct sql_error *err)
{
	return transaction_around(s, c, insert_all, err);
}
