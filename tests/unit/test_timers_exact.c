/* test_timers_exact.c: timers on a clock that goes from moment to moment, as that of a replay does: each fires at exactly
 * its moments, however many they are; those of one moment in the order of setting; a stall is caught up once. */
#include "base/timers.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define US INT64_C(1000)
#define MS (1000 * US)
#define SECOND (1000 * MS)
#define DAY (86400 * SECOND)
#define BEGIN (INT64_C(1709164800) * SECOND + 123456789)

static struct timers timers;

static int setup(void **state)
{
	timers_init(&timers, 2);
	return 0;
}

static int teardown(void **state)
{
	timers_finish(&timers);
	return 0;
}

static int64_t set(int64_t at_ns, int64_t period_ns, uint64_t tag, uint32_t owner)
{
	struct timer t = {.at_ns = at_ns, .period_ns = period_ns, .id = timers_next_id(&timers), .tag = tag, .owner = owner};

	timers_add(&timers, &t);
	return t.id;
}

/* From one moment to the next: the moment of what has fired. */
static int64_t next(struct timer *out)
{
	int64_t due = timers_due_ns(&timers);

	assert_int_equal(timers_take(&timers, due - 1, out), 0); /* not before */
	assert_int_equal(timers_take(&timers, due, out), 1);
	assert_int_equal(out->at_ns, due);
	return due;
}

static const int64_t spans[] = {50 * US, 51 * US, 333 * US, MS, 7 * MS + 1, SECOND, 59 * SECOND, 3600 * SECOND, DAY,
	30 * DAY};
#define SPANS (sizeof(spans) / sizeof(*spans))

static void once_at_its_moment(void **state)
{
	struct timer t;

	for (size_t i = SPANS; i > 0; i--)
		set(BEGIN + spans[i - 1], 0, i - 1, 1);
	for (size_t i = 0; i < SPANS; i++) {
		assert_int_equal(next(&t), BEGIN + spans[i]);
		assert_int_equal(t.tag, i);
	}
	assert_int_equal(timers_due_ns(&timers), INT64_MAX);
	assert_int_equal(timers_take(&timers, INT64_MAX, &t), 0);
}

/* Ten thousand periods each, alone; of the longest as many as fit into 146 years. */
static void no_period_drifts(void **state)
{
	struct timer t;

	for (size_t i = 0; i < SPANS; i++) {
		int64_t id = set(BEGIN, spans[i], i, 1);

		for (int64_t n = 0; n < 10000 && n < INT64_MAX / 2 / spans[i]; n++)
			assert_int_equal(next(&t), BEGIN + n * spans[i]);
		assert_int_equal(timers_remove(&timers, 1, id), 0);
	}
	assert_int_equal(timers.count, 0);
}

/* All at once for ten minutes: how often each has fired is how often its period fits. */
static void many_periods_together(void **state)
{
	uint64_t fired[SPANS] = {0};
	int64_t last = BEGIN;
	struct timer t;

	for (size_t i = 3; i < SPANS; i++)
		set(BEGIN + spans[i], spans[i], i, 1);
	while (timers_due_ns(&timers) <= BEGIN + 600 * SECOND) {
		int64_t at = next(&t);

		assert_true(at >= last);
		assert_int_equal(at, BEGIN + (int64_t)++fired[t.tag] * spans[t.tag]);
		last = at;
	}
	for (size_t i = 3; i < SPANS; i++)
		assert_int_equal(fired[i], 600 * SECOND / spans[i]);
}

static void those_of_one_moment_in_the_order_of_setting(void **state)
{
	struct timer t;

	for (uint64_t i = 0; i < 100; i++) /* among others, so that the heap is moved about */
		set(BEGIN + (i % 3 == 0 ? SECOND : (int64_t)(i * 7919 % 1000) * MS), 0, i, (uint32_t)(i % 5));
	for (uint64_t i = 0, last = 0; i < 100; i++) {
		int64_t at = next(&t);

		assert_true(at != BEGIN + SECOND || last == 0 || (uint64_t)t.id > last);
		last = at == BEGIN + SECOND ? (uint64_t)t.id : 0;
	}
	for (int i = 0; i < 10; i++)
		set(BEGIN, MS, (uint64_t)i, 1);
	for (int i = 0; i < 1000; i++) {
		assert_int_equal(next(&t), BEGIN + i / 10 * MS);
		assert_int_equal(t.tag, i % 10); /* in every period again */
	}
}

