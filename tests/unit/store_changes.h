/* store_changes.h: changes of the first rows, against an evaluation of their own: random rows, filters, sorts and limits. And
 * what distinct, replace and inserts answer. The number of random changes comes from AQ_STORE_ROUNDS. */
#ifndef STORE_CHANGES_H
#define STORE_CHANGES_H

#include "rounds.h"

#include <limits.h>

#define ROWS 60
#define NONE INT_MIN /* null: ahead of all values */

static uint64_t seed = 2463534242u;

static int chance(int n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (int)(seed >> 33) % n;
}

/* ---- the rows ---- */

#define MARKED "{\"fields\":[{\"name\":\"id\",\"type\":\"int64\",\"key\":true},{\"name\":\"v\",\"type\":\"int64\"," \
	"\"index\":true},{\"name\":\"p\",\"type\":\"decimal\",\"precision\":8,\"digits\":2,\"index\":true}," \
	"{\"name\":\"mark\",\"type\":\"int64\"}]}"

static struct row {
	bool there;
	int v, p; /* p in hundredths */
	int mark;
} rows[ROWS];

static void fill(struct rig *r)
{
	static char text[ROWS * 100];
	size_t length = (size_t)sprintf(text, "[");

	works(r, (struct ask){.op = AQ_STORE_DELETE, .collection = "t", .filter = "{}"});
	for (int i = 0; i < ROWS; i++) {
		struct row *row = &rows[i];

		*row = (struct row){.there = true, .v = chance(4) ? chance(11) - 5 : NONE,
			.p = chance(4) ? chance(4000) - 2000 : NONE};
		length += (size_t)sprintf(text + length, "%s{\"id\":%d,\"mark\":0", i ? "," : "", i);
		if (row->v != NONE)
			length += (size_t)sprintf(text + length, ",\"v\":%d", row->v);
		if (row->p != NONE)
			length += (size_t)sprintf(text + length, ",\"p\":\"%de-2\"", row->p);
		length += (size_t)sprintf(text + length, "}");
	}
	strcpy(text + length, "]");
	works(r, (struct ask){.op = AQ_STORE_INSERT, .collection = "t", .rows = text});
	assert_int_equal(said.end.changed, ROWS);
}

static int number(const bson_t *row, const char *key)
{
	bson_iter_t at;

	assert_true(bson_iter_init_find(&at, row, key));
	return BSON_ITER_HOLDS_NULL(&at) ? NONE : (int)bson_iter_int64(&at);
}

static void assert_rows(struct rig *r)
{
	struct sql_error err;
	size_t at = 0;
	bson_t row;

	works(r, (struct ask){.op = AQ_STORE_FIND, .collection = "t", .sort = "{\"id\":1}"});
	for (int i = 0; i < ROWS; i++) {
		if (!rows[i].there)
			continue;
		assert_int_equal(sql_document_next(said.rows.at, said.rows.length, &at, &row, &err), 1);
		assert_int_equal(number(&row, "id"), i);
		assert_int_equal(number(&row, "v"), rows[i].v);
		assert_int_equal(number(&row, "mark"), rows[i].mark);
	}
	assert_int_equal(at, said.rows.length);
}

/* ---- which are the first ---- */

static struct sorting {
	bool by_p, down, sorted;
} order;

static int compare(const void *a, const void *b)
{
	const int x = *(const int *)a, y = *(const int *)b;
	const int one = order.by_p ? rows[x].p : rows[x].v, two = order.by_p ? rows[y].p : rows[y].v;

	if (order.sorted && one != two)
		return (one < two) == order.down ? 1 : -1;
	return x < y ? -1 : 1;
}

struct filter {
	int kind, value;
};

static bool holds(struct filter f, const struct row *row)
{
	switch (f.kind) {
	case 0:
		return true;
	case 1:
		return row->v != NONE && row->v >= f.value;
	case 2:
		return row->v == NONE;
	default:
		return row->p != NONE && row->p < f.value;
	}
}

static void filter_text(struct filter f, char out[64])
{
	if (f.kind == 1)
		sprintf(out, "{\"v\":{\"$gte\":%d}}", f.value);
	else if (f.kind == 3)
		sprintf(out, "{\"p\":{\"$lt\":\"%de-2\"}}", f.value);
	else
		strcpy(out, f.kind == 0 ? "{}" : "{\"v\":null}");
}

/* The rows that a change takes. */
static int first(struct filter f, int limit, int out[ROWS])
{
	int count = 0;

	for (int i = 0; i < ROWS; i++)
		if (rows[i].there && holds(f, &rows[i]))
			out[count++] = i;
	qsort(out, (size_t)count, sizeof(*out), compare);
	return limit > 0 && limit < count ? limit : count;
}

