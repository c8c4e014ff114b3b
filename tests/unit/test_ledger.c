/* test_ledger.c: positions, cost, profit, fees, balances, and the deduplication of fills and cash flows, with
 * numbers worked out by hand; then long runs of fills against an average-cost ledger in wide integers. */
#include "flow_rig.h"

/* Amounts as a person writes them. */
static struct aq_amt amt(const char *text)
{
	struct aq_amt a;

	assert_int_equal(aq_amt_parse(text, strlen(text), &a), 0);
	return a;
}

static void expect_amt(struct aq_amt a, const char *text)
{
	char is[48];

	aq_amt_print(a, 0, is);
	assert_string_equal(is, text);
}

static struct rig *new_rig(void)
{
	struct rig *r = calloc(1, sizeof(*r));

	assert_non_null(r);
	rig_new(r);
	return r;
}

static void end_rig(struct rig *r)
{
	rig_free(r);
	free(r);
}

/* An open order of the strategy. The prices of two orders differ, so that they do not meet each other. */
static uint64_t open_order(struct rig *r, uint32_t instrument, uint8_t side, aq_qty qty)
{
	static uint64_t tag = 100;
	uint64_t id = rig_place(r, instrument, side, side == AQ_BUY ? 9000 : 11000, qty, ++tag);

	assert_int_equal(rig_order(r, id)->state, AQ_SENT);
	rig_say(r, id, AQ_UP_OPEN, AQ_REQ_PLACE);
	return id;
}

static void trade(struct rig *r, uint32_t instrument, uint8_t side, aq_px price, aq_qty qty)
{
	uint64_t id = open_order(r, instrument, side, qty);

	rig_fill(r, id, price, qty);
	assert_int_equal(rig_order(r, id)->state, AQ_FILLED);
}

static struct aq_position position(const struct rig *r, uint32_t instrument, uint32_t instance)
{
	struct aq_position p;

	ledger_position(&r->f, r->account, instrument, instance, &p);
	return p;
}

static void expect_position(
	const struct rig *r, uint32_t instrument, aq_qty qty, const char *cost, const char *realised)
{
	struct aq_position own = position(r, instrument, r->strategy), all = position(r, instrument, AQ_ALL);

	assert_int_equal(own.qty, qty);
	expect_amt(own.cost, cost);
	expect_amt(own.realised, realised);
	assert_int_equal(all.qty, qty);
	expect_amt(all.cost, cost);
	expect_amt(all.realised, realised);
}

/* ---- average cost ---- */

static void test_average_cost(void **unused)
{
	struct rig *r = new_rig();

	trade(r, r->linear, AQ_BUY, 10000, 1000);
	trade(r, r->linear, AQ_BUY, 10300, 2000); /* 3 for 306 */
	expect_position(r, r->linear, 3000, "306", "0");
	assert_int_equal(position(r, r->linear, r->strategy).avg_price, 10200);
	trade(r, r->linear, AQ_SELL, 10500, 1000); /* one third of the cost goes */
	expect_position(r, r->linear, 2000, "204", "3");
	trade(r, r->linear, AQ_SELL, 10000, 2000);
	expect_position(r, r->linear, 0, "0", "-1");
	assert_int_equal(position(r, r->linear, r->strategy).avg_price, AQ_NONE);
	expect_amt(position(r, r->linear, r->strategy).bought, "306");
	expect_amt(position(r, r->linear, r->strategy).sold, "305");
	end_rig(r);
}

/* A cost that does not divide: what is left and what went are together exactly what was there. */
static void test_indivisible_cost(void **unused)
{
	struct rig *r = new_rig();

	trade(r, r->linear, AQ_BUY, 10001, 3); /* 0.003 for 0.30003 */
	trade(r, r->linear, AQ_BUY, 10000, 4); /* 0.007 for 0.70003 */
	trade(r, r->linear, AQ_SELL, 10000, 3);
	expect_position(r, r->linear, 4, "0.400017142857142858", "-0.000012857142857142");
	trade(r, r->linear, AQ_SELL, 10000, 4);
	expect_position(r, r->linear, 0, "0", "-0.00003"); /* and all together no digit is lost */
	end_rig(r);
}

static void test_flip(void **unused)
{
	struct rig *r = new_rig();

	trade(r, r->linear, AQ_BUY, 10000, 2000);
	trade(r, r->linear, AQ_SELL, 10100, 5000); /* closes 2 with 2 gained, opens 3 short */
	expect_position(r, r->linear, -3000, "-303", "2");
	assert_int_equal(position(r, r->linear, r->strategy).avg_price, 10100);
	expect_amt(position(r, r->linear, r->strategy).unrealised, "3"); /* the middle is 100 */
	trade(r, r->linear, AQ_BUY, 10000, 4000);                        /* closes 3 with 3 gained, opens 1 long */
	expect_position(r, r->linear, 1000, "100", "5");
	expect_amt(position(r, r->linear, r->strategy).unrealised, "0");
	end_rig(r);
}

