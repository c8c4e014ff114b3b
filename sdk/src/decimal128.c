/* decimal128.c: see decimal128.h. The 34 digits are held as the bits of an amount, which decimal.c multiplies and divides. */
#include <decimal128.h>

#include <little.h>
#include <string.h>

#define DIGITS 34
#define EXPONENT_BIAS 6176
#define EXPONENT_MAX 6111
#define HIGH_UNITS ((UINT64_C(1) << 49) - 1) /* bits of the units in the high half */

static const struct aq_amt most = {.lo = UINT64_C(0x378d8e63ffffffff), .hi = INT64_C(0x1ed09bead87c0)}; /* 10^34 - 1 */

static bool is_zero(struct aq_amt units)
{
	return units.lo == 0 && units.hi == 0;
}

/* ---- powers of ten ---- */

static int64_t power10(int n)
{
	int64_t power = 1;

	for (; n > 0; n--)
		power *= 10;
	return power;
}

/* By 10^n, n at most 18. False, and nothing has happened, when a digit would be lost. */
static bool divide(struct aq_amt *units, int n)
{
	int64_t power = power10(n);
	struct aq_amt part, back;

	if (units->hi == 0) {
		bool whole = units->lo % (uint64_t)power == 0;

		if (whole)
			units->lo /= (uint64_t)power;
		return whole;
	}
	if (aq_amt_part_zero(*units, 1, power, &part) != AQ_OK || aq_amt_part_zero(part, power, 1, &back) != AQ_OK ||
		aq_amt_cmp(back, *units) != 0)
		return false;
	*units = part;
	return true;
}

/* Exactly to units * 10^n, of any n. */
static int shift(struct aq_amt *units, int n)
{
	if (is_zero(*units))
		return AQ_OK;
	for (int step; n > 0; n -= step) {
		step = n < AQ_AMT_DIGITS ? n : AQ_AMT_DIGITS;
		if (aq_amt_part_zero(*units, power10(step), 1, units) != AQ_OK)
			return AQ_EOVERFLOW;
	}
	for (int step; n < 0; n += step) {
		step = -n < AQ_AMT_DIGITS ? -n : AQ_AMT_DIGITS;
		if (!divide(units, step))
			return AQ_EFORMAT;
	}
	return AQ_OK;
}

/* ---- to decimal128 ---- */

/* Takes the zeros at the end of the fraction, at most 31: what comes here has at most 18 digits behind the point, or none. */
static void shorten(struct aq_dec_parts *n)
{
	for (int zeros = 16; zeros > 0; zeros /= 2)
		if (n->exponent <= -zeros && divide(&n->units, zeros))
			n->exponent += zeros;
}

static bool fits(struct aq_amt units)
{
	return aq_amt_cmp(units, most) <= 0;
}

/* A whole number of at most 34 digits is written in full; of others no more than their exponent asks for. */
static int lengthen(struct aq_dec_parts *n)
{
	struct aq_amt full = n->units;

	if (n->exponent <= DIGITS && shift(&full, n->exponent) == AQ_OK && fits(full)) {
		n->units = full;
		n->exponent = 0;
	} else if (n->exponent > EXPONENT_MAX) {
		if (shift(&n->units, n->exponent - EXPONENT_MAX) != AQ_OK)
			return AQ_EOVERFLOW;
		n->exponent = EXPONENT_MAX;
	}
	return AQ_OK;
}

static int join(struct aq_dec_parts n, struct aq_decimal128 *out)
{
	if (is_zero(n.units))
		n.exponent = 0;
	else if (n.exponent < 0)
		shorten(&n);
	else if (n.exponent > 0 && lengthen(&n) != AQ_OK)
		return AQ_EOVERFLOW;
	if (!fits(n.units) || n.exponent < -EXPONENT_BIAS)
		return AQ_EOVERFLOW;
	out->low = n.units.lo;
	out->high = (uint64_t)n.negative << 63 | (uint64_t)(n.exponent + EXPONENT_BIAS) << 49 | (uint64_t)n.units.hi;
	return AQ_OK;
}

int aq_decimal128_of_scaled(int64_t value, unsigned digits, struct aq_decimal128 *out)
{
	struct aq_dec_parts n = {.exponent = -(int)digits, .negative = value < 0};

	if (value == AQ_NONE || digits > AQ_AMT_DIGITS)
		return AQ_EINVAL;
	n.units.lo = (uint64_t)(value < 0 ? -value : value);
	return join(n, out);
}

int aq_decimal128_of_amount(struct aq_amt value, struct aq_decimal128 *out)
{
	return join((struct aq_dec_parts){aq_amt_abs(value), -AQ_AMT_DIGITS, value.hi < 0}, out);
}

int aq_decimal128_of_text(const char *text, size_t length, struct aq_decimal128 *out)
{
	struct aq_dec_parts n;
	int status = aq_dec_split(text, length, &n);

	return status < 0 ? status : join(n, out);
}

/* ---- from decimal128 ---- */

enum kind { FINITE, INFINITE, NOT_A_NUMBER };

