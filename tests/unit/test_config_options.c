/* test_config_options.c: values with units, and sections filled into a plugin's fields. */
#include "host/config_internal.h"

#include <decimal.h>
#include <fcntl.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

/* --- values --- */

static void durations(void **state)
{
	static const struct {
		const char *text;
		int64_t ns;
	} good[] = {{"50ns", 50}, {"10us", 10000}, {"500ms", 500000000}, {"2s", 2000000000},
		{"15m", INT64_C(900000000000)}, {"1h", INT64_C(3600000000000)}, {"7d", INT64_C(604800000000000)},
		{"0", 0}, {"0.5s", 500000000}, {"1.5 ms", 1500000}, {"106751d", INT64_C(9223286400000000000)}};
	static const char *const bad[] = {"", "s", "5", "5 sec", "-1s", "1.5ns", "106752d", "1e3s", "5s ", "1h30m",
		"0x1s", "1..5s", "99999999999999999999999999999999999999999s"};
	struct aq_err err;
	int64_t ns = -1;

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_int_equal(config_duration(good[i].text, &ns, &err), 0);
		assert_int_equal(ns, good[i].ns);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(config_duration(bad[i], &ns, &err), AQ_EFORMAT);
		assert_non_null(strstr(err.text, "Write 500ms, 2s, 15m, 1h or 7d."));
	}
	assert_int_equal(config_duration("5", &ns, &err), AQ_EFORMAT);
	assert_string_equal(err.text, "a unit is missing. Write 500ms, 2s, 15m, 1h or 7d.");
}

static void sizes(void **state)
{
	static const struct {
		const char *text;
		int64_t bytes;
	} good[] = {{"1024 B", 1024}, {"10KB", 10240}, {"64MB", 67108864}, {"4GB", INT64_C(4294967296)},
		{"1.5TB", INT64_C(1649267441664)}, {"0", 0}, {"0.5KB", 512}};
	static const char *const bad[] = {"", "5", "5b", "5kb", "0.3B", "-1B", "8388608TB", "MB"};
	struct aq_err err;
	int64_t bytes = -1;

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_int_equal(config_size(good[i].text, &bytes, &err), 0);
		assert_int_equal(bytes, good[i].bytes);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(config_size(bad[i], &bytes, &err), AQ_EFORMAT);
}

static void ratios(void **state)
{
	static const struct {
		const char *text, *exact;
		double value;
	} good[] = {{"4bps", "0.0004", 0.0004}, {"0.04%", "0.0004", 0.0004}, {"0.0004", "0.0004", 0.0004},
		{"0", "0", 0}, {"-2.5 bps", "-0.00025", -0.00025}, {"50%", "0.5", 0.5}, {"100%", "1", 1},
		{"0.00000000000001bps", "0.000000000000000001", 1e-18}};
	static const char *const bad[] = {"", "%", "4 bp", "4pct", "0.000000000000001bps", "1e-4", "--1", "4bps ; x"};
	struct aq_amt ratio, exact;
	struct aq_err err;
	double value;

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_int_equal(config_ratio_amt(good[i].text, &ratio, &err), 0);
		assert_int_equal(aq_amt_parse(good[i].exact, strlen(good[i].exact), &exact), 0);
		assert_int_equal(aq_amt_cmp(ratio, exact), 0);
		assert_int_equal(config_ratio(good[i].text, &value, &err), 0);
		assert_true(value == good[i].value);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(config_ratio(bad[i], &value, &err), AQ_EFORMAT);
}

static void money_and_bools(void **state)
{
	static const char *const bad[] = {"600", "USDT", "", "600 US DT", "600 TOOLONGACURRENCY", "1.2.3 USDT"};
	struct aq_amt amount;
	struct aq_err err;
	char currency[16], text[48];
	bool value;

	assert_int_equal(config_money("20000.50 USDT", &amount, currency, sizeof(currency), &err), 0);
	aq_amt_print(amount, 0, text);
	assert_string_equal(text, "20000.5");
	assert_string_equal(currency, "USDT");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(config_money(bad[i], &amount, currency, sizeof(currency), &err), AQ_EFORMAT);
	assert_int_equal(config_money("600", &amount, currency, sizeof(currency), &err), AQ_EFORMAT);
	assert_string_equal(err.text, "a unit is missing. Write 600 USDT.");
	for (const char *const *word = (const char *const[]){"no", "yes", "off", "on", "false", "true", NULL}; *word;
		word += 2) {
		assert_int_equal(config_bool(word[0], &value, &err), 0);
		assert_false(value);
		assert_int_equal(config_bool(word[1], &value, &err), 0);
		assert_true(value);
	}
	assert_int_equal(config_bool("1", &value, &err), AQ_EFORMAT);
	assert_int_equal(config_bool("Yes", &value, &err), AQ_EFORMAT);
}

