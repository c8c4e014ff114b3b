/* test_standing.c: halt, pause, close only and quarantine of a host, an account and an instance: what is denied, what is
 * taken out, when the venue has confirmed, what strategies are told, and that it lasts. Flatten is in test_flatten.c. */
#include "standing_help.h"
#include "flow_journal.h"

/* ---- new orders ---- */

static void expect_denied(enum flow_scope scope, uint8_t state)
{
	struct rig *r = stand_rig();
	uint16_t expected = state == STANDING_CLOSE_ONLY ? AQ_DENY_CLOSE_ONLY : AQ_DENY_STOPPING;
	uint64_t before = r->f.denials[expected];

	stand(r, scope, state);
	if (scope != SCOPE_INSTANCE && state >= STANDING_PAUSE)
		list_no_order(r);
	assert_int_equal(code_of(r, r->spot, AQ_BUY, 9900, 1000, 1), expected);
	assert_int_equal(code_of(r, r->linear, AQ_SELL, 10100, 1000, 2), expected);
	assert_int_equal(r->f.denials[expected], before + 2);
	stand(r, scope, STANDING_RUN);
	assert_int_equal(code_of(r, r->spot, AQ_BUY, 9900, 1000, 1), AQ_CODE_NONE);
	assert_int_equal(asked(r, AQ_EV_PLACE), 1);
	stand_end(r);
}

static void new_orders_are_denied(void **unused)
{
	for (int i = 0; i < SCOPES; i++)
		for (uint8_t state = STANDING_CLOSE_ONLY; state <= STANDING_FLATTEN; state++)
			expect_denied(scopes[i], state);
	expect_denied(SCOPE_INSTANCE, STANDING_QUARANTINE);
}

/* Each may be lifted alone; the strictest counts. */
static void the_strictest_counts(void **unused)
{
	struct rig *r = stand_rig();

	holds(r, r->spot, AQ_BUY, 5000);
	stand(r, SCOPE_HOST, STANDING_CLOSE_ONLY);
	assert_int_equal(code_of(r, r->spot, AQ_SELL, 10100, 1000, 1), AQ_CODE_NONE);
	stand(r, SCOPE_INSTANCE, STANDING_PAUSE);
	assert_int_equal(code_of(r, r->spot, AQ_SELL, 10100, 1000, 2), AQ_DENY_STOPPING);
	stand(r, SCOPE_HOST, STANDING_RUN);
	assert_int_equal(code_of(r, r->spot, AQ_SELL, 10100, 1000, 2), AQ_DENY_STOPPING);
	stand(r, SCOPE_INSTANCE, STANDING_RUN);
	assert_int_equal(code_of(r, r->spot, AQ_SELL, 10100, 1000, 2), AQ_CODE_NONE);
	assert_int_equal(r->f.standings, 0);
	stand_end(r);
}

static void amends_are_denied_too(void **unused)
{
	struct rig *r = stand_rig();
	uint64_t id = rests(r, r->spot, AQ_BUY, 9900, 1000, 1);

	stand_as(r, SCOPE_INSTANCE, STANDING_QUARANTINE, STANDING_LEAVE);
	assert_int_equal(rig_amend(r, id, 9800, 1000), AQ_OK);
	assert_int_equal(rig_change(r)->code, AQ_DENY_STOPPING);
	assert_int_equal(asked(r, AQ_EV_AMEND), 0);
	stand_end(r);
}

