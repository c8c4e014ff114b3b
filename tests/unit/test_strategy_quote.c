/* aq_quote: what it asks for in each state of the order under its tag, what it does not ask for, and that it never has
 * two orders under a tag whatever comes in between. */
#include "strategy_probe.h"

#include <stdlib.h>

struct calls {
	uint32_t placed, amended, cancelled;
};

static struct calls calls_of(const struct rig *r)
{
	return (struct calls){r->k->placed, r->k->amended, r->k->cancelled};
}

static void assert_calls(const struct rig *r, struct calls before, uint32_t placed, uint32_t amended,
	uint32_t cancelled)
{
	assert_int_equal(r->k->placed - before.placed, placed);
	assert_int_equal(r->k->amended - before.amended, amended);
	assert_int_equal(r->k->cancelled - before.cancelled, cancelled);
}

static struct aq_order *bid(const struct rig *r)
{
	return aq_mock_live(r->k, r->m, BID);
}

/* A bid of `size` that rests at 99.00. */
static struct rig resting(void)
{
	struct rig r = rig_new();
	r.s->bid = 9900;
	rig_book(&r, 10000, 10002);
	aq_mock_answer(r.k, bid(&r), AQ_UP_OPEN, 0);
	aq_mock_run(r.k);
	return r;
}

/* ---- one order through its life ---- */

static void test_places_post_only(void **state)
{
	struct rig r = rig_new();
	r.s->bid = 9900;
	r.s->ask = 10100;
	rig_book(&r, 10000, 10002);
	assert_int_equal(r.k->placed, 2);
	assert_int_equal(bid(&r)->price, 9900);
	assert_int_equal(bid(&r)->qty, 1000);
	assert_int_equal(bid(&r)->side, AQ_BUY);
	assert_int_equal(bid(&r)->post_only, 1);
	assert_int_equal(bid(&r)->tag, BID);
	assert_int_equal(aq_mock_live(r.k, r.m, ASK)->price, 10100);
	assert_int_equal(aq_mock_live(r.k, r.m, ASK)->side, AQ_SELL);
	rig_free(&r);
}

static void test_leaves_within_tolerance(void **state)
{
	struct rig r = resting();
	struct calls before = calls_of(&r);
	r.s->tolerance = 0.001; /* 9.9 ticks */
	r.s->bid = 9909;
	rig_book(&r, 10000, 10003);
	r.s->bid = 9891;
	rig_book(&r, 10000, 10004);
	assert_calls(&r, before, 0, 0, 0);
	r.s->bid = 9911;
	rig_book(&r, 10000, 10003);
	assert_calls(&r, before, 0, 1, 0);
	assert_int_equal(bid(&r)->amend_price, 9911);
	assert_int_equal(bid(&r)->amend_qty, 1000);
	rig_free(&r);
}

static void test_same_price_needs_no_tolerance(void **state)
{
	struct rig r = resting();
	struct calls before = calls_of(&r);
	for (int i = 0; i < 10; i++)
		rig_book(&r, 10000, 10003 + i);
	assert_calls(&r, before, 0, 0, 0);
	rig_free(&r);
}

static void test_quantity(void **state)
{
	static const struct {
		aq_qty wish;
		uint32_t amended;
	} rows[] = {{1000, 0}, {999, 1}, {500, 1}, {1001, 0}, {1333, 0}, {1334, 1}, {2000, 1}};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct rig r = resting();
		struct calls before = calls_of(&r);
		r.s->size = rows[i].wish;
		rig_book(&r, 10000, 10003);
		assert_calls(&r, before, 0, rows[i].amended, 0);
		if (rows[i].amended)
			assert_int_equal(bid(&r)->amend_qty, rows[i].wish);
		rig_free(&r);
	}
}

static void test_remaining_quantity_counts(void **state)
{
	struct rig r = resting();
	struct calls before = calls_of(&r);
	aq_mock_fill(r.k, bid(&r), 200);
	aq_mock_run(r.k);
	assert_calls(&r, before, 0, 0, 0); /* 800 are left, near enough to 1000 */
	aq_mock_fill(r.k, bid(&r), 100);
	aq_mock_run(r.k);
	assert_calls(&r, before, 0, 1, 0);
	assert_int_equal(bid(&r)->amend_qty, 1300); /* the total: 300 filled and 1000 open */
	rig_free(&r);
}

static void test_out(void **state)
{
	static const struct {
		aq_px price;
		aq_qty size;
	} rows[] = {{AQ_NONE, 1000}, {9900, 0}, {9900, AQ_NONE}, {-5, 1000}};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct rig r = resting();
		struct calls before = calls_of(&r);
		r.s->bid = rows[i].price;
		r.s->size = rows[i].size;
		rig_book(&r, 10000, 10002);
		assert_calls(&r, before, 0, 0, 1);
		rig_book(&r, 10000, 10003);
		aq_mock_answer(r.k, bid(&r), AQ_UP_CANCELLED, 0);
		aq_mock_run(r.k);
		rig_book(&r, 10000, 10002);
		assert_calls(&r, before, 0, 0, 1);
		assert_null(bid(&r));
		rig_free(&r);
	}
}

