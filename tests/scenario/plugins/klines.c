/* klines.c: a strategy that asks for every interval and says each candle that is closed, and at its end those that are not:
 * all fields as integers, for a script that computes them itself. */
#include <aioquant/strategy.h>

#define INTERVALS (AQ_1Y + 1)

struct klines {
	struct aq_market market;
	int64_t n;
	struct aq_kline last[INTERVALS]; /* as told last */
	int64_t updates, jumps;          /* live ones; those that are not one trade further than the one before */
};

static const struct aq_option options[] = {
	AQ_MARKET(klines, market, AQ_FUNDING, "whose candles"),
	AQ_INT(klines, n, 0, "0", "0", "4096", "how many of the past"),
	AQ_END,
};

static void ready(void *self, struct aq_ctx *q)
{
	struct klines *s = self;

	for (uint8_t interval = AQ_1M; interval <= AQ_1Y; interval++)
		if (aq_history(q, s->market, interval, (uint32_t)s->n) != AQ_OK)
			aq_warn(q, "interval %u is refused", interval);
}

static void say(struct aq_ctx *q, const char *what, const struct aq_kline *k)
{
	aq_info(q, "%s now=%lld interval=%u open_ns=%lld end_ns=%lld open=%lld high=%lld low=%lld close=%lld qty=%lld "
		"taker_buy_qty=%lld value_hi=%lld value_lo=%llu taker_hi=%lld taker_lo=%llu trades=%llu first=%llu last=%llu "
		"empty=%u closed=%u partial=%u", what, (long long)aq_now(q), k->interval, (long long)k->open_ns,
		(long long)k->end_ns, (long long)k->open, (long long)k->high, (long long)k->low, (long long)k->close,
		(long long)k->qty, (long long)k->taker_buy_qty, (long long)k->value.hi, (unsigned long long)k->value.lo,
		(long long)k->taker_buy_value.hi, (unsigned long long)k->taker_buy_value.lo, (unsigned long long)k->trades,
		(unsigned long long)k->first_trade, (unsigned long long)k->last_trade, k->empty, k->closed, k->partial);
}

static void kline(void *self, struct aq_ctx *q, struct aq_market m, const struct aq_kline *k, int past)
{
	struct klines *s = self;
	struct aq_kline *last = &s->last[k->interval];

	(void)m;
	if (k->closed)
		say(q, past ? "past" : "live", k);
	if (!past && !k->closed) {
		s->updates++;
		s->jumps += last->open_ns == k->open_ns && !last->closed && k->trades != last->trades + 1;
	}
	*last = *k;
}

static void history(void *self, struct aq_ctx *q, struct aq_market m, const struct aq_history *h)
{
	(void)self;
	(void)m;
	aq_info(q, "history now=%lld interval=%u count=%u", (long long)aq_now(q), h->interval, h->count);
}

static void funding(void *self, struct aq_ctx *q, struct aq_market m, const struct aq_funding *f)
{
	struct aq_funding kept;
	int32_t rc = aq_funding(q, m, &kept);

	(void)self;
	aq_info(q, "funding now=%lld rate_hi=%lld rate_lo=%llu mark=%lld index=%lld next=%lld kept=%d", (long long)aq_now(q),
		(long long)f->rate.hi, (unsigned long long)f->rate.lo, (long long)f->mark, (long long)f->index,
		(long long)f->next_ns, rc == AQ_OK && kept.mark == f->mark && kept.index == f->index);
}

static void stop(void *self, struct aq_ctx *q)
{
	const struct klines *s = self;

	for (uint8_t interval = AQ_1M; interval <= AQ_1Y; interval++)
		if (s->last[interval].trades > 0 && !s->last[interval].closed)
			say(q, "open", &s->last[interval]);
	aq_info(q, "stopped now=%lld updates=%lld jumps=%lld", (long long)aq_now(q), (long long)s->updates, (long long)s->jumps);
}

AQ_STRATEGY(klines, .summary = "says all candles", .options = options, .ready = ready, .funding = funding, .kline = kline,
	.history = history, .stop = stop);
