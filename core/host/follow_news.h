/* follow_news.h: what happens to the strategy that is followed: fills and quotes, as seen at the end of a moment. */
#ifndef AQ_HOST_FOLLOW_NEWS_H
#define AQ_HOST_FOLLOW_NEWS_H

#include "host/follow_state.h"

/* Fills since the last time: counted, split, told. */
void follow_take_fills(struct follow *f, uint32_t instance);
/* Our best bid and ask, and a word when one of them has moved. */
void follow_take_quotes(struct follow *f, uint32_t instance);
/* The best of its orders on a side of the market that is followed that are to stay; NULL = none. */
const struct order *follow_quote(const struct follow *f, uint32_t instance, uint8_t side);
/* The oldest of `count` makes room for what happens now. */
struct happening *follow_happens(const struct follow *f, struct happening *list, int count);

#endif
