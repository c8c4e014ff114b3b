/* start.c: see start.h. */
#include "host/start.h"

#include "base/err.h"
#include "base/log.h"
#include "flow/market.h"
#include "flow/standing.h"
#include "host/net_owner.h"
#include "host/options.h"
#include "host/plugin_call.h"
#include "host/stage.h"
#include "host/state.h"
#include "host/store.h"
#include "host/tap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TIMER_SAVE = 1 };

static void say_start(const struct instance *i)
{
	log_line(AQ_LOG_INFO, i->name, "started: %s %s %s, generation %u, %s", plugin_kind_name(i->kind), i->plugin->table.name,
		i->plugin->table.version != NULL ? i->plugin->table.version : "", i->generation, i->plugin->hash);
}

/* What the last run saved, unless it is damaged. */
static void take_saved(struct instance *i)
{
	if (state_read(i->host->options.state_dir, i->name, &i->loaded) == AQ_EFORMAT)
		log_line(AQ_LOG_ERROR, i->name, "its saved state is damaged: it starts without");
}

static int begin(struct instance *i, struct aq_err *err)
{
	uint64_t fills;
	int rc;

	take_saved(i);
	fills = i->loaded.there ? i->loaded.fills : UINT64_MAX;
	rc = instance_start(i, err);
	if (rc != 0)
		return rc;
	instance_go_live(i, fills);
	say_start(i);
	return AQ_OK;
}

int start_exchange(struct instance *i, struct aq_err *err)
{
	struct host *h = i->host;
	struct plugin *plugin = i->plugin;
	int rc = begin(i, err);

	if (rc == 0)
		return AQ_OK;
	timers_remove_owner(&h->timers, i->id);
	net_owner_drop(h, i->id);
	h->instances[i->id] = NULL;
	instance_destroy(i);
	instance_free_plugin(h, plugin);
	return rc;
}

int start_storage(struct instance *i, struct aq_err *err)
{
	struct host *h = i->host;
	struct plugin *plugin = i->plugin;
	int rc = store_start(h, i, err);

	if (rc == 0) {
		say_start(i);
		return AQ_OK;
	}
	h->instances[i->id] = NULL;
	instance_destroy(i);
	instance_free_plugin(h, plugin);
	return rc;
}

static int stage_now(struct host *h, const struct config_section *section, uint32_t kind, struct plugin **out,
	struct aq_err *err)
{
	struct stage *s = calloc(1, sizeof(*s));
	int rc = s == NULL ? err_set(err, AQ_ENOSYS, "out of memory") : stage_prepare(s, h, section, kind, err);

	if (rc == 0) {
		s->timeout_ns *= START_PATIENCE;
		rehearsal_collect(&s->rehearsal, h, section, NULL, true);
		if (kind == AQ_STORAGE) /* what it does from start on, it does to its back end */
			rehearsal_only_check(&s->rehearsal);
		stage_run(s);
		rehearsal_free(&s->rehearsal);
		rc = s->rc;
		*out = s->plugin;
		if (rc != 0)
			*err = s->err;
	}
	free(s);
	return rc;
}

bool start_is_barred(struct host *h, const char *name)
{
	uint32_t id = names_find(&h->flow.names, NAME_INSTANCE, name);

	return id != 0 && h->flow.instances[id].meter.standing.fact.state == STANDING_QUARANTINE;
}

int start_section(struct host *h, const struct config_section *section, uint32_t kind, struct aq_err *err)
{
	uint32_t id = flow_instance_id(&h->flow, section->name, kind);
	struct plugin *plugin = NULL;
	struct instance *i;
	int pending = 0, rc;

	if (id == 0 || id >= INSTANCES_MAX)
		return err_set(err, AQ_EINVAL, "%s: more than %d instances", section->name, INSTANCES_MAX - 1);
	rc = stage_now(h, section, kind, &plugin, err);
	if (rc == 0 && kind == AQ_STORAGE)
		rc = store_make(h, section, id, err);
	if (rc == 0)
		rc = instance_create(h, id, section->name, section, plugin, 1, &i, &pending, err);
	if (rc != 0) {
		plugin_free(plugin);
		return rc;
	}
	h->instances[id] = i;
	if (kind == AQ_EXCHANGE)
		return start_exchange(i, err);
	if (kind == AQ_STORAGE)
		return start_storage(i, err);
	h->waiting++;
	return AQ_OK;
}

