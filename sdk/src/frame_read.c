/* frame_read.c: frames of anyone's bytes (aioquant/frame.h). split() alone knows how columns lie. */
#include <aioquant/frame.h>

#include <decimal128.h>
#include <string.h>
#include <utf8.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "cells of frames are read as values of documents");

/* ---- columns ---- */

static size_t padded(size_t length)
{
	return (length + 7) / 8 * 8;
}

static uint32_t offset_at(const struct aq_cells *c, size_t row)
{
	uint32_t offset;

	memcpy(&offset, c->array + row * sizeof(offset), sizeof(offset));
	return offset;
}

/* The array has as many bytes as its rows need. */
static bool array_fits(struct aq_cells *c, uint64_t length)
{
	uint64_t rows = c->rows, offsets = (rows + 1) * sizeof(uint32_t);

	switch (c->type) {
	case AQ_COL_INT64:
	case AQ_COL_DOUBLE:
	case AQ_COL_TIME:
	case AQ_COL_DECIMAL:
		return length == rows * 8;
	case AQ_COL_BOOL:
		return length == rows;
	case AQ_COL_DECIMAL128:
		return length == rows * AQ_DECIMAL128_BYTES;
	case AQ_COL_TEXT:
	case AQ_COL_BYTES:
		c->texts = c->array + offsets;
		return length >= offsets && offset_at(c, c->rows) == length - offsets;
	default:
		return false;
	}
}

static bool has_name(const struct aq_column *c)
{
	size_t length = strnlen(c->name, sizeof(c->name));

	return length > 0 && length < sizeof(c->name) && aq_utf8_valid(c->name, length);
}

static bool head_is_known(const struct aq_column *c)
{
	return c->nulls <= 1 && c->reserved == 0 && c->digits <= (c->type == AQ_COL_DECIMAL ? AQ_AMT_DIGITS : 0);
}

/* The column at *at, which is passed. */
static bool split(const struct aq_frame_reader *f, size_t *at, struct aq_cells *out)
{
	struct aq_column head;
	size_t left = f->length - *at, nulls;
	const uint8_t *begin = f->at + *at;

	if (left < sizeof(head))
		return false;
	memcpy(&head, begin, sizeof(head));
	left -= sizeof(head);
#ifdef AQ_PLANT
	left += 64; /* an over-read on purpose: tests/fuzz must find it */
#endif
	nulls = head.nulls ? padded(((size_t)f->rows + 7) / 8) : 0;
	if (!has_name(&head) || !head_is_known(&head) || nulls > left || padded(head.length) > left - nulls)
		return false;
	*out = (struct aq_cells){.name = (const char *)begin, .array = begin + sizeof(head) + nulls, .rows = f->rows,
		.type = head.type, .digits = head.digits, .nulls = head.nulls ? begin + sizeof(head) : NULL};
	*at += sizeof(head) + nulls + padded(head.length);
	return array_fits(out, head.length);
}

/* ---- checks ---- */

static bool is_null(const struct aq_cells *c, uint32_t row)
{
	return c->nulls != NULL && (c->nulls[row / 8] >> row % 8 & 1) != 0;
}

/* Offsets begin with 0 and rise to what array_fits has found to be the last; so all of them lie within the bytes. */
static bool check_texts(const struct aq_cells *c)
{
	uint32_t from = offset_at(c, 0), last = offset_at(c, c->rows), to;

	if (from != 0)
		return false;
	for (uint32_t row = 0; row < c->rows; row++, from = to) {
		to = offset_at(c, (size_t)row + 1);
		if (to < from || to > last)
			return false;
		if (c->type == AQ_COL_TEXT && !is_null(c, row) && !aq_utf8_valid(c->texts + from, to - from))
			return false;
	}
	return true;
}

static bool check_bools(const struct aq_cells *c)
{
	for (uint32_t row = 0; row < c->rows; row++)
		if (c->array[row] > 1 && !is_null(c, row))
			return false;
	return true;
}

