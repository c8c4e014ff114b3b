/* rows_fact.c: orders and money as rows. */
#include "rows.h"

#include <aioquant/event.h>
#include <aioquant/orders.h>

#include <stdio.h>
#include <string.h>
#include <utf8.h>

const char *rows_word(const char *const *words, size_t count, unsigned at)
{
	return at < count && words[at] != NULL ? words[at] : "";
}

/* ---- what all of them have ---- */

struct place {
	char market[96];
	unsigned px_digits, qty_digits;
	bool is_known;
};

static void name_of(const struct rows_host *h, uint32_t kind, uint64_t id, char *out, uint32_t size)
{
	if (h->journal->name(h->host->owner, kind, id, out, size) < 0)
		out[0] = '\0';
}

/* Prices of an instrument that the host does not know any more cannot be written. */
static void find_place(const struct rows_host *h, uint32_t instrument, struct place *out)
{
	struct aq_instrument i = {.size = sizeof(i)};
	char exchange[48];

	*out = (struct place){0};
	if (instrument == 0 || h->market->instrument(h->host->owner, instrument, &i) != AQ_OK)
		return;
	name_of(h, AQ_NAME_INSTANCE, i.exchange, exchange, sizeof(exchange));
	snprintf(out->market, sizeof(out->market), "%.46s:%.48s", exchange, i.symbol);
	out->px_digits = i.px_digits;
	out->qty_digits = i.qty_digits;
	out->is_known = true;
}

static void put_name(struct aq_frame_writer *f, const struct rows_host *h, uint32_t kind, uint64_t id)
{
	char text[128];

	name_of(h, kind, id, text, sizeof(text));
	table_text(f, text);
}

static void put_px(struct aq_frame_writer *f, const struct place *p, aq_px price)
{
	aq_frame_px(f, p->is_known ? price : AQ_NONE, p->px_digits);
}

static void put_qty(struct aq_frame_writer *f, const struct place *p, aq_qty qty)
{
	aq_frame_qty(f, p->is_known ? qty : AQ_NONE, p->qty_digits);
}

static void put_valued(struct aq_frame_writer *f, bool is_valued, struct aq_amt value)
{
	if (is_valued)
		aq_frame_amount(f, value);
	else
		aq_frame_null(f);
}

/* A text of a venue, which may be anything that its adapter has let through: what is no UTF-8 of it becomes a question
 * mark. */
static void put_fixed(struct aq_frame_writer *f, const char *text, size_t size)
{
	size_t length = strnlen(text, size), used = 0;
	char clean[512];

	while (used < length) {
		size_t whole = aq_utf8_length((const unsigned char *)text + used, length - used);

		memcpy(clean + used, whole > 0 ? text + used : "?", whole > 0 ? whole : 1);
		used += whole > 0 ? whole : 1;
	}
	if (length == 0)
		aq_frame_null(f);
	else
		aq_frame_text_of(f, clean, length);
}

/* ---- orders ---- */

static const char *const types[] = {"", "limit", "market", "stop limit", "stop market", "trailing"};
static const char *const tifs[] = {"", "gtc", "ioc", "fok", "gtd"};
static const char *const states[] = {
	"", "created", "denied", "sent", "untriggered", "open", "filled", "cancelled", "rejected", "expired"};
static const char *const updates[] = {"", "open", "untriggered", "triggered", "rejected", "cancelled", "expired",
	"filled", "amended", "cancel rejected", "amend rejected", "not found", "unknown"};
static const char *const requests[] = {"", "place", "cancel", "amend", "lookup", "list"};
static const char *const request_states[] = {"over", "sent", "unknown"};

