/* history.h: the past of markets out of a store: `history = STORE [EXCHANGE]` of an [exchange:...] section.
 *
 * What strategies ask for (AQ_EV_PAST) goes to the store first. Candles come from the table klines: those of the interval that is
 * asked for, else those of a minute; trades from the table trades, where they have ids. Of what stands there the last piece counts
 * of which nothing is missing: it begins behind the last candle of which no host knew all trades. Then the adapter is asked for
 * the rest. EXCHANGE is the name under which the market was recorded; without it, that of the section. */
#ifndef AQ_HOST_HISTORY_H
#define AQ_HOST_HISTORY_H

#include "host/config.h"

struct host;
struct aq_event;

/* What is wrong with the key `history` of a section, if it has one, is an error. */
void history_check(const struct config *c, const struct config_section *s, struct config_errors *e);
/* True: the store is asked, and the event comes back when it has answered. */
bool history_takes(struct host *h, uint32_t exchange, struct aq_event *event);
/* A store that takes too long is not waited for. */
void history_step(struct host *h);
void history_close(struct host *h);

#endif
