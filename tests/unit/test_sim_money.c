/* test_sim_money.c: balances, locks, fees, positions and cash flows of the simulated venue, to the last digit. */
#include "sim_help.h"

static void spot(struct tape *t)
{
	tape_begin(t, 1);
	tape_instrument(t, AQ_SPOT, "BTC/USDT");
	SNAPSHOT(t, 1, 0, 2, 2, 99, 2, 98, 5, 101, 3, 102, 4);
}

static void contract(struct tape *t, uint8_t kind)
{
	tape_begin(t, 1);
	tape_instrument(t, kind, kind == AQ_LINEAR ? "BTC/USDT:USDT" : "BTC/USD:BTC");
	SNAPSHOT(t, 1, 0, 2, 2, 99, 20, 98, 50, 101, 30, 102, 40);
}

static void open_with(struct stage *s, struct tape *t)
{
	tape_ticker(t, 1, MS(900), 99, 101);
	stage_begin(s);
	stage_tape(s, t);
}

static void start(struct stage *s)
{
	stage_open(s);
	stage_run(s, 1);
}

static void buyer_pays_in_base_seller_in_quote(void **state)
{
	struct stage s;
	struct tape t;
	spot(&t);
	open_with(&s, &t);
	start(&s);
	PLACE(&s, 1, 1, AQ_BUY, 101, 2);
	PLACE(&s, 2, 2, AQ_SELL, 99, 2);
	stage_run(&s, 5);
	const struct aq_fill *f = said_fill(&s, 1, 101, 2, AQ_TAKER);
	assert_amt(f->fee, "0.0008");
	assert_string_equal(f->fee_asset, "BTC");
	assert_balance(&s, 1, "USDT", "99798", "0");
	assert_balance(&s, 1, "BTC", "11.9992", "0");
	f = said_fill(&s, 2, 99, 2, AQ_TAKER);
	assert_amt(f->fee, "0.0792");
	assert_string_equal(f->fee_asset, "USDT");
	assert_balance(&s, 2, "USDT", "100197.9208", "0");
	assert_balance(&s, 2, "BTC", "8", "0");
	stage_close(&s);
}

static void maker_fee_and_rebate(void **state)
{
	struct stage s;
	struct tape t;
	spot(&t);
	tape_trade(&t, 1, MS(10), 97, 1, AQ_SELL);
	open_with(&s, &t);
	s.accounts[1].fee_maker = amt("-0.0001");
	start(&s);
	PLACE(&s, 1, 1, AQ_BUY, 98, 1);
	PLACE(&s, 2, 2, AQ_BUY, 98, 1);
	stage_run(&s, 20);
	assert_amt(said_fill(&s, 1, 98, 1, AQ_MAKER)->fee, "0.0002");
	assert_amt(said_fill(&s, 2, 98, 1, AQ_MAKER)->fee, "-0.0001");
	assert_balance(&s, 1, "BTC", "10.9998", "0");
	assert_balance(&s, 2, "BTC", "11.0001", "0");
	stage_close(&s);
}

static void locks_follow_what_is_open(void **state)
{
	struct stage s;
	struct tape t;
	spot(&t);
	tape_trade(&t, 1, MS(20), 99, 2.4, AQ_SELL);
	open_with(&s, &t);
	start(&s);
	PLACE(&s, 1, 1, AQ_BUY, 99, 1);
	PLACE(&s, 1, 2, AQ_SELL, 105, 3);
	stage_run(&s, 10);
	assert_balance(&s, 1, "USDT", "100000", "99");
	assert_balance(&s, 1, "BTC", "10", "3");
	stage_run(&s, 25);
	assert_balance(&s, 1, "USDT", "99960.4", "59.4");
	assert_balance(&s, 1, "BTC", "10.39992", "3");
	AMEND(&s, 1, 1, PX(90), QTY(0.5));
	CANCEL(&s, 1, 2);
	stage_run(&s, 30);
	assert_balance(&s, 1, "USDT", "99960.4", "9");
	assert_balance(&s, 1, "BTC", "10.39992", "0");
	CANCEL(&s, 1, 1);
	CANCEL(&s, 1, 1);
	stage_run(&s, 35);
	assert_balance(&s, 1, "USDT", "99960.4", "0");
	stage_close(&s);
}

