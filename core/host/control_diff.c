/* control_diff.c: what runs, against the files as they are now, and what would bring both together. */
#include "base/check.h"
#include "flow/standing.h"
#include "host/control_call.h"
#include "host/control_format.h"
#include "host/errand.h"
#include "host/files_now.h"
#include "host/config_internal.h"
#include "host/section.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct diff {
	struct host *host;
	struct result *result;
	const char *only; /* NULL = all */
	struct files_now *files;
	int count;        /* what differs */
	bool named;       /* `only` is known somewhere */
};

/* A section that runs, and the same in the files; either may be NULL. */
struct pair {
	const struct config_section *running, *file;
	const struct instance *instance; /* that runs by it, or NULL */
	char label[CONFIG_LABEL_SIZE];
};

static const struct column columns[] = {{"section", "SECTION", 0}, {"key", "KEY", 0}, {"running", "RUNNING", 0},
	{"file", "FILE", 0}, {"takes", "IT WOULD TAKE", 0}, {0}};

static bool row(struct diff *d, const struct pair *p, const char *key, const char *running, const char *file)
{
	d->count++;
	if (!result_row(d->result))
		return false;
	result_cell(d->result, "[%s]", p->label);
	result_cell(d->result, "%s", key);
	result_cell(d->result, "%s", running);
	result_cell(d->result, "%s", file);
	return true;
}

/* ---- keys ---- */

static const char *shown(const char *key, const char *value)
{
	return value[0] != '\0' && config_sounds_secret(key) ? "(not shown)" : value;
}

/* All values of a key, those of different lines apart by `;`: for a person, who sees what was cut. */
static const char *values(const struct config_section *s, const char *key, char out[RESULT_CELL_MAX])
{
	size_t used = 0;

	out[0] = '\0';
	for (int i = 0; i < s->count && used < RESULT_CELL_MAX; i++)
		if (strcmp(s->entries[i].key, key) == 0)
			used += (size_t)snprintf(out + used, RESULT_CELL_MAX - used, "%s%s", used > 0 ? "; " : "",
				s->entries[i].value);
	if (used >= RESULT_CELL_MAX)
		memcpy(out + RESULT_CELL_MAX - sizeof("..."), "...", sizeof("..."));
	return shown(key, out);
}

static const struct aq_option *option_of(const struct pair *p, const char *key)
{
	const struct aq_option *o = p->instance->plugin->table.options;

	while (o != NULL && o->name != NULL && strcmp(o->name, key) != 0)
		o++;
	return o != NULL && o->name != NULL ? o : NULL;
}

static void takes_cell(struct diff *d, const struct pair *p, const char *key)
{
	const struct fact_override *set = overrides_find(&d->host->flow.overrides, p->label, key);
	const struct aq_option *option = p->instance != NULL ? option_of(p, key) : NULL;
	struct result *r = d->result;
	char who[FORMAT_SIZE];

	if (set != NULL)
		result_cell(r, "set by %s: aqctl set %s %s --reset, or %s=%s --save", format_user(set->uid, who), p->running->name, key,
			key, shown(key, set->value));
	else if (p->instance == NULL && strncmp(key, "limit.", 6) != 0)
		result_cell(r, "a restart");
	else if (p->instance == NULL)
		result_cell(r, "aqctl reload");
	else if (option != NULL && (option->flags & AQ_LIVE) != 0)
		result_cell(r, "aqctl reload %s: live, it goes on", p->instance->name);
	else
		result_cell(r, "aqctl reload %s: it begins anew with its state", p->instance->name);
}

static void compare_key(struct diff *d, const struct pair *p, const char *key)
{
	char running[RESULT_CELL_MAX], file[RESULT_CELL_MAX];

	if (!config_values_equal(p->running, p->file, key) &&
		row(d, p, key, values(p->running, key, running), values(p->file, key, file)))
		takes_cell(d, p, key);
}

static bool has_before(const struct config_section *s, int end, const char *key)
{
	for (int i = 0; i < end; i++)
		if (strcmp(s->entries[i].key, key) == 0)
			return true;
	return false;
}

static void compare_keys(struct diff *d, const struct pair *p)
{
	for (int i = 0; i < p->running->count; i++)
		if (!has_before(p->running, i, p->running->entries[i].key))
			compare_key(d, p, p->running->entries[i].key);
	for (int i = 0; i < p->file->count; i++)
		if (config_get(p->running, p->file->entries[i].key) == NULL && !has_before(p->file, i, p->file->entries[i].key))
			compare_key(d, p, p->file->entries[i].key);
}

/* ---- libraries ---- */

static void compare_library(struct diff *d, const struct pair *p)
{
	const struct files_library *library = files_now_library(d->files, p->file);
	const char *name = p->instance->name;

	if (strcmp(library->hash, p->instance->plugin->hash) == 0 ||
		!row(d, p, "(code)", p->instance->plugin->hash, library->hash[0] != '\0' ? library->hash : library->err.text))
		return;
	if (library->hash[0] != '\0')
		result_cell(d->result, "aqctl reload %s", name);
	else
		result_cell(d->result, "its library in plugin_path");
}

