/* fuzz_journal.c: arbitrary bytes as the journal's folder: two segments, the first as long as its first two bytes say,
 * each begun with a valid header and valid checksums when its flag says so, so that what lies behind the checks is
 * reached too, and then each spoilt in one place. Opened for reading and for writing; replayed, read, appended to,
 * opened again. What a writer has recovered must then open, and hold what it held, unless the disk is one that fails.
 * The files are exact allocations, so the sanitizer sees a read beyond them. */
#include "../unit/memory_files.h"

#include "flow/journal_impl.h"

#define SEGMENT 65536u
#define HEAD 6 /* bytes of the input before those of the segments */

/* The third byte of the input. */
enum {
	FIRST_VALID = 1,
	SECOND_VALID = 2,
	GAP = 4, /* segment 3 in place of 2 */
	SYNC_FAILS = 8,
	DISK_FULL = 16,
	SPOIL = 96 /* bits; what they say is done to the place in the fifth and sixth byte */
};
enum { SPOIL_BYTE = 32, SPOIL_WORD = 64, SPOIL_SECTOR = 96 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct sum {
	uint64_t records, bytes;
};

static void check(bool condition)
{
	if (!condition)
		abort();
}

/* Looks at every byte. */
static int add(void *context, const struct journal_record *r)
{
	struct sum *s = context;
	const uint8_t *body = r->body;

	for (uint32_t i = 0; i < r->length; i++)
		s->bytes = s->bytes * 31 + body[i];
	s->records++;
	check(r->next > r->position && r->type < JR_OWN);
	return 0;
}

/* A header and, along the lengths that stand there, checksums: damage is then in what the records say. */
static void make_valid(uint8_t *bytes, size_t size, uint32_t number)
{
	struct jr_segment s = {.number = number, .base = bytes, .mapped = size & ~(size_t)7, .crc = journal_crc()};
	size_t at = JR_HEADER, room;
	struct jr_head head;

	if (s.mapped < JR_SECTOR)
		return;
	jr_header_write(&s, SEGMENT, number, number > 1 ? (uint64_t)(number - 1) << 32 | JR_HEADER : 0);
	for (; at + JR_HEAD <= s.mapped; at += room) {
		memcpy(&head, bytes + at, sizeof(head));
		head.size = JR_HEAD + head.size % 200;
		head.mark = (uint32_t)(at / 8) | (head.mark & JR_SNAPSHOT);
		head.type = head.type % 8 == 0 ? JR_END : head.type;
		room = jr_round(head.size);
		if (head.time_ns == 0 || room > s.mapped - at)
			return;
		memcpy(bytes + at, &head, sizeof(head));
		head.crc = s.crc(s.seed, head.size, bytes + at + 8, room / 8 - 1);
		memcpy(bytes + at, &head, sizeof(head));
	}
}

static void spoil(uint8_t *bytes, size_t size, unsigned how, size_t place)
{
	size_t from = how == SPOIL_SECTOR ? place * 8 / JR_SECTOR * JR_SECTOR : place * 8;
	size_t length = how == SPOIL_SECTOR ? JR_SECTOR : 8;

	if (how == 0 || from >= size)
		return;
	if (how == SPOIL_BYTE)
		bytes[from] ^= 0x5a;
	else
		memset(bytes + from, 0, length < size - from ? length : size - from);
}

static struct memory_inode *put(struct memory *m, unsigned number, const uint8_t *data, size_t size, bool valid)
{
	struct memory_inode *i;
	char path[64];

	snprintf(path, sizeof(path), "m/journal-%08u.aqj", number);
	i = memory_make(m, path);
	check(memory_resize(m, i, size) == 0);
	if (size > 0)
		memcpy(i->now, data, size);
	if (valid)
		make_valid(i->now, size, number);
	return i;
}

/* The folder that the input describes. */
static struct memory *make_folder(const uint8_t *data, size_t size)
{
	struct memory *m = memory_new(1 << 22, 1);
	size_t room = size < HEAD ? 0 : size - HEAD, first = size < HEAD ? 0 : (size_t)(data[0] | data[1] << 8);
	struct memory_inode *i[2];

	if (size < HEAD)
		return m;
	first = first < room ? first : room;
	i[0] = put(m, 1, data + HEAD, first, data[2] & FIRST_VALID);
	i[1] = put(m, data[2] & GAP ? 3 : 2, data + HEAD + first, room - first, data[2] & SECOND_VALID);
	for (int k = 0; k < 2; k++)
		spoil(i[k]->now, i[k]->size, data[2] & SPOIL, (size_t)(data[4] | data[5] << 8));
	if (data[2] & SYNC_FAILS)
		m->sync_fails = true;
	if (data[2] & DISK_FULL)
		m->capacity = (int64_t)room + data[3];
	return m;
}

static struct journal *open_in(struct memory *m, bool read_only)
{
	struct journal_options options = {
		.folder = "m", .grade = JOURNAL_DISK, .segment_size = SEGMENT, .keep_ns = 1, .read_only = read_only};
	struct journal_files files = memory_files(m);
	struct aq_err err = {0};
	struct journal *j;
	int rc = journal_open(&j, &options, &files, &err);

	check((rc == 0) == (j != NULL) && (rc == 0 || err.text[0] != '\0'));
	return j;
}

static void read_all(struct journal *j, uint64_t from)
{
	struct journal_record r;
	struct sum s = {0};
	uint64_t at = from;

	for (int errors = 0; errors < 4;) {
		int rc = journal_read(j, at, &r);

		if (rc == 0)
			return;
		check(rc == 1 ? r.position >= at : rc == AQ_EFORMAT);
		if (rc == 1)
			add(&s, &r);
		else
			errors++;
		at = rc == 1 ? r.next : ((at >> 32) + 1) << 32;
	}
}

static struct sum replayed(struct journal *j)
{
	struct sum s = {0};

	check(journal_replay(j, add, &s, NULL) == 0);
	return s;
}

/* How far it gets is the disk's to say. */
static void write_on(struct journal *j, bool good_disk)
{
	static const uint8_t body[64] = {1};
	int rc = 0;

	for (int i = 0; i < 3 && rc == 0; i++)
		if (journal_append(j, 1, 1, i, body, sizeof(body), NULL, 0, NULL) == AQ_ESPACE &&
			(rc = journal_rotate_begin(j, i)) == 0)
			rc = journal_rotate_end(j, i);
	if (rc == 0)
		rc = journal_sync(j, journal_end(j));
	check(rc == 0 || !good_disk);
	journal_reader_acknowledge(j, "fuzz", journal_end(j));
}

static void read_folder(struct memory *m, uint64_t from)
{
	struct journal *j = open_in(m, true);

	if (j == NULL)
		return;
	replayed(j);
	read_all(j, from);
	journal_close(j);
}

static void write_folder(struct memory *m, bool good_disk)
{
	struct journal *j = open_in(m, false);
	struct sum before, after;

	if (j == NULL)
		return;
	replayed(j);
	read_all(j, 0);
	write_on(j, good_disk);
	before = replayed(j);
	journal_close(j);
	j = open_in(m, false);
	check(j != NULL || !good_disk);
	if (j == NULL)
		return;
	after = replayed(j);
	check(after.records == before.records && after.bytes == before.bytes);
	read_all(j, 1);
	journal_close(j);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct memory *m = make_folder(data, size);
	bool good_disk = size < HEAD || (data[2] & (SYNC_FAILS | DISK_FULL)) == 0;

	read_folder(m, size < HEAD ? 0 : (uint64_t)data[3] << 6 | 1ull << 32);
	write_folder(m, good_disk);
	memory_delete(m);
	return 0;
}
