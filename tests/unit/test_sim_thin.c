/* test_sim_thin.c: captures that have trades alone, or candles alone: what arrives of them, and what becomes of orders. */
#include "sim_help.h"

#define MINUTE_MS 60000
#define OPEN_MS 59000 /* MS(59000) is 60 s: the begin of a minute */

static struct aq_kline kline(int minute, double price)
{
	aq_px px = (aq_px)(price * 100 + 0.5);
	int64_t open_ns = MS(OPEN_MS + minute * MINUTE_MS);
	return (struct aq_kline){.interval = AQ_1M,
		.open_ns = open_ns,
		.end_ns = open_ns + INT64_C(60000000000),
		.open = px,
		.high = px + 3,
		.low = px - 3,
		.close = px + 1,
		.qty = QTY(2),
		.closed = 1};
}

static struct aq_kline *tape_kline(struct tape *t, struct aq_kline k)
{
	struct sim_frame *f = tape_frame(t, SIM_KLINE, 1, k.end_ns, sizeof k);
	f->venue_ns = k.end_ns;
	memcpy(f + 1, &k, sizeof k);
	return (struct aq_kline *)(void *)(f + 1);
}

static void candles(struct tape *t, int count)
{
	tape_begin(t, 1);
	tape_instrument(t, AQ_SPOT, "BTC/USDT");
	for (int i = 0; i < count; i++)
		tape_kline(t, kline(i, 100 + i));
}

static void open_with(struct stage *s, const struct tape *t)
{
	stage_begin(s);
	stage_tape(s, t);
	stage_open(s);
}

static int at(int minute)
{
	return OPEN_MS + minute * MINUTE_MS;
}

static void ask_past(struct stage *s, int64_t since_ns, uint64_t count)
{
	struct {
		struct sim_frame frame;
		struct sim_past body;
	} f = {.frame = {.size = sizeof f, .type = SIM_PAST, .market = 1, .time_ns = s->now_ns},
		.body = {.since_ns = since_ns, .count = count, .request = 42}};
	assert_int_equal(sim_venue_receive(s->venue, &f.frame), AQ_OK);
}

/* As trades would be, each at its end and not before. */
static void candles_come_with_their_end(void **state)
{
	struct stage s;
	struct tape t;
	candles(&t, 4);
	open_with(&s, &t);
	stage_subscribe(&s, 1, AQ_SUB_BOOK);
	stage_run(&s, at(1));
	assert_int_equal(how_many(&s, SIM_KLINE), 0);
	stage_subscribe(&s, 1, AQ_SUB_TRADES);
	stage_run(&s, at(3) - 1);
	assert_int_equal(how_many(&s, SIM_KLINE), 1);
	stage_run(&s, at(3));
	assert_int_equal(how_many(&s, SIM_KLINE), 2);
	const struct sim_frame *f = said(&s, SIM_KLINE);
	struct aq_kline second = kline(1, 101);
	assert_memory_equal(SIM_BODY(aq_kline, f), &second, sizeof second);
	assert_int_equal(f->venue_ns, second.end_ns);
	stage_close(&s);
}

static void candles_of_the_past_are_told_when_candles_are_asked_for(void **state)
{
	struct stage s;
	struct tape t;
	candles(&t, 6);
	open_with(&s, &t);
	stage_run(&s, at(4));
	ask_past(&s, kline(1, 1).open_ns, UINT32_MAX);
	ask_past(&s, INT64_MIN, 3); /* trades alone */
	stage_run(&s, at(4) + 1);
	assert_int_equal(how_many(&s, SIM_PAST_KLINE), 3); /* the fifth is not over */
	for (int i = 1; i < 4; i++) {
		const struct sim_frame *f = said(&s, SIM_PAST_KLINE);
		struct aq_kline want = kline(i, 100 + i);
		assert_memory_equal(SIM_BODY(aq_kline, f), &want, sizeof want);
		assert_int_equal(f->seq, 42);
	}
	assert_int_equal(SIM_BODY(sim_past, said(&s, SIM_PAST_END))->since_ns, kline(1, 1).open_ns);
	assert_int_equal(how_many(&s, SIM_PAST_END), 2);
	assert_int_equal(how_many(&s, SIM_PAST_TRADE), 0);
	stage_close(&s);
}

/* What lies before the first candle is not known. */
static void the_past_begins_with_the_first_candle(void **state)
{
	struct stage s;
	struct tape t;
	candles(&t, 2);
	open_with(&s, &t);
	stage_run(&s, at(2));
	ask_past(&s, 0, UINT32_MAX);
	stage_run(&s, at(2) + 1);
	assert_int_equal(SIM_BODY(sim_past, said(&s, SIM_PAST_END))->since_ns, kline(0, 1).open_ns);
	stage_close(&s);
}

