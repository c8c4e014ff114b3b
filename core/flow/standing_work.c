/* standing_work.c: what a standing does, looked at anew after each record of a venue that may matter, and every second:
 * cancels what rests, has the venue list what it still has, closes what is to be flat. */
#include "flow/standing.h"

#include "flow/ledger.h"
#include "flow/market.h"
#include "flow/orders.h"
#include "flow/reconcile.h"

#include "decimal.h"

#include <string.h>

#define LOOK_EVERY_NS 1000000000ll
#define OPERATOR_TAG 0xfffffffff0000000ull /* of closing orders, with the number of their ledger row */
#define OPERATOR_NAME "operator" /* the instance in whose name the share of others is closed */

enum standing_step { STEP_CANCEL = 0, STEP_LIST = 1, STEP_CLOSE = 2, STEP_DONE = 3 };

void standing_look_soon(struct flow *f)
{
	if (f->standings > 0)
		f->standing_due_ns = f->now_ns;
}

static void look_at(struct flow *f, int64_t at_ns)
{
	if (at_ns < f->standing_due_ns)
		f->standing_due_ns = at_ns;
}

/* ---- orders ---- */

static bool closes(const struct flow *f, const struct aq_order *o)
{
	struct aq_position p;

	if (o->reduce_only)
		return true;
	ledger_position(f, o->account, o->instrument, o->instance, &p);
	return o->side == AQ_BUY ? p.qty < 0 : p.qty > 0;
}

static bool wants_out(const struct flow *f, const struct standing *s, const struct aq_order *o)
{
	switch (s->fact.state) {
	case STANDING_RUN:
		return false;
	case STANDING_CLOSE_ONLY:
		return !closes(f, o);
	case STANDING_QUARANTINE:
		return s->fact.orders != STANDING_LEAVE;
	default:
		return true;
	}
}

static bool is_closing_order(const struct aq_order *o)
{
	return o->tag >= OPERATOR_TAG;
}

void standing_order_rests(struct flow *f, struct order *order)
{
	struct standing *over[] = {&f->meter.standing, &f->accounts[order->o.account].meter.standing,
		&f->instances[order->o.instance].meter.standing};
	bool unwanted = false;

	if (f->standings == 0 || order_is_final(&order->o) || order->o.cancel != AQ_REQ_NONE || is_closing_order(&order->o) ||
		!f->instances[f->accounts[order->o.account].exchange].up ||
		order_request_judge(&order->o, AQ_REQ_CANCEL, AQ_REQ_SENT) != ORDER_APPLY)
		return;
	for (int i = 0; i < 3; i++) {
		bool wanted_out = wants_out(f, over[i], &order->o);

		over[i]->cancels += wanted_out;
		unwanted |= wanted_out;
	}
	if (unwanted)
		orders_cancel_slot(f, order, order->o.tag);
}

struct rest {
	struct flow *flow;
	const struct standing *standing;
	uint32_t left; /* that are not final and should be */
};

static bool is_over(const struct standing *s, const struct aq_order *o)
{
	return s->fact.scope == SCOPE_HOST || (s->fact.scope == SCOPE_ACCOUNT && s->fact.id == o->account) ||
		(s->fact.scope == SCOPE_INSTANCE && s->fact.id == o->instance);
}

static void look_at_order(void *context, struct order *order)
{
	struct rest *r = context;

	if (!is_over(r->standing, &order->o) || !wants_out(r->flow, r->standing, &order->o))
		return;
	r->left++;
	standing_order_rests(r->flow, order);
}

/* ---- the venue's own list ---- */

static bool is_of(const struct standing *s, uint32_t account)
{
	return s->fact.scope == SCOPE_HOST || (s->fact.scope == SCOPE_ACCOUNT && s->fact.id == account);
}

static void ask_for_lists(struct flow *f, const struct standing *s)
{
	for (uint32_t id = 1; id <= names_count(&f->names, NAME_ACCOUNT); id++) {
		struct flow_account *a = &f->accounts[id];

		if (!is_of(s, id) || a->exchange == 0)
			continue;
		a->standing_round = a->round + 1; /* a venue that is down is asked when it comes back */
		reconcile_start(f, id);
	}
}

static bool lists_are_there(const struct flow *f, const struct standing *s)
{
	for (uint32_t id = 1; id <= names_count(&f->names, NAME_ACCOUNT); id++) {
		const struct flow_account *a = &f->accounts[id];

		if (is_of(s, id) && a->exchange != 0 && (!a->ready || a->round < a->standing_round))
			return false;
	}
	return true;
}

/* An instance's orders are seen one by one; whoever else trades on its accounts goes on. */
static bool needs_list(const struct standing *s)
{
	return s->fact.scope != SCOPE_INSTANCE && s->fact.state >= STANDING_PAUSE;
}

/* ---- positions ---- */

static bool is_too_small(const struct market *m, aq_qty qty)
{
	struct aq_amt worth;

	return qty < m->instrument.min_qty ||
		(m->instrument.kind == AQ_SPOT && market_value(m, qty, &worth) == 0 &&
			aq_amt_cmp(worth, m->instrument.min_notional) < 0);
}

