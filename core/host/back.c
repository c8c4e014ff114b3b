/* back.c: see back.h. STATE_DIR/back has NAME.so, saved/NAME.state, NAME.next (what took its place) and NAME.ini (what was
 * before, written last: without it there is nothing). NAME.next becomes NAME.barred when it has crashed. */
#include "host/back.h"

#include "base/log.h"
#include "host/config_internal.h"
#include "host/state.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void path_of(const struct back *b, const char *end, char *out, size_t size)
{
	snprintf(out, size, "%s/back/%s%s", b->state_dir, b->name, end);
}

/* By an operator, over the head of the files. */
static bool is_set(const struct config_entry *e)
{
	return strcmp(e->file, CONFIG_SET_FILE) == 0;
}

/* A value stands behind a tab, as it is, and a tab before a key that an operator has set: nothing of it is read again but by
 * read_section. */
static bool write_section(const struct back *b, const struct config_section *section, const char *path)
{
	FILE *out = fopen(path, "we");
	bool ok;

	if (out == NULL)
		return false;
	fchmod(fileno(out), 0600); /* a value may be a secret */
	fprintf(out, "%s %u\n%s\n", b->code, b->generation, section->kind);
	for (int i = 0; i < section->count; i++)
		fprintf(out, "%s%s\t%s\n", is_set(&section->entries[i]) ? "\t" : "", section->entries[i].key, section->entries[i].value);
	ok = ferror(out) == 0;
	return fclose(out) == 0 && ok;
}

static bool write_state(const struct back *b)
{
	char folder[600];

	snprintf(folder, sizeof(folder), "%s/back", b->state_dir);
	if (b->state.there)
		return state_write(folder, b->name, &b->state) == 0;
	state_remove(folder, b->name);
	return true;
}

static bool write_all(const struct back *b)
{
	char library[700], section[700], next[700], draft[700];

	path_of(b, ".so", library, sizeof(library));
	path_of(b, ".ini", section, sizeof(section));
	path_of(b, ".next", next, sizeof(next));
	path_of(b, ".draft", draft, sizeof(draft));
	unlink(section); /* until all of it is there */
	unlink(library);
	return link(b->library, library) == 0 && write_state(b) && write_section(b, b->next, next) &&
		write_section(b, b->section, draft) && rename(draft, section) == 0;
}

void back_write(const struct back *b)
{
	if (!write_all(b))
		log_line(AQ_LOG_WARN, b->name,
			"what it was before this reload cannot be kept in %s/back (%s): a crash soon after cannot be undone by a restart",
			b->state_dir, strerror(errno));
}

static void take_line(struct config *c, struct config_section *s, char *line)
{
	struct config_entry entry = {.file = line[0] == '\t' ? CONFIG_SET_FILE : "before the reload"};
	char *key = line + (line[0] == '\t'), *tab = strchr(key, '\t');

	if (tab == NULL)
		return;
	entry.key = config_keep(c, key, (size_t)(tab - key));
	entry.value = config_keep(c, tab + 1, strlen(tab + 1));
	config_add_entry(s, &entry);
}

static void use_library(struct config *c, struct config_section *s, const char *path)
{
	struct config_entry entry = {.file = "before the reload", .key = "plugin", .value = config_keep(c, path, strlen(path))};

	for (int i = s->count - 1; i >= 0; i--)
		if (strcmp(s->entries[i].key, "plugin") == 0)
			config_drop_entry(s, i);
	config_add_entry(s, &entry);
}

static bool next_line(FILE *in, char *line, size_t size)
{
	if (fgets(line, (int)size, in) == NULL)
		return false;
	line[strcspn(line, "\n")] = '\0';
	return true;
}

/* NULL when there is none. `code`: room for PLUGIN_HASH_TEXT. */
static struct config *read_section(const struct back *b, const char *end, char *code, uint32_t *generation)
{
	char line[CONFIG_LINE_MAX + 64], path[700];
	struct config_section section = {.file = "before the reload"};
	struct config *c = NULL;
	FILE *in;
	int at;

