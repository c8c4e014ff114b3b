#include <replay/name.h>

#include <flow/kline.h>
#include <replay/csv.h>

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#define PART 64

uint8_t replay_interval(const char *text)
{
	if (strcmp(text, "1mo") == 0 || strcmp(text, "1M") == 0)
		return AQ_1MON;
	for (uint8_t i = AQ_1M; i <= AQ_1Y; i++)
		if (strcmp(text, kline_name(i)) == 0)
			return i;
	return 0;
}

static const char *base_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash != NULL ? slash + 1 : path;
}

/* The part of a name up to `stop`, and behind it; false: none, or too long. */
static bool part(const char **at, char stop, char out[PART])
{
	const char *end = strchr(*at, stop);
	size_t length = end != NULL ? (size_t)(end - *at) : 0;
	if (length == 0 || length >= PART)
		return false;
	memcpy(out, *at, length);
	out[length] = '\0';
	*at = end + 1;
	return true;
}

static void set_symbol(struct replay_name *out, const char *text)
{
	snprintf(out->symbol, sizeof(out->symbol), "%.47s", text);
	for (char *c = out->symbol; *c != '\0'; c++)
		*c = (char)toupper((unsigned char)*c);
}

static void read_binance(const char *base, struct replay_name *out)
{
	char symbol[PART], what[PART];
	if (!part(&base, '-', symbol) || !part(&base, '-', what) || !isdigit((unsigned char)base[0]))
		return;
	uint8_t interval = replay_interval(what);
	if (interval == 0 && strcmp(what, "trades") != 0 && strcmp(what, "aggTrades") != 0)
		return;
	set_symbol(out, symbol);
	out->interval = interval;
}

/* 20180404_btceur_minute_trade.csv: its times are those of a day. */
static bool read_lean_day(const char *base, struct replay_name *out)
{
	char day[PART], symbol[PART], resolution[PART];
	if (!part(&base, '_', day) || !part(&base, '_', symbol) || !part(&base, '_', resolution) || strlen(day) != 8 ||
		strcmp(resolution, "minute") != 0)
		return false;
	if (csv_time((struct csv_field){.text = day, .length = 8}, &out->day_ns) != NULL)
		return false;
	set_symbol(out, symbol);
	out->lean = true;
	out->interval = AQ_1M;
	out->quotes = strncmp(base, "quote", 5) == 0;
	return true;
}

/* .../hour/btcusdt_trade.zip: the folder says the interval. */
static bool read_lean_folder(const char *path, struct replay_name *out)
{
	const char *base = base_of(path);
	char symbol[PART];
	bool hour = base - path >= 6 && strncmp(base - 6, "/hour/", 6) == 0;
	bool daily = base - path >= 7 && strncmp(base - 7, "/daily/", 7) == 0;
	if ((!hour && !daily) || !part(&base, '_', symbol))
		return false;
	set_symbol(out, symbol);
	out->lean = true;
	out->interval = hour ? AQ_1H : AQ_1D;
	out->quotes = strncmp(base, "quote", 5) == 0;
	return true;
}

void replay_name_read(const char *path, const char *inner, struct replay_name *out)
{
	*out = (struct replay_name){.day_ns = INT64_MIN};
	const char *base = base_of(inner[0] != '\0' ? inner : path);
	if (!read_lean_day(base, out) && !read_lean_folder(path, out))
		read_binance(base, out);
	if (out->lean && strstr(path, "crypto/binance/") != NULL)
		out->venue = "binance";
	if (out->lean && strstr(path, "cryptofuture/binance/") != NULL)
		out->venue = "binance_usdm";
}
