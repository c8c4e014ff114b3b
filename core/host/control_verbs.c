/* control_verbs.c: the one table of commands. A verb that changes something is journalled before it is done, with who
 * asked. */
#include "host/control_call.h"

#include "base/log.h"
#include "flow/record.h"

#include <stdio.h>
#include <string.h>

#define ANY CONTROL_WORDS_MAX

const struct control_verb control_verbs[] = {
	{"status", "", "venues, accounts, strategies, and what is wrong", control_status, 0, 0, 0},
	{"instances", "", "what runs: state, generation, code", control_instances, 0, 0, 0},
	{"plugins", "", "the libraries in use", control_plugins, 0, 0, 0},
	{"orders", "[INSTANCE|ACCOUNT]", "orders that are not final", control_orders, 0, 1, 0},
	{"why", "ORDER | INSTANCE TAG", "all that is known of an order: requests, fills, denials, what its strategy said",
		control_why, 1, 2, 0},
	{"positions", "[INSTANCE|ACCOUNT]", "positions and their profit", control_positions, 0, 1, 0},
	{"balances", "[ACCOUNT]", "balances, what orders hold of them", control_balances, 0, 1, 0},
	{"books", "", "top of each subscribed market, and whether it can be trusted", control_books, 0, 0, 0},
	{"limits", "INSTANCE|ACCOUNT|host", "limits and how much of them is used", control_limits, 1, 1, 0},
	{"params", "[INSTANCE]", "options in force, where each comes from; without a name those that are not the default",
		control_params, 0, 1, 0},
	{"diff", "[INSTANCE]", "what runs against the files as they are now, and what it would take", control_diff, 0, 1, 0},
	{"check", "", "the files as they are now, as aioquantd -t does; nothing is changed", control_check, 0, 0, 0},
	{"gauges", "[INSTANCE]", "figures that strategies tell", control_gauges, 0, 1, 0},
	{"latency", "[VENUE]", "from its bytes to an order's, and to its answer; measured from the first time on",
		control_latency, 0, 1, 0},
	{"store",
		"[NAME [WHAT [TABLE [FILTER]]]]",
		"stores, and what is kept in one, read alone: WHAT is tables [--rows], describe, count, find or export --csv; FILTER: {price: "
		"{$gte: 61000.5}, time: {$lt: '2024-08-08'}}; find and export take --fields A,B --sort A,-B --limit N --skip N", control_store, 0, ANY, CONTROL_TAKES_QUERY},
	{"report", "[DAY [DAY]] [--month YEAR-MONTH] [--by A,B] [--csv]",
		"what a time has brought, by strategy, account and market, out of what [recorder] has kept; the month so far, if nothing else is said", control_report, 0, 2,
		CONTROL_TAKES_REPORT},
	{"metrics", "", "everything that has a number, as OpenMetrics text", control_metrics, 0, 0, 0},
	{"reload", "[INSTANCE...] [--plan] [--fresh]", "takes new code, options and sections into the running process",
		control_reload, 0, ANY, CONTROL_CHANGES | CONTROL_TAKES_PLAN | CONTROL_TAKES_FRESH},
	{"rollback", "INSTANCE", "back to the code, options and state before its last reload", control_rollback, 1, 1,
		CONTROL_CHANGES},
	{"set", "INSTANCE KEY=VALUE... [--save] | INSTANCE KEY... --reset", "changes live options together", control_set, 2, ANY,
		CONTROL_CHANGES | CONTROL_TAKES_RESET},
	{"pause", "[NAME [WHY]]", "cancels its orders, takes no new ones; NAME: instance, account, host", control_pause, 0, ANY,
		CONTROL_CHANGES},
	{"close-only", "[NAME [WHY]]", "takes only orders that bring a position nearer to zero", control_close_only, 0, ANY,
		CONTROL_CHANGES},
	{"halt", "[NAME [WHY]]", "cancels all, and is done when the venue lists no order", control_halt, 0, ANY, CONTROL_CHANGES},
	{"flatten", "NAME [WHY]", "halts, and closes the positions at the market", control_flatten, 1, ANY, CONTROL_CHANGES},
	{"resume", "[NAME [WHY]]", "ends pause, close-only, halt, flatten", control_resume, 0, ANY, CONTROL_CHANGES},
	{"release", "INSTANCE", "ends its quarantine after a crash, and starts it", control_release, 1, 1, CONTROL_CHANGES},
	{"reconcile", "[ACCOUNT]", "how far accounts are in step with their venues; ACCOUNT: another round now",
		control_reconcile, 0, 1, CONTROL_CHANGES_IF_TOLD},
	{"log-level", "[debug|info|warn|error]", "which lines the log takes, until the next start", control_log_level, 0, 1,
		CONTROL_CHANGES_IF_TOLD},
	{"help", "", "this list", control_help, 0, 0, 0},
	{0},
};

