/* test_config.c: reading INI files: lines, include, like, environment, overrides, and what is refused. */
#include "host/config_internal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

struct fixture {
	struct config_errors *errors;
	struct config *config;
	char directory[64];
};

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	f->errors = config_errors_create();
	snprintf(f->directory, sizeof(f->directory), "/tmp/aq-config-XXXXXX");
	assert_non_null(mkdtemp(f->directory));
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;
	char command[100];

	config_destroy(f->config);
	config_errors_destroy(f->errors);
	snprintf(command, sizeof(command), "rm -r %s", f->directory);
	assert_int_equal(system(command), 0);
	free(f);
	return 0;
}

static void parse_bytes(struct fixture *f, const char *text, size_t length)
{
	FILE *in = length > 0 ? fmemopen((void *)text, length, "r") : fopen("/dev/null", "r");

	config_destroy(f->config);
	config_errors_destroy(f->errors);
	f->errors = config_errors_create();
	f->config = config_parse_stream(in, "t.ini", NULL, 0, f->errors);
	assert_non_null(f->config);
	fclose(in);
}

static void parse(struct fixture *f, const char *text)
{
	parse_bytes(f, text, strlen(text));
}

static const char *value(const struct fixture *f, const char *kind, const char *name, const char *key)
{
	const struct config_section *s = config_find(f->config, kind, name);
	const struct config_entry *entry = s != NULL ? config_get(s, key) : NULL;

	return entry != NULL ? entry->value : NULL;
}

/* The text is refused with exactly this message. */
static void refused(struct fixture *f, const char *text, const char *message)
{
	parse(f, text);
	if (config_errors_count(f->errors) > 0)
		assert_string_equal(config_errors_text(f->errors, 0), message);
	assert_int_equal(config_errors_count(f->errors), 1);
}

static void sections_and_keys(void **state)
{
	struct fixture *f = *state;

	parse(f, "# a comment\n; another\n  # an indented one\n\n[host]\nmode=live\r\nlimit.order   =  20000 USDT  \n"
		 "[strategy:mm-btc]\nmarket = bin-main:BTC/USDT:USDT\nurl = https://a/?b=c;d#e\nempty =\n[recorder]\n"
		 "[publish]\nrename = a -> b\nrename = c -> d");
	assert_int_equal(config_errors_count(f->errors), 0);
	assert_int_equal(f->config->count, 4);
	assert_string_equal(value(f, "host", "", "mode"), "live");
	assert_string_equal(value(f, "host", "", "limit.order"), "20000 USDT");
	assert_string_equal(value(f, "strategy", "mm-btc", "market"), "bin-main:BTC/USDT:USDT");
	assert_string_equal(value(f, "strategy", "mm-btc", "url"), "https://a/?b=c;d#e");
	assert_string_equal(value(f, "strategy", "mm-btc", "empty"), "");
	assert_non_null(config_find(f->config, "recorder", ""));
	assert_int_equal(config_find(f->config, "recorder", "")->count, 0);
	assert_int_equal(config_find(f->config, "publish", "")->count, 2);
	assert_string_equal(value(f, "publish", "", "rename"), "c -> d");
	assert_null(value(f, "publish", "", "renam"));
	assert_null(config_find(f->config, "strategy", ""));
	assert_int_equal(config_find(f->config, "recorder", "")->line, 12);
	assert_int_equal(config_get(config_find(f->config, "publish", ""), "rename")->line, 15);
}

static void mark_at_the_start(void **state)
{
	struct fixture *f = *state;

	parse(f, "\xef\xbb\xbf[host]\nmode = paper\n");
	assert_int_equal(config_errors_count(f->errors), 0);
	assert_string_equal(value(f, "host", "", "mode"), "paper");
	parse(f, "");
	assert_int_equal(config_errors_count(f->errors) + f->config->count, 0);
	refused(f, "[a]\n\xef\xbb\xbfk = 1\n",
		"t.ini:2  [a] \"\xef\xbb\xbfk\" is no key. A key is a-z, then a-z, 0-9, _ and points.");
}

