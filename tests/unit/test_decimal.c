/* Decimals against their own definition: a quotient q of n and d is right when q * d <= n < (q + 1) * d, with products
 * by a schoolbook multiplication that shares nothing with decimal.c, and against long division bit by bit. The number
 * of random rounds comes from AQ_DECIMAL_ROUNDS. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "rounds.h"

#include <decimal.h>

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LIMBS 10 /* 320 bits: every product of three operands here */
#define MAX_AMT ((struct aq_amt){UINT64_MAX, INT64_MAX})

struct wide {
	uint32_t limb[LIMBS];
};

static uint64_t state = 0x9e3779b97f4a7c15;

static uint64_t random_bits(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

/* Small and large values are equally likely. */
static int64_t random_int(void)
{
	uint64_t choice = random_bits();
	int64_t value = (int64_t)(random_bits() >> (1 + choice % 63));
	return choice >> 63 ? -value : value;
}

static struct aq_amt random_amt(void)
{
	uint64_t choice = random_bits();
	unsigned shift = 1 + (unsigned)(choice % 127);
	uint64_t high = random_bits(), low = random_bits();
	struct aq_amt value = shift >= 64 ? (struct aq_amt){.lo = high >> (shift - 64)}
					  : (struct aq_amt){.lo = low >> shift | high << (64 - shift),
						    .hi = (int64_t)(high >> shift)};
	return choice >> 63 ? aq_amt_neg(value) : value;
}

static int rounds(void)
{
	return rounds_of("AQ_DECIMAL_ROUNDS", 1000000);
}

/* ---- the slow method ---- */

static struct wide wide_of(struct aq_amt a)
{
	uint64_t lo = a.lo, hi = (uint64_t)a.hi;
	if (a.hi < 0) {
		lo = ~lo + 1;
		hi = ~hi + (lo == 0);
	}
	return (struct wide){{(uint32_t)lo, (uint32_t)(lo >> 32), (uint32_t)hi, (uint32_t)(hi >> 32)}};
}

static struct wide wide_of_int(int64_t value)
{
	uint64_t size = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
	return (struct wide){{(uint32_t)size, (uint32_t)(size >> 32)}};
}

static struct wide wide_product(struct wide a, struct wide b)
{
	struct wide out = {{0}};
	for (int i = 0; i < LIMBS; i++) {
		uint64_t carry = 0;
		for (int k = 0; a.limb[i] != 0 && i + k < LIMBS; k++) {
			carry += (uint64_t)a.limb[i] * b.limb[k] + out.limb[i + k];
			out.limb[i + k] = (uint32_t)carry;
			carry >>= 32;
		}
	}
	return out;
}

static int wide_compare(struct wide a, struct wide b)
{
	for (int i = LIMBS - 1; i >= 0; i--) {
		if (a.limb[i] != b.limb[i])
			return a.limb[i] < b.limb[i] ? -1 : 1;
	}
	return 0;
}

static struct wide wide_sum(struct wide a, struct wide b)
{
	uint64_t carry = 0;
	for (int i = 0; i < LIMBS; i++) {
		carry += (uint64_t)a.limb[i] + b.limb[i];
		a.limb[i] = (uint32_t)carry;
		carry >>= 32;
	}
	return a;
}

static struct wide wide_difference(struct wide a, struct wide b)
{
	uint64_t borrow = 0;
	for (int i = 0; i < LIMBS; i++) {
		uint64_t rest = (uint64_t)a.limb[i] - b.limb[i] - borrow;
		a.limb[i] = (uint32_t)rest;
		borrow = rest >> 63;
	}
	return a;
}

/* Bit by bit, toward zero. */
static struct wide wide_quotient(struct wide n, struct wide d)
{
	struct wide rest = {{0}}, out = {{0}};
	for (int bit = LIMBS * 32 - 1; bit >= 0; bit--) {
		rest = wide_sum(rest, rest);
		rest.limb[0] |= n.limb[bit / 32] >> bit % 32 & 1;
		if (wide_compare(rest, d) >= 0) {
			rest = wide_difference(rest, d);
			out.limb[bit / 32] |= (uint32_t)1 << bit % 32;
		}
	}
	return out;
}

static const struct wide wide_one = {{1}};

static struct wide wide_power10(unsigned exponent)
{
	struct wide out = wide_one;
	for (; exponent > 0; exponent--)
		out = wide_product(out, (struct wide){{10}});
	return out;
}

/* Is `q` (toward zero, or away from it when `away`) what `status` and `out` say, and overflow exactly when it must be?
 */
static bool quotient_is(struct wide n, struct wide d, bool away, int status, struct aq_amt out, struct aq_amt most)
{
	if (status != AQ_OK) { /* then the quotient is at least most + 1, or above most when rounded away */
		struct wide limit = wide_product(away ? wide_of(most) : wide_sum(wide_of(most), wide_one), d);
		return status == AQ_EOVERFLOW && (away ? wide_compare(n, limit) > 0 : wide_compare(n, limit) >= 0);
	}
	struct wide q = wide_of(out), product = wide_product(q, d);
	if (away)
		return wide_compare(product, n) >= 0 && wide_compare(wide_difference(product, n), d) < 0;
	return wide_compare(product, n) <= 0 && wide_compare(wide_difference(n, product), d) < 0;
}

static bool sign_fits(struct aq_amt out, bool negative)
{
	return aq_amt_sign(out) == 0 || (aq_amt_sign(out) < 0) == negative;
}

/* ---- random rounds ---- */

static void test_text_round_trip(void **unused)
{
	char text[48];
	for (int i = rounds(); i > 0; i--) {
		int64_t value = random_int(), back = 0;
		unsigned digits = (unsigned)(random_bits() % 19), least = (unsigned)(random_bits() % 19);
		int length = aq_dec_print(value, digits, least, text);
		if ((size_t)length != strlen(text) || aq_dec_parse(text, (size_t)length, digits, &back) != AQ_OK ||
			back != value)
			fail_msg("%lld with %u digits -> %s -> %lld", (long long)value, digits, text, (long long)back);
		struct aq_amt amount = random_amt(), again = {0};
		length = aq_amt_print(amount, least, text);
		if ((size_t)length != strlen(text) || length >= 48 ||
			aq_amt_parse(text, (size_t)length, &again) != AQ_OK || aq_amt_cmp(amount, again) != 0)
			fail_msg("amount %s does not come back", text);
	}
}

static void check_products(struct aq_amt a, struct aq_amt b)
{
	static const struct wide one = {{0xa7640000, 0x0de0b6b3}}; /* 10^18 */
	struct aq_amt down = {0}, up = {0};
	bool negative = (a.hi < 0) != (b.hi < 0);
	struct wide n = wide_product(wide_of(a), wide_of(b));
	int status = aq_amt_mul_zero(a, b, &down);
	assert_true(quotient_is(n, one, false, status, down, MAX_AMT) && sign_fits(down, negative));
	status = aq_amt_mul_up(a, b, &up);
	assert_true(quotient_is(n, one, !negative, status, up, MAX_AMT) && sign_fits(up, negative));
	n = wide_product(wide_of(a), one);
	status = aq_amt_div_zero(a, b, &down);
	if (aq_amt_sign(b) == 0)
		assert_int_equal(status, AQ_EINVAL);
	else
		assert_true(quotient_is(n, wide_of(b), false, status, down, MAX_AMT) && sign_fits(down, negative));
}

static void check_part(struct aq_amt a, int64_t n, int64_t d)
{
	struct aq_amt out = {0};
	int status = aq_amt_part_zero(a, n, d, &out);
	if (d <= 0) {
		assert_int_equal(status, AQ_EINVAL);
		return;
	}
	assert_true(quotient_is(wide_product(wide_of(a), wide_of_int(n)), wide_of_int(d), false, status, out, MAX_AMT));
	assert_true(sign_fits(out, (a.hi < 0) != (n < 0)));
}

static void check_notional(
	int64_t price, unsigned px_digits, int64_t qty, unsigned qty_digits, const struct wide *powers)
{
	struct aq_amt out = {0}, back;
	int64_t result = 0;
	const struct aq_amt most = {INT64_MAX, 0};
	struct wide n = wide_product(wide_product(wide_of_int(price), wide_of_int(qty)), powers[18]);
	int status = aq_notional_zero(price, px_digits, qty, qty_digits, &out);
	assert_true(quotient_is(n, powers[px_digits + qty_digits], false, status, out, MAX_AMT));
	if (status != AQ_OK)
		return;
	n = wide_product(wide_of(out), powers[px_digits + qty_digits]);
	if (price > 0) {
		status = aq_qty_for_down(out, price, px_digits, qty_digits, &result);
		back = (struct aq_amt){(uint64_t)result, result < 0 ? -1 : 0};
		assert_true(
			quotient_is(n, wide_product(wide_of_int(price), powers[18]), out.hi < 0, status, back, most));
	}
	if (qty != 0) {
		status = aq_px_of_zero(out, qty, qty_digits, px_digits, &result);
		back = (struct aq_amt){(uint64_t)result, result < 0 ? -1 : 0};
		assert_true(quotient_is(n, wide_product(wide_of_int(qty), powers[18]), false, status, back, most));
	}
}

static void test_products_and_quotients(void **unused)
{
	struct wide powers[37];
	for (unsigned i = 0; i < 37; i++)
		powers[i] = wide_power10(i);
	for (int i = rounds(); i > 0; i--) {
		check_products(random_amt(), random_amt());
		check_part(random_amt(), random_int(), random_int());
		check_notional(random_int(), (unsigned)(random_bits() % 19), random_int(),
			(unsigned)(random_bits() % 19), powers);
	}
}

/* The same against long division; few rounds, since each takes 320 steps. */
static void test_long_division(void **unused)
{
	for (int i = rounds() / 200 + 1; i > 0; i--) {
		struct aq_amt a = random_amt(), b = random_amt(), out;
		int64_t n = random_int(), d = random_int() | 1;
		if (aq_amt_sign(b) != 0 && aq_amt_div_zero(a, b, &out) == AQ_OK) {
			struct wide q = wide_quotient(wide_product(wide_of(a), wide_power10(18)), wide_of(b));
			assert_int_equal(wide_compare(q, wide_of(out)), 0);
		}
		if (d > 0 && aq_amt_part_zero(a, n, d, &out) == AQ_OK) {
			struct wide q = wide_quotient(wide_product(wide_of(a), wide_of_int(n)), wide_of_int(d));
			assert_int_equal(wide_compare(q, wide_of(out)), 0);
		}
		if (aq_amt_mul_zero(a, b, &out) == AQ_OK) {
			struct wide q = wide_quotient(wide_product(wide_of(a), wide_of(b)), wide_power10(18));
			assert_int_equal(wide_compare(q, wide_of(out)), 0);
		}
	}
}

/* Quotients whose lower half is all ones, or nearly: a division by halves estimates that half too large. */
static void test_full_halves(void **unused)
{
	for (int i = rounds() / 4 + 1; i > 0; i--) {
		struct aq_amt q = {.lo = UINT64_MAX - random_bits() % 3, .hi = (int64_t)(random_bits() % 1000)}, a, out;
		struct aq_amt b = {.lo = random_bits(), .hi = (int64_t)(random_bits() >> (1 + random_bits() % 48))};
		if (b.hi == 0 || aq_amt_mul_up(q, b, &a) != AQ_OK)
			continue;
		assert_int_equal(aq_amt_div_zero(a, b, &out), AQ_OK);
		assert_int_equal(aq_amt_cmp(out, q), 0); /* a is q * b and less than b / 10^18 more */
	}
}

static void test_sums(void **unused)
{
	for (int i = rounds(); i > 0; i--) {
		struct aq_amt a = random_amt(), b = random_amt(), sum, back;
		bool same_sign = (a.hi < 0) == (b.hi < 0);
		struct wide size = wide_sum(wide_of(a), wide_of(b));
		bool fits = !same_sign || wide_compare(size, wide_of(MAX_AMT)) <= 0;
		assert_int_equal(aq_amt_add(a, b, &sum), fits ? AQ_OK : AQ_EOVERFLOW);
		if (!fits)
			continue;
		if (same_sign)
			assert_int_equal(wide_compare(wide_of(sum), size), 0);
		assert_int_equal(aq_amt_sub(sum, b, &back), AQ_OK);
		assert_int_equal(aq_amt_cmp(back, a), 0);
		assert_int_equal(aq_amt_cmp(a, b), aq_amt_cmp(aq_amt_neg(b), aq_amt_neg(a)));
	}
}

static void test_steps(void **unused)
{
	static const int64_t ticks[] = {1, 3, 5, 7, 25, 50, 125, 500, 12345, 99999999977, INT64_MAX};
	for (int i = rounds(); i > 0; i--) {
		int64_t value = random_int(), step = ticks[i % (sizeof(ticks) / sizeof(*ticks))], up = 0;
		int64_t down = aq_step_down(value, step);
		if (down == AQ_NONE)
			assert_true(value < 0 && value < -INT64_MAX + step);
		else
			assert_true(
				down % step == 0 && down <= value && (uint64_t)value - (uint64_t)down < (uint64_t)step);
		int status = aq_step_up(value, step, &up);
		if (status != AQ_OK)
			assert_true(status == AQ_EOVERFLOW && value > INT64_MAX - step);
		else
			assert_true(up % step == 0 && up >= value && (uint64_t)up - (uint64_t)value < (uint64_t)step);
	}
}

/* ---- single cases ---- */

static void test_parse_cases(void **unused)
{
	static const struct {
		const char *text;
		unsigned digits;
		int status;
		int64_t value;
	} cases[] = {{"-12.3400", 2, AQ_OK, -1234}, {"61737.63000000", 8, AQ_OK, 6173763000000}, {"0", 8, AQ_OK, 0},
		{"-0.00", 1, AQ_OK, 0}, {"+7", 1, AQ_OK, 70}, {"1e-8", 8, AQ_OK, 1}, {"1E2", 0, AQ_OK, 100},
		{"12.5e1", 0, AQ_OK, 125}, {"1e-9", 8, AQ_EFORMAT, 0}, {"0.1", 0, AQ_EFORMAT, 0},
		{"0.123456789", 8, AQ_EFORMAT, 0}, {"0.12345678000000000000000000000", 8, AQ_OK, 12345678},
		{"000000000000000000000000000012.5", 1, AQ_OK, 125}, {"0e999999999999999", 3, AQ_OK, 0},
		{"9223372036854775807", 0, AQ_OK, INT64_MAX}, {"-9223372036854775807", 0, AQ_OK, -INT64_MAX},
		{"-9223372036854775808", 0, AQ_EOVERFLOW, 0}, {"9223372036854775808", 0, AQ_EOVERFLOW, 0},
		{"92233720368.54775807", 8, AQ_OK, INT64_MAX}, {"92233720368.54775808", 8, AQ_EOVERFLOW, 0},
		{"123456789012", 8, AQ_EOVERFLOW, 0}, {"9.223372036854775808", 18, AQ_EOVERFLOW, 0},
		{"1e400", 0, AQ_EOVERFLOW, 0}, {"99999999999999999999999999999999999999999999", 0, AQ_EOVERFLOW, 0},
		{"0.00000000000000000000000000000000000000000000000001", 18, AQ_EFORMAT, 0}, {"", 0, AQ_EFORMAT, 0},
		{"-", 0, AQ_EFORMAT, 0}, {".5", 1, AQ_EFORMAT, 0}, {"5.", 1, AQ_EFORMAT, 0}, {"1e", 0, AQ_EFORMAT, 0},
		{"1e+", 0, AQ_EFORMAT, 0}, {"--1", 0, AQ_EFORMAT, 0}, {" 1", 0, AQ_EFORMAT, 0},
		{"1 ", 0, AQ_EFORMAT, 0}, {"1.2.3", 3, AQ_EFORMAT, 0}, {"0x10", 0, AQ_EFORMAT, 0},
		{"nan", 0, AQ_EFORMAT, 0}, {"12345678/", 8, AQ_EFORMAT, 0}, {"1.2345678:", 8, AQ_EFORMAT, 0},
		{"1,5", 1, AQ_EFORMAT, 0}, {"1", 19, AQ_EINVAL, 0}};
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		int64_t value = 4711;
		int status = aq_dec_parse(cases[i].text, strlen(cases[i].text), cases[i].digits, &value);
		if (status != cases[i].status || value != (status == AQ_OK ? cases[i].value : 4711))
			fail_msg("%s: status %d, value %lld", cases[i].text, status, (long long)value);
	}
}

