/* change.h: what the operations that change rows have in common. */
#ifndef SQLITE_CHANGE_H
#define SQLITE_CHANGE_H

#include "sqlite/store.h"

#include "sql/update.h"

/* What a change works with. */
struct change {
	struct store *s;
	struct call *c;
	struct sql_query q;
	const bson_t *update; /* NULL = none was given */
	struct sql_error *err;
};

/* Reads what the call gives and works on its collection. */
int change_with(struct store *s, struct call *c, int (*work)(struct change *), struct sql_error *err);
/* Prepares and binds. NULL with the error. */
sqlite3_stmt *change_bound(struct change *m, const struct sql_buffer *text, const struct sql_params *params);
/* Runs it; how many rows it changed. */
int change_run(struct change *m, const struct sql_buffer *text, const struct sql_params *params, uint64_t *rows);
/* Inserts the row, which the answer's end tells. */
int change_insert(struct change *m, const struct sql_row *row);

#endif
