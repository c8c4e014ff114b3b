/* insert.c: rows and frames; all of a call or nothing.
 *
 * One row is one statement. Many go by arrays of about a megabyte, large frames as a file that the server reads, if it
 * does. Neither says which row was wrong: those of the array are taken back and sent one by one, which does. */
#include "mariadb/bulk.h"
#include "mariadb/change.h"
#include "mariadb/load.h"
#include "mariadb/rows_in.h"

#include <string.h>

/* What an insert works with. */
struct insertion {
	struct session *c;
	struct call *call;
	const struct sql_schema *schema;
	struct statement *st;
	struct rows_in in;
	struct bulk bulk;
	bool is_single;  /* it has one row only */
	uint64_t first;  /* the row that is first of those that wait, */
	size_t first_at; /* and where it stands in the documents */
};

/* ---- one by one ---- */

static int send_row(struct insertion *i, struct sql_error *err)
{
	if (statement_execute(i->c, i->st, i->in.row.values, i->in.row.count, false, err) != 0)
		return rows_in_wrong(i->in.count - 1, err);
	if (i->in.count == 1)
		i->call->answer.end.insert_id = change_insert_id(i->schema, &i->in.row, i->st);
	return 0;
}

/* The rows from the first that waits up to where it has been read. */
static int send_singly(struct insertion *i, struct sql_error *err)
{
	uint64_t until = i->in.count;
	int status = 0;

	rows_in_seek(&i->in, i->first, i->first_at);
	while (status == 0 && i->in.count < until)
		status = rows_in_next(&i->in, err) != 1 ? -1 : send_row(i, err);
	return status;
}

/* ---- by arrays ---- */

static bool is_final(const struct session *c, const struct sql_error *err)
{
	return c->lost || err->fault == AQ_STORE_CONFLICT;
}

static int send_waiting(struct insertion *i, struct sql_error *err)
{
	if (i->bulk.rows == 0)
		return 0;
	if (i->bulk.rows == 1) { /* it may be larger than any packet, which is seen there */
		bulk_clear(&i->bulk);
		return send_singly(i, err);
	}
	if (session_run(i->c, "SAVEPOINT aq_rows", err) != 0)
		return -1;
	if (bulk_send(i->c, &i->bulk, i->st, err) == 0)
		return 0;
	if (is_final(i->c, err) || session_run(i->c, "ROLLBACK TO aq_rows", err) != 0)
		return -1;
	return send_singly(i, err);
}

/* Those that wait go before the row in hand, which is read again if they had to be. */
static int send_before(struct insertion *i, size_t at, struct sql_error *err)
{
	rows_in_seek(&i->in, i->in.count - 1, at);
	return send_waiting(i, err) != 0 || rows_in_next(&i->in, err) != 1 ? -1 : 0;
}

static bool is_automatic(const struct sql_schema *s)
{
	for (uint32_t i = 0; i < s->count; i++)
		if (s->fields[i].automatic)
			return true;
	return false;
}

static void wait_with_others(struct insertion *i, size_t at)
{
	if (i->bulk.rows == 0) {
		i->first = i->in.count - 1;
		i->first_at = at;
	}
	bulk_add(&i->bulk, &i->in.row);
}

/* The first row of those that count themselves goes alone: so the server says its number. */
static bool goes_alone(const struct insertion *i)
{
	return !i->c->bulk || i->is_single || (i->in.count == 1 && is_automatic(i->schema));
}

static int send_all(struct insertion *i, struct sql_error *err)
{
	size_t at = i->in.at; /* of the row in hand */
	int status;

	while ((status = rows_in_next(&i->in, err)) == 1) {
		if (!bulk_fits(&i->bulk, &i->in.row) && send_before(i, at, err) != 0)
			return -1;
		if (!goes_alone(i))
			wait_with_others(i, at);
		else if (send_row(i, err) != 0)
			return -1;
		at = i->in.at;
	}
	return status < 0 ? -1 : send_waiting(i, err);
}

/* ---- the call ---- */

static int prepare(struct insertion *i, struct sql_error *err)
{
	struct sql_buffer text = {0};
	int status = sql_insert(&sql_dialect_mariadb, i->call->given.what.collection, i->schema, 1, &text, err);

	if (status == 0)
		i->st = statement_prepare(i->c, text.at, text.length, err);
	sql_buffer_free(&text);
	return i->st != NULL ? 0 : -1;
}

static int insert_by_arrays(struct insertion *i, struct sql_error *err)
{
	int status = bulk_open(&i->bulk, i->schema, i->c->max_packet, err);

	if (status == 0)
		status = send_all(i, err);
	bulk_close(&i->bulk);
	return status;
}

static int insert_by_file(struct insertion *i, struct sql_error *err)
{
	if (!i->c->load || i->in.documents != NULL || i->in.frame.rows < LOAD_ROWS || is_automatic(i->schema))
		return 0;
	return load_frame(i->c, i->call, &i->in, err);
}

static int insert(struct insertion *i, struct sql_error *err)
{
	int status;

	if (rows_in_open(&i->in, i->schema, i->call, err) != 0)
		return -1;
	status = insert_by_file(i, err);
	if (status != 0)
		return status > 0 ? 0 : -1;
	return prepare(i, err) != 0 ? -1 : insert_by_arrays(i, err);
}

/* One statement happens as a whole by itself. */
static bool is_single(const struct call *call)
{
	const struct sql_buffer *rows = &call->given.parts[AQ_PART_ROWS], *frame = &call->given.parts[AQ_PART_FRAME];
	uint32_t number = 0;

	if (rows->length >= sizeof(number) && frame->length == 0) {
		memcpy(&number, rows->at, sizeof(number));
		return BSON_UINT32_FROM_LE(number) == rows->length;
	}
	if (frame->length >= sizeof(number))
		memcpy(&number, frame->at, sizeof(number));
	return number <= 1;
}

static int insert_all(struct session *c, struct call *call, struct sql_error *err)
{
	struct insertion i = {.c = c, .call = call, .is_single = is_single(call)};
	int status;

	i.schema = &call->answer.collection->schema;
	status = insert(&i, err);
	statement_release(c, i.st);
	call->answer.end.changed = i.in.count;
	rows_in_close(&i.in);
	return status;
}

int store_insert(struct session *c, struct call *call, struct sql_error *err)
{
	call->answer.collection = collection_get(c, call->given.what.collection, err);
	if (call->answer.collection == NULL)
		return -1;
	return is_single(call) ? insert_all(c, call, err) : transaction_around(c, call, insert_all, err);
}
