/* Templates of documents: what each conversion becomes, judged by libbson; values that look like templates; templates that are
 * none; buffers that are too small. */
#include "bson_help.h"

#include <aioquant/stores.h>
#include <bson/bson.h>
#include <doc_format.h>

/* The document that `length` bytes are, in libbson's words. */
static void assert_document(const uint8_t *bytes, int32_t length, const char *json)
{
	bson_t document;
	size_t offset;
	char *said;

	assert_true(length > 0);
	assert_true(bson_init_static(&document, bytes, (size_t)length));
	assert_true(bson_validate(&document, BSON_VALIDATE_UTF8 | BSON_VALIDATE_UTF8_ALLOW_NULL, &offset));
	said = bson_as_json(&document, NULL);
	assert_non_null(said);
	assert_string_equal(said, json);
	bson_free(said);
}

#define BECOMES(json, ...) \
	do { \
		uint8_t bytes_[8192]; \
		assert_document(bytes_, aq_doc_of(bytes_, sizeof(bytes_), __VA_ARGS__), json); \
	} while (0)
#define NUMBER(text) "{ \"$numberDecimal\" : \"" text "\" }"

/* A template that no compiler has seen; it ends where its memory does. */
static int32_t length_of(const char *template, ...)
{
	uint8_t buffer[8192];
	struct aq_template t = {.at = exact_copy(template, strlen(template) + 1)};
	char *copy = (char *)(uintptr_t)t.at;
	int32_t length;

	va_start(t.values, template);
	length = aq_template_next(&t, buffer, sizeof(buffer));
	va_end(t.values);
	if (length > 0 && !aq_template_has_ended(&t))
		length = AQ_EFORMAT;
	free(copy);
	return length;
}

static const char *volatile none; /* the compiler would warn of a NULL that it sees */

/* ---- what is well formed ---- */

static void every_conversion(void **state)
{
	BECOMES("{ \"a\" : \"x\", \"b\" : null }", "{a: %s, b: %s}", "x", none);
	BECOMES("{ \"a\" : \"ab\", \"b\" : \"abc\", \"c\" : null, \"d\" : \"\" }", "{a: %.*s, b: %.*s, c: %.*s, d: %.*s}",
		2, "abc", -1, "abc", 3, none, 0, "abc");
	BECOMES("{ \"a\" : -2147483648, \"b\" : 4294967295 }", "{a: %d, b: %u}", INT32_MIN, UINT32_MAX);
	BECOMES("{ \"a\" : -9223372036854775808, \"b\" : 9223372036854775807 }", "{a: %ld, b: %lu}", INT64_MIN,
		(unsigned long)INT64_MAX);
	BECOMES("{ \"a\" : -1, \"b\" : 9223372036854775807 }", "{a: %lld, b: %llu}", -1ll, (unsigned long long)INT64_MAX);
	BECOMES("{ \"a\" : 0.5, \"b\" : -0.25, \"c\" : 1024.0 }", "{a: %g, b: %f, c: %e}", 0.5, -0.25, 1024.0);
	BECOMES("{ \"a\" : true, \"b\" : false }", "{a: %hhu, b: %hhu}", (uint8_t)1, (uint8_t)0);
}

static void decimals_are_exact(void **state)
{
	BECOMES("{ \"a\" : " NUMBER("61837.63") ", \"b\" : " NUMBER("-1E-8") " }", "{a: %.*ld, b: %.*lld}", 2, INT64_C(6183763),
		8, -1ll);
	BECOMES("{ \"a\" : " NUMBER("9.223372036854775807") ", \"b\" : null }", "{a: %.*ld, b: %.*ld}", 18, INT64_MAX, 0,
		AQ_NONE);
	BECOMES("{ \"a\" : " NUMBER("1.1") ", \"b\" : " NUMBER("-1234567890123456789012345678.901234") " }",
		"{a: 1.10, b: -1234567890123456789012345678.901234}");
	BECOMES("{ \"a\" : " NUMBER("1500000") " }", "{a: 1.5e6}");
}