/* Quantity in USD, cost and profit in BTC: 1000 USD at 100 are 10 BTC, at 125 they are 8. */
static void test_inverse(void **unused)
{
	struct rig *r = new_rig();

	trade(r, r->inverse, AQ_BUY, 10000, 1000000);
	expect_position(r, r->inverse, 1000000, "10", "0");
	trade(r, r->inverse, AQ_SELL, 12500, 500000); /* 5 BTC of cost, now 4: a gain of 1 */
	expect_position(r, r->inverse, 500000, "5", "1");
	rig_book(r, r->inverse, 7990, 8010);
	expect_amt(position(r, r->inverse, r->strategy).unrealised, "-1.25"); /* worth 6.25 at 80: a loss */
	trade(r, r->inverse, AQ_SELL, 8000, 500000);
	expect_position(r, r->inverse, 0, "0", "-0.25");
	trade(r, r->inverse, AQ_SELL, 10000, 1000000);
	expect_position(r, r->inverse, -1000000, "-10", "-0.25");
	trade(r, r->inverse, AQ_BUY, 8000, 1000000); /* short gains when it falls: 12.5 - 10 */
	expect_position(r, r->inverse, 0, "0", "2.25");
	end_rig(r);
}

/* Long and short are rows of their own, and reads sum them. */
static void test_hedging(void **unused)
{
	struct rig *r = new_rig();
	struct aq_place wish;
	uint64_t ids[2];

	flow_account_bind(&r->f, r->account, r->exchange, true, AQ_CROSS);
	for (int i = 0; i < 2; i++) {
		wish = rig_wish(r, r->linear, 0, i == 0 ? 9000 : 11000, 2000, 50 + (uint64_t)i);
		wish.intention = i == 0 ? AQ_BUY_OPEN : AQ_SELL_OPEN;
		ids[i] = (uint64_t)orders_place(&r->f, r->strategy, &wish);
		rig_fill(r, ids[i], 10000 + i * 200, 2000);
	}
	assert_int_equal(rig_order(r, ids[0])->position_side, AQ_LONG);
	assert_int_equal(rig_order(r, ids[1])->position_side, AQ_SHORT);
	assert_int_equal(ledger_find(&r->f, r->account, r->linear, AQ_LONG, AQ_CROSS, r->strategy)->p.qty, 2000);
	assert_int_equal(ledger_find(&r->f, r->account, r->linear, AQ_SHORT, AQ_CROSS, AQ_ALL)->p.qty, -2000);
	expect_position(r, r->linear, 0, "-4", "0"); /* 200 paid, 204 got */
	wish = rig_wish(r, r->linear, 0, 11000, 1000, 60);
	wish.intention = AQ_SELL_CLOSE; /* sells of the long side */
	rig_fill(r, (uint64_t)orders_place(&r->f, r->strategy, &wish), 10100, 1000);
	assert_int_equal(ledger_find(&r->f, r->account, r->linear, AQ_LONG, AQ_CROSS, r->strategy)->p.qty, 1000);
	expect_position(r, r->linear, -1000, "-104", "1");
	end_rig(r);
}

/* ---- fees ---- */

static void fee_fill(struct rig *r, uint64_t id, const char *asset, const char *fee)
{
	struct aq_fill f = rig_fill_of(r, id, AQ_BUY, 10000, 1000, 0);

	f.fee = amt(fee);
	memcpy(f.fee_asset, asset, strlen(asset));
	rig_emit_fill(r, r->spot, &f);
}

static struct aq_amt fee_paid(const struct rig *r, uint32_t at, const char *asset)
{
	for (; at != FLOW_NIL; at = r->f.ledger.fees[at].next)
		if (strcmp(r->f.ledger.fees[at].f.asset, asset) == 0)
			return r->f.ledger.fees[at].f.paid;
	return amt("-999");
}

/* Bought with a fee in base: only what has come can be sold, and then all is flat and the profit is the money's change. */
static void test_fee_in_base(void **unused)
{
	struct rig *r = new_rig();
	uint64_t id = open_order(r, r->spot, AQ_BUY, 1000);
	struct aq_amt profit;

	rig_book(r, r->spot, 9990, 10010);
	fee_fill(r, id, "BTC", "0.0015"); /* 1 for 100; a lot is 0.001 */
	assert_int_equal(position(r, r->spot, r->strategy).qty, 999);
	expect_amt(position(r, r->spot, r->strategy).cost, "99.9");
	expect_amt(position(r, r->spot, AQ_ALL).bought, "100");
	expect_amt(position(r, r->spot, AQ_ALL).sold, "0");
	expect_amt(fee_paid(r, r->f.accounts[r->account].fees, "USDT"), "0.1");
	expect_amt(fee_paid(r, r->f.accounts[r->account].fees, "BTC"), "0.0005");
	assert_int_equal(ledger_profit(&r->f, SCOPE_INSTANCE, r->strategy, &profit), AQ_OK);
	expect_amt(profit, "-0.15");
	rig_restart(r);
	rig_make_ready(r);
	assert_int_equal(position(r, r->spot, AQ_ALL).qty, 999);
	expect_amt(fee_paid(r, r->f.accounts[r->account].fees, "BTC"), "0.0005");
	id = open_order(r, r->spot, AQ_SELL, 999);
	rig_fill(r, id, 11000, 999);
	expect_position(r, r->spot, 0, "0", "9.99");
	assert_int_equal(ledger_profit(&r->f, SCOPE_ACCOUNT, r->account, &profit), AQ_OK);
	expect_amt(profit, "9.84"); /* -100 + 109.89, less what 0.0005 BTC are worth */
	end_rig(r);
}