/* True when it needs nothing more; its options are filled anew with what is known now. */
static bool is_complete(struct instance *i, struct aq_err *err)
{
	struct config_errors *errors = config_errors_create();
	int pending = 0;

	if (instance_fill(i, &pending, errors) > 0)
		err_set(err, AQ_EINVAL, "%s", config_errors_text(errors, 0));
	config_errors_destroy(errors);
	if (err->text[0] != '\0')
		return true;
	instance_attach(i); /* a quantity in quote currency needs a book first */
	if (pending == 0)
		plugin_call_check(i, err);
	return pending == 0;
}

static void start_one(struct host *h, struct instance *i)
{
	struct config_errors *errors;
	struct aq_err err = {0};

	if (!instance_markets_known(i) || !is_complete(i, &err))
		return;
	h->waiting--;
	errors = config_errors_create();
	if (options_apply_limits(h, errors) > 0)
		err_set(&err, AQ_EINVAL, "%s", config_errors_text(errors, 0));
	config_errors_destroy(errors);
	if (err.text[0] == '\0' && begin(i, &err) == 0) {
		if (i->kind == AQ_SERVICE)
			taps_forget_unopened(h, i);
		if (h->waiting == 0) /* all have their markets, so the exchanges have told theirs */
			options_warn_positions(h);
		host_drain(h);
		return;
	}
	instance_fail(i, err.text);
}

void start_waiting(struct host *h)
{
	for (uint32_t id = 1; id <= names_count(&h->flow.names, NAME_INSTANCE) && id < INSTANCES_MAX; id++)
		if (h->instances[id] != NULL && h->instances[id]->kind != AQ_EXCHANGE &&
			h->instances[id]->state == INSTANCE_CREATED)
			start_one(h, h->instances[id]);
}

static bool is_written(const struct instance *i)
{
	const struct blob *a = &i->draft, *b = &i->written;

	return b->there && a->size == b->size && a->schema == b->schema && a->fills == b->fills &&
		memcmp(a->bytes, b->bytes, a->size) == 0;
}

/* Two blobs take turns, so that saving allocates only as long as the state grows. */
static void write_draft(struct instance *i)
{
	const char *folder = i->host->options.state_dir;
	struct blob draft = i->draft;

	if (state_write(folder, i->name, &draft) != 0) {
		log_line(AQ_LOG_WARN, i->name, "its state could not be written to %s/saved", folder);
		return;
	}
	i->draft = i->written;
	i->written = draft;
}

void save_all(struct host *h, bool write)
{
	for (uint32_t id = 1; id <= names_count(&h->flow.names, NAME_INSTANCE) && id < INSTANCES_MAX; id++) {
		struct instance *i = h->instances[id];

		if (i == NULL || i->state != INSTANCE_RUNNING || instance_save_again(i, &i->draft) != 0)
			continue;
		if (write && !is_written(i))
			write_draft(i);
	}
}

void start_timers(struct host *h)
{
	struct timer t = {.at_ns = h->flow.now_ns + h->options.save_every, .period_ns = h->options.save_every,
		.id = timers_next_id(&h->timers), .tag = TIMER_SAVE};

	timers_add(&h->timers, &t);
}

void start_timer(struct host *h, uint64_t tag)
{
	int64_t wall = host_wall_ns();

	if (tag != TIMER_SAVE)
		return;
	/* A simulated clock may be much faster than the disk. The instances are asked all the same: two equal runs are. */
	save_all(h, h->clock == CLOCK_REAL || wall - h->saved_wall_ns >= h->options.save_every);
	h->saved_wall_ns = wall - h->saved_wall_ns >= h->options.save_every ? wall : h->saved_wall_ns;
}