/* --- a plugin --- */

struct plugin {
	char text[8];
	int64_t count;
	struct aq_amt factor;
	uint8_t flag;
	int64_t every;
	int64_t cache;
	uint8_t mode;
	char names[24];
	struct aq_market market, hedge;
	uint32_t account, store, bus;
	aq_px floor;
	aq_qty size, most;
	double spread;
	char password[8];
	char path[24];
	struct aq_store_line line;
	char end; /* nothing may be written behind the fields */
};

#define FIELD(field) .size = sizeof(((struct plugin *)0)->field), .offset = offsetof(struct plugin, field)

static const struct aq_option options[] = {
	{.name = "text", .type = AQ_OPT_STRING, FIELD(text), .fallback = "hello"},
	{.name = "count", .type = AQ_OPT_INT, FIELD(count), .fallback = "3", .min = "-5", .max = "10"},
	{.name = "factor", .type = AQ_OPT_DECIMAL, FIELD(factor), .min = "0.1", .max = "2"},
	{.name = "flag", .type = AQ_OPT_BOOL, FIELD(flag), .fallback = "yes"},
	{.name = "every", .type = AQ_OPT_DURATION, FIELD(every), .fallback = "500ms", .min = "1ms", .max = "1h"},
	{.name = "cache", .type = AQ_OPT_SIZE, FIELD(cache), .max = "1GB"},
	{.name = "mode", .type = AQ_OPT_ENUM, FIELD(mode), .fallback = "fast", .values = "slow|fast|faster"},
	{.name = "names", .type = AQ_OPT_LIST, FIELD(names), .fallback = "x, y"},
	{.name = "market", .type = AQ_OPT_MARKET, FIELD(market), .flags = AQ_REQUIRED, .help = "what to quote"},
	{.name = "hedge", .type = AQ_OPT_MARKET, FIELD(hedge)},
	{.name = "account", .type = AQ_OPT_ACCOUNT, FIELD(account)},
	{.name = "store", .type = AQ_OPT_STORE, FIELD(store)},
	{.name = "bus", .type = AQ_OPT_BUS, FIELD(bus)},
	{.name = "path", .type = AQ_OPT_STRING, FIELD(path), .flags = AQ_PATH},
	{.name = "line", .type = AQ_OPT_STORE_LINE, FIELD(line)},
	{.name = "floor", .type = AQ_OPT_PRICE, FIELD(floor), .min = "0", .max = "100000"},
	{.name = "size", .type = AQ_OPT_QUANTITY, FIELD(size), .flags = AQ_LIVE, .min = "0", .max = "5 contracts"},
	{.name = "most", .type = AQ_OPT_QUANTITY, FIELD(most), .of = "hedge", .help = "position at which it stops"},
	{.name = "spread",
		.type = AQ_OPT_RATIO,
		FIELD(spread),
		.flags = AQ_LIVE,
		.fallback = "4bps",
		.min = "0.1bps",
		.max = "5%"},
	{.name = "password", .type = AQ_OPT_STRING, FIELD(password), .flags = AQ_SECRET},
	{.name = NULL},
};
static const char *const known[] = {"plugin", "limit.position+", "limit.*", "on_stop", NULL};

/* Linear in base, spot in base, inverse in quote. */
static const struct aq_instrument instruments[] = {
	{.id = 1,
		.kind = AQ_LINEAR,
		.px_digits = 2,
		.qty_digits = 3,
		.qty_unit = AQ_UNIT_BASE,
		.tick = 10,
		.lot = 5,
		.contract_size = {10000000000000000u, 0},
		.base = "BTC",
		.quote = "USDT",
		.symbol = "BTC/USDT:USDT"},
	{.id = 2,
		.kind = AQ_SPOT,
		.px_digits = 2,
		.qty_digits = 4,
		.qty_unit = AQ_UNIT_BASE,
		.tick = 1,
		.lot = 1,
		.contract_size = {1000000000000000000u, 0},
		.base = "ETH",
		.quote = "USDC",
		.symbol = "ETH/USDC"},
	{.id = 3,
		.kind = AQ_INVERSE,
		.px_digits = 1,
		.qty_digits = 0,
		.qty_unit = AQ_UNIT_QUOTE,
		.tick = 1,
		.lot = 100,
		.contract_size = {7766279631452241920u, 5},
		.base = "BTC",
		.quote = "USD",
		.symbol = "BTC/USD:BTC"},
};

