/* frame_cell.c: see frame.h. What stands in a frame that has passed its checks. */
#include "sql/frame.h"

#include <decimal.h>
#include <math.h>
#include <string.h>

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

static bool is_null(const struct sql_frame_column *c, uint32_t row)
{
	return c->nulls != NULL && (c->nulls[row / 8] >> row % 8 & 1) != 0;
}

static void decimal_cell(const struct sql_frame_column *c, uint32_t row, struct sql_value *out)
{
	int64_t number = number_at(c, row);

	out->type = number == AQ_NONE ? SQL_NULL : SQL_DECIMAL;
	if (number != AQ_NONE)
		aq_dec_print(number, c->digits, 0, out->decimal);
}

static int decimal128_cell(const struct sql_frame_column *c, uint32_t row, struct sql_value *out, struct sql_error *err)
{
	uint64_t halves[2];
	bson_decimal128_t number;

	memcpy(halves, c->at + (size_t)row * sizeof(halves), sizeof(halves));
	number.low = BSON_UINT64_FROM_LE(halves[0]);
	number.high = BSON_UINT64_FROM_LE(halves[1]);
	return sql_value_decimal(&number, c->name, out, err);
}

static void text_cell(const struct sql_frame_column *c, uint32_t row, struct sql_value *out)
{
	uint32_t from = sql_frame_offset(c, row);

	out->type = c->type == AQ_COL_TEXT ? SQL_TEXT : SQL_BYTES;
	out->bytes.at = c->texts + from;
	out->bytes.length = sql_frame_offset(c, row + 1) - from;
}

int sql_frame_cell(const struct sql_frame_column *c, uint32_t row, struct sql_value *out, struct sql_error *err)
{
	out->type = SQL_NULL;
	if (is_null(c, row))
		return 0;
	switch (c->type) {
	case AQ_COL_DOUBLE:
		return double_cell(c, row, out, err);
	case AQ_COL_DECIMAL:
		decimal_cell(c, row, out);
		return 0;
	case AQ_COL_DECIMAL128:
		return decimal128_cell(c, row, out, err);
	case AQ_COL_BOOL:
		out->type = SQL_BOOL;
		out->integer = c->at[row];
		return out->integer <= 1 ? 0 : sql_frame_wrong(c, "has a bool that is neither 0 nor 1", err);
	case AQ_COL_TEXT:
	case AQ_COL_BYTES:
		text_cell(c, row, out);
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

	if (!fits_by_itself(c, f) || is_null(c, row))
		return sql_frame_cell(c, row, out, err) != 0 ? -1 : sql_value_fit(f, SQL_STORE, out, err);
	number = number_at(c, row);
	out->type = number == AQ_NONE ? SQL_NULL : SQL_DECIMAL;
	if (number != AQ_NONE)
		aq_dec_print(number, c->digits, c->digits, out->decimal);
	return 0;
}
