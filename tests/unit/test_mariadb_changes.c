/* Changes of the first rows, distinct, replace and the ids of inserts, in a server. */
#include "mariadb_help.h"
#include "store_changes.h"

int main(void)
{
	const struct CMUnitTest tests[] = {STORE_TESTS};

	return server_make() ? cmocka_run_group_tests(tests, NULL, NULL) : 0;
}
