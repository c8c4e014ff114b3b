/* control_why.c: all that is known of one order: whose it is, its requests, its fills, why it is there, and why it was
 * denied or has ended. */
#include "decimal.h"
#include "flow/market.h"
#include "flow/order_notes.h"
#include "flow/orders.h"
#include "flow/risk.h"
#include "host/control_call.h"
#include "host/control_format.h"
#include "host/order_text.h"
#include "host/order_words.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* An order of the table, or one that was denied and never came there. */
struct subject {
	const struct aq_order *o;
	const struct order *order; /* NULL: denied */
	const char *why, *venue;
};

/* ---- finding it ---- */

static struct subject of_order(const struct flow *f, const struct order *order)
{
	const struct order_note *note = order_note_of(f, order);

	return (struct subject){.o = &order->o, .order = order, .why = note->why, .venue = note->venue};
}

/* The last place that was denied, by its id or (id 0) by its owner's tag. */
static const struct order_denial *denied(const struct flow *f, uint64_t id, uint32_t instance, uint64_t tag)
{
	const struct order_denial *d;

	for (uint32_t back = 0; (d = order_denial_back(f, back)) != NULL; back++) {
		const struct aq_order *o = &d->change.order;

		if (o->state == AQ_DENIED && (id != 0 ? o->id == id : o->instance == instance && o->tag == tag))
			return d;
	}
	return NULL;
}

/* The one that is not final, else the last that has ended. */
static const struct order *by_tag(const struct flow *f, uint32_t instance, uint64_t tag)
{
	const struct orders *t = &f->orders;
	const struct order *order = orders_by_tag(f, instance, tag);

	for (uint32_t i = t->final_count; order == NULL && i > 0; i--) {
		const struct order *ended = &t->slots[t->finals[(t->final_head + i - 1) % t->capacity]];

		if (ended->o.instance == instance && ended->o.tag == tag)
			order = ended;
	}
	return order;
}

static bool find(const struct flow *f, uint64_t id, uint32_t instance, uint64_t tag, struct subject *out)
{
	const struct order *order = id != 0 ? orders_find(f, id) : by_tag(f, instance, tag);
	const struct order_denial *d = denied(f, id, instance, tag);

	if (order != NULL && (d == NULL || order->o.created_ns > d->time_ns || !order_is_final(&order->o)))
		*out = of_order(f, order);
	else if (d != NULL)
		*out = (struct subject){.o = &d->change.order, .why = d->why, .venue = ""};
	return order != NULL || d != NULL;
}

static bool find_by_id(struct control_call *c, const char *text, struct subject *out)
{
	uint64_t id;

	if (order_text_parse(text, &id) != AQ_OK)
		result_fail(&c->result, CONTROL_FAILED, "%.40s is no order: write it as aqctl orders does, or INSTANCE TAG", text);
	else if (id == 0 || !find(&c->host->flow, id, 0, 0, out))
		result_fail(&c->result, CONTROL_FAILED, "order %.40s is not known, or no longer: the journal has all there ever were",
			text);
	return !c->result.failed;
}

static bool find_by_tag(struct control_call *c, const char *name, const char *text, struct subject *out)
{
	const struct flow *f = &c->host->flow;
	uint32_t instance = names_find(&f->names, NAME_INSTANCE, name);
	char *end;
	uint64_t tag = strtoull(text, &end, 10);

	if (instance == 0)
		result_fail(&c->result, CONTROL_FAILED, "there is no instance %.48s: aqctl instances lists them", name);
	else if (text[0] < '0' || text[0] > '9' || *end != '\0')
		result_fail(&c->result, CONTROL_FAILED, "%.40s is no tag: a whole number, as aqctl orders tells it", text);
	else if (!find(f, 0, instance, tag, out))
		result_fail(&c->result, CONTROL_FAILED, "no order of %.48s under the tag %s is known, or no longer", name, text);
	return !c->result.failed;
}

/* ---- telling ---- */

static const struct column order_columns[] = {{"order", "ORDER", 0}, {"instance", "INSTANCE", 0},
	{"tag", "TAG", COLUMN_COUNT}, {"market", "MARKET", 0}, {"side", "SIDE", 0}, {"price", "PRICE", COLUMN_RIGHT},
	{"qty", "QTY", COLUMN_RIGHT},
	{"filled", "FILLED", COLUMN_RIGHT}, {"state", "STATE", 0}, {"placed", "PLACED", 0}, {"terms", "TERMS", 0}, {0}};

