/* test_risk.c: every check of the gate lets pass and denies where it should, with the right code, limit, value and
 * what is left; an order that breaks two is denied by the one that stands first. */
#include "flow_rig.h"
#include "memory_files.h"

#include "flow/standing.h"

#define DAY (86400 * SECOND)

static void expect_amt(struct aq_amt a, const char *text)
{
	char is[48];

	aq_amt_print(a, 0, is);
	assert_string_equal(is, text);
}

/* ---- the ground on which one thing at a time is wrong ---- */

struct ground {
	struct rig r;
	uint32_t other; /* a second strategy of the account */
	struct memory *disk;
	struct journal *journal;
};

static struct market *market(struct ground *g)
{
	return market_find(&g->r.f, g->r.spot);
}

static struct flow_meter *own_meter(struct ground *g)
{
	return &g->r.f.instances[g->r.strategy].meter;
}

static uint64_t place_as(struct ground *g, uint32_t instance, uint8_t side, aq_px price, aq_qty qty, uint64_t tag)
{
	struct aq_place wish = rig_wish(&g->r, g->r.spot, side, price, qty, tag);
	int64_t id = orders_place(&g->r.f, instance, &wish);

	assert_int_equal(rig_order(&g->r, (uint64_t)id)->state, AQ_SENT);
	return (uint64_t)id;
}

/* Two orders rest, one of the strategy under tag 1 at 97.00 and one of another's, a sale at 105.00. */
static struct ground *ground_new(void)
{
	struct flow_limits limits = {.order_rate = 3};
	struct flow_options options = rig_options();
	struct ground *g = calloc(1, sizeof(*g));

	assert_non_null(g);
	options.duplicate_ns = 10 * SECOND;
	rig_new_with(&g->r, &options);
	g->other = flow_instance_id(&g->r.f, "other", AQ_STRATEGY);
	flow_limits_set(own_meter(g), &limits);
	market(g)->instrument.tick = 10;
	market(g)->instrument.lot = 10;
	place_as(g, g->r.strategy, AQ_BUY, 9700, 1000, 1);
	place_as(g, g->other, AQ_SELL, 10500, 1000, 1);
	g->r.f.now_ns += SECOND;
	rig_clear(&g->r);
	return g;
}

static void ground_free(struct ground *g)
{
	if (g->journal != NULL) {
		journal_close(g->journal);
		memory_delete(g->disk);
	}
	rig_free(&g->r);
	free(g);
}

/* A wish that nothing speaks against. */
static struct aq_place good_wish(const struct ground *g)
{
	return rig_wish(&g->r, g->r.spot, AQ_BUY, 9600, 2000, 2);
}

static uint16_t ask(struct ground *g, const struct aq_place *wish)
{
	int64_t id;

	rig_clear(&g->r);
	id = orders_place(&g->r.f, g->r.strategy, wish);
	assert_true(id > 0);
	if (rig_seen(&g->r, g->r.exchange, AQ_EV_PLACE) == 1) {
		assert_int_equal(rig_order(&g->r, (uint64_t)id)->state, AQ_SENT);
		return AQ_CODE_NONE;
	}
	assert_null(orders_find(&g->r.f, (uint64_t)id));
	assert_int_equal(rig_seen(&g->r, g->r.strategy, AQ_EV_ORDER), 1);
	assert_int_equal(rig_change(&g->r)->order.state, AQ_DENIED);
	assert_int_equal(rig_change(&g->r)->order.tag, wish->tag);
	assert_int_equal(rig_change(&g->r)->order.id, id);
	assert_int_equal(rig_change(&g->r)->order.code, rig_change(&g->r)->code);
	return rig_change(&g->r)->code;
}

/* What the denial told. */
static void expect_told(struct ground *g, const char *limit, const char *value, const char *headroom)
{
	expect_amt(rig_change(&g->r)->limit, limit);
	expect_amt(rig_change(&g->r)->value, value);
	expect_amt(rig_change(&g->r)->headroom, headroom);
}

/* ---- one thing wrong ---- */

static void wrong_instrument(struct ground *g, struct aq_place *w)
{
	market(g)->instrument.state = AQ_CANCEL_ONLY;
}

static void wrong_stopping(struct ground *g, struct aq_place *w)
{
	g->r.f.instances[g->r.strategy].stopping = 1;
}

static void wrong_standing(struct ground *g, struct aq_place *w)
{
	g->r.f.meter.standing.fact.state = STANDING_PAUSE;
	g->r.f.standings = 1;
}

static void wrong_venue(struct ground *g, struct aq_place *w)
{
	g->r.f.instances[g->r.exchange].up = 0;
}

static void wrong_account(struct ground *g, struct aq_place *w)
{
	g->r.f.accounts[g->r.account].ready = 0;
}

static void wrong_journal(struct ground *g, struct aq_place *w)
{
	struct journal_options options = {
		.folder = "j", .grade = JOURNAL_PAGE, .segment_size = 1 << 16, .min_free = 1 << 30};
	struct journal_files files;
	struct aq_err err = {0};

	g->disk = memory_new(1 << 20, 1);
	files = memory_files(g->disk);
	assert_int_equal(journal_open(&g->journal, &options, &files, &err), AQ_OK);
	assert_int_equal(journal_state(g->journal), JOURNAL_LOW);
	g->r.f.journal = g->journal;
}

