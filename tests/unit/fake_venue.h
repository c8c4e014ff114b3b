/* fake_venue.h: a venue that keeps its own books, and a connection to it that delays, loses and repeats.
 *
 * It holds the truth about orders, fills and the position. Intents of the flow reach it after a while or never; what it
 * says comes back in order, sometimes twice, and with `silent` sometimes never; a lost connection loses what is on its
 * way back, while intents on their way there may still arrive. Placing one id twice fails the test at once.
 */
#ifndef TESTS_FAKE_VENUE_H
#define TESTS_FAKE_VENUE_H

#include "flow_rig.h"

#define VENUE_ORDERS 4096
#define VENUE_FILLS 8192
#define VENUE_QUEUE 4096
#define VENUE_LATEST (3 * SECOND) /* an intent arrives by then or never */

struct venue_order {
	struct aq_order o; /* as it was placed; price and qty as amended; filled */
	uint8_t ended;     /* enum aq_update, 0 = rests */
};

struct venue_intent {
	int64_t at_ns;
	uint16_t type;
	struct aq_order o;
	int64_t since_ns;
};

struct venue_news {
	int64_t at_ns;
	uint16_t type;
	uint32_t instrument;
	union {
		struct aq_order_update update;
		struct aq_fill fill;
		struct aq_position position;
		struct aq_balance balance;
	} body;
	size_t length;
};

struct venue {
	struct rig *rig;
	uint64_t random;
	bool up;
	struct venue_order orders[VENUE_ORDERS];
	uint32_t order_count;
	struct aq_fill fills[VENUE_FILLS];
	uint32_t fill_count;
	uint32_t trade;
	aq_qty position;
	struct venue_intent intents[VENUE_QUEUE];
	uint32_t intent_count;
	struct venue_news news[VENUE_QUEUE];
	uint32_t news_count;
	int64_t last_news_ns;
	uint64_t lost, repeated, late; /* how much trouble it made */
	bool silent;                   /* loses single news without a trace */
	bool gentle;                   /* no more trouble */
	bool listing;
};

static inline uint32_t venue_below(struct venue *v, uint32_t limit)
{
	v->random = v->random * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(v->random >> 33) % limit;
}

static inline bool venue_chance(struct venue *v, uint32_t percent)
{
	return venue_below(v, 100) < percent;
}

static inline struct venue_order *venue_find(struct venue *v, uint64_t id)
{
	for (uint32_t i = v->order_count; i > 0; i--)
		if (v->orders[i - 1].o.id == id)
			return &v->orders[i - 1];
	return NULL;
}

/* ---- what it says ---- */

static inline void venue_push(struct venue *v, const struct venue_news *n)
{
	if (!v->up || (v->silent && !v->gentle && !v->listing && venue_chance(v, 1))) {
		v->lost++;
		return;
	}
	for (int copies = !v->gentle && venue_chance(v, 4) ? 2 : 1; copies > 0; copies--) {
		assert_true(v->news_count < VENUE_QUEUE);
		v->news[v->news_count] = *n;
		v->last_news_ns += venue_below(v, 3) * SECOND / 100;
		if (v->last_news_ns < v->rig->f.now_ns)
			v->last_news_ns = v->rig->f.now_ns;
		v->news[v->news_count++].at_ns = v->last_news_ns;
		v->repeated += copies == 2;
	}
}

static inline void venue_say(struct venue *v, uint64_t id, uint8_t update, uint8_t answers)
{
	const struct venue_order *x = venue_find(v, id);
	struct venue_news n = {
		.type = AQ_EV_ORDER_UPDATE, .length = sizeof(n.body.update), .instrument = v->rig->linear};

	n.body.update = rig_news(id, update, answers);
	if (x != NULL) {
		n.body.update.price = x->o.price;
		n.body.update.qty = x->o.qty;
		n.body.update.filled = x->o.filled;
		n.body.update.side = x->o.side;
	}
	venue_push(v, &n);
}

static inline void venue_say_plain(struct venue *v, uint16_t type)
{
	struct venue_news n = {.type = type};

	venue_push(v, &n);
}

