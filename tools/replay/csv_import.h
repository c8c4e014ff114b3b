/* csv_import.h: CSV files of trades or candles into a capture: the files' rows (csv_rows.h), the instrument, by options
 * and what the files say of themselves, and the writer (write_rows.h). */
#ifndef REPLAY_CSV_IMPORT_H
#define REPLAY_CSV_IMPORT_H

#include <replay/markets.h>
#include <replay/write_rows.h>

struct csv_import {
	const char *market;        /* BTC/USDT, BTC/USDT:USDT; NULL = by venue and symbol */
	const char *venue, *symbol; /* NULL = by the file's name */
	struct replay_filters filters;
	const char *digits;        /* "8/8", of prices and quantities; NULL = that */
	const char *columns, *interval; /* NULL = by the file */
	bool skip_bad;
	const char *out;
	const char *const *in;
	size_t files;
	FILE *complaints;          /* NULL = silent */
	struct progress *progress; /* NULL = none */
};

/* As write_rows. Fills *instrument too. AQ_EINVAL, AQ_ENOENT: what cannot be known, and which option says it. */
int csv_import(const struct csv_import *what, struct write_result *result, struct aq_instrument *instrument,
	struct aq_err *err);

#endif
