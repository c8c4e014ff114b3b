/* strategy_signal.c: running signals. Each keeps what its formula needs, so that none depends on a history. */
#include <aioquant/strategy.h>

#include <math.h>

/* Half of what the mean will ever rest on; a little less, since it is summed from many parts. */
#define WARM (0.5 - 1e-9)

static uint32_t one_more(uint32_t count)
{
	return count < UINT32_MAX ? count + 1 : count;
}

/* What has gone of 1 after `ns`; exact for small parts, too. */
static double gone_after(int64_t ns, int64_t half_life_ns)
{
	return -expm1(-M_LN2 * ((double)ns / (double)half_life_ns));
}

/* ---- exponential mean and deviation ---- */

/* x takes `part` of the whole, the rest keeps what is left (West's update of weighted sums). */
static void blend(struct aq_ema *s, double x, double part)
{
	double kept = (1 - part) * s->weight, weight = kept + part, delta = x - s->mean;
	if (weight <= 0)
		return;
	s->mean += delta * part / weight;
	s->squares = (1 - part) * s->squares + kept * part / weight * delta * delta;
	s->weight = weight;
}

static void fade(struct aq_ema *s, double part)
{
	s->squares *= 1 - part;
	s->weight *= 1 - part;
}

static double warm_mean(const struct aq_ema *s)
{
	return s->warm ? s->mean : NAN;
}

double aq_ema(struct aq_ema *s, double x, uint32_t n)
{
	if (n == 0)
		return NAN;
	if (isfinite(x)) {
		blend(s, x, 2 / ((double)n + 1));
		s->count = one_more(s->count);
	}
	s->warm = s->count >= n;
	return warm_mean(s);
}

double aq_ema_at(struct aq_ema *s, double x, int64_t now_ns, int64_t half_life_ns)
{
	if (half_life_ns <= 0)
		return NAN;
	if (s->count > 0 && now_ns > s->last_ns) {
		double gone = gone_after(now_ns - s->last_ns, half_life_ns);
		if (isfinite(s->last))
			blend(s, s->last, gone);
		else
			fade(s, gone);
	}
	if (s->count == 0 || now_ns > s->last_ns)
		s->last_ns = now_ns;
	s->last = isfinite(x) ? x : NAN;
	s->count = one_more(s->count);
	s->warm = s->weight >= WARM;
	return warm_mean(s);
}

double aq_ema_stdev(const struct aq_ema *s)
{
	return s->warm ? sqrt(s->squares / s->weight) : NAN;
}

/* ---- deviation of a window ---- */

static double latest(const struct aq_stdev *s, uint32_t back)
{
	return s->values[(s->next + AQ_STDEV_MAX - 1 - back) % AQ_STDEV_MAX];
}

/* Anew each time: what is added and taken away again would leave its rounding behind. */
static double deviation(const struct aq_stdev *s, uint32_t n)
{
	double mean = 0, squares = 0;
	for (uint32_t i = 0; i < n; i++)
		mean += latest(s, i) / n;
	for (uint32_t i = 0; i < n; i++)
		squares += (latest(s, i) - mean) * (latest(s, i) - mean);
	return sqrt(squares / (n - 1));
}

double aq_stdev(struct aq_stdev *s, double x, uint32_t n)
{
	if (isfinite(x)) {
		s->values[s->next] = x;
		s->next = (s->next + 1) % AQ_STDEV_MAX;
		s->count = s->count < AQ_STDEV_MAX ? s->count + 1 : s->count;
	}
	return n >= 2 && n <= s->count ? deviation(s, n) : NAN;
}

/* ---- volume-weighted price ---- */

static double add_volume(struct aq_vwap *s, double price, double qty)
{
	if (isfinite(price) && isfinite(qty) && qty > 0) {
		s->qty += qty;
		s->mean += (price - s->mean) * (qty / s->qty);
	}
	return s->qty > 0 ? s->mean : NAN;
}

double aq_vwap(struct aq_vwap *s, double price, double qty)
{
	return add_volume(s, price, qty);
}

double aq_vwap_at(struct aq_vwap *s, double price, double qty, int64_t now_ns, int64_t half_life_ns)
{
	if (half_life_ns <= 0)
		return NAN;
	if (s->qty > 0 && now_ns > s->last_ns)
		s->qty *= 1 - gone_after(now_ns - s->last_ns, half_life_ns);
	if (s->qty == 0 || now_ns > s->last_ns)
		s->last_ns = now_ns;
	return add_volume(s, price, qty);
}

/* ---- Wilder's: a plain mean of the first n, then each new value counts an nth ---- */

static double smoothed(double mean, double x, uint32_t count, uint32_t n)
{
	return mean + (x - mean) / (count < n ? count : n);
}

double aq_rsi(struct aq_rsi *s, double price, uint32_t n)
{
	double change = price - s->last;
	if (n == 0)
		return NAN;
	if (isfinite(price)) {
		if (s->count > 0) {
			s->gain = smoothed(s->gain, fmax(change, 0), s->count, n);
			s->loss = smoothed(s->loss, fmax(-change, 0), s->count, n);
		}
		s->last = price;
		s->count = one_more(s->count);
	}
	if (s->count <= n)
		return NAN;
	return s->gain + s->loss > 0 ? 100 * s->gain / (s->gain + s->loss) : 50;
}

double aq_atr(struct aq_atr *s, double high, double low, double close, uint32_t n)
{
	double range = high - low;
	if (n == 0)
		return NAN;
	if (isfinite(range) && isfinite(close) && range >= 0) {
		if (s->count > 0)
			range = fmax(range, fmax(fabs(high - s->close), fabs(low - s->close)));
		s->count = one_more(s->count);
		s->range = smoothed(s->range, range, s->count, n);
		s->close = close;
	}
	return s->count >= n ? s->range : NAN;
}
