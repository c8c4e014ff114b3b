/* orders.c: the table: slots, indexes, what orders hold of positions and balances, and the facts that change them.
 * What strategies ask is in orders_ask.c, what the venue says in orders_venue.c. */
#include "flow/orders.h"

#include "base/check.h"
#include "flow/ledger.h"
#include "flow/market.h"
#include "flow/order_notes.h"

#include "decimal.h"

#include <stdlib.h>
#include <string.h>

#define EPOCH_2024_S 1704067200
#define RESTART_GAP 65536 /* ids skipped by a restart: the tail of the journal may have been lost */

void orders_init(struct flow *f)
{
	struct orders *t = &f->orders;

	t->capacity = f->options.max_orders;
	t->slots = calloc(t->capacity, sizeof(*t->slots));
	t->finals = calloc(t->capacity, sizeof(*t->finals));
	t->deadline_capacity = 4 * t->capacity;
	t->deadlines = calloc(t->deadline_capacity, sizeof(*t->deadlines));
	CHECK(t->slots != NULL && t->finals != NULL && t->deadlines != NULL);
	order_notes_init(f);
	map_init(&t->by_id, t->capacity);
	map_init(&t->by_tag, t->capacity);
	for (uint32_t i = 0; i < t->capacity; i++)
		t->slots[i].next = i + 1 < t->capacity ? i + 1 : FLOW_NIL;
	t->free = 0;
	t->next_lookup_ns = INT64_MAX;
}

void orders_finish(struct flow *f)
{
	order_notes_finish(f);
	free(f->orders.slots);
	free(f->orders.finals);
	free(f->orders.deadlines);
	map_finish(&f->orders.by_id);
	map_finish(&f->orders.by_tag);
}

uint64_t orders_next_id(const struct flow *f)
{
	uint64_t second = (uint64_t)(f->options.started_ns / 1000000000 - EPOCH_2024_S) & 0x7fffffff;
	uint64_t first = (uint64_t)(f->options.host_number & 0xfff) << 51 | second << 20 | 1;

	return f->orders.last_id >= first ? f->orders.last_id + 1 : first;
}

static uint64_t tag_key(uint32_t instance, uint64_t tag)
{
	return map_hash(tag, instance);
}

struct order *orders_find(const struct flow *f, uint64_t id)
{
	uint32_t at = id == 0 ? MAP_NONE : map_find(&f->orders.by_id, id);

	return at == MAP_NONE ? NULL : &f->orders.slots[at];
}

struct order *orders_by_tag(const struct flow *f, uint32_t instance, uint64_t tag)
{
	uint64_t key = tag_key(instance, tag);
	uint32_t at;

	for (; (at = map_find(&f->orders.by_tag, key)) != MAP_NONE; key = key + 1 != 0 ? key + 1 : 1)
		if (f->orders.slots[at].o.instance == instance && f->orders.slots[at].o.tag == tag)
			return &f->orders.slots[at];
	return NULL;
}

static uint32_t slot_of(const struct flow *f, const struct order *order)
{
	return (uint32_t)(order - f->orders.slots);
}

static void tag_put(struct flow *f, const struct order *order)
{
	uint64_t key = tag_key(order->o.instance, order->o.tag);

	while (map_find(&f->orders.by_tag, key) != MAP_NONE)
		key = key + 1 != 0 ? key + 1 : 1;
	CHECK(map_put(&f->orders.by_tag, key, slot_of(f, order)) == 0);
}

/* Entries that hash alike stand one behind the other: those behind a removed one are put anew. */
static void tag_remove(struct flow *f, const struct order *order)
{
	struct map *m = &f->orders.by_tag;
	uint64_t key = tag_key(order->o.instance, order->o.tag);

	while (map_find(m, key) != slot_of(f, order))
		key = key + 1 != 0 ? key + 1 : 1;
	map_remove(m, key);
	for (key = key + 1 != 0 ? key + 1 : 1; map_find(m, key) != MAP_NONE; key = key + 1 != 0 ? key + 1 : 1) {
		const struct order *other = &f->orders.slots[map_find(m, key)];

		map_remove(m, key);
		tag_put(f, other);
	}
}

/* ---- what an order holds ---- */

