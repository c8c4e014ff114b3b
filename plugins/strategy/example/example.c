/* example.c: quotes both sides of one market, leaning against its position. */
#include <aioquant/strategy.h>

enum { BID = 1, ASK = 2 }; /* tags: ours; every order and fill carries them, also after a reload or a restart */

struct example {
	struct aq_market market; /* instrument and account, resolved and subscribed by the host */
	double spread, skew, tolerance;
	aq_qty size, max_position;
	int64_t fills;
};

static const struct aq_option options[] = {
	AQ_MARKET(example, market, AQ_BOOK, "account:symbol to quote"),
	AQ_RATIO(example, spread, AQ_LIVE, "4bps", "0.1bps", "5%", "distance between bid and ask"),
	AQ_RATIO(example, skew, AQ_LIVE, "2bps", "0", "1%", "lean of both prices at full position"),
	AQ_RATIO(example, tolerance, AQ_LIVE, "0.5bps", "0", "1%", "a quote this close to its target stays"),
	AQ_QTY(example, size, AQ_LIVE | AQ_REQUIRED, NULL, "quantity of one quote, 0.01 BTC or 600 USDT"),
	AQ_QTY(example, max_position, AQ_LIVE | AQ_REQUIRED, NULL, "position at which one side stops"),
	AQ_END
};

static const struct aq_keep keep[] = {AQ_KEEP(example, fills), AQ_KEEP_END};

static void book(void *self, struct aq_ctx *q, struct aq_market m)
{
	struct example *s = self;
	double mid = aq_fair(q, m) * (1 - s->skew * aq_inventory(q, m, s->max_position)); /* no valid book: NaN */

	aq_quote(q, m, BID, AQ_BUY, aq_px_down(q, m, mid * (1 - s->spread / 2)),
		aq_room(q, m, AQ_BUY, s->size, s->max_position), s->tolerance);
	aq_quote(q, m, ASK, AQ_SELL, aq_px_up(q, m, mid * (1 + s->spread / 2)),
		aq_room(q, m, AQ_SELL, s->size, s->max_position), s->tolerance);
}

static void fill(void *self, struct aq_ctx *q, const struct aq_fill *f)
{
	struct example *s = self;
	aq_info(q, "fill %lld: %s at %s", (long long)++s->fills, f->tag == BID ? "bought" : "sold",
		aq_px_text(q, s->market, f->price));
}

AQ_STRATEGY(example, .summary = "two-sided quotes", .options = options, .keep = keep, .book = book, .fill = fill);
