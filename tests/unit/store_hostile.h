/* store_hostile.h: what a caller may give: values and names that mean something to a database, numbers at their limits, bytes
 * that are no BSON. Stored and read back the same, or refused; nothing else changes. The number of damaged calls comes from
 * AQ_STORE_ROUNDS. */
#ifndef STORE_HOSTILE_H
#define STORE_HOSTILE_H

#include "rounds.h"

#include <float.h>
#include <math.h>

static const char *const attacks[] = {"'", "\"", "`", "''", "\"\"", "\\", "\\'", ";", "--", "/*", "*/", "?", "?1", ":a", "@a",
	"x'; DROP TABLE victim; --", "x\"; DROP TABLE victim; --", "x\" TEXT); DELETE FROM victim; --", "x`; DROP TABLE victim; --",
	"\"); DROP TABLE victim; --", "') OR 1=1; DELETE FROM victim; --", "1 OR 1=1", "' OR '1'='1", "\" OR \"\"=\"",
	"victim\" SET v = 0; --", "v\" = 0, \"k", "NULL", "select", "rowid", "victim.v", "main.victim", "a b", " ", "a ",
	"\xf0\x9f\x98\x80'\"", "\xc3\xa9", "\t", "%s%n%d", "{\"$gt\":0}", "$where", "aq_decimal", "randomblob(9)",
	"(SELECT v FROM victim)", "0x27", "x' || (SELECT 1) || '", "CHAR(39)"};
#define ATTACKS (sizeof(attacks) / sizeof(*attacks))

/* A document of one element. */
static void text_document(bson_t *out, const char *key, const char *text, size_t length)
{
	bson_init(out);
	assert_true(bson_append_utf8(out, key, -1, text, (int)length));
}

/* ---- values ---- */

static void with_values(struct rig *r)
{
	rig_new(r);
	works(r, (struct ask){.op = AQ_STORE_CREATE, .collection = "v", .schema = "{\"fields\":[{\"name\":\"t\",\"type\":\"text\"},"
		"{\"name\":\"d\",\"type\":\"double\"},{\"name\":\"i\",\"type\":\"int64\"},{\"name\":\"p\",\"type\":\"decimal\",\"digits\":10},"
		"{\"name\":\"y\",\"type\":\"bytes\"}]}"});
}

/* The row comes back as `document`, found by itself, and is deleted by itself. */
static void there_and_back(struct rig *r, const bson_t *document)
{
	bson_t back;
	size_t at = 0;
	struct sql_error err;
	bson_iter_t a, b;

	works(r, (struct ask){.op = AQ_STORE_INSERT, .collection = "v", .document = document, .in = AQ_PART_ROWS});
	works(r, (struct ask){.op = AQ_STORE_FIND, .collection = "v", .document = document, .in = AQ_PART_FILTER});
	assert_int_equal(said.row_count, 1);
	assert_int_equal(sql_document_next(said.rows.at, said.rows.length, &at, &back, &err), 1);
	assert_true(bson_iter_init(&a, document) && bson_iter_next(&a));
	assert_true(bson_iter_init_find(&b, &back, bson_iter_key(&a)));
	assert_int_equal(bson_iter_type(&a), bson_iter_type(&b));
	if (BSON_ITER_HOLDS_DOUBLE(&a))
		assert_true(bson_iter_double(&a) == bson_iter_double(&b));
	else
		assert_memory_equal(bson_iter_value(&a), bson_iter_value(&b), sizeof(bson_type_t));
	if (BSON_ITER_HOLDS_UTF8(&a)) {
		uint32_t one, two;
		const char *x = bson_iter_utf8(&a, &one), *y = bson_iter_utf8(&b, &two);

		assert_int_equal(one, two);
		assert_memory_equal(x, y, one);
	} else if (BSON_ITER_HOLDS_INT64(&a)) {
		assert_true(bson_iter_int64(&a) == bson_iter_int64(&b));
	}
	works(r, (struct ask){.op = AQ_STORE_DELETE, .collection = "v", .document = document, .in = AQ_PART_FILTER});
	assert_int_equal(said.end.changed, 1);
}

