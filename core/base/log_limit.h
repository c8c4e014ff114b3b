/* log_limit.h: lines that come too often are counted, and told once a second. */
#ifndef AQ_BASE_LOG_LIMIT_H
#define AQ_BASE_LOG_LIMIT_H

#include "base/log_record.h"

#include <stdbool.h>

#define LOG_LIMIT_ENTRIES 64
#define LOG_LIMIT_WINDOW_NS INT64_C(1000000000)

struct log_limit_entry {
	uint64_t key; /* 0 = free */
	int64_t since_ns;
	uint32_t passed, held;
	struct log_record last; /* that was held back */
};

/* Set: allowed, remark, remark_end. The rest begins as zeros. */
struct log_limit {
	uint32_t allowed; /* lines of one key within a window */
	uint32_t holding; /* entries that hold something */
	const char *remark, *remark_end; /* around the count, behind the last line that was held back */
	struct log_limit_entry entries[LOG_LIMIT_ENTRIES];
};

/* For keys. */
uint64_t log_hash(const void *bytes, size_t length, uint64_t begin);
/* False: it is held back, and counted. */
bool log_limit_pass(struct log_limit *l, uint64_t key, const struct log_record *r, int64_t now_ns);
/* The next line about what was held back, in windows that have ended by `now_ns`; NULL when there is none. It is valid
 * until the next call. Async-signal-safe. */
const struct log_record *log_limit_next(struct log_limit *l, int64_t now_ns);

#endif
