/* times.h: moments for people. */
#ifndef REPLAY_TIMES_H
#define REPLAY_TIMES_H

#include <stdint.h>

#define TIME_TEXT 40

/* "2024-08-08 23:54:13.123", UTC, with as many digits as it needs; returns `out`. */
const char *time_text(int64_t time_ns, char out[TIME_TEXT]);

#endif
