/* Candles, assets and orders of records.h: what reaches the store of each call, how rows are read, and what is refused. Batches of
 * any length; what a strategy without `answer` is told. */
#include "bson_help.h"

#include <aioquant/strategy.h>
#include <decimal.h>
#include <mock.h>
#include <stdio.h>

enum { TAG = 5, STORE = 3 };
#define SYMBOL "BTC/USDT"

struct writer {
	struct aq_market market;
	uint32_t store;
	void (*hook)(struct writer *s, struct aq_ctx *q);
	int64_t call; /* what it was answered */
	uint32_t rooms;
};

static void on_timer(void *self, struct aq_ctx *q, uint64_t tag)
{
	struct writer *s = self;

	s->hook(s, q);
}

static void on_room(void *self, struct aq_ctx *q, uint32_t store)
{
	struct writer *s = self;

	s->rooms++;
	s->hook(s, q);
}

static const struct aq_option options[] = {
	AQ_MARKET(writer, market, AQ_BOOK, "a market"), AQ_STORE(writer, store, AQ_REQUIRED, "a store"), AQ_END};

AQ_STRATEGY(writer, .summary = "driven by a test", .options = options, .timer = on_timer, .room = on_room);

static struct aq_mock *k;
static struct aq_market market;

static int setup(void **state)
{
	uint32_t store = STORE;

	k = aq_mock_new((const struct aq_plugin *)&aq_plugin_1);
	market = aq_mock_market(k, SYMBOL, 2, 5);
	assert_int_equal(aq_mock_create(k), AQ_OK);
	aq_mock_option(k, "market", &market, sizeof(market));
	aq_mock_option(k, "store", &store, sizeof(store));
	assert_int_equal(aq_mock_start(k), AQ_OK);
	return 0;
}

static int teardown(void **state)
{
	assert_string_equal(k->failed, "");
	aq_mock_free(k);
	return 0;
}

static int64_t inside(void (*hook)(struct writer *s, struct aq_ctx *q))
{
	struct writer *s = k->self;

	s->hook = hook;
	s->call = 0;
	aq_mock_event(k, AQ_EV_TIMER, (struct aq_market){0, 0}, 77, NULL, 0);
	aq_mock_run(k);
	return s->call;
}

/* The call is on its way, and is this one. */
static struct aq_mock_call *asked(void (*hook)(struct writer *s, struct aq_ctx *q), uint8_t op, const char *collection)
{
	int64_t call = inside(hook);
	struct aq_mock_call *c = aq_mock_asked(k, TAG);

	assert_true(call > 0);
	assert_int_equal(c->id, call);
	assert_int_equal(c->state, AQ_MOCK_ASKED);
	assert_int_equal(c->what.op, op);
	assert_int_equal(c->what.store, STORE);
	assert_string_equal(c->what.collection, collection);
	return c;
}

/* Nothing was asked, and nothing is open. */
static void refused(void (*hook)(struct writer *s, struct aq_ctx *q), int32_t status)
{
	assert_int_equal(inside(hook), status);
	for (uint32_t i = 0; i < k->call_count; i++)
		assert_int_not_equal(k->calls[i].state, AQ_MOCK_BEGUN);
}

static void has_text(struct aq_bson doc, const char *path, const char *text)
{
	char found[AQ_STORE_CHUNK] = "";

	assert_int_equal(aq_value_copy_text(aq_bson_find_path(doc, path), found, sizeof(found)), AQ_OK);
	assert_string_equal(found, text);
}

/* A number of any kind, as text. */
static void has_number(struct aq_bson doc, const char *path, const char *text)
{
	char found[AQ_VALUE_NUMBER_TEXT] = "";

	assert_int_equal(aq_value_number_text(aq_bson_find_path(doc, path), found), AQ_OK);
	assert_string_equal(found, text);
}

static void has_null(struct aq_bson doc, const char *path)
{
	assert_int_equal(aq_bson_find_path(doc, path).type, AQ_VALUE_NULL);
}

static uint8_t row_bytes[1024];

