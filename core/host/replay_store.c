/* replay_store.c: see replay_store.h. */
#include "host/replay_store.h"

#include "base/check.h"
#include "base/err.h"
#include "base/log.h"
#include "flow/kline.h"
#include "host/host.h"
#include "host/replay_known.h"
#include "host/replay_stream.h"
#include "sim/venue/capture_file.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define SAY_NS 5000000000ll
#define COARSEST 1000000000000000000ll /* step of prices: it becomes finer by what is seen */

struct source {
	const struct sim_stored *what;
	struct aq_instrument instrument;
	struct replay_stream streams[REPLAY_TABLES]; /* in the order in which they are taken at one moment */
	uint32_t stream_count;
	uint64_t book; /* the number that the last one reached */
};

struct work {
	struct host *host;
	const struct sim_options *options;
	const char *exchange;
	struct store_alone *stores[STORES_MAX];
	const char *names[STORES_MAX];
	unsigned tables[STORES_MAX];
	uint32_t store_count;
	struct source *sources;
	struct capture_writer writer;
	uint64_t written[REPLAY_TABLES], seq;
	int64_t begun_ns, said_ns; /* wall clock */
	struct aq_err *err;
};

/* ---- stores ---- */

/* The index of the store, which is opened when it is named for the first time; or an error. */
static int open_store(struct work *w, const char *name)
{
	const struct config_section *section = config_find(w->host->config, "storage", name);
	uint32_t i = w->store_count;
	int rc;

	for (uint32_t k = 0; k < w->store_count; k++)
		if (strcmp(w->names[k], name) == 0)
			return (int)k;
	if (section == NULL || i == STORES_MAX)
		return err_set(w->err, AQ_ENOENT, "no section [storage:%s].", name);
	rc = store_alone_open(&w->stores[i], w->host, section, w->err);
	if (rc != AQ_OK)
		return rc;
	w->names[i] = section->name;
	w->store_count++;
	rc = replay_known_tables(w->stores[i], name, &w->tables[i], w->err);
	if (rc == AQ_OK)
		rc = replay_known_gaps(w->stores[i], name, w->tables[i], w->options->venue.start_ns, w->options->venue.end_ns, w->err);
	return rc != AQ_OK ? rc : (int)i;
}

/* ---- what is read of a market ---- */

static void add_stream(const struct work *w, struct source *m, uint32_t store, enum replay_table table, uint8_t interval)
{
	const struct sim_venue_options *v = &w->options->venue;

	replay_stream_begin(
		&m->streams[m->stream_count++], w->stores[store], table, m->what->market, interval, v->start_ns, v->end_ns);
}

static int add_if_there(const struct work *w, struct source *m, uint32_t store, enum replay_table table)
{
	const struct sim_venue_options *v = &w->options->venue;
	bool there = false;
	int rc = (w->tables[store] & 1u << table) == 0 ? AQ_OK :
		replay_known_range(w->stores[store], table, m->what->market, v->start_ns, v->end_ns, &there, w->err);

	if (there)
		add_stream(w, m, store, table, 0);
	return rc;
}

static int add_candles(const struct work *w, struct source *m, uint32_t store)
{
	const struct sim_venue_options *v = &w->options->venue;
	uint8_t interval = 0;
	int rc = (w->tables[store] & 1u << REPLAY_KLINES) == 0 ? AQ_OK :
		replay_known_interval(w->stores[store], m->what->market, v->start_ns, v->end_ns, &interval, w->err);

	if (interval != 0)
		add_stream(w, m, store, REPLAY_KLINES, interval);
	return rc;
}

static int begin_market(struct work *w, struct source *m, const struct sim_stored *what)
{
	int store = open_store(w, what->store), rc;

	m->what = what;
	m->instrument = what->instrument;
	m->instrument.tick = what->instrument.tick != 0 ? what->instrument.tick : COARSEST;
	m->instrument.lot = what->instrument.lot != 0 ? what->instrument.lot : COARSEST;
	if (store < 0)
		return store;
	rc = add_if_there(w, m, (uint32_t)store, REPLAY_TRADES);
	if (rc == AQ_OK && m->stream_count == 0)
		rc = add_candles(w, m, (uint32_t)store);
	if (rc == AQ_OK)
		rc = add_if_there(w, m, (uint32_t)store, REPLAY_BOOKS);
	if (rc == AQ_OK && m->stream_count == 0)
		rc = replay_known_nothing(w->stores[store], what->store, w->tables[store], what->market, w->err);
	return rc;
}

