/* memory_files.h: a file system in memory for the journal. Bytes and names have two versions, the present one and the
 * one on the disk, which only sync and sync_folder bring forward (or a write-back, which may take any sector at any
 * time). memory_power_cut leaves what a disk would hold. Capacity is limited. Mappings are exact allocations, so that a
 * sanitizer sees a read beyond one. Functions of the table: [any thread]; the others: no journal is in use. */
#ifndef AQ_TESTS_MEMORY_FILES_H
#define AQ_TESTS_MEMORY_FILES_H

#include "flow/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MEMORY_NAMES 96
#define MEMORY_INODES 256
#define MEMORY_FDS 64
#define MEMORY_SECTOR 512u

struct memory_inode {
	uint8_t *now, *disk; /* both `size` bytes */
	size_t size, disk_size;
	int maps;
	bool linked;
};

struct memory_name {
	char path[128];
	size_t inode;
};

struct memory_folder {
	struct memory_name names[MEMORY_NAMES];
	size_t count;
};

struct memory {
	pthread_mutex_t lock;
	struct memory_inode inodes[MEMORY_INODES];
	size_t inode_count;
	struct memory_folder now, disk;
	size_t fds[MEMORY_FDS]; /* inode + 1 */
	int64_t capacity;
	bool sync_fails;
	uint64_t syncs;
	uint64_t random;
};

static inline uint64_t memory_random(struct memory *m, uint64_t below)
{
	m->random ^= m->random << 13;
	m->random ^= m->random >> 7;
	m->random ^= m->random << 17;
	return m->random % below;
}

static inline struct memory_name *memory_find(struct memory_folder *f, const char *path)
{
	for (size_t i = 0; i < f->count; i++)
		if (strcmp(f->names[i].path, path) == 0)
			return &f->names[i];
	return NULL;
}

static inline struct memory_inode *memory_inode(struct memory *m, const char *path)
{
	struct memory_name *n = memory_find(&m->now, path);

	return n == NULL ? NULL : &m->inodes[n->inode];
}

static inline int64_t memory_free(struct memory *m)
{
	int64_t used = 0;

	for (size_t i = 0; i < m->inode_count; i++)
		used += m->inodes[i].linked ? (int64_t)m->inodes[i].size : 0;
	return m->capacity - used;
}

/* 0 or an errno value. The bytes move, so nothing may be mapped. */
static inline int memory_resize(struct memory *m, struct memory_inode *i, size_t size)
{
	uint8_t *now, *disk;

	if (size == i->size)
		return 0;
	if (i->maps > 0)
		abort();
	if (size > i->size && (int64_t)(size - i->size) > memory_free(m))
		return ENOSPC;
	now = calloc(1, size + 1);
	disk = calloc(1, size + 1);
	if (i->size > 0) {
		memcpy(now, i->now, size < i->size ? size : i->size);
		memcpy(disk, i->disk, size < i->size ? size : i->size);
	}
	free(i->now);
	free(i->disk);
	/* Exact, so that one byte too far is seen. */
	i->now = realloc(now, size > 0 ? size : 1);
	i->disk = realloc(disk, size > 0 ? size : 1);
	i->size = size;
	i->disk_size = i->disk_size < size ? i->disk_size : size;
	return 0;
}

/* Nobody can reach it any more, not even after a power cut. */
static inline bool memory_is_unused(const struct memory *m, size_t inode)
{
	for (size_t i = 0; i < MEMORY_FDS; i++)
		if (m->fds[i] == inode + 1)
			return false;
	for (size_t i = 0; i < m->disk.count; i++)
		if (m->disk.names[i].inode == inode)
			return false;
	return !m->inodes[inode].linked && m->inodes[inode].maps == 0;
}

static inline size_t memory_new_inode(struct memory *m)
{
	for (size_t i = 0; m->inode_count == MEMORY_INODES && i < MEMORY_INODES; i++)
		if (memory_is_unused(m, i)) {
			memory_resize(m, &m->inodes[i], 0);
			return i;
		}
	if (m->inode_count == MEMORY_INODES)
		abort();
	return m->inode_count++;
}

static inline struct memory_inode *memory_make(struct memory *m, const char *path)
{
	struct memory_name *n;

	if (m->now.count == MEMORY_NAMES)
		abort();
	n = &m->now.names[m->now.count++];
	snprintf(n->path, sizeof(n->path), "%s", path);
	n->inode = memory_new_inode(m);
	m->inodes[n->inode].linked = true;
	return &m->inodes[n->inode];
}

