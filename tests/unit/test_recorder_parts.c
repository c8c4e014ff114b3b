/* test_recorder_parts.c: lines of the section with every way to get them wrong, batches, and the schemas of the tables.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <service/recorder/batch.h>
#include <service/recorder/line.h>
#include <service/recorder/rows.h>
#include <service/recorder/spooled.h>

#include <aioquant/bson.h>
#include <aioquant/orders.h>

#include <stdio.h>
#include <string.h>

#define SECOND INT64_C(1000000000)
#define DAY (86400 * SECOND)
#define EVERYTHING (LINE_INTERVALS | LINE_LEVELS | LINE_EVERY)

/* ---- lines ---- */

static int32_t read_words(const char *words, unsigned may, struct line *out, struct aq_err *err)
{
	struct aq_store_line text = {.store = 3};

	snprintf(text.words, sizeof(text.words), "%s", words);
	*err = (struct aq_err){0};
	return line_read("books", &text, may, out, err);
}

static struct line good(const char *words, unsigned may)
{
	struct line line;
	struct aq_err err;

	assert_int_equal(read_words(words, may, &line, &err), AQ_OK);
	assert_true(line.given);
	assert_int_equal(line.store, 3);
	return line;
}

static void test_lines(void **state)
{
	static const char *const names[] = {
		"1m", "3m", "5m", "15m", "30m", "1h", "2h", "3h", "4h", "6h", "8h", "12h", "1d", "3d", "1w"};
	struct line line = good("", 0);

	assert_true(line.keep_ns == 0 && line.every_ns == 0 && line.levels == 0 && line.intervals == 0);
	line = good("1m 5m 1h keep 3650d", LINE_INTERVALS);
	assert_int_equal(line.intervals, 1u << AQ_1M | 1u << AQ_5M | 1u << AQ_1H);
	assert_int_equal(line.keep_ns, 3650 * DAY);
	line = good("20 levels every 1s keep 7d", LINE_LEVELS | LINE_EVERY);
	assert_true(line.levels == 20 && line.every_ns == SECOND && line.keep_ns == 7 * DAY);
	line = good("keep 36h every 100ms 100 levels", LINE_LEVELS | LINE_EVERY);
	assert_true(line.levels == 100 && line.every_ns == SECOND / 10 && line.keep_ns == 36 * 3600 * SECOND);
	line = good("1 levels", LINE_LEVELS);
	assert_int_equal(line.levels, 1);
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		line = good(names[i], LINE_INTERVALS);
		assert_int_equal(__builtin_popcount(line.intervals), 1);
		assert_string_equal(line_interval_name((unsigned)__builtin_ctz(line.intervals)), names[i]);
	}
	assert_null(line_interval_name(0));
}

static void test_no_line(void **state)
{
	struct aq_store_line text = {0};
	struct aq_err err;
	struct line line;

	assert_int_equal(line_read("books", &text, EVERYTHING, &line, &err), AQ_OK);
	assert_false(line.given);
}

