/* kline.c: see kline.h. */
#include "flow/kline.h"

#include "base/check.h"

#include "decimal.h"

#define MINUTE_NS 60000000000ll
#define DAY_NS (1440 * MINUTE_NS)
#define MONDAY_NS (4 * DAY_NS) /* 1970-01-05 was the first one */

/* Fixed lengths; 0: the calendar's. */
static const struct interval {
	const char *name;
	int64_t ns, offset_ns;
} intervals[] = {
	[AQ_1M] = {"1m", MINUTE_NS, 0},
	[AQ_3M] = {"3m", 3 * MINUTE_NS, 0},
	[AQ_5M] = {"5m", 5 * MINUTE_NS, 0},
	[AQ_15M] = {"15m", 15 * MINUTE_NS, 0},
	[AQ_30M] = {"30m", 30 * MINUTE_NS, 0},
	[AQ_1H] = {"1h", 60 * MINUTE_NS, 0},
	[AQ_2H] = {"2h", 120 * MINUTE_NS, 0},
	[AQ_3H] = {"3h", 180 * MINUTE_NS, 0},
	[AQ_4H] = {"4h", 240 * MINUTE_NS, 0},
	[AQ_6H] = {"6h", 360 * MINUTE_NS, 0},
	[AQ_8H] = {"8h", 480 * MINUTE_NS, 0},
	[AQ_12H] = {"12h", 720 * MINUTE_NS, 0},
	[AQ_1D] = {"1d", DAY_NS, 0},
	[AQ_3D] = {"3d", 3 * DAY_NS, 0},
	[AQ_1W] = {"1w", 7 * DAY_NS, MONDAY_NS},
	[AQ_15D] = {"15d", 15 * DAY_NS, 0},
	[AQ_1MON] = {"1mon", 0, 0},
	[AQ_1Y] = {"1y", 0, 0},
};

bool kline_known(uint8_t interval)
{
	return interval > 0 && interval < sizeof(intervals) / sizeof(*intervals);
}

const char *kline_name(uint8_t interval)
{
	return kline_known(interval) ? intervals[interval].name : "?";
}

/* ---- the calendar ---- */

static int64_t floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

/* Months are counted from 1970-01. A year that begins in March has its odd day at the end. */
static int64_t days_of_month(int64_t month)
{
	int64_t shifted = month + 1970 * 12 - 2, year = floor_div(shifted, 12), of_year = shifted - year * 12;
	int64_t era = floor_div(year, 400), of_era = year - era * 400;

	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + (153 * of_year + 2) / 5 - 719468;
}

static int64_t month_of(int64_t day)
{
	int64_t month = floor_div(day * 400 * 12, 146097); /* right, or one off */

	while (days_of_month(month) > day)
		month--;
	while (days_of_month(month + 1) <= day)
		month++;
	return month;
}

static int64_t months(uint8_t interval)
{
	return interval == AQ_1Y ? 12 : 1;
}

int64_t kline_begin(uint8_t interval, int64_t at_ns)
{
	const struct interval *i = &intervals[interval];
	int64_t step = months(interval);

	if (i->ns != 0)
		return floor_div(at_ns - i->offset_ns, i->ns) * i->ns + i->offset_ns;
	return days_of_month(floor_div(month_of(floor_div(at_ns, DAY_NS)), step) * step) * DAY_NS;
}

int64_t kline_end(uint8_t interval, int64_t begin_ns)
{
	if (intervals[interval].ns != 0)
		return begin_ns + intervals[interval].ns;
	return days_of_month(month_of(begin_ns / DAY_NS) + months(interval)) * DAY_NS;
}

int64_t kline_begin_before(uint8_t interval, int64_t at_ns, uint32_t count)
{
	int64_t from = kline_begin(interval, at_ns), length = intervals[interval].ns, back;

	if (length == 0) {
		int64_t day = days_of_month(month_of(floor_div(from, DAY_NS)) - (int64_t)count * months(interval));

		return __builtin_mul_overflow(day, DAY_NS, &back) ? INT64_MIN : back;
	}
	if (__builtin_mul_overflow((int64_t)count, length, &back) || __builtin_sub_overflow(from, back, &back))
		return INT64_MIN;
	return back;
}

bool kline_divides(uint8_t piece, uint8_t interval)
{
	const struct interval *a = &intervals[piece], *b = &intervals[interval];

	if (piece == interval)
		return true;
	if (a->ns == 0 || b->ns == 0)
		return b->ns == 0 && (a->ns == 0 ? interval == AQ_1Y : DAY_NS % a->ns == 0);
	return b->ns % a->ns == 0 && (b->offset_ns - a->offset_ns) % a->ns == 0;
}

/* Whole intervals from one begin to a later one. */
static uint32_t steps(uint8_t interval, int64_t from_ns, int64_t to_ns)
{
	if (intervals[interval].ns != 0)
		return (uint32_t)((to_ns - from_ns) / intervals[interval].ns);
	return (uint32_t)((month_of(to_ns / DAY_NS) - month_of(from_ns / DAY_NS)) / months(interval));
}

/* ---- building ---- */

void kline_init(struct kline *k, uint8_t interval, int64_t since_ns)
{
	*k = (struct kline){.now = {.interval = interval}, .since_ns = since_ns, .last_end_ns = INT64_MIN, .last_ns = INT64_MIN,
		.told_ns = INT64_MIN};
}

/* `known_ns`: trades from then on are known. */
static void begin(struct kline *k, int64_t at_ns, int64_t known_ns)
{
	uint8_t interval = k->now.interval;
	int64_t open = kline_begin(interval, at_ns);

	k->now = (struct aq_kline){.interval = interval, .open_ns = open, .end_ns = kline_end(interval, open),
		.partial = open < known_ns, .empty = k->last_end_ns == INT64_MIN ? 0 : steps(interval, k->last_end_ns, open)};
}

