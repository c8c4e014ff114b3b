/* test_candles_stored.c: the past out of a store and out of the adapter as one: by time, each once; what is not joined to now is
 * not told. */
#include "flow_rig.h"

#include "flow/candles.h"

#define MINUTE (60 * SECOND)
#define BEGIN (RIG_START + 600 * SECOND)

static struct rig rig;

static int setup(void **state)
{
	struct flow_options options = rig_options();

	options.kline_grace_ns = SECOND;
	rig_new_with(&rig, &options);
	rig.f.now_ns = BEGIN + 8 * MINUTE + SECOND; /* the eighth is over */
	rig_clear(&rig);
	return 0;
}

static int teardown(void **state)
{
	rig_free(&rig);
	return 0;
}

static void emit(uint16_t type, uint16_t flags, uint64_t tag, int64_t venue_ns, const void *body, size_t size)
{
	struct {
		struct aq_event head;
		uint8_t bytes[sizeof(struct aq_kline)];
	} record = {.head = {.type = type, .flags = flags, .tag = tag, .instrument = rig.spot, .venue_ns = venue_ns}};

	memcpy(record.bytes, body, size);
	record.head.size = (uint32_t)(sizeof(record.head) + size);
	assert_int_equal(flow_emit(&rig.f, rig.exchange, &record.head), AQ_OK);
	assert_true(flow_apply_next(&rig.f));
}

/* Ten trades a minute; the nth has the id n + 1, and its quantity tells it from others. */
static struct aq_trade trade(int n)
{
	return (struct aq_trade){.id = (uint64_t)n + 1, .price = 10000 + 37 * n % 101, .qty = 1 + n, .taker = AQ_BUY};
}

static int64_t time_of(int n)
{
	return BEGIN + n * (MINUTE / 10);
}

static struct aq_kline minute(int m)
{
	struct aq_kline k = {.interval = AQ_1M, .open_ns = BEGIN + m * MINUTE, .end_ns = BEGIN + (m + 1) * MINUTE, .closed = 1, .trades = 10};

	for (int n = 10 * m; n < 10 * (m + 1); n++) {
		struct aq_trade t = trade(n);

		k.open = n == 10 * m ? t.price : k.open;
		k.high = t.price > k.high ? t.price : k.high;
		k.low = k.low == 0 || t.price < k.low ? t.price : k.low;
		k.close = t.price;
		k.qty += t.qty;
	}
	return k;
}

static uint64_t want(uint8_t interval, uint32_t count)
{
	assert_int_equal(candles_want(&rig.f, rig.strategy, rig.spot, interval, count), AQ_OK);
	return AQ_BODY(aq_past, rig_last(&rig, rig.exchange, AQ_EV_PAST))->request;
}

/* Minutes from .. to - 1. */
static void store_minutes(uint64_t request, int from, int to)
{
	struct aq_kline list[16];

	for (int m = from; m < to; m++)
		list[m - from] = minute(m);
	candles_stored_klines(&rig.f, request, list, (uint32_t)(to - from), list[to - from - 1].end_ns);
}

static void store_trades(uint64_t request, int from, int to)
{
	struct candles_trade list[128];

	for (int n = from; n < to; n++)
		list[n - from] = (struct candles_trade){.t = trade(n), .at_ns = time_of(n)};
	candles_stored_trades(&rig.f, request, list, (uint32_t)(to - from));
}

/* The adapter tells the trades from .. to - 1, and that these are all. */
static void adapter_tells(uint64_t request, int from, int to)
{
	struct aq_history body = {.since_ns = time_of(from), .request = request};

	for (int n = from; n < to; n++) {
		struct aq_trade t = trade(n);

		emit(AQ_EV_TRADE, AQ_EV_HISTORICAL, request, time_of(n), &t, sizeof(t));
	}
	emit(AQ_EV_HISTORY, 0, 0, 0, &body, sizeof(body));
}

/* Candles of the past, which are the minutes from .. to - 1. */
static void need_minutes(int from, int to)
{
	int m = from;

	rig_drain(&rig);
	for (uint32_t i = 0; i < rig.count; i++) {
		const struct aq_event *event = &rig.events[i].u.head;
		const struct aq_kline *k = AQ_BODY(aq_kline, event);
		struct aq_kline expected = minute(m);

		if (rig.events[i].to != rig.strategy || event->type != AQ_EV_KLINE || (event->flags & AQ_EV_HISTORICAL) == 0)
			continue;
		assert_int_equal(k->open_ns, expected.open_ns);
		assert_int_equal(k->qty, expected.qty);
		assert_int_equal(k->trades, 10);
		assert_true(k->open == expected.open && k->high == expected.high && k->low == expected.low && k->close == expected.close);
		assert_false(k->partial);
		m++;
	}
	assert_int_equal(m, to);
	assert_int_equal(rig_seen(&rig, rig.strategy, AQ_EV_HISTORY), 1);
}

