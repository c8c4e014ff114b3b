/* store_provider.c: what a storage plugin answers, on its thread. */
#include "host/store_worker_impl.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool store_answer(struct store_worker *w, uint32_t kind, uint64_t call, const void *body, uint32_t length)
{
	struct store_answer *to = byte_ring_reserve(&w->answers, (uint32_t)sizeof(*to) + length);

	if (to == NULL)
		return false;
	*to = (struct store_answer){.call = call, .kind = kind, .length = length};
	if (length > 0)
		memcpy(to + 1, body, length);
	byte_ring_commit(&w->answers);
	loop_wake(w->trading_loop);
	return true;
}

/* ---- ends ---- */

/* False: the plugin has no such call, or no longer. With the end of a transaction, whatever it brings, that is over. */
static bool take_call(struct store_worker *w, uint64_t id, struct in_hand *out)
{
	struct in_hand *c = store_call_find(w, id);

	if (c == NULL)
		return false;
	*out = *c;
	*c = w->calls[--w->call_count];
	if (out->op == AQ_STORE_COMMIT || out->op == AQ_STORE_ROLLBACK)
		store_calls_end_transaction(w, out->transaction);
	return true;
}

static int32_t provider_done(void *owner, const struct aq_store_end *end)
{
	struct store_worker *w = owner;
	struct aq_store_end told = *end;
	struct in_hand c;

	if (!take_call(w, end->call, &c))
		return AQ_ENOENT;
	told.transaction = 0;
	if (c.op == AQ_STORE_BEGIN) {
		told.transaction = end->call;
		w->transactions[w->transaction_count++] = end->call;
	}
	store_answer(w, STORE_ANSWER_DONE, end->call, &told, sizeof(told));
	return AQ_OK;
}

/* The error of a transaction that is open: it has been rolled back. */
static bool take_transaction(struct store_worker *w, uint64_t id)
{
	bool open = store_calls_has_transaction(w, id);

	store_calls_end_transaction(w, id);
	return open;
}

static int32_t provider_failed(void *owner, const struct aq_store_error *error)
{
	struct in_hand c;

	if (!take_call(owner, error->call, &c) && !take_transaction(owner, error->call))
		return AQ_ENOENT;
	store_answer(owner, STORE_ANSWER_FAILED, error->call, error, sizeof(*error));
	return AQ_OK;
}

void store_refuse(struct store_worker *w, uint64_t call, uint8_t fault, int32_t code, const char *text)
{
	struct aq_store_error error = {.call = call, .code = code, .fault = fault};
	struct in_hand c;

	snprintf(error.text, sizeof(error.text), "%s", text);
	if (!take_call(w, call, &c))
		take_transaction(w, call);
	store_answer(w, STORE_ANSWER_FAILED, call, &error, sizeof(error));
}

/* ---- rows ---- */

/* Too long for an event: the loop cuts it. */
static int32_t long_row(struct store_worker *w, const struct aq_store_rows *rows, const void *bytes)
{
	struct {
		struct aq_store_rows rows;
		void *bytes;
	} told = {.rows = *rows};

	if (rows->rows != 1)
		return AQ_EINVAL;
	if (atomic_load(&w->long_bytes) > 0 && atomic_load(&w->long_bytes) + rows->length > LONG_ROWS_MAX)
		return AQ_EAGAIN;
	told.bytes = malloc(rows->length);
	if (told.bytes == NULL)
		return AQ_EAGAIN;
	memcpy(told.bytes, bytes, rows->length);
	atomic_fetch_add(&w->long_bytes, rows->length);
	store_answer(w, STORE_ANSWER_LONG_ROW, rows->call, &told, sizeof(told));
	return AQ_OK;
}

