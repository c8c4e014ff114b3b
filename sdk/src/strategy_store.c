/* strategy_store.c: calls of stores (stores.h). */
#include "doc_format.h"
#include "strategy_ctx.h"

#include <string.h>

/* A call that is being handed over: what goes wrong first is remembered. */
struct asking {
	struct aq_ctx *q;
	int64_t call; /* or a negative status */
	uint32_t page;
};

static struct asking begin(struct aq_ctx *q, const struct aq_query *about, uint8_t op)
{
	struct aq_store_call c = {.size = sizeof(c), .store = about->store, .op = op, .tag = about->tag,
		.transaction = about->transaction, .skip = about->skip, .limit = about->limit};
	struct asking a = {.q = q, .page = about->page};
	size_t length = about->collection != NULL ? strlen(about->collection) : 0;

	c.flags = (about->frames ? AQ_STORE_AS_FRAMES : 0) | (about->new_row ? AQ_STORE_NEW : 0) |
		(about->or_insert ? AQ_STORE_OR_INSERT : 0);
	c.deadline_ns = about->within_ns > 0 ? q->now_ns + about->within_ns : 0;
	if (q->store == NULL || length >= sizeof(c.collection)) {
		a.call = q->store == NULL ? AQ_ENOSYS : AQ_EINVAL;
		return a;
	}
	if (length > 0)
		memcpy(c.collection, about->collection, length);
	a.call = q->store->begin(q->host->owner, &c);
	return a;
}

static void fail(struct asking *a, int32_t status)
{
	if (a->call < 0)
		return;
	a->q->store->forget(a->q->host->owner, a->call);
	a->call = status;
}

static void append(struct asking *a, uint8_t part, const void *bytes, uint32_t length)
{
	struct aq_store_chunk chunk = {.size = sizeof(chunk), .part = part, .length = length};
	int32_t status;

	if (a->call < 0)
		return;
	status = length > AQ_STORE_CHUNK ? AQ_ESPACE : a->q->store->append(a->q->host->owner, a->call, &chunk, bytes);
	if (status < 0)
		fail(a, status);
}

/* The next document of a template, if `needed` or there is one. */
static void append_next(struct asking *a, uint8_t part, struct aq_template *t, bool needed)
{
	uint8_t buffer[AQ_STORE_CHUNK];
	int32_t length = a->call > 0 ? aq_template_next(t, buffer, sizeof(buffer)) : 0;

	if (length > 0)
		append(a, part, buffer, (uint32_t)length);
	else if (length < 0 || needed)
		fail(a, length < 0 ? length : AQ_EFORMAT);
}

/* A document that nobody has asked for would be lost without a word. */
static void end_template(struct asking *a, struct aq_template *t)
{
	if (a->call > 0 && !aq_template_has_ended(t))
		fail(a, AQ_EFORMAT);
}

/* One that is a whole template without values. */
static void append_plain(struct asking *a, uint8_t part, const char *text)
{
	uint8_t buffer[4096];
	int32_t length;

	if (text == NULL)
		return;
	length = aq_template_plain(text, buffer, sizeof(buffer));
	if (length < 0)
		fail(a, length);
	else
		append(a, part, buffer, (uint32_t)length);
}

static int64_t end(struct asking *a)
{
	int32_t status = a->call > 0 ? a->q->store->end(a->q->host->owner, a->call, a->page) : AQ_OK;

	if (status < 0)
		fail(a, status);
	return a->call;
}

/* ---- calls ---- */

static int64_t filtered(struct aq_ctx *q, const struct aq_query *about, uint8_t op, const char *filter, va_list *values)
{
	struct aq_template t = {.at = filter != NULL ? filter : ""};
	struct asking a = begin(q, about, op);

	va_copy(t.values, *values);
	append_next(&a, AQ_PART_FILTER, &t, false);
	end_template(&a, &t);
	va_end(t.values);
	append_plain(&a, AQ_PART_PROJECTION, about->fields);
	append_plain(&a, AQ_PART_SORT, about->sort);
	return end(&a);
}

