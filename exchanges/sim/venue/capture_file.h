/* capture_file.h: writes capture files (frame.h), and reads them one frame after the other. */
#ifndef SIM_VENUE_CAPTURE_FILE_H
#define SIM_VENUE_CAPTURE_FILE_H

#include "sim/frame.h"

#include <stdio.h>

#define CAPTURE_FRAME_MAX (2 * AQ_EVENT_MAX)

/* Writes to PATH.part, which takes the place of PATH when all of it is there. */
struct capture_writer {
	FILE *file;
	char part[512];
	const char *path; /* borrowed */
	struct sim_capture head;
};
/* `head` has source and shift_ns; the rest is filled in here. */
int capture_create(struct capture_writer *w, const char *path, const struct sim_capture *head,
	const struct aq_instrument *instruments, uint32_t count, struct aq_err *err);
/* One market frame: `frame` with its type, market and times; size comes from `length`, a multiple of 8. */
int capture_write(
	struct capture_writer *w, struct sim_frame frame, const void *body, size_t length, struct aq_err *err);
/* In place of the instrument that was given to capture_create: what its filters are may be known last. `index` from 1. */
int capture_instrument(
	struct capture_writer *w, uint32_t index, const struct aq_instrument *instrument, struct aq_err *err);
int capture_commit(struct capture_writer *w, struct aq_err *err);
/* Leaves nothing behind. Not needed after capture_commit, whatever that returned. */
void capture_abandon(struct capture_writer *w);

struct capture_reader {
	FILE *file;
	const char *path; /* borrowed */
	uint64_t offset;
	int64_t last_ns;
	uint32_t instruments_left;
	struct sim_capture head;
	struct sim_frame *frame; /* CAPTURE_FRAME_MAX bytes */
};
int capture_open(struct capture_reader *r, const char *path, struct aq_err *err);
/* The next frame, valid until the next call, in r->frame: first the instruments, then the market frames. Returns 1, 0
 * at the end, or an error. A frame given out is whole: its size fits its type and what it says it holds. */
int capture_next(struct capture_reader *r, struct aq_err *err);
void capture_close(struct capture_reader *r);

#endif
