/* test_journal_cut.c: what a killed process, a cut file, stale blocks and bit rot leave; what recovery makes of it. */
#include "journal_help.h"

#define NUMBERS 60 /* records written by most tests here; about 14 KiB */

/* A journal of two segments in memory, NUMBERS records in the second. */
static struct memory *make(struct found *f)
{
	struct memory *m = memory_new(1 << 24, 1);
	struct journal *j = open_memory(m, JOURNAL_PAGE);

	for (uint64_t i = 0; i < 5; i++)
		append(j, i, NULL);
	assert_int_equal(rotate(j, 5), 0);
	for (uint64_t i = 5; i < 5 + NUMBERS; i++)
		append(j, i, NULL);
	*f = replay(j, NULL);
	assert_int_equal(f->records, NUMBERS);
	journal_close(j);
	return m;
}

/* The same files, as after a restart. */
static struct memory *copy(struct memory *m)
{
	struct memory *out = memory_power_cut(m, false);

	for (size_t i = 0; i < m->now.count; i++) {
		struct memory_inode *from = memory_inode(m, m->now.names[i].path);
		struct memory_inode *to = memory_inode(out, m->now.names[i].path);

		assert_non_null(to);
		memory_resize(out, to, from->size);
		memcpy(to->now, from->now, from->size);
		memcpy(to->disk, from->now, from->size);
		to->disk_size = from->size;
	}
	return out;
}

static struct memory_inode *segment(struct memory *m, unsigned number)
{
	struct memory_inode *i = memory_inode(m, segment_path("m", number));

	assert_non_null(i);
	return i;
}

static void assert_same(struct memory *a, struct memory *b)
{
	assert_int_equal(a->now.count, b->now.count);
	for (size_t i = 0; i < a->now.count; i++) {
		struct memory_inode *x = memory_inode(a, a->now.names[i].path);
		struct memory_inode *y = memory_inode(b, a->now.names[i].path);

		assert_non_null(y);
		assert_int_equal(x->size, y->size);
		assert_memory_equal(x->now, y->now, x->size);
	}
}

/* Bytes from `from` to the last one of segment 2 that is not zero, in words. */
static uint64_t dirty_from(struct memory *m, uint64_t from)
{
	struct memory_inode *s = segment(m, 2);
	uint64_t end = s->size;

	while (end > from && s->now[end - 1] == 0)
		end--;
	return end > from ? (end - from + 7) / 8 * 8 : 0;
}

/* Opens, finds `records` of them, the rest zero, and goes on. `last`: where they end. */
static void recover_to(struct memory *m, uint64_t records, uint64_t last)
{
	uint64_t dirty = dirty_from(m, last);
	struct journal *j = open_memory(m, JOURNAL_PAGE);
	struct memory_inode *s = segment(m, 2);
	uint64_t cut, end = (uint32_t)journal_end(j);
	struct found f = replay(j, &cut);

	assert_int_equal(f.records, records);
	assert_int_equal(end, last);
	assert_int_equal(cut, dirty);
	assert_int_equal(s->size, SEGMENT);
	for (size_t at = end; at < s->size; at++)
		assert_int_equal(s->now[at], 0);
	/* On the disk too: what was cut must not come back behind a new record. */
	for (size_t at = end; at < s->size; at++)
		assert_int_equal(s->disk[at], 0);
	assert_int_equal(append(j, f.next, NULL), 0);
	journal_close(j);
	j = open_memory(m, JOURNAL_PAGE);
	f = replay(j, &cut);
	assert_int_equal(f.records, records + 1);
	assert_int_equal(cut, 0);
	journal_close(j);
}

static void recover_twice(struct memory *m)
{
	struct memory *a = copy(m), *b = copy(m);

	journal_close(open_memory(a, JOURNAL_PAGE));
	journal_close(open_memory(b, JOURNAL_PAGE));
	assert_same(a, b);
	journal_close(open_memory(b, JOURNAL_PAGE));
	assert_same(a, b);
	memory_delete(a);
	memory_delete(b);
}

/* Where the last record that is whole in the first `at` bytes ends, and how many there are. */
struct whole {
	uint64_t at, records, end;
};

static int count_whole(void *context, const struct journal_record *r)
{
	struct whole *w = context;
	uint64_t body_end = (uint32_t)r->position + 24 + r->length;

	if (body_end > w->at)
		return 0;
	w->records += r->type == NUMBERED;
	w->end = (uint32_t)r->next;
	return 0;
}