/* ---- steps of prices and quantities ---- */

static void see(int64_t value, bool given, int64_t *step)
{
	while (!given && value % *step != 0)
		*step /= 10;
}

static void see_body(struct source *m, enum replay_table table, const void *body)
{
	const struct aq_book_update *u = body;
	const struct aq_trade *t = body;
	const struct aq_kline *k = body;
	const int64_t prices[] = {k->open, k->high, k->low, k->close};
	bool tick = m->what->instrument.tick != 0, lot = m->what->instrument.lot != 0;

	if (table == REPLAY_TRADES) {
		see(t->price, tick, &m->instrument.tick);
		see(t->qty, lot, &m->instrument.lot);
	} else if (table == REPLAY_BOOKS) {
		for (uint32_t i = 0; i < u->bids + u->asks; i++) {
			see(AQ_BOOK_LEVELS(u)[i].price, tick, &m->instrument.tick);
			see(AQ_BOOK_LEVELS(u)[i].qty, lot, &m->instrument.lot);
		}
	} else {
		for (size_t i = 0; i < sizeof(prices) / sizeof(*prices); i++)
			see(prices[i], tick, &m->instrument.tick);
		see(k->qty, lot, &m->instrument.lot);
	}
}

/* ---- writing ---- */

static const uint16_t frame_types[] = {[REPLAY_TRADES] = SIM_TRADE, [REPLAY_BOOKS] = SIM_BOOK, [REPLAY_KLINES] = SIM_KLINE};

static int write_row(struct work *w, struct source *m, struct replay_stream *s, const struct replay_row *row)
{
	enum replay_table table = (enum replay_table)s->rows.table;
	int64_t at_ns = replay_stream_ns(s, row);
	struct sim_frame frame = {.type = frame_types[table], .market = (uint16_t)m->instrument.id, .time_ns = at_ns, .venue_ns = at_ns,
		.seq = ++w->seq};
	const void *body = replay_stream_body(s, row);
	int rc;

	see_body(m, table, body);
	if (table == REPLAY_BOOKS)
		((struct aq_book_update *)(void *)(s->rows.bytes + row->at))->reaches = ++m->book;
	rc = capture_write(&w->writer, frame, body, row->length, w->err);
	w->written[table]++;
	replay_stream_take(s);
	return rc;
}

/* The stream with the earliest row; NULL when all are at their end. */
static int find_next(struct work *w, struct source **market, struct replay_stream **stream, const struct replay_row **row)
{
	int64_t earliest = INT64_MAX;

	*stream = NULL;
	for (uint32_t i = 0; i < w->options->stored_count; i++)
		for (uint32_t k = 0; k < w->sources[i].stream_count; k++) {
			struct replay_stream *s = &w->sources[i].streams[k];
			const struct replay_row *own;
			int rc = replay_stream_peek(s, &own, w->err);

			if (rc != AQ_OK)
				return rc;
			if (own == NULL || replay_stream_ns(s, own) >= earliest)
				continue;
			earliest = replay_stream_ns(s, own);
			*market = &w->sources[i];
			*stream = s;
			*row = own;
		}
	return AQ_OK;
}

static void say_how_far(struct work *w, int64_t at_ns)
{
	int64_t now = host_wall_ns(), start = w->options->venue.start_ns, all = w->options->venue.end_ns - start;
	char text[SIM_TIME_TEXT];

	if (now - w->said_ns < SAY_NS)
		return;
	w->said_ns = now;
	log_line(AQ_LOG_INFO, "replay", "%s: %" PRIu64 " rows read, %s, %d %%", w->exchange, w->seq, sim_options_time_text(at_ns, text),
		(int)((double)(at_ns - start) * 100 / (double)all));
}

static int write_rows(struct work *w)
{
	for (;;) {
		struct source *m = NULL;
		struct replay_stream *s;
		const struct replay_row *row = NULL;
		int rc = find_next(w, &m, &s, &row);

		if (rc != AQ_OK || s == NULL)
			return rc;
		if (w->seq % 4096 == 0)
			say_how_far(w, row->at_ns);
		if (replay_stream_ns(s, row) > w->options->venue.end_ns) { /* a candle that ends behind it */
			replay_stream_take(s);
			continue;
		}
		rc = write_row(w, m, s, row);
		if (rc != AQ_OK)
			return rc;
	}
}

