/* risk.c: the checks, cheapest first. Each returns true to let pass; a denial tells limit, value and what is left. */
#include "flow/risk.h"

#include "flow/standing.h"

#include <stdio.h>
#include <string.h>

#define DAY_NS (86400ll * 1000000000ll)
#define LOSS_EVERY_NS 1000000000ll

static bool deny(struct risk_case *c, uint16_t code)
{
	c->code = code;
	return false;
}

static bool deny_amounts(struct risk_case *c, uint16_t code, struct aq_amt limit, struct aq_amt value)
{
	c->limit = limit;
	c->value = value;
	if (aq_amt_sub(limit, value, &c->headroom) != 0)
		c->headroom = aq_amt_zero();
	return deny(c, code);
}

static bool deny_scaled(struct risk_case *c, uint16_t code, int64_t limit, int64_t value, unsigned digits)
{
	struct aq_amt l, v;

	if (aq_amt_from_scaled(limit, digits, &l) != 0 || aq_amt_from_scaled(value, digits, &v) != 0)
		return deny(c, code);
	return deny_amounts(c, code, l, v);
}

static bool deny_count(struct risk_case *c, uint16_t code, int64_t limit, int64_t value)
{
	return deny_amounts(c, code, aq_amt_of(limit), aq_amt_of(value));
}

/* ---- who and where ---- */

static bool known_instrument(struct risk_case *c)
{
	const struct aq_order *o = c->order;

	if (c->market == NULL || o->account == 0 || o->account >= c->flow->account_capacity ||
		c->account->exchange == 0 || c->account->exchange != c->market->instrument.exchange ||
		c->market->instrument.state != AQ_TRADING)
		return deny(c, AQ_DENY_INSTRUMENT);
	return true;
}

static bool not_stopping(struct risk_case *c)
{
	return !c->instance->stopping || deny(c, AQ_DENY_STOPPING);
}

/* Nearly always nothing stands: then three places are not looked at for each order. */
static uint8_t stands(const struct risk_case *c)
{
	return c->flow->standings == 0 ? STANDING_RUN : standing_of(c->flow, c->order->instance, c->order->account);
}

static bool standing(struct risk_case *c)
{
	return stands(c) <= STANDING_CLOSE_ONLY || deny(c, AQ_DENY_STOPPING);
}

static bool venue_up(struct risk_case *c)
{
	return c->flow->instances[c->account->exchange].up || deny(c, AQ_DENY_VENUE_DOWN);
}

static bool account_ready(struct risk_case *c)
{
	return c->account->ready || deny(c, AQ_DENY_RECONCILING);
}

static bool journal_takes_it(struct risk_case *c)
{
	struct journal *j = c->flow->journal;

	return (j == NULL || journal_state(j) == JOURNAL_OK) || deny(c, AQ_DENY_JOURNAL);
}

static bool room_in_table(struct risk_case *c)
{
	return c->before != NULL || orders_have_room(c->flow) || deny(c, AQ_DENY_CAPACITY);
}

static bool tag_free(struct risk_case *c)
{
	return c->before != NULL || orders_by_tag(c->flow, c->order->instance, c->order->tag) == NULL ||
		deny(c, AQ_DENY_TAG_BUSY);
}

static bool in_time(struct risk_case *c)
{
	return c->order->deadline_ns == 0 || c->flow->now_ns <= c->order->deadline_ns || deny(c, AQ_DENY_LATE);
}

/* ---- what ---- */

static bool is_market(const struct aq_order *o)
{
	return o->type == AQ_MARKET_ORDER;
}