static void wrong_room(struct ground *g, struct aq_place *w)
{
	g->r.f.orders.free = FLOW_NIL; /* and none has ended */
}

static void wrong_tag(struct ground *g, struct aq_place *w)
{
	w->tag = 1;
}

static void wrong_time(struct ground *g, struct aq_place *w)
{
	w->deadline_ns = g->r.f.now_ns - 1;
}

static void wrong_terms(struct ground *g, struct aq_place *w)
{
	w->post_only = 1;
	w->tif = AQ_IOC;
}

static void wrong_kind(struct ground *g, struct aq_place *w)
{
	w->display_qty = 10;
}

static void wrong_tick(struct ground *g, struct aq_place *w)
{
	market(g)->instrument.tick = 7000;
}

static void wrong_lot(struct ground *g, struct aq_place *w)
{
	market(g)->instrument.lot = 7000;
}

static void wrong_qty(struct ground *g, struct aq_place *w)
{
	market(g)->instrument.max_qty = 500;
}

static void wrong_book(struct ground *g, struct aq_place *w)
{
	market(g)->top.valid = 0;
}

static void wrong_currency(struct ground *g, struct aq_place *w)
{
	memcpy(market(g)->instrument.settle, "XYZ", 4);
}

static void wrong_min_notional(struct ground *g, struct aq_place *w)
{
	market(g)->instrument.min_notional = aq_amt_of(1000);
}

static void wrong_max_notional(struct ground *g, struct aq_place *w)
{
	g->r.f.meter.limits.order = aq_amt_of(10);
}

static void wrong_open(struct ground *g, struct aq_place *w)
{
	g->r.f.meter.limits.open_orders = 2;
}

static void wrong_rate(struct ground *g, struct aq_place *w)
{
	for (int i = 0; i < 3; i++)
		own_meter(g)->sent_ns[i] = g->r.f.now_ns;
}

static void wrong_collar(struct ground *g, struct aq_place *w)
{
	aq_amt_parse("-0.01", 5, &g->r.f.accounts[g->r.account].meter.limits.collar);
	g->r.f.accounts[g->r.account].meter.limits.collar =
		aq_amt_neg(g->r.f.accounts[g->r.account].meter.limits.collar);
	w->price = 10400;
}

static void wrong_position(struct ground *g, struct aq_place *w)
{
	struct flow_position_limit limit = {.instrument = g->r.spot, .qty = 100};
	struct flow_limits limits = g->r.f.meter.limits;

	limits.positions = &limit;
	limits.position_count = 1;
	flow_limits_set(&g->r.f.meter, &limits);
}

static void wrong_gross(struct ground *g, struct aq_place *w)
{
	g->r.f.meter.limits.gross = aq_amt_of(20);
}

static void wrong_reduction(struct ground *g, struct aq_place *w)
{
	w->reduce_only = 1;
}

static void wrong_balance(struct ground *g, struct aq_place *w)
{
	rig_balance(&g->r, "USDT", 3);
}

static void wrong_duplicate(struct ground *g, struct aq_place *w)
{
	w->price = 9700;
	w->qty = 1000;
}

static void wrong_side(struct ground *g, struct aq_place *w)
{
	w->price = 10500;
}

static void wrong_loss(struct ground *g, struct aq_place *w)
{
	struct flow_meter *m = &g->r.f.accounts[g->r.account].meter;

	m->limits.loss_day = aq_amt_of(100);
	m->day_ns = g->r.f.now_ns - g->r.f.now_ns % DAY;
	m->day_start = aq_amt_of(500);
}

/* In the order of the gate. */
static const struct wrong {
	void (*make)(struct ground *g, struct aq_place *wish);
	uint16_t code;
	uint8_t price;  /* changes the price, and so cannot be joined with another that does */
	uint8_t exempt; /* not looked at when the order may only reduce */
} wrongs[] = {
	{wrong_instrument, AQ_DENY_INSTRUMENT, 0, 0},
	{wrong_stopping, AQ_DENY_STOPPING, 0, 0},
	{wrong_standing, AQ_DENY_STOPPING, 0, 0},
	{wrong_venue, AQ_DENY_VENUE_DOWN, 0, 0},
	{wrong_account, AQ_DENY_RECONCILING, 0, 0},
	{wrong_journal, AQ_DENY_JOURNAL, 0, 0},
	{wrong_room, AQ_DENY_CAPACITY, 0, 0},
	{wrong_tag, AQ_DENY_TAG_BUSY, 0, 0},
	{wrong_time, AQ_DENY_LATE, 0, 0},
	{wrong_terms, AQ_DENY_ARGUMENT, 0, 0},
	{wrong_kind, AQ_DENY_UNSUPPORTED, 0, 0},
	{wrong_tick, AQ_DENY_TICK, 1, 0},
	{wrong_lot, AQ_DENY_LOT, 0, 0},
	{wrong_qty, AQ_DENY_MAX_QTY, 0, 0},
	{wrong_book, AQ_DENY_STALE_BOOK, 0, 0},
	{wrong_currency, AQ_DENY_NO_PRICE, 0, 0},
	{wrong_min_notional, AQ_DENY_MIN_NOTIONAL, 0, 1},
	{wrong_max_notional, AQ_DENY_MAX_NOTIONAL, 0, 0},
	{wrong_open, AQ_DENY_MAX_OPEN, 0, 0},
	{wrong_rate, AQ_DENY_RATE, 0, 0},
	{wrong_collar, AQ_DENY_COLLAR, 1, 0},
	{wrong_position, AQ_DENY_MAX_POSITION, 0, 1},
	{wrong_gross, AQ_DENY_GROSS, 0, 1},
	{wrong_reduction, AQ_DENY_REDUCE_ONLY, 0, 0},
	{wrong_balance, AQ_DENY_BALANCE, 0, 0},
	{wrong_duplicate, AQ_DENY_DUPLICATE, 1, 0},
	{wrong_side, AQ_DENY_SELF_TRADE, 1, 0},
	{wrong_loss, AQ_DENY_LOSS_DAY, 0, 1},
};
#define WRONGS (sizeof(wrongs) / sizeof(*wrongs))

