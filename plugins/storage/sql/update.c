/* update.c: see update.h. */
#include "sql/update.h"

#include <string.h>

enum change { SET, INC, UNSET, MIN, MAX, ON_INSERT, CHANGES };
static const char *const changes[] = {"$set", "$inc", "$unset", "$min", "$max", "$setOnInsert"};

struct update {
	const struct sql_dialect *d;
	const struct sql_schema *s;
	struct sql_buffer *out;    /* of SET */
	struct sql_params *params;
	struct sql_row *row;       /* of an upsert, instead */
	bool seen[SQL_FIELDS_MAX];
	bool some;
	struct sql_error *err;
};

/* ---- one change ---- */

static int check_change(struct update *u, enum change c, int field, const bson_iter_t *at, struct sql_value *v)
{
	const struct sql_field *f = &u->s->fields[field];

	if (u->seen[field])
		return sql_fail(u->err, AQ_STORE_REFUSED, "field %s is changed twice", f->name);
	u->seen[field] = true;
	v->type = SQL_NULL;
	if (c != UNSET && sql_value_take(at, f, SQL_STORE, v, u->err) != 0)
		return -1;
	if (v->type == SQL_NULL && f->key)
		return sql_fail(u->err, AQ_STORE_REFUSED, "field %s is part of the key and cannot lose its value", f->name);
	if (c == INC && (f->type == SQL_TEXT || f->type == SQL_BYTES || f->type == SQL_BOOL))
		return sql_fail(u->err, AQ_STORE_REFUSED, "field %s cannot be counted up", f->name);
	if (v->type == SQL_NULL && (c == INC || c == MIN || c == MAX))
		return sql_fail(u->err, AQ_STORE_REFUSED, "%s of field %s takes no null", changes[c], f->name);
	return 0;
}

static int put_field(struct update *u, const struct sql_field *f)
{
	return sql_quote_name(u->d, u->out, f->name, strlen(f->name), "field", u->err);
}

static int put_place(struct update *u, const struct sql_field *f, bool compared, const struct sql_value *v)
{
	if (compared)
		sql_put_place(u->d, f, u->out);
	else
		sql_buffer_put(u->out, "?");
	return sql_params_add(u->params, v, u->err);
}

/* Where the back end would lose digits or count past the finite, functions of ours add. */
static int put_sum(struct update *u, const struct sql_field *f, const struct sql_value *v)
{
	bool own = u->d->functions && (f->type == SQL_DECIMAL || f->type == SQL_DOUBLE);

	sql_buffer_put(u->out, !own ? "COALESCE(" : f->type == SQL_DECIMAL ? "aq_decimal_add(" : "aq_double_add(");
	if (put_field(u, f) != 0)
		return -1;
	sql_buffer_put(u->out, own ? ", " : ", 0) + ");
	if (put_place(u, f, true, v) != 0)
		return -1;
	if (own && f->type == SQL_DECIMAL) { /* numbers of the schema */
		sql_buffer_put(u->out, ", ");
		sql_buffer_number(u->out, f->precision);
		sql_buffer_put(u->out, ", ");
		sql_buffer_number(u->out, f->scale);
	}
	sql_buffer_put(u->out, own ? ")" : "");
	return 0;
}

/* CASE WHEN field <= ? THEN field ELSE ? END: a null is neither. */
static int put_bound(struct update *u, const struct sql_field *f, enum change c, const struct sql_value *v)
{
	sql_buffer_put(u->out, "CASE WHEN ");
	if (put_field(u, f) != 0)
		return -1;
	sql_buffer_put(u->out, f->type == SQL_DECIMAL ? u->d->decimal_left : "");
	sql_buffer_put(u->out, c == MIN ? " <= " : " >= ");
	if (put_place(u, f, true, v) != 0)
		return -1;
	sql_buffer_put(u->out, " THEN ");
	if (put_field(u, f) != 0)
		return -1;
	sql_buffer_put(u->out, " ELSE ");
	if (put_place(u, f, false, v) != 0)
		return -1;
	sql_buffer_put(u->out, " END");
	return 0;
}

