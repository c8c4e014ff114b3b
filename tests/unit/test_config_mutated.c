/* test_config_mutated.c: two deployments with mistakes in them, thousands of times, read as `aioquantd -t` does.
 * Nothing of it ends the process, and nothing that is wrong passes in silence: each line is judged here by a reader of
 * its own, which knows lines and no values. A line that is none, a section that is none, and a key that its section
 * does not take must be named by an error; and when there is no error, all that stands in the text stands in the tree.
 */
#include "ini_mutate.h"
#include "rounds.h"

#include "host/config.h"
#include "host/host.h"
#include "host/options.h"
#include "host/plugin.h"
#include "host/sim_options.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#define LINES 1024
#define NAME 64
#define KINDS 7
#define PAIRS 512

static const char *const kinds[KINDS] = {"host", "log", "control", "journal", "exchange", "account", "strategy"};
static const char *const originals[] = {AQ_SOURCE_DIR "/conf/demo.ini", AQ_SOURCE_DIR "/tests/data/desk.ini"};

/* ---- reading, as the host does ---- */

static struct plugin sim, example;

static void open_plugin(struct plugin *p, const char *name, uint32_t kind)
{
	struct aq_err err = {0};

	snprintf(p->path, sizeof(p->path), "%s/plugins/%s.so", AQ_BINARY_DIR, name);
	snprintf(p->copy, sizeof(p->copy), "%s", p->path);
	if (plugin_open(p, kind, &err) != 0)
		fail_msg("%s", err.text);
}

struct reading {
	int fd;
	char path[32];
	struct config *config;
	struct config_errors *errors;
	uint8_t named[LINES + 1]; /* lines that an error names */
};

static void check_sections(struct reading *r)
{
	struct sim_options options;

	for (int i = 0; i < r->config->count; i++) {
		const struct config_section *s = &r->config->sections[i];

		if (strcmp(s->kind, "strategy") == 0)
			config_fill(s, example.table.options, options_known(AQ_STRATEGY), NULL, NULL, r->errors, NULL);
		if (strcmp(s->kind, "exchange") != 0)
			continue;
		config_fill(s, sim.table.options, options_known(AQ_EXCHANGE), NULL, NULL, r->errors, NULL);
		sim_options_read(&options, r->config, s, r->errors);
		sim_options_free(&options);
	}
}

static void note_lines(struct reading *r)
{
	size_t length = strlen(r->path);

	for (int i = 0; i < config_errors_count(r->errors); i++) {
		const char *text = config_errors_text(r->errors, i);
		long line;

		assert_true(strncmp(text, r->path, length) == 0);
		line = text[length] == ':' ? strtol(text + length + 1, NULL, 10) : 0;
		if (line > 0 && line <= LINES)
			r->named[line] = 1;
	}
}

static void read_text(struct reading *r, const char *text, size_t length)
{
	struct host_options o;

	*r = (struct reading){.fd = memfd_create("ini", MFD_CLOEXEC), .errors = config_errors_create()};
	assert_true(r->fd >= 0 && write(r->fd, text, length) == (ssize_t)length);
	snprintf(r->path, sizeof(r->path), "/proc/self/fd/%d", r->fd);
	r->config = config_load(r->path, NULL, 0, r->errors);
	assert_non_null(r->config);
	options_fill(r->config, &o, r->errors);
	options_check_accounts(r->config, r->errors);
	options_check_limits(r->config, &o, r->errors);
	check_sections(r);
	note_lines(r);
}

static void forget(struct reading *r)
{
	config_destroy(r->config);
	config_errors_destroy(r->errors);
	close(r->fd);
}

/* ---- lines, read a second time and in another way ---- */

enum what { NOTHING, SECTION, KEY, NEITHER };

struct line {
	enum what what;
	int kind;    /* index of kinds, -1: of none */
	int section; /* the line that began it; 0 = before the first */
	bool sound;  /* of a section: its kind is known, its name is as it must be, and it is the first of this name */
	char key[NAME], value[512];
};

struct lines {
	struct line list[LINES + 1]; /* from 1 */
	int count;
	char seen[64][NAME]; /* sections */
	int seen_count;
};

static bool in(char c, const char *set)
{
	return c != '\0' && strchr(set, c) != NULL;
}

static size_t span(const char *at, size_t length, const char *set)
{
	size_t n = 0;

	while (n < length && in(at[n], set))
		n++;
	return n;
}

#define DIGITS "0123456789"
#define CAPITALS "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

