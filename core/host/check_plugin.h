/* check_plugin.h: what `aioquantd --probe` and `--help PLUGIN` do. */
#ifndef AQ_HOST_CHECK_PLUGIN_H
#define AQ_HOST_CHECK_PLUGIN_H

#include <stdbool.h>

/* Prints what a plugin is, its options, and what the lint finds; returns the exit status: 1 when it is refused. `name` is a
 * path, or a bare name that is looked for in plugin_path of the configuration, without one (NULL) in the working folder,
 * in ../plugins and in ../lib/aioquant of this program. With `strict` warnings are refusals. */
int check_plugin(const char *name, const char *config, const char *const *overrides, int override_count, bool strict);

#endif