static int put_change(struct update *u, enum change c, const struct sql_field *f, const struct sql_value *v)
{
	if (c == ON_INSERT)
		return 0;
	sql_buffer_put(u->out, u->some ? ", " : " SET ");
	u->some = true;
	if (put_field(u, f) != 0)
		return -1;
	sql_buffer_put(u->out, " = ");
	switch (c) {
	case INC:
		return put_sum(u, f, v);
	case MIN:
	case MAX:
		return put_bound(u, f, c, v);
	default:
		return put_place(u, f, false, v);
	}
}

/* A new row has no value before: what counts up from nothing, or is the least of it alone, is the value itself. */
static int change_row(struct update *u, enum change c, int field, const struct sql_value *v)
{
	if (u->row->given[field] && (c == INC || c == MIN || c == MAX))
		return sql_fail(u->err, AQ_STORE_REFUSED, "%s of field %s, which the filter of the upsert gives a value", changes[c],
			u->s->fields[field].name);
	u->row->values[field] = *v;
	u->row->given[field] = true;
	return 0;
}

/* ---- all of them ---- */

static int change_fields(struct update *u, enum change c, bson_iter_t *at)
{
	struct sql_value v;

	while (bson_iter_next(at)) {
		int field = sql_schema_field(u->s, bson_iter_key(at), u->err);

		if (field < 0 || check_change(u, c, field, at, &v) != 0)
			return -1;
		if (u->row != NULL ? change_row(u, c, field, &v) != 0 : put_change(u, c, &u->s->fields[field], &v) != 0)
			return -1;
	}
	return 0;
}

static enum change change_of(const char *name)
{
	unsigned c = SET;

	while (c < CHANGES && strcmp(changes[c], name) != 0)
		c++;
	return (enum change)c;
}

static int run(struct update *u, const bson_t *update)
{
	bson_iter_t at, fields;

	bson_iter_init(&at, update);
	while (bson_iter_next(&at)) {
		enum change c = change_of(bson_iter_key(&at));

		if (c == CHANGES)
			return sql_fail(u->err, AQ_STORE_UNKNOWN, "an update has $set, $inc, $unset, $min, $max, $setOnInsert; not %s",
				bson_iter_key(&at));
		if (!BSON_ITER_HOLDS_DOCUMENT(&at) || !bson_iter_recurse(&at, &fields))
			return sql_fail(u->err, AQ_STORE_REFUSED, "%s takes a document of fields", changes[c]);
		if (change_fields(u, c, &fields) != 0)
			return -1;
	}
	return 0;
}

/* An update that changes nothing still says how many rows it matched. */
static int change_nothing(struct update *u)
{
	sql_buffer_put(u->out, " SET ");
	if (put_field(u, &u->s->fields[0]) != 0)
		return -1;
	sql_buffer_put(u->out, " = ");
	return put_field(u, &u->s->fields[0]);
}

int sql_update_set(const struct sql_dialect *d, const struct sql_schema *s, const bson_t *update, struct sql_buffer *out,
	struct sql_params *params, struct sql_error *err)
{
	struct update u = {.d = d, .s = s, .out = out, .params = params, .err = err};

	if (update == NULL)
		return sql_fail(err, AQ_STORE_REFUSED, "the update is missing");
	if (bson_empty(update))
		return sql_fail(err, AQ_STORE_REFUSED, "the update is empty");
	if (run(&u, update) != 0 || (!u.some && change_nothing(&u) != 0))
		return -1;
	return out->failed ? sql_no_memory(err) : 0;
}

int sql_update(const struct sql_query *q, const bson_t *update, struct sql_buffer *out, struct sql_params *params,
	struct sql_error *err)
{
	sql_buffer_put(out, "UPDATE ");
	if (sql_put_collection(q, out, err) != 0 || sql_update_set(q->d, q->s, update, out, params, err) != 0)
		return -1;
	return sql_where_first(q, out, params, err) != 0 ? -1 : out->failed ? sql_no_memory(err) : 0;
}

int sql_upsert_row(const struct sql_schema *s, const bson_t *filter, const bson_t *update, struct sql_row *row,
	struct sql_error *err)
{
	struct update u = {.s = s, .row = row, .err = err};

	sql_row_clear(row);
	if (sql_filter_equalities(s, filter, row, err) != 0 || run(&u, update) != 0)
		return -1;
	return sql_row_check_keys(s, row, err);
}