/* Filter and, of the same template, what is done to the rows. */
static int64_t changed(struct aq_ctx *q, const struct aq_query *about, uint8_t op, uint8_t part, const char *both,
	va_list *values)
{
	struct aq_template t = {.at = both};
	struct asking a = begin(q, about, op);

	va_copy(t.values, *values);
	append_next(&a, AQ_PART_FILTER, &t, true);
	if (part == AQ_PART_UPDATE)
		append_next(&a, part, &t, true);
	append_plain(&a, AQ_PART_SORT, about->sort);
	if (part != AQ_PART_UPDATE) /* parts come in their order */
		append_next(&a, part, &t, true);
	end_template(&a, &t);
	va_end(t.values);
	return end(&a);
}

static int64_t one_document(struct aq_ctx *q, const struct aq_query *about, uint8_t op, uint8_t part, const char *document,
	va_list *values)
{
	struct aq_template t = {.at = document};
	struct asking a = begin(q, about, op);

	va_copy(t.values, *values);
	append_next(&a, part, &t, true);
	end_template(&a, &t);
	va_end(t.values);
	return end(&a);
}

static int64_t bytes_of(struct aq_ctx *q, const struct aq_query *about, uint8_t op, uint8_t part, const void *bytes,
	uint32_t length)
{
	struct asking a = begin(q, about, op);

	if (bytes != NULL)
		append(&a, part, bytes, length);
	return end(&a);
}

int64_t aq_ctx_store_ask(struct aq_ctx *q, const struct aq_query *about, uint8_t op, const struct aq_ctx_part *parts,
	uint32_t count)
{
	struct asking a = begin(q, about, op);

	for (uint32_t i = 0; i < count && a.call > 0; i++)
		if (parts[i].length < 0)
			fail(&a, parts[i].length);
		else
			append(&a, parts[i].part, parts[i].bytes, (uint32_t)parts[i].length);
	return end(&a);
}

/* What has been handed over stays so: the host lets a call that is under way go on before others. */
static int32_t append_rest(struct asking *a, struct aq_batch *b)
{
	struct aq_store_chunk chunk = {.size = sizeof(chunk), .part = AQ_PART_FRAME};
	int32_t status = AQ_OK;

	while (b->at < b->length && status >= 0) {
		chunk.length = b->length - b->at < AQ_STORE_CHUNK ? (uint32_t)(b->length - b->at) : AQ_STORE_CHUNK;
		status = a->q->store->append(a->q->host->owner, a->call, &chunk, (const uint8_t *)b->frame + b->at);
		if (status >= 0)
			b->at += chunk.length;
	}
	return status >= 0 ? a->q->store->end(a->q->host->owner, a->call, 0) : status;
}

int64_t aq_put_batch(struct aq_ctx *q, struct aq_batch *b)
{
	struct asking a = {.q = q, .call = b->call};
	int32_t status;

	if (q->store == NULL || b->frame == NULL || b->length == 0)
		return q->store == NULL ? AQ_ENOSYS : AQ_EINVAL;
	if (a.call == 0)
		a = begin(q, &b->about, AQ_STORE_INSERT);
	if (a.call < 0)
		return a.call;
	b->call = a.call;
	status = append_rest(&a, b);
	if (status == AQ_EAGAIN)
		return AQ_EAGAIN;
	if (status < 0)
		fail(&a, status);
	b->call = 0;
	b->at = 0;
	return a.call;
}

#define WITH_VALUES(last, call) \
	va_list values; \
	int64_t result; \
	va_start(values, last); \
	result = call; \
	va_end(values); \
	return result

int64_t aq_create(struct aq_ctx *q, uint32_t store, const char *collection, uint64_t tag, const char *schema, ...)
{
	const struct aq_query about = {.store = store, .collection = collection, .tag = tag};
	WITH_VALUES(schema, one_document(q, &about, AQ_STORE_CREATE, AQ_PART_SCHEMA, schema, &values));
}

int64_t aq_put(struct aq_ctx *q, uint32_t store, const char *collection, uint64_t tag, const char *row, ...)
{
	const struct aq_query about = {.store = store, .collection = collection, .tag = tag};
	WITH_VALUES(row, one_document(q, &about, AQ_STORE_INSERT, AQ_PART_ROWS, row, &values));
}

int64_t aq_put_rows(struct aq_ctx *q, const struct aq_query *about, const void *documents, uint32_t length)
{
	return bytes_of(q, about, AQ_STORE_INSERT, AQ_PART_ROWS, documents, length);
}