static void orders_on_candles_alone_are_refused(void **state)
{
	struct stage s;
	struct tape t;
	candles(&t, 4);
	open_with(&s, &t);
	stage_run(&s, at(1));
	PLACE(&s, 1, 1, AQ_BUY, 100, 1);
	stage_run(&s, at(1) + 1);
	const struct aq_order_update *u = said_order(&s, 1, AQ_UP_REJECTED, AQ_VENUE_OTHER);
	assert_string_equal(u->text, "the capture has only candles of this market, and they fill no order");
	MARKET(&s, 1, 2, AQ_BUY, 1);
	stage_run(&s, at(3));
	said_order(&s, 2, AQ_UP_REJECTED, AQ_VENUE_OTHER);
	assert_int_equal(how_many(&s, SIM_FILL), 0);
	stage_close(&s);
}

/* With one trade in any of the files they are as with any capture. */
static void a_trade_beside_candles_fills(void **state)
{
	struct stage s;
	struct tape t;
	candles(&t, 2);
	tape_trade(&t, 1, MS(at(2)), 99, 5, AQ_SELL);
	open_with(&s, &t);
	stage_run(&s, at(1));
	PLACE(&s, 1, 1, AQ_BUY, 100, 1);
	stage_run(&s, at(2) + 1);
	said_order(&s, 1, AQ_UP_OPEN, AQ_CODE_NONE);
	said_fill(&s, 1, 100, 1, AQ_MAKER);
	stage_close(&s);
}

/* No book: nothing is displayed, so nothing is ahead of a limit order and nothing is there for a market order. */
static void trades_alone_fill_what_rests(void **state)
{
	struct stage s;
	struct tape t;
	tape_begin(&t, 1);
	tape_instrument(&t, AQ_SPOT, "BTC/USDT");
	tape_trade(&t, 1, MS(0), 100, 1, AQ_BUY);
	tape_trade(&t, 1, MS(20), 100, 0.4, AQ_SELL);
	tape_trade(&t, 1, MS(30), 99, 0.1, AQ_SELL);
	open_with(&s, &t);
	stage_run(&s, 5);
	MARKET(&s, 1, 1, AQ_BUY, 1);
	PLACE(&s, 1, 2, AQ_BUY, 100, 1);
	stage_run(&s, 25);
	said_order(&s, 1, AQ_UP_OPEN, AQ_CODE_NONE);
	said_order(&s, 1, AQ_UP_CANCELLED, AQ_VENUE_UNFILLED);
	assert_int_equal(said_order(&s, 2, AQ_UP_OPEN, AQ_CODE_NONE)->ahead, 0);
	said_fill(&s, 2, 100, 0.4, AQ_MAKER); /* what was traded at its price */
	stage_run(&s, 35);
	said_fill(&s, 2, 100, 0.6, AQ_MAKER); /* all of it, since the price went beyond */
	stage_close(&s);
}

static void check_refused(struct aq_kline k, const char *why)
{
	struct sim_venue *venue = NULL;
	struct stage s;
	struct tape t;
	struct aq_err err = {0};
	tape_begin(&t, 1);
	tape_instrument(&t, AQ_SPOT, "BTC/USDT");
	*tape_kline(&t, kline(0, 100)) = k;
	stage_begin(&s);
	stage_tape(&s, &t);
	assert_int_equal(sim_venue_create(&venue, &s.options, &err), AQ_EFORMAT);
	if (strstr(err.text, why) == NULL)
		fail_msg("%s: not \"%s\"", err.text, why);
	stage_forget(&s);
}

static void candles_that_cannot_be_are_named(void **state)
{
	struct aq_kline good = kline(0, 100), k;
	k = good, k.low = 0, check_refused(k, "a candle has no possible prices");
	k = good, k.low = k.open + 1, check_refused(k, "a candle has no possible prices");
	k = good, k.high = k.close - 1, check_refused(k, "a candle has no possible prices");
	k = good, k.high = INT64_MAX, check_refused(k, "a candle has no possible prices");
	k = good, k.qty = -1, check_refused(k, "a candle has no possible quantity");
	k = good, k.value.hi = -1, check_refused(k, "a candle has no possible quantity");
	k = good, k.closed = 0, check_refused(k, "interval or times of a candle are out of range");
	k = good, k.interval = AQ_1Y + 1, check_refused(k, "interval or times of a candle are out of range");
	k = good, k.end_ns = k.open_ns, check_refused(k, "interval or times of a candle are out of range");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(candles_come_with_their_end),
		cmocka_unit_test(candles_of_the_past_are_told_when_candles_are_asked_for),
		cmocka_unit_test(the_past_begins_with_the_first_candle),
		cmocka_unit_test(orders_on_candles_alone_are_refused),
		cmocka_unit_test(a_trade_beside_candles_fills),
		cmocka_unit_test(trades_alone_fill_what_rests),
		cmocka_unit_test(candles_that_cannot_be_are_named),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
