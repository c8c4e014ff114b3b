/* report_read.c: see report_read.h. */
#include "host/report_read.h"

#include "base/check.h"
#include "host/host.h"
#include "host/store_ask.h"

#include <aioquant/bson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PAGE_ROWS 256
#define TURN_ROWS 16 /* some tens of microseconds of the loop */
#define PATIENCE_NS 50000000000ll /* with a store that begins nothing */
/* Equity before the begin says what there was then; samples are nearer to each other than that. */
#define LOOK_BACK_NS (3600ll * 1000000000ll)

struct source {
	struct report_read *read;
	uint8_t kind;
	int64_t call;   /* 0 = none is under way */
	uint8_t *bytes; /* rows that have come, one behind the other */
	size_t used, room, at;
	bool page_over, ended;
	int64_t time_ns; /* of the row at `at`, once it is known */
	bool has_row;
	struct aq_bson row;
};

struct report_read {
	struct host *host;
	struct report_sum *sum;
	struct source sources[REPORT_SOURCES];
	char why[400];
	bool failed;
};

static const char *const tables[REPORT_SOURCES] = {"fills", "cashflows", "equity"};

/* ---- what stores say ---- */

static void take_rows(void *context, const struct aq_store_rows *rows, const void *bytes)
{
	struct source *s = context;

	if (s->at > 0) { /* what has been read goes */
		memmove(s->bytes, s->bytes + s->at, s->used - s->at);
		s->used -= s->at;
		s->at = 0;
		s->has_row = false;
	}
	if (s->used + rows->length > s->room) {
		s->room = 2 * (s->used + rows->length);
		s->bytes = realloc(s->bytes, s->room);
		CHECK(s->bytes != NULL);
		s->has_row = false;
	}
	memcpy(s->bytes + s->used, bytes, rows->length);
	s->used += rows->length;
	s->page_over = rows->last != 0;
	loop_wake(s->read->host->loop);
}

static void take_end(void *context, const struct aq_store_end *end)
{
	struct source *s = context;

	(void)end;
	s->call = 0;
	s->ended = true;
	loop_wake(s->read->host->loop);
}

static void fail(struct source *s, const char *what)
{
	snprintf(s->read->why, sizeof(s->read->why), "%s: %.239s", tables[s->kind], what);
	s->read->failed = true;
}

static void take_error(void *context, const struct aq_store_error *error)
{
	struct source *s = context;
	char text[300];

	s->call = 0;
	snprintf(text, sizeof(text), "%s%s", error->fault == AQ_STORE_UNKNOWN ? "nothing has been recorded yet: " : "", error->text);
	fail(s, text);
	loop_wake(s->read->host->loop);
}

static const struct store_asker asker = {.rows = take_rows, .end = take_end, .error = take_error};

/* ---- asking ---- */

static size_t write_filter(uint8_t *out, size_t room, int64_t from_ns, int64_t to_ns)
{
	struct aq_doc d;

	aq_doc_begin(&d, out, room);
	aq_doc_open(&d, "time");
	aq_doc_time(&d, "$gte", from_ns);
	aq_doc_time(&d, "$lt", to_ns);
	aq_doc_close(&d);
	return (size_t)aq_doc_end(&d);
}

static size_t write_sort(uint8_t *out, size_t room)
{
	struct aq_doc d;

	aq_doc_begin(&d, out, room);
	aq_doc_int32(&d, "time", 1);
	aq_doc_int32(&d, "number", 1);
	return (size_t)aq_doc_end(&d);
}

static int64_t ask(struct source *s, uint32_t store, int64_t from_ns, int64_t to_ns)
{
	uint8_t filter[128], sort[64];
	struct store_ask what = {
		.store = store, .op = AQ_STORE_FIND, .outside = true, .collection = tables[s->kind], .rows = PAGE_ROWS,
		.deadline_ns = host_wall_ns() + PATIENCE_NS};

	if (s->kind == REPORT_EQUITY)
		from_ns -= from_ns > INT64_MIN + LOOK_BACK_NS ? LOOK_BACK_NS : 0;
	what.parts[AQ_PART_FILTER] = (struct store_part){filter, write_filter(filter, sizeof(filter), from_ns, to_ns)};
	what.parts[AQ_PART_SORT] = (struct store_part){sort, write_sort(sort, sizeof(sort))};
	return store_ask(s->read->host, &what, &asker, s);
}

struct report_read *report_read_begin(struct host *h, const uint32_t stores[REPORT_SOURCES], int64_t from_ns,
	int64_t to_ns, struct report_sum *sum, const char **why)
{
	struct report_read *r = calloc(1, sizeof(*r));

	CHECK(r != NULL);
	r->host = h;
	r->sum = sum;
	for (uint8_t k = 0; k < REPORT_SOURCES; k++) {
		struct source *s = &r->sources[k];
		int64_t id;

		s->read = r;
		s->kind = k;
		s->ended = stores[k] == 0;
		id = s->ended ? 0 : ask(s, stores[k], from_ns, to_ns);
		if (id < 0) {
			*why = id == AQ_EAGAIN ? "the queue of the store is full: try again"
					       : "the store does not run: aqctl says why";
			report_read_free(r);
			return NULL;
		}
		s->call = id;
	}
	return r;
}