static inline void venue_say_fill(struct venue *v, const struct aq_fill *fill)
{
	struct venue_news n = {.type = AQ_EV_VENUE_FILL, .length = sizeof(*fill), .instrument = v->rig->linear};

	n.body.fill = *fill;
	venue_push(v, &n);
}

/* ---- what happens there ---- */

static inline void venue_trade(struct venue *v, struct venue_order *x, aq_qty qty)
{
	struct aq_fill fill = {.size = sizeof(fill),
		.order = x->o.id,
		.side = x->o.side,
		.price = x->o.price,
		.qty = qty,
		.ahead = AQ_NONE,
		.venue_ns = v->rig->f.now_ns,
		.liquidity = AQ_MAKER};

	assert_true(v->fill_count < VENUE_FILLS);
	x->o.filled += qty;
	fill.cumulative = x->o.filled;
	if (v->fill_count % 3 == 1 &&
		v->fills[v->fill_count - 1].order != x->o.id) /* both sides of one trade are ours */
		v->trade--;
	snprintf(fill.trade_id, sizeof(fill.trade_id), "%u", ++v->trade);
	v->position += x->o.side == AQ_BUY ? qty : -qty;
	if (x->o.filled >= x->o.qty)
		x->ended = AQ_UP_FILLED;
	v->fills[v->fill_count++] = fill;
	venue_say_fill(v, &fill);
}

static inline void venue_place(struct venue *v, const struct aq_order *o)
{
	if (venue_find(v, o->id) != NULL)
		fail_msg("order %llu was placed twice", (unsigned long long)o->id);
	assert_true(v->order_count < VENUE_ORDERS);
	v->orders[v->order_count++] = (struct venue_order){.o = *o};
	if (venue_chance(v, 5)) {
		v->orders[v->order_count - 1].ended = AQ_UP_REJECTED;
		venue_say(v, o->id, AQ_UP_REJECTED, AQ_REQ_PLACE);
		return;
	}
	venue_say(v, o->id, AQ_UP_OPEN, AQ_REQ_PLACE);
}

static inline void venue_cancel(struct venue *v, const struct aq_order *o)
{
	struct venue_order *x = venue_find(v, o->id);

	if (x == NULL || x->ended != 0) {
		venue_say(v, o->id, AQ_UP_CANCEL_REJECTED, AQ_REQ_CANCEL);
		return;
	}
	x->ended = AQ_UP_CANCELLED;
	venue_say(v, o->id, AQ_UP_CANCELLED, AQ_REQ_CANCEL);
}

static inline void venue_amend(struct venue *v, const struct aq_order *o)
{
	struct venue_order *x = venue_find(v, o->id);

	if (x == NULL || x->ended != 0 || o->amend_qty <= x->o.filled || venue_chance(v, 10)) {
		venue_say(v, o->id, AQ_UP_AMEND_REJECTED, AQ_REQ_AMEND);
		return;
	}
	x->o.price = o->amend_price;
	x->o.qty = o->amend_qty;
	venue_say(v, o->id, AQ_UP_AMENDED, AQ_REQ_AMEND);
}

static inline void venue_query(struct venue *v, const struct aq_order *o)
{
	const struct venue_order *x = venue_find(v, o->id);

	venue_say(v, o->id, x == NULL ? AQ_UP_NOT_FOUND : x->ended != 0 ? x->ended : AQ_UP_OPEN, AQ_REQ_LOOKUP);
}

static inline void venue_list(struct venue *v, int64_t since_ns)
{
	struct venue_news n = {
		.type = AQ_EV_VENUE_POSITION, .length = sizeof(n.body.position), .instrument = v->rig->linear};

	v->listing = true;
	venue_say_plain(v, AQ_EV_RECONCILE_BEGIN);
	for (uint32_t i = 0; i < v->order_count; i++)
		if (v->orders[i].ended == 0)
			venue_say(v, v->orders[i].o.id, AQ_UP_OPEN, AQ_REQ_LIST);
	for (uint32_t i = 0; i < v->fill_count; i++)
		if (v->fills[i].venue_ns >= since_ns)
			venue_say_fill(v, &v->fills[i]);
	n.body.position = (struct aq_position){.size = sizeof(n.body.position), .qty = v->position};
	venue_push(v, &n);
	venue_say_plain(v, AQ_EV_RECONCILE_END);
	v->listing = false;
}

