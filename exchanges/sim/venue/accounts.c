/* accounts.c: all that moves money. */
#include "sim/venue/accounts.h"

#include "decimal.h"

void sim_add(struct sim_venue *v, struct aq_amt *sum, struct aq_amt amount)
{
	if (aq_amt_add(*sum, amount, sum) != AQ_OK)
		v->overflow = true;
}

int sim_value(const struct aq_instrument *i, aq_px price, aq_qty qty, struct aq_amt *out)
{
	if (i->kind != AQ_INVERSE)
		return aq_notional_zero(price, i->px_digits, qty, i->qty_digits, out);
	struct aq_amt amount, at;
	int status = aq_amt_from_scaled(qty, i->qty_digits, &amount);
	if (status == AQ_OK)
		status = aq_amt_from_scaled(price, i->px_digits, &at);
	return status == AQ_OK ? aq_amt_div_zero(amount, at, out) : status;
}

struct sim_position_row *sim_position_of(const struct sim_venue *v, const struct sim_order_row *r)
{
	uint32_t side = r->position_side == 0 ? AQ_NET : r->position_side;
	return &v->accounts[r->account].positions[(r->market - 1u) * SIM_SIDES + side - 1];
}

aq_qty sim_closable(const struct sim_venue *v, const struct sim_order_row *r)
{
	aq_qty qty = sim_position_of(v, r)->qty;
	if (r->side == AQ_SELL)
		return qty > 0 ? qty : 0;
	return qty < 0 ? -qty : 0;
}

bool sim_only_reduces(const struct sim_order_row *r)
{
	return r->reduce_only || (r->position_side == AQ_LONG && r->side == AQ_SELL) ||
	       (r->position_side == AQ_SHORT && r->side == AQ_BUY);
}

uint16_t sim_pays_with(const struct sim_venue *v, const struct sim_order_row *r)
{
	const struct sim_market *m = sim_market_at(v, r->market);
	if (m->instrument.kind != AQ_SPOT)
		return m->settle;
	return r->side == AQ_BUY ? m->quote : m->base;
}

static struct aq_amt part_of_leverage(const struct sim_venue *v, uint32_t account, struct aq_amt amount)
{
	struct aq_amt part = amount;
	aq_amt_part_zero(amount, 1, v->accounts[account].leverage, &part);
	return part;
}

int sim_lock_needed(
	const struct sim_venue *v, const struct sim_order_row *r, aq_px price, aq_qty left, struct aq_amt *out)
{
	const struct aq_instrument *i = &sim_market_at(v, r->market)->instrument;
	if (i->kind == AQ_SPOT && r->side == AQ_SELL)
		return aq_amt_from_scaled(left, i->qty_digits, out);
	if (i->kind == AQ_SPOT)
		return sim_value(i, price, left, out);
	int status = sim_value(i, price, left < r->opening ? left : r->opening, out);
	if (status == AQ_OK)
		*out = part_of_leverage(v, r->account, *out);
	return status;
}

struct aq_amt sim_free(const struct sim_venue *v, uint32_t account, uint16_t asset)
{
	const struct sim_asset_row *row = &v->accounts[account].assets[asset];
	struct aq_amt left = row->total;
	aq_amt_sub(row->total, row->locked, &left);
	return left;
}

static void touch(struct sim_venue *v, uint32_t account, uint32_t row, bool position)
{
	v->touches[v->touch_count++] = (struct sim_touch){.account = account, .row = row, .position = position};
}

void sim_touch_asset(struct sim_venue *v, uint32_t account, uint16_t asset)
{
	struct sim_asset_row *row = &v->accounts[account].assets[asset];
	row->used = true;
	if (row->touched)
		return;
	row->touched = true;
	touch(v, account, asset, false);
}

static void touch_position(struct sim_venue *v, uint32_t account, struct sim_position_row *p)
{
	p->used = true;
	if (p->touched)
		return;
	p->touched = true;
	touch(v, account, (uint32_t)(p - v->accounts[account].positions), true);
}

/* Makes `*held` of an asset `needed`. */
static void hold(struct sim_venue *v, uint32_t account, uint16_t asset, struct aq_amt *held, struct aq_amt needed)
{
	if (aq_amt_cmp(*held, needed) == 0)
		return;
	struct aq_amt *locked = &v->accounts[account].assets[asset].locked;
	sim_add(v, locked, aq_amt_neg(*held));
	sim_add(v, locked, needed);
	*held = needed;
	sim_touch_asset(v, account, asset);
}

