/* store_worker_impl.h: what the files of the worker share. All of it belongs to the worker's thread, except as said. */
#ifndef AQ_HOST_STORE_WORKER_IMPL_H
#define AQ_HOST_STORE_WORKER_IMPL_H

#include "base/timers.h"
#include "host/guard.h"
#include "host/store_worker.h"
#include "io/loop.h"

#include <pthread.h>

#define IN_HAND_MAX 128     /* calls that the plugin has at once */
#define WATCHES_MAX 64
#define POSTS_MAX 256       /* bytes of a post that the plugin has made to itself: one is delivered a turn */
#define ANSWER_RING (1u << 20)
#define COMMAND_RING (1u << 18)
/* Room in the answers' ring that rows leave for what must be told: the end of each call in hand, and the state. */
#define ANSWER_RESERVE (160u * 1024u)
#define LONG_ROWS_MAX (64ll << 20) /* bytes of rows that are too long for the ring, on their way */

enum store_command_kind { COMMAND_TURN = 1, COMMAND_MORE, COMMAND_FORGET, COMMAND_RETIRE, COMMAND_STOP };
struct store_command {
	uint64_t call;
	uint32_t kind; /* enum store_command_kind */
	uint32_t rows;
};

/* A call that the plugin has. */
struct in_hand {
	uint64_t id, transaction;
	uint8_t op;
	bool starved; /* its rows found no room */
	bool paused;  /* all rows that were asked for have gone */
};

struct store_watch {
	struct store_worker *worker;
	int64_t id; /* of the loop; 0 = free */
	uint64_t tag;
};

struct store_post {
	struct store_post *next;
	uint64_t tag;
	uint32_t length;
	uint8_t bytes[];
};

struct store_worker {
	struct instance *instance;
	struct host *host;             /* its loop is woken, its options are read */
	struct store_queue *queue;
	struct loop *loop;
	struct loop *trading_loop;
	struct timers timers;
	struct byte_ring commands;     /* from the trading loop */
	struct byte_ring answers;      /* to it */
	pthread_t thread;
	bool runs;                     /* [trading loop] */
	uint32_t cut;                  /* [trading loop] */
	bool has_turn, retires, ends, one_by_one;
	bool up, plugin_runs, broken;
	bool owes_state;               /* it found no room */
	bool owes_turn;
	struct aq_store_state state;
	char why[160];
	struct in_hand calls[IN_HAND_MAX];
	uint32_t call_count;
	uint64_t transactions[IN_HAND_MAX]; /* that are open: the calls that began them */
	uint32_t transaction_count;
	struct store_watch watches[WATCHES_MAX];
	struct store_post *posts, *last_post;
	uint64_t post_bytes;
	uint64_t *event;               /* AQ_EVENT_MAX bytes */
	int64_t now_ns;                /* of the event in hand */
	uint64_t random[2];
	_Atomic int64_t busy_since_ns; /* monotonic; 0 = no callback runs. [any] reads */
	_Atomic int64_t long_bytes;    /* of long rows on their way; the taker subtracts */
	_Atomic int wants_room;        /* whoever takes answers wakes this thread */
	_Atomic int woken;
	_Atomic uint64_t wake_tag;
	uint64_t guard_word;           /* what a crash of this thread is told with */
};

/* ---- store_calls.c: what the plugin has in hand ---- */

struct in_hand *store_call_find(struct store_worker *w, uint64_t id);
/* Gives the plugin what it may have. */
void store_calls_hand_over(struct store_worker *w);
/* A command of the trading loop about a call. */
void store_calls_more(struct store_worker *w, uint64_t id, uint32_t rows);
void store_calls_forget(struct store_worker *w, uint64_t id);
/* There may be room for rows that found none. */
void store_calls_feed(struct store_worker *w);
/* Nothing is under way: what is left are reads that wait for their caller. */
bool store_calls_rest(const struct store_worker *w);
/* All has been answered, transactions included. */
bool store_calls_ended(const struct store_worker *w);
/* The next deadline of one that waits; INT64_MAX = none. */
int64_t store_calls_due_ns(const struct store_worker *w);
/* A transaction has ended. */
void store_calls_end_transaction(struct store_worker *w, uint64_t id);
bool store_calls_has_transaction(const struct store_worker *w, uint64_t id);
/* Ends those in hand, and transactions: the plugin no longer runs. */
void store_calls_lose(struct store_worker *w);

/* ---- store_provider.c: what the plugin answers ---- */

extern const struct aq_store_provider_api store_provider;
/* Answers in the plugin's place. */
void store_refuse(struct store_worker *w, uint64_t call, uint8_t fault, int32_t code, const char *text);
/* Tells what could not be told before. */
void store_tell_owed(struct store_worker *w);
/* False when there is no room. */
bool store_answer(struct store_worker *w, uint32_t kind, uint64_t call, const void *body, uint32_t length);

/* ---- store_table.c: struct aq_host ---- */

void store_deliver(struct store_worker *w, uint16_t type, uint64_t tag, const void *body, uint32_t length);
/* One post, wakes. */
void store_table_turn(struct store_worker *w);
bool store_table_waits(const struct store_worker *w);
void store_table_free(struct store_worker *w);

/* Brackets every call into the plugin. */
void store_enter(struct store_worker *w, uint32_t call, uint16_t event);
void store_leave(struct store_worker *w);

#endif
