/* What happened while nobody was there comes with the venue's list, what happens now before it: both are booked in the
 * order in which they happened. */
#include "flow_rig.h"

#include "flow/held_news.h"

#define LONG_LIST 2000u /* fills: several times what waits at a time */

static struct rig *new_rig(void)
{
	struct rig *r = malloc(sizeof(*r));
	struct flow_options options = rig_options();

	assert_non_null(r);
	options.max_fills = 4 * LONG_LIST;
	rig_new_with(r, &options);
	return r;
}

static void end_rig(struct rig *r)
{
	rig_free(r);
	free(r);
}

/* The venue was away, and is back. */
static void come_back(struct rig *r)
{
	rig_venue(r, false);
	r->f.now_ns += 5 * SECOND;
	rig_venue(r, true);
}

static void begin_list(struct rig *r)
{
	rig_emit(r, AQ_EV_RECONCILE_BEGIN, 0, r->account, NULL, 0);
}

static void end_list(struct rig *r)
{
	rig_emit(r, AQ_EV_RECONCILE_END, 0, r->account, NULL, 0);
}

/* A fill of nobody's order, so many nanoseconds after the beginning. */
static void fill(struct rig *r, uint64_t trade, int64_t at)
{
	struct aq_fill f = rig_fill_of(r, 0, trade % 2 == 0 ? AQ_BUY : AQ_SELL, 10000, 1000, trade);

	f.venue_ns = RIG_START + at;
	rig_emit_fill(r, r->linear, &f);
}

static void transfer_of(struct rig *r, const char *id, const char *asset, int64_t at)
{
	struct {
		struct aq_event head;
		struct aq_cashflow body;
	} c = {.head = {.size = sizeof(c), .type = AQ_EV_CASHFLOW, .account = r->account, .venue_ns = RIG_START + at},
		.body = {.size = sizeof(c.body), .kind = AQ_CASH_TRANSFER, .amount = aq_amt_of(1)}};

	snprintf(c.body.asset, sizeof(c.body.asset), "%s", asset);
	snprintf(c.body.id, sizeof(c.body.id), "%s", id);
	assert_int_equal(flow_emit(&r->f, r->exchange, &c.head), AQ_OK);
	while (flow_apply_next(&r->f))
		;
}

static void transfer(struct rig *r, const char *id, int64_t at)
{
	transfer_of(r, id, "USDT", at);
}

static void expect_booked(const struct rig *r, const uint64_t *trades, uint64_t count)
{
	assert_int_equal(r->f.ledger.fill_number, count);
	for (uint64_t i = 0; i < count; i++)
		assert_int_equal(strtoull(r->f.ledger.fills[i].fill.trade_id, NULL, 10), trades[i]);
}

#define EXPECT_BOOKED(r, ...) \
	expect_booked(r, (const uint64_t[]){__VA_ARGS__}, sizeof((const uint64_t[]){__VA_ARGS__}) / sizeof(uint64_t))

static void test_live_before_the_list(void **unused)
{
	struct rig *r = new_rig();

	fill(r, 1, 10);
	come_back(r);
	fill(r, 4, 40); /* now */
	EXPECT_BOOKED(r, 1);
	begin_list(r);
	fill(r, 1, 10);
	fill(r, 2, 20); /* while nobody was there */
	fill(r, 3, 30);
	fill(r, 5, 50); /* a list by one way, news by another */
	fill(r, 4, 40);
	EXPECT_BOOKED(r, 1);
	end_list(r);
	EXPECT_BOOKED(r, 1, 2, 3, 4, 5);
	assert_true(r->f.accounts[r->account].ready);
	fill(r, 6, 60);
	EXPECT_BOOKED(r, 1, 2, 3, 4, 5, 6);
	end_rig(r);
}

/* Times tell nothing: the list does. */
static void test_at_one_time(void **unused)
{
	struct rig *r = new_rig();

	come_back(r);
	fill(r, 9, 20);
	begin_list(r);
	fill(r, 8, 20);
	fill(r, 9, 20);
	end_list(r);
	EXPECT_BOOKED(r, 8, 9);
	end_rig(r);
}

