/* intents.c: what the host wants, as frames. What cannot leave is answered at once, truthfully: it never left. */
#include "sim/adapter.h"

#include <stdio.h>
#include <string.h>

static uint16_t index_of(const struct sim *s, uint32_t instrument)
{
	for (uint32_t i = 1; i <= s->kept.market_count; i++)
		if (s->kept.id_of[i] == instrument)
			return (uint16_t)i;
	return 0;
}

static uint32_t wire_of(const struct sim *s, uint32_t account)
{
	for (uint32_t i = 0; i < s->kept.accounts_said; i++)
		if (s->kept.accounts[i].id == account)
			return i + 1;
	return 0;
}

static void subscribe(struct sim *s, const struct sim_mask *m)
{
	struct {
		struct sim_frame frame;
		struct sim_subscribe body;
	} out = {.frame = {.type = SIM_SUBSCRIBE, .market = index_of(s, m->instrument)}, .body = {.mask = m->mask}};
	if (s->kept.stage != SIM_UP || out.frame.market == 0)
		return;
	if (sim_connect_send(s, &out.frame, sizeof out) != AQ_OK)
		sim_connect_drop(s, "a subscription could not be sent");
}

void sim_intent_subscribe_all(struct sim *s)
{
	for (uint32_t i = 0; i < s->kept.mask_count; i++)
		if (s->kept.masks[i].mask != 0)
			subscribe(s, &s->kept.masks[i]);
}

static void want(struct sim *s, const struct aq_event *event)
{
	uint32_t i = 0;
	while (i < s->kept.mask_count && s->kept.masks[i].instrument != event->instrument)
		i++;
	if (i == SIM_MARKETS_MAX)
		return; /* more than a venue can have */
	if (i == s->kept.mask_count)
		s->kept.mask_count++;
	s->kept.masks[i] = (struct sim_mask){.instrument = event->instrument, .mask = (uint32_t)event->tag};
	if ((event->flags & AQ_EV_DOWNLOADED) == 0)
		subscribe(s, &s->kept.masks[i]);
}

/* Says what has become of a request that the venue will not see. */
static void answer(struct sim *s, const struct aq_event *event, const struct aq_order *o, const char *text)
{
	struct aq_order_update u = {.size = sizeof u,
		.order = o->id,
		.price = AQ_NONE,
		.qty = AQ_NONE,
		.filled = AQ_NONE,
		.ahead = AQ_NONE,
		.code = AQ_VENUE_NOT_RECEIVED};
	switch (event->type) {
	case AQ_EV_PLACE:
		u.update = AQ_UP_REJECTED;
		u.answers = AQ_REQ_PLACE;
		break;
	case AQ_EV_CANCEL:
		u.update = AQ_UP_CANCEL_REJECTED;
		u.answers = AQ_REQ_CANCEL;
		break;
	case AQ_EV_AMEND:
		u.update = AQ_UP_AMEND_REJECTED;
		u.answers = AQ_REQ_AMEND;
		break;
	default:
		u.update = AQ_UP_UNKNOWN;
		u.answers = AQ_REQ_LOOKUP;
		break;
	}
	snprintf(u.text, sizeof u.text, "%s", text);
	sim_record_emit(s, AQ_EV_ORDER_UPDATE, o->instrument, o->account, 0, &u, sizeof u);
}

static void fill_place(struct sim_request *q, const struct aq_order *o)
{
	q->price = o->type == AQ_MARKET_ORDER ? AQ_NONE : o->price;
	q->qty = o->qty;
	q->quote_qty = o->quote_qty;
	q->expiry_ns = o->expiry_ns;
	q->side = o->side;
	q->type = o->type;
	q->tif = o->tif;
	q->position_side = o->position_side;
	q->post_only = o->post_only;
	q->reduce_only = o->reduce_only;
	q->margin_mode = o->margin_mode;
	q->self_trade = o->self_trade;
}