static void what_makes_no_sense_is_refused(void **unused)
{
	struct rig *r = stand_rig();
	struct fact_standing good = {.scope = SCOPE_ACCOUNT, .id = r->account, .state = STANDING_HALT}, bad;

	bad = good, bad.state = STANDING_STATES;
	assert_int_equal(standing_set(&r->f, &bad), AQ_EFORMAT);
	bad = good, bad.state = STANDING_QUARANTINE;
	assert_int_equal(standing_set(&r->f, &bad), AQ_EFORMAT);
	bad = good, bad.id = 0;
	assert_int_equal(standing_set(&r->f, &bad), AQ_EFORMAT);
	bad = good, bad.id = UINT32_MAX;
	assert_int_equal(standing_set(&r->f, &bad), AQ_EFORMAT);
	bad = good, bad.scope = SCOPE_HOST;
	assert_int_equal(standing_set(&r->f, &bad), AQ_EFORMAT);
	bad = good, bad.orders = STANDING_CLOSE + 1;
	assert_int_equal(standing_set(&r->f, &bad), AQ_EFORMAT);
	bad = good, memset(bad.why, 'x', sizeof(bad.why));
	assert_int_equal(standing_set(&r->f, &bad), AQ_EFORMAT);
	assert_int_equal(r->f.standings, 0);
	stand_end(r);
}

/* ---- orders that rest ---- */

static void expect_cancelled(enum flow_scope scope, uint8_t state)
{
	struct rig *r = stand_rig();
	uint64_t bid = rests(r, r->spot, AQ_BUY, 9900, 1000, 1), ask = rests(r, r->linear, AQ_SELL, 10100, 1000, 2);

	stand(r, scope, state);
	assert_int_equal(asked(r, AQ_EV_CANCEL), 2);
	assert_int_equal(standing_is(r, scope)->cancels, 2);
	cancelled(r, bid);
	assert_false(confirmed(r, scope));
	assert_int_equal(asked(r, AQ_EV_RECONCILE), 0);
	cancelled(r, ask);
	if (scope != SCOPE_INSTANCE && state >= STANDING_PAUSE) {
		assert_false(confirmed(r, scope));
		list_no_order(r);
	}
	assert_true(confirmed(r, scope));
	assert_int_equal(asked(r, AQ_EV_RECONCILE), 0);
	stand_end(r);
}

static void what_rests_is_cancelled(void **unused)
{
	for (int i = 0; i < SCOPES; i++)
		for (uint8_t state = STANDING_CLOSE_ONLY; state <= STANDING_FLATTEN; state++)
			expect_cancelled(scopes[i], state);
	expect_cancelled(SCOPE_INSTANCE, STANDING_QUARANTINE);
}

static void others_go_on(void **unused)
{
	struct rig *r = stand_rig();
	uint32_t other = flow_instance_id(&r->f, "other", AQ_STRATEGY);
	struct aq_place wish = rig_wish(r, r->spot, AQ_BUY, 9800, 1000, 1);
	uint64_t theirs = (uint64_t)orders_place(&r->f, other, &wish);

	rig_say(r, theirs, AQ_UP_OPEN, AQ_REQ_PLACE);
	stand(r, SCOPE_INSTANCE, STANDING_HALT);
	assert_int_equal(asked(r, AQ_EV_CANCEL), 0);
	assert_true(confirmed(r, SCOPE_INSTANCE));
	wish.tag = 2;
	wish.price = 9700;
	assert_int_equal(rig_order(r, (uint64_t)orders_place(&r->f, other, &wish))->state, AQ_SENT);
	stand_end(r);
}

/* The cancel overtakes the order, which rests a moment later. */
static void one_in_flight_is_cancelled_once_it_rests(void **unused)
{
	struct rig *r = stand_rig();
	uint64_t id = rig_place(r, r->spot, AQ_BUY, 9900, 1000, 1);

	pass(r, SECOND / 1000);
	stand(r, SCOPE_INSTANCE, STANDING_HALT);
	assert_int_equal(asked(r, AQ_EV_CANCEL), 1);
	rig_say(r, id, AQ_UP_CANCEL_REJECTED, AQ_REQ_CANCEL);
	turn(r);
	assert_int_equal(asked(r, AQ_EV_CANCEL), 1);
	assert_false(confirmed(r, SCOPE_INSTANCE));
	rig_say(r, id, AQ_UP_OPEN, AQ_REQ_PLACE);
	assert_int_equal(asked(r, AQ_EV_CANCEL), 2);
	cancelled(r, id);
	assert_true(confirmed(r, SCOPE_INSTANCE));
	stand_end(r);
}

