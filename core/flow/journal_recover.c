/* journal_recover.c: finds the segment in force and its end, or begins the first one. */
#include "flow/journal_impl.h"

#include "base/err.h"
#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

void jr_aim(struct journal *j, struct jr_segment *s, size_t at, uint32_t snapshot)
{
	j->base = s->base;
	j->at = at;
	/* A snapshot must leave room for the record that completes it. */
	j->limit = snapshot ? s->limit - JR_HEAD : s->limit;
	j->number = (uint64_t)s->number << 32;
	j->seed = s->seed;
	j->snapshot = snapshot;
}

static int refuse(struct journal *j, struct aq_err *err, uint32_t number, const char *what)
{
	int code = errno == ENOSPC || errno == EDQUOT ? AQ_ESPACE : AQ_ENOENT;
	char path[JR_PATH];

	jr_path(j, number, path);
	return err_set(err, code, "%.300s: %s: %s", path, what, strerror(errno));
}

static int damaged(struct journal *j, struct aq_err *err, uint32_t number, size_t at)
{
	char path[JR_PATH];

	jr_path(j, number, path);
	return err_set(err, AQ_EFORMAT,
		"%.300s: damaged at offset %zu, and whole records follow: restore the file from a copy, or move the "
		"folder away and start without a journal",
		path, at);
}

/* Opens a segment that is there. A writer gets it in its full length, zeros where the file had been cut. */
static struct jr_segment *open_existing(struct journal *j, uint32_t number)
{
	int flags = j->options.read_only ? O_RDONLY : O_RDWR;
	struct jr_segment *s = jr_segment_open(j, number, flags, 0);
	size_t size;

	if (s == NULL || j->options.read_only || !jr_header_read(s) || s->limit == s->size)
		return s;
	size = s->size;
	jr_segment_close(j, s);
	return jr_segment_open(j, number, flags, size);
}

/* Segment 1 may be begun anew when nothing was ever appended to it. */
static bool is_virgin(const struct journal *j, const struct jr_segment *s)
{
	return s->number == 1 && (s->mapped <= JR_SECTOR || jr_zero(s->base + JR_SECTOR, s->mapped - JR_SECTOR));
}

static int take(struct journal *j, size_t i, bool *virgin, struct aq_err *err)
{
	uint32_t number = j->entries[i].number;
	struct jr_segment *s = open_existing(j, number);
	enum jr_kind kind;
	size_t at;

	if (s == NULL)
		return refuse(j, err, number, "cannot be opened");
	kind = jr_inspect(s, &at);
	*virgin = kind != JR_WHOLE && is_virgin(j, s);
	if (kind == JR_WHOLE) {
		j->current = s;
		jr_aim(j, s, at, 0);
		j->entry_count = i + 1;
		return 0;
	}
	jr_segment_close(j, s);
	if (kind == JR_HALF && !j->options.read_only && !*virgin)
		log_line(AQ_LOG_WARN, "journal", "the snapshot of segment %u is not complete: the one before counts",
			number);
	return kind == JR_BAD ? damaged(j, err, number, at) : 0;
}

/* The newest complete segment; none, and 0, when the journal is yet to begin. */
static int find_current(struct journal *j, struct aq_err *err)
{
	size_t count = j->entry_count;
	bool virgin = true;
	int rc = 0;

	for (size_t i = count; rc == 0 && j->current == NULL && i > 0; i--)
		rc = take(j, i - 1, &virgin, err);
	if (rc < 0)
		return rc;
	if (j->current == NULL && !virgin)
		return err_set(err, AQ_EFORMAT, "%.300s: no segment of the journal is complete", j->folder);
	if (j->current != NULL && j->entry_count < count && j->entries[j->entry_count].number != j->current->number + 1)
		return err_set(err, AQ_EFORMAT, "%.300s: segment %u of the journal is missing", j->folder,
			j->current->number + 1);
	return 0;
}

/* Zeroes what stands behind the last record, and puts that on the disk: a stale record must not come back behind new
 * ones after a power cut. */
