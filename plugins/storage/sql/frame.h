/* frame.h: a batch of rows by column (struct aq_frame) from outside, checked as a whole before any cell is read.
 *
 * Columns point into the caller's bytes, which need no alignment. One thread.
 */
#ifndef SQL_FRAME_H
#define SQL_FRAME_H

#include "sql/value.h"

struct sql_frame_column {
	char name[SQL_NAME_MAX + 1];
	uint8_t type, digits; /* enum aq_column_type */
	uint32_t length;
	const uint8_t *nulls; /* a bit a row; NULL = none is null */
	const uint8_t *at;    /* the array */
	const uint8_t *texts; /* of texts and bytes: behind its offsets */
};

struct sql_frame {
	uint32_t rows, count;
	struct sql_frame_column *columns; /* owned */
};

int sql_frame_open(const void *bytes, size_t length, struct sql_frame *out, struct sql_error *err);
void sql_frame_close(struct sql_frame *f);
/* A cell by the column's type; texts and bytes borrow from the frame's. A bool that is neither 0 nor 1, a double and a decimal
 * that are not finite are refused. */
int sql_frame_cell(const struct sql_frame_column *c, uint32_t row, struct sql_value *out, struct sql_error *err);
/* The same as the field stores it. */
int sql_frame_take(const struct sql_frame_column *c, uint32_t row, const struct sql_field *f, struct sql_value *out,
	struct sql_error *err);

/* Of a column of texts or bytes. */
uint32_t sql_frame_offset(const struct sql_frame_column *c, uint32_t i);
/* "frame: column NAME WHY". Always -1. */
int sql_frame_wrong(const struct sql_frame_column *c, const char *why, struct sql_error *err);

#endif
