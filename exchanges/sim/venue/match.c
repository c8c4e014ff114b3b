/* match.c: trades and books of the capture against resting orders; orders that take. */
#include "sim/venue/match.h"

#include "decimal.h"
#include "sim/venue/accounts.h"
#include "sim/venue/answers.h"
#include "sim/venue/walk.h"

static aq_qty least(aq_qty a, aq_qty b)
{
	return a < b ? a : b;
}

static struct sim_rests *rests_of(struct sim_venue *v, const struct sim_order_row *r)
{
	return &sim_market_at(v, r->market)->rests[sim_side_of(r->side)];
}

void sim_rest(struct sim_venue *v, struct sim_order_row *r)
{
	struct sim_market *m = sim_market_at(v, r->market);
	int64_t key = sim_key(r->side, r->price);
	r->ahead = sim_side_available(&m->book.side[sim_side_of(r->side)], key);
	r->priority = ++v->orders.priority;
	r->resting = true;
	v->reducers += sim_only_reduces(r);
	bool kept = sim_rest_add(rests_of(v, r), key, r) == AQ_OK;
	if (kept && r->tif == AQ_GTD)
		kept = sim_expiry_add(&v->orders, r) == AQ_OK;
	if (kept)
		return;
	sim_end_order(v, r, AQ_CANCELLED, AQ_VENUE_OTHER);
	sim_say_order(v, r, AQ_UP_CANCELLED, 0, AQ_VENUE_OTHER, "the venue is out of memory");
}

void sim_unrest(struct sim_venue *v, struct sim_order_row *r)
{
	if (!r->resting)
		return;
	r->resting = false;
	v->reducers -= sim_only_reduces(r);
	sim_rest_remove(rests_of(v, r), sim_key(r->side, r->price), r);
	if (r->tif == AQ_GTD)
		sim_expiry_remove(&v->orders, r);
}

void sim_end_order(struct sim_venue *v, struct sim_order_row *r, uint8_t state, uint16_t code)
{
	sim_unrest(v, r);
	r->state = state;
	r->code = code;
	r->ended_ns = v->now_ns;
	sim_relock(v, r);
}

static void cancel(struct sim_venue *v, struct sim_order_row *r, uint16_t code, const char *text)
{
	sim_end_order(v, r, AQ_CANCELLED, code);
	sim_say_order(v, r, AQ_UP_CANCELLED, 0, code, text);
}

/* One execution of one order. False when the venue can hold no more fills: nothing has happened then. */
static bool fill(struct sim_venue *v, struct sim_order_row *r, aq_px price, aq_qty qty, uint8_t liquidity, aq_qty ahead)
{
	struct sim_fill_row *row = sim_fill_add(&v->orders);
	if (row == NULL)
		return false;
	r->filled += qty;
	if (r->filled == r->qty) {
		sim_unrest(v, r);
		r->state = AQ_FILLED;
		r->ended_ns = v->now_ns;
	}
	*row = (struct sim_fill_row){.order = r->number,
		.liquidity = liquidity,
		.price = price,
		.qty = qty,
		.cumulative = r->filled,
		.ahead = ahead,
		.time_ns = v->now_ns};
	sim_settle(v, r, row);
	sim_say_fill(v, v->orders.fill_count - 1);
	return true;
}

/* All of a resting order at its price, as far as its position allows; it never rests afterwards. */
static aq_qty fill_wholly(struct sim_venue *v, struct sim_order_row *r)
{
	aq_qty qty = sim_open_qty(v, r);
	if (qty > 0 && !fill(v, r, r->price, qty, AQ_MAKER, r->ahead))
		qty = 0;
	if (!sim_order_final(r))
		cancel(v, r, AQ_VENUE_OTHER,
			qty > 0 ? "reduce-only: nothing is left to reduce" : "it cannot be filled");
	return qty;
}

/* Orders of one side whose price the trade went beyond. Returns what is left of the trade. */
static aq_qty trade_beyond(struct sim_venue *v, struct sim_rests *rests, int64_t key, aq_qty left)
{
	while (rests->count > 0 && rests->rest[rests->count - 1].key > key) {
		aq_qty filled = fill_wholly(v, sim_order_at(&v->orders, rests->rest[rests->count - 1].order));
		left -= least(left, filled);
	}
	return left;
}

/* Orders at the price of the trade, in their turn. `passed` is displayed quantity that this trade has used up: it stood
 * before all of them that had it ahead. */
