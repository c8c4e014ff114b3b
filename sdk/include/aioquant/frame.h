/* frame.h: frames for a store (store.h), written and read: rows by column, which is how many of them go fast.
 *
 * Writing, into the caller's own buffer: the columns are declared, then rows added cell by cell. No call but row and end need
 * be checked. A row that does not fit is left out, and row says so: then the frame is sent, and the row added to the next.
 *
 *	struct aq_frame_writer f;
 *	aq_frame_begin(&f, buffer, sizeof(buffer), AQ_STORE_CHUNK);
 *	aq_frame_column(&f, "time", AQ_COL_TIME);
 *	aq_frame_decimals(&f, "price", px_digits);
 *
 *	static int32_t add(struct aq_frame_writer *f, const struct aq_trade *t)
 *	{
 *		aq_frame_time(f, t->venue_ns);
 *		aq_frame_px(f, t->price, px_digits);
 *		return aq_frame_row(f);
 *	}
 *
 *	if (add(&f, t) == AQ_ESPACE) {
 *		length = aq_frame_end(&f); // the frame is the first `length` bytes of the buffer
 *		...
 *		aq_frame_again(&f);        // its columns, without rows
 *		add(&f, t);
 *	}
 *
 * Until its end a frame needs about twice its length, since rows become columns then. One that is longer than AQ_STORE_CHUNK
 * is sent in pieces, cut anywhere.
 *
 * Reading, of bytes that anyone may have made: they are checked once, as a whole.
 *
 *	struct aq_frame_reader f;
 *	struct aq_cells price;
 *	if (aq_frame_open(&f, bytes, length) == AQ_OK && aq_cells_of(&f, "price", &price) == AQ_OK)
 *		for (uint32_t row = 0; row < f.rows; row++)
 *			status = aq_value_px(aq_cell(&price, row), px_digits, &px);
 *
 * Everything here is linked hidden into the plugin; none of it is ABI. Nothing allocates and nothing is kept but in the
 * structs, which the caller owns: any thread.
 */
#ifndef AIOQUANT_FRAME_H
#define AIOQUANT_FRAME_H

#include "bson.h"
#include "store.h"

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(hidden)

#define AQ_FRAME_COLUMNS 256 /* at most */

/* ---- writing ---- */

/* A frame that is being written. Its fields are the SDK's own but for `rows`. */
struct aq_frame_writer {
	uint8_t *buffer;         /* the caller's: heads of the columns at its begin, rows at its end, the first last */
	size_t room, longest;
	size_t rows_at;          /* where the rows begin that are whole */
	size_t row_at;           /* where the row in hand begins */
	uint32_t columns, rows;
	uint32_t cells;          /* that the row in hand has */
	int32_t status;          /* of the columns: AQ_OK, or what went wrong first */
	int32_t row_status;      /* of the row in hand, the same */
	bool ended;
};

/* Begins a frame in `buffer`, which stays the caller's. It becomes no longer than `longest` bytes, nor than the buffer
 * allows: SIZE_MAX for that alone. */
void aq_frame_begin(struct aq_frame_writer *f, void *buffer, size_t room, size_t longest);
/* Declares the next column: its name, of 1 to 63 bytes of UTF-8, is copied; `type` is one of enum aq_column_type but DECIMAL.
 * All columns come before the first row. What is wrong is told by row and end:
 * AQ_EINVAL     no buffer; no name, one that is too long or that another column has; no such type; more than 18 digits
 * AQ_EFORMAT    the name is no UTF-8
 * AQ_ESPACE     the buffer is too small for the columns, or there are more than AQ_FRAME_COLUMNS
 * AQ_ESTATE     there are rows already */
void aq_frame_column(struct aq_frame_writer *f, const char *name, enum aq_column_type type);
/* A column of decimals that are int64 at 10^-digits (AQ_COL_DECIMAL): smaller and faster than AQ_COL_DECIMAL128. */
void aq_frame_decimals(struct aq_frame_writer *f, const char *name, unsigned digits);

