/* store_events.c: answers of back ends, as events to whoever has asked. */
#include "host/store.h"

#include "base/log.h"
#include "host/host.h"
#include "host/store_ask.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TAKE_MAX 16                      /* answers of a store in a turn */
#define TAKE_BYTES 32768                 /* of rows, after which the loop looks at its other work */
#define PIECE_MAX (AQ_STORE_CHUNK - 4096u) /* of a long row */

/* Last of all that is done about an answer: who is told may ask, and may forget the call. */
static void tell(struct host *h, const struct store_call *c, uint16_t type, const void *body, uint32_t length)
{
	struct aq_event *event;

	if (c->owner == STORE_HOST) {
		store_ask_told(c, type, body);
		return;
	}
	event = flow_event(&h->flow, c->owner, type, length);
	if (event == NULL)
		return;
	event->tag = c->tag;
	memcpy(event + 1, body, length);
}

/* ---- up and down ---- */

static bool names_store(const struct instance *i, uint32_t store)
{
	const struct aq_option *option = i->plugin->table.options;
	uint32_t id;

	for (; option != NULL && option->name != NULL; option++) {
		if (option->type != AQ_OPT_STORE && option->type != AQ_OPT_STORE_LINE)
			continue;
		memcpy(&id, (const uint8_t *)i->self + option->offset, sizeof(id));
		if (id == store)
			return true;
	}
	return false;
}

static void tell_user(struct host *h, const struct store *s, const struct instance *i)
{
	struct aq_store_state body = {.store = s->id, .up = s->up, .waiting = s->unanswered};
	struct aq_event *event;

	if (i->kind == AQ_STORAGE || !names_store(i, s->id))
		return;
	event = flow_event(&h->flow, i->id, AQ_EV_STORE_STATE, sizeof(body));
	if (event == NULL)
		return;
	snprintf(body.text, sizeof(body.text), "%.119s", s->why);
	event->tag = s->id;
	memcpy(event + 1, &body, sizeof(body));
}

static void tell_users(struct host *h, const struct store *s)
{
	for (uint32_t id = 1; id <= names_count(&h->flow.names, NAME_INSTANCE) && id < INSTANCES_MAX; id++)
		if (h->instances[id] != NULL)
			tell_user(h, s, h->instances[id]);
}

void stores_tell(struct host *h, const struct instance *i)
{
	for (uint32_t k = 0; h->stores != NULL && k < h->stores->count; k++)
		tell_user(h, h->stores->list[k], i);
}

void store_tell_state(struct host *h, struct store *s, bool up, const char *text)
{
	const char *name = flow_instance_name(&h->flow, s->id);
	bool same = s->up == up && strcmp(s->why, text) == 0;

	if (same)
		return;
	if (s->up != up)
		s->state_ns = host_wall_ns();
	s->up = up;
	snprintf(s->why, sizeof(s->why), "%s", text);
	log_line(up ? AQ_LOG_INFO : AQ_LOG_WARN, name, up ? "the store is up%s%s" : "the store is down%s%s", text[0] != '\0' ? ": " : "",
		text);
	tell_users(h, s);
}

void store_answer_unheard(struct host *h, struct store_call *c)
{
	struct aq_store_error body = {.call = c->id, .fault = AQ_STORE_DOWN};
	const struct store_call copy = *c;

	snprintf(body.text, sizeof(body.text), "the store does not run: aqctl says why");
	store_find(h, c->store)->failures++;
	store_call_remove(h, c);
	tell(h, &copy, AQ_EV_STORE_ERROR, &body, sizeof(body));
}

/* ---- answers ---- */

static void take_rows(struct host *h, struct store *s, struct store_call *c, const struct aq_store_rows *rows)
{
	s->rows += rows->rows;
	if (rows->last)
		store_call_pause(h, c);
	tell(h, c, AQ_EV_STORE_ROWS, rows, (uint32_t)sizeof(*rows) + rows->length);
}

