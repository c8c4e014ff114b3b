/* follow_split.c: see follow_split.h. */
#include "host/follow_split.h"

#include "flow/ledger.h"
#include "flow/market.h"

#include "decimal.h"

/* Sums are for reading: one that does not fit leaves out what is too much. */
static void add(struct aq_amt *sum, struct aq_amt value)
{
	aq_amt_add(*sum, value, sum);
}

static void subtract(struct aq_amt *sum, struct aq_amt value)
{
	aq_amt_sub(*sum, value, sum);
}

struct aq_amt split_profit(const struct flow *f, uint32_t instance)
{
	struct aq_amt profit;

	return ledger_profit(f, SCOPE_INSTANCE, instance, &profit) == 0 ? profit : aq_amt_zero();
}

struct aq_amt split_fees(const struct flow *f, uint32_t instance)
{
	struct aq_amt sum = aq_amt_zero(), value;

	for (uint32_t at = f->instances[instance].fees; at != FLOW_NIL; at = f->ledger.fees[at].next)
		if (market_convert(f, f->ledger.fees[at].f.asset, f->ledger.fees[at].f.paid, &value) == 0)
			add(&sum, value);
	return sum;
}

void split_begin(struct split *s, const struct flow *f, uint32_t instance)
{
	*s = (struct split){.begun = true, .before = split_profit(f, instance), .fees_before = split_fees(f, instance)};
}

void split_note_middle(struct split *s, const struct market *m)
{
	struct split_middle *newest = &s->middles[(s->at + SPLIT_MIDDLES - 1) % SPLIT_MIDDLES];

	if (!m->top.valid)
		return;
	if (s->count == 0 || newest->venue_ns != m->top.venue_ns) {
		newest = &s->middles[s->at];
		s->at = (s->at + 1) % SPLIT_MIDDLES;
		s->count += s->count < SPLIT_MIDDLES;
	}
	*newest = (struct split_middle){.venue_ns = m->top.venue_ns, .middle2 = m->middle2};
}

aq_px split_middle_before(const struct split *s, int64_t venue_ns)
{
	const struct split_middle *found = NULL;

	for (uint32_t i = 1; i <= s->count; i++) {
		found = &s->middles[(s->at + SPLIT_MIDDLES - i) % SPLIT_MIDDLES];
		if (found->venue_ns < venue_ns)
			break;
	}
	return found != NULL ? found->middle2 : 0;
}

/* In the currency that the market settles in. */
static int captured(const struct market *m, const struct aq_fill *fill, aq_px middle2, struct aq_amt *out)
{
	bool gains_below = (fill->side == AQ_BUY) == (m->instrument.kind != AQ_INVERSE);
	struct aq_amt worth, paid;
	int rc = market_value_at(m, middle2, fill->qty, &worth);

	if (rc == 0)
		rc = market_notional(m, fill->price, fill->qty, &paid);
	if (rc != 0)
		return rc;
	return gains_below ? aq_amt_sub(worth, paid, out) : aq_amt_sub(paid, worth, out);
}

void split_fill(struct split *s, const struct flow *f, const struct aq_fill *fill, aq_px middle2)
{
	const struct market *m = market_find(f, fill->instrument);
	struct aq_amt gain, value;

	if (m != NULL && captured(m, fill, middle2, &gain) == 0 &&
		market_convert(f, m->instrument.settle, gain, &value) == 0)
		add(&s->spread, value);
}

/* What the price did is what is left. */
static void set_moved(struct split_parts *p)
{
	p->moved = p->total;
	subtract(&p->moved, p->before);
	subtract(&p->moved, p->spread);
	add(&p->moved, p->fees);
}

struct split_parts split_now(const struct split *s, const struct flow *f, uint32_t instance)
{
	struct split_parts p = {.before = s->before, .spread = s->spread, .fees = split_fees(f, instance),
		.total = split_profit(f, instance)};

	subtract(&p.fees, s->fees_before);
	set_moved(&p);
	return p;
}

static struct aq_amt cut(struct aq_amt exact)
{
	struct aq_amt shown = exact;
	int64_t scaled;

	if (aq_amt_to_scaled_zero(exact, SPLIT_DIGITS, &scaled) == 0)
		aq_amt_from_scaled(scaled, SPLIT_DIGITS, &shown);
	return shown;
}

struct split_parts split_shown(const struct split_parts *exact)
{
	struct split_parts p = {.before = cut(exact->before), .spread = cut(exact->spread), .fees = cut(exact->fees),
		.total = cut(exact->total)};

	set_moved(&p);
	return p;
}
