/* test_query_text.c: values of rows as CSV and JSON, times both ways: exact at the limits, whatever bytes a text has. */
#include "host/query_text.h"
#include "host/time_text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* ---- one value ---- */

static uint8_t bytes[4096];
static struct aq_doc doc;

/* The first value of what was written. */
static struct aq_value value(void)
{
	int32_t length = aq_doc_end(&doc);
	struct aq_bson open;

	assert_true(length > 0);
	assert_int_equal(aq_bson_open(bytes, (size_t)length, &open), AQ_OK);
	return aq_bson_find(open, "v");
}

static void becomes(uint8_t type, const char *csv, size_t csv_length, const char *json)
{
	struct query_text out = {0};
	struct aq_value v = value();

	query_csv(&out, v, type);
	if (out.used != csv_length || memcmp(out.at != NULL ? out.at : "", csv, csv_length) != 0)
		fail_msg("CSV is %.*s, not %s", (int)out.used, out.at, csv);
	out.used = 0;
	query_json(&out, v, type);
	if (out.used != strlen(json) || memcmp(out.at, json, out.used) != 0)
		fail_msg("JSON is %.*s, not %s", (int)out.used, out.at, json);
	text_free(&out);
}

#define BECOMES(write, type, csv, json) \
	do { \
		aq_doc_begin(&doc, bytes, sizeof(bytes)); \
		write; \
		becomes(type, csv, sizeof(csv) - 1, json); \
	} while (0)

static void numbers(void **state)
{
	BECOMES(aq_doc_int64(&doc, "v", INT64_MIN), QUERY_INT64, "-9223372036854775808", "-9223372036854775808");
	BECOMES(aq_doc_int32(&doc, "v", -7), QUERY_INT64, "-7", "-7");
	BECOMES(aq_doc_bool(&doc, "v", true), QUERY_BOOL, "true", "true");
	BECOMES(aq_doc_double(&doc, "v", 0.1), QUERY_DOUBLE, "0.1", "0.1");
	BECOMES(aq_doc_double(&doc, "v", 0x1.fffffffffffffp+1023), QUERY_DOUBLE, "1.7976931348623157e+308", "1.7976931348623157e+308");
	BECOMES(aq_doc_double(&doc, "v", __builtin_nan("")), QUERY_DOUBLE, "NaN", "\"NaN\"");
	BECOMES(aq_doc_double(&doc, "v", -__builtin_inf()), QUERY_DOUBLE, "-Infinity", "\"-Infinity\"");
	BECOMES(aq_doc_null(&doc, "v"), QUERY_INT64, "", "null");
	BECOMES(aq_doc_null(&doc, "w"), QUERY_INT64, "", "null"); /* missing */
}

static void decimal(const char *from, const char *to)
{
	char json[QUERY_NUMBER_SIZE + 2];

	snprintf(json, sizeof(json), "\"%s\"", to);
	aq_doc_begin(&doc, bytes, sizeof(bytes));
	aq_doc_decimal_text(&doc, "v", from, strlen(from));
	becomes(QUERY_DECIMAL, to, strlen(to), json);
}

static void decimals_have_all_their_digits(void **state)
{
	decimal("0.00000001", "0.00000001");
	decimal("-0.00000001", "-0.00000001");
	decimal("1e-34", "0.0000000000000000000000000000000001");
	decimal("-9999999999999999999999999999999999", "-9999999999999999999999999999999999");
	decimal("99999999999999999999.99999999999999", "99999999999999999999.99999999999999");
	decimal("1.5e40", "15000000000000000000000000000000000000000");
	decimal("-1e60", "-1000000000000000000000000000000000000000000000000000000000000");
	decimal("1e6000", "1E+6000");
	decimal("61700.50", "61700.5");
	decimal("0", "0");
}

