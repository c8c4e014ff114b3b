/* journal_segment.c: one segment: its file, header and records. */
#include "flow/journal_impl.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAME_PREFIX "journal-"
#define NAME_SUFFIX ".aqj"

void jr_path(const struct journal *j, uint32_t number, char path[JR_PATH])
{
	snprintf(path, JR_PATH, "%s/" NAME_PREFIX "%08u" NAME_SUFFIX, j->folder, number);
}

uint32_t jr_number(const char *name)
{
	size_t prefix = sizeof(NAME_PREFIX) - 1;
	unsigned long number;
	char *rest;

	if (strncmp(name, NAME_PREFIX, prefix) != 0 || strspn(name + prefix, "0123456789") < 8)
		return 0;
	errno = 0;
	number = strtoul(name + prefix, &rest, 10);
	if (errno != 0 || number > UINT32_MAX || strcmp(rest, NAME_SUFFIX) != 0)
		return 0;
	return (uint32_t)number;
}

bool jr_zero(const uint8_t *at, size_t length)
{
	return length == 0 || (at[0] == 0 && memcmp(at, at + 1, length - 1) == 0);
}

/* Length of the file after making it `size` long; -1 and errno. */
static int64_t extend(struct journal *j, int fd, int64_t length, size_t size)
{
	const struct journal_files *f = &j->files;
	int rc;

	if (length < 0 || (uint64_t)length >= size)
		return length;
	rc = f->allocate(f->context, fd, (off_t)size);
	if (rc != 0) {
		errno = rc;
		return -1;
	}
	return (int64_t)size;
}

static struct jr_segment *map_segment(struct journal *j, uint32_t number, int fd, size_t size)
{
	int64_t before = j->files.size(j->files.context, fd);
	int64_t length = extend(j, fd, before, size);
	struct jr_segment *s = length < 0 ? NULL : calloc(1, sizeof(*s));

	if (s == NULL)
		return NULL;
	s->number = number;
	s->fd = fd;
	s->crc = j->crc;
	s->fresh = before == 0;
	s->mapped = (uint64_t)length > UINT32_MAX ? UINT32_MAX & ~7u : (size_t)length & ~(size_t)7;
	s->limit = s->mapped;
	if (s->mapped > 0)
		s->base = j->files.map(j->files.context, fd, s->mapped);
	if (s->mapped > 0 && s->base == NULL) {
		free(s);
		return NULL;
	}
	return s;
}

struct jr_segment *jr_segment_open(struct journal *j, uint32_t number, int flags, size_t size)
{
	struct jr_segment *s;
	char path[JR_PATH];
	int fd, reason;

	jr_path(j, number, path);
	fd = j->files.open(j->files.context, path, flags | O_CLOEXEC, 0600);
	if (fd < 0)
		return NULL;
	s = map_segment(j, number, fd, size);
	if (s == NULL) {
		reason = errno;
		j->files.close(j->files.context, fd);
		errno = reason;
	}
	return s;
}

void jr_segment_close(struct journal *j, struct jr_segment *s)
{
	if (s == NULL)
		return;
	if (s->base != NULL)
		j->files.unmap(j->files.context, s->base, s->mapped);
	j->files.close(j->files.context, s->fd);
	free(s);
}

static uint32_t header_crc(journal_crc_fn *crc, const struct jr_header *h)
{
	uint64_t words[6];

	memcpy(words, &h->format, sizeof(words));
	return crc(0, words[0], words + 1, 5);
}

bool jr_header_read(struct jr_segment *s)
{
	struct jr_header h;

	if (s->mapped < JR_SECTOR)
		return false;
	memcpy(&h, s->base, sizeof(h));
	if (h.magic != JR_MAGIC || h.format != 1 || h.number != s->number || h.unused_too != 0 ||
		h.crc != header_crc(s->crc, &h) || h.size < JR_SECTOR || h.size > UINT32_MAX || h.size % 8 != 0)
		return false;
	s->seed = h.crc;
	s->size = (size_t)h.size;
	s->limit = h.size < s->mapped ? (size_t)h.size : s->mapped;
	s->time_ns = h.time_ns;
	s->previous = h.previous;
	return true;
}

void jr_header_write(struct jr_segment *s, size_t size, int64_t time_ns, uint64_t previous)
{
	struct jr_header h = {.format = 1, .number = s->number, .size = size, .time_ns = time_ns, .previous = previous};
	uint64_t magic = JR_MAGIC;

	h.crc = header_crc(s->crc, &h);
	memcpy(s->base + sizeof(magic), &h.format, sizeof(h) - sizeof(magic));
	__atomic_store_n((uint64_t *)(void *)s->base, magic, __ATOMIC_RELEASE);
	s->seed = h.crc;
	s->size = size;
	s->limit = size;
	s->time_ns = time_ns;
	s->previous = previous;
}

static void fill(struct journal_record *r, const struct jr_segment *s, size_t at, const struct jr_head *h)
{
	r->position = (uint64_t)s->number << 32 | at;
	r->next = r->position + jr_round(h->size);
	r->time_ns = h->time_ns;
	r->type = h->type;
	r->version = h->version;
	r->length = h->size - JR_HEAD;
	r->snapshot = (h->mark & JR_SNAPSHOT) != 0;
	r->body = s->base + at + JR_HEAD;
}

size_t jr_record(const struct jr_segment *s, size_t at, struct journal_record *record)
{
	const uint8_t *p = s->base + at;
	struct jr_head h;
	uint64_t word;
	size_t room;

	if (at > s->limit || s->limit - at < JR_HEAD)
		return 0;
	/* Acquire: the writer may be another process; with the word, all of the record is there. */
	word = __atomic_load_n((const uint64_t *)(const void *)p, __ATOMIC_ACQUIRE);
	memcpy(&h, p, sizeof(h));
	h.crc = (uint32_t)word;
	h.size = (uint32_t)(word >> 32);
	room = jr_round(h.size);
	if (h.size < JR_HEAD || room > s->limit - at || (h.mark & ~JR_SNAPSHOT) != at / 8 ||
		s->crc(s->seed, h.size, p + 8, room / 8 - 1) != h.crc)
		return 0;
	fill(record, s, at, &h);
	return room;
}

void jr_wipe(struct jr_segment *s, size_t from)
{
	for (size_t at = from; at < s->mapped; at += 8) {
		uint64_t word;

		memcpy(&word, s->base + at, sizeof(word));
		if (word != 0)
			memset(s->base + at, 0, sizeof(word));
	}
}
