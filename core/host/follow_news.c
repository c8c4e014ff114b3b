/* follow_news.c: see follow_news.h. */
#include "host/follow_news.h"

#include "flow/market.h"
#include "host/follow_text.h"

#include "decimal.h"

#include <stdlib.h>
#include <string.h>

struct happening *follow_happens(const struct follow *f, struct happening *list, int count)
{
	memmove(list + 1, list, (size_t)(count - 1) * sizeof(*list));
	*list = (struct happening){.at_ns = f->host->flow.now_ns};
	return list;
}

/* NULL when it has been forgotten already. */
static const struct aq_fill *fill_numbered(const struct ledger *l, uint64_t number)
{
	for (uint32_t i = 1; i <= l->fill_count; i++) {
		const struct fact_fill *fact = &l->fills[(l->fill_at + l->fill_capacity - i) % l->fill_capacity];

		if (fact->number == number)
			return &fact->fill;
	}
	return NULL;
}

static void tell_fill(struct follow *f, const struct market *m, const struct aq_fill *fill, aq_px middle2)
{
	struct happening *h = follow_happens(f, f->traded, 2);
	char qty[FORMAT_SIZE], price[FORMAT_SIZE], away[FORMAT_SIZE];
	int64_t twice = 2 * fill->price - middle2;

	snprintf(h->text, sizeof(h->text), "%s %s at %s", fill->side == AQ_BUY ? "bought" : "sold",
		format_qty(&m->instrument, fill->qty, false, qty), text_price(&m->instrument, fill->price, price));
	if (middle2 == 0)
		return;
	snprintf(h->text + strlen(h->text), sizeof(h->text) - strlen(h->text), ", %s %s the middle",
		text_price(&m->instrument, llabs(twice) / 2, away), twice < 0 ? "below" : "above");
}

static void take_fill(struct follow *f, const struct aq_fill *fill)
{
	const struct flow *flow = &f->host->flow;
	const struct market *m = market_find(flow, fill->instrument);
	aq_px middle2 = fill->instrument == f->instrument ? split_middle_before(&f->split, fill->venue_ns) : m->middle2;

	f->fills++;
	f->bought += fill->side == AQ_BUY;
	f->sold += fill->side == AQ_SELL;
	f->makers += fill->liquidity == AQ_MAKER;
	split_fill(&f->split, flow, fill, middle2);
	tell_fill(f, m, fill, middle2);
}

void follow_take_fills(struct follow *f, uint32_t instance)
{
	const struct ledger *l = &f->host->flow.ledger;

	while (f->seen < l->fill_number) {
		const struct aq_fill *fill = fill_numbered(l, ++f->seen);

		if (fill != NULL && fill->instance == instance)
			take_fill(f, fill);
	}
}

const struct order *follow_quote(const struct follow *f, uint32_t instance, uint8_t side)
{
	const struct orders *all = &f->host->flow.orders;
	const struct order *best = NULL;

	for (uint32_t at = f->host->flow.instances[instance].orders; at != FLOW_NIL; at = all->slots[at].next) {
		const struct order *order = &all->slots[at];
		const struct aq_order *o = &order->o;

		if (o->instrument == f->instrument && o->side == side && o->price != AQ_NONE && o->cancel == AQ_REQ_NONE &&
			(best == NULL || (side == AQ_BUY) == (o->price > best->o.price)))
			best = order;
	}
	return best;
}

static void tell_quote(struct follow *f, const struct market *m, int side, aq_px from, aq_px to)
{
	double moved = 1e4 * (double)llabs(to - from) / (double)from;
	char before[FORMAT_SIZE], after[FORMAT_SIZE];
	struct happening *h = follow_happens(f, &f->quoted, 1);

	snprintf(h->text, sizeof(h->text), "%s replaced %s -> %s (moved %.1f bps)", side == 0 ? "bid" : "ask",
		text_price(&m->instrument, from, before), text_price(&m->instrument, to, after), moved);
}

void follow_take_quotes(struct follow *f, uint32_t instance)
{
	for (int side = 0; side < 2; side++) {
		const struct order *quote = follow_quote(f, instance, side == 0 ? AQ_BUY : AQ_SELL);

		if (quote == NULL || quote->o.price == f->quotes[side])
			continue;
		if (f->quotes[side] != 0)
			tell_quote(f, follow_market(f), side, f->quotes[side], quote->o.price);
		f->quotes[side] = quote->o.price;
	}
}