static void values_of_the_template(void **state)
{
	BECOMES("{ \"a\" : true, \"b\" : false, \"c\" : null, \"d\" : \"truer\" }", "{a: true, b: false, c: null, d: truer}");
	BECOMES("{ \"a\" : 9223372036854775807, \"b\" : -9223372036854775808, \"c\" : 5 }",
		"{a: 9223372036854775807, b: -9223372036854775808, c: +5}");
	BECOMES("{ \"a\" : \"it's\", \"b\" : \"say \\\"no\\\"\", \"c\" : \"\" }", "{a: \"it's\", b: 'say \"no\"', c: ''}");
	BECOMES("{ \"a\" : \"{b: 1}, [c]\", \"b\" : \"two words\" }", "{a: '{b: 1}, [c]', b: 'two words'}");
	BECOMES("{ }", "{}");
	BECOMES("{ }", " \t\n{ \n} \t");
	BECOMES("{ \"a\" : 1, \"b\" : [ 2, 3 ] }", "\n{\ta\n:\t1 ,\n b : [ 2 , 3 ] }\n");
}

static void names(void **state)
{
	char name[257] = "";

	memset(name, 'n', 255);
	BECOMES("{ \"$set\" : 1, \"a.b\" : 2, \"c-d\" : 3, \"e f\" : 4, \"it's\" : 5 }",
		"{$set: 1, a.b: 2, c-d: 3, 'e f': 4, \"it's\": 5}");
	BECOMES("{ \"x\" : \"y\", \"a: 1, b\" : 2 }", "{%s: %s, %s: 2}", "x", "y", "a: 1, b");
	assert_int_equal(length_of("{%s: 1}", name), 4 + 1 + 256 + 8 + 1);
	name[255] = 'n';
	assert_int_equal(length_of("{%s: 1}", name), AQ_EFORMAT);
	assert_int_equal(length_of("{%s: 1}", "\xff"), AQ_EFORMAT);
}

static void nesting(void **state)
{
	BECOMES("{ \"price\" : { \"$gte\" : " NUMBER("0.5") ", \"$in\" : [ 1, [ \"x\", {  } ], [  ] ] }, "
		"\"z\" : [ { \"a\" : 1 } ] }",
		"{price: {$gte: %.*ld, $in: [1, [%s, {}], []]}, z: [{a: 1}]}", 2, INT64_C(50), "x");
	BECOMES("{ \"0\" : \"x\", \"1\" : 5, \"2\" : [ null ] }", "[%s, 5, [null]]", "x");
	BECOMES("{ \"0\" : 0, \"1\" : 1, \"2\" : 2, \"3\" : 3, \"4\" : 4, \"5\" : 5, "
		"\"6\" : 6, \"7\" : 7, \"8\" : 8, \"9\" : 9, \"10\" : 10 }",
		"[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]");
	BECOMES("{ }", "[]");
}

/* `depth` documents in each other. */
static int32_t nested(uint32_t depth)
{
	char template[4 * AQ_BSON_DEPTH * 4] = "";

	for (uint32_t i = 1; i < depth; i++)
		strcat(template, "{a:");
	strcat(template, "{}");
	for (uint32_t i = 1; i < depth; i++)
		strcat(template, "}");
	return length_of(template);
}

static void as_deep_as_documents_go(void **state)
{
	assert_true(nested(AQ_BSON_DEPTH) > 0);
	assert_int_equal(nested(AQ_BSON_DEPTH + 1), AQ_EFORMAT);
	assert_int_equal(nested(3 * AQ_BSON_DEPTH), AQ_EFORMAT);
}

