/* control_set.c: live options of a running instance, changed together.
 *
 * A change is also an override of the configuration, as if it had been given on the command line: a later reload keeps
 * it. It ends with the process, or with KEY= without a value: the file's value then comes with the next reload. */
#include "host/adopt.h"
#include "host/config_internal.h"
#include "host/control_call.h"
#include "host/section.h"

#include "base/check.h"
#include "base/err.h"
#include "flow/record.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OVERRIDES_MAX 256

/* For the life of the process: the host reads them at every reload. */
static struct overrides {
	const char *list[OVERRIDES_MAX]; /* those of the command line, then ours */
	char *own[OVERRIDES_MAX];        /* ours, at the same place; NULL = of the command line */
	int count;
} overrides;

/* "KEY=VALUE" cut in two. */
struct change {
	char key[CONFIG_SECTION_MAX];
	const char *value;
};

static bool is_live(const struct instance *i, const char *key)
{
	const struct aq_option *o = i->plugin->table.options;

	while (o != NULL && o->name != NULL && strcmp(o->name, key) != 0)
		o++;
	return o != NULL && o->name != NULL && (o->flags & AQ_LIVE) != 0;
}

static int read_change(const struct instance *i, const char *word, struct change *out, struct aq_err *err)
{
	const char *equals = strchr(word, '=');
	size_t length = equals != NULL ? (size_t)(equals - word) : 0;

	if (length == 0 || length >= sizeof(out->key))
		return err_set(err, AQ_EINVAL, "%.80s: write KEY=VALUE, without blanks.", word);
	memcpy(out->key, word, length);
	out->key[length] = '\0';
	out->value = equals + 1;
	if (!is_live(i, out->key))
		return err_set(err, AQ_EINVAL,
			"%s of %s cannot be changed while it runs: change the file, then reload.", out->key, i->name);
	return AQ_OK;
}

/* Replaces or adds the key in a copy of a section. */
static void change_section(struct config *c, const struct change *change)
{
	struct config_section *s = &c->sections[0];
	struct config_entry entry = {.file = "aqctl set",
		.key = config_keep(c, change->key, strlen(change->key)),
		.value = config_keep(c, change->value, strlen(change->value))};

	for (int i = s->count - 1; i >= 0; i--)
		if (strcmp(s->entries[i].key, change->key) == 0)
			config_drop_entry(s, i);
	config_add_entry(s, &entry);
}

static void take_over(struct host *h)
{
	if (h->overrides != overrides.list)
		for (overrides.count = 0; overrides.count < h->override_count; overrides.count++)
			overrides.list[overrides.count] = h->overrides[overrides.count];
	h->overrides = overrides.list;
}

/* Forgets the override of the same key that an earlier `set` has made. */
static void forget(const char *text)
{
	size_t length = strcspn(text, "=") + 1;

	for (int i = 0; i < overrides.count; i++)
		if (overrides.own[i] != NULL && strncmp(overrides.own[i], text, length) == 0) {
			free(overrides.own[i]);
			overrides.count--;
			overrides.own[i] = overrides.own[overrides.count];
			overrides.list[i] = overrides.list[overrides.count];
			overrides.own[overrides.count] = NULL;
			return;
		}
}

static void remember(struct host *h, const struct instance *i, const char *word)
{
	char text[CONTROL_REQUEST_MAX + 128], *copy;

	snprintf(text, sizeof(text), "%s:%s.%s", i->section->kind, i->name, word);
	forget(text);
	if (strchr(word, '=')[1] != '\0') {
		copy = strdup(text);
		CHECK(copy != NULL);
		overrides.own[overrides.count] = copy;
		overrides.list[overrides.count++] = copy;
	}
	h->override_count = overrides.count;
}

static int apply(struct control_call *c, struct instance *i, struct aq_err *err)
{
	const struct control_request *r = c->request;
	struct config *copy = section_copy(i->section);
	struct change change;
	int rc = AQ_OK;

	for (int k = 2; rc == 0 && k < r->count; k++) {
		rc = read_change(i, r->words[k], &change, err);
		if (rc == 0 && change.value[0] != '\0')
			change_section(copy, &change);
	}
	if (rc == 0)
		rc = adopt_options(c->host, i, &copy->sections[0], err);
	config_destroy(copy);
	return rc;
}

static const struct column columns[] = {
	{"instance", "INSTANCE", 0}, {"option", "OPTION", 0}, {"before", "BEFORE", 0}, {"after", "AFTER", 0}, {0}};

/* How it was, while it still is so. */
static void tell_changes(struct control_call *c, const struct instance *i)
{
	struct change change;
	struct aq_err err;

	result_table(&c->result, "set", TABLE_GRID, columns);
	for (int k = 2; k < c->request->count; k++) {
		const struct config_entry *entry;

		if (read_change(i, c->request->words[k], &change, &err) != 0 || !result_row(&c->result))
			continue;
		entry = config_get(i->section, change.key);
		result_cell(&c->result, "%s", i->name);
		result_cell(&c->result, "%s", change.key);
		result_cell(&c->result, "%s", entry != NULL ? entry->value : "");
		result_cell(
			&c->result, "%s", change.value[0] != '\0' ? change.value : "the file's with the next reload");
	}
	result_hint(&c->result,
		"kept by reloads until the process ends; the file's value again: aqctl set %s KEY=, then reload",
		i->name);
}

bool control_set(struct control_call *c)
{
	struct instance *i = control_instance(c, c->request->words[1]);
	struct aq_err err = {0};

	if (i == NULL)
		return true;
	if (c->host->reload != NULL || i->state != INSTANCE_RUNNING) {
		result_fail(&c->result, CONTROL_FAILED,
			c->host->reload != NULL ? "a reload is under way: try again when it has ended"
						: "%s does not run",
			i->name);
		return true;
	}
	if (c->host->override_count + c->request->count - 2 > OVERRIDES_MAX) {
		result_fail(&c->result, CONTROL_REFUSED, "more than %d overrides: write them into the file and reload",
			OVERRIDES_MAX);
		return true;
	}
	tell_changes(c, i);
	if (apply(c, i, &err) != 0) {
		result_fail(&c->result, CONTROL_REFUSED, "%s Nothing was changed.", err.text);
		return true;
	}
	take_over(c->host);
	for (int k = 2; k < c->request->count; k++)
		remember(c->host, i, c->request->words[k]);
	return true;
}