static void texts(void **state)
{
	struct rig r;
	char *large = malloc(1 << 20);
	bson_t document;

	(void)state;
	with_values(&r);
	for (size_t i = 0; i < ATTACKS; i++) {
		text_document(&document, "t", attacks[i], strlen(attacks[i]));
		there_and_back(&r, &document);
		bson_destroy(&document);
	}
	text_document(&document, "t", "a\0b'\0", 5);
	there_and_back(&r, &document);
	bson_destroy(&document);
	text_document(&document, "t", "", 0);
	there_and_back(&r, &document);
	bson_destroy(&document);
	for (size_t i = 0; i < 1 << 20; i++)
		large[i] = "';\"`\xf0\x9f\x98\x80"[i % 8];
	text_document(&document, "t", large, 1 << 20);
	there_and_back(&r, &document);
	bson_destroy(&document);
	text_document(&document, "t", "\xff\xfe", 2);
	refused(&r, AQ_STORE_REFUSED, "no valid BSON", (struct ask){.op = AQ_STORE_INSERT, .collection = "v",
		.document = &document, .in = AQ_PART_ROWS});
	bson_destroy(&document);
	free(large);
	rig_free(&r);
}

static void bytes(void **state)
{
	struct rig r;
	uint8_t all[256];
	bson_t document = BSON_INITIALIZER, empty = BSON_INITIALIZER;

	(void)state;
	with_values(&r);
	for (int i = 0; i < 256; i++)
		all[i] = (uint8_t)i;
	bson_append_binary(&document, "y", -1, BSON_SUBTYPE_BINARY, all, 256);
	there_and_back(&r, &document);
	bson_append_binary(&empty, "y", -1, BSON_SUBTYPE_BINARY, all, 0);
	there_and_back(&r, &empty);
	works(&r, (struct ask){.op = AQ_STORE_INSERT, .collection = "v", .document = &document, .in = AQ_PART_ROWS});
	works(&r, (struct ask){.op = AQ_STORE_FIND, .collection = "v", .projection = "{\"y\":1}"});
	assert_int_equal(said.rows.length, document.len);
	assert_memory_equal(said.rows.at, bson_get_data(&document), document.len);
	bson_destroy(&document);
	bson_destroy(&empty);
	rig_free(&r);
}

/* ---- numbers ---- */

static void refused_everywhere(struct rig *r, const char *key, const bson_value_t *v, const char *words)
{
	bson_t row = BSON_INITIALIZER, update = BSON_INITIALIZER, inner;

	bson_append_value(&row, key, -1, v);
	BSON_APPEND_DOCUMENT_BEGIN(&update, "$set", &inner);
	bson_append_value(&inner, key, -1, v);
	bson_append_document_end(&update, &inner);
	refused(r, AQ_STORE_REFUSED, words, (struct ask){.op = AQ_STORE_INSERT, .collection = "v", .document = &row,
		.in = AQ_PART_ROWS});
	refused(r, AQ_STORE_REFUSED, words, (struct ask){.op = AQ_STORE_FIND, .collection = "v", .document = &row,
		.in = AQ_PART_FILTER});
	refused(r, AQ_STORE_REFUSED, words, (struct ask){.op = AQ_STORE_UPDATE, .collection = "v", .filter = "{}",
		.document = &update, .in = AQ_PART_UPDATE});
	refused(r, AQ_STORE_REFUSED, words, (struct ask){.op = AQ_STORE_RAW, .statement = "SELECT ?", .document = &row,
		.in = AQ_PART_PARAMETERS});
	bson_destroy(&row);
	bson_destroy(&update);
}