/* A row of this template, as a store might give it. */
#define ROW(...) row_of(aq_doc_of(row_bytes, sizeof(row_bytes), __VA_ARGS__))
static struct aq_bson row_of(int32_t length)
{
	struct aq_bson row;

	assert_true(length > 0);
	assert_int_equal(aq_bson_open(row_bytes, (size_t)length, &row), AQ_OK);
	return row;
}

static const struct aq_instrument *instrument(void)
{
	return &k->instruments[0];
}

/* ---- candles ---- */

static struct aq_kline candle(uint8_t interval)
{
	struct aq_kline c = {.open_ns = 60, .open = 1, .high = 6182850, .low = AQ_NONE, .close = 99, .qty = 150000, .taker_buy_qty = 1,
		.trades = 875, .interval = interval, .closed = 1};

	aq_amt_parse("92742.75", 8, &c.value);
	aq_amt_parse("0.000000000000000001", 20, &c.taker_buy_value);
	return c;
}

static void create_kline_table(struct writer *s, struct aq_ctx *q)
{
	s->call = aq_create_kline_table(q, s->store, "minutes", TAG);
}

static void create_original(struct writer *s, struct aq_ctx *q)
{
	s->call = aq_create_original_kline_table(q, s->store, "minutes", TAG);
}

static void schemas(void **state)
{
	struct aq_bson schema = aq_mock_part(asked(create_kline_table, AQ_STORE_CREATE, "minutes"), AQ_PART_SCHEMA);

	has_text(schema, "fields.2.name", "time");
	has_number(schema, "fields.3.precision", "28");
	has_number(schema, "fields.3.digits", "8");
	schema = aq_mock_part(asked(create_original, AQ_STORE_CREATE, "minutes"), AQ_PART_SCHEMA);
	has_text(schema, "fields.0.name", "id");
	has_text(schema, "fields.5.name", "close");
	has_number(schema, "fields.5.precision", "10");
	has_number(schema, "fields.5.digits", "8");
	has_text(schema, "fields.10.name", "Taker_buy_quote_asset_volume");
	assert_int_equal(aq_bson_find_path(schema, "fields.11.name").type, AQ_VALUE_NONE);
}

static void put_minute(struct writer *s, struct aq_ctx *q)
{
	struct aq_kline c = candle(AQ_1M);

	s->call = aq_put_kline(q, s->store, "minutes", TAG, s->market, &c);
}

static void put_without_interval(struct writer *s, struct aq_ctx *q)
{
	struct aq_kline c = candle(AQ_TRADES_ONLY);

	s->call = aq_put_kline(q, s->store, "minutes", TAG, s->market, &c);
}

static void put_of_the_future(struct writer *s, struct aq_ctx *q)
{
	struct aq_kline c = candle(AQ_1Y + 1);

	s->call = aq_put_kline(q, s->store, "minutes", TAG, s->market, &c);
}

static void put_of_no_market(struct writer *s, struct aq_ctx *q)
{
	struct aq_kline c = candle(AQ_1M);

	s->call = aq_put_kline(q, s->store, "minutes", TAG, (struct aq_market){.instrument = 99}, &c);
}

static void candles_in_a_table(void **state)
{
	struct aq_mock_call *c = asked(put_minute, AQ_STORE_UPSERT, "minutes");
	struct aq_bson filter = aq_mock_part(c, AQ_PART_FILTER), update = aq_mock_part(c, AQ_PART_UPDATE);

	has_text(filter, "symbol", SYMBOL);
	has_text(filter, "interval", "1m");
	has_number(filter, "time", "60");
	has_number(update, "$set.open", "0.01");
	has_number(update, "$set.high", "61828.5");
	has_null(update, "$set.low");
	has_number(update, "$set.volume", "1.5");
	has_number(update, "$set.quote_volume", "92742.75");
	has_number(update, "$set.trades", "875");
	has_number(update, "$set.taker_buy_volume", "0.00001");
	has_number(update, "$set.taker_buy_quote_volume", "1E-18");
	refused(put_without_interval, AQ_EINVAL);
	refused(put_of_the_future, AQ_EINVAL);
	refused(put_of_no_market, AQ_ENOENT);
}

