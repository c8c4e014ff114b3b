/* check_config.c: see check_config.h. */
#include "host/check_config.h"

#include "base/check.h"
#include "base/err.h"
#include "host/check_world.h"
#include "host/options.h"
#include "host/override.h"
#include "host/policy.h"
#include "host/rehearsal.h"
#include "host/section.h"
#include "host/start.h"
#include "host/state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A configuration in hand. */
struct checking {
	struct config *config;
	struct config_errors *errors, *doubts;
	struct host_options options;
	struct check_world *world;
	/* Of the sections, zero where there is no plugin or it could not be opened. */
	struct plugin *plugins;
	const struct aq_option **tables;
};

/* Another section before this one has the same plugin: what there is to say about it has been said. */
static bool is_named_before(const struct config *c, const struct config_section *s, const char *plugin)
{
	for (const struct config_section *at = c->sections; at < s; at++) {
		const struct config_entry *entry = config_get(at, "plugin");

		if (entry != NULL && strcmp(entry->value, plugin) == 0)
			return true;
	}
	return false;
}

/* True when it may be loaded. */
static bool lint_section(
	struct checking *k, const struct config_section *s, const struct config_entry *name, const char *path)
{
	bool again = is_named_before(k->config, s, name->value);
	struct lint l;

	lint_file(path, &l);
	lint_owner(path, &l);
	for (int i = 0; i < l.count; i++) {
		const struct lint_finding *f = &l.findings[i];

		if (f->refused || !again)
			config_error_value(f->refused ? k->errors : k->doubts, s, name, "%s%s %s: %s", f->refused ? "" : "warning: ", path,
				f->what, f->remedy);
	}
	return !lint_refused(&l);
}

/* False: it has been told why. */
static bool open_plugin(struct checking *k, const struct config_section *s, uint32_t kind, struct plugin *p)
{
	const struct config_entry *name = config_get(s, "plugin");
	struct aq_err err = {0};
	char path[512];

	if (name == NULL || name->value[0] == '\0')
		return false;
	if (plugin_find(name->value, k->options.plugin_path, path, sizeof(path), &err) == 0) {
		if (!lint_section(k, s, name, path))
			return false;
		if (plugin_open_file(p, path, kind, &err) == 0)
			return true;
	}
	config_error_value(k->errors, s, name, "%s.", err.text);
	return false;
}

/* That there is no such kind of section, and no plugin of its name. */
static bool is_told(const struct checking *k, const struct config_section *s)
{
	return section_kind(s->kind) == AQ_SERVICE && !options_is_service(s, &k->options);
}

static void check_section(struct checking *k, int index)
{
	const struct config_section *s = &k->config->sections[index];
	struct config_resolver resolver = check_world_resolver(k->world);
	uint32_t kind = section_kind(s->kind);

	if (kind == 0) {
		k->tables[index] = options_table(s->kind);
		return;
	}
	if (is_told(k, s) || !open_plugin(k, s, kind, &k->plugins[index]))
		return;
	k->tables[index] = k->plugins[index].table.options;
	config_fill(s, k->tables[index], options_known(kind), NULL, &resolver, k->errors, NULL);
}

/* What the plugin itself says of its options, in a child: it may crash. */
static void ask_plugin(struct checking *k, int index)
{
	const struct config_section *s = &k->config->sections[index];
	const struct plugin *p = &k->plugins[index];
	struct rehearsal r = {0};
	struct aq_err err = {0};

	if (section_kind(s->kind) == 0)
		return;
	rehearsal_collect(&r, &k->world->host, s, NULL, true);
	rehearsal_only_check(&r);
	if (rehearsal_run(&r, p->copy, p->path, section_kind(s->kind), START_PATIENCE * k->options.probe_timeout, &err) != 0)
		config_error_section(k->errors, s, NULL, "%s.", err.text);
	rehearsal_free(&r);
}

