/* records.h: candles, assets and orders in a store, under the names that the original's storage had; a part of strategy.h.
 *
 *	aq_create_kline_table(q, s->store, "minutes", MADE);          // a table of candles of any market and interval
 *	aq_put_kline(q, s->store, "minutes", KEPT, m, k);             // in the kline callback
 *	aq_find(q, &(struct aq_query){.store = s->store, .collection = "minutes", .tag = CHEAPEST, .sort = "{close: 1}",
 *		.limit = 1}, "{symbol: %s}", symbol);
 *	...
 *	struct aq_kline k;                                            // in the row callback
 *	if (aq_row_kline(row, aq_instrument(q, m), &k) == AQ_OK)
 *		...
 *
 * Every aq_create..., aq_put..., aq_update... and aq_get... is a call of stores.h: it returns the call's id or what is said
 * there, and is answered by rows and one `answer` with its tag. What was inserted is stored when that answer has fault 0.
 * `store` is the field of an AQ_STORE option. In callbacks only, from `ready` on.
 *
 * aq_row_... read a row, and can be called anywhere, also of rows that a service has asked for. Prices and quantities come
 * at the digits of the instrument; they are exact, or the row is refused:
 * AQ_EINVAL     no instrument, or a field of another type
 * AQ_EFORMAT    a value has more digits than the instrument, or is none of those that are allowed
 * AQ_EOVERFLOW  a value does not fit
 * AQ_ESPACE     a text or the assets are longer than their place
 * and then *out is not to be used. A field that the row lacks is left empty: 0, "", a price AQ_NONE.
 *
 * Times are nanoseconds UTC, where the original has milliseconds. Collections other than tables of candles have create_time
 * and update_time, the time of the callback that inserted the row and of the one that changed it last. Everything here is
 * linked hidden into the plugin; none of it is ABI. Nothing is allocated. */
#ifndef AIOQUANT_RECORDS_H
#define AIOQUANT_RECORDS_H

#include "event.h"
#include "stores.h"

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(hidden)

/* ---- candles in a table ---- */

/* A table of candles: symbol, interval ("1m" ... "1y") and time (open_ns) are the key; open, high, low, close, volume and
 * taker_buy_volume are decimal(28,8), quote_volume and taker_buy_quote_volume decimal(34,18); trades. */
int64_t aq_create_kline_table(struct aq_ctx *q, uint32_t store, const char *table, uint64_t tag);
/* The table as the original makes it, for programs that read that one: id, which counts itself, is the key; time; open, high,
 * low and close decimal(10,8), so that a price of 100 and more is refused; volume, quote_base_asset_volume,
 * Taker_buy_base_asset_volume and Taker_buy_quote_asset_volume are doubles; num_of_trades. Rows are put with aq_put. */
int64_t aq_create_original_kline_table(struct aq_ctx *q, uint32_t store, const char *table, uint64_t tag);
/* Puts a candle into a table of aq_create_kline_table: a new row, or what the row of that symbol, interval and time is from
 * now on. So a candle that is told twice, by a replay or after a restart, is there once. AQ_ENOENT: no such market. */
int64_t aq_put_kline(struct aq_ctx *q, uint32_t store, const char *table, uint64_t tag, struct aq_market m,
	const struct aq_kline *k);
/* A row of it. `closed` is 1. Its symbol is not compared with the instrument's. */
int32_t aq_row_kline(struct aq_bson row, const struct aq_instrument *i, struct aq_kline *out);

/* ---- KLineData: candles of one venue and interval, a collection kline_SYMBOL each (the symbol without / and -) ----
 *
 * A row is {t, o, h, l, c, v}: open_ns, which is the key, prices, and the quantity; all decimal(28,8). One store is one
 * platform, as one database of the original is. AQ_EINVAL: the symbol is longer than a name allows. */

int64_t aq_create_kline_data(struct aq_ctx *q, uint32_t store, uint64_t tag, const char *symbol);
/* AQ_STORE_DUPLICATE when there is a candle of that time. AQ_ENOENT: no such market. */
int64_t aq_create_new_kline(struct aq_ctx *q, uint32_t store, uint64_t tag, struct aq_market m, const struct aq_kline *k);
/* The last candle that began at or before that time; 0 = now. */
int64_t aq_get_kline_at_ts(struct aq_ctx *q, uint32_t store, uint64_t tag, const char *symbol, int64_t time_ns);
/* The last candle by its time, whenever it was put. */
int64_t aq_get_latest_kline_by_symbol(struct aq_ctx *q, uint32_t store, uint64_t tag, const char *symbol);
/* All that began from `from_ns` to `to_ns`, both included, in their order. */
int64_t aq_get_kline_between_ts(struct aq_ctx *q, uint32_t store, uint64_t tag, const char *symbol, int64_t from_ns,
	int64_t to_ns);
/* A row of it. `closed` is 1; its interval is not known. */
int32_t aq_row_kline_data(struct aq_bson row, const struct aq_instrument *i, struct aq_kline *out);

