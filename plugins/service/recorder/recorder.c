/* recorder.c: `recorder`: keeps what happens in stores: orders and money out of the journal, market data and equity by
 * way of a spool. */
#include "recorder.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SECOND INT64_C(1000000000)
#define TICK_NS (SECOND / 10)
#define SPOOL_DEFAULT (1ll << 30)
#define SPOOLS 4
#define TAG_TICK 1
#define TAG_STREAM 2 /* and those behind it */

static const struct {
	const char *key;
	unsigned may;
} kinds[ROWS_KINDS] = {[ROWS_KLINES] = {"klines", LINE_INTERVALS},
	[ROWS_TRADES] = {"trades", 0},
	[ROWS_BOOKS] = {"books", LINE_LEVELS | LINE_EVERY},
	[ROWS_EQUITY] = {"equity", LINE_EVERY},
	[ROWS_ORDERS] = {"orders", 0},
	[ROWS_FILLS] = {"fills", 0},
	[ROWS_CASHFLOWS] = {"cashflows", 0},
	[ROWS_DENIALS] = {"denials", 0},
	[ROWS_OPERATOR] = {"operator", 0}};

static const struct rows *rows_at(int kind)
{
	static const struct rows *const all[ROWS_KINDS] = {&rows_klines, &rows_trades, &rows_books, &rows_equity,
		&rows_orders, &rows_fills, &rows_cashflows, &rows_denials, &rows_operator};

	return all[kind];
}

/* ---- options ---- */

static int32_t read_lines(const struct recorder *r, struct line out[ROWS_KINDS], struct aq_err *err)
{
	int32_t rc = AQ_OK;

	for (int k = 0; rc == AQ_OK && k < ROWS_KINDS; k++)
		rc = line_read(kinds[k].key, &r->lines[k], kinds[k].may, &out[k], err);
	if (rc == AQ_OK && out[ROWS_KLINES].given && out[ROWS_KLINES].intervals == 0) {
		snprintf(err->text, sizeof(err->text),
			"klines: no interval is given. Write klines = STORE 1m 1h keep 3650d.");
		return AQ_EINVAL;
	}
	out[ROWS_BOOKS].levels = out[ROWS_BOOKS].levels == 0 ? 20 : out[ROWS_BOOKS].levels;
	out[ROWS_BOOKS].every_ns = out[ROWS_BOOKS].every_ns == 0 ? SECOND : out[ROWS_BOOKS].every_ns;
	out[ROWS_EQUITY].every_ns = out[ROWS_EQUITY].every_ns == 0 ? 60 * SECOND : out[ROWS_EQUITY].every_ns;
	return rc;
}

/* A folder, a size, or both. A folder has a slash in it. */
static int32_t read_spool(const char *text, char folder[256], int64_t *bytes, struct aq_err *err)
{
	static const struct {
		const char *name;
		int shift;
	} units[] = {{"KB", 10}, {"MB", 20}, {"GB", 30}, {"TB", 40}};
	char copy[256], *rest = NULL;
	int64_t total = SPOOL_DEFAULT;
	bool fits = true;

	folder[0] = '\0';
	snprintf(copy, sizeof(copy), "%s", text);
	for (char *word = strtok_r(copy, " ", &rest); word != NULL && fits; word = strtok_r(NULL, " ", &rest)) {
		char *end;
		long long number = strtoll(word, &end, 10);
		size_t unit = 0;

		if (strchr(word, '/') != NULL) {
			fits = folder[0] == '\0';
			snprintf(folder, 256, "%s", word);
			continue;
		}
		while (unit < 4 && strcmp(end, units[unit].name) != 0)
			unit++;
		fits = unit < 4 && end != word && number > 0 && number < 1 << 20;
		total = fits ? number << units[unit].shift : total;
	}
	*bytes = total / SPOOLS;
	if (fits && *bytes >= 512 << 10)
		return AQ_OK;
	snprintf(err->text, sizeof(err->text),
		"spool: %.80s is not understood. Write a folder and a size of 2MB at least: /var/spool/aioquant 4GB.",
		text);
	return AQ_EFORMAT;
}

static int32_t check(const void *self, struct aq_err *err)
{
	const struct recorder *r = self;
	struct line lines[ROWS_KINDS];
	char folder[256];
	int64_t bytes;
	int32_t rc = read_lines(r, lines, err);

	return rc == AQ_OK ? read_spool(r->spool, folder, &bytes, err) : rc;
}

/* ---- events ---- */

static void go_all(struct recorder *r, void (*go)(struct stream *s))
{
	for (int k = 0; k < ROWS_KINDS; k++)
		if (r->streams[k].tag != 0)
			go(&r->streams[k]);
}

static void hurry(struct stream *s)
{
	s->hurries = true;
	stream_go(s);
}

