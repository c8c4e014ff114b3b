/* orders_ask.c: what a strategy asks for: place, cancel, amend. Through the gate, into the journal, to the adapter. */
#include "flow/market.h"
#include "flow/order_notes.h"
#include "flow/orders.h"
#include "flow/risk.h"
#include "flow/standing.h"

#include "base/check.h"

#include <string.h>

#define PULL_AGAIN_NS 1000000000ll

/* ---- from a wish to an order ---- */

/* The original's trade types, for accounts with one net position and for those that keep long and short apart. */
static const struct intention {
	uint8_t side, position_side, reduce_only;
} intentions[] = {
	[AQ_BUY_OPEN] = {AQ_BUY, AQ_LONG, 0},
	[AQ_SELL_OPEN] = {AQ_SELL, AQ_SHORT, 0},
	[AQ_SELL_CLOSE] = {AQ_SELL, AQ_LONG, 1},
	[AQ_BUY_CLOSE] = {AQ_BUY, AQ_SHORT, 1},
};

/* `spot`: nothing can be opened short, and selling what one has needs no flag. */
static void apply_intention(struct aq_order *o, bool hedging, bool spot)
{
	const struct intention *i;

	if (o->intention == 0 || o->intention >= sizeof(intentions) / sizeof(*intentions))
		return;
	i = &intentions[o->intention];
	o->side = i->side;
	o->position_side = hedging ? i->position_side : AQ_NET;
	if (i->reduce_only) /* a flag of the caller's beside an opening intention stays, and is denied */
		o->reduce_only = !hedging && !spot;
}

static struct aq_order order_of(const struct flow *f, uint32_t instance, const struct aq_place *p)
{
	const struct market *m = market_find(f, p->instrument);
	const struct flow_account *a = &f->accounts[p->account < f->account_capacity ? p->account : 0];
	bool spot = m != NULL && m->instrument.kind == AQ_SPOT;
	struct aq_order o = {.size = sizeof(o), .account = p->account, .instrument = p->instrument, .instance = instance,
		.id = orders_next_id(f), .tag = p->tag, .side = p->side, .position_side = p->position_side,
		.intention = p->intention, .type = p->type != 0 ? p->type : AQ_LIMIT, .tif = p->tif, .post_only = p->post_only,
		.reduce_only = p->reduce_only, .self_trade = p->self_trade, .margin_mode = p->margin_mode,
		.trigger_source = p->trigger_source, .state = AQ_CREATED, .price = p->price, .qty = p->qty, .ahead = AQ_NONE,
		.display_qty = p->display_qty != 0 ? p->display_qty : AQ_NONE,
		.trigger = p->trigger != 0 ? p->trigger : AQ_NONE, .trail = AQ_NONE, .amend_price = AQ_NONE,
		.amend_qty = AQ_NONE, .quote_qty = p->quote_qty, .created_ns = f->now_ns, .updated_ns = f->now_ns,
		.expiry_ns = p->expiry_ns, .deadline_ns = p->deadline_ns, .parent = p->parent, .list = p->list};

	if (o.type == AQ_MARKET_ORDER)
		o.price = AQ_NONE;
	if (o.tif == 0)
		o.tif = o.type == AQ_MARKET_ORDER ? AQ_IOC : AQ_GTC;
	if (o.position_side == 0)
		o.position_side = AQ_NET;
	if (o.margin_mode == 0)
		o.margin_mode = spot ? AQ_CASH : a->margin_mode;
	if (o.deadline_ns == 0)
		o.deadline_ns = f->now_ns + f->options.order_max_delay_ns;
	apply_intention(&o, a->hedging, spot);
	return o;
}

/* ---- denials ---- */

/* Tells the owner and the journal why; the order in it is as it stands. */
static void tell_denial(struct flow *f, const struct aq_order *o, const struct risk_case *c, uint8_t request)
{
	struct aq_order_change change = {.order = *o, .request = request, .code = c->code, .limit = c->limit,
		.value = c->value, .headroom = c->headroom};
	struct aq_event *event;

	f->instances[o->instance].meter.denied++;
	f->accounts[o->account < f->account_capacity ? o->account : 0].meter.denied++;
	f->meter.denied++;
	if (c->code < FLOW_DENIALS)
		f->denials[c->code]++;
	record_fact(f, FACT_DENIED, &change, sizeof(change));
	order_notes_denied(f, &change);
	event = flow_event(f, o->instance, AQ_EV_ORDER, sizeof(change));
	if (event == NULL)
		return;
	event->instrument = o->instrument;
	event->account = o->account;
	event->tag = o->tag;
	memcpy(event + 1, &change, sizeof(change));
}

static void deny_request(struct flow *f, const struct order *order, uint8_t request, uint16_t code)
{
	struct risk_case c = {.code = code};

	tell_denial(f, &order->o, &c, request);
}

/* ---- requests on their way ---- */

/* What still waits for an answer cannot outnumber three a slot: there is room again. */
static void forget_answered(struct orders *t)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < t->deadline_count; i++) {
		struct order_deadline d = t->deadlines[(t->deadline_head + i) % t->deadline_capacity];

		if (orders_awaits(&t->slots[d.slot], &d))
			t->deadlines[(t->deadline_head + kept++) % t->deadline_capacity] = d;
	}
	t->deadline_count = kept;
}

