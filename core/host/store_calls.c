/* store_calls.c: which calls the plugin has, and which it may have next. */
#include "host/store_worker_impl.h"

#include <stdio.h>
#include <string.h>

static const struct aq_store_ops *ops_of(const struct store_worker *w)
{
	return w->instance->plugin->table.ops;
}

struct in_hand *store_call_find(struct store_worker *w, uint64_t id)
{
	for (uint32_t i = 0; i < w->call_count; i++)
		if (w->calls[i].id == id)
			return &w->calls[i];
	return NULL;
}

bool store_calls_has_transaction(const struct store_worker *w, uint64_t id)
{
	for (uint32_t i = 0; i < w->transaction_count; i++)
		if (w->transactions[i] == id)
			return true;
	return false;
}

/* ---- handing over ---- */

static bool is_late(const struct store_worker *w, const struct waiting_call *c)
{
	return c->what.deadline_ns != 0 && c->what.deadline_ns <= loop_now(w->loop);
}

/* Reads that wait for their caller take no part in it. */
static uint32_t under_way(const struct store_worker *w)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < w->call_count; i++)
		count += !w->calls[i].paused;
	return count;
}

static bool may_have(void *context, const struct waiting_call *c)
{
	const struct store_worker *w = context;

	return !w->retires || (c->what.transaction != 0 && store_calls_has_transaction(w, c->what.transaction));
}

static bool late(void *context, const struct waiting_call *c)
{
	return is_late(context, c);
}

static int32_t give_parts(struct store_worker *w, const struct waiting_call *c)
{
	int32_t rc = AQ_OK;

	for (size_t at = 0; rc >= 0 && at < c->size;) {
		struct aq_store_chunk chunk;

		memcpy(&chunk, c->bytes + at, sizeof(chunk));
		store_enter(w, GUARD_STORE_APPEND, 0);
		rc = ops_of(w)->append(w->instance->self, c->id, &chunk, c->bytes + at + sizeof(chunk));
		store_leave(w);
		at += sizeof(chunk) + ((chunk.length + 7u) & ~7u);
	}
	return rc;
}

static void refuse_call(struct store_worker *w, uint64_t id, int32_t status)
{
	char text[64];

	snprintf(text, sizeof(text), "the plugin refused the call with status %d", (int)status);
	store_refuse(w, id, AQ_STORE_REFUSED, status, text);
}

static void more(struct store_worker *w, uint64_t id, uint64_t rows)
{
	store_enter(w, GUARD_STORE_MORE, 0);
	ops_of(w)->more(w->instance->self, id, rows > UINT32_MAX ? UINT32_MAX : (uint32_t)rows);
	store_leave(w);
}

static void give(struct store_worker *w, const struct waiting_call *c)
{
	int32_t rc;

	w->calls[w->call_count++] = (struct in_hand){.id = c->id, .op = c->what.op,
		.transaction = c->what.transaction};
	w->now_ns = loop_now(w->loop);
	store_enter(w, GUARD_STORE_BEGIN, 0);
	rc = ops_of(w)->begin(w->instance->self, c->id, &c->what);
	store_leave(w);
	if (rc >= 0)
		rc = give_parts(w, c);
	if (rc >= 0) {
		store_enter(w, GUARD_STORE_END, 0);
		rc = ops_of(w)->end(w->instance->self, c->id);
		store_leave(w);
	}
	if (rc < 0 && store_call_find(w, c->id) != NULL)
		refuse_call(w, c->id, rc);
	if (store_call_find(w, c->id) != NULL) /* else it has been answered already */
		more(w, c->id, c->rows);
}

/* Whether one more may be given now: the end of each must have room among the answers. */
static bool has_place(const struct store_worker *w)
{
	return w->up && !w->broken && !w->ends && w->call_count + w->transaction_count < IN_HAND_MAX && (!w->one_by_one || under_way(w) == 0) &&
		byte_ring_has_room(&w->answers, 0, ANSWER_RESERVE);
}

