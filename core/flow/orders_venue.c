/* orders_venue.c: what the venue says of orders, and what happens when it says nothing. */
#include "flow/ledger.h"
#include "flow/market.h"
#include "flow/orders.h"
#include "flow/reconcile.h"
#include "flow/risk.h"
#include "flow/standing.h"

#include "base/check.h"

#include <inttypes.h>
#include <string.h>

void orders_tell(struct flow *f, const struct order *order, uint8_t update, uint16_t code, const char *text,
	uint16_t flags)
{
	struct aq_event *event = flow_event(f, order->o.instance, AQ_EV_ORDER, sizeof(struct aq_order_change));
	struct aq_order_change *change;

	if (event == NULL)
		return;
	change = (struct aq_order_change *)(void *)(event + 1);
	event->instrument = order->o.instrument;
	event->account = order->o.account;
	event->tag = order->o.tag;
	event->flags |= flags;
	change->order = order->o;
	change->update = update;
	change->code = code;
	if (text != NULL)
		memcpy(change->text, text, strnlen(text, sizeof(change->text) - 1));
}

/* ---- orders that we do not know ---- */

/* One that rests at the venue and is in no record of ours: it is named and booked to `external`. */
static void adopt(struct flow *f, const struct aq_event *record, const struct aq_order_update *u)
{
	const struct market *m = market_find(f, record->instrument);
	struct aq_order o = {.size = sizeof(o), .account = record->account, .instrument = record->instrument, .id = u->order,
		.tag = u->order, .side = u->side, .position_side = u->position_side != 0 ? u->position_side : AQ_NET,
		.type = u->type >= AQ_LIMIT && u->type <= AQ_TRAILING ? u->type : AQ_LIMIT,
		.tif = u->tif >= AQ_GTC && u->tif <= AQ_GTD ? u->tif : AQ_GTC, .post_only = u->post_only != 0,
		.reduce_only = u->reduce_only != 0,
		.state = u->update == AQ_UP_UNTRIGGERED ? AQ_UNTRIGGERED : AQ_OPEN, .price = u->price, .qty = u->qty,
		.ahead = u->ahead, .display_qty = AQ_NONE, .trigger = AQ_NONE,
		.trail = AQ_NONE, .amend_price = AQ_NONE, .amend_qty = AQ_NONE, .created_ns = f->now_ns,
		.updated_ns = f->now_ns};

	if (m == NULL || (u->update != AQ_UP_OPEN && u->update != AQ_UP_UNTRIGGERED) || u->qty <= 0 || u->order == 0)
		return;
	if (u->answers != 0 && u->answers != AQ_REQ_LIST) /* late news of one of ours that ended long ago */
		return;
	o.margin_mode = m->instrument.kind == AQ_SPOT ? AQ_CASH : f->accounts[o.account].margin_mode;
	memcpy(o.venue_id, u->venue_id, sizeof(o.venue_id));
	if (record_fact(f, FACT_ORDER, &o, sizeof(o)) != 0) {
		flow_say(f, AQ_LOG_ERROR, "account %s: order %" PRIu64 " at the venue is in no record of ours and cannot be taken over",
			flow_account_name(f, record->account), u->order);
		return;
	}
	orders_find(f, o.id)->listed = f->accounts[o.account].round;
	flow_say(f, AQ_LOG_WARN, "account %s: order %" PRIu64 " on %s is at the venue and in no record of ours: booked to external",
		flow_account_name(f, o.account), o.id, m->instrument.symbol);
}

/* ---- updates ---- */

/* "Not found" is evidence only when it was asked for after the last moment at which the venue could still have accepted the
 * order: an answer may have been long under way. One that was lost makes the count lag, and another is waited for. */
static bool too_early(const struct order *order, const struct aq_order_update *u)
{
	return u->update == AQ_UP_NOT_FOUND && order->o.state == AQ_SENT &&
		(order->proof == 0 || order->answered < order->proof);
}

static void count_answer(struct order *order, const struct aq_order_update *u)
{
	if (u->answers == AQ_REQ_LOOKUP && u->update != AQ_UP_UNKNOWN && order->answered < order->asked)
		order->answered++;
}

/* What was asked on a connection that is gone is answered no more. */
static void forget_lookups(struct order *order)
{
	order->asked = 0;
	order->answered = 0;
	order->proof = 0;
}

