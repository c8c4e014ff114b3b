/* calls.c: a call is put together of its chunks, checked, run at its end or when the transaction lets it, and answered
 * once. */
#include "sqlite/store.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef int operation(struct store *s, struct call *c, struct sql_error *err);
/* NULL: the end of the transaction. */
static operation *const operations[] = {
	[AQ_STORE_CREATE] = collection_create, [AQ_STORE_LIST] = collections_list, [AQ_STORE_DESCRIBE] = collection_describe,
	[AQ_STORE_INSERT] = store_insert, [AQ_STORE_FIND] = store_find, [AQ_STORE_COUNT] = store_count,
	[AQ_STORE_UPDATE] = store_update, [AQ_STORE_UPSERT] = store_upsert, [AQ_STORE_FIND_MODIFY] = store_find_modify,
	[AQ_STORE_DELETE] = store_delete, [AQ_STORE_RAW] = store_raw, [AQ_STORE_BEGIN] = transaction_begin,
	[AQ_STORE_DISTINCT] = store_find, [AQ_STORE_REPLACE] = store_replace,
};

/* ---- the table ---- */

static struct call **find(struct store *s, uint64_t id)
{
	for (int i = 0; i < CALLS_MAX; i++)
		if (s->calls[i] != NULL && s->calls[i]->id == id)
			return &s->calls[i];
	return NULL;
}

static void release(struct store *s, struct call *c)
{
	struct call **place = find(s, c->id);

	sql_given_free(&c->given);
	answer_free(&c->answer);
	free(c);
	*place = NULL;
}

void calls_free(struct store *s)
{
	for (int i = 0; i < CALLS_MAX; i++)
		if (s->calls[i] != NULL)
			release(s, s->calls[i]);
}

/* ---- ends ---- */

void call_fail(struct store *s, struct call *c, const struct sql_error *err)
{
	struct aq_store_error error = {.call = c->id, .code = err->code, .fault = err->fault};

	memcpy(error.text, err->text, sizeof(error.text));
	if (connection_is_down(err))
		store_down(s, err);
	s->provider->failed(s->host->owner, &error);
	release(s, c);
}

void call_done(struct store *s, struct call *c)
{
	struct aq_store_end end = c->answer.end;

	end.call = c->id;
	s->provider->done(s->host->owner, &end);
	release(s, c);
}

/* ---- begin and append ---- */

static int32_t begin(void *self, uint64_t id, const struct aq_store_call *what)
{
	struct store *s = self;
	struct call *c;
	int32_t status;
	int place = 0;

	if (id == 0 || find(s, id) != NULL)
		return AQ_EINVAL;
	while (place < CALLS_MAX && s->calls[place] != NULL)
		place++;
	c = place < CALLS_MAX ? calloc(1, sizeof(*c)) : NULL;
	if (c == NULL)
		return AQ_EAGAIN;
	status = sql_given_begin(&c->given, &sql_dialect_sqlite, what);
	if (status != AQ_OK) {
		free(c);
		return status;
	}
	s->calls[place] = c;
	c->id = id;
	bson_init(&c->answer.row);
	return AQ_OK;
}

/* A call that has not been handed over yet. */
static int32_t still_given(struct store *s, uint64_t id, struct call **out)
{
	struct call **place = find(s, id);

	*out = place != NULL ? *place : NULL;
	if (*out == NULL)
		return AQ_ENOENT;
	return (*out)->answering || (*out)->turn > 0 ? AQ_ESTATE : AQ_OK;
}

static int32_t append(void *self, uint64_t id, const struct aq_store_chunk *chunk, const void *bytes)
{
	struct store *s = self;
	struct call *c;
	int32_t status = still_given(s, id, &c);

	if (status != AQ_OK)
		return status;
	return sql_given_append(&c->given, chunk, bytes, s->max_call);
}

/* ---- running ---- */

static int end_transaction(struct store *s, struct call *c, struct sql_error *err)
{
	if (s->transaction.id == 0)
		return sql_fail(err, AQ_STORE_REFUSED, "the call names no transaction");
	return transaction_end(s, c->given.what.op == AQ_STORE_COMMIT, err);
}

