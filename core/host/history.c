/* history.c: see history.h. */
#include "host/history.h"

#include "base/check.h"
#include "base/err.h"
#include "base/log.h"
#include "flow/candles.h"
#include "flow/kline.h"
#include "flow/market.h"
#include "host/host.h"
#include "host/replay_rows.h"
#include "host/store_ask.h"

#include <stdlib.h>
#include <string.h>

#define PATIENCE_NS 2000000000ll
#define ROWS_MAX 20000u /* of one answer: several hosts may have recorded the same */
#define PASSED 1u       /* tag of a question that goes on to the adapter */

enum step { STEP_KLINES, STEP_MINUTES, STEP_TRADES };

struct history {
	struct host *host;
	struct history *next;
	struct aq_event event; /* the question */
	struct aq_past past;
	struct candles_asked asked;
	uint32_t exchange, store;
	int64_t call, until_ns; /* wall clock */
	int64_t before_ns;      /* what was over by then may be told */
	uint8_t step;           /* enum step */
	uint64_t limit;
	char market[96];
	struct replay_rows rows;
	int rc;                 /* of the rows */
	struct aq_err err;
};

/* ---- the key ---- */

/* The store, and the name of the exchange there. False: it is no such value. */
static bool read_key(const struct config_section *s, char *store, size_t store_size, char *exchange, size_t exchange_size)
{
	const struct config_entry *entry = config_get(s, "history");
	const char *at = entry != NULL ? entry->value : "";
	size_t length = strcspn(at, " \t"), blank, rest;

	if (length == 0 || length >= store_size)
		return false;
	snprintf(store, store_size, "%.*s", (int)length, at);
	blank = strspn(at + length, " \t");
	at += length + blank;
	rest = strcspn(at, " \t:");
	if (rest >= exchange_size || at[rest] != '\0')
		return false;
	snprintf(exchange, exchange_size, "%s", rest > 0 ? at : s->name);
	return true;
}

void history_check(const struct config *c, const struct config_section *s, struct config_errors *e)
{
	const struct config_entry *entry = config_get(s, "history");
	char store[48], exchange[48];

	if (entry == NULL)
		return;
	if (!read_key(s, store, sizeof(store), exchange, sizeof(exchange)))
		config_error_value(e, s, entry, "write the name of a store, as main, and behind it that of the exchange there if it is "
						"another, as main binance.");
	else if (config_find(c, "storage", store) == NULL)
		config_error_value(e, s, entry, "no section [storage:%s].", store);
}

/* ---- the end of a question ---- */

static void free_history(struct history *q)
{
	struct history **at = &q->host->histories;

	while (*at != q)
		at = &(*at)->next;
	*at = q->next;
	replay_rows_free(&q->rows);
	free(q);
}

/* The adapter is asked for what lies behind `since_ns`. */
static void pass(struct history *q, int64_t since_ns)
{
	struct aq_event *event = flow_event(&q->host->flow, q->exchange, AQ_EV_PAST, sizeof(q->past));

	if (event != NULL) {
		q->past.since_ns = since_ns > q->past.since_ns ? since_ns : q->past.since_ns;
		event->instrument = q->event.instrument;
		event->tag = PASSED;
		memcpy(event + 1, &q->past, sizeof(q->past));
	}
	free_history(q);
}

static void pass_whole(struct history *q, const char *why)
{
	log_line(AQ_LOG_WARN, flow_instance_name(&q->host->flow, q->exchange), "the past of %s is asked of the venue alone: store %s %s",
		q->market, flow_instance_name(&q->host->flow, q->store), why);
	pass(q, INT64_MIN);
}

/* ---- what the store knows ---- */

static const struct aq_kline *kline_at(const struct history *q, uint32_t i)
{
	return (const struct aq_kline *)(const void *)(q->rows.bytes + q->rows.list[i].at);
}

/* The first of the last ones of which nothing is missing. Of the oldest time of a full answer another row may have been cut. */
static uint32_t first_whole(const struct history *q)
{
	uint32_t first = q->rows.seen >= q->limit ? 1 : 0;

	for (uint32_t i = q->rows.count; i-- > 0;)
		if (kline_at(q, i)->partial)
			return i + 1 > first ? i + 1 : first;
	return first;
}

