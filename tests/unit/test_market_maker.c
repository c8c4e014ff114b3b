/* The market maker's quotes: where they lie, what the position and its limit do to them, when they go, and what of the
 * strategy survives. Prices are in hundredths around 100.00, worked out by hand. */
#include <strategy/market_maker/market_maker.c>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include <mock.h>

#define SECOND INT64_C(1000000000)
#define MANY 3000

struct rig {
	struct aq_mock *k;
	struct market_maker *s;
	struct aq_market m;
};

static struct rig rig_with(const char *symbol)
{
	struct rig r = {.k = aq_mock_new((const struct aq_plugin *)&aq_plugin_1)};
	r.m = aq_mock_market(r.k, symbol, 2, 5);
	assert_int_equal(aq_mock_create(r.k), AQ_OK);
	aq_mock_option(r.k, "market", &r.m, sizeof(r.m));
	r.s = r.k->self;
	r.s->fair = MID;
	r.s->half_life = 2 * SECOND;
	r.s->levels = 1;
	r.s->spread = 0.01;
	r.s->step = 0.005;
	r.s->growth = 1;
	r.s->size = 100;
	r.s->max_position = 1000;
	return r;
}

static struct rig rig_new(void)
{
	return rig_with("BTC/USDT");
}

static void book_is(struct rig *r, aq_px bid, aq_px ask)
{
	aq_mock_top(r->k, r->m, bid, 300, ask, 100);
	aq_mock_run(r->k);
}

/* Whatever is on its way arrives. */
static void answer_all(struct rig *r)
{
	for (uint32_t i = 0; i < r->k->order_count; i++) {
		struct aq_order *o = &r->k->orders[i];
		if (o->place == AQ_REQ_SENT)
			aq_mock_answer(r->k, o, AQ_UP_OPEN, 0);
		if (o->cancel == AQ_REQ_SENT)
			aq_mock_answer(r->k, o, AQ_UP_CANCELLED, 0);
		else if (o->amend == AQ_REQ_SENT)
			aq_mock_answer(r->k, o, o->amend_qty > o->filled ? AQ_UP_AMENDED : AQ_UP_AMEND_REJECTED, 0);
	}
	aq_mock_run(r->k);
}

/* Until nothing moves any more. */
static void settle(struct rig *r)
{
	uint32_t calls;
	do {
		calls = r->k->placed + r->k->amended + r->k->cancelled;
		answer_all(r);
	} while (calls != r->k->placed + r->k->amended + r->k->cancelled);
}

/* Started, in a book of 99.90 and 100.10. */
static void begin(struct rig *r)
{
	assert_int_equal(aq_mock_start(r->k), AQ_OK);
	book_is(r, 9990, 10010);
	settle(r);
}

static void rig_free(struct rig *r)
{
	assert_int_equal(aq_mock_faults(r->k), 0);
	aq_mock_free(r->k);
}

static const struct aq_order *bid(const struct rig *r, uint64_t level)
{
	return aq_mock_live(r->k, r->m, BID + level);
}

static const struct aq_order *ask(const struct rig *r, uint64_t level)
{
	return aq_mock_live(r->k, r->m, ASK + level);
}

static unsigned live(const struct rig *r)
{
	unsigned n = 0;
	for (uint32_t i = 0; i < r->k->order_count; i++)
		n += r->k->orders[i].state < AQ_FILLED && r->k->orders[i].state != AQ_DENIED;
	return n;
}

static void assert_quote(const struct aq_order *o, aq_px price, aq_qty qty)
{
	assert_non_null(o);
	assert_int_equal(o->price, price);
	assert_int_equal(o->qty - o->filled, qty);
	assert_int_equal(o->post_only, 1);
}

/* ---- where quotes lie ---- */

static void test_one_level(void **state)
{
	struct rig r = rig_new();
	begin(&r);
	assert_int_equal(live(&r), 2);
	assert_quote(bid(&r, 0), 9950, 100);
	assert_quote(ask(&r, 0), 10050, 100);
	assert_int_equal(bid(&r, 0)->side, AQ_BUY);
	assert_int_equal(ask(&r, 0)->side, AQ_SELL);
	rig_free(&r);
}