static struct stream *by_tag(struct recorder *r, uint64_t tag)
{
	for (int k = 0; k < ROWS_KINDS; k++)
		if (r->streams[k].tag != 0 && r->streams[k].tag == tag)
			return &r->streams[k];
	return NULL;
}

static struct stream *by_call(struct recorder *r, uint64_t tag)
{
	for (int k = 0; k < ROWS_KINDS; k++)
		if (r->streams[k].tag != 0 && r->streams[k].ask.waits && r->streams[k].call_tag == tag)
			return &r->streams[k];
	return NULL;
}

static void store_event(struct recorder *r, const struct aq_event *event)
{
	struct stream *s = by_call(r, event->tag);

	if (s == NULL) /* of the code before a reload */
		return;
	if (event->type == AQ_EV_STORE_ROWS)
		stream_rows(s, AQ_BODY(aq_store_rows, event));
	else if (event->type == AQ_EV_STORE_END)
		stream_end(s, AQ_BODY(aq_store_end, event));
	else
		stream_error(s, AQ_BODY(aq_store_error, event));
}

static void on_event(void *self, const struct aq_event *event)
{
	struct recorder *r = self;
	struct stream *s;

	switch (event->type) {
	case AQ_EV_JOURNAL:
	case AQ_EV_SPOOL:
		s = by_tag(r, event->tag);
		if (s != NULL)
			stream_record(s, event);
		break;
	case AQ_EV_STORE_ROWS:
	case AQ_EV_STORE_END:
	case AQ_EV_STORE_ERROR:
		store_event(r, event);
		break;
	case AQ_EV_STORE_ROOM:
		go_all(r, stream_go);
		break;
	case AQ_EV_TIMER:
		market_tick(r);
		go_all(r, stream_tick);
		break;
	case AQ_EV_STOPPING:
		market_stop(r);
		go_all(r, hurry);
		break;
	default:
		market_event(r, event);
		break;
	}
}

/* ---- life ---- */

static int32_t create(const struct aq_host *host, void **self, struct aq_err *err)
{
	struct recorder *r = calloc(1, sizeof(*r));

	*self = r;
	if (r != NULL)
		r->instruments = calloc(INSTRUMENTS_MAX, sizeof(*r->instruments));
	if (r == NULL || r->instruments == NULL) {
		snprintf(err->text, sizeof(err->text), "out of memory");
		return AQ_ESPACE;
	}
	r->rows_host.host = host;
	return AQ_OK;
}

static int32_t take_extensions(struct recorder *r, struct aq_err *err)
{
	const struct aq_host *h = r->rows_host.host;

	r->rows_host.market = h->extension(h->owner, AQ_MARKET_EXT);
	r->rows_host.journal = h->extension(h->owner, AQ_JOURNAL_EXT);
	r->view = h->extension(h->owner, AQ_VIEW_EXT);
	r->spools = h->extension(h->owner, AQ_SPOOL_EXT);
	r->store = h->extension(h->owner, AQ_STORE_EXT);
	if (r->rows_host.market != NULL && r->rows_host.journal != NULL && r->view != NULL && r->spools != NULL &&
		r->store != NULL)
		return AQ_OK;
	snprintf(err->text, sizeof(err->text), "this host does not offer what a recorder needs");
	return AQ_ENOSYS;
}

static int32_t start_streams(struct recorder *r, struct aq_err *err)
{
	struct line lines[ROWS_KINDS];
	int32_t rc = read_lines(r, lines, err);

	if (rc == AQ_OK)
		rc = read_spool(r->spool, r->folder, &r->limit, err);
	for (int k = 0; rc == AQ_OK && k < ROWS_KINDS; k++) {
		struct stream *s = &r->streams[k];

		if (!lines[k].given)
			continue;
		s->rows = rows_at(k);
		s->host = &r->rows_host;
		s->journal = r->rows_host.journal;
		s->spool = r->spools;
		s->ask.store = r->store;
		s->calls = &r->calls;
		s->flush_ns = &r->flush_ns;
		s->line = lines[k];
		rc = stream_start(s, TAG_STREAM + (uint64_t)k, r->folder, r->limit);
		if (rc != AQ_OK)
			snprintf(err->text, sizeof(err->text), "%s: %s (%d)", kinds[k].key,
				rc == AQ_EAGAIN ? "the journal has no reader left: take lines out"
						: "it cannot be read",
				rc);
	}
	return rc;
}

