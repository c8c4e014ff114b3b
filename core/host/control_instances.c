/* control_instances.c: what runs, and from which library. */
#include "flow/standing.h"
#include "host/control_call.h"
#include "host/control_format.h"

#include <inttypes.h>
#include <string.h>

static const char *state_name(const struct instance *i)
{
	static const char *const names[] = {"?", "waiting", "running", "failed", "stopped"};

	return i->state < sizeof(names) / sizeof(*names) ? names[i->state] : "?";
}

struct instance *control_next_instance(const struct host *h, uint32_t *id)
{
	while (*id + 1 < INSTANCES_MAX && *id < names_count(&h->flow.names, NAME_INSTANCE))
		if (h->instances[++*id] != NULL)
			return h->instances[*id];
	return NULL;
}

static const struct column instance_columns[] = {{"instance", "INSTANCE", 0}, {"kind", "KIND", 0},
	{"state", "STATE", 0}, {"generation", "GEN", COLUMN_COUNT}, {"plugin", "PLUGIN", 0}, {"code", "CODE", 0},
	{"events", "EVENTS", COLUMN_COUNT}, {"orders", "ORDERS", COLUMN_COUNT}, {"denied", "DENIED", COLUMN_COUNT},
	{"back", "BACK TO", 0}, {"why", "WHY", 0}, {0}};

static void instance_row(struct control_call *c, const struct instance *i)
{
	const struct flow_meter *meter = &c->host->flow.instances[i->id].meter;
	struct result *r = &c->result;

	result_cell(r, "%s", i->name);
	result_cell(r, "%s", plugin_kind_name(i->kind));
	result_cell(r, "%s", state_name(i));
	result_cell(r, "%u", i->generation);
	result_cell(r, "%s", i->plugin->table.name);
	result_cell(r, "%s", i->plugin->hash);
	result_cell(r, "%" PRIu64, i->events);
	result_cell(r, "%u", meter->open);
	result_cell(r, "%" PRIu64, meter->denied);
	result_cell(r, "%s", i->previous_plugin != NULL ? i->previous_plugin->hash : "");
	result_cell(r, "%s", i->state == INSTANCE_FAILED ? i->why : "");
}

uint32_t control_next_quarantined(const struct host *h, uint32_t after)
{
	const struct flow *f = &h->flow;

	for (uint32_t id = after + 1; id <= names_count(&f->names, NAME_INSTANCE) && id < INSTANCES_MAX; id++)
		if (h->instances[id] == NULL && f->instances[id].meter.standing.fact.state == STANDING_QUARANTINE)
			return id;
	return 0;
}

/* It has no code, so the rest is what the flow knows. */
static void quarantined_row(struct control_call *c, uint32_t id)
{
	const struct flow_instance *i = &c->host->flow.instances[id];
	const struct fact_standing *fact = &i->meter.standing.fact;
	struct result *r = &c->result;

	result_cell(r, "%s", flow_instance_name(&c->host->flow, id));
	result_cell(r, "%s", i->kind != 0 ? plugin_kind_name(i->kind) : "");
	result_cell(r, "%s", standing_name(fact->state));
	for (int empty = 0; empty < 4; empty++) /* generation, plugin, code, events */
		result_cell(r, "%s", "");
	result_cell(r, "%u", i->meter.open);
	result_cell(r, "%" PRIu64, i->meter.denied);
	result_cell(r, "%s", "");
	result_cell(r, "%s%s%s", fact->who, fact->why[0] != '\0' ? ": " : "", fact->why);
}

bool control_instances(struct control_call *c)
{
	const struct instance *i;
	uint32_t id = 0;

	result_table(&c->result, "instances", TABLE_GRID, instance_columns);
	while ((i = control_next_instance(c->host, &id)) != NULL)
		if (result_row(&c->result))
			instance_row(c, i);
	id = 0;
	while ((id = control_next_quarantined(c->host, id)) != 0)
		if (result_row(&c->result))
			quarantined_row(c, id);
	return true;
}

static const struct column plugin_columns[] = {{"plugin", "PLUGIN", 0}, {"kind", "KIND", 0}, {"version", "VERSION", 0},
	{"code", "CODE", 0}, {"abi", "ABI", 0}, {"instances", "INSTANCES", COLUMN_COUNT}, {"summary", "SUMMARY", 0},
	{"file", "FILE", 0}, {0}};

static bool same_code(const struct plugin *a, const struct plugin *b)
{
	return strcmp(a->hash, b->hash) == 0 && strcmp(a->path, b->path) == 0;
}

/* How many instances run this code; 0 if an instance before `first` does, which has told of it. */
static unsigned users(const struct host *h, const struct instance *first)
{
	const struct instance *i;
	uint32_t id = 0;
	unsigned count = 0;

	while ((i = control_next_instance(h, &id)) != NULL) {
		if (!same_code(i->plugin, first->plugin))
			continue;
		if (count == 0 && i != first)
			return 0;
		count++;
	}
	return count;
}

static void plugin_row(struct control_call *c, const struct plugin *p, unsigned count)
{
	struct result *r = &c->result;

	result_cell(r, "%s", p->table.name);
	result_cell(r, "%s", plugin_kind_name(p->table.kind));
	result_cell(r, "%s", p->table.version != NULL ? p->table.version : "");
	result_cell(r, "%s", p->hash);
	result_cell(r, "%u.%u", p->table.abi_major, p->table.abi_minor);
	result_cell(r, "%u", count);
	result_cell(r, "%s", p->table.summary != NULL ? p->table.summary : "");
	result_cell(r, "%s", p->path);
}

bool control_plugins(struct control_call *c)
{
	const struct instance *i;
	uint32_t id = 0;

	result_table(&c->result, "plugins", TABLE_GRID, plugin_columns);
	while ((i = control_next_instance(c->host, &id)) != NULL) {
		unsigned count = users(c->host, i);

		if (count > 0 && result_row(&c->result))
			plugin_row(c, i->plugin, count);
	}
	return true;
}