static void test_wrong_lines(void **state)
{
	static const struct {
		const char *words, *found;
		unsigned may;
	} wrong[] = {{"keep", "the end of the line", 0}, {"keep 30", "30", 0}, {"keep d", "d", 0}, {"keep 0d", "0d", 0},
		{"keep -1d", "-1d", 0}, {"keep 1.5d", "1.5d", 0}, {"keep 1y", "1y", 0}, {"keep 30 d", "30", 0},
		{"keep 30D", "30D", 0}, {"keep 99999999999999999999d", "99999999999999999999d", 0},
		{"keep 999999999d", "999999999d", 0}, {"every 1s", "every", 0}, {"1m", "1m", LINE_LEVELS | LINE_EVERY},
		{"20 levels", "20", LINE_INTERVALS | LINE_EVERY}, {"0 levels", "0", LINE_LEVELS},
		{"101 levels", "101", LINE_LEVELS}, {"-5 levels", "-5", LINE_LEVELS},
		{"many levels", "many", LINE_LEVELS}, {"20", "20", LINE_LEVELS}, {"levels 20", "levels", LINE_LEVELS},
		{"every", "the end of the line", LINE_EVERY}, {"every 99ms", "99ms", LINE_EVERY},
		{"every soon", "soon", LINE_EVERY}, {"2m", "2m", LINE_INTERVALS}, {"1m 7d", "7d", LINE_INTERVALS},
		{"for ever", "for", EVERYTHING}, {"keep levels", "keep", LINE_LEVELS},
		{"every levels", "every", LINE_LEVELS | LINE_EVERY}};
	struct aq_err err;
	struct line line;
	char begin[80];

	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		if (read_words(wrong[i].words, wrong[i].may, &line, &err) != AQ_EFORMAT)
			fail_msg("%s is taken", wrong[i].words);
		snprintf(begin, sizeof(begin),
			"books: %s is not understood. Behind the store may stand:", wrong[i].found);
		if (strncmp(err.text, begin, strlen(begin)) != 0)
			fail_msg("%s: %s", wrong[i].words, err.text);
		assert_string_equal(err.text + strlen(err.text) - strlen(" keep 30d."), " keep 30d.");
		assert_true((strstr(err.text, " intervals (1m ") != NULL) == ((wrong[i].may & LINE_INTERVALS) != 0));
		assert_true(
			(strstr(err.text, " 20 levels (1 to 100),") != NULL) == ((wrong[i].may & LINE_LEVELS) != 0));
		assert_true((strstr(err.text, " every 1s (100ms at least),") != NULL) ==
			    ((wrong[i].may & LINE_EVERY) != 0));
	}
}

/* ---- batches ---- */

static bool add_record(struct batch *b, uint64_t number, uint64_t missing, uint32_t length)
{
	struct batch_record r = {
		.number = number, .acknowledge = number, .missing = missing, .time_ns = (int64_t)number * 10};
	uint8_t bytes[64];

	memset(bytes, (int)number, sizeof(bytes));
	return batch_add(b, &r, bytes, length);
}

static void test_batch(void **state)
{
	struct batch b;

	assert_true(batch_init(&b, 8, 60));
	for (uint64_t number = 1; number <= 8; number++)
		assert_true(add_record(&b, number, 0, (uint32_t)(50 + number)));
	assert_false(add_record(&b, 9, 0, 1)); /* no silence: what comes behind it would acknowledge it */
	assert_int_equal(b.count, 8);
	assert_int_equal(batch_whole(&b, 5), 5);
	assert_int_equal(batch_whole(&b, 100), 8);
	batch_is_stored(&b, 4, 2, 20);
	batch_is_stored(&b, 4, 3, 31); /* another record of that number */
	batch_is_stored(&b, 4, 6, 60); /* not of those that are being sent */
	for (uint32_t i = 0; i < 8; i++)
		assert_int_equal(b.records[i].stored, i == 1);
	batch_drop(&b, 3);
	assert_int_equal(b.count, 5);
	for (uint32_t i = 0; i < 5; i++) {
		assert_int_equal(b.records[i].number, i + 4);
		assert_int_equal(b.bytes[b.records[i].at + 53], i + 4);
	}
	for (uint64_t number = 9; number <= 11; number++)
		add_record(&b, number, 0, 60);
	assert_int_equal(b.bytes[b.records[7].at + 59], 11);
	batch_drop(&b, 8);
	assert_true(b.count == 0 && b.used == 0);
	batch_free(&b);
}

static void test_batch_gaps(void **state)
{
	struct batch b;

	assert_true(batch_init(&b, 8, 64));
	add_record(&b, 10, 4, 8);
	add_record(&b, 11, 0, 8);
	add_record(&b, 20, 12, 8);
	assert_int_equal(batch_whole(&b, 8), 2); /* the gap before the first is its own */
	batch_is_stored(&b, 2, 5, 1);
	assert_int_equal(b.records[0].missing, 6); /* 4 and 5 are there */
	batch_is_stored(&b, 2, 4, 1);
	assert_int_equal(b.records[0].missing, 6);
	batch_is_stored(&b, 2, 15, 1); /* of the other gap: not asked for */
	assert_int_equal(b.records[2].missing, 12);
	batch_is_stored(&b, 2, 9, 1);
	assert_int_equal(b.records[0].missing, 0);
	batch_drop(&b, 2);
	assert_int_equal(batch_whole(&b, 8), 1);
	assert_int_equal(b.records[0].missing, 12);
	batch_free(&b);
}

/* ---- tables ---- */

struct field {
	char name[64], type[16], index[32];
	bool key;
};

