/* test_recorder.c: the recorder in a host in memory: what it asks its store for and when it acknowledges, answer by
 * answer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "mock.h"

#include <aioquant/frame.h>
#include <aioquant/service.h>

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

#define SECOND INT64_C(1000000000)
#define MAIN 1u

static const struct aq_plugin *plugin;

struct rig {
	struct aq_mock *k;
	struct aq_market market;
	uint32_t seen; /* calls that were answered or looked at */
};

static void set_line(struct rig *r, const char *key, const char *words)
{
	struct aq_store_line line = {.store = MAIN};

	snprintf(line.words, sizeof(line.words), "%s", words);
	aq_mock_option(r->k, key, &line, sizeof(line));
}

static void set_text(struct rig *r, const char *key, const char *text)
{
	static char value[4096];
	const struct aq_option *o = plugin->options;

	while (strcmp(o->name, key) != 0)
		o++;
	memset(value, 0, sizeof(value));
	snprintf(value, sizeof(value), "%s", text);
	aq_mock_option(r->k, key, value, o->size);
}

static struct rig begin(const char *key, const char *words)
{
	struct rig r = {.k = aq_mock_new(plugin)};

	r.market = aq_mock_market(r.k, "BTC/USDT", 2, 5);
	assert_int_equal(aq_mock_create(r.k), AQ_OK);
	set_text(&r, "spool", "64MB");
	set_line(&r, key, words);
	return r;
}

/* The next call to the store: of that kind, to that collection. NULL key: none. */
static struct aq_mock_call *next(struct rig *r, uint8_t op, const char *collection)
{
	struct aq_mock_call *c = &r->k->calls[r->seen];

	if (op == 0) {
		assert_int_equal(r->k->call_count, r->seen);
		return NULL;
	}
	assert_int_equal(r->k->call_count, r->seen + 1);
	assert_int_equal(c->what.op, op);
	assert_string_equal(c->what.collection, collection);
	assert_int_equal(c->what.store, MAIN);
	assert_int_equal(c->state, AQ_MOCK_ASKED);
	r->seen++;
	return c;
}

static void done(struct rig *r, struct aq_mock_call *c, uint64_t changed)
{
	aq_mock_done(r->k, c, (struct aq_store_end){.changed = changed});
	aq_mock_run(r->k);
}

static void refuse(struct rig *r, struct aq_mock_call *c, enum aq_store_fault fault, const char *text)
{
	aq_mock_refuse(r->k, c, fault, 1, text);
	aq_mock_run(r->k);
}

static void wait_for(struct rig *r, int64_t ns)
{
	aq_mock_time(r->k, r->k->now_ns + ns);
	aq_mock_run(r->k);
}

static void start(struct rig *r)
{
	assert_int_equal(aq_mock_start(r->k), AQ_OK);
	wait_for(r, SECOND / 10);
}

static void trades(struct rig *r, int count)
{
	static uint64_t id;

	for (int i = 0; i < count; i++) {
		struct aq_trade t = {.id = ++id, .price = 100 + i, .qty = 7, .taker = AQ_BUY};

		aq_mock_event(r->k, AQ_EV_TRADE, (struct aq_market){r->market.instrument, 0}, 0, &t, sizeof(t));
	}
	aq_mock_run(r->k);
}

static void fills(struct rig *r, int count)
{
	for (int i = 0; i < count; i++) {
		struct aq_journal_fill f = {.fill = {.size = sizeof(f.fill),
						    .account = 1,
						    .instrument = 1,
						    .instance = 2,
						    .order = 9,
						    .price = 100,
						    .qty = 3,
						    .side = AQ_SELL},
			.number = r->k->fact_count + 1};

		aq_mock_fact(r->k, AQ_JOURNAL_FILL, &f, sizeof(f));
	}
	aq_mock_run(r->k);
}

static const struct aq_mock_tap *spool(const struct rig *r, const char *name)
{
	return aq_mock_opened(r->k, name, true);
}

/* Rows of an insert. */
static uint32_t rows_of(const struct aq_mock_call *c)
{
	struct aq_frame frame;

	assert_non_null(c->parts[AQ_PART_FRAME].bytes);
	memcpy(&frame, c->parts[AQ_PART_FRAME].bytes, sizeof(frame));
	return frame.rows;
}