static enum kind take_apart(struct aq_decimal128 value, struct aq_dec_parts *n)
{
	unsigned combination = value.high >> 58 & 31;

	*n = (struct aq_dec_parts){.negative = value.high >> 63 != 0};
	if (combination >= 30)
		return combination == 30 ? INFINITE : NOT_A_NUMBER;
	if (combination >> 3 == 3) { /* its units would be 2^113 or more */
		n->exponent = (int)(value.high >> 47 & 0x3fff) - EXPONENT_BIAS;
		return FINITE;
	}
	n->exponent = (int)(value.high >> 49 & 0x3fff) - EXPONENT_BIAS;
	n->units = (struct aq_amt){.lo = value.low, .hi = (int64_t)(value.high & HIGH_UNITS)};
	if (!fits(n->units))
		n->units = aq_amt_zero();
	return FINITE;
}

int aq_decimal128_to_scaled(struct aq_decimal128 value, unsigned digits, int64_t *out)
{
	struct aq_dec_parts n;
	int status;

	if (digits > AQ_AMT_DIGITS)
		return AQ_EINVAL;
	if (take_apart(value, &n) != FINITE)
		return AQ_EFORMAT;
	status = shift(&n.units, n.exponent + (int)digits);
	if (status < 0)
		return status;
	if (n.units.hi != 0 || n.units.lo > INT64_MAX)
		return AQ_EOVERFLOW;
	*out = n.negative ? -(int64_t)n.units.lo : (int64_t)n.units.lo;
	return AQ_OK;
}

int aq_decimal128_to_amount(struct aq_decimal128 value, struct aq_amt *out)
{
	struct aq_dec_parts n;
	int status;

	if (take_apart(value, &n) != FINITE)
		return AQ_EFORMAT;
	status = shift(&n.units, n.exponent + AQ_AMT_DIGITS);
	if (status == AQ_OK)
		*out = n.negative ? aq_amt_neg(n.units) : n.units;
	return status;
}

/* ---- to text ---- */

/* The digits of whole units, without a sign; their number. */
static int print_digits(struct aq_amt units, char out[AQ_DECIMAL128_TEXT])
{
	char *point;
	size_t zeros;

	aq_amt_print(units, AQ_AMT_DIGITS, out); /* as an amount: with a point before the last 18 of them */
	point = strchr(out, '.');
	memmove(point, point + 1, AQ_AMT_DIGITS + 1);
	zeros = strspn(out, "0");
	if (out[zeros] == '\0')
		zeros--;
	memmove(out, out + zeros, strlen(out + zeros) + 1);
	return (int)strlen(out);
}

static char *put(char *to, const char *text, int length)
{
	memcpy(to, text, (size_t)length);
	return to + length;
}

static char *put_exponent(char *to, int exponent)
{
	char digits[8];
	int size = exponent < 0 ? -exponent : exponent, at = (int)sizeof(digits);

	*to++ = 'E';
	*to++ = exponent < 0 ? '-' : '+';
	do
		digits[--at] = (char)('0' + size % 10);
	while ((size /= 10) > 0);
	return put(to, digits + at, (int)sizeof(digits) - at);
}

static char *put_scientific(char *to, const char *digits, int count, int exponent)
{
	to = put(to, digits, 1);
	if (count > 1)
		*to++ = '.';
	to = put(to, digits + 1, count - 1);
	return put_exponent(to, exponent + count - 1);
}

static char *put_plain(char *to, const char *digits, int count, int exponent)
{
	int whole = count + exponent; /* digits before the point */

	if (whole <= 0) {
		to = put(to, "0.00000", 2 - whole);
		return put(to, digits, count);
	}
	to = put(to, digits, whole);
	if (exponent < 0)
		*to++ = '.';
	return put(to, digits + whole, -exponent);
}

int aq_decimal128_to_text(struct aq_decimal128 value, char out[AQ_DECIMAL128_TEXT])
{
	struct aq_dec_parts n;
	char digits[AQ_DECIMAL128_TEXT], *to = out;
	enum kind kind = take_apart(value, &n);
	int count;

	if (n.negative && kind != NOT_A_NUMBER)
		*to++ = '-';
	if (kind != FINITE) {
		to = kind == INFINITE ? put(to, "Infinity", 8) : put(to, "NaN", 3);
	} else {
		count = print_digits(n.units, digits);
		if (n.exponent > 0 || n.exponent + count - 1 < -6)
			to = put_scientific(to, digits, count, n.exponent);
		else
			to = put_plain(to, digits, count, n.exponent);
	}
	*to = '\0';
	return (int)(to - out);
}

/* ---- bytes ---- */

void aq_decimal128_store(struct aq_decimal128 value, uint8_t bytes[AQ_DECIMAL128_BYTES])
{
	aq_put_little64(bytes, value.low);
	aq_put_little64(bytes + 8, value.high);
}

struct aq_decimal128 aq_decimal128_load(const uint8_t bytes[AQ_DECIMAL128_BYTES])
{
	return (struct aq_decimal128){.low = aq_little64(bytes), .high = aq_little64(bytes + 8)};
}
