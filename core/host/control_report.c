/* control_report.c: the verb `report`: what a time has brought, out of what a recorder has kept. */
#include "host/control_report.h"

#include "base/check.h"
#include "host/control_format.h"
#include "host/host.h"
#include "host/query.h"
#include "host/report_read.h"
#include "host/section.h"
#include "host/time_text.h"

#include <decimal.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SECOND INT64_C(1000000000)

struct report_job {
	struct report_sum *sum;
	struct report_read *read;
	unsigned by;
	int64_t from_ns, to_ns;
};

/* ---- what is asked ---- */

/* 2026-11 or 2026-11-30: its first moment, and the first behind it. */
static bool read_date(const char *text, int64_t *begin_ns, int64_t *end_ns)
{
	size_t length = strlen(text);
	struct tm tm;
	time_t at;

	if ((length != 7 && length != 10) || !time_text_parse(text, length, begin_ns))
		return false;
	*end_ns = *begin_ns + 86400 * SECOND;
	if (length == 10)
		return true;
	at = (time_t)(*begin_ns / SECOND);
	gmtime_r(&at, &tm);
	tm.tm_mon++;
	*end_ns = (int64_t)timegm(&tm) * SECOND;
	return true;
}

static bool take_time(struct control_call *c, int64_t *from_ns, int64_t *to_ns)
{
	const struct control_request *r = c->request;
	const char *first = r->month != NULL ? r->month : r->count > 1 ? r->words[1] : NULL;
	time_t now = (time_t)(c->host->flow.now_ns / SECOND);
	char month[16];
	struct tm tm;
	int64_t unused;

	gmtime_r(&now, &tm);
	strftime(month, sizeof(month), "%Y-%m", &tm);
	first = first != NULL ? first : month;
	if (read_date(first, from_ns, to_ns) &&
		(r->count < 3 || (r->month == NULL && read_date(r->words[2], &unused, to_ns))) && *to_ns > *from_ns)
		return true;
	result_fail(&c->result, CONTROL_USAGE,
		"report takes a month as 2026-11, a day as 2026-11-30, or the first and the last of several, UTC");
	return false;
}

static bool take_by(struct control_call *c, unsigned *by)
{
	static const char *const names[] = {"strategy", "account", "market"};
	const char *at = c->request->by;

	*by = at == NULL ? REPORT_STRATEGY | REPORT_ACCOUNT | REPORT_MARKET : 0;
	while (at != NULL && *at != '\0') {
		size_t length = strcspn(at, ","), i = 0;

		while (i < 3 && (strlen(names[i]) != length || memcmp(names[i], at, length) != 0))
			i++;
		if (i == 3) {
			result_fail(&c->result, CONTROL_USAGE,
				"--by takes strategy, account and market, with commas between them: not %.40s", at);
			return false;
		}
		*by |= 1u << i;
		at += length + (at[length] == ',');
	}
	return true;
}

/* The store of a line of whoever records. */
static uint32_t store_of(const struct host *h, const char *key)
{
	for (uint32_t id = 1; id <= names_count(&h->flow.names, NAME_INSTANCE) && id < INSTANCES_MAX; id++) {
		const struct instance *i = h->instances[id];
		const struct config_entry *line;
		char name[96];

		if (i == NULL || i->kind != AQ_SERVICE || strcmp(i->plugin->table.name, "recorder") != 0)
			continue;
		line = config_get(i->section, key);
		if (line == NULL)
			continue;
		snprintf(name, sizeof(name), "%.*s", (int)strcspn(line->value, " \t"), line->value);
		return names_find(&h->flow.names, NAME_INSTANCE, name);
	}
	return 0;
}

/* ---- what is shown ---- */

static const struct column row_columns[] = {{"strategy", "STRATEGY", 0}, {"account", "ACCOUNT", 0},
	{"market", "MARKET", 0}, {"fills", "FILLS", COLUMN_COUNT}, {"maker", "MAKER", COLUMN_RIGHT},
	{"turnover", "TURNOVER", COLUMN_RIGHT}, {"realised", "REALISED", COLUMN_RIGHT},
	{"unrealised", "UNREALISED", COLUMN_RIGHT}, {"fees", "FEES", COLUMN_RIGHT},
	{"funding", "FUNDING", COLUMN_RIGHT}, {"other", "OTHER", COLUMN_RIGHT}, {"total", "TOTAL", COLUMN_RIGHT},
	{"drawdown", "DRAWDOWN", COLUMN_RIGHT}, {0}};