struct world {
	aq_px middle; /* of every instrument, 0 = none yet */
};

static int resolve_market(void *context, const char *text, struct aq_market *out, struct aq_err *err)
{
	const char *symbol = strchr(text, ':') + 1;

	for (uint32_t i = 0; i < 3; i++)
		if (strncmp(text, "acc:", 4) == 0 && strcmp(instruments[i].symbol, symbol) == 0) {
			*out = (struct aq_market){instruments[i].id, 7};
			return AQ_OK;
		}
	err->code = AQ_ENOENT;
	snprintf(err->text, sizeof(err->text), "no such market.");
	return AQ_ENOENT;
}

static int resolve_instrument(void *context, uint32_t id, struct aq_instrument *out)
{
	if (id < 1 || id > 3)
		return AQ_ENOENT;
	*out = instruments[id - 1];
	return AQ_OK;
}

static int resolve_account(void *context, const char *text, uint32_t *out, struct aq_err *err)
{
	*out = 7;
	return strcmp(text, "acc") == 0 ? AQ_OK : AQ_ENOENT;
}

static int resolve_middle(void *context, uint32_t id, aq_px *out)
{
	struct world *world = context;

	*out = world->middle;
	return world->middle > 0 ? AQ_OK : AQ_ENOENT;
}

static int resolve_section(void *context, const char *kind, const char *name, uint32_t *out, struct aq_err *err)
{
	*out = strcmp(kind, "storage") == 0 ? 11 : 12;
	return strcmp(name, "main") == 0 ? AQ_OK : AQ_ENOENT;
}

/* Of one filling. */
struct filled {
	struct plugin self;
	struct config *config;
	struct config_errors *errors;
	int pending, count;
};

static void fill_from(struct filled *f, const char *text, aq_px middle)
{
	struct world world = {middle};
	struct config_resolver resolver = {
		&world, resolve_market, resolve_instrument, resolve_account, resolve_middle, resolve_section};
	FILE *in = fmemopen((void *)text, strlen(text), "r");

	memset(f, 0, sizeof(*f));
	memset(&f->self, 0x55, sizeof(f->self));
	f->errors = config_errors_create();
	f->config = config_parse_stream(in, "t.ini", NULL, 0, f->errors);
	fclose(in);
	f->count = config_fill(&f->config->sections[0], options, known, &f->self, &resolver, f->errors, &f->pending);
	assert_int_equal(f->self.end, 0x55);
}

static void drop(struct filled *f)
{
	config_destroy(f->config);
	config_errors_destroy(f->errors);
}

static void defaults(void **state)
{
	struct filled f;

	fill_from(&f, "[strategy:a]\nplugin = p\nmarket = acc:BTC/USDT:USDT\n", 0);
	assert_int_equal(f.count, 0);
	assert_string_equal(f.self.text, "hello");
	assert_int_equal(f.self.count, 3);
	assert_int_equal(aq_amt_sign(f.self.factor), 0);
	assert_int_equal(f.self.flag, 1);
	assert_int_equal(f.self.every, 500000000);
	assert_int_equal(f.self.cache, 0);
	assert_int_equal(f.self.mode, 2);
	assert_string_equal(f.self.names, "x\ny");
	assert_int_equal(f.self.market.instrument, 1);
	assert_int_equal(f.self.market.account, 7);
	assert_int_equal(f.self.hedge.instrument, 0);
	assert_int_equal(f.self.account, 0);
	assert_int_equal(f.self.size, 0);
	assert_true(f.self.spread == 0.0004);
	assert_string_equal(f.self.password, "");
	drop(&f);
}

