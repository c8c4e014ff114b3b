/* flow_rig.h: a whole flow with an exchange, an account, a strategy and three instruments, and no host around it.
 * The test is the adapter: it emits records and sees what the flow tells the adapter and the strategy.
 *
 *	struct rig r;
 *	rig_new(&r);                                      in step with the venue, books and balances are there
 *	id = rig_place(&r, r.spot, AQ_BUY, 10000, 2000, 1);
 *	rig_say(&r, id, AQ_UP_OPEN, AQ_REQ_PLACE);
 *	... rig_seen(&r, r.strategy, AQ_EV_ORDER) events since the last rig_clear
 *	rig_free(&r);
 *
 * Prices have 2 digits, quantities 3: price 10000 is 100.00, quantity 2000 is 2.000.
 */
#ifndef TESTS_FLOW_RIG_H
#define TESTS_FLOW_RIG_H

/* Rings of the smallest size, which grow when they must: to fill two of 8 MB with zeroes for every flow would be
 * most of what a test does. */
#define queue_init queue_init_sized
#include "flow/queue.c"
#undef queue_init
void queue_init(struct queue *q, uint64_t capacity);

#include "flow/download.h"
#include "flow/flow.h"
#include "flow/ledger.h"
#include "flow/market.h"
#include "flow/orders.h"
#include "flow/reconcile.h"
#include "flow/risk.h"

#include "decimal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define RIG_EVENTS 4096
#define RIG_EVENT_MAX 1024
#define SECOND INT64_C(1000000000)
#define RIG_START (INT64_C(1767225600) * SECOND) /* the beginning of 2026 */

struct rig_event {
	uint32_t to;
	union {
		struct aq_event head;
		uint8_t bytes[RIG_EVENT_MAX];
	} u;
};

struct rig {
	struct flow f;
	uint32_t exchange, account, strategy, spot, linear, inverse;
	struct rig_event *events; /* since the last rig_clear */
	uint32_t count;
	uint64_t trades;
};

void queue_init(struct queue *q, uint64_t capacity)
{
	queue_init_sized(q, 2 * AQ_EVENT_MAX);
}

static inline struct flow_options rig_options(void)
{
	return (struct flow_options){.report_currency = "USDT",
		.order_max_delay_ns = SECOND / 20,
		.request_timeout_ns = SECOND,
		.lookup_every_ns = SECOND / 5,
		.accept_ns = 5 * SECOND,
		.max_orders = 64,
		.max_fills = 64,
		.host_number = 7,
		.started_ns = RIG_START};
}

/* ---- events ---- */

static inline void rig_drain(struct rig *r)
{
	const struct aq_event *event;
	uint32_t to;

	while ((event = queue_peek(&r->f.out, &to)) != NULL) {
		assert_true(r->count < RIG_EVENTS && event->size <= RIG_EVENT_MAX);
		r->events[r->count].to = to;
		memcpy(r->events[r->count++].u.bytes, event, event->size);
		queue_drop(&r->f.out);
	}
}

static inline void rig_clear(struct rig *r)
{
	rig_drain(r);
	r->count = 0;
}

static inline uint32_t rig_seen(struct rig *r, uint32_t to, uint16_t type)
{
	uint32_t n = 0;

	rig_drain(r);
	for (uint32_t i = 0; i < r->count; i++)
		n += r->events[i].to == to && r->events[i].u.head.type == type;
	return n;
}

/* The last event of that kind since the last rig_clear; NULL when there is none. */
static inline const struct aq_event *rig_last(struct rig *r, uint32_t to, uint16_t type)
{
	rig_drain(r);
	for (uint32_t i = r->count; i > 0; i--)
		if (r->events[i - 1].to == to && r->events[i - 1].u.head.type == type)
			return &r->events[i - 1].u.head;
	return NULL;
}

static inline const struct aq_order_change *rig_change(struct rig *r)
{
	const struct aq_event *event = rig_last(r, r->strategy, AQ_EV_ORDER);

	return event == NULL ? NULL : AQ_BODY(aq_order_change, event);
}

/* ---- what the adapter says ---- */

static inline int rig_emit_as(struct rig *r, uint32_t exchange, uint16_t type, uint32_t instrument, uint32_t account,
	const void *body, size_t length)
{
	struct {
		struct aq_event head;
		uint8_t bytes[4096];
	} record = {.head = {.type = type, .instrument = instrument, .account = account}};
	int rc;

	assert_true(length <= sizeof(record.bytes));
	if (length > 0)
		memcpy(record.bytes, body, length);
	record.head.size = (uint32_t)(sizeof(record.head) + (length + 7) / 8 * 8);
	rc = flow_emit(&r->f, exchange, &record.head);
	while (flow_apply_next(&r->f))
		;
	return rc;
}

static inline void rig_emit(
	struct rig *r, uint16_t type, uint32_t instrument, uint32_t account, const void *body, size_t length)
{
	assert_int_equal(rig_emit_as(r, r->exchange, type, instrument, account, body, length), AQ_OK);
}

static inline void rig_venue(struct rig *r, bool up)
{
	struct aq_venue body = {.up = up};

	rig_emit(r, AQ_EV_VENUE, 0, 0, &body, sizeof(body));
}

