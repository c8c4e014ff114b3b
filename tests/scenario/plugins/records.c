/* records.c: a strategy that does what the original's storage functions did, one after the other: each call is asked for when the
 * one before has been answered, and what comes is said. The judge is tests/scenario/records.py. */
#include <aioquant/strategy.h>

#include <decimal.h>

#include <stdlib.h>

#define MINUTE_NS INT64_C(60000000000)
#define MIDNIGHT_NS INT64_C(1723075200000000000) /* 2024-08-08 */
#define HOSTILE "o'brien\"; DROP TABLE asset; --"

struct records {
	struct aq_market market;
	uint32_t store;
	int64_t rows;            /* of the batch */
	uint32_t step;           /* whose answer is awaited, from 1 */
	int64_t seen;            /* rows of it */
	int64_t selects;         /* the call that is given up after the page that it was asked for */
	int64_t waits;           /* times that the batch found no room */
	struct aq_batch batch;
	uint8_t *frame;
};

static const struct aq_option options[] = {AQ_MARKET(records, market, AQ_TRADES, "whose records"),
	AQ_STORE(records, store, AQ_REQUIRED, "where they go"),
	AQ_INT(records, rows, 0, "50000", "1", NULL, "rows of the batch"), AQ_END};

static int64_t scaled(int64_t value, unsigned from, unsigned to)
{
	int64_t out = AQ_NONE;

	aq_rescale(value, from, to, &out);
	return out;
}

/* A candle of the nth minute: 100.00, 101.00 ... */
static struct aq_kline candle(struct aq_ctx *q, struct aq_market m, int64_t n)
{
	const struct aq_instrument *i = aq_instrument(q, m);
	struct aq_kline k = {.open_ns = MIDNIGHT_NS + n * MINUTE_NS, .interval = AQ_1M, .trades = (uint64_t)n, .closed = 1};

	k.open = scaled(10000 + 100 * n, 2, i->px_digits);
	k.high = scaled(10050 + 100 * n, 2, i->px_digits);
	k.low = scaled(9950 + 100 * n, 2, i->px_digits);
	k.close = scaled(10025 + 100 * n, 2, i->px_digits);
	k.qty = scaled(1500, 3, i->qty_digits);
	k.taker_buy_qty = scaled(500, 3, i->qty_digits);
	aq_notional_zero(k.close, i->px_digits, k.qty, i->qty_digits, &k.value);
	aq_amt_parse("0.000000000000000001", 20, &k.taker_buy_value); /* the last digit that there is */
	return k;
}

/* ---- the module of MySQL ---- */

#define STEP(name) static int64_t name(struct records *s, struct aq_ctx *q, uint64_t tag)

STEP(create_kline_table)
{
	return aq_create_kline_table(q, s->store, "minutes", tag);
}

STEP(create_original_kline_table)
{
	return aq_create_original_kline_table(q, s->store, "original", tag);
}

STEP(get_table_names)
{
	return aq_collections(q, s->store, tag);
}

static int64_t put_kline(struct records *s, struct aq_ctx *q, uint64_t tag, int64_t close)
{
	struct aq_kline k = candle(q, s->market, 0);

	k.close = scaled(close, 2, aq_instrument(q, s->market)->px_digits);
	return aq_put_kline(q, s->store, "minutes", tag, s->market, &k);
}

STEP(put_kline_first)
{
	return put_kline(s, q, tag, 1);
}

STEP(put_kline_again)
{
	return put_kline(s, q, tag, 10025);
}

static int64_t insert_data(struct records *s, struct aq_ctx *q, uint64_t tag, int64_t price)
{
	return aq_put(q, s->store, "original", tag, "{time: %ld, open: %.*ld, high: %.*ld, low: %.*ld, close: %.*ld, volume: %g, "
		"quote_base_asset_volume: %g, num_of_trades: %d, Taker_buy_base_asset_volume: %g, "
		"Taker_buy_quote_asset_volume: %g}", MIDNIGHT_NS, 8, price, 8, price, 8, price, 8, price, 1.5, 148.5, 7, 0.5, 49.5);
}

