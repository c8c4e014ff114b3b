/* test_options.c: the host's own sections, accounts and limits: what is taken, and what is refused before anything
 * starts. */
#include "host/host.h"
#include "host/options.h"

#include <grp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "flow/market.h"
#include "host/config_internal.h"

#include <decimal.h>

struct ini {
	struct config *config;
	struct config_errors *errors;
	struct host_options options;
};

static void read_ini(struct ini *i, const char *text, const char *path)
{
	FILE *in = fmemopen((void *)(uintptr_t)text, strlen(text), "r");

	assert_non_null(in);
	i->errors = config_errors_create();
	i->config = config_parse_stream(in, path, NULL, 0, i->errors);
	fclose(in);
	options_read(i->config, path, &i->options, i->errors);
}

static void forget(struct ini *i)
{
	config_destroy(i->config);
	config_errors_destroy(i->errors);
}

static void taken(struct ini *i, const char *text)
{
	read_ini(i, text, "t.ini");
	if (config_errors_count(i->errors) > 0)
		print_message("%s\n", config_errors_text(i->errors, 0));
	assert_int_equal(config_errors_count(i->errors), 0);
}

/* Exactly this error. */
static void refused(const char *text, const char *message)
{
	struct ini i;

	read_ini(&i, text, "t.ini");
	if (config_errors_count(i.errors) > 0)
		assert_string_equal(config_errors_text(i.errors, 0), message);
	assert_int_equal(config_errors_count(i.errors), 1);
	forget(&i);
}

static void callbacks(void **state)
{
	struct ini i;

	taken(&i, "[host]\n");
	assert_int_equal(i.options.callback_warn, 5000000);
	assert_int_equal(i.options.callback_kill, 2000000000);
	forget(&i);
	taken(&i, "[host]\ncallback_warn = 0\ncallback_kill = 1ms\n");
	assert_int_equal(i.options.callback_warn, 0);
	assert_int_equal(i.options.callback_kill, 1000000);
	forget(&i);
	taken(&i, "[host]\ncallback_warn = 1h\ncallback_kill = 0\n"); /* never, whatever the warning */
	forget(&i);
	refused("[host]\ncallback_warn = 2s\n", "t.ini:2  [host] callback_warn = 2s: callback_kill must be longer than "
						"callback_warn, or 0.");
	refused("[host]\ncallback_kill = 5ms\n",
		"t.ini:2  [host] callback_kill = 5ms: callback_kill must be longer than "
		"callback_warn, or 0.");
}

static void groups(void **state)
{
	const struct group *own = getgrgid(0);
	char text[128];
	struct ini i;

	taken(&i, "[control]\n");
	assert_int_equal(i.options.control_gid, UINT32_MAX);
	forget(&i);
	assert_non_null(own);
	snprintf(text, sizeof(text), "[control]\ngroup = %s\n", own->gr_name);
	taken(&i, text);
	assert_int_equal(i.options.control_gid, 0);
	forget(&i);
	refused("[control]\ngroup = nobody-has-this\n",
		"t.ini:2  [control] group = nobody-has-this: this system has no such group. getent group lists them.");
}

static void speeds(void **state)
{
	static const struct {
		const char *text;
		int64_t percent;
	} good[] = {{"max", 0}, {"1x", 100}, {"10x", 1000}, {"0.5x", 50}, {"0.29x", 29}, {"0.01x", 1}};
	static const char *const bad[] = {"", "x", "10", "fast", "0x", "-1x", "0.001x", "1x ", "10xx", "1bpsx", "1%x",
		"10000000x", "1.1.1x", "0.0000000000000001x"};
	int64_t percent;

	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
		assert_int_equal(options_speed(good[i].text, &percent), 0);
		assert_int_equal(percent, good[i].percent);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_int_equal(options_speed(bad[i], &percent), AQ_EFORMAT);
}

