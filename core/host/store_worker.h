/* store_worker.h: one generation of a storage plugin on a loop and thread of its own, which may wait for its back end.
 *
 * What the trading loop asks comes through the store's queue, when this worker has the turn, and through a ring of commands;
 * what the plugin answers goes back through a ring, and the trading loop is woken. */
#ifndef AQ_HOST_STORE_WORKER_H
#define AQ_HOST_STORE_WORKER_H

#include "host/instance.h"
#include "host/store_queue.h"

struct store_worker;

/* What comes back, each with a struct store_answer before it. */
enum store_answer_kind {
	STORE_ANSWER_ROWS = 1, /* struct aq_store_rows and its bytes */
	STORE_ANSWER_LONG_ROW, /* struct aq_store_rows and a pointer to its bytes, which the taker frees */
	STORE_ANSWER_DONE,     /* struct aq_store_end */
	STORE_ANSWER_FAILED,   /* struct aq_store_error */
	STORE_ANSWER_STATE,    /* struct aq_store_state */
	STORE_ANSWER_BROKEN,   /* the plugin has failed: text */
	STORE_ANSWER_TURN,     /* it was told to retire, and has ended what was under way: another may have the turn */
	STORE_ANSWER_STOPPED   /* the thread ends */
};
struct store_answer {
	uint64_t call;
	uint32_t kind;   /* enum store_answer_kind */
	uint32_t length; /* of what follows */
};

/* For an instance whose plugin is about to be created: `i` is the owner of its table. `one_by_one`: the plugin gets a call
 * when the one before has been answered, so that a simulation does the same each time. [trading loop] */
struct store_worker *store_worker_create(struct instance *i, struct store_queue *q, bool one_by_one);
/* Starts the thread, which starts the plugin; answers are told to `h`'s loop. 0 or an error. */
int store_worker_start(struct store_worker *w, struct aq_err *err);
/* It may take calls of the queue. At most one has the turn. */
void store_worker_give_turn(struct store_worker *w);
/* It ends what it has, and what belongs to its transactions, and gives the turn up; then it goes on with reads that wait for
 * their caller, and stops when the last of them has ended. */
void store_worker_retire(struct store_worker *w);
/* It stops the plugin, whatever there is to do. STORE_ANSWER_STOPPED is the last that comes. */
void store_worker_stop(struct store_worker *w);
/* It looks at once for what there is to do. */
void store_worker_look(struct store_worker *w);
/* False: too much waits. */
bool store_worker_more(struct store_worker *w, uint64_t call, uint32_t rows);
void store_worker_forget(struct store_worker *w, uint64_t call);

/* The oldest answer; it stays until it is dropped. Of a long row, the taker frees the bytes and says so. */
const struct store_answer *store_worker_peek(struct store_worker *w);
void store_worker_drop(struct store_worker *w);
/* Bytes of the oldest answer, a long row, that have been delivered. */
uint32_t *store_worker_cut(struct store_worker *w);
void store_worker_long_row_taken(struct store_worker *w, uint32_t length);
/* For how long the plugin has been busy with one callback, ns; 0 = it is not. */
int64_t store_worker_busy_ns(const struct store_worker *w);

/* Waits for the end of the thread, at most so long; false when it goes on. Then it must be left as it is, for ever. */
bool store_worker_join(struct store_worker *w, int64_t patience_ns);
/* Accepts NULL. The thread has ended, or was never started. */
void store_worker_destroy(struct store_worker *w);

/* struct aq_host of a storage instance. */
void store_worker_table(struct store_worker *w, struct aq_host *out);

#endif
