/* standing_close.c: see standing_close.h. Orders at the market, not larger than the venue takes, one a ledger row at a time.
 * What brings nothing is tried again after 1, 2, 4, 8 seconds; what does is followed by the next at once. */
#include "flow/standing_close.h"

#include "flow/ledger.h"
#include "flow/market.h"
#include "flow/orders.h"

#include "decimal.h"

#define OPERATOR_TAG 0xfffffffff0000000ull /* of closing orders, with the number of their ledger row */
#define OPERATOR_NAME "operator" /* the instance in whose name the share of others is closed */
#define DOUBLINGS 3

bool standing_covers(const struct standing *s, uint32_t account)
{
	return s->fact.scope == SCOPE_HOST || (s->fact.scope == SCOPE_ACCOUNT && s->fact.id == account);
}

bool standing_is_to_be_flat(const struct standing *s)
{
	return s->fact.state == STANDING_FLATTEN ||
		(s->fact.state == STANDING_QUARANTINE && s->fact.orders == STANDING_CLOSE);
}

bool standing_closed_by(const struct aq_order *o)
{
	return o->tag >= OPERATOR_TAG && o->type == AQ_MARKET_ORDER;
}

/* ---- what of a row can be closed ---- */

struct closing {
	struct flow *flow;
	const struct standing *standing;
	uint32_t operator_id;
	uint64_t held;        /* sum of what is to be closed: it changes when something has been */
};

static bool covers_row(const struct closing *c, const struct aq_position *p)
{
	if (p->instance == AQ_ALL)
		return false;
	if (c->standing->fact.scope == SCOPE_INSTANCE)
		return p->instance == c->standing->fact.id;
	return standing_covers(c->standing, p->account) && p->instance != c->operator_id;
}

static uint32_t owner_of(const struct closing *c, const struct aq_position *p)
{
	return p->instance != 0 ? p->instance : c->operator_id;
}

static const struct ledger_row *sibling(const struct flow *f, const struct aq_position *p, uint32_t instance)
{
	return ledger_find(f, p->account, p->instrument, p->position_side, p->margin_mode, instance);
}

/* A row of others is closed in the operator's name: its own row there holds what has been closed. */
static aq_qty held_of(const struct closing *c, const struct aq_position *p)
{
	const struct ledger_row *ours = p->instance == 0 ? sibling(c->flow, p, c->operator_id) : NULL;
	aq_qty held = p->qty + (ours != NULL ? ours->p.qty : 0);

	/* what others have sold of a balance is no position of theirs */
	return p->instance == 0 && held < 0 && market_find(c->flow, p->instrument)->instrument.kind == AQ_SPOT ? 0 : held;
}

/* The venue lets it only reduce, which it takes in any size: where it holds as much itself, other instances included. */
static bool may_only_reduce(const struct closing *c, const struct market *m, const struct aq_position *p, aq_qty held)
{
	const struct ledger_row *sum = sibling(c->flow, p, AQ_ALL);

	return m->instrument.kind != AQ_SPOT && p->position_side == AQ_NET && sum != NULL &&
		(held > 0 ? sum->p.qty >= held : sum->p.qty <= held);
}

/* As the gate will judge it; without a price it cannot, and is asked again. */
static bool is_worth_too_little(const struct market *m, uint8_t side, aq_qty qty)
{
	aq_px price = side == AQ_BUY ? m->top.ask : m->top.bid;
	struct aq_amt worth;

	if (m->instrument.kind == AQ_INVERSE)
		return aq_amt_from_scaled(qty, m->instrument.qty_digits, &worth) == 0 &&
			aq_amt_cmp(worth, m->instrument.min_notional) < 0;
	return price != AQ_NONE && market_notional(m, price, qty, &worth) == 0 &&
		aq_amt_cmp(worth, m->instrument.min_notional) < 0;
}

/* At once: whole lots, not more than the venue takes. 0: not one that it takes. */
static aq_qty closable(const struct market *m, aq_qty held, bool only_reduces)
{
	aq_qty qty = held < 0 ? -held : held;

	if (m->instrument.max_qty != 0 && qty > m->instrument.max_qty)
		qty = m->instrument.max_qty;
	qty -= qty % m->instrument.lot;
	if (qty == 0 || qty < m->instrument.min_qty ||
		(!only_reduces && is_worth_too_little(m, held > 0 ? AQ_SELL : AQ_BUY, qty)))
		return 0;
	return qty;
}