void sim_relock(struct sim_venue *v, struct sim_order_row *r)
{
	struct aq_amt needed = aq_amt_zero();
	if (!sim_order_final(r) && r->type == AQ_LIMIT &&
		sim_lock_needed(v, r, r->price, r->qty - r->filled, &needed) != AQ_OK)
		v->overflow = true;
	hold(v, r->account, sim_pays_with(v, r), &r->locked, needed);
}

void sim_credit(struct sim_venue *v, uint32_t account, uint16_t asset, struct aq_amt amount)
{
	sim_add(v, &v->accounts[account].assets[asset].total, amount);
	sim_touch_asset(v, account, asset);
}

/* Closes `n` of the position (n <= |qty|) worth `value`; returns the profit in the settle asset. */
static struct aq_amt close_part(
	struct sim_venue *v, struct sim_position_row *p, aq_qty n, struct aq_amt value, bool inverse)
{
	struct aq_amt part = aq_amt_zero(), profit = aq_amt_zero();
	aq_qty open = p->qty < 0 ? -p->qty : p->qty;
	if (aq_amt_part_zero(p->cost, n, open, &part) != AQ_OK)
		v->overflow = true;
	sim_add(v, &profit, p->qty > 0 ? value : aq_amt_neg(value));
	sim_add(v, &profit, aq_amt_neg(part));
	if (inverse) /* the cost of a long is what the same quantity was worth in base before: less of it now is profit
		      */
		profit = aq_amt_neg(profit);
	sim_add(v, &p->cost, aq_amt_neg(part));
	p->qty += p->qty > 0 ? -n : n;
	sim_add(v, &p->realised, profit);
	return profit;
}

static struct aq_amt move_position(struct sim_venue *v, const struct sim_order_row *r, const struct sim_fill_row *fill)
{
	const struct aq_instrument *i = &sim_market_at(v, r->market)->instrument;
	struct sim_position_row *p = sim_position_of(v, r);
	struct aq_amt profit = aq_amt_zero(), value = aq_amt_zero();
	aq_qty closes = sim_closable(v, r);
	if (closes > fill->qty)
		closes = fill->qty;
	if (closes > 0 && sim_value(i, fill->price, closes, &value) == AQ_OK)
		profit = close_part(v, p, closes, value, i->kind == AQ_INVERSE);
	aq_qty opens = fill->qty - closes;
	if (opens > 0 && sim_value(i, fill->price, opens, &value) == AQ_OK) {
		sim_add(v, &p->cost, r->side == AQ_BUY ? value : aq_amt_neg(value));
		p->qty += r->side == AQ_BUY ? opens : -opens;
	}
	touch_position(v, r->account, p);
	if (i->kind != AQ_SPOT)
		hold(v, r->account, sim_market_at(v, r->market)->settle, &p->locked,
			part_of_leverage(v, r->account, aq_amt_abs(p->cost)));
	return profit;
}

static void settle_spot(struct sim_venue *v, const struct sim_order_row *r, struct sim_fill_row *fill,
	struct aq_amt value, struct aq_amt rate)
{
	const struct sim_market *m = sim_market_at(v, r->market);
	struct aq_amt qty = aq_amt_zero();
	bool buy = r->side == AQ_BUY;
	aq_amt_from_scaled(fill->qty, m->instrument.qty_digits, &qty);
	fill->fee_asset = buy ? m->base : m->quote;
	aq_amt_mul_zero(buy ? qty : value, rate, &fill->fee);
	sim_credit(v, r->account, m->base, buy ? qty : aq_amt_neg(qty));
	sim_credit(v, r->account, m->quote, buy ? aq_amt_neg(value) : value);
	sim_credit(v, r->account, fill->fee_asset, aq_amt_neg(fill->fee));
}

void sim_settle(struct sim_venue *v, struct sim_order_row *r, struct sim_fill_row *fill)
{
	const struct sim_market *m = sim_market_at(v, r->market);
	const struct sim_account *a = &v->accounts[r->account];
	struct aq_amt rate = fill->liquidity == AQ_MAKER ? a->fee_maker : a->fee_taker;
	struct aq_amt value = aq_amt_zero();
	if (sim_value(&m->instrument, fill->price, fill->qty, &value) != AQ_OK)
		v->overflow = true;
	sim_add(v, &r->value, value);
	fill->realised = move_position(v, r, fill);
	if (m->instrument.kind == AQ_SPOT) {
		settle_spot(v, r, fill, value, rate);
	} else {
		fill->fee_asset = m->settle;
		aq_amt_mul_zero(value, rate, &fill->fee);
		sim_credit(v, r->account, m->settle, fill->realised);
		sim_credit(v, r->account, m->settle, aq_amt_neg(fill->fee));
	}
	sim_relock(v, r);
}
