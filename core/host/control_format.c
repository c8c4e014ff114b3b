#include "host/control_format.h"

#include "host/user_name.h"

#include "decimal.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#define US INT64_C(1000)
#define MS INT64_C(1000000)
#define SECOND INT64_C(1000000000)

const char *format_age(int64_t ns, char out[FORMAT_SIZE])
{
	int64_t s = ns / SECOND;

	if (ns < 100 * MS)
		snprintf(out, FORMAT_SIZE, "%" PRId64 " ms", ns < 0 ? 0 : ns / MS);
	else if (ns < 10 * SECOND)
		snprintf(out, FORMAT_SIZE, "%" PRId64 ".%" PRId64 " s", s, ns / (100 * MS) % 10);
	else if (s < 100)
		snprintf(out, FORMAT_SIZE, "%" PRId64 " s", s);
	else if (s < 3600)
		snprintf(out, FORMAT_SIZE, "%" PRId64 "m %02" PRId64 "s", s / 60, s % 60);
	else if (s < 86400)
		snprintf(out, FORMAT_SIZE, "%" PRId64 "h %02" PRId64 "m", s / 3600, s / 60 % 60);
	else
		snprintf(out, FORMAT_SIZE, "%" PRId64 "d %02" PRId64 "h", s / 86400, s / 3600 % 24);
	return out;
}

const char *format_latency(uint64_t ns, char out[FORMAT_SIZE])
{
	static const struct unit {
		uint64_t ns;
		const char *name;
	} units[] = {{SECOND, "s"}, {MS, "ms"}, {US, "us"}};
	const struct unit *u = units;

	while (u->ns > US && ns < u->ns)
		u++;
	if (ns < 10 * u->ns)
		snprintf(out, FORMAT_SIZE, "%" PRIu64 ".%" PRIu64 " %s", ns / u->ns, ns / (u->ns / 10) % 10, u->name);
	else
		snprintf(out, FORMAT_SIZE, "%" PRIu64 " %s", ns / u->ns, u->name);
	return out;
}

static struct tm utc(int64_t ns)
{
	time_t second = (time_t)(ns / SECOND);
	struct tm tm = {0};

	gmtime_r(&second, &tm);
	return tm;
}

const char *format_clock(int64_t ns, char out[16])
{
	struct tm tm = utc(ns);

	out[0] = '\0';
	strftime(out, 16, "%H:%M:%S", &tm);
	return out;
}

const char *format_time(int64_t ns, char out[FORMAT_SIZE])
{
	struct tm tm = utc(ns);

	out[0] = '\0';
	strftime(out, FORMAT_SIZE, "%Y-%m-%d %H:%M:%S", &tm);
	return out;
}

/* Digits behind the point that multiples of `step` need. */
static unsigned digits_of(int64_t step, unsigned digits)
{
	for (; digits > 0 && step > 0 && step % 10 == 0; step /= 10)
		digits--;
	return digits;
}

const char *format_price(const struct aq_instrument *i, aq_px price, char out[FORMAT_SIZE])
{
	out[0] = '\0';
	if (price != AQ_NONE)
		aq_dec_print(price, i->px_digits, digits_of(i->tick, i->px_digits), out);
	return out;
}

const char *format_qty(const struct aq_instrument *i, aq_qty qty, bool sign, char out[FORMAT_SIZE])
{
	out[0] = '\0';
	if (qty == AQ_NONE)
		return out;
	if (sign && qty > 0)
		*out = '+';
	aq_dec_print(qty, i->qty_digits, digits_of(i->lot, i->qty_digits), out + (sign && qty > 0));
	return out;
}

const char *format_qty_unit(const struct aq_instrument *i)
{
	return i->qty_unit == AQ_UNIT_QUOTE ? i->quote : i->base;
}

const char *format_money(struct aq_amt amount, unsigned most, bool sign, const char *currency, char out[FORMAT_SIZE])
{
	int used = 0;

	if (sign && aq_amt_sign(amount) > 0)
		out[used++] = '+';
	used += aq_amt_print_short(amount, 2, most, out + used);
	if (currency != NULL)
		snprintf(out + used, (size_t)(FORMAT_SIZE - used), " %s", currency);
	return out;
}

const char *format_user(uint32_t uid, char out[FORMAT_SIZE])
{
	const char *name = user_name(uid);

	if (name[0] != '\0')
		snprintf(out, FORMAT_SIZE, "%.40s (uid %u)", name, uid);
	else
		snprintf(out, FORMAT_SIZE, "uid %u", uid);
	return out;
}
