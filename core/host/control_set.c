/* control_set.c: live options of a running instance, changed together.
 *
 * A change is an override of the configuration, kept in the journal: it survives reload and restart, is marked wherever it
 * shows, and ends with --reset (the file's value holds again, at once) or --save (the file now says so itself). */
#include "host/adopt.h"
#include "host/config_internal.h"
#include "host/control_call.h"
#include "host/override.h"
#include "host/section.h"

#include "base/err.h"

#include <stdio.h>
#include <string.h>

/* "KEY=VALUE" cut in two; with --reset only "KEY". */
struct change {
	char key[sizeof(((struct fact_override *)0)->key)];
	const char *value;
};

static int check_live(const struct instance *i, const char *key, struct aq_err *err)
{
	const struct aq_option *o = i->plugin->table.options;
	const char *nearest = NULL;
	char text[CONFIG_NEAREST_SIZE];

	for (; o != NULL && o->name != NULL && strcmp(o->name, key) != 0; o++)
		nearest = config_nearer(key, nearest, o->name);
	if (o == NULL || o->name == NULL)
		return err_set(err, AQ_EINVAL, "%s has no option %s.%s aqctl params %s lists them.", i->name, key,
			config_nearest(nearest, text), i->name);
	if ((o->flags & AQ_LIVE) == 0)
		return err_set(err, AQ_EINVAL, "%s of %s cannot be changed while it runs: change the file, then reload.", key, i->name);
	return AQ_OK;
}

/* A value may hold blanks, as size=0.02 BTC does: words without = belong to the one before. */
static void join_values(const struct control_request *from, struct control_request *to)
{
	size_t used = 0;

	*to = *from;
	to->count = 0;
	for (int k = 0; k < from->count; k++) {
		size_t length = strlen(from->words[k]) + 1;

		if (k > 2 && !from->reset && strchr(from->words[k], '=') == NULL)
			to->text[used - 1] = ' ';
		else
			to->words[to->count++] = to->text + used;
		memcpy(to->text + used, from->words[k], length); /* never more than it was */
		used += length;
	}
}

static int read_change(const struct control_request *r, int word, struct change *out, struct aq_err *err)
{
	const char *text = r->words[word], *equals = strchr(text, '=');
	size_t length = equals != NULL ? (size_t)(equals - text) : strlen(text);

	if (length == 0 || length >= sizeof(out->key) || (equals == NULL) != r->reset)
		return err_set(err, AQ_EINVAL, r->reset ? "%.80s: write the name of an option." : "%.80s: write KEY=VALUE.", text);
	memcpy(out->key, text, length);
	out->key[length] = '\0';
	out->value = equals != NULL ? equals + 1 : "";
	if (!r->reset && (out->value[0] == '\0' || strlen(out->value) >= OVERRIDE_VALUE_MAX))
		return err_set(err, AQ_EINVAL, "%.80s: a value has 1 to %d bytes; the file's again: aqctl set INSTANCE KEY --reset.",
			text, OVERRIDE_VALUE_MAX - 1);
	return AQ_OK;
}

/* As the files have it, all lines of a list. They live longer than the copy of a section. */
static void change_back(struct config_section *s, const struct config_section *files, const char *key)
{
	config_drop_key(s, key);
	for (int i = 0; i < files->count; i++)
		if (strcmp(files->entries[i].key, key) == 0)
			config_add_entry(s, &files->entries[i]);
}

/* ---- what the files say ---- */

struct files {
	struct config *config; /* without what operators have set */
	struct config_errors *errors;
	const struct config_section *section;
};

static int files_read(struct files *f, const struct host *h, const struct instance *i, struct aq_err *err)
{
	f->errors = config_errors_create();
	f->config = config_load(h->config_path, h->overrides, h->override_count, f->errors);
	if (f->config != NULL && config_errors_count(f->errors) == 0)
		f->section = config_find(f->config, i->section->kind, i->name);
	if (f->section != NULL)
		return AQ_OK;
	return err_set(err, AQ_EFORMAT, "%s", config_errors_count(f->errors) > 0 ? config_errors_text(f->errors, 0)
										   : "the file has no such section any more.");
}

static void files_close(struct files *f)
{
	config_errors_destroy(f->errors);
	config_destroy(f->config);
}

/* ---- doing it ---- */

static int apply(struct control_call *c, struct instance *i, const struct files *files, struct aq_err *err)
{
	struct config *copy = section_copy(i->section);
	char label[CONFIG_LABEL_SIZE];
	struct change change;
	int rc = AQ_OK;

	config_label(i->section, label);
	for (int k = 2; rc == 0 && k < c->request->count; k++) {
		rc = read_change(c->request, k, &change, err);
		if (rc == 0)
			rc = check_live(i, change.key, err);
		if (rc == 0 && c->request->reset)
			change_back(&copy->sections[0], files->section, change.key);
		else if (rc == 0)
			config_set(copy, label, change.key, change.value);
	}
	if (rc == 0)
		rc = adopt_options(c->host, i, &copy->sections[0], err);
	config_destroy(copy);
	return rc;
}

static int save(struct control_call *c, const struct files *files, struct aq_err *err)
{
	struct change change;
	int rc = AQ_OK;

	for (int k = 2; rc == 0 && k < c->request->count; k++) {
		rc = read_change(c->request, k, &change, err);
		if (rc == 0)
			rc = override_save(files->section->file, files->section->line, change.key, change.value, err);
	}
	return rc;
}

