/* create.h: the statements that make a collection of a schema. Any thread. */
#ifndef SQL_CREATE_H
#define SQL_CREATE_H

#include "sql/schema.h"

/* CREATE TABLE; where the dialect has comments, with them and with the indexes. */
int sql_create_table(const struct sql_dialect *d, const char *collection, const struct sql_schema *s,
	struct sql_buffer *out, struct sql_error *err);
/* CREATE INDEX of each index of its own, called with one statement after the other. Nothing where they stand in the
 * table. A callback that does not answer 0 ends it. */
int sql_create_indexes(const struct sql_dialect *d, const char *collection, const struct sql_schema *s,
	int (*each)(void *context, const char *statement, struct sql_error *err), void *context, struct sql_error *err);

#endif
