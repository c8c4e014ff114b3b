/* sim_help.h: small captures made by hand, and a venue that plays them. Prices have 2 digits, quantities 3: PX(100) is
 * 100.00, QTY(1) is 1.000. Times are ms after 1 s. */
#ifndef TEST_SIM_HELP_H
#define TEST_SIM_HELP_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sim/venue/venue.h"

#include <aioquant/market.h>
#include <decimal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PX(units) ((aq_px)((units)*100))
#define QTY(units) ((aq_qty)((units)*1000))
#define MS(n) (INT64_C(1000000000) + (int64_t)(n)*1000000)
#define BIDS 1
#define ASKS 2

/* --- a capture --- */
struct tape {
	uint8_t bytes[65536];
	uint32_t length;
	uint32_t markets;
	uint64_t update; /* id of the latest book frame */
	uint64_t trades;
};

static inline struct sim_frame *tape_frame(
	struct tape *t, uint16_t type, uint16_t market, int64_t time_ns, uint32_t body)
{
	struct sim_frame *f = (struct sim_frame *)(void *)(t->bytes + t->length);
	memset(f, 0, sizeof *f + body);
	f->size = (uint32_t)sizeof *f + body;
	f->type = type;
	f->market = market;
	f->time_ns = time_ns;
	f->venue_ns = type < SIM_BOOK ? 0 : time_ns - 1000;
	t->length += f->size;
	assert_true(t->length < sizeof t->bytes);
	return f;
}

static inline void tape_begin(struct tape *t, uint32_t markets)
{
	memset(t, 0, sizeof *t);
	struct sim_capture *c =
		(struct sim_capture *)(void *)(tape_frame(t, SIM_CAPTURE, 0, 0, sizeof(struct sim_capture)) + 1);
	memcpy(c->magic, SIM_CAPTURE_MAGIC, sizeof c->magic);
	c->version = SIM_VERSION;
	c->instruments = markets;
}

/* Symbols: BTC/USDT spot, or BTC/USDT:USDT, BTC/USD:BTC. Lot 0.001, tick 0.01, at least 0.001 and 5 of the quote. */
static inline struct aq_instrument *tape_instrument(struct tape *t, uint8_t kind, const char *symbol)
{
	struct sim_frame *f = tape_frame(t, SIM_INSTRUMENT, 0, 0, sizeof(struct aq_instrument));
	struct aq_instrument *i = (struct aq_instrument *)(void *)(f + 1);
	i->size = sizeof *i;
	i->id = ++t->markets;
	i->revision = 1;
	i->kind = kind;
	i->px_digits = 2;
	i->qty_digits = 3;
	i->qty_unit = kind == AQ_INVERSE ? AQ_UNIT_QUOTE : AQ_UNIT_BASE;
	i->state = AQ_TRADING;
	i->tick = 1;
	i->lot = 1;
	i->min_qty = 1;
	i->min_notional = aq_amt_of(5);
	i->contract_size = aq_amt_of(1);
	snprintf(i->base, sizeof i->base, "%.3s", symbol);
	snprintf(i->quote, sizeof i->quote, "%s", kind == AQ_INVERSE ? "USD" : "USDT");
	snprintf(i->settle, sizeof i->settle, "%s", kind == AQ_INVERSE ? i->base : "USDT");
	snprintf(i->symbol, sizeof i->symbol, "%s", symbol);
	snprintf(i->venue_symbol, sizeof i->venue_symbol, "%.3s%s", symbol, i->quote);
	return i;
}

/* Levels as price, quantity pairs in units, bids then asks. */
static inline void tape_book(struct tape *t, uint16_t market, int64_t time_ns, bool snapshot, uint32_t bids,
	uint32_t asks, const double *pairs)
{
	uint32_t levels = bids + asks;
	struct sim_frame *f = tape_frame(t, SIM_BOOK, market, time_ns,
		(uint32_t)(sizeof(struct aq_book_update) + levels * sizeof(struct aq_level)));
	struct aq_book_update *u = (struct aq_book_update *)(void *)(f + 1);
	struct aq_level *level = (struct aq_level *)(void *)(u + 1);
	u->follows = t->update;
	u->reaches = ++t->update;
	u->snapshot = snapshot;
	u->bids = bids;
	u->asks = asks;
	for (uint32_t i = 0; i < levels; i++) {
		level[i].price = (aq_px)(pairs[2 * i] * 100 + 0.5);
		level[i].qty = (aq_qty)(pairs[2 * i + 1] * 1000 + 0.5);
	}
}
#define SNAPSHOT(t, market, ms, bids, asks, ...)                                                                       \
	tape_book(t, market, MS(ms), true, bids, asks, (const double[]){__VA_ARGS__})