/* Every byte in every place of a number: accepted exactly when it is a digit, or the sign in front. */
static void test_parse_bytes(void **unused)
{
	static const char sample[] = "1234567.12345678";
	for (size_t place = 0; place < sizeof(sample) - 1; place++) {
		for (int byte = 0; byte < 256; byte++) {
			char text[sizeof(sample)];
			int64_t value;
			memcpy(text, sample, sizeof(sample));
			text[place] = (char)byte;
			bool digit = byte >= '0' && byte <= '9', point = place == 7;
			bool good =
				point ? byte == '.' || digit : digit || (place == 0 && (byte == '-' || byte == '+'));
			bool exponent = (byte == 'e' || byte == 'E') && place > 0 && place < sizeof(sample) - 2;
			int status = aq_dec_parse(text, sizeof(sample) - 1, 8, &value);
			if (!exponent && !(point && digit) && (status == AQ_OK) != good)
				fail_msg("%s: status %d", text, status);
			if (point && digit)
				assert_int_equal(status, AQ_EOVERFLOW);
		}
	}
}

static void expect_amount(struct aq_amt value, unsigned least, const char *text)
{
	char out[48];
	aq_amt_print(value, least, out);
	assert_string_equal(out, text);
}

static struct aq_amt amount(const char *text)
{
	struct aq_amt out;
	assert_int_equal(aq_amt_parse(text, strlen(text), &out), AQ_OK);
	return out;
}

