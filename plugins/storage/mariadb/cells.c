/* cells.c: rows from the server become values. */
#include "mariadb/store.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <utf8.h>

#define BINARY_CHARSET 63u
#define CELL_BYTES 256u            /* a place for characters to begin with */
#define AHEAD_BYTES (256u * 1024u) /* of rows that are fetched at a time */
#define AHEAD_MAX 1000u
#define AHEAD_UNBOUNDED 16u        /* of rows whose size is not known before they come */

/* ---- places ---- */

void cells_free(struct statement *st)
{
	for (unsigned i = 0; i < st->columns; i++)
		free(st->cells[i].buffer);
	free(st->cells);
	free(st->binds);
	mysql_free_result(st->meta);
	st->cells = NULL;
	st->binds = NULL;
	st->meta = NULL;
	st->columns = 0;
}

static void place_number(struct cell *to, MYSQL_BIND *b, enum sql_type type)
{
	to->type = (uint8_t)type;
	b->buffer_type = type == SQL_DOUBLE ? MYSQL_TYPE_DOUBLE : MYSQL_TYPE_LONGLONG;
	b->buffer = type == SQL_DOUBLE ? (void *)&to->real : (void *)&to->integer;
}

static bool place_characters(struct cell *to, MYSQL_BIND *b, enum sql_type type)
{
	to->type = (uint8_t)type;
	to->size = CELL_BYTES;
	to->buffer = malloc(to->size);
	b->buffer_type = type == SQL_BYTES ? MYSQL_TYPE_BLOB : MYSQL_TYPE_STRING;
	b->buffer = to->buffer;
	b->buffer_length = to->size;
	return to->buffer != NULL;
}

static bool place(struct cell *to, MYSQL_BIND *b, const MYSQL_FIELD *f)
{
	b->length = &to->length;
	b->is_null = &to->null;
	switch (f->type) {
	case MYSQL_TYPE_TINY:
	case MYSQL_TYPE_SHORT:
	case MYSQL_TYPE_INT24:
	case MYSQL_TYPE_LONG:
	case MYSQL_TYPE_LONGLONG:
	case MYSQL_TYPE_YEAR:
		b->is_unsigned = (f->flags & UNSIGNED_FLAG) != 0;
		to->large = b->is_unsigned;
		place_number(to, b, SQL_INT64);
		return true;
	case MYSQL_TYPE_FLOAT:
	case MYSQL_TYPE_DOUBLE:
		place_number(to, b, SQL_DOUBLE);
		return true;
	case MYSQL_TYPE_DECIMAL:
	case MYSQL_TYPE_NEWDECIMAL:
		return place_characters(to, b, SQL_DECIMAL);
	case MYSQL_TYPE_BIT:
	case MYSQL_TYPE_GEOMETRY:
		return place_characters(to, b, SQL_BYTES);
	case MYSQL_TYPE_DATE:
	case MYSQL_TYPE_TIME:
	case MYSQL_TYPE_DATETIME:
	case MYSQL_TYPE_TIMESTAMP:
	case MYSQL_TYPE_NEWDATE:
		return place_characters(to, b, SQL_TEXT);
	default:
		return place_characters(to, b, f->charsetnr == BINARY_CHARSET ? SQL_BYTES : SQL_TEXT);
	}
}

/* How many rows a cursor brings at a time: as many as certainly fit, where the columns say how large they may be. */
static unsigned rows_ahead(const struct statement *st)
{
	uint64_t row = 0;

	for (unsigned i = 0; i < st->columns; i++)
		row += 16 + (uint64_t)st->fields[i].length;
	if (row > AHEAD_BYTES)
		return 1;
	return AHEAD_BYTES / row > AHEAD_MAX ? AHEAD_MAX : (unsigned)(AHEAD_BYTES / row);
}

static void fetch_ahead(struct statement *st, unsigned rows)
{
	unsigned long number = rows;

	if (rows == st->ahead)
		return;
	st->ahead = rows;
	mysql_stmt_attr_set(st->handle, STMT_ATTR_PREFETCH_ROWS, &number);
}

/* They are asked for each time: somebody may have changed the tables of a statement. */
static int make(struct session *c, struct statement *st, struct sql_error *err)
{
	cells_free(st);
	st->meta = mysql_stmt_result_metadata(st->handle);
	if (st->meta == NULL)
		return session_failed(c, st, err);
	st->fields = mysql_fetch_fields(st->meta);
	st->cells = calloc(mysql_num_fields(st->meta), sizeof(*st->cells));
	st->binds = calloc(mysql_num_fields(st->meta), sizeof(*st->binds));
	if (st->cells == NULL || st->binds == NULL)
		return sql_no_memory(err);
	st->columns = mysql_num_fields(st->meta);
	for (unsigned i = 0; i < st->columns; i++)
		if (!place(&st->cells[i], &st->binds[i], &st->fields[i]))
			return sql_no_memory(err);
	return 0;
}