static void sections_that_libinih_would_bend(void **state)
{
	struct fixture *f = *state;

	refused(f, "[host\nmode = live\n", "t.ini:1  the ] of the section is missing.");
	assert_int_equal(f->config->count, 0); /* and its keys are nobody's */
	refused(f, "[a]\nx = 1\n[b\ny = 2\n", "t.ini:3  the ] of the section is missing.");
	assert_int_equal(config_find(f->config, "a", "")->count, 1);
	refused(f, "[a] ; banner\n", "t.ini:1  nothing may stand behind the ] of a section.");
	refused(f, "[a]]\n", "t.ini:1  nothing may stand behind the ] of a section.");
	refused(f, "[strategy:a2345678901234567890123456789012]\n",
		"t.ini:1  [strategy:a2345678901234567890123456789012]: a section name has at most 40 characters.");
	refused(f, "[strategy:operator]\n",
		"t.ini:1  [strategy:operator]: host, external and operator are names of the host's own: choose another.");
	refused(f, "[account:host]\n",
		"t.ini:1  [account:host]: host, external and operator are names of the host's own: choose another.");
	parse(f, "[strategy:a234567890123456789012345678901]\n");
	assert_int_equal(config_errors_count(f->errors), 0);
	assert_string_equal(f->config->sections[0].name, "a234567890123456789012345678901");
	refused(f, "[a]\n[b]\n[a]\n", "t.ini:3  [a] this section is there already, at t.ini:1. Put its keys there.");
}

static void section_names(void **state)
{
	static const char *const bad[] = {"[]", "[ host]", "[host ]", "[Host]", "[a:]", "[:b]", "[a:b:c]", "[a:b.c]",
		"[a b]", "[a.b]", "[1a]", "[a:-b]", "[a:b/c]", "[a:\xc3\xa4]"};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		parse(f, bad[i]);
		assert_int_equal(config_errors_count(f->errors), 1);
		assert_int_equal(f->config->count, 0);
	}
	parse(f, "[a_1:B-2_c]\n");
	assert_int_equal(config_errors_count(f->errors), 0);
}

static void keys_that_libinih_would_bend(void **state)
{
	struct fixture *f = *state;

	refused(f, "[a]\n=x\n", "t.ini:2  [a] a key is missing before the =.");
	refused(f, "[a]\njust words\n", "t.ini:2  [a] \"just words\" is no KEY = VALUE, no [section] and no comment.");
	refused(f, "[a]\nb: c\n", "t.ini:2  [a] \"b: c\" is no KEY = VALUE, no [section] and no comment.");
	refused(f, "[a]\nb:c = d\n", "t.ini:2  [a] \"b:c\" is no key. A key is a-z, then a-z, 0-9, _ and points.");
	refused(f, "[a]\nB = d\n", "t.ini:2  [a] \"B\" is no key. A key is a-z, then a-z, 0-9, _ and points.");
	refused(f, "[a]\nb c = d\n", "t.ini:2  [a] \"b c\" is no key. A key is a-z, then a-z, 0-9, _ and points.");
	refused(f, "[a]\nb = 1\n c = 2\n",
		"t.ini:3  [a] a line cannot begin with a blank: no value goes on in the next line.");
	assert_string_equal(value(f, "a", "", "b"), "1");
	refused(f, "[a]\nb = 1\n\tand more\n",
		"t.ini:3  [a] a line cannot begin with a blank: no value goes on in the next line.");
	refused(f, " [a]\n", "t.ini:1  a line cannot begin with a blank: no value goes on in the next line.");
	refused(f, "x = 1\n[a]\n", "t.ini:1  x: a key must stand in a section. Only include stands before the first.");
	refused(f, "[a]\nb = \x01\n", "t.ini:2  [a] a control character stands in the line. Remove it.");
	refused(f, "[a]\nb = \xff\n", "t.ini:2  [a] the text is not UTF-8.");
	parse_bytes(f, "[a]\nb = 1\0 2\n", 12);
	assert_int_equal(config_errors_count(f->errors), 1);
	assert_null(value(f, "a", "", "b"));
	refused(f, "[a]\nb = 1\rc = 2\n", "t.ini:2  [a] a control character stands in the line. Remove it.");
}

