/* check_config.h: what `aioquantd -t`, `-T` and `--probe` do. No socket is opened, nothing is started. */
#ifndef AQ_HOST_CHECK_CONFIG_H
#define AQ_HOST_CHECK_CONFIG_H

#include <stdbool.h>

/* Prints all errors of a configuration, or, with `print`, what it is once all is merged; returns the exit status. */
int check_config(const char *path, const char *const *overrides, int override_count, bool print);
/* Prints what a plugin is; returns the exit status. */
int check_plugin(const char *path);

#endif