static void every_type(void **state)
{
	struct filled f;

	fill_from(&f,
		"[strategy:a]\ntext = 1234567\ncount = -5\nfactor = 1.25\nflag = off\nevery = 1h\ncache = 64MB\nmode = "
		"faster\n"
		"names = a b,c\nnames = d\nhedge = acc:ETH/USDC\nmarket = acc:BTC/USDT:USDT\naccount = acc\nstore = "
		"main\n"
		"bus = main\nfloor = 61000.5\nsize = 0.025 BTC\nmost = 2.5 ETH\nspread = 0.5%\nlimit.position = 1\n"
		"limit.position = 2\nlimit.rate = 5/s\n",
		0);
	assert_int_equal(f.count, 0);
	assert_string_equal(f.self.text, "1234567");
	assert_int_equal(f.self.count, -5);
	assert_true(aq_amt_to_double(f.self.factor) == 1.25);
	assert_int_equal(f.self.flag, 0);
	assert_int_equal(f.self.every, INT64_C(3600000000000));
	assert_int_equal(f.self.cache, 67108864);
	assert_int_equal(f.self.mode, 3);
	assert_string_equal(f.self.names, "a b\nc\nd");
	assert_int_equal(f.self.hedge.instrument, 2);
	assert_int_equal(f.self.account, 7);
	assert_int_equal(f.self.store, 11);
	assert_int_equal(f.self.bus, 12);
	assert_int_equal(f.self.floor, 6100050);
	assert_int_equal(f.self.size, 25);
	assert_int_equal(f.self.most, 25000);
	assert_true(f.self.spread == 0.005);
	assert_int_equal(f.pending, 0);
	drop(&f);
}

/* The store, and the words behind it with one blank between two. */
static void lines_of_stores(void **state)
{
	struct filled f;

	fill_from(&f, "[strategy:a]\nmarket = acc:BTC/USDT:USDT\nline = main  1m \t5m   keep 30d\n", 0);
	assert_int_equal(f.count, 0);
	assert_int_equal(f.self.line.store, 11);
	assert_string_equal(f.self.line.words, "1m 5m keep 30d");
	drop(&f);
	fill_from(&f, "[strategy:a]\nmarket = acc:BTC/USDT:USDT\nline = main\n", 0);
	assert_int_equal(f.count, 0);
	assert_string_equal(f.self.line.words, "");
	drop(&f);
	fill_from(&f, "[strategy:a]\nmarket = acc:BTC/USDT:USDT\n", 0);
	assert_int_equal(f.self.line.store, 0);
	drop(&f);
}

/* Of a file in another folder. */
static void paths(void **state)
{
	static const struct config_entry entries[] = {
		{.key = "market", .value = "acc:BTC/USDT:USDT", .file = "conf/t.ini"}, {.key = "path", .value = "main.db", .file = "conf/t.ini"}};
	struct config_section s = {.kind = "strategy", .name = "a", .file = "conf/t.ini", .count = 2};
	struct config_errors *errors = config_errors_create();
	struct config_entry copy[2];
	struct plugin self;

	memcpy(copy, entries, sizeof(copy));
	s.entries = copy;
	assert_int_equal(config_fill(&s, options, known, &self, NULL, errors, NULL), 0);
	assert_string_equal(self.path, "conf/main.db");
	copy[1].value = "/main.db";
	assert_int_equal(config_fill(&s, options, known, &self, NULL, errors, NULL), 0);
	assert_string_equal(self.path, "/main.db");
	copy[1].value = "a/name/of/too/many/letters";
	assert_int_equal(config_fill(&s, options, known, &self, NULL, errors, NULL), 1);
	config_errors_destroy(errors);
}

/* A line in a section that is right otherwise is refused with exactly this message. */
static void refused(const char *line, const char *message)
{
	struct filled f;
	char text[600], expected[600];

	snprintf(text, sizeof(text), "[strategy:a]\nplugin = p\nmarket = acc:BTC/USDT:USDT\nhedge = acc:ETH/USDC\n%s\n",
		line);
	snprintf(expected, sizeof(expected), "t.ini:5  [strategy:a] %s", message);
	fill_from(&f, text, 0);
	assert_int_equal(f.count, 1);
	assert_string_equal(config_errors_text(f.errors, 0), expected);
	drop(&f);
}

