/* store_pages.h: how calls come and answers go: chunks torn at every byte, rows in pages, frames. */
#ifndef STORE_PAGES_H
#define STORE_PAGES_H

#define NUMBERS "{\"fields\":[{\"name\":\"id\",\"type\":\"int64\",\"key\":true},{\"name\":\"s\",\"type\":\"text\"}," \
	"{\"name\":\"p\",\"type\":\"decimal\",\"precision\":18,\"digits\":2},{\"name\":\"t\",\"type\":\"timestamp\"}]}"

/* So many rows of about so many bytes. */
static void insert(struct rig *r, int from, int count, size_t bytes)
{
	char *text = malloc(bytes + 1);
	struct sql_buffer rows = {0};
	uint64_t id;

	memset(text, 'x', bytes);
	text[bytes] = '\0';
	for (int i = 0; i < count; i++) {
		bson_t row = BSON_INITIALIZER;

		BSON_APPEND_INT64(&row, "id", from + i);
		BSON_APPEND_UTF8(&row, "s", text);
		BSON_APPEND_INT64(&row, "p", i);
		BSON_APPEND_INT64(&row, "t", i);
		sql_buffer_add(&rows, bson_get_data(&row), row.len);
		bson_destroy(&row);
	}
	id = begin_call(r, (struct ask){.op = AQ_STORE_INSERT, .collection = "n"});
	assert_int_equal(send_part(r, id, AQ_PART_ROWS, rows.at, rows.length), AQ_OK);
	end_call(r, id);
	assert_int_equal(said.end.changed, count);
	sql_buffer_free(&rows);
	free(text);
}

static void with_numbers(struct rig *r, int count, size_t bytes)
{
	rig_new(r);
	works(r, (struct ask){.op = AQ_STORE_CREATE, .collection = "n", .schema = NUMBERS});
	if (count > 0)
		insert(r, 0, count, bytes);
}

static uint64_t count(struct rig *r)
{
	works(r, (struct ask){.op = AQ_STORE_COUNT, .collection = "n"});
	return said.end.matched;
}

/* ---- chunks ---- */

static void torn_at_every_byte(void **state)
{
	struct rig r;

	(void)state;
	rig_new(&r);
	for (uint32_t chunk = 1; chunk < 150; chunk++) {
		r.chunk = chunk;
		works(&r, (struct ask){.op = AQ_STORE_CREATE, .collection = "n", .schema = NUMBERS});
		works(&r, (struct ask){.op = AQ_STORE_INSERT, .collection = "n", .rows = "[{\"id\":1,\"s\":\"one\"},{\"id\":2,\"s\":"
			"\"two\",\"p\":\"2.5\"}]"});
		works(&r, (struct ask){.op = AQ_STORE_UPDATE, .collection = "n", .filter = "{\"id\":{\"$gte\":2}}",
			.update = "{\"$set\":{\"t\":5},\"$inc\":{\"p\":1}}"});
		works(&r, (struct ask){.op = AQ_STORE_RAW, .statement = "SELECT s FROM n WHERE id = ?", .parameters = "{\"x\":1}"});
		assert_string_equal(rows_json(), "{ \"s\" : \"one\" }");
		works(&r, (struct ask){.op = AQ_STORE_FIND, .collection = "n", .filter = "{\"s\":{\"$in\":[\"two\",\"x\"]}}",
			.projection = "{\"p\":1,\"t\":1}", .sort = "{\"id\":-1}"});
		assert_string_equal(rows_json(), "{ \"p\" : { \"$numberDecimal\" : \"3.50\" }, \"t\" : 5 }");
		works(&r, (struct ask){.op = AQ_STORE_DELETE, .collection = "n", .filter = "{}"});
		assert_int_equal(said.end.changed, 2);
	}
	rig_free(&r);
}

/* Nothing of a call is there before its end, and nothing of it remains when it is forgotten. */
static void nothing_before_the_end(void **state)
{
	struct rig r;
	uint64_t id;

	(void)state;
	with_numbers(&r, 3, 5);
	id = begin_call(&r, (struct ask){.op = AQ_STORE_INSERT, .collection = "n", .rows = "[{\"id\":10}]"});
	assert_int_equal(count(&r), 3);
	forget_call(&r, id);
	assert_int_equal(rig_end(&r, id, 0), AQ_ENOENT);
	assert_int_equal(count(&r), 3);
	id = begin_call(&r, (struct ask){.op = AQ_STORE_INSERT, .collection = "n", .rows = "[{\"id\":10}]"});
	end_call(&r, id);
	assert_int_equal(count(&r), 4);
	rig_free(&r);
}

/* ---- pages ---- */

