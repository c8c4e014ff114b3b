#include "host/section.h"

#include "host/config_internal.h"

#include <string.h>

struct config *section_copy(const struct config_section *s)
{
	struct config *c = config_create();
	struct config_section head = {.kind = config_keep(c, s->kind, strlen(s->kind)),
		.name = config_keep(c, s->name, strlen(s->name)), .file = config_keep(c, s->file, strlen(s->file)), .line = s->line};
	int at = config_add_section(c, &head);

	for (int i = 0; i < s->count; i++) {
		const struct config_entry *from = &s->entries[i];
		struct config_entry entry = {.key = config_keep(c, from->key, strlen(from->key)),
			.value = config_keep(c, from->value, strlen(from->value)),
			.file = config_keep(c, from->file, strlen(from->file)), .line = from->line};

		config_add_entry(&c->sections[at], &entry);
	}
	return c;
}
