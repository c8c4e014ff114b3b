/* Every operation of the store on a server. */
#include "mariadb_help.h"

#define TICKS "{\"fields\":[{\"name\":\"symbol\",\"type\":\"text\",\"key\":true},{\"name\":\"time\",\"type\":\"timestamp\"," \
	"\"key\":true},{\"name\":\"price\",\"type\":\"decimal\",\"precision\":10,\"digits\":4,\"index\":true}," \
	"{\"name\":\"n\",\"type\":\"int64\"},{\"name\":\"f\",\"type\":\"double\"},{\"name\":\"ok\",\"type\":\"bool\"}," \
	"{\"name\":\"raw\",\"type\":\"bytes\"}]}"

static void creates(void **state)
{
	struct rig r;

	(void)state;
	rig_new(&r);
	works(&r, (struct ask){.op = AQ_STORE_CREATE, .collection = "ticks", .schema = TICKS});
	works(&r, (struct ask){.op = AQ_STORE_LIST});
	assert_string_equal(rows_json(), "{ \"name\" : \"ticks\" }");
	works(&r, (struct ask){.op = AQ_STORE_INSERT, .collection = "ticks", .rows = "[{\"symbol\":\"a\",\"time\":1,\"price\":\"1.5\","
		"\"n\":7,\"f\":0.25,\"ok\":true,\"raw\":{\"$binary\":{\"base64\":\"AAE=\",\"subType\":\"00\"}}},"
		"{\"symbol\":\"a\",\"time\":2,\"price\":{\"$numberDecimal\":\"10.25\"}},{\"symbol\":\"b\",\"time\":1,\"price\":9}]"});
	assert_int_equal(said.end.changed, 3);
	assert_string_equal(found(&r, "ticks", "{\"symbol\":\"a\"}", "{\"time\":1}"), "");
	rig_free(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(creates)};

	return server_make() ? cmocka_run_group_tests(tests, NULL, NULL) : 0;
}
