/* ask.h: one call of a store at a time, sent as far as its queue has room. */
#ifndef RECORDER_ASK_H
#define RECORDER_ASK_H

#include <aioquant/store.h>

#include <stdbool.h>
#include <stddef.h>

#define ASK_PARTS 4

struct ask_part {
	const void *bytes; /* stay the caller's until the answer */
	size_t length;
	uint8_t part; /* enum aq_store_part, ascending */
};

struct ask {
	const struct aq_store_api *store;
	void *owner;
	struct aq_store_call call;
	struct ask_part parts[ASK_PARTS];
	unsigned part_count;
	unsigned part; /* the next to be sent */
	size_t at;     /* so much of it has been */
	int64_t id;    /* 0 = not begun */
	bool waits;    /* for its answer */
	bool unsent;   /* not all of it has been sent */
};

/* Begins one; `tag` is that of the answer. */
void ask_begin(struct ask *a, uint32_t store, uint8_t op, const char *collection, uint64_t tag);
void ask_part(struct ask *a, uint8_t part, const void *bytes, size_t length);
/* Sends what has not been sent; again when there is room. AQ_OK, AQ_EAGAIN, or what the caller has got wrong: then
 * there is no call any more. */
int32_t ask_send(struct ask *a);
/* It has ended. */
void ask_end(struct ask *a);

#endif
