/* filter.c: see filter.h.
 *
 * A condition in SQL has a third outcome beside a null, which NOT would keep. So nothing is ever negated as a whole: what
 * stands below $not is turned around down to its leaves, and each leaf says what it makes of a null. */
#include "sql/filter.h"

#include <stdlib.h>
#include <string.h>

struct filter {
	const struct sql_dialect *d;
	const struct sql_schema *s;
	struct sql_buffer *out;
	struct sql_params *params;
	uint32_t conditions;
	struct sql_error *err;
};

enum operator { EQ, NE, GT, LTE, LT, GTE, IN, NIN, EXISTS, NOT, UNKNOWN_OPERATOR };
static const char *const operators[] = {"$eq", "$ne", "$gt", "$lte", "$lt", "$gte", "$in", "$nin", "$exists", "$not"};
static const char *const signs[] = {" = ", " <> ", " > ", " <= ", " < ", " >= "};

static enum operator operator_of(const char *name)
{
	unsigned op = EQ;

	while (op < UNKNOWN_OPERATOR && strcmp(operators[op], name) != 0)
		op++;
	return (enum operator)op;
}

/* Opposites stand side by side. */
static enum operator opposite(enum operator op)
{
	return (enum operator)((unsigned)op ^ 1u);
}

static int put_field(struct filter *f, const struct sql_field *field)
{
	return sql_quote_name(f->d, f->out, field->name, strlen(field->name), "field", f->err);
}

static int put_compared(struct filter *f, const struct sql_field *field)
{
	if (put_field(f, field) != 0)
		return -1;
	if (field->type == SQL_DECIMAL)
		sql_buffer_put(f->out, f->d->decimal_left);
	return 0;
}

/* Such values have one digit more than the field on either side of the point at most, so that 65 are enough. */
void sql_put_place(const struct sql_dialect *d, const struct sql_field *f, struct sql_buffer *out)
{
	if (f->type != SQL_DECIMAL || !d->decimal_cast) {
		sql_buffer_put(out, "?");
		return;
	}
	sql_buffer_put(out, "CAST(? AS DECIMAL(65,");
	sql_buffer_number(out, f->scale + 1u);
	sql_buffer_put(out, "))");
}

static int put_place(struct filter *f, const struct sql_field *field, const struct sql_value *v)
{
	if (f->params->count == SQL_PARAMS_MAX)
		return sql_fail(f->err, AQ_STORE_REFUSED, "the filter has more than %d values", SQL_PARAMS_MAX);
	sql_put_place(f->d, field, f->out);
	return sql_params_add(f->params, v, f->err);
}

static int put_null(struct filter *f, const struct sql_field *field, bool is)
{
	if (put_field(f, field) != 0)
		return -1;
	sql_buffer_put(f->out, is ? " IS NULL" : " IS NOT NULL");
	return 0;
}

static void put_constant(struct filter *f, bool holds)
{
	sql_buffer_put(f->out, holds ? "1=1" : "1=0");
}

/* ---- leaves ---- */

static int leaf(struct filter *f, const struct sql_field *field, enum operator op, bool negate, const bson_iter_t *at)
{
	struct sql_value v;
	enum operator used = negate ? opposite(op) : op;
	bool null_too = op == NE ? !negate : negate; /* what the whole makes of a null */

	if (sql_value_take(at, field, SQL_COMPARE, &v, f->err) != 0)
		return -1;
	if (v.type == SQL_NULL) {
		if (op != EQ && op != NE)
			return sql_fail(f->err, AQ_STORE_REFUSED, "%s of field %s takes no null", operators[op], field->name);
		return put_null(f, field, used == EQ);
	}
	sql_buffer_put(f->out, null_too ? "(" : "");
	if (put_compared(f, field) != 0)
		return -1;
	sql_buffer_put(f->out, signs[used]);
	if (put_place(f, field, &v) != 0)
		return -1;
	if (!null_too)
		return 0;
	sql_buffer_put(f->out, " OR ");
	if (put_null(f, field, true) != 0)
		return -1;
	sql_buffer_put(f->out, ")");
	return 0;
}

/* What a list holds besides nulls. */
static uint32_t count_list(bson_iter_t each, bool *null)
{
	uint32_t count = 0;

	*null = false;
	while (bson_iter_next(&each)) {
		*null |= BSON_ITER_HOLDS_NULL(&each);
		count += !BSON_ITER_HOLDS_NULL(&each);
	}
	return count;
}

