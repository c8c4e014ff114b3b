/* test_sdk_replay.c: what test.h of the SDK says of a replay adds up, and what goes wrong in one is named. */
#include <aioquant/test.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define RECORDING AQ_SOURCE_DIR "/tests/data/binance-spot/btcusdt_20240808.gz"
#define MINUTE "venue.start=2024-08-08T23:57:00Z", "venue.end=2024-08-08T23:58:00Z"
#define SIZES "example.size=0.01 BTC", "example.max_position=0.05 BTC"
enum { BID = 1, ASK = 2 };

/* Beside the plugin the import is kept: so the plugin lies in the test's own folder. */
static int copy_plugin(void **state)
{
	char command[1024];

	(void)state;
	snprintf(command, sizeof(command), "cp '%s/example.so' '%s/test/counter.so' .", getenv("AQ_PLUGINS"),
		getenv("AQ_PLUGINS"));
	return system(command);
}

static void assert_error(struct aq_test *t, const char *part)
{
	if (strstr(t->error, part) == NULL)
		print_message("%s\n", t->error);
	assert_non_null(strstr(t->error, part));
	assert_int_equal(aq_test_end(t), 1);
}

/* ---- what is told ---- */

static void test_it_adds_up(void **state)
{
	struct aq_test *t = aq_test_run("example.so", RECORDING, MINUTE, "example.spread=1bps", SIZES);
	aq_qty position = 0, filled = 0;

	(void)state;
	assert_string_equal(t->error, "");
	assert_string_equal(t->plugin, "example");
	assert_string_equal(t->symbol, "BTC/USDT");
	assert_in_range(t->order_count, 10, 10000);
	assert_in_range(t->fill_count, 10, 10000);
	for (uint32_t i = 0; i < t->fill_count; i++) {
		const struct aq_test_fill *f = &t->fills[i];

		assert_int_equal(f->tag, f->side == AQ_BUY ? BID : ASK);
		assert_int_equal(f->liquidity, AQ_MAKER);
		assert_in_range(f->price, aq_test_px(t, "61000"), aq_test_px(t, "62500"));
		assert_true(i == 0 || f->time_ns >= f[-1].time_ns);
		position += f->side == AQ_BUY ? f->qty : -f->qty;
		assert_int_equal(f->position, position);
	}
	assert_int_equal(t->position, position);
	assert_in_range(t->max_position, 1, aq_test_qty(t, "0.05"));
	for (uint32_t i = 0; i < t->order_count; i++) {
		filled += t->orders[i].side == AQ_BUY ? t->orders[i].filled : -t->orders[i].filled;
		assert_true(t->orders[i].ended_ns != 0); /* the host takes out what rests at the end */
		assert_true(i == 0 || t->orders[i].placed_ns >= t->orders[i - 1].placed_ns);
	}
	assert_int_equal(filled, position);
	assert_true(t->profit.lo != 0);
	assert_non_null(strstr(t->log, "example: fill 1: "));
	assert_int_equal(aq_test_end(t), 0);
}

static void test_runs_are_equal(void **state)
{
	struct aq_test *one = aq_test_run("example.so", RECORDING, MINUTE, "example.spread=1bps", SIZES);
	struct aq_test *two = aq_test_run("example.so", RECORDING, MINUTE, "example.spread=1bps", SIZES);
	struct aq_test *wide = aq_test_run("example.so", RECORDING, MINUTE, "example.spread=10bps", SIZES);

	(void)state;
	assert_int_equal(one->fill_count, two->fill_count);
	assert_memory_equal(one->fills, two->fills, one->fill_count * sizeof(*one->fills));
	assert_memory_equal(&one->profit, &two->profit, sizeof(one->profit));
	assert_true(wide->fill_count < one->fill_count);
	aq_test_end(one);
	aq_test_end(two);
	aq_test_end(wide);
}

static void test_denials(void **state)
{
	struct aq_test *t = aq_test_run("example.so", RECORDING, MINUTE, SIZES, "example.limit.order=10 USDT");

	(void)state;
	assert_string_equal(t->error, "");
	assert_true(t->denied > 0);
	assert_int_equal(t->fill_count, 0);
	assert_int_equal(t->orders[t->order_count - 1].state, AQ_DENIED);
	assert_int_equal(t->orders[t->order_count - 1].code, AQ_DENY_MAX_NOTIONAL);
	aq_test_end(t);
}

static void test_a_capture_is_taken_as_it_is(void **state)
{
	struct aq_test *t = aq_test_run("example.so", "btcusdt_20240808.gz.binance.BTCUSDT.aqc", MINUTE, SIZES);

	(void)state;
	assert_string_equal(t->error, "");
	assert_true(t->order_count > 0);
	AQ_TEST(t, t->order_count == 0); /* says that it is not so */
	assert_int_equal(aq_test_end(t), 1);
}

/* ---- what goes wrong ---- */

static void test_errors_are_named(void **state)
{
	(void)state;
	assert_error(aq_test_run("nowhere.so", RECORDING), "nowhere.so: No such file");
	assert_error(aq_test_run("example.so", "nothing.gz"), "nothing.gz");
	assert_error(aq_test_run("example.so", RECORDING, "size"), "\"size\" is no setting: write SECTION.KEY=VALUE");
	assert_error(aq_test_run("example.so", RECORDING, "import.venue=kraken"), "kraken");
	assert_error(aq_test_run("example.so", RECORDING), "size");
	assert_error(aq_test_run("example.so", RECORDING, SIZES, "example.spraed=1bps"), "spraed");
}

/* The plugin `counter` keeps to what its mark says: here that it gives up at its first events. */
static void test_a_plugin_that_gives_up(void **state)
{
	static const char command[] =
		"python3 - <<'END'\n"
		"import os, sys\n"
		"sys.path.insert(0, os.environ['AQ_SOURCE'] + '/tests/scenario/lib')\n"
		"from builds import Builds, EVENT_FAILS, put\n"
		"put('counter.so', Builds(os.environ['AQ_PLUGINS']).build(EVENT_FAILS))\n"
		"END\n";

	(void)state;
	assert_int_equal(system(command), 0);
	assert_error(aq_test_run("counter.so", RECORDING, MINUTE), "counter: taken out: this build has had enough");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_it_adds_up),
		cmocka_unit_test(test_runs_are_equal),
		cmocka_unit_test(test_denials),
		cmocka_unit_test(test_a_capture_is_taken_as_it_is),
		cmocka_unit_test(test_errors_are_named),
		cmocka_unit_test(test_a_plugin_that_gives_up),
	};

	return cmocka_run_group_tests(tests, copy_plugin, NULL);
}