static void test_nothing_wrong(void **unused)
{
	struct ground *g = ground_new();
	struct aq_place w = good_wish(g);

	assert_int_equal(ask(g, &w), AQ_CODE_NONE);
	assert_int_equal(own_meter(g)->denied, 0);
	ground_free(g);
}

static void test_each(void **unused)
{
	assert_int_equal(WRONGS, risk_checks()); /* a new check needs a row here */
	for (size_t i = 0; i < WRONGS; i++) {
		struct ground *g = ground_new();
		struct aq_place w = good_wish(g);
		uint16_t code;

		wrongs[i].make(g, &w);
		code = ask(g, &w);
		if (code != wrongs[i].code)
			fail_msg("%s and not %s", risk_code_name(code), risk_code_name(wrongs[i].code));
		assert_int_equal(own_meter(g)->denied, 1);
		assert_int_equal(g->r.f.accounts[g->r.account].meter.denied, 1);
		assert_int_equal(g->r.f.meter.denied, 1);
		ground_free(g);
	}
}

static bool can_join(const struct wrong *a, const struct wrong *b)
{
	bool reducing = a->code == AQ_DENY_REDUCE_ONLY || b->code == AQ_DENY_REDUCE_ONLY;

	return !(a->price && b->price) && !(reducing && (a->exempt || b->exempt));
}

static void test_order_of_checks(void **unused)
{
	unsigned pairs = 0;

	for (size_t i = 0; i < WRONGS; i++)
		for (size_t k = i + 1; k < WRONGS; k++) {
			struct ground *g;
			struct aq_place w;
			uint16_t code;

			if (!can_join(&wrongs[i], &wrongs[k]))
				continue;
			g = ground_new();
			w = good_wish(g);
			wrongs[k].make(g, &w);
			wrongs[i].make(g, &w);
			code = ask(g, &w);
			if (code != wrongs[i].code)
				fail_msg("%s before %s", risk_code_name(code), risk_code_name(wrongs[i].code));
			pairs++;
			ground_free(g);
		}
	print_message("%u pairs of denials in order\n", pairs);
	assert_true(pairs > 300);
}

/* ---- how far each goes ---- */

static void expect_edge(struct aq_place w, struct ground *g, uint16_t code)
{
	assert_int_equal(ask(g, &w), code);
}

static void test_terms(void **unused)
{
	struct ground *g = ground_new();
	const struct aq_place good = good_wish(g);
	struct aq_place w = good;

	w.side = 0;
	expect_edge(w, g, AQ_DENY_ARGUMENT);
	w = good, w.qty = 0;
	expect_edge(w, g, AQ_DENY_ARGUMENT);
	w = good, w.qty = -1000;
	expect_edge(w, g, AQ_DENY_ARGUMENT);
	w = good, w.price = 0;
	expect_edge(w, g, AQ_DENY_ARGUMENT);
	w = good, w.price = AQ_NONE;
	expect_edge(w, g, AQ_DENY_ARGUMENT);
	w = good, w.quote_qty = aq_amt_of(5); /* by amount and by quantity */
	expect_edge(w, g, AQ_DENY_ARGUMENT);
	w = good, w.quote_qty = aq_amt_of(-5);
	expect_edge(w, g, AQ_DENY_ARGUMENT);
	w = good, w.qty = 0, w.quote_qty = aq_amt_of(500); /* a limit order by amount */
	expect_edge(w, g, AQ_DENY_ARGUMENT);
	w = good, w.tif = AQ_GTD; /* till when? */
	expect_edge(w, g, AQ_DENY_ARGUMENT);
	w = good, w.expiry_ns = 5;
	expect_edge(w, g, AQ_DENY_ARGUMENT);
	w = good, w.type = AQ_MARKET_ORDER, w.post_only = 1;
	expect_edge(w, g, AQ_DENY_ARGUMENT);
	w = good, w.position_side = AQ_LONG; /* the account nets */
	expect_edge(w, g, AQ_DENY_ARGUMENT);
	w = good, w.margin_mode = 9;
	expect_edge(w, g, AQ_DENY_ARGUMENT);
	w = good, w.type = AQ_STOP_LIMIT, w.trigger = 9500;
	expect_edge(w, g, AQ_DENY_UNSUPPORTED);
	w = good, w.type = 77;
	expect_edge(w, g, AQ_DENY_UNSUPPORTED);
	w = good, w.tif = 77;
	expect_edge(w, g, AQ_DENY_UNSUPPORTED);
	w = good, w.instrument = 77;
	expect_edge(w, g, AQ_DENY_INSTRUMENT);
	w = good, w.account = 77;
	expect_edge(w, g, AQ_DENY_INSTRUMENT);
	w = good, w.account = 0;
	expect_edge(w, g, AQ_DENY_INSTRUMENT);
	w = good, w.tif = AQ_GTD, w.expiry_ns = g->r.f.now_ns + SECOND;
	expect_edge(w, g, AQ_CODE_NONE);
	flow_account_bind(&g->r.f, g->r.account, g->r.exchange, true, AQ_CROSS);
	w = good, w.tag = 3; /* the account keeps long and short apart */
	expect_edge(w, g, AQ_DENY_ARGUMENT);
	w.position_side = 77;
	expect_edge(w, g, AQ_DENY_ARGUMENT);
	w = good, w.size--;
	assert_int_equal(orders_place(&g->r.f, g->r.strategy, &w), AQ_EINVAL);
	w = good, w.reserved[1] = 1;
	assert_int_equal(orders_place(&g->r.f, g->r.strategy, &w), AQ_EINVAL);
	ground_free(g);
}

