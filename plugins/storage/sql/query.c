/* query.c: see query.h. */
#include "sql/query.h"

#include <string.h>

/* ---- columns ---- */

static int mark(const struct sql_schema *s, const bson_t *projection, bool marked[SQL_FIELDS_MAX], int *shown,
	struct sql_error *err)
{
	bson_iter_t at;

	bson_iter_init(&at, projection);
	while (bson_iter_next(&at)) {
		int field = sql_schema_field(s, bson_iter_key(&at), err), show = sql_bson_switch(&at);

		if (field < 0)
			return -1;
		if (show < 0 || (*shown >= 0 && show != *shown))
			return sql_fail(err, AQ_STORE_REFUSED, "the projection says 1 for each field that is wanted, or 0 for each that "
				"is not: %s", bson_iter_key(&at));
		*shown = show;
		marked[field] = true;
	}
	return 0;
}

int sql_projection(const struct sql_schema *s, const bson_t *projection, struct sql_columns *out, struct sql_error *err)
{
	bool marked[SQL_FIELDS_MAX] = {false};
	int shown = -1;

	out->count = 0;
	if (projection != NULL && mark(s, projection, marked, &shown, err) != 0)
		return -1;
	for (uint32_t i = 0; i < s->count; i++)
		if (shown == -1 || marked[i] == (shown == 1))
			out->field[out->count++] = (uint16_t)i;
	if (out->count == 0)
		return sql_fail(err, AQ_STORE_REFUSED, "the projection leaves no field");
	return 0;
}

int sql_put_columns(const struct sql_dialect *d, const struct sql_schema *s, const struct sql_columns *c,
	struct sql_buffer *out, struct sql_error *err)
{
	for (uint32_t i = 0; i < c->count; i++) {
		const char *name = s->fields[c->field[i]].name;

		sql_buffer_put(out, i == 0 ? "" : ", ");
		if (sql_quote_name(d, out, name, strlen(name), "field", err) != 0)
			return -1;
	}
	return 0;
}

/* ---- parts ---- */

int sql_put_collection(const struct sql_query *q, struct sql_buffer *out, struct sql_error *err)
{
	return sql_quote_name(q->d, out, q->collection, strlen(q->collection), "collection", err);
}

int sql_where(const struct sql_query *q, struct sql_buffer *out, struct sql_params *params, struct sql_error *err)
{
	if (q->filter == NULL)
		return 0;
	sql_buffer_put(out, " WHERE ");
	return sql_filter(q->d, q->s, q->filter, out, params, err);
}

static int put_sort_field(const struct sql_query *q, const bson_iter_t *at, struct sql_buffer *out,
	struct sql_error *err)
{
	int field = sql_schema_field(q->s, bson_iter_key(at), err);
	int64_t order = 0;

	if (field < 0)
		return -1;
	if (BSON_ITER_HOLDS_INT32(at) || BSON_ITER_HOLDS_INT64(at))
		order = bson_iter_as_int64(at);
	else if (BSON_ITER_HOLDS_DOUBLE(at))
		order = bson_iter_double(at) == 1 ? 1 : bson_iter_double(at) == -1 ? -1 : 0;
	if (order != 1 && order != -1)
		return sql_fail(err, AQ_STORE_REFUSED, "the sort of field %s is neither 1 nor -1", bson_iter_key(at));
	if (sql_quote_name(q->d, out, bson_iter_key(at), strlen(bson_iter_key(at)), "field", err) != 0)
		return -1;
	if (q->s->fields[field].type == SQL_DECIMAL)
		sql_buffer_put(out, q->d->decimal_left);
	sql_buffer_put(out, order == 1 ? "" : " DESC");
	return 0;
}

int sql_put_sort(const struct sql_query *q, struct sql_buffer *out, struct sql_error *err)
{
	bson_iter_t at;
	unsigned count = 0;

	if (q->sort == NULL)
		return 0;
	bson_iter_init(&at, q->sort);
	while (bson_iter_next(&at)) {
		if (count == SQL_SORT_MAX)
			return sql_fail(err, AQ_STORE_REFUSED, "the sort has more than %d fields", SQL_SORT_MAX);
		sql_buffer_put(out, count++ == 0 ? " ORDER BY " : ", ");
		if (put_sort_field(q, &at, out, err) != 0)
			return -1;
	}
	return 0;
}

static int add_count(struct sql_params *params, uint64_t count, struct sql_error *err)
{
	struct sql_value v = {.type = SQL_INT64, .integer = count > INT64_MAX ? INT64_MAX : (int64_t)count};

	return sql_params_add(params, &v, err);
}

int sql_put_limit(uint64_t limit, uint64_t skip, struct sql_buffer *out, struct sql_params *params, struct sql_error *err)
{
	if (limit == 0 && skip == 0)
		return 0;
	sql_buffer_put(out, skip == 0 ? " LIMIT ?" : " LIMIT ? OFFSET ?");
	if (add_count(params, limit == 0 ? INT64_MAX : limit, err) != 0)
		return -1;
	return skip == 0 ? 0 : add_count(params, skip, err);
}

static int whole(const struct sql_buffer *out, struct sql_error *err)
{
	return out->failed ? sql_no_memory(err) : 0;
}

/* ---- statements ---- */

int sql_select(const struct sql_query *q, const char *before, const struct sql_columns *c, struct sql_buffer *out,
	struct sql_params *params, struct sql_error *err)
{
	sql_buffer_put(out, "SELECT ");
	sql_buffer_put(out, before);
	if (sql_put_columns(q->d, q->s, c, out, err) != 0)
		return -1;
	sql_buffer_put(out, " FROM ");
	if (sql_put_collection(q, out, err) != 0 || sql_where(q, out, params, err) != 0 || sql_put_sort(q, out, err) != 0 ||
		sql_put_limit(q->limit, q->skip, out, params, err) != 0)
		return -1;
	return whole(out, err);
}

int sql_count(const struct sql_query *q, struct sql_buffer *out, struct sql_params *params, struct sql_error *err)
{
	sql_buffer_put(out, "SELECT COUNT(*) FROM ");
	if (sql_put_collection(q, out, err) != 0 || sql_where(q, out, params, err) != 0)
		return -1;
	return whole(out, err);
}

int sql_distinct(const struct sql_query *q, const struct sql_columns *c, struct sql_buffer *out, struct sql_params *params,
	struct sql_error *err)
{
	struct sql_query sorted = *q;
	bson_t sort = BSON_INITIALIZER;
	int status;

	if (q->projection == NULL || c->count != 1)
		return sql_fail(err, AQ_STORE_REFUSED, "distinct needs a projection of one field");
	BSON_APPEND_INT32(&sort, q->s->fields[c->field[0]].name, 1);
	sorted.sort = &sort;
	status = sql_select(&sorted, "DISTINCT ", c, out, params, err);
	bson_destroy(&sort);
	return status;
}
