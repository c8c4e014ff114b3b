/* store.h: the named stores of this host, as the trading loop sees them: calls go in, events come back.
 *
 * A store is there as long as its section: behind it, a reload puts one back end in another's place. Its id is that of the
 * instance. All of this runs on the trading loop. */
#ifndef AQ_HOST_STORE_H
#define AQ_HOST_STORE_H

#include "base/map.h"
#include "host/store_worker.h"

#define STORES_MAX 16
#define STORE_CALLS_MAX 4096
#define STORE_WAITERS_MAX 64
#define STORE_HOST 0 /* as an owner: no instance has this id */
#define STORE_QUEUE_DEFAULT "64MB"

struct store_asker;

enum store_call_state {
	STORE_CALL_OPEN = 1,    /* its caller has not ended it */
	STORE_CALL_ASKED,       /* an answer is to come */
	STORE_CALL_PAUSED,      /* its caller has all the rows it asked for */
	STORE_CALL_TRANSACTION  /* its transaction has not ended */
};

struct store_call {
	uint64_t id;          /* 0 = free */
	uint64_t tag, transaction;
	uint64_t bytes;       /* of its parts */
	int64_t asked_ns;     /* for the last time: end or more */
	uint32_t store, owner; /* STORE_HOST: the host itself */
	uint8_t op, part, state; /* enum store_call_state */
	bool unheard;         /* no back end ran when it was begun */
	bool outside;         /* of a simulation */
	const struct store_asker *asker; /* of the host's own (store_ask.h) */
	void *context;
};

struct store {
	uint32_t id;
	struct store_queue queue;
	struct store_worker *worker;     /* of the instance in force; NULL = none runs */
	struct store_worker *retiring;   /* of the one before, while it ends what it has */
	struct instance *retired;
	struct store_worker *coming;     /* of one that is to take its place, once it is up */
	struct instance *coming_instance;
	int64_t coming_since_ns;         /* wall clock */
	char coming_why[160];            /* it is not up */
	struct store_worker *leaving;    /* of one that did not come up */
	struct instance *left;
	int64_t limit;                   /* [storage:...] queue: bytes that may wait */
	int64_t latency_ns;              /* in a simulation: of an answer */
	uint64_t given;                  /* bytes that were appended */
	uint64_t favoured;               /* the call that may go on when the limit is reached */
	uint32_t unanswered, asked;      /* calls that have not ended; those of them whose answer is to come */
	uint32_t outside;                /* those of the latter that are no part of a simulation */
	uint32_t waiters[STORE_WAITERS_MAX]; /* instances that found no room */
	uint32_t waiter_count;
	bool up;                         /* as its users were told */
	bool told_up, slow;              /* its back end says that it is up; it does not come back from a callback */
	bool coming_up, coming_failed, removed;
	bool hangs;                      /* a back end before did not end: what it was given stays */
	int64_t state_ns;                /* when it went up or down */
	char why[160], told_why[160];    /* it is down */
	uint64_t calls, failures, rows;
};

struct stores {
	struct store *list[STORES_MAX];
	uint32_t count;
	struct map by_id;                /* of calls */
	struct store_call *calls;
	uint32_t *free_calls, free_count;
	uint64_t last_id;
};

/* ---- store.c: calls ---- */

struct store *store_find(const struct host *h, uint32_t id);
struct store_call *store_call_of(const struct host *h, uint64_t id);
void store_call_remove(struct host *h, struct store_call *c);
/* Its caller has all the rows it asked for. */
void store_call_pause(struct host *h, struct store_call *c);
/* It has begun a transaction, whose id it is. */
void store_call_keep(struct host *h, struct store_call *c);
/* An id for a call that is made later. */
uint64_t store_next_id(struct host *h);
/* What the caller has got wrong, or that there is no room. 0 or an error. `held`: bytes of calls of a start that are held
 * back and go first; of those only their form is known. */
int64_t store_check_begin(struct host *h, uint32_t owner, const struct aq_store_call *what, uint32_t held);
int64_t store_check_append(struct host *h, uint32_t owner, uint64_t id, uint8_t part, uint32_t length);
int64_t store_check_end(struct host *h, uint32_t owner, uint64_t id);
int64_t store_check_held(struct host *h, uint64_t id, uint8_t part, uint32_t length, uint32_t held);
/* The functions of struct aq_store_api. `id` 0: the next one. */
int64_t store_begin(struct host *h, uint32_t owner, uint64_t id, const struct aq_store_call *what);
int32_t store_append(struct host *h, uint32_t owner, uint64_t id, uint8_t part, const void *bytes, uint32_t length);
int32_t store_end(struct host *h, uint32_t owner, uint64_t id, uint32_t rows);
int32_t store_more(struct host *h, uint32_t owner, uint64_t id, uint32_t rows);
int32_t store_forget(struct host *h, uint32_t owner, uint64_t id);
/* The owner is gone. */
void store_forget_owner(struct host *h, uint32_t owner);

/* ---- store_events.c: answers ---- */

/* Delivers some of what has come, in a simulation what is due. The loop is woken for the rest. */
void stores_take(struct host *h);
/* In a simulation: when the next answer is due, or that there is room; INT64_MAX = none is there. */
int64_t stores_due_ns(const struct host *h);
/* An answer is to come that is not there yet, and a simulation waits for it; or room in the ring, which comes by itself. */
bool stores_pending(const struct host *h);
/* No back end runs: the answer is that. */
void store_answer_unheard(struct host *h, struct store_call *c);
/* To an instance that comes to life: how the stores that it names are. */
void stores_tell(struct host *h, const struct instance *i);
/* Up or down, and why: to all that name it in an option. */
void store_tell_state(struct host *h, struct store *s, bool up, const char *text);

/* ---- store_life.c ---- */

/* Makes the store of a section if there is none. Before create. 0 or an error. */
int store_make(struct host *h, const struct config_section *section, uint32_t id, struct aq_err *err);
void store_take_settings(struct store *s, const struct config_section *section);
/* Starts the back end of an instance that was created. */
int store_start(struct host *h, struct instance *i, struct aq_err *err);
/* Looks after back ends that come, go, or do not answer. */
void stores_step(struct host *h);
/* They are to be looked after although nothing happens. */
bool stores_are_awaited(const struct host *h);
/* Its section is gone: the back end ends what it has, then all of it goes. */
void store_remove(struct host *h, struct instance *i);
/* What a back end says of itself: STORE_ANSWER_BROKEN and those behind it. */
void store_worker_said(struct host *h, struct store *s, struct store_worker *w, uint32_t kind, const void *body);
/* Ends what waits, then the back ends; it waits for them, but not for ever. False: one of them goes on, and may use what the
 * host has given it. */
bool stores_close(struct host *h);

/* ---- store_replace.c: of one that is to take over ---- */

void store_coming(struct store *s, const struct aq_store_state *state);
void store_coming_broken(struct store *s, const char *why);

#endif