static int64_t number_in(struct aq_bson doc, const char *name)
{
	int64_t value = -1;

	assert_int_equal(aq_value_int64(aq_bson_find(doc, name), &value), AQ_OK);
	return value;
}

/* {number: {$gte: first, $lt: end}} of a find or a delete. */
static void expect_range(const struct aq_mock_call *c, int64_t first, int64_t end)
{
	struct aq_bson filter = aq_mock_part(c, AQ_PART_FILTER), range;

	assert_int_equal(aq_value_document(aq_bson_find(filter, "number"), &range), AQ_OK);
	assert_int_equal(number_in(range, "$gte"), first);
	assert_int_equal(number_in(range, "$lt"), end);
}

static void make_tables(struct rig *r, const char *name, bool spooled)
{
	done(r, next(r, AQ_STORE_CREATE, name), 0);
	if (spooled)
		done(r, next(r, AQ_STORE_CREATE, "gaps"), 0);
}

/* ---- the plain way ---- */

static void test_facts(void **state)
{
	struct rig r = begin("fills", "");
	struct aq_mock_call *c;

	fills(&r, 3);
	start(&r);
	make_tables(&r, "fills", false);
	wait_for(&r, SECOND / 5);
	c = next(&r, AQ_STORE_FIND, "fills"); /* it may have been here before */
	expect_range(c, 1, 4);
	done(&r, c, 0);
	c = next(&r, AQ_STORE_INSERT, "fills");
	assert_int_equal(rows_of(c), 3);
	assert_int_equal(aq_mock_opened(r.k, "fills", false)->acknowledged, 0);
	done(&r, c, 3);
	assert_int_equal(aq_mock_opened(r.k, "fills", false)->acknowledged, 3);
	fills(&r, 2);
	wait_for(&r, SECOND / 5);
	c = next(&r, AQ_STORE_INSERT, "fills"); /* no doubt any more */
	assert_int_equal(rows_of(c), 2);
	done(&r, c, 2);
	assert_int_equal(aq_mock_opened(r.k, "fills", false)->acknowledged, 5);
	next(&r, 0, NULL);
	aq_mock_free(r.k);
}

/* An answer that was lost: it is looked up, and what is there is not sent again. */
static void test_lost_answer(void **state)
{
	struct rig r = begin("trades", "");
	struct aq_mock_call *c;
	int64_t time_ns;

	start(&r);
	make_tables(&r, "trades", true);
	trades(&r, 4);
	wait_for(&r, SECOND / 5);
	done(&r, next(&r, AQ_STORE_FIND, "trades"), 0);
	time_ns = r.k->now_ns - SECOND / 5;
	refuse(&r, next(&r, AQ_STORE_INSERT, "trades"), AQ_STORE_LOST, "gone");
	wait_for(&r, SECOND);
	c = next(&r, AQ_STORE_FIND, "trades");
	expect_range(c, 1, 5);
	for (int64_t number = 1; number <= 3; number++)
		aq_mock_row(r.k, c, "{number: %ld, time: %ld}", number, time_ns);
	done(&r, c, 3);
	c = next(&r, AQ_STORE_INSERT, "trades");
	assert_int_equal(rows_of(c), 1);
	done(&r, c, 1);
	assert_int_equal(spool(&r, "trades")->acknowledged, 4);
	aq_mock_free(r.k);
}

/* ---- gaps ---- */

/* Up to the insert behind a gap 1..3 of which nothing is stored. */
static struct aq_mock_call *insert_behind_gap(struct rig *r)
{
	struct aq_mock_call *c;

	start(r);
	trades(r, 6);
	aq_mock_spool_drop(r->k, "trades", 3);
	make_tables(r, "trades", true);
	wait_for(r, SECOND / 5);
	c = next(r, AQ_STORE_FIND, "trades");
	expect_range(c, 1, 7); /* what is missing, too: it may have been stored before it was dropped */
	done(r, c, 0);
	c = next(r, AQ_STORE_UPSERT, "gaps");
	assert_int_equal(number_in(aq_mock_part(c, AQ_PART_FILTER), "first"), 1);
	assert_int_equal(spool(r, "trades")->acknowledged, 0);
	done(r, c, 1);
	assert_int_equal(spool(r, "trades")->acknowledged, 3); /* told: it will not be told as another */
	return next(r, AQ_STORE_INSERT, "trades");
}

