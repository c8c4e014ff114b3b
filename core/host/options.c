/* options.c: the tables of the host's own sections, and the accounts. Limits are in options_limits.c. */
#include "host/options.h"

#include "flow/download.h"
#include "host/host.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#define FIELD(member) .offset = offsetof(struct host_options, member), .size = sizeof(((struct host_options *)0)->member)

static const struct aq_option host_table[] = {
	{.name = "server_id", .type = AQ_OPT_STRING, FIELD(server_id), .fallback = "aioquant", .help = "name of this process"},
	{.name = "host_number", .type = AQ_OPT_INT, FIELD(host_number), .fallback = "1", .min = "0", .max = "4095",
		.help = "unique among the processes that trade one account; part of every client order id"},
	{.name = "mode", .type = AQ_OPT_ENUM, FIELD(mode), .fallback = "paper", .values = "paper|live", .help = "live spends money"},
	{.name = "clock", .type = AQ_OPT_ENUM, FIELD(clock), .values = "real|replay|venue",
		.help = "default: replay when an exchange names a capture, else real; venue: a simulated venue in another process owns it"},
	{.name = "io_mode", .type = AQ_OPT_ENUM, FIELD(io_mode), .fallback = "sleep", .values = "sleep|busy",
		.help = "busy: one core turns for the trading loop alone"},
	{.name = "cpu", .type = AQ_OPT_INT, FIELD(cpu), .fallback = "-1", .min = "-1", .max = "1023",
		.help = "processor for the trading loop alone, helpers go to the others; -1: any"},
	{.name = "marshal", .type = AQ_OPT_BOOL, FIELD(marshal), .fallback = "off", .help = "every call and event through bytes"},
	{.name = "on_end", .type = AQ_OPT_ENUM, FIELD(on_end), .fallback = "stop", .values = "stop|wait",
		.help = "when a replay has ended"},
	{.name = "state_dir", .type = AQ_OPT_STRING, FIELD(state_dir), .fallback = "state", .help = "journal, saved states, lock"},
	{.name = "plugin_path", .type = AQ_OPT_LIST, FIELD(plugin_path), .fallback = ".", .help = "folders of plugins"},
	{.name = "report_currency", .type = AQ_OPT_STRING, FIELD(report_currency), .fallback = "USDT", .help = "limits are in it"},
	{.name = "speed", .type = AQ_OPT_STRING, FIELD(speed), .fallback = "max", .help = "of a replay: 1x, 10x, max"},
	{.name = "order_max_delay", .type = AQ_OPT_DURATION, FIELD(order_max_delay), .fallback = "50ms",
		.help = "an order that cannot leave within it is denied"},
	{.name = "request_timeout", .type = AQ_OPT_DURATION, FIELD(request_timeout), .fallback = "2s", .min = "1ms",
		.help = "a request without an answer for so long is unknown and looked up"},
	{.name = "lookup_every", .type = AQ_OPT_DURATION, FIELD(lookup_every), .fallback = "500ms", .min = "1ms",
		.help = "first distance of lookups; doubles up to 16 times that"},
	{.name = "accept_within", .type = AQ_OPT_DURATION, FIELD(accept_within), .fallback = "10s",
		.help = "after it a venue no longer accepts what was sent"},
	{.name = "stale_after", .type = AQ_OPT_DURATION, FIELD(stale_after), .fallback = "5s", .help = "age of a stale book; 0 = never"},
	{.name = "duplicate_window", .type = AQ_OPT_DURATION, FIELD(duplicate_window), .fallback = "1s",
		.help = "a second equal order within it is denied"},
	{.name = "max_orders", .type = AQ_OPT_INT, FIELD(max_orders), .fallback = "16384", .min = "64", .max = "1000000",
		.help = "orders in memory"},
	{.name = "max_fills", .type = AQ_OPT_INT, FIELD(max_fills), .fallback = "8192", .min = "64", .max = "1000000",
		.help = "recent fills in memory, for deduplication"},
	{.name = "seed", .type = AQ_OPT_INT, FIELD(seed), .fallback = "1", .help = "of the random numbers of all instances"},
	{.name = "probe_timeout", .type = AQ_OPT_DURATION, FIELD(probe_timeout), .fallback = "2s", .min = "10ms",
		.help = "a rehearsal of new code that takes longer refuses it"},
	{.name = "reload_watch", .type = AQ_OPT_DURATION, FIELD(reload_watch), .fallback = "10s",
		.help = "an instance that fails so soon after a reload goes back"},
	{.name = "callback_warn", .type = AQ_OPT_DURATION, FIELD(callback_warn), .fallback = "5ms",
		.help = "a callback that runs longer is logged; 0 = never"},
	{.name = "callback_kill", .type = AQ_OPT_DURATION, FIELD(callback_kill), .fallback = "2s",
		.help = "one that runs longer ends the process, which tells where it was; 0 = never"},
	{.name = "memory_max", .type = AQ_OPT_SIZE, FIELD(memory_max), .fallback = "0",
		.help = "a process that uses more ends, and names who ran; 0 = three quarters of the machine's"},
	{.name = "save_every", .type = AQ_OPT_DURATION, FIELD(save_every), .fallback = "10s", .min = "10ms",
		.help = "how often the instances' states are written"},
	{0},
};

