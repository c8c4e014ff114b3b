/* test_journal_disk.c: grade disk against a disk that forgets what was not synced: everything that journal_durable had
 * reported is there after the power cut, whichever unsynced sectors reached the disk besides. */
#include "journal_help.h"

static int rounds(int normal)
{
	const char *text = getenv("AQ_JOURNAL_CUTS");

	return text != NULL ? (int)strtol(text, NULL, 10) : normal;
}

/* Goes on in `m` and ends in a power cut or, now and then, in a kill. *next: number of the next record; *safe: all
 * before this number are on the disk. */
static struct memory *run_until_end(struct memory *m, struct journal *j, uint64_t *next, uint64_t *safe, bool *killed)
{
	uint64_t positions[2048], first = *next, count = memory_random(m, 1 + memory_random(m, 900)), durable;
	bool mixed = memory_random(m, 4) != 0;

	for (uint64_t n = 0; n < count; n++) {
		assert_int_equal(append(j, *next, &positions[n]), 0);
		++*next;
		if (memory_random(m, 20) == 0)
			assert_int_equal(journal_sync(j, positions[memory_random(m, n + 1)]), 0);
		if (memory_random(m, 300) == 0)
			assert_int_equal(rotate(j, *next), 0);
		if (mixed && memory_random(m, 3) == 0)
			memory_write_back(m);
	}
	durable = journal_durable(j);
	for (uint64_t n = 0; n < count; n++)
		if (positions[n] < durable)
			*safe = first + n + 1;
	*killed = memory_random(m, 3) == 0;
	return *killed ? memory_kill(m) : memory_power_cut(m, mixed);
}

#define NUMBERS 65536

/* Every record before `safe` can be read, in whatever segment. One that was not yet durable may be missing between
 * those before `next`: then only a later snapshot, which had reached the disk, knows it. It is `gone` from then on. */
static void check_readable(struct journal *j, uint64_t safe, uint64_t next, uint8_t gone[NUMBERS])
{
	uint8_t *seen = calloc(1, NUMBERS);
	struct journal_record r;
	uint64_t at = 0;
	int rc;

	while ((rc = journal_read(j, at, &r)) != 0) {
		if (rc == 1 && r.type == NUMBERED)
			seen[body_number(r.body)] = 1;
		at = rc == 1 ? r.next : ((at >> 32) + 1) << 32;
	}
	assert_true(next < NUMBERS);
	for (uint64_t n = 0; n < safe; n++)
		if (!seen[n] && !gone[n])
			fail_msg("record %llu of %llu durable ones cannot be read", (unsigned long long)n,
				(unsigned long long)safe);
	for (uint64_t n = safe; n < NUMBERS; n++)
		gone[n] = n < next && !seen[n];
	free(seen);
}

/* Without threads, so a seed is a history. Several cuts one after the other on the same disk. */
static void test_power_cuts(void **state)
{
	static uint8_t gone[NUMBERS];
	uint64_t cuts = 0, lost = 0, cut;

	for (int seed = 1; seed <= rounds(150); seed++) {
		struct memory *m = memory_new(1 << 24, (uint64_t)seed), *after;
		uint64_t next = 0, safe = 0;
		bool killed = false;

		memset(gone, 0, sizeof(gone));
		for (int life = 0; life < 6; life++) {
			struct journal *j = open_memory(m, JOURNAL_DISK);
			struct found f = replay(j, &cut);

			if (f.next < safe)
				fail_msg("seed %d: %llu records of %llu durable ones", seed, (unsigned long long)f.next,
					(unsigned long long)safe);
			check_readable(j, safe, f.next, gone);
			assert_true(killed ? f.next == next : f.next <= next);
			cuts += cut > 0;
			lost += f.next < next;
			next = f.next;
			if (memory_random(m, 2) == 0) {
				assert_int_equal(journal_sync(j, journal_end(j)), 0);
				safe = next;
			}
			after = run_until_end(m, j, &next, &safe, &killed);
			journal_close(j);
			memory_delete(m);
			m = after;
		}
		memory_delete(m);
	}
	/* Else the disk forgot nothing and this was no test. */
	assert_true(cuts > (uint64_t)rounds(150));
	assert_true(lost > (uint64_t)rounds(150));
}

/* With the threads of the system: cuts while the committer works. */
static void test_power_cuts_with_threads(void **state)
{
	uint64_t lost = 0, kept = 0;

	for (int seed = 1; seed <= rounds(60) || ((lost == 0 || kept == 0) && seed < 20000); seed++) {
		struct memory *m = memory_new(1 << 24, (uint64_t)seed), *after;
		struct journal_files files = memory_files(m);
		uint64_t positions[1001], durable, last = 0, count = 1 + memory_random(m, 1000);
		struct journal *j;
		struct found f;

		files.wait = journal_files_system()->wait;
		files.wake = journal_files_system()->wake;
		j = open_with(&files, "m", JOURNAL_DISK, false);
		for (uint64_t n = 0; n < count; n++) {
			assert_int_equal(append(j, n, &positions[n]), 0);
			if (n == count / 2)
				assert_int_equal(journal_sync(j, positions[n]), 0);
		}
		durable = journal_durable(j);
		while (last < count && positions[last] < durable)
			last++;
		after = memory_power_cut(m, false);
		journal_close(j);
		memory_delete(m);
		j = open_memory(after, JOURNAL_DISK);
		f = replay(j, NULL);
		assert_true(f.next >= last);
		lost += f.next < count;
		kept += last > 0 && last < count;
		journal_close(j);
		memory_delete(after);
	}
	/* Else no cut met the committer at work. */
	assert_true(lost > 0);
	assert_true(kept > 0);
}

