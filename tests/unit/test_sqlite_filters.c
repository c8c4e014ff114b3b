/* Filters against an evaluation of their own, in a file. */
#include "sqlite_help.h"
#include "store_filters.h"

int main(void)
{
	const struct CMUnitTest tests[] = {STORE_TESTS};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
