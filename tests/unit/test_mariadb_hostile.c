/* What a caller may give to a store on a server: values, names, statements that reach beyond their call, bytes that are no
 * BSON. */
#include "mariadb_help.h"
#include "store_hostile.h"

static void what_a_statement_may_not_do(void **state)
{
	static const char *const statements[] = {"BEGIN", "START TRANSACTION", "COMMIT", "ROLLBACK", "SAVEPOINT x",
		"ROLLBACK TO aq", "SET autocommit = 0", "SET SESSION sql_mode = ''", "SET GLOBAL max_connections = 1", "USE mysql",
		"LOCK TABLES victim WRITE", "FLUSH TABLES", "CREATE TEMPORARY TABLE victim (k INT)",
		"CREATE OR REPLACE TEMPORARY TABLE victim (k INT)", "create /* */ temporary table victim (k INT)",
		"LOAD DATA LOCAL INFILE '/etc/passwd' INTO TABLE victim", "CALL x()", "DO SLEEP(1)", "PREPARE x FROM 'SELECT 1'",
		"EXECUTE IMMEDIATE 'DELETE FROM victim'", "HANDLER victim OPEN", "KILL 1", "SHUTDOWN", "XA BEGIN 'x'",
		"BEGIN NOT ATOMIC DELETE FROM victim; END", "/*! DELETE FROM victim */", "/*!50000 SET autocommit = 0 */",
		"/*M! DELETE FROM victim */", "DELETE FROM aq_collections", "UPDATE `AQ_Collections` SET `schema` = ''",
		"DROP TABLE aq_collections", "SELECT 1; DELETE FROM victim", "SELECT 1;; DELETE FROM victim",
		"/* x */ SELECT 1 /* y */ ; -- z\n DELETE FROM victim", "GRANT ALL ON *.* TO x", "SET STATEMENT max_statement_time = 1 FOR DELETE FROM victim",
		"SELECTED", "", "("};
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
	works(&r, (struct ask){.op = AQ_STORE_RAW, .statement = "(SELECT 1)"});
	refused(&r, AQ_STORE_REFUSED, "UTF-8", (struct ask){.op = AQ_STORE_RAW, .statement = "SELECT '\xff'"});
	refused(&r, AQ_STORE_REFUSED, "UTF-8", (struct ask){.op = AQ_STORE_RAW, .statement = "SELECT 1\0; DROP TABLE victim",
		.length = 28});
	rig_free(&r);
}

static void large_values_of_statements(void **state)
{
	struct rig r;

	(void)state;
	with_victim(&r);
	refused(&r, AQ_STORE_REFUSED, "max_call", (struct ask){.op = AQ_STORE_RAW, .statement = "INSERT INTO victim SELECT CONCAT('n', "
		"seq), seq FROM seq_1_to_500 RETURNING REPEAT('x', 20000)"});
	assert_unharmed(&r, "large rows");
	rig_free(&r);
}

/* Texts that differ only in case, accents or blanks at their end are different, as keys too. */
static void texts_are_bytes(void **state)
{
	struct rig r;

	(void)state;
	rig_new(&r);
	works(&r, (struct ask){.op = AQ_STORE_CREATE, .collection = "t", .schema = "{\"fields\":[{\"name\":\"k\",\"type\":"
		"\"text\",\"key\":true}]}"});
	works(&r, (struct ask){.op = AQ_STORE_INSERT, .collection = "t", .rows = "[{\"k\":\"a\"},{\"k\":\"A\"},{\"k\":\"a \"},"
		"{\"k\":\"\\u00e4\"},{\"k\":\"\"},{\"k\":\" \"}]"});
	works(&r, (struct ask){.op = AQ_STORE_COUNT, .collection = "t", .filter = "{\"k\":\"a\"}"});
	assert_int_equal(said.end.matched, 1);
	works(&r, (struct ask){.op = AQ_STORE_RAW, .statement = "SELECT ? = 'A' x, ? = 'a ' y", .parameters = "{\"1\":\"a\",\"2\":"
		"\"a\"}"});
	assert_string_equal(rows_json(), "{ \"x\" : 0, \"y\" : 0 }");
	rig_free(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {STORE_TESTS, cmocka_unit_test(what_a_statement_may_not_do),
		cmocka_unit_test(large_values_of_statements), cmocka_unit_test(texts_are_bytes)};

	return server_make() ? cmocka_run_group_tests(tests, NULL, NULL) : 0;
}
