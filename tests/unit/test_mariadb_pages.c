/* How calls come and answers go on a server: chunks, pages, frames, and sessions that are held. */
#include "mariadb_help.h"
#include "store_pages.h"
#include "store_turns.h"

/* Three sessions of four can be held; the read after them is taken whole, and nothing waits for anybody. */
static void reads_that_stay_open(void **state)
{
	uint64_t ids[5];
	struct rig r;

	(void)state;
	with_numbers(&r, 2000, 5);
	r.quiet = true;
	for (int i = 0; i < 5; i++)
		ids[i] = ask(&r, (struct ask){.op = AQ_STORE_FIND, .collection = "n"});
	assert_int_equal(said.ends + said.errors, 0);
	assert_int_equal(pool_held(r.s), 3);
	works(&r, (struct ask){.op = AQ_STORE_DELETE, .collection = "n", .filter = "{}"});
	forget_call(&r, ids[0]);
	assert_int_equal(pool_held(r.s), 2);
	for (int i = 1; i < 5; i++) {
		said_clear();
		said.gone = i == 2;
		more_rows(&r, ids[i], UINT32_MAX);
		if (i != 2)
			assert_int_equal(said.row_count, 2000); /* as it was */
	}
	assert_int_equal(pool_held(r.s), 0);
	r.quiet = false;
	works(&r, (struct ask){.op = AQ_STORE_FIND, .collection = "n"});
	assert_int_equal(said.row_count, 0);
	rig_free(&r);
}

/* Rows of every size, more of them than a fetch brings, in and out. */
static void rows_of_all_sizes(void **state)
{
	static const size_t sizes[] = {0, 1, 255, 256, 257, 4095, 65535, 65536, 300000, 3, 1048576, 20};
	struct rig r;

	(void)state;
	with_numbers(&r, 0, 0);
	for (int round = 0; round < 4; round++)
		for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++)
			insert(&r, round * 100 + (int)i, 1, sizes[i]);
	works(&r, (struct ask){.op = AQ_STORE_FIND, .collection = "n", .sort = "{\"id\":1}"});
	assert_int_equal(said.row_count, 48);
	works(&r, (struct ask){.op = AQ_STORE_FIND, .collection = "n", .sort = "{\"id\":1}", .flags = AQ_STORE_AS_FRAMES});
	assert_int_equal(said.row_count, 48);
	rig_free(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {STORE_TESTS, TURNS_TESTS,
		cmocka_unit_test(reads_that_stay_open), cmocka_unit_test(rows_of_all_sizes)};

	return server_make() ? cmocka_run_group_tests(tests, NULL, NULL) : 0;
}
