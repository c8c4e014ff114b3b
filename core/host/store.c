/* store.c: calls of strategies and services, on their way to a back end. */
#include "host/store.h"

#include "base/check.h"
#include "host/host.h"

#include <stdlib.h>
#include <string.h>

#define KNOWN_FLAGS (AQ_STORE_NEW | AQ_STORE_AS_FRAMES | AQ_STORE_OR_INSERT)

struct store *store_find(const struct host *h, uint32_t id)
{
	for (uint32_t i = 0; h->stores != NULL && i < h->stores->count; i++)
		if (h->stores->list[i]->id == id)
			return h->stores->list[i];
	return NULL;
}

/* ---- the table of calls ---- */

struct store_call *store_call_of(const struct host *h, uint64_t id)
{
	uint32_t at = h->stores != NULL && id != 0 ? map_find(&h->stores->by_id, id) : MAP_NONE;

	return at != MAP_NONE ? &h->stores->calls[at] : NULL;
}

static struct store_call *own_call(const struct host *h, uint32_t owner, uint64_t id)
{
	struct store_call *c = store_call_of(h, id);

	return c != NULL && c->owner == owner ? c : NULL;
}

uint64_t store_next_id(struct host *h)
{
	return ++h->stores->last_id;
}

static struct store_call *add_call(struct host *h, uint64_t id)
{
	struct stores *all = h->stores;
	uint32_t at = all->free_calls[--all->free_count];

	CHECK(map_put(&all->by_id, id, at) == 0);
	all->calls[at] = (struct store_call){.id = id};
	return &all->calls[at];
}

static void set_state(struct host *h, struct store_call *c, uint8_t state)
{
	struct store *s = store_find(h, c->store);

	s->asked += (state == STORE_CALL_ASKED) - (c->state == STORE_CALL_ASKED);
	s->outside += c->outside * ((state == STORE_CALL_ASKED) - (c->state == STORE_CALL_ASKED));
	if (c->state == STORE_CALL_OPEN && s->favoured == c->id)
		s->favoured = 0;
	c->state = state;
}

void store_call_remove(struct host *h, struct store_call *c)
{
	struct stores *all = h->stores;

	set_state(h, c, 0);
	store_find(h, c->store)->unanswered--;
	map_remove(&all->by_id, c->id);
	c->id = 0;
	all->free_calls[all->free_count++] = (uint32_t)(c - all->calls);
}

void store_call_pause(struct host *h, struct store_call *c)
{
	set_state(h, c, STORE_CALL_PAUSED);
}

void store_call_keep(struct host *h, struct store_call *c)
{
	set_state(h, c, STORE_CALL_TRANSACTION);
}

/* ---- checks ---- */

static int64_t no_room(struct store *s, uint32_t owner)
{
	uint32_t i = 0;

	while (i < s->waiter_count && s->waiters[i] != owner)
		i++;
	if (owner != STORE_HOST && i == s->waiter_count && i < STORE_WAITERS_MAX)
		s->waiters[s->waiter_count++] = owner;
	store_queue_want_room(&s->queue);
	if (s->worker != NULL)
		store_worker_look(s->worker); /* it may have made room already, and rest */
	return AQ_EAGAIN;
}

static bool is_over_limit(const struct store *s, uint64_t more)
{
	return s->given - atomic_load(&s->queue.taken) + more > (uint64_t)s->limit;
}

int64_t store_check_begin(struct host *h, uint32_t owner, const struct aq_store_call *what, uint32_t held)
{
	struct store *s = store_find(h, what->store);
	const struct store_call *transaction = own_call(h, owner, what->transaction);

	if (s == NULL)
		return AQ_ENOENT;
	if (what->op < AQ_STORE_CREATE || what->op > AQ_STORE_REPLACE || (what->flags & ~KNOWN_FLAGS) != 0 ||
		(what->reserved[0] | what->reserved[1] | what->reserved[2]) != 0 ||
		memchr(what->collection, '\0', sizeof(what->collection)) == NULL)
		return AQ_EINVAL;
	if (what->transaction != 0 && (transaction == NULL || transaction->state != STORE_CALL_TRANSACTION ||
		transaction->store != what->store || what->op == AQ_STORE_BEGIN))
		return AQ_EINVAL;
	if (what->transaction == 0 && (what->op == AQ_STORE_COMMIT || what->op == AQ_STORE_ROLLBACK))
		return AQ_EINVAL;
	if (h->stores->free_count <= held / sizeof(struct aq_store_call) || is_over_limit(s, 0) ||
		!store_queue_has_room(&s->queue, held, sizeof(*what)))
		return no_room(s, owner);
	return AQ_OK;
}

int64_t store_check_append(struct host *h, uint32_t owner, uint64_t id, uint8_t part, uint32_t length)
{
	const struct store_call *c = own_call(h, owner, id);
	struct store *s = c != NULL ? store_find(h, c->store) : NULL;

	if (part < AQ_PART_FILTER || part > AQ_PART_PARAMETERS || length == 0 || length > AQ_STORE_CHUNK)
		return AQ_EINVAL;
	if (c == NULL)
		return AQ_ENOENT;
	if (c->state != STORE_CALL_OPEN)
		return AQ_ESTATE;
	if (part < c->part || c->bytes + length > (uint64_t)s->limit)
		return AQ_EINVAL;
	if (s->favoured == 0)
		s->favoured = id;
	if ((s->favoured != id && is_over_limit(s, length)) || !store_queue_has_room(&s->queue, 0, length))
		return no_room(s, owner);
	return AQ_OK;
}

