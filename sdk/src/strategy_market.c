/* strategy_market.c: prices, quantities, the book and the account as a strategy reads them. Instruments are kept by id,
 * tops and positions until the next event. */
#include "strategy_ctx.h"

#include <decimal.h>
#include <math.h>
#include <string.h>

#define DEPTH 128

/* ---- what is kept ---- */

static struct aq_ctx_instrument *find_instrument(struct aq_ctx *q, uint32_t id)
{
	for (uint32_t i = 0; i < AQ_CTX_INSTRUMENTS; i++) {
		if (q->instruments[i].data.id == id)
			return &q->instruments[i];
	}
	return NULL;
}

static struct aq_ctx_instrument *fetch_instrument(struct aq_ctx *q, uint32_t id)
{
	struct aq_instrument data = {.size = sizeof(data)};
	struct aq_ctx_instrument *i;
	if (q->market == NULL || q->market->instrument(q->host->owner, id, &data) < 0)
		return NULL;
	i = find_instrument(q, 0);
	if (i == NULL)
		i = &q->instruments[q->instrument_next++ % AQ_CTX_INSTRUMENTS];
	*i = (struct aq_ctx_instrument){.data = data};
	i->data.id = id;
	return i;
}

struct aq_ctx_instrument *aq_ctx_instrument(struct aq_ctx *q, uint32_t id)
{
	struct aq_ctx_instrument *i;
	if (id == 0)
		return NULL;
	i = find_instrument(q, id);
	return i != NULL ? i : fetch_instrument(q, id);
}

void aq_ctx_instrument_changed(struct aq_ctx *q, const struct aq_instrument *data)
{
	struct aq_ctx_instrument *i = data->id != 0 ? find_instrument(q, data->id) : NULL;
	if (i != NULL)
		i->data = *data;
}

void aq_ctx_instruments_forget(struct aq_ctx *q)
{
	for (uint32_t i = 0; i < AQ_CTX_INSTRUMENTS; i++)
		q->instruments[i].data.id = 0;
}

void aq_ctx_top_is(struct aq_ctx *q, uint32_t id, const struct aq_top *top)
{
	struct aq_ctx_instrument *i = aq_ctx_instrument(q, id);
	if (i != NULL) {
		i->top = *top;
		i->top_epoch = q->epoch;
	}
}

void aq_ctx_account_bar(struct aq_ctx *q, uint32_t account, uint32_t why, bool over)
{
	uint32_t i = 0;
	while (i < AQ_CTX_ACCOUNTS && q->barred[i].account != account)
		i++;
	for (uint32_t k = 0; i == AQ_CTX_ACCOUNTS && !over && k < AQ_CTX_ACCOUNTS; k++) {
		if (q->barred[k].account == 0) {
			q->barred[k].account = account;
			i = k;
			break;
		}
	}
	if (i == AQ_CTX_ACCOUNTS)
		return;
	q->barred[i].why = over ? q->barred[i].why & ~why : q->barred[i].why | why;
	if (q->barred[i].why == 0)
		q->barred[i].account = 0;
}

static bool account_ready(const struct aq_ctx *q, uint32_t account)
{
	for (uint32_t i = 0; account != 0 && i < AQ_CTX_ACCOUNTS; i++) {
		if (q->barred[i].account == account)
			return false;
	}
	return true;
}

void aq_ctx_note_funding(struct aq_ctx *q, uint32_t instrument, const struct aq_funding *f)
{
	uint32_t i = 0;
	while (i + 1 < AQ_CTX_MARKETS && q->fundings[i].instrument != instrument && q->fundings[i].instrument != 0)
		i++;
	q->fundings[i].instrument = instrument;
	q->fundings[i].last = *f;
}

