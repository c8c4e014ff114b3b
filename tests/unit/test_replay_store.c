/* test_replay_store.c: what a line says of a market in a store, and rows of a recorder's tables, which are of anyone. Whole
 * replays are in scenario/store_replay.py. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "host/replay_levels.h"
#include "host/replay_rows.h"
#include "host/sim_stored.h"

#include <stdio.h>
#include <string.h>

#define DIGIT INT64_C(100000000)
#define MINUTE INT64_C(60000000000)

/* ---- lines ---- */

static void markets_are_read(void **state)
{
	static const struct {
		const char *line, *symbol, *settle;
		uint8_t kind;
		int64_t tick, lot;
	} good[] = {{"store:main binance:BTC/USDT", "BTC/USDT", "USDT", AQ_SPOT, 0, 0},
		{"store:main x:BTC/USDT:USDT tick=0.1", "BTC/USDT:USDT", "USDT", AQ_LINEAR, DIGIT / 10, 0},
		{"store:main x:BTC/USD:BTC  lot=1", "BTC/USD:BTC", "BTC", AQ_INVERSE, 0, DIGIT},
		{"store:a\tx:BTC/USDT:USDT-261225 lot=0.00000001 tick=5", "BTC/USDT:USDT-261225", "USDT", AQ_LINEAR, 5 * DIGIT, 1}};
	struct sim_stored s;
	struct aq_err err;

	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
		assert_true(sim_stored_is(good[i].line));
		if (sim_stored_read(good[i].line, &s, &err) != AQ_OK)
			fail_msg("%s: %s", good[i].line, err.text);
		assert_string_equal(s.instrument.symbol, good[i].symbol);
		assert_string_equal(s.instrument.settle, good[i].settle);
		assert_int_equal(s.instrument.kind, good[i].kind);
		assert_int_equal(s.instrument.tick, good[i].tick);
		assert_int_equal(s.instrument.lot, good[i].lot);
	}
	assert_false(sim_stored_is("./store:main"));
}

static void other_lines_are_refused(void **state)
{
	static const char *const bad[] = {"store:", "store: binance:BTC/USDT", "store:main", "store:main BTC/USDT", "store:main :BTC/USDT",
		"store:main b:BTC", "store:main b:BTC/", "store:main b:/USDT", "store:main b:BTC/USDT:ETH", "store:main b:BTC/USDT:",
		"store:main b:BTC/USDT:USDT-", "store:main b:BTC/USDT:USDT-1/2", "store:main b:BTC/USDT-261225",
		"store:main b:BTC/USDT tick", "store:main b:BTC/USDT tick=0", "store:main b:BTC/USDT tick=-1",
		"store:main b:BTC/USDT tick=0.000000001", "store:main b:BTC/USDT tick=1 tick=2", "store:main b:BTC/USDT lots=1",
		"store:main b:A2345678901234567/USDT"};
	struct sim_stored s;

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct aq_err err = {0};

		if (sim_stored_read(bad[i], &s, &err) != AQ_EFORMAT || err.text[0] == '\0')
			fail_msg("%s is taken", bad[i]);
	}
}

/* ---- levels ---- */

static struct aq_level levels[REPLAY_LEVELS_MAX];

static int32_t read_levels(const char *text, enum aq_side side)
{
	const char *why;
	int32_t count = replay_levels(text, strlen(text), side, levels, &why);

	assert_true((count < 0) == (why != NULL));
	return count;
}

static void levels_are_read(void **state)
{
	assert_int_equal(read_levels("[]", AQ_BUY), 0);
	assert_int_equal(read_levels(" [ [61828.01,0.0455] , [61826, 1e-5]]", AQ_BUY), 2);
	assert_int_equal(levels[0].price, 6182801000000);
	assert_int_equal(levels[0].qty, 4550000);
	assert_int_equal(levels[1].price, 61826 * DIGIT);
	assert_int_equal(levels[1].qty, 1000);
	assert_int_equal(read_levels("[[1,1],[2,1]]", AQ_SELL), 2);
}

static void other_levels_are_refused(void **state)
{
	static const char *const bad[] = {"", "[", "{}", "[1,2]", "[[1]]", "[[1,2]", "[[1,2]]]", "[[0,1]]", "[[1,0]]", "[[-1,1]]",
		"[[1,1],[1,1]]", "[[1,1],[2,1]]", "[[1.000000001,1]]", "[[1,1e30]]", "[[99999999999,1]]", "[[true,1]]", "[[1,null]]"};

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		if (read_levels(bad[i], AQ_BUY) != AQ_EFORMAT)
			fail_msg("%s is taken", bad[i]);
}

