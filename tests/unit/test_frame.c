/* Frames of the SDK: their bytes by hand, every buffer that is too small, rows that are left out, and what becomes of their
 * reader when anything happens to their bytes. The number of random rounds comes from AQ_STORE_ROUNDS. */
#include "bson_help.h"

#include <aioquant/frame.h>
#include <decimal.h>
#include <stdio.h>

#define COLUMNS 8

static void declare(struct aq_frame_writer *f)
{
	aq_frame_column(f, "time", AQ_COL_TIME);
	aq_frame_decimals(f, "price", 2);
	aq_frame_column(f, "symbol", AQ_COL_TEXT);
	aq_frame_column(f, "taken", AQ_COL_BOOL);
	aq_frame_column(f, "signal", AQ_COL_DOUBLE);
	aq_frame_column(f, "raw", AQ_COL_BYTES);
	aq_frame_column(f, "fee", AQ_COL_DECIMAL128);
	aq_frame_column(f, "id", AQ_COL_INT64);
}

static const char *symbol_of(int64_t n)
{
	static const char *const symbols[] = {"", "BTC/USDT", "\xf0\x9f\x98\x80"};

	return symbols[n % 3];
}

/* A null in each column at some row, but in the last. */
static int32_t add(struct aq_frame_writer *f, int64_t n)
{
	int64_t null = n % 11;

	if (null == 1)
		aq_frame_null(f);
	else
		aq_frame_time(f, INT64_MAX - n);
	aq_frame_px(f, null == 2 ? AQ_NONE : n * 1000, 3);
	if (null == 3)
		aq_frame_null(f);
	else
		aq_frame_text(f, symbol_of(n));
	if (null == 4)
		aq_frame_null(f);
	else
		aq_frame_bool(f, n % 2 != 0);
	if (null == 5)
		aq_frame_null(f);
	else
		aq_frame_double(f, (double)n / 4);
	if (null == 6)
		aq_frame_null(f);
	else
		aq_frame_bytes(f, "\0\xff\0\xff\0\xff", (size_t)n % 6);
	aq_frame_qty(f, null == 7 ? AQ_NONE : -n, 18);
	aq_frame_int64(f, n - 3);
	return aq_frame_row(f);
}

static struct aq_cells column(const struct aq_frame_reader *f, const char *name)
{
	struct aq_cells cells;

	assert_int_equal(aq_cells_of(f, name, &cells), AQ_OK);
	return cells;
}

#define CELL(name) (cells = column(f, name), aq_cell(&cells, row))

static void check_numbers(const struct aq_frame_reader *f, uint32_t row, int64_t n)
{
	struct aq_cells cells;
	int64_t null = n % 11, number;
	struct aq_amt amount;
	double real;

	assert_int_equal(aq_value_time(CELL("time"), &number), null == 1 ? AQ_ENULL : AQ_OK);
	assert_true(null == 1 || number == INT64_MAX - n);
	assert_int_equal(aq_value_px(CELL("price"), 4, &number), AQ_OK);
	assert_int_equal(number, null == 2 ? AQ_NONE : n * 10000);
	assert_int_equal(aq_value_double(CELL("signal"), &real), null == 5 ? AQ_ENULL : AQ_OK);
	assert_true(null == 5 || real == (double)n / 4);
	assert_int_equal(aq_value_amount(CELL("fee"), &amount), null == 7 ? AQ_ENULL : AQ_OK);
	assert_true(null == 7 || aq_amt_cmp(amount, (struct aq_amt){(uint64_t)-n, n == 0 ? 0 : -1}) == 0);
	assert_int_equal(aq_value_int64(CELL("id"), &number), AQ_OK);
	assert_int_equal(number, n - 3);
}

