/* options.c: the tables of the host's own sections, and all that a start, a reload and -t check of a configuration. */
#include "host/options.h"

#include "base/check.h"
#include "host/history.h"
#include "host/host.h"
#include "host/policy.h"
#include "host/section.h"
#include "host/sim_options.h"

#include <errno.h>
#include <grp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIELD(member) .offset = offsetof(struct host_options, member), .size = sizeof(((struct host_options *)0)->member)

static const struct aq_option host_table[] = {
	{.name = "server_id", .type = AQ_OPT_STRING, FIELD(server_id), .fallback = "aioquant", .help = "name of this process"},
	{.name = "host_number", .type = AQ_OPT_INT, FIELD(host_number), .fallback = "1", .min = "0", .max = "4095",
		.help = "unique among the processes that trade one account; part of every client order id"},
	{.name = "mode", .type = AQ_OPT_ENUM, FIELD(mode), .fallback = "paper", .values = "paper|live",
		.help = "live spends money"},
	{.name = "clock", .type = AQ_OPT_ENUM, FIELD(clock), .values = "real|replay|venue",
		.help = "default: replay when an exchange names a capture, else real; venue: a simulated venue in another "
			"process owns it"},
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
	{.name = "stale_after", .type = AQ_OPT_DURATION, FIELD(stale_after), .fallback = "5s",
		.help = "age of a stale book; 0 = never"},
	{.name = "duplicate_window", .type = AQ_OPT_DURATION, FIELD(duplicate_window), .fallback = "1s",
		.help = "a second equal order within it is denied"},
	{.name = "kline_grace", .type = AQ_OPT_DURATION, FIELD(kline_grace), .fallback = "1s",
		.help = "so long after its end a candle is closed, if no later trade has closed it before"},
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
	{.name = "format", .type = AQ_OPT_ENUM, FIELD(log_format), .values = "text|logfmt|json",
		.help = "default: text on standard error, logfmt in a file"},
	{.name = "rotate", .type = AQ_OPT_SIZE, FIELD(log_rotate), .fallback = "100MB",
		.help = "size at which the file is renamed to FILE.YYYYmmdd-HHMMSS and a new one begun; 0 = never"},
	{.name = "keep", .type = AQ_OPT_DURATION, FIELD(log_keep), .fallback = "14d",
		.help = "age at which renamed files are deleted; 0 = never"},
	{.name = "limit", .type = AQ_OPT_INT, FIELD(log_limit), .fallback = "100", .min = "0", .max = "1000000",
		.help = "lines a second of one kind, errors aside; more are counted, but not in a replay; 0 = all are written"},
	{0},
};

static const struct aq_option control_table[] = {
	{.name = "socket", .type = AQ_OPT_STRING, FIELD(control_socket), .fallback = "",
		.help = "of aqctl; empty: control.sock in state_dir"},
	{.name = "group", .type = AQ_OPT_STRING, FIELD(control_group), .fallback = "",
		.help = "whose members may use the socket too; empty: none"},
	{0},
};

static const struct aq_option journal_table[] = {
	{.name = "grade", .type = AQ_OPT_ENUM, FIELD(journal_grade), .fallback = "page", .values = "page|disk",
		.help = "page survives kill -9, disk survives a power cut"},
	{.name = "segment", .type = AQ_OPT_SIZE, FIELD(journal_segment), .fallback = "16MB", .min = "64KB", .max = "1GB",
		.help = "size of one file"},
	{.name = "keep", .type = AQ_OPT_DURATION, FIELD(journal_keep), .fallback = "0",
		.help = "age at which segments go; 0 = never"},
	{.name = "min_free", .type = AQ_OPT_SIZE, FIELD(journal_min_free), .fallback = "64MB",
		.help = "below it new orders are denied"},
	{0},
};

#define LIMITS "limit.position+", "limit.order", "limit.gross", "limit.loss_day", "limit.collar", "limit.open_orders", \
	"limit.order_rate"

static const char *const host_known[] = {"on_loss", LIMITS, NULL};
static const char *const nothing[] = {NULL};
static const char *const strategy_known[] = {"plugin", "like", "on_stop", "on_crash", "on_loss", LIMITS, NULL};
static const char *const exchange_known[] = {"plugin", "like", "stale_after", "history", "capture+", "feed_latency", "entry_latency",
	"response_latency", "start", "warmup", "end", "funding+", NULL};
static const char *const service_known[] = {"plugin", "like", NULL};
static const char *const storage_known[] = {"plugin", "like", "queue", "latency", NULL};
static const char *const account_known[] = {"like", "exchange", "position_mode", "margin_mode", "balance+", "fee_maker",
	"fee_taker", "leverage", "transfer+", "key_file", "on_loss", LIMITS, NULL};

const char *const *options_known(uint32_t kind)
{
	return kind == AQ_STRATEGY ? strategy_known : kind == AQ_EXCHANGE ? exchange_known :
		kind == AQ_STORAGE ? storage_known : kind == AQ_SERVICE ? service_known : nothing;
}

