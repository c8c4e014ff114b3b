/* Frames: written and read back, and read after anything has happened to their bytes. */
#include "sql_help.h"

#include <math.h>

#define FIELDS "{\"fields\":[{\"name\":\"a\",\"type\":\"int64\"},{\"name\":\"s\",\"type\":\"text\"}," \
	"{\"name\":\"p\",\"type\":\"decimal\",\"precision\":20,\"digits\":2},{\"name\":\"f\",\"type\":\"double\"}," \
	"{\"name\":\"b\",\"type\":\"bool\"},{\"name\":\"t\",\"type\":\"timestamp\"}]}"

static void row(struct sql_value v[6], int64_t n)
{
	static const char *const texts[] = {"", "a'b", "\xf0\x9f\x98\x80"};

	v[0] = (struct sql_value){.type = SQL_INT64, .integer = n * 1000};
	v[1] = (struct sql_value){.type = SQL_TEXT, .bytes = {texts[n % 3], (uint32_t)strlen(texts[n % 3])}};
	v[2] = (struct sql_value){.type = n == 1 ? SQL_NULL : SQL_DECIMAL};
	if (n != 1)
		snprintf(v[2].decimal, sizeof(v[2].decimal), "%d.%02d", (int)n - 3, (int)n);
	v[3] = (struct sql_value){.type = SQL_DOUBLE, .real = (double)n / 4};
	v[4] = (struct sql_value){.type = SQL_BOOL, .integer = n % 2};
	v[5] = (struct sql_value){.type = SQL_TIME, .integer = INT64_MAX - n};
}

/* Five rows. */
static void make(const struct sql_schema *s, struct sql_buffer *out)
{
	struct sql_columns all;
	struct sql_frame_out f;
	struct sql_value v[6];
	struct sql_error err;

	assert_int_equal(sql_projection(s, NULL, &all, &err), 0);
	assert_int_equal(sql_frame_out_begin(&f, s, &all, &err), 0);
	for (int64_t n = 0; n < 5; n++) {
		row(v, n);
		assert_int_equal(sql_frame_out_row(&f, v, &err), 0);
	}
	assert_int_equal(sql_frame_out_end(&f, out, &err), 0);
	sql_frame_out_free(&f);
}

static void assert_cell(const struct sql_value *got, const struct sql_value *wanted)
{
	char a[200], b[200];

	assert_int_equal(got->type, wanted->type);
	param_text(got, a, sizeof(a));
	param_text(wanted, b, sizeof(b));
	if (got->type == SQL_DECIMAL)
		assert_int_equal(sql_decimal_compare(a, strlen(a), b, strlen(b)), 0);
	else
		assert_string_equal(a, b);
}

static void what_is_written_is_read(void **state)
{
	struct sql_schema s = schema_of(FIELDS);
	struct sql_buffer bytes = {0};
	struct sql_error err;
	struct sql_frame f;

	(void)state;
	make(&s, &bytes);
	assert_int_equal(bytes.length % 8, 0);
	assert_int_equal(sql_frame_open(bytes.at, bytes.length, &f, &err), 0);
	assert_int_equal(f.rows, 5);
	for (uint32_t n = 0; n < 5; n++)
		for (uint32_t c = 0; c < 6; c++) {
			struct sql_value wanted[6], got;

			row(wanted, n);
			assert_string_equal(f.columns[c].name, s.fields[c].name);
			assert_int_equal(sql_frame_cell(&f.columns[c], n, &got, &err), 0);
			assert_cell(&got, &wanted[c]);
			assert_int_equal(sql_frame_take(&f.columns[c], n, &s.fields[c], &got, &err), 0);
			assert_cell(&got, &wanted[c]);
			if (got.type == SQL_DECIMAL) /* as it is stored: two digits, on both ways */
				assert_int_equal(strchr(got.decimal, '.') - got.decimal, (long)strlen(got.decimal) - 3);
		}
	sql_frame_close(&f);
	sql_buffer_free(&bytes);
	sql_schema_free(&s);
}

/* Opens it in bytes of exactly its length, and reads all that it lets. */
static bool try_frame(const void *bytes, size_t length)
{
	uint8_t *exact = malloc(length > 0 ? length : 1);
	struct sql_error err;
	struct sql_value v;
	struct sql_frame f;
	bool opened;

	memcpy(exact, bytes, length);
	opened = sql_frame_open(exact, length, &f, &err) == 0;
	for (uint32_t c = 0; opened && c < f.count; c++)
		for (uint32_t n = 0; n < f.rows; n++)
			if (sql_frame_cell(&f.columns[c], n, &v, &err) == 0 && v.type == SQL_TEXT && v.bytes.length > 0)
				assert_non_null(memchr((const char *)v.bytes.at + v.bytes.length - 1,
					((const char *)v.bytes.at)[v.bytes.length - 1], 1));
	if (opened)
		sql_frame_close(&f);
	free(exact);
	return opened;
}

