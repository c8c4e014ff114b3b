/* query_grid.c: rows as a table for a person. Numbers and times have all their digits, and in a column all as many;
 * texts are shortened where the terminal has no room for them. */
#include "host/query.h"

#include "base/check.h"
#include "base/utf8.h"
#include "host/control_out.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CELL_MAX 200 /* characters of a text that are looked at */
#define NARROW 12    /* no text is made shorter */
#define WIDTH 130
#define GAP 2

/* ---- cells ---- */

static void put_visible(struct query_text *t, const char *text, uint32_t length)
{
	uint32_t shown = 0;
	size_t step;
	char hex[8];

	for (uint32_t at = 0; at < length; at += (uint32_t)step) {
		const unsigned char *c = (const unsigned char *)text + at;

		if (++shown > CELL_MAX) {
			text_add(t, "...");
			return;
		}
		step = utf8_visible(c, length - at);
		if (step > 0) {
			text_put(t, c, step);
			continue;
		}
		step = 1;
		snprintf(hex, sizeof(hex),
			*c == '\n'   ? "\\n"
			: *c == '\r' ? "\\r"
			: *c == '\t' ? "\\t"
				     : "\\x%02x",
			*c);
		text_add(t, hex);
	}
}

static void put_bytes(struct query_text *t, const void *bytes, uint32_t length)
{
	query_hex(t, bytes, length < CELL_MAX / 2 ? length : CELL_MAX / 2);
	if (length > CELL_MAX / 2)
		text_add(t, "...");
}

static void put_cell(struct query_text *t, struct aq_value v, uint8_t type)
{
	struct query_text json = {0};
	char number[QUERY_NUMBER_SIZE];
	const void *bytes;
	const char *text;
	uint32_t length;

	if (aq_value_text(v, &text, &length) == AQ_OK) {
		put_visible(t, length > 0 ? text : "''", length > 0 ? length : 2);
	} else if (aq_value_bytes(v, &bytes, &length) == AQ_OK) {
		put_bytes(t, bytes, length);
	} else if (query_plain_text(v, type, number)) {
		text_add(t, number);
	} else if (v.type == AQ_VALUE_DOCUMENT || v.type == AQ_VALUE_ARRAY) {
		query_json(&json, v, type);
		put_visible(t, json.at, (uint32_t)json.used);
		text_free(&json);
	}
	text_char(t, '\0'); /* null has an empty cell */
}

static uint32_t shown_columns(const struct query *q)
{
	return q->column_count < RESULT_COLUMNS ? q->column_count : RESULT_COLUMNS;
}

static void grid_row(struct query *q, struct aq_bson row)
{
	struct aq_value values[QUERY_FIELDS];

	if (q->rows == q->limit) {
		q->more = true;
		return;
	}
	query_values(q, row, values);
	for (uint32_t i = 0; i < shown_columns(q); i++)
		put_cell(&q->cells, values[i], q->fields[q->columns[i]].type);
	q->rows++;
}

/* ---- columns ---- */

struct grid {
	struct query *q;
	const char **cells;      /* by row and column */
	uint32_t columns, shown; /* that rows have; those that the terminal has room for */
	uint32_t widths[RESULT_COLUMNS];
	int digits[RESULT_COLUMNS]; /* behind the point, or of the second; -1 = it is neither */
};

static const char *cell_of(const struct grid *g, uint64_t row, uint32_t column)
{
	return g->cells[row * g->columns + column];
}

static uint8_t type_of(const struct grid *g, uint32_t column)
{
	return g->q->fields[g->q->columns[column]].type;
}

static int digits_of(const char *cell, uint8_t type)
{
	const char *point = strchr(cell, '.'), *end = cell + strlen(cell);

	if (point == NULL || strchr(cell, 'E') != NULL)
		return 0;
	end -= type == QUERY_TIME && end[-1] == 'Z';
	while (type == QUERY_TIME && end[-1] == '0')
		end--;
	if (type == QUERY_TIME) /* seconds, ms, us, ns */
		return (int)(end - point - 1 + 2) / 3 * 3;
	return (int)(end - point - 1);
}

/* 2024-08-08T14:02:11.500000000Z as 2024-08-08 14:02:11.500; 61700.5 as 61700.50. */
static const char *fitted(const struct grid *g, uint64_t row, uint32_t column, char out[QUERY_NUMBER_SIZE + 24])
{
	const char *cell = cell_of(g, row, column);
	uint8_t type = type_of(g, column);
	int digits = g->digits[column], own;
	char *end;

	if (cell[0] == '\0' || digits < 0 || strlen(cell) >= QUERY_NUMBER_SIZE || strpbrk(cell, "EN") != NULL)
		return cell;
	snprintf(out, QUERY_NUMBER_SIZE, "%s", cell);
	if (type == QUERY_TIME) {
		out[strcspn(out, "T")] = ' ';
		out[strcspn(out, ".") + (digits > 0 ? (size_t)digits + 1 : 0)] = '\0';
		return out;
	}
	own = digits_of(cell, type);
	end = out + strlen(out);
	if (own == 0 && digits > 0)
		*end++ = '.';
	for (; own < digits && own < 18; own++)
		*end++ = '0';
	*end = '\0';
	return out;
}

