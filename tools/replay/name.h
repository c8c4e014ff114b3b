/* name.h: what the name of a file of market data says, where it has one of the known forms:
 *
 *	SYMBOL-trades-2024-08-08, SYMBOL-aggTrades-2024-08, SYMBOL-1m-2024-08       Binance's public data
 *	20180404_symbol_minute_trade[_perp]; .../hour/symbol_trade, .../daily/...   Lean's, in crypto/VENUE or cryptofuture/VENUE
 */
#ifndef REPLAY_NAME_H
#define REPLAY_NAME_H

#include <stdbool.h>
#include <stdint.h>

struct replay_name {
	char symbol[48];   /* capital letters; "" = not known */
	uint8_t interval;  /* of candles; 0 = not known */
	int64_t day_ns;    /* the day whose times the file holds as ms since midnight; INT64_MIN = none */
	const char *venue; /* as `--venue` has it; NULL = not known */
	bool lean;
	bool quotes;       /* candles of bid and ask */
};

/* `inner`: the file's name in its archive, or "". */
void replay_name_read(const char *path, const char *inner, struct replay_name *out);
/* "1m", as names and options write intervals; 0 = none of these. */
uint8_t replay_interval(const char *text);

#endif
