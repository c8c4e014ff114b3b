/* change.h: what the operations that change rows have in common. */
#ifndef MARIADB_CHANGE_H
#define MARIADB_CHANGE_H

#include "mariadb/store.h"

#include "sql/update.h"

/* What a change works with. */
struct change {
	struct session *c;
	struct call *call;
	struct sql_query q;
	const bson_t *update; /* NULL = none was given */
	struct sql_error *err;
};

/* Reads what the call gives and works on its collection. */
int change_with(struct session *c, struct call *call, int (*work)(struct change *), struct sql_error *err);
/* Inserts the row, which the answer's end tells. */
int change_insert(struct change *m, const struct sql_row *row);
/* Of the row that a statement has inserted: what the field that counts itself has become; 0 = there is no such field. */
int64_t change_insert_id(const struct sql_schema *s, const struct sql_row *row, const struct statement *st);

/* ---- key.c: which row it is ---- */

/* The values of the primary key; a table without one has a column of the store's own. */
struct key {
	const struct sql_schema *s;
	struct sql_columns columns; /* none: the store's own */
	struct sql_value *values;   /* owned, and their texts */
	uint32_t count;
};

/* The first of the query's rows, which nobody else changes then. 1, 0 when none matches, -1. */
int key_find(struct change *m, struct key *out);
void key_free(struct key *k);
/* Adds WHERE and the values. */
int key_where(const struct key *k, struct sql_buffer *out, struct sql_params *params, struct sql_error *err);
/* It becomes the key that the row has after the update. */
int key_change(struct key *k, const bson_t *update, struct sql_error *err);

#endif