static void paths(void **state)
{
	char folder[300], text[600];
	struct ini i;

	read_ini(&i, "[host]\nstate_dir = s\nplugin_path = a, /b, c\n[log]\nfile = ../l\n[control]\nsocket = c\n",
		"x/y/t.ini");
	assert_int_equal(config_errors_count(i.errors), 0);
	assert_string_equal(i.options.state_dir, "x/y/s");
	assert_string_equal(i.options.plugin_path, "x/y/a\n/b\nx/y/c");
	assert_string_equal(i.options.log_file, "x/y/../l");
	assert_string_equal(i.options.control_socket, "x/y/c");
	forget(&i);
	memset(folder, 'f', sizeof(folder));
	memcpy(folder + 90, "/t.ini", 7);
	read_ini(&i, "[control]\nsocket = 12345678901234567\n", folder); /* just too long: nothing is cut */
	snprintf(text, sizeof(text),
		"%s:2  [control] socket = 12345678901234567: with the folders before it, it has more than 107 "
		"characters.",
		folder);
	assert_int_equal(config_errors_count(i.errors), 1);
	assert_string_equal(config_errors_text(i.errors, 0), text);
	forget(&i);
	read_ini(&i, "[host]\nstate_dir = 12345\n", folder); /* the default's */
	snprintf(text, sizeof(text),
		"%s  [control] socket: with the folders before it, the default has more than 107 characters. Write a "
		"shorter one.",
		folder);
	assert_int_equal(config_errors_count(i.errors), 1);
	assert_string_equal(config_errors_text(i.errors, 0), text);
	forget(&i);
	read_ini(&i, "[control]\nsocket = 1234567890123456\n[host]\nstate_dir = s\n", folder);
	assert_int_equal(config_errors_count(i.errors), 0);
	assert_int_equal(strlen(i.options.control_socket), 107);
	forget(&i);
}

static void names_and_kinds(void **state)
{
	refused("[exchange:a]\nplugin = sim\n[strategy:a]\nplugin = p\n",
		"t.ini:3  [strategy:a] the name is that of [exchange:a] too, at t.ini:1. Give one of them another.");
	refused("[exchange:a]\nplugin =\n",
		"t.ini:1  [exchange:a] plugin: must be given: the library. Write plugin = NAME.");
	refused("[lgo]\n",
		"t.ini:1  [lgo] unknown section. Nearest: log. There are host, log, control, journal, exchange:NAME, "
		"account:NAME, strategy:NAME, storage:NAME, and services by the name of their plugin in plugin_path.");
	refused("[strategy:a]\non_stop = levae\nplugin = p\n",
		"t.ini:2  [strategy:a] on_stop = levae: levae is no verb of on_stop. Nearest: leave. Write leave, "
		"cancel or flatten.");
}

/* ---- accounts ---- */

#define EXCHANGE "[exchange:x]\nplugin = sim\n"
#define ACCOUNT EXCHANGE "[account:a]\nexchange = x\n"

static void accounts(void **state)
{
	struct ini i;

	taken(&i, ACCOUNT "margin_mode = isolated\nposition_mode = hedging\non_loss = halt\nlimit.position = none\n");
	forget(&i);
	refused(ACCOUNT "margin_mode = isolatd\n",
		"t.ini:5  [account:a] margin_mode = isolatd: write cross or isolated.");
	refused(ACCOUNT "position_mode = hedge\n",
		"t.ini:5  [account:a] position_mode = hedge: write netting or hedging.");
	refused(ACCOUNT "balance = 5 USDT,\n", "t.ini:5  [account:a] balance = 5 USDT,: an item of the list is empty.");
	refused(ACCOUNT "dead_man = 30s\n", "t.ini:5  [account:a] dead_man: unknown key. [account:a] has: like "
					    "exchange position_mode margin_mode balance "
					    "fee_maker fee_taker leverage transfer key_file on_loss limit.position "
					    "limit.order limit.gross limit.loss_day "
					    "limit.collar limit.open_orders limit.order_rate");
	refused(EXCHANGE "[account:a]\n", "t.ini:3  [account:a] exchange: must be given: where it trades. Write "
					  "exchange = NAME, as in [exchange:NAME].");
	refused(EXCHANGE "[account:a]\nexchange = y\n",
		"t.ini:4  [account:a] exchange = y: there is no [exchange:y]. Nearest: x.");
}

static void key_files(void **state)
{
	char path[] = "/tmp/aq-key-XXXXXX", text[300], message[300];
	int fd = mkstemp(path);
	struct ini i;

	snprintf(text, sizeof(text), ACCOUNT "key_file = %s\n", path);
	snprintf(message, sizeof(message), "t.ini:5  [account:a] key_file %s is readable by group. chmod 600.", path);
	fchmod(fd, 0640);
	refused(text, message);
	fchmod(fd, 0600);
	taken(&i, text);
	forget(&i);
	close(fd);
	unlink(path);
	snprintf(message, sizeof(message),
		"t.ini:5  [account:a] key_file %s cannot be read: No such file or directory.", path);
	refused(text, message);
}