static struct whole whole_before(struct journal *j, uint64_t at)
{
	struct whole w = {.at = at};

	journal_replay(j, count_whole, &w, NULL);
	return w;
}

static void test_every_byte(void **state)
{
	struct found f;
	struct memory *m = make(&f), *n;
	struct memory *reference = copy(m);
	struct journal *j = open_memory(reference, JOURNAL_PAGE);

	assert_true(f.end > 8192);
	for (uint64_t at = f.end - 4096; at <= f.end; at++) {
		struct whole w = whole_before(j, at);

		n = copy(m); /* the file ends there */
		memory_resize(n, segment(n, 2), at);
		if (at % 64 == 0)
			recover_twice(n);
		recover_to(n, w.records, w.end);
		memory_delete(n);
		n = copy(m); /* the bytes from there on were never written */
		memset(segment(n, 2)->now + at, 0, SEGMENT - at);
		memset(segment(n, 2)->disk + at, 0, SEGMENT - at);
		recover_to(n, w.records, w.end);
		memory_delete(n);
	}
	journal_close(j);
	memory_delete(reference);
	memory_delete(m);
}

/* On the real file system, with threads. */
static void test_cut_file(void **state)
{
	struct journal *j;
	char folder[256];
	uint64_t end, cut;

	folder_make(folder);
	j = open_with(journal_files_system(), folder, JOURNAL_PAGE, false);
	for (uint64_t i = 0; i < 40; i++)
		append(j, i, NULL);
	for (uint64_t left = 39; left > 10; left--) {
		struct found f = replay(j, NULL);

		end = (uint32_t)f.position + 24 + left % 8;
		journal_close(j);
		assert_int_equal(truncate(segment_path(folder, 1), (off_t)end), 0);
		j = open_with(journal_files_system(), folder, JOURNAL_PAGE, true); /* looks, changes nothing */
		assert_int_equal(replay(j, NULL).records, left);
		journal_close(j);
		j = open_with(journal_files_system(), folder, JOURNAL_PAGE, false);
		assert_int_equal(replay(j, &cut).records, left);
		assert_in_range(cut, 24, 32);
	}
	journal_close(j);
	folder_remove(folder);
}

/* A block that held an older segment, not zeroed: same offsets, whole records, another segment. */
static void test_stale_bytes(void **state)
{
	struct memory *m = memory_new(1 << 24, 1);
	struct journal *j = open_memory(m, JOURNAL_PAGE);
	uint8_t body[232] = {1};
	struct memory_inode *one, *two;
	uint64_t cut;

	for (int i = 0; i < 200; i++)
		journal_append(j, 9, 0, i, body, sizeof(body), NULL, 0, NULL);
	journal_rotate_begin(j, 300);
	journal_rotate_end(j, 300);
	for (int i = 0; i < 20; i++)
		journal_append(j, 9, 0, i, body, sizeof(body), NULL, 0, NULL);
	journal_close(j);
	one = segment(m, 1);
	two = segment(m, 2);
	assert_memory_equal(one->now + FIRST + 8, two->now + FIRST + 8, 256 - 8); /* all but the checksum */
	memcpy(two->now + FIRST + 20 * 256, one->now + FIRST + 20 * 256, 180 * 256);
	j = open_memory(m, JOURNAL_PAGE);
	assert_int_equal(journal_end(j), 2ull << 32 | (FIRST + 20 * 256));
	assert_int_equal(replay(j, &cut).records, 0);
	assert_in_range(cut, 180 * 256 - 240, 180 * 256);
	assert_true(two->now[FIRST + 20 * 256 + 4] == 0);
	journal_close(j);
	memory_delete(m);
}

/* Whole records of the same segment, at another offset. */
static void test_displaced_bytes(void **state)
{
	struct found f;
	struct memory *m = make(&f);
	uint64_t end = (f.end + 7) / 8 * 8;
	uint8_t *bytes = segment(m, 2)->now;

	memcpy(bytes + end, bytes + (uint32_t)f.position, end - (uint32_t)f.position);
	memcpy(bytes + end + 1024, bytes + 4096, 4096);
	recover_to(m, NUMBERS, end);
	memory_delete(m);
}

