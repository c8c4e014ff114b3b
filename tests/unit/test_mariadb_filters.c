/* Filters against an evaluation of their own, in a server. */
#include "mariadb_help.h"
#include "store_filters.h"

int main(void)
{
	const struct CMUnitTest tests[] = {STORE_TESTS};

	return server_make() ? cmocka_run_group_tests(tests, NULL, NULL) : 0;
}
