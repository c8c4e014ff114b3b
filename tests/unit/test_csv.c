/* test_csv.c: what may stand in a CSV file of market data: lines, moments, sides, columns, names; what a zip archive
 * holds; the line that shows how far an import is. Whole files are in scenario/csv_import.py. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <replay/csv_form.h>
#include <replay/lines.h>
#include <replay/progress.h>
#include <replay/times.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <zlib.h>

static struct csv_field field(const char *text)
{
	return (struct csv_field){.text = text, .length = strlen(text)};
}

/* ---- lines ---- */

static void check_split(const char *text, unsigned count, const char *const *want)
{
	struct csv_line line;
	assert_null(csv_split(text, strlen(text), &line));
	assert_int_equal(line.count, count);
	for (unsigned i = 0; i < count; i++)
		if (line.field[i].length != strlen(want[i]) || memcmp(line.field[i].text, want[i], strlen(want[i])) != 0)
			fail_msg("%s: field %u is %.*s", text, i, (int)line.field[i].length, line.field[i].text);
}

static void lines_are_split(void **state)
{
	check_split("1,2,3", 3, (const char *const[]){"1", "2", "3"});
	check_split("", 1, (const char *const[]){""});
	check_split(",", 2, (const char *const[]){"", ""});
	check_split(" a , \"b c\"\t,\" d \",", 4, (const char *const[]){"a", "b c", "d", ""});
	check_split("\"\",x", 2, (const char *const[]){"", "x"});
}

static void lines_that_are_none(void **state)
{
	static char longest[CSV_LINE_MAX + 1], many[2 * CSV_FIELDS_MAX + 1];
	struct csv_line line;
	memset(longest, '1', sizeof(longest));
	memset(many, ',', sizeof(many));
	assert_null(csv_split(longest, CSV_LINE_MAX, &line));
	assert_string_equal(csv_split(longest, sizeof(longest), &line), "a line has at most 4096 characters");
	assert_null(csv_split(many, CSV_FIELDS_MAX - 1, &line));
	assert_string_equal(csv_split(many, CSV_FIELDS_MAX, &line), "a line has at most 64 fields");
	assert_string_equal(csv_split("1,\0,2", 5, &line), "a line is text and has no NUL byte");
	assert_non_null(csv_split("\"a", 2, &line));
	assert_non_null(csv_split("a\"b\"", 4, &line));
	assert_non_null(csv_split("\"a\"\"b\"", 6, &line));
	assert_non_null(csv_split("\"a,b\"", 5, &line));
}

static void shown_texts_are_short_and_printable(void **state)
{
	char out[CSV_SHOWN], whole[CSV_SHOWN + 8];
	assert_string_equal(csv_show(field("a\tb\x1b[2J\xff"), out), "a?b?[2J?");
	memset(whole, 'x', sizeof(whole));
	csv_show((struct csv_field){.text = whole, .length = sizeof(whole)}, out);
	assert_int_equal(strlen(out), CSV_SHOWN - 1);
	assert_string_equal(out + CSV_SHOWN - 4, "...");
	csv_show((struct csv_field){.text = whole, .length = CSV_SHOWN - 1}, out);
	assert_int_equal(strlen(out), CSV_SHOWN - 1);
	assert_int_equal(out[CSV_SHOWN - 2], 'x');
}

/* ---- values ---- */

#define AUGUST_8 INT64_C(1723161253) /* 2024-08-08T23:54:13Z */
#define S INT64_C(1000000000)

