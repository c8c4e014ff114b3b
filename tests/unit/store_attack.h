/* store_attack.h: tries to become a part of a statement: random texts of what means something to a database, as values, names
 * of collections, fields and indexes, and comments. What comes back is what went in, and a collection that nobody named stays as
 * it is.
 *
 * The number of rounds is a tenth of AQ_STORE_ROUNDS; each begins with a seed of its own, which a failure tells. */
#ifndef STORE_ATTACK_H
#define STORE_ATTACK_H

#include "rounds.h"

static const char *const crumbs[] = {"'", "\"", "`", "\\", "\\'", "''", "``", "\"\"", ";", "; --", "-- ", "#", "/*",
	"*/", "/*!", "*/;", "(", ")", ",", "=", ".", "?", "?1", ":a", "@a", "@@", "$", "$1", "%", "%s", "_", "[", "]",
	"{", "}", "|", "||", "&", "<", ">", "!", " ", "\n", "\t", "x", "A", "\xc3\xa9", "\xc2\xa0", "\xe2\x80\x98",
	"\xef\xbc\x87", "\xf0\x9f\x98\x80", "0", "1", "0x27", "NULL", " OR 1=1", " UNION SELECT ", "DROP TABLE victim",
	"DELETE FROM victim", "UPDATE victim SET v = 0", "SELECT", " AS ", " COMMENT ", "victim", "v", "k", "CHAR(39)",
	"\r", "\x1a", "\x7f", "\b", "N'", "x'", "b'", "_utf8mb4"};
#define CRUMBS ((int)(sizeof(crumbs) / sizeof(*crumbs)))

static uint64_t luck;

static int dice(int n)
{
	luck ^= luck << 13;
	luck ^= luck >> 7;
	luck ^= luck << 17;
	return (int)((luck >> 33) % (uint64_t)n);
}

/* At most `max` bytes. */
static size_t some_text(char *out, size_t max)
{
	size_t length = 0;

	out[0] = '\0';
	for (int i = 1 + dice(8); i > 0; i--) {
		const char *crumb = crumbs[dice(CRUMBS)];

		if (length + strlen(crumb) > max)
			continue;
		memcpy(out + length, crumb, strlen(crumb) + 1);
		length += strlen(crumb);
	}
	return length;
}

/* One that the store takes: what it does not is in its README. Its number makes it the only one, and stands anywhere in it. */
static void some_name(char out[64], int number, bool of_field)
{
	char text[48], digits[16];
	size_t length, at;

	snprintf(digits, sizeof(digits), "%d", number);
	do {
		length = some_text(text, sizeof(text) - 1);
		at = (size_t)dice((int)length + 1);
		while (at < length && (text[at] & 0xc0) == 0x80) /* not within a character */
			at++;
		snprintf(out, 64, "%.*s%s%s", (int)at, text, digits, text + at);
	} while (!TAKES_NAME(out) || (of_field && out[0] == '$'));
}

/* ---- one round ---- */

struct attack {
	char collection[64], fields[3][64]; /* a number as the key, two texts */
	char comments[2][64];
	char values[3][200];
	size_t lengths[3];
};

static void choose(struct attack *a, int round)
{
	some_name(a->collection, round, false);
	for (int i = 0; i < 3; i++) {
		some_name(a->fields[i], i, true);
		a->lengths[i] = some_text(a->values[i], 180);
		if (dice(4) == 0)
			a->values[i][a->lengths[i]++] = '\0'; /* a part of it */
	}
	for (int i = 0; i < 2; i++) {
		size_t length = some_text(a->comments[i], 63);

		for (size_t at = 0; at < length; at++)
			if ((unsigned char)a->comments[i][at] < ' ') /* those are refused */
				a->comments[i][at] = '\'';
	}
}

static void put_field(bson_t *list, const char *place, const struct attack *a, int field)
{
	bson_t inner;

	bson_append_document_begin(list, place, -1, &inner);
	BSON_APPEND_UTF8(&inner, "name", a->fields[field]);
	BSON_APPEND_UTF8(&inner, "type", field == 0 ? "int64" : "text");
	if (field == 0)
		BSON_APPEND_BOOL(&inner, "key", true);
	if (field == 1) {
		BSON_APPEND_UTF8(&inner, "index", a->fields[2]); /* a name, too */
		BSON_APPEND_INT32(&inner, "size", 200);
	}
	BSON_APPEND_UTF8(&inner, "comment", a->comments[0]);
	bson_append_document_end(list, &inner);
}

