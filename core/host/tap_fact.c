/* tap_fact.c: facts of the journal as services see them. */
#include "host/tap.h"

#include "flow/market.h"
#include "flow/orders.h"
#include "flow/standing.h"
#include "host/host.h"

#include <decimal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

/* ---- orders ---- */

/* What never changes of an order. */
static bool find_terms(const struct host *h, const struct tap_reader *reader, uint64_t id, struct aq_order *out)
{
	const struct order *known = orders_find(&h->flow, id);

	if (known == NULL)
		return reader->terms != NULL && tap_terms_find(reader->terms, id, out);
	*out = known->o;
	return true;
}

/* Terms that a change does not tell are not known at its time. Returns the order's quantity as far as it is known, else AQ_NONE. */
static aq_qty begin_order(
	const struct host *h, const struct tap_reader *reader, uint64_t id, uint32_t account, struct tap_fact *out)
{
	struct aq_order *o = &out->body.order.order;
	aq_qty qty = find_terms(h, reader, id, o) ? o->qty : AQ_NONE;

	o->size = sizeof(*o);
	o->id = id;
	o->account = account != 0 ? account : o->account;
	o->state = o->place = o->cancel = o->amend = 0;
	o->price = o->qty = o->filled = o->ahead = o->amend_price = o->amend_qty = AQ_NONE;
	o->value = aq_amt_zero();
	o->code = 0;
	out->kind = AQ_JOURNAL_ORDER;
	out->length = sizeof(out->body.order);
	return qty;
}

static void end_order(struct tap_fact *out)
{
	out->account = out->body.order.order.account;
	out->instrument = out->body.order.order.instrument;
}

static void read_order(const struct aq_order *fact, struct tap_fact *out)
{
	out->kind = AQ_JOURNAL_ORDER;
	out->length = sizeof(out->body.order);
	out->body.order.order = *fact;
	end_order(out);
}

static void read_request(
	const struct host *h, const struct tap_reader *reader, const struct fact_request *fact, struct tap_fact *out)
{
	struct aq_order *o = &out->body.order.order;

	begin_order(h, reader, fact->order, 0, out);
	out->body.order.request = fact->request;
	if (fact->request == AQ_REQ_CANCEL)
		o->cancel = fact->state;
	if (fact->request == AQ_REQ_PLACE || fact->request == AQ_REQ_LOOKUP)
		o->place = fact->state;
	if (fact->request == AQ_REQ_AMEND) {
		o->amend = fact->state;
		o->amend_price = fact->price;
		o->amend_qty = fact->qty;
	}
	o->updated_ns = fact->time_ns;
	end_order(out);
}

static uint8_t state_after(uint8_t update)
{
	static const uint8_t states[] = {[AQ_UP_OPEN] = AQ_OPEN,
		[AQ_UP_UNTRIGGERED] = AQ_UNTRIGGERED,
		[AQ_UP_TRIGGERED] = AQ_OPEN,
		[AQ_UP_REJECTED] = AQ_REJECTED,
		[AQ_UP_CANCELLED] = AQ_CANCELLED,
		[AQ_UP_EXPIRED] = AQ_EXPIRED,
		[AQ_UP_FILLED] = AQ_FILLED,
		[AQ_UP_AMENDED] = AQ_OPEN};

	return update < sizeof(states) ? states[update] : 0;
}

static void read_update(
	const struct host *h, const struct tap_reader *reader, const struct fact_update *fact, struct tap_fact *out)
{
	const struct aq_order_update *u = &fact->update;
	struct aq_order *o = &out->body.order.order;

	begin_order(h, reader, u->order, fact->account, out);
	out->body.order.update = u->update;
	out->body.order.request = u->answers;
	out->body.order.code = u->code;
	memcpy(out->body.order.text, u->text, sizeof(u->text));
	o->state = state_after(u->update);
	o->code = u->code;
	o->price = u->price;
	o->qty = u->qty;
	o->filled = u->filled;
	o->ahead = u->ahead;
	if (u->venue_id[0] != '\0')
		memcpy(o->venue_id, u->venue_id, sizeof(u->venue_id));
	o->updated_ns = fact->time_ns;
	end_order(out);
}

