/* market_data.c: what a market's records do: the chain of the book, its validity, and the fan-out to subscribers. */
#include "flow/market.h"

#include "flow/candles.h"
#include "flow/orders.h"
#include "flow/reconcile.h"

#include "decimal.h"

#include "base/check.h"

#include <stdlib.h>
#include <string.h>

#define WAITING_BYTES (1u << 20)

static const uint16_t trouble_of[] = {
	[AQ_BOOK_GAP] = AQ_TROUBLE_GAP,
	[AQ_BOOK_STALE] = AQ_TROUBLE_STALE,
	[AQ_BOOK_CROSSED] = AQ_TROUBLE_CROSSED,
	[AQ_BOOK_VENUE_DOWN] = AQ_TROUBLE_VENUE_DOWN,
	[AQ_BOOK_HALTED] = AQ_TROUBLE_HALTED,
};

static void tell_trouble(struct flow *f, const struct market *m, uint8_t why, bool over)
{
	struct aq_trouble body = {.what = why < sizeof(trouble_of) / sizeof(*trouble_of) ? trouble_of[why] : 0, .over = over};

	if (body.what == 0)
		return;
	for (uint32_t i = 0; i < m->subscriber_count; i++) {
		struct aq_event *event;

		if ((m->subscribers[i].mask & AQ_SUB_BOOK) == 0)
			continue;
		event = flow_event(f, m->subscribers[i].instance, AQ_EV_TROUBLE, sizeof(body));
		if (event == NULL)
			continue;
		event->instrument = m->instrument.id;
		memcpy(event + 1, &body, sizeof(body));
	}
}

static struct aq_event *book_event(struct flow *f, const struct market *m, uint32_t instance)
{
	struct aq_event *event = flow_event(f, instance, AQ_EV_BOOK, sizeof(struct aq_book));
	struct aq_book *body;

	if (event == NULL)
		return NULL;
	body = (struct aq_book *)(void *)(event + 1);
	event->instrument = m->instrument.id;
	event->seq = m->seq;
	event->venue_ns = m->top.venue_ns;
	body->top = m->top;
	return event;
}

void market_tell_book(struct flow *f, const struct market *m, uint32_t instance, uint16_t flags)
{
	struct aq_event *event = book_event(f, m, instance);

	if (event == NULL)
		return;
	event->flags |= flags;
	if ((flags & AQ_EV_DOWNLOADED) != 0)
		event->seq = 0;
}

void market_tell_instrument(struct flow *f, const struct market *m, uint32_t instance, uint16_t flags)
{
	struct aq_event *event = flow_event(f, instance, AQ_EV_INSTRUMENT, sizeof(m->instrument));

	if (event == NULL)
		return;
	event->instrument = m->instrument.id;
	event->flags |= flags;
	memcpy(event + 1, &m->instrument, sizeof(m->instrument));
}

/* Told when nothing more of the moment's records waits. */
static void expect_latest(struct flow *f, struct market *m, uint32_t *count)
{
	++*count;
	if (m->next_latest != NULL)
		return;
	m->next_latest = f->latest != NULL ? f->latest : m;
	f->latest = m;
}

static void tell_books(struct flow *f, struct market *m)
{
	for (uint32_t i = 0; i < m->subscriber_count; i++) {
		struct flow_subscriber *s = &m->subscribers[i];

		if ((s->mask & AQ_SUB_BOOK) == 0)
			continue;
		if ((s->mask & AQ_SUB_LATEST) != 0)
			expect_latest(f, m, &s->books);
		else
			book_event(f, m, s->instance);
	}
}

static struct aq_event *ticker_event(struct flow *f, const struct market *m, uint32_t instance)
{
	struct aq_event *event = flow_event(f, instance, AQ_EV_TICKER, sizeof(m->ticker));

	if (event == NULL)
		return NULL;
	event->instrument = m->instrument.id;
	event->seq = m->seq;
	event->venue_ns = m->ticker_venue_ns;
	memcpy(event + 1, &m->ticker, sizeof(m->ticker));
	return event;
}

static void tell_latest(struct flow *f, struct market *m)
{
	for (uint32_t i = 0; i < m->subscriber_count; i++) {
		struct flow_subscriber *s = &m->subscribers[i];
		struct aq_event *event = s->books > 0 ? book_event(f, m, s->instance) : NULL;

		if (event != NULL)
			((struct aq_book *)(void *)(event + 1))->replaced = s->books - 1;
		event = s->tickers > 0 ? ticker_event(f, m, s->instance) : NULL;
		if (event != NULL)
			((struct aq_ticker *)(void *)(event + 1))->replaced = s->tickers - 1;
		s->books = s->tickers = 0;
	}
}