	path_of(b, end, path, sizeof(path));
	in = fopen(path, "re");
	if (in == NULL)
		return NULL;
	if (next_line(in, line, sizeof(line)) && sscanf(line, "%12s %u", code, generation) == 2 &&
		next_line(in, line, sizeof(line))) {
		c = config_create();
		section.kind = config_keep(c, line, strlen(line));
		section.name = config_keep(c, b->name, strlen(b->name));
		at = config_add_section(c, &section);
		while (next_line(in, line, sizeof(line)))
			take_line(c, &c->sections[at], line);
	}
	fclose(in);
	return c;
}

/* There may have been none. */
static void bring_state(const struct back *b)
{
	struct blob state = {0};
	char folder[600];
	int rc;

	snprintf(folder, sizeof(folder), "%s/back", b->state_dir);
	rc = state_read(folder, b->name, &state);
	if (rc == AQ_ENOENT)
		state_remove(b->state_dir, b->name);
	else if (rc != AQ_OK || state_write(b->state_dir, b->name, &state) != 0)
		log_line(AQ_LOG_WARN, b->name, "its state of before the reload could not be brought to %s/saved", b->state_dir);
	blob_free(&state);
}

/* Both ends of the way back are there, and lead from this code. */
static bool leads_back(const struct back *b, const char *from)
{
	char code[PLUGIN_HASH_TEXT], other[PLUGIN_HASH_TEXT];
	uint32_t generation, any;
	struct config *next = read_section(b, from, code, &generation), *before = read_section(b, ".ini", other, &any);
	bool leads = next != NULL && before != NULL && strcmp(code, b->code) == 0 && generation == b->generation;

	config_destroy(next);
	config_destroy(before);
	return leads;
}

bool back_bar(const char *state_dir, const char *name, const char *code, uint32_t generation)
{
	const struct back b = {.state_dir = state_dir, .name = name, .code = code, .generation = generation};
	char next[700], barred[700];

	if (!leads_back(&b, ".next")) /* or a start that did not get further was here before */
		return leads_back(&b, ".barred");
	bring_state(&b);
	path_of(&b, ".next", next, sizeof(next));
	path_of(&b, ".barred", barred, sizeof(barred));
	return rename(next, barred) == 0;
}

static bool has_set(const struct config_section *s, const char *key)
{
	const struct config_entry *e = config_get(s, key);

	return e != NULL && is_set(e);
}

static bool covers(const struct config_section *a, const struct config_section *b)
{
	for (int i = 0; i < a->count; i++)
		if (!has_set(a, a->entries[i].key) && !has_set(b, a->entries[i].key) &&
			!config_values_equal(a, b, a->entries[i].key))
			return false;
	return true;
}

struct config *back_read(const char *state_dir, const struct config_section *section, const char *code)
{
	const struct back b = {.state_dir = state_dir, .name = section->name, .code = code};
	char barred_code[PLUGIN_HASH_TEXT], library[700], other[PLUGIN_HASH_TEXT];
	struct config *barred, *before = NULL;
	uint32_t any;

	barred = read_section(&b, ".barred", barred_code, &any);
	if (barred != NULL && strcmp(barred_code, code) == 0 && strcmp(barred->sections[0].kind, section->kind) == 0 &&
		covers(&barred->sections[0], section) && covers(section, &barred->sections[0]))
		before = read_section(&b, ".ini", other, &any);
	if (before != NULL) {
		path_of(&b, ".so", library, sizeof(library));
		use_library(before, &before->sections[0], library);
	}
	config_destroy(barred);
	return before;
}

void back_lift(const char *state_dir, const char *name)
{
	const struct back b = {.state_dir = state_dir, .name = name};
	char barred[700];

	path_of(&b, ".barred", barred, sizeof(barred));
	unlink(barred);
}
