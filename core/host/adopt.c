/* adopt.c: see adopt.h. */
#include "host/adopt.h"

#include "base/check.h"
#include "base/err.h"
#include "base/log.h"
#include "flow/candles.h"
#include "flow/market.h"
#include "flow/orders.h"
#include "host/call.h"
#include "host/host.h"
#include "host/net_owner.h"
#include "host/operator.h"
#include "host/options.h"
#include "host/plugin_call.h"
#include "host/policy.h"
#include "host/section.h"
#include "host/state.h"
#include "host/store.h"
#include "host/tap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int copy_blob(const struct blob *from, struct blob *to)
{
	*to = *from;
	to->bytes = malloc(from->size + 1);
	if (to->bytes == NULL)
		return AQ_ENOSYS;
	if (from->size > 0)
		memcpy(to->bytes, from->bytes, from->size);
	return AQ_OK;
}

/* The new instance: created, its options filled, ready to load. It has done nothing yet. */
static int prepare(struct host *h, const struct instance *old, struct plugin *plugin, const struct config_section *section,
	struct instance **out, struct aq_err *err)
{
	int pending = 0, rc;

	rc = instance_create(h, old->id, old->name, section, plugin, old->generation + 1, out, &pending, err);
	if (rc != 0)
		return rc;
	if (pending > 0 || !instance_markets_known(*out)) {
		instance_destroy(*out);
		return err_set(err, AQ_EINVAL, "%s: a market or price of the new options is not known yet; try again when it is",
			old->name);
	}
	return AQ_OK;
}

/* Markets that only the old options named. */
static void drop_old_markets(struct host *h, const struct instance *old, const struct instance *new_one)
{
	const struct aq_option *option = old->plugin->table.options;

	for (; option != NULL && option->name != NULL; option++) {
		const struct aq_market *m = (const void *)((const char *)old->self + option->offset);
		const struct aq_option *other = new_one->plugin->table.options;
		bool stays = false;

		if (option->type != AQ_OPT_MARKET || m->instrument == 0)
			continue;
		for (; other != NULL && other->name != NULL; other++)
			stays |= other->type == AQ_OPT_MARKET &&
				((const struct aq_market *)(const void *)((const char *)new_one->self + other->offset))->instrument == m->instrument;
		if (stays)
			continue;
		candles_forget_market(&h->flow, old->id, m->instrument);
		market_unsubscribe(&h->flow, old->id, m->instrument, UINT32_MAX);
	}
}

/* What going back would need: the code, options and state that were there before. */
static void keep_previous(struct instance *new_one, struct instance *old, struct blob *saved)
{
	new_one->previous_plugin = old->plugin;
	new_one->previous_own = old->own;
	new_one->previous_blob = *saved;
	old->own = NULL;
	*saved = (struct blob){0};
}

static void retire(struct instance *old)
{
	old->effects = false;
	if (old->state == INSTANCE_RUNNING)
		plugin_call_stop(old);
	old->state = INSTANCE_STOPPED;
	instance_destroy(old);
}

/* Nothing here can fail. */
static void commit(
	struct host *h, struct instance *old, struct instance *new_one, struct blob *saved, uint64_t fills, bool anew)
{
	if (old->state == INSTANCE_CREATED)
		h->waiting--;
	drop_old_markets(h, old, new_one);
	keep_previous(new_one, old, saved);
	h->instances[old->id] = new_one;
	/* what a failure has gone back to is not watched itself: the two would take turns for ever */
	new_one->watch_until_ns = old->state == INSTANCE_FAILED ? 0 : h->flow.now_ns + h->options.reload_watch;
	if (anew) /* it sets its timers again and does not know of those before */
		timers_remove_owner(&h->timers, old->id);
	h->flow.instances[old->id].active = 0; /* nothing reaches it before its download */
	instance_attach(new_one);
	instance_go_live(new_one, fills);
	taps_renew(h, new_one->id);
	call_release(new_one);
	taps_settle(h, new_one->id);
}