static void what_is_not_there_is_refused(void **state)
{
	struct stage s;
	struct tape t;
	spot(&t);
	open_with(&s, &t);
	start(&s);
	PLACE(&s, 1, 1, AQ_BUY, 100, 1000.001);
	PLACE(&s, 1, 2, AQ_SELL, 101, 10.001);
	PLACE(&s, 1, 3, AQ_BUY, 100, 900);
	PLACE(&s, 1, 4, AQ_BUY, 100, 100.001);
	MARKET(&s, 1, 5, AQ_BUY, 0, .quote_qty = amt("10000.01"));
	PLACE(&s, 1, 6, AQ_BUY, 100, 100);
	stage_run(&s, 5);
	said_order(&s, 1, AQ_UP_REJECTED, AQ_VENUE_BALANCE);
	said_order(&s, 2, AQ_UP_REJECTED, AQ_VENUE_BALANCE);
	said_order(&s, 3, AQ_UP_OPEN, 0);
	said_order(&s, 4, AQ_UP_REJECTED, AQ_VENUE_BALANCE);
	said_order(&s, 5, AQ_UP_REJECTED, AQ_VENUE_BALANCE);
	said_order(&s, 6, AQ_UP_OPEN, 0);
	assert_balance(&s, 1, "USDT", "100000", "100000");
	stage_close(&s);
}

static void filters(void **state)
{
	struct stage s;
	struct tape t;
	tape_begin(&t, 1);
	struct aq_instrument *i = tape_instrument(&t, AQ_SPOT, "BTC/USDT");
	i->tick = 50;
	i->lot = 10;
	i->min_qty = 100;
	i->max_qty = QTY(5);
	SNAPSHOT(&t, 1, 0, 1, 1, 99, 2, 101, 3);
	open_with(&s, &t);
	start(&s);
	PLACE(&s, 1, 1, AQ_BUY, 99.25, 1);
	PLACE(&s, 1, 2, AQ_BUY, 99, 1.001);
	PLACE(&s, 1, 3, AQ_BUY, 99, 0.09);
	PLACE(&s, 1, 4, AQ_BUY, 99, 5.01);
	PLACE(&s, 1, 5, AQ_BUY, 49.5, 0.1); /* 4.95 < 5 */
	MARKET(&s, 1, 6, AQ_BUY, 0, .quote_qty = amt("4.99"));
	PLACE(&s, 1, 7, AQ_BUY, 50, 0.1);
	stage_run(&s, 5);
	for (uint64_t id = 1; id <= 6; id++)
		said_order(&s, id, AQ_UP_REJECTED, AQ_VENUE_FILTER);
	said_order(&s, 7, AQ_UP_OPEN, 0);
	stage_close(&s);
}

static void a_position_by_average_cost(void **state)
{
	struct stage s;
	struct tape t;
	contract(&t, AQ_LINEAR);
	DELTA(&t, 1, 20, 2, 1, 110, 100, 99, 0, 101, 0);
	open_with(&s, &t);
	start(&s);
	MARKET(&s, 1, 1, AQ_BUY, 2); /* 202 */
	MARKET(&s, 1, 2, AQ_BUY, 1); /* 303 for 3 */
	stage_run(&s, 10);
	assert_int_equal(said_position(&s, 1, AQ_NET)->qty, QTY(3));
	assert_amt(said_position(&s, 1, AQ_NET)->cost, "303");
	/* fees 303 x 4 bps = 0.1212, margin 303 / 10 */
	assert_balance(&s, 1, "USDT", "99999.8788", "30.3");
	stage_run(&s, 25);
	MARKET(&s, 1, 3, AQ_SELL, 5); /* 3 at 110 realise 27, then short 2 at 110 */
	stage_run(&s, 30);
	assert_int_equal(said_position(&s, 1, AQ_NET)->qty, -QTY(2));
	assert_amt(said_position(&s, 1, AQ_NET)->cost, "-220");
	/* 99999.8788 + 27 - 550 x 4 bps */
	assert_balance(&s, 1, "USDT", "100026.6588", "22");
	stage_close(&s);
}

