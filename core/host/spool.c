/* spool.c: see spool.h. */
#include "host/spool.h"

#include "base/check.h"
#include "base/err.h"
#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RECORD_DATA = 1, RECORD_SNAPSHOT = 2 };

#define SEGMENTS 8 /* of a full spool, unless they would be too large */
#define SEGMENT_MIN (64 << 10)
#define SEGMENT_MAX (16 << 20)
#define RETRY_NS 100000000ll /* a full disk is not asked at every record */
#define SKIP_MAX 256         /* records that a read passes over */
#define MARK_MAGIC 0x316b726d70737141u
#define READER "spool"

/* A page that is mapped: a store of 8 bytes is there after a kill, or it is not. */
struct mark {
	uint64_t magic;
	uint64_t acknowledged;
	uint64_t last; /* number given out, of a record that is not in the journal, too; 0: written by older code */
};

/* Where a read has been: what stands before it goes when its number was acknowledged. */
struct reached {
	uint64_t number, position; /* number 0 = none */
};

struct spool {
	struct journal *journal;
	struct journal_files files;
	struct mark *mark;
	int mark_fd;
	int64_t limit;
	size_t segment;
	char name[512];    /* its folder, for messages */
	uint64_t last;     /* number given out */
	uint64_t read;     /* number that was read, or acknowledged */
	uint64_t position; /* where to read on */
	uint64_t oldest;   /* segments before it are given up */
	struct reached reached;
	uint64_t dropped;
	int64_t retry_ns; /* not tried again before that; 0 = there was room */
};

/* ---- opening ---- */

