/* check_plugin.c: see check_plugin.h. */
#include "host/check_plugin.h"

#include "base/err.h"
#include "host/host.h"
#include "host/options.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* ---- where it is ---- */

/* Beside this program, in a build and where it is installed. */
static void own_folders(char *out, size_t size)
{
	char self[512];
	ssize_t length = readlink("/proc/self/exe", self, sizeof(self) - 1);
	char *slash;

	self[length > 0 ? length : 0] = '\0';
	for (int i = 0; i < 2 && (slash = strrchr(self, '/')) != NULL; i++) /* from bin/aioquantd up */
		*slash = '\0';
	snprintf(out, size, ".\n%s/plugins\n%s/lib/aioquant", self, self);
}

/* What else is wrong with the file is for -t to say. */
static int configured_folders(const char *path, const char *const *overrides, int override_count, char *out, size_t size)
{
	struct config_errors *e = config_errors_create();
	struct config *c = config_load(path, overrides, override_count, e);
	struct host_options o;

	if (c == NULL) {
		config_errors_print(e, stderr);
	} else {
		options_read(c, path, &o, e);
		snprintf(out, size, "%s", o.plugin_path);
	}
	config_errors_destroy(e);
	config_destroy(c);
	return c != NULL ? 0 : -1;
}

static int find(const char *name, const char *config, const char *const *overrides, int override_count, char path[512])
{
	char folders[1600];

	if (strpbrk(name, "/.") != NULL) {
		snprintf(path, 512, "%s", name);
		return 0;
	}
	if (config == NULL)
		own_folders(folders, sizeof(folders));
	else if (configured_folders(config, overrides, override_count, folders, sizeof(folders)) != 0)
		return -1;
	if (plugin_find(name, folders, path, 512, NULL) == 0)
		return 0;
	for (char *at = folders; *at != '\0'; at++)
		*at = *at == '\n' ? ' ' : *at;
	fprintf(stderr, "aioquantd: no %s.so in %s: give its path, or -c FILE whose plugin_path has it\n", name, folders);
	return -1;
}

/* ---- what it is ---- */

/* Loads it, as only the lint has passed it, and looks at its table. */
static int show(const char *path)
{
	struct plugin p = {0};
	struct aq_err err = {0};

	if (plugin_open_file(&p, path, 0, &err) != 0) {
		fprintf(stderr, "aioquantd: %s\n", err.text);
		return 1;
	}
	printf("%s: %s %s, ABI %u.%u\n", path, plugin_kind_name(p.table.kind), p.table.name, p.table.abi_major,
		p.table.abi_minor);
	config_help(&p.table, stdout);
	return 0;
}

int check_plugin(const char *name, const char *config, const char *const *overrides, int override_count, bool strict)
{
	char path[512];
	struct lint l;
	int status = 1;

	if (find(name, config, overrides, override_count, path) != 0)
		return 1;
	lint_file(path, &l);
	lint_owner(path, &l);
	if (!lint_refused(&l))
		status = show(path);
	if (l.count > 0 && status == 0)
		printf("\n");
	lint_print(&l, path, strict, stdout);
	return strict && l.count > 0 ? 1 : status;
}