int adopt(struct host *h, struct instance *old, struct plugin *plugin, const struct config_section *section,
	const struct blob *state, struct reload_result *result, struct aq_err *err)
{
	struct instance *new_one, *in_force;
	struct blob saved = {0};
	uint32_t id = old->id;
	int64_t frozen_at;
	uint64_t fills = h->flow.ledger.fill_number;
	int rc = prepare(h, old, plugin, section, &new_one, err);

	guard_know(old);
	if (rc != 0)
		return rc;
	frozen_at = host_wall_ns();
	result->queued = queue_waiting(&h->flow.out, old->id);
	if (old->state == INSTANCE_RUNNING)
		instance_save(old, &saved);
	else if (state == NULL && state_read(h->options.state_dir, old->name, &saved) == 0)
		fills = saved.fills; /* it has not run, or no longer: what the disk has */
	rc = copy_blob(state != NULL ? state : &saved, &new_one->loaded);
	if (state != NULL && state->there)
		fills = state->fills;
	new_one->holding = true;
	guard_know(new_one);
	if (rc == 0)
		rc = instance_start(new_one, err);
	if (rc != 0) {
		instance_destroy(new_one);
		guard_know(old);
		blob_free(&saved);
		return rc;
	}
	snprintf(result->before, sizeof(result->before), "%s", old->plugin->hash);
	snprintf(result->after, sizeof(result->after), "%s", plugin->hash);
	commit(h, old, new_one, &saved, fills, state != NULL && !state->there);
	result->generation = new_one->generation;
	result->orders = h->flow.instances[new_one->id].meter.open;
	host_drain(h);
	result->frozen_ns = host_wall_ns() - frozen_at;
	guard_know(old);
	retire(old);
	in_force = h->instances[id];
	if (in_force == NULL)
		return AQ_OK;
	guard_know(in_force);
	if (in_force != new_one) { /* which is gone: it failed with its first events */
		result->outcome = RELOAD_REFUSED;
		result->generation = in_force->generation;
		snprintf(result->text, sizeof(result->text), "it failed with its first events: it has gone back to the code before");
	}
	return AQ_OK;
}

/* ---- live options ---- */

/* Values of all option fields, one behind the other. */
static size_t option_bytes(const struct instance *i)
{
	const struct aq_option *option = i->plugin->table.options;
	size_t bytes = 0;

	for (; option != NULL && option->name != NULL; option++)
		bytes += option->size;
	return bytes;
}

static void swap_options(struct instance *i, uint8_t *values, bool out)
{
	const struct aq_option *option = i->plugin->table.options;

	for (; option != NULL && option->name != NULL; option++) {
		uint8_t *field = (uint8_t *)i->self + option->offset;

		if (out)
			memcpy(values, field, option->size);
		else
			memcpy(field, values, option->size);
		values += option->size;
	}
}

static int fill_from(struct instance *i, const struct config_section *section, struct aq_err *err)
{
	struct config_resolver resolver = host_resolver(i->host);
	struct config_errors *errors = config_errors_create();
	int pending = 0, rc = AQ_OK;

	if (config_fill(section, i->plugin->table.options, options_known(i->kind), i->self, &resolver, errors, &pending) > 0)
		rc = err_set(err, AQ_EINVAL, "%s", config_errors_text(errors, 0));
	config_errors_destroy(errors);
	if (rc == 0 && pending > 0)
		rc = err_set(err, AQ_EINVAL, "%s: a price or quantity cannot be resolved yet", i->name);
	if (rc == 0)
		rc = plugin_call_check(i, err);
	return rc;
}

int adopt_options(struct host *h, struct instance *i, const struct config_section *section, struct aq_err *err)
{
	uint8_t *before = calloc(1, option_bytes(i) + 1);
	int rc;

	CHECK(before != NULL);
	swap_options(i, before, true);
	rc = fill_from(i, section, err);
	if (rc != 0) {
		swap_options(i, before, false);
		free(before);
		return rc;
	}
	free(before);
	config_destroy(i->own);
	i->own = section_copy(section);
	i->section = &i->own->sections[0];
	flow_event(&h->flow, i->id, AQ_EV_CONF, 0);
	host_drain(h);
	return AQ_OK;
}

/* ---- removal ---- */

void adopt_removal(struct host *h, struct instance *i, struct reload_result *result)
{
	struct flow_instance *f = &h->flow.instances[i->id];
	struct plugin *plugin = i->plugin;

	f->active = 0;
	f->stopping = 1;
	if (i->kind == AQ_STORAGE) {
		h->instances[i->id] = NULL;
		store_remove(h, i);
		return;
	}
	if (i->state == INSTANCE_CREATED)
		h->waiting--;
	timers_remove_owner(&h->timers, i->id);
	store_forget_owner(h, i->id);
	taps_drop(h, i->id, true);
	market_forget(&h->flow, i->id);
	if (i->kind == AQ_STRATEGY && options_cancels_on_stop(i->section))
		orders_withdraw(&h->flow, i->id);
	if (i->kind == AQ_STRATEGY && policy_on_stop(i->section).orders == POLICY_FLATTEN)
		operator_flatten_at_stop(h, i->id);
	if (i->kind == AQ_EXCHANGE)
		net_owner_drop(h, i->id);
	result->orders = f->meter.open;
	h->instances[i->id] = NULL;
	host_drain(h);
	retire(i);
	instance_free_plugin(h, plugin);
}
