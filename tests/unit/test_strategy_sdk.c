/* The helpers of strategy.h besides aq_quote: rounding, room, the book, orders by tag, timers, and which callback runs
 * when. */
#include "strategy_probe.h"

#include <stdio.h>

/* ---- prices ---- */

static void every_two_digit_price(struct probe *s, struct aq_ctx *q)
{
	for (int64_t cents = 1; cents < 200000; cents++) {
		double price = (double)cents / 100;
		assert_int_equal(aq_px_down(q, s->market, price), cents);
		assert_int_equal(aq_px_up(q, s->market, price), cents);
		assert_int_equal(aq_px_near(q, s->market, price), cents);
		assert_true(aq_px_f(q, s->market, cents) == price);
	}
}

static void test_exact_prices_stay(void **state)
{
	struct rig r = rig_new();
	rig_inside(&r, every_two_digit_price);
	rig_free(&r);
}

static void rounding(struct probe *s, struct aq_ctx *q)
{
	struct aq_market m = s->market, unknown = {99, 1};
	assert_int_equal(aq_px_down(q, m, 100.009), 10000);
	assert_int_equal(aq_px_up(q, m, 100.001), 10001);
	assert_int_equal(aq_px_near(q, m, 100.004), 10000);
	assert_int_equal(aq_px_near(q, m, 100.006), 10001);
	assert_int_equal(aq_px_down(q, m, NAN), AQ_NONE);
	assert_int_equal(aq_px_up(q, m, NAN), AQ_NONE);
	assert_int_equal(aq_px_near(q, m, NAN), AQ_NONE);
	assert_int_equal(aq_px_down(q, m, INFINITY), AQ_NONE);
	assert_int_equal(aq_px_up(q, m, 1e30), AQ_NONE);
	assert_int_equal(aq_px_down(q, unknown, 100), AQ_NONE);
	assert_int_equal(aq_px_add(q, m, 10000, -3), 9997);
	assert_int_equal(aq_px_add(q, m, AQ_NONE, 1), AQ_NONE);
	assert_int_equal(aq_px_add(q, m, INT64_MAX, 1), AQ_NONE);
	assert_true(isnan(aq_px_f(q, m, AQ_NONE)));
	assert_int_equal(aq_qty_down(q, m, 0.123456), 12345);
	assert_int_equal(aq_qty_down(q, m, 0.3 / 0.1), 300000);
	assert_int_equal(aq_qty_down(q, m, -1), 0);
	assert_int_equal(aq_qty_down(q, m, NAN), 0);
	assert_int_equal(aq_qty_down(q, unknown, 1), 0);
	assert_true(aq_notional(q, m, 10000, 12345) == 12.345);
	assert_true(isnan(aq_notional(q, m, AQ_NONE, 1)));
}

static void test_rounding(void **state)
{
	struct rig r = rig_new();
	rig_inside(&r, rounding);
	rig_free(&r);
}

static void rounding_on_a_coarse_tick(struct probe *s, struct aq_ctx *q)
{
	assert_int_equal(aq_px_down(q, s->market, 100.99), 10075);
	assert_int_equal(aq_px_up(q, s->market, 100.76), 10100);
	assert_int_equal(aq_px_near(q, s->market, 100.90), 10100);
	assert_int_equal(aq_px_near(q, s->market, 100.80), 10075);
	assert_int_equal(aq_px_add(q, s->market, 10000, 2), 10050);
	assert_int_equal(aq_qty_down(q, s->market, 0.00059), 40);
}

static void test_tick_and_lot(void **state)
{
	struct rig r = rig_new();
	r.k->instruments[0].tick = 25;
	r.k->instruments[0].lot = 20;
	rig_instrument(&r);
	rig_inside(&r, rounding_on_a_coarse_tick);
	rig_free(&r);
}

static void texts(struct probe *s, struct aq_ctx *q)
{
	const char *first = aq_px_text(q, s->market, 10050);
	assert_string_equal(aq_qty_text(q, s->market, -1500), "-0.015");
	assert_string_equal(aq_px_text(q, s->market, AQ_NONE), "-");
	assert_string_equal(aq_px_text(q, (struct aq_market){99, 1}, 1), "-");
	for (int i = 0; i < 5; i++)
		aq_px_text(q, s->market, i);
	assert_string_equal(first, "100.5");
	aq_info(q, "%s %d", first, 7);
}

