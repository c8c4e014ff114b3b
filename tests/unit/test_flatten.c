/* test_flatten.c: positions closed on an operator's word: of what, in which pieces, past our own limits and not past the
 * venue's, until nothing is left that a venue takes an order for. */
#include "standing_help.h"

/* The order that was sent last to close something. */
static const struct aq_order *closing(struct rig *r)
{
	const struct aq_event *event = rig_last(r, r->exchange, AQ_EV_PLACE);

	return event != NULL ? AQ_BODY(aq_order, event) : NULL;
}

static void fill_closing(struct rig *r)
{
	const struct aq_order *o = closing(r);
	uint64_t id;
	aq_qty qty;

	assert_non_null(o);
	id = o->id;
	qty = o->qty;
	rig_clear(r);
	rig_say(r, id, AQ_UP_OPEN, AQ_REQ_PLACE);
	rig_fill(r, id, 10000, qty);
	turn(r);
}

static void reject_closing(struct rig *r)
{
	const struct aq_order *o = closing(r);
	uint64_t id;

	assert_non_null(o);
	id = o->id;
	rig_clear(r);
	rig_say(r, id, AQ_UP_REJECTED, AQ_REQ_PLACE);
	turn(r);
}

static void flatten(struct rig *r, enum flow_scope scope)
{
	stand(r, scope, STANDING_FLATTEN);
	if (scope != SCOPE_INSTANCE)
		list_no_order(r);
}

static void expect_closing(struct rig *r, uint32_t instrument, uint8_t side, aq_qty qty)
{
	const struct aq_order *o = closing(r);

	assert_int_equal(asked(r, AQ_EV_PLACE), 1);
	assert_int_equal(o->instrument, instrument);
	assert_int_equal(o->side, side);
	assert_int_equal(o->qty, qty);
	assert_int_equal(o->type, AQ_MARKET_ORDER);
}

/* ---- what ---- */

static void expect_closed(enum flow_scope scope, int kind, uint8_t side)
{
	struct rig *r = stand_rig();
	const uint32_t instruments[] = {r->spot, r->linear, r->inverse};
	uint32_t instrument = instruments[kind];

	holds(r, instrument, side, 3000);
	flatten(r, scope);
	expect_closing(r, instrument, side == AQ_BUY ? AQ_SELL : AQ_BUY, 3000);
	assert_int_equal(closing(r)->reduce_only, kind != 0);
	assert_int_equal(closing(r)->instance, r->strategy);
	assert_false(confirmed(r, scope));
	fill_closing(r);
	assert_int_equal(position_of(r, instrument, AQ_ALL), 0);
	assert_true(confirmed(r, scope));
	assert_int_equal(asked(r, AQ_EV_PLACE), 0);
	pass(r, 100 * SECOND);
	assert_int_equal(asked(r, AQ_EV_PLACE), 0);
	stand_end(r);
}

static void long_and_short_of_each_kind_are_closed(void **unused)
{
	for (int i = 0; i < SCOPES; i++)
		for (int kind = 0; kind < 3; kind++) {
			expect_closed(scopes[i], kind, AQ_BUY);
			if (kind != 0)
				expect_closed(scopes[i], kind, AQ_SELL);
		}
}

static void orders_go_first(void **unused)
{
	struct rig *r = stand_rig();
	uint64_t id;

	holds(r, r->linear, AQ_BUY, 3000);
	id = rests(r, r->linear, AQ_SELL, 10100, 3000, 1);
	stand(r, SCOPE_INSTANCE, STANDING_FLATTEN);
	assert_int_equal(asked(r, AQ_EV_CANCEL), 1);
	assert_int_equal(asked(r, AQ_EV_PLACE), 0);
	rig_fill(r, id, 10100, 1000);
	cancelled(r, id);
	expect_closing(r, r->linear, AQ_SELL, 2000);
	stand_end(r);
}