static void doubles(void **state)
{
	static const double finite[] = {0, -0.0, DBL_MAX, -DBL_MAX, DBL_MIN, DBL_TRUE_MIN, -DBL_TRUE_MIN, DBL_EPSILON, 0.1, 1e15,
		9007199254740993.0, 1.7976931348623155e308, 4.9406564584124654e-320, 123456789.123456789};
	const double others[] = {NAN, INFINITY, -INFINITY};
	struct rig r;

	(void)state;
	with_values(&r);
	for (size_t i = 0; i < sizeof(finite) / sizeof(*finite); i++) {
		bson_t document = BSON_INITIALIZER;

		BSON_APPEND_DOUBLE(&document, "d", finite[i]);
		there_and_back(&r, &document);
		bson_destroy(&document);
	}
	for (size_t i = 0; i < 3; i++)
		refused_everywhere(&r, "d", &(bson_value_t){.value_type = BSON_TYPE_DOUBLE, .value = {.v_double = others[i]}},
			"is not stored: doubles are finite");
	refused(&r, AQ_STORE_REFUSED, "9007199254740993 is no double: field d would lose digits", (struct ask){
		.op = AQ_STORE_INSERT, .collection = "v", .rows = "[{\"d\":{\"$numberLong\":\"9007199254740993\"}}]"});
	refused(&r, AQ_STORE_REFUSED, "9223372036854775807 is no double", (struct ask){.op = AQ_STORE_INSERT, .collection = "v",
		.rows = "[{\"d\":{\"$numberLong\":\"9223372036854775807\"}}]"});
	works(&r, (struct ask){.op = AQ_STORE_INSERT, .collection = "v", .rows = "[{\"d\":{\"$numberLong\":\"9007199254740992\"}}]"});
	rig_free(&r);
}

static void whole_numbers(void **state)
{
	static const int64_t numbers[] = {0, -1, INT64_MAX, INT64_MIN, INT64_MAX - 1, 9007199254740993, INT32_MAX, INT32_MIN};
	struct rig r;

	(void)state;
	with_values(&r);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++) {
		bson_t document = BSON_INITIALIZER;

		BSON_APPEND_INT64(&document, "i", numbers[i]);
		there_and_back(&r, &document);
		bson_destroy(&document);
	}
	refused(&r, AQ_STORE_UNKNOWN, "field i is int64: it takes no double", (struct ask){.op = AQ_STORE_INSERT,
		.collection = "v", .rows = "[{\"i\":1.0}]"});
	refused(&r, AQ_STORE_UNKNOWN, "field i is int64: it takes no text", (struct ask){.op = AQ_STORE_INSERT,
		.collection = "v", .rows = "[{\"i\":\"1\"}]"});
	rig_free(&r);
}

static void decimals(void **state)
{
	static const char *const fitting[] = {"0", "-0", "999999999999999999999999.9999999999", "-999999999999999999999999.9999999999",
		"0.0000000001", "-0.0000000001", "123456789012345678901234.0123456789", "1E+23", "1E-10", "5E-1"};
	static const char *const others[] = {"1E+24", "0.00000000001", "1000000000000000000000000", "NaN", "Infinity", "-Infinity",
		"9.999999999999999999999999999999999E+6144", "1E-6176", "1234567890123456789012345678901234"};
	bson_decimal128_t number;
	struct rig r;

	(void)state;
	with_values(&r);
	for (size_t i = 0; i < sizeof(fitting) / sizeof(*fitting); i++) {
		bson_t document = BSON_INITIALIZER;

		assert_true(bson_decimal128_from_string(fitting[i], &number));
		BSON_APPEND_DECIMAL128(&document, "p", &number);
		there_and_back(&r, &document);
		bson_destroy(&document);
	}
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++) {
		bson_t document = BSON_INITIALIZER;

		assert_true(bson_decimal128_from_string(others[i], &number));
		BSON_APPEND_DECIMAL128(&document, "p", &number);
		refused(&r, AQ_STORE_REFUSED, "field p", (struct ask){.op = AQ_STORE_INSERT, .collection = "v",
			.document = &document, .in = AQ_PART_ROWS});
		bson_destroy(&document);
	}
	works(&r, (struct ask){.op = AQ_STORE_INSERT, .collection = "v", .rows = "[{\"p\":\"123456789012345678901234.0123456789\"}]"});
	works(&r, (struct ask){.op = AQ_STORE_FIND, .collection = "v", .projection = "{\"p\":1}", .filter = "{\"p\":{\"$gt\":"
		"\"123456789012345678901234.0123456788999\",\"$lt\":\"123456789012345678901234.01234567890001\"}}"});
	assert_string_equal(rows_json(), "{ \"p\" : { \"$numberDecimal\" : \"123456789012345678901234.0123456789\" } }");
	rig_free(&r);
}

/* ---- names ---- */

