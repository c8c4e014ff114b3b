/* test_orders_long.c: long runs at random against a venue that delays, loses and repeats, with the process killed at
 * any moment and recovered from its journal. A recovered state is the state before, byte for byte; sums hold at every
 * step; and when the trouble ends, orders, fills and position are the venue's, with nothing booked twice. Adjustments
 * are seen only where the venue loses single fills without a trace, and end each other. */
#include "fake_venue.h"
#include "flow_check.h"
#include "memory_files.h"

#define STEPS 6000

struct world {
	struct rig rig;
	struct venue venue;
	struct memory *disk;
	struct journal *journal;
	uint64_t tags, restarts, cuts, adjusted;
	uint64_t rotations;
};

/* ---- the journal ---- */

static void open_journal(struct world *w)
{
	struct journal_options options = {.folder = "j", .grade = JOURNAL_PAGE, .segment_size = 512 << 10};
	struct journal_files files = memory_files(w->disk);
	struct aq_err err = {0};

	if (journal_open(&w->journal, &options, &files, &err) != AQ_OK)
		fail_msg("%s", err.text);
}

static void recover(struct world *w)
{
	struct aq_err err = {0};
	uint64_t cut;

	w->rig.f.journal = w->journal;
	if (record_recover(&w->rig.f, &cut, &err) != AQ_OK)
		fail_msg("%s", err.text);
	assert_int_equal(cut, 0);
}

static struct flow_options options(void)
{
	struct flow_options o = rig_options();

	o.max_fills = 256;
	o.max_orders = 2048; /* so that a fill that was lost finds its order */
	return o;
}

static struct world *world_new(uint64_t seed)
{
	struct world *w = calloc(1, sizeof(*w));
	struct flow_options o = options();

	assert_non_null(w);
	w->disk = memory_new((int64_t)1 << 30, seed);
	open_journal(w);
	w->rig.events = calloc(RIG_EVENTS, sizeof(*w->rig.events));
	assert_non_null(w->rig.events);
	flow_init(&w->rig.f, &o);
	recover(w);
	rig_bind(&w->rig);
	w->venue.rig = &w->rig;
	w->venue.random = seed;
	return w;
}

static void world_free(struct world *w)
{
	journal_close(w->journal);
	memory_delete(w->disk);
	rig_free(&w->rig);
	free(w);
}

/* ---- what the world does ---- */

static void settle(struct world *w)
{
	venue_deliver(&w->venue);
	venue_take_intents(&w->venue);
	venue_work(&w->venue);
}

static void connect(struct world *w)
{
	w->venue.up = true;
	rig_venue(&w->rig, true);
	rig_book(&w->rig, w->rig.linear, 9990, 10010);
}

static void disconnect(struct world *w)
{
	venue_disconnect(&w->venue);
	rig_venue(&w->rig, false);
}

/* Killed, and started again from what the journal holds. */
static void kill_and_restart(struct world *w)
{
	struct flow before = w->rig.f;
	struct fact_restart restart = {0};
	struct rig_facts must, is;
	struct flow_options o = options();
	int64_t now = w->rig.f.now_ns;

	venue_disconnect(&w->venue);
	w->rotations += before.rotations;
	w->adjusted += before.ledger.mismatches;
	journal_close(w->journal);
	open_journal(w);
	o.started_ns = RIG_START;
	flow_init(&w->rig.f, &o);
	w->rig.f.now_ns = now;
	recover(w);
	is = rig_snapshot(&w->rig);
	before.journal = NULL; /* the state before, with what the restart itself does */
	record_apply(&before, FACT_RESTART, FACT_VERSION, &restart, sizeof(restart));
	must = (struct rig_facts){0};
	assert_int_equal(record_snapshot(&before, true, rig_fact_add, &must), 0);
	assert_int_equal(is.length, must.length);
	assert_memory_equal(is.bytes, must.bytes, is.length);
	free(is.bytes);
	free(must.bytes);
	flow_finish(&before);
	rig_bind(&w->rig);
	rig_clear(&w->rig);
	w->restarts++;
}

/* ---- what the strategy does ---- */

static void place(struct world *w)
{
	uint8_t side = venue_chance(&w->venue, 50) ? AQ_BUY : AQ_SELL;
	aq_px price = side == AQ_BUY ? 9900 + venue_below(&w->venue, 50) : 10050 + venue_below(&w->venue, 50);
	struct aq_place wish =
		rig_wish(&w->rig, w->rig.linear, side, price, 1 + venue_below(&w->venue, 3000), ++w->tags);

	assert_true(orders_place(&w->rig.f, w->rig.strategy, &wish) > 0);
}

/* Any open order of the strategy; 0 when there is none. */
static uint64_t any_open(struct world *w)
{
	struct aq_order out[64];
	int32_t n = orders_open(&w->rig.f, w->rig.strategy, 0, 0, out, 64);

	return n == 0 ? 0 : out[venue_below(&w->venue, n < 64 ? (uint32_t)n : 64)].id;
}

static void amend(struct world *w)
{
	uint64_t id = any_open(w);
	const struct aq_order *o;

	if (id == 0)
		return;
	o = rig_order(&w->rig, id);
	rig_amend(&w->rig, id, o->price + (o->side == AQ_BUY ? -1 : 1), o->filled + 1 + venue_below(&w->venue, 3000));
}

static void cancel(struct world *w)
{
	uint64_t id = any_open(w);

	if (id != 0)
		orders_cancel(&w->rig.f, w->rig.strategy, id, 0, 1);
}

/* ---- the run ---- */

