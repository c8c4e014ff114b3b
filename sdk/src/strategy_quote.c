/* strategy_quote.c: turns wishes into orders, one at a time under each tag.
 *
 * The invariant: a request leaves only when the order under the tag is known and nothing is on its way for it.
 * `known` is lost with every request, with every event about the order, and with a download; it is regained by asking
 * the host. What was asked counts as on its way until an event about that order has come, so that a denial which
 * still waits in the queue is not mistaken for a free tag. */
#include "strategy_ctx.h"

#include <decimal.h>
#include <math.h>

#define HOLD_NS INT64_C(250000000) /* first wait after a refusal; doubles ... */
#define HOLD_DOUBLINGS 5           /* ... up to 8 s */

/* What a wish comes to on the venue's grid and in today's book; qty 0 = out. */
struct target {
	aq_px price;
	aq_qty qty;
};

/* ---- the table ---- */

struct aq_wish *aq_ctx_wish(struct aq_ctx *q, struct aq_market m, uint64_t tag)
{
	for (uint32_t i = 0; i < q->wishes_end; i++) {
		struct aq_wish *w = &q->wishes[i];
		if (w->used && w->tag == tag && aq_market_same(w->market, m))
			return w;
	}
	return NULL;
}

static bool concerns(const struct aq_wish *w, struct aq_market m)
{
	return w->used && (m.instrument == 0 || m.instrument == w->market.instrument) &&
	       (m.account == 0 || m.account == w->market.account);
}

static bool spent(const struct aq_wish *w)
{
	return !w->used || (w->qty == 0 && w->known && w->order == 0);
}

static struct aq_wish *new_wish(struct aq_ctx *q, struct aq_market m, uint64_t tag)
{
	for (uint32_t i = 0; i < AQ_QUOTES; i++) {
		if (!spent(&q->wishes[i]))
			continue;
		q->wishes[i] = (struct aq_wish){.used = true, .market = m, .tag = tag, .price = AQ_NONE};
		if (i >= q->wishes_end)
			q->wishes_end = i + 1;
		return &q->wishes[i];
	}
	return NULL;
}

void aq_ctx_forget_orders(struct aq_ctx *q)
{
	for (uint32_t i = 0; i < q->wishes_end; i++) {
		struct aq_wish *w = &q->wishes[i];
		w->known = w->leaving = false;
		w->asked = 0;
		w->order = 0;
	}
}

/* ---- refusals ---- */

static void set_retry(struct aq_ctx *q, int64_t at_ns)
{
	if (q->retry_ns != 0 && q->retry_ns <= at_ns)
		return;
	if (q->retry_ns != 0)
		q->host->timer_clear(q->host->owner, q->retry_id);
	q->retry_id = q->host->timer_set(q->host->owner, at_ns, 0, AQ_TIMER_RETRY);
	q->retry_ns = q->retry_id > 0 ? at_ns : 0;
}

static bool about_filters(uint16_t code)
{
	return (code >= AQ_DENY_TICK && code <= AQ_DENY_MIN_NOTIONAL) || code == AQ_VENUE_FILTER;
}

/* What must change for a refused request to fare better. All else would be repeated with every move of the market. */
static uint8_t remedy(uint16_t code)
{
	switch (code) {
	case AQ_DENY_ARGUMENT:
	case AQ_DENY_TICK:
	case AQ_DENY_MIN_NOTIONAL:
	case AQ_DENY_MAX_NOTIONAL:
	case AQ_DENY_COLLAR:
	case AQ_DENY_DUPLICATE:
	case AQ_DENY_SELF_TRADE:
	case AQ_VENUE_POST_ONLY:
	case AQ_VENUE_FILTER:
	case AQ_VENUE_SELF_TRADE:
		return AQ_HELD_PRICE;
	case AQ_DENY_LOT:
	case AQ_DENY_MIN_QTY:
	case AQ_DENY_MAX_QTY:
	case AQ_DENY_BALANCE:
	case AQ_DENY_MAX_POSITION:
	case AQ_DENY_GROSS:
	case AQ_DENY_REDUCE_ONLY:
	case AQ_VENUE_BALANCE:
		return AQ_HELD_QTY;
	default:
		return AQ_HELD_TIME;
	}
}

