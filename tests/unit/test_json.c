/* The JSON reader: what it accepts and refuses, what it hands over, and that it stays inside its range. Every text is
 * read from a block of exactly its size, so that the address sanitizer sees one byte too many. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <json.h>

#include <stdlib.h>
#include <string.h>

static bool accepts(const char *text, size_t length)
{
	struct aq_json j;
	char *copy = malloc(length + (length == 0));
	assert_non_null(copy);
	memcpy(copy, text, length);
	aq_json_init(&j, copy, length);
	aq_json_skip(&j);
	bool good = aq_json_done(&j);
	assert_int_equal(memcmp(copy, text, length), 0);
	assert_true(aq_json_offset(&j) <= length);
	free(copy);
	return good;
}

static void test_accepts(void **unused)
{
	static const char *const good[] = {"0", "-0", "1.5", "1e5", "-12.25E-3", "1E+2", "\"\"", "\"a\"", "true",
		"false", "null", "{}", "[]", " [ ] ", "\t{\r\n}\n", "[1,2,3]", "[[],[[]],{}]", "{\"a\":1}",
		"{\"a\":{\"b\":[1,{\"c\":null}]}}", "{ \"a\" : 1 , \"bc\" : [ ] }",
		"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\"", "{\"\\u0041\":1}", "{\"\":0,\"\":1}",
		"\"12345678\\n12345678\\\"1234567\"", "[\"\xc3\xa9\"]"};
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
		if (!accepts(good[i], strlen(good[i])))
			fail_msg("refused: %s", good[i]);
	}
}

static void test_refuses(void **unused)
{
	static const char *const bad[] = {"", " ", "01", "-", "+1", "1.", ".5", "1e", "1e+", "0x1", "nul", "nulll",
		"truefalse", "True", "NaN", "\"", "\"a", "\"\\\"", "\"\\x\"", "\"\\u12g4\"", "\"\\u123", "\"a\nb\"",
		"\"1234567\x01\"", "'a'", "{", "}", "[", "]", "[1", "[1,", "[1,]", "[,1]", "[1 2]", "[1,,2]", "[1}",
		"{]", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{,}", "{a:1}", "{1:2}", "{\"a\" 1}", "{\"a\":1 \"b\":2}",
		"{\"a\":1]", "1 2", "{} {}", "[] x", "\xef\xbb\xbf{}"};
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		if (accepts(bad[i], strlen(bad[i])))
			fail_msg("accepted: %s", bad[i]);
	}
	assert_false(accepts("\"a\0b\"", 5));
	assert_false(accepts("\"\\\0\"", 4));
	assert_false(accepts("{\"\0", 3));
}

static const char sample[] = "{\"stream\":\"btcusdt@depth@100ms\",\"data\":{\"e\":\"depthUpdate\",\"E\":1723161254208,"
			     "\"s\":\"BTCUSDT\",\"U\":157,"
			     "\"u\":160,\"b\":[[\"61837.63000000\",\"3.78826000\"],[\"61820.99\", "
			     "\"0\"]],\"a\":[[61837.64,1.6052,7,{\"x\":[]}]],"
			     "\"x\":[true,false,null,-1.5e3,\"\\u20ac\\n\"]}}";

static void test_every_cut(void **unused)
{
	size_t length = sizeof(sample) - 1;
	assert_true(accepts(sample, length));
	for (size_t cut = 0; cut < length; cut++)
		assert_false(accepts(sample, cut));
}

/* Changing any one byte must never lead outside; most changes are refused, but those inside texts are not. */
static void test_every_byte(void **unused)
{
	char text[sizeof(sample)];
	size_t refused = 0;
	for (size_t place = 0; place < sizeof(sample) - 1; place++) {
		for (int byte = 0; byte < 256; byte++) {
			memcpy(text, sample, sizeof(sample));
			text[place] = (char)byte;
			refused += !accepts(text, sizeof(sample) - 1);
		}
	}
	assert_true(refused > 128 * (sizeof(sample) - 1) / 2);
}

static void test_depth(void **unused)
{
	char text[2 * (AQ_JSON_DEPTH + 1)];
	for (size_t depth = AQ_JSON_DEPTH; depth <= AQ_JSON_DEPTH + 1; depth++) {
		memset(text, '[', depth);
		memset(text + depth, ']', depth);
		assert_int_equal(accepts(text, 2 * depth), depth <= AQ_JSON_DEPTH);
	}
	char objects[6 * AQ_JSON_DEPTH + 8] = "";
	for (size_t i = 0; i < AQ_JSON_DEPTH; i++)
		memcpy(objects + 5 * i, "{\"a\":", 5);
	objects[5 * AQ_JSON_DEPTH] = '1';
	memset(objects + 5 * AQ_JSON_DEPTH + 1, '}', AQ_JSON_DEPTH);
	assert_true(accepts(objects, 6 * AQ_JSON_DEPTH + 1));
}

