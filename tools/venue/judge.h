/* judge.h: writes the venue's record (exchanges/sim/venue/records.h) to a file. */
#ifndef VENUE_JUDGE_H
#define VENUE_JUDGE_H

#include "sim/venue/venue.h"

/* To PATH.part, which then takes the place of PATH: who reads PATH never sees a part. -1 and a line on stderr. */
int judge_write(const struct sim_venue *v, const char *path);

#endif