static void check_row(const struct aq_frame_reader *f, uint32_t row, int64_t n)
{
	struct aq_cells cells;
	int64_t null = n % 11;
	const void *bytes;
	uint32_t length;
	char text[16];
	bool yes;

	check_numbers(f, row, n);
	assert_int_equal(aq_value_copy_text(CELL("symbol"), text, sizeof(text)), null == 3 ? AQ_ENULL : AQ_OK);
	if (null != 3)
		assert_string_equal(text, symbol_of(n));
	assert_int_equal(aq_value_bool(CELL("taken"), &yes), null == 4 ? AQ_ENULL : AQ_OK);
	assert_true(null == 4 || yes == (n % 2 != 0));
	assert_int_equal(aq_value_bytes(CELL("raw"), &bytes, &length), null == 6 ? AQ_ENULL : AQ_OK);
	if (null != 6) {
		assert_int_equal(length, n % 6);
		assert_memory_equal(bytes, "\0\xff\0\xff\0\xff", length);
	}
}

/* A frame of rows first ... first + count - 1. */
static void check_frame(const void *bytes, size_t length, int64_t first, uint32_t count)
{
	uint8_t *exact = exact_copy(bytes, length);
	struct aq_frame_reader f;
	struct aq_cells cells;

	assert_int_equal(length % 8, 0);
	assert_int_equal(aq_frame_open(&f, exact, length), AQ_OK);
	assert_int_equal(f.rows, count);
	assert_int_equal(f.columns, COLUMNS);
	for (uint32_t row = 0; row < count; row++)
		check_row(&f, row, first + row);
	assert_int_equal(aq_cells_at(&f, 1, &cells), AQ_OK);
	assert_string_equal(cells.name, "price");
	assert_int_equal(aq_cell(&cells, count).type, AQ_VALUE_NONE);
	assert_int_equal(aq_cells_at(&f, COLUMNS, &cells), AQ_ENOENT);
	assert_int_equal(aq_cells_of(&f, "prices", &cells), AQ_ENOENT);
	assert_int_equal(aq_cell(&cells, 0).type, AQ_VALUE_NONE);
	free(exact);
}

static int64_t make(void *buffer, size_t room, int64_t rows)
{
	struct aq_frame_writer f;

	aq_frame_begin(&f, buffer, room, SIZE_MAX);
	declare(&f);
	for (int64_t n = 0; n < rows; n++) {
		int32_t status = add(&f, n);

		if (status < 0)
			return status;
	}
	return aq_frame_end(&f);
}

static void what_is_written_is_read(void **state)
{
	static uint8_t buffer[65536];

	for (uint32_t rows = 0; rows < 40; rows++) {
		int64_t length = make(buffer, sizeof(buffer), rows);

		assert_true(length > 0);
		check_frame(buffer, (size_t)length, 0, rows);
	}
}

/* Three rows of a text with a null and a bool without, byte for byte. */
static void bytes_by_hand(void **state)
{
	struct {
		struct aq_frame head;
		struct aq_column text;
		uint64_t nulls;
		uint32_t offsets[4];
		char texts[8];
		struct aq_column yes;
		uint8_t bools[8];
	} wanted = {.head = {.rows = 3, .columns = 2}, .text = {.name = "t", .type = AQ_COL_TEXT, .nulls = 1, .length = 19},
		.nulls = 2, .offsets = {0, 2, 2, 3}, .texts = "abc",
		.yes = {.name = "b", .type = AQ_COL_BOOL, .length = 3}, .bools = {1, 0, 1}};
	uint8_t buffer[512];
	struct aq_frame_writer f;

	memset(buffer, 0x5a, sizeof(buffer));
	aq_frame_begin(&f, buffer, sizeof(buffer), sizeof(wanted));
	aq_frame_column(&f, "t", AQ_COL_TEXT);
	aq_frame_column(&f, "b", AQ_COL_BOOL);
	aq_frame_text(&f, "ab");
	aq_frame_bool(&f, true);
	assert_int_equal(aq_frame_row(&f), AQ_OK);
	aq_frame_null(&f);
	aq_frame_bool(&f, false);
	assert_int_equal(aq_frame_row(&f), AQ_OK);
	aq_frame_text(&f, "c");
	aq_frame_bool(&f, true);
	assert_int_equal(aq_frame_row(&f), AQ_OK);
	assert_int_equal(aq_frame_end(&f), sizeof(wanted));
	assert_memory_equal(buffer, &wanted, sizeof(wanted));
}