static void schema_named(const char *field, bson_t *out)
{
	bson_t list, inner;

	bson_init(out);
	BSON_APPEND_ARRAY_BEGIN(out, "fields", &list);
	BSON_APPEND_DOCUMENT_BEGIN(&list, "0", &inner);
	BSON_APPEND_UTF8(&inner, "name", field);
	BSON_APPEND_UTF8(&inner, "type", "int64");
	BSON_APPEND_BOOL(&inner, "key", true);
	BSON_APPEND_UTF8(&inner, "index", field);
	if (strchr(field, '\t') == NULL)
		BSON_APPEND_UTF8(&inner, "comment", field);
	bson_append_document_end(&list, &inner);
	bson_append_array_end(out, &list);
}

/* Every operation with a collection and a field of this name. */
static void use_name(struct rig *r, const char *name)
{
	bson_t schema, row = BSON_INITIALIZER, inc = BSON_INITIALIZER, inner;

	schema_named(name, &schema);
	BSON_APPEND_INT64(&row, name, 1);
	BSON_APPEND_DOCUMENT_BEGIN(&inc, "$inc", &inner);
	BSON_APPEND_INT64(&inner, name, 1);
	bson_append_document_end(&inc, &inner);
	works(r, (struct ask){.op = AQ_STORE_CREATE, .collection = name, .document = &schema, .in = AQ_PART_SCHEMA});
	works(r, (struct ask){.op = AQ_STORE_INSERT, .collection = name, .document = &row, .in = AQ_PART_ROWS});
	works(r, (struct ask){.op = AQ_STORE_FIND, .collection = name, .document = &row, .in = AQ_PART_SORT});
	assert_int_equal(said.rows.length, row.len);
	assert_memory_equal(said.rows.at, bson_get_data(&row), row.len);
	works(r, (struct ask){.op = AQ_STORE_FIND, .collection = name, .document = &row, .in = AQ_PART_PROJECTION});
	works(r, (struct ask){.op = AQ_STORE_FIND, .collection = name, .flags = AQ_STORE_AS_FRAMES});
	works(r, (struct ask){.op = AQ_STORE_UPDATE, .collection = name, .filter = "{}", .document = &inc, .in = AQ_PART_UPDATE});
	assert_int_equal(said.end.changed, 1);
	works(r, (struct ask){.op = AQ_STORE_FIND_MODIFY, .collection = name, .filter = "{}", .document = &inc,
		.in = AQ_PART_UPDATE, .flags = AQ_STORE_NEW});
	assert_int_equal(said.row_count, 1);
	works(r, (struct ask){.op = AQ_STORE_COUNT, .collection = name, .document = &row, .in = AQ_PART_FILTER});
	assert_int_equal(said.end.matched, 0);
	works(r, (struct ask){.op = AQ_STORE_DESCRIBE, .collection = name});
	works(r, (struct ask){.op = AQ_STORE_DISTINCT, .collection = name, .document = &row, .in = AQ_PART_PROJECTION});
	assert_int_equal(said.row_count, 1);
	works(r, (struct ask){.op = AQ_STORE_REPLACE, .collection = name, .filter = "{}", .document = &row, .in = AQ_PART_ROWS});
	assert_int_equal(said.end.changed, 1);
	works(r, (struct ask){.op = AQ_STORE_DELETE, .collection = name, .document = &row, .in = AQ_PART_SORT, .filter = "{}",
		.limit = 1});
	assert_int_equal(said.end.changed, 1);
	bson_destroy(&schema);
	bson_destroy(&row);
	bson_destroy(&inc);
}

/* ---- the victim ---- */

static void with_victim(struct rig *r)
{
	rig_new(r);
	works(r, (struct ask){.op = AQ_STORE_CREATE, .collection = "victim", .schema = "{\"fields\":[{\"name\":\"k\",\"type\":\"text\","
		"\"key\":true},{\"name\":\"v\",\"type\":\"int64\"}]}"});
	works(r, (struct ask){.op = AQ_STORE_INSERT, .collection = "victim",
		.rows = "[{\"k\":\"one\",\"v\":1},{\"k\":\"two\",\"v\":2}]"});
}

static void assert_unharmed(struct rig *r, const char *by)
{
	const char *rows = found(r, "victim", "{}", "{\"k\":1}");

	if (strcmp(rows, "{ \"k\" : \"one\", \"v\" : 1 } { \"k\" : \"two\", \"v\" : 2 }") != 0)
		fail_msg("after %s: %s", by, rows);
}

