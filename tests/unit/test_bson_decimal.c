/* decimal128: against libbson for any bits and any text, against decimal.h for scaled integers and amounts, and at the ends of
 * what it can hold. The number of random rounds comes from AQ_STORE_ROUNDS. */
#include "bson_help.h"

#include <bson/bson.h>
#include <decimal128.h>
#include <stdio.h>

static struct aq_decimal128 bits(bson_decimal128_t d)
{
	return (struct aq_decimal128){.low = d.low, .high = d.high};
}

static void assert_same(struct aq_decimal128 a, struct aq_decimal128 b)
{
	assert_int_equal(a.low, b.low);
	assert_int_equal(a.high, b.high);
}

/* Ours, and libbson's of the same bits. */
static const char *text_of(struct aq_decimal128 d)
{
	static char text[AQ_DECIMAL128_TEXT];
	char theirs[BSON_DECIMAL128_STRING];
	bson_decimal128_t same = {.low = d.low, .high = d.high};
	int length = aq_decimal128_to_text(d, text);

	bson_decimal128_to_string(&same, theirs);
	assert_int_equal(length, strlen(text));
	assert_string_equal(text, theirs);
	return text;
}

static struct aq_decimal128 number(const char *text)
{
	struct aq_decimal128 d;

	assert_int_equal(aq_decimal128_of_text(text, strlen(text), &d), AQ_OK);
	return d;
}

/* Taken at any digits, and as an amount, it is what its text says. */
static void check_taken(struct aq_decimal128 d)
{
	const char *text = text_of(d);
	unsigned digits = (unsigned)(chance() % 20);
	int64_t got = 0, wanted = 0;
	struct aq_amt amount = {0}, same = {0};

	assert_int_equal(aq_decimal128_to_scaled(d, digits, &got), aq_dec_parse(text, strlen(text), digits, &wanted));
	assert_int_equal(got, wanted);
	assert_int_equal(aq_decimal128_to_amount(d, &amount), aq_amt_parse(text, strlen(text), &same));
	assert_int_equal(aq_amt_cmp(amount, same), 0);
}

/* Of 35 digits libbson prints 34; IEEE 754 calls such a number 0, and so do we. */
#define UNITS UINT64_C(0x1ffffffffffff)
#define MOST_UNITS UINT64_C(0x1ed09bead87c0)

static void any_bits(void **state)
{
	for (long i = 0; i < rounds(100000); i++) {
		struct aq_decimal128 d = {.low = chance(), .high = chance()}, near;

		if ((d.high & UNITS) >= MOST_UNITS)
			d.high &= ~UNITS;
		text_of(d);
		near.low = d.low >> chance() % 64;
		near.high = d.high >> 63 << 63 | (6136 + chance() % 64) << 49 | (d.high & UNITS) >> chance() % 50;
		check_taken(near);
	}
}

static size_t random_digits(char *to, size_t most)
{
	size_t count = 1 + chance() % most, zeros = chance() % 3 == 0 ? chance() % count : 0;

	for (size_t i = 0; i < count; i++)
		to[i] = i >= count - zeros ? '0' : (char)('0' + chance() % 10);
	return count;
}

static int random_exponent(void)
{
	return chance() % 4 ? (int)(chance() % 80) - 40 : (int)(chance() % 13000) - 6500;
}

/* [-]digits[.digits][E[-+]digits]. No more than 34 digits: needless zeros beyond them are too many for libbson. */
static void random_text(char text[200])
{
	char *at = text;

	if (chance() % 2)
		*at++ = '-';
	at += random_digits(at, 17);
	if (chance() % 2) {
		*at++ = '.';
		at += random_digits(at, 17);
	}
	if (chance() % 3 == 0)
		at += sprintf(at, "%c%+d", "eE"[chance() % 2], random_exponent());
	*at = '\0';
}

/* What libbson makes of a text is the same number, and of our form the same bits. */
static void any_text(void **state)
{
	long taken = 0, count = rounds(100000);

	for (long i = 0; i < count; i++) {
		char text[200];
		struct aq_decimal128 ours = {0}, again;
		bson_decimal128_t theirs;
		int status;

		random_text(text);
		status = aq_decimal128_of_text(text, strlen(text), &ours);
		if (bson_decimal128_from_string(text, &theirs) != (status == AQ_OK))
			fail_msg("%s: %d", text, status);
		if (status != AQ_OK) {
			assert_int_equal(status, AQ_EOVERFLOW);
			continue;
		}
		taken++;
		again = number(text_of(bits(theirs)));
		assert_same(again, ours);
		assert_true(bson_decimal128_from_string(text_of(ours), &theirs));
		assert_same(bits(theirs), ours);
	}
	assert_true(taken > count / 2);
}