static void hold(struct aq_ctx *q, struct aq_wish *w, uint8_t request, uint8_t held_by)
{
	w->held = request;
	w->held_by = held_by;
	w->held_until = q->now_ns + (HOLD_NS << w->tries);
	if (w->tries < HOLD_DOUBLINGS)
		w->tries++;
	w->postponed = true;
	set_retry(q, w->held_until);
}

/* A cancel waits only for a refused cancel, and never lets a new order wait. An amend does not wait: while it is
 * refused the order is cancelled, since it rests where it should not. */
static bool held_back(const struct aq_ctx *q, const struct aq_wish *w, uint8_t request, struct target t)
{
	if (w->held == 0 || q->now_ns >= w->held_until)
		return false;
	if (request == AQ_REQ_CANCEL || w->held == AQ_REQ_CANCEL)
		return request == w->held;
	if (w->held_by == AQ_HELD_TIME)
		return true;
	if (w->side != w->asked_side || t.qty != w->asked_qty)
		return false;
	return t.price == w->asked_price || w->held_by != AQ_HELD_PRICE;
}

void aq_ctx_release(struct aq_ctx *q, struct aq_market m)
{
	for (uint32_t i = 0; i < q->wishes_end; i++) {
		struct aq_wish *w = &q->wishes[i];
		if (concerns(w, m))
			w->held = w->tries = 0;
	}
}

/* Remembers what is asked for, and that it is on its way or could not even be queued. */
static void asked(struct aq_ctx *q, struct aq_wish *w, uint8_t request, struct target t, int64_t status)
{
	if (request != AQ_REQ_CANCEL) {
		w->asked_side = w->side;
		w->asked_price = t.price;
		w->asked_qty = t.qty;
	}
	w->known = false;
	if (status >= 0)
		w->asked = request;
	else
		hold(q, w, request, AQ_HELD_TIME);
}

/* ---- what is there, what is wanted ---- */

static void remember(struct aq_wish *w, const struct aq_order *o)
{
	w->known = true;
	w->order_side = o->side;
	w->order_type = o->type;
	w->order_price = o->price;
	w->filled = o->filled;
	w->left = o->qty - o->filled;
}

static void gone(struct aq_wish *w)
{
	w->known = true;
	w->order = 0;
	w->asked = 0;
	w->replace = w->leaving = false;
	w->filled = 0;
}

/* False while something is on its way. */
static bool look(struct aq_ctx *q, struct aq_wish *w)
{
	struct aq_order o = {.size = sizeof(o)};
	int32_t status;
	if (w->asked != 0)
		return false;
	if (w->known)
		return true;
	if (w->order != 0)
		status = q->orders->order(q->host->owner, w->order, 0, &o);
	else
		status = aq_ctx_find_order(q, w->market, w->tag, &o);
	if (status < 0 || aq_order_final(o.state)) {
		gone(w);
		return true;
	}
	w->order = o.id;
	if (o.state == AQ_CREATED || o.state == AQ_SENT || o.place != 0 || o.cancel != 0 || o.amend != 0)
		return false;
	remember(w, &o);
	return true;
}

/* Beside the best price of the other side, where it would take. */
static aq_px behind_the_other_side(const struct aq_top *top, aq_px tick, uint8_t side, aq_px price)
{
	if (side == AQ_BUY)
		return price >= top->ask ? aq_step_down(top->ask - 1, tick) : price;
	if (price <= top->bid && aq_step_up(top->bid + 1, tick, &price) < 0)
		return 0;
	return price;
}

