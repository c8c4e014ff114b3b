/* test_journal.c: append, replay, rotation, retention, readers, a second process beside. */
#include "journal_help.h"

#include "flow/journal_crc.h"

static char folder[256];

static int setup(void **state)
{
	folder_make(folder);
	return 0;
}

static int teardown(void **state)
{
	folder_remove(folder);
	return 0;
}

static struct journal *open_here(bool read_only)
{
	return open_with(journal_files_system(), folder, JOURNAL_PAGE, read_only);
}

static bool exists(unsigned number)
{
	return access(segment_path(folder, number), F_OK) == 0;
}

/* RFC 3720, B.4: 32 bytes of zeros, of ones, and counting up. */
static void test_crc(void **state)
{
	journal_crc_fn *both[] = {journal_crc(), journal_crc_portable()};
	uint8_t bytes[4096 + 8];
	uint64_t first = 0;

	for (int i = 0; i < 2; i++) {
		memset(bytes, 0, 32);
		assert_int_equal(both[i](0, 0, bytes + 8, 3), 0x8a9136aa);
		memset(bytes, 0xff, 32);
		assert_int_equal(both[i](0, UINT64_MAX, bytes + 8, 3), 0x62a8ab43);
		for (uint8_t n = 0; n < 32; n++)
			bytes[n] = n;
		memcpy(&first, bytes, sizeof(first));
		assert_int_equal(both[i](0, first, bytes + 8, 3), 0x46dd794e);
	}
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(i * i * 7 + i / 3);
	for (size_t words = 0; words < 512; words++)
		assert_int_equal(
			both[0](7, words, bytes + words % 8, words), both[1](7, words, bytes + words % 8, words));
}

static void test_append_and_replay(void **state)
{
	struct journal *j = open_here(false);
	uint64_t cut = 1, position = 0, before = 0;

	assert_int_equal(replay(j, &cut).records, 0);
	assert_int_equal(cut, 0);
	assert_int_equal(journal_end(j), 1ull << 32 | FIRST);
	for (uint64_t i = 0; i < 100; i++) {
		assert_int_equal(append(j, i, &position), 0);
		assert_true(position > before);
		before = position;
	}
	assert_int_equal(replay(j, NULL).records, 100);
	assert_int_equal(journal_state(j), JOURNAL_OK);
	assert_int_equal(journal_durable(j), journal_end(j));
	before = journal_end(j);
	journal_close(j);
	j = open_here(false);
	assert_int_equal(journal_end(j), before);
	assert_int_equal(replay(j, &cut).records, 100);
	assert_int_equal(cut, 0);
	assert_int_equal(append(j, 100, &position), 0);
	assert_int_equal(position, before);
	assert_int_equal(replay(j, NULL).position, position);
	journal_close(j);
}

static int stop_at_three(void *context, const struct journal_record *r)
{
	return ++*(int *)context == 3 ? 42 : 0;
}

static void test_bad_arguments(void **state)
{
	struct journal_options options = {.folder = folder, .grade = JOURNAL_PAGE, .segment_size = 4096};
	struct aq_err err = {0};
	struct journal *j;
	int calls = 0;

	assert_int_equal(journal_open(&j, &options, journal_files_system(), &err), AQ_EINVAL);
	assert_null(j);
	assert_non_null(strstr(err.text, "4096"));
	options = (struct journal_options){.folder = folder};
	assert_int_equal(journal_open(&j, &options, journal_files_system(), &err), AQ_EINVAL);
	options = (struct journal_options){.folder = folder, .grade = JOURNAL_PAGE, .read_only = true};
	assert_int_equal(journal_open(&j, &options, journal_files_system(), &err), AQ_ENOENT);
	options = (struct journal_options){.folder = "/proc/none/none", .grade = JOURNAL_PAGE};
	assert_int_equal(journal_open(&j, &options, journal_files_system(), &err), AQ_ENOENT);
	assert_non_null(strstr(err.text, "/proc/none/none"));
	j = open_here(false);
	assert_int_equal(journal_append(j, 0, 0, 0, NULL, 0, NULL, 0, NULL), AQ_EINVAL);
	assert_int_equal(journal_append(j, 0xff00, 0, 0, NULL, 0, NULL, 0, NULL), AQ_EINVAL);
	assert_int_equal(journal_append(j, 1, 0, 0, folder, SIZE_MAX, folder, 2, NULL), AQ_ESPACE);
	assert_int_equal(journal_rotate_end(j, 0), AQ_ESTATE);
	assert_int_equal(journal_sync(j, journal_end(j) + 1), AQ_EINVAL);
	for (uint64_t i = 0; i < 5; i++)
		append(j, i, NULL);
	assert_int_equal(journal_replay(j, stop_at_three, &calls, NULL), 42);
	assert_int_equal(calls, 3);
	journal_close(j);
}

