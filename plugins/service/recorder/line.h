/* line.h: a line of the section: `main 1m 5m keep 30d`, `ticks 20 levels every 1s`. The host has taken the store from
 * it. */
#ifndef RECORDER_LINE_H
#define RECORDER_LINE_H

#include <aioquant/plugin.h>

#include <stdbool.h>

#define LINE_LEVELS_MAX 100

/* What a line may say besides its store. */
enum { LINE_INTERVALS = 1, LINE_LEVELS = 2, LINE_EVERY = 4 };

struct line {
	bool given;
	uint32_t store;
	uint32_t intervals; /* bits 1u << enum aq_interval */
	uint32_t levels;
	int64_t every_ns; /* 0 = not said */
	int64_t keep_ns;  /* 0 = for ever */
};

/* `may`: LINE_*. On error *err says what is wrong in the line `key` and what is allowed. */
int32_t line_read(
	const char *key, const struct aq_store_line *text, unsigned may, struct line *out, struct aq_err *err);
/* "1m"; NULL = it has no name here. */
const char *line_interval_name(unsigned interval);

#endif