static void check_state_dir(struct checking *k, const char *path)
{
	const struct config_section none = {.kind = "host", .name = "", .file = path};
	const struct config_section *host = config_find(k->config, "host", "");
	struct aq_err err = {0};

	if (state_check(k->options.state_dir, &err) != 0)
		config_error_section(k->errors, host != NULL ? host : &none, "state_dir", "%s.", err.text);
}

static void check_all(struct checking *k, const char *path)
{
	bool right;

	options_read(k->config, path, &k->options, k->errors);
	k->tables = calloc((size_t)k->config->count + 1, sizeof(*k->tables));
	k->plugins = calloc((size_t)k->config->count + 1, sizeof(*k->plugins));
	k->world = calloc(1, sizeof(*k->world));
	CHECK(k->tables != NULL && k->plugins != NULL && k->world != NULL);
	k->world->errors = k->errors;
	k->world->doubts = k->doubts;
	check_world_open(k->world, k->config, &k->options);
	check_state_dir(k, path);
	options_check_positions(k->config, &k->world->host.flow, check_world_whole, k->world, k->errors);
	for (int i = 0; i < k->config->count; i++)
		check_section(k, i);
	right = config_errors_count(k->errors) == 0;
	for (int i = 0; right && i < k->config->count; i++)
		ask_plugin(k, i);
	check_world_close(k->world);
}

static void print_default(void *context, const char *key, const char *value)
{
	config_print_default(key, value, context);
}

static void print_section(const struct config_section *s, const struct aq_option *options)
{
	config_print_section(s, options, stdout);
	policies_defaults(s, print_default, stdout);
}

static void print_all(const struct checking *k, const char *path)
{
	static const char *const own[] = {"host", "log", "control", "journal"};

	printf("# %s as it takes effect, with what it includes, like, the environment, --set and defaults.\n"
	       "# A relative path is meant from the folder of the file that is named above it, a default from that of "
	       "%s.\n",
		path, path);
	for (int i = 0; i < k->config->count; i++)
		print_section(&k->config->sections[i], k->tables[i]);
	for (size_t i = 0; i < sizeof(own) / sizeof(*own); i++) {
		const struct config_section s = {.kind = own[i], .name = "", .file = "default"};

		if (config_find(k->config, own[i], "") == NULL)
			print_section(&s, options_table(own[i]));
	}
}

static void tell(const struct checking *k, const char *path, bool print)
{
	int count = config_errors_count(k->errors);

	config_errors_print(k->errors, stdout);
	config_errors_print(k->doubts, print && count == 0 ? stderr : stdout);
	if (count > 0)
		printf("%d error%s. Nothing was started or changed.\n", count, count == 1 ? "" : "s");
	else if (print)
		print_all(k, path);
	else
		printf("%s is in order.\n", path);
}

/* As a start and a reload take it. */
static void keep(struct checking *k, const char *text)
{
	struct fact_override o;

	if (!override_read(text, &o))
		config_error(k->errors, "command line", 0, NULL, NULL, "%.60s: write SECTION.KEY=VALUE.", text);
	else if (!config_set(k->config, o.section, o.key, o.value))
		config_error(k->doubts, "aqctl set", 0, o.section, o.key, "warning: the files have no such section: it is left out.");
}

int check_config(const char *path, struct check_words overrides, struct check_words kept, bool print)
{
	struct checking k = {.errors = config_errors_create(), .doubts = config_errors_create()};
	int count;

	k.config = config_load(path, overrides.list, overrides.count, k.errors);
	for (int i = 0; k.config != NULL && i < kept.count; i++)
		keep(&k, kept.list[i]);
	if (k.config != NULL)
		check_all(&k, path);
	tell(&k, path, print);
	count = config_errors_count(k.errors);
	free(k.world);
	free(k.plugins);
	free(k.tables);
	config_errors_destroy(k.errors);
	config_errors_destroy(k.doubts);
	config_destroy(k.config);
	return count == 0 ? 0 : 1;
}