/* A rebate comes to the position, and a seller's fee in base leaves it beside what is sold. */
static void test_rebate_in_base(void **unused)
{
	struct rig *r = new_rig();
	struct aq_fill f;
	uint64_t id = open_order(r, r->spot, AQ_BUY, 1000);

	fee_fill(r, id, "BTC", "-0.002");
	assert_int_equal(position(r, r->spot, r->strategy).qty, 1002);
	expect_amt(fee_paid(r, r->f.instances[r->strategy].fees, "USDT"), "-0.2");
	id = open_order(r, r->spot, AQ_SELL, 1000);
	f = rig_fill_of(r, id, AQ_SELL, 11000, 1000, 0);
	f.fee = amt("0.002");
	memcpy(f.fee_asset, "BTC", 4);
	rig_emit_fill(r, r->spot, &f);
	expect_position(r, r->spot, 0, "0", "10.02");
	expect_amt(fee_paid(r, r->f.instances[r->strategy].fees, "USDT"), "0.02");
	end_rig(r);
}

/* A fee without an asset is no fee in a base without a name. */
static void test_fee_without_asset(void **unused)
{
	struct rig *r = new_rig();
	struct aq_instrument x = rig_instrument("X/USDT", AQ_SPOT, "USDT");
	struct aq_fill fill;
	uint32_t id;

	memset(x.base, 0, sizeof(x.base));
	id = rig_add(r, &x);
	fill = rig_fill_of(r, 4711, AQ_BUY, 10000, 1000, 0);
	fill.fee = amt("0.002");
	rig_emit_fill(r, id, &fill);
	assert_int_equal(position(r, id, AQ_ALL).qty, 1000);
	end_rig(r);
}

/* Base and quote share one sum of fees: one that it cannot take refuses the fill, and the host goes on. */
static void test_fee_where_base_is_quote(void **unused)
{
	struct rig *r = new_rig();
	struct aq_instrument x = rig_instrument("BTC/BTC", AQ_SPOT, "BTC");
	struct aq_fill fill;
	struct aq_amt most = {.lo = UINT64_MAX, .hi = INT64_MAX};
	uint64_t booked;
	uint32_t id;

	snprintf(x.quote, sizeof(x.quote), "BTC");
	x.qty_digits = 0;
	id = rig_add(r, &x);
	fill = rig_fill_of(r, 4711, AQ_BUY, 10000, 1000, 0);
	memcpy(fill.fee_asset, "BTC", 4);
	assert_int_equal(aq_amt_sub(most, amt("1.2"), &fill.fee), 0);
	rig_emit_fill(r, r->linear, &fill);
	fill = rig_fill_of(r, 4711, AQ_BUY, 100, 10, 0);
	memcpy(fill.fee_asset, "BTC", 4);
	fill.fee = amt("1.5");
	booked = r->f.ledger.fill_number;
	assert_int_equal(booked, 1);
	rig_emit_fill(r, id, &fill);
	assert_int_equal(r->f.ledger.fill_number, booked);
	assert_int_equal(position(r, id, AQ_ALL).qty, 0);
	end_rig(r);
}

static void test_fees(void **unused)
{
	struct rig *r = new_rig();
	struct aq_instrument bnb = rig_instrument("BNB/USDT", AQ_SPOT, "USDT");
	uint64_t id = open_order(r, r->spot, AQ_BUY, 5000);
	struct aq_amt profit;

	snprintf(bnb.base, sizeof(bnb.base), "BNB");
	fee_fill(r, id, "USDT", "0.1");
	fee_fill(r, id, "BTC", "0.001");
	fee_fill(r, id, "BNB", "0.02");
	fee_fill(r, id, "USDT", "-0.03"); /* a rebate */
	expect_amt(ledger_balance_find(&r->f, r->account, "USDT")->since, "-400.07");
	expect_amt(ledger_balance_find(&r->f, r->account, "BTC")->since, "3.999");
	expect_amt(ledger_balance_find(&r->f, r->account, "BNB")->since, "-0.02");
	for (int i = 0; i < 2; i++) {
		uint32_t at = i == 0 ? r->f.instances[r->strategy].fees : r->f.accounts[r->account].fees;

		expect_amt(fee_paid(r, at, "USDT"), "0.17"); /* 0.001 BTC at 100 among them */
		expect_amt(fee_paid(r, at, "BTC"), "-999");
		expect_amt(fee_paid(r, at, "BNB"), "0.02");
	}
	expect_amt(position(r, r->spot, r->strategy).realised, "0"); /* profit of trading is without fees */
	assert_int_equal(ledger_profit(&r->f, SCOPE_INSTANCE, r->strategy, &profit), AQ_ENOENT); /* BNB has no price */
	rig_book(r, rig_add(r, &bnb), 29900, 30100);
	assert_int_equal(ledger_profit(&r->f, SCOPE_INSTANCE, r->strategy, &profit), 0);
	expect_amt(profit, "-6.17"); /* 0.07, 0.001 at 100, 0.02 at 300 */
	assert_int_equal(ledger_profit(&r->f, SCOPE_HOST, 0, &profit), 0);
	expect_amt(profit, "-6.17");
	end_rig(r);
}

