/* test_kline.c: candles: when each interval begins and ends, and what trades make of them. */
#include "flow/kline.h"

#include "kline_naive.h"

#include "decimal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#define DAY (86400 * NAIVE_SECOND)
#define PX_DIGITS 2
#define QTY_DIGITS 3
#define TRADES 3000

/* ---- the calendar ---- */

static void check_moment(uint8_t interval, int64_t at_ns)
{
	int64_t begin = kline_begin(interval, at_ns), end = kline_end(interval, begin);

	if (begin != naive_begin(interval, at_ns) || end != naive_end(interval, at_ns) || begin > at_ns || end <= at_ns)
		fail_msg("%s at %lld: %lld to %lld, not %lld to %lld", kline_name(interval), (long long)at_ns, (long long)begin,
			(long long)end, (long long)naive_begin(interval, at_ns), (long long)naive_end(interval, at_ns));
}

static void check_around(uint8_t interval, int64_t at_ns)
{
	check_moment(interval, at_ns - 1);
	check_moment(interval, at_ns);
	check_moment(interval, at_ns + 1);
}

/* From 1890 to 2110: leap years, 1900 and 2100 that are none, and what lies before 1970. */
static void intervals_are_those_of_the_calendar(void **state)
{
	for (uint8_t interval = AQ_1M; interval <= AQ_1Y; interval++) {
		for (int64_t day = -29220; day < 51136; day++)
			check_moment(interval, day * DAY + (day * 7919 % 86400 + 86400) % 86400 * NAIVE_SECOND + 123456789);
		for (int month = -80 * 12; month < 140 * 12; month++) {
			struct tm tm = {.tm_year = 70, .tm_mon = month, .tm_mday = 1};

			check_around(interval, naive_ns(tm));
		}
	}
}

/* Every candle of a year, from end to end: they meet, and none is skipped. */
static void a_candle_ends_where_the_next_begins(void **state)
{
	for (uint8_t interval = AQ_1M; interval <= AQ_1Y; interval++) {
		int64_t at = kline_begin(interval, INT64_C(1704067200) * NAIVE_SECOND - 40 * DAY), last = at + 420 * DAY;

		for (; at < last; at = kline_end(interval, at)) {
			check_around(interval, at);
			assert_int_equal(kline_begin(interval, kline_end(interval, at)), kline_end(interval, at));
		}
	}
}

static void known_dates(void **state)
{
	static const struct {
		uint8_t interval;
		int64_t at, begin, end; /* seconds */
	} is[] = {
		{AQ_1W, 1709164800, 1708905600, 1709510400},    /* Thursday 2024-02-29: Monday 26 February to 4 March */
		{AQ_1W, 0, -259200, 345600},                    /* 1970-01-01 was a Thursday */
		{AQ_3D, 1709164800, 1709164800, 1709424000},    /* day 19782 is 6594 times three */
		{AQ_15D, 1709164800, 1708128000, 1709424000},   /* from day 1318 times fifteen */
		{AQ_15D, -1, -15 * 86400, 0},
		{AQ_1MON, 1709251199, 1706745600, 1709251200},  /* the last second of 29 February 2024 */
		{AQ_1Y, 1709164800, 1704067200, 1735689600},
		{AQ_1MON, -2203891201, -2206310400, -2203891200}, /* February 1900 had 28 days */
	};

	for (size_t i = 0; i < sizeof(is) / sizeof(*is); i++) {
		int64_t begin = kline_begin(is[i].interval, is[i].at * NAIVE_SECOND);

		assert_int_equal(begin / NAIVE_SECOND, is[i].begin);
		assert_int_equal(kline_end(is[i].interval, begin) / NAIVE_SECOND, is[i].end);
	}
}

static void candles_are_counted_backwards(void **state)
{
	int64_t now = INT64_C(1709164800) * NAIVE_SECOND + 1;

	for (uint8_t interval = AQ_1M; interval <= AQ_1Y; interval++) {
		int64_t at = naive_begin(interval, now);

		for (uint32_t count = 0; count < 300 && at > -KLINE_FAR_NS; count++, at = naive_begin(interval, at - 1))
			assert_int_equal(kline_begin_before(interval, now, count), at);
		assert_true(kline_begin_before(interval, now, 4096) < at);
		assert_true(kline_begin_before(interval, now, UINT32_MAX) <= kline_begin_before(interval, now, 4096));
	}
	assert_int_equal(kline_begin_before(AQ_1Y, now, 4096), INT64_MIN);
}

static void names_and_numbers(void **state)
{
	static const char *const names[] = {"?", "1m", "3m", "5m", "15m", "30m", "1h", "2h", "3h", "4h", "6h", "8h", "12h", "1d",
		"3d", "1w", "15d", "1mon", "1y", "?"};

	for (uint8_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		assert_string_equal(kline_name(i), names[i]);
		assert_int_equal(kline_known(i), i >= AQ_1M && i <= AQ_1Y);
	}
	assert_false(kline_known(255));
}

