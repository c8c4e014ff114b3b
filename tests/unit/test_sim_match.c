/* test_sim_match.c: who trades with whom in the simulated venue. Each rule of match.h on a capture of a few frames. */
#include "sim_help.h"

/* Bids 99 x 2, 98 x 5; asks 101 x 3, 102 x 4; nothing else until 900 ms. */
static void plain(struct tape *t)
{
	tape_begin(t, 1);
	tape_instrument(t, AQ_SPOT, "BTC/USDT");
	SNAPSHOT(t, 1, 0, 2, 2, 99, 2, 98, 5, 101, 3, 102, 4);
}

static void end(struct tape *t)
{
	tape_ticker(t, 1, MS(900), 99, 101);
}

static void open_with(struct stage *s, const struct tape *t)
{
	stage_begin(s);
	stage_tape(s, t);
	stage_open(s);
	stage_run(s, 1);
}

static void what_is_ahead_trades_first(void **state)
{
	struct stage s;
	struct tape t;
	plain(&t);
	tape_trade(&t, 1, MS(10), 99, 1.5, AQ_SELL);
	tape_trade(&t, 1, MS(20), 99, 0.7, AQ_SELL);
	tape_trade(&t, 1, MS(30), 99, 5, AQ_SELL);
	end(&t);
	open_with(&s, &t);
	PLACE(&s, 1, 7, AQ_BUY, 99, 1);
	stage_run(&s, 5);
	assert_int_equal(said_order(&s, 7, AQ_UP_OPEN, 0)->ahead, QTY(2));
	stage_run(&s, 15);
	assert_int_equal(how_many(&s, SIM_FILL), 0);
	stage_run(&s, 25);
	const struct aq_fill *f = said_fill(&s, 7, 99, 0.2, AQ_MAKER);
	assert_int_equal(f->cumulative, QTY(0.2));
	assert_int_equal(f->ahead, QTY(0.5));
	stage_run(&s, 35);
	assert_int_equal(said_fill(&s, 7, 99, 0.8, AQ_MAKER)->cumulative, QTY(1));
	assert_int_equal(how_many(&s, SIM_FILL), 2);
	stage_close(&s);
}

static void cancellations_are_behind(void **state)
{
	struct stage s;
	struct tape t;
	plain(&t);
	DELTA(&t, 1, 10, 1, 0, 99, 0.5); /* 1.5 of the 2 ahead are cancelled: we wait for 2 all the same */
	tape_trade(&t, 1, MS(20), 99, 1.9, AQ_SELL);
	tape_trade(&t, 1, MS(30), 99, 0.2, AQ_SELL);
	end(&t);
	open_with(&s, &t);
	PLACE(&s, 1, 7, AQ_BUY, 99, 1);
	stage_run(&s, 25);
	assert_int_equal(how_many(&s, SIM_FILL), 0);
	stage_run(&s, 35);
	said_fill(&s, 7, 99, 0.1, AQ_MAKER);
	stage_close(&s);
}

static void takers_of_the_same_side_do_not_count(void **state)
{
	struct stage s;
	struct tape t;
	plain(&t);
	tape_trade(&t, 1, MS(10), 99, 9, AQ_BUY);
	end(&t);
	open_with(&s, &t);
	PLACE(&s, 1, 7, AQ_BUY, 99, 1);
	stage_run(&s, 20);
	assert_int_equal(how_many(&s, SIM_FILL), 0);
	stage_close(&s);
}

static void a_trade_beyond_fills_wholly(void **state)
{
	struct stage s;
	struct tape t;
	plain(&t);
	tape_trade(&t, 1, MS(10), 98.99, 0.001, AQ_SELL);
	tape_trade(&t, 1, MS(20), 102.01, 0.001, AQ_BUY);
	end(&t);
	open_with(&s, &t);
	PLACE(&s, 1, 7, AQ_BUY, 99, 1);
	PLACE(&s, 1, 8, AQ_SELL, 102, 2);
	stage_run(&s, 15);
	assert_int_equal(said_fill(&s, 7, 99, 1, AQ_MAKER)->ahead, QTY(2));
	assert_int_equal(how_many(&s, SIM_FILL), 1);
	stage_run(&s, 25);
	said_fill(&s, 8, 102, 2, AQ_MAKER);
	stage_close(&s);
}