static void moments(void **state)
{
	static const struct {
		const char *text;
		int64_t ns;
	} is[] = {
		{"1723161253", AUGUST_8 * S},
		{"1723161253.25", AUGUST_8 * S + 250000000},
		{"1723161253123", AUGUST_8 * S + 123000000},
		{"1723161253123.5", AUGUST_8 * S + 123500000},
		{"1723161253123456", AUGUST_8 * S + 123456000},
		{"1723161253123456789", AUGUST_8 * S + 123456789},
		{"1723161253123456789.000", AUGUST_8 * S + 123456789},
		{"2024-08-08T23:54:13Z", AUGUST_8 * S},
		{"2024-08-08T23:54:13", AUGUST_8 * S},
		{"2024-08-08t23:54:13z", AUGUST_8 * S},
		{"2024-08-08 23:54:13.000000001", AUGUST_8 * S + 1},
		{"2024-08-08 23:54:13.5 UTC", -1},
		{"2024-08-09T01:54:13+02:00", AUGUST_8 * S},
		{"2024-08-08T18:24:13-0530", AUGUST_8 * S},
		{"2024-08-09 01:54:13 +02", AUGUST_8 * S},
		{"2024-08-08 23:54", (AUGUST_8 - 13) * S},
		{"20240808 23:54", (AUGUST_8 - 13) * S},
		{"2024-08-08", INT64_C(1723075200) * S},
		{"20240808", INT64_C(1723075200) * S},
		{"2024-02-29", INT64_C(1709164800) * S},
		{"2000-01-01", INT64_C(946684800) * S},
		{"2199-12-31T23:59:59.999999999Z", INT64_C(7258118400) * S - 1},
		{"2023-02-29", -1}, {"2100-02-29", -1}, {"2024-13-01", -1}, {"2024-00-10", -1}, {"2024-08-32", -1},
		{"2024-08-00", -1}, {"2024-08-08T24:00:00Z", -1}, {"2024-08-08T23:60:00Z", -1}, {"2024-08-08T23:54:60Z", -1},
		{"2024-08-08T", -1}, {"2024-08-08T23", -1}, {"2024-08-08T23:54:13X", -1}, {"2024-08-08T23:54:13+", -1},
		{"2024-08-08T23:54:13+24:00", -1}, {"2024-08-08T23:54:13.", -1}, {"2024-08-08T23:54:13.0000000001", -1},
		{"1999-12-31", -1}, {"2200-01-01", -1}, {"", -1}, {"-1723161253", -1}, {"+1723161253", -1}, {"1723161253.", -1},
		{"1723161253123456789.1", -1}, {"99999999999999999999", -1}, {"9223372036854775808", -1}, {"0", -1}, {"12", -1},
		{"1e12", -1}, {"1723161253 ", -1}, {"x", -1}, {"2024/08/08", -1}, {"7258118400", -1},
	};
	for (size_t i = 0; i < sizeof(is) / sizeof(*is); i++) {
		int64_t ns = -1;
		const char *fault = csv_time(field(is[i].text), &ns);
		if (ns != is[i].ns || (fault == NULL) != (ns != -1))
			fail_msg("%s: %lld, not %lld", is[i].text, (long long)ns, (long long)is[i].ns);
	}
}

/* Every day of 200 years, as the C library counts. */
static void days(void **state)
{
	char text[32];
	int64_t ns;
	for (time_t at = 946684800; at < 7258118400; at += 86400) {
		struct tm tm;
		gmtime_r(&at, &tm);
		strftime(text, sizeof(text), "%Y-%m-%d", &tm);
		assert_null(csv_time(field(text), &ns));
		assert_int_equal(ns, (int64_t)at * S);
	}
}

static void times_of_a_day(void **state)
{
	int64_t ns = 0;
	assert_null(csv_time_of_day(field("0"), 5 * S, &ns));
	assert_int_equal(ns, 5 * S);
	assert_null(csv_time_of_day(field("86399999"), 0, &ns));
	assert_int_equal(ns, INT64_C(86399999000000));
	assert_non_null(csv_time_of_day(field("86400000"), 0, &ns));
	assert_non_null(csv_time_of_day(field("-1"), 0, &ns));
	assert_non_null(csv_time_of_day(field("1.5"), 0, &ns));
}

static void sides_and_counts(void **state)
{
	uint8_t side = 0;
	uint64_t count = 0;
	assert_true(csv_side(field("BUY"), false, &side) == NULL && side == AQ_BUY);
	assert_true(csv_side(field("s"), false, &side) == NULL && side == AQ_SELL);
	assert_true(csv_side(field("True"), true, &side) == NULL && side == AQ_SELL); /* the buyer waited */
	assert_true(csv_side(field("0"), true, &side) == NULL && side == AQ_BUY);
	assert_non_null(csv_side(field("bid"), false, &side));
	assert_non_null(csv_side(field(""), false, &side));
	assert_non_null(csv_side(field("yes"), true, &side));
	assert_true(csv_count(field("9999999999999999999"), &count) == NULL && count == UINT64_C(9999999999999999999));
	assert_non_null(csv_count(field("10000000000000000000"), &count));
	assert_non_null(csv_count(field(""), &count));
	assert_non_null(csv_count(field("-1"), &count));
	assert_non_null(csv_count(field("1e3"), &count));
}

