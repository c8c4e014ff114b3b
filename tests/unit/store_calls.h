/* store_calls.h: the operations of a store, what they answer and what they refuse with which words. */
#ifndef STORE_CALLS_H
#define STORE_CALLS_H

#define TICKS "{\"fields\":[{\"name\":\"symbol\",\"type\":\"text\",\"key\":true},{\"name\":\"time\",\"type\":\"timestamp\"," \
	"\"key\":true},{\"name\":\"price\",\"type\":\"decimal\",\"precision\":10,\"digits\":4,\"index\":true}," \
	"{\"name\":\"n\",\"type\":\"int64\"},{\"name\":\"f\",\"type\":\"double\"},{\"name\":\"ok\",\"type\":\"bool\"}," \
	"{\"name\":\"raw\",\"type\":\"bytes\"}]}"

static void with_ticks(struct rig *r)
{
	rig_new(r);
	works(r, (struct ask){.op = AQ_STORE_CREATE, .collection = "ticks", .schema = TICKS});
	works(r, (struct ask){.op = AQ_STORE_INSERT, .collection = "ticks", .rows = "[{\"symbol\":\"a\",\"time\":1,\"price\":\"1.5\","
		"\"n\":7,\"f\":0.25,\"ok\":true,\"raw\":{\"$binary\":{\"base64\":\"AAE=\",\"subType\":\"00\"}}},"
		"{\"symbol\":\"a\",\"time\":2,\"price\":{\"$numberDecimal\":\"10.25\"}},{\"symbol\":\"b\",\"time\":1,\"price\":9}]"});
	assert_int_equal(said.end.changed, 3);
}

static void creates_and_describes(void **state)
{
	struct rig r;

	(void)state;
	rig_new(&r);
	works(&r, (struct ask){.op = AQ_STORE_CREATE, .collection = "ticks", .schema = TICKS});
	works(&r, (struct ask){.op = AQ_STORE_CREATE, .collection = "ticks", .schema = TICKS});
	refused(&r, AQ_STORE_REFUSED, "another schema", (struct ask){.op = AQ_STORE_CREATE, .collection = "ticks",
		.schema = "{\"fields\":[{\"name\":\"a\",\"type\":\"int64\"}]}"});
	works(&r, (struct ask){.op = AQ_STORE_CREATE, .collection = "another",
		.schema = "{\"fields\":[{\"name\":\"a\",\"type\":\"int64\",\"comment\":\"it's\"}],\"comment\":\"x\"}"});
	works(&r, (struct ask){.op = AQ_STORE_LIST});
	assert_string_equal(rows_json(), "{ \"name\" : \"another\" } { \"name\" : \"ticks\" }");
	works(&r, (struct ask){.op = AQ_STORE_DESCRIBE, .collection = "another"});
	assert_string_equal(rows_json(), "{ \"fields\" : [ { \"name\" : \"a\", \"type\" : \"int64\", \"comment\" : \"it's\" } ], "
		"\"comment\" : \"x\" }");
	refused(&r, AQ_STORE_UNKNOWN, "there is no collection none", (struct ask){.op = AQ_STORE_DESCRIBE, .collection = "none"});
	refused(&r, AQ_STORE_REFUSED, "the store's own", (struct ask){.op = AQ_STORE_CREATE, .collection = "AQ_x",
		.schema = TICKS});
	rig_free(&r);
}