static void comments_behind_values(void **state)
{
	struct fixture *f = *state;

	refused(f, "[strategy:mm-btc]\nmax_position = 0.10 BTC ; ten lots\n",
		"t.ini:2  [strategy:mm-btc] max_position = 0.10 BTC ; ten lots: a comment cannot stand behind a value. "
		"Give it its "
		"own line.");
	assert_true(config_find(f->config, "strategy", "mm-btc")->incomplete);
	refused(f, "[a]\nb = 1\t# x\n",
		"t.ini:2  [a] b = 1\t# x: a comment cannot stand behind a value. Give it its own line.");
	refused(f, "[a]\nb = # none\n",
		"t.ini:2  [a] b = # none: a comment cannot stand behind a value. Give it its own line.");
	refused(f, "[a]\nb = ;\n", "t.ini:2  [a] b = ;: a comment cannot stand behind a value. Give it its own line.");
	/* The value may be what must not reach a log. */
	refused(f, "[a]\npassword = x ; y\n",
		"t.ini:2  [a] password: a comment cannot stand behind a value. Give it its own line.");
	parse(f, "[a]\nb = a;b#c\nc = #alerts\n");
	assert_int_equal(config_errors_count(f->errors), 0);
	assert_string_equal(value(f, "a", "", "b"), "a;b#c");
	assert_string_equal(value(f, "a", "", "c"), "#alerts");
}

/* A line of exactly `length` characters in a section that goes on behind it. */
static char *with_line(size_t length)
{
	char *text = malloc(length + 100);

	memcpy(text, "[a]\nb = ", 8);
	memset(text + 8, 'x', length - 4);
	memcpy(text + 4 + length, "\nc = 2\n", 8);
	return text;
}

static void long_lines_are_whole_or_refused(void **state)
{
	struct fixture *f = *state;
	char *text = with_line(CONFIG_LINE_MAX);

	parse(f, text);
	free(text);
	assert_int_equal(config_errors_count(f->errors), 0);
	assert_int_equal(strlen(value(f, "a", "", "b")), CONFIG_LINE_MAX - 4);
	assert_int_equal(config_get(config_find(f->config, "a", ""), "c")->line, 3);
	for (size_t length = CONFIG_LINE_MAX + 1; length < CONFIG_LINE_MAX * 5; length += length < 8300 ? 1 : 4999) {
		char message[200];

		text = with_line(length);
		snprintf(message, sizeof(message), "t.ini:2  [a] the line has %zu characters. At most 8192 are read.",
			length);
		refused(f, text, message);
		free(text);
		assert_null(value(f, "a", "", "b"));
		assert_int_equal(config_get(config_find(f->config, "a", ""), "c")->line, 3);
	}
}

static void all_errors_at_once_and_in_order(void **state)
{
	static const char *const expected[] = {
		"t.ini:1  x: a key must stand in a section. Only include stands before the first.",
		"t.ini:3  [a] \"what\" is no KEY = VALUE, no [section] and no comment.",
		"t.ini:5  [a] c = 1 ; 2: a comment cannot stand behind a value. Give it its own line.",
		"t.ini:6  the ] of the section is missing.",
		"t.ini:8  [d:e] f = $g: write $$ for a dollar and ${NAME} for the environment's NAME.",
		"t.ini:9  [a] this section is there already, at t.ini:2. Put its keys there.",
	};
	struct fixture *f = *state;
	char *printed;
	size_t size;
	FILE *out;

	parse(f, "x = 1\n[a]\nwhat\nb = 1\nc = 1 ; 2\n[d\n[d:e]\nf = $g\n[a]\n");
	for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++)
		assert_string_equal(config_errors_text(f->errors, (int)i), expected[i]);
	assert_int_equal(config_errors_count(f->errors), sizeof(expected) / sizeof(expected[0]));
	assert_null(config_errors_text(f->errors, 6));
	config_error(f->errors, "t.ini", 4, "a", "b", "late, but %d", 4);
	assert_string_equal(config_errors_text(f->errors, 2), "t.ini:4  [a] b: late, but 4");
	out = open_memstream(&printed, &size);
	config_errors_print(f->errors, out);
	fclose(out);
	assert_memory_equal(printed, expected[0], strlen(expected[0]));
	assert_int_equal(printed[size - 1], '\n');
	free(printed);
}

