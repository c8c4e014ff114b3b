/* test_kline_venue.c: candles made of a venue's shorter ones are those that its trades make. */
#include "flow/kline.h"

#include "kline_naive.h"

#include "decimal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#define PX_DIGITS 2
#define QTY_DIGITS 3
#define TRADES 2000
#define NOON (INT64_C(1709208000) * NAIVE_SECOND)
#define MINUTE (60 * NAIVE_SECOND)

static struct naive_trade trades[TRADES];
static struct aq_kline pieces[TRADES];

/* ---- which divides which ---- */

/* By hand: over years, each candle begins and ends where one of the piece does. */
static bool naive_divides(uint8_t piece, uint8_t interval)
{
	int64_t at = naive_begin(interval, NOON), last = at + 800 * 86400 * NAIVE_SECOND;

	for (; at < last; at = naive_end(interval, at))
		if (naive_begin(piece, at) != at || naive_begin(piece, naive_end(interval, at)) != naive_end(interval, at))
			return false;
	return true;
}

static void pieces_are_whole(void **state)
{
	for (uint8_t piece = AQ_1M; piece <= AQ_1Y; piece++)
		for (uint8_t interval = AQ_1M; interval <= AQ_1Y; interval++)
			if (kline_divides(piece, interval) != naive_divides(piece, interval))
				fail_msg("%s and %s", kline_name(piece), kline_name(interval));
}

/* ---- sums ---- */

/* Distances of which some are longer than the longer candle. */
static void make_trades(uint8_t interval, unsigned seed)
{
	int64_t at = INT64_C(1709000000) * NAIVE_SECOND, length = naive_end(interval, at) - naive_begin(interval, at);
	aq_px price = 6170000;

	srand(seed);
	for (uint32_t i = 0; i < TRADES; i++) {
		price += rand() % 401 - 200;
		at += length / 100000 * (rand() % 3000) + (rand() % 200 == 0 ? length * (rand() % 4) : 0);
		trades[i] = (struct naive_trade){
			.t = {.id = 1 + i, .price = price, .qty = 1 + rand() % 5000, .taker = rand() % 2 == 0 ? AQ_BUY : AQ_SELL},
			.at_ns = at};
	}
}

/* The closed candles of one interval, each by one pass over all trades. */
static uint32_t naive_candles(uint8_t interval, struct aq_kline *out)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < TRADES; i++) {
		int64_t open = naive_begin(interval, trades[i].at_ns);

		if (count > 0 && out[count - 1].open_ns == open)
			continue;
		out[count] = naive_candle(trades, TRADES, interval, open, naive_end(interval, open), PX_DIGITS + QTY_DIGITS);
		out[count++].closed = 1;
	}
	return count;
}

static void check_sums(uint8_t piece, uint8_t interval, unsigned seed)
{
	static struct aq_kline want[TRADES];
	struct aq_kline closed;
	struct kline k;
	uint32_t count, all, told = 0;

	make_trades(interval, seed);
	count = naive_candles(piece, pieces);
	all = naive_candles(interval, want);
	kline_init(&k, interval, INT64_MIN);
	for (uint32_t i = 0; i < count + 1; i++) {
		bool is = i < count ? kline_add_candle(&k, &pieces[i], &closed) : kline_close(&k, &closed);

		if (is) {
			assert_int_equal(closed.open_ns, want[told].open_ns);
			closed.empty = 0;
			assert_memory_equal(&closed, &want[told++], sizeof(closed));
		}
		if (i < count && kline_complete(&k) && kline_close(&k, &closed)) {
			closed.empty = 0;
			assert_memory_equal(&closed, &want[told++], sizeof(closed));
		}
	}
	assert_int_equal(told, all);
	assert_int_equal(k.late, 0);
}

static void sums_are_those_of_the_trades(void **state)
{
	for (uint8_t piece = AQ_1M; piece <= AQ_1MON; piece++)
		for (uint8_t interval = piece; interval <= AQ_1MON; interval++)
			if (kline_divides(piece, interval))
				check_sums(piece, interval, 100u * piece + interval);
}

/* ---- one at a time ---- */

static struct aq_kline minute(int64_t open_ns, aq_px price)
{
	return (struct aq_kline){.interval = AQ_1M, .open_ns = open_ns, .end_ns = open_ns + MINUTE, .open = price,
		.high = price + 2, .low = price - 2, .close = price + 1, .qty = 10, .closed = 1};
}

