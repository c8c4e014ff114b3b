/* test_report_sum.c: what a time has brought, out of samples, fills and cash flows. */
#include "host/report_sum.h"

#include <decimal.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct aq_amt amount(const char *text)
{
	struct aq_amt a;

	assert_int_equal(aq_amt_parse(text, strlen(text), &a), 0);
	return a;
}

static void is(struct aq_amt a, const char *text)
{
	char shown[48];

	aq_amt_print(a, 0, shown);
	assert_string_equal(shown, text);
}

static struct report_key key(const char *strategy, const char *account, const char *market)
{
	struct report_key k = {0};

	strncpy(k.strategy, strategy, sizeof(k.strategy) - 1);
	strncpy(k.account, account, sizeof(k.account) - 1);
	strncpy(k.market, market, sizeof(k.market) - 1);
	return k;
}

static void position(
	struct report_sum *r, int64_t at, struct report_key k, const char *realised, const char *unrealised)
{
	struct report_position p = {
		.key = k, .realised = amount(realised), .unrealised = amount(unrealised), .is_valued = true};

	report_sum_position(r, at, &p);
}

static void fill(
	struct report_sum *r, int64_t at, struct report_key k, const char *turnover, const char *fee, bool maker)
{
	struct report_fill f = {
		.key = k, .turnover = amount(turnover), .fee = amount(fee), .is_maker = maker, .is_valued = true};

	report_sum_fill(r, at, &f);
}

static void cash(struct report_sum *r, int64_t at, const char *kind, const char *value)
{
	struct report_cash c = {.account = "a", .kind = kind, .value = amount(value), .is_valued = true};

	report_sum_cash(r, at, &c);
}

static const struct report_row *row(const struct report_sum *r, uint32_t at, uint32_t count)
{
	const struct report_row *rows;

	assert_int_equal(report_sum_rows(r, &rows), count);
	return &rows[at];
}

/* Before the month, within it, and behind it. */
static struct report_sum *a_month(unsigned by)
{
	struct report_sum *r = report_sum_new(by, 100, 200);
	struct report_key mm = key("mm", "a", "v:BTC/USDT"), hedge = key("hedge", "a", "v:BTC/USDT");

	report_sum_equity(r, 90, "a", amount("1000"), true);
	position(r, 90, mm, "10", "5");
	fill(r, 95, mm, "500", "1", true);
	cash(r, 96, "funding", "-7");
	fill(r, 110, mm, "600", "0.6", true);
	report_sum_equity(r, 120, "a", amount("1012.4"), true);
	position(r, 120, mm, "20", "8");
	fill(r, 130, hedge, "400", "0.4", false);
	cash(r, 140, "funding", "-3");
	cash(r, 145, "transfer", "250");
	report_sum_equity(r, 150, "a", amount("1240"), true);
	position(r, 150, mm, "20", "-12");
	position(r, 150, hedge, "0", "2");
	report_sum_equity(r, 180, "a", amount("1251"), true);
	position(r, 180, mm, "15", "4");
	position(r, 180, hedge, "1", "0");
	fill(r, 200, mm, "1", "1", true);
	report_sum_equity(r, 210, "a", amount("5"), true);
	position(r, 210, mm, "0", "0");
	report_sum_end(r);
	return r;
}

static void by_strategy(void **state)
{
	struct report_sum *r = a_month(REPORT_STRATEGY);
	const struct report_row *account = row(r, 0, 3), *hedge = row(r, 1, 3), *mm = row(r, 2, 3);

	(void)state;
	assert_string_equal(account->key.strategy, "-");
	is(account->funding, "-3");
	is(account->total, "-3");
	assert_string_equal(hedge->key.strategy, "hedge");
	assert_string_equal(hedge->key.account, "");
	is(hedge->realised, "1");
	is(hedge->unrealised, "0");
	is(hedge->fees, "0.4");
	is(hedge->total, "0.6");
	assert_int_equal(hedge->maker_fills, 0);
	is(mm->realised, "5");
	is(mm->unrealised, "-1");
	is(mm->fees, "0.6");
	is(mm->total, "3.4");
	is(mm->turnover, "600");
	is(mm->maker_turnover, "600");
	assert_int_equal(mm->fills, 1);
	is(mm->drawdown, "20"); /* from 12.4 at 120 to -7.6 at 150; the fee of 110 is in both */
	assert_true(mm->is_valued);
	report_sum_free(r);
}

static void accounts_explain_themselves(void **state)
{
	static const unsigned all[] = {
		REPORT_STRATEGY, REPORT_ACCOUNT, REPORT_MARKET, REPORT_STRATEGY | REPORT_MARKET, 0};
	const struct report_account *accounts;

	(void)state;
	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
		struct report_sum *r = a_month(all[i]);

		assert_int_equal(report_sum_accounts(r, &accounts), 1);
		is(accounts[0].begin, "1000");
		is(accounts[0].end, "1251");
		is(accounts[0].transfers, "250");
		is(accounts[0].explained, "251"); /* 3.4 + 0.6 - 3 + 250: all of it */
		report_sum_free(r);
	}
}

/* Recording began within the month: what was there then is no profit of it. */
static void begins_late(void **state)
{
	struct report_sum *r = report_sum_new(REPORT_ACCOUNT, 100, 200);
	const struct report_account *accounts;

	(void)state;
	report_sum_equity(r, 150, "a", amount("50"), true);
	position(r, 150, key("mm", "a", "m"), "30", "1");
	report_sum_equity(r, 160, "a", amount("55"), true);
	position(r, 160, key("mm", "a", "m"), "32", "1");
	position(r, 160, key("new", "a", "m"), "3", "0");
	report_sum_end(r);
	is(row(r, 0, 1)->realised, "5");
	report_sum_accounts(r, &accounts);
	is(accounts[0].begin, "50");
	is(accounts[0].explained, "5");
	report_sum_free(r);
}

static void a_price_is_missing(void **state)
{
	struct report_sum *r = report_sum_new(REPORT_STRATEGY, 100, 200);
	struct report_position p = {.key = key("mm", "a", "m")};

	(void)state;
	position(r, 90, p.key, "1", "1");
	report_sum_position(r, 150, &p);
	report_sum_equity(r, 150, "a", amount("0"), false);
	report_sum_end(r);
	assert_false(row(r, 0, 1)->is_valued);
	is(row(r, 0, 1)->realised, "0");
	report_sum_free(r);
}

/* Tables are of anyone: what is too much is said, and ends nothing. */
static void too_many(void **state)
{
	struct report_sum *r = report_sum_new(REPORT_MARKET, 100, 200);
	struct report_key k = key("mm", "a", "");

	(void)state;
	for (int i = 0; i < 20000; i++) {
		snprintf(k.market, sizeof(k.market), "m%d", i);
		fill(r, 150, k, "1", "0", true);
		position(r, 150, k, "1", "0");
		assert_int_equal(report_sum_is_full(r), i >= 16384);
	}
	report_sum_end(r);
	report_sum_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(by_strategy), cmocka_unit_test(accounts_explain_themselves),
		cmocka_unit_test(begins_late), cmocka_unit_test(a_price_is_missing), cmocka_unit_test(too_many)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
