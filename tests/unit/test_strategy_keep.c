/* State that survives: fields by name across versions of a strategy, prices across digits, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include <aioquant/strategy.h>
#include <mock.h>

/* Version 1 and 2 of one strategy: a field has gone, one has come, the order has changed. */
struct one {
	struct aq_market market, other;
	int64_t fills;
	double mean;
	char gone[40];
	aq_px last;
	aq_qty most, most_other;
};

struct two {
	double mean;
	int64_t added;
	struct aq_market other, market;
	aq_px last;
	aq_qty most, most_other;
	int64_t fills;
};

struct narrow {
	struct aq_market market;
	float mean;
	uint32_t own_length;
	char own[16];
};

static const struct aq_option one_options[] = {
	AQ_MARKET(one, market, AQ_BOOK, "first"), AQ_MARKET_IF_GIVEN(one, other, 0, "second"), AQ_END};
static const struct aq_option two_options[] = {
	AQ_MARKET(two, market, AQ_BOOK, "first"), AQ_MARKET_IF_GIVEN(two, other, 0, "second"), AQ_END};
static const struct aq_option narrow_options[] = {AQ_MARKET(narrow, market, AQ_BOOK, "first"), AQ_END};

static const struct aq_keep one_keep[] = {AQ_KEEP(one, fills), AQ_KEEP(one, mean), AQ_KEEP(one, gone),
	AQ_KEEP_PX(one, last), AQ_KEEP_QTY(one, most), AQ_KEEP_QTY_OF(one, most_other, other), AQ_KEEP_END};
static const struct aq_keep two_keep[] = {AQ_KEEP(two, mean), AQ_KEEP(two, added), AQ_KEEP_PX(two, last),
	AQ_KEEP_QTY(two, most), AQ_KEEP_QTY_OF(two, most_other, other), AQ_KEEP(two, fills), AQ_KEEP_END};
static const struct aq_keep narrow_keep[] = {AQ_KEEP(narrow, mean), AQ_KEEP_END};

