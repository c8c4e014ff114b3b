/* store_filters.h: filters against an evaluation of their own: random rows and random filters, the rows found are those that
 * the document form says. The number of filters comes from AQ_STORE_ROUNDS.
 *
 * Every field has eleven values in their order; a row and a filter hold only the place of a value in it, and the evaluation
 * knows nothing but places. */
#ifndef STORE_FILTERS_H
#define STORE_FILTERS_H

#include "rounds.h"

#define ROWS 150
#define FIELDS 6
#define VALUES 11
#define NONE (-1) /* null */
#define KIDS 4
#define NODES 64

static const char *const names[FIELDS] = {"a", "some text", "p", "f", "b", "t"};
static const char *const texts[VALUES] = {"", "1", "A", "Z", "a", "a\"", "a'; --", "aa", "b", "\xc3\xa9", "\xf0\x9f\x98\x80"};
/* Those at odd places have too many digits for the field: nothing is equal to them. */
static const char *const decimals[VALUES] = {"-100.5", "-99.999", "-9.25", "-0.001", "0", "0.005", "0.01", "1.499", "9.5",
	"9.999999", "10.25"};
static const double doubles[VALUES] = {-1e300, -2.5, -1, -0.25, 0, 1e-300, 0.1, 0.5, 3, 1e10, 1e308};

static uint64_t seed = 362436069123456789u;

static int chance(int n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (int)(seed >> 33) % n;
}

static void append(bson_t *to, const char *key, int field, int value)
{
	bson_decimal128_t number;

	if (value == NONE) {
		BSON_APPEND_NULL(to, key);
	} else if (field == 1) {
		BSON_APPEND_UTF8(to, key, texts[value]);
	} else if (field == 2) {
		bson_decimal128_from_string(decimals[value], &number);
		if (chance(3) == 0)
			BSON_APPEND_UTF8(to, key, decimals[value]);
		else
			BSON_APPEND_DECIMAL128(to, key, &number);
	} else if (field == 3) {
		BSON_APPEND_DOUBLE(to, key, doubles[value]);
	} else if (field == 4) {
		BSON_APPEND_BOOL(to, key, value != 0);
	} else {
		BSON_APPEND_INT64(to, key, field == 0 ? value - 5 : INT64_MAX - VALUES + value);
	}
}

static int some_value(int field)
{
	return chance(6) == 0 ? NONE : field == 4 ? chance(2) : chance(VALUES);
}

/* ---- rows ---- */

static int rows[ROWS][FIELDS];

static void add_row(bson_t *to, int n)
{
	for (int f = 0; f < FIELDS; f++) {
		int value = some_value(f);

		rows[n][f] = f == 2 && value != NONE ? value / 2 * 2 : value;
		if (rows[n][f] != NONE || chance(2) == 0) /* left out is null too */
			append(to, names[f], f, rows[n][f]);
	}
}

static void fill(struct rig *r)
{
	struct sql_buffer bytes = {0};
	uint64_t id;

	works(r, (struct ask){.op = AQ_STORE_DELETE, .collection = "t", .filter = "{}"});
	for (int n = 0; n < ROWS; n++) {
		bson_t row = BSON_INITIALIZER;

		BSON_APPEND_INT32(&row, "id", n);
		add_row(&row, n);
		sql_buffer_add(&bytes, bson_get_data(&row), row.len);
		bson_destroy(&row);
	}
	id = begin_call(r, (struct ask){.op = AQ_STORE_INSERT, .collection = "t"});
	assert_int_equal(send_part(r, id, AQ_PART_ROWS, bytes.at, bytes.length), AQ_OK);
	end_call(r, id);
	assert_int_equal(said.end.changed, ROWS);
	sql_buffer_free(&bytes);
}

/* ---- filters ---- */

enum kind { EQUAL, EQ, NE, GT, GTE, LT, LTE, IN, NIN, EXISTS, NOT, AND, OR, FILTER };
static const char *const keys[] = {"", "$eq", "$ne", "$gt", "$gte", "$lt", "$lte", "$in", "$nin", "$exists", "$not", "$and",
	"$or"};

