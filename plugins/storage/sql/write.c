/* write.c: see write.h. */
#include "sql/write.h"

#include <string.h>
#include <strings.h>

static int whole(const struct sql_buffer *out, struct sql_error *err)
{
	return out->failed ? sql_no_memory(err) : 0;
}

/* ---- which rows ---- */

/* It has three names, and a field may take each. */
const char *sql_row_number(const struct sql_schema *s)
{
	static const char *const names[] = {"rowid", "_rowid_", "oid"};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		bool taken = false;

		for (uint32_t f = 0; f < s->count; f++)
			taken |= strcasecmp(s->fields[f].name, names[i]) == 0;
		if (!taken)
			return names[i];
	}
	return NULL;
}

/* WHERE number IN (SELECT number ... ORDER BY ... LIMIT ...) */
static int where_numbered(const struct sql_query *q, struct sql_buffer *out, struct sql_params *params,
	struct sql_error *err)
{
	static const struct sql_columns none = {.count = 0};
	const char *number = sql_row_number(q->s);
	struct sql_query first = *q;

	if (number == NULL)
		return sql_fail(err, AQ_STORE_REFUSED, "a change of the first rows needs one of the names rowid, _rowid_, oid "
			"for itself");
	first.skip = 0;
	sql_buffer_put(out, " WHERE ");
	sql_buffer_put(out, number);
	sql_buffer_put(out, " IN (");
	if (sql_select(&first, number, &none, out, params, err) != 0)
		return -1;
	sql_buffer_put(out, ")");
	return 0;
}

int sql_where_first(const struct sql_query *q, struct sql_buffer *out, struct sql_params *params, struct sql_error *err)
{
	if (q->filter == NULL)
		return sql_fail(err, AQ_STORE_REFUSED, "the filter is missing; {} is all rows");
	if (q->d->numbered && (q->limit != 0 || q->sort != NULL))
		return where_numbered(q, out, params, err);
	if (sql_where(q, out, params, err) != 0 || sql_put_sort(q, out, err) != 0)
		return -1;
	return sql_put_limit(q->limit, 0, out, params, err);
}

/* ---- statements ---- */

int sql_insert(const struct sql_dialect *d, const char *collection, const struct sql_schema *s, uint32_t rows,
	struct sql_buffer *out, struct sql_error *err)
{
	struct sql_columns all = {.count = 0};
	struct sql_query q = {.d = d, .collection = collection, .s = s};

	if (sql_projection(s, NULL, &all, err) != 0)
		return -1;
	sql_buffer_put(out, "INSERT INTO ");
	if (sql_put_collection(&q, out, err) != 0)
		return -1;
	sql_buffer_put(out, " (");
	if (sql_put_columns(d, s, &all, out, err) != 0)
		return -1;
	sql_buffer_put(out, ") VALUES ");
	for (uint32_t r = 0; r < rows; r++) {
		for (uint32_t i = 0; i < s->count; i++)
			sql_buffer_put(out, i > 0 ? ", ?" : r > 0 ? ", (?" : "(?");
		sql_buffer_put(out, ")");
	}
	return whole(out, err);
}

static int put_field(const struct sql_query *q, const struct sql_field *f, struct sql_buffer *out, struct sql_error *err)
{
	return sql_quote_name(q->d, out, f->name, strlen(f->name), "field", err);
}

/* "a" = ?; what counts itself and has no value keeps the one that it has: "a" = "a". */
static int put_replacement(const struct sql_query *q, const struct sql_field *f, const struct sql_value *v,
	struct sql_buffer *out, struct sql_params *params, struct sql_error *err)
{
	if (put_field(q, f, out, err) != 0)
		return -1;
	sql_buffer_put(out, " = ");
	if (f->automatic && v->type == SQL_NULL)
		return put_field(q, f, out, err);
	sql_buffer_put(out, "?");
	return sql_params_add(params, v, err);
}

int sql_replace(const struct sql_query *q, const struct sql_row *row, struct sql_buffer *out, struct sql_params *params,
	struct sql_error *err)
{
	struct sql_query first = *q;

	sql_buffer_put(out, "UPDATE ");
	if (sql_put_collection(q, out, err) != 0)
		return -1;
	for (uint32_t i = 0; i < q->s->count; i++) {
		sql_buffer_put(out, i == 0 ? " SET " : ", ");
		if (put_replacement(q, &q->s->fields[i], &row->values[i], out, params, err) != 0)
			return -1;
	}
	first.limit = 1;
	return sql_where_first(&first, out, params, err) != 0 ? -1 : whole(out, err);
}

int sql_delete(const struct sql_query *q, struct sql_buffer *out, struct sql_params *params, struct sql_error *err)
{
	sql_buffer_put(out, "DELETE FROM ");
	if (sql_put_collection(q, out, err) != 0 || sql_where_first(q, out, params, err) != 0)
		return -1;
	return whole(out, err);
}
