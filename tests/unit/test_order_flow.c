/* test_order_flow.c: the ways of order_paths.h once more, through a whole flow: an adapter's records, a strategy's
 * calls, overdue answers, and restarts from a snapshot. After every step the order is what the judge says; the
 * adapter was asked to place, cancel and amend at most once; the strategy heard of every change and of no copy. */
#include "flow_rig.h"
#include "order_paths.h"
#include "order_said.h"

#define LOT 1000
#define TICK 1
#define PRICE 9900 /* of price 1; below the book */
#define BATCH 400  /* orders that live through one restart together */

struct walker {
	uint64_t id;
	uint32_t at;
	uint32_t fills;
	uint64_t tag;
};

struct walk {
	struct rig rig;
	struct paths paths;
	uint32_t *done; /* per node: the inputs whose edges have been gone */
	uint64_t gone, restarts, steps, lots;
	uint64_t tags;
};

/* ---- one step ---- */

static aq_px price_of(int step)
{
	return PRICE + (step - 1) * TICK;
}

static bool is_fill(int in)
{
	return in == IN_FILL_ONE || in == IN_FILL_TWO;
}

static void fill(struct walk *w, const struct walker *k, aq_qty lots)
{
	struct aq_fill f = rig_fill_of(&w->rig, k->id, AQ_BUY, PRICE, lots * LOT, k->fills + 1);
	uint64_t before;

	rig_emit_fill(&w->rig, w->rig.spot, &f);
	w->lots += (uint64_t)lots;
	before = w->rig.f.ledger.fill_number;
	rig_drain(&w->rig);
	rig_emit_fill(&w->rig, w->rig.spot, &f); /* the same once more is nothing */
	assert_int_equal(w->rig.f.ledger.fill_number, before);
}

/* No answer comes in time; by the clock where that makes no other request overdue, else the adapter says so. */
static void lose(struct walk *w, const struct walker *k, int in)
{
	const struct order *order = orders_find(&w->rig.f, k->id);
	const uint8_t states[3] = {order->o.place, order->o.cancel, order->o.amend};
	struct aq_order_update u = update_of(in, k->id, 0, 0, 0, 0);
	int waiting = 0;

	for (int i = 0; i < 3; i++)
		waiting += states[i] == AQ_REQ_SENT;
	if (waiting == 1 && states[in - IN_PLACE_LOST] == AQ_REQ_SENT && w->rig.f.meter.open == 1) {
		w->rig.f.now_ns = order->sent_ns[in - IN_PLACE_LOST] + w->rig.f.options.request_timeout_ns;
		flow_tick(&w->rig.f);
	} else {
		rig_update(&w->rig, &u);
	}
}

static void drive(struct walk *w, struct walker *k, int in)
{
	const struct judged *j = &w->paths.nodes[k->at].judged;
	struct aq_order_update u = update_of(in, k->id, PRICE, 2 * LOT, price_of(j->new_price), j->new_lots * LOT);

	switch (in) {
	case IN_FILL_ONE:
	case IN_FILL_TWO:
		fill(w, k, in == IN_FILL_ONE ? 1 : 2);
		k->fills++;
		break;
	case IN_PLACE_LOST:
	case IN_CANCEL_LOST:
	case IN_AMEND_LOST:
		lose(w, k, in);
		break;
	case IN_CANCEL:
		assert_int_equal(orders_cancel(&w->rig.f, w->rig.strategy, k->id, 0, 5), AQ_OK);
		break;
	case IN_AMEND:
		assert_int_equal(rig_amend(&w->rig, k->id, price_of(j->new_price), j->new_lots * LOT), AQ_OK);
		break;
	case IN_ABSENT: /* the answer to a lookup that has just left */
		orders_lookup(&w->rig.f, orders_find(&w->rig.f, k->id));
		rig_update(&w->rig, &u);
		break;
	default:
		rig_update(&w->rig, &u);
	}
}

/* ---- what must be so after it ---- */

