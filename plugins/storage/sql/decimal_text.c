/* decimal_text.c: see decimal_text.h. */
#include "sql/decimal_text.h"

#include <string.h>

/* A number as it stands in a text: the digits before and behind the point, zeros at the ends left out. */
struct view {
	bool negative;
	const char *whole, *part;
	size_t wholes, parts;
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static size_t digits_at(const char *text, const char *end)
{
	const char *at = text;

	while (at < end && is_digit(*at))
		at++;
	return (size_t)(at - text);
}

static void trim(struct view *v)
{
	for (; v->wholes > 0 && *v->whole == '0'; v->wholes--)
		v->whole++;
	while (v->parts > 0 && v->part[v->parts - 1] == '0')
		v->parts--;
	if (v->wholes == 0 && v->parts == 0)
		v->negative = false;
}

/* [+-]digits[.digits]; returns what is behind it, NULL when there is no number. */
static const char *look(const char *text, size_t length, struct view *v)
{
	const char *at = text, *end = text + length;

	*v = (struct view){.part = ""};
	if (at < end && (*at == '-' || *at == '+'))
		v->negative = *at++ == '-';
	v->whole = at;
	v->wholes = digits_at(at, end);
	at += v->wholes;
	if (v->wholes == 0)
		return NULL;
	if (at < end && *at == '.') {
		v->part = ++at;
		v->parts = digits_at(at, end);
		at += v->parts;
		if (v->parts == 0)
			return NULL;
	}
	trim(v);
	return at;
}

/* e[+-]digits up to the end; far beyond what fits, the exponent no longer counts. */
static bool look_exponent(const char *at, const char *end, int *exponent)
{
	bool negative = false;

	*exponent = 0;
	if (at == end)
		return true;
	if (*at != 'e' && *at != 'E')
		return false;
	if (++at < end && (*at == '-' || *at == '+'))
		negative = *at++ == '-';
	if (at == end || digits_at(at, end) != (size_t)(end - at))
		return false;
	for (; at < end; at++)
		if (*exponent < 100000)
			*exponent = *exponent * 10 + (*at - '0');
	if (negative)
		*exponent = -*exponent;
	return true;
}

static bool write_view(const struct view *v, char out[SQL_DECIMAL_SIZE])
{
	char *to = out;

	if (v->wholes > SQL_DECIMAL_DIGITS || v->parts > SQL_DECIMAL_DIGITS)
		return false;
	if (v->negative)
		*to++ = '-';
	if (v->wholes == 0)
		*to++ = '0';
	memcpy(to, v->whole, v->wholes);
	to += v->wholes;
	if (v->parts > 0)
		*to++ = '.';
	memcpy(to, v->part, v->parts);
	to[v->parts] = '\0';
	return true;
}

/* Moves the point. The digits are few enough before it is moved, or it fails. */
static bool shifted(const struct view *v, int exponent, char out[SQL_DECIMAL_SIZE])
{
	char digits[3 * SQL_DECIMAL_SIZE + 1];
	struct view moved = {.negative = v->negative};
	int point = (int)v->wholes + exponent, count = (int)(v->wholes + v->parts), lead = point < 0 ? -point : 0;

	if (point > SQL_DECIMAL_DIGITS || lead > SQL_DECIMAL_DIGITS)
		return false;
	memset(digits, '0', sizeof(digits));
	memcpy(digits + lead, v->whole, v->wholes);
	memcpy(digits + lead + v->wholes, v->part, v->parts);
	moved.whole = digits;
	moved.wholes = point > 0 ? (size_t)point : 0;
	moved.part = digits + moved.wholes;
	moved.parts = count + lead > (int)moved.wholes ? (size_t)(count + lead) - moved.wholes : 0;
	trim(&moved);
	return write_view(&moved, out);
}

bool sql_decimal_read(const char *text, size_t length, char out[SQL_DECIMAL_SIZE])
{
	struct view v;
	int exponent;
	const char *rest = look(text, length, &v);

	if (rest == NULL || !look_exponent(rest, text + length, &exponent))
		return false;
	if (v.wholes == 0 && v.parts == 0)
		exponent = 0;
	if (v.wholes > SQL_DECIMAL_SIZE || v.parts > SQL_DECIMAL_SIZE)
		return false;
	return exponent == 0 ? write_view(&v, out) : shifted(&v, exponent, out);
}

bool sql_decimal_from_128(const bson_decimal128_t *from, char out[SQL_DECIMAL_SIZE])
{
	char text[BSON_DECIMAL128_STRING];

	bson_decimal128_to_string(from, text);
	return sql_decimal_read(text, strlen(text), out);
}

#define QUICK_DIGITS 18       /* that are certainly fewer than 2^64 */
#define EXPONENT_BIAS 6176u
#define EXPONENT_SHIFT 49

/* Of few digits, as nearly all are, with no character that is not part of such a number. */
static bool quick_to_128(const char *text, bson_decimal128_t *out)
{
	const char *at = text + (*text == '-'), *point = NULL;
	uint64_t units = 0;
	unsigned digits = 0;

	for (; digits <= QUICK_DIGITS && (is_digit(*at) || (*at == '.' && point == NULL)); at++) {
		if (*at == '.') {
			point = at;
			continue;
		}
		units = units * 10 + (uint64_t)(*at - '0');
		digits++;
	}
	if (*at != '\0' || digits == 0 || digits > QUICK_DIGITS)
		return false;
	out->low = units;
	out->high = (uint64_t)(EXPONENT_BIAS - (point != NULL ? (unsigned)(at - point - 1) : 0)) << EXPONENT_SHIFT |
		(uint64_t)(*text == '-') << 63;
	return true;
}

bool sql_decimal_to_128(const char *text, bson_decimal128_t *out)
{
	return quick_to_128(text, out) || bson_decimal128_from_string(text, out);
}

/* Digits behind the point become `scale`: zeros are added, or left out. */
static void set_digits(char *text, size_t length, unsigned scale)
{
	char *point = memchr(text, '.', length), *end = text + length;

	if (point == NULL)
		point = end;
	if (scale == 0) {
		*point = '\0';
		return;
	}
	*point = '.';
	if (end < point + 1)
		end = point + 1;
	if (end < point + 1 + scale)
		memset(end, '0', (size_t)(point + 1 + scale - end));
	point[1 + scale] = '\0';
}

bool sql_decimal_fit(char text[SQL_DECIMAL_SIZE], unsigned precision, unsigned scale)
{
	size_t length = strlen(text);
	struct view v;
	const char *rest = look(text, length, &v);

	if (rest == NULL || *rest != '\0' || v.parts > scale || v.wholes > precision - scale)
		return false;
	set_digits(text, length, scale);
	return true;
}

/* Above all that have so many digits before the point. */
static void write_beyond(char *text, bool negative, unsigned digits)
{
	if (negative)
		*text++ = '-';
	*text = '1';
	memset(text + 1, '0', digits);
	text[1 + digits] = '\0';
}

void sql_decimal_near(char text[SQL_DECIMAL_SIZE], unsigned precision, unsigned scale)
{
	size_t length = strlen(text);
	struct view v;
	char *point;

	if (look(text, length, &v) == NULL)
		return;
	point = memchr(text, '.', length);
	if (v.wholes > precision - scale)
		write_beyond(text, v.negative, precision - scale);
	else if (point != NULL && v.parts > scale) {
		point[1 + scale] = '5'; /* what is left out is not nothing */
		point[2 + scale] = '\0';
	}
}

/* ---- order ---- */

static int compare_bytes(const char *a, size_t a_length, const char *b, size_t b_length)
{
	int order = memcmp(a, b, a_length < b_length ? a_length : b_length);

	return order != 0 ? order : (a_length > b_length) - (a_length < b_length);
}

static int compare_views(const struct view *a, const struct view *b)
{
	int order = (a->wholes > b->wholes) - (a->wholes < b->wholes);

	if (order == 0)
		order = memcmp(a->whole, b->whole, a->wholes);
	return order != 0 ? order : compare_bytes(a->part, a->parts, b->part, b->parts);
}

int sql_decimal_compare(const char *a, size_t a_length, const char *b, size_t b_length)
{
	struct view x, y;
	bool is_a = look(a, a_length, &x) == a + a_length && a_length > 0;
	bool is_b = look(b, b_length, &y) == b + b_length && b_length > 0;

	if (!is_a || !is_b)
		return is_a != is_b ? (is_a ? -1 : 1) : compare_bytes(a, a_length, b, b_length);
	if (x.negative != y.negative)
		return x.negative ? -1 : 1;
	return x.negative ? compare_views(&y, &x) : compare_views(&x, &y);
}

/* ---- sum ---- */

#define PLACES (2 * SQL_DECIMAL_DIGITS + 1) /* one for the carry */

/* Lowest place first. */
static void spread(const struct view *v, signed char places[PLACES])
{
	memset(places, 0, PLACES);
	for (size_t i = 0; i < v->parts; i++)
		places[SQL_DECIMAL_DIGITS - 1 - i] = (signed char)(v->part[i] - '0');
	for (size_t i = 0; i < v->wholes; i++)
		places[SQL_DECIMAL_DIGITS + v->wholes - 1 - i] = (signed char)(v->whole[i] - '0');
}

static bool gather(const signed char places[PLACES], bool negative, char out[SQL_DECIMAL_SIZE])
{
	char digits[PLACES];
	struct view v = {.negative = negative, .whole = digits, .wholes = SQL_DECIMAL_DIGITS + 1,
		.part = digits + SQL_DECIMAL_DIGITS + 1, .parts = SQL_DECIMAL_DIGITS};

	for (size_t i = 0; i < PLACES; i++)
		digits[i] = (char)('0' + places[PLACES - 1 - i]);
	trim(&v);
	return write_view(&v, out);
}

/* The larger by size first. */
static void combine(signed char big[PLACES], const signed char small[PLACES], int sign)
{
	int carry = 0;

	for (int i = 0; i < PLACES; i++) {
		int sum = big[i] + sign * small[i] + carry;

		carry = sum > 9 ? 1 : sum < 0 ? -1 : 0;
		big[i] = (signed char)(sum - 10 * carry);
	}
}

bool sql_decimal_add(const char *a, const char *b, char out[SQL_DECIMAL_SIZE])
{
	signed char big[PLACES], small[PLACES];
	struct view x, y, *larger = &x, *other = &y;
	const char *rest_a = look(a, strlen(a), &x), *rest_b = look(b, strlen(b), &y);

	if (rest_a == NULL || rest_b == NULL || *rest_a != '\0' || *rest_b != '\0')
		return false;
	if (x.wholes > SQL_DECIMAL_DIGITS || x.parts > SQL_DECIMAL_DIGITS || y.wholes > SQL_DECIMAL_DIGITS ||
		y.parts > SQL_DECIMAL_DIGITS)
		return false;
	if (compare_views(&x, &y) < 0) {
		larger = &y;
		other = &x;
	}
	spread(larger, big);
	spread(other, small);
	combine(big, small, larger->negative == other->negative ? 1 : -1);
	return gather(big, larger->negative, out);
}
