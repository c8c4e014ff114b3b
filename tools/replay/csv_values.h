/* csv_values.h: a line's fields as a trade or a candle. */
#ifndef REPLAY_CSV_VALUES_H
#define REPLAY_CSV_VALUES_H

#include <replay/csv_form.h>
#include <replay/rows.h>

struct csv_values {
	const struct csv_form *form;
	unsigned px_digits, qty_digits;
	int64_t day_ns;      /* with form->of_day */
	uint8_t interval;    /* of candles; 0: the first one says it, and it stands here then */
	const char *where;   /* file and line */
};

/* AQ_OK, or AQ_EFORMAT with where, what was found, and what is allowed. */
int csv_values_read(struct csv_values *v, const struct csv_line *line, struct replay_row *out, struct aq_err *err);

#endif
