/* serve.h: a simulated venue behind a socket, for one host at a time; a second one waits, a third is turned away.
 *
 * Lockstep: the venue owns the clock. It says all of a moment, ends it with TICK and waits for DONE, which brings the
 * host's next timer; the next moment is the earlier of that and the capture's. When the host is lost, up to
 * `down_max_ns` of the capture pass, then time stands still until the next hello. Behind the end of the capture the
 * host's timers are served for ten seconds more, so that what is under way comes to an end, but not for ever.
 *
 * At a rate: frames come by the wall clock whether the host reads or not; what it does not read waits here. The first
 * frame comes 200 ms after the first subscription, so that none is missed.
 *
 * Copies: after SIGHUP, as soon as no host is there, it stands still and serves nobody. Each line `ADDRESS FILE` of
 * standard input then makes a copy of it in a process of its own, which serves one host at ADDRESS, and when that has
 * gone writes the record to FILE at once and ends. It says `listening ADDRESS ...` like the original. At the end of
 * standard input the original ends, and every copy with it.
 */
#ifndef VENUE_SERVE_H
#define VENUE_SERVE_H

#include "sim/venue/venue.h"

struct serve_options {
	const char *listen; /* unix:PATH or tcp:ADDRESS:PORT */
	const char *record; /* NULL = none */
	uint64_t seed;
	int64_t down_max_ns;
	int64_t queue_max; /* bytes that may wait for the host */
	bool stay;         /* also behind the end of the capture a host may come */
	bool quiet;
};

/* Serves until SIGTERM or SIGINT, or until the capture has ended and the host has gone. SIGUSR2 ends the capture where
 * it is. 0, or -1 with a line on stderr. */
int serve(struct sim_venue *venue, const struct sim_venue_options *venue_options, const struct serve_options *options);

#endif