static struct target target_of(struct aq_ctx *q, const struct aq_wish *w)
{
	const struct target out = {AQ_NONE, 0};
	const struct aq_instrument *i = aq_instrument(q, w->market);
	const struct aq_top *top = aq_ctx_fresh(q, w->market);
	struct target t = {w->price, w->qty};
	if (t.qty <= 0 || t.price <= 0 || i == NULL || top == NULL)
		return out;
	if (w->side == AQ_BUY)
		t.price = aq_step_down(t.price, i->tick);
	else if (aq_step_up(t.price, i->tick, &t.price) < 0)
		return out;
	t.price = behind_the_other_side(top, i->tick, w->side, t.price);
	if (i->max_qty > 0 && t.qty > i->max_qty)
		t.qty = i->max_qty;
	t.qty = aq_step_down(t.qty, i->lot);
	return t.price <= 0 || t.qty <= 0 || t.qty < i->min_qty ? out : t;
}

/* Asked only of what is about to be sent: an order that rests is worth enough, and 128 bits take their time. */
static bool worth_sending(struct aq_ctx *q, const struct aq_wish *w, struct target t)
{
	const struct aq_instrument *i = aq_instrument(q, w->market);
	struct aq_amt value;
	if (i == NULL || aq_amt_sign(i->min_notional) <= 0)
		return true;
	return aq_ctx_value(i, t.price, t.qty, &value) >= 0 && aq_amt_cmp(value, i->min_notional) >= 0;
}

static bool price_rests(const struct aq_wish *w, aq_px price)
{
	return fabs((double)w->order_price - (double)price) <= w->tolerance * (double)price;
}

/* More than the wish would break a limit, a little less only trades a little less. */
static bool rests_well(const struct aq_wish *w, struct target t)
{
	return w->order_type == AQ_LIMIT && w->order_side == w->side && price_rests(w, t.price) && w->left <= t.qty &&
	       w->left >= t.qty - t.qty / 4;
}

/* ---- requests ---- */

static void place_quote(struct aq_ctx *q, struct aq_wish *w, struct target t)
{
	struct aq_place order = {.size = sizeof(order), .account = w->market.account,
		.instrument = w->market.instrument,
		.side = w->side, .type = AQ_LIMIT, .tif = AQ_GTC, .price = t.price, .qty = t.qty, .post_only = 1};
	int64_t id;
	if (held_back(q, w, AQ_REQ_PLACE, t)) {
		w->postponed = true;
		set_retry(q, w->held_until);
		return;
	}
	id = aq_ctx_free_tag(q, w->market, w->tag, &order.tag);
	if (id >= 0)
		id = q->orders->place(q->host->owner, &order);
	w->order = id > 0 ? (uint64_t)id : 0;
	asked(q, w, AQ_REQ_PLACE, t, id);
}

static void cancel_quote(struct aq_ctx *q, struct aq_wish *w)
{
	const struct target out = {AQ_NONE, 0};
	int32_t status;
	w->postponed = true; /* what follows the order's end is decided then */
	if (held_back(q, w, AQ_REQ_CANCEL, out)) {
		set_retry(q, w->held_until);
		return;
	}
	status = q->orders->cancel(q->host->owner, w->order, 0, w->tag);
	if (status == AQ_ENOENT) {
		w->known = false; /* its end is in the queue */
		return;
	}
	w->leaving = status >= 0;
	asked(q, w, AQ_REQ_CANCEL, out, status);
}

static bool can_amend(struct aq_ctx *q, const struct aq_wish *w, struct target t, aq_qty *total)
{
	const struct aq_ctx_instrument *i = aq_ctx_instrument(q, w->market.instrument);
	return i != NULL && !i->no_amend && !w->replace && w->order_type == AQ_LIMIT && w->order_side == w->side &&
	       !__builtin_add_overflow(w->filled, t.qty, total);
}

