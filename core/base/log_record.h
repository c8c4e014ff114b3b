/* log_record.h: a line of the log before it has a form. */
#ifndef AQ_BASE_LOG_RECORD_H
#define AQ_BASE_LOG_RECORD_H

#include <aioquant/abi.h>

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#define LOG_ORIGIN_MAX 64
#define LOG_SAID_MAX 2000                /* of a text as it was said; a longer one ends with "..." */
#define LOG_TEXT_MAX (LOG_SAID_MAX + 96) /* with a remark behind it */

struct log_record {
	int64_t time_ns; /* wall clock */
	uint64_t kind;   /* equal for lines of one format string; what plugins say has one */
	uint16_t origin_length, text_length;
	uint8_t level, reserved[3];
	char bytes[LOG_ORIGIN_MAX + LOG_TEXT_MAX]; /* origin, text; no NUL */
};

/* Fills a record with the time and the text. [any] */
void log_record_make(struct log_record *r, int level, const char *origin, const char *format, va_list args)
	__attribute__((format(printf, 4, 0)));
/* Length of a record without what of `bytes` is not used. */
static inline size_t log_record_size(const struct log_record *r)
{
	return offsetof(struct log_record, bytes) + r->origin_length + r->text_length;
}

/* Adds to the text, as far as there is room. Async-signal-safe. */
void log_record_add(struct log_record *r, const char *text);
void log_record_add_number(struct log_record *r, uint64_t number);

#endif
