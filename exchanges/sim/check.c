/* check.c: sizes and ranges of each type of frame. */
#include "sim/check.h"

#include <string.h>

#define WHOLE(type) ((uint32_t)(sizeof(struct sim_frame) + sizeof(struct type)))

bool sim_text_ends(const char *bytes, size_t size)
{
	return memchr(bytes, 0, size) != NULL;
}

/* The size of a frame of this type, or the least one where it varies; 0 = no such type. */
static uint32_t size_of(unsigned type)
{
	switch (type) {
	case SIM_CAPTURE:
		return WHOLE(sim_capture);
	case SIM_INSTRUMENT:
		return WHOLE(aq_instrument);
	case SIM_BOOK:
		return WHOLE(aq_book_update);
	case SIM_TICKER:
		return WHOLE(aq_ticker);
	case SIM_TRADE:
	case SIM_PAST_TRADE:
		return WHOLE(aq_trade);
	case SIM_PAST:
	case SIM_PAST_END:
		return WHOLE(sim_past);
	case SIM_FUNDING:
		return WHOLE(aq_funding);
	case SIM_KLINE:
	case SIM_PAST_KLINE:
		return WHOLE(aq_kline);
	case SIM_HELLO:
		return WHOLE(sim_hello);
	case SIM_SUBSCRIBE:
		return WHOLE(sim_subscribe);
	case SIM_PLACE:
	case SIM_CANCEL:
	case SIM_AMEND:
	case SIM_QUERY:
		return WHOLE(sim_request);
	case SIM_LIST:
	case SIM_LIST_BEGIN:
	case SIM_LIST_END:
		return WHOLE(sim_list);
	case SIM_DONE:
		return WHOLE(sim_done);
	case SIM_WELCOME:
		return WHOLE(sim_welcome);
	case SIM_ORDER:
		return WHOLE(sim_order);
	case SIM_FILL:
		return WHOLE(sim_fill);
	case SIM_BALANCE:
		return WHOLE(sim_balance);
	case SIM_POSITION:
		return WHOLE(sim_position);
	case SIM_CASHFLOW:
		return WHOLE(sim_cashflow);
	case SIM_MOVE:
	case SIM_TICK:
	case SIM_END:
	case SIM_MOVED:
		return (uint32_t)sizeof(struct sim_frame);
	default:
		return 0;
	}
}

const char *sim_header_fault(const struct sim_frame *frame)
{
	uint32_t least = size_of(frame->type);
	if (least == 0)
		return "unknown type of frame";
	if (frame->size % 8 != 0 || frame->size > SIM_FRAME_MAX || frame->size < least)
		return "size of the frame is out of range";
	if (frame->type != SIM_BOOK && frame->type != SIM_HELLO && frame->size != least)
		return "size does not belong to this type of frame";
	return NULL;
}

static const char *book_fault(const struct sim_frame *frame)
{
	const struct aq_book_update *u = SIM_BODY(aq_book_update, frame);
	uint64_t levels = (uint64_t)u->bids + u->asks;
	if (frame->size != WHOLE(aq_book_update) + levels * sizeof(struct aq_level))
		return "number of levels does not fit the size";
	const struct aq_level *level = AQ_BOOK_LEVELS(u);
	/* Half the range, so that two prices or a level and what was taken of it can be added. */
	for (uint64_t i = 0; i < levels; i++)
		if (level[i].price <= 0 || level[i].price > INT64_MAX / 2 || level[i].qty < 0 ||
			level[i].qty > INT64_MAX / 2)
			return "a level has no possible price or quantity";
	return NULL;
}

static const char *trade_fault(const struct aq_trade *t)
{
	if (t->price <= 0 || t->price > INT64_MAX / 2 || t->qty <= 0 || t->qty > INT64_MAX / 2)
		return "a trade has no possible price or quantity";
	return t->taker > AQ_SELL ? "side of a trade is unknown" : NULL;
}

/* Begin and end are the core's to judge, which knows the calendar. */
static const char *kline_fault(const struct aq_kline *k)
{
	if (k->interval < AQ_1M || k->interval > AQ_1Y || k->closed != 1 || k->end_ns <= k->open_ns)
		return "interval or times of a candle are out of range";
	if (k->low <= 0 || k->low > k->open || k->low > k->close || k->high < k->open || k->high < k->close ||
		k->high > INT64_MAX / 2)
		return "a candle has no possible prices";
	return k->qty < 0 || k->taker_buy_qty < 0 || k->value.hi < 0 || k->taker_buy_value.hi < 0
		       ? "a candle has no possible quantity"
		       : NULL;
}

