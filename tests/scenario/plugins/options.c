/* options.c: a strategy with an option of each type, for the texts of configuration errors. It does nothing. */
#include <aioquant/strategy.h>

struct options {
	struct aq_market market, hedge;
	struct aq_amt factor;
	aq_px floor;
	aq_qty most;
	uint32_t account;
	char note[8], names[16], token[16], key_name[16];
	int64_t count, every, cache;
	double spread;
	uint8_t mode, flag;
};

#define FIELD(member) .offset = offsetof(struct options, member), .size = sizeof(((struct options *)0)->member)
static const struct aq_option table[] = {
	{.name = "market", .type = AQ_OPT_MARKET, FIELD(market), .flags = AQ_REQUIRED, .help = "what it is about"},
	{.name = "hedge", .type = AQ_OPT_MARKET, FIELD(hedge), .help = "another"},
	{.name = "factor", .type = AQ_OPT_DECIMAL, FIELD(factor), .max = "2", .help = "a decimal"},
	{.name = "floor", .type = AQ_OPT_PRICE, FIELD(floor), .help = "a price"},
	{.name = "most", .type = AQ_OPT_QUANTITY, FIELD(most), .of = "hedge", .help = "a quantity"},
	{.name = "account", .type = AQ_OPT_ACCOUNT, FIELD(account), .help = "an account"},
	{.name = "note", .type = AQ_OPT_STRING, FIELD(note), .help = "a text"},
	{.name = "names", .type = AQ_OPT_LIST, FIELD(names), .help = "a list"},
	{.name = "token", .type = AQ_OPT_STRING, FIELD(token), .flags = AQ_SECRET, .help = "a secret"},
	{.name = "key_name", .type = AQ_OPT_STRING, FIELD(key_name), .flags = AQ_LIVE, .help = "a text that sounds like a secret"},
	{.name = "count",
		.type = AQ_OPT_INT,
		FIELD(count),
		.min = "1",
		.max = "9",
		.fallback = "3",
		.help = "a number"},
	{.name = "every", .type = AQ_OPT_DURATION, FIELD(every), .help = "a duration"},
	{.name = "cache", .type = AQ_OPT_SIZE, FIELD(cache), .help = "a size"},
	{.name = "spread", .type = AQ_OPT_RATIO, FIELD(spread), .max = "5%", .fallback = "4bps", .help = "a ratio"},
	{.name = "mode", .type = AQ_OPT_ENUM, FIELD(mode), .values = "slow|fast", .fallback = "fast", .help = "a word"},
	{.name = "flag", .type = AQ_OPT_BOOL, FIELD(flag), .fallback = "no", .help = "a switch"},
	{.name = NULL},
};

AQ_STRATEGY(options, .summary = "an option of each type", .options = table);