static void environment(void **state)
{
	struct fixture *f = *state;

	setenv("AQ_TEST_A", "alpha", 1);
	setenv("AQ_TEST_B", "a\nb", 1);
	unsetenv("AQ_TEST_C");
	parse(f, "[a]\nb = <${AQ_TEST_A}${AQ_TEST_A}> $$5 $${x}\n");
	assert_int_equal(config_errors_count(f->errors), 0);
	assert_string_equal(value(f, "a", "", "b"), "<alphaalpha> $5 ${x}");
	refused(f, "[a]\nb = ${AQ_TEST_C}\n", "t.ini:2  [a] b = ${AQ_TEST_C}: the environment has no AQ_TEST_C.");
	refused(f, "[a]\nb = ${AQ_TEST_B}\n",
		"t.ini:2  [a] b = ${AQ_TEST_B}: a control character stands in the line. Remove it.");
	refused(f, "[a]\nb = ${AQ_TEST_A\n", "t.ini:2  [a] b = ${AQ_TEST_A: write ${NAME} for the environment's NAME.");
	setenv("AQ_TEST_B", "  a\t", 1);
	parse(f, "[a]\nb = ${AQ_TEST_B}\n"); /* blanks at the ends are never of the value */
	assert_string_equal(value(f, "a", "", "b"), "a");
	setenv("AQ_TEST_B", "a ; b", 1);
	refused(f, "[a]\nb = ${AQ_TEST_B}\n",
		"t.ini:2  [a] b = ${AQ_TEST_B}: the environment brings what looks like a comment.");
	refused(f, "[a]\nb = ${}\n", "t.ini:2  [a] b = ${}: write ${NAME} for the environment's NAME.");
	refused(f, "[a]\nb = 5$\n",
		"t.ini:2  [a] b = 5$: write $$ for a dollar and ${NAME} for the environment's NAME.");
}

static void items(void **state)
{
	static const char *const expected[] = {"a b", "", "c"};
	const char *at = " a b ,,\tc", *item;
	size_t length;
	int count = 0;

	while (config_next_item(&at, &item, &length)) {
		assert_int_equal(length, strlen(expected[count]));
		assert_memory_equal(item, expected[count++], length);
	}
	assert_int_equal(count, 3);
	at = "";
	assert_true(config_next_item(&at, &item, &length) && length == 0);
	assert_false(config_next_item(&at, &item, &length));
}

static void relative_paths(void **state)
{
	const struct config_entry in_folder = {.file = "conf/a.ini"}, here = {.file = "a.ini"};
	char path[12];

	assert_true(config_path(&in_folder, "key", path, sizeof(path)));
	assert_string_equal(path, "conf/key");
	assert_true(config_path(&in_folder, "/key", path, sizeof(path)));
	assert_string_equal(path, "/key");
	assert_true(config_path(&here, "../key", path, sizeof(path)));
	assert_string_equal(path, "../key");
	assert_false(config_path(&in_folder, "1234567", path, sizeof(path)));
}

