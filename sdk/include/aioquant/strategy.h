/* strategy.h: the one header that a strategy author reads.
 *
 * A strategy is a struct with its options and its own state, callbacks, and one AQ_STRATEGY line that names them:
 *
 *	struct mm { struct aq_market market; double spread; aq_qty size; };
 *	static const struct aq_option options[] = {AQ_MARKET(mm, market, AQ_BOOK, "what to quote"), ..., AQ_END};
 *	static void book(void *self, struct aq_ctx *q, struct aq_market m) { ... }
 *	AQ_STRATEGY(mm, .summary = "...", .options = options, .book = book);
 *
 * The name is both the strategy's and its struct's. The struct is allocated zeroed, filled from the configuration, and
 * never moves. A plugin has no writable globals: two instances of it may run side by side, and a reload replaces it.
 *
 * - All callbacks are optional and run on the instance's loop, never two at once. Helpers may be called in callbacks
 *   only.
 * - Events, orders and texts that a callback or helper hands over are valid until the callback returns.
 * - Prices and quantities are scaled integers (types.h). Doubles are for signals; rounding has its direction in the
 *   name.
 * - A tag is any number from 0 to AQ_TAG_MAX that the strategy chooses. A market has at most one order that is not
 *   final under a tag; orders and fills carry it, also after a reload or a restart, so no order id need be kept.
 * - The default is to be out of the market: without a valid, fresh book, or while the account is being reconciled,
 *   aq_fair and aq_mid are NaN, a rounded NaN is AQ_NONE, and aq_quote with AQ_NONE or quantity 0 takes the quote out.
 *
 * Everything here is linked hidden into the plugin; none of it is ABI. Nothing allocates after create.
 */
#ifndef AIOQUANT_STRATEGY_H
#define AIOQUANT_STRATEGY_H

#include "market.h"
#include "orders.h"
#include "records.h"
#include "stores.h"
#include "tell.h"

