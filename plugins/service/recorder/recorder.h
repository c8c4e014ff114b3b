/* recorder.h: the service: its options, its streams, and the market data that it puts into their spools. */
#ifndef RECORDER_RECORDER_H
#define RECORDER_RECORDER_H

#include "spooled.h"
#include "stream.h"

#define INSTRUMENTS_MAX 4096

/* A market of which something is recorded. */
struct instrument {
	uint32_t id;
	uint8_t px_digits, qty_digits;
	char name[96]; /* EXCHANGE:SYMBOL */
};

/* What a reload keeps. */
struct recorder_kept {
	int64_t timer;
	int64_t unsent[ROWS_KINDS]; /* calls of which the store's queue has had no room for all; 0 = none */
};

struct recorder {
	struct aq_store_line lines[ROWS_KINDS]; /* options */
	char markets[4096];
	char spool[256];
	int64_t flush_ns;
	struct rows_host rows_host;
	const struct aq_view_api *view;
	const struct aq_spool_api *spools;
	const struct aq_store_api *store;
	struct stream streams[ROWS_KINDS];
	uint64_t calls;   /* tag of the last one */
	char folder[256]; /* of the spools */
	int64_t limit;    /* bytes of each spool */
	struct instrument *instruments;
	uint32_t instrument_count;
	uint32_t unresolved;        /* of `markets`, not known yet: a bit for each of the first 32 */
	int64_t book_ns, equity_ns; /* the next of them */
	bool stopping;
	struct recorder_kept kept;
};

/* recorder_market.c: asks for what the lines want, and appends it to the spools. */
void market_start(struct recorder *r);
void market_event(struct recorder *r, const struct aq_event *event);
/* Books and equity, whose time has come. */
void market_tick(struct recorder *r);
/* What accounts are worth at the end; nothing more comes into the spools, or they would never be empty. */
void market_stop(struct recorder *r);

#endif
