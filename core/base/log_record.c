/* log_record.c: makes a record of what is said; see log_record.h. */
#include "base/log_record.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

/* Puts "..." at the end of a text that was longer; not into the middle of a character. */
static size_t cut(char *text)
{
	size_t at = LOG_SAID_MAX - 3;

	while (at > 0 && ((unsigned char)text[at] & 0xc0) == 0x80)
		at--;
	memcpy(text + at, "...", 3);
	return at + 3;
}

void log_record_make(struct log_record *r, int level, const char *origin, const char *format, va_list args)
{
	size_t origin_length = strnlen(origin, LOG_ORIGIN_MAX);
	char *text = r->bytes + origin_length;
	struct timespec now;
	int length;

	clock_gettime(CLOCK_REALTIME, &now);
	r->time_ns = now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
	r->kind = (uintptr_t)format;
	r->level = (uint8_t)(level < 0 ? 0 : level > AQ_LOG_ERROR ? AQ_LOG_ERROR : level);
	memset(r->reserved, 0, sizeof(r->reserved));
	r->origin_length = (uint16_t)origin_length;
	memcpy(r->bytes, origin, origin_length);
	length = vsnprintf(text, LOG_SAID_MAX + 1, format, args);
	length = length < 0 ? 0 : length;
	r->text_length = (uint16_t)(length > LOG_SAID_MAX ? cut(text) : (size_t)length);
}

void log_record_add(struct log_record *r, const char *text)
{
	size_t length = strlen(text), used = r->text_length, left = LOG_TEXT_MAX - used;

	length = length < left ? length : left;
	memcpy(r->bytes + r->origin_length + used, text, length);
	r->text_length = (uint16_t)(used + length);
}

void log_record_add_number(struct log_record *r, uint64_t number)
{
	char digits[21];
	size_t at = sizeof(digits) - 1;

	digits[at] = '\0';
	do
		digits[--at] = (char)('0' + number % 10);
	while ((number /= 10) > 0);
	log_record_add(r, digits + at);
}
