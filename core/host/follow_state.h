/* follow_state.h: what is known of the strategy that is followed, for the files that begin with follow. */
#ifndef AQ_HOST_FOLLOW_STATE_H
#define AQ_HOST_FOLLOW_STATE_H

#include "host/follow_split.h"
#include "host/host.h"

#define FOLLOW_TEXT 160

/* Something that happened, at a time of the host. */
struct happening {
	int64_t at_ns;
	char text[FOLLOW_TEXT]; /* "" = nothing */
};

struct follow {
	struct host *host;
	char name[48];                        /* "" = nobody watches */
	uint32_t instrument, account;
	/* figures */
	struct split split;
	uint64_t fills, bought, sold, makers; /* since it is followed */
	uint64_t seen;                        /* number of the newest fill that is in them */
	aq_qty max_position;
	struct aq_amt best, drawdown;
	aq_px quotes[2];                      /* last price of our bid and ask; 0 = none yet */
	/* events a second */
	uint64_t counted, rate;
	int64_t counted_wall_ns;
	/* what happened last of each kind */
	struct happening said[2];             /* reloads and notes from outside, newest first */
	struct happening traded[2];
	struct happening quoted;
	char hint[FOLLOW_TEXT];
	bool end_told;
};

/* The field of an option of that name and type; NULL when it has none. */
const void *follow_option(const struct instance *i, const char *name, uint16_t type);

/* NULL while it does not run. */
struct instance *follow_instance(const struct follow *f);
/* The market that it trades; only when `instrument` is known. */
const struct market *follow_market(const struct follow *f);
/* Market events since the begin: of the captures, else of the market that is followed. */
uint64_t follow_events(const struct follow *f);

#endif
