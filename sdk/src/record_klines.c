/* record_klines.c: candles in a store (records.h). */
#include "record_value.h"
#include "strategy_ctx.h"

#include <string.h>

/* ---- which field of a candle is which of a row ---- */

enum column_kind { PRICE, QTY, AMOUNT, COUNT };
struct column {
	const char *name;
	enum column_kind kind;
	size_t offset;
};
#define COLUMN(name, kind, field) {name, kind, offsetof(struct aq_kline, field)}

static const struct column table_columns[] = {COLUMN("open", PRICE, open), COLUMN("high", PRICE, high), COLUMN("low", PRICE, low),
	COLUMN("close", PRICE, close), COLUMN("volume", QTY, qty), COLUMN("quote_volume", AMOUNT, value),
	COLUMN("trades", COUNT, trades), COLUMN("taker_buy_volume", QTY, taker_buy_qty),
	COLUMN("taker_buy_quote_volume", AMOUNT, taker_buy_value)};
static const struct column data_columns[] = {COLUMN("o", PRICE, open), COLUMN("h", PRICE, high), COLUMN("l", PRICE, low),
	COLUMN("c", PRICE, close), COLUMN("v", QTY, qty)};
#define COUNT_OF(array) (sizeof(array) / sizeof(*(array)))

static const char intervals[][8] = {"", "1m", "3m", "5m", "15m", "30m", "1h", "2h", "3h", "4h", "6h", "8h", "12h", "1d", "3d", "1w",
	"15d", "1mon", "1y"};

static void write_one(struct aq_doc *d, const struct column *c, const struct aq_instrument *i, const struct aq_kline *k)
{
	const uint8_t *at = (const uint8_t *)k + c->offset;
	struct aq_amt amount;
	int64_t value;

	memcpy(&value, at, sizeof(value));
	if (c->kind == AMOUNT) {
		memcpy(&amount, at, sizeof(amount));
		aq_doc_amount(d, c->name, amount);
	} else if (c->kind == COUNT) {
		aq_doc_int64(d, c->name, value);
	} else {
		aq_doc_px(d, c->name, value, c->kind == PRICE ? i->px_digits : i->qty_digits);
	}
}

static int32_t read_one(struct aq_value v, const struct column *c, const struct aq_instrument *i, struct aq_kline *k)
{
	uint8_t *at = (uint8_t *)k + c->offset;
	struct aq_amt amount = {0};
	int64_t value = 0;
	int32_t status;

	if (c->kind == AMOUNT)
		status = aq_value_amount(v, &amount);
	else if (c->kind == COUNT)
		status = aq_value_int64(v, &value);
	else
		status = aq_value_px(v, c->kind == PRICE ? i->px_digits : i->qty_digits, &value);
	if (status != AQ_OK)
		return record_or_empty(status);
	if (c->kind == AMOUNT)
		memcpy(at, &amount, sizeof(amount));
	else
		memcpy(at, &value, sizeof(value));
	return AQ_OK;
}

static void write_columns(struct aq_doc *d, const struct column *columns, size_t count, const struct aq_instrument *i,
	const struct aq_kline *k)
{
	for (size_t n = 0; n < count; n++)
		write_one(d, &columns[n], i, k);
}

static int32_t read_columns(struct aq_bson row, const struct column *columns, size_t count, const struct aq_instrument *i,
	struct aq_kline *out)
{
	int32_t status = i != NULL ? AQ_OK : AQ_EINVAL;

	*out = (struct aq_kline){.open = AQ_NONE, .high = AQ_NONE, .low = AQ_NONE, .close = AQ_NONE, .closed = 1};
	for (size_t n = 0; n < count && status == AQ_OK; n++)
		status = read_one(aq_bson_find(row, columns[n].name), &columns[n], i, out);
	return status;
}

/* ---- tables ---- */