/* The same of an amend: while it may still be carried out, the terms from before it prove nothing. */
static bool amend_may_follow(const struct flow *f, const struct order *order, const struct aq_order_update *u)
{
	bool shows = u->update == AQ_UP_OPEN && (u->answers == AQ_REQ_LOOKUP || u->answers == AQ_REQ_LIST);
	bool as_before = (u->price == AQ_NONE || u->price == order->o.price) && (u->qty == AQ_NONE || u->qty == order->o.qty);

	return shows && as_before && order->o.amend == AQ_REQ_UNKNOWN &&
		f->now_ns < order->sent_ns[AQ_REQ_AMEND - 1] + f->options.accept_ns;
}

static void say_odd(struct flow *f, struct order *order, const struct aq_order_update *u)
{
	f->orders.odd++;
	flow_say(f, AQ_LOG_WARN, "order %" PRIu64 " in state %u got update %u, which cannot follow: looking it up", order->o.id,
		order->o.state, u->update);
	if (!order_is_final(&order->o) && u->answers != AQ_REQ_LOOKUP)
		orders_lookup(f, order);
}

/* In neither its open orders nor its history, though it once confirmed it: the venue wins. */
static bool is_gone(const struct flow *f, const struct order *order, const struct aq_order_update *u)
{
	return u->update == AQ_UP_NOT_FOUND && u->answers == AQ_REQ_LOOKUP && f->accounts[order->o.account].closing &&
		order->listed != f->accounts[order->o.account].round && !order_is_final(&order->o) && order->o.state != AQ_SENT;
}

/* The venue counts more fills than we have: the fills since it was made bring them, at the second try all fills. */
static void notice_missing_fills(struct flow *f, struct order *order, const struct aq_order_update *u)
{
	const struct flow_account *a = &f->accounts[order->o.account];
	bool list_comes = !a->ready && !a->closing;

	if (u->filled == AQ_NONE || u->filled <= order->o.filled || list_comes || order->fills_missing > 1)
		return;
	order->fills_missing++;
	flow_say(f, AQ_LOG_WARN, "order %" PRIu64 " has fills at the venue that did not arrive: reconciling", order->o.id);
	reconcile_start_from(f, order->o.account, order->fills_missing == 1 ? order->o.created_ns : 0);
}

/* Filled, says the venue, but not even all of its fills brought them: the order has ended, and positions show the rest. */
static bool ended_without_fills(const struct flow *f, const struct order *order, const struct aq_order_update *u)
{
	const struct flow_account *a = &f->accounts[order->o.account];

	return u->update == AQ_UP_FILLED && u->answers == AQ_REQ_LOOKUP && order->fills_missing > 1 && (a->ready || a->closing) &&
		!order_is_final(&order->o);
}

/* A plugin gets no code that it cannot know. */
static uint16_t known_code(uint16_t code)
{
	bool known = code < FLOW_DENIALS || (code >= AQ_VENUE_POST_ONLY && code <= AQ_VENUE_NOT_RECEIVED);

	return known ? code : AQ_VENUE_OTHER;
}

/* It ended while its amend was unknown: what its last terms were only the venue can say. */
static void ask_last_terms(struct flow *f, struct order *order)
{
	if (order_is_final(&order->o) && order->o.amend == AQ_REQ_UNKNOWN)
		orders_lookup(f, order);
}

/* The answer to its amend came while the journal could take nothing. Should the order end before the next reconciliation
 * tells that again, its last terms have to be asked for: so the answer is recorded as lost, before anything else is. */
static int record_unheard(struct flow *f, struct order *order)
{
	struct fact_update fact = {.account = order->o.account, .time_ns = f->now_ns,
		.update = {.size = sizeof(fact.update), .update = AQ_UP_UNKNOWN, .answers = AQ_REQ_AMEND, .order = order->o.id,
			.price = AQ_NONE, .qty = AQ_NONE, .filled = AQ_NONE, .ahead = AQ_NONE}};
	int rc = 0;

	if (order->o.amend == AQ_REQ_SENT)
		rc = record_fact(f, FACT_UPDATE, &fact, sizeof(fact));
	order->amend_unheard = rc != 0;
	return rc;
}

