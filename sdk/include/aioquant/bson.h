/* bson.h: documents for a store (store.h), written and read: rows, filters, updates, schemas.
 *
 * Writing, into the caller's own buffer. No call need be checked: what goes wrong first is remembered, nothing more is
 * written then, and aq_doc_end tells it.
 *
 *	struct aq_doc d;
 *	aq_doc_begin(&d, buffer, sizeof(buffer));
 *	aq_doc_text(&d, "symbol", "BTC/USDT");
 *	aq_doc_open(&d, "price");
 *	aq_doc_px(&d, "$gte", price, px_digits);
 *	aq_doc_close(&d);
 *	length = aq_doc_end(&d); // {symbol: "BTC/USDT", price: {$gte: 61837.63}}, or a negative status
 *
 * Reading, of bytes that anyone may have made: they are checked once, as a whole, and what is not well formed is refused.
 * Then a value is looked for and taken as what the caller wants; one that is missing says so when it is taken.
 *
 *	struct aq_bson_rows rows = aq_bson_rows_of(bytes, length); // of AQ_EV_STORE_ROWS, without `frame` and `more`
 *	struct aq_bson row;
 *	while (aq_bson_next_row(&rows, &row) > 0)
 *		if (aq_value_px(aq_bson_find(row, "price"), px_digits, &price) < 0)
 *			...
 *
 * Numbers are exact: no call rounds, and money never goes through double. Everything here is linked hidden into the plugin;
 * none of it is ABI. Nothing allocates and nothing is kept but in the structs, which the caller owns: any thread.
 */
#ifndef AIOQUANT_BSON_H
#define AIOQUANT_BSON_H

#include "types.h"

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(hidden)

#define AQ_BSON_DEPTH 32 /* documents and arrays in each other, the outermost included */

/* Beside enum aq_status: there is a value, and it is null. */
#define AQ_ENULL (-64)

/* What a value is. Those of documents have BSON's numbers. */
enum aq_value_type {
	AQ_VALUE_NONE = 0,       /* missing */
	AQ_VALUE_DOUBLE = 1,
	AQ_VALUE_TEXT = 2,
	AQ_VALUE_DOCUMENT = 3,
	AQ_VALUE_ARRAY = 4,
	AQ_VALUE_BYTES = 5,
	AQ_VALUE_OBJECT_ID = 7,
	AQ_VALUE_BOOL = 8,
	AQ_VALUE_DATE = 9,       /* int64 ms */
	AQ_VALUE_NULL = 10,
	AQ_VALUE_REGEX = 11,     /* no call takes this one, nor CODE, TIMESTAMP and the keys */
	AQ_VALUE_CODE = 13,
	AQ_VALUE_INT32 = 16,
	AQ_VALUE_TIMESTAMP = 17,
	AQ_VALUE_INT64 = 18,     /* also a time, in ns */
	AQ_VALUE_DECIMAL128 = 19,
	AQ_VALUE_SCALED = 64,    /* int64 at 10^-digits; of frames alone (frame.h) */
	AQ_VALUE_MAX_KEY = 127,
	AQ_VALUE_MIN_KEY = 255
};

/* ---- writing ---- */

/* A document that is being written. Its fields are the SDK's own but for `status`. */
struct aq_doc {
	uint8_t *at;             /* the caller's buffer */
	uint32_t room, used;
	int32_t status;          /* AQ_OK, or what went wrong first */
	uint32_t depth;          /* documents and arrays that are open */
	uint32_t start[AQ_BSON_DEPTH]; /* where each of them begins */
	uint32_t items[AQ_BSON_DEPTH]; /* an array: how many it has */
};

/* Begins a document at the begin of `buffer`, which stays the caller's; more than INT32_MAX bytes of it are not used. */
void aq_doc_begin(struct aq_doc *d, void *buffer, size_t room);
/* Ends it. Returns its length in bytes, or a negative status:
 * AQ_ESPACE     the buffer is too small
 * AQ_ESTATE     more has been opened than closed, or the other way round; more than AQ_BSON_DEPTH in each other; the
 *               document had ended
 * AQ_EINVAL     no buffer; a name that is missing or empty, or that is given in an array; no text; AQ_NONE or more than 18
 *               digits where a number must be
 * AQ_EFORMAT    a name or a text is no UTF-8; the text of a decimal is none
 * AQ_EOVERFLOW  a decimal has more than 34 digits */
int32_t aq_doc_end(struct aq_doc *d);

/* A document or an array as a value: what follows goes into it, until close. Here and below `name` is UTF-8 that ends with
 * NUL and is copied; in an array, where values have no names, it is NULL. Names are not compared with each other. */
void aq_doc_open(struct aq_doc *d, const char *name);
void aq_doc_open_array(struct aq_doc *d, const char *name);
void aq_doc_close(struct aq_doc *d);

void aq_doc_int64(struct aq_doc *d, const char *name, int64_t value);
void aq_doc_int32(struct aq_doc *d, const char *name, int32_t value);
/* NaN and infinities are written as they are; a store may refuse them. */
void aq_doc_double(struct aq_doc *d, const char *name, double value);
void aq_doc_bool(struct aq_doc *d, const char *name, bool value);
void aq_doc_null(struct aq_doc *d, const char *name);
/* Nanoseconds UTC, as an int64. */
void aq_doc_time(struct aq_doc *d, const char *name, int64_t time_ns);
/* UTF-8 that ends with NUL; copied. */
void aq_doc_text(struct aq_doc *d, const char *name, const char *text);
/* `length` bytes of UTF-8, NUL among them or not. */
void aq_doc_text_of(struct aq_doc *d, const char *name, const char *text, size_t length);
void aq_doc_bytes(struct aq_doc *d, const char *name, const void *bytes, size_t length);

