/* Many rows at once: by arrays and as a file, whatever is in them; the error says which row, and nothing remains of it. */
#include "mariadb_help.h"

#include <float.h>

#define EVERYTHING "{\"fields\":[{\"name\":\"id\",\"type\":\"int64\",\"key\":true},{\"name\":\"s\",\"type\":\"text\"}," \
	"{\"name\":\"y\",\"type\":\"bytes\"},{\"name\":\"f\",\"type\":\"double\"},{\"name\":\"p\",\"type\":\"decimal\"," \
	"\"precision\":18,\"digits\":6},{\"name\":\"q\",\"type\":\"decimal\",\"digits\":10},{\"name\":\"b\",\"type\":\"bool\"}," \
	"{\"name\":\"t\",\"type\":\"timestamp\"},{\"name\":\"u\",\"type\":\"text\",\"size\":5,\"unique\":true}]}"

static const char *const texts[] = {"", "\\N", "\\", "\\\\", "a\tb", "a\nb", "\r\n", "'\"`", "\xf0\x9f\x98\x80",
	"\xc3\xa9\\", "\\0", "\\t", ",", "NULL", "\x1a\b", "0x41"};
#define TEXTS (sizeof(texts) / sizeof(*texts))
static const double doubles[] = {0, -0.5, 0.1, DBL_MAX, -DBL_MIN, DBL_TRUE_MIN, 1e15, 123456789.123456789};
#define DOUBLES (sizeof(doubles) / sizeof(*doubles))

/* Row `i` of many, all of which differ; every third value is missing. */
static void add_row(struct sql_buffer *rows, int i)
{
	bson_t row = BSON_INITIALIZER;
	bson_decimal128_t number;
	char text[40];
	uint8_t all[256];

	for (int n = 0; n < 256; n++)
		all[n] = (uint8_t)(n + i);
	BSON_APPEND_INT64(&row, "id", i);
	if (i % 3 != 0)
		bson_append_utf8(&row, "s", 1, i % 7 == 0 ? "a\0b" : texts[i % TEXTS], i % 7 == 0 ? 3 : -1);
	if (i % 3 != 1)
		bson_append_binary(&row, "y", 1, BSON_SUBTYPE_BINARY, all, (uint32_t)i % 257);
	if (i % 3 != 2)
		BSON_APPEND_DOUBLE(&row, "f", doubles[i % DOUBLES]);
	snprintf(text, sizeof(text), "-%d.%06d", i % 1000, i);
	bson_decimal128_from_string(text, &number);
	if (i % 3 != 0)
		BSON_APPEND_DECIMAL128(&row, "p", &number);
	if (i % 3 != 1)
		BSON_APPEND_UTF8(&row, "q", "123456789012345678901234.0123456789");
	if (i % 3 != 2)
		BSON_APPEND_BOOL(&row, "b", i % 2 != 0);
	if (i % 3 != 0)
		BSON_APPEND_INT64(&row, "t", INT64_MIN + i);
	sql_buffer_add(rows, bson_get_data(&row), row.len);
	bson_destroy(&row);
}

static void insert_rows(struct rig *r, const char *collection, const struct sql_buffer *rows, enum aq_store_part part)
{
	uint64_t id = begin_call(r, (struct ask){.op = AQ_STORE_INSERT, .collection = collection});

	assert_int_equal(send_part(r, id, part, rows->at, rows->length), AQ_OK);
	end_call(r, id);
}

/* All rows of a collection, as documents. */
static void read_rows(struct rig *r, const char *collection, struct sql_buffer *out)
{
	works(r, (struct ask){.op = AQ_STORE_FIND, .collection = collection, .sort = "{\"id\":1}"});
	sql_buffer_clear(out);
	sql_buffer_add(out, said.rows.at, said.rows.length);
}

/* All rows as one frame: so many that it needs several pages go as one, too. */
static void read_frame(struct rig *r, int rows, struct sql_buffer *out)
{
	static const char *const names[] = {"id", "t"};
	const struct aq_frame head = {.rows = (uint32_t)rows, .columns = 2};

	(void)r;
	sql_buffer_clear(out);
	sql_buffer_add(out, &head, sizeof(head));
	for (int c = 0; c < 2; c++) {
		struct aq_column column = {.type = c == 0 ? AQ_COL_INT64 : AQ_COL_TIME, .length = (uint32_t)rows * 8};

		strcpy(column.name, names[c]);
		sql_buffer_add(out, &column, sizeof(column));
		for (int64_t i = 0; i < rows; i++)
			sql_buffer_add(out, &i, sizeof(i));
	}
}

static int64_t status_of(const char *name)
{
	char text[120];
	MYSQL *m = client_of(NULL);
	MYSQL_RES *result;
	int64_t number;

	snprintf(text, sizeof(text), "SHOW GLOBAL STATUS LIKE '%s'", name);
	assert_int_equal(mysql_query(m, text), 0);
	result = mysql_store_result(m);
	number = atoll(mysql_fetch_row(result)[1]);
	mysql_free_result(result);
	mysql_close(m);
	return number;
}

