/* import.h: turns recordings of a venue's streams into a capture file.
 *
 * A recording has lines `<local time> <json>`, the time in ns, us or ms since 1970, the JSON a message of a stream or a
 * REST snapshot of the book. Several files are one recording in the order given.
 *
 * Collectors' clocks are off, some behind the venue's: unshifted such a recording would let a strategy see what has not
 * yet happened. `shift_auto` adds what makes the smallest delay between the venue's event time and the stamp
 * REPLAY_SMALLEST_DELAY_NS.
 */
#ifndef REPLAY_IMPORT_H
#define REPLAY_IMPORT_H

#include <replay/markets.h>
#include <replay/progress.h>

#include <stdbool.h>
#include <stdio.h>

#define REPLAY_SMALLEST_DELAY_NS 1000000

struct replay_import {
	const char *venue, *symbol; /* the venue's spelling of the symbol */
	struct replay_filters filters;
	bool shift_auto;
	int64_t shift_ns; /* unless shift_auto */
	const char *out;
	const char *const *in;
	size_t files;
	FILE *complaints; /* gets a line for each of the first bad lines; NULL = silent */
	struct progress *progress; /* NULL = none is shown */
};

struct replay_result {
	uint64_t lines, bad; /* read, and of these not readable */
	uint64_t other;      /* readable and nothing to a capture: another symbol or stream */
	uint64_t snapshots, deltas, tickers, trades, funding;
	uint64_t clamped; /* frames whose time was raised to the one before */
	bool cut;         /* a file was damaged or ended early; what stood before that is in the capture */
	int64_t shift_ns, first_ns, last_ns;
	int64_t delay_ns; /* the smallest delay, after the shift; INT64_MAX when no message told its time */
};

/* AQ_OK also when lines were bad (result->bad) or a file is cut (result->cut, reason in `err`): the capture holds the
 * rest. Else an error and no file: an argument is wrong, a file is missing, nothing usable was found. */
int replay_import(const struct replay_import *what, struct replay_result *result, struct aq_err *err);

#endif