static void step(struct world *w)
{
	uint32_t what = venue_below(&w->venue, 1000);

	if (what < 250)
		place(w);
	else if (what < 350)
		cancel(w);
	else if (what < 450)
		amend(w);
	else if (what < 700)
		venue_live(&w->venue);
	else if (what < 702 && w->venue.up)
		disconnect(w);
	else if (what < 800 && !w->venue.up)
		connect(w);
	else if (what >= 998)
		kill_and_restart(w);
	w->rig.f.now_ns += venue_below(&w->venue, 6) * SECOND / 100;
	if (flow_due_ns(&w->rig.f) <= w->rig.f.now_ns)
		flow_tick(&w->rig.f);
	settle(w);
	check_sums(&w->rig.f);
	check_orders(&w->rig.f);
}

static bool is_quiet(const struct world *w)
{
	if (!w->rig.f.accounts[w->rig.account].ready || w->venue.intent_count > 0 || w->venue.news_count > 0)
		return false;
	for (uint32_t i = 0; i < w->rig.f.orders.capacity; i++)
		if (w->rig.f.orders.slots[i].used && order_is_busy(&w->rig.f.orders.slots[i].o))
			return false;
	return true;
}

/* No more trouble: within a minute everything has an answer. One more list shows what was lost without a trace. */
static void calm(struct world *w)
{
	w->venue.gentle = true;
	for (int round = 0; round < 2; round++) {
		disconnect(w);
		connect(w);
		for (int i = 0; i < 6000 && (i == 0 || !is_quiet(w)); i++) {
			w->rig.f.now_ns += SECOND / 100;
			flow_tick(&w->rig.f);
			settle(w);
		}
		assert_true(is_quiet(w));
	}
}

static uint8_t state_of(const struct venue_order *x)
{
	return x->ended == 0                 ? AQ_OPEN
	       : x->ended == AQ_UP_FILLED    ? AQ_FILLED
	       : x->ended == AQ_UP_CANCELLED ? AQ_CANCELLED
	       : x->ended == AQ_UP_EXPIRED   ? AQ_EXPIRED
					     : AQ_REJECTED;
}

/* Orders that the table still holds are as the venue has them; those that rest are all there. */
static void compare_orders(struct world *w)
{
	for (uint32_t i = 0; i < w->venue.order_count; i++) {
		const struct venue_order *x = &w->venue.orders[i];
		const struct order *order = orders_find(&w->rig.f, x->o.id);

		if (order == NULL && x->ended != 0)
			continue;
		assert_non_null(order);
		assert_int_equal(order->o.state, state_of(x));
		assert_int_equal(order->o.filled, x->o.filled);
		if (x->ended == 0) {
			assert_int_equal(order->o.price, x->o.price);
			assert_int_equal(order->o.qty, x->o.qty);
		}
	}
	for (uint32_t i = 0; i < w->rig.f.orders.capacity; i++) { /* and we hold none open that the venue has not */
		const struct order *order = &w->rig.f.orders.slots[i];

		if (order->used && !order_is_final(&order->o))
			assert_non_null(venue_find(&w->venue, order->o.id));
	}
}

static void compare_money(struct world *w)
{
	struct aq_position own, all;
	struct aq_amt bought = aq_amt_zero(), sold = aq_amt_zero(), value;

	for (uint32_t i = 0; i < w->venue.fill_count; i++) {
		const struct aq_fill *f = &w->venue.fills[i];
		struct aq_amt *side = f->side == AQ_BUY ? &bought : &sold;

		assert_int_equal(aq_notional_zero(f->price, 2, f->qty, 3, &value), 0);
		assert_int_equal(aq_amt_add(*side, value, side), 0);
	}
	ledger_position(&w->rig.f, w->rig.account, w->rig.linear, w->rig.strategy, &own);
	ledger_position(&w->rig.f, w->rig.account, w->rig.linear, AQ_ALL, &all);
	w->adjusted += w->rig.f.ledger.mismatches;
	assert_int_equal(own.qty, w->venue.position);
	assert_int_equal(all.qty, w->venue.position);
	assert_int_equal(aq_amt_cmp(own.bought, bought), 0);
	assert_int_equal(aq_amt_cmp(own.sold, sold), 0);
	assert_int_equal(w->rig.f.ledger.fill_number, w->venue.fill_count); /* each once, and no other */
	assert_true(w->venue.silent || w->adjusted == 0);
}

static void test_long_runs(void **unused)
{
	uint64_t orders = 0, fills = 0, restarts = 0, lost = 0, repeated = 0, late = 0, rotations = 0;

	for (uint64_t seed = 1; seed <= 20; seed++) {
		struct world *w = world_new(seed);

		w->venue.silent = seed % 2 == 0;
		connect(w);
		for (int i = 0; i < STEPS; i++)
			step(w);
		calm(w);
		compare_orders(w);
		compare_money(w);
		orders += w->venue.order_count;
		fills += w->venue.fill_count;
		restarts += w->restarts;
		lost += w->venue.lost;
		repeated += w->venue.repeated;
		late += w->venue.late;
		rotations += w->rotations + w->rig.f.rotations;
		world_free(w);
	}
	print_message("%llu orders, %llu fills, %llu restarts, %llu segments; %llu lost, %llu repeated, %llu late\n",
		(unsigned long long)orders, (unsigned long long)fills, (unsigned long long)restarts,
		(unsigned long long)rotations, (unsigned long long)lost, (unsigned long long)repeated,
		(unsigned long long)late);
	assert_true(restarts > 100 && rotations > 20 && lost > 1000 && late > 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_long_runs)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
