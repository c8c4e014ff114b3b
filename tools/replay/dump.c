#include <replay/dump.h>

#include <decimal.h>
#include <flow/kline.h>
#include <sim/venue/capture_file.h>

#include <inttypes.h>

static void put_scaled(const char *name, int64_t value, unsigned digits)
{
	char text[48];
	aq_dec_print(value, digits, 0, text);
	printf(" %s=%s", name, text);
}

static void put_amount(const char *name, struct aq_amt value)
{
	char text[48];
	aq_amt_print(value, 0, text);
	printf(" %s=%s", name, text);
}

static void put_side(const struct aq_level *levels, uint32_t count, const char *name, const struct aq_instrument *i)
{
	char price[48], qty[48];
	printf(" %s=", name);
	for (uint32_t n = 0; n < count; n++) {
		aq_dec_print(levels[n].price, i->px_digits, 0, price);
		aq_dec_print(levels[n].qty, i->qty_digits, 0, qty);
		printf("%s%s:%s", n == 0 ? "" : ",", price, qty);
	}
}

static void put_book(const struct aq_book_update *u, const struct aq_instrument *i)
{
	printf(" snapshot=%u follows=%" PRIu64 " reaches=%" PRIu64, u->snapshot, u->follows, u->reaches);
	put_side(AQ_BOOK_LEVELS(u), u->bids, "bids", i);
	put_side(AQ_BOOK_LEVELS(u) + u->bids, u->asks, "asks", i);
}

static void put_ticker(const struct aq_ticker *t, const struct aq_instrument *i)
{
	printf(" update=%" PRIu64, t->update);
	put_scaled("bid", t->bid, i->px_digits);
	put_scaled("bid_qty", t->bid_qty, i->qty_digits);
	put_scaled("ask", t->ask, i->px_digits);
	put_scaled("ask_qty", t->ask_qty, i->qty_digits);
}

static void put_trade(const struct aq_trade *t, const struct aq_instrument *i)
{
	printf(" id=%" PRIu64, t->id);
	put_scaled("price", t->price, i->px_digits);
	put_scaled("qty", t->qty, i->qty_digits);
	printf(" taker=%s", t->taker == AQ_BUY ? "buy" : t->taker == AQ_SELL ? "sell" : "-");
}

static void put_funding(const struct aq_funding *f, const struct aq_instrument *i)
{
	put_amount("rate", f->rate);
	put_scaled("mark", f->mark, i->px_digits);
	put_scaled("index", f->index, i->px_digits);
	printf(" next_ns=%" PRId64, f->next_ns);
}

static void put_kline(const struct aq_kline *k, const struct aq_instrument *i)
{
	printf(" interval=%s open_ns=%" PRId64 " end_ns=%" PRId64, kline_name(k->interval), k->open_ns, k->end_ns);
	put_scaled("open", k->open, i->px_digits);
	put_scaled("high", k->high, i->px_digits);
	put_scaled("low", k->low, i->px_digits);
	put_scaled("close", k->close, i->px_digits);
	put_scaled("qty", k->qty, i->qty_digits);
	put_amount("value", k->value);
	printf(" trades=%" PRIu64, k->trades);
	put_scaled("taker_buy_qty", k->taker_buy_qty, i->qty_digits);
	put_amount("taker_buy_value", k->taker_buy_value);
}

static const char *name_of(const struct sim_frame *frame)
{
	static const char *const names[] = {[SIM_BOOK] = "book",
		[SIM_TICKER] = "ticker",
		[SIM_TRADE] = "trade",
		[SIM_FUNDING] = "funding",
		[SIM_KLINE] = "kline"};
	return names[frame->type];
}

static void put_frame(const struct sim_frame *frame, const struct aq_instrument *i)
{
	printf("%s symbol=%.*s time_ns=%" PRId64 " venue_ns=%" PRId64 " seq=%" PRIu64, name_of(frame), (int)sizeof(i->symbol),
		i->symbol, frame->time_ns, frame->venue_ns, frame->seq);
	if (frame->type == SIM_BOOK)
		put_book(SIM_BODY(aq_book_update, frame), i);
	else if (frame->type == SIM_TICKER)
		put_ticker(SIM_BODY(aq_ticker, frame), i);
	else if (frame->type == SIM_TRADE)
		put_trade(SIM_BODY(aq_trade, frame), i);
	else if (frame->type == SIM_FUNDING)
		put_funding(SIM_BODY(aq_funding, frame), i);
	else
		put_kline(SIM_BODY(aq_kline, frame), i);
	putchar('\n');
}

static struct aq_instrument instruments[SIM_MARKETS_MAX];

int replay_dump(const char *path)
{
	struct capture_reader reader;
	struct aq_err err = {0};
	uint32_t count = 0;
	int status = capture_open(&reader, path, &err);
	while (status >= 0 && (status = capture_next(&reader, &err)) > 0) {
		if (reader.frame->type != SIM_INSTRUMENT)
			put_frame(reader.frame, &instruments[reader.frame->market - 1]);
		else if (count < SIM_MARKETS_MAX)
			instruments[count++] = *SIM_BODY(aq_instrument, reader.frame);
	}
	if (status < 0)
		fprintf(stderr, "replay: %s\n", err.text);
	capture_close(&reader);
	return status < 0 ? 1 : 0;
}
