/* rows_market.c: market data and equity as rows. */
#include "rows.h"

#include "spooled.h"

#include <decimal.h>
#include <stdio.h>

static int64_t time_of(const void *body)
{
	return ((const struct spooled_head *)body)->time_ns;
}

/* ---- klines ---- */

static const struct column kline_columns[] = {{"interval", "1m, 1h ...", 8, CELL_TEXT},
	{"end_time", "ns UTC, the first moment behind it", 0, CELL_TIME}, {"open", "price", 0, CELL_DECIMAL},
	{"high", NULL, 0, CELL_DECIMAL}, {"low", NULL, 0, CELL_DECIMAL}, {"close", NULL, 0, CELL_DECIMAL},
	{"volume", "quantity", 0, CELL_DECIMAL}, {"value", "price x quantity", 0, CELL_DECIMAL},
	{"trades", "how many", 0, CELL_INT}, {"taker_buy_volume", NULL, 0, CELL_DECIMAL},
	{"taker_buy_value", NULL, 0, CELL_DECIMAL}, {"partial", "trades of it are not known", 0, CELL_BOOL},
	{NULL, NULL, 0, 0}};

static const struct table klines = {.name = "klines",
	.comment = "closed candles; time is their begin",
	.has_market = true,
	.columns = kline_columns,
	.spooled = true};

static void write_kline(const struct table *t, struct aq_frame_writer *f, const struct rows_host *h, uint64_t number,
	int64_t time_ns, const void *body)
{
	const struct spooled_kline *s = body;
	const struct aq_kline *k = &s->kline;
	unsigned px = s->head.px_digits, qty = s->head.qty_digits;

	table_begin_row(t, f, h->name, number, s->head.market, time_ns);
	aq_frame_text(f, line_interval_name(k->interval) != NULL ? line_interval_name(k->interval) : "?");
	aq_frame_time(f, k->end_ns);
	aq_frame_px(f, k->open, px);
	aq_frame_px(f, k->high, px);
	aq_frame_px(f, k->low, px);
	aq_frame_px(f, k->close, px);
	aq_frame_qty(f, k->qty, qty);
	aq_frame_amount(f, k->value);
	aq_frame_int64(f, (int64_t)k->trades);
	aq_frame_qty(f, k->taker_buy_qty, qty);
	aq_frame_amount(f, k->taker_buy_value);
	aq_frame_bool(f, k->partial != 0);
}

const struct rows rows_klines = {.table = &klines, .time = time_of, .write = write_kline};

/* ---- trades ---- */

static const struct column trade_columns[] = {{"arrival", "ns UTC, when its bytes came", 0, CELL_TIME},
	{"trade_id", "the venue's", 0, CELL_INT}, {"price", NULL, 0, CELL_DECIMAL}, {"quantity", NULL, 0, CELL_DECIMAL},
	{"side", "of the taker", 4, CELL_TEXT}, {NULL, NULL, 0, 0}};

static const struct table trades = {.name = "trades",
	.comment = "trades of the market",
	.has_market = true,
	.columns = trade_columns,
	.spooled = true};

const char *const rows_sides[3] = {"", "buy", "sell"};

static void write_trade(const struct table *t, struct aq_frame_writer *f, const struct rows_host *h, uint64_t number,
	int64_t time_ns, const void *body)
{
	const struct spooled_trade *s = body;

	table_begin_row(t, f, h->name, number, s->head.market, time_ns);
	aq_frame_time(f, s->arrival_ns);
	if (s->trade.id != 0)
		aq_frame_int64(f, (int64_t)s->trade.id);
	else
		aq_frame_null(f);
	aq_frame_px(f, s->trade.price, s->head.px_digits);
	aq_frame_qty(f, s->trade.qty, s->head.qty_digits);
	table_text(f, ROWS_WORD(rows_sides, s->trade.taker));
}

const struct rows rows_trades = {.table = &trades, .time = time_of, .write = write_trade};

/* ---- books ---- */

#define LEVELS_TEXT (LINE_LEVELS_MAX * 64)

static const struct column book_columns[] = {{"bid", "best price", 0, CELL_DECIMAL},
	{"bid_quantity", NULL, 0, CELL_DECIMAL}, {"ask", "best price", 0, CELL_DECIMAL},
	{"ask_quantity", NULL, 0, CELL_DECIMAL},
	{"bids", "[[price, quantity], ...], best first", LEVELS_TEXT, CELL_TEXT},
	{"asks", "[[price, quantity], ...], best first", LEVELS_TEXT, CELL_TEXT}, {NULL, NULL, 0, 0}};

