/* store_hosted.c: the cases of AQ_SUITE on AQ_BACK_END through a host, once as it is and once with every call and event through
 * bytes. tests/CMakeLists.txt makes a program of each pair.
 *
 * AQ_TEST_MARIADB=USER:PASSWORD@ADDRESS has those of MariaDB use that server, see plugins/storage/mariadb/README.md. */
#include AQ_BACK_END
#include AQ_SUITE

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {STORE_TESTS};
	const size_t count = sizeof(tests) / sizeof(*tests);

	if (IS_REHEARSAL(argc, argv))
		return be_rehearsal(argv);
	if (!back_end_make())
		return 0;
	return run_cases(BACK_END ", " AQ_SUITE, tests, count, false) + run_cases(BACK_END ", " AQ_SUITE, tests, count, true);
}