static inline void rig_book(struct rig *r, uint32_t instrument, aq_px bid, aq_px ask)
{
	struct {
		struct aq_book_update u;
		struct aq_level levels[2];
	} body = {.u = {.snapshot = 1, .bids = 1, .asks = 1, .reaches = 1}, .levels = {{bid, 1000000}, {ask, 1000000}}};

	rig_emit(r, AQ_EV_BOOK_UPDATE, instrument, 0, &body, sizeof(body));
}

static inline void rig_balance(struct rig *r, const char *asset, int64_t units)
{
	struct aq_balance b = {.size = sizeof(b), .total = aq_amt_of(units)};

	memcpy(b.asset, asset, strlen(asset));
	rig_emit(r, AQ_EV_BALANCE, 0, r->account, &b, sizeof(b));
}

static inline void rig_update(struct rig *r, const struct aq_order_update *u)
{
	const struct order *order = orders_find(&r->f, u->order);

	rig_emit(r, AQ_EV_ORDER_UPDATE, order != NULL ? order->o.instrument : r->spot, r->account, u, sizeof(*u));
}

static inline struct aq_order_update rig_news(uint64_t order, uint8_t update, uint8_t answers)
{
	return (struct aq_order_update){.size = sizeof(struct aq_order_update),
		.order = order,
		.update = update,
		.answers = answers,
		.price = AQ_NONE,
		.qty = AQ_NONE,
		.filled = AQ_NONE,
		.ahead = AQ_NONE};
}

static inline void rig_say(struct rig *r, uint64_t order, uint8_t update, uint8_t answers)
{
	struct aq_order_update u = rig_news(order, update, answers);

	rig_update(r, &u);
}

/* With a trade id of its own when `trade` is 0. */
static inline struct aq_fill rig_fill_of(
	struct rig *r, uint64_t order, uint8_t side, aq_px price, aq_qty qty, uint64_t trade)
{
	struct aq_fill fill = {.size = sizeof(fill),
		.order = order,
		.side = side,
		.price = price,
		.qty = qty,
		.cumulative = AQ_NONE,
		.ahead = AQ_NONE,
		.liquidity = AQ_MAKER,
		.venue_ns = r->f.now_ns};

	snprintf(fill.trade_id, sizeof(fill.trade_id), "%s%llu", trade == 0 ? "t" : "",
		(unsigned long long)(trade == 0 ? ++r->trades : trade));
	return fill;
}

static inline void rig_emit_fill(struct rig *r, uint32_t instrument, const struct aq_fill *fill)
{
	rig_emit(r, AQ_EV_VENUE_FILL, instrument, r->account, fill, sizeof(*fill));
}

/* Of an order of ours, on its side. */
static inline void rig_fill(struct rig *r, uint64_t id, aq_px price, aq_qty qty)
{
	const struct order *order = orders_find(&r->f, id);
	struct aq_fill fill = rig_fill_of(r, id, order->o.side, price, qty, 0);

	rig_emit_fill(r, order->o.instrument, &fill);
}

static inline void rig_reconcile(struct rig *r)
{
	rig_emit(r, AQ_EV_RECONCILE_BEGIN, 0, r->account, NULL, 0);
	rig_emit(r, AQ_EV_RECONCILE_END, 0, r->account, NULL, 0);
}

/* ---- what the strategy asks ---- */

static inline struct aq_place rig_wish(
	const struct rig *r, uint32_t instrument, uint8_t side, aq_px price, aq_qty qty, uint64_t tag)
{
	return (struct aq_place){.size = sizeof(struct aq_place),
		.account = r->account,
		.instrument = instrument,
		.side = side,
		.price = price,
		.qty = qty,
		.tag = tag};
}

static inline uint64_t rig_place(
	struct rig *r, uint32_t instrument, uint8_t side, aq_px price, aq_qty qty, uint64_t tag)
{
	struct aq_place wish = rig_wish(r, instrument, side, price, qty, tag);
	int64_t id = orders_place(&r->f, r->strategy, &wish);

	assert_true(id > 0);
	return (uint64_t)id;
}

static inline int32_t rig_amend(struct rig *r, uint64_t id, aq_px price, aq_qty qty)
{
	struct aq_amend amend = {.size = sizeof(amend), .order = id, .price = price, .qty = qty};

	return orders_amend(&r->f, r->strategy, &amend);
}

static inline const struct aq_order *rig_order(const struct rig *r, uint64_t id)
{
	const struct order *order = orders_find(&r->f, id);

	assert_non_null(order);
	return &order->o;
}

/* ---- making ---- */

static inline struct aq_instrument rig_instrument(const char *symbol, uint8_t kind, const char *settle)
{
	struct aq_instrument i = {.size = sizeof(i),
		.kind = kind,
		.px_digits = 2,
		.qty_digits = 3,
		.qty_unit = AQ_UNIT_BASE,
		.state = AQ_TRADING,
		.tick = 1,
		.lot = 1,
		.contract_size = aq_amt_of(1),
		.base = "BTC",
		.quote = "USDT"};

	snprintf(i.symbol, sizeof(i.symbol), "%s", symbol);
	snprintf(i.venue_symbol, sizeof(i.venue_symbol), "%s", symbol);
	snprintf(i.settle, sizeof(i.settle), "%s", settle);
	if (kind == AQ_INVERSE) {
		i.qty_unit = AQ_UNIT_QUOTE;
		snprintf(i.quote, sizeof(i.quote), "USD");
	}
	return i;
}