static void values_that_are_refused(void **state)
{
	refused("line = other 1m", "line = other 1m: is not known.");
	refused("text = 12345678", "text = 12345678: at most 7 characters fit.");
	refused("count = 11", "count = 11: at most 10 is allowed.");
	refused("count = -6", "count = -6: at least -5 is allowed.");
	refused("count = 1.0", "count = 1.0: a whole number is needed.");
	refused("count = 9223372036854775808", "count = 9223372036854775808: the number is too large.");
	refused("factor = 2.000000000000000001", "factor = 2.000000000000000001: at most 2 is allowed.");
	refused("factor = 1 BTC",
		"factor = 1 BTC: a number with at most 18 digits behind the point and no unit is needed.");
	refused("flag = maybe", "flag = maybe: write yes or no.");
	refused("every = 2", "every = 2: a unit is missing. Write 500ms, 2s, 15m, 1h or 7d.");
	refused("every = 0", "every = 0: at least 1ms is allowed.");
	refused("cache = 2GB", "cache = 2GB: at most 1GB is allowed.");
	refused("mode = fats", "mode = fats: unknown value. Nearest: fast. Allowed: slow, fast, faster.");
	refused("mode = fas", "mode = fas: unknown value. Nearest: fast. Allowed: slow, fast, faster.");
	refused("mode = xyz", "mode = xyz: unknown value. Allowed: slow, fast, faster.");
	refused("names = a,,b", "names = a,,b: an item of the list is empty.");
	refused("names = abcdefghijklmnopqrstuvwxyz",
		"names = abcdefghijklmnopqrstuvwxyz: at most 23 characters of a list fit.");
	refused("account = ", "account: the value is missing.");
	refused("account = other", "account = other: is not known.");
	refused("store = other", "store = other: is not known.");
	refused("spread = 6%", "spread = 6%: at most 5% is allowed.");
	refused("spread = 0.09bps", "spread = 0.09bps: at least 0.1bps is allowed.");
	refused("floor = 1.234", "floor = 1.234: a number with at most 2 digits behind the point is needed.");
	refused("floor = -1", "floor = -1: at least 0 is allowed.");
	refused("floor = 5 BTC", "floor = 5 BTC: \"BTC\" is no price of BTC/USDT:USDT. Write 61000.5 or 61000.5 USDT.");
	refused("size = 0.01", "size = 0.01: a unit is missing. Write 0.01 BTC, 600 USDT or 5 contracts.");
	refused("size = 0.0001 BTC", "size = 0.0001 BTC: a number with at most 3 digits behind the point is needed.");
	refused("size = 1 ETH",
		"size = 1 ETH: \"ETH\" is no unit of BTC/USDT:USDT. Write 0.01 BTC, 600 USDT or 5 contracts.");
	refused("size = -1 BTC", "size = -1 BTC: a quantity is not negative.");
	refused("size = 0.06 BTC", "size = 0.06 BTC: at most 5 contracts is allowed.");
	refused("most = 1 BTC",
		"most = 1 BTC: \"BTC\" is no unit of ETH/USDC. Write 0.01 ETH, 600 USDC or 5 contracts.");
}

static void keys_that_are_refused(void **state)
{
	static const char has[] =
		"p has: text count factor flag every cache mode names market hedge account store bus path line floor "
		"size most spread password_file";
	char message[400];

	snprintf(message, sizeof(message), "spred: unknown key. Nearest: spread. %s", has);
	refused("spred = 3bps", message);
	snprintf(message, sizeof(message), "on_stpo: unknown key. Nearest: on_stop. %s", has);
	refused("on_stpo = cancel", message);
	snprintf(message, sizeof(message), "zzzzzz: unknown key. %s", has);
	refused("zzzzzz = 1", message);
	snprintf(message, sizeof(message), "limit: unknown key. %s", has);
	refused("limit = 1", message);
	refused("plugin = q", "plugin: given twice, first at t.ini:2. Only lists may be.");
	refused("market = acc:ETH/USDC", "market: given twice, first at t.ini:3. Only lists may be.");
	refused("password = hunter2", "password: a secret cannot stand in a configuration. Put it into a file and "
				      "write password_file = PATH.");
}

static void markets_that_are_refused(void **state)
{
	struct filled f;

	fill_from(&f, "[strategy:a]\nplugin = p\n", 0);
	assert_int_equal(f.count, 1);
	assert_string_equal(
		config_errors_text(f.errors, 0), "t.ini:1  [strategy:a] market: must be given: what to quote.");
	drop(&f);
	fill_from(&f, "[strategy:a]\nmarket = acc:XRP/USDT\nsize = 5 XRP\nmost = 1\n", 0);
	assert_int_equal(f.count, 2);
	assert_string_equal(
		config_errors_text(f.errors, 0), "t.ini:2  [strategy:a] market = acc:XRP/USDT: no such market.");
	assert_string_equal(config_errors_text(f.errors, 1),
		"t.ini:4  [strategy:a] most = 1: a unit is missing. Write 0.01 BTC, 600 USDT or 5 contracts.");
	assert_int_equal(f.pending, 1);
	drop(&f);
	fill_from(&f, "[strategy:a]\nmarket = BTC/USDT\n", 0);
	assert_string_equal(config_errors_text(f.errors, 0),
		"t.ini:2  [strategy:a] market = BTC/USDT: write ACCOUNT:SYMBOL to trade or EXCHANGE:SYMBOL for data.");
	drop(&f);
	/* What could not be taken has been reported; that it is missing is no news. */
	fill_from(&f, "[strategy:a]\nmarket = acc:BTC/USDT:USDT ; mine\nspred = 1\n", 0);
	assert_int_equal(f.count, 1);
	assert_int_equal(config_errors_count(f.errors), 2);
	drop(&f);
}

