/* mock_store.c: stores of the host in memory: calls are kept as they come, and the test answers them. What is refused here is
 * what the host refuses. */
#include "mock_store.h"

#include "doc_format.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PIECE_MAX (AQ_STORE_CHUNK - 4096u) /* of a long row, as the host cuts it */
#define FLAGS (AQ_STORE_NEW | AQ_STORE_AS_FRAMES | AQ_STORE_OR_INSERT)

static const struct aq_market nowhere;

static void wrong(const char *why)
{
	fprintf(stderr, "mock: %s\n", why);
	abort();
}

static struct aq_mock_call *by_id(struct aq_mock *k, uint64_t id)
{
	return id >= 1 && id <= k->call_count ? &k->calls[id - 1] : NULL;
}

/* False: AQ_EAGAIN. */
static bool take_room(struct aq_mock *k)
{
	if (k->store_room == 0)
		return false;
	k->store_room -= k->store_room != UINT32_MAX;
	return true;
}

/* ---- what the strategy calls ---- */

static bool is_well_formed(struct aq_mock *k, const struct aq_store_call *c)
{
	const struct aq_mock_call *transaction = by_id(k, c->transaction);
	bool ends = c->op == AQ_STORE_COMMIT || c->op == AQ_STORE_ROLLBACK;

	if (c->size != sizeof(*c) || c->op < AQ_STORE_CREATE || c->op > AQ_STORE_REPLACE || (c->flags & ~FLAGS) != 0 ||
		memchr(c->collection, '\0', sizeof(c->collection)) == NULL)
		return false;
	if (c->transaction == 0)
		return !ends;
	return transaction != NULL && transaction->state == AQ_MOCK_TRANSACTION && transaction->what.store == c->store &&
	       c->op != AQ_STORE_BEGIN;
}

static int64_t store_begin(void *owner, const struct aq_store_call *what)
{
	struct aq_mock *k = owner;

	if (!k->started)
		return AQ_ESTATE;
	if (!is_well_formed(k, what))
		return AQ_EINVAL;
	if (what->store == 0)
		return AQ_ENOENT;
	if (!take_room(k))
		return AQ_EAGAIN;
	if (k->call_count == AQ_MOCK_CALLS)
		wrong("more calls of stores than fit");
	k->calls[k->call_count] = (struct aq_mock_call){.id = k->call_count + 1, .what = *what, .state = AQ_MOCK_BEGUN};
	return ++k->call_count;
}

static void add(struct aq_mock_call *c, uint8_t part, const void *bytes, uint32_t length)
{
	uint8_t *grown = realloc(c->parts[part].bytes, c->parts[part].length + length);

	if (grown == NULL)
		wrong("out of memory");
	memcpy(grown + c->parts[part].length, bytes, length);
	c->parts[part].bytes = grown;
	c->parts[part].length += length;
	c->last_part = part;
}

static int32_t store_append(void *owner, int64_t id, const struct aq_store_chunk *chunk, const void *bytes)
{
	struct aq_mock *k = owner;
	struct aq_mock_call *c = by_id(k, (uint64_t)id);

	if (c == NULL || c->state >= AQ_MOCK_ENDED)
		return AQ_ENOENT;
	if (c->state != AQ_MOCK_BEGUN)
		return AQ_ESTATE;
	if (chunk->size != sizeof(*chunk) || chunk->length == 0 || chunk->length > AQ_STORE_CHUNK ||
		chunk->part < AQ_PART_FILTER || chunk->part > AQ_PART_PARAMETERS || chunk->part < c->last_part)
		return AQ_EINVAL;
	if (!take_room(k))
		return AQ_EAGAIN;
	add(c, chunk->part, bytes, chunk->length);
	return AQ_OK;
}

static uint64_t wanted(uint32_t rows)
{
	return rows == 0 ? UINT64_MAX : rows;
}

static int32_t store_end(void *owner, int64_t id, uint32_t rows)
{
	struct aq_mock *k = owner;
	struct aq_mock_call *c = by_id(k, (uint64_t)id);

	if (c == NULL || c->state >= AQ_MOCK_ENDED)
		return AQ_ENOENT;
	if (c->state != AQ_MOCK_BEGUN)
		return AQ_ESTATE;
	if (!take_room(k))
		return AQ_EAGAIN;
	c->state = AQ_MOCK_ASKED;
	c->wanted = wanted(rows);
	return AQ_OK;
}

static int32_t store_more(void *owner, int64_t id, uint32_t rows)
{
	struct aq_mock_call *c = by_id(owner, (uint64_t)id);

	if (c == NULL || c->state >= AQ_MOCK_TRANSACTION)
		return AQ_ENOENT;
	if (c->state == AQ_MOCK_BEGUN)
		return AQ_ESTATE;
	c->wanted = rows == 0 || c->wanted == UINT64_MAX ? UINT64_MAX : c->wanted + rows;
	return AQ_OK;
}

static int32_t store_forget(void *owner, int64_t id)
{
	struct aq_mock_call *c = by_id(owner, (uint64_t)id);

	if (c == NULL || c->state >= AQ_MOCK_ENDED)
		return AQ_ENOENT;
	c->state = AQ_MOCK_FORGOTTEN;
	return AQ_OK;
}

