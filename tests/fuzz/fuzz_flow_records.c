/* fuzz_flow_records.c: an adapter that says anything at any time, and a strategy that asks for anything. Nothing of it
 * may end the host; sums stay sums; and what a restart brings back is what was there, from a snapshot and from a
 * journal that may have been full now and then. A damaged fact is refused, or does no harm. */
/* Rings of the smallest size, which may grow: filling large ones with zeroes would take nearly all of the time. */
#define queue_init queue_init_sized
#include "flow/queue.c"
#undef queue_init
void queue_init(struct queue *q, uint64_t capacity);

#include "flow/download.h"
#include "flow/flow.h"
#include "flow/ledger.h"
#include "flow/market.h"
#include "flow/orders.h"

#include "../unit/flow_check.h"
#include "../unit/memory_files.h"
#include "decimal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void queue_init(struct queue *q, uint64_t capacity)
{
	queue_init_sized(q, 2 * AQ_EVENT_MAX);
}

#define SECOND INT64_C(1000000000)
#define START (INT64_C(1767225600) * SECOND)
#define ORDERS 16

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct input {
	const uint8_t *at;
	size_t left;
};

struct run {
	struct flow f;
	struct input in;
	uint32_t exchange, strategy, account;
	uint64_t ids[ORDERS];
	uint32_t count;
	struct memory *memory; /* of the journal; NULL: there is none */
};

/* ---- taking bytes; zeroes behind the end ---- */

static void take(struct input *in, void *out, size_t size)
{
	size_t have = size < in->left ? size : in->left;

	memset(out, 0, size);
	memcpy(out, in->at, have);
	in->at += have;
	in->left -= have;
}

static uint8_t take_byte(struct input *in)
{
	uint8_t byte;

	take(in, &byte, 1);
	return byte;
}

/* Numbers of all sizes: small ones, and those at the ends of what fits. */
static int64_t take_number(struct input *in)
{
	static const int64_t ends[] = {INT64_MAX, INT64_MIN, INT64_MIN + 1, INT64_MAX / 2, INT64_MAX / 2 + 1, 0, -1, 1};
	uint8_t how = take_byte(in);
	int64_t wide;

	if (how < 160)
		return how * 10;
	if (how < 192)
		return ends[how % (sizeof(ends) / sizeof(*ends))];
	take(in, &wide, sizeof(wide));
	return how < 224 ? (int64_t)((uint64_t)wide & 0xffffffff) : wide;
}

static struct aq_amt take_amount(struct input *in)
{
	int64_t units = take_number(in);
	struct aq_amt a;

	if (take_byte(in) % 4 != 0)
		return (struct aq_amt){.lo = (uint64_t)units * 1000000007u, .hi = units < 0 ? -1 : 0};
	take(in, &a, sizeof(a));
	return a;
}

static uint64_t take_order(struct run *r)
{
	uint8_t which = take_byte(&r->in);

	return which < 200 && r->count > 0 ? r->ids[which % r->count] : which;
}

/* ---- the flow ---- */

static void add_instrument(struct run *r, const char *symbol, uint8_t kind, const char *settle)
{
	struct aq_instrument i = {.size = sizeof(i),
		.kind = kind,
		.px_digits = 2,
		.qty_digits = 3,
		.state = AQ_TRADING,
		.tick = 10,
		.lot = 10,
		.base = "BTC",
		.quote = "USDT",
		.contract_size = aq_amt_of(1)};

	snprintf(i.symbol, sizeof(i.symbol), "%s", symbol);
	snprintf(i.settle, sizeof(i.settle), "%s", settle);
	market_subscribe(&r->f, r->strategy, (uint32_t)market_instrument(&r->f, r->exchange, &i), AQ_SUB_BOOK);
}

static void bind(struct run *r)
{
	r->exchange = flow_instance_id(&r->f, "venue", AQ_EXCHANGE);
	r->strategy = flow_instance_id(&r->f, "mm", AQ_STRATEGY);
	r->account = flow_account_id(&r->f, "main");
	r->f.instances[r->exchange].active = 1;
	r->f.instances[r->strategy].active = 1;
	flow_account_bind(&r->f, r->account, r->exchange, false, AQ_CROSS);
	flow_account_bind(&r->f, flow_account_id(&r->f, "hedged"), r->exchange, true, AQ_ISOLATED);
	flow_trade_on(&r->f, r->strategy, r->account);
	add_instrument(r, "BTC/USDT", AQ_SPOT, "USDT");
	add_instrument(r, "BTC/USDT:USDT", AQ_LINEAR, "USDT");
	add_instrument(r, "BTC/USD:BTC", AQ_INVERSE, "BTC");
}