/* What the list says of balances and positions is compared with all that it has told before. */
static void test_before_positions(void **unused)
{
	struct rig *r = new_rig();
	struct aq_position p = {.size = sizeof(p), .position_side = AQ_NET, .margin_mode = AQ_CROSS, .qty = 1000};

	come_back(r);
	fill(r, 2, 20);
	rig_balance(r, "USDT", 5); /* live: the list has not come that far */
	assert_int_equal(r->f.ledger.fill_number, 0);
	begin_list(r);
	rig_balance(r, "USDT", 5);
	EXPECT_BOOKED(r, 2);
	rig_emit(r, AQ_EV_VENUE_POSITION, r->linear, r->account, &p, sizeof(p));
	assert_int_equal(r->f.ledger.mismatches, 0);
	come_back(r);
	fill(r, 3, 30);
	begin_list(r);
	p.qty = 0;
	rig_emit(r, AQ_EV_VENUE_POSITION, r->linear, r->account, &p, sizeof(p));
	EXPECT_BOOKED(r, 2, 3);
	assert_int_equal(r->f.ledger.mismatches, 0);
	end_rig(r);
}

/* Facts are not kept back for long for the sake of their order. */
static void test_no_list_comes(void **unused)
{
	struct rig *r = new_rig();
	int64_t back;

	come_back(r);
	back = r->f.now_ns;
	fill(r, 2, 20);
	rig_venue(r, false);
	r->f.now_ns = back + HELD_NEWS_NS - 1;
	flow_tick(&r->f);
	assert_int_equal(r->f.ledger.fill_number, 0);
	assert_int_equal(flow_due_ns(&r->f), back + HELD_NEWS_NS);
	r->f.now_ns = back + HELD_NEWS_NS;
	flow_tick(&r->f);
	EXPECT_BOOKED(r, 2);
	fill(r, 3, 30); /* nothing is asked: nothing waits */
	EXPECT_BOOKED(r, 2, 3);
	end_rig(r);
}

/* Each sign of the list gives it more time, and what waits survives a connection. */
static void test_slow_list(void **unused)
{
	struct rig *r = new_rig();

	come_back(r);
	fill(r, 3, 30);
	rig_venue(r, false);
	r->f.now_ns += HELD_NEWS_NS / 2;
	rig_venue(r, true);
	r->f.now_ns += HELD_NEWS_NS / 4;
	begin_list(r);
	r->f.now_ns += HELD_NEWS_NS * 3 / 4;
	flow_tick(&r->f);
	assert_int_equal(r->f.ledger.fill_number, 0);
	fill(r, 2, 20);
	end_list(r);
	EXPECT_BOOKED(r, 2, 3);
	end_rig(r);
}

static void test_long_list(void **unused)
{
	struct rig *r = new_rig();
	uint64_t trades[LONG_LIST];

	come_back(r);
	for (uint64_t i = 0; i < 100; i++) /* the newest, live */
		fill(r, LONG_LIST - 99 + i, (int64_t)(LONG_LIST - 99 + i));
	begin_list(r);
	for (uint64_t i = 0; i < LONG_LIST; i++) {
		trades[i] = i + 1;
		fill(r, i + 1, (int64_t)(i + 1));
	}
	end_list(r);
	expect_booked(r, trades, LONG_LIST);
	end_rig(r);
}

static void test_cash_flows(void **unused)
{
	struct rig *r = new_rig();

	come_back(r);
	transfer(r, "second", 40);
	fill(r, 3, 30);
	begin_list(r);
	transfer(r, "first", 20);
	transfer(r, "second", 40);
	transfer_of(r, "second", "BTC", 50); /* one id, two assets: no copy */
	assert_int_equal(r->f.ledger.cash_count, 0);
	end_list(r);
	assert_int_equal(r->f.ledger.cash_count, 3);
	assert_string_equal(r->f.ledger.cash[0].flow.id, "first");
	assert_string_equal(r->f.ledger.cash[1].flow.id, "second");
	EXPECT_BOOKED(r, 3);
	end_rig(r);
}

/* The news of an account in step is not kept back by another that is not. */
static void test_other_account(void **unused)
{
	struct rig *r = new_rig();
	uint32_t first = r->account, second = flow_account_id(&r->f, "second");

	flow_account_bind(&r->f, second, r->exchange, false, AQ_CROSS);
	r->account = second;
	reconcile_start(&r->f, second);
	fill(r, 8, 80);
	r->account = first;
	fill(r, 9, 90);
	EXPECT_BOOKED(r, 9);
	come_back(r);
	fill(r, 7, 70);
	rig_reconcile(r);
	EXPECT_BOOKED(r, 9, 7);
	r->account = second;
	rig_reconcile(r);
	EXPECT_BOOKED(r, 9, 7, 8);
	end_rig(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_live_before_the_list),
		cmocka_unit_test(test_at_one_time),
		cmocka_unit_test(test_before_positions),
		cmocka_unit_test(test_no_list_comes),
		cmocka_unit_test(test_slow_list),
		cmocka_unit_test(test_long_list),
		cmocka_unit_test(test_cash_flows),
		cmocka_unit_test(test_other_account),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