static void a_side_has_a_limit(void **state)
{
	static char text[REPLAY_LEVELS_MAX * 12 + 64];
	size_t used = 0;

	text[used++] = '[';
	for (int i = 1; i <= REPLAY_LEVELS_MAX; i++)
		used += (size_t)snprintf(text + used, sizeof(text) - used, "%s[%d,1]", i > 1 ? "," : "", i);
	snprintf(text + used, sizeof(text) - used, "]");
	assert_int_equal(read_levels(text, AQ_SELL), REPLAY_LEVELS_MAX);
	snprintf(text + used, sizeof(text) - used, ",[99999,1]]");
	assert_int_equal(read_levels(text, AQ_SELL), AQ_EFORMAT);
}

/* ---- rows ---- */

static uint8_t buffer[65536];
static struct aq_frame_writer writer;
static struct replay_rows rows;

static void begin_frame(enum replay_table table)
{
	rows = (struct replay_rows){.table = (uint8_t)table, .interval = AQ_1M, .px_digits = 8, .qty_digits = 8};
	aq_frame_begin(&writer, buffer, sizeof(buffer), SIZE_MAX);
	aq_frame_column(&writer, "host", AQ_COL_TEXT);
	aq_frame_column(&writer, "number", AQ_COL_INT64);
	aq_frame_column(&writer, "time", AQ_COL_TIME);
}

static void begin_row(const char *host, int64_t number, int64_t time)
{
	aq_frame_text(&writer, host);
	aq_frame_int64(&writer, number);
	aq_frame_time(&writer, time);
}

static int take(struct aq_err *err)
{
	struct aq_frame_reader f;
	int64_t length = aq_frame_end(&writer);

	assert_true(length > 0);
	assert_int_equal(aq_frame_open(&f, buffer, (size_t)length), AQ_OK);
	return replay_rows_take(&rows, &f, err);
}

static void begin_trades(void)
{
	begin_frame(REPLAY_TRADES);
	aq_frame_column(&writer, "trade_id", AQ_COL_INT64);
	aq_frame_column(&writer, "price", AQ_COL_DECIMAL128);
	aq_frame_column(&writer, "quantity", AQ_COL_DECIMAL128);
	aq_frame_column(&writer, "side", AQ_COL_TEXT);
}

static void put_trade(const char *host, int64_t number, int64_t time, int64_t id, const char *price)
{
	begin_row(host, number, time);
	if (id != 0)
		aq_frame_int64(&writer, id);
	else
		aq_frame_null(&writer);
	if (price != NULL)
		aq_frame_decimal_text(&writer, price, strlen(price));
	else
		aq_frame_null(&writer);
	aq_frame_decimal_text(&writer, "2", 1);
	aq_frame_text(&writer, "sell");
	assert_int_equal(aq_frame_row(&writer), AQ_OK);
}

static const struct aq_trade *trade_at(uint32_t i)
{
	return (const struct aq_trade *)(const void *)(rows.bytes + rows.list[i].at);
}

static void trades_are_taken_once(void **state)
{
	struct aq_err err = {0};

	begin_trades();
	put_trade("b", 1, 20, 8, "1.5");
	put_trade("a", 7, 20, 7, "1.4");
	put_trade("b", 2, 20, 7, "1.4");
	put_trade("a", 8, 20, 8, "1.5");
	put_trade("a", 6, 10, 9, "1.3"); /* an id that is larger, and earlier */
	put_trade("b", 3, 30, 0, NULL);  /* nothing is known of it */
	assert_int_equal(take(&err), AQ_OK);
	assert_int_equal(rows.seen, 6);
	assert_int_equal(rows.last_ns, 30);
	replay_rows_settle(&rows);
	assert_int_equal(rows.count, 3);
	assert_int_equal(rows.bare, 1);
	assert_int_equal(trade_at(0)->id, 9);
	assert_int_equal(trade_at(1)->id, 7);
	assert_int_equal(trade_at(2)->id, 8);
	assert_int_equal(trade_at(2)->price, 3 * DIGIT / 2);
	assert_int_equal(trade_at(2)->qty, 2 * DIGIT);
	assert_int_equal(trade_at(2)->taker, AQ_SELL);
	replay_rows_free(&rows);
}

/* Two of one moment and price may be two trades: the host that has most of them is believed. */
static void trades_without_ids_are_of_one_host(void **state)
{
	struct aq_err err = {0};

	begin_trades();
	put_trade("a", 5, 10, 0, "1.1");
	put_trade("b", 1, 10, 0, "1.1");
	put_trade("b", 2, 10, 0, "1.1");
	put_trade("a", 6, 11, 0, "1.2");
	put_trade("b", 3, 11, 0, "1.2");
	assert_int_equal(take(&err), AQ_OK);
	replay_rows_settle(&rows);
	assert_int_equal(rows.count, 3);
	assert_int_equal(rows.list[0].number, 1);
	assert_int_equal(rows.list[1].number, 2);
	assert_int_equal(rows.list[2].at_ns, 11);
	replay_rows_free(&rows);
}

