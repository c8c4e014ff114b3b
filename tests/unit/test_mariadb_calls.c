/* Every operation of the store on a server: what it answers, and what it refuses with which words. */
#include "mariadb_help.h"
#include "store_calls.h"
#include "store_table.h"

/* A field may have the name that a table without a key would need for itself. */
static void tables_without_a_key(void **state)
{
	struct ask a = {.op = AQ_STORE_FIND_MODIFY, .collection = "t", .filter = "{\"a\":1}", .update = "{\"$inc\":{\"a\":1}}",
		.flags = AQ_STORE_NEW};
	struct rig r;

	(void)state;
	rig_new(&r);
	works(&r, (struct ask){.op = AQ_STORE_CREATE, .collection = "t", .schema = "{\"fields\":[{\"name\":\"a\",\"type\":"
		"\"int64\"}]}"});
	works(&r, (struct ask){.op = AQ_STORE_INSERT, .collection = "t", .rows = "[{\"a\":1},{\"a\":1}]"});
	assert_int_equal(said.end.insert_id, 0);
	works(&r, a); /* one of two that are the same */
	assert_string_equal(rows_json(), "{ \"a\" : 2 }");
	assert_string_equal(found(&r, "t", "{}", "{\"a\":1}"), "{ \"a\" : 1 } { \"a\" : 2 }");
	works(&r, (struct ask){.op = AQ_STORE_RAW, .statement = "SELECT * FROM t ORDER BY a"});
	assert_string_equal(rows_json(), "{ \"a\" : 1 } { \"a\" : 2 }");
	refused(&r, AQ_STORE_REFUSED, "Duplicate column name 'aq_row'", (struct ask){.op = AQ_STORE_CREATE, .collection = "u",
		.schema = "{\"fields\":[{\"name\":\"aq_row\",\"type\":\"int64\"}]}"});
	works(&r, (struct ask){.op = AQ_STORE_LIST});
	assert_string_equal(rows_json(), "{ \"name\" : \"t\" }");
	rig_free(&r);
}

/* The row is shown as it is, though its key has changed. */
static void keys_that_change(void **state)
{
	struct ask a = {.op = AQ_STORE_FIND_MODIFY, .collection = "t", .filter = "{\"n\":5}", .flags = AQ_STORE_NEW};
	struct rig r;

	(void)state;
	rig_new(&r);
	works(&r, (struct ask){.op = AQ_STORE_CREATE, .collection = "t", .schema = "{\"fields\":[{\"name\":\"s\",\"type\":"
		"\"text\",\"key\":true},{\"name\":\"i\",\"type\":\"int64\",\"key\":true},{\"name\":\"p\",\"type\":"
		"\"decimal\",\"precision\":20,\"digits\":3,\"key\":true},{\"name\":\"f\",\"type\":\"double\",\"key\":true},"
		"{\"name\":\"n\",\"type\":\"int64\"}]}"});
	works(&r, (struct ask){.op = AQ_STORE_INSERT, .collection = "t", .rows = "[{\"s\":\"it's\",\"i\":1,\"p\":\"0.1\","
		"\"f\":0.1,\"n\":5}]"});
	a.update = "{\"$inc\":{\"i\":4,\"p\":\"1.5\",\"f\":0.2},\"$max\":{\"s\":\"jt\"}}";
	works(&r, a);
	assert_string_equal(rows_json(), "{ \"s\" : \"jt\", \"i\" : 5, \"p\" : { \"$numberDecimal\" : \"1.600\" }, \"f\" : "
		"0.30000000000000004441, \"n\" : 5 }");
	a.update = "{\"$set\":{\"s\":\"x\"},\"$min\":{\"i\":2,\"p\":9,\"f\":-1}}";
	works(&r, a);
	assert_string_equal(rows_json(), "{ \"s\" : \"x\", \"i\" : 2, \"p\" : { \"$numberDecimal\" : \"1.600\" }, \"f\" : "
		"-1.0, \"n\" : 5 }");
	rig_free(&r);
}

