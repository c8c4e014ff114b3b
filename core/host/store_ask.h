/* store_ask.h: calls of stores that the host itself makes: what aqctl looks for, and what it has kept for its own use.
 *
 * They are calls as those of strategies are, in the same order and over a reload of the back end, but their answers come to
 * functions in place of events. These run on the trading loop, never before the function that caused them has returned, and
 * may ask, want more and forget. After `end` or `error` nothing more comes, and after `forget` nothing at all.
 *
 * In a simulation an answer is due when that of a strategy would be, and time stands still until it is there. One from
 * outside (a person who looks) is no part of the simulation: it comes when it comes, and changes nothing of what strategies
 * are told and when. */
#ifndef AQ_HOST_STORE_ASK_H
#define AQ_HOST_STORE_ASK_H

#include "host/store.h"

struct store_asker {
	/* As AQ_EV_STORE_ROWS: `bytes` are documents, a frame, or a piece of one long row; they are borrowed. */
	void (*rows)(void *context, const struct aq_store_rows *rows, const void *bytes);
	void (*end)(void *context, const struct aq_store_end *end);
	void (*error)(void *context, const struct aq_store_error *error);
};

struct store_part {
	const void *bytes; /* copied */
	size_t length;     /* 0 = there is none */
};

struct store_ask {
	uint32_t store;
	uint8_t op;            /* enum aq_store_op */
	bool outside;          /* of a simulation */
	uint32_t flags;        /* AQ_STORE_* */
	const char *collection; /* NULL = none */
	uint64_t skip, limit;
	int64_t deadline_ns;   /* wall clock, 0 = none: an error when the back end has not begun it by then */
	uint32_t rows;         /* of the first page, 0 = all */
	struct store_part parts[AQ_PART_PARAMETERS + 1]; /* by enum aq_store_part */
};

/* The call's id (> 0); AQ_ENOENT (store), AQ_ESTATE (no back end runs), AQ_EINVAL, AQ_EAGAIN (its queue is full, try again).
 * The asker is borrowed until the call has ended. */
int64_t store_ask(struct host *h, const struct store_ask *what, const struct store_asker *asker, void *context);
/* So many rows more, 0 = all, when the last page has come. AQ_ENOENT: it has ended. AQ_EAGAIN: try again. */
int32_t store_ask_more(struct host *h, int64_t call, uint32_t rows);
/* Accepts one that has ended. */
void store_ask_forget(struct host *h, int64_t call);

/* For store_events.c: hands an answer over. */
void store_ask_told(const struct store_call *c, uint16_t type, const void *body);

#endif
