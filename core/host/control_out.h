/* control_out.h: a body being written: bytes up to a bound, and never half a row. Inside of control only. */
#ifndef AQ_HOST_CONTROL_OUT_H
#define AQ_HOST_CONTROL_OUT_H

#include "host/control_result.h"

#include <string.h>

/* Room that is kept for remarks behind the tables. */
#define OUT_RESERVE (64u * 1024u)

struct out {
	char *bytes;
	uint32_t used, most;
	bool full; /* something had no room */
};

static inline void out_bytes(struct out *o, const char *bytes, size_t length)
{
	if (length > o->most - o->used) {
		o->full = true;
		return;
	}
	memcpy(o->bytes + o->used, bytes, length);
	o->used += (uint32_t)length;
}

static inline void out_text(struct out *o, const char *text)
{
	out_bytes(o, text, strlen(text));
}

/* Characters, not bytes; everything that we print is one column wide. */
static inline uint32_t out_width(const char *text)
{
	uint32_t width = 0;

	for (; *text != '\0'; text++)
		width += ((unsigned char)*text & 0xc0) != 0x80;
	return width;
}

static inline void out_fill(struct out *o, size_t blanks)
{
	for (; blanks > 0; blanks--)
		out_bytes(o, " ", 1);
}

static inline const char *out_cell(const struct result *r, const struct table *t, uint32_t row, uint32_t column)
{
	return r->bytes + r->cells[t->first + row * t->column_count + column];
}

/* After each row: takes back what was written since `mark` if it had no room. */
static inline bool out_row_fits(struct out *o, struct table *t, uint32_t mark)
{
	if (o->full) {
		o->used = mark;
		o->full = false;
		t->left += t->cells / t->column_count - t->shown;
		return false;
	}
	t->shown++;
	return true;
}

#endif
