/* options_paths.c: paths of the host's own sections. Relative ones are meant from the folder of the configuration file.
 */
#include "host/options.h"

#include "host/host.h"

#include <string.h>
#include <sys/un.h>

/* False when it does not fit. */
static bool resolve(char *path, size_t size, const char *folder, size_t length)
{
	size_t own = strlen(path);

	if (path[0] == '\0' || path[0] == '/' || length == 0)
		return true;
	if (length + 1 + own >= size)
		return false;
	memmove(path + length + 1, path, own + 1);
	memcpy(path, folder, length);
	path[length] = '/';
	return true;
}

/* Each of the lines of a list, from the last to the first, so that those before it stay where they are. */
static bool resolve_list(char *list, size_t size, const char *folder, size_t length)
{
	size_t end = strlen(list);

	while (end > 0) {
		size_t start = end;

		while (start > 0 && list[start - 1] != '\n')
			start--;
		if (!resolve(list + start, size - start, folder, length))
			return false;
		end = start > 0 ? start - 1 : 0;
	}
	return true;
}

struct paths {
	const struct config *config;
	const char *file; /* the configuration's */
	struct config_errors *errors;
};

static void too_long(const struct paths *p, const char *kind, const char *key, size_t most)
{
	const struct config_section absent = {.kind = kind, .name = "", .file = p->file};
	const struct config_section *s = config_find(p->config, kind, "");
	const struct config_entry *entry = s != NULL ? config_get(s, key) : NULL;

	if (entry != NULL)
		config_error_value(
			p->errors, s, entry, "with the folders before it, it has more than %zu characters.", most);
	else
		config_error_section(p->errors, s != NULL ? s : &absent, key,
			"with the folders before it, the default has more than %zu characters. Write a shorter one.",
			most);
}

void options_resolve_paths(
	const struct config *c, struct host_options *o, const char *config_path, struct config_errors *e)
{
	const struct paths p = {.config = c, .file = config_path, .errors = e};
	const size_t socket_max = sizeof(((struct sockaddr_un *)0)->sun_path) - 1;
	const char *slash = strrchr(config_path, '/');
	size_t length = slash != NULL ? (size_t)(slash - config_path) : 0;

	if (!resolve(o->state_dir, sizeof(o->state_dir), config_path, length))
		too_long(&p, "host", "state_dir", sizeof(o->state_dir) - 1);
	if (!resolve_list(o->plugin_path, sizeof(o->plugin_path), config_path, length))
		too_long(&p, "host", "plugin_path", sizeof(o->plugin_path) - 1);
	if (!resolve(o->log_file, sizeof(o->log_file), config_path, length))
		too_long(&p, "log", "file", sizeof(o->log_file) - 1);
	if (!resolve(o->control_socket, sizeof(o->control_socket), config_path, length) ||
		strlen(o->control_socket) > socket_max ||
		(o->control_socket[0] == '\0' && strlen(o->state_dir) + strlen("/control.sock") > socket_max))
		too_long(&p, "control", "socket", socket_max);
}