/* "[kind]" or "[kind:name]" as it must be: the kind's index, else -1. */
static int kind_of(const char *at, size_t length)
{
	size_t kind = span(at + 1, length - 1, INI_KEYS), name = 0;
	bool named = length > kind + 1 && at[kind + 1] == ':';

	if (named)
		name = span(at + kind + 2, length - kind - 2, INI_KEYS CAPITALS DIGITS "_-");
	if (length > 42 || length != kind + 2 + (named ? name + 1 : 0) || at[length - 1] != ']' ||
		(named && (name == 0 || at[kind + 2] == '-')))
		return -1;
	for (int i = 0; i < KINDS; i++)
		if (strlen(kinds[i]) == kind && memcmp(kinds[i], at + 1, kind) == 0)
			return named == (i >= 4) ? i : -1;
	return -1;
}

static void read_section(struct lines *l, struct line *line, const char *at, size_t length)
{
	char whole[NAME] = "";

	line->what = SECTION;
	line->kind = kind_of(at, length);
	line->section = l->count;
	line->sound = line->kind >= 0;
	if (!line->sound)
		return;
	memcpy(whole, at, length);
	for (int i = 0; i < l->seen_count; i++)
		line->sound &= strcmp(l->seen[i], whole) != 0;
	if (l->seen_count < 64)
		memcpy(l->seen[l->seen_count++], whole, NAME);
}

static void read_key(struct line *line, const char *at, size_t length)
{
	const char *equals = memchr(at, '=', length);
	size_t key = equals != NULL ? (size_t)(equals - at) : 0, value, skip;

	while (key > 0 && in(at[key - 1], " \t"))
		key--;
	line->what = key > 0 ? KEY : NEITHER;
	if (key == 0)
		return;
	memcpy(line->key, at, key < NAME ? key : NAME - 1);
	value = (size_t)(at + length - equals) - 1;
	skip = span(equals + 1, value, " \t");
	value -= skip;
	memcpy(line->value, equals + 1 + skip, value < sizeof(line->value) ? value : sizeof(line->value) - 1);
}

static void read_line(struct lines *l, const char *at, size_t length)
{
	const struct line *before = &l->list[l->count];
	struct line *line = &l->list[++l->count];
	size_t blank;

	*line = (struct line){.kind = before->kind, .section = before->section, .sound = before->sound};
	if (length > 0 && at[length - 1] == '\r')
		length--;
	while (length > 0 && in(at[length - 1], " \t"))
		length--;
	blank = span(at, length, " \t");
	if (blank == length || in(at[blank], ";#"))
		line->what = NOTHING;
	else if (blank > 0)
		line->what = NEITHER;
	else if (at[0] == '[')
		read_section(l, line, at, length);
	else
		read_key(line, at, length);
}

static struct lines *read_lines(const char *text, size_t length)
{
	struct lines *l = calloc(1, sizeof(*l));

	assert_non_null(l);
	l->list[0].kind = -1;
	for (size_t at = 0; at < length && l->count < LINES;) {
		const char *end = memchr(text + at, '\n', length - at);
		size_t size = end != NULL ? (size_t)(end - text) - at : length - at;

		read_line(l, text + at, size);
		at += size + 1;
	}
	return l;
}

/* ---- which key belongs where ---- */

struct pair {
	int kind;
	char key[NAME];
};

static struct pair pairs[PAIRS];
static int pair_count;

static bool belongs(int kind, const char *key)
{
	for (int i = 0; i < pair_count; i++)
		if (pairs[i].kind == kind && strcmp(pairs[i].key, key) == 0)
			return true;
	return false;
}

static void learn(int kind, const char *key)
{
	if (belongs(kind, key))
		return;
	assert_true(pair_count < PAIRS);
	pairs[pair_count].kind = kind;
	snprintf(pairs[pair_count++].key, NAME, "%s", key);
}

/* Does a section take a key that only others have in the originals? Asked without any mistake around it. */
static bool takes(int kind, const char *key)
{
	char text[256];
	struct reading r;
	bool named;

	snprintf(text, sizeof(text), "[%s%s]\nplugin = x\n%s = x\n", kinds[kind], kind >= 4 ? ":x" : "", key);
	read_text(&r, text, strlen(text));
	named = false;
	for (int i = 0; i < config_errors_count(r.errors); i++)
		named |= strstr(config_errors_text(r.errors, i), ": unknown key") != NULL &&
			 strtol(config_errors_text(r.errors, i) + strlen(r.path) + 1, NULL, 10) == 3;
	forget(&r);
	return !named;
}

static void learn_all(void)
{
	int own = pair_count;

	for (int i = 0; i < own; i++)
		for (int kind = 0; kind < KINDS; kind++)
			if (!belongs(kind, pairs[i].key) && takes(kind, pairs[i].key))
				learn(kind, pairs[i].key);
}