static void inheritance(void **state)
{
	struct fixture *f = *state;
	const struct config_section *s;

	parse(f, "[strategy:c]\nlike = b\nz = c\n[strategy:a]\nx = a\ny = a\nlist = 1\nlist = 2\n"
		 "[strategy:b]\ny = b\nlike = a\nlist = 3\n[other:a]\nx = wrong\n");
	assert_int_equal(config_errors_count(f->errors), 0);
	s = config_find(f->config, "strategy", "c");
	assert_int_equal(s->count, 4);
	assert_string_equal(config_get(s, "x")->value, "a");
	assert_int_equal(config_get(s, "x")->line, 5);
	assert_string_equal(config_get(s, "y")->value, "b");
	assert_string_equal(config_get(s, "z")->value, "c");
	assert_string_equal(config_get(s, "list")->value, "3");
	assert_null(config_get(s, "like"));
}

static void inheritance_that_cannot_be(void **state)
{
	struct fixture *f = *state;
	char text[2000] = "[a:n0]\n";

	refused(f, "[a:b]\nlike = mm-bct\n[a:mm-btc]\n",
		"t.ini:2  [a:b] like = mm-bct: there is no [a:mm-bct]. Nearest: mm-btc.");
	refused(f, "[a:b]\nlike = b\n", "t.ini:2  [a:b] like = b: goes round in a circle.");
	refused(f, "[a:b]\nlike = c\n[a:c]\nlike = d\n[a:d]\nlike = b\n",
		"t.ini:6  [a:d] like = b: goes round in a circle.");
	refused(f, "[a]\n[b]\nlike = a\n", "t.ini:3  [b] like = a: there is no [b:a].");
	refused(f, "[a:b]\n[a:c]\nlike = b\nlike = b\n",
		"t.ini:4  [a:c] like = b: given twice. A section inherits from one other.");
	for (int i = 1; i < 30; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "[a:n%d]\nlike = n%d\n", i, (i + 1) % 30);
	parse(f, text);
	assert_int_equal(config_errors_count(f->errors), 1);
	assert_non_null(strstr(config_errors_text(f->errors, 0), "goes on too long."));
}

static void write_file(const struct fixture *f, const char *name, const char *text)
{
	char path[200];
	FILE *out;

	snprintf(path, sizeof(path), "%s/%s", f->directory, name);
	out = fopen(path, "w");
	assert_non_null(out);
	fputs(text, out);
	fclose(out);
}

static void load(struct fixture *f, const char *name, const char *const *overrides, int count)
{
	char path[200];

	snprintf(path, sizeof(path), "%s/%s", f->directory, name);
	config_destroy(f->config);
	config_errors_destroy(f->errors);
	f->errors = config_errors_create();
	f->config = config_load(path, overrides, count, f->errors);
}

static void make_folder(const struct fixture *f, const char *name)
{
	char path[200];

	snprintf(path, sizeof(path), "%s/%s", f->directory, name);
	assert_int_equal(mkdir(path, 0700), 0);
}

static void included_files(void **state)
{
	struct fixture *f = *state;

	make_folder(f, "conf.d");
	write_file(f, "main.ini", "include = conf.d/*.ini\n[host]\nmode = paper\n");
	write_file(f, "conf.d/20-b.ini", "[strategy:b]\nlike = a\n");
	write_file(f, "conf.d/10-a.ini", "include = ../common.inc\n[strategy:a]\nx = 1\n");
	write_file(f, "conf.d/README", "not an INI file\n");
	write_file(f, "common.inc", "[account:p]\npaper = yes\n");
	load(f, "main.ini", NULL, 0);
	assert_int_equal(config_errors_count(f->errors), 0);
	assert_int_equal(f->config->count, 4);
	assert_string_equal(f->config->sections[0].kind, "account");
	assert_string_equal(f->config->sections[1].name, "a");
	assert_string_equal(f->config->sections[2].name, "b");
	assert_string_equal(f->config->sections[3].kind, "host");
	assert_string_equal(value(f, "strategy", "b", "x"), "1");
	assert_non_null(strstr(config_get(&f->config->sections[2], "x")->file, "conf.d/10-a.ini"));
	assert_int_equal(config_get(&f->config->sections[2], "x")->line, 3);
}

