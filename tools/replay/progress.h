/* progress.h: a line on a terminal that says how far an import is, drawn anew a few times a second; nothing elsewhere. */
#ifndef REPLAY_PROGRESS_H
#define REPLAY_PROGRESS_H

#include <replay/rows.h>

#include <stdio.h>

#define PROGRESS_COLUMNS 79 /* of 80: a terminal may begin a new line behind the last one */

struct progress {
	FILE *to; /* NULL: nothing is shown */
	const char *name;
	int64_t began_ns, drawn_ns; /* of the machine's steady clock */
	uint64_t steps;
	unsigned shown; /* characters of the line that stands there */
};

/* Shows it on stderr where that is a terminal. `name` is borrowed. */
void progress_begin(struct progress *p, const char *name);
/* One more row, of `rows` so far; `p` may be NULL here and below. */
void progress_step(struct progress *p, const struct replay_rows *source, uint64_t rows);
/* The same for other sources: `done` of `all` bytes. */
void progress_bytes(struct progress *p, uint64_t done, uint64_t all, uint64_t rows);
/* True when the next step may draw: what it is to be told need not be found out before. */
int progress_due(struct progress *p);
/* Takes the line away. */
void progress_clear(struct progress *p);
/* The line itself, without an end; for tests. Returns its length, at most PROGRESS_COLUMNS. */
int progress_text(const char *name, uint64_t done, uint64_t all, uint64_t rows, int64_t since_ns,
	char out[PROGRESS_COLUMNS + 1]);

#endif
