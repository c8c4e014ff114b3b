/* write.h: the statements that insert, replace and delete, and which rows a change is about. Any thread. */
#ifndef SQL_WRITE_H
#define SQL_WRITE_H

#include "sql/query.h"

/* INSERT of so many rows: all fields of the first, one place each, then those of the next. */
int sql_insert(const struct sql_dialect *d, const char *collection, const struct sql_schema *s, uint32_t rows,
	struct sql_buffer *out, struct sql_error *err);
/* UPDATE of all fields of the first row that matches to those of `row`; a field that counts itself stays when it is not given. */
int sql_replace(const struct sql_query *q, const struct sql_row *row, struct sql_buffer *out, struct sql_params *params,
	struct sql_error *err);
/* DELETE of the rows that sql_where_first takes. */
int sql_delete(const struct sql_query *q, struct sql_buffer *out, struct sql_params *params, struct sql_error *err);
/* Adds WHERE and what follows of a statement that changes rows: those that match, of them the first `limit` of the sort. The
 * filter must be there. */
int sql_where_first(const struct sql_query *q, struct sql_buffer *out, struct sql_params *params, struct sql_error *err);
/* The name of the row's number that no field has taken, where the dialect numbers its rows; NULL when all are taken. */
const char *sql_row_number(const struct sql_schema *s);

#endif
