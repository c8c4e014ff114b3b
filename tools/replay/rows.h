/* rows.h: trades or candles, one after the other, from wherever they come: what the writer of a capture (write_rows.h)
 * reads. A source knows files, tables and their forms; the writer knows order, gaps and captures; neither knows the other.
 */
#ifndef REPLAY_ROWS_H
#define REPLAY_ROWS_H

#include <aioquant/event.h>

#include <stdbool.h>
#include <stdint.h>

struct replay_row {
	bool is_kline;
	int64_t at_ns;   /* when it was traded, or when the candle began */
	uint64_t number; /* of the line or row in its source, from 1 */
	union {
		struct aq_trade trade;
		struct aq_kline kline; /* closed; `empty` 0. qty 0: nothing was traded, prices do not count */
	};
};

enum { ROWS_END = 0, ROWS_ROW = 1, ROWS_BAD = 2, ROWS_CUT = 3 };

struct replay_rows {
	void *self;
	/* ROWS_ROW; ROWS_BAD: this one cannot be read, `err` says where, what was found, and what is allowed, and the next
	 * call gives the next one; ROWS_CUT: likewise, but of this part of the source nothing more comes; ROWS_END; or an error: nothing more can be read. */
	int (*next)(void *self, struct replay_row *out, struct aq_err *err);
	/* Where the last row stood, for messages: "file:line". Borrowed until the next call. */
	const char *(*where)(void *self);
	/* How far it is, of how much, in any unit; both 0 = not known. */
	void (*progress)(void *self, uint64_t *done, uint64_t *all);
};

#endif
