/* rows_in.h: the rows of an insert one after the other, from documents or from a frame, checked against the schema. */
#ifndef MARIADB_ROWS_IN_H
#define MARIADB_ROWS_IN_H

#include "mariadb/store.h"

#include "sql/frame.h"

struct rows_in {
	const struct sql_schema *schema;
	const struct sql_buffer *documents; /* NULL = it is a frame */
	struct sql_frame frame;
	int fields[SQL_FIELDS_MAX];         /* of the frame's columns */
	size_t at;                          /* in the documents */
	uint64_t count;                     /* rows that were read */
	struct sql_row row;                 /* in hand; texts borrow from the call */
};

int rows_in_open(struct rows_in *r, const struct sql_schema *schema, const struct call *call, struct sql_error *err);
void rows_in_close(struct rows_in *r);
/* Back to where `count` and `at` were. */
void rows_in_seek(struct rows_in *r, uint64_t count, size_t at);
/* 1, 0 at the end, -1 with the row in the error. */
int rows_in_next(struct rows_in *r, struct sql_error *err);
/* Puts the row's number, from 0, before the error. Always -1. */
int rows_in_wrong(uint64_t row, struct sql_error *err);

#endif