static const struct aq_option log_table[] = {
	{.name = "file", .type = AQ_OPT_STRING, FIELD(log_file), .fallback = "", .help = "empty: standard error"},
	{.name = "level", .type = AQ_OPT_ENUM, FIELD(log_level), .fallback = "info", .values = "debug|info|warn|error",
		.help = "lines below it are not written"},
	{0},
};

static const struct aq_option control_table[] = {
	{.name = "socket", .type = AQ_OPT_STRING, FIELD(control_socket), .fallback = "",
		.help = "of aqctl; empty: control.sock in state_dir"},
	{0},
};

static const struct aq_option journal_table[] = {
	{.name = "grade", .type = AQ_OPT_ENUM, FIELD(journal_grade), .fallback = "page", .values = "page|disk",
		.help = "page survives kill -9, disk survives a power cut"},
	{.name = "segment", .type = AQ_OPT_SIZE, FIELD(journal_segment), .fallback = "16MB", .min = "64KB", .max = "1GB",
		.help = "size of one file"},
	{.name = "keep", .type = AQ_OPT_DURATION, FIELD(journal_keep), .fallback = "0", .help = "age at which segments go; 0 = never"},
	{.name = "min_free", .type = AQ_OPT_SIZE, FIELD(journal_min_free), .fallback = "64MB",
		.help = "below it new orders are denied"},
	{0},
};

static const char *const host_known[] = {"limit.*", NULL};
static const char *const nothing[] = {NULL};
static const char *const strategy_known[] = {"plugin", "like", "on_stop", "limit.position+", "limit.*", NULL};
static const char *const exchange_known[] = {"plugin", "like", "capture+", "feed_latency", "entry_latency",
	"response_latency", "start", "end", "funding+", NULL};
static const char *const account_known[] = {"like", "exchange", "position_mode", "margin_mode", "balance+", "fee_maker",
	"fee_taker", "leverage", "transfer+", "key_file", "limit.position+", "limit.*", NULL};

const char *const *options_known(uint32_t kind)
{
	return kind == AQ_STRATEGY ? strategy_known : kind == AQ_EXCHANGE ? exchange_known : nothing;
}

static const struct section_table {
	const char *kind;
	const struct aq_option *options;
	const char *const *known;
} tables[] = {
	{"host", host_table, host_known},
	{"log", log_table, nothing},
	{"control", control_table, nothing},
	{"journal", journal_table, nothing},
};