static void rows_come_back(void **state)
{
	struct rig r;

	(void)state;
	with_ticks(&r);
	assert_string_equal(found(&r, "ticks", "{\"symbol\":\"a\"}", "{\"time\":1}"),
		"{ \"symbol\" : \"a\", \"time\" : 1, \"price\" : { \"$numberDecimal\" : \"1.5000\" }, \"n\" : 7, \"f\" : 0.25, "
		"\"ok\" : true, \"raw\" : { \"$binary\" : { \"base64\" : \"AAE=\", \"subType\" : \"00\" } } } "
		"{ \"symbol\" : \"a\", \"time\" : 2, \"price\" : { \"$numberDecimal\" : \"10.2500\" }, \"n\" : null, \"f\" : null, "
		"\"ok\" : null, \"raw\" : null }");
	assert_int_equal(said.end.matched, 2);
	works(&r, (struct ask){.op = AQ_STORE_FIND, .collection = "ticks", .projection = "{\"symbol\":1,\"price\":1}",
		.sort = "{\"price\":-1}", .skip = 1, .limit = 1});
	assert_string_equal(rows_json(), "{ \"symbol\" : \"b\", \"price\" : { \"$numberDecimal\" : \"9.0000\" } }");
	works(&r, (struct ask){.op = AQ_STORE_COUNT, .collection = "ticks", .filter = "{\"price\":{\"$gt\":{\"$numberDecimal\":"
		"\"8.99999\"}}}"});
	assert_int_equal(said.end.matched, 2);
	works(&r, (struct ask){.op = AQ_STORE_COUNT, .collection = "ticks"});
	assert_int_equal(said.end.matched, 3);
	/* and after the store has been closed and opened */
	rig_stop(&r);
	rig_start(&r);
	works(&r, (struct ask){.op = AQ_STORE_COUNT, .collection = "ticks", .filter = "{\"n\":{\"$ne\":7}}"});
	assert_int_equal(said.end.matched, 2);
	rig_free(&r);
}

static void all_of_an_insert_or_nothing(void **state)
{
	struct rig r;

	(void)state;
	with_ticks(&r);
	refused(&r, AQ_STORE_DUPLICATE, "row 2", (struct ask){.op = AQ_STORE_INSERT, .collection = "ticks",
		.rows = "[{\"symbol\":\"c\",\"time\":1},{\"symbol\":\"a\",\"time\":1}]"});
	refused(&r, AQ_STORE_REFUSED, "123.45678 does not fit decimal(10,4) of field price", (struct ask){
		.op = AQ_STORE_INSERT, .collection = "ticks", .rows = "[{\"symbol\":\"c\",\"time\":1},{\"symbol\":\"d\",\"time\":1,"
		"\"price\":\"123.45678\"}]"});
	refused(&r, AQ_STORE_UNKNOWN, "there is no field pricé", (struct ask){.op = AQ_STORE_INSERT, .collection = "ticks",
		.rows = "[{\"symbol\":\"c\",\"time\":1},{\"symbol\":\"d\",\"time\":1,\"pricé\":1}]"});
	refused(&r, AQ_STORE_REFUSED, "field time is part of the key", (struct ask){.op = AQ_STORE_INSERT,
		.collection = "ticks", .rows = "[{\"symbol\":\"c\"}]"});
	refused(&r, AQ_STORE_UNKNOWN, "field price is decimal(10,4): it takes no double", (struct ask){
		.op = AQ_STORE_INSERT, .collection = "ticks", .rows = "[{\"symbol\":\"c\",\"time\":1,\"price\":1.5}]"});
	works(&r, (struct ask){.op = AQ_STORE_COUNT, .collection = "ticks"});
	assert_int_equal(said.end.matched, 3);
	rig_free(&r);
}

#define MANY 200

/* [{"id": 1000}, {"id": 1001} ...]; of the row number `twice` the id is 5, of the row number `long_one` the text is too long. */
static const char *many_rows(int twice, int long_one)
{
	static char text[MANY * 40];
	size_t at = 0;

	for (int i = 0; i < MANY; i++)
		at += (size_t)snprintf(text + at, sizeof(text) - at, "%s{\"id\":%d,\"s\":\"%s\"}", i == 0 ? "[" : ",", i == twice ? 5 : 1000 + i,
			i == long_one ? "12345" : "1234");
	snprintf(text + at, sizeof(text) - at, "]");
	return text;
}

static void with_five(struct rig *r)
{
	rig_new(r);
	works(r, (struct ask){.op = AQ_STORE_CREATE, .collection = "t", .schema = "{\"fields\":[{\"name\":\"id\",\"type\":\"int64\","
		"\"key\":true},{\"name\":\"s\",\"type\":\"text\",\"size\":4}]}"});
	works(r, (struct ask){.op = AQ_STORE_INSERT, .collection = "t", .rows = "[{\"id\":5}]"});
}

