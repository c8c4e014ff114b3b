/* query_text.h: bytes being put together, and values of rows as text. */
#ifndef AQ_HOST_QUERY_TEXT_H
#define AQ_HOST_QUERY_TEXT_H

#include <aioquant/bson.h>

#include <stddef.h>

/* All zeroes = empty. Aborts when out of memory; the caller bounds what goes in. */
struct query_text {
	char *at;
	size_t used, capacity;
};

void text_put(struct query_text *t, const void *bytes, size_t length);
void text_add(struct query_text *t, const char *text);
void text_char(struct query_text *t, char c);
void text_free(struct query_text *t);

/* What a field is, as its schema says. */
enum query_type { QUERY_INT64 = 1, QUERY_DOUBLE, QUERY_DECIMAL, QUERY_TEXT, QUERY_BYTES, QUERY_BOOL, QUERY_TIME };
/* 0: a word that is none. */
uint8_t query_type_of(const char *word);

#define QUERY_NUMBER_SIZE 128

/* 2024-08-08T23:55:20.123456789Z; with `digits` digits of the second and `between` for the T, and without Z when that is a
 * blank. */
void query_time_text(int64_t ns, unsigned digits, char between, char out[QUERY_NUMBER_SIZE]);
/* A decimal with all its digits and without an exponent, unless that is beyond 60 digits. */
void query_decimal_text(struct aq_value v, char out[QUERY_NUMBER_SIZE]);
/* The shortest that is this number again; NaN, Infinity, -Infinity. */
void query_double_text(double value, char out[QUERY_NUMBER_SIZE]);

/* A number, a bool or a time (`type` says whether an integer is one) as it stands in CSV and, in quotes where it is no number
 * there, in JSON. False: it is of another kind. */
bool query_plain_text(struct aq_value v, uint8_t type, char out[QUERY_NUMBER_SIZE]);
void query_hex(struct query_text *t, const void *bytes, size_t length);
/* Any value as JSON: decimals, times and bytes as texts. */
void query_json(struct query_text *t, struct aq_value v, uint8_t type);
void query_json_text(struct query_text *t, const char *text, size_t length);
/* A text as a field of CSV, and any value. */
void query_csv_text(struct query_text *t, const char *text, size_t length);
void query_csv(struct query_text *t, struct aq_value v, uint8_t type);

#endif
