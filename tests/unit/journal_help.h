/* journal_help.h: numbered records, snapshots that carry the next number, and their check. */
#ifndef AQ_TESTS_JOURNAL_HELP_H
#define AQ_TESTS_JOURNAL_HELP_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "host/journal_files.h"
#include "memory_files.h"

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

#define SEGMENT 65536u
#define FIRST 88u /* offset of the first record after an empty snapshot */

enum { NUMBERED = 1, NEXT_NUMBER = 2, FILLER = 3 };

struct found {
	uint64_t next;     /* number that the next record must have */
	uint64_t records;  /* of type NUMBERED */
	uint64_t position; /* of the last */
	uint64_t end;      /* offset in the segment where its body ends */
};

/* Lengths of all residues, never a zero byte: a record of which one byte was lost does not look whole. */
static inline size_t fill_body(uint64_t number, uint8_t body[512])
{
	size_t length = 8 + (size_t)(number * 37 % 401);

	for (size_t i = 0; i < length; i++)
		body[i] = (uint8_t)((number + i) * 131 | 1);
	for (int i = 0; i < 8; i++)
		body[i] = (uint8_t)((number >> 7 * i & 0x7f) | 0x80);
	return length;
}

static inline uint64_t body_number(const uint8_t *body)
{
	uint64_t number = 0;

	for (int i = 0; i < 8; i++)
		number |= (uint64_t)(body[i] & 0x7f) << 7 * i;
	return number;
}

static inline int check_record(void *context, const struct journal_record *r)
{
	struct found *f = context;
	uint8_t body[512];

	if (r->type == NEXT_NUMBER) {
		assert_true(r->snapshot);
		f->next = body_number(r->body);
	}
	if (r->type != NUMBERED)
		return 0;
	assert_false(r->snapshot);
	assert_int_equal(r->length, fill_body(f->next, body));
	assert_memory_equal(r->body, body, r->length);
	assert_int_equal(r->time_ns, f->next * 1000);
	assert_int_equal(r->version, 7);
	f->next++;
	f->records++;
	f->position = r->position;
	f->end = (uint32_t)r->position + 24 + r->length;
	return 0;
}

/* Replays and checks; the caller looks at what was found. */
static inline struct found replay(struct journal *j, uint64_t *cut)
{
	struct found f = {0};

	assert_int_equal(journal_replay(j, check_record, &f, cut), 0);
	return f;
}

static inline int append_snapshot(struct journal *j, uint64_t number, int64_t time_ns)
{
	uint8_t body[512];
	int rc;

	memset(body, 0x5a, sizeof(body));
	for (int i = 0; i < 4; i++)
		if ((rc = journal_append(j, FILLER, 1, time_ns, body, 300, NULL, 0, NULL)) != 0)
			return rc;
	fill_body(number, body);
	return journal_append(j, NEXT_NUMBER, 1, time_ns, body, 8, NULL, 0, NULL);
}

static inline int rotate(struct journal *j, uint64_t number)
{
	int64_t time_ns = (int64_t)number * 1000;
	int rc = journal_rotate_begin(j, time_ns);

	if (rc == 0)
		append_snapshot(j, number, time_ns);
	return rc != 0 ? rc : journal_rotate_end(j, time_ns);
}

/* As a host would: rotates when it must. In two parts, cut anywhere. */
static inline int append(struct journal *j, uint64_t number, uint64_t *position)
{
	uint8_t body[512];
	size_t length = fill_body(number, body), head = (size_t)(number % (length + 1));
	int rc;

	if (journal_wants_rotation(j, length) && (rc = rotate(j, number)) != 0)
		return rc;
	return journal_append(j, NUMBERED, 7, (int64_t)number * 1000, body, head, body + head, length - head, position);
}

static inline struct journal *open_with(
	const struct journal_files *files, const char *folder, enum journal_grade grade, bool read_only)
{
	struct journal_options options = {
		.folder = folder, .grade = grade, .segment_size = SEGMENT, .read_only = read_only};
	struct aq_err err = {0};
	struct journal *j;

	if (journal_open(&j, &options, files, &err) != 0)
		fail_msg("%s", err.text);
	return j;
}

/* A journal in memory, without threads. */
static inline struct journal *open_memory(struct memory *m, enum journal_grade grade)
{
	struct journal_files files = memory_files(m);

	return open_with(&files, "m", grade, false);
}

static inline const char *segment_path(const char *folder, unsigned number)
{
	static char path[512];

	snprintf(path, sizeof(path), "%s/journal-%08u.aqj", folder, number);
	return path;
}

/* A new folder, removed by folder_remove. */
static inline void folder_make(char folder[256])
{
	const char *root = getenv("TMPDIR");

	snprintf(folder, 256, "%s/journal-test-XXXXXX", root != NULL ? root : "/tmp");
	assert_non_null(mkdtemp(folder));
}

static inline void folder_remove(const char *folder)
{
	DIR *dir = opendir(folder);
	const struct dirent *entry;
	char path[768];

	assert_non_null(dir);
	while ((entry = readdir(dir)) != NULL) {
		snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
		unlink(path);
	}
	closedir(dir);
	assert_int_equal(rmdir(folder), 0);
}

/* All bytes of a file; the caller frees. NULL = no such file. */
static inline uint8_t *file_bytes(const char *path, size_t *size)
{
	FILE *file = fopen(path, "rb");
	struct stat st;
	uint8_t *bytes;

	if (file == NULL)
		return NULL;
	assert_int_equal(fstat(fileno(file), &st), 0);
	*size = (size_t)st.st_size;
	bytes = malloc(*size + 1);
	assert_int_equal(fread(bytes, 1, *size, file), *size);
	fclose(file);
	return bytes;
}

static inline void file_write(const char *path, size_t at, const void *bytes, size_t length)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, bytes, length, (off_t)at), length);
	close(fd);
}

#endif