/* The table that AQ_STRATEGY makes; a test file has three of them. */
#define TABLE(id, ...) \
	static int32_t id##_create(const struct aq_host *host, void **self, struct aq_err *err); \
	static const struct aq_strategy id##_table = {.magic = AQ_MAGIC, .abi_major = AQ_ABI_MAJOR, \
		.abi_minor = AQ_ABI_MINOR, .size = sizeof(struct aq_plugin), .kind = AQ_STRATEGY, .name = "kept", \
		.state_schema = 1, .state_oldest = 1, .create = id##_create, .plugin_start = aq_strategy_start, \
		.plugin_stop = aq_strategy_stop, .plugin_destroy = aq_strategy_destroy, \
		.plugin_save = aq_strategy_save, \
		.plugin_load = aq_strategy_load, .on_event = aq_strategy_event, .self_size = sizeof(struct id), \
		.options = id##_options, __VA_ARGS__}; \
	static const struct aq_plugin *const id##_plugin = (const struct aq_plugin *)&id##_table; \
	static int32_t id##_create(const struct aq_host *host, void **self, struct aq_err *err) \
	{ \
		return aq_strategy_create(&id##_table, host, self, err); \
	} \
	struct id

static int32_t narrow_save(const void *self, const struct aq_writer *out)
{
	const struct narrow *s = self;
	return out->write(out->sink, s->own, s->own_length);
}

static int32_t narrow_load(void *self, const struct aq_reader *in, struct aq_err *err)
{
	struct narrow *s = self;
	if (in->length > sizeof(s->own))
		return AQ_EFORMAT;
	memcpy(s->own, in->bytes, in->length);
	s->own_length = (uint32_t)in->length;
	return AQ_OK;
}

TABLE(one, .keep = one_keep);
TABLE(two, .keep = two_keep);
TABLE(narrow, .keep = narrow_keep, .save = narrow_save, .load = narrow_load);

static struct aq_mock *running(const struct aq_plugin *plugin)
{
	struct aq_mock *k = aq_mock_new(plugin);
	struct aq_market m = aq_mock_market(k, "BTC/USDT", 2, 5), other = aq_mock_market(k, "ETH/USDT", 2, 5);
	assert_int_equal(aq_mock_create(k), AQ_OK);
	aq_mock_option(k, "market", &m, sizeof(m));
	if (plugin != narrow_plugin)
		aq_mock_option(k, "other", &other, sizeof(other));
	return k;
}

static struct aq_mock *running_one(void)
{
	struct aq_mock *k = running(one_plugin);
	struct one *s = k->self;
	s->fills = 42;
	s->mean = 1.5;
	memset(s->gone, 'x', sizeof(s->gone));
	s->last = 10050;
	s->most = 100000;
	s->most_other = 200000;
	assert_int_equal(aq_mock_start(k), AQ_OK);
	return k;
}

static void test_the_same_version(void **state)
{
	struct aq_mock *k = running_one();
	struct one before = *(struct one *)k->self, *after;
	assert_int_equal(aq_mock_reload(k, one_plugin), AQ_OK);
	after = k->self;
	assert_memory_equal(after, &before, sizeof(before));
	aq_mock_free(k);
}

static void test_fields_come_and_go(void **state)
{
	struct aq_mock *k = running_one();
	struct two *s;
	assert_int_equal(aq_mock_reload(k, two_plugin), AQ_OK);
	s = k->self;
	assert_int_equal(s->fills, 42);
	assert_true(s->mean == 1.5);
	assert_int_equal(s->last, 10050);
	assert_int_equal(s->most, 100000);
	assert_int_equal(s->added, 0); /* keeps what create and the options gave it */
	aq_mock_free(k);
}

static void test_a_new_field_keeps_its_default(void **state)
{
	struct aq_mock *k = running_one(), *next = running(two_plugin);
	struct two *s = next->self;
	s->added = 7;
	s->mean = 9;
	assert_int_equal(aq_mock_save(k), AQ_OK);
	assert_int_equal(aq_mock_load(next, k->blob, k->blob_length), AQ_OK);
	assert_int_equal(s->added, 7);
	assert_true(s->mean == 1.5);
	aq_mock_free(k);
	aq_mock_free(next);
}

static void test_a_changed_size_is_refused(void **state)
{
	struct aq_mock *k = running_one();
	assert_int_equal(aq_mock_reload(k, narrow_plugin), AQ_EVERSION);
	assert_string_equal(k->err.text, "load refused the state: field mean has 8 bytes, the code wants 4.");
	aq_mock_free(k);
}

static void test_digits_change(void **state)
{
	struct aq_mock *k = running_one(), *next = running(two_plugin);
	struct two *s = next->self;
	next->instruments[0].px_digits = 8;
	next->instruments[0].qty_digits = 3;
	next->instruments[1].qty_digits = 6;
	assert_int_equal(aq_mock_save(k), AQ_OK);
	assert_int_equal(aq_mock_load(next, k->blob, k->blob_length), AQ_OK);
	assert_int_equal(s->last, INT64_C(10050000000));
	assert_int_equal(s->most, 1000);
	assert_int_equal(s->most_other, 2000000);
	assert_int_equal(aq_mock_start(next), AQ_OK);
	assert_int_equal(s->most, 1000); /* once is enough */
	aq_mock_free(k);
	aq_mock_free(next);
}

static void test_digits_that_would_be_lost_are_refused(void **state)
{
	struct aq_mock *k = running_one(), *next = running(two_plugin);
	next->instruments[0].px_digits = 0;
	assert_int_equal(aq_mock_save(k), AQ_OK);
	assert_int_equal(aq_mock_load(next, k->blob, k->blob_length), AQ_EOVERFLOW);
	assert_string_equal(next->err.text, "load refused the state: field last has 2 digits and does not fit in 0.");
	aq_mock_free(k);
	aq_mock_free(next);
}

static void test_no_price_stays_none(void **state)
{
	struct aq_mock *k = running_one(), *next = running(two_plugin);
	((struct one *)k->self)->last = AQ_NONE;
	next->instruments[0].px_digits = 8;
	assert_int_equal(aq_mock_save(k), AQ_OK);
	assert_int_equal(aq_mock_load(next, k->blob, k->blob_length), AQ_OK);
	assert_int_equal(((struct two *)next->self)->last, AQ_NONE);
	aq_mock_free(k);
	aq_mock_free(next);
}

static void test_instruments_that_are_not_known_at_load(void **state)
{
	struct aq_mock *k = running_one(), *next = running(two_plugin), *third = running(two_plugin);
	struct two *s = next->self;
	assert_int_equal(aq_mock_save(k), AQ_OK);
	next->instruments[0].px_digits = 4;
	next->rehearsal = true;
	assert_int_equal(aq_mock_load(next, k->blob, k->blob_length), AQ_OK);
	assert_int_equal(aq_mock_save(next), AQ_OK); /* and it may be saved before it is known */
	next->rehearsal = false;
	assert_int_equal(aq_mock_load(third, next->blob, next->blob_length), AQ_OK);
	assert_int_equal(((struct two *)third->self)->last, 10050);
	assert_int_equal(aq_mock_start(next), AQ_OK);
	assert_int_equal(s->last, 1005000);
	assert_string_equal(next->failed, "");
	aq_mock_free(k);
	aq_mock_free(next);
	aq_mock_free(third);
}

static void test_a_late_misfit_takes_the_instance_out(void **state)
{
	struct aq_mock *k = running_one(), *next = running(two_plugin);
	assert_int_equal(aq_mock_save(k), AQ_OK);
	next->rehearsal = true;
	assert_int_equal(aq_mock_load(next, k->blob, k->blob_length), AQ_OK);
	next->rehearsal = false;
	next->instruments[0].px_digits = 0;
	assert_int_equal(aq_mock_start(next), AQ_OK);
	assert_string_equal(next->failed, "load refused the state: field last has 2 digits and does not fit in 0.");
	aq_mock_free(k);
	aq_mock_free(next);
}

static void test_the_authors_own_part(void **state)
{
	struct aq_mock *k = running(narrow_plugin);
	struct narrow *s = k->self;
	s->mean = 2;
	s->own_length = 5;
	memcpy(s->own, "hello", 5);
	assert_int_equal(aq_mock_start(k), AQ_OK);
	assert_int_equal(aq_mock_reload(k, narrow_plugin), AQ_OK);
	s = k->self;
	assert_true(s->mean == 2);
	assert_int_equal(s->own_length, 5);
	assert_memory_equal(s->own, "hello", 5);
	aq_mock_free(k);
}

static void test_garbage_is_refused(void **state)
{
	struct aq_mock *k = running_one(), *next = running(one_plugin);
	uint8_t *cut;
	assert_int_equal(aq_mock_save(k), AQ_OK);
	for (uint32_t length = 0; length < k->blob_length; length++) {
		cut = test_malloc(length + 1); /* to its byte, so that a read behind the end is seen */
		memcpy(cut, k->blob, length);
		assert_int_equal(aq_mock_load(next, cut, length), AQ_EFORMAT);
		test_free(cut);
	}
	k->blob[0] ^= 1;
	assert_int_equal(aq_mock_load(next, k->blob, k->blob_length), AQ_EFORMAT);
	assert_string_equal(next->err.text, "load refused the state: it is cut short or not one of this strategy.");
	k->blob[0] ^= 1;
	k->blob[4]++; /* another version of the form */
	assert_int_equal(aq_mock_load(next, k->blob, k->blob_length), AQ_EFORMAT);
	aq_mock_free(k);
	aq_mock_free(next);
}

static void test_save_changes_nothing(void **state)
{
	struct aq_mock *k = running_one();
	struct one before = *(struct one *)k->self;
	uint8_t first[512];
	uint32_t length;
	assert_int_equal(aq_mock_save(k), AQ_OK);
	length = k->blob_length;
	assert_true(length <= sizeof(first));
	memcpy(first, k->blob, length);
	assert_memory_equal(k->self, &before, sizeof(before));
	assert_int_equal(aq_mock_save(k), AQ_OK);
	assert_int_equal(k->blob_length, length);
	assert_memory_equal(k->blob, first, length);
	aq_mock_free(k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_same_version),
		cmocka_unit_test(test_fields_come_and_go),
		cmocka_unit_test(test_a_new_field_keeps_its_default),
		cmocka_unit_test(test_a_changed_size_is_refused),
		cmocka_unit_test(test_digits_change),
		cmocka_unit_test(test_digits_that_would_be_lost_are_refused),
		cmocka_unit_test(test_no_price_stays_none),
		cmocka_unit_test(test_instruments_that_are_not_known_at_load),
		cmocka_unit_test(test_a_late_misfit_takes_the_instance_out),
		cmocka_unit_test(test_the_authors_own_part),
		cmocka_unit_test(test_garbage_is_refused),
		cmocka_unit_test(test_save_changes_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
