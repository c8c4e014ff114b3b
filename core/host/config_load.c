/* config_load.c: from files to one tree: include, overrides, then like. */
#include "host/config_internal.h"

#include "base/check.h"
#include "base/err.h"
#include "host/section.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DEPTH_MAX 8
#define LIKE_MAX 16
#define COMMAND_LINE "command line" /* in place of a file for what overrides bring */

/* --- include --- */

static void include_error(struct config_source *s, const char *file, const char *what)
{
	config_error(s->errors, s->name, s->line, NULL, "include", "%s: %s", file, what);
}

static bool is_open(const struct config_source *s, FILE *in)
{
	struct stat a, b;

	if (fstat(fileno(in), &a) != 0)
		return false;
	for (; s != NULL; s = s->outer)
		if (fstat(fileno(s->in), &b) == 0 && a.st_dev == b.st_dev && a.st_ino == b.st_ino)
			return true;
	return false;
}

/* "" for a file in the working directory, else with the slash at the end. */
static const char *directory_of(struct config *c, const char *path)
{
	const char *slash = strrchr(path, '/');

	return config_keep(c, path, slash != NULL ? (size_t)(slash - path) + 1 : 0);
}

static void read_file(
	struct config *c, struct config_errors *e, FILE *in, const char *path, struct config_source *outer)
{
	struct config_source *s = calloc(1, sizeof(*s));

	CHECK(s != NULL);
	s->config = c;
	s->errors = e;
	s->in = in;
	s->name = config_keep(c, path, strlen(path));
	s->directory = directory_of(c, path);
	s->outer = outer;
	s->depth = outer != NULL ? outer->depth + 1 : 0;
	config_read(s);
	free(s);
}

/* A pipe or a device that a pattern happens to match would hang the reader, hence O_NONBLOCK and the look at the type.
 */
