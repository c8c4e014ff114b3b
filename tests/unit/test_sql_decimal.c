/* Decimals as text: every digit, the order, sums; by hand, and against 128-bit integers. The number of random rounds comes
 * from AQ_STORE_ROUNDS. */
#include "sql_help.h"
#include "rounds.h"

__extension__ typedef __int128 wide;

static const char *canonical(const char *text)
{
	static char out[SQL_DECIMAL_SIZE];

	return sql_decimal_read(text, strlen(text), out) ? out : "refused";
}

static void texts_are_canonical(void **state)
{
	static const char *const pairs[][2] = {{"0", "0"}, {"-0", "0"}, {"+5", "5"}, {"007.500", "7.5"}, {"-0.0", "0"},
		{"1e3", "1000"}, {"1E-8", "0.00000001"}, {"-12.34e1", "-123.4"}, {"123.4e-2", "1.234"}, {"0.05e1", "0.5"},
		{"0e999999999", "0"}, {"0.0000e-5", "0"}, {"1e33", "1000000000000000000000000000000000"}, {"1e34", "refused"},
		{"1e-34", "0.0000000000000000000000000000000001"}, {"1e-35", "refused"}, {"", "refused"}, {"-", "refused"},
		{".5", "refused"}, {"5.", "refused"}, {"1e", "refused"}, {"1e+", "refused"}, {" 1", "refused"}, {"1 ", "refused"},
		{"NaN", "refused"}, {"Infinity", "refused"}, {"1,5", "refused"}, {"0x10", "refused"}, {"1e99999999999", "refused"},
		{"1.2.3", "refused"}, {"--1", "refused"}, {"9999999999999999999999999999999999", "9999999999999999999999999999999999"},
		{"99999999999999999999999999999999999", "refused"},
		{"-9999999999999999999999999999999999.9999999999999999999999999999999999",
			"-9999999999999999999999999999999999.9999999999999999999999999999999999"},
		{"0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000001", "1"}};

	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i++)
		assert_string_equal(canonical(pairs[i][0]), pairs[i][1]);
	{
		char out[SQL_DECIMAL_SIZE];

		assert_false(sql_decimal_read("1\0002", 3, out));
	}
}

static void decimal128_goes_through(void **state)
{
	static const char *const texts[] = {"0", "1.5", "-0.00000001", "1234567890123456789012345678901234",
		"-0.1234567890123456789012345678901234", "9999999999999999999999999999999999", "12345678901234567.89012345678901234"};
	bson_decimal128_t number, again;
	char out[SQL_DECIMAL_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		assert_true(bson_decimal128_from_string(texts[i], &number));
		assert_true(sql_decimal_from_128(&number, out));
		assert_string_equal(out, texts[i]);
		assert_true(sql_decimal_to_128(out, &again));
		assert_memory_equal(&number, &again, sizeof(number));
	}
	for (size_t i = 0; i < 4; i++) {
		assert_true(bson_decimal128_from_string((const char *[]){"NaN", "Infinity", "-Infinity", "1E+6111"}[i], &number));
		assert_false(sql_decimal_from_128(&number, out));
	}
}

/* The library is the judge, of short texts and of long ones, and of what is none. */
static void decimal128_of_any_text(void **state)
{
	static const char *const texts[] = {"0", "0.00000000", "-0.00", "-0", "61702.11000000", "007.50", "123456789012345678",
		"1234567890.12345678", "-999999999999999999", "0.123456789012345678", "1234567890123456789", "12345678901.12345678",
		"99999999999999999999", "", "-", "--1", "1.2.3", "1x", "x", " 1", "1 ", "1e3", "-1E-8", "NaN"};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		bson_decimal128_t number = {0}, judge = {0};
		bool is_one = bson_decimal128_from_string(texts[i], &judge);

		assert_int_equal(sql_decimal_to_128(texts[i], &number), is_one);
		if (is_one)
			assert_memory_equal(&number, &judge, sizeof(number));
	}
}

