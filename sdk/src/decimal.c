/* decimal.c: see decimal.h. A number is a sign and a magnitude here: that makes "toward zero" the natural division and
 * leaves one place, finish(), where a direction is applied and the range is checked. */
#include <decimal.h>

#include <math.h>
#include <stdbool.h>
#include <string.h>

typedef unsigned __int128 u128;
typedef __int128 i128;

#define ONE UINT64_C(1000000000000000000) /* 10^AQ_AMT_DIGITS */
#define AMT_MAX (~(u128)0 >> 1)

enum way { ZERO, DOWN, UP };

static const uint64_t power10[] = {1u, 10u, 100u, 1000u, 10000u, 100000u, 1000000u, 10000000u, 100000000u, 1000000000u,
	10000000000u, 100000000000u, 1000000000000u, 10000000000000u, 100000000000000u, 1000000000000000u,
	10000000000000000u, 100000000000000000u, ONE};

/* ---- magnitudes ---- */

static u128 size_of(struct aq_amt a)
{
	u128 bits = (u128)(uint64_t)a.hi << 64 | a.lo;
	return a.hi < 0 ? -bits : bits;
}

static uint64_t size_of_int(int64_t value)
{
	return value < 0 ? -(uint64_t)value : (uint64_t)value;
}

static struct aq_amt make(bool negative, u128 size)
{
	u128 bits = negative ? -size : size;
	return (struct aq_amt){.lo = (uint64_t)bits, .hi = (int64_t)(uint64_t)(bits >> 64)};
}

/* Rounds away from zero if the direction asks for it and something was cut off. False = it would wrap. */
static bool round_size(u128 *size, bool rest, bool negative, enum way way)
{
	if (rest && way == (negative ? DOWN : UP))
		return ++*size != 0;
	return true;
}

static int finish_amt(bool negative, u128 size, bool rest, enum way way, struct aq_amt *out)
{
	if (!round_size(&size, rest, negative, way) || size > AMT_MAX)
		return AQ_EOVERFLOW;
	*out = make(negative, size);
	return AQ_OK;
}

static int finish_int(bool negative, u128 size, bool rest, enum way way, int64_t *out)
{
	if (!round_size(&size, rest, negative, way) || size > INT64_MAX)
		return AQ_EOVERFLOW;
	*out = negative ? -(int64_t)size : (int64_t)size;
	return AQ_OK;
}

/* ---- 256 bits ---- */

static void multiply(u128 a, u128 b, u128 *high, u128 *low)
{
	uint64_t a1 = (uint64_t)(a >> 64), a0 = (uint64_t)a, b1 = (uint64_t)(b >> 64), b0 = (uint64_t)b;
	u128 p00 = (u128)a0 * b0, p01 = (u128)a0 * b1, p10 = (u128)a1 * b0, p11 = (u128)a1 * b1;
	u128 middle = (p00 >> 64) + (uint64_t)p01 + (uint64_t)p10;
	*low = middle << 64 | (uint64_t)p00;
	*high = p11 + (p01 >> 64) + (p10 >> 64) + (middle >> 64);
}

/* One 64-bit digit of (rest * 2^64 + next) / d, with the top bit of d set and rest < d; at most two corrections. */
static uint64_t quotient_digit(u128 *rest, uint64_t next, u128 d)
{
	uint64_t d1 = (uint64_t)(d >> 64), d0 = (uint64_t)d;
	u128 digit = (uint64_t)(*rest >> 64) >= d1 ? UINT64_MAX : *rest / d1;
	u128 over = *rest - digit * d1;
	while (over >> 64 == 0 && digit * d0 > (over << 64 | next)) {
		digit--;
		over += d1;
	}
	*rest = (over << 64 | next) - digit * d0;
	return (uint64_t)digit;
}

/* (high * 2^128 + low) / d with high < d, so that the quotient fits. */
static u128 divide(u128 high, u128 low, u128 d, bool *rest)
{
	if (d >> 64 == 0) {
		u128 first = high << 64 | low >> 64, first_quotient = first / d;
		u128 second = (first - first_quotient * d) << 64 | (uint64_t)low, second_quotient = second / d;
		*rest = second != second_quotient * d;
		return first_quotient << 64 | second_quotient;
	}
	int shift = __builtin_clzll((unsigned long long)(d >> 64));
	if (shift > 0) {
		high = high << shift | low >> (128 - shift);
		low <<= shift;
		d <<= shift;
	}
	uint64_t first = quotient_digit(&high, (uint64_t)(low >> 64), d);
	uint64_t second = quotient_digit(&high, (uint64_t)low, d);
	*rest = high != 0;
	return (u128)first << 64 | second;
}

