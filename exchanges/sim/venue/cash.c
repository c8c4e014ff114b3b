/* cash.c: money that moves without a fill. */
#include "sim/venue/cash.h"

#include "decimal.h"
#include "sim/venue/accounts.h"
#include "sim/venue/answers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int by_time(const void *a, const void *b)
{
	const struct sim_venue_cash *x = a, *y = b;
	return (x->at_ns > y->at_ns) - (x->at_ns < y->at_ns);
}

static uint32_t asset_of(const struct sim_venue *v, const char *asset)
{
	uint32_t i = 0;
	while (i < v->asset_count && strcmp(v->assets[i], asset) != 0)
		i++;
	return i;
}

static uint16_t market_of(const struct sim_venue *v, const char *symbol)
{
	for (uint32_t i = 0; i < v->market_count; i++)
		if (strcmp(v->markets[i].instrument.symbol, symbol) == 0)
			return (uint16_t)(i + 1);
	return 0;
}

static int check(const struct sim_venue *v, const struct sim_venue_cash *c, struct aq_err *err)
{
	if (c->kind == AQ_CASH_TRANSFER && c->account < v->account_count && asset_of(v, c->asset) < v->asset_count)
		return AQ_OK;
	if (c->kind == AQ_CASH_FUNDING && market_of(v, c->symbol) == 0)
		return sim_error(err, AQ_EINVAL, "funding: %s is in no capture", c->symbol);
	return c->kind == AQ_CASH_FUNDING ? AQ_OK : sim_error(err, AQ_EINVAL, "a transfer has no account or asset");
}

int sim_cash_create(struct sim_venue *v, const struct sim_venue_options *options, struct aq_err *err)
{
	v->cash = calloc(options->cash_count + 1u, sizeof *v->cash);
	if (v->cash == NULL)
		return sim_error(err, AQ_ESPACE, "out of memory");
	v->cash_count = options->cash_count;
	for (uint32_t i = 0; i < v->cash_count; i++) {
		v->cash[i] = options->cash[i];
		if (check(v, &v->cash[i], err) != AQ_OK)
			return AQ_EINVAL;
	}
	qsort(v->cash, v->cash_count, sizeof *v->cash, by_time);
	return AQ_OK;
}

int64_t sim_cash_next(const struct sim_venue *v)
{
	return v->cash_done < v->cash_count ? v->cash[v->cash_done].at_ns : INT64_MAX;
}

/* Keeps a cash flow and moves the balance. */
static void flow(
	struct sim_venue *v, uint32_t account, uint32_t asset, uint8_t kind, struct aq_amt amount, uint32_t row)
{
	if (v->flow_count == v->flow_capacity) {
		uint32_t capacity = v->flow_capacity == 0 ? 1024 : v->flow_capacity * 2;
		struct sim_flow_row *more = realloc(v->flows, capacity * sizeof *more);
		if (more == NULL) {
			v->overflow = true;
			return;
		}
		v->flows = more;
		v->flow_capacity = capacity;
	}
	struct sim_flow_row *f = &v->flows[v->flow_count++];
	memset(f, 0, sizeof *f);
	f->account = account;
	f->time_ns = v->now_ns;
	f->flow.size = sizeof f->flow;
	f->flow.kind = kind;
	f->flow.amount = amount;
	memcpy(f->flow.asset, v->assets[asset], sizeof f->flow.asset);
	snprintf(f->flow.id, sizeof f->flow.id, "%s-%u-%u", kind == AQ_CASH_FUNDING ? "funding" : "transfer",
		v->cash_done + 1, row + 1);
	sim_credit(v, account, (uint16_t)asset, amount);
	sim_say_flow(v, f);
}

/* Value of a quantity now, see cash.h. */
static int value_now(const struct sim_market *m, aq_qty qty, struct aq_amt *out)
{
	int64_t bid = sim_side_best(&m->book.side[0]), ask = sim_side_best(&m->book.side[1]);
	struct aq_amt low, high;
	if (m->mark != AQ_NONE)
		return sim_value(&m->instrument, m->mark, qty, out);
	if (bid == SIM_NO_KEY || ask == SIM_NO_KEY)
		return m->last == AQ_NONE ? AQ_ENOENT : sim_value(&m->instrument, m->last, qty, out);
	if (sim_value(&m->instrument, bid, qty, &low) != AQ_OK ||
		sim_value(&m->instrument, -ask, qty, &high) != AQ_OK || aq_amt_add(low, high, &low) != AQ_OK)
		return AQ_EOVERFLOW;
	return aq_amt_part_zero(low, 1, 2, out);
}

static void fund(struct sim_venue *v, const struct sim_venue_cash *c)
{
	uint16_t market = market_of(v, c->symbol);
	const struct sim_market *m = sim_market_at(v, market);
	for (uint32_t a = 0; a < v->account_count && m->instrument.kind != AQ_SPOT; a++)
		for (uint32_t side = 0; side < SIM_SIDES; side++) {
			uint32_t row = (market - 1u) * SIM_SIDES + side;
			aq_qty qty = v->accounts[a].positions[row].qty;
			struct aq_amt value, paid;
			if (qty == 0 || value_now(m, qty, &value) != AQ_OK ||
				aq_amt_mul_zero(value, c->amount, &paid) != AQ_OK)
				continue;
			flow(v, a, m->settle, AQ_CASH_FUNDING, aq_amt_neg(paid), a * SIM_SIDES + side);
		}
}

void sim_cash_run(struct sim_venue *v)
{
	while (sim_cash_next(v) <= v->now_ns) {
		const struct sim_venue_cash *c = &v->cash[v->cash_done];
		if (c->kind == AQ_CASH_FUNDING)
			fund(v, c);
		else
			flow(v, c->account, asset_of(v, c->asset), AQ_CASH_TRANSFER, c->amount, c->account);
		v->cash_done++;
	}
}