/* Wherever it stands among many. */
static void which_row_was_refused(void **state)
{
	static const int places[] = {0, 1, 2, 62, 63, 64, 65, 66, 127, 128, 129, 130, MANY - 1};
	char words[32];
	struct rig r;

	(void)state;
	with_five(&r);
	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
		snprintf(words, sizeof(words), "row %d: ", places[i] + 1);
		refused(&r, AQ_STORE_DUPLICATE, words, (struct ask){.op = AQ_STORE_INSERT, .collection = "t", .rows = many_rows(places[i], -1)});
		refused(&r, AQ_STORE_REFUSED, words, (struct ask){.op = AQ_STORE_INSERT, .collection = "t", .rows = many_rows(-1, places[i])});
	}
	works(&r, (struct ask){.op = AQ_STORE_COUNT, .collection = "t"});
	assert_int_equal(said.end.matched, 1);
	works(&r, (struct ask){.op = AQ_STORE_INSERT, .collection = "t", .rows = many_rows(-1, -1)});
	assert_int_equal(said.end.changed, MANY);
	works(&r, (struct ask){.op = AQ_STORE_COUNT, .collection = "t", .filter = "{\"s\":\"1234\"}"});
	assert_int_equal(said.end.matched, MANY);
	rig_free(&r);
}

static void changes(void **state)
{
	struct rig r;

	(void)state;
	with_ticks(&r);
	works(&r, (struct ask){.op = AQ_STORE_UPDATE, .collection = "ticks", .filter = "{\"symbol\":\"a\"}",
		.update = "{\"$inc\":{\"n\":5,\"price\":{\"$numberDecimal\":\"0.0001\"},\"f\":0.5},\"$set\":{\"ok\":false},"
		"\"$unset\":{\"raw\":1}}"});
	assert_int_equal(said.end.changed, 2);
	works(&r, (struct ask){.op = AQ_STORE_FIND, .collection = "ticks", .filter = "{\"symbol\":\"a\"}", .sort = "{\"time\":1}",
		.projection = "{\"symbol\":0,\"time\":0}"});
	assert_string_equal(rows_json(), "{ \"price\" : { \"$numberDecimal\" : \"1.5001\" }, \"n\" : 12, \"f\" : 0.75, "
		"\"ok\" : false, \"raw\" : null } { \"price\" : { \"$numberDecimal\" : \"10.2501\" }, \"n\" : 5, \"f\" : 0.5, "
		"\"ok\" : false, \"raw\" : null }");
	works(&r, (struct ask){.op = AQ_STORE_UPDATE, .collection = "ticks", .filter = "{}",
		.update = "{\"$min\":{\"price\":5},\"$max\":{\"n\":6}}"});
	works(&r, (struct ask){.op = AQ_STORE_FIND, .collection = "ticks", .sort = "{\"symbol\":1,\"time\":1}",
		.projection = "{\"price\":1,\"n\":1}"});
	assert_string_equal(rows_json(), "{ \"price\" : { \"$numberDecimal\" : \"1.5001\" }, \"n\" : 12 } { \"price\" : "
		"{ \"$numberDecimal\" : \"5.0000\" }, \"n\" : 6 } { \"price\" : { \"$numberDecimal\" : \"5.0000\" }, \"n\" : 6 }");
	refused(&r, AQ_STORE_REFUSED, WORDS_OF_SUM, (struct ask){.op = AQ_STORE_UPDATE,
		.collection = "ticks", .filter = "{\"symbol\":\"a\"}", .update = "{\"$inc\":{\"price\":{\"$numberDecimal\":\"999996.5\"}}}"});
	rig_free(&r);
}

