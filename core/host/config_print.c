/* config_print.c: sections as an INI file that means the same. */
#include "host/config_option.h"

#include <string.h>

static void print_value(const char *key, const char *value, FILE *out)
{
	fprintf(out, "%s =%s", key, value[0] != '\0' ? " " : "");
	for (; *value != '\0'; value++) {
		if (*value == '$')
			fputc('$', out);
		fputc(*value, out);
	}
	fputc('\n', out);
}

static void print_origin(const char *file, int line, FILE *out)
{
	fprintf(out, "# %s", file);
	if (line > 0)
		fprintf(out, ":%d", line);
	fputc('\n', out);
}

void config_print_default(const char *key, const char *value, FILE *out)
{
	print_origin("default", 0, out);
	print_value(key, value, out);
}

void config_print_section(const struct config_section *s, const struct aq_option *options, FILE *out)
{
	char label[CONFIG_LABEL_SIZE];

	fputc('\n', out);
	print_origin(s->file, s->line, out);
	fprintf(out, "[%s]\n", config_label(s, label));
	for (int i = 0; i < s->count; i++) {
		const struct config_entry *entry = &s->entries[i];

		print_origin(entry->file, entry->line, out);
		print_value(entry->key, config_sounds_secret(entry->key) ? "(not shown)" : entry->value, out);
	}
	for (const struct aq_option *o = options; o != NULL && o->name != NULL; o++)
		if (o->fallback != NULL && (o->flags & AQ_SECRET) == 0 && config_get(s, o->name) == NULL)
			config_print_default(o->name, o->fallback, out);
}
