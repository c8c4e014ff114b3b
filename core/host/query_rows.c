/* query_rows.c: rows of a store as they come, and the answer as it goes. */
#include "host/query.h"

#include <string.h>

/* ---- from the store ---- */

static void take_rows(void *context, const struct aq_store_rows *rows, const void *bytes)
{
	struct query *q = context;

	text_put(&q->held, bytes, rows->length);
	q->came += rows->rows;
	q->came_bytes += rows->length;
	if (rows->more && q->held.used - q->whole > QUERY_ROW_MAX) {
		query_fail(q, CONTROL_FAILED,
			"a row of %s has more than %u bytes: leave what is long out with --fields",
			q->table != NULL ? q->table : "the answer", QUERY_ROW_MAX);
		return;
	}
	if (!rows->more)
		q->whole = q->held.used;
	q->page_over = rows->last != 0;
	loop_wake(q->host->loop); /* the turn writes them */
}

static void take_end(void *context, const struct aq_store_end *end)
{
	struct query *q = context;

	q->call = 0;
	q->ended = true;
	q->end = *end;
	loop_wake(q->host->loop);
}

static void take_error(void *context, const struct aq_store_error *error)
{
	struct query *q = context;

	q->call = 0;
	if (!q->over)
		q->on_error(q, error);
}

const struct store_asker query_asker = {.rows = take_rows, .end = take_end, .error = take_error};

/* ---- writing ---- */

static void write_some(struct query *q)
{
	uint32_t each = q->column_count > 0 ? q->column_count : 1;

	for (uint32_t cells = 0; !q->over && q->read < q->whole && cells < QUERY_CELLS; cells += each) {
		struct aq_bson_rows rows = aq_bson_rows_of(q->held.at + q->read, q->whole - q->read);
		struct aq_bson row;

		if (aq_bson_next_row(&rows, &row) <= 0) {
			query_fail(q, CONTROL_FAILED, "store %s gave a row that is no document", query_store_name(q));
			return;
		}
		q->read = q->whole - rows.left;
		q->on_row(q, row);
	}
	if (q->read == q->held.used)
		q->read = q->whole = q->held.used = 0;
}

/* ---- to the caller ---- */

static void send_piece(struct query *q)
{
	size_t length = q->out.used - q->sent < QUERY_PIECE ? q->out.used - q->sent : QUERY_PIECE;

	q->streams = true;
	if (!control_piece(q->host, q->connection, q->out.at + q->sent, (uint32_t)length))
		query_end(q);
	q->sent += length;
	if (q->sent == q->out.used)
		q->sent = q->out.used = 0;
}

/* Nothing waits to be sent, or so little that more may come first. */
static bool is_low(const struct query *q)
{
	bool all = q->ended && q->read == q->held.used;

	return q->out.used == 0 || (!all && q->out.used < QUERY_PIECE / 3);
}

/* The next is as long as a page may be, as rows have been until now. */
static void ask_for_more(struct query *q)
{
	uint64_t rows = q->came_bytes > 0 ? QUERY_PAGE * q->came / q->came_bytes : q->page;

	if (q->page > 0)
		q->page = rows < 1 ? 1 : rows > QUERY_PAGE_ROWS ? QUERY_PAGE_ROWS : (uint32_t)rows;
	q->page_over = store_ask_more(q->host, q->call, q->page) == AQ_EAGAIN; /* then the next turn tries again */
}

/* All that was asked for has come, and is written. */
static void end_call(struct query *q)
{
	const struct aq_store_end end = q->end;

	q->ended = false;
	q->on_end(q, &end);
	if (!q->over && q->call == 0 && q->writer != NULL)
		q->writer->end(q);
}

void query_turn(struct query *q)
{
	if (is_low(q))
		write_some(q);
	if (!q->over && !is_low(q) && control_unsent(q->host, q->connection) == 0)
		send_piece(q);
	if (q->over)
		return;
	if (control_unsent(q->host, q->connection) > 0) /* and then it drains */
		return;
	if (!is_low(q) || q->read < q->whole)
		loop_wake(q->host->loop); /* there is more to do in the next turn */
	else if (q->ended && q->out.used == 0)
		end_call(q);
	else if (q->page_over && q->call != 0)
		ask_for_more(q);
}