/* What a fill does to its order. It is filled when the venue says that all of it is. */
static void read_filled(
	const struct host *h, const struct tap_reader *reader, const struct aq_fill *fill, struct tap_fact *out)
{
	struct aq_order *o = &out->body.order.order;
	aq_qty qty;

	if (fill->order == 0) /* of others */
		return;
	qty = begin_order(h, reader, fill->order, fill->account, out);
	o->side = fill->side;
	o->tag = fill->tag;
	o->instrument = fill->instrument;
	o->instance = fill->instance;
	o->filled = fill->cumulative;
	o->state = qty != AQ_NONE && fill->cumulative != AQ_NONE && fill->cumulative >= qty ? AQ_FILLED : AQ_OPEN;
	out->body.order.update = AQ_UP_FILLED;
	end_order(out);
}

static void read_denial(const struct aq_order_change *fact, struct tap_fact *out)
{
	out->kind = AQ_JOURNAL_DENIAL;
	out->length = sizeof(out->body.order);
	out->body.order = *fact;
	end_order(out);
}

/* ---- money ---- */

/* At the fill's own price where that says it. */
static bool value_fee(const struct host *h, const struct market *m, const struct aq_fill *fill, struct aq_amt *out)
{
	struct aq_amt price, fee = fill->fee;
	const char *asset = fill->fee_asset;

	if (m != NULL && m->instrument.kind == AQ_SPOT && strcmp(asset, m->instrument.base) == 0) {
		if (aq_amt_from_scaled(fill->price, m->instrument.px_digits, &price) != 0 ||
			aq_amt_mul_zero(fee, price, &fee) != 0)
			return false;
		asset = m->instrument.quote;
	}
	return aq_amt_sign(fee) == 0 || market_convert(&h->flow, asset, fee, out) == 0;
}

static bool value_fill(const struct host *h, const struct market *m, struct aq_journal_fill *body)
{
	const char *settle = m != NULL ? m->instrument.settle : "";

	return m != NULL && value_fee(h, m, &body->fill, &body->fee_value) &&
	       market_convert(&h->flow, settle, body->notional, &body->notional_value) == 0 &&
	       market_convert(&h->flow, settle, body->fill.realised, &body->realised_value) == 0;
}

static void read_fill(const struct host *h, const struct aq_fill *fill, uint64_t number, struct tap_fact *out)
{
	struct aq_journal_fill *body = &out->body.fill;
	const struct market *m = market_find(&h->flow, fill->instrument);

	out->kind = AQ_JOURNAL_FILL;
	out->length = sizeof(*body);
	out->account = fill->account;
	out->instrument = fill->instrument;
	out->venue_ns = fill->venue_ns;
	body->fill = *fill;
	body->number = number;
	if (m == NULL || fill->price == AQ_NONE || market_notional(m, fill->price, fill->qty, &body->notional) != 0)
		body->notional = aq_amt_zero();
	body->is_valued = value_fill(h, m, body);
}

static void read_adjust(const struct host *h, const struct fact_adjust *fact, struct tap_fact *out)
{
	struct aq_fill fill = {.size = sizeof(fill),
		.account = fact->account,
		.instrument = fact->instrument,
		.price = fact->price,
		.qty = fact->difference < 0 ? -fact->difference : fact->difference,
		.side = fact->difference < 0 ? AQ_SELL : AQ_BUY,
		.position_side = fact->position_side,
		.margin_mode = fact->margin_mode,
		.cumulative = AQ_NONE,
		.ahead = AQ_NONE,
		.venue_ns = fact->time_ns};

	read_fill(h, &fill, 0, out);
}

static void read_cashflow(const void *bytes, uint32_t length, struct tap_fact *out)
{
	struct fact_cashflow whole = {0}, *fact = &whole;

	memcpy(&whole, bytes, length);
	out->kind = AQ_JOURNAL_CASHFLOW;
	out->length = sizeof(out->body.cashflow);
	out->account = fact->account;
	out->venue_ns = fact->venue_ns;
	out->body.cashflow = (struct aq_journal_cashflow){.account = fact->account,
		.is_valued = fact->is_valued != 0,
		.venue_ns = fact->venue_ns,
		.flow = fact->flow,
		.value = fact->value};
}

/* ---- people ---- */

static struct aq_journal_operator *begin_operator(uint32_t uid, const char *who, struct tap_fact *out)
{
	struct aq_journal_operator *o = &out->body.operator_;

	out->kind = AQ_JOURNAL_OPERATOR;
	out->length = sizeof(*o);
	o->uid = uid;
	snprintf(o->who, sizeof(o->who), "%s", who);
	return o;
}

static void read_operator(const struct fact_operator *fact, struct tap_fact *out)
{
	struct aq_journal_operator *o = begin_operator(fact->uid, fact->who, out);

	snprintf(o->what, sizeof(o->what), "%s", fact->what);
}