static void scaled_integers(void **state)
{
	for (long i = 0; i < rounds(100000); i++) {
		int64_t value = some_number(), got, wanted;
		unsigned digits = (unsigned)(chance() % 19), other = (unsigned)(chance() % 19);
		struct aq_decimal128 d;
		char text[48];

		if (chance() % 3 == 0)
			value -= value % 100000;
		aq_dec_print(value, digits, 0, text);
		assert_int_equal(aq_decimal128_of_scaled(value, digits, &d), AQ_OK);
		assert_same(d, number(text));
		assert_int_equal(aq_decimal128_to_scaled(d, digits, &got), AQ_OK);
		assert_int_equal(got, value);
		got = wanted = 0;
		assert_int_equal(aq_decimal128_to_scaled(d, other, &got), aq_rescale(value, digits, other, &wanted));
		assert_int_equal(got, wanted);
	}
}

static void amounts(void **state)
{
	for (long i = 0; i < rounds(100000); i++) {
		struct aq_amt value = {.lo = chance() >> chance() % 64, .hi = some_number()}, got;
		bson_decimal128_t theirs;
		struct aq_decimal128 d;
		char text[48];
		int status;

		if (chance() % 2)
			value.hi %= 1000;
		if (value.hi == INT64_MIN)
			continue;
		aq_amt_print(value, 0, text);
		status = aq_decimal128_of_amount(value, &d);
		assert_int_equal(status, bson_decimal128_from_string(text, &theirs) ? AQ_OK : AQ_EOVERFLOW);
		if (status != AQ_OK)
			continue;
		assert_same(d, number(text_of(bits(theirs))));
		assert_int_equal(aq_decimal128_to_amount(d, &got), AQ_OK);
		assert_int_equal(aq_amt_cmp(got, value), 0);
	}
}

static void equal_numbers_have_equal_bytes(void **state)
{
	static const char *const alike[][4] = {{"1.5", "1.50", "15e-1", "0.0015E+3"}, {"100", "1E+2", "100.000", "0.1E3"},
		{"0", "0.00", "0E+99", "000"}, {"1E+34", "10E+33", "10000000000000000000000000000000000", "0.1E35"},
		{"1E+33", "1000000000000000000000000000000000", "1000000000000000000000000000000000.0", "10e32"},
		{"1E+6144", "10E+6143", "0.1E+6145", "1.0E6144"}, {"1E-6176", "10E-6177", "0.1E-6175", "1.0E-6176"}};
	char amount[] = "1.500000000000000000";
	struct aq_decimal128 d;

	for (size_t i = 0; i < sizeof(alike) / sizeof(*alike); i++)
		for (size_t j = 1; j < 4; j++)
			assert_same(number(alike[i][0]), number(alike[i][j]));
	assert_int_equal(aq_decimal128_of_scaled(150, 2, &d), AQ_OK);
	assert_same(d, number("1.5"));
	assert_same(d, number(amount));
	assert_string_equal(text_of(number("1E+33")), "1000000000000000000000000000000000");
	assert_string_equal(text_of(number("1E+34")), "1E+34");
	assert_string_equal(text_of(number("61837.63000000")), "61837.63");
}