/* ---- room ---- */

/* As many rows as fit, in frames one after the other; every one of them is there. Returns how many frames it took. */
static long stream(size_t room, size_t longest, int64_t rows)
{
	uint8_t *buffer = malloc(room);
	struct aq_frame_writer f;
	int64_t first = 0;
	long frames = 0;

	aq_frame_begin(&f, buffer, room, longest);
	declare(&f);
	for (int64_t n = 0; n <= rows; n++) {
		int32_t status = n < rows ? add(&f, n) : AQ_ESPACE;
		int64_t length;

		if (status == AQ_OK)
			continue;
		assert_int_equal(status, AQ_ESPACE);
		length = aq_frame_end(&f);
		assert_true(length > 0 && (size_t)length <= longest && (size_t)length <= room);
		check_frame(buffer, (size_t)length, first, f.rows);
		assert_true(f.rows > 0 || n == rows);
		frames++;
		first += f.rows;
		aq_frame_again(&f);
		if (n < rows)
			assert_int_equal(add(&f, n), AQ_OK);
	}
	free(buffer);
	return frames;
}

static void frames_follow_each_other(void **state)
{
	for (size_t room = 1400; room < 3000; room += 7)
		stream(room, SIZE_MAX, 50);
	for (size_t longest = 1000; longest < 2000; longest += 9)
		stream(10000, longest, 50);
	assert_int_equal(stream(3 * AQ_STORE_CHUNK, AQ_STORE_CHUNK, 2000), 2);
	assert_int_equal(stream(3 * AQ_STORE_CHUNK, SIZE_MAX, 1300), 1);
}

/* In any buffer all goes well or the row does not fit; nothing is written beyond it. */
static void every_buffer_that_is_too_small(void **state)
{
	size_t room;

	for (room = 0; room < 4096; room++) {
		uint8_t *buffer = malloc(room > 0 ? room : 1);
		int64_t length = make(buffer, room, 4);

		if (length > 0)
			check_frame(buffer, (size_t)length, 0, 4);
		else
			assert_int_equal(length, AQ_ESPACE);
		free(buffer);
		if (length > 0)
			break;
	}
	assert_true(room > 600 && room < 1500);
}

/* A row that does not fit leaves what the frame was. */
static void one_byte_too_few(void **state)
{
	uint8_t buffer[4096];
	struct aq_frame_writer f;
	size_t whole = (size_t)make(buffer, sizeof(buffer), 6);

	for (size_t less = 0; less < 2; less++) {
		int64_t length;

		aq_frame_begin(&f, buffer, sizeof(buffer), whole - less);
		declare(&f);
		for (int64_t n = 0; n < 6; n++)
			assert_int_equal(add(&f, n), n == 5 && less ? AQ_ESPACE : AQ_OK);
		length = aq_frame_end(&f);
		check_frame(buffer, (size_t)length, 0, less ? 5 : 6);
		assert_true((size_t)length <= whole - less);
	}
}

/* ---- what is wrong ---- */