/* A filter is a list of parts, all of which must hold. A part is about a field, or joins filters; a field's part is a list
 * of tests, all of which must hold. */
struct node {
	enum kind kind;
	int field, count;
	int values[KIDS];        /* of a test */
	struct node *kids[KIDS]; /* tests of a field or of $not; filters of $and, $or; parts of a filter */
};
static struct node nodes[NODES];
static int node_count;

static struct node *new_node(enum kind kind, int field)
{
	struct node *n = &nodes[node_count++];

	*n = (struct node){.kind = kind, .field = field};
	return n;
}

static bool room(void)
{
	return node_count < NODES - 24;
}

static struct node *some_test(int field, int depth)
{
	enum kind kind = (enum kind)(EQ + chance(depth > 0 && room() ? 10 : 9));
	struct node *n = new_node(kind, field);

	if (kind == NOT) {
		n->count = 1 + chance(2);
		for (int i = 0; i < n->count; i++) {
			do
				n->kids[i] = some_test(field, depth - 1);
			while (i == 1 && n->kids[0]->kind == n->kids[1]->kind);
		}
		return n;
	}
	n->count = kind == IN || kind == NIN ? chance(KIDS + 1) : 1;
	for (int i = 0; i < n->count; i++)
		n->values[i] = some_value(field);
	if (kind == EXISTS)
		n->values[0] = chance(2);
	while (kind >= GT && kind <= LTE && n->values[0] == NONE)
		n->values[0] = some_value(field);
	return n;
}

static struct node *some_filter(int depth);

static struct node *some_part(int depth)
{
	struct node *n;

	if (depth > 0 && room() && chance(2) == 0) {
		n = new_node(chance(2) ? AND : OR, 0);
		n->count = chance(4);
		for (int i = 0; i < n->count; i++)
			n->kids[i] = room() ? some_filter(depth - 1) : new_node(FILTER, 0);
		return n;
	}
	n = new_node(EQUAL, chance(FIELDS));
	n->values[0] = some_value(n->field);
	if (chance(4) > 0) {
		n->count = 1;
		n->kids[0] = some_test(n->field, 3);
	}
	return n;
}

static struct node *some_filter(int depth)
{
	struct node *n = new_node(FILTER, 0);

	n->count = chance(8) == 0 ? 0 : 1 + chance(2);
	for (int i = 0; i < n->count; i++)
		n->kids[i] = room() ? some_part(depth) : new_node(AND, 0);
	return n;
}

/* ---- as documents ---- */

static void put_test(bson_t *to, const struct node *n)
{
	bson_t inner;

	if (n->kind == NOT) {
		BSON_APPEND_DOCUMENT_BEGIN(to, "$not", &inner);
		for (int i = 0; i < n->count; i++)
			put_test(&inner, n->kids[i]);
		bson_append_document_end(to, &inner);
	} else if (n->kind == IN || n->kind == NIN) {
		BSON_APPEND_ARRAY_BEGIN(to, keys[n->kind], &inner);
		for (int i = 0; i < n->count; i++)
			append(&inner, "0", n->field, n->values[i]);
		bson_append_array_end(to, &inner);
	} else if (n->kind == EXISTS) {
		BSON_APPEND_BOOL(to, "$exists", n->values[0] != 0);
	} else {
		append(to, keys[n->kind], n->field, n->values[0]);
	}
}

static void put_filter(bson_t *to, const struct node *n);

static void put_part(bson_t *to, const struct node *n)
{
	bson_t inner, kid;

	if (n->kind == AND || n->kind == OR) {
		BSON_APPEND_ARRAY_BEGIN(to, keys[n->kind], &inner);
		for (int i = 0; i < n->count; i++) {
			BSON_APPEND_DOCUMENT_BEGIN(&inner, "0", &kid);
			put_filter(&kid, n->kids[i]);
			bson_append_document_end(&inner, &kid);
		}
		bson_append_array_end(to, &inner);
	} else if (n->count == 0) {
		append(to, names[n->field], n->field, n->values[0]);
	} else {
		BSON_APPEND_DOCUMENT_BEGIN(to, names[n->field], &inner);
		put_test(&inner, n->kids[0]);
		bson_append_document_end(to, &inner);
	}
}