static int lock_mark(struct spool *s, const char *path, struct aq_err *err)
{
	s->mark_fd = s->files.open(s->files.context, path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (s->mark_fd < 0)
		return err_set(err, AQ_ENOENT, "%s: %s", path, strerror(errno));
	if (s->files.lock != NULL && s->files.lock(s->files.context, s->mark_fd) != 0)
		return err_set(err, AQ_ESTATE, "%s is used by another process: give each its own folder", path);
	return AQ_OK;
}

static int open_mark(struct spool *s, struct aq_err *err)
{
	char path[560];
	int rc;

	snprintf(path, sizeof(path), "%s/acknowledged", s->name);
	rc = lock_mark(s, path, err);
	if (rc != 0)
		return rc;
	rc = s->files.allocate(s->files.context, s->mark_fd, 4096);
	if (rc != 0)
		return err_set(err, AQ_ESPACE, "%s: %s", path, strerror(rc));
	s->mark = s->files.map(s->files.context, s->mark_fd, 4096);
	if (s->mark == NULL)
		return err_set(err, AQ_ENOSYS, "%s: %s", path, strerror(errno));
	if (s->mark->magic != MARK_MAGIC)
		*s->mark = (struct mark){.magic = MARK_MAGIC};
	return AQ_OK;
}

static int take_number(void *context, const struct journal_record *record)
{
	struct spool *s = context;
	uint64_t number;

	if (record->length < sizeof(number))
		return 0;
	memcpy(&number, record->body, sizeof(number));
	s->last = number > s->last ? number : s->last;
	return 0;
}

static int open_journal(struct spool *s, struct aq_err *err)
{
	struct journal_options o = {.folder = s->name, .grade = JOURNAL_PAGE, .segment_size = s->segment, .keep_ns = 1};
	uint64_t cut;
	int rc = journal_open(&s->journal, &o, &s->files, err);

	if (rc == AQ_EFORMAT)
		err_prefix(err, "the spool is damaged: move it away, what it holds is lost");
	if (rc != 0)
		return rc;
	/* a power cut may leave fewer records than were acknowledged */
	s->last = s->mark->acknowledged > s->mark->last ? s->mark->acknowledged : s->mark->last;
	journal_replay(s->journal, take_number, s, &cut);
	return journal_reader_acknowledge(s->journal, READER, journal_reader_position(s->journal, READER)) == 0
		       ? AQ_OK
		       : err_set(err, AQ_ESPACE, "%s: no room for the reader's file", s->name);
}

int spool_open(
	struct spool **out, const char *folder, int64_t limit, const struct journal_files *files, struct aq_err *err)
{
	struct spool *s = calloc(1, sizeof(*s));
	int64_t segment = limit / SEGMENTS;
	int rc = AQ_OK;

	CHECK(s != NULL);
	s->files = *files;
	s->mark_fd = -1;
	s->limit = limit < SPOOL_LIMIT_MIN ? SPOOL_LIMIT_MIN : limit;
	s->segment = (size_t)(segment < SEGMENT_MIN ? SEGMENT_MIN : segment > SEGMENT_MAX ? SEGMENT_MAX : segment);
	snprintf(s->name, sizeof(s->name), "%s", folder);
	if (s->files.make_folder(s->files.context, folder) != 0)
		rc = err_set(err, AQ_ENOENT, "%s: %s", folder, strerror(errno));
	if (rc == 0)
		rc = open_mark(s, err);
	if (rc == 0)
		rc = open_journal(s, err);
	if (rc != 0) {
		spool_close(s);
		return rc;
	}
	spool_rewind(s);
	*out = s;
	return AQ_OK;
}

void spool_close(struct spool *s)
{
	if (s == NULL)
		return;
	if (s->journal != NULL)
		journal_close(s->journal);
	if (s->mark != NULL)
		s->files.unmap(s->files.context, s->mark, 4096);
	if (s->mark_fd >= 0)
		s->files.close(s->files.context, s->mark_fd);
	free(s);
}

/* ---- writing ---- */

static uint64_t segment_of(uint64_t position)
{
	return position >> 32;
}

/* What stands before `position` goes; never back to what has gone. */
static void move_reader(struct spool *s, uint64_t position)
{
	if (position > journal_reader_position(s->journal, READER))
		journal_reader_acknowledge(s->journal, READER, position);
}

/* Gives up the oldest segment with something in it that waits: false = that is the one being written. */
static bool drop_oldest(struct spool *s)
{
	uint64_t from = journal_reader_position(s->journal, READER), next = (segment_of(from) + 1) << 32;

	if (segment_of(from) == 0) /* nothing was acknowledged yet: the first that there is */
		next = (segment_of(s->oldest) + 1) << 32;
	if (segment_of(next) > segment_of(journal_end(s->journal)))
		return false;
	s->oldest = next;
	s->position = s->position < next ? next : s->position;
	move_reader(s, next);
	return true;
}

static int64_t bytes_of(const struct spool *s)
{
	uint64_t from = journal_reader_position(s->journal, READER);

	from = segment_of(from) == 0 ? s->oldest : from;
	return (int64_t)((segment_of(journal_end(s->journal)) - segment_of(from) + 1) * s->segment);
}

/* It stays within its limit with the next segment, the one behind it, which the journal makes ahead, and one that was given
 * up and waits for the journal's helper to delete it. `before`: the last number ahead of the record that wants the room. */
static int rotate(struct spool *s, int64_t now_ns, uint64_t before)
{
	int rc;

	while (bytes_of(s) + 3 * (int64_t)s->segment > s->limit && drop_oldest(s))
		;
	rc = journal_rotate_begin(s->journal, now_ns);
	if (rc == 0)
		rc = journal_append(s->journal, RECORD_SNAPSHOT, 1, now_ns, &before, sizeof(before), NULL, 0, NULL);
	return rc == 0 ? journal_rotate_end(s->journal, now_ns) : rc;
}

static void fail(struct spool *s, int64_t now_ns, int rc)
{
	if (s->retry_ns == 0)
		log_line(AQ_LOG_ERROR, "spool",
			"%s: no room for another record (%d): what comes is dropped until there is", s->name, rc);
	s->retry_ns = now_ns + RETRY_NS;
	drop_oldest(s); /* its room may be what the next segment needs */
}

static void append(struct spool *s, int64_t now_ns, uint64_t number, const void *bytes, uint32_t length)
{
	int rc = 0;

	if (now_ns < s->retry_ns)
		return;
	if (journal_wants_rotation(s->journal, sizeof(number) + length))
		rc = rotate(s, now_ns, number - 1);
	if (rc == 0)
		rc = journal_append(s->journal, RECORD_DATA, 1, now_ns, &number, sizeof(number), bytes, length, NULL);
	if (rc != 0) {
		fail(s, now_ns, rc);
	} else if (s->retry_ns != 0) {
		log_line(AQ_LOG_INFO, "spool", "%s: there is room again", s->name);
		s->retry_ns = 0;
	}
}

uint64_t spool_append(struct spool *s, int64_t now_ns, const void *bytes, uint32_t length)
{
	append(s, now_ns, ++s->last, bytes, length);
	__atomic_store_n(&s->mark->last, s->last, __ATOMIC_RELEASE);
	return s->last;
}

/* ---- reading ---- */

bool spool_has_more(const struct spool *s)
{
	return s->position < journal_end(s->journal);
}

void spool_rewind(struct spool *s)
{
	struct journal_record first;
	int rc;

	s->read = s->mark->acknowledged;
	s->reached = (struct reached){0};
	s->position = journal_reader_position(s->journal, READER);
	rc = journal_read(s->journal, s->position, &first);
	if (rc == 0)
		s->position = journal_end(s->journal);
	s->oldest = rc == 1 ? first.position : s->position;
}

/* 1 = a record that is new to the reader. */
static int judge(struct spool *s, const struct journal_record *r, struct spool_record *out)
{
	uint64_t number;

	if (r->type != RECORD_DATA || r->snapshot || r->length < sizeof(number))
		return 0;
	memcpy(&number, r->body, sizeof(number));
	if (number <= s->read)
		return 0;
	*out = (struct spool_record){.number = number,
		.previous = s->read,
		.time_ns = r->time_ns,
		.length = r->length - (uint32_t)sizeof(number),
		.bytes = (const uint8_t *)r->body + sizeof(number)};
	if (number != s->read + 1)
		s->dropped += number - s->read - 1;
	s->read = number;
	return 1;
}

int spool_read(struct spool *s, struct spool_record *out)
{
	struct journal_record r;

	for (int i = 0; i < SKIP_MAX; i++) {
		int rc = journal_read(s->journal, s->position, &r);

		if (rc == 0) {
			s->position = journal_end(s->journal); /* nothing but the journal's own stands before it */
			return 0;
		}
		s->position = rc == 1 ? r.next : ((s->position >> 32) + 1) << 32; /* damaged: it has been told */
		if (rc == 1 && judge(s, &r, out) == 1) {
			out->more = spool_has_more(s);
			if (s->reached.number == 0)
				s->reached = (struct reached){s->read, s->position};
			return 1;
		}
	}
	return 2;
}

int spool_acknowledge(struct spool *s, uint64_t number)
{
	if (number > s->last)
		return AQ_EINVAL;
	if (number <= s->mark->acknowledged)
		return AQ_OK;
	__atomic_store_n(&s->mark->acknowledged, number, __ATOMIC_RELEASE);
	s->read = number > s->read ? number : s->read;
	if (number >= s->read) /* all that was read: what stands before goes */
		s->reached = (struct reached){s->read, s->position};
	if (s->reached.number == 0 || number < s->reached.number)
		return AQ_OK;
	move_reader(s, s->reached.position);
	s->reached = (struct reached){0};
	return AQ_OK;
}

void spool_figures(const struct spool *s, struct spool_figures *out)
{
	*out = (struct spool_figures){
		.last = s->last, .acknowledged = s->mark->acknowledged, .bytes = bytes_of(s), .dropped = s->dropped};
}

bool spool_is_behind(const struct spool *s)
{
	return spool_has_more(s) || s->read > s->mark->acknowledged;
}

/* ---- another folder ---- */

static void count_on(struct spool *s, uint64_t number)
{
	s->last = number;
	__atomic_store_n(&s->mark->last, number, __ATOMIC_RELEASE);
}

bool spool_continue(struct spool *s, struct spool *from)
{
	struct spool_record r;
	int rc;

	while (spool_read(s, &r) == 2)
		;
	if (spool_is_behind(s) || s->last > from->last)
		return false;
	spool_rewind(from);
	move_reader(s, journal_end(s->journal));
	__atomic_store_n(&s->mark->acknowledged, from->mark->acknowledged, __ATOMIC_RELEASE);
	count_on(s, from->mark->acknowledged);
	spool_rewind(s);
	while ((rc = spool_read(from, &r)) != 0) {
		if (rc == 2)
			continue;
		append(s, r.time_ns, r.number, r.bytes, r.length);
		count_on(s, r.number);
	}
	count_on(s, from->last);
	spool_acknowledge(from, from->last);
	return true;
}