static void test_print(void **unused)
{
	char out[48];
	assert_int_equal(aq_dec_print(AQ_NONE, 8, 2, out), 1);
	assert_string_equal(out, "-");
	assert_int_equal(aq_dec_print(-1234, 2, 0, out), 6);
	assert_string_equal(out, "-12.34");
	aq_dec_print(1200, 2, 0, out);
	assert_string_equal(out, "12");
	aq_dec_print(5, 8, 2, out);
	assert_string_equal(out, "0.00000005");
	aq_dec_print(7, 0, 3, out);
	assert_string_equal(out, "7.000");
	expect_amount(aq_amt_of(-5), 2, "-5.00");
	expect_amount(MAX_AMT, 0, "170141183460469231731.687303715884105727");
	expect_amount(aq_amt_neg(MAX_AMT), 18, "-170141183460469231731.687303715884105727");
	aq_amt_print_short(amount("-1.239"), 0, 2, out);
	assert_string_equal(out, "-1.23");
	aq_amt_print_short(amount("-0.004"), 2, 2, out);
	assert_string_equal(out, "0.00");
	aq_amt_print_short(amount("2.5"), 4, 2, out);
	assert_string_equal(out, "2.5000");
}

static void test_amount_overflow(void **unused)
{
	struct aq_amt out = aq_amt_of(1), lowest = {0, INT64_MIN}, tiny = {1, 0}, half = amount("0.5");
	int64_t value = 3;
	assert_int_equal(aq_amt_add(MAX_AMT, tiny, &out), AQ_EOVERFLOW);
	assert_int_equal(aq_amt_sub(aq_amt_neg(MAX_AMT), tiny, &out), AQ_EOVERFLOW);
	assert_int_equal(aq_amt_mul_zero(MAX_AMT, aq_amt_of(2), &out), AQ_EOVERFLOW);
	assert_int_equal(aq_amt_mul_up(MAX_AMT, amount("1.000000000000000001"), &out), AQ_EOVERFLOW);
	assert_int_equal(aq_amt_mul_zero(MAX_AMT, MAX_AMT, &out), AQ_EOVERFLOW);
	assert_int_equal(aq_amt_div_zero(MAX_AMT, half, &out), AQ_EOVERFLOW);
	assert_int_equal(aq_amt_div_zero(MAX_AMT, aq_amt_zero(), &out), AQ_EINVAL);
	assert_int_equal(aq_amt_part_zero(MAX_AMT, 3, 2, &out), AQ_EOVERFLOW);
	assert_int_equal(aq_amt_part_zero(MAX_AMT, 3, 0, &out), AQ_EINVAL);
	assert_int_equal(aq_amt_to_scaled_down(MAX_AMT, 0, &value), AQ_EOVERFLOW);
	assert_int_equal(aq_amt_to_scaled_up(amount("9223372036854775807.1"), 0, &value), AQ_EOVERFLOW);
	assert_int_equal(aq_notional_zero(INT64_MAX, 0, INT64_MAX, 0, &out), AQ_EOVERFLOW);
	assert_int_equal(aq_notional_zero(AQ_NONE, 0, 1, 0, &out), AQ_EINVAL);
	assert_int_equal(aq_qty_for_down(aq_amt_of(1000), 1, 18, 18, &value), AQ_EOVERFLOW);
	assert_int_equal(aq_qty_for_down(aq_amt_of(1000), 0, 2, 2, &value), AQ_EINVAL);
	assert_int_equal(aq_px_of_zero(aq_amt_of(1000), 0, 2, 2, &value), AQ_EINVAL);
	assert_int_equal(aq_rescale(INT64_MAX / 10 + 1, 0, 1, &value), AQ_EOVERFLOW);
	assert_int_equal(aq_rescale(15, 1, 0, &value), AQ_EFORMAT);
	assert_int_equal(aq_step_up(INT64_MAX - 1, 10, &value), AQ_EOVERFLOW);
	assert_int_equal(aq_step_up(5, 0, &value), AQ_EINVAL);
	assert_int_equal(value, 3); /* untouched by any of them */
	assert_int_equal(aq_amt_cmp(out, aq_amt_of(1)), 0);
	assert_true(aq_step_down(-INT64_MAX, 10) == AQ_NONE && aq_step_down(5, 0) == AQ_NONE);
	assert_int_equal(aq_amt_cmp(aq_amt_neg(lowest), MAX_AMT), 0);
	assert_int_equal(aq_amt_cmp(aq_amt_abs(lowest), MAX_AMT), 0);
}