static void one_that_is_unknown_is_cancelled_once_it_is_found(void **unused)
{
	struct rig *r = stand_rig();
	uint64_t id = rig_place(r, r->spot, AQ_BUY, 9900, 1000, 1);

	pass(r, 2 * SECOND);
	assert_int_equal(rig_order(r, id)->place, AQ_REQ_UNKNOWN);
	stand(r, SCOPE_ACCOUNT, STANDING_HALT);
	rig_say(r, id, AQ_UP_CANCEL_REJECTED, AQ_REQ_CANCEL);
	turn(r);
	assert_false(confirmed(r, SCOPE_ACCOUNT));
	assert_int_equal(asked(r, AQ_EV_RECONCILE), 0);
	rig_clear(r);
	rig_say(r, id, AQ_UP_OPEN, AQ_REQ_LOOKUP);
	assert_int_equal(asked(r, AQ_EV_CANCEL), 1);
	cancelled(r, id);
	list_no_order(r);
	assert_true(confirmed(r, SCOPE_ACCOUNT));
	stand_end(r);
}

/* But not with each word that the venue says: it would take a thousand a second. */
static void a_rejected_cancel_is_tried_again_after_a_second(void **unused)
{
	struct rig *r = stand_rig();
	uint64_t id = rests(r, r->spot, AQ_BUY, 9900, 1000, 1);

	pass(r, SECOND / 10);
	stand(r, SCOPE_INSTANCE, STANDING_PAUSE);
	for (int i = 0; i < 5; i++) {
		assert_int_equal(asked(r, AQ_EV_CANCEL), 1);
		for (int k = 0; k < 3; k++) {
			rig_say(r, id, AQ_UP_CANCEL_REJECTED, AQ_REQ_CANCEL);
			turn(r);
		}
		assert_int_equal(asked(r, AQ_EV_CANCEL), 1);
		assert_true(flow_due_ns(&r->f) <= r->f.now_ns + SECOND);
		rig_clear(r);
		pass(r, SECOND);
	}
	cancelled(r, id);
	assert_true(confirmed(r, SCOPE_INSTANCE));
	stand_end(r);
}

static void a_lost_cancel_is_tried_again_when_the_order_is_found(void **unused)
{
	struct rig *r = stand_rig();
	uint64_t id = rests(r, r->spot, AQ_BUY, 9900, 1000, 1);

	stand(r, SCOPE_HOST, STANDING_HALT);
	rig_clear(r);
	pass(r, 2 * SECOND);
	assert_int_equal(rig_order(r, id)->cancel, AQ_REQ_UNKNOWN);
	assert_int_equal(asked(r, AQ_EV_CANCEL), 0);
	assert_true(asked(r, AQ_EV_QUERY) > 0);
	rig_say(r, id, AQ_UP_OPEN, AQ_REQ_LOOKUP);
	assert_int_equal(asked(r, AQ_EV_CANCEL), 1);
	cancelled(r, id);
	list_no_order(r);
	assert_true(confirmed(r, SCOPE_HOST));
	stand_end(r);
}

/* ---- orders of others ---- */

static void orders_of_others_are_cancelled_with_the_account(void **unused)
{
	for (int i = 0; i < SCOPES; i++) {
		struct rig *r = stand_rig();

		foreign(r, 77);
		stand(r, scopes[i], STANDING_HALT);
		assert_int_equal(asked(r, AQ_EV_CANCEL), scopes[i] != SCOPE_INSTANCE);
		if (scopes[i] != SCOPE_INSTANCE) {
			cancelled(r, 77);
			list_no_order(r);
		}
		assert_true(confirmed(r, scopes[i]));
		stand_end(r);
	}
}

