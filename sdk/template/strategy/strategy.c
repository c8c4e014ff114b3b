/* strategy.c: the smallest strategy. Rests one bid below the market; `minimal` is its name, and its struct's. */
#include <aioquant/strategy.h>

struct minimal {
	struct aq_market market;
	double distance;
	aq_qty size;
};

static const struct aq_option options[] = {
	AQ_MARKET(minimal, market, AQ_BOOK, "account:symbol to trade"),
	AQ_RATIO(minimal, distance, AQ_LIVE, "3bps", "1bps", "10%", "how far below the market the bid rests"),
	AQ_QTY(minimal, size, AQ_LIVE | AQ_REQUIRED, NULL, "quantity of the bid, 0.01 BTC or 600 USDT"),
	AQ_END
};

static void book(void *self, struct aq_ctx *q, struct aq_market m)
{
	struct minimal *s = self;
	aq_quote(q, m, 1, AQ_BUY, aq_px_down(q, m, aq_fair(q, m) * (1 - s->distance)), s->size, s->distance / 10);
}

AQ_STRATEGY(minimal, .summary = "one bid below the market", .options = options, .book = book);