/* A record without body, one that fills a segment to its last byte, and one byte more. */
static void test_sizes(void **state)
{
	size_t most = SEGMENT - FIRST - 24;
	uint8_t *body = calloc(1, most + 1);
	struct journal *j = open_here(false);
	uint64_t first;

	assert_int_equal(journal_append(j, 1, 0, 0, NULL, 0, NULL, 0, &first), 0);
	assert_int_equal(journal_end(j), first + 24);
	assert_int_equal(journal_append(j, 1, 0, 0, body, most - 23, NULL, 0, NULL), AQ_ESPACE);
	assert_true(journal_wants_rotation(j, most - 23));
	assert_false(journal_wants_rotation(j, most - 24));
	assert_int_equal(journal_append(j, 1, 0, 0, body, most - 24, NULL, 0, NULL), 0);
	assert_int_equal(journal_end(j), 1ull << 32 | SEGMENT);
	assert_true(journal_wants_rotation(j, 0));
	journal_close(j);
	j = open_here(false);
	assert_int_equal(journal_end(j), 1ull << 32 | SEGMENT);
	assert_int_equal(journal_rotate_begin(j, 1), 0);
	assert_int_equal(journal_rotate_end(j, 1), 0);
	assert_int_equal(journal_append(j, 1, 0, 0, body, most + 1, NULL, 0, NULL), AQ_ESPACE);
	assert_int_equal(journal_append(j, 1, 0, 0, body, most, NULL, 0, NULL), 0);
	journal_close(j);
	free(body);
}

static void test_rotation(void **state)
{
	struct journal *j = open_here(false);
	uint64_t i = 0;
	struct found f;

	while (journal_end(j) >> 32 < 4)
		assert_int_equal(append(j, i++, NULL), 0);
	journal_close(j);
	for (unsigned n = 1; n <= 5; n++) /* the fifth is the reserve */
		assert_true(exists(n));
	j = open_here(false);
	f = replay(j, NULL);
	assert_int_equal(f.next, i);
	assert_true(f.records < i / 3);
	assert_int_equal(rotate(j, i), 0);
	f = replay(j, NULL);
	assert_int_equal(f.records, 0);
	assert_int_equal(f.next, i);
	journal_close(j);
}

/* Until rotate_end the segment before is the one recovered, wherever the process ends. */
static void test_half_made_segment(void **state)
{
	struct journal *j = open_here(false);
	struct found f;

	for (uint64_t i = 0; i < 20; i++)
		append(j, i, NULL);
	for (int round = 0; round < 3; round++) {
		uint64_t end = journal_end(j);

		assert_int_equal(journal_rotate_begin(j, 5), 0);
		assert_int_equal(journal_rotate_begin(j, 5), AQ_ESTATE);
		if (round > 0)
			append_snapshot(j, 20, 5);
		assert_int_equal(journal_end(j), end);
		journal_close(j);
		j = open_here(false);
		f = replay(j, NULL);
		assert_int_equal(f.records, 20);
		assert_int_equal(journal_end(j), end);
	}
	assert_int_equal(rotate(j, 20), 0);
	assert_int_equal(append(j, 20, NULL), 0);
	journal_close(j);
	j = open_here(false);
	f = replay(j, NULL);
	assert_int_equal(f.records, 1);
	assert_int_equal(f.next, 21);
	assert_int_equal(journal_end(j) >> 32, 2);
	journal_close(j);
}