static void rows_of_a_table(void **state)
{
	struct aq_kline c, was = candle(AQ_1MON);
	struct aq_bson update = aq_mock_part(asked(put_minute, AQ_STORE_UPSERT, "minutes"), AQ_PART_UPDATE), set;

	assert_int_equal(aq_value_document(aq_bson_find(update, "$set"), &set), AQ_OK);
	assert_int_equal(aq_row_kline(set, instrument(), &c), AQ_OK); /* without its key */
	was.open_ns = 0;
	was.interval = AQ_TRADES_ONLY;
	assert_memory_equal(&c, &was, sizeof(c));
	assert_int_equal(aq_row_kline(ROW("{interval: '1mon', time: %d, close: %.*ld, low: null}", 7, 3, INT64_C(1230)), instrument(), &c),
		AQ_OK);
	assert_int_equal(c.interval, AQ_1MON);
	assert_int_equal(c.open_ns, 7);
	assert_int_equal(c.close, 123);
	assert_true(c.low == AQ_NONE && c.open == AQ_NONE);
	assert_int_equal(aq_row_kline(ROW("{close: 1.234}"), instrument(), &c), AQ_EFORMAT);
	assert_int_equal(aq_row_kline(ROW("{close: %g}", 1.5), instrument(), &c), AQ_EINVAL);
	assert_int_equal(aq_row_kline(ROW("{volume: 1000000000000000000000000000000.0}"), instrument(), &c), AQ_EOVERFLOW);
	assert_int_equal(aq_row_kline(ROW("{interval: '7m'}"), instrument(), &c), AQ_EFORMAT);
	assert_int_equal(aq_row_kline(ROW("{interval: 'a long one'}"), instrument(), &c), AQ_EFORMAT);
	assert_int_equal(aq_row_kline(ROW("{time: later}"), instrument(), &c), AQ_EINVAL);
	assert_int_equal(aq_row_kline(ROW("{}"), NULL, &c), AQ_EINVAL);
}

static void create_data(struct writer *s, struct aq_ctx *q)
{
	s->call = aq_create_kline_data(q, s->store, TAG, "BTC/USDT:USDT-261225");
}

static void create_kline(struct writer *s, struct aq_ctx *q)
{
	struct aq_kline c = candle(AQ_1M);

	s->call = aq_create_new_kline(q, s->store, TAG, s->market, &c);
}

static void kline_of_no_market(struct writer *s, struct aq_ctx *q)
{
	struct aq_kline c = candle(AQ_1M);

	s->call = aq_create_new_kline(q, s->store, TAG, (struct aq_market){.instrument = 99}, &c);
}

static void kline_at(struct writer *s, struct aq_ctx *q)
{
	s->call = aq_get_kline_at_ts(q, s->store, TAG, SYMBOL, 0);
}

static void latest_kline(struct writer *s, struct aq_ctx *q)
{
	s->call = aq_get_latest_kline_by_symbol(q, s->store, TAG, SYMBOL);
}

static void too_long_a_symbol(struct writer *s, struct aq_ctx *q)
{
	s->call = aq_get_latest_kline_by_symbol(q, s->store, TAG, "A-SYMBOL-THAT-IS-REALLY-FAR-TOO-LONG-FOR-THE-NAME-OF-A-COLLECTION-OF-THIS-STORE");
}

static void kline_data(void **state)
{
	struct aq_mock_call *c;
	struct aq_kline out, was = candle(AQ_TRADES_ONLY);

	asked(create_data, AQ_STORE_CREATE, "kline_BTCUSDT:USDT261225");
	c = asked(create_kline, AQ_STORE_INSERT, "kline_BTCUSDT");
	has_number(aq_mock_part(c, AQ_PART_ROWS), "t", "60");
	has_number(aq_mock_part(c, AQ_PART_ROWS), "h", "61828.5");
	has_number(aq_mock_part(c, AQ_PART_ROWS), "v", "1.5");
	assert_int_equal(aq_row_kline_data(aq_mock_part(c, AQ_PART_ROWS), instrument(), &out), AQ_OK);
	assert_true(out.open_ns == 60 && out.open == was.open && out.low == AQ_NONE && out.qty == was.qty && out.closed == 1);
	refused(kline_of_no_market, AQ_ENOENT);
	c = asked(kline_at, AQ_STORE_FIND, "kline_BTCUSDT");
	assert_int_equal(c->what.limit, 1);
	has_number(aq_mock_part(c, AQ_PART_SORT), "t", "-1");
	c = asked(latest_kline, AQ_STORE_FIND, "kline_BTCUSDT");
	has_number(aq_mock_part(c, AQ_PART_SORT), "t", "-1");
	refused(too_long_a_symbol, AQ_EINVAL);
}