static void texts(void **state)
{
	BECOMES(aq_doc_text(&doc, "v", "plain text"), QUERY_TEXT, "plain text", "\"plain text\"");
	BECOMES(aq_doc_text(&doc, "v", ""), QUERY_TEXT, "\"\"", "\"\"");
	BECOMES(aq_doc_text(&doc, "v", "a,b"), QUERY_TEXT, "\"a,b\"", "\"a,b\"");
	BECOMES(aq_doc_text(&doc, "v", "\""), QUERY_TEXT, "\"\"\"\"", "\"\\\"\"");
	BECOMES(aq_doc_text(&doc, "v", "say \"no\", \\"), QUERY_TEXT, "\"say \"\"no\"\", \\\"", "\"say \\\"no\\\", \\\\\"");
	BECOMES(aq_doc_text(&doc, "v", "a\r\nb\n"), QUERY_TEXT, "\"a\r\nb\n\"", "\"a\\u000d\\nb\\n\"");
	BECOMES(aq_doc_text_of(&doc, "v", "a\0b", 3), QUERY_TEXT, "a\0b", "\"a\\u0000b\"");
	BECOMES(aq_doc_text(&doc, "v", "\xf0\x9f\x98\x80\x7f\x1b"), QUERY_TEXT, "\xf0\x9f\x98\x80\x7f\x1b",
		"\"\xf0\x9f\x98\x80\\u007f\\u001b\"");
	BECOMES(aq_doc_bytes(&doc, "v", "\x00\xff\x10", 3), QUERY_BYTES, "00ff10", "\"00ff10\"");
	BECOMES(aq_doc_bytes(&doc, "v", "", 0), QUERY_BYTES, "\"\"", "\"\"");
}

static void documents(void **state)
{
	aq_doc_begin(&doc, bytes, sizeof(bytes));
	aq_doc_open(&doc, "v");
	aq_doc_text(&doc, "a\"", "x,y");
	aq_doc_open_array(&doc, "b");
	aq_doc_int64(&doc, NULL, 1);
	aq_doc_null(&doc, NULL);
	aq_doc_close(&doc);
	aq_doc_close(&doc);
	becomes(0, "\"{\"\"a\\\"\"\"\":\"\"x,y\"\",\"\"b\"\":[1,null]}\"", 35, "{\"a\\\"\":\"x,y\",\"b\":[1,null]}");
}

/* ---- times ---- */

static void times(void **state)
{
	BECOMES(aq_doc_time(&doc, "v", INT64_C(1723161320123456789)), QUERY_TIME, "2024-08-08T23:55:20.123456789Z",
		"\"2024-08-08T23:55:20.123456789Z\"");
	BECOMES(aq_doc_time(&doc, "v", INT64_C(1723161320123456789)), QUERY_INT64, "1723161320123456789", "1723161320123456789");
	BECOMES(aq_doc_time(&doc, "v", -1), QUERY_TIME, "1969-12-31T23:59:59.999999999Z", "\"1969-12-31T23:59:59.999999999Z\"");
	BECOMES(aq_doc_time(&doc, "v", INT64_MAX), QUERY_TIME, "2262-04-11T23:47:16.854775807Z", "\"2262-04-11T23:47:16.854775807Z\"");
	BECOMES(aq_doc_time(&doc, "v", INT64_MIN), QUERY_TIME, "1677-09-21T00:12:43.145224192Z", "\"1677-09-21T00:12:43.145224192Z\"");
}

static void times_of_people(void **state)
{
	static const struct {
		const char *text;
		int64_t ns;
	} right[] = {{"1970", 0}, {"1970-01", 0}, {"1970-01-01", 0}, {"1970-01-01T00:00Z", 0}, {"1970-01-01 00:00:01", 1000000000},
		{"1970-01-01T00:00:00.000000001Z", 1}, {"1970-01-01 00:00:00.5", 500000000}, {"1969-12-31 23:59:59.999999999", -1},
		{"2024-02-29", INT64_C(1709164800000000000)}, {"2262-04-11T23:47:16.854775807Z", INT64_MAX}};
	static const char *const wrong[] = {"", "24", "2024-", "2024-1", "2024-13", "2024-02-30", "2023-02-29", "2024-01-01T",
		"2024-01-01T24:00", "2024-01-01 10", "2024-01-01 10:60", "2024-01-01 10:00:60", "2024-01-01 10:00:00.",
		"2024-01-01 10:00:00.1234567890", "2024-01-01x", "2024-01-01ZZ", "2263-01-01", "1600-01-01", "-2024", "2024/01/01",
		"1723161320"};
	int64_t ns;

	for (size_t i = 0; i < sizeof(right) / sizeof(*right); i++)
		if (!time_text_parse(right[i].text, strlen(right[i].text), &ns) || ns != right[i].ns)
			fail_msg("%s is %lld", right[i].text, (long long)ns);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		if (time_text_parse(wrong[i], strlen(wrong[i]), &ns))
			fail_msg("%s was taken", wrong[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers),
		cmocka_unit_test(decimals_have_all_their_digits),
		cmocka_unit_test(texts),
		cmocka_unit_test(documents),
		cmocka_unit_test(times),
		cmocka_unit_test(times_of_people),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
