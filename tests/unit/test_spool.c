/* test_spool.c: numbered records that wait: reopened, killed, cut, full, without a disk. Held against a naive list. */
#include "journal_help.h"

#include "host/spool.h"

#include <fcntl.h>
#include <stdlib.h>

#define FOLDER "s"
#define LIMIT SPOOL_LIMIT_MIN
#define SECOND 1000000000ll

static int64_t now_ns;

static struct spool *open_folder(struct memory *m, const char *folder)
{
	const struct journal_files files = memory_files(m);
	struct spool *s = NULL;
	struct aq_err err = {0};

	assert_int_equal(spool_open(&s, folder, LIMIT, &files, &err), AQ_OK);
	return s;
}

static struct spool *open_in(struct memory *m)
{
	return open_folder(m, FOLDER);
}

/* A record says its number, and how long it is. */
static uint64_t append_long(struct spool *s, size_t length)
{
	struct spool_figures f;
	uint64_t bytes[512] = {0}, number;

	spool_figures(s, &f);
	bytes[0] = f.last + 1;
	bytes[1] = length;
	now_ns += 1000;
	number = spool_append(s, now_ns, bytes, (uint32_t)length);
	assert_int_equal(number, f.last + 1);
	return number;
}

static void append_some(struct spool *s, int count)
{
	for (int i = 0; i < count; i++)
		append_long(s, 16 + (size_t)i % 7 * 24);
}

/* 0 = nothing more. */
static uint64_t read_one(struct spool *s, uint64_t *previous)
{
	struct spool_record r;
	uint64_t words[2];
	int rc;

	while ((rc = spool_read(s, &r)) == 2)
		;
	if (rc == 0)
		return 0;
	assert_true(r.length >= sizeof(words));
	memcpy(words, r.bytes, sizeof(words));
	assert_int_equal(words[0], r.number);
	assert_int_equal(words[1], r.length);
	assert_true(r.previous < r.number);
	if (previous != NULL)
		*previous = r.previous;
	return r.number;
}

/* All of them, each behind the other. */
static void expect(struct spool *s, uint64_t first, uint64_t last)
{
	uint64_t previous = 0;

	for (uint64_t number = first; number <= last; number++) {
		assert_int_equal(read_one(s, &previous), number);
		assert_int_equal(previous, number - 1);
	}
	assert_int_equal(read_one(s, NULL), 0);
	assert_false(spool_has_more(s));
}

static struct spool_figures figures(const struct spool *s)
{
	struct spool_figures f;

	spool_figures(s, &f);
	return f;
}

static void test_order(void **state)
{
	struct memory *m = memory_new(INT64_MAX / 2, 1);
	struct spool *s = open_in(m);

	assert_false(spool_has_more(s) || spool_is_behind(s));
	assert_int_equal(read_one(s, NULL), 0);
	append_some(s, 1000);
	assert_true(spool_is_behind(s));
	expect(s, 1, 1000);
	assert_true(spool_is_behind(s)); /* read, and not acknowledged */
	assert_int_equal(spool_acknowledge(s, 1001), AQ_EINVAL);
	assert_int_equal(spool_acknowledge(s, 600), AQ_OK);
	assert_int_equal(spool_acknowledge(s, 10), AQ_OK); /* never back */
	assert_int_equal(figures(s).acknowledged, 600);
	spool_rewind(s);
	expect(s, 601, 1000);
	assert_int_equal(spool_acknowledge(s, 1000), AQ_OK);
	assert_false(spool_is_behind(s));
	append_some(s, 3);
	expect(s, 1001, 1003);
	assert_int_equal(figures(s).dropped, 0);
	spool_close(s);
	memory_delete(m);
}