static bool check_cells(const struct aq_cells *c)
{
	if (c->type == AQ_COL_TEXT || c->type == AQ_COL_BYTES)
		return check_texts(c);
	return c->type != AQ_COL_BOOL || check_bools(c);
}

static bool check_columns(const struct aq_frame_reader *f)
{
	const char *names[AQ_FRAME_COLUMNS];
	size_t at = sizeof(struct aq_frame);
	struct aq_cells c;

	for (uint32_t i = 0; i < f->columns; i++) {
		if (!split(f, &at, &c) || !check_cells(&c))
			return false;
		for (uint32_t j = 0; j < i; j++)
			if (strcmp(names[j], c.name) == 0)
				return false;
		names[i] = c.name;
	}
	return at == f->length;
}

int32_t aq_frame_open(struct aq_frame_reader *f, const void *bytes, size_t length)
{
	struct aq_frame head = {0};

	if (length >= sizeof(head))
		memcpy(&head, bytes, sizeof(head));
	*f = (struct aq_frame_reader){bytes, length, head.rows, head.columns};
	if (head.columns > 0 && head.columns <= AQ_FRAME_COLUMNS && check_columns(f))
		return AQ_OK;
	*f = (struct aq_frame_reader){0};
	return AQ_EFORMAT;
}

/* ---- cells ---- */

int32_t aq_cells_of(const struct aq_frame_reader *f, const char *name, struct aq_cells *out)
{
	size_t at = sizeof(struct aq_frame);

	for (uint32_t i = 0; i < f->columns && split(f, &at, out); i++)
		if (strcmp(out->name, name) == 0)
			return AQ_OK;
	*out = (struct aq_cells){0};
	return AQ_ENOENT;
}

int32_t aq_cells_at(const struct aq_frame_reader *f, uint32_t column, struct aq_cells *out)
{
	size_t at = sizeof(struct aq_frame);

	for (uint32_t i = 0; i < f->columns && split(f, &at, out); i++)
		if (i == column)
			return AQ_OK;
	*out = (struct aq_cells){0};
	return AQ_ENOENT;
}

static uint8_t value_type(uint8_t type)
{
	static const uint8_t types[] = {[AQ_COL_INT64] = AQ_VALUE_INT64, [AQ_COL_DOUBLE] = AQ_VALUE_DOUBLE,
		[AQ_COL_TIME] = AQ_VALUE_INT64, [AQ_COL_DECIMAL] = AQ_VALUE_SCALED, [AQ_COL_TEXT] = AQ_VALUE_TEXT,
		[AQ_COL_BOOL] = AQ_VALUE_BOOL, [AQ_COL_BYTES] = AQ_VALUE_BYTES, [AQ_COL_DECIMAL128] = AQ_VALUE_DECIMAL128};

	return types[type];
}

static uint32_t width(uint8_t type)
{
	return type == AQ_COL_BOOL ? 1 : type == AQ_COL_DECIMAL128 ? AQ_DECIMAL128_BYTES : 8;
}

/* A decimal that is null by its value. */
static bool is_none(const struct aq_value *v)
{
	int64_t value;

	memcpy(&value, v->at, sizeof(value));
	return value == AQ_NONE;
}

struct aq_value aq_cell(const struct aq_cells *cells, uint32_t row)
{
	struct aq_value v = {.digits = cells->digits};

	if (row >= cells->rows)
		return (struct aq_value){0};
	v.type = is_null(cells, row) ? AQ_VALUE_NULL : value_type(cells->type);
	if (cells->type == AQ_COL_TEXT || cells->type == AQ_COL_BYTES) {
		v.at = cells->texts + offset_at(cells, row);
		v.length = offset_at(cells, (size_t)row + 1) - offset_at(cells, row);
	} else {
		v.length = width(cells->type);
		v.at = cells->array + (size_t)row * v.length;
	}
	if (v.type == AQ_VALUE_SCALED && is_none(&v))
		v.type = AQ_VALUE_NULL;
	return v;
}
