/* csv.h: a line of comma-separated values as its fields, and what may stand in one. All that is read from text goes to
 * integers straight. A fault is a text for people: what is allowed; NULL = none. */
#ifndef REPLAY_CSV_H
#define REPLAY_CSV_H

#include <aioquant/types.h>

#include <stdbool.h>
#include <stddef.h>

#define CSV_FIELDS_MAX 64u
#define CSV_LINE_MAX 4096u

/* Borrowed from the line, without blanks and quotes around it. */
struct csv_field {
	const char *text;
	size_t length;
};

struct csv_line {
	unsigned count;
	struct csv_field field[CSV_FIELDS_MAX];
};

const char *csv_split(const char *text, size_t length, struct csv_line *out);
bool csv_is(struct csv_field field, const char *text);
/* A copy for a message: what cannot be printed is '?', what is long ends with "...". Returns `out`. */
#define CSV_SHOWN 48
const char *csv_show(struct csv_field field, char out[CSV_SHOWN]);

/* A moment: s, ms, us or ns since 1970, told apart by their size, s and ms also with digits behind a point; or
 * `2024-08-08T23:54:13.25Z`, without a zone UTC, also with a blank for the T, without the time of day or its seconds, and
 * `20240808 23:54`. From 2000 to 2199. */
const char *csv_time(struct csv_field field, int64_t *out_ns);
/* The time of day as ms since midnight. */
const char *csv_time_of_day(struct csv_field field, int64_t day_ns, int64_t *out_ns);
/* AQ_BUY or AQ_SELL; `maker`: the field says whether the buyer was the maker. */
const char *csv_side(struct csv_field field, bool maker, uint8_t *out);
const char *csv_count(struct csv_field field, uint64_t *out);

#endif