/* Somebody places one by hand at the venue, long after. */
static void one_that_appears_later_ends_the_confirmation(void **unused)
{
	struct rig *r = stand_rig();

	stand(r, SCOPE_ACCOUNT, STANDING_HALT);
	list_no_order(r);
	assert_true(confirmed(r, SCOPE_ACCOUNT));
	pass(r, 60 * SECOND);
	foreign(r, 78);
	turn(r);
	assert_false(confirmed(r, SCOPE_ACCOUNT));
	assert_int_equal(asked(r, AQ_EV_CANCEL), 1);
	cancelled(r, 78);
	assert_false(confirmed(r, SCOPE_ACCOUNT));
	list_no_order(r);
	assert_true(confirmed(r, SCOPE_ACCOUNT));
	stand_end(r);
}

/* ---- the venue's list ---- */

/* One that was asked for before says nothing of now. */
static void an_older_list_confirms_nothing(void **unused)
{
	struct rig *r = stand_rig();

	reconcile_start(&r->f, r->account);
	stand(r, SCOPE_ACCOUNT, STANDING_HALT);
	rig_reconcile(r);
	turn(r);
	assert_false(confirmed(r, SCOPE_ACCOUNT));
	list_no_order(r);
	assert_true(confirmed(r, SCOPE_ACCOUNT));
	stand_end(r);
}

static void what_the_list_shows_is_cancelled_first(void **unused)
{
	struct rig *r = stand_rig();

	stand(r, SCOPE_HOST, STANDING_PAUSE);
	assert_int_equal(asked(r, AQ_EV_RECONCILE), 1);
	rig_emit(r, AQ_EV_RECONCILE_BEGIN, 0, r->account, NULL, 0);
	foreign(r, 79);
	rig_emit(r, AQ_EV_RECONCILE_END, 0, r->account, NULL, 0);
	turn(r);
	assert_false(confirmed(r, SCOPE_HOST));
	assert_int_equal(asked(r, AQ_EV_CANCEL), 1);
	rig_clear(r);
	cancelled(r, 79);
	list_no_order(r);
	assert_true(confirmed(r, SCOPE_HOST));
	stand_end(r);
}

static void a_venue_that_is_down_confirms_when_it_is_back(void **unused)
{
	struct rig *r = stand_rig();
	uint64_t id = rests(r, r->spot, AQ_BUY, 9900, 1000, 1);

	rig_venue(r, false);
	stand(r, SCOPE_ACCOUNT, STANDING_HALT);
	for (int i = 0; i < 5; i++)
		pass(r, SECOND);
	assert_false(confirmed(r, SCOPE_ACCOUNT));
	assert_int_equal(asked(r, AQ_EV_CANCEL), 0);
	rig_venue(r, true);
	rig_emit(r, AQ_EV_RECONCILE_BEGIN, 0, r->account, NULL, 0);
	rig_say(r, id, AQ_UP_OPEN, AQ_REQ_LIST);
	rig_emit(r, AQ_EV_RECONCILE_END, 0, r->account, NULL, 0);
	turn(r);
	assert_int_equal(asked(r, AQ_EV_CANCEL), 1);
	rig_clear(r);
	cancelled(r, id);
	assert_false(confirmed(r, SCOPE_ACCOUNT));
	list_no_order(r);
	assert_true(confirmed(r, SCOPE_ACCOUNT));
	stand_end(r);
}

static void one_that_goes_down_before_its_list_confirms_when_it_is_back(void **unused)
{
	struct rig *r = stand_rig();

	stand(r, SCOPE_HOST, STANDING_HALT);
	rig_venue(r, false);
	pass(r, 5 * SECOND);
	assert_false(confirmed(r, SCOPE_HOST));
	rig_clear(r);
	rig_venue(r, true);
	list_no_order(r);
	assert_true(confirmed(r, SCOPE_HOST));
	stand_end(r);
}

