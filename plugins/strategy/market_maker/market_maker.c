/* market_maker.c: quotes both sides of one market in levels around a fair price, leaning against its own position.
 * README.md beside it says what each option does. */
#include <aioquant/strategy.h>

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define LEVELS 16 /* at most, on each side */
#define DEPTH 5   /* of the book, for fair = micro */

enum { BID = 100, ASK = 200 }; /* tags: of the innermost level; those of the others follow */
enum { MID = 1, WEIGHTED, MICRO, EMA };

struct market_maker {
	struct aq_market market;
	uint8_t fair;
	int64_t half_life, levels, step_ticks, pause;
	double spread, widen, min_edge, skew, step, growth, tolerance;
	aq_qty size, max_position;

	char symbol[48]; /* what the fields below are about */
	struct aq_ema price;
	int64_t fills;
	aq_qty bought, sold;
	int64_t bid_after, ask_after; /* a side that was filled is out until then */
	int64_t shown;                /* levels that may have orders; not kept */
};

static const struct aq_option options[] = {
	AQ_MARKET(market_maker, market, AQ_BOOK, "account:symbol to quote"),
	AQ_ENUM(market_maker, fair, AQ_LIVE, "weighted", "mid|weighted|micro|ema", "price that the quotes lie around"),
	AQ_DURATION(market_maker, half_life, AQ_LIVE, "2s", "10ms", "1h", "memory of fair = ema and of widen"),
	AQ_RATIO(market_maker, spread, AQ_LIVE, "4bps", "0.1bps", "5%", "distance between the innermost bid and ask"),
	AQ_RATIO(market_maker, widen, AQ_LIVE, "0", "0", "10", "standard deviations of the price added to each side"),
	AQ_RATIO(market_maker, min_edge, AQ_LIVE, "0", "0", "5%", "least distance of a quote from the fair price"),
	AQ_RATIO(market_maker, skew, AQ_LIVE, "2bps", "0", "1%", "lean of all prices at full position"),
	AQ_RATIO(market_maker, tolerance, AQ_LIVE, "0.5bps", "0", "1%", "a quote this close to its target stays"),
	AQ_INT(market_maker, levels, AQ_LIVE, "1", "1", "16", "quotes on each side"),
	AQ_RATIO(market_maker, step, AQ_LIVE, "2bps", "0", "5%", "distance between levels"),
	AQ_INT(market_maker, step_ticks, AQ_LIVE, "0", "0", "1000000", "the same in ticks, instead of step; 0: step counts"),
	AQ_RATIO(market_maker, growth, AQ_LIVE, "1", "0.1", "4", "quantity of a level as a part of the one inside it"),
	AQ_QTY(market_maker, size, AQ_LIVE | AQ_REQUIRED, NULL, "quantity of the innermost quote, 0.01 BTC or 600 USDT"),
	AQ_QTY(market_maker, max_position, AQ_LIVE | AQ_REQUIRED, NULL, "where one side stops; 0: only back to flat"),
	AQ_DURATION(market_maker, pause, AQ_LIVE, "0", "0", "1h", "a side that was filled stays out for so long"),
	AQ_END
};

static const struct aq_keep keep[] = {
	AQ_KEEP(market_maker, symbol), AQ_KEEP(market_maker, price),
	AQ_KEEP(market_maker, fills), AQ_KEEP_QTY(market_maker, bought), AQ_KEEP_QTY(market_maker, sold),
	AQ_KEEP(market_maker, bid_after), AQ_KEEP(market_maker, ask_after), AQ_KEEP_END
};

/* ---- prices ---- */

/* What rests in the best levels of a side, each counting half of the one before it. */
static double weight_of(struct aq_ctx *q, struct aq_market m, uint8_t side)
{
	struct aq_level levels[DEPTH];
	int32_t n = aq_levels(q, m, side, levels, DEPTH);
	double sum = 0, share = 1;
	for (int32_t i = 0; i < n; i++, share /= 2)
		sum += share * (double)levels[i].qty;
	return sum;
}

/* The middle, moved within the spread toward the side on which less rests. */
static double micro(struct aq_ctx *q, struct aq_market m)
{
	double bid = weight_of(q, m, AQ_BUY), ask = weight_of(q, m, AQ_SELL);
	struct aq_top top;
	aq_top(q, m, &top);
	return aq_mid(q, m) + (aq_px_f(q, m, top.ask) - aq_px_f(q, m, top.bid)) / 2 * (bid - ask) / (bid + ask);
}

