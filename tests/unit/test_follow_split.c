/* test_follow_split.c: where a profit comes from, with numbers worked out by hand, and that its parts always add up to what
 * the ledger says. */
#include "flow_rig.h"

#include "host/follow_split.h"

static void expect_amt(struct aq_amt a, const char *text)
{
	char is[48];

	aq_amt_print(a, 0, is);
	assert_string_equal(is, text);
}

struct fixture {
	struct rig r;
	struct split split;
	uint64_t tag, fills;
};

static struct fixture *new_fixture(void)
{
	struct fixture *b = calloc(1, sizeof(*b));

	assert_non_null(b);
	rig_new(&b->r);
	split_begin(&b->split, &b->r.f, b->r.strategy);
	return b;
}

static void end_fixture(struct fixture *b)
{
	rig_free(&b->r);
	free(b);
}

/* A book of that moment at the venue. */
static void book(struct fixture *b, uint32_t instrument, aq_px bid, aq_px ask)
{
	struct market *m = market_find(&b->r.f, instrument);

	b->r.f.now_ns += SECOND;
	rig_book(&b->r, instrument, bid, ask);
	m->top.venue_ns = b->r.f.now_ns;
	split_note_middle(&b->split, m);
}

static struct aq_fill fill(struct fixture *b, uint32_t instrument, uint8_t side, aq_px price, aq_qty qty, struct aq_amt fee)
{
	uint64_t id = rig_place(&b->r, instrument, side, price, qty, ++b->tag);
	struct aq_fill f = rig_fill_of(&b->r, id, side, price, qty, 0);

	rig_say(&b->r, id, AQ_UP_OPEN, AQ_REQ_PLACE);
	f.fee = fee;
	snprintf(f.fee_asset, sizeof(f.fee_asset), "USDT");
	rig_emit_fill(&b->r, instrument, &f);
	assert_int_equal(b->r.f.ledger.fill_number, ++b->fills);
	f.instrument = instrument;
	return f;
}

static void take(struct fixture *b, const struct aq_fill *f)
{
	split_fill(&b->split, &b->r.f, f, split_middle_before(&b->split, f->venue_ns));
}

static struct split_parts parts(struct fixture *b)
{
	struct split_parts p = split_now(&b->split, &b->r.f, b->r.strategy);
	struct aq_amt sum = p.before, profit;

	aq_amt_add(sum, p.spread, &sum);
	aq_amt_add(sum, p.moved, &sum);
	aq_amt_sub(sum, p.fees, &sum);
	assert_int_equal(ledger_profit(&b->r.f, SCOPE_INSTANCE, b->r.strategy, &profit), 0);
	assert_int_equal(aq_amt_cmp(p.total, profit), 0);
	assert_int_equal(aq_amt_cmp(sum, profit), 0);
	return p;
}

static struct aq_amt cents(int64_t n)
{
	struct aq_amt a;

	assert_int_equal(aq_amt_from_scaled(n, 2, &a), 0);
	return a;
}

/* Bought 2 at 99.90 with the middle at 100.005, then the middle falls to 99.80; a fee of 0.05. */
static void test_a_purchase(void **unused)
{
	struct fixture *b = new_fixture();
	struct split_parts p;
	struct aq_fill f;

	book(b, b->r.spot, 9991, 10010);
	b->r.f.now_ns += SECOND;
	f = fill(b, b->r.spot, AQ_BUY, 9990, 2000, cents(5));
	take(b, &f);
	book(b, b->r.spot, 9970, 9990);
	p = parts(b);
	expect_amt(p.spread, "0.21");
	expect_amt(p.moved, "-0.41");
	expect_amt(p.fees, "0.05");
	expect_amt(p.total, "-0.25");
	expect_amt(p.before, "0");
	end_fixture(b);
}

/* A book at the time of the trade, or behind it, is the trade's work: the one before counts. */
static void test_the_middle_before(void **unused)
{
	struct fixture *b = new_fixture();
	struct aq_fill f;

	assert_int_equal(split_middle_before(&b->split, INT64_MAX), 0);
	book(b, b->r.spot, 9990, 10010);
	book(b, b->r.spot, 9890, 9910);
	f = fill(b, b->r.spot, AQ_BUY, 9950, 1000, aq_amt_zero());
	assert_int_equal(split_middle_before(&b->split, f.venue_ns), 20000);
	assert_int_equal(split_middle_before(&b->split, f.venue_ns + 1), 19800);
	assert_int_equal(split_middle_before(&b->split, 1), 20000); /* the oldest that is known */
	take(b, &f);
	expect_amt(parts(b).spread, "0.5");
	expect_amt(parts(b).moved, "-1");
	for (int i = 0; i < 3 * SPLIT_MIDDLES; i++) /* the ring goes round */
		book(b, b->r.spot, 9000 + i, 9010 + i);
	assert_int_equal(split_middle_before(&b->split, b->r.f.now_ns), 18010 + 2 * (3 * SPLIT_MIDDLES - 2));
	end_fixture(b);
}

static void test_a_sale_and_an_inverse_contract(void **unused)
{
	struct fixture *b = new_fixture();
	struct aq_fill f;

	book(b, b->r.linear, 9990, 10010);
	b->r.f.now_ns += SECOND;
	f = fill(b, b->r.linear, AQ_SELL, 10050, 4000, aq_amt_zero());
	take(b, &f);
	expect_amt(parts(b).spread, "2");
	expect_amt(parts(b).moved, "0");
	/* 100 USD sold at 125 are 0.8 BTC, at 100 they would be 1: the seller has gained 0.2 BTC, worth 20 USDT. */
	f = (struct aq_fill){.instrument = b->r.inverse, .side = AQ_SELL, .price = 12500, .qty = 100000};
	split_fill(&b->split, &b->r.f, &f, 20000);
	expect_amt(b->split.spread, "22");
	end_fixture(b);
}

/* What stood in the journal is told apart. */
static void test_a_later_begin(void **unused)
{
	struct fixture *b = new_fixture();
	struct split_parts p;
	struct aq_fill f;

	fill(b, b->r.spot, AQ_BUY, 9990, 1000, cents(3));
	split_begin(&b->split, &b->r.f, b->r.strategy);
	book(b, b->r.spot, 10000, 10020);
	b->r.f.now_ns += SECOND;
	f = fill(b, b->r.spot, AQ_SELL, 10030, 1000, cents(4));
	take(b, &f);
	p = parts(b);
	expect_amt(p.before, "0.07"); /* 0.10 of the price less the fee */
	expect_amt(p.spread, "0.2");
	expect_amt(p.moved, "0.1");
	expect_amt(p.fees, "0.04");
	end_fixture(b);
}

/* Cut to cents each part would lose something of its own. */
static void test_what_is_shown_adds_up(void **unused)
{
	const struct split_parts exact = {.before = {.lo = 9999999999999999}, .spread = {.lo = 1019999999999999999},
		.fees = {.lo = 19999999999999999}, .total = {.lo = 5009999999999999999u}};
	struct split_parts p = split_shown(&exact);

	expect_amt(p.before, "0");
	expect_amt(p.spread, "1.01");
	expect_amt(p.fees, "0.01");
	expect_amt(p.total, "5");
	expect_amt(p.moved, "4");
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_a_purchase), cmocka_unit_test(test_the_middle_before),
		cmocka_unit_test(test_a_sale_and_an_inverse_contract), cmocka_unit_test(test_a_later_begin),
		cmocka_unit_test(test_what_is_shown_adds_up)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