int32_t aq_funding(struct aq_ctx *q, struct aq_market m, struct aq_funding *out)
{
	for (uint32_t i = 0; i < AQ_CTX_MARKETS; i++) {
		if (m.instrument != 0 && q->fundings[i].instrument == m.instrument) {
			*out = q->fundings[i].last;
			return AQ_OK;
		}
	}
	return AQ_ENOENT;
}

int32_t aq_history(struct aq_ctx *q, struct aq_market m, uint8_t interval, uint32_t n)
{
	if (!q->started || q->stopped)
		return AQ_ESTATE;
	return q->market->history(q->host->owner, m.instrument, interval, n);
}

static const struct aq_top *top_of(struct aq_ctx *q, uint32_t id)
{
	struct aq_ctx_instrument *i = aq_ctx_instrument(q, id);
	if (i == NULL)
		return NULL;
	if (i->top_epoch != q->epoch) {
		memset(&i->top, 0, sizeof(i->top));
		if (q->market->top(q->host->owner, id, &i->top) < 0)
			i->top = (struct aq_top){.bid = AQ_NONE, .ask = AQ_NONE, .why = AQ_BOOK_NONE_YET};
		i->top_epoch = q->epoch;
	}
	return &i->top;
}

const struct aq_top *aq_ctx_fresh(struct aq_ctx *q, struct aq_market m)
{
	const struct aq_top *top = top_of(q, m.instrument);
	if (top == NULL || !top->valid || top->bid == AQ_NONE || top->ask == AQ_NONE || !account_ready(q, m.account))
		return NULL;
	return top;
}

const struct aq_instrument *aq_instrument(struct aq_ctx *q, struct aq_market m)
{
	struct aq_ctx_instrument *i = aq_ctx_instrument(q, m.instrument);
	return i != NULL ? &i->data : NULL;
}

static const char *text_of(struct aq_ctx *q, int64_t value, unsigned digits)
{
	char *out = q->texts[q->text_next++ % AQ_CTX_TEXTS];
	aq_dec_print(value, digits, 0, out);
	return out;
}

/* ---- prices ---- */

aq_px aq_px_down(struct aq_ctx *q, struct aq_market m, double price)
{
	const struct aq_instrument *i = aq_instrument(q, m);
	return i != NULL ? aq_dec_of_double_down(price, i->px_digits, i->tick) : AQ_NONE;
}

aq_px aq_px_up(struct aq_ctx *q, struct aq_market m, double price)
{
	const struct aq_instrument *i = aq_instrument(q, m);
	return i != NULL ? aq_dec_of_double_up(price, i->px_digits, i->tick) : AQ_NONE;
}

aq_px aq_px_near(struct aq_ctx *q, struct aq_market m, double price)
{
	aq_px down = aq_px_down(q, m, price), up = aq_px_up(q, m, price);
	if (down == AQ_NONE || up == AQ_NONE)
		return AQ_NONE;
	return price - aq_px_f(q, m, down) < aq_px_f(q, m, up) - price ? down : up;
}

aq_px aq_px_add(struct aq_ctx *q, struct aq_market m, aq_px price, int64_t ticks)
{
	const struct aq_instrument *i = aq_instrument(q, m);
	int64_t distance, sum;
	if (i == NULL || price == AQ_NONE || __builtin_mul_overflow(i->tick, ticks, &distance) ||
	    __builtin_add_overflow(price, distance, &sum))
		return AQ_NONE;
	return sum;
}

double aq_px_f(struct aq_ctx *q, struct aq_market m, aq_px price)
{
	const struct aq_instrument *i = aq_instrument(q, m);
	return i != NULL && price != AQ_NONE ? aq_dec_to_double(price, i->px_digits) : NAN;
}

const char *aq_px_text(struct aq_ctx *q, struct aq_market m, aq_px price)
{
	const struct aq_instrument *i = aq_instrument(q, m);
	return i != NULL ? text_of(q, price, i->px_digits) : "-";
}

/* ---- quantities ---- */