static void test_texts(void **state)
{
	struct rig r = rig_new();
	rig_inside(&r, texts);
	assert_string_equal(r.k->log, "100.5 7");
	assert_int_equal(r.k->warnings, 0);
	rig_free(&r);
}

/* ---- telling ---- */

static void tells(struct probe *s, struct aq_ctx *q)
{
	char name[16];
	aq_why(q, "skew %.2f", 0.257);
	assert_true(aq_place_limit(q, s->market, 1, AQ_BUY, 9900, 1000, false) > 0);
	aq_why(q, "%s", "");
	assert_true(aq_place_limit(q, s->market, 2, AQ_BUY, 9900, 1000, false) > 0);
	aq_why(q, "%0200d", 7);
	assert_int_equal(aq_gauge(q, "vol", 0.5), AQ_OK);
	assert_int_equal(aq_gauge(q, "vol", 0.75), AQ_OK);
	for (int i = 1; i < AQ_GAUGES; i++) {
		snprintf(name, sizeof(name), "g%d", i);
		assert_int_equal(aq_gauge(q, name, i), AQ_OK);
	}
	assert_int_equal(aq_gauge(q, "more", 1), AQ_ESPACE);
}

static void test_telling(void **state)
{
	struct rig r = rig_new();
	rig_inside(&r, tells);
	assert_string_equal(r.k->order_why[0], "skew 0.26");
	assert_string_equal(r.k->order_why[1], "");
	assert_int_equal(r.k->gauge_count, AQ_GAUGES);
	assert_string_equal(r.k->gauges[0].name, "vol");
	assert_true(r.k->gauges[0].value == 0.75);
	assert_string_equal(r.k->log, "");
	rig_free(&r);
}

static void tells_nobody(struct probe *s, struct aq_ctx *q)
{
	aq_why(q, "skew %.2f", 0.257);
	assert_int_equal(aq_gauge(q, "vol", 0.5), AQ_ENOSYS);
}

static void test_a_host_that_does_not_listen(void **state)
{
	struct aq_mock *k = aq_mock_new((const struct aq_plugin *)&aq_plugin_1);
	struct rig r = {.k = k};
	k->deaf = true;
	assert_int_equal(aq_mock_create(k), AQ_OK);
	assert_int_equal(aq_mock_start(k), AQ_OK);
	r.s = k->self;
	rig_inside(&r, tells_nobody);
	rig_free(&r);
}

/* ---- room ---- */

static const struct room {
	aq_qty position;
	uint8_t side;
	aq_qty size, limit, lot, min, room;
} rooms[] = {
	{0, AQ_BUY, 100, 1000, 1, 0, 100},
	{0, AQ_SELL, 100, 1000, 1, 0, 100},
	{950, AQ_BUY, 100, 1000, 1, 0, 50},
	{950, AQ_SELL, 100, 1000, 1, 0, 100},
	{-950, AQ_SELL, 100, 1000, 1, 0, 50},
	{1000, AQ_BUY, 100, 1000, 1, 0, 0},
	{1001, AQ_BUY, 100, 1000, 1, 0, 0},
	{-1000, AQ_SELL, 100, 1000, 1, 0, 0},
	{-2000, AQ_BUY, 100, 1000, 1, 0, 100},
	{950, AQ_BUY, 100, 1000, 20, 0, 40}, /* down to the lot */
	{950, AQ_BUY, 100, 1000, 20, 41, 0}, /* less than the venue takes */
	{950, AQ_BUY, 100, 1000, 1, 50, 50},
	{950, AQ_BUY, 100, 1000, 51, 0, 0},
	{0, AQ_BUY, 100, 0, 1, 0, 0},
	{0, AQ_BUY, 100, -1, 1, 0, 0},
	{0, AQ_BUY, 0, 1000, 1, 0, 0},
	{0, AQ_BUY, AQ_NONE, 1000, 1, 0, 0},
	{0, AQ_BUY, 100, AQ_NONE, 1, 0, 0},
	{0, 0, 100, 1000, 1, 0, 0},
	{INT64_MIN + 1, AQ_BUY, 100, INT64_MAX, 1, 0, 0}, /* what cannot be told is no room */
	{INT64_MAX, AQ_SELL, 100, INT64_MAX, 1, 0, 0},
};

