/* metrics_instances.c: figures of each venue, account and strategy. */
#include "decimal.h"
#include "flow/ledger.h"
#include "flow/market.h"
#include "host/control_problems.h"
#include "host/control_status.h"
#include "host/metrics_families.h"
#include "host/store.h"

#include <inttypes.h>
#include <math.h>

#define SECOND_NS INT64_C(1000000000)

static void money(struct metrics *m, const struct metric_label *label, const struct host *h, struct aq_amt amount)
{
	char text[64];

	aq_amt_print_short(amount, 0, 18, text);
	metrics_add(m, LABELS(*label, {"currency", h->flow.options.report_currency}), "%s", text);
}

/* ---- of every instance ---- */

static void running(struct metrics *m, struct host *h, const struct instance *i, const struct metric_label *labels)
{
	metrics_add(m, labels, "%d", i->state == INSTANCE_RUNNING);
}

static void generation(struct metrics *m, struct host *h, const struct instance *i, const struct metric_label *labels)
{
	metrics_add(m, labels, "%u", i->generation);
}

static void events(struct metrics *m, struct host *h, const struct instance *i, const struct metric_label *labels)
{
	metrics_add(m, labels, "%" PRIu64, i->events);
}

/* ---- venues ---- */

static void up(struct metrics *m, struct host *h, const struct instance *i, const struct metric_label *labels)
{
	metrics_add(m, labels, "%d", i->state == INSTANCE_RUNNING && h->flow.instances[i->id].up);
}

static void age(struct metrics *m, struct host *h, const struct instance *i, const struct metric_label *labels)
{
	int64_t newest = status_markets(&h->flow, i->id).newest_ns, since = h->flow.now_ns - newest;

	since = since > 0 ? since : 0;
	if (newest > 0)
		metrics_add(m, labels, "%" PRId64 ".%09" PRId64, since / SECOND_NS, since % SECOND_NS);
}

static void markets(struct metrics *m, struct host *h, const struct instance *i, const struct metric_label *labels)
{
	metrics_add(m, labels, "%u", status_markets(&h->flow, i->id).markets);
}

static void valid(struct metrics *m, struct host *h, const struct instance *i, const struct metric_label *labels)
{
	metrics_add(m, labels, "%u", status_markets(&h->flow, i->id).valid);
}

/* ---- books ---- */

static uint64_t gaps(const struct market *m)
{
	return m->gaps;
}

static uint64_t stale(const struct market *m)
{
	return m->stale;
}

static uint64_t crossed(const struct market *m)
{
	return m->crossed;
}

/* ---- accounts ---- */

static void ready(struct metrics *m, struct host *h, uint32_t id, const struct metric_label *labels)
{
	metrics_add(m, labels, "%d", h->flow.accounts[id].ready);
}

static void equity(struct metrics *m, struct host *h, uint32_t id, const struct metric_label *labels)
{
	struct aq_amt amount;

	if (status_equity(&h->flow, id, &amount))
		money(m, labels, h, amount);
}

static void account_profit(struct metrics *m, struct host *h, uint32_t id, const struct metric_label *labels)
{
	struct aq_amt amount;

	if (ledger_profit(&h->flow, SCOPE_ACCOUNT, id, &amount) == 0)
		money(m, labels, h, amount);
}

static void account_open(struct metrics *m, struct host *h, uint32_t id, const struct metric_label *labels)
{
	metrics_add(m, labels, "%u", h->flow.accounts[id].meter.open);
}

static void unknown(struct metrics *m, struct host *h, uint32_t id, const struct metric_label *labels)
{
	metrics_add(m, labels, "%u", problems_unknown(h, id));
}

/* ---- strategies ---- */

static void profit(struct metrics *m, struct host *h, const struct instance *i, const struct metric_label *labels)
{
	struct aq_amt amount;

	if (ledger_profit(&h->flow, SCOPE_INSTANCE, i->id, &amount) == 0)
		money(m, labels, h, amount);
}

static void open_orders(struct metrics *m, struct host *h, const struct instance *i, const struct metric_label *labels)
{
	metrics_add(m, labels, "%u", h->flow.instances[i->id].meter.open);
}

static void denials(struct metrics *m, struct host *h, const struct instance *i, const struct metric_label *labels)
{
	metrics_add(m, labels, "%" PRIu64, h->flow.instances[i->id].meter.denied);
}

/* Of strategies that are gone and of others, too: strategy="external". */
static void positions(struct metrics *m, struct host *h)
{
	static const char *const sides[] = {"?", "net", "long", "short"};
	static const char *const modes[] = {"?", "cash", "cross", "isolated"};
	const struct flow *f = &h->flow;
	char qty[64];

	for (uint32_t at = 0; at < f->ledger.count; at++) {
		const struct aq_position *p = &f->ledger.rows[at].p;
		const struct aq_instrument *i = &market_find(f, p->instrument)->instrument;

		if (p->instance == AQ_ALL)
			continue;
		aq_dec_print(p->qty, i->qty_digits, 0, qty);
		metrics_add(m,
			LABELS({"strategy", flow_instance_name(f, p->instance)}, {"account", flow_account_name(f, p->account)},
				{"market", i->symbol}, {"side", sides[p->position_side <= AQ_SHORT ? p->position_side : 0]},
				{"margin", modes[p->margin_mode <= AQ_ISOLATED ? p->margin_mode : 0]}),
			"%s", qty);
	}
}