static struct judged seen(const struct aq_order *o)
{
	return (struct judged){.state = o->state,
		.place = o->place,
		.cancel = o->cancel,
		.amend = o->amend,
		.filled = (int)(o->filled / LOT),
		.lots = (int)(o->qty / LOT),
		.price = (int)(o->price - PRICE) / TICK + 1};
}

static void print_way(const struct paths *p, uint32_t at)
{
	if (p->nodes[at].parent == PATHS_NONE)
		return;
	print_way(p, p->nodes[at].parent);
	print_error("%u ", p->nodes[at].input);
}

static void check(struct walk *w, const struct walker *k, uint32_t from, int in)
{
	struct judged real = seen(rig_order(&w->rig, k->id)), must = w->paths.nodes[k->at].judged;

	if (same_judged(&real, &must))
		return;
	print_way(&w->paths, from);
	print_error("then %d: order %u, %u %u %u, %d of %d at %d; judge %u, %u %u %u, %d of %d at %d\n", in, real.state,
		real.place, real.cancel, real.amend, real.filled, real.lots, real.price, must.state, must.place,
		must.cancel, must.amend, must.filled, must.lots, must.price);
	fail();
}

/* The strategy hears of what changed, and of nothing else. A request that leaves is no news to who asked for it. */
static void check_told(struct walk *w, uint32_t from, uint32_t to, int in)
{
	uint32_t told = rig_seen(&w->rig, w->rig.strategy, AQ_EV_ORDER);
	bool changed = !same_judged(&w->paths.nodes[from].judged, &w->paths.nodes[to].judged);

	if (told != (changed && in != IN_CANCEL && in != IN_AMEND))
		fail_msg("input %d in state %u: told %u times, code %u", in, w->paths.nodes[from].judged.state, told,
			told > 0 ? rig_change(&w->rig)->code : 0);
	assert_int_equal(rig_seen(&w->rig, w->rig.strategy, AQ_EV_FILL), is_fill(in));
	assert_int_equal(rig_seen(&w->rig, w->rig.exchange, AQ_EV_PLACE), 0);
	assert_int_equal(rig_seen(&w->rig, w->rig.exchange, AQ_EV_CANCEL), in == IN_CANCEL);
	assert_int_equal(rig_seen(&w->rig, w->rig.exchange, AQ_EV_AMEND), in == IN_AMEND);
}

/* A second request of a kind under way is denied; so is an order under a tag that is taken. */
static void check_denied(struct walk *w, const struct walker *k)
{
	const struct aq_order before = *rig_order(&w->rig, k->id);
	struct judged j = seen(&before);

	if (j.state >= AQ_FILLED)
		return;
	rig_clear(&w->rig);
	if (j.cancel != AQ_REQ_NONE) {
		assert_int_equal(orders_cancel(&w->rig.f, w->rig.strategy, k->id, 0, 6), AQ_OK);
		assert_int_equal(rig_change(&w->rig)->code, AQ_DENY_IN_FLIGHT);
	}
	if (j.state != AQ_OPEN || (j.place | j.cancel | j.amend) != AQ_REQ_NONE) {
		assert_int_equal(rig_amend(&w->rig, k->id, PRICE + 7, AQ_NONE), AQ_OK);
		assert_int_equal(rig_change(&w->rig)->code, AQ_DENY_IN_FLIGHT);
	}
	rig_place(&w->rig, w->rig.spot, AQ_BUY, PRICE, LOT, k->tag);
	assert_int_equal(rig_change(&w->rig)->code, AQ_DENY_TAG_BUSY);
	assert_int_equal(rig_seen(&w->rig, w->rig.exchange, AQ_EV_PLACE), 0);
	assert_int_equal(rig_seen(&w->rig, w->rig.exchange, AQ_EV_CANCEL), 0);
	assert_int_equal(rig_seen(&w->rig, w->rig.exchange, AQ_EV_AMEND), 0);
	assert_memory_equal(rig_order(&w->rig, k->id), &before, sizeof(before));
}