static bool is_plugin_kind(const char *kind)
{
	return strcmp(kind, "strategy") == 0 || strcmp(kind, "exchange") == 0 || strcmp(kind, "account") == 0;
}

static bool is_known_kind(const char *kind)
{
	for (size_t i = 0; i < sizeof(tables) / sizeof(*tables); i++)
		if (strcmp(tables[i].kind, kind) == 0)
			return true;
	return is_plugin_kind(kind);
}

static void check_kinds(const struct config *c, struct config_errors *e)
{
	for (int i = 0; i < c->count; i++) {
		const struct config_section *s = &c->sections[i];

		if (!is_known_kind(s->kind))
			config_error(e, s->file, s->line, s->kind, NULL,
				"unknown section. There are host, log, control, journal, exchange:NAME, account:NAME, strategy:NAME.");
		else if (is_plugin_kind(s->kind) != (s->name[0] != '\0'))
			config_error(e, s->file, s->line, s->kind, NULL,
				is_plugin_kind(s->kind) ? "a name is missing: [%s:NAME]." : "takes no name: [%s].", s->kind);
		else if (is_plugin_kind(s->kind) && strcmp(s->kind, "account") != 0 && config_get(s, "plugin") == NULL)
			config_error(e, s->file, s->line, s->kind, "plugin", "is missing. It names the library: plugin = NAME.");
	}
}

static void check_on_stop(const struct config *c, struct config_errors *e)
{
	for (int i = 0; i < c->count; i++) {
		const struct config_entry *entry = config_get(&c->sections[i], "on_stop");

		if (strcmp(c->sections[i].kind, "strategy") == 0 && entry != NULL && strcmp(entry->value, "cancel") != 0 &&
			strcmp(entry->value, "leave") != 0)
			config_error(e, entry->file, entry->line, "strategy", "on_stop", "%s is not known. Write cancel or leave.",
				entry->value);
	}
}

int options_fill(const struct config *c, struct host_options *out, struct config_errors *e)
{
	static const struct config_section empty = {.kind = "", .name = "", .file = ""};
	int before = config_errors_count(e);

	memset(out, 0, sizeof(*out));
	check_kinds(c, e);
	check_on_stop(c, e);
	for (size_t i = 0; i < sizeof(tables) / sizeof(*tables); i++) {
		const struct config_section *s = config_find(c, tables[i].kind, "");

		config_fill(s != NULL ? s : &empty, tables[i].options, tables[i].known, out, NULL, e, NULL);
	}
	return config_errors_count(e) - before;
}

/* ---- paths ---- */

static void resolve(char *path, size_t size, const char *folder, size_t length)
{
	char whole[2048];

	if (path[0] == '\0' || path[0] == '/' || length == 0)
		return;
	snprintf(whole, sizeof(whole), "%.*s/%.*s", (int)length, folder, (int)(sizeof(whole) - length - 2), path);
	snprintf(path, size, "%.*s", (int)size - 1, whole);
}

/* Each of the lines of a list. */
static void resolve_list(char *list, size_t size, const char *folder, size_t length)
{
	char whole[2048] = "", item[1024];
	const char *at = list;

	while (*at != '\0') {
		size_t used = strlen(whole), n = strcspn(at, "\n");

		snprintf(item, sizeof(item), "%.*s", (int)n, at);
		resolve(item, sizeof(item), folder, length);
		snprintf(whole + used, sizeof(whole) - used, "%s%s", used > 0 ? "\n" : "", item);
		at += n + (at[n] == '\n');
	}
	snprintf(list, size, "%s", whole);
}

void options_resolve_paths(struct host_options *o, const char *config_path)
{
	const char *slash = strrchr(config_path, '/');
	size_t length = slash != NULL ? (size_t)(slash - config_path) : 0;

	resolve(o->state_dir, sizeof(o->state_dir), config_path, length);
	resolve(o->log_file, sizeof(o->log_file), config_path, length);
	resolve(o->control_socket, sizeof(o->control_socket), config_path, length);
	resolve_list(o->plugin_path, sizeof(o->plugin_path), config_path, length);
}

