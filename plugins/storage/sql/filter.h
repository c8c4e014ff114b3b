/* filter.h: filters of the document form become a condition and its parameters.
 *
 *	{symbol: "BTC/USDT", price: {$gte: 100, $lt: 200}, $or: [{side: 1}, {side: {$exists: false}}]}
 *
 * $eq $ne $gt $gte $lt $lte $in $nin $exists $not of a field, $and $or of filters. A field without a value is null; null
 * equals null and is equal to nothing else: {$ne: 5}, {$nin: [5]} and {$not: {$gt: 5}} match it too. $gt $gte $lt $lte
 * take no null. $exists: has a value. An empty $and holds, an empty $or does not. Parameters borrow from the document.
 * At most SQL_CONDITIONS_MAX conditions and SQL_PARAMS_MAX parameters. Any thread.
 */
#ifndef SQL_FILTER_H
#define SQL_FILTER_H

#include "sql/row.h"

#define SQL_CONDITIONS_MAX 256
#define SQL_PARAMS_MAX 10000

/* The place of a value that the field is compared with. */
void sql_put_place(const struct sql_dialect *d, const struct sql_field *f, struct sql_buffer *out);
/* Adds the condition without WHERE. `filter` has passed sql_document_open. */
int sql_filter(const struct sql_dialect *d, const struct sql_schema *s, const bson_t *filter, struct sql_buffer *out,
	struct sql_params *params, struct sql_error *err);
/* Fields that the filter says to be equal to a value, as an upsert puts them into a new row. */
int sql_filter_equalities(const struct sql_schema *s, const bson_t *filter, struct sql_row *row, struct sql_error *err);

#endif