/* The message begins with the folder of the test. */
static void load_refused(struct fixture *f, const char *name, const char *text, const char *message)
{
	size_t length = strlen(f->directory) + 1;

	write_file(f, name, text);
	load(f, name, NULL, 0);
	assert_int_equal(config_errors_count(f->errors), 1);
	assert_string_equal(config_errors_text(f->errors, 0) + length, message);
}

static void includes_that_cannot_be(void **state)
{
	struct fixture *f = *state;
	char expected[400];

	snprintf(expected, sizeof(expected), "m.ini:1  include: %s/none.ini: no such file.", f->directory);
	load_refused(f, "m.ini", "include = none.ini\n[host]\n", expected);
	snprintf(expected, sizeof(expected), "m.ini:2  include: %s/m.ini: includes itself.", f->directory);
	load_refused(f, "m.ini", "\ninclude = m.ini\n", expected);
	make_folder(f, "folder");
	snprintf(expected, sizeof(expected), "m.ini:1  include: %s/folder: is no regular file.", f->directory);
	load_refused(f, "m.ini", "include = fold*\n", expected);
	load_refused(f, "m.ini", "[a]\ninclude = x\n",
		"m.ini:2  [a] include: it stands at the top of a file, before the first section.");
	load_refused(f, "m.ini", "include =\n",
		"m.ini:1  include: a file or a pattern is missing. Write include = conf.d/*.ini.");
	snprintf(expected, sizeof(expected), "m.ini:1  include: %s/cond.f/*.ini: no such folder, or it cannot be read.",
		f->directory);
	load_refused(f, "m.ini", "include = cond.f/*.ini\n", expected);
	write_file(f, "m.ini", "include = *.none\ninclude = folder/*.ini\n");
	load(f, "m.ini", NULL, 0);
	assert_int_equal(config_errors_count(f->errors), 0);
	refused(f, "include = x.ini\n", "t.ini:1  include: x.ini: cannot be done here.");
}

static void overrides(void **state)
{
	static const char *const good[] = {"mm.spread=2bps", "host.mode=paper", "strategy:mm.limit.order=5 USDT",
		"publish.rename=x = y.z ", "host.new="};
	static const char *const bad[] = {"mm", "mm.spread", "mm=1.5", "mn.spread=1", "main.x=1", "mm.Spread=1", ".x=1",
		"host.x=$", "strategy.x=1", "host.x=1 ; one"};
	struct fixture *f = *state;

	write_file(f, "m.ini",
		"[host]\nmode = live\n[strategy:mm]\nspread = 3bps\nz = 1\n[publish]\nrename = a\nrename = b\n"
		"[strategy:mm2]\nlike = mm\n[bus:main]\n[storage:main]\n");
	load(f, "m.ini", good, 5);
	assert_int_equal(config_errors_count(f->errors), 0);
	assert_string_equal(value(f, "strategy", "mm", "spread"), "2bps");
	assert_string_equal(config_get(config_find(f->config, "strategy", "mm"), "spread")->file, "command line");
	assert_string_equal(value(f, "strategy", "mm2", "spread"), "2bps");
	assert_string_equal(value(f, "strategy", "mm", "limit.order"), "5 USDT");
	assert_string_equal(value(f, "host", "", "mode"), "paper");
	assert_string_equal(value(f, "host", "", "new"), "");
	assert_int_equal(config_find(f->config, "publish", "publish")->count, 2); /* and the plugin of its name */
	assert_string_equal(value(f, "publish", "publish", "rename"), "x = y.z");
	assert_string_equal(value(f, "publish", "publish", "plugin"), "publish");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		load(f, "m.ini", &bad[i], 1);
		assert_int_equal(config_errors_count(f->errors), 1);
		assert_memory_equal(config_errors_text(f->errors, 0), "command line  ", 14);
	}
}