static void apply_and_tell(struct flow *f, struct order *order, const struct aq_order_update *u)
{
	struct fact_update fact = {.account = order->o.account, .time_ns = f->now_ns, .update = *u};
	int rc;

	fact.update.size = sizeof(fact.update);
	fact.update.code = u->update == AQ_UP_NOT_FOUND ? AQ_VENUE_NOT_RECEIVED : known_code(u->code);
	if (order->amend_unheard && u->update != AQ_UP_AMENDED && record_unheard(f, order) != 0)
		return;
	rc = record_fact(f, FACT_UPDATE, &fact, sizeof(fact));
	if (u->update == AQ_UP_AMENDED)
		order->amend_unheard = rc != 0;
	if (rc == AQ_EFORMAT)
		flow_say(f, AQ_LOG_ERROR, "order %" PRIu64 ": news that makes no sense was not taken", order->o.id);
	if (rc != 0)
		return; /* nothing is lost: the next reconciliation tells it again */
	orders_tell(f, order, u->update, fact.update.code, u->text, 0);
	ask_last_terms(f, order);
}

/* An order that has ended for us rests at the venue: asked again, and if that is so, taken out there. Of one that it was
 * said not to have received any word of it is news; of others a late copy of what was said before is none. */
static void disown(struct flow *f, struct order *order, const struct aq_order_update *u)
{
	bool turns_up = order->o.code == AQ_VENUE_NOT_RECEIVED && u->answers != AQ_REQ_LOOKUP;

	if (u->answers == AQ_REQ_LIST || turns_up) {
		order->contested = 1;
		orders_to_adapter(f, order, AQ_EV_QUERY);
	} else if (u->answers == AQ_REQ_LOOKUP && order->contested) {
		order->contested = 0;
		flow_say(f, AQ_LOG_ERROR, "order %" PRIu64 " has ended for us and rests at the venue: cancelling it there", order->o.id);
		orders_to_adapter(f, order, AQ_EV_CANCEL);
	}
}

static void end_gone(struct flow *f, struct order *order, const struct aq_order_update *u)
{
	struct aq_order_update gone = *u;

	gone.update = AQ_UP_CANCELLED;
	gone.code = AQ_VENUE_NOT_FOUND;
	apply_and_tell(f, order, &gone);
}

/* What news asks for besides the change that it brings. */
static void follow_up(struct flow *f, struct order *order, const struct aq_order_update *u)
{
	bool answered = u->answers == AQ_REQ_LOOKUP && u->update != AQ_UP_UNKNOWN; /* a lost answer is none */

	if (answered)
		order->listed = f->accounts[order->o.account].round;
	if (order_is_final(&order->o) && u->update == AQ_UP_OPEN)
		disown(f, order, u);
	if (ended_without_fills(f, order, u))
		end_gone(f, order, u);
	notice_missing_fills(f, order, u);
	if (f->instances[order->o.instance].withdrawn && u->update == AQ_UP_OPEN && !order_is_final(&order->o) &&
		order->o.cancel == AQ_REQ_NONE)
		orders_cancel_slot(f, order, order->o.tag);
	if (u->update == AQ_UP_OPEN)
		standing_order_rests(f, order);
	if (answered)
		reconcile_progress(f, order->o.account);
}

void orders_update(struct flow *f, const struct aq_event *record)
{
	const struct aq_order_update *u = AQ_BODY(aq_order_update, record);
	struct order *order = orders_find(f, u->order);
	struct aq_order_update news;

	if (record->account == 0 || memchr(u->text, 0, sizeof(u->text)) == NULL ||
		memchr(u->venue_id, 0, sizeof(u->venue_id)) == NULL)
		return;
	if (order == NULL) {
		adopt(f, record, u);
		return;
	}
	if (order->o.account != record->account || (record->instrument != 0 && record->instrument != order->o.instrument))
		return;
	if (u->answers == AQ_REQ_LIST) {
		order->listed = f->accounts[order->o.account].round;
		reconcile_alive(f, order->o.account);
	}
	count_answer(order, u);
	if (u->filled > order->venue_filled)
		order->venue_filled = u->filled;
	if (too_early(order, u))
		return; /* it is asked again */
	news = *u;
	if (amend_may_follow(f, order, u)) { /* news of the order, no answer about its requests: it is asked again */
		news.answers = 0;
		orders_lookup_at(f, order, order->sent_ns[AQ_REQ_AMEND - 1] + f->options.accept_ns);
	}
	switch (order_update_judge(&order->o, &news)) {
	case ORDER_APPLY:
		apply_and_tell(f, order, &news);
		if (u->update == AQ_UP_UNKNOWN)
			orders_lookup(f, order);
		break;
	case ORDER_REPEAT:
		f->orders.repeats++;
		break;
	case ORDER_ODD:
		say_odd(f, order, u);
		if (is_gone(f, order, u))
			end_gone(f, order, u);
		break;
	}
	follow_up(f, order, u);
}

