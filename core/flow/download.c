/* download.c: see download.h. */
#include "flow/download.h"

#include "flow/ledger.h"
#include "flow/market.h"
#include "flow/orders.h"
#include "flow/standing.h"

#include <stdio.h>
#include <string.h>

static struct aq_event *piece(struct flow *f, uint32_t instance, uint16_t type, uint32_t body)
{
	struct aq_event *event = flow_event(f, instance, type, body);

	if (event == NULL)
		return NULL;
	event->flags |= AQ_EV_DOWNLOADED;
	if (event->seq != 0) { /* not part of the stream that a reload must neither miss nor double */
		event->seq = 0;
		f->instances[instance].seq--;
	}
	return event;
}

void download_begin(struct flow *f, uint32_t instance)
{
	piece(f, instance, AQ_EV_DOWNLOAD_BEGIN, 0);
}

void download_end(struct flow *f, uint32_t instance)
{
	piece(f, instance, AQ_EV_DOWNLOAD_END, 0);
}

static void order_piece(struct flow *f, uint32_t receiver, const struct aq_order *o)
{
	struct aq_event *event = piece(f, receiver, AQ_EV_ORDER, sizeof(struct aq_order_change));
	struct aq_order_change *change;

	if (event == NULL)
		return;
	change = (struct aq_order_change *)(void *)(event + 1);
	event->instrument = o->instrument;
	event->account = o->account;
	event->tag = o->tag;
	change->order = *o;
}

/* Oldest first. */
static void own_orders(struct flow *f, uint32_t instance)
{
	uint32_t at = f->instances[instance].orders, last = FLOW_NIL;

	for (; at != FLOW_NIL; at = f->orders.slots[at].next)
		last = at;
	for (at = last; at != FLOW_NIL; at = f->orders.slots[at].previous)
		order_piece(f, instance, &f->orders.slots[at].o);
}

static void fills_since(struct flow *f, uint32_t instance, uint64_t after)
{
	const struct ledger *l = &f->ledger;
	uint32_t first = l->fill_count < l->fill_capacity ? 0 : l->fill_at;

	for (uint32_t i = 0; i < l->fill_count; i++) {
		const struct fact_fill *fact = &l->fills[(first + i) % l->fill_capacity];
		struct aq_event *event;

		if (fact->number <= after || fact->fill.instance != instance)
			continue;
		event = piece(f, instance, AQ_EV_FILL, sizeof(fact->fill));
		if (event == NULL)
			return;
		event->instrument = fact->fill.instrument;
		event->account = fact->fill.account;
		event->tag = fact->fill.tag;
		event->venue_ns = fact->fill.venue_ns;
		memcpy(event + 1, &fact->fill, sizeof(fact->fill));
	}
}

static void balances(struct flow *f, uint32_t instance)
{
	for (uint32_t i = 0; i < f->ledger.balance_count; i++) {
		const struct aq_balance *b = &f->ledger.balances[i].b;
		struct aq_event *event;

		if (!flow_trades_on(&f->instances[instance], b->account))
			continue;
		event = piece(f, instance, AQ_EV_BALANCE, sizeof(*b));
		if (event == NULL)
			return;
		event->account = b->account;
		memcpy(event + 1, b, sizeof(*b));
	}
}

static void positions(struct flow *f, uint32_t instance)
{
	for (uint32_t at = f->instances[instance].rows; at != FLOW_NIL; at = f->ledger.rows[at].next) {
		const struct aq_position *p = &f->ledger.rows[at].p;
		struct aq_event *event = piece(f, instance, AQ_EV_POSITION, sizeof(*p));

		if (event == NULL)
			return;
		event->account = p->account;
		event->instrument = p->instrument;
		ledger_position(f, p->account, p->instrument, instance, (struct aq_position *)(void *)(event + 1));
	}
}

/* What an operator does not let it do. */
static void standings(struct flow *f, uint32_t instance)
{
	const struct flow_instance *i = &f->instances[instance];

	for (uint32_t k = 0; k < i->account_count; k++) {
		struct aq_trouble body = {.what = standing_trouble(standing_of(f, instance, i->accounts[k]))};
		struct aq_event *event = body.what != 0 ? piece(f, instance, AQ_EV_TROUBLE, sizeof(body)) : NULL;

		if (event == NULL)
			continue;
		event->account = i->accounts[k];
		memcpy(event + 1, &body, sizeof(body));
	}
}

void download_strategy(struct flow *f, uint32_t instance, uint64_t fills_after)
{
	download_begin(f, instance);
	for (uint32_t id = 1; id < f->market_capacity; id++)
		if (f->markets[id] != NULL && market_is_told(f, instance, f->markets[id]))
			market_tell_instrument(f, f->markets[id], instance, AQ_EV_DOWNLOADED);
	own_orders(f, instance);
	fills_since(f, instance, fills_after);
	positions(f, instance);
	balances(f, instance);
	for (uint32_t id = 1; id < f->market_capacity; id++)
		if (f->markets[id] != NULL && (market_mask(f, instance, id) & AQ_SUB_BOOK) != 0 && f->markets[id]->has_book)
			market_tell_book(f, f->markets[id], instance, AQ_EV_DOWNLOADED);
	standings(f, instance);
	download_end(f, instance);
}

void download_account(struct flow *f, uint32_t exchange, const struct aq_account *account, uint16_t flags)
{
	struct aq_event *event = flow_event(f, exchange, AQ_EV_ACCOUNT, sizeof(*account));

	if (event == NULL)
		return;
	event->account = account->id;
	event->flags |= flags;
	memcpy(event + 1, account, sizeof(*account));
}

static void subscriptions(struct flow *f, uint32_t instance)
{
	for (uint32_t id = 1; id < f->market_capacity; id++) {
		const struct market *m = f->markets[id];
		struct aq_event *event;

		if (m == NULL || m->instrument.exchange != instance || m->wanted == 0)
			continue;
		event = piece(f, instance, AQ_EV_SUBSCRIBE, 0);
		if (event == NULL)
			return;
		event->instrument = id;
		event->tag = m->wanted;
	}
}

struct to {
	struct flow *flow;
	uint32_t exchange;
};

static void order_of_exchange(void *context, struct order *order)
{
	struct to *to = context;

	if (to->flow->accounts[order->o.account].exchange == to->exchange)
		order_piece(to->flow, to->exchange, &order->o);
}

void download_exchange(struct flow *f, uint32_t instance)
{
	struct to to = {.flow = f, .exchange = instance};

	for (uint32_t id = 1; id < f->market_capacity; id++)
		if (f->markets[id] != NULL && f->markets[id]->instrument.exchange == instance)
			market_tell_instrument(f, f->markets[id], instance, AQ_EV_DOWNLOADED);
	subscriptions(f, instance);
	orders_each_open(f, order_of_exchange, &to);
}
