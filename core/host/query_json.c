/* query_json.c: rows as one JSON object, a line a row. */
#include "host/query.h"

#include <stdio.h>
#include <string.h>

static void put_text(struct query *q, const char *text)
{
	query_json_text(&q->out, text, strlen(text));
}

static void json_begin(struct query *q)
{
	text_add(&q->out, "{\"schema\":\"aioquant.store/1\",\"store\":");
	put_text(q, query_store_name(q));
	text_add(&q->out, ",\"table\":");
	put_text(q, q->table);
	text_add(&q->out, ",\n\"rows\":[");
}

static void json_row(struct query *q, struct aq_bson row)
{
	struct aq_value values[QUERY_FIELDS];

	if (q->limit > 0 && q->rows == q->limit) {
		q->more = true;
		return;
	}
	query_values(q, row, values);
	text_add(&q->out, q->rows++ > 0 ? ",\n{" : "\n{");
	for (uint32_t i = 0; i < q->column_count; i++) {
		const struct query_field *f = &q->fields[q->columns[i]];

		if (i > 0)
			text_char(&q->out, ',');
		put_text(q, f->name);
		text_char(&q->out, ':');
		query_json(&q->out, values[i], f->type);
	}
	text_char(&q->out, '}');
}

/* As the answers of all verbs end; all of it is here already. */
static void json_end(struct query *q)
{
	char next[40] = "", tail[120], *text;

	if (q->more)
		snprintf(next, sizeof(next), ",\n\"next\":%llu", (unsigned long long)(q->request.skip + q->rows));
	snprintf(tail, sizeof(tail), "],\n\"code\":0%s,\n\"hints\":[],\n\"problems\":[]}\n", next);
	text = strdup(tail);
	if (text != NULL)
		result_prepared(&q->result, text, (uint32_t)strlen(text));
	q->request.json = false; /* it is JSON as it is */
	query_end(q);
}

const struct query_writer query_json_writer = {.begin = json_begin, .row = json_row, .end = json_end};