static void the_other_side_reaching_fills_wholly(void **state)
{
	struct stage s;
	struct tape t;
	plain(&t);
	DELTA(&t, 1, 10, 0, 1, 99.5, 0.1);
	DELTA(&t, 1, 20, 0, 1, 99, 0.1);
	end(&t);
	open_with(&s, &t);
	PLACE(&s, 1, 7, AQ_BUY, 99, 1);
	stage_run(&s, 15);
	assert_int_equal(how_many(&s, SIM_FILL), 0);
	stage_run(&s, 25);
	said_fill(&s, 7, 99, 1, AQ_MAKER);
	stage_close(&s);
}

static void a_trade_is_shared_and_used_once(void **state)
{
	struct stage s;
	struct tape t;
	plain(&t);
	tape_trade(&t, 1, MS(10), 99, 3.5, AQ_SELL); /* 2 ahead of all, 1 for a, 0.5 for b, nothing for c */
	end(&t);
	open_with(&s, &t);
	PLACE(&s, 1, 1, AQ_BUY, 99, 1);
	PLACE(&s, 2, 2, AQ_BUY, 99, 1);
	PLACE(&s, 3, 3, AQ_BUY, 99, 1);
	stage_run(&s, 20);
	said_fill(&s, 1, 99, 1, AQ_MAKER);
	said_fill(&s, 2, 99, 0.5, AQ_MAKER);
	assert_int_equal(how_many(&s, SIM_FILL), 2);
	stage_close(&s);
}

static void a_trade_beyond_uses_its_quantity_there_first(void **state)
{
	struct stage s;
	struct tape t;
	plain(&t);
	tape_trade(&t, 1, MS(10), 98.5, 2.5, AQ_SELL);
	end(&t);
	open_with(&s, &t);
	PLACE(&s, 1, 1, AQ_BUY, 100, 2);
	PLACE(&s, 2, 2, AQ_BUY, 98.5, 2); /* nothing ahead: gets what is left of the trade */
	stage_run(&s, 20);
	said_fill(&s, 1, 100, 2, AQ_MAKER);
	said_fill(&s, 2, 98.5, 0.5, AQ_MAKER);
	assert_int_equal(how_many(&s, SIM_FILL), 2);
	stage_close(&s);
}

static void a_taker_walks_the_book(void **state)
{
	struct stage s;
	struct tape t;
	plain(&t);
	end(&t);
	open_with(&s, &t);
	PLACE(&s, 1, 7, AQ_BUY, 102, 5);
	stage_run(&s, 5);
	said_order(&s, 7, AQ_UP_OPEN, 0);
	said_fill(&s, 7, 101, 3, AQ_TAKER);
	assert_int_equal(said_fill(&s, 7, 102, 2, AQ_TAKER)->cumulative, QTY(5));
	stage_close(&s);
}

static void what_is_taken_stays_taken(void **state)
{
	struct stage s;
	struct tape t;
	plain(&t);
	DELTA(&t, 1, 20, 1, 0, 98, 6);  /* speaks of another level */
	DELTA(&t, 1, 40, 0, 1, 101, 1); /* speaks of ours */
	end(&t);
	open_with(&s, &t);
	PLACE(&s, 1, 1, AQ_BUY, 101, 2, .tif = AQ_IOC);
	stage_run(&s, 10);
	said_fill(&s, 1, 101, 2, AQ_TAKER);
	stage_run(&s, 30);
	PLACE(&s, 2, 2, AQ_BUY, 101, 2, .tif = AQ_IOC);
	stage_run(&s, 35);
	said_fill(&s, 2, 101, 1, AQ_TAKER);
	said_order(&s, 2, AQ_UP_CANCELLED, AQ_VENUE_UNFILLED);
	stage_run(&s, 45);
	PLACE(&s, 3, 3, AQ_BUY, 101, 2, .tif = AQ_IOC);
	stage_run(&s, 50);
	said_fill(&s, 3, 101, 1, AQ_TAKER);
	stage_close(&s);
}

