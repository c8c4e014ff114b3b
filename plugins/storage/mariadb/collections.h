/* collections.h: what looking up and making collections share. */
#ifndef MARIADB_COLLECTIONS_H
#define MARIADB_COLLECTIONS_H

#include "mariadb/store.h"

/* Asks a statement of ours about a collection, `name` NULL = about all. NULL with the error; goes back with
 * statement_release. */
struct statement *collections_ask(struct session *c, const char *text, const char *name, struct sql_error *err);
/* Its schema as the server has it. 1, 0 when there is no such collection, -1. */
int collection_load(struct session *c, const char *name, struct sql_schema *out, struct sql_error *err);

#endif
