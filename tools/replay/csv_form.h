/* csv_form.h: which column of a file holds what: by the header's names, by names that were given, or, without either, by
 * the shape of the first line, where that can be only one of the known forms. */
#ifndef REPLAY_CSV_FORM_H
#define REPLAY_CSV_FORM_H

#include <aioquant/abi.h>

#include <replay/csv.h>
#include <replay/name.h>

enum csv_column {
	CSV_TIME,
	CSV_CLOSE_TIME, /* of a candle; says its interval */
	CSV_OPEN,
	CSV_HIGH,
	CSV_LOW,
	CSV_CLOSE,
	CSV_PRICE,
	CSV_QTY,
	CSV_VALUE, /* quantity in the quote currency */
	CSV_TRADES,
	CSV_TAKER_QTY,
	CSV_TAKER_VALUE,
	CSV_ID,
	CSV_SIDE,
	CSV_MAKER, /* was the buyer the maker? */
	CSV_SYMBOL,
	CSV_COLUMNS
};

struct csv_form {
	int at[CSV_COLUMNS]; /* index of the field; -1 = none */
	unsigned fields;     /* of each line */
	bool klines;         /* else trades */
	bool header;         /* the first line is none of the data */
	bool of_day;         /* times are ms since midnight */
	bool binance;        /* of Binance's public data */
};

/* The first name of a column; for messages. */
const char *csv_column_name(enum csv_column column);
/* `columns`: names for the fields, separated by commas, as in a header; NULL = none given. `where`: file and line. */
int csv_form_find(const struct csv_line *first, const struct replay_name *name, const char *columns, const char *where,
	struct csv_form *out, struct aq_err *err);

#endif
