/* fuzz_frame.c: any bytes as a frame. What is taken can be asked for everything, and a frame that is written anew with what was
 * read has the same cells. */
#include <aioquant/frame.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool condition)
{
	if (!condition)
		abort();
}

/* Into the cell that it came from. */
static void write_cell(struct aq_frame_writer *w, const struct aq_cells *cells, struct aq_value v)
{
	char number[AQ_VALUE_NUMBER_TEXT];
	const void *bytes = NULL;
	const char *text = NULL;
	uint32_t length = 0;
	int64_t value = 0;
	double real = 0;
	bool yes = false;

	if (v.type == AQ_VALUE_NULL) {
		aq_frame_null(w);
	} else if (cells->type == AQ_COL_TEXT) {
		check(aq_value_text(v, &text, &length) == AQ_OK);
		aq_frame_text_of(w, text, length);
	} else if (cells->type == AQ_COL_BYTES) {
		check(aq_value_bytes(v, &bytes, &length) == AQ_OK);
		aq_frame_bytes(w, bytes, length);
	} else if (cells->type == AQ_COL_DOUBLE) {
		check(aq_value_double(v, &real) == AQ_OK);
		aq_frame_double(w, real);
	} else if (cells->type == AQ_COL_BOOL) {
		check(aq_value_bool(v, &yes) == AQ_OK);
		aq_frame_bool(w, yes);
	} else if (cells->type == AQ_COL_DECIMAL) {
		check(aq_value_decimal(v, cells->digits, &value) == AQ_OK);
		aq_frame_decimal(w, value, cells->digits);
	} else if (cells->type == AQ_COL_DECIMAL128) {
		check(aq_value_number_text(v, number) == AQ_OK);
		aq_frame_decimal_text(w, number, strlen(number));
	} else {
		check(aq_value_int64(v, &value) == AQ_OK);
		if (cells->type == AQ_COL_TIME)
			aq_frame_time(w, value);
		else
			aq_frame_int64(w, value);
	}
}

static void declare(struct aq_frame_writer *w, const struct aq_cells *cells)
{
	if (cells->type == AQ_COL_DECIMAL)
		aq_frame_decimals(w, cells->name, cells->digits);
	else
		aq_frame_column(w, cells->name, (enum aq_column_type)cells->type);
}

static bool same_text(struct aq_value a, struct aq_value b)
{
	char first[AQ_VALUE_NUMBER_TEXT], second[AQ_VALUE_NUMBER_TEXT];
	struct aq_amt x, y;

	if (aq_value_amount(a, &x) == AQ_OK)
		return aq_value_amount(b, &y) == AQ_OK && x.lo == y.lo && x.hi == y.hi;
	if (aq_value_number_text(a, first) == AQ_OK) /* another form of the same number */
		return aq_value_number_text(b, second) == AQ_OK;
	return a.length == b.length && memcmp(a.at, b.at, a.length) == 0;
}

static void compare(const struct aq_frame_reader *f, const struct aq_frame_reader *again, uint32_t rows)
{
	struct aq_cells before, after;

	check(again->columns == f->columns && again->rows <= rows);
	for (uint32_t i = 0; i < f->columns && again->rows == rows; i++) {
		check(aq_cells_at(f, i, &before) == AQ_OK && aq_cells_of(again, before.name, &after) == AQ_OK);
		for (uint32_t row = 0; row < rows; row++) {
			struct aq_value a = aq_cell(&before, row), b = aq_cell(&after, row);

			check(a.type == b.type && (a.type == AQ_VALUE_NULL || same_text(a, b)));
		}
	}
}

/* NaN and infinity are no text of a decimal, so a row that has one is left out. */
static void write_again(const struct aq_frame_reader *f)
{
	size_t room = 3 * f->length + 65536;
	uint8_t *buffer = malloc(room);
	struct aq_frame_writer w;
	struct aq_frame_reader again;
	struct aq_cells cells;
	uint32_t rows = f->rows < 64 ? f->rows : 64;
	int64_t length;

	check(buffer != NULL);
	aq_frame_begin(&w, buffer, room, SIZE_MAX);
	for (uint32_t i = 0; aq_cells_at(f, i, &cells) == AQ_OK; i++)
		declare(&w, &cells);
	for (uint32_t row = 0; row < rows; row++) {
		for (uint32_t i = 0; aq_cells_at(f, i, &cells) == AQ_OK; i++)
			write_cell(&w, &cells, aq_cell(&cells, row));
		int32_t status = aq_frame_row(&w);
		check(status == AQ_OK || status == AQ_EFORMAT);
	}
	length = aq_frame_end(&w);
	check(length > 0 && aq_frame_open(&again, buffer, (size_t)length) == AQ_OK);
	compare(f, &again, rows);
	free(buffer);
}

static void take_all(const struct aq_frame_reader *f)
{
	struct aq_cells cells, same;

	for (uint32_t i = 0; aq_cells_at(f, i, &cells) == AQ_OK; i++) {
		check(aq_cells_of(f, cells.name, &same) == AQ_OK && same.array == cells.array);
		check(aq_cell(&cells, f->rows).type == AQ_VALUE_NONE);
		for (uint32_t row = 0; row < f->rows; row++) {
			struct aq_value v = aq_cell(&cells, row);

			check(v.at >= f->at && v.length <= (size_t)(f->at + f->length - v.at));
		}
	}
	check(aq_cells_of(f, "no column", &cells) == AQ_ENOENT);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *copy = malloc(size + (size == 0)); /* of exactly this size: the sanitizer sees any byte too many */
	struct aq_frame_reader f;

	check(copy != NULL);
	if (size > 0)
		memcpy(copy, data, size);
	if (aq_frame_open(&f, copy, size) == AQ_OK) {
		take_all(&f);
		write_again(&f);
	} else {
		check(f.at == NULL && f.columns == 0);
	}
	free(copy);
	return 0;
}
