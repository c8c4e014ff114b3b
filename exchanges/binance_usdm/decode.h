/* decode.h: market data of Binance USD-M futures, from the bytes of one message to one record, without input and
 * output. Envelope, fields and most records are those of spot: binance/wire.h.
 *
 * Chain of the book: a delta names its predecessor itself, it follows pu and reaches u (U is not the previous u + 1,
 * the numbers are shared by many books); a REST snapshot reaches lastUpdateId. The venue lets the first delta have u =
 * lastUpdateId; such a one holds nothing newer than the snapshot, so dropping it, as the chain does, gives the same
 * book.
 */
#ifndef BINANCE_USDM_DECODE_H
#define BINANCE_USDM_DECODE_H

#include <binance/wire.h>

/* As binance_decode; besides, AQ_EV_FUNDING from markPriceUpdate. Trades of the insurance fund and of auto-deleveraging
 * did not take from the book: they give 0, as the venue leaves them out of aggTrade. */
int binance_usdm_decode(
	const char *text, size_t length, struct aq_event *out, size_t room, struct binance_message *message);

#endif
