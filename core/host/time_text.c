/* time_text.c: see time_text.h. */
#include "host/time_text.h"

#include <string.h>
#include <time.h>

#define SECOND INT64_C(1000000000)

/* So many digits. */
static bool take_number(const char **at, const char *end, int digits, int *out)
{
	*out = 0;
	for (int i = 0; i < digits; i++, ++*at) {
		if (*at == end || **at < '0' || **at > '9')
			return false;
		*out = *out * 10 + (**at - '0');
	}
	return true;
}

static bool take_char(const char **at, const char *end, const char *chars)
{
	if (*at == end || strchr(chars, **at) == NULL || **at == '\0')
		return false;
	++*at;
	return true;
}

static bool take_fraction(const char **at, const char *end, int64_t *ns)
{
	int digits = 0;

	*ns = 0;
	for (; *at < end && **at >= '0' && **at <= '9'; ++*at, digits++) {
		if (digits == 9)
			return false;
		*ns = *ns * 10 + (**at - '0');
	}
	for (int i = digits; i < 9; i++)
		*ns *= 10;
	return digits > 0;
}

static bool take_day(const char **at, const char *end, struct tm *tm)
{
	tm->tm_mon = tm->tm_mday = 1;
	if (!take_number(at, end, 4, &tm->tm_year))
		return false;
	if (take_char(at, end, "-") && !take_number(at, end, 2, &tm->tm_mon))
		return false;
	return !take_char(at, end, "-") || take_number(at, end, 2, &tm->tm_mday);
}

static bool take_clock(const char **at, const char *end, struct tm *tm, int64_t *fraction)
{
	if (!take_number(at, end, 2, &tm->tm_hour) || !take_char(at, end, ":") || !take_number(at, end, 2, &tm->tm_min))
		return false;
	if (!take_char(at, end, ":"))
		return true;
	if (!take_number(at, end, 2, &tm->tm_sec))
		return false;
	return !take_char(at, end, ".") || take_fraction(at, end, fraction);
}

/* The day is there: 30 February is not. */
static bool to_ns(struct tm tm, int64_t fraction, int64_t *ns)
{
	struct tm copy = tm;
	int64_t second;

	tm.tm_year -= 1900;
	tm.tm_mon--;
	copy = tm;
	second = (int64_t)timegm(&copy);
	return copy.tm_mday == tm.tm_mday && copy.tm_mon == tm.tm_mon && tm.tm_hour < 24 && tm.tm_min < 60 &&
	       tm.tm_sec < 60 && !__builtin_mul_overflow(second, SECOND, ns) &&
	       !__builtin_add_overflow(*ns, fraction, ns);
}

bool time_text_parse(const char *text, size_t length, int64_t *ns)
{
	const char *at = text, *end = text + length;
	int64_t fraction = 0;
	struct tm tm = {0};

	if (!take_day(&at, end, &tm))
		return false;
	if (take_char(&at, end, "T ") && !take_clock(&at, end, &tm, &fraction))
		return false;
	take_char(&at, end, "Z");
	return at == end && to_ns(tm, fraction, ns);
}
