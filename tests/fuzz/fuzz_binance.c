/* Arbitrary bytes through the market data decoders of both venues: no byte read or written outside, and every record
 * that comes out is one that the core may trust. */
#include <binance/decode.h>
#include <binance_usdm/decode.h>

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef int decoder(const char *, size_t, struct aq_event *, size_t, struct binance_message *);

static void check(bool condition)
{
	if (!condition)
		abort();
}

static void check_book(const struct aq_event *event)
{
	const struct aq_book_update *update = AQ_BODY(aq_book_update, event);
	const struct aq_level *levels = AQ_BOOK_LEVELS(update);
	size_t count = (size_t)update->bids + update->asks;
	check(event->size == sizeof(*event) + sizeof(*update) + count * sizeof(*levels));
	check(update->snapshot || (update->overlap && update->follows < update->reaches));
	for (size_t i = 0; i < count; i++)
		check(levels[i].price > 0 && levels[i].qty >= 0);
}

static void check_ticker(const struct aq_event *event)
{
	const struct aq_ticker *ticker = AQ_BODY(aq_ticker, event);
	check(event->size == sizeof(*event) + sizeof(*ticker));
	check((ticker->bid > 0 || ticker->bid == AQ_NONE) && (ticker->ask > 0 || ticker->ask == AQ_NONE));
	check(ticker->bid_qty >= 0 && ticker->ask_qty >= 0);
}

static void check_trade(const struct aq_event *event)
{
	const struct aq_trade *trade = AQ_BODY(aq_trade, event);
	check(event->size == sizeof(*event) + sizeof(*trade));
	check(trade->price > 0 && trade->qty > 0 && (trade->taker == AQ_BUY || trade->taker == AQ_SELL));
}

static void check_record(const struct aq_event *event)
{
	check(event->size % 8 == 0 && event->size <= AQ_EVENT_MAX && event->instrument == 0 && event->venue_ns >= 0);
	switch (event->type) {
	case AQ_EV_BOOK_UPDATE:
		check_book(event);
		break;
	case AQ_EV_TICKER:
		check_ticker(event);
		break;
	case AQ_EV_TRADE:
		check_trade(event);
		break;
	case AQ_EV_FUNDING:
		check(event->size == sizeof(*event) + sizeof(struct aq_funding) &&
			AQ_BODY(aq_funding, event)->mark > 0);
		break;
	default:
		abort();
	}
}

static void run(decoder *decode, const char *text, size_t size, size_t room)
{
	struct binance_message message = {0};
	struct aq_event *out = malloc(room);
	check(out != NULL);
	int length = decode(text, size, out, room, &message);
	check(length <= 0 || ((size_t)length <= room && (uint32_t)length == out->size));
	check(length >= 0 || length == AQ_EFORMAT || length == AQ_ESPACE);
	if (length > 0)
		check_record(out);
	if (length >= 0 && message.symbol.length > 0)
		check(message.symbol.text >= text && message.symbol.text + message.symbol.length <= text + size);
	free(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const size_t rooms[] = {
		sizeof(struct aq_event), sizeof(struct aq_event) + sizeof(struct aq_book_update), 400, AQ_EVENT_MAX};
	char *copy = malloc(size + (size == 0));
	check(copy != NULL);
	if (size > 0)
		memcpy(copy, data, size);
	for (size_t i = 0; i < sizeof(rooms) / sizeof(*rooms); i++) {
		run(binance_decode, copy, size, rooms[i]);
		run(binance_usdm_decode, copy, size, rooms[i]);
	}
	free(copy);
	return 0;
}
