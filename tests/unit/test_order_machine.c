/* test_order_machine.c: the tables of order_table.c against the judge, in every state that an order can reach.
 *
 * The tables are compiled into this test with their `const` taken away, so that faults can be planted in them: the
 * judge must find each. */
#include "order_paths.h"
#include "order_said.h"

#include "base/check.h"

#include <stdio.h>

#define const
#include "flow/order_table.c"
#undef const

#define LOT 1000
#define TICK 50

static struct aq_order first_order(void)
{
	return (struct aq_order){.size = sizeof(struct aq_order),
		.id = 7,
		.side = AQ_BUY,
		.type = AQ_LIMIT,
		.tif = AQ_GTC,
		.state = AQ_SENT,
		.place = AQ_REQ_SENT,
		.price = TICK,
		.qty = 2 * LOT,
		.ahead = AQ_NONE,
		.amend_price = AQ_NONE,
		.amend_qty = AQ_NONE};
}

static void ask(struct aq_order *o, enum aq_request request, struct judged j)
{
	if (order_request_judge(o, request, AQ_REQ_SENT) != ORDER_APPLY)
		return;
	order_request_apply(o, request, AQ_REQ_SENT);
	if (request == AQ_REQ_AMEND) {
		o->amend_price = j.new_price * TICK;
		o->amend_qty = j.new_lots * LOT;
	}
}

/* Does to a real order what the input says. */
static void drive(struct aq_order *o, enum input in, struct judged j)
{
	struct aq_order_update u = update_of(in, o->id, TICK, 2 * LOT, j.new_price * TICK, j.new_lots * LOT);

	switch (in) {
	case IN_FILL_ONE:
	case IN_FILL_TWO:
		if (order_fill_judge(o, in == IN_FILL_ONE ? LOT : 2 * LOT) == ORDER_APPLY)
			order_fill_apply(o, in == IN_FILL_ONE ? LOT : 2 * LOT);
		break;
	case IN_CANCEL:
		ask(o, AQ_REQ_CANCEL, j);
		break;
	case IN_AMEND:
		ask(o, AQ_REQ_AMEND, j);
		break;
	case IN_RESTART:
		order_connection_lost(o);
		break;
	default:
		if (order_update_judge(o, &u) == ORDER_APPLY)
			order_update_apply(o, &u);
	}
}

static struct judged seen(const struct aq_order *o)
{
	return (struct judged){.state = o->state,
		.place = o->place,
		.cancel = o->cancel,
		.amend = o->amend,
		.filled = (int)(o->filled / LOT),
		.lots = (int)(o->qty / LOT),
		.price = (int)(o->price / TICK)};
}

static bool agrees(const struct aq_order *o, const struct judged *j)
{
	struct judged real = seen(o);

	return same_judged(&real, j) && o->filled % LOT == 0 && o->qty % LOT == 0;
}

static void print_state(const char *who, struct judged j)
{
	print_error("%s: state %u, requests %u %u %u, filled %d of %d at %d\n", who, j.state, j.place, j.cancel,
		j.amend, j.filled, j.lots, j.price);
}

static void print_way(const struct paths *p, uint32_t at)
{
	if (p->nodes[at].parent == PATHS_NONE)
		return;
	print_way(p, p->nodes[at].parent);
	print_error("%u ", p->nodes[at].input);
}

static void print_difference(const struct paths *p, uint32_t at, int in, const struct aq_order *o)
{
	print_way(p, at);
	print_error("then %d:\n", in);
	print_state("judge", p->nodes[p->nodes[at].to[in]].judged);
	print_state("order", seen(o));
}

/* Walks all edges; returns how many differ. What an order holds besides may not depend on the way either. */
static uint64_t differences(const struct paths *p, bool first_only, bool loud)
{
	struct aq_order *orders = calloc(p->count, sizeof(*orders));
	uint64_t different = 0;

	assert_non_null(orders);
	orders[0] = first_order();
	for (uint32_t at = 0; at < p->count; at++)
		for (int in = 0; in < INPUTS && !(different > 0 && first_only); in++) {
			uint32_t to = p->nodes[at].to[in];
			struct aq_order o = orders[at];

			if (to == PATHS_NONE)
				continue;
			drive(&o, in, p->nodes[at].judged);
			if (orders[to].size == 0)
				orders[to] = o;
			if (agrees(&o, &p->nodes[to].judged) && memcmp(&o, &orders[to], sizeof(o)) == 0)
				continue;
			if (loud && different < 10)
				print_difference(p, at, in, &o);
			different++;
		}
	free(orders);
	return different;
}

static const struct {
	int lots, price;
} amends[] = {{1, 1}, {2, 2}, {3, 1}, {3, 2}};
#define AMENDS (sizeof(amends) / sizeof(*amends))