/* An order by amount: what it still trades at the opposite best. */
static aq_qty qty_by_amount(const struct market *m, const struct aq_order *o)
{
	aq_px price = o->side == AQ_BUY ? m->top.ask : m->top.bid;
	struct aq_amt left;
	aq_qty qty;

	if (price == AQ_NONE || aq_amt_sub(o->quote_qty, o->value, &left) != 0 || aq_amt_sign(left) <= 0 ||
		aq_qty_for_down(left, price, m->instrument.px_digits, m->instrument.qty_digits, &qty) != 0)
		return 0;
	return qty;
}

static aq_qty worst_qty(const struct market *m, const struct aq_order *o)
{
	aq_qty most = o->amend != AQ_REQ_NONE && o->amend_qty != AQ_NONE && o->amend_qty > o->qty ? o->amend_qty : o->qty;

	if (o->qty == 0 && !order_is_final(o))
		return qty_by_amount(m, o);
	return order_is_final(o) || most <= o->filled ? 0 : most - o->filled;
}

aq_px orders_worst_price(const struct aq_order *o)
{
	bool amending = o->amend != AQ_REQ_NONE && o->amend_price != AQ_NONE;

	if (!amending || o->price == AQ_NONE)
		return o->price;
	if (o->side == AQ_BUY)
		return o->amend_price > o->price ? o->amend_price : o->price;
	return o->amend_price < o->price ? o->amend_price : o->price;
}

/* Spot only: buys hold quote, sells hold base. A market buy holds its amount or the value at the opposite best. */
static struct aq_amt worst_amount(const struct market *m, const struct aq_order *o, aq_qty qty)
{
	aq_px price = orders_worst_price(o);
	struct aq_amt amount = aq_amt_zero();

	if (qty == 0 && (o->qty != 0 || order_is_final(o)))
		return amount;
	if (o->side == AQ_SELL) {
		CHECK(aq_amt_from_scaled(qty, m->instrument.qty_digits, &amount) == 0);
		return amount;
	}
	if (price == AQ_NONE && aq_amt_sign(o->quote_qty) > 0)
		return aq_amt_sub(o->quote_qty, o->value, &amount) == 0 ? amount : aq_amt_zero();
	if (price == AQ_NONE)
		price = m->top.ask;
	if (price == AQ_NONE || market_notional(m, price, qty, &amount) != 0)
		return aq_amt_zero();
	return amount;
}

static aq_qty *open_of(struct flow *f, const struct order *order, int owner)
{
	struct ledger_row *row = &f->ledger.rows[order->rows[owner]];

	return order->o.side == AQ_BUY ? &row->open_buy : &row->open_sell;
}

static void hold_qty(struct flow *f, struct order *order, aq_qty qty)
{
	aq_qty sum;

	for (int i = 0; i < 2; i++)
		*open_of(f, order, i) -= order->reserved_qty;
	for (int i = 0; i < 2; i++)
		if (__builtin_add_overflow(*open_of(f, order, i), qty, &sum)) /* by amount, at an absurd price */
			qty = 0;
	for (int i = 0; i < 2; i++)
		*open_of(f, order, i) += qty;
	order->reserved_qty = qty;
}

/* Is there room in the sums for what an order would hold? `now` is the order as it is, NULL for a new one. */
static bool qty_fits(const struct flow *f, const struct aq_order *o, const struct order *now)
{
	const uint32_t owners[2] = {o->instance, AQ_ALL};
	aq_qty held = now != NULL ? now->reserved_qty : 0, worst = worst_qty(market_find(f, o->instrument), o);

	for (int i = 0; i < 2; i++) {
		const struct ledger_row *row = now != NULL
			? &f->ledger.rows[now->rows[i]]
			: ledger_find(f, o->account, o->instrument, o->position_side, o->margin_mode, owners[i]);
		aq_qty open = row == NULL ? 0 : o->side == AQ_BUY ? row->open_buy : row->open_sell;

		if (__builtin_add_overflow(open - held, worst, &open))
			return false;
	}
	return true;
}

static void hold_amount(struct flow *f, struct order *order, struct aq_amt amount)
{
	struct balance *b;

	if (order->reserved_asset == FLOW_NIL)
		return;
	b = &f->ledger.balances[order->reserved_asset];
	CHECK(aq_amt_sub(b->reserved, order->reserved_amount, &b->reserved) == 0);
	if (aq_amt_add(b->reserved, amount, &b->reserved) != 0) /* more than there is of anything */
		amount = aq_amt_zero();
	order->reserved_amount = amount;
}