int cells_make(struct session *c, struct statement *st, struct sql_error *err)
{
	if (make(c, st, err) != 0)
		return -1;
	fetch_ahead(st, rows_ahead(st));
	mysql_stmt_bind_result(st->handle, st->binds);
	return 0;
}

/* ---- behind a fetch ---- */

static int grow(struct statement *st, unsigned i, struct sql_error *err)
{
	struct cell *cell = &st->cells[i];
	MYSQL_BIND *b = &st->binds[i];
	char *larger = malloc(cell->length);

	if (larger == NULL)
		return sql_no_memory(err);
	free(cell->buffer);
	b->buffer = cell->buffer = larger;
	b->buffer_length = cell->size = cell->length;
	return 0;
}

int cells_complete(struct session *c, struct statement *st, struct sql_error *err)
{
	bool grown = false;

	for (unsigned i = 0; i < st->columns; i++) {
		struct cell *cell = &st->cells[i];

		if (cell->null || cell->type < SQL_DECIMAL || cell->length <= cell->size)
			continue;
		if (grow(st, i, err) != 0)
			return -1;
		if (mysql_stmt_fetch_column(st->handle, &st->binds[i], i, 0) != 0)
			return session_failed(c, st, err);
		grown = true;
	}
	if (grown)
		mysql_stmt_bind_result(st->handle, st->binds);
	if (cells_bytes(st) > (size_t)c->s->max_call)
		return sql_fail(err, AQ_STORE_REFUSED, "a row is larger than max_call = %" PRId64 " bytes", c->s->max_call);
	if (rows_ahead(st) == 1)
		fetch_ahead(st, cells_bytes(st) * AHEAD_UNBOUNDED > AHEAD_BYTES ? 1 : AHEAD_UNBOUNDED);
	return 0;
}

size_t cells_bytes(const struct statement *st)
{
	size_t bytes = 0;

	for (unsigned i = 0; i < st->columns; i++)
		bytes += 16 + (st->cells[i].type < SQL_DECIMAL || st->cells[i].null ? 0 : st->cells[i].length);
	return bytes;
}

/* ---- values ---- */

static int raw_characters(const struct cell *cell, const char *name, struct sql_value *out, struct sql_error *err)
{
	out->type = cell->type;
	out->bytes.at = cell->buffer;
	out->bytes.length = (uint32_t)cell->length;
	if (cell->type == SQL_TEXT && !aq_utf8_valid(cell->buffer, cell->length))
		return sql_fail(err, AQ_STORE_REFUSED, "a text of column %s is no valid UTF-8", name);
	return 0;
}

/* MariaDB's decimals may have more digits than a document can hold: then it is a text. */
static void raw_decimal(const struct cell *cell, struct sql_value *out)
{
	bson_decimal128_t number;

	out->type = SQL_DECIMAL;
	if (cell->length < sizeof(out->decimal)) {
		memcpy(out->decimal, cell->buffer, cell->length);
		out->decimal[cell->length] = '\0';
		if (sql_decimal_to_128(out->decimal, &number))
			return;
	}
	out->type = SQL_TEXT;
	out->bytes.at = cell->buffer;
	out->bytes.length = (uint32_t)cell->length;
}

int cell_raw(const struct statement *st, unsigned column, struct sql_value *out, struct sql_error *err)
{
	const struct cell *cell = &st->cells[column];
	const char *name = st->fields[column].name;

	out->type = SQL_NULL;
	if (cell->null)
		return 0;
	if (cell->type == SQL_DECIMAL) {
		raw_decimal(cell, out);
		return 0;
	}
	if (cell->type > SQL_DECIMAL)
		return raw_characters(cell, name, out, err);
	out->type = cell->type;
	if (cell->type == SQL_DOUBLE)
		out->real = cell->real;
	else
		out->integer = cell->integer;
	if (cell->large && cell->integer < 0)
		return sql_fail(err, AQ_STORE_REFUSED, "a number of column %s is larger than int64: CAST it AS DECIMAL(20)", name);
	return 0;
}

static bool is_truth(const struct sql_field *f, const struct sql_value *v)
{
	return f->type != SQL_BOOL || v->integer == 0 || v->integer == 1;
}

int cell_field(const struct statement *st, unsigned column, const struct sql_field *f, struct sql_value *out,
	struct sql_error *err)
{
	char type[32];
	bool whole;

	if (cell_raw(st, column, out, err) != 0)
		return -1;
	whole = out->type == SQL_INT64 && (f->type == SQL_TIME || f->type == SQL_BOOL);
	if (whole && is_truth(f, out)) {
		out->type = f->type;
		return 0;
	}
	if (out->type == SQL_NULL || (out->type == f->type && f->type != SQL_DECIMAL))
		return 0;
	if (f->type == SQL_DECIMAL && sql_value_fit(f, SQL_STORE, out, err) == 0)
		return 0;
	sql_field_type(f, type);
	return sql_fail(err, AQ_STORE_REFUSED, "a row holds something else than %s in field %s", type, f->name);
}
