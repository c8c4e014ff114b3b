/* Frames: written and read back, and read after anything has happened to their bytes. */
#include "sql_help.h"
#include "rounds.h"

#include <math.h>

#define COLUMNS 9
#define FIELDS "{\"fields\":[{\"name\":\"a\",\"type\":\"int64\"},{\"name\":\"s\",\"type\":\"text\"}," \
	"{\"name\":\"p\",\"type\":\"decimal\",\"precision\":18,\"digits\":2},{\"name\":\"f\",\"type\":\"double\"}," \
	"{\"name\":\"b\",\"type\":\"bool\"},{\"name\":\"t\",\"type\":\"timestamp\"},{\"name\":\"y\",\"type\":\"bytes\"}," \
	"{\"name\":\"q\",\"type\":\"decimal\",\"precision\":34,\"digits\":10},{\"name\":" \
	"\"a name of sixty-three bytes: the longest that a field can have.\",\"type\":\"decimal\",\"precision\":19," \
	"\"digits\":0}]}"

static void decimal(struct sql_value *v, const char *text)
{
	v->type = SQL_DECIMAL;
	snprintf(v->decimal, sizeof(v->decimal), "%s", text);
}

/* A row without nulls. */
static void row(struct sql_value v[COLUMNS], int64_t n)
{
	static const char *const texts[] = {"", "a'b", "\xf0\x9f\x98\x80"};
	static const char *const large[] = {"999999999999999999999999.9999999999", "-999999999999999999999999.9999999999",
		"0.0000000001", "0.0000000000", "-123456789012345678901234.0123456789"};
	static const char *const whole[] = {"9223372036854775807", "9999999999999999999", "-9999999999999999999",
		"-9223372036854775808", "0"};
	char text[SQL_DECIMAL_SIZE];

	v[0] = (struct sql_value){.type = SQL_INT64, .integer = n * 1000};
	v[1] = (struct sql_value){.type = SQL_TEXT, .bytes = {texts[n % 3], (uint32_t)strlen(texts[n % 3])}};
	snprintf(text, sizeof(text), "%d.%02d", (int)n - 3, (int)n % 100);
	decimal(&v[2], text);
	v[3] = (struct sql_value){.type = SQL_DOUBLE, .real = (double)n / 4};
	v[4] = (struct sql_value){.type = SQL_BOOL, .integer = n % 2};
	v[5] = (struct sql_value){.type = SQL_TIME, .integer = INT64_MAX - n};
	v[6] = (struct sql_value){.type = SQL_BYTES, .bytes = {"\0\xff\x80z", (uint32_t)n % 5}};
	decimal(&v[7], large[n % 5]);
	decimal(&v[8], whole[n % 5]);
}

/* Every column has nulls in some rows and not in others. */
static void row_with_nulls(struct sql_value v[COLUMNS], int64_t n)
{
	row(v, n);
	for (int64_t c = 0; c < COLUMNS; c++)
		if (n % (c + 2) == 0)
			v[c].type = SQL_NULL;
}

typedef void make_row(struct sql_value v[COLUMNS], int64_t n);