/* ---- judgement ---- */

static bool is_in_tree(const struct config *c, const struct line *line, int number)
{
	for (int i = 0; i < c->count; i++)
		for (int k = 0; k < c->sections[i].count; k++) {
			const struct config_entry *entry = &c->sections[i].entries[k];

			if (entry->line == number && strcmp(entry->key, line->key) == 0)
				return strcmp(entry->value, line->value) == 0;
		}
	return false;
}

/* NULL, or what has passed in silence. */
static const char *passed(const struct reading *r, const struct lines *l, int number)
{
	const struct line *line = &l->list[number];
	bool told = r->named[number] != 0, excused = !line->sound && line->section > 0 && r->named[line->section] != 0;

	if (told || line->what == NOTHING)
		return NULL;
	if (line->what == NEITHER)
		return "a line that is none";
	if (line->what == SECTION)
		return line->sound ? NULL : "a section that is none";
	if (line->section == 0)
		return strcmp(line->key, "include") != 0 ? "a key before the first section" : NULL;
	if (!excused && (line->kind < 0 || !belongs(line->kind, line->key)))
		return "a key that its section does not take";
	if (config_errors_count(r->errors) == 0 && strcmp(line->key, "like") != 0 && strchr(line->value, '$') == NULL &&
		!is_in_tree(r->config, line, number))
		return "a value that is lost";
	return NULL;
}

static void judge(const struct reading *r, const struct ini_text *t, uint64_t round)
{
	struct lines *l = read_lines(t->bytes, t->length);

	for (int number = 1; number <= l->count; number++) {
		const char *what = passed(r, l, number);

		if (what == NULL)
			continue;
		config_errors_print(r->errors, stderr);
		fail_msg("round %llu, line %d (%s = %s) in the section of line %d: %s has passed in silence",
			(unsigned long long)round, number, l->list[number].key, l->list[number].value,
			l->list[number].section, what);
	}
	free(l);
}

/* ---- tests ---- */

static struct ini_text texts[2];

static void load_original(int i)
{
	FILE *in = fopen(originals[i], "re");

	assert_non_null(in);
	texts[i].length = fread(texts[i].bytes, 1, sizeof(texts[i].bytes), in);
	assert_true(texts[i].length > 0 && texts[i].length < sizeof(texts[i].bytes) / 2);
	fclose(in);
}

static int set_up(void **state)
{
	open_plugin(&sim, "sim", AQ_EXCHANGE);
	open_plugin(&example, "example", AQ_STRATEGY);
	for (int i = 0; i < 2; i++) {
		struct lines *l;

		load_original(i);
		l = read_lines(texts[i].bytes, texts[i].length);
		for (int n = 1; n <= l->count; n++)
			if (l->list[n].what == KEY)
				learn(l->list[n].kind, l->list[n].key);
		free(l);
	}
	learn_all();
	return 0;
}

static void originals_are_in_order(void **state)
{
	for (int i = 0; i < 2; i++) {
		struct reading r;

		read_text(&r, texts[i].bytes, texts[i].length);
		config_errors_print(r.errors, stderr);
		assert_int_equal(config_errors_count(r.errors), 0);
		judge(&r, &texts[i], 0);
		forget(&r);
	}
}

static void keys_belong_to_their_sections(void **state)
{
	assert_true(belongs(0, "server_id") && belongs(4, "capture") && belongs(5, "balance") && belongs(6, "spread"));
	assert_false(belongs(0, "spread") || belongs(1, "socket") || belongs(2, "level") || belongs(3, "plugin") ||
		     belongs(4, "balance") || belongs(5, "market") || belongs(6, "capture"));
}

static void nothing_wrong_passes(void **state)
{
	uint64_t count = (uint64_t)rounds_of("AQ_INI_ROUNDS", 1000), refused = 0;

	for (uint64_t round = 1; round <= count; round++) {
		struct ini_text t = texts[round % 2];
		struct reading r;

		t.random = round * UINT64_C(0x9e3779b97f4a7c15);
		ini_mutate(&t);
		read_text(&r, t.bytes, t.length);
		judge(&r, &t, round);
		refused += config_errors_count(r.errors) > 0;
		forget(&r);
	}
	print_message("%llu texts, %llu refused\n", (unsigned long long)count, (unsigned long long)refused);
	assert_true(count < 100 || (refused > count / 2 && refused < count));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(originals_are_in_order),
		cmocka_unit_test(keys_belong_to_their_sections),
		cmocka_unit_test(nothing_wrong_passes),
	};
	return cmocka_run_group_tests(tests, set_up, NULL);
}
