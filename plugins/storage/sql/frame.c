/* frame.c: see frame.h. */
#include "sql/frame.h"

#include <decimal.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static int wrong(const struct sql_frame_column *c, const char *why, struct sql_error *err)
{
	return sql_fail(err, AQ_STORE_REFUSED, "frame: column %s %s", c->name, why);
}

static uint32_t offset_at(const struct sql_frame_column *c, uint32_t i)
{
	uint32_t offset;

	memcpy(&offset, c->at + (size_t)i * sizeof(offset), sizeof(offset));
	return offset;
}

/* ---- checks ---- */

static int check_texts(const struct sql_frame_column *c, uint32_t rows, struct sql_error *err)
{
	uint64_t offsets = ((uint64_t)rows + 1) * sizeof(uint32_t);
	uint32_t last = 0;

	if (offsets > c->length)
		return wrong(c, "is too short for its offsets", err);
	for (uint64_t i = 0; i <= rows; i++) {
		uint32_t offset = offset_at(c, (uint32_t)i);

		if (offset < last || (i == 0 && offset != 0))
			return wrong(c, "has offsets that do not rise", err);
		last = offset;
	}
	return last == c->length - offsets ? 0 : wrong(c, "has another length than its texts", err);
}

static int check_array(const struct sql_frame_column *c, uint32_t rows, struct sql_error *err)
{
	switch (c->type) {
	case AQ_COL_INT64:
	case AQ_COL_DOUBLE:
	case AQ_COL_TIME:
	case AQ_COL_DECIMAL:
		return c->length == (uint64_t)rows * 8 ? 0 : wrong(c, "has another length than its rows", err);
	case AQ_COL_BOOL:
		return c->length == rows ? 0 : wrong(c, "has another length than its rows", err);
	case AQ_COL_TEXT:
		return check_texts(c, rows, err);
	default:
		return wrong(c, "has an unknown type", err);
	}
}

static int check_column(const struct sql_frame_column *c, const struct aq_column *raw, struct sql_error *err)
{
	size_t length = strnlen(raw->name, sizeof(raw->name));

	if (length == sizeof(raw->name) || length == 0 || !bson_utf8_validate(raw->name, length, false))
		return sql_fail(err, AQ_STORE_REFUSED, "frame: a column has no valid name");
	if (raw->reserved[0] != 0 || raw->reserved[1] != 0 || (raw->digits != 0 && raw->type != AQ_COL_DECIMAL))
		return wrong(c, "has bytes that are not known", err);
	return raw->digits <= AQ_AMT_DIGITS ? 0 : wrong(c, "has more than 18 digits", err);
}

static int open_column(const uint8_t *bytes, size_t length, size_t *at, uint32_t rows, struct sql_frame_column *c,
	struct sql_error *err)
{
	struct aq_column raw;

	if (length - *at < sizeof(raw))
		return sql_fail(err, AQ_STORE_REFUSED, "frame: it ends within a column");
	memcpy(&raw, bytes + *at, sizeof(raw));
	*at += sizeof(raw);
	*c = (struct sql_frame_column){.type = raw.type, .digits = raw.digits, .length = raw.length, .at = bytes + *at};
	memcpy(c->name, raw.name, sizeof(c->name) - 1);
	if (check_column(c, &raw, err) != 0)
		return -1;
	if (raw.length > length - *at || ((uint64_t)raw.length + 7) / 8 * 8 > length - *at)
		return wrong(c, "ends beyond the frame", err);
	*at += ((size_t)raw.length + 7) / 8 * 8;
	if (check_array(c, rows, err) != 0)
		return -1;
	if (c->type == AQ_COL_TEXT)
		c->texts = c->at + ((size_t)rows + 1) * sizeof(uint32_t);
	return 0;
}

static int open_columns(const uint8_t *bytes, size_t length, struct sql_frame *f, struct sql_error *err)
{
	size_t at = sizeof(struct aq_frame);

	for (uint32_t i = 0; i < f->count; i++) {
		if (open_column(bytes, length, &at, f->rows, &f->columns[i], err) != 0)
			return -1;
		for (uint32_t j = 0; j < i; j++)
			if (strcmp(f->columns[i].name, f->columns[j].name) == 0)
				return wrong(&f->columns[i], "is there twice", err);
	}
	return at == length ? 0 : sql_fail(err, AQ_STORE_REFUSED, "frame: bytes follow behind its last column");
}