static void test_deadline(void **unused)
{
	struct ground *g = ground_new();
	struct aq_place w = good_wish(g);

	w.deadline_ns = g->r.f.now_ns;
	expect_edge(w, g, AQ_CODE_NONE);
	w.tag++;
	w.deadline_ns--;
	expect_edge(w, g, AQ_DENY_LATE);
	ground_free(g);
}

static void test_filters(void **unused)
{
	struct ground *g = ground_new();
	struct aq_place w = good_wish(g);

	w.price = 9605;
	expect_edge(w, g, AQ_DENY_TICK);
	expect_told(g, "0.1", "96.05", "-95.95");
	w.price = 9600, w.qty = 1995;
	expect_edge(w, g, AQ_DENY_LOT);
	expect_told(g, "0.01", "1.995", "-1.985");
	market(g)->instrument.min_qty = 2000;
	market(g)->instrument.max_qty = 3000;
	w.qty = 1990;
	expect_edge(w, g, AQ_DENY_MIN_QTY);
	expect_told(g, "2", "1.99", "0.01");
	w.qty = 3010;
	expect_edge(w, g, AQ_DENY_MAX_QTY);
	expect_told(g, "3", "3.01", "-0.01");
	market(g)->instrument.min_notional = aq_amt_of(192);
	w.qty = 2000, w.price = 9590;
	expect_edge(w, g, AQ_DENY_MIN_NOTIONAL);
	expect_told(g, "192", "191.8", "0.2");
	w.price = 9600;
	expect_edge(w, g, AQ_CODE_NONE);
	w.tag++, w.qty = 3000;
	expect_edge(w, g, AQ_CODE_NONE);
	ground_free(g);
}

/* Inverse contracts: the quantity is the notional in quote currency. */
static void test_min_notional_of_inverse(void **unused)
{
	struct ground *g = ground_new();
	struct aq_place w = rig_wish(&g->r, g->r.inverse, AQ_BUY, 9600, 4999, 2);

	market_find(&g->r.f, g->r.inverse)->instrument.min_notional = aq_amt_of(5);
	expect_edge(w, g, AQ_DENY_MIN_NOTIONAL);
	expect_told(g, "5", "4.999", "0.001");
	w.qty = 5000;
	expect_edge(w, g, AQ_CODE_NONE);
	ground_free(g);
}

/* The tightest of instance, account and host. */
static void test_max_notional(void **unused)
{
	struct ground *g = ground_new();
	struct aq_place w = good_wish(g); /* 192 USDT */
	struct flow_meter *meters[3] = {own_meter(g), &g->r.f.accounts[g->r.account].meter, &g->r.f.meter};

	g->r.f.options.duplicate_ns = 0;
	for (int i = 0; i < 3; i++)
		meters[i]->limits.order = aq_amt_of(192);
	expect_edge(w, g, AQ_CODE_NONE);
	w.tag++;
	for (int i = 0; i < 3; i++) {
		meters[i]->limits.order = aq_amt_of(191);
		expect_edge(w, g, AQ_DENY_MAX_NOTIONAL);
		expect_told(g, "191", "192", "-1");
		meters[i]->limits.order = aq_amt_of(0); /* 0: no limit */
	}
	expect_edge(w, g, AQ_CODE_NONE);
	w = rig_wish(&g->r, g->r.inverse, AQ_BUY, 10000, 300000, 9); /* 3 BTC, worth 300 at the middle of 100 */
	g->r.f.meter.limits.order = aq_amt_of(299);
	expect_edge(w, g, AQ_DENY_MAX_NOTIONAL);
	expect_told(g, "299", "300", "-1");
	ground_free(g);
}

