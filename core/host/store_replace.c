/* store_replace.c: see store_replace.h. */
#include "host/store_replace.h"

#include "base/err.h"
#include "base/log.h"
#include "host/guard.h"
#include "host/host.h"
#include "host/reload.h"
#include "host/section.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool store_replace_is_busy(const struct host *h, uint32_t id)
{
	const struct store *s = store_find(h, id);

	return s->coming != NULL || s->retiring != NULL || s->leaving != NULL;
}

int store_replace_begin(struct host *h, struct instance *old, struct plugin *plugin, const struct config_section *section,
	struct aq_err *err)
{
	struct store *s = store_find(h, old->id);
	struct instance *new_one;
	int pending = 0, rc;

	if (store_replace_is_busy(h, old->id))
		return err_set(err, AQ_ESTATE, "%s: the back end before still ends its calls; try again", old->name);
	rc = instance_create(h, old->id, old->name, section, plugin, old->generation + 1, &new_one, &pending, err);
	guard_know(old);
	if (rc != 0)
		return rc;
	rc = store_worker_start(new_one->worker, err);
	if (rc != 0) {
		instance_destroy(new_one);
		return rc;
	}
	new_one->state = INSTANCE_RUNNING;
	s->coming = new_one->worker;
	s->coming_instance = new_one;
	s->coming_up = s->coming_failed = false;
	s->coming_since_ns = host_wall_ns();
	snprintf(s->coming_why, sizeof(s->coming_why), "it did not come up within probe_timeout");
	return AQ_OK;
}

void store_coming(struct store *s, const struct aq_store_state *state)
{
	s->coming_up = state->up != 0;
	if (!state->up)
		snprintf(s->coming_why, sizeof(s->coming_why), "%s", state->text);
}

void store_coming_broken(struct store *s, const char *why)
{
	s->coming_failed = true;
	snprintf(s->coming_why, sizeof(s->coming_why), "%s", why);
}

enum store_coming store_replace_look(struct host *h, uint32_t id, struct aq_err *err)
{
	struct store *s = store_find(h, id);
	bool in_time = host_wall_ns() - s->coming_since_ns < h->options.probe_timeout;

	if (s->coming_up)
		return STORE_IS_UP;
	if (!s->coming_failed && in_time && s->up)
		return STORE_COMING;
	if (!s->coming_failed && !s->up) /* neither works: it is to be as the configuration says */
		return STORE_IS_UP;
	err_set(err, AQ_EINVAL, "%s: the new back end is not up, and the old one is: %s", s->coming_instance->name, s->coming_why);
	return STORE_IS_NOT;
}

void store_replace_give_up(struct host *h, uint32_t id)
{
	struct store *s = store_find(h, id);

	store_worker_stop(s->coming);
	s->leaving = s->coming;
	s->left = s->coming_instance;
	s->coming = NULL;
	s->coming_instance = NULL;
}

/* What going back would need. */
static void keep_previous(struct instance *new_one, struct instance *old)
{
	new_one->previous_plugin = old->plugin;
	new_one->previous_own = old->own;
	old->own = section_copy(old->section);
	old->section = &old->own->sections[0];
}

void store_replace_commit(struct host *h, uint32_t id, struct reload_result *result)
{
	struct store *s = store_find(h, id);
	struct instance *old = h->instances[id], *new_one = s->coming_instance;

	snprintf(result->before, sizeof(result->before), "%s", old->plugin->hash);
	snprintf(result->after, sizeof(result->after), "%s", new_one->plugin->hash);
	result->generation = new_one->generation;
	result->queued = s->asked;
	new_one->watch_until_ns = old->state == INSTANCE_FAILED ? 0 : h->flow.now_ns + h->options.reload_watch;
	keep_previous(new_one, old);
	h->instances[id] = new_one;
	guard_know(new_one);
	s->retiring = s->worker;
	s->retired = old;
	s->worker = s->coming;
	s->told_up = s->coming_up;
	snprintf(s->told_why, sizeof(s->told_why), "%s", s->coming_up ? "" : s->coming_why);
	s->coming = NULL;
	s->coming_instance = NULL;
	store_take_settings(s, new_one->section);
	store_worker_retire(s->retiring);
	store_tell_state(h, s, s->told_up, s->told_why);
}

int store_go_back(struct host *h, struct instance *i, struct reload_result *result, struct aq_err *err)
{
	struct plugin *plugin = i->previous_plugin;

	i->previous_plugin = NULL; /* it goes to the new instance */
	if (store_replace_begin(h, i, plugin, &i->previous_own->sections[0], err) != 0) {
		i->previous_plugin = plugin;
		return err->code;
	}
	log_line(AQ_LOG_WARN, i->name, "goes back to the code and options before the reload");
	store_replace_commit(h, i->id, result);
	return AQ_OK;
}
