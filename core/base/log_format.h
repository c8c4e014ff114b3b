/* log_format.h: the line that a record of the log becomes. Async-signal-safe. */
#ifndef AQ_BASE_LOG_FORMAT_H
#define AQ_BASE_LOG_FORMAT_H

#include "base/log.h"
#include "base/log_record.h"

#define LOG_LINE_MAX (6 * (LOG_ORIGIN_MAX + LOG_TEXT_MAX) + 128) /* a byte becomes six at most */

/* A line and its newline. `out` has LOG_LINE_MAX bytes. Returns the length. Control characters and what is not UTF-8 never
 * reach it as they are. */
size_t log_format(enum log_format format, const struct log_record *r, char *out);
/* Year, month, day, hour, minute, second of UTC. */
void log_civil_time(int64_t seconds, int out[6]);

#endif