static void test_gap(void **state)
{
	struct rig r = begin("trades", "");
	struct aq_mock_call *c = insert_behind_gap(&r);

	assert_int_equal(rows_of(c), 3);
	done(&r, c, 3);
	assert_int_equal(spool(&r, "trades")->acknowledged, 6);
	aq_mock_free(r.k);
}

/* An insert behind a gap fails again and again: the gap is not told again, and no other is made up. */
static void test_gap_and_failures(void **state)
{
	struct rig r = begin("trades", "");
	struct aq_mock_call *c = insert_behind_gap(&r);

	for (int i = 0; i < 5; i++) {
		refuse(&r, c, AQ_STORE_LOST, "gone");
		wait_for(&r, 20 * SECOND);
		done(&r, next(&r, AQ_STORE_FIND, "trades"), 0);
		c = next(&r, AQ_STORE_INSERT, "trades");
		assert_int_equal(rows_of(c), 3);
	}
	done(&r, c, 3);
	assert_int_equal(spool(&r, "trades")->acknowledged, 6);
	next(&r, 0, NULL);
	aq_mock_free(r.k);
}

/* Part of what was dropped had been stored before a kill: only the rest is missing. */
static void test_gap_partly_stored(void **state)
{
	struct rig r = begin("trades", "");
	struct aq_mock_call *c;

	start(&r);
	trades(&r, 6);
	aq_mock_spool_drop(r.k, "trades", 3);
	make_tables(&r, "trades", true);
	wait_for(&r, SECOND / 5);
	c = next(&r, AQ_STORE_FIND, "trades");
	for (int64_t number = 1; number <= 2; number++)
		aq_mock_row(r.k, c, "{number: %ld, time: %ld}", number, SECOND);
	done(&r, c, 2);
	c = next(&r, AQ_STORE_UPSERT, "gaps");
	assert_int_equal(number_in(aq_mock_part(c, AQ_PART_FILTER), "first"), 3);
	done(&r, c, 1);
	done(&r, next(&r, AQ_STORE_INSERT, "trades"), 3);
	assert_int_equal(spool(&r, "trades")->acknowledged, 6);
	aq_mock_free(r.k);
}

static void test_gap_wholly_stored(void **state)
{
	struct rig r = begin("trades", "");
	struct aq_mock_call *c;

	start(&r);
	trades(&r, 6);
	aq_mock_spool_drop(r.k, "trades", 3);
	make_tables(&r, "trades", true);
	wait_for(&r, SECOND / 5);
	c = next(&r, AQ_STORE_FIND, "trades");
	for (int64_t number = 1; number <= 3; number++)
		aq_mock_row(r.k, c, "{number: %ld, time: %ld}", number, SECOND);
	done(&r, c, 3);
	assert_int_equal(rows_of(next(&r, AQ_STORE_INSERT, "trades")), 3); /* no gap at all */
	aq_mock_free(r.k);
}

/* ---- what is refused ---- */

/* Too large, or a row of it: halved until it is taken, whole again later; said once for each text. */
static void test_halved(void **state)
{
	struct rig r = begin("trades", "");
	struct aq_mock_call *c;
	uint32_t rows = 0, largest = 0;

	start(&r);
	make_tables(&r, "trades", true);
	trades(&r, 40);
	wait_for(&r, SECOND / 5);
	done(&r, next(&r, AQ_STORE_FIND, "trades"), 0);
	c = next(&r, AQ_STORE_INSERT, "trades");
	assert_int_equal(rows_of(c), 40);
	refuse(&r, c, AQ_STORE_REFUSED, "too large");
	c = next(&r, AQ_STORE_INSERT, "trades");
	assert_int_equal(rows_of(c), 20);
	refuse(&r, c, AQ_STORE_REFUSED, "too large");
	assert_int_equal(r.k->warnings, 1);
	while (spool(&r, "trades")->acknowledged < 40) {
		c = next(&r, AQ_STORE_INSERT, "trades");
		rows += rows_of(c);
		largest = rows_of(c) > largest ? rows_of(c) : largest;
		done(&r, c, rows_of(c));
		wait_for(&r, SECOND / 5);
	}
	assert_int_equal(rows, 40);
	assert_int_equal(largest, 20);
	aq_mock_free(r.k);
}

