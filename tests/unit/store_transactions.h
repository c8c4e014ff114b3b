/* store_transactions.h: transactions as a strategy has them: all of it or nothing, ended by it, by their limit or with it; locks
 * of others. */
#ifndef STORE_TRANSACTIONS_H
#define STORE_TRANSACTIONS_H

#include "store_numbers.h"

static void with_numbers(struct rig *r)
{
	rig_new(r);
	works(r, (struct ask){.op = AQ_STORE_CREATE, .collection = "n", .schema = NUMBERS});
	works(r, (struct ask){.op = AQ_STORE_INSERT, .collection = "n", .rows = "[{\"id\":1},{\"id\":2}]"});
}

/* What the host itself says, before the back end hears of it. */
static int64_t status_of(struct rig *r, uint8_t op, uint64_t transaction)
{
	const struct caller *c = caller_of(r)->self;
	const struct aq_store_call what = {.size = sizeof(what), .store = c->store, .op = op, .transaction = transaction,
		.collection = "n"};

	return c->api->begin(c->host->owner, &what);
}

static void has_ended(struct rig *r, uint64_t transaction)
{
	assert_int_equal(status_of(r, AQ_STORE_COUNT, transaction), AQ_EINVAL);
	assert_int_equal(status_of(r, AQ_STORE_COMMIT, transaction), AQ_EINVAL);
	assert_int_equal(status_of(r, AQ_STORE_ROLLBACK, transaction), AQ_EINVAL);
}

static void committed_or_rolled_back(void **state)
{
	struct rig r;
	uint64_t t;

	(void)state;
	with_numbers(&r);
	t = begin_transaction(&r);
	works(&r, insert_in(t, "[{\"id\":10},{\"id\":11}]"));
	refused(&r, AQ_STORE_DUPLICATE, "row 2", insert_in(t, "[{\"id\":12},{\"id\":10}]"));
	assert_int_equal(count_in(&r, t), 4); /* the call that was refused left nothing, and the transaction goes on */
	works(&r, (struct ask){.op = AQ_STORE_UPDATE, .collection = "n", .filter = "{\"id\":1}", .update = "{\"$set\":{\"v\":5}}",
		.transaction = t});
	works(&r, (struct ask){.op = AQ_STORE_ROLLBACK, .transaction = t});
	has_ended(&r, t);
	assert_string_equal(found(&r, "n", "{}", "{\"id\":1}"), "{ \"id\" : 1, \"v\" : null } { \"id\" : 2, \"v\" : null }");
	t = begin_transaction(&r);
	assert_int_equal(status_of(&r, AQ_STORE_BEGIN, t), AQ_EINVAL);
	works(&r, insert_in(t, "[{\"id\":10}]"));
	works(&r, (struct ask){.op = AQ_STORE_DELETE, .collection = "n", .filter = "{\"id\":1}", .transaction = t});
	works(&r, (struct ask){.op = AQ_STORE_FIND, .collection = "n", .projection = "{\"id\":1}", .sort = "{\"id\":1}",
		.transaction = t});
	assert_string_equal(rows_json(), "{ \"id\" : 2 } { \"id\" : 10 }");
	works(&r, (struct ask){.op = AQ_STORE_COMMIT, .transaction = t});
	has_ended(&r, t);
	assert_int_equal(status_of(&r, AQ_STORE_COMMIT, 0), AQ_EINVAL);
	rig_stop(&r);
	rig_start(&r);
	assert_int_equal(count_in(&r, 0), 2);
	rig_free(&r);
}

static void no_collection_is_made_in_one(void **state)
{
	struct rig r;
	uint64_t t;

	(void)state;
	with_numbers(&r);
	t = begin_transaction(&r);
	works(&r, insert_in(t, "[{\"id\":10}]"));
	refused(&r, AQ_STORE_REFUSED, "a collection is not made in a transaction", (struct ask){.op = AQ_STORE_CREATE,
		.collection = "new", .schema = NUMBERS, .transaction = t});
	refused(&r, AQ_STORE_REFUSED, "a collection is not made in a transaction", (struct ask){.op = AQ_STORE_CREATE,
		.collection = "n", .schema = NUMBERS, .transaction = t}); /* one that is there neither */
	assert_int_equal(count_in(&r, t), 3); /* nothing was committed, and it goes on */
	works(&r, (struct ask){.op = AQ_STORE_ROLLBACK, .transaction = t});
	assert_int_equal(count_in(&r, 0), 2);
	works(&r, (struct ask){.op = AQ_STORE_LIST});
	assert_string_equal(rows_json(), "{ \"name\" : \"n\" }");
	rig_free(&r);
}

static void longer_than_its_limit(void **state)
{
	struct rig r;
	uint64_t t;

	(void)state;
	strcpy(hosted_more, "transaction_limit = 300ms\n");
	with_numbers(&r);
	t = begin_transaction(&r);
	rig_until(&r, said.rollbacks == 1);
	assert_int_equal(said.rollback.call, t);
	assert_int_equal(said.rollback.fault, AQ_STORE_CONFLICT);
	assert_non_null(strstr(said.rollback.text, "rolled back: it is open for longer"));
	has_ended(&r, t);
	assert_int_equal(count_in(&r, 0), 2);
	rig_free(&r);
}

static void given_up(void **state)
{
	struct rig r;
	uint64_t t;

	(void)state;
	with_numbers(&r);
	t = begin_transaction(&r);
	works(&r, insert_in(t, "[{\"id\":10}]"));
	rig_forget(&r, t);
	has_ended(&r, t);
	assert_int_equal(count_in(&r, 0), 2);
	t = begin_transaction(&r);
	works(&r, insert_in(t, "[{\"id\":10}]"));
	rig_stop(&r); /* with the host */
	rig_start(&r);
	assert_int_equal(count_in(&r, 0), 2);
	rig_free(&r);
}

static void a_lock_that_others_hold(void **state)
{
	struct rig r;

	(void)state;
	strcpy(hosted_more, GIVES_UP_SOON);
	with_numbers(&r);
	other_locks(&r);
	ask(&r, insert_in(0, "[{\"id\":3},{\"id\":4}]"));
	assert_int_equal(said.errors, 1);
	assert_int_equal(said.error.fault, AQ_STORE_CONFLICT);
	other_unlocks();
	assert_int_equal(count_in(&r, 0), 2);
	works(&r, insert_in(0, "[{\"id\":3},{\"id\":4}]"));
	assert_int_equal(count_in(&r, 0), 4);
	assert_int_equal(said.downs, 0);
	rig_free(&r);
}

#define STORE_TESTS cmocka_unit_test(committed_or_rolled_back), cmocka_unit_test(no_collection_is_made_in_one), \
	cmocka_unit_test(longer_than_its_limit), cmocka_unit_test(given_up), cmocka_unit_test(a_lock_that_others_hold)

#endif