const struct aq_store_api aq_mock_store_api = {.size = sizeof(aq_mock_store_api), .begin = store_begin, .append = store_append,
	.end = store_end, .more = store_more, .forget = store_forget};

void aq_mock_store_free(struct aq_mock *k)
{
	for (uint32_t i = 0; i < k->call_count; i++)
		for (size_t part = 0; part <= AQ_PART_PARAMETERS; part++)
			free(k->calls[i].parts[part].bytes);
}

/* ---- what the test sees ---- */

struct aq_mock_call *aq_mock_asked(struct aq_mock *k, uint64_t tag)
{
	for (uint32_t i = k->call_count; i-- > 0;)
		if (k->calls[i].what.tag == tag)
			return &k->calls[i];
	return NULL;
}

struct aq_bson aq_mock_part(const struct aq_mock_call *c, enum aq_store_part part)
{
	struct aq_bson_rows rows = aq_bson_rows_of(c->parts[part].bytes, c->parts[part].length);
	struct aq_bson first = {0};

	if (aq_bson_next_row(&rows, &first) < 0)
		wrong("the part of a call is no document");
	return first;
}

/* ---- what the test answers ---- */

/* False: its caller has given it up. */
static bool is_heard(const struct aq_mock_call *c)
{
	if (c->state != AQ_MOCK_ASKED && c->state != AQ_MOCK_FORGOTTEN)
		wrong("an answer to a call that was not handed over, or has ended");
	return c->state == AQ_MOCK_ASKED;
}

static void send_rows(struct aq_mock *k, const struct aq_mock_call *c, const struct aq_store_rows *head, const void *bytes)
{
	uint8_t body[sizeof(*head) + AQ_STORE_CHUNK];

	memcpy(body, head, sizeof(*head));
	memcpy(body + sizeof(*head), bytes, head->length);
	aq_mock_event(k, AQ_EV_STORE_ROWS, nowhere, c->what.tag, body, sizeof(*head) + head->length);
}

void aq_mock_rows(struct aq_mock *k, struct aq_mock_call *c, const void *bytes, uint32_t length, uint32_t rows, bool frame)
{
	struct aq_store_rows head = {.call = (uint64_t)c->id, .frame = frame, .more = 1};
	uint32_t at = 0;

	if (!is_heard(c))
		return;
	if (rows > c->wanted || (rows != 1 && length > PIECE_MAX))
		wrong("rows that were not asked for, or more at once than an event holds");
	c->wanted -= c->wanted != UINT64_MAX ? rows : 0;
	for (head.length = PIECE_MAX; length - at > PIECE_MAX; at += PIECE_MAX)
		send_rows(k, c, &head, (const uint8_t *)bytes + at);
	head.length = length - at;
	head.rows = rows;
	head.more = 0;
	head.last = c->wanted == 0;
	send_rows(k, c, &head, (const uint8_t *)bytes + at);
}

void aq_mock_row(struct aq_mock *k, struct aq_mock_call *c, const char *row, ...)
{
	uint8_t bytes[AQ_STORE_CHUNK];
	struct aq_template t = {.at = row};
	int32_t length;

	va_start(t.values, row);
	length = aq_template_next(&t, bytes, sizeof(bytes));
	va_end(t.values);
	if (length <= 0 || !aq_template_has_ended(&t))
		wrong("a row that is no document");
	aq_mock_rows(k, c, bytes, (uint32_t)length, 1, false);
}

void aq_mock_done(struct aq_mock *k, struct aq_mock_call *c, struct aq_store_end end)
{
	struct aq_mock_call *transaction = by_id(k, c->what.transaction);

	if (!is_heard(c))
		return;
	end.call = (uint64_t)c->id;
	end.transaction = c->what.op == AQ_STORE_BEGIN ? end.call : 0;
	c->state = c->what.op == AQ_STORE_BEGIN ? AQ_MOCK_TRANSACTION : AQ_MOCK_ENDED;
	if (c->what.op == AQ_STORE_COMMIT || c->what.op == AQ_STORE_ROLLBACK)
		transaction->state = AQ_MOCK_ENDED;
	aq_mock_event(k, AQ_EV_STORE_END, nowhere, c->what.tag, &end, sizeof(end));
}

void aq_mock_refuse(struct aq_mock *k, struct aq_mock_call *c, enum aq_store_fault fault, int32_t code, const char *text)
{
	struct aq_store_error error = {.call = (uint64_t)c->id, .code = code, .fault = (uint8_t)fault};

	if (c->state != AQ_MOCK_TRANSACTION && !is_heard(c)) /* of one that is open: it has been rolled back */
		return;
	snprintf(error.text, sizeof(error.text), "%s", text);
	c->state = AQ_MOCK_ENDED;
	aq_mock_event(k, AQ_EV_STORE_ERROR, nowhere, c->what.tag, &error, sizeof(error));
}

void aq_mock_store_room(struct aq_mock *k, uint32_t store)
{
	k->store_room = UINT32_MAX;
	aq_mock_event(k, AQ_EV_STORE_ROOM, nowhere, store, NULL, 0);
}

void aq_mock_store_state(struct aq_mock *k, uint32_t store, bool up, const char *text)
{
	struct aq_store_state state = {.store = store, .up = up};

	snprintf(state.text, sizeof(state.text), "%s", text);
	aq_mock_event(k, AQ_EV_STORE_STATE, nowhere, store, &state, sizeof(state));
}