static void a_remainder_at_a_level_it_emptied_waits(void **state)
{
	struct stage s;
	struct tape t;
	plain(&t);
	DELTA(&t, 1, 20, 1, 0, 98, 6); /* the level is still displayed, but taken: it does not reach us */
	DELTA(&t, 1, 40, 0, 1, 101, 3);
	end(&t);
	open_with(&s, &t);
	PLACE(&s, 1, 1, AQ_BUY, 101, 4);
	stage_run(&s, 30);
	said_fill(&s, 1, 101, 3, AQ_TAKER);
	assert_int_equal(how_many(&s, SIM_FILL), 1);
	stage_run(&s, 45);
	said_fill(&s, 1, 101, 1, AQ_MAKER);
	stage_close(&s);
}

static void accounts_meet_each_other(void **state)
{
	struct stage s;
	struct tape t;
	plain(&t);
	end(&t);
	open_with(&s, &t);
	PLACE(&s, 1, 1, AQ_SELL, 100.5, 1); /* better than the book */
	PLACE(&s, 2, 2, AQ_SELL, 101, 1);   /* behind 3 displayed */
	stage_run(&s, 2);
	said_order(&s, 1, AQ_UP_OPEN, 0);
	assert_int_equal(said_order(&s, 2, AQ_UP_OPEN, 0)->ahead, QTY(3));
	PLACE(&s, 3, 3, AQ_BUY, 101, 4.6);
	stage_run(&s, 3);
	said_order(&s, 3, AQ_UP_OPEN, 0);
	said_fill(&s, 1, 100.5, 1, AQ_MAKER);
	said_fill(&s, 3, 100.5, 1, AQ_TAKER);
	said_fill(&s, 3, 101, 3, AQ_TAKER);
	said_fill(&s, 2, 101, 0.6, AQ_MAKER);
	assert_int_equal(said_fill(&s, 3, 101, 0.6, AQ_TAKER)->cumulative, QTY(4.6));
	assert_int_equal(how_many(&s, SIM_FILL), 5);
	stage_close(&s);
}

static void displayed_quantity_behind_us_comes_after_us(void **state)
{
	struct stage s;
	struct tape t;
	plain(&t);
	DELTA(&t, 1, 10, 0, 1, 101, 8); /* five more queue up behind */
	end(&t);
	open_with(&s, &t);
	PLACE(&s, 1, 1, AQ_SELL, 101, 1);
	stage_run(&s, 15);
	PLACE(&s, 2, 2, AQ_BUY, 101, 6);
	stage_run(&s, 20);
	said_fill(&s, 2, 101, 3, AQ_TAKER);
	said_fill(&s, 1, 101, 1, AQ_MAKER);
	said_fill(&s, 2, 101, 1, AQ_TAKER);
	said_fill(&s, 2, 101, 2, AQ_TAKER);
	stage_close(&s);
}