/* Profit in the currency of the report: inverse contracts settle in BTC. */
static void test_profit_of_the_host(void **unused)
{
	struct rig *r = new_rig();
	struct aq_amt profit;

	trade(r, r->inverse, AQ_BUY, 10000, 1000000);
	trade(r, r->inverse, AQ_SELL, 12500, 500000); /* 1 BTC, which is 100 USDT; nothing unrealised at 100 */
	trade(r, r->linear, AQ_BUY, 10050, 1000);     /* half a USDT below */
	assert_int_equal(ledger_profit(&r->f, SCOPE_HOST, 0, &profit), 0);
	expect_amt(profit, "99.5");
	assert_int_equal(ledger_profit(&r->f, SCOPE_ACCOUNT, r->account, &profit), 0);
	expect_amt(profit, "99.5");
	end_rig(r);
}

/* ---- the same fill twice ---- */

static void test_same_trade_twice(void **unused)
{
	struct rig *r = new_rig();
	uint64_t id = open_order(r, r->linear, AQ_BUY, 3000);
	struct aq_fill f = rig_fill_of(r, id, AQ_BUY, 10000, 1000, 77);

	for (int i = 0; i < 3; i++)
		rig_emit_fill(r, r->linear, &f);
	expect_position(r, r->linear, 1000, "100", "0");
	assert_int_equal(rig_order(r, id)->filled, 1000);
	assert_int_equal(r->f.ledger.fill_number, 1);
	snprintf(f.trade_id, sizeof(f.trade_id), "78");
	rig_emit_fill(r, r->linear, &f);
	expect_position(r, r->linear, 2000, "200", "0");
	end_rig(r);
}

/* Our buy met our own sell: one trade id, two fills. */
static void test_our_own_counterparty(void **unused)
{
	struct rig *r = new_rig();
	uint64_t buy = open_order(r, r->linear, AQ_BUY, 1000), sell = open_order(r, r->linear, AQ_SELL, 1000);
	struct aq_fill f = rig_fill_of(r, buy, AQ_BUY, 10000, 1000, 5);

	rig_emit_fill(r, r->linear, &f);
	f.order = sell;
	f.side = AQ_SELL;
	rig_emit_fill(r, r->linear, &f);
	rig_emit_fill(r, r->linear, &f);
	expect_position(r, r->linear, 0, "0", "0");
	assert_int_equal(r->f.ledger.fill_number, 2);
	assert_int_equal(rig_order(r, sell)->state, AQ_FILLED);
	expect_amt(position(r, r->linear, AQ_ALL).bought, "100");
	expect_amt(position(r, r->linear, AQ_ALL).sold, "100");
	end_rig(r);
}

/* Trade ids are the venue's per market at best: many orders may have fills of one id. */
static void test_one_id_many_orders(void **unused)
{
	struct rig *r = new_rig();
	struct aq_fill f[12];

	for (int i = 0; i < 12; i++)
		f[i] = rig_fill_of(r, open_order(r, r->linear, AQ_BUY, 1000), AQ_BUY, 10000, 1000, 1);
	for (int i = 0; i < 24; i++)
		rig_emit_fill(r, r->linear, &f[i % 12]);
	assert_int_equal(r->f.ledger.fill_number, 12);
	expect_position(r, r->linear, 12000, "1200", "0");
	end_rig(r);
}

/* A venue without trade ids: the order's cumulative quantity tells fills apart; without that nothing does. */
static void test_no_trade_id(void **unused)
{
	struct rig *r = new_rig();
	uint64_t id = open_order(r, r->linear, AQ_BUY, 3000);
	struct aq_fill f = rig_fill_of(r, id, AQ_BUY, 10000, 1000, 0);

	memset(f.trade_id, 0, sizeof(f.trade_id));
	rig_emit_fill(r, r->linear, &f);
	assert_int_equal(r->f.ledger.fill_number, 0);
	f.cumulative = 1000;
	rig_emit_fill(r, r->linear, &f);
	rig_emit_fill(r, r->linear, &f);
	f.cumulative = 2000;
	rig_emit_fill(r, r->linear, &f);
	rig_emit_fill(r, r->linear, &f);
	expect_position(r, r->linear, 2000, "200", "0");
	assert_int_equal(r->f.ledger.fill_number, 2);
	end_rig(r);
}