static void sell_under_bid(struct probe *s, struct aq_ctx *q)
{
	assert_int_equal(aq_quote(q, s->market, BID, AQ_SELL, 10100, s->size, 0), AQ_OK);
}

static void test_side_changes_by_replacing(void **state)
{
	struct rig r = resting();
	struct calls before = calls_of(&r);
	rig_inside(&r, sell_under_bid);
	assert_calls(&r, before, 0, 0, 1);
	aq_mock_answer(r.k, bid(&r), AQ_UP_CANCELLED, 0);
	aq_mock_run(r.k); /* without another book event */
	assert_calls(&r, before, 1, 0, 1);
	assert_int_equal(bid(&r)->side, AQ_SELL);
	rig_free(&r);
}

/* ---- requests on their way ---- */

static void in_place_sent(struct rig *r)
{
	r->s->bid = 9900;
	rig_book(r, 10000, 10002);
}

static void in_place_unknown(struct rig *r)
{
	in_place_sent(r);
	aq_mock_answer(r->k, bid(r), AQ_UP_UNKNOWN, 0);
	aq_mock_run(r->k);
}

static void open_at_9900(struct rig *r)
{
	in_place_sent(r);
	aq_mock_answer(r->k, bid(r), AQ_UP_OPEN, 0);
	aq_mock_run(r->k);
}

static void in_amend_sent(struct rig *r)
{
	open_at_9900(r);
	r->s->bid = 9800;
	rig_book(r, 10000, 10002);
}

static void in_amend_unknown(struct rig *r)
{
	in_amend_sent(r);
	aq_mock_answer(r->k, bid(r), AQ_UP_UNKNOWN, 0);
	aq_mock_run(r->k);
}

static void in_cancel_sent(struct rig *r)
{
	open_at_9900(r);
	r->s->bid = AQ_NONE;
	rig_book(r, 10000, 10002);
}

static void in_cancel_unknown(struct rig *r)
{
	in_cancel_sent(r);
	aq_mock_answer(r->k, bid(r), AQ_UP_UNKNOWN, 0);
	aq_mock_run(r->k);
}

static void test_waits_while_something_is_on_its_way(void **state)
{
	static void (*const into[])(struct rig *) = {in_place_sent, in_place_unknown, in_amend_sent, in_amend_unknown,
		in_cancel_sent, in_cancel_unknown};
	static const aq_px wishes[] = {9900, 9700, AQ_NONE};
	for (size_t i = 0; i < sizeof(into) / sizeof(*into); i++) {
		for (size_t w = 0; w < 3; w++) {
			struct rig r = rig_new();
			struct calls before;
			into[i](&r);
			before = calls_of(&r);
			for (int n = 0; n < 5; n++) {
				r.s->bid = wishes[w];
				rig_book(&r, 10000, 10003 + n);
			}
			aq_mock_time(r.k, r.k->now_ns + 60 * SECOND);
			aq_mock_run(r.k);
			assert_calls(&r, before, 0, 0, 0);
			rig_free(&r);
		}
	}
}

static void test_acts_when_the_answer_comes(void **state)
{
	struct rig r = rig_new();
	struct calls before;
	in_place_sent(&r);
	r.s->bid = 9700;
	rig_book(&r, 10000, 10002);
	before = calls_of(&r);
	aq_mock_answer(r.k, bid(&r), AQ_UP_OPEN, 0);
	aq_mock_run(r.k);
	assert_calls(&r, before, 0, 1, 0);
	aq_mock_answer(r.k, bid(&r), AQ_UP_AMENDED, 0);
	aq_mock_run(r.k);
	assert_calls(&r, before, 0, 1, 0);
	assert_int_equal(bid(&r)->price, 9700);
	rig_free(&r);
}

static void test_out_while_placing(void **state)
{
	struct rig r = rig_new();
	struct calls before;
	in_place_unknown(&r);
	r.s->bid = AQ_NONE;
	rig_book(&r, 10000, 10002);
	before = calls_of(&r);
	aq_mock_answer(r.k, bid(&r), AQ_UP_OPEN, 0);
	aq_mock_run(r.k);
	assert_calls(&r, before, 0, 0, 1);
	rig_free(&r);
}

/* ---- what may still be filled ---- */

static void note_open(struct probe *s, struct aq_ctx *q)
{
	s->size = aq_open_qty(q, s->market, BID); /* where the test reads it */
}

static void assert_open(struct rig *r, aq_qty qty)
{
	aq_qty size = r->s->size;
	rig_inside(r, note_open);
	assert_int_equal(r->s->size, qty);
	r->s->size = size;
}