static void watch(struct flow *f, struct order *order, uint8_t request)
{
	struct orders *t = &f->orders;

	if (t->deadline_count == t->deadline_capacity)
		forget_answered(t);
	t->deadlines[(t->deadline_head + t->deadline_count++) % t->deadline_capacity] = (struct order_deadline){
		.slot = (uint32_t)(order - t->slots), .request = request, .order = order->o.id, .sent_ns = f->now_ns};
}

void orders_to_adapter(struct flow *f, const struct order *order, uint16_t type)
{
	const struct flow_account *a = &f->accounts[order->o.account];
	struct aq_event *event = flow_event(f, a->exchange, type, sizeof(order->o));

	if (event == NULL) /* no adapter: the deadline makes the request unknown, the next one asks */
		return;
	event->instrument = order->o.instrument;
	event->account = order->o.account;
	event->tag = order->o.id;
	memcpy(event + 1, &order->o, sizeof(order->o));
}

void orders_lookup_at(struct flow *f, struct order *order, int64_t at_ns)
{
	if (order->lookup_ns <= f->now_ns || at_ns < order->lookup_ns)
		order->lookup_ns = at_ns;
	if (order->lookup_ns < f->orders.next_lookup_ns)
		f->orders.next_lookup_ns = order->lookup_ns;
}

void orders_lookup(struct flow *f, struct order *order)
{
	uint32_t doubling = order->lookups < 4 ? order->lookups : 4;

	order->lookup_ns = 0;
	order->lookups++;
	order->asked++;
	if (order->proof == 0 && f->now_ns >= order->sent_ns[AQ_REQ_PLACE - 1] + f->options.accept_ns)
		order->proof = order->asked;
	orders_lookup_at(f, order, f->now_ns + (f->options.lookup_every_ns << doubling));
	orders_to_adapter(f, order, AQ_EV_QUERY);
}

/* Journals a request that leaves now; nothing has left when it fails. */
static int send_request(struct flow *f, struct order *order, uint8_t request, uint64_t tag, aq_px price, aq_qty qty)
{
	struct fact_request fact = {.order = order->o.id, .tag = tag, .time_ns = f->now_ns, .price = price, .qty = qty,
		.request = request, .state = AQ_REQ_SENT};
	int rc = record_fact(f, FACT_REQUEST, &fact, sizeof(fact));

	if (rc != 0)
		return rc;
	watch(f, order, request);
	orders_to_adapter(f, order, request == AQ_REQ_CANCEL ? AQ_EV_CANCEL : AQ_EV_AMEND);
	return AQ_OK;
}

/* ---- place ---- */

static bool zeroed(const void *at, size_t size)
{
	const uint8_t *byte = at;

	for (size_t i = 0; i < size; i++)
		if (byte[i] != 0)
			return false;
	return true;
}

static int64_t place_checked(struct flow *f, uint32_t instance, const struct aq_place *place, bool by_operator)
{
	struct risk_case c = {.flow = f, .by_operator = by_operator};
	struct order *order;
	struct aq_order o;
	int rc;

	if (place->size != sizeof(*place) || !zeroed(place->reserved, sizeof(place->reserved)))
		return AQ_EINVAL;
	o = order_of(f, instance, place);
	c.order = &o;
	if (!risk_passes(&c)) {
		o.state = AQ_DENIED;
		o.code = c.code;
		f->orders.last_id = o.id;
		tell_denial(f, &o, &c, AQ_REQ_PLACE);
		return (int64_t)o.id;
	}
	o.state = AQ_SENT;
	o.place = AQ_REQ_SENT;
	rc = record_fact(f, FACT_ORDER, &o, sizeof(o));
	if (rc != 0) {
		o.state = AQ_DENIED;
		o.place = AQ_REQ_NONE;
		o.code = c.code = rc == AQ_EFORMAT ? AQ_DENY_ARGUMENT : AQ_DENY_JOURNAL;
		tell_denial(f, &o, &c, AQ_REQ_PLACE);
		return (int64_t)o.id;
	}
	order = orders_find(f, o.id);
	risk_count(f, &o);
	order_note_why(f, order);
	watch(f, order, AQ_REQ_PLACE);
	orders_to_adapter(f, order, AQ_EV_PLACE);
	return (int64_t)o.id;
}

int64_t orders_place(struct flow *f, uint32_t instance, const struct aq_place *place)
{
	return place_checked(f, instance, place, false);
}

int64_t orders_place_for_operator(struct flow *f, uint32_t instance, const struct aq_place *place)
{
	return place_checked(f, instance, place, true);
}

/* ---- cancel ---- */

int32_t orders_cancel_slot(struct flow *f, struct order *order, uint64_t call_tag)
{
	if (order_is_final(&order->o))
		return AQ_ENOENT;
	if (order_request_judge(&order->o, AQ_REQ_CANCEL, AQ_REQ_SENT) != ORDER_APPLY) {
		deny_request(f, order, AQ_REQ_CANCEL, AQ_DENY_IN_FLIGHT);
		return AQ_OK;
	}
	if (send_request(f, order, AQ_REQ_CANCEL, call_tag, AQ_NONE, AQ_NONE) != 0)
		deny_request(f, order, AQ_REQ_CANCEL, AQ_DENY_JOURNAL);
	return AQ_OK;
}

