/* test_sim_options.c: the options of a simulated venue from an INI file. */
#include "sim_help.h"

#include "host/sim_options.h"

struct ini {
	char path[64];
	struct config *config;
	struct config_errors *errors;
	struct sim_options options;
	int faults;
};

static void read_ini(struct ini *i, const char *text)
{
	memset(i, 0, sizeof *i);
	tape_write(text, strlen(text), i->path);
	i->errors = config_errors_create();
	i->config = config_load(i->path, NULL, 0, i->errors);
	assert_non_null(i->config);
	const struct config_section *exchange = config_find(i->config, "exchange", "sim");
	assert_non_null(exchange);
	i->faults = sim_options_read(&i->options, i->config, exchange, i->errors);
}

static void forget_ini(struct ini *i)
{
	sim_options_free(&i->options);
	config_destroy(i->config);
	config_errors_destroy(i->errors);
	unlink(i->path);
}

static void all_keys(void **state)
{
	struct ini i;
	read_ini(&i, "[exchange:sim]\n"
		     "plugin = sim\n"
		     "capture = one.aqc, /two.aqc\n"
		     "capture = sub/three.aqc\n"
		     "feed_latency = 2ms\n"
		     "entry_latency = 500us\n"
		     "response_latency = 1s\n"
		     "start = 2024-08-08T23:55:00.25Z\n"
		     "end = 1723161600000000001\n"
		     "funding = 2024-08-08T16:00:00Z BTC/USDT:USDT 0.01%, 2024-08-09T00:00:00Z BTC/USDT:USDT -0.5bps\n"
		     "[account:other]\n"
		     "exchange = elsewhere\n"
		     "balance = nonsense\n"
		     "[account:main]\n"
		     "exchange = sim\n"
		     "balance = 50000.5 USDT, 1 BTC\n"
		     "balance = 3 ETH\n"
		     "fee_maker = -0.5bps\n"
		     "fee_taker = 0.04%\n"
		     "position_mode = hedging\n"
		     "leverage = 20\n"
		     "transfer = 2024-08-08T12:00:00Z -250 USDT\n"
		     "[account:plain]\n"
		     "exchange = sim\n");
	const struct sim_venue_options *v = &i.options.venue;
	config_errors_print(i.errors, stderr);
	assert_int_equal(i.faults, 0);
	assert_int_equal(v->capture_count, 3);
	assert_string_equal(v->captures[0], "/tmp/one.aqc"); /* beside the INI file */
	assert_string_equal(v->captures[1], "/two.aqc");
	assert_string_equal(v->captures[2], "/tmp/sub/three.aqc");
	assert_int_equal(v->feed_ns, 2000000);
	assert_int_equal(v->entry_ns, 500000);
	assert_int_equal(v->response_ns, 1000000000);
	assert_int_equal(v->start_ns, INT64_C(1723161300250000000));
	assert_int_equal(v->warmup_ns, 0);
	assert_int_equal(v->end_ns, INT64_C(1723161600000000001));
	assert_int_equal(v->account_count, 2);
	const struct sim_venue_account *a = &v->accounts[0];
	assert_string_equal(a->name, "main");
	assert_int_equal(a->balance_count, 3);
	assert_amt(a->balances[0].amount, "50000.5");
	assert_string_equal(a->balances[2].asset, "ETH");
	assert_amt(a->fee_maker, "-0.00005");
	assert_amt(a->fee_taker, "0.0004");
	assert_true(a->hedging);
	assert_int_equal(a->leverage, 20);
	assert_string_equal(v->accounts[1].name, "plain");
	assert_false(v->accounts[1].hedging);
	assert_int_equal(v->cash_count, 3);
	assert_int_equal(v->cash[0].at_ns, INT64_C(1723132800000000000));
	assert_string_equal(v->cash[0].symbol, "BTC/USDT:USDT");
	assert_amt(v->cash[0].amount, "0.0001");
	assert_amt(v->cash[1].amount, "-0.00005");
	assert_int_equal(v->cash[2].kind, AQ_CASH_TRANSFER);
	assert_int_equal(v->cash[2].account, 0);
	assert_amt(v->cash[2].amount, "-250");
	assert_string_equal(v->cash[2].asset, "USDT");
	forget_ini(&i);
}

static void a_warmup_instead_of_a_start(void **state)
{
	struct ini i;
	read_ini(&i, "[exchange:sim]\ncapture = x\nwarmup = 5m\n");
	assert_int_equal(i.faults, 0);
	assert_int_equal(i.options.venue.warmup_ns, INT64_C(300000000000));
	assert_int_equal(i.options.venue.start_ns, 0);
	forget_ini(&i);
	read_ini(&i, "[exchange:sim]\ncapture = x\nwarmup = 5m\nstart = 2024-08-08T23:55:00Z\n");
	assert_int_equal(i.faults, 1);
	assert_non_null(strstr(config_errors_text(i.errors, 0), ":3"));
	assert_non_null(strstr(config_errors_text(i.errors, 0), "Write one of the two."));
	forget_ini(&i);
}

static void faults_name_their_line(void **state)
{
	static const char *const lines[] = {"start = yesterday", "end = 2024-02-30T00:00:00Z",
		"end = 2024-08-08 12:00:00Z", "feed_latency = 5", "warmup = 5", "funding = 2024-08-08T16:00:00Z BTC/USDT:USDT",
		"funding = x BTC/USDT:USDT 0.01%", "funding = 2024-08-08T16:00:00Z BTC/USDT:USDT 0.01% more"};
	static const char *const account_lines[] = {"balance = 5", "balance = 5 USDT,", "fee_maker = 2",
		"position_mode = both", "leverage = 0", "leverage = 2.5", "transfer = 5 USDT",
		"transfer = 2024-08-08T12:00:00Z USDT"};
	for (size_t n = 0; n < sizeof lines / sizeof *lines + sizeof account_lines / sizeof *account_lines; n++) {
		bool account = n >= sizeof lines / sizeof *lines;
		const char *line = account ? account_lines[n - sizeof lines / sizeof *lines] : lines[n];
		char text[512], where[96];
		struct ini i;
		snprintf(text, sizeof text, "[exchange:sim]\ncapture = x\n%s\n[account:main]\nexchange = sim\n%s\n",
			account ? "" : line, account ? line : "");
		read_ini(&i, text);
		snprintf(where, sizeof where, "%s:%d", i.path, account ? 6 : 3);
		if (strcmp(line, "fee_maker = 2") == 0) {
			assert_int_equal(i.faults, 0); /* 200 % is a ratio */
		} else {
			assert_int_equal(i.faults, 1);
			assert_non_null(strstr(config_errors_text(i.errors, 0), where));
		}
		forget_ini(&i);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_keys),
		cmocka_unit_test(a_warmup_instead_of_a_start),
		cmocka_unit_test(faults_name_their_line),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