/* Tables, indexes and all else that the back end holds. */
static int64_t things(struct rig *r)
{
	bson_t document;
	bson_iter_t at;
	size_t from = 0;
	struct sql_error err;

	works(r, (struct ask){.op = AQ_STORE_RAW, .statement = COUNT_OF_THINGS});
	assert_int_equal(sql_document_next(said.rows.at, said.rows.length, &from, &document, &err), 1);
	assert_true(bson_iter_init_find(&at, &document, "c"));
	return bson_iter_int64(&at);
}

static void names_are_only_names(void **state)
{
	struct rig r;
	int64_t before;

	(void)state;
	with_victim(&r);
	before = things(&r);
	for (size_t i = 0; i < ATTACKS; i++) {
		if (attacks[i][0] == '$' || strncmp(attacks[i], "aq_", 3) == 0 || !TAKES_NAME(attacks[i]))
			continue;
		use_name(&r, attacks[i]);
		assert_unharmed(&r, attacks[i]);
		before += 2; /* the table and its index; the key is the row's number */
		assert_int_equal(things(&r), before);
	}
	rig_free(&r);
}

/* ---- every string of every call ---- */

/* The text in all places at once where a document has a name or a value. */
static void stuffed(bson_t *out, const char *text, const char *outer)
{
	bson_t inner;

	bson_init(out);
	if (outer == NULL) {
		BSON_APPEND_UTF8(out, text, text);
		return;
	}
	BSON_APPEND_DOCUMENT_BEGIN(out, outer, &inner);
	BSON_APPEND_UTF8(&inner, text, text);
	bson_append_document_end(out, &inner);
}

static void attack_part(struct rig *r, struct ask a, enum aq_store_part part, const char *text)
{
	static const char *const outers[] = {NULL, "k", "v", "$and", "$or", "$set", "$inc", "$unset", "fields"};

	for (size_t i = 0; i <= sizeof(outers) / sizeof(*outers); i++) {
		bson_t document;

		stuffed(&document, text, i == sizeof(outers) / sizeof(*outers) ? text : outers[i]);
		a.document = &document;
		a.in = part;
		ask(r, a);
		assert_int_equal(said.ends + said.errors, 1);
		bson_destroy(&document);
	}
}

static void attack(struct rig *r, const char *text)
{
	attack_part(r, (struct ask){.op = AQ_STORE_FIND, .collection = "victim"}, AQ_PART_FILTER, text);
	attack_part(r, (struct ask){.op = AQ_STORE_FIND, .collection = "victim"}, AQ_PART_PROJECTION, text);
	attack_part(r, (struct ask){.op = AQ_STORE_FIND, .collection = "victim"}, AQ_PART_SORT, text);
	attack_part(r, (struct ask){.op = AQ_STORE_COUNT, .collection = "victim"}, AQ_PART_FILTER, text);
	attack_part(r, (struct ask){.op = AQ_STORE_DELETE, .collection = "victim"}, AQ_PART_FILTER, text);
	attack_part(r, (struct ask){.op = AQ_STORE_UPDATE, .collection = "victim", .update = "{\"$set\":{\"v\":0}}"}, AQ_PART_FILTER,
		text);
	attack_part(r, (struct ask){.op = AQ_STORE_UPDATE, .collection = "victim", .filter = "{\"k\":\"none\"}"}, AQ_PART_UPDATE,
		text);
	attack_part(r, (struct ask){.op = AQ_STORE_FIND_MODIFY, .collection = "victim", .filter = "{\"k\":\"none\"}"},
		AQ_PART_UPDATE, text);
	attack_part(r, (struct ask){.op = AQ_STORE_FIND_MODIFY, .collection = "victim", .filter = "{\"k\":\"none\"}",
		.update = "{\"$set\":{\"v\":0}}"}, AQ_PART_SORT, text);
	attack_part(r, (struct ask){.op = AQ_STORE_DISTINCT, .collection = "victim"}, AQ_PART_PROJECTION, text);
	attack_part(r, (struct ask){.op = AQ_STORE_DELETE, .collection = "victim", .filter = "{\"k\":\"none\"}", .limit = 1},
		AQ_PART_SORT, text);
	attack_part(r, (struct ask){.op = AQ_STORE_REPLACE, .collection = "victim", .rows = "[{\"k\":\"new\"}]"}, AQ_PART_FILTER,
		text);
	attack_part(r, (struct ask){.op = AQ_STORE_REPLACE, .collection = "victim", .filter = "{\"k\":\"none\"}"}, AQ_PART_ROWS,
		text);
	attack_part(r, (struct ask){.op = AQ_STORE_CREATE, .collection = "new"}, AQ_PART_SCHEMA, text);
	attack_part(r, (struct ask){.op = AQ_STORE_RAW, .statement = "SELECT v FROM victim WHERE k = ?"}, AQ_PART_PARAMETERS,
		text);
	attack_part(r, (struct ask){.op = AQ_STORE_RAW, .statement = "UPDATE victim SET v = 0 WHERE k = ?"}, AQ_PART_PARAMETERS,
		text);
	attack_part(r, (struct ask){.op = AQ_STORE_FIND, .collection = text}, AQ_PART_FILTER, text);
	attack_part(r, (struct ask){.op = AQ_STORE_INSERT, .collection = text}, AQ_PART_ROWS, text);
	attack_part(r, (struct ask){.op = AQ_STORE_DELETE, .collection = text}, AQ_PART_FILTER, text);
	ask(r, (struct ask){.op = AQ_STORE_DESCRIBE, .collection = text});
}