static void as_many_as_are_asked_for(void **state)
{
	struct rig r;
	uint64_t id;

	(void)state;
	with_numbers(&r, 10, 5);
	id = begin_call(&r, (struct ask){.op = AQ_STORE_FIND, .collection = "n", .sort = "{\"id\":1}"});
	end_asking(&r, id, 4);
	assert_int_equal(said.row_count, 4);
	assert_int_equal(said.lasts, 1);
	insert(&r, 100, 5, 5); /* an open read does not see it */
	said_clear();
	more_rows(&r, id, 4);
	assert_int_equal(said.row_count, 4);
	assert_int_equal(said.ends, 0);
	more_rows(&r, id, 4);
	assert_int_equal(said.row_count, 6);
	assert_int_equal(said.ends, 1);
	assert_int_equal(said.end.matched, 10);
	end_asking(&r, begin_call(&r, (struct ask){.op = AQ_STORE_FIND, .collection = "n", .filter = "{\"id\":-1}"}), 1);
	assert_int_equal(said.ends, 1);
	assert_int_equal(said.row_count, 0);
	assert_int_equal(count(&r), 15); /* and the next one sees it */
	rig_free(&r);
}

static void large_answers_are_torn(void **state)
{
	struct rig r;

	(void)state;
	with_numbers(&r, 300, 1000);
	works(&r, (struct ask){.op = AQ_STORE_FIND, .collection = "n"});
	assert_int_equal(said.row_count, 300);
	assert_in_range(said.pages, 5, 7);
	assert_int_equal(said.lasts, 1);
	insert(&r, 1000, 1, 1000000); /* a row that is larger than a page stands alone */
	works(&r, (struct ask){.op = AQ_STORE_FIND, .collection = "n", .filter = "{\"id\":{\"$gte\":299}}", .sort = "{\"id\":1}"});
	assert_int_equal(said.pages, 2);
	assert_int_equal(said.page_rows, 1);
	assert_in_range(said.page_bytes, 1000000, 1000200);
	rig_free(&r);
}

/* ---- frames ---- */

static void frames_in_and_out(void **state)
{
	struct sql_buffer frame = {0};
	struct sql_error err;
	struct sql_frame f;
	struct sql_value v;
	struct ask a = {.op = AQ_STORE_INSERT, .collection = "other"};
	struct rig r;

	(void)state;
	with_numbers(&r, 1000, 20);
	works(&r, (struct ask){.op = AQ_STORE_FIND, .collection = "n", .flags = AQ_STORE_AS_FRAMES, .limit = 700, .sort = "{\"id\":1}"});
	assert_int_equal(said.row_count, 700);
	assert_int_equal(said.pages, 1);
	assert_true(said.frames);
	assert_int_equal(sql_frame_open(said.rows.at, said.rows.length, &f, &err), 0);
	assert_int_equal(f.rows, 700);
	assert_int_equal(sql_frame_cell(&f.columns[2], 699, &v, &err), 0);
	assert_string_equal(v.decimal, "699");
	sql_frame_close(&f);
	sql_buffer_add(&frame, said.rows.at, said.rows.length);
	a.frame = frame.at;
	a.length = frame.length;
	works(&r, (struct ask){.op = AQ_STORE_CREATE, .collection = "other", .schema = NUMBERS});
	works(&r, a);
	assert_int_equal(said.end.changed, 700);
	refused(&r, AQ_STORE_DUPLICATE, "row 1", a);
	frame.at[60] ^= 0x55;
	a.length -= 8;
	refused(&r, AQ_STORE_REFUSED, "", a);
	works(&r, (struct ask){.op = AQ_STORE_COUNT, .collection = "other"});
	assert_int_equal(said.end.matched, 700);
	assert_string_equal(found(&r, "other", "{\"id\":7}", NULL), "{ \"id\" : 7, \"s\" : \"xxxxxxxxxxxxxxxxxxxx\", \"p\" : "
		"{ \"$numberDecimal\" : \"7.00\" }, \"t\" : 7 }");
	sql_buffer_free(&frame);
	rig_free(&r);
}

static void frames_in_pages(void **state)
{
	struct rig r;

	(void)state;
	with_numbers(&r, 3000, 40);
	works(&r, (struct ask){.op = AQ_STORE_FIND, .collection = "n", .flags = AQ_STORE_AS_FRAMES});
	assert_int_equal(said.row_count, 3000);
	assert_in_range(said.pages, 3, 5);
	insert(&r, 5000, 100, 7000); /* eight of these fit */
	works(&r, (struct ask){.op = AQ_STORE_FIND, .collection = "n", .flags = AQ_STORE_AS_FRAMES,
		.filter = "{\"id\":{\"$gte\":5000}}"});
	assert_int_equal(said.row_count, 100);
	assert_int_equal(said.pages, 13);
	insert(&r, 6000, 3, 100000); /* none of these does */
	works(&r, (struct ask){.op = AQ_STORE_FIND, .collection = "n", .flags = AQ_STORE_AS_FRAMES,
		.filter = "{\"id\":{\"$gte\":5099}}"});
	assert_int_equal(said.row_count, 4);
	assert_int_equal(said.pages, 4);
	assert_in_range(said.page_bytes, 100000, 101000);
	rig_free(&r);
}