static void columns_that_cannot_be(void **state)
{
	static const char longest[] = "123456789012345678901234567890123456789012345678901234567890123";
	static const struct {
		const char *name;
		int type;
		int32_t status;
	} cases[] = {{"b", AQ_COL_INT64, AQ_OK}, {longest, AQ_COL_TEXT, AQ_OK}, {"a", AQ_COL_INT64, AQ_EINVAL},
		{NULL, AQ_COL_INT64, AQ_EINVAL}, {"", AQ_COL_INT64, AQ_EINVAL}, {"b", 0, AQ_EINVAL},
		{"b", AQ_COL_DECIMAL, AQ_EINVAL},
		{"b", AQ_COL_DECIMAL128 + 1, AQ_EINVAL}, {"\xc3", AQ_COL_INT64, AQ_EFORMAT},
		{"1234567890123456789012345678901234567890123456789012345678901234", AQ_COL_INT64, AQ_EINVAL}};
	uint8_t buffer[4096];
	struct aq_frame_writer f;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		int64_t length;

		aq_frame_begin(&f, buffer, sizeof(buffer), SIZE_MAX);
		aq_frame_column(&f, "a", AQ_COL_INT64);
		aq_frame_column(&f, cases[i].name, (enum aq_column_type)cases[i].type);
		length = aq_frame_end(&f);
		assert_true(cases[i].status == AQ_OK ? length > 0 : length == cases[i].status);
		aq_frame_int64(&f, 1);
		assert_int_equal(aq_frame_row(&f), length > 0 ? AQ_ESTATE : cases[i].status);
	}
	aq_frame_begin(&f, buffer, sizeof(buffer), SIZE_MAX);
	aq_frame_decimals(&f, "d", 19);
	assert_int_equal(aq_frame_end(&f), AQ_EINVAL);
	aq_frame_begin(&f, buffer, sizeof(buffer), SIZE_MAX);
	assert_int_equal(aq_frame_end(&f), AQ_EINVAL);
	assert_int_equal(aq_frame_row(&f), AQ_EINVAL);
	aq_frame_begin(&f, NULL, 100, SIZE_MAX);
	aq_frame_column(&f, "a", AQ_COL_INT64);
	assert_int_equal(aq_frame_end(&f), AQ_EINVAL);
}

static void as_many_columns_as_there_may_be(void **state)
{
	static uint8_t buffer[65536];
	struct aq_frame_writer f;
	struct aq_frame_reader r;
	char name[16];

	for (int count = AQ_FRAME_COLUMNS; count < AQ_FRAME_COLUMNS + 2; count++) {
		int64_t length;

		aq_frame_begin(&f, buffer, sizeof(buffer), SIZE_MAX);
		for (int i = 0; i < count; i++) {
			snprintf(name, sizeof(name), "c%d", i);
			aq_frame_column(&f, name, AQ_COL_BOOL);
		}
		length = aq_frame_end(&f);
		if (count > AQ_FRAME_COLUMNS)
			assert_int_equal(length, AQ_ESPACE);
		else
			assert_int_equal(aq_frame_open(&r, buffer, (size_t)length), AQ_OK);
	}
}

static void columns_come_before_rows(void **state)
{
	uint8_t buffer[1024];
	struct aq_frame_writer f;

	aq_frame_begin(&f, buffer, sizeof(buffer), SIZE_MAX);
	aq_frame_column(&f, "a", AQ_COL_INT64);
	aq_frame_int64(&f, 1);
	assert_int_equal(aq_frame_row(&f), AQ_OK);
	aq_frame_column(&f, "b", AQ_COL_INT64);
	aq_frame_int64(&f, 1);
	assert_int_equal(aq_frame_row(&f), AQ_ESTATE);
	assert_int_equal(aq_frame_end(&f), AQ_ESTATE);
}

/* A row of one cell for each of a text, a decimal of two digits and a decimal128. `call` replaces the second. */
#define ROW_WITH(call) (aq_frame_text(&f, "x"), (call), aq_frame_decimal(&f, 1, 0), aq_frame_row(&f))

