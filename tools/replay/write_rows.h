/* write_rows.h: writes the rows of any source (rows.h) into a capture: of one instrument, in the order of time.
 *
 * A trade stands at its own time, a candle at its end: before that nobody could know it. Time must not go back; a candle
 * must begin where none has begun before. What a candle says of an interval without a trade is not written: such an
 * interval has none. */
#ifndef REPLAY_WRITE_ROWS_H
#define REPLAY_WRITE_ROWS_H

#include <replay/progress.h>
#include <replay/rows.h>

#include <stdio.h>

#define WRITE_GAPS_KEPT 10

struct write_rows {
	const char *out;                        /* the capture; its place is taken when all of it is there */
	const char *source;                     /* "btcusdt.csv"; a day is put behind it */
	const struct aq_instrument *instrument; /* prices and quantities of the rows have its digits */
	bool skip_bad;                          /* else the first bad row is the end of it */
	FILE *complaints;                       /* gets a line for each of the first bad rows; NULL = silent */
	struct progress *progress;              /* NULL = none is shown */
};

struct write_gap {
	int64_t from_ns, to_ns;
	uint64_t missing; /* candles */
};

struct write_result {
	uint64_t rows, bad; /* bad: skipped */
	uint64_t trades, klines, empty; /* empty: candles of nothing traded */
	uint64_t sideless;              /* trades that do not say who took */
	uint64_t gaps, missing;         /* where candles are missing, and how many */
	struct write_gap gap[WRITE_GAPS_KEPT]; /* the first ones */
	int64_t first_ns, last_ns;      /* first trade to last one, or first begin to last end of a candle */
	uint8_t interval;               /* of candles */
};

/* AQ_OK also when rows were skipped. Else the reason, and no capture. */
int write_rows(
	const struct write_rows *what, const struct replay_rows *rows, struct write_result *result, struct aq_err *err);

#endif
