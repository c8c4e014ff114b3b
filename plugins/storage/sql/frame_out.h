/* frame_out.h: rows become a frame. One thread. */
#ifndef SQL_FRAME_OUT_H
#define SQL_FRAME_OUT_H

#include "sql/query.h"

struct sql_frame_out {
	const struct sql_schema *s;      /* borrowed, as the columns */
	const struct sql_columns *columns;
	struct sql_buffer *data;         /* one a column, and behind them one a column for the texts; owned */
	uint32_t rows;
	size_t bytes;                    /* of the frame as it stands, about */
};

/* Bytes, names of more than 31 bytes and decimals of more than 18 digits have no column in a frame: the error says so. */
int sql_frame_out_begin(struct sql_frame_out *f, const struct sql_schema *s, const struct sql_columns *c,
	struct sql_error *err);
/* One value a column, as the schema has it. A null that is no decimal is refused; so is a decimal beyond int64. */
int sql_frame_out_row(struct sql_frame_out *f, const struct sql_value *values, struct sql_error *err);
/* Puts the frame at the end of `out` and begins the next. */
int sql_frame_out_end(struct sql_frame_out *f, struct sql_buffer *out, struct sql_error *err);
void sql_frame_out_free(struct sql_frame_out *f);

#endif