void market_tell_latest(struct flow *f)
{
	struct market *m = f->latest;

	f->latest = NULL;
	while (m != NULL) {
		struct market *next = m->next_latest != m ? m->next_latest : NULL;

		m->next_latest = NULL;
		tell_latest(f, m);
		m = next;
	}
}

/* Who trades by this market's book does not go on elsewhere without it. */
static void pull_others(struct flow *f, const struct market *m)
{
	for (uint32_t i = 0; i < m->subscriber_count; i++)
		if ((m->subscribers[i].mask & AQ_SUB_BOOK) != 0)
			orders_pull(f, m->subscribers[i].instance, m->instrument.id, 0);
}

static void pull_others_again(struct flow *f, const struct market *m)
{
	for (uint32_t i = 0; i < m->subscriber_count; i++)
		if ((m->subscribers[i].mask & AQ_SUB_BOOK) != 0)
			orders_pull_again(f, m->subscribers[i].instance, m->instrument.id, 0);
}

/* One trouble at a time: another one ends the one before. */
static void set_invalid(struct flow *f, struct market *m, uint8_t why)
{
	if (!m->top.valid && m->top.why == why)
		return;
	if (!m->top.valid)
		tell_trouble(f, m, m->top.why, true);
	m->top.valid = 0;
	m->top.why = why;
	m->gaps += why == AQ_BOOK_GAP;
	m->crossed += why == AQ_BOOK_CROSSED;
	m->stale += why == AQ_BOOK_STALE;
	tell_trouble(f, m, why, false);
	if (why != AQ_BOOK_GAP) /* which heals as soon as the next snapshot is there */
		pull_others(f, m);
}

static void refresh_top(struct market *m)
{
	const struct aq_level *bid = book_best(&m->book.bids), *ask = book_best(&m->book.asks);

	m->top.bid = bid != NULL ? bid->price : AQ_NONE;
	m->top.bid_qty = bid != NULL ? bid->qty : 0;
	m->top.ask = ask != NULL ? ask->price : AQ_NONE;
	m->top.ask_qty = ask != NULL ? ask->qty : 0;
}

/* After a change that kept the chain. */
static void judge_book(struct flow *f, struct market *m)
{
	bool both = m->top.bid != AQ_NONE && m->top.ask != AQ_NONE;

	if (both && m->top.bid >= m->top.ask) {
		set_invalid(f, m, AQ_BOOK_CROSSED);
		return;
	}
	if (m->instrument.state != AQ_TRADING) {
		set_invalid(f, m, AQ_BOOK_HALTED);
		return;
	}
	if (!m->top.valid)
		tell_trouble(f, m, m->top.why, true);
	m->top.valid = 1;
	m->top.why = 0;
	if (both)
		m->middle2 = m->top.bid + m->top.ask;
}

enum chain { CHAIN_TAKE, CHAIN_OLD, CHAIN_WAIT, CHAIN_GAP };

/* The rules stand with struct aq_book_update. */
static enum chain judge_chain(const struct market *m, const struct aq_book_update *u)
{
	if (u->snapshot)
		return CHAIN_TAKE;
	if (!m->has_book)
		return CHAIN_WAIT;
	if (u->follows == m->reaches)
		return CHAIN_TAKE;
	if (u->overlap && u->reaches <= m->reaches)
		return CHAIN_OLD;
	if (u->overlap && u->follows < m->reaches && m->after_snapshot)
		return CHAIN_TAKE;
	return CHAIN_GAP;
}

void market_expect_book(struct market *m)
{
	if (m->waiting != NULL)
		return;
	m->waiting = malloc(WAITING_BYTES);
	CHECK(m->waiting != NULL);
}

/* A delta without a book waits for the next snapshot. When too many wait all are dropped: the snapshot that comes then is
 * behind them or shows a gap. */
static void keep_waiting(struct market *m, const struct aq_event *record)
{
	market_expect_book(m);
	if (m->waiting_bytes + record->size > WAITING_BYTES)
		m->waiting_bytes = 0;
	memcpy(m->waiting + m->waiting_bytes, record, record->size);
	m->waiting_bytes += record->size;
}

static void apply_levels(struct market *m, const struct aq_book_update *u)
{
	const struct aq_level *level = AQ_BOOK_LEVELS(u);

	if (u->snapshot)
		book_clear(&m->book);
	for (uint32_t i = u->snapshot ? u->bids : 0; i > 0; i--) /* worst first: each append is at the end */
		book_set(&m->book.bids, level[i - 1].price, level[i - 1].qty);
	for (uint32_t i = u->snapshot ? u->asks : 0; i > 0; i--)
		book_set(&m->book.asks, level[u->bids + i - 1].price, level[u->bids + i - 1].qty);
	for (uint32_t i = 0; !u->snapshot && i < u->bids; i++)
		book_set(&m->book.bids, level[i].price, level[i].qty);
	for (uint32_t i = 0; !u->snapshot && i < u->asks; i++)
		book_set(&m->book.asks, level[u->bids + i].price, level[u->bids + i].qty);
}