/* ---- rounds ---- */

static void apply(const int *taken, int count, bool delete, int mark)
{
	for (int i = 0; i < count; i++) {
		struct row *row = &rows[taken[i]];

		row->there = !delete;
		row->mark = mark;
		row->v = row->v == NONE ? 3 : row->v + 3;
	}
}

/* What is updated is what it is sorted by, so that a row that is met again would show. */
static void one_change(struct rig *r, int round)
{
	struct filter f = {.kind = chance(4)};
	char filter[64], sort[64], update[64];
	int taken[ROWS], count, limit = chance(3) == 0 ? 0 : chance(ROWS);
	bool delete = chance(3) == 0;

	f.value = f.kind == 1 ? chance(15) - 6 : chance(4000) - 2000;
	order = (struct sorting){.by_p = chance(2) == 0, .down = chance(2) == 0, .sorted = chance(4) > 0};
	filter_text(f, filter);
	strcpy(sort, "{\"id\":1}");
	if (order.sorted)
		sprintf(sort, "{\"%s\":%d,\"id\":1}", order.by_p ? "p" : "v", order.down ? -1 : 1);
	sprintf(update, "{\"$inc\":{\"v\":3},\"$set\":{\"mark\":%d}}", round);
	count = first(f, limit, taken);
	works(r, (struct ask){.op = delete ? AQ_STORE_DELETE : AQ_STORE_UPDATE, .collection = "t", .filter = filter, .sort = sort,
		.update = delete ? NULL : update, .limit = (uint64_t)limit});
	assert_int_equal(said.end.matched, count);
	assert_int_equal(said.end.changed, count);
	apply(taken, count, delete, round);
	assert_rows(r);
}

static void random_changes(void **state)
{
	int rounds = rounds_of("AQ_STORE_ROUNDS", 400);
	struct rig r;

	(void)state;
	rig_new(&r);
	works(&r, (struct ask){.op = AQ_STORE_CREATE, .collection = "t", .schema = MARKED});
	for (int i = 0; i < rounds; i++) {
		if (i % 8 == 0)
			fill(&r);
		one_change(&r, i + 1);
	}
	rig_free(&r);
}

/* The oldest go, a batch a call, until a call takes less than a batch. */
static void retention(void **state)
{
	struct ask batch = {.op = AQ_STORE_DELETE, .collection = "t", .filter = "{\"id\":{\"$lt\":50}}", .sort = "{\"id\":1}",
		.limit = 20};
	struct rig r;

	(void)state;
	rig_new(&r);
	works(&r, (struct ask){.op = AQ_STORE_CREATE, .collection = "t", .schema = MARKED});
	fill(&r);
	works(&r, batch);
	assert_int_equal(said.end.changed, 20);
	works(&r, (struct ask){.op = AQ_STORE_FIND, .collection = "t", .projection = "{\"id\":1}", .sort = "{\"id\":1}",
		.limit = 1});
	assert_string_equal(rows_json(), "{ \"id\" : 20 }");
	works(&r, batch);
	works(&r, batch);
	assert_int_equal(said.end.changed, 10);
	works(&r, batch);
	assert_int_equal(said.end.changed, 0);
	works(&r, (struct ask){.op = AQ_STORE_COUNT, .collection = "t"});
	assert_int_equal(said.end.matched, 10);
	batch.skip = 1;
	refused(&r, AQ_STORE_REFUSED, "a skip or a limit that its operation does not take", batch);
	refused(&r, AQ_STORE_REFUSED, "a skip or a limit", (struct ask){.op = AQ_STORE_COUNT, .collection = "t", .limit = 1});
	rig_free(&r);
}

/* ---- what is there once ---- */

#define THINGS "{\"fields\":[{\"name\":\"id\",\"type\":\"int64\",\"auto_increment\":true},{\"name\":\"s\",\"type\":\"text\"}," \
	"{\"name\":\"p\",\"type\":\"decimal\",\"precision\":20,\"digits\":2},{\"name\":\"b\",\"type\":\"bool\"}]}"

static void with_things(struct rig *r)
{
	rig_new(r);
	works(r, (struct ask){.op = AQ_STORE_CREATE, .collection = "t", .schema = THINGS});
	works(r, (struct ask){.op = AQ_STORE_INSERT, .collection = "t", .rows = "[{\"s\":\"b\",\"p\":10},"
		"{\"s\":\"a\",\"p\":\"9.50\"},{\"s\":\"b\",\"p\":\"10.00\"},{\"p\":-1},"
		"{\"s\":\"B\",\"b\":true},{\"s\":\"a\",\"p\":9}]"});
}

static const char *distinct(struct rig *r, struct ask a)
{
	a.op = AQ_STORE_DISTINCT;
	a.collection = "t";
	works(r, a);
	return rows_json();
}

