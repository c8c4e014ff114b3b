/* instance.c: see instance.h. */
#include "host/instance.h"

#include "base/check.h"
#include "base/err.h"
#include "base/log.h"
#include "flow/download.h"
#include "flow/market.h"
#include "flow/orders.h"
#include "host/call.h"
#include "host/helper.h"
#include "host/host.h"
#include "host/net_owner.h"
#include "host/options.h"
#include "host/plugin_call.h"
#include "host/reload.h"
#include "host/section.h"
#include "host/store.h"
#include "host/tap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool instance_is_replay(const struct config_section *section)
{
	const struct config_entry *venue = config_get(section, "venue");

	return config_get(section, "capture") != NULL && (venue == NULL || venue->value[0] == '\0');
}

static uint64_t seed_of(const struct host *h, const char *name)
{
	uint64_t seed = map_hash((uint64_t)h->options.seed, 1);

	for (; *name != '\0'; name++)
		seed = map_hash(seed, (uint8_t)*name);
	return seed;
}

int instance_fill(struct instance *i, int *pending, struct config_errors *errors)
{
	struct config_resolver resolver = host_resolver(i->host);

	return config_fill(i->section, i->plugin->table.options, options_known(i->kind), i->self, &resolver, errors, pending);
}

/* The first message of a list, as an error. */
static int first_error(const struct config_errors *errors, struct aq_err *err)
{
	return err_set(err, AQ_EINVAL, "%s", config_errors_count(errors) > 0 ? config_errors_text(errors, 0) : "?");
}

static int fill_and_check(struct instance *i, int *pending, struct aq_err *err)
{
	struct config_errors *errors = config_errors_create();
	int rc = AQ_OK;

	if (instance_fill(i, pending, errors) > 0)
		rc = first_error(errors, err);
	config_errors_destroy(errors);
	if (rc == 0 && *pending == 0)
		rc = plugin_call_check(i, err);
	return rc;
}

/* Room for the state of most instances, so that saving does not allocate. */
static void blob_reserve(struct blob *b)
{
	b->capacity = 32768;
	b->bytes = malloc(b->capacity);
	CHECK(b->bytes != NULL);
}

/* What a storage plugin calls, it calls on its own thread. A rehearsal gets no further than create and check. */
static void give_table(struct instance *i)
{
	if (i->kind != AQ_STORAGE || i->host->rehearsal) {
		api_table(i, &i->table);
		return;
	}
	i->worker = store_worker_create(i, &store_find(i->host, i->id)->queue, i->host->clock == CLOCK_REPLAY);
	store_worker_table(i->worker, &i->table);
}

int instance_create(struct host *h, uint32_t id, const char *name, const struct config_section *section,
	struct plugin *plugin, uint32_t generation, struct instance **out, int *pending, struct aq_err *err)
{
	struct instance *i = calloc(1, sizeof(*i));
	int rc;

	CHECK(i != NULL);
	*out = NULL;
	i->host = h;
	i->id = id;
	i->kind = plugin->table.kind;
	i->own = section_copy(section);
	i->section = &i->own->sections[0];
	i->plugin = plugin;
	i->generation = generation;
	i->reloaded_ns = generation > 1 ? host_wall_ns() : 0;
	i->state = INSTANCE_CREATED;
	i->now_ns = h->flow.now_ns;
	i->random[0] = seed_of(h, name);
	i->random[1] = map_hash(i->random[0], 2);
	snprintf(i->name, sizeof(i->name), "%s", name);
	blob_reserve(&i->written);
	blob_reserve(&i->draft);
	give_table(i);
	err->text[0] = '\0';
	rc = plugin_call_create(i, err);
	if (rc == 0 && i->self == NULL)
		rc = err_set(err, AQ_EINVAL, "create gave no instance");
	if (rc == 0)
		rc = fill_and_check(i, pending, err);
	if (rc != 0) {
		err_prefix(err, "%s: create", name);
		instance_destroy(i);
		return rc;
	}
	*out = i;
	return AQ_OK;
}