/* Nothing of a value is read as a part of the template. */
static void hostile_values(void **state)
{
	static const char *const texts[] = {"", "}", "', b: 1, c: '", "\", b: 1}", "%s%n%d", "{a: %ld}", "a\n\t\\\"'",
		"$gt", "null", "1.5", "\xf0\x9f\x98\x80 {[:,]}", "'; DROP TABLE rows; --"};

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		uint8_t bytes[512];
		int32_t length = aq_doc_of(bytes, sizeof(bytes), "{a: %s, b: [%.*s], c: %d}", texts[i], (int)strlen(texts[i]),
			texts[i], 7);
		bson_t document;
		bson_iter_t it, inner;

		assert_true(length > 0 && bson_init_static(&document, bytes, (size_t)length));
		assert_int_equal(bson_count_keys(&document), 3);
		assert_true(bson_iter_init_find(&it, &document, "a"));
		assert_string_equal(bson_iter_utf8(&it, NULL), texts[i]);
		assert_true(bson_iter_init(&it, &document) && bson_iter_find_descendant(&it, "b.0", &inner));
		assert_string_equal(bson_iter_utf8(&inner, NULL), texts[i]);
		assert_true(bson_iter_init_find(&it, &document, "c"));
		assert_int_equal(bson_iter_int64(&it), 7);
	}
}

/* A text that is longer than its terminator or its length says is not read on. */
static void values_end_where_they_end(void **state)
{
	char *three = exact_copy("abc", 3);

	BECOMES("{ \"a\" : \"ab\", \"b\" : 1 }", "{a: %.*s, b: 1}", 5, "ab\0cd");
	BECOMES("{ \"a\" : \"abc\" }", "{a: %.*s}", 3, three);
	BECOMES("{ \"a\" : \"ab\" }", "{a: %.*s}", 2, three);
	free(three);
	assert_int_equal(length_of("{a: %s}", "\xc3"), AQ_EFORMAT);
	assert_int_equal(length_of("{a: %.*s}", 1, "\xc3\xa9"), AQ_EFORMAT);
}

static void one_document_alone(void **state)
{
	uint8_t bytes[64];

	assert_int_equal(length_of("{a: 1} {b: 2}"), AQ_EFORMAT); /* where one is wanted */
	assert_int_equal(length_of("{a: 1}{"), AQ_EFORMAT);
	assert_int_equal(aq_template_plain("{a: 1}", bytes, sizeof(bytes)), 16);
	assert_document(bytes, 16, "{ \"a\" : 1 }");
	assert_int_equal(aq_template_plain("{a: 1} {b: 1}", bytes, sizeof(bytes)), AQ_EFORMAT);
	assert_int_equal(aq_template_plain("{a: %d}", bytes, sizeof(bytes)), AQ_EFORMAT);
	assert_int_equal(aq_template_plain("", bytes, sizeof(bytes)), AQ_EFORMAT);
}

/* What a person writes: % is no conversion, and what is wrong is told with its place. */
static void written_by_a_person(void **state)
{
	static const struct {
		const char *text;
		int at; /* -1: none is told */
		const char *wanted;
	} wrong[] = {{"{a: }", 4, "a value"}, {"{a 1}", 3, "a colon"}, {"{a: 1", 5, "a comma or }"}, {"{a: [1 2]}", 7, "a comma or ]"},
		{"{a: 'x}", 4, "'"}, {"{a: \"x}", 4, "\""}, {"a: 1", 0, "a {"}, {"", 0, "a {"}, {"{: 1}", 1, "a name"},
		{"{a: 1} b", 7, "nothing behind"}, {"{a: 2024-08-08}", 4, "a whole number"}, {"{a: 1.2.3}", 4, "a number"},
		{"{a: %s}", 4, "a value"}, {"{%s: 1}", 1, "a name"}, {"{a: b/c}", 5, "a comma or }"}, {"{a: '\xff'}", -1, ""}};
	const char *at, *wanted;
	uint8_t bytes[256];

	assert_document(bytes, aq_template_written("{a: '100 %s', b: \"%\"}", bytes, sizeof(bytes), &at, &wanted),
		"{ \"a\" : \"100 %s\", \"b\" : \"%\" }");
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		char *text = exact_copy(wrong[i].text, strlen(wrong[i].text) + 1);

		assert_true(aq_template_written(text, bytes, sizeof(bytes), &at, &wanted) <= 0);
		if (wrong[i].at < 0 ? at != NULL : at != text + wrong[i].at || strstr(wanted, wrong[i].wanted) == NULL)
			fail_msg("'%s': at %d, %s", text, at != NULL ? (int)(at - text) : -1, wanted);
		free(text);
	}
	assert_int_equal(aq_template_written("{a: 1.00000000000000000000000000000000000001}", bytes, sizeof(bytes), &at, &wanted),
		AQ_EOVERFLOW);
	assert_int_equal(aq_template_written("{a: 'long enough'}", bytes, 8, &at, &wanted), AQ_ESPACE);
}

