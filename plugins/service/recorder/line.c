/* line.c: see line.h. */
#include "line.h"

#include <aioquant/event.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SECOND INT64_C(1000000000)

static const struct {
	const char *name;
	uint32_t interval;
} intervals[] = {{"1m", AQ_1M}, {"3m", AQ_3M}, {"5m", AQ_5M}, {"15m", AQ_15M}, {"30m", AQ_30M}, {"1h", AQ_1H},
	{"2h", AQ_2H}, {"3h", AQ_3H}, {"4h", AQ_4H}, {"6h", AQ_6H}, {"8h", AQ_8H}, {"12h", AQ_12H}, {"1d", AQ_1D},
	{"3d", AQ_3D}, {"1w", AQ_1W}};
#define INTERVALS (sizeof(intervals) / sizeof(*intervals))

const char *line_interval_name(unsigned interval)
{
	for (size_t i = 0; i < INTERVALS; i++)
		if (intervals[i].interval == interval)
			return intervals[i].name;
	return NULL;
}

static uint32_t interval_of(const char *word)
{
	for (size_t i = 0; i < INTERVALS; i++)
		if (strcmp(intervals[i].name, word) == 0)
			return intervals[i].interval;
	return 0;
}

/* Whole numbers with a unit, as everywhere in the configuration. */
static bool read_duration(const char *word, int64_t *out)
{
	static const struct {
		const char *name;
		int64_t ns;
	} units[] = {
		{"ms", SECOND / 1000}, {"s", SECOND}, {"m", 60 * SECOND}, {"h", 3600 * SECOND}, {"d", 86400 * SECOND}};
	char *end;
	long long number = strtoll(word, &end, 10);

	if (word[0] < '0' || word[0] > '9' || number <= 0)
		return false;
	for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++)
		if (strcmp(end, units[i].name) == 0)
			return !__builtin_mul_overflow((int64_t)number, units[i].ns, out);
	return false;
}

static int32_t refuse(const char *key, const char *word, unsigned may, struct aq_err *err)
{
	snprintf(err->text, sizeof(err->text),
		"%s: %.40s is not understood. Behind the store may stand:%s%s%s keep 30d.", key,
		word[0] != '\0' ? word : "the end of the line",
		(may & LINE_INTERVALS) != 0 ? " intervals (1m 3m 5m 15m 30m 1h 2h 3h 4h 6h 8h 12h 1d 3d 1w)," : "",
		(may & LINE_LEVELS) != 0 ? " 20 levels (1 to 100)," : "",
		(may & LINE_EVERY) != 0 ? " every 1s (100ms at least)," : "");
	return AQ_EFORMAT;
}

static bool take_pair(const char *word, const char *next, unsigned may, struct line *out, bool *fits)
{
	char *end;
	long levels = strtol(word, &end, 10);

	*fits = true;
	if (strcmp(word, "keep") == 0)
		*fits = read_duration(next, &out->keep_ns);
	else if (strcmp(word, "every") == 0 && (may & LINE_EVERY) != 0)
		*fits = read_duration(next, &out->every_ns) && out->every_ns >= SECOND / 10;
	else if ((may & LINE_LEVELS) != 0 && strcmp(next, "levels") == 0 && *end == '\0')
		*fits = levels > 0 && levels <= LINE_LEVELS_MAX;
	else
		return false;
	if (strcmp(next, "levels") == 0)
		out->levels = (uint32_t)levels;
	return true;
}

int32_t line_read(const char *key, const struct aq_store_line *text, unsigned may, struct line *out, struct aq_err *err)
{
	char copy[sizeof(text->words)], *rest = NULL;
	bool fits;

	*out = (struct line){.given = text->store != 0, .store = text->store};
	memcpy(copy, text->words, sizeof(copy));
	for (char *word = strtok_r(copy, " ", &rest); word != NULL; word = strtok_r(NULL, " ", &rest)) {
		uint32_t interval = (may & LINE_INTERVALS) != 0 ? interval_of(word) : 0;
		char *next = rest + strspn(rest, " ");
		char pair[sizeof(copy)];

		snprintf(pair, sizeof(pair), "%.*s", (int)strcspn(next, " "), next);
		if (interval != 0) {
			out->intervals |= 1u << interval;
			continue;
		}
		if (!take_pair(word, pair, may, out, &fits))
			return refuse(key, word, may, err);
		if (!fits)
			return refuse(key, strcmp(pair, "levels") == 0 ? word : pair, may, err);
		strtok_r(NULL, " ", &rest);
	}
	return AQ_OK;
}
