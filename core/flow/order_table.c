/* order_table.c: the two tables. Rows are states, columns are what arrives. */
#include "flow/order_table.h"

#include "base/check.h"

/* What an update does to the state. 0: odd. */
enum step {
	ODD = 0,
	SAME,      /* a copy or late: nothing changes */
	KEEP,      /* the state stays, something else may change (a request ends, price and quantity are told) */
	TO_OPEN,
	TO_UNTRIGGERED,
	TO_CANCELLED,
	TO_REJECTED,
	TO_EXPIRED
};

#define STATES (AQ_EXPIRED + 1)
#define UPDATES (AQ_UP_UNKNOWN + 1)

static const uint8_t by_state[STATES][UPDATES] = {
	[AQ_SENT] = {[AQ_UP_OPEN] = TO_OPEN, [AQ_UP_UNTRIGGERED] = TO_UNTRIGGERED, [AQ_UP_TRIGGERED] = TO_OPEN,
		[AQ_UP_REJECTED] = TO_REJECTED, [AQ_UP_CANCELLED] = TO_CANCELLED, [AQ_UP_EXPIRED] = TO_EXPIRED,
		[AQ_UP_FILLED] = TO_OPEN, [AQ_UP_AMENDED] = TO_OPEN, [AQ_UP_CANCEL_REJECTED] = KEEP,
		[AQ_UP_AMEND_REJECTED] = KEEP, [AQ_UP_NOT_FOUND] = TO_REJECTED, [AQ_UP_UNKNOWN] = KEEP},
	[AQ_UNTRIGGERED] = {[AQ_UP_OPEN] = TO_OPEN, [AQ_UP_UNTRIGGERED] = KEEP, [AQ_UP_TRIGGERED] = TO_OPEN,
		[AQ_UP_REJECTED] = TO_REJECTED, [AQ_UP_CANCELLED] = TO_CANCELLED, [AQ_UP_EXPIRED] = TO_EXPIRED,
		[AQ_UP_FILLED] = TO_OPEN, [AQ_UP_AMENDED] = KEEP, [AQ_UP_CANCEL_REJECTED] = KEEP,
		[AQ_UP_AMEND_REJECTED] = KEEP, [AQ_UP_UNKNOWN] = KEEP},
	[AQ_OPEN] = {[AQ_UP_OPEN] = KEEP, [AQ_UP_UNTRIGGERED] = SAME, [AQ_UP_TRIGGERED] = SAME,
		[AQ_UP_CANCELLED] = TO_CANCELLED, [AQ_UP_EXPIRED] = TO_EXPIRED, [AQ_UP_FILLED] = KEEP,
		[AQ_UP_AMENDED] = KEEP, [AQ_UP_CANCEL_REJECTED] = KEEP, [AQ_UP_AMEND_REJECTED] = KEEP,
		[AQ_UP_UNKNOWN] = KEEP},
	[AQ_FILLED] = {[AQ_UP_OPEN] = SAME, [AQ_UP_UNTRIGGERED] = SAME, [AQ_UP_TRIGGERED] = SAME, [AQ_UP_FILLED] = SAME,
		[AQ_UP_AMENDED] = SAME, [AQ_UP_CANCEL_REJECTED] = SAME, [AQ_UP_AMEND_REJECTED] = SAME,
		[AQ_UP_UNKNOWN] = SAME},
	[AQ_CANCELLED] = {[AQ_UP_OPEN] = SAME, [AQ_UP_UNTRIGGERED] = SAME, [AQ_UP_TRIGGERED] = SAME,
		[AQ_UP_CANCELLED] = SAME, [AQ_UP_AMENDED] = SAME, [AQ_UP_CANCEL_REJECTED] = SAME,
		[AQ_UP_AMEND_REJECTED] = SAME, [AQ_UP_UNKNOWN] = SAME},
	[AQ_REJECTED] = {[AQ_UP_REJECTED] = SAME, [AQ_UP_CANCEL_REJECTED] = SAME, [AQ_UP_AMEND_REJECTED] = SAME,
		[AQ_UP_NOT_FOUND] = SAME, [AQ_UP_UNKNOWN] = SAME},
	[AQ_EXPIRED] = {[AQ_UP_OPEN] = SAME, [AQ_UP_UNTRIGGERED] = SAME, [AQ_UP_TRIGGERED] = SAME,
		[AQ_UP_EXPIRED] = SAME, [AQ_UP_AMENDED] = SAME, [AQ_UP_CANCEL_REJECTED] = SAME,
		[AQ_UP_AMEND_REJECTED] = SAME, [AQ_UP_UNKNOWN] = SAME},
};

static const uint8_t state_after[] = {
	[TO_OPEN] = AQ_OPEN,
	[TO_UNTRIGGERED] = AQ_UNTRIGGERED,
	[TO_CANCELLED] = AQ_CANCELLED,
	[TO_REJECTED] = AQ_REJECTED,
	[TO_EXPIRED] = AQ_EXPIRED,
};

