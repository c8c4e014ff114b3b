/* frame_out.c: see frame_out.h. */
#include "sql/frame_out.h"

#include <decimal.h>
#include <stdlib.h>
#include <string.h>

struct sql_frame_out_column {
	struct sql_buffer data;  /* the array; of texts and bytes their offsets */
	struct sql_buffer texts; /* what the offsets lead to */
	struct sql_buffer nulls;
	bool has_nulls;
};

static const struct sql_field *field_of(const struct sql_frame_out *f, uint32_t column)
{
	return &f->s->fields[f->columns->field[column]];
}

static bool is_text(const struct sql_field *f)
{
	return f->type == SQL_TEXT || f->type == SQL_BYTES;
}

static uint8_t column_type(const struct sql_field *f)
{
	static const uint8_t types[] = {[SQL_INT64] = AQ_COL_INT64, [SQL_DOUBLE] = AQ_COL_DOUBLE,
		[SQL_DECIMAL] = AQ_COL_DECIMAL, [SQL_TEXT] = AQ_COL_TEXT, [SQL_BYTES] = AQ_COL_BYTES, [SQL_BOOL] = AQ_COL_BOOL,
		[SQL_TIME] = AQ_COL_TIME};

	if (f->type == SQL_DECIMAL && f->precision > AQ_AMT_DIGITS)
		return AQ_COL_DECIMAL128;
	return types[f->type];
}

static unsigned cell_size(const struct sql_field *f)
{
	switch (column_type(f)) {
	case AQ_COL_BOOL:
		return 1;
	case AQ_COL_TEXT:
	case AQ_COL_BYTES:
		return sizeof(uint32_t);
	case AQ_COL_DECIMAL128:
		return sizeof(bson_decimal128_t);
	default:
		return sizeof(int64_t);
	}
}

int sql_frame_out_begin(struct sql_frame_out *f, const struct sql_schema *s, const struct sql_columns *c,
	struct sql_error *err)
{
	*f = (struct sql_frame_out){.s = s, .columns = c};
	f->made = calloc(c->count, sizeof(*f->made));
	return f->made != NULL ? 0 : sql_no_memory(err);
}

/* ---- sizes ---- */

static size_t row_size(const struct sql_frame_out *f, const struct sql_value *values)
{
	size_t size = 0;

	for (uint32_t i = 0; i < f->columns->count; i++) {
		const struct sql_field *field = field_of(f, i);

		size += cell_size(field);
		if (is_text(field) && values[i].type != SQL_NULL)
			size += values[i].bytes.length;
	}
	return size;
}

size_t sql_frame_out_size(const struct sql_frame_out *f, const struct sql_value *values)
{
	size_t nulls = ((size_t)f->rows + 1 + 63) / 64 * 8, padding = 7, last_offset = sizeof(uint32_t);

	return sizeof(struct aq_frame) + f->bytes + row_size(f, values) +
		f->columns->count * (sizeof(struct aq_column) + nulls + padding + last_offset);
}

/* ---- rows ---- */

static int add_decimal(const struct sql_field *field, const struct sql_value *v, struct sql_buffer *to,
	struct sql_error *err)
{
	int64_t number = AQ_NONE;

	if (v->type != SQL_NULL && aq_dec_parse(v->decimal, strlen(v->decimal), field->scale, &number) != AQ_OK)
		return sql_fail(err, AQ_STORE_REFUSED, "%s of field %s does not fit a frame", v->decimal, field->name);
	sql_buffer_add(to, &number, sizeof(number));
	return 0;
}

static int add_decimal128(const struct sql_field *field, const struct sql_value *v, struct sql_buffer *to,
	struct sql_error *err)
{
	bson_decimal128_t number = {0};
	uint64_t halves[2];

	if (v->type != SQL_NULL && !sql_decimal_to_128(v->decimal, &number))
		return sql_fail(err, AQ_STORE_REFUSED, "%s of field %s does not fit a frame", v->decimal, field->name);
	halves[0] = BSON_UINT64_TO_LE(number.low);
	halves[1] = BSON_UINT64_TO_LE(number.high);
	sql_buffer_add(to, halves, sizeof(halves));
	return 0;
}

static void add_text(struct sql_frame_out_column *c, const struct sql_value *v)
{
	uint32_t offset = (uint32_t)c->texts.length;

	sql_buffer_add(&c->data, &offset, sizeof(offset));
	if (v->type != SQL_NULL)
		sql_buffer_add(&c->texts, v->bytes.at, v->bytes.length);
}

