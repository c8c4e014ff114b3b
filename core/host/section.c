/* section.c: see section.h. */
#include "host/section.h"

#include "host/config_internal.h"

#include <string.h>

uint32_t section_kind(const char *kind)
{
	static const struct {
		const char *name;
		uint32_t kind;
	} kinds[] = {{"strategy", AQ_STRATEGY}, {"exchange", AQ_EXCHANGE}, {"storage", AQ_STORAGE}, {"account", 0},
		{"host", 0}, {"log", 0}, {"control", 0}, {"journal", 0}};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (strcmp(kinds[i].name, kind) == 0)
			return kinds[i].kind;
	return AQ_SERVICE;
}

const struct config_section *section_of_instance(const struct config *c, const char *name)
{
	for (int i = 0; i < c->count; i++)
		if (section_kind(c->sections[i].kind) != 0 && strcmp(c->sections[i].name, name) == 0)
			return &c->sections[i];
	return NULL;
}

struct config *section_copy(const struct config_section *s)
{
	struct config *c = config_create();
	struct config_section head = {.kind = config_keep(c, s->kind, strlen(s->kind)),
		.name = config_keep(c, s->name, strlen(s->name)),
		.file = config_keep(c, s->file, strlen(s->file)),
		.line = s->line};
	int at = config_add_section(c, &head);

	for (int i = 0; i < s->count; i++) {
		const struct config_entry *from = &s->entries[i];
		struct config_entry entry = {.key = config_keep(c, from->key, strlen(from->key)),
			.value = config_keep(c, from->value, strlen(from->value)),
			.file = config_keep(c, from->file, strlen(from->file)),
			.line = from->line};

		config_add_entry(&c->sections[at], &entry);
	}
	return c;
}