static void rows_that_are_wrong_are_left_out(void **state)
{
	uint8_t buffer[4096];
	struct aq_frame_writer f;
	struct aq_frame_reader r;
	int64_t length;

	aq_frame_begin(&f, buffer, sizeof(buffer), SIZE_MAX);
	aq_frame_column(&f, "text", AQ_COL_TEXT);
	aq_frame_decimals(&f, "scaled", 2);
	aq_frame_column(&f, "wide", AQ_COL_DECIMAL128);
	assert_int_equal(ROW_WITH(aq_frame_decimal(&f, 1500, 3)), AQ_OK);
	assert_int_equal(ROW_WITH(aq_frame_amount(&f, aq_amt_of(-3))), AQ_OK);
	assert_int_equal(ROW_WITH(aq_frame_decimal_text(&f, "2.250", 5)), AQ_OK);
	assert_int_equal(ROW_WITH(aq_frame_null(&f)), AQ_OK);
	assert_int_equal(ROW_WITH(aq_frame_decimal(&f, 1505, 3)), AQ_EFORMAT);
	assert_int_equal(ROW_WITH(aq_frame_decimal(&f, INT64_MAX, 0)), AQ_EOVERFLOW);
	assert_int_equal(ROW_WITH(aq_frame_decimal(&f, AQ_NONE, 2)), AQ_EINVAL);
	assert_int_equal(ROW_WITH(aq_frame_amount(&f, (struct aq_amt){.lo = 1})), AQ_EFORMAT);
	assert_int_equal(ROW_WITH(aq_frame_amount(&f, (struct aq_amt){1, INT64_MAX})), AQ_EOVERFLOW);
	assert_int_equal(ROW_WITH(aq_frame_decimal_text(&f, "2.255", 5)), AQ_EFORMAT);
	assert_int_equal(ROW_WITH(aq_frame_decimal_text(&f, "x", 1)), AQ_EFORMAT);
	assert_int_equal(ROW_WITH(aq_frame_int64(&f, 1)), AQ_EINVAL);
	assert_int_equal(ROW_WITH(aq_frame_text(&f, "1")), AQ_EINVAL);
	assert_int_equal(ROW_WITH((void)0), AQ_EINVAL);
	assert_int_equal(ROW_WITH((aq_frame_null(&f), aq_frame_null(&f))), AQ_EINVAL);
	assert_int_equal(ROW_WITH((aq_frame_null(&f), aq_frame_null(&f), aq_frame_null(&f), aq_frame_null(&f))), AQ_EINVAL);
	aq_frame_text(&f, NULL);
	assert_int_equal(aq_frame_row(&f), AQ_EINVAL);
	aq_frame_text(&f, "\xff");
	assert_int_equal(aq_frame_row(&f), AQ_EFORMAT);
	aq_frame_text_of(&f, "", SIZE_MAX);
	assert_int_equal(aq_frame_row(&f), AQ_ESPACE);
	aq_frame_decimal_text(&f, "1e7000", 6);
	assert_int_equal(aq_frame_row(&f), AQ_EOVERFLOW);
	assert_int_equal(ROW_WITH(aq_frame_px(&f, 7, 0)), AQ_OK);
	aq_frame_text(&f, "of a row that never ends");
	length = aq_frame_end(&f);
	assert_int_equal(aq_frame_end(&f), AQ_ESTATE);
	assert_int_equal(aq_frame_open(&r, buffer, (size_t)length), AQ_OK);
	assert_int_equal(r.rows, 5);
	for (uint32_t row = 0; row < 5; row++) {
		static const int64_t wanted[] = {150, -300, 225, AQ_NONE, 700};
		struct aq_cells cells = column(&r, "scaled");
		int64_t number;

		assert_int_equal(aq_value_px(aq_cell(&cells, row), 2, &number), AQ_OK);
		assert_int_equal(number, wanted[row]);
		cells = column(&r, "wide");
		assert_int_equal(aq_value_int64(aq_cell(&cells, row), &number), AQ_OK);
		assert_int_equal(number, 1);
	}
}

