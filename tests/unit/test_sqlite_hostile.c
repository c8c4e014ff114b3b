/* What a caller may give to a store in a file: values, names, statements that reach beyond their call, bytes that are no
 * BSON. */
#include "sqlite_help.h"
#include "store_hostile.h"

/* ---- statements of the caller ---- */

static void what_a_statement_may_not_do(void **state)
{
	static const char *const statements[] = {"BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT x", "RELEASE aq", "ROLLBACK TO aq",
		"ATTACH DATABASE '/tmp/aq_attached.db' AS x", "VACUUM INTO '/tmp/aq_attached.db'", "PRAGMA journal_mode = DELETE",
		"PRAGMA writable_schema = 1", "PRAGMA synchronous = OFF", "PRAGMA query_only = 0", "PRAGMA user_version = 7",
		"CREATE TEMP TABLE victim (k)", "CREATE TEMP VIEW victim AS SELECT 1",
		"CREATE TEMP TRIGGER x AFTER INSERT ON victim BEGIN DELETE FROM victim; END", "DELETE FROM aq_collections", "UPDATE aq_collections SET schema = x'00'",
		"INSERT INTO aq_collections VALUES ('x', x'00')", "DROP TABLE aq_collections", "CREATE TABLE aq_x (a)",
		"ALTER TABLE aq_collections RENAME TO y", "SELECT load_extension('x')", "UPDATE sqlite_schema SET sql = 'x'",
		"DELETE FROM sqlite_schema", "SELECT 1; DELETE FROM victim", "SELECT 1;; DELETE FROM victim",
		"/* x */ SELECT 1 /* y */ ; -- z\n DELETE FROM victim"};
	struct rig r;
	int64_t before;

	(void)state;
	with_victim(&r);
	before = things(&r);
	for (size_t i = 0; i < sizeof(statements) / sizeof(*statements); i++) {
		ask(&r, (struct ask){.op = AQ_STORE_RAW, .statement = statements[i]});
		if (said.errors != 1)
			fail_msg("%s is not refused", statements[i]);
		assert_unharmed(&r, statements[i]);
		assert_int_equal(things(&r), before);
	}
	assert_int_not_equal(access("/tmp/aq_attached.db", F_OK), 0);
	works(&r, (struct ask){.op = AQ_STORE_RAW, .statement = "SELECT 1 /* y */ ; -- z\n ; "});
	works(&r, (struct ask){.op = AQ_STORE_RAW, .statement = "PRAGMA table_info(victim)"});
	refused(&r, AQ_STORE_REFUSED, "UTF-8", (struct ask){.op = AQ_STORE_RAW, .statement = "SELECT '\xff'"});
	refused(&r, AQ_STORE_REFUSED, "UTF-8", (struct ask){.op = AQ_STORE_RAW, .statement = "SELECT 1\0; DROP TABLE victim",
		.length = 28});
	refused(&r, AQ_STORE_REFUSED, "no valid UTF-8", (struct ask){.op = AQ_STORE_RAW, .statement = "SELECT CAST(x'ff' AS TEXT)"});
	rig_free(&r);
}

/* A trigger acts when somebody else inserts. */
static void triggers_may_not_either(void **state)
{
	struct ask insert = {.op = AQ_STORE_INSERT, .collection = "other", .rows = "[{\"k\":\"x\"}]"};
	struct rig r;

	(void)state;
	with_victim(&r);
	works(&r, (struct ask){.op = AQ_STORE_CREATE, .collection = "other", .schema = "{\"fields\":[{\"name\":\"k\",\"type\":\"text\"}]}"});
	works(&r, (struct ask){.op = AQ_STORE_RAW, .statement = "CREATE TRIGGER x AFTER INSERT ON other BEGIN "
		"DELETE FROM aq_collections; END"});
	refused(&r, AQ_STORE_REFUSED, "not authorized", insert);
	assert_unharmed(&r, "the trigger");
	works(&r, (struct ask){.op = AQ_STORE_RAW, .statement = "DROP TRIGGER x"});
	works(&r, insert);
	rig_free(&r);
}

static void large_values_of_statements(void **state)
{
	struct rig r;

	(void)state;
	with_victim(&r);
	refused(&r, AQ_STORE_REFUSED, "too big", (struct ask){.op = AQ_STORE_RAW, .statement = "SELECT randomblob(9000000)"});
	refused(&r, AQ_STORE_REFUSED, "max_call", (struct ask){.op = AQ_STORE_RAW, .statement = "WITH RECURSIVE n(i) AS (SELECT 1 "
		"UNION ALL SELECT i + 1 FROM n) INSERT INTO victim SELECT 'n' || i, i FROM n LIMIT 500 RETURNING hex(zeroblob(20000))"});
	assert_unharmed(&r, "large rows");
	rig_free(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {STORE_TESTS, cmocka_unit_test(what_a_statement_may_not_do),
		cmocka_unit_test(triggers_may_not_either), cmocka_unit_test(large_values_of_statements)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