static void test_reads_a_message(void **unused)
{
	struct aq_json j;
	struct aq_slice key, stream = {0}, symbol = {0};
	uint64_t first = 0, last = 0;
	int64_t px[3] = {0}, qty[3] = {0};
	int levels = 0;
	aq_json_init(&j, sample, sizeof(sample) - 1);
	assert_true(aq_json_object(&j));
	while (aq_json_key(&j, &key)) {
		if (aq_json_is(key, "stream"))
			aq_json_string(&j, &stream);
		if (!aq_json_is(key, "data") || !aq_json_object(&j))
			continue;
		while (aq_json_key(&j, &key)) {
			if (aq_json_is(key, "s"))
				aq_json_string(&j, &symbol);
			else if (aq_json_is(key, "U"))
				aq_json_uint(&j, &first);
			else if (aq_json_is(key, "u"))
				aq_json_uint(&j, &last);
			else if ((aq_json_is(key, "b") || aq_json_is(key, "a")) && aq_json_array(&j))
				for (; aq_json_next(&j); levels++)
					assert_true(aq_json_pair(&j, 8, 8, &px[levels], &qty[levels]));
		}
	}
	assert_true(aq_json_done(&j));
	assert_true(aq_json_is(stream, "btcusdt@depth@100ms") && aq_json_is(symbol, "BTCUSDT"));
	assert_true(first == 157 && last == 160 && levels == 3);
	assert_true(px[0] == 6183763000000 && qty[0] == 378826000 && px[1] == 6182099000000 && qty[1] == 0);
	assert_true(px[2] == 6183764000000 && qty[2] == 160520000);
}

static struct aq_json reader(const char *text)
{
	struct aq_json j;
	aq_json_init(&j, text, strlen(text));
	return j;
}

static void test_integers(void **unused)
{
	static const char *const bad[] = {
		"-1", "1.0", "1e3", "18446744073709551616", "99999999999999999999999", "01", "\"1\""};
	struct aq_json j = reader("18446744073709551615");
	uint64_t value = 0;
	int64_t whole = 0;
	assert_true(aq_json_uint(&j, &value) && value == UINT64_MAX && aq_json_done(&j));
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		j = reader(bad[i]);
		assert_false(aq_json_uint(&j, &value) && aq_json_done(&j));
		assert_false(aq_json_done(&j));
	}
	j = reader("-9223372036854775807");
	assert_true(aq_json_int(&j, &whole) && whole == -INT64_MAX && aq_json_done(&j));
	j = reader("9223372036854775808");
	assert_false(aq_json_int(&j, &whole));
	j = reader("1e3");
	assert_false(aq_json_int(&j, &whole));
}

static void test_decimals(void **unused)
{
	struct aq_json j = reader("[\"1.5\",2.25,\"-3\",1e-8,\"0.000000000000000001\"]");
	int64_t values[4] = {0};
	struct aq_amt amt;
	assert_true(aq_json_array(&j));
	for (int i = 0; i < 4; i++)
		assert_true(aq_json_next(&j) && aq_json_decimal(&j, 8, &values[i]));
	assert_true(aq_json_next(&j) && aq_json_amount(&j, &amt) && amt.lo == 1 && amt.hi == 0);
	assert_false(aq_json_next(&j));
	assert_true(aq_json_done(&j));
	assert_true(values[0] == 150000000 && values[1] == 225000000 && values[2] == -300000000 && values[3] == 1);
	static const char *const bad[] = {
		"\"1.123456789\"", "\"\"", "\"x\"", "true", "\"1 \"", "\"999999999999\"", "[]"};
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		j = reader(bad[i]);
		assert_false(aq_json_decimal(&j, 8, &values[0]));
		assert_false(aq_json_done(&j));
	}
	assert_int_equal(values[0], 150000000);
}