/* A snapshot too large for a segment is refused, and the journal goes on where it was. */
static void test_snapshot_too_large(void **state)
{
	uint8_t *body = calloc(1, SEGMENT);
	struct journal *j = open_here(false);
	uint64_t end;

	append(j, 0, NULL);
	end = journal_end(j);
	for (int round = 0; round < 3; round++) {
		assert_int_equal(journal_rotate_begin(j, 1), 0);
		assert_int_equal(journal_append(j, 9, 0, 0, body, SEGMENT / 2, NULL, 0, NULL), 0);
		assert_int_equal(journal_append(j, 9, 0, 0, body, SEGMENT / 2, NULL, 0, NULL), AQ_ESPACE);
		assert_int_equal(journal_append(j, 9, 0, 0, body, 8, NULL, 0, NULL), 0);
		assert_int_equal(journal_rotate_end(j, 1), AQ_ESPACE);
		assert_int_equal(journal_state(j), JOURNAL_FULL);
		assert_int_equal(journal_end(j), end);
	}
	assert_int_equal(append(j, 1, NULL), 0);
	assert_int_equal(journal_state(j), JOURNAL_OK);
	assert_int_equal(rotate(j, 2), 0);
	assert_int_equal(append(j, 2, NULL), 0);
	journal_close(j);
	j = open_here(false);
	assert_int_equal(replay(j, NULL).next, 3);
	assert_int_equal(journal_end(j) >> 32, 2);
	journal_close(j);
	free(body);
}

/* Reads all from `position` on with the checker; returns where to go on. */
static uint64_t read_all(struct journal *j, uint64_t position, struct found *f)
{
	struct journal_record r;
	int rc;

	while ((rc = journal_read(j, position, &r)) == 1) {
		assert_true(r.position >= position);
		assert_true(r.next > r.position);
		check_record(f, &r);
		position = r.next;
	}
	assert_int_equal(rc, 0);
	return position;
}

static void test_read_across_segments(void **state)
{
	struct journal *j = open_here(false);
	struct journal_record r;
	struct found f = {0}, g = {0};
	uint64_t i = 0, position = 0, at;

	while (journal_end(j) >> 32 < 3) {
		append(j, i++, NULL);
		if (i % 7 == 0)
			position = read_all(j, position, &f);
	}
	assert_int_equal(read_all(j, position, &f), journal_end(j));
	assert_int_equal(f.records, i);
	/* Again after a restart, and by the byte after each record's begin. */
	journal_close(j);
	j = open_here(false);
	for (at = 0; journal_read(j, at, &r) == 1; at = r.position + 1)
		check_record(&g, &r);
	assert_int_equal(g.records, i);
	assert_int_equal(journal_read(j, 2ull << 32, &r), 1);
	assert_int_equal(r.position, 2ull << 32 | 64);
	assert_true(r.snapshot);
	assert_int_equal(journal_read(j, 9ull << 32, &r), 0);
	journal_close(j);
}

/* More readers in different segments than are mapped at once. */
static void test_readers_in_turn(void **state)
{
	struct journal *j = open_here(false);
	struct journal_record r;
	uint64_t at[8], i = 0;
	struct found f[8] = {0};

	while (journal_end(j) >> 32 < 9)
		append(j, i++, NULL);
	for (unsigned n = 0; n < 8; n++)
		at[n] = (uint64_t)(n + 1) << 32;
	assert_int_equal(journal_read(j, at[0], &r), 1);
	for (int round = 0; round < 400; round++)
		for (unsigned n = 0; n < 8; n++) {
			if (journal_read(j, at[n], &r) != 1)
				continue;
			if (f[n].records == 0 && r.type == NUMBERED)
				f[n].next = body_number(r.body);
			check_record(&f[n], &r);
			at[n] = r.next;
		}
	for (unsigned n = 0; n < 8; n++)
		assert_true(f[n].records > 200);
	journal_close(j);
}

static void test_beside_the_writer(void **state)
{
	struct journal *j = open_here(false), *other = open_here(true);
	struct found f = {0};
	uint64_t position = 0, i = 0;

	assert_int_equal(journal_append(other, 1, 0, 0, NULL, 0, NULL, 0, NULL), AQ_ESTATE);
	assert_int_equal(journal_rotate_begin(other, 0), AQ_ESTATE);
	while (journal_end(j) >> 32 < 4) {
		append(j, i++, NULL);
		if (i % 5 == 0)
			position = read_all(other, position, &f);
		if (i % 100 == 0) { /* a snapshot that is not complete is not read */
			struct found before = f;

			assert_int_equal(journal_rotate_begin(j, (int64_t)i), 0);
			append_snapshot(j, i, (int64_t)i);
			position = read_all(other, position, &f);
			assert_int_equal(f.next, i);
			assert_true(f.records >= before.records);
			assert_int_equal(journal_rotate_end(j, (int64_t)i), 0);
		}
	}
	append(j, i++, NULL);
	position = read_all(other, position, &f);
	assert_int_equal(position, journal_end(j));
	assert_int_equal(f.records, i);
	journal_close(other);
	journal_close(j);
	other = open_here(true);
	assert_int_equal(replay(other, NULL).next, i);
	journal_close(other);
}