int64_t store_check_end(struct host *h, uint32_t owner, uint64_t id)
{
	const struct store_call *c = own_call(h, owner, id);

	if (c == NULL)
		return AQ_ENOENT;
	if (c->state != STORE_CALL_OPEN)
		return AQ_ESTATE;
	if (!store_queue_has_room(&store_find(h, c->store)->queue, 0, 0))
		return no_room(store_find(h, c->store), owner);
	return AQ_OK;
}

/* A start that replaces running code may ask for a little, whatever store it is of. */
int64_t store_check_held(struct host *h, uint64_t id, uint8_t part, uint32_t length, uint32_t held)
{
	if (h->stores == NULL || id == 0 || id > h->stores->last_id)
		return AQ_ENOENT;
	if (length > 0 && (part < AQ_PART_FILTER || part > AQ_PART_PARAMETERS))
		return AQ_EINVAL;
	for (uint32_t i = 0; i < h->stores->count; i++)
		if (!store_queue_has_room(&h->stores->list[i]->queue, held, length))
			return AQ_EAGAIN;
	return AQ_OK;
}

/* ---- calls ---- */

int64_t store_begin(struct host *h, uint32_t owner, uint64_t id, const struct aq_store_call *what)
{
	struct store *s = store_find(h, what->store);
	struct store_call *c = add_call(h, id != 0 ? id : store_next_id(h));

	c->store = s->id;
	c->owner = owner;
	c->tag = what->tag;
	c->op = what->op;
	c->transaction = what->transaction;
	c->state = STORE_CALL_OPEN;
	c->unheard = s->worker == NULL;
	s->unanswered++;
	s->calls++;
	if (!c->unheard)
		store_queue_begin(&s->queue, c->id, what);
	return (int64_t)c->id;
}

int32_t store_append(struct host *h, uint32_t owner, uint64_t id, uint8_t part, const void *bytes, uint32_t length)
{
	struct store_call *c = own_call(h, owner, id);
	struct store *s = c != NULL ? store_find(h, c->store) : NULL;

	if (c == NULL || c->state != STORE_CALL_OPEN) /* it was held back, and nobody has looked at it */
		return AQ_ENOENT;
	c->part = part;
	c->bytes += length;
	if (c->unheard)
		return AQ_OK;
	s->given += length;
	store_queue_append(&s->queue, id, part, bytes, length);
	return AQ_OK;
}

static void wake(struct store *s)
{
	if (s->retiring != NULL)
		store_worker_look(s->retiring);
	if (s->worker != NULL)
		store_worker_look(s->worker);
}

int32_t store_end(struct host *h, uint32_t owner, uint64_t id, uint32_t rows)
{
	struct store_call *c = own_call(h, owner, id);
	struct store *s = c != NULL ? store_find(h, c->store) : NULL;

	if (c == NULL || c->state != STORE_CALL_OPEN)
		return AQ_ENOENT;
	if (c->unheard) {
		store_answer_unheard(h, c);
		return AQ_OK;
	}
	set_state(h, c, STORE_CALL_ASKED);
	c->asked_ns = h->flow.now_ns;
	store_queue_end(&s->queue, id, rows == 0 ? UINT32_MAX : rows);
	wake(s);
	return AQ_OK;
}

int32_t store_more(struct host *h, uint32_t owner, uint64_t id, uint32_t rows)
{
	struct store_call *c = own_call(h, owner, id);
	struct store *s = c != NULL ? store_find(h, c->store) : NULL;

	rows = rows == 0 ? UINT32_MAX : rows;
	if (c == NULL || c->state == STORE_CALL_TRANSACTION)
		return AQ_ENOENT;
	if (c->state == STORE_CALL_OPEN)
		return AQ_ESTATE;
	/* whoever does not have it does nothing */
	if ((s->retiring != NULL && !store_worker_more(s->retiring, id, rows)) ||
		(s->worker != NULL && !store_worker_more(s->worker, id, rows)))
		return AQ_EAGAIN;
	set_state(h, c, STORE_CALL_ASKED);
	c->asked_ns = h->flow.now_ns;
	return AQ_OK;
}

static void forget(struct host *h, struct store_call *c)
{
	struct store *s = store_find(h, c->store);

	if (s->retiring != NULL)
		store_worker_forget(s->retiring, c->id);
	if (s->worker != NULL && !c->unheard)
		store_worker_forget(s->worker, c->id);
	store_call_remove(h, c);
}

int32_t store_forget(struct host *h, uint32_t owner, uint64_t id)
{
	struct store_call *c = own_call(h, owner, id);

	if (c == NULL)
		return AQ_ENOENT;
	forget(h, c);
	return AQ_OK;
}

void store_forget_owner(struct host *h, uint32_t owner)
{
	for (uint32_t i = 0; h->stores != NULL && i < STORE_CALLS_MAX; i++)
		if (h->stores->calls[i].id != 0 && h->stores->calls[i].owner == owner)
			forget(h, &h->stores->calls[i]);
}