/* ---- trades ---- */

static struct aq_amt value_of(const struct aq_trade *t)
{
	return naive_amount((naive_wide)t->price * (naive_wide)t->qty, PX_DIGITS + QTY_DIGITS);
}

static bool add(struct kline *k, const struct naive_trade *t, struct aq_kline *closed)
{
	return kline_add(k, &t->t, t->at_ns, value_of(&t->t), closed);
}

static struct naive_trade trade(uint64_t id, int64_t at_ns, aq_px price, aq_qty qty, uint8_t taker)
{
	return (struct naive_trade){.t = {.id = id, .price = price, .qty = qty, .taker = taker}, .at_ns = at_ns};
}

/* Prices that walk, distances of which a few span many candles. */
static uint32_t make_trades(struct naive_trade *out, uint8_t interval, unsigned seed)
{
	int64_t at = INT64_C(1709000000) * NAIVE_SECOND, length = naive_end(interval, at) - naive_begin(interval, at);
	aq_px price = 6170000;

	srand(seed);
	for (uint32_t i = 0;; i++) {
		int64_t part = length / 40 * (rand() % 4 == 0);

		price += rand() % 401 - 200;
		at += part == 0 ? 0 : part / 1000 * (rand() % 1000) + (rand() % 100 == 0 ? length * (rand() % 6) : 0);
		out[i] = trade(1000 + 3 * i, at, price, 1 + rand() % 5000, rand() % 2 == 0 ? AQ_BUY : AQ_SELL);
		if (i + 1 == TRADES || at >= KLINE_FAR_NS - 10 * length)
			return i + 1;
	}
}

/* How many candles without a trade lie between: counted one by one. */
static uint32_t empty_between(uint8_t interval, int64_t from_ns, int64_t to_ns)
{
	uint32_t count = 0;

	for (; from_ns < to_ns; from_ns = naive_end(interval, from_ns))
		count++;
	return count;
}

static void check_random(uint8_t interval, unsigned seed)
{
	static struct naive_trade trades[TRADES];
	uint32_t count = make_trades(trades, interval, seed), closed_count = 0, last = 0;
	int64_t last_end = INT64_MIN, since = trades[0].at_ns - 1;
	struct aq_kline closed, want;
	struct kline k;

	assert_true(count > 200);
	kline_init(&k, interval, since);
	for (uint32_t i = 0; i <= count; i++) {
		int64_t open = naive_begin(interval, trades[last].at_ns);

		if (i < count ? !add(&k, &trades[i], &closed) : !kline_close(&k, &closed))
			continue;
		want = naive_candle(trades, count, interval, open, naive_end(interval, open), PX_DIGITS + QTY_DIGITS);
		want.closed = 1;
		want.partial = open < since;
		want.empty = last_end == INT64_MIN ? 0 : empty_between(interval, last_end, open);
		assert_memory_equal(&closed, &want, sizeof(want));
		last_end = want.end_ns;
		last = i;
		closed_count++;
	}
	assert_true(closed_count > 5 && k.late == 0);
}

static void candles_of_random_trades(void **state)
{
	for (uint8_t interval = AQ_1M; interval <= AQ_1Y; interval++)
		for (unsigned seed = 0; seed < 20; seed++)
			check_random(interval, seed);
}

#define NOON (INT64_C(1709208000) * NAIVE_SECOND)

static void each_trade_shows_in_the_candle(void **state)
{
	struct naive_trade trades[] = {trade(5, NOON, 10000, 7, AQ_SELL), trade(6, NOON, 9990, 1, AQ_BUY),
		trade(7, NOON + 59 * NAIVE_SECOND, 10010, 2, AQ_BUY)};
	struct aq_kline closed, want;
	struct kline k;

	kline_init(&k, AQ_1M, NOON);
	for (uint32_t i = 0; i < 3; i++) {
		assert_false(add(&k, &trades[i], &closed));
		want = naive_candle(trades, i + 1, AQ_1M, NOON, NOON + 60 * NAIVE_SECOND, PX_DIGITS + QTY_DIGITS);
		assert_memory_equal(&k.now, &want, sizeof(want)); /* neither closed nor partial: it began with what is known */
	}
}

static void the_last_nanosecond_belongs_to_the_candle(void **state)
{
	struct naive_trade before = trade(1, NOON + 60 * NAIVE_SECOND - 1, 10000, 1, AQ_BUY);
	struct naive_trade after = trade(2, NOON + 60 * NAIVE_SECOND, 10000, 1, AQ_BUY);
	struct aq_kline closed;
	struct kline k;

	kline_init(&k, AQ_1M, NOON + 1);
	assert_false(add(&k, &before, &closed));
	assert_true(add(&k, &after, &closed));
	assert_true(closed.open_ns == NOON && closed.trades == 1 && closed.partial == 1 && closed.closed == 1);
	assert_true(k.now.open_ns == NOON + 60 * NAIVE_SECOND && k.now.partial == 0 && k.now.empty == 0);
}