/* Which answers end a request. A lookup ends only what is unknown: an answer of what is still on its way may follow. But
 * what it found filled can no longer be changed. */
static const uint16_t ends_place = 1u << AQ_UP_OPEN | 1u << AQ_UP_UNTRIGGERED | 1u << AQ_UP_TRIGGERED |
	1u << AQ_UP_REJECTED | 1u << AQ_UP_CANCELLED | 1u << AQ_UP_EXPIRED | 1u << AQ_UP_FILLED | 1u << AQ_UP_AMENDED |
	1u << AQ_UP_NOT_FOUND;
static const uint16_t ends_cancel = 1u << AQ_UP_CANCELLED | 1u << AQ_UP_CANCEL_REJECTED;
static const uint16_t ends_amend = 1u << AQ_UP_AMENDED | 1u << AQ_UP_AMEND_REJECTED;

bool order_is_final(const struct aq_order *o)
{
	return o->state == AQ_DENIED || o->state >= AQ_FILLED;
}

bool order_is_busy(const struct aq_order *o)
{
	return (o->place | o->cancel | o->amend) != AQ_REQ_NONE;
}

static bool is_lookup(const struct aq_order_update *u)
{
	return u->answers == AQ_REQ_LOOKUP || u->answers == AQ_REQ_LIST;
}

static bool has(uint16_t set, uint8_t update)
{
	return (set >> update & 1u) != 0;
}

/* Whether `u` ends a request in this state, by the set of answers that do. */
static bool ends(uint16_t set, uint8_t request, const struct aq_order_update *u)
{
	if (request == AQ_REQ_NONE)
		return false;
	return has(set, u->update) || (is_lookup(u) && (request == AQ_REQ_UNKNOWN || u->update == AQ_UP_FILLED));
}

/* A lookup of an open order tells terms only while an amend is unknown: a late one would bring back those from before
 * it. What has ended has its last terms. */
static bool tells_terms(const struct aq_order *o, const struct aq_order_update *u)
{
	bool found = u->update == AQ_UP_OPEN &&
		(u->answers == AQ_REQ_LIST || (u->answers == AQ_REQ_LOOKUP && o->amend == AQ_REQ_UNKNOWN));
	bool ended = is_lookup(u) &&
		(u->update == AQ_UP_CANCELLED || u->update == AQ_UP_EXPIRED || u->update == AQ_UP_FILLED);

	if (u->update != AQ_UP_AMENDED && !found && !ended)
		return false;
	return (u->price != AQ_NONE && u->price != o->price) || (u->qty != AQ_NONE && u->qty != o->qty);
}

static uint8_t *request_of(struct aq_order *o, uint8_t request)
{
	return request == AQ_REQ_PLACE ? &o->place : request == AQ_REQ_CANCEL ? &o->cancel :
		request == AQ_REQ_AMEND ? &o->amend : NULL;
}

/* An update that leaves the state: is there anything it changes? */
static bool changes_requests(const struct aq_order *o, const struct aq_order_update *u)
{
	if (u->update == AQ_UP_UNKNOWN) {
		struct aq_order copy = *o;
		uint8_t *request = request_of(&copy, u->answers);

		return request != NULL && *request == AQ_REQ_SENT;
	}
	if (u->update == AQ_UP_FILLED && o->qty == 0)
		return true;
	return ends(ends_place, o->place, u) || ends(ends_cancel, o->cancel, u) || ends(ends_amend, o->amend, u);
}

static bool is_odd(const struct aq_order *o, const struct aq_order_update *u)
{
	if (u->update == AQ_UP_NOT_FOUND) /* only an order that no answer ever confirmed may be missing */
		return o->state != AQ_REJECTED && !(o->state == AQ_SENT && o->place == AQ_REQ_UNKNOWN && o->filled == 0);
	if (u->update == AQ_UP_REJECTED && o->state == AQ_SENT)
		return o->filled > 0;
	return false;
}

/* An order that ended while its amend was unknown has its last terms by now: the late answer tells which, and so does a
 * lookup that knows of its end, or no longer of the order. */
static bool settles_amend(const struct aq_order *o, const struct aq_order_update *u)
{
	static const uint16_t told_by_lookup =
		1u << AQ_UP_CANCELLED | 1u << AQ_UP_EXPIRED | 1u << AQ_UP_FILLED | 1u << AQ_UP_NOT_FOUND;

	return order_is_final(o) && o->amend == AQ_REQ_UNKNOWN &&
		(has(ends_amend, u->update) || (is_lookup(u) && has(told_by_lookup, u->update)));
}

enum order_verdict order_update_judge(const struct aq_order *o, const struct aq_order_update *u)
{
	uint8_t step;