static void read_standing(const struct host *h, const struct fact_standing *fact, struct tap_fact *out)
{
	static const char *const words[] = {"resume", "close-only", "pause", "halt", "flatten", "quarantine"};
	struct aq_journal_operator *o = begin_operator(fact->uid, fact->who, out);

	snprintf(o->subject, sizeof(o->subject), "%s",
		fact->scope == SCOPE_ACCOUNT    ? flow_account_name(&h->flow, fact->id)
		: fact->scope == SCOPE_INSTANCE ? flow_instance_name(&h->flow, fact->id)
						: "host");
	snprintf(o->what, sizeof(o->what), "%s%s%s", fact->state < STANDING_STATES ? words[fact->state] : "?",
		fact->why[0] != '\0' ? ": " : "", fact->why);
}

static void read_override(const struct fact_override *fact, struct tap_fact *out)
{
	struct aq_journal_operator *o = begin_operator(fact->uid, "aqctl", out);

	snprintf(o->subject, sizeof(o->subject), "%s", fact->section);
	snprintf(o->what, sizeof(o->what),
		fact->value[0] != '\0' ? "set %s=%s" : "set %s to what the configuration has%s", fact->key,
		fact->value);
}

void tap_fact_lost(uint64_t position, struct tap_fact *out)
{
	struct aq_journal_operator *o;

	*out = (struct tap_fact){0};
	o = begin_operator(0, "journal", out);
	snprintf(o->subject, sizeof(o->subject), "host");
	snprintf(o->what, sizeof(o->what),
		"the journal is damaged at position %llu: what stood there and up to the end of its segment is missing "
		"here",
		(unsigned long long)position);
}

/* ---- all of them ---- */

/* It begins with the first of its segment: what is repeated there was told when it was news. */
static bool is_news(const struct journal_record *r)
{
	static const uint16_t lengths[] = {[FACT_ORDER] = sizeof(struct aq_order),
		[FACT_REQUEST] = sizeof(struct fact_request),
		[FACT_UPDATE] = sizeof(struct fact_update),
		[FACT_FILL] = sizeof(struct fact_fill),
		[FACT_CASHFLOW] = sizeof(struct fact_cashflow),
		[FACT_DENIED] = sizeof(struct aq_order_change),
		[FACT_ADJUST] = sizeof(struct fact_adjust),
		[FACT_OPERATOR] = sizeof(struct fact_operator),
		[FACT_STANDING] = sizeof(struct fact_standing),
		[FACT_OVERRIDE] = sizeof(struct fact_override)};

	if (r->type == FACT_CASHFLOW &&
		r->length == offsetof(struct fact_cashflow, value)) /* of before: without its value */
		return !r->snapshot;
	return !r->snapshot && r->type < sizeof(lengths) / sizeof(*lengths) && lengths[r->type] != 0 &&
	       lengths[r->type] == r->length;
}

void tap_fact_read(
	const struct host *h, const struct tap_reader *reader, const struct journal_record *r, struct tap_fact *out)
{
	*out = (struct tap_fact){0};
	if (r->type == FACT_ORDER && r->length == sizeof(struct aq_order) && reader->terms != NULL)
		tap_terms_note(reader->terms, r->body); /* of a snapshot, too */
	if (!is_news(r))
		return;
	switch (r->type) {
	case FACT_ORDER:
		read_order(r->body, out);
		break;
	case FACT_REQUEST:
		read_request(h, reader, r->body, out);
		break;
	case FACT_UPDATE:
		read_update(h, reader, r->body, out);
		break;
	case FACT_FILL:
		if ((reader->kinds & 1u << AQ_JOURNAL_FILL) == 0)
			read_filled(h, reader, &((const struct fact_fill *)r->body)->fill, out);
		else
			read_fill(h, &((const struct fact_fill *)r->body)->fill,
				((const struct fact_fill *)r->body)->number, out);
		break;
	case FACT_CASHFLOW:
		read_cashflow(r->body, r->length, out);
		break;
	case FACT_DENIED:
		read_denial(r->body, out);
		break;
	case FACT_ADJUST:
		read_adjust(h, r->body, out);
		break;
	case FACT_OPERATOR:
		read_operator(r->body, out);
		break;
	case FACT_STANDING:
		read_standing(h, r->body, out);
		break;
	default:
		read_override(r->body, out);
		break;
	}
}