static void need_trades(int from, int to)
{
	int n = from;

	rig_drain(&rig);
	for (uint32_t i = 0; i < rig.count; i++) {
		const struct aq_event *event = &rig.events[i].u.head;

		if (rig.events[i].to != rig.strategy || event->type != AQ_EV_TRADE)
			continue;
		assert_int_equal(AQ_BODY(aq_trade, event)->id, (uint64_t)n + 1);
		assert_int_equal(event->venue_ns, time_of(n));
		n++;
	}
	assert_int_equal(n, to);
}

static void the_adapter_goes_on_where_the_store_ends(void **state)
{
	uint64_t request = want(AQ_1M, 8);

	store_minutes(request, 0, 5);
	adapter_tells(request, 50, 80);
	need_minutes(0, 8);
}

/* It knows more than it was asked for, and reaches back into what was stored. */
static void nothing_is_double(void **state)
{
	uint64_t request = want(AQ_1M, 8);

	store_minutes(request, 0, 5);
	adapter_tells(request, 23, 80);
	need_minutes(0, 8);
}

/* The store begins later than the adapter, which is asked for all. */
static void what_is_older_comes_first(void **state)
{
	uint64_t request = want(AQ_1M, 8);

	store_minutes(request, 3, 5);
	adapter_tells(request, 0, 80);
	need_minutes(0, 8);
}

static void longer_candles_are_made_of_both(void **state)
{
	uint64_t request;

	rig.f.now_ns = BEGIN + 10 * MINUTE;
	request = want(AQ_5M, 2);
	store_minutes(request, 0, 7);
	adapter_tells(request, 70, 100);
	rig.f.now_ns = BEGIN + 10 * MINUTE + SECOND;
	flow_tick(&rig.f);
	rig_drain(&rig);
	const struct aq_kline *k = AQ_BODY(aq_kline, rig_last(&rig, rig.strategy, AQ_EV_KLINE));
	assert_int_equal(k->open_ns, BEGIN + 5 * MINUTE);
	assert_int_equal(k->trades, 50);
	assert_false(k->partial);
}

/* Minutes 5 and half of 6 are known to neither. */
static void what_is_torn_off_is_not_told(void **state)
{
	uint64_t request = want(AQ_1M, 8);

	store_minutes(request, 0, 5);
	adapter_tells(request, 65, 80);
	need_minutes(7, 8);
}

static void without_an_answer_nothing_stored_is_told(void **state)
{
	uint64_t request = want(AQ_1M, 8);
	struct aq_trade t = trade(81);

	store_minutes(request, 0, 5);
	emit(AQ_EV_TRADE, 0, 0, time_of(81), &t, sizeof(t));
	rig.f.now_ns += 20 * SECOND;
	flow_tick(&rig.f);
	need_minutes(0, 0);
	rig.f.now_ns = BEGIN + 9 * MINUTE + SECOND;
	flow_tick(&rig.f);
	rig_drain(&rig);
	assert_true(AQ_BODY(aq_kline, rig_last(&rig, rig.strategy, AQ_EV_KLINE))->partial); /* its begin is not known */
}

static void trades_are_joined_by_their_ids(void **state)
{
	uint64_t request = want(AQ_TRADES_ONLY, 60);

	store_trades(request, 10, 70);
	adapter_tells(request, 69, 80);
	need_trades(20, 80);
}

static void trades_that_are_older_come_first(void **state)
{
	uint64_t request = want(AQ_TRADES_ONLY, 60);

	store_trades(request, 50, 70);
	adapter_tells(request, 30, 80);
	need_trades(30, 80);
}

static void torn_off_trades_are_not_told(void **state)
{
	uint64_t request = want(AQ_TRADES_ONLY, 60);

	store_trades(request, 10, 70);
	adapter_tells(request, 72, 80);
	need_trades(72, 80);
}

static void nobody_waits_any_more(void **state)
{
	uint64_t request = want(AQ_1M, 8);
	struct candles_asked asked;

	assert_true(candles_asked(&rig.f, request, &asked));
	assert_true(asked.instance == rig.strategy && asked.instrument == rig.spot && asked.interval == AQ_1M && asked.count == 8);
	store_minutes(request, 0, 5);
	store_minutes(request, 1, 5); /* the later counts */
	store_trades(request, 0, 5);  /* it has not asked for these */
	candles_forget(&rig.f, rig.strategy);
	assert_false(candles_asked(&rig.f, request, &asked));
	store_minutes(request, 0, 5);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {TEST(the_adapter_goes_on_where_the_store_ends), TEST(nothing_is_double),
		TEST(what_is_older_comes_first), TEST(longer_candles_are_made_of_both), TEST(what_is_torn_off_is_not_told),
		TEST(without_an_answer_nothing_stored_is_told), TEST(trades_are_joined_by_their_ids),
		TEST(trades_that_are_older_come_first), TEST(torn_off_trades_are_not_told), TEST(nobody_waits_any_more)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
