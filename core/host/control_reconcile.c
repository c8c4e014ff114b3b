/* control_reconcile.c: how far each account is in step with its venue, what had to be adjusted, what is not known; and
 * another round now. */
#include "flow/reconcile.h"

#include "flow/ledger.h"
#include "flow/market.h"
#include "flow/orders.h"
#include "host/control_call.h"
#include "host/control_format.h"
#include "host/control_problems.h"
#include "host/control_status.h"
#include "host/order_text.h"

#include <inttypes.h>

static const struct column account_columns[] = {{"account", "ACCOUNT", 0}, {"venue", "VENUE", 0}, {"state", "STATE", 0},
	{"since", "SINCE", 0}, {"round", "ROUND", COLUMN_COUNT}, {"in_step", "LAST IN STEP", 0},
	{"unknown", "UNKNOWN", COLUMN_COUNT}, {0}};

static void time_cell(struct result *r, int64_t ns)
{
	char text[FORMAT_SIZE];

	result_cell(r, "%s", ns != 0 ? format_time(ns, text) : "");
}

static void account_row(struct control_call *c, uint32_t id)
{
	const struct flow *f = &c->host->flow;
	const struct flow_account *a = &f->accounts[id];
	struct result *r = &c->result;

	result_cell(r, "%s", flow_account_name(f, id));
	result_cell(r, "%s", flow_instance_name(f, a->exchange));
	result_cell(r, "%s", status_step(a));
	time_cell(r, a->changed_ns);
	result_cell(r, "%" PRIu64, a->round);
	time_cell(r, a->in_step_ns);
	result_cell(r, "%u", problems_unknown(c->host, id));
}

static void tell_accounts(struct control_call *c, uint32_t account)
{
	const struct flow *f = &c->host->flow;

	result_table(&c->result, "accounts", TABLE_GRID, account_columns);
	for (uint32_t id = 1; id <= names_count(&f->names, NAME_ACCOUNT); id++)
		if (f->accounts[id].exchange != 0 && (account == 0 || id == account) && result_row(&c->result))
			account_row(c, id);
}

/* ---- adjustments ---- */

static const struct column adjust_columns[] = {{"time", "ADJUSTED", 0}, {"account", "ACCOUNT", 0}, {"market", "MARKET", 0},
	{"venue", "VENUE HAD", COLUMN_RIGHT}, {"ledger", "LEDGER HAD", COLUMN_RIGHT},
	{"difference", "TO external", COLUMN_RIGHT}, {"price", "AT", COLUMN_RIGHT}, {0}};

static void adjust_row(struct control_call *c, const struct fact_adjust *a)
{
	const struct flow *f = &c->host->flow;
	const struct aq_instrument *i = &market_find(f, a->instrument)->instrument;
	struct result *r = &c->result;
	char text[FORMAT_SIZE];

	time_cell(r, a->time_ns);
	result_cell(r, "%s", flow_account_name(f, a->account));
	result_cell(r, "%s", i->symbol);
	result_cell(r, "%s", format_qty(i, a->venue, true, text));
	result_cell(r, "%s", format_qty(i, a->ledger, true, text));
	result_cell(r, "%s", format_qty(i, a->difference, true, text));
	result_cell(r, "%s", a->price == AQ_NONE ? "no cost" : format_price(i, a->price, text));
}

static void tell_adjusts(struct control_call *c, uint32_t account)
{
	const struct fact_adjust *a;

	result_table(&c->result, "adjustments", TABLE_GRID, adjust_columns);
	for (uint32_t back = 0; (a = ledger_adjust_back(&c->host->flow, back)) != NULL; back++)
		if ((account == 0 || a->account == account) && result_row(&c->result))
			adjust_row(c, a);
}

/* ---- orders ---- */

static const struct column order_columns[] = {{"order", "ORDER", 0}, {"account", "ACCOUNT", 0}, {"market", "MARKET", 0},
	{"instance", "INSTANCE", 0}, {"lookups", "LOOKED UP", COLUMN_COUNT}, {"next", "NEXT IN", COLUMN_RIGHT}, {0}};

struct rows {
	struct control_call *call;
	uint32_t account;
};

static void visit(void *context, struct order *order)
{
	const struct rows *rows = context;
	const struct flow *f = &rows->call->host->flow;
	struct result *r = &rows->call->result;
	char id[ORDER_TEXT_SIZE], next[FORMAT_SIZE];

	if (!problems_is_unknown(&order->o) || (rows->account != 0 && order->o.account != rows->account) || !result_row(r))
		return;
	result_cell(r, "%s", order_text(order->o.id, id));
	result_cell(r, "%s", flow_account_name(f, order->o.account));
	result_cell(r, "%s", market_find(f, order->o.instrument)->instrument.symbol);
	result_cell(r, "%s", flow_instance_name(f, order->o.instance));
	result_cell(r, "%u", order->lookups);
	result_cell(r, "%s", order->lookup_ns != 0 ? format_age(order->lookup_ns - f->now_ns, next) : "");
}

static void tell_orders(struct control_call *c, uint32_t account)
{
	struct rows rows = {.call = c, .account = account};

	result_table(&c->result, "unknown_orders", TABLE_GRID, order_columns);
	orders_each_unsettled(&c->host->flow, visit, &rows);
}

/* ---- the verb ---- */

static bool begin(struct control_call *c, const char *name, uint32_t *account)
{
	struct flow *f = &c->host->flow;

	*account = names_find(&f->names, NAME_ACCOUNT, name);
	if (*account == 0 || f->accounts[*account].exchange == 0)
		result_fail(&c->result, CONTROL_FAILED, "%.48s is no account of the configuration: aqctl reconcile lists them",
			name);
	else if (!f->instances[f->accounts[*account].exchange].up)
		result_fail(&c->result, CONTROL_FAILED, "%s cannot be reached: a round begins by itself as soon as it can",
			flow_instance_name(f, f->accounts[*account].exchange));
	else
		reconcile_start(f, *account);
	return !c->result.failed;
}

bool control_reconcile(struct control_call *c)
{
	bool named = c->request->count > 1;
	uint32_t account = 0;

	if (named && !begin(c, c->request->words[1], &account))
		return true;
	tell_accounts(c, account);
	tell_adjusts(c, account);
	tell_orders(c, account);
	if (named)
		result_hint(&c->result,
			"round %" PRIu64 " has begun: until it ends new orders are denied, cancels pass; how far: aqctl reconcile",
			c->host->flow.accounts[account].round);
	else
		result_hint(&c->result, "another round now: aqctl reconcile ACCOUNT");
	return true;
}