static void both_sides_of_hedging_are_closed(void **unused)
{
	struct rig *r = stand_rig();

	flow_account_bind(&r->f, r->account, r->exchange, true, AQ_CROSS);
	for (int i = 0; i < 2; i++) { /* long 5, short 3 */
		struct aq_place wish = rig_wish(r, r->linear, 0, i == 0 ? 10010 : 9990, i == 0 ? 5000 : 3000, 10 + (uint64_t)i);

		wish.intention = i == 0 ? AQ_BUY_OPEN : AQ_SELL_OPEN;
		rig_fill(r, (uint64_t)orders_place(&r->f, r->strategy, &wish), 10000, wish.qty);
	}
	flatten(r, SCOPE_INSTANCE);
	assert_int_equal(asked(r, AQ_EV_PLACE), 2);
	for (uint32_t i = 0; i < r->count; i++) {
		const struct aq_order *o = AQ_BODY(aq_order, &r->events[i].u.head);

		if (r->events[i].to != r->exchange || r->events[i].u.head.type != AQ_EV_PLACE)
			continue;
		assert_int_equal(o->side, o->position_side == AQ_LONG ? AQ_SELL : AQ_BUY);
		assert_int_equal(o->qty, o->position_side == AQ_LONG ? 5000 : 3000);
		assert_false(o->reduce_only);
	}
	stand_end(r);
}

/* The account's rest belongs to another, who goes on; where both are netted the venue would not let ours only reduce. */
static void an_instance_s_share_alone_is_closed(void **unused)
{
	struct rig *r = stand_rig();
	uint32_t other = flow_instance_id(&r->f, "other", AQ_STRATEGY);
	struct aq_place wish = rig_wish(r, r->linear, AQ_SELL, 9990, 3000, 1);

	holds(r, r->linear, AQ_BUY, 3000);
	rig_fill(r, (uint64_t)orders_place(&r->f, other, &wish), 9990, 3000);
	flatten(r, SCOPE_INSTANCE);
	expect_closing(r, r->linear, AQ_SELL, 3000);
	assert_false(closing(r)->reduce_only);
	fill_closing(r);
	assert_int_equal(position_of(r, r->linear, r->strategy), 0);
	assert_int_equal(position_of(r, r->linear, other), -3000);
	assert_true(confirmed(r, SCOPE_INSTANCE));
	stand_end(r);
}

/* ---- the share of others ---- */

static void foreign_fill(struct rig *r, uint8_t side, aq_qty qty)
{
	struct aq_fill fill = rig_fill_of(r, 4711, side, 10000, qty, 0);

	rig_emit_fill(r, r->linear, &fill);
	turn(r);
}

static void what_others_hold_is_closed_by_the_operator(void **unused)
{
	struct rig *r = stand_rig();
	uint32_t operator_id;

	foreign_fill(r, AQ_BUY, 2000);
	assert_int_equal(position_of(r, r->linear, 0), 2000);
	flatten(r, SCOPE_ACCOUNT);
	expect_closing(r, r->linear, AQ_SELL, 2000);
	operator_id = names_find(&r->f.names, NAME_INSTANCE, "operator");
	assert_true(operator_id != 0);
	assert_int_equal(closing(r)->instance, operator_id);
	fill_closing(r);
	assert_true(confirmed(r, SCOPE_ACCOUNT));
	assert_int_equal(position_of(r, r->linear, AQ_ALL), 0);
	assert_int_equal(position_of(r, r->linear, operator_id), -2000);
	foreign_fill(r, AQ_SELL, 2000); /* by hand, though it is closed: there is a position again */
	assert_false(confirmed(r, SCOPE_ACCOUNT));
	expect_closing(r, r->linear, AQ_BUY, 2000);
	fill_closing(r);
	assert_int_equal(position_of(r, r->linear, AQ_ALL), 0);
	assert_true(confirmed(r, SCOPE_ACCOUNT));
	stand_end(r);
}

static void an_instance_s_word_leaves_others_alone(void **unused)
{
	struct rig *r = stand_rig();

	foreign_fill(r, AQ_BUY, 2000);
	flatten(r, SCOPE_INSTANCE);
	assert_int_equal(asked(r, AQ_EV_PLACE), 0);
	assert_true(confirmed(r, SCOPE_INSTANCE));
	stand_end(r);
}

/* ---- how much at once ---- */

static void pieces_follow_each_other_at_once(void **unused)
{
	struct rig *r = stand_rig();
	int64_t before;

	holds(r, r->linear, AQ_SELL, 7300);
	market_find(&r->f, r->linear)->instrument.max_qty = 1050;
	market_find(&r->f, r->linear)->instrument.lot = 100;
	before = r->f.now_ns;
	flatten(r, SCOPE_ACCOUNT);
	for (int i = 0; i < 7; i++) {
		expect_closing(r, r->linear, AQ_BUY, 1000);
		fill_closing(r);
	}
	expect_closing(r, r->linear, AQ_BUY, 300);
	fill_closing(r);
	assert_true(confirmed(r, SCOPE_ACCOUNT));
	assert_int_equal(position_of(r, r->linear, AQ_ALL), 0);
	assert_int_equal(r->f.now_ns, before);
	stand_end(r);
}