/* NaN without a valid book, and while the mean is not warm. The mean goes on with every choice, so that it is there when
 * the choice changes. */
static double fair_price(struct market_maker *s, struct aq_ctx *q, struct aq_market m)
{
	double weighted = aq_fair(q, m), mean = aq_ema_at(&s->price, weighted, aq_now(q), s->half_life);
	if (isnan(weighted) || s->fair == WEIGHTED)
		return weighted;
	return s->fair == MID ? aq_mid(q, m) : s->fair == MICRO ? micro(q, m) : mean;
}

/* So many ticks behind the level inside it; or where `step` wants it, but at least one tick behind. */
static aq_px price_of_level(const struct market_maker *s, struct aq_ctx *q, uint8_t side, aq_px inside, double first,
	int64_t level)
{
	int64_t away = side == AQ_BUY ? -1 : 1, ticks = level > 0 && s->step_ticks > 0 ? s->step_ticks : 1;
	double wanted = first * (1 + (double)(away * level) * s->step);
	aq_px behind = aq_px_add(q, s->market, inside, away * ticks);
	aq_px price = side == AQ_BUY ? aq_px_down(q, s->market, wanted) : aq_px_up(q, s->market, wanted);
	if (price == AQ_NONE || behind == AQ_NONE)
		return AQ_NONE;
	return (level > 0 && s->step_ticks > 0) || (behind - price) * away > 0 ? behind : price;
}

/* ---- quotes ---- */

static aq_qty lesser(aq_qty a, aq_qty b)
{
	return a < b ? a : b;
}

static aq_qty open_of_side(const struct market_maker *s, struct aq_ctx *q, uint64_t tag)
{
	aq_qty sum = 0;
	for (int64_t i = 0; i < s->shown; i++)
		sum += aq_open_qty(q, s->market, tag + (uint64_t)i);
	return sum;
}

/* Levels from `first` outward, none at or beyond `opposite`, the best price of the other side. `left`, what the position
 * may still grow by, is shared out from the inside; but an order may only take what no other one still holds, so that
 * whatever is filled while requests are on their way, the limit stays. Returns how many levels may have an order. */
static int64_t quote_side(const struct market_maker *s, struct aq_ctx *q, uint8_t side, double first, aq_px opposite)
{
	bool out = aq_now(q) < (side == AQ_BUY ? s->bid_after : s->ask_after);
	uint64_t tag = side == AQ_BUY ? BID : ASK;
	double size = aq_qty_f(q, s->market, s->size);
	aq_qty left = out ? 0 : aq_room(q, s->market, side, INT64_MAX, s->max_position);
	aq_qty unheld = left - lesser(left, open_of_side(s, q, tag)), open, part, qty;
	aq_px price = opposite;
	int64_t shown = s->levels;
	for (int64_t i = 0; i < s->levels || i < s->shown; i++, tag++) {
		open = aq_open_qty(q, s->market, tag);
		part = i < s->levels ? lesser(aq_qty_down(q, s->market, size), left) : 0;
		qty = lesser(part, open + unheld);
		price = price_of_level(s, q, side, price, first, i);
		aq_quote(q, s->market, tag, side, price, qty, s->tolerance);
		left -= part;
		unheld -= qty - lesser(qty, open);
		size *= s->growth;
		shown = i >= s->levels && open > 0 ? i + 1 : shown;
	}
	return shown;
}

static void book(void *self, struct aq_ctx *q, struct aq_market m)
{
	struct market_maker *s = self;
	double fair = fair_price(s, q, m), half = s->spread / 2, middle;
	int64_t bids, asks;
	struct aq_top top;
	aq_top(q, m, &top);
	if (s->widen > 0)
		half += s->widen * aq_ema_stdev(&s->price) / fair;
	if (isnan(half))
		fair = NAN; /* fmin and fmax below pass over what is no number */
	middle = fair * (1 - s->skew * aq_inventory(q, m, s->max_position));
	aq_gauge(q, "fair", fair);
	aq_why(q, "fair %.10g lean %+.3g", fair, middle - fair);
	bids = quote_side(s, q, AQ_BUY, fmin(middle * (1 - half), fair * (1 - s->min_edge)), top.ask);
	asks = quote_side(s, q, AQ_SELL, fmax(middle * (1 + half), fair * (1 + s->min_edge)), top.bid);
	s->shown = bids > asks ? bids : asks;
}

/* ---- life ---- */