/* ---- sections ---- */

static bool is_host_kind(const struct config_section *s)
{
	return section_kind(s->kind) == 0;
}

static void compare_presence(struct diff *d, const struct pair *p, const struct config_section *there)
{
	uint32_t id = names_find(&d->host->flow.names, NAME_INSTANCE, there->name);
	bool quarantined = p->file != NULL && id != 0 && !is_host_kind(there) &&
		d->host->flow.instances[id].meter.standing.fact.state == STANDING_QUARANTINE;
	char place[RESULT_CELL_MAX] = "";

	if (p->file != NULL)
		snprintf(place, sizeof(place), "%.300s:%d", there->file, there->line);
	if (!row(d, p, "(section)", p->running != NULL ? "there" : quarantined ? "quarantined" : "", place))
		return;
	if (is_host_kind(there))
		result_cell(d->result, "a restart");
	else
		result_cell(d->result, quarantined ? "aqctl release %s" : "aqctl reload %s", there->name);
}

static void compare(struct diff *d, const struct config_section *running, const struct config_section *file,
	const struct instance *i)
{
	struct pair p = {.running = running, .file = file, .instance = i};
	const struct config_section *there = running != NULL ? running : file;

	if (d->only != NULL && strcmp(there->name, d->only) != 0)
		return;
	d->named = true;
	config_label(there, p.label);
	if (running == NULL || file == NULL) {
		compare_presence(d, &p, there);
		return;
	}
	compare_keys(d, &p);
	if (i != NULL)
		compare_library(d, &p);
}

static void compare_all(struct diff *d)
{
	const struct config *files = d->files->config, *running = d->host->config;
	const struct instance *i;
	uint32_t id = 0;

	for (int k = 0; k < running->count; k++) {
		const struct config_section *s = &running->sections[k];

		if (is_host_kind(s))
			compare(d, s, config_find(files, s->kind, s->name), NULL);
	}
	while ((i = control_next_instance(d->host, &id)) != NULL)
		compare(d, i->section, config_find(files, i->section->kind, i->name), i);
	for (int k = 0; k < files->count; k++) {
		const struct config_section *s = &files->sections[k];

		if (is_host_kind(s) ? config_find(running, s->kind, s->name) == NULL : host_instance(d->host, s->name) == NULL)
			compare(d, NULL, s, NULL);
	}
}

/* ---- the answer ---- */

/* All errors of the files, one a line. */
static void tell_errors(struct result *r, const struct config_errors *errors)
{
	uint32_t used = 0;
	char *text = malloc(RESULT_PREPARED_MAX);
	int count = config_errors_count(errors);

	CHECK(text != NULL);
	for (int i = 0; i < count && used < RESULT_PREPARED_MAX - 4096; i++)
		used += (uint32_t)snprintf(text + used, 2048, "%.2000s\n", config_errors_text(errors, i));
	used += (uint32_t)snprintf(text + used, 256, "%d error%s in the files: what runs cannot be compared with them.\n", count,
		count == 1 ? "" : "s");
	result_prepared(r, text, used);
	r->code = CONTROL_FAILED;
}

static void tell(struct diff *d)
{
	struct result *r = d->result;

	if (d->files->config == NULL) {
		tell_errors(r, d->files->errors);
		return;
	}
	result_table(r, "diff", TABLE_GRID, columns);
	compare_all(d);
	if (d->only != NULL && !d->named)
		result_fail(r, CONTROL_FAILED, "no instance %.48s runs, and no section of the files has that name", d->only);
	else if (d->count == 0)
		result_hint(r, "nothing differs");
	else
		result_hint(r, "what a reload would do: aqctl reload --plan");
}

/* ---- beside the loop ---- */

struct comparing {
	int64_t connection;
	struct control_request request;
	struct files_now files;
};

static void work(void *context)
{
	files_now_read(&((struct comparing *)context)->files);
}

static void done(struct host *h, void *context)
{
	struct comparing *k = context;
	struct result result;
	struct diff d = {.host = h, .result = &result, .files = &k->files};

	d.only = k->request.count > 1 ? k->request.words[1] : NULL;
	result_init(&result, "diff", k->request.skip);
	tell(&d);
	control_answer(h, k->connection, &k->request, &result);
}

static void free_comparing(void *context)
{
	struct comparing *k = context;

	files_now_finish(&k->files);
	free(k);
}

bool control_diff(struct control_call *c)
{
	struct comparing *k = calloc(1, sizeof(*k));
	const struct errand_job job = {.work = work, .done = done, .free = free_comparing, .context = k};

	CHECK(k != NULL);
	k->connection = c->connection;
	control_request_copy(&k->request, c->request);
	k->files.path = c->host->config_path;
	k->files.overrides = c->host->overrides;
	k->files.override_count = c->host->override_count;
	if (errand_begin(c->host, &job)) {
		result_finish(&c->result);
		return false;
	}
	free_comparing(k);
	result_fail(&c->result, CONTROL_FAILED, "another check or comparison is under way: try again when it has ended");
	return true;
}