STEP(insert_data_99)
{
	return insert_data(s, q, tag, INT64_C(9999999999));
}

STEP(insert_data_100)
{
	return insert_data(s, q, tag, INT64_C(10000000000));
}

static int64_t write_frame(struct records *s, struct aq_ctx *q)
{
	size_t room = (size_t)s->rows * 400 + 65536;
	struct aq_frame_writer f;
	unsigned digits = aq_instrument(q, s->market)->px_digits;

	s->frame = malloc(room);
	aq_frame_begin(&f, s->frame, room, SIZE_MAX);
	aq_frame_column(&f, "symbol", AQ_COL_TEXT);
	aq_frame_column(&f, "interval", AQ_COL_TEXT);
	aq_frame_column(&f, "time", AQ_COL_TIME);
	aq_frame_decimals(&f, "open", digits);
	aq_frame_decimals(&f, "close", digits);
	aq_frame_column(&f, "quote_volume", AQ_COL_DECIMAL128);
	aq_frame_column(&f, "trades", AQ_COL_INT64);
	for (int64_t n = 1; n <= s->rows; n++) {
		struct aq_kline k = candle(q, s->market, n);

		aq_frame_text(&f, "BTC/USDT");
		aq_frame_text(&f, "1m");
		aq_frame_time(&f, k.open_ns);
		aq_frame_px(&f, k.open, digits);
		aq_frame_px(&f, k.close, digits);
		aq_frame_amount(&f, k.value);
		aq_frame_int64(&f, n);
		if (aq_frame_row(&f) != AQ_OK)
			return AQ_ESPACE;
	}
	return aq_frame_end(&f);
}

STEP(update_data_by_df)
{
	if (s->frame == NULL) {
		int64_t length = write_frame(s, q);

		if (length < 0)
			return length;
		s->batch = (struct aq_batch){.about = {.store = s->store, .collection = "minutes", .tag = tag}, .frame = s->frame,
			.length = (uint64_t)length};
		aq_info(q, "the batch has %lld bytes", (long long)length);
	}
	return aq_put_batch(q, &s->batch);
}

STEP(query_data)
{
	return aq_find(q, &(struct aq_query){.store = s->store, .collection = "minutes", .tag = tag, .sort = "{time: 1}",
		.fields = "{time: 1, close: 1, quote_volume: 1, taker_buy_quote_volume: 1, interval: 1}"}, "{trades: {$lt: %d}}", 3);
}

STEP(select_size)
{
	return s->selects = aq_statement(q, &(struct aq_query){.store = s->store, .collection = "minutes", .tag = tag, .page = 4},
		"SELECT time, close, trades FROM minutes WHERE symbol = ? AND trades > ? ORDER BY time", "[%s, %d]", "BTC/USDT", 10);
}

STEP(execute_update)
{
	return aq_statement(q, &(struct aq_query){.store = s->store, .collection = "minutes", .tag = tag},
		"UPDATE minutes SET trades = trades + ? WHERE trades BETWEEN ? AND ?", "[%d, %d, %d]", 1000000, 100, 109);
}

STEP(execute_insert)
{
	return aq_statement(q, &(struct aq_query){.store = s->store, .collection = "original", .tag = tag},
		"INSERT INTO original (num_of_trades) VALUES (?)", "[%d]", 77);
}

STEP(execute_nonsense)
{
	return aq_statement(q, &(struct aq_query){.store = s->store, .tag = tag}, "SELECT FROM WHERE", NULL);
}

STEP(no_such_table)
{
	return aq_put(q, s->store, "nowhere", tag, "{n: 1}");
}

/* ---- KLineData ---- */

#define SYMBOL "BTC/USDT"

