/* Transactions on a server: all of them or nothing, several at a time, conflicts; and in which order calls run. */
#include "mariadb_help.h"
#include "store_numbers.h"

static void with_numbers(struct rig *r)
{
	rig_new(r);
	works(r, (struct ask){.op = AQ_STORE_CREATE, .collection = "n", .schema = NUMBERS});
	works(r, (struct ask){.op = AQ_STORE_CREATE, .collection = "m", .schema = NUMBERS});
	works(r, (struct ask){.op = AQ_STORE_INSERT, .collection = "n", .rows = "[{\"id\":1,\"v\":0},{\"id\":2,\"v\":0}]"});
}

static struct ask add_in(uint64_t transaction, const char *filter)
{
	return (struct ask){.op = AQ_STORE_UPDATE, .collection = "n", .filter = filter, .update = "{\"$inc\":{\"v\":1}}",
		.transaction = transaction};
}

static void end_in(struct rig *r, uint64_t transaction, uint8_t op)
{
	works(r, (struct ask){.op = op, .transaction = transaction});
}

/* ---- all of it or nothing ---- */

static void all_or_nothing(void **state)
{
	struct rig r;
	uint64_t t;

	(void)state;
	with_numbers(&r);
	t = begin_transaction(&r);
	works(&r, insert_in(t, "[{\"id\":10},{\"id\":11}]"));
	refused(&r, AQ_STORE_DUPLICATE, "row 2", insert_in(t, "[{\"id\":12},{\"id\":10}]"));
	refused(&r, AQ_STORE_DUPLICATE, "row 1", insert_in(t, "[{\"id\":10}]"));
	works(&r, (struct ask){.op = AQ_STORE_FIND, .collection = "n", .projection = "{\"id\":1}", .transaction = t});
	assert_string_equal(rows_json(), "{ \"id\" : 1 } { \"id\" : 2 } { \"id\" : 10 } { \"id\" : 11 }");
	works(&r, (struct ask){.op = AQ_STORE_FIND, .collection = "n", .flags = AQ_STORE_AS_FRAMES, .transaction = t});
	assert_int_equal(said.row_count, 4);
	works(&r, (struct ask){.op = AQ_STORE_RAW, .statement = "SELECT count(*) AS c FROM n", .transaction = t});
	assert_string_equal(rows_json(), "{ \"c\" : 4 }");
	works(&r, (struct ask){.op = AQ_STORE_RAW, .statement = "DELETE FROM n WHERE id = 1", .transaction = t});
	refused(&r, AQ_STORE_REFUSED, "in a transaction", (struct ask){.op = AQ_STORE_CREATE, .collection = "x",
		.schema = NUMBERS, .transaction = t});
	refused(&r, AQ_STORE_REFUSED, "in a transaction", (struct ask){.op = AQ_STORE_RAW, .statement = "DROP TABLE n",
		.transaction = t});
	assert_int_equal(count_in(&r, 0), 2); /* others see nothing of it */
	end_in(&r, t, AQ_STORE_ROLLBACK);
	assert_int_equal(count_in(&r, 0), 2);
	t = begin_transaction(&r);
	works(&r, insert_in(t, "[{\"id\":10}]"));
	end_in(&r, t, AQ_STORE_COMMIT);
	assert_int_equal(count_in(&r, 0), 3);
	refused(&r, AQ_STORE_REFUSED, "it has ended", (struct ask){.op = AQ_STORE_COMMIT, .transaction = t});
	refused(&r, AQ_STORE_REFUSED, "it has ended", insert_in(t, "[{\"id\":20}]"));
	refused(&r, AQ_STORE_REFUSED, "names no transaction", (struct ask){.op = AQ_STORE_COMMIT});
	rig_free(&r);
}

static void those_that_nobody_ends(void **state)
{
	struct rig r;
	uint64_t t;

	(void)state;
	with_numbers(&r);
	t = begin_transaction(&r);
	works(&r, insert_in(t, "[{\"id\":10}]"));
	rig_later(&r, 31 * SECOND);
	assert_non_null(strstr(r.k->log, "rolled back: it is open for longer"));
	rig_settle(&r);
	assert_int_equal(said.rollbacks, 1);
	assert_int_equal(said.rollback.call, t);
	assert_non_null(strstr(said.rollback.text, "rolled back: it is open for longer"));
	assert_int_equal(count_in(&r, 0), 2);
	refused(&r, AQ_STORE_REFUSED, "it has ended", insert_in(t, "[{\"id\":11}]"));
	t = begin_transaction(&r);
	works(&r, insert_in(t, "[{\"id\":10}]"));
	forget_call(&r, t);
	assert_int_equal(count_in(&r, 0), 2);
	assert_int_equal(pool_held(r.s), 0);
	t = begin_transaction(&r);
	works(&r, insert_in(t, "[{\"id\":10}]"));
	rig_stop(&r);
	rig_start(&r);
	assert_int_equal(count_in(&r, 0), 2);
	rig_free(&r);
}