/* After every change: what the order now holds at its worst. */
static void hold(struct flow *f, struct order *order)
{
	const struct market *m = market_find(f, order->o.instrument);
	aq_qty qty = worst_qty(m, &order->o);

	hold_qty(f, order, qty);
	hold_amount(f, order, m->instrument.kind == AQ_SPOT ? worst_amount(m, &order->o, qty) : aq_amt_zero());
}

/* ---- slots ---- */

static void list_in(struct flow *f, struct order *order)
{
	uint32_t *head = &f->instances[order->o.instance].orders, at = slot_of(f, order);

	order->previous = FLOW_NIL;
	order->next = *head;
	if (*head != FLOW_NIL)
		f->orders.slots[*head].previous = at;
	*head = at;
	f->meter.open++;
	f->accounts[order->o.account].meter.open++;
	f->instances[order->o.instance].meter.open++;
}

static void list_out(struct flow *f, struct order *order)
{
	if (order->previous != FLOW_NIL)
		f->orders.slots[order->previous].next = order->next;
	else
		f->instances[order->o.instance].orders = order->next;
	if (order->next != FLOW_NIL)
		f->orders.slots[order->next].previous = order->previous;
	f->meter.open--;
	f->accounts[order->o.account].meter.open--;
	f->instances[order->o.instance].meter.open--;
}

static bool is_unsure(const struct aq_order *o)
{
	return order_is_final(o) && o->amend == AQ_REQ_UNKNOWN;
}

static void empty_oldest_final(struct flow *f)
{
	struct orders *t = &f->orders;
	uint32_t at = t->finals[t->final_head];

	t->final_head = (t->final_head + 1) % t->capacity;
	t->final_count--;
	t->unsure -= is_unsure(&t->slots[at].o);
	map_remove(&t->by_id, t->slots[at].o.id);
	t->slots[at] = (struct order){.next = t->free};
	t->free = at;
}

/* Half of the table at most is kept for orders that have ended. */
static void keep_final(struct flow *f, struct order *order)
{
	struct orders *t = &f->orders;

	t->finals[(t->final_head + t->final_count) % t->capacity] = slot_of(f, order);
	t->final_count++;
	t->unsure += is_unsure(&order->o);
	if (t->final_count > t->capacity / 2)
		empty_oldest_final(f);
}

bool orders_have_room(const struct flow *f)
{
	return f->orders.free != FLOW_NIL || f->orders.final_count > 0;
}

static struct order *slot_take(struct flow *f, uint64_t id)
{
	struct orders *t = &f->orders;
	struct order *order;
	uint32_t at;

	if (t->free == FLOW_NIL && t->final_count > 0)
		empty_oldest_final(f);
	at = t->free;
	if (at == FLOW_NIL)
		return NULL;
	order = &t->slots[at];
	t->free = order->next;
	*order = (struct order){.used = 1, .next = FLOW_NIL, .previous = FLOW_NIL, .reserved_asset = FLOW_NIL};
	order_note_clear(f, order);
	CHECK(map_put(&t->by_id, id, at) == 0);
	return order;
}

/* Has it just become final? Then it leaves the lists. */
static void settle(struct flow *f, struct order *order, bool was_final)
{
	hold(f, order);
	if (was_final || !order_is_final(&order->o))
		return;
	tag_remove(f, order);
	list_out(f, order);
	keep_final(f, order);
	f->orders.ended[order->o.state] += !f->recovering;
}

static bool makes_sense(const struct aq_order *o)
{
	return o->size == sizeof(*o) && o->id != 0 && o->state >= AQ_SENT && o->state <= AQ_EXPIRED &&
		(o->side == AQ_BUY || o->side == AQ_SELL) && o->qty >= 0 && o->filled >= 0 &&
		(o->price == AQ_NONE || o->price > 0);
}

bool orders_fits_order(const struct flow *f, const struct aq_order *fact)
{
	if (!makes_sense(fact) || orders_find(f, fact->id) != NULL || !orders_have_room(f) || fact->account == 0 ||
		!ledger_row_fits(f, fact->account, fact->instrument, fact->position_side, fact->margin_mode, fact->instance))
		return false;
	if (order_is_final(fact))
		return true;
	return (fact->instance == 0 || orders_by_tag(f, fact->instance, fact->tag) == NULL) && qty_fits(f, fact, NULL);
}