STEP(kline_data)
{
	return aq_create_kline_data(q, s->store, tag, SYMBOL);
}

static int64_t create_new_kline(struct records *s, struct aq_ctx *q, uint64_t tag, int64_t n)
{
	struct aq_kline k = candle(q, s->market, n);

	return aq_create_new_kline(q, s->store, tag, s->market, &k);
}

/* The last one in time is not the last that is put. */
STEP(create_new_kline_1)
{
	return create_new_kline(s, q, tag, 1);
}

STEP(create_new_kline_4)
{
	return create_new_kline(s, q, tag, 4);
}

STEP(create_new_kline_3)
{
	return create_new_kline(s, q, tag, 3);
}

STEP(get_kline_at_ts)
{
	return aq_get_kline_at_ts(q, s->store, tag, SYMBOL, MIDNIGHT_NS + 4 * MINUTE_NS - 1);
}

STEP(get_kline_at_ts_now)
{
	return aq_get_kline_at_ts(q, s->store, tag, SYMBOL, 0);
}

STEP(get_kline_at_ts_before)
{
	return aq_get_kline_at_ts(q, s->store, tag, SYMBOL, MIDNIGHT_NS);
}

STEP(get_latest_kline_by_symbol)
{
	return aq_get_latest_kline_by_symbol(q, s->store, tag, SYMBOL);
}

STEP(get_kline_between_ts)
{
	return aq_get_kline_between_ts(q, s->store, tag, SYMBOL, MIDNIGHT_NS + MINUTE_NS, MIDNIGHT_NS + 3 * MINUTE_NS);
}

/* ---- AssetData ---- */

static struct aq_assets assets(struct aq_asset list[2], const char *account, int64_t n)
{
	struct aq_assets a = {.platform = "binance", .time_ns = MIDNIGHT_NS + n, .list = list, .count = 2};

	for (size_t at = 0; at < sizeof(a.account) - 1 && account[at] != '\0'; at++)
		a.account[at] = account[at];
	list[0] = (struct aq_asset){.name = "BTC", .free = aq_amt_of(n), .total = aq_amt_of(n)};
	aq_amt_parse("0.1", 3, &list[0].locked);
	aq_amt_add(list[0].free, list[0].locked, &list[0].total);
	list[1] = (struct aq_asset){.name = "USDT"};
	aq_amt_parse("123456789012.000000000000000001", 31, &list[1].free);
	list[1].total = list[1].free;
	return a;
}

STEP(asset_data)
{
	return aq_create_asset_data(q, s->store, tag);
}

STEP(create_new_asset)
{
	struct aq_asset list[2];
	struct aq_assets a = assets(list, HOSTILE, 1);

	return aq_create_new_asset(q, s->store, tag, &a);
}

STEP(create_new_assets)
{
	struct aq_asset lists[2][2];
	const struct aq_assets a[2] = {assets(lists[0], "two", 2), assets(lists[1], "three", 3)};

	return aq_create_new_assets(q, s->store, tag, a, 2);
}

static int64_t update_asset(struct records *s, struct aq_ctx *q, uint64_t tag, const char *account, int64_t n)
{
	struct aq_asset list[2];
	struct aq_assets a = assets(list, account, n);

	return aq_update_asset(q, s->store, tag, &a);
}

STEP(update_asset_of_old)
{
	return update_asset(s, q, tag, HOSTILE, 10);
}

STEP(update_asset_of_new)
{
	return update_asset(s, q, tag, "four", 4);
}

STEP(get_latest_asset)
{
	return aq_get_latest_asset(q, s->store, tag, "binance", HOSTILE);
}

STEP(snapshot_data)
{
	return aq_create_asset_snapshot_data(q, s->store, tag);
}