static void trade_at(struct sim_venue *v, struct sim_rests *rests, int64_t key, aq_qty left)
{
	aq_qty passed = 0;
	for (uint32_t i = rests->count; i > 0 && rests->rest[i - 1].key == key; i--) {
		struct sim_order_row *r = sim_order_at(&v->orders, rests->rest[i - 1].order);
		aq_qty before = r->ahead;
		aq_qty needed = before > passed ? before - passed : 0;
		aq_qty used = least(left, needed);
		passed += used;
		left -= used;
		r->ahead -= least(before, passed);
		aq_qty qty = least(left, sim_open_qty(v, r));
		if (r->ahead == 0 && qty > 0 && fill(v, r, r->price, qty, AQ_MAKER, before))
			left -= qty;
	}
}

void sim_match_trade(struct sim_venue *v, struct sim_market *m, const struct aq_trade *t)
{
	m->last = t->price;
	for (uint8_t side = AQ_BUY; side <= AQ_SELL; side++) {
		struct sim_rests *rests = &m->rests[sim_side_of(side)];
		int64_t key = sim_key(side, t->price);
		if (rests->count == 0 || rests->rest[rests->count - 1].key < key)
			continue;
		aq_qty left = trade_beyond(v, rests, key, t->qty);
		if (t->taker != side)
			trade_at(v, rests, key, left);
	}
}

void sim_match_book(struct sim_venue *v, struct sim_market *m)
{
	for (int side = 0; side < 2; side++) {
		struct sim_rests *rests = &m->rests[side];
		int64_t other = rests->count > 0 ? sim_side_best(&m->book.side[!side]) : SIM_NO_KEY;
		while (other != SIM_NO_KEY && rests->count > 0 && rests->rest[rests->count - 1].key + other >= 0)
			fill_wholly(v, sim_order_at(&v->orders, rests->rest[rests->count - 1].order));
	}
}

bool sim_would_take(const struct sim_venue *v, const struct sim_order_row *r, aq_px price)
{
	struct sim_walk walk;
	struct sim_piece piece;
	sim_walk_begin(&walk, v, &v->markets[r->market - 1], r->side, price);
	return sim_walk_next(&walk, &piece);
}

/* The taker and what it meets belong to one account, and it does not want that. */
static bool meets_itself(const struct sim_order_row *r, const struct sim_order_row *maker)
{
	return maker != NULL && maker->account == r->account && r->self_trade != AQ_ST_NONE;
}

/* How much of a piece at `price` an order wants: by quantity, or by the amount that is left. */
static aq_qty wanted(
	const struct sim_venue *v, const struct sim_order_row *r, aq_px price, aq_qty left, struct aq_amt quote)
{
	const struct aq_instrument *i = &v->markets[r->market - 1].instrument;
	aq_qty qty = 0;
	if (left != AQ_NONE)
		return left;
	if (aq_qty_for_down(quote, price, i->px_digits, i->qty_digits, &qty) != AQ_OK)
		return 0;
	return aq_step_down(qty, i->lot);
}

aq_qty sim_preview(const struct sim_venue *v, const struct sim_order_row *r, aq_qty want, struct aq_amt quote,
	struct aq_amt *value)
{
	struct sim_walk walk;
	struct sim_piece piece;
	const struct sim_market *m = &v->markets[r->market - 1];
	aq_qty got = 0;
	*value = aq_amt_zero();
	sim_walk_begin(&walk, v, m, r->side, r->price);
	while (want != 0 && sim_walk_next(&walk, &piece)) {
		if (meets_itself(r, piece.maker) && r->self_trade == AQ_ST_CANCEL_MAKER)
			continue;
		if (meets_itself(r, piece.maker))
			break;
		struct aq_amt part;
		aq_qty qty = least(piece.qty, wanted(v, r, sim_price_of(piece.key), want, quote));
		if (qty == 0 || qty > INT64_MAX / 2 - got ||
			sim_value(&m->instrument, sim_price_of(piece.key), qty, &part) != AQ_OK ||
			aq_amt_add(*value, part, value) != AQ_OK)
			break;
		got += qty;
		if (want != AQ_NONE)
			want -= qty;
		else if (aq_amt_sub(quote, part, &quote) != AQ_OK)
			break;
	}
	return got;
}