static void tell_order(struct control_call *c, const struct subject *s, const struct aq_instrument *i)
{
	const struct aq_order *o = s->o;
	struct result *r = &c->result;
	char text[FORMAT_SIZE], id[ORDER_TEXT_SIZE];

	result_table(r, "order", TABLE_GRID, order_columns);
	if (!result_row(r))
		return;
	result_cell(r, "%s", order_text(o->id, id));
	result_cell(r, "%s", flow_instance_name(&c->host->flow, o->instance));
	result_cell(r, "%" PRIu64, o->tag);
	result_cell(r, "%s:%s", flow_account_name(&c->host->flow, o->account), i->symbol);
	result_cell(r, "%s", o->side == AQ_BUY ? "buy" : "sell");
	result_cell(r, "%s", format_price(i, o->price, text));
	result_cell(r, "%s", format_qty(i, o->qty, false, text));
	result_cell(r, "%s", format_qty(i, o->filled, false, text));
	result_cell(r, "%s", order_state_name(o->state));
	result_cell(r, "%s", format_time(o->created_ns, text));
	result_cell(r, "%s", order_terms(o, text));
}

static const struct column word_columns[] = {{"from", "FROM", 0}, {"text", "WORDS", 0}, {0}};

static void word(struct result *r, const char *from, const char *text)
{
	if (text[0] == '\0' || !result_row(r))
		return;
	result_cell(r, "%s", from);
	result_cell(r, "%s", text);
}

static void tell_words(struct control_call *c, const struct subject *s)
{
	struct result *r = &c->result;
	char venue_id[sizeof(s->o->venue_id) + 1] = "", next[FORMAT_SIZE];

	memcpy(venue_id, s->o->venue_id, sizeof(s->o->venue_id));
	result_table(r, "words", TABLE_GRID, word_columns);
	word(r, "strategy", s->why);
	word(r, "venue", s->venue);
	word(r, "venue's id", venue_id);
	if (s->o->code != AQ_CODE_NONE && result_row(r)) {
		result_cell(r, "%s", risk_code_name(s->o->code));
		result_cell(r, "%s", order_code_words(s->o->code));
	}
	if (s->order != NULL && s->order->lookup_ns != 0 && result_row(r)) {
		result_cell(r, "host");
		result_cell(r, "its end is unknown: looked up %u times, again in %s", s->order->lookups,
			format_age(s->order->lookup_ns - c->host->flow.now_ns, next));
	}
}

static const struct column request_columns[] = {{"request", "REQUEST", 0}, {"state", "STATE", 0}, {"sent", "SENT", 0},
	{"target", "TARGET", 0}, {0}};

static void request_row(struct control_call *c, const struct order *order, const struct aq_instrument *i, uint8_t request,
	uint8_t state)
{
	static const char *const states[] = {"answered", "sent", "unknown"};
	struct result *r = &c->result;
	char price[FORMAT_SIZE], qty[FORMAT_SIZE];

	if (!result_row(r))
		return;
	result_cell(r, "%s", order_request_name(request));
	result_cell(r, "%s", states[state <= AQ_REQ_UNKNOWN ? state : 0]);
	result_cell(r, "%s", format_time(order->sent_ns[request - 1], price));
	if (request == AQ_REQ_AMEND && order->o.amend_qty != AQ_NONE)
		result_cell(r, "%s at %s", format_qty(i, order->o.amend_qty, false, qty),
			format_price(i, order->o.amend_price, price));
	else
		result_cell(r, "%s", "");
}

/* Of a cancel or an amend that has been answered the time alone is left; a restart takes that too. */
static void tell_requests(struct control_call *c, const struct order *order, const struct aq_instrument *i)
{
	const uint8_t states[] = {order->o.place, order->o.cancel, order->o.amend};

	result_table(&c->result, "requests", TABLE_GRID, request_columns);
	for (uint8_t k = 0; k < sizeof(states); k++)
		if (k == 0 || states[k] != AQ_REQ_NONE || order->sent_ns[k] > order->sent_ns[0])
			request_row(c, order, i, (uint8_t)(k + 1), states[k]);
}

