/* replay_known.c: see replay_known.h. */
#include "host/replay_known.h"

#include "base/err.h"
#include "base/log.h"
#include "flow/kline.h"
#include "host/sim_options.h"

#include <inttypes.h>
#include <string.h>

#define MARKETS_SHOWN 8
#define GAPS_MAX 1000u
#define GAPS_TOLD 10

static const char *name_of(unsigned table)
{
	return replay_table_name((enum replay_table)table);
}

/* ---- the first row of a find ---- */

struct first {
	const char *column;
	bool there;
	int64_t time_ns;
};

static int take_first(void *context, const struct aq_frame_reader *f, struct aq_err *err)
{
	struct first *first = context;
	struct aq_cells cells;

	if (f->rows == 0 || first->there)
		return AQ_OK;
	if (aq_cells_of(f, first->column, &cells) != AQ_OK || aq_value_int64(aq_cell(&cells, 0), &first->time_ns) != AQ_OK)
		return err_set(err, AQ_EFORMAT, "the column %s of a recorder's table is of another type", first->column);
	first->there = true;
	return AQ_OK;
}

static struct aq_bson ended(struct aq_doc *d, void *at)
{
	int32_t length = aq_doc_end(d);

	return (struct aq_bson){.at = at, .length = length > 0 ? (uint32_t)length : 0};
}

static struct aq_bson flag(uint8_t *out, size_t room, const char *column, int32_t value)
{
	struct aq_doc d;

	aq_doc_begin(&d, out, room);
	aq_doc_int32(&d, column, value);
	return ended(&d, out);
}

/* The time of the row that a filter finds first in an order. */
static int find_first(struct store_alone *s, const char *collection, struct aq_bson filter, const char *by, int32_t way,
	struct first *out, struct aq_err *err)
{
	uint8_t projection[64], sort[64];
	struct store_alone_ask what = {.collection = collection, .op = AQ_STORE_FIND, .limit = 1, .filter = filter, .frame = take_first,
		.context = out, .projection = flag(projection, sizeof(projection), "time", 1), .sort = flag(sort, sizeof(sort), by, way)};

	*out = (struct first){.column = "time"};
	return store_alone_ask(s, &what, err);
}

/* ---- tables and ranges ---- */

int replay_known_tables(struct store_alone *s, const char *store, unsigned *tables, struct aq_err *err)
{
	*tables = 0;
	for (unsigned t = 0; t < REPLAY_TABLES; t++) {
		struct first first;
		int rc = find_first(s, name_of(t), (struct aq_bson){0}, "time", 1, &first, err);

		if (rc != AQ_OK && rc != AQ_ENOENT)
			return rc;
		*tables |= rc == AQ_OK ? 1u << t : 0;
	}
	if (*tables != 0)
		return AQ_OK;
	return err_set(err, AQ_ENOENT, "[storage:%s] has none of the tables trades, books and klines: a [recorder] fills them", store);
}

static struct aq_bson write_range(
	uint8_t *out, size_t room, const char *market, int64_t start_ns, int64_t end_ns)
{
	struct aq_doc d;

	aq_doc_begin(&d, out, room);
	aq_doc_text(&d, "market", market);
	aq_doc_open(&d, "time");
	aq_doc_time(&d, "$gte", start_ns);
	aq_doc_time(&d, "$lte", end_ns);
	aq_doc_close(&d);
	return ended(&d, out);
}

int replay_known_range(struct store_alone *s, enum replay_table table, const char *market, int64_t start_ns, int64_t end_ns,
	bool *there, struct aq_err *err)
{
	uint8_t filter[512];
	struct first first;
	int rc = find_first(
		s, replay_table_name(table), write_range(filter, sizeof(filter), market, start_ns, end_ns), "time", 1, &first, err);

	*there = rc == AQ_OK && first.there;
	return rc;
}

static int take_interval(void *context, const struct aq_frame_reader *f, struct aq_err *err)
{
	uint8_t *shortest = context;
	struct aq_cells cells;
	char name[16];

	if (aq_cells_of(f, "interval", &cells) != AQ_OK)
		return err_set(err, AQ_EFORMAT, "klines: there is no column interval");
	for (uint32_t row = 0; row < f->rows; row++) {
		if (aq_value_copy_text(aq_cell(&cells, row), name, sizeof(name)) != AQ_OK)
			continue;
		for (uint8_t i = AQ_1M; i <= AQ_1Y; i++)
			if (kline_known(i) && strcmp(kline_name(i), name) == 0 && (*shortest == 0 || kline_end(i, 0) < kline_end(*shortest, 0)))
				*shortest = i;
	}
	return AQ_OK;
}

