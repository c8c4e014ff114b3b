/* file.h: one capture file, mapped and checked from its first byte to its last. */
#ifndef SIM_VENUE_FILE_H
#define SIM_VENUE_FILE_H

#include "sim/frame.h"

/* What a file has of a market. */
enum { SIM_HOLDS_MATTER = 1, /* books or trades: what fills an order */ SIM_HOLDS_CANDLES = 2 };

struct sim_file {
	char *path;
	const uint8_t *bytes; /* the mapping; lives until sim_file_close */
	uint64_t length;
	uint64_t begin;  /* offset of the first market frame; = length when there is none */
	uint64_t frames; /* market frames */
	int64_t first_ns, last_ns;
	uint32_t markets;
	const struct aq_instrument **instruments; /* by the file's own index, from 0 */
	uint8_t *holds; /* SIM_HOLDS_* by the file's own index, from 0 */
	uint16_t *market; /* the file's index from 0 -> index in the timeline from 1; filled by the timeline */
};

/* Errors name the file and the offset of the frame. What was opened before an error is freed by sim_file_close. */
int sim_file_open(struct sim_file *f, const char *path, struct aq_err *err);
void sim_file_close(struct sim_file *f);

static inline const struct sim_frame *sim_file_frame(const struct sim_file *f, uint64_t offset)
{
	return (const struct sim_frame *)(const void *)(f->bytes + offset);
}

/* Fills *err (which may be NULL) and returns `code`. */
int sim_error(struct aq_err *err, int code, const char *format, ...) __attribute__((format(printf, 3, 4)));

#endif