/* ---- there and back ---- */

static void with_rows(struct rig *r, int count, struct sql_buffer *rows)
{
	rig_new(r);
	works(r, (struct ask){.op = AQ_STORE_CREATE, .collection = "one", .schema = EVERYTHING});
	works(r, (struct ask){.op = AQ_STORE_CREATE, .collection = "two", .schema = EVERYTHING});
	for (int i = 0; i < count; i++)
		add_row(rows, i);
	insert_rows(r, "one", rows, AQ_PART_ROWS);
	if (said.errors > 0)
		fail_msg("%s", said.error.text);
	assert_int_equal(said.end.changed, count);
}

static void rows_by_arrays(void **state)
{
	struct sql_buffer rows = {0}, back = {0};
	int64_t before = status_of("Com_stmt_execute");
	struct rig r;

	(void)state;
	with_rows(&r, 3000, &rows);
	assert_true(status_of("Com_stmt_execute") - before < 300);
	read_rows(&r, "one", &back);
	assert_int_equal(said.row_count, 3000);
	insert_rows(&r, "two", &back, AQ_PART_ROWS);
	sql_buffer_clear(&rows);
	sql_buffer_add(&rows, back.at, back.length);
	read_rows(&r, "two", &back);
	assert_int_equal(back.length, rows.length);
	assert_memory_equal(back.at, rows.at, rows.length);
	sql_buffer_free(&rows);
	sql_buffer_free(&back);
	rig_free(&r);
}

/* A page of a find as a frame has fewer rows than a file is worth, so the frame here is put together of the rows. */
static void frame_of(struct rig *r, const char *collection, struct sql_buffer *out)
{
	struct sql_schema schema;
	struct sql_frame_out frame;
	struct sql_columns columns;
	struct sql_error err;
	struct sql_row row;
	bson_t *document = json(EVERYTHING), one;
	size_t at = 0;

	works(r, (struct ask){.op = AQ_STORE_FIND, .collection = collection, .sort = "{\"id\":1}"});
	assert_int_equal(sql_schema_read(&sql_dialect_mariadb, document, &schema, &err), 0);
	assert_int_equal(sql_projection(&schema, NULL, &columns, &err), 0);
	assert_int_equal(sql_frame_out_begin(&frame, &schema, &columns, &err), 0);
	assert_int_equal(sql_row_new(&schema, &row, &err), 0);
	while (sql_document_next(said.rows.at, said.rows.length, &at, &one, &err) == 1) {
		assert_int_equal(sql_row_read(&schema, &one, &row, &err), 0);
		assert_int_equal(sql_frame_out_row(&frame, row.values, &err), 0);
	}
	sql_buffer_clear(out);
	assert_int_equal(sql_frame_out_end(&frame, out, &err), 0);
	sql_frame_out_free(&frame);
	sql_row_free(&row);
	sql_schema_free(&schema);
	bson_destroy(document);
}

static void frames_as_files(void **state)
{
	struct sql_buffer rows = {0}, back = {0}, frame = {0};
	int64_t loads = status_of("Com_load");
	struct rig r;

	(void)state;
	with_rows(&r, 3000, &rows);
	frame_of(&r, "one", &frame);
	insert_rows(&r, "two", &frame, AQ_PART_FRAME);
	assert_int_equal(said.errors, 0);
	assert_int_equal(said.end.changed, 3000);
	assert_int_equal(status_of("Com_load"), loads + 1);
	read_rows(&r, "one", &rows);
	read_rows(&r, "two", &back);
	assert_int_equal(back.length, rows.length);
	assert_memory_equal(back.at, rows.at, rows.length);
	/* a server that takes no files gets arrays */
	server_run("SET GLOBAL local_infile = 0");
	rig_stop(&r);
	rig_start(&r);
	works(&r, (struct ask){.op = AQ_STORE_DELETE, .collection = "two", .filter = "{}"});
	insert_rows(&r, "two", &frame, AQ_PART_FRAME);
	assert_int_equal(said.end.changed, 3000);
	server_run("SET GLOBAL local_infile = 1");
	assert_int_equal(status_of("Com_load"), loads + 1);
	read_rows(&r, "two", &back);
	assert_int_equal(back.length, rows.length);
	assert_memory_equal(back.at, rows.at, rows.length);
	sql_buffer_free(&rows);
	sql_buffer_free(&back);
	sql_buffer_free(&frame);
	rig_free(&r);
}

/* ---- what is wrong in them ---- */

static uint64_t count(struct rig *r)
{
	works(r, (struct ask){.op = AQ_STORE_COUNT, .collection = "one"});
	return said.end.matched;
}

