/* checks.c: may this order be? */
#include "sim/venue/requests.h"

#include "decimal.h"
#include "sim/venue/accounts.h"
#include "sim/venue/match.h"
#include "sim/venue/walk.h"

static const char *position_fault(const struct sim_venue *v, const struct sim_order_row *r, bool spot)
{
	bool side_given = r->position_side == AQ_LONG || r->position_side == AQ_SHORT;
	if (spot)
		return side_given || r->reduce_only ? "spot has no positions" : NULL;
	if (side_given != v->accounts[r->account].hedging)
		return "position side does not fit the position mode of the account";
	return sim_only_reduces(r) && sim_closable(v, r) == 0 ? "reduce-only: there is nothing to reduce" : NULL;
}

static const char *time_in_force_fault(const struct sim_venue *v, const struct sim_order_row *r, uint16_t *code)
{
	if (r->tif > AQ_GTD || r->self_trade > AQ_ST_CANCEL_BOTH)
		return "time in force or self-trade mode is unknown";
	if (r->post_only && (r->type != AQ_LIMIT || r->tif == AQ_IOC || r->tif == AQ_FOK))
		return "post-only needs an order that can rest";
	if (r->tif != AQ_GTD)
		return NULL;
	*code = r->expiry_ns <= v->now_ns ? AQ_VENUE_EXPIRED : AQ_VENUE_OTHER;
	return r->type != AQ_LIMIT || r->expiry_ns <= v->now_ns ? "it has expired already" : NULL;
}

const char *sim_check_form(const struct sim_venue *v, const struct sim_order_row *r, uint16_t *code)
{
	const struct aq_instrument *i = &v->markets[r->market - 1].instrument;
	*code = AQ_VENUE_OTHER;
	if (i->state != AQ_TRADING)
		return "the market is not open";
	if (v->markets[r->market - 1].candles_alone)
		return "the capture has only candles of this market, and they fill no order";
	if (r->side != AQ_BUY && r->side != AQ_SELL)
		return "side is unknown";
	if (r->type != AQ_LIMIT && r->type != AQ_MARKET_ORDER)
		return "this venue has limit and market orders";
	if (r->position_side > AQ_SHORT || r->post_only > 1 || r->reduce_only > 1)
		return "a flag is out of range";
	if ((r->type == AQ_LIMIT) != (r->price != AQ_NONE))
		return "a limit order has a price, a market order has none";
	bool by_amount = aq_amt_sign(r->quote_qty) != 0;
	if (by_amount && (r->type != AQ_MARKET_ORDER || r->qty != 0 || r->tif == AQ_FOK || i->kind == AQ_INVERSE))
		return "an amount is for market orders without a quantity";
	if (by_amount && sim_only_reduces(r))
		return "a reduce-only order needs a quantity";
	const char *fault = time_in_force_fault(v, r, code);
	return fault != NULL ? fault : position_fault(v, r, i->kind == AQ_SPOT);
}

/* The price that a market order would meet first. */
static aq_px first_price(const struct sim_venue *v, const struct sim_order_row *r)
{
	struct sim_walk walk;
	struct sim_piece piece;
	if (r->price != AQ_NONE)
		return r->price;
	sim_walk_begin(&walk, v, &v->markets[r->market - 1], r->side, AQ_NONE);
	return sim_walk_next(&walk, &piece) ? sim_price_of(piece.key) : AQ_NONE;
}

static const char *notional_fault(const struct sim_venue *v, const struct sim_order_row *r)
{
	const struct aq_instrument *i = &v->markets[r->market - 1].instrument;
	struct aq_amt notional = r->quote_qty;
	aq_px price = first_price(v, r);
	if (aq_amt_sign(i->min_notional) == 0 || sim_only_reduces(r))
		return NULL;
	if (i->kind == AQ_INVERSE)
		aq_amt_from_scaled(r->qty, i->qty_digits, &notional);
	else if (r->qty != 0 && (price == AQ_NONE || sim_value(i, price, r->qty, &notional) != AQ_OK))
		return NULL; /* nothing to trade with: it will end unfilled */
	return aq_amt_cmp(notional, i->min_notional) < 0 ? "less than the least notional" : NULL;
}

