/* calls.c: a call is put together of its chunks, checked, run at its end or when the transaction lets it, and answered
 * once. */
#include "sqlite/store.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What an operation is, and the parts that it takes, as bits. */
struct operation {
	int (*run)(struct store *s, struct call *c, struct sql_error *err);
	uint16_t parts;
	uint8_t flags, fields; /* of the call: those that it takes */
};

enum fields { NAME = 1, SKIP = 2, LIMIT = 4 };
#define PART(name) (1u << AQ_PART_##name)
static const struct operation operations[] = {
	[AQ_STORE_CREATE] = {collection_create, PART(SCHEMA), 0, NAME},
	[AQ_STORE_LIST] = {collections_list, 0, 0, 0},
	[AQ_STORE_DESCRIBE] = {collection_describe, 0, 0, NAME},
	[AQ_STORE_INSERT] = {store_insert, PART(ROWS) | PART(FRAME), 0, NAME},
	[AQ_STORE_FIND] = {store_find, PART(FILTER) | PART(PROJECTION) | PART(SORT), AQ_STORE_AS_FRAMES, NAME | SKIP | LIMIT},
	[AQ_STORE_COUNT] = {store_count, PART(FILTER), 0, NAME},
	[AQ_STORE_UPDATE] = {store_update, PART(FILTER) | PART(UPDATE) | PART(SORT), 0, NAME | LIMIT},
	[AQ_STORE_UPSERT] = {store_upsert, PART(FILTER) | PART(UPDATE), 0, NAME},
	[AQ_STORE_FIND_MODIFY] = {store_find_modify, PART(FILTER) | PART(UPDATE) | PART(SORT), AQ_STORE_NEW, NAME},
	[AQ_STORE_DELETE] = {store_delete, PART(FILTER) | PART(SORT), 0, NAME | LIMIT},
	[AQ_STORE_RAW] = {store_raw, PART(STATEMENT) | PART(PARAMETERS), 0, 0},
	[AQ_STORE_BEGIN] = {transaction_begin, 0, 0, 0},
	[AQ_STORE_COMMIT] = {NULL, 0, 0, 0},
	[AQ_STORE_ROLLBACK] = {NULL, 0, 0, 0},
	[AQ_STORE_DISTINCT] = {store_find, PART(FILTER) | PART(PROJECTION), AQ_STORE_AS_FRAMES, NAME | SKIP | LIMIT},
	[AQ_STORE_REPLACE] = {store_replace, PART(FILTER) | PART(ROWS), AQ_STORE_OR_INSERT, NAME},
};
#define OPERATIONS (sizeof(operations) / sizeof(*operations))

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

	for (size_t i = 0; i <= AQ_PART_PARAMETERS; i++)
		sql_buffer_free(&c->parts[i]);
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
	*out = (struct sql_query){.d = &sql_dialect_sqlite, .collection = c->what.collection, .s = &collection->schema,
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

static int check_call(struct call *c)
{
	const struct operation *o = &operations[c->what.op];
	const char *name = c->what.collection;

	if (memchr(name, '\0', sizeof(c->what.collection)) == NULL)
		return sql_fail(&c->why, AQ_STORE_REFUSED, "the name of the collection does not end");
	if ((o->fields & NAME) != 0 && sql_name_check(&sql_dialect_sqlite, name, strlen(name), "collection", &c->why) != 0)
		return -1;
	if ((c->what.flags & ~(uint32_t)o->flags) != 0)
		return sql_fail(&c->why, AQ_STORE_REFUSED, "the call has a flag that its operation does not take");
	if (((o->fields & SKIP) == 0 && c->what.skip != 0) || ((o->fields & LIMIT) == 0 && c->what.limit != 0))
		return sql_fail(&c->why, AQ_STORE_REFUSED, "the call has a skip or a limit that its operation does not take");
	return 0;
}

static int32_t begin(void *self, uint64_t id, const struct aq_store_call *what)
{
	struct store *s = self;
	int place = 0;

	if (id == 0 || what->size < sizeof(*what) || find(s, id) != NULL)
		return AQ_EINVAL;
	if (what->op == 0 || what->op >= OPERATIONS)
		return AQ_ENOSYS;
	while (place < CALLS_MAX && s->calls[place] != NULL)
		place++;
	if (place == CALLS_MAX)
		return AQ_EAGAIN;
	s->calls[place] = calloc(1, sizeof(**s->calls));
	if (s->calls[place] == NULL)
		return AQ_EAGAIN;
	s->calls[place]->id = id;
	s->calls[place]->what = *what;
	bson_init(&s->calls[place]->answer.row);
	s->calls[place]->doomed = check_call(s->calls[place]) != 0;
	return AQ_OK;
}

/* Why a chunk is not taken; it is told at the end of the call. */
static int take(struct store *s, struct call *c, const struct aq_store_chunk *chunk, const void *bytes)
{
	if ((operations[c->what.op].parts >> chunk->part & 1) == 0)
		return sql_fail(&c->why, AQ_STORE_REFUSED, "the call has a part that its operation does not take");
	if (c->bytes + chunk->length > (uint64_t)s->max_call)
		return sql_fail(&c->why, AQ_STORE_REFUSED, "the call has more than max_call = %" PRId64 " bytes", s->max_call);
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
	return (*out)->answering || (*out)->turn > 0 ? AQ_ESTATE : AQ_OK;
}

static int32_t append(void *self, uint64_t id, const struct aq_store_chunk *chunk, const void *bytes)
{
	struct store *s = self;
	struct call *c;
	int32_t status = still_given(s, id, &c);

	if (status != AQ_OK)
		return status;
	if (chunk->size < sizeof(*chunk) || chunk->part < c->part || chunk->part == 0 || chunk->part > AQ_PART_PARAMETERS ||
		chunk->length > AQ_STORE_CHUNK)
		return AQ_EINVAL;
	c->part = chunk->part;
	if (!c->doomed && take(s, c, chunk, bytes) != 0)
		doom(c);
	return AQ_OK;
}

/* ---- running ---- */

static int end_transaction(struct store *s, struct call *c, struct sql_error *err)
{
	if (s->transaction.id == 0)
		return sql_fail(err, AQ_STORE_REFUSED, "the call names no transaction");
	return transaction_end(s, c->what.op == AQ_STORE_COMMIT, err);
}

static int check_run(struct store *s, struct call *c, struct sql_error *err)
{
	int64_t deadline = c->what.deadline_ns;

	if (c->doomed) {
		*err = c->why;
		return -1;
	}
	if (deadline != 0 && s->host->now(s->host->owner) > deadline)
		return sql_fail(err, AQ_STORE_LATE, "the deadline passed before the call began");
	if (c->what.transaction != 0 && c->what.transaction != s->transaction.id)
		return sql_fail(err, AQ_STORE_REFUSED, "there is no transaction %" PRIu64 ": it has ended", c->what.transaction);
	if (c->what.transaction != 0 && c->what.op == AQ_STORE_BEGIN)
		return sql_fail(err, AQ_STORE_REFUSED, "a transaction does not begin within another");
	if (s->writer.db != NULL)
		return 0;
	return sql_fail(err, AQ_STORE_DOWN, "%s is not open", s->file);
}

static bool writes(const struct call *c)
{
	return c->what.op == AQ_STORE_INSERT || c->what.op == AQ_STORE_DELETE || c->what.op == AQ_STORE_UPSERT ||
		c->what.op == AQ_STORE_REPLACE;
}

static int work(struct store *s, struct call *c, struct sql_error *err)
{
	const struct operation *o = &operations[c->what.op];

	if (check_run(s, c, err) != 0)
		return -1;
	if (o->run == NULL)
		return end_transaction(s, c, err);
	if (c->what.op == AQ_STORE_CREATE)
		return transaction_around(s, c, o->run, err);
	return o->run(s, c, err);
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
	if (s->transaction.id != 0 && c->what.transaction == 0 && !c->doomed) {
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