/* The memory of fills is a ring: what left it is not known any more, what is in it always is. */
static void test_memory_of_fills(void **unused)
{
	struct rig *r = new_rig();
	uint64_t id = open_order(r, r->linear, AQ_BUY, 1000000);
	struct aq_fill f;

	for (uint64_t i = 1; i <= 200; i++) {
		f = rig_fill_of(r, id, AQ_BUY, 10000, 1, i);
		rig_emit_fill(r, r->linear, &f);
		for (uint64_t back = 0; back < 64 && back < i; back += 9) {
			f = rig_fill_of(r, id, AQ_BUY, 10000, 1, i - back);
			rig_emit_fill(r, r->linear, &f);
		}
		assert_int_equal(r->f.ledger.fill_number, i);
	}
	expect_position(r, r->linear, 200, "20", "0");
	end_rig(r);
}

/* ---- fills that come when the order is over, and those of others ---- */

static void test_late_fill(void **unused)
{
	struct rig *r = new_rig();
	uint64_t id = open_order(r, r->spot, AQ_BUY, 2000);

	rig_say(r, id, AQ_UP_CANCELLED, AQ_REQ_CANCEL);
	rig_clear(r);
	rig_fill(r, id, 9000, 500);
	assert_int_equal(rig_order(r, id)->state, AQ_CANCELLED);
	assert_int_equal(rig_order(r, id)->filled, 500);
	expect_position(r, r->spot, 500, "45", "0");
	assert_int_equal(r->f.ledger.late_fills, 1);
	assert_int_equal(rig_seen(r, r->strategy, AQ_EV_FILL), 1);
	rig_fill(r, id, 9000, 1500);
	rig_fill(r, id, 9000, 1); /* more than was ordered is booked all the same, and counted */
	expect_position(r, r->spot, 2001, "180.09", "0");
	assert_int_equal(r->f.ledger.overfills, 1);
	assert_int_equal(ledger_find(&r->f, r->account, r->spot, AQ_NET, AQ_CASH, r->strategy)->open_buy, 0);
	end_rig(r);
}

static void test_external(void **unused)
{
	struct rig *r = new_rig();
	struct aq_fill f = rig_fill_of(r, 4711, AQ_BUY, 10000, 3000, 0);

	trade(r, r->linear, AQ_BUY, 10000, 1000);
	rig_clear(r);
	rig_emit_fill(r, r->linear, &f);
	rig_emit_fill(r, r->linear, &f);
	assert_int_equal(position(r, r->linear, r->strategy).qty, 1000);
	assert_int_equal(position(r, r->linear, 0).qty, 3000);
	assert_int_equal(position(r, r->linear, AQ_ALL).qty, 4000);
	assert_int_equal(rig_seen(r, r->strategy, AQ_EV_FILL), 0);
	f.order = 0; /* nobody's order */
	snprintf(f.trade_id, sizeof(f.trade_id), "x");
	f.side = AQ_SELL;
	f.qty = 500;
	rig_emit_fill(r, r->linear, &f);
	assert_int_equal(position(r, r->linear, 0).qty, 2500);
	end_rig(r);
}

/* What contradicts the order it names is no fill of it. */
static void test_contradictions(void **unused)
{
	struct rig *r = new_rig();
	uint64_t id = open_order(r, r->linear, AQ_BUY, 3000);
	struct aq_fill good = rig_fill_of(r, id, AQ_BUY, 10000, 1000, 0), f = good;

	f.side = AQ_SELL;
	rig_emit_fill(r, r->linear, &f);
	f = good;
	rig_emit_fill(r, r->spot, &f);
	f.qty = 0;
	rig_emit_fill(r, r->linear, &f);
	f.qty = -5;
	rig_emit_fill(r, r->linear, &f);
	f = good;
	f.price = 0;
	rig_emit_fill(r, r->linear, &f);
	f = good;
	f.side = 0;
	rig_emit_fill(r, r->linear, &f);
	f = good;
	f.qty = INT64_MAX; /* and then one more */
	f.price = 1;
	rig_emit_fill(r, r->linear, &f);
	assert_int_equal(r->f.ledger.fill_number, 1);
	snprintf(f.trade_id, sizeof(f.trade_id), "more");
	rig_emit_fill(r, r->linear, &f);
	assert_int_equal(r->f.ledger.fill_number, 1);
	assert_int_equal(position(r, r->linear, AQ_ALL).qty, INT64_MAX);
	f.order = open_order(r, r->linear, AQ_SELL, 1000);
	f.side = AQ_SELL;
	rig_emit_fill(r, r->linear, &f); /* flat again, but the order's own sum is full */
	f = good;
	snprintf(f.trade_id, sizeof(f.trade_id), "once more");
	rig_emit_fill(r, r->linear, &f);
	assert_int_equal(r->f.ledger.fill_number, 2);
	assert_int_equal(rig_order(r, id)->filled, INT64_MAX);
	end_rig(r);
}