/* The reserve found full of an older segment, or of a half-made one with the same number, is zeroed before use. */
static void test_soiled_reserve(void **state)
{
	struct found f;
	struct memory *m = make(&f);
	struct journal *j;

	memcpy(segment(m, 3)->now, segment(m, 2)->now, SEGMENT);
	memset(segment(m, 3)->now, 0, 512);
	j = open_memory(m, JOURNAL_PAGE);
	f = replay(j, NULL);
	assert_int_equal(f.records, NUMBERS);
	for (size_t at = 0; at < SEGMENT; at++)
		assert_int_equal(segment(m, 3)->now[at], 0);
	assert_int_equal(rotate(j, f.next), 0);
	assert_int_equal(journal_rotate_begin(j, 1), 0);
	append_snapshot(j, f.next, 1);
	journal_close(j);
	j = open_memory(m, JOURNAL_PAGE);
	for (size_t at = 0; at < SEGMENT; at++)
		assert_int_equal(segment(m, 4)->now[at], 0);
	journal_close(j);
	memory_delete(m);
}

/* Opening refuses with the segment's name and `at`, and leaves every byte as it was. */
static void assert_refused(struct memory *m, unsigned number, uint64_t at)
{
	struct journal_options options = {.folder = "m", .grade = JOURNAL_PAGE, .segment_size = SEGMENT};
	struct journal_files files = memory_files(m);
	struct memory *before = copy(m);
	struct aq_err err = {0};
	struct journal *j;
	char offset[64];

	snprintf(offset, sizeof(offset), "offset %llu,", (unsigned long long)at);
	assert_int_equal(journal_open(&j, &options, &files, &err), AQ_EFORMAT);
	assert_non_null(strstr(err.text, segment_path("m", number)));
	if (strstr(err.text, offset) == NULL)
		fail_msg("%s does not name %s", err.text, offset);
	assert_same(before, m);
	memory_delete(before);
}

/* One byte spoilt in every place before the last record: never taken for a torn tail. */
static void test_bit_rot(void **state)
{
	struct found f;
	struct memory *m = make(&f), *reference = copy(m);
	struct journal *j = open_memory(reference, JOURNAL_PAGE);
	uint8_t *bytes = segment(m, 2)->now;
	struct journal_record r;
	uint64_t at = 2ull << 32 | 64, record = 64, snapshot_end = 0;
	bool in_end;

	for (size_t i = 0; i < (uint32_t)f.position; i++) {
		uint8_t mask = (uint8_t)(1u << i % 8);

		while (i >= (uint32_t)at && journal_read(j, at, &r) == 1) {
			if (r.type == NEXT_NUMBER)
				snapshot_end = (uint32_t)r.next;
			record = (uint32_t)r.position;
			at = r.next;
		}
		/* The record that ends a snapshot is there too, though a reader does not get it. */
		in_end = snapshot_end > 0 && i >= snapshot_end && i < snapshot_end + 24;
		bytes[i] ^= mask;
		assert_refused(m, 2, i < 64 ? 0 : in_end ? snapshot_end : record);
		bytes[i] ^= mask;
	}
	recover_to(m, NUMBERS, (f.end + 7) / 8 * 8);
	journal_close(j);
	memory_delete(reference);
	memory_delete(m);
}

/* The same in the last record cannot be told from a tail that was being written. */
static void test_last_record_torn(void **state)
{
	struct found f;
	struct memory *m = make(&f);

	segment(m, 2)->now[f.end - 1] ^= 4;
	recover_to(m, NUMBERS - 1, (uint32_t)f.position);
	memory_delete(m);
}

/* A sector that never reached the disk, with later ones that did: a power cut, and what follows goes. */
static void test_lost_sector(void **state)
{
	struct found f;
	struct memory *m = make(&f), *n, *reference = copy(m);
	struct journal *j = open_memory(reference, JOURNAL_PAGE);

	for (uint64_t sector = 2048; sector + 1024 < f.end; sector += 512) {
		struct whole w = whole_before(j, sector);

		n = copy(m);
		memset(segment(n, 2)->now + sector, 0, 512);
		recover_to(n, w.records, w.end);
		memory_delete(n);
	}
	journal_close(j);
	memory_delete(reference);
	memory_delete(m);
}