static void test_every_state(void **unused)
{
	for (size_t i = 0; i < AMENDS; i++) {
		struct paths p = paths_build(amends[i].lots, amends[i].price);

		print_message("amend to %d lots at price %d: %u states, %llu transitions\n", amends[i].lots,
			amends[i].price, p.count, (unsigned long long)p.edges);
		assert_int_equal(differences(&p, false, true), 0);
		assert_true(p.count > 1000);
		paths_free(&p);
	}
}

/* ---- news that no way brings: one step, as a person would write it down ---- */

/* Columns: open, untriggered, triggered, rejected, cancelled, expired, filled, amended, cancel rejected, amend
 * rejected, not found, unknown. A capital: the state that follows; -: nothing happens to an order without requests; !:
 * odd. */
static const char *const letters[STATES] = {
	[AQ_SENT] = "OUORCEOO--R-",
	[AQ_UNTRIGGERED] = "O-ORCEO---!-",
	[AQ_OPEN] = "---!CE----!-",
	[AQ_FILLED] = "---!!!----!-",
	[AQ_CANCELLED] = "---!-!!---!-",
	[AQ_REJECTED] = "!!!-!!!!----",
	[AQ_EXPIRED] = "---!!-!---!-",
};
static const char state_letter[STATES + 1] = "___SUOFCRE";

static struct aq_order order_in(uint8_t state)
{
	struct aq_order o = first_order();

	o.state = state;
	o.place = state == AQ_SENT ? AQ_REQ_UNKNOWN : AQ_REQ_NONE;
	return o;
}

static char step_letter(uint8_t state, uint8_t update)
{
	struct aq_order o = order_in(state);
	struct aq_order_update u = {.update = update, .order = o.id, .price = AQ_NONE, .qty = AQ_NONE};
	enum order_verdict verdict = order_update_judge(&o, &u);

	if (verdict != ORDER_APPLY)
		return verdict == ORDER_ODD ? '!' : '-';
	order_update_apply(&o, &u);
	return state_letter[o.state];
}

static void test_each_step(void **unused)
{
	for (uint8_t state = AQ_SENT; state < STATES; state++)
		for (uint8_t update = AQ_UP_OPEN; update < UPDATES; update++)
			if (step_letter(state, update) != letters[state][update - 1])
				fail_msg("state %u, update %u: %c, not %c", state, update, step_letter(state, update),
					letters[state][update - 1]);
}

/* Whatever an adapter says, however absurd: it is judged without a crash, and what is final stays as it is. */
static void test_any_news(void **unused)
{
	unsigned long changed = 0;
	struct aq_order o, before;

	for (unsigned i = 0; i < 256u * 256u * 10u; i++) {
		struct aq_order_update u = {.update = (uint8_t)(i / 10),
			.answers = (uint8_t)(i / 2560),
			.order = o.id,
			.price = 3,
			.qty = i % 7 == 0 ? -5 : 9};

		o = before = order_in((uint8_t)(i % 10));
		if (order_update_judge(&o, &u) != ORDER_APPLY)
			continue;
		changed++;
		order_update_apply(&o, &u);
		assert_false(order_is_final(&before));
		assert_true(!order_is_final(&o) || !order_is_busy(&o));
		assert_int_equal(o.filled, before.filled);
	}
	assert_true(changed > 0);
	o = (struct aq_order){.state = AQ_OPEN};
	assert_int_equal(order_fill_judge(&o, 0), ORDER_ODD);
	o.state = AQ_DENIED;
	assert_int_equal(order_fill_judge(&o, 1), ORDER_ODD);
	o = (struct aq_order){.state = AQ_OPEN};
	assert_int_equal(order_request_judge(&o, 200, AQ_REQ_SENT), ORDER_ODD);
	o.state = AQ_FILLED;
	assert_int_equal(order_request_judge(&o, AQ_REQ_CANCEL, AQ_REQ_SENT), ORDER_ODD);
}

/* News that an order is filled, before its fills and not as the answer to a lookup: it has arrived, no more. */
static void test_news_of_filled(void **unused)
{
	struct aq_order o = first_order();
	struct aq_order_update u = {.update = AQ_UP_FILLED, .order = o.id, .price = AQ_NONE, .qty = AQ_NONE};

	o.cancel = o.amend = AQ_REQ_SENT;
	assert_int_equal(order_update_judge(&o, &u), ORDER_APPLY);
	order_update_apply(&o, &u);
	assert_int_equal(o.state, AQ_OPEN);
	assert_int_equal(o.place, AQ_REQ_NONE);
	assert_int_equal(o.cancel, AQ_REQ_SENT);
	assert_int_equal(o.amend, AQ_REQ_SENT);
}

/* ---- faults that are planted ---- */

/* A wrong way of doing nothing, which one step cannot show: it differs from the right one only in what is counted.
 * Absence is judged by the order, not by the table, where it would contradict what was confirmed. */