/* ---- limits ---- */

static void live_needs_limits(void **state)
{
	static const char without[] = "[host]\nmode = live\n" ACCOUNT;
	struct ini i;

	read_ini(&i, without, "t.ini");
	assert_int_equal(config_errors_count(i.errors), 3);
	assert_string_equal(config_errors_text(i.errors, 0),
		"t.ini:5  [account:a] mode is live and no limit.position applies to "
		"this account. Add one here or in [host], or write none.");
	assert_non_null(strstr(config_errors_text(i.errors, 1), "no limit.order applies"));
	assert_non_null(strstr(config_errors_text(i.errors, 2), "no limit.loss_day applies"));
	forget(&i);
	taken(&i, ACCOUNT); /* paper */
	assert_int_equal(i.options.mode, MODE_PAPER);
	forget(&i);
	taken(&i, "[host]\nmode = live\nlimit.order = 5 USDT\nlimit.loss_day = none\nlimit.position = BTC/USDT 1 "
		  "BTC\n" ACCOUNT);
	assert_int_equal(i.options.mode, MODE_LIVE);
	forget(&i);
	taken(&i,
		"[host]\nmode = live\n" ACCOUNT "limit.position = none\nlimit.order = none\nlimit.loss_day = 1 USDT\n");
	forget(&i);
	refused("[host]\nmode = live\nlimit.order = 5 USDT\nlimit.loss_day = 5 USDT\n" ACCOUNT
		"limit.position = none\n[account:b]\nexchange = x\n",
		"t.ini:10  [account:b] mode is live and no limit.position applies to this account. Add one here or in "
		"[host], or "
		"write none.");
}

static void limits_that_are_refused(void **state)
{
	static const char *const zeroes[] = {
		"order = 0 USDT", "gross = -1 USDT", "loss_day = 0 USDT", "collar = 0", "collar = -1bps"};
	char text[100], message[200];

	for (size_t i = 0; i < sizeof(zeroes) / sizeof(*zeroes); i++) { /* else 0 would be no limit at all */
		snprintf(text, sizeof(text), "[host]\nlimit.%s\n", zeroes[i]);
		snprintf(message, sizeof(message),
			"t.ini:2  [host] limit.%s: a limit is above 0. Write none where there shall be no limit.",
			zeroes[i]);
		refused(text, message);
	}
	refused("[host]\nlimit.order = 5 EUR\n",
		"t.ini:2  [host] limit.order = 5 EUR: limits of money are in report_currency. Write 5 USDT.");
	refused("[host]\nlimit.order_rate = 5000/s\n",
		"t.ini:2  [host] limit.order_rate = 5000/s: write a whole number a second, from 1/s to 4096/s.");
	refused("[host]\nlimit.open_orders = none of them\n",
		"t.ini:2  [host] limit.open_orders = none of them: write a whole number from 1 on.");
	refused("[host]\nlimit.position = BTC/USDT 1 BTC\nlimit.position = none\n",
		"t.ini:3  [host] limit.position = none: none cannot stand beside other limits of positions.");
	refused("[host]\nlimit.order = 1 USDT\nlimit.order = 2 USDT\n",
		"t.ini:3  [host] limit.order: given twice, first at t.ini:2. Only lists may be.");
}

static void positions_that_are_refused(void **state)
{
	static const char *const bad[] = {"", "BTC/USDT", "BTC/USDT 1", "BTC/USDT BTC 1", "BTC/USDT -1 BTC",
		"BTC/USDT 1 BTC 2", "BTC/USDT 1 BTC,", "BTC/USDT 1e3 BTC", "BTC/USDT 1 BTC, none", "BTC/USDT 1..1 BTC"};
	char text[100], message[200];

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		snprintf(text, sizeof(text), "[host]\nlimit.position = %s\n", bad[i]);
		snprintf(message, sizeof(message),
			"t.ini:2  [host] limit.position%s%s: write SYMBOL QUANTITY BASE, as BTC/USDT 0.5 "
			"BTC, or none.",
			bad[i][0] != '\0' ? " = " : "", bad[i]);
		refused(text, message);
	}
}