int64_t aq_create_kline_table(struct aq_ctx *q, uint32_t store, const char *table, uint64_t tag)
{
	return aq_create(q, store, table, tag,
		"{fields: [{name: symbol, type: text, size: 48, key: true}, "
		"{name: interval, type: text, size: 8, key: true, comment: '1m to 1y'}, "
		"{name: time, type: timestamp, key: true, comment: 'of its begin'}, "
		"{name: open, type: decimal, precision: 28, digits: 8}, {name: high, type: decimal, precision: 28, digits: 8}, "
		"{name: low, type: decimal, precision: 28, digits: 8}, {name: close, type: decimal, precision: 28, digits: 8}, "
		"{name: volume, type: decimal, precision: 28, digits: 8, comment: 'in base currency'}, "
		"{name: quote_volume, type: decimal, precision: 34, digits: 18, comment: 'price x quantity'}, "
		"{name: trades, type: int64}, "
		"{name: taker_buy_volume, type: decimal, precision: 28, digits: 8, comment: 'that takers bought'}, "
		"{name: taker_buy_quote_volume, type: decimal, precision: 34, digits: 18}], comment: 'candles'}");
}

int64_t aq_create_original_kline_table(struct aq_ctx *q, uint32_t store, const char *table, uint64_t tag)
{
	return aq_create(q, store, table, tag,
		"{fields: [{name: id, type: int64, key: true, auto_increment: true}, "
		"{name: time, type: timestamp, comment: 'time'}, "
		"{name: open, type: decimal, precision: 10, digits: 8, comment: 'open price'}, "
		"{name: high, type: decimal, precision: 10, digits: 8, comment: 'highest price'}, "
		"{name: low, type: decimal, precision: 10, digits: 8, comment: 'lowest price'}, "
		"{name: close, type: decimal, precision: 10, digits: 8, comment: 'close price'}, "
		"{name: volume, type: double, comment: 'volume in quote or base currency'}, "
		"{name: quote_base_asset_volume, type: double, comment: 'volume'}, "
		"{name: num_of_trades, type: int64, comment: 'number of trades'}, "
		"{name: Taker_buy_base_asset_volume, type: double, comment: 'base volume that takers bought'}, "
		"{name: Taker_buy_quote_asset_volume, type: double, comment: 'quote volume that takers bought'}]}");
}

/* Filter and update lie in one buffer, one behind the other. */
int64_t aq_put_kline(struct aq_ctx *q, uint32_t store, const char *table, uint64_t tag, struct aq_market m,
	const struct aq_kline *k)
{
	const struct aq_query about = {.store = store, .collection = table, .tag = tag};
	const struct aq_instrument *i = aq_instrument(q, m);
	struct aq_ctx_part parts[2] = {{.part = AQ_PART_FILTER}, {.part = AQ_PART_UPDATE}};
	uint8_t filter[256], update[1024];
	struct aq_doc d;

	if (i == NULL || k->interval == AQ_TRADES_ONLY || k->interval >= COUNT_OF(intervals))
		return i == NULL ? AQ_ENOENT : AQ_EINVAL;
	parts[0].bytes = filter;
	parts[0].length = aq_doc_of(filter, sizeof(filter), "{symbol: %s, interval: %s, time: %ld}", i->symbol,
		intervals[k->interval], k->open_ns);
	aq_doc_begin(&d, update, sizeof(update));
	aq_doc_open(&d, "$set");
	write_columns(&d, table_columns, COUNT_OF(table_columns), i, k);
	aq_doc_close(&d);
	parts[1].bytes = update;
	parts[1].length = aq_doc_end(&d);
	return aq_ctx_store_ask(q, &about, AQ_STORE_UPSERT, parts, 2);
}

static int32_t read_interval(struct aq_bson row, uint8_t *out)
{
	char text[8] = "";
	int32_t status = record_text(row, "interval", text, sizeof(text));

	for (uint8_t n = 0; n < COUNT_OF(intervals) && status == AQ_OK; n++)
		if (strcmp(text, intervals[n]) == 0) {
			*out = n;
			return AQ_OK;
		}
	return status == AQ_OK || status == AQ_ESPACE ? AQ_EFORMAT : status;
}

int32_t aq_row_kline(struct aq_bson row, const struct aq_instrument *i, struct aq_kline *out)
{
	int32_t status = read_columns(row, table_columns, COUNT_OF(table_columns), i, out);

	if (status == AQ_OK)
		status = record_time(row, "time", &out->open_ns);
	return status == AQ_OK ? read_interval(row, &out->interval) : status;
}

