/* journal_readers.c: how far each reader is, a file a reader, replaced as a whole. */
#include "flow/journal_impl.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#define PREFIX "reader-"
#define SUFFIX ".aqr"
#define MARK_MAGIC 0x003152444a525141u

struct mark {
	uint64_t magic;
	uint64_t position;
	uint64_t crc;
};

static bool name_is_good(const char *name)
{
	size_t length = strlen(name);

	return length > 0 && length <= JR_NAME && strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_-") == length;
}

static void reader_path(const struct journal *j, const char *name, const char *suffix, char path[JR_PATH])
{
	snprintf(path, JR_PATH, "%s/" PREFIX "%s%s", j->folder, name, suffix);
}

/* The reader's name out of a file name; false = it is not a reader's file. */
static bool reader_name(const char *file, char name[JR_NAME + 1])
{
	size_t prefix = sizeof(PREFIX) - 1, suffix = sizeof(SUFFIX) - 1;
	size_t length = strlen(file);

	if (length <= prefix + suffix || length - prefix - suffix > JR_NAME || strncmp(file, PREFIX, prefix) != 0 ||
		strcmp(file + length - suffix, SUFFIX) != 0)
		return false;
	snprintf(name, JR_NAME + 1, "%.*s", (int)(length - prefix - suffix), file + prefix);
	return name_is_good(name);
}

static int write_mark(struct journal *j, int fd, uint64_t position)
{
	const struct journal_files *f = &j->files;
	struct mark mark = {.magic = MARK_MAGIC, .position = position};
	void *at;
	int rc = f->allocate(f->context, fd, sizeof(mark));

	if (rc != 0) {
		errno = rc;
		return -1;
	}
	at = f->map(f->context, fd, sizeof(mark));
	if (at == NULL)
		return -1;
	mark.crc = j->crc(0, mark.magic, &mark.position, 1);
	memcpy(at, &mark, sizeof(mark));
	rc = j->options.grade == JOURNAL_DISK ? f->sync(f->context, fd, at, sizeof(mark)) : 0;
	f->unmap(f->context, at, sizeof(mark));
	return rc;
}

static int store(struct journal *j, const char *name, uint64_t position)
{
	const struct journal_files *f = &j->files;
	char path[JR_PATH], draft[JR_PATH];
	int fd, rc;

	reader_path(j, name, ".new", draft);
	reader_path(j, name, SUFFIX, path);
	fd = f->open(f->context, draft, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0)
		return -1;
	rc = write_mark(j, fd, position);
	f->close(f->context, fd);
	if (rc == 0)
		rc = f->rename(f->context, draft, path);
	if (rc == 0 && j->options.grade == JOURNAL_DISK)
		rc = f->sync_folder(f->context, j->folder);
	return rc;
}

/* 0 when there is no such file or it cannot be read: the reader gets everything again. */
static uint64_t fetch(struct journal *j, const char *name)
{
	const struct journal_files *f = &j->files;
	struct mark mark = {0};
	char path[JR_PATH];
	void *at = NULL;
	int fd;

	reader_path(j, name, SUFFIX, path);
	fd = f->open(f->context, path, O_RDONLY | O_CLOEXEC, 0);
	if (fd < 0)
		return 0;
	if (f->size(f->context, fd) >= (int64_t)sizeof(mark))
		at = f->map(f->context, fd, sizeof(mark));
	if (at != NULL) {
		memcpy(&mark, at, sizeof(mark));
		f->unmap(f->context, at, sizeof(mark));
	}
	f->close(f->context, fd);
	if (mark.magic != MARK_MAGIC || mark.crc != j->crc(0, mark.magic, &mark.position, 1))
		return 0;
	return mark.position;
}

static struct jr_reader *find(struct journal *j, const char *name)
{
	for (size_t i = 0; i < j->reader_count; i++)
		if (strcmp(j->readers[i].name, name) == 0)
			return &j->readers[i];
	return NULL;
}

/* NULL when there are too many. */
static struct jr_reader *find_or_add(struct journal *j, const char *name)
{
	struct jr_reader *r = find(j, name);

	if (r != NULL || j->reader_count == JR_READERS)
		return r;
	r = &j->readers[j->reader_count++];
	*r = (struct jr_reader){0};
	snprintf(r->name, sizeof(r->name), "%s", name);
	return r;
}

struct listing {
	struct journal *journal;
	uint64_t least;
	bool failed;
};

/* A power cut may have taken records that a reader had already seen: what is appended in their place is new to it. */
static void bring_back(void *to, const char *file)
{
	struct listing *l = to;
	uint64_t end = journal_end(l->journal);
	char name[JR_NAME + 1];

	if (reader_name(file, name) && fetch(l->journal, name) > end && store(l->journal, name, end) != 0)
		l->failed = true;
}