/* a * b / d; false = the quotient has more than 128 bits. */
static bool multiply_divide(u128 a, u128 b, u128 d, u128 *out, bool *rest)
{
	u128 high, low;
	multiply(a, b, &high, &low);
	if (high >= d)
		return false;
	if (high != 0) {
		*out = divide(high, low, d, rest);
	} else {
		/* 1 and 2 are what is divided by most; a multiplication costs a tenth of a second division. */
		*out = d <= 2 ? low >> (d - 1) : low / d;
		*rest = low != *out * d;
	}
	return true;
}

/* ---- text to number ---- */

/* Eight digits, the first in the lowest byte, as a number: three multiplications instead of eight. */
static inline uint64_t join_digits(uint64_t digits)
{
	digits = digits * 10 + (digits >> 8);
	return ((digits & UINT64_C(0x000000ff000000ff)) * UINT64_C(0x000f424000000064) +
		       (digits >> 16 & UINT64_C(0x000000ff000000ff)) * UINT64_C(0x0000271000000001)) >>
	       32;
}

/* Consumes digits, at most `limit` of them. The caller has made sure that they fit. Branches on what it finds instead
 * of counting: numbers of one book are alike, so the next number starts before this one is done. */
static inline const char *take_digits(const char *at, const char *end, unsigned limit, uint64_t *value)
{
	uint64_t sum = *value;
	for (; limit > 0 && at < end; limit--, at++) {
		unsigned digit = (unsigned)(unsigned char)*at - '0';
		if (digit > 9)
			break;
		sum = sum * 10 + digit;
	}
	*value = sum;
	return at;
}

static inline const char *take_eight(const char *at, const char *end, unsigned limit, uint64_t *value)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	if (end - at >= 8 && limit >= 8) {
		uint64_t digits;
		memcpy(&digits, at, sizeof(digits));
		digits ^= UINT64_C(0x3030303030303030);
		if ((((digits + UINT64_C(0x7676767676767676)) | digits) & UINT64_C(0x8080808080808080)) == 0) {
			*value = *value * 100000000u + join_digits(digits);
			return at + 8;
		}
	}
#endif
	return at;
}

/* So many digits in front of the point and `digits` behind it cannot overflow whatever they are. */
#define PLAIN_DIGITS 18

size_t aq_dec_take(const char *text, const char *end, unsigned digits, int64_t *out)
{
	uint64_t value = 0;
	unsigned missing = digits;
	if (text == end || digits >= PLAIN_DIGITS)
		return 0;
	bool negative = *text == '-';
	const char *start = text + negative, *at = take_digits(start, end, PLAIN_DIGITS - digits, &value);
	if (at == start)
		return 0;
	if (end - at >= 2 && *at == '.') {
		start = at + 1;
		at = take_eight(start, end, digits, &value);
		at = take_digits(at, end, digits - (unsigned)(at - start), &value);
		missing -= (unsigned)(at - start);
		while (at < end && *at == '0')
			at++;
		if (at == start)
			return 0;
	}
	if (at < end && ((*at >= '0' && *at <= '9') || *at == '.' || *at == 'e' || *at == 'E'))
		return 0; /* it goes on, or is not written plainly */
	value *= power10[missing];
	*out = negative ? -(int64_t)value : (int64_t)value;
	return (size_t)(at - text);
}

struct number {
	u128 mantissa; /* without the zeros at both ends */
	int exponent;  /* of ten */
	bool negative;
	bool too_long; /* the mantissa has more than 128 bits */
};