static void test_open_orders(void **unused)
{
	struct ground *g = ground_new();
	struct aq_place w = good_wish(g);

	own_meter(g)->limits.open_orders = 2;
	g->r.f.meter.limits.open_orders = 3;
	expect_edge(w, g, AQ_CODE_NONE);
	w.tag++;
	expect_edge(w, g, AQ_DENY_MAX_OPEN);
	expect_told(g, "2", "3", "-1");
	own_meter(g)->limits.open_orders = 0;
	expect_edge(w, g, AQ_DENY_MAX_OPEN);
	expect_told(g, "3", "4", "-1");
	rig_say(&g->r, orders_by_tag(&g->r.f, g->r.strategy, 2)->o.id, AQ_UP_REJECTED, AQ_REQ_PLACE);
	expect_edge(w, g, AQ_CODE_NONE);
	ground_free(g);
}

/* Three a second means: the fourth a second after the first, not a nanosecond earlier. */
static void test_rate(void **unused)
{
	struct ground *g = ground_new();
	struct aq_place w = good_wish(g);
	int64_t start = g->r.f.now_ns += 5 * SECOND;

	for (int i = 0; i < 3; i++) {
		g->r.f.now_ns = start + i * SECOND / 10;
		expect_edge(w, g, AQ_CODE_NONE);
		w.tag++, w.price -= 10;
	}
	g->r.f.now_ns = start + SECOND - 1;
	expect_edge(w, g, AQ_DENY_RATE);
	expect_told(g, "3", "4", "-1");
	g->r.f.now_ns = start + SECOND;
	expect_edge(w, g, AQ_CODE_NONE);
	w.tag++, w.price -= 10;
	expect_edge(w, g, AQ_DENY_RATE); /* the second was at 0.1 */
	g->r.f.now_ns = start + SECOND + SECOND / 10;
	expect_edge(w, g, AQ_CODE_NONE);
	ground_free(g);
}

/* Amends count, denials and cancels do not. */
static void test_rate_counts_what_adds_risk(void **unused)
{
	struct ground *g = ground_new();
	struct aq_place w = good_wish(g);
	uint64_t id = orders_by_tag(&g->r.f, g->r.strategy, 1)->o.id;

	g->r.f.now_ns += 5 * SECOND;
	rig_say(&g->r, id, AQ_UP_OPEN, AQ_REQ_PLACE);
	w.price = 9605;
	for (int i = 0; i < 10; i++)
		expect_edge(w, g, AQ_DENY_TICK);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(rig_amend(&g->r, id, 9500 + 10 * i, AQ_NONE), AQ_OK);
		rig_say(&g->r, id, AQ_UP_AMEND_REJECTED, AQ_REQ_AMEND);
	}
	rig_clear(&g->r);
	assert_int_equal(rig_amend(&g->r, id, 9400, AQ_NONE), AQ_OK);
	assert_int_equal(rig_change(&g->r)->code, AQ_DENY_RATE);
	assert_int_equal(rig_change(&g->r)->request, AQ_REQ_AMEND);
	assert_int_equal(rig_change(&g->r)->order.state, AQ_OPEN); /* the order as it stands */
	rig_clear(&g->r);
	assert_int_equal(orders_cancel(&g->r.f, g->r.strategy, id, 0, 1), AQ_OK);
	assert_int_equal(rig_seen(&g->r, g->r.exchange, AQ_EV_CANCEL), 1);
	ground_free(g);
}

static void test_collar(void **unused)
{
	struct ground *g = ground_new();
	struct aq_place w = good_wish(g);

	aq_amt_parse("0.02", 4, &own_meter(g)->limits.collar); /* 2 around 100 */
	w.price = 10210;
	expect_edge(w, g, AQ_DENY_COLLAR);
	expect_told(g, "2", "2.1", "-0.1");
	w.price = 10200;
	expect_edge(w, g, AQ_CODE_NONE);
	w.tag++, w.side = AQ_SELL, w.price = 9790;
	rig_say(&g->r, orders_by_tag(&g->r.f, g->r.strategy, 2)->o.id, AQ_UP_CANCELLED, 0);
	rig_say(&g->r, orders_by_tag(&g->r.f, g->r.strategy, 1)->o.id, AQ_UP_CANCELLED, 0);
	expect_edge(w, g, AQ_DENY_COLLAR);
	expect_told(g, "2", "2.1", "-0.1");
	w.price = 9800;
	expect_edge(w, g, AQ_CODE_NONE);
	w.tag++, w.price = 20000; /* far away on the passive side is no danger */
	expect_edge(w, g, AQ_CODE_NONE);
	ground_free(g);
}

static void limit_position(struct ground *g, struct flow_meter *m, uint32_t instrument, aq_qty qty)
{
	struct flow_position_limit limit = {.instrument = instrument, .qty = qty};
	struct flow_limits limits = m->limits;

	limits.positions = &limit;
	limits.position_count = 1;
	flow_limits_set(m, &limits);
}

