/* options_help.c: the keys of the host's own sections, and those that it takes from the section of a plugin, for people. */
#include "host/options.h"

#include "base/check.h"

#include <string.h>

#define OPTIONS_MAX 128 /* of one kind of section */

/* Of STRING and LIST: `values` is how one is written. */
#define TEXT(key, written, what) {.name = key, .type = AQ_OPT_STRING, .values = written, .help = what}
#define LIST(key, written, what) {.name = key, .type = AQ_OPT_LIST, .values = written, .help = what}
#define LATENCY(key, what) {.name = key, .type = AQ_OPT_DURATION, .fallback = "0", .help = what}

static const struct aq_option limits[] = {
	TEXT("limit.order", "20000 USDT", "most that one order may be worth"),
	TEXT("limit.gross", "200000 USDT", "most that all positions and open orders may be worth, whatever their sides"),
	TEXT("limit.loss_day", "500 USDT", "a loss since midnight UTC beyond it: new orders are denied"),
	{.name = "limit.collar", .type = AQ_OPT_RATIO, .help = "most that a buy may be above and a sell below the middle"},
	{.name = "limit.open_orders", .type = AQ_OPT_INT, .help = "orders that are not final"},
	TEXT("limit.order_rate", "20/s", "new orders and amends a second"),
	{.name = NULL},
};

static const struct aq_option position_limit[] = {
	LIST("limit.position", "BTC/USDT 0.5 BTC", "largest position, long or short; one line a symbol"),
	{.name = NULL},
};

static const struct aq_option any_plugin[] = {
	{.name = "plugin", .type = AQ_OPT_STRING, .values = "NAME", .flags = AQ_REQUIRED,
		.help = "NAME.so in a folder of plugin_path"},
	TEXT("like", "NAME", "takes the keys of another section of this kind that are not here"),
	{.name = NULL},
};

static const struct aq_option strategy[] = {
	TEXT("on_stop", "cancel", "leave, cancel or flatten: its orders and position when it is removed or the host stops"),
	TEXT("on_crash", "cancel, quarantine", "leave, cancel or flatten, and quarantine or restart: what the next start does"),
	{.name = NULL},
};

static const struct aq_option loss[] = {
	TEXT("on_loss", "cancel, close_only", "cancel, and close_only or halt: what follows a loss beyond limit.loss_day"),
	{.name = NULL},
};

static const struct aq_option exchange[] = {
	{.name = "stale_after", .type = AQ_OPT_DURATION, .help = "age of a stale book there; default: that of [host]"},
	TEXT("history", "main", "a store that is asked for the past first; behind it the exchange's name there, if it is another"),
	LIST("capture", "FILE, FILE",
		"recordings that a simulated venue plays, one after the other; store:NAME EXCHANGE:SYMBOL: what a recorder has kept"),
	LATENCY("feed_latency", "simulated: from the market to the host"),
	LATENCY("entry_latency", "simulated: from the host to the matching"),
	LATENCY("response_latency", "simulated: from the matching back to the host"),
	TEXT("start", "2024-08-08T16:00:00Z", "simulated: plays from here"),
	{.name = "warmup", .type = AQ_OPT_DURATION,
		.help = "simulated: plays from so much behind the first capture's begin; what lies before is history"},
	TEXT("end", "2024-08-08T16:00:00Z", "simulated: plays up to here"),
	LIST("funding", "2024-08-08T16:00:00Z BTC/USDT:USDT 0.01%", "simulated: a rate that is paid then"),
	{.name = NULL},
};

static const struct aq_option account[] = {
	{.name = "exchange", .type = AQ_OPT_STRING, .values = "NAME", .flags = AQ_REQUIRED,
		.help = "the section [exchange:NAME] that serves it"},
	TEXT("like", "NAME", "takes the keys of another account that are not here"),
	TEXT("key_file", "FILE", "its keys"),
	{.name = "position_mode", .type = AQ_OPT_ENUM, .values = "netting|hedging", .fallback = "netting",
		.help = "hedging: long and short are two positions"},
	{.name = "margin_mode", .type = AQ_OPT_ENUM, .values = "cross|isolated", .fallback = "cross",
		.help = "of contracts"},
	{.name = "fee_maker", .type = AQ_OPT_RATIO, .fallback = "0", .help = "what a resting order pays"},
	{.name = "fee_taker", .type = AQ_OPT_RATIO, .fallback = "0", .help = "what an order pays that meets one"},
	LIST("balance", "20000 USDT, 0.2 BTC", "simulated: what it begins with"),
	TEXT("leverage", "3", "simulated: of its contracts"),
	LIST("transfer", "2024-08-08T16:00:00Z 500 USDT", "simulated: comes, or with a minus goes, then"),
	{.name = NULL},
};

static const struct aq_option storage[] = {
	{.name = "queue", .type = AQ_OPT_SIZE, .fallback = "64MB", .min = "1MB", .max = "16GB",
		.help = "bytes of calls that wait for the back end; one call has at most as many"},
	LATENCY("latency", "in a replay: from a call to its answer"),
	{.name = NULL},
};

static const struct part {
	const char *kind;
	const struct aq_option *options; /* NULL: the table that fills the host's options */
} parts[] = {
	{"host", NULL}, {"host", loss}, {"host", position_limit}, {"host", limits}, {"log", NULL}, {"control", NULL}, {"journal", NULL},
	{"exchange", any_plugin}, {"exchange", exchange},
	{"account", account}, {"account", loss}, {"account", position_limit}, {"account", limits},
	{"strategy", any_plugin}, {"strategy", strategy}, {"strategy", loss}, {"strategy", position_limit},
	{"strategy", limits}, {"storage", any_plugin}, {"storage", storage},
};

bool options_help(const char *kind, FILE *out)
{
	struct aq_option all[OPTIONS_MAX + 1] = {0};
	int count = 0;

	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
		const struct aq_option *o = parts[i].options != NULL ? parts[i].options : options_table(kind);

		for (; strcmp(parts[i].kind, kind) == 0 && o->name != NULL; o++) {
			CHECK(count < OPTIONS_MAX);
			all[count++] = *o;
		}
	}
	if (count > 0)
		config_help_table(all, out);
	return count > 0;
}