static void put_filter(bson_t *to, const struct node *n)
{
	for (int i = 0; i < n->count; i++)
		put_part(to, n->kids[i]);
}

/* ---- as the document form says ---- */

static bool test_holds(const struct node *n, int value)
{
	bool in = false;

	for (int i = 0; i < n->count && n->kind != NOT; i++)
		in |= value == n->values[i];
	switch (n->kind) {
	case EQ:
	case IN:
		return in;
	case NE:
	case NIN:
		return !in;
	case GT:
		return value != NONE && value > n->values[0];
	case GTE:
		return value != NONE && value >= n->values[0];
	case LT:
		return value != NONE && value < n->values[0];
	case LTE:
		return value != NONE && value <= n->values[0];
	case EXISTS:
		return (value != NONE) == (n->values[0] != 0);
	default:
		for (int i = 0; i < n->count; i++)
			if (!test_holds(n->kids[i], value))
				return true;
		return false;
	}
}

static bool filter_holds(const struct node *n, const int *row);

static bool part_holds(const struct node *n, const int *row)
{
	if (n->kind == EQUAL)
		return n->count == 0 ? row[n->field] == n->values[0] : test_holds(n->kids[0], row[n->field]);
	for (int i = 0; i < n->count; i++)
		if (filter_holds(n->kids[i], row) == (n->kind == OR))
			return n->kind == OR;
	return n->kind == AND;
}

static bool filter_holds(const struct node *n, const int *row)
{
	for (int i = 0; i < n->count; i++)
		if (!part_holds(n->kids[i], row))
			return false;
	return true;
}

/* ---- the rounds ---- */

static void compare(const struct node *filter, const bson_t *document, int sorted)
{
	bool found[ROWS] = {false};
	size_t at = 0;
	struct sql_error err;
	bson_t row;
	bson_iter_t id;
	int last = NONE;

	while (sql_document_next(said.rows.at, said.rows.length, &at, &row, &err) == 1) {
		int n;

		assert_true(bson_iter_init_find(&id, &row, "id"));
		n = (int)bson_iter_int64(&id);
		found[n] = true;
		assert_true(rows[n][sorted] >= last);
		last = rows[n][sorted];
	}
	for (int n = 0; n < ROWS; n++)
		if (found[n] != filter_holds(filter, rows[n]))
			fail_msg("row %d: %s", n, bson_as_relaxed_extended_json(document, NULL));
}

static void one_round(struct rig *r)
{
	bson_t document = BSON_INITIALIZER;
	int sorted = chance(FIELDS);
	char sort[40];
	struct node *filter;

	node_count = 0;
	filter = some_filter(3);
	put_filter(&document, filter);
	snprintf(sort, sizeof(sort), "{\"%s\":1}", names[sorted]);
	works(r, (struct ask){.op = AQ_STORE_FIND, .collection = "t", .document = &document, .in = AQ_PART_FILTER,
		.sort = sort});
	compare(filter, &document, sorted);
	bson_destroy(&document);
}

static void random_filters(void **state)
{
	int rounds = rounds_of("AQ_STORE_ROUNDS", 400);
	struct rig r;

	(void)state;
	rig_new(&r);
	works(&r, (struct ask){.op = AQ_STORE_CREATE, .collection = "t", .schema = "{\"fields\":[{\"name\":\"id\",\"type\":\"int64\","
		"\"key\":true},{\"name\":\"a\",\"type\":\"int64\",\"index\":true},{\"name\":\"some text\",\"type\":\"text\",\"index\":true},"
		"{\"name\":\"p\",\"type\":\"decimal\",\"precision\":20,\"digits\":2,\"index\":true},{\"name\":\"f\",\"type\":\"double\"},"
		"{\"name\":\"b\",\"type\":\"bool\"},{\"name\":\"t\",\"type\":\"timestamp\"}]}"});
	for (int i = 0; i < rounds; i++) {
		if (i % 50 == 0)
			fill(&r);
		one_round(&r);
	}
	rig_free(&r);
}

#define STORE_TESTS cmocka_unit_test(random_filters)

#endif