static void moments_for_people(void **state)
{
	char out[TIME_TEXT];
	assert_string_equal(time_text(AUGUST_8 * S, out), "2024-08-08 23:54:13");
	assert_string_equal(time_text(AUGUST_8 * S + 120000000, out), "2024-08-08 23:54:13.12");
	assert_string_equal(time_text(-1, out), "1969-12-31 23:59:59.999999999");
	assert_string_equal(time_text(INT64_MAX, out), "2262-04-11 23:47:16.854775807");
}

/* ---- columns ---- */

static int find(const char *first, const char *path, const char *columns, struct csv_form *out, struct aq_err *err)
{
	struct replay_name name;
	struct csv_line line;
	*err = (struct aq_err){0};
	replay_name_read(path, "", &name);
	assert_null(csv_split(first, strlen(first), &line));
	return csv_form_find(&line, &name, columns, "f:1", out, err);
}

static void check_form(const char *first, const char *columns, bool klines, bool header, int time, int price)
{
	struct csv_form f;
	struct aq_err err;
	if (find(first, "f.csv", columns, &f, &err) != AQ_OK)
		fail_msg("%s: %s", first, err.text);
	assert_int_equal(f.klines, klines);
	assert_int_equal(f.header, header);
	assert_int_equal(f.at[CSV_TIME], time);
	assert_int_equal(f.at[klines ? CSV_CLOSE : CSV_PRICE], price);
}

static void forms_are_told_apart(void **state)
{
	check_form("1723161253000,1,2,1,2,5,1723161312999,9,3,2,4,0", NULL, true, false, 0, 4);
	check_form("3734,61.5,0.1,6.15,1723161253000,True,True", NULL, false, false, 4, 1);
	check_form("3734,61.5,0.1,6.15,1723161253000,true", NULL, false, false, 4, 1);
	check_form("99,61.5,0.1,3734,3735,1723161253000,True,True", NULL, false, false, 5, 1);
	check_form("99,61.5,0.1,3734,3735,1723161253000,false", NULL, false, false, 5, 1);
	check_form("open_time,open,high,low,close,volume,close_time,quote_volume,count,taker_buy_volume,"
		   "taker_buy_quote_volume,ignore", NULL, true, true, 0, 4);
	check_form("id,price,qty,quote_qty,time,is_buyer_maker", NULL, false, true, 4, 1);
	check_form("agg_trade_id,price,quantity,first_trade_id,last_trade_id,transact_time,is_buyer_maker", NULL, false, true,
		5, 1);
	check_form("Timestamp,Open,High,Low,Close,Volume", NULL, true, true, 0, 4);
	check_form("Side,Size,Price,Open Time", NULL, false, true, 3, 2);
	check_form("1723161253000,1,2,1,2,5", "time,open,high,low,close,volume", true, false, 0, 4);
	check_form("Unix,Date,Vol", "-,time,price,qty", false, true, 1, 2);
}

static void check_no_form(const char *first, const char *path, const char *columns, const char *says)
{
	struct csv_form f;
	struct aq_err err;
	assert_true(find(first, path, columns, &f, &err) < 0);
	if (strstr(err.text, says) == NULL)
		fail_msg("%s: \"%s\" does not say \"%s\"", first, err.text, says);
}

static void what_cannot_be_known_is_told(void **state)
{
	check_no_form("1723161253000,1,2,1,2,5", "f.csv", NULL, "f:1: there is no header, and 6 fields are none of the known "
								  "forms; say what they are with --columns");
	check_no_form("time,open,high,low,volume", "f.csv", NULL, "candles need a column of the close, and none has one of its "
								    "names: close, close_price, c;");
	check_no_form("time,price", "f.csv", NULL, "trades need a column of the volume");
	check_no_form("what,ever", "f.csv", NULL, "trades need a column of the time");
	check_no_form("time,timestamp,price,qty", "f.csv", NULL, "the columns `time` and `timestamp` both say the time;");
	check_no_form("time,price,open,high,low,close,volume", "f.csv", NULL, "columns of candles and one of a trade's price");
	check_no_form("1", "f.csv", "time,\"price", "--columns time,\"price: quotes must stand around a whole field");
	check_no_form("0,1,2,1,2,3,1,2,1,2,3", "20221213_btcusdt_minute_quote.csv", NULL, "candles of bid and ask");
}

/* ---- names ---- */

