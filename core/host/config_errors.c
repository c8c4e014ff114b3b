/* config_errors.c: messages of one reading, in the order of the files and their lines. */
#include "host/config_internal.h"

#include "base/check.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

struct message {
	char *text;
	int file; /* index in files */
	int line;
	int order; /* of arrival */
};

struct config_errors {
	struct message *messages; /* sorted */
	int count, capacity;
	char **files;
	int file_count;
};

struct config_errors *config_errors_create(void)
{
	struct config_errors *e = calloc(1, sizeof(*e));

	CHECK(e != NULL);
	return e;
}

void config_errors_destroy(struct config_errors *e)
{
	if (e == NULL)
		return;
	for (int i = 0; i < e->count; i++)
		free(e->messages[i].text);
	for (int i = 0; i < e->file_count; i++)
		free(e->files[i]);
	free(e->messages);
	free(e->files);
	free(e);
}

static int file_index(struct config_errors *e, const char *file)
{
	for (int i = 0; i < e->file_count; i++)
		if (strcmp(e->files[i], file) == 0)
			return i;
	e->files = realloc(e->files, ((size_t)e->file_count + 1) * sizeof(*e->files));
	CHECK(e->files != NULL);
	e->files[e->file_count] = strdup(file);
	CHECK(e->files[e->file_count] != NULL);
	return e->file_count++;
}

void config_errors_file(struct config_errors *e, const char *file)
{
	file_index(e, file);
}

static bool before(const struct message *a, const struct message *b)
{
	if (a->file != b->file)
		return a->file < b->file;
	return a->line != b->line ? a->line < b->line : a->order < b->order;
}

static void insert(struct config_errors *e, struct message message)
{
	int at = e->count;

	if (e->count == e->capacity) {
		e->capacity = e->capacity == 0 ? 16 : e->capacity * 2;
		e->messages = realloc(e->messages, (size_t)e->capacity * sizeof(*e->messages));
		CHECK(e->messages != NULL);
	}
	message.order = e->count++;
	for (; at > 0 && before(&message, &e->messages[at - 1]); at--)
		e->messages[at] = e->messages[at - 1];
	e->messages[at] = message;
}

__attribute__((format(printf, 6, 0))) static void add(struct config_errors *e, const char *file, int line,
	const char *section, const char *key, const char *format, va_list args)
{
	struct message message = {.file = file_index(e, file), .line = line};
	size_t size;
	FILE *out = open_memstream(&message.text, &size);

	CHECK(out != NULL);
	fputs(file, out);
	if (line > 0)
		fprintf(out, ":%d", line);
	fputs("  ", out);
	if (section != NULL)
		fprintf(out, "[%s] ", section);
	if (key != NULL)
		fprintf(out, "%s: ", key);
	vfprintf(out, format, args);
	CHECK(fclose(out) == 0);
	insert(e, message);
}

void config_error(struct config_errors *e, const char *file, int line, const char *section, const char *key,
	const char *format, ...)
{
	va_list args;

	va_start(args, format);
	add(e, file, line, section, key, format, args);
	va_end(args);
}

void config_error_section(struct config_errors *e, const struct config_section *s, const char *key, const char *format, ...)
{
	char label[CONFIG_LABEL_SIZE];
	va_list args;

	va_start(args, format);
	add(e, s->file, s->line, config_label(s, label), key, format, args);
	va_end(args);
}

/* Messages reach logs, and nobody knows yet whether the option is a secret when a line cannot be taken. */
bool config_sounds_secret(const char *key)
{
	static const char *const words[] = {"password", "passphrase", "secret", "token", "key"};
	size_t length = strlen(key);

	if (length > 5 && strcmp(key + length - 5, "_file") == 0)
		return false;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strstr(key, words[i]) != NULL)
			return true;
	return false;
}

void config_error_value(struct config_errors *e, const struct config_section *s, const struct config_entry *entry,
	const char *format, ...)
{
	char label[CONFIG_LABEL_SIZE];
	char *key = NULL;
	va_list args;

	if (entry->value[0] == '\0' || config_sounds_secret(entry->key))
		key = strdup(entry->key);
	else if (asprintf(&key, "%s = %s", entry->key, entry->value) < 0)
		key = NULL;
	CHECK(key != NULL);
	va_start(args, format);
	add(e, entry->file, entry->line, config_label(s, label), key, format, args);
	va_end(args);
	free(key);
}

int config_errors_count(const struct config_errors *e)
{
	return e->count;
}

const char *config_errors_text(const struct config_errors *e, int index)
{
	return index >= 0 && index < e->count ? e->messages[index].text : NULL;
}

void config_errors_print(const struct config_errors *e, FILE *out)
{
	for (int i = 0; i < e->count; i++)
		fprintf(out, "%s\n", e->messages[i].text);
}