aq_qty aq_room(struct aq_ctx *q, struct aq_market m, uint8_t side, aq_qty size, aq_qty limit)
{
	const struct aq_instrument *i = aq_instrument(q, m);
	aq_qty position = aq_position(q, m), room;
	if (i == NULL || size <= 0 || limit < 0 || position == AQ_NONE || (side != AQ_BUY && side != AQ_SELL))
		return 0;
	if (__builtin_sub_overflow(limit, side == AQ_BUY ? position : -position, &room))
		return 0; /* what cannot be told is no room */
	if (room > size)
		room = size;
	if (room <= 0)
		return 0;
	room = aq_step_down(room, i->lot);
	return room >= i->min_qty ? room : 0;
}

aq_qty aq_qty_down(struct aq_ctx *q, struct aq_market m, double qty)
{
	const struct aq_instrument *i = aq_instrument(q, m);
	aq_qty down = i != NULL ? aq_dec_of_double_down(qty, i->qty_digits, i->lot) : 0;
	return down > 0 ? down : 0;
}

aq_qty aq_qty_of(struct aq_ctx *q, struct aq_market m, double amount)
{
	const struct aq_instrument *i = aq_instrument(q, m);
	if (i == NULL)
		return 0;
	return aq_qty_down(q, m, i->qty_unit == AQ_UNIT_QUOTE ? amount : amount / aq_mid(q, m));
}

int aq_ctx_value(const struct aq_instrument *i, aq_px price, aq_qty qty, struct aq_amt *out)
{
	if (i->qty_unit == AQ_UNIT_QUOTE)
		return aq_amt_from_scaled(qty, i->qty_digits, out);
	return aq_notional_zero(price, i->px_digits, qty, i->qty_digits, out);
}

double aq_notional(struct aq_ctx *q, struct aq_market m, aq_px price, aq_qty qty)
{
	const struct aq_instrument *i = aq_instrument(q, m);
	struct aq_amt value;
	if (i == NULL || price == AQ_NONE || qty == AQ_NONE || aq_ctx_value(i, price, qty, &value) < 0)
		return NAN;
	return aq_amt_to_double(value);
}

double aq_qty_f(struct aq_ctx *q, struct aq_market m, aq_qty qty)
{
	const struct aq_instrument *i = aq_instrument(q, m);
	return i != NULL && qty != AQ_NONE ? aq_dec_to_double(qty, i->qty_digits) : NAN;
}

const char *aq_qty_text(struct aq_ctx *q, struct aq_market m, aq_qty qty)
{
	const struct aq_instrument *i = aq_instrument(q, m);
	return i != NULL ? text_of(q, qty, i->qty_digits) : "-";
}

/* ---- the book ---- */

double aq_fair(struct aq_ctx *q, struct aq_market m)
{
	const struct aq_top *t = aq_ctx_fresh(q, m);
	double bid, ask, sum;
	if (t == NULL)
		return NAN;
	bid = aq_px_f(q, m, t->bid);
	ask = aq_px_f(q, m, t->ask);
	sum = (double)t->bid_qty + (double)t->ask_qty;
	return sum > 0 ? (bid * (double)t->ask_qty + ask * (double)t->bid_qty) / sum : (bid + ask) / 2;
}

double aq_mid(struct aq_ctx *q, struct aq_market m)
{
	const struct aq_top *t = aq_ctx_fresh(q, m);
	return t != NULL ? (aq_px_f(q, m, t->bid) + aq_px_f(q, m, t->ask)) / 2 : NAN;
}

int aq_top(struct aq_ctx *q, struct aq_market m, struct aq_top *out)
{
	const struct aq_top *t = top_of(q, m.instrument);
	*out = t != NULL ? *t : (struct aq_top){.bid = AQ_NONE, .ask = AQ_NONE, .why = AQ_BOOK_NONE_YET};
	return out->valid;
}

