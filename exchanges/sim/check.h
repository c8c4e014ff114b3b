/* check.h: is a frame well formed? Frames come from files and sockets, so nothing in one is believed before this. */
#ifndef SIM_CHECK_H
#define SIM_CHECK_H

#include "sim/frame.h"

#include <stdbool.h>

/* NULL, or why the header alone (which is all that must be readable) cannot be one. */
const char *sim_header_fault(const struct sim_frame *frame);
/* NULL, or what is wrong in the body of a frame that is whole in memory and 8-aligned, and whose header is good. */
const char *sim_body_fault(const struct sim_frame *frame);
/* `bytes` holds a NUL. */
bool sim_text_ends(const char *bytes, size_t size);

#endif