static void a_part_of_a_cost_is_rounded_toward_zero(void **state)
{
	struct stage s;
	struct tape t;
	contract(&t, AQ_LINEAR);
	open_with(&s, &t);
	start(&s);
	PLACE(&s, 1, 1, AQ_BUY, 101, 0.5, .tif = AQ_IOC);
	PLACE(&s, 1, 2, AQ_BUY, 100.99, 0.25);
	stage_run(&s, 5);
	MARKET(&s, 2, 3, AQ_SELL, 0.25); /* 75.7475 for 0.75 */
	stage_run(&s, 10);
	PLACE(&s, 1, 4, AQ_SELL, 99, 0.07, .tif = AQ_IOC);
	stage_run(&s, 15);
	/* carries 75.7475 x 7 / 75 = 7.06976666..., leaves 68.677733333333333334 */
	assert_amt(said_position(&s, 1, AQ_NET)->cost, "68.677733333333333334");
	struct sheet sheet = {0};
	sim_venue_write_record(s.venue, sheet_line, &sheet);
	assert_non_null(strstr(sheet.text,
		"position account=a symbol=BTC/USDT:USDT side=net qty=0.68 cost=68.677733333333333334 "
		"realised=-0.139766666666666666\n"));
	free(sheet.text);
	stage_close(&s);
}

static void inverse_contracts_settle_in_base(void **state)
{
	struct stage s;
	struct tape t;
	contract(&t, AQ_INVERSE);
	DELTA(&t, 1, 2, 0, 1, 100, 9000);
	DELTA(&t, 1, 20, 2, 2, 125, 9000, 99, 0, 100, 0, 101, 0);
	open_with(&s, &t);
	for (int i = 0; i < 3; i++)
		s.accounts[i].fee_taker = amt("0");
	start(&s);
	stage_run(&s, 5);
	MARKET(&s, 1, 1, AQ_BUY, 500); /* 500 USD at 100 = 5 BTC */
	stage_run(&s, 10);
	assert_amt(said_position(&s, 1, AQ_NET)->cost, "5");
	assert_balance(&s, 1, "BTC", "10", "0.5");
	stage_run(&s, 25);
	MARKET(&s, 1, 2, AQ_SELL, 500); /* 4 BTC at 125: one BTC gained */
	stage_run(&s, 30);
	assert_balance(&s, 1, "BTC", "11", "0");
	stage_close(&s);
}

static void margin_is_checked(void **state)
{
	struct stage s;
	struct tape t;
	contract(&t, AQ_LINEAR);
	open_with(&s, &t);
	start(&s);
	PLACE(&s, 1, 1, AQ_BUY, 98, 10204.082); /* 1000000.036 / 10 > 100000 */
	PLACE(&s, 1, 2, AQ_BUY, 98, 10204.081); /* 999999.938 / 10 */
	stage_run(&s, 5);
	said_order(&s, 1, AQ_UP_REJECTED, AQ_VENUE_BALANCE);
	said_order(&s, 2, AQ_UP_OPEN, 0);
	assert_balance(&s, 1, "USDT", "100000", "99999.9938");
	stage_close(&s);
}

