/* replay_levels.h: one side of a book as a recorder keeps it, a text of anyone: [[price, quantity], ...], best first. */
#ifndef AQ_HOST_REPLAY_LEVELS_H
#define AQ_HOST_REPLAY_LEVELS_H

#include <aioquant/types.h>
#include <stddef.h>

#define REPLAY_LEVELS_MAX 2000 /* of a side: both fit a frame */

/* At SIM_STORED_DIGITS. Returns how many there are; AQ_EFORMAT, and *why says what is wrong. */
int32_t replay_levels(
	const char *text, size_t length, enum aq_side side, struct aq_level out[REPLAY_LEVELS_MAX], const char **why);

#endif