static void test_pairs(void **unused)
{
	static const char *const good[] = {"[\"1.5\",\"2\"]", "[1.5,2]", " [ \"1.5\" , \"2\" ] ",
		"[\"15e-1\",\"2.0\",\"0\",[]]", "[\"1.5\",2.000]", "[\"00000000000000000001.5\",\"+2\"]"};
	static const char *const bad[] = {"[]", "[\"1.5\"]", "[\"1.5\",]", "[\"1.5\",\"2\"", "[\"1.5\" \"2\"]",
		"[\"1.5\",\"2\",]", "[\"1.5\",\"x\"]", "\"1.5\"", "[\"1.5,\"2\"]", "[\"1.123456789\",\"2\"]",
		"{\"1.5\":\"2\"}", "[\"1.5\",\"2\"}"};
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
		struct aq_json j = reader(good[i]);
		int64_t a = 0, b = 0;
		if (!aq_json_pair(&j, 8, 4, &a, &b) || !aq_json_done(&j) || a != 150000000 || b != 20000)
			fail_msg("%s -> %lld %lld", good[i], (long long)a, (long long)b);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct aq_json j = reader(bad[i]);
		int64_t a = 7, b = 7;
		assert_false(aq_json_pair(&j, 8, 8, &a, &b) && aq_json_done(&j));
		assert_false(aq_json_done(&j));
	}
}

static void test_other_values(void **unused)
{
	struct aq_json j = reader("{\"a\":true,\"b\":null,\"c\":[1, {\"d\":\"]\"}],\"e\":3}");
	struct aq_slice key, raw = {0};
	bool yes = false, null = false;
	uint64_t e = 0;
	assert_true(aq_json_peek(&j) == AQ_JSON_OBJECT && aq_json_object(&j));
	while (aq_json_key(&j, &key)) {
		if (aq_json_is(key, "a"))
			assert_true(aq_json_peek(&j) == AQ_JSON_BOOL && !aq_json_null(&j) && aq_json_bool(&j, &yes));
		else if (aq_json_is(key, "b"))
			null = aq_json_null(&j);
		else if (aq_json_is(key, "c"))
			assert_true(aq_json_raw(&j, &raw));
		else
			aq_json_uint(&j, &e);
	}
	assert_true(aq_json_done(&j) && yes && null && e == 3);
	assert_true(aq_json_is(raw, "[1, {\"d\":\"]\"}]"));
}

/* A fault is final, and what does not fit the call is one. */
static void test_faults(void **unused)
{
	struct aq_json j = reader("{\"a\":\"b\",\"c\":2}");
	struct aq_slice key;
	uint64_t value;
	assert_false(aq_json_next(&j));
	assert_false(aq_json_done(&j));
	j = reader("{\"a\":\"b\",\"c\":2}");
	assert_true(aq_json_object(&j) && aq_json_key(&j, &key));
	assert_false(aq_json_uint(&j, &value));
	assert_int_equal(aq_json_offset(&j), 5);
	assert_false(aq_json_key(&j, &key));
	assert_false(aq_json_skip(&j));
	assert_false(aq_json_done(&j));
	assert_int_equal(aq_json_peek(&j), AQ_JSON_NONE);
	j = reader("[1,2]");
	assert_true(aq_json_array(&j) && aq_json_next(&j) && aq_json_uint(&j, &value));
	assert_false(aq_json_uint(&j, &value)); /* only one value after each next */
	j = reader("[1]");
	assert_true(aq_json_array(&j));
	assert_false(aq_json_done(&j));
}

static void expect_text(const char *escaped, const char *text)
{
	struct aq_slice slice = {escaped, strlen(escaped)};
	char out[64];
	size_t length = 0;
	assert_int_equal(aq_json_unescape(slice, out, sizeof(out), &length), AQ_OK);
	assert_int_equal(length, strlen(text));
	assert_memory_equal(out, text, length);
	if (length > 0)
		assert_int_equal(aq_json_unescape(slice, out, length - 1, &length), AQ_ESPACE);
}

static void test_unescape(void **unused)
{
	static const char *const bad[] = {
		"\\", "\\x", "\\u12", "\\ud83d", "\\ud83dx", "\\ud83d\\n", "\\ud83d\\u0041", "\\ude00"};
	expect_text("", "");
	expect_text("plain", "plain");
	expect_text("\\\"\\\\\\/\\b\\f\\n\\r\\t", "\"\\/\b\f\n\r\t");
	expect_text("\\u0041\\u00e9\\u20AC\\ud83d\\ude00", "A\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80");
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		char out[64];
		size_t length;
		struct aq_slice slice = {bad[i], strlen(bad[i])};
		assert_int_equal(aq_json_unescape(slice, out, sizeof(out), &length), AQ_EFORMAT);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_accepts), cmocka_unit_test(test_refuses),
		cmocka_unit_test(test_every_cut), cmocka_unit_test(test_every_byte), cmocka_unit_test(test_depth),
		cmocka_unit_test(test_reads_a_message), cmocka_unit_test(test_integers),
		cmocka_unit_test(test_decimals), cmocka_unit_test(test_pairs), cmocka_unit_test(test_other_values),
		cmocka_unit_test(test_faults), cmocka_unit_test(test_unescape)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
