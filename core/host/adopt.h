/* adopt.h: FREEZE, ADOPT, COMMIT, RESUME and RETIRE of one instance, in one go on the trading loop. */
#ifndef AQ_HOST_ADOPT_H
#define AQ_HOST_ADOPT_H

#include "host/reload.h"

#include <aioquant/abi.h>

struct plugin;
struct config_section;
struct blob;

/* Puts new code (`plugin`, its own from here on when this returns 0) and options in the place of a running instance.
 * `state`: what load gets; NULL = what the old one saves now; an empty one = none. All queues are drained before. On error
 * nothing has changed and err says why. */
int adopt(struct host *h, struct instance *old, struct plugin *plugin, const struct config_section *section,
	const struct blob *state, struct reload_result *result, struct aq_err *err);
/* New values of live options, together: check first, then one CONF event. */
int adopt_options(struct host *h, struct instance *i, const struct config_section *section, struct aq_err *err);
/* Takes an instance away, its orders by its policy. */
void adopt_removal(struct host *h, struct instance *i, struct reload_result *result);

#endif
