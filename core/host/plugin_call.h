/* plugin_call.h: the ways into a plugin's code: all of them, so that the host knows at any moment who runs. What a plugin
 * does not have is done at once. [loop] */
#ifndef AQ_HOST_PLUGIN_CALL_H
#define AQ_HOST_PLUGIN_CALL_H

#include "host/guard.h"
#include "host/instance.h"

int plugin_call_create(struct instance *i, struct aq_err *err);
int plugin_call_check(struct instance *i, struct aq_err *err);
int plugin_call_start(struct instance *i, struct aq_err *err);
void plugin_call_stop(struct instance *i);
void plugin_call_destroy(struct instance *i);
/* AQ_ENOSYS without one. */
int plugin_call_save(struct instance *i, const struct aq_writer *out);
int plugin_call_load(struct instance *i, const struct aq_reader *in, struct aq_err *err);

static inline void plugin_call_event(struct instance *i, const struct aq_event *event)
{
	guard_enter(i->id, GUARD_EVENT, event->type);
	i->plugin->table.on_event(i->self, event);
	guard_leave();
}

#endif
