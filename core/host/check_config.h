/* check_config.h: what `aioquantd -t` and `-T` do. No socket is opened, nothing is started. */
#ifndef AQ_HOST_CHECK_CONFIG_H
#define AQ_HOST_CHECK_CONFIG_H

#include <stdbool.h>

/* Prints all errors of a configuration and what the lint warns about, or, with `print`, what it is once all is merged;
 * returns the exit status. */
int check_config(const char *path, const char *const *overrides, int override_count, bool print);

#endif
