/* frame_end.c: rows that have been added become columns (aioquant/frame.h). The frame ends below the rows, so both may lie in
 * one buffer. */
#include <frame_write.h>

#include <string.h>

/* Where a column's head, its nulls and its array lie in the frame. */
struct place {
	size_t head, nulls, array;
	uint8_t type, has_nulls;
};

/* Where the columns will lie; returns the length of the frame. */
static size_t find_places(const struct aq_frame_writer *f, struct place places[AQ_FRAME_COLUMNS])
{
	size_t at = sizeof(struct aq_frame);

	for (uint32_t i = 0; i < f->columns; i++) {
		struct aq_column head = frame_head(f, i);
		struct place *p = &places[i];

		p->head = at;
		p->nulls = at + sizeof(head);
		p->array = p->nulls + frame_nulls_size(&head, f->rows);
		p->type = head.type;
		p->has_nulls = head.nulls;
		at = p->array + frame_padded(frame_array_size(&head, f->rows));
	}
	return at;
}

/* From the last to the first: no head moves toward the begin, so none is lost to one that has moved. What lies between them
 * is zero then. */
static void move_heads(struct aq_frame_writer *f, const struct place *places, size_t length)
{
	size_t end = length;

	for (uint32_t i = f->columns; i-- > 0;) {
		struct aq_column head = frame_head(f, i);
		size_t begin = places[i].head;

		head.length = (uint32_t)frame_array_size(&head, f->rows);
		memset(f->buffer + begin, 0, end - begin);
		memcpy(f->buffer + begin, &head, sizeof(head));
		end = begin;
	}
}

/* The offset behind a row's text follows from the one before it. */
static void place_text(struct aq_frame_writer *f, const struct place *p, uint32_t row, struct frame_cell cell)
{
	uint8_t *offsets = f->buffer + p->array, *texts = offsets + ((size_t)f->rows + 1) * sizeof(uint32_t);
	uint32_t offset, next;

	memcpy(&offset, offsets + (size_t)row * sizeof(offset), sizeof(offset));
	next = offset + cell.length;
	memcpy(offsets + ((size_t)row + 1) * sizeof(next), &next, sizeof(next));
	if (cell.length > 0)
		memcpy(texts + offset, cell.at, cell.length);
}

static void place_cell(struct aq_frame_writer *f, const struct place *p, uint32_t row, struct frame_cell cell)
{
	size_t width = frame_width(p->type);

	if (cell.at == NULL)
		f->buffer[p->nulls + row / 8] |= (uint8_t)(1u << row % 8);
	if (width == 0)
		place_text(f, p, row, cell);
	else if (cell.at != NULL)
		memcpy(f->buffer + p->array + row * width, cell.at, width);
}

int64_t aq_frame_end(struct aq_frame_writer *f)
{
	struct place places[AQ_FRAME_COLUMNS];
	struct aq_frame head = {.rows = f->rows, .columns = f->columns};
	size_t length, at = f->room;

	if (f->status != AQ_OK)
		return f->status;
	if (f->ended || f->columns == 0)
		return f->ended ? AQ_ESTATE : AQ_EINVAL;
	length = find_places(f, places);
	if (length > f->longest || length > f->rows_at)
		return AQ_ESPACE; /* not even without rows */
	f->ended = true;
	move_heads(f, places, length);
	memcpy(f->buffer, &head, sizeof(head));
	for (uint32_t row = 0; row < f->rows; row++)
		for (uint32_t i = 0; i < f->columns; i++)
			place_cell(f, &places[i], row, frame_take_cell(f, places[i].type, &at));
	return (int64_t)length;
}

/* Back to where they lie while rows are added, from the first to the last. */
static void gather_heads(struct aq_frame_writer *f)
{
	size_t at = sizeof(struct aq_frame);

	for (uint32_t i = 0; i < f->columns; i++) {
		struct aq_column head;

		memcpy(&head, f->buffer + at, sizeof(head));
		at += sizeof(head) + frame_nulls_size(&head, f->rows) + frame_padded(head.length);
		frame_set_head(f, i, &head);
	}
}

void aq_frame_again(struct aq_frame_writer *f)
{
	if (f->ended)
		gather_heads(f);
	for (uint32_t i = 0; i < f->columns; i++) {
		struct aq_column head = frame_head(f, i);

		head.length = 0;
		head.nulls = 0;
		frame_set_head(f, i, &head);
	}
	f->rows_at = f->row_at = f->room;
	f->rows = f->cells = 0;
	f->row_status = AQ_OK;
	f->ended = false;
}