static void bind_rows(struct flow *f, struct order *order)
{
	const struct aq_order *o = &order->o;
	const struct aq_instrument *i = &market_find(f, o->instrument)->instrument;

	order->rows[0] = ledger_row(f, o->account, o->instrument, o->position_side, o->margin_mode, o->instance);
	order->rows[1] = ledger_row(f, o->account, o->instrument, o->position_side, o->margin_mode, AQ_ALL);
	if (i->kind == AQ_SPOT)
		order->reserved_asset = ledger_balance_index(f, o->account, o->side == AQ_BUY ? i->quote : i->base);
}

void orders_apply_order(struct flow *f, const struct aq_order *fact)
{
	struct order *order = slot_take(f, fact->id);

	order->o = *fact;
	bind_rows(f, order);
	for (int i = 0; i < 3; i++)
		order->sent_ns[i] = fact->updated_ns;
	if (fact->instance != 0 && fact->id > f->orders.last_id)
		f->orders.last_id = fact->id;
	if (order_is_final(fact)) {
		keep_final(f, order);
		return;
	}
	hold(f, order);
	tag_put(f, order);
	list_in(f, order);
}

bool orders_fits_request(const struct flow *f, const struct fact_request *fact)
{
	const struct order *order = orders_find(f, fact->order);
	struct aq_order after;

	if (order == NULL || order_request_judge(&order->o, fact->request, fact->state) != ORDER_APPLY)
		return false;
	if (fact->request != AQ_REQ_AMEND || fact->state != AQ_REQ_SENT)
		return true;
	after = order->o;
	after.amend = AQ_REQ_SENT;
	after.amend_qty = fact->qty;
	return qty_fits(f, &after, order);
}

void orders_apply_request(struct flow *f, const struct fact_request *fact)
{
	struct order *order = orders_find(f, fact->order);

	order_request_apply(&order->o, fact->request, fact->state);
	if (fact->state == AQ_REQ_SENT && fact->request == AQ_REQ_CANCEL)
		order->o.cancel_tag = fact->tag;
	if (fact->state == AQ_REQ_SENT && fact->request == AQ_REQ_AMEND) {
		order->o.amend_tag = fact->tag;
		order->o.amend_price = fact->price;
		order->o.amend_qty = fact->qty;
	}
	if (fact->state == AQ_REQ_SENT)
		order->sent_ns[fact->request - 1] = fact->time_ns;
	order->o.updated_ns = fact->time_ns;
	hold(f, order);
}

static bool terms_make_sense(const struct aq_order *o, const struct aq_order_update *u)
{
	return (u->price == AQ_NONE || u->price > 0) && (u->qty == AQ_NONE || u->qty > 0 || u->qty == o->qty);
}

bool orders_fits_update(const struct flow *f, const struct fact_update *fact)
{
	const struct order *order = orders_find(f, fact->update.order);
	struct aq_order after;

	if (order == NULL || !terms_make_sense(&order->o, &fact->update) ||
		memchr(fact->update.venue_id, 0, sizeof(fact->update.venue_id)) == NULL ||
		order_update_judge(&order->o, &fact->update) != ORDER_APPLY)
		return false;
	after = order->o;
	order_update_apply(&after, &fact->update);
	return qty_fits(f, &after, order);
}

void orders_apply_update(struct flow *f, const struct fact_update *fact)
{
	struct order *order = orders_find(f, fact->update.order);
	const struct aq_order_update *u = &fact->update;
	bool was_final = order_is_final(&order->o);

	f->orders.unsure -= is_unsure(&order->o);
	order_update_apply(&order->o, u);
	f->orders.unsure += was_final && is_unsure(&order->o);
	if (u->venue_id[0] != '\0')
		memcpy(order->o.venue_id, u->venue_id, sizeof(order->o.venue_id));
	if (u->ahead != AQ_NONE)
		order->o.ahead = u->ahead;
	order->o.updated_ns = fact->time_ns;
	order_note_venue(f, order, u);
	if (!order_is_busy(&order->o) || order_is_final(&order->o)) {
		order->lookup_ns = 0;
		order->lookups = 0;
	}
	settle(f, order, was_final);
}

