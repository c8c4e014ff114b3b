/* control_status.c: the first thing that an operator sees. What is wrong is in control_problems.c. */
#include "decimal.h"
#include "flow/ledger.h"
#include "flow/market.h"
#include "flow/standing.h"
#include "host/control_call.h"
#include "host/control_format.h"
#include "host/control_problems.h"
#include "host/control_status.h"
#include "host/override.h"
#include "host/replay.h"
#include "host/section.h"
#include "host/store.h"
#include "host/version.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>

#define DAY_NS (86400ll * 1000000000ll)

/* ---- the first line ---- */

static const struct column host_columns[] = {{"host", "", 0}, {"mode", "", 0}, {"standing", "", 0},
	{"time", "", 0}, {"up", "", 0}, {"version", "", 0}, {"config", "", 0}, {"journal", "", 0}, {0}};

static bool is_replay(const struct host *h)
{
	return h->clock != CLOCK_REAL || h->replay_count > 0;
}

const char *status_mode(const struct host *h)
{
	return is_replay(h) ? "replay" : h->options.mode == MODE_LIVE ? "live" : "paper";
}

static void mode_cells(struct control_call *c)
{
	const struct host *h = c->host;
	uint8_t standing = h->flow.meter.standing.fact.state;
	char time[FORMAT_SIZE];

	result_cell(&c->result, "%s", status_mode(h));
	result_cell(&c->result, "%s", standing != STANDING_RUN ? standing_name(standing) : "");
	if (!is_replay(h)) {
		result_cell(&c->result, "%s", "");
		return;
	}
	result_cell(&c->result, "%s%s", format_time(h->flow.now_ns, time), h->ended ? ", ended" : "");
}

static void journal_cell(struct control_call *c)
{
	static const char *const states[] = {"?", "ok", "low", "FULL"};
	const struct host *h = c->host;
	struct statvfs disk;
	unsigned state = (unsigned)journal_state(h->flow.journal);

	if (statvfs(h->options.state_dir, &disk) == 0 && disk.f_blocks > 0)
		result_cell(&c->result, "journal %s, disk %u %% free", states[state <= JOURNAL_FULL ? state : 0],
			(unsigned)((uint64_t)disk.f_bavail * 100 / disk.f_blocks));
	else
		result_cell(&c->result, "journal %s", states[state <= JOURNAL_FULL ? state : 0]);
}

static void tell_host(struct control_call *c)
{
	const struct host *h = c->host;
	char age[FORMAT_SIZE];

	result_table(&c->result, "host", TABLE_LINE, host_columns);
	if (!result_row(&c->result))
		return;
	result_cell(&c->result, "%s", h->options.server_id);
	mode_cells(c);
	result_cell(&c->result, "up %s", format_age(control_uptime_ns(h), age));
	result_cell(&c->result, "aioquantd %s", AQ_VERSION);
	if (override_count(h) > 0)
		result_cell(&c->result, "config ok, %d override%s", override_count(h), override_count(h) == 1 ? "" : "s");
	else
		result_cell(&c->result, "config ok");
	journal_cell(c);
}

/* ---- venues ---- */

static const struct column venue_columns[] = {{"venue", "VENUE", 0}, {"state", "STATE", 0},
	{"data_age", "DATA AGE", COLUMN_RIGHT}, {"markets", "MARKETS", COLUMN_COUNT}, {"valid", "VALID", COLUMN_COUNT},
	{"gaps", "GAPS", COLUMN_COUNT}, {"generation", "GEN", COLUMN_COUNT}, {"code", "CODE", 0}, {0}};

struct status_markets status_markets(const struct flow *f, uint32_t exchange)
{
	struct status_markets sum = {0};

	for (uint32_t id = 1; id < f->market_capacity; id++) {
		const struct market *m = f->markets[id];

		if (m == NULL || m->instrument.exchange != exchange || m->wanted == 0)
			continue;
		sum.markets++;
		sum.valid += m->top.valid || (m->wanted & AQ_SUB_BOOK) == 0;
		sum.gaps += m->gaps;
		sum.newest_ns = m->top.arrival_ns > sum.newest_ns ? m->top.arrival_ns : sum.newest_ns;
	}
	return sum;
}

