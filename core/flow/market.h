/* market.h: instruments, books, trades and who wants them.
 *
 * The chain of a book: a snapshot sets it to `reaches`. A delta that reaches no further than the chain is old and dropped.
 * The first delta after a snapshot may begin before it; every other must follow exactly what the chain reached. Anything
 * else is a gap: the book is invalid within the same event and stays so until the next snapshot.
 */
#ifndef AQ_FLOW_MARKET_H
#define AQ_FLOW_MARKET_H

#include "flow/flow.h"

/* NULL for an unknown id. */
static inline struct market *market_find(const struct flow *f, uint32_t instrument)
{
	return instrument < f->market_capacity ? f->markets[instrument] : NULL;
}

/* An adapter tells of an instrument: returns its id (> 0), AQ_EINVAL when digits changed or a number makes no sense. */
int32_t market_instrument(struct flow *f, uint32_t exchange, const struct aq_instrument *instrument);
bool market_fits_instrument(const struct flow *f, const struct aq_instrument *fact);
void market_apply_instrument(struct flow *f, const struct aq_instrument *fact);

/* Records. */
void market_book_update(struct flow *f, const struct aq_event *record);
void market_ticker(struct flow *f, const struct aq_event *record);
void market_trade(struct flow *f, const struct aq_event *record);
/* What AQ_SUB_LATEST has held back; called when no record waits. */
void market_tell_latest(struct flow *f);
void market_funding(struct flow *f, const struct aq_event *record);
void market_kline(struct flow *f, const struct aq_event *record);
/* Tells what the book has become; also after the rules of its instrument have changed. */
void market_judge(struct flow *f, struct market *m);
/* Makes the room in which deltas wait for a snapshot, ahead of them. */
void market_expect_book(struct market *m);
/* The venue is up or down: books become invalid until the next snapshot. */
void market_venue(struct flow *f, uint32_t exchange, bool up);

/* The adapter learns what is wanted now. */
void market_tell_wanted(struct flow *f, struct market *m);
int32_t market_check_subscription(const struct flow *f, uint32_t instrument, uint32_t mask);
int32_t market_subscribe(struct flow *f, uint32_t instance, uint32_t instrument, uint32_t mask);
int32_t market_unsubscribe(struct flow *f, uint32_t instance, uint32_t instrument, uint32_t mask);
/* Trades up to this id it has been told already. */
void market_trades_after(struct flow *f, uint32_t instance, uint32_t instrument, uint64_t id);
/* The same kinds of data of every market that another instance has data of, now or later. */
int32_t market_follow(struct flow *f, uint32_t instance, uint32_t mask);
/* It has data of the market, or follows whoever has. */
bool market_is_told(const struct flow *f, uint32_t instance, const struct market *m);
/* All subscriptions of an instance (it is gone). */
void market_forget(struct flow *f, uint32_t instance);
uint32_t market_mask(const struct flow *f, uint32_t instance, uint32_t instrument);

/* Whether an exchange has told of an instrument yet. */
bool market_told(const struct flow *f, uint32_t exchange);
int32_t market_resolve(const struct flow *f, const char *text, struct aq_market *out);
int32_t market_levels(const struct flow *f, uint32_t instrument, uint8_t side, struct aq_level *out, uint32_t n);

/* What a market that is not well has others pull, and what they have not got rid of. */
void market_pull_again(struct flow *f);
/* Books older than stale_after become invalid; called by flow_tick. */
void market_check_stale(struct flow *f);

/* The present book as an event (download, subscribe). */
void market_tell_book(struct flow *f, const struct market *m, uint32_t instance, uint16_t flags);
void market_tell_instrument(struct flow *f, const struct market *m, uint32_t instance, uint16_t flags);

/* Value of `quantity` at the last valid middle, in the quote (inverse: base) currency. AQ_ENOENT without a middle. */
int market_value(const struct market *m, aq_qty qty, struct aq_amt *out);
/* The same at another middle, given as bid + ask. */
int market_value_at(const struct market *m, aq_px middle2, aq_qty qty, struct aq_amt *out);
/* Price x quantity of a market in the currency that it settles in. */
int market_notional(const struct market *m, aq_px price, aq_qty qty, struct aq_amt *out);
/* An amount of `asset` in report_currency at the last valid middle. AQ_ENOENT when there is no price. */
int market_convert(const struct flow *f, const char *asset, struct aq_amt amount, struct aq_amt *out);

#endif
