/* lint_log.c: see lint_log.h. */
#include "host/lint_log.h"

#include "base/log.h"

#include <string.h>

static bool was_told(struct lint_told *told, const char *hash)
{
	for (uint32_t i = 0; i < LINT_TOLD && i < told->count; i++)
		if (strcmp(told->hashes[i], hash) == 0)
			return true;
	snprintf(told->hashes[told->count++ % LINT_TOLD], PLUGIN_HASH_TEXT, "%s", hash);
	return false;
}

void lint_log(struct lint_told *told, const struct lint *l, const char *instance, const struct plugin *plugin)
{
	if (l->count == 0 || was_told(told, plugin->hash))
		return;
	for (int i = 0; i < l->count; i++)
		log_line(AQ_LOG_WARN, instance, "%s %s: %s", plugin->path, l->findings[i].what, l->findings[i].remedy);
}