static void note(struct control_call *c, const char *section, bool forget)
{
	struct change change;
	struct aq_err err;

	for (int k = 2; k < c->request->count; k++)
		if (read_change(c->request, k, &change, &err) == 0 &&
			override_note(c->host, c->uid, section, change.key, forget ? "" : change.value) != 0)
			result_problem(&c->result, c->host->flow.now_ns, "the journal could not take note of %s: a restart forgets it",
				change.key);
}

static const struct column columns[] = {
	{"instance", "INSTANCE", 0}, {"option", "OPTION", 0}, {"before", "BEFORE", 0}, {"after", "AFTER", 0}, {0}};

/* How it was, while it still is so. */
static void tell_changes(struct control_call *c, const struct instance *i, const struct files *files)
{
	struct change change;
	struct aq_err err;

	result_table(&c->result, "set", TABLE_GRID, columns);
	for (int k = 2; k < c->request->count; k++) {
		const struct config_entry *before, *after;

		if (read_change(c->request, k, &change, &err) != 0 || !result_row(&c->result))
			continue;
		before = config_get(i->section, change.key);
		after = c->request->reset ? config_get(files->section, change.key) : NULL;
		result_cell(&c->result, "%s", i->name);
		result_cell(&c->result, "%s", change.key);
		result_cell(&c->result, "%s", before != NULL ? before->value : "default");
		result_cell(&c->result, "%s", !c->request->reset ? change.value : after != NULL ? after->value : "default");
	}
}

static void tell_next(struct control_call *c, const char *name, const struct files *files)
{
	if (c->request->save && c->result.code == CONTROL_DONE)
		result_hint(&c->result, "written to %s", files->section->file);
	else if (!c->request->reset)
		result_hint(&c->result, "kept over reloads and restarts; the file's value again: aqctl set %s KEY --reset; into the "
			"file: --save", name);
}

static void tell_not_saved(struct control_call *c, const struct aq_err *err)
{
	c->result.code = CONTROL_PARTLY;
	result_problem(&c->result, c->host->flow.now_ns, "%s It holds as an override.", err->text);
}

static int change_all(struct control_call *c, struct instance *i, struct aq_err *err)
{
	const struct control_request *r = c->request;
	struct files files = {0};
	char section[48], name[sizeof(i->name)];
	int rc = r->reset || r->save ? files_read(&files, c->host, i, err) : AQ_OK;

	override_section(i, section);
	memcpy(name, i->name, sizeof(name)); /* `i` may go: what its param does may have it replaced */
	if (rc == 0)
		tell_changes(c, i, &files);
	if (rc == 0)
		rc = apply(c, i, &files, err);
	if (rc == 0) {
		note(c, section, r->reset);
		if (r->save && save(c, &files, err) == 0)
			note(c, section, true);
		else if (r->save)
			tell_not_saved(c, err);
		tell_next(c, name, &files);
	}
	if (r->reset || r->save)
		files_close(&files);
	return rc;
}

/* ---- of what does not run ---- */

static bool all_are_set(struct control_call *c, const char *name)
{
	struct change change;
	struct aq_err err;

	for (int k = 2; k < c->request->count; k++) {
		if (read_change(c->request, k, &change, &err) == 0 && override_of(c->host, name, change.key) != NULL)
			continue;
		result_fail(&c->result, CONTROL_REFUSED, "%s does not run, and nothing is set for its %.80s. Nothing was changed.", name,
			c->request->words[k]);
		return false;
	}
	return true;
}

/* Its section is gone, or it is refused for just this. What the files say is for a reload to read. */
static void forget(struct control_call *c, const char *name)
{
	if (!all_are_set(c, name))
		return;
	result_table(&c->result, "set", TABLE_GRID, columns);
	for (int k = 2; k < c->request->count; k++) {
		const struct fact_override *o = override_of(c->host, name, c->request->words[k]);

		if (o == NULL) /* named twice */
			continue;
		if (result_row(&c->result)) {
			result_cell(&c->result, "%s", name);
			result_cell(&c->result, "%s", o->key);
			result_cell(&c->result, "%s", o->value);
			result_cell(&c->result, "forgotten");
		}
		if (override_note(c->host, c->uid, o->section, o->key, "") != 0)
			result_problem(&c->result, c->host->flow.now_ns, "the journal could not take note of %s: it stays set",
				c->request->words[k]);
	}
	result_hint(&c->result, "%s does not run; the file's value holds from the next reload on: aqctl reload %s", name, name);
}

/* All of it, or why not. */
static void change_running(struct control_call *c, struct instance *i)
{
	const struct control_request *asked = c->request;
	struct control_request joined;
	struct aq_err err = {0};

	join_values(asked, &joined);
	c->request = &joined;
	if (i->state != INSTANCE_RUNNING)
		result_fail(&c->result, CONTROL_FAILED, "%s does not run", i->name);
	else if (c->host->flow.overrides.count + (uint32_t)c->request->count - 2 > OVERRIDES_MAX)
		result_fail(&c->result, CONTROL_REFUSED, "more than %d overrides: write them into the file and reload", OVERRIDES_MAX);
	else if (change_all(c, i, &err) != 0)
		result_fail(&c->result, CONTROL_REFUSED, "%s Nothing was changed.", err.text);
	c->request = asked;
}

bool control_set(struct control_call *c)
{
	const char *name = c->request->words[1];
	struct instance *i = host_instance(c->host, name);
	bool forgets = c->request->reset && (i == NULL || i->state == INSTANCE_FAILED) && override_of(c->host, name, NULL) != NULL;

	if (i == NULL && !forgets)
		control_instance(c, name);
	else if (c->host->reload != NULL)
		result_fail(&c->result, CONTROL_FAILED, "a reload is under way: try again when it has ended");
	else if (forgets)
		forget(c, name);
	else
		change_running(c, i);
	return true;
}