static void all_rooms(struct probe *s, struct aq_ctx *q)
{
	const struct room *x = &rooms[s->last_code];
	assert_int_equal(aq_room(q, s->market, x->side, x->size, x->limit), x->room);
	assert_int_equal(aq_room(q, (struct aq_market){99, 1}, x->side, x->size, x->limit), 0);
}

static void test_room(void **state)
{
	for (uint16_t i = 0; i < sizeof(rooms) / sizeof(*rooms); i++) {
		struct rig r = rig_new();
		r.k->positions[0][0] = rooms[i].position;
		r.k->instruments[0].lot = rooms[i].lot;
		r.k->instruments[0].min_qty = rooms[i].min;
		rig_instrument(&r);
		r.s->last_code = i;
		rig_inside(&r, all_rooms);
		rig_free(&r);
	}
}

/* ---- the book ---- */

static void book_values(struct probe *s, struct aq_ctx *q)
{
	struct aq_top top;
	assert_int_equal(aq_top(q, s->market, &top), 1);
	assert_int_equal(top.ask, 10002);
	assert_true(fabs(aq_fair(q, s->market) - 100.015) < 1e-9); /* 300 bid, 100 asked: nearer to the ask */
	assert_true(fabs(aq_mid(q, s->market) - 100.01) < 1e-9);
	assert_true(aq_imbalance(q, s->market) == 0.5);
	assert_int_equal(aq_age(q, s->market), 3 * SECOND);
	assert_int_equal(aq_qty_of(q, s->market, 600), 599940); /* 600 / 100.01 = 5.99940... */
	assert_true(fabs(aq_depth_price(q, s->market, AQ_BUY, 100) - 100.02) < 1e-9);
	assert_true(fabs(aq_depth_price(q, s->market, AQ_BUY, 200) - 100.52) < 1e-9); /* half each */
	assert_true(isnan(aq_depth_price(q, s->market, AQ_BUY, 201)));
	assert_true(fabs(aq_depth_price(q, s->market, AQ_SELL, 300) - 100.00) < 1e-9);
	assert_true(isnan(aq_depth_price(q, s->market, AQ_SELL, 0)));
}

static void no_book_values(struct probe *s, struct aq_ctx *q)
{
	struct aq_market unknown = {99, 1};
	struct aq_top top;
	assert_int_equal(aq_top(q, s->market, &top), 0);
	assert_true(isnan(aq_fair(q, s->market)));
	assert_true(isnan(aq_mid(q, s->market)));
	assert_true(isnan(aq_imbalance(q, s->market)));
	assert_true(isnan(aq_depth_price(q, s->market, AQ_BUY, 1)));
	assert_int_equal(aq_qty_of(q, s->market, 600), 0);
	assert_int_equal(aq_px_down(q, s->market, aq_fair(q, s->market) * 0.99), AQ_NONE);
	assert_true(isnan(aq_fair(q, unknown)));
	assert_int_equal(aq_top(q, unknown, &top), 0);
	assert_int_equal(top.bid, AQ_NONE);
	assert_int_equal(aq_age(q, unknown), INT64_MAX);
}

static void test_book(void **state)
{
	struct rig r = rig_new();
	rig_inside(&r, no_book_values);
	rig_book(&r, 10000, 10002);
	r.k->levels[0][AQ_SELL - 1][1] = (struct aq_level){10102, 100};
	r.k->level_counts[0][AQ_SELL - 1] = 2;
	aq_mock_time(r.k, r.k->now_ns + 3 * SECOND);
	rig_inside(&r, book_values);
	aq_mock_fault(r.k, r.m, AQ_BOOK_STALE, AQ_TROUBLE_STALE);
	rig_inside(&r, no_book_values);
	rig_free(&r);
}

static void one_side(struct probe *s, struct aq_ctx *q)
{
	assert_true(isnan(aq_fair(q, s->market)));
	assert_true(isnan(aq_mid(q, s->market)));
}

static void test_a_side_is_empty(void **state)
{
	struct rig r = rig_new();
	rig_book(&r, 10000, AQ_NONE);
	rig_inside(&r, one_side);
	rig_free(&r);
}

static void inverse_values(struct probe *s, struct aq_ctx *q)
{
	assert_int_equal(aq_qty_of(q, s->market, 600), 60000000); /* counted in quote currency already */
	assert_true(aq_notional(q, s->market, 10000, 60000000) == 600);
}

static void test_inverse_contract(void **state)
{
	struct rig r = rig_new();
	r.k->instruments[0].qty_unit = AQ_UNIT_QUOTE;
	rig_instrument(&r);
	rig_inside(&r, inverse_values);
	rig_free(&r);
}