static inline int memory_open(void *context, const char *path, int flags, mode_t mode)
{
	struct memory *m = context;
	struct memory_inode *i;
	int fd = 0;

	(void)mode;
	pthread_mutex_lock(&m->lock);
	i = memory_inode(m, path);
	if (i == NULL && (flags & O_CREAT))
		i = memory_make(m, path);
	if (i != NULL && (flags & O_TRUNC))
		memory_resize(m, i, 0);
	while (m->fds[fd] != 0)
		fd++;
	if (i != NULL)
		m->fds[fd] = (size_t)(i - m->inodes) + 1;
	pthread_mutex_unlock(&m->lock);
	errno = ENOENT;
	return i != NULL ? fd : -1;
}

static inline int memory_close(void *context, int fd)
{
	struct memory *m = context;

	pthread_mutex_lock(&m->lock);
	m->fds[fd] = 0;
	pthread_mutex_unlock(&m->lock);
	return 0;
}

static inline int memory_allocate(void *context, int fd, off_t length)
{
	struct memory *m = context;
	struct memory_inode *i;
	int rc = 0;

	pthread_mutex_lock(&m->lock);
	i = &m->inodes[m->fds[fd] - 1];
	if ((size_t)length > i->size)
		rc = memory_resize(m, i, (size_t)length);
	pthread_mutex_unlock(&m->lock);
	return rc;
}

static inline void *memory_map(void *context, int fd, size_t length)
{
	struct memory *m = context;
	struct memory_inode *i;

	pthread_mutex_lock(&m->lock);
	i = &m->inodes[m->fds[fd] - 1];
	if (length > i->size)
		abort();
	i->maps++;
	pthread_mutex_unlock(&m->lock);
	return i->now;
}

static inline int memory_unmap(void *context, void *at, size_t length)
{
	struct memory *m = context;

	(void)length;
	pthread_mutex_lock(&m->lock);
	for (size_t i = 0; i < m->inode_count; i++)
		m->inodes[i].maps -= m->inodes[i].now == at;
	pthread_mutex_unlock(&m->lock);
	return 0;
}

static inline int memory_sync(void *context, int fd, void *at, size_t length)
{
	struct memory *m = context;
	struct memory_inode *i;
	bool fails;

	pthread_mutex_lock(&m->lock);
	m->syncs++;
	fails = m->sync_fails;
	i = &m->inodes[m->fds[fd] - 1];
	if (!fails) {
		size_t from = (size_t)((uint8_t *)at - i->now);

		memcpy(i->disk + from, at, length);
		i->disk_size = i->size;
	}
	pthread_mutex_unlock(&m->lock);
	errno = EIO;
	return fails ? -1 : 0;
}

static inline int memory_sync_folder(void *context, const char *path)
{
	struct memory *m = context;

	(void)path;
	pthread_mutex_lock(&m->lock);
	m->disk = m->now;
	pthread_mutex_unlock(&m->lock);
	return 0;
}

static inline int memory_unlink(void *context, const char *path)
{
	struct memory *m = context;
	struct memory_name *n;

	pthread_mutex_lock(&m->lock);
	n = memory_find(&m->now, path);
	if (n != NULL) {
		m->inodes[n->inode].linked = false;
		*n = m->now.names[--m->now.count];
	}
	pthread_mutex_unlock(&m->lock);
	errno = ENOENT;
	return n != NULL ? 0 : -1;
}

static inline int memory_rename(void *context, const char *from, const char *to)
{
	struct memory *m = context;
	struct memory_name *n;

	memory_unlink(context, to);
	pthread_mutex_lock(&m->lock);
	n = memory_find(&m->now, from);
	if (n != NULL)
		snprintf(n->path, sizeof(n->path), "%s", to);
	pthread_mutex_unlock(&m->lock);
	errno = ENOENT;
	return n != NULL ? 0 : -1;
}

static inline int64_t memory_free_bytes(void *context, const char *path)
{
	struct memory *m = context;
	int64_t bytes;

	(void)path;
	pthread_mutex_lock(&m->lock);
	bytes = memory_free(m);
	pthread_mutex_unlock(&m->lock);
	return bytes;
}

static inline int64_t memory_size(void *context, int fd)
{
	struct memory *m = context;
	int64_t size;

	pthread_mutex_lock(&m->lock);
	size = (int64_t)m->inodes[m->fds[fd] - 1].size;
	pthread_mutex_unlock(&m->lock);
	return size;
}

static inline int memory_make_folder(void *context, const char *path)
{
	(void)context, (void)path;
	return 0;
}

