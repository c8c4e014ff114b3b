/* collections.c: the schemas, kept in a table of the database beside the collections that they describe. */
#include "mariadb/collections.h"

#include <mysqld_error.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- the server ---- */

/* A collection is there when both its schema and its table are: either may be left over alone. */
#define FROM_KEPT " FROM aq_collections c JOIN information_schema.TABLES t ON t.TABLE_SCHEMA = DATABASE() AND " \
	"t.TABLE_NAME = CAST(c.name AS CHAR CHARACTER SET utf8mb4) COLLATE utf8mb4_bin AND t.TABLE_TYPE = 'BASE TABLE'"

struct statement *collections_ask(struct session *c, const char *text, const char *name, struct sql_error *err)
{
	struct sql_value v = {.type = SQL_BYTES};
	struct statement *st = statement_prepare(c, text, strlen(text), err);
	int status;

	if (st == NULL)
		return NULL;
	v.bytes.at = name != NULL ? name : "";
	v.bytes.length = (uint32_t)strlen(v.bytes.at);
	c->looks = strncmp(text, "SELECT", 6) == 0;
	status = statement_execute(c, st, &v, name != NULL, false, err);
	c->looks = false;
	if (status == 0)
		return st;
	statement_release(c, st);
	return NULL;
}

static int read_schema(const struct statement *row, struct sql_schema *out, struct sql_error *err)
{
	struct sql_value v;
	bson_t document;

	if (cell_raw(row, 0, &v, err) != 0)
		return -1;
	if (v.type != SQL_BYTES)
		return sql_fail(err, AQ_STORE_REFUSED, "aq_collections is not as this store makes it");
	if (sql_document_open(v.bytes.at, v.bytes.length, "kept schema", &document, err) != 0)
		return -1;
	return sql_schema_read(&sql_dialect_mariadb, &document, out, err);
}

/* Before the first collection is made there is no table of them. */
static bool is_missing(const struct sql_error *err)
{
	return err->code == ER_NO_SUCH_TABLE;
}

int collection_load(struct session *c, const char *name, struct sql_schema *out, struct sql_error *err)
{
	struct statement *st = collections_ask(c, "SELECT c.`schema`" FROM_KEPT " WHERE c.name = ?", name, err);
	int status;

	if (st == NULL)
		return is_missing(err) ? 0 : -1;
	status = statement_next(c, st, err);
	if (status == 1)
		status = read_schema(st, out, err) == 0 ? 1 : -1;
	statement_release(c, st);
	return status;
}

struct sql_collection *collection_get(struct session *c, const char *name, struct sql_error *err)
{
	struct sql_collection *collection = sql_known_get(&c->s->collections, name);
	struct sql_schema schema = {0};
	int status;

	if (collection != NULL)
		return collection;
	status = collection_load(c, name, &schema, err);
	if (status == 0)
		sql_fail(err, AQ_STORE_UNKNOWN, "there is no collection %s", name);
	if (status != 1)
		return NULL;
	collection = sql_known_add(&c->s->collections, name, &schema);
	if (collection == NULL) {
		sql_schema_free(&schema);
		sql_no_memory(err);
	}
	return collection;
}

/* ---- list and describe ---- */

static int add_name(struct call *call, const struct statement *row, struct sql_error *err)
{
	bson_t document = BSON_INITIALIZER;
	struct sql_value v;
	int status = cell_raw(row, 0, &v, err);

	if (status == 0 && v.type == SQL_BYTES && bson_utf8_validate(v.bytes.at, v.bytes.length, false)) {
		bson_append_utf8(&document, "name", -1, v.bytes.at, (int)v.bytes.length);
		status = answer_add(call, &document, err);
	}
	bson_destroy(&document);
	return status;
}

int collections_list(struct session *c, struct call *call, struct sql_error *err)
{
	struct statement *st = collections_ask(c, "SELECT c.name" FROM_KEPT " ORDER BY c.name", NULL, err);
	int status = st != NULL ? 1 : is_missing(err) ? 0 : -1;

	while (status == 1) {
		status = statement_next(c, st, err);
		if (status == 1 && add_name(call, st, err) != 0)
			status = -1;
	}
	statement_release(c, st);
	return status;
}

int collection_describe(struct session *c, struct call *call, struct sql_error *err)
{
	struct sql_collection *collection = collection_get(c, call->given.what.collection, err);
	bson_t *description;
	int status;

	if (collection == NULL)
		return -1;
	description = sql_schema_describe(&collection->schema);
	status = answer_add(call, description, err);
	bson_destroy(description);
	sql_collection_put(collection);
	return status;
}
