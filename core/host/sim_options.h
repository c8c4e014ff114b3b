/* sim_options.h: the options of a simulated venue from its INI sections; for the host and for tools/venue.
 *
 * [exchange:NAME]  capture = FILE, FILE ...      relative to the folder of the INI file; a list, which may repeat
 *                  feed_latency, entry_latency, response_latency = 5ms
 *                  capture = store:NAME MARKET   or what a recorder has kept (sim_stored.h), one market an item
 *                  start, end = TIME             part of the captures; from a store both must be given
 *                  warmup = 5m                   instead of start: so much behind the begin of the first one
 *                  funding = TIME SYMBOL RATE    a list, which may repeat
 * [account:NAME]   exchange = NAME of that section
 *                  balance = 50000 USDT, 1 BTC   a list, which may repeat
 *                  fee_maker, fee_taker = 2bps
 *                  position_mode = netting | hedging
 *                  leverage = 3
 *                  transfer = TIME AMOUNT ASSET  a list, which may repeat; below zero = taken out
 * TIME is 2024-08-08T16:00:00Z, with a fraction of a second if need be, or nanoseconds since 1970.
 */
#ifndef AQ_HOST_SIM_OPTIONS_H
#define AQ_HOST_SIM_OPTIONS_H

#include "host/config.h"
#include "host/sim_stored.h"

#include "sim/venue/venue.h"

struct sim_options {
	struct sim_venue_options venue; /* its pointers belong to this struct */
	const struct sim_stored *stored; /* markets that are to be read from stores, in place of captures */
	uint32_t stored_count;
	void *memory;
};

/* Errors go to `e`; returns how many there were. Freed by sim_options_free in either case. Files are not opened. */
int sim_options_read(struct sim_options *out, const struct config *c, const struct config_section *exchange,
	struct config_errors *e);
void sim_options_free(struct sim_options *o);

/* In place of what was to be read from stores: the capture that it was written into; copied. */
void sim_options_capture(struct sim_options *o, const char *path);

/* Only looks, at every [exchange:...] and its accounts. Returns the number of errors. */
int sim_options_check(const struct config *c, struct config_errors *e);

/* A time as above. 0 or AQ_EFORMAT with a message. */
int sim_options_time(const char *text, int64_t *ns, struct aq_err *err);
/* As it would be written: 2024-08-08T16:00:00.25Z; returns `out`. */
#define SIM_TIME_TEXT 40
const char *sim_options_time_text(int64_t ns, char out[SIM_TIME_TEXT]);

#endif