/* ---- the account ---- */

static void account_values(struct probe *s, struct aq_ctx *q)
{
	assert_int_equal(aq_position(q, s->market), -250);
	assert_true(aq_inventory(q, s->market, 1000) == -0.25);
	assert_true(aq_inventory(q, s->market, 100) == -1);
	assert_true(aq_inventory(q, s->market, 0) == 0);
	assert_int_equal(aq_position(q, (struct aq_market){s->market.instrument, 0}), 0);
	assert_true(aq_balance(q, s->market, "USDT") == 7.5);
	assert_true(isnan(aq_balance(q, s->market, "XYZ")));
	assert_true(aq_profit(q, s->market) == 3);
}

static void test_account(void **state)
{
	const struct aq_amt one = {UINT64_C(1000000000000000000), 0};
	struct rig r = rig_new();
	r.k->positions[0][0] = -250;
	r.k->position_extra.realised = (struct aq_amt){4 * one.lo, 0};
	r.k->position_extra.unrealised = (struct aq_amt){-one.lo, -1};
	r.k->balance = (struct aq_balance){.size = sizeof(r.k->balance), .account = 1, .asset = "USDT",
		.total = {10 * one.lo, 0}, .locked = {one.lo / 2 * 5, 0}};
	rig_inside(&r, account_values);
	rig_free(&r);
}

/* ---- orders ---- */

static void place_two(struct probe *s, struct aq_ctx *q)
{
	struct aq_order o;
	assert_true(aq_place_limit(q, s->market, 5, AQ_BUY, 9000, 1000, AQ_WITH_IOC) > 0);
	assert_true(aq_place_limit(q, s->other, 5, AQ_SELL, 9100, 1000, AQ_WITH_POST_ONLY | AQ_WITH_REDUCE_ONLY) > 0);
	assert_int_equal(aq_order_get(q, s->market, 5, &o), AQ_OK);
	assert_int_equal(o.price, 9000);
	assert_int_equal(o.tif, AQ_IOC);
	assert_int_equal(o.tag, 5);
	assert_int_equal(aq_order_get(q, s->other, 5, &o), AQ_OK);
	assert_int_equal(o.price, 9100);
	assert_int_equal(o.tag, 5);
	assert_int_equal(o.post_only, 1);
	assert_int_equal(o.reduce_only, 1);
	assert_int_equal(aq_order_get(q, s->market, 6, &o), AQ_ENOENT);
	assert_int_equal(aq_cancel(q, s->market, 6), AQ_ENOENT);
	assert_int_equal(aq_place_limit(q, s->market, 6, AQ_BUY, AQ_NONE, 1000, 0), AQ_EINVAL);
	assert_int_equal(aq_place_limit(q, s->market, 6, AQ_BUY, 9000, 0, 0), AQ_EINVAL);
	assert_int_equal(aq_place_limit(q, s->market, 6, 0, 9000, 1, 0), AQ_EINVAL);
	assert_int_equal(aq_place_limit(q, (struct aq_market){1, 0}, 6, AQ_BUY, 9000, 1, 0), AQ_EINVAL);
	assert_int_equal(aq_place_market(q, s->market, AQ_TAG_MAX + 1, AQ_BUY, 1, 0), AQ_EINVAL);
	assert_int_equal(aq_place_market(q, s->market, 6, AQ_BUY, 1, AQ_WITH_POST_ONLY), AQ_EINVAL);
}

static void cancel_one(struct probe *s, struct aq_ctx *q)
{
	assert_int_equal(aq_cancel(q, s->market, 5), AQ_OK);
}

static void test_orders_by_tag(void **state)
{
	struct rig r = rig_new();
	rig_inside(&r, place_two);
	assert_int_equal(r.k->placed, 2);
	aq_mock_answer(r.k, aq_mock_live(r.k, r.m, 5), AQ_UP_OPEN, 0);
	aq_mock_answer(r.k, aq_mock_live(r.k, r.other, 5), AQ_UP_OPEN, 0);
	rig_inside(&r, cancel_one);
	assert_int_equal(aq_mock_live(r.k, r.m, 5)->cancel, AQ_REQ_SENT);
	assert_int_equal(aq_mock_live(r.k, r.other, 5)->cancel, AQ_REQ_NONE);
	rig_free(&r);
}