/* A frame of one text. */
struct one_text {
	struct aq_frame head;
	struct aq_column column;
	uint32_t offsets[2];
	char bytes[64];
};

static void attack_frame(struct rig *r, const char *text)
{
	struct one_text f = {.head = {.rows = 1, .columns = 1}, .column = {.name = "k", .type = AQ_COL_TEXT}};
	uint32_t length = (uint32_t)strlen(text);
	size_t size = offsetof(struct one_text, bytes) + (length + 7) / 8 * 8;

	f.offsets[1] = length;
	f.column.length = 8 + length;
	memcpy(f.bytes, text, length);
	works(r, (struct ask){.op = AQ_STORE_INSERT, .collection = "other", .frame = &f, .length = size});
	snprintf(f.column.name, sizeof(f.column.name), "%s", text);
	refused(r, AQ_STORE_UNKNOWN, "there is no field", (struct ask){.op = AQ_STORE_INSERT, .collection = "other", .frame = &f,
		.length = size});
}

static void nothing_gets_through(void **state)
{
	struct rig r;
	int64_t before;

	(void)state;
	with_victim(&r);
	works(&r, (struct ask){.op = AQ_STORE_CREATE, .collection = "other", .schema = "{\"fields\":[{\"name\":\"k\",\"type\":\"text\"}]}"});
	before = things(&r);
	for (size_t i = 0; i < ATTACKS; i++) {
		attack(&r, attacks[i]);
		if (attacks[i][0] != '\0' && strcmp(attacks[i], "k") != 0)
			attack_frame(&r, attacks[i]);
		assert_unharmed(&r, attacks[i]);
		assert_int_equal(things(&r), before);
	}
	works(&r, (struct ask){.op = AQ_STORE_COUNT, .collection = "other"});
	assert_int_equal(said.end.matched, ATTACKS);
	rig_free(&r);
}

/* ---- bytes ---- */

static uint64_t seed = 521288629546311u;

static uint32_t chance(uint32_t n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (uint32_t)(seed >> 33) % n;
}

static const char *const samples[] = {"{\"k\":{\"$in\":[\"a\",\"b\"]},\"$or\":[{\"v\":1},{\"v\":{\"$not\":{\"$gt\":5}}}]}",
	"{\"$set\":{\"k\":\"x\",\"v\":7},\"$inc\":{\"v\":1}}", "{\"k\":\"three\",\"v\":{\"$numberLong\":\"5\"}}",
	"{\"fields\":[{\"name\":\"p\",\"type\":\"decimal\",\"digits\":2,\"key\":true}]}",
	"{\"a\":{\"$numberDecimal\":\"1.5\"},\"b\":1.25,\"c\":null,\"d\":true}"};