static struct aq_place order_of(struct closing *c, uint32_t at)
{
	const struct aq_position *p = &c->flow->ledger.rows[at].p;
	const struct market *m = market_find(c->flow, p->instrument);
	aq_qty held = held_of(c, p);
	bool only_reduces = may_only_reduce(c, m, p, held);

	return (struct aq_place){.size = sizeof(struct aq_place), .account = p->account, .instrument = p->instrument,
		.tag = OPERATOR_TAG + at, .side = held > 0 ? AQ_SELL : AQ_BUY, .position_side = p->position_side,
		.type = AQ_MARKET_ORDER, .price = AQ_NONE, .qty = closable(m, held, only_reduces),
		.margin_mode = p->margin_mode, .reduce_only = only_reduces};
}

/* ---- the books that it takes ---- */

/* Nobody else may watch that market, or no longer: an instance in quarantine, a position of others. True when its book is
 * yet to come. */
static bool watch_book(const struct closing *c, uint32_t instrument)
{
	const struct market *m = market_find(c->flow, instrument);
	bool first = (m->wanted & AQ_SUB_BOOK) == 0;

	if ((market_mask(c->flow, c->operator_id, instrument) & AQ_SUB_BOOK) == 0)
		market_subscribe(c->flow, c->operator_id, instrument, AQ_SUB_BOOK);
	c->flow->closes = true;
	return first && !m->top.valid;
}

static bool watch_books(struct closing *c)
{
	bool awaited = false;

	for (uint32_t at = 0; at < c->flow->ledger.count; at++)
		if (covers_row(c, &c->flow->ledger.rows[at].p) && order_of(c, at).qty != 0)
			awaited |= watch_book(c, c->flow->ledger.rows[at].p.instrument);
	return awaited;
}

void standing_close_end(struct flow *f)
{
	f->closes = false;
	market_forget(f, names_find(&f->names, NAME_INSTANCE, OPERATOR_NAME));
}

/* ---- all rows ---- */

static bool count_row(struct closing *c, uint32_t at)
{
	aq_qty held;

	if (!covers_row(c, &c->flow->ledger.rows[at].p) || order_of(c, at).qty == 0)
		return false;
	held = held_of(c, &c->flow->ledger.rows[at].p);
	c->held += (uint64_t)(held < 0 ? -held : held);
	return true;
}

/* True when it has been asked for, whatever the gate says. */
static bool close_row(struct closing *c, uint32_t at)
{
	uint32_t owner = owner_of(c, &c->flow->ledger.rows[at].p);
	struct aq_place place = order_of(c, at);

	if (!c->flow->accounts[place.account].ready || orders_by_tag(c->flow, owner, place.tag) != NULL)
		return false;
	orders_place_for_operator(c->flow, owner, &place);
	return true;
}

static void close_rows(struct closing *c, struct standing *s)
{
	bool asked = false;

	for (uint32_t at = 0; at < c->flow->ledger.count; at++)
		if (covers_row(c, &c->flow->ledger.rows[at].p) && order_of(c, at).qty != 0)
			asked |= close_row(c, at);
	if (!asked)
		return;
	s->retry_ns = c->flow->now_ns + (STANDING_LOOK_NS << s->tries);
	s->tries += s->tries < DOUBLINGS;
}

bool standing_close(struct flow *f, struct standing *s)
{
	struct closing c = {.flow = f, .standing = s};
	bool left = false;

	c.operator_id = record_name(f, NAME_INSTANCE, OPERATOR_NAME);
	if (c.operator_id == 0)
		return true; /* the journal takes nothing: the gate would deny it, too */
	for (uint32_t at = 0; at < f->ledger.count; at++)
		left |= count_row(&c, at);
	if (c.held != s->held) {
		s->held = c.held;
		s->tries = 0;
		s->retry_ns = f->now_ns;
	}
	if (left && watch_books(&c) && s->retry_ns < f->now_ns + STANDING_LOOK_NS)
		s->retry_ns = f->now_ns + STANDING_LOOK_NS;
	if (left && f->now_ns >= s->retry_ns)
		close_rows(&c, s);
	return left;
}