static void raw_statements(void **state)
{
	struct rig r;

	(void)state;
	with_ticks(&r);
	works(&r, (struct ask){.op = AQ_STORE_RAW, .statement = "/* x */ SELECT symbol, count(*) AS c FROM ticks WHERE time < ? "
		"GROUP BY symbol ORDER BY 1 -- end", .parameters = "{\"x\":2}"});
	assert_string_equal(rows_json(), "{ \"symbol\" : \"a\", \"c\" : 1 } { \"symbol\" : \"b\", \"c\" : 1 }");
	works(&r, (struct ask){.op = AQ_STORE_RAW, .statement = "UPDATE ticks SET n = ? WHERE symbol = ?",
		.parameters = "{\"1\":3,\"2\":\"a\"}"});
	assert_int_equal(said.end.changed, 2);
	works(&r, (struct ask){.op = AQ_STORE_RAW, .statement = "DELETE FROM ticks WHERE symbol = 'b' RETURNING time"});
	assert_string_equal(rows_json(), "{ \"time\" : 1 }");
	works(&r, (struct ask){.op = AQ_STORE_RAW, .statement = "SELECT CAST(1.50 AS DECIMAL(5,2)) a, 1e0 b, NULL c, 'x' d, "
		"x'00ff' e, DATE'2024-02-03' f, CAST(7 AS UNSIGNED) g"});
	assert_string_equal(rows_json(), "{ \"a\" : { \"$numberDecimal\" : \"1.50\" }, \"b\" : 1.0, \"c\" : null, \"d\" : "
		"\"x\", \"e\" : { \"$binary\" : { \"base64\" : \"AP8=\", \"subType\" : \"00\" } }, \"f\" : \"2024-02-03\", "
		"\"g\" : 7 }");
	works(&r, (struct ask){.op = AQ_STORE_RAW, .statement = "SHOW TABLES"});
	assert_int_equal(said.row_count, 2);
	refused(&r, AQ_STORE_REFUSED, "larger than int64", (struct ask){.op = AQ_STORE_RAW,
		.statement = "SELECT CAST(18446744073709551615 AS UNSIGNED) a"});
	refused(&r, AQ_STORE_REFUSED, "2 places", (struct ask){.op = AQ_STORE_RAW, .statement = "SELECT ?, ?",
		.parameters = "{\"1\":3}"});
	refused(&r, AQ_STORE_REFUSED, "error in your SQL syntax", (struct ask){.op = AQ_STORE_RAW, .statement = "SELECT FROM"});
	refused(&r, AQ_STORE_REFUSED, "error in your SQL syntax", (struct ask){.op = AQ_STORE_RAW,
		.statement = "SELECT 1; SELECT 2"});
	refused(&r, AQ_STORE_REFUSED, "empty", (struct ask){.op = AQ_STORE_RAW, .statement = "-- nothing"});
	refused(&r, AQ_STORE_UNKNOWN, "doesn't exist", (struct ask){.op = AQ_STORE_RAW, .statement = "SELECT * FROM none"});
	refused(&r, AQ_STORE_UNKNOWN, "Unknown column", (struct ask){.op = AQ_STORE_RAW, .statement = "SELECT z FROM ticks"});
	works(&r, (struct ask){.op = AQ_STORE_RAW, .statement = "DROP TABLE ticks"});
	refused(&r, AQ_STORE_UNKNOWN, "there is no collection ticks", (struct ask){.op = AQ_STORE_COUNT, .collection = "ticks"});
	works(&r, (struct ask){.op = AQ_STORE_CREATE, .collection = "ticks", .schema = "{\"fields\":[{\"name\":\"a\",\"type\":"
		"\"int64\"}]}"});
	rig_free(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {STORE_TESTS, cmocka_unit_test(calls_against_the_rules),
		cmocka_unit_test(tables_without_a_key), cmocka_unit_test(keys_that_change), cmocka_unit_test(raw_statements)};

	return server_make() ? cmocka_run_group_tests(tests, NULL, NULL) : 0;
}
