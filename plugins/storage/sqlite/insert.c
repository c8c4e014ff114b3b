/* insert.c: rows and frames; all of a call or nothing. */
#include "sqlite/store.h"

#include "sql/frame.h"
#include "sql/write.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define BLOCK_ROWS 64u
#define BLOCK_PLACES 512u

/* What an insert works with. Rows go in blocks, each one statement, which is a fifth faster than one by one. */
struct insertion {
	struct store *s;
	const char *collection;
	const struct sql_schema *schema;
	sqlite3_stmt *one, *block;        /* of a row, of block_rows */
	struct sql_row rows[BLOCK_ROWS];  /* made when they are needed */
	uint32_t block_rows, waiting;     /* waiting: the first of `rows` are read and not yet inserted */
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

static sqlite3_stmt *prepare(struct insertion *i, uint32_t rows, struct sql_error *err)
{
	struct sql_buffer text = {0};
	sqlite3_stmt *statement = NULL;

	if (sql_insert(&sql_dialect_sqlite, i->collection, i->schema, rows, &text, err) == 0)
		statement = connection_prepare(&i->s->writer, text.at, err);
	sql_buffer_free(&text);
	return statement;
}

/* ---- rows that wait ---- */

static int insert_row(struct insertion *i, const struct sql_row *row, struct sql_error *err)
{
	if (values_bind(&i->s->writer, i->one, 0, row->values, row->count, false, err) != 0 ||
		store_step(&i->s->writer, i->one, err) != 0)
		return at_row(i->count, err);
	if (i->count++ == 0)
		i->first_id = store_insert_id(i->s, i->schema);
	return 0;
}

static int insert_block(struct insertion *i, struct sql_error *err)
{
	if (i->block == NULL && (i->block = prepare(i, i->block_rows, err)) == NULL)
		return -1;
	for (uint32_t r = 0; r < i->waiting; r++)
		if (values_bind(&i->s->writer, i->block, r * i->schema->count, i->rows[r].values, i->schema->count, false, err) != 0)
			return -1;
	return store_step(&i->s->writer, i->block, err);
}

static int insert_waiting(struct insertion *i, struct sql_error *err)
{
	uint32_t waiting = i->waiting;

	if (waiting == i->block_rows && waiting > 1) {
		if (insert_block(i, err) == 0) {
			i->count += waiting;
			i->waiting = 0;
			return 0;
		}
		if (sqlite3_get_autocommit(i->s->writer.db)) /* the transaction is undone: none can be tried again */
			return -1;
	}
	i->waiting = 0;
	for (uint32_t r = 0; r < waiting; r++) /* of a block that was refused: one of them is why */
		if (insert_row(i, &i->rows[r], err) != 0)
			return -1;
	return 0;
}

static struct sql_row *next_row(struct insertion *i, struct sql_error *err)
{
	struct sql_row *row = &i->rows[i->waiting];

	return row->values != NULL || sql_row_new(i->schema, row, err) == 0 ? row : NULL;
}

/* The first one goes alone: its number is answered. */
static int add_row(struct insertion *i, struct sql_error *err)
{
	i->waiting++;
	return i->count == 0 || i->waiting == i->block_rows ? insert_waiting(i, err) : 0;
}

/* The next row is none. If one before it is not taken, that is the error. */
static int unreadable(struct insertion *i, struct sql_error *err)
{
	uint64_t row = i->count + i->waiting;
	struct sql_error earlier;

	if (insert_waiting(i, &earlier) == 0)
		return at_row(row, err);
	*err = earlier;
	return -1;
}

static int insert_rows(struct insertion *i, const struct sql_buffer *rows, struct sql_error *err)
{
	struct sql_row *row;
	size_t at = 0;
	bson_t document;
	int status;

	while ((status = sql_document_next(rows->at, rows->length, &at, &document, err)) == 1) {
		row = next_row(i, err);
		if (row == NULL)
			return -1;
		if (sql_row_read(i->schema, &document, row, err) != 0)
			return unreadable(i, err);
		if (add_row(i, err) != 0)
			return -1;
	}
	return status == 0 ? insert_waiting(i, err) : unreadable(i, err);
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

static int frame_row(struct insertion *i, const struct sql_frame *f, const int *fields, uint32_t at, struct sql_error *err)
{
	struct sql_row *row = next_row(i, err);

	if (row == NULL)
		return -1;
	for (uint32_t c = 0; c < f->count; c++) {
		const struct sql_field *field = &i->schema->fields[fields[c]];

		if (sql_frame_take(&f->columns[c], at, field, &row->values[fields[c]], err) != 0)
			return unreadable(i, err);
	}
	return sql_row_check_keys(i->schema, row, err) != 0 ? unreadable(i, err) : add_row(i, err);
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
	if (status == 0)
		status = insert_waiting(i, err);
	sql_frame_close(&f);
	return status;
}

/* ---- the call ---- */

static int insert(struct insertion *i, struct call *c, struct sql_error *err)
{
	const struct sql_buffer *rows = &c->given.parts[AQ_PART_ROWS], *frame = &c->given.parts[AQ_PART_FRAME];
	uint32_t most = BLOCK_PLACES / i->schema->count;

	if ((rows->length > 0) == (frame->length > 0))
		return sql_fail(err, AQ_STORE_REFUSED, "insert takes rows or a frame");
	i->block_rows = most == 0 ? 1 : most < BLOCK_ROWS ? most : BLOCK_ROWS;
	i->one = prepare(i, 1, err);
	if (i->one == NULL)
		return -1;
	return rows->length > 0 ? insert_rows(i, rows, err) : insert_frame(i, frame, err);
}

static void free_insertion(struct insertion *i)
{
	connection_release(&i->s->writer, i->one);
	connection_release(&i->s->writer, i->block);
	for (uint32_t r = 0; r < BLOCK_ROWS; r++)
		sql_row_free(&i->rows[r]);
}

static int insert_all(struct store *s, struct call *c, struct sql_error *err)
{
	struct sql_collection *collection = collection_get(s, c->given.what.collection, err);
	struct insertion i = {.s = s, .collection = c->given.what.collection};
	int status;

	if (collection == NULL)
		return -1;
	i.schema = &collection->schema;
	status = insert(&i, c, err);
	free_insertion(&i);
	sql_collection_put(collection);
	c->answer.end.changed = i.count;
	c->answer.end.insert_id = i.first_id;
	return status;
}

int store_insert(struct store *s, struct call *c, struct sql_error *err)
{
	return transaction_around(s, c, insert_all, err);
}