static void move_quote(struct aq_ctx *q, struct aq_wish *w, struct target t)
{
	struct aq_amend amend = {.size = sizeof(amend), .order = w->order, .price = AQ_NONE, .call_tag = w->tag};
	int32_t status;
	if (!can_amend(q, w, t, &amend.qty)) {
		cancel_quote(q, w);
		return;
	}
	if (!price_rests(w, t.price))
		amend.price = t.price;
	status = q->orders->amend(q->host->owner, &amend);
	w->replace = status < 0 && status != AQ_EAGAIN;
	w->postponed = true;
	asked(q, w, AQ_REQ_AMEND, t, status);
}

static void act(struct aq_ctx *q, struct aq_wish *w)
{
	struct target t;
	if (q->downloading || q->stopped || !look(q, w)) {
		w->postponed = true;
		return;
	}
	w->postponed = false;
	t = target_of(q, w);
	if (w->order != 0 && t.qty > 0 && rests_well(w, t))
		return;
	if (t.qty > 0 && !worth_sending(q, w, t))
		t.qty = 0;
	if (w->order == 0 && t.qty > 0)
		place_quote(q, w, t);
	else if (w->order != 0 && t.qty == 0)
		cancel_quote(q, w);
	else if (w->order != 0)
		move_quote(q, w, t);
}

void aq_ctx_act(struct aq_ctx *q, struct aq_market m, bool all)
{
	for (uint32_t i = 0; i < q->wishes_end; i++) {
		struct aq_wish *w = &q->wishes[i];
		if (concerns(w, m) && (all || w->postponed))
			act(q, w);
	}
}

void aq_ctx_retry(struct aq_ctx *q)
{
	q->retry_ns = 0;
	aq_ctx_act(q, (struct aq_market){0, 0}, false);
}

/* ---- news ---- */

static uint8_t refused_request(const struct aq_order_change *c)
{
	if (c->request != 0)
		return c->request;
	if (c->update == AQ_UP_AMEND_REJECTED)
		return AQ_REQ_AMEND;
	return c->update == AQ_UP_CANCEL_REJECTED ? AQ_REQ_CANCEL : AQ_REQ_PLACE;
}

/* A venue that knows no amend is asked for none again. */
static void note_refusal(struct aq_ctx *q, struct aq_wish *w, const struct aq_order_change *c)
{
	struct aq_ctx_instrument *i = aq_ctx_instrument(q, w->market.instrument);
	uint8_t request = refused_request(c);
	if (request == AQ_REQ_AMEND)
		w->replace = true;
	if (request == AQ_REQ_CANCEL)
		w->leaving = false;
	if (request == AQ_REQ_AMEND && c->code == AQ_DENY_UNSUPPORTED && i != NULL) {
		i->no_amend = true;
		w->postponed = true;
		return;
	}
	if (about_filters(c->code))
		aq_ctx_instruments_forget(q);
	if (c->code == AQ_DENY_TAG_BUSY)
		w->known = false; /* an order that we did not place lives there: look for it */
	hold(q, w, request, remedy(c->code));
}

static bool refused(const struct aq_order_change *c)
{
	if (c->order.state == AQ_DENIED || c->order.state == AQ_REJECTED)
		return true;
	return c->update == AQ_UP_CANCEL_REJECTED || c->update == AQ_UP_AMEND_REJECTED ||
	       (c->update == 0 && c->request != 0 && c->code != AQ_CODE_NONE);
}

/* A wish from before a fill may not be fulfilled after it: it did not know of the new position. Leaving is always
 * right. */
static void outdated(struct aq_wish *w)
{
	if (w->qty > 0)
		w->postponed = false;
}

void aq_ctx_note_order(struct aq_ctx *q, const struct aq_order_change *c)
{
	const struct aq_order *o = &c->order;
	struct aq_wish *w = aq_ctx_wish(q, (struct aq_market){o->instrument, o->account}, o->tag & AQ_TAG_MASK);
	bool ended = aq_order_final(o->state), ours;
	if (w == NULL || (w->order != o->id && (w->order != 0 || ended)))
		return; /* late news of an earlier order */
	ours = w->leaving;
	w->known = false;
	w->asked = 0;
	w->order = o->id;
	if (o->filled > w->filled)
		outdated(w);
	if (ended)
		gone(w);
	if (refused(c))
		note_refusal(q, w, c);
	else if (o->state == AQ_OPEN)
		w->tries = 0;
	else if ((o->state == AQ_CANCELLED || o->state == AQ_EXPIRED) && !ours && w->qty > 0)
		hold(q, w, AQ_REQ_PLACE, AQ_HELD_TIME); /* someone else wanted it out */
}

