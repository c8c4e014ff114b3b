/* back.c: see back.h. STATE_DIR/back has NAME.so, NAME.ini (written last: without it there is nothing) and
 * saved/NAME.state. */
#include "host/back.h"

#include "base/log.h"
#include "host/config_internal.h"
#include "host/state.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

void back_folder(const char *state_dir, char *out, size_t size)
{
	snprintf(out, size, "%s/back", state_dir);
}

static void path_of(const struct back *b, const char *end, char *out, size_t size)
{
	snprintf(out, size, "%s/back/%s%s", b->state_dir, b->name, end);
}

/* A value stands behind a tab, as it is: nothing of it is read again but by back_read. */
static bool write_section(const struct back *b, const char *path)
{
	FILE *out = fopen(path, "we");
	bool ok;

	if (out == NULL)
		return false;
	fprintf(out, "%s\n%s\n", b->code, b->section->kind);
	for (int i = 0; i < b->section->count; i++)
		fprintf(out, "%s\t%s\n", b->section->entries[i].key, b->section->entries[i].value);
	ok = ferror(out) == 0;
	return fclose(out) == 0 && ok;
}

static bool write_all(const struct back *b)
{
	char folder[600], library[700], section[700], draft[700];

	back_folder(b->state_dir, folder, sizeof(folder));
	path_of(b, ".so", library, sizeof(library));
	path_of(b, ".ini", section, sizeof(section));
	path_of(b, ".draft", draft, sizeof(draft));
	unlink(section); /* until all of it is there */
	unlink(library);
	if (link(b->library, library) != 0 || (b->state.there && state_write(folder, b->name, &b->state) != 0))
		return false;
	if (!b->state.there)
		state_remove(folder, b->name);
	return write_section(b, draft) && rename(draft, section) == 0;
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

static struct config *read_section(const struct back *b, FILE *in)
{
	char line[CONFIG_LINE_MAX + 64], library[700];
	struct config_section section = {.file = "before the reload"};
	struct config *c;
	int at;

	if (!next_line(in, line, sizeof(line)) || strcmp(line, b->code) != 0 || !next_line(in, line, sizeof(line)))
		return NULL;
	c = config_create();
	section.kind = config_keep(c, line, strlen(line));
	section.name = config_keep(c, b->name, strlen(b->name));
	at = config_add_section(c, &section);
	while (next_line(in, line, sizeof(line)))
		take_line(c, &c->sections[at], line);
	path_of(b, ".so", library, sizeof(library));
	use_library(c, &c->sections[at], library);
	return c;
}

struct config *back_read(const char *state_dir, const char *name, const char *code)
{
	const struct back b = {.state_dir = state_dir, .name = name, .code = code};
	struct config *c = NULL;
	char path[700];
	FILE *in;

	path_of(&b, ".ini", path, sizeof(path));
	in = fopen(path, "re");
	if (in != NULL) {
		c = read_section(&b, in);
		fclose(in);
	}
	return c;
}