/* One piece of it. True when it was the last. */
static bool take_long_row(struct host *h, struct store *s, struct store_worker *w, struct store_call *c, const void *body)
{
	const struct aq_store_rows *whole = body;
	struct {
		struct aq_store_rows rows;
		uint8_t bytes[PIECE_MAX];
	} piece;
	uint32_t *cut = store_worker_cut(w), left = whole->length - *cut;
	uint8_t *bytes;

	memcpy(&bytes, whole + 1, sizeof(bytes));
	if (c != NULL) {
		piece.rows = *whole;
		piece.rows.length = left < PIECE_MAX ? left : PIECE_MAX;
		piece.rows.more = left > PIECE_MAX;
		piece.rows.rows = left <= PIECE_MAX;
		piece.rows.last = left <= PIECE_MAX && whole->last;
		memcpy(piece.bytes, bytes + *cut, piece.rows.length);
		take_rows(h, s, c, &piece.rows);
		*cut += piece.rows.length;
		if (left > PIECE_MAX)
			return false;
	}
	*cut = 0;
	store_worker_long_row_taken(w, whole->length);
	free(bytes);
	return true;
}

static void take_done(struct host *h, struct store_call *c, const struct aq_store_end *end)
{
	struct store_call *transaction = store_call_of(h, c->transaction);
	const struct store_call copy = *c;

	if (transaction != NULL && (c->op == AQ_STORE_COMMIT || c->op == AQ_STORE_ROLLBACK))
		store_call_remove(h, transaction);
	if (c->op == AQ_STORE_BEGIN)
		store_call_keep(h, c);
	else
		store_call_remove(h, c);
	tell(h, &copy, AQ_EV_STORE_END, end, sizeof(*end));
}

static void take_failed(struct host *h, struct store *s, struct store_call *c, const struct aq_store_error *error)
{
	struct store_call *transaction = store_call_of(h, c->transaction);
	const struct store_call copy = *c;

	s->failures++;
	if (transaction != NULL && (c->op == AQ_STORE_COMMIT || c->op == AQ_STORE_ROLLBACK))
		store_call_remove(h, transaction);
	store_call_remove(h, c);
	tell(h, &copy, AQ_EV_STORE_ERROR, error, sizeof(*error));
}

static void take_state(struct host *h, struct store *s, const struct store_worker *w, const struct aq_store_state *state)
{
	if (w == s->coming)
		store_coming(s, state);
	if (w != s->worker)
		return;
	s->told_up = state->up;
	snprintf(s->told_why, sizeof(s->told_why), "%s", state->text);
	if (!s->slow)
		store_tell_state(h, s, state->up, state->text);
}

/* True when it has been dealt with as a whole. */
static bool take(struct host *h, struct store *s, struct store_worker *w, const struct store_answer *a)
{
	const void *body = a + 1;
	struct store_call *c = store_call_of(h, a->call);

	if (a->kind == STORE_ANSWER_LONG_ROW)
		return take_long_row(h, s, w, c, body);
	if (a->kind == STORE_ANSWER_STATE)
		take_state(h, s, w, body);
	else if (a->kind >= STORE_ANSWER_BROKEN)
		store_worker_said(h, s, w, a->kind, body);
	else if (c == NULL) /* its caller has given it up */
		return true;
	else if (a->kind == STORE_ANSWER_ROWS)
		take_rows(h, s, c, body);
	else if (a->kind == STORE_ANSWER_DONE)
		take_done(h, c, body);
	else
		take_failed(h, s, c, body);
	return true;
}

/* ---- when ---- */

static bool is_simulated(const struct host *h)
{
	return h->clock == CLOCK_REPLAY;
}

/* When an answer is due in a simulation: what is about no call, or comes from outside, at once. */
static int64_t due_ns(const struct host *h, const struct store *s, const struct store_answer *a)
{
	const struct store_call *c = store_call_of(h, a->call);

	return c != NULL && !c->outside ? c->asked_ns + s->latency_ns : h->flow.now_ns;
}