static void step(struct walk *w, struct walker *k, int in)
{
	uint32_t from = k->at;

	rig_clear(&w->rig);
	w->rig.f.now_ns++;
	w->steps++;
	drive(w, k, in);
	k->at = w->paths.nodes[from].to[in];
	check(w, k, from, in);
	check_told(w, from, k->at, in);
	if ((w->done[from] & BIT(in)) == 0)
		w->gone++;
	w->done[from] |= BIT(in);
}

/* ---- ways ---- */

static struct walker start(struct walk *w)
{
	struct walker k = {.tag = ++w->tags};

	rig_clear(&w->rig);
	k.id = rig_place(&w->rig, w->rig.spot, AQ_BUY, PRICE, 2 * LOT, k.tag);
	assert_int_equal(rig_seen(&w->rig, w->rig.exchange, AQ_EV_PLACE), 1);
	check(w, &k, 0, -1);
	return k;
}

/* Room for the next: the venue cancels what is left, whatever state it is in. */
static void finish(struct walk *w, const struct walker *k)
{
	if (order_is_final(rig_order(&w->rig, k->id)))
		return;
	rig_say(&w->rig, k->id, AQ_UP_CANCELLED, 0);
	assert_int_equal(rig_order(&w->rig, k->id)->state, AQ_CANCELLED);
}

/* The inputs that lead from the start to a node, without those up to `after`. Returns how many. */
static uint32_t way_to(const struct paths *p, uint32_t node, uint8_t *inputs, int after)
{
	uint32_t n = 0, skip = 0;

	for (uint32_t at = node; p->nodes[at].parent != PATHS_NONE; at = p->nodes[at].parent)
		n++;
	for (uint32_t at = node, i = n; i > 0; at = p->nodes[at].parent)
		inputs[--i] = p->nodes[at].input;
	for (uint32_t i = 0; after >= 0 && i < n; i++)
		if (inputs[i] == after)
			skip = i + 1;
	memmove(inputs, inputs + skip, n - skip);
	return n - skip;
}

static bool is_left(const struct walk *w, uint32_t at, int in)
{
	return w->paths.nodes[at].to[in] != PATHS_NONE && (w->done[at] & BIT(in)) == 0;
}

static int next_input(const struct walk *w, uint32_t at, bool staying)
{
	for (int in = 0; in < INPUTS; in++)
		if (in != IN_RESTART && is_left(w, at, in) && (w->paths.nodes[at].to[in] == at) == staying)
			return in;
	return -1;
}

/* From where it is: first the inputs that change nothing, then on along one that has not been gone, while there is
 * one. */
static void explore(struct walk *w, struct walker *k)
{
	for (int in = 0; in >= 0;) {
		while ((in = next_input(w, k->at, true)) >= 0)
			step(w, k, in);
		check_denied(w, k);
		in = next_input(w, k->at, false);
		if (in >= 0)
			step(w, k, in);
	}
}

static bool has_left(const struct walk *w, uint32_t at)
{
	return next_input(w, at, true) >= 0 || next_input(w, at, false) >= 0;
}

static void go_to(struct walk *w, struct walker *k, uint32_t node, int after)
{
	uint8_t inputs[64];
	uint32_t n = way_to(&w->paths, node, inputs, after);

	for (uint32_t i = 0; i < n; i++)
		step(w, k, inputs[i]);
}

/* All ways without a restart, one order after the other. */
static void walk_plain(struct walk *w)
{
	for (uint32_t at = 0; at < w->paths.count; at++)
		while ((w->paths.nodes[at].said & BIT(IN_RESTART)) == 0 && has_left(w, at)) {
			struct walker k = start(w);

			go_to(w, &k, at, -1);
			explore(w, &k);
			finish(w, &k);
		}
}

/* ---- ways with a restart: many orders go through one together ---- */

/* The node before the restart on the shortest way to `node`. */
static uint32_t before_restart(const struct paths *p, uint32_t node)
{
	while (p->nodes[node].input != IN_RESTART)
		node = p->nodes[node].parent;
	return p->nodes[node].parent;
}

struct batch {
	struct walker walkers[BATCH];
	uint32_t targets[BATCH]; /* PATHS_NONE: where the restart leads */
	uint32_t count;
};

