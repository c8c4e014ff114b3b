/* overrides.c: see overrides.h. */
#include "flow/overrides.h"

#include "base/check.h"

#include <stdlib.h>
#include <string.h>

void overrides_finish(struct overrides *o)
{
	free(o->list);
	*o = (struct overrides){0};
}

static uint32_t place_of(const struct overrides *o, const char *section, const char *key)
{
	uint32_t i = 0;

	while (i < o->count && (strcmp(o->list[i].section, section) != 0 || strcmp(o->list[i].key, key) != 0))
		i++;
	return i;
}

const struct fact_override *overrides_find(const struct overrides *o, const char *section, const char *key)
{
	uint32_t at = place_of(o, section, key);

	return at < o->count ? &o->list[at] : NULL;
}

static bool is_text(const char *text, size_t size)
{
	return memchr(text, 0, size) != NULL;
}

bool overrides_fit(const struct overrides *o, const struct fact_override *fact)
{
	if (!is_text(fact->section, sizeof(fact->section)) || !is_text(fact->key, sizeof(fact->key)) ||
		!is_text(fact->value, sizeof(fact->value)) || fact->section[0] == '\0' || fact->key[0] == '\0')
		return false;
	return o->count < OVERRIDES_MAX || fact->value[0] == '\0' || overrides_find(o, fact->section, fact->key) != NULL;
}

void overrides_apply(struct overrides *o, const struct fact_override *fact)
{
	uint32_t at = place_of(o, fact->section, fact->key);

	if (fact->value[0] == '\0') {
		if (at == o->count)
			return;
		o->count--;
		memmove(&o->list[at], &o->list[at + 1], (o->count - at) * sizeof(*o->list));
		return;
	}
	if (o->list == NULL) {
		o->list = calloc(OVERRIDES_MAX, sizeof(*o->list));
		CHECK(o->list != NULL);
	}
	o->list[at] = *fact;
	o->count += at == o->count;
}