static void sums_stay_exact(void **state)
{
	struct rig r;

	(void)state;
	with_ticks(&r);
	refused(&r, AQ_STORE_REFUSED, WORDS_OF_SUM, (struct ask){.op = AQ_STORE_UPDATE,
		.collection = "ticks", .filter = "{\"symbol\":\"a\"}", .update = "{\"$inc\":{\"price\":999999}}"});
	works(&r, (struct ask){.op = AQ_STORE_UPDATE, .collection = "ticks", .filter = "{\"symbol\":\"a\",\"time\":1}",
		.update = "{\"$set\":{\"n\":{\"$numberLong\":\"9223372036854775807\"},\"f\":1e308}}"});
	refused(&r, AQ_STORE_REFUSED, "", (struct ask){.op = AQ_STORE_UPDATE, .collection = "ticks", .filter = "{}",
		.update = "{\"$inc\":{\"n\":1}}"});
	refused(&r, AQ_STORE_REFUSED, WORDS_OF_DOUBLE, (struct ask){.op = AQ_STORE_UPDATE, .collection = "ticks",
		.filter = "{}", .update = "{\"$inc\":{\"f\":1e308}}"});
	works(&r, (struct ask){.op = AQ_STORE_COUNT, .collection = "ticks", .filter = "{\"n\":{\"$numberLong\":"
		"\"9223372036854775807\"},\"f\":1e308}"});
	assert_int_equal(said.end.matched, 1);
	rig_free(&r);
}

static void upserts(void **state)
{
	struct rig r;
	struct ask a = {.op = AQ_STORE_UPSERT, .collection = "ticks", .filter = "{\"symbol\":\"z\",\"$and\":[{\"time\":{\"$eq\":5}}]}",
		.update = "{\"$inc\":{\"n\":1},\"$setOnInsert\":{\"price\":3}}"};

	(void)state;
	with_ticks(&r);
	works(&r, a);
	assert_int_equal(said.end.matched, 0);
	assert_int_equal(said.end.changed, 1);
	works(&r, a);
	assert_int_equal(said.end.matched, 1);
	works(&r, (struct ask){.op = AQ_STORE_FIND, .collection = "ticks", .filter = "{\"symbol\":\"z\"}",
		.projection = "{\"time\":1,\"price\":1,\"n\":1}"});
	assert_string_equal(rows_json(), "{ \"time\" : 5, \"price\" : { \"$numberDecimal\" : \"3.0000\" }, \"n\" : 2 }");
	refused(&r, AQ_STORE_REFUSED, "field time is part of the key", (struct ask){.op = AQ_STORE_UPSERT,
		.collection = "ticks", .filter = "{\"symbol\":\"y\"}", .update = "{\"$set\":{\"n\":1}}"});
	rig_free(&r);
}

static void finds_and_modifies(void **state)
{
	struct rig r;
	struct ask a = {.op = AQ_STORE_FIND_MODIFY, .collection = "ticks", .filter = "{\"symbol\":\"a\"}", .sort = "{\"time\":-1}",
		.update = "{\"$inc\":{\"n\":1}}"};

	(void)state;
	with_ticks(&r);
	works(&r, a);
	assert_int_equal(said.row_count, 1);
	assert_non_null(strstr(rows_json(), "\"time\" : 2"));
	assert_non_null(strstr(rows_json(), "\"n\" : null"));
	a.flags = AQ_STORE_NEW;
	works(&r, a);
	assert_non_null(strstr(rows_json(), "\"n\" : 2"));
	assert_int_equal(said.end.changed, 1);
	a.filter = "{\"symbol\":\"none\"}";
	works(&r, a);
	assert_int_equal(said.row_count + said.end.changed, 0);
	rig_free(&r);
}