/* ---- close only ---- */

static void close_only_keeps_what_closes(void **unused)
{
	struct rig *r = stand_rig();
	uint64_t bid, ask;

	holds(r, r->linear, AQ_BUY, 3000);
	bid = rests(r, r->linear, AQ_BUY, 9900, 1000, 1);
	ask = rests(r, r->linear, AQ_SELL, 10100, 2000, 2);
	stand(r, SCOPE_INSTANCE, STANDING_CLOSE_ONLY);
	assert_int_equal(asked(r, AQ_EV_CANCEL), 1);
	assert_int_equal(rig_order(r, bid)->cancel, AQ_REQ_SENT);
	assert_int_equal(rig_order(r, ask)->cancel, AQ_REQ_NONE);
	cancelled(r, bid);
	assert_true(confirmed(r, SCOPE_INSTANCE));
	assert_int_equal(code_of(r, r->linear, AQ_BUY, 9900, 1000, 3), AQ_DENY_CLOSE_ONLY);
	assert_int_equal(code_of(r, r->linear, AQ_SELL, 10200, 1001, 3), AQ_DENY_CLOSE_ONLY);
	assert_int_equal(code_of(r, r->linear, AQ_SELL, 10200, 1000, 3), AQ_CODE_NONE);
	assert_int_equal(code_of(r, r->linear, AQ_SELL, 10300, 1, 4), AQ_DENY_CLOSE_ONLY);
	assert_int_equal(code_of(r, r->spot, AQ_SELL, 10300, 1000, 4), AQ_DENY_CLOSE_ONLY); /* it has bought none */
	stand_end(r);
}

/* An order that would turn the position around is none that closes. */
static void close_only_takes_out_what_would_turn_the_position(void **unused)
{
	struct rig *r = stand_rig();
	uint64_t first, second;

	holds(r, r->linear, AQ_SELL, 1000);
	first = rests(r, r->linear, AQ_BUY, 9900, 1000, 1);
	stand(r, SCOPE_ACCOUNT, STANDING_CLOSE_ONLY);
	assert_int_equal(asked(r, AQ_EV_CANCEL), 0);
	assert_true(confirmed(r, SCOPE_ACCOUNT));
	stand(r, SCOPE_ACCOUNT, STANDING_RUN);
	second = rests(r, r->linear, AQ_BUY, 9800, 1, 2);
	stand(r, SCOPE_ACCOUNT, STANDING_CLOSE_ONLY);
	assert_int_equal(asked(r, AQ_EV_CANCEL), 2);
	cancelled(r, second);
	cancelled(r, first);
	assert_true(confirmed(r, SCOPE_ACCOUNT));
	stand_end(r);
}

static void close_only_knows_the_sides_of_hedging(void **unused)
{
	struct rig *r = stand_rig();
	struct aq_place wish;
	uint64_t ids[4];

	flow_account_bind(&r->f, r->account, r->exchange, true, AQ_CROSS);
	for (int i = 0; i < 2; i++) { /* long 5, short 3 */
		wish = rig_wish(r, r->linear, 0, i == 0 ? 10010 : 9990, i == 0 ? 5000 : 3000, 10 + (uint64_t)i);
		wish.intention = i == 0 ? AQ_BUY_OPEN : AQ_SELL_OPEN;
		rig_fill(r, (uint64_t)orders_place(&r->f, r->strategy, &wish), 10000, wish.qty);
	}
	for (int i = 0; i < 4; i++) {
		static const uint8_t intentions[] = {AQ_SELL_CLOSE, AQ_BUY_CLOSE, AQ_BUY_OPEN, AQ_SELL_OPEN};
		static const aq_px prices[] = {10100, 9900, 9800, 10200};

		wish = rig_wish(r, r->linear, 0, prices[i], 1000, 20 + (uint64_t)i);
		wish.intention = intentions[i];
		ids[i] = (uint64_t)orders_place(&r->f, r->strategy, &wish);
		rig_say(r, ids[i], AQ_UP_OPEN, AQ_REQ_PLACE);
	}
	stand(r, SCOPE_INSTANCE, STANDING_CLOSE_ONLY);
	for (int i = 0; i < 4; i++)
		assert_int_equal(rig_order(r, ids[i])->cancel, i < 2 ? AQ_REQ_NONE : AQ_REQ_SENT);
	stand_end(r);
}

