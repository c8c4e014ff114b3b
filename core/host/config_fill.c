/* config_fill.c: a section by a table of options. */
#include "host/config_option.h"

#include "base/err.h"

#include <stdlib.h>
#include <string.h>

/* --- texts and lists --- */

static void store_text(const struct config_fill *f, const struct aq_option *option, const char *text)
{
	if (f->self != NULL)
		memcpy((char *)f->self + option->offset, text, strlen(text) + 1);
}

static int fill_string(
	const struct config_fill *f, const struct aq_option *option, const char *text, struct aq_err *err)
{
	if (strlen(text) >= option->size)
		return err_set(err, AQ_EFORMAT, "at most %u characters fit.", option->size - 1u);
	store_text(f, option, text);
	return AQ_OK;
}

/* A file is meant from where its name stands. */
static int fill_path(const struct config_fill *f, const struct aq_option *option, const struct config_entry *entry,
	struct aq_err *err)
{
	char path[CONFIG_LINE_MAX + 4096];

	if (!config_path(entry, entry->value, path, sizeof(path)))
		return err_set(err, AQ_EFORMAT, "the path is too long.");
	return fill_string(f, option, path, err);
}

/* Adds the items of a comma-separated text, newline between them. */
static int add_items(const char *text, char *out, size_t size, struct aq_err *err)
{
	const char *item;
	size_t length;

	while (config_next_item(&text, &item, &length)) {
		size_t used = strlen(out);

		if (length == 0)
			return err_set(err, AQ_EFORMAT, "an item of the list is empty.");
		if (used + (used > 0) + length >= size)
			return err_set(err, AQ_EFORMAT, "at most %zu characters of a list fit.", size - 1);
		snprintf(out + used, size - used, "%s%.*s", used > 0 ? "\n" : "", (int)length, item);
	}
	return AQ_OK;
}

static void fill_list(const struct config_fill *f, const struct aq_option *option)
{
	const struct config_section *s = f->section;
	char *items = calloc(1, (size_t)option->size + 1);
	bool given = false;
	struct aq_err err;

	if (items == NULL)
		return;
	for (int i = 0; i < s->count; i++) {
		if (strcmp(s->entries[i].key, option->name) != 0)
			continue;
		given = true;
		if (s->entries[i].value[0] != '\0' &&
			add_items(s->entries[i].value, items, option->size, &err) != AQ_OK)
			config_error_value(f->errors, s, &s->entries[i], "%s", err.text);
	}
	if (!given && option->fallback != NULL && option->fallback[0] != '\0' &&
		add_items(option->fallback, items, option->size, &err) != AQ_OK)
		config_error_section(f->errors, f->section, option->name, "its default cannot be used: %s", err.text);
	store_text(f, option, items);
	free(items);
}

/* --- secrets --- */

static void fill_secret(const struct config_fill *f, const struct aq_option *option, const struct config_entry *entry)
{
	char *secret = malloc((size_t)option->size + 1);

	if (secret == NULL)
		return;
	if (config_secret_read(f->section, entry, secret, option->size, f->errors))
		store_text(f, option, secret);
	explicit_bzero(secret, (size_t)option->size + 1);
	free(secret);
}

/* --- one option --- */

static int fill_value(struct config_fill *f, const struct aq_option *option, const char *text, struct aq_err *err)
{
	struct config_value value;
	const char *limit;
	int result, range;

	if (text[0] == '\0')
		return err_set(err, AQ_EFORMAT, "the value is missing.");
	result = config_option_value(f, option, text, &value, err);
	if (result == 1)
		f->pending++;
	if (result != AQ_OK)
		return result < 0 ? result : AQ_OK;
	range = config_option_range(f, option, &value, &limit);
	if (range != 0)
		return err_set(
			err, AQ_EFORMAT, range < 0 ? "at least %s is allowed." : "at most %s is allowed.", limit);
	config_option_store(f, option, &value);
	return AQ_OK;
}

static void fill_default(struct config_fill *f, const struct aq_option *option)
{
	struct aq_err err;
	int result;

	if (option->fallback == NULL || strcmp(option->fallback, "0") == 0)
		return; /* zeroes are there already */
	result = option->type == AQ_OPT_STRING ? fill_string(f, option, option->fallback, &err)
					       : fill_value(f, option, option->fallback, &err);
	if (result != AQ_OK)
		config_error_section(f->errors, f->section, option->name, "its default %s cannot be used: %s", option->fallback,
			err.text);
}

static void fill_option(struct config_fill *f, const struct aq_option *option)
{
	char key[CONFIG_KEY_SIZE];
	const struct config_entry *entry = config_get(f->section, config_option_key(option, key, sizeof(key)));
	struct aq_err err;
	int result;

	if (f->self != NULL)
		memset((char *)f->self + option->offset, 0, config_field_size(option));
	if (entry == NULL && (option->flags & AQ_REQUIRED) != 0) {
		if (!f->section->incomplete)
			config_error_section(f->errors, f->section, key, "must be given: %s.",
				option->help != NULL ? option->help : "it has no default");
	} else if (option->type == AQ_OPT_LIST) {
		fill_list(f, option);
	} else if (entry == NULL) {
		fill_default(f, option);
	} else if ((option->flags & AQ_SECRET) != 0) {
		fill_secret(f, option, entry);
	} else {
		if (option->type == AQ_OPT_STRING && (option->flags & AQ_PATH) != 0)
			result = fill_path(f, option, entry, &err);
		else
			result = option->type == AQ_OPT_STRING ? fill_string(f, option, entry->value, &err)
							       : fill_value(f, option, entry->value, &err);
		if (result != AQ_OK)
			config_error_value(f->errors, f->section, entry, "%s", err.text);
	}
}

/* What is wrong with a line of the table itself, NULL if nothing: a field must not be written beyond its end. */
static const char *table_fault(const struct config_fill *f, const struct aq_option *option)
{
	bool text = option->type == AQ_OPT_STRING || option->type == AQ_OPT_LIST;
	const struct aq_option *of = f->options;

	if (config_field_size(option) == 0 || option->size != config_field_size(option))
		return "the plugin's table and the field differ in size.";
	if ((option->flags & AQ_SECRET) != 0 && option->type != AQ_OPT_STRING)
		return "the plugin's table makes a secret of something that is no string.";
	if (!config_key_valid(option->name, strlen(option->name)) ||
		strlen(option->name) + sizeof("_file") > CONFIG_KEY_SIZE)
		return "the plugin's table has a name that cannot be written.";
	if (text || option->of == NULL)
		return NULL;
	while (of->name != NULL && (of->type != AQ_OPT_MARKET || strcmp(of->name, option->of) != 0))
		of++;
	return of->name == NULL ? "the plugin's table refers to a market that it does not have." : NULL;
}

int config_fill(const struct config_section *s, const struct aq_option *options, const char *const *known, void *self,
	const struct config_resolver *resolver, struct config_errors *e, int *pending)
{
	static const struct aq_option none = {0};
	struct config_fill f = {.section = s,
		.options = options != NULL ? options : &none,
		.resolver = resolver,
		.errors = e,
		.self = self};
	int before = config_errors_count(e);

	config_check_keys(&f, known);
	for (const struct aq_option *o = f.options; o->name != NULL; o++) {
		const char *wrong = table_fault(&f, o);

		if (wrong != NULL)
			config_error_section(f.errors, f.section, o->name, "%s", wrong);
		else
			fill_option(&f, o);
	}
	if (pending != NULL)
		*pending += f.pending;
	return config_errors_count(e) - before;
}