const char *const *options_account_known(void)
{
	return account_known;
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

const struct aq_option *options_table(const char *kind)
{
	for (size_t i = 0; i < sizeof(tables) / sizeof(*tables); i++)
		if (strcmp(tables[i].kind, kind) == 0)
			return tables[i].options;
	return NULL;
}

/* ---- sections ---- */

static const char *const named_kinds[] = {"exchange", "account", "strategy", "storage"};
#define NAMED_KINDS (sizeof(named_kinds) / sizeof(*named_kinds))

static bool is_named_kind(const char *kind)
{
	for (size_t i = 0; i < NAMED_KINDS; i++)
		if (strcmp(named_kinds[i], kind) == 0)
			return true;
	return section_kind(kind) == AQ_SERVICE;
}

static const char *nearest_kind(const char *kind)
{
	const char *nearest = NULL;

	for (size_t i = 0; i < NAMED_KINDS; i++)
		nearest = config_nearer(kind, nearest, named_kinds[i]);
	for (size_t i = 0; i < sizeof(tables) / sizeof(*tables); i++)
		nearest = config_nearer(kind, nearest, tables[i].kind);
	return nearest;
}

static void unknown_kind(const struct config_section *s, struct config_errors *e)
{
	char text[CONFIG_NEAREST_SIZE];

	config_error_section(e, s, NULL,
		"unknown section.%s There are host, log, control, journal, exchange:NAME, account:NAME, strategy:NAME, storage:NAME, "
		"and services by the name of their plugin in plugin_path.",
		config_nearest(nearest_kind(s->kind), text));
}

static bool has_plugin(const struct config_section *s)
{
	const struct config_entry *entry = config_get(s, "plugin");

	return entry != NULL && entry->value[0] != '\0';
}

/* Of what names a plugin: it is no name, or it is like one of ours. */
static bool is_misspelt(const char *kind)
{
	return strspn(kind, "abcdefghijklmnopqrstuvwxyz0123456789_") != strlen(kind) || nearest_kind(kind) != NULL;
}

static void check_kind(const struct config_section *s, struct config_errors *e)
{
	bool named = is_named_kind(s->kind);

	if (section_kind(s->kind) == AQ_SERVICE && is_misspelt(s->kind))
		unknown_kind(s, e);
	else if (named && s->name[0] == '\0')
		config_error_section(e, s, NULL, "a name is missing. Write [%s:NAME].", s->kind);
	else if (!named && s->name[0] != '\0')
		config_error_section(e, s, NULL, "takes no name. Write [%s].", s->kind);
	else if (named && strcmp(s->kind, "account") != 0 && !has_plugin(s) && !s->incomplete)
		config_error_section(e, s, "plugin", "must be given: the library. Write plugin = NAME.");
}

static bool is_named_apart(const char *kind)
{
	return section_kind(kind) != 0 && section_kind(kind) != AQ_STRATEGY;
}

/* Markets are written by the names of accounts and exchanges, and what runs by those of exchanges, stores and strategies. */
static void check_name(const struct config *c, const struct config_section *s, struct config_errors *e)
{
	if (config_find(c, s->kind, s->name) != s) /* given twice, which has been told */
		return;
	for (const struct config_section *other = c->sections; other < s; other++)
		if (s->name[0] != '\0' && strcmp(other->name, s->name) == 0 && strcmp(other->kind, s->kind) != 0 &&
			(is_named_apart(s->kind) || is_named_apart(other->kind)))
			config_error_section(e, s, NULL, "the name is that of [%s:%s] too, at %s:%d. Give one of them another.",
				other->kind, other->name, other->file, other->line);
}

/* ---- values that tables cannot judge ---- */

static const struct config_entry *entry_of(const struct config *c, const char *kind, const char *key,
	const struct config_section **s)
{
	*s = config_find(c, kind, "");
	return *s != NULL ? config_get(*s, key) : NULL;
}

int options_speed(const char *text, int64_t *percent)
{
	char number[16];
	size_t length = strlen(text);
	struct aq_err err;
	double ratio;

	*percent = 0;
	if (strcmp(text, "max") == 0)
		return AQ_OK;
	if (length < 2 || length > sizeof(number) || text[length - 1] != 'x')
		return AQ_EFORMAT;
	snprintf(number, sizeof(number), "%.*s", (int)length - 1, text);
	if (strspn(number, "0123456789.") != strlen(number) || config_ratio(number, &ratio, &err) != AQ_OK || ratio < 0.01 ||
		ratio > 1e6)
		return AQ_EFORMAT;
	*percent = (int64_t)(ratio * 100 + 0.5);
	return AQ_OK;
}

static void check_host(const struct config *c, const struct host_options *o, struct config_errors *e)
{
	const struct config_section *s;
	const struct config_entry *entry = entry_of(c, "host", "speed", &s);
	int64_t percent;

	if (entry != NULL && options_speed(entry->value, &percent) != AQ_OK)
		config_error_value(
			e, s, entry, "write max, or how much faster than the recording from 0.01x to 1000000x, as 10x.");
	entry = entry_of(c, "host", "callback_kill", &s);
	if (entry == NULL)
		entry = entry_of(c, "host", "callback_warn", &s);
	if (entry != NULL && o->callback_kill != 0 && o->callback_kill <= o->callback_warn)
		config_error_value(e, s, entry, "callback_kill must be longer than callback_warn, or 0.");
}

static void check_exchanges(const struct config *c, struct config_errors *e)
{
	int64_t ns;
	struct aq_err err;

	for (int i = 0; i < c->count; i++) {
		const struct config_section *s = &c->sections[i];
		const struct config_entry *entry = config_get(s, "stale_after");

		if (strcmp(s->kind, "exchange") == 0 && entry != NULL && config_duration(entry->value, &ns, &err) != AQ_OK)
			config_error_value(e, s, entry, "%s", err.text);
		if (strcmp(s->kind, "exchange") == 0)
			history_check(c, s, e);
	}
}

static void check_storages(const struct config *c, struct config_errors *e)
{
	for (int i = 0; i < c->count; i++) {
		const struct config_section *s = &c->sections[i];
		const struct config_entry *queue = config_get(s, "queue"), *latency = config_get(s, "latency");
		struct aq_err err;
		int64_t value;

		if (strcmp(s->kind, "storage") != 0)
			continue;
		if (queue != NULL && config_size(queue->value, &value, &err) != AQ_OK)
			config_error_value(e, s, queue, "%s", err.text);
		else if (queue != NULL && (value < 1 << 20 || value > 16ll << 30))
			config_error_value(e, s, queue, "from 1MB to 16GB.");
		if (latency != NULL && config_duration(latency->value, &value, &err) != AQ_OK)
			config_error_value(e, s, latency, "%s", err.text);
	}
}

void options_apply_exchange(struct host *h, const struct config_section *s)
{
	const struct config_entry *entry = config_get(s, "stale_after");
	uint32_t id = names_find(&h->flow.names, NAME_INSTANCE, s->name);
	int64_t ns = 0;
	struct aq_err err;

	if (entry != NULL && config_duration(entry->value, &ns, &err) == AQ_OK && ns == 0)
		ns = INT64_MAX;
	if (id != 0)
		flow_stale_after_set(&h->flow, id, ns);
}

/* With memory of its own: a reload and a comparison may read the files at the same time. */
static void check_group(const struct config *c, struct host_options *o, struct config_errors *e)
{
	const struct config_section *s;
	const struct config_entry *entry = entry_of(c, "control", "group", &s);
	struct group group, *found = NULL;
	size_t size = 1024;
	char *text = NULL;

	o->control_gid = UINT32_MAX;
	if (entry == NULL || o->control_group[0] == '\0')
		return;
	do { /* a group may have thousands of members */
		size *= 2;
		text = realloc(text, size);
		CHECK(text != NULL);
	} while (getgrnam_r(o->control_group, &group, text, size, &found) == ERANGE);
	if (found != NULL)
		o->control_gid = found->gr_gid;
	else
		config_error_value(e, s, entry, "this system has no such group. getent group lists them.");
	free(text);
}

int options_fill(const struct config *c, struct host_options *out, struct config_errors *e)
{
	static const struct config_section empty = {.kind = "", .name = "", .file = ""};
	int before = config_errors_count(e);

	memset(out, 0, sizeof(*out));
	for (int i = 0; i < c->count; i++) {
		check_kind(&c->sections[i], e);
		check_name(c, &c->sections[i], e);
	}
	for (size_t i = 0; i < sizeof(tables) / sizeof(*tables); i++) {
		const struct config_section *s = config_find(c, tables[i].kind, "");

		config_fill(s != NULL ? s : &empty, tables[i].options, tables[i].known, out, NULL, e, NULL);
	}
	check_host(c, out, e);
	check_exchanges(c, e);
	check_storages(c, e);
	check_group(c, out, e);
	return config_errors_count(e) - before;
}

bool options_is_service(const struct config_section *s, const struct host_options *o)
{
	const struct config_entry *plugin = config_get(s, "plugin");
	char path[512];
	struct aq_err err;

	if (is_misspelt(s->kind))
		return false;
	return plugin == NULL || strcmp(plugin->value, s->kind) != 0 || plugin_find(s->kind, o->plugin_path, path, sizeof(path), &err) == 0;
}

static void check_services(const struct config *c, const struct host_options *o, struct config_errors *e)
{
	for (int i = 0; i < c->count; i++)
		if (section_kind(c->sections[i].kind) == AQ_SERVICE && !is_misspelt(c->sections[i].kind) &&
			!options_is_service(&c->sections[i], o))
			unknown_kind(&c->sections[i], e);
}

int options_read(const struct config *c, const char *config_path, struct host_options *out, struct config_errors *e)
{
	int before = config_errors_count(e);

	options_fill(c, out, e);
	options_resolve_paths(c, out, config_path, e);
	check_services(c, out, e);
	policies_check(c, e);
	options_check_accounts(c, e);
	sim_options_check(c, e);
	options_check_limits(c, out, e);
	options_check_live(c, out, e);
	return config_errors_count(e) - before;
}

bool options_cancels_on_stop(const struct config_section *s)
{
	return policy_on_stop(s).orders != POLICY_LEAVE;
}
