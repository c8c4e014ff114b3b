/* csv_rows.h: the rows of CSV files: trades or candles, of one instrument, several files one after the other. */
#ifndef REPLAY_CSV_ROWS_H
#define REPLAY_CSV_ROWS_H

#include <replay/csv_form.h>
#include <replay/rows.h>

struct csv_options {
	const char *const *in; /* borrowed, as all texts here */
	size_t files;
	const char *columns; /* NULL = by header or shape */
	uint8_t interval;    /* of candles; 0 = by the file */
};

/* What the first file says of itself, once it is open. */
struct csv_facts {
	bool klines;
	bool binance;     /* a file of Binance's public data */
	uint8_t interval; /* of candles; 0 = the rows say it */
	const char *symbol, *venue; /* of the name; NULL = not known */
};

struct csv_rows;

/* Reads as far as the first line of the first file. NULL with the reason in `err`. */
struct csv_rows *csv_rows_open(const struct csv_options *options, struct aq_err *err);
struct csv_facts csv_rows_facts(const struct csv_rows *r);
/* Of prices and quantities; before the first row. */
void csv_rows_digits(struct csv_rows *r, unsigned px_digits, unsigned qty_digits);
struct replay_rows csv_rows_source(struct csv_rows *r);
void csv_rows_close(struct csv_rows *r);

#endif