/* ---- several at a time ---- */

static void each_has_its_own(void **state)
{
	struct rig r;
	uint64_t t[3], waiting;

	(void)state;
	with_numbers(&r);
	for (int i = 0; i < 3; i++)
		t[i] = begin_transaction(&r);
	works(&r, insert_in(t[0], "[{\"id\":10}]"));
	works(&r, insert_in(t[1], "[{\"id\":11},{\"id\":12}]"));
	works(&r, insert_in(0, "[{\"id\":13}]"));
	assert_int_equal(count_in(&r, t[0]), 3);
	assert_int_equal(count_in(&r, t[1]), 4);
	assert_int_equal(count_in(&r, t[2]), 2); /* as it was when it began */
	waiting = ask(&r, (struct ask){.op = AQ_STORE_BEGIN}); /* one session is never held */
	assert_int_equal(said.ends + said.errors, 0);
	assert_int_equal(count_in(&r, 0), 3);
	ask(&r, (struct ask){.op = AQ_STORE_ROLLBACK, .transaction = t[1]});
	assert_int_equal(said.ends, 2);
	assert_int_equal(pool_held(r.s), 3);
	works(&r, insert_in(waiting, "[{\"id\":14}]"));
	end_in(&r, t[0], AQ_STORE_COMMIT);
	end_in(&r, t[2], AQ_STORE_COMMIT);
	end_in(&r, waiting, AQ_STORE_COMMIT);
	assert_int_equal(count_in(&r, 0), 5);
	rig_free(&r);
}

/* One of the two loses, all that it did is gone, and the other goes on. */
static void a_deadlock(void **state)
{
	struct rig r;
	uint64_t one, two;

	(void)state;
	with_numbers(&r);
	one = begin_transaction(&r);
	two = begin_transaction(&r);
	works(&r, add_in(one, "{\"id\":1}"));
	works(&r, add_in(two, "{\"id\":2}"));
	end_call(&r, begin_call(&r, (struct ask){.op = AQ_STORE_COUNT, .collection = "m"}));
	{
		uint64_t waits = begin_call(&r, add_in(one, "{\"id\":2}")), meets = begin_call(&r, add_in(two, "{\"id\":1}"));

		said_clear();
		assert_int_equal(r.ops->end(r.k->self, waits), AQ_OK);
		assert_int_equal(r.ops->end(r.k->self, meets), AQ_OK);
		rig_until(&r, said.ends + said.errors == 2);
		assert_int_equal(said.errors, 1);
		assert_int_equal(said.error.fault, AQ_STORE_CONFLICT);
		assert_int_equal(said.error.code, 1213);
		one = said.error.call == waits ? two : one; /* the one that is left */
		assert_int_equal(said.rollbacks, 1);
		assert_int_not_equal(said.rollback.call, one);
		assert_int_equal(said.rollback.fault, AQ_STORE_CONFLICT);
	}
	end_in(&r, one, AQ_STORE_COMMIT);
	assert_int_equal(pool_held(r.s), 0);
	assert_string_equal(found(&r, "n", "{}", "{\"id\":1}"), "{ \"id\" : 1, \"v\" : 1 } { \"id\" : 2, \"v\" : 1 }");
	rig_free(&r);
}

static void a_lock_that_others_hold(void **state)
{
	struct rig r;
	MYSQL *other;

	(void)state;
	rig_folder(&r);
	rig_create(&r);
	r.s->call_timeout = 2 * SECOND; /* half of it is waited for a lock */
	rig_begin(&r);
	works(&r, (struct ask){.op = AQ_STORE_CREATE, .collection = "n", .schema = NUMBERS});
	works(&r, insert_in(0, "[{\"id\":1},{\"id\":2}]"));
	other = client_of(r.file);
	client_run(other, "BEGIN");
	client_run(other, "UPDATE n SET v = 7 WHERE id = 2");
	refused(&r, AQ_STORE_CONFLICT, "Lock wait timeout", add_in(0, "{}"));
	assert_int_equal(said.error.code, 1205);
	refused(&r, AQ_STORE_CONFLICT, "Lock wait timeout", insert_in(0, "[{\"id\":3},{\"id\":2}]"));
	client_run(other, "ROLLBACK");
	assert_string_equal(found(&r, "n", "{}", "{\"id\":1}"), "{ \"id\" : 1, \"v\" : null } { \"id\" : 2, \"v\" : null }");
	mysql_close(other);
	rig_free(&r);
}