static int put_list(struct filter *f, const struct sql_field *field, bson_iter_t each)
{
	const char *between = "";
	struct sql_value v;

	while (bson_iter_next(&each)) {
		if (sql_value_take(&each, field, SQL_COMPARE, &v, f->err) != 0)
			return -1;
		if (v.type == SQL_NULL)
			continue;
		sql_buffer_put(f->out, between);
		between = ", ";
		if (put_place(f, field, &v) != 0)
			return -1;
	}
	return 0;
}

/* A null is in the list if the list has one. */
static int in_list(struct filter *f, const struct sql_field *field, bool in, bson_iter_t each)
{
	bool null;
	uint32_t count = count_list(each, &null);

	if (count == 0 && null)
		return put_null(f, field, in);
	if (count == 0) {
		put_constant(f, !in);
		return 0;
	}
	sql_buffer_put(f->out, "(");
	if (put_compared(f, field) != 0)
		return -1;
	sql_buffer_put(f->out, in ? " IN (" : " NOT IN (");
	if (put_list(f, field, each) != 0)
		return -1;
	sql_buffer_put(f->out, ")");
	if (null == in) {
		sql_buffer_put(f->out, " OR ");
		if (put_null(f, field, true) != 0)
			return -1;
	}
	sql_buffer_put(f->out, ")");
	return 0;
}

static int list_leaf(struct filter *f, const struct sql_field *field, enum operator op, bool negate,
	const bson_iter_t *at)
{
	bson_iter_t each;

	if (!BSON_ITER_HOLDS_ARRAY(at) || !bson_iter_recurse(at, &each))
		return sql_fail(f->err, AQ_STORE_REFUSED, "%s of field %s takes a list", operators[op], field->name);
	return in_list(f, field, (op == IN) != negate, each);
}

static int exists(struct filter *f, const struct sql_field *field, bool negate, const bson_iter_t *at)
{
	int value = sql_bson_switch(at);

	if (value < 0)
		return sql_fail(f->err, AQ_STORE_REFUSED, "$exists of field %s takes true or false", field->name);
	return put_null(f, field, (value == 0) != negate);
}

/* ---- what joins them ---- */

static int field_operators(struct filter *f, const struct sql_field *field, bool negate, const bson_iter_t *at);

static int one_operator(struct filter *f, const struct sql_field *field, bool negate, const bson_iter_t *at)
{
	enum operator op = operator_of(bson_iter_key(at));

	switch (op) {
	case UNKNOWN_OPERATOR:
		return sql_fail(f->err, AQ_STORE_UNKNOWN, "field %s: there is no operator %s", field->name, bson_iter_key(at));
	case IN:
	case NIN:
		return list_leaf(f, field, op, negate, at);
	case EXISTS:
		return exists(f, field, negate, at);
	case NOT:
		if (!BSON_ITER_HOLDS_DOCUMENT(at))
			return sql_fail(f->err, AQ_STORE_REFUSED, "$not of field %s takes operators", field->name);
		return field_operators(f, field, !negate, at);
	default:
		return leaf(f, field, op, negate, at);
	}
}

static int count_condition(struct filter *f)
{
	if (f->conditions++ < SQL_CONDITIONS_MAX)
		return 0;
	return sql_fail(f->err, AQ_STORE_REFUSED, "the filter has more than %d conditions", SQL_CONDITIONS_MAX);
}

/* Several conditions, all or any of which must hold. One alone needs no brackets, and parsers take only so many. */
struct joint {
	bool all;
	uint32_t count, done;
};

static struct joint joint_of(bson_iter_t each, bool all)
{
	struct joint j = {.all = all};

	while (bson_iter_next(&each))
		j.count++;
	return j;
}

static int put_joint(struct filter *f, struct joint *j)
{
	if (j->done++ == 0)
		sql_buffer_put(f->out, j->count > 1 ? "(" : "");
	else
		sql_buffer_put(f->out, j->all ? " AND " : " OR ");
	return count_condition(f);
}

static int end_joint(struct filter *f, const struct joint *j)
{
	if (j->count == 0)
		put_constant(f, j->all);
	sql_buffer_put(f->out, j->count > 1 ? ")" : "");
	return 0;
}