static bool terms_make_sense(struct risk_case *c)
{
	const struct aq_order *o = c->order;
	bool by_amount = aq_amt_sign(o->quote_qty) > 0;

	if ((o->side != AQ_BUY && o->side != AQ_SELL) || o->position_side > AQ_SHORT || o->margin_mode > AQ_ISOLATED ||
		aq_amt_sign(o->quote_qty) < 0 || o->intention > AQ_BUY_CLOSE)
		return deny(c, AQ_DENY_ARGUMENT);
	if (o->reduce_only && (o->intention == AQ_BUY_OPEN || o->intention == AQ_SELL_OPEN))
		return deny(c, AQ_DENY_ARGUMENT);
	if (by_amount ? o->qty != 0 || !is_market(o) : o->qty <= 0)
		return deny(c, AQ_DENY_ARGUMENT);
	if (is_market(o) ? o->price != AQ_NONE || o->post_only : o->price == AQ_NONE || o->price <= 0)
		return deny(c, AQ_DENY_ARGUMENT);
	if ((o->tif == AQ_GTD) != (o->expiry_ns != 0) || (o->post_only && (o->tif == AQ_IOC || o->tif == AQ_FOK)))
		return deny(c, AQ_DENY_ARGUMENT);
	if (c->account->hedging ? o->position_side == AQ_NET : o->position_side != AQ_NET)
		return deny(c, AQ_DENY_ARGUMENT);
	return true;
}

/* Stops wait for emulation or venues that have them; iceberg likewise. */
static bool is_supported(struct risk_case *c)
{
	const struct aq_order *o = c->order;
	bool type = o->type == AQ_LIMIT || o->type == AQ_MARKET_ORDER;

	return (type && o->tif >= AQ_GTC && o->tif <= AQ_GTD && o->display_qty == AQ_NONE && o->trigger == AQ_NONE &&
		o->trail == AQ_NONE) || deny(c, AQ_DENY_UNSUPPORTED);
}

static bool on_tick(struct risk_case *c)
{
	const struct aq_instrument *i = &c->market->instrument;

	return is_market(c->order) || c->order->price % i->tick == 0 ||
		deny_scaled(c, AQ_DENY_TICK, i->tick, c->order->price, i->px_digits);
}

static bool on_lot(struct risk_case *c)
{
	const struct aq_instrument *i = &c->market->instrument;

	return c->order->qty % i->lot == 0 || deny_scaled(c, AQ_DENY_LOT, i->lot, c->order->qty, i->qty_digits);
}

static bool within_qty(struct risk_case *c)
{
	const struct aq_instrument *i = &c->market->instrument;
	aq_qty qty = c->order->qty;

	if (qty != 0 && qty < i->min_qty)
		return deny_scaled(c, AQ_DENY_MIN_QTY, i->min_qty, qty, i->qty_digits);
	if (i->max_qty != 0 && qty > i->max_qty)
		return deny_scaled(c, AQ_DENY_MAX_QTY, i->max_qty, qty, i->qty_digits);
	return true;
}

/* The book must be there: for the collar, for market orders, and so that nobody trades blind. */
static bool fresh_book(struct risk_case *c)
{
	const struct aq_top *t = &c->market->top;
	const struct aq_order *o = c->order;

	if (!t->valid || t->bid == AQ_NONE || t->ask == AQ_NONE)
		return deny(c, AQ_DENY_STALE_BOOK);
	c->reference = !is_market(o) ? o->price : o->side == AQ_BUY ? t->ask : t->bid;
	return true;
}

static bool valued(struct risk_case *c)
{
	const struct aq_order *o = c->order;
	const struct aq_instrument *i = &c->market->instrument;
	int rc;

	c->qty = o->qty - o->filled;
	c->notional = o->quote_qty;
	if (o->qty != 0)
		rc = market_notional(c->market, c->reference, o->qty, &c->notional);
	else
		rc = aq_qty_for_down(o->quote_qty, c->reference, i->px_digits, i->qty_digits, &c->qty);
	if (rc != 0)
		return deny(c, AQ_DENY_ARGUMENT);
	return market_convert(c->flow, c->market->instrument.settle, c->notional, &c->worth) == 0 || c->by_operator ||
		deny(c, AQ_DENY_NO_PRICE); /* only limits that are ours look at its worth */
}

static bool min_notional(struct risk_case *c)
{
	const struct aq_instrument *i = &c->market->instrument;
	struct aq_amt worth = c->notional;

	if (i->kind == AQ_INVERSE && aq_amt_from_scaled(c->order->qty, i->qty_digits, &worth) != 0) /* it is quote itself */
		return deny(c, AQ_DENY_ARGUMENT);
	return c->order->reduce_only || aq_amt_cmp(worth, i->min_notional) >= 0 ||
		deny_amounts(c, AQ_DENY_MIN_NOTIONAL, i->min_notional, worth);
}

