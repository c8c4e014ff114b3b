/* journal.c: open, close, replay and what can be asked. */
#include "flow/journal.h"

#include "base/err.h"
#include "flow/journal_impl.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SIZE_DEFAULT (64u << 20)
#define SIZE_LEAST (64u << 10)
#define SIZE_MOST (UINT32_MAX - 0xffffu)

static int set_options(struct journal *j, const struct journal_options *o, struct aq_err *err)
{
	size_t size = o->segment_size == 0 ? SIZE_DEFAULT : o->segment_size;

	j->options = *o;
	j->options.segment_size = (size + JR_PAGE - 1) / JR_PAGE * JR_PAGE;
	if (o->folder == NULL || *o->folder == '\0' || strlen(o->folder) >= sizeof(j->folder))
		return err_set(err, AQ_EINVAL, "the journal's folder has no name, or one that is too long");
	if (o->grade != JOURNAL_PAGE && o->grade != JOURNAL_DISK)
		return err_set(err, AQ_EINVAL, "the journal's grade is %d: page or disk is allowed", o->grade);
	if (size < SIZE_LEAST || size > SIZE_MOST)
		return err_set(err, AQ_EINVAL, "the journal's segment size is %zu bytes: %u to %u are allowed", size,
			SIZE_LEAST, SIZE_MOST);
	snprintf(j->folder, sizeof(j->folder), "%s", o->folder);
	j->options.folder = j->folder;
	j->disk = o->grade == JOURNAL_DISK && !o->read_only;
	return 0;
}

int journal_open(struct journal **out, const struct journal_options *options, const struct journal_files *files,
	struct aq_err *err)
{
	struct journal *j = calloc(1, sizeof(*j));
	int rc;

	*out = NULL;
	if (j == NULL)
		return err_set(err, AQ_ESPACE, "out of memory");
	pthread_mutex_init(&j->lock, NULL);
	j->files = *files;
	j->crc = journal_crc();
	rc = set_options(j, options, err);
	if (rc == 0)
		rc = jr_recover(j, err);
	if (rc == 0 && !options->read_only && jr_readers_load(j) != 0)
		rc = err_set(err, AQ_ENOENT, "%.300s: the readers' positions cannot be read", j->folder);
	if (rc == 0 && !options->read_only && jr_helpers_start(j) != 0)
		rc = err_set(err, AQ_ESPACE, "the journal's threads cannot be started");
	if (rc == 0)
		*out = j;
	else
		journal_close(j);
	return rc;
}

void journal_close(struct journal *j)
{
	if (j == NULL)
		return;
	jr_helpers_stop(j);
	jr_slots_close(j);
	for (struct jr_segment *s = j->retired, *next; s != NULL; s = next) {
		next = s->next;
		jr_segment_close(j, s);
	}
	jr_segment_close(j, j->fresh);
	jr_segment_close(j, j->next);
	jr_segment_close(j, j->soiled);
	jr_segment_close(j, j->current);
	pthread_mutex_destroy(&j->lock);
	free(j->entries);
	free(j);
}

int journal_replay(struct journal *j, int (*each)(void *context, const struct journal_record *record), void *context,
	uint64_t *cut)
{
	struct journal_record record;
	size_t at = JR_HEADER, room;
	int rc = 0;

	if (cut != NULL)
		*cut = j->cut;
	while (rc == 0 && (room = jr_record(j->current, at, &record)) > 0) {
		at += room;
		if (record.type < JR_OWN)
			rc = each(context, &record);
	}
	return rc;
}

enum journal_state journal_state(const struct journal *j)
{
	if (j->full && (j->cramped || atomic_load(&j->stranded)))
		return JOURNAL_FULL;
	return atomic_load(&j->low) || atomic_load(&j->stranded) || atomic_load(&j->failed) ? JOURNAL_LOW : JOURNAL_OK;
}

uint64_t journal_end(const struct journal *j)
{
	return atomic_load_explicit(&j->end, memory_order_relaxed);
}

uint64_t journal_durable(struct journal *j)
{
	return j->disk ? atomic_load_explicit(&j->durable, memory_order_acquire) : journal_end(j);
}