/* ---- fills ---- */

/* Names the owner, and computes what the fill realises in its row. False when it makes no sense, or when nothing could
 * tell it from its copy. */
static bool complete_fill(struct flow *f, const struct aq_event *record, struct aq_fill *fill)
{
	const struct order *order = orders_find(f, fill->order);
	const struct market *m = market_find(f, record->instrument);
	const struct ledger_row *row;
	struct aq_position p = {0};

	fill->size = sizeof(*fill);
	fill->account = record->account;
	fill->instrument = record->instrument;
	fill->instance = order != NULL ? order->o.instance : 0;
	fill->tag = order != NULL ? order->o.tag : 0;
	fill->position_side = order != NULL ? order->o.position_side : fill->position_side != 0 ? fill->position_side : AQ_NET;
	if (m == NULL || fill->qty <= 0 || (fill->side != AQ_BUY && fill->side != AQ_SELL) ||
		(fill->trade_id[0] == '\0' && fill->cumulative == AQ_NONE))
		return false;
	fill->margin_mode = order != NULL ? order->o.margin_mode :
		m->instrument.kind == AQ_SPOT ? AQ_CASH : f->accounts[fill->account].margin_mode;
	row = ledger_find(f, fill->account, fill->instrument, fill->position_side, fill->margin_mode, fill->instance);
	if (row != NULL)
		p = row->p;
	return ledger_fill_row(m, fill, &p, &fill->realised) == 0;
}

static void tell_fill(struct flow *f, const struct aq_fill *fill, int64_t venue_ns)
{
	struct aq_event *event = flow_event(f, fill->instance, AQ_EV_FILL, sizeof(*fill));

	if (event == NULL)
		return;
	event->instrument = fill->instrument;
	event->account = fill->account;
	event->tag = fill->tag;
	event->venue_ns = venue_ns;
	memcpy(event + 1, fill, sizeof(*fill));
}

/* Not newer than what is remembered no more: it has been booked long ago, unless its order lives, whose fills are kept, or
 * has ended and the venue counts that much more for it. */
static bool is_forgotten(const struct flow *f, const struct aq_fill *fill)
{
	const struct order *order = orders_find(f, fill->order);

	if (fill->venue_ns > f->ledger.forgotten_ns)
		return false;
	return order == NULL ||
		(order_is_final(&order->o) && fill->qty > order->venue_filled - order->o.filled);
}

void orders_fill(struct flow *f, const struct aq_event *record)
{
	struct fact_fill fact = {.number = f->ledger.fill_number + 1, .time_ns = f->now_ns,
		.fill = *AQ_BODY(aq_fill, record)};
	struct order *order;
	int rc = AQ_EFORMAT;

	fact.fill.account = record->account;
	fact.fill.instrument = record->instrument;
	if (record->account == 0 || ledger_seen_fill(f, &fact.fill))
		return;
	if (fact.fill.venue_ns == 0)
		fact.fill.venue_ns = record->venue_ns;
	if (is_forgotten(f, &fact.fill)) {
		flow_say(f, AQ_LOG_WARN, "account %s: fill %s is older than all that are remembered: taken for booked",
			flow_account_name(f, record->account), fact.fill.trade_id);
		return;
	}
	order = orders_find(f, fact.fill.order);
	if (order != NULL && order->amend_unheard && record_unheard(f, order) != 0)
		return;
	if (complete_fill(f, record, &fact.fill))
		rc = record_fact(f, FACT_FILL, &fact, sizeof(fact));
	if (rc == AQ_EFORMAT)
		flow_say(f, AQ_LOG_ERROR, "account %s: a fill of order %" PRIu64 " makes no sense and was not booked",
			flow_account_name(f, record->account), fact.fill.order);
	if (rc != 0)
		return; /* told again by the next reconciliation */
	order = orders_find(f, fact.fill.order);
	if (order == NULL)
		flow_say(f, AQ_LOG_WARN, "account %s: fill %s of order %" PRIu64 ", which is in no record of ours: booked to external",
			flow_account_name(f, record->account), fact.fill.trade_id, fact.fill.order);
	tell_fill(f, &fact.fill, fact.fill.venue_ns);
	if (order != NULL) {
		orders_tell(f, order, 0, AQ_CODE_NONE, NULL, 0);
		ask_last_terms(f, order);
	}
	ledger_tell_position(f, record->account, record->instrument, fact.fill.instance, 0);
}

