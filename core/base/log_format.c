/* log_format.c: see log_format.h. No function of the C library beyond memcpy and strlen: a signal handler may be the
 * caller. */
#include "base/log_format.h"

#include "base/utf8.h"

#include <string.h>

/* A line in the making; room is the caller's care: LOG_LINE_MAX is enough for any record. */
struct line {
	char *out;
	size_t used;
};

static void put(struct line *l, const char *text, size_t length)
{
	memcpy(l->out + l->used, text, length);
	l->used += length;
}

static void put_text(struct line *l, const char *text)
{
	put(l, text, strlen(text));
}

static void put_digits(struct line *l, int64_t number, int digits)
{
	for (int i = digits; i > 0; i--, number /= 10)
		l->out[l->used + (size_t)i - 1] = (char)('0' + number % 10);
	l->used += (size_t)digits;
}

/* Days since 1970 to a date of the Gregorian calendar, counted in eras of 400 years that begin with March. */
static void civil_date(int64_t days, int out[3])
{
	int64_t shifted = days + 719468, era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
	int64_t day = shifted - era * 146097, year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
	int64_t of_year = day - (365 * year + year / 4 - year / 100), month = (5 * of_year + 2) / 153;

	out[2] = (int)(of_year - (153 * month + 2) / 5 + 1);
	out[1] = (int)(month < 10 ? month + 3 : month - 9);
	out[0] = (int)(year + era * 400 + (out[1] <= 2));
}

void log_civil_time(int64_t seconds, int out[6])
{
	int64_t days = seconds / 86400, rest = seconds % 86400;

	if (rest < 0) {
		days--;
		rest += 86400;
	}
	civil_date(days, out);
	out[3] = (int)(rest / 3600);
	out[4] = (int)(rest / 60 % 60);
	out[5] = (int)(rest % 60);
}

/* 2026-11-29T14:02:11.123456Z */
static void put_time(struct line *l, int64_t time_ns, int decimals)
{
	int64_t part = time_ns % 1000000000;
	int t[6];

	log_civil_time(time_ns / 1000000000 - (part < 0), t);
	part += part < 0 ? 1000000000 : 0;
	put_digits(l, t[0], 4);
	for (int i = 1; i < 6; i++) {
		put(l, &"?--T::"[i], 1);
		put_digits(l, t[i], 2);
	}
	for (int i = decimals; i < 9; i++)
		part /= 10;
	put(l, ".", 1);
	put_digits(l, part, decimals);
	put(l, "Z", 1);
}

static const char *level_name(const struct log_record *r)
{
	static const char *const names[] = {"?", "debug", "info", "warn", "error"};

	return names[r->level <= AQ_LOG_ERROR ? r->level : 0];
}

/* U+0000 to U+001F and U+007F to U+009F, of which a terminal may take some for commands. */
static bool is_control(const unsigned char *at)
{
	return at[0] < 0x20 || at[0] == 0x7f || (at[0] == 0xc2 && at[1] < 0xa0);
}

static void put_control(struct line *l, unsigned char point, bool quoted)
{
	const char *hex = "0123456789abcdef";

	if (quoted && (point == '\n' || point == '\r' || point == '\t')) {
		put(l, "\\", 1);
		put(l, point == '\n' ? "n" : point == '\r' ? "r" : "t", 1);
	} else if (point == '\n' || point == '\r' || point == '\t') {
		put(l, " ", 1);
	} else {
		put_text(l, "\\u00");
		put(l, hex + point / 16, 1);
		put(l, hex + point % 16, 1);
	}
}

/* `quoted`: within quotation marks, whose escapes are those of JSON; else the text has none of its own. */
static void put_escaped(struct line *l, const char *text, size_t length, bool quoted)
{
	const unsigned char *at = (const unsigned char *)text;

	for (size_t i = 0, step; i < length; i += step > 0 ? step : 1) {
		step = utf8_length(at + i, length - i);
		if (step == 0) {
			put_text(l, "\xef\xbf\xbd");
		} else if (is_control(at + i)) {
			put_control(l, at[i + step - 1], quoted);
		} else {
			if (quoted && (at[i] == '"' || at[i] == '\\'))
				put(l, "\\", 1);
			put(l, text + i, step);
		}
	}
}

static void put_quoted(struct line *l, const char *text, size_t length)
{
	put(l, "\"", 1);
	put_escaped(l, text, length, true);
	put(l, "\"", 1);
}

/* A value of logfmt needs no quotation marks when it is made of visible ASCII without any of its signs. */
static bool is_plain(const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (text[i] <= ' ' || text[i] >= 0x7f || text[i] == '"' || text[i] == '=' || text[i] == '\\')
			return false;
	return length > 0;
}

static void put_plain_line(struct line *l, const struct log_record *r)
{
	const char *name = level_name(r);

	put_time(l, r->time_ns, 3);
	put(l, " ", 1);
	put_text(l, name);
	put(l, "     ", 6 - strlen(name));
	put_escaped(l, r->bytes, r->origin_length, false);
	put(l, ": ", 2);
	put_escaped(l, r->bytes + r->origin_length, r->text_length, false);
}

static void put_logfmt(struct line *l, const struct log_record *r)
{
	put_text(l, "time=");
	put_time(l, r->time_ns, 6);
	put_text(l, " level=");
	put_text(l, level_name(r));
	put_text(l, " from=");
	if (is_plain(r->bytes, r->origin_length))
		put(l, r->bytes, r->origin_length);
	else
		put_quoted(l, r->bytes, r->origin_length);
	put_text(l, " msg=");
	put_quoted(l, r->bytes + r->origin_length, r->text_length);
}

static void put_json(struct line *l, const struct log_record *r)
{
	put_text(l, "{\"time\":\"");
	put_time(l, r->time_ns, 6);
	put_text(l, "\",\"level\":\"");
	put_text(l, level_name(r));
	put_text(l, "\",\"from\":");
	put_quoted(l, r->bytes, r->origin_length);
	put_text(l, ",\"msg\":");
	put_quoted(l, r->bytes + r->origin_length, r->text_length);
	put(l, "}", 1);
}

size_t log_format(enum log_format format, const struct log_record *r, char *out)
{
	struct line l = {.out = out};

	if (format == LOG_JSON)
		put_json(&l, r);
	else if (format == LOG_LOGFMT)
		put_logfmt(&l, r);
	else
		put_plain_line(&l, r);
	put(&l, "\n", 1);
	return l.used;
}
