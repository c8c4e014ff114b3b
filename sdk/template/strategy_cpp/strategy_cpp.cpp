/* strategy_cpp.cpp: the smallest strategy in C++20. Rests one bid below the market; `minimal` is its name, and its
 * struct's. */
#include <aioquant/strategy.hpp>

struct minimal {
	aq_market market;
	double distance;
	aq_qty size;

	void book(aq_ctx *q, aq_market m)
	{
		aq_quote(q, m, 1, AQ_BUY, aq_px_down(q, m, aq_fair(q, m) * (1 - distance)), size, distance / 10);
	}
};

static const aq_option options[] = {
	AQ_MARKET(minimal, market, AQ_BOOK, "account:symbol to trade"),
	AQ_RATIO(minimal, distance, AQ_LIVE, "3bps", "1bps", "10%", "how far below the market the bid rests"),
	AQ_QTY(minimal, size, AQ_LIVE | AQ_REQUIRED, NULL, "quantity of the bid, 0.01 BTC or 600 USDT"),
	AQ_END
};

AQ_STRATEGY(minimal, .summary = "one bid below the market", .options = options,
	.book = aq::book_<minimal, &minimal::book>);