/* ---- time ---- */

int64_t orders_due_ns(const struct flow *f)
{
	const struct orders *t = &f->orders;
	int64_t due = t->next_lookup_ns;

	if (t->deadline_count > 0 && t->deadlines[t->deadline_head].sent_ns + f->options.request_timeout_ns < due)
		due = t->deadlines[t->deadline_head].sent_ns + f->options.request_timeout_ns;
	return due;
}

static uint8_t request_state(const struct aq_order *o, uint8_t request)
{
	return request == AQ_REQ_PLACE ? o->place : request == AQ_REQ_CANCEL ? o->cancel : o->amend;
}

bool orders_awaits(const struct order *order, const struct order_deadline *d)
{
	return order->used && order->o.id == d->order && !order_is_final(&order->o) &&
		request_state(&order->o, d->request) == AQ_REQ_SENT && order->sent_ns[d->request - 1] == d->sent_ns;
}

/* A request is overdue: its end is unknown, and the venue is asked. */
static void overdue(struct flow *f, const struct order_deadline *d)
{
	struct order *order = &f->orders.slots[d->slot];
	struct fact_request fact = {.order = d->order, .time_ns = f->now_ns, .price = AQ_NONE, .qty = AQ_NONE,
		.request = d->request, .state = AQ_REQ_UNKNOWN};

	if (!orders_awaits(order, d))
		return;
	if (record_fact(f, FACT_REQUEST, &fact, sizeof(fact)) != 0)
		return;
	flow_say(f, AQ_LOG_WARN, "order %" PRIu64 ": no answer, asking by client id", d->order);
	orders_tell(f, order, 0, AQ_CODE_NONE, NULL, 0);
	orders_lookup(f, order);
}

static void lookup_due(void *context, struct order *order)
{
	struct flow *f = context;
	const struct flow_account *a = &f->accounts[order->o.account];
	bool unknown = order->o.place == AQ_REQ_UNKNOWN || order->o.cancel == AQ_REQ_UNKNOWN ||
		order->o.amend == AQ_REQ_UNKNOWN || (a->closing && order->listed != a->round);

	if (!unknown)
		return;
	if (order->lookup_ns <= f->now_ns && f->instances[f->accounts[order->o.account].exchange].up)
		orders_lookup(f, order);
	if (order->lookup_ns > f->now_ns && order->lookup_ns < f->orders.next_lookup_ns)
		f->orders.next_lookup_ns = order->lookup_ns;
}

void orders_tick(struct flow *f)
{
	struct orders *t = &f->orders;

	while (t->deadline_count > 0 && t->deadlines[t->deadline_head].sent_ns + f->options.request_timeout_ns <= f->now_ns) {
		struct order_deadline d = t->deadlines[t->deadline_head];

		t->deadline_head = (t->deadline_head + 1) % t->deadline_capacity;
		t->deadline_count--;
		overdue(f, &d);
	}
	if (t->next_lookup_ns > f->now_ns)
		return;
	t->next_lookup_ns = INT64_MAX;
	orders_each_unsettled(f, lookup_due, f);
}

struct lost {
	struct flow *flow;
	uint32_t exchange;
};

static void lose_one(void *context, struct order *order)
{
	struct lost *lost = context;
	struct flow *f = lost->flow;
	const uint8_t requests[3] = {AQ_REQ_PLACE, AQ_REQ_CANCEL, AQ_REQ_AMEND};

	if (f->accounts[order->o.account].exchange != lost->exchange)
		return;
	forget_lookups(order);
	for (int i = 0; i < 3; i++) {
		struct fact_request fact = {.order = order->o.id, .time_ns = f->now_ns, .price = AQ_NONE, .qty = AQ_NONE,
			.request = requests[i], .state = AQ_REQ_UNKNOWN};

		if (request_state(&order->o, requests[i]) == AQ_REQ_SENT &&
			record_fact(f, FACT_REQUEST, &fact, sizeof(fact)) == 0)
			orders_tell(f, order, 0, AQ_CODE_NONE, NULL, 0);
	}
}

void orders_connection_lost(struct flow *f, uint32_t exchange)
{
	struct lost lost = {.flow = f, .exchange = exchange};

	orders_each_open(f, lose_one, &lost);
}
