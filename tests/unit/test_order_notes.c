/* test_order_notes.c: what a strategy says goes with the orders of that moment, the venue's words and denials are kept, and
 * none of it outlives its slot. */
#include "flow_rig.h"

#include "flow/order_notes.h"

static const struct order_note *note(const struct rig *r, uint64_t id)
{
	return order_note_of(&r->f, orders_find(&r->f, id));
}

static void what_is_said_goes_with_orders_placed_and_amended(void **state)
{
	struct rig r;
	uint64_t first, second;

	rig_new(&r);
	order_notes_say(&r.f, r.strategy, "lean -0.3");
	first = rig_place(&r, r.spot, AQ_BUY, 9990, 1000, 1);
	order_notes_say(&r.f, r.strategy, "");
	second = rig_place(&r, r.spot, AQ_BUY, 9980, 1000, 2);
	assert_string_equal(note(&r, first)->why, "lean -0.3");
	assert_string_equal(note(&r, second)->why, "");
	rig_say(&r, first, AQ_UP_OPEN, AQ_REQ_PLACE);
	rig_amend(&r, first, 9985, 1000);
	assert_string_equal(note(&r, first)->why, "lean -0.3"); /* nothing new was said */
	rig_say(&r, second, AQ_UP_OPEN, AQ_REQ_PLACE);
	order_notes_say(&r.f, r.strategy, "wider");
	rig_amend(&r, second, 9970, 1000);
	assert_string_equal(note(&r, second)->why, "wider");
	rig_free(&r);
}

static void a_text_is_cut_between_characters(void **state)
{
	char text[200], right[AQ_WHY_SIZE] = "";
	struct rig r;

	rig_new(&r);
	memset(text, 'a', 78);
	strcpy(text + 78, "\xe2\x82\xac more"); /* three bytes, of which one would have room */
	memset(right, 'a', 78);
	order_notes_say(&r.f, r.strategy, text);
	assert_string_equal(r.f.instances[r.strategy].why, right);
	strcpy(text + 76, "\xe2\x82\xac more");
	strcpy(right + 76, "\xe2\x82\xac");
	order_notes_say(&r.f, r.strategy, text);
	assert_string_equal(r.f.instances[r.strategy].why, right);
	order_notes_say(&r.f, r.strategy, "a\xff\xe2\x82z\xe2");
	assert_string_equal(r.f.instances[r.strategy].why, "a???z?");
	rig_free(&r);
}

static void the_venues_last_words_are_kept(void **state)
{
	struct rig r;
	uint64_t id;
	struct aq_order_update u;

	rig_new(&r);
	id = rig_place(&r, r.spot, AQ_BUY, 9990, 1000, 1);
	u = rig_news(id, AQ_UP_OPEN, AQ_REQ_PLACE);
	memset(u.text, 'x', sizeof(u.text) - 1);
	rig_update(&r, &u);
	assert_int_equal(strlen(note(&r, id)->venue), sizeof(u.text) - 1);
	orders_cancel(&r.f, r.strategy, id, 0, 0);
	rig_say(&r, id, AQ_UP_CANCELLED, AQ_REQ_CANCEL);
	assert_int_equal(note(&r, id)->venue[0], 'x'); /* no words are no new ones */
	rig_free(&r);
}

static void denials_are_kept_newest_first(void **state)
{
	const struct order_denial *d;
	struct rig r;
	uint64_t id;
	uint32_t count = 0;

	rig_new(&r);
	order_notes_say(&r.f, r.strategy, "too dear");
	for (int i = 0; i < 300; i++)
		id = rig_place(&r, r.spot, AQ_BUY, 9990, 0, (uint64_t)i);
	d = order_denial_back(&r.f, 0);
	assert_true(d->change.order.id == id && d->change.order.tag == 299);
	assert_int_equal(d->change.code, AQ_DENY_ARGUMENT);
	assert_int_equal(d->change.request, AQ_REQ_PLACE);
	assert_string_equal(d->why, "too dear");
	while ((d = order_denial_back(&r.f, count)) != NULL) {
		assert_int_equal(d->change.order.tag, 299 - count);
		count++;
	}
	assert_int_equal(count, 256);
	rig_free(&r);
}

/* More orders than the table has slots: the next one in a slot says nothing that the one before said. */
static void a_slot_used_again_is_empty(void **state)
{
	struct rig r;

	rig_new(&r);
	for (uint64_t tag = 1; tag < 200; tag++) {
		uint64_t id;

		order_notes_say(&r.f, r.strategy, tag < 100 ? "old" : "");
		r.f.now_ns += SECOND;
		rig_book(&r, r.spot, 9990, 10010);
		id = rig_place(&r, r.spot, AQ_BUY, 9000 + (aq_px)tag, 1000, tag);
		assert_string_equal(note(&r, id)->why, tag < 100 ? "old" : "");
		rig_say(&r, id, AQ_UP_REJECTED, AQ_REQ_PLACE);
		rig_clear(&r);
	}
	rig_free(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_said_goes_with_orders_placed_and_amended),
		cmocka_unit_test(a_text_is_cut_between_characters),
		cmocka_unit_test(the_venues_last_words_are_kept),
		cmocka_unit_test(denials_are_kept_newest_first),
		cmocka_unit_test(a_slot_used_again_is_empty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
