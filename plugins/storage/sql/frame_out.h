/* frame_out.h: rows become a frame. One thread.
 *
 * Decimals of at most 18 digits are numbers at the field's digits, all others are decimal128. A column has a bitmap of its
 * nulls when it has any; a null decimal of the first kind is AQ_NONE besides. */
#ifndef SQL_FRAME_OUT_H
#define SQL_FRAME_OUT_H

#include "sql/query.h"

struct sql_frame_out {
	const struct sql_schema *s;      /* borrowed, as the columns */
	const struct sql_columns *columns;
	struct sql_frame_out_column *made; /* owned */
	uint32_t rows;
	size_t bytes;                    /* of the rows, without nulls and padding */
};

int sql_frame_out_begin(struct sql_frame_out *f, const struct sql_schema *s, const struct sql_columns *c,
	struct sql_error *err);
/* How many bytes the frame will have at most with this row in it. */
size_t sql_frame_out_size(const struct sql_frame_out *f, const struct sql_value *values);
/* One value a column, as the schema has it. */
int sql_frame_out_row(struct sql_frame_out *f, const struct sql_value *values, struct sql_error *err);
/* Puts the frame at the end of `out` and begins the next. */
int sql_frame_out_end(struct sql_frame_out *f, struct sql_buffer *out, struct sql_error *err);
void sql_frame_out_free(struct sql_frame_out *f);

#endif