static void wide_decimals(void **state)
{
	static const char text[] = "-1234567890123456789012345678901234E-20";
	uint8_t buffer[512];
	char got[AQ_VALUE_NUMBER_TEXT];
	struct aq_frame_writer f;
	struct aq_frame_reader r;
	struct aq_cells cells;

	aq_frame_begin(&f, buffer, sizeof(buffer), SIZE_MAX);
	aq_frame_column(&f, "d", AQ_COL_DECIMAL128);
	aq_frame_decimal_text(&f, text, strlen(text));
	assert_int_equal(aq_frame_row(&f), AQ_OK);
	aq_frame_amount(&f, (struct aq_amt){5, 1000});
	assert_int_equal(aq_frame_row(&f), AQ_OK);
	assert_int_equal(aq_frame_open(&r, buffer, (size_t)aq_frame_end(&f)), AQ_OK);
	cells = column(&r, "d");
	assert_int_equal(aq_value_number_text(aq_cell(&cells, 0), got), AQ_OK);
	assert_string_equal(got, "-12345678901234.56789012345678901234");
	assert_int_equal(aq_value_number_text(aq_cell(&cells, 1), got), AQ_OK);
	assert_string_equal(got, "18446.744073709551616005");
}

/* ---- any bytes ---- */

static void take_cell(const struct aq_cells *cells, uint32_t row)
{
	char text[AQ_VALUE_NUMBER_TEXT];
	const void *bytes;
	struct aq_amt amount;
	uint32_t length;
	int64_t number;
	double real;
	bool yes;
	struct aq_value v = aq_cell(cells, row);

	aq_value_int64(v, &number);
	aq_value_double(v, &real);
	aq_value_bool(v, &yes);
	aq_value_time(v, &number);
	aq_value_px(v, 8, &number);
	aq_value_amount(v, &amount);
	aq_value_number_text(v, text);
	aq_value_copy_text(v, text, sizeof(text));
	if (aq_value_bytes(v, &bytes, &length) == AQ_OK)
		free(exact_copy(bytes, length));
}

/* In bytes of exactly its length, at an address that is no multiple of 8. */
static bool try_frame(const void *bytes, size_t length)
{
	uint8_t *block = malloc(length + 1);
	struct aq_frame_reader f;
	struct aq_cells cells;
	bool good;

	memcpy(block + 1, bytes, length);
	good = aq_frame_open(&f, block + 1, length) == AQ_OK;
	for (uint32_t i = 0; aq_cells_at(&f, i, &cells) == AQ_OK; i++)
		for (uint32_t row = 0; row < f.rows; row++)
			take_cell(&cells, row);
	assert_true(good || f.columns == 0);
	free(block);
	return good;
}

static void damaged_frames_do_no_harm(void **state)
{
	static const uint8_t changes[] = {0x01, 0x80, 0xff, 0x7f, 0x08};
	uint8_t bytes[8192];
	size_t length = (size_t)make(bytes, sizeof(bytes), 20);

	assert_true(try_frame(bytes, length));
	for (size_t cut = 0; cut < length; cut++)
		assert_false(try_frame(bytes, cut));
	for (size_t at = 0; at < length; at++)
		for (size_t c = 0; c < sizeof(changes); c++) {
			bytes[at] ^= changes[c];
			try_frame(bytes, length);
			bytes[at] ^= changes[c];
		}
	assert_false(try_frame(bytes, length + 8));
	for (long i = 0; i < rounds(20000); i++) {
		uint8_t *changed = exact_copy(bytes, length);

		for (uint64_t count = 1 + chance() % 4; count > 0; count--)
			changed[chance() % length] = (uint8_t)(chance() % 2 ? chance() % 12 : chance());
		try_frame(changed, length);
		free(changed);
	}
}

