/* rows_in.c: see rows_in.h. */
#include "mariadb/rows_in.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

int rows_in_wrong(uint64_t row, struct sql_error *err)
{
	char text[sizeof(err->text)];

	memcpy(text, err->text, sizeof(text));
	snprintf(err->text, sizeof(err->text), "row %" PRIu64 ": %.200s", row + 1, text);
	return -1;
}

static int match_columns(struct rows_in *r, struct sql_error *err)
{
	for (uint32_t i = 0; i < r->frame.count; i++) {
		r->fields[i] = sql_schema_field(r->schema, r->frame.columns[i].name, err);
		if (r->fields[i] < 0)
			return -1;
	}
	return 0;
}

int rows_in_open(struct rows_in *r, const struct sql_schema *schema, const struct call *call, struct sql_error *err)
{
	const struct sql_buffer *rows = &call->given.parts[AQ_PART_ROWS], *frame = &call->given.parts[AQ_PART_FRAME];

	*r = (struct rows_in){.schema = schema, .documents = rows->length > 0 ? rows : NULL};
	if ((rows->length > 0) == (frame->length > 0))
		return sql_fail(err, AQ_STORE_REFUSED, "insert takes rows or a frame");
	if (sql_row_new(schema, &r->row, err) != 0)
		return -1;
	if (r->documents != NULL)
		return 0;
	return sql_frame_open(frame->at, frame->length, &r->frame, err) != 0 ? -1 : match_columns(r, err);
}

void rows_in_close(struct rows_in *r)
{
	sql_frame_close(&r->frame);
	sql_row_free(&r->row);
}

void rows_in_seek(struct rows_in *r, uint64_t count, size_t at)
{
	r->count = count;
	r->at = at;
}

static int next_document(struct rows_in *r, struct sql_error *err)
{
	bson_t document;
	int status = sql_document_next(r->documents->at, r->documents->length, &r->at, &document, err);

	if (status == 1 && sql_row_read(r->schema, &document, &r->row, err) != 0)
		return -1;
	return status;
}

static int next_of_frame(struct rows_in *r, struct sql_error *err)
{
	if (r->count == r->frame.rows)
		return 0;
	for (uint32_t i = 0; i < r->frame.count; i++)
		if (sql_frame_take(&r->frame.columns[i], (uint32_t)r->count, &r->schema->fields[r->fields[i]],
			&r->row.values[r->fields[i]], err) != 0)
			return -1;
	return sql_row_check_keys(r->schema, &r->row, err) != 0 ? -1 : 1;
}

int rows_in_next(struct rows_in *r, struct sql_error *err)
{
	int status = r->documents != NULL ? next_document(r, err) : next_of_frame(r, err);

	if (status < 0)
		return rows_in_wrong(r->count, err);
	r->count += (uint64_t)status;
	return status;
}
