/* guard.h: which instance and which of its functions runs on the trading loop, at any moment, and a thread that notices
 * when one does not end or eats the machine's memory.
 *
 * The thread only looks at a number that rises with every call: what the loop pays is three stores a call. */
#ifndef AQ_HOST_GUARD_H
#define AQ_HOST_GUARD_H

#include <stdbool.h>
#include <stdint.h>

struct host;
struct instance;

enum guard_call {
	GUARD_NONE = 0, GUARD_CREATE, GUARD_CHECK, GUARD_START, GUARD_STOP, GUARD_DESTROY, GUARD_SAVE, GUARD_LOAD, GUARD_EVENT,
	GUARD_STORE_BEGIN, GUARD_STORE_APPEND, GUARD_STORE_END, GUARD_STORE_MORE, GUARD_STORE_FORGET
};

/* What runs: instance id, enum guard_call and type of the event in one word, so that it is never read half; 0 = the host. */
extern uint64_t guard_word, guard_sequence;

static inline uint64_t guard_word_of(uint32_t instance, uint32_t call, uint16_t event)
{
	return (uint64_t)instance << 32 | (uint64_t)call << 16 | event;
}

static inline void guard_enter(uint32_t instance, enum guard_call call, uint16_t event)
{
	__atomic_store_n(&guard_sequence, guard_sequence + 1, __ATOMIC_RELAXED);
	__atomic_store_n(&guard_word, guard_word_of(instance, call, event), __ATOMIC_RELEASE);
}

static inline void guard_leave(void)
{
	__atomic_store_n(&guard_word, 0, __ATOMIC_RELAXED);
}

/* What a crash is told with: kept apart from the instance, which may be the victim. */
struct guard_about {
	char name[48];     /* the same for the life of the id: alone of all this it may be read by another thread */
	char library[512]; /* the private copy */
	char path[512];    /* the original */
	char hash[16];
	uint32_t kind, generation;
	int64_t reloaded_ns; /* wall clock of the reload that brought it; 0 = the start did */
};
/* Notes it for the id of the instance: before create, and whenever a reload has the old and the new one take turns. [loop] */
void guard_know(const struct instance *i);
/* NULL when the word names no instance. [any] [signal] */
const struct guard_about *guard_about(uint64_t word);
/* create, check, ... or on_event. [signal] */
const char *guard_call_name(uint64_t word);
/* book, trade, fill, ... of an on_event; "" for others. [signal] */
const char *guard_event_name(uint64_t word);

/* Why the process is to end; for the handler of the signal that does it. */
enum guard_verdict { GUARD_FINE = 0, GUARD_HANGS = 1, GUARD_MEMORY = 2 };
enum guard_verdict guard_verdict(void);
/* The call that it is about, else what runs now. [signal] */
uint64_t guard_culprit(void);
/* A thread that runs one instance keeps its own word there; NULL = no longer. [that thread] */
void guard_thread(const uint64_t *word);
/* What the calling thread, which is not the loop's, runs; 0 = no instance. [signal] */
uint64_t guard_thread_word(void);

/* Begins to look. What is over callback_warn is logged, over callback_kill the loop's thread gets SIGABRT. [loop] */
int guard_open(struct host *h);
void guard_close(void);

#endif