static int cut(struct journal *j, struct aq_err *err)
{
	struct jr_segment *s = j->current;

	jr_wipe(s, j->at);
	if (j->files.sync(j->files.context, s->fd, s->base, s->mapped) != 0)
		return refuse(j, err, s->number, "cannot be written");
	log_line(AQ_LOG_WARN, "journal",
		"segment %u: %llu bytes cut at offset %zu: they were being written when the process or the power went",
		s->number, (unsigned long long)j->cut, j->at);
	return 0;
}

static int find_end(struct journal *j, struct aq_err *err)
{
	struct jr_segment *s = j->current;
	struct journal_record record;
	size_t room, dirty = 0;
	enum jr_tail tail;

	for (;;) {
		while ((room = jr_record(s, j->at, &record)) > 0)
			j->at += room;
		tail = jr_tail(s, j->at, &dirty);
		if (tail != JR_DAMAGED)
			break;
		/* Asked again, since another process may have appended it meanwhile. */
		if (jr_record(s, j->at, &record) == 0)
			return damaged(j, err, s->number, j->at);
	}
	j->cut = dirty;
	return tail == JR_CLEAN || j->options.read_only ? 0 : cut(j, err);
}

static void drop_first(struct journal *j, struct jr_segment *s)
{
	char path[JR_PATH];

	jr_segment_close(j, s);
	jr_path(j, 1, path);
	j->files.unlink(j->files.context, path);
}

static int begin_first(struct journal *j, struct aq_err *err)
{
	const struct journal_files *f = &j->files;
	struct jr_segment *s;

	if (j->options.read_only)
		return err_set(err, AQ_ENOENT, "%.300s: there is no journal", j->folder);
	s = jr_segment_open(j, 1, O_RDWR | O_CREAT, j->options.segment_size);
	if (s == NULL)
		return refuse(j, err, 1, "cannot be made");
	if (!s->fresh)
		jr_wipe(s, 0);
	jr_header_write(s, j->options.segment_size, 0, 0);
	jr_aim(j, s, JR_HEADER, JR_SNAPSHOT);
	j->limit = s->limit;
	jr_append(j, JR_END, 0, 0, NULL, 0, NULL, 0, NULL);
	jr_aim(j, s, j->at, 0);
	if (f->sync(f->context, s->fd, s->base, s->mapped) != 0 || f->sync_folder(f->context, j->folder) != 0) {
		int rc = refuse(j, err, 1, "cannot be written");

		drop_first(j, s);
		return rc;
	}
	j->current = s;
	j->entries[0].number = 1;
	j->entry_count = 1;
	return 0;
}

static void read_entry(struct journal *j, struct jr_entry *e)
{
	struct jr_segment *s = jr_segment_open(j, e->number, O_RDONLY, 0);
	bool readable = s != NULL && jr_header_read(s);

	e->time_ns = readable ? s->time_ns : INT64_MAX;
	e->previous = readable ? s->previous : 0;
	/* A killed process may have left it unsynced; `durable` of this one begins behind it. */
	if (readable && j->disk && e->number < j->current->number &&
		j->files.sync(j->files.context, s->fd, s->base, s->mapped) != 0)
		atomic_store(&j->failed, true);
	jr_segment_close(j, s);
}

int jr_recover(struct journal *j, struct aq_err *err)
{
	const struct journal_files *f = &j->files;
	int rc;

	if (!j->options.read_only && f->make_folder(f->context, j->folder) != 0)
		return err_set(err, AQ_ENOENT, "%.300s: cannot be made: %s", j->folder, strerror(errno));
	if (!jr_entries_reserve(j, 16) || jr_entries_list(j) != 0)
		return err_set(err, AQ_ENOENT, "%.300s: cannot be listed: %s", j->folder, strerror(errno));
	rc = find_current(j, err);
	if (rc == 0)
		rc = j->current == NULL ? begin_first(j, err) : find_end(j, err);
	if (rc != 0)
		return rc;
	for (size_t i = 0; i < j->entry_count; i++)
		read_entry(j, &j->entries[i]);
	/* Written is not durable: the process before may have been killed before its sync. */
	if (j->disk && jr_sync_all(j, j->current) != 0)
		return refuse(j, err, j->current->number, "cannot be written");
	atomic_store(&j->end, j->number | j->at);
	atomic_store(&j->durable, j->number | j->at);
	j->latest_ns = INT64_MIN;
	return 0;
}
