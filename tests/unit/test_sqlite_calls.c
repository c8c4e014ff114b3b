/* Every operation of the store in a file, through the plugin's own table: what it answers, in which pages, and what it
 * refuses with which words. */
#include "sqlite_help.h"
#include "store_calls.h"
#include "store_table.h"

static void row_numbers_have_other_names(void **state)
{
	struct rig r;

	(void)state;
	rig_new(&r);
	works(&r, (struct ask){.op = AQ_STORE_CREATE, .collection = "t", .schema = "{\"fields\":[{\"name\":\"ROWID\",\"type\":"
		"\"int64\",\"auto_increment\":true},{\"name\":\"oid\",\"type\":\"int64\"}]}"});
	works(&r, (struct ask){.op = AQ_STORE_INSERT, .collection = "t", .rows = "[{\"oid\":5},{\"oid\":6}]"});
	works(&r, (struct ask){.op = AQ_STORE_FIND_MODIFY, .collection = "t", .filter = "{\"oid\":6}",
		.update = "{\"$set\":{\"ROWID\":9}}", .flags = AQ_STORE_NEW});
	assert_string_equal(rows_json(), "{ \"ROWID\" : 9, \"oid\" : 6 }");
	assert_string_equal(found(&r, "t", "{}", "{\"ROWID\":1}"), "{ \"ROWID\" : 1, \"oid\" : 5 } { \"ROWID\" : 9, \"oid\" : 6 }");
	rig_free(&r);
}

/* Of two rows that are not taken, the first is told, also when that one is found out later. */
static void the_first_wrong_row(void **state)
{
	static const int places[] = {2, 64, 65, MANY - 1};
	char words[32];
	struct rig r;

	(void)state;
	with_five(&r);
	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
		snprintf(words, sizeof(words), "row %d: UNIQUE", places[i]);
		refused(&r, AQ_STORE_DUPLICATE, words, (struct ask){.op = AQ_STORE_INSERT, .collection = "t",
			.rows = many_rows(places[i] - 1, places[i])});
	}
	rig_free(&r);
}

/* A trigger undoes the transaction in the middle of a block: nothing that follows may be stored by itself. */
static void a_trigger_that_rolls_back(void **state)
{
	struct rig r;

	(void)state;
	with_five(&r);
	works(&r, (struct ask){.op = AQ_STORE_RAW, .statement = "CREATE TRIGGER no AFTER INSERT ON t WHEN NEW.id = 1100 BEGIN "
		"SELECT RAISE(ROLLBACK, 'not that one'); END"});
	refused(&r, AQ_STORE_REFUSED, "", (struct ask){.op = AQ_STORE_INSERT, .collection = "t", .rows = many_rows(-1, -1)});
	assert_string_equal(said.error.text, "not that one"); /* of no row: it may have been any of the block */
	works(&r, (struct ask){.op = AQ_STORE_COUNT, .collection = "t"});
	assert_int_equal(said.end.matched, 1);
	rig_free(&r);
}

static void raw_statements(void **state)
{
	struct rig r;

	(void)state;
	with_ticks(&r);
	works(&r, (struct ask){.op = AQ_STORE_RAW, .statement = "SELECT symbol, count(*) AS c FROM ticks WHERE time < ? GROUP BY "
		"symbol ORDER BY 1 -- end", .parameters = "{\"x\":2}"});
	assert_string_equal(rows_json(), "{ \"symbol\" : \"a\", \"c\" : 1 } { \"symbol\" : \"b\", \"c\" : 1 }");
	works(&r, (struct ask){.op = AQ_STORE_RAW, .statement = "UPDATE ticks SET n = ? WHERE symbol = ?",
		.parameters = "{\"1\":3,\"2\":\"a\"}"});
	assert_int_equal(said.end.changed, 2);
	works(&r, (struct ask){.op = AQ_STORE_RAW, .statement = "DELETE FROM ticks WHERE symbol = 'b' RETURNING time"});
	assert_string_equal(rows_json(), "{ \"time\" : 1 }");
	assert_int_equal(said.end.changed, 1);
	refused(&r, AQ_STORE_REFUSED, "2 places", (struct ask){.op = AQ_STORE_RAW, .statement = "SELECT ?, ?",
		.parameters = "{\"1\":3}"});
	refused(&r, AQ_STORE_REFUSED, "syntax error", (struct ask){.op = AQ_STORE_RAW, .statement = "SELEC 1"});
	refused(&r, AQ_STORE_REFUSED, "one statement", (struct ask){.op = AQ_STORE_RAW, .statement = "SELECT 1; SELECT 2"});
	refused(&r, AQ_STORE_REFUSED, "empty", (struct ask){.op = AQ_STORE_RAW, .statement = "-- nothing"});
	works(&r, (struct ask){.op = AQ_STORE_RAW, .statement = "DROP TABLE ticks"});
	refused(&r, AQ_STORE_UNKNOWN, "there is no collection ticks", (struct ask){.op = AQ_STORE_COUNT, .collection = "ticks"});
	works(&r, (struct ask){.op = AQ_STORE_CREATE, .collection = "ticks", .schema = "{\"fields\":[{\"name\":\"a\",\"type\":"
		"\"int64\"}]}"});
	rig_free(&r);
}
static void decimals_use_their_index(void **state)
{
	struct rig r;

	(void)state;
	with_ticks(&r);
	works(&r, (struct ask){.op = AQ_STORE_RAW,
		.statement = "EXPLAIN QUERY PLAN SELECT * FROM ticks WHERE price COLLATE aq_decimal > '5'"});
	assert_non_null(strstr(rows_json(), "USING INDEX"));
	rig_free(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {STORE_TESTS, cmocka_unit_test(calls_against_the_rules),
		cmocka_unit_test(row_numbers_have_other_names),
		cmocka_unit_test(the_first_wrong_row), cmocka_unit_test(a_trigger_that_rolls_back),
		cmocka_unit_test(raw_statements), cmocka_unit_test(decimals_use_their_index)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
