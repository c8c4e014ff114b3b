/* control_json.c: an answer as one JSON object. */
#include "host/control_format.h"
#include "host/control_out.h"

#include <stdio.h>

/* No text holds other control characters than newlines, and cells none. */
static void write_escaped(struct out *o, const char *text, size_t length)
{
	out_text(o, "\"");
	for (size_t at = 0, from = 0; at <= length; at++) {
		if (at < length && text[at] != '"' && text[at] != '\\' && text[at] != '\n')
			continue;
		out_bytes(o, text + from, at - from);
		if (at < length)
			out_text(o, text[at] == '\n' ? "\\n" : text[at] == '"' ? "\\\"" : "\\\\");
		from = at + 1;
	}
	out_text(o, "\"");
}

static void write_string(struct out *o, const char *text)
{
	write_escaped(o, text, strlen(text));
}

static void write_member(struct out *o, const struct column *column, const char *cell)
{
	write_string(o, column->key);
	out_text(o, ":");
	if (cell[0] == '\0')
		out_text(o, "null");
	else if (column->kind == COLUMN_COUNT)
		out_text(o, cell);
	else
		write_string(o, cell);
}

static void write_table(struct result *r, struct table *t, struct out *o)
{
	uint32_t rows = t->cells / t->column_count;

	out_text(o, ",\n");
	write_string(o, t->name);
	out_text(o, ":[");
	for (uint32_t row = 0; row < rows; row++) {
		uint32_t mark = o->used;

		out_text(o, row > 0 ? ",\n{" : "\n{");
		for (uint32_t c = 0; c < t->column_count; c++) {
			out_text(o, c > 0 ? "," : "");
			write_member(o, &t->columns[c], out_cell(r, t, row, c));
		}
		out_text(o, "}");
		if (!out_row_fits(o, t, mark))
			break;
	}
	out_text(o, "]");
}

static void write_left(const struct result *r, struct out *o)
{
	char text[64];

	for (int i = 0; i < r->count; i++) {
		if (r->tables[i].left == 0)
			continue;
		snprintf(text, sizeof(text), ",\n\"left\":%u,\"next\":%u", r->tables[i].left,
			r->tables[i].skip + r->tables[i].shown);
		out_text(o, text);
		return;
	}
}

static void write_remarks(const struct result *r, bool problems, struct out *o)
{
	bool any = false;

	out_text(o, problems ? ",\n\"problems\":[" : ",\n\"hints\":[");
	for (int i = 0; i < r->remark_count; i++) {
		char clock[16];

		if (r->remarks[i].problem != problems)
			continue;
		out_text(o, any ? "," : "");
		any = true;
		if (problems) {
			out_text(o, "{\"time\":");
			write_string(o, format_clock(r->remarks[i].time_ns, clock));
			out_text(o, ",\"text\":");
		}
		write_string(o, r->bytes + r->remarks[i].text);
		out_text(o, problems ? "}" : "");
	}
	out_text(o, "]");
}

uint32_t result_json(struct result *r, char *bytes)
{
	struct out o = {.bytes = bytes, .most = RESULT_BODY_MAX - OUT_RESERVE};
	char head[80];

	snprintf(head, sizeof(head), "{\"schema\":\"aioquant.%s/1\",\"code\":%d", r->failed ? "error" : r->schema,
		r->code);
	out_text(&o, head);
	for (int i = 0; i < r->count; i++)
		write_table(r, &r->tables[i], &o);
	o.most = RESULT_BODY_MAX;
	if (r->prepared != NULL) {
		out_text(&o, ",\n\"text\":");
		write_escaped(&o, r->prepared, r->prepared_length);
	}
	write_left(r, &o);
	if (r->failed) {
		out_text(&o, ",\n\"error\":");
		write_string(&o, r->bytes + r->remarks[0].text);
	} else {
		write_remarks(r, false, &o);
		write_remarks(r, true, &o);
	}
	out_text(&o, "}\n");
	return o.used;
}
