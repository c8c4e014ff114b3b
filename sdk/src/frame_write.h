/* frame_write.h: what the parts of the frame's writer share: rows as they come, and the frame that is made of them.
 *
 * The heads of the columns lie one behind the other behind the frame's head; meanwhile `length` of one is the sum of the bytes
 * of its texts, and `nulls` says whether a row has one. Rows lie at the end of the buffer and grow toward its begin, cell by
 * cell, each at lower addresses than the one before: a byte, 1 = null, else 0 and below it the value; of texts and bytes their
 * length, and below it the bytes. */
#ifndef AQ_FRAME_WRITE_H
#define AQ_FRAME_WRITE_H

#include <aioquant/frame.h>

struct frame_cell {
	const uint8_t *at; /* NULL = null */
	uint32_t length;
};

/* Bytes of a value in the array; 0 = texts and bytes. */
size_t frame_width(uint8_t type);
/* Padded to 8. */
static inline size_t frame_padded(size_t length)
{
	return (length + 7) / 8 * 8;
}
static inline size_t frame_nulls_size(const struct aq_column *c, size_t rows)
{
	return c->nulls ? frame_padded((rows + 7) / 8) : 0;
}
/* Where heads lie while rows are added; of as many columns as there are: where they end. */
size_t frame_head_at(uint32_t column);
struct aq_column frame_head(const struct aq_frame_writer *f, uint32_t column);
void frame_set_head(struct aq_frame_writer *f, uint32_t column, const struct aq_column *head);
/* Bytes of the array, of a head while rows are added. */
size_t frame_array_size(const struct aq_column *head, size_t rows);
/* The cell that ends at *at, which moves below it. */
struct frame_cell frame_take_cell(const struct aq_frame_writer *f, uint8_t type, size_t *at);

#endif
