/* journal_read.c: reading on from a position, in this process or beside it. */
#include "flow/journal_impl.h"

#include "base/log.h"

#include <fcntl.h>
#include <string.h>

static void slot_free(struct journal *j, struct jr_slot *slot)
{
	jr_segment_close(j, slot->segment);
	*slot = (struct jr_slot){0};
}

void jr_slots_close(struct journal *j)
{
	for (size_t i = 0; i < JR_SLOTS; i++)
		slot_free(j, &j->slots[i]);
}

static int report(struct journal *j, uint32_t number, size_t at, const char *what)
{
	uint64_t position = (uint64_t)number << 32 | at;
	char path[JR_PATH];

	jr_path(j, number, path);
	if (j->reported != position)
		log_line(AQ_LOG_ERROR, "journal", "%s: %s at offset %zu", path, what, at);
	j->reported = position;
	return AQ_EFORMAT;
}

/* The least number of a segment >= number; 0 = none. */
static uint32_t lookup(struct journal *j, uint32_t number)
{
	uint32_t found = 0;

	pthread_mutex_lock(&j->lock);
	for (size_t i = 0; i < j->entry_count && found == 0; i++)
		if (j->entries[i].number >= number)
			found = j->entries[i].number;
	pthread_mutex_unlock(&j->lock);
	return found;
}

/* The same, as the folder is now when another process writes it. */
static uint32_t lookup_anew(struct journal *j, uint32_t number)
{
	if (j->options.read_only && jr_entries_list(j) != 0)
		return 0;
	return lookup(j, number);
}

static struct jr_slot *slot_find(struct journal *j, uint32_t number)
{
	for (size_t i = 0; i < JR_SLOTS; i++)
		if (j->slots[i].number == number)
			return &j->slots[i];
	return NULL;
}

/* Another process may have begun it and not yet completed its snapshot. NULL: not to be read, *rc says why. */
static struct jr_segment *open_whole(struct journal *j, uint32_t number, int *rc)
{
	struct jr_segment *s = jr_segment_open(j, number, O_RDONLY, 0);
	enum jr_kind kind = JR_UNUSED;
	size_t at = 0;

	*rc = 0;
	if (s == NULL)
		return NULL;
	if (j->options.read_only)
		kind = jr_inspect(s, &at);
	else
		kind = jr_header_read(s) ? JR_WHOLE : JR_BAD;
	if (kind == JR_WHOLE)
		return s;
	if (kind == JR_BAD)
		*rc = report(j, number, at, "damaged");
	jr_segment_close(j, s);
	return NULL;
}

static struct jr_segment *segment_of(struct journal *j, const struct jr_slot *slot)
{
	return slot->segment != NULL ? slot->segment : j->current;
}

static struct jr_slot *slot_replace(struct journal *j, const struct jr_slot *keep)
{
	struct jr_slot *slot = &j->slots[j->slot++ % JR_SLOTS];

	if (slot == keep)
		slot = &j->slots[j->slot++ % JR_SLOTS];
	slot_free(j, slot);
	slot->next = JR_HEADER;
	return slot;
}

/* The slot of a segment, opened when it has none, but not in the place of `keep`. NULL: it cannot be read yet, or is
 * damaged when *rc < 0. */
static struct jr_slot *slot_open(struct journal *j, uint32_t number, const struct jr_slot *keep, int *rc)
{
	struct jr_slot *slot = slot_find(j, number);
	struct jr_segment *s = NULL;

	*rc = 0;
	if (slot != NULL && (slot->segment != NULL || number == j->current->number))
		return slot;
	if (number != j->current->number) {
		s = open_whole(j, number, rc);
		if (s == NULL)
			return NULL;
	}
	if (slot == NULL)
		slot = slot_replace(j, keep);
	slot->number = number;
	slot->segment = s;
	return slot;
}

/* First record boundary at or after `at`, as far as there are records. */
static size_t boundary(const struct jr_slot *slot, const struct jr_segment *s, size_t at)
{
	struct journal_record record;
	size_t found = JR_HEADER, room;

	if (at > slot->at && at <= slot->next)
		return slot->next;
	if (at <= JR_HEADER || jr_record(s, at, &record) > 0)
		return at <= JR_HEADER ? JR_HEADER : at;
	while (found < at && (room = jr_record(s, found, &record)) > 0)
		found += room;
	return found;
}

/* The first record of the caller's at or after `at`; 0 = none, and slot->next is where the segment's records end. */
static int read_here(struct jr_slot *slot, const struct jr_segment *s, size_t at, struct journal_record *record)
{
	size_t room;

	at = boundary(slot, s, at);
	while ((room = jr_record(s, at, record)) > 0 && record->type >= JR_OWN)
		at += room;
	slot->at = at;
	slot->next = at + room;
	return room > 0;
}

/* Nothing valid at `at` of the newest segment: its end, unless something valid follows. */
static int at_end(struct journal *j, const struct jr_segment *s, size_t at)
{
	struct journal_record record;
	size_t dirty;
	uint64_t word = 0;

#ifdef AQ_PLANT
	if (at == s->limit)
		memcpy(&word, s->base + at, sizeof(word)); /* an over-read on purpose: tests/fuzz must find it */
#endif
	if (at + sizeof(word) <= s->limit)
		memcpy(&word, s->base + at, sizeof(word));
	/* A writer stores that word last, so a bad record with one is not one that is being written. */
	if (word == 0 || jr_record(s, at, &record) > 0 || jr_tail(s, at, &dirty) != JR_DAMAGED)
		return 0;
	return report(j, s->number, at, "damaged");
}

/* From the end of one segment to the next. Returns its number; 0 = there is none yet; < 0: something is missing.
 * `again`: the segment had more by now. */
static int64_t follow(struct journal *j, const struct jr_slot *slot, bool *again)
{
	const struct jr_segment *s = segment_of(j, slot);
	uint32_t number = slot->number, after = lookup_anew(j, number + 1);
	struct journal_record record;
	struct jr_slot *other;
	size_t at = slot->next;
	uint64_t end;
	int rc;

	other = after == 0 ? NULL : slot_open(j, after, slot, &rc);
	if (other == NULL)
		return after != 0 && rc < 0 ? rc : at_end(j, s, at);
	if (after != number + 1)
		return report(j, number + 1, 0, "missing");
	end = segment_of(j, other)->previous;
	*again = jr_record(s, at, &record) > 0;
	if (!*again && end > ((uint64_t)number << 32 | at))
		return report(j, number, at, "damaged");
	return after;
}

int journal_read(struct journal *j, uint64_t position, struct journal_record *record)
{
	uint32_t wanted = (uint32_t)(position >> 32);
	size_t at = jr_round((uint32_t)position);
	int64_t number = lookup(j, wanted);
	struct jr_slot *slot;
	bool again = false;
	int rc;

	if (number == 0)
		number = lookup_anew(j, wanted);
	while (number > 0) {
		slot = slot_open(j, (uint32_t)number, NULL, &rc);
		if (slot == NULL && rc == 0 && j->options.read_only) /* deleted since the last look */
			return lookup_anew(j, wanted) > (uint32_t)number ? journal_read(j, position, record) : 0;
		if (slot == NULL)
			return rc;
		if (read_here(slot, segment_of(j, slot), number == wanted ? at : 0, record))
			return 1;
		if (!j->options.read_only && number == j->current->number)
			return 0;
		wanted = (uint32_t)number;
		at = slot->next;
		again = false;
		number = follow(j, slot, &again);
		if (again)
			number = wanted;
	}
	return (int)number;
}