static void self_trade_modes(void **state)
{
	static const uint8_t modes[] = {0, AQ_ST_NONE, AQ_ST_CANCEL_TAKER, AQ_ST_CANCEL_MAKER, AQ_ST_CANCEL_BOTH};
	for (int i = 0; i < 5; i++) {
		struct stage s;
		struct tape t;
		plain(&t);
		end(&t);
		open_with(&s, &t);
		PLACE(&s, 1, 1, AQ_SELL, 100, 1);
		stage_run(&s, 2);
		said_order(&s, 1, AQ_UP_OPEN, 0);
		PLACE(&s, 1, 2, AQ_BUY, 100, 1, .self_trade = modes[i]);
		stage_run(&s, 3);
		said_order(&s, 2, AQ_UP_OPEN, 0);
		uint8_t mode = modes[i];
		if (mode == AQ_ST_CANCEL_MAKER || mode == AQ_ST_CANCEL_BOTH)
			said_order(&s, 1, AQ_UP_CANCELLED, AQ_VENUE_SELF_TRADE);
		if (mode == 0 || mode == AQ_ST_CANCEL_TAKER || mode == AQ_ST_CANCEL_BOTH)
			said_order(&s, 2, AQ_UP_CANCELLED, AQ_VENUE_SELF_TRADE);
		assert_int_equal(how_many(&s, SIM_FILL), mode == AQ_ST_NONE ? 2 : 0);
		stage_close(&s);
	}
}

static void post_only_does_not_take(void **state)
{
	struct stage s;
	struct tape t;
	plain(&t);
	end(&t);
	open_with(&s, &t);
	PLACE(&s, 1, 1, AQ_BUY, 101, 1, .post_only = 1);
	PLACE(&s, 1, 2, AQ_BUY, 100.99, 1, .post_only = 1);
	stage_run(&s, 5);
	assert_int_equal(said_order(&s, 1, AQ_UP_REJECTED, AQ_VENUE_POST_ONLY)->answers, AQ_REQ_PLACE);
	assert_int_equal(said_order(&s, 2, AQ_UP_OPEN, 0)->ahead, 0);
	PLACE(&s, 2, 3, AQ_SELL, 100.99, 1, .post_only = 1); /* would take from an order of another account */
	stage_run(&s, 6);
	said_order(&s, 3, AQ_UP_REJECTED, AQ_VENUE_POST_ONLY);
	stage_close(&s);
}

static void fok_is_all_or_nothing(void **state)
{
	struct stage s;
	struct tape t;
	plain(&t);
	end(&t);
	open_with(&s, &t);
	PLACE(&s, 1, 1, AQ_BUY, 101, 3.001, .tif = AQ_FOK);
	stage_run(&s, 2);
	said_order(&s, 1, AQ_UP_OPEN, 0);
	said_order(&s, 1, AQ_UP_CANCELLED, AQ_VENUE_UNFILLED);
	assert_int_equal(how_many(&s, SIM_FILL), 0);
	PLACE(&s, 1, 2, AQ_BUY, 102, 7, .tif = AQ_FOK);
	stage_run(&s, 3);
	said_order(&s, 2, AQ_UP_OPEN, 0);
	said_fill(&s, 2, 101, 3, AQ_TAKER);
	said_fill(&s, 2, 102, 4, AQ_TAKER);
	stage_close(&s);
}

static void ioc_leaves_nothing(void **state)
{
	struct stage s;
	struct tape t;
	plain(&t);
	end(&t);
	open_with(&s, &t);
	PLACE(&s, 1, 1, AQ_SELL, 98.5, 5, .tif = AQ_IOC);
	stage_run(&s, 2);
	said_fill(&s, 1, 99, 2, AQ_TAKER);
	const struct aq_order_update *u = said_order(&s, 1, AQ_UP_CANCELLED, AQ_VENUE_UNFILLED);
	assert_int_equal(u->filled, QTY(2));
	assert_balance(&s, 1, "BTC", "8", "0");
	stage_close(&s);
}

