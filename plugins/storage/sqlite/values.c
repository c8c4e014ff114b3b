/* values.c: see values.h. */
#include "sqlite/values.h"

#include <limits.h>
#include <math.h>
#include <string.h>
#include <utf8.h>

static int bind(sqlite3_stmt *s, int place, const struct sql_value *v, sqlite3_destructor_type copied)
{
	switch (v->type) {
	case SQL_NULL:
		return sqlite3_bind_null(s, place);
	case SQL_DOUBLE:
		return sqlite3_bind_double(s, place, v->real);
	case SQL_DECIMAL:
		return sqlite3_bind_text(s, place, v->decimal, -1, copied);
	case SQL_TEXT:
		return v->bytes.length > INT_MAX ? SQLITE_TOOBIG
			: sqlite3_bind_text(s, place, v->bytes.at, (int)v->bytes.length, copied);
	case SQL_BYTES:
		return v->bytes.length > INT_MAX ? SQLITE_TOOBIG
			: sqlite3_bind_blob(s, place, v->bytes.at, (int)v->bytes.length, copied);
	default:
		return sqlite3_bind_int64(s, place, v->integer);
	}
}

int values_bind(struct connection *c, sqlite3_stmt *s, uint32_t before, const struct sql_value *values, uint32_t count,
	bool copied, struct sql_error *err)
{
	for (uint32_t i = 0; i < count; i++) {
		int code = bind(s, (int)(before + i) + 1, &values[i], copied ? SQLITE_TRANSIENT : SQLITE_STATIC);

		if (code != SQLITE_OK)
			return connection_failed(c, code, err);
	}
	return 0;
}

static void take_bytes(sqlite3_stmt *s, int column, uint8_t type, struct sql_value *out)
{
	const void *at = type == SQL_TEXT ? (const void *)sqlite3_column_text(s, column) : sqlite3_column_blob(s, column);

	out->type = type;
	out->bytes.at = at != NULL ? at : "";
	out->bytes.length = (uint32_t)sqlite3_column_bytes(s, column);
}

int values_raw_column(sqlite3_stmt *s, int column, struct sql_value *out, struct sql_error *err)
{
	out->type = SQL_NULL;
	switch (sqlite3_column_type(s, column)) {
	case SQLITE_INTEGER:
		*out = (struct sql_value){.type = SQL_INT64, .integer = sqlite3_column_int64(s, column)};
		return 0;
	case SQLITE_FLOAT:
		*out = (struct sql_value){.type = SQL_DOUBLE, .real = sqlite3_column_double(s, column)};
		return 0;
	case SQLITE_TEXT:
		take_bytes(s, column, SQL_TEXT, out);
		if (!aq_utf8_valid(out->bytes.at, out->bytes.length))
			return sql_fail(err, AQ_STORE_REFUSED, "a text of column %d is no valid UTF-8", column + 1);
		return 0;
	case SQLITE_BLOB:
		take_bytes(s, column, SQL_BYTES, out);
		return 0;
	default:
		return 0;
	}
}

static bool is_truth(const struct sql_field *f, const struct sql_value *v)
{
	return f->type != SQL_BOOL || v->integer == 0 || v->integer == 1;
}

int values_column(sqlite3_stmt *s, int column, const struct sql_field *f, struct sql_value *out, struct sql_error *err)
{
	char type[32];
	bool whole;

	if (f->type == SQL_DECIMAL && sqlite3_column_type(s, column) == SQLITE_TEXT)
		take_bytes(s, column, SQL_TEXT, out); /* digits: no need to ask whether they are UTF-8 */
	else if (values_raw_column(s, column, out, err) != 0)
		return -1;
	whole = out->type == SQL_INT64 && (f->type == SQL_TIME || f->type == SQL_BOOL);
	if (whole && is_truth(f, out)) {
		out->type = f->type;
		return 0;
	}
	if (out->type == SQL_NULL || out->type == f->type)
		return 0;
	if (f->type == SQL_DECIMAL && out->type == SQL_TEXT && sql_value_fit(f, SQL_STORE, out, err) == 0)
		return 0;
	sql_field_type(f, type);
	return sql_fail(err, AQ_STORE_REFUSED, "a row holds something else than %s in field %s", type, f->name);
}
