/* test_policy.c: on_stop, on_crash, on_loss: what they say, and what is refused. */
#include "host/policy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

struct one {
	struct config_entry entry;
	struct config_section section;
	struct config config;
};

/* A configuration of one section with one key. */
static struct config *of(struct one *o, const char *kind, const char *key, const char *value)
{
	o->entry = (struct config_entry){.key = key, .value = value, .file = "t.ini", .line = 2};
	o->section = (struct config_section){
		.kind = kind, .name = "a", .file = "t.ini", .line = 1, .entries = &o->entry, .count = 1};
	o->config = (struct config){.sections = &o->section, .count = 1};
	return &o->config;
}

static void is(struct policy p, int orders, int then)
{
	assert_int_equal(p.orders, orders);
	assert_int_equal(p.then, then);
}

static void defaults(void **state)
{
	struct one o;

	is(policy_on_stop(NULL), POLICY_CANCEL, POLICY_NOTHING);
	is(policy_on_crash(NULL), POLICY_CANCEL, POLICY_QUARANTINE);
	is(policy_on_loss(NULL), POLICY_CANCEL, POLICY_CLOSE_ONLY);
	of(&o, "strategy", "other", "leave");
	is(policy_on_stop(&o.section), POLICY_CANCEL, POLICY_NOTHING);
}

static void what_is_given(void **state)
{
	struct one o;

	of(&o, "strategy", "on_stop", "leave");
	is(policy_on_stop(&o.section), POLICY_LEAVE, POLICY_NOTHING);
	is(policy_on_crash(&o.section), POLICY_CANCEL, POLICY_QUARANTINE);
	of(&o, "strategy", "on_stop", "flatten");
	is(policy_on_stop(&o.section), POLICY_FLATTEN, POLICY_NOTHING);
	of(&o, "strategy", "on_crash", "flatten, restart");
	is(policy_on_crash(&o.section), POLICY_FLATTEN, POLICY_RESTART);
	of(&o, "strategy", "on_crash", "restart,leave");
	is(policy_on_crash(&o.section), POLICY_LEAVE, POLICY_RESTART);
	of(&o, "strategy", "on_crash", "leave"); /* the other part is the default's */
	is(policy_on_crash(&o.section), POLICY_LEAVE, POLICY_QUARANTINE);
	of(&o, "strategy", "on_crash", "restart");
	is(policy_on_crash(&o.section), POLICY_CANCEL, POLICY_RESTART);
	of(&o, "host", "on_loss", "halt");
	is(policy_on_loss(&o.section), POLICY_CANCEL, POLICY_HALT);
}

/* NULL: it is taken. */
static void checked(const char *kind, const char *key, const char *value, const char *message)
{
	struct config_errors *e = config_errors_create();
	struct one o;
	char expected[300];

	policies_check(of(&o, kind, key, value), e);
	assert_int_equal(config_errors_count(e), message != NULL);
	if (message != NULL) {
		snprintf(expected, sizeof(expected), "t.ini:2  [%s:a] %s%s%s: %s", kind, key,
			value[0] != '\0' ? " = " : "", value, message);
		assert_string_equal(config_errors_text(e, 0), expected);
	}
	config_errors_destroy(e);
}

static void what_is_refused(void **state)
{
	checked("strategy", "on_stop", "flatten", NULL);
	checked("strategy", "on_crash", "leave, restart", NULL);
	checked("account", "on_loss", "cancel, halt", NULL);
	checked("exchange", "on_stop", "nonsense", NULL); /* an unknown key there, which others tell */
	checked("strategy", "on_stop", "cancle",
		"cancle is no verb of on_stop. Nearest: cancel. Write leave, cancel or flatten.");
	checked("strategy", "on_stop", "", "a verb is missing. Write leave, cancel or flatten.");
	checked("strategy", "on_stop", "cancel, quarantine",
		"quarantine is no verb of on_stop. Write leave, cancel or flatten.");
	checked("strategy", "on_stop", "leave, cancel",
		"cancel cannot stand beside what comes before it. Write leave, cancel or flatten.");
	checked("strategy", "on_crash", "cancel,",
		"a verb is missing. Write one of leave, cancel, flatten, and one of quarantine, restart.");
	checked("strategy", "on_crash", "quarantine, cancel, restart",
		"restart cannot stand beside what comes before it. Write one of leave, cancel, flatten, and one of "
		"quarantine, "
		"restart.");
	checked("host", "on_loss", "leave, halt",
		"leave is no verb of on_loss. Write cancel, and one of close_only, halt.");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults),
		cmocka_unit_test(what_is_given),
		cmocka_unit_test(what_is_refused),
	};

	return cmocka_run_group_tests_name("policy", tests, NULL, NULL);
}
