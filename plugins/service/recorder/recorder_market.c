/* recorder_market.c: market data and equity on their way into the spools. */
#include "recorder.h"

#include <stdio.h>
#include <string.h>

#define SECOND INT64_C(1000000000)

static void *owner(const struct recorder *r)
{
	return r->rows_host.host->owner;
}

static bool records(const struct recorder *r, int kind)
{
	return r->streams[kind].tag != 0;
}

static void append(struct recorder *r, int kind, const void *bytes, size_t length)
{
	r->spools->append(owner(r), r->streams[kind].tag, bytes, (uint32_t)length);
}

static struct spooled_head head_of(const struct instrument *i, uint8_t kind, int64_t time_ns)
{
	struct spooled_head head = {.format = SPOOLED_FORMAT,
		.kind = kind,
		.px_digits = i->px_digits,
		.qty_digits = i->qty_digits,
		.time_ns = time_ns};

	memcpy(head.market, i->name, sizeof(head.market));
	return head;
}

/* ---- which markets ---- */

static struct instrument *find(struct recorder *r, uint32_t id)
{
	for (uint32_t i = 0; i < r->instrument_count; i++)
		if (r->instruments[i].id == id)
			return &r->instruments[i];
	return NULL;
}

static void ask_for_klines(struct recorder *r, uint32_t instrument)
{
	for (unsigned interval = 1; interval < 32; interval++)
		if (records(r, ROWS_KLINES) && (r->streams[ROWS_KLINES].line.intervals & 1u << interval) != 0)
			r->rows_host.market->history(owner(r), instrument, (uint8_t)interval, 0);
}

static void add(struct recorder *r, const struct aq_instrument *from)
{
	struct instrument *i = find(r, from->id);
	char exchange[48] = "?";

	if (i == NULL && r->instrument_count == INSTRUMENTS_MAX)
		return;
	r->rows_host.journal->name(owner(r), AQ_NAME_INSTANCE, from->exchange, exchange, sizeof(exchange));
	if (i == NULL) {
		i = &r->instruments[r->instrument_count++];
		i->id = from->id;
		ask_for_klines(r, from->id);
	}
	i->px_digits = from->px_digits;
	i->qty_digits = from->qty_digits;
	snprintf(i->name, sizeof(i->name), "%.46s:%.48s", exchange, from->symbol);
}

/* What waited while new code took over comes before the download that tells of its instrument. */
static struct instrument *find_or_ask(struct recorder *r, uint32_t id)
{
	struct aq_instrument i = {.size = sizeof(i)};
	struct instrument *known = find(r, id);

	if (known != NULL || r->rows_host.market->instrument(owner(r), id, &i) != AQ_OK)
		return known;
	add(r, &i);
	return find(r, id);
}

/* The item of that number; false behind the last. */
static bool market_at(const struct recorder *r, unsigned index, char *out, size_t size)
{
	const char *at = r->markets;

	while (index-- > 0 && at != NULL) {
		at = strchr(at, '\n');
		at = at != NULL ? at + 1 : NULL;
	}
	if (at == NULL || *at == '\0')
		return false;
	snprintf(out, size, "%.*s", (int)strcspn(at, "\n"), at);
	return true;
}

/* Its instruments may not be there yet, as long as the venue has not told them. */
static bool take_named(struct recorder *r, const char *text)
{
	const struct aq_market_api *m = r->rows_host.market;
	struct aq_instrument i = {.size = sizeof(i)};
	struct aq_market market;
	uint32_t mask = (records(r, ROWS_TRADES) ? AQ_SUB_TRADES : 0) |
			(records(r, ROWS_BOOKS) ? AQ_SUB_BOOK | AQ_SUB_LATEST : 0);

	if (m->resolve(owner(r), text, &market) != AQ_OK || m->instrument(owner(r), market.instrument, &i) != AQ_OK)
		return false;
	if (mask != 0)
		m->subscribe(owner(r), market.instrument, mask);
	add(r, &i);
	return true;
}