/* ---- our own limits ---- */

static bool max_notional(struct risk_case *c)
{
	for (int i = 0; i < 3; i++) {
		struct aq_amt limit = c->meters[i]->limits.order;

		if (aq_amt_sign(limit) > 0 && aq_amt_cmp(c->worth, limit) > 0)
			return deny_amounts(c, AQ_DENY_MAX_NOTIONAL, limit, c->worth);
	}
	return true;
}

static bool open_orders(struct risk_case *c)
{
	for (int i = 0; c->before == NULL && i < 3; i++) {
		uint32_t limit = c->meters[i]->limits.open_orders;

		if (limit != 0 && c->meters[i]->open >= limit)
			return deny_count(c, AQ_DENY_MAX_OPEN, limit, (int64_t)c->meters[i]->open + 1);
	}
	return true;
}

/* The order_rate-th last sending must be a second ago. */
static bool order_rate(struct risk_case *c)
{
	for (int i = 0; i < 3; i++) {
		const struct flow_meter *m = c->meters[i];

		if (m->limits.order_rate != 0 && c->flow->now_ns - m->sent_ns[m->sent_at] < 1000000000)
			return deny_count(c, AQ_DENY_RATE, m->limits.order_rate, (int64_t)m->limits.order_rate + 1);
	}
	return true;
}

/* Buys may not be higher, sells not lower than the middle by more than the collar. */
static bool collar(struct risk_case *c)
{
	const struct aq_instrument *i = &c->market->instrument;
	struct aq_amt middle, width, off, price;

	if (is_market(c->order))
		return true;
	if (aq_amt_from_scaled(c->market->middle2, i->px_digits, &middle) != 0 || aq_amt_part_zero(middle, 1, 2, &middle) != 0 ||
		aq_amt_from_scaled(c->order->price, i->px_digits, &price) != 0 || aq_amt_sub(price, middle, &off) != 0)
		return deny(c, AQ_DENY_ARGUMENT);
	if (c->order->side == AQ_SELL)
		off = aq_amt_neg(off);
	for (int k = 0; k < 3; k++) {
		struct aq_amt limit = c->meters[k]->limits.collar;

		if (aq_amt_sign(limit) <= 0)
			continue;
		if (aq_amt_mul_zero(middle, limit, &width) != 0)
			return deny(c, AQ_DENY_ARGUMENT);
		if (aq_amt_cmp(off, width) > 0)
			return deny_amounts(c, AQ_DENY_COLLAR, width, off);
	}
	return true;
}

/* A sum that does not fit is the largest there is: no limit lets it pass. */
static aq_qty plus(aq_qty a, aq_qty b)
{
	aq_qty sum;

	if (__builtin_add_overflow(a, b, &sum) || sum == AQ_NONE)
		return a < 0 ? -INT64_MAX : INT64_MAX;
	return sum;
}

/* Position if everything that is open on this side were filled, this order included; short counts as a sell's length. */
static aq_qty worst_position(const struct risk_case *c, aq_qty position, aq_qty open_buy, aq_qty open_sell)
{
	aq_qty held = c->before != NULL ? c->before->reserved_qty : 0;
	bool buys = c->order->side == AQ_BUY;

	return plus(buys ? position : -position, plus((buys ? open_buy : open_sell) - held, c->qty));
}

static void sum_rows(const struct flow *f, uint32_t at, uint32_t instrument, aq_qty *position, aq_qty *buy, aq_qty *sell)
{
	for (; at != FLOW_NIL; at = f->ledger.rows[at].next) {
		const struct ledger_row *row = &f->ledger.rows[at];

		if (row->p.instrument != instrument)
			continue;
		*position = plus(*position, row->p.qty);
		*buy = plus(*buy, row->open_buy);
		*sell = plus(*sell, row->open_sell);
	}
}

static aq_qty position_in(const struct risk_case *c, int scope)
{
	const struct flow *f = c->flow;
	aq_qty position = 0, buy = 0, sell = 0;

	if (scope == 0)
		sum_rows(f, c->instance->rows, c->order->instrument, &position, &buy, &sell);
	else if (scope == 1)
		sum_rows(f, c->account->rows, c->order->instrument, &position, &buy, &sell);
	for (uint32_t id = 1; scope == 2 && id <= names_count(&f->names, NAME_ACCOUNT); id++)
		sum_rows(f, f->accounts[id].rows, c->order->instrument, &position, &buy, &sell);
	return worst_position(c, position, buy, sell);
}

