/* collections.c: the schemas, kept in a table of the file beside the collections that they describe. */
#include "sqlite/store.h"

#include "sql/create.h"

#include <stdlib.h>
#include <stdio.h>
#include <string.h>

/* ---- the file ---- */

#define FROM_KEPT " FROM aq_collections c JOIN sqlite_schema t ON t.name = c.name AND t.type = 'table'"

static sqlite3_stmt *named(struct store *s, const char *text, const char *name, struct sql_error *err)
{
	sqlite3_stmt *statement = connection_prepare(&s->writer, text, err);
	int code = statement != NULL ? sqlite3_bind_text(statement, 1, name, -1, SQLITE_STATIC) : SQLITE_OK;

	if (code == SQLITE_OK)
		return statement;
	connection_failed(&s->writer, code, err);
	connection_release(&s->writer, statement);
	return NULL;
}

static int read_schema(sqlite3_stmt *row, struct sql_schema *out, struct sql_error *err)
{
	bson_t document;

	if (sql_document_open(sqlite3_column_blob(row, 0), (size_t)sqlite3_column_bytes(row, 0), "kept schema", &document,
		err) != 0)
		return -1;
	return sql_schema_read(&sql_dialect_sqlite, &document, out, err);
}

/* 1, 0 when there is none, -1. */
static int load(struct store *s, const char *name, struct sql_schema *out, struct sql_error *err)
{
	sqlite3_stmt *statement = named(s, "SELECT c.schema" FROM_KEPT " WHERE c.name = ?", name, err);
	int code, status = 0;

	if (statement == NULL)
		return -1;
	code = sqlite3_step(statement);
	if (code == SQLITE_ROW)
		status = read_schema(statement, out, err) == 0 ? 1 : -1;
	else if (code != SQLITE_DONE)
		status = connection_failed(&s->writer, code, err);
	connection_release(&s->writer, statement);
	return status;
}

struct sql_collection *collection_get(struct store *s, const char *name, struct sql_error *err)
{
	struct sql_collection *c = sql_known_get(&s->collections, name);
	struct sql_schema schema = {0};
	int status;

	if (c != NULL)
		return c;
	status = load(s, name, &schema, err);
	if (status == 0)
		sql_fail(err, AQ_STORE_UNKNOWN, "there is no collection %s", name);
	if (status != 1)
		return NULL;
	c = sql_known_add(&s->collections, name, &schema);
	if (c == NULL) {
		sql_schema_free(&schema);
		sql_no_memory(err);
	}
	return c;
}

/* ---- create ---- */

static int run(void *context, const char *statement, struct sql_error *err)
{
	return connection_run(context, statement, err);
}

static int create_table(struct store *s, const char *name, const struct sql_schema *schema, struct sql_error *err)
{
	struct sql_buffer text = {0};
	int status = sql_create_table(&sql_dialect_sqlite, name, schema, &text, err);

	if (status == 0)
		status = connection_run(&s->writer, text.at, err);
	sql_buffer_free(&text);
	return status != 0 ? -1 : sql_create_indexes(&sql_dialect_sqlite, name, schema, run, &s->writer, err);
}

static int keep_schema(struct store *s, const char *name, const bson_t *schema, struct sql_error *err)
{
	sqlite3_stmt *statement = named(s, "INSERT OR REPLACE INTO aq_collections (name, schema) VALUES (?, ?)", name, err);
	int status;

	if (statement == NULL)
		return -1;
	sqlite3_bind_blob(statement, 2, bson_get_data(schema), (int)schema->len, SQLITE_STATIC);
	status = store_step(&s->writer, statement, err);
	connection_release(&s->writer, statement);
	return status;
}

/* The same again is no error. */
static int compare(const char *name, const struct sql_schema *there, const bson_t *wanted, struct sql_error *err)
{
	bson_t *description = sql_schema_describe(there);
	bool same = bson_equal(description, wanted);

	bson_destroy(description);
	return same ? 0 : sql_fail(err, AQ_STORE_REFUSED, "collection %s is there with another schema", name);
}

static int create_new(struct store *s, struct call *c, const struct sql_schema *schema, struct sql_error *err)
{
	const char *name = c->given.what.collection;
	bson_t *description = sql_schema_describe(schema);
	struct sql_schema there;
	int status = load(s, name, &there, err);

	if (status == 1) {
		status = compare(name, &there, description, err);
		sql_schema_free(&there);
	} else if (status == 0) {
		status = create_table(s, name, schema, err) != 0 ? -1 : keep_schema(s, name, description, err);
		c->answer.end.changed = 1;
	}
	bson_destroy(description);
	return status;
}

int collection_create(struct store *s, struct call *c, struct sql_error *err)
{
	struct sql_schema schema;
	int status;

	if (sql_given_schema(&c->given, &sql_dialect_sqlite, &schema, err) != 0)
		return -1;
	sql_known_forget(&s->collections); /* a transaction may take back what it has made */
	status = create_new(s, c, &schema, err);
	sql_schema_free(&schema);
	return status;
}

/* ---- list and describe ---- */

static int add_name(struct store *s, struct call *c, sqlite3_stmt *row, struct sql_error *err)
{
	bson_t document = BSON_INITIALIZER;
	int status;

	BSON_APPEND_UTF8(&document, "name", (const char *)sqlite3_column_text(row, 0));
	status = answer_add(s, c, &document, err);
	bson_destroy(&document);
	return status;
}

int collections_list(struct store *s, struct call *c, struct sql_error *err)
{
	sqlite3_stmt *statement = connection_prepare(&s->writer, "SELECT c.name" FROM_KEPT " ORDER BY c.name", err);
	int code = SQLITE_DONE, status = statement != NULL ? 0 : -1;

	while (status == 0 && (code = sqlite3_step(statement)) == SQLITE_ROW)
		status = add_name(s, c, statement, err);
	if (status == 0 && code != SQLITE_DONE)
		status = connection_failed(&s->writer, code, err);
	connection_release(&s->writer, statement);
	return status;
}

int collection_describe(struct store *s, struct call *c, struct sql_error *err)
{
	struct sql_collection *collection = collection_get(s, c->given.what.collection, err);
	bson_t *description;
	int status;

	if (collection == NULL)
		return -1;
	description = sql_schema_describe(&collection->schema);
	status = answer_add(s, c, description, err);
	bson_destroy(description);
	sql_collection_put(collection);
	return status;
}
