/* How calls come and answers go: chunks torn at every byte, rows in pages, a caller that takes none for a while, frames, and
 * transactions. */
#include "sqlite_help.h"
#include "store_pages.h"
#include "store_turns.h"

static void reads_that_stay_open(void **state)
{
	uint64_t ids[READERS_MAX];
	struct rig r;

	(void)state;
	with_numbers(&r, 10, 5);
	r.quiet = true;
	for (int i = 0; i < READERS_MAX; i++)
		ids[i] = ask(&r, (struct ask){.op = AQ_STORE_FIND, .collection = "n"});
	refused(&r, AQ_STORE_REFUSED, "8 reads are open", (struct ask){.op = AQ_STORE_FIND, .collection = "n"});
	works(&r, (struct ask){.op = AQ_STORE_DELETE, .collection = "n", .filter = "{}"});
	r.ops->forget(r.k->self, ids[0]);
	said_clear();
	r.ops->more(r.k->self, ids[1], UINT32_MAX);
	assert_int_equal(said.row_count, 10); /* as it was */
	said.gone = true;
	said_clear();
	r.ops->more(r.k->self, ids[2], UINT32_MAX);
	said.gone = false;
	works(&r, (struct ask){.op = AQ_STORE_FIND, .collection = "n"});
	rig_free(&r);
}

/* ---- transactions ---- */

static uint64_t begin_transaction(struct rig *r)
{
	works(r, (struct ask){.op = AQ_STORE_BEGIN});
	assert_int_not_equal(said.end.transaction, 0);
	return said.end.transaction;
}

static void insert_in(struct rig *r, uint64_t transaction, const char *rows)
{
	works(r, (struct ask){.op = AQ_STORE_INSERT, .collection = "n", .rows = rows, .transaction = transaction});
}

static void all_or_nothing(void **state)
{
	struct rig r;
	uint64_t t;

	(void)state;
	with_numbers(&r, 1, 5);
	t = begin_transaction(&r);
	insert_in(&r, t, "[{\"id\":10},{\"id\":11}]");
	refused(&r, AQ_STORE_DUPLICATE, "", (struct ask){.op = AQ_STORE_INSERT, .collection = "n", .rows = "[{\"id\":12},{\"id\":10}]",
		.transaction = t});
	works(&r, (struct ask){.op = AQ_STORE_FIND, .collection = "n", .projection = "{\"id\":1}", .transaction = t});
	assert_string_equal(rows_json(), "{ \"id\" : 0 } { \"id\" : 10 } { \"id\" : 11 }");
	works(&r, (struct ask){.op = AQ_STORE_RAW, .statement = "SELECT count(*) AS c FROM n", .transaction = t});
	assert_string_equal(rows_json(), "{ \"c\" : 3 }");
	refused(&r, AQ_STORE_REFUSED, "not made in a transaction", (struct ask){.op = AQ_STORE_CREATE, .collection = "gone",
		.schema = NUMBERS, .transaction = t});
	works(&r, (struct ask){.op = AQ_STORE_ROLLBACK, .transaction = t});
	assert_int_equal(count(&r), 1);
	refused(&r, AQ_STORE_UNKNOWN, "gone", (struct ask){.op = AQ_STORE_COUNT, .collection = "gone"});
	t = begin_transaction(&r);
	insert_in(&r, t, "[{\"id\":10}]");
	works(&r, (struct ask){.op = AQ_STORE_COMMIT, .transaction = t});
	assert_int_equal(count(&r), 2);
	refused(&r, AQ_STORE_REFUSED, "it has ended", (struct ask){.op = AQ_STORE_COMMIT, .transaction = t});
	refused(&r, AQ_STORE_REFUSED, "it has ended", (struct ask){.op = AQ_STORE_COUNT, .collection = "n", .transaction = t});
	refused(&r, AQ_STORE_REFUSED, "names no transaction", (struct ask){.op = AQ_STORE_COMMIT});
	rig_free(&r);
}

/* All other calls, in their order, and another transaction among them. */
static void others_wait(void **state)
{
	struct rig r;
	uint64_t t, waiting;

	(void)state;
	with_numbers(&r, 1, 5);
	t = begin_transaction(&r);
	insert_in(&r, t, "[{\"id\":10}]");
	r.quiet = true;
	ask(&r, (struct ask){.op = AQ_STORE_INSERT, .collection = "n", .rows = "[{\"id\":20}]"});
	waiting = ask(&r, (struct ask){.op = AQ_STORE_FIND, .collection = "n", .projection = "{\"id\":1}"});
	r.ops->more(r.k->self, waiting, UINT32_MAX);
	ask(&r, (struct ask){.op = AQ_STORE_BEGIN});
	ask(&r, (struct ask){.op = AQ_STORE_DELETE, .collection = "n", .filter = "{}"});
	assert_int_equal(said.ends + said.errors, 0);
	r.quiet = false;
	said_clear();
	ask(&r, (struct ask){.op = AQ_STORE_COMMIT, .transaction = t});
	assert_int_equal(said.errors, 0);
	assert_int_equal(said.ends, 4); /* commit, insert, find, begin; the delete waits for that one */
	assert_string_equal(rows_json(), "{ \"id\" : 0 } { \"id\" : 10 } { \"id\" : 20 }");
	rig_free(&r);
}

static void the_rest_of_a_transaction(void **state)
{
	struct rig r;
	uint64_t t;

	(void)state;
	with_numbers(&r, 1, 5);
	t = begin_transaction(&r);
	insert_in(&r, t, "[{\"id\":10}]");
	aq_mock_time(r.k, r.k->now_ns + 31 * SECOND);
	aq_mock_run(r.k);
	assert_non_null(strstr(r.k->log, "rolled back: it is open for longer"));
	assert_int_equal(count(&r), 1);
	refused(&r, AQ_STORE_REFUSED, "it has ended", (struct ask){.op = AQ_STORE_INSERT, .collection = "n", .rows = "[{\"id\":11}]",
		.transaction = t});
	t = begin_transaction(&r);
	insert_in(&r, t, "[{\"id\":10}]");
	r.ops->forget(r.k->self, t);
	assert_int_equal(count(&r), 1);
	t = begin_transaction(&r);
	insert_in(&r, t, "[{\"id\":10}]");
	/* a statement that rolls back all by itself */
	refused(&r, AQ_STORE_DUPLICATE, "", (struct ask){.op = AQ_STORE_RAW, .statement = "INSERT OR ROLLBACK INTO n (id) VALUES (0)",
		.transaction = t});
	assert_int_equal(said.rollbacks, 1); /* whoever began it is told */
	assert_int_equal(said.rollback.call, t);
	assert_int_equal(count(&r), 1);
	t = begin_transaction(&r);
	insert_in(&r, t, "[{\"id\":10}]");
	rig_stop(&r);
	rig_start(&r);
	assert_int_equal(count(&r), 1);
	rig_free(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {STORE_TESTS, TURNS_TESTS, cmocka_unit_test(reads_that_stay_open),
		cmocka_unit_test(all_or_nothing), cmocka_unit_test(others_wait), cmocka_unit_test(the_rest_of_a_transaction)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