#define DELTA(t, market, ms, bids, asks, ...)                                                                          \
	tape_book(t, market, MS(ms), false, bids, asks, (const double[]){__VA_ARGS__})

static inline void tape_trade(struct tape *t, uint16_t market, int64_t time_ns, double price, double qty, uint8_t taker)
{
	struct sim_frame *f = tape_frame(t, SIM_TRADE, market, time_ns, sizeof(struct aq_trade));
	struct aq_trade *trade = (struct aq_trade *)(void *)(f + 1);
	trade->id = ++t->trades;
	trade->price = (aq_px)(price * 100 + 0.5);
	trade->qty = (aq_qty)(qty * 1000 + 0.5);
	trade->taker = taker;
}

static inline void tape_ticker(struct tape *t, uint16_t market, int64_t time_ns, double bid, double ask)
{
	struct sim_frame *f = tape_frame(t, SIM_TICKER, market, time_ns, sizeof(struct aq_ticker));
	*(struct aq_ticker *)(void *)(f + 1) = (struct aq_ticker){.update = t->update,
		.bid = (aq_px)(bid * 100 + 0.5),
		.ask = (aq_px)(ask * 100 + 0.5),
		.bid_qty = QTY(1),
		.ask_qty = QTY(1)};
}

static inline void tape_funding(struct tape *t, uint16_t market, int64_t time_ns, double mark)
{
	struct sim_frame *f = tape_frame(t, SIM_FUNDING, market, time_ns, sizeof(struct aq_funding));
	((struct aq_funding *)(void *)(f + 1))->mark = (aq_px)(mark * 100 + 0.5);
}

/* Writes a file that goes away with tape_forget. */
static inline void tape_write(const void *bytes, size_t length, char path[64])
{
	snprintf(path, 64, "/tmp/aq_sim_XXXXXX");
	int fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, length), length);
	close(fd);
}

/* --- a venue and what it says --- */
#define SAID_MAX 4096
struct said {
	struct sim_frame *frames[SAID_MAX];
	uint32_t count;
	uint32_t read; /* what expect_* has gone past */
};

struct stage {
	struct sim_venue *venue;
	struct sim_venue_options options;
	struct sim_venue_account accounts[3];
	struct sim_venue_balance balances[3][4];
	struct sim_venue_cash cash[8];
	char paths[4][64];
	const char *captures[4];
	struct said said;
	int64_t now_ns;
};

static inline struct aq_amt amt(const char *text)
{
	struct aq_amt out = aq_amt_zero();
	assert_int_equal(aq_amt_parse(text, strlen(text), &out), AQ_OK);
	return out;
}

static inline void assert_amt(struct aq_amt value, const char *text)
{
	char out[48];
	aq_amt_print(value, 0, out);
	assert_string_equal(out, text);
}

/* Accounts a, b, c with 100000 USDT and 10 BTC each; maker 2 bps, taker 4 bps; leverage 10. */
static inline void stage_begin(struct stage *s)
{
	memset(s, 0, sizeof *s);
	for (int i = 0; i < 3; i++) {
		struct sim_venue_account *a = &s->accounts[i];
		snprintf(a->name, sizeof a->name, "%c", 'a' + i);
		a->fee_maker = amt("0.0002");
		a->fee_taker = amt("0.0004");
		a->leverage = 10;
		snprintf(s->balances[i][0].asset, 16, "USDT");
		s->balances[i][0].amount = amt("100000");
		snprintf(s->balances[i][1].asset, 16, "BTC");
		s->balances[i][1].amount = amt("10");
		a->balances = s->balances[i];
		a->balance_count = 2;
	}
	s->options.accounts = s->accounts;
	s->options.account_count = 3;
	s->options.cash = s->cash;
}

