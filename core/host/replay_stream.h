/* replay_stream.h: the rows of one market in one table of a recorder, in the order of time, each once: a page after the other,
 * so that a year takes no more memory than an hour. */
#ifndef AQ_HOST_REPLAY_STREAM_H
#define AQ_HOST_REPLAY_STREAM_H

#include "host/replay_rows.h"
#include "host/store_alone.h"

#define REPLAY_RECENT 4096 /* ids of trades */

struct replay_stream {
	struct store_alone *store; /* borrowed, and so are the texts */
	const char *market;
	int64_t from_ns, end_ns;   /* what is still to be asked for; the end belongs to it */
	uint32_t limit;            /* of a page */
	bool ended;                /* there is no further page */
	struct replay_rows rows;   /* the page in hand, settled */
	uint32_t next;             /* of its rows */
	uint64_t recent[REPLAY_RECENT];
	uint64_t taken;            /* rows of the store so far */
};

/* `interval`: of candles. */
void replay_stream_begin(struct replay_stream *s, struct store_alone *store, enum replay_table table, const char *market,
	uint8_t interval, int64_t start_ns, int64_t end_ns);
/* The next row, which stays until replay_stream_take; NULL in *row at the end. 0 or an error. */
int replay_stream_peek(struct replay_stream *s, const struct replay_row **row, struct aq_err *err);
void replay_stream_take(struct replay_stream *s);
/* When it happens: a candle at its end, before which nobody knew it. */
int64_t replay_stream_ns(const struct replay_stream *s, const struct replay_row *row);
const void *replay_stream_body(const struct replay_stream *s, const struct replay_row *row);
void replay_stream_end(struct replay_stream *s);

#endif