static void late_and_repeated_trades_are_left_out(void **state)
{
	struct naive_trade first = trade(10, NOON, 10000, 1, AQ_BUY), next = trade(12, NOON + 61 * NAIVE_SECOND, 10, 1, AQ_BUY);
	struct naive_trade late = trade(13, NOON + 59 * NAIVE_SECOND, 1, 1, AQ_BUY);
	struct naive_trade later = trade(14, NOON + 62 * NAIVE_SECOND, 20, 1, AQ_BUY);
	struct aq_kline closed;
	struct kline k;

	kline_init(&k, AQ_1M, NOON);
	assert_false(add(&k, &first, &closed));
	assert_false(add(&k, &first, &closed));
	assert_true(k.now.trades == 1);
	assert_true(add(&k, &next, &closed));
	assert_false(add(&k, &late, &closed));
	assert_true(k.late == 1 && k.now.trades == 1 && k.now.low == 10);
	assert_true(kline_close(&k, &closed)); /* by the clock: what comes for it now is late, too */
	assert_false(kline_close(&k, &closed));
	assert_false(add(&k, &later, &closed));
	assert_true(k.late == 2 && k.now.trades == 0);
}

static void trades_without_ids_count_each(void **state)
{
	struct naive_trade same = trade(0, NOON, 10000, 1, AQ_BUY), known = trade(7, NOON, 10000, 1, AQ_BUY);
	struct aq_kline closed;
	struct kline k;

	kline_init(&k, AQ_1M, NOON);
	add(&k, &known, &closed);
	add(&k, &same, &closed);
	add(&k, &same, &closed);
	assert_true(k.now.trades == 3 && k.now.last_trade == 0);
	add(&k, &known, &closed); /* the one that had an id is still known */
	assert_true(k.now.trades == 3);
}

static void what_cannot_be_is_passed_over(void **state)
{
	struct aq_amt huge = {.hi = INT64_MAX / 2 + 1};
	struct naive_trade good = trade(0, NOON, 10000, 1, AQ_BUY), next = good;
	struct naive_trade bad[] = {trade(0, INT64_MAX, 1, 1, AQ_BUY), trade(0, INT64_MIN, 1, 1, AQ_BUY),
		trade(0, KLINE_FAR_NS, 1, 1, AQ_BUY), trade(0, NOON, 0, 1, AQ_BUY), trade(0, NOON, -1, 1, AQ_BUY),
		trade(0, NOON, AQ_NONE, 1, AQ_BUY), trade(0, NOON, 1, -1, AQ_BUY)};
	struct aq_kline closed, before;
	struct kline k;

	next.at_ns += 60 * NAIVE_SECOND;
	for (uint8_t interval = AQ_1M; interval <= AQ_1Y; interval++) {
		kline_init(&k, interval, NOON);
		add(&k, &good, &closed);
		before = k.now;
		for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
			assert_false(kline_add(&k, &bad[i].t, bad[i].at_ns, value_of(&good.t), &closed));
		assert_false(kline_add(&k, &good.t, NOON, (struct aq_amt){.lo = 1, .hi = -1}, &closed));
		assert_memory_equal(&k.now, &before, sizeof(before));
	}
	kline_init(&k, AQ_1M, NOON);
	assert_false(kline_add(&k, &good.t, NOON, huge, &closed));
	assert_false(kline_add(&k, &good.t, NOON, huge, &closed)); /* more than a sum can hold */
	assert_true(k.now.trades == 1 && aq_amt_cmp(k.now.value, huge) == 0);
	good.t.qty = INT64_MAX;
	assert_false(kline_add(&k, &good.t, NOON, (struct aq_amt){0}, &closed));
	assert_true(k.now.trades == 1 && k.now.qty == 1);
	next.t.qty = INT64_MAX;
	assert_true(kline_add(&k, &next.t, next.at_ns, huge, &closed)); /* of another candle */
	assert_true(closed.qty == 1 && k.now.qty == INT64_MAX && k.now.trades == 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(intervals_are_those_of_the_calendar),
		cmocka_unit_test(a_candle_ends_where_the_next_begins),
		cmocka_unit_test(known_dates),
		cmocka_unit_test(candles_are_counted_backwards),
		cmocka_unit_test(names_and_numbers),
		cmocka_unit_test(candles_of_random_trades),
		cmocka_unit_test(each_trade_shows_in_the_candle),
		cmocka_unit_test(the_last_nanosecond_belongs_to_the_candle),
		cmocka_unit_test(late_and_repeated_trades_are_left_out),
		cmocka_unit_test(trades_without_ids_count_each),
		cmocka_unit_test(what_cannot_be_is_passed_over),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