static void distinct_values(void **state)
{
	struct rig r;

	(void)state;
	with_things(&r);
	assert_string_equal(distinct(&r, (struct ask){.projection = "{\"s\":1}"}),
		"{ \"s\" : null } { \"s\" : \"B\" } { \"s\" : \"a\" } { \"s\" : \"b\" }");
	assert_int_equal(said.end.matched, 4);
	assert_string_equal(distinct(&r, (struct ask){.projection = "{\"p\":1}", .filter = "{\"p\":{\"$ne\":null}}"}),
		"{ \"p\" : { \"$numberDecimal\" : \"-1.00\" } } { \"p\" : { \"$numberDecimal\" : \"9.00\" } } "
		"{ \"p\" : { \"$numberDecimal\" : \"9.50\" } } { \"p\" : { \"$numberDecimal\" : \"10.00\" } }");
	assert_string_equal(distinct(&r, (struct ask){.projection = "{\"s\":1}", .filter = "{\"p\":{\"$gte\":9}}"}),
		"{ \"s\" : \"a\" } { \"s\" : \"b\" }");
	assert_string_equal(distinct(&r, (struct ask){.projection = "{\"s\":1}", .skip = 1, .limit = 2}),
		"{ \"s\" : \"B\" } { \"s\" : \"a\" }");
	assert_string_equal(distinct(&r, (struct ask){.projection = "{\"s\":1}", .filter = "{\"s\":\"none\"}"}), "");
	distinct(&r, (struct ask){.projection = "{\"b\":1}", .flags = AQ_STORE_AS_FRAMES});
	assert_int_equal(said.row_count, 2);
	assert_true(said.frames);
	refused(&r, AQ_STORE_REFUSED, "a projection of one field", (struct ask){.op = AQ_STORE_DISTINCT, .collection = "t"});
	refused(&r, AQ_STORE_REFUSED, "a projection of one field", (struct ask){.op = AQ_STORE_DISTINCT, .collection = "t",
		.projection = "{\"s\":1,\"p\":1}"});
	refused(&r, AQ_STORE_UNKNOWN, "there is no field z", (struct ask){.op = AQ_STORE_DISTINCT, .collection = "t",
		.projection = "{\"z\":1}"});
	rig_free(&r);
}

/* ---- replace ---- */

static void replaces(void **state)
{
	struct ask a = {.op = AQ_STORE_REPLACE, .collection = "t", .filter = "{\"id\":2}", .rows = "[{\"s\":\"new\"}]"};
	struct rig r;

	(void)state;
	with_things(&r);
	works(&r, a);
	assert_int_equal(said.end.matched, 1);
	assert_int_equal(said.end.changed, 1);
	assert_int_equal(said.end.insert_id, 0);
	assert_string_equal(found(&r, "t", "{\"id\":2}", NULL), "{ \"id\" : 2, \"s\" : \"new\", \"p\" : null, \"b\" : null }");
	a.filter = "{\"s\":\"b\"}"; /* two match, one is replaced */
	a.rows = "[{\"id\":50,\"s\":\"moved\",\"b\":true}]";
	works(&r, a);
	assert_int_equal(said.end.changed, 1);
	works(&r, (struct ask){.op = AQ_STORE_COUNT, .collection = "t", .filter = "{\"s\":\"b\"}"});
	assert_int_equal(said.end.matched, 1);
	assert_string_equal(found(&r, "t", "{\"id\":50}", NULL),
		"{ \"id\" : 50, \"s\" : \"moved\", \"p\" : null, \"b\" : true }");
	a.filter = "{\"s\":\"none\"}";
	works(&r, a);
	assert_int_equal(said.end.matched + said.end.changed, 0);
	works(&r, (struct ask){.op = AQ_STORE_COUNT, .collection = "t"});
	assert_int_equal(said.end.matched, 6);
	rig_free(&r);
}

static void replaces_or_inserts(void **state)
{
	struct ask a = {.op = AQ_STORE_REPLACE, .collection = "t", .filter = "{\"s\":\"x\"}", .rows = "[{\"s\":\"x\",\"p\":1}]",
		.flags = AQ_STORE_OR_INSERT};
	char wanted[160];
	struct rig r;

	(void)state;
	with_things(&r);
	works(&r, a);
	assert_int_equal(said.end.matched, 0);
	assert_int_equal(said.end.changed, 1);
	assert_true(said.end.insert_id > 6); /* some back ends leave numbers out */
	sprintf(wanted, "{ \"id\" : %d, \"s\" : \"x\", \"p\" : { \"$numberDecimal\" : \"2.00\" }, \"b\" : null }",
		(int)said.end.insert_id);
	a.rows = "[{\"s\":\"x\",\"p\":2}]";
	works(&r, a);
	assert_int_equal(said.end.matched, 1);
	assert_int_equal(said.end.insert_id, 0);
	assert_string_equal(found(&r, "t", "{\"s\":\"x\"}", NULL), wanted);
	rig_free(&r);
}