static void take_all_named(struct recorder *r)
{
	char text[160];

	for (unsigned i = 0; i < 32 && r->unresolved != 0; i++)
		if ((r->unresolved & 1u << i) != 0 && (!market_at(r, i, text, sizeof(text)) || take_named(r, text)))
			r->unresolved &= ~(1u << i);
}

void market_start(struct recorder *r)
{
	bool any = records(r, ROWS_TRADES) || records(r, ROWS_BOOKS) || records(r, ROWS_KLINES);

	if (!any)
		return;
	if (r->markets[0] == '\0') {
		r->rows_host.market->subscribe(owner(r), AQ_ALL, records(r, ROWS_TRADES) ? AQ_SUB_TRADES : 0);
		return;
	}
	r->unresolved = UINT32_MAX;
	take_all_named(r);
}

/* ---- what comes ---- */

static void take_trade(struct recorder *r, const struct aq_event *event)
{
	const struct instrument *i;
	struct spooled_trade s;

	if (!records(r, ROWS_TRADES))
		return;
	i = find_or_ask(r, event->instrument);
	if (i == NULL)
		return;
	s = (struct spooled_trade){
		.head = head_of(i, SPOOLED_TRADE, event->venue_ns != 0 ? event->venue_ns : event->time_ns),
		.arrival_ns = event->time_ns,
		.trade = *AQ_BODY(aq_trade, event)};
	append(r, ROWS_TRADES, &s, sizeof(s));
}

static void take_kline(struct recorder *r, const struct aq_event *event)
{
	const struct aq_kline *k = AQ_BODY(aq_kline, event);
	const struct instrument *i = find_or_ask(r, event->instrument);
	struct spooled_kline s;

	if (i == NULL || !k->closed || (event->flags & AQ_EV_HISTORICAL) != 0 || !records(r, ROWS_KLINES))
		return;
	s = (struct spooled_kline){.head = head_of(i, SPOOLED_KLINE, k->open_ns), .kline = *k};
	append(r, ROWS_KLINES, &s, sizeof(s));
}

void market_event(struct recorder *r, const struct aq_event *event)
{
	if (r->stopping)
		return;
	if (event->type == AQ_EV_INSTRUMENT)
		add(r, AQ_BODY(aq_instrument, event));
	else if (event->type == AQ_EV_TRADE && (event->flags & (AQ_EV_HISTORICAL | AQ_EV_DOWNLOADED)) == 0)
		take_trade(r, event);
	else if (event->type == AQ_EV_KLINE)
		take_kline(r, event);
}

/* ---- what is looked at from time to time ---- */

static void take_book(struct recorder *r, const struct instrument *i, uint32_t levels)
{
	const struct aq_market_api *m = r->rows_host.market;
	struct {
		struct spooled_book book;
		struct aq_level levels[2 * LINE_LEVELS_MAX];
	} s;
	struct aq_top top;
	int32_t bids, asks;

	if (m->top(owner(r), i->id, &top) != AQ_OK || !top.valid)
		return;
	bids = m->levels(owner(r), i->id, AQ_BUY, s.levels, levels);
	asks = m->levels(owner(r), i->id, AQ_SELL, s.levels + (bids > 0 ? bids : 0), levels);
	if (bids < 0 || asks < 0)
		return;
	s.book = (struct spooled_book){
		.head = head_of(i, SPOOLED_BOOK, top.venue_ns != 0 ? top.venue_ns : top.arrival_ns),
		.bids = (uint32_t)bids,
		.asks = (uint32_t)asks};
	append(r, ROWS_BOOKS, &s, sizeof(s.book) + (size_t)(bids + asks) * sizeof(struct aq_level));
}