/* ---- what strategies are told ---- */

static const struct aq_trouble *last_trouble(struct rig *r)
{
	const struct aq_event *event = rig_last(r, r->strategy, AQ_EV_TROUBLE);

	assert_non_null(event);
	assert_int_equal(event->account, r->account);
	return AQ_BODY(aq_trouble, event);
}

static void expect_told(struct rig *r, uint32_t count, uint16_t what, bool over)
{
	assert_int_equal(rig_seen(r, r->strategy, AQ_EV_TROUBLE), count);
	if (count == 0)
		return;
	assert_int_equal(last_trouble(r)->what, what);
	assert_int_equal(last_trouble(r)->over, over);
}

/* Without a turn of the flow: a list that it asks for would be news of its own. */
static void say(struct rig *r, enum flow_scope scope, uint8_t state)
{
	rig_clear(r);
	give(r, scope, state);
}

static void strategies_are_told_once(void **unused)
{
	for (int i = 0; i < SCOPES; i++) {
		struct rig *r = stand_rig();

		say(r, scopes[i], STANDING_PAUSE);
		expect_told(r, 1, AQ_TROUBLE_STOPPED, false);
		say(r, scopes[i], STANDING_HALT);
		expect_told(r, 0, 0, false);
		say(r, scopes[(i + 1) % SCOPES], STANDING_HALT);
		expect_told(r, 0, 0, false);
		say(r, scopes[i], STANDING_RUN);
		expect_told(r, 0, 0, false);
		say(r, scopes[(i + 1) % SCOPES], STANDING_RUN);
		expect_told(r, 1, AQ_TROUBLE_STOPPED, true);
		say(r, scopes[i], STANDING_CLOSE_ONLY);
		expect_told(r, 1, AQ_TROUBLE_CLOSE_ONLY, false);
		say(r, scopes[i], STANDING_FLATTEN);
		expect_told(r, 2, AQ_TROUBLE_STOPPED, false);
		say(r, scopes[i], STANDING_CLOSE_ONLY);
		expect_told(r, 2, AQ_TROUBLE_CLOSE_ONLY, false);
		say(r, scopes[i], STANDING_RUN);
		expect_told(r, 1, AQ_TROUBLE_CLOSE_ONLY, true);
		stand_end(r);
	}
}

static void each_account_is_told_of(void **unused)
{
	struct rig *r = stand_rig();
	uint32_t second = flow_account_id(&r->f, "second");

	flow_account_bind(&r->f, second, r->exchange, false, AQ_CROSS);
	flow_trade_on(&r->f, r->strategy, second);
	say(r, SCOPE_HOST, STANDING_HALT);
	assert_int_equal(rig_seen(r, r->strategy, AQ_EV_TROUBLE), 2);
	say(r, SCOPE_ACCOUNT, STANDING_HALT); /* the first one alone */
	say(r, SCOPE_HOST, STANDING_RUN);
	assert_int_equal(rig_seen(r, r->strategy, AQ_EV_TROUBLE), 1);
	assert_int_equal(rig_last(r, r->strategy, AQ_EV_TROUBLE)->account, second);
	stand_end(r);
}

