/* test_overrides.c: the list of live options that an operator has set. */
#include "flow/overrides.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct fact_override of(const char *section, const char *key, const char *value)
{
	struct fact_override o = {.uid = 1000};

	snprintf(o.section, sizeof(o.section), "%s", section);
	snprintf(o.key, sizeof(o.key), "%s", key);
	snprintf(o.value, sizeof(o.value), "%s", value);
	return o;
}

static bool set(struct overrides *o, const char *section, const char *key, const char *value)
{
	struct fact_override fact = of(section, key, value);

	if (!overrides_fit(o, &fact))
		return false;
	overrides_apply(o, &fact);
	return true;
}

static void expect(const struct overrides *o, const char *section, const char *key, const char *value)
{
	const struct fact_override *found = overrides_find(o, section, key);

	if (value == NULL) {
		assert_null(found);
		return;
	}
	assert_non_null(found);
	assert_string_equal(found->value, value);
}

static void the_last_value_of_a_key_counts(void **unused)
{
	struct overrides o = {0};

	assert_true(set(&o, "strategy:mm", "spread", "2bps"));
	assert_true(set(&o, "strategy:two", "spread", "3bps"));
	assert_true(set(&o, "strategy:mm", "skew", "1bps"));
	assert_true(set(&o, "strategy:mm", "spread", "4bps"));
	assert_int_equal(o.count, 3);
	expect(&o, "strategy:mm", "spread", "4bps");
	expect(&o, "strategy:two", "spread", "3bps");
	expect(&o, "strategy:two", "skew", NULL);
	assert_true(set(&o, "strategy:mm", "spread", ""));
	assert_true(set(&o, "strategy:mm", "spread", "")); /* not there: nothing to forget */
	assert_int_equal(o.count, 2);
	expect(&o, "strategy:mm", "spread", NULL);
	assert_string_equal(o.list[0].section, "strategy:two"); /* in the order in which they were first set */
	assert_string_equal(o.list[1].key, "skew");
	overrides_finish(&o);
}

static void a_full_list_takes_no_more(void **unused)
{
	struct overrides o = {0};
	char key[16];

	for (int i = 0; i < OVERRIDES_MAX; i++) {
		snprintf(key, sizeof(key), "key%d", i);
		assert_true(set(&o, "strategy:mm", key, "1"));
	}
	assert_false(set(&o, "strategy:mm", "another", "1"));
	assert_true(set(&o, "strategy:mm", "key7", "2"));
	assert_true(set(&o, "strategy:mm", "another", "")); /* nothing to forget, and nothing that does not fit */
	assert_true(set(&o, "strategy:mm", "key8", ""));
	assert_true(set(&o, "strategy:mm", "another", "1"));
	assert_int_equal(o.count, OVERRIDES_MAX);
	expect(&o, "strategy:mm", "key7", "2");
	overrides_finish(&o);
}

static void what_makes_no_sense_does_not_fit(void **unused)
{
	struct overrides o = {0};
	struct fact_override good = of("strategy:mm", "spread", "2bps"), bad;

	assert_true(overrides_fit(&o, &good));
	bad = good, bad.section[0] = '\0';
	assert_false(overrides_fit(&o, &bad));
	bad = good, bad.key[0] = '\0';
	assert_false(overrides_fit(&o, &bad));
	bad = good, memset(bad.section, 'x', sizeof(bad.section));
	assert_false(overrides_fit(&o, &bad));
	bad = good, memset(bad.key, 'x', sizeof(bad.key));
	assert_false(overrides_fit(&o, &bad));
	bad = good, memset(bad.value, 'x', sizeof(bad.value));
	assert_false(overrides_fit(&o, &bad));
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(the_last_value_of_a_key_counts),
		cmocka_unit_test(a_full_list_takes_no_more), cmocka_unit_test(what_makes_no_sense_does_not_fit)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