/* True when the taker goes on. */
static bool part_from_itself(struct sim_venue *v, struct sim_order_row *r, struct sim_order_row *maker)
{
	static const char *const text = "it would have met an order of its own account";
	if (r->self_trade == AQ_ST_CANCEL_MAKER || r->self_trade == AQ_ST_CANCEL_BOTH)
		cancel(v, maker, AQ_VENUE_SELF_TRADE, text);
	if (r->self_trade == AQ_ST_CANCEL_MAKER)
		return true;
	cancel(v, r, AQ_VENUE_SELF_TRADE, text);
	return false;
}

/* What a taker takes of a level counts as traded for those who wait at that price. */
static void take_displayed(struct sim_venue *v, const struct sim_order_row *r, int64_t key, aq_qty qty)
{
	struct sim_market *m = sim_market_at(v, r->market);
	int other = !sim_side_of(r->side);
	sim_side_take(&m->book.side[other], key, qty);
	const struct sim_rests *rests = &m->rests[other];
	for (uint32_t i = rests->count; i > 0 && rests->rest[i - 1].key >= key; i--) {
		struct sim_order_row *waiting = sim_order_at(&v->orders, rests->rest[i - 1].order);
		if (rests->rest[i - 1].key == key)
			waiting->ahead -= least(waiting->ahead, qty);
	}
}

/* Takes one piece. False when the taker is through: it wants no more, or cannot have it. */
static bool take(struct sim_venue *v, struct sim_order_row *r, const struct sim_piece *piece, bool *satisfied)
{
	aq_px price = sim_price_of(piece->key);
	struct aq_amt value;
	aq_qty qty = wanted(v, r, price, r->qty != 0 ? sim_open_qty(v, r) : AQ_NONE, r->quote_left);
	*satisfied = qty == 0;
	qty = least(qty, piece->qty);
	if (qty == 0 || sim_value(&sim_market_at(v, r->market)->instrument, price, qty, &value) != AQ_OK)
		return false;
	if (piece->maker == NULL)
		take_displayed(v, r, piece->key, qty);
	else if (!fill(v, piece->maker, price, qty, AQ_MAKER, piece->maker->ahead))
		return false;
	if (r->qty == 0)
		aq_amt_sub(r->quote_left, value, &r->quote_left);
	return fill(v, r, price, qty, AQ_TAKER, 0);
}

/* After the last piece: an order that is not filled rests or ends. */
static void come_to_rest(struct sim_venue *v, struct sim_order_row *r, bool satisfied)
{
	if (r->qty == 0 && satisfied && r->filled > 0) {
		r->qty = r->filled;
		sim_end_order(v, r, AQ_FILLED, AQ_CODE_NONE);
		/* The host cannot know the quantity of an order by amount, so this one is told. */
		sim_say_order(v, r, AQ_UP_FILLED, 0, AQ_CODE_NONE, "");
	} else if (r->qty != 0 && sim_open_qty(v, r) == 0) {
		cancel(v, r, AQ_VENUE_OTHER, "reduce-only: nothing is left to reduce");
	} else if (r->type != AQ_LIMIT || r->tif == AQ_IOC || r->tif == AQ_FOK) {
		cancel(v, r, AQ_VENUE_UNFILLED, "nothing more at this price");
	} else {
		sim_rest(v, r);
	}
}

void sim_match_taker(struct sim_venue *v, struct sim_order_row *r)
{
	struct sim_walk walk;
	struct sim_piece piece;
	bool satisfied = false;
	while (!sim_order_final(r)) {
		sim_walk_begin(&walk, v, sim_market_at(v, r->market), r->side, r->price);
		if (!sim_walk_next(&walk, &piece))
			break;
		if (meets_itself(r, piece.maker) ? !part_from_itself(v, r, piece.maker)
						 : !take(v, r, &piece, &satisfied))
			break;
	}
	if (!sim_order_final(r))
		come_to_rest(v, r, satisfied);
}

void sim_sweep_reducers(struct sim_venue *v)
{
	for (uint32_t i = 0; i < 2 * v->market_count && v->reducers > 0; i++) {
		struct sim_rests *rests = &v->markets[i / 2].rests[i % 2];
		for (uint32_t n = rests->count; n > 0; n--) {
			struct sim_order_row *r = sim_order_at(&v->orders, rests->rest[n - 1].order);
			if (sim_only_reduces(r) && sim_open_qty(v, r) == 0)
				cancel(v, r, AQ_VENUE_OTHER, "reduce-only: nothing is left to reduce");
		}
	}
}