static void a_download_tells_it(void **unused)
{
	struct rig *r = stand_rig();

	say(r, SCOPE_ACCOUNT, STANDING_CLOSE_ONLY);
	rig_clear(r);
	download_strategy(&r->f, r->strategy, 0);
	expect_told(r, 1, AQ_TROUBLE_CLOSE_ONLY, false);
	assert_true((rig_last(r, r->strategy, AQ_EV_TROUBLE)->flags & AQ_EV_DOWNLOADED) != 0);
	say(r, SCOPE_ACCOUNT, STANDING_RUN);
	rig_clear(r);
	download_strategy(&r->f, r->strategy, 0);
	expect_told(r, 0, 0, false);
	stand_end(r);
}

/* ---- it lasts ---- */

static void expect_lasting(struct rig *r, enum flow_scope scope, uint8_t state)
{
	const struct fact_standing *fact = &standing_is(r, scope)->fact;

	assert_int_equal(fact->state, state);
	assert_int_equal(fact->uid, 1000);
	assert_string_equal(fact->who, "test");
	assert_string_equal(fact->why, "because");
	assert_false(confirmed(r, scope)); /* what was so before says nothing of now */
}

static void a_restart_keeps_it(void **unused)
{
	for (int i = 0; i < SCOPES; i++) {
		struct rig *r = stand_rig();
		uint64_t id = rests(r, r->spot, AQ_BUY, 9900, 1000, 1);

		stand(r, scopes[i], STANDING_HALT);
		rig_restart(r);
		expect_lasting(r, scopes[i], STANDING_HALT);
		assert_int_equal(r->f.standings, 1);
		rig_venue(r, true);
		rig_emit(r, AQ_EV_RECONCILE_BEGIN, 0, r->account, NULL, 0);
		rig_say(r, id, AQ_UP_OPEN, AQ_REQ_LIST);
		rig_emit(r, AQ_EV_RECONCILE_END, 0, r->account, NULL, 0);
		rig_book(r, r->spot, 9990, 10010);
		turn(r);
		assert_int_equal(asked(r, AQ_EV_CANCEL), 1);
		cancelled(r, id);
		if (scopes[i] != SCOPE_INSTANCE)
			list_no_order(r);
		assert_true(confirmed(r, scopes[i]));
		assert_int_equal(code_of(r, r->spot, AQ_BUY, 9900, 1000, 2), AQ_DENY_STOPPING);
		stand(r, scopes[i], STANDING_RUN);
		rig_balance(r, "USDT", 1000000);
		assert_int_equal(code_of(r, r->spot, AQ_BUY, 9900, 1000, 2), AQ_CODE_NONE);
		rig_restart(r);
		assert_int_equal(r->f.standings, 0);
		stand_end(r);
	}
}

static void override_is(const struct rig *r, const char *value)
{
	const struct fact_override *o = overrides_find(&r->f.overrides, "strategy:mm", "spread");

	assert_true((o == NULL) == (value == NULL));
	if (o != NULL)
		assert_string_equal(o->value, value);
}

static void set_override(struct rig *r, const char *value)
{
	struct fact_override fact = {.section = "strategy:mm", .key = "spread"};

	snprintf(fact.value, sizeof(fact.value), "%s", value);
	assert_int_equal(record_fact(&r->f, FACT_OVERRIDE, &fact, sizeof(fact)), AQ_OK);
}

/* Through segments that are gone: their snapshots carry it on. */
static void a_journal_keeps_it_through_its_rotations(void **unused)
{
	struct rig *r = calloc(1, sizeof(*r));
	struct memory *disk = memory_new(16 << 20, 1);

	rig_new_journalled(r, disk);
	for (int i = 0; i < SCOPES; i++)
		stand(r, scopes[i], (uint8_t)(STANDING_PAUSE + i));
	set_override(r, "2bps");
	set_override(r, "3bps");
	while (r->f.rotations < 3) {
		code_of(r, r->spot, AQ_BUY, 9900, 1000, 1);
		rig_clear(r);
	}
	rig_recover(r, disk);
	for (int i = 0; i < SCOPES; i++)
		expect_lasting(r, scopes[i], (uint8_t)(STANDING_PAUSE + i));
	assert_int_equal(r->f.standings, SCOPES);
	override_is(r, "3bps");
	for (int i = 0; i < SCOPES; i++)
		stand(r, scopes[i], STANDING_RUN);
	set_override(r, "");
	rig_recover(r, disk);
	assert_int_equal(r->f.standings, 0);
	override_is(r, NULL);
	journal_close(r->f.journal);
	stand_end(r);
	memory_delete(disk);
}

