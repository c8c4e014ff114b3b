/* fuzz_ini.c: any bytes as a configuration, and each of its sections by a table with every type of option. */
#include "host/config_internal.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct fields {
	char text[16];
	int64_t count, every, cache;
	struct aq_amt factor;
	uint8_t flag, mode;
	char names[32];
	struct aq_market market;
	uint32_t account, store, bus;
	aq_px floor;
	aq_qty size;
	double spread;
};

#define FIELD(field) .size = sizeof(((struct fields *)0)->field), .offset = offsetof(struct fields, field)

static const struct aq_option options[] = {
	{.name = "text", .type = AQ_OPT_STRING, FIELD(text)},
	{.name = "count", .type = AQ_OPT_INT, FIELD(count), .min = "-5", .max = "10"},
	{.name = "every", .type = AQ_OPT_DURATION, FIELD(every), .min = "1ms"},
	{.name = "cache", .type = AQ_OPT_SIZE, FIELD(cache), .max = "1GB"},
	{.name = "factor", .type = AQ_OPT_DECIMAL, FIELD(factor), .max = "2"},
	{.name = "flag", .type = AQ_OPT_BOOL, FIELD(flag)},
	{.name = "mode", .type = AQ_OPT_ENUM, FIELD(mode), .values = "slow|fast|faster"},
	{.name = "names", .type = AQ_OPT_LIST, FIELD(names)},
	{.name = "market", .type = AQ_OPT_MARKET, FIELD(market), .flags = AQ_REQUIRED},
	{.name = "account", .type = AQ_OPT_ACCOUNT, FIELD(account)},
	{.name = "store", .type = AQ_OPT_STORE, FIELD(store)},
	{.name = "bus", .type = AQ_OPT_BUS, FIELD(bus)},
	{.name = "floor", .type = AQ_OPT_PRICE, FIELD(floor), .min = "0"},
	{.name = "size", .type = AQ_OPT_QUANTITY, FIELD(size), .max = "5 contracts"},
	{.name = "spread", .type = AQ_OPT_RATIO, FIELD(spread), .max = "5%"},
	{.name = NULL},
};
static const char *const known[] = {"plugin", "limit.position+", "limit.*", NULL};

static int resolve_market(void *context, const char *text, struct aq_market *out, struct aq_err *err)
{
	*out = (struct aq_market){strstr(text, "USD:BTC") != NULL ? 2 : 1, 1};
	return AQ_OK;
}

static int resolve_instrument(void *context, uint32_t id, struct aq_instrument *out)
{
	*out = (struct aq_instrument){.id = id,
		.kind = id == 1 ? AQ_LINEAR : AQ_INVERSE,
		.px_digits = 2,
		.qty_digits = 3,
		.qty_unit = id == 1 ? AQ_UNIT_BASE : AQ_UNIT_QUOTE,
		.tick = 1,
		.lot = 5,
		.contract_size = {10000000000000000u, 0},
		.base = "BTC",
		.quote = "USDT",
		.symbol = "BTC/USDT"};
	return AQ_OK;
}

static int resolve_middle(void *context, uint32_t id, aq_px *out)
{
	*out = 6000000;
	return AQ_OK;
}

/* What was taken must be what the grammar allows. */
static void check(const struct config *c)
{
	for (int i = 0; i < c->count; i++) {
		const struct config_section *s = &c->sections[i];
		char label[CONFIG_LABEL_SIZE];

		if (config_section_fault(config_label(s, label)) != NULL || s->line <= 0 || !config_section_equal(s, s))
			abort();
		for (int k = 0; k < s->count; k++) {
			const struct config_entry *entry = &s->entries[k];

			if (!config_key_valid(entry->key, strlen(entry->key)) ||
				strlen(entry->value) > CONFIG_LINE_MAX ||
				config_text_fault(entry->value, strlen(entry->value)) != NULL ||
				config_get(s, entry->key) == NULL)
				abort();
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct config_resolver resolver = {
		.market = resolve_market, .instrument = resolve_instrument, .middle = resolve_middle};
	struct config_errors *e;
	struct config *c;
	FILE *in;

	if (size == 0)
		return 0;
	in = fmemopen((void *)data, size, "r");
	if (in == NULL)
		return 0;
	e = config_errors_create();
	c = config_parse_stream(in, "fuzz.ini", NULL, 0, e);
	check(c);
	for (int i = 0; i < c->count; i++) {
		struct fields fields;

		config_fill(&c->sections[i], options, known, &fields, &resolver, e, NULL);
	}
	config_destroy(c);
	config_errors_destroy(e);
	fclose(in);
	return 0;
}
