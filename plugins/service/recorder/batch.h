/* batch.h: records that have come from a journal or a spool and are not yet stored, in their order. */
#ifndef RECORDER_BATCH_H
#define RECORDER_BATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct batch_record {
	uint64_t number, acknowledge; /* its own; what says that it and all before it are done with */
	uint64_t missing;             /* the first of those that were dropped right before it; 0 = none */
	int64_t time_ns;              /* of its row */
	size_t at;                    /* of its bytes */
	bool stored;                  /* found in the store: its insert was not answered */
};

struct batch {
	uint8_t *bytes;
	size_t room, used;
	struct batch_record *records;
	uint32_t most, count;
};

/* Room for `most` records of `longest` bytes. False: out of memory. */
bool batch_init(struct batch *b, uint32_t most, size_t longest);
void batch_free(struct batch *b);
/* False: there is no room for it: it is longer than was said. */
bool batch_add(struct batch *b, const struct batch_record *record, const void *bytes, uint32_t length);
/* How many of the first `most` records follow each other without a gap; one may come before the first. */
uint32_t batch_whole(const struct batch *b, uint32_t most);
/* The first `count` records are done with. */
void batch_drop(struct batch *b, uint32_t count);
/* Notes that a record, or one of those that are missing before the first, is in the store already. Whoever stores them
 * stores them in their order: all before it are, too. */
void batch_is_stored(struct batch *b, uint32_t count, uint64_t number, int64_t time_ns);

#endif
