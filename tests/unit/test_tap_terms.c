/* test_tap_terms.c: the last orders that a reader has read are remembered, and no more than that. */
#include "host/tap_terms.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

static struct aq_order order(uint64_t id)
{
	return (struct aq_order){.size = sizeof(struct aq_order),
		.id = id,
		.tag = id + 1,
		.account = 2,
		.instrument = 3,
		.instance = 4,
		.side = AQ_SELL,
		.position_side = AQ_NET,
		.type = AQ_LIMIT,
		.tif = AQ_GTC,
		.post_only = 1,
		.qty = 77};
}

static void remembers(void **state)
{
	struct tap_terms *t = tap_terms_new();
	struct aq_order o = order(5), again = order(5), found;

	(void)state;
	assert_false(tap_terms_find(t, 5, &found));
	tap_terms_note(t, &o);
	again.side = AQ_BUY; /* of a snapshot: the order as it was later; what never changes is the same */
	tap_terms_note(t, &again);
	assert_true(tap_terms_find(t, 5, &found));
	assert_int_equal(found.side, AQ_SELL);
	assert_int_equal(found.instrument, 3);
	assert_int_equal(found.instance, 4);
	assert_int_equal(found.account, 2);
	assert_int_equal(found.tag, 6);
	assert_int_equal(found.qty, 77);
	assert_int_equal(found.post_only, 1);
	assert_int_equal(found.trigger, AQ_NONE);
	o.id = 0; /* of others */
	tap_terms_note(t, &o);
	assert_false(tap_terms_find(t, 0, &found));
	tap_terms_free(t);
}

static void oldest_make_room(void **state)
{
	struct tap_terms *t = tap_terms_new();
	struct aq_order found;

	(void)state;
	for (uint64_t id = 1; id <= 3 * TAP_TERMS; id++) {
		struct aq_order o = order(id);

		tap_terms_note(t, &o);
	}
	assert_false(tap_terms_find(t, 2 * TAP_TERMS, &found));
	for (uint64_t id = 2 * TAP_TERMS + 1; id <= 3 * TAP_TERMS; id++) {
		assert_true(tap_terms_find(t, id, &found));
		assert_int_equal(found.tag, id + 1);
	}
	tap_terms_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(remembers), cmocka_unit_test(oldest_make_room)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