static bool fits(const struct aq_event *record, const struct aq_book_update *u)
{
	size_t room = record->size - sizeof(*record);

	return room >= sizeof(*u) && u->bids <= room / sizeof(struct aq_level) && u->asks <= room / sizeof(struct aq_level) &&
		sizeof(*u) + ((size_t)u->bids + u->asks) * sizeof(struct aq_level) <= room;
}

/* Prices so that a bid and an ask can be added. */
static bool levels_make_sense(const struct aq_book_update *u)
{
	const struct aq_level *level = AQ_BOOK_LEVELS(u);

	for (uint32_t i = 0; i < u->bids + u->asks; i++)
		if (level[i].price <= 0 || level[i].price > INT64_MAX / 2 || level[i].qty < 0)
			return false;
	return true;
}

static void take(struct market *m, const struct aq_event *record, const struct aq_book_update *u)
{
	apply_levels(m, u);
	m->has_book = 1;
	m->after_snapshot = u->snapshot;
	m->reaches = u->reaches;
	m->top.seq = m->seq;
	m->top.venue_ns = record->venue_ns;
	m->top.arrival_ns = record->time_ns;
}

/* Invalid until the next snapshot, which is asked for by subscribing anew. */
static void lose_chain(struct flow *f, struct market *m)
{
	struct aq_event *event;

	set_invalid(f, m, AQ_BOOK_GAP);
	m->has_book = 0;
	tell_books(f, m);
	event = flow_event(f, m->instrument.exchange, AQ_EV_SUBSCRIBE, 0);
	if (event == NULL)
		return;
	event->instrument = m->instrument.id;
	event->tag = m->wanted;
}

/* What arrived ahead of the snapshot, in order, as far as the chain goes; the rest waits on. What the snapshot is beyond
 * is old here even without overlap: it would be a gap behind every snapshot to come. */
static void take_waiting(struct flow *f, struct market *m)
{
	uint32_t at = 0;

	while (at < m->waiting_bytes) {
		const struct aq_event *record = (const struct aq_event *)(const void *)(m->waiting + at);
		const struct aq_book_update *u = AQ_BODY(aq_book_update, record);
		enum chain chain = judge_chain(m, u);

		if (chain == CHAIN_GAP && u->reaches > m->reaches)
			break;
		if (chain == CHAIN_TAKE)
			take(m, record, u);
		at += record->size;
	}
	m->waiting_bytes -= at;
	memmove(m->waiting, m->waiting + at, m->waiting_bytes);
	if (m->waiting_bytes > 0)
		lose_chain(f, m);
}

void market_book_update(struct flow *f, const struct aq_event *record)
{
	struct market *m = market_find(f, record->instrument);
	const struct aq_book_update *u = AQ_BODY(aq_book_update, record);
	enum chain chain;

	if (m == NULL)
		return;
	m->seq++;
	if (!fits(record, u) || !levels_make_sense(u)) { /* what it would have changed is unknown */
		if (m->has_book)
			lose_chain(f, m);
		return;
	}
	chain = judge_chain(m, u);
	if (chain == CHAIN_GAP)
		lose_chain(f, m);
	if (chain == CHAIN_GAP || chain == CHAIN_WAIT) /* after a gap it may fit behind the snapshot */
		keep_waiting(m, record);
	if (chain != CHAIN_TAKE)
		return;
	take(m, record, u);
	if (u->snapshot && m->waiting_bytes > 0)
		take_waiting(f, m);
	m->top.arrival_ns = record->time_ns; /* not of a delta that has waited */
	if (m->has_book)
		market_judge(f, m);
}

void market_judge(struct flow *f, struct market *m)
{
	refresh_top(m);
	judge_book(f, m);
	tell_books(f, m);
}

/* A trade that the subscriber's history has told, or will tell: an adapter may tell the past up to a later trade than the
 * last one of now. */
static bool is_of_history(const struct flow *f, const struct market *m, struct flow_subscriber *s,
	const struct aq_event *record)
{
	uint64_t id;

	if (record->type != AQ_EV_TRADE)
		return false;
	if (f->candles.requests != NULL && candles_keep_trades(f, s->instance, m))
		return true;
	id = AQ_BODY(aq_trade, record)->id;
	if (id != 0 && id <= s->trades_after)
		return true;
	s->trades_after = 0;
	return false;
}

