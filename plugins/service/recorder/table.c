/* table.c: see table.h. */
#include "table.h"

static const struct column host = {"host", "server_id of the host that recorded it", 48, CELL_TEXT};
static const struct column number = {"number", "of the record in the host's journal or spool", 0, CELL_INT};
static const struct column market = {"market", "EXCHANGE:SYMBOL", 96, CELL_TEXT};
static const struct column time_of = {"time", "ns UTC; of market data the venue's", 0, CELL_TIME};

static const struct column gap_columns[] = {
	{"host", "server_id", 48, CELL_TEXT},
	{"collection", "whose rows are missing", 48, CELL_TEXT},
	{"first", "number", 0, CELL_INT},
	{NULL, NULL, 0, 0},
};

static const struct column gap_rest[] = {
	{"last", "number", 0, CELL_INT},
	{"time", "ns UTC, when it was found", 0, CELL_TIME},
	{NULL, NULL, 0, 0},
};

static void write_column(struct aq_doc *d, const struct column *c, bool is_key, bool is_indexed)
{
	static const char *const types[] = {"text", "int64", "timestamp", "decimal", "bool"};

	aq_doc_open(d, NULL);
	aq_doc_text(d, "name", c->name);
	aq_doc_text(d, "type", types[c->type]);
	if (c->type == CELL_TEXT)
		aq_doc_int64(d, "size", c->size);
	if (c->type == CELL_DECIMAL) { /* what an amount has: no price and no quantity has more */
		aq_doc_int64(d, "precision", 34);
		aq_doc_int64(d, "digits", 18);
	}
	if (is_key)
		aq_doc_bool(d, "key", true);
	if (is_indexed)
		aq_doc_text(d, "index", "market_time");
	if (c->comment != NULL)
		aq_doc_text(d, "comment", c->comment);
	aq_doc_close(d);
}

static void write_columns(struct aq_doc *d, const struct column *columns, bool is_key)
{
	for (; columns->name != NULL; columns++)
		write_column(d, columns, is_key, false);
}

/* An index has its fields in the order of the schema: the market comes before the time. */
int32_t table_schema(const struct table *t, void *out, size_t room)
{
	struct aq_doc d;

	aq_doc_begin(&d, out, room);
	aq_doc_open_array(&d, "fields");
	write_column(&d, &host, true, false);
	write_column(&d, &number, true, false);
	if (t->has_market)
		write_column(&d, &market, false, true);
	write_column(&d, &time_of, true, true);
	write_columns(&d, t->columns, false);
	aq_doc_close(&d);
	aq_doc_text(&d, "comment", t->comment);
	return aq_doc_end(&d);
}

int32_t table_gaps_schema(void *out, size_t room)
{
	struct aq_doc d;

	aq_doc_begin(&d, out, room);
	aq_doc_open_array(&d, "fields");
	write_columns(&d, gap_columns, true);
	write_columns(&d, gap_rest, false);
	aq_doc_close(&d);
	aq_doc_text(
		&d, "comment", "ranges of numbers that were dropped before they were stored, because a spool was full");
	return aq_doc_end(&d);
}

static void declare(struct aq_frame_writer *f, const struct column *c)
{
	static const enum aq_column_type types[] = {
		AQ_COL_TEXT, AQ_COL_INT64, AQ_COL_TIME, AQ_COL_DECIMAL128, AQ_COL_BOOL};

	aq_frame_column(f, c->name, types[c->type]);
}

void table_begin_frame(const struct table *t, struct aq_frame_writer *f, void *buffer, size_t room)
{
	aq_frame_begin(f, buffer, room, SIZE_MAX);
	declare(f, &host);
	declare(f, &number);
	if (t->has_market)
		declare(f, &market);
	declare(f, &time_of);
	for (const struct column *c = t->columns; c->name != NULL; c++)
		declare(f, c);
}

void table_begin_row(const struct table *t, struct aq_frame_writer *f, const char *host_name, uint64_t row_number,
	const char *market_name, int64_t time_ns)
{
	aq_frame_text(f, host_name);
	aq_frame_int64(f, (int64_t)row_number);
	if (t->has_market)
		table_text(f, market_name);
	aq_frame_time(f, time_ns);
}

void table_bare_row(
	const struct table *t, struct aq_frame_writer *f, const char *host_name, uint64_t row_number, int64_t time_ns)
{
	table_begin_row(t, f, host_name, row_number, "", time_ns);
	for (const struct column *c = t->columns; c->name != NULL; c++)
		aq_frame_null(f);
}

void table_text(struct aq_frame_writer *f, const char *text)
{
	if (text[0] == '\0')
		aq_frame_null(f);
	else
		aq_frame_text(f, text);
}