static void limit(struct run *r)
{
	struct flow_position_limit position = {.instrument = 2, .qty = 100000};
	struct flow_limits limits = {.order = aq_amt_of(1000000),
		.gross = aq_amt_of(5000000),
		.loss_day = aq_amt_of(100000),
		.collar = aq_amt_of(1),
		.open_orders = 20,
		.order_rate = 50,
		.positions = &position,
		.position_count = 1};

	flow_limits_set(&r->f.instances[r->strategy].meter, &limits);
	flow_limits_set(&r->f.meter, &limits);
}

static void open_journal(struct run *r)
{
	struct journal_options options = {
		.folder = "m", .grade = JOURNAL_PAGE, .segment_size = 65536, .keep_ns = SECOND};
	struct journal_files files = memory_files(r->memory);
	struct aq_err err = {0};

	CHECK(journal_open(&r->f.journal, &options, &files, &err) == 0);
}

static void start(struct run *r)
{
	const struct flow_options options = {.report_currency = "USDT",
		.order_max_delay_ns = SECOND / 20,
		.request_timeout_ns = SECOND,
		.lookup_every_ns = SECOND / 5,
		.accept_ns = 2 * SECOND,
		.stale_after_ns = 5 * SECOND,
		.max_orders = 32,
		.max_fills = 32,
		.host_number = 1,
		.started_ns = START};

	flow_init(&r->f, &options);
	if (r->memory != NULL)
		open_journal(r);
	bind(r);
}

static void emit(struct run *r, uint16_t type, uint32_t instrument, uint32_t account, const void *body, size_t length)
{
	union {
		struct aq_event head;
		uint8_t bytes[2048];
	} record = {.head = {.type = type, .instrument = instrument, .account = account}};

	if (length > 0)
		memcpy(&record.head + 1, body, length);
	record.head.size = (uint32_t)(sizeof(record.head) + (length + 7) / 8 * 8);
	if (flow_emit(&r->f, r->exchange, &record.head) == AQ_OK)
		flow_apply_next(&r->f);
}

/* In step with the venue, with books and money, so that orders can leave. */
static void make_ready(struct run *r)
{
	struct {
		struct aq_book_update u;
		struct aq_level levels[2];
	} book_body = {.u = {.reaches = 1, .bids = 1, .asks = 1, .snapshot = 1}, .levels = {{90, 50}, {110, 50}}};
	struct aq_venue up = {.up = 1};
	struct aq_balance b = {.size = sizeof(b), .asset = "USDT", .total = aq_amt_of(INT64_MAX)};

	emit(r, AQ_EV_VENUE, 0, 0, &up, sizeof(up));
	for (uint32_t account = 1; account <= 2; account++) {
		emit(r, AQ_EV_RECONCILE_BEGIN, 0, account, NULL, 0);
		emit(r, AQ_EV_RECONCILE_END, 0, account, NULL, 0);
		emit(r, AQ_EV_BALANCE, 0, account, &b, sizeof(b));
	}
	for (uint32_t id = 1; id <= 3; id++)
		emit(r, AQ_EV_BOOK_UPDATE, id, 0, &book_body, sizeof(book_body));
}

/* ---- what the adapter says ---- */

static uint32_t take_instrument(struct run *r)
{
	return take_byte(&r->in) % 5;
}

static uint32_t take_account(struct run *r)
{
	return take_byte(&r->in) % 4;
}

static void raw_record(struct run *r)
{
	uint8_t body[1024];
	size_t length = take_byte(&r->in) * 4u;
	uint8_t type = take_byte(&r->in);
	uint32_t instrument = take_instrument(r), account = take_account(r);

	take(&r->in, body, length);
	emit(r, type, instrument, account, body, length);
}