static void test_ladder(void **state)
{
	static const aq_px bids[] = {9950, 9900, 9850}, asks[] = {10050, 10101, 10151}; /* 99.0025 is rounded, too */
	struct rig r = rig_new();
	r.s->levels = 3;
	r.s->growth = 2;
	begin(&r);
	assert_int_equal(live(&r), 6);
	for (uint64_t i = 0; i < 3; i++) {
		assert_quote(bid(&r, i), bids[i], 100 << i);
		assert_quote(ask(&r, i), asks[i], 100 << i);
	}
	rig_free(&r);
}

static void test_ladder_in_ticks(void **state)
{
	struct rig r = rig_new();
	r.k->instruments[0].tick = 5;
	r.s->levels = 3;
	r.s->step_ticks = 7;
	begin(&r);
	for (uint64_t i = 0; i < 3; i++) {
		assert_quote(bid(&r, i), 9950 - 35 * (aq_px)i, 100);
		assert_quote(ask(&r, i), 10050 + 35 * (aq_px)i, 100);
	}
	rig_free(&r);
}

static void test_levels_are_a_tick_apart_at_least(void **state)
{
	struct rig r = rig_new();
	r.s->levels = 4;
	r.s->step = 1e-7;
	begin(&r);
	for (uint64_t i = 0; i < 4; i++) {
		assert_quote(bid(&r, i), 9950 - (aq_px)i, 100);
		assert_quote(ask(&r, i), 10050 + (aq_px)i, 100);
	}
	rig_free(&r);
}

static void test_stays_behind_the_other_side(void **state)
{
	struct rig r = rig_new();
	r.s->fair = EMA;
	r.s->levels = 2;
	begin(&r);
	aq_mock_time(r.k, r.k->now_ns + 3 * SECOND);
	book_is(&r, 9490, 9510); /* the mean is still at 100.05, so that bids would take */
	settle(&r);
	assert_quote(bid(&r, 0), 9509, 100);
	assert_quote(bid(&r, 1), 9508, 100); /* and not both in one place */
	assert_quote(ask(&r, 0), 10056, 100);
	rig_free(&r);
}

static void test_fair_prices(void **state)
{
	static const struct {
		uint8_t fair;
		aq_px bid;
	} rows[] = {{MID, 9950}, {WEIGHTED, 9954}, {MICRO, 9951}, {EMA, 9453}}; /* 99.5 % of 100.00, 100.05, 100.02, 95.01 */
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct rig r = rig_new();
		r.s->fair = rows[i].fair;
		assert_int_equal(aq_mock_start(r.k), AQ_OK);
		aq_mock_top(r.k, r.m, 9490, 1, 9512, 1);
		aq_mock_run(r.k);
		aq_mock_time(r.k, r.k->now_ns + 2 * SECOND);
		aq_mock_top(r.k, r.m, 9990, 300, 10010, 100);
		r.k->levels[0][1][1] = (struct aq_level){10020, 200}; /* counts as 100: 300 against 200 */
		r.k->level_counts[0][1] = 2;
		aq_mock_run(r.k);
		settle(&r);
		assert_quote(bid(&r, 0), rows[i].bid, 100);
		rig_free(&r);
	}
}

static void test_widens_with_the_deviation(void **state)
{
	struct rig r = rig_new();
	r.s->widen = 2;
	begin(&r);
	assert_int_equal(live(&r), 0); /* how wide is not known yet */
	aq_mock_time(r.k, r.k->now_ns + 2 * SECOND);
	book_is(&r, 10190, 10210);
	settle(&r);
	assert_quote(bid(&r, 0), 10149, 100); /* nothing has moved in the last two seconds: 102 x 0.995 = 101.49 */
	aq_mock_time(r.k, r.k->now_ns + 2 * SECOND);
	book_is(&r, 10190, 10211);
	settle(&r);
	/* A third of the weight at 100.05, two at 102.05 (sizes weigh prices): deviation 2 x sqrt(2) / 3 = 0.9428. */
	assert_quote(bid(&r, 0), 9960, 100); /* 102.005 x 0.995 - 2 x 0.9428 = 99.609 */
	assert_quote(ask(&r, 0), 10441, 100); /* 102.005 x 1.005 + 2 x 0.9428 = 104.401 */
	rig_free(&r);
}