static inline int memory_list(void *context, const char *folder, void (*each)(void *to, const char *name), void *to)
{
	struct memory *m = context;
	static _Thread_local struct memory_folder now;

	pthread_mutex_lock(&m->lock);
	now = m->now;
	pthread_mutex_unlock(&m->lock);
	for (size_t i = 0; i < now.count; i++)
		each(to, now.names[i].path + strlen(folder) + 1);
	return 0;
}

static inline struct memory *memory_new(int64_t capacity, uint64_t seed)
{
	struct memory *m = calloc(1, sizeof(*m));

	pthread_mutex_init(&m->lock, NULL);
	m->capacity = capacity;
	m->random = seed * 0x9e3779b97f4a7c15u | 1;
	return m;
}

static inline void memory_delete(struct memory *m)
{
	for (size_t i = 0; i < m->inode_count; i++) {
		free(m->inodes[i].now);
		free(m->inodes[i].disk);
	}
	pthread_mutex_destroy(&m->lock);
	free(m);
}

/* Without threads; a test that wants them adds wait and wake. */
static inline struct journal_files memory_files(struct memory *m)
{
	return (struct journal_files){.context = m,
		.open = memory_open,
		.close = memory_close,
		.allocate = memory_allocate,
		.map = memory_map,
		.unmap = memory_unmap,
		.sync = memory_sync,
		.sync_folder = memory_sync_folder,
		.rename = memory_rename,
		.unlink = memory_unlink,
		.free_bytes = memory_free_bytes,
		.size = memory_size,
		.make_folder = memory_make_folder,
		.list = memory_list};
}

/* The kernel writes a sector out, whichever it likes. */
static inline void memory_write_back(struct memory *m)
{
	struct memory_inode *i;
	size_t at;

	pthread_mutex_lock(&m->lock);
	i = &m->inodes[memory_random(m, m->inode_count)];
	if (i->size >= MEMORY_SECTOR) {
		at = memory_random(m, i->size / MEMORY_SECTOR) * MEMORY_SECTOR;
		memcpy(i->disk + at, i->now + at, MEMORY_SECTOR);
	}
	pthread_mutex_unlock(&m->lock);
}

/* Each sector as it was last synced, or, when `mixed`, at random as it is now. */
static inline void memory_cut_inode(struct memory *m, struct memory_inode *from, struct memory_inode *to, bool mixed)
{
	size_t size = mixed && memory_random(m, 2) ? from->size : from->disk_size;

	memory_resize(m, to, size);
	for (size_t at = 0; at < size; at += MEMORY_SECTOR) {
		size_t length = size - at < MEMORY_SECTOR ? size - at : MEMORY_SECTOR;
		const uint8_t *source = mixed && memory_random(m, 2) ? from->now : from->disk;

		memcpy(to->now + at, source + at, length);
		memcpy(to->disk + at, source + at, length);
	}
	to->disk_size = size;
}

/* What a new machine finds on the disk of `m`, on which a journal may still be open (by this thread). */
static inline struct memory *memory_power_cut(struct memory *m, bool mixed)
{
	struct memory *out = memory_new(m->capacity, memory_random(m, UINT32_MAX));
	struct memory_folder *names;

	pthread_mutex_lock(&m->lock);
	names = mixed && memory_random(m, 2) ? &m->now : &m->disk;
	out->capacity = INT64_MAX / 2;
	for (size_t i = 0; i < names->count; i++) {
		struct memory_inode *to = memory_make(out, names->names[i].path);

		memory_cut_inode(out, &m->inodes[names->names[i].inode], to, mixed);
	}
	out->disk = out->now;
	out->capacity = m->capacity;
	pthread_mutex_unlock(&m->lock);
	return out;
}

/* What a process finds after the one before was killed: the machine, and what is not yet on its disk, live on. */
static inline struct memory *memory_kill(struct memory *m)
{
	struct memory *out = memory_new(m->capacity, memory_random(m, UINT32_MAX));

	pthread_mutex_lock(&m->lock);
	out->now = m->now;
	out->disk = m->disk;
	out->inode_count = m->inode_count;
	for (size_t i = 0; i < m->inode_count; i++) {
		const struct memory_inode *from = &m->inodes[i];
		struct memory_inode *to = &out->inodes[i];

		*to = *from;
		to->maps = 0;
		to->now = malloc(from->size + 1);
		to->disk = malloc(from->size + 1);
		if (from->size > 0) {
			memcpy(to->now, from->now, from->size);
			memcpy(to->disk, from->disk, from->size);
		}
	}
	pthread_mutex_unlock(&m->lock);
	return out;
}

#endif
