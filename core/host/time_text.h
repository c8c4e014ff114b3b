/* time_text.h: times as people write them. Pure. */
#ifndef AQ_HOST_TIME_TEXT_H
#define AQ_HOST_TIME_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* 2024, 2024-08, 2024-08-08, with hours and minutes, seconds, a fraction, behind a T or a blank, Z or not; UTC. False: it is none, or
 * beyond 64 bits. */
bool time_text_parse(const char *text, size_t length, int64_t *ns);

#endif
