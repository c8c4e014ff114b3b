/* control_market.c: books. */
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