static int read_fields(const void *schema, size_t length, struct field out[32])
{
	struct aq_bson doc, fields;
	struct aq_bson_fields each;
	struct aq_value v;
	int count = 0;

	assert_int_equal(aq_bson_open(schema, length, &doc), AQ_OK);
	assert_int_equal(aq_value_document(aq_bson_find(doc, "fields"), &fields), AQ_OK);
	for (each = aq_bson_fields_of(fields); aq_bson_next(&each, &v); count++) {
		struct field *f = &out[count];
		struct aq_bson one;

		assert_true(count < 32);
		*f = (struct field){0};
		assert_int_equal(aq_value_document(v, &one), AQ_OK);
		assert_int_equal(aq_value_copy_text(aq_bson_find(one, "name"), f->name, sizeof(f->name)), AQ_OK);
		assert_int_equal(aq_value_copy_text(aq_bson_find(one, "type"), f->type, sizeof(f->type)), AQ_OK);
		aq_value_copy_text(aq_bson_find(one, "index"), f->index, sizeof(f->index));
		aq_value_bool(aq_bson_find(one, "key"), &f->key);
	}
	return count;
}

static const struct rows *const all[ROWS_KINDS] = {&rows_klines, &rows_trades, &rows_books, &rows_equity, &rows_orders,
	&rows_fills, &rows_cashflows, &rows_denials, &rows_operator};

/* Host, number and time are the key, in this order; what has a market is found by it and the time; the rest is as it is
 * declared. */
static void test_schemas(void **state)
{
	static uint8_t schema[65536];
	struct field f[32];

	for (int k = 0; k < ROWS_KINDS; k++) {
		const struct table *t = all[k]->table;
		int32_t length = table_schema(t, schema, sizeof(schema));
		int count = read_fields(schema, (size_t)length, f), at = t->has_market ? 4 : 3;

		assert_string_equal(f[0].name, "host");
		assert_string_equal(f[1].name, "number");
		assert_string_equal(f[at - 1].name, "time");
		assert_string_equal(f[at - 1].type, "timestamp");
		assert_string_equal(f[at - 1].index, "market_time");
		if (t->has_market)
			assert_true(strcmp(f[2].name, "market") == 0 && strcmp(f[2].index, "market_time") == 0);
		for (int i = 0; i < count; i++)
			assert_int_equal(f[i].key, i == 0 || i == 1 || i == at - 1);
		for (const struct column *c = t->columns; c->name != NULL; c++)
			assert_string_equal(f[at++].name, c->name);
		assert_int_equal(at, count);
		assert_int_equal(t->spooled, all[k]->journal == 0);
		assert_true(table_schema(t, schema, 40) < 0);
	}
	assert_int_equal(read_fields(schema, (size_t)table_gaps_schema(schema, sizeof(schema)), f), 5);
	assert_true(f[0].key && f[1].key && f[2].key && !f[3].key && !f[4].key);
}

/* ---- rows ---- */

static int32_t a_name(void *owner, uint32_t kind, uint64_t id, char *out, uint32_t size)
{
	snprintf(out, size, "%u/%u", kind, (unsigned)id);
	return (int32_t)strlen(out);
}

/* Instrument 1 is known, no other. */
static int32_t an_instrument(void *owner, uint32_t instrument, struct aq_instrument *out)
{
	if (instrument != 1)
		return AQ_ENOENT;
	*out = (struct aq_instrument){.size = sizeof(*out), .id = 1, .exchange = 5, .px_digits = 2, .qty_digits = 5};
	snprintf(out->symbol, sizeof(out->symbol), "BTC/USDT");
	return AQ_OK;
}

static const struct aq_host no_host = {.size = sizeof(no_host)};
static const struct aq_journal_api names_api = {.size = sizeof(names_api), .name = a_name};
static const struct aq_market_api market_api = {.size = sizeof(market_api), .instrument = an_instrument};
static const struct rows_host rows_host = {
	.host = &no_host, .journal = &names_api, .market = &market_api, .name = "h", .currency = "USDT"};

/* As many cells as its table has columns; then the bare row, too. `may_overflow`: an amount of it may be none that a
 * table has. */