static void impossible_trades_are_told(void **state)
{
	static const struct {
		const char *price, *says;
	} bad[] = {{"0", "no possible price"}, {"-1", "no possible price"}, {"0.000000001", "more digits"}, {"1E+30", "too large"}};

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct aq_err err = {0};

		begin_trades();
		put_trade("a", 42, 10, 1, bad[i].price);
		assert_int_equal(take(&err), AQ_EFORMAT);
		if (strstr(err.text, bad[i].says) == NULL || strstr(err.text, "number 42") == NULL)
			fail_msg("%s: %s", bad[i].price, err.text);
		replay_rows_free(&rows);
	}
}

static void put_kline(const char *host, int64_t number, int64_t open, int64_t end, const char *low, bool partial)
{
	static const char *const names[] = {"open", "high", "low", "close", "volume", "value", NULL};

	if (writer.columns == 3) {
		aq_frame_column(&writer, "end_time", AQ_COL_TIME);
		for (int i = 0; names[i] != NULL; i++)
			aq_frame_column(&writer, names[i], AQ_COL_DECIMAL128);
		aq_frame_column(&writer, "trades", AQ_COL_INT64);
		aq_frame_column(&writer, "taker_buy_volume", AQ_COL_DECIMAL128);
		aq_frame_column(&writer, "taker_buy_value", AQ_COL_DECIMAL128);
		aq_frame_column(&writer, "partial", AQ_COL_BOOL);
	}
	begin_row(host, number, open);
	aq_frame_time(&writer, end);
	aq_frame_decimal_text(&writer, "5", 1);
	aq_frame_decimal_text(&writer, "6", 1);
	aq_frame_decimal_text(&writer, low, strlen(low));
	for (int i = 0; i < 3; i++)
		aq_frame_decimal_text(&writer, "5", 1);
	for (int i = 0; i < 3; i++)
		aq_frame_null(&writer); /* not every venue tells these */
	aq_frame_bool(&writer, partial);
	assert_int_equal(aq_frame_row(&writer), AQ_OK);
}

/* A candle that one host knows only a part of, another may know as a whole. */
static void whole_candles_are_preferred(void **state)
{
	for (int keeps = 0; keeps < 2; keeps++) {
		struct aq_err err = {0};

		begin_frame(REPLAY_KLINES);
		rows.keeps_partial = keeps;
		put_kline("a", 1, 0, MINUTE, "4", true);
		put_kline("b", 9, 0, MINUTE, "4", false);
		put_kline("a", 2, MINUTE, 2 * MINUTE, "4", true);
		put_kline("b", 8, MINUTE, 2 * MINUTE, "4", true);
		put_kline("a", 3, 2 * MINUTE, 3 * MINUTE, "4", false);
		assert_int_equal(take(&err), AQ_OK);
		replay_rows_settle(&rows);
		assert_int_equal(rows.count, 2 + keeps);
		assert_int_equal(rows.partial, 1 - keeps);
		assert_int_equal(rows.list[0].number, 9);
		assert_int_equal(rows.list[1 + keeps].number, 3);
		replay_rows_free(&rows);
	}
}

static void impossible_candles_are_told(void **state)
{
	static const struct {
		int64_t open, end;
		const char *low;
	} bad[] = {{0, MINUTE, "5.5"}, {0, MINUTE, "0"}, {0, 2 * MINUTE, "4"}, {1, MINUTE + 1, "4"}, {INT64_MAX, INT64_MIN, "4"}};

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct aq_err err = {0};

		begin_frame(REPLAY_KLINES);
		put_kline("a", 1, bad[i].open, bad[i].end, bad[i].low, false);
		assert_int_equal(take(&err), AQ_EFORMAT);
		assert_non_null(strstr(err.text, "cannot be those of a candle"));
		replay_rows_free(&rows);
	}
}

static void a_table_of_another_form_is_told(void **state)
{
	struct aq_err err = {0};

	begin_frame(REPLAY_BOOKS);
	aq_frame_column(&writer, "bids", AQ_COL_TEXT);
	begin_row("a", 1, 1);
	aq_frame_text(&writer, "[]");
	assert_int_equal(aq_frame_row(&writer), AQ_OK);
	assert_int_equal(take(&err), AQ_EFORMAT);
	assert_non_null(strstr(err.text, "no column asks"));
	replay_rows_free(&rows);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(markets_are_read), cmocka_unit_test(other_lines_are_refused),
		cmocka_unit_test(levels_are_read), cmocka_unit_test(other_levels_are_refused), cmocka_unit_test(a_side_has_a_limit),
		cmocka_unit_test(trades_are_taken_once), cmocka_unit_test(trades_without_ids_are_of_one_host),
		cmocka_unit_test(impossible_trades_are_told), cmocka_unit_test(whole_candles_are_preferred),
		cmocka_unit_test(impossible_candles_are_told), cmocka_unit_test(a_table_of_another_form_is_told)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