/* The position if all that is open on that side were filled. */
static void test_max_position(void **unused)
{
	struct ground *g = ground_new();
	struct aq_place w = good_wish(g); /* 2, and 1 is open */

	limit_position(g, own_meter(g), g->r.spot, 3000);
	expect_edge(w, g, AQ_CODE_NONE);
	w.tag++, w.price = 9500, w.qty = 10;
	expect_edge(w, g, AQ_DENY_MAX_POSITION);
	expect_told(g, "3", "3.01", "-0.01");
	rig_fill(&g->r, orders_by_tag(&g->r.f, g->r.strategy, 2)->o.id, 9600, 2000); /* from open to held: the same */
	expect_edge(w, g, AQ_DENY_MAX_POSITION);
	expect_told(g, "3", "3.01", "-0.01");
	w.side = AQ_SELL, w.price = 10400, w.qty = 2000;
	expect_edge(w, g, AQ_CODE_NONE); /* the other side is free */
	ground_free(g);
}

/* Short as well, for the instance, the account and the host. */
static void test_max_position_short(void **unused)
{
	for (int i = 0; i < 3; i++) {
		struct ground *g = ground_new();
		struct flow_meter *meters[3] = {own_meter(g), &g->r.f.accounts[g->r.account].meter, &g->r.f.meter};
		struct aq_place w = rig_wish(&g->r, g->r.linear, AQ_SELL, 10400, 5000, 2);

		limit_position(g, meters[i], g->r.linear, 5000);
		expect_edge(w, g, AQ_CODE_NONE);
		w.tag++, w.qty = 1;
		expect_edge(w, g, AQ_DENY_MAX_POSITION);
		expect_told(g, "5", "5.001", "-0.001");
		w.side = AQ_BUY, w.price = 9500, w.qty = 5000;
		expect_edge(w, g, AQ_CODE_NONE);
		ground_free(g);
	}
}

/* An amend under way counts at the larger of both, and one that asks counts only what it adds. */
static void test_amend_counts_at_worst(void **unused)
{
	struct ground *g = ground_new();
	struct aq_place w = good_wish(g);
	uint64_t id = orders_by_tag(&g->r.f, g->r.strategy, 1)->o.id;

	limit_position(g, own_meter(g), g->r.spot, 3000);
	rig_say(&g->r, id, AQ_UP_OPEN, AQ_REQ_PLACE);
	rig_clear(&g->r);
	assert_int_equal(rig_amend(&g->r, id, AQ_NONE, 3010), AQ_OK);
	assert_int_equal(rig_change(&g->r)->code, AQ_DENY_MAX_POSITION);
	expect_told(g, "3", "3.01", "-0.01");
	assert_int_equal(rig_amend(&g->r, id, AQ_NONE, 3000), AQ_OK);
	assert_int_equal(rig_order(&g->r, id)->amend, AQ_REQ_SENT);
	w.qty = 10;
	expect_edge(w, g, AQ_DENY_MAX_POSITION);
	rig_say(&g->r, id, AQ_UP_UNKNOWN, AQ_REQ_AMEND); /* unknown is still under way */
	expect_edge(w, g, AQ_DENY_MAX_POSITION);
	rig_say(&g->r, id, AQ_UP_AMEND_REJECTED, AQ_REQ_AMEND);
	w.qty = 2000;
	expect_edge(w, g, AQ_CODE_NONE);
	g->r.f.now_ns += 5 * SECOND;
	assert_int_equal(orders_cancel(&g->r.f, g->r.strategy, id, 0, 1), AQ_OK);
	w.tag++, w.qty = 10;
	expect_edge(w, g, AQ_DENY_MAX_POSITION); /* a cancel under way counts as open too */
	rig_say(&g->r, id, AQ_UP_CANCELLED, AQ_REQ_CANCEL);
	expect_edge(w, g, AQ_CODE_NONE);
	ground_free(g);
}

/* A market order by amount is quantity like any other. */
static void test_by_amount(void **unused)
{
	struct ground *g = ground_new();
	struct aq_place w = good_wish(g);

	rig_say(&g->r, orders_by_tag(&g->r.f, g->other, 1)->o.id, AQ_UP_CANCELLED, 0);
	limit_position(g, own_meter(g), g->r.spot, 3000);
	w.type = AQ_MARKET_ORDER, w.qty = 0, w.quote_qty = aq_amt_of(201); /* 2.007 at 100.10, and 1 is open */
	expect_edge(w, g, AQ_DENY_MAX_POSITION);
	expect_told(g, "3", "3.007", "-0.007");
	w.quote_qty = aq_amt_of(200);
	expect_edge(w, g, AQ_CODE_NONE);
	w.tag++, w.quote_qty = aq_amt_of(2);
	expect_edge(w, g, AQ_DENY_MAX_POSITION);
	rig_balance(&g->r, "BTC", 2);
	rig_say(&g->r, orders_by_tag(&g->r.f, g->r.strategy, 1)->o.id, AQ_UP_CANCELLED, 0);
	w.side = AQ_SELL, w.quote_qty = aq_amt_of(200); /* 2.002 at 99.90 */
	expect_edge(w, g, AQ_DENY_BALANCE);
	expect_told(g, "2", "2.002", "-0.002");
	ground_free(g);
}