const char *sim_check_filters(const struct sim_venue *v, const struct sim_order_row *r, uint16_t *code)
{
	const struct aq_instrument *i = &v->markets[r->market - 1].instrument;
	struct aq_amt value;
	*code = AQ_VENUE_FILTER;
	if (r->price != AQ_NONE && (r->price <= 0 || r->price > INT64_MAX / 2 || r->price % i->tick != 0))
		return "price is no multiple of the tick";
	if (aq_amt_sign(r->quote_qty) < 0 || (aq_amt_sign(r->quote_qty) == 0 && r->qty <= 0))
		return "quantity is not positive";
	if (r->qty > INT64_MAX / 2 || r->qty % i->lot != 0)
		return "quantity is no multiple of the lot";
	if (r->qty != 0 && (r->qty < i->min_qty || (i->max_qty != 0 && r->qty > i->max_qty)))
		return "quantity is out of range";
	if (r->price != AQ_NONE && sim_value(i, r->price, r->qty, &value) != AQ_OK)
		return "price times quantity does not fit";
	return notional_fault(v, r);
}

aq_qty sim_opening(const struct sim_venue *v, const struct sim_order_row *r)
{
	if (sim_only_reduces(r))
		return 0;
	aq_qty closable = sim_closable(v, r);
	const struct sim_rests *rests = &v->markets[r->market - 1].rests[sim_side_of(r->side)];
	for (uint32_t i = 0; i < rests->count && closable > 0; i++) {
		const struct sim_order_row *other = sim_order_at(&v->orders, rests->rest[i].order);
		if (other->number == r->number || other->account != r->account ||
			other->position_side != r->position_side)
			continue;
		closable -= other->qty - other->filled;
	}
	aq_qty left = r->qty - r->filled;
	return left > closable && closable > 0 ? left - closable : closable > 0 ? 0 : left;
}

/* What a market order would cost, by walking the book. */
static int market_need(const struct sim_venue *v, const struct sim_order_row *r, struct aq_amt *need)
{
	const struct sim_market *m = &v->markets[r->market - 1];
	aq_qty got = sim_preview(v, r, r->qty != 0 ? r->qty : AQ_NONE, r->quote_qty, need);
	if (m->instrument.kind == AQ_SPOT && r->side == AQ_SELL)
		return aq_amt_from_scaled(r->qty != 0 ? r->qty : got, m->instrument.qty_digits, need);
	if (r->qty == 0)
		*need = m->instrument.kind == AQ_SPOT ? r->quote_qty : *need;
	if (m->instrument.kind == AQ_SPOT)
		return AQ_OK;
	if (r->qty != 0 && aq_amt_part_zero(*need, r->opening, r->qty, need) != AQ_OK)
		return AQ_EOVERFLOW;
	return aq_amt_part_zero(*need, 1, v->accounts[r->account].leverage, need);
}

const char *sim_check_money(const struct sim_venue *v, struct sim_order_row *r, uint16_t *code)
{
	struct aq_amt need = aq_amt_zero(), free = sim_free(v, r->account, sim_pays_with(v, r));
	*code = AQ_VENUE_BALANCE;
	r->opening = sim_opening(v, r);
	int status = r->type == AQ_LIMIT ? sim_lock_needed(v, r, r->price, r->qty - r->filled, &need)
					 : market_need(v, r, &need);
	/* What an order that is being amended holds already counts for it. */
	if (status != AQ_OK || aq_amt_add(free, r->locked, &free) != AQ_OK)
		return "the amount does not fit";
	return aq_amt_sign(need) > 0 && aq_amt_cmp(need, free) > 0 ? "insufficient balance" : NULL;
}