static void test_open_quantity(void **state)
{
	struct rig r = rig_new();
	uint32_t reads;
	assert_open(&r, 0);
	in_place_sent(&r);
	assert_open(&r, 1000);
	aq_mock_answer(r.k, bid(&r), AQ_UP_OPEN, 0);
	aq_mock_run(r.k);
	aq_mock_fill(r.k, bid(&r), 100);
	aq_mock_run(r.k);
	assert_open(&r, 900);
	rig_book(&r, 10000, 10002);
	reads = r.k->reads;
	assert_open(&r, 900);
	assert_int_equal(r.k->reads, reads); /* of what rests nothing needs to be read */
	r.s->size = 2000;
	rig_book(&r, 10000, 10003);
	assert_open(&r, 2000); /* it may grow at any moment */
	aq_mock_answer(r.k, bid(&r), AQ_UP_AMENDED, 0);
	aq_mock_run(r.k);
	r.s->size = 500;
	rig_book(&r, 10000, 10002);
	assert_open(&r, 2000); /* it has not shrunk yet */
	aq_mock_answer(r.k, bid(&r), AQ_UP_AMENDED, 0);
	aq_mock_run(r.k);
	assert_open(&r, 500);
	r.s->bid = AQ_NONE;
	rig_book(&r, 10000, 10003);
	assert_open(&r, 500);
	aq_mock_answer(r.k, bid(&r), AQ_UP_CANCELLED, 0);
	aq_mock_run(r.k);
	assert_open(&r, 0);
	rig_free(&r);
}

/* ---- venues that cannot amend, and refusals ---- */

static void test_cancels_and_replaces_where_amend_is_unknown(void **state)
{
	struct rig r = resting();
	struct calls before = calls_of(&r);
	r.k->deny[AQ_REQ_AMEND] = AQ_DENY_UNSUPPORTED;
	r.s->bid = 9800;
	rig_book(&r, 10000, 10002);
	assert_calls(&r, before, 0, 1, 1);
	aq_mock_answer(r.k, bid(&r), AQ_UP_CANCELLED, 0);
	aq_mock_run(r.k);
	assert_calls(&r, before, 1, 1, 1);
	aq_mock_answer(r.k, bid(&r), AQ_UP_OPEN, 0);
	r.s->bid = 9700;
	rig_book(&r, 10000, 10002);
	assert_calls(&r, before, 1, 1, 2); /* it is not asked for again */
	rig_free(&r);
}

static void test_a_refused_amend_leaves_no_wrong_price(void **state)
{
	static const uint16_t codes[] = {AQ_DENY_RATE, AQ_DENY_COLLAR, AQ_DENY_MAX_POSITION};
	for (size_t i = 0; i < 3; i++) {
		struct rig r = resting();
		struct calls before = calls_of(&r);
		r.k->deny[AQ_REQ_AMEND] = codes[i];
		r.s->bid = 9800;
		rig_book(&r, 10000, 10002);
		assert_calls(&r, before, 0, 1, 1);
		aq_mock_answer(r.k, bid(&r), AQ_UP_CANCELLED, 0);
		aq_mock_run(r.k);
		assert_calls(&r, before, 0, 1, 1); /* the new one waits */
		aq_mock_time(r.k, r.k->now_ns + SECOND / 4);
		aq_mock_run(r.k);
		assert_calls(&r, before, 1, 1, 1);
		assert_int_equal(bid(&r)->price, 9800);
		rig_free(&r);
	}
}

static void test_does_not_hammer(void **state)
{
	static const struct {
		uint16_t code;
		uint32_t moved; /* attempts in ten moves of the price at one time */
	} rows[] = {{AQ_DENY_RATE, 1}, {AQ_DENY_RECONCILING, 1}, {AQ_DENY_MAX_POSITION, 1}, {AQ_DENY_BALANCE, 1},
		{AQ_DENY_COLLAR, 10}};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct rig r = rig_new();
		r.k->deny[AQ_REQ_PLACE] = rows[i].code;
		for (int n = 0; n < 100; n++) { /* the same wish again and again */
			r.s->bid = 9900;
			rig_book(&r, 10000, 10002);
		}
		assert_int_equal(r.k->placed, 1);
		for (int n = 1; n < 10; n++) {
			r.s->bid = 9900 - n;
			rig_book(&r, 10000, 10002);
		}
		assert_int_equal(r.k->placed, rows[i].moved);
		rig_free(&r);
	}
}

static void test_tries_again_later_and_more_seldom(void **state)
{
	struct rig r = rig_new();
	r.k->deny[AQ_REQ_PLACE] = AQ_DENY_RATE;
	r.s->bid = 9900;
	rig_book(&r, 10000, 10002);
	for (int i = 1; i <= 600; i++) { /* a minute without a book event */
		aq_mock_time(r.k, r.k->now_ns + SECOND / 10);
		aq_mock_run(r.k);
	}
	assert_in_range(r.k->placed, 10, 14); /* 0, .25, .75, 1.75, 3.75, 7.75, then every 8 s */
	r.k->deny[AQ_REQ_PLACE] = 0;
	aq_mock_time(r.k, r.k->now_ns + 9 * SECOND);
	aq_mock_run(r.k);
	assert_non_null(bid(&r));
	rig_free(&r);
}

static void test_a_changed_quantity_is_another_wish(void **state)
{
	struct rig r = rig_new();
	r.k->deny[AQ_REQ_PLACE] = AQ_DENY_MAX_POSITION;
	r.s->bid = 9900;
	rig_book(&r, 10000, 10002);
	r.s->size = 500;
	rig_book(&r, 10000, 10002);
	assert_int_equal(r.k->placed, 2);
	rig_free(&r);
}

