/* test_hour.c: histograms: shares, sums of several, and what is of the last hour. */
#include "base/hour.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#define BEGIN INT64_C(1000000000000000)

static struct hour *hour;
static struct histogram *sum;

static uint64_t all(void)
{
	hour_all(hour, sum);
	return sum->count;
}

static uint64_t last(int64_t now_ns)
{
	hour_last(hour, now_ns, sum);
	return sum->count;
}

static void an_hour_forgets_by_slices(void **state)
{
	for (int i = 0; i < 12; i++) {
		hour_add(hour, BEGIN + i * HOUR_SLICE_NS, (uint64_t)i + 1);
		assert_int_equal(last(BEGIN + i * HOUR_SLICE_NS), i < HOUR_SLICES ? i + 1 : HOUR_SLICES);
		assert_int_equal(sum->max, i + 1);
		assert_int_equal(all(), i + 1);
	}
	assert_int_equal(sum->sum, 78);
	assert_int_equal(last(BEGIN + 11 * HOUR_SLICE_NS + 3 * HOUR_SLICE_NS), HOUR_SLICES - 3);
	assert_int_equal(histogram_at(sum, 0), 10); /* the least of those */
	assert_int_equal(last(BEGIN + 1000 * HOUR_SLICE_NS), 0);
	assert_int_equal(sum->max, 0);
	assert_int_equal(all(), 12);
	assert_int_equal(sum->max, 12);
	hour_add(hour, BEGIN, 5); /* a clock that was set back */
	assert_int_equal(last(BEGIN + 1000 * HOUR_SLICE_NS), 1);
}

static void an_empty_hour_is_empty(void **state)
{
	assert_int_equal(last(BEGIN), 0);
	assert_int_equal(all(), 0);
	assert_int_equal(histogram_at(sum, 0.99), 0);
}

static void values_are_counted_up_to_a_bound(void **state)
{
	for (uint64_t i = 0; i < 100000; i++)
		histogram_add(sum, i);
	assert_int_equal(histogram_upto(sum, 0), 1);
	assert_int_equal(histogram_upto(sum, 63), 64);
	assert_int_equal(histogram_upto(sum, 99999), 100000);
	assert_int_equal(histogram_upto(sum, UINT64_MAX), 100000);
	for (uint64_t value = 1, before = 0; value < 100000; value += 997) {
		uint64_t upto = histogram_upto(sum, value);

		assert_in_range(upto, value, value + value / 50 + 1);
		assert_true(upto >= before);
		before = upto;
	}
}

static int begin(void **state)
{
	hour = calloc(1, sizeof(*hour));
	sum = calloc(1, sizeof(*sum));
	return hour == NULL || sum == NULL;
}

static int end(void **state)
{
	free(hour);
	free(sum);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(an_hour_forgets_by_slices, begin, end),
		cmocka_unit_test_setup_teardown(an_empty_hour_is_empty, begin, end),
		cmocka_unit_test_setup_teardown(values_are_counted_up_to_a_bound, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