static const char *instrument_fault(const struct aq_instrument *i)
{
	if (i->size != sizeof *i || i->id == 0 || i->id > SIM_MARKETS_MAX)
		return "size or index of an instrument is out of range";
	if (i->kind < AQ_SPOT || i->kind > AQ_INVERSE || i->px_digits > 18 || i->qty_digits > 18)
		return "kind or digits of an instrument are out of range";
	if (i->tick <= 0 || i->lot <= 0 || i->min_qty < 0 || i->max_qty < 0 || i->min_notional.hi < 0)
		return "filters of an instrument are out of range";
	if (!sim_text_ends(i->base, sizeof i->base) || !sim_text_ends(i->quote, sizeof i->quote) ||
		!sim_text_ends(i->settle, sizeof i->settle) || !sim_text_ends(i->symbol, sizeof i->symbol) ||
		!sim_text_ends(i->venue_symbol, sizeof i->venue_symbol) || i->symbol[0] == 0)
		return "a name of an instrument does not end";
	return NULL;
}

static const char *hello_fault(const struct sim_frame *frame)
{
	const struct sim_hello *h = SIM_BODY(sim_hello, frame);
	if (h->accounts > SIM_ACCOUNTS_MAX || frame->size != WHOLE(sim_hello) + h->accounts * 48u)
		return "number of accounts does not fit the size";
	const char *name = (const char *)(h + 1);
	for (uint32_t i = 0; i < h->accounts; i++)
		if (!sim_text_ends(name + (size_t)i * 48, 48))
			return "the name of an account does not end";
	return NULL;
}

static const char *capture_fault(const struct sim_capture *c)
{
	if (memcmp(c->magic, SIM_CAPTURE_MAGIC, sizeof c->magic) != 0)
		return "this is no capture";
	if (c->version != SIM_VERSION)
		return "the capture has another version";
	return c->instruments == 0 || c->instruments > SIM_MARKETS_MAX ? "number of instruments is out of range" : NULL;
}

static const char *order_fault(const struct aq_order_update *u)
{
	if (u->size != sizeof *u)
		return "size of an order update is wrong";
	return sim_text_ends(u->venue_id, sizeof u->venue_id) && sim_text_ends(u->text, sizeof u->text)
		       ? NULL
		       : "a text of an order update does not end";
}

static const char *fill_fault(const struct aq_fill *f)
{
	if (f->size != sizeof *f)
		return "size of a fill is wrong";
	return sim_text_ends(f->fee_asset, sizeof f->fee_asset) && sim_text_ends(f->trade_id, sizeof f->trade_id)
		       ? NULL
		       : "a text of a fill does not end";
}

static const char *cashflow_fault(const struct aq_cashflow *c)
{
	if (c->size != sizeof *c)
		return "size of a cash flow is wrong";
	return sim_text_ends(c->asset, sizeof c->asset) && sim_text_ends(c->id, sizeof c->id)
		       ? NULL
		       : "a text of a cash flow does not end";
}

const char *sim_body_fault(const struct sim_frame *frame)
{
	switch (frame->type) {
	case SIM_CAPTURE:
		return capture_fault(SIM_BODY(sim_capture, frame));
	case SIM_INSTRUMENT:
		return instrument_fault(SIM_BODY(aq_instrument, frame));
	case SIM_BOOK:
		return book_fault(frame);
	case SIM_TRADE:
	case SIM_PAST_TRADE:
		return trade_fault(SIM_BODY(aq_trade, frame));
	case SIM_KLINE:
	case SIM_PAST_KLINE:
		return kline_fault(SIM_BODY(aq_kline, frame));
	case SIM_HELLO:
		return hello_fault(frame);
	case SIM_ORDER:
		return order_fault(&SIM_BODY(sim_order, frame)->update);
	case SIM_FILL:
		return fill_fault(&SIM_BODY(sim_fill, frame)->fill);
	case SIM_BALANCE:
		return sim_text_ends(SIM_BODY(sim_balance, frame)->asset, 16) ? NULL : "an asset's name does not end";
	case SIM_CASHFLOW:
		return cashflow_fault(&SIM_BODY(sim_cashflow, frame)->flow);
	default:
		return NULL;
	}
}
