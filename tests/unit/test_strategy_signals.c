/* Signals against their definitions: each is computed again from the whole history, in another way, or compared with
 * values that others have published; and what gaps, odd arguments and a reload do to them. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include <aioquant/strategy.h>
#include <mock.h>

#define MANY 1000
#define SECOND INT64_C(1000000000)
#define HALF (2 * SECOND)

/* A strategy that keeps every signal. */
struct signals {
	struct aq_market market;
	struct aq_ema ema, ema_at;
	struct aq_stdev stdev;
	struct aq_vwap vwap;
	struct aq_rsi rsi;
	struct aq_atr atr;
};

static const struct aq_option options[] = {AQ_MARKET(signals, market, AQ_BOOK, "a market"), AQ_END};
static const struct aq_keep keep[] = {AQ_KEEP(signals, ema), AQ_KEEP(signals, ema_at), AQ_KEEP(signals, stdev),
	AQ_KEEP(signals, vwap), AQ_KEEP(signals, rsi), AQ_KEEP(signals, atr), AQ_KEEP_END};

AQ_STRATEGY(signals, .summary = "keeps signals", .options = options, .keep = keep);

static void assert_near(double found, double expected)
{
	if (!(fabs(found - expected) <= 1e-9 * fmax(1, fabs(expected))))
		fail_msg("%.17g should be %.17g", found, expected);
}

/* A walk of prices near 100, and the times between them: none, a little, and long. */
struct walk {
	double price[MANY], qty[MANY];
	int64_t ns[MANY];
};

static struct walk *new_walk(unsigned seed)
{
	struct walk *w = malloc(sizeof(*w));
	int64_t now = INT64_C(1700000000) * SECOND;
	double price = 100;
	assert_non_null(w);
	srand(seed);
	for (int i = 0; i < MANY; i++) {
		price += (double)(rand() % 2001 - 1000) / 5000;
		now += i % 7 == 0 ? 0 : i % 100 == 50 ? 30 * SECOND : rand() % SECOND;
		w->price[i] = price;
		w->qty[i] = (double)(1 + rand() % 500) / 100;
		w->ns[i] = now;
	}
	return w;
}

/* ---- exponential mean by count ---- */

static void test_ema_is_its_definition(void **state)
{
	struct walk *w = new_walk(1);
	struct aq_ema s = {0};
	for (int k = 0; k < MANY; k++) {
		double found = aq_ema(&s, w->price[k], 20), sum = 0, weights = 0, squares = 0;
		for (int i = 0; i <= k; i++) { /* oldest first, by powers */
			double weight = pow(19.0 / 21, k - i);
			sum += weight * w->price[i];
			weights += weight;
		}
		for (int i = 0; i <= k; i++)
			squares += pow(19.0 / 21, k - i) * pow(w->price[i] - sum / weights, 2);
		if (k < 19) {
			assert_true(isnan(found));
			assert_true(isnan(aq_ema_stdev(&s)));
			continue;
		}
		assert_near(found, sum / weights);
		assert_near(aq_ema_stdev(&s), sqrt(squares / weights));
	}
	free(w);
}

static void test_ema_passes_over_what_is_no_number(void **state)
{
	struct aq_ema s = {0}, plain = {0};
	aq_ema(&s, 1, 2);
	aq_ema(&plain, 1, 2);
	assert_true(isnan(aq_ema(&s, NAN, 2)));
	assert_true(isnan(aq_ema(&s, INFINITY, 2)));
	assert_near(aq_ema(&s, 4, 2), aq_ema(&plain, 4, 2));
	assert_near(aq_ema(&s, NAN, 2), (1.0 / 3 * 1 + 1.0 * 4) / (1.0 / 3 + 1));
	assert_near(aq_ema(&s, 7, 1), 7); /* n may change: of one value it is the value */
	assert_true(isnan(aq_ema(&s, 7, 0)));
}

/* ---- exponential mean over time ---- */