/* ---- order ---- */

static uint64_t given(struct rig *r, struct ask a)
{
	uint64_t id = begin_call(r, a);

	assert_int_equal(r->ops->end(r->k->self, id), AQ_OK);
	return id;
}

/* Those of one collection stay in order behind one that takes long; those of others overtake it. */
static void one_behind_the_other(void **state)
{
	struct rig r;
	uint64_t first, third;
	MYSQL *other;

	(void)state;
	with_numbers(&r);
	other = client_of(r.file);
	client_run(other, "LOCK TABLES n WRITE");
	said_clear();
	first = given(&r, insert_in(0, "[{\"id\":10}]"));
	given(&r, add_in(0, "{\"id\":10}"));
	third = given(&r, (struct ask){.op = AQ_STORE_DELETE, .collection = "n", .filter = "{\"v\":null}"});
	given(&r, (struct ask){.op = AQ_STORE_COUNT, .collection = "m"});
	rig_until(&r, said.ends == 1);
	assert_true(said.end.call > third);
	client_run(other, "UNLOCK TABLES");
	rig_until(&r, said.ends == 4);
	assert_int_equal(said.errors, 0);
	assert_int_equal(said.end.call, third);
	assert_int_equal(said.end.changed, 0); /* the second gave it a value */
	assert_true(first < third);
	assert_int_equal(count_in(&r, 0), 3);
	mysql_close(other);
	rig_free(&r);
}

/* A transaction that began later waits for what was given before it. */
static void transactions_wait_for_what_was_before(void **state)
{
	struct rig r;
	MYSQL *other;
	uint64_t t;

	(void)state;
	with_numbers(&r);
	other = client_of(r.file);
	client_run(other, "LOCK TABLES n WRITE");
	given(&r, insert_in(0, "[{\"id\":10}]"));
	t = given(&r, (struct ask){.op = AQ_STORE_BEGIN});
	rig_until(&r, transaction_session(r.s, t) != NULL && transaction_session(r.s, t)->call == NULL);
	said_clear();
	given(&r, (struct ask){.op = AQ_STORE_COUNT, .collection = "n", .transaction = t});
	given(&r, (struct ask){.op = AQ_STORE_COUNT, .collection = "m"});
	rig_until(&r, said.ends == 1);
	client_run(other, "UNLOCK TABLES");
	rig_until(&r, said.ends + said.errors == 3);
	if (said.errors > 0)
		fail_msg("%s", said.error.text);
	end_in(&r, t, AQ_STORE_COMMIT);
	mysql_close(other);
	rig_free(&r);
}

static void what_waits_too_long(void **state)
{
	struct ask late = insert_in(0, "[{\"id\":11}]");
	struct rig r;
	MYSQL *other;

	(void)state;
	with_numbers(&r);
	other = client_of(r.file);
	client_run(other, "LOCK TABLES n WRITE");
	given(&r, insert_in(0, "[{\"id\":10}]"));
	late.deadline_ns = r.k->now_ns + SECOND;
	said_clear();
	given(&r, late);
	assert_int_equal(said.errors, 0);
	rig_later(&r, 2 * SECOND);
	assert_int_equal(said.errors, 1);
	assert_int_equal(said.error.fault, AQ_STORE_LATE);
	client_run(other, "UNLOCK TABLES");
	rig_until(&r, said.ends == 1);
	assert_int_equal(count_in(&r, 0), 3);
	mysql_close(other);
	rig_free(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(all_or_nothing), cmocka_unit_test(those_that_nobody_ends),
		cmocka_unit_test(each_has_its_own), cmocka_unit_test(a_deadlock), cmocka_unit_test(a_lock_that_others_hold),
		cmocka_unit_test(one_behind_the_other), cmocka_unit_test(transactions_wait_for_what_was_before),
		cmocka_unit_test(what_waits_too_long)};

	return server_make() ? cmocka_run_group_tests(tests, NULL, NULL) : 0;
}