#ifdef __cplusplus
extern "C" {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wshadow" /* aq_top and others are a struct and a function: write `struct aq_top` */
#endif
#pragma GCC visibility push(hidden)

struct aq_ctx; /* what the helpers work on: one for each instance */

/* What AQ_STRATEGY fills. It begins as struct aq_plugin does (strategy.c checks that), so one constant object is the
 * plugin's symbol for the host and the table of callbacks for the SDK. In C++ designators keep this order. */
struct aq_strategy {
	uint32_t magic;
	uint16_t abi_major, abi_minor;
	uint32_t size, kind;
	const char *name, *version;
	const char *summary;             /* one line */
	const struct aq_option *options; /* ends with AQ_END */
	uint32_t state_schema, state_oldest;
	int32_t (*create)(const struct aq_host *host, void **self, struct aq_err *err);
	/* Looks at a complete set of options before it takes effect; fills err and returns AQ_EINVAL to refuse it. */
	int32_t (*check)(const void *self, struct aq_err *err);
	int32_t (*plugin_start)(void *self, struct aq_err *err);
	void (*plugin_stop)(void *self);
	void (*plugin_destroy)(void *self);
	int32_t (*plugin_save)(const void *self, const struct aq_writer *out);
	int32_t (*plugin_load)(void *self, const struct aq_reader *in, struct aq_err *err);
	void (*on_event)(void *self, const struct aq_event *event);
	const void *ops;
	uint64_t self_size;

	const struct aq_keep *keep; /* ends with AQ_KEEP_END: fields that survive reload and restart */
	/* Once, when instruments, open orders, positions, balances and books are there. Timers are set here. */
	void (*ready)(void *self, struct aq_ctx *q);
	/* The book, or what a quote depends on, has changed: also called after ready, after each fill and each change
	 * of options, and when trouble begins or ends (aq_fair is NaN as long as the book is not to be trusted). */
	void (*book)(void *self, struct aq_ctx *q, struct aq_market m);
	void (*trade)(void *self, struct aq_ctx *q, struct aq_market m, const struct aq_trade *t);
	void (*ticker)(void *self, struct aq_ctx *q, struct aq_market m, const struct aq_ticker *t);
	void (*funding)(void *self, struct aq_ctx *q, struct aq_market m, const struct aq_funding *f);
	/* Candles that aq_history has asked for: past ones (`past` is true, oldest first), then, for each trade, the one that
	 * is being built, and once more with k->closed when nothing more comes to it. */
	void (*kline)(void *self, struct aq_ctx *q, struct aq_market m, const struct aq_kline *k, int past);
	/* All of the past has been told: h->count candles (or trades) of h->interval. */
	void (*history)(void *self, struct aq_ctx *q, struct aq_market m, const struct aq_history *h);
	/* Once a second of the clock that it runs by; `beat` counts them since the epoch, none twice. */
	void (*heartbeat)(void *self, struct aq_ctx *q, int64_t beat);
	/* Also, before ready, for each fill between the last save and this start. */
	void (*fill)(void *self, struct aq_ctx *q, const struct aq_fill *f);
	/* An order of ours changed: accepted, ended, rejected, denied; with its tag, code and, for denials, the
	 * limit. */
	void (*order)(void *self, struct aq_ctx *q, const struct aq_order_change *o);
	void (*position)(void *self, struct aq_ctx *q, const struct aq_position *p);
	void (*timer)(void *self, struct aq_ctx *q, uint64_t tag);
	/* Live options have new values, which are in their fields already. */
	void (*param)(void *self, struct aq_ctx *q);
	/* Something the strategy depends on is not well, or (t->over) well again. Fields of m are 0 where it is not
	 * about one instrument or account. */
	void (*trouble)(void *self, struct aq_ctx *q, const struct aq_trouble *t, struct aq_market m);
	/* What a store answers (stores.h): each row, or each frame when those were asked for; then once how the call has ended. */
	void (*row)(void *self, struct aq_ctx *q, uint64_t tag, struct aq_bson row);
	void (*frame)(void *self, struct aq_ctx *q, uint64_t tag, const struct aq_frame_reader *frame);
	void (*answer)(void *self, struct aq_ctx *q, uint64_t tag, const struct aq_answer *a);
	/* A store's queue that was full has room. */
	void (*room)(void *self, struct aq_ctx *q, uint32_t store);
	/* A store that an option names went up or down. */
	void (*store_state)(void *self, struct aq_ctx *q, const struct aq_store_state *s);
	/* The last callback: only looks and tells. Orders are taken out by the host as on_stop says. */
	void (*stop)(void *self, struct aq_ctx *q);
	/* Optional, for state that is not a field: written behind the kept fields and handed back with exactly its
	 * length. save leaves the instance as it is; load fills err and returns a negative status to refuse. */
	int32_t (*save)(const void *self, const struct aq_writer *out);
	int32_t (*load)(void *self, const struct aq_reader *in, struct aq_err *err);
};

/* ---- options: name of the struct, field, flags (AQ_LIVE, AQ_REQUIRED; a market: the data), texts as one would write
 * them in the configuration. A field of another type than the option's does not compile. ---- */

/* sizeof(field), and an error where the field is no `type`. */
#ifdef __cplusplus
#define AQ_IS_(lvalue, type) (0 * sizeof(&(lvalue) == (type *)0))
#else
#define AQ_IS_(lvalue, type) (0 * sizeof(char[__builtin_types_compatible_p(__typeof__(lvalue), type) ? 1 : -1]))
#endif
#define AQ_FIELD_(name, field, type) \
	(uint16_t)(sizeof(((struct name *)0)->field) + AQ_IS_(((struct name *)0)->field, type))
#define AQ_BYTES_(name, field) \
	(uint16_t)(sizeof(((struct name *)0)->field) + AQ_IS_(((struct name *)0)->field[0], char))
#define AQ_AT_(name, field) ((uint32_t)offsetof(struct name, field))
#define AQ_OPTION_(name, field, type, size, flags, fallback, min, max, of, values, help) \
	{#field, (uint16_t)(type), size, (flags), AQ_AT_(name, field), 0, fallback, min, max, of, values, help}
#define AQ_PLAIN_(name, field, type, ctype, flags, fallback, of, help) \
	AQ_OPTION_(name, field, type, AQ_FIELD_(name, field, ctype), flags, fallback, NULL, NULL, of, NULL, help)
#define AQ_RANGE_(name, field, type, ctype, flags, fallback, min, max, help) \
	AQ_OPTION_(name, field, type, AQ_FIELD_(name, field, ctype), flags, fallback, min, max, NULL, NULL, help)

/* struct aq_market, required: flags say what to subscribe (AQ_BOOK, AQ_TRADES, AQ_TICKER, AQ_FUNDING), and
 * with AQ_LATEST that of books and tickers only the last one is wanted when several have come meanwhile. */
#define AQ_MARKET(name, field, flags, help) AQ_MARKET_IF_GIVEN(name, field, (flags) | AQ_REQUIRED, help)
/* The same, but it may be left out: then both ids are 0. */
#define AQ_MARKET_IF_GIVEN(name, field, flags, help) \
	AQ_PLAIN_(name, field, AQ_OPT_MARKET, struct aq_market, flags, NULL, NULL, help)
/* double: 4bps, 0.04%, 0.0004 */
#define AQ_RATIO(name, field, flags, fallback, min, max, help) \
	AQ_RANGE_(name, field, AQ_OPT_RATIO, double, flags, fallback, min, max, help)
/* aq_qty of the first market: 0.01 BTC, 600 USDT, 5 contracts. */
#define AQ_QTY(name, field, flags, fallback, help) \
	AQ_PLAIN_(name, field, AQ_OPT_QUANTITY, aq_qty, flags, fallback, NULL, help)
/* aq_px of the first market. */
#define AQ_PRICE(name, field, flags, fallback, help) \
	AQ_PLAIN_(name, field, AQ_OPT_PRICE, aq_px, flags, fallback, NULL, help)
/* The same of another market option, named by its field. */
#define AQ_QTY_OF(name, field, market, flags, fallback, help) \
	AQ_PLAIN_(name, field, AQ_OPT_QUANTITY, aq_qty, flags, fallback, #market, help)
#define AQ_PRICE_OF(name, field, market, flags, fallback, help) \
	AQ_PLAIN_(name, field, AQ_OPT_PRICE, aq_px, flags, fallback, #market, help)
/* int64_t */
#define AQ_INT(name, field, flags, fallback, min, max, help) \
	AQ_RANGE_(name, field, AQ_OPT_INT, int64_t, flags, fallback, min, max, help)
/* struct aq_amt */
#define AQ_DECIMAL(name, field, flags, fallback, min, max, help) \
	AQ_RANGE_(name, field, AQ_OPT_DECIMAL, struct aq_amt, flags, fallback, min, max, help)
/* int64_t ns: 500ms, 2s, 15m */
#define AQ_DURATION(name, field, flags, fallback, min, max, help) \
	AQ_RANGE_(name, field, AQ_OPT_DURATION, int64_t, flags, fallback, min, max, help)
/* uint8_t: yes, no */
#define AQ_BOOL(name, field, flags, fallback, help) \
	AQ_PLAIN_(name, field, AQ_OPT_BOOL, uint8_t, flags, fallback, NULL, help)
/* uint32_t: the store of a section [storage:NAME]; 0 when it is left out. */
#define AQ_STORE(name, field, flags, help) \
	AQ_PLAIN_(name, field, AQ_OPT_STORE, uint32_t, flags, NULL, NULL, help)
/* char[n] */
#define AQ_STRING(name, field, flags, fallback, help) \
	AQ_OPTION_(name, field, AQ_OPT_STRING, AQ_BYTES_(name, field), flags, fallback, NULL, NULL, NULL, NULL, help)
/* uint8_t: 1 for the first of "one|two" */
#define AQ_ENUM(name, field, flags, fallback, values, help) \
	AQ_OPTION_(name, field, AQ_OPT_ENUM, AQ_FIELD_(name, field, uint8_t), flags, fallback, NULL, NULL, NULL, \
		values, help)
#define AQ_END {NULL, 0, 0, 0, 0, 0, NULL, NULL, NULL, NULL, NULL, NULL}

/* ---- state: fields that a reload and a restart keep. A later version finds them by name; new ones keep their value,
 * dropped ones are skipped, and one whose size has changed refuses the load. ---- */
#define AQ_KEEP_(name, field, size, kind, of) {#field, AQ_AT_(name, field), size, kind, 0, of}
#define AQ_KEEP(name, field) AQ_KEEP_(name, field, sizeof(((struct name *)0)->field), AQ_KEEP_BYTES, 0)
/* Prices and quantities are rescaled when the digits of their market have changed: of the first market option, or (_OF)
 * of another one, which is named by its field. */
#define AQ_KEEP_PX(name, field) AQ_KEEP_(name, field, AQ_FIELD_(name, field, aq_px), AQ_KEEP_PRICE, 0)
#define AQ_KEEP_QTY(name, field) AQ_KEEP_(name, field, AQ_FIELD_(name, field, aq_qty), AQ_KEEP_QUANTITY, 0)
#define AQ_KEEP_PX_OF(name, field, market) \
	AQ_KEEP_(name, field, AQ_FIELD_(name, field, aq_px), AQ_KEEP_PRICE, AQ_AT_(name, market) + 1)
#define AQ_KEEP_QTY_OF(name, field, market) \
	AQ_KEEP_(name, field, AQ_FIELD_(name, field, aq_qty), AQ_KEEP_QUANTITY, AQ_AT_(name, market) + 1)
#define AQ_KEEP_END {NULL, 0, 0, 0, 0, 0}

/* ---- prices: AQ_NONE in, AQ_NONE (or NaN, or "-") out ---- */

/* A double as a price: on the tick at or below it, at or above it, or nearest. NaN and what does not fit: AQ_NONE. */
aq_px aq_px_down(struct aq_ctx *q, struct aq_market m, double price);
aq_px aq_px_up(struct aq_ctx *q, struct aq_market m, double price);
aq_px aq_px_near(struct aq_ctx *q, struct aq_market m, double price);
/* `ticks` further up (or down). */
aq_px aq_px_add(struct aq_ctx *q, struct aq_market m, aq_px price, int64_t ticks);
double aq_px_f(struct aq_ctx *q, struct aq_market m, aq_px price);
/* As text; the last eight texts stay valid. */
const char *aq_px_text(struct aq_ctx *q, struct aq_market m, aq_px price);

/* ---- quantities ---- */

/* How much of `size` may still be bought or sold until our position is `limit` long or short; on the lot, 0 if that is
 * less than the venue's minimum. */
aq_qty aq_room(struct aq_ctx *q, struct aq_market m, uint8_t side, aq_qty size, aq_qty limit);
/* A double as a quantity, on the lot at or below it; 0 for NaN, negative ones and what does not fit. */
aq_qty aq_qty_down(struct aq_ctx *q, struct aq_market m, double qty);
/* The quantity that `amount` of the quote currency buys at the middle, on the lot below; 0 without a valid book. */
aq_qty aq_qty_of(struct aq_ctx *q, struct aq_market m, double amount);
/* price x quantity in quote currency; exact inside, a double for signals outside. NaN if it cannot be told. */
double aq_notional(struct aq_ctx *q, struct aq_market m, aq_px price, aq_qty qty);
double aq_qty_f(struct aq_ctx *q, struct aq_market m, aq_qty qty);
const char *aq_qty_text(struct aq_ctx *q, struct aq_market m, aq_qty qty);

/* ---- market: as of the event in hand ---- */

/* The middle, each side weighted with the quantity of the other: where the next trade is likelier. NaN without a valid,
 * fresh book. */
double aq_fair(struct aq_ctx *q, struct aq_market m);
double aq_mid(struct aq_ctx *q, struct aq_market m);
/* Best prices. Returns 1 if they are valid, 0 if not (out->why says why). */
int aq_top(struct aq_ctx *q, struct aq_market m, struct aq_top *out);
/* Best n levels of a side, best first: AQ_BUY are the bids. Returns how many. */
int32_t aq_levels(struct aq_ctx *q, struct aq_market m, uint8_t side, struct aq_level *out, uint32_t n);
/* Average price to buy (AQ_BUY: from the asks) or sell `qty` now. NaN if the best 128 levels do not hold it. */
double aq_depth_price(struct aq_ctx *q, struct aq_market m, uint8_t side, aq_qty qty);
/* -1 ... 1: how much more is bid than asked at the top. NaN without a valid book. */
double aq_imbalance(struct aq_ctx *q, struct aq_market m);
/* ns since the bytes of the top arrived; INT64_MAX when there is none. */
int64_t aq_age(struct aq_ctx *q, struct aq_market m);
/* The last n closed candles of an interval (AQ_1M ... AQ_1Y) come to the kline callback, marked as past, then the live ones,
 * without gap and without double; with AQ_TRADES_ONLY the last n trades come to the trade callback. n may be 0, at most
 * 4096. Usually called in ready. In a replay only what was over by then. AQ_EINVAL, AQ_ENOENT, AQ_ESTATE. */
int32_t aq_history(struct aq_ctx *q, struct aq_market m, uint8_t interval, uint32_t n);
/* Rate, mark and index price as last told of a contract. AQ_OK, or AQ_ENOENT before the first. Needs AQ_FUNDING. */
int32_t aq_funding(struct aq_ctx *q, struct aq_market m, struct aq_funding *out);
/* Filters, digits, names. NULL when it is not known. */
const struct aq_instrument *aq_instrument(struct aq_ctx *q, struct aq_market m);

/* ---- quoting ---- */

#define AQ_TAG_MAX (UINT64_C(0xffffffffffff) - 1)
#define AQ_QUOTES 64 /* quotes that one instance may state */

/* States a wish: under this tag this much rests at this price, and only that. Post-only; a price that would take is
 * set beside the other side's best. The SDK leaves an order whose price is within `tolerance` (a ratio) of the wish
 * and whose open quantity is not above and at most a quarter below it; else it amends, or cancels and replaces where
 * the venue cannot amend. It waits while a request is on its way or unknown and acts when that has ended, unless a
 * fill has come in between: then the book callback states the wish anew. After a denial it tries again once the wish
 * has changed in what was denied, or after 250 ms, later up to 8 s. Out: AQ_NONE, quantity 0 or below the venue's
 * minima, or no valid book. Returns AQ_OK, AQ_EINVAL (tag, side, a market without account), AQ_ESPACE (more than
 * AQ_QUOTES), AQ_ESTATE. */
int32_t aq_quote(struct aq_ctx *q, struct aq_market m, uint64_t tag, uint8_t side, aq_px price, aq_qty qty,
	double tolerance);
/* n quotes under first_tag, first_tag + 1 ...: from `price` away from the middle, `step` ticks apart. n stays the
 * same from call to call: levels that are no longer wanted are quoted out one by one. */
int32_t aq_ladder(struct aq_ctx *q, struct aq_market m, uint64_t first_tag, uint8_t side, aq_px price, aq_qty qty,
	uint32_t n, int64_t step, double tolerance);
/* All quotes of the market out. */
void aq_pull(struct aq_ctx *q, struct aq_market m);
/* What may still be filled under the tag, quote or order; of an amend on its way the larger quantity. 0 = nothing. */
aq_qty aq_open_qty(struct aq_ctx *q, struct aq_market m, uint64_t tag);

/* ---- orders: for what is not a resting quote ---- */

#define AQ_WITH_POST_ONLY 1u
#define AQ_WITH_REDUCE_ONLY 2u
#define AQ_WITH_IOC 4u
#define AQ_WITH_FOK 8u

/* Returns the order's id (> 0, for logs; the tag is enough to find it) or AQ_EINVAL, AQ_ESTATE, AQ_EAGAIN. Denials come
 * to the order callback. `with` is any of AQ_WITH_*. */
int64_t aq_place_limit(struct aq_ctx *q, struct aq_market m, uint64_t tag, uint8_t side, aq_px price, aq_qty qty,
	unsigned with);
int64_t aq_place_market(struct aq_ctx *q, struct aq_market m, uint64_t tag, uint8_t side, aq_qty qty, unsigned with);
/* Waits until the last trade has reached `trigger`, then becomes a limit order, or with the price AQ_NONE a market order.
 * Denied where the host or the venue has no stops. */
int64_t aq_place_stop(struct aq_ctx *q, struct aq_market m, uint64_t tag, uint8_t side, aq_px trigger, aq_px price,
	aq_qty qty, unsigned with);
/* Cancels the order under the tag; a quote is taken out. AQ_ENOENT when there is none. */
int32_t aq_cancel(struct aq_ctx *q, struct aq_market m, uint64_t tag);
/* The order under the tag that is not final. AQ_ENOENT. */
int32_t aq_order_get(struct aq_ctx *q, struct aq_market m, uint64_t tag, struct aq_order *out);
/* Market order for our whole position, reduce-only on contracts; nothing while one is on its way. Returns like
 * aq_place_market, or 0 when there is nothing to do. Quotes stay: aq_pull takes them out. */
int64_t aq_close(struct aq_ctx *q, struct aq_market m);

/* ---- signals: plain structs, which AQ_KEEP can hold. Zeroed they are empty, and zeroing empties them again.
 *
 * A signal is NaN until it is warm. Prices that are NaN or infinite are passed over, so what aq_fair gives can be fed
 * as it is. n and half-lives come with each call: they may be live options. Nothing allocates. ---- */

struct aq_ema {
	double mean, squares; /* weighted mean, weighted sum of squared distances from it */
	double weight;        /* of 1: how much of what the mean will rest on is there */
	double last;          /* holds since last_ns */
	int64_t last_ns;
	uint32_t count, warm;
};
/* Exponential mean by count: each value weighs (n - 1) / (n + 1) of the one after it, and their sum is divided by the sum
 * of the weights, so that the first one has no more than its share. Warm after n values. */
double aq_ema(struct aq_ema *s, double x, uint32_t n);
/* Exponential mean over time: of what x was, not of how often it was told. Each value counts for the time until the next
 * one, a half-life ago half as much as now. From NaN on no time counts, and what is there loses weight. Warm when a
 * half-life has been seen. */
double aq_ema_at(struct aq_ema *s, double x, int64_t now_ns, int64_t half_life_ns);
/* Deviation around that mean, with the same weights: the root of their mean squared distance. */
double aq_ema_stdev(const struct aq_ema *s);

#define AQ_STDEV_MAX 256
struct aq_stdev {
	double values[AQ_STDEV_MAX];
	uint32_t count, next;
};
/* Standard deviation of the last n values, n from 2 to AQ_STDEV_MAX: the root of their squared distances from their mean
 * / (n - 1). */
double aq_stdev(struct aq_stdev *s, double x, uint32_t n);

struct aq_vwap {
	double mean, qty;
	int64_t last_ns;
};
/* Mean price of what was traded, weighted with quantities, since the struct was empty. */
double aq_vwap(struct aq_vwap *s, double price, double qty);
/* The same, where a quantity of a half-life ago counts half as much as one of now. */
double aq_vwap_at(struct aq_vwap *s, double price, double qty, int64_t now_ns, int64_t half_life_ns);

struct aq_rsi {
	double last, gain, loss;
	uint32_t count, reserved;
};
/* Wilder's relative strength of n changes: 100 x mean gain / (mean gain + mean loss); 50 when nothing moved. The first n
 * changes count alike, then each new one an nth. Warm after n + 1 prices. */
double aq_rsi(struct aq_rsi *s, double price, uint32_t n);

struct aq_atr {
	double close, range;
	uint32_t count, reserved;
};
/* Wilder's average true range of n bars, smoothed as aq_rsi: the largest of high - low and both distances from the close
 * before. A bar whose high is below its low is passed over. */
double aq_atr(struct aq_atr *s, double high, double low, double close, uint32_t n);

/* ---- account: our own part of it ---- */

/* Signed: long > 0. What can be sold: a fee in the base of a spot market has left it. */
aq_qty aq_position(struct aq_ctx *q, struct aq_market m);
/* Position as a part of `limit`, -1 ... 1; 0 for a limit that is not positive. */
double aq_inventory(struct aq_ctx *q, struct aq_market m, aq_qty limit);
/* Total less locked of the market's account. NaN if the asset is not known. */
double aq_balance(struct aq_ctx *q, struct aq_market m, const char *asset);
/* Realised and unrealised profit of our position, settle currency, before fees. */
double aq_profit(struct aq_ctx *q, struct aq_market m);
/* AQ_OK, or AQ_ENOENT. */
int32_t aq_fees(struct aq_ctx *q, struct aq_market m, struct aq_fees *out);

/* ---- time ---- */

int64_t aq_now(struct aq_ctx *q); /* ns UTC; stands still during a callback */
/* The timer callback gets `tag` once in `ns`, or every `ns`, or every `ns` at whole multiples plus `offset_ns`. A tag
 * has one timer (at most 32 in all), which survives a reload and a restart: setting it again replaces it. Returns >
 * 0, AQ_EINVAL, AQ_EAGAIN, AQ_ESTATE. */
int64_t aq_after(struct aq_ctx *q, uint64_t tag, int64_t ns);
int64_t aq_every(struct aq_ctx *q, uint64_t tag, int64_t ns);
int64_t aq_every_aligned(struct aq_ctx *q, uint64_t tag, int64_t ns, int64_t offset_ns);
int32_t aq_timer_stop(struct aq_ctx *q, uint64_t tag);

/* ---- telling ---- */

/* Why: kept with the orders that this callback places or amends afterwards, at most 79 bytes of it; `aqctl orders` and
 * `aqctl why ORDER` show it. A host that does not listen costs nothing: the text is not even written. */
void aq_why(struct aq_ctx *q, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* A figure of ours by its name, [a-z][a-z0-9_]*, at most 31 bytes, 32 figures in all: `aqctl gauges`, `aqctl metrics`.
 * AQ_EINVAL, AQ_ESPACE, AQ_ENOSYS: this host does not listen. */
int32_t aq_gauge(struct aq_ctx *q, const char *name, double value);
/* One log line each. */
void aq_info(struct aq_ctx *q, const char *format, ...) __attribute__((format(printf, 2, 3)));
void aq_warn(struct aq_ctx *q, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The host and its owner, for extensions that have no helper here. */
const struct aq_host *aq_host_of(struct aq_ctx *q);

/* ---- behind AQ_STRATEGY ---- */

int32_t aq_strategy_create(const struct aq_strategy *strategy, const struct aq_host *host, void **self,
	struct aq_err *err);
int32_t aq_strategy_start(void *self, struct aq_err *err);
void aq_strategy_stop(void *self);
void aq_strategy_destroy(void *self);
int32_t aq_strategy_save(const void *self, const struct aq_writer *out);
int32_t aq_strategy_load(void *self, const struct aq_reader *in, struct aq_err *err);
void aq_strategy_event(void *self, const struct aq_event *event);

#pragma GCC visibility pop
#ifdef __cplusplus
#pragma GCC diagnostic pop
}
#endif

#ifndef AQ_VERSION
#define AQ_VERSION "1" /* define it before the include to give the plugin another one */
#endif

#define AQ_STRATEGY_CREATE_ \
	extern AQ_STRATEGY_EXPORT_ const struct aq_strategy aq_plugin_1; \
	static int32_t aq_create_(const struct aq_host *host, void **self, struct aq_err *err) \
	{ \
		return aq_strategy_create(&aq_plugin_1, host, self, err); \
	}
#define AQ_STRATEGY_EXPORT_ __attribute__((visibility("default")))

#ifndef __cplusplus
/* AQ_STRATEGY(name, .summary = ..., .options = ..., .book = ...); */
#define AQ_STRATEGY(id, ...) \
	AQ_STRATEGY_CREATE_ \
	AQ_EXPORT const struct aq_strategy aq_plugin_1 = {.magic = AQ_MAGIC, .abi_major = AQ_ABI_MAJOR, \
		.abi_minor = AQ_ABI_MINOR, .size = sizeof(struct aq_plugin), .kind = AQ_STRATEGY, .name = #id, \
		.version = AQ_VERSION, .state_schema = 1, .state_oldest = 1, .create = aq_create_, \
		.plugin_start = aq_strategy_start, .plugin_stop = aq_strategy_stop, \
		.plugin_destroy = aq_strategy_destroy, .plugin_save = aq_strategy_save, \
		.plugin_load = aq_strategy_load, .on_event = aq_strategy_event, .self_size = sizeof(struct id), \
		__VA_ARGS__}
#elif __cplusplus >= 202002L
/* The same from C++20, where designators keep their order: what the author gives and what the SDK adds meet in a
 * constant expression. The struct is zeroed memory, so it must need no constructor. No exception may leave a
 * callback: strategy.hpp has wrappers that see to it. */
constexpr struct aq_strategy aq_strategy_filled_(struct aq_strategy s, const char *name, uint64_t self_size,
	int32_t (*create)(const struct aq_host *, void **, struct aq_err *))
{
	s.magic = AQ_MAGIC;
	s.abi_major = AQ_ABI_MAJOR;
	s.abi_minor = AQ_ABI_MINOR;
	s.size = sizeof(struct aq_plugin);
	s.kind = AQ_STRATEGY;
	s.name = name;
	s.version = AQ_VERSION;
	s.state_schema = s.state_oldest = 1;
	s.create = create;
	s.plugin_start = aq_strategy_start;
	s.plugin_stop = aq_strategy_stop;
	s.plugin_destroy = aq_strategy_destroy;
	s.plugin_save = aq_strategy_save;
	s.plugin_load = aq_strategy_load;
	s.on_event = aq_strategy_event;
	s.self_size = self_size;
	return s;
}
#define AQ_STRATEGY(id, ...) \
	extern "C" { \
	AQ_STRATEGY_CREATE_ \
	} \
	static_assert(__is_trivial(struct id), "the struct of a strategy has no constructors and no defaults"); \
	_Pragma("GCC diagnostic push") _Pragma("GCC diagnostic ignored \"-Wmissing-field-initializers\"") \
	AQ_EXPORT constexpr struct aq_strategy aq_plugin_1 = \
		aq_strategy_filled_({__VA_ARGS__}, #id, sizeof(struct id), aq_create_); \
	_Pragma("GCC diagnostic pop") \
	static_assert(sizeof(struct id) > 0, "")
#endif

#endif