static void take_digit(struct number *n, unsigned digit, int *zeros)
{
	if (digit == 0) {
		++*zeros; /* of no consequence unless another digit follows */
		return;
	}
	for (; *zeros >= 0; --*zeros) {
		u128 next;
		unsigned unit = *zeros == 0 ? digit : 0;
		if (n->mantissa == 0 && unit == 0)
			continue;
		if (__builtin_mul_overflow(n->mantissa, (u128)10, &next) ||
			__builtin_add_overflow(next, (u128)unit, &next)) {
			n->too_long = true;
			break;
		}
		n->mantissa = next;
	}
	*zeros = 0;
}

static bool is_digit(const char *at, const char *end)
{
	return at < end && *at >= '0' && *at <= '9';
}

static bool parse_exponent(const char *at, const char *end, int *exponent)
{
	int value = 0;
	bool negative = at < end && *at == '-';
	if (at < end && (*at == '-' || *at == '+'))
		at++;
	if (!is_digit(at, end))
		return false;
	for (; is_digit(at, end); at++) {
		if (value < 100000) /* beyond every range already; the rest of its digits changes nothing */
			value = value * 10 + (*at - '0');
	}
	*exponent += negative ? -value : value;
	return at == end;
}

static bool parse_any(const char *at, const char *end, struct number *n)
{
	int zeros = 0;
	size_t behind = 0;
	*n = (struct number){.negative = at < end && *at == '-'};
	if (at < end && (*at == '-' || *at == '+'))
		at++;
	if (end - at > 4096 || !is_digit(at, end))
		return false;
	for (; is_digit(at, end); at++)
		take_digit(n, (unsigned)(*at - '0'), &zeros);
	if (at < end && *at == '.') {
		at++;
		if (!is_digit(at, end))
			return false;
		for (; is_digit(at, end); at++, behind++)
			take_digit(n, (unsigned)(*at - '0'), &zeros);
	}
	n->exponent = zeros - (int)behind;
	if (at < end && (*at == 'e' || *at == 'E'))
		return parse_exponent(at + 1, end, &n->exponent);
	return at == end;
}

/* The magnitude at 10^-digits. */
static int scale_number(const struct number *n, unsigned digits, u128 *out)
{
	int shift = n->exponent + (int)digits;
	u128 size = n->mantissa;
	if (size == 0 && !n->too_long) {
		*out = 0;
		return AQ_OK;
	}
	if (shift < 0)
		return AQ_EFORMAT; /* the last digit of the mantissa is not 0, so something would be lost */
	if (n->too_long || shift > 38)
		return AQ_EOVERFLOW;
	for (; shift > 0; shift--) {
		if (__builtin_mul_overflow(size, (u128)10, &size))
			return AQ_EOVERFLOW;
	}
	*out = size;
	return AQ_OK;
}

static int parse_slow(const char *text, size_t length, unsigned digits, bool *negative, u128 *size)
{
	struct number n;
	if (text == NULL || digits > AQ_AMT_DIGITS)
		return AQ_EINVAL;
	if (!parse_any(text, text + length, &n))
		return AQ_EFORMAT;
	*negative = n.negative;
	return scale_number(&n, digits, size);
}

static int parse_int_slow(const char *text, size_t length, unsigned digits, int64_t *out)
{
	bool negative;
	u128 size;
	int status = parse_slow(text, length, digits, &negative, &size);
	return status < 0 ? status : finish_int(negative, size, false, ZERO, out);
}

int aq_dec_parse(const char *text, size_t length, unsigned digits, int64_t *out)
{
	int64_t value;
	if (text == NULL || length == 0 || aq_dec_take(text, text + length, digits, &value) != length)
		return parse_int_slow(text, length, digits, out);
	*out = value;
	return AQ_OK;
}

int aq_dec_split(const char *text, size_t length, struct aq_dec_parts *out)
{
	struct number n;
	if (text == NULL)
		return AQ_EINVAL;
	if (!parse_any(text, text + length, &n))
		return AQ_EFORMAT;
	if (n.too_long || n.mantissa > AMT_MAX)
		return AQ_EOVERFLOW;
	*out = (struct aq_dec_parts){make(false, n.mantissa), n.mantissa == 0 ? 0 : n.exponent, n.negative};
	return AQ_OK;
}

int aq_amt_parse(const char *text, size_t length, struct aq_amt *out)
{
	bool negative;
	u128 size;
	int status = parse_slow(text, length, AQ_AMT_DIGITS, &negative, &size);
	return status < 0 ? status : finish_amt(negative, size, false, ZERO, out);
}

