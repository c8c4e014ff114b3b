/* test_control.c: the parts of control that need no host: ids as text, requests, answers. */
#include "host/control_format.h"
#include "host/control_request.h"
#include "host/control_result.h"
#include "host/order_text.h"

#include "io/net.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* ---- order ids ---- */

static void ids_go_there_and_back(void **state)
{
	static const uint64_t ids[] = {0, 1, UINT64_C(1) << 20, UINT64_C(1) << 51, (UINT64_C(1) << 63) - 1,
		(UINT64_C(7) << 51) | (UINT64_C(80000000) << 20) | 4410};
	char text[ORDER_TEXT_SIZE], upper[ORDER_TEXT_SIZE];

	for (size_t i = 0; i < sizeof(ids) / sizeof(*ids); i++) {
		uint64_t back = 42;

		order_text(ids[i], text);
		assert_int_equal(order_text_parse(text, &back), AQ_OK);
		assert_true(back == ids[i]);
		for (size_t k = 0; k <= strlen(text); k++)
			upper[k] = (char)(text[k] >= 'a' && text[k] <= 'z' ? text[k] - 32 : text[k]);
		assert_int_equal(order_text_parse(upper, &back), AQ_OK);
		assert_true(back == ids[i]);
	}
	assert_string_equal(order_text(ids[5], text), "2c9d00-7-49t");
	assert_string_equal(order_text(ids[4], text), "1zzzzzz-3zz-zzzz");
	assert_string_equal(order_text(0, text), "0-0-0");
}

static void ids_that_are_none_are_refused(void **state)
{
	static const char *const texts[] = {"", "1", "1-2", "1-2-", "-1-2", "1--2", "1-2-3-4", "1-2-3 ", " 1-2-3",
		"o-1-1", "1-l-1", "1-1-u", "2000000-1-1", "1-400-1", "1-1-10000", "1zzzzzzzzzzzzzzzzzz-1-1", "1.2.3",
		"\xc3\xa9-1-1"};
	uint64_t id = 42;

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		if (order_text_parse(texts[i], &id) != AQ_EFORMAT || id != 42)
			fail_msg("\"%s\" was taken", texts[i]);
}

/* ---- requests ---- */

static int parse(struct control_request *r, const char *line, struct aq_err *err)
{
	return control_request_parse(r, line, strlen(line), err);
}

static void requests_are_cut_into_words_and_flags(void **state)
{
	struct control_request *r = malloc(sizeof(*r));
	struct aq_err err;

	assert_int_equal(parse(r, " \treload  --json mm\ttwo --fresh --width=80 --skip=500 \r", &err), AQ_OK);
	assert_int_equal(r->count, 3);
	assert_string_equal(r->words[0], "reload");
	assert_string_equal(r->words[1], "mm");
	assert_string_equal(r->words[2], "two");
	assert_true(r->json && r->fresh && !r->plan);
	assert_int_equal(r->width, 80);
	assert_int_equal(r->skip, 500);
	assert_int_equal(parse(r, "set mm a=--json", &err), AQ_OK);
	assert_false(r->json);
	assert_string_equal(r->words[2], "a=--json");
	assert_int_equal(parse(r, "halt mm caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80", &err), AQ_OK);
	assert_string_equal(r->words[2], "caf\xc3\xa9");
	free(r);
}

static void requests_for_rows(void **state)
{
	struct control_request *r = malloc(sizeof(*r)), *copy = malloc(sizeof(*copy));
	struct aq_err err;

	assert_int_equal(parse(r, "store main find rows --fields n,price --limit 7 --sort=-n --json --  {a: 'x  --csv'} ", &err), AQ_OK);
	control_request_copy(copy, r);
	memset(r, 'x', sizeof(*r));
	assert_int_equal(copy->count, 4);
	assert_string_equal(copy->words[3], "rows");
	assert_string_equal(copy->fields, "n,price");
	assert_string_equal(copy->sort, "-n");
	assert_string_equal(copy->rest, "{a: 'x  --csv'} ");
	assert_true(copy->json && !copy->csv && copy->limit == 7);
	assert_int_equal(parse(r, "store main find rows --fields", &err), AQ_EFORMAT);
	assert_non_null(strstr(err.text, "--fields is missing its value"));
	assert_int_equal(parse(r, "store main find rows --limit=0", &err), AQ_EFORMAT);
	assert_int_equal(parse(r, "store main find rows --limit x", &err), AQ_EFORMAT);
	free(copy);
	free(r);
}