/* ---- accounts ---- */

static const struct config_section *exchange_of(const struct config *c, const struct config_section *account)
{
	const struct config_entry *entry = config_get(account, "exchange");

	return entry == NULL ? NULL : config_find(c, "exchange", entry->value);
}

int options_check_accounts(const struct config *c, struct config_errors *e)
{
	int before = config_errors_count(e);

	for (int i = 0; i < c->count; i++) {
		const struct config_section *s = &c->sections[i];

		if (strcmp(s->kind, "account") != 0)
			continue;
		config_fill(s, NULL, account_known, NULL, NULL, e, NULL);
		if (exchange_of(c, s) == NULL)
			config_error(e, s->file, s->line, s->kind, "exchange",
				"%s names no section [exchange:...] of this file. Write exchange = NAME.", s->name);
	}
	return config_errors_count(e) - before;
}

static bool has_value(const struct config_section *s, const char *key, const char *value)
{
	const struct config_entry *entry = config_get(s, key);

	return entry != NULL && strcmp(entry->value, value) == 0;
}

static void ratio_of(const struct config_section *s, const char *key, struct aq_amt *out, struct config_errors *e)
{
	const struct config_entry *entry = config_get(s, key);
	struct aq_err err;

	*out = (struct aq_amt){0};
	if (entry != NULL && config_ratio_amt(entry->value, out, &err) != 0)
		config_error(e, entry->file, entry->line, s->kind, key, "%s", err.text);
}

static void bind_account(struct host *h, const struct config_section *s, struct config_errors *e)
{
	struct flow *f = &h->flow;
	const struct config_section *exchange = exchange_of(h->config, s);
	uint32_t id = flow_account_id(f, s->name);

	if (id == 0 || exchange == NULL)
		return;
	flow_account_bind(f, id, flow_instance_id(f, exchange->name, AQ_EXCHANGE), has_value(s, "position_mode", "hedging"),
		has_value(s, "margin_mode", "isolated") ? AQ_ISOLATED : AQ_CROSS);
	ratio_of(s, "fee_maker", &f->accounts[id].rates.maker, e);
	ratio_of(s, "fee_taker", &f->accounts[id].rates.taker, e);
}

int options_bind_accounts(struct host *h, struct config_errors *e)
{
	int before = config_errors_count(e);

	for (int i = 0; i < h->config->count; i++)
		if (strcmp(h->config->sections[i].kind, "account") == 0)
			bind_account(h, &h->config->sections[i], e);
	return config_errors_count(e) - before;
}

static struct aq_account account_of(struct host *h, const struct config_section *s, uint32_t id)
{
	const struct config_entry *key_file = config_get(s, "key_file");
	struct aq_account a = {.size = sizeof(a), .id = id, .hedging = h->flow.accounts[id].hedging,
		.margin_mode = h->flow.accounts[id].margin_mode, .since_ns = h->flow.accounts[id].since_ns};

	snprintf(a.name, sizeof(a.name), "%s", s->name);
	snprintf(a.key_file, sizeof(a.key_file), "%s", key_file != NULL ? key_file->value : "");
	return a;
}

void options_tell_accounts(struct host *h, uint32_t exchange)
{
	for (int i = 0; i < h->config->count; i++) {
		const struct config_section *s = &h->config->sections[i];
		uint32_t id = strcmp(s->kind, "account") == 0 ? names_find(&h->flow.names, NAME_ACCOUNT, s->name) : 0;
		struct aq_account account;

		if (id == 0 || h->flow.accounts[id].exchange != exchange)
			continue;
		account = account_of(h, s, id);
		download_account(&h->flow, exchange, &account, AQ_EV_DOWNLOADED);
	}
}

bool options_cancels_on_stop(const struct config_section *s)
{
	return !has_value(s, "on_stop", "leave");
}