static void venue_row(struct control_call *c, const struct instance *i)
{
	const struct flow *f = &c->host->flow;
	struct status_markets sum = status_markets(f, i->id);
	struct result *r = &c->result;
	char text[FORMAT_SIZE];

	result_cell(r, "%s", i->name);
	result_cell(r, "%s",
		i->state == INSTANCE_FAILED ? "failed"
		: !f->instances[i->id].up   ? "down"
		: sum.valid < sum.markets   ? "degraded"
					    : "up");
	result_cell(r, "%s", sum.newest_ns > 0 ? format_age(f->now_ns - sum.newest_ns, text) : "");
	result_cell(r, "%u", sum.markets);
	result_cell(r, "%u", sum.valid);
	result_cell(r, "%" PRIu64, sum.gaps);
	result_cell(r, "%u", i->generation);
	result_cell(r, "%s %s", i->plugin->table.name, i->plugin->hash);
}

/* ---- accounts ---- */

static const struct column account_columns[] = {{"account", "ACCOUNT", 0}, {"venue", "VENUE", 0}, {"state", "STATE", 0},
	{"equity", "EQUITY", COLUMN_RIGHT}, {"profit", "PROFIT", COLUMN_RIGHT}, {"today", "TODAY", COLUMN_RIGHT},
	{"open", "OPEN", COLUMN_COUNT}, {"unknown", "UNKNOWN", COLUMN_COUNT}, {0}};

bool status_equity(const struct flow *f, uint32_t account, struct aq_amt *out)
{
	bool known = true;

	*out = aq_amt_zero();
	for (uint32_t i = 0; known && i < f->ledger.balance_count; i++) {
		const struct balance *b = &f->ledger.balances[i];
		struct aq_amt total, worth;

		if (b->b.account == account)
			known = aq_amt_add(b->b.total, b->since, &total) == 0 &&
				(aq_amt_sign(total) == 0 || (market_convert(f, b->b.asset, total, &worth) == 0 &&
								    aq_amt_add(*out, worth, out) == 0));
	}
	for (uint32_t at = f->accounts[account].rows; known && at != FLOW_NIL; at = f->ledger.rows[at].next) {
		const struct aq_position *row = &f->ledger.rows[at].p;
		const struct market *m = market_find(f, row->instrument);
		struct aq_position p;
		struct aq_amt worth;

		if (m->instrument.kind == AQ_SPOT)
			continue;
		ledger_position(f, account, row->instrument, AQ_ALL, &p);
		known = row->position_side != AQ_NET ||
			(market_convert(f, m->instrument.settle, p.unrealised, &worth) == 0 &&
				aq_amt_add(*out, worth, out) == 0);
	}
	return known;
}

static void money_cell(struct control_call *c, bool known, struct aq_amt amount, bool sign)
{
	char text[FORMAT_SIZE];

	result_cell(&c->result, "%s",
		known ? format_money(amount, 2, sign, c->host->flow.options.report_currency, text) : "?");
}

static void today_cell(struct control_call *c, const struct flow_meter *meter, bool known, struct aq_amt profit)
{
	const struct flow *f = &c->host->flow;
	struct aq_amt today = aq_amt_zero();

	if (meter->day_ns != f->now_ns - f->now_ns % DAY_NS) {
		result_cell(&c->result, "%s", "");
		return;
	}
	known = known && aq_amt_sub(profit, meter->day_start, &today) == 0;
	money_cell(c, known, today, true);
}

const char *status_step(const struct flow_account *a)
{
	return a->ready ? "ready" : a->listing || a->closing ? "reconciling" : "not ready";
}

static const char *account_state(const struct flow_account *a)
{
	return a->meter.standing.fact.state != STANDING_RUN ? standing_name(a->meter.standing.fact.state) : status_step(a);
}

static void account_row(struct control_call *c, uint32_t id)
{
	const struct flow *f = &c->host->flow;
	const struct flow_account *a = &f->accounts[id];
	struct aq_amt amount, profit = aq_amt_zero();
	bool known = ledger_profit(f, SCOPE_ACCOUNT, id, &profit) == 0;
	struct result *r = &c->result;

	result_cell(r, "%s", flow_account_name(f, id));
	result_cell(r, "%s", flow_instance_name(f, a->exchange));
	result_cell(r, "%s", account_state(a));
	money_cell(c, status_equity(f, id, &amount), amount, false);
	money_cell(c, known, profit, true);
	today_cell(c, &a->meter, known, profit);
	result_cell(r, "%u", a->meter.open);
	result_cell(r, "%u", problems_unknown(c->host, id));
}

/* ---- strategies ---- */

static const struct column strategy_columns[] = {{"strategy", "STRATEGY", 0}, {"state", "STATE", 0},
	{"market", "MARKET", 0}, {"position", "POSITION", COLUMN_RIGHT}, {"profit", "PROFIT", COLUMN_RIGHT},
	{"today", "TODAY", COLUMN_RIGHT}, {"quotes", "QUOTES", 0}, {"generation", "GEN", COLUMN_COUNT},
	{"code", "CODE", 0}, {0}};