void aq_ctx_note_fill(struct aq_ctx *q, const struct aq_fill *f)
{
	for (uint32_t i = 0; i < q->wishes_end; i++) {
		struct aq_wish *w = &q->wishes[i];
		if (!w->used || w->market.instrument != f->instrument || w->market.account != f->account)
			continue;
		outdated(w);
		if (w->order != 0 && w->order == f->order)
			w->known = false;
	}
}

/* ---- what the author calls ---- */

static int32_t refuse(struct aq_ctx *q, bool *warned, int32_t status, const char *why)
{
	if (!*warned)
		aq_warn(q, "aq_quote: %s", why);
	*warned = true;
	return status;
}

int32_t aq_quote(struct aq_ctx *q, struct aq_market m, uint64_t tag, uint8_t side, aq_px price, aq_qty qty,
	double tolerance)
{
	struct aq_wish *w;
	if (!q->started || q->stopped)
		return AQ_ESTATE;
	if (m.instrument == 0 || m.account == 0)
		return refuse(q, &q->warned_account, AQ_EINVAL,
			"a market without an account is data only; write ACCOUNT:SYMBOL");
	if (tag > AQ_TAG_MAX || (side != AQ_BUY && side != AQ_SELL))
		return refuse(q, &q->warned_tag, AQ_EINVAL, "a tag above AQ_TAG_MAX, or neither AQ_BUY nor AQ_SELL");
	w = aq_ctx_wish(q, m, tag);
	if (w == NULL)
		w = new_wish(q, m, tag);
	if (w == NULL)
		return refuse(q, &q->warned_full, AQ_ESPACE, "more than AQ_QUOTES quotes");
	w->side = side;
	w->price = price;
	w->qty = price == AQ_NONE || qty < 0 ? 0 : qty;
	w->tolerance = tolerance > 0 ? tolerance : 0;
	act(q, w);
	return AQ_OK;
}

int32_t aq_ladder(struct aq_ctx *q, struct aq_market m, uint64_t first_tag, uint8_t side, aq_px price, aq_qty qty,
	uint32_t n, int64_t step, double tolerance)
{
	int64_t away = side == AQ_BUY ? -step : step;
	int32_t worst = AQ_OK, status;
	for (uint32_t i = 0; i < n; i++) {
		status = aq_quote(q, m, first_tag + i, side, aq_px_add(q, m, price, away * (int64_t)i), qty, tolerance);
		if (status < worst)
			worst = status;
	}
	return worst;
}

/* Of a wish whose order is known to rest this needs no look at the host. */
aq_qty aq_open_qty(struct aq_ctx *q, struct aq_market m, uint64_t tag)
{
	const struct aq_wish *w = aq_ctx_wish(q, m, tag);
	struct aq_order o;
	aq_qty most;
	if (w != NULL && w->known)
		return w->order != 0 ? w->left : 0;
	if (aq_order_get(q, m, tag, &o) != AQ_OK)
		return 0;
	most = o.amend != AQ_REQ_NONE && o.amend_qty > o.qty ? o.amend_qty : o.qty;
	return most - o.filled;
}

void aq_ctx_withdraw(struct aq_ctx *q, struct aq_wish *w)
{
	w->price = AQ_NONE;
	w->qty = 0;
	act(q, w);
}

void aq_pull(struct aq_ctx *q, struct aq_market m)
{
	for (uint32_t i = 0; i < q->wishes_end; i++) {
		if (q->wishes[i].used && aq_market_same(q->wishes[i].market, m))
			aq_ctx_withdraw(q, &q->wishes[i]);
	}
}
