/* calls.c: a call is put together of its chunks, checked, and answered once. */
#include "mariadb/store.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const struct operation operations[] = {
	[AQ_STORE_CREATE] = {collection_create, false}, [AQ_STORE_LIST] = {collections_list, false},
	[AQ_STORE_DESCRIBE] = {collection_describe, false}, [AQ_STORE_INSERT] = {store_insert, false},
	[AQ_STORE_FIND] = {store_find, true}, [AQ_STORE_COUNT] = {store_count, false},
	[AQ_STORE_UPDATE] = {store_update, false}, [AQ_STORE_UPSERT] = {store_upsert, false},
	[AQ_STORE_FIND_MODIFY] = {store_find_modify, false}, [AQ_STORE_DELETE] = {store_delete, false},
	[AQ_STORE_RAW] = {store_raw, true}, [AQ_STORE_BEGIN] = {transaction_begin, true},
	[AQ_STORE_COMMIT] = {transaction_end, false}, [AQ_STORE_ROLLBACK] = {transaction_end, false},
	[AQ_STORE_DISTINCT] = {store_find, true}, [AQ_STORE_REPLACE] = {store_replace, false},
};

const struct operation *call_operation(const struct call *c)
{
	return &operations[c->given.what.op];
}

/* ---- the table ---- */

static struct call **find(struct store *s, uint64_t id)
{
	for (int i = 0; i < CALLS_MAX; i++)
		if (s->calls[i] != NULL && s->calls[i]->id == id && !s->calls[i]->gone)
			return &s->calls[i];
	return NULL;
}

static void free_call(struct call *c)
{
	sql_given_free(&c->given);
	answer_free(&c->answer);
	free(c);
}

/* Its session has nothing of it any more. */
void call_release(struct call *c)
{
	struct store *s = c->s;

	for (int i = 0; i < CALLS_MAX; i++)
		if (s->calls[i] == c)
			s->calls[i] = NULL;
	free_call(c);
}

void calls_free(struct store *s)
{
	for (int i = 0; i < CALLS_MAX; i++)
		if (s->calls[i] != NULL) {
			free_call(s->calls[i]);
			s->calls[i] = NULL;
		}
}

/* ---- ends ---- */

void call_fail(struct call *c, const struct sql_error *err)
{
	struct aq_store_error error = {.call = c->id, .code = err->code, .fault = err->fault};

	memcpy(error.text, err->text, sizeof(error.text));
	if (!c->gone)
		c->s->provider->failed(c->s->host->owner, &error);
	call_release(c);
}

void call_done(struct call *c)
{
	struct aq_store_end end = c->answer.end;

	end.call = c->id;
	if (!c->gone)
		c->s->provider->done(c->s->host->owner, &end);
	call_release(c);
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
	status = sql_given_begin(&c->given, &sql_dialect_mariadb, what);
	if (status != AQ_OK) {
		free(c);
		return status;
	}
	s->calls[place] = c;
	c->s = s;
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
	return (*out)->state == CALL_GIVEN ? AQ_OK : AQ_ESTATE;
}

static int32_t append(void *self, uint64_t id, const struct aq_store_chunk *chunk, const void *bytes)
{
	struct call *c;
	int32_t status = still_given(self, id, &c);

	if (status != AQ_OK)
		return status;
	return sql_given_append(&c->given, chunk, bytes, c->s->max_call);
}

/* ---- end, more, forget ---- */

static int32_t end(void *self, uint64_t id)
{
	struct store *s = self;
	struct call *c;
	int32_t status = still_given(s, id, &c);

	if (status != AQ_OK)
		return status;
	c->state = CALL_WAITING;
	c->turn = ++s->turns;
	store_turn(s);
	return AQ_OK;
}

/* 0 rows say that there is room again. */
static void want(struct answer *a, uint32_t rows)
{
	a->endless |= rows == UINT32_MAX;
	a->wanted += rows;
}

static void more(void *self, uint64_t id, uint32_t rows)
{
	struct call **place = find(self, id);
	struct session *c = place != NULL ? (*place)->session : NULL;

	if (place == NULL)
		return;
	want(&(*place)->answer, rows);
	if ((*place)->state == CALL_ANSWERING)
		answer_pump(*place);
	if (c != NULL)
		pool_settle(c);
	store_turn(self);
}

/* What a session works on is looked after when that has ended. */
static void give_up(struct call *c)
{
	c->gone = true;
	if (c->state == CALL_RUNNING || (c->session != NULL && c->session->fiber.under_way))
		return;
	if (c->session != NULL)
		run_close(c);
	else
		call_release(c);
}

static void forget(void *self, uint64_t id)
{
	struct store *s = self;
	struct call **place = find(s, id);
	struct session *c = transaction_session(s, id);

	if (place != NULL)
		give_up(*place);
	if (c != NULL)
		run_give_up(c, "its caller is gone");
	store_turn(s);
}

const struct aq_store_ops store_ops = {.size = sizeof(store_ops), .begin = begin, .append = append, .end = end,
	.more = more, .forget = forget};
