/* known.h: collections whose schema has been read, so that it need not be read again. One thread; each is freed when nobody
 * uses it any more. */
#ifndef SQL_KNOWN_H
#define SQL_KNOWN_H

#include "sql/schema.h"

#define SQL_KNOWN_MAX 32

struct sql_collection {
	char name[64];
	struct sql_schema schema;
	unsigned uses;
	bool stale; /* no longer in the list */
};

struct sql_known {
	struct sql_collection *list[SQL_KNOWN_MAX];
};

/* Goes back with sql_collection_put; NULL when it is not known. */
struct sql_collection *sql_known_get(struct sql_known *k, const char *name);
/* The schema becomes the collection's. Goes back with sql_collection_put; NULL: no memory. */
struct sql_collection *sql_known_add(struct sql_known *k, const char *name, const struct sql_schema *schema);
/* Accepts NULL. */
void sql_collection_put(struct sql_collection *c);
/* They may have changed. */
void sql_known_forget(struct sql_known *k);

#endif