static void market_orders(void **state)
{
	struct stage s;
	struct tape t;
	plain(&t);
	end(&t);
	open_with(&s, &t);
	MARKET(&s, 1, 1, AQ_BUY, 4);
	stage_run(&s, 2);
	said_fill(&s, 1, 101, 3, AQ_TAKER);
	said_fill(&s, 1, 102, 1, AQ_TAKER);
	/* 200 USDT: 1.960 at 102 for 199.92, the rest is less than a lot */
	MARKET(&s, 2, 2, AQ_BUY, 0, .quote_qty = amt("200"));
	stage_run(&s, 3);
	said_fill(&s, 2, 102, 1.96, AQ_TAKER);
	assert_int_equal(said_order(&s, 2, AQ_UP_FILLED, 0)->qty, QTY(1.96));
	assert_balance(&s, 2, "USDT", "99800.08", "0");
	MARKET(&s, 3, 3, AQ_BUY, 9); /* 1.04 are left */
	stage_run(&s, 4);
	said_fill(&s, 3, 102, 1.04, AQ_TAKER);
	said_order(&s, 3, AQ_UP_CANCELLED, AQ_VENUE_UNFILLED);
	stage_close(&s);
}

static void gtd_expires(void **state)
{
	struct stage s;
	struct tape t;
	plain(&t);
	tape_trade(&t, 1, MS(50), 98, 100, AQ_SELL); /* at the moment of expiry: too late */
	end(&t);
	open_with(&s, &t);
	PLACE(&s, 1, 1, AQ_BUY, 99, 1, .tif = AQ_GTD, .expiry_ns = MS(50));
	PLACE(&s, 1, 2, AQ_BUY, 98, 1, .tif = AQ_GTD, .expiry_ns = MS(40));
	PLACE(&s, 1, 3, AQ_BUY, 98, 1, .tif = AQ_GTD, .expiry_ns = MS(1));
	stage_run(&s, 2);
	said_order(&s, 1, AQ_UP_OPEN, 0);
	said_order(&s, 2, AQ_UP_OPEN, 0);
	said_order(&s, 3, AQ_UP_REJECTED, AQ_VENUE_EXPIRED);
	stage_run(&s, 49);
	said_order(&s, 2, AQ_UP_EXPIRED, AQ_VENUE_EXPIRED);
	assert_int_equal(sim_venue_next(s.venue), MS(50));
	stage_run(&s, 50);
	said_order(&s, 1, AQ_UP_EXPIRED, AQ_VENUE_EXPIRED);
	assert_int_equal(how_many(&s, SIM_FILL), 0);
	assert_balance(&s, 1, "USDT", "100000", "0");
	stage_close(&s);
}

/* Two orders at one price; trades show who is first. */
static void amend_and_see(int64_t price, aq_qty qty, uint64_t first)
{
	struct stage s;
	struct tape t;
	plain(&t);
	tape_trade(&t, 1, MS(20), 99, 2.5, AQ_SELL);
	end(&t);
	open_with(&s, &t);
	PLACE(&s, 1, 1, AQ_BUY, 99, 1);
	PLACE(&s, 2, 2, AQ_BUY, 99, 1);
	stage_run(&s, 5);
	AMEND(&s, 1, 1, price, qty);
	stage_run(&s, 15);
	s.said.read = s.said.count;
	stage_run(&s, 25);
	said_fill(&s, first, 99, 0.5, AQ_MAKER);
	stage_close(&s);
}

static void amend_keeps_or_loses_its_place(void **state)
{
	amend_and_see(AQ_NONE, QTY(0.9), 1); /* less: stays first */
	amend_and_see(PX(99), QTY(1), 1);    /* nothing changed */
	amend_and_see(AQ_NONE, QTY(1.1), 2); /* more: goes behind */
	amend_and_see(PX(98), AQ_NONE, 2);   /* another price */
}