int replay_known_interval(struct store_alone *s, const char *market, int64_t start_ns, int64_t end_ns, uint8_t *out,
	struct aq_err *err)
{
	uint8_t filter[512], projection[64];
	struct store_alone_ask what = {.collection = "klines", .op = AQ_STORE_DISTINCT, .frame = take_interval, .context = out,
		.filter = write_range(filter, sizeof(filter), market, start_ns, end_ns),
		.projection = flag(projection, sizeof(projection), "interval", 1)};

	*out = 0;
	return store_alone_ask(s, &what, err);
}

/* ---- what there is instead ---- */

struct markets {
	char text[300];
	unsigned count;
};

static int take_market(void *context, const struct aq_frame_reader *f, struct aq_err *err)
{
	struct markets *m = context;
	struct aq_cells cells;
	char name[100];

	(void)err;
	if (aq_cells_of(f, "market", &cells) != AQ_OK)
		return AQ_OK;
	for (uint32_t row = 0; row < f->rows; row++) {
		size_t used = strlen(m->text);

		if (aq_value_copy_text(aq_cell(&cells, row), name, sizeof(name)) != AQ_OK || strstr(m->text, name) != NULL ||
			m->count++ >= MARKETS_SHOWN)
			continue;
		snprintf(m->text + used, sizeof(m->text) - used, "%s%s", used > 0 ? ", " : "", name);
	}
	return AQ_OK;
}

static int no_market(struct store_alone *s, const char *store, unsigned tables, const char *market, struct aq_err *err)
{
	struct markets m = {0};
	uint8_t projection[64];

	for (unsigned t = 0; t < REPLAY_TABLES; t++) {
		struct store_alone_ask what = {.collection = name_of(t), .op = AQ_STORE_DISTINCT, .limit = MARKETS_SHOWN + 1,
			.frame = take_market, .context = &m, .projection = flag(projection, sizeof(projection), "market", 1)};
		int rc = (tables & 1u << t) != 0 ? store_alone_ask(s, &what, err) : AQ_OK;

		if (rc != AQ_OK)
			return rc;
	}
	return err_set(err, AQ_ENOENT, "[storage:%s] has nothing of %s; %s%s%s", store, market,
		m.count == 0 ? "its tables are empty" : "it has ", m.text, m.count > MARKETS_SHOWN ? " and others" : "");
}

int replay_known_nothing(
	struct store_alone *s, const char *store, unsigned tables, const char *market, struct aq_err *err)
{
	char from[SIM_TIME_TEXT], to[SIM_TIME_TEXT];
	int64_t first_ns = INT64_MAX, last_ns = INT64_MIN;
	uint8_t filter[256];
	int rc = AQ_OK;

	for (unsigned t = 0; rc == AQ_OK && t < REPLAY_TABLES; t++) {
		struct aq_doc d;
		struct first first, last;
		struct aq_bson of;

		if ((tables & 1u << t) == 0)
			continue;
		aq_doc_begin(&d, filter, sizeof(filter));
		aq_doc_text(&d, "market", market);
		of = ended(&d, filter);
		rc = find_first(s, name_of(t), of, "time", 1, &first, err);
		if (rc == AQ_OK)
			rc = find_first(s, name_of(t), of, "time", -1, &last, err);
		if (rc != AQ_OK || !first.there || !last.there)
			continue;
		first_ns = first.time_ns < first_ns ? first.time_ns : first_ns;
		last_ns = last.time_ns > last_ns ? last.time_ns : last_ns;
	}
	if (rc != AQ_OK)
		return rc;
	if (first_ns > last_ns)
		return no_market(s, store, tables, market, err);
	return err_set(err, AQ_ENOENT, "[storage:%s] has nothing of %s between start and end; what it has is from %s to %s", store, market,
		sim_options_time_text(first_ns, from), sim_options_time_text(last_ns, to));
}

/* ---- gaps ---- */