static void test_news_of_a_denial_that_still_waits(void **state)
{
	struct rig r = rig_new();
	r.k->deny[AQ_REQ_PLACE] = AQ_DENY_RATE;
	r.s->bid = 9900;
	aq_mock_top(r.k, r.m, 10000, 1, 10002, 1);
	for (int n = 0; n < 20; n++) /* these stand in the queue before the denial */
		aq_mock_top(r.k, r.m, 10000, 1, 10003 + n, 1);
	aq_mock_run(r.k);
	assert_int_equal(r.k->placed, 1);
	rig_free(&r);
}

static void test_queue_full(void **state)
{
	struct rig r = rig_new();
	r.k->full = true;
	r.s->bid = 9900;
	rig_book(&r, 10000, 10002);
	assert_int_equal(r.k->placed, 0);
	r.k->full = false;
	aq_mock_time(r.k, r.k->now_ns + SECOND);
	aq_mock_run(r.k);
	assert_non_null(bid(&r));
	rig_free(&r);
}

static void test_rejected_by_the_venue(void **state)
{
	struct rig r = rig_new();
	r.s->bid = 9900;
	rig_book(&r, 10000, 10002);
	aq_mock_answer(r.k, bid(&r), AQ_UP_REJECTED, AQ_VENUE_POST_ONLY);
	aq_mock_run(r.k);
	rig_book(&r, 10000, 10002);
	assert_int_equal(r.k->placed, 1);
	r.s->bid = 9899;
	rig_book(&r, 10000, 10002);
	assert_int_equal(r.k->placed, 2);
	rig_free(&r);
}

static void test_cancelled_by_others_waits(void **state)
{
	struct rig r = resting();
	aq_mock_answer(r.k, bid(&r), AQ_UP_CANCELLED, 0);
	for (int n = 0; n < 10; n++) {
		r.s->bid--;
		rig_book(&r, 10000, 10002);
	}
	assert_int_equal(r.k->placed, 1);
	aq_mock_time(r.k, r.k->now_ns + SECOND / 4);
	aq_mock_run(r.k);
	assert_int_equal(r.k->placed, 2);
	rig_free(&r);
}

static void test_refused_cancel_is_asked_again(void **state)
{
	struct rig r = resting();
	r.s->bid = AQ_NONE;
	rig_book(&r, 10000, 10002);
	aq_mock_answer(r.k, bid(&r), AQ_UP_CANCEL_REJECTED, AQ_VENUE_OTHER);
	aq_mock_run(r.k);
	rig_book(&r, 10000, 10002);
	assert_int_equal(r.k->cancelled, 1);
	aq_mock_time(r.k, r.k->now_ns + SECOND / 4);
	aq_mock_run(r.k);
	assert_int_equal(r.k->cancelled, 2);
	rig_free(&r);
}

/* ---- fills in between ---- */

static void no_book(struct rig *r)
{
	r->s->bid = 0; /* the book callback restates nothing */
}

static void test_an_old_wish_is_not_fulfilled_after_a_fill(void **state)
{
	for (int order_first = 0; order_first < 2; order_first++) {
		struct rig r = rig_new();
		struct calls before;
		in_amend_sent(&r);
		no_book(&r);
		r.k->order_before_fill = order_first;
		before = calls_of(&r);
		aq_mock_fill(r.k, bid(&r), 1000);
		aq_mock_run(r.k);
		assert_null(bid(&r));
		assert_calls(&r, before, 0, 0, 0);
		r.s->bid = 9800; /* the callback states it anew, knowing of the position */
		rig_book(&r, 10000, 10002);
		assert_calls(&r, before, 1, 0, 0);
		rig_free(&r);
	}
}

static void test_a_fill_restates(void **state)
{
	struct rig r = resting();
	uint32_t books = r.s->books;
	aq_mock_fill(r.k, bid(&r), 1000);
	aq_mock_run(r.k);
	assert_int_equal(r.s->fills, 1);
	assert_int_equal(r.s->books, books + 1);
	assert_int_equal(r.k->placed, 2);
	rig_free(&r);
}

/* ---- the venue's grid ---- */

static void test_clips(void **state)
{
	static const struct {
		aq_px tick, bid, price;
		aq_qty lot, min, max, size, qty;
	} rows[] = {
		{1, 9900, 9900, 1, 0, 0, 1000, 1000},
		{5, 9903, 9900, 1, 0, 0, 1000, 1000},
		{1, 10002, 10001, 1, 0, 0, 1000, 1000}, /* would take: beside the best ask */
		{1, 20000, 10001, 1, 0, 0, 1000, 1000},
		{5, 20000, 10000, 1, 0, 0, 1000, 1000},
		{1, 9900, 9900, 300, 0, 0, 1000, 900},
		{1, 9900, 9900, 300, 0, 700, 1000, 600},
		{1, 9900, 9900, 1, 1000, 0, 1000, 1000},
		{1, 9900, 0, 1, 1001, 0, 1000, 0}, /* below the minimum: out */
		{1, 9900, 0, 1001, 0, 0, 1000, 0},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct rig r = rig_new();
		r.k->instruments[0].tick = rows[i].tick;
		r.k->instruments[0].lot = rows[i].lot;
		r.k->instruments[0].min_qty = rows[i].min;
		r.k->instruments[0].max_qty = rows[i].max;
		rig_instrument(&r);
		r.s->bid = rows[i].bid;
		r.s->size = rows[i].size;
		rig_book(&r, 10000, 10002);
		assert_int_equal(r.k->placed, rows[i].qty > 0);
		if (rows[i].qty > 0) {
			assert_int_equal(bid(&r)->price, rows[i].price);
			assert_int_equal(bid(&r)->qty, rows[i].qty);
		}
		rig_free(&r);
	}
}