static void expect_row(const struct rows *rows, const void *body, bool may_overflow)
{
	static uint8_t buffer[1 << 17];
	struct aq_frame_writer f;
	struct aq_frame_reader r;
	int64_t length;
	int32_t rc;

	table_begin_frame(rows->table, &f, buffer, sizeof(buffer));
	rows->write(rows->table, &f, &rows_host, 7, 99, body);
	rc = aq_frame_row(&f);
	assert_true(rc == AQ_OK || (may_overflow && rc == AQ_EOVERFLOW));
	table_bare_row(rows->table, &f, "h", 8, 99);
	assert_int_equal(aq_frame_row(&f), AQ_OK);
	length = aq_frame_end(&f);
	assert_true(length > 0);
	assert_int_equal(aq_frame_open(&r, buffer, (size_t)length), AQ_OK);
	assert_int_equal(r.rows, rc == AQ_OK ? 2 : 1);
}

static void expect_whole(const struct rows *rows, const void *body)
{
	expect_row(rows, body, false);
}

/* Whatever a record holds makes a row: of an instrument that is known or not, enumerations beyond what is known, texts
 * that are no UTF-8 and fill their field. */
static void test_rows_of_anything(void **state)
{
	static union {
		struct aq_order_change order;
		struct aq_journal_fill fill;
		struct aq_journal_cashflow cashflow;
		struct aq_journal_operator operator_;
		uint8_t bytes[8192];
	} body;

	for (int round = 0; round < 600; round++) {
		uint32_t seed = 12345u + (uint32_t)round * 2654435761u;

		for (size_t i = 0; i < sizeof(body.bytes); i++) {
			seed = seed * 1664525u + 1013904223u;
			body.bytes[i] = round < 3 ? (uint8_t)(round == 1 ? 0xff : 0) : (uint8_t)(seed >> 24);
		}
		for (int k = ROWS_ORDERS; k < ROWS_KINDS; k++) {
			body.order.order.instrument = k == ROWS_ORDERS || k == ROWS_DENIALS
							      ? (uint32_t)round % 2
							      : body.order.order.instrument;
			expect_row(all[k], &body, round > 2);
		}
	}
}

static void test_rows_of_a_spool(void **state)
{
	static struct {
		struct spooled_book book;
		struct aq_level levels[2 * LINE_LEVELS_MAX];
	} b = {.book = {.head = {.format = SPOOLED_FORMAT,
				.kind = SPOOLED_BOOK,
				.px_digits = 18,
				.qty_digits = 18,
				.market = "v:A/B"},
		       .bids = LINE_LEVELS_MAX,
		       .asks = LINE_LEVELS_MAX}};
	struct spooled_trade t = {.head = b.book.head, .trade = {.price = AQ_NONE, .qty = INT64_MAX, .taker = 9}};
	struct spooled_kline k = {.head = b.book.head, .kline = {.interval = 99, .open = AQ_NONE, .high = INT64_MAX}};
	struct spooled_account a = {
		.head = {.format = SPOOLED_FORMAT, .kind = SPOOLED_ACCOUNT}, .account = "a", .currency = "USDT"};
	struct spooled_position p = {.head = {.format = SPOOLED_FORMAT, .kind = SPOOLED_POSITION, .market = "v:A/B"},
		.qty = -5,
		.avg_price = AQ_NONE,
		.account = "a",
		.strategy = "s",
		.currency = "USDT"};

	for (int i = 0; i < 2 * LINE_LEVELS_MAX; i++)
		b.levels[i] = (struct aq_level){INT64_MAX - i, INT64_MIN + 2 + i};
	expect_whole(&rows_books, &b);
	b.book.bids = b.book.asks = 0;
	expect_whole(&rows_books, &b);
	expect_whole(&rows_trades, &t);
	expect_whole(&rows_klines, &k);
	expect_whole(&rows_equity, &a);
	expect_whole(&rows_equity, &p);
	a.is_valued = p.is_valued = 1;
	expect_whole(&rows_equity, &a);
	expect_whole(&rows_equity, &p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_lines), cmocka_unit_test(test_no_line),
		cmocka_unit_test(test_wrong_lines), cmocka_unit_test(test_batch), cmocka_unit_test(test_batch_gaps),
		cmocka_unit_test(test_schemas), cmocka_unit_test(test_rows_of_anything),
		cmocka_unit_test(test_rows_of_a_spool)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