/* Equal numbers are one key, whatever their digits; and the order is that of numbers. */
static void decimals_as_keys(void **state)
{
	struct rig r;

	(void)state;
	rig_new(&r);
	works(&r, (struct ask){.op = AQ_STORE_CREATE, .collection = "t", .schema = "{\"fields\":[{\"name\":\"p\",\"type\":\"decimal\","
		"\"precision\":10,\"digits\":4,\"key\":true},{\"name\":\"q\",\"type\":\"decimal\",\"digits\":1,\"unique\":\"two\"},"
		"{\"name\":\"s\",\"type\":\"text\",\"unique\":\"two\"}]}"});
	works(&r, (struct ask){.op = AQ_STORE_INSERT, .collection = "t", .rows = "[{\"p\":\"1.50\"},{\"p\":\"-2\"},{\"p\":10},"
		"{\"p\":9,\"q\":\"0.50\",\"s\":\"x\"}]"});
	refused(&r, AQ_STORE_DUPLICATE, "row 1", (struct ask){.op = AQ_STORE_INSERT, .collection = "t", .rows = "[{\"p\":"
		"{\"$numberDecimal\":\"15E-1\"}}]"});
	refused(&r, AQ_STORE_DUPLICATE, "", (struct ask){.op = AQ_STORE_INSERT, .collection = "t", .rows = "[{\"p\":8,\"q\":\"0.5\","
		"\"s\":\"x\"}]"});
	works(&r, (struct ask){.op = AQ_STORE_FIND, .collection = "t", .filter = "{\"p\":{\"$gt\":\"-1.99999\",\"$lte\":10}}",
		.sort = "{\"p\":-1}", .projection = "{\"p\":1}"});
	assert_string_equal(rows_json(), "{ \"p\" : { \"$numberDecimal\" : \"10.0000\" } } { \"p\" : { \"$numberDecimal\" : "
		"\"9.0000\" } } { \"p\" : { \"$numberDecimal\" : \"1.5000\" } }");
	rig_free(&r);
}

static void deletes(void **state)
{
	struct rig r;

	(void)state;
	with_ticks(&r);
	refused(&r, AQ_STORE_REFUSED, "the filter is missing", (struct ask){.op = AQ_STORE_DELETE, .collection = "ticks"});
	works(&r, (struct ask){.op = AQ_STORE_DELETE, .collection = "ticks", .filter = "{\"symbol\":\"a\"}"});
	assert_int_equal(said.end.changed, 2);
	works(&r, (struct ask){.op = AQ_STORE_COUNT, .collection = "ticks"});
	assert_int_equal(said.end.matched, 1);
	rig_free(&r);
}

static void calls_that_make_no_sense(void **state)
{
	char *text = malloc(9 << 20);
	struct rig r;

	(void)state;
	with_ticks(&r);
	refused(&r, AQ_STORE_REFUSED, "a part that its operation does not take", (struct ask){.op = AQ_STORE_COUNT,
		.collection = "ticks", .sort = "{\"n\":1}"});
	refused(&r, AQ_STORE_REFUSED, "is empty", (struct ask){.op = AQ_STORE_COUNT});
	refused(&r, AQ_STORE_REFUSED, "flag", (struct ask){.op = AQ_STORE_COUNT, .collection = "ticks", .flags = AQ_STORE_NEW});
	refused(&r, AQ_STORE_REFUSED, "a skip or a limit", (struct ask){.op = AQ_STORE_INSERT, .collection = "ticks", .limit = 1});
	refused(&r, AQ_STORE_LATE, "deadline", (struct ask){.op = AQ_STORE_COUNT, .collection = "ticks",
		.deadline_ns = rig_now(&r) - 1});
	memset(text, 'x', 9 << 20);
	refused(&r, AQ_STORE_REFUSED, "max_call", (struct ask){.op = AQ_STORE_RAW, .statement = text, .length = 9 << 20});
	works(&r, (struct ask){.op = AQ_STORE_COUNT, .collection = "ticks"});
	assert_int_equal(said.end.matched, 3);
	free(text);
	rig_free(&r);
}

#define STORE_TESTS cmocka_unit_test(creates_and_describes), cmocka_unit_test(rows_come_back), \
	cmocka_unit_test(all_of_an_insert_or_nothing), cmocka_unit_test(which_row_was_refused), cmocka_unit_test(changes), \
	cmocka_unit_test(sums_stay_exact), cmocka_unit_test(upserts), cmocka_unit_test(finds_and_modifies), cmocka_unit_test(decimals_as_keys), \
	cmocka_unit_test(deletes), cmocka_unit_test(calls_that_make_no_sense)

#endif
