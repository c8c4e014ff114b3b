/* frame_out.c: see frame_out.h. */
#include "sql/frame_out.h"

#include <decimal.h>
#include <stdlib.h>
#include <string.h>

static const struct sql_field *field_of(const struct sql_frame_out *f, uint32_t column)
{
	return &f->s->fields[f->columns->field[column]];
}

static uint8_t column_type(const struct sql_field *f)
{
	static const uint8_t types[] = {[SQL_INT64] = AQ_COL_INT64, [SQL_DOUBLE] = AQ_COL_DOUBLE,
		[SQL_DECIMAL] = AQ_COL_DECIMAL, [SQL_TEXT] = AQ_COL_TEXT, [SQL_BYTES] = 0, [SQL_BOOL] = AQ_COL_BOOL,
		[SQL_TIME] = AQ_COL_TIME};

	return types[f->type];
}

static int check_field(const struct sql_field *f, struct sql_error *err)
{
	if (column_type(f) == 0)
		return sql_fail(err, AQ_STORE_REFUSED, "field %s is bytes: a frame has none, ask for documents", f->name);
	if (strlen(f->name) >= sizeof(((struct aq_column *)NULL)->name))
		return sql_fail(err, AQ_STORE_REFUSED, "the name of field %s is too long for a frame", f->name);
	if (f->type == SQL_DECIMAL && f->scale > AQ_AMT_DIGITS)
		return sql_fail(err, AQ_STORE_REFUSED, "field %s has more digits than a frame: ask for documents", f->name);
	return 0;
}

int sql_frame_out_begin(struct sql_frame_out *f, const struct sql_schema *s, const struct sql_columns *c,
	struct sql_error *err)
{
	*f = (struct sql_frame_out){.s = s, .columns = c, .bytes = sizeof(struct aq_frame)};
	for (uint32_t i = 0; i < c->count; i++)
		if (check_field(field_of(f, i), err) != 0)
			return -1;
	f->data = calloc(2 * (size_t)c->count, sizeof(*f->data));
	f->bytes += c->count * (sizeof(struct aq_column) + 8);
	return f->data != NULL ? 0 : sql_no_memory(err);
}

static int add_decimal(const struct sql_field *field, const struct sql_value *v, struct sql_buffer *to,
	struct sql_error *err)
{
	int64_t number = AQ_NONE;

	if (v->type != SQL_NULL && aq_dec_parse(v->decimal, strlen(v->decimal), field->scale, &number) != AQ_OK)
		return sql_fail(err, AQ_STORE_REFUSED, "%s of field %s does not fit a frame: ask for documents", v->decimal,
			field->name);
	sql_buffer_add(to, &number, sizeof(number));
	return 0;
}

static void add_text(struct sql_frame_out *f, uint32_t column, const struct sql_value *v)
{
	struct sql_buffer *texts = &f->data[f->columns->count + column];
	uint32_t offset = (uint32_t)texts->length;

	sql_buffer_add(&f->data[column], &offset, sizeof(offset));
	sql_buffer_add(texts, v->bytes.at, v->bytes.length);
	f->bytes += v->bytes.length;
}

static int add_cell(struct sql_frame_out *f, uint32_t column, const struct sql_value *v, struct sql_error *err)
{
	const struct sql_field *field = field_of(f, column);
	struct sql_buffer *to = &f->data[column];
	uint8_t truth = (uint8_t)(v->integer != 0);

	f->bytes += 8;
	if (field->type == SQL_DECIMAL)
		return add_decimal(field, v, to, err);
	if (v->type == SQL_NULL)
		return sql_fail(err, AQ_STORE_REFUSED, "field %s is null in a row: a frame has no null, ask for documents",
			field->name);
	if (field->type == SQL_TEXT)
		add_text(f, column, v);
	else if (field->type == SQL_BOOL)
		sql_buffer_add(to, &truth, 1);
	else if (field->type == SQL_DOUBLE)
		sql_buffer_add(to, &v->real, sizeof(v->real));
	else
		sql_buffer_add(to, &v->integer, sizeof(v->integer));
	return 0;
}

int sql_frame_out_row(struct sql_frame_out *f, const struct sql_value *values, struct sql_error *err)
{
	for (uint32_t i = 0; i < f->columns->count; i++)
		if (add_cell(f, i, &values[i], err) != 0)
			return -1;
	f->rows++;
	return 0;
}

static void put_column(struct sql_frame_out *f, uint32_t column, struct sql_buffer *out)
{
	const struct sql_field *field = field_of(f, column);
	struct sql_buffer *data = &f->data[column], *texts = &f->data[f->columns->count + column];
	struct aq_column head = {.type = column_type(field), .digits = field->type == SQL_DECIMAL ? field->scale : 0};
	uint32_t end = (uint32_t)texts->length;
	static const char zeros[8] = {0};

	if (field->type == SQL_TEXT)
		sql_buffer_add(data, &end, sizeof(end));
	memcpy(head.name, field->name, strlen(field->name));
	head.length = (uint32_t)(data->length + texts->length);
	out->failed |= data->failed || texts->failed;
	sql_buffer_add(out, &head, sizeof(head));
	sql_buffer_add(out, data->at, data->length);
	sql_buffer_add(out, texts->at, texts->length);
	sql_buffer_add(out, zeros, (8 - head.length % 8) % 8);
	sql_buffer_clear(data);
	sql_buffer_clear(texts);
}

int sql_frame_out_end(struct sql_frame_out *f, struct sql_buffer *out, struct sql_error *err)
{
	struct aq_frame head = {.rows = f->rows, .columns = f->columns->count};

	sql_buffer_add(out, &head, sizeof(head));
	for (uint32_t i = 0; i < f->columns->count; i++)
		put_column(f, i, out);
	f->rows = 0;
	f->bytes = sizeof(head) + f->columns->count * (sizeof(struct aq_column) + 8);
	return out->failed ? sql_no_memory(err) : 0;
}

void sql_frame_out_free(struct sql_frame_out *f)
{
	for (uint32_t i = 0; f->data != NULL && i < 2 * f->columns->count; i++)
		sql_buffer_free(&f->data[i]);
	free(f->data);
	*f = (struct sql_frame_out){0};
}