static void an_order_that_closes_needs_no_margin(void **state)
{
	struct stage s;
	struct tape t;
	contract(&t, AQ_LINEAR);
	open_with(&s, &t);
	start(&s);
	MARKET(&s, 1, 1, AQ_BUY, 10); /* margin 101 */
	stage_run(&s, 5);
	PLACE(&s, 1, 2, AQ_SELL, 110, 6);
	PLACE(&s, 1, 3, AQ_SELL, 110, 6); /* 2 of it open a short: 22 */
	stage_run(&s, 10);
	assert_balance(&s, 1, "USDT", "99999.596", "123");
	stage_close(&s);
}

static void reduce_only_never_increases(void **state)
{
	struct stage s;
	struct tape t;
	contract(&t, AQ_LINEAR);
	tape_trade(&t, 1, MS(30), 105, 50, AQ_BUY);
	open_with(&s, &t);
	start(&s);
	PLACE(&s, 1, 1, AQ_SELL, 104, 1, .reduce_only = 1);
	MARKET(&s, 1, 2, AQ_BUY, 3);
	stage_run(&s, 5);
	said_order(&s, 1, AQ_UP_REJECTED, AQ_VENUE_OTHER);
	PLACE(&s, 1, 3, AQ_BUY, 98, 1, .reduce_only = 1); /* wrong side */
	PLACE(&s, 1, 4, AQ_SELL, 104, 5, .reduce_only = 1);
	PLACE(&s, 1, 5, AQ_SELL, 104.5, 1, .reduce_only = 1);
	stage_run(&s, 20);
	said_order(&s, 2, AQ_UP_OPEN, 0);
	said_order(&s, 3, AQ_UP_REJECTED, AQ_VENUE_OTHER);
	said_order(&s, 4, AQ_UP_OPEN, 0);
	said_order(&s, 5, AQ_UP_OPEN, 0);
	stage_run(&s, 35);
	said_fill(&s, 4, 104, 3, AQ_MAKER);
	assert_int_equal(said_order(&s, 4, AQ_UP_CANCELLED, AQ_VENUE_OTHER)->filled, QTY(3));
	said_order(&s, 5, AQ_UP_CANCELLED, AQ_VENUE_OTHER);
	assert_int_equal(said_position(&s, 1, AQ_NET)->qty, 0);
	assert_int_equal(how_many(&s, SIM_FILL), 2);
	stage_close(&s);
}

static void reduce_only_is_swept_when_the_position_goes(void **state)
{
	struct stage s;
	struct tape t;
	contract(&t, AQ_LINEAR);
	open_with(&s, &t);
	start(&s);
	MARKET(&s, 1, 1, AQ_BUY, 3);
	stage_run(&s, 5);
	PLACE(&s, 1, 2, AQ_SELL, 104, 3, .reduce_only = 1);
	MARKET(&s, 1, 3, AQ_SELL, 5, .reduce_only = 1);
	stage_run(&s, 10);
	said_order(&s, 1, AQ_UP_OPEN, 0);
	said_order(&s, 2, AQ_UP_OPEN, 0);
	said_order(&s, 3, AQ_UP_OPEN, 0);
	said_fill(&s, 3, 99, 3, AQ_TAKER);
	said_order(&s, 3, AQ_UP_CANCELLED, AQ_VENUE_OTHER);
	said_order(&s, 2, AQ_UP_CANCELLED, AQ_VENUE_OTHER);
	stage_close(&s);
}

