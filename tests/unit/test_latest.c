/* test_latest.c: subscriptions to the latest alone, and what else follows from a market that is not well: orders in other
 * markets leave. The losses of a day beyond their limit, likewise. */
#include "flow_rig.h"

#include "flow/standing.h"

/* Several records that wait together, as those of one piece of a connection do. */
static void emit_waiting(struct rig *r, uint16_t type, uint32_t instrument, const void *body, size_t length)
{
	struct {
		struct aq_event head;
		uint8_t bytes[512];
	} record = {.head = {.type = type, .instrument = instrument, .size = (uint32_t)(sizeof(record.head) + (length + 7) / 8 * 8)}};

	assert_true(length <= sizeof(record.bytes));
	memcpy(record.bytes, body, length);
	assert_int_equal(flow_emit(&r->f, r->exchange, &record.head), AQ_OK);
}

static void book_waits(struct rig *r, uint32_t instrument, aq_px bid, aq_px ask)
{
	struct {
		struct aq_book_update u;
		struct aq_level levels[2];
	} body = {.u = {.snapshot = 1, .bids = 1, .asks = 1, .reaches = 1}, .levels = {{bid, 1000}, {ask, 1000}}};

	emit_waiting(r, AQ_EV_BOOK_UPDATE, instrument, &body, sizeof(body));
}

static void ticker_waits(struct rig *r, aq_px bid)
{
	struct aq_ticker body = {.update = (uint64_t)bid, .bid = bid, .ask = bid + 1, .bid_qty = 1, .ask_qty = 1};

	emit_waiting(r, AQ_EV_TICKER, r->spot, &body, sizeof(body));
}

static void apply_all(struct rig *r)
{
	while (flow_apply_next(&r->f))
		;
}

static void subscribe_only(struct rig *r, uint32_t mask)
{
	market_unsubscribe(&r->f, r->strategy, r->spot, UINT32_MAX);
	assert_int_equal(market_subscribe(&r->f, r->strategy, r->spot, mask), AQ_OK);
	rig_book(r, r->spot, 10000, 10010);
	rig_clear(r);
}

static void test_books_become_one(void **state)
{
	struct rig r;
	const struct aq_event *event;

	(void)state;
	rig_new(&r);
	subscribe_only(&r, AQ_SUB_BOOK | AQ_SUB_LATEST);
	for (aq_px bid = 10001; bid <= 10007; bid++)
		book_waits(&r, r.spot, bid, 10010);
	apply_all(&r);
	assert_int_equal(rig_seen(&r, r.strategy, AQ_EV_BOOK), 1);
	event = rig_last(&r, r.strategy, AQ_EV_BOOK);
	assert_int_equal(AQ_BODY(aq_book, event)->top.bid, 10007);
	assert_int_equal(AQ_BODY(aq_book, event)->replaced, 6);
	rig_clear(&r);
	book_waits(&r, r.spot, 10002, 10010); /* and the count begins anew */
	apply_all(&r);
	assert_int_equal(AQ_BODY(aq_book, rig_last(&r, r.strategy, AQ_EV_BOOK))->replaced, 0);
	rig_free(&r);
}

static void test_every_is_every(void **state)
{
	struct rig r;

	(void)state;
	rig_new(&r);
	subscribe_only(&r, AQ_SUB_BOOK);
	for (aq_px bid = 10001; bid <= 10007; bid++)
		book_waits(&r, r.spot, bid, 10010);
	apply_all(&r);
	assert_int_equal(rig_seen(&r, r.strategy, AQ_EV_BOOK), 7);
	rig_free(&r);
}

static void test_trades_are_never_merged(void **state)
{
	struct rig r;
	const struct aq_event *event;

	(void)state;
	rig_new(&r);
	subscribe_only(&r, AQ_SUB_TICKER | AQ_SUB_TRADES | AQ_SUB_LATEST);
	for (aq_px bid = 10001; bid <= 10005; bid++) {
		struct aq_trade trade = {.id = (uint64_t)bid, .price = bid, .qty = 1, .taker = AQ_BUY};

		ticker_waits(&r, bid);
		emit_waiting(&r, AQ_EV_TRADE, r.spot, &trade, sizeof(trade));
	}
	apply_all(&r);
	assert_int_equal(rig_seen(&r, r.strategy, AQ_EV_TRADE), 5);
	assert_int_equal(rig_seen(&r, r.strategy, AQ_EV_TICKER), 1);
	event = rig_last(&r, r.strategy, AQ_EV_TICKER);
	assert_int_equal(AQ_BODY(aq_ticker, event)->bid, 10005);
	assert_int_equal(AQ_BODY(aq_ticker, event)->replaced, 4);
	rig_free(&r);
}