static void give_klines(struct history *q)
{
	uint32_t first = first_whole(q), count = q->rows.count > first ? q->rows.count - first : 0;
	struct aq_kline *list = count > 0 ? malloc(count * sizeof(*list)) : NULL;
	bool reaches;
	int64_t until;

	if (count == 0) {
		pass(q, INT64_MIN);
		return;
	}
	CHECK(list != NULL);
	for (uint32_t i = 0; i < count; i++)
		list[i] = *kline_at(q, first + i);
	until = list[count - 1].end_ns;
	reaches = list[0].open_ns <= q->past.since_ns;
	candles_stored_klines(&q->host->flow, q->past.request, list, count, until);
	free(list);
	pass(q, reaches ? until : INT64_MIN);
}

static void give_trades(struct history *q)
{
	uint32_t first = q->rows.seen >= q->limit ? 1 : 0, count;
	struct candles_trade *list;
	int64_t until;

	if (q->rows.count > first + q->asked.count)
		first = q->rows.count - q->asked.count;
	count = q->rows.count > first ? q->rows.count - first : 0;
	if (count == 0 || q->rows.list[0].id == 0) { /* without ids nobody knows where the adapter goes on */
		pass(q, INT64_MIN);
		return;
	}
	list = calloc(count, sizeof(*list));
	CHECK(list != NULL);
	for (uint32_t i = 0; i < count; i++) {
		const struct replay_row *row = &q->rows.list[first + i];

		list[i] = (struct candles_trade){.t = *(const struct aq_trade *)(const void *)(q->rows.bytes + row->at), .at_ns = row->at_ns};
	}
	until = list[count - 1].at_ns;
	candles_stored_trades(&q->host->flow, q->past.request, list, count);
	free(list);
	pass(q, count == q->asked.count ? until : INT64_MIN);
}

/* ---- asking ---- */

static void take_rows(void *context, const struct aq_store_rows *rows, const void *bytes)
{
	struct history *q = context;
	struct aq_frame_reader f;

	if (q->rc != AQ_OK)
		return;
	if (rows->more || aq_frame_open(&f, bytes, rows->length) != AQ_OK)
		q->rc = err_set(&q->err, AQ_EFORMAT, "gives rows that cannot be read");
	else
		q->rc = replay_rows_take(&q->rows, &f, &q->err);
}

static void ask(struct history *q);

static void take_end(void *context, const struct aq_store_end *end)
{
	struct history *q = context;
	char why[sizeof(q->err.text) + 8];

	(void)end;
	q->call = 0;
	if (q->rc != AQ_OK) {
		snprintf(why, sizeof(why), "says: %s", q->err.text);
		pass_whole(q, why);
		return;
	}
	replay_rows_settle(&q->rows);
	if (q->step == STEP_TRADES) {
		give_trades(q);
	} else if (q->rows.count == 0 && q->step == STEP_KLINES && q->asked.interval != AQ_1M && kline_divides(AQ_1M, q->asked.interval)) {
		q->step = STEP_MINUTES;
		ask(q);
	} else {
		give_klines(q);
	}
}

static void take_error(void *context, const struct aq_store_error *error)
{
	struct history *q = context;
	char why[sizeof(error->text) + 8];

	q->call = 0;
	snprintf(why, sizeof(why), "says: %s", error->text);
	pass_whole(q, why);
}

static const struct store_asker asker = {.rows = take_rows, .end = take_end, .error = take_error};

static struct store_part ended(struct aq_doc *d, const void *at)
{
	int32_t length = aq_doc_end(d);

	return (struct store_part){.bytes = at, .length = length > 0 ? (size_t)length : 0};
}

static struct store_part write_filter(const struct history *q, uint8_t *out, size_t room)
{
	bool trades = q->step == STEP_TRADES;
	struct aq_doc d;

	aq_doc_begin(&d, out, room);
	aq_doc_text(&d, "market", q->market);
	aq_doc_open(&d, "time");
	if (!trades)
		aq_doc_time(&d, "$gte", q->past.since_ns);
	aq_doc_time(&d, "$lt", q->before_ns);
	aq_doc_close(&d);
	aq_doc_open(&d, trades ? "arrival" : "end_time"); /* nothing that was not known then */
	aq_doc_time(&d, trades ? "$lt" : "$lte", q->before_ns);
	aq_doc_close(&d);
	if (!trades)
		aq_doc_text(&d, "interval", kline_name(q->rows.interval));
	return ended(&d, out);
}