static bool cannot_be_seen(uint8_t state, uint8_t update, uint8_t step)
{
	uint8_t was = by_state[state][update];

	if (update == AQ_UP_NOT_FOUND && state != AQ_SENT && state != AQ_REJECTED)
		return true;
	return (was == SAME && step == KEEP) || (was == KEEP && step == SAME && state < AQ_FILLED);
}

static bool letters_find(void)
{
	for (uint8_t state = AQ_SENT; state < STATES; state++)
		for (uint8_t update = AQ_UP_OPEN; update < UPDATES; update++)
			if (step_letter(state, update) != letters[state][update - 1])
				return true;
	return false;
}

struct plants {
	struct paths paths[2];
	bool reached[STATES][UPDATES];
	unsigned planted, by_judge;
};

/* Is there a way on which this news meets this state? */
static void find_reached(struct plants *p)
{
	for (int i = 0; i < 2; i++)
		for (uint32_t at = 0; at < p->paths[i].count; at++)
			for (int in = 0; in < INPUTS; in++)
				if (p->paths[i].nodes[at].to[in] != PATHS_NONE)
					p->reached[p->paths[i].nodes[at].judged.state][said_by[in].update] = true;
}

static bool judge_finds(const struct plants *p)
{
	return differences(&p->paths[0], true, false) > 0 || differences(&p->paths[1], true, false) > 0;
}

/* A step that a way meets and that leads elsewhere. A full order that is opened is filled again within the step, and an
 * answer that was lost moves no state whatever the table says. */
static bool must_the_judge_find(const struct plants *p, uint8_t state, uint8_t update, uint8_t step)
{
	uint8_t was = by_state[state][update];
	uint8_t from = was >= TO_OPEN ? state_after[was] : state, to = step >= TO_OPEN ? state_after[step] : state;
	bool opens_full = state == AQ_FILLED && (to == AQ_OPEN || to == AQ_UNTRIGGERED);

	return p->reached[state][update] && from != to && !opens_full && update != AQ_UP_UNKNOWN;
}

static void plant(struct plants *p, uint8_t state, uint8_t update, uint8_t step)
{
	uint8_t was = by_state[state][update];
	bool must = must_the_judge_find(p, state, update, step);

	by_state[state][update] = step;
	p->planted++;
	if (!letters_find())
		fail_msg("one step does not notice %u for %u in state %u at update %u", step, was, state, update);
	if (must && !judge_finds(p))
		fail_msg("the judge does not notice %u for %u in state %u at update %u", step, was, state, update);
	p->by_judge += must;
	by_state[state][update] = was;
}

static void test_planted_steps(void **unused)
{
	struct plants p = {.paths = {paths_build(1, 1), paths_build(3, 2)}};

	find_reached(&p);
	for (uint8_t state = AQ_SENT; state < STATES; state++)
		for (uint8_t update = AQ_UP_OPEN; update < UPDATES; update++)
			for (uint8_t step = ODD; step <= TO_EXPIRED; step++)
				if (step != by_state[state][update] && !cannot_be_seen(state, update, step))
					plant(&p, state, update, step);
	print_message("faults planted in the table: %u, all found; by the judge %u, all that a way meets\n", p.planted,
		p.by_judge);
	assert_true(p.by_judge > 100);
	paths_free(&p.paths[0]);
	paths_free(&p.paths[1]);
}

static void plant_answer(struct plants *p, uint16_t *set, uint8_t update)
{
	*set ^= (uint16_t)(1u << update);
	p->planted++;
	if (judge_finds(p))
		p->by_judge++;
	else
		print_error("nothing notices update %u in the set of request %u\n", update, p->planted);
	*set ^= (uint16_t)(1u << update);
}

/* An answer that ends a request too many, or one that no longer does. What makes an order final ends all anyway, no amend
 * leaves before the place is answered, and a lookup of a filled order ends whatever there is. */
static void test_planted_answers(void **unused)
{
	const uint8_t answers[] = {
		AQ_UP_OPEN, AQ_UP_CANCEL_REJECTED, AQ_UP_AMENDED, AQ_UP_AMEND_REJECTED};
	struct plants p = {.paths = {paths_build(1, 1), paths_build(3, 2)}};

	for (size_t i = 0; i < sizeof(answers); i++) {
		if (i < 2)
			plant_answer(&p, &ends_place, answers[i]);
		plant_answer(&p, &ends_cancel, answers[i]);
		plant_answer(&p, &ends_amend, answers[i]);
	}
	print_message("faults planted in the answers: %u, found by the judge: %u\n", p.planted, p.by_judge);
	assert_int_equal(p.by_judge, p.planted);
	paths_free(&p.paths[0]);
	paths_free(&p.paths[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_every_state), cmocka_unit_test(test_each_step),
		cmocka_unit_test(test_any_news), cmocka_unit_test(test_news_of_filled),
		cmocka_unit_test(test_planted_steps),
		cmocka_unit_test(test_planted_answers)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