/* `size` of a strategy on this market becomes this quantity, 0 with `pending` when a price is missing. */
static void quantity_is(const char *market, const char *text, aq_px middle, aq_qty qty, int pending)
{
	struct filled f;
	char ini[200];

	snprintf(ini, sizeof(ini), "[s:a]\nhedge = acc:%s\nmarket = acc:ETH/USDC\nmost = %s\n", market, text);
	fill_from(&f, ini, middle);
	if (f.count > 0 && qty >= 0)
		print_message("%s\n", config_errors_text(f.errors, 0));
	assert_int_equal(f.count, qty < 0);
	assert_int_equal(f.self.most, qty < 0 ? 0 : qty);
	assert_int_equal(f.pending, pending);
	drop(&f);
}

static void quantities(void **state)
{
	static const char linear[] = "BTC/USDT:USDT", inverse[] = "BTC/USD:BTC", spot[] = "ETH/USDC";

	quantity_is(linear, "0.123 BTC", 0, 123, 0);
	quantity_is(linear, "5 contracts", 0, 50, 0);
	quantity_is(linear, "1 contract", 0, 10, 0);
	quantity_is(linear, "0.01 contracts", 0, -1, 0);
	quantity_is(linear, "600 USDT", 0, 0, 1);
	quantity_is(linear, "600 USDT", 6000000, 10, 0);   /* 0.01 at 60,000 */
	quantity_is(linear, "599.99 USDT", 6000000, 5, 0); /* 0.00999: down to the lot of 0.005 */
	quantity_is(linear, "100 USDT", 6000000, -1, 0);   /* less than a lot is no quantity */
	quantity_is(linear, "0 USDT", 0, 0, 0);
	quantity_is(spot, "1.5 ETH", 0, 15000, 0);
	quantity_is(spot, "1000 USDC", 300000, 3333, 0);
	quantity_is(spot, "2 contracts", 0, 20000, 0);
	quantity_is(inverse, "300 USD", 0, 300, 0);
	quantity_is(inverse, "5 contracts", 0, 500, 0);
	quantity_is(inverse, "0.01 BTC", 0, 0, 1);
	quantity_is(inverse, "0.01 BTC", 600005, 600, 0); /* 600.005 USD */
	quantity_is(inverse, "0.01 BTC", 599995, 500, 0);
}

static void without_a_resolver(void **state)
{
	struct filled f;

	fill_from(&f,
		"[s:a]\nmarket = acc:BTC/USDT:USDT\nsize = 600 USDT\nfloor = 5\naccount = x\nstore = y\nspread = 9\n",
		0);
	assert_int_equal(config_fill(&f.config->sections[0], options, known, NULL, NULL, f.errors, NULL), 1);
	memset(&f.self, 0x55, sizeof(f.self));
	f.pending = 0;
	assert_int_equal(config_fill(&f.config->sections[0], options, known, &f.self, NULL, f.errors, &f.pending), 1);
	assert_int_equal(f.pending, 2);
	assert_int_equal(f.self.size, 0);
	assert_int_equal(f.self.market.instrument, 0);
	drop(&f);
}

/* Fills `password` from a file of this text and mode. NULL = it was taken and is `secret`. */
static void secret_file(const char *text, mode_t mode, const char *secret, const char *message)
{
	char path[] = "/tmp/aq-secret-XXXXXX", ini[200], expected[300];
	int fd = mkstemp(path);
	struct filled f;

	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	fchmod(fd, mode);
	close(fd);
	snprintf(ini, sizeof(ini), "[s:a]\nmarket = acc:ETH/USDC\npassword_file = %s\n", path);
	fill_from(&f, ini, 0);
	unlink(path);
	assert_int_equal(f.count, message != NULL);
	if (message != NULL) {
		snprintf(expected, sizeof(expected), "t.ini:3  [s:a] password_file %s %s", path, message);
		assert_string_equal(config_errors_text(f.errors, 0), expected);
	} else {
		assert_string_equal(f.self.password, secret);
	}
	drop(&f);
}