static void test_sell_clips_up(void **state)
{
	struct rig r = rig_new();
	r.k->instruments[0].tick = 5;
	rig_instrument(&r);
	r.s->ask = 9000;
	rig_book(&r, 10000, 10010);
	assert_int_equal(aq_mock_live(r.k, r.m, ASK)->price, 10005);
	rig_free(&r);
}

static void test_filters_that_changed_unseen(void **state)
{
	struct rig r = rig_new();
	rig_book(&r, 10000, 10002);
	r.k->instruments[0].tick = 5;
	r.k->deny[AQ_REQ_PLACE] = AQ_DENY_TICK;
	r.s->bid = 9903;
	rig_book(&r, 10000, 10002);
	assert_int_equal(r.k->malformed, 1); /* the host said no, and why */
	r.k->malformed = 0;
	assert_int_equal(aq_mock_last(r.k)->price, 9900);
	r.k->deny[AQ_REQ_PLACE] = 0;
	for (int i = 0; i < 10; i++) {
		aq_mock_time(r.k, r.k->now_ns + SECOND / 10);
		aq_mock_run(r.k);
	}
	assert_int_equal(bid(&r)->price, 9900);
	rig_free(&r);
}

static void test_min_notional(void **state)
{
	static const struct {
		uint64_t units; /* of the quote currency: 99.00 x 0.01 is 0.99 */
		uint32_t placed;
	} rows[] = {{UINT64_C(990000000000000000), 1}, {UINT64_C(990000000000000001), 0}};
	for (size_t i = 0; i < 2; i++) {
		struct rig r = rig_new();
		r.k->instruments[0].min_notional.lo = rows[i].units;
		rig_instrument(&r);
		r.s->bid = 9900;
		rig_book(&r, 10000, 10002);
		assert_int_equal(r.k->placed, rows[i].placed);
		rig_free(&r);
	}
}

/* ---- trouble ---- */

static void test_trouble_takes_out(void **state)
{
	static const struct {
		enum aq_book_fault why;
		enum aq_trouble_kind what;
	} rows[] = {{AQ_BOOK_STALE, AQ_TROUBLE_STALE}, {AQ_BOOK_GAP, AQ_TROUBLE_GAP},
		{AQ_BOOK_CROSSED, AQ_TROUBLE_CROSSED},
		{AQ_BOOK_VENUE_DOWN, AQ_TROUBLE_VENUE_DOWN}, {AQ_BOOK_HALTED, AQ_TROUBLE_HALTED}};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct rig r = resting();
		uint32_t books = r.s->books;
		aq_mock_fault(r.k, r.m, rows[i].why, rows[i].what);
		aq_mock_run(r.k);
		assert_int_equal(r.s->troubles, 1);
		assert_int_equal(r.s->books, books + 1);
		assert_true(isnan(r.s->fair));
		assert_int_equal(r.k->cancelled, 1);
		aq_mock_answer(r.k, bid(&r), AQ_UP_CANCELLED, 0);
		rig_book(&r, 10000, 10002);
		assert_int_equal(r.k->placed, 2);
		rig_free(&r);
	}
}

static void test_account_not_ready(void **state)
{
	struct rig r = resting();
	struct aq_market account = {0, 1};
	aq_mock_trouble(r.k, account, AQ_TROUBLE_NOT_READY, false);
	aq_mock_run(r.k);
	assert_true(isnan(r.s->fair));
	assert_int_equal(r.k->cancelled, 1);
	aq_mock_answer(r.k, bid(&r), AQ_UP_CANCELLED, 0);
	rig_book(&r, 10000, 10002);
	assert_int_equal(r.k->placed, 1);
	aq_mock_trouble(r.k, account, AQ_TROUBLE_NOT_READY, true);
	aq_mock_run(r.k);
	assert_int_equal(r.k->placed, 2);
	rig_free(&r);
}

static void test_the_end_of_trouble_ends_the_wait(void **state)
{
	struct rig r = rig_new();
	r.k->deny[AQ_REQ_PLACE] = AQ_DENY_RECONCILING;
	r.s->bid = 9900;
	rig_book(&r, 10000, 10002);
	r.k->deny[AQ_REQ_PLACE] = 0;
	aq_mock_trouble(r.k, (struct aq_market){0, 1}, AQ_TROUBLE_NOT_READY, true);
	aq_mock_run(r.k);
	assert_non_null(bid(&r));
	rig_free(&r);
}

