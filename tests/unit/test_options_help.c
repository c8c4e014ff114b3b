/* test_options_help.c: the help names every key that the host takes. */
#include "host/options.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static char *help_of(const char *kind)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!options_help(kind, out))
		fprintf(out, "nothing");
	fclose(out);
	return text;
}

static bool tells(const char *help, const char *key)
{
	size_t length = strlen(key);

	for (const char *line = help; line != NULL; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, key, length) == 0 && line[length] == ' ')
			return true;
	}
	return false;
}

static void own_sections_are_told_whole(void **state)
{
	static const char *const kinds[] = {"host", "log", "control", "journal"};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		char *help = help_of(kinds[i]);

		for (const struct aq_option *o = options_table(kinds[i]); o->name != NULL; o++)
			if (!tells(help, o->name))
				fail_msg("[%s] %s is not told", kinds[i], o->name);
		free(help);
	}
}

static void keys_beside_a_plugin_s_are_told(void **state)
{
	static const struct {
		const char *kind;
		uint32_t number;
	} kinds[] = {{"exchange", AQ_EXCHANGE}, {"strategy", AQ_STRATEGY}};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		char *help = help_of(kinds[i].kind), key[64];

		for (const char *const *k = options_known(kinds[i].number); *k != NULL; k++) {
			snprintf(key, sizeof(key), "%.*s", (int)strcspn(*k, "+*"), *k);
			if (strchr(*k, '*') == NULL ? !tells(help, key) : strstr(help, key) == NULL)
				fail_msg("[%s:...] %s is not told", kinds[i].kind, *k);
		}
		free(help);
	}
}

/* Each of them may stand in each of these: the tightest wins. */
static void limits_are_told_wherever_they_hold(void **state)
{
	static const char *const kinds[] = {"host", "account", "strategy"};
	static const char *const limits[] = {"limit.order", "limit.gross", "limit.position", "limit.loss_day", "limit.collar",
		"limit.open_orders", "limit.order_rate"};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		char *help = help_of(kinds[i]);

		for (size_t k = 0; k < sizeof(limits) / sizeof(*limits); k++)
			if (!tells(help, limits[k]))
				fail_msg("[%s] %s is not told", kinds[i], limits[k]);
		free(help);
	}
}

static void other_words_have_no_help(void **state)
{
	char *help = help_of("example.so");

	assert_string_equal(help, "nothing");
	free(help);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(own_sections_are_told_whole),
		cmocka_unit_test(keys_beside_a_plugin_s_are_told),
		cmocka_unit_test(limits_are_told_wherever_they_hold),
		cmocka_unit_test(other_words_have_no_help),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