/* ---- number to text ---- */

/* The digits of `value`, the last one first, at least `least` of them; their number. */
static int reverse_digits(uint64_t value, int least, char *out)
{
	int count = 0;
	while (value != 0 || count < least) {
		out[count++] = (char)('0' + (int)(value % 10));
		value /= 10;
	}
	return count;
}

/* 128-bit division is a call: two steps of 19 digits instead of 39 of one. */
static int reverse_all(u128 size, int least, char *out)
{
	const uint64_t step = ONE * 10;
	if (size >> 64 == 0)
		return reverse_digits((uint64_t)size, least, out);
	int count = reverse_digits((uint64_t)(size % step), 19, out);
	return count + reverse_digits((uint64_t)(size / step), least - count, out + count);
}

/* `size` at 10^-digits. With at most AQ_AMT_DIGITS of them behind the point and 39 in all, 48 bytes suffice. */
static int print_size(bool negative, u128 size, unsigned digits, unsigned min_digits, char *out)
{
	char reversed[64];
	int count = reverse_all(size, (int)digits + 1, reversed), point = (int)digits, last = 0, length = 0;
	while (last < point - (int)min_digits && reversed[last] == '0')
		last++;
	if (negative && size != 0)
		out[length++] = '-';
	while (count > point)
		out[length++] = reversed[--count];
	if (last < point || min_digits > 0)
		out[length++] = '.';
	while (count > last)
		out[length++] = reversed[--count];
	for (; point < (int)min_digits; point++)
		out[length++] = '0';
	out[length] = '\0';
	return length;
}

static unsigned at_most(unsigned digits, unsigned limit)
{
	return digits < limit ? digits : limit;
}

int aq_dec_print(int64_t value, unsigned digits, unsigned min_digits, char *out)
{
	if (value == AQ_NONE) {
		out[0] = '-';
		out[1] = '\0';
		return 1;
	}
	return print_size(
		value < 0, size_of_int(value), at_most(digits, AQ_AMT_DIGITS), at_most(min_digits, AQ_AMT_DIGITS), out);
}

int aq_amt_print(struct aq_amt value, unsigned min_digits, char *out)
{
	return print_size(value.hi < 0, size_of(value), AQ_AMT_DIGITS, at_most(min_digits, AQ_AMT_DIGITS), out);
}

int aq_amt_print_short(struct aq_amt value, unsigned min_digits, unsigned max_digits, char *out)
{
	unsigned most = at_most(max_digits, AQ_AMT_DIGITS);
	return print_size(value.hi < 0, size_of(value) / power10[AQ_AMT_DIGITS - most], most,
		at_most(min_digits, AQ_AMT_DIGITS), out);
}

/* ---- amounts ---- */

struct aq_amt aq_amt_zero(void)
{
	return (struct aq_amt){0};
}

struct aq_amt aq_amt_of(int64_t units)
{
	return make(units < 0, (u128)size_of_int(units) * ONE);
}

struct aq_amt aq_amt_neg(struct aq_amt a)
{
	u128 size = size_of(a);
	return make(a.hi >= 0, size > AMT_MAX ? AMT_MAX : size);
}

struct aq_amt aq_amt_abs(struct aq_amt a)
{
	return a.hi < 0 ? aq_amt_neg(a) : a;
}

int aq_amt_cmp(struct aq_amt a, struct aq_amt b)
{
	if (a.hi != b.hi)
		return a.hi < b.hi ? -1 : 1;
	return a.lo == b.lo ? 0 : a.lo < b.lo ? -1 : 1;
}

int aq_amt_sign(struct aq_amt a)
{
	return a.hi < 0 ? -1 : (a.hi | (int64_t)(a.lo != 0)) != 0;
}

int aq_amt_add(struct aq_amt a, struct aq_amt b, struct aq_amt *out)
{
	i128 sum;
	i128 left = (i128)((u128)(uint64_t)a.hi << 64 | a.lo), right = (i128)((u128)(uint64_t)b.hi << 64 | b.lo);
	if (__builtin_add_overflow(left, right, &sum) || sum < -(i128)AMT_MAX)
		return AQ_EOVERFLOW;
	*out = (struct aq_amt){.lo = (uint64_t)(u128)sum, .hi = (int64_t)(uint64_t)((u128)sum >> 64)};
	return AQ_OK;
}