static inline uint32_t rig_add(struct rig *r, const struct aq_instrument *i)
{
	int32_t id = market_instrument(&r->f, r->exchange, i);

	assert_true(id > 0);
	return (uint32_t)id;
}

/* What a host does after every start. */
static inline void rig_bind(struct rig *r)
{
	struct aq_instrument spot = rig_instrument("BTC/USDT", AQ_SPOT, "USDT");
	struct aq_instrument linear = rig_instrument("BTC/USDT:USDT", AQ_LINEAR, "USDT");
	struct aq_instrument inverse = rig_instrument("BTC/USD:BTC", AQ_INVERSE, "BTC");

	r->exchange = flow_instance_id(&r->f, "sim", AQ_EXCHANGE);
	r->strategy = flow_instance_id(&r->f, "mm", AQ_STRATEGY);
	r->account = flow_account_id(&r->f, "main");
	r->f.instances[r->exchange].active = 1;
	r->f.instances[r->strategy].active = 1;
	flow_account_bind(&r->f, r->account, r->exchange, false, AQ_CROSS);
	flow_trade_on(&r->f, r->strategy, r->account);
	r->spot = rig_add(r, &spot);
	r->linear = rig_add(r, &linear);
	r->inverse = rig_add(r, &inverse);
}

static inline void rig_make_ready(struct rig *r)
{
	rig_venue(r, true);
	rig_reconcile(r);
	rig_balance(r, "USDT", 1000000000);
	rig_balance(r, "BTC", 1000000);
	rig_book(r, r->spot, 9990, 10010);
	rig_book(r, r->linear, 9990, 10010);
	rig_book(r, r->inverse, 9990, 10010);
	flow_tick(&r->f); /* a host's first turn */
	rig_drain(r);
	rig_clear(r);
}

static inline void rig_new_with(struct rig *r, const struct flow_options *options)
{
	memset(r, 0, sizeof(*r));
	r->events = calloc(RIG_EVENTS, sizeof(*r->events));
	assert_non_null(r->events);
	flow_init(&r->f, options);
	rig_bind(r);
	rig_make_ready(r);
}

static inline void rig_new(struct rig *r)
{
	struct flow_options options = rig_options();

	rig_new_with(r, &options);
}

static inline void rig_free(struct rig *r)
{
	flow_finish(&r->f);
	free(r->events);
}

/* ---- snapshots ---- */

struct rig_facts {
	uint8_t *bytes;
	size_t length, room;
};

struct rig_fact {
	uint32_t type, length;
};

static inline int rig_fact_add(void *context, enum fact_type type, const void *body, uint32_t length)
{
	struct rig_facts *s = context;
	struct rig_fact head = {.type = type, .length = length};

	if (s->length + sizeof(head) + length > s->room) {
		s->room = 2 * s->room + sizeof(head) + length;
		s->bytes = realloc(s->bytes, s->room);
		assert_non_null(s->bytes);
	}
	memcpy(s->bytes + s->length, &head, sizeof(head));
	memcpy(s->bytes + s->length + sizeof(head), body, length);
	s->length += sizeof(head) + length;
	return 0;
}

static inline struct rig_facts rig_snapshot(const struct rig *r)
{
	struct rig_facts s = {0};

	assert_int_equal(record_snapshot(&r->f, true, rig_fact_add, &s), 0);
	return s;
}

static inline void rig_apply(struct rig *r, const struct rig_facts *s)
{
	for (size_t at = 0; at < s->length;) {
		struct rig_fact head;
		uint8_t *body;

		memcpy(&head, s->bytes + at, sizeof(head));
		body = malloc(head.length); /* aligned, and a sanitizer sees a read beyond it */
		assert_non_null(body);
		memcpy(body, s->bytes + at + sizeof(head), head.length);
		if (record_apply(&r->f, (uint16_t)head.type, FACT_VERSION, body, head.length) != AQ_OK)
			fail_msg("fact of type %u does not apply", head.type);
		free(body);
		at += sizeof(head) + head.length;
	}
}

/* The process ends and starts again from a snapshot; the adapter has not been heard yet. */
static inline void rig_restart(struct rig *r)
{
	struct rig_facts s = rig_snapshot(r);
	struct fact_restart restart = {.time_ns = r->f.now_ns};
	struct flow_options options = r->f.options;
	int64_t now = r->f.now_ns;

	flow_finish(&r->f);
	flow_init(&r->f, &options);
	r->f.now_ns = now;
	rig_apply(r, &s);
	free(s.bytes);
	assert_int_equal(record_apply(&r->f, FACT_RESTART, FACT_VERSION, &restart, sizeof(restart)), AQ_OK);
	rig_bind(r);
	rig_clear(r);
}

#endif
