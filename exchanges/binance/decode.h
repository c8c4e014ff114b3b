/* decode.h: market data of Binance spot, from the bytes of one message to one record, without input and output.
 *
 * Chain of the book: a delta covers the updates U to u, so it follows U - 1 and reaches u; a REST snapshot reaches
 * lastUpdateId and may lie inside the first delta (overlap).
 */
#ifndef BINANCE_DECODE_H
#define BINANCE_DECODE_H

#include <binance/wire.h>

/* Decodes one message of a stream (in its envelope or bare) or one REST snapshot of at most about 2,000 levels a side.
 * `out` gets an event of type AQ_EV_BOOK_UPDATE, AQ_EV_TICKER or AQ_EV_TRADE with size, type and venue_ns; instrument
 * and arrival are the caller's. Returns its size, 0 for a message that is nothing to us (an answer, another stream),
 * AQ_EFORMAT, or AQ_ESPACE when `room` (AQ_EVENT_MAX is always used at most) is too small. */
int binance_decode(const char *text, size_t length, struct aq_event *out, size_t room, struct binance_message *message);

#endif