/* ---- quarantine ---- */

static void a_quarantine_does_to_orders_what_it_says(void **unused)
{
	static const uint8_t ways[] = {STANDING_CANCEL, STANDING_LEAVE, STANDING_CLOSE};

	for (int i = 0; i < 3; i++) {
		struct rig *r = stand_rig();
		uint64_t id;

		market_subscribe(&r->f, r->strategy, r->linear, AQ_SUB_BOOK);
		holds(r, r->linear, AQ_BUY, 3000);
		id = rests(r, r->linear, AQ_SELL, 10100, 1000, 1);
		stand_as(r, SCOPE_INSTANCE, STANDING_QUARANTINE, ways[i]);
		assert_int_equal(asked(r, AQ_EV_CANCEL), ways[i] != STANDING_LEAVE);
		assert_int_equal(asked(r, AQ_EV_PLACE), 0); /* its own orders go first */
		if (ways[i] != STANDING_LEAVE)
			cancelled(r, id);
		assert_int_equal(asked(r, AQ_EV_PLACE), ways[i] == STANDING_CLOSE);
		assert_int_equal(confirmed(r, SCOPE_INSTANCE), ways[i] != STANDING_CLOSE);
		assert_int_equal(code_of(r, r->linear, AQ_SELL, 10200, 1000, 2), AQ_DENY_STOPPING);
		stand(r, SCOPE_INSTANCE, STANDING_RUN);
		assert_int_equal(code_of(r, r->linear, AQ_SELL, 10200, 1000, 2), AQ_CODE_NONE);
		stand_end(r);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(new_orders_are_denied), cmocka_unit_test(the_strictest_counts),
		cmocka_unit_test(amends_are_denied_too), cmocka_unit_test(what_makes_no_sense_is_refused),
		cmocka_unit_test(what_rests_is_cancelled), cmocka_unit_test(others_go_on),
		cmocka_unit_test(one_in_flight_is_cancelled_once_it_rests),
		cmocka_unit_test(one_that_is_unknown_is_cancelled_once_it_is_found),
		cmocka_unit_test(a_rejected_cancel_is_tried_again_after_a_second),
		cmocka_unit_test(a_lost_cancel_is_tried_again_when_the_order_is_found),
		cmocka_unit_test(orders_of_others_are_cancelled_with_the_account),
		cmocka_unit_test(one_that_appears_later_ends_the_confirmation),
		cmocka_unit_test(an_older_list_confirms_nothing), cmocka_unit_test(what_the_list_shows_is_cancelled_first),
		cmocka_unit_test(a_venue_that_is_down_confirms_when_it_is_back),
		cmocka_unit_test(one_that_goes_down_before_its_list_confirms_when_it_is_back),
		cmocka_unit_test(close_only_keeps_what_closes),
		cmocka_unit_test(close_only_takes_out_what_would_turn_the_position),
		cmocka_unit_test(close_only_knows_the_sides_of_hedging), cmocka_unit_test(strategies_are_told_once),
		cmocka_unit_test(each_account_is_told_of), cmocka_unit_test(a_download_tells_it),
		cmocka_unit_test(a_restart_keeps_it), cmocka_unit_test(a_journal_keeps_it_through_its_rotations),
		cmocka_unit_test(a_quarantine_does_to_orders_what_it_says)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
