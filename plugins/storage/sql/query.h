/* query.h: the statements that read. Any thread.
 *
 * Statements have a place for each parameter, in the order of `params`. Parameters borrow from the documents.
 */
#ifndef SQL_QUERY_H
#define SQL_QUERY_H

#include "sql/filter.h"

#define SQL_SORT_MAX 16

/* A call's documents have passed sql_document_open; NULL = none. */
struct sql_query {
	const struct sql_dialect *d;
	const char *collection;
	const struct sql_schema *s;
	const bson_t *filter, *projection, *sort;
	uint64_t skip, limit; /* limit 0 = all */
};

/* What a read gives: columns by their field in the schema. */
struct sql_columns {
	uint16_t field[SQL_FIELDS_MAX];
	uint32_t count;
};

/* {a: 1, b: 1}: these; {a: 0}: all others; none or empty: all. In the order of the schema. */
int sql_projection(const struct sql_schema *s, const bson_t *projection, struct sql_columns *out, struct sql_error *err);
/* "a", "b" */
int sql_put_columns(const struct sql_dialect *d, const struct sql_schema *s, const struct sql_columns *c,
	struct sql_buffer *out, struct sql_error *err);
/* SELECT; `before` is put ahead of the columns: "", or a name of the dialect's own when there are none. */
int sql_select(const struct sql_query *q, const char *before, const struct sql_columns *c, struct sql_buffer *out,
	struct sql_params *params, struct sql_error *err);
int sql_count(const struct sql_query *q, struct sql_buffer *out, struct sql_params *params, struct sql_error *err);
/* The values of the one field of the projection, each once and in their order; a null is one of them. */
int sql_distinct(const struct sql_query *q, const struct sql_columns *c, struct sql_buffer *out, struct sql_params *params,
	struct sql_error *err);
/* Adds WHERE and the condition; nothing without a filter. */
int sql_where(const struct sql_query *q, struct sql_buffer *out, struct sql_params *params, struct sql_error *err);
/* Adds ORDER BY; nothing without a sort. */
int sql_put_sort(const struct sql_query *q, struct sql_buffer *out, struct sql_error *err);
/* Adds LIMIT; nothing for 0 and 0. */
int sql_put_limit(uint64_t limit, uint64_t skip, struct sql_buffer *out, struct sql_params *params, struct sql_error *err);
int sql_put_collection(const struct sql_query *q, struct sql_buffer *out, struct sql_error *err);

#endif