int sql_frame_open(const void *bytes, size_t length, struct sql_frame *out, struct sql_error *err)
{
	struct aq_frame head;

	*out = (struct sql_frame){0};
	if (length < sizeof(head))
		return sql_fail(err, AQ_STORE_REFUSED, "frame: it is shorter than its head");
	memcpy(&head, bytes, sizeof(head));
	if (head.columns == 0 || head.columns > SQL_FIELDS_MAX)
		return sql_fail(err, AQ_STORE_REFUSED, "frame: it has %u columns, 1 to %d are taken", head.columns, SQL_FIELDS_MAX);
	out->columns = calloc(head.columns, sizeof(*out->columns));
	if (out->columns == NULL)
		return sql_no_memory(err);
	out->rows = head.rows;
	out->count = head.columns;
	if (open_columns(bytes, length, out, err) == 0)
		return 0;
	sql_frame_close(out);
	return -1;
}

void sql_frame_close(struct sql_frame *f)
{
	free(f->columns);
	*f = (struct sql_frame){0};
}

/* ---- cells ---- */

static int64_t number_at(const struct sql_frame_column *c, uint32_t row)
{
	int64_t number;

	memcpy(&number, c->at + (size_t)row * sizeof(number), sizeof(number));
	return number;
}

static int double_cell(const struct sql_frame_column *c, uint32_t row, struct sql_value *out, struct sql_error *err)
{
	out->type = SQL_DOUBLE;
	memcpy(&out->real, c->at + (size_t)row * sizeof(out->real), sizeof(out->real));
	if (isfinite(out->real))
		return 0;
	return sql_fail(err, AQ_STORE_REFUSED, "field %s: %s is not stored: doubles are finite", c->name,
		isnan(out->real) ? "NaN" : "infinity");
}

static void decimal_cell(const struct sql_frame_column *c, uint32_t row, struct sql_value *out)
{
	int64_t number = number_at(c, row);

	out->type = number == AQ_NONE ? SQL_NULL : SQL_DECIMAL;
	if (number != AQ_NONE)
		aq_dec_print(number, c->digits, 0, out->decimal);
}

int sql_frame_cell(const struct sql_frame_column *c, uint32_t row, struct sql_value *out, struct sql_error *err)
{
	uint32_t from;

	switch (c->type) {
	case AQ_COL_DOUBLE:
		return double_cell(c, row, out, err);
	case AQ_COL_DECIMAL:
		decimal_cell(c, row, out);
		return 0;
	case AQ_COL_BOOL:
		out->type = SQL_BOOL;
		out->integer = c->at[row];
		return out->integer <= 1 ? 0 : wrong(c, "has a bool that is neither 0 nor 1", err);
	case AQ_COL_TEXT:
		from = offset_at(c, row);
		out->type = SQL_TEXT;
		out->bytes.at = c->texts + from;
		out->bytes.length = offset_at(c, row + 1) - from;
		return 0;
	default:
		out->type = c->type == AQ_COL_TIME ? SQL_TIME : SQL_INT64;
		out->integer = number_at(c, row);
		return 0;
	}
}

#define INT64_DIGITS 19

/* Decimals of as many digits as the field has, all of which it can hold: most of what is stored. */
static bool fits_by_itself(const struct sql_frame_column *c, const struct sql_field *f)
{
	return c->type == AQ_COL_DECIMAL && f->type == SQL_DECIMAL && c->digits == f->scale && f->precision >= INT64_DIGITS;
}

int sql_frame_take(const struct sql_frame_column *c, uint32_t row, const struct sql_field *f, struct sql_value *out,
	struct sql_error *err)
{
	int64_t number;

	if (!fits_by_itself(c, f))
		return sql_frame_cell(c, row, out, err) != 0 ? -1 : sql_value_fit(f, SQL_STORE, out, err);
	number = number_at(c, row);
	out->type = number == AQ_NONE ? SQL_NULL : SQL_DECIMAL;
	if (number != AQ_NONE)
		aq_dec_print(number, c->digits, c->digits, out->decimal);
	return 0;
}