/* Instruments as they are known when all has been seen. */
static int finish(struct work *w)
{
	int rc = AQ_OK;

	if (w->seq == 0)
		return err_set(w->err, AQ_ENOENT, "what is stored between start and end is nothing that can be played");
	for (uint32_t i = 0; rc == AQ_OK && i < w->options->stored_count; i++) {
		struct aq_instrument *in = &w->sources[i].instrument;

		in->tick = in->tick == COARSEST ? 1 : in->tick;
		in->lot = in->lot == COARSEST ? 1 : in->lot;
		in->min_qty = in->lot;
		rc = capture_instrument(&w->writer, i + 1, in, w->err);
	}
	return rc;
}

static int write_capture(struct work *w, const char *path)
{
	struct aq_instrument *instruments = calloc(w->options->stored_count, sizeof(*instruments));
	struct sim_capture head = {0};
	int rc;

	CHECK(instruments != NULL);
	for (uint32_t i = 0; i < w->options->stored_count; i++)
		instruments[i] = w->sources[i].instrument;
	snprintf(head.source, sizeof(head.source), "%.20s %.40s", w->options->stored[0].store, w->options->stored[0].market);
	rc = capture_create(&w->writer, path, &head, instruments, w->options->stored_count, w->err);
	free(instruments);
	if (rc != AQ_OK)
		return rc;
	rc = write_rows(w);
	if (rc == AQ_OK)
		rc = finish(w);
	if (rc == AQ_OK)
		return capture_commit(&w->writer, w->err);
	capture_abandon(&w->writer);
	return rc;
}

/* ---- the whole ---- */

static void say_done(const struct work *w, const char *path)
{
	uint64_t bare = 0, partial = 0;

	for (uint32_t i = 0; i < w->options->stored_count; i++)
		for (uint32_t k = 0; k < w->sources[i].stream_count; k++) {
			bare += w->sources[i].streams[k].rows.bare;
			partial += w->sources[i].streams[k].rows.partial;
		}
	log_line(AQ_LOG_INFO, "replay", "%s: %" PRIu64 " trades, %" PRIu64 " books, %" PRIu64 " candles read in %.1f s into %s", w->exchange,
		w->written[REPLAY_TRADES], w->written[REPLAY_BOOKS], w->written[REPLAY_KLINES],
		(double)(host_wall_ns() - w->begun_ns) / 1e9, path);
	if (bare > 0)
		log_line(AQ_LOG_WARN, "replay", "%s: %" PRIu64 " rows have no contents and are left out", w->exchange, bare);
	if (partial > 0)
		log_line(AQ_LOG_WARN, "replay", "%s: %" PRIu64 " candles of which not all trades were known are left out", w->exchange,
			partial);
}

static int make_path(const struct host *h, const char *exchange, char *out, size_t size, struct aq_err *err)
{
	int length = snprintf(out, size, "%s/replay", h->options.state_dir);

	if (mkdir(out, 0700) != 0 && errno != EEXIST)
		return err_set(err, AQ_ENOENT, "%s cannot be made: %s", out, strerror(errno));
	snprintf(out + length, size - (size_t)length, "/%s-1.aqc", exchange);
	return AQ_OK;
}

static int read_all(struct work *w, const char *path)
{
	int rc = AQ_OK;

	for (uint32_t i = 0; rc == AQ_OK && i < w->options->stored_count; i++)
		rc = begin_market(w, &w->sources[i], &w->options->stored[i]);
	return rc == AQ_OK ? write_capture(w, path) : rc;
}

static void end(struct work *w)
{
	for (uint32_t i = 0; i < w->options->stored_count; i++)
		for (uint32_t k = 0; k < w->sources[i].stream_count; k++)
			replay_stream_end(&w->sources[i].streams[k]);
	for (uint32_t i = 0; i < w->store_count; i++)
		store_alone_close(w->stores[i]);
	free(w->sources);
}

int replay_store(struct host *h, const char *exchange, struct sim_options *o, struct aq_err *err)
{
	struct work w = {.host = h, .options = o, .exchange = exchange, .err = err, .begun_ns = host_wall_ns()};
	char path[512];
	int rc;

	if (o->stored_count == 0)
		return AQ_OK;
	rc = make_path(h, exchange, path, sizeof(path), err);
	if (rc != AQ_OK)
		return rc;
	w.said_ns = w.begun_ns;
	w.sources = calloc(o->stored_count, sizeof(*w.sources));
	CHECK(w.sources != NULL);
	rc = read_all(&w, path);
	if (rc == AQ_OK)
		say_done(&w, path);
	end(&w);
	if (rc == AQ_OK)
		sim_options_capture(o, path);
	return rc;
}