static inline void stage_tape(struct stage *s, const struct tape *t)
{
	uint32_t n = s->options.capture_count++;
	tape_write(t->bytes, t->length, s->paths[n]);
	s->captures[n] = s->paths[n];
	s->options.captures = s->captures;
}

static inline void stage_hear(void *context, const struct sim_frame *frame)
{
	struct said *said = context;
	assert_true(said->count < SAID_MAX);
	struct sim_frame *copy = malloc(frame->size);
	assert_non_null(copy);
	memcpy(copy, frame, frame->size);
	said->frames[said->count++] = copy;
}

static inline void stage_hello(struct stage *s)
{
	struct {
		struct sim_frame frame;
		struct sim_hello hello;
		char names[3][48];
	} h = {.frame = {.size = sizeof h, .type = SIM_HELLO, .time_ns = s->now_ns},
		.hello = {.version = SIM_VERSION, .accounts = 3},
		.names = {"a", "b", "c"}};
	assert_int_equal(sim_venue_receive(s->venue, &h.frame), AQ_OK);
}

static inline void stage_open(struct stage *s)
{
	struct aq_err err = {0};
	if (sim_venue_create(&s->venue, &s->options, &err) != AQ_OK)
		fail_msg("%s", err.text);
	s->now_ns = sim_venue_now(s->venue);
	stage_hello(s);
}

static inline void stage_forget(struct stage *s)
{
	for (uint32_t i = 0; i < s->said.count; i++)
		free(s->said.frames[i]);
	s->said.count = s->said.read = 0;
}

static inline void stage_close(struct stage *s)
{
	sim_venue_destroy(s->venue);
	stage_forget(s);
	for (uint32_t i = 0; i < s->options.capture_count; i++)
		unlink(s->paths[i]);
}

/* Lets time go to `ms`, moment by moment as a host does. */
static inline void stage_run(struct stage *s, int64_t ms)
{
	int64_t to = MS(ms);
	for (int64_t next = sim_venue_next(s->venue); next <= to; next = sim_venue_next(s->venue))
		sim_venue_step(s->venue, next, stage_hear, &s->said);
	sim_venue_step(s->venue, to, stage_hear, &s->said);
	s->now_ns = to;
}

static inline void stage_subscribe(struct stage *s, uint16_t market, uint32_t mask)
{
	struct {
		struct sim_frame frame;
		struct sim_subscribe body;
	} f = {.frame = {.size = sizeof f, .type = SIM_SUBSCRIBE, .market = market, .time_ns = s->now_ns},
		.body = {.mask = mask}};
	assert_int_equal(sim_venue_receive(s->venue, &f.frame), AQ_OK);
}

/* A request as account 1..3; fields of struct sim_request may be given by name. */
static inline void stage_ask(struct stage *s, uint16_t type, uint16_t market, struct sim_request body)
{
	struct {
		struct sim_frame frame;
		struct sim_request body;
	} f = {.frame = {.size = sizeof f, .type = type, .market = market, .time_ns = s->now_ns}, .body = body};
	assert_int_equal(sim_venue_receive(s->venue, &f.frame), AQ_OK);
}
#define PLACE(s, n, id, sd, px, q, ...)                                                                                \
	stage_ask(s, SIM_PLACE, 1,                                                                                     \
		(struct sim_request){.account = n,                                                                     \
			.order = id,                                                                                   \
			.side = sd,                                                                                    \
			.type = AQ_LIMIT,                                                                              \
			.price = (aq_px)((px)*100 + 0.5),                                                              \
			.qty = (aq_qty)((q)*1000 + 0.5),                                                               \
			__VA_ARGS__})
#define MARKET(s, n, id, sd, q, ...)                                                                                   \
	stage_ask(s, SIM_PLACE, 1,                                                                                     \
		(struct sim_request){.account = n,                                                                     \
			.order = id,                                                                                   \
			.side = sd,                                                                                    \
			.type = AQ_MARKET_ORDER,                                                                       \
			.price = AQ_NONE,                                                                              \
			.qty = (aq_qty)((q)*1000 + 0.5),                                                               \
			__VA_ARGS__})
