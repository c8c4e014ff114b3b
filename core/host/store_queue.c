/* store_queue.c: see store_queue.h. */
#include "host/store_queue.h"

#include "base/check.h"

#include <stdlib.h>
#include <string.h>

enum piece_kind { PIECE_CALL_BEGIN = 1, PIECE_CALL_PART, PIECE_CALL_END };

struct piece {
	uint64_t call;
	uint8_t kind; /* enum piece_kind */
	uint8_t part;
	uint8_t reserved[2];
	uint32_t rows;
};

void store_queue_init(struct store_queue *q)
{
	memset(q, 0, sizeof(*q));
	byte_ring_init(&q->ring, STORE_RING);
}

static void free_list(struct store_queue *q, struct waiting_calls *list)
{
	for (struct waiting_call *c = list->first, *next; c != NULL; c = next) {
		next = c->next;
		waiting_call_free(q, c);
	}
	*list = (struct waiting_calls){0};
}

void store_queue_finish(struct store_queue *q)
{
	free_list(q, &q->open);
	free_list(q, &q->whole);
	byte_ring_finish(&q->ring);
}

/* ---- writing ---- */

bool store_queue_has_room(const struct store_queue *q, uint64_t before, uint32_t length)
{
	if (before > 0)
		before += AQ_STORE_CHUNK; /* of which as much may be lost at the ring's end */
	return byte_ring_has_room(&q->ring, before, sizeof(struct piece) + length);
}

static void put(struct store_queue *q, const struct piece *head, const void *bytes, uint32_t length)
{
	struct piece *to = byte_ring_reserve(&q->ring, (uint32_t)sizeof(*head) + length);

	CHECK(to != NULL);
	*to = *head;
	if (length > 0)
		memcpy(to + 1, bytes, length);
	byte_ring_commit(&q->ring);
}

void store_queue_begin(struct store_queue *q, uint64_t id, const struct aq_store_call *what)
{
	put(q, &(struct piece){.call = id, .kind = PIECE_CALL_BEGIN}, what, sizeof(*what));
}

void store_queue_append(struct store_queue *q, uint64_t id, uint8_t part, const void *bytes, uint32_t length)
{
	put(q, &(struct piece){.call = id, .kind = PIECE_CALL_PART, .part = part}, bytes, length);
}

void store_queue_end(struct store_queue *q, uint64_t id, uint32_t rows)
{
	put(q, &(struct piece){.call = id, .kind = PIECE_CALL_END, .rows = rows}, NULL, 0);
}

void store_queue_want_room(struct store_queue *q)
{
	atomic_exchange(&q->wanted, 1); /* and not a store: what is read next must not be read before */
}

bool store_queue_is_roomy(const struct store_queue *q)
{
	return byte_ring_free(&q->ring) >= STORE_RING / 2;
}

bool store_queue_has_come_free(struct store_queue *q)
{
	return store_queue_is_roomy(q) && atomic_exchange(&q->wanted, 0) != 0;
}

/* ---- putting together ---- */

static void add(struct waiting_calls *list, struct waiting_call *c)
{
	c->next = NULL;
	if (list->last != NULL)
		list->last->next = c;
	else
		list->first = c;
	list->last = c;
}

/* `before`: the one in front of it, NULL when it is the first. */
static void take_out(struct waiting_calls *list, struct waiting_call *before, struct waiting_call *c)
{
	if (before != NULL)
		before->next = c->next;
	else
		list->first = c->next;
	if (list->last == c)
		list->last = before;
}

static struct waiting_call *find(struct waiting_calls *list, uint64_t id, struct waiting_call **before)
{
	*before = NULL;
	for (struct waiting_call *c = list->first; c != NULL; *before = c, c = c->next)
		if (c->id == id)
			return c;
	return NULL;
}

static void append(struct waiting_call *c, const struct piece *head, const void *bytes, uint32_t length)
{
	struct aq_store_chunk chunk = {.size = sizeof(chunk), .part = head->part, .length = length};
	size_t size = sizeof(chunk) + ((length + 7u) & ~7u);

	if (c->size + size > c->capacity) {
		c->capacity = c->capacity == 0 ? size : 2 * (c->capacity + size);
		c->bytes = realloc(c->bytes, c->capacity);
		CHECK(c->bytes != NULL);
	}
	memcpy(c->bytes + c->size, &chunk, sizeof(chunk));
	memcpy(c->bytes + c->size + sizeof(chunk), bytes, length);
	c->size += size;
}

static void begin(struct store_queue *q, uint64_t id, const void *what)
{
	struct waiting_call *c = calloc(1, sizeof(*c));

	CHECK(c != NULL);
	c->id = id;
	memcpy(&c->what, what, sizeof(c->what));
	add(&q->open, c);
}

static void take(struct store_queue *q, const struct piece *head, const void *bytes, uint32_t length)
{
	struct waiting_call *before, *c;

	if (head->kind == PIECE_CALL_BEGIN) {
		begin(q, head->call, bytes);
		return;
	}
	c = find(&q->open, head->call, &before);
	if (c == NULL) { /* its caller has given it up */
		atomic_fetch_add(&q->taken, length);
		return;
	}
	if (head->kind == PIECE_CALL_PART) {
		append(c, head, bytes, length);
		return;
	}
	c->rows = head->rows;
	take_out(&q->open, before, c);
	add(&q->whole, c);
}

void store_queue_take(struct store_queue *q)
{
	const struct piece *head;
	uint32_t length;

	while ((head = byte_ring_peek(&q->ring, &length)) != NULL) {
		take(q, head, head + 1, length - (uint32_t)sizeof(*head));
		byte_ring_drop(&q->ring);
	}
}

struct waiting_call *store_queue_pop(
	struct store_queue *q, bool (*wants)(void *context, const struct waiting_call *c), void *context)
{
	struct waiting_call *before = NULL;

	for (struct waiting_call *c = q->whole.first; c != NULL; before = c, c = c->next)
		if (wants(context, c)) {
			take_out(&q->whole, before, c);
			return c;
		}
	return NULL;
}

struct waiting_call *store_queue_find(struct store_queue *q, uint64_t id)
{
	struct waiting_call *before;

	return find(&q->whole, id, &before);
}

void store_queue_forget(struct store_queue *q, uint64_t id)
{
	struct waiting_calls *lists[] = {&q->open, &q->whole};
	struct waiting_call *before, *c;

	for (int i = 0; i < 2; i++)
		if ((c = find(lists[i], id, &before)) != NULL) {
			take_out(lists[i], before, c);
			waiting_call_free(q, c);
		}
}

void waiting_call_free(struct store_queue *q, struct waiting_call *c)
{
	uint64_t bytes = 0;

	for (size_t at = 0; at < c->size;) {
		struct aq_store_chunk chunk;

		memcpy(&chunk, c->bytes + at, sizeof(chunk));
		bytes += chunk.length;
		at += sizeof(chunk) + ((chunk.length + 7u) & ~7u);
	}
	atomic_fetch_add(&q->taken, bytes);
	free(c->bytes);
	free(c);
}