static void what_the_venue_takes_no_order_for_stays(void **unused)
{
	struct rig *r = stand_rig();
	struct aq_instrument *i = &market_find(&r->f, r->spot)->instrument;

	holds(r, r->spot, AQ_BUY, 2055);
	i->lot = 10;
	i->min_qty = 100;
	i->max_qty = 2000;
	flatten(r, SCOPE_INSTANCE);
	expect_closing(r, r->spot, AQ_SELL, 2000);
	fill_closing(r);
	assert_true(confirmed(r, SCOPE_INSTANCE)); /* 0.055 are left */
	assert_int_equal(asked(r, AQ_EV_PLACE), 0);
	i->min_qty = 0;
	i->min_notional = aq_amt_of(5); /* worth 4.9995 at the bid */
	stand(r, SCOPE_INSTANCE, STANDING_FLATTEN);
	assert_int_equal(asked(r, AQ_EV_PLACE), 0);
	assert_true(confirmed(r, SCOPE_INSTANCE));
	assert_int_equal(position_of(r, r->spot, r->strategy), 55);
	stand_end(r);
}

/* What a strategy has sold of a balance it buys back. */
static void a_spot_market_is_bought_back(void **unused)
{
	struct rig *r = stand_rig();

	holds(r, r->spot, AQ_SELL, 3000);
	flatten(r, SCOPE_ACCOUNT);
	expect_closing(r, r->spot, AQ_BUY, 3000);
	stand_end(r);
}

/* A contract may be reduced by an order of any worth; where it may not be marked so, the least worth holds. */
static void the_least_worth_does_not_hold_for_what_only_reduces(void **unused)
{
	struct rig *r = stand_rig();
	struct aq_place wish;

	holds(r, r->linear, AQ_BUY, 50);
	market_find(&r->f, r->linear)->instrument.min_notional = aq_amt_of(100);
	flatten(r, SCOPE_INSTANCE);
	expect_closing(r, r->linear, AQ_SELL, 50);
	stand_end(r);
	r = stand_rig();
	flow_account_bind(&r->f, r->account, r->exchange, true, AQ_CROSS);
	wish = rig_wish(r, r->linear, 0, 10010, 50, 1);
	wish.intention = AQ_BUY_OPEN;
	rig_fill(r, (uint64_t)orders_place(&r->f, r->strategy, &wish), 10000, 50);
	market_find(&r->f, r->linear)->instrument.min_notional = aq_amt_of(100);
	flatten(r, SCOPE_INSTANCE);
	assert_int_equal(asked(r, AQ_EV_PLACE), 0);
	assert_true(confirmed(r, SCOPE_INSTANCE));
	stand_end(r);
}

/* ---- again ---- */

static void a_late_fill_is_closed_too(void **unused)
{
	struct rig *r = stand_rig();
	uint64_t id = rests(r, r->linear, AQ_BUY, 9900, 1000, 1);

	stand(r, SCOPE_ACCOUNT, STANDING_FLATTEN);
	cancelled(r, id);
	list_no_order(r);
	assert_true(confirmed(r, SCOPE_ACCOUNT));
	pass(r, 5 * SECOND);
	rig_fill(r, id, 9900, 400); /* it had traded before the cancel, says the venue now */
	turn(r);
	assert_false(confirmed(r, SCOPE_ACCOUNT));
	expect_closing(r, r->linear, AQ_SELL, 400);
	fill_closing(r);
	assert_true(confirmed(r, SCOPE_ACCOUNT));
	assert_int_equal(position_of(r, r->linear, AQ_ALL), 0);
	stand_end(r);
}

/* Less and less often, and at once when something else has been closed. */
static void what_the_venue_rejects_is_tried_again(void **unused)
{
	static const int64_t waits[] = {1, 2, 4, 8, 8};
	struct rig *r = stand_rig();

	holds(r, r->linear, AQ_BUY, 3000);
	flatten(r, SCOPE_INSTANCE);
	for (int i = 0; i < 5; i++) {
		reject_closing(r);
		assert_int_equal(asked(r, AQ_EV_PLACE), 0);
		pass(r, waits[i] * SECOND - 1);
		assert_int_equal(asked(r, AQ_EV_PLACE), 0);
		pass(r, 1);
		expect_closing(r, r->linear, AQ_SELL, 3000);
	}
	assert_false(confirmed(r, SCOPE_INSTANCE));
	fill_closing(r);
	assert_true(confirmed(r, SCOPE_INSTANCE));
	stand_end(r);
}