/* ---- assets ---- */

static struct aq_asset list[1200];
static struct aq_assets given = {.platform = "binance", .account = "a", .time_ns = 9, .list = list};

static void create_asset(struct writer *s, struct aq_ctx *q)
{
	s->call = aq_create_new_asset(q, s->store, TAG, &given);
}

static void update_asset(struct writer *s, struct aq_ctx *q)
{
	s->call = aq_update_asset(q, s->store, TAG, &given);
}

static void create_none(struct writer *s, struct aq_ctx *q)
{
	s->call = aq_create_new_assets(q, s->store, TAG, &given, 0);
}

static void create_three(struct writer *s, struct aq_ctx *q)
{
	const struct aq_assets three[3] = {given, given, given};

	s->call = aq_create_new_assets(q, s->store, TAG, three, 3);
}

static void snapshots(struct writer *s, struct aq_ctx *q)
{
	s->call = aq_get_asset_snapshot(q, s->store, TAG, "binance", "a", 0, 0);
}

static void assets_are_written(void **state)
{
	static const char text[] = "{\"BTC\":{\"free\":\"1.1\",\"locked\":\"2.2\",\"total\":\"3.3\"},"
		"\"USDT\":{\"free\":\"0\",\"locked\":\"0\",\"total\":\"-0.000000000000000001\"}}";
	struct aq_mock_call *c;
	struct aq_bson filter;

	memset(list, 0, sizeof(list));
	memcpy(list[0].name, "BTC", 4);
	aq_amt_parse("1.1", 3, &list[0].free);
	aq_amt_parse("2.2", 3, &list[0].locked);
	aq_amt_parse("3.3", 3, &list[0].total);
	memcpy(list[1].name, "USDT", 5);
	aq_amt_parse("-0.000000000000000001", 21, &list[1].total);
	given.count = 2;
	c = asked(create_asset, AQ_STORE_INSERT, "asset");
	has_text(aq_mock_part(c, AQ_PART_ROWS), "assets", text);
	has_number(aq_mock_part(c, AQ_PART_ROWS), "timestamp", "9");
	c = asked(update_asset, AQ_STORE_UPSERT, "asset");
	has_text(aq_mock_part(c, AQ_PART_UPDATE), "$set.assets", text);
	assert_int_equal(aq_bson_find_path(aq_mock_part(c, AQ_PART_UPDATE), "$set.create_time").type, AQ_VALUE_NONE);
	c = asked(create_three, AQ_STORE_INSERT, "asset");
	assert_true(c->parts[AQ_PART_ROWS].length > 3 * sizeof(text));
	given.count = 0;
	has_text(aq_mock_part(asked(create_asset, AQ_STORE_INSERT, "asset"), AQ_PART_ROWS), "assets", "{}");
	k->now_ns = INT64_C(1700000000000000000);
	filter = aq_mock_part(asked(snapshots, AQ_STORE_FIND, "snapshot"), AQ_PART_FILTER);
	has_number(filter, "timestamp.$gte", "1699913600000000000");
	has_number(filter, "timestamp.$lte", "1700000000000000000");
}