static void test_gross(void **unused)
{
	struct ground *g = ground_new();
	struct aq_place w = rig_wish(&g->r, g->r.linear, AQ_SELL, 10000, 2000, 2); /* 200 */
	uint64_t id;

	g->r.f.meter.limits.gross = aq_amt_of(400); /* two orders of 1 at a middle of 100 are open */
	expect_edge(w, g, AQ_CODE_NONE);
	id = orders_by_tag(&g->r.f, g->r.strategy, 2)->o.id;
	w.tag++, w.qty = 10;
	expect_edge(w, g, AQ_DENY_GROSS);
	expect_told(g, "400", "401", "-1");
	rig_fill(&g->r, id, 10000, 1000); /* short 1 and 1 open: the same */
	expect_edge(w, g, AQ_DENY_GROSS);
	expect_told(g, "400", "401", "-1");
	rig_clear(&g->r);
	assert_int_equal(rig_amend(&g->r, id, AQ_NONE, 1500), AQ_OK); /* less than it is: passes */
	assert_int_equal(rig_seen(&g->r, g->r.exchange, AQ_EV_AMEND), 1);
	ground_free(g);
}

static void test_reduce_only(void **unused)
{
	struct ground *g = ground_new();
	struct aq_place w = rig_wish(&g->r, g->r.linear, AQ_SELL, 10000, 2000, 2);

	w.reduce_only = 1;
	expect_edge(w, g, AQ_DENY_REDUCE_ONLY);
	expect_told(g, "0", "2", "-2");
	w.reduce_only = 0, w.side = AQ_BUY;
	expect_edge(w, g, AQ_CODE_NONE);
	rig_fill(&g->r, orders_by_tag(&g->r.f, g->r.strategy, 2)->o.id, 10000, 2000);
	w.tag++, w.reduce_only = 1, w.side = AQ_SELL, w.qty = 2001;
	expect_edge(w, g, AQ_DENY_REDUCE_ONLY);
	expect_told(g, "2", "2.001", "-0.001");
	w.side = AQ_BUY, w.qty = 1;
	expect_edge(w, g, AQ_DENY_REDUCE_ONLY);
	w.side = AQ_SELL, w.qty = 2000;
	g->r.f.meter.limits.gross = aq_amt_of(1); /* what reduces passes these */
	limit_position(g, &g->r.f.meter, g->r.linear, 1);
	market_find(&g->r.f, g->r.linear)->instrument.min_notional = aq_amt_of(1000);
	expect_edge(w, g, AQ_CODE_NONE);
	ground_free(g);
}

static void test_balance(void **unused)
{
	struct ground *g = ground_new();
	struct aq_place w = good_wish(g); /* 192; the order that rests holds 97 */

	rig_balance(&g->r, "USDT", 289);
	expect_edge(w, g, AQ_CODE_NONE);
	w.tag++, w.price = 9500, w.qty = 10;
	expect_edge(w, g, AQ_DENY_BALANCE);
	expect_told(g, "0", "0.95", "-0.95");
	w.side = AQ_SELL, w.price = 10400, w.qty = 3000;
	rig_balance(&g->r, "BTC", 4); /* the other's sale holds 1 */
	expect_edge(w, g, AQ_CODE_NONE);
	w.tag++, w.qty = 10;
	expect_edge(w, g, AQ_DENY_BALANCE);
	expect_told(g, "0", "0.01", "-0.01");
	w.instrument = g->r.linear; /* margin is the venue's to judge */
	expect_edge(w, g, AQ_CODE_NONE);
	ground_free(g);
}

/* An amend needs what it adds, beside what the order holds already. */
static void test_balance_of_an_amend(void **unused)
{
	struct ground *g = ground_new();
	uint64_t id = orders_by_tag(&g->r.f, g->r.strategy, 1)->o.id;

	rig_say(&g->r, id, AQ_UP_OPEN, AQ_REQ_PLACE);
	rig_balance(&g->r, "USDT", 194);
	rig_clear(&g->r);
	assert_int_equal(rig_amend(&g->r, id, AQ_NONE, 2010), AQ_OK);
	assert_int_equal(rig_change(&g->r)->code, AQ_DENY_BALANCE);
	expect_told(g, "194", "194.97", "-0.97");
	assert_int_equal(rig_amend(&g->r, id, AQ_NONE, 2000), AQ_OK);
	assert_int_equal(rig_order(&g->r, id)->amend, AQ_REQ_SENT);
	ground_free(g);
}

static void test_duplicate(void **unused)
{
	struct ground *g = ground_new();
	struct aq_place w = good_wish(g);

	w.price = 9700, w.qty = 1000;
	g->r.f.now_ns += 9 * SECOND - 1;
	expect_edge(w, g, AQ_DENY_DUPLICATE);
	g->r.f.now_ns++;
	expect_edge(w, g, AQ_CODE_NONE); /* ten seconds after the first */
	w.tag++;
	expect_edge(w, g, AQ_DENY_DUPLICATE);
	w.qty = 1010;
	expect_edge(w, g, AQ_CODE_NONE);
	ground_free(g);
}

static void test_self_trade(void **unused)
{
	struct ground *g = ground_new();
	struct aq_place w = good_wish(g);

	w.price = 10500;
	expect_edge(w, g, AQ_DENY_SELF_TRADE);
	w.self_trade = AQ_ST_CANCEL_TAKER; /* the venue will see to it */
	expect_edge(w, g, AQ_CODE_NONE);
	w.tag++, w.self_trade = 0, w.price = 10490;
	expect_edge(w, g, AQ_CODE_NONE);
	w.tag++, w.type = AQ_MARKET_ORDER;
	expect_edge(w, g, AQ_DENY_SELF_TRADE);
	g->r.f.now_ns += 2 * SECOND;
	w.type = AQ_LIMIT, w.side = AQ_SELL, w.price = 10500;
	expect_edge(w, g, AQ_DENY_SELF_TRADE);
	w.price = 10510;
	expect_edge(w, g, AQ_CODE_NONE);
	ground_free(g);
}

