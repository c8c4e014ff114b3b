/* control_text.c: an answer as a person reads it. */
#include "host/control_out.h"
#include "host/control_format.h"

#include <stdio.h>

#define GAP 2
#define WIDTH 130 /* nothing is wider unless somebody asks for it */
#define WRAP 110  /* remarks read badly in long lines */
#define LIST_INDENT 36

static const char *shown(const char *cell)
{
	return cell[0] != '\0' ? cell : "-";
}

static void measure(const struct result *r, const struct table *t, uint32_t widths[RESULT_COLUMNS])
{
	uint32_t rows = t->cells / t->column_count;

	for (uint32_t c = 0; c < t->column_count; c++) {
		widths[c] = out_width(t->columns[c].title);
		for (uint32_t row = 0; row < rows; row++) {
			uint32_t width = out_width(shown(out_cell(r, t, row, c)));

			widths[c] = width > widths[c] ? width : widths[c];
		}
	}
}

/* How many columns fit; the first always stays. */
static uint32_t fitting(const struct table *t, const uint32_t widths[RESULT_COLUMNS], uint32_t width)
{
	uint32_t sum = 0, c = 0;

	for (; c < t->column_count; c++) {
		sum += widths[c] + (c > 0 ? GAP : 0);
		if (sum > width && c > 0)
			break;
	}
	return c;
}

static void grid_cell(struct out *o, const char *text, uint32_t width, bool right, bool last)
{
	uint32_t own = out_width(text), blanks = width > own ? width - own : 0;

	if (right)
		out_fill(o, blanks);
	out_text(o, text);
	if (!right && !last)
		out_fill(o, blanks);
	if (!last)
		out_fill(o, GAP);
}

static void write_grid(struct result *r, struct table *t, uint32_t width, struct out *o)
{
	uint32_t widths[RESULT_COLUMNS], columns, rows = t->cells / t->column_count;

	measure(r, t, widths);
	columns = fitting(t, widths, width);
	for (uint32_t c = 0; c < columns; c++)
		grid_cell(o, t->columns[c].title, widths[c], t->columns[c].kind != COLUMN_TEXT, c + 1 == columns);
	out_text(o, "\n");
	for (uint32_t row = 0; row < rows; row++) {
		uint32_t mark = o->used;

		for (uint32_t c = 0; c < columns; c++)
			grid_cell(o, shown(out_cell(r, t, row, c)), widths[c], t->columns[c].kind != COLUMN_TEXT,
				c + 1 == columns);
		out_text(o, "\n");
		if (!out_row_fits(o, t, mark))
			break;
	}
}

static void write_line(const struct result *r, const struct table *t, uint32_t width, struct out *o)
{
	uint32_t used = 0;

	for (uint32_t c = 0; t->cells > 0 && c < t->column_count; c++) {
		const char *cell = out_cell(r, t, 0, c);
		uint32_t own = out_width(cell) + (used > 0 ? 3 : 0);

		if (cell[0] == '\0')
			continue;
		if (used > 0 && used + own > width)
			break;
		out_fill(o, used > 0 ? 3 : 0);
		out_text(o, cell);
		used += own;
	}
	out_text(o, "\n");
}

/* Breaks at blanks; what follows is indented as far as the text began. */
static void write_wrapped(struct out *o, const char *head, const char *text, uint32_t width)
{
	uint32_t indent = out_width(head), used = indent;

	out_text(o, head);
	while (*text != '\0') {
		size_t length = strcspn(text, " ");
		char word[RESULT_CELL_MAX + 1];

		snprintf(word, sizeof(word), "%.*s", (int)length, text);
		if (used > indent && used + 1 + out_width(word) > width) {
			out_text(o, "\n");
			out_fill(o, indent);
			used = indent;
		} else if (used > indent) {
			out_text(o, " ");
			used++;
		}
		out_text(o, word);
		used += out_width(word);
		text += length;
		text += *text == ' ';
	}
	out_text(o, "\n");
}

/* The cells of a row that are ahead of the last one. */
static void list_head(const struct result *r, const struct table *t, uint32_t row, char *out, size_t size)
{
	size_t used = 0;

	out[0] = '\0';
	for (uint32_t c = 0; c + 1 < t->column_count && used < size; c++)
		if (out_cell(r, t, row, c)[0] != '\0')
			used += (size_t)snprintf(out + used, size - used, "%s%s", used > 0 ? " " : "", out_cell(r, t, row, c));
}

static void write_list(struct result *r, struct table *t, uint32_t width, struct out *o)
{
	char text[2 * RESULT_CELL_MAX], head[2 * RESULT_CELL_MAX + LIST_INDENT];

	for (uint32_t row = 0; row < t->cells / t->column_count; row++) {
		uint32_t mark = o->used;

		list_head(r, t, row, text, sizeof(text));
		if (strlen(text) + GAP > LIST_INDENT) {
			out_text(o, text);
			out_text(o, "\n");
			text[0] = '\0';
		}
		snprintf(head, sizeof(head), "%-*s", LIST_INDENT, text);
		write_wrapped(o, head, out_cell(r, t, row, t->column_count - 1), width);
		if (!out_row_fits(o, t, mark))
			break;
	}
}

static void write_remarks(const struct result *r, uint32_t width, struct out *o)
{
	for (int pass = 0; pass < 2; pass++) /* what is wrong stands at the very end */
		for (int i = 0; i < r->remark_count; i++) {
			const struct remark *m = &r->remarks[i];
			char head[24] = "", clock[16];

			if (m->problem != (pass == 1))
				continue;
			if (m->problem)
				snprintf(head, sizeof(head), "! %s  ", format_clock(m->time_ns, clock));
			write_wrapped(o, head, r->bytes + m->text, width < WRAP ? width : WRAP);
		}
}

static void write_left(const struct result *r, struct out *o)
{
	char text[120];

	for (int i = 0; i < r->count; i++) {
		const struct table *t = &r->tables[i];

		if (t->left == 0)
			continue;
		snprintf(text, sizeof(text), "%u more: add --skip=%u\n", t->left, t->skip + t->shown);
		out_text(o, text);
	}
}

uint32_t result_text(struct result *r, uint32_t width, char *bytes)
{
	struct out o = {.bytes = bytes, .most = RESULT_BODY_MAX - OUT_RESERVE};

	if (r->prepared != NULL) {
		out_bytes(&o, r->prepared, r->prepared_length);
		return o.used;
	}
	width = width > 0 ? width : WIDTH;
	for (int i = 0; i < r->count; i++) {
		struct table *t = &r->tables[i];

		if (t->style == TABLE_LINE) {
			write_line(r, t, width, &o);
			continue;
		}
		if (i > 0)
			out_text(&o, "\n");
		if (t->style == TABLE_LIST)
			write_list(r, t, width, &o);
		else
			write_grid(r, t, width, &o);
	}
	o.most = RESULT_BODY_MAX;
	write_left(r, &o);
	if (r->remark_count > 0 && r->count > 0)
		out_text(&o, "\n");
	write_remarks(r, width, &o);
	return o.used;
}