/* Both by the antiderivative of the weight, piece by piece. A value that is no number leaves a hole. */
static void mean_over_time(const struct walk *w, int k, double *mean, double *deviation, double *seen)
{
	double sum = 0, squares = 0, weights = 0;
	for (int i = 0; i < k; i++) {
		double from = exp2(-(double)(w->ns[k] - w->ns[i]) / (double)HALF);
		double to = exp2(-(double)(w->ns[k] - w->ns[i + 1]) / (double)HALF);
		if (isnan(w->price[i]))
			continue;
		weights += to - from;
		sum += (to - from) * (w->price[i] - 100);
		squares += (to - from) * (w->price[i] - 100) * (w->price[i] - 100);
	}
	*seen = weights;
	*mean = 100 + sum / weights;
	*deviation = sqrt(fmax(0, squares / weights - sum / weights * (sum / weights)));
}

static void compare_over_time(const struct walk *w, int *warm, int *cold)
{
	struct aq_ema s = {0};
	for (int k = 0; k < MANY; k++) {
		double found = aq_ema_at(&s, w->price[k], w->ns[k], HALF), mean, deviation, seen;
		mean_over_time(w, k, &mean, &deviation, &seen);
		if (fabs(seen - 0.5) < 1e-6)
			continue;
		assert_int_equal(isnan(found) != 0, seen < 0.5);
		assert_int_equal(isnan(aq_ema_stdev(&s)) != 0, seen < 0.5);
		++*(seen < 0.5 ? cold : warm);
		if (seen < 0.5)
			continue;
		assert_near(found, mean);
		assert_true(fabs(aq_ema_stdev(&s) - deviation) < 1e-6); /* the other way cancels digits */
	}
}

static void test_ema_at_is_its_definition(void **state)
{
	struct walk *w = new_walk(2);
	int warm = 0, cold = 0;
	compare_over_time(w, &warm, &cold);
	assert_true(warm > 900 && cold >= 2);
	free(w);
}

static void test_ema_at_with_holes(void **state)
{
	struct walk *w = new_walk(3);
	int warm = 0, cold = 0;
	for (int i = 9; i < MANY; i += 20) /* some of them last for 30 s, or 15 half-lives */
		w->price[i] = NAN;
	compare_over_time(w, &warm, &cold);
	assert_true(warm > 500 && cold >= 10);
	free(w);
}

static void test_ema_at_counts_time_not_telling(void **state)
{
	struct aq_ema once = {0}, often = {0};
	int64_t now = SECOND;
	aq_ema_at(&once, 10, now, HALF);
	for (int i = 0; i < 100; i++)
		aq_ema_at(&often, 10, now + i * SECOND / 20, HALF);
	now += 5 * SECOND;
	aq_ema_at(&once, 20, now, HALF);
	aq_ema_at(&often, 15, now, HALF); /* held for no time */
	aq_ema_at(&often, 20, now, HALF);
	now += HALF;
	assert_near(aq_ema_at(&often, 20, now, HALF), aq_ema_at(&once, 20, now, HALF));
	assert_near(often.mean, (10 * (0.5 - exp2(-3.5)) + 20 * 0.5) / (1 - exp2(-3.5)));
}

static void test_ema_at_is_warm_after_a_half_life(void **state)
{
	struct aq_ema s = {0};
	assert_true(isnan(aq_ema_at(&s, 10, SECOND, HALF)));
	for (int i = 1; i < 1000; i++)
		assert_true(isnan(aq_ema_at(&s, 10, SECOND + i * (HALF / 1000), HALF)));
	assert_near(aq_ema_at(&s, 11, SECOND + HALF, HALF), 10);
	assert_true(aq_ema_stdev(&s) < 1e-6);
	assert_near(aq_ema_at(&s, 11, 0, HALF), 10); /* time that goes back stands still */
	assert_int_equal(s.last_ns, SECOND + HALF);
	assert_true(isnan(aq_ema_at(&s, 11, 9 * SECOND, 0)));
	assert_true(isnan(aq_ema_at(&s, 11, 9 * SECOND, -1)));
}

/* ---- deviation of a window ---- */

/* From all pairs, without a mean. */
static double deviation_of_pairs(const double *x, int n)
{
	double sum = 0;
	for (int i = 0; i < n; i++)
		for (int j = i + 1; j < n; j++)
			sum += (x[i] - x[j]) * (x[i] - x[j]);
	return sqrt(sum / n / (n - 1));
}

static void test_stdev_is_its_definition(void **state)
{
	static const int windows[] = {2, 20, AQ_STDEV_MAX};
	struct walk *w = new_walk(4);
	for (int i = 0; i < 3; i++) {
		struct aq_stdev s = {0};
		int n = windows[i];
		for (int k = 0; k < MANY; k++) {
			double found = aq_stdev(&s, w->price[k], (uint32_t)n);
			if (k + 1 < n)
				assert_true(isnan(found));
			else if (k % 10 == 9)
				assert_near(found, deviation_of_pairs(&w->price[k + 1 - n], n));
		}
	}
	free(w);
}