static void place_stops(struct probe *s, struct aq_ctx *q)
{
	struct aq_order o;
	assert_true(aq_place_stop(q, s->market, 5, AQ_SELL, 9500, 9400, 1000, AQ_WITH_REDUCE_ONLY) > 0);
	assert_true(aq_place_stop(q, s->market, 6, AQ_BUY, 10500, AQ_NONE, 2000, 0) > 0);
	assert_int_equal(aq_order_get(q, s->market, 5, &o), AQ_OK);
	assert_int_equal(o.type, AQ_STOP_LIMIT);
	assert_int_equal(o.trigger, 9500);
	assert_int_equal(o.trigger_source, AQ_BY_LAST);
	assert_int_equal(o.price, 9400);
	assert_int_equal(o.reduce_only, 1);
	assert_int_equal(aq_order_get(q, s->market, 6, &o), AQ_OK);
	assert_int_equal(o.type, AQ_STOP_MARKET);
	assert_int_equal(o.trigger, 10500);
	assert_int_equal(o.price, AQ_NONE);
	assert_int_equal(o.qty, 2000);
	assert_int_equal(aq_place_stop(q, s->market, 7, AQ_BUY, AQ_NONE, 9400, 1000, 0), AQ_EINVAL);
	assert_int_equal(aq_place_stop(q, s->market, 7, AQ_BUY, 0, 9400, 1000, 0), AQ_EINVAL);
	assert_int_equal(aq_place_stop(q, s->market, 7, AQ_BUY, 9500, AQ_NONE, 1000, AQ_WITH_POST_ONLY), AQ_EINVAL);
	assert_int_equal(aq_place_stop(q, s->market, AQ_TAG_MAX + 1, AQ_BUY, 9500, 9400, 1000, 0), AQ_EINVAL);
	assert_int_equal(aq_place_stop(q, s->market, 7, AQ_BUY, 9500, 9400, 0, 0), AQ_EINVAL);
}

static void test_stops(void **state)
{
	struct rig r = rig_new();
	rig_inside(&r, place_stops);
	assert_int_equal(r.k->placed, 2);
	rig_free(&r);
}

static void place_again(struct probe *s, struct aq_ctx *q)
{
	assert_true(aq_place_limit(q, s->market, 5, AQ_BUY, 8000, 1000, 0) > 0);
}

static void test_second_order_under_a_tag_is_denied(void **state)
{
	struct rig r = rig_new();
	rig_inside(&r, place_again);
	rig_inside(&r, place_again);
	assert_int_equal(aq_mock_last(r.k)->state, AQ_DENIED);
	assert_int_equal(r.s->last_code, AQ_DENY_TAG_BUSY);
	assert_int_equal(r.k->doubles, 1); /* the author's, and the host said no */
	r.k->doubles = 0;
	rig_free(&r);
}

static void ladder(struct probe *s, struct aq_ctx *q)
{
	assert_int_equal(aq_ladder(q, s->market, 10, AQ_BUY, 9900, 100, 3, 5, 0), AQ_OK);
	assert_int_equal(aq_ladder(q, s->market, 20, AQ_SELL, 10100, 100, 2, 5, 0), AQ_OK);
}

static void pull(struct probe *s, struct aq_ctx *q)
{
	aq_pull(q, s->market);
}

static void cancel_quote(struct probe *s, struct aq_ctx *q)
{
	assert_int_equal(aq_cancel(q, s->market, 10), AQ_OK);
}

static void test_ladder_and_pull(void **state)
{
	static const aq_px prices[] = {9900, 9895, 9890, 10100, 10105};
	static const uint64_t tags[] = {10, 11, 12, 20, 21};
	struct rig r = rig_new();
	rig_book(&r, 10000, 10002);
	rig_inside(&r, ladder);
	assert_int_equal(r.k->placed, 5);
	for (int i = 0; i < 5; i++) {
		assert_int_equal(aq_mock_live(r.k, r.m, tags[i])->price, prices[i]);
		aq_mock_answer(r.k, aq_mock_live(r.k, r.m, tags[i]), AQ_UP_OPEN, 0);
	}
	rig_inside(&r, cancel_quote);
	aq_mock_answer(r.k, aq_mock_live(r.k, r.m, 10), AQ_UP_CANCELLED, 0);
	rig_inside(&r, pull);
	assert_int_equal(r.k->cancelled, 5);
	assert_int_equal(r.k->placed, 5); /* what was taken out does not come back */
	rig_free(&r);
}