static void order_update(struct run *r)
{
	struct aq_order_update u = {.size = sizeof(u),
		.update = take_byte(&r->in) % 16,
		.answers = take_byte(&r->in) % 8,
		.code = take_byte(&r->in),
		.order = take_order(r)};
	uint32_t instrument = take_instrument(r), account = take_account(r);

	u.price = take_number(&r->in);
	u.qty = take_number(&r->in);
	u.filled = take_number(&r->in);
	u.ahead = take_number(&r->in);
	u.side = take_byte(&r->in) % 4;
	u.type = take_byte(&r->in) % 8;
	u.tif = take_byte(&r->in) % 8;
	u.position_side = take_byte(&r->in) % 5;
	emit(r, AQ_EV_ORDER_UPDATE, instrument, account, &u, sizeof(u));
}

static void fill(struct run *r)
{
	struct aq_fill x = {.size = sizeof(x),
		.order = take_order(r),
		.price = take_number(&r->in),
		.qty = take_number(&r->in),
		.cumulative = take_number(&r->in)};
	static const char fee_assets[][5] = {"USDT", "BNB", "BTC"};
	uint32_t instrument = take_instrument(r), account = take_account(r);

	x.side = take_byte(&r->in) % 4;
	x.position_side = take_byte(&r->in) % 5;
	x.margin_mode = take_byte(&r->in) % 5;
	x.venue_ns = take_number(&r->in);
	x.fee = take_amount(&r->in);
	memcpy(x.fee_asset, fee_assets[take_byte(&r->in) % 3], sizeof(*fee_assets));
	x.trade_id[0] = (char)take_byte(&r->in);
	emit(r, AQ_EV_VENUE_FILL, instrument, account, &x, sizeof(x));
}

static void money(struct run *r)
{
	struct aq_balance b = {
		.size = sizeof(b), .asset = "USDT", .total = take_amount(&r->in), .locked = take_amount(&r->in)};
	struct aq_cashflow c = {.size = sizeof(c), .amount = take_amount(&r->in), .asset = "BTC"};
	uint32_t account = take_account(r);

	c.id[0] = (char)take_byte(&r->in);
	if (take_byte(&r->in) % 2 == 0)
		emit(r, AQ_EV_BALANCE, 0, account, &b, sizeof(b));
	else
		emit(r, AQ_EV_CASHFLOW, 0, account, &c, sizeof(c));
}

static void position(struct run *r)
{
	struct aq_position p = {.size = sizeof(p),
		.position_side = take_byte(&r->in) % 5,
		.margin_mode = take_byte(&r->in) % 5,
		.qty = take_number(&r->in)};
	uint32_t instrument = take_instrument(r);

	emit(r, AQ_EV_VENUE_POSITION, instrument, take_account(r), &p, sizeof(p));
}

static void book(struct run *r)
{
	struct {
		struct aq_book_update u;
		struct aq_level levels[4];
	} body = {.u = {.follows = take_byte(&r->in) % 8,
			  .reaches = take_byte(&r->in) % 8,
			  .bids = 2,
			  .asks = 2,
			  .snapshot = take_byte(&r->in) % 2,
			  .overlap = take_byte(&r->in) % 2}};

	for (int i = 0; i < 4; i++)
		body.levels[i] = (struct aq_level){take_number(&r->in), take_number(&r->in)};
	if (take_byte(&r->in) % 8 == 0)
		body.u.bids = (uint32_t)take_number(&r->in);
	emit(r, AQ_EV_BOOK_UPDATE, take_instrument(r), 0, &body, sizeof(body));
}

static void venue(struct run *r)
{
	static const uint16_t types[] = {AQ_EV_VENUE, AQ_EV_RECONCILE_BEGIN, AQ_EV_RECONCILE_END, AQ_EV_RECONCILE_END};
	struct aq_venue v = {.up = take_byte(&r->in) % 4 != 0};
	uint16_t type = types[take_byte(&r->in) % 4];

	emit(r, type, 0, type == AQ_EV_VENUE ? 0 : take_account(r), &v, sizeof(v));
}

static void instrument(struct run *r)
{
	struct aq_instrument i = {.size = sizeof(i),
		.kind = AQ_SPOT,
		.px_digits = 2,
		.qty_digits = 3,
		.base = "BTC",
		.quote = "USDT",
		.settle = "USDT",
		.symbol = "BTC/USDT"};

	i.state = take_byte(&r->in) % 5;
	i.tick = take_number(&r->in);
	i.lot = take_number(&r->in);
	i.min_qty = take_number(&r->in);
	i.max_qty = take_number(&r->in);
	i.min_notional = take_amount(&r->in);
	if (take_byte(&r->in) % 4 == 0)
		take(&r->in, &i, sizeof(i));
	market_instrument(&r->f, r->exchange, &i);
}

