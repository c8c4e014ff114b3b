/* update.h: updates of the document form.
 *
 *	{$set: {a: 1}, $inc: {n: 5}, $unset: {b: ""}, $min: {low: 3}, $max: {high: 9}, $setOnInsert: {made: 7}}
 *
 * $inc counts a null as 0; $min and $max take the value where there is none. $setOnInsert matters to an upsert that makes
 * a row, and to nothing else. A field stands in one of them only. Keys are never set to null. Parameters borrow from the
 * document. Any thread.
 */
#ifndef SQL_UPDATE_H
#define SQL_UPDATE_H

#include "sql/write.h"

/* Adds SET and what follows. `update` has passed sql_document_open. */
int sql_update_set(const struct sql_dialect *d, const struct sql_schema *s, const bson_t *update, struct sql_buffer *out,
	struct sql_params *params, struct sql_error *err);
/* UPDATE of the rows that sql_where_first takes. */
int sql_update(const struct sql_query *q, const bson_t *update, struct sql_buffer *out, struct sql_params *params,
	struct sql_error *err);
/* The row that an upsert makes where nothing matched. */
int sql_upsert_row(const struct sql_schema *s, const bson_t *filter, const bson_t *update, struct sql_row *row,
	struct sql_error *err);

#endif