static void test_stdev_of_few_and_odd_values(void **state)
{
	struct aq_stdev s = {0};
	assert_true(isnan(aq_stdev(&s, 2, 2)));
	assert_true(isnan(aq_stdev(&s, NAN, 2)));
	assert_near(aq_stdev(&s, 4, 2), sqrt(2));
	assert_near(aq_stdev(&s, INFINITY, 2), sqrt(2));
	assert_true(isnan(aq_stdev(&s, NAN, 3)));
	assert_true(isnan(aq_stdev(&s, NAN, 1)));
	assert_true(isnan(aq_stdev(&s, NAN, 0)));
	assert_true(isnan(aq_stdev(&s, 6, AQ_STDEV_MAX + 1)));
	assert_near(aq_stdev(&s, NAN, 3), 2); /* 2, 4, 6 */
	s = (struct aq_stdev){0};
	for (int i = 0; i < 3; i++)
		aq_stdev(&s, 1e9 + i, 3);
	assert_near(aq_stdev(&s, NAN, 3), 1); /* where a difference of squares has no digits left */
}

/* ---- volume-weighted price ---- */

static void test_vwap_is_its_definition(void **state)
{
	struct walk *w = new_walk(5);
	struct aq_vwap s = {0}, at = {0};
	for (int k = 0; k < MANY; k++) {
		double found = aq_vwap(&s, w->price[k], w->qty[k]), value = 0, volume = 0, late_value = 0, late_volume = 0;
		double found_at = aq_vwap_at(&at, w->price[k], w->qty[k], w->ns[k], HALF);
		for (int i = k; i >= 0; i--) {
			double weight = pow(0.5, (double)(w->ns[k] - w->ns[i]) / (double)HALF);
			value += w->price[i] * w->qty[i];
			volume += w->qty[i];
			late_value += weight * w->price[i] * w->qty[i];
			late_volume += weight * w->qty[i];
		}
		assert_near(found, value / volume);
		assert_near(found_at, late_value / late_volume);
	}
	free(w);
}

static void test_vwap_of_odd_trades(void **state)
{
	struct aq_vwap s = {0};
	assert_true(isnan(aq_vwap(&s, NAN, 1)));
	assert_true(isnan(aq_vwap(&s, 10, 0)));
	assert_true(isnan(aq_vwap(&s, 10, -1)));
	assert_true(isnan(aq_vwap_at(&s, 10, NAN, SECOND, HALF)));
	assert_true(isnan(aq_vwap_at(&s, 10, 1, SECOND, 0)));
	assert_near(aq_vwap_at(&s, 10, 1, SECOND, HALF), 10);
	assert_near(aq_vwap_at(&s, 16, 1, SECOND + HALF, HALF), 14);
	assert_near(aq_vwap_at(&s, NAN, 1, SECOND, HALF), 14);
	assert_near(aq_vwap_at(&s, 20, 1, INT64_C(1000000) * SECOND, HALF), 20); /* nothing of the others is left */
}

/* ---- Wilder's ---- */

/* The example that StockCharts publishes for 14 changes; its values are rounded. */
static const double closes[] = {44.3389, 44.0902, 44.1497, 43.6124, 44.3278, 44.8264, 45.0955, 45.4245, 45.8433, 46.0826,
	45.8931, 46.0328, 45.6140, 46.2820, 46.2820, 46.0028, 46.0328, 46.4116, 46.2222, 45.6439};
static const double strengths[] = {70.53, 66.32, 66.55, 69.41, 66.36, 57.97};

static void test_rsi_of_the_published_example(void **state)
{
	struct aq_rsi s = {0};
	for (int i = 0; i < 20; i++) {
		double found = aq_rsi(&s, closes[i], 14);
		if (i < 14)
			assert_true(isnan(found));
		else
			assert_true(fabs(found - strengths[i - 14]) <= 0.01);
	}
	assert_true(aq_rsi(&s, NAN, 14) == aq_rsi(&s, INFINITY, 14));
	assert_true(isnan(aq_rsi(&s, 46, 0)));
}

