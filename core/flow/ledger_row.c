/* ledger_row.c: what a fill does to a row: position, cost, turnover, profit, and the fee that is taken out of it. */
#include "flow/ledger.h"

#include "flow/market.h"

#include "decimal.h"

#include <string.h>

/* Opens (or adds to) `qty` lots worth `value`; both signed. */
int ledger_row_open(struct aq_position *p, aq_qty qty, struct aq_amt value)
{
	if (__builtin_add_overflow(p->qty, qty, &p->qty) || p->qty == AQ_NONE)
		return AQ_EOVERFLOW;
	return aq_amt_add(p->cost, value, &p->cost);
}

/* Closes `lots` of what is open for `value` (both positive): the cost goes in proportion. */
static int row_close(struct aq_position *p, bool inverse, aq_qty lots, struct aq_amt value, struct aq_amt *realised)
{
	bool is_long = p->qty > 0;
	struct aq_amt cost, gain;
	int rc = aq_amt_part_zero(p->cost, lots, is_long ? p->qty : -p->qty, &cost);

	if (rc == 0)
		rc = aq_amt_sub(is_long ? value : aq_amt_neg(value), cost, &gain);
	if (rc == 0)
		rc = aq_amt_sub(p->cost, cost, &p->cost);
	if (rc != 0)
		return rc;
	*realised = inverse ? aq_amt_neg(gain) : gain;
	p->qty += is_long ? -lots : lots;
	return AQ_OK;
}

static int row_turnover(struct aq_position *p, const struct aq_fill *fill, struct aq_amt value)
{
	struct aq_amt *side = fill->side == AQ_BUY ? &p->bought : &p->sold;

	return aq_amt_add(*side, value, side);
}

/* Closes what it can of `qty` lots and opens the rest. */
static int row_trade(const struct market *m, struct aq_position *p, bool buys, aq_px price, aq_qty qty,
	struct aq_amt *realised)
{
	aq_qty held = p->qty < 0 ? -p->qty : p->qty;
	aq_qty closing = p->qty == 0 || buys == (p->qty > 0) ? 0 : qty < held ? qty : held;
	aq_qty opening = qty - closing;
	struct aq_amt value;
	int rc = AQ_OK;

	*realised = aq_amt_zero();
	if (closing > 0 && (rc = market_notional(m, price, closing, &value)) == 0)
		rc = row_close(p, m->instrument.kind == AQ_INVERSE, closing, value, realised);
	if (rc == 0 && opening > 0 && (rc = market_notional(m, price, opening, &value)) == 0)
		rc = ledger_row_open(p, buys ? opening : -opening, buys ? value : aq_amt_neg(value));
	return rc != 0 ? rc : aq_amt_add(p->realised, *realised, &p->realised);
}

void ledger_row_average(const struct market *m, struct aq_position *p)
{
	p->avg_price = AQ_NONE;
	if (p->qty != 0 && m->instrument.kind != AQ_INVERSE)
		aq_px_of_zero(p->cost, p->qty, m->instrument.qty_digits, m->instrument.px_digits, &p->avg_price);
}

int ledger_fill_row(const struct market *m, const struct aq_fill *fill, struct aq_position *p, struct aq_amt *realised)
{
	struct ledger_fee fee;
	struct aq_amt value, of_fee;
	int rc = market_notional(m, fill->price, fill->qty, &value);

	*realised = aq_amt_zero();
	if (rc == 0)
		rc = row_turnover(p, fill, value);
	if (rc == 0)
		rc = row_trade(m, p, fill->side == AQ_BUY, fill->price, fill->qty, realised);
	if (rc == 0)
		rc = ledger_fee_of(m, fill, &fee);
	if (rc == 0 && fee.lots != 0)
		rc = row_trade(m, p, fee.lots < 0, fill->price, fee.lots < 0 ? -fee.lots : fee.lots, &of_fee);
	ledger_row_average(m, p);
	return rc;
}

/* Base and quote of one name would be one sum of fees, and an asset without a name is no fee's. */
static bool fee_in_base(const struct aq_instrument *i, const struct aq_fill *fill)
{
	return i->kind == AQ_SPOT && i->base[0] != '\0' && strncmp(fill->fee_asset, i->base, sizeof(i->base)) == 0 &&
		strcmp(i->base, i->quote) != 0;
}

int ledger_fee_of(const struct market *m, const struct aq_fill *fill, struct ledger_fee *out)
{
	const struct aq_instrument *i = &m->instrument;
	struct aq_amt taken;
	int rc;

	*out = (struct ledger_fee){.asset = fill->fee_asset, .paid = fill->fee};
	if (!fee_in_base(i, fill))
		return AQ_OK;
	rc = aq_amt_to_scaled_zero(fill->fee, i->qty_digits, &out->lots);
	if (rc != 0 || out->lots == 0)
		return rc;
	rc = market_notional(m, fill->price, out->lots < 0 ? -out->lots : out->lots, &out->worth);
	if (out->lots < 0)
		out->worth = aq_amt_neg(out->worth);
	if (rc == 0)
		rc = aq_amt_from_scaled(out->lots, i->qty_digits, &taken);
	if (rc == 0)
		rc = aq_amt_sub(fill->fee, taken, &out->paid);
	if (aq_amt_sign(out->paid) == 0)
		out->asset = "";
	return rc;
}
