/* check_world.h: what a start would know of markets, without starting: the instruments in the journal of the state
 * folder and in the captures. */
#ifndef AQ_HOST_CHECK_WORLD_H
#define AQ_HOST_CHECK_WORLD_H

#include "host/host.h"

struct check_world {
	struct host host;          /* has options, configuration and flow, and nothing that runs */
	bool whole[INSTANCES_MAX]; /* by the flow's id of an exchange: its captures have all instruments that there are
				    */
	struct config_errors *errors; /* of a start */
	struct config_errors *doubts; /* what could not be looked at */
	struct config_errors *told;   /* what options_read has told of already */
};

/* Fills a world that is zero but for `errors` and `doubts`. `c` outlives it. */
void check_world_open(struct check_world *w, struct config *c, const struct host_options *o);
void check_world_close(struct check_world *w);
/* Resolves as a start would; a market that no capture of its exchange has is an error. */
struct config_resolver check_world_resolver(struct check_world *w);
/* Whether all instruments of an exchange (0: of all exchanges) are known. For options_check_positions. */
bool check_world_whole(void *world, uint32_t exchange);

#endif