/* What strategies tell, under their own names. */
static void told(struct metrics *m, struct host *h)
{
	const struct instance *i;
	uint32_t id = 0;

	while ((i = control_next_instance(h, &id)) != NULL)
		for (uint32_t k = 0; k < i->gauges.count; k++) {
			const struct gauge *g = &i->gauges.list[k];
			const struct metric_label *labels = LABELS({"instance", i->name}, {"name", g->name});

			if (isnan(g->value))
				metrics_add(m, labels, "NaN");
			else if (isinf(g->value))
				metrics_add(m, labels, "%cInf", g->value > 0 ? '+' : '-');
			else
				metrics_add(m, labels, "%.17g", g->value);
		}
}

/* ---- stores ---- */

static void store_up(struct metrics *m, struct host *h, const struct instance *i, const struct metric_label *labels)
{
	metrics_add(m, labels, "%d", store_find(h, i->id)->up);
}

static void store_waiting(struct metrics *m, struct host *h, const struct instance *i, const struct metric_label *labels)
{
	metrics_add(m, labels, "%u", store_find(h, i->id)->unanswered);
}

static void store_calls(struct metrics *m, struct host *h, const struct instance *i, const struct metric_label *labels)
{
	metrics_add(m, labels, "%" PRIu64, store_find(h, i->id)->calls);
}

static void store_failures(struct metrics *m, struct host *h, const struct instance *i, const struct metric_label *labels)
{
	metrics_add(m, labels, "%" PRIu64, store_find(h, i->id)->failures);
}

static void store_rows(struct metrics *m, struct host *h, const struct instance *i, const struct metric_label *labels)
{
	metrics_add(m, labels, "%" PRIu64, store_find(h, i->id)->rows);
}

const struct metric_family metrics_of_instances[] = {
	{"aioquant_instance_running", METRIC_GAUGE, NULL, "1: it gets events", .instance = running},
	{"aioquant_instance_generation", METRIC_GAUGE, NULL, "rises with every reload of its code",
		.instance = generation},
	{"aioquant_instance_events", METRIC_COUNTER, NULL, "events that it got since it was made",
		.instance = events},
	{"aioquant_venue_up", METRIC_GAUGE, NULL, "1: it takes orders", .instance = up, .kind = AQ_EXCHANGE},
	{"aioquant_venue_data_age_seconds", METRIC_GAUGE, "seconds", "of the newest book, by the host's clock",
		.instance = age, .kind = AQ_EXCHANGE},
	{"aioquant_venue_markets", METRIC_GAUGE, NULL, "markets that somebody wants",
		.instance = markets, .kind = AQ_EXCHANGE},
	{"aioquant_venue_markets_valid", METRIC_GAUGE, NULL, "those whose book can be trusted, or is asked for by nobody",
		.instance = valid, .kind = AQ_EXCHANGE},
	{"aioquant_book_gaps", METRIC_COUNTER, NULL, "updates that a book has missed", .book = gaps},
	{"aioquant_book_stale", METRIC_COUNTER, NULL, "times that a book became stale", .book = stale},
	{"aioquant_book_crossed", METRIC_COUNTER, NULL, "times that a book was crossed", .book = crossed},
	{"aioquant_account_ready", METRIC_GAUGE, NULL, "1: in step with its venue, 0: new orders are denied",
		.account = ready},
	{"aioquant_account_equity", METRIC_GAUGE, NULL, "what it owns, at the last valid middles",
		.account = equity},
	{"aioquant_account_profit", METRIC_GAUGE, NULL, "since its ledger began, fees taken off",
		.account = account_profit},
	{"aioquant_account_orders", METRIC_GAUGE, NULL, "its orders that are not final", .account = account_open},
	{"aioquant_account_orders_unknown", METRIC_GAUGE, NULL, "those with a request of unknown end",
		.account = unknown},
	{"aioquant_strategy_profit", METRIC_GAUGE, NULL, "since its ledger began, fees taken off",
		.instance = profit, .kind = AQ_STRATEGY},
	{"aioquant_strategy_orders", METRIC_GAUGE, NULL, "its orders that are not final",
		.instance = open_orders, .kind = AQ_STRATEGY},
	{"aioquant_strategy_denials", METRIC_COUNTER, NULL, "its orders and requests that were denied",
		.instance = denials, .kind = AQ_STRATEGY},
	{"aioquant_store_up", METRIC_GAUGE, NULL, "1: its back end works", .instance = store_up, .kind = AQ_STORAGE},
	{"aioquant_store_waiting", METRIC_GAUGE, NULL, "calls that have no answer yet", .instance = store_waiting,
		.kind = AQ_STORAGE},
	{"aioquant_store_calls", METRIC_COUNTER, NULL, "calls that it was asked for", .instance = store_calls,
		.kind = AQ_STORAGE},
	{"aioquant_store_failures", METRIC_COUNTER, NULL, "calls that ended with an error", .instance = store_failures,
		.kind = AQ_STORAGE},
	{"aioquant_store_rows", METRIC_COUNTER, NULL, "rows that it has answered", .instance = store_rows, .kind = AQ_STORAGE},
	{"aioquant_position", METRIC_GAUGE, NULL, "in base currency, of inverse contracts in quote currency",
		.samples = positions},
	{"aioquant_gauge", METRIC_GAUGE, NULL, "a figure that a strategy tells", .samples = told},
	{0},
};
