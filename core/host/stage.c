/* stage.c: see stage.h. */
#include "host/stage.h"

#include "base/err.h"
#include "host/host.h"

#include <stdio.h>
#include <string.h>

int stage_prepare(struct stage *s, struct host *h, const struct config_section *section, uint32_t kind,
	struct aq_err *err)
{
	const struct config_entry *plugin = config_get(section, "plugin");
	int rc;

	snprintf(s->instance, sizeof(s->instance), "%s", section->name);
	s->kind = kind;
	s->copy = ++h->copies;
	s->timeout_ns = h->options.probe_timeout;
	s->told = &h->lint_told;
	snprintf(s->folder, sizeof(s->folder), "%s/plugins", h->options.state_dir);
	if (plugin == NULL)
		return err_set(err, AQ_EINVAL, "%s: plugin is missing", section->name);
	rc = plugin_find(plugin->value, h->options.plugin_path, s->path, sizeof(s->path), err);
	return rc != 0 ? err_prefix(err, "%s", section->name), rc : AQ_OK;
}

/* Before any of it runs. */
static int judge(struct stage *s)
{
	struct lint l;

	lint_file(s->plugin->copy, &l);
	lint_owner(s->path, &l);
	if (lint_error(&l, s->path, &s->err) != 0)
		return s->err.code;
	lint_log(s->told, &l, s->instance, s->plugin);
	return AQ_OK;
}

void stage_run(struct stage *s)
{
	s->rc = plugin_copy(s->path, s->folder, s->instance, s->copy, &s->plugin, &s->err);
	if (s->rc == 0)
		s->rc = judge(s);
	if (s->rc == 0)
		s->rc = rehearsal_run(&s->rehearsal, s->plugin->copy, s->path, s->kind, s->timeout_ns, &s->err);
	if (s->rc == 0)
		s->rc = plugin_open(s->plugin, s->kind, &s->err);
	if (s->rc == 0)
		return;
	if (strncmp(s->err.text, s->instance, strlen(s->instance)) != 0) /* create, load and start say it themselves */
		err_prefix(&s->err, "%s", s->instance);
	plugin_free(s->plugin);
	s->plugin = NULL;
}