static void test_rsi_at_its_ends(void **state)
{
	struct aq_rsi up = {0}, down = {0}, still = {0};
	for (int i = 0; i < 5; i++) {
		double a = aq_rsi(&up, 100 + i, 3), b = aq_rsi(&down, 100 - i, 3), c = aq_rsi(&still, 100, 3);
		assert_true(i < 3 ? isnan(a) && isnan(b) && isnan(c) : a == 100 && b == 0 && c == 50);
	}
}

static double true_range(const struct walk *w, int i)
{
	double high = w->price[i] + w->qty[i], low = w->price[i] - w->qty[i];
	if (i > 0) { /* a gap belongs to the bar after it */
		high = fmax(high, w->price[i - 1]);
		low = fmin(low, w->price[i - 1]);
	}
	return high - low;
}

static void test_atr_is_its_definition(void **state)
{
	struct walk *w = new_walk(6);
	struct aq_atr s = {0};
	double expected = 0;
	for (int k = 0; k < MANY; k++) {
		double found;
		w->qty[k] /= 20; /* so that gaps are wider than some bars */
		found = aq_atr(&s, w->price[k] + w->qty[k], w->price[k] - w->qty[k], w->price[k], 14);
		if (k < 13) {
			assert_true(isnan(found));
			continue;
		}
		if (k == 13)
			for (int i = 0; i < 14; i++)
				expected += true_range(w, i) / 14;
		else
			expected = (13 * expected + true_range(w, k)) / 14;
		assert_near(found, expected);
	}
	assert_near(aq_atr(&s, 99, 100, 99, 14), expected);
	assert_near(aq_atr(&s, NAN, 100, 99, 14), expected);
	assert_near(aq_atr(&s, 101, 100, NAN, 14), expected);
	assert_true(isnan(aq_atr(&s, 101, 100, 100, 0)));
	free(w);
}

/* ---- kept ---- */

static double feed(struct signals *s, const struct walk *w, int from, int to)
{
	double sum = 0;
	for (int i = from; i < to; i++)
		sum = aq_ema(&s->ema, w->price[i], 20) + aq_ema_at(&s->ema_at, w->price[i], w->ns[i], HALF) +
		      aq_ema_stdev(&s->ema_at) + aq_stdev(&s->stdev, w->price[i], 100) +
		      aq_vwap_at(&s->vwap, w->price[i], w->qty[i], w->ns[i], HALF) + aq_rsi(&s->rsi, w->price[i], 14) +
		      aq_atr(&s->atr, w->price[i] + 1, w->price[i] - 1, w->price[i], 14);
	return sum;
}

static void test_they_survive_a_reload(void **state)
{
	struct walk *w = new_walk(7);
	struct aq_mock *k = aq_mock_new((const struct aq_plugin *)&aq_plugin_1);
	struct aq_market m = aq_mock_market(k, "BTC/USDT", 2, 5);
	struct signals whole = {0};
	double expected = feed(&whole, w, 0, 900), found;
	assert_int_equal(aq_mock_create(k), AQ_OK);
	aq_mock_option(k, "market", &m, sizeof(m));
	assert_int_equal(aq_mock_start(k), AQ_OK);
	feed(k->self, w, 0, 500);
	assert_int_equal(aq_mock_reload(k, k->plugin), AQ_OK);
	found = feed(k->self, w, 500, 900);
	assert_true(isfinite(found));
	assert_true(found == expected); /* to the last bit */
	aq_mock_free(k);
	free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ema_is_its_definition),
		cmocka_unit_test(test_ema_passes_over_what_is_no_number),
		cmocka_unit_test(test_ema_at_is_its_definition),
		cmocka_unit_test(test_ema_at_with_holes),
		cmocka_unit_test(test_ema_at_counts_time_not_telling),
		cmocka_unit_test(test_ema_at_is_warm_after_a_half_life),
		cmocka_unit_test(test_stdev_is_its_definition),
		cmocka_unit_test(test_stdev_of_few_and_odd_values),
		cmocka_unit_test(test_vwap_is_its_definition),
		cmocka_unit_test(test_vwap_of_odd_trades),
		cmocka_unit_test(test_rsi_of_the_published_example),
		cmocka_unit_test(test_rsi_at_its_ends),
		cmocka_unit_test(test_atr_is_its_definition),
		cmocka_unit_test(test_they_survive_a_reload),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