static bool max_position(struct risk_case *c)
{
	if (c->order->reduce_only)
		return true;
	for (int i = 0; i < 3; i++) {
		const struct flow_limits *l = &c->meters[i]->limits;

		for (uint32_t k = 0; k < l->position_count; k++) {
			aq_qty worst;

			if (l->positions[k].instrument != c->order->instrument)
				continue;
			worst = position_in(c, i);
			if (worst > l->positions[k].qty)
				return deny_scaled(c, AQ_DENY_MAX_POSITION, l->positions[k].qty, worst,
					c->market->instrument.qty_digits);
		}
	}
	return true;
}

/* Absolute worth of all positions and of what is open, this order included. */
static int gross_rows(const struct flow *f, uint32_t at, struct aq_amt *sum)
{
	struct aq_amt value;
	int rc = 0;

	for (; rc == 0 && at != FLOW_NIL; at = f->ledger.rows[at].next) {
		const struct ledger_row *row = &f->ledger.rows[at];
		const struct market *m = market_find(f, row->p.instrument);
		aq_qty size = plus(row->p.qty < 0 ? -row->p.qty : row->p.qty, plus(row->open_buy, row->open_sell));

		if (size == 0)
			continue;
		if ((rc = market_value(m, size, &value)) == 0 &&
			(rc = market_convert(f, m->instrument.settle, value, &value)) == 0)
			rc = aq_amt_add(*sum, value, sum);
	}
	return rc;
}

/* What an amend adds: what is left of the order as it would be, without what it holds already, which the rows count. */
static int amend_adds(const struct risk_case *c, struct aq_amt *sum)
{
	const char *settle = c->market->instrument.settle;
	struct aq_amt left, held;
	int rc = market_notional(c->market, c->reference, c->qty, &left);

	if (rc != 0 || (rc = market_convert(c->flow, settle, left, &left)) != 0 ||
		(rc = market_value(c->market, c->before->reserved_qty, &held)) != 0 ||
		(rc = market_convert(c->flow, settle, held, &held)) != 0)
		return rc;
	return aq_amt_sub(left, held, sum);
}

static int gross_of(const struct risk_case *c, int scope, struct aq_amt *sum)
{
	const struct flow *f = c->flow;
	int rc = 0;

	*sum = c->worth;
	if (c->before != NULL && (rc = amend_adds(c, sum)) != 0)
		return rc;
	if (scope < 2)
		return gross_rows(f, scope == 0 ? c->instance->rows : c->account->rows, sum);
	for (uint32_t id = 1; rc == 0 && id <= names_count(&f->names, NAME_ACCOUNT); id++)
		rc = gross_rows(f, f->accounts[id].rows, sum);
	return rc;
}

static bool gross(struct risk_case *c)
{
	struct aq_amt sum;

	for (int i = 0; i < 3 && !c->order->reduce_only; i++) {
		struct aq_amt limit = c->meters[i]->limits.gross;

		if (aq_amt_sign(limit) <= 0)
			continue;
		if (gross_of(c, i, &sum) != 0)
			return deny(c, AQ_DENY_NO_PRICE);
		if (aq_amt_cmp(sum, limit) > 0)
			return deny_amounts(c, AQ_DENY_GROSS, limit, sum);
	}
	return true;
}

/* The instance's rows that an order would change: on its account, on its side. */
static void sum_own(const struct risk_case *c, aq_qty *position, aq_qty *buy, aq_qty *sell)
{
	for (uint32_t at = c->instance->rows; at != FLOW_NIL; at = c->flow->ledger.rows[at].next) {
		const struct ledger_row *row = &c->flow->ledger.rows[at];

		if (row->p.instrument != c->order->instrument || row->p.account != c->order->account ||
			row->p.position_side != c->order->position_side)
			continue;
		*position += row->p.qty;
		*buy += row->open_buy;
		*sell += row->open_sell;
	}
}

