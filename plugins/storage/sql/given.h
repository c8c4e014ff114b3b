/* given.h: what a caller gives for a call, put together of its chunks and checked. One thread.
 *
 * What is wrong with it is kept and told at the call's end, as the store's answer; only what the host has got wrong is a
 * negative status.
 */
#ifndef SQL_GIVEN_H
#define SQL_GIVEN_H

#include "sql/query.h"

#include <aioquant/store.h>

struct sql_given {
	struct aq_store_call what;
	struct sql_buffer parts[AQ_PART_PARAMETERS + 1];
	size_t bytes;
	uint8_t part;  /* that came last */
	bool doomed;   /* `why` is told at its end */
	struct sql_error why;
};

/* Takes over the call, zeroed before. AQ_EINVAL, AQ_ENOSYS: there is no such operation. */
int32_t sql_given_begin(struct sql_given *g, const struct sql_dialect *d, const struct aq_store_call *what);
/* AQ_EINVAL. `max`: bytes of all parts together. */
int32_t sql_given_append(struct sql_given *g, const struct aq_store_chunk *chunk, const void *bytes, int64_t max);
void sql_given_free(struct sql_given *g);

/* The document of a part, which is kept in `storage`; NULL when it was not given. `name` is for the error. */
int sql_given_document(const struct sql_given *g, enum aq_store_part part, const char *name, bson_t *storage,
	const bson_t **out, struct sql_error *err);
/* Everything that a query is made of. The documents are kept in `storage`. */
int sql_given_query(const struct sql_given *g, const struct sql_dialect *d, const struct sql_schema *s, bson_t storage[3],
	struct sql_query *out, struct sql_error *err);
/* The schema of a collection that is to be made; freed by the caller. */
int sql_given_schema(const struct sql_given *g, const struct sql_dialect *d, struct sql_schema *out, struct sql_error *err);
/* Adds the values that a statement is to be bound to, in their order; they borrow from the parts. */
int sql_given_parameters(const struct sql_given *g, struct sql_params *out, struct sql_error *err);

#endif
