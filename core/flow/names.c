/* names.c: see names.h. Looked up at configuration time only, so a list is enough. */
#include "flow/names.h"

#include "base/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void names_init(struct names *n)
{
	memset(n, 0, sizeof(*n));
}

void names_finish(struct names *n)
{
	for (int kind = 0; kind < NAME_KINDS; kind++)
		free(n->kinds[kind].list);
}

uint32_t names_find(const struct names *n, enum name_kind kind, const char *text)
{
	const struct name_list *list = &n->kinds[kind];

	for (uint32_t i = 0; i < list->count; i++)
		if (strcmp(list->list[i].text, text) == 0)
			return i + 1;
	return 0;
}

const char *names_text(const struct names *n, enum name_kind kind, uint32_t id)
{
	if (id == 0 || id > n->kinds[kind].count)
		return kind == NAME_INSTANCE && id == 0 ? "external" : "";
	return n->kinds[kind].list[id - 1].text;
}

uint32_t names_count(const struct names *n, enum name_kind kind)
{
	return n->kinds[kind].count;
}

struct fact_name names_next(const struct names *n, enum name_kind kind, const char *text)
{
	struct fact_name fact = {.kind = kind, .id = n->kinds[kind].count + 1};

	snprintf(fact.text, sizeof(fact.text), "%s", text);
	return fact;
}

bool names_fits(const struct names *n, const struct fact_name *fact)
{
	const struct name_list *list;

	if (fact->kind == 0 || fact->kind >= NAME_KINDS || fact->id == 0 || memchr(fact->text, 0, sizeof(fact->text)) == NULL)
		return false;
	list = &n->kinds[fact->kind];
	if (fact->id <= list->count) /* a snapshot repeats what is known */
		return strcmp(list->list[fact->id - 1].text, fact->text) == 0;
	return fact->id == list->count + 1;
}

void names_apply(struct names *n, const struct fact_name *fact)
{
	struct name_list *list = &n->kinds[fact->kind];

	if (fact->id <= list->count)
		return;
	if (list->count == list->capacity) {
		list->capacity = list->capacity == 0 ? 16 : 2 * list->capacity;
		list->list = realloc(list->list, list->capacity * sizeof(*list->list));
		CHECK(list->list != NULL);
	}
	list->list[list->count++] = *fact;
}
