/* query_csv.c: rows as CSV (RFC 4180): a line of names, then a line a row, each ended by CR and LF. What is null is
 * empty. */
#include "host/query.h"

#include <string.h>

void query_values(struct query *q, struct aq_bson row, struct aq_value values[QUERY_FIELDS])
{
	struct aq_bson_fields fields = aq_bson_fields_of(row);
	struct aq_value v;

	memset(values, 0, q->column_count * sizeof(*values));
	for (uint32_t i = 0; i < QUERY_FIELDS && aq_bson_next(&fields, &v); i++) {
		uint32_t at = q->place[i]; /* rows of a table are alike */

		if (at >= q->column_count || strcmp(q->fields[q->columns[at]].name, v.name) != 0)
			for (at = 0; at < q->column_count && strcmp(q->fields[q->columns[at]].name, v.name) != 0;)
				at++;
		q->place[i] = (uint16_t)at;
		if (at < q->column_count)
			values[at] = v;
	}
}

static void put_name(struct query *q, const char *name)
{
	if (strpbrk(name, ",\"\r\n") == NULL) {
		text_add(&q->out, name);
		return;
	}
	text_char(&q->out, '"');
	for (; *name != '\0'; name++) {
		if (*name == '"')
			text_char(&q->out, '"');
		text_char(&q->out, *name);
	}
	text_char(&q->out, '"');
}

static void csv_begin(struct query *q)
{
	for (uint32_t i = 0; i < q->column_count; i++) {
		if (i > 0)
			text_char(&q->out, ',');
		put_name(q, q->fields[q->columns[i]].name);
	}
	text_add(&q->out, "\r\n");
}

static void csv_row(struct query *q, struct aq_bson row)
{
	struct aq_value values[QUERY_FIELDS];

	query_values(q, row, values);
	for (uint32_t i = 0; i < q->column_count; i++) {
		if (i > 0)
			text_char(&q->out, ',');
		query_csv(&q->out, values[i], q->fields[q->columns[i]].type);
	}
	text_add(&q->out, "\r\n");
	q->rows++;
}

static void csv_end(struct query *q)
{
	query_end(q);
}

const struct query_writer query_csv_writer = {.begin = csv_begin, .row = csv_row, .end = csv_end};
