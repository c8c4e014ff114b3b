/* config_keys.c: which keys a section may have. */
#include "host/config_option.h"

#include <stdlib.h>
#include <string.h>

/* A pattern of config_fill's `known`. */
static bool fits(const char *pattern, const char *key, bool *repeats)
{
	size_t length = strlen(pattern);

	*repeats = length > 0 && pattern[length - 1] == '+';
	length -= *repeats;
	if (length > 0 && pattern[length - 1] == '*')
		return strncmp(pattern, key, length - 1) == 0;
	return strlen(key) == length && memcmp(pattern, key, length) == 0;
}

static bool is_known(const struct config_fill *f, const char *const *known, const char *key, bool *repeats)
{
	char name[CONFIG_KEY_SIZE];

	for (const struct aq_option *o = f->options; o->name != NULL; o++)
		if (strcmp(config_option_key(o, name, sizeof(name)), key) == 0) {
			*repeats = o->type == AQ_OPT_LIST;
			return true;
		}
	for (; known != NULL && *known != NULL; known++)
		if (fits(*known, key, repeats))
			return true;
	return false;
}

/* A name without the marks of a pattern, false when it stands for many. */
static bool plain(const char *pattern, char *out)
{
	snprintf(out, CONFIG_KEY_SIZE, "%.*s", (int)strcspn(pattern, "*+"), pattern);
	return strchr(pattern, '*') == NULL;
}

static void nearest_key(
	const struct config_fill *f, const char *const *known, const char *key, char out[CONFIG_KEY_SIZE])
{
	char name[CONFIG_KEY_SIZE];

	out[0] = '\0';
	for (const struct aq_option *o = f->options; o->name != NULL; o++)
		if (config_nearer(key, out[0] != '\0' ? out : NULL, config_option_key(o, name, sizeof(name))) == name)
			memcpy(out, name, CONFIG_KEY_SIZE);
	for (; known != NULL && *known != NULL; known++)
		if (plain(*known, name) && config_nearer(key, out[0] != '\0' ? out : NULL, name) == name)
			memcpy(out, name, CONFIG_KEY_SIZE);
}

/* "market_maker has: market spread", the plugin's own keys; all of the section where there is no plugin. */
static char *list_keys(const struct config_fill *f, const char *const *known)
{
	const struct config_entry *plugin = config_get(f->section, "plugin");
	char name[CONFIG_KEY_SIZE], label[CONFIG_LABEL_SIZE], *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (out == NULL)
		return NULL;
	if (plugin != NULL)
		fprintf(out, "%s has:", plugin->value);
	else
		fprintf(out, "[%s] has:", config_label(f->section, label));
	for (const struct aq_option *o = f->options; o->name != NULL; o++)
		fprintf(out, " %s", config_option_key(o, name, sizeof(name)));
	for (; plugin == NULL && known != NULL && *known != NULL; known++)
		fprintf(out, " %.*s", (int)strcspn(*known, "+"), *known);
	fclose(out);
	return text;
}

static bool is_open_secret(const struct config_fill *f, const char *key)
{
	for (const struct aq_option *o = f->options; o->name != NULL; o++)
		if ((o->flags & AQ_SECRET) != 0 && strcmp(o->name, key) == 0)
			return true;
	return false;
}

static void unknown_key(const struct config_fill *f, const char *const *known, const struct config_entry *entry)
{
	char label[CONFIG_LABEL_SIZE], nearest[CONFIG_KEY_SIZE], text[CONFIG_NEAREST_SIZE];
	char *keys;

	config_label(f->section, label);
	if (is_open_secret(f, entry->key)) {
		config_error(f->errors, entry->file, entry->line, label, entry->key,
			"a secret cannot stand in a configuration. Put it into a file and write %s_file = PATH.",
			entry->key);
		return;
	}
	nearest_key(f, known, entry->key, nearest);
	keys = list_keys(f, known);
	config_error(f->errors, entry->file, entry->line, label, entry->key, "unknown key.%s %s",
		config_nearest(nearest, text), keys != NULL ? keys : "");
	free(keys);
}

static const struct config_entry *earlier(const struct config_section *s, int index)
{
	for (int i = 0; i < index; i++)
		if (strcmp(s->entries[i].key, s->entries[index].key) == 0)
			return &s->entries[i];
	return NULL;
}

void config_check_keys(const struct config_fill *f, const char *const *known)
{
	const struct config_section *s = f->section;
	char label[CONFIG_LABEL_SIZE];

	for (int i = 0; i < s->count; i++) {
		const struct config_entry *entry = &s->entries[i], *first;
		bool repeats = false;

		if (!is_known(f, known, entry->key, &repeats)) {
			unknown_key(f, known, entry);
			continue;
		}
		first = earlier(s, i);
		if (first != NULL && !repeats)
			config_error(f->errors, entry->file, entry->line, config_label(s, label), entry->key,
				"given twice, first at %s:%d. Only lists may be.", first->file, first->line);
	}
}