/* Periods that were missed fire once, then at their moments again. */
static void a_stall_is_caught_up_once(void **state)
{
	struct timer t;

	for (size_t i = 0; i < SPANS; i++) {
		int64_t id = set(BEGIN, spans[i], i, 1), now;

		for (int64_t late = 0; late < 3; late++) {
			now = next(&t) + 100 * spans[i] + late * spans[i] / 3;
			assert_int_equal(timers_take(&timers, now, &t), 1);
			assert_int_equal(timers_take(&timers, now, &t), 0);
			assert_int_equal((timers_due_ns(&timers) - BEGIN) % spans[i], 0);
			assert_true(timers_due_ns(&timers) > now && timers_due_ns(&timers) <= now + spans[i]);
		}
		timers_remove(&timers, 1, id);
	}
}

/* What a strategy asks for with aq_every_aligned: at each full minute of UTC, whenever it was set. */
static void aligned_to_full_minutes(void **state)
{
	const int64_t minute = 60 * SECOND;
	struct timer t;

	set((BEGIN / minute + 1) * minute, minute, 1, 1);
	for (int i = 0; i < 1440 * 30; i++)
		assert_int_equal(next(&t) % minute, 0);
	assert_int_equal(t.at_ns, (BEGIN / minute + 1440 * 30) * minute);
}

static void cleared_ones_never_fire(void **state)
{
	int64_t ids[200];
	struct timer t;

	for (int i = 0; i < 200; i++)
		ids[i] = set(BEGIN + i * 7919 % 200, i % 2 == 0 ? 0 : 5, (uint64_t)i, (uint32_t)(i % 3));
	for (int i = 0; i < 200; i += 4)
		assert_int_equal(timers_remove(&timers, (uint32_t)(i % 3), ids[i]), 0);
	assert_int_equal(timers_remove(&timers, 0, ids[0]), -1);
	assert_int_equal(timers_remove(&timers, 2, ids[1]), -1); /* another's */
	timers_remove_owner(&timers, 1);
	for (int64_t last = 0; timers_due_ns(&timers) < BEGIN + 1000; last = t.at_ns) {
		next(&t);
		assert_true(t.owner != 1 && t.tag % 4 != 0 && t.at_ns >= last);
	}
}

/* A model that looks for the earliest of all each time. */
static void random_ones_as_a_list_would_have_them(void **state)
{
	static struct timer model[512];
	uint32_t count = 0;
	struct timer t;

	srand(7);
	for (int step = 0; step < 20000; step++) {
		uint32_t first = 0;

		if (count < 512 && (count == 0 || rand() % 3 == 0)) {
			int64_t at = (count > 0 ? timers_due_ns(&timers) : BEGIN) + rand() % 5 * MS, period = rand() % 2 * (1 + rand() % 9) * MS;

			model[count] = (struct timer){.at_ns = at, .period_ns = period, .id = set(at, period, 0, 1)};
			count++;
			continue;
		}
		if (rand() % 4 == 0) {
			first = (uint32_t)rand() % count;
			assert_int_equal(timers_remove(&timers, 1, model[first].id), 0);
			model[first] = model[--count];
			continue;
		}
		for (uint32_t i = 1; i < count; i++)
			if (model[i].at_ns < model[first].at_ns || (model[i].at_ns == model[first].at_ns && model[i].id < model[first].id))
				first = i;
		assert_int_equal(next(&t), model[first].at_ns);
		assert_int_equal(t.id, model[first].id);
		model[first].at_ns += model[first].period_ns;
		if (model[first].period_ns == 0)
			model[first] = model[--count];
	}
	assert_int_equal(timers.count, count);
}

/* Plugins may give any number. */
static void moments_beyond_all_time(void **state)
{
	struct timer t;

	set(INT64_MIN, INT64_MAX, 1, 1);
	set(0, INT64_MAX, 2, 1);
	set(INT64_MIN, 1, 3, 1);
	set(INT64_MAX, 0, 4, 1);
	set(-5, 10, 5, 1);
	for (int i = 0; i < 4; i++)
		assert_int_equal(timers_take(&timers, BEGIN, &t), 1);
	assert_int_equal(timers_take(&timers, BEGIN, &t), 0);
	assert_int_equal(timers_due_ns(&timers), BEGIN + 1);
	assert_int_equal(timers_take(&timers, BEGIN + 1, &t), 1);
	assert_int_equal(t.tag, 3);
	timers_remove(&timers, 1, t.id);
	assert_int_equal(timers_due_ns(&timers), (BEGIN + 5) / 10 * 10 + 5);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(once_at_its_moment),
		TEST(no_period_drifts),
		TEST(many_periods_together),
		TEST(those_of_one_moment_in_the_order_of_setting),
		TEST(a_stall_is_caught_up_once),
		TEST(aligned_to_full_minutes),
		TEST(cleared_ones_never_fire),
		TEST(random_ones_as_a_list_would_have_them),
		TEST(moments_beyond_all_time),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