static void assets_that_are_refused(void **state)
{
	memset(list, 0, sizeof(list));
	given.count = 1;
	memcpy(list[0].name, "B\"C", 4);
	refused(create_asset, AQ_EFORMAT);
	refused(update_asset, AQ_EFORMAT);
	memcpy(list[0].name, "B\\C", 4);
	refused(create_asset, AQ_EFORMAT);
	memcpy(list[0].name, "B\nC", 4);
	refused(create_asset, AQ_EFORMAT);
	memset(list[0].name, 'x', sizeof(list[0].name)); /* it does not end */
	refused(create_asset, AQ_EFORMAT);
	memset(list, 0, sizeof(list));
	given.count = 1200;
	for (int i = 0; i < 1200; i++)
		memset(list[i].name, 'x', 15);
	refused(create_asset, AQ_ESPACE);
	given.count = 500;
	refused(create_three, AQ_ESPACE);
	refused(create_none, AQ_EINVAL);
}

static void assets_are_read(void **state)
{
	struct aq_assets a;
	struct aq_asset out[2];
	char text[48];

	assert_int_equal(aq_row_assets(ROW("{platform: binance, account: %s, timestamp: %d, assets: %s}", "a'b", 9,
		"{\"B\\u0054C\": {\"total\":\"3.3\", \"more\": [1], \"free\": 1e-18}, \"X\": {}}"), &a, out, 2), AQ_OK);
	assert_string_equal(a.account, "a'b");
	assert_int_equal(a.time_ns, 9);
	assert_int_equal(a.count, 2);
	assert_ptr_equal(a.list, out);
	assert_string_equal(out[0].name, "BTC");
	aq_amt_print(out[0].free, 0, text);
	assert_string_equal(text, "0.000000000000000001");
	aq_amt_print(out[0].total, 0, text);
	assert_string_equal(text, "3.3");
	assert_string_equal(out[1].name, "X");
	assert_int_equal(aq_row_assets(ROW("{assets: %s}", "{\"A\":{},\"B\":{},\"C\":{}}"), &a, out, 2), AQ_ESPACE);
	assert_int_equal(aq_row_assets(ROW("{assets: %s}", "{\"SIXTEENCHARACTERS\":{}}"), &a, out, 2), AQ_EFORMAT);
	assert_int_equal(aq_row_assets(ROW("{assets: %s}", "{\"A\":{\"free\":\"x\"}}"), &a, out, 2), AQ_EFORMAT);
	assert_int_equal(aq_row_assets(ROW("{assets: %s}", "{\"A\":5}"), &a, out, 2), AQ_EFORMAT);
	assert_int_equal(aq_row_assets(ROW("{assets: %s}", "{\"A\":{}} x"), &a, out, 2), AQ_EFORMAT);
	assert_int_equal(aq_row_assets(ROW("{assets: 5}"), &a, out, 2), AQ_EINVAL);
	assert_int_equal(aq_row_assets(ROW("{platform: %s}", "a name that is longer than its place"), &a, out, 2), AQ_ESPACE);
	assert_int_equal(aq_row_assets(ROW("{}"), &a, out, 2), AQ_OK);
	assert_int_equal(a.count, 0);
}

/* ---- orders ---- */

static struct aq_order_data the_order;

static void create_order(struct writer *s, struct aq_ctx *q)
{
	s->call = aq_create_new_order(q, s->store, TAG, &the_order);
}

static void update_order(struct writer *s, struct aq_ctx *q)
{
	s->call = aq_update_order_infos(q, s->store, TAG, &the_order);
}

static struct aq_order order_of_host(uint8_t state, aq_qty filled)
{
	return (struct aq_order){.id = 4711, .side = AQ_SELL, .type = AQ_LIMIT, .state = state, .intention = AQ_SELL_CLOSE,
		.price = 10025, .qty = 300000, .filled = filled, .created_ns = 1, .updated_ns = 2};
}

