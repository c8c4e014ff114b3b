/* create.c: a collection is made of its schema.
 *
 * MariaDB commits with every CREATE, so the two steps of it cannot be one transaction. The schema goes first: one that has
 * no table yet is no collection, and is written over by the next try. A lock by name keeps other processes out meanwhile. */
#include "mariadb/collections.h"

#include "sql/create.h"

#include <mysqld_error.h>
#include <string.h>

#define KEPT_TABLE "CREATE TABLE IF NOT EXISTS aq_collections (name VARBINARY(64) NOT NULL PRIMARY KEY, `schema` LONGBLOB NOT " \
	"NULL) ENGINE=InnoDB COMMENT='what the store knows of its collections'"

/* One row with one number; 1 when it is 1, 0 when it is another or there is none, -1. */
static int ask(struct session *c, const char *text, const char *name, struct sql_error *err)
{
	struct statement *st = collections_ask(c, text, name, err);
	struct sql_value v = {.type = SQL_NULL};
	int status;

	if (st == NULL)
		return -1;
	status = statement_next(c, st, err);
	if (status == 1 && cell_raw(st, 0, &v, err) != 0)
		status = -1;
	statement_release(c, st);
	return status < 0 ? -1 : v.type == SQL_INT64 && v.integer == 1;
}

static int lock(struct session *c, struct sql_error *err)
{
	int status = ask(c, "SELECT GET_LOCK(CONCAT('aq_collections ', MD5(DATABASE())), @@lock_wait_timeout)", NULL, err);

	if (status == 0) {
		sql_fail(err, AQ_STORE_CONFLICT, "somebody else makes a collection for too long");
		err->code = ER_LOCK_WAIT_TIMEOUT;
	}
	return status == 1 ? 0 : -1;
}

static void unlock(struct session *c)
{
	struct sql_error ignored;

	ask(c, "SELECT RELEASE_LOCK(CONCAT('aq_collections ', MD5(DATABASE())))", NULL, &ignored);
}

/* ---- the steps ---- */

static int keep_schema(struct session *c, const char *name, const bson_t *schema, struct sql_error *err)
{
	static const char text[] = "INSERT INTO aq_collections (name, `schema`) VALUES (?, ?) ON DUPLICATE KEY UPDATE `schema` = "
		"VALUES(`schema`)";
	struct sql_value values[2] = {{.type = SQL_BYTES}, {.type = SQL_BYTES}};
	const struct sql_params params = {.at = values, .count = 2};
	struct sql_buffer statement = {0};
	int status;

	values[0].bytes.at = name;
	values[0].bytes.length = (uint32_t)strlen(name);
	values[1].bytes.at = bson_get_data(schema);
	values[1].bytes.length = schema->len;
	sql_buffer_put(&statement, text);
	status = statement.failed ? sql_no_memory(err) : statement_do(c, &statement, &params, NULL, err);
	sql_buffer_free(&statement);
	return status;
}

static void drop_schema(struct session *c, const char *name)
{
	struct sql_error ignored;

	statement_release(c, collections_ask(c, "DELETE FROM aq_collections WHERE name = ?", name, &ignored));
}

static int make_table(struct session *c, const char *name, const struct sql_schema *schema, struct sql_error *err)
{
	struct sql_buffer text = {0};
	int status = sql_create_table(&sql_dialect_mariadb, name, schema, &text, err);

	c->sent = true;
	if (status == 0)
		status = session_run(c, text.at, err);
	sql_buffer_free(&text);
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

static int make_new(struct session *c, struct call *call, const struct sql_schema *schema, const bson_t *description,
	struct sql_error *err)
{
	const char *name = call->given.what.collection;
	int status = ask(c, "SELECT COUNT(*) > 0 FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND "
		"TABLE_NAME = CAST(? AS CHAR CHARACTER SET utf8mb4) COLLATE utf8mb4_bin", name, err);

	if (status == 1)
		return sql_fail(err, AQ_STORE_REFUSED, "table %s is there and is not of this store", name);
	if (status < 0 || keep_schema(c, name, description, err) != 0)
		return -1;
	if (make_table(c, name, schema, err) != 0) {
		drop_schema(c, name);
		return -1;
	}
	call->answer.end.changed = 1;
	return 0;
}

static int make(struct session *c, struct call *call, const struct sql_schema *schema, struct sql_error *err)
{
	bson_t *description = sql_schema_describe(schema);
	struct sql_schema there;
	int status = collection_load(c, call->given.what.collection, &there, err);

	if (status == 1) {
		status = compare(call->given.what.collection, &there, description, err);
		sql_schema_free(&there);
	} else if (status == 0) {
		status = make_new(c, call, schema, description, err);
	}
	bson_destroy(description);
	return status;
}

static int make_locked(struct session *c, struct call *call, const struct sql_schema *schema, struct sql_error *err)
{
	int status;

	if (lock(c, err) != 0)
		return -1;
	status = session_run(c, KEPT_TABLE, err) != 0 ? -1 : make(c, call, schema, err);
	unlock(c);
	return status;
}

/* ---- the call ---- */

int collection_create(struct session *c, struct call *call, struct sql_error *err)
{
	struct sql_schema schema;
	int status;

	if (sql_given_schema(&call->given, &sql_dialect_mariadb, &schema, err) != 0)
		return -1;
	sql_known_forget(&c->s->collections);
	status = make_locked(c, call, &schema, err);
	sql_schema_free(&schema);
	return status;
}