static int32_t start(void *self, struct aq_err *err)
{
	struct recorder *r = self;
	const struct aq_host *h = r->rows_host.host;
	int32_t rc = take_extensions(r, err);

	if (rc != AQ_OK)
		return rc;
	r->rows_host.journal->name(h->owner, AQ_NAME_HOST, 0, r->rows_host.name, sizeof(r->rows_host.name));
	r->rows_host.journal->name(h->owner, AQ_NAME_CURRENCY, 0, r->rows_host.currency, sizeof(r->rows_host.currency));
	r->calls = (uint64_t)h->now(h->owner); /* an answer to the code before must not be taken for one of ours */
	for (int k = 0; k < ROWS_KINDS; k++)   /* the code before had begun it; nobody else will end it */
		if (r->kept.unsent[k] != 0)
			r->store->forget(h->owner, r->kept.unsent[k]);
	rc = start_streams(r, err);
	if (rc != AQ_OK)
		return rc;
	market_start(r);
	if (r->kept.timer > 0) /* of the code before a reload */
		h->timer_clear(h->owner, r->kept.timer);
	r->kept.timer = h->timer_set(h->owner, h->now(h->owner) + TICK_NS, TICK_NS, TAG_TICK);
	if (r->kept.timer > 0)
		return AQ_OK;
	snprintf(err->text, sizeof(err->text), "the host has no timer left");
	return (int32_t)r->kept.timer;
}

static void destroy(void *self)
{
	struct recorder *r = self;

	if (r == NULL)
		return;
	for (int k = 0; k < ROWS_KINDS; k++)
		stream_free(&r->streams[k]);
	free(r->instruments);
	free(r);
}

static int32_t save(const void *self, const struct aq_writer *out)
{
	const struct recorder *r = self;
	struct recorder_kept kept = {.timer = r->kept.timer};

	for (int k = 0; k < ROWS_KINDS; k++)
		if (r->streams[k].ask.unsent)
			kept.unsent[k] = r->streams[k].ask.id;
	return out->write(out->sink, &kept, sizeof(kept));
}

static int32_t load(void *self, const struct aq_reader *in, struct aq_err *err)
{
	struct recorder *r = self;

	if (in->length != sizeof(r->kept)) {
		snprintf(err->text, sizeof(err->text), "the state has another size");
		return AQ_EFORMAT;
	}
	memcpy(&r->kept, in->bytes, sizeof(r->kept));
	return AQ_OK;
}

#define LINE(kind, key, text)                                                                                          \
	{                                                                                                              \
		.name = key, .type = AQ_OPT_STORE_LINE, .size = sizeof(struct aq_store_line),                          \
		.offset = offsetof(struct recorder, lines) + (kind) * sizeof(struct aq_store_line), .help = text       \
	}

static const struct aq_option options[] = {
	LINE(ROWS_ORDERS, "orders", "what becomes of orders: STORE [keep 365d]"),
	LINE(ROWS_FILLS, "fills", "executions: STORE [keep 365d]"),
	LINE(ROWS_CASHFLOWS, "cashflows", "funding, interest, transfers, fees, rebates: STORE [keep 365d]"),
	LINE(ROWS_DENIALS, "denials", "orders that were not let out: STORE [keep 30d]"),
	LINE(ROWS_OPERATOR, "operator", "what people, limits and crashes did: STORE [keep 365d]"),
	LINE(ROWS_EQUITY, "equity", "accounts and positions: STORE [every 1m] [keep 365d]"),
	LINE(ROWS_KLINES, "klines", "closed candles: STORE 1m 5m 1h [keep 3650d]"),
	LINE(ROWS_TRADES, "trades", "the markets' trades: STORE [keep 30d]"),
	LINE(ROWS_BOOKS, "books", "order books: STORE [20 levels] [every 1s] [keep 7d]"),
	{.name = "markets",
		.type = AQ_OPT_LIST,
		.size = sizeof(((struct recorder *)0)->markets),
		.offset = offsetof(struct recorder, markets),
		.help = "EXCHANGE:SYMBOL of klines, trades and books, at most 32; default: those that strategies use"},
	{.name = "spool",
		.type = AQ_OPT_STRING,
		.size = sizeof(((struct recorder *)0)->spool),
		.offset = offsetof(struct recorder, spool),
		.fallback = "1GB",
		.help = "where klines, trades, books and equity wait for their store, and how much: [FOLDER] SIZE"},
	{.name = "flush",
		.type = AQ_OPT_DURATION,
		.size = sizeof(int64_t),
		.offset = offsetof(struct recorder, flush_ns),
		.fallback = "100ms",
		.min = "0",
		.max = "1m",
		.help = "shortest time between two inserts that are not full"},
	{.name = NULL},
};

AQ_PLUGIN(.kind = AQ_SERVICE, .name = "recorder", .version = "1", .summary = "keeps what happens in stores",
	.options = options, .state_schema = 1, .state_oldest = 1, .create = create, .check = check, .start = start,
	.destroy = destroy, .save = save, .load = load, .on_event = on_event);