	if (o->state >= STATES || u->update >= UPDATES)
		return ORDER_ODD;
	if (settles_amend(o, u))
		return ORDER_APPLY;
	step = by_state[o->state][u->update];
	if (step == ODD || is_odd(o, u))
		return ORDER_ODD;
	if (step == SAME)
		return ORDER_REPEAT;
	if (step == KEEP)
		return changes_requests(o, u) || tells_terms(o, u) ? ORDER_APPLY : ORDER_REPEAT;
	return ORDER_APPLY;
}

/* Of an order that has ended. What became of an amend whose answer was lost is still asked, for its last terms. */
static void end_all_requests(struct aq_order *o)
{
	o->place = AQ_REQ_NONE;
	o->cancel = AQ_REQ_NONE;
	if (o->amend != AQ_REQ_UNKNOWN)
		o->amend = AQ_REQ_NONE;
}

static void take_terms(struct aq_order *o, const struct aq_order_update *u)
{
	if (!tells_terms(o, u))
		return;
	o->price = u->price != AQ_NONE ? u->price : o->price;
	o->qty = u->qty != AQ_NONE ? u->qty : o->qty;
}

static void end_requests(struct aq_order *o, const struct aq_order_update *u)
{
	if (ends(ends_place, o->place, u))
		o->place = AQ_REQ_NONE;
	if (ends(ends_cancel, o->cancel, u))
		o->cancel = AQ_REQ_NONE;
	if (ends(ends_amend, o->amend, u))
		o->amend = AQ_REQ_NONE;
}

static void lose_request(struct aq_order *o, uint8_t request)
{
	uint8_t *state = request_of(o, request);

	if (state != NULL && *state == AQ_REQ_SENT)
		*state = AQ_REQ_UNKNOWN;
}

/* Nothing is left to trade: filled, or amended down to what was filled. An amend under way may yet make it larger. */
static bool is_done(const struct aq_order *o)
{
	bool may_grow = o->amend != AQ_REQ_NONE && o->amend_qty > o->filled;

	return o->qty > 0 && o->filled >= o->qty && !may_grow;
}

/* Ordered by amount: only the venue knows when it is done. */
static bool is_told_done(const struct aq_order *o, const struct aq_order_update *u)
{
	return o->qty == 0 && u->update == AQ_UP_FILLED;
}

void order_update_apply(struct aq_order *o, const struct aq_order_update *u)
{
	uint8_t step = by_state[o->state][u->update];

	if (u->update == AQ_UP_UNKNOWN) {
		lose_request(o, u->answers);
		return;
	}
	take_terms(o, u);
	if (settles_amend(o, u)) {
		o->amend = AQ_REQ_NONE;
		return;
	}
	CHECK(step != ODD);
	if (step >= TO_OPEN) {
		o->state = state_after[step];
		o->code = order_is_final(o) ? u->code : o->code;
	}
	end_requests(o, u);
	if (!order_is_final(o) && (is_done(o) || is_told_done(o, u)))
		o->state = AQ_FILLED;
	if (order_is_final(o))
		end_all_requests(o);
}

enum order_verdict order_fill_judge(const struct aq_order *o, aq_qty qty)
{
	if (o->state == AQ_CREATED || o->state == AQ_DENIED || qty <= 0)
		return ORDER_ODD;
	return ORDER_APPLY; /* a fill is a fact: even one too many is booked, and reported by the caller */
}

void order_fill_apply(struct aq_order *o, aq_qty qty)
{
	o->filled += qty;
	if (order_is_final(o))
		return;
	o->place = AQ_REQ_NONE; /* what trades has arrived */
	o->state = AQ_OPEN;
	if (is_done(o)) {
		o->state = AQ_FILLED;
		end_all_requests(o);
	}
}

enum order_verdict order_request_judge(const struct aq_order *o, enum aq_request request, enum aq_request_state to)
{
	struct aq_order copy = *o;
	uint8_t *state = request_of(&copy, (uint8_t)request);

	if (state == NULL || order_is_final(o))
		return ORDER_ODD;
	if (to == AQ_REQ_UNKNOWN)
		return *state == AQ_REQ_SENT ? ORDER_APPLY : ORDER_REPEAT;
	return *state == AQ_REQ_NONE ? ORDER_APPLY : ORDER_REPEAT;
}

void order_request_apply(struct aq_order *o, enum aq_request request, enum aq_request_state to)
{
	uint8_t *state = request_of(o, (uint8_t)request);

	CHECK(state != NULL);
	*state = (uint8_t)to;
}

bool order_connection_lost(struct aq_order *o)
{
	bool changed = o->place == AQ_REQ_SENT || o->cancel == AQ_REQ_SENT || o->amend == AQ_REQ_SENT;

	lose_request(o, AQ_REQ_PLACE);
	lose_request(o, AQ_REQ_CANCEL);
	lose_request(o, AQ_REQ_AMEND);
	return changed;
}
