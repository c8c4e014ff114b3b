/* sim_stored.h: a line that has a simulated venue play what a recorder has kept in a store:
 *
 *	capture = store:NAME EXCHANGE:SYMBOL [tick=0.01] [lot=0.00001]
 *
 * EXCHANGE:SYMBOL is the market as it stands in the tables; here it is SYMBOL of the section's exchange. */
#ifndef AQ_HOST_SIM_STORED_H
#define AQ_HOST_SIM_STORED_H

#include <aioquant/types.h>

#include <stdbool.h>

#define SIM_STORED_DIGITS 8 /* of prices and quantities */

struct sim_stored {
	char store[48];
	char market[96];
	struct aq_instrument instrument; /* tick and lot 0: the finest that are seen */
};

/* An item of `capture` that is no file. */
bool sim_stored_is(const char *item);
/* AQ_OK, or AQ_EFORMAT with what is allowed. Nothing is looked up. */
int sim_stored_read(const char *item, struct sim_stored *out, struct aq_err *err);

#endif
