/* known.c: see known.h. */
#include "sql/known.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void sql_collection_put(struct sql_collection *c)
{
	if (c == NULL || --c->uses > 0 || !c->stale)
		return;
	sql_schema_free(&c->schema);
	free(c);
}

static void forget(struct sql_known *k, int place)
{
	struct sql_collection *c = k->list[place];

	k->list[place] = NULL;
	if (c == NULL)
		return;
	c->stale = true;
	c->uses++;
	sql_collection_put(c);
}

void sql_known_forget(struct sql_known *k)
{
	for (int i = 0; i < SQL_KNOWN_MAX; i++)
		forget(k, i);
}

struct sql_collection *sql_known_get(struct sql_known *k, const char *name)
{
	for (int i = 0; i < SQL_KNOWN_MAX; i++)
		if (k->list[i] != NULL && strcmp(k->list[i]->name, name) == 0) {
			k->list[i]->uses++;
			return k->list[i];
		}
	return NULL;
}

struct sql_collection *sql_known_add(struct sql_known *k, const char *name, const struct sql_schema *schema)
{
	struct sql_collection *c = calloc(1, sizeof(*c));
	int place = 0;

	if (c == NULL)
		return NULL;
	while (place < SQL_KNOWN_MAX - 1 && k->list[place] != NULL)
		place++;
	forget(k, place);
	snprintf(c->name, sizeof(c->name), "%s", name);
	c->schema = *schema;
	c->uses = 1;
	k->list[place] = c;
	return c;
}