static void replacements_that_are_refused(void **state)
{
	struct ask a = {.op = AQ_STORE_REPLACE, .collection = "t", .filter = "{\"id\":2}",
		.rows = "[{\"s\":\"x\"},{\"s\":\"y\"}]"};
	struct rig r;

	(void)state;
	with_things(&r);
	refused(&r, AQ_STORE_REFUSED, "replace takes one document", a);
	a.rows = NULL;
	refused(&r, AQ_STORE_REFUSED, "replace takes one document", a);
	a.rows = "[{\"id\":3}]";
	refused(&r, AQ_STORE_DUPLICATE, "", a);
	a.rows = "[{\"p\":\"1.234\"}]";
	refused(&r, AQ_STORE_REFUSED, "1.234 does not fit", a);
	a.rows = "[{\"z\":1}]";
	refused(&r, AQ_STORE_UNKNOWN, "there is no field z", a);
	a.rows = "[{\"s\":\"x\"}]";
	a.filter = NULL;
	refused(&r, AQ_STORE_REFUSED, "the filter is missing", a);
	a.filter = "{}";
	a.flags = AQ_STORE_NEW;
	refused(&r, AQ_STORE_REFUSED, "a flag that its operation does not take", a);
	assert_string_equal(found(&r, "t", "{\"id\":2}", NULL),
		"{ \"id\" : 2, \"s\" : \"a\", \"p\" : { \"$numberDecimal\" : \"9.50\" }, \"b\" : null }");
	rig_free(&r);
}

/* ---- the ids of inserts ---- */

static int64_t id_of(struct rig *r, struct ask a)
{
	a.collection = a.statement == NULL ? "t" : NULL;
	works(r, a);
	return said.end.insert_id;
}

static struct ask raw(const char *statement)
{
	return (struct ask){.op = AQ_STORE_RAW, .statement = statement};
}

static void ids_of_inserts(void **state)
{
	const struct ask upsert_z = {.op = AQ_STORE_UPSERT, .filter = "{\"s\":\"z\"}", .update = "{\"$set\":{\"p\":1}}"};
	struct rig r;
	int64_t id;

	(void)state;
	with_things(&r);
	assert_int_equal(said.end.insert_id, 1); /* of the first of six */
	assert_true(id_of(&r, (struct ask){.op = AQ_STORE_INSERT, .rows = "[{\"s\":\"x\"},{\"s\":\"y\"}]"}) > 6);
	id = said.end.insert_id;
	assert_int_equal(strtol(found(&r, "t", "{\"s\":\"x\"}", NULL) + strlen("{ \"id\" : "), NULL, 10), id);
	assert_int_equal(id_of(&r, (struct ask){.op = AQ_STORE_INSERT, .rows = "[{\"id\":100},{\"s\":\"y\"}]"}), 100);
	id = id_of(&r, upsert_z);
	assert_true(id > 101);
	assert_int_equal(id_of(&r, upsert_z), 0);
	assert_int_equal(id_of(&r, (struct ask){.op = AQ_STORE_UPDATE, .filter = "{}", .update = "{\"$set\":{\"p\":2}}"}), 0);
	assert_true(id_of(&r, raw("INSERT INTO t (s) VALUES ('r')")) > id);
	assert_int_equal(id_of(&r, raw("UPDATE t SET s = 'q' WHERE id = 100")), 0);
	assert_int_equal(id_of(&r, raw(INSERT_IGNORE " INTO t (id) VALUES (100)")), 0);
	assert_int_equal(id_of(&r, raw("SELECT 1")), 0);
	works(&r, (struct ask){.op = AQ_STORE_CREATE, .collection = "plain",
		.schema = "{\"fields\":[{\"name\":\"k\",\"type\":\"text\",\"key\":true}]}"});
	works(&r, (struct ask){.op = AQ_STORE_INSERT, .collection = "plain", .rows = "[{\"k\":\"a\"}]"});
	assert_int_equal(said.end.insert_id, 0); /* nothing counts there */
	rig_free(&r);
}

#define STORE_TESTS cmocka_unit_test(random_changes), cmocka_unit_test(retention), cmocka_unit_test(distinct_values), \
	cmocka_unit_test(replaces), cmocka_unit_test(replaces_or_inserts), \
	cmocka_unit_test(replacements_that_are_refused), cmocka_unit_test(ids_of_inserts)

#endif