struct gap {
	char host[64], collection[64];
	int64_t first, last;
};

struct gaps {
	struct gap list[GAPS_MAX];
	uint32_t count;
};

static int take_gaps(void *context, const struct aq_frame_reader *f, struct aq_err *err)
{
	struct gaps *g = context;
	struct aq_cells host, collection, first, last;

	if (aq_cells_of(f, "host", &host) != AQ_OK || aq_cells_of(f, "collection", &collection) != AQ_OK ||
		aq_cells_of(f, "first", &first) != AQ_OK || aq_cells_of(f, "last", &last) != AQ_OK)
		return err_set(err, AQ_EFORMAT, "gaps: a column is missing");
	for (uint32_t row = 0; row < f->rows && g->count < GAPS_MAX; row++) {
		struct gap *gap = &g->list[g->count];

		g->count += aq_value_copy_text(aq_cell(&host, row), gap->host, sizeof(gap->host)) == AQ_OK &&
			aq_value_copy_text(aq_cell(&collection, row), gap->collection, sizeof(gap->collection)) == AQ_OK &&
			aq_value_int64(aq_cell(&first, row), &gap->first) == AQ_OK &&
			aq_value_int64(aq_cell(&last, row), &gap->last) == AQ_OK;
	}
	return AQ_OK;
}

/* The time of the row of that host beside a number. */
static int find_beside(struct store_alone *s, const struct gap *g, const char *than, int64_t number, int32_t way,
	struct first *out, struct aq_err *err)
{
	uint8_t filter[256];
	struct aq_doc d;

	aq_doc_begin(&d, filter, sizeof(filter));
	aq_doc_text(&d, "host", g->host);
	aq_doc_open(&d, "number");
	aq_doc_int64(&d, than, number);
	aq_doc_close(&d);
	return find_first(s, g->collection, ended(&d, filter), "number", way, out, err);
}

/* A recorder's rows are numbered as they came: those beside a gap say when it was. */
static int judge_gap(struct store_alone *s, const char *store, const struct gap *g, int64_t start_ns, int64_t end_ns,
	uint32_t *told, struct aq_err *err)
{
	char from[SIM_TIME_TEXT], to[SIM_TIME_TEXT];
	struct first before, after;
	int rc = find_beside(s, g, "$lt", g->first, -1, &before, err);

	if (rc == AQ_OK)
		rc = find_beside(s, g, "$gt", g->last, 1, &after, err);
	if (rc != AQ_OK || (before.there && before.time_ns > end_ns) || (after.there && after.time_ns < start_ns))
		return rc;
	if (++*told > GAPS_TOLD)
		return AQ_OK;
	log_line(AQ_LOG_WARN, "replay",
		"store %s: %" PRId64 " rows of %s are missing between %s and %s: %s could not store them", store, g->last - g->first + 1,
		g->collection, before.there ? sim_options_time_text(before.time_ns, from) : "its begin",
		after.there ? sim_options_time_text(after.time_ns, to) : "its end", g->host);
	return AQ_OK;
}

static bool is_of(const struct gap *g, unsigned tables)
{
	for (unsigned t = 0; t < REPLAY_TABLES; t++)
		if ((tables & 1u << t) != 0 && strcmp(g->collection, name_of(t)) == 0)
			return true;
	return false;
}

int replay_known_gaps(struct store_alone *s, const char *store, unsigned tables, int64_t start_ns, int64_t end_ns,
	struct aq_err *err)
{
	static struct gaps g; /* too large for a stack */
	struct store_alone_ask what = {.collection = "gaps", .op = AQ_STORE_FIND, .limit = GAPS_MAX, .frame = take_gaps, .context = &g};
	uint32_t told = 0;
	int rc;

	g.count = 0;
	rc = store_alone_ask(s, &what, err);
	if (rc == AQ_ENOENT) /* nothing was ever missing */
		return AQ_OK;
	for (uint32_t i = 0; rc == AQ_OK && i < g.count; i++)
		if (is_of(&g.list[i], tables))
			rc = judge_gap(s, store, &g.list[i], start_ns, end_ns, &told, err);
	if (rc == AQ_OK && told > GAPS_TOLD)
		log_line(AQ_LOG_WARN, "replay", "store %s: there are %u gaps in all", store, told);
	return rc;
}
