/* record.c: the venue's state as text. */
#include "sim/venue/records.h"

#include "decimal.h"
#include "sim/venue/state.h"

#include <stdarg.h>
#include <stdio.h>

struct page {
	const struct sim_venue *venue;
	void (*line)(void *context, const char *text);
	void *context;
};

struct text {
	char at[48];
};

static const char *side_text(uint8_t side)
{
	return side == AQ_BUY ? "buy" : side == AQ_SELL ? "sell" : "-";
}

static const char *position_side_text(uint32_t side)
{
	static const char *const texts[] = {"-", "net", "long", "short"};
	return side <= AQ_SHORT ? texts[side] : "-";
}

static const char *tif_text(uint8_t tif)
{
	static const char *const texts[] = {"-", "gtc", "ioc", "fok", "gtd"};
	return tif <= AQ_GTD ? texts[tif] : "-";
}

static const char *state_text(uint8_t state)
{
	switch (state) {
	case AQ_OPEN:
		return "open";
	case AQ_FILLED:
		return "filled";
	case AQ_CANCELLED:
		return "cancelled";
	case AQ_EXPIRED:
		return "expired";
	default:
		return "rejected";
	}
}

static struct text amount(struct aq_amt value)
{
	struct text t;
	aq_amt_print(value, 0, t.at);
	return t;
}

static struct text scaled(int64_t value, uint8_t digits)
{
	struct text t;
	aq_dec_print(value, digits, 0, t.at);
	return t;
}

static void write_line(const struct page *p, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void write_line(const struct page *p, const char *format, ...)
{
	char text[SIM_RECORD_LINE];
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	p->line(p->context, text);
}

static void write_order(const struct page *p, const struct sim_order_row *r)
{
	bool market = r->market >= 1 && r->market <= p->venue->market_count;
	const struct aq_instrument *i = market ? &p->venue->markets[r->market - 1].instrument : NULL;
	uint8_t px = market ? i->px_digits : 0, qty = market ? i->qty_digits : 0;
	write_line(p,
		"order account=%s id=%llu venue_id=%u symbol=%s side=%s type=%s tif=%s position_side=%s post_only=%u "
		"reduce_only=%u price=%s qty=%s filled=%s state=%s code=%u value=%s placed_ns=%lld ended_ns=%lld",
		p->venue->accounts[r->account].name, (unsigned long long)r->id, r->number + 1, market ? i->symbol : "-",
		side_text(r->side),
		r->type == AQ_MARKET_ORDER ? "market"
		: r->type == AQ_LIMIT      ? "limit"
					   : "-",
		tif_text(r->tif), position_side_text(r->position_side), r->post_only, r->reduce_only,
		scaled(r->price, px).at, scaled(r->qty != 0 ? r->qty : AQ_NONE, qty).at, scaled(r->filled, qty).at,
		state_text(r->state), r->code, amount(r->value).at, (long long)r->placed_ns, (long long)r->ended_ns);
}

static void write_fill(const struct page *p, uint32_t number)
{
	const struct sim_fill_row *f = sim_fill_at(&p->venue->orders, number);
	const struct sim_order_row *r = sim_order_at(&p->venue->orders, f->order);
	const struct aq_instrument *i = &p->venue->markets[r->market - 1].instrument;
	write_line(p,
		"fill account=%s order=%llu trade=%u symbol=%s side=%s position_side=%s price=%s qty=%s cumulative=%s "
		"ahead=%s "
		"fee=%s fee_asset=%s liquidity=%s realised=%s time_ns=%lld",
		p->venue->accounts[r->account].name, (unsigned long long)r->id, number + 1, i->symbol,
		side_text(r->side), position_side_text(r->position_side), scaled(f->price, i->px_digits).at,
		scaled(f->qty, i->qty_digits).at, scaled(f->cumulative, i->qty_digits).at,
		scaled(f->ahead, i->qty_digits).at, amount(f->fee).at, p->venue->assets[f->fee_asset],
		f->liquidity == AQ_MAKER ? "maker" : "taker", amount(f->realised).at, (long long)f->time_ns);
}

static void write_account(const struct page *p, const struct sim_account *a)
{
	for (uint32_t i = 0; i < p->venue->asset_count; i++)
		if (a->assets[i].used)
			write_line(p, "balance account=%s asset=%s total=%s locked=%s", a->name, p->venue->assets[i],
				amount(a->assets[i].total).at, amount(a->assets[i].locked).at);
	for (uint32_t i = 0; i < p->venue->market_count * SIM_SIDES; i++) {
		const struct sim_position_row *row = &a->positions[i];
		const struct aq_instrument *in = &p->venue->markets[i / SIM_SIDES].instrument;
		if (row->used)
			write_line(p, "position account=%s symbol=%s side=%s qty=%s cost=%s realised=%s", a->name,
				in->symbol, position_side_text(i % SIM_SIDES + 1), scaled(row->qty, in->qty_digits).at,
				amount(row->cost).at, amount(row->realised).at);
	}
}

static void write_flow(const struct page *p, const struct sim_flow_row *f)
{
	write_line(p, "cashflow account=%s id=%s kind=%s asset=%s amount=%s time_ns=%lld",
		p->venue->accounts[f->account].name, f->flow.id,
		f->flow.kind == AQ_CASH_FUNDING ? "funding" : "transfer", f->flow.asset, amount(f->flow.amount).at,
		(long long)f->time_ns);
}

void sim_venue_write_record(const struct sim_venue *v, void (*line)(void *context, const char *text), void *context)
{
	struct page p = {.venue = v, .line = line, .context = context};
	for (uint32_t i = 0; i < v->orders.order_count; i++)
		write_order(&p, sim_order_at(&v->orders, i));
	for (uint32_t i = 0; i < v->orders.fill_count; i++)
		write_fill(&p, i);
	for (uint32_t i = 0; i < v->account_count; i++)
		write_account(&p, &v->accounts[i]);
	for (uint32_t i = 0; i < v->flow_count; i++)
		write_flow(&p, &v->flows[i]);
	write_line(&p, "end events=%llu orders=%u fills=%u overflow=%u", (unsigned long long)v->events,
		v->orders.order_count, v->orders.fill_count, v->overflow);
}