static void make(const struct sql_schema *s, make_row *made, int64_t rows, struct sql_buffer *out)
{
	struct sql_columns all;
	struct sql_frame_out f;
	struct sql_value v[COLUMNS];
	struct sql_error err;
	size_t most = 0;

	assert_int_equal(sql_projection(s, NULL, &all, &err), 0);
	assert_int_equal(sql_frame_out_begin(&f, s, &all, &err), 0);
	for (int64_t n = 0; n < rows; n++) {
		made(v, n);
		most = sql_frame_out_size(&f, v);
		assert_int_equal(sql_frame_out_row(&f, v, &err), 0);
	}
	assert_int_equal(sql_frame_out_end(&f, out, &err), 0);
	if (rows > 0)
		assert_in_range(most, out->length, out->length + COLUMNS * (16 + (uint64_t)rows / 8 + 8));
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

static void assert_row(const struct sql_schema *s, const struct sql_frame *f, make_row *made, uint32_t n)
{
	struct sql_value wanted[COLUMNS], got;
	struct sql_error err;

	made(wanted, n);
	for (uint32_t c = 0; c < COLUMNS; c++) {
		assert_string_equal(f->columns[c].name, s->fields[c].name);
		assert_int_equal(sql_frame_cell(&f->columns[c], n, &got, &err), 0);
		assert_cell(&got, &wanted[c]);
		assert_int_equal(sql_frame_take(&f->columns[c], n, &s->fields[c], &got, &err), 0);
		assert_cell(&got, &wanted[c]);
		if (got.type == SQL_DECIMAL) /* as it is stored: the field's digits, on both ways */
			assert_string_equal(got.decimal, wanted[c].decimal);
	}
}

static void assert_there_and_back(make_row *made, uint32_t rows, bool nulls)
{
	static const uint8_t types[COLUMNS] = {AQ_COL_INT64, AQ_COL_TEXT, AQ_COL_DECIMAL, AQ_COL_DOUBLE, AQ_COL_BOOL, AQ_COL_TIME,
		AQ_COL_BYTES, AQ_COL_DECIMAL128, AQ_COL_DECIMAL128};
	struct sql_schema s = schema_of(FIELDS);
	struct sql_buffer bytes = {0};
	struct sql_error err;
	struct sql_frame f;

	make(&s, made, rows, &bytes);
	assert_int_equal(bytes.length % 8, 0);
	assert_int_equal(sql_frame_open(bytes.at, bytes.length, &f, &err), 0);
	assert_int_equal(f.rows, rows);
	for (uint32_t c = 0; c < COLUMNS; c++) {
		assert_int_equal(f.columns[c].type, types[c]);
		assert_int_equal(f.columns[c].nulls != NULL, nulls);
	}
	for (uint32_t n = 0; n < rows; n++)
		assert_row(&s, &f, made, n);
	sql_frame_close(&f);
	sql_buffer_free(&bytes);
	sql_schema_free(&s);
}

static void what_is_written_is_read(void **state)
{
	(void)state;
	for (uint32_t rows = 0; rows < 20; rows++)
		assert_there_and_back(row, rows, false);
}

static void nulls_in_every_column(void **state)
{
	(void)state;
	for (uint32_t rows = 1; rows < 80; rows++)
		assert_there_and_back(row_with_nulls, rows, true);
}

/* The second frame of the same rows knows nothing of the first. */
static void nulls_end_with_their_frame(void **state)
{
	struct sql_schema s = schema_of("{\"fields\":[{\"name\":\"a\",\"type\":\"int64\"}]}");
	struct sql_value v = {.type = SQL_NULL};
	struct sql_buffer first = {0}, second = {0};
	struct sql_columns all;
	struct sql_frame_out f;
	struct sql_error err;

	(void)state;
	assert_int_equal(sql_projection(&s, NULL, &all, &err), 0);
	assert_int_equal(sql_frame_out_begin(&f, &s, &all, &err), 0);
	assert_int_equal(sql_frame_out_row(&f, &v, &err), 0);
	assert_int_equal(sql_frame_out_end(&f, &first, &err), 0);
	v = (struct sql_value){.type = SQL_INT64, .integer = 7};
	assert_int_equal(sql_frame_out_row(&f, &v, &err), 0);
	assert_int_equal(sql_frame_out_end(&f, &second, &err), 0);
	assert_int_equal(first.length - second.length, 8);
	sql_frame_out_free(&f);
	sql_buffer_free(&first);
	sql_buffer_free(&second);
	sql_schema_free(&s);
}

/* Opens it in bytes of exactly its length, and reads all that it lets. */
static bool try_frame(const void *bytes, size_t length)
{
	uint8_t *exact = malloc(length > 0 ? length : 1);
	struct sql_error err;
	struct sql_value v;
	struct sql_frame f;
	unsigned sum = 0;
	bool opened;

	memcpy(exact, bytes, length);
	opened = sql_frame_open(exact, length, &f, &err) == 0;
	for (uint32_t c = 0; opened && c < f.count; c++)
		for (uint32_t n = 0; n < f.rows; n++)
			if (sql_frame_cell(&f.columns[c], n, &v, &err) == 0 && (v.type == SQL_TEXT || v.type == SQL_BYTES))
				for (uint32_t i = 0; i < v.bytes.length; i++)
					sum += ((const uint8_t *)v.bytes.at)[i]; /* so that all of it is read */
	if (opened)
		sql_frame_close(&f);
	free(exact);
	assert_true(sum < UINT32_MAX); /* it is used */
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

static void each_byte_damaged(void **state)
{
	static const uint8_t changes[] = {0x01, 0x80, 0xff, 0x7f};
	struct sql_schema s = schema_of(FIELDS);
	struct sql_buffer bytes = {0};

	(void)state;
	make(&s, row_with_nulls, 5, &bytes);
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

static uint32_t chance(uint32_t n)
{
	static uint64_t seed = 88172645463325252u;

	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (uint32_t)(seed >> 33) % n;
}

/* Several numbers at once, mostly those of heads: small ones, and such as are near to the lengths that are there. */
static void damage(char *bytes, size_t length)
{
	static const uint32_t numbers[] = {0, 1, 2, 7, 8, 9, 40, 72, 80, 0x7fffffff, 0x80000000, 0xffffffff};

	for (uint32_t times = 1 + chance(4); times > 0; times--) {
		uint32_t number = chance(3) > 0 ? numbers[chance(12)] : chance((uint32_t)length + 8);
		size_t at = chance((uint32_t)length / 4) * 4, size = chance(2) == 0 ? 1 : 4;

		memcpy(bytes + at + (size == 1 ? chance(4) : 0), &number, size);
	}
}

static void random_damage(void **state)
{
	int rounds = 20 * rounds_of("AQ_STORE_ROUNDS", 1000), opened = 0;
	struct sql_schema s = schema_of(FIELDS);
	struct sql_buffer bytes = {0};
	char *damaged;

	(void)state;
	make(&s, row_with_nulls, 19, &bytes);
	damaged = malloc(bytes.length);
	for (int i = 0; i < rounds; i++) {
		memcpy(damaged, bytes.at, bytes.length);
		damage(damaged, bytes.length);
		opened += try_frame(damaged, chance(8) > 0 ? bytes.length : chance((uint32_t)bytes.length));
	}
	assert_in_range(opened, 1, rounds - 1);
	free(damaged);
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

/* What a null's place in the array holds does not matter. */
static void below_a_null(void **state)
{
	struct {
		struct aq_frame head;
		struct aq_column column;
		uint8_t nulls[8];
		uint8_t bools[8];
	} f = {.head = {.rows = 3, .columns = 1}, .column = {.name = "b", .type = AQ_COL_BOOL, .nulls = 1, .length = 3},
		.nulls = {0x5}, .bools = {7, 1, 9}};
	struct sql_error err;
	struct sql_frame open;
	struct sql_value v;

	(void)state;
	assert_int_equal(sql_frame_open(&f, sizeof(f), &open, &err), 0);
	assert_int_equal(sql_frame_cell(&open.columns[0], 0, &v, &err), 0);
	assert_int_equal(v.type, SQL_NULL);
	assert_int_equal(sql_frame_cell(&open.columns[0], 1, &v, &err), 0);
	assert_int_equal(v.integer, 1);
	assert_int_equal(sql_frame_cell(&open.columns[0], 2, &v, &err), 0);
	assert_int_equal(v.type, SQL_NULL);
	sql_frame_close(&open);
	f.nulls[0] = 0x4;
	assert_int_equal(sql_frame_open(&f, sizeof(f), &open, &err), 0);
	assert_int_equal(sql_frame_cell(&open.columns[0], 0, &v, &err), -1);
	assert_string_equal(err.text, "frame: column b has a bool that is neither 0 nor 1");
	sql_frame_close(&open);
	f.column.nulls = 2;
	assert_false(try_frame(&f, sizeof(f)));
	f.column.nulls = 0; /* then the bitmap is where the array should be, and bytes are left over */
	assert_false(try_frame(&f, sizeof(f)));
}

static void decimals_that_are_none(void **state)
{
	static const char *const texts[] = {"NaN", "Infinity", "-Infinity", "1E+6000", "1E-6000"};
	struct sql_schema s = schema_of("{\"fields\":[{\"name\":\"q\",\"type\":\"decimal\",\"precision\":20,\"digits\":2}]}");
	bson_decimal128_t number;
	struct sql_frame_column c = {.name = "q", .type = AQ_COL_DECIMAL128, .length = sizeof(number), .at = (uint8_t *)&number};
	struct sql_error err;
	struct sql_value v;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		assert_true(bson_decimal128_from_string(texts[i], &number));
		assert_int_equal(sql_frame_take(&c, 0, &s.fields[0], &v, &err), -1);
		assert_non_null(strstr(err.text, "field q: "));
		assert_non_null(strstr(err.text, "is not stored: decimals are finite"));
	}
	assert_true(bson_decimal128_from_string("1.234", &number));
	assert_int_equal(sql_frame_take(&c, 0, &s.fields[0], &v, &err), -1);
	assert_string_equal(err.text, "1.234 does not fit decimal(20,2) of field q");
	assert_true(bson_decimal128_from_string("15E-1", &number));
	assert_int_equal(sql_frame_take(&c, 0, &s.fields[0], &v, &err), 0);
	assert_string_equal(v.decimal, "1.50");
	sql_schema_free(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(what_is_written_is_read), cmocka_unit_test(nulls_in_every_column),
		cmocka_unit_test(nulls_end_with_their_frame), cmocka_unit_test(small_decimals_are_checked),
		cmocka_unit_test(decimals_that_are_none), cmocka_unit_test(each_byte_damaged), cmocka_unit_test(random_damage),
		cmocka_unit_test(lying_frames), cmocka_unit_test(below_a_null)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