/* Positions are symmetric: there is no -2^63. */
static void test_shortest_position(void **unused)
{
	struct rig *r = new_rig();
	struct aq_fill f = rig_fill_of(r, 4711, AQ_SELL, 1, INT64_MAX, 0);

	rig_emit_fill(r, r->linear, &f);
	f = rig_fill_of(r, 4712, AQ_SELL, 1, 1, 0);
	rig_emit_fill(r, r->linear, &f);
	assert_int_equal(position(r, r->linear, AQ_ALL).qty, -INT64_MAX);
	f = rig_fill_of(r, 4713, AQ_BUY, 1, INT64_MAX, 0);
	rig_emit_fill(r, r->linear, &f);
	assert_int_equal(position(r, r->linear, AQ_ALL).qty, 0);
	end_rig(r);
}

/* ---- balances ---- */

static struct aq_amt available(const struct rig *r, const char *asset)
{
	const struct balance *b = ledger_balance_find(&r->f, r->account, asset);
	struct aq_amt a;

	assert_non_null(b);
	assert_int_equal(ledger_available(b, &a), 0);
	return a;
}

static void test_balances(void **unused)
{
	struct rig *r = new_rig();
	uint64_t id;

	rig_balance(r, "USDT", 1000);
	rig_balance(r, "BTC", 5);
	id = open_order(r, r->spot, AQ_BUY, 2000); /* 2 at 90 */
	expect_amt(available(r, "USDT"), "820");
	rig_fill(r, id, 8900, 1000);
	expect_amt(available(r, "USDT"), "821"); /* 89 paid, 90 held */
	expect_amt(available(r, "BTC"), "6");
	rig_say(r, id, AQ_UP_CANCELLED, AQ_REQ_CANCEL);
	expect_amt(available(r, "USDT"), "911");
	rig_clear(r);
	rig_balance(r, "USDT", 911); /* the venue's word ends what fills had changed */
	assert_int_equal(rig_seen(r, r->strategy, AQ_EV_BALANCE), 1);
	expect_amt(available(r, "USDT"), "911");
	rig_clear(r);
	rig_balance(r, "USDT", 911);
	assert_int_equal(rig_seen(r, r->strategy, AQ_EV_BALANCE), 0); /* nothing new */
	id = open_order(r, r->spot, AQ_SELL, 4000);
	expect_amt(available(r, "BTC"), "2");
	rig_fill(r, id, 11000, 4000);
	expect_amt(available(r, "BTC"), "2");
	expect_amt(available(r, "USDT"), "1351");
	end_rig(r);
}

/* An amend under way holds the worse of the two; a market order by amount holds its amount, and counts as quantity. */
static void test_held_at_worst(void **unused)
{
	struct rig *r = new_rig();
	struct aq_place wish = rig_wish(r, r->spot, AQ_BUY, 0, 0, 9);
	const struct ledger_row *row;
	uint64_t id;

	rig_balance(r, "USDT", 1000);
	id = open_order(r, r->spot, AQ_BUY, 2000);
	row = ledger_find(&r->f, r->account, r->spot, AQ_NET, AQ_CASH, r->strategy);
	assert_int_equal(rig_amend(r, id, 9500, 3000), AQ_OK);
	expect_amt(available(r, "USDT"), "715"); /* 3 at 95 */
	assert_int_equal(row->open_buy, 3000);
	rig_say(r, id, AQ_UP_AMEND_REJECTED, AQ_REQ_AMEND);
	expect_amt(available(r, "USDT"), "820");
	assert_int_equal(row->open_buy, 2000);
	assert_int_equal(rig_amend(r, id, 8000, 1000), AQ_OK);
	expect_amt(available(r, "USDT"), "820");
	assert_int_equal(row->open_buy, 2000);
	rig_say(r, id, AQ_UP_CANCELLED, 0);
	wish.type = AQ_MARKET_ORDER;
	wish.quote_qty = aq_amt_of(500);
	id = (uint64_t)orders_place(&r->f, r->strategy, &wish);
	assert_int_equal(rig_order(r, id)->state, AQ_SENT);
	expect_amt(available(r, "USDT"), "500");
	assert_int_equal(row->open_buy, 4995); /* at the best ask of 100.10 */
	rig_fill(r, id, 10000, 2000);
	expect_amt(available(r, "USDT"), "500"); /* 200 paid, 300 held */
	rig_say(r, id, AQ_UP_FILLED, 0);
	assert_int_equal(rig_order(r, id)->state, AQ_FILLED);
	expect_amt(available(r, "USDT"), "800");
	assert_int_equal(row->open_buy, 0);
	end_rig(r);
}

/* ---- cash flows ---- */

