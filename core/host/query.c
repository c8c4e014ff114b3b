/* query.c: callers of stores come, wait and go. */
#include "host/query.h"

#include "base/check.h"
#include "base/log.h"
#include "host/control_report.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct query *query_begin(struct control_call *c)
{
	struct control_queries *all = control_queries(c->host);
	struct query *q;

	if (all->count == CONTROL_QUERIES) {
		result_fail(
			&c->result, CONTROL_FAILED, "%d others ask stores at the moment: try again", CONTROL_QUERIES);
		return NULL;
	}
	q = calloc(1, sizeof(*q));
	CHECK(q != NULL);
	q->host = c->host;
	q->connection = c->connection;
	control_request_copy(&q->request, c->request);
	q->on_error = query_refused;
	result_init(&q->result, "store", c->request->skip);
	q->taken_ns = host_wall_ns();
	q->next = all->first;
	all->first = q;
	all->count++;
	return q;
}

static void query_free(struct query *q)
{
	store_ask_forget(q->host, q->call);
	report_free(q->report);
	result_finish(&q->result);
	text_free(&q->held);
	text_free(&q->out);
	text_free(&q->cells);
	free(q->titles);
	free(q->fields);
	free(q);
}

const char *query_store_name(const struct query *q)
{
	return q->request.words[1];
}

/* ---- asking ---- */

static void tell_not_asked(struct query *q, int64_t rc)
{
	if (rc == AQ_EAGAIN)
		query_fail(q, CONTROL_FAILED, "the queue of store %s is full: try again", query_store_name(q));
	else if (rc == AQ_EINVAL)
		query_fail(q, CONTROL_FAILED, "store %s cannot have a table %.80s: a name has at most 63 bytes",
			query_store_name(q), q->table != NULL ? q->table : "");
	else
		query_fail(q, CONTROL_FAILED, "store %s does not run: aqctl status says why", query_store_name(q));
}

void query_ask(struct query *q, struct store_ask *what)
{
	int64_t id;

	what->store = q->store;
	what->outside = true;
	what->deadline_ns = host_wall_ns() + QUERY_PATIENCE_NS;
	q->page_over = q->ended = false;
	q->came = q->came_bytes = 0;
	q->page = what->rows;
	id = store_ask(q->host, what, &query_asker, q);
	if (id < 0)
		tell_not_asked(q, id);
	else
		q->call = id;
}

/* ---- the end ---- */

void query_end(struct query *q)
{
	if (q->over)
		return;
	q->over = true;
	store_ask_forget(q->host, q->call);
	q->call = 0;
	control_answer(q->host, q->connection, &q->request, &q->result);
}

/* An object whose rows have gone already is ended as one. */
static void fail_json(struct query *q, const char *text)
{
	text_add(&q->out, "],\n\"code\":");
	text_char(&q->out, (char)('0' + q->result.code));
	text_add(&q->out, ",\n\"error\":");
	query_json_text(&q->out, text, strlen(text));
	text_add(&q->out, "}\n");
	result_prepared(
		&q->result, strndup(q->out.at + q->sent, q->out.used - q->sent), (uint32_t)(q->out.used - q->sent));
	q->request.json = false; /* it is whole as it is */
}

void query_fail(struct query *q, int code, const char *format, ...)
{
	char text[RESULT_CELL_MAX];
	va_list args;

	if (q->over)
		return;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	result_fail(&q->result, code, "%s", text);
	if (q->streams && q->request.json && q->out.used - q->sent < RESULT_PREPARED_MAX / 2)
		fail_json(q, text);
	query_end(q);
}

void query_refused(struct query *q, const struct aq_store_error *error)
{
	const char *name = query_store_name(q);

	if (error->fault == AQ_STORE_REFUSED)
		query_fail(q, CONTROL_REFUSED, "store %s refused it: %.239s", name, error->text);
	else if (error->fault == AQ_STORE_DOWN || error->fault == AQ_STORE_LATE)
		query_fail(q, CONTROL_FAILED, "store %s did not come to it: %.239s", name, error->text);
	else if (error->fault == AQ_STORE_LOST)
		query_fail(q, CONTROL_FAILED, "store %s went down meanwhile: %.239s. Ask again", name, error->text);
	else
		query_fail(q, CONTROL_FAILED, "store %s: %.239s", name, error->text);
}

/* ---- callers ---- */

static struct query *of_connection(struct host *h, int64_t connection)
{
	struct query *q = control_queries(h)->first;

	while (q != NULL && (q->connection != connection || q->over))
		q = q->next;
	return q;
}

void control_query_drained(struct host *h, int64_t connection)
{
	struct query *q = of_connection(h, connection);

	if (q == NULL)
		return;
	q->taken_ns = host_wall_ns();
	loop_wake(h->loop);
}

void control_query_gone(struct host *h, int64_t connection)
{
	struct query *q = of_connection(h, connection);

	if (q != NULL)
		query_end(q); /* nobody hears it */
}

/* One that reads, however slowly, goes on. */
static void look_at(struct query *q)
{
	uint32_t unsent = control_unsent(q->host, q->connection);

	if (unsent == 0 || unsent != q->unsent)
		q->taken_ns = host_wall_ns();
	q->unsent = unsent;
	if (host_wall_ns() - q->taken_ns < QUERY_STALL_NS)
		return;
	log_line(AQ_LOG_WARN, "control", "a caller that asked %s for rows takes none any more: it is given up",
		query_store_name(q));
	query_fail(q, CONTROL_FAILED, "the host has given up: nothing was read for %lld s. What came is not all",
		QUERY_STALL_NS / 1000000000ll);
}

void control_queries_step(struct host *h)
{
	struct control_queries *all = control_queries(h);

	for (struct query **at = all != NULL ? &all->first : NULL; at != NULL && *at != NULL;) {
		struct query *q = *at;

		if (!q->over && q->report != NULL)
			report_turn(q);
		else if (!q->over)
			query_turn(q);
		if (!q->over)
			look_at(q);
		if (!q->over) {
			at = &q->next;
			continue;
		}
		*at = q->next;
		all->count--;
		query_free(q);
	}
}

bool control_queries_wait(struct host *h)
{
	return control_queries(h) != NULL && control_queries(h)->count > 0;
}

void control_queries_close(struct host *h)
{
	struct control_queries *all = control_queries(h);

	for (struct query *q = all->first, *next; q != NULL; q = next) {
		next = q->next;
		query_free(q);
	}
	*all = (struct control_queries){0};
}