static void close_twice(struct probe *s, struct aq_ctx *q)
{
	assert_true(aq_close(q, s->market) > 0);
	assert_int_equal(aq_close(q, s->market), 0);
}

static void close_nothing(struct probe *s, struct aq_ctx *q)
{
	assert_int_equal(aq_close(q, s->market), 0);
}

static void test_close(void **state)
{
	static const struct {
		aq_qty position;
		uint8_t kind, side, reduce_only;
		aq_qty max, qty;
	} rows[] = {{505, AQ_LINEAR, AQ_SELL, 1, 0, 500}, {-500, AQ_LINEAR, AQ_BUY, 1, 0, 500},
		{500, AQ_SPOT, AQ_SELL, 0, 0, 500}, {500, AQ_SPOT, AQ_SELL, 0, 330, 330}};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct rig r = rig_new();
		r.k->instruments[0].kind = rows[i].kind;
		r.k->instruments[0].lot = 10;
		r.k->instruments[0].max_qty = rows[i].max;
		rig_instrument(&r);
		rig_inside(&r, close_nothing);
		assert_int_equal(r.k->placed, 0);
		r.k->positions[0][0] = rows[i].position;
		rig_inside(&r, close_twice);
		assert_int_equal(r.k->placed, 1);
		assert_int_equal(aq_mock_last(r.k)->type, AQ_MARKET_ORDER);
		assert_int_equal(aq_mock_last(r.k)->side, rows[i].side);
		assert_int_equal(aq_mock_last(r.k)->reduce_only, rows[i].reduce_only);
		assert_int_equal(aq_mock_last(r.k)->qty, rows[i].qty);
		rig_free(&r);
	}
}

/* ---- time ---- */

static void set_timers(struct probe *s, struct aq_ctx *q)
{
	int64_t now = aq_now(q);
	assert_true(aq_after(q, 1, 10 * SECOND) > 0);
	assert_true(aq_after(q, 1, SECOND) > 0); /* replaces */
	assert_true(aq_every(q, 2, 2 * SECOND) > 0);
	assert_true(aq_every_aligned(q, 3, 60 * SECOND, 5 * SECOND) > 0);
	assert_int_equal(aq_every(q, 4, 0), AQ_EINVAL);
	assert_int_equal(aq_after(q, 4, -1), AQ_EINVAL);
	assert_int_equal(aq_timer_stop(q, 4), AQ_ENOENT);
	assert_int_equal(now, aq_now(q));
}

static void stop_timer(struct probe *s, struct aq_ctx *q)
{
	assert_int_equal(aq_timer_stop(q, 2), AQ_OK);
}

static void test_timers(void **state)
{
	struct rig r = rig_new();
	r.k->now_ns = INT64_C(1700000000) * SECOND; /* 20 s into its minute */
	rig_inside(&r, set_timers);
	aq_mock_time(r.k, r.k->now_ns + 11 * SECOND);
	aq_mock_run(r.k);
	assert_int_equal(r.s->timers, 1 + 5);
	rig_inside(&r, stop_timer);
	aq_mock_time(r.k, INT64_C(1700000044) * SECOND); /* 64 s into it */
	aq_mock_run(r.k);
	assert_int_equal(r.s->timers, 6);
	aq_mock_time(r.k, INT64_C(1700000045) * SECOND);
	aq_mock_run(r.k);
	assert_int_equal(r.s->timers, 7);
	assert_int_equal(r.s->last_tag, 3);
	rig_free(&r);
}

static void many_timers(struct probe *s, struct aq_ctx *q)
{
	uint64_t first = 100 + s->timers;
	for (uint64_t tag = first; tag < first + 32; tag++)
		assert_true(aq_after(q, tag, SECOND) > 0);
	assert_int_equal(aq_after(q, first + 32, SECOND), AQ_EAGAIN);
}

static void test_timers_are_bounded_and_reused(void **state)
{
	struct rig r = rig_new();
	for (int i = 0; i < 3; i++) {
		rig_inside(&r, many_timers);
		aq_mock_time(r.k, r.k->now_ns + 2 * SECOND);
		aq_mock_run(r.k);
	}
	assert_int_equal(r.s->timers, 96);
	rig_free(&r);
}