static void ask_from_a_timer(struct probe *s, struct aq_ctx *q)
{
	assert_int_equal(aq_quote(q, s->market, ASK, AQ_SELL, 10100, 1000, 0), AQ_OK);
}

static void test_quotes_without_a_book_callback_leave_too(void **state)
{
	struct rig r = rig_new();
	rig_book(&r, 10000, 10002);
	rig_inside(&r, ask_from_a_timer);
	aq_mock_answer(r.k, aq_mock_live(r.k, r.m, ASK), AQ_UP_OPEN, 0);
	aq_mock_fault(r.k, r.m, AQ_BOOK_GAP, AQ_TROUBLE_GAP);
	aq_mock_run(r.k);
	assert_int_equal(r.k->cancelled, 1);
	rig_free(&r);
}

/* ---- reload, restart, markets ---- */

static void test_reload_picks_its_order_up(void **state)
{
	struct rig r = resting();
	assert_int_equal(aq_mock_reload(r.k, r.k->plugin), AQ_OK);
	r.s = r.k->self;
	r.s->bid = 9900;
	rig_book(&r, 10000, 10002);
	assert_int_equal(r.k->placed, 1);
	assert_int_equal(r.k->amended, 0);
	r.s->bid = 9890;
	rig_book(&r, 10000, 10002);
	assert_int_equal(r.k->amended, 1);
	rig_free(&r);
}

static void test_reload_with_a_request_on_its_way(void **state)
{
	struct rig r = rig_new();
	in_place_unknown(&r);
	assert_int_equal(aq_mock_reload(r.k, r.k->plugin), AQ_OK);
	r.s = r.k->self;
	r.s->bid = 9700;
	rig_book(&r, 10000, 10002);
	assert_int_equal(r.k->placed, 1);
	aq_mock_answer(r.k, bid(&r), AQ_UP_OPEN, 0);
	aq_mock_run(r.k);
	assert_int_equal(r.k->amended, 1);
	rig_free(&r);
}

static void test_a_download_ends_the_wait_for_lost_news(void **state)
{
	struct rig r = rig_new();
	r.k->deny[AQ_REQ_PLACE] = AQ_DENY_RATE;
	r.s->bid = 9900;
	aq_mock_top(r.k, r.m, 10000, 1, 10002, 1);
	aq_mock_step(r.k);
	assert_int_equal(r.k->placed, 1);
	r.k->head = r.k->tail = 0; /* the denial never comes */
	r.k->deny[AQ_REQ_PLACE] = 0;
	rig_book(&r, 10000, 10002);
	assert_int_equal(r.k->placed, 1);
	aq_mock_download(r.k);
	aq_mock_run(r.k);
	assert_non_null(bid(&r));
	rig_free(&r);
}

static void test_same_tag_in_two_markets(void **state)
{
	struct rig r = resting();
	struct aq_order *there;
	r.s->bid_other = 9500;
	aq_mock_top(r.k, r.other, 10000, 1, 10002, 1);
	aq_mock_run(r.k);
	there = aq_mock_live(r.k, r.other, BID);
	assert_non_null(there);
	assert_int_not_equal(there->tag, bid(&r)->tag);
	aq_mock_answer(r.k, there, AQ_UP_OPEN, 0);
	aq_mock_run(r.k);
	assert_int_equal(r.s->last_tag, BID);
	assert_int_equal(aq_mock_reload(r.k, r.k->plugin), AQ_OK);
	r.s = r.k->self;
	r.s->bid_other = 9400;
	aq_mock_top(r.k, r.other, 10000, 1, 10002, 1);
	aq_mock_run(r.k);
	assert_int_equal(there->amend_price, 9400);
	aq_mock_fill(r.k, there, 1);
	aq_mock_run(r.k);
	assert_int_equal(r.s->last_tag, BID);
	assert_int_equal(r.k->placed, 2);
	rig_free(&r);
}

static void fill_the_table(struct probe *s, struct aq_ctx *q)
{
	struct aq_market data_only = {s->market.instrument, 0};
	for (uint64_t tag = 0; tag < AQ_QUOTES; tag++)
		assert_int_equal(aq_quote(q, s->market, tag, AQ_BUY, 9000, 1000, 0), AQ_OK);
	assert_int_equal(aq_quote(q, s->market, AQ_QUOTES, AQ_BUY, 9000, 1000, 0), AQ_ESPACE);
	assert_int_equal(aq_quote(q, data_only, BID, AQ_BUY, 9000, 1000, 0), AQ_EINVAL);
	assert_int_equal(aq_quote(q, s->market, BID, 0, 9000, 1000, 0), AQ_EINVAL);
	assert_int_equal(aq_quote(q, s->market, AQ_TAG_MAX + 1, AQ_BUY, 9000, 1000, 0), AQ_EINVAL);
}

static void quote_one_more(struct probe *s, struct aq_ctx *q)
{
	assert_int_equal(aq_quote(q, s->market, AQ_QUOTES, AQ_BUY, 9000, 1000, 0), AQ_OK);
}