static void what_fits(void **state)
{
	static const struct {
		const char *text;
		unsigned precision, scale;
		const char *fit; /* NULL: it does not */
	} cases[] = {{"1.5", 4, 2, "1.50"}, {"99.99", 4, 2, "99.99"}, {"100", 4, 2, NULL}, {"123.456", 4, 2, NULL},
		{"1.234", 4, 2, NULL}, {"-99.99", 4, 2, "-99.99"}, {"0", 4, 2, "0.00"}, {"5", 34, 0, "5"}, {"5.000", 4, 0, "5"}, {"1.5000", 4, 2, "1.50"},
		{"1.50", 4, 2, "1.50"}, {"1.5010", 4, 2, NULL}, {"0.5", 1, 1, "0.5"},
		{"1", 1, 1, NULL}, {"0", 34, 34, "0.0000000000000000000000000000000000"}};
	char text[SQL_DECIMAL_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		strcpy(text, cases[i].text);
		assert_int_equal(sql_decimal_fit(text, cases[i].precision, cases[i].scale), cases[i].fit != NULL);
		if (cases[i].fit != NULL)
			assert_string_equal(text, cases[i].fit);
	}
}

static void what_is_compared_with(void **state)
{
	static const char *const cases[][2] = {{"1.2367", "1.235"}, {"-1.2367", "-1.235"}, {"1.23", "1.23"}, {"0.001", "0.005"},
		{"-0.009", "-0.005"}, {"99.999", "99.995"}, {"100", "100"}, {"12345.6", "100"}, {"-100.01", "-100"}, {"0", "0"}};
	char text[SQL_DECIMAL_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		strcpy(text, cases[i][0]);
		sql_decimal_near(text, 4, 2);
		assert_string_equal(text, cases[i][1]);
	}
	strcpy(text, "-9999999999999999999999999999999999.9999999999999999999999999999999999");
	sql_decimal_near(text, 34, 34);
	assert_string_equal(text, "-1");
	sql_decimal_near(text, 34, 34);
	assert_string_equal(text, "-1");
}

/* ---- against integers ---- */

static uint64_t seed = 88172645463325252u;

static uint64_t chance(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	return seed ^= seed << 17;
}

/* Of any size, at 10^-9. */
static int64_t some_number(void)
{
	int64_t number = (int64_t)(chance() >> (1 + chance() % 63));

	return chance() % 2 ? number : -number;
}

static void print(wide number, char *out)
{
	bool negative = number < 0;
	wide size = negative ? -number : number;

	snprintf(out, 80, "%s%lld.%09lld", negative ? "-" : "", (long long)(size / 1000000000), (long long)(size % 1000000000));
}

static void one_round(void)
{
	int64_t a = some_number(), b = chance() % 8 == 0 ? a : some_number();
	char x[80], y[80], sum[80], text_a[SQL_DECIMAL_SIZE], text_b[SQL_DECIMAL_SIZE], wanted[SQL_DECIMAL_SIZE],
		got[SQL_DECIMAL_SIZE];

	print(a, x);
	print(b, y);
	print((wide)a + b, sum);
	assert_true(sql_decimal_read(x, strlen(x), text_a));
	assert_true(sql_decimal_read(y, strlen(y), text_b));
	assert_true(sql_decimal_read(sum, strlen(sum), wanted));
	assert_int_equal(sql_decimal_compare(x, strlen(x), text_b, strlen(text_b)) > 0, a > b);
	assert_int_equal(sql_decimal_compare(text_a, strlen(text_a), y, strlen(y)) < 0, a < b);
	assert_int_equal(strcmp(text_a, text_b) == 0, a == b);
	assert_true(sql_decimal_add(text_a, text_b, got));
	assert_string_equal(got, wanted);
}

static void order_and_sums(void **state)
{
	long rounds = 10L * rounds_of("AQ_STORE_ROUNDS", 2000);

	(void)state;
	for (long i = 0; i < rounds; i++)
		one_round();
}

/* What is no decimal may stand in a file that others write; the order must hold all the same. */
static void any_text_has_its_place(void **state)
{
	static const char *const ordered[] = {"-10", "-9.5", "-0.5", "0", "0.25", "1.5", "9", "10", "100", "", "1e5", "abc", "b"};
	char out[SQL_DECIMAL_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof(ordered) / sizeof(*ordered); i++)
		for (size_t j = 0; j < sizeof(ordered) / sizeof(*ordered); j++) {
			int order = sql_decimal_compare(ordered[i], strlen(ordered[i]), ordered[j], strlen(ordered[j]));

			assert_int_equal((order > 0) - (order < 0), (i > j) - (i < j));
		}
	assert_false(sql_decimal_add("abc", "1", out));
	assert_false(sql_decimal_add("9999999999999999999999999999999999", "1", out));
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(texts_are_canonical), cmocka_unit_test(decimal128_goes_through),
		cmocka_unit_test(decimal128_of_any_text),
		cmocka_unit_test(what_fits), cmocka_unit_test(what_is_compared_with),
		cmocka_unit_test(order_and_sums), cmocka_unit_test(any_text_has_its_place)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