static void damage(struct sql_buffer *b)
{
	static const char types[12] = {0, 1, 2, 3, 4, 5, 8, 0x10, 0x12, 0x13, 0x7f, -1};
	uint32_t times = 1 + chance(3);

	while (times-- > 0 && b->length > 0)
		b->at[chance((uint32_t)b->length)] = chance(3) == 0 ? (char)chance(256) : types[chance(12)];
	if (chance(4) == 0)
		b->length = chance((uint32_t)b->length + 1);
}

/* Parts that an operation takes, as bits; anything but the rest ends at the first of the others. */
static uint32_t parts_of(uint8_t op)
{
	static const uint8_t taken[][4] = {[AQ_STORE_CREATE] = {AQ_PART_SCHEMA}, [AQ_STORE_INSERT] = {AQ_PART_ROWS, AQ_PART_FRAME},
		[AQ_STORE_FIND] = {AQ_PART_FILTER, AQ_PART_PROJECTION, AQ_PART_SORT}, [AQ_STORE_COUNT] = {AQ_PART_FILTER},
		[AQ_STORE_UPDATE] = {AQ_PART_FILTER, AQ_PART_UPDATE, AQ_PART_SORT},
		[AQ_STORE_UPSERT] = {AQ_PART_FILTER, AQ_PART_UPDATE},
		[AQ_STORE_FIND_MODIFY] = {AQ_PART_FILTER, AQ_PART_UPDATE, AQ_PART_SORT}, [AQ_STORE_DELETE] = {AQ_PART_FILTER,
		AQ_PART_SORT}, [AQ_STORE_RAW] = {AQ_PART_PARAMETERS}, [AQ_STORE_DISTINCT] = {AQ_PART_FILTER, AQ_PART_PROJECTION},
		[AQ_STORE_REPLACE] = {AQ_PART_FILTER, AQ_PART_ROWS}};
	uint32_t bits = 0;

	for (int i = 0; i < 4; i++)
		bits |= 1u << taken[op][i];
	return chance(20) == 0 ? UINT32_MAX : bits;
}

static void damaged_call(struct rig *r)
{
	static const uint8_t parts[] = {AQ_PART_FILTER, AQ_PART_UPDATE, AQ_PART_PROJECTION, AQ_PART_SORT, AQ_PART_SCHEMA,
		AQ_PART_ROWS, AQ_PART_FRAME, AQ_PART_PARAMETERS};
	uint32_t which = 1 + chance(13); /* all but transactions */
	uint8_t op = (uint8_t)(which <= AQ_STORE_RAW ? which : which + AQ_STORE_ROLLBACK - AQ_STORE_RAW);
	uint32_t taken = parts_of(op);
	uint64_t id = begin_call(r, (struct ask){.op = op, .collection = "other", .statement = op == AQ_STORE_RAW &&
		taken != UINT32_MAX ? "SELECT ?, ?" : NULL});

	for (size_t i = 0; i < sizeof(parts); i++) {
		bson_t *document = json(samples[chance(5)]);
		struct sql_buffer b = {0};

		sql_buffer_add(&b, bson_get_data(document), document->len);
		bson_destroy(document);
		if (chance(4) > 0)
			damage(&b);
		if ((taken >> parts[i] & 1) != 0 && chance(4) > 0)
			assert_int_equal(send_part(r, id, parts[i], b.at, b.length), AQ_OK);
		sql_buffer_free(&b);
	}
	end_call(r, id);
	assert_int_equal(said.ends + said.errors, 1);
}

static void damaged_documents(void **state)
{
	int rounds = 10 * rounds_of("AQ_STORE_ROUNDS", 400);
	struct rig r;

	(void)state;
	with_victim(&r);
	works(&r, (struct ask){.op = AQ_STORE_CREATE, .collection = "other", .schema = "{\"fields\":[{\"name\":\"k\",\"type\":\"text\"},"
		"{\"name\":\"v\",\"type\":\"int64\"}]}"});
	for (int i = 0; i < rounds; i++)
		damaged_call(&r);
	assert_unharmed(&r, "all of them");
	rig_free(&r);
}

#define STORE_TESTS cmocka_unit_test(texts), cmocka_unit_test(bytes), cmocka_unit_test(doubles), \
	cmocka_unit_test(whole_numbers), cmocka_unit_test(decimals), cmocka_unit_test(names_are_only_names), \
	cmocka_unit_test(nothing_gets_through), cmocka_unit_test(damaged_documents)

#endif