#define CANCEL(s, n, id) stage_ask(s, SIM_CANCEL, 1, (struct sim_request){.account = n, .order = id})
#define AMEND(s, n, id, px, q)                                                                                         \
	stage_ask(s, SIM_AMEND, 1, (struct sim_request){.account = n, .order = id, .price = px, .qty = q})
#define QUERY(s, n, id) stage_ask(s, SIM_QUERY, 1, (struct sim_request){.account = n, .order = id})

static inline void stage_list(struct stage *s, uint32_t account, int64_t since_ns)
{
	struct {
		struct sim_frame frame;
		struct sim_list body;
	} f = {.frame = {.size = sizeof f, .type = SIM_LIST, .time_ns = s->now_ns},
		.body = {.account = account, .since_ns = since_ns}};
	assert_int_equal(sim_venue_receive(s->venue, &f.frame), AQ_OK);
}

/* The next frame of this type that has not been looked at; those before it count as looked at. */
static inline const struct sim_frame *said(struct stage *s, uint16_t type)
{
	while (s->said.read < s->said.count)
		if (s->said.frames[s->said.read++]->type == type)
			return s->said.frames[s->said.read - 1];
	fail_msg("no frame of type %u", type);
	return NULL;
}

static inline uint32_t how_many(const struct stage *s, uint16_t type)
{
	uint32_t n = 0;
	for (uint32_t i = 0; i < s->said.count; i++)
		n += s->said.frames[i]->type == type;
	return n;
}

static inline const struct aq_order_update *said_order(struct stage *s, uint64_t id, uint8_t update, uint16_t code)
{
	const struct aq_order_update *u = &SIM_BODY(sim_order, said(s, SIM_ORDER))->update;
	assert_int_equal(u->order, id);
	if (u->update != update)
		fail_msg("order %d: update %d code %d: %s", (int)id, u->update, u->code, u->text);
	assert_int_equal(u->code, code);
	return u;
}

static inline const struct aq_fill *said_fill(struct stage *s, uint64_t id, double price, double qty, uint8_t liquidity)
{
	const struct aq_fill *f = &SIM_BODY(sim_fill, said(s, SIM_FILL))->fill;
	assert_int_equal(f->order, id);
	assert_int_equal(f->price, (aq_px)(price * 100 + 0.5));
	assert_int_equal(f->qty, (aq_qty)(qty * 1000 + 0.5));
	assert_int_equal(f->liquidity, liquidity);
	return f;
}

/* Balance of account 1..3 as the host last heard of it. */
static inline void assert_balance(
	const struct stage *s, uint32_t account, const char *asset, const char *total, const char *locked)
{
	for (uint32_t i = s->said.count; i > 0; i--) {
		const struct sim_frame *f = s->said.frames[i - 1];
		const struct sim_balance *b = SIM_BODY(sim_balance, f);
		if (f->type != SIM_BALANCE || b->account != account || strcmp(b->asset, asset) != 0)
			continue;
		assert_amt(b->total, total);
		assert_amt(b->locked, locked);
		return;
	}
	fail_msg("no balance of %s was told", asset);
}

static inline const struct sim_position *said_position(const struct stage *s, uint32_t account, uint8_t side)
{
	for (uint32_t i = s->said.count; i > 0; i--) {
		const struct sim_frame *f = s->said.frames[i - 1];
		const struct sim_position *p = SIM_BODY(sim_position, f);
		if (f->type == SIM_POSITION && p->account == account && p->position_side == side)
			return p;
	}
	fail_msg("no position was told");
	return NULL;
}

/* The record as one text, to be freed. */
struct sheet {
	char *text;
	size_t length;
};
static inline void sheet_line(void *context, const char *text)
{
	struct sheet *s = context;
	size_t more = strlen(text) + 1;
	s->text = realloc(s->text, s->length + more + 1);
	assert_non_null(s->text);
	memcpy(s->text + s->length, text, more - 1);
	s->text[s->length + more - 1] = '\n';
	s->length += more;
	s->text[s->length] = 0;
}

#endif
