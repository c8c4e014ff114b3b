/* control_limits.c: limits as they are in force for one instance, account or the host, and how much of them is used. */
#include "decimal.h"
#include "flow/ledger.h"
#include "flow/market.h"
#include "flow/risk.h"
#include "host/control_call.h"
#include "host/control_format.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define SECOND 1000000000ll
#define DAY_NS (86400ll * SECOND)
#define BAR 10

static const struct column columns[] = {{"limit", "LIMIT", 0}, {"used", "USED", COLUMN_RIGHT},
	{"of", "OF", COLUMN_RIGHT}, {"from", "FROM", 0}, {"room", "ROOM", 0}, {0}};

/* One section whose limits are told. */
struct scope {
	struct control_call *call;
	enum flow_scope kind;
	uint32_t id;
	const struct flow_meter *meter;
	char from[64];
};

/* ---- one row ---- */

/* A bar of what is used, and the share that is left; empty when the use is not known. */
static const char *room(double used, double of, char out[FORMAT_SIZE])
{
	double share = of > 0 ? used / of : 1;
	int filled, at = 0;

	share = share < 0 ? 0 : share > 1 ? 1 : share;
	filled = (int)(share * BAR + 0.999);
	for (int i = 0; i < BAR; i++)
		at += snprintf(out + at, (size_t)(FORMAT_SIZE - at), "%s", i < filled ? "\u2588" : "\u2581");
	snprintf(out + at, (size_t)(FORMAT_SIZE - at), " %d %%", (int)((1 - share) * 100));
	return out;
}

static void row(const struct scope *s, const char *limit, const char *used, const char *of, const char *left)
{
	struct result *r = &s->call->result;

	if (!result_row(r))
		return;
	result_cell(r, "%s", limit);
	result_cell(r, "%s", used);
	result_cell(r, "%s", of);
	result_cell(r, "%s", s->from);
	result_cell(r, "%s", left);
}

static void money_row(const struct scope *s, const char *limit, struct aq_amt of, const struct aq_amt *used)
{
	const char *currency = s->call->host->flow.options.report_currency;
	char texts[2][FORMAT_SIZE], bar[FORMAT_SIZE] = "";

	if (aq_amt_sign(of) <= 0)
		return;
	row(s, limit, used != NULL ? format_money(*used, 2, false, currency, texts[0]) : "",
		format_money(of, 2, false, currency, texts[1]),
		used != NULL ? room(aq_amt_to_double(*used), aq_amt_to_double(of), bar) : "");
}

static void count_row(const struct scope *s, const char *limit, uint32_t of, uint32_t used, const char *unit)
{
	char texts[2][FORMAT_SIZE], bar[FORMAT_SIZE];

	if (of == 0)
		return;
	snprintf(texts[0], FORMAT_SIZE, "%u%s", used, unit);
	snprintf(texts[1], FORMAT_SIZE, "%u%s", of, unit);
	row(s, limit, texts[0], texts[1], room(used, of, bar));
}

/* ---- what is used ---- */

/* Calls `each` for the ledger rows of a scope. */
typedef void each_row(const struct flow *f, const struct ledger_row *row, void *context);

static void over_list(const struct flow *f, uint32_t at, each_row *each, void *context)
{
	for (; at != FLOW_NIL; at = f->ledger.rows[at].next)
		each(f, &f->ledger.rows[at], context);
}

static void over_rows(const struct scope *s, each_row *each, void *context)
{
	const struct flow *f = &s->call->host->flow;

	if (s->kind == SCOPE_INSTANCE)
		over_list(f, f->instances[s->id].rows, each, context);
	else if (s->kind == SCOPE_ACCOUNT)
		over_list(f, f->accounts[s->id].rows, each, context);
	for (uint32_t id = 1; s->kind == SCOPE_HOST && id <= names_count(&f->names, NAME_ACCOUNT); id++)
		over_list(f, f->accounts[id].rows, each, context);
}

struct position_sum {
	uint32_t instrument;
	aq_qty qty;
};

static void add_position(const struct flow *f, const struct ledger_row *ledger_row, void *context)
{
	struct position_sum *sum = context;

	(void)f;
	if (ledger_row->p.instrument == sum->instrument)
		sum->qty += ledger_row->p.qty;
}

static void position_row(const struct scope *s, const struct flow_position_limit *limit)
{
	const struct market *m = market_find(&s->call->host->flow, limit->instrument);
	struct position_sum sum = {.instrument = limit->instrument};
	char texts[2][FORMAT_SIZE], name[80], bar[FORMAT_SIZE];

	if (m == NULL)
		return;
	over_rows(s, add_position, &sum);
	sum.qty = sum.qty < 0 ? -sum.qty : sum.qty;
	for (int i = 0; i < 2; i++) {
		format_qty(&m->instrument, i == 0 ? sum.qty : limit->qty, false, texts[i]);
		snprintf(texts[i] + strlen(texts[i]), FORMAT_SIZE - strlen(texts[i]), " %s",
			format_qty_unit(&m->instrument));
	}
	snprintf(name, sizeof(name), "position %s", m->instrument.symbol);
	row(s, name, texts[0], texts[1], room((double)sum.qty, (double)limit->qty, bar));
}