static int64_t create_new_snapshot(struct records *s, struct aq_ctx *q, uint64_t tag, int64_t ns)
{
	struct aq_asset list[2];
	struct aq_assets a = assets(list, "two", 5);

	a.time_ns = ns;
	return aq_create_new_asset_snapshot(q, s->store, tag, &a);
}

STEP(create_new_snapshot_2)
{
	return create_new_snapshot(s, q, tag, MIDNIGHT_NS + 2);
}

STEP(create_new_snapshot_1)
{
	return create_new_snapshot(s, q, tag, MIDNIGHT_NS + 1);
}

STEP(create_new_snapshot_old)
{
	return create_new_snapshot(s, q, tag, 5);
}

STEP(create_new_snapshot_now)
{
	return create_new_snapshot(s, q, tag, aq_now(q));
}

STEP(get_asset_snapshot)
{
	return aq_get_asset_snapshot(q, s->store, tag, "binance", "two", MIDNIGHT_NS + 1, MIDNIGHT_NS + 2);
}

STEP(get_asset_snapshot_day)
{
	return aq_get_asset_snapshot(q, s->store, tag, "binance", "two", 0, MIDNIGHT_NS + 2);
}

STEP(get_asset_snapshot_now)
{
	return aq_get_asset_snapshot(q, s->store, tag, "binance", "two", 0, 0);
}

/* ---- OrderData ---- */

static struct aq_order_data order(struct aq_ctx *q, const struct records *s, uint64_t id, aq_qty filled, uint8_t state)
{
	const struct aq_instrument *i = aq_instrument(q, s->market);
	struct aq_order o = {.id = id, .side = AQ_BUY, .type = AQ_LIMIT, .state = state, .intention = AQ_BUY_OPEN,
		.price = scaled(10025, 2, i->px_digits), .qty = scaled(3, 0, i->qty_digits),
		.filled = scaled(filled, 0, i->qty_digits), .created_ns = MIDNIGHT_NS, .updated_ns = MIDNIGHT_NS + filled};
	struct aq_order_data out = {.platform = "binance", .account = HOSTILE, .strategy = "mm"};

	aq_notional_zero(o.price, i->px_digits, o.filled, i->qty_digits, &o.value);
	aq_order_data_of(i, &o, &out);
	return out;
}

STEP(order_data)
{
	return aq_create_order_data(q, s->store, tag);
}

STEP(create_new_order)
{
	struct aq_order_data o = order(q, s, 4711, 0, AQ_SENT);

	return aq_create_new_order(q, s->store, tag, &o);
}

STEP(create_new_order_market)
{
	struct aq_order_data o = order(q, s, 4712, 1, AQ_OPEN);

	o.order_type = AQ_MARKET_ORDER;
	o.action = AQ_SELL;
	o.price = AQ_NONE;
	return aq_create_new_order(q, s->store, tag, &o);
}

STEP(update_order_infos)
{
	struct aq_order_data o = order(q, s, 4711, 2, AQ_OPEN);

	return aq_update_order_infos(q, s->store, tag, &o);
}

STEP(update_order_infos_of_none)
{
	struct aq_order_data o = order(q, s, 1, 2, AQ_OPEN);

	return aq_update_order_infos(q, s->store, tag, &o);
}

STEP(get_order_by_no)
{
	return aq_get_order_by_no(q, s->store, tag, "binance", "4712");
}

STEP(get_latest_order)
{
	return aq_get_latest_order(q, s->store, tag, "binance", SYMBOL);
}

/* ---- one after the other ---- */