static void test_the_table_is_bounded_and_reused(void **state)
{
	struct rig r = rig_new();
	rig_book(&r, 10000, 10002);
	rig_inside(&r, fill_the_table);
	assert_int_equal(r.k->placed, AQ_QUOTES);
	assert_int_equal(r.k->warnings, 3);
	aq_mock_fault(r.k, r.m, AQ_BOOK_GAP, AQ_TROUBLE_GAP);
	for (uint64_t tag = 0; tag < AQ_QUOTES; tag++)
		aq_mock_answer(r.k, aq_mock_live(r.k, r.m, tag), AQ_UP_REJECTED, AQ_VENUE_OTHER);
	aq_mock_run(r.k);
	rig_inside(&r, fill_the_table); /* all wishes stand, without orders */
	rig_free(&r);
	r = rig_new();
	r.s->bid = AQ_NONE;
	rig_book(&r, 10000, 10002);
	for (uint64_t i = 0; i < 10; i++)
		rig_inside(&r, quote_one_more);
	assert_int_equal(r.k->placed, 1);
	rig_free(&r);
}

/* ---- cost ---- */

static void test_a_resting_quote_costs_no_reads(void **state)
{
	struct rig r = resting();
	uint32_t reads;
	rig_book(&r, 10000, 10002);
	reads = r.k->reads;
	for (int i = 0; i < 100; i++)
		rig_book(&r, 10000, 10003 + i);
	assert_int_equal(r.k->reads, reads);
	rig_free(&r);
}

/* ---- anything in any order ---- */

