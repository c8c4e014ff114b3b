/* strategy_answer.c: what stores answer, on its way to the callbacks. */
#include "strategy_ctx.h"

#include <stdlib.h>
#include <string.h>

/* ---- rows that are longer than an event: their pieces, between which others of other stores may come ---- */

struct aq_ctx_long_row {
	struct aq_ctx_long_row *next;
	int64_t call;
	size_t length;
	uint8_t bytes[];
};

/* Where the row of a call is linked, or would be. */
static struct aq_ctx_long_row **link_of(struct aq_ctx *q, int64_t call)
{
	struct aq_ctx_long_row **at = &q->long_rows;

	while (*at != NULL && (*at)->call != call)
		at = &(*at)->next;
	return at;
}

static void add_piece(struct aq_ctx *q, int64_t call, const void *bytes, uint32_t length)
{
	struct aq_ctx_long_row **at = link_of(q, call), *row = *at;
	size_t before = row != NULL ? row->length : 0;

	row = realloc(row, sizeof(*row) + before + length);
	if (row == NULL) {
		q->host->fail(q->host->owner, "no memory for a long row of a store");
		return;
	}
	if (*at == NULL)
		row->next = NULL;
	row->call = call;
	row->length = before + length;
	memcpy(row->bytes + before, bytes, length);
	*at = row;
}

/* The caller frees it. */
static struct aq_ctx_long_row *take_long_row(struct aq_ctx *q, int64_t call)
{
	struct aq_ctx_long_row **at = link_of(q, call), *row = *at;

	if (row != NULL)
		*at = row->next;
	return row;
}

void aq_ctx_store_free(struct aq_ctx *q)
{
	while (q->long_rows != NULL)
		free(take_long_row(q, q->long_rows->call));
}

/* Also in the middle of an event with more of its rows. */
void aq_ctx_store_forget(struct aq_ctx *q, int64_t call)
{
	free(take_long_row(q, call));
	q->given_up |= q->handed == call;
}

/* ---- rows ---- */

static int32_t give_rows(struct aq_ctx *q, uint64_t tag, const void *bytes, size_t length)
{
	struct aq_bson_rows rows = aq_bson_rows_of(bytes, length);
	struct aq_bson row;
	int32_t status = 0;

	while (!q->given_up && (status = aq_bson_next_row(&rows, &row)) > 0)
		if (q->strategy->row != NULL)
			q->strategy->row(q->self, q, tag, row);
	return status;
}

static int32_t give_frame(struct aq_ctx *q, uint64_t tag, const void *bytes, size_t length)
{
	struct aq_frame_reader frame;
	int32_t status = aq_frame_open(&frame, bytes, length);

	if (status == AQ_OK && q->strategy->frame != NULL)
		q->strategy->frame(q->self, q, tag, &frame);
	return status;
}

static void give(struct aq_ctx *q, uint64_t tag, const struct aq_store_rows *rows, const void *bytes, size_t length)
{
	int32_t status;

	q->handed = (int64_t)rows->call;
	q->given_up = false;
	status = rows->frame ? give_frame(q, tag, bytes, length) : give_rows(q, tag, bytes, length);
	if (status < 0)
		q->host->log(q->host->owner, AQ_LOG_WARN, "a store gave rows that cannot be read; they are left out");
}

static void on_rows(struct aq_ctx *q, uint64_t tag, const struct aq_store_rows *rows)
{
	int64_t call = (int64_t)rows->call;
	struct aq_ctx_long_row *row;

	if (rows->more || *link_of(q, call) != NULL)
		add_piece(q, call, rows + 1, rows->length);
	if (rows->more)
		return;
	row = take_long_row(q, call);
	if (row != NULL)
		give(q, tag, rows, row->bytes, row->length);
	else
		give(q, tag, rows, rows + 1, rows->length);
	free(row);
}

/* ---- ends ---- */

static struct aq_answer answer_of(const struct aq_event *e)
{
	const struct aq_store_end *done = AQ_BODY(aq_store_end, e);
	const struct aq_store_error *error = AQ_BODY(aq_store_error, e);

	if (e->type == AQ_EV_STORE_END)
		return (struct aq_answer){.call = (int64_t)done->call, .matched = done->matched, .changed = done->changed,
			.insert_id = done->insert_id, .transaction = done->transaction, .text = ""};
	return (struct aq_answer){.call = (int64_t)error->call, .fault = error->fault, .code = error->code,
		.text = error->text};
}

static void on_answer(struct aq_ctx *q, const struct aq_event *e)
{
	struct aq_answer a = answer_of(e);

	free(take_long_row(q, a.call)); /* it has ended in the middle of a row */
	if (q->strategy->answer != NULL)
		q->strategy->answer(q->self, q, e->tag, &a);
	else if (a.fault != 0)
		aq_warn(q, "a store did not do what was asked with tag %llu: %s", (unsigned long long)e->tag, a.text);
}

bool aq_ctx_store_event(struct aq_ctx *q, const struct aq_event *e)
{
	switch (e->type) {
	case AQ_EV_STORE_ROWS:
		on_rows(q, e->tag, AQ_BODY(aq_store_rows, e));
		return true;
	case AQ_EV_STORE_END:
	case AQ_EV_STORE_ERROR:
		on_answer(q, e);
		return true;
	case AQ_EV_STORE_ROOM:
		if (q->strategy->room != NULL)
			q->strategy->room(q->self, q, (uint32_t)e->tag);
		return true;
	case AQ_EV_STORE_STATE:
		if (q->strategy->store_state != NULL)
			q->strategy->store_state(q->self, q, AQ_BODY(aq_store_state, e));
		return true;
	default:
		return false;
	}
}
