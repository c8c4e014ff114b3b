/* control_params.c: options of instances as they are in force, and where each value comes from. */
#include "flow/overrides.h"
#include "host/config_option.h"
#include "host/control_call.h"
#include "host/control_format.h"
#include "host/override.h"

#include <stdio.h>
#include <string.h>

#define TEXT_MAX (OVERRIDE_VALUE_MAX + 64)

/* An option and what its section says of it. */
struct param {
	const struct instance *instance;
	const struct aq_option *option;
	char key[CONFIG_KEY_SIZE];        /* as it is written in a file */
	const struct config_entry *entry; /* NULL: its default holds */
};

static struct param param_of(const struct instance *i, const struct aq_option *option)
{
	struct param p = {.instance = i, .option = option};

	config_option_key(option, p.key, sizeof(p.key));
	p.entry = config_get(i->section, p.key);
	return p;
}

static bool differs(const struct param *p)
{
	return p->entry != NULL && (p->option->fallback == NULL || strcmp(p->entry->value, p->option->fallback) != 0);
}

/* The last value counts; of a list each is one of its items. */
static void value_cell(struct result *r, const struct param *p)
{
	const struct config_section *s = p->instance->section;
	char text[TEXT_MAX] = "";
	size_t used = 0;

	if (config_sounds_secret(p->key)) {
		result_cell(r, "(not shown)");
		return;
	}
	if (p->entry == NULL || p->option->type != AQ_OPT_LIST) {
		result_cell(r, "%s", p->entry != NULL ? p->entry->value : p->option->fallback != NULL ? p->option->fallback : "");
		return;
	}
	for (int i = 0; i < s->count && used < sizeof(text); i++)
		if (strcmp(s->entries[i].key, p->key) == 0)
			used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%s", used > 0 ? ", " : "", s->entries[i].value);
	result_cell(r, "%s", text);
}

static void from_cell(struct control_call *c, const struct param *p)
{
	const struct fact_override *set;
	char section[48], who[FORMAT_SIZE], when[16];

	override_section(p->instance, section);
	set = overrides_find(&c->host->flow.overrides, section, p->key);
	if (set != NULL)
		result_cell(&c->result, "aqctl set by %s %s", format_user(set->uid, who), format_clock(set->time_ns, when));
	else if (p->entry == NULL)
		result_cell(&c->result, "default");
	else if (p->entry->line > 0)
		result_cell(&c->result, "%s:%d", p->entry->file, p->entry->line);
	else
		result_cell(&c->result, "%s", p->entry->file);
}

static void cells(struct control_call *c, const struct param *p)
{
	struct result *r = &c->result;

	result_cell(r, "%s", p->option->name);
	value_cell(r, p);
	result_cell(r, "%s", config_sounds_secret(p->key) || p->option->fallback == NULL ? "" : p->option->fallback);
	from_cell(c, p);
	result_cell(r, "%s", (p->option->flags & AQ_LIVE) != 0 ? "live" : "");
}

static const struct column one_columns[] = {{"option", "OPTION", 0}, {"value", "VALUE", 0}, {"default", "DEFAULT", 0},
	{"from", "FROM", 0}, {"live", "LIVE", 0}, {"help", "HELP", 0}, {0}};
static const struct column all_columns[] = {{"instance", "INSTANCE", 0}, {"option", "OPTION", 0}, {"value", "VALUE", 0},
	{"default", "DEFAULT", 0}, {"from", "FROM", 0}, {"live", "LIVE", 0}, {0}};

static void tell_one(struct control_call *c, const struct instance *i)
{
	const struct aq_option *o = i->plugin->table.options;

	result_table(&c->result, "params", TABLE_GRID, one_columns);
	for (; o != NULL && o->name != NULL; o++) {
		struct param p = param_of(i, o);

		if (!result_row(&c->result))
			continue;
		cells(c, &p);
		result_cell(&c->result, "%s", o->help != NULL ? o->help : "");
	}
	result_hint(&c->result, "change what is live: aqctl set %s KEY=VALUE; the rest: in the file, then aqctl reload %s",
		i->name, i->name);
}

static void tell_differing(struct control_call *c, const struct instance *i)
{
	const struct aq_option *o = i->plugin->table.options;

	for (; o != NULL && o->name != NULL; o++) {
		struct param p = param_of(i, o);

		if (!differs(&p) || !result_row(&c->result))
			continue;
		result_cell(&c->result, "%s", i->name);
		cells(c, &p);
	}
}

bool control_params(struct control_call *c)
{
	const struct instance *i;
	uint32_t id = 0;

	if (c->request->count > 1) {
		i = control_instance(c, c->request->words[1]);
		if (i != NULL)
			tell_one(c, i);
		return true;
	}
	result_table(&c->result, "params", TABLE_GRID, all_columns);
	while ((i = control_next_instance(c->host, &id)) != NULL)
		tell_differing(c, i);
	result_hint(&c->result, "only what differs from its default; all of one: aqctl params INSTANCE");
	return true;
}