/* A column whose numbers lie. */
static void lying_frames(void **state)
{
	struct {
		struct aq_frame head;
		struct aq_column column;
		uint32_t array[4];
	} good = {.head = {.rows = 3, .columns = 1}, .column = {.name = "s", .type = AQ_COL_TEXT, .length = 16}}, f = good;

#define REFUSED(change) (f = good, (change), assert_false(try_frame(&f, sizeof(f))))
	assert_true(try_frame(&f, sizeof(f)));
	REFUSED(f.array[0] = 1);
	REFUSED(f.array[1] = 4);
	REFUSED(f.array[1] = UINT32_MAX);
	REFUSED(f.array[3] = 4);
	REFUSED(f.head.rows = UINT32_MAX);
	REFUSED(f.head.rows = 2);
	REFUSED(f.head.columns = 0);
	REFUSED(f.head.columns = 2);
	REFUSED(f.head.columns = UINT32_MAX);
	REFUSED(f.column.length = UINT32_MAX);
	REFUSED(f.column.length = 8);
	REFUSED(f.column.digits = 1);
	REFUSED(f.column.reserved = 1);
	REFUSED(f.column.nulls = 1);
	REFUSED(f.column.nulls = 2);
	REFUSED(f.column.type = 0);
	REFUSED(f.column.type = 9);
	REFUSED(f.column.name[0] = '\0');
	REFUSED(f.column.name[0] = '\xff');
	REFUSED(memset(f.column.name, 'x', sizeof(f.column.name)));
	good.head.rows = 2;
	good.column = (struct aq_column){.name = "n", .type = AQ_COL_DECIMAL, .digits = 18, .length = 16};
	f = good;
	assert_true(try_frame(&f, sizeof(f)));
	REFUSED(f.column.digits = 19);
	REFUSED(f.column.type = AQ_COL_DECIMAL128);
	/* Times eight is no number of 32 bits. */
	REFUSED((f.column.type = AQ_COL_INT64, f.column.digits = 0, f.head.rows = 0x20000002));
	good.head.rows = 16;
	good.column = (struct aq_column){.name = "b", .type = AQ_COL_BOOL, .length = 16};
	f = good;
	assert_true(try_frame(&f, sizeof(f)));
	REFUSED(f.array[3] = 0x02000000);
#undef REFUSED
}

/* What lies under a null does not matter. */
static void nulls_cover_anything(void **state)
{
	struct {
		struct aq_frame head;
		struct aq_column bools;
		uint64_t bool_nulls, bytes;
		struct aq_column texts;
		uint64_t text_nulls;
		uint32_t offsets[3];
		char text[4];
	} f = {.head = {.rows = 2, .columns = 2},
		.bools = {.name = "b", .type = AQ_COL_BOOL, .nulls = 1, .length = 2},
		.bool_nulls = 2, .bytes = 0x0501,
		.texts = {.name = "t", .type = AQ_COL_TEXT, .nulls = 1, .length = 15},
		.text_nulls = 1, .offsets = {0, 2, 3}, .text = "\xff\xfez"};

	assert_true(try_frame(&f, sizeof(f)));
	f.bool_nulls = 0;
	assert_false(try_frame(&f, sizeof(f)));
	f.bool_nulls = 2;
	f.text_nulls = 2;
	assert_false(try_frame(&f, sizeof(f)));
	f.text_nulls = 0xfd;
	assert_true(try_frame(&f, sizeof(f)));
	f.texts.name[0] = 'b'; /* there twice */
	assert_false(try_frame(&f, sizeof(f)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(what_is_written_is_read), cmocka_unit_test(bytes_by_hand),
		cmocka_unit_test(frames_follow_each_other), cmocka_unit_test(every_buffer_that_is_too_small),
		cmocka_unit_test(one_byte_too_few), cmocka_unit_test(columns_that_cannot_be),
		cmocka_unit_test(as_many_columns_as_there_may_be), cmocka_unit_test(columns_come_before_rows),
		cmocka_unit_test(rows_that_are_wrong_are_left_out), cmocka_unit_test(wide_decimals),
		cmocka_unit_test(damaged_frames_do_no_harm), cmocka_unit_test(lying_frames),
		cmocka_unit_test(nulls_cover_anything)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
