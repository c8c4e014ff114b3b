/* replay_rows.h: rows of a recorder's tables as the bodies of a capture's frames. They are of anyone: what they say is checked.
 *
 * What a host recorded, another may have recorded too: a trade with its id, a candle or a book of a time is taken once. Of
 * trades without an id, those of one time are taken from the host that has most of them. */
#ifndef AQ_HOST_REPLAY_ROWS_H
#define AQ_HOST_REPLAY_ROWS_H

#include <aioquant/frame.h>

enum replay_table { REPLAY_TRADES, REPLAY_BOOKS, REPLAY_KLINES, REPLAY_TABLES };

struct replay_row {
	int64_t at_ns;
	uint64_t id;           /* of a trade, 0 = none; of a candle 1: trades of it are not known */
	uint64_t host, number; /* the host as a hash of its name */
	uint32_t at, length;   /* where its body lies in `bytes` */
};

struct replay_rows {
	uint8_t table;         /* enum replay_table */
	uint8_t interval;      /* of candles */
	uint8_t px_digits, qty_digits; /* of trades and candles; books have SIM_STORED_DIGITS */
	bool keeps_partial;    /* candles of which trades are not known stay where no host knows all of one */
	struct replay_row *list;
	uint32_t count, capacity;
	uint8_t *bytes;        /* aq_trade; aq_book_update and its levels; aq_kline */
	size_t used, room;
	uint64_t seen;         /* rows that came, whatever became of them */
	int64_t last_ns;       /* of the last of them */
	uint64_t bare, partial; /* left out: rows without contents; candles of which no host knows all trades */
};

/* "trades", ...; and the columns that are asked for, which ends with NULL. */
const char *replay_table_name(enum replay_table table);
const char *const *replay_table_columns(enum replay_table table);
/* The rows of a frame that came. 0, or what is wrong in which row. */
int replay_rows_take(struct replay_rows *r, const struct aq_frame_reader *f, struct aq_err *err);
/* All rows of a time are there, for each time: sorts those and leaves out what stands there more than once. */
void replay_rows_settle(struct replay_rows *r);
/* Without rows; what was counted stays. */
void replay_rows_clear(struct replay_rows *r);
void replay_rows_free(struct replay_rows *r);

#endif