static void the_row_that_is_wrong(void **state)
{
	struct sql_buffer frame = {0}, rows = {0};
	struct rig r;

	(void)state;
	rig_new(&r);
	works(&r, (struct ask){.op = AQ_STORE_CREATE, .collection = "one", .schema = EVERYTHING});
	works(&r, (struct ask){.op = AQ_STORE_INSERT, .collection = "one", .rows = "[{\"id\":2500}]"});
	read_frame(&r, 5000, &frame);
	insert_rows(&r, "one", &frame, AQ_PART_FRAME);
	assert_int_equal(said.errors, 1);
	assert_int_equal(said.error.fault, AQ_STORE_DUPLICATE);
	assert_int_equal(said.error.code, 1062);
	assert_non_null(strstr(said.error.text, "row 2501: Duplicate entry '2500' for key 'PRIMARY'"));
	assert_int_equal(count(&r), 1);
	for (int i = 0; i < 2600; i++)
		add_row(&rows, i);
	insert_rows(&r, "one", &rows, AQ_PART_ROWS);
	assert_int_equal(said.error.fault, AQ_STORE_DUPLICATE);
	assert_non_null(strstr(said.error.text, "row 2501: "));
	assert_int_equal(count(&r), 1);
	works(&r, (struct ask){.op = AQ_STORE_DELETE, .collection = "one", .filter = "{}"});
	insert_rows(&r, "one", &frame, AQ_PART_FRAME);
	assert_int_equal(said.end.changed, 5000);
	assert_int_equal(count(&r), 5000);
	sql_buffer_free(&frame);
	sql_buffer_free(&rows);
	rig_free(&r);
}

/* A trigger that warns or refuses: the file is taken back, and the arrays find the same. */
static void what_a_trigger_says(void **state)
{
	struct sql_buffer frame = {0};
	struct rig r;
	MYSQL *other;

	(void)state;
	rig_new(&r);
	works(&r, (struct ask){.op = AQ_STORE_CREATE, .collection = "one", .schema = EVERYTHING});
	read_frame(&r, 3000, &frame);
	other = client_of(r.file);
	client_run(other, "CREATE TRIGGER warns BEFORE INSERT ON one FOR EACH ROW BEGIN IF NEW.id = 10 THEN SIGNAL SQLSTATE '01000' "
		"SET MESSAGE_TEXT = 'ten'; END IF; END");
	insert_rows(&r, "one", &frame, AQ_PART_FRAME);
	assert_int_equal(said.end.changed, 3000);
	assert_int_equal(count(&r), 3000);
	works(&r, (struct ask){.op = AQ_STORE_DELETE, .collection = "one", .filter = "{}"});
	client_run(other, "CREATE OR REPLACE TRIGGER warns BEFORE INSERT ON one FOR EACH ROW BEGIN IF NEW.id = 2999 THEN SIGNAL "
		"SQLSTATE '45000' SET MESSAGE_TEXT = 'not that one'; END IF; END");
	insert_rows(&r, "one", &frame, AQ_PART_FRAME);
	assert_int_equal(said.error.fault, AQ_STORE_REFUSED);
	assert_int_equal(said.error.code, 1644);
	assert_string_equal(said.error.text, "row 3000: not that one");
	assert_int_equal(count(&r), 0);
	sql_buffer_free(&frame);
	mysql_close(other);
	rig_free(&r);
}

/* ---- statements that are kept ---- */

static void statements_are_kept(void **state)
{
	struct rig r;
	int64_t prepared;

	(void)state;
	rig_new(&r);
	works(&r, (struct ask){.op = AQ_STORE_CREATE, .collection = "one", .schema = EVERYTHING});
	for (int i = 0; i < 10; i++)
		works(&r, (struct ask){.op = AQ_STORE_COUNT, .collection = "one"});
	prepared = status_of("Com_stmt_prepare");
	for (int i = 0; i < 50; i++)
		works(&r, (struct ask){.op = AQ_STORE_COUNT, .collection = "one"});
	assert_in_range(status_of("Com_stmt_prepare"), prepared, prepared + 3);
	for (int i = 0; i < 200; i++) {
		char text[60];

		snprintf(text, sizeof(text), "SELECT %d AS a", i);
		works(&r, (struct ask){.op = AQ_STORE_RAW, .statement = text});
	}
	assert_in_range(status_of("Prepared_stmt_count"), 1, SESSIONS_MAX * STATEMENTS_KEPT);
	rig_free(&r);
	rig_new(&r);
	assert_in_range(status_of("Prepared_stmt_count"), 0, 2);
	rig_free(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(rows_by_arrays), cmocka_unit_test(frames_as_files),
		cmocka_unit_test(the_row_that_is_wrong), cmocka_unit_test(what_a_trigger_says),
		cmocka_unit_test(statements_are_kept)};

	return server_make() ? cmocka_run_group_tests(tests, NULL, NULL) : 0;
}