/* Spot has no positions to reduce but what the instance has bought. */
static bool reduces(struct risk_case *c)
{
	const struct aq_order *o = c->order;
	aq_qty position = 0, buy = 0, sell = 0, held = c->before != NULL ? c->before->reserved_qty : 0, left;
	bool only_closing = stands(c) == STANDING_CLOSE_ONLY;

	if (!o->reduce_only && !only_closing)
		return true;
	sum_own(c, &position, &buy, &sell);
	left = o->side == AQ_SELL ? position - (sell - held) : -position - (buy - held);
	return left >= c->qty ||
		deny_scaled(c, o->reduce_only ? AQ_DENY_REDUCE_ONLY : AQ_DENY_CLOSE_ONLY, left > 0 ? left : 0, c->qty,
			c->market->instrument.qty_digits);
}

static int needs(const struct risk_case *c, struct aq_amt *out)
{
	const struct aq_order *o = c->order;

	if (o->side == AQ_SELL)
		return aq_amt_from_scaled(c->qty, c->market->instrument.qty_digits, out);
	if (o->qty == 0 || o->filled == 0) {
		*out = c->notional;
		return 0;
	}
	return market_notional(c->market, c->reference, o->qty - o->filled, out);
}

/* Spot: what it needs must be there beside what our other orders hold. Margin is the venue's to judge. */
static bool balance(struct risk_case *c)
{
	const struct aq_instrument *i = &c->market->instrument;
	const struct balance *b;
	struct aq_amt free = aq_amt_zero(), need;

	if (i->kind != AQ_SPOT)
		return true;
	b = ledger_balance_find(c->flow, c->order->account, c->order->side == AQ_BUY ? i->quote : i->base);
	if (needs(c, &need) != 0 || (b != NULL && ledger_available(b, &free) != 0))
		return deny(c, AQ_DENY_ARGUMENT);
	if (c->before != NULL && aq_amt_add(free, c->before->reserved_amount, &free) != 0)
		return deny(c, AQ_DENY_ARGUMENT);
	return aq_amt_cmp(need, free) <= 0 || deny_amounts(c, AQ_DENY_BALANCE, free, need);
}

/* The same order a moment ago, still alive, is a mistake; so is one that would meet an order of the same account. */
static bool is_copy(const struct risk_case *c, const struct aq_order *other)
{
	const struct aq_order *o = c->order;

	return other->instrument == o->instrument && other->account == o->account && other->side == o->side &&
		other->price == o->price && other->qty == o->qty &&
		c->flow->now_ns - other->created_ns < c->flow->options.duplicate_ns;
}

static bool duplicate(struct risk_case *c)
{
	uint32_t at = c->instance->orders;

	for (; c->before == NULL && at != FLOW_NIL; at = c->flow->orders.slots[at].next)
		if (is_copy(c, &c->flow->orders.slots[at].o))
			return deny(c, AQ_DENY_DUPLICATE);
	return true;
}

static bool would_meet(const struct risk_case *c, const struct order *other)
{
	const struct aq_order *o = c->order, *x = &other->o;

	if (other == c->before || x->account != o->account || x->instrument != o->instrument || x->side == o->side ||
		x->price == AQ_NONE)
		return false;
	if (is_market(o))
		return true;
	return o->side == AQ_BUY ? o->price >= orders_worst_price(x) : o->price <= orders_worst_price(x);
}

static bool self_trade(struct risk_case *c)
{
	const struct flow *f = c->flow;
	aq_qty position = 0, buy = 0, sell = 0;

	sum_rows(f, c->account->rows, c->order->instrument, &position, &buy, &sell);
	if ((c->order->side == AQ_BUY ? sell : buy) == 0) /* nothing of the account on the other side */
		return true;
	if (c->order->self_trade != 0 && c->order->self_trade != AQ_ST_NONE) /* the venue is asked to prevent it */
		return true;
	for (uint32_t id = 0; id <= names_count(&f->names, NAME_INSTANCE); id++)
		for (uint32_t at = f->instances[id].orders; at != FLOW_NIL; at = f->orders.slots[at].next)
			if (would_meet(c, &f->orders.slots[at]))
				return deny(c, AQ_DENY_SELF_TRADE);
	return true;
}

