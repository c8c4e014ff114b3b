/* control_orders.c: orders, positions, balances. */
#include "decimal.h"
#include "flow/ledger.h"
#include "flow/market.h"
#include "flow/order_notes.h"
#include "flow/orders.h"
#include "flow/risk.h"
#include "host/control_call.h"
#include "host/control_format.h"
#include "host/order_text.h"
#include "host/order_words.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* ---- what the argument names ---- */

struct filter {
	uint32_t instance, account; /* AQ_ALL = any */
};

static bool read_filter(struct control_call *c, struct filter *out)
{
	const struct names *n = &c->host->flow.names;
	const char *name = c->request->count > 1 ? c->request->words[1] : NULL;

	*out = (struct filter){AQ_ALL, AQ_ALL};
	if (name == NULL)
		return true;
	if (strcmp(name, "external") == 0)
		out->instance = 0;
	else if (names_find(n, NAME_INSTANCE, name) != 0)
		out->instance = names_find(n, NAME_INSTANCE, name);
	else if (names_find(n, NAME_ACCOUNT, name) != 0)
		out->account = names_find(n, NAME_ACCOUNT, name);
	else
		result_fail(&c->result, CONTROL_FAILED, "%.48s is no instance and no account", name);
	return !c->result.failed;
}

static bool passes(const struct filter *f, uint32_t instance, uint32_t account)
{
	return (f->instance == AQ_ALL || f->instance == instance) && (f->account == AQ_ALL || f->account == account);
}

/* ---- orders ---- */

/* What is wrong with it, else why its owner has placed it so. */
static const char *why(const struct flow *f, const struct order *order, char out[FORMAT_SIZE])
{
	char next[FORMAT_SIZE];

	out[0] = '\0';
	if (order->lookup_ns != 0)
		snprintf(out, FORMAT_SIZE, "looked up %ux, next in %s", order->lookups,
			format_age(order->lookup_ns - f->now_ns, next));
	else if (order->o.code != AQ_CODE_NONE)
		snprintf(out, FORMAT_SIZE, "%s", risk_code_name(order->o.code));
	else
		return order_note_of(f, order)->why;
	return out;
}

static const struct column order_columns[] = {{"order", "ORDER", 0}, {"account", "ACCOUNT", 0}, {"market", "MARKET", 0},
	{"side", "SIDE", 0}, {"price", "PRICE", COLUMN_RIGHT}, {"qty", "QTY", COLUMN_RIGHT},
	{"filled", "FILLED", COLUMN_RIGHT}, {"ahead", "AHEAD", COLUMN_RIGHT}, {"state", "STATE", 0},
	{"request", "REQUEST", 0}, {"age", "AGE", COLUMN_RIGHT}, {"tag", "TAG", COLUMN_COUNT},
	{"why", "WHY", 0}, {"instance", "INSTANCE", 0}, {"venue_order", "VENUE ORDER", 0}, {0}};

struct order_rows {
	struct control_call *call;
	struct filter filter;
};

static void order_row(struct control_call *c, const struct order *order)
{
	const struct flow *f = &c->host->flow;
	const struct aq_order *o = &order->o;
	const struct market *m = market_find(f, o->instrument);
	struct result *r = &c->result;
	char text[FORMAT_SIZE], id[ORDER_TEXT_SIZE];

	result_cell(r, "%s", order_text(o->id, id));
	result_cell(r, "%s", flow_account_name(f, o->account));
	result_cell(r, "%s", m->instrument.symbol);
	result_cell(r, "%s", o->side == AQ_BUY ? "buy" : "sell");
	result_cell(r, "%s", o->type == AQ_MARKET_ORDER ? "market" : format_price(&m->instrument, o->price, text));
	result_cell(r, "%s", format_qty(&m->instrument, o->qty, false, text));
	result_cell(r, "%s", o->place == AQ_REQ_UNKNOWN ? "?" : format_qty(&m->instrument, o->filled, false, text));
	result_cell(r, "%s", format_qty(&m->instrument, o->ahead, false, text));
	result_cell(r, "%s", order_state_name(o->state));
	result_cell(r, "%s", order_requests(o, text));
	result_cell(r, "%s", format_age(f->now_ns - o->created_ns, text));
	result_cell(r, "%" PRIu64, o->tag);
	result_cell(r, "%s", why(f, order, text));
	result_cell(r, "%s", flow_instance_name(f, o->instance));
	result_cell(r, "%.*s", (int)sizeof(o->venue_id), o->venue_id);
}

static void visit_order(void *context, struct order *order)
{
	struct order_rows *rows = context;

	if (passes(&rows->filter, order->o.instance, order->o.account) && result_row(&rows->call->result))
		order_row(rows->call, order);
}

bool control_orders(struct control_call *c)
{
	struct order_rows rows = {.call = c};

	if (!read_filter(c, &rows.filter))
		return true;
	result_table(&c->result, "orders", TABLE_GRID, order_columns);
	orders_each_open(&c->host->flow, visit_order, &rows);
	return true;
}

/* ---- positions ---- */

static const struct column position_columns[] = {{"instance", "INSTANCE", 0}, {"account", "ACCOUNT", 0},
	{"market", "MARKET", 0}, {"side", "SIDE", 0}, {"position", "POSITION", COLUMN_RIGHT},
	{"average", "AVERAGE", COLUMN_RIGHT}, {"unrealised", "UNREALISED", COLUMN_RIGHT},
	{"realised", "REALISED", COLUMN_RIGHT}, {"currency", "CURRENCY", 0}, {"bought", "BOUGHT", COLUMN_RIGHT},
	{"sold", "SOLD", COLUMN_RIGHT}, {"open_buy", "OPEN BUY", COLUMN_RIGHT},
	{"open_sell", "OPEN SELL", COLUMN_RIGHT}, {0}};

