/* check_config.c: see check_config.h. */
#include "host/check_config.h"

#include "base/err.h"
#include "host/host.h"
#include "host/options.h"
#include "host/sim_options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A plugin's file as it lies there; mapped into this process only, which ends soon. */
static int open_in_place(struct plugin *p, const char *path, uint32_t kind, struct aq_err *err)
{
	char *real = realpath(path, NULL);

	snprintf(p->path, sizeof(p->path), "%s", path);
	snprintf(p->copy, sizeof(p->copy), "%s", real != NULL ? real : path);
	free(real);
	return plugin_open(p, kind, err);
}

static void complain(struct config_errors *e, const struct config_section *s, const char *key, const struct aq_err *err)
{
	const struct config_entry *entry = config_get(s, key);

	config_error(e, entry != NULL ? entry->file : s->file, entry != NULL ? entry->line : s->line, s->kind, key, "%s",
		err->text);
}

static void check_section(const struct host_options *o, const struct config *c, const struct config_section *s,
	uint32_t kind, struct config_errors *e)
{
	const struct config_entry *name = config_get(s, "plugin");
	struct plugin p = {0};
	struct aq_err err = {0};
	char path[512];

	if (name == NULL)
		return; /* has been told */
	if (plugin_find(name->value, o->plugin_path, path, sizeof(path), &err) != 0 ||
		open_in_place(&p, path, kind, &err) != 0) {
		complain(e, s, "plugin", &err);
		return;
	}
	config_fill(s, p.table.options, options_known(kind), NULL, NULL, e, NULL);
	if (kind == AQ_EXCHANGE && instance_is_replay(s)) {
		struct sim_options sim;

		sim_options_read(&sim, c, s, e);
		sim_options_free(&sim);
	}
}

int check_config(const char *path, const char *const *overrides, int override_count)
{
	struct config_errors *e = config_errors_create();
	struct config *c = config_load(path, overrides, override_count, e);
	struct host_options o;
	int count;

	if (c != NULL) {
		options_fill(c, &o, e);
		options_resolve_paths(&o, path);
		options_check_accounts(c, e);
		options_check_limits(c, &o, e);
	}
	for (int i = 0; c != NULL && i < c->count; i++) {
		if (strcmp(c->sections[i].kind, "exchange") == 0)
			check_section(&o, c, &c->sections[i], AQ_EXCHANGE, e);
		if (strcmp(c->sections[i].kind, "strategy") == 0)
			check_section(&o, c, &c->sections[i], AQ_STRATEGY, e);
	}
	count = config_errors_count(e);
	config_errors_print(e, stdout);
	if (count == 0)
		printf("%s is in order.\n", path);
	else
		printf("%d error%s. Nothing was started or changed.\n", count, count == 1 ? "" : "s");
	config_errors_destroy(e);
	config_destroy(c);
	return count == 0 ? 0 : 1;
}

int check_plugin(const char *path)
{
	struct plugin p = {0};
	struct aq_err err = {0};

	if (open_in_place(&p, path, 0, &err) != 0) {
		fprintf(stderr, "aioquantd: %s\n", err.text);
		return 1;
	}
	printf("%s: %s %s, ABI %u.%u\n", path, plugin_kind_name(p.table.kind), p.table.name, p.table.abi_major,
		p.table.abi_minor);
	config_help(&p.table, stdout);
	return 0;
}
