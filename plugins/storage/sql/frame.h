/* frame.h: a batch of rows by column (struct aq_frame) from outside, checked as a whole before any cell is read.
 *
 * Columns point into the caller's bytes, which need no alignment. A frame knows no null but AQ_NONE in a decimal. One
 * thread.
 */
#ifndef SQL_FRAME_H
#define SQL_FRAME_H

#include "sql/value.h"

struct sql_frame_column {
	char name[32];
	uint8_t type, digits; /* enum aq_column_type */
	uint32_t length;
	const uint8_t *at;    /* the array */
	const uint8_t *texts; /* of a text column: behind its offsets */
};

struct sql_frame {
	uint32_t rows, count;
	struct sql_frame_column *columns; /* owned */
};

int sql_frame_open(const void *bytes, size_t length, struct sql_frame *out, struct sql_error *err);
void sql_frame_close(struct sql_frame *f);
/* A cell by the column's type; texts borrow from the bytes. A bool that is neither 0 nor 1 and a double that is not finite
 * are refused. */
int sql_frame_cell(const struct sql_frame_column *c, uint32_t row, struct sql_value *out, struct sql_error *err);
/* The same as the field stores it. */
int sql_frame_take(const struct sql_frame_column *c, uint32_t row, const struct sql_field *f, struct sql_value *out,
	struct sql_error *err);

#endif