/* The first market that its options name; false while it is not known. */
static bool first_market(const struct instance *i, struct aq_market *out)
{
	const struct aq_option *o = i->plugin->table.options;

	while (o != NULL && o->name != NULL && o->type != AQ_OPT_MARKET)
		o++;
	if (o == NULL || o->name == NULL || i->self == NULL)
		return false;
	memcpy(out, (const char *)i->self + o->offset, sizeof(*out));
	return out->instrument != 0;
}

/* Its best prices on both sides. */
static const char *quotes(
	const struct flow *f, const struct instance *i, const struct market *m, char *out, size_t size)
{
	aq_px best[2] = {AQ_NONE, AQ_NONE};
	char texts[2][FORMAT_SIZE];

	for (uint32_t at = f->instances[i->id].orders; at != FLOW_NIL; at = f->orders.slots[at].next) {
		const struct aq_order *o = &f->orders.slots[at].o;
		aq_px *side = &best[o->side == AQ_BUY ? 0 : 1];

		if (o->instrument != m->instrument.id || o->price == AQ_NONE)
			continue;
		if (*side == AQ_NONE || (o->side == AQ_BUY ? o->price > *side : o->price < *side))
			*side = o->price;
	}
	out[0] = '\0';
	if (best[0] != AQ_NONE || best[1] != AQ_NONE)
		snprintf(out, size, "%s / %s",
			best[0] != AQ_NONE ? format_price(&m->instrument, best[0], texts[0]) : "-",
			best[1] != AQ_NONE ? format_price(&m->instrument, best[1], texts[1]) : "-");
	return out;
}

static void market_cells(struct control_call *c, const struct instance *i, const struct aq_market *market)
{
	const struct flow *f = &c->host->flow;
	const struct market *m = market_find(f, market->instrument);
	struct aq_position p;
	char qty[FORMAT_SIZE];

	if (market->account == 0) {
		result_cell(&c->result, "%s", names_text(&f->names, NAME_INSTRUMENT, market->instrument));
		result_cell(&c->result, "%s", "");
		return;
	}
	result_cell(&c->result, "%s:%s", flow_account_name(f, market->account), m->instrument.symbol);
	ledger_position(f, market->account, market->instrument, i->id, &p);
	result_cell(&c->result, "%s %s", format_qty(&m->instrument, p.qty, true, qty), format_qty_unit(&m->instrument));
}

static const char *strategy_state(const struct host *h, const struct instance *i, const struct aq_market *market)
{
	if (standing_of(&h->flow, i->id, market->account) != STANDING_RUN)
		return standing_name(standing_of(&h->flow, i->id, market->account));
	if (i->state == INSTANCE_CREATED)
		return "waiting";
	if (i->state != INSTANCE_RUNNING)
		return i->state == INSTANCE_FAILED ? "failed" : "stopped";
	if (market->account != 0 && !h->flow.accounts[market->account].ready)
		return "not ready";
	return h->flow.instances[i->id].meter.open > 0 ? "quoting" : "idle";
}

static void strategy_row(struct control_call *c, const struct instance *i)
{
	const struct flow *f = &c->host->flow;
	struct aq_market market = {0};
	struct aq_amt profit = aq_amt_zero();
	bool known = ledger_profit(f, SCOPE_INSTANCE, i->id, &profit) == 0, has_market = first_market(i, &market);
	struct result *r = &c->result;
	char text[2 * FORMAT_SIZE];

	result_cell(r, "%s", i->name);
	result_cell(r, "%s", strategy_state(c->host, i, &market));
	if (has_market) {
		market_cells(c, i, &market);
	} else {
		result_cell(r, "%s", "");
		result_cell(r, "%s", "");
	}
	money_cell(c, known, profit, true);
	today_cell(c, &f->instances[i->id].meter, known, profit);
	result_cell(r, "%s", has_market ? quotes(f, i, market_find(f, market.instrument), text, sizeof(text)) : "");
	result_cell(r, "%u", i->generation);
	result_cell(r, "%s %s", i->plugin->table.name, i->plugin->hash);
}

/* What it has left, as long as a quarantine keeps it from running. */
static void quarantined_row(struct control_call *c, uint32_t id)
{
	const struct flow *f = &c->host->flow;
	struct aq_amt profit = aq_amt_zero();
	bool known = ledger_profit(f, SCOPE_INSTANCE, id, &profit) == 0;
	struct result *r = &c->result;

	result_cell(r, "%s", flow_instance_name(f, id));
	result_cell(r, "%s", standing_name(STANDING_QUARANTINE));
	result_cell(r, "%s", "");
	result_cell(r, "%s", "");
	money_cell(c, known, profit, true);
	today_cell(c, &f->instances[id].meter, known, profit);
	for (int empty = 0; empty < 3; empty++) /* quotes, generation, code */
		result_cell(r, "%s", "");
}

