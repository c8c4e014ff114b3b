/* csv_time.c: moments as files write them. */
#include <replay/csv.h>

#include <stdint.h>
#include <string.h>

#define SECOND_NS INT64_C(1000000000)
#define DAY_S 86400
#define FIRST_NS (INT64_C(946684800) * SECOND_NS)  /* 2000-01-01 */
#define BEYOND_NS (INT64_C(7258118400) * SECOND_NS) /* 2200-01-01 */

static const char allowed[] = "s, ms, us or ns since 1970, or 2024-08-08T23:54:13Z; of the years 2000 to 2199";

struct text {
	const char *at, *end;
};

/* Takes exactly `digits` digits; false: they are not there. */
static bool take_number(struct text *t, unsigned digits, int *out)
{
	int value = 0;
	if ((size_t)(t->end - t->at) < digits)
		return false;
	for (unsigned i = 0; i < digits; i++) {
		if (t->at[i] < '0' || t->at[i] > '9')
			return false;
		value = value * 10 + (t->at[i] - '0');
	}
	t->at += digits;
	*out = value;
	return true;
}

static bool take(struct text *t, char c)
{
	if (t->at == t->end || *t->at != c)
		return false;
	t->at++;
	return true;
}

/* Up to nine digits behind a point or comma, as ns; further ones must be zeros. */
static bool take_fraction(struct text *t, int64_t unit, int64_t *out)
{
	const char *begin = t->at;
	int64_t value = 0;
	for (; t->at < t->end && *t->at >= '0' && *t->at <= '9'; t->at++) {
		if (unit < 10 && *t->at != '0')
			return false;
		unit /= 10;
		value += (*t->at - '0') * unit;
	}
	*out = value;
	return t->at > begin;
}

static int64_t days(int year, int month, int day)
{
	static const int before[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};
	int leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
	int64_t years = (int64_t)(year - 1970) * 365 + (year - 1969) / 4 - (year - 1901) / 100 + (year - 1601) / 400;
	return years + before[month - 1] + (leap && month > 2) + day - 1;
}

static int length_of(int year, int month)
{
	static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
	return lengths[month - 1] + (leap && month == 2);
}

static bool take_date(struct text *t, int64_t *seconds)
{
	int year, month, day;
	if (!take_number(t, 4, &year))
		return false;
	bool dashes = take(t, '-');
	if (!take_number(t, 2, &month) || (dashes && !take(t, '-')) || !take_number(t, 2, &day))
		return false;
	if (year < 1970 || month < 1 || month > 12 || day < 1 || day > length_of(year, month))
		return false;
	*seconds = days(year, month, day) * DAY_S;
	return true;
}

/* hh:mm, hh:mm:ss or hh:mm:ss.fraction */
static bool take_clock(struct text *t, int64_t *out_ns)
{
	int hour, minute, second = 0;
	int64_t fraction = 0;
	if (!take_number(t, 2, &hour) || !take(t, ':') || !take_number(t, 2, &minute))
		return false;
	if (take(t, ':')) {
		if (!take_number(t, 2, &second) || (take(t, '.') && !take_fraction(t, SECOND_NS, &fraction)))
			return false;
	}
	*out_ns = (hour * 3600 + minute * 60 + second) * SECOND_NS + fraction;
	return hour < 24 && minute < 60 && second < 60;
}

/* Z, +hh:mm, -hhmm, +hh or nothing: what is to be taken away. */
static bool take_zone(struct text *t, int64_t *out_ns)
{
	int hour, minute = 0;
	*out_ns = 0;
	if (take(t, 'Z') || take(t, 'z') || t->at == t->end)
		return true;
	bool minus = take(t, '-');
	if ((!minus && !take(t, '+')) || !take_number(t, 2, &hour))
		return false;
	if (t->at != t->end && (take(t, ':'), !take_number(t, 2, &minute)))
		return false;
	*out_ns = (hour * 3600 + minute * 60) * (minus ? -SECOND_NS : SECOND_NS);
	return hour < 24 && minute < 60;
}

static bool read_date(struct text t, int64_t *out_ns)
{
	int64_t seconds, clock_ns = 0, zone_ns = 0;
	if (!take_date(&t, &seconds))
		return false;
	if (t.at < t.end) {
		if (!take(&t, 'T') && !take(&t, 't') && !take(&t, ' '))
			return false;
		if (!take_clock(&t, &clock_ns) || (take(&t, ' '), !take_zone(&t, &zone_ns)))
			return false;
	}
	return t.at == t.end && !__builtin_mul_overflow(seconds, SECOND_NS, out_ns) &&
	       !__builtin_add_overflow(*out_ns, clock_ns - zone_ns, out_ns);
}

/* The units differ by 1000, so that from 1973 to 5138 none can be taken for another. */
static int64_t unit_of(int64_t value)
{
	if (value < INT64_C(100000000000))
		return SECOND_NS;
	if (value < INT64_C(100000000000000))
		return 1000000;
	return value < INT64_C(100000000000000000) ? 1000 : 1;
}

static bool read_stamp(struct text t, int64_t *out_ns)
{
	int64_t value = 0, fraction = 0;
	const char *begin = t.at;
	for (; t.at < t.end && *t.at >= '0' && *t.at <= '9'; t.at++)
		if (__builtin_mul_overflow(value, 10, &value) || __builtin_add_overflow(value, *t.at - '0', &value))
			return false;
	int64_t unit = unit_of(value);
	if (t.at == begin || (take(&t, '.') && !take_fraction(&t, unit, &fraction)))
		return false;
	return t.at == t.end && !__builtin_mul_overflow(value, unit, out_ns) &&
	       !__builtin_add_overflow(*out_ns, fraction, out_ns);
}

static bool is_stamp(struct csv_field field)
{
	size_t digits = 0;
	while (digits < field.length && field.text[digits] >= '0' && field.text[digits] <= '9')
		digits++;
	/* 20240808 alone would be a second of 1970; a date it is, too */
	return digits > 8 || (digits > 0 && digits < 8 && digits != 4);
}

const char *csv_time(struct csv_field field, int64_t *out_ns)
{
	struct text t = {.at = field.text, .end = field.text + field.length};
	int64_t at_ns = 0;
	if (!(is_stamp(field) ? read_stamp(t, &at_ns) : read_date(t, &at_ns)))
		return allowed;
	if (at_ns < FIRST_NS || at_ns >= BEYOND_NS)
		return allowed;
	*out_ns = at_ns;
	return NULL;
}

const char *csv_time_of_day(struct csv_field field, int64_t day_ns, int64_t *out_ns)
{
	uint64_t ms;
	if (csv_count(field, &ms) != NULL || ms >= (uint64_t)DAY_S * 1000)
		return "ms since midnight, from 0 to 86399999";
	*out_ns = day_ns + (int64_t)ms * 1000000;
	return NULL;
}
