/* store_turns.h: between the steps of a call, which a host hides: a caller that takes no rows for a while, or asks for none, and
 * more calls than a plugin takes. */
#ifndef STORE_TURNS_H
#define STORE_TURNS_H

static void only_so_many_calls(void **state)
{
	struct aq_store_call what = {.size = sizeof(what), .op = AQ_STORE_COUNT, .collection = "n"};
	struct rig r;

	(void)state;
	with_numbers(&r, 1, 5);
	for (uint64_t id = 1000; id < 1000 + CALLS_MAX; id++)
		assert_int_equal(r.ops->begin(r.k->self, id, &what), AQ_OK);
	assert_int_equal(r.ops->begin(r.k->self, 5000, &what), AQ_EAGAIN);
	end_call(&r, 1000);
	assert_int_equal(r.ops->begin(r.k->self, 5000, &what), AQ_OK);
	rig_free(&r);
}

static void a_page_is_kept_until_it_is_taken(void **state)
{
	struct rig r;
	uint64_t id;

	(void)state;
	with_numbers(&r, 300, 1000);
	said.refuse = 2;
	id = ask(&r, (struct ask){.op = AQ_STORE_FIND, .collection = "n", .sort = "{\"id\":1}"});
	assert_int_equal(said.pages + said.ends, 0);
	more_rows(&r, id, 0);
	assert_int_equal(said.pages + said.ends, 0);
	assert_int_equal(said.refuse, 0);
	said.refuse_after = 3;
	more_rows(&r, id, 0); /* all were asked for: they go on where they were */
	assert_int_equal(said.pages, 3);
	assert_int_equal(said.ends, 0);
	said.refuse_after = 0;
	more_rows(&r, id, 0);
	assert_int_equal(said.ends, 1);
	assert_int_equal(said.row_count, 300);
	assert_int_equal(said.end.matched, 300);
	rig_free(&r);
}

/* That there is room asks for nothing. */
static void room_is_no_wish(void **state)
{
	struct rig r;
	uint64_t id;

	(void)state;
	with_numbers(&r, 10, 5);
	r.quiet = true;
	id = ask(&r, (struct ask){.op = AQ_STORE_FIND, .collection = "n"});
	assert_int_equal(said.pages + said.ends, 0); /* nothing comes unasked */
	more_rows(&r, id, 0);
	assert_int_equal(said.pages, 0);
	said.refuse = 1;
	more_rows(&r, id, 3);
	assert_int_equal(said.pages, 0);
	more_rows(&r, id, 0);
	more_rows(&r, id, 0);
	assert_int_equal(said.row_count, 3);
	more_rows(&r, id, UINT32_MAX);
	assert_int_equal(said.row_count, 10);
	assert_int_equal(said.ends, 1);
	more_rows(&r, id, 0); /* of what has ended */
	rig_free(&r);
}

#define TURNS_TESTS cmocka_unit_test(only_so_many_calls), cmocka_unit_test(a_page_is_kept_until_it_is_taken), \
	cmocka_unit_test(room_is_no_wish)

#endif