/* ---- what the strategy asks ---- */

static void place(struct run *r)
{
	struct aq_place p = {.size = sizeof(p),
		.account = take_account(r),
		.instrument = take_instrument(r),
		.side = take_byte(&r->in) % 4,
		.tag = take_byte(&r->in),
		.price = take_number(&r->in),
		.qty = take_number(&r->in)};
	uint8_t odd = take_byte(&r->in);
	int64_t id;

	if (odd % 4 == 1)
		p.type = AQ_MARKET_ORDER;
	if (odd % 8 == 5) {
		p.qty = 0;
		p.quote_qty = take_amount(&r->in);
	}
	if (odd > 240) {
		take(&r->in, &p, sizeof(p));
		p.size = sizeof(p);
	}
	id = orders_place(&r->f, r->strategy, &p);
	if (id > 0)
		r->ids[r->count < ORDERS ? r->count++ : odd % ORDERS] = (uint64_t)id;
}

static void ask(struct run *r)
{
	struct aq_amend a = {
		.size = sizeof(a), .order = take_order(r), .price = take_number(&r->in), .qty = take_number(&r->in)};

	switch (take_byte(&r->in) % 4) {
	case 0:
		orders_cancel(&r->f, r->strategy, a.order, 0, 1);
		break;
	case 1:
		orders_cancel_all(&r->f, r->strategy, 0, 0);
		break;
	case 2:
		download_strategy(&r->f, r->strategy, 0);
		download_exchange(&r->f, r->exchange);
		break;
	default:
		orders_amend(&r->f, r->strategy, &a);
	}
}

static void pass_time(struct run *r)
{
	r->f.now_ns += take_byte(&r->in) * (SECOND / 20);
	flow_tick(&r->f);
	CHECK(flow_due_ns(&r->f) > r->f.now_ns); /* else the host would turn for ever */
}

/* Many facts of which nothing follows: they fill the journal. */
static void operator(struct run *r)
{
	for (int i = take_byte(&r->in); i > 0; i--)
		record_operator(&r->f, 7, "somebody", "something");
}

/* ---- what a restart brings back ---- */

struct facts {
	uint8_t *bytes;
	size_t length, room;
};

static int add_fact(void *context, enum fact_type type, const void *body, uint32_t length)
{
	struct facts *s = context;
	uint64_t head = (uint64_t)type << 32 | length;
	size_t padded = (length + 7) / 8 * 8;

	if (s->length + 8 + padded > s->room) {
		s->room = 2 * s->room + 8 + padded;
		s->bytes = realloc(s->bytes, s->room);
		CHECK(s->bytes != NULL);
	}
	memcpy(s->bytes + s->length, &head, 8);
	memset(s->bytes + s->length + 8, 0, padded);
	memcpy(s->bytes + s->length + 8, body, length);
	s->length += 8 + padded;
	return 0;
}

static struct facts snapshot(const struct flow *f)
{
	struct facts s = {0};

	CHECK(record_snapshot(f, true, add_fact, &s) == 0);
	return s;
}

/* Returns where a fact was refused, or the end. */
static size_t apply_facts(struct flow *f, const struct facts *s)
{
	size_t at = 0;
	uint64_t head;

	for (; at < s->length; at += 8 + ((uint32_t)head + 7) / 8 * 8) {
		memcpy(&head, s->bytes + at, 8);
		if (record_apply(f, (uint16_t)(head >> 32), FACT_VERSION, s->bytes + at + 8, (uint32_t)head) != 0)
			break;
	}
	return at;
}

static void check_same(const struct facts *before, const struct flow *f)
{
	struct facts after = snapshot(f);

	CHECK(after.length == before->length && memcmp(after.bytes, before->bytes, after.length) == 0);
	check_sums(f);
	check_orders(f);
	free(after.bytes);
}

/* A second flow from the first one's facts tells the same facts. */
static void check_snapshot(struct run *r)
{
	struct run *again = calloc(1, sizeof(*again));
	struct facts facts = snapshot(&r->f);

	CHECK(again != NULL);
	flow_init(&again->f, &r->f.options);
	CHECK(apply_facts(&again->f, &facts) == facts.length);
	check_same(&facts, &again->f);
	flow_finish(&again->f);
	free(facts.bytes);
	free(again);
}

