/* markets.h: what an import must know of a venue and its instruments, since a recording of streams does not say it. */
#ifndef REPLAY_MARKETS_H
#define REPLAY_MARKETS_H

#include <binance/wire.h>

#include <stdbool.h>

struct replay_venue {
	const char *name;
	uint8_t kind; /* enum aq_instrument_kind */
	uint8_t px_digits, qty_digits;
	int (*decode)(
		const char *text, size_t length, struct aq_event *out, size_t room, struct binance_message *message);
};

/* As written on the command line; NULL = from the table. */
struct replay_filters {
	const char *base, *quote, *tick, *lot, *min_notional;
};

/* For messages: what there is. */
extern const char replay_venue_names[];
/* NULL when there is no such venue. */
const struct replay_venue *replay_venue_find(const char *name);
/* The table has this instrument. */
bool replay_instrument_known(const char *venue, const char *symbol);
/* Fills *out. AQ_ENOENT when the table does not know the symbol and `given` does not say all. */
int replay_instrument(const struct replay_venue *venue, const char *symbol, const struct replay_filters *given,
	struct aq_instrument *out, struct aq_err *err);

#endif
