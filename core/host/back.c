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

/* A value stands behind a tab, as it is: nothing of it is read again but by read_section. */
static bool write_section(const struct back *b, const struct config_section *section, const char *path)
{
	FILE *out = fopen(path, "we");
	bool ok;

	if (out == NULL)
		return false;
	fchmod(fileno(out), 0600); /* a value may be a secret */
	fprintf(out, "%s\n%s\n", b->code, section->kind);
	for (int i = 0; i < section->count; i++)
		fprintf(out, "%s\t%s\n", section->entries[i].key, section->entries[i].value);
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
	char library[700], section[700], next[700], barred[700], draft[700];

	path_of(b, ".so", library, sizeof(library));
	path_of(b, ".ini", section, sizeof(section));
	path_of(b, ".next", next, sizeof(next));
	path_of(b, ".barred", barred, sizeof(barred));
	path_of(b, ".draft", draft, sizeof(draft));
	unlink(section); /* until all of it is there */
	unlink(barred);
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
	char *tab = strchr(line, '\t');
	struct config_entry entry = {.file = "before the reload"};

	if (tab == NULL)
		return;
	entry.key = config_keep(c, line, (size_t)(tab - line));
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

/* NULL when there is none, or it is about other code. */
static struct config *read_section(const struct back *b, const char *end)
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
	if (next_line(in, line, sizeof(line)) && strcmp(line, b->code) == 0 && next_line(in, line, sizeof(line))) {
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

static void bring_state(const struct back *b)
{
	struct blob state = {0};
	char folder[600];

	snprintf(folder, sizeof(folder), "%s/back", b->state_dir);
	if (state_read(folder, b->name, &state) == AQ_OK && state_write(b->state_dir, b->name, &state) != 0)
		log_line(AQ_LOG_WARN, b->name, "its state of before the reload could not be written to %s/saved", b->state_dir);
	blob_free(&state);
}

bool back_bar(const char *state_dir, const char *name, const char *code)
{
	const struct back b = {.state_dir = state_dir, .name = name, .code = code};
	struct config *before = read_section(&b, ".ini");
	char next[700], barred[700];

	if (before == NULL)
		return false;
	config_destroy(before);
	bring_state(&b);
	path_of(&b, ".next", next, sizeof(next));
	path_of(&b, ".barred", barred, sizeof(barred));
	return rename(next, barred) == 0 || access(barred, F_OK) == 0; /* a start that did not get further was here before */
}

struct config *back_read(const char *state_dir, const struct config_section *section, const char *code)
{
	const struct back b = {.state_dir = state_dir, .name = section->name, .code = code};
	struct config *barred = read_section(&b, ".barred"), *before = NULL;
	char library[700];

	if (barred != NULL && config_section_equal(&barred->sections[0], section))
		before = read_section(&b, ".ini");
	if (before != NULL) {
		path_of(&b, ".so", library, sizeof(library));
		use_library(before, &before->sections[0], library);
	}
	config_destroy(barred);
	return before;
}
