/* call.h: every call of a plugin as a record: an operation, numbers, bytes in, bytes out.
 *
 * All host functions go through here. `marshal = on` passes each record through fresh memory, encoded and decoded, with the
 * original overwritten: what cannot survive that is not in the ABI. A reload holds the calls of a start back as the same
 * bytes. A rehearsal answers calls with effects without executing them. */
#ifndef AQ_HOST_CALL_H
#define AQ_HOST_CALL_H

#include "host/instance.h"

enum call_op {
	CALL_TIMER_SET = 1,
	CALL_TIMER_CLEAR,
	CALL_POST,
	CALL_SUBSCRIBE,
	CALL_UNSUBSCRIBE,
	CALL_HISTORY,
	CALL_PLACE,
	CALL_PLACE_BATCH,
	CALL_CANCEL,
	CALL_CANCEL_ALL,
	CALL_AMEND,
	CALL_EMIT,
	CALL_CLOCK,
	CALL_NET_OPEN,
	CALL_NET_SEND,
	CALL_NET_CLOSE,
	CALL_REPLAY_SEND,
	CALL_STORE_BEGIN,
	CALL_STORE_APPEND,
	CALL_STORE_END,
	CALL_STORE_MORE,
	CALL_STORE_FORGET,
	CALL_JOURNAL_OPEN,
	CALL_SPOOL_OPEN,
	CALL_SPOOL_APPEND,
	CALL_TAP_READ,
	CALL_TAP_ACKNOWLEDGE,
	CALL_EFFECTS,        /* those above have effects */
	CALL_FEED_INSTRUMENT,
	CALL_CONF_GET,
	CALL_RESOLVE,
	CALL_INSTRUMENT,
	CALL_TOP,
	CALL_LEVELS,
	CALL_LAST_TRADE,
	CALL_ORDER,
	CALL_OPEN_ORDERS,
	CALL_POSITION,
	CALL_BALANCE,
	CALL_FEES,
	CALL_WHY,
	CALL_GAUGE,
	CALL_SPOOL_STATE,
	CALL_NAME,
	CALL_VIEW_ROWS
};

struct call {
	uint32_t op;      /* enum call_op */
	uint32_t in_size;
	int64_t a, b, c, d;
	const void *in;   /* what the caller points to; copied */
	void *out;        /* where the answer goes */
	uint32_t out_size;
	uint32_t reserved;
};

/* Checks the phase, then executes, holds back or rehearses. Returns what the host function returns. */
int64_t call(struct instance *i, struct call *c);
/* Executes what was held back, in order, and forgets it. */
void call_release(struct instance *i);
/* What the caller has got wrong, before anything is done, held back or rehearsed: the answer is the same each time. In
 * call_do.c. */
int64_t call_check(const struct instance *i, const struct call *c);
/* Does one; in call_do.c. */
int64_t call_do(struct instance *i, const struct call *c);

/* The tables that a plugin gets; in api.c. */
void api_table(struct instance *i, struct aq_host *out);

#endif