static const struct column account_columns[] = {{"account", "ACCOUNT", 0}, {"begin", "BEGIN", COLUMN_RIGHT},
	{"end", "END", COLUMN_RIGHT}, {"change", "CHANGE", COLUMN_RIGHT},
	{"transfers", "OF IT TRANSFERS", COLUMN_RIGHT}, {"explained", "EXPLAINED", COLUMN_RIGHT},
	{"difference", "DIFFERENCE", COLUMN_RIGHT}, {0}};

/* Every digit of it in JSON and CSV, two for people. */
static void money(struct query *q, struct aq_amt amount, bool sign)
{
	char text[FORMAT_SIZE], exact[48];

	if (q->request.json)
		aq_amt_print(amount, 0, exact);
	result_cell(&q->result, "%s", q->request.json ? exact : format_money(amount, 2, sign, NULL, text));
}

static struct aq_amt other_of(const struct report_row *row)
{
	struct aq_amt sum = row->other;

	aq_amt_add(sum, row->interest, &sum);
	return sum;
}

/* Of the turnover, in thousandths. */
static void maker_share(const struct report_row *row, char out[48])
{
	struct aq_amt share;
	int64_t thousandths;

	out[0] = '\0';
	if (aq_amt_div_zero(row->maker_turnover, row->turnover, &share) == 0 &&
		aq_amt_to_scaled_zero(share, 3, &thousandths) == 0)
		snprintf(out, 48, "%" PRId64 ".%" PRId64 " %%", thousandths / 10, thousandths % 10);
}

static void tell_row(struct query *q, const struct report_row *row)
{
	struct result *r = &q->result;
	char share[48];

	maker_share(row, share);
	result_cell(r, "%s", row->key.strategy);
	result_cell(r, "%s", row->key.account);
	result_cell(r, "%s", row->key.market);
	result_cell(r, "%" PRIu64, row->fills);
	result_cell(r, "%s", share);
	money(q, row->turnover, false);
	money(q, row->realised, true);
	money(q, row->unrealised, true);
	money(q, row->fees, false);
	money(q, row->funding, true);
	money(q, other_of(row), true);
	money(q, row->total, true);
	money(q, row->drawdown, false);
	if (!row->is_valued)
		result_problem(r, q->host->flow.now_ns, "%s %s %s: a price was missing: the row is not complete",
			row->key.strategy, row->key.account, row->key.market);
}

static void tell_account(struct query *q, const struct report_account *a)
{
	struct result *r = &q->result;
	struct aq_amt change, difference;
	char text[FORMAT_SIZE];

	if (aq_amt_sub(a->end, a->begin, &change) != 0 || aq_amt_sub(change, a->explained, &difference) != 0)
		return;
	result_cell(r, "%s", a->name);
	money(q, a->begin, false);
	money(q, a->end, false);
	money(q, change, true);
	money(q, a->transfers, true);
	money(q, a->explained, true);
	money(q, difference, true);
	if (aq_amt_sign(difference) != 0)
		result_problem(r, q->host->flow.now_ns,
			"%s: %s of the change are explained by no position, fee or cash flow: what else it holds has "
			"changed its worth, or samples of equity are missing",
			a->name, format_money(difference, 2, true, q->host->flow.options.report_currency, text));
}

static void tell_tables(struct query *q, const struct report_sum *sum)
{
	const struct report_row *rows;
	const struct report_account *accounts;
	uint32_t row_count = report_sum_rows(sum, &rows), account_count = report_sum_accounts(sum, &accounts);

	result_table(&q->result, "rows", TABLE_GRID, row_columns);
	for (uint32_t i = 0; i < row_count; i++)
		if (result_row(&q->result))
			tell_row(q, &rows[i]);
	result_table(&q->result, "accounts", TABLE_GRID, account_columns);
	for (uint32_t i = 0; i < account_count; i++)
		if (accounts[i].has_begin && result_row(&q->result))
			tell_account(q, &accounts[i]);
}

static void csv_word(struct query_text *t, const char *text)
{
	query_csv_text(t, text, strlen(text));
	text_char(t, ',');
}