static void take_two(const char *template, ...)
{
	uint8_t bytes[64];
	struct aq_template t = {.at = template};

	va_start(t.values, template);
	assert_document(bytes, aq_template_next(&t, bytes, sizeof(bytes)), "{ \"symbol\" : \"x}\" }");
	assert_false(aq_template_has_ended(&t));
	assert_document(bytes, aq_template_next(&t, bytes, sizeof(bytes)), "{ \"$set\" : { \"price\" : " NUMBER("0.7") " } }");
	assert_true(aq_template_has_ended(&t));
	assert_int_equal(aq_template_next(&t, bytes, sizeof(bytes)), 0);
	va_end(t.values);
}

static void two_of_one_template(void **state)
{
	take_two("{symbol: %s} {$set: {price: %.*ld}}", "x}", 1, INT64_C(7));
	take_two(" {symbol: %s}{$set: {price: %.*ld}} \n", "x}", 1, INT64_C(7));
}

/* ---- what is not ---- */

static void malformed_templates(void **state)
{
	static const char *const templates[] = {"", " ", "a", "1", "{", "}", "[", "]", "{]", "[}", "{a}", "{a:}", "{a: 1",
		"{a: 1]", "{a: 1,}", "{,}", "{a: 1 b: 2}", "{a: 1; b: 2}", "{a, 1}", "{: 1}", "{'': 1}", "{'a: 1}", "{\"a': 1}",
		"{a: 'x}", "{a: \"x'}", "{a: '", "{a: {}", "{a: []", "{a: [1,]}", "[1,]", "[,]", "[1", "{a: [}]}", "{a: {]}}",
		"{a: -}", "{a: +}", "{a: .}", "{a: 1.}", "{a: --1}", "{a: 1-2}", "{a: 2024-08-08}", "{a: 1e5}", "{a: 5USDT}",
		"{a: 0x10}", "{a: 1.2.3}", "{a: 9223372036854775808}", "{a: -9223372036854775809}",
		"{a: 123456789012345678901234567890}", "{a: 1}}", "{a: 1} x", "{a: 1}, {b: 1}", "{a: b c}", "{a: \x01}", "{a: @}",
		"{a: 'x' 'y'}", "{{}}", "{[]: 1}", "{a:: 1}", "{a: /x/}", "{a: // 1\n}", "{a b: 1}", "\xff", "{a: \xff}",
		/* conversions that are none, and those that are not taken; no value is ever asked for */
		"%", "{%", "{%}", "{a: %", "{a: %}", "{a: %%}", "{a: %l", "{a: %ll", "{a: %lll}", "{a: %.", "{a: %.*", "{a: %.*}",
		"{a: %.*l", "{a: %hhu", "{a: %h", "{a: %hh}", "{a: %hd}", "{a: %n}", "{a: %p}", "{a: %c}", "{a: %x}", "{a: %5d}",
		"{a: %-d}", "{a: %.2f}", "{a: %.*hhu}", "{a: %.*d}", "{a: %.*u}", "{a: %.*lu}", "{a: %.*g}", "{a: %.*ls}",
		"{a: %ls}", "{a: %lg}", "{a: %zd}", "{%d: 1}", "{%.*s: 1}", "{a: '%s'}", "{a: \"%ld\"}", "{'%s': 1}",
		"{a: '100 %'}", "{a: x%s}"};

	for (size_t i = 0; i < sizeof(templates) / sizeof(*templates); i++) {
		int32_t length = length_of(templates[i], 0);

		if (length != AQ_EFORMAT && !(length == 0 && strspn(templates[i], " ") == strlen(templates[i])))
			fail_msg("'%s' gives %d", templates[i], (int)length);
	}
}