int64_t aq_put_frame(struct aq_ctx *q, const struct aq_query *about, const void *frame, uint32_t length)
{
	return bytes_of(q, about, AQ_STORE_INSERT, AQ_PART_FRAME, frame, length);
}

int64_t aq_find(struct aq_ctx *q, const struct aq_query *about, const char *filter, ...)
{
	WITH_VALUES(filter, filtered(q, about, AQ_STORE_FIND, filter, &values));
}

int64_t aq_count(struct aq_ctx *q, const struct aq_query *about, const char *filter, ...)
{
	WITH_VALUES(filter, filtered(q, about, AQ_STORE_COUNT, filter, &values));
}

int64_t aq_distinct(struct aq_ctx *q, const struct aq_query *about, const char *filter, ...)
{
	WITH_VALUES(filter, filtered(q, about, AQ_STORE_DISTINCT, filter, &values));
}

int64_t aq_delete(struct aq_ctx *q, const struct aq_query *about, const char *filter, ...)
{
	WITH_VALUES(filter, filtered(q, about, AQ_STORE_DELETE, filter, &values));
}

int64_t aq_update(struct aq_ctx *q, const struct aq_query *about, const char *both, ...)
{
	WITH_VALUES(both, changed(q, about, AQ_STORE_UPDATE, AQ_PART_UPDATE, both, &values));
}

int64_t aq_upsert(struct aq_ctx *q, const struct aq_query *about, const char *both, ...)
{
	WITH_VALUES(both, changed(q, about, AQ_STORE_UPSERT, AQ_PART_UPDATE, both, &values));
}

int64_t aq_find_modify(struct aq_ctx *q, const struct aq_query *about, const char *both, ...)
{
	WITH_VALUES(both, changed(q, about, AQ_STORE_FIND_MODIFY, AQ_PART_UPDATE, both, &values));
}

int64_t aq_replace(struct aq_ctx *q, const struct aq_query *about, const char *both, ...)
{
	WITH_VALUES(both, changed(q, about, AQ_STORE_REPLACE, AQ_PART_ROWS, both, &values));
}

int64_t aq_statement(struct aq_ctx *q, const struct aq_query *about, const char *statement, const char *parameters, ...)
{
	struct aq_template t = {.at = parameters != NULL ? parameters : ""};
	struct asking a = begin(q, about, AQ_STORE_RAW);

	append(&a, AQ_PART_STATEMENT, statement, (uint32_t)strlen(statement));
	va_start(t.values, parameters);
	append_next(&a, AQ_PART_PARAMETERS, &t, false);
	end_template(&a, &t);
	va_end(t.values);
	return end(&a);
}

static int64_t plain(struct aq_ctx *q, uint8_t op, uint32_t store, const char *collection, uint64_t transaction, uint64_t tag)
{
	const struct aq_query about = {.store = store, .collection = collection, .tag = tag, .transaction = transaction};

	return bytes_of(q, &about, op, 0, NULL, 0);
}

int64_t aq_collections(struct aq_ctx *q, uint32_t store, uint64_t tag)
{
	return plain(q, AQ_STORE_LIST, store, NULL, 0, tag);
}

int64_t aq_describe(struct aq_ctx *q, uint32_t store, const char *collection, uint64_t tag)
{
	return plain(q, AQ_STORE_DESCRIBE, store, collection, 0, tag);
}

int64_t aq_begin(struct aq_ctx *q, uint32_t store, uint64_t tag)
{
	return plain(q, AQ_STORE_BEGIN, store, NULL, 0, tag);
}

int64_t aq_commit(struct aq_ctx *q, uint32_t store, uint64_t transaction, uint64_t tag)
{
	return plain(q, AQ_STORE_COMMIT, store, NULL, transaction, tag);
}

int64_t aq_rollback(struct aq_ctx *q, uint32_t store, uint64_t transaction, uint64_t tag)
{
	return plain(q, AQ_STORE_ROLLBACK, store, NULL, transaction, tag);
}

int32_t aq_more(struct aq_ctx *q, int64_t call, uint32_t rows)
{
	return q->store == NULL ? AQ_ENOSYS : q->store->more(q->host->owner, call, rows);
}

int32_t aq_forget(struct aq_ctx *q, int64_t call)
{
	if (q->store == NULL)
		return AQ_ENOSYS;
	aq_ctx_store_forget(q, call);
	return q->store->forget(q->host->owner, call);
}