/* Sectors lost in a snapshot: the segment before is in force again, with all that it held. */
static void test_lost_snapshot(void **state)
{
	struct found f;
	struct memory *m = make(&f);
	struct journal *j;

	memset(segment(m, 2)->now + 512, 0, 512);
	j = open_memory(m, JOURNAL_PAGE);
	f = replay(j, NULL);
	assert_int_equal(f.records, 5);
	assert_int_equal(rotate(j, 5), 0);
	assert_int_equal(append(j, 5, NULL), 0);
	journal_close(j);
	j = open_memory(m, JOURNAL_PAGE);
	assert_int_equal(replay(j, NULL).next, 6);
	assert_int_equal(journal_end(j) >> 32, 2);
	journal_close(j);
	memory_delete(m);
}

/* A reader that had seen what the power cut took is brought back to the end. */
static void test_reader_beyond_the_end(void **state)
{
	struct found f;
	struct memory *m = make(&f);
	struct journal *j = open_memory(m, JOURNAL_PAGE);
	uint64_t end = journal_end(j);
	struct journal_record r;

	assert_int_equal(journal_reader_acknowledge(j, "bus", end), 0);
	journal_close(j);
	memset(segment(m, 2)->now + 512, 0, SEGMENT - 512);
	j = open_memory(m, JOURNAL_PAGE);
	assert_int_equal(journal_end(j) >> 32, 1);
	assert_int_equal(journal_reader_position(j, "bus"), journal_end(j));
	assert_int_equal(append(j, 5, NULL), 0);
	assert_int_equal(journal_read(j, journal_reader_position(j, "bus"), &r), 1);
	assert_int_equal(body_number(r.body), 5);
	journal_close(j);
	memory_delete(m);
}

static void test_missing_segments(void **state)
{
	struct journal_options options = {.folder = "m", .grade = JOURNAL_PAGE, .segment_size = SEGMENT};
	struct found f;
	struct memory *m = make(&f);
	struct journal_files files = memory_files(m);
	struct aq_err err = {0};
	struct journal *j = open_memory(m, JOURNAL_PAGE);
	struct journal_record r;

	assert_int_equal(rotate(j, f.next), 0);
	append(j, f.next, NULL);
	journal_close(j);
	assert_int_equal(memory_unlink(m, segment_path("m", 2)), 0);
	j = open_memory(m, JOURNAL_PAGE);
	assert_int_equal(replay(j, NULL).records, 1);
	for (uint64_t at = 0; at >> 32 < 2; at = r.next)
		if (journal_read(j, at, &r) != 1)
			break;
	assert_int_equal(journal_read(j, r.next, &r), AQ_EFORMAT); /* not skipped silently */
	journal_close(j);
	assert_int_equal(memory_unlink(m, segment_path("m", 3)), 0);
	assert_int_equal(journal_open(&j, &options, &files, &err), AQ_EFORMAT);
	assert_non_null(strstr(err.text, "segment 2"));
	assert_int_equal(memory_unlink(m, segment_path("m", 1)), 0);
	assert_int_equal(journal_open(&j, &options, &files, &err), AQ_EFORMAT);
	assert_non_null(strstr(err.text, "no segment"));
	memory_delete(m);
}

/* A reader meets damage in a segment that recovery does not read. */
static void test_damage_in_an_old_segment(void **state)
{
	struct found f;
	struct memory *m = make(&f);
	struct journal_record r = {0};
	struct journal *j;
	uint64_t at = 0;
	int rc;

	segment(m, 1)->now[FIRST + 30] ^= 1;
	j = open_memory(m, JOURNAL_PAGE);
	while ((rc = journal_read(j, at, &r)) == 1)
		at = r.next;
	assert_int_equal(rc, AQ_EFORMAT);
	assert_int_equal(at, 0);
	assert_int_equal(journal_read(j, 2ull << 32, &r), 1);
	journal_close(j);
	memory_delete(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_every_byte), cmocka_unit_test(test_cut_file),
		cmocka_unit_test(test_stale_bytes), cmocka_unit_test(test_displaced_bytes),
		cmocka_unit_test(test_soiled_reserve), cmocka_unit_test(test_bit_rot),
		cmocka_unit_test(test_last_record_torn), cmocka_unit_test(test_lost_sector),
		cmocka_unit_test(test_lost_snapshot), cmocka_unit_test(test_reader_beyond_the_end),
		cmocka_unit_test(test_missing_segments), cmocka_unit_test(test_damage_in_an_old_segment)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