static void check_name(const char *path, const char *inner, const char *symbol, uint8_t interval, const char *venue, bool day)
{
	struct replay_name n;
	replay_name_read(path, inner, &n);
	if (strcmp(n.symbol, symbol) != 0 || n.interval != interval || (n.day_ns != INT64_MIN) != day)
		fail_msg("%s: symbol %s, interval %u", path, n.symbol, n.interval);
	if (venue == NULL)
		assert_null(n.venue);
	else
		assert_string_equal(n.venue, venue);
}

static void names_say_what_they_say(void **state)
{
	check_name("/x/BTCUSDT-trades-2024-08-08.csv", "", "BTCUSDT", 0, NULL, false);
	check_name("/x/BTCUSDT-aggTrades-2024-08.zip", "BTCUSDT-aggTrades-2024-08.csv", "BTCUSDT", 0, NULL, false);
	check_name("BTCUSDT-1m-2024-08.csv.gz", "", "BTCUSDT", AQ_1M, NULL, false);
	check_name("BTCUSDT-1mo-2024-08.csv", "", "BTCUSDT", AQ_1MON, NULL, false);
	check_name("BTCUSDT-2m-2024-08.csv", "", "", 0, NULL, false);
	check_name("BTCUSDT-1m-x.csv", "", "", 0, NULL, false);
	check_name("btc-usdt.csv", "", "", 0, NULL, false);
	check_name("a", "20180404_btceur_minute_trade.csv", "BTCEUR", AQ_1M, NULL, true);
	check_name("crypto/binance/minute/btcbusd/20221213_trade.zip", "20221213_btcbusd_minute_trade.csv", "BTCBUSD", AQ_1M,
		"binance", true);
	check_name("20181304_btceur_minute_trade.csv", "", "", 0, NULL, false); /* no such month */
	check_name("/l/crypto/binance/hour/btcusdt_trade.zip", "btcusdt.csv", "BTCUSDT", AQ_1H, "binance", false);
	check_name("/l/cryptofuture/binance/daily/adausdt_trade.zip", "adausdt_trade_perp.csv", "ADAUSDT", AQ_1D,
		"binance_usdm", false);
	check_name("/l/cryptofuture/dydx/daily/x_trade.zip", "", "X", AQ_1D, NULL, false);
}

/* ---- archives ---- */

enum { STORED = 1, BEHIND = 2, WIDE = 4, TWO = 8, ENCRYPTED = 16, BAD_SUM = 32 };
static const char content[] = "time,price,qty\n1723161253,1,2\n";

static void put(FILE *f, uint64_t value, unsigned bytes)
{
	for (; bytes > 0; bytes--, value >>= 8)
		fputc((int)(value & 255), f);
}

/* One file of an archive, as zip and others write it. */
static void put_entry(FILE *f, int how)
{
	unsigned char packed[256];
	z_stream z = {.next_in = (unsigned char *)(uintptr_t)content, .avail_in = sizeof(content) - 1, .next_out = packed,
		.avail_out = sizeof(packed)};
	assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY), Z_OK);
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	unsigned long sum = crc32(0, (const unsigned char *)content, sizeof(content) - 1) ^ (how & BAD_SUM ? 1u : 0u);
	size_t length = how & STORED ? sizeof(content) - 1 : z.total_out;
	put(f, 0x04034b50, 4);
	put(f, 20, 2);
	put(f, (how & BEHIND ? 8u : 0u) | (how & ENCRYPTED ? 1u : 0u), 2);
	put(f, how & STORED ? 0 : 8, 2);
	put(f, 0, 4);
	put(f, how & BEHIND ? 0 : sum, 4);
	put(f, how & BEHIND ? 0 : length, 4);
	put(f, how & BEHIND ? 0 : sizeof(content) - 1, 4);
	put(f, 5, 2);
	put(f, 3, 2);
	fwrite("x.csv" "ext", 1, 8, f);
	fwrite(how & STORED ? (const void *)content : packed, 1, length, f);
	if (how & BEHIND) {
		put(f, 0x08074b50, 4);
		put(f, sum, 4);
		put(f, length, how & WIDE ? 8 : 4);
		put(f, sizeof(content) - 1, how & WIDE ? 8 : 4);
	}
	deflateEnd(&z);
}