void blob_free(struct blob *b)
{
	free(b->bytes);
	*b = (struct blob){0};
}

static void free_plugin(void *context)
{
	plugin_free(context);
}

void instance_free_plugin(struct host *h, struct plugin *p)
{
	if (h->helper != NULL && p != NULL)
		helper_run(h->helper, free_plugin, p);
	else
		plugin_free(p);
}

void instance_destroy(struct instance *i)
{
	if (i == NULL)
		return;
	i->effects = false;
	if (i->state == INSTANCE_RUNNING && i->worker == NULL)
		plugin_call_stop(i);
	plugin_call_destroy(i);
	store_worker_destroy(i->worker);
	blob_free(&i->loaded);
	blob_free(&i->written);
	blob_free(&i->draft);
	blob_free(&i->previous_blob);
	config_destroy(i->previous_own);
	config_destroy(i->own);
	instance_free_plugin(i->host, i->previous_plugin);
	free(i->held.bytes);
	free(i);
}

/* The text of a market option as it stands in the section, or its default. */
static const char *market_text(const struct instance *i, const struct aq_option *option)
{
	const struct config_entry *entry = config_get(i->section, option->name);

	return entry != NULL ? entry->value : option->fallback;
}

bool instance_markets_known(const struct instance *i)
{
	const struct aq_option *option = i->plugin->table.options;
	struct aq_market market;

	for (; option != NULL && option->name != NULL; option++)
		if (option->type == AQ_OPT_MARKET && market_text(i, option) != NULL &&
			market_resolve(&i->host->flow, market_text(i, option), &market) != 0)
			return false;
	return true;
}

void instance_attach(struct instance *i)
{
	const struct aq_option *option = i->plugin->table.options;
	const uint32_t data = AQ_BOOK | AQ_TRADES | AQ_TICKER | AQ_FUNDING, how = AQ_LATEST;

	for (; option != NULL && option->name != NULL; option++) {
		const struct aq_market *m = (const void *)((const char *)i->self + option->offset);

		if (option->type != AQ_OPT_MARKET || m->instrument == 0)
			continue;
		flow_trade_on(&i->host->flow, i->id, m->account);
		if ((option->flags & data) != 0)
			market_subscribe(&i->host->flow, i->id, m->instrument, option->flags & (data | how));
	}
}

static int load_state(struct instance *i, struct aq_err *err)
{
	const struct aq_plugin *t = &i->plugin->table;
	struct aq_reader reader = {.size = sizeof(reader), .schema = i->loaded.schema, .bytes = i->loaded.bytes,
		.length = i->loaded.size};

	if (!i->loaded.there || t->load == NULL)
		return AQ_OK;
	if (i->loaded.schema < t->state_oldest || i->loaded.schema > t->state_schema)
		return err_set(err, AQ_EVERSION, "load refused the state: it has schema %u, the code takes %u to %u", i->loaded.schema,
			t->state_oldest, t->state_schema);
	return plugin_call_load(i, &reader, err);
}

int instance_start(struct instance *i, struct aq_err *err)
{
	int rc;

	i->now_ns = i->host->flow.now_ns; /* it may have waited for its markets since it was created */
	rc = load_state(i, err);
	blob_free(&i->loaded);
	if (rc != 0)
		return err_prefix(err, "%s: load", i->name), rc;
	i->effects = true;
	rc = plugin_call_start(i, err);
	i->host->flow.instances[i->id].why[0] = '\0';
	if (rc == 0 && i->failed)
		rc = err_set(err, AQ_EINVAL, "%s", i->why);
	if (rc != 0) {
		i->effects = false;
		return err_prefix(err, "%s: start", i->name), rc;
	}
	i->state = INSTANCE_RUNNING;
	return AQ_OK;
}

static void exchange_download(struct instance *i)
{
	struct flow *f = &i->host->flow;

	download_begin(f, i->id);
	options_tell_accounts(i->host, i->id);
	download_exchange(f, i->id);
	net_owner_tell(i->host, i->id);
	download_end(f, i->id);
}