static void test_directions(void **unused)
{
	int64_t value;
	assert_int_equal(aq_amt_to_scaled_down(amount("-1.231"), 2, &value), AQ_OK);
	assert_int_equal(value, -124);
	assert_int_equal(aq_amt_to_scaled_up(amount("-1.239"), 2, &value), AQ_OK);
	assert_int_equal(value, -123);
	assert_int_equal(aq_amt_to_scaled_zero(amount("-1.239"), 2, &value), AQ_OK);
	assert_int_equal(value, -123);
	assert_int_equal(aq_amt_to_scaled_up(amount("1.231"), 2, &value), AQ_OK);
	assert_int_equal(value, 124);
	assert_int_equal(aq_amt_to_scaled_down(amount("1.239"), 2, &value), AQ_OK);
	assert_int_equal(value, 123);
	assert_int_equal(aq_step_down(-7, 5), -10);
	assert_int_equal(aq_step_up(-7, 5, &value), AQ_OK);
	assert_int_equal(value, -5);
	assert_int_equal(aq_qty_for_down(amount("-10"), 3, 0, 0, &value), AQ_OK);
	assert_int_equal(value, -4);
	assert_int_equal(aq_px_of_zero(amount("-10"), 3, 0, 0, &value), AQ_OK);
	assert_int_equal(value, -3);
	assert_int_equal(aq_rescale(-1200, 3, 1, &value), AQ_OK);
	assert_int_equal(value, -12);
	assert_int_equal(aq_amt_sign(amount("-0.000000000000000001")), -1);
	assert_int_equal(aq_amt_sign(aq_amt_zero()), 0);
	assert_int_equal(aq_amt_sign(amount("0.000000000000000001")), 1);
}