static void the_ends(void **state)
{
	static const char *const fit[] = {"9999999999999999999999999999999999", "-9999999999999999999999999999999999E+6111",
		"9.999999999999999999999999999999999E+6144", "1E-6176", "9999999999999999999999999999999999E-6176", "-0"};
	static const char *const too_large[] = {"10000000000000000000000000000000001", "1E+6145", "12E+6144", "1E-6177",
		"1.5E-6176", "0.99999999999999999999999999999999999", "1E+99999999999999",
		"170141183460469231731687303715884105728", "99999999999999999999999999999999999999999"};
	static const char *const wrong[] = {"", "-", ".5", "5.", "1e", "NaN", "Infinity", "1,5", " 1", "1 ", "0x10"};
	struct aq_decimal128 d = {1, 2};
	int64_t value = 7;

	for (size_t i = 0; i < sizeof(fit) / sizeof(*fit); i++)
		text_of(number(fit[i]));
	for (size_t i = 0; i < sizeof(too_large) / sizeof(*too_large); i++)
		assert_int_equal(aq_decimal128_of_text(too_large[i], strlen(too_large[i]), &d), AQ_EOVERFLOW);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		assert_int_equal(aq_decimal128_of_text(wrong[i], strlen(wrong[i]), &d), AQ_EFORMAT);
	assert_int_equal(aq_decimal128_of_text("1\0002", 3, &d), AQ_EFORMAT);
	assert_int_equal(aq_decimal128_of_text(NULL, 0, &d), AQ_EINVAL);
	assert_int_equal(aq_decimal128_of_scaled(AQ_NONE, 2, &d), AQ_EINVAL);
	assert_int_equal(aq_decimal128_of_scaled(1, 19, &d), AQ_EINVAL);
	assert_same(d, (struct aq_decimal128){1, 2});
	assert_int_equal(aq_decimal128_to_scaled(number("1"), 19, &value), AQ_EINVAL);
	assert_int_equal(aq_decimal128_to_scaled(number("1.5"), 0, &value), AQ_EFORMAT);
	assert_int_equal(aq_decimal128_to_scaled(number("1E-6176"), 18, &value), AQ_EFORMAT);
	assert_int_equal(aq_decimal128_to_scaled(number("9223372036854775808"), 0, &value), AQ_EOVERFLOW);
	assert_int_equal(aq_decimal128_to_scaled(number("-9223372036854775808"), 0, &value), AQ_EOVERFLOW); /* AQ_NONE */
	assert_int_equal(aq_decimal128_to_scaled(number("9E+6144"), 0, &value), AQ_EOVERFLOW);
	assert_int_equal(value, 7);
	assert_int_equal(aq_decimal128_to_scaled(number("-9223372036854775807"), 0, &value), AQ_OK);
	assert_int_equal(value, -INT64_MAX);
	assert_int_equal(aq_decimal128_to_scaled(number("-0"), 18, &value), AQ_OK);
	assert_int_equal(value, 0);
}

static void no_numbers(void **state)
{
	static const uint64_t high[] = {UINT64_C(0x7800000000000000), UINT64_C(0xf800000000000000), UINT64_C(0x7c00000000000000),
		UINT64_C(0xfc00000000000000), UINT64_C(0x7e00000000000000)};
	static const char *const texts[] = {"Infinity", "-Infinity", "NaN", "NaN", "NaN"};
	struct aq_decimal128 not_canonical[] = {{.high = UINT64_C(0x6c10000000000000), .low = 5},
		{.high = UINT64_C(0x3041ed09bead87c0), .low = UINT64_C(0x378d8e6400000000)}};
	char text[AQ_DECIMAL128_TEXT];
	struct aq_amt amount;
	int64_t value;

	for (size_t i = 0; i < 5; i++) {
		struct aq_decimal128 d = {.high = high[i]};

		assert_string_equal(text_of(d), texts[i]);
		assert_int_equal(aq_decimal128_to_scaled(d, 2, &value), AQ_EFORMAT);
		assert_int_equal(aq_decimal128_to_amount(d, &amount), AQ_EFORMAT);
	}
	for (size_t i = 0; i < 2; i++) {
		aq_decimal128_to_text(not_canonical[i], text);
		assert_string_equal(text, "0");
		assert_int_equal(aq_decimal128_to_scaled(not_canonical[i], 2, &value), AQ_OK);
		assert_int_equal(value, 0);
	}
}

static void bytes_are_as_in_bson(void **state)
{
	uint8_t ours[AQ_DECIMAL128_BYTES];
	bson_decimal128_t theirs;
	bson_t doc = BSON_INITIALIZER;

	assert_true(bson_decimal128_from_string("-1234567890123456789012345678901234E-17", &theirs));
	BSON_APPEND_DECIMAL128(&doc, "", &theirs);
	aq_decimal128_store(bits(theirs), ours);
	assert_memory_equal(bson_get_data(&doc) + 6, ours, sizeof(ours));
	assert_same(aq_decimal128_load(ours), bits(theirs));
	bson_destroy(&doc);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(any_bits), cmocka_unit_test(any_text),
		cmocka_unit_test(scaled_integers), cmocka_unit_test(amounts), cmocka_unit_test(equal_numbers_have_equal_bytes),
		cmocka_unit_test(the_ends), cmocka_unit_test(no_numbers), cmocka_unit_test(bytes_are_as_in_bson)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
