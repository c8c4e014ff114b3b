/* standing_work.c: what a standing does, looked at anew after each record of a venue that may matter, and every second:
 * cancels what rests, has the venue list what it still has; what is to be flat is closed in standing_close.c. */
#include "flow/standing.h"

#include "flow/orders.h"
#include "flow/reconcile.h"
#include "flow/standing_close.h"

#include <string.h>

enum standing_step { STEP_CANCEL = 0, STEP_LIST = 1, STEP_CLOSE = 2, STEP_DONE = 3 };

void standing_look_soon(struct flow *f)
{
	if (f->standings > 0 || f->closes)
		f->standing_due_ns = f->now_ns;
}

static void look_at(struct flow *f, int64_t at_ns)
{
	if (at_ns < f->standing_due_ns)
		f->standing_due_ns = at_ns;
}

/* ---- orders ---- */

/* Even when all that is open on its side is filled, the position is not turned around. */
static bool brings_nearer(const struct flow *f, const struct order *order)
{
	const struct ledger_row *row = &f->ledger.rows[order->rows[0]];

	if (order->o.reduce_only)
		return true;
	return order->o.side == AQ_BUY ? row->p.qty <= -row->open_buy : row->p.qty >= row->open_sell;
}

static bool wants_out(const struct flow *f, const struct standing *s, const struct order *order)
{
	switch (s->fact.state) {
	case STANDING_RUN:
		return false;
	case STANDING_CLOSE_ONLY:
		return !brings_nearer(f, order);
	case STANDING_QUARANTINE:
		return s->fact.orders != STANDING_LEAVE;
	default:
		return true;
	}
}

void standing_order_rests(struct flow *f, struct order *order)
{
	struct standing *over[] = {&f->meter.standing, &f->accounts[order->o.account].meter.standing,
		&f->instances[order->o.instance].meter.standing};
	bool unwanted = false;

	if (f->standings == 0 || order_is_final(&order->o) || order->o.cancel != AQ_REQ_NONE || standing_closed_by(&order->o) ||
		!f->instances[f->accounts[order->o.account].exchange].up ||
		order_request_judge(&order->o, AQ_REQ_CANCEL, AQ_REQ_SENT) != ORDER_APPLY)
		return;
	for (int i = 0; i < 3; i++) {
		bool wanted_out = wants_out(f, over[i], order);

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
	return s->fact.scope == SCOPE_INSTANCE || standing_covers(s, o->account); /* of an instance only its own are looked at */
}

/* A venue that refuses a cancel is not asked again with each word that it says: orders that rest have a second. */
static bool was_just_asked(const struct flow *f, const struct order *order)
{
	int64_t sent_ns = order->sent_ns[AQ_REQ_CANCEL - 1];

	return sent_ns > order->o.created_ns && f->now_ns < sent_ns + STANDING_LOOK_NS;
}

static void look_at_order(void *context, struct order *order)
{
	struct rest *r = context;

	if (!is_over(r->standing, &order->o) || !wants_out(r->flow, r->standing, order) ||
		(standing_closed_by(&order->o) && standing_is_to_be_flat(r->standing)))
		return;
	r->left++;
	if (!was_just_asked(r->flow, order))
		standing_order_rests(r->flow, order);
}

/* ---- the venue's own list ---- */

/* One that begins from now on. */
static void want_lists(struct flow *f, const struct standing *s)
{
	for (uint32_t id = 1; id <= names_count(&f->names, NAME_ACCOUNT); id++)
		if (standing_covers(s, id))
			f->accounts[id].standing_round = f->accounts[id].round + 1;
}

/* Asks for those that are wanted, once no older one is on its way, whose end would be taken for theirs. A venue that is
 * down is asked when it comes back. */
static bool lists_are_there(struct flow *f, const struct standing *s)
{
	bool there = true;

	for (uint32_t id = 1; id <= names_count(&f->names, NAME_ACCOUNT); id++) {
		struct flow_account *a = &f->accounts[id];

		if (!standing_covers(s, id) || a->exchange == 0)
			continue;
		if (a->ready && a->round < a->standing_round)
			reconcile_start(f, id);
		there &= a->ready && a->round >= a->standing_round;
	}
	return there;
}

/* An instance's orders are seen one by one; whoever else trades on its accounts goes on. */
static bool needs_list(const struct standing *s)
{
	return s->fact.scope != SCOPE_INSTANCE && s->fact.state >= STANDING_PAUSE;
}

/* ---- all of it ---- */

static bool orders_are_gone(struct flow *f, struct standing *s)
{
	struct rest r = {.flow = f, .standing = s};

	if (s->fact.scope == SCOPE_INSTANCE)
		orders_each_own(f, s->fact.id, look_at_order, &r);
	else
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
		want_lists(f, s);
	s->step = STEP_LIST;
	return lists_are_there(f, s);
}

/* What an operator had said before the stop is his to take back. */
static void lift(struct flow *f, const struct standing *s)
{
	struct fact_standing fact = s->fact;

	fact.state = s->fact.after;
	fact.after = STANDING_RUN;
	fact.time_ns = f->now_ns;
	standing_set(f, &fact);
}

static void work(struct flow *f, struct standing *s)
{
	if (s->fact.state == STANDING_RUN)
		return;
	if (!orders_are_gone(f, s) || !is_listed(f, s)) {
		s->confirmed_ns = 0;
		look_at(f, f->now_ns + STANDING_LOOK_NS);
		return;
	}
	s->step = STEP_CLOSE;
	if (standing_is_to_be_flat(s) && standing_close(f, s)) {
		s->confirmed_ns = 0;
		look_at(f, f->now_ns + STANDING_LOOK_NS);
		look_at(f, s->retry_ns > f->now_ns ? s->retry_ns : INT64_MAX);
		return;
	}
	s->step = STEP_DONE;
	if (s->confirmed_ns == 0)
		s->confirmed_ns = f->now_ns;
	if (standing_ends_itself(s))
		lift(f, s);
}

/* Also when it is flat: what is filled late is closed, too. */
static bool anything_is_to_be_flat(const struct flow *f)
{
	bool any = standing_is_to_be_flat(&f->meter.standing);

	for (uint32_t id = 1; id <= names_count(&f->names, NAME_ACCOUNT); id++)
		any |= standing_is_to_be_flat(&f->accounts[id].meter.standing);
	for (uint32_t id = 1; id <= names_count(&f->names, NAME_INSTANCE); id++)
		any |= standing_is_to_be_flat(&f->instances[id].meter.standing);
	return any;
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
	if (f->closes && !anything_is_to_be_flat(f))
		standing_close_end(f);
}