/* Two markets, and one that unsubscribes while something waits for it. */
static void test_who_has_gone_is_not_told(void **state)
{
	struct rig r;

	(void)state;
	rig_new(&r);
	subscribe_only(&r, AQ_SUB_BOOK | AQ_SUB_LATEST);
	market_unsubscribe(&r.f, r.strategy, r.linear, UINT32_MAX);
	market_subscribe(&r.f, r.strategy, r.linear, AQ_SUB_BOOK | AQ_SUB_LATEST);
	rig_clear(&r);
	book_waits(&r, r.spot, 10001, 10010);
	book_waits(&r, r.linear, 10002, 10010);
	book_waits(&r, r.linear, 10003, 10010);
	flow_apply_next(&r.f);
	market_unsubscribe(&r.f, r.strategy, r.spot, UINT32_MAX);
	apply_all(&r);
	assert_int_equal(rig_seen(&r, r.strategy, AQ_EV_BOOK), 1);
	assert_int_equal(rig_last(&r, r.strategy, AQ_EV_BOOK)->instrument, r.linear);
	assert_int_equal(AQ_BODY(aq_book, rig_last(&r, r.strategy, AQ_EV_BOOK))->replaced, 1);
	rig_free(&r);
}

/* ---- a market that is not well ---- */

static uint64_t rests(struct rig *r, uint32_t instrument, uint8_t side, bool reduce_only, uint64_t tag)
{
	struct aq_place wish = rig_wish(r, instrument, side, side == AQ_BUY ? 9000 : 11000, 1000, tag);
	int64_t id;

	wish.reduce_only = reduce_only;
	id = orders_place(&r->f, r->strategy, &wish);
	assert_true(id > 0);
	rig_say(r, (uint64_t)id, AQ_UP_OPEN, AQ_REQ_PLACE);
	assert_int_equal(rig_order(r, (uint64_t)id)->state, AQ_OPEN);
	return (uint64_t)id;
}

static void hold_linear(struct rig *r)
{
	uint64_t id = rig_place(r, r->linear, AQ_BUY, 10000, 2000, 90);

	rig_say(r, id, AQ_UP_OPEN, AQ_REQ_PLACE);
	rig_fill(r, id, 10000, 2000);
}

static void test_orders_elsewhere_leave(void **state)
{
	struct rig r;
	uint64_t here, there, reduces;

	(void)state;
	rig_new(&r);
	hold_linear(&r);
	market_subscribe(&r.f, r.strategy, r.spot, AQ_SUB_BOOK);
	here = rests(&r, r.spot, AQ_BUY, false, 1);
	there = rests(&r, r.linear, AQ_BUY, false, 2);
	reduces = rests(&r, r.linear, AQ_SELL, true, 3);
	rig_clear(&r);
	rig_book(&r, r.spot, 10020, 10010); /* crossed */
	assert_int_equal(rig_seen(&r, r.strategy, AQ_EV_TROUBLE), 1);
	assert_int_equal(rig_order(&r, there)->cancel, AQ_REQ_SENT);
	assert_int_equal(rig_order(&r, here)->cancel, AQ_REQ_NONE); /* its own market is the strategy's to judge */
	assert_int_equal(rig_order(&r, reduces)->cancel, AQ_REQ_NONE);
	rig_free(&r);
}

/* A venue that has refused is asked again while it lasts; what was placed since is the strategy's own decision. */
static void test_what_was_not_cancelled_is_pulled_again(void **state)
{
	struct rig r;
	uint64_t there, since;

	(void)state;
	rig_new(&r);
	r.f.options.stale_after_ns = 4 * SECOND;
	r.f.next_stale_ns = r.f.now_ns;
	market_subscribe(&r.f, r.strategy, r.spot, AQ_SUB_BOOK);
	there = rests(&r, r.linear, AQ_BUY, false, 2);
	r.f.now_ns += SECOND / 10;
	rig_book(&r, r.spot, 10020, 10010); /* crossed */
	rig_say(&r, there, AQ_UP_CANCEL_REJECTED, AQ_REQ_CANCEL);
	since = rests(&r, r.linear, AQ_BUY, false, 3);
	assert_int_equal(rig_order(&r, there)->cancel, AQ_REQ_NONE);
	r.f.now_ns += SECOND + 1;
	flow_tick(&r.f);
	assert_int_equal(rig_order(&r, there)->cancel, AQ_REQ_SENT);
	assert_int_equal(rig_order(&r, since)->cancel, AQ_REQ_NONE);
	rig_free(&r);
}

