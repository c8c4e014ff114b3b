/* plugin_call.c: see plugin_call.h. */
#include "host/plugin_call.h"

int plugin_call_create(struct instance *i, struct aq_err *err)
{
	int rc;

	guard_know(i);
	guard_enter(i->id, GUARD_CREATE, 0);
	rc = i->plugin->table.create(&i->table, &i->self, err);
	guard_leave();
	return rc;
}

int plugin_call_check(struct instance *i, struct aq_err *err)
{
	int rc = AQ_OK;

	if (i->plugin->table.check == NULL)
		return rc;
	guard_enter(i->id, GUARD_CHECK, 0);
	rc = i->plugin->table.check(i->self, err);
	guard_leave();
	return rc;
}

int plugin_call_start(struct instance *i, struct aq_err *err)
{
	int rc = AQ_OK;

	if (i->plugin->table.start == NULL)
		return rc;
	guard_enter(i->id, GUARD_START, 0);
	rc = i->plugin->table.start(i->self, err);
	guard_leave();
	return rc;
}

void plugin_call_stop(struct instance *i)
{
	if (i->plugin->table.stop == NULL)
		return;
	guard_enter(i->id, GUARD_STOP, 0);
	i->plugin->table.stop(i->self);
	guard_leave();
}

void plugin_call_destroy(struct instance *i)
{
	guard_enter(i->id, GUARD_DESTROY, 0);
	i->plugin->table.destroy(i->self);
	guard_leave();
}

int plugin_call_save(struct instance *i, const struct aq_writer *out)
{
	int rc;

	if (i->plugin->table.save == NULL)
		return AQ_ENOSYS;
	guard_enter(i->id, GUARD_SAVE, 0);
	rc = i->plugin->table.save(i->self, out);
	guard_leave();
	return rc;
}

int plugin_call_load(struct instance *i, const struct aq_reader *in, struct aq_err *err)
{
	int rc;

	guard_enter(i->id, GUARD_LOAD, 0);
	rc = i->plugin->table.load(i->self, in, err);
	guard_leave();
	return rc;
}
