/* override.c: see override.h. */
#include "host/override.h"

#include "base/check.h"
#include "flow/record.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void add(struct override_list *l, const char *text)
{
	l->list[l->count] = strdup(text);
	CHECK(l->list[l->count] != NULL);
	l->count++;
}

void override_list_make(const struct host *h, struct override_list *out)
{
	const struct overrides *o = &h->flow.overrides;
	char text[sizeof(struct fact_override) + 3];

	*out = (struct override_list){.list = calloc((size_t)h->override_count + o->count + 1, sizeof(*out->list))};
	CHECK(out->list != NULL);
	for (int i = 0; i < h->override_count; i++)
		add(out, h->overrides[i]);
	for (uint32_t i = 0; i < o->count; i++) {
		snprintf(text, sizeof(text), "%s.%s=%s", o->list[i].section, o->list[i].key, o->list[i].value);
		add(out, text);
	}
}

void override_list_free(struct override_list *l)
{
	for (int i = 0; i < l->count; i++)
		free(l->list[i]);
	free(l->list);
	*l = (struct override_list){0};
}

void override_section(const struct instance *i, char out[48])
{
	snprintf(out, 48, "%s:%.36s", i->kind == AQ_STRATEGY ? "strategy" : "exchange", i->name);
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

int override_count(const struct host *h)
{
	return h->override_count + (int)h->flow.overrides.count;
}
