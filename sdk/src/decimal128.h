/* decimal128.h: decimal128 as BSON and frames hold it (IEEE 754-2008, binary integer decimal: 34 digits, exponents from -6176
 * to 6111) <-> scaled integers, amounts and text. Exact: what does not fit is an error, nothing is rounded, and nothing
 * goes through double.
 *
 * What is made here has one form for each number, so equal numbers have equal bytes: without zeros at the end of its
 * fraction, and a whole number of at most 34 digits in full. What is read may have any form; one that IEEE 754 calls not
 * canonical is 0, as it says. Functions return AQ_OK or an error, and then leave *out alone. Any thread.
 */
#ifndef AQ_DECIMAL128_H
#define AQ_DECIMAL128_H

#include <decimal.h>

#define AQ_DECIMAL128_BYTES 16
#define AQ_DECIMAL128_TEXT 48 /* bytes of any text, its NUL included */

struct aq_decimal128 {
	uint64_t low, high;
};

/* value * 10^-digits. AQ_EINVAL: AQ_NONE, more than 18 digits. */
int aq_decimal128_of_scaled(int64_t value, unsigned digits, struct aq_decimal128 *out);
/* AQ_EOVERFLOW: more than 34 digits are not 0. */
int aq_decimal128_of_amount(struct aq_amt value, struct aq_decimal128 *out);
/* [-+]digits[.digits][e[-+]digits]. AQ_EFORMAT; AQ_EOVERFLOW: more than 34 digits, an exponent beyond its range. */
int aq_decimal128_of_text(const char *text, size_t length, struct aq_decimal128 *out);

/* At 10^-digits. AQ_EFORMAT: it has more digits than that, or is no number (NaN, infinity); AQ_EOVERFLOW: it does not fit;
 * AQ_EINVAL: more than 18 digits. */
int aq_decimal128_to_scaled(struct aq_decimal128 value, unsigned digits, int64_t *out);
/* At 10^-18, errors as above. */
int aq_decimal128_to_amount(struct aq_decimal128 value, struct aq_amt *out);
/* As the BSON specification writes it: "61837.63", "1.5E+40", "NaN", "-Infinity". Returns its length; it ends with NUL. */
int aq_decimal128_to_text(struct aq_decimal128 value, char out[AQ_DECIMAL128_TEXT]);

/* The bytes as they lie in BSON and in frames. */
void aq_decimal128_store(struct aq_decimal128 value, uint8_t bytes[AQ_DECIMAL128_BYTES]);
struct aq_decimal128 aq_decimal128_load(const uint8_t bytes[AQ_DECIMAL128_BYTES]);

#endif