static void secrets(void **state)
{
	struct filled f;

	secret_file("hunter2\n", 0600, "hunter2", NULL);
	secret_file("hunter2", 0400, "hunter2", NULL);
	secret_file("hunter2\r\nmore\n", 0600, "hunter2", NULL);
	secret_file("hunter22\n", 0600, NULL, "has a first line that is too long.");
	secret_file("\nhunter2\n", 0600, NULL, "has an empty first line.");
	secret_file("", 0600, NULL, "has an empty first line.");
	secret_file("hunter2\n", 0640, NULL, "is readable by group. chmod 600.");
	secret_file("hunter2\n", 0604, NULL, "is readable by others. chmod 600.");
	secret_file("hunter2\n", 0620, NULL, "is writable by group. chmod 600.");
	fill_from(&f, "[s:a]\nmarket = acc:ETH/USDC\npassword_file = /nowhere/at/all\n", 0);
	assert_string_equal(config_errors_text(f.errors, 0),
		"t.ini:3  [s:a] password_file /nowhere/at/all cannot be read: No such file or directory.");
	drop(&f);
	fill_from(&f, "[s:a]\nmarket = acc:ETH/USDC\npassword_file = /tmp\n", 0);
	assert_string_equal(config_errors_text(f.errors, 0), "t.ini:3  [s:a] password_file /tmp is no regular file.");
	drop(&f);
}

/* A table that lies about its fields must not be written through. */
static void wrong_tables(void **state)
{
	static const struct aq_option bad[] = {
		{.name = "a", .type = AQ_OPT_INT, .size = 4},
		{.name = "b", .type = 99, .size = 8},
		{.name = "c", .type = AQ_OPT_STRING, .size = 0},
		{.name = "d", .type = AQ_OPT_INT, .size = 8, .flags = AQ_SECRET},
		{.name = "e", .type = AQ_OPT_PRICE, .size = 8, .of = "nothing"},
		{.name = "F", .type = AQ_OPT_INT, .size = 8},
		{.name = "g", .type = AQ_OPT_INT, .size = 8, .fallback = "x"},
		{.name = "h", .type = AQ_OPT_ENUM, .size = 1, .fallback = "x"},
		{.name = NULL},
	};
	struct config_section s = {.kind = "s", .name = "a", .file = "t.ini", .line = 1};
	struct config_errors *e = config_errors_create();
	char memory[8];

	assert_int_equal(config_fill(&s, bad, NULL, memory, NULL, e, NULL), 8);
	assert_string_equal(
		config_errors_text(e, 0), "t.ini:1  [s:a] a: the plugin's table and the field differ in size.");
	assert_int_equal(config_fill(&s, NULL, NULL, NULL, NULL, e, NULL), 0);
	config_errors_destroy(e);
}

static void help(void **state)
{
	static const struct aq_option few[] = {
		{.name = "market", .type = AQ_OPT_MARKET, .flags = AQ_REQUIRED, .help = "account:symbol to quote"},
		{.name = "spread",
			.type = AQ_OPT_RATIO,
			.flags = AQ_LIVE,
			.fallback = "4bps",
			.min = "0.1bps",
			.max = "5%",
			.help = "distance between bid and ask"},
		{.name = "pace", .type = AQ_OPT_ENUM, .fallback = "slow", .values = "slow|quick", .help = "of its quotes"},
		{.name = "token", .type = AQ_OPT_STRING, .flags = AQ_SECRET, .help = "of the service"},
		{.name = NULL},
	};
	struct aq_plugin plugin = {
		.kind = AQ_STRATEGY, .name = "mm", .version = "1.2", .summary = "two-sided quotes", .options = few};
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	config_help(&plugin, out);
	fclose(out);
	assert_string_equal(text,
		"mm 1.2 (strategy): two-sided quotes\n"
		"\n"
		"OPTION      TYPE    DEFAULT  RANGE         FLAGS     MEANING\n"
		"market      market  -        -             required  account:symbol to quote\n"
		"spread      ratio   4bps     0.1bps to 5%  live      distance between bid and ask\n"
		"pace        enum    slow     slow, quick   -         of its quotes\n"
		"token_file  file    -        -             secret    of the service\n"
		"\n"
		"Values are written:\n"
		"  market  ACCOUNT:SYMBOL, or EXCHANGE:SYMBOL for data alone\n"
		"  ratio   4bps, 0.04%, 0.0004\n"
		"  file    PATH of a file whose first line is the value\n"
		"\n"
		"Live options can change while the instance runs: aqctl set NAME KEY=VALUE, or a reload.\n");
	free(text);
}