static void take_from(struct host *h, struct store *s, struct store_worker *w)
{
	const struct store_answer *a;
	uint32_t bytes = 0;

	for (int i = 0; i < TAKE_MAX && bytes < TAKE_BYTES && (a = store_worker_peek(w)) != NULL; i++) {
		bool ended = a->kind == STORE_ANSWER_STOPPED;

		if (is_simulated(h) && due_ns(h, s, a) > h->flow.now_ns)
			return;
		bytes += a->kind == STORE_ANSWER_LONG_ROW ? TAKE_BYTES : a->length;
		if (take(h, s, w, a) && !ended)
			store_worker_drop(w);
		if (ended) /* it is gone */
			return;
	}
	if (store_worker_peek(w) != NULL && !is_simulated(h))
		loop_wake(h->loop);
}

/* Whose call may go on when the limit is reached needs room in the ring alone: what has come of it fills the queue. */
static bool has_room_for(const struct host *h, const struct store *s, uint32_t owner)
{
	const struct store_call *favoured = store_call_of(h, s->favoured);

	if (!store_queue_is_roomy(&s->queue))
		return false;
	return (favoured != NULL && favoured->owner == owner) ||
		(s->given - atomic_load(&s->queue.taken) <= (uint64_t)s->limit / 2 && h->stores->free_count >= STORE_CALLS_MAX / 8);
}

static bool has_room_for_any(const struct host *h, const struct store *s)
{
	for (uint32_t i = 0; i < s->waiter_count; i++)
		if (has_room_for(h, s, s->waiters[i]))
			return true;
	return false;
}

static void tell_room(struct host *h, struct store *s)
{
	uint32_t still = 0;

	if (s->waiter_count == 0)
		return;
	store_queue_want_room(&s->queue);
	for (uint32_t i = 0; i < s->waiter_count; i++) {
		struct aq_event *event;

		if (!has_room_for(h, s, s->waiters[i])) {
			s->waiters[still++] = s->waiters[i];
			continue;
		}
		event = flow_event(&h->flow, s->waiters[i], AQ_EV_STORE_ROOM, 0);
		if (event != NULL)
			event->tag = s->id;
	}
	s->waiter_count = still;
}

void stores_take(struct host *h)
{
	/* from the end: one that goes has the last take its place */
	for (uint32_t i = h->stores != NULL ? h->stores->count : 0; i-- > 0;) {
		struct store *s = h->stores->list[i];
		struct store_worker *from[] = {s->retiring, s->leaving, s->worker, s->coming};
		bool goes = s->removed;

		for (size_t k = 0; k < sizeof(from) / sizeof(*from); k++)
			if (from[k] != NULL)
				take_from(h, s, from[k]);
		if (!goes) /* else it may be gone by now */
			tell_room(h, s);
	}
}

static const struct store_answer *oldest(const struct store *s)
{
	const struct store_answer *a = s->retiring != NULL ? store_worker_peek(s->retiring) : NULL;

	return a == NULL && s->worker != NULL ? store_worker_peek(s->worker) : a;
}

int64_t stores_due_ns(const struct host *h)
{
	int64_t due = INT64_MAX;

	for (uint32_t i = 0; h->stores != NULL && i < h->stores->count; i++) {
		const struct store_answer *a = oldest(h->stores->list[i]);
		int64_t at = a != NULL ? due_ns(h, h->stores->list[i], a) : INT64_MAX;

		due = at < due ? at : due;
		if (has_room_for_any(h, h->stores->list[i]))
			due = h->flow.now_ns;
	}
	return due;
}

bool stores_pending(const struct host *h)
{
	for (uint32_t i = 0; h->stores != NULL && i < h->stores->count; i++) {
		const struct store *s = h->stores->list[i];

		if ((s->asked > s->outside && oldest(s) == NULL) || (s->waiter_count > 0 && !store_queue_is_roomy(&s->queue)))
			return true;
	}
	return false;
}