static void test_doubles(void **unused)
{
	assert_int_equal(aq_dec_of_double_down(0.3 / 0.1, 0, 1), 3);
	assert_int_equal(aq_dec_of_double_up(0.1 * 3, 1, 1), 3);
	assert_int_equal(aq_dec_of_double_down(2.999, 0, 1), 2);
	assert_int_equal(aq_dec_of_double_up(2.001, 0, 1), 3);
	assert_int_equal(aq_dec_of_double_down(-2.001, 0, 1), -3);
	assert_int_equal(aq_dec_of_double_up(-2.999, 0, 1), -2);
	assert_int_equal(aq_dec_of_double_down(61737.63, 8, 1), 6173763000000);
	assert_int_equal(aq_dec_of_double_down(10.07, 2, 25), 1000);
	assert_int_equal(aq_dec_of_double_up(10.07, 2, 25), 1025);
	assert_true(aq_dec_of_double_down(NAN, 2, 1) == AQ_NONE && aq_dec_of_double_up(INFINITY, 2, 1) == AQ_NONE);
	assert_true(aq_dec_of_double_up(1e19, 0, 1) == AQ_NONE && aq_dec_of_double_down(-1e10, 9, 1) == AQ_NONE);
	assert_true(aq_dec_of_double_down(1, 0, 0) == AQ_NONE);
	assert_true(isnan(aq_dec_to_double(AQ_NONE, 2)));
	assert_true(aq_dec_to_double(6173763, 2) == 61737.63 && aq_amt_to_double(amount("-0.25")) == -0.25);
}

/* Every price with two digits up to 200,000 is a whole number of hundredths and of 10^-8, whichever way it is rounded.
 */
static void test_every_price(void **unused)
{
	for (int64_t cents = 0; cents <= 20000000; cents++) {
		double price = aq_dec_to_double(cents, 2);
		if (aq_dec_of_double_down(price, 2, 1) != cents || aq_dec_of_double_up(price, 2, 1) != cents ||
			aq_dec_of_double_down(price, 8, 1) != cents * 1000000 ||
			aq_dec_of_double_up(-price, 8, 1000000) != -cents * 1000000)
			fail_msg("%.2f is not exact", price);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_text_round_trip),
		cmocka_unit_test(test_products_and_quotients), cmocka_unit_test(test_long_division),
		cmocka_unit_test(test_full_halves), cmocka_unit_test(test_sums), cmocka_unit_test(test_steps),
		cmocka_unit_test(test_parse_cases), cmocka_unit_test(test_parse_bytes), cmocka_unit_test(test_print),
		cmocka_unit_test(test_amount_overflow), cmocka_unit_test(test_directions),
		cmocka_unit_test(test_doubles), cmocka_unit_test(test_every_price)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