/* A record that is passed on as it is to those who want its kind. */
static void pass_on(struct flow *f, struct market *m, const struct aq_event *record, uint32_t mask, uint32_t body)
{
	m->seq++;
	for (uint32_t i = 0; i < m->subscriber_count; i++) {
		struct aq_event *event;

		if ((m->subscribers[i].mask & mask) == 0 || is_of_history(f, m, &m->subscribers[i], record))
			continue;
		event = flow_event(f, m->subscribers[i].instance, record->type, body);
		if (event == NULL)
			continue;
		event->instrument = m->instrument.id;
		event->seq = m->seq;
		event->venue_ns = record->venue_ns;
		memcpy(event + 1, record + 1, body);
	}
}

void market_ticker(struct flow *f, const struct aq_event *record)
{
	struct market *m = market_find(f, record->instrument);

	if (m == NULL || record->size < sizeof(*record) + sizeof(struct aq_ticker))
		return;
	m->ticker = *AQ_BODY(aq_ticker, record);
	m->ticker.replaced = 0;
	m->ticker_venue_ns = record->venue_ns;
	m->has_ticker = 1;
	m->seq++;
	for (uint32_t i = 0; i < m->subscriber_count; i++) {
		struct flow_subscriber *s = &m->subscribers[i];

		if ((s->mask & AQ_SUB_TICKER) == 0)
			continue;
		if ((s->mask & AQ_SUB_LATEST) != 0)
			expect_latest(f, m, &s->tickers);
		else
			ticker_event(f, m, s->instance);
	}
}

void market_trade(struct flow *f, const struct aq_event *record)
{
	struct market *m = market_find(f, record->instrument);

	if (m == NULL || record->size < sizeof(*record) + sizeof(struct aq_trade))
		return;
	if ((record->flags & AQ_EV_HISTORICAL) != 0) {
		candles_past(f, record);
		return;
	}
	m->last_trade = *AQ_BODY(aq_trade, record);
	m->has_trade = 1;
	pass_on(f, m, record, AQ_SUB_TRADES, sizeof(struct aq_trade));
	candles_trade(f, m, AQ_BODY(aq_trade, record), record->venue_ns);
}

void market_kline(struct flow *f, const struct aq_event *record)
{
	struct market *m = market_find(f, record->instrument);

	if (m == NULL || record->size < sizeof(*record) + sizeof(struct aq_kline))
		return;
	if ((record->flags & AQ_EV_HISTORICAL) != 0)
		candles_past_kline(f, record);
	else
		candles_kline(f, m, AQ_BODY(aq_kline, record));
}

void market_funding(struct flow *f, const struct aq_event *record)
{
	struct market *m = market_find(f, record->instrument);

	if (m != NULL && record->size >= sizeof(*record) + sizeof(struct aq_funding))
		pass_on(f, m, record, AQ_SUB_FUNDING, sizeof(struct aq_funding));
}

void market_venue(struct flow *f, uint32_t exchange, bool up)
{
	candles_venue(f, exchange, up);
	for (uint32_t id = 1; id < f->market_capacity && !up; id++) {
		struct market *m = f->markets[id];

		if (m == NULL || m->instrument.exchange != exchange)
			continue;
		m->has_book = 0;
		m->waiting_bytes = 0;
		set_invalid(f, m, AQ_BOOK_VENUE_DOWN);
		tell_books(f, m);
	}
	reconcile_venue(f, exchange, up);
}

static int64_t stale_after_ns(const struct flow *f, const struct market *m)
{
	int64_t own = f->instances[m->instrument.exchange].stale_after_ns;

	if (own != 0)
		return own;
	return f->options.stale_after_ns > 0 ? f->options.stale_after_ns : INT64_MAX;
}

/* A gap heals with the next snapshot: one for which none comes is as old as its last change. */
static bool ages(const struct market *m)
{
	return m->top.valid || m->top.why == AQ_BOOK_GAP;
}

void market_pull_again(struct flow *f)
{
	for (uint32_t id = 1; id < f->market_capacity; id++)
		if (f->markets[id] != NULL && !f->markets[id]->top.valid && f->markets[id]->top.why >= AQ_BOOK_STALE)
			pull_others_again(f, f->markets[id]);
}

void market_check_stale(struct flow *f)
{
	for (uint32_t id = 1; id < f->market_capacity; id++) {
		struct market *m = f->markets[id];

		if (m == NULL)
			continue;
		if (!ages(m) || f->now_ns - m->top.arrival_ns <= stale_after_ns(f, m))
			continue;
		set_invalid(f, m, AQ_BOOK_STALE);
		tell_books(f, m);
	}
}