static void take_accounts(struct recorder *r, int64_t now_ns)
{
	struct aq_view_account rows[16];
	int32_t count;

	for (uint32_t first = 0;
		(count = r->view->rows(owner(r), AQ_VIEW_ACCOUNTS, first, rows, sizeof(rows[0]), 16)) > 0;
		first += (uint32_t)count)
		for (int32_t i = 0; i < count; i++) {
			struct spooled_account s = {
				.head = {.format = SPOOLED_FORMAT, .kind = SPOOLED_ACCOUNT, .time_ns = now_ns},
				.is_valued = rows[i].is_valued,
				.equity = rows[i].equity};

			memcpy(s.account, rows[i].name, sizeof(s.account));
			snprintf(s.currency, sizeof(s.currency), "%s", r->rows_host.currency);
			append(r, ROWS_EQUITY, &s, sizeof(s));
		}
}

static void take_position(struct recorder *r, const struct aq_view_position *row, int64_t now_ns)
{
	const struct aq_position *p = &row->position;
	const struct aq_journal_api *names = r->rows_host.journal;
	struct aq_instrument i = {.size = sizeof(i)};
	struct spooled_position s = {.head = {.format = SPOOLED_FORMAT, .kind = SPOOLED_POSITION, .time_ns = now_ns},
		.is_valued = row->is_valued,
		.qty = p->qty,
		.avg_price = p->avg_price,
		.realised = row->realised,
		.unrealised = row->unrealised,
		.bought = p->bought,
		.sold = p->sold};
	char exchange[48] = "?";

	if (r->rows_host.market->instrument(owner(r), p->instrument, &i) != AQ_OK)
		return;
	names->name(owner(r), AQ_NAME_INSTANCE, i.exchange, exchange, sizeof(exchange));
	names->name(owner(r), AQ_NAME_INSTANCE, p->instance, s.strategy, sizeof(s.strategy));
	names->name(owner(r), AQ_NAME_ACCOUNT, p->account, s.account, sizeof(s.account));
	snprintf(s.head.market, sizeof(s.head.market), "%.46s:%.48s", exchange, i.symbol);
	snprintf(s.currency, sizeof(s.currency), "%s", r->rows_host.currency);
	s.head.px_digits = i.px_digits;
	s.head.qty_digits = i.qty_digits;
	append(r, ROWS_EQUITY, &s, sizeof(s));
}

static void take_positions(struct recorder *r, int64_t now_ns)
{
	struct aq_view_position rows[16];
	int32_t count;

	for (uint32_t first = 0;
		(count = r->view->rows(owner(r), AQ_VIEW_POSITIONS, first, rows, sizeof(rows[0]), 16)) > 0;
		first += (uint32_t)count)
		for (int32_t i = 0; i < count; i++)
			take_position(r, &rows[i], now_ns);
}

/* Multiples of the interval, so that hosts and days agree. */
static bool is_time(int64_t *next_ns, int64_t every_ns, int64_t now_ns)
{
	bool due = now_ns >= *next_ns;

	if (due)
		*next_ns = now_ns - now_ns % every_ns + every_ns;
	return due;
}

void market_tick(struct recorder *r)
{
	int64_t now_ns = r->rows_host.host->now(owner(r));
	const struct line *books = &r->streams[ROWS_BOOKS].line, *equity = &r->streams[ROWS_EQUITY].line;

	if (r->stopping)
		return;
	take_all_named(r);
	if (records(r, ROWS_BOOKS) && is_time(&r->book_ns, books->every_ns, now_ns))
		for (uint32_t i = 0; i < r->instrument_count; i++)
			take_book(r, &r->instruments[i], books->levels);
	if (records(r, ROWS_EQUITY) && is_time(&r->equity_ns, equity->every_ns, now_ns)) {
		take_accounts(r, now_ns);
		take_positions(r, now_ns);
	}
}

void market_stop(struct recorder *r)
{
	int64_t now_ns = r->rows_host.host->now(owner(r));

	if (!r->stopping && records(r, ROWS_EQUITY)) {
		take_accounts(r, now_ns);
		take_positions(r, now_ns);
	}
	r->stopping = true;
}