int32_t aq_levels(struct aq_ctx *q, struct aq_market m, uint8_t side, struct aq_level *out, uint32_t n)
{
	int32_t count = q->market != NULL ? q->market->levels(q->host->owner, m.instrument, side, out, n) : 0;
	return count > 0 ? count : 0;
}

double aq_depth_price(struct aq_ctx *q, struct aq_market m, uint8_t side, aq_qty qty)
{
	struct aq_level levels[DEPTH];
	double paid = 0, left;
	int32_t n;
	if (qty <= 0 || aq_ctx_fresh(q, m) == NULL)
		return NAN;
	n = aq_levels(q, m, side == AQ_BUY ? AQ_SELL : AQ_BUY, levels, DEPTH);
	left = (double)qty;
	for (int32_t i = 0; i < n; i++) {
		double part = fmin((double)levels[i].qty, left);
		paid += part * aq_px_f(q, m, levels[i].price);
		left -= part;
		if (left <= 0)
			return paid / (double)qty;
	}
	return NAN;
}

double aq_imbalance(struct aq_ctx *q, struct aq_market m)
{
	const struct aq_top *t = aq_ctx_fresh(q, m);
	double bid, ask;
	if (t == NULL)
		return NAN;
	bid = (double)t->bid_qty;
	ask = (double)t->ask_qty;
	return bid + ask > 0 ? (bid - ask) / (bid + ask) : NAN;
}

int64_t aq_age(struct aq_ctx *q, struct aq_market m)
{
	const struct aq_top *t = top_of(q, m.instrument);
	if (t == NULL || t->arrival_ns == 0)
		return INT64_MAX;
	return q->now_ns > t->arrival_ns ? q->now_ns - t->arrival_ns : 0;
}

/* ---- the account ---- */

static bool read_position(struct aq_ctx *q, struct aq_market m, struct aq_position *out)
{
	*out = (struct aq_position){.size = sizeof(*out)};
	return q->orders != NULL && m.account != 0 &&
	       q->orders->position(q->host->owner, m.account, m.instrument, 0, out) >= 0;
}

aq_qty aq_position(struct aq_ctx *q, struct aq_market m)
{
	struct aq_ctx_position *kept = NULL;
	struct aq_position p;
	for (uint32_t i = 0; i < AQ_CTX_INSTRUMENTS; i++) {
		if (aq_market_same(q->positions[i].market, m))
			kept = &q->positions[i];
	}
	if (kept != NULL && kept->epoch == q->epoch)
		return kept->qty;
	if (!read_position(q, m, &p))
		return 0;
	if (kept == NULL)
		kept = &q->positions[q->position_next++ % AQ_CTX_INSTRUMENTS];
	*kept = (struct aq_ctx_position){.market = m, .epoch = q->epoch, .qty = p.qty};
	return p.qty;
}

double aq_inventory(struct aq_ctx *q, struct aq_market m, aq_qty limit)
{
	if (limit <= 0)
		return 0;
	return fmax(-1, fmin(1, (double)aq_position(q, m) / (double)limit));
}

double aq_balance(struct aq_ctx *q, struct aq_market m, const char *asset)
{
	struct aq_balance b = {.size = sizeof(b)};
	struct aq_amt available;
	if (q->orders == NULL || q->orders->balance(q->host->owner, m.account, asset, &b) < 0 ||
	    aq_amt_sub(b.total, b.locked, &available) < 0)
		return NAN;
	return aq_amt_to_double(available);
}

double aq_profit(struct aq_ctx *q, struct aq_market m)
{
	struct aq_position p;
	struct aq_amt sum;
	if (!read_position(q, m, &p) || aq_amt_add(p.realised, p.unrealised, &sum) < 0)
		return NAN;
	return aq_amt_to_double(sum);
}

int32_t aq_fees(struct aq_ctx *q, struct aq_market m, struct aq_fees *out)
{
	return q->orders != NULL ? q->orders->fees(q->host->owner, m.account, m.instrument, out) : AQ_ESTATE;
}
