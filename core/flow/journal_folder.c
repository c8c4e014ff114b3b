/* journal_folder.c: which segments there are. */
#include "flow/journal_impl.h"

#include <stdlib.h>

struct listing {
	struct journal *journal;
	bool short_of_memory;
};

bool jr_entries_reserve(struct journal *j, size_t room)
{
	struct jr_entry *entries;

	if (room <= j->entry_room)
		return true;
	room += room / 2;
	entries = realloc(j->entries, room * sizeof(*entries));
	if (entries == NULL)
		return false;
	j->entries = entries;
	j->entry_room = room;
	return true;
}

static void add_entry(void *to, const char *name)
{
	struct listing *l = to;
	struct journal *j = l->journal;
	uint32_t number = jr_number(name);

	if (number == 0)
		return;
	if (!jr_entries_reserve(j, j->entry_count + 1))
		l->short_of_memory = true;
	else
		j->entries[j->entry_count++] = (struct jr_entry){.number = number};
}

static int by_number(const void *a, const void *b)
{
	uint32_t x = ((const struct jr_entry *)a)->number;
	uint32_t y = ((const struct jr_entry *)b)->number;

	return (x > y) - (x < y);
}

int jr_entries_list(struct journal *j)
{
	struct listing l = {.journal = j};

	j->entry_count = 0;
	if (j->files.list(j->files.context, j->folder, add_entry, &l) != 0 || l.short_of_memory)
		return -1;
	qsort(j->entries, j->entry_count, sizeof(*j->entries), by_number);
	return 0;
}