struct seen {
	int count;
	bool recorder, bus;
};

static void see(void *to, const char *reader)
{
	struct seen *s = to;

	s->count++;
	s->recorder |= strcmp(reader, "recorder") == 0;
	s->bus |= strcmp(reader, "bus") == 0;
}

static void test_reader_positions(void **state)
{
	struct seen seen;
	struct journal *j = open_here(false), *other;
	uint64_t position;

	append(j, 0, &position);
	assert_int_equal(journal_reader_position(j, "recorder"), 0);
	assert_int_equal(journal_reader_acknowledge(j, "recorder", position), 0);
	assert_int_equal(journal_reader_acknowledge(j, "recorder", journal_end(j)), 0);
	assert_int_equal(journal_reader_acknowledge(j, "bus", position), 0);
	assert_int_equal(journal_reader_position(j, "recorder"), journal_end(j));
	assert_int_equal(journal_reader_acknowledge(j, "../bus", position), AQ_EINVAL);
	assert_int_equal(journal_reader_acknowledge(j, "", position), AQ_EINVAL);
	assert_int_equal(journal_reader_acknowledge(j, "bus", journal_end(j) + 8), AQ_EINVAL);
	journal_close(j);
	other = open_here(true);
	assert_int_equal(journal_reader_position(other, "recorder"), position + 32);
	assert_int_equal(journal_reader_position(other, "bus"), position);
	assert_int_equal(journal_reader_acknowledge(other, "bus", position + 32), 0);
	journal_close(other);
	j = open_here(false);
	assert_int_equal(journal_reader_position(j, "recorder"), position + 32);
	assert_int_equal(journal_reader_position(j, "bus"), position + 32);
	seen = (struct seen){0};
	assert_int_equal(journal_readers(j, see, &seen), 0);
	assert_true(seen.count == 2 && seen.recorder && seen.bus);
	assert_int_equal(journal_reader_forget(j, "bus"), 0);
	seen = (struct seen){0};
	assert_int_equal(journal_readers(j, see, &seen), 0);
	assert_true(seen.count == 1 && seen.recorder);
	assert_int_equal(journal_reader_position(j, "bus"), 0);
	assert_int_equal(journal_reader_forget(j, "bus"), AQ_ENOENT);
	journal_close(j);
}

/* A spoilt file is a reader that must begin again, not one that has read everything. */
static void test_spoilt_reader_file(void **state)
{
	struct journal *j = open_here(false);
	char path[512];

	append(j, 0, NULL);
	journal_reader_acknowledge(j, "bus", journal_end(j));
	journal_close(j);
	snprintf(path, sizeof(path), "%s/reader-bus.aqr", folder);
	file_write(path, 9, "x", 1);
	j = open_here(false);
	assert_int_equal(journal_reader_position(j, "bus"), 0);
	journal_close(j);
}

static struct journal *open_keeping(int64_t keep_ns)
{
	struct journal_options options = {
		.folder = folder, .grade = JOURNAL_PAGE, .segment_size = SEGMENT, .keep_ns = keep_ns};
	struct journal *j;

	assert_int_equal(journal_open(&j, &options, journal_files_system(), NULL), 0);
	return j;
}

