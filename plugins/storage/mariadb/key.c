/* key.c: which row it is, before a change and after it. */
#include "mariadb/change.h"

#include <stdlib.h>
#include <string.h>

#define OWN_KEY "`aq_row`" /* of tables without one */

static bool is_text(const struct sql_value *v)
{
	return v->type == SQL_TEXT || v->type == SQL_BYTES;
}

static void drop_text(struct sql_value *v)
{
	if (is_text(v))
		free((void *)(uintptr_t)v->bytes.at);
	v->type = SQL_NULL;
}

/* Takes a copy of a text. */
static int set(struct sql_value *to, const struct sql_value *v, struct sql_error *err)
{
	struct sql_value copy = *v;
	char *text;

	if (is_text(v)) {
		text = malloc(v->bytes.length + 1u);
		if (text == NULL)
			return sql_no_memory(err);
		memcpy(text, v->bytes.at, v->bytes.length);
		copy.bytes.at = text;
	}
	drop_text(to);
	*to = copy;
	return 0;
}

void key_free(struct key *k)
{
	for (uint32_t i = 0; i < k->count && k->values != NULL; i++)
		drop_text(&k->values[i]);
	free(k->values);
	*k = (struct key){0};
}

static void choose_columns(const struct sql_schema *s, struct key *out)
{
	*out = (struct key){.s = s};
	for (uint32_t i = 0; i < s->count; i++)
		if (s->fields[i].key)
			out->columns.field[out->columns.count++] = (uint16_t)i;
	out->count = out->columns.count > 0 ? out->columns.count : 1;
}

/* ---- finding ---- */

static int read_values(const struct statement *st, struct key *k, struct sql_error *err)
{
	struct sql_value v;

	for (uint32_t i = 0; i < k->count; i++) {
		int status = k->columns.count == 0 ? cell_raw(st, i, &v, err)
			: cell_field(st, i, &k->s->fields[k->columns.field[i]], &v, err);

		if (status != 0 || set(&k->values[i], &v, err) != 0)
			return -1;
	}
	return 0;
}

static int find(struct change *m, const struct sql_buffer *text, const struct sql_params *params, struct key *k)
{
	struct statement *st = statement_prepare(m->c, text->at, text->length, m->err);
	int status;

	if (st == NULL)
		return -1;
	status = statement_execute(m->c, st, params->at, params->count, false, m->err);
	if (status == 0)
		status = statement_next(m->c, st, m->err);
	if (status == 1 && read_values(st, k, m->err) != 0)
		status = -1;
	statement_release(m->c, st);
	return status;
}

int key_find(struct change *m, struct key *out)
{
	struct sql_query first = m->q;
	struct sql_buffer text = {0};
	struct sql_params params = {0};
	int status;

	choose_columns(m->q.s, out);
	out->values = calloc(out->count, sizeof(*out->values));
	if (out->values == NULL)
		return sql_no_memory(m->err);
	first.limit = 1;
	status = sql_select(&first, out->columns.count == 0 ? OWN_KEY : "", &out->columns, &text, &params, m->err);
	sql_buffer_put(&text, " FOR UPDATE");
	if (status == 0)
		status = text.failed ? sql_no_memory(m->err) : find(m, &text, &params, out);
	sql_params_free(&params);
	sql_buffer_free(&text);
	return status;
}

int key_where(const struct key *k, struct sql_buffer *out, struct sql_params *params, struct sql_error *err)
{
	if (k->columns.count == 0) {
		sql_buffer_put(out, " WHERE " OWN_KEY " = ?");
		return sql_params_add(params, &k->values[0], err);
	}
	for (uint32_t i = 0; i < k->count; i++) {
		const struct sql_field *f = &k->s->fields[k->columns.field[i]];

		sql_buffer_put(out, i == 0 ? " WHERE " : " AND ");
		if (sql_quote_name(&sql_dialect_mariadb, out, f->name, strlen(f->name), "field", err) != 0)
			return -1;
		sql_buffer_put(out, " = ");
		sql_put_place(&sql_dialect_mariadb, f, out);
		if (sql_params_add(params, &k->values[i], err) != 0)
			return -1;
	}
	return 0;
}

/* ---- after the change ---- */

static int compare(const struct sql_value *a, const struct sql_value *b)
{
	uint32_t shorter;
	int order;

	switch (a->type) {
	case SQL_DOUBLE:
		return (a->real > b->real) - (a->real < b->real);
	case SQL_DECIMAL:
		return sql_decimal_compare(a->decimal, strlen(a->decimal), b->decimal, strlen(b->decimal));
	case SQL_TEXT:
	case SQL_BYTES:
		shorter = a->bytes.length < b->bytes.length ? a->bytes.length : b->bytes.length;
		order = memcmp(a->bytes.at, b->bytes.at, shorter);
		return order != 0 ? order : (a->bytes.length > b->bytes.length) - (a->bytes.length < b->bytes.length);
	default:
		return (a->integer > b->integer) - (a->integer < b->integer);
	}
}

/* The server has added the same, so it fits. */
static int add(const struct sql_field *f, struct sql_value *to, const struct sql_value *v, struct sql_error *err)
{
	char sum[SQL_DECIMAL_SIZE];

	if (v->type == SQL_DOUBLE) {
		to->real += v->real;
	} else if (v->type == SQL_DECIMAL) {
		if (!sql_decimal_add(to->decimal, v->decimal, sum) || !sql_decimal_fit(sum, f->precision, f->scale))
			return sql_fail(err, AQ_STORE_REFUSED, "the sum of field %s does not fit", f->name);
		memcpy(to->decimal, sum, sizeof(sum));
	} else if (__builtin_add_overflow(to->integer, v->integer, &to->integer)) {
		return sql_fail(err, AQ_STORE_REFUSED, "the sum of field %s does not fit", f->name);
	}
	return 0;
}

static int change(const struct sql_field *f, const char *how, const bson_iter_t *at, struct sql_value *to,
	struct sql_error *err)
{
	struct sql_value v;

	if (sql_value_take(at, f, SQL_STORE, &v, err) != 0)
		return -1;
	if (strcmp(how, "$inc") == 0)
		return add(f, to, &v, err);
	if ((strcmp(how, "$min") == 0 && compare(&v, to) >= 0) || (strcmp(how, "$max") == 0 && compare(&v, to) <= 0))
		return 0;
	return strcmp(how, "$setOnInsert") == 0 ? 0 : set(to, &v, err);
}

static int change_field(struct key *k, const char *how, const bson_iter_t *at, struct sql_error *err)
{
	for (uint32_t i = 0; i < k->columns.count; i++) {
		const struct sql_field *f = &k->s->fields[k->columns.field[i]];

		if (strcmp(f->name, bson_iter_key(at)) == 0)
			return change(f, how, at, &k->values[i], err);
	}
	return 0;
}

int key_change(struct key *k, const bson_t *update, struct sql_error *err)
{
	bson_iter_t at, field;

	bson_iter_init(&at, update);
	while (bson_iter_next(&at)) {
		const char *how = bson_iter_key(&at);

		for (bool in = bson_iter_recurse(&at, &field); in && bson_iter_next(&field);)
			if (change_field(k, how, &field, err) != 0)
				return -1;
	}
	return 0;
}