static void amend_is_checked(void **state)
{
	struct stage s;
	struct tape t;
	plain(&t);
	tape_trade(&t, 1, MS(10), 99, 2.4, AQ_SELL);
	end(&t);
	open_with(&s, &t);
	PLACE(&s, 1, 1, AQ_BUY, 99, 1, .post_only = 1);
	stage_run(&s, 15);
	said_fill(&s, 1, 99, 0.4, AQ_MAKER);
	AMEND(&s, 1, 1, AQ_NONE, QTY(0.4));
	AMEND(&s, 1, 1, PX(101), AQ_NONE);
	AMEND(&s, 1, 1, AQ_NONE, QTY(2000));
	AMEND(&s, 1, 99, AQ_NONE, QTY(1));
	stage_run(&s, 20);
	said_order(&s, 1, AQ_UP_AMEND_REJECTED, AQ_VENUE_OTHER);
	said_order(&s, 1, AQ_UP_AMEND_REJECTED, AQ_VENUE_POST_ONLY);
	said_order(&s, 1, AQ_UP_AMEND_REJECTED, AQ_VENUE_BALANCE);
	said_order(&s, 99, AQ_UP_AMEND_REJECTED, AQ_VENUE_NOT_FOUND);
	AMEND(&s, 1, 1, PX(99.5), QTY(1.4));
	stage_run(&s, 25);
	const struct aq_order_update *u = said_order(&s, 1, AQ_UP_AMENDED, 0);
	assert_int_equal(u->price, PX(99.5));
	assert_int_equal(u->qty, QTY(1.4));
	assert_int_equal(u->ahead, 0);
	assert_balance(&s, 1, "USDT", "99960.4", "99.5");
	stage_close(&s);
}

static void an_amend_that_crosses_takes(void **state)
{
	struct stage s;
	struct tape t;
	plain(&t);
	end(&t);
	open_with(&s, &t);
	PLACE(&s, 1, 1, AQ_BUY, 99, 4);
	stage_run(&s, 2);
	AMEND(&s, 1, 1, PX(101), AQ_NONE);
	stage_run(&s, 3);
	said_order(&s, 1, AQ_UP_OPEN, 0);
	said_order(&s, 1, AQ_UP_AMENDED, 0);
	said_fill(&s, 1, 101, 3, AQ_TAKER);
	QUERY(&s, 1, 1);
	stage_run(&s, 4);
	const struct aq_order_update *u = said_order(&s, 1, AQ_UP_OPEN, 0);
	assert_int_equal(u->price, PX(101));
	assert_int_equal(u->filled, QTY(3));
	stage_close(&s);
}

static void tickers_do_not_match(void **state)
{
	struct stage s;
	struct tape t;
	plain(&t);
	tape_ticker(&t, 1, MS(10), 97, 98);
	end(&t);
	open_with(&s, &t);
	PLACE(&s, 1, 1, AQ_BUY, 99, 1);
	stage_run(&s, 20);
	assert_int_equal(how_many(&s, SIM_FILL), 0);
	stage_close(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_ahead_trades_first),
		cmocka_unit_test(cancellations_are_behind),
		cmocka_unit_test(takers_of_the_same_side_do_not_count),
		cmocka_unit_test(a_trade_beyond_fills_wholly),
		cmocka_unit_test(the_other_side_reaching_fills_wholly),
		cmocka_unit_test(a_trade_is_shared_and_used_once),
		cmocka_unit_test(a_trade_beyond_uses_its_quantity_there_first),
		cmocka_unit_test(a_taker_walks_the_book),
		cmocka_unit_test(what_is_taken_stays_taken),
		cmocka_unit_test(a_remainder_at_a_level_it_emptied_waits),
		cmocka_unit_test(accounts_meet_each_other),
		cmocka_unit_test(displayed_quantity_behind_us_comes_after_us),
		cmocka_unit_test(self_trade_modes),
		cmocka_unit_test(post_only_does_not_take),
		cmocka_unit_test(fok_is_all_or_nothing),
		cmocka_unit_test(ioc_leaves_nothing),
		cmocka_unit_test(market_orders),
		cmocka_unit_test(gtd_expires),
		cmocka_unit_test(amend_keeps_or_loses_its_place),
		cmocka_unit_test(amend_is_checked),
		cmocka_unit_test(an_amend_that_crosses_takes),
		cmocka_unit_test(tickers_do_not_match),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