static void orders_of_the_host(void **state)
{
	static const struct {
		uint8_t state, status;
		aq_qty filled;
	} pairs[] = {{AQ_CREATED, AQ_STATUS_NONE, 0}, {AQ_DENIED, AQ_STATUS_FAILED, 0}, {AQ_SENT, AQ_STATUS_SUBMITTED, 0},
		{AQ_UNTRIGGERED, AQ_STATUS_SUBMITTED, 0}, {AQ_OPEN, AQ_STATUS_SUBMITTED, 0}, {AQ_OPEN, AQ_STATUS_PARTIAL_FILLED, 1},
		{AQ_FILLED, AQ_STATUS_FILLED, 300000}, {AQ_CANCELLED, AQ_STATUS_CANCELED, 1}, {AQ_REJECTED, AQ_STATUS_FAILED, 0},
		{AQ_EXPIRED, AQ_STATUS_CANCELED, 0}, {0, AQ_STATUS_NONE, 0}};
	struct aq_order o = order_of_host(AQ_OPEN, 200000);

	for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i++) {
		struct aq_order other = order_of_host(pairs[i].state, pairs[i].filled);

		aq_order_data_of(instrument(), &other, &the_order);
		assert_int_equal(the_order.status, pairs[i].status);
	}
	aq_amt_parse("200.509", 7, &o.value); /* 100.2545 each */
	aq_order_data_of(instrument(), &o, &the_order);
	assert_string_equal(the_order.order_no, "4711");
	assert_string_equal(the_order.symbol, SYMBOL);
	assert_int_equal(the_order.avg_price, 10025);
	assert_int_equal(the_order.remain, 100000);
	assert_int_equal(the_order.trade_type, 3);
	o.filled = 0;
	aq_order_data_of(instrument(), &o, &the_order);
	assert_true(the_order.avg_price == AQ_NONE);
}

static void orders_are_kept(void **state)
{
	struct aq_order o = order_of_host(AQ_OPEN, 100000);
	struct aq_order_data back;
	struct aq_mock_call *c;
	struct aq_bson row, update;

	the_order = (struct aq_order_data){.platform = "binance", .account = "a", .strategy = "mm"};
	aq_order_data_of(instrument(), &o, &the_order);
	the_order.price = AQ_NONE;
	c = asked(create_order, AQ_STORE_INSERT, "order");
	row = aq_mock_part(c, AQ_PART_ROWS);
	has_text(row, "s", "mm");
	has_text(row, "sy", SYMBOL);
	has_text(row, "ac", "SELL");
	has_text(row, "t", "LIMIT");
	has_text(row, "st", "PARTIAL-FILLED");
	has_null(row, "pr");
	has_number(row, "q", "3");
	has_number(row, "tt", "3");
	assert_int_equal(aq_row_order(row, instrument(), &back), AQ_OK);
	assert_memory_equal(&back, &the_order, sizeof(back));
	c = asked(update_order, AQ_STORE_UPDATE, "order");
	update = aq_mock_part(c, AQ_PART_UPDATE);
	has_text(update, "$set.st", "PARTIAL-FILLED"); /* and the strategy stays what it is */
	assert_int_equal(aq_bson_find_path(update, "$set.s").type, AQ_VALUE_NONE);
	has_number(update, "$set.r", "2");
	has_text(aq_mock_part(c, AQ_PART_FILTER), "n", "4711");
}

static void orders_that_are_refused(void **state)
{
	struct aq_order o = order_of_host(AQ_OPEN, 0);
	struct aq_order_data good;

	aq_order_data_of(instrument(), &o, &the_order);
	good = the_order;
	the_order.action = 0;
	refused(create_order, AQ_EINVAL);
	the_order = good;
	the_order.order_type = 200;
	refused(create_order, AQ_EINVAL);
	the_order = good;
	the_order.status = AQ_STATUS_FAILED + 1;
	refused(create_order, AQ_EINVAL);
	refused(update_order, AQ_EINVAL);
	the_order = good;
	the_order.quantity = AQ_NONE; /* null */
	assert_true(inside(create_order) > 0);
	assert_int_equal(aq_row_order(ROW("{ac: HOLD}"), instrument(), &good), AQ_EFORMAT);
	assert_int_equal(aq_row_order(ROW("{st: 'A STATUS THAT IS VERY LONG'}"), instrument(), &good), AQ_EFORMAT);
	assert_int_equal(aq_row_order(ROW("{tt: 5}"), instrument(), &good), AQ_EFORMAT);
	assert_int_equal(aq_row_order(ROW("{tt: -1}"), instrument(), &good), AQ_EFORMAT);
	assert_int_equal(aq_row_order(ROW("{pr: 1.005}"), instrument(), &good), AQ_EFORMAT);
	assert_int_equal(aq_row_order(ROW("{n: 5}"), instrument(), &good), AQ_EINVAL);
	assert_int_equal(aq_row_order(ROW("{}"), NULL, &good), AQ_EINVAL);
	assert_int_equal(aq_row_order(ROW("{}"), instrument(), &good), AQ_OK);
	assert_true(good.price == AQ_NONE && good.px_digits == 2);
}

