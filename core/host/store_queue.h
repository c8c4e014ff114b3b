/* store_queue.h: calls of a store on their way from the trading loop to the thread of its back end.
 *
 * The loop writes them into a ring, piece by piece as the caller gives them. The thread that has the turn puts them together
 * in memory of its own, and keeps them until the back end is up. A reload hands the turn to another thread, with all that
 * waits: the loop tells the next one when the one before has given it up. */
#ifndef AQ_HOST_STORE_QUEUE_H
#define AQ_HOST_STORE_QUEUE_H

#include "base/byte_ring.h"

#include <aioquant/store.h>
#include <stdbool.h>

#define STORE_RING (4u << 20)

/* One that is being put together, or waits. */
struct waiting_call {
	struct waiting_call *next;
	uint64_t id;
	struct aq_store_call what;
	uint64_t rows;    /* that are asked for, UINT32_MAX = all */
	uint8_t *bytes;   /* of each part its struct aq_store_chunk and the bytes behind it, padded to 8 */
	size_t size, capacity;
};

struct waiting_calls {
	struct waiting_call *first, *last;
};

struct store_queue {
	struct byte_ring ring;
	_Atomic uint64_t taken; /* bytes of parts that no longer wait */
	_Atomic int wanted;     /* the loop is to be woken when there is room in the ring, or bytes have gone */
	/* of the thread that has the turn */
	struct waiting_calls open; /* not whole yet */
	struct waiting_calls whole; /* in the order in which they were ended */
};

void store_queue_init(struct store_queue *q);
/* Nobody uses it any more. */
void store_queue_finish(struct store_queue *q);

/* ---- [trading loop] ---- */

/* Whether a piece of `length` bytes has room behind `before` others that are promised. */
bool store_queue_has_room(const struct store_queue *q, uint64_t before, uint32_t length);
/* There is room, as the caller has asked. */
void store_queue_begin(struct store_queue *q, uint64_t id, const struct aq_store_call *what);
void store_queue_append(struct store_queue *q, uint64_t id, uint8_t part, const void *bytes, uint32_t length);
void store_queue_end(struct store_queue *q, uint64_t id, uint32_t rows);

/* A caller has found no room. Said first, then looked again: so that what is freed meanwhile is not missed. */
void store_queue_want_room(struct store_queue *q);
/* Half of the ring is free. */
bool store_queue_is_roomy(const struct store_queue *q);

/* ---- [the thread that has the turn] ---- */

/* Once after each wish for room: there may be some now. */
bool store_queue_has_come_free(struct store_queue *q);

/* Everything that the ring holds. */
void store_queue_take(struct store_queue *q);
/* Takes out a whole one; NULL when the caller has said no. `wants` looks at each in order and takes the first it likes. */
struct waiting_call *store_queue_pop(
	struct store_queue *q, bool (*wants)(void *context, const struct waiting_call *c), void *context);
struct waiting_call *store_queue_find(struct store_queue *q, uint64_t id);
/* Gives one up that waits or is not whole yet; nothing happens when there is none. */
void store_queue_forget(struct store_queue *q, uint64_t id);
/* One that was taken out: its bytes no longer count. */
void waiting_call_free(struct store_queue *q, struct waiting_call *c);

#endif
