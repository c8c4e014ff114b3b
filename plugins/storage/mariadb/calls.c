/* calls.c: a call is put together of its chunks, checked, and answered once. */
#include "mariadb/store.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define PART(name) (1u << AQ_PART_##name)
static const struct operation operations[] = {
	[AQ_STORE_CREATE] = {collection_create, PART(SCHEMA), 0, CALL_NAME},
	[AQ_STORE_LIST] = {collections_list, 0, 0, 0},
	[AQ_STORE_DESCRIBE] = {collection_describe, 0, 0, CALL_NAME},
	[AQ_STORE_INSERT] = {store_insert, PART(ROWS) | PART(FRAME), 0, CALL_NAME},
	[AQ_STORE_FIND] = {store_find, PART(FILTER) | PART(PROJECTION) | PART(SORT), AQ_STORE_AS_FRAMES,
		CALL_NAME | CALL_SKIP | CALL_LIMIT | CALL_HOLDS},
	[AQ_STORE_COUNT] = {store_count, PART(FILTER), 0, CALL_NAME},
	[AQ_STORE_UPDATE] = {store_update, PART(FILTER) | PART(UPDATE) | PART(SORT), 0, CALL_NAME | CALL_LIMIT},
	[AQ_STORE_UPSERT] = {store_upsert, PART(FILTER) | PART(UPDATE), 0, CALL_NAME},
	[AQ_STORE_FIND_MODIFY] = {store_find_modify, PART(FILTER) | PART(UPDATE) | PART(SORT), AQ_STORE_NEW, CALL_NAME},
	[AQ_STORE_DELETE] = {store_delete, PART(FILTER) | PART(SORT), 0, CALL_NAME | CALL_LIMIT},
	[AQ_STORE_RAW] = {store_raw, PART(STATEMENT) | PART(PARAMETERS), 0, CALL_HOLDS},
	[AQ_STORE_BEGIN] = {transaction_begin, 0, 0, CALL_HOLDS},
	[AQ_STORE_COMMIT] = {transaction_end, 0, 0, 0},
	[AQ_STORE_ROLLBACK] = {transaction_end, 0, 0, 0},
	[AQ_STORE_DISTINCT] = {store_find, PART(FILTER) | PART(PROJECTION), AQ_STORE_AS_FRAMES,
		CALL_NAME | CALL_SKIP | CALL_LIMIT | CALL_HOLDS},
	[AQ_STORE_REPLACE] = {store_replace, PART(FILTER) | PART(ROWS), AQ_STORE_OR_INSERT, CALL_NAME},
};
#define OPERATIONS (sizeof(operations) / sizeof(*operations))

const struct operation *call_operation(const struct call *c)
{
	return &operations[c->what.op];
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
	for (size_t i = 0; i <= AQ_PART_PARAMETERS; i++)
		sql_buffer_free(&c->parts[i]);
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

/* ---- parts ---- */

int call_document(struct call *c, enum aq_store_part part, const char *what, bson_t *storage, const bson_t **out,
	struct sql_error *err)
{
	const struct sql_buffer *b = &c->parts[part];

	*out = NULL;
	if (b->length == 0)
		return 0;
	if (sql_document_open(b->at, b->length, what, storage, err) != 0)
		return -1;
	*out = storage;
	return 0;
}

int call_query(struct call *c, struct collection *collection, bson_t storage[3], struct sql_query *out,
	struct sql_error *err)
{
	*out = (struct sql_query){.d = &sql_dialect_mariadb, .collection = c->what.collection, .s = &collection->schema,
		.skip = c->what.skip, .limit = c->what.limit};
	if (call_document(c, AQ_PART_FILTER, "filter", &storage[0], &out->filter, err) != 0 ||
		call_document(c, AQ_PART_PROJECTION, "projection", &storage[1], &out->projection, err) != 0)
		return -1;
	return call_document(c, AQ_PART_SORT, "sort", &storage[2], &out->sort, err);
}

static void doom(struct call *c)
{
	c->doomed = true;
	for (size_t i = 0; i <= AQ_PART_PARAMETERS; i++)
		sql_buffer_free(&c->parts[i]);
}

/* ---- begin ---- */

static int check_call(struct call *c)
{
	const struct operation *o = call_operation(c);
	const char *name = c->what.collection;

	if (memchr(name, '\0', sizeof(c->what.collection)) == NULL)
		return sql_fail(&c->why, AQ_STORE_REFUSED, "the name of the collection does not end");
	if ((o->fields & CALL_NAME) != 0 && sql_name_check(&sql_dialect_mariadb, name, strlen(name), "collection", &c->why) != 0)
		return -1;
	if ((c->what.flags & ~(uint32_t)o->flags) != 0)
		return sql_fail(&c->why, AQ_STORE_REFUSED, "the call has a flag that its operation does not take");
	if (((o->fields & CALL_SKIP) == 0 && c->what.skip != 0) || ((o->fields & CALL_LIMIT) == 0 && c->what.limit != 0))
		return sql_fail(&c->why, AQ_STORE_REFUSED, "the call has a skip or a limit that its operation does not take");
	return 0;
}

static int32_t begin(void *self, uint64_t id, const struct aq_store_call *what)
{
	struct store *s = self;
	struct call *c;
	int place = 0;

	if (id == 0 || what->size < sizeof(*what) || find(s, id) != NULL)
		return AQ_EINVAL;
	if (what->op == 0 || what->op >= OPERATIONS)
		return AQ_ENOSYS;
	while (place < CALLS_MAX && s->calls[place] != NULL)
		place++;
	c = place < CALLS_MAX ? calloc(1, sizeof(*c)) : NULL;
	if (c == NULL)
		return AQ_EAGAIN;
	s->calls[place] = c;
	c->s = s;
	c->id = id;
	c->what = *what;
	bson_init(&c->answer.row);
	c->doomed = check_call(c) != 0;
	return AQ_OK;
}

/* ---- append ---- */

/* Why a chunk is not taken; it is told at the end of the call. */
static int take(struct call *c, const struct aq_store_chunk *chunk, const void *bytes)
{
	if ((call_operation(c)->parts >> chunk->part & 1) == 0)
		return sql_fail(&c->why, AQ_STORE_REFUSED, "the call has a part that its operation does not take");
	if (c->bytes + chunk->length > (uint64_t)c->s->max_call)
		return sql_fail(&c->why, AQ_STORE_REFUSED, "the call has more than max_call = %" PRId64 " bytes", c->s->max_call);
	c->bytes += chunk->length;
	sql_buffer_add(&c->parts[chunk->part], bytes, chunk->length);
	return c->parts[chunk->part].failed ? sql_no_memory(&c->why) : 0;
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
	if (chunk->size < sizeof(*chunk) || chunk->part < c->part || chunk->part == 0 || chunk->part > AQ_PART_PARAMETERS ||
		chunk->length > AQ_STORE_CHUNK)
		return AQ_EINVAL;
	c->part = chunk->part;
	if (!c->doomed && take(c, chunk, bytes) != 0)
		doom(c);
	return AQ_OK;
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
