/* table.h: the tables that the recorder fills: their columns, and a row's cells in their order.
 *
 * Each row has host, number and time as its key, beside them its market: the number that the journal or the spool gave
 * the record, so that nothing is missing and nothing is double whatever happened between. */
#ifndef RECORDER_TABLE_H
#define RECORDER_TABLE_H

#include <aioquant/frame.h>

enum cell_type { CELL_TEXT, CELL_INT, CELL_TIME, CELL_DECIMAL, CELL_BOOL };

struct column {
	const char *name;
	const char *comment;
	uint16_t size; /* of a text */
	uint8_t type;  /* enum cell_type */
};

struct table {
	const char *name;
	const char *comment;
	bool has_market;
	const struct column *columns; /* behind host, number, market and time; ends with name NULL */
	bool spooled;
};

/* The schema as a store takes it. Returns its length; < 0: it does not fit. */
int32_t table_schema(const struct table *t, void *out, size_t room);
/* That of the ranges that were dropped. */
int32_t table_gaps_schema(void *out, size_t room);
#define TABLE_GAPS "gaps"

/* Declares the columns of a frame. */
void table_begin_frame(const struct table *t, struct aq_frame_writer *f, void *buffer, size_t room);
/* The first cells of a row. `market`: of a table that has one; "" = it is not known. */
void table_begin_row(const struct table *t, struct aq_frame_writer *f, const char *host, uint64_t number,
	const char *market, int64_t time_ns);
/* A row of which nothing more is known, in place of one that could not be written. */
void table_bare_row(
	const struct table *t, struct aq_frame_writer *f, const char *host, uint64_t number, int64_t time_ns);
/* A text, or null when it is empty. */
void table_text(struct aq_frame_writer *f, const char *text);

#endif