/* ---- batches ---- */

static uint8_t frame[200 * 1000];
static struct aq_batch batch;

static void put_batch(struct writer *s, struct aq_ctx *q)
{
	s->call = aq_put_batch(q, &batch);
}

static void forget_batch(struct writer *s, struct aq_ctx *q)
{
	s->call = aq_forget(q, batch.call);
}

static void begin_batch(void)
{
	for (size_t i = 0; i < sizeof(frame); i++)
		frame[i] = (uint8_t)(i * 7 / 3);
	batch = (struct aq_batch){.about = {.store = STORE, .collection = "minutes", .tag = TAG}, .frame = frame,
		.length = sizeof(frame)};
}

/* However often it must wait, it is one call of all its bytes. */
static void batches(void **state)
{
	struct aq_mock_call *c;

	for (uint32_t room = 0; room <= 6; room++) { /* begin, four pieces, end */
		begin_batch();
		k->store_room = room;
		if (room < 6) {
			assert_int_equal(inside(put_batch), AQ_EAGAIN);
			assert_true(room == 0 ? batch.call == 0 : batch.call > 0);
			aq_mock_store_room(k, STORE);
			aq_mock_run(k);
		} else {
			inside(put_batch);
		}
		c = aq_mock_asked(k, TAG);
		assert_int_equal(((struct writer *)k->self)->call, c->id);
		assert_int_equal(c->what.op, AQ_STORE_INSERT);
		assert_int_equal(c->state, AQ_MOCK_ASKED);
		assert_int_equal(c->parts[AQ_PART_FRAME].length, sizeof(frame));
		assert_memory_equal(c->parts[AQ_PART_FRAME].bytes, frame, sizeof(frame));
		assert_int_equal(batch.call, 0); /* it may be put once more */
		assert_int_equal(batch.at, 0);
		assert_int_equal(k->call_count, room + 1);
	}
	assert_int_equal(((struct writer *)k->self)->rooms, 6);
}

static void batches_that_are_given_up(void **state)
{
	begin_batch();
	batch.length = 0;
	refused(put_batch, AQ_EINVAL);
	begin_batch();
	batch.about.store = 0;
	refused(put_batch, AQ_ENOENT);
	begin_batch();
	k->store_room = 2;
	assert_int_equal(inside(put_batch), AQ_EAGAIN);
	assert_int_equal(inside(forget_batch), AQ_OK);
	k->store_room = UINT32_MAX;
	refused(put_batch, AQ_ENOENT); /* and begins anew */
	assert_true(inside(put_batch) > 0);
}

/* ---- a strategy without `answer` ---- */

static void faults_are_told(void **state)
{
	struct aq_mock_call *c = asked(put_minute, AQ_STORE_UPSERT, "minutes");

	aq_mock_refuse(k, c, AQ_STORE_REFUSED, 13, "database or disk is full");
	aq_mock_run(k);
	assert_string_equal(k->log, "a store did not do what was asked with tag 5: database or disk is full");
	assert_int_equal(k->warnings, 1);
	aq_mock_done(k, asked(put_minute, AQ_STORE_UPSERT, "minutes"), (struct aq_store_end){0});
	aq_mock_run(k);
	assert_int_equal(k->warnings, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {TEST(schemas), TEST(candles_in_a_table), TEST(rows_of_a_table), TEST(kline_data),
		TEST(assets_are_written), TEST(assets_that_are_refused), TEST(assets_are_read), TEST(orders_of_the_host),
		TEST(orders_are_kept), TEST(orders_that_are_refused), TEST(batches), TEST(batches_that_are_given_up),
		TEST(faults_are_told)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