/* What can be sold or bought of a row at once: whole lots, not less than the venue takes. */
static aq_qty closable(const struct market *m, aq_qty held)
{
	aq_qty qty = held < 0 ? -held : held;

	qty -= qty % m->instrument.lot;
	if (m->instrument.max_qty != 0 && qty > m->instrument.max_qty)
		qty = m->instrument.max_qty;
	return is_too_small(m, qty) || (m->instrument.kind == AQ_SPOT && held < 0) ? 0 : qty;
}

/* A row of others is closed in the operator's name: its own row there holds what has been closed. */
static aq_qty held_of(struct flow *f, const struct ledger_row *row, uint32_t owner)
{
	const struct ledger_row *ours;

	if (row->p.instance != 0)
		return row->p.qty;
	ours = ledger_find(f, row->p.account, row->p.instrument, row->p.position_side, row->p.margin_mode, owner);
	return row->p.qty + (ours != NULL ? ours->p.qty : 0);
}

/* True while something of the row is to be closed. */
static bool close_row(struct flow *f, uint32_t at, uint32_t operator_id, bool may_send)
{
	const struct ledger_row *row = &f->ledger.rows[at];
	const struct market *m = market_find(f, row->p.instrument);
	uint32_t owner = row->p.instance != 0 ? row->p.instance : operator_id;
	aq_qty held = held_of(f, row, owner), qty = closable(m, held);
	struct aq_place place = {.size = sizeof(place), .account = row->p.account, .instrument = row->p.instrument,
		.tag = OPERATOR_TAG + at, .side = held > 0 ? AQ_SELL : AQ_BUY, .position_side = row->p.position_side,
		.type = AQ_MARKET_ORDER, .price = AQ_NONE, .qty = qty, .margin_mode = row->p.margin_mode,
		.reduce_only = m->instrument.kind != AQ_SPOT && row->p.position_side == AQ_NET && row->p.instance != 0};

	if (qty == 0)
		return false;
	if (may_send && f->accounts[place.account].ready && orders_by_tag(f, owner, place.tag) == NULL)
		orders_place_for_operator(f, owner, &place);
	return true;
}

static bool row_is_of(const struct standing *s, const struct aq_position *p, uint32_t operator_id)
{
	if (p->instance == AQ_ALL || p->qty == 0)
		return false;
	if (s->fact.scope == SCOPE_INSTANCE)
		return p->instance == s->fact.id;
	return is_of(s, p->account) && p->instance != operator_id;
}

static bool close_rows(struct flow *f, struct standing *s)
{
	uint32_t operator_id = s->fact.scope != SCOPE_INSTANCE ? flow_instance_id(f, OPERATOR_NAME, 0) : 0;
	bool may_send = f->now_ns >= s->retry_ns, left = false;

	for (uint32_t at = 0; at < f->ledger.count; at++)
		if (row_is_of(s, &f->ledger.rows[at].p, operator_id))
			left |= close_row(f, at, operator_id, may_send);
	if (left && may_send)
		s->retry_ns = f->now_ns + (LOOK_EVERY_NS << (s->tries < 6 ? s->tries++ : 6));
	return left;
}

static bool is_to_be_flat(const struct standing *s)
{
	return s->fact.state == STANDING_FLATTEN ||
		(s->fact.state == STANDING_QUARANTINE && s->fact.orders == STANDING_CLOSE);
}

/* ---- all of it ---- */

static bool orders_are_gone(struct flow *f, struct standing *s)
{
	struct rest r = {.flow = f, .standing = s};

	orders_each_open(f, look_at_order, &r);
	if (r.left > 0)
		s->step = STEP_CANCEL;
	return r.left == 0;
}

static bool is_listed(struct flow *f, struct standing *s)
{
	if (!needs_list(s) || s->step > STEP_LIST)
		return true;
	if (s->step == STEP_CANCEL)
		ask_for_lists(f, s);
	s->step = STEP_LIST;
	return lists_are_there(f, s);
}

static void lift(struct flow *f, const struct standing *s)
{
	struct fact_standing fact = s->fact;

	fact.state = STANDING_RUN;
	fact.time_ns = f->now_ns;
	standing_set(f, &fact);
}

static void work(struct flow *f, struct standing *s)
{
	if (s->fact.state == STANDING_RUN)
		return;
	if (!orders_are_gone(f, s) || !is_listed(f, s)) {
		s->confirmed_ns = 0;
		look_at(f, f->now_ns + LOOK_EVERY_NS);
		return;
	}
	s->step = STEP_CLOSE;
	if (is_to_be_flat(s) && close_rows(f, s)) {
		s->confirmed_ns = 0;
		look_at(f, f->now_ns + LOOK_EVERY_NS);
		return;
	}
	s->step = STEP_DONE;
	if (s->confirmed_ns == 0)
		s->confirmed_ns = f->now_ns;
	if (strcmp(s->fact.who, STANDING_ON_STOP) == 0)
		lift(f, s);
}

void standing_tick(struct flow *f)
{
	if (f->now_ns < f->standing_due_ns)
		return;
	f->standing_due_ns = INT64_MAX;
	work(f, &f->meter.standing);
	for (uint32_t id = 1; id <= names_count(&f->names, NAME_ACCOUNT); id++)
		work(f, &f->accounts[id].meter.standing);
	for (uint32_t id = 1; id <= names_count(&f->names, NAME_INSTANCE); id++)
		work(f, &f->instances[id].meter.standing);
}