static void include_file(struct config_source *s, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	FILE *in = fd >= 0 ? fdopen(fd, "r") : NULL;
	struct stat info;

	if (in == NULL) {
		include_error(s, path, strerror(errno));
		if (fd >= 0)
			close(fd);
		return;
	}
	if (fstat(fd, &info) != 0 || !S_ISREG(info.st_mode))
		include_error(s, path, "is no regular file.");
	else if (is_open(s, in))
		include_error(s, path, "includes itself.");
	else
		read_file(s->config, s->errors, in, path, s);
	fclose(in);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

void config_include(struct config_source *s, const char *pattern)
{
	char path[2 * CONFIG_LINE_MAX];
	glob_t found = {0};
	int result;

	if (s->directory == NULL || s->depth >= DEPTH_MAX) {
		include_error(
			s, pattern, s->directory == NULL ? "cannot be done here." : "files are included too deep.");
		return;
	}
	if (pattern[0] == '\0') {
		config_error(s->errors, s->name, s->line, NULL, "include",
			"a file or a pattern is missing. Write include = conf.d/*.ini.");
		return;
	}
	if (snprintf(path, sizeof(path), "%s%s", pattern[0] == '/' ? "" : s->directory, pattern) >= (int)sizeof(path)) {
		include_error(s, pattern, "the path is too long.");
		return;
	}
	/* The locale must not decide the order. */
	result = glob(path, GLOB_NOSORT | GLOB_ERR, NULL, &found);
	if (result == 0) {
		qsort(found.gl_pathv, found.gl_pathc, sizeof(char *), by_name);
		for (size_t i = 0; i < found.gl_pathc; i++)
			include_file(s, found.gl_pathv[i]);
	} else if (result != GLOB_NOMATCH || strpbrk(pattern, "*?[") == NULL) {
		include_error(s, path, result == GLOB_NOMATCH ? "no such file." : "no such folder, or it cannot be read.");
	}
	globfree(&found);
}

/* --- overrides --- */

static bool goes_by(const struct config_section *s, const char *reference)
{
	char label[CONFIG_LABEL_SIZE];

	if (strcmp(config_label(s, label), reference) == 0)
		return true;
	return strcmp(s->name[0] != '\0' ? s->name : s->kind, reference) == 0;
}

static struct config_section *referred(struct config *c, const char *reference, struct aq_err *err)
{
	struct config_section *found = NULL;
	const char *nearest = NULL;
	char text[CONFIG_NEAREST_SIZE];

	for (int i = 0; i < c->count; i++) {
		struct config_section *s = &c->sections[i];

		nearest = config_nearer(reference, nearest, s->name[0] != '\0' ? s->name : s->kind);
		if (!goes_by(s, reference))
			continue;
		if (found != NULL && (strcmp(s->kind, found->kind) != 0 || strcmp(s->name, found->name) != 0)) {
			err_set(err, AQ_EFORMAT, "[%s:%s] and [%s:%s] have this name. Write kind:name.KEY=VALUE.",
				found->kind, found->name, s->kind, s->name);
			return NULL;
		}
		found = s;
	}
	if (found == NULL)
		err_set(err, AQ_EFORMAT, "no section has the name %s.%s", reference, config_nearest(nearest, text));
	return found;
}

/* All that a list had is replaced by the one value. */
static void replace(struct config_section *s, const struct config_entry *entry)
{
	config_drop_key(s, entry->key);
	config_add_entry(s, entry);
}

bool config_set(struct config *c, const char *label, const char *key, const char *value)
{
	const struct config_entry entry = {.key = config_keep(c, key, strlen(key)), .value = config_keep(c, value, strlen(value)),
		.file = CONFIG_SET_FILE};
	char text[CONFIG_LABEL_SIZE];

	for (int i = 0; i < c->count; i++) {
		if (strcmp(config_label(&c->sections[i], text), label) != 0)
			continue;
		replace(&c->sections[i], &entry);
		return true;
	}
	return false;
}

static void apply(struct config *c, const char *text, struct config_errors *e)
{
	const char *equals = strchr(text, '='), *point = strchr(text, '.');
	char reference[CONFIG_LABEL_SIZE], value[CONFIG_LINE_MAX + 1];
	struct config_entry entry = {.file = COMMAND_LINE};
	struct config_section *s;
	struct aq_err err;

	if (equals == NULL || point == NULL || point > equals || (size_t)(point - text) >= sizeof(reference) ||
		!config_key_valid(point + 1, (size_t)(equals - point) - 1)) {
		config_error(e, COMMAND_LINE, 0, NULL, NULL, "%.60s: write SECTION.KEY=VALUE.", text);
		return;
	}
	memcpy(reference, text, (size_t)(point - text));
	reference[point - text] = '\0';
	s = referred(c, reference, &err);
	if (s == NULL || config_expand(equals + 1, value, &err) != AQ_OK) {
		config_error(e, COMMAND_LINE, 0, NULL, NULL, "%.*s: %s", (int)(equals - text), text, err.text);
		return;
	}
	entry.key = config_keep(c, point + 1, (size_t)(equals - point) - 1);
	entry.value = config_keep(c, value, strlen(value));
	replace(s, &entry);
}

/* --- like --- */

enum mark { UNTOUCHED, UNDER_WAY, DONE };

static bool has_own(const struct config_section *s, int own, const char *key)
{
	for (int i = 0; i < own; i++)
		if (strcmp(s->entries[i].key, key) == 0)
			return true;
	return false;
}

static void inherit(struct config_section *s, const struct config_section *base)
{
	int own = s->count;

	for (int i = 0; i < base->count; i++)
		if (!has_own(s, own, base->entries[i].key))
			config_add_entry(s, &base->entries[i]);
	s->incomplete |= base->incomplete;
}

static int find_base(const struct config *c, const struct config_section *s, const char *name, const char **nearest)
{
	for (int i = 0; i < c->count; i++) {
		const struct config_section *other = &c->sections[i];

		if (strcmp(other->kind, s->kind) != 0 || other->name[0] == '\0')
			continue;
		if (strcmp(other->name, name) == 0)
			return i;
		if (other != s)
			*nearest = config_nearer(name, *nearest, other->name);
	}
#ifdef AQ_PLANT
	(void)*(volatile const int *)&c->sections[c->count].line; /* an over-read on purpose: tests/fuzz must find it */
#endif
	return -1;
}

/* Takes every `like` out of a section. Returns how many there were; the last is in *out. */
static int take_like(struct config_section *s, struct config_entry *out)
{
	int count = 0;

	for (int i = 0; i < s->count;) {
		if (strcmp(s->entries[i].key, "like") == 0) {
			*out = s->entries[i];
			config_drop_entry(s, i);
			count++;
		} else {
			i++;
		}
	}
	return count;
}

static void resolve(struct config *c, int index, char *marks, int depth, struct config_errors *e)
{
	struct config_section *s = &c->sections[index];
	struct config_entry like;
	const char *nearest = NULL;
	char text[CONFIG_NEAREST_SIZE];
	int count, base;

	if (marks[index] == DONE)
		return;
	marks[index] = UNDER_WAY;
	count = take_like(s, &like);
	base = count == 1 ? find_base(c, s, like.value, &nearest) : -1;
	if (count > 1)
		config_error_value(e, s, &like, "given twice. A section inherits from one other.");
	else if (count == 1 && base < 0)
		config_error_value(e, s, &like, "there is no [%s:%s].%s", s->kind, like.value,
			config_nearest(nearest, text));
	else if (count == 1 && (marks[base] == UNDER_WAY || depth == LIKE_MAX))
		config_error_value(
			e, s, &like, marks[base] == UNDER_WAY ? "goes round in a circle." : "goes on too long.");
	else if (count == 1) {
		resolve(c, base, marks, depth + 1, e);
		inherit(s, &c->sections[base]);
		count = 0;
	}
	if (count > 0)
		s->incomplete = true;
	marks[index] = DONE;
}

/* [recorder] is the one of that name, and runs the plugin recorder. */
static void complete_service(struct config *c, struct config_section *s, struct config_errors *e)
{
	struct config_entry plugin = {.key = "plugin", .value = s->kind, .file = s->file, .line = s->line};

	if (strcmp(s->name, s->kind) == 0)
		config_error_section(e, s, NULL, "the name says nothing new. Write [%s].", s->kind);
	if (s->name[0] == '\0')
		s->name = s->kind;
	if (config_get(s, "plugin") == NULL) {
		plugin.key = config_keep(c, plugin.key, strlen(plugin.key));
		config_add_entry(s, &plugin);
	}
}

static void finish(struct config *c, const char *const *overrides, int override_count, struct config_errors *e)
{
	char *marks = calloc((size_t)c->count + 1, 1);

	CHECK(marks != NULL);
	for (int i = 0; i < override_count; i++)
		apply(c, overrides[i], e);
	for (int i = 0; i < c->count; i++)
		resolve(c, i, marks, 0, e);
	free(marks);
}

/* --- the whole --- */

struct config *config_parse_stream(
	FILE *in, const char *name, const char *const *overrides, int override_count, struct config_errors *e)
{
	struct config *c = config_create();
	struct config_source *s = calloc(1, sizeof(*s));

	CHECK(s != NULL);
	s->config = c;
	s->errors = e;
	s->in = in;
	s->name = config_keep(c, name, strlen(name));
	config_read(s);
	free(s);
	finish(c, overrides, override_count, e);
	return c;
}

struct config *config_load(const char *path, const char *const *overrides, int override_count, struct config_errors *e)
{
	FILE *in = fopen(path, "re");
	struct config *c;

	if (in == NULL) {
		config_error(e, path, 0, NULL, NULL, "cannot be read: %s.", strerror(errno));
		return NULL;
	}
	c = config_create();
	read_file(c, e, in, path, NULL);
	fclose(in);
	finish(c, overrides, override_count, e);
	for (int k = 0; k < c->count; k++)
		if (section_kind(c->sections[k].kind) == AQ_SERVICE)
			complete_service(c, &c->sections[k], e);
	return c;
}