static void create_and_describe(struct rig *r, const struct attack *a)
{
	static const char *const places[] = {"0", "1", "2"};
	bson_t schema = BSON_INITIALIZER, list, back, inner;
	struct sql_error err;
	bson_iter_t at, field, part;
	size_t from = 0;
	int count = 0;

	BSON_APPEND_ARRAY_BEGIN(&schema, "fields", &list);
	for (int i = 0; i < 3; i++)
		put_field(&list, places[i], a, i);
	bson_append_array_end(&schema, &list);
	BSON_APPEND_UTF8(&schema, "comment", a->comments[1]);
	works(r, (struct ask){.op = AQ_STORE_CREATE, .collection = a->collection, .document = &schema, .in = AQ_PART_SCHEMA});
	works(r, (struct ask){.op = AQ_STORE_DESCRIBE, .collection = a->collection});
	assert_int_equal(sql_document_next(said.rows.at, said.rows.length, &from, &back, &err), 1);
	assert_true(bson_iter_init_find(&at, &back, "fields") && bson_iter_recurse(&at, &field));
	for (; bson_iter_next(&field); count++) {
		uint32_t length;
		const uint8_t *bytes;

		bson_iter_document(&field, &length, &bytes);
		assert_true(bson_init_static(&inner, bytes, length));
		assert_true(bson_iter_init_find(&part, &inner, "name"));
		assert_string_equal(bson_iter_utf8(&part, NULL), a->fields[count]);
		if (a->comments[0][0] != '\0') {
			assert_true(bson_iter_init_find(&part, &inner, "comment"));
			assert_string_equal(bson_iter_utf8(&part, NULL), a->comments[0]);
		}
	}
	assert_int_equal(count, 3);
	if (a->comments[1][0] != '\0') {
		assert_true(bson_iter_init_find(&at, &back, "comment"));
		assert_string_equal(bson_iter_utf8(&at, NULL), a->comments[1]);
	}
	bson_destroy(&schema);
}

static void assert_text(const bson_t *row, const char *key, const struct attack *a, int value)
{
	uint32_t length;
	const char *text;
	bson_iter_t at;

	assert_true(bson_iter_init_find(&at, row, key) && BSON_ITER_HOLDS_UTF8(&at));
	text = bson_iter_utf8(&at, &length);
	assert_int_equal(length, a->lengths[value]);
	assert_memory_equal(text, a->values[value], length);
}

static void assert_row(const struct attack *a, int one, int two)
{
	struct sql_error err;
	size_t from = 0;
	bson_t row;

	assert_int_equal(said.row_count, 1);
	assert_int_equal(sql_document_next(said.rows.at, said.rows.length, &from, &row, &err), 1);
	assert_text(&row, a->fields[1], a, one);
	assert_text(&row, a->fields[2], a, two);
}

static void put_text(bson_t *to, const char *key, const struct attack *a, int value)
{
	assert_true(bson_append_utf8(to, key, -1, a->values[value], (int)a->lengths[value]));
}

/* {field: {op: value}} or {op: {field: value}} */
static void put_within(bson_t *to, const char *outer, const char *inner, const struct attack *a, int value)
{
	bson_t within;

	BSON_APPEND_DOCUMENT_BEGIN(to, outer, &within);
	put_text(&within, inner, a, value);
	bson_append_document_end(to, &within);
}

static void insert_find_change(struct rig *r, const struct attack *a)
{
	bson_t row = BSON_INITIALIZER, filter = BSON_INITIALIZER, set = BSON_INITIALIZER, gte = BSON_INITIALIZER,
		names = BSON_INITIALIZER;

	BSON_APPEND_INT32(&names, a->fields[2], 1);
	BSON_APPEND_INT32(&names, a->fields[1], 1);
	BSON_APPEND_INT64(&row, a->fields[0], 1);
	put_text(&row, a->fields[1], a, 0);
	put_text(&row, a->fields[2], a, 1);
	put_text(&filter, a->fields[1], a, 0);
	put_within(&set, "$set", a->fields[2], a, 2);
	put_within(&gte, a->fields[2], "$gte", a, 2);
	works(r, (struct ask){.op = AQ_STORE_INSERT, .collection = a->collection, .document = &row, .in = AQ_PART_ROWS});
	works(r, (struct ask){.op = AQ_STORE_FIND, .collection = a->collection, .document = &filter, .in = AQ_PART_FILTER});
	assert_row(a, 0, 1);
	works(r, (struct ask){.op = AQ_STORE_UPDATE, .collection = a->collection, .filter = "{}", .document = &set,
		.in = AQ_PART_UPDATE});
	assert_int_equal(said.end.changed, 1);
	works(r, (struct ask){.op = AQ_STORE_FIND, .collection = a->collection, .document = &gte, .in = AQ_PART_FILTER});
	assert_row(a, 0, 2);
	works(r, (struct ask){.op = AQ_STORE_FIND_MODIFY, .collection = a->collection, .filter = "{}", .document = &set,
		.in = AQ_PART_UPDATE, .flags = AQ_STORE_NEW});
	assert_row(a, 0, 2);
	works(r, (struct ask){.op = AQ_STORE_FIND, .collection = a->collection, .document = &names, .in = AQ_PART_SORT});
	assert_row(a, 0, 2);
	works(r, (struct ask){.op = AQ_STORE_FIND, .collection = a->collection, .document = &names, .in = AQ_PART_PROJECTION});
	assert_row(a, 0, 2);
	works(r, (struct ask){.op = AQ_STORE_DELETE, .collection = a->collection, .document = &filter, .in = AQ_PART_FILTER});
	assert_int_equal(said.end.changed, 1);
	bson_destroy(&row);
	bson_destroy(&filter);
	bson_destroy(&set);
	bson_destroy(&gte);
	bson_destroy(&names);
}