static void test_min_edge(void **state)
{
	struct rig r = rig_new();
	r.s->skew = 0.01;
	r.s->min_edge = 0.002;
	r.k->positions[0][0] = 1000;
	begin(&r);
	assert_null(bid(&r, 0));
	assert_quote(ask(&r, 0), 10020, 100); /* the lean alone would sell at 99.495 */
	rig_free(&r);
}

static void test_leans_against_the_position(void **state)
{
	static const struct {
		aq_qty position;
		aq_px bid, ask;
	} rows[] = {{0, 9950, 10050}, {500, 9925, 10025}, {-500, 9974, 10076}}; /* 99.75 or 100.25, x 0.995, x 1.005 */
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct rig r = rig_new();
		r.s->skew = 0.005;
		r.k->positions[0][0] = rows[i].position;
		begin(&r);
		assert_quote(bid(&r, 0), rows[i].bid, 100);
		assert_quote(ask(&r, 0), rows[i].ask, 100);
		rig_free(&r);
	}
}

/* ---- the limit of the position ---- */

static void test_limit_stops_one_side(void **state)
{
	static const struct {
		aq_qty position, bids[3], asks[3]; /* 0 = none */
	} rows[] = {{0, {100, 100, 100}, {100, 100, 100}}, {850, {100, 50, 0}, {100, 100, 100}},
		{1000, {0, 0, 0}, {100, 100, 100}}, {1300, {0, 0, 0}, {100, 100, 100}},
		{-970, {100, 100, 100}, {30, 0, 0}}};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct rig r = rig_new();
		r.s->levels = 3;
		r.k->positions[0][0] = rows[i].position;
		begin(&r);
		for (uint64_t n = 0; n < 3; n++) {
			assert_int_equal(bid(&r, n) != NULL ? bid(&r, n)->qty : 0, rows[i].bids[n]);
			assert_int_equal(ask(&r, n) != NULL ? ask(&r, n)->qty : 0, rows[i].asks[n]);
		}
		rig_free(&r);
	}
}

static void test_limit_of_zero_goes_back_to_flat(void **state)
{
	struct rig r = rig_new();
	r.s->max_position = 0;
	r.k->positions[0][0] = 60;
	begin(&r);
	assert_null(bid(&r, 0));
	assert_quote(ask(&r, 0), 10050, 60);
	rig_free(&r);
}

static void test_what_is_held_is_not_given_twice(void **state)
{
	struct rig r = rig_new();
	r.s->levels = 2;
	r.s->max_position = 200;
	begin(&r);
	aq_mock_fill(r.k, aq_mock_live(r.k, r.m, BID), 100);
	aq_mock_run(r.k);
	assert_null(bid(&r, 0)); /* the outer one may still take the last 100 */
	assert_int_equal(bid(&r, 1)->cancel, AQ_REQ_SENT);
	answer_all(&r); /* without news of the book */
	assert_int_equal(bid(&r, 0)->qty, 100);
	assert_null(bid(&r, 1));
	rig_free(&r);
}

/* Fills, answers and moves of the book in any order. Whatever could be filled would not pass the limit. */
static void check_room(const struct rig *r)
{
	aq_qty position = r->k->positions[0][0], bought = 0, sold = 0;
	for (uint32_t i = 0; i < r->k->order_count; i++) {
		const struct aq_order *o = &r->k->orders[i];
		aq_qty most = (o->amend != 0 && o->amend_qty > o->qty ? o->amend_qty : o->qty) - o->filled;
		if (o->state < AQ_FILLED && o->state != AQ_DENIED)
			*(o->side == AQ_BUY ? &bought : &sold) += most;
	}
	assert_true(position + bought <= r->s->max_position);
	assert_true(position - sold >= -r->s->max_position);
}

static void check_ladder(const struct rig *r)
{
	aq_px inside = INT64_MAX;
	for (uint64_t i = 0; i < LEVELS; i++) {
		const struct aq_order *o = bid(r, i);
		assert_true(o == NULL || (o->price < inside && o->price < r->k->tops[0].ask));
		inside = o != NULL ? o->price : inside;
	}
	inside = bid(r, 0) != NULL ? bid(r, 0)->price : 0;
	for (uint64_t i = 0; i < LEVELS; i++) {
		const struct aq_order *o = ask(r, i);
		assert_true(o == NULL || (o->price > inside && o->price > r->k->tops[0].bid));
		inside = o != NULL ? o->price : inside;
	}
}