static void values_that_do_not_go(void **state)
{
	assert_int_equal(length_of("{a: %lu}", UINT64_C(1) << 63), AQ_EFORMAT);
	assert_int_equal(length_of("{a: %llu}", UINT64_MAX), AQ_EFORMAT);
	assert_int_equal(length_of("{a: %.*ld}", -1, INT64_C(5)), AQ_EFORMAT);
	assert_int_equal(length_of("{a: %.*ld}", 19, INT64_C(5)), AQ_EINVAL);
	assert_int_equal(length_of("{a: 1.00000000000000000000000000000000000001}"), AQ_EOVERFLOW);
	assert_int_equal(length_of("{%s: 1}", ""), AQ_EFORMAT);
	assert_int_equal(length_of("{%s: 1}", (const char *)NULL), AQ_EFORMAT);
}

/* One of everything; cut anywhere it is none, and nothing behind the cut is read. */
#define ALL \
	"{a: %s, 'b c': [%.*s, %d, {d: %u}], \"e\": {f: %ld, g: %.*ld}, " \
	"h: %g, i: %hhu, %s: 'text', j: -1.50, k: 12, l: word, m: null} \n"
#define ALL_VALUES "text", 3, "abcd", -1, 2u, INT64_C(3), 2, INT64_C(450), 0.5, (uint8_t)1, "name"

static void cut_anywhere(void **state)
{
	size_t end = strlen(ALL) - 2;

	assert_true(length_of(ALL, ALL_VALUES) > 0);
	for (size_t i = 1; i < end; i++) {
		char cut[sizeof(ALL)] = "";

		memcpy(cut, ALL, i);
		assert_int_equal(length_of(cut, ALL_VALUES), AQ_EFORMAT);
	}
}

static void every_buffer_that_is_too_small(void **state)
{
	uint8_t whole[1024];
	int32_t length = aq_doc_of(whole, sizeof(whole), ALL, ALL_VALUES);

	assert_true(length > 0);
	for (size_t room = 0; room <= (size_t)length; room++) {
		uint8_t *exact = exact_copy(whole, room);

		assert_int_equal(aq_doc_of(exact, room, ALL, ALL_VALUES), room == (size_t)length ? length : AQ_ESPACE);
		free(exact);
	}
	assert_int_equal(aq_doc_of(NULL, 100, ALL, ALL_VALUES), AQ_EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(every_conversion), cmocka_unit_test(decimals_are_exact),
		cmocka_unit_test(values_of_the_template), cmocka_unit_test(names), cmocka_unit_test(nesting),
		cmocka_unit_test(as_deep_as_documents_go), cmocka_unit_test(hostile_values),
		cmocka_unit_test(values_end_where_they_end),
		cmocka_unit_test(one_document_alone), cmocka_unit_test(written_by_a_person), cmocka_unit_test(two_of_one_template),
		cmocka_unit_test(malformed_templates),
		cmocka_unit_test(values_that_do_not_go), cmocka_unit_test(cut_anywhere),
		cmocka_unit_test(every_buffer_that_is_too_small)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