static void take(struct aq_kline *k, const struct aq_trade *t, struct aq_amt value)
{
	k->trades++;
	if (k->open == 0) {
		k->open = k->high = k->low = t->price;
		k->first_trade = t->id;
	}
	k->high = t->price > k->high ? t->price : k->high;
	k->low = t->price < k->low ? t->price : k->low;
	k->close = t->price;
	k->last_trade = t->id;
	k->qty += t->qty;
	CHECK(aq_amt_add(k->value, value, &k->value) == 0); /* fits() has seen to it */
	if (t->taker != AQ_BUY)
		return;
	k->taker_buy_qty += t->qty;
	CHECK(aq_amt_add(k->taker_buy_value, value, &k->taker_buy_value) == 0);
}

bool kline_close(struct kline *k, struct aq_kline *closed)
{
	if (!kline_begun(k))
		return false;
	*closed = k->now;
	closed->closed = 1;
	k->last_end_ns = k->now.end_ns;
	k->now = (struct aq_kline){.interval = closed->interval};
	return true;
}

/* A venue may say anything: what cannot be a trade is none. */
static bool makes_sense(const struct aq_trade *t, int64_t at_ns, struct aq_amt value)
{
	return at_ns > -KLINE_FAR_NS && at_ns < KLINE_FAR_NS && t->price > 0 && t->qty >= 0 && aq_amt_sign(value) >= 0;
}

/* The sums of the candle that is being built have room for it. */
static bool fits(const struct aq_kline *k, const struct aq_trade *t, struct aq_amt value)
{
	struct aq_amt sum;

	return k->qty <= INT64_MAX - t->qty && aq_amt_add(k->value, value, &sum) == 0;
}

bool kline_add(struct kline *k, const struct aq_trade *t, int64_t at_ns, struct aq_amt value, struct aq_kline *closed)
{
	bool ends = kline_begun(k) && at_ns >= k->now.end_ns;

	if (!makes_sense(t, at_ns, value) || (t->id != 0 && t->id <= k->last_id) || (!ends && !fits(&k->now, t, value)))
		return false;
	if (at_ns < k->last_end_ns || at_ns < k->told_ns || (kline_begun(k) && at_ns < k->now.open_ns)) {
		k->late++;
		return false;
	}
	k->last_id = t->id != 0 ? t->id : k->last_id;
	k->last_ns = at_ns > k->last_ns ? at_ns : k->last_ns;
	if (ends)
		kline_close(k, closed);
	if (!kline_begun(k))
		begin(k, at_ns, k->since_ns);
	take(&k->now, t, value);
	return ends;
}

/* ---- candles of the venue ---- */

bool kline_makes_sense(const struct aq_kline *k)
{
	if (!kline_known(k->interval) || !k->closed || k->open_ns <= -KLINE_FAR_NS || k->open_ns >= KLINE_FAR_NS)
		return false;
	if (k->open_ns != kline_begin(k->interval, k->open_ns) || k->end_ns != kline_end(k->interval, k->open_ns))
		return false;
	if (k->low <= 0 || k->low > k->open || k->low > k->close || k->high < k->open || k->high < k->close)
		return false;
	return k->qty >= 0 && k->taker_buy_qty >= 0 && aq_amt_sign(k->value) >= 0 && aq_amt_sign(k->taker_buy_value) >= 0;
}

/* Adds what a candle of the venue tells; false when the sums have no room for it. */
static bool take_candle(struct aq_kline *k, const struct aq_kline *piece)
{
	struct aq_kline sum = *k;

	if (__builtin_add_overflow(k->qty, piece->qty, &sum.qty) ||
		__builtin_add_overflow(k->taker_buy_qty, piece->taker_buy_qty, &sum.taker_buy_qty) ||
		__builtin_add_overflow(k->trades, piece->trades, &sum.trades) ||
		aq_amt_add(k->value, piece->value, &sum.value) != 0 ||
		aq_amt_add(k->taker_buy_value, piece->taker_buy_value, &sum.taker_buy_value) != 0)
		return false;
	if (k->open == 0) {
		sum.open = piece->open;
		sum.low = piece->low;
		sum.first_trade = piece->first_trade;
	}
	sum.high = piece->high > k->high ? piece->high : k->high;
	sum.low = piece->low < sum.low ? piece->low : sum.low;
	sum.close = piece->close;
	sum.last_trade = piece->last_trade;
	sum.partial = k->partial || piece->partial;
	*k = sum;
	return true;
}

/* Something of its time has been told already. */
static bool is_told(const struct kline *k, int64_t begin_ns)
{
	return begin_ns < k->last_end_ns || begin_ns < k->told_ns || begin_ns <= k->last_ns ||
		(kline_begun(k) && begin_ns < k->now.open_ns);
}

bool kline_add_candle(struct kline *k, const struct aq_kline *piece, struct aq_kline *closed)
{
	bool ends = kline_begun(k) && piece->open_ns >= k->now.end_ns;

	if (!kline_makes_sense(piece) || !kline_divides(piece->interval, k->now.interval))
		return false;
	if (is_told(k, piece->open_ns)) {
		k->late++;
		return false;
	}
	if (ends)
		kline_close(k, closed);
	if (!kline_begun(k))
		begin(k, piece->open_ns, piece->open_ns < k->since_ns ? piece->open_ns : k->since_ns);
	if (take_candle(&k->now, piece)) /* into one that has just begun it always fits */
		k->told_ns = piece->end_ns;
	return ends;
}

bool kline_complete(const struct kline *k)
{
	return kline_begun(k) && k->told_ns >= k->now.end_ns;
}
