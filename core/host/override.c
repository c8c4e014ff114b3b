/* override.c: see override.h. */
#include "host/override.h"

#include "base/check.h"
#include "base/log.h"
#include "flow/record.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *name_of(const struct fact_override *o)
{
	const char *colon = strchr(o->section, ':');

	return colon != NULL ? colon + 1 : o->section;
}

static bool runs(struct host *h, const struct fact_override *o)
{
	const struct instance *i = host_instance(h, name_of(o));
	char section[48];

	if (i == NULL)
		return false;
	override_section(i, section);
	return strcmp(section, o->section) == 0;
}

void override_list_make(struct host *h, struct override_list *out)
{
	const struct overrides *o = &h->flow.overrides;

	*out = (struct override_list){.list = calloc(o->count + 1, sizeof(*out->list)), .count = o->count};
	CHECK(out->list != NULL);
	for (uint32_t i = 0; i < o->count; i++)
		out->list[i] = (struct override){.fact = o->list[i], .runs = runs(h, &o->list[i])};
}

void override_list_free(struct override_list *l)
{
	free(l->list);
	*l = (struct override_list){0};
}

void override_list_apply(const struct override_list *l, struct config *c)
{
	for (uint32_t i = 0; i < l->count; i++) {
		const struct fact_override *o = &l->list[i].fact;

		if (!config_set(c, o->section, o->key, o->value) && !l->list[i].runs)
			log_line(AQ_LOG_WARN, name_of(o), "%s, which aqctl set, is left out: the files have no [%s] any more. aqctl set %s "
				"%s --reset forgets it.", o->key, o->section, name_of(o), o->key);
	}
}

void override_list_put(const struct override_list *l, struct config *c)
{
	for (uint32_t i = 0; i < l->count; i++)
		config_set(c, l->list[i].fact.section, l->list[i].fact.key, l->list[i].fact.value);
}

void override_section(const struct instance *i, char out[48])
{
	snprintf(out, 48, "%s:%.36s", plugin_kind_name(i->kind), i->name);
}

int override_note(struct host *h, uint32_t uid, const char *section, const char *key, const char *value)
{
	struct fact_override fact = {.time_ns = h->flow.now_ns, .uid = uid};

	if (strlen(section) >= sizeof(fact.section) || strlen(key) >= sizeof(fact.key) || strlen(value) >= sizeof(fact.value))
		return AQ_EINVAL;
	memcpy(fact.section, section, strlen(section));
	memcpy(fact.key, key, strlen(key));
	memcpy(fact.value, value, strlen(value));
	return record_fact(&h->flow, FACT_OVERRIDE, &fact, sizeof(fact));
}

void override_forget(struct host *h, const struct instance *i)
{
	const struct overrides *o = &h->flow.overrides;
	char section[48];

	override_section(i, section);
	for (uint32_t k = o->count; k-- > 0;)
		if (strcmp(o->list[k].section, section) == 0 && override_note(h, (uint32_t)getuid(), section, o->list[k].key, "") != 0)
			log_line(AQ_LOG_ERROR, i->name, "the journal could not forget %s, which aqctl set: aqctl set %s %s --reset",
				o->list[k].key, i->name, o->list[k].key);
}

const struct fact_override *override_of(const struct host *h, const char *name, const char *key)
{
	const struct overrides *o = &h->flow.overrides;

	for (uint32_t i = 0; i < o->count; i++)
		if (strcmp(name_of(&o->list[i]), name) == 0 && (key == NULL || strcmp(o->list[i].key, key) == 0))
			return &o->list[i];
	return NULL;
}

void override_write(const struct fact_override *o, char out[OVERRIDE_TEXT_MAX])
{
	snprintf(out, OVERRIDE_TEXT_MAX, "%s.%s=%s", o->section, o->key, o->value);
}

static bool take(const char *text, const char *end, char *out, size_t size)
{
	size_t length = end != NULL && end > text ? (size_t)(end - text) : 0;

	if (length == 0 || length >= size)
		return false;
	memcpy(out, text, length);
	out[length] = '\0';
	return true;
}

/* No section has a point in its name, and no key an equals sign. */
bool override_read(const char *text, struct fact_override *out)
{
	const char *point = strchr(text, '.'), *equals = strchr(text, '=');

	*out = (struct fact_override){0};
	return point != NULL && equals != NULL && take(text, point, out->section, sizeof(out->section)) &&
		take(point + 1, equals, out->key, sizeof(out->key)) &&
		take(equals + 1, equals + 1 + strlen(equals + 1), out->value, sizeof(out->value));
}

int override_count(const struct host *h)
{
	return h->override_count + (int)h->flow.overrides.count;
}