/* What a host with one instrument makes of a section's limits. */
static void apply(struct host *h, struct ini *i, const char *text)
{
	static const struct aq_instrument btc = {.size = sizeof(btc),
		.kind = AQ_SPOT,
		.px_digits = 2,
		.qty_digits = 3,
		.qty_unit = AQ_UNIT_BASE,
		.tick = 1,
		.lot = 1,
		.base = "BTC",
		.quote = "USDT",
		.symbol = "BTC/USDT"};
	struct flow_options options = {.max_orders = 64, .max_fills = 64, .report_currency = "USDT"};

	taken(i, text);
	memset(h, 0, sizeof(*h));
	flow_init(&h->flow, &options);
	h->flow.recovering = true;
	h->options = i->options;
	h->config = i->config;
	assert_int_equal(market_instrument(&h->flow, flow_instance_id(&h->flow, "x", AQ_EXCHANGE), &btc), 1);
	assert_int_equal(options_apply_limits(h, i->errors), 0);
}

static void limits_in_force(void **state)
{
	struct host *h = calloc(1, sizeof(*h));
	const struct flow_limits *l = &h->flow.meter.limits;
	struct ini i;

	assert_non_null(h);
	apply(h, &i,
		"[host]\nlimit.position = ETH/USDT 8 ETH,  BTC/USDT\t0.5  BTC\nlimit.order = none\nlimit.gross = 7 "
		"USDT\n"
		"limit.collar = 50bps\nlimit.open_orders = 3\nlimit.order_rate = none\n");
	assert_int_equal(l->position_count, 1);
	assert_int_equal(l->positions[0].qty, 500);
	assert_int_equal(aq_amt_sign(l->order), 0);
	assert_int_equal(aq_amt_sign(l->gross), 1);
	assert_int_equal(l->open_orders, 3);
	assert_int_equal(l->order_rate, 0);
	flow_finish(&h->flow);
	forget(&i);
	apply(h, &i, "[host]\nlimit.position = none\n");
	assert_int_equal(l->position_count, 0);
	flow_finish(&h->flow);
	forget(&i);
	free(h);
}

static void stale_books(void **state)
{
	struct host *h = calloc(1, sizeof(*h));
	struct ini i;

	assert_non_null(h);
	apply(h, &i, EXCHANGE "stale_after = 3s\n");
	assert_true(h->flow.instances[1].stale_after_ns == 3000000000);
	flow_finish(&h->flow);
	forget(&i);
	apply(h, &i, EXCHANGE "stale_after = 0\n");
	assert_true(h->flow.instances[1].stale_after_ns == INT64_MAX);
	flow_finish(&h->flow);
	forget(&i);
	apply(h, &i, EXCHANGE);
	assert_int_equal(h->flow.instances[1].stale_after_ns, 0);
	flow_finish(&h->flow);
	forget(&i);
	free(h);
	refused(EXCHANGE "stale_after = 3\n",
		"t.ini:3  [exchange:x] stale_after = 3: a unit is missing. Write 500ms, 2s, 15m, 1h or 7d.");
}

static bool is_whole(void *context, uint32_t exchange)
{
	(void)exchange;
	return *(bool *)context;
}

static void positions_of_what_is_known(void **state)
{
	struct host *h = calloc(1, sizeof(*h));
	bool whole = true;
	struct ini i;

	assert_non_null(h);
	apply(h, &i, "[host]\nlimit.position = BTC/USDT 0.5 BTC\nlimit.position = BTC/USDC 1 BTC\n");
	assert_int_equal(options_check_positions(i.config, &h->flow, is_whole, &whole, i.errors), 1);
	assert_string_equal(config_errors_text(i.errors, 0),
		"t.ini:3  [host] limit.position = BTC/USDC 1 BTC: no exchange of this "
		"configuration has BTC/USDC. Nearest: BTC/USDT.");
	whole = false; /* it may still come */
	assert_int_equal(options_check_positions(i.config, &h->flow, is_whole, &whole, i.errors), 0);
	flow_finish(&h->flow);
	forget(&i);
	free(h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(callbacks),
		cmocka_unit_test(groups),
		cmocka_unit_test(speeds),
		cmocka_unit_test(paths),
		cmocka_unit_test(names_and_kinds),
		cmocka_unit_test(accounts),
		cmocka_unit_test(key_files),
		cmocka_unit_test(live_needs_limits),
		cmocka_unit_test(limits_that_are_refused),
		cmocka_unit_test(positions_that_are_refused),
		cmocka_unit_test(limits_in_force),
		cmocka_unit_test(stale_books),
		cmocka_unit_test(positions_of_what_is_known),
	};

	return cmocka_run_group_tests_name("options", tests, NULL, NULL);
}
