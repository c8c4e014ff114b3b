/* config_tree.c: sections and entries in memory, and how two versions of a section differ. */
#include "host/config_internal.h"

#include "base/check.h"

#include <stdlib.h>
#include <string.h>

/* Strings of a tree live in blocks that are freed with it. */
struct block {
	struct block *next;
	size_t used, size;
	char bytes[];
};

#define BLOCK_SIZE (64u * 1024u)

struct config *config_create(void)
{
	struct config *c = calloc(1, sizeof(*c));

	CHECK(c != NULL);
	return c;
}

void config_destroy(struct config *c)
{
	struct block *block;

	if (c == NULL)
		return;
	for (int i = 0; i < c->count; i++)
		free(c->sections[i].entries);
	free(c->sections);
	while ((block = c->memory) != NULL) {
		c->memory = block->next;
		free(block);
	}
	free(c);
}

const char *config_keep(struct config *c, const char *text, size_t length)
{
	struct block *block = c->memory;
	char *copy;

	if (block == NULL || block->size - block->used < length + 1) {
		size_t size = length + 1 > BLOCK_SIZE ? length + 1 : BLOCK_SIZE;

		block = malloc(sizeof(*block) + size);
		CHECK(block != NULL);
		*block = (struct block){.next = c->memory, .size = size};
		c->memory = block;
	}
	copy = block->bytes + block->used;
	block->used += length + 1;
	memcpy(copy, text, length);
	copy[length] = '\0';
	return copy;
}

/* Room for one more in an array that doubles: its capacity is the power of two at or above its count. */
static void *room(void *list, int count, size_t size)
{
	if ((count & (count - 1)) == 0)
		list = realloc(list, (count == 0 ? 1 : (size_t)count * 2) * size);
	CHECK(list != NULL);
	return list;
}

int config_add_section(struct config *c, const struct config_section *section)
{
	c->sections = room(c->sections, c->count, sizeof(*c->sections));
	c->sections[c->count] = *section;
	return c->count++;
}

void config_add_entry(struct config_section *s, const struct config_entry *entry)
{
	s->entries = room(s->entries, s->count, sizeof(*s->entries));
	s->entries[s->count++] = *entry;
}

void config_drop_entry(struct config_section *s, int index)
{
	struct config_entry *kept = NULL;
	int count = 0;

	/* Built anew, since the capacity follows from the count. */
	for (int i = 0; i < s->count; i++) {
		if (i == index)
			continue;
		kept = room(kept, count, sizeof(*kept));
		kept[count++] = s->entries[i];
	}
	free(s->entries);
	s->entries = kept;
	s->count = count;
}

void config_drop_key(struct config_section *s, const char *key)
{
	for (int i = s->count - 1; i >= 0; i--)
		if (strcmp(s->entries[i].key, key) == 0)
			config_drop_entry(s, i);
}

const char *config_label(const struct config_section *s, char out[CONFIG_LABEL_SIZE])
{
	bool named = s->name[0] != '\0' && strcmp(s->name, s->kind) != 0; /* [recorder] has the name of its kind */

	snprintf(out, CONFIG_LABEL_SIZE, named ? "%s:%s" : "%s", s->kind, s->name);
	return out;
}

bool config_path(const struct config_entry *entry, const char *path, char *out, size_t size)
{
	const char *slash = strrchr(entry->file, '/');
	size_t folder = path[0] == '/' || path[0] == '\0' || slash == NULL ? 0 : (size_t)(slash - entry->file) + 1;

	if (folder + strlen(path) >= size)
		return false;
	memcpy(out, entry->file, folder);
	memcpy(out + folder, path, strlen(path) + 1);
	return true;
}

const struct config_section *config_find(const struct config *c, const char *kind, const char *name)
{
	for (int i = 0; i < c->count; i++)
		if (strcmp(c->sections[i].kind, kind) == 0 && strcmp(c->sections[i].name, name) == 0)
			return &c->sections[i];
	return NULL;
}

const struct config_entry *config_get(const struct config_section *s, const char *key)
{
	for (int i = s->count - 1; i >= 0; i--)
		if (strcmp(s->entries[i].key, key) == 0)
			return &s->entries[i];
	return NULL;
}

bool config_values_equal(const struct config_section *a, const struct config_section *b, const char *key)
{
	int i = 0, j = 0;

	for (;; i++, j++) {
		while (i < a->count && strcmp(a->entries[i].key, key) != 0)
			i++;
		while (j < b->count && strcmp(b->entries[j].key, key) != 0)
			j++;
		if (i == a->count || j == b->count)
			return i == a->count && j == b->count;
		if (strcmp(a->entries[i].value, b->entries[j].value) != 0)
			return false;
	}
}

bool config_section_equal(const struct config_section *a, const struct config_section *b)
{
	if (strcmp(a->kind, b->kind) != 0 || strcmp(a->name, b->name) != 0 || a->count != b->count)
		return false;
	for (int i = 0; i < a->count; i++)
		if (!config_values_equal(a, b, a->entries[i].key))
			return false;
	return true;
}

static bool is_live(const struct aq_option *options, const char *key)
{
	for (const struct aq_option *o = options; o != NULL && o->name != NULL; o++)
		if (strcmp(o->name, key) == 0)
			return (o->flags & AQ_LIVE) != 0;
	return false;
}

/* The first key of `a` that is not live and differs in `b`. */
static const char *fixed_difference(
	const struct config_section *a, const struct config_section *b, const struct aq_option *options)
{
	for (int i = 0; i < a->count; i++)
		if (!is_live(options, a->entries[i].key) && !config_values_equal(a, b, a->entries[i].key))
			return a->entries[i].key;
	return NULL;
}

bool config_differs_live(const struct config_section *a, const struct config_section *b,
	const struct aq_option *options, const char **key)
{
	const char *fixed = fixed_difference(a, b, options);

	if (fixed == NULL)
		fixed = fixed_difference(b, a, options);
	if (fixed != NULL && key != NULL)
		*key = fixed;
	return fixed == NULL;
}