enum kind { PLAIN = 0, KLINE, KLINE_DATA, ASSETS, ORDER, NAME, PAGE };
static const struct {
	const char *name;
	int64_t (*ask)(struct records *s, struct aq_ctx *q, uint64_t tag);
	enum kind kind; /* of its rows */
} steps[] = {
#define IS(step, kind) {#step, step, kind}
	IS(create_kline_table, PLAIN), IS(create_kline_table, PLAIN), IS(create_original_kline_table, PLAIN),
	IS(get_table_names, NAME), IS(put_kline_first, PLAIN), IS(put_kline_again, PLAIN), IS(insert_data_99, PLAIN),
	IS(insert_data_100, PLAIN), IS(update_data_by_df, PLAIN), IS(query_data, KLINE), IS(select_size, PAGE),
	IS(execute_update, PLAIN), IS(execute_insert, PLAIN), IS(execute_nonsense, PLAIN), IS(no_such_table, PLAIN),
	IS(kline_data, PLAIN), IS(create_new_kline_1, PLAIN), IS(create_new_kline_4, PLAIN), IS(create_new_kline_3, PLAIN),
	IS(create_new_kline_3, PLAIN), IS(get_kline_at_ts, KLINE_DATA), IS(get_kline_at_ts_now, KLINE_DATA),
	IS(get_kline_at_ts_before, KLINE_DATA), IS(get_latest_kline_by_symbol, KLINE_DATA), IS(get_kline_between_ts, KLINE_DATA),
	IS(asset_data, PLAIN), IS(create_new_asset, PLAIN), IS(create_new_assets, PLAIN), IS(update_asset_of_old, PLAIN),
	IS(update_asset_of_new, PLAIN), IS(get_latest_asset, ASSETS), IS(snapshot_data, PLAIN), IS(create_new_snapshot_2, PLAIN),
	IS(create_new_snapshot_1, PLAIN), IS(create_new_snapshot_old, PLAIN), IS(create_new_snapshot_now, PLAIN),
	IS(get_asset_snapshot, ASSETS), IS(get_asset_snapshot_day, ASSETS), IS(get_asset_snapshot_now, ASSETS),
	IS(order_data, PLAIN), IS(create_new_order, PLAIN), IS(create_new_order_market, PLAIN), IS(create_new_order, PLAIN),
	IS(update_order_infos, PLAIN), IS(update_order_infos_of_none, PLAIN), IS(get_order_by_no, ORDER),
	IS(get_latest_order, ORDER)};
#define STEPS (sizeof(steps) / sizeof(*steps))

static void ask(struct records *s, struct aq_ctx *q)
{
	int64_t call = steps[s->step - 1].ask(s, q, s->step);

	if (call == AQ_EAGAIN)
		s->waits++; /* `room` comes */
	else if (call < 0)
		aq_info(q, "%s: status %lld", steps[s->step - 1].name, (long long)call);
}

static void ready(void *self, struct aq_ctx *q)
{
	struct records *s = self;

	s->step = 1;
	ask(s, q);
}

static void room(void *self, struct aq_ctx *q, uint32_t store)
{
	ask(self, q);
}

static void next(struct records *s, struct aq_ctx *q)
{
	s->seen = 0;
	if (s->step == STEPS)
		aq_info(q, "all %u steps are done, the batch waited for room %s", s->step, s->waits > 0 ? "at times" : "never");
	else if (s->step++ > 0)
		ask(s, q);
}

/* The first rows of a statement; it has more, which nobody wants. */
static void page(struct records *s, struct aq_ctx *q, const char *name, struct aq_bson row)
{
	char close[AQ_VALUE_NUMBER_TEXT] = "";
	int64_t trades = 0;

	aq_value_int64(aq_bson_find(row, "trades"), &trades);
	if (aq_value_number_text(aq_bson_find(row, "close"), close) != AQ_OK)
		aq_value_copy_text(aq_bson_find(row, "close"), close, sizeof(close)); /* a column of a file has no type */
	aq_info(q, "%s: row %lld trades %lld close %s", name, (long long)s->seen, (long long)trades, close);
	if (s->seen == 4) {
		aq_info(q, "%s: forget %d", name, (int)aq_forget(q, s->selects));
		next(s, q);
	}
}