/* ---- AssetData and AssetSnapshotData: what an account has, in the collections `asset` and `snapshot` ----
 *
 * A row is {id, platform, account, timestamp, assets}; assets is a text, {"BTC":{"free":"1.1","locked":"2.2","total":"3.3"}}. */

struct aq_asset {
	char name[16];               /* without quotes, backslashes and control characters: AQ_EFORMAT */
	struct aq_amt free, locked, total;
};

/* All assets of an account at a time. */
struct aq_assets {
	char platform[32], account[64];
	int64_t time_ns;
	uint32_t count;
	const struct aq_asset *list; /* the caller's, also when it is read */
};

int64_t aq_create_asset_data(struct aq_ctx *q, uint32_t store, uint64_t tag);
/* A row each, all or none; at most AQ_STORE_CHUNK together, which is about 500 assets. */
int64_t aq_create_new_asset(struct aq_ctx *q, uint32_t store, uint64_t tag, const struct aq_assets *a);
int64_t aq_create_new_assets(struct aq_ctx *q, uint32_t store, uint64_t tag, const struct aq_assets *a, uint32_t count);
/* Sets time and assets of a row of that platform and account, or makes one. */
int64_t aq_update_asset(struct aq_ctx *q, uint32_t store, uint64_t tag, const struct aq_assets *a);
int64_t aq_get_latest_asset(struct aq_ctx *q, uint32_t store, uint64_t tag, const char *platform, const char *account);

int64_t aq_create_asset_snapshot_data(struct aq_ctx *q, uint32_t store, uint64_t tag);
int64_t aq_create_new_asset_snapshot(struct aq_ctx *q, uint32_t store, uint64_t tag, const struct aq_assets *a);
/* In the order of their times, both included; to_ns 0 = now, from_ns 0 = a day before to_ns. */
int64_t aq_get_asset_snapshot(struct aq_ctx *q, uint32_t store, uint64_t tag, const char *platform, const char *account,
	int64_t from_ns, int64_t to_ns);
/* A row of either. At most `room` assets go into `list`, which out->list points at. */
int32_t aq_row_assets(struct aq_bson row, struct aq_assets *out, struct aq_asset *list, uint32_t room);

/* ---- OrderData: orders in the collection `order` ----
 *
 * A row has the original's keys: p platform, a account, s strategy, n order_no, t order_type, st status, pr price, ap avg_price,
 * q quantity, r remain, ct ctime, ut utime. Three of them would differ from others in their case alone, which columns cannot:
 * S (symbol) is sy, A (action) is ac, T (trade_type) is tt. Platform and number together are there once. */

/* NONE, SUBMITTED, PARTIAL-FILLED, FILLED, CANCELED, FAILED in the store. */
enum aq_order_status {
	AQ_STATUS_NONE = 0,
	AQ_STATUS_SUBMITTED = 1,
	AQ_STATUS_PARTIAL_FILLED = 2,
	AQ_STATUS_FILLED = 3,
	AQ_STATUS_CANCELED = 4,
	AQ_STATUS_FAILED = 5
};

struct aq_order_data {
	char platform[32], account[64], strategy[64], symbol[48], order_no[64];
	uint8_t action;              /* enum aq_side: BUY, SELL */
	uint8_t order_type;          /* enum aq_order_type: LIMIT, MARKET, STOP_LIMIT, STOP_MARKET, TRAILING */
	uint8_t status;              /* enum aq_order_status */
	uint8_t trade_type;          /* enum aq_intention; 0 = none */
	uint8_t px_digits, qty_digits; /* of the instrument */
	aq_px price, avg_price;      /* AQ_NONE = null */
	aq_qty quantity, remain;
	int64_t ctime_ns, utime_ns;
};

/* An order of the host as such a record; platform, account and strategy are left as they are. order_no is the client order id,
 * which an order has from its begin; avg_price is rounded toward zero. What was denied, rejected is FAILED; expired is
 * CANCELED. */
void aq_order_data_of(const struct aq_instrument *i, const struct aq_order *o, struct aq_order_data *out);

int64_t aq_create_order_data(struct aq_ctx *q, uint32_t store, uint64_t tag);
/* AQ_STORE_DUPLICATE when there is one of that platform and number. AQ_EINVAL: no such action, type or status. */
int64_t aq_create_new_order(struct aq_ctx *q, uint32_t store, uint64_t tag, const struct aq_order_data *o);
int64_t aq_get_order_by_no(struct aq_ctx *q, uint32_t store, uint64_t tag, const char *platform, const char *order_no);
/* Sets status, remain, avg_price and utime of the order of that platform and number. The answer's `matched` is 0 when there is
 * none. */
int64_t aq_update_order_infos(struct aq_ctx *q, uint32_t store, uint64_t tag, const struct aq_order_data *o);
/* The one that was changed last, by utime. */
int64_t aq_get_latest_order(struct aq_ctx *q, uint32_t store, uint64_t tag, const char *platform, const char *symbol);
int32_t aq_row_order(struct aq_bson row, const struct aq_instrument *i, struct aq_order_data *out);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif
