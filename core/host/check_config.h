/* check_config.h: what `aioquantd -t` and `-T` do. No socket is opened, nothing is started. */
#ifndef AQ_HOST_CHECK_CONFIG_H
#define AQ_HOST_CHECK_CONFIG_H

#include <stdbool.h>

struct check_words {
	const char *const *list;
	int count;
};

/* Prints all errors of a configuration and what the lint warns about, or, with `print`, what it is once all is merged;
 * returns the exit status. `overrides`: as config_load takes them; `kept`: what operators have set, see override_write. */
int check_config(const char *path, struct check_words overrides, struct check_words kept, bool print);

#endif