/* --- mutations --- */

static uint32_t next_random(uint64_t *seed)
{
	*seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)(*seed >> 33);
}

static size_t mutate(char *text, size_t length, size_t room, uint64_t *seed)
{
	static const char spice[] = "=[]:;#\n\r\t $,.{}-0%\xff\0a";
	size_t at = next_random(seed) % length, count = 1 + next_random(seed) % 8;

	switch (next_random(seed) % 4) {
	case 0:
		text[at] = spice[next_random(seed) % sizeof(spice)];
		return length;
	case 1:
		count = count < length - at ? count : length - at;
		memmove(text + at, text + at + count, length - at - count);
		return length - count > 0 ? length - count : length;
	case 2:
		if (length + count > room)
			return length;
		memmove(text + at + count, text + at, length - at);
		memset(text + at, spice[next_random(seed) % sizeof(spice)], count);
		return length + count;
	default:
		text[at] = (char)next_random(seed);
		return length;
	}
}

static bool is_known_key(const char *key)
{
	for (const struct aq_option *o = options; o->name != NULL; o++)
		if (strcmp(o->name, key) == 0 && (o->flags & AQ_SECRET) == 0)
			return true;
	return strncmp(key, "limit.", 6) == 0 || strcmp(key, "plugin") == 0 || strcmp(key, "on_stop") == 0 ||
	       strcmp(key, "password_file") == 0;
}

/* Whatever happens to a good file, it is read without harm, and no key that nobody knows passes. */
static void mutated_files(void **state)
{
	static const char good[] = "# a good one\n[strategy:a]\nplugin = p\nmarket = acc:BTC/USDT:USDT\nhedge = "
				   "acc:ETH/USDC\ncount = 7\nsize = 0.01 "
				   "BTC\nmost = 600 USDC\nnames = a, b\nnames = c\nspread = 3bps\nlimit.order = 5000 "
				   "USDT\n[strategy:b]\nlike = a\n"
				   "every = 15m\n\n[account:x]\nkey_file = /k\n[host]\nmode = paper\ndollars = $$5\n";
	struct config_resolver resolver = {&(struct world){6000000}, resolve_market, resolve_instrument,
		resolve_account, resolve_middle, resolve_section};
	uint64_t seed = 20261122;
	int clean = 0, broken = 0;

	for (int round = 0; round < 3000; round++) {
		struct config_errors *e = config_errors_create();
		struct config *c;
		char text[2 * sizeof(good)];
		size_t length = sizeof(good) - 1;
		FILE *in;

		memcpy(text, good, length);
		for (uint32_t i = next_random(&seed) % 6; i > 0; i--)
			length = mutate(text, length, sizeof(text), &seed);
		in = fmemopen(text, length, "r");
		c = config_parse_stream(in, "t.ini", NULL, 0, e);
		fclose(in);
		for (int i = 0; i < c->count; i++) {
			struct plugin self;
			const struct config_section *s = &c->sections[i];
			int errors = config_fill(s, options, known, &self, &resolver, e, NULL), unknown = 0;

			for (int k = 0; k < s->count; k++)
				unknown += !is_known_key(s->entries[k].key);
			assert_true(errors >= unknown);
			clean += errors == 0;
			broken += unknown > 0;
		}
		config_destroy(c);
		config_errors_destroy(e);
	}
	assert_true(clean > 100 && broken > 100); /* both kinds were met */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(durations),
		cmocka_unit_test(sizes),
		cmocka_unit_test(ratios),
		cmocka_unit_test(money_and_bools),
		cmocka_unit_test(defaults),
		cmocka_unit_test(every_type), cmocka_unit_test(lines_of_stores), cmocka_unit_test(paths),
		cmocka_unit_test(values_that_are_refused),
		cmocka_unit_test(keys_that_are_refused),
		cmocka_unit_test(markets_that_are_refused),
		cmocka_unit_test(quantities),
		cmocka_unit_test(without_a_resolver),
		cmocka_unit_test(secrets),
		cmocka_unit_test(wrong_tables),
		cmocka_unit_test(help),
		cmocka_unit_test(mutated_files),
	};

	return cmocka_run_group_tests_name("config options", tests, NULL, NULL);
}