static void measure(struct grid *g, uint32_t column)
{
	uint8_t type = type_of(g, column);
	bool has_digits = type == QUERY_TIME || type == QUERY_DECIMAL;
	char out[QUERY_NUMBER_SIZE + 24];

	g->digits[column] = has_digits ? 0 : -1;
	for (uint64_t row = 0; has_digits && row < g->q->rows; row++) {
		int digits = digits_of(cell_of(g, row, column), type);

		g->digits[column] = digits > g->digits[column] ? digits : g->digits[column];
	}
	g->widths[column] = out_width(g->q->fields[g->q->columns[column]].name);
	for (uint64_t row = 0; row < g->q->rows; row++) {
		uint32_t width = out_width(fitted(g, row, column, out));

		g->widths[column] = width > g->widths[column] ? width : g->widths[column];
	}
}

/* What may be cut: texts, bytes, documents. */
static bool is_soft(const struct grid *g, uint32_t column)
{
	return type_of(g, column) == QUERY_TEXT || type_of(g, column) == QUERY_BYTES || type_of(g, column) == 0;
}

static uint32_t sum_of(const struct grid *g)
{
	uint32_t sum = 0;

	for (uint32_t i = 0; i < g->shown; i++)
		sum += g->widths[i] + (i > 0 ? GAP : 0);
	return sum;
}

/* The widest text gives way first. */
static void narrow(struct grid *g, uint32_t width)
{
	for (uint32_t sum = sum_of(g); sum > width; sum--) {
		uint32_t widest = g->shown;

		for (uint32_t i = 0; i < g->shown; i++)
			if (is_soft(g, i) && g->widths[i] > NARROW &&
				g->widths[i] > out_width(g->q->fields[g->q->columns[i]].name) &&
				(widest == g->shown || g->widths[i] > g->widths[widest]))
				widest = i;
		if (widest == g->shown)
			return;
		g->widths[widest]--;
	}
}

static void measure_shown(struct grid *g, uint32_t width)
{
	for (uint32_t i = 0; i < g->shown; i++)
		measure(g, i);
	narrow(g, width);
}

/* Columns to the right that find no room however narrow the others are make room themselves. */
static void fit_columns(struct grid *g, uint32_t width)
{
	uint32_t sum = 0, fit = 0;

	g->shown = g->columns;
	measure_shown(g, width);
	while (fit < g->columns && (sum += g->widths[fit] + (fit > 0 ? GAP : 0)) <= width)
		fit++;
	if (fit == g->columns)
		return;
	g->shown = fit > 0 ? fit : 1;
	measure_shown(g, width);
}

/* ---- the table ---- */

static void put_result_cell(struct grid *g, uint64_t row, uint32_t column)
{
	char out[QUERY_NUMBER_SIZE + 24];
	const char *text = fitted(g, row, column, out), *end = text;
	uint32_t width = g->widths[column];

	if (out_width(text) <= width) {
		result_cell(&g->q->result, "%s", text);
		return;
	}
	for (uint32_t i = 0; i < width - 3; i++) /* characters */
		do
			end++;
		while (((unsigned char)*end & 0xc0) == 0x80);
	result_cell(&g->q->result, "%.*s...", (int)(end - text), text);
}

static void make_titles(struct grid *g)
{
	struct query *q = g->q;

	q->titles = calloc(g->shown + 1, sizeof(*q->titles));
	CHECK(q->titles != NULL);
	for (uint32_t i = 0; i < g->shown; i++)
		q->titles[i] = (struct column){.key = q->fields[q->columns[i]].name,
			.title = q->fields[q->columns[i]].name,
			.kind = is_soft(g, i) || type_of(g, i) == QUERY_TIME || type_of(g, i) == QUERY_BOOL
					? COLUMN_TEXT
					: COLUMN_RIGHT};
}

/* Columns that have no room, and what else there is. */
static void add_hints(struct grid *g)
{
	struct query *q = g->q;

	if (g->shown < q->column_count)
		result_hint(&q->result,
			"%u more field%s, from %s on: --fields picks, --width N makes room, --json has all",
			q->column_count - g->shown, q->column_count - g->shown == 1 ? "" : "s",
			q->fields[q->columns[g->shown]].name);
	if (q->more)
		result_hint(&q->result, "there are more rows: add --skip %llu",
			(unsigned long long)(q->request.skip + q->rows));
	if (q->rows == 0)
		result_hint(&q->result, "no rows");
}

static void index_cells(struct grid *g)
{
	const char *at = g->q->cells.at;

	g->cells = calloc(g->q->rows * g->columns + 1, sizeof(*g->cells));
	CHECK(g->cells != NULL);
	for (uint64_t i = 0; i < g->q->rows * g->columns; i++) {
		g->cells[i] = at;
		at += strlen(at) + 1;
	}
}

static void grid_end(struct query *q)
{
	struct grid g = {.q = q, .columns = shown_columns(q)};
	uint32_t width = q->request.width > 0 ? q->request.width : WIDTH;

	index_cells(&g);
	fit_columns(&g, width);
	make_titles(&g);
	result_table(&q->result, "rows", TABLE_GRID, q->titles);
	for (uint64_t row = 0; row < q->rows && result_row(&q->result); row++)
		for (uint32_t i = 0; i < g.shown; i++)
			put_result_cell(&g, row, i);
	add_hints(&g);
	free(g.cells);
	query_end(q);
}

static void grid_begin(struct query *q)
{
	(void)q;
}

const struct query_writer query_grid_writer = {.begin = grid_begin, .row = grid_row, .end = grid_end};