static void test_stale_book(void **unused)
{
	struct ground *g = ground_new();
	struct aq_place w = good_wish(g);
	struct aq_book_update empty = {.snapshot = 1, .reaches = 9};

	rig_emit(&g->r, AQ_EV_BOOK_UPDATE, g->r.spot, 0, &empty, sizeof(empty));
	expect_edge(w, g, AQ_DENY_STALE_BOOK); /* in sync, but nobody is there */
	rig_book(&g->r, g->r.spot, 9990, 10010);
	expect_edge(w, g, AQ_CODE_NONE);
	ground_free(g);
}

/* ---- the day's loss ---- */

static void lose(struct ground *g, int64_t usdt)
{
	struct aq_fill f = rig_fill_of(&g->r, 0, AQ_BUY, 10000, 1, 0);

	f.order = orders_by_tag(&g->r.f, g->r.strategy, 1)->o.id;
	f.fee = aq_amt_of(usdt);
	memcpy(f.fee_asset, "USDT", 4);
	rig_emit_fill(&g->r, g->r.spot, &f);
}

static void test_loss_day(void **unused)
{
	struct ground *g = ground_new();
	struct aq_place w = good_wish(g);
	int64_t midnight = RIG_START + DAY;

	own_meter(g)->limits.loss_day = aq_amt_of(100);
	g->r.f.next_day_ns = 0; /* as if the limit had been there before the first turn */
	flow_tick(&g->r.f);
	lose(g, 99);
	expect_edge(w, g, AQ_CODE_NONE);
	lose(g, 1);
	w.tag++, w.price -= 10;
	expect_edge(w, g, AQ_DENY_LOSS_DAY);
	expect_told(g, "100", "100", "0");
	g->r.f.now_ns = midnight - 1;
	flow_tick(&g->r.f);
	rig_book(&g->r, g->r.spot, 9990, 10010);
	expect_edge(w, g, AQ_DENY_LOSS_DAY);
	g->r.f.now_ns = midnight;
	flow_tick(&g->r.f);
	expect_edge(w, g, AQ_CODE_NONE); /* a new day */
	ground_free(g);
}

/* What is lost between midnight and the day's first order counts, and the host is awake at midnight for it. */
static void test_loss_before_the_first_order(void **unused)
{
	struct ground *g = ground_new();
	struct aq_place w = good_wish(g);
	int64_t midnight = RIG_START + DAY;

	g->r.f.meter.limits.loss_day = aq_amt_of(100);
	rig_say(&g->r, orders_by_tag(&g->r.f, g->r.strategy, 1)->o.id, AQ_UP_OPEN, AQ_REQ_PLACE);
	rig_say(&g->r, orders_by_tag(&g->r.f, g->other, 1)->o.id, AQ_UP_OPEN, AQ_REQ_PLACE);
	flow_tick(&g->r.f);
	for (int i = 0; i < 10 && g->r.f.now_ns < midnight;
		i++) { /* as a host does: it sleeps until something is due */
		g->r.f.now_ns = flow_due_ns(&g->r.f) < midnight ? flow_due_ns(&g->r.f) : midnight;
		flow_tick(&g->r.f);
		rig_clear(&g->r);
	}
	assert_int_equal(g->r.f.now_ns, midnight);
	assert_int_equal(g->r.f.meter.day_ns, midnight);
	g->r.f.now_ns += 8 * 3600 * SECOND;
	lose(g, 100);
	rig_book(&g->r, g->r.spot, 9990, 10010);
	g->r.f.accounts[g->r.account].ready = 1;
	expect_edge(w, g, AQ_DENY_LOSS_DAY);
	ground_free(g);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_nothing_wrong), cmocka_unit_test(test_each),
		cmocka_unit_test(test_order_of_checks), cmocka_unit_test(test_terms), cmocka_unit_test(test_deadline),
		cmocka_unit_test(test_filters), cmocka_unit_test(test_min_notional_of_inverse),
		cmocka_unit_test(test_max_notional), cmocka_unit_test(test_open_orders), cmocka_unit_test(test_rate),
		cmocka_unit_test(test_rate_counts_what_adds_risk), cmocka_unit_test(test_collar),
		cmocka_unit_test(test_max_position), cmocka_unit_test(test_max_position_short),
		cmocka_unit_test(test_amend_counts_at_worst), cmocka_unit_test(test_by_amount),
		cmocka_unit_test(test_gross), cmocka_unit_test(test_reduce_only), cmocka_unit_test(test_balance),
		cmocka_unit_test(test_balance_of_an_amend), cmocka_unit_test(test_duplicate),
		cmocka_unit_test(test_self_trade), cmocka_unit_test(test_stale_book), cmocka_unit_test(test_loss_day),
		cmocka_unit_test(test_loss_before_the_first_order)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