static int32_t refuse(struct aq_err *err, const char *why)
{
	err->code = AQ_EINVAL;
	snprintf(err->text, sizeof(err->text), "%s", why);
	return AQ_EINVAL;
}

static int32_t check(const void *self, struct aq_err *err)
{
	const struct market_maker *s = self;
	bool by_ratio = s->levels > 1 && s->step_ticks == 0;
	if (s->size <= 0)
		return refuse(err, "size is 0, so nothing would be quoted. Write a quantity that is not.");
	if (s->min_edge > s->spread / 2)
		return refuse(err, "min_edge is more than half of spread, which has no effect then. Lower min_edge.");
	if (s->tolerance >= s->spread / 2)
		return refuse(err, "tolerance reaches half of spread, so a quote may stay at the fair price. Lower it.");
	if (by_ratio && s->step <= 0)
		return refuse(err, "levels is more than 1, and both step and step_ticks are 0. Set one of them.");
	if (by_ratio && s->tolerance >= s->step)
		return refuse(err, "tolerance reaches step, so a level may stay in place of the next. Lower it.");
	return AQ_OK;
}

/* A pause that began when the option was longer lasts no longer than one that begins now. */
static void cut_pause(const struct market_maker *s, struct aq_ctx *q, uint8_t side, int64_t *after)
{
	if (*after <= aq_now(q) + s->pause)
		return;
	*after = aq_now(q) + s->pause;
	aq_after(q, side, s->pause);
}

static void param(void *self, struct aq_ctx *q)
{
	struct market_maker *s = self;
	double size = aq_qty_f(q, s->market, s->size), sum = 0;
	cut_pause(s, q, AQ_BUY, &s->bid_after);
	cut_pause(s, q, AQ_SELL, &s->ask_after);
	for (int64_t i = 0; i < s->levels; i++, size *= s->growth)
		sum += size;
	if (sum > aq_qty_f(q, s->market, s->max_position) * (1 + 1e-9))
		aq_warn(q, "levels, size and growth make %g on each side; what is beyond max_position, %s, stays out",
			sum, aq_qty_text(q, s->market, s->max_position));
}

/* State of another symbol is none of this one's; and what was last seen before a pause says nothing of its length. */
static void ready(void *self, struct aq_ctx *q)
{
	struct market_maker *s = self;
	const struct aq_instrument *i = aq_instrument(q, s->market);
	if (i != NULL && strcmp(s->symbol, i->symbol) != 0) {
		s->price = (struct aq_ema){0};
		s->fills = s->bought = s->sold = s->bid_after = s->ask_after = 0;
		memcpy(s->symbol, i->symbol, sizeof(s->symbol));
	}
	aq_ema_at(&s->price, NAN, s->price.last_ns, s->half_life);
	s->shown = LEVELS;
	param(self, q);
}

/* What an order held may be shared out anew. */
static void order(void *self, struct aq_ctx *q, const struct aq_order_change *o)
{
	if (o->update == AQ_UP_CANCELLED || o->update == AQ_UP_AMENDED)
		book(self, q, ((struct market_maker *)self)->market);
}

/* A pause has ended: its tag is the side. */
static void timer(void *self, struct aq_ctx *q, uint64_t tag)
{
	book(self, q, ((struct market_maker *)self)->market);
}

static void fill(void *self, struct aq_ctx *q, const struct aq_fill *f)
{
	struct market_maker *s = self;
	bool buy = f->side == AQ_BUY;
	*(buy ? &s->bought : &s->sold) += f->qty;
	s->fills++;
	if (s->pause > 0) {
		*(buy ? &s->bid_after : &s->ask_after) = aq_now(q) + s->pause;
		aq_after(q, f->side, s->pause);
	}
	aq_info(q, "fill %lld: %s %s at %s, position %s", (long long)s->fills, buy ? "bought" : "sold",
		aq_qty_text(q, s->market, f->qty), aq_px_text(q, s->market, f->price),
		aq_qty_text(q, s->market, aq_position(q, s->market)));
}

static void stop(void *self, struct aq_ctx *q)
{
	struct market_maker *s = self;
	aq_info(q, "%lld fills so far: bought %s, sold %s", (long long)s->fills, aq_qty_text(q, s->market, s->bought),
		aq_qty_text(q, s->market, s->sold));
}

AQ_STRATEGY(market_maker, .summary = "two-sided quotes in levels", .options = options, .check = check, .keep = keep,
	.ready = ready, .book = book, .fill = fill, .order = order, .timer = timer, .param = param, .stop = stop);
