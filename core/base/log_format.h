/* log_format.h: a record of the log, and the line that it becomes. All of it is async-signal-safe. */
#ifndef AQ_BASE_LOG_FORMAT_H
#define AQ_BASE_LOG_FORMAT_H

#include "base/log.h"

#include <stdint.h>

#define LOG_ORIGIN_MAX 64
#define LOG_SAID_MAX 2000                   /* of a text as it was said; a longer one ends with "..." */
#define LOG_TEXT_MAX (LOG_SAID_MAX + 96)    /* with a remark behind it */
#define LOG_LINE_MAX (6 * (LOG_ORIGIN_MAX + LOG_TEXT_MAX) + 128) /* a byte becomes six at most */

struct log_record {
	int64_t time_ns; /* wall clock */
	uint64_t kind;   /* equal for lines of one format string */
	uint16_t origin_length, text_length;
	uint8_t level, reserved[3];
	char bytes[LOG_ORIGIN_MAX + LOG_TEXT_MAX]; /* origin, text; no NUL */
};

/* Length of a record without what of `bytes` is not used. */
static inline size_t log_record_size(const struct log_record *r)
{
	return offsetof(struct log_record, bytes) + r->origin_length + r->text_length;
}

/* Adds to the text, as far as there is room. */
void log_record_add(struct log_record *r, const char *text);
void log_record_add_number(struct log_record *r, uint64_t number);
/* A line and its newline. `out` has LOG_LINE_MAX bytes. Returns the length. Control characters and what is not UTF-8 never
 * reach it as they are. */
size_t log_format(enum log_format format, const struct log_record *r, char *out);
/* Year, month, day, hour, minute, second of UTC. */
void log_civil_time(int64_t seconds, int out[6]);

#endif