static int32_t short_rows(struct store_worker *w, const struct aq_store_rows *rows, const void *bytes)
{
	struct store_answer *to = byte_ring_reserve(&w->answers, (uint32_t)(sizeof(*to) + sizeof(*rows)) + rows->length);

	*to = (struct store_answer){.call = rows->call, .kind = STORE_ANSWER_ROWS,
		.length = (uint32_t)sizeof(*rows) + rows->length};
	memcpy(to + 1, rows, sizeof(*rows));
	memcpy((uint8_t *)(to + 1) + sizeof(*rows), bytes, rows->length);
	byte_ring_commit(&w->answers);
	loop_wake(w->trading_loop);
	return AQ_OK;
}

static int32_t provider_rows(void *owner, const struct aq_store_rows *rows, const void *bytes)
{
	struct store_worker *w = owner;
	struct in_hand *c = store_call_find(w, rows->call);
	bool is_long = rows->length > AQ_STORE_CHUNK - 4096;
	uint32_t length = is_long ? (uint32_t)sizeof(bytes) : rows->length; /* of a long one the ring has but a pointer */
	int32_t rc = AQ_EAGAIN;

	if (c == NULL)
		return AQ_ENOENT;
	if (byte_ring_has_room(&w->answers, ANSWER_RESERVE, sizeof(struct store_answer) + sizeof(*rows) + length))
		rc = is_long ? long_row(w, rows, bytes) : short_rows(w, rows, bytes);
	c->starved = rc == AQ_EAGAIN;
	c->paused = rc == AQ_OK && rows->last;
	return rc;
}

/* ---- state ---- */

static int32_t provider_state(void *owner, uint8_t up, const char *text)
{
	struct store_worker *w = owner;

	w->up = up != 0;
	w->state = (struct aq_store_state){.store = w->instance->id, .up = up != 0};
	snprintf(w->state.text, sizeof(w->state.text), "%s", text != NULL ? text : "");
	w->owes_state = true;
	store_tell_owed(w);
	return AQ_OK;
}

/* The latest state counts: those before it need not be told. */
void store_tell_owed(struct store_worker *w)
{
	if (w->owes_state && byte_ring_has_room(&w->answers, ANSWER_RESERVE, sizeof(w->state)))
		w->owes_state = !store_answer(w, STORE_ANSWER_STATE, 0, &w->state, sizeof(w->state));
	if (w->owes_turn && !w->owes_state)
		w->owes_turn = !store_answer(w, STORE_ANSWER_TURN, 0, NULL, 0);
}

/* ---- descriptors of the client library ---- */

static void ready(void *context, int events)
{
	struct store_watch *watch = context;
	struct aq_store_fd body = {.events = (uint32_t)events};

	store_deliver(watch->worker, AQ_EV_STORE_FD, watch->tag, &body, sizeof(body));
}

static int64_t provider_watch(void *owner, int fd, uint32_t events, uint64_t tag)
{
	struct store_worker *w = owner;

	if ((events & (AQ_WATCH_READ | AQ_WATCH_WRITE)) != events || events == 0 || fcntl(fd, F_GETFD) < 0)
		return AQ_EINVAL;
	for (int i = 0; i < WATCHES_MAX; i++) {
		struct store_watch *watch = &w->watches[i];

		if (watch->id != 0)
			continue;
		*watch = (struct store_watch){.worker = w, .tag = tag};
		watch->id = loop_watch(w->loop, fd, (int)events, ready, watch);
		return watch->id;
	}
	return AQ_EAGAIN;
}

static int32_t provider_unwatch(void *owner, int64_t id)
{
	struct store_worker *w = owner;

	for (int i = 0; i < WATCHES_MAX; i++)
		if (w->watches[i].id == id && id > 0) {
			loop_unwatch(w->loop, id);
			w->watches[i] = (struct store_watch){0};
			return AQ_OK;
		}
	return AQ_ENOENT;
}

const struct aq_store_provider_api store_provider = {.size = sizeof(store_provider), .rows = provider_rows,
	.done = provider_done, .failed = provider_failed, .state = provider_state, .watch = provider_watch,
	.unwatch = provider_unwatch};