static void wrong_requests_say_why(void **state)
{
	static const struct {
		const char *line, *text;
	} wrong[] = {{"", "verb is missing"}, {" \t ", "verb is missing"}, {"--json", "verb is missing"},
		{"status --what", "unknown flag --what"}, {"status --", "unknown flag --:"},
		{"status --json=1", "unknown flag"}, {"status --width=", "whole number"},
		{"status --width=10001", "whole number"}, {"status --skip=-1", "whole number"},
		{"status --skip=99999999999999999999", "whole number"}, {"sta\x01tus", "text"}, {"\x7f", "text"},
		{"\xc3", "text"}, {"a\x80", "text"}, {"\xc0\xaf", "text"}, {"\xf5\x80\x80\x80", "text"},
		{"\xe0\x80\x80", "text"}, {"\xed\xa0\x80", "text"}, {"\xf4\x90\x80\x80", "text"}, {"\xc2\x9b", "text"},
		{"caf\xc3\xa9 \xe2\x82", "text"}};
	struct control_request *r = malloc(sizeof(*r));
	struct aq_err err;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		if (parse(r, wrong[i].line, &err) != AQ_EFORMAT || strstr(err.text, wrong[i].text) == NULL)
			fail_msg("\"%s\": %s", wrong[i].line, err.text);
	assert_int_equal(parse(r, "status --bad --json", &err), AQ_EFORMAT);
	assert_true(r->json); /* the error is told as it was asked for */
	free(r);
}

static void requests_have_bounds(void **state)
{
	struct control_request *r = malloc(sizeof(*r));
	char line[CONTROL_REQUEST_MAX + 1];
	struct aq_err err;

	memset(line, 'a', sizeof(line));
	assert_int_equal(control_request_parse(r, line, CONTROL_REQUEST_MAX - 1, &err), AQ_OK);
	assert_int_equal(strlen(r->words[0]), CONTROL_REQUEST_MAX - 1);
	assert_int_equal(control_request_parse(r, line, CONTROL_REQUEST_MAX, &err), AQ_EFORMAT);
	for (size_t i = 1; i < sizeof(line); i += 2)
		line[i] = ' ';
	assert_int_equal(control_request_parse(r, line, 2 * CONTROL_WORDS_MAX, &err), AQ_OK);
	assert_int_equal(r->count, CONTROL_WORDS_MAX);
	assert_int_equal(control_request_parse(r, line, 2 * CONTROL_WORDS_MAX + 1, &err), AQ_EFORMAT);
	assert_int_equal(control_request_parse(r, "a\0b", 3, &err), AQ_EFORMAT);
	free(r);
}

/* ---- answers ---- */

static const struct column columns[] = {
	{"name", "NAME", COLUMN_TEXT}, {"count", "COUNT", COLUMN_COUNT}, {"qty", "QTY", COLUMN_RIGHT}, {0}};

static void row(struct result *r, const char *name, const char *count, const char *qty)
{
	if (!result_row(r))
		return;
	result_cell(r, "%s", name);
	result_cell(r, "%s", count);
	result_cell(r, "%s", qty);
}

static char *body;

static const char *text_of(struct result *r, uint32_t width)
{
	body[result_text(r, width, body)] = '\0';
	return body;
}

static const char *json_of(struct result *r)
{
	body[result_json(r, body)] = '\0';
	return body;
}

static void tables_are_written_both_ways(void **state)
{
	struct result r;

	result_init(&r, "things", 0);
	result_table(&r, "things", TABLE_GRID, columns);
	row(&r, "a \"quoted\\ one", "12", "0.5 BTC");
	row(&r, "caf\xc3\xa9", "", "");
	result_hint(&r, "go on");
	result_problem(&r, INT64_C(3661000000000), "bad");
	assert_string_equal(text_of(&r, 0), "NAME            COUNT      QTY\n"
					    "a \"quoted\\ one     12  0.5 BTC\n"
					    "caf\xc3\xa9                -        -\n"
					    "\ngo on\n! 01:01:01  bad\n");
	assert_string_equal(json_of(&r), "{\"schema\":\"aioquant.things/1\",\"code\":0,\n\"things\":[\n"
					 "{\"name\":\"a \\\"quoted\\\\ one\",\"count\":12,\"qty\":\"0.5 BTC\"},\n"
					 "{\"name\":\"caf\xc3\xa9\",\"count\":null,\"qty\":null}],\n"
					 "\"hints\":[\"go on\"],\n"
					 "\"problems\":[{\"time\":\"01:01:01\",\"text\":\"bad\"}]}\n");
	assert_string_equal(strtok((char *)(uintptr_t)text_of(&r, 21), "\n"), "NAME            COUNT");
	assert_string_equal(strtok((char *)(uintptr_t)text_of(&r, 1), "\n"), "NAME");
	result_finish(&r);
}