struct gross_sum {
	struct aq_amt sum;
	bool unknown;
};

/* Positions and what is open, at the last valid middle. */
static void add_gross(const struct flow *f, const struct ledger_row *ledger_row, void *context)
{
	const struct market *m = market_find(f, ledger_row->p.instrument);
	aq_qty qty = ledger_row->p.qty < 0 ? -ledger_row->p.qty : ledger_row->p.qty;
	struct gross_sum *g = context;
	struct aq_amt value;

	qty += ledger_row->open_buy + ledger_row->open_sell;
	if (qty != 0 &&
		(market_value(m, qty, &value) != 0 || market_convert(f, m->instrument.settle, value, &value) != 0 ||
			aq_amt_add(g->sum, value, &g->sum) != 0))
		g->unknown = true;
}

static void gross_row(const struct scope *s)
{
	struct gross_sum g = {.sum = aq_amt_zero()};

	if (aq_amt_sign(s->meter->limits.gross) <= 0)
		return;
	over_rows(s, add_gross, &g);
	money_row(s, "gross", s->meter->limits.gross, g.unknown ? NULL : &g.sum);
}

/* The loss since the day began; no order has been judged yet today: none. */
static void loss_row(const struct scope *s)
{
	const struct flow *f = &s->call->host->flow;
	struct aq_amt profit, loss = aq_amt_zero();
	bool known = true;

	if (s->meter->day_ns == f->now_ns - f->now_ns % DAY_NS)
		known = ledger_profit(f, s->kind, s->id, &profit) == 0 &&
			aq_amt_sub(s->meter->day_start, profit, &loss) == 0;
	if (aq_amt_sign(loss) < 0)
		loss = aq_amt_zero();
	money_row(s, "loss_day", s->meter->limits.loss_day, known ? &loss : NULL);
}

static uint32_t sent_lately(const struct scope *s)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < s->meter->limits.order_rate; i++)
		count += s->call->host->flow.now_ns - s->meter->sent_ns[i] < SECOND;
	return count;
}

static void collar_row(const struct scope *s)
{
	struct aq_amt points;
	char text[FORMAT_SIZE];

	if (aq_amt_sign(s->meter->limits.collar) <= 0 ||
		aq_amt_mul_zero(s->meter->limits.collar, aq_amt_of(10000), &points) != 0)
		return;
	snprintf(text + aq_amt_print_short(points, 0, 4, text), 8, " bps");
	row(s, "collar", "", text, "");
}

/* ---- scopes ---- */

static void tell(const struct scope *s)
{
	const struct flow_limits *l = &s->meter->limits;

	for (uint32_t i = 0; i < l->position_count; i++)
		position_row(s, &l->positions[i]);
	money_row(s, "order", l->order, NULL);
	gross_row(s);
	loss_row(s);
	collar_row(s);
	count_row(s, "open_orders", l->open_orders, s->meter->open, "");
	if (l->order_rate != 0)
		count_row(s, "order_rate", l->order_rate, sent_lately(s), " /s");
	if (s->meter->denied > 0)
		result_hint(&s->call->result, "denied by %s: %" PRIu64, s->from, s->meter->denied);
}

static void tell_scope(struct control_call *c, enum flow_scope kind, uint32_t id, const char *label, const char *name)
{
	struct scope s = {.call = c, .kind = kind, .id = id, .meter = flow_meter_of(&c->host->flow, kind, id)};

	snprintf(s.from, sizeof(s.from), "[%s%s%.44s]", label, name[0] != '\0' ? ":" : "", name);
	if (s.meter != NULL)
		tell(&s);
}

bool control_limits(struct control_call *c)
{
	const struct flow *f = &c->host->flow;
	const char *name = c->request->words[1];
	uint32_t instance = names_find(&f->names, NAME_INSTANCE, name),
		 account = names_find(&f->names, NAME_ACCOUNT, name);

	if (instance == 0 && account == 0 && strcmp(name, "host") != 0) {
		result_fail(&c->result, CONTROL_FAILED, "%.48s is no instance and no account", name);
		return true;
	}
	result_table(&c->result, "limits", TABLE_GRID, columns);
	if (instance != 0)
		tell_scope(c, SCOPE_INSTANCE, instance, "strategy", name);
	for (uint32_t i = 0; instance != 0 && i < f->instances[instance].account_count; i++)
		tell_scope(c, SCOPE_ACCOUNT, f->instances[instance].accounts[i], "account",
			flow_account_name(f, f->instances[instance].accounts[i]));
	if (instance == 0 && account != 0)
		tell_scope(c, SCOPE_ACCOUNT, account, "account", name);
	tell_scope(c, SCOPE_HOST, 0, "host", "");
	return true;
}