static void end_late(struct store_worker *w)
{
	struct waiting_call *c;

	while (byte_ring_has_room(&w->answers, 0, ANSWER_RESERVE) && (c = store_queue_pop(w->queue, late, w)) != NULL) {
		store_refuse(w, c->id, AQ_STORE_LATE, 0, "the deadline passed before the back end had begun it");
		waiting_call_free(w->queue, c);
	}
}

/* Whoever asks a plugin that has failed is told so. */
static void end_all(struct store_worker *w)
{
	struct waiting_call *c;

	while (byte_ring_has_room(&w->answers, 0, ANSWER_RESERVE) && (c = w->queue->whole.first) != NULL) {
		store_queue_pop(w->queue, may_have, w);
		store_refuse(w, c->id, AQ_STORE_DOWN, 0, w->why);
		waiting_call_free(w->queue, c);
	}
}

void store_calls_hand_over(struct store_worker *w)
{
	struct waiting_call *c;

	if (!w->has_turn)
		return;
	store_queue_take(w->queue);
	end_late(w);
	if (w->broken && !w->retires)
		end_all(w);
	while (has_place(w) && (c = store_queue_pop(w->queue, may_have, w)) != NULL) {
		give(w, c);
		waiting_call_free(w->queue, c);
	}
}

int64_t store_calls_due_ns(const struct store_worker *w)
{
	int64_t due = INT64_MAX;

	for (const struct waiting_call *c = w->has_turn ? w->queue->whole.first : NULL; c != NULL; c = c->next)
		if (c->what.deadline_ns != 0 && c->what.deadline_ns < due)
			due = c->what.deadline_ns;
	return due;
}

/* ---- what the caller says later ---- */

void store_calls_more(struct store_worker *w, uint64_t id, uint32_t rows)
{
	struct in_hand *c = store_call_find(w, id);
	struct waiting_call *waiting;

	if (c != NULL) {
		c->paused = false;
		more(w, id, rows);
		return;
	}
	if (!w->has_turn)
		return;
	store_queue_take(w->queue);
	waiting = store_queue_find(w->queue, id);
	if (waiting != NULL)
		waiting->rows += rows;
}

void store_calls_end_transaction(struct store_worker *w, uint64_t id)
{
	for (uint32_t i = 0; i < w->transaction_count; i++)
		if (w->transactions[i] == id) {
			w->transactions[i] = w->transactions[--w->transaction_count];
			return;
		}
}

void store_calls_forget(struct store_worker *w, uint64_t id)
{
	struct in_hand *c = store_call_find(w, id);

	if (w->has_turn) {
		store_queue_take(w->queue);
		store_queue_forget(w->queue, id);
	}
	if (c == NULL && !store_calls_has_transaction(w, id))
		return;
	if (c != NULL)
		*c = w->calls[--w->call_count];
	store_calls_end_transaction(w, id);
	if (!w->plugin_runs)
		return;
	store_enter(w, GUARD_STORE_FORGET, 0);
	ops_of(w)->forget(w->instance->self, id);
	store_leave(w);
}

void store_calls_feed(struct store_worker *w)
{
	for (uint32_t i = 0; i < w->call_count; i++) {
		uint64_t id = w->calls[i].id;

		if (!w->calls[i].starved || !byte_ring_has_room(&w->answers, 0, ANSWER_RESERVE + 2 * AQ_STORE_CHUNK))
			continue;
		w->calls[i].starved = false;
		more(w, id, 0); /* the list may be another afterwards */
		i = i < w->call_count && w->calls[i].id == id ? i : i - 1;
	}
}

bool store_calls_rest(const struct store_worker *w)
{
	return under_way(w) == 0 && w->transaction_count == 0;
}

bool store_calls_ended(const struct store_worker *w)
{
	return w->call_count == 0 && w->transaction_count == 0;
}

void store_calls_lose(struct store_worker *w)
{
	const char *why = w->why[0] != '\0' ? w->why : "the store has ended: it may have happened";

	while (w->call_count > 0)
		store_refuse(w, w->calls[0].id, AQ_STORE_LOST, 0, why);
	while (w->transaction_count > 0)
		store_refuse(w, w->transactions[0], AQ_STORE_LOST, 0, why);
}