void report_read_free(struct report_read *r)
{
	if (r == NULL)
		return;
	for (int k = 0; k < REPORT_SOURCES; k++) {
		if (r->sources[k].call != 0)
			store_ask_forget(r->host, r->sources[k].call);
		free(r->sources[k].bytes);
	}
	free(r);
}

/* ---- rows ---- */

static void text_of(struct aq_bson row, const char *name, char *out, size_t room)
{
	out[0] = '\0';
	aq_value_copy_text(aq_bson_find(row, name), out, room);
}

static bool amount_of(struct aq_bson row, const char *name, struct aq_amt *out)
{
	*out = (struct aq_amt){0, 0};
	return aq_value_amount(aq_bson_find(row, name), out) == AQ_OK;
}

static struct report_key key_of(struct aq_bson row)
{
	struct report_key key;

	text_of(row, "strategy", key.strategy, sizeof(key.strategy));
	text_of(row, "account", key.account, sizeof(key.account));
	text_of(row, "market", key.market, sizeof(key.market));
	return key;
}

static void read_fill(struct report_sum *sum, int64_t time_ns, struct aq_bson row)
{
	struct report_fill fill = {.key = key_of(row)};
	char liquidity[16];

	text_of(row, "liquidity", liquidity, sizeof(liquidity));
	if (aq_bson_find(row, "fill").type == AQ_VALUE_NULL) /* an adjustment, which nobody traded */
		return;
	fill.is_maker = strcmp(liquidity, "maker") == 0;
	fill.is_valued = amount_of(row, "notional_value", &fill.turnover) && amount_of(row, "fee_value", &fill.fee);
	report_sum_fill(sum, time_ns, &fill);
}

static void read_cashflow(struct report_sum *sum, int64_t time_ns, struct aq_bson row)
{
	char account[48], kind[16];
	struct report_cash cash = {.account = account, .kind = kind};

	text_of(row, "account", account, sizeof(account));
	text_of(row, "kind", kind, sizeof(kind));
	cash.is_valued = amount_of(row, "value", &cash.value);
	report_sum_cash(sum, time_ns, &cash);
}

static void read_equity(struct report_sum *sum, int64_t time_ns, struct aq_bson row)
{
	struct report_position p = {.key = key_of(row)};
	struct aq_amt equity;
	bool is_valued;

	if (p.key.strategy[0] == '\0') {
		is_valued = amount_of(row, "equity", &equity);
		report_sum_equity(sum, time_ns, p.key.account, equity, is_valued);
		return;
	}
	p.is_valued = amount_of(row, "realised", &p.realised) && amount_of(row, "unrealised", &p.unrealised);
	report_sum_position(sum, time_ns, &p);
}

/* ---- a turn ---- */

/* The table may be one of another maker. */
static bool take_time(struct source *s)
{
	s->has_row = aq_value_time(aq_bson_find(s->row, "time"), &s->time_ns) == AQ_OK;
	if (!s->has_row)
		fail(s, "a row has no time");
	return s->has_row;
}

/* True when the source has its next row at hand, or has ended. */
static bool is_ready(struct source *s)
{
	struct aq_bson_rows rows;

	if (s->has_row)
		return true;
	rows = aq_bson_rows_of(s->bytes + s->at, s->used - s->at);
	if (s->used > s->at && aq_bson_next_row(&rows, &s->row) == 1)
		return take_time(s);
	if (s->used > s->at && (s->page_over || s->ended)) /* no page ends within a row */
		fail(s, "a row is no document");
	if (s->ended)
		return true;
	if (s->page_over && store_ask_more(s->read->host, s->call, PAGE_ROWS) == AQ_OK)
		s->page_over = false;
	return false;
}

static struct source *earliest(struct report_read *r)
{
	struct source *first = NULL;

	for (int k = 0; k < REPORT_SOURCES; k++) {
		struct source *s = &r->sources[k];

		if (!is_ready(s))
			return NULL;
		if (s->has_row && (first == NULL || s->time_ns < first->time_ns))
			first = s;
	}
	return first;
}

static void read_row(struct source *s)
{
	static void (*const readers[])(struct report_sum * sum, int64_t time_ns, struct aq_bson row) = {
		read_fill, read_cashflow, read_equity};

	readers[s->kind](s->read->sum, s->time_ns, s->row);
	s->at += s->row.length;
	s->has_row = false;
}

static bool is_over(const struct report_read *r)
{
	for (int k = 0; k < REPORT_SOURCES; k++)
		if (!r->sources[k].ended || r->sources[k].at < r->sources[k].used)
			return false;
	return true;
}

int report_read_step(struct report_read *r, const char **why)
{
	struct source *s;

	*why = r->why;
	if (r->failed)
		return -1;
	for (int i = 0; i < TURN_ROWS; i++) {
		s = earliest(r);
		if (s == NULL)
			break;
		read_row(s);
	}
	if (report_sum_is_full(r->sum))
		fail(&r->sources[REPORT_FILLS], "there are more strategies, accounts and markets than a report can tell apart");
	if (r->failed)
		return -1;
	if (is_over(r)) {
		report_sum_end(r->sum);
		return 1;
	}
	if (earliest(r) != NULL)
		loop_wake(r->host->loop);
	return 0;
}
