/* kline_naive.h: candles as one would compute them by hand, for tests of those of the core: the C library's calendar, and
 * for each candle one pass over all trades. */
#ifndef TESTS_KLINE_NAIVE_H
#define TESTS_KLINE_NAIVE_H

#include <aioquant/event.h>

#include <stdbool.h>
#include <string.h>
#include <time.h>

#define NAIVE_SECOND INT64_C(1000000000)

struct naive_trade {
	struct aq_trade t;
	int64_t at_ns;
};

static inline struct tm naive_tm(int64_t at_ns)
{
	time_t seconds = (time_t)(at_ns / NAIVE_SECOND);
	struct tm tm;

	if (at_ns < 0 && at_ns % NAIVE_SECOND != 0)
		seconds--;
	gmtime_r(&seconds, &tm);
	tm.tm_sec = 0;
	return tm;
}

static inline int64_t naive_ns(struct tm tm)
{
	return (int64_t)timegm(&tm) * NAIVE_SECOND;
}

/* Days since 1970-01-01 modulo `n`. */
static inline int naive_day_of(struct tm tm, int n)
{
	tm.tm_hour = tm.tm_min = 0;
	return (int)((timegm(&tm) / 86400 % n + n) % n);
}

/* The fields of the begin; what is added to them for the end stands in *step. */
static inline struct tm naive_begin_tm(uint8_t interval, int64_t at_ns, struct tm *step)
{
	static const int minutes[] = {[AQ_1M] = 1, [AQ_3M] = 3, [AQ_5M] = 5, [AQ_15M] = 15, [AQ_30M] = 30};
	static const int hours[] = {[AQ_1H] = 1, [AQ_2H] = 2, [AQ_3H] = 3, [AQ_4H] = 4, [AQ_6H] = 6, [AQ_8H] = 8, [AQ_12H] = 12};
	struct tm tm = naive_tm(at_ns);

	memset(step, 0, sizeof(*step));
	if (interval <= AQ_30M) {
		step->tm_min = minutes[interval];
		tm.tm_min -= tm.tm_min % step->tm_min;
		return tm;
	}
	tm.tm_min = 0;
	if (interval <= AQ_12H) {
		step->tm_hour = hours[interval];
		tm.tm_hour -= tm.tm_hour % step->tm_hour;
		return tm;
	}
	tm.tm_hour = 0;
	if (interval <= AQ_15D) {
		step->tm_mday = interval == AQ_1D ? 1 : interval == AQ_3D ? 3 : interval == AQ_1W ? 7 : 15;
		tm.tm_mday -= interval == AQ_1W ? (tm.tm_wday + 6) % 7 : naive_day_of(tm, step->tm_mday);
		return tm;
	}
	step->tm_mon = interval == AQ_1MON;
	step->tm_year = interval == AQ_1Y;
	tm.tm_mday = 1;
	tm.tm_mon = interval == AQ_1Y ? 0 : tm.tm_mon;
	return tm;
}

static inline int64_t naive_begin(uint8_t interval, int64_t at_ns)
{
	struct tm step;

	return naive_ns(naive_begin_tm(interval, at_ns, &step));
}

static inline int64_t naive_end(uint8_t interval, int64_t at_ns)
{
	struct tm step, tm = naive_begin_tm(interval, at_ns, &step);

	tm.tm_min += step.tm_min;
	tm.tm_hour += step.tm_hour;
	tm.tm_mday += step.tm_mday;
	tm.tm_mon += step.tm_mon;
	tm.tm_year += step.tm_year;
	return naive_ns(tm);
}

typedef unsigned __int128 naive_wide;

/* price x quantity of trades whose digits are `digits` together, at 10^-18. */
static inline struct aq_amt naive_amount(naive_wide sum, unsigned digits)
{
	for (; digits < 18; digits++)
		sum *= 10;
	return (struct aq_amt){.lo = (uint64_t)sum, .hi = (int64_t)(sum >> 64)};
}

/* The candle of [open_ns, end_ns), `trades` = 0 when there is none; without what depends on others: empty, partial. */
static inline struct aq_kline naive_candle(const struct naive_trade *trades, uint32_t count, uint8_t interval, int64_t open_ns,
	int64_t end_ns, unsigned digits)
{
	struct aq_kline k = {.interval = interval, .open_ns = open_ns, .end_ns = end_ns};
	naive_wide value = 0, taken = 0;

	for (uint32_t i = 0; i < count; i++) {
		const struct aq_trade *t = &trades[i].t;

		if (trades[i].at_ns < open_ns || trades[i].at_ns >= end_ns)
			continue;
		if (k.trades++ == 0)
			k = (struct aq_kline){.interval = interval, .open_ns = open_ns, .end_ns = end_ns, .open = t->price,
				.high = t->price, .low = t->price, .trades = 1, .first_trade = t->id};
		k.high = k.high < t->price ? t->price : k.high;
		k.low = k.low > t->price ? t->price : k.low;
		k.close = t->price;
		k.last_trade = t->id;
		k.qty += t->qty;
		value += (naive_wide)t->price * (naive_wide)t->qty;
		k.taker_buy_qty += t->taker == AQ_BUY ? t->qty : 0;
		taken += t->taker == AQ_BUY ? (naive_wide)t->price * (naive_wide)t->qty : 0;
	}
	k.value = naive_amount(value, digits);
	k.taker_buy_value = naive_amount(taken, digits);
	return k;
}

#endif