/* ---- the day's loss ---- */

static bool begin_day(struct flow *f, enum flow_scope scope, uint32_t id, struct flow_meter *m, struct aq_amt profit)
{
	struct fact_day fact = {.scope = scope, .id = id, .day_ns = f->now_ns - f->now_ns % DAY_NS, .profit = profit};

	return m->day_ns == fact.day_ns || record_fact(f, FACT_DAY, &fact, sizeof(fact)) == 0;
}

static void begin_day_of(struct flow *f, enum flow_scope scope, uint32_t id, struct flow_meter *m)
{
	struct aq_amt profit;

	if (aq_amt_sign(m->limits.loss_day) > 0 && ledger_profit(f, scope, id, &profit) == 0)
		begin_day(f, scope, id, m, profit);
}

/* A day's loss beyond its limit: what the policy says, until an operator resumes. */
static void look_at_loss(struct flow *f, enum flow_scope scope, uint32_t id, struct flow_meter *m)
{
	struct fact_standing fact = {.scope = scope, .id = id, .time_ns = f->now_ns, .state = m->limits.on_loss,
		.who = "limit.loss_day"};
	struct aq_amt profit, loss;
	char text[48], of[48];

	if (m->limits.on_loss == STANDING_RUN || aq_amt_sign(m->limits.loss_day) <= 0)
		return;
	f->next_loss_ns = f->now_ns + LOSS_EVERY_NS;
	if (m->standing.fact.state >= m->limits.on_loss || m->day_ns == INT64_MIN || ledger_profit(f, scope, id, &profit) != 0 ||
		aq_amt_sub(m->day_start, profit, &loss) != 0 || aq_amt_cmp(loss, m->limits.loss_day) < 0)
		return;
	aq_amt_print_short(loss, 2, 2, text);
	aq_amt_print_short(m->limits.loss_day, 2, 2, of);
	snprintf(fact.why, sizeof(fact.why), "%.20s of %.20s %.10s lost since midnight", text, of, f->options.report_currency);
	standing_set(f, &fact);
	flow_say(f, AQ_LOG_ERROR, "%s: %s by limit.loss_day: %s", scope == SCOPE_HOST ? "host" : scope == SCOPE_ACCOUNT
		? flow_account_name(f, id) : flow_instance_name(f, id), standing_name(fact.state), fact.why);
}

static void look_at_losses(struct flow *f)
{
	if (f->now_ns < f->next_loss_ns)
		return;
	f->next_loss_ns = INT64_MAX;
	look_at_loss(f, SCOPE_HOST, 0, &f->meter);
	for (uint32_t id = 1; id <= names_count(&f->names, NAME_ACCOUNT); id++)
		look_at_loss(f, SCOPE_ACCOUNT, id, &f->accounts[id].meter);
	for (uint32_t id = 1; id <= names_count(&f->names, NAME_INSTANCE); id++)
		look_at_loss(f, SCOPE_INSTANCE, id, &f->instances[id].meter);
}

/* At midnight, so that what is lost before the day's first order counts; what has no price then begins with that order. */
void risk_tick(struct flow *f)
{
	look_at_losses(f);
	if (f->now_ns < f->next_day_ns)
		return;
	f->next_day_ns = f->now_ns - f->now_ns % DAY_NS + DAY_NS;
	begin_day_of(f, SCOPE_HOST, 0, &f->meter);
	for (uint32_t id = 1; id <= names_count(&f->names, NAME_ACCOUNT); id++)
		begin_day_of(f, SCOPE_ACCOUNT, id, &f->accounts[id].meter);
	for (uint32_t id = 1; id <= names_count(&f->names, NAME_INSTANCE); id++)
		begin_day_of(f, SCOPE_INSTANCE, id, &f->instances[id].meter);
}