/* What the helper deletes is settled when journal_close returns. */
static void test_retention(void **state)
{
	struct journal *j = open_keeping(100000);
	uint64_t i = 0;

	journal_reader_acknowledge(j, "bus", journal_end(j));
	while (journal_end(j) >> 32 < 4)
		append(j, i++, NULL);
	journal_append(j, 9, 0, (int64_t)i * 1000 + 50000, NULL, 0, NULL, 0, NULL);
	journal_close(j);
	assert_true(exists(1)); /* old enough, but the reader has not been there */
	j = open_keeping(100000);
	assert_int_equal(journal_reader_acknowledge(j, "bus", 3ull << 32 | 64), 0);
	journal_append(j, 9, 0, (int64_t)i * 1000 + 50000, NULL, 0, NULL, 0, NULL);
	journal_close(j);
	assert_false(exists(1));
	assert_false(exists(2));
	assert_true(exists(3)); /* read by none, and too young: its successor began 50 us ago */
	j = open_keeping(100000);
	assert_int_equal(journal_reader_acknowledge(j, "bus", journal_end(j)), 0);
	journal_append(j, 9, 0, (int64_t)i * 1000 + 90000, NULL, 0, NULL, 0, NULL);
	journal_close(j);
	assert_true(exists(3));
	j = open_keeping(100000);
	journal_append(j, 9, 0, (int64_t)i * 1000 + 150000, NULL, 0, NULL, 0, NULL);
	journal_close(j);
	assert_false(exists(3));
	assert_true(exists(4));
	j = open_here(false);
	assert_int_equal(replay(j, NULL).next, i);
	journal_close(j);
}

/* A reader of another process holds segments back too, and one that is forgotten does not. */
static void test_retention_waits_for_other_processes(void **state)
{
	struct journal *j = open_keeping(1), *other = open_here(true);
	uint64_t i = 0;

	assert_int_equal(journal_reader_acknowledge(other, "far", 1ull << 32 | FIRST), 0);
	while (journal_end(j) >> 32 < 3)
		append(j, i++, NULL);
	append(j, i++, NULL);
	journal_close(j);
	assert_true(exists(1));
	assert_int_equal(journal_reader_acknowledge(other, "far", 2ull << 32 | 64), 0);
	j = open_keeping(1);
	append(j, i++, NULL);
	journal_close(j);
	assert_false(exists(1));
	assert_true(exists(2));
	j = open_keeping(1);
	assert_int_equal(journal_reader_forget(j, "far"), 0);
	append(j, i++, NULL);
	journal_close(j);
	assert_false(exists(2));
	journal_close(other);
}

static void write_a_journal(void)
{
	struct journal *j = open_keeping(400000);
	uint64_t i = 0;

	journal_reader_acknowledge(j, "bus", journal_end(j));
	while (journal_end(j) >> 32 < 6) {
		append(j, i++, NULL);
		journal_reader_acknowledge(j, "bus", journal_end(j));
	}
	journal_close(j);
}

/* Two runs with the same records leave the same files, byte for byte. */
static void test_same_bytes(void **state)
{
	uint8_t *first[8], *second;
	size_t sizes[8], size;

	write_a_journal();
	for (unsigned n = 0; n < 8; n++)
		first[n] = file_bytes(segment_path(folder, n), &sizes[n]);
	folder_remove(folder);
	folder_make(folder);
	write_a_journal();
	assert_null(first[1]);
	for (unsigned n = 0; n < 8; n++) {
		second = file_bytes(segment_path(folder, n), &size);
		assert_int_equal(first[n] == NULL, second == NULL);
		if (second == NULL)
			continue;
		assert_int_equal(size, sizes[n]);
		assert_memory_equal(first[n], second, size);
		free(first[n]);
		free(second);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_crc),
		cmocka_unit_test_setup_teardown(test_append_and_replay, setup, teardown),
		cmocka_unit_test_setup_teardown(test_bad_arguments, setup, teardown),
		cmocka_unit_test_setup_teardown(test_sizes, setup, teardown),
		cmocka_unit_test_setup_teardown(test_rotation, setup, teardown),
		cmocka_unit_test_setup_teardown(test_half_made_segment, setup, teardown),
		cmocka_unit_test_setup_teardown(test_snapshot_too_large, setup, teardown),
		cmocka_unit_test_setup_teardown(test_read_across_segments, setup, teardown),
		cmocka_unit_test_setup_teardown(test_readers_in_turn, setup, teardown),
		cmocka_unit_test_setup_teardown(test_beside_the_writer, setup, teardown),
		cmocka_unit_test_setup_teardown(test_reader_positions, setup, teardown),
		cmocka_unit_test_setup_teardown(test_spoilt_reader_file, setup, teardown),
		cmocka_unit_test_setup_teardown(test_retention, setup, teardown),
		cmocka_unit_test_setup_teardown(test_retention_waits_for_other_processes, setup, teardown),
		cmocka_unit_test_setup_teardown(test_same_bytes, setup, teardown)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