static bool unrealised(const struct market *m, const struct aq_position *p, struct aq_amt *out)
{
	struct aq_amt value;

	*out = aq_amt_zero();
	if (p->qty == 0)
		return true;
	if (market_value(m, p->qty, &value) != 0)
		return false;
	return (m->instrument.kind == AQ_INVERSE ? aq_amt_sub(p->cost, value, out) : aq_amt_sub(value, p->cost, out)) ==
	       0;
}

static const char *average(const struct market *m, const struct aq_position *p, char out[FORMAT_SIZE])
{
	aq_px price = AQ_NONE;

	if (p->qty != 0 && m->instrument.kind != AQ_INVERSE)
		aq_px_of_zero(p->cost, p->qty, m->instrument.qty_digits, m->instrument.px_digits, &price);
	return format_price(&m->instrument, price, out);
}

static void position_row(struct control_call *c, const struct ledger_row *row)
{
	static const char *const sides[] = {"?", "net", "long", "short"};
	const struct flow *f = &c->host->flow;
	const struct aq_position *p = &row->p;
	const struct market *m = market_find(f, p->instrument);
	const struct aq_instrument *i = &m->instrument;
	struct result *r = &c->result;
	struct aq_amt open;
	char text[FORMAT_SIZE];

	result_cell(r, "%s", flow_instance_name(f, p->instance));
	result_cell(r, "%s", flow_account_name(f, p->account));
	result_cell(r, "%s", i->symbol);
	result_cell(r, "%s", sides[p->position_side <= AQ_SHORT ? p->position_side : 0]);
	result_cell(r, "%s %s", format_qty(i, p->qty, true, text), format_qty_unit(i));
	result_cell(r, "%s", average(m, p, text));
	result_cell(r, "%s", unrealised(m, p, &open) ? format_money(open, 2, true, NULL, text) : "?");
	result_cell(r, "%s", format_money(p->realised, 2, true, NULL, text));
	result_cell(r, "%s", i->settle);
	result_cell(r, "%s", format_money(p->bought, 2, false, NULL, text));
	result_cell(r, "%s", format_money(p->sold, 2, false, NULL, text));
	result_cell(r, "%s", format_qty(i, row->open_buy, false, text));
	result_cell(r, "%s", format_qty(i, row->open_sell, false, text));
}

/* Rows that were never used but for their place in the table say nothing. */
static bool has_news(const struct ledger_row *row)
{
	return row->p.qty != 0 || row->open_buy != 0 || row->open_sell != 0 || aq_amt_sign(row->p.bought) != 0 ||
	       aq_amt_sign(row->p.sold) != 0 || aq_amt_sign(row->p.realised) != 0;
}

bool control_positions(struct control_call *c)
{
	const struct flow *f = &c->host->flow;
	struct filter filter;

	if (!read_filter(c, &filter))
		return true;
	result_table(&c->result, "positions", TABLE_GRID, position_columns);
	for (uint32_t i = 0; i < f->ledger.count; i++) {
		const struct ledger_row *row = &f->ledger.rows[i];

		if (row->p.instance != AQ_ALL && passes(&filter, row->p.instance, row->p.account) && has_news(row) &&
			result_row(&c->result))
			position_row(c, row);
	}
	if (f->ledger.mismatches > 0)
		result_problem(&c->result, f->now_ns,
			"%" PRIu64 " times a venue's position was not the ledger's: the venue's was taken",
			f->ledger.mismatches);
	return true;
}

/* ---- balances ---- */

static const struct column balance_columns[] = {{"account", "ACCOUNT", 0}, {"asset", "ASSET", 0},
	{"total", "TOTAL", COLUMN_RIGHT}, {"held", "HELD BY ORDERS", COLUMN_RIGHT},
	{"available", "AVAILABLE", COLUMN_RIGHT}, {"worth", "WORTH", COLUMN_RIGHT}, {0}};

static void balance_row(struct control_call *c, const struct balance *b)
{
	const struct flow *f = &c->host->flow;
	struct aq_amt total, available = aq_amt_zero(), worth;
	struct result *r = &c->result;
	char text[FORMAT_SIZE];

	if (aq_amt_add(b->b.total, b->since, &total) != 0)
		total = b->b.total;
	ledger_available(b, &available);
	result_cell(r, "%s", flow_account_name(f, b->b.account));
	result_cell(r, "%.*s", (int)sizeof(b->b.asset), b->b.asset);
	result_cell(r, "%s", format_money(total, 8, false, NULL, text));
	result_cell(r, "%s", format_money(b->reserved, 8, false, NULL, text));
	result_cell(r, "%s", format_money(available, 8, false, NULL, text));
	if (market_convert(f, b->b.asset, total, &worth) == 0)
		result_cell(r, "%s", format_money(worth, 2, false, f->options.report_currency, text));
	else
		result_cell(r, "?");
}

bool control_balances(struct control_call *c)
{
	const struct flow *f = &c->host->flow;
	struct filter filter;

	if (!read_filter(c, &filter))
		return true;
	if (filter.instance != AQ_ALL) {
		result_fail(&c->result, CONTROL_FAILED, "%.48s is no account", c->request->words[1]);
		return true;
	}
	result_table(&c->result, "balances", TABLE_GRID, balance_columns);
	for (uint32_t i = 0; i < f->ledger.balance_count; i++)
		if (passes(&filter, AQ_ALL, f->ledger.balances[i].b.account) && result_row(&c->result))
			balance_row(c, &f->ledger.balances[i]);
	return true;
}