static void csv_amount(struct query_text *t, struct aq_amt amount, char end)
{
	char text[48];

	aq_amt_print(amount, 0, text);
	text_add(t, text);
	text_char(t, end);
}

static void tell_csv(struct query *q, const struct report_sum *sum)
{
	const struct report_row *rows;
	uint32_t count = report_sum_rows(sum, &rows);
	char number[24];

	text_add(&q->out, "strategy,account,market,fills,maker_turnover,turnover,realised,unrealised,fees,funding,"
			  "other,total,drawdown\n");
	for (uint32_t i = 0; i < count; i++) {
		csv_word(&q->out, rows[i].key.strategy);
		csv_word(&q->out, rows[i].key.account);
		csv_word(&q->out, rows[i].key.market);
		snprintf(number, sizeof(number), "%" PRIu64 ",", rows[i].fills);
		text_add(&q->out, number);
		csv_amount(&q->out, rows[i].maker_turnover, ',');
		csv_amount(&q->out, rows[i].turnover, ',');
		csv_amount(&q->out, rows[i].realised, ',');
		csv_amount(&q->out, rows[i].unrealised, ',');
		csv_amount(&q->out, rows[i].fees, ',');
		csv_amount(&q->out, rows[i].funding, ',');
		csv_amount(&q->out, other_of(&rows[i]), ',');
		csv_amount(&q->out, rows[i].total, ',');
		csv_amount(&q->out, rows[i].drawdown, '\n');
	}
	if (q->out.used > RESULT_PREPARED_MAX) {
		query_fail(q, CONTROL_FAILED,
			"the report has too many rows for one answer: take --by strategy or a shorter time");
		return;
	}
	result_prepared(&q->result, strndup(q->out.at, q->out.used), (uint32_t)q->out.used);
	query_end(q);
}

static void tell(struct query *q)
{
	const struct report_job *job = q->report;
	char from[FORMAT_SIZE], to[FORMAT_SIZE];

	if (q->request.csv) {
		tell_csv(q, job->sum);
		return;
	}
	tell_tables(q, job->sum);
	result_hint(&q->result,
		"%.19s to %.19s UTC, amounts in %s; DRAWDOWN is that of TOTAL, at the samples of equity",
		format_time(job->from_ns, from), format_time(job->to_ns, to), q->host->flow.options.report_currency);
	query_end(q);
}

/* ---- the way of it ---- */

void report_turn(struct query *q)
{
	const char *why;
	int rc = report_read_step(q->report->read, &why);

	if (rc < 0)
		query_fail(q, CONTROL_FAILED, "%s", why);
	else if (rc > 0)
		tell(q);
}

void report_free(struct report_job *job)
{
	if (job == NULL)
		return;
	report_read_free(job->read);
	report_sum_free(job->sum);
	free(job);
}

static void begin(struct control_call *c, const struct report_job *asked, const uint32_t stores[REPORT_SOURCES])
{
	struct query *q = query_begin(c);
	struct report_job *job;
	const char *why;

	if (q == NULL)
		return;
	job = calloc(1, sizeof(*job));
	CHECK(job != NULL);
	*job = *asked;
	q->report = job;
	result_finish(&q->result);
	result_init(&q->result, "report", c->request->skip);
	job->sum = report_sum_new(job->by, job->from_ns, job->to_ns);
	job->read = report_read_begin(c->host, stores, job->from_ns, job->to_ns, job->sum, &why);
	result_finish(&c->result);
	if (job->read == NULL)
		query_fail(q, CONTROL_FAILED, "%s", why);
}

bool control_report(struct control_call *c)
{
	static const char *const keys[REPORT_SOURCES] = {"fills", "cashflows", "equity"};
	uint32_t stores[REPORT_SOURCES];
	struct report_job job = {0};

	if (!take_time(c, &job.from_ns, &job.to_ns) || !take_by(c, &job.by))
		return true;
	for (int k = 0; k < REPORT_SOURCES; k++) {
		stores[k] = store_of(c->host, keys[k]);
		if (stores[k] != 0 || k == REPORT_CASHFLOWS)
			continue;
		result_fail(&c->result, CONTROL_REFUSED,
			"nothing records %s: a report needs a section [recorder] with fills = STORE, "
			"cashflows = STORE and equity = STORE every 1m",
			keys[k]);
		return true;
	}
	begin(c, &job, stores);
	return c->result.failed;
}
