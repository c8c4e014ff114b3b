/* requests.c: hello, subscriptions, cancels, queries and lists. */
#include "sim/venue/requests.h"

#include "sim/venue/accounts.h"
#include "sim/venue/answers.h"
#include "sim/venue/match.h"

#include <aioquant/market.h>
#include <string.h>

void sim_hello(struct sim_venue *v, const struct sim_frame *frame)
{
	const struct sim_hello *h = SIM_BODY(sim_hello, frame);
	bool resumed = v->connected;
	for (uint32_t a = 0; a < v->account_count; a++) {
		v->accounts[a].wire = 0;
		for (uint32_t i = 0; i < h->accounts; i++)
			if (strcmp((const char *)(h + 1) + (size_t)i * 48, v->accounts[a].name) == 0)
				v->accounts[a].wire = i + 1;
	}
	v->connected = true;
	if (!resumed) {
		v->end_said = false;
		v->feed_at = v->now_at;
	}
	sim_say_welcome(v, resumed);
}

void sim_unsubscribe_all(struct sim_venue *v)
{
	for (uint32_t i = 0; i < v->market_count; i++)
		v->markets[i].mask = 0;
	v->wanted = 0;
}

static void subscribe(struct sim_venue *v, const struct sim_frame *frame)
{
	if (!v->connected || frame->market == 0 || frame->market > v->market_count)
		return;
	struct sim_market *m = sim_market_at(v, frame->market);
	uint32_t mask =
		SIM_BODY(sim_subscribe, frame)->mask & (AQ_SUB_BOOK | AQ_SUB_TRADES | AQ_SUB_TICKER | AQ_SUB_FUNDING);
	if (v->wanted == 0)
		v->feed_at = v->now_at;
	v->wanted += (mask != 0) - (m->mask != 0);
	for (uint32_t kind = 0; kind < 4; kind++) {
		uint32_t bit = AQ_SUB_BOOK << kind;
		/* A book that is wanted once more is sent anew: the host asks when it has lost the chain. */
		if ((mask & bit) != 0 && ((m->mask & bit) == 0 || bit == AQ_SUB_BOOK))
			m->from[kind] = v->now_at.number;
	}
	m->mask = mask;
	if ((mask & AQ_SUB_BOOK) != 0)
		sim_say_snapshot(v, m);
}

static void cancel(struct sim_venue *v, const struct sim_request *q)
{
	struct sim_order_row *r =
		q->account == SIM_NO_ACCOUNT ? NULL : sim_order_find(&v->orders, q->account, q->order);
	if (r == NULL) {
		sim_say_no_order(v, q->reserved, q->order, AQ_UP_CANCEL_REJECTED, AQ_REQ_CANCEL, AQ_VENUE_NOT_FOUND,
			"no such order");
	} else if (!r->resting) {
		sim_say_order(v, r, AQ_UP_CANCEL_REJECTED, AQ_REQ_CANCEL, AQ_VENUE_NOT_FOUND, "the order has ended");
	} else {
		sim_end_order(v, r, AQ_CANCELLED, AQ_CODE_NONE);
		sim_say_order(v, r, AQ_UP_CANCELLED, AQ_REQ_CANCEL, AQ_CODE_NONE, "");
	}
}

static uint8_t update_of(uint8_t state)
{
	switch (state) {
	case AQ_OPEN:
		return AQ_UP_OPEN;
	case AQ_FILLED:
		return AQ_UP_FILLED;
	case AQ_CANCELLED:
		return AQ_UP_CANCELLED;
	case AQ_EXPIRED:
		return AQ_UP_EXPIRED;
	default:
		return AQ_UP_REJECTED;
	}
}

static void query(struct sim_venue *v, const struct sim_request *q)
{
	const struct sim_order_row *r =
		q->account == SIM_NO_ACCOUNT ? NULL : sim_order_find(&v->orders, q->account, q->order);
	if (r == NULL)
		sim_say_no_order(
			v, q->reserved, q->order, AQ_UP_NOT_FOUND, AQ_REQ_LOOKUP, AQ_VENUE_NOT_FOUND, "no such order");
	else
		sim_say_order(v, r, update_of(r->state), AQ_REQ_LOOKUP, r->code, "");
}

static void list_orders(struct sim_venue *v, uint32_t account)
{
	for (uint32_t i = 0; i < 2 * v->market_count; i++) {
		const struct sim_rests *rests = &v->markets[i / 2].rests[i % 2];
		for (uint32_t n = rests->count; n > 0; n--) {
			const struct sim_order_row *r = sim_order_at(&v->orders, rests->rest[n - 1].order);
			if (r->account == account)
				sim_say_order(v, r, AQ_UP_OPEN, AQ_REQ_LIST, AQ_CODE_NONE, "");
		}
	}
}

/* First fill at `since_ns` or later: fills stand in the order of time. */
static uint32_t first_fill(const struct sim_venue *v, int64_t since_ns)
{
	uint32_t low = 0, high = v->orders.fill_count;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		if (sim_fill_at(&v->orders, middle)->time_ns < since_ns)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void list_account(struct sim_venue *v, uint32_t account, int64_t since_ns)
{
	const struct sim_account *a = &v->accounts[account];
	list_orders(v, account);
	for (uint32_t i = first_fill(v, since_ns); i < v->orders.fill_count; i++)
		if (sim_order_at(&v->orders, sim_fill_at(&v->orders, i)->order)->account == account)
			sim_say_fill(v, i);
	for (uint32_t i = 0; i < v->flow_count; i++)
		if (v->flows[i].account == account && v->flows[i].time_ns >= since_ns)
			sim_say_flow(v, &v->flows[i]);
	for (uint32_t i = 0; i < v->asset_count; i++)
		if (a->assets[i].used)
			sim_say_balance(v, account, i);
	for (uint32_t i = 0; i < v->market_count * SIM_SIDES; i++)
		if (a->positions[i].used)
			sim_say_position(v, account, i);
}

static void list(struct sim_venue *v, const struct sim_list *q)
{
	sim_say_list(v, SIM_LIST_BEGIN, q->reserved, q->since_ns);
	if (q->account != SIM_NO_ACCOUNT)
		list_account(v, q->account, q->since_ns);
	sim_say_list(v, SIM_LIST_END, q->reserved, q->since_ns);
}

void sim_handle(struct sim_venue *v, const struct sim_frame *frame)
{
	switch (frame->type) {
	case SIM_SUBSCRIBE:
		subscribe(v, frame);
		break;
	case SIM_PLACE:
		sim_place(v, frame);
		break;
	case SIM_CANCEL:
		cancel(v, SIM_BODY(sim_request, frame));
		break;
	case SIM_AMEND:
		sim_amend(v, frame);
		break;
	case SIM_QUERY:
		query(v, SIM_BODY(sim_request, frame));
		break;
	case SIM_PAST:
		sim_past(v, frame);
		break;
	default:
		list(v, SIM_BODY(sim_list, frame));
		break;
	}
}

void sim_expire(struct sim_venue *v)
{
	while (sim_expiry_next(&v->orders) <= v->now_ns) {
		struct sim_order_row *r = sim_order_at(&v->orders, v->orders.expiry[v->orders.expiry_count - 1].order);
		sim_end_order(v, r, AQ_EXPIRED, AQ_VENUE_EXPIRED);
		sim_say_order(v, r, AQ_UP_EXPIRED, 0, AQ_VENUE_EXPIRED, "its time is over");
	}
}