static void set_live(struct rig *r, const char *option, int64_t value)
{
	aq_mock_option(r->k, option, &value, sizeof(value));
	aq_mock_event(r->k, AQ_EV_CONF, (struct aq_market){0, 0}, 0, NULL, 0);
	aq_mock_run(r->k);
}

static void set_levels(struct rig *r, int64_t levels)
{
	set_live(r, "levels", levels);
}

static void disturb(struct rig *r, aq_px *mid)
{
	struct aq_order *o = &r->k->orders[rand() % (int)r->k->order_count];
	int what = rand() % 10;
	if (what < 3) {
		*mid += rand() % 41 - 20;
		book_is(r, *mid - 1 - rand() % 3, *mid + 1);
	} else if (what < 6) {
		o = aq_mock_live(r->k, r->m, (uint64_t)(rand() % 2 ? BID : ASK) + (uint64_t)(rand() % 4));
		if (o != NULL && o->filled < o->qty)
			aq_mock_fill(r->k, o, 1 + rand() % (int)(o->qty - o->filled));
	} else if (what < 9) {
		answer_all(r);
	} else {
		aq_mock_time(r->k, r->k->now_ns + SECOND / 3);
		set_levels(r, 1 + rand() % 4);
	}
	if (rand() % 3 > 0)
		aq_mock_run(r->k);
}

static void test_the_limit_holds_whatever_comes(void **state)
{
	for (unsigned seed = 1; seed <= 20; seed++) {
		struct rig r = rig_new();
		aq_px mid = 10000;
		srand(seed);
		r.s->growth = seed % 3 == 0 ? 1.7 : 1;
		r.s->spread = 0.001;
		r.s->step = 0.0005;
		r.s->skew = 0.001;
		r.s->tolerance = seed % 2 == 0 ? 0.0002 : 0;
		r.s->max_position = 350;
		begin(&r);
		for (int i = 0; i < MANY && r.k->order_count < AQ_MOCK_ORDERS - 100; i++) {
			disturb(&r, &mid);
			check_room(&r);
			if (i % 50 == 0) {
				settle(&r);
				book_is(&r, mid - 1, mid + 1);
				settle(&r);
				if (r.s->tolerance == 0)
					check_ladder(&r);
			}
		}
		rig_free(&r);
	}
}

/* ---- when quotes go ---- */

static void test_invalid_book_pulls_all(void **state)
{
	struct rig r = rig_new();
	r.s->levels = 3;
	begin(&r);
	assert_int_equal(live(&r), 6);
	aq_mock_fault(r.k, r.m, AQ_BOOK_GAP, AQ_TROUBLE_GAP);
	aq_mock_run(r.k);
	settle(&r);
	assert_int_equal(live(&r), 0);
	book_is(&r, 9990, 10010);
	settle(&r);
	assert_int_equal(live(&r), 6);
	rig_free(&r);
}

static void test_levels_change_live(void **state)
{
	struct rig r = rig_new();
	r.s->levels = 16;
	r.s->step = 0.001;
	r.s->max_position = 2000;
	begin(&r);
	assert_int_equal(live(&r), 32);
	set_levels(&r, 1);
	settle(&r);
	assert_int_equal(live(&r), 2);
	assert_non_null(bid(&r, 0));
	assert_non_null(ask(&r, 0));
	set_levels(&r, 2);
	settle(&r);
	assert_int_equal(live(&r), 4);
	rig_free(&r);
}

static void test_levels_of_a_run_before(void **state)
{
	struct rig r = rig_new();
	r.s->levels = 4;
	begin(&r);
	r.s->levels = 1; /* as a reload finds it in the file */
	assert_int_equal(aq_mock_reload(r.k, r.k->plugin), AQ_OK);
	r.s = r.k->self;
	settle(&r);
	assert_int_equal(live(&r), 2);
	rig_free(&r);
}