static void one_that_is_unknown_is_not_sent_twice(void **unused)
{
	struct rig *r = stand_rig();
	uint64_t id;

	holds(r, r->linear, AQ_BUY, 3000);
	flatten(r, SCOPE_INSTANCE);
	id = closing(r)->id;
	rig_clear(r);
	for (int i = 0; i < 20; i++)
		pass(r, SECOND);
	assert_int_equal(rig_order(r, id)->place, AQ_REQ_UNKNOWN);
	assert_int_equal(asked(r, AQ_EV_PLACE), 0);
	assert_int_equal(asked(r, AQ_EV_CANCEL), 0);
	for (int i = 0; i < 20; i++) /* an answer to each time that it was asked */
		rig_say(r, id, AQ_UP_NOT_FOUND, AQ_REQ_LOOKUP);
	assert_int_equal(rig_order(r, id)->state, AQ_REJECTED);
	turn(r);
	expect_closing(r, r->linear, AQ_SELL, 3000);
	stand_end(r);
}

static void a_venue_that_is_back_is_asked_at_once(void **unused)
{
	struct rig *r = stand_rig();

	holds(r, r->linear, AQ_BUY, 3000);
	rig_venue(r, false);
	stand(r, SCOPE_INSTANCE, STANDING_FLATTEN);
	for (int i = 0; i < 100; i++)
		pass(r, SECOND);
	assert_int_equal(asked(r, AQ_EV_PLACE), 0);
	assert_false(confirmed(r, SCOPE_INSTANCE));
	rig_venue(r, true);
	rig_book(r, r->linear, 9990, 10010);
	list_no_order(r);
	expect_closing(r, r->linear, AQ_SELL, 3000);
	stand_end(r);
}

/* ---- the gate ---- */

static void our_own_limits_do_not_hold_it_up(void **unused)
{
	struct rig *r = stand_rig();
	struct flow_position_limit position = {.instrument = r->linear, .qty = 1};
	struct flow_limits limits = {.order = aq_amt_of(1), .gross = aq_amt_of(1), .open_orders = 1, .order_rate = 1,
		.positions = &position, .position_count = 1};

	holds(r, r->linear, AQ_BUY, 3000);
	flow_limits_set(&r->f.meter, &limits);
	r->f.meter.sent_ns[0] = r->f.now_ns;
	r->f.instances[r->strategy].stopping = 1;
	flatten(r, SCOPE_INSTANCE);
	expect_closing(r, r->linear, AQ_SELL, 3000);
	stand_end(r);
}

/* As after a crash: its market is watched until there is a price, and as long as it is to be flat. */
static void a_market_that_nobody_watches_is_watched(void **unused)
{
	struct rig *r = stand_rig();

	holds(r, r->linear, AQ_BUY, 3000);
	market_find(&r->f, r->linear)->top.valid = 0;
	market_find(&r->f, r->linear)->has_book = 0;
	stand_as(r, SCOPE_INSTANCE, STANDING_QUARANTINE, STANDING_CLOSE);
	assert_int_equal(rig_last(r, r->exchange, AQ_EV_SUBSCRIBE)->tag & AQ_SUB_BOOK, AQ_SUB_BOOK);
	assert_int_equal(asked(r, AQ_EV_PLACE), 0);
	assert_null(rig_change(r)); /* nothing is asked for that must be denied */
	rig_book(r, r->linear, 9990, 10010);
	pass(r, SECOND);
	expect_closing(r, r->linear, AQ_SELL, 3000);
	fill_closing(r);
	assert_true(confirmed(r, SCOPE_INSTANCE));
	rig_clear(r);
	stand(r, SCOPE_INSTANCE, STANDING_RUN);
	assert_int_equal(rig_last(r, r->exchange, AQ_EV_SUBSCRIBE)->tag & AQ_SUB_BOOK, 0);
	stand_end(r);
}