static const struct table books = {.name = "books",
	.comment = "order books as they stood",
	.has_market = true,
	.columns = book_columns,
	.spooled = true};

/* As JSON, numbers exact. */
static void write_levels(
	struct aq_frame_writer *f, const struct spooled_head *head, const struct aq_level *levels, uint32_t count)
{
	char text[LEVELS_TEXT], price[48], qty[48];
	size_t used = 0;

	text[used++] = '[';
	for (uint32_t i = 0; i < count && used + 110 < sizeof(text); i++) {
		aq_dec_print(levels[i].price, head->px_digits, 0, price);
		aq_dec_print(levels[i].qty, head->qty_digits, 0, qty);
		used += (size_t)snprintf(text + used, sizeof(text) - used, "%s[%s,%s]", i > 0 ? "," : "", price, qty);
	}
	text[used++] = ']';
	aq_frame_text_of(f, text, used);
}

static void write_best(
	struct aq_frame_writer *f, const struct spooled_head *head, const struct aq_level *levels, uint32_t count)
{
	aq_frame_px(f, count > 0 ? levels[0].price : AQ_NONE, head->px_digits);
	aq_frame_qty(f, count > 0 ? levels[0].qty : AQ_NONE, head->qty_digits);
}

static void write_book(const struct table *t, struct aq_frame_writer *f, const struct rows_host *h, uint64_t number,
	int64_t time_ns, const void *body)
{
	const struct spooled_book *s = body;
	const struct aq_level *levels = (const struct aq_level *)(const void *)(s + 1);

	table_begin_row(t, f, h->name, number, s->head.market, time_ns);
	write_best(f, &s->head, levels, s->bids);
	write_best(f, &s->head, levels + s->bids, s->asks);
	write_levels(f, &s->head, levels, s->bids);
	write_levels(f, &s->head, levels + s->bids, s->asks);
}

const struct rows rows_books = {.table = &books, .time = time_of, .write = write_book};

/* ---- equity ---- */

static const struct column equity_columns[] = {{"account", NULL, 48, CELL_TEXT},
	{"strategy", "whose position it is; null: the account as a whole", 48, CELL_TEXT},
	{"currency", "report_currency, of the amounts", 16, CELL_TEXT}, {"equity", "of the account", 0, CELL_DECIMAL},
	{"position", "quantity", 0, CELL_DECIMAL}, {"average_price", NULL, 0, CELL_DECIMAL},
	{"realised", "profit since the ledger began, without fees", 0, CELL_DECIMAL},
	{"unrealised", NULL, 0, CELL_DECIMAL},
	{"bought", "turnover since the ledger began, quote currency", 0, CELL_DECIMAL}, {"sold", NULL, 0, CELL_DECIMAL},
	{NULL, NULL, 0, 0}};

static const struct table equity = {.name = "equity",
	.comment = "what accounts are worth, and the positions of strategies",
	.has_market = true,
	.columns = equity_columns,
	.spooled = true};

static void write_account(struct aq_frame_writer *f, const struct spooled_account *s)
{
	aq_frame_text(f, s->account);
	aq_frame_null(f);
	aq_frame_text(f, s->currency);
	if (s->is_valued)
		aq_frame_amount(f, s->equity);
	else
		aq_frame_null(f);
	for (int i = 0; i < 6; i++)
		aq_frame_null(f);
}

static void write_position(struct aq_frame_writer *f, const struct spooled_position *s)
{
	aq_frame_text(f, s->account);
	aq_frame_text(f, s->strategy);
	aq_frame_text(f, s->currency);
	aq_frame_null(f);
	aq_frame_qty(f, s->qty, s->head.qty_digits);
	aq_frame_px(f, s->avg_price, s->head.px_digits);
	if (s->is_valued) {
		aq_frame_amount(f, s->realised);
		aq_frame_amount(f, s->unrealised);
	} else {
		aq_frame_null(f);
		aq_frame_null(f);
	}
	aq_frame_amount(f, s->bought);
	aq_frame_amount(f, s->sold);
}

static void write_equity(const struct table *t, struct aq_frame_writer *f, const struct rows_host *h, uint64_t number,
	int64_t time_ns, const void *body)
{
	const struct spooled_head *head = body;

	table_begin_row(t, f, h->name, number, head->market, time_ns);
	if (head->kind == SPOOLED_ACCOUNT)
		write_account(f, body);
	else
		write_position(f, body);
}

const struct rows rows_equity = {.table = &equity, .time = time_of, .write = write_equity};