static void say_kline(struct aq_ctx *q, struct aq_market m, const char *name, const struct aq_kline *k)
{
	char value[48], taker[48];

	aq_amt_print(k->value, 0, value);
	aq_amt_print(k->taker_buy_value, 0, taker);
	aq_info(q, "%s: row minute %lld close %s qty %s value %s taker %s interval %u", name,
		(long long)((k->open_ns - MIDNIGHT_NS) / MINUTE_NS), aq_px_text(q, m, k->close), aq_qty_text(q, m, k->qty), value,
		taker, k->interval);
}

static void say_assets(struct aq_ctx *q, const char *name, const struct aq_assets *a)
{
	char btc[48], usdt[48];

	aq_amt_print(a->list[0].total, 0, btc);
	aq_amt_print(a->list[1].total, 0, usdt);
	aq_info(q, "%s: row %s at %lld: %u, %s %s %s %s, %s", name, a->platform, (long long)(a->time_ns - MIDNIGHT_NS), a->count,
		a->list[0].name, btc, a->list[1].name, usdt, a->account);
}

static void say_order(struct aq_ctx *q, struct aq_market m, const char *name, const struct aq_order_data *o)
{
	aq_info(q, "%s: row %s %s action %u type %u status %u price %s avg %s quantity %s remain %s trade_type %u ut %lld account %s",
		name, o->order_no, o->symbol, o->action, o->order_type, o->status, aq_px_text(q, m, o->price),
		aq_px_text(q, m, o->avg_price), aq_qty_text(q, m, o->quantity), aq_qty_text(q, m, o->remain), o->trade_type,
		(long long)(o->utime_ns - MIDNIGHT_NS), o->account);
}

static void row(void *self, struct aq_ctx *q, uint64_t tag, struct aq_bson row)
{
	struct records *s = self;
	const struct aq_instrument *i = aq_instrument(q, s->market);
	const char *name = steps[tag - 1].name;
	enum kind kind = steps[tag - 1].kind;
	struct aq_kline k;
	struct aq_asset list[2];
	struct aq_assets a;
	struct aq_order_data o;
	char text[64] = "";

	s->seen++;
	if (kind == KLINE && aq_row_kline(row, i, &k) == AQ_OK)
		say_kline(q, s->market, name, &k);
	else if (kind == KLINE_DATA && aq_row_kline_data(row, i, &k) == AQ_OK)
		say_kline(q, s->market, name, &k);
	else if (kind == ASSETS && aq_row_assets(row, &a, list, 2) == AQ_OK)
		say_assets(q, name, &a);
	else if (kind == ORDER && aq_row_order(row, i, &o) == AQ_OK)
		say_order(q, s->market, name, &o);
	else if (kind == NAME && aq_value_copy_text(aq_bson_find(row, "name"), text, sizeof(text)) == AQ_OK)
		aq_info(q, "%s: row %s", name, text);
	else if (kind == PAGE)
		page(s, q, name, row);
	else if (kind != PLAIN)
		aq_info(q, "%s: a row that cannot be read", name);
}

static void answer(void *self, struct aq_ctx *q, uint64_t tag, const struct aq_answer *a)
{
	struct records *s = self;

	aq_info(q, "%s: fault %u rows %lld changed %llu matched %llu id %lld %s", steps[tag - 1].name, a->fault,
		(long long)s->seen, (unsigned long long)a->changed, (unsigned long long)a->matched, (long long)a->insert_id, a->text);
	next(s, q);
}

static void store_state(void *self, struct aq_ctx *q, const struct aq_store_state *state)
{
	aq_info(q, "the store is %s: %s", state->up ? "up" : "down", state->text);
}

static void stop(void *self, struct aq_ctx *q)
{
	struct records *s = self;

	free(s->frame);
	s->frame = NULL;
}

AQ_STRATEGY(records, .summary = "does what the original's storage did", .options = options, .ready = ready, .row = row,
	.answer = answer, .room = room, .store_state = store_state, .stop = stop);