static void test_a_gap_that_does_not_heal_is_stale(void **state)
{
	struct rig r;
	struct aq_book_update gap = {.follows = 77, .reaches = 78};
	uint64_t there;

	(void)state;
	rig_new(&r);
	r.f.options.stale_after_ns = 4 * SECOND;
	r.f.next_stale_ns = r.f.now_ns;
	market_subscribe(&r.f, r.strategy, r.spot, AQ_SUB_BOOK | AQ_SUB_LATEST);
	rig_book(&r, r.spot, 10000, 10010);
	there = rests(&r, r.linear, AQ_BUY, false, 2);
	rig_emit(&r, AQ_EV_BOOK_UPDATE, r.spot, 0, &gap, sizeof(gap));
	assert_int_equal(rig_order(&r, there)->cancel, AQ_REQ_NONE);
	rig_clear(&r);
	r.f.now_ns += 4 * SECOND + 1;
	flow_tick(&r.f);
	apply_all(&r);
	assert_int_equal(market_find(&r.f, r.spot)->top.why, AQ_BOOK_STALE);
	assert_int_equal(rig_order(&r, there)->cancel, AQ_REQ_SENT);
	assert_int_equal(rig_seen(&r, r.strategy, AQ_EV_BOOK), 1); /* though no record came */
	rig_free(&r);
}

static void test_latest_is_no_subscription_of_itself(void **state)
{
	struct rig r;

	(void)state;
	rig_new(&r);
	market_subscribe(&r.f, r.strategy, r.spot, AQ_SUB_BOOK | AQ_SUB_TRADES | AQ_SUB_LATEST);
	rig_clear(&r);
	book_waits(&r, r.spot, 10001, 10010);
	book_waits(&r, r.spot, 10002, 10010);
	flow_apply_next(&r.f);
	market_unsubscribe(&r.f, r.strategy, r.spot, AQ_SUB_BOOK);
	apply_all(&r);
	assert_int_equal(rig_seen(&r, r.strategy, AQ_EV_BOOK), 0);
	market_unsubscribe(&r.f, r.strategy, r.spot, AQ_SUB_TRADES);
	assert_int_equal(market_mask(&r.f, r.strategy, r.spot), 0);
	rig_free(&r);
}

static void test_a_gap_pulls_nothing(void **state)
{
	struct rig r;
	struct aq_book_update gap = {.follows = 77, .reaches = 78};
	uint64_t there;

	(void)state;
	rig_new(&r);
	market_subscribe(&r.f, r.strategy, r.spot, AQ_SUB_BOOK);
	there = rests(&r, r.linear, AQ_BUY, false, 2);
	rig_emit(&r, AQ_EV_BOOK_UPDATE, r.spot, 0, &gap, sizeof(gap));
	assert_false(market_find(&r.f, r.spot)->top.valid);
	assert_int_equal(rig_order(&r, there)->cancel, AQ_REQ_NONE);
	rig_free(&r);
}

/* ---- a day's loss ---- */

static void test_loss_leads_to_what_the_policy_says(void **state)
{
	static const uint8_t policies[] = {STANDING_CLOSE_ONLY, STANDING_HALT};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct rig r;
		const struct standing *s;

		rig_new(&r);
		hold_linear(&r);
		r.f.meter.limits.loss_day = aq_amt_of(10);
		r.f.meter.limits.on_loss = policies[i];
		r.f.next_loss_ns = r.f.now_ns;
		rests(&r, r.spot, AQ_BUY, false, 1); /* begins the day */
		flow_tick(&r.f);
		s = standing_find(&r.f, SCOPE_HOST, 0);
		assert_int_equal(s->fact.state, STANDING_RUN);
		rig_book(&r, r.linear, 9000, 9010); /* 2 BTC bought at 100: some twenty are lost */
		r.f.now_ns += SECOND;
		flow_tick(&r.f);
		assert_int_equal(s->fact.state, policies[i]);
		assert_string_equal(s->fact.who, "limit.loss_day");
		assert_non_null(strstr(s->fact.why, "USDT lost since midnight"));
		assert_int_equal(orders_by_tag(&r.f, r.strategy, 1)->o.cancel, AQ_REQ_SENT);
		rig_free(&r);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_books_become_one),
		cmocka_unit_test(test_every_is_every),
		cmocka_unit_test(test_trades_are_never_merged),
		cmocka_unit_test(test_who_has_gone_is_not_told),
		cmocka_unit_test(test_orders_elsewhere_leave),
		cmocka_unit_test(test_what_was_not_cancelled_is_pulled_again),
		cmocka_unit_test(test_a_gap_that_does_not_heal_is_stale),
		cmocka_unit_test(test_latest_is_no_subscription_of_itself),
		cmocka_unit_test(test_a_gap_pulls_nothing),
		cmocka_unit_test(test_loss_leads_to_what_the_policy_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