void orders_apply_fill(struct flow *f, const struct aq_fill *fill, struct aq_amt value)
{
	struct order *order = orders_find(f, fill->order);
	bool was_final;

	if (order == NULL)
		return;
	was_final = order_is_final(&order->o);
	f->ledger.late_fills += was_final;
	order_fill_apply(&order->o, fill->qty);
	CHECK(aq_amt_add(order->o.value, value, &order->o.value) == 0);
	order->o.ahead = order_is_final(&order->o) ? AQ_NONE : 0;
	order->o.updated_ns = fill->venue_ns > order->o.updated_ns ? fill->venue_ns : order->o.updated_ns;
	f->ledger.overfills += order->o.filled > order->o.qty && order->o.qty > 0;
	settle(f, order, was_final);
}

/* ---- the rest ---- */

void orders_each_own(struct flow *f, uint32_t instance, orders_visit *visit, void *context)
{
	for (uint32_t at = f->instances[instance].orders, next; at != FLOW_NIL; at = next) {
		next = f->orders.slots[at].next; /* the visit may end the order */
		visit(context, &f->orders.slots[at]);
	}
}

void orders_each_open(struct flow *f, orders_visit *visit, void *context)
{
	for (uint32_t id = 0; id <= names_count(&f->names, NAME_INSTANCE); id++)
		orders_each_own(f, id, visit, context);
}

void orders_each_unsettled(struct flow *f, orders_visit *visit, void *context)
{
	const struct orders *t = &f->orders;

	orders_each_open(f, visit, context);
	for (uint32_t i = 0; i < t->final_count && t->unsure > 0; i++) {
		struct order *order = &t->slots[t->finals[(t->final_head + i) % t->capacity]];

		if (is_unsure(&order->o))
			visit(context, order);
	}
}

int32_t orders_open(const struct flow *f, uint32_t instance, uint32_t account, uint32_t instrument, struct aq_order *out,
	uint32_t max)
{
	uint32_t found = 0;

	for (int pass = 0; pass < 2; pass++) { /* the list is newest first: count, then write from the back */
		uint32_t left = found;

		for (uint32_t at = f->instances[instance].orders; at != FLOW_NIL; at = f->orders.slots[at].next) {
			const struct aq_order *o = &f->orders.slots[at].o;

			if ((account != 0 && o->account != account) || (instrument != 0 && o->instrument != instrument))
				continue;
			if (pass == 0)
				found++;
			else if (--left < max)
				out[left] = *o;
		}
	}
	return (int32_t)found;
}

static void restart_one(void *context, struct order *order)
{
	struct flow *f = context;

	if (order_connection_lost(&order->o))
		hold(f, order);
}

void orders_restarted(struct flow *f)
{
	orders_each_open(f, restart_one, f);
	if (f->orders.last_id >> 51 != (f->options.host_number & 0xfff)) /* ids of another number belong to another host */
		f->orders.last_id = 0;
	f->orders.last_id += f->orders.last_id == 0 ? 0 : RESTART_GAP;
}

/* Oldest first, so that lists come back in the same order. */
static int snapshot_open(const struct flow *f, uint32_t instance, record_sink *sink, void *context)
{
	const struct orders *t = &f->orders;
	uint32_t at = f->instances[instance].orders, last = FLOW_NIL;
	int rc = 0;

	for (; at != FLOW_NIL; at = t->slots[at].next)
		last = at;
	for (at = last; rc == 0 && at != FLOW_NIL; at = t->slots[at].previous)
		rc = sink(context, FACT_ORDER, &t->slots[at].o, sizeof(struct aq_order));
	return rc;
}

int orders_snapshot(const struct flow *f, bool history, record_sink *sink, void *context)
{
	const struct orders *t = &f->orders;
	int rc = 0;

	for (uint32_t i = 0; history && rc == 0 && i < t->final_count; i++)
		rc = sink(context, FACT_ORDER, &t->slots[t->finals[(t->final_head + i) % t->capacity]].o, sizeof(struct aq_order));
	for (uint32_t id = 0; rc == 0 && id <= names_count(&f->names, NAME_INSTANCE); id++)
		rc = snapshot_open(f, id, sink, context);
	return rc;
}