/* Ended well, and killed: what was acknowledged does not come again, what was not does, and numbers go on. */
static void test_reopened(void **state)
{
	struct memory *m = memory_new(INT64_MAX / 2, 2), *other;
	struct spool *s = open_in(m);
	uint64_t acknowledged = 0, last = 0;

	for (int round = 0; round < 60; round++) {
		uint64_t number = 0;

		append_some(s, 1 + (int)memory_random(m, 40));
		last = figures(s).last;
		for (uint64_t reads = memory_random(m, 60); reads > 0 && (number = read_one(s, NULL)) != 0; reads--)
			if (memory_random(m, 4) == 0) {
				acknowledged = number;
				assert_int_equal(spool_acknowledge(s, number), AQ_OK);
			}
		other = round % 2 == 0 ? memory_kill(m) : NULL;
		spool_close(s);
		if (other != NULL) {
			memory_delete(m);
			m = other;
		}
		s = open_in(m);
		assert_int_equal(figures(s).last, last);
		assert_int_equal(figures(s).acknowledged, acknowledged);
		if (round % 5 == 0)
			expect(s, acknowledged + 1, last);
		spool_rewind(s);
	}
	expect(s, acknowledged + 1, last);
	spool_close(s);
	memory_delete(m);
}

/* A reader that is always a little behind the writer lets go of what it has acknowledged all the same. */
static void test_reader_behind(void **state)
{
	struct memory *m = memory_new(INT64_MAX / 2, 3);
	struct spool *s = open_in(m);

	append_some(s, 10);
	for (uint64_t number = 1; number < 20000; number++) {
		append_long(s, 120);
		assert_int_equal(read_one(s, NULL), number);
		if (number > 5)
			assert_int_equal(spool_acknowledge(s, number - 5), AQ_OK);
	}
	assert_int_equal(figures(s).dropped, 0);
	assert_true(figures(s).bytes <= 2 * 65536); /* two megabytes have gone through it */
	spool_close(s);
	memory_delete(m);
}

/* Nobody reads: the oldest go, the newest stay, and the disk holds no more than the limit. */
static void test_full(void **state)
{
	struct memory *m = memory_new(INT64_MAX / 2, 4);
	struct spool *s = open_in(m);
	uint64_t previous, first, last;

	append_some(s, 20);
	assert_int_equal(read_one(s, NULL), 1);
	assert_int_equal(spool_acknowledge(s, 1), AQ_OK);
	for (int i = 0; i < 40000; i++) {
		append_long(s, 100);
		assert_true(m->capacity - memory_free(m) <= LIMIT + 3 * 4096);
	}
	last = figures(s).last;
	assert_true(figures(s).bytes <= LIMIT);
	spool_close(s);
	s = open_in(m);
	first = read_one(s, &previous);
	assert_int_equal(previous, 1);
	assert_true(first > 30000 && first < 40000 - 2000);
	assert_int_equal(figures(s).dropped, first - 2);
	for (uint64_t number = first + 1; number <= last; number++)
		assert_int_equal(read_one(s, NULL), number);
	assert_int_equal(read_one(s, NULL), 0);
	/* what was dropped is done with by itself */
	assert_int_equal(spool_acknowledge(s, first - 1), AQ_OK);
	spool_rewind(s);
	assert_int_equal(read_one(s, &previous), first);
	assert_int_equal(previous, first - 1);
	spool_close(s);
	memory_delete(m);
}

/* While it is read it is full: what was read and then dropped is not told as missing, nor is it told twice. */
static void test_full_while_read(void **state)
{
	struct memory *m = memory_new(INT64_MAX / 2, 5);
	struct spool *s = open_in(m);
	uint64_t at = 0, previous, number, told = 0;

	for (int round = 0; round < 300; round++) {
		append_some(s, 1 + (int)memory_random(m, 400));
		for (uint64_t reads = memory_random(m, 100); reads > 0 && (number = read_one(s, &previous)) != 0;
			reads--) {
			assert_int_equal(previous, at);
			told += number - at - 1;
			at = number;
		}
		if (memory_random(m, 3) == 0)
			assert_int_equal(spool_acknowledge(s, at), AQ_OK);
	}
	while ((number = read_one(s, &previous)) != 0) {
		assert_int_equal(previous, at);
		told += number - at - 1;
		at = number;
	}
	assert_int_equal(at, figures(s).last);
	assert_int_equal(told, figures(s).dropped);
	assert_true(told > 1000);
	spool_close(s);
	memory_delete(m);
}