/* One row that is never taken is not given up, and tried less and less often. */
static void test_one_row_refused(void **state)
{
	struct rig r = begin("fills", "");
	uint32_t before;

	start(&r);
	make_tables(&r, "fills", false);
	fills(&r, 1);
	wait_for(&r, SECOND / 5);
	done(&r, next(&r, AQ_STORE_FIND, "fills"), 0);
	refuse(&r, next(&r, AQ_STORE_INSERT, "fills"), AQ_STORE_REFUSED, "no");
	before = r.k->call_count;
	for (int i = 0; i < 600; i++) {
		wait_for(&r, SECOND);
		while (r.seen < r.k->call_count)
			refuse(&r, &r.k->calls[r.seen++], AQ_STORE_REFUSED, "no");
	}
	assert_true(r.k->call_count - before > 8 && r.k->call_count - before < 40);
	assert_int_equal(aq_mock_opened(r.k, "fills", false)->acknowledged, 0);
	assert_int_equal(r.k->warnings, 1);
	aq_mock_free(r.k);
}

/* Somebody has dropped the table: it is made again, and what waits is stored. */
static void test_dropped_table(void **state)
{
	struct rig r = begin("trades", "");

	start(&r);
	make_tables(&r, "trades", true);
	trades(&r, 2);
	wait_for(&r, SECOND / 5);
	done(&r, next(&r, AQ_STORE_FIND, "trades"), 0);
	refuse(&r, next(&r, AQ_STORE_INSERT, "trades"), AQ_STORE_UNKNOWN, "no such table");
	wait_for(&r, SECOND);
	make_tables(&r, "trades", true);
	assert_int_equal(rows_of(next(&r, AQ_STORE_INSERT, "trades")), 2);
	aq_mock_free(r.k);
}

/* No room in the store's queue: it goes on when there is some, from where it was. */
static void test_no_room(void **state)
{
	struct rig r = begin("trades", "");

	start(&r);
	make_tables(&r, "trades", true);
	r.k->store_room = 2; /* of the find: begin and its filter */
	trades(&r, 2);
	wait_for(&r, SECOND / 5);
	assert_int_equal(r.k->calls[r.seen].state, AQ_MOCK_BEGUN);
	wait_for(&r, SECOND);
	assert_int_equal(r.k->call_count, r.seen + 1);
	r.k->store_room = UINT32_MAX;
	aq_mock_store_room(r.k, MAIN);
	aq_mock_run(r.k);
	done(&r, next(&r, AQ_STORE_FIND, "trades"), 0);
	assert_int_equal(rows_of(next(&r, AQ_STORE_INSERT, "trades")), 2);
	aq_mock_free(r.k);
}

/* ---- retention ---- */

/* However much comes: batches and the deletion of what is old take turns. */
static void test_keep(void **state)
{
	struct rig r = begin("trades", "keep 1h");
	struct aq_mock_call *c;
	int deletions = 0;

	start(&r);
	make_tables(&r, "trades", true);
	for (int i = 0; i < 12; i++) {
		trades(&r, 3); /* one waits at each moment */
		wait_for(&r, SECOND / 5);
		assert_int_equal(r.k->call_count, r.seen + 1);
		c = &r.k->calls[r.seen++];
		if (c->what.op == AQ_STORE_FIND && c->what.limit == 1)
			aq_mock_row(r.k, c, "{number: %ld, time: %ld}", INT64_C(77), r.k->now_ns - 7200 * SECOND);
		if (c->what.op == AQ_STORE_DELETE) {
			struct aq_bson age;
			int64_t before;

			expect_range(c, 77, 1077);
			assert_int_equal(
				aq_value_document(aq_bson_find(aq_mock_part(c, AQ_PART_FILTER), "time"), &age), AQ_OK);
			assert_int_equal(aq_value_time(aq_bson_find(age, "$lt"), &before), AQ_OK);
			assert_true(before <= r.k->now_ns - 3600 * SECOND && before > r.k->now_ns - 3601 * SECOND);
			deletions++;
		}
		done(&r, c, 1);
	}
	assert_true(deletions >= 2);
	assert_true(spool(&r, "trades")->acknowledged > 0);
	aq_mock_free(r.k);
}