/* Only known from the journal: its section says what it is. */
static bool is_strategy(const struct host *h, uint32_t id)
{
	const struct config_section *s = section_of_instance(h->config, flow_instance_name(&h->flow, id));

	return s == NULL || section_kind(s->kind) == AQ_STRATEGY;
}

/* ---- stores ---- */

static const struct column store_columns[] = {{"store", "STORE", 0}, {"state", "STATE", 0},
	{"since", "SINCE", COLUMN_RIGHT}, {"waiting", "WAITING", COLUMN_COUNT}, {"calls", "CALLS", COLUMN_COUNT},
	{"failed", "FAILED", COLUMN_COUNT}, {"generation", "GEN", COLUMN_COUNT}, {"code", "CODE", 0}, {0}};

static void store_row(struct control_call *c, const struct instance *i)
{
	const struct store *s = store_find(c->host, i->id);
	struct result *r = &c->result;
	char age[FORMAT_SIZE];

	if (s == NULL)
		return;
	result_cell(r, "%s", i->name);
	result_cell(r, "%s", i->state == INSTANCE_FAILED ? "failed" : s->up ? "up" : s->slow ? "hangs" : "down");
	result_cell(r, "%s", format_age(host_wall_ns() - s->state_ns, age));
	result_cell(r, "%u", s->unanswered);
	result_cell(r, "%" PRIu64, s->calls);
	result_cell(r, "%" PRIu64, s->failures);
	result_cell(r, "%u", i->generation);
	result_cell(r, "%s %s", i->plugin->table.name, i->plugin->hash);
}

/* ---- services ---- */

static const struct column service_columns[] = {{"service", "SERVICE", 0}, {"state", "STATE", 0},
	{"generation", "GEN", COLUMN_COUNT}, {"code", "CODE", 0}, {0}};

static void service_row(struct control_call *c, const struct instance *i)
{
	struct result *r = &c->result;

	result_cell(r, "%s", i->name);
	result_cell(r, "%s", i->state == INSTANCE_FAILED ? "failed" : i->state == INSTANCE_CREATED ? "starting" : "running");
	result_cell(r, "%u", i->generation);
	result_cell(r, "%s %s", i->plugin->table.name, i->plugin->hash);
}

static bool has_services(const struct host *h)
{
	for (uint32_t id = 1; id <= names_count(&h->flow.names, NAME_INSTANCE) && id < INSTANCES_MAX; id++)
		if (h->instances[id] != NULL && h->instances[id]->kind == AQ_SERVICE)
			return true;
	return false;
}

/* ---- all of it ---- */

static void each_instance(
	struct control_call *c, uint32_t kind, void (*row)(struct control_call *c, const struct instance *i))
{
	for (uint32_t id = 1; id <= names_count(&c->host->flow.names, NAME_INSTANCE) && id < INSTANCES_MAX; id++) {
		const struct instance *i = c->host->instances[id];

		if (i != NULL && i->kind == kind && result_row(&c->result))
			row(c, i);
	}
}

bool control_status(struct control_call *c)
{
	const struct flow *f = &c->host->flow;

	tell_host(c);
	result_table(&c->result, "venues", TABLE_GRID, venue_columns);
	each_instance(c, AQ_EXCHANGE, venue_row);
	result_table(&c->result, "accounts", TABLE_GRID, account_columns);
	for (uint32_t id = 1; id <= names_count(&f->names, NAME_ACCOUNT); id++)
		if (f->accounts[id].exchange != 0 && result_row(&c->result))
			account_row(c, id);
	result_table(&c->result, "strategies", TABLE_GRID, strategy_columns);
	each_instance(c, AQ_STRATEGY, strategy_row);
	for (uint32_t id = 0; (id = control_next_quarantined(c->host, id)) != 0;)
		if (is_strategy(c->host, id) && result_row(&c->result))
			quarantined_row(c, id);
	if (c->host->stores != NULL) {
		result_table(&c->result, "stores", TABLE_GRID, store_columns);
		each_instance(c, AQ_STORAGE, store_row);
	}
	if (has_services(c->host)) {
		result_table(&c->result, "services", TABLE_GRID, service_columns);
		each_instance(c, AQ_SERVICE, service_row);
	}
	problems_tell(c);
	return true;
}