static const struct column order_columns[] = {{"account", NULL, 48, CELL_TEXT}, {"strategy", NULL, 48, CELL_TEXT},
	{"order", "as aqctl shows it", 24, CELL_TEXT},
	{"change", "sent, open, partly filled, cancel sent, cancelled ...", 32, CELL_TEXT},
	{"state", "that follows from it", 16, CELL_TEXT}, {"side", NULL, 4, CELL_TEXT}, {"type", NULL, 16, CELL_TEXT},
	{"tif", "time in force", 4, CELL_TEXT}, {"post_only", NULL, 0, CELL_BOOL}, {"reduce_only", NULL, 0, CELL_BOOL},
	{"price", NULL, 0, CELL_DECIMAL}, {"quantity", NULL, 0, CELL_DECIMAL},
	{"filled", "quantity, as the venue says", 0, CELL_DECIMAL}, {"trigger_price", NULL, 0, CELL_DECIMAL},
	{"tag", "the strategy's", 0, CELL_INT}, {"venue_id", "the venue's", 40, CELL_TEXT},
	{"code", "why it ended", 0, CELL_INT}, {"text", "the venue's words", 80, CELL_TEXT}, {NULL, NULL, 0, 0}};

static const struct table orders = {.name = "orders",
	.comment = "what became of orders, a row for each change",
	.has_market = true,
	.columns = order_columns};

static void put_change(struct aq_frame_writer *f, const struct aq_order_change *c)
{
	const struct aq_order *o = &c->order;
	uint8_t request_state = c->request == AQ_REQ_CANCEL  ? o->cancel
				: c->request == AQ_REQ_AMEND ? o->amend
							     : o->place;
	char text[40];

	if (c->update == AQ_UP_FILLED && o->state == AQ_OPEN)
		table_text(f, "partly filled");
	else if (c->update != 0)
		table_text(f, ROWS_WORD(updates, c->update));
	else if (c->request == 0)
		table_text(f, ROWS_WORD(states, o->state));
	else {
		snprintf(text, sizeof(text), "%s %s", ROWS_WORD(requests, c->request),
			ROWS_WORD(request_states, request_state));
		table_text(f, text);
	}
}

static void put_terms(struct aq_frame_writer *f, const struct aq_order *o)
{
	table_text(f, ROWS_WORD(rows_sides, o->side));
	table_text(f, ROWS_WORD(types, o->type));
	table_text(f, ROWS_WORD(tifs, o->tif));
	aq_frame_bool(f, o->post_only != 0);
	aq_frame_bool(f, o->reduce_only != 0);
}

static void write_order(const struct table *t, struct aq_frame_writer *f, const struct rows_host *h, uint64_t number,
	int64_t time_ns, const void *body)
{
	const struct aq_order_change *c = body;
	const struct aq_order *o = &c->order;
	bool amends = c->update == 0 && c->request == AQ_REQ_AMEND;
	struct place p;

	find_place(h, o->instrument, &p);
	table_begin_row(t, f, h->name, number, p.market, time_ns);
	put_name(f, h, AQ_NAME_ACCOUNT, o->account);
	put_name(f, h, AQ_NAME_INSTANCE, o->instance);
	put_name(f, h, AQ_NAME_ORDER, o->id);
	put_change(f, c);
	table_text(f, ROWS_WORD(states, o->state));
	put_terms(f, o);
	put_px(f, &p, amends ? o->amend_price : o->price);
	put_qty(f, &p, amends ? o->amend_qty : o->qty);
	put_qty(f, &p, o->filled);
	put_px(f, &p, o->trigger);
	aq_frame_int64(f, (int64_t)o->tag);
	put_fixed(f, o->venue_id, sizeof(o->venue_id));
	aq_frame_int64(f, o->code);
	put_fixed(f, c->text, sizeof(c->text));
}

const struct rows rows_orders = {.table = &orders, .write = write_order, .journal = AQ_JOURNAL_ORDER};

/* ---- denials ---- */

static const struct column denial_columns[] = {{"account", NULL, 48, CELL_TEXT}, {"strategy", NULL, 48, CELL_TEXT},
	{"order", "the id it would have had", 24, CELL_TEXT}, {"request", "place, cancel, amend", 8, CELL_TEXT},
	{"code", NULL, 0, CELL_INT}, {"reason", "what the code means", 160, CELL_TEXT}, {"side", NULL, 4, CELL_TEXT},
	{"type", NULL, 16, CELL_TEXT}, {"price", NULL, 0, CELL_DECIMAL}, {"quantity", NULL, 0, CELL_DECIMAL},
	{"allowed", "the limit", 0, CELL_DECIMAL}, {"value", "what it would have been", 0, CELL_DECIMAL},
	{"headroom", "what was left of it", 0, CELL_DECIMAL}, {"tag", "the strategy's", 0, CELL_INT},
	{NULL, NULL, 0, 0}};