static uint64_t next_random(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

static void random_answer(struct rig *r, struct aq_order *o, uint64_t *seed)
{
	uint64_t dice = next_random(seed) % 8;
	if (dice == 0)
		aq_mock_answer(r->k, o, AQ_UP_UNKNOWN, 0);
	else if (dice == 1 && o->state == AQ_OPEN && o->qty > o->filled)
		aq_mock_fill(r->k, o, 1 + (aq_qty)(next_random(seed) % (uint64_t)(o->qty - o->filled)));
	else if (o->place != 0)
		aq_mock_answer(r->k, o, dice == 2 ? AQ_UP_REJECTED : AQ_UP_OPEN, dice == 2 ? AQ_VENUE_POST_ONLY : 0);
	else if (o->cancel != 0)
		aq_mock_answer(r->k, o, dice == 2 ? AQ_UP_CANCEL_REJECTED : AQ_UP_CANCELLED,
			dice == 2 ? AQ_VENUE_OTHER : 0);
	else if (o->amend != 0 && o->amend_qty > o->filled)
		aq_mock_answer(r->k, o, dice == 2 ? AQ_UP_AMEND_REJECTED : AQ_UP_AMENDED,
			dice == 2 ? AQ_VENUE_OTHER : 0);
	else if (o->amend != 0)
		aq_mock_answer(r->k, o, AQ_UP_AMEND_REJECTED, AQ_VENUE_OTHER);
	else if (dice == 3)
		aq_mock_answer(r->k, o, AQ_UP_CANCELLED, 0);
}

static void random_wish(struct rig *r, uint64_t *seed)
{
	r->s->bid = next_random(seed) % 6 == 0 ? AQ_NONE : 9900 + (aq_px)(next_random(seed) % 40);
	r->s->ask = next_random(seed) % 6 == 0 ? AQ_NONE : 10060 + (aq_px)(next_random(seed) % 40);
	r->s->size = (aq_qty)(next_random(seed) % 4) * 500;
	r->s->tolerance = (double)(next_random(seed) % 3) / 10000;
}

static void random_gate(struct rig *r, uint64_t *seed)
{
	static const uint16_t codes[] = {0, 0, 0, AQ_DENY_RATE, AQ_DENY_COLLAR, AQ_DENY_UNSUPPORTED,
		AQ_DENY_MAX_POSITION};
	r->k->deny[AQ_REQ_PLACE] = codes[next_random(seed) % 5];
	r->k->deny[AQ_REQ_AMEND] = codes[next_random(seed) % 7];
	r->k->deny[AQ_REQ_CANCEL] = next_random(seed) % 8 == 0 ? AQ_DENY_IN_FLIGHT : 0;
	r->k->full = next_random(seed) % 16 == 0;
	r->k->order_before_fill = next_random(seed) % 2 == 0;
}

static void random_act(struct rig *r, uint64_t *seed)
{
	uint64_t dice = next_random(seed) % 32;
	struct aq_order *o = aq_mock_live(r->k, r->m, next_random(seed) % 2 ? BID : ASK);
	if (dice < 8)
		aq_mock_top(r->k, r->m, 10000 + (aq_px)(next_random(seed) % 50), 1,
			10051 + (aq_px)(next_random(seed) % 9), 1);
	else if (dice < 16 && o != NULL)
		random_answer(r, o, seed);
	else if (dice < 20)
		random_wish(r, seed);
	else if (dice < 21)
		random_gate(r, seed);
	else if (dice < 22)
		aq_mock_fault(r->k, r->m, AQ_BOOK_STALE, AQ_TROUBLE_STALE);
	else if (dice < 24)
		aq_mock_time(r->k, r->k->now_ns + (int64_t)(next_random(seed) % 10) * SECOND / 10);
	else if (dice < 25 && next_random(seed) % 4 == 0)
		aq_mock_download(r->k);
	else
		aq_mock_step(r->k);
}

static void random_reload(struct rig *r)
{
	struct probe now = *r->s;
	assert_int_equal(aq_mock_reload(r->k, r->k->plugin), AQ_OK);
	r->s = r->k->self;
	now.market = r->s->market;
	*r->s = now;
}

/* Answers everything until nothing moves any more: what stands then must be the wish. */
static void settle(struct rig *r)
{
	memset(r->k->deny, 0, sizeof(r->k->deny));
	r->k->full = false;
	for (int i = 0; i < 40; i++) {
		for (uint64_t tag = BID; tag <= ASK; tag++) {
			struct aq_order *o = aq_mock_live(r->k, r->m, tag);
			if (o != NULL && o->cancel != 0)
				aq_mock_answer(r->k, o, AQ_UP_CANCELLED, 0);
			else if (o != NULL && o->amend != 0)
				aq_mock_answer(r->k, o,
					o->amend_qty > o->filled ? AQ_UP_AMENDED : AQ_UP_AMEND_REJECTED, 0);
			else if (o != NULL && o->place != 0)
				aq_mock_answer(r->k, o, AQ_UP_OPEN, 0);
		}
		aq_mock_time(r->k, r->k->now_ns + SECOND);
		rig_book(r, 10040, 10055);
	}
}

static void assert_wish(const struct rig *r, uint64_t tag, aq_px price)
{
	const struct aq_order *o = aq_mock_live(r->k, r->m, tag);
	if (price == AQ_NONE || r->s->size == 0) {
		assert_null(o);
		return;
	}
	assert_non_null(o);
	assert_true(fabs((double)(o->price - price)) <= r->s->tolerance * (double)price);
	assert_true(o->qty - o->filled <= r->s->size);
	assert_true(o->qty - o->filled >= r->s->size - r->s->size / 4);
}

static void test_any_order_of_events(void **state)
{
	for (uint64_t run = 1; run <= 300; run++) {
		struct rig r = rig_new();
		uint64_t seed = run * UINT64_C(0x9e3779b97f4a7c15);
		for (int i = 0; i < 2000 && r.k->order_count < AQ_MOCK_ORDERS - 200; i++) {
			random_act(&r, &seed);
			if (next_random(&seed) % 512 == 0)
				random_reload(&r);
			assert_int_equal(aq_mock_faults(r.k), 0);
		}
		settle(&r);
		assert_wish(&r, BID, r.s->bid);
		assert_wish(&r, ASK, r.s->ask);
		assert_true(r.k->placed > 10); /* the run was not idle */
		rig_free(&r);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_places_post_only),
		cmocka_unit_test(test_leaves_within_tolerance),
		cmocka_unit_test(test_same_price_needs_no_tolerance),
		cmocka_unit_test(test_quantity),
		cmocka_unit_test(test_remaining_quantity_counts),
		cmocka_unit_test(test_out),
		cmocka_unit_test(test_side_changes_by_replacing),
		cmocka_unit_test(test_waits_while_something_is_on_its_way),
		cmocka_unit_test(test_acts_when_the_answer_comes),
		cmocka_unit_test(test_out_while_placing),
		cmocka_unit_test(test_open_quantity),
		cmocka_unit_test(test_cancels_and_replaces_where_amend_is_unknown),
		cmocka_unit_test(test_a_refused_amend_leaves_no_wrong_price),
		cmocka_unit_test(test_does_not_hammer),
		cmocka_unit_test(test_tries_again_later_and_more_seldom),
		cmocka_unit_test(test_a_changed_quantity_is_another_wish),
		cmocka_unit_test(test_news_of_a_denial_that_still_waits),
		cmocka_unit_test(test_queue_full),
		cmocka_unit_test(test_rejected_by_the_venue),
		cmocka_unit_test(test_cancelled_by_others_waits),
		cmocka_unit_test(test_refused_cancel_is_asked_again),
		cmocka_unit_test(test_an_old_wish_is_not_fulfilled_after_a_fill),
		cmocka_unit_test(test_a_fill_restates),
		cmocka_unit_test(test_clips),
		cmocka_unit_test(test_sell_clips_up),
		cmocka_unit_test(test_filters_that_changed_unseen),
		cmocka_unit_test(test_min_notional),
		cmocka_unit_test(test_trouble_takes_out),
		cmocka_unit_test(test_account_not_ready),
		cmocka_unit_test(test_the_end_of_trouble_ends_the_wait),
		cmocka_unit_test(test_quotes_without_a_book_callback_leave_too),
		cmocka_unit_test(test_reload_picks_its_order_up),
		cmocka_unit_test(test_reload_with_a_request_on_its_way),
		cmocka_unit_test(test_a_download_ends_the_wait_for_lost_news),
		cmocka_unit_test(test_same_tag_in_two_markets),
		cmocka_unit_test(test_the_table_is_bounded_and_reused),
		cmocka_unit_test(test_a_resting_quote_costs_no_reads),
		cmocka_unit_test(test_any_order_of_events),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