bool control_help(struct control_call *c)
{
	static const struct column columns[] = {
		{"verb", "VERB", 0}, {"arguments", "ARGUMENTS", 0}, {"summary", "SUMMARY", 0}, {0}};

	result_table(&c->result, "verbs", TABLE_LIST, columns);
	for (const struct control_verb *v = control_verbs; v->verb != NULL; v++) {
		if (!result_row(&c->result))
			continue;
		result_cell(&c->result, "%s", v->verb);
		result_cell(&c->result, "%s", v->arguments);
		result_cell(&c->result, "%s", v->summary);
	}
	result_hint(&c->result, "--json: as JSON");
	return true;
}

static const struct control_verb *find(const char *verb)
{
	const struct control_verb *v = control_verbs;

	while (v->verb != NULL && strcmp(v->verb, verb) != 0)
		v++;
	return v->verb != NULL ? v : NULL;
}

static bool asks_rows(const struct control_request *r)
{
	return r->rows || r->limit > 0 || r->fields != NULL || r->sort != NULL || r->rest != NULL;
}

static bool usage_is_right(struct control_call *c, const struct control_verb *v)
{
	const struct control_request *r = c->request;
	int given = r->count - 1;

	if (given >= v->least && given <= v->most && (!r->plan || (v->flags & CONTROL_TAKES_PLAN) != 0) &&
		(!r->fresh || (v->flags & CONTROL_TAKES_FRESH) != 0) &&
		(!asks_rows(r) || (v->flags & CONTROL_TAKES_QUERY) != 0) &&
		((r->month == NULL && r->by == NULL) || (v->flags & CONTROL_TAKES_REPORT) != 0) &&
		(!r->csv || (v->flags & (CONTROL_TAKES_REPORT | CONTROL_TAKES_QUERY)) != 0) &&
		((!r->reset && !r->save) || ((v->flags & CONTROL_TAKES_RESET) != 0 && !(r->reset && r->save))))
		return true;
	result_fail(
		&c->result, CONTROL_USAGE, "usage: %s%s%s", v->verb, v->arguments[0] != '\0' ? " " : "", v->arguments);
	return false;
}

/* What was asked for, without how it is to be shown; cut to what a fact holds. */
static void describe(const struct control_request *r, char *out, size_t size)
{
	size_t used = 0;

	out[0] = '\0';
	for (int i = 0; i < r->count && used < size; i++)
		used += (size_t)snprintf(out + used, size - used, "%s%s", i > 0 ? " " : "", r->words[i]);
	if (r->fresh && used < size)
		snprintf(out + used, size - used, " --fresh");
}

/* A full journal stops no operator: what he does may be what helps. */
static void journal(struct control_call *c)
{
	char what[sizeof(((struct fact_operator *)0)->what)];

	describe(c->request, what, sizeof(what));
	if (record_operator(&c->host->flow, c->uid, "aqctl", what) != 0) {
		log_line(AQ_LOG_ERROR, "control", "the journal could not take note of what follows: it is full");
		result_problem(&c->result, c->host->flow.now_ns, "the journal could not take note of this: it is full");
	}
	log_line(AQ_LOG_INFO, "control", "uid %u: %s", c->uid, what);
}

bool control_run(struct control_call *c)
{
	const struct control_verb *v = find(c->request->words[0]);

	if (v == NULL) {
		result_init(&c->result, "error", 0);
		result_fail(
			&c->result, CONTROL_USAGE, "unknown verb %.40s: aqctl help lists them", c->request->words[0]);
		return true;
	}
	result_init(&c->result, v->verb, c->request->skip);
	if (!usage_is_right(c, v))
		return true;
	if (((v->flags & CONTROL_CHANGES) != 0 && !c->request->plan) ||
		((v->flags & CONTROL_CHANGES_IF_TOLD) != 0 && c->request->count > 1))
		journal(c);
	return v->function(c);
}

struct instance *control_instance(struct control_call *c, const char *name)
{
	struct instance *i = host_instance(c->host, name);

	if (i == NULL)
		result_fail(&c->result, CONTROL_FAILED, "no instance %.48s runs: aqctl instances lists those that do",
			name);
	return i;
}
