/* bulk.c: see bulk.h. */
#include "mariadb/bulk.h"

#include <stdlib.h>
#include <string.h>

static void bind(struct bulk_column *column, const struct sql_field *f, MYSQL_BIND *b)
{
	static const enum enum_field_types types[] = {[SQL_INT64] = MYSQL_TYPE_LONGLONG, [SQL_DOUBLE] = MYSQL_TYPE_DOUBLE,
		[SQL_DECIMAL] = MYSQL_TYPE_NEWDECIMAL, [SQL_TEXT] = MYSQL_TYPE_STRING, [SQL_BYTES] = MYSQL_TYPE_BLOB,
		[SQL_BOOL] = MYSQL_TYPE_LONGLONG, [SQL_TIME] = MYSQL_TYPE_LONGLONG};

	b->buffer_type = types[f->type];
	b->buffer = column->integers;
	b->length = column->lengths;
	b->u.indicator = column->nulls;
}

int bulk_open(struct bulk *b, const struct sql_schema *s, uint64_t max_packet, struct sql_error *err)
{
	bool whole;

	*b = (struct bulk){.s = s, .room = max_packet / 2 < BULK_BYTES ? (size_t)(max_packet / 2) : BULK_BYTES};
	b->columns = calloc(s->count, sizeof(*b->columns));
	b->binds = calloc(s->count, sizeof(*b->binds));
	whole = b->columns != NULL && b->binds != NULL;
	for (uint32_t i = 0; i < s->count && whole; i++) {
		if (s->fields[i].type == SQL_DECIMAL)
			b->columns[i].decimals = calloc(BULK_ROWS, sizeof(*b->columns[i].decimals));
		whole = s->fields[i].type != SQL_DECIMAL || b->columns[i].decimals != NULL;
		bind(&b->columns[i], &s->fields[i], &b->binds[i]);
	}
	if (whole)
		return 0;
	bulk_close(b);
	return sql_no_memory(err);
}

void bulk_close(struct bulk *b)
{
	for (uint32_t i = 0; b->columns != NULL && i < b->s->count; i++)
		free(b->columns[i].decimals);
	free(b->columns);
	free(b->binds);
	*b = (struct bulk){0};
}

static size_t size_of(const struct sql_row *row)
{
	size_t size = 0;

	for (uint32_t i = 0; i < row->count; i++) {
		const struct sql_value *v = &row->values[i];

		size += 16 + (v->type == SQL_TEXT || v->type == SQL_BYTES ? v->bytes.length : 0);
	}
	return size;
}

bool bulk_fits(const struct bulk *b, const struct sql_row *row)
{
	return b->rows == 0 || (b->rows < BULK_ROWS && b->bytes + size_of(row) <= b->room);
}

static void add_cell(struct bulk_column *to, unsigned row, const struct sql_value *v)
{
	to->nulls[row] = v->type == SQL_NULL ? STMT_INDICATOR_NULL : STMT_INDICATOR_NONE;
	switch (v->type) {
	case SQL_NULL:
		to->integers[row] = 0;
		break;
	case SQL_DOUBLE:
		to->reals[row] = v->real;
		break;
	case SQL_DECIMAL:
		memcpy(to->decimals[row], v->decimal, sizeof(v->decimal));
		to->characters[row] = to->decimals[row];
		to->lengths[row] = strlen(v->decimal);
		break;
	case SQL_TEXT:
	case SQL_BYTES:
		to->characters[row] = v->bytes.at;
		to->lengths[row] = v->bytes.length;
		break;
	default:
		to->integers[row] = v->integer;
		break;
	}
}

void bulk_add(struct bulk *b, const struct sql_row *row)
{
	for (uint32_t i = 0; i < row->count; i++)
		add_cell(&b->columns[i], b->rows, &row->values[i]);
	b->rows++;
	b->bytes += size_of(row);
}

int bulk_send(struct session *c, struct bulk *b, struct statement *st, struct sql_error *err)
{
	const unsigned long no_cursor = CURSOR_TYPE_NO_CURSOR;
	const unsigned rows = b->rows;

	b->rows = 0;
	b->bytes = 0;
	mysql_stmt_attr_set(st->handle, STMT_ATTR_CURSOR_TYPE, &no_cursor);
	mysql_stmt_attr_set(st->handle, STMT_ATTR_ARRAY_SIZE, &rows);
	mysql_stmt_bind_param(st->handle, b->binds);
	return statement_send(c, st, err);
}