static void files_that_cannot_be_read(void **state)
{
	struct fixture *f = *state;

	load(f, "none.ini", NULL, 0);
	assert_null(f->config);
	assert_int_equal(config_errors_count(f->errors), 1);
	make_folder(f, "folder");
	load(f, "folder", NULL, 0);
	assert_int_equal(config_errors_count(f->errors), 1);
	assert_non_null(strstr(config_errors_text(f->errors, 0), "Is a directory"));
}

static void equal_sections(void **state)
{
	struct fixture *f = *state;
	struct fixture other = {.errors = config_errors_create()};
	static const char base[] = "[a:b]\nx = 1\ny = 2\ny = 3\n";
	static const char *const equal[] = {"# moved\n\n[a:b]\nx=1\n\ny=2\ny=3\n", "[a:b]\ny = 2\nx = 1\ny = 3\n"};
	static const char *const different[] = {"[a:b]\nx = 1\n", "[a:b]\nx = 1\ny = 3\ny = 2\n", "[a:b]\nx = 1\ny = 2\n",
		"[a:b]\nx = 1\nx = 1\ny = 2\n", "[a:b]\nx = 1\ny = 2\nz = 3\n", "[a:c]\nx = 1\ny = 2\ny = 3\n",
		"[c:b]\nx = 1\ny = 2\ny = 3\n"};

	parse(f, base);
	for (size_t i = 0; i < sizeof(equal) / sizeof(equal[0]); i++) {
		parse(&other, equal[i]);
		assert_true(config_section_equal(f->config->sections, other.config->sections));
	}
	for (size_t i = 0; i < sizeof(different) / sizeof(different[0]); i++) {
		parse(&other, different[i]);
		assert_false(config_section_equal(f->config->sections, other.config->sections));
	}
	config_destroy(other.config);
	config_errors_destroy(other.errors);
}

static void live_differences(void **state)
{
	static const struct aq_option options[] = {{.name = "x", .flags = AQ_LIVE}, {.name = "y"}, {.name = NULL}};
	struct fixture *f = *state;
	struct fixture other = {.errors = config_errors_create()};
	const char *key = NULL;

	parse(f, "[a]\nx = 1\ny = 2\nlist = 1\nlist = 2\n");
	parse(&other, "[a]\nlist = 1\ny = 2\nlist = 2\nx = 5\n");
	assert_true(config_differs_live(f->config->sections, other.config->sections, options, &key));
	parse(&other, "[a]\nlist = 1\ny = 2\nlist = 2\n");
	assert_true(config_differs_live(f->config->sections, other.config->sections, options, &key));
	parse(&other, "[a]\nlist = 1\ny = 3\nlist = 2\n");
	assert_false(config_differs_live(f->config->sections, other.config->sections, options, &key));
	assert_string_equal(key, "y");
	parse(&other, "[a]\nx = 1\ny = 2\nlist = 1\nlist = 2\nlist = 3\n");
	assert_false(config_differs_live(f->config->sections, other.config->sections, options, &key));
	assert_string_equal(key, "list");
	parse(&other, "[a]\nx = 1\ny = 2\nlist = 1\nlist = 2\nplugin = p\n");
	assert_false(config_differs_live(f->config->sections, other.config->sections, options, &key));
	assert_string_equal(key, "plugin");
	config_destroy(other.config);
	config_errors_destroy(other.errors);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(sections_and_keys),
		TEST(mark_at_the_start),
		TEST(sections_that_libinih_would_bend),
		TEST(section_names),
		TEST(keys_that_libinih_would_bend),
		TEST(comments_behind_values),
		TEST(long_lines_are_whole_or_refused),
		TEST(all_errors_at_once_and_in_order),
		TEST(environment),
		TEST(items),
		TEST(relative_paths),
		TEST(inheritance),
		TEST(inheritance_that_cannot_be),
		TEST(included_files),
		TEST(includes_that_cannot_be),
		TEST(overrides),
		TEST(files_that_cannot_be_read),
		TEST(equal_sections),
		TEST(live_differences),
	};

	return cmocka_run_group_tests_name("config", tests, NULL, NULL);
}