static void hedging_keeps_sides_apart(void **state)
{
	struct stage s;
	struct tape t;
	contract(&t, AQ_LINEAR);
	open_with(&s, &t);
	s.accounts[0].hedging = true;
	start(&s);
	MARKET(&s, 1, 1, AQ_BUY, 2, .position_side = AQ_LONG);
	MARKET(&s, 1, 2, AQ_SELL, 3, .position_side = AQ_SHORT);
	MARKET(&s, 1, 3, AQ_BUY, 1, .position_side = AQ_NET);
	MARKET(&s, 2, 4, AQ_BUY, 1, .position_side = AQ_LONG);
	stage_run(&s, 5);
	assert_int_equal(said_position(&s, 1, AQ_LONG)->qty, QTY(2));
	assert_int_equal(said_position(&s, 1, AQ_SHORT)->qty, -QTY(3));
	said_order(&s, 1, AQ_UP_OPEN, 0);
	said_order(&s, 2, AQ_UP_OPEN, 0);
	said_order(&s, 3, AQ_UP_REJECTED, AQ_VENUE_OTHER);
	said_order(&s, 4, AQ_UP_REJECTED, AQ_VENUE_OTHER);
	MARKET(&s, 1, 5, AQ_BUY, 9, .position_side = AQ_SHORT); /* closes at most 3 */
	stage_run(&s, 10);
	assert_int_equal(said_position(&s, 1, AQ_SHORT)->qty, 0);
	assert_int_equal(said_position(&s, 1, AQ_LONG)->qty, QTY(2));
	stage_close(&s);
}

static void funding_and_transfers(void **state)
{
	struct stage s;
	struct tape t;
	contract(&t, AQ_LINEAR);
	tape_funding(&t, 1, MS(15), 100.5);
	open_with(&s, &t);
	s.cash[0] = (struct sim_venue_cash){
		.at_ns = MS(20), .kind = AQ_CASH_FUNDING, .symbol = "BTC/USDT:USDT", .amount = amt("0.0001")};
	s.cash[1] = (struct sim_venue_cash){
		.at_ns = MS(10), .kind = AQ_CASH_TRANSFER, .account = 1, .asset = "USDT", .amount = amt("-500.5")};
	s.options.cash_count = 2;
	start(&s);
	MARKET(&s, 1, 1, AQ_BUY, 2);
	MARKET(&s, 2, 2, AQ_SELL, 1);
	stage_run(&s, 12);
	const struct sim_cashflow *c = SIM_BODY(sim_cashflow, said(&s, SIM_CASHFLOW));
	assert_int_equal(c->account, 2);
	assert_int_equal(c->flow.kind, AQ_CASH_TRANSFER);
	assert_amt(c->flow.amount, "-500.5");
	char id[40];
	memcpy(id, c->flow.id, sizeof id);
	assert_balance(&s, 2, "USDT", "99499.4604", "9.9");
	stage_run(&s, 25);
	c = SIM_BODY(sim_cashflow, said(&s, SIM_CASHFLOW));
	assert_int_equal(c->flow.kind, AQ_CASH_FUNDING);
	assert_amt(c->flow.amount, "-0.0201"); /* the long of 2 at mark 100.5 pays */
	assert_string_not_equal(c->flow.id, id);
	c = SIM_BODY(sim_cashflow, said(&s, SIM_CASHFLOW));
	assert_amt(c->flow.amount, "0.01005");
	assert_balance(&s, 1, "USDT", "99999.8991", "20.2");
	assert_balance(&s, 2, "USDT", "99499.47045", "9.9");
	stage_close(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(buyer_pays_in_base_seller_in_quote),
		cmocka_unit_test(maker_fee_and_rebate),
		cmocka_unit_test(locks_follow_what_is_open),
		cmocka_unit_test(what_is_not_there_is_refused),
		cmocka_unit_test(filters),
		cmocka_unit_test(a_position_by_average_cost),
		cmocka_unit_test(a_part_of_a_cost_is_rounded_toward_zero),
		cmocka_unit_test(inverse_contracts_settle_in_base),
		cmocka_unit_test(margin_is_checked),
		cmocka_unit_test(an_order_that_closes_needs_no_margin),
		cmocka_unit_test(reduce_only_never_increases),
		cmocka_unit_test(reduce_only_is_swept_when_the_position_goes),
		cmocka_unit_test(hedging_keeps_sides_apart),
		cmocka_unit_test(funding_and_transfers),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
