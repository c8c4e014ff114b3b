/* batch.h: records that have come from a journal or a spool and are not yet stored, in their order. */
#ifndef RECORDER_BATCH_H
#define RECORDER_BATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct batch_record {
	uint64_t number, acknowledge; /* its own; what says that it and all before it are done with */
	int64_t time_ns;              /* of its row */
	size_t at;                    /* of its bytes */
	bool stored;                  /* found in the store: its insert was not answered */
};

/* Numbers that were dropped. */
struct batch_gap {
	uint64_t first, last;
};

struct batch {
	uint8_t *bytes;
	size_t room, used;
	struct batch_record *records;
	struct batch_gap *gaps;
	uint32_t most, count, gap_count;
};

/* Room for `most` records of `longest` bytes. False: out of memory. */
bool batch_init(struct batch *b, uint32_t most, size_t longest);
void batch_free(struct batch *b);
/* There is room for it: no more than were asked for come. */
void batch_add(struct batch *b, const struct batch_record *record, const void *bytes, uint32_t length);
void batch_add_gap(struct batch *b, uint64_t first, uint64_t last);
/* The first `count` records and `gaps` gaps are done with. */
void batch_drop(struct batch *b, uint32_t count, uint32_t gaps);
/* Notes that a record is in the store already. */
void batch_is_stored(struct batch *b, uint32_t count, uint64_t number, int64_t time_ns);

#endif