static void add_null(struct sql_frame_out_column *c, uint32_t row, bool null)
{
	if (row % 8 == 0)
		sql_buffer_add(&c->nulls, "", 1);
	if (!null || c->nulls.failed)
		return;
	c->has_nulls = true;
	c->nulls.at[row / 8] = (char)((uint8_t)c->nulls.at[row / 8] | 1u << row % 8);
}

static int add_cell(struct sql_frame_out *f, uint32_t column, const struct sql_value *v, struct sql_error *err)
{
	const struct sql_field *field = field_of(f, column);
	struct sql_frame_out_column *c = &f->made[column];
	bool null = v->type == SQL_NULL;
	int64_t integer = null ? 0 : v->integer;
	uint8_t truth = integer != 0;
	double real = null ? 0 : v->real;

	add_null(c, f->rows, null);
	switch (column_type(field)) {
	case AQ_COL_DECIMAL:
		return add_decimal(field, v, &c->data, err);
	case AQ_COL_DECIMAL128:
		return add_decimal128(field, v, &c->data, err);
	case AQ_COL_TEXT:
	case AQ_COL_BYTES:
		add_text(c, v);
		return 0;
	case AQ_COL_BOOL:
		sql_buffer_add(&c->data, &truth, 1);
		return 0;
	case AQ_COL_DOUBLE:
		sql_buffer_add(&c->data, &real, sizeof(real));
		return 0;
	default:
		sql_buffer_add(&c->data, &integer, sizeof(integer));
		return 0;
	}
}

int sql_frame_out_row(struct sql_frame_out *f, const struct sql_value *values, struct sql_error *err)
{
	for (uint32_t i = 0; i < f->columns->count; i++)
		if (add_cell(f, i, &values[i], err) != 0)
			return -1;
	f->bytes += row_size(f, values);
	f->rows++;
	return 0;
}

/* ---- the frame ---- */

static void pad(struct sql_buffer *out, size_t length)
{
	static const char zeros[8] = {0};

	sql_buffer_add(out, zeros, (8 - length % 8) % 8);
}

static void put_column(const struct sql_field *field, struct sql_frame_out_column *c, struct sql_buffer *out)
{
	struct aq_column head = {.type = column_type(field), .nulls = c->has_nulls};
	uint32_t end = (uint32_t)c->texts.length;

	if (is_text(field))
		sql_buffer_add(&c->data, &end, sizeof(end));
	if (head.type == AQ_COL_DECIMAL)
		head.digits = field->scale;
	memcpy(head.name, field->name, strlen(field->name));
	head.length = (uint32_t)(c->data.length + c->texts.length);
	out->failed |= c->data.failed || c->texts.failed || c->nulls.failed;
	sql_buffer_add(out, &head, sizeof(head));
	if (c->has_nulls) {
		sql_buffer_add(out, c->nulls.at, c->nulls.length);
		pad(out, c->nulls.length);
	}
	sql_buffer_add(out, c->data.at, c->data.length);
	sql_buffer_add(out, c->texts.at, c->texts.length);
	pad(out, head.length);
}

static void clear_column(struct sql_frame_out_column *c)
{
	sql_buffer_clear(&c->data);
	sql_buffer_clear(&c->texts);
	sql_buffer_clear(&c->nulls);
	c->has_nulls = false;
}

int sql_frame_out_end(struct sql_frame_out *f, struct sql_buffer *out, struct sql_error *err)
{
	struct aq_frame head = {.rows = f->rows, .columns = f->columns->count};

	sql_buffer_add(out, &head, sizeof(head));
	for (uint32_t i = 0; i < f->columns->count; i++) {
		put_column(field_of(f, i), &f->made[i], out);
		clear_column(&f->made[i]);
	}
	f->rows = 0;
	f->bytes = 0;
	return out->failed ? sql_no_memory(err) : 0;
}

void sql_frame_out_free(struct sql_frame_out *f)
{
	for (uint32_t i = 0; f->made != NULL && i < f->columns->count; i++) {
		sql_buffer_free(&f->made[i].data);
		sql_buffer_free(&f->made[i].texts);
		sql_buffer_free(&f->made[i].nulls);
	}
	free(f->made);
	*f = (struct sql_frame_out){0};
}