/* A record that was not accepted leaves no trace, one that was always does: killed at any record of a rotation. */
static void test_numbers_over_a_kill(void **state)
{
	struct memory *m = memory_new(INT64_MAX / 2, 6), *other;
	struct spool *s = open_in(m), *after;

	for (int i = 0; i < 1200; i++) {
		append_long(s, 200);
		other = memory_kill(m);
		after = open_in(other);
		assert_int_equal(figures(after).last, i + 1);
		spool_close(after);
		memory_delete(other);
	}
	expect(s, 1, 1200);
	spool_close(s);
	memory_delete(m);
}

/* Without room records are dropped, the newest too, and their numbers are not given out again, not even after a kill.
 */
static void test_no_disk(void **state)
{
	struct memory *m = memory_new(4 * 65536 + 8192, 7), *other;
	struct spool *s = open_in(m);
	uint64_t previous, at = 0, number, last, told = 0;

	for (int i = 0; i < 5000; i++)
		append_long(s, 100);
	assert_true(figures(s).bytes <= 4 * 65536);
	m->capacity = 0;
	for (int i = 0; i < 3000; i++)
		append_long(s, 100);
	last = figures(s).last;
	assert_int_equal(last, 8000);
	other = memory_kill(m);
	spool_close(s);
	memory_delete(m);
	m = other;
	m->capacity = INT64_MAX / 2;
	s = open_in(m);
	assert_int_equal(figures(s).last, last);
	now_ns += SECOND;
	append_some(s, 10);
	while ((number = read_one(s, &previous)) != 0) {
		assert_int_equal(previous, at);
		told += number - at - 1;
		at = number;
	}
	assert_int_equal(at, 8010);
	assert_true(told >= 3000 - 700 && told < 8000);
	spool_close(s);
	memory_delete(m);
}

/* It has room again by itself, without being opened anew. */
static void test_disk_again(void **state)
{
	struct memory *m = memory_new(3 * 65536 + 8192, 8);
	struct spool *s = open_in(m);
	uint64_t last, number = 0, at = 0;

	m->capacity = 0;
	for (int i = 0; i < 3000; i++)
		append_long(s, 100);
	m->capacity = INT64_MAX / 2;
	now_ns += SECOND;
	append_some(s, 50);
	last = figures(s).last;
	while ((number = read_one(s, NULL)) != 0)
		at = number;
	assert_int_equal(at, last);
	assert_true(figures(s).dropped > 0);
	spool_close(s);
	memory_delete(m);
}

/* A torn record at the end is cut; what stands before it is read, and its number stays given out. */
static void test_torn_tail(void **state)
{
	struct memory *m = memory_new(INT64_MAX / 2, 9);
	struct spool *s = open_in(m);
	struct memory_inode *segment;
	size_t end;

	append_some(s, 20);
	spool_close(s);
	segment = memory_inode(m, FOLDER "/journal-00000001.aqj");
	assert_non_null(segment);
	for (end = segment->size; end > 0 && segment->now[end - 1] == 0; end--)
		;
	memset(segment->now + (end - 40) / 8 * 8, 0, segment->size - (end - 40) / 8 * 8);
	s = open_in(m);
	assert_int_equal(figures(s).last, 20);
	append_some(s, 1);
	for (uint64_t number = 1; number < 20; number++)
		assert_int_equal(read_one(s, NULL), number);
	assert_int_equal(read_one(s, NULL), 21);
	spool_close(s);
	memory_delete(m);
}

/* Smaller after a reload: it goes down to what is allowed now. */
static void test_smaller(void **state)
{
	struct memory *m = memory_new(INT64_MAX / 2, 10);
	const struct journal_files files = memory_files(m);
	struct aq_err err = {0};
	struct spool *s;

	assert_int_equal(spool_open(&s, FOLDER, 4 * LIMIT, &files, &err), AQ_OK);
	for (int i = 0; i < 16000; i++)
		append_long(s, 100);
	spool_close(s);
	s = open_in(m);
	for (int i = 0; i < 4000; i++)
		append_long(s, 100);
	assert_true(figures(s).bytes <= LIMIT);
	spool_close(s);
	memory_delete(m);
}

