/* lint_log.h: what the lint warns about, once for each code that this process has seen. */
#ifndef AQ_HOST_LINT_LOG_H
#define AQ_HOST_LINT_LOG_H

#include "host/lint.h"
#include "host/plugin.h"

#define LINT_TOLD 256

/* Zeroed at first; the oldest are forgotten. */
struct lint_told {
	char hashes[LINT_TOLD][PLUGIN_HASH_TEXT];
	uint32_t count;
};

/* Logs the warnings about a plugin's file, unless they have been for a file of the same bytes. One thread at a time. */
void lint_log(struct lint_told *told, const struct lint *l, const char *instance, const struct plugin *plugin);

#endif