static int check_run(struct store *s, struct call *c, struct sql_error *err)
{
	int64_t deadline = c->given.what.deadline_ns;

	if (c->given.doomed) {
		*err = c->given.why;
		return -1;
	}
	if (deadline != 0 && s->host->now(s->host->owner) > deadline)
		return sql_fail(err, AQ_STORE_LATE, "the deadline passed before the call began");
	if (c->given.what.transaction != 0 && c->given.what.transaction != s->transaction.id)
		return sql_fail(err, AQ_STORE_REFUSED, "there is no transaction %" PRIu64 ": it has ended", c->given.what.transaction);
	if (c->given.what.transaction != 0 && c->given.what.op == AQ_STORE_BEGIN)
		return sql_fail(err, AQ_STORE_REFUSED, "a transaction does not begin within another");
	if (s->writer.db != NULL)
		return 0;
	return sql_fail(err, AQ_STORE_DOWN, "%s is not open", s->file);
}

static bool writes(const struct call *c)
{
	return c->given.what.op == AQ_STORE_INSERT || c->given.what.op == AQ_STORE_DELETE || c->given.what.op == AQ_STORE_UPSERT ||
		c->given.what.op == AQ_STORE_REPLACE;
}

static int work(struct store *s, struct call *c, struct sql_error *err)
{
	operation *run_it = operations[c->given.what.op];

	if (check_run(s, c, err) != 0)
		return -1;
	if (run_it == NULL)
		return end_transaction(s, c, err);
	if (c->given.what.op == AQ_STORE_CREATE)
		return transaction_around(s, c, run_it, err);
	return run_it(s, c, err);
}

static void run(struct store *s, struct call *c)
{
	struct answer *a = &c->answer;
	struct sql_error err = {0};
	bool wrote = writes(c);

	c->turn = 0;
	c->answering = true;
	if (work(s, c, &err) != 0 || (a->cursor == NULL && !a->has_row && a->ready.length > 0 && answer_begin(a, &err) != 0)) {
		call_fail(s, c, &err);
		return;
	}
	if (wrote)
		store_works(s);
	answer_pump(s, c); /* what was wanted while it waited */
}

/* ---- whose turn it is ---- */

static struct call *next_waiting(struct store *s)
{
	struct call *next = NULL;

	for (int i = 0; i < CALLS_MAX; i++)
		if (s->calls[i] != NULL && s->calls[i]->turn > 0 && (next == NULL || s->calls[i]->turn < next->turn))
			next = s->calls[i];
	return next;
}

void calls_go_on(struct store *s)
{
	struct call *c;

	while (s->transaction.id == 0 && (c = next_waiting(s)) != NULL)
		run(s, c);
}

static int32_t end(void *self, uint64_t id)
{
	struct store *s = self;
	struct call *c;
	int32_t status = still_given(s, id, &c);

	if (status != AQ_OK)
		return status;
	if (s->transaction.id != 0 && c->given.what.transaction == 0 && !c->given.doomed) {
		c->turn = ++s->turns;
		return AQ_OK;
	}
	run(s, c);
	calls_go_on(s);
	return AQ_OK;
}

static void more(void *self, uint64_t id, uint32_t rows)
{
	struct store *s = self;
	struct call **place = find(s, id);

	if (place == NULL)
		return;
	(*place)->answer.endless |= rows == UINT32_MAX;
	(*place)->answer.wanted += rows;
	if ((*place)->answering)
		answer_pump(s, *place);
}

static void forget(void *self, uint64_t id)
{
	struct store *s = self;
	struct call **place = find(s, id);

	if (place != NULL)
		release(s, *place);
	if (s->transaction.id == id && id != 0) {
		transaction_give_up(s, "its caller is gone");
		calls_go_on(s);
	}
}

const struct aq_store_ops store_ops = {.size = sizeof(store_ops), .begin = begin, .append = append, .end = end,
	.more = more, .forget = forget};
