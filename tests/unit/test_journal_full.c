/* test_journal_full.c: the disk fills: LOW while the reserve takes records, FULL after, OK when space is back. */
#include "journal_help.h"

static struct journal *open_keeping_free(struct memory *m, int64_t min_free)
{
	struct journal_options options = {
		.folder = "m", .grade = JOURNAL_PAGE, .segment_size = SEGMENT, .min_free = min_free};
	struct journal_files files = memory_files(m);
	struct journal *j;

	assert_int_equal(journal_open(&j, &options, &files, NULL), 0);
	return j;
}

static void test_low_then_full_then_ok(void **state)
{
	struct memory *m = memory_new(2 * SEGMENT + 1000, 1);
	struct journal *j = open_keeping_free(m, 0);
	uint64_t i = 0;
	int rc = 0;

	assert_int_equal(journal_state(j), JOURNAL_OK);
	while (journal_end(j) >> 32 == 1)
		assert_int_equal(append(j, i++, NULL), 0);
	assert_int_equal(journal_state(j), JOURNAL_LOW); /* the reserve is in use, there is no other */
	while (rc == 0) {
		assert_int_equal(journal_state(j), JOURNAL_LOW);
		rc = append(j, i, NULL);
		i += rc == 0;
	}
	assert_int_equal(rc, AQ_ESPACE);
	assert_int_equal(journal_end(j) >> 32, 2);
	assert_int_equal(journal_state(j), JOURNAL_FULL);
	assert_int_equal(append(j, i, NULL), AQ_ESPACE);
	m->capacity += SEGMENT; /* space for the next, and still none for one more */
	assert_int_equal(append(j, i++, NULL), 0);
	assert_int_equal(journal_state(j), JOURNAL_LOW);
	m->capacity += SEGMENT;
	assert_int_equal(rotate(j, i), 0);
	assert_int_equal(journal_state(j), JOURNAL_LOW);
	journal_close(j);
	m->capacity += SEGMENT;
	j = open_keeping_free(m, 0);
	assert_int_equal(journal_state(j), JOURNAL_OK);
	assert_int_equal(replay(j, NULL).next, i);
	journal_close(j);
	memory_delete(m);
}

/* What other programs leave of the disk counts too, before anything fails. */
static void test_min_free(void **state)
{
	struct memory *m = memory_new(4 * SEGMENT, 1);
	struct journal *j = open_keeping_free(m, 2 * SEGMENT);
	uint64_t i = 0;

	assert_int_equal(journal_state(j), JOURNAL_OK);
	while (journal_end(j) >> 32 == 1)
		assert_int_equal(append(j, i++, NULL), 0);
	assert_int_equal(journal_state(j), JOURNAL_LOW);
	assert_int_equal(append(j, i++, NULL), 0);
	m->capacity *= 2;
	assert_int_equal(journal_reader_acknowledge(j, "bus", 0), 0); /* without threads: makes a round */
	assert_int_equal(journal_state(j), JOURNAL_OK);
	journal_close(j);
	memory_delete(m);
}

/* Retention gives space back: the oldest segments go, and the journal goes on by itself. */
static void test_retention_frees(void **state)
{
	struct journal_options options = {
		.folder = "m", .grade = JOURNAL_PAGE, .segment_size = SEGMENT, .keep_ns = 1000};
	struct memory *m = memory_new(4 * SEGMENT, 1);
	struct journal_files files = memory_files(m);
	struct journal *j;
	uint64_t i = 0;

	assert_int_equal(journal_open(&j, &options, &files, NULL), 0);
	while (journal_end(j) >> 32 < 12)
		assert_int_equal(append(j, i++, NULL), 0);
	assert_null(memory_inode(m, segment_path("m", 9)));
	assert_non_null(memory_inode(m, segment_path("m", 13)));
	journal_close(j);
	memory_delete(m);
}

static void test_no_room_at_all(void **state)
{
	struct journal_options options = {.folder = "m", .grade = JOURNAL_PAGE, .segment_size = SEGMENT};
	struct memory *m = memory_new(1000, 1);
	struct journal_files files = memory_files(m);
	struct aq_err err = {0};
	struct journal *j;

	assert_int_equal(journal_open(&j, &options, &files, &err), AQ_ESPACE);
	assert_non_null(strstr(err.text, "journal-00000001.aqj"));
	assert_null(j);
	m->capacity = 4 * SEGMENT;
	j = open_keeping_free(m, 0);
	assert_int_equal(append(j, 0, NULL), 0);
	journal_close(j);
	memory_delete(m);
}

/* With threads, at full speed: the loop waits for a segment that the helper is about to make, and sees none only when
 * there is no space. */
static void test_faster_than_the_helper(void **state)
{
	struct memory *m = memory_new(20 * SEGMENT, 1);
	struct journal_files files = memory_files(m);
	struct journal *j;
	uint64_t i = 0;
	int rc;

	files.wait = journal_files_system()->wait;
	files.wake = journal_files_system()->wake;
	j = open_with(&files, "m", JOURNAL_PAGE, false);
	while ((rc = append(j, i, NULL)) == 0)
		i++;
	assert_int_equal(rc, AQ_ESPACE);
	assert_int_equal(journal_end(j) >> 32, 20);
	assert_int_equal(journal_state(j), JOURNAL_FULL);
	pthread_mutex_lock(&m->lock);
	m->capacity += 4 * SEGMENT;
	pthread_mutex_unlock(&m->lock);
	assert_int_equal(append(j, i++, NULL), 0);
	assert_int_equal(journal_end(j) >> 32, 21);
	journal_close(j);
	j = open_memory(m, JOURNAL_PAGE);
	assert_int_equal(replay(j, NULL).next, i);
	journal_close(j);
	memory_delete(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_low_then_full_then_ok),
		cmocka_unit_test(test_min_free), cmocka_unit_test(test_retention_frees),
		cmocka_unit_test(test_no_room_at_all), cmocka_unit_test(test_faster_than_the_helper)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