static const struct table denials = {.name = "denials",
	.comment = "orders that the host did not let out",
	.has_market = true,
	.columns = denial_columns};

static void write_denial(const struct table *t, struct aq_frame_writer *f, const struct rows_host *h, uint64_t number,
	int64_t time_ns, const void *body)
{
	const struct aq_order_change *c = body;
	const struct aq_order *o = &c->order;
	struct place p;

	find_place(h, o->instrument, &p);
	table_begin_row(t, f, h->name, number, p.market, time_ns);
	put_name(f, h, AQ_NAME_ACCOUNT, o->account);
	put_name(f, h, AQ_NAME_INSTANCE, o->instance);
	put_name(f, h, AQ_NAME_ORDER, o->id);
	table_text(f, ROWS_WORD(requests, c->request));
	aq_frame_int64(f, c->code);
	put_name(f, h, AQ_NAME_CODE, c->code);
	table_text(f, ROWS_WORD(rows_sides, o->side));
	table_text(f, ROWS_WORD(types, o->type));
	put_px(f, &p, o->price);
	put_qty(f, &p, o->qty);
	aq_frame_amount(f, c->limit);
	aq_frame_amount(f, c->value);
	aq_frame_amount(f, c->headroom);
	aq_frame_int64(f, (int64_t)o->tag);
}

const struct rows rows_denials = {.table = &denials, .write = write_denial, .journal = AQ_JOURNAL_DENIAL};

/* ---- fills ---- */

static const char *const liquidities[] = {"", "maker", "taker"};

static const struct column fill_columns[] = {{"venue_time", "ns UTC", 0, CELL_TIME}, {"account", NULL, 48, CELL_TEXT},
	{"strategy", "external: orders of others", 48, CELL_TEXT}, {"order", "as aqctl shows it", 24, CELL_TEXT},
	{"fill", "rises by one with every fill of the host; null: an adjustment to the venue's position", 0, CELL_INT},
	{"trade_id", "the venue's", 40, CELL_TEXT}, {"side", NULL, 4, CELL_TEXT}, {"price", NULL, 0, CELL_DECIMAL},
	{"quantity", NULL, 0, CELL_DECIMAL}, {"notional", "price x quantity", 0, CELL_DECIMAL},
	{"liquidity", "maker, taker", 8, CELL_TEXT}, {"fee", "paid; negative: a rebate", 0, CELL_DECIMAL},
	{"fee_asset", NULL, 16, CELL_TEXT}, {"notional_value", "in report_currency", 0, CELL_DECIMAL},
	{"fee_value", "in report_currency", 0, CELL_DECIMAL}, {"realised_value", "in report_currency", 0, CELL_DECIMAL},
	{"realised", "profit, settle currency, without fee", 0, CELL_DECIMAL},
	{"currency", "report_currency", 16, CELL_TEXT}, {"tag", "the order's", 0, CELL_INT}, {NULL, NULL, 0, 0}};

static const struct table fills = {
	.name = "fills", .comment = "executions of orders", .has_market = true, .columns = fill_columns};

