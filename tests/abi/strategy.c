/* strategy.c: every macro of strategy.h once; must compile without a warning as C99, C11, C17 and, renamed, as C++20. */
#include <aioquant/strategy.h>

struct every {
	struct aq_market market, other;
	double ratio;
	aq_qty qty, qty_other;
	aq_px price, price_other;
	int64_t number, span;
	struct aq_amt amount;
	uint8_t flag, choice;
	char text[16];
};

static const struct aq_option options[] = {
	AQ_MARKET(every, market, AQ_BOOK | AQ_TRADES, "a market"),
	AQ_MARKET_IF_GIVEN(every, other, AQ_TICKER, "another"),
	AQ_RATIO(every, ratio, AQ_LIVE, "4bps", "0", "1%", "a ratio"),
	AQ_QTY(every, qty, AQ_REQUIRED, NULL, "a quantity"),
	AQ_QTY_OF(every, qty_other, other, AQ_LIVE, NULL, "of the other market"),
	AQ_PRICE(every, price, 0, NULL, "a price"),
	AQ_PRICE_OF(every, price_other, other, 0, NULL, "of the other market"),
	AQ_INT(every, number, 0, "3", "1", "9", "a number"),
	AQ_DURATION(every, span, 0, "2s", NULL, NULL, "a time"),
	AQ_DECIMAL(every, amount, 0, "1.5", NULL, NULL, "an amount"),
	AQ_BOOL(every, flag, AQ_LIVE, "yes", "a flag"),
	AQ_ENUM(every, choice, 0, "two", "one|two", "a choice"),
	AQ_STRING(every, text, 0, "", "a text"),
	AQ_END
};

static const struct aq_keep keep[] = {
	AQ_KEEP(every, number),
	AQ_KEEP_PX(every, price),
	AQ_KEEP_PX_OF(every, price_other, other),
	AQ_KEEP_QTY(every, qty),
	AQ_KEEP_QTY_OF(every, qty_other, other),
	AQ_KEEP_END
};

static void book(void *self, struct aq_ctx *q, struct aq_market m)
{
	struct every *s = (struct every *)self;
	struct aq_top top;
	if (aq_top(q, m, &top))
		aq_quote(q, m, 1, AQ_BUY, aq_px_down(q, m, aq_fair(q, m) * (1 - s->ratio)), s->qty, 0);
}

AQ_STRATEGY(every, .summary = "every macro once", .options = options, .keep = keep, .book = book);