int aq_amt_sub(struct aq_amt a, struct aq_amt b, struct aq_amt *out)
{
	if (size_of(b) > AMT_MAX)
		return AQ_EOVERFLOW;
	return aq_amt_add(a, aq_amt_neg(b), out);
}

static int amt_multiply_divide(bool negative, u128 a, u128 b, u128 d, enum way way, struct aq_amt *out)
{
	u128 size;
	bool rest;
	if (!multiply_divide(a, b, d, &size, &rest))
		return AQ_EOVERFLOW;
	return finish_amt(negative, size, rest, way, out);
}

static int int_multiply_divide(bool negative, u128 a, u128 b, u128 d, enum way way, int64_t *out)
{
	u128 size;
	bool rest;
	if (!multiply_divide(a, b, d, &size, &rest))
		return AQ_EOVERFLOW;
	return finish_int(negative, size, rest, way, out);
}

int aq_amt_mul_zero(struct aq_amt a, struct aq_amt b, struct aq_amt *out)
{
	return amt_multiply_divide((a.hi < 0) != (b.hi < 0), size_of(a), size_of(b), ONE, ZERO, out);
}

int aq_amt_mul_up(struct aq_amt a, struct aq_amt b, struct aq_amt *out)
{
	return amt_multiply_divide((a.hi < 0) != (b.hi < 0), size_of(a), size_of(b), ONE, UP, out);
}

int aq_amt_div_zero(struct aq_amt a, struct aq_amt b, struct aq_amt *out)
{
	if (aq_amt_sign(b) == 0)
		return AQ_EINVAL;
	return amt_multiply_divide((a.hi < 0) != (b.hi < 0), size_of(a), ONE, size_of(b), ZERO, out);
}

int aq_amt_part_zero(struct aq_amt a, int64_t n, int64_t d, struct aq_amt *out)
{
	if (d <= 0)
		return AQ_EINVAL;
	return amt_multiply_divide((a.hi < 0) != (n < 0), size_of(a), size_of_int(n), (u128)d, ZERO, out);
}

/* ---- amounts and scaled numbers ---- */

int aq_amt_from_scaled(int64_t value, unsigned digits, struct aq_amt *out)
{
	if (value == AQ_NONE || digits > AQ_AMT_DIGITS)
		return AQ_EINVAL;
	*out = make(value < 0, (u128)size_of_int(value) * power10[AQ_AMT_DIGITS - digits]);
	return AQ_OK;
}

static int to_scaled(struct aq_amt a, unsigned digits, enum way way, int64_t *out)
{
	if (digits > AQ_AMT_DIGITS)
		return AQ_EINVAL;
	uint64_t unit = power10[AQ_AMT_DIGITS - digits];
	u128 size = size_of(a);
	return finish_int(a.hi < 0, size / unit, size % unit != 0, way, out);
}

int aq_amt_to_scaled_down(struct aq_amt a, unsigned digits, int64_t *out)
{
	return to_scaled(a, digits, DOWN, out);
}

int aq_amt_to_scaled_up(struct aq_amt a, unsigned digits, int64_t *out)
{
	return to_scaled(a, digits, UP, out);
}

int aq_amt_to_scaled_zero(struct aq_amt a, unsigned digits, int64_t *out)
{
	return to_scaled(a, digits, ZERO, out);
}

int aq_notional_zero(aq_px price, unsigned px_digits, aq_qty qty, unsigned qty_digits, struct aq_amt *out)
{
	if (price == AQ_NONE || qty == AQ_NONE || px_digits > AQ_AMT_DIGITS || qty_digits > AQ_AMT_DIGITS)
		return AQ_EINVAL;
	unsigned digits = px_digits + qty_digits;
	u128 product = (u128)size_of_int(price) * size_of_int(qty);
	bool negative = (price < 0) != (qty < 0);
	if (digits > AQ_AMT_DIGITS)
		return finish_amt(negative, product / power10[digits - AQ_AMT_DIGITS], false, ZERO, out);
	return amt_multiply_divide(negative, product, power10[AQ_AMT_DIGITS - digits], 1, ZERO, out);
}