static void a_list_wraps_its_last_cell(void **state)
{
	struct result r;

	result_init(&r, "things", 0);
	result_table(&r, "things", TABLE_LIST, columns);
	row(&r, "short", "12", "what it is, in more words than fit");
	row(&r, "of more than thirty-six characters, all", "12", "what it is");
	assert_string_equal(text_of(&r, 60), "short 12                            what it is, in more\n"
					     "                                    words than fit\n"
					     "of more than thirty-six characters, all 12\n"
					     "                                    what it is\n");
	result_finish(&r);
}

static void an_error_stands_alone(void **state)
{
	struct result r;

	result_init(&r, "things", 0);
	result_table(&r, "things", TABLE_GRID, columns);
	row(&r, "a", "1", "2");
	result_hint(&r, "go on");
	result_fail(&r, 2, "no \"such\" thing");
	assert_string_equal(text_of(&r, 0), "no \"such\" thing\n");
	assert_string_equal(
		json_of(&r), "{\"schema\":\"aioquant.error/1\",\"code\":2,\n\"error\":\"no \\\"such\\\" thing\"}\n");
	result_finish(&r);
}

/* What a venue says may hold anything. */
static void nothing_controls_a_terminal(void **state)
{
	static const char evil[] = "\x1b[2J\x07\r\n\xff\xc3(\xc2\x9b"
				   "0m\xe2\x82";
	struct result r;
	const char *text;

	result_init(&r, "things", 0);
	result_table(&r, "things", TABLE_GRID, columns);
	row(&r, evil, "1", "2");
	result_problem(&r, 0, "%s", evil);
	for (int pass = 0; pass < 2; pass++) {
		text = pass == 0 ? text_of(&r, 0) : json_of(&r);
		for (const char *at = text; *at != '\0'; at++)
			assert_true(*at == '\n' || ((unsigned char)*at >= 0x20 && (unsigned char)*at < 0x7f));
		assert_non_null(strstr(text, "?[2J????"));
	}
	result_finish(&r);
}

/* Overlong, a surrogate, beyond the last: each of their bytes is none. What is right beside them stays. */
#define BROKEN "\xe0\x80\x80|\xed\xa0\x80|\xf4\x90\x80\x80|\xc2\x9b|\x1b\t\r\x7f|caf\xc3\xa9 \xf0\x9f\x98\x80|\xe2\x82"
#define MENDED "???|???|????|??|????|caf\xc3\xa9 \xf0\x9f\x98\x80|??"

static void no_broken_text_is_told(void **state)
{
	char *prepared = strdup("one\n" BROKEN);
	struct result r;

	assert_non_null(prepared);
	result_init(&r, "things", 0);
	result_table(&r, "things", TABLE_LINE, columns);
	row(&r, BROKEN, "1", "2");
	result_hint(&r, "%s", "one\n" BROKEN);
	assert_non_null(strstr(text_of(&r, 1000), MENDED " "));
	assert_non_null(strstr(json_of(&r), "\"hints\":[\"one?" MENDED "\"]"));
	result_finish(&r);
	result_init(&r, "things", 0);
	result_prepared(&r, prepared, (uint32_t)strlen(prepared));
	assert_string_equal(text_of(&r, 0), "one\n" MENDED);
	assert_non_null(strstr(json_of(&r), "\"text\":\"one\\n" MENDED "\""));
	result_finish(&r);
}

static void long_tables_are_told_in_parts(void **state)
{
	unsigned seen = 0, parts = 0;

	while (seen < 1234) {
		unsigned shown = 0;
		struct result r;

		result_init(&r, "things", seen);
		result_table(&r, "things", TABLE_GRID, columns);
		for (unsigned i = 0; i < 1234; i++) {
			if (!result_row(&r))
				continue;
			result_cell(&r, "n%u", i);
			result_cell(&r, "%u", i);
			result_cell(&r, "%s", "");
		}
		text_of(&r, 0);
		for (const char *at = body; (at = strstr(at, "\nn")) != NULL; at++)
			shown++;
		assert_int_equal(shown, 1234 - seen < RESULT_ROWS ? 1234 - seen : RESULT_ROWS);
		seen += shown;
		assert_true((strstr(body, "more: add --skip=") != NULL) == (seen < 1234));
		result_finish(&r);
		parts++;
	}
	assert_int_equal(parts, 3);
}

