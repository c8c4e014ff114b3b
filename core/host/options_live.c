/* options_live.c: mode = live needs limits that somebody has thought of: a key, or the word none, for each that guards
 * money against a strategy gone wrong. */
#include "host/options.h"

#include "host/host.h"

#include <string.h>

/* The host's counts for all its accounts. */
static void need(const struct config_section *host, const struct config_section *account, const char *key,
	struct config_errors *e)
{
	if (config_get(account, key) == NULL && (host == NULL || config_get(host, key) == NULL))
		config_error_section(e, account, NULL,
			"mode is live and no %s applies to this account. Add one here or in [host], or write none.",
			key);
}

void options_check_live(const struct config *c, const struct host_options *o, struct config_errors *e)
{
	static const char *const needed[] = {"limit.position", "limit.order", "limit.loss_day"};
	const struct config_section *host = config_find(c, "host", "");

	for (int i = 0; o->mode == MODE_LIVE && i < c->count; i++)
		for (size_t k = 0; strcmp(c->sections[i].kind, "account") == 0 && k < sizeof(needed) / sizeof(*needed);
			k++)
			need(host, &c->sections[i], needed[k], e);
}