/* amount / other at 10^-digits, where `other` has as many digits as are left over from the sum `digits`. */
static int amount_over(struct aq_amt amount, int64_t other, unsigned digits, enum way way, int64_t *out)
{
	bool negative = (amount.hi < 0) != (other < 0);
	uint64_t size = size_of_int(other);
	if (digits >= AQ_AMT_DIGITS)
		return int_multiply_divide(negative, size_of(amount), power10[digits - AQ_AMT_DIGITS], size, way, out);
	return int_multiply_divide(
		negative, size_of(amount), 1, (u128)size * power10[AQ_AMT_DIGITS - digits], way, out);
}

int aq_qty_for_down(struct aq_amt amount, aq_px price, unsigned px_digits, unsigned qty_digits, aq_qty *out)
{
	if (price <= 0 || px_digits > AQ_AMT_DIGITS || qty_digits > AQ_AMT_DIGITS)
		return AQ_EINVAL;
	return amount_over(amount, price, px_digits + qty_digits, DOWN, out);
}

int aq_px_of_zero(struct aq_amt amount, aq_qty qty, unsigned qty_digits, unsigned px_digits, aq_px *out)
{
	if (qty == 0 || qty == AQ_NONE || px_digits > AQ_AMT_DIGITS || qty_digits > AQ_AMT_DIGITS)
		return AQ_EINVAL;
	return amount_over(amount, qty, px_digits + qty_digits, ZERO, out);
}

int aq_rescale(int64_t value, unsigned from, unsigned to, int64_t *out)
{
	if (value == AQ_NONE || from > AQ_AMT_DIGITS || to > AQ_AMT_DIGITS)
		return AQ_EINVAL;
	if (to >= from)
		return finish_int(value < 0, (u128)size_of_int(value) * power10[to - from], false, ZERO, out);
	int64_t unit = (int64_t)power10[from - to];
	if (value % unit != 0)
		return AQ_EFORMAT;
	*out = value / unit;
	return AQ_OK;
}

/* ---- steps ---- */

int64_t aq_step_down(int64_t value, int64_t step)
{
	if (step <= 0 || value == AQ_NONE)
		return AQ_NONE;
	int64_t rest = value % step, result;
	if (rest == 0)
		return value;
	if (__builtin_sub_overflow(value, rest < 0 ? rest + step : rest, &result))
		return AQ_NONE;
	return result;
}

int aq_step_up(int64_t value, int64_t step, int64_t *out)
{
	if (step <= 0 || value == AQ_NONE)
		return AQ_EINVAL;
	int64_t rest = value % step, result;
	if (__builtin_add_overflow(value, rest > 0 ? step - rest : -rest, &result))
		return AQ_EOVERFLOW;
	*out = result;
	return AQ_OK;
}

/* ---- doubles ---- */

double aq_dec_to_double(int64_t value, unsigned digits)
{
	if (value == AQ_NONE || digits > AQ_AMT_DIGITS)
		return NAN;
	return (double)value / (double)power10[digits];
}

double aq_amt_to_double(struct aq_amt a)
{
	double size = (double)size_of(a) / (double)ONE;
	return a.hi < 0 ? -size : size;
}

static int64_t of_double(double value, unsigned digits, int64_t step, enum way way)
{
	if (!isfinite(value) || digits > AQ_AMT_DIGITS || step <= 0)
		return AQ_NONE;
	double steps = value * (double)power10[digits] / (double)step;
	double whole = nearbyint(steps);
	/* 0x1p-51: what the literal, the product and the quotient may each have been rounded by, with some to spare. */
	double tolerance = fmax(1e-9, fabs(steps) * 0x1p-51);
	if (fabs(steps - whole) > tolerance)
		whole = way == DOWN ? floor(steps) : ceil(steps);
	if (!(fabs(whole) < 0x1p63))
		return AQ_NONE;
	int64_t result;
	return __builtin_mul_overflow((int64_t)whole, step, &result) ? AQ_NONE : result;
}

int64_t aq_dec_of_double_down(double value, unsigned digits, int64_t step)
{
	return of_double(value, digits, step, DOWN);
}

int64_t aq_dec_of_double_up(double value, unsigned digits, int64_t step)
{
	return of_double(value, digits, step, UP);
}
