/* standing_help.h: an operator's word given in a flow_rig, and what an adapter then is asked for. */
#ifndef TESTS_STANDING_HELP_H
#define TESTS_STANDING_HELP_H

#include "flow_rig.h"

#include "flow/standing.h"

static const enum flow_scope scopes[] = {SCOPE_HOST, SCOPE_ACCOUNT, SCOPE_INSTANCE};
#define SCOPES 3

static inline struct rig *stand_rig(void)
{
	struct rig *r = malloc(sizeof(*r));

	assert_non_null(r);
	rig_new(r);
	return r;
}

static inline void stand_end(struct rig *r)
{
	rig_free(r);
	free(r);
}

static inline uint32_t id_of(const struct rig *r, enum flow_scope scope)
{
	return scope == SCOPE_HOST ? 0 : scope == SCOPE_ACCOUNT ? r->account : r->strategy;
}

static inline const struct standing *standing_is(const struct rig *r, enum flow_scope scope)
{
	return standing_find(&r->f, scope, id_of(r, scope));
}

static inline void turn(struct rig *r)
{
	flow_tick(&r->f);
}

static inline void pass(struct rig *r, int64_t ns)
{
	r->f.now_ns += ns;
	turn(r);
}

static inline void give_as(struct rig *r, enum flow_scope scope, uint8_t state, uint8_t orders)
{
	struct fact_standing fact = {.scope = scope, .id = id_of(r, scope), .time_ns = r->f.now_ns, .uid = 1000, .state = state,
		.orders = orders, .who = "test", .why = "because"};

	assert_int_equal(standing_set(&r->f, &fact), AQ_OK);
}

static inline void give(struct rig *r, enum flow_scope scope, uint8_t state)
{
	give_as(r, scope, state, STANDING_CANCEL);
}

/* What was asked for before is forgotten. */
static inline void stand_as(struct rig *r, enum flow_scope scope, uint8_t state, uint8_t orders)
{
	rig_clear(r);
	give_as(r, scope, state, orders);
	turn(r);
}

static inline void stand(struct rig *r, enum flow_scope scope, uint8_t state)
{
	stand_as(r, scope, state, STANDING_CANCEL);
}

static inline bool confirmed(const struct rig *r, enum flow_scope scope)
{
	return standing_is(r, scope)->confirmed_ns != 0;
}

static inline uint32_t asked(struct rig *r, uint16_t intent)
{
	return rig_seen(r, r->exchange, intent);
}

/* The venue's own list, when it was asked for one: no order, and the positions that there are. */
static inline void list_no_order(struct rig *r)
{
	assert_true(asked(r, AQ_EV_RECONCILE) > 0);
	rig_clear(r);
	rig_emit(r, AQ_EV_RECONCILE_BEGIN, 0, r->account, NULL, 0);
	for (uint32_t i = 0; i < r->f.ledger.count; i++) {
		struct aq_position p = r->f.ledger.rows[i].p;

		if (p.instance == AQ_ALL && p.instrument != r->spot)
			rig_emit(r, AQ_EV_VENUE_POSITION, p.instrument, r->account, &p, sizeof(p));
	}
	rig_emit(r, AQ_EV_RECONCILE_END, 0, r->account, NULL, 0);
	turn(r);
}

static inline uint64_t rests(struct rig *r, uint32_t instrument, uint8_t side, aq_px price, aq_qty qty, uint64_t tag)
{
	uint64_t id = rig_place(r, instrument, side, price, qty, tag);

	assert_int_equal(rig_order(r, id)->state, AQ_SENT);
	rig_say(r, id, AQ_UP_OPEN, AQ_REQ_PLACE);
	return id;
}

static inline void cancelled(struct rig *r, uint64_t id)
{
	rig_say(r, id, AQ_UP_CANCELLED, AQ_REQ_CANCEL);
	turn(r);
}

/* The strategy gets a position. */
static inline void holds(struct rig *r, uint32_t instrument, uint8_t side, aq_qty qty)
{
	uint64_t id = rests(r, instrument, side, side == AQ_BUY ? 10010 : 9990, qty, 900);

	rig_fill(r, id, 10000, qty);
	turn(r);
	rig_clear(r);
}

static inline uint16_t code_of(struct rig *r, uint32_t instrument, uint8_t side, aq_px price, aq_qty qty, uint64_t tag)
{
	rig_clear(r);
	rig_place(r, instrument, side, price, qty, tag);
	return rig_change(r) != NULL ? rig_change(r)->code : AQ_CODE_NONE;
}

/* An order of others at the venue. */
static inline void foreign(struct rig *r, uint64_t id)
{
	struct aq_order_update u = rig_news(id, AQ_UP_OPEN, AQ_REQ_LIST);

	u.side = AQ_BUY;
	u.price = 9000;
	u.qty = 1000;
	rig_update(r, &u);
}

static inline aq_qty position_of(const struct rig *r, uint32_t instrument, uint32_t instance)
{
	struct aq_position p;

	ledger_position(&r->f, r->account, instrument, instance, &p);
	return p.qty;
}

#endif
