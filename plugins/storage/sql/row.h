/* row.h: a row by the fields of its schema, read from a document.
 *
 * Fields that a document does not have are null. The values borrow from the document. One thread.
 */
#ifndef SQL_ROW_H
#define SQL_ROW_H

#include "sql/value.h"

struct sql_row {
	struct sql_value *values; /* one a field of the schema; owned */
	bool *given;
	uint32_t count;
};

int sql_row_new(const struct sql_schema *s, struct sql_row *out, struct sql_error *err);
void sql_row_free(struct sql_row *r);
/* All null, none given. */
void sql_row_clear(struct sql_row *r);
/* Replaces the row. Unknown fields, fields given twice, values that do not fit and keys without a value are refused. */
int sql_row_read(const struct sql_schema *s, const bson_t *document, struct sql_row *out, struct sql_error *err);
/* Whether every key has a value that may be stored. */
int sql_row_check_keys(const struct sql_schema *s, const struct sql_row *r, struct sql_error *err);

#endif
