/* test_back.c: the way back over a crash, on the disk: what bars new code, what does not, and what ends it. */
#include "host/back.h"
#include "host/config_internal.h"
#include "host/plugin.h"
#include "host/state.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define OLD "00aaaaaaaaaa"
#define NEW "11bbbbbbbbbb"

static char folder[64], library[100];

static struct config *section_of(const char *spread)
{
	struct config *c = config_create();
	const struct config_section s = {.kind = "strategy", .name = "mm", .file = "host.ini"};
	const struct config_entry plugin = {.key = "plugin", .value = "mm", .file = "host.ini"};
	const struct config_entry line = {.key = "spread", .value = config_keep(c, spread, strlen(spread)), .file = "host.ini"};
	int at = config_add_section(c, &s);

	config_add_entry(&c->sections[at], &plugin);
	config_add_entry(&c->sections[at], &line);
	return c;
}

static void write_way(const struct config *before, const struct config *next, uint32_t generation, const char *state)
{
	const struct back b = {.state_dir = folder, .name = "mm", .library = library, .code = NEW, .generation = generation,
		.section = &before->sections[0], .next = &next->sections[0],
		.state = {.bytes = (uint8_t *)(uintptr_t)state, .size = state != NULL ? (uint32_t)strlen(state) : 0, .there = state != NULL}};

	back_write(&b);
}

static bool goes_back(const struct config *now, const char *code)
{
	struct config *before = back_read(folder, &now->sections[0], code);
	bool back = before != NULL;

	if (back) {
		assert_string_equal(config_get(&before->sections[0], "spread")->value, "1bps");
		assert_non_null(strstr(config_get(&before->sections[0], "plugin")->value, "/back/mm.so"));
	}
	config_destroy(before);
	return back;
}

static int make(void **context)
{
	int fd;

	snprintf(folder, sizeof(folder), "/tmp/aq_back_XXXXXX");
	assert_non_null(mkdtemp(folder));
	for (const char *const *sub = (const char *const[]){"back", "back/saved", "saved", NULL}; *sub != NULL; sub++) {
		char path[100];

		snprintf(path, sizeof(path), "%s/%s", folder, *sub);
		assert_int_equal(mkdir(path, 0700), 0);
	}
	snprintf(library, sizeof(library), "%s/copy.so", folder);
	fd = open(library, O_WRONLY | O_CREAT, 0600);
	assert_true(fd >= 0 && close(fd) == 0);
	return 0;
}

static int drop(void **context)
{
	char command[100];

	snprintf(command, sizeof(command), "rm -r '%s'", folder);
	return system(command);
}

static void test_until(void **context)
{
	struct config *before = section_of("1bps"), *next = section_of("2bps"), *other = section_of("3bps");

	write_way(before, next, 2, NULL);
	assert_false(goes_back(next, NEW)); /* it has not crashed */
	assert_true(back_bar(folder, "mm", NEW, 2));
	assert_true(back_bar(folder, "mm", NEW, 2)); /* by a start that came no further, again */
	assert_true(goes_back(next, NEW) && goes_back(next, NEW));
	assert_false(goes_back(other, NEW)); /* other options */
	assert_false(goes_back(next, OLD));  /* other code */
	back_lift(folder, "mm");
	assert_false(goes_back(next, NEW));
	config_destroy(before);
	config_destroy(next);
	config_destroy(other);
}

static void test_who(void **context)
{
	struct config *before = section_of("1bps"), *next = section_of("2bps");

	assert_false(back_bar(folder, "mm", NEW, 2)); /* nothing is there */
	write_way(before, next, 2, NULL);
	assert_false(back_bar(folder, "mm", NEW, 3)); /* what was gone back to has the same code, and crashed itself */
	assert_false(back_bar(folder, "mm", OLD, 2));
	assert_false(back_bar(folder, "other", NEW, 2));
	assert_false(goes_back(next, NEW));
	config_destroy(before);
	config_destroy(next);
}

static void test_set(void **context)
{
	struct config *before = section_of("1bps"), *next = section_of("2bps");

	write_way(before, next, 2, NULL);
	assert_true(back_bar(folder, "mm", NEW, 2));
	assert_true(config_set(next, "strategy:mm", "spread", "9bps")); /* what an operator sets lifts no bar */
	assert_true(goes_back(next, NEW));
	assert_true(config_set(next, "strategy:mm", "skew", "1bps"));
	assert_true(goes_back(next, NEW));
	write_way(before, next, 3, NULL); /* and what he had set then does not count either */
	assert_true(back_bar(folder, "mm", NEW, 3));
	config_destroy(next);
	next = section_of("2bps");
	assert_true(goes_back(next, NEW));
	config_destroy(before);
	config_destroy(next);
}

static void test_state(void **context)
{
	struct config *before = section_of("1bps"), *next = section_of("2bps");
	const struct blob bad = {.bytes = (uint8_t *)(uintptr_t)"of the new code", .size = 15, .there = true};
	struct blob got = {0};

	assert_int_equal(state_write(folder, "mm", &bad), 0);
	write_way(before, next, 2, "of the old code");
	assert_true(back_bar(folder, "mm", NEW, 2));
	assert_int_equal(state_read(folder, "mm", &got), AQ_OK);
	assert_true(got.size == 15 && memcmp(got.bytes, "of the old code", 15) == 0);
	blob_free(&got);

	assert_int_equal(state_write(folder, "mm", &bad), 0);
	write_way(before, next, 3, NULL); /* it had none: the new code's is not for it */
	assert_true(back_bar(folder, "mm", NEW, 3));
	assert_int_equal(state_read(folder, "mm", &got), AQ_ENOENT);
	config_destroy(before);
	config_destroy(next);
}

static void test_half_written(void **context)
{
	static const char *const parts[] = {"mm.ini", "mm.next"};
	struct config *before = section_of("1bps"), *next = section_of("2bps");

	for (size_t i = 0; i < 2; i++) {
		char path[100];

		write_way(before, next, 2, NULL);
		snprintf(path, sizeof(path), "%s/back/%s", folder, parts[i]);
		assert_int_equal(truncate(path, 5), 0);
		assert_false(back_bar(folder, "mm", NEW, 2));
		assert_false(goes_back(next, NEW));
	}
	config_destroy(before);
	config_destroy(next);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_until, make, drop),
		cmocka_unit_test_setup_teardown(test_who, make, drop),
		cmocka_unit_test_setup_teardown(test_set, make, drop),
		cmocka_unit_test_setup_teardown(test_state, make, drop),
		cmocka_unit_test_setup_teardown(test_half_written, make, drop),
	};

	return cmocka_run_group_tests_name("back", tests, NULL, NULL);
}