/* A stop that closes gives back what an operator had said before it. */
static void a_flatten_at_a_stop_lifts_no_word(void **unused)
{
	static const uint8_t before[] = {STANDING_RUN, STANDING_CLOSE_ONLY, STANDING_PAUSE, STANDING_HALT};

	for (int i = 0; i < 4; i++) {
		struct rig *r = stand_rig();
		struct fact_standing fact = {.scope = SCOPE_INSTANCE, .id = r->strategy, .state = STANDING_FLATTEN,
			.after = before[i], .who = STANDING_ON_STOP, .why = "because"};

		holds(r, r->linear, AQ_BUY, 3000);
		if (before[i] != STANDING_RUN)
			stand(r, SCOPE_INSTANCE, before[i]);
		rig_clear(r);
		assert_int_equal(standing_set(&r->f, &fact), AQ_OK);
		turn(r);
		fill_closing(r);
		assert_int_equal(standing_is(r, SCOPE_INSTANCE)->fact.state, before[i]);
		pass(r, 10 * SECOND); /* nor does it go away later */
		assert_int_equal(standing_is(r, SCOPE_INSTANCE)->fact.state, before[i]);
		stand_end(r);
	}
}

/* Its filters would refuse it anyway; a book that nobody can trust prices nothing. */
static void what_the_venue_would_refuse_is_not_sent(void **unused)
{
	struct rig *r = stand_rig();

	holds(r, r->linear, AQ_BUY, 3000);
	market_subscribe(&r->f, r->strategy, r->linear, AQ_SUB_BOOK);
	market_find(&r->f, r->linear)->top.valid = 0;
	flatten(r, SCOPE_INSTANCE);
	assert_int_equal(asked(r, AQ_EV_PLACE), 0);
	assert_int_equal(rig_change(r)->code, AQ_DENY_STALE_BOOK);
	assert_false(confirmed(r, SCOPE_INSTANCE));
	market_find(&r->f, r->linear)->top.valid = 1;
	pass(r, SECOND);
	expect_closing(r, r->linear, AQ_SELL, 3000);
	stand_end(r);
}

/* A strategy may use any tag: its order is not taken for one of the operator's, and is cancelled. */
static void a_tag_of_a_strategy_protects_nothing(void **unused)
{
	struct rig *r = stand_rig();
	uint64_t id = rests(r, r->linear, AQ_BUY, 9900, 1000, UINT64_MAX);

	stand(r, SCOPE_INSTANCE, STANDING_FLATTEN);
	assert_int_equal(rig_order(r, id)->cancel, AQ_REQ_SENT);
	cancelled(r, id);
	assert_true(confirmed(r, SCOPE_INSTANCE));
	stand_end(r);
}

static void a_halt_waits_for_what_is_being_closed(void **unused)
{
	struct rig *r = stand_rig();

	holds(r, r->linear, AQ_BUY, 3000);
	flatten(r, SCOPE_INSTANCE);
	give(r, SCOPE_INSTANCE, STANDING_HALT);
	turn(r);
	assert_false(confirmed(r, SCOPE_INSTANCE));
	assert_int_equal(asked(r, AQ_EV_CANCEL), 0);
	fill_closing(r);
	assert_true(confirmed(r, SCOPE_INSTANCE));
	stand_end(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(long_and_short_of_each_kind_are_closed),
		cmocka_unit_test(orders_go_first), cmocka_unit_test(both_sides_of_hedging_are_closed),
		cmocka_unit_test(an_instance_s_share_alone_is_closed),
		cmocka_unit_test(what_others_hold_is_closed_by_the_operator),
		cmocka_unit_test(an_instance_s_word_leaves_others_alone), cmocka_unit_test(pieces_follow_each_other_at_once),
		cmocka_unit_test(what_the_venue_takes_no_order_for_stays),
		cmocka_unit_test(a_spot_market_is_bought_back),
		cmocka_unit_test(the_least_worth_does_not_hold_for_what_only_reduces),
		cmocka_unit_test(a_late_fill_is_closed_too), cmocka_unit_test(what_the_venue_rejects_is_tried_again),
		cmocka_unit_test(one_that_is_unknown_is_not_sent_twice),
		cmocka_unit_test(a_venue_that_is_back_is_asked_at_once),
		cmocka_unit_test(our_own_limits_do_not_hold_it_up),
		cmocka_unit_test(a_market_that_nobody_watches_is_watched),
		cmocka_unit_test(a_flatten_at_a_stop_lifts_no_word),
		cmocka_unit_test(what_the_venue_would_refuse_is_not_sent),
		cmocka_unit_test(a_tag_of_a_strategy_protects_nothing),
		cmocka_unit_test(a_halt_waits_for_what_is_being_closed)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