static struct store_part write_flags(const char *const *columns, int32_t value, uint8_t *out, size_t room)
{
	struct aq_doc d;

	aq_doc_begin(&d, out, room);
	for (; *columns != NULL; columns++)
		aq_doc_int32(&d, *columns, value);
	return ended(&d, out);
}

static void ask(struct history *q)
{
	static const char *const by_time[] = {"time", NULL};
	const struct market *m = market_find(&q->host->flow, q->event.instrument);
	enum replay_table table = q->step == STEP_TRADES ? REPLAY_TRADES : REPLAY_KLINES;
	uint8_t filter[512], projection[512], sort[32];
	struct store_ask what = {.store = q->store, .op = AQ_STORE_FIND, .flags = AQ_STORE_AS_FRAMES, .collection = replay_table_name(table),
		.limit = ROWS_MAX, .deadline_ns = q->until_ns};

	q->limit = what.limit;
	replay_rows_clear(&q->rows);
	q->rows.table = (uint8_t)table;
	q->rows.interval = q->step == STEP_MINUTES ? AQ_1M : q->asked.interval;
	q->rows.px_digits = m->instrument.px_digits;
	q->rows.qty_digits = m->instrument.qty_digits;
	q->rows.keeps_partial = true;
	what.parts[AQ_PART_FILTER] = write_filter(q, filter, sizeof(filter));
	what.parts[AQ_PART_PROJECTION] = write_flags(replay_table_columns(table), 1, projection, sizeof(projection));
	what.parts[AQ_PART_SORT] = write_flags(by_time, -1, sort, sizeof(sort));
	q->call = store_ask(q->host, &what, &asker, q);
	if (q->call < 0) {
		q->call = 0;
		pass_whole(q, "takes no calls");
	}
}

static struct history *begin(struct host *h, uint32_t exchange, uint32_t store, const struct aq_event *event,
	const struct candles_asked *asked, const char *name)
{
	const struct market *m = market_find(&h->flow, event->instrument);
	struct history *q = calloc(1, sizeof(*q));

	CHECK(q != NULL);
	q->host = h;
	q->event = *event;
	q->past = *AQ_BODY(aq_past, event);
	q->asked = *asked;
	q->exchange = exchange;
	q->store = store;
	q->until_ns = host_wall_ns() + PATIENCE_NS;
	q->step = asked->interval == AQ_TRADES_ONLY ? STEP_TRADES : STEP_KLINES;
	q->before_ns = h->flow.now_ns - (q->step == STEP_TRADES ? 0 : h->flow.options.kline_grace_ns);
	snprintf(q->market, sizeof(q->market), "%.40s:%.48s", name, m->instrument.symbol);
	q->next = h->histories;
	h->histories = q;
	return q;
}

bool history_takes(struct host *h, uint32_t exchange, struct aq_event *event)
{
	const struct instance *i = h->instances[exchange];
	char store[48], name[48];
	struct candles_asked asked;
	uint32_t id;

	if (event->tag == PASSED) {
		event->tag = 0;
		return false;
	}
	if (h->rehearsal || i == NULL || !read_key(i->section, store, sizeof(store), name, sizeof(name)) ||
		!candles_asked(&h->flow, AQ_BODY(aq_past, event)->request, &asked))
		return false;
	id = names_find(&h->flow.names, NAME_INSTANCE, store);
	if (id == 0 || store_find(h, id) == NULL) {
		log_line(AQ_LOG_WARN, i->name, "the past is asked of the venue alone: store %s does not run", store);
		return false;
	}
	ask(begin(h, exchange, id, event, &asked, name));
	return true;
}

/* In a replay time stands still until the store has answered. */
void history_step(struct host *h)
{
	if (h->histories == NULL || h->clock == CLOCK_REPLAY)
		return;
	for (struct history *q = h->histories, *next; q != NULL; q = next) {
		next = q->next;
		if (host_wall_ns() < q->until_ns)
			continue;
		store_ask_forget(h, q->call);
		pass_whole(q, "has not answered within 2 s");
	}
}

void history_close(struct host *h)
{
	while (h->histories != NULL) {
		if (h->histories->call > 0)
			store_ask_forget(h, h->histories->call);
		free_history(h->histories);
	}
}