static void cash(struct rig *r, const char *asset, const char *id, const char *amount)
{
	struct aq_cashflow c = {.size = sizeof(c), .kind = AQ_CASH_FUNDING, .amount = amt(amount)};

	memcpy(c.asset, asset, strlen(asset));
	memcpy(c.id, id, strlen(id));
	rig_emit(r, AQ_EV_CASHFLOW, 0, r->account, &c, sizeof(c));
}

static void test_cash_flows(void **unused)
{
	struct rig *r = new_rig();

	rig_balance(r, "USDT", 100);
	rig_balance(r, "BTC", 1);
	cash(r, "USDT", "f1", "-0.5");
	cash(r, "USDT", "f1", "-0.5"); /* the same */
	cash(r, "BTC", "f1", "0.25");  /* another asset, another flow */
	cash(r, "USDT", "f2", "-0.5");
	cash(r, "USDT", "", "-7"); /* could not be told from its copy */
	cash(r, "", "f3", "-7");
	expect_amt(available(r, "USDT"), "99");
	expect_amt(available(r, "BTC"), "1.25");
	assert_int_equal(r->f.ledger.cash_count, 3);
	for (int i = 0; i < 6000; i++) { /* more than are remembered */
		char id[16];

		snprintf(id, sizeof(id), "n%d", i);
		cash(r, "USDT", id, "0.01");
		cash(r, "USDT", id, "0.01");
	}
	expect_amt(available(r, "USDT"), "159");
	end_rig(r);
}

/* ---- the venue's position differs ---- */

static void say_position(struct rig *r, uint32_t instrument, aq_qty qty)
{
	struct aq_position p = {.size = sizeof(p), .qty = qty};

	rig_emit(r, AQ_EV_VENUE_POSITION, instrument, r->account, &p, sizeof(p));
}

static void test_adjustments(void **unused)
{
	struct rig *r = new_rig();

	trade(r, r->linear, AQ_BUY, 10000, 5000);
	rig_emit(r, AQ_EV_RECONCILE_BEGIN, 0, r->account, NULL, 0);
	say_position(r, r->linear, 3000);
	assert_int_equal(position(r, r->linear, AQ_ALL).qty, 3000);
	assert_int_equal(position(r, r->linear, 0).qty, -2000);
	assert_int_equal(position(r, r->linear, r->strategy).qty, 5000); /* ours is what it was */
	expect_amt(position(r, r->linear, AQ_ALL).cost, "300");          /* closed at the middle: no profit, no loss */
	expect_amt(position(r, r->linear, AQ_ALL).realised, "0");
	assert_int_equal(r->f.ledger.mismatches, 1);
	say_position(r, r->inverse, -50000);
	assert_int_equal(position(r, r->inverse, AQ_ALL).qty, -50000);
	expect_amt(position(r, r->inverse, 0).cost, "-0.5");
	rig_emit(r, AQ_EV_RECONCILE_END, 0, r->account, NULL, 0);
	assert_int_equal(position(r, r->linear, AQ_ALL).qty, 3000); /* named, so it stays */
	end_rig(r);
}

/* The evidence of the last ones outlasts a restart, oldest ones make room. */
static void test_adjustments_are_remembered(void **unused)
{
	struct rig *r = new_rig();

	assert_null(ledger_adjust_back(&r->f, 0));
	rig_emit(r, AQ_EV_RECONCILE_BEGIN, 0, r->account, NULL, 0);
	for (int i = 1; i <= LEDGER_ADJUSTS + 3; i++)
		say_position(r, r->linear, i * 1000);
	rig_emit(r, AQ_EV_RECONCILE_END, 0, r->account, NULL, 0);
	for (int pass = 0; pass < 2; pass++) {
		const struct fact_adjust *a = ledger_adjust_back(&r->f, 0);

		assert_int_equal(a->venue, (LEDGER_ADJUSTS + 3) * 1000);
		assert_int_equal(a->ledger, (LEDGER_ADJUSTS + 2) * 1000);
		assert_int_equal(a->price, 10000);
		assert_int_equal(ledger_adjust_back(&r->f, LEDGER_ADJUSTS - 1)->venue, 4000);
		assert_null(ledger_adjust_back(&r->f, LEDGER_ADJUSTS));
		rig_restart(r);
	}
	end_rig(r);
}

