/* order_words.c: see order_words.h. */
#include "host/order_words.h"

#include <aioquant/event.h>

#include <stdio.h>

#define NAME(names, at) ((at) < sizeof(names) / sizeof(*(names)) && (names)[at] != NULL ? (names)[at] : "?")

const char *order_state_name(uint8_t state)
{
	static const char *const names[] = {
		"?", "created", "denied", "sent", "untriggered", "open", "filled", "cancelled", "rejected", "expired"};

	return NAME(names, state);
}

const char *order_request_name(uint8_t request)
{
	static const char *const names[] = {"?", "place", "cancel", "amend", "lookup", "list"};

	return NAME(names, request);
}

const char *order_requests(const struct aq_order *o, char out[FORMAT_SIZE])
{
	static const char *const states[] = {"", "sent", "unknown"};
	const uint8_t each[] = {o->place, o->cancel, o->amend};
	int used = 0;

	out[0] = '\0';
	for (uint8_t i = 0; i < sizeof(each); i++)
		if (each[i] == AQ_REQ_SENT || each[i] == AQ_REQ_UNKNOWN)
			used += snprintf(out + used, (size_t)(FORMAT_SIZE - used), "%s%s %s", used > 0 ? ", " : "",
				order_request_name((uint8_t)(i + 1)), states[each[i]]);
	return out;
}

const char *order_terms(const struct aq_order *o, char out[FORMAT_SIZE])
{
	static const char *const types[] = {[AQ_LIMIT] = "limit", [AQ_MARKET_ORDER] = "market", [AQ_STOP_MARKET] = "stop market",
		[AQ_STOP_LIMIT] = "stop limit", [AQ_TRAILING] = "trailing"};
	static const char *const tifs[] = {[AQ_GTC] = "gtc", [AQ_IOC] = "ioc", [AQ_FOK] = "fok", [AQ_GTD] = "gtd"};

	snprintf(out, FORMAT_SIZE, "%s %s%s%s", NAME(types, o->type), NAME(tifs, o->tif), o->post_only ? " post-only" : "",
		o->reduce_only ? " reduce-only" : "");
	return out;
}

static const char *const denials[] = {
	[AQ_CODE_NONE] = "",
	[AQ_DENY_ARGUMENT] = "the price, the quantity or a combination of flags makes no sense",
	[AQ_DENY_UNSUPPORTED] = "the host or the venue cannot do that",
	[AQ_DENY_TAG_BUSY] = "another order that is not final lives under this tag",
	[AQ_DENY_TICK] = "the price is no multiple of the tick",
	[AQ_DENY_LOT] = "the quantity is no multiple of the lot",
	[AQ_DENY_MIN_QTY] = "the quantity is below the least that the venue takes",
	[AQ_DENY_MAX_QTY] = "the quantity is above the most that the venue takes",
	[AQ_DENY_MIN_NOTIONAL] = "price x quantity is below the least that the venue takes",
	[AQ_DENY_BALANCE] = "the balance that other orders leave is too small",
	[AQ_DENY_MAX_NOTIONAL] = "limit.order: its value is above it",
	[AQ_DENY_MAX_POSITION] = "limit.position: with all that may still be filled the position would pass it",
	[AQ_DENY_MAX_OPEN] = "limit.open_orders: as many are open already",
	[AQ_DENY_RATE] = "limit.order_rate: as many were sent within the last second",
	[AQ_DENY_COLLAR] = "limit.collar: the price is too far from the book",
	[AQ_DENY_STALE_BOOK] = "there is no valid, fresh book: aqctl books",
	[AQ_DENY_DUPLICATE] = "the same side, price and quantity as an order of a moment ago (duplicate_window)",
	[AQ_DENY_SELF_TRADE] = "it would meet an order of the same account",
	[AQ_DENY_LOSS_DAY] = "limit.loss_day: the loss of today has reached it",
	[AQ_DENY_RECONCILING] = "the account is being reconciled: aqctl reconcile",
	[AQ_DENY_VENUE_DOWN] = "the venue cannot be reached",
	[AQ_DENY_NO_PRICE] = "it cannot be valued in report_currency: a price is missing",
	[AQ_DENY_REDUCE_ONLY] = "it would open or increase a position, and is reduce-only",
	[AQ_DENY_JOURNAL] = "the journal cannot take it: make room on its disk",
	[AQ_DENY_INSTRUMENT] = "the market is unknown, halted or delisted",
	[AQ_DENY_STOPPING] = "an operator has stopped it, or it is being taken out: aqctl status",
	[AQ_DENY_CAPACITY] = "the table of orders is full (max_orders)",
	[AQ_DENY_NOT_FOUND] = "the order is not there, or is final",
	[AQ_DENY_IN_FLIGHT] = "a request is on its way, or its end is unknown",
	[AQ_DENY_GROSS] = "limit.gross: all positions and orders together would pass it",
	[AQ_DENY_LATE] = "its deadline had passed (order_max_delay)",
	[AQ_DENY_CLOSE_ONLY] = "an operator lets only what brings a position nearer to zero pass",
};

static const char *const of_venue[] = {
	[AQ_VENUE_POST_ONLY - AQ_VENUE_POST_ONLY] = "post-only, and it would have taken",
	[AQ_VENUE_BALANCE - AQ_VENUE_POST_ONLY] = "the venue: the balance is too small",
	[AQ_VENUE_FILTER - AQ_VENUE_POST_ONLY] = "the venue: price or quantity is against its filters",
	[AQ_VENUE_NOT_FOUND - AQ_VENUE_POST_ONLY] = "the venue does not know the order",
	[AQ_VENUE_DUPLICATE - AQ_VENUE_POST_ONLY] = "the venue has had this client order id before",
	[AQ_VENUE_UNFILLED - AQ_VENUE_POST_ONLY] = "what could not be filled at once has ended (ioc, fok)",
	[AQ_VENUE_EXPIRED - AQ_VENUE_POST_ONLY] = "its time was over (gtd)",
	[AQ_VENUE_SELF_TRADE - AQ_VENUE_POST_ONLY] = "the venue: it would have met an order of ours",
	[AQ_VENUE_OTHER - AQ_VENUE_POST_ONLY] = "the venue has refused it; its words say why",
	[AQ_VENUE_NOT_RECEIVED - AQ_VENUE_POST_ONLY] = "it never reached the venue, and can do so no more",
};

const char *order_code_words(uint16_t code)
{
	return code < AQ_VENUE_POST_ONLY ? NAME(denials, code) : NAME(of_venue, (size_t)code - AQ_VENUE_POST_ONLY);
}