/* ---- a reload, and the end ---- */

/* Answers to the code before are not taken for its own, trades that waited come before their instrument is told. */
static void test_reload(void **state)
{
	struct rig r = begin("trades", "");
	struct aq_trade waits = {.id = 1, .price = 5, .qty = 5, .taker = AQ_SELL};
	struct aq_mock_call *old;

	start(&r);
	make_tables(&r, "trades", true);
	trades(&r, 2);
	wait_for(&r, SECOND / 5);
	old = next(&r, AQ_STORE_FIND, "trades");
	aq_mock_event(r.k, AQ_EV_TRADE, (struct aq_market){r.market.instrument, 0}, 0, &waits, sizeof(waits));
	assert_int_equal(aq_mock_reload(r.k, plugin), AQ_OK);
	done(&r, old, 0);
	wait_for(&r, SECOND / 5);
	make_tables(&r, "trades", true);
	trades(&r, 1);
	wait_for(&r, SECOND / 5);
	expect_range(next(&r, AQ_STORE_FIND, "trades"), 1, 4); /* the fourth waits */
	assert_int_equal(spool(&r, "trades")->count, 4);
	aq_mock_free(r.k);
}

/* A call of which the store had no room for all is given up, or it would stay in its queue for ever. */
static void test_reload_half_sent(void **state)
{
	struct rig r = begin("trades", "");
	struct aq_mock_call *half;

	start(&r);
	make_tables(&r, "trades", true);
	r.k->store_room = 2;
	trades(&r, 2);
	half = &r.k->calls[r.seen++];
	assert_int_equal(half->state, AQ_MOCK_BEGUN);
	assert_int_equal(aq_mock_reload(r.k, plugin), AQ_OK);
	assert_int_equal(half->state, AQ_MOCK_FORGOTTEN);
	r.k->store_room = UINT32_MAX;
	wait_for(&r, SECOND / 5);
	make_tables(&r, "trades", true);
	expect_range(next(&r, AQ_STORE_FIND, "trades"), 1, 3);
	aq_mock_free(r.k);
}

/* A last row of equity, no more market data, and no waiting. */
static void test_stopping(void **state)
{
	struct rig r = begin("equity", "every 1m");
	struct aq_market none = {0, 0};

	set_line(&r, "trades", "");
	r.k->view_accounts[0] =
		(struct aq_view_account){.size = sizeof(struct aq_view_account), .id = 1, .is_valued = 1, .name = "a"};
	r.k->view_account_count = 1;
	start(&r);
	assert_int_equal(spool(&r, "equity")->count, 1);
	aq_mock_event(r.k, AQ_EV_STOPPING, none, 0, NULL, 0);
	aq_mock_run(r.k);
	assert_int_equal(spool(&r, "equity")->count, 2);
	trades(&r, 5);
	wait_for(&r, 120 * SECOND);
	assert_int_equal(spool(&r, "equity")->count, 2);
	assert_int_equal(spool(&r, "trades")->count, 0);
	aq_mock_free(r.k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_facts), cmocka_unit_test(test_lost_answer),
		cmocka_unit_test(test_gap), cmocka_unit_test(test_gap_and_failures),
		cmocka_unit_test(test_gap_partly_stored), cmocka_unit_test(test_gap_wholly_stored),
		cmocka_unit_test(test_halved), cmocka_unit_test(test_one_row_refused),
		cmocka_unit_test(test_dropped_table), cmocka_unit_test(test_no_room), cmocka_unit_test(test_keep),
		cmocka_unit_test(test_reload), cmocka_unit_test(test_reload_half_sent),
		cmocka_unit_test(test_stopping)};
	void *library = dlopen(AQ_BINARY_DIR "/plugins/recorder.so", RTLD_NOW | RTLD_LOCAL);

	plugin = library != NULL ? dlsym(library, "aq_plugin_1") : NULL;
	if (plugin == NULL) {
		fprintf(stderr, "%s\n", dlerror());
		return 1;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