/* What waits goes along, numbers go on, and back again. The table of files in memory has no folders: one for each. */
static void test_other_folder(void **state)
{
	struct memory *m = memory_new(INT64_MAX / 2, 11), *n = memory_new(INT64_MAX / 2, 12);
	struct spool *s = open_in(m), *other = open_folder(n, "t");

	append_some(s, 200);
	for (int i = 0; i < 80; i++)
		read_one(s, NULL);
	assert_int_equal(spool_acknowledge(s, 50), AQ_OK);
	assert_true(spool_continue(other, s));
	assert_false(spool_is_behind(s));
	assert_int_equal(figures(other).acknowledged, 50);
	append_some(other, 100);
	spool_rewind(other);
	expect(other, 51, 300);
	assert_int_equal(spool_acknowledge(other, 120), AQ_OK);
	assert_false(spool_continue(other, s)); /* it has come further */
	assert_true(spool_continue(s, other));
	append_some(s, 1);
	spool_rewind(s);
	expect(s, 121, 301);
	append_some(other, 5); /* which waits there, of another life */
	assert_false(spool_continue(other, s));
	spool_close(s);
	spool_close(other);
	s = open_in(m);
	assert_int_equal(figures(s).last, 301);
	expect(s, 121, 301);
	spool_close(s);
	memory_delete(m);
	memory_delete(n);
}

/* What was dropped is missing in the new folder, too. */
static void test_other_folder_with_gaps(void **state)
{
	struct memory *m = memory_new(INT64_MAX / 2, 13), *n = memory_new(INT64_MAX / 2, 14);
	struct spool *s = open_in(m), *other = open_folder(n, "t");
	uint64_t previous, first;

	for (int i = 0; i < 10000; i++)
		append_long(s, 100);
	assert_true(spool_continue(other, s));
	first = read_one(other, &previous);
	assert_int_equal(previous, 0);
	assert_true(first > 4000);
	expect(other, first + 1, 10000);
	spool_close(s);
	spool_close(other);
	memory_delete(m);
	memory_delete(n);
}

/* With real files, which can be locked. */
static void test_second_process(void **state)
{
	char folder[] = "/tmp/aq-spool-XXXXXX", command[64];
	struct aq_err err = {0};
	struct spool *s = NULL, *second = NULL;

	assert_non_null(mkdtemp(folder));
	assert_int_equal(spool_open(&s, folder, LIMIT, journal_files_system(), &err), AQ_OK);
	append_some(s, 100);
	assert_int_equal(spool_open(&second, folder, LIMIT, journal_files_system(), &err), AQ_ESTATE);
	assert_non_null(strstr(err.text, "is used by another process: give each its own folder"));
	expect(s, 1, 100);
	spool_close(s);
	assert_int_equal(spool_open(&second, folder, LIMIT, journal_files_system(), &err), AQ_OK);
	expect(second, 1, 100);
	spool_close(second);
	assert_int_equal(spool_open(&s, "/proc/nowhere", LIMIT, journal_files_system(), &err), AQ_ENOENT);
	assert_non_null(strstr(err.text, "/proc/nowhere: "));
	snprintf(command, sizeof(command), "rm -r %s", folder);
	assert_int_equal(system(command), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_order), cmocka_unit_test(test_reopened),
		cmocka_unit_test(test_reader_behind), cmocka_unit_test(test_full),
		cmocka_unit_test(test_full_while_read), cmocka_unit_test(test_numbers_over_a_kill),
		cmocka_unit_test(test_no_disk), cmocka_unit_test(test_disk_again), cmocka_unit_test(test_torn_tail),
		cmocka_unit_test(test_smaller), cmocka_unit_test(test_other_folder),
		cmocka_unit_test(test_other_folder_with_gaps), cmocka_unit_test(test_second_process)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
