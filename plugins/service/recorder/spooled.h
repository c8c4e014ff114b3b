/* spooled.h: market data and equity as they wait in a spool: whole in themselves, since the ids of instruments and
 * accounts may mean others when they are read. */
#ifndef RECORDER_SPOOLED_H
#define RECORDER_SPOOLED_H

#include "line.h"

#include <aioquant/event.h>
#include <aioquant/service.h>

#define SPOOLED_FORMAT 1

enum spooled_kind { SPOOLED_KLINE = 1, SPOOLED_TRADE = 2, SPOOLED_BOOK = 3, SPOOLED_ACCOUNT = 4, SPOOLED_POSITION = 5 };

struct spooled_head {
	uint8_t format, kind; /* SPOOLED_FORMAT, enum spooled_kind */
	uint8_t px_digits, qty_digits;
	uint32_t reserved;
	int64_t time_ns;
	char market[96]; /* "" = none */
};

struct spooled_kline {
	struct spooled_head head;
	struct aq_kline kline;
};

struct spooled_trade {
	struct spooled_head head;
	int64_t arrival_ns;
	struct aq_trade trade;
};

/* Levels follow: bids, then asks. */
struct spooled_book {
	struct spooled_head head;
	uint32_t bids, asks;
};
#define SPOOLED_LEVELS(book) ((struct aq_level *)(void *)((struct spooled_book *)(void *)(book) + 1))

struct spooled_account {
	struct spooled_head head;
	uint8_t is_valued, reserved[7];
	struct aq_amt equity;
	char account[48], currency[16];
};

struct spooled_position {
	struct spooled_head head;
	uint8_t is_valued, reserved[7];
	aq_qty qty;
	aq_px avg_price;
	struct aq_amt realised, unrealised, bought, sold;
	char account[48], strategy[48], currency[16];
};

#endif