/* The next cell of the row in hand; texts and bytes are copied. What is wrong is told by row:
 * AQ_EINVAL     the column has another type, or there is none; no text; AQ_NONE or more than 18 digits where a number must
 *               be
 * AQ_EFORMAT    a text is no UTF-8; the text of a decimal is none; a decimal has more digits than its column
 * AQ_EOVERFLOW  a decimal does not fit */
void aq_frame_int64(struct aq_frame_writer *f, int64_t value);
void aq_frame_double(struct aq_frame_writer *f, double value);
void aq_frame_bool(struct aq_frame_writer *f, bool value);
/* Nanoseconds UTC. */
void aq_frame_time(struct aq_frame_writer *f, int64_t time_ns);
/* UTF-8 that ends with NUL. */
void aq_frame_text(struct aq_frame_writer *f, const char *text);
void aq_frame_text_of(struct aq_frame_writer *f, const char *text, size_t length);
void aq_frame_bytes(struct aq_frame_writer *f, const void *bytes, size_t length);
/* In a column of any type. */
void aq_frame_null(struct aq_frame_writer *f);
/* Into DECIMAL and DECIMAL128 alike, exactly: value * 10^-digits; an amount; the number that a text says (decimal.h). */
void aq_frame_decimal(struct aq_frame_writer *f, int64_t value, unsigned digits);
void aq_frame_amount(struct aq_frame_writer *f, struct aq_amt value);
void aq_frame_decimal_text(struct aq_frame_writer *f, const char *text, size_t length);
/* The same of a price and a quantity: AQ_NONE is null. */
void aq_frame_px(struct aq_frame_writer *f, aq_px price, unsigned px_digits);
void aq_frame_qty(struct aq_frame_writer *f, aq_qty qty, unsigned qty_digits);

/* The row in hand is whole: AQ_OK, or what is wrong with it or with the columns; then it is left out, and the frame is as it
 * was before it. AQ_ESPACE: it does not fit; one that does not fit a frame without rows never will. AQ_EINVAL: it has too few
 * cells. AQ_ESTATE: the frame has ended. */
int32_t aq_frame_row(struct aq_frame_writer *f) __attribute__((warn_unused_result));
/* Puts the rows into columns; a row in hand is left out. Returns the length of the frame, which begins where the buffer does,
 * or what is wrong with the columns; AQ_EINVAL: there are none; AQ_ESPACE: they are too long by themselves; AQ_ESTATE: it has
 * ended. */
int64_t aq_frame_end(struct aq_frame_writer *f) __attribute__((warn_unused_result));
/* The same columns once more, without rows. The frame before is gone. */
void aq_frame_again(struct aq_frame_writer *f);

/* ---- reading ---- */

/* A frame whose bytes have been checked; they are borrowed. {0} has no columns. */
struct aq_frame_reader {
	const uint8_t *at;
	size_t length;
	uint32_t rows, columns;
};

/* A column of it. {0} has no cells. */
struct aq_cells {
	const uint8_t *nulls;    /* NULL: none */
	const uint8_t *array, *texts;
	const char *name;        /* ends with NUL */
	uint32_t rows;
	uint8_t type;            /* enum aq_column_type */
	uint8_t digits;          /* of DECIMAL */
};

/* Checks that the bytes are one frame: lengths, names, types, offsets, UTF-8 of texts, bools. They may lie at any address, and
 * must stay as they are while the reader and what comes from it is used. AQ_EFORMAT, and then *f is {0}. */
int32_t aq_frame_open(struct aq_frame_reader *f, const void *bytes, size_t length);
/* The column of that name, or of that number, the first is 0. AQ_ENOENT, and then *out is {0}. */
int32_t aq_cells_of(const struct aq_frame_reader *f, const char *name, struct aq_cells *out);
int32_t aq_cells_at(const struct aq_frame_reader *f, uint32_t column, struct aq_cells *out);
/* A cell, to be taken with aq_value_...: a time is AQ_VALUE_INT64, a DECIMAL is AQ_VALUE_SCALED. Beyond the last row
 * AQ_VALUE_NONE. */
struct aq_value aq_cell(const struct aq_cells *cells, uint32_t row);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif
