/* files_now.c: see files_now.h. */
#include "host/files_now.h"

#include "base/check.h"
#include "host/options.h"
#include "host/section.h"

#include <stdlib.h>
#include <string.h>

static void read_library(const struct files_now *f, const struct config_section *s, struct files_library *out)
{
	const struct config_entry *plugin = config_get(s, "plugin");
	char path[512];

	if (plugin == NULL || section_kind(s->kind) == 0)
		return;
	if (plugin_find(plugin->value, f->options.plugin_path, path, sizeof(path), &out->err) != 0 ||
		plugin_hash(path, out->hash, &out->err) != 0)
		out->hash[0] = '\0';
}

void files_now_read(struct files_now *f)
{
	f->errors = config_errors_create();
	f->config = config_load(f->path, f->overrides, f->override_count, f->errors);
	if (f->config != NULL)
		options_read(f->config, f->path, &f->options, f->errors);
	if (config_errors_count(f->errors) > 0) {
		config_destroy(f->config);
		f->config = NULL;
		return;
	}
	f->libraries = calloc((size_t)f->config->count + 1, sizeof(*f->libraries));
	CHECK(f->libraries != NULL);
	for (int i = 0; i < f->config->count; i++)
		read_library(f, &f->config->sections[i], &f->libraries[i]);
}

const struct files_library *files_now_library(const struct files_now *f, const struct config_section *s)
{
	return &f->libraries[s - f->config->sections];
}

void files_now_finish(struct files_now *f)
{
	config_errors_destroy(f->errors);
	config_destroy(f->config);
	free(f->libraries);
}
