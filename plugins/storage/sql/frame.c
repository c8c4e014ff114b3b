/* frame.c: see frame.h. */
#include "sql/frame.h"

#include <decimal.h>
#include <stdlib.h>
#include <string.h>

int sql_frame_wrong(const struct sql_frame_column *c, const char *why, struct sql_error *err)
{
	return sql_fail(err, AQ_STORE_REFUSED, "frame: column %s %s", c->name, why);
}

uint32_t sql_frame_offset(const struct sql_frame_column *c, uint32_t i)
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
		return sql_frame_wrong(c, "is too short for its offsets", err);
	for (uint64_t i = 0; i <= rows; i++) {
		uint32_t offset = sql_frame_offset(c, (uint32_t)i);

		if (offset < last || (i == 0 && offset != 0))
			return sql_frame_wrong(c, "has offsets that do not rise", err);
		last = offset;
	}
	return last == c->length - offsets ? 0 : sql_frame_wrong(c, "has another length than its texts", err);
}

static int check_length(const struct sql_frame_column *c, uint32_t rows, unsigned size, struct sql_error *err)
{
	return c->length == (uint64_t)rows * size ? 0 : sql_frame_wrong(c, "has another length than its rows", err);
}

static int check_array(const struct sql_frame_column *c, uint32_t rows, struct sql_error *err)
{
	switch (c->type) {
	case AQ_COL_INT64:
	case AQ_COL_DOUBLE:
	case AQ_COL_TIME:
	case AQ_COL_DECIMAL:
		return check_length(c, rows, 8, err);
	case AQ_COL_DECIMAL128:
		return check_length(c, rows, 16, err);
	case AQ_COL_BOOL:
		return check_length(c, rows, 1, err);
	case AQ_COL_TEXT:
	case AQ_COL_BYTES:
		return check_texts(c, rows, err);
	default:
		return sql_frame_wrong(c, "has an unknown type", err);
	}
}

static int check_column(const struct sql_frame_column *c, const struct aq_column *raw, struct sql_error *err)
{
	size_t length = strnlen(raw->name, sizeof(raw->name));

	if (length == sizeof(raw->name) || length == 0 || !bson_utf8_validate(raw->name, length, false))
		return sql_fail(err, AQ_STORE_REFUSED, "frame: a column has no valid name");
	if (raw->reserved != 0 || raw->nulls > 1 || (raw->digits != 0 && raw->type != AQ_COL_DECIMAL))
		return sql_frame_wrong(c, "has bytes that are not known", err);
	return raw->digits <= AQ_AMT_DIGITS ? 0 : sql_frame_wrong(c, "has more than 18 digits", err);
}

/* A part of the frame, padded to 8 bytes; *at is moved behind it. NULL when it ends beyond the frame. */
static const uint8_t *take(const uint8_t *bytes, size_t length, size_t *at, uint64_t size)
{
	const uint8_t *part = bytes + *at;
	uint64_t padded = (size + 7) / 8 * 8;

	if (padded > length - *at)
		return NULL;
	*at += (size_t)padded;
	return part;
}

static int open_column(const uint8_t *bytes, size_t length, size_t *at, uint32_t rows, struct sql_frame_column *c,
	struct sql_error *err)
{
	const uint8_t *head = take(bytes, length, at, sizeof(struct aq_column));
	struct aq_column raw;

	if (head == NULL)
		return sql_fail(err, AQ_STORE_REFUSED, "frame: it ends within a column");
	memcpy(&raw, head, sizeof(raw));
	*c = (struct sql_frame_column){.type = raw.type, .digits = raw.digits, .length = raw.length};
	memcpy(c->name, raw.name, sizeof(c->name) - 1);
	if (check_column(c, &raw, err) != 0)
		return -1;
	if (raw.nulls == 1) {
		c->nulls = take(bytes, length, at, ((uint64_t)rows + 7) / 8);
		if (c->nulls == NULL)
			return sql_frame_wrong(c, "ends beyond the frame", err);
	}
	c->at = take(bytes, length, at, raw.length);
	if (c->at == NULL)
		return sql_frame_wrong(c, "ends beyond the frame", err);
	if (check_array(c, rows, err) != 0)
		return -1;
	if (c->type == AQ_COL_TEXT || c->type == AQ_COL_BYTES)
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
				return sql_frame_wrong(&f->columns[i], "is there twice", err);
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
