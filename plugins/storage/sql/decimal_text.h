/* decimal_text.h: decimals as text, exact; decimal128 and back. No double anywhere.
 *
 * A text here is [-]digits[.digits] without needless zeros and with one digit at least before the point; zero has no
 * sign. It has at most SQL_DECIMAL_DIGITS digits on either side of the point. Any thread.
 */
#ifndef SQL_DECIMAL_TEXT_H
#define SQL_DECIMAL_TEXT_H

#include <bson/bson.h>
#include <stdbool.h>
#include <stddef.h>

#define SQL_DECIMAL_DIGITS 34
#define SQL_DECIMAL_SIZE 72 /* of a text, its NUL included */

/* From [+-]digits[.digits][e[+-]digits]. False for anything else, and for what has too many digits. */
bool sql_decimal_read(const char *text, size_t length, char out[SQL_DECIMAL_SIZE]);
/* False for NaN, infinities and what has too many digits. */
bool sql_decimal_from_128(const bson_decimal128_t *from, char out[SQL_DECIMAL_SIZE]);
bool sql_decimal_to_128(const char *text, bson_decimal128_t *out);
/* With exactly `scale` digits behind the point: equal numbers have equal texts. False when it does not fit
 * decimal(precision, scale), and leaves it alone then. In place. */
bool sql_decimal_fit(char text[SQL_DECIMAL_SIZE], unsigned precision, unsigned scale);
/* A decimal to compare those of decimal(precision, scale) with becomes one that stands to each of them as it did, with one
 * digit more than theirs on either side of the point at most: 1.2367 is 1.235 to decimal(4,2), and 12345 is 100. In place. */
void sql_decimal_near(char text[SQL_DECIMAL_SIZE], unsigned precision, unsigned scale);
/* False when a sum has too many digits. */
bool sql_decimal_add(const char *a, const char *b, char out[SQL_DECIMAL_SIZE]);
/* By number, zeros at either end do not matter. What is no decimal comes behind all that are, by its bytes: a total order
 * of all texts. */
int sql_decimal_compare(const char *a, size_t a_length, const char *b, size_t b_length);

#endif