/* By id, or with id 0 by tag; only what the instance owns. */
static struct order *own(const struct flow *f, uint32_t instance, uint64_t id, uint64_t tag)
{
	struct order *order = id != 0 ? orders_find(f, id) : orders_by_tag(f, instance, tag);

	return order != NULL && order->o.instance == instance ? order : NULL;
}

int32_t orders_cancel(struct flow *f, uint32_t instance, uint64_t id, uint64_t tag, uint64_t call_tag)
{
	struct order *order = own(f, instance, id, tag);

	return order == NULL ? AQ_ENOENT : orders_cancel_slot(f, order, call_tag);
}

int32_t orders_cancel_all(struct flow *f, uint32_t instance, uint32_t account, uint32_t instrument)
{
	int32_t count = 0;

	for (uint32_t at = f->instances[instance].orders; at != FLOW_NIL; at = f->orders.slots[at].next) {
		struct order *order = &f->orders.slots[at];

		if ((account != 0 && order->o.account != account) || (instrument != 0 && order->o.instrument != instrument) ||
			order->o.cancel != AQ_REQ_NONE)
			continue;
		count += orders_cancel_slot(f, order, order->o.tag) == AQ_OK;
	}
	return count;
}

/* Once asked for, whatever became of it. */
static bool was_cancelled(const struct order *order)
{
	return order->sent_ns[AQ_REQ_CANCEL - 1] > order->o.created_ns;
}

/* What lessens a position stays, an operator's closing orders, too. */
static bool is_pulled(const struct order *order, uint32_t instrument, uint32_t account)
{
	bool elsewhere = account != 0 ? order->o.account != account : order->o.instrument != instrument;

	return elsewhere && !order->o.reduce_only && !standing_closed_by(&order->o) && !order_is_final(&order->o);
}

/* As long as one of them is open it is looked at again after a second; a venue that refuses is not asked more often. */
static void pull(struct flow *f, uint32_t instance, uint32_t instrument, uint32_t account, bool again)
{
	for (uint32_t at = f->instances[instance].orders; at != FLOW_NIL; at = f->orders.slots[at].next) {
		struct order *order = &f->orders.slots[at];

		if (!is_pulled(order, instrument, account) || (again && !was_cancelled(order)))
			continue;
		if (f->next_pull_ns > f->now_ns + PULL_AGAIN_NS)
			f->next_pull_ns = f->now_ns + PULL_AGAIN_NS;
		if (order->o.cancel == AQ_REQ_NONE && order_request_judge(&order->o, AQ_REQ_CANCEL, AQ_REQ_SENT) == ORDER_APPLY)
			orders_cancel_slot(f, order, order->o.tag);
	}
}

void orders_pull(struct flow *f, uint32_t instance, uint32_t instrument, uint32_t account)
{
	pull(f, instance, instrument, account, false);
}

void orders_pull_again(struct flow *f, uint32_t instance, uint32_t instrument, uint32_t account)
{
	pull(f, instance, instrument, account, true);
}

void orders_withdraw(struct flow *f, uint32_t instance)
{
	f->instances[instance].withdrawn = 1;
	orders_cancel_all(f, instance, 0, 0);
}

/* ---- amend ---- */

int32_t orders_amend(struct flow *f, uint32_t instance, const struct aq_amend *amend)
{
	struct order *order;
	struct aq_order wanted;
	struct risk_case c = {.flow = f, .order = &wanted};

	if (amend->size != sizeof(*amend) || amend->reserved != 0)
		return AQ_EINVAL;
	order = own(f, instance, amend->order, amend->tag);
	if (order == NULL || order_is_final(&order->o))
		return AQ_ENOENT;
	wanted = order->o;
	wanted.price = amend->price != AQ_NONE ? amend->price : wanted.price;
	wanted.qty = amend->qty != AQ_NONE ? amend->qty : wanted.qty;
	wanted.deadline_ns = 0;
	c.before = order;
	if (order_is_busy(&order->o) || order->o.state != AQ_OPEN) {
		deny_request(f, order, AQ_REQ_AMEND, AQ_DENY_IN_FLIGHT);
		return AQ_OK;
	}
	if (wanted.qty <= wanted.filled) {
		deny_request(f, order, AQ_REQ_AMEND, AQ_DENY_ARGUMENT);
		return AQ_OK;
	}
	if (!risk_passes(&c)) {
		tell_denial(f, &order->o, &c, AQ_REQ_AMEND);
		return AQ_OK;
	}
	if (send_request(f, order, AQ_REQ_AMEND, amend->call_tag, wanted.price, wanted.qty) != 0) {
		deny_request(f, order, AQ_REQ_AMEND, AQ_DENY_JOURNAL);
		return AQ_OK;
	}
	risk_count(f, &order->o);
	order_note_why(f, order);
	return AQ_OK;
}
