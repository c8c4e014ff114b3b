/* test_orders_unrecorded.c: what the venue says while the journal can take nothing: it is not believed, and not lost. */
#include "flow_journal.h"

#define BEFORE 9000
#define AFTER 9100
#define QTY 1000

/* One that rests, with an amend under way. */
static uint64_t amended(struct rig *r)
{
	uint64_t id;

	rig_book(r, r->linear, 9990, 10010);
	id = rig_place(r, r->linear, AQ_BUY, BEFORE, QTY, 1);
	rig_drain(r);
	rig_say(r, id, AQ_UP_OPEN, AQ_REQ_PLACE);
	assert_int_equal(rig_amend(r, id, AFTER, QTY), AQ_OK);
	rig_drain(r);
	assert_int_equal(rig_order(r, id)->amend, AQ_REQ_SENT);
	return id;
}

/* Until it takes not the smallest that there is. */
static void fill_journal(struct rig *r, struct memory *disk)
{
	struct fact_override fact = {.section = "strategy:mm", .key = "spread", .value = "2bps"};

	disk->capacity = 0;
	while (record_fact(&r->f, FACT_OVERRIDE, &fact, sizeof(fact)) == AQ_OK)
		;
	while (record_operator(&r->f, 0, "test", "x") == AQ_OK)
		;
}

static void say_terms(struct rig *r, uint64_t id, uint8_t update, uint8_t answers)
{
	struct aq_order_update u = rig_news(id, update, answers);

	u.price = AFTER;
	u.qty = QTY;
	rig_update(r, &u);
}

/* The terms are the venue's, for us and for whoever reads the journal. */
static void expect_terms(struct rig *r, struct memory *disk, uint64_t id, uint8_t state)
{
	for (int i = 0; i < 2; i++) {
		assert_int_equal(rig_order(r, id)->price, AFTER);
		assert_int_equal(rig_order(r, id)->state, state);
		assert_int_equal(rig_order(r, id)->amend, AQ_REQ_NONE);
		if (i == 0)
			rig_recover(r, disk);
	}
}

static void end(struct rig *r, struct memory *disk)
{
	journal_close(r->f.journal);
	rig_free(r);
	free(r);
	memory_delete(disk);
}

/* The order ends with the first that is heard again: its last terms are asked for. */
static void one_that_ends_is_asked_for_its_terms(void **unused)
{
	static const uint8_t ends[] = {AQ_CANCELLED, AQ_FILLED};

	for (size_t i = 0; i < sizeof(ends); i++) {
		struct rig *r = calloc(1, sizeof(*r));
		struct memory *disk = memory_new(16 << 20, 1);
		uint64_t id;

		rig_new_journalled(r, disk);
		id = amended(r);
		fill_journal(r, disk);
		say_terms(r, id, AQ_UP_AMENDED, AQ_REQ_AMEND);
		assert_int_equal(rig_order(r, id)->price, BEFORE); /* nothing that is not recorded */
		rig_clear(r);
		disk->capacity = 16 << 20;
		if (ends[i] == AQ_CANCELLED)
			rig_say(r, id, AQ_UP_CANCELLED, 0);
		else
			rig_fill(r, id, AFTER, QTY);
		assert_int_equal(rig_order(r, id)->state, ends[i]);
		assert_int_equal(rig_seen(r, r->exchange, AQ_EV_QUERY), 1);
		say_terms(r, id, ends[i] == AQ_CANCELLED ? AQ_UP_CANCELLED : AQ_UP_FILLED, AQ_REQ_LOOKUP);
		expect_terms(r, disk, id, ends[i]);
		end(r, disk);
	}
}

/* The process ends before the venue was asked: who comes next asks. */
static void the_next_process_asks(void **unused)
{
	struct rig *r = calloc(1, sizeof(*r));
	struct memory *disk = memory_new(16 << 20, 1);
	uint64_t id;

	rig_new_journalled(r, disk);
	id = amended(r);
	fill_journal(r, disk);
	say_terms(r, id, AQ_UP_AMENDED, AQ_REQ_AMEND);
	disk->capacity = 16 << 20;
	rig_say(r, id, AQ_UP_CANCELLED, 0);
	rig_recover(r, disk);
	assert_int_equal(rig_order(r, id)->amend, AQ_REQ_UNKNOWN);
	end(r, disk);
}

/* It rests on: the list of the reconciliation has them. */
static void one_that_rests_has_them_from_the_list(void **unused)
{
	struct rig *r = calloc(1, sizeof(*r));
	struct memory *disk = memory_new(16 << 20, 1);
	uint64_t id;

	rig_new_journalled(r, disk);
	id = amended(r);
	fill_journal(r, disk);
	say_terms(r, id, AQ_UP_AMENDED, AQ_REQ_AMEND);
	disk->capacity = 16 << 20;
	say_terms(r, id, AQ_UP_OPEN, AQ_REQ_LIST);
	expect_terms(r, disk, id, AQ_OPEN);
	end(r, disk);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(one_that_ends_is_asked_for_its_terms),
		cmocka_unit_test(the_next_process_asks), cmocka_unit_test(one_that_rests_has_them_from_the_list)};

	return cmocka_run_group_tests_name("orders_unrecorded", tests, NULL, NULL);
}
