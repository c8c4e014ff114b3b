/* Changes of the first rows, distinct, replace and the ids of inserts, in a server. */
#include "mariadb_help.h"
#include "store_changes.h"

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(random_changes), cmocka_unit_test(retention),
		cmocka_unit_test(distinct_values), cmocka_unit_test(replaces),
		cmocka_unit_test(replaces_or_inserts), cmocka_unit_test(replacements_that_are_refused),
		cmocka_unit_test(ids_of_inserts)};

	return server_make() ? cmocka_run_group_tests(tests, NULL, NULL) : 0;
}