/* The statement is the caller's, the values are anybody's. */
static void statement_with_values(struct rig *r, const struct attack *a)
{
	bson_t parameters = BSON_INITIALIZER, row;
	struct sql_error err;
	size_t from = 0;

	put_text(&parameters, a->fields[0], a, 0); /* their names do not matter */
	put_text(&parameters, a->fields[1], a, 1);
	works(r, (struct ask){.op = AQ_STORE_RAW, .statement = "SELECT ? AS x, ? AS y", .document = &parameters,
		.in = AQ_PART_PARAMETERS});
	assert_int_equal(sql_document_next(said.rows.at, said.rows.length, &from, &row, &err), 1);
	assert_text(&row, "x", a, 0);
	assert_text(&row, "y", a, 1);
	works(r, (struct ask){.op = AQ_STORE_RAW, .statement = "DELETE FROM victim WHERE k = ? OR k = ?", .document = &parameters,
		.in = AQ_PART_PARAMETERS});
	assert_int_equal(said.end.changed, 0);
	bson_destroy(&parameters);
}

static void assert_victim(struct rig *r, const struct attack *a)
{
	const char *rows = found(r, "victim", "{}", "{\"k\":1}");

	if (strcmp(rows, "{ \"k\" : \"one\", \"v\" : 1 } { \"k\" : \"two\", \"v\" : 2 }") != 0)
		fail_msg("%s; collection %s, fields %s, %s, %s", rows, a->collection, a->fields[0], a->fields[1], a->fields[2]);
}

static int64_t things_there(struct rig *r)
{
	struct sql_error err;
	bson_iter_t at;
	bson_t row;
	size_t from = 0;

	works(r, (struct ask){.op = AQ_STORE_RAW, .statement = COUNT_OF_THINGS});
	assert_int_equal(sql_document_next(said.rows.at, said.rows.length, &from, &row, &err), 1);
	assert_true(bson_iter_init_find(&at, &row, "c"));
	return bson_iter_int64(&at);
}

static void random_attacks(void **state)
{
	int rounds = rounds_of("AQ_STORE_ROUNDS", 390) / 10 + 1;
	struct attack a;
	struct rig r;
	int64_t before;

	(void)state;
	rig_new(&r);
	works(&r, (struct ask){.op = AQ_STORE_CREATE, .collection = "victim", .schema = "{\"fields\":[{\"name\":\"k\",\"type\":\"text\","
		"\"key\":true},{\"name\":\"v\",\"type\":\"int64\"}]}"});
	works(&r, (struct ask){.op = AQ_STORE_INSERT, .collection = "victim",
		.rows = "[{\"k\":\"one\",\"v\":1},{\"k\":\"two\",\"v\":2}]"});
	before = things_there(&r);
	for (int i = 0; i < rounds; i++) {
		luck = 88172645463325252u + (uint64_t)i * 2654435761u;
		choose(&a, i);
		create_and_describe(&r, &a);
		insert_find_change(&r, &a);
		statement_with_values(&r, &a);
		assert_victim(&r, &a);
	}
	assert_int_equal(things_there(&r), before + 2 * rounds); /* a table and an index each */
	works(&r, (struct ask){.op = AQ_STORE_LIST});
	assert_int_equal(said.row_count, rounds + 1);
	rig_free(&r);
}

#define STORE_TESTS cmocka_unit_test(random_attacks)

#endif
