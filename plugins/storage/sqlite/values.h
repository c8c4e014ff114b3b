/* values.h: values to the places of a statement, and from its columns. */
#ifndef SQLITE_VALUES_H
#define SQLITE_VALUES_H

#include "sql/row.h"
#include "sqlite/connection.h"

/* As many places as there are values, behind the first `before` ones. `copied`: the statement outlives the values' bytes. */
int values_bind(struct connection *c, sqlite3_stmt *s, uint32_t before, const struct sql_value *values, uint32_t count,
	bool copied, struct sql_error *err);
/* A column as its field's type; texts and bytes are valid until the statement moves. What the field cannot hold is an
 * error: somebody else has written it. */
int values_column(sqlite3_stmt *s, int column, const struct sql_field *f, struct sql_value *out, struct sql_error *err);
/* A column as SQLite has it. */
int values_raw_column(sqlite3_stmt *s, int column, struct sql_value *out, struct sql_error *err);

#endif