static void go_live_strategy(struct instance *i, uint64_t fills_after)
{
	download_strategy(&i->host->flow, i->id, fills_after);
	stores_tell(i->host, i);
}

void instance_go_live(struct instance *i, uint64_t fills_after)
{
	struct flow_instance *fi = &i->host->flow.instances[i->id];

	fi->active = 1;
	fi->kind = i->kind;
	fi->stopping = 0;
	fi->withdrawn = 0;
	if (i->kind == AQ_EXCHANGE)
		exchange_download(i);
	else
		go_live_strategy(i, fills_after);
}

static int32_t blob_write(void *sink, const void *bytes, uint32_t length)
{
	struct blob *b = sink;

	if (b->size + (uint64_t)length > BLOB_MAX)
		return AQ_ESPACE;
	if (b->size + length > b->capacity) {
		uint32_t capacity = 2 * (b->size + length);
		uint8_t *grown = realloc(b->bytes, capacity);

		if (grown == NULL)
			return AQ_ESPACE;
		b->bytes = grown;
		b->capacity = capacity;
	}
	memcpy(b->bytes + b->size, bytes, length);
	b->size += length;
	return AQ_OK;
}

int instance_save(struct instance *i, struct blob *out)
{
	*out = (struct blob){0};
	return instance_save_again(i, out);
}

int instance_save_again(struct instance *i, struct blob *out)
{
	const struct aq_writer writer = {.size = sizeof(writer), .sink = out, .write = blob_write};
	int rc;

	*out = (struct blob){.bytes = out->bytes, .capacity = out->capacity, .schema = i->plugin->table.state_schema,
		.fills = i->host->flow.ledger.fill_number};
	if (i->plugin->table.save == NULL || i->worker != NULL)
		return AQ_ENOSYS;
	i->saving = true;
	rc = plugin_call_save(i, &writer);
	i->saving = false;
	if (rc != 0) {
		blob_free(out);
		return rc;
	}
	out->there = true;
	return AQ_OK;
}

/* Marshalled: the plugin sees a fresh copy, and whoever kept a pointer into the original finds it overwritten. */
static void deliver_marshalled(struct instance *i, const struct aq_event *event)
{
	uint32_t size = event->size;
	struct aq_event *fresh = malloc(size);

	CHECK(fresh != NULL);
	memcpy(fresh, event, size);
	memset((void *)(uintptr_t)event, 0xa5, size); /* the scratch, ours to spoil */
	plugin_call_event(i, fresh);
	memset(fresh, 0xa5, size);
	free(fresh);
}

void instance_deliver(struct instance *i, const struct aq_event *event)
{
	struct host *h = i->host;
	uint16_t type = event->type;

	i->now_ns = event->time_ns;
	i->events++;
	h->running = i;
	if (type == AQ_EV_DOWNLOAD_END)
		i->orders_allowed = true;
	if (h->options.marshal)
		deliver_marshalled(i, event);
	else
		plugin_call_event(i, event);
	h->running = NULL;
	h->flow.instances[i->id].why[0] = '\0'; /* it was about this event's orders */
	if (i->failed && i->state == INSTANCE_RUNNING && !h->rehearsal)
		instance_fail(i, i->why);
}

void instance_fail(struct instance *i, const char *why)
{
	struct flow *f = &i->host->flow;

	if (reload_watch_failed(i->host, i, why))
		return;
	log_line(AQ_LOG_ERROR, i->name, "taken out: %s", why);
	i->state = INSTANCE_FAILED;
	i->effects = false;
	f->instances[i->id].active = 0;
	f->instances[i->id].stopping = 1;
	timers_remove_owner(&i->host->timers, i->id);
	store_forget_owner(i->host, i->id);
	taps_drop(i->host, i->id, false);
	market_forget(f, i->id);
	if (i->kind == AQ_EXCHANGE) {
		net_owner_drop(i->host, i->id);
		market_venue(f, i->id, false);
	} else {
		orders_withdraw(f, i->id);
	}
}
