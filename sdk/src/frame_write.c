/* frame_write.c: columns and rows as they come (aioquant/frame.h); frame_cells.c has their cells, and frame_end.c makes the frame
 * of them. */
#include <frame_write.h>

#include <decimal128.h>
#include <string.h>
#include <utf8.h>

size_t frame_head_at(uint32_t column)
{
	return sizeof(struct aq_frame) + column * sizeof(struct aq_column);
}

struct aq_column frame_head(const struct aq_frame_writer *f, uint32_t column)
{
	struct aq_column head;

	memcpy(&head, f->buffer + frame_head_at(column), sizeof(head));
	return head;
}

void frame_set_head(struct aq_frame_writer *f, uint32_t column, const struct aq_column *head)
{
	memcpy(f->buffer + frame_head_at(column), head, sizeof(*head));
}

size_t frame_width(uint8_t type)
{
	switch (type) {
	case AQ_COL_BOOL:
		return 1;
	case AQ_COL_DECIMAL128:
		return AQ_DECIMAL128_BYTES;
	case AQ_COL_TEXT:
	case AQ_COL_BYTES:
		return 0;
	default:
		return 8;
	}
}

size_t frame_array_size(const struct aq_column *head, size_t rows)
{
	size_t width = frame_width(head->type);

	return width > 0 ? rows * width : (rows + 1) * sizeof(uint32_t) + head->length;
}

/* ---- columns ---- */

void aq_frame_begin(struct aq_frame_writer *f, void *buffer, size_t room, size_t longest)
{
	*f = (struct aq_frame_writer){.buffer = buffer, .room = room, .longest = longest, .rows_at = room, .row_at = room};
	if (buffer == NULL)
		f->status = AQ_EINVAL;
	if (f->longest > UINT32_MAX)
		f->longest = UINT32_MAX; /* a column has no more */
}

static bool has_column(const struct aq_frame_writer *f, const char *name)
{
	for (uint32_t i = 0; i < f->columns; i++)
		if (strcmp(frame_head(f, i).name, name) == 0)
			return true;
	return false;
}

static int32_t check_column(const struct aq_frame_writer *f, const char *name, int type, unsigned digits)
{
	size_t length = name != NULL ? strlen(name) : 0;

	if (f->ended || f->rows > 0 || f->cells > 0)
		return AQ_ESTATE;
	if (type < AQ_COL_INT64 || type > AQ_COL_DECIMAL128 || digits > AQ_AMT_DIGITS || length == 0 ||
		length >= sizeof(((struct aq_column *)NULL)->name) || has_column(f, name))
		return AQ_EINVAL;
	if (!aq_utf8_valid(name, length))
		return AQ_EFORMAT;
	return f->columns == AQ_FRAME_COLUMNS || frame_head_at(f->columns + 1) > f->room ? AQ_ESPACE : AQ_OK;
}

static void add_column(struct aq_frame_writer *f, const char *name, int type, unsigned digits)
{
	struct aq_column head = {.type = (uint8_t)type, .digits = (uint8_t)digits};

	if (f->status == AQ_OK)
		f->status = check_column(f, name, type, digits);
	if (f->status != AQ_OK)
		return;
	memcpy(head.name, name, strlen(name));
	frame_set_head(f, f->columns++, &head);
}

void aq_frame_column(struct aq_frame_writer *f, const char *name, enum aq_column_type type)
{
	add_column(f, name, type == AQ_COL_DECIMAL ? 0 : (int)type, 0); /* that one needs its digits */
}

void aq_frame_decimals(struct aq_frame_writer *f, const char *name, unsigned digits)
{
	add_column(f, name, AQ_COL_DECIMAL, digits);
}

/* ---- rows ---- */

static uint32_t take_number(const struct aq_frame_writer *f, size_t *at)
{
	uint32_t number;

	*at -= sizeof(number);
	memcpy(&number, f->buffer + *at, sizeof(number));
	return number;
}

struct frame_cell frame_take_cell(const struct aq_frame_writer *f, uint8_t type, size_t *at)
{
	struct frame_cell cell = {.length = (uint32_t)frame_width(type)};
	uint8_t null = f->buffer[--*at];

	if (null)
		return (struct frame_cell){0};
	if (cell.length == 0)
		cell.length = take_number(f, at);
	*at -= cell.length;
	cell.at = f->buffer + *at;
	return cell;
}

/* Adds a cell to what its column's head counts. */
static void count_cell(struct aq_column *head, struct frame_cell cell)
{
	if (cell.at == NULL)
		head->nulls = 1;
	else if (frame_width(head->type) == 0)
		head->length += cell.length;
}

/* The length that the frame would have with the row in hand. */
static size_t length_with_row(const struct aq_frame_writer *f)
{
	size_t at = f->rows_at, length = sizeof(struct aq_frame), rows = (size_t)f->rows + 1;

	for (uint32_t i = 0; i < f->columns; i++) {
		struct aq_column head = frame_head(f, i);

		count_cell(&head, frame_take_cell(f, head.type, &at));
		length += sizeof(head) + frame_nulls_size(&head, rows) + frame_padded(frame_array_size(&head, rows));
	}
	return length;
}

static void accept_row(struct aq_frame_writer *f)
{
	size_t at = f->rows_at;

	for (uint32_t i = 0; i < f->columns; i++) {
		struct aq_column head = frame_head(f, i);

		count_cell(&head, frame_take_cell(f, head.type, &at));
		frame_set_head(f, i, &head);
	}
	f->rows_at = at;
	f->rows++;
}

static int32_t judge_row(const struct aq_frame_writer *f)
{
	size_t length;

	if (f->status != AQ_OK)
		return f->status;
	if (f->ended)
		return AQ_ESTATE;
	if (f->row_status != AQ_OK)
		return f->row_status;
	if (f->columns == 0 || f->cells != f->columns)
		return AQ_EINVAL;
	length = length_with_row(f);
	return length > f->longest || length > f->row_at ? AQ_ESPACE : AQ_OK; /* the frame ends where the rows begin */
}

int32_t aq_frame_row(struct aq_frame_writer *f)
{
	int32_t status = judge_row(f);

	if (status == AQ_OK)
		accept_row(f);
	f->row_at = f->rows_at;
	f->row_status = AQ_OK;
	f->cells = 0;
	return status;
}