static void set_two_timers(struct probe *s, struct aq_ctx *q)
{
	assert_true(aq_after(q, 1, 10 * SECOND) > 0);
	assert_true(aq_every(q, 2, 4 * SECOND) > 0);
}

static uint32_t timers_set(const struct rig *r)
{
	uint32_t n = 0;
	for (uint32_t i = 0; i < AQ_MOCK_TIMERS; i++)
		n += r->k->timers[i].id != 0;
	return n;
}

static void wait_in_steps(struct rig *r, int seconds)
{
	for (int i = 0; i < seconds; i++) {
		aq_mock_time(r->k, r->k->now_ns + SECOND);
		aq_mock_run(r->k);
	}
}

static void test_timers_survive_a_reload(void **state)
{
	struct rig r = rig_new();
	rig_inside(&r, set_two_timers);
	wait_in_steps(&r, 5);
	assert_int_equal(r.s->timers, 1);
	assert_int_equal(aq_mock_reload(r.k, r.k->plugin), AQ_OK);
	r.s = r.k->self;
	assert_int_equal(timers_set(&r), 2);
	wait_in_steps(&r, 8); /* 8 s, 10 s, 12 s */
	assert_int_equal(r.s->timers, 3);
	rig_inside(&r, set_two_timers); /* as a ready callback does */
	assert_int_equal(timers_set(&r), 2);
	rig_free(&r);
}

static void test_timers_survive_a_restart(void **state)
{
	struct rig r = rig_new(), next = {.k = aq_mock_new(r.k->plugin)};
	rig_inside(&r, set_two_timers);
	assert_int_equal(aq_mock_save(r.k), AQ_OK);
	next.k->now_ns = r.k->now_ns + 9 * SECOND;
	next.k->timer_ids = 1; /* ids mean nothing in another process: 2 is given to the timer that was 1 */
	assert_int_equal(aq_mock_create(next.k), AQ_OK);
	next.s = next.k->self;
	assert_int_equal(aq_mock_load(next.k, r.k->blob, r.k->blob_length), AQ_OK);
	assert_int_equal(aq_mock_start(next.k), AQ_OK);
	assert_int_equal(timers_set(&next), 2);
	wait_in_steps(&next, 3); /* 10 s, 12 s: what was missed of a period is not made up */
	assert_int_equal(next.s->timers, 2);
	rig_free(&r);
	rig_free(&next);
}

/* ---- which callback runs when ---- */

static void test_callbacks(void **state)
{
	const struct aq_trade trade = {.id = 1, .price = 10000, .qty = 1, .taker = AQ_BUY};
	const struct aq_position position = {.size = sizeof(position), .account = 1, .instrument = 1};
	struct rig r = rig_new();
	uint32_t books;
	assert_int_equal(r.s->readies, 1);
	assert_int_equal(r.s->books, 2); /* after ready, in both markets */
	aq_mock_event(r.k, AQ_EV_TRADE, (struct aq_market){r.m.instrument, 0}, 0, &trade, sizeof(trade));
	aq_mock_event(r.k, AQ_EV_POSITION, r.m, 0, &position, sizeof(position));
	aq_mock_event(r.k, 999, r.m, 0, NULL, 0);
	aq_mock_run(r.k);
	assert_int_equal(r.s->trades, 1);
	assert_int_equal(r.s->positions, 1);
	books = r.s->books;
	aq_mock_event(r.k, AQ_EV_CONF, (struct aq_market){0, 0}, 0, NULL, 0);
	aq_mock_run(r.k);
	assert_int_equal(r.s->params, 1);
	assert_int_equal(r.s->books, books + 2);
	aq_mock_download(r.k);
	aq_mock_run(r.k);
	assert_int_equal(r.s->readies, 1); /* a download after a gap is no start */
	rig_free(&r);
}

static void send_downloaded_fill(struct rig *r)
{
	struct aq_fill f = {.size = sizeof(f), .account = 1, .instrument = 1, .order = 1, .tag = BID, .price = 1,
		.qty = 1};
	aq_mock_event(r->k, AQ_EV_FILL, r->m, BID, &f, sizeof(f));
	((struct aq_event *)(void *)(r->k->queue + r->k->head))->flags = AQ_EV_DOWNLOADED;
	aq_mock_run(r->k);
}