/* What comes out, or the reason why not, of the first `cut` bytes; 0 = all. Returns the archive's length. */
static long read_archive(int how, long cut, char out[512])
{
	char path[] = "/tmp/aq_csv_XXXXXX";
	struct aq_err err = {0};
	const char *text;
	size_t length;
	int fd = mkstemp(path), status;
	FILE *f = fdopen(fd, "w");
	put_entry(f, how);
	if (how & TWO)
		put_entry(f, how);
	put(f, 0x02014b50, 4);
	put(f, 0, 42);
	long whole = ftell(f);
	assert_int_equal(fclose(f), 0);
	assert_true(cut == 0 || truncate(path, cut) == 0);
	struct lines *l = lines_open(path, &err);
	assert_non_null(l);
	out[0] = '\0';
	while ((status = lines_next(l, &text, &length, &err)) == 1)
		snprintf(out + strlen(out), 512 - strlen(out), "%.*s\n", (int)length, text);
	if (status == 0)
		assert_string_equal(lines_inner(l), "x.csv");
	else
		snprintf(out, 512, "%s", err.text);
	lines_close(l);
	unlink(path);
	return whole;
}

static void archives(void **state)
{
	static const int good[] = {0, STORED, BEHIND, BEHIND | WIDE};
	static const struct {
		int how;
		const char *says;
	} bad[] = {{TWO, "more than one file"}, {TWO | STORED, "more than one file"}, {TWO | BEHIND, "more than one file"},
		{TWO | BEHIND | WIDE, "more than one file"}, {ENCRYPTED, "is encrypted"}, {BAD_SUM, "its checksum is wrong"},
		{BAD_SUM | BEHIND, "its checksum is wrong"}, {STORED | BEHIND, "does not say how long it is"}};
	char out[512];
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
		long whole = read_archive(good[i], 0, out);
		assert_string_equal(out, content);
		for (long cut = 4; cut < whole - 42; cut++) {
			read_archive(good[i], cut, out);
			if (strstr(out, "the archive ends in the middle") == NULL && strstr(out, "checksum is wrong") == NULL)
				fail_msg("form %d cut at %ld: %s", good[i], cut, out);
		}
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		read_archive(bad[i].how, 0, out);
		if (strstr(out, bad[i].says) == NULL)
			fail_msg("form %d: %s", bad[i].how, out);
	}
}

/* ---- how far it is ---- */

static void the_line_of_progress(void **state)
{
	char out[PROGRESS_COLUMNS + 1];
	assert_int_equal(progress_text("/tmp/btc.aqc", 47000000, 100000000, 1000000, 2 * S, out), PROGRESS_COLUMNS);
	assert_string_equal(out, "btc.aqc [#########-----------]  47 %  47.0 MB of 100 MB  500k rows/s  0:02 left");
	assert_int_equal(progress_text("a", 0, 0, 0, 0, out), 73);
	assert_string_equal(out, "a [------------------------------]   0 %  0 B of 0 B  0 rows/s  -:-- left");
}

/* However large or small its numbers are. */
static void it_never_is_too_long(void **state)
{
	static const uint64_t sizes[] = {0, 1, 999, 1000, 99999, 12345678, 1ull << 40, 1ull << 50, UINT64_MAX};
	static const int64_t times[] = {0, 1, S, 3600 * S, INT64_MAX};
	char out[PROGRESS_COLUMNS + 1];
	for (size_t a = 0; a < 9; a++)
		for (size_t b = 0; b < 9; b++)
			for (size_t r = 0; r < 9; r++)
				for (size_t t = 0; t < 5; t++) {
					int length = progress_text("a_name_that_is_long", sizes[a], sizes[b], sizes[r], times[t], out);
					assert_true(length > 0 && length <= PROGRESS_COLUMNS);
					assert_int_equal(strlen(out), length);
				}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_are_split),
		cmocka_unit_test(lines_that_are_none),
		cmocka_unit_test(shown_texts_are_short_and_printable),
		cmocka_unit_test(moments),
		cmocka_unit_test(days),
		cmocka_unit_test(times_of_a_day),
		cmocka_unit_test(sides_and_counts),
		cmocka_unit_test(moments_for_people),
		cmocka_unit_test(forms_are_told_apart),
		cmocka_unit_test(what_cannot_be_known_is_told),
		cmocka_unit_test(names_say_what_they_say),
		cmocka_unit_test(archives),
		cmocka_unit_test(the_line_of_progress),
		cmocka_unit_test(it_never_is_too_long),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
