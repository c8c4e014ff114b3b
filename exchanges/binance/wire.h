/* wire.h: what the market data of Binance's spot and USD-M venues have in common: the envelope, the names of fields,
 * and the records that come out the same. decode.h of each venue adds what differs.
 *
 * Digits: 8 and 8 on both. Spot states every price and quantity with eight digits, and its upper filter bounds (maxQty
 * 92141578.00000000, maxPrice 922327.00000000) are what fits in 64 bits at 10^-8. USD-M states fewer today, but its
 * instrument list gives baseAssetPrecision and quotePrecision 8 and mark prices have eight digits.
 */
#ifndef BINANCE_WIRE_H
#define BINANCE_WIRE_H

#include <aioquant/event.h>
#include <json.h>

#define BINANCE_PX_DIGITS 8
#define BINANCE_QTY_DIGITS 8

/* What is known of a message besides its record. Slices are borrowed from its text. */
struct binance_message {
	struct aq_slice stream; /* of the envelope {"stream","data"}, else empty */
	struct aq_slice symbol; /* as the venue spells it; empty in a REST snapshot */
	int64_t sent_ns;        /* the venue's event time; 0 = not given */
};

/* The fields of one message by their names, not yet converted. An absent one has text NULL. */
struct binance_wire {
	struct aq_slice e, s, E, T, U, u, pu, t, p, q, b, B, a, A, r, i, X;
	struct aq_slice last_update, stream;
	struct aq_slice waiting_asks; /* asks that came before the bids, raw */
	uint8_t maker_buys;           /* m: 0 absent, 1 false, 2 true */
	bool has_bids, has_asks;      /* as arrays of levels */
	struct aq_event *out;
	struct aq_level *levels;
	uint32_t space;            /* bytes of `out` */
	uint32_t room, bids, asks; /* numbers of levels */
	int status;                /* AQ_ESPACE or AQ_EFORMAT when a value could not be used */
};

/* Reads a whole message. Levels go to their place behind an aq_book_update in `out`. AQ_EFORMAT, AQ_ESPACE. */
int binance_wire_read(struct binance_wire *w, const char *text, size_t length, struct aq_event *out, size_t room);
void binance_wire_describe(const struct binance_wire *w, struct binance_message *message);

/* Each turns what was read into a record in `out` and returns its size, or AQ_EFORMAT (a field is missing or no
 * number), AQ_ESPACE. They set type, size and venue_ns and leave the rest of the header 0. */
int binance_wire_snapshot(struct binance_wire *w);
int binance_wire_delta(struct binance_wire *w, uint64_t follows, uint64_t reaches);
int binance_wire_ticker(struct binance_wire *w);
int binance_wire_trade(struct binance_wire *w, struct aq_slice id);
/* Converts. AQ_EFORMAT when it is absent or no number. Times: milliseconds or, where the stream was asked for them,
 * microseconds, told apart by their size. */
int binance_wire_uint(struct aq_slice field, uint64_t *out);
int binance_wire_time(struct aq_slice field, int64_t *out_ns);
/* Starts a record of `body` bytes; NULL when it does not fit. */
void *binance_wire_record(struct binance_wire *w, uint16_t type, size_t body);

#endif
