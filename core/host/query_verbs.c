/* query_verbs.c: what `aqctl store NAME ...` asks of the store, step by step. */
#include "host/query.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define PART_ROOM (64u * 1024u)

/* ---- tables ---- */

static const struct column name_columns[] = {{"table", "TABLE", 0}, {0}};
static const struct column count_columns[] = {{"table", "TABLE", 0}, {"rows", "ROWS", COLUMN_COUNT}, {0}};

static void note_name(struct query *q, struct aq_bson row)
{
	char name[64];

	if (aq_value_copy_text(aq_bson_find(row, "name"), name, sizeof(name)) == AQ_OK)
		text_put(&q->cells, name, strlen(name) + 1);
}

static void count_next(struct query *q);

static void counted(struct query *q, const struct aq_store_end *end)
{
	const char *name = q->cells.at + q->at;

	if (result_row(&q->result)) {
		result_cell(&q->result, "%s", name);
		result_cell(&q->result, "%" PRIu64, end->matched);
	}
	q->at += strlen(name) + 1;
	count_next(q);
}

static void count_next(struct query *q)
{
	if (q->at == q->cells.used) {
		query_end(q);
		return;
	}
	q->on_end = counted;
	query_ask(q, &(struct store_ask){.op = AQ_STORE_COUNT, .collection = q->cells.at + q->at});
}

static void listed(struct query *q, const struct aq_store_end *end)
{
	bool counts = q->request.rows;

	result_table(&q->result, "tables", TABLE_GRID, counts ? count_columns : name_columns);
	if (counts) {
		count_next(q);
		return;
	}
	for (; q->at < q->cells.used; q->at += strlen(q->cells.at + q->at) + 1)
		if (result_row(&q->result))
			result_cell(&q->result, "%s", q->cells.at + q->at);
	result_hint(
		&q->result, "their fields: aqctl store %s describe TABLE; how many rows: --rows", query_store_name(q));
	query_end(q);
}

/* ---- describe ---- */

static const struct column field_columns[] = {{"field", "FIELD", 0}, {"type", "TYPE", 0}, {"key", "KEY", 0},
	{"index", "INDEX", 0}, {"unique", "UNIQUE", 0}, {"size", "SIZE", COLUMN_COUNT}, {"comment", "COMMENT", 0}, {0}};

static const char *text_of(struct aq_bson doc, const char *name, char out[256])
{
	bool yes;

	out[0] = '\0';
	if (aq_value_bool(aq_bson_find(doc, name), &yes) == AQ_OK)
		snprintf(out, 256, "%s", yes ? "yes" : "");
	else
		aq_value_copy_text(aq_bson_find(doc, name), out, 256);
	return out;
}

static void type_cell(struct query *q, struct aq_bson about)
{
	int64_t precision, digits;
	char type[256];

	text_of(about, "type", type);
	if (aq_value_int64(aq_bson_find(about, "precision"), &precision) == AQ_OK &&
		aq_value_int64(aq_bson_find(about, "digits"), &digits) == AQ_OK)
		result_cell(&q->result, "%s %" PRId64 ", %" PRId64 " behind the point", type, precision, digits);
	else
		result_cell(&q->result, "%s", type);
}

static void field_row(struct query *q, struct aq_bson about)
{
	struct result *r = &q->result;
	char text[256];
	int64_t size;

	result_cell(r, "%s", text_of(about, "name", text));
	type_cell(q, about);
	result_cell(r, "%s",
		strcmp(text_of(about, "auto_increment", text), "yes") == 0 ? "counts" : text_of(about, "key", text));
	result_cell(r, "%s", text_of(about, "index", text));
	result_cell(r, "%s", text_of(about, "unique", text));
	if (aq_value_int64(aq_bson_find(about, "size"), &size) == AQ_OK)
		result_cell(r, "%" PRId64, size);
	else
		result_cell(r, "%s", "");
	result_cell(r, "%s", text_of(about, "comment", text));
}

/* The schema comes as it is asked for by all verbs; this one shows it. */
static void show_schema(struct query *q, struct aq_bson row)
{
	struct aq_bson list = {0}, about;
	struct aq_bson_fields fields;
	struct aq_value v;
	char text[256];

	result_table(&q->result, "fields", TABLE_GRID, field_columns);
	aq_value_document(aq_bson_find(row, "fields"), &list);
	fields = aq_bson_fields_of(list);
	while (aq_bson_next(&fields, &v))
		if (aq_value_document(v, &about) == AQ_OK && result_row(&q->result))
			field_row(q, about);
	if (text_of(row, "comment", text)[0] != '\0')
		result_hint(&q->result, "%s: %s", q->table, text);
}

static void shown(struct query *q)
{
	query_end(q);
}

/* ---- rows ---- */

static void count_rows(struct query *q)
{
	uint8_t filter[PART_ROOM];
	struct store_ask ask = {.op = AQ_STORE_COUNT, .collection = q->table};

	q->result.skip = 0;
	result_table(&q->result, "counts", TABLE_GRID, count_columns);
	if (!query_filter(q, filter, sizeof(filter), &ask.parts[AQ_PART_FILTER]))
		return;
	q->at = q->cells.used = 0;
	text_put(&q->cells, q->table, strlen(q->table) + 1);
	q->on_end = counted;
	query_ask(q, &ask);
}

/* What is written last is sent first. */
static void rows_ended(struct query *q, const struct aq_store_end *end)
{
	(void)q;
}

static const struct query_writer *writer_of(const struct query *q)
{
	if (q->verb == QUERY_EXPORT)
		return &query_csv_writer;
	return q->request.json ? &query_json_writer : &query_grid_writer;
}

static void find_rows(struct query *q)
{
	uint8_t filter[PART_ROOM], fields[PART_ROOM / 2], sort[PART_ROOM / 2];
	struct store_ask ask = {.op = AQ_STORE_FIND, .collection = q->table, .skip = q->request.skip};

	if (!query_filter(q, filter, sizeof(filter), &ask.parts[AQ_PART_FILTER]) ||
		!query_projection(q, fields, sizeof(fields), &ask.parts[AQ_PART_PROJECTION]) ||
		!query_sort(q, sort, sizeof(sort), &ask.parts[AQ_PART_SORT]))
		return;
	if (q->verb == QUERY_FIND)
		q->limit = q->request.limit > 0 ? q->request.limit : QUERY_LIMIT;
	ask.limit = q->limit > 0 ? q->limit + 1 : q->request.limit; /* one more tells whether there is more */
	ask.rows = q->column_count < QUERY_CELLS ? QUERY_CELLS / q->column_count
						 : 1; /* how long they are is not known yet */
	q->result.skip = 0;                           /* the store skips */
	q->writer = writer_of(q);
	q->writer->begin(q);
	q->on_row = q->writer->row;
	q->on_end = rows_ended;
	query_ask(q, &ask);
}

void query_run(struct query *q)
{
	switch (q->verb) {
	case QUERY_TABLES:
		q->on_row = note_name;
		q->on_end = listed;
		query_ask(q, &(struct store_ask){.op = AQ_STORE_LIST});
		break;
	case QUERY_DESCRIBE:
		query_describe(q, shown);
		q->on_row = show_schema;
		break;
	case QUERY_COUNT:
		query_describe(q, count_rows);
		break;
	default:
		query_describe(q, find_rows);
		break;
	}
}