/* ---- KLineData ---- */

/* kline_SYMBOL. One that is too long is so here, too: then the call is refused (AQ_EINVAL). */
struct collection {
	char name[80];
};

static struct collection collection_of(const char *symbol)
{
	struct collection c = {"kline_"};
	size_t length = strlen(c.name);

	for (; *symbol != '\0' && length + 1 < sizeof(c.name); symbol++)
		if (*symbol != '/' && *symbol != '-')
			c.name[length++] = *symbol;
	return c;
}

int64_t aq_create_kline_data(struct aq_ctx *q, uint32_t store, uint64_t tag, const char *symbol)
{
	return aq_create(q, store, collection_of(symbol).name, tag,
		"{fields: [{name: t, type: timestamp, key: true, comment: 'of its begin'}, "
		"{name: o, type: decimal, precision: 28, digits: 8, comment: open}, "
		"{name: h, type: decimal, precision: 28, digits: 8, comment: high}, "
		"{name: l, type: decimal, precision: 28, digits: 8, comment: low}, "
		"{name: c, type: decimal, precision: 28, digits: 8, comment: close}, "
		"{name: v, type: decimal, precision: 28, digits: 8, comment: volume}, "
		"{name: create_time, type: timestamp}, {name: update_time, type: timestamp}]}");
}

int64_t aq_create_new_kline(struct aq_ctx *q, uint32_t store, uint64_t tag, struct aq_market m, const struct aq_kline *k)
{
	const struct aq_instrument *i = aq_instrument(q, m);
	struct collection collection = i != NULL ? collection_of(i->symbol) : (struct collection){""};
	const struct aq_query about = {.store = store, .collection = collection.name, .tag = tag};
	struct aq_ctx_part part = {.part = AQ_PART_ROWS};
	uint8_t row[512];
	struct aq_doc d;

	if (i == NULL)
		return AQ_ENOENT;
	aq_doc_begin(&d, row, sizeof(row));
	aq_doc_time(&d, "t", k->open_ns);
	write_columns(&d, data_columns, COUNT_OF(data_columns), i, k);
	aq_doc_time(&d, "create_time", aq_now(q));
	aq_doc_time(&d, "update_time", aq_now(q));
	part.bytes = row;
	part.length = aq_doc_end(&d);
	return aq_ctx_store_ask(q, &about, AQ_STORE_INSERT, &part, 1);
}

int64_t aq_get_kline_at_ts(struct aq_ctx *q, uint32_t store, uint64_t tag, const char *symbol, int64_t time_ns)
{
	struct collection collection = collection_of(symbol);
	const struct aq_query about = {.store = store, .collection = collection.name, .tag = tag, .sort = "{t: -1}", .limit = 1};

	return aq_find(q, &about, "{t: {$lte: %ld}}", time_ns != 0 ? time_ns : aq_now(q));
}

int64_t aq_get_latest_kline_by_symbol(struct aq_ctx *q, uint32_t store, uint64_t tag, const char *symbol)
{
	struct collection collection = collection_of(symbol);
	const struct aq_query about = {.store = store, .collection = collection.name, .tag = tag, .sort = "{t: -1}", .limit = 1};

	return aq_find(q, &about, NULL);
}

int64_t aq_get_kline_between_ts(struct aq_ctx *q, uint32_t store, uint64_t tag, const char *symbol, int64_t from_ns,
	int64_t to_ns)
{
	struct collection collection = collection_of(symbol);
	const struct aq_query about = {.store = store, .collection = collection.name, .tag = tag, .sort = "{t: 1}"};

	return aq_find(q, &about, "{t: {$gte: %ld, $lte: %ld}}", from_ns, to_ns);
}

int32_t aq_row_kline_data(struct aq_bson row, const struct aq_instrument *i, struct aq_kline *out)
{
	int32_t status = read_columns(row, data_columns, COUNT_OF(data_columns), i, out);

	return status == AQ_OK ? record_time(row, "t", &out->open_ns) : status;
}