/* Bodies alone are spoilt: heads are the journal's. */
static void spoil(struct facts *s, struct input *in)
{
	uint64_t head, word;

	for (size_t at = 0; at < s->length; at += 8 + ((uint32_t)head + 7) / 8 * 8) {
		memcpy(&head, s->bytes + at, 8);
		if (take_byte(in) % 4 != 1 || (uint32_t)head < 8)
			continue;
		take(in, &word, sizeof(word));
		memcpy(s->bytes + at + 8 + take_byte(in) * 8u % ((uint32_t)head / 8 * 8), &word, sizeof(word));
	}
}

static void check_spoilt(struct run *r)
{
	struct run *other = calloc(1, sizeof(*other));
	struct facts facts = snapshot(&r->f);

	CHECK(other != NULL);
	flow_init(&other->f, &r->f.options);
	spoil(&facts, &r->in);
	if (apply_facts(&other->f, &facts) == facts.length) {
		struct facts again = snapshot(&other->f);

		free(again.bytes);
	}
	CHECK(record_apply(&other->f, FACT_RESTART, FACT_VERSION + 1, &facts, sizeof(struct fact_restart)) ==
		AQ_EFORMAT);
	flow_finish(&other->f);
	free(facts.bytes);
	free(other);
}

/* ---- the journal ---- */

/* What was journalled is what was applied: a flow that recovers tells the same facts as one that notes a restart. A
 * strange record at the end is refused. */
static void check_journal(struct run *r, bool strange)
{
	struct run *again = calloc(1, sizeof(*again));
	struct fact_restart restart = {.time_ns = r->f.now_ns};
	struct facts facts;
	struct aq_err err = {0};
	uint64_t cut = 0;
	int rc;

	CHECK(again != NULL);
	if (strange && journal_append(r->f.journal, FACT_NAME, FACT_VERSION + 1, 0, &restart, 8, NULL, 0, NULL) != 0)
		strange = false;
	journal_close(r->f.journal);
	r->f.journal = NULL;
	again->memory = r->memory;
	flow_init(&again->f, &r->f.options);
	open_journal(again);
	rc = record_recover(&again->f, &cut, &err);
	CHECK(rc == 0 ? cut == 0 && !strange : err.text[0] != '\0' && (rc == AQ_ESPACE || strange));
	if (rc == 0) {
		r->f.now_ns = again->f.now_ns;
		CHECK(record_apply(&r->f, FACT_RESTART, FACT_VERSION, &restart, sizeof(restart)) == 0);
		/* An id whose denial found no room was given out all the same. */
		CHECK(again->f.orders.last_id <= r->f.orders.last_id);
		again->f.orders.last_id = r->f.orders.last_id;
		facts = snapshot(&r->f);
		check_same(&facts, &again->f);
		free(facts.bytes);
	}
	journal_close(again->f.journal);
	again->f.journal = NULL;
	flow_finish(&again->f);
	free(again);
}

static void drain(struct flow *f)
{
	uint32_t to;

	while (queue_peek(&f->out, &to) != NULL)
		queue_drop(&f->out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void (*const ops[])(struct run * r) = {raw_record, order_update, order_update, fill, fill, money,
		position, book, book, venue, instrument, place, place, ask, pass_time, pass_time, operator};
	struct run *r = calloc(1, sizeof(*r));
	uint8_t how;

	CHECK(r != NULL);
	r->in = (struct input){data, size};
	how = take_byte(&r->in);
	if (how % 64 >= 48)
		r->memory = memory_new(how % 64 >= 60 ? 1 << 18 : 1 << 22, 1); /* the first is full soon */
	start(r);
	if (how % 2 == 0)
		limit(r);
	if (how % 8 < 6)
		make_ready(r);
	while (r->in.left > (how >= 128 ? 100 : 0)) { /* the rest is for what is spoilt */
		ops[take_byte(&r->in) % (sizeof(ops) / sizeof(*ops))](r);
		drain(&r->f);
		check_sums(&r->f);
		check_orders(&r->f);
	}
	if (size % 4 == 0)
		check_snapshot(r);
	if (how >= 128)
		check_spoilt(r);
	if (r->memory != NULL)
		check_journal(r, how % 64 == 63);
	flow_finish(&r->f);
	if (r->memory != NULL)
		memory_delete(r->memory);
	free(r);
	return 0;
}