static int field_operators(struct filter *f, const struct sql_field *field, bool negate, const bson_iter_t *at)
{
	bson_iter_t each;
	struct joint j;

	if (!bson_iter_recurse(at, &each))
		return sql_fail(f->err, AQ_STORE_REFUSED, "field %s: no valid BSON", field->name);
	j = joint_of(each, !negate);
	if (j.count == 0)
		return sql_fail(f->err, AQ_STORE_REFUSED, "field %s is compared with an empty document", field->name);
	while (bson_iter_next(&each))
		if (put_joint(f, &j) != 0 || one_operator(f, field, negate, &each) != 0)
			return -1;
	return end_joint(f, &j);
}

static int document(struct filter *f, bson_iter_t *at);

/* $and and $or. */
static int filters(struct filter *f, const bson_iter_t *list, bool all)
{
	bson_iter_t each, inner;
	struct joint j;

	if (!BSON_ITER_HOLDS_ARRAY(list) || !bson_iter_recurse(list, &each))
		return sql_fail(f->err, AQ_STORE_REFUSED, "%s takes a list of filters", bson_iter_key(list));
	j = joint_of(each, all);
	while (bson_iter_next(&each)) {
		if (!BSON_ITER_HOLDS_DOCUMENT(&each) || !bson_iter_recurse(&each, &inner))
			return sql_fail(f->err, AQ_STORE_REFUSED, "%s takes a list of filters", bson_iter_key(list));
		if (put_joint(f, &j) != 0 || document(f, &inner) != 0)
			return -1;
	}
	return end_joint(f, &j);
}

static int element(struct filter *f, const bson_iter_t *at)
{
	const char *key = bson_iter_key(at);
	int field;

	if (strcmp(key, "$and") == 0 || strcmp(key, "$or") == 0)
		return filters(f, at, key[1] == 'a');
	if (key[0] == '$')
		return sql_fail(f->err, AQ_STORE_UNKNOWN, "the filter: there is no operator %s", key);
	field = sql_schema_field(f->s, key, f->err);
	if (field < 0)
		return -1;
	if (BSON_ITER_HOLDS_DOCUMENT(at))
		return field_operators(f, &f->s->fields[field], false, at);
	return leaf(f, &f->s->fields[field], EQ, false, at);
}

static int document(struct filter *f, bson_iter_t *at)
{
	struct joint j = joint_of(*at, true);

	while (bson_iter_next(at))
		if (put_joint(f, &j) != 0 || element(f, at) != 0)
			return -1;
	return end_joint(f, &j);
}

int sql_filter(const struct sql_dialect *d, const struct sql_schema *s, const bson_t *filter, struct sql_buffer *out,
	struct sql_params *params, struct sql_error *err)
{
	struct filter f = {.d = d, .s = s, .out = out, .params = params, .err = err};
	bson_iter_t at;

	bson_iter_init(&at, filter);
	if (document(&f, &at) != 0)
		return -1;
	return out->failed ? sql_no_memory(err) : 0;
}

/* ---- equalities ---- */

static int equality(const struct sql_schema *s, int field, const bson_iter_t *at, struct sql_row *row,
	struct sql_error *err)
{
	row->given[field] = true;
	return sql_value_take(at, &s->fields[field], SQL_STORE, &row->values[field], err);
}

static int equal_element(const struct sql_schema *s, const bson_iter_t *at, struct sql_row *row, struct sql_error *err)
{
	bson_iter_t inner;
	int field = sql_schema_find(s, bson_iter_key(at));

	if (field < 0)
		return 0;
	if (!BSON_ITER_HOLDS_DOCUMENT(at))
		return equality(s, field, at, row, err);
	if (bson_iter_recurse(at, &inner) && bson_iter_find(&inner, "$eq"))
		return equality(s, field, &inner, row, err);
	return 0;
}

static int equal_elements(const struct sql_schema *s, bson_iter_t *at, struct sql_row *row, struct sql_error *err)
{
	bson_iter_t list, inner;

	while (bson_iter_next(at)) {
		if (strcmp(bson_iter_key(at), "$and") != 0) {
			if (equal_element(s, at, row, err) != 0)
				return -1;
			continue;
		}
		for (bool in = bson_iter_recurse(at, &list); in && bson_iter_next(&list);)
			if (bson_iter_recurse(&list, &inner) && equal_elements(s, &inner, row, err) != 0)
				return -1;
	}
	return 0;
}

int sql_filter_equalities(const struct sql_schema *s, const bson_t *filter, struct sql_row *row, struct sql_error *err)
{
	bson_iter_t at;

	bson_iter_init(&at, filter);
	return equal_elements(s, &at, row, err);
}