static void small_decimals_are_checked(void **state)
{
	struct sql_schema s = schema_of("{\"fields\":[{\"name\":\"p\",\"type\":\"decimal\",\"precision\":4,\"digits\":2},"
		"{\"name\":\"q\",\"type\":\"decimal\",\"precision\":20,\"digits\":1}]}");
	int64_t numbers[] = {9999, 10000, -9999, AQ_NONE, 150};
	struct sql_frame_column c = {.name = "p", .type = AQ_COL_DECIMAL, .digits = 2, .length = sizeof(numbers),
		.at = (const uint8_t *)numbers};
	struct sql_error err;
	struct sql_value v;

	(void)state;
	assert_int_equal(sql_frame_take(&c, 0, &s.fields[0], &v, &err), 0);
	assert_int_equal(sql_frame_take(&c, 1, &s.fields[0], &v, &err), -1);
	assert_string_equal(err.text, "100 does not fit decimal(4,2) of field p");
	assert_int_equal(sql_frame_take(&c, 3, &s.fields[0], &v, &err), 0);
	assert_int_equal(v.type, SQL_NULL);
	assert_int_equal(sql_frame_take(&c, 0, &s.fields[1], &v, &err), -1);
	assert_int_equal(sql_frame_take(&c, 4, &s.fields[1], &v, &err), 0);
	assert_string_equal(v.decimal, "1.5");
	sql_schema_free(&s);
}

static void damaged_frames_do_no_harm(void **state)
{
	static const uint8_t changes[] = {0x01, 0x80, 0xff, 0x7f};
	struct sql_schema s = schema_of(FIELDS);
	struct sql_buffer bytes = {0};

	(void)state;
	make(&s, &bytes);
	for (size_t cut = 0; cut < bytes.length; cut++)
		assert_false(try_frame(bytes.at, cut));
	for (size_t at = 0; at < bytes.length; at++)
		for (size_t c = 0; c < sizeof(changes); c++) {
			bytes.at[at] ^= (char)changes[c];
			try_frame(bytes.at, bytes.length);
			bytes.at[at] ^= (char)changes[c];
		}
	sql_buffer_add(&bytes, "12345678", 8);
	assert_false(try_frame(bytes.at, bytes.length));
	sql_buffer_free(&bytes);
	sql_schema_free(&s);
}

/* A column of text whose numbers lie. */
static void lying_frames(void **state)
{
	struct {
		struct aq_frame head;
		struct aq_column column;
		uint32_t offsets[4];
	} f = {.head = {.rows = 3, .columns = 1}, .column = {.name = "s", .type = AQ_COL_TEXT, .length = 16}};

	(void)state;
	assert_true(try_frame(&f, sizeof(f)));
	f.offsets[1] = 4;
	assert_false(try_frame(&f, sizeof(f)));
	f.offsets[1] = UINT32_MAX;
	assert_false(try_frame(&f, sizeof(f)));
	f.offsets[1] = 0;
	f.head.rows = UINT32_MAX;
	assert_false(try_frame(&f, sizeof(f)));
	f.column.length = UINT32_MAX;
	assert_false(try_frame(&f, sizeof(f)));
	f.column = (struct aq_column){.name = "s", .type = AQ_COL_INT64, .length = 0};
	f.head.rows = 0x20000000; /* times eight is no number of 32 bits */
	assert_false(try_frame(&f, sizeof(f)));
	f.head = (struct aq_frame){.rows = 1, .columns = UINT32_MAX};
	assert_false(try_frame(&f, sizeof(f)));
	f.head.columns = 0;
	assert_false(try_frame(&f, 8));
	f.head = (struct aq_frame){.rows = 2, .columns = 1};
	f.column.length = 16;
	assert_true(try_frame(&f, sizeof(f)));
	memset(f.column.name, 'x', sizeof(f.column.name));
	assert_false(try_frame(&f, sizeof(f)));
}

static void what_a_frame_cannot_hold(void **state)
{
	static const char *const schemas[][2] = {{"{\"fields\":[{\"name\":\"y\",\"type\":\"bytes\"}]}", "field y is bytes"},
		{"{\"fields\":[{\"name\":\"p\",\"type\":\"decimal\",\"digits\":19}]}", "more digits than a frame"},
		{"{\"fields\":[{\"name\":\"a name that is longer than what a frame takes\",\"type\":\"int64\"}]}", "too long"}};
	struct sql_frame_out f;
	struct sql_columns all;
	struct sql_error err;
	struct sql_value v[6];
	struct sql_schema s;

	(void)state;
	for (size_t i = 0; i < sizeof(schemas) / sizeof(*schemas); i++) {
		s = schema_of(schemas[i][0]);
		assert_int_equal(sql_projection(&s, NULL, &all, &err), 0);
		assert_int_equal(sql_frame_out_begin(&f, &s, &all, &err), -1);
		assert_non_null(strstr(err.text, schemas[i][1]));
		sql_schema_free(&s);
	}
	s = schema_of(FIELDS);
	assert_int_equal(sql_projection(&s, NULL, &all, &err), 0);
	assert_int_equal(sql_frame_out_begin(&f, &s, &all, &err), 0);
	row(v, 0);
	strcpy(v[2].decimal, "922337203685477580.00");
	assert_int_equal(sql_frame_out_row(&f, v, &err), -1);
	assert_non_null(strstr(err.text, "of field p does not fit a frame"));
	row(v, 0);
	v[0].type = SQL_NULL;
	assert_int_equal(sql_frame_out_row(&f, v, &err), -1);
	assert_non_null(strstr(err.text, "field a is null"));
	sql_frame_out_free(&f);
	sql_schema_free(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(what_is_written_is_read),
		cmocka_unit_test(small_decimals_are_checked),
		cmocka_unit_test(damaged_frames_do_no_harm), cmocka_unit_test(lying_frames),
		cmocka_unit_test(what_a_frame_cannot_hold)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
