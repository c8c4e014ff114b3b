/* config_parse.c: lines of a file. libinih splits them into section, key and value; it would also bend some (cut long
 * ones, take ':' for '=', go on after an unclosed section), so each line is looked at before it gets there, and one
 * that cannot be taken gets there as a blank line. */
#include "host/config_internal.h"

#include "base/err.h"

#include <errno.h>
#include <ini.h>
#include <pthread.h>
#include <stdarg.h>
#include <string.h>

/* libinih's settings in Debian are globals of the process. */
static void set_globals(void)
{
	ini_max_line = CONFIG_LINE_MAX + 3; /* with line end and NUL */
	ini_use_stack = true;
	ini_allow_multiline = false;
	ini_allow_inline_comments = false;
	ini_allow_no_value = false;
	ini_allow_bom = false;
	ini_stop_on_first_error = false;
}

/* Label of the section in hand for messages, NULL before the first. */
static const char *label(const struct config_source *s, char out[CONFIG_LABEL_SIZE])
{
	return s->section >= 0 && !s->skip ? config_label(&s->config->sections[s->section], out) : NULL;
}

__attribute__((format(printf, 3, 4))) static void fault(
	struct config_source *s, const char *key, const char *format, ...)
{
	char text[512], section[CONFIG_LABEL_SIZE];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	config_error(s->errors, s->name, s->line, label(s, section), key, "%s", text);
	if (s->section >= 0 && !s->skip)
		s->config->sections[s->section].incomplete = true;
}

/* One line without its end into s->text. Returns its length, -1 at the end of the file. What passes the limit is
 * counted and dropped. */
static long read_line(struct config_source *s)
{
	long length = 0;
	int c;

	while ((c = getc_unlocked(s->in)) != EOF && c != '\n') {
		if (length <= CONFIG_LINE_MAX)
			s->text[length] = (char)c;
		length++;
	}
	if (c == EOF && ferror(s->in))
		s->error = errno;
	if (c == EOF && length == 0)
		return -1;
	if (length > 0 && length <= CONFIG_LINE_MAX && s->text[length - 1] == '\r')
		length--;
	s->text[length <= CONFIG_LINE_MAX ? length : CONFIG_LINE_MAX] = '\0';
	s->line++;
	return length;
}

/* Trims the end. Returns the start of what is left. */
static char *trim(char *text)
{
	size_t length = strlen(text);

	while (length > 0 && strchr(" \t", text[length - 1]) != NULL)
		text[--length] = '\0';
	return text + strspn(text, " \t");
}

static bool open_section(struct config_source *s)
{
	struct config *c = s->config;
	struct config_section section = {.name = "", .file = s->name, .line = s->line};
	const struct config_section *first;
	char *name = s->text + 1, *end = strchr(name, ']'), *colon;
	char shown[CONFIG_LABEL_SIZE];
	const char *wrong;

	s->skip = true;
	if (end == NULL || end[1] != '\0') {
		fault(s, NULL,
			end == NULL ? "the ] of the section is missing."
				    : "nothing may stand behind the ] of a section.");
		return false;
	}
	*end = '\0';
	wrong = config_section_fault(name);
	if (wrong != NULL) {
		fault(s, NULL, "[%s]: %s", name, wrong);
		return false;
	}
	colon = strchr(name, ':');
	section.kind = config_keep(c, name, colon != NULL ? (size_t)(colon - name) : strlen(name));
	if (colon != NULL)
		section.name = config_keep(c, colon + 1, strlen(colon + 1));
	*end = ']';
	first = config_find(c, section.kind, section.name);
	if (first != NULL)
		config_error(s->errors, s->name, s->line, config_label(&section, shown), NULL,
			"this section is there already, at %s:%d. Put its keys there.", first->file, first->line);
	section.incomplete = first != NULL;
	s->section = config_add_section(c, &section);
	s->skip = false;
	return true;
}

/* libinih also separates by ':', so the key must be clean up to the '='. */
static bool check_key(struct config_source *s)
{
	const char *equals = strchr(s->text, '=');
	size_t length = equals != NULL ? (size_t)(equals - s->text) : 0;

	while (length > 0 && strchr(" \t", s->text[length - 1]) != NULL)
		length--;
	if (equals == NULL)
		fault(s, NULL, "\"%.40s\" is no KEY = VALUE, no [section] and no comment.", s->text);
	else if (length == 0)
		fault(s, NULL, "a key is missing before the =.");
	else if (!config_key_valid(s->text, length))
		fault(s, NULL, "\"%.*s\" is no key. A key is a-z, then a-z, 0-9, _ and points.",
			length < 40 ? (int)length : 40, s->text);
	else
		return true;
	return false;
}