static void test_pause_after_a_fill(void **state)
{
	struct rig r = rig_new();
	r.s->levels = 2;
	r.s->pause = SECOND;
	begin(&r);
	aq_mock_fill(r.k, aq_mock_live(r.k, r.m, BID), 100);
	aq_mock_run(r.k);
	settle(&r);
	assert_null(bid(&r, 0));
	assert_null(bid(&r, 1));
	assert_int_equal(live(&r), 2); /* asks */
	aq_mock_time(r.k, r.k->now_ns + SECOND - 1);
	book_is(&r, 9990, 10010);
	settle(&r);
	assert_int_equal(live(&r), 2);
	assert_int_equal(aq_mock_reload(r.k, r.k->plugin), AQ_OK); /* it is not forgotten */
	r.s = r.k->self;
	settle(&r);
	assert_int_equal(live(&r), 2);
	aq_mock_time(r.k, r.k->now_ns + 1);
	aq_mock_run(r.k); /* without news of the book */
	settle(&r);
	assert_int_equal(live(&r), 4);
	rig_free(&r);
}

static void test_a_shorter_pause_holds_for_one_that_runs(void **state)
{
	static const int64_t shorter[] = {SECOND, 0};
	for (size_t i = 0; i < sizeof(shorter) / sizeof(*shorter); i++) {
		struct rig r = rig_new();
		r.s->pause = 3600 * SECOND;
		begin(&r);
		aq_mock_fill(r.k, aq_mock_live(r.k, r.m, BID), 100);
		aq_mock_run(r.k);
		settle(&r);
		aq_mock_time(r.k, r.k->now_ns + SECOND);
		set_live(&r, "pause", shorter[i]);
		settle(&r);
		assert_int_equal(live(&r), shorter[i] > 0 ? 1 : 2);
		aq_mock_time(r.k, r.k->now_ns + shorter[i]);
		aq_mock_run(r.k); /* without news of the book */
		settle(&r);
		assert_int_equal(live(&r), 2);
		rig_free(&r);
	}
}

static void test_a_longer_pause_waits_for_the_next_fill(void **state)
{
	struct rig r = rig_new();
	r.s->pause = SECOND;
	begin(&r);
	aq_mock_fill(r.k, aq_mock_live(r.k, r.m, ASK), 100);
	aq_mock_run(r.k);
	settle(&r);
	set_live(&r, "pause", 3600 * SECOND);
	aq_mock_time(r.k, r.k->now_ns + SECOND);
	aq_mock_run(r.k);
	settle(&r);
	assert_int_equal(live(&r), 2);
	rig_free(&r);
}

/* ---- what survives ---- */

static void test_counters_survive_a_restart(void **state)
{
	struct rig r = rig_new(), next = rig_new();
	begin(&r);
	aq_mock_fill(r.k, aq_mock_live(r.k, r.m, BID), 30);
	aq_mock_fill(r.k, aq_mock_live(r.k, r.m, ASK), 20);
	aq_mock_run(r.k);
	assert_string_equal(r.k->log, "fill 2: sold 0.0002 at 100.5, position 0.0001");
	assert_int_equal(aq_mock_save(r.k), AQ_OK);
	assert_int_equal(aq_mock_load(next.k, r.k->blob, r.k->blob_length), AQ_OK);
	next.k->now_ns = r.k->now_ns + 3600 * SECOND;
	begin(&next);
	aq_mock_fill(next.k, aq_mock_live(next.k, next.m, BID), 100);
	aq_mock_run(next.k);
	assert_string_equal(next.k->log, "fill 3: bought 0.001 at 99.5, position 0.001");
	next.k->plugin->stop(next.s);
	next.k->started = false;
	assert_string_equal(next.k->log, "3 fills so far: bought 0.0013, sold 0.0002");
	rig_free(&r);
	rig_free(&next);
}

static void test_an_hour_away_is_not_remembered(void **state)
{
	struct rig r = rig_new(), next = rig_new();
	r.s->fair = next.s->fair = EMA;
	begin(&r);
	aq_mock_time(r.k, r.k->now_ns + 10 * SECOND);
	book_is(&r, 9990, 10010);
	assert_int_equal(live(&r), 2);
	assert_int_equal(aq_mock_save(r.k), AQ_OK);
	assert_int_equal(aq_mock_load(next.k, r.k->blob, r.k->blob_length), AQ_OK);
	next.k->now_ns = r.k->now_ns + 3600 * SECOND;
	begin(&next);
	assert_int_equal(live(&next), 0); /* not before it has seen a half-life */
	aq_mock_time(next.k, next.k->now_ns + 3 * SECOND);
	book_is(&next, 9990, 10010);
	assert_int_equal(live(&next), 2);
	rig_free(&r);
	rig_free(&next);
}