static void test_fills_of_a_download_count_once(void **state)
{
	struct rig r = {.k = aq_mock_new((const struct aq_plugin *)&aq_plugin_1)};
	r.m = aq_mock_market(r.k, "BTC/USDT", 2, 5);
	assert_int_equal(aq_mock_create(r.k), AQ_OK);
	r.s = r.k->self;
	r.s->market = r.m;
	assert_int_equal(r.k->plugin->start(r.s, &r.k->err), AQ_OK);
	r.k->started = true;
	send_downloaded_fill(&r); /* happened between the save and this start */
	assert_int_equal(r.s->fills, 1);
	aq_mock_download(r.k);
	aq_mock_run(r.k);
	send_downloaded_fill(&r); /* after a gap: this instance has seen it */
	assert_int_equal(r.s->fills, 1);
	rig_free(&r);
}

static void ask_for_history(struct probe *s, struct aq_ctx *q)
{
	assert_int_equal(aq_history(q, s->market, AQ_1M, 10), AQ_OK);
	assert_int_equal(aq_history(q, s->market, AQ_1Y + 1, 10), AQ_EINVAL);
	assert_int_equal(aq_history(q, s->market, AQ_1M, 4097), AQ_EINVAL);
	assert_int_equal(aq_history(q, (struct aq_market){99, 1}, AQ_1M, 10), AQ_ENOENT);
}

static void test_history_is_asked_for(void **state)
{
	struct rig r = rig_new();
	uint32_t before = r.k->callbacks;
	rig_inside(&r, ask_for_history);
	assert_int_equal(r.k->callbacks, before + 2); /* the hook, and that there is no past */
	rig_free(&r);
}

static void test_stop_is_called_once(void **state)
{
	struct rig r = rig_new();
	r.k->plugin->stop(r.s);
	assert_int_equal(r.s->stops, 1);
	r.k->started = false;
	rig_free(&r);
}

static const void *offers_nothing(void *owner, const char *name)
{
	return NULL;
}

static void test_a_host_without_the_extensions_is_told(void **state)
{
	struct aq_mock *k = aq_mock_new((const struct aq_plugin *)&aq_plugin_1);
	k->host.extension = offers_nothing;
	assert_int_equal(aq_mock_create(k), AQ_OK);
	assert_int_equal(aq_mock_start(k), AQ_ENOSYS);
	assert_string_equal(k->err.text, "the host does not offer aq.draft.market/1");
	aq_mock_free(k);
}

static void test_the_symbol_is_a_plugin(void **state)
{
	const struct aq_plugin *p = (const struct aq_plugin *)&aq_plugin_1;
	assert_int_equal(p->magic, AQ_MAGIC);
	assert_int_equal(p->kind, AQ_STRATEGY);
	assert_int_equal(p->size, sizeof(struct aq_plugin));
	assert_string_equal(p->name, "probe");
	assert_string_equal(p->summary, "driven by a test");
	assert_ptr_equal(p->options, probe_options);
	assert_int_equal(p->options[0].flags, AQ_BOOK | AQ_TRADES | AQ_REQUIRED);
	assert_int_equal(p->options[3].offset, offsetof(struct probe, size));
	assert_int_equal(p->options[3].size, 8);
	assert_null(p->ops);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_exact_prices_stay),
		cmocka_unit_test(test_rounding),
		cmocka_unit_test(test_tick_and_lot),
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_telling),
		cmocka_unit_test(test_a_host_that_does_not_listen),
		cmocka_unit_test(test_room),
		cmocka_unit_test(test_book),
		cmocka_unit_test(test_a_side_is_empty),
		cmocka_unit_test(test_inverse_contract),
		cmocka_unit_test(test_account),
		cmocka_unit_test(test_orders_by_tag),
		cmocka_unit_test(test_stops),
		cmocka_unit_test(test_second_order_under_a_tag_is_denied),
		cmocka_unit_test(test_ladder_and_pull),
		cmocka_unit_test(test_close),
		cmocka_unit_test(test_timers),
		cmocka_unit_test(test_timers_are_bounded_and_reused),
		cmocka_unit_test(test_timers_survive_a_reload),
		cmocka_unit_test(test_timers_survive_a_restart),
		cmocka_unit_test(test_callbacks),
		cmocka_unit_test(test_fills_of_a_download_count_once),
		cmocka_unit_test(test_history_is_asked_for),
		cmocka_unit_test(test_stop_is_called_once),
		cmocka_unit_test(test_a_host_without_the_extensions_is_told),
		cmocka_unit_test(test_the_symbol_is_a_plugin),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