static void write_fill(const struct table *t, struct aq_frame_writer *f, const struct rows_host *h, uint64_t number,
	int64_t time_ns, const void *body)
{
	const struct aq_journal_fill *b = body;
	const struct aq_fill *fill = &b->fill;
	struct place p;

	find_place(h, fill->instrument, &p);
	table_begin_row(t, f, h->name, number, p.market, time_ns);
	aq_frame_time(f, fill->venue_ns);
	put_name(f, h, AQ_NAME_ACCOUNT, fill->account);
	put_name(f, h, AQ_NAME_INSTANCE, fill->instance);
	put_name(f, h, AQ_NAME_ORDER, fill->order);
	if (b->number != 0)
		aq_frame_int64(f, (int64_t)b->number);
	else
		aq_frame_null(f);
	put_fixed(f, fill->trade_id, sizeof(fill->trade_id));
	table_text(f, ROWS_WORD(rows_sides, fill->side));
	put_px(f, &p, fill->price);
	put_qty(f, &p, fill->qty);
	put_valued(f, p.is_known, b->notional);
	table_text(f, ROWS_WORD(liquidities, fill->liquidity));
	aq_frame_amount(f, fill->fee);
	put_fixed(f, fill->fee_asset, sizeof(fill->fee_asset));
	put_valued(f, b->is_valued != 0, b->notional_value);
	put_valued(f, b->is_valued != 0, b->fee_value);
	put_valued(f, b->is_valued != 0, b->realised_value);
	aq_frame_amount(f, fill->realised);
	aq_frame_text(f, h->currency);
	aq_frame_int64(f, (int64_t)fill->tag);
}

const struct rows rows_fills = {.table = &fills, .write = write_fill, .journal = AQ_JOURNAL_FILL};

/* ---- cash flows ---- */

static const char *const flows[] = {"", "funding", "transfer", "fee", "interest", "rebate"};

static const struct column cash_columns[] = {{"venue_time", "ns UTC", 0, CELL_TIME}, {"account", NULL, 48, CELL_TEXT},
	{"kind", "funding, transfer, fee, interest, rebate", 16, CELL_TEXT},
	{"amount", "received; negative: paid", 0, CELL_DECIMAL}, {"asset", NULL, 16, CELL_TEXT},
	{"value", "in report_currency, when it was booked", 0, CELL_DECIMAL},
	{"currency", "report_currency", 16, CELL_TEXT}, {"venue_id", "the venue's", 40, CELL_TEXT}, {NULL, NULL, 0, 0}};

static const struct table cashflows = {
	.name = "cashflows", .comment = "money that moved beside trades", .columns = cash_columns};

static void write_cashflow(const struct table *t, struct aq_frame_writer *f, const struct rows_host *h, uint64_t number,
	int64_t time_ns, const void *body)
{
	const struct aq_journal_cashflow *b = body;

	table_begin_row(t, f, h->name, number, "", time_ns);
	aq_frame_time(f, b->venue_ns);
	put_name(f, h, AQ_NAME_ACCOUNT, b->account);
	table_text(f, ROWS_WORD(flows, b->flow.kind));
	aq_frame_amount(f, b->flow.amount);
	put_fixed(f, b->flow.asset, sizeof(b->flow.asset));
	put_valued(f, b->is_valued != 0, b->value);
	aq_frame_text(f, h->currency);
	put_fixed(f, b->flow.id, sizeof(b->flow.id));
}

const struct rows rows_cashflows = {.table = &cashflows, .write = write_cashflow, .journal = AQ_JOURNAL_CASHFLOW};

/* ---- people ---- */

static const struct column operator_columns[] = {{"uid", "the system's user", 0, CELL_INT},
	{"who", "aqctl, file, signal, crash, a limit", 40, CELL_TEXT},
	{"subject", "host, account, instance or section", 48, CELL_TEXT}, {"what", NULL, 360, CELL_TEXT},
	{NULL, NULL, 0, 0}};

static const struct table operator_ = {
	.name = "operator", .comment = "what people, files, limits and crashes did", .columns = operator_columns};

static void write_operator(const struct table *t, struct aq_frame_writer *f, const struct rows_host *h, uint64_t number,
	int64_t time_ns, const void *body)
{
	const struct aq_journal_operator *b = body;

	table_begin_row(t, f, h->name, number, "", time_ns);
	aq_frame_int64(f, b->uid);
	put_fixed(f, b->who, sizeof(b->who));
	put_fixed(f, b->subject, sizeof(b->subject));
	put_fixed(f, b->what, sizeof(b->what));
}

const struct rows rows_operator = {.table = &operator_, .write = write_operator, .journal = AQ_JOURNAL_OPERATOR};