static void test_state_of_another_market_is_left_behind(void **state)
{
	struct rig r = rig_new(), next = rig_with("ETH/USDT");
	begin(&r);
	aq_mock_fill(r.k, aq_mock_live(r.k, r.m, BID), 30);
	aq_mock_run(r.k);
	assert_int_equal(aq_mock_save(r.k), AQ_OK);
	assert_int_equal(aq_mock_load(next.k, r.k->blob, r.k->blob_length), AQ_OK);
	begin(&next);
	assert_int_equal(next.s->fills, 0);
	assert_int_equal(next.s->bought, 0);
	rig_free(&r);
	rig_free(&next);
}

/* ---- options ---- */

static void assert_refused(struct rig *r, const char *word)
{
	struct aq_err err = {0};
	assert_int_equal(r->k->plugin->check(r->s, &err), AQ_EINVAL);
	assert_int_equal(err.code, AQ_EINVAL);
	assert_true(strstr(err.text, word) == err.text); /* it begins with the option that is wrong */
	rig_free(r);
	*r = rig_new();
}

static void test_check(void **state)
{
	struct rig r = rig_new();
	struct aq_err err = {0};
	assert_int_equal(r.k->plugin->check(r.s, &err), AQ_OK);
	r.s->size = 0;
	assert_refused(&r, "size ");
	r.s->min_edge = 0.0051;
	assert_refused(&r, "min_edge ");
	r.s->tolerance = 0.005;
	assert_refused(&r, "tolerance ");
	r.s->levels = 2;
	r.s->step = 0;
	assert_refused(&r, "levels ");
	r.s->levels = 2;
	r.s->step = r.s->tolerance = 0.001;
	assert_refused(&r, "tolerance ");
	r.s->step = 0; /* with one level it does not matter */
	assert_int_equal(r.k->plugin->check(r.s, &err), AQ_OK);
	r.s->levels = 2;
	r.s->step_ticks = 1;
	assert_int_equal(r.k->plugin->check(r.s, &err), AQ_OK);
	rig_free(&r);
}

static void test_a_ladder_beyond_the_limit_is_told(void **state)
{
	struct rig r = rig_new();
	r.s->levels = 3;
	r.s->growth = 2;
	r.s->max_position = 700;
	begin(&r);
	assert_int_equal(r.k->warnings, 0);
	set_levels(&r, 4);
	settle(&r);
	assert_int_equal(r.k->warnings, 1);
	assert_int_equal(live(&r), 6); /* the fourth has no room */
	rig_free(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_level),
		cmocka_unit_test(test_ladder),
		cmocka_unit_test(test_ladder_in_ticks),
		cmocka_unit_test(test_levels_are_a_tick_apart_at_least),
		cmocka_unit_test(test_stays_behind_the_other_side),
		cmocka_unit_test(test_fair_prices),
		cmocka_unit_test(test_widens_with_the_deviation),
		cmocka_unit_test(test_min_edge),
		cmocka_unit_test(test_leans_against_the_position),
		cmocka_unit_test(test_limit_stops_one_side),
		cmocka_unit_test(test_limit_of_zero_goes_back_to_flat),
		cmocka_unit_test(test_what_is_held_is_not_given_twice),
		cmocka_unit_test(test_the_limit_holds_whatever_comes),
		cmocka_unit_test(test_invalid_book_pulls_all),
		cmocka_unit_test(test_levels_change_live),
		cmocka_unit_test(test_levels_of_a_run_before),
		cmocka_unit_test(test_pause_after_a_fill),
		cmocka_unit_test(test_a_shorter_pause_holds_for_one_that_runs),
		cmocka_unit_test(test_a_longer_pause_waits_for_the_next_fill),
		cmocka_unit_test(test_counters_survive_a_restart),
		cmocka_unit_test(test_an_hour_away_is_not_remembered),
		cmocka_unit_test(test_state_of_another_market_is_left_behind),
		cmocka_unit_test(test_check),
		cmocka_unit_test(test_a_ladder_beyond_the_limit_is_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