/* A market that has never had a middle: what is closed goes at its own cost, what is opened comes at none. */
static void test_adjustment_without_a_price(void **unused)
{
	struct rig *r = new_rig();
	struct aq_fill f = rig_fill_of(r, 4711, AQ_BUY, 10000, 5000, 0);
	struct aq_instrument other = rig_instrument("ETH/USDT:USDT", AQ_LINEAR, "USDT");
	uint32_t eth = rig_add(r, &other);

	rig_emit_fill(r, eth, &f);
	rig_emit(r, AQ_EV_RECONCILE_BEGIN, 0, r->account, NULL, 0);
	say_position(r, eth, 2000);
	expect_amt(position(r, eth, AQ_ALL).cost, "200");
	say_position(r, eth, -1000);
	assert_int_equal(position(r, eth, AQ_ALL).qty, -1000);
	expect_amt(position(r, eth, AQ_ALL).cost, "0");
	expect_amt(position(r, eth, AQ_ALL).realised, "0");
	rig_emit(r, AQ_EV_RECONCILE_END, 0, r->account, NULL, 0);
	rig_clear(r);
	r->f.accounts[r->account].ready = 1;
	say_position(r, eth, 0); /* outside a listing: asked for, not booked */
	assert_int_equal(position(r, eth, AQ_ALL).qty, -1000);
	assert_int_equal(rig_seen(r, r->exchange, AQ_EV_RECONCILE), 1);
	assert_false(r->f.accounts[r->account].ready);
	rig_emit(r, AQ_EV_RECONCILE_BEGIN, 0, r->account, NULL, 0);
	rig_emit(r, AQ_EV_RECONCILE_END, 0, r->account, NULL, 0); /* not named: flat there */
	assert_int_equal(position(r, eth, AQ_ALL).qty, 0);
	end_rig(r);
}

/* ---- long runs against another ledger ---- */

typedef __int128 wide;

/* Average cost in units of 10^-18; quantity in lots. */
struct plain {
	int64_t qty;
	wide cost, realised;
};

static wide wide_of(struct aq_amt a)
{
	return (wide)((unsigned __int128)(uint64_t)a.hi << 64 | a.lo);
}

static void plain_fill(struct plain *p, bool buys, int64_t price, int64_t qty)
{
	const wide lot = (wide)price * 10000000000000; /* one lot of 0.001 at a price with two digits */
	int64_t sign = buys ? 1 : -1, closing = 0;

	if (p->qty * sign < 0) {
		int64_t held = p->qty < 0 ? -p->qty : p->qty;
		wide gone;

		closing = qty < held ? qty : held;
		gone = p->cost * closing / held;
		p->realised += -sign * lot * closing - gone;
		p->cost -= gone;
		p->qty += sign * closing;
	}
	p->qty += sign * (qty - closing);
	p->cost += sign * lot * (qty - closing);
}

static uint32_t below(uint64_t *state, uint32_t limit)
{
	*state = *state * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(*state >> 33) % limit;
}

static void expect_plain(const struct rig *r, uint32_t instance, const struct plain *plain)
{
	struct aq_position p = position(r, r->linear, instance);

	assert_int_equal(p.qty, plain->qty);
	assert_true(wide_of(p.cost) == plain->cost);
	assert_true(wide_of(p.realised) == plain->realised);
}

static void test_long_runs(void **unused)
{
	struct rig *r = new_rig();
	struct plain own = {0}, other = {0}, all = {0};
	uint64_t state = 3;

	for (int i = 0; i < 20000; i++) {
		bool buys = below(&state, 2) == 0, ours = below(&state, 3) > 0;
		aq_px price = 9000 + below(&state, 2000);
		aq_qty qty = 1 + below(&state, below(&state, 10) == 0 ? 100000 : 100);
		struct aq_fill f;

		r->f.now_ns++; /* more fills than are remembered: a venue's time goes on */
		f = rig_fill_of(r, 4711, buys ? AQ_BUY : AQ_SELL, price, qty, 0);
		if (ours)
			f.order = open_order(r, r->linear, f.side, qty);
		rig_emit_fill(r, r->linear, &f);
		plain_fill(ours ? &own : &other, buys, price, qty);
		plain_fill(&all, buys, price, qty);
		rig_clear(r);
		expect_plain(r, r->strategy, &own);
		expect_plain(r, 0, &other);
		expect_plain(r, AQ_ALL, &all);
	}
	end_rig(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_average_cost), cmocka_unit_test(test_indivisible_cost),
		cmocka_unit_test(test_flip), cmocka_unit_test(test_inverse), cmocka_unit_test(test_hedging),
		cmocka_unit_test(test_fees), cmocka_unit_test(test_fee_in_base),
		cmocka_unit_test(test_fee_without_asset), cmocka_unit_test(test_fee_where_base_is_quote),
		cmocka_unit_test(test_rebate_in_base), cmocka_unit_test(test_profit_of_the_host),
		cmocka_unit_test(test_same_trade_twice), cmocka_unit_test(test_our_own_counterparty),
		cmocka_unit_test(test_one_id_many_orders), cmocka_unit_test(test_no_trade_id),
		cmocka_unit_test(test_memory_of_fills), cmocka_unit_test(test_late_fill),
		cmocka_unit_test(test_external), cmocka_unit_test(test_contradictions),
		cmocka_unit_test(test_shortest_position), cmocka_unit_test(test_balances),
		cmocka_unit_test(test_held_at_worst), cmocka_unit_test(test_cash_flows),
		cmocka_unit_test(test_adjustments),
		cmocka_unit_test(test_adjustments_are_remembered), cmocka_unit_test(test_adjustment_without_a_price),
		cmocka_unit_test(test_long_runs)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