static bool loss_day(struct risk_case *c)
{
	const enum flow_scope scopes[3] = {SCOPE_INSTANCE, SCOPE_ACCOUNT, SCOPE_HOST};
	const uint32_t ids[3] = {c->order->instance, c->order->account, 0};

	for (int i = 0; i < 3; i++) {
		struct flow_meter *m = c->meters[i];
		struct aq_amt profit, loss;

		if (aq_amt_sign(m->limits.loss_day) <= 0)
			continue;
		if (ledger_profit(c->flow, scopes[i], ids[i], &profit) != 0)
			return deny(c, AQ_DENY_NO_PRICE);
		if (!begin_day(c->flow, scopes[i], ids[i], m, profit) || aq_amt_sub(m->day_start, profit, &loss) != 0)
			return deny(c, AQ_DENY_JOURNAL);
		if (!c->order->reduce_only && aq_amt_cmp(loss, m->limits.loss_day) >= 0)
			return deny_amounts(c, AQ_DENY_LOSS_DAY, m->limits.loss_day, loss);
	}
	return true;
}

/* ---- the table ---- */

/* Those that are ours alone do not hold up what an operator closes. */
static const struct check {
	bool (*passes)(struct risk_case *c);
	bool ours;
} checks[] = {
	{known_instrument, false}, {not_stopping, true}, {standing, true}, {venue_up, false}, {account_ready, false},
	{journal_takes_it, false}, {room_in_table, false}, {tag_free, false}, {in_time, false}, {terms_make_sense, false},
	{is_supported, false}, {on_tick, false}, {on_lot, false}, {within_qty, false}, {fresh_book, false}, {valued, false},
	{min_notional, false},
	{max_notional, true}, {open_orders, true}, {order_rate, true}, {collar, true}, {max_position, true}, {gross, true},
	{reduces, true}, {balance, false}, {duplicate, true}, {self_trade, true}, {loss_day, true},
};

unsigned risk_checks(void)
{
	return sizeof(checks) / sizeof(*checks);
}

bool risk_passes(struct risk_case *c)
{
	struct flow *f = c->flow;
	const struct aq_order *o = c->order;

	c->market = market_find(f, o->instrument);
	c->account = &f->accounts[o->account < f->account_capacity ? o->account : 0];
	c->instance = &f->instances[o->instance];
	c->meters[0] = &c->instance->meter;
	c->meters[1] = &c->account->meter;
	c->meters[2] = &f->meter;
	c->reference = AQ_NONE;
	for (unsigned i = 0; i < risk_checks(); i++)
		if (!(checks[i].ours && c->by_operator) && !checks[i].passes(c))
			return false;
	return true;
}

static void count_in(struct flow_meter *m, int64_t now)
{
	if (m->limits.order_rate == 0)
		return;
	m->sent_ns[m->sent_at] = now;
	m->sent_at = m->sent_at + 1 < m->limits.order_rate ? m->sent_at + 1 : 0;
}

void risk_count(struct flow *f, const struct aq_order *order)
{
	count_in(&f->instances[order->instance].meter, f->now_ns);
	count_in(&f->accounts[order->account].meter, f->now_ns);
	count_in(&f->meter, f->now_ns);
}

const char *risk_code_name(uint16_t code)
{
	static const char *const denials[] = {"", "ARGUMENT", "UNSUPPORTED", "TAG_BUSY", "TICK", "LOT", "MIN_QTY", "MAX_QTY",
		"MIN_NOTIONAL", "BALANCE", "MAX_NOTIONAL", "MAX_POSITION", "MAX_OPEN", "RATE", "COLLAR", "STALE_BOOK",
		"DUPLICATE", "SELF_TRADE", "LOSS_DAY", "RECONCILING", "VENUE_DOWN", "NO_PRICE", "REDUCE_ONLY", "JOURNAL",
		"INSTRUMENT", "STOPPING", "CAPACITY", "NOT_FOUND", "IN_FLIGHT", "GROSS", "LATE", "CLOSE_ONLY"};
	static const char *const venue[] = {"POST_ONLY", "VENUE_BALANCE", "FILTER", "VENUE_NOT_FOUND", "VENUE_DUPLICATE",
		"UNFILLED", "EXPIRED", "VENUE_SELF_TRADE", "VENUE_OTHER", "NOT_RECEIVED"};

	if (code < sizeof(denials) / sizeof(*denials))
		return denials[code];
	if (code >= AQ_VENUE_POST_ONLY && code < AQ_VENUE_POST_ONLY + sizeof(venue) / sizeof(*venue))
		return venue[code - AQ_VENUE_POST_ONLY];
	return "?";
}
