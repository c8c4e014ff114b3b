/* stream.h: one kind of records on its way from the journal or a spool into its table.
 *
 * It reads a batch, stores it in one insert, and acknowledges it when that was answered. An insert whose answer was
 * lost, by a fault of the store or a kill of this process, is looked up before it is sent again: each row carries its
 * number, so that nothing is missing and nothing is double. One call at a time. */
#ifndef RECORDER_STREAM_H
#define RECORDER_STREAM_H

#include "ask.h"
#include "batch.h"
#include "line.h"
#include "rows.h"

enum stream_step {
	STREAM_CREATE = 1, /* its table is made, or found to be there */
	STREAM_CREATE_GAPS,
	STREAM_READ,    /* waits for records */
	STREAM_CONFIRM, /* asks which rows are there already */
	STREAM_GAP,
	STREAM_INSERT,
	STREAM_OLDEST, /* asks for its oldest row, whether it is older than is kept */
	STREAM_EXPIRE
};

struct stream {
	const struct rows *rows;
	const struct rows_host *host;
	const struct aq_journal_api *journal;
	const struct aq_spool_api *spool;
	uint64_t *calls;         /* tag of the last call of all streams */
	const int64_t *flush_ns; /* at least so long between two inserts that are not full */
	struct line line;
	struct ask ask;
	struct batch batch;
	uint64_t tag; /* of what it reads; 0 = not in use */
	uint64_t call_tag;
	uint8_t step;         /* enum stream_step */
	bool doubts;          /* what is read next may be stored already */
	bool hurries;         /* the host stops */
	uint32_t outstanding; /* records that were asked for and have not come */
	bool more;            /* another waits behind the last */
	uint32_t sending;     /* of the batch */
	uint32_t at_once;     /* most of it: fewer when the store has refused more */
	bool may_expire;      /* it is the turn of what is too old */
	uint64_t oldest;      /* number of the oldest row, found */
	int64_t oldest_ns;
	bool has_oldest;
	unsigned tries;
	int64_t not_before_ns;
	int64_t expire_ns; /* next look at what is old */
	char trouble[240]; /* last told */
	uint8_t *frame;
	size_t frame_room;
	uint8_t filter[512], other[256], update[512];
	uint64_t stored, lost; /* rows; numbers that were dropped */
};

/* Opens what it reads, under `tag`. In start; calls with effects are allowed. */
int32_t stream_start(struct stream *s, uint64_t tag, const char *spool_folder, int64_t spool_limit);
void stream_free(struct stream *s);
/* Does what can be done now. */
void stream_go(struct stream *s);
/* The same, every now and then: what has come is stored, whether more of it is said to wait or not. */
void stream_tick(struct stream *s);
/* Events that carry one of its tags. */
void stream_record(struct stream *s, const struct aq_event *event);
void stream_rows(struct stream *s, const struct aq_store_rows *rows);
void stream_end(struct stream *s, const struct aq_store_end *end);
void stream_error(struct stream *s, const struct aq_store_error *error);

#endif