static inline void venue_intent(struct venue *v, const struct venue_intent *i)
{
	switch (i->type) {
	case AQ_EV_PLACE:
		venue_place(v, &i->o);
		break;
	case AQ_EV_CANCEL:
		venue_cancel(v, &i->o);
		break;
	case AQ_EV_AMEND:
		venue_amend(v, &i->o);
		break;
	case AQ_EV_QUERY:
		venue_query(v, &i->o);
		break;
	default:
		venue_list(v, i->since_ns);
	}
}

/* ---- the way there and back ---- */

static inline bool venue_is_intent(uint16_t type)
{
	return type >= AQ_EV_PLACE && type <= AQ_EV_RECONCILE;
}

/* Takes what the flow wants of its adapter. Some is lost, some is late; a list does not outlive its connection. */
static inline void venue_take_intents(struct venue *v)
{
	struct rig *r = v->rig;

	rig_drain(r);
	for (uint32_t i = 0; i < r->count; i++) {
		const struct aq_event *event = &r->events[i].u.head;
		struct venue_intent *x = &v->intents[v->intent_count];
		int64_t delay = venue_below(v, 5) * SECOND / 100;

		if (r->events[i].to != r->exchange || !venue_is_intent(event->type))
			continue;
		if (!v->up || (!v->gentle && venue_chance(v, 3))) {
			v->lost++;
			continue;
		}
		if (!v->gentle && venue_chance(v, 3)) {
			delay = venue_below(v, 300) * VENUE_LATEST / 300;
			v->late++;
		}
		assert_true(v->intent_count < VENUE_QUEUE);
		*x = (struct venue_intent){
			.at_ns = r->f.now_ns + delay, .type = event->type, .since_ns = (int64_t)event->tag};
		if (event->type != AQ_EV_RECONCILE)
			x->o = *AQ_BODY(aq_order, event);
		v->intent_count++;
	}
	rig_clear(r);
}

static inline void venue_work(struct venue *v)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < v->intent_count; i++) {
		if (v->intents[i].at_ns <= v->rig->f.now_ns)
			venue_intent(v, &v->intents[i]);
		else
			v->intents[kept++] = v->intents[i];
	}
	v->intent_count = kept;
}

static inline void venue_deliver(struct venue *v)
{
	uint32_t done = 0;

	while (done < v->news_count && v->news[done].at_ns <= v->rig->f.now_ns) {
		const struct venue_news *n = &v->news[done++];

		rig_emit(v->rig, n->type, n->instrument, v->rig->account, &n->body, n->length);
	}
	v->news_count -= done;
	memmove(v->news, v->news + done, v->news_count * sizeof(*v->news));
}

/* The connection is gone: what was on its way back is lost, and half of what was on its way there; lists are. */
static inline void venue_disconnect(struct venue *v)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < v->intent_count; i++)
		if (v->intents[i].type != AQ_EV_RECONCILE && venue_chance(v, 50))
			v->intents[kept++] = v->intents[i];
	v->lost += v->news_count + v->intent_count - kept;
	v->intent_count = kept;
	v->news_count = 0;
	v->up = false;
}

/* Something trades or ends by itself. */
static inline void venue_live(struct venue *v)
{
	struct venue_order *x;
	aq_qty left;

	if (v->order_count == 0)
		return;
	x = &v->orders[v->order_count - 1 - venue_below(v, v->order_count < 30 ? v->order_count : 30)];
	if (x->ended != 0)
		return;
	left = x->o.qty - x->o.filled;
	if (venue_chance(v, 80)) {
		venue_trade(v, x, venue_chance(v, 50) ? left : 1 + venue_below(v, (uint32_t)left));
	} else {
		x->ended = venue_chance(v, 50) ? AQ_UP_CANCELLED : AQ_UP_EXPIRED;
		venue_say(v, x->o.id, x->ended, 0);
	}
}

#endif
