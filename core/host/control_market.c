/* control_market.c: books and latency. */
#include "flow/market.h"
#include "host/control_call.h"
#include "host/control_format.h"

#include <inttypes.h>

static const struct column book_columns[] = {{"market", "MARKET", 0}, {"bid_qty", "BID QTY", COLUMN_RIGHT},
	{"bid", "BID", COLUMN_RIGHT}, {"ask", "ASK", COLUMN_RIGHT}, {"ask_qty", "ASK QTY", COLUMN_RIGHT},
	{"state", "STATE", 0}, {"age", "AGE", COLUMN_RIGHT}, {"gaps", "GAPS", COLUMN_COUNT},
	{"crossed", "CROSSED", COLUMN_COUNT}, {"stale", "STALE", COLUMN_COUNT}, {0}};

static void book_row(struct control_call *c, uint32_t id, const struct market *m)
{
	static const char *const faults[] = {"valid", "none yet", "gap", "stale", "crossed", "venue down", "halted"};
	const struct aq_instrument *i = &m->instrument;
	const struct aq_top *t = &m->top;
	struct result *r = &c->result;
	char text[FORMAT_SIZE];

	result_cell(r, "%s", names_text(&c->host->flow.names, NAME_INSTRUMENT, id));
	result_cell(r, "%s", m->has_book && t->bid != AQ_NONE ? format_qty(i, t->bid_qty, false, text) : "");
	result_cell(r, "%s", m->has_book ? format_price(i, t->bid, text) : "");
	result_cell(r, "%s", m->has_book ? format_price(i, t->ask, text) : "");
	result_cell(r, "%s", m->has_book && t->ask != AQ_NONE ? format_qty(i, t->ask_qty, false, text) : "");
	result_cell(r, "%s", t->valid ? faults[0] : t->why < sizeof(faults) / sizeof(*faults) ? faults[t->why] : "?");
	result_cell(r, "%s", t->arrival_ns != 0 ? format_age(c->host->flow.now_ns - t->arrival_ns, text) : "");
	result_cell(r, "%" PRIu64, m->gaps);
	result_cell(r, "%" PRIu64, m->crossed);
	result_cell(r, "%" PRIu64, m->stale);
}

bool control_books(struct control_call *c)
{
	const struct flow *f = &c->host->flow;

	result_table(&c->result, "books", TABLE_GRID, book_columns);
	for (uint32_t id = 1; id < f->market_capacity; id++)
		if (f->markets[id] != NULL && f->markets[id]->wanted != 0 && result_row(&c->result))
			book_row(c, id, f->markets[id]);
	return true;
}

static const struct column latency_columns[] = {{"hop", "HOP", 0}, {"p50", "p50", COLUMN_RIGHT},
	{"p99", "p99", COLUMN_RIGHT}, {"p999", "p99.9", COLUMN_RIGHT}, {"max", "max", COLUMN_RIGHT},
	{"count", "COUNT", COLUMN_COUNT}, {0}};

bool control_latency(struct control_call *c)
{
	static const double shares[] = {0.5, 0.99, 0.999};
	const struct histogram *path = &c->host->path;
	struct result *r = &c->result;
	char text[FORMAT_SIZE];

	result_table(r, "latency", TABLE_GRID, latency_columns);
	if (result_row(r)) {
		result_cell(r, "bytes in -> order at its adapter");
		for (size_t i = 0; i < sizeof(shares) / sizeof(*shares); i++)
			result_cell(
				r, "%s", path->count > 0 ? format_latency(histogram_at(path, shares[i]), text) : "");
		result_cell(r, "%s", path->count > 0 ? format_latency(path->max, text) : "");
		result_cell(r, "%" PRIu64, path->count);
	}
	/* Two readings of the clock a moment are dear in a replay at full speed: nobody pays for what nobody looks at.
	 */
	if (!c->host->measure) {
		c->host->measure = true;
		result_hint(r, "measuring begins now: ask again later");
	}
	return true;
}