/* ---- fills ---- */

static const struct column fill_columns[] = {{"time", "FILLED", 0}, {"qty", "QTY", COLUMN_RIGHT},
	{"price", "PRICE", COLUMN_RIGHT}, {"fee", "FEE", COLUMN_RIGHT}, {"liquidity", "AS", 0}, {"trade", "TRADE", 0}, {0}};

static void fill_row(struct control_call *c, const struct aq_fill *fill, const struct aq_instrument *i)
{
	struct result *r = &c->result;
	char text[FORMAT_SIZE];

	if (!result_row(r))
		return;
	result_cell(r, "%s", format_time(fill->venue_ns, text));
	result_cell(r, "%s", format_qty(i, fill->qty, false, text));
	result_cell(r, "%s", format_price(i, fill->price, text));
	result_cell(r, "%s", fill->fee_asset[0] != '\0' ? format_money(fill->fee, 8, false, fill->fee_asset, text) : "");
	result_cell(r, "%s", fill->liquidity == AQ_MAKER ? "maker" : fill->liquidity == AQ_TAKER ? "taker" : "");
	result_cell(r, "%.*s", (int)sizeof(fill->trade_id), fill->trade_id);
}

/* Newest first, until all are there that the order had. */
static void tell_fills(struct control_call *c, const struct aq_order *o, const struct aq_instrument *i)
{
	const struct ledger *l = &c->host->flow.ledger;
	aq_qty left = o->filled;

	result_table(&c->result, "fills", TABLE_GRID, fill_columns);
	for (uint32_t back = 1; back <= l->fill_count && left > 0; back++) {
		const struct aq_fill *fill = &l->fills[(l->fill_at + l->fill_capacity - back) % l->fill_capacity].fill;

		if (fill->order != o->id)
			continue;
		left -= fill->qty;
		fill_row(c, fill, i);
	}
	if (left > 0)
		result_hint(&c->result, "not all of its fills are remembered: the journal has them");
}

/* ---- denials ---- */

static const struct column denial_columns[] = {{"time", "DENIED", 0}, {"request", "REQUEST", 0}, {"code", "CODE", 0},
	{"limit", "LIMIT", COLUMN_RIGHT}, {"value", "WOULD BE", COLUMN_RIGHT}, {"headroom", "ROOM", COLUMN_RIGHT},
	{"words", "WORDS", 0}, {0}};

static void amount_cell(struct result *r, struct aq_amt amount)
{
	char text[64] = "";

	if (aq_amt_sign(amount) != 0)
		aq_amt_print_short(amount, 0, 18, text);
	result_cell(r, "%s", text);
}

static void tell_denials(struct control_call *c, uint64_t id)
{
	const struct order_denial *d;
	struct result *r = &c->result;
	char text[FORMAT_SIZE];

	result_table(r, "denials", TABLE_GRID, denial_columns);
	for (uint32_t back = 0; (d = order_denial_back(&c->host->flow, back)) != NULL; back++) {
		if (d->change.order.id != id || !result_row(r))
			continue;
		result_cell(r, "%s", format_time(d->time_ns, text));
		result_cell(r, "%s", order_request_name(d->change.request));
		result_cell(r, "%s", risk_code_name(d->change.code));
		amount_cell(r, d->change.limit);
		amount_cell(r, d->change.value);
		amount_cell(r, d->change.headroom);
		result_cell(r, "%s", order_code_words(d->change.code));
	}
}

bool control_why(struct control_call *c)
{
	const struct control_request *q = c->request;
	const struct market *m;
	struct subject s;

	if (q->count == 2 ? !find_by_id(c, q->words[1], &s) : !find_by_tag(c, q->words[1], q->words[2], &s))
		return true;
	m = market_find(&c->host->flow, s.o->instrument);
	if (m == NULL) {
		result_fail(&c->result, CONTROL_FAILED, "denied: it named a market that there is not");
		return true;
	}
	tell_order(c, &s, &m->instrument);
	tell_words(c, &s);
	if (s.order != NULL) {
		tell_requests(c, s.order, &m->instrument);
		tell_fills(c, s.o, &m->instrument);
	}
	tell_denials(c, s.o->id);
	return true;
}