static void count_call(void *context)
{
	__atomic_add_fetch((uint32_t *)context, 1, __ATOMIC_RELEASE);
	journal_files_system()->wake(NULL, context);
}

/* Grade page, too, deletes nothing before what replaces it is on the disk. */
static void test_retention_before_a_power_cut(void **state)
{
	struct journal_options options = {.folder = "m", .grade = JOURNAL_PAGE, .segment_size = SEGMENT, .keep_ns = 1};
	struct memory *m = memory_new(1 << 24, 1), *after;
	struct journal_files files = memory_files(m);
	uint64_t n = 0, begun = 0;
	struct journal *j;

	assert_int_equal(journal_open(&j, &options, &files, NULL), 0);
	for (; journal_end(j) >> 32 < 5; n++) {
		begun = n;
		assert_int_equal(append(j, n, NULL), 0);
	}
	assert_int_equal(append(j, n, NULL), 0);
	assert_int_equal(journal_reader_acknowledge(j, "bus", journal_end(j)), 0); /* without threads: makes a round */
	assert_null(memory_inode(m, segment_path("m", 4)));
	after = memory_power_cut(m, false);
	journal_close(j);
	memory_delete(m);
	j = open_memory(after, JOURNAL_PAGE);
	assert_true(replay(j, NULL).next >= begun);
	journal_close(j);
	memory_delete(after);
}

/* Whoever appends learns that it is durable without asking, and many records share a sync. */
static void test_group_commit(void **state)
{
	struct memory *m = memory_new(1 << 24, 1);
	struct journal_files files = memory_files(m);
	uint32_t calls = 0, seen;
	struct journal_options options = {.folder = "m",
		.grade = JOURNAL_DISK,
		.segment_size = SEGMENT,
		.on_durable = count_call,
		.on_durable_context = &calls};
	struct journal *j;

	files.wait = journal_files_system()->wait;
	files.wake = journal_files_system()->wake;
	assert_int_equal(journal_open(&j, &options, &files, NULL), 0);
	for (uint64_t n = 0; n < 100; n++)
		append(j, n, NULL);
	for (int tries = 0; tries < 1000 && journal_durable(j) < journal_end(j); tries++) {
		seen = __atomic_load_n(&calls, __ATOMIC_ACQUIRE);
		if (journal_durable(j) < journal_end(j))
			files.wait(NULL, &calls, seen, 10000000);
	}
	assert_int_equal(journal_durable(j), journal_end(j));
	journal_close(j);
	assert_true(calls > 0);
	memory_delete(m);
}

/* After an error of the disk nothing is called durable any more, even if the next sync succeeds. */
static void test_failing_disk(void **state)
{
	struct memory *m = memory_new(1 << 24, 1);
	struct journal *j = open_memory(m, JOURNAL_DISK);
	uint64_t durable;

	append(j, 0, NULL);
	assert_int_equal(journal_sync(j, journal_end(j)), 0);
	durable = journal_end(j);
	append(j, 1, NULL);
	m->sync_fails = true;
	assert_int_equal(journal_sync(j, journal_end(j)), AQ_ESTATE);
	assert_int_equal(journal_state(j), JOURNAL_LOW);
	m->sync_fails = false;
	append(j, 2, NULL);
	assert_int_equal(journal_sync(j, journal_end(j)), AQ_ESTATE);
	assert_int_equal(journal_sync(j, durable), 0);
	assert_int_equal(journal_durable(j), durable);
	journal_close(j);
	memory_delete(m);
}

/* Grade page asks the disk for nothing as it appends. */
static void test_page_does_not_sync(void **state)
{
	struct memory *m = memory_new(1 << 24, 1);
	struct journal *j = open_memory(m, JOURNAL_PAGE);
	uint64_t syncs = m->syncs;

	for (uint64_t n = 0; n < 100; n++)
		append(j, n, NULL);
	assert_int_equal(journal_sync(j, journal_end(j)), 0);
	assert_int_equal(m->syncs, syncs);
	journal_close(j);
	memory_delete(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_power_cuts),
		cmocka_unit_test(test_power_cuts_with_threads), cmocka_unit_test(test_retention_before_a_power_cut),
		cmocka_unit_test(test_group_commit), cmocka_unit_test(test_failing_disk),
		cmocka_unit_test(test_page_does_not_sync)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