static void add_target(struct walk *w, struct batch *b, uint32_t node, uint32_t before)
{
	b->walkers[b->count] = start(w);
	b->targets[b->count] = node;
	go_to(w, &b->walkers[b->count++], before, -1);
}

static void collect(struct walk *w, struct batch *b)
{
	for (uint32_t at = 0; at < w->paths.count && b->count < BATCH; at++) {
		if (is_left(w, at, IN_RESTART))
			add_target(w, b, PATHS_NONE, at);
		else if ((w->paths.nodes[at].said & BIT(IN_RESTART)) != 0 && has_left(w, at))
			add_target(w, b, at, before_restart(&w->paths, at));
	}
}

/* The account need not be in step for what follows here; test_orders.c sees to that. */
static void restart(struct walk *w)
{
	rig_restart(&w->rig);
	w->rig.f.instances[w->rig.exchange].up = 1;
	w->rig.f.accounts[w->rig.account].ready = 1;
	rig_balance(&w->rig, "USDT", 1000000000);
	rig_book(&w->rig, w->rig.spot, 9990, 10010);
	w->restarts++;
}

static void pass_restart(struct walk *w, struct walker *k)
{
	uint32_t from = k->at;

	k->at = w->paths.nodes[from].to[IN_RESTART];
	check(w, k, from, IN_RESTART);
	w->gone += (w->done[from] & BIT(IN_RESTART)) == 0;
	w->done[from] |= BIT(IN_RESTART);
}

static void walk_restarts(struct walk *w)
{
	struct batch *b = calloc(1, sizeof(*b));

	assert_non_null(b);
	do {
		b->count = 0;
		collect(w, b);
		restart(w);
		for (uint32_t i = 0; i < b->count; i++)
			pass_restart(w, &b->walkers[i]);
		for (uint32_t i = 0; i < b->count; i++) {
			if (b->targets[i] != PATHS_NONE)
				go_to(w, &b->walkers[i], b->targets[i], IN_RESTART);
			explore(w, &b->walkers[i]);
			finish(w, &b->walkers[i]);
		}
	} while (b->count > 0);
	free(b);
}

static void check_money(struct walk *w)
{
	struct aq_position own, all;

	ledger_position(&w->rig.f, w->rig.account, w->rig.spot, w->rig.strategy, &own);
	ledger_position(&w->rig.f, w->rig.account, w->rig.spot, AQ_ALL, &all);
	assert_int_equal(own.qty, (aq_qty)w->lots * LOT);
	assert_int_equal(all.qty, own.qty);
	assert_int_equal(w->rig.f.meter.open, 0);
	for (uint32_t i = 0; i < w->rig.f.ledger.count; i++)
		assert_int_equal(w->rig.f.ledger.rows[i].open_buy, 0);
	for (uint32_t i = 0; i < w->rig.f.ledger.balance_count; i++)
		assert_int_equal(aq_amt_sign(w->rig.f.ledger.balances[i].reserved), 0);
}

static void walk_all(int new_lots, int new_price)
{
	struct flow_options options = rig_options();
	struct walk w = {.paths = paths_build(new_lots, new_price)};

	options.accept_ns = 0;
	options.max_orders = 4 * BATCH;
	options.max_fills = 4 * BATCH;
	rig_new_with(&w.rig, &options);
	w.done = calloc(w.paths.count, sizeof(*w.done));
	assert_non_null(w.done);
	walk_plain(&w);
	walk_restarts(&w);
	print_message("amend to %d lots at price %d: %u states, %llu of %llu transitions, %llu steps, %llu restarts\n",
		new_lots, new_price, w.paths.count, (unsigned long long)w.gone, (unsigned long long)w.paths.edges,
		(unsigned long long)w.steps, (unsigned long long)w.restarts);
	assert_int_equal(w.gone, w.paths.edges);
	check_money(&w);
	free(w.done);
	paths_free(&w.paths);
	rig_free(&w.rig);
}

static void test_smaller(void **unused)
{
	walk_all(1, 1);
}

static void test_larger(void **unused)
{
	walk_all(3, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_smaller), cmocka_unit_test(test_larger)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