static void what_has_been_told_is_not_told_again(void **state)
{
	struct aq_kline first = minute(NOON, 100), second = minute(NOON + MINUTE, 110), closed;
	struct aq_trade t = {.id = 7, .price = 105, .qty = 1};
	struct kline k;

	kline_init(&k, AQ_5M, INT64_MIN);
	assert_false(kline_add_candle(&k, &first, &closed));
	assert_false(kline_add_candle(&k, &first, &closed));
	assert_true(k.now.qty == 10 && k.late == 1);
	assert_false(kline_add(&k, &t, NOON + MINUTE - 1, aq_amt_of(1), &closed)); /* of the first's time */
	assert_true(k.now.qty == 10 && k.late == 2);
	assert_false(kline_add(&k, &t, NOON + MINUTE + 5, aq_amt_of(1), &closed));
	assert_true(k.now.qty == 11 && k.now.close == 105);
	assert_false(kline_add_candle(&k, &second, &closed)); /* the trade was of its time */
	assert_true(k.now.qty == 11 && k.late == 3);
}

/* Trades and their number need not be told: a candle is there all the same. */
static void a_candle_without_a_number_of_trades_counts(void **state)
{
	struct aq_kline first = minute(NOON, 100), later = minute(NOON + 5 * MINUTE, 90), closed = {0};
	struct kline k;

	kline_init(&k, AQ_5M, NOON + 1);
	assert_false(kline_add_candle(&k, &first, &closed));
	assert_true(kline_begun(&k) && !k.now.partial && k.now.trades == 0); /* the venue's candle is whole */
	assert_true(kline_add_candle(&k, &later, &closed));
	assert_true(closed.closed && closed.open == 100 && closed.high == 102 && closed.low == 98 && closed.close == 101);
	assert_true(k.now.open == 90 && k.now.empty == 0);
}

static void a_candle_whose_begin_is_not_known_is_partial(void **state)
{
	struct aq_kline second = minute(NOON + MINUTE, 100), closed;
	struct kline k;

	kline_init(&k, AQ_5M, NOON + MINUTE + 1);
	assert_false(kline_add_candle(&k, &second, &closed));
	assert_true(k.now.partial);
}

static void nonsense_is_passed_over(void **state)
{
	struct aq_kline good = minute(NOON, 100), bad[12], closed;
	struct kline k;

	for (size_t i = 0; i < 12; i++)
		bad[i] = good;
	bad[0].low = 0;
	bad[1].high = 99;
	bad[2].low = 101;
	bad[3].qty = -1;
	bad[4].closed = 0;
	bad[5].end_ns++;
	bad[6].open_ns++;
	bad[7].interval = 0;
	bad[8].interval = 200;
	bad[9].value = (struct aq_amt){.lo = 1, .hi = -1};
	bad[10].open_ns = INT64_MAX;
	bad[11] = (struct aq_kline){.interval = AQ_15M, .open_ns = NOON, .end_ns = NOON + 15 * MINUTE, .open = 1, .high = 1,
		.low = 1, .close = 1, .closed = 1}; /* makes sense, but is longer */
	kline_init(&k, AQ_5M, INT64_MIN);
	for (size_t i = 0; i < 12; i++) {
		assert_int_equal(kline_makes_sense(&bad[i]), i == 11);
		assert_false(kline_add_candle(&k, &bad[i], &closed));
		assert_false(kline_begun(&k));
	}
	good.qty = INT64_MAX;
	assert_false(kline_add_candle(&k, &good, &closed));
	bad[0] = minute(NOON + MINUTE, 100);
	assert_false(kline_add_candle(&k, &bad[0], &closed)); /* the sum has no room for it */
	assert_true(k.now.qty == INT64_MAX && k.told_ns == NOON + MINUTE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pieces_are_whole),
		cmocka_unit_test(sums_are_those_of_the_trades),
		cmocka_unit_test(what_has_been_told_is_not_told_again),
		cmocka_unit_test(a_candle_without_a_number_of_trades_counts),
		cmocka_unit_test(a_candle_whose_begin_is_not_known_is_partial),
		cmocka_unit_test(nonsense_is_passed_over),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