static bool shows_all(const struct aq_order *o)
{
	return o->display_qty == AQ_NONE || o->display_qty <= 0 || o->display_qty >= o->qty;
}

static void request(struct sim *s, const struct aq_event *event, uint16_t type)
{
	const struct aq_order *o = AQ_BODY(aq_order, event);
	struct {
		struct sim_frame frame;
		struct sim_request body;
	} out = {.frame = {.type = type, .market = index_of(s, o->instrument)},
		.body = {.account = wire_of(s, o->account), .order = o->id, .price = AQ_NONE, .qty = AQ_NONE}};
	if (type == SIM_PLACE) {
		fill_place(&out.body, o);
	} else if (type == SIM_AMEND) {
		out.body.price = o->amend_price;
		out.body.qty = o->amend_qty;
	}
	if (s->kept.stage != SIM_UP)
		answer(s, event, o, "there is no connection to the venue");
	else if (out.frame.market == 0 || out.body.account == 0)
		answer(s, event, o, "the venue does not serve this instrument or account");
	else if (type == SIM_PLACE && !shows_all(o))
		answer(s, event, o, "the venue has no orders that show a part");
	else if (sim_connect_send(s, &out.frame, sizeof out) != AQ_OK)
		answer(s, event, o, "it could not be sent: the venue does not read");
}

static void reconcile(struct sim *s, const struct aq_event *event)
{
	struct {
		struct sim_frame frame;
		struct sim_list body;
	} out = {.frame = {.type = SIM_LIST},
		.body = {.account = wire_of(s, event->account), .since_ns = (int64_t)event->tag}};
	if (s->kept.stage != SIM_UP || out.body.account == 0)
		return; /* the host asks again when the venue is up */
	if (sim_connect_send(s, &out.frame, sizeof out) != AQ_OK)
		sim_connect_drop(s, "the venue does not read");
}

/* Without a connection there is no past: the host goes on with what comes. */
static void past(struct sim *s, const struct aq_event *event)
{
	const struct aq_past *asked = AQ_BODY(aq_past, event);
	const struct aq_history none = {.since_ns = INT64_MAX, .request = asked->request};
	struct {
		struct sim_frame frame;
		struct sim_past body;
	} out = {.frame = {.type = SIM_PAST, .market = index_of(s, event->instrument)},
		.body = {.since_ns = asked->since_ns, .count = asked->count, .request = asked->request}};
	if (s->kept.stage == SIM_UP && out.frame.market != 0 && sim_connect_send(s, &out.frame, sizeof out) == AQ_OK)
		return;
	sim_record_emit(s, AQ_EV_HISTORY, event->instrument, 0, 0, &none, sizeof none);
}

void sim_intent_settled(struct sim *s, int64_t next_timer_ns)
{
	struct {
		struct sim_frame frame;
		struct sim_done body;
	} out = {.frame = {.type = SIM_DONE}, .body = {.next_timer_ns = next_timer_ns}};
	if (!s->kept.owns_clock || !s->kept.moment_over || s->blocked || s->kept.stage < SIM_GREETING)
		return;
	s->kept.moment_over = 0;
	if (sim_connect_send(s, &out.frame, sizeof out) != AQ_OK)
		sim_connect_drop(s, "the venue does not read");
}

void sim_intent(struct sim *s, const struct aq_event *event)
{
	switch (event->type) {
	case AQ_EV_SUBSCRIBE:
		want(s, event);
		break;
	case AQ_EV_PLACE:
		request(s, event, SIM_PLACE);
		break;
	case AQ_EV_CANCEL:
		request(s, event, SIM_CANCEL);
		break;
	case AQ_EV_AMEND:
		request(s, event, SIM_AMEND);
		break;
	case AQ_EV_QUERY:
		request(s, event, SIM_QUERY);
		break;
	case AQ_EV_RECONCILE:
		reconcile(s, event);
		break;
	case AQ_EV_PAST:
		past(s, event);
		break;
	default:
		break;
	}
}