/* decimal128: value * 10^-digits (AQ_NONE is AQ_EINVAL); an amount; the number that a text says (decimal.h). */
void aq_doc_decimal(struct aq_doc *d, const char *name, int64_t value, unsigned digits);
void aq_doc_amount(struct aq_doc *d, const char *name, struct aq_amt value);
void aq_doc_decimal_text(struct aq_doc *d, const char *name, const char *text, size_t length);
/* A price at its px_digits, a quantity at its qty_digits: decimal128, and AQ_NONE is null. */
void aq_doc_px(struct aq_doc *d, const char *name, aq_px price, unsigned px_digits);
void aq_doc_qty(struct aq_doc *d, const char *name, aq_qty qty, unsigned qty_digits);

/* ---- reading ---- */

/* A document or an array whose bytes have been checked; they are borrowed. {0} is one without values. */
struct aq_bson {
	const uint8_t *at;
	uint32_t length;
};

/* A value, in the bytes of the document or frame that it is from. */
struct aq_value {
	const uint8_t *at;
	const char *name;        /* of a document's; ends with NUL. NULL: it has none, as those of frames */
	uint32_t length;         /* of the bytes at `at` */
	uint8_t type;            /* enum aq_value_type */
	uint8_t digits;          /* of AQ_VALUE_SCALED */
};

/* Checks that the bytes are one document: lengths, ends, types, UTF-8, bools, at most AQ_BSON_DEPTH in each other. Not
 * checked is that names differ and that those of an array are numbers. Deprecated types of BSON (undefined, symbol, pointers,
 * code with scope, old binary) are refused. They must stay as they are while `out` and what comes from it is used.
 * AQ_EFORMAT, and then *out is {0}. */
int32_t aq_bson_open(const void *bytes, size_t length, struct aq_bson *out);

/* Documents that lie one behind the other. */
struct aq_bson_rows {
	const uint8_t *at;
	size_t left;
};
struct aq_bson_rows aq_bson_rows_of(const void *bytes, size_t length);
/* The next, checked as by open: 1; 0 when there is none; AQ_EFORMAT: what follows is no document, and the rest is left. */
int32_t aq_bson_next_row(struct aq_bson_rows *rows, struct aq_bson *out);

/* Each value, in its order. */
struct aq_bson_fields {
	const uint8_t *at, *end;
};
struct aq_bson_fields aq_bson_fields_of(struct aq_bson doc);
/* False when there is no more. */
bool aq_bson_next(struct aq_bson_fields *fields, struct aq_value *out);

/* The first value of that name; its type is AQ_VALUE_NONE when it is missing. */
struct aq_value aq_bson_find(struct aq_bson doc, const char *name);
/* The same through documents and arrays: "limits.0.price". */
struct aq_value aq_bson_find_path(struct aq_bson doc, const char *path);

/* ---- taking a value, of a document or of a frame ----
 *
 * All return AQ_OK or
 * AQ_ENOENT     it is missing
 * AQ_ENULL      it is null
 * AQ_EINVAL     it is of a type that cannot be taken so; more than 18 digits are asked for
 * AQ_EFORMAT    something of it would be lost: a fraction, digits; NaN
 * AQ_EOVERFLOW  it does not fit
 * and then leave *out as it was. */

/* Any number that is whole, 5.00 included. */
int32_t aq_value_int64(struct aq_value v, int64_t *out);
/* A double, or an integer that is one exactly. For signals: decimals are not taken so. */
int32_t aq_value_double(struct aq_value v, double *out);
int32_t aq_value_bool(struct aq_value v, bool *out);
/* Nanoseconds: an int64, or a date of BSON. */
int32_t aq_value_time(struct aq_value v, int64_t *out);
/* At 10^-digits: a decimal or an integer. */
int32_t aq_value_decimal(struct aq_value v, unsigned digits, int64_t *out);
/* The same at 10^-18. */
int32_t aq_value_amount(struct aq_value v, struct aq_amt *out);
/* The same as prices and quantities are kept: null is AQ_NONE, and AQ_OK. */
int32_t aq_value_px(struct aq_value v, unsigned px_digits, aq_px *out);
int32_t aq_value_qty(struct aq_value v, unsigned qty_digits, aq_qty *out);
/* A decimal or an integer of any size as the text of a number, "-0.5", "1.5E+40", with NUL. Of infinity and NaN too. */
#define AQ_VALUE_NUMBER_TEXT 48
int32_t aq_value_number_text(struct aq_value v, char out[AQ_VALUE_NUMBER_TEXT]);
/* UTF-8 in the bytes that are read: it ends at its length, and NUL may stand in it. */
int32_t aq_value_text(struct aq_value v, const char **text, uint32_t *length);
/* A copy that ends with NUL. AQ_ESPACE: it is too long for `room` bytes; AQ_EFORMAT: NUL stands in it. */
int32_t aq_value_copy_text(struct aq_value v, char *out, size_t room);
/* Bytes of whatever kind, or the 12 of an object id; where they lie. */
int32_t aq_value_bytes(struct aq_value v, const void **bytes, uint32_t *length);
/* A document or an array. */
int32_t aq_value_document(struct aq_value v, struct aq_bson *out);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif
