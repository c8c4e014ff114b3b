/* all.h: the same request to several hosts. */
#ifndef AQCTL_ALL_H
#define AQCTL_ALL_H

#include "find.h"

/* Asks one after the other, then prints `before` and all answers, each under its host's name; `json`: one array. Returns
 * an exit status: CONTROL_PARTLY when some did it, the highest when none did. */
int all_ask(const struct sockets *sockets, const char *line, int timeout_s, bool json, const char *before);

#endif
