/* test_aqctl_head.c: the first line of an answer, as aqctl takes it. */
#include "aqctl/head.c"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static bool parse(const char *line, int *code, size_t *body)
{
	return head_parse(line, strlen(line), code, body);
}

static void good_heads(void **state)
{
	int code = -1;
	size_t body = 1;

	assert_true(parse("aioquant/1 0 0", &code, &body));
	assert_true(code == 0 && body == 0);
	assert_true(parse("aioquant/1 5 1234", &code, &body));
	assert_true(code == 5 && body == 1234);
	assert_true(parse("aioquant/1 99 67108864", &code, &body));
	assert_true(code == 99 && body == HEAD_BODY_MAX);
	assert_true(parse("aioquant/1 + 49152", &code, &body));
	assert_true(code == HEAD_PIECE && body == 49152);
}

static void bad_heads(void **state)
{
	static const char *const lines[] = {"", "aioquant/1", "aioquant/1 ", "aioquant/1  ", "aioquant/1 0", "aioquant/1 0 ",
		"aioquant/1  0 1", "aioquant/1 0  1", "aioquant/1 -1 1", "aioquant/1 +1 1", "aioquant/1 +", "aioquant/1 + ", "aioquant/1 ++ 1", "aioquant/1 + +1", "aioquant/1  + 1", "aioquant/1 0 -1", "aioquant/1 100 1",
		"aioquant/1 0 67108865", "aioquant/1 0 18446744073709551617", "aioquant/1 18446744073709551617 0",
		"aioquant/1 0 1 ", "aioquant/1 0 1x", "aioquant/2 0 1", "aioquant/10 0 1", " aioquant/1 0 1"};
	int code;
	size_t body;

	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++)
		if (parse(lines[i], &code, &body))
			fail_msg("\"%s\" was taken", lines[i]);
	assert_false(head_parse("aioquant/1 0 1", strlen("aioquant/1 0"), &code, &body)); /* not beyond its length */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_heads),
		cmocka_unit_test(bad_heads),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
