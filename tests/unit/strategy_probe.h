/* strategy_probe.h: the strategy that the tests of the SDK drive. It quotes what the test wrote into its fields, counts
 * its callbacks, and runs the test's hook inside a callback, where helpers may be called. */
#ifndef STRATEGY_PROBE_H
#define STRATEGY_PROBE_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include <aioquant/strategy.h>
#include <mock.h>

enum { BID = 1, ASK = 2, HOOK = 77 };
#define SECOND INT64_C(1000000000)

struct probe {
	struct aq_market market, other;
	double tolerance;
	aq_qty size;
	aq_px bid, ask; /* what the book callback quotes; 0 = it does not */
	aq_px bid_other;
	uint32_t readies, books, trades, fills, orders, positions, timers, params, troubles, stops;
	uint64_t last_tag;
	uint16_t last_code;
	double fair;
	void (*hook)(struct probe *s, struct aq_ctx *q);
};

static void probe_ready(void *self, struct aq_ctx *q)
{
	((struct probe *)self)->readies++;
}

static void probe_book(void *self, struct aq_ctx *q, struct aq_market m)
{
	struct probe *s = self;
	bool first = m.instrument == s->market.instrument && m.account == s->market.account;
	s->books++;
	s->fair = aq_fair(q, m);
	if (first && s->bid != 0)
		aq_quote(q, m, BID, AQ_BUY, isnan(s->fair) ? AQ_NONE : s->bid, s->size, s->tolerance);
	if (first && s->ask != 0)
		aq_quote(q, m, ASK, AQ_SELL, isnan(s->fair) ? AQ_NONE : s->ask, s->size, s->tolerance);
	if (!first && s->bid_other != 0)
		aq_quote(q, m, BID, AQ_BUY, isnan(s->fair) ? AQ_NONE : s->bid_other, s->size, s->tolerance);
}

static void probe_trade(void *self, struct aq_ctx *q, struct aq_market m, const struct aq_trade *t)
{
	((struct probe *)self)->trades++;
}

static void probe_fill(void *self, struct aq_ctx *q, const struct aq_fill *f)
{
	struct probe *s = self;
	s->fills++;
	s->last_tag = f->tag;
}

static void probe_order(void *self, struct aq_ctx *q, const struct aq_order_change *o)
{
	struct probe *s = self;
	s->orders++;
	s->last_tag = o->order.tag;
	s->last_code = o->code;
}

static void probe_position(void *self, struct aq_ctx *q, const struct aq_position *p)
{
	((struct probe *)self)->positions++;
}

static void probe_timer(void *self, struct aq_ctx *q, uint64_t tag)
{
	struct probe *s = self;
	if (tag == HOOK && s->hook != NULL)
		s->hook(s, q);
	else
		s->timers++;
	s->last_tag = tag;
}

static void probe_param(void *self, struct aq_ctx *q)
{
	((struct probe *)self)->params++;
}

static void probe_trouble(void *self, struct aq_ctx *q, const struct aq_trouble *t, struct aq_market m)
{
	((struct probe *)self)->troubles++;
}

static void probe_stop(void *self, struct aq_ctx *q)
{
	((struct probe *)self)->stops++;
}

static const struct aq_option probe_options[] = {
	AQ_MARKET(probe, market, AQ_BOOK | AQ_TRADES, "what is quoted"),
	AQ_MARKET_IF_GIVEN(probe, other, AQ_BOOK, "quoted under the same tags"),
	AQ_RATIO(probe, tolerance, AQ_LIVE, "0", "0", "1", "tolerance"),
	AQ_QTY(probe, size, AQ_LIVE, NULL, "size"),
	AQ_END
};

AQ_STRATEGY(probe, .summary = "driven by a test", .options = probe_options, .ready = probe_ready, .book = probe_book,
	.trade = probe_trade, .fill = probe_fill, .order = probe_order, .position = probe_position,
	.timer = probe_timer, .param = probe_param, .trouble = probe_trouble, .stop = probe_stop);

/* A started probe in a market with tick 0.01 and lot 0.00001 whose best prices are 100.00 and 100.02. */
struct rig {
	struct aq_mock *k;
	struct probe *s;
	struct aq_market m, other;
};

static inline struct rig rig_new(void)
{
	struct rig r = {.k = aq_mock_new((const struct aq_plugin *)&aq_plugin_1)};
	r.m = aq_mock_market(r.k, "BTC/USDT", 2, 5);
	r.other = aq_mock_market(r.k, "ETH/USDT", 2, 5);
	assert_int_equal(aq_mock_create(r.k), AQ_OK);
	aq_mock_option(r.k, "market", &r.m, sizeof(r.m));
	aq_mock_option(r.k, "other", &r.other, sizeof(r.other));
	r.s = r.k->self;
	r.s->size = 1000;
	assert_int_equal(aq_mock_start(r.k), AQ_OK);
	return r;
}

static inline void rig_book(struct rig *r, aq_px bid, aq_px ask)
{
	aq_mock_top(r->k, r->m, bid, 300, ask, 100);
	aq_mock_run(r->k);
}

/* Tells of changed filters of the first market. */
static inline void rig_instrument(struct rig *r)
{
	aq_mock_event(r->k, AQ_EV_INSTRUMENT, r->m, 0, &r->k->instruments[0], sizeof(r->k->instruments[0]));
	aq_mock_run(r->k);
}

/* Runs a piece of the test where helpers may be called. */
static inline void rig_inside(struct rig *r, void (*hook)(struct probe *, struct aq_ctx *))
{
	r->s->hook = hook;
	aq_mock_event(r->k, AQ_EV_TIMER, (struct aq_market){0, 0}, HOOK, NULL, 0);
	aq_mock_run(r->k);
}

/* No fault was counted; ends the rig. */
static inline void rig_free(struct rig *r)
{
	assert_int_equal(aq_mock_faults(r->k), 0);
	aq_mock_free(r->k);
}

#endif