#define EVERYTHING "{\"fields\":[{\"name\":\"id\",\"type\":\"int64\",\"key\":true},{\"name\":\"i\",\"type\":\"int64\"}," \
	"{\"name\":\"f\",\"type\":\"double\"},{\"name\":\"p\",\"type\":\"decimal\",\"precision\":18,\"digits\":18}," \
	"{\"name\":\"q\",\"type\":\"decimal\",\"precision\":34,\"digits\":10},{\"name\":\"s\",\"type\":\"text\"}," \
	"{\"name\":\"y\",\"type\":\"bytes\"},{\"name\":\"b\",\"type\":\"bool\"},{\"name\":\"t\",\"type\":\"timestamp\"}]}"

/* Every type with and without a value: into one collection as documents, as a frame into the next, and there they are the
 * same. */
static void nulls_of_every_type(void **state)
{
	static const char *const rows = "[{\"id\":1},{\"id\":2,\"i\":-5,\"f\":0.5,\"p\":\"-0.999999999999999999\",\"q\":"
		"\"123456789012345678901234.0123456789\",\"s\":\"\",\"y\":{\"$binary\":{\"base64\":\"AAE=\",\"subType\":\"00\"}},"
		"\"b\":false,\"t\":7},{\"id\":3,\"i\":0,\"s\":\"x\",\"b\":true},{\"id\":4,\"f\":1.5,\"p\":0,\"q\":0,"
		"\"y\":{\"$binary\":{\"base64\":\"\",\"subType\":\"00\"}},\"t\":0}]";
	struct sql_buffer frame = {0};
	struct rig r;
	char *wanted;

	(void)state;
	rig_new(&r);
	works(&r, (struct ask){.op = AQ_STORE_CREATE, .collection = "e", .schema = EVERYTHING});
	works(&r, (struct ask){.op = AQ_STORE_INSERT, .collection = "e", .rows = rows});
	wanted = strdup(found(&r, "e", "{}", "{\"id\":1}"));
	works(&r, (struct ask){.op = AQ_STORE_FIND, .collection = "e", .flags = AQ_STORE_AS_FRAMES});
	sql_buffer_add(&frame, said.rows.at, said.rows.length);
	works(&r, (struct ask){.op = AQ_STORE_CREATE, .collection = "next", .schema = EVERYTHING});
	works(&r, (struct ask){.op = AQ_STORE_INSERT, .collection = "next", .frame = frame.at, .length = frame.length});
	assert_int_equal(said.end.changed, 4);
	assert_string_equal(found(&r, "next", "{}", "{\"id\":1}"), wanted);
	assert_non_null(strstr(wanted, "123456789012345678901234.0123456789"));
	free(wanted);
	sql_buffer_free(&frame);
	rig_free(&r);
}

/* A frame of the store with anything changed in it is stored as a whole or not at all, and ends in one answer. */
static void frames_that_are_damaged(void **state)
{
	uint64_t seed = 1442695040888963407u;
	struct sql_buffer frame = {0};
	struct rig r;

	(void)state;
	rig_new(&r);
	works(&r, (struct ask){.op = AQ_STORE_CREATE, .collection = "e", .schema = EVERYTHING});
	works(&r, (struct ask){.op = AQ_STORE_INSERT, .collection = "e", .rows = "[{\"id\":1,\"s\":\"one\"},{\"id\":2,\"i\":5,"
		"\"y\":{\"$binary\":{\"base64\":\"AAE=\",\"subType\":\"00\"}}},{\"id\":3,\"q\":1,\"b\":true}]"});
	works(&r, (struct ask){.op = AQ_STORE_FIND, .collection = "e", .flags = AQ_STORE_AS_FRAMES});
	sql_buffer_add(&frame, said.rows.at, said.rows.length);
	for (int i = 0; i < 3000; i++) {
		size_t at;
		char before;

		seed = seed * 6364136223846793005u + 1442695040888963407u;
		at = (size_t)(seed >> 33) % frame.length;
		before = frame.at[at];
		frame.at[at] = (char)(seed >> 25);
		works(&r, (struct ask){.op = AQ_STORE_DELETE, .collection = "e", .filter = "{}"});
		ask(&r, (struct ask){.op = AQ_STORE_INSERT, .collection = "e", .frame = frame.at, .length = frame.length});
		assert_int_equal(said.ends + said.errors, 1);
		assert_true(said.errors == 1 || said.end.changed == 3);
		frame.at[at] = before;
	}
	sql_buffer_free(&frame);
	rig_free(&r);
}

#define STORE_TESTS cmocka_unit_test(torn_at_every_byte), cmocka_unit_test(nothing_before_the_end), \
	cmocka_unit_test(as_many_as_are_asked_for), cmocka_unit_test(large_answers_are_torn), \
	cmocka_unit_test(frames_in_and_out), cmocka_unit_test(frames_in_pages), \
	cmocka_unit_test(nulls_of_every_type), cmocka_unit_test(frames_that_are_damaged)

#endif