/* Cells as long as they can be, in every row and remark: the body stays within its bound, and ends with whole rows. */
static void an_answer_has_a_bound(void **state)
{
	char wide[2 * RESULT_CELL_MAX];
	struct result r;

	assert_true(RESULT_BODY_MAX + 4096 < NET_PENDING_MAX);
	memset(wide, '"', sizeof(wide) - 1);
	wide[sizeof(wide) - 1] = '\0';
	result_init(&r, "things", 0);
	result_table(&r, "things", TABLE_GRID, columns);
	for (int i = 0; i < 2 * RESULT_ROWS; i++)
		row(&r, wide, "1", wide);
	for (int i = 0; i < 2 * RESULT_REMARKS; i++)
		result_problem(&r, 0, "%s", wide);
	for (int pass = 0; pass < 2; pass++) {
		uint32_t length = pass == 0 ? result_text(&r, 10000, body) : result_json(&r, body);

		assert_true(length <= RESULT_BODY_MAX);
		body[length] = '\0';
		assert_string_equal(body + length - 2, pass == 0 ? "\"\n" : "}\n");
		assert_non_null(strstr(body, pass == 0 ? " more: add --skip=" : "\"left\":"));
	}
	result_finish(&r);
}

/* ---- numbers ---- */

static void ages_and_latencies_read_well(void **state)
{
	static const struct {
		int64_t ns;
		const char *age, *latency;
	} times[] = {{0, "0 ms", "0.0 us"}, {-5, "0 ms", NULL}, {300, "0 ms", "0.3 us"}, {14000, "0 ms", "14 us"},
		{6100000, "6 ms", "6.1 ms"}, {99999999, "99 ms", "99 ms"}, {800000000, "0.8 s", "800 ms"},
		{9999999999, "9.9 s", "9.9 s"}, {10000000000, "10 s", "10 s"}, {312000000000, "5m 12s", "312 s"},
		{11040000000000, "3h 04m", "11040 s"}, {1051200000000000, "12d 04h", "1051200 s"}};
	char out[FORMAT_SIZE];

	for (size_t i = 0; i < sizeof(times) / sizeof(*times); i++) {
		assert_string_equal(format_age(times[i].ns, out), times[i].age);
		if (times[i].latency != NULL)
			assert_string_equal(format_latency((uint64_t)times[i].ns, out), times[i].latency);
	}
}

static void prices_have_the_digits_of_their_tick(void **state)
{
	struct aq_instrument i = {.px_digits = 8,
		.qty_digits = 8,
		.tick = 1000000,
		.lot = 1000,
		.qty_unit = AQ_UNIT_BASE,
		.base = "BTC",
		.quote = "USDT"};
	char out[FORMAT_SIZE];

	assert_string_equal(format_price(&i, 6169590000000, out), "61695.90");
	assert_string_equal(format_price(&i, AQ_NONE, out), "");
	assert_string_equal(format_qty(&i, 3000000, true, out), "+0.03000");
	assert_string_equal(format_qty(&i, -3000000, true, out), "-0.03000");
	assert_string_equal(format_qty(&i, 0, true, out), "0.00000");
	assert_string_equal(format_qty(&i, INT64_MAX, true, out), "+92233720368.54775807");
	assert_string_equal(format_money((struct aq_amt){INT64_MAX, INT64_MAX}, 18, true, "ABCDEFGHIJKLMNO", out),
		"+170141183460469231722.463931679029329919 ABCDEFGHIJKLMNO");
}

static int begin(void **state)
{
	body = malloc(RESULT_BODY_MAX + 1);
	return body == NULL;
}

static int end(void **state)
{
	free(body);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ids_go_there_and_back),
		cmocka_unit_test(ids_that_are_none_are_refused),
		cmocka_unit_test(requests_are_cut_into_words_and_flags),
		cmocka_unit_test(requests_for_rows),
		cmocka_unit_test(wrong_requests_say_why),
		cmocka_unit_test(requests_have_bounds),
		cmocka_unit_test(tables_are_written_both_ways),
		cmocka_unit_test(a_list_wraps_its_last_cell),
		cmocka_unit_test(an_error_stands_alone),
		cmocka_unit_test(nothing_controls_a_terminal),
		cmocka_unit_test(no_broken_text_is_told),
		cmocka_unit_test(long_tables_are_told_in_parts),
		cmocka_unit_test(an_answer_has_a_bound),
		cmocka_unit_test(ages_and_latencies_read_well),
		cmocka_unit_test(prices_have_the_digits_of_their_tick),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
