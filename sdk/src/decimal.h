/* decimal.h: text <-> scaled integers, and all 128-bit arithmetic of the project (it stands in decimal.c alone).
 *
 * Used by the core and, linked hidden, by every plugin. Nothing here goes through double except the functions that say
 * so. Functions return 0 or a negative enum aq_status and leave *out alone on error; overflow is AQ_EOVERFLOW, never a
 * wrap. Rounding has its direction in the name: down = toward minus infinity, up = toward plus infinity, zero = toward
 * 0.
 * More than AQ_AMT_DIGITS digits and AQ_NONE as an operand are AQ_EINVAL. Amounts are symmetric: the one 128-bit value
 * without a negative is never given out, so aq_amt_neg and aq_amt_abs need no status.
 */
#ifndef AQ_DECIMAL_H
#define AQ_DECIMAL_H

#include <aioquant/types.h>

#include <stdbool.h>

#define AQ_AMT_DIGITS 18

/* (-) units * 10^exponent. The units are a whole number of 127 bits, not one at 10^-18. */
struct aq_dec_parts {
	struct aq_amt units;
	int exponent;
	bool negative; /* of 0 too */
};

/* "-12.3400" with `digits` digits -> int64. Trailing zeros beyond `digits` are allowed, other digits are AQ_EFORMAT, as
 * is anything that is not [-+]digits[.digits] (exponents "1e-8" are allowed). INT64_MIN is AQ_EOVERFLOW. */
int aq_dec_parse(const char *text, size_t length, unsigned digits, int64_t *out);
/* The same to 10^-18. */
int aq_amt_parse(const char *text, size_t length, struct aq_amt *out);
/* The number of a text of that form whatever its exponent, in its shortest form: without zeros at the end of its units.
 * AQ_EFORMAT, AQ_EOVERFLOW (more than 127 bits). */
int aq_dec_split(const char *text, size_t length, struct aq_dec_parts *out);
/* For readers of longer texts: takes the plain number [-]digits[.digits] that `text` begins with, up to the first byte
 * that is no part of it. Returns its length, or 0 for anything that only aq_dec_parse can decide. Never reads at or
 * behind `end`. */
size_t aq_dec_take(const char *text, const char *end, unsigned digits, int64_t *out);
/* Shortest text without trailing zeros, at least `min_digits` digits behind the point. Returns its length; `out` holds
 * at least 48 bytes. AQ_NONE prints as "-". */
int aq_dec_print(int64_t value, unsigned digits, unsigned min_digits, char *out);
int aq_amt_print(struct aq_amt value, unsigned min_digits, char *out);
/* The same rounded toward zero to at most max_digits. */
int aq_amt_print_short(struct aq_amt value, unsigned min_digits, unsigned max_digits, char *out);

struct aq_amt aq_amt_zero(void);
/* Whole units: 5 -> 5 * 10^18. */
struct aq_amt aq_amt_of(int64_t units);
struct aq_amt aq_amt_neg(struct aq_amt a);
struct aq_amt aq_amt_abs(struct aq_amt a);
int aq_amt_cmp(struct aq_amt a, struct aq_amt b);
int aq_amt_sign(struct aq_amt a);
int aq_amt_add(struct aq_amt a, struct aq_amt b, struct aq_amt *out);
int aq_amt_sub(struct aq_amt a, struct aq_amt b, struct aq_amt *out);
/* a * b with both at 10^-18, e.g. money x ratio. */
int aq_amt_mul_zero(struct aq_amt a, struct aq_amt b, struct aq_amt *out);
int aq_amt_mul_up(struct aq_amt a, struct aq_amt b, struct aq_amt *out);
/* a / b with both at 10^-18. b = 0 is AQ_EINVAL. */
int aq_amt_div_zero(struct aq_amt a, struct aq_amt b, struct aq_amt *out);
/* a * n / d with a 256-bit intermediate; d > 0. The part of a cost that n of d lots carry. */
int aq_amt_part_zero(struct aq_amt a, int64_t n, int64_t d, struct aq_amt *out);

/* A scaled int64 as an amount: value / 10^digits at 10^-18. */
int aq_amt_from_scaled(int64_t value, unsigned digits, struct aq_amt *out);
/* Back; AQ_EOVERFLOW when it does not fit. */
int aq_amt_to_scaled_down(struct aq_amt a, unsigned digits, int64_t *out);
int aq_amt_to_scaled_up(struct aq_amt a, unsigned digits, int64_t *out);
int aq_amt_to_scaled_zero(struct aq_amt a, unsigned digits, int64_t *out);
/* price x quantity at 10^-18; exact when px_digits + qty_digits <= 18, else toward zero. */
int aq_notional_zero(aq_px price, unsigned px_digits, aq_qty qty, unsigned qty_digits, struct aq_amt *out);
/* amount / price as a quantity of qty_digits, down; price > 0. */
int aq_qty_for_down(struct aq_amt amount, aq_px price, unsigned px_digits, unsigned qty_digits, aq_qty *out);
/* amount / quantity as a price of px_digits, toward zero; quantity != 0. */
int aq_px_of_zero(struct aq_amt amount, aq_qty qty, unsigned qty_digits, unsigned px_digits, aq_px *out);
/* value * 10^(to - from) exactly, else AQ_EFORMAT (digits would be lost) or AQ_EOVERFLOW. */
int aq_rescale(int64_t value, unsigned from, unsigned to, int64_t *out);

/* Multiples of a step (tick, lot; any positive number, not only powers of ten). Down gives AQ_NONE where up gives an
 * error: a step that is not positive, or a result below -INT64_MAX. */
int64_t aq_step_down(int64_t value, int64_t step);
int aq_step_up(int64_t value, int64_t step, int64_t *out);

/* For a strategy's signals and for display only. AQ_NONE is NaN. */
double aq_dec_to_double(int64_t value, unsigned digits);
double aq_amt_to_double(struct aq_amt a);
/* NaN, infinities and what does not fit give AQ_NONE. A double within 1e-9 of a whole step, or as near to one as a
 * double of its size can tell (2^-51 of it), counts as that step: 0.3 / 0.1 is 3 and not 2, 61737.63 is a whole number
 * of 10^-8. */
int64_t aq_dec_of_double_down(double value, unsigned digits, int64_t step);
int64_t aq_dec_of_double_up(double value, unsigned digits, int64_t step);

#endif
