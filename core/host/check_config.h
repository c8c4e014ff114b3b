/* check_config.h: what `aioquantd -t` and `--probe` do. No socket is opened, nothing is started. */
#ifndef AQ_HOST_CHECK_CONFIG_H
#define AQ_HOST_CHECK_CONFIG_H

/* Prints all errors of a configuration; returns the exit status. */
int check_config(const char *path, const char *const *overrides, int override_count);
/* Prints what a plugin is; returns the exit status. */
int check_plugin(const char *path);

#endif