int jr_readers_load(struct journal *j)
{
	struct listing l = {.journal = j};

	if (j->files.list(j->files.context, j->folder, bring_back, &l) != 0)
		return -1;
	return l.failed ? -1 : 0;
}

static uint64_t position_of(struct journal *j, const char *name)
{
	struct jr_reader *r;
	uint64_t position = 0;
	bool own;

	pthread_mutex_lock(&j->lock);
	r = find(j, name);
	own = r != NULL;
	if (own)
		position = r->position;
	pthread_mutex_unlock(&j->lock);
	return own ? position : fetch(j, name);
}

static void lower(void *to, const char *file)
{
	struct listing *l = to;
	char name[JR_NAME + 1];
	uint64_t position;

	if (!reader_name(file, name))
		return;
	position = position_of(l->journal, name);
	if (position < l->least)
		l->least = position;
}

uint64_t jr_readers_least(struct journal *j)
{
	struct listing l = {.journal = j, .least = UINT64_MAX};

	return j->files.list(j->files.context, j->folder, lower, &l) == 0 ? l.least : 0;
}

/* Takes the next reader whose file is behind; false = none. */
static bool take_changed(struct journal *j, struct jr_reader *out)
{
	struct jr_reader *r = j->readers;
	bool found;

	pthread_mutex_lock(&j->lock);
	while (r < j->readers + j->reader_count && !r->changed)
		r++;
	found = r < j->readers + j->reader_count;
	if (found) {
		*out = *r;
		r->changed = false;
	}
	pthread_mutex_unlock(&j->lock);
	return found;
}

/* Tried again in the next round. */
static void mark_changed(struct journal *j, const char *name)
{
	struct jr_reader *r;

	pthread_mutex_lock(&j->lock);
	r = find(j, name);
	if (r != NULL)
		r->changed = true;
	pthread_mutex_unlock(&j->lock);
}

void jr_readers_flush(struct journal *j)
{
	struct jr_reader r;

	while (take_changed(j, &r)) {
		if (store(j, r.name, r.position) != 0) {
			mark_changed(j, r.name);
			return;
		}
	}
}

/* Sets it in memory; *is_new = its file must be made before segments are held back for it. */
static int set(struct journal *j, const char *name, uint64_t position, bool *is_new)
{
	struct jr_reader *r;

	pthread_mutex_lock(&j->lock);
	*is_new = find(j, name) == NULL;
	r = find_or_add(j, name);
	if (r != NULL) {
		r->changed = !*is_new;
		r->position = position;
	}
	pthread_mutex_unlock(&j->lock);
	return r != NULL ? AQ_OK : AQ_EAGAIN;
}

int journal_reader_acknowledge(struct journal *j, const char *reader, uint64_t position)
{
	bool is_new;
	int rc;

	if (!name_is_good(reader) || (!j->options.read_only && position > journal_end(j)))
		return AQ_EINVAL;
	if (j->options.read_only)
		return store(j, reader, position) == 0 ? AQ_OK : AQ_ESPACE;
	rc = set(j, reader, position, &is_new);
	if (rc == AQ_OK && is_new && store(j, reader, position) != 0) {
		mark_changed(j, reader);
		return AQ_ESPACE;
	}
	if (rc == AQ_OK && j->files.wait == NULL)
		jr_helper_pass(j);
	return rc;
}

uint64_t journal_reader_position(struct journal *j, const char *reader)
{
	return name_is_good(reader) ? position_of(j, reader) : 0;
}

struct telling {
	void (*each)(void *to, const char *reader);
	void *to;
};

static void tell(void *to, const char *file)
{
	const struct telling *t = to;
	char name[JR_NAME + 1];

	if (reader_name(file, name))
		t->each(t->to, name);
}

int journal_readers(struct journal *j, void (*each)(void *to, const char *reader), void *to)
{
	struct telling t = {each, to};

	return j->files.list(j->files.context, j->folder, tell, &t) == 0 ? AQ_OK : AQ_ENOENT;
}

static void drop(struct journal *j, const char *name)
{
	struct jr_reader *r;

	pthread_mutex_lock(&j->lock);
	r = find(j, name);
	if (r != NULL)
		*r = j->readers[--j->reader_count];
	pthread_mutex_unlock(&j->lock);
}

int journal_reader_forget(struct journal *j, const char *reader)
{
	char path[JR_PATH];

	if (!name_is_good(reader))
		return AQ_EINVAL;
	/* A round that is storing its position now would bring the file back after the unlink. */
	drop(j, reader);
	if (!j->options.read_only)
		jr_helper_round(j);
	reader_path(j, reader, SUFFIX, path);
	return j->files.unlink(j->files.context, path) == 0 ? AQ_OK : AQ_ENOENT;
}