/* Whether libinih may see the line in s->text. */
static bool check_line(struct config_source *s, long length)
{
	bool indented = s->text[0] == ' ' || s->text[0] == '\t';
	const char *wrong, *start;

	if (length > CONFIG_LINE_MAX) {
		fault(s, NULL, "the line has %ld characters. At most %d are read.", length, CONFIG_LINE_MAX);
		return false;
	}
	wrong = config_text_fault(s->text, (size_t)length);
	if (wrong != NULL) {
		fault(s, NULL, "%s", wrong);
		return false;
	}
	start = trim(s->text);
	if (start[0] == '\0' || start[0] == ';' || start[0] == '#')
		return true;
	if (indented) {
		fault(s, NULL, "a line cannot begin with a blank: no value goes on in the next line.");
		return false;
	}
	return start[0] == '[' ? open_section(s) : check_key(s);
}

/* Takes a byte order mark off the first line. Returns the length that is left. */
static long skip_mark(struct config_source *s, long length)
{
	if (s->line != 1 || length > CONFIG_LINE_MAX || strncmp(s->text, "\xef\xbb\xbf", 3) != 0)
		return length;
	memmove(s->text, s->text + 3, (size_t)length - 2);
	return length - 3;
}

/* libinih's fgets: one call a line, so that its handler runs while s->line is the line of the key. */
static char *next_line(char *out, int size, void *stream)
{
	struct config_source *s = stream;
	long length = read_line(s);
	size_t used;

	if (length < 0)
		return NULL;
	out[0] = '\0';
	if (!check_line(s, skip_mark(s, length)))
		return out;
	used = strlen(s->text);
	if (used + 1 > (size_t)size)
		fault(s, NULL, "libinih is set to lines of %d bytes: somebody else in this process uses it.", size);
	else
		memcpy(out, s->text, used + 1);
	return out;
}

static void add_entry(struct config_source *s, const char *key, const char *value)
{
	struct config_entry entry = {.file = s->name, .line = s->line};
	struct config_section *section = &s->config->sections[s->section];
	char expanded[CONFIG_LINE_MAX + 1];
	struct aq_err err;

	entry.key = config_keep(s->config, key, strlen(key));
	entry.value = config_keep(s->config, value, strlen(value));
	if (config_expand(value, expanded, &err) != AQ_OK) {
		config_error_value(s->errors, section, &entry, "%s", err.text);
		section->incomplete = true;
	} else {
		if (strcmp(expanded, value) != 0)
			entry.value = config_keep(s->config, expanded, strlen(expanded));
		config_add_entry(section, &entry);
	}
}

static void top_level(struct config_source *s, const char *key, const char *value)
{
	char expanded[CONFIG_LINE_MAX + 1];
	struct aq_err err;

	if (strcmp(key, "include") != 0)
		fault(s, key, "a key must stand in a section. Only include stands before the first.");
	else if (config_expand(value, expanded, &err) != AQ_OK)
		fault(s, "include", "%s", err.text);
	else
		config_include(s, expanded);
}

/* libinih's handler. Its section is not needed: the line that opened it has been seen by open_section. */
static int got_key(void *user, const char *section, const char *key, const char *value)
{
	struct config_source *s = user;

	if (s->skip)
		return 1;
	if (s->section < 0)
		top_level(s, key, value);
	else if (strcmp(key, "include") == 0)
		fault(s, key, "it stands at the top of a file, before the first section.");
	else
		add_entry(s, key, value);
	return 1;
}

void config_read(struct config_source *s)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	int result;

	pthread_once(&once, set_globals);
	config_errors_file(s->errors, s->name);
	s->section = -1;
	result = ini_parse_stream(next_line, s, got_key, s);
	if (s->error != 0)
		config_error(s->errors, s->name, 0, NULL, NULL, "cannot be read: %s.", strerror(s->error));
	else if (result != 0)
		config_error(s->errors, s->name, result > 0 ? result : 0, NULL, NULL, "cannot be read as an INI file.");
}
