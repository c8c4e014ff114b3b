/* held_news.h: fills and cash flows of an account that reconciles wait until the venue's list has told the older ones.
 *
 * What happened while we were not there comes with the list, and what happens now comes at once, before it: booked as
 * they come, average prices and realised profit would not be the venue's. They wait until the list turns to balances and
 * positions or ends, and no longer than HELD_NEWS_NS without a sign of the list: then they are booked without it. What
 * waits is in no journal: after a crash the venue's list tells it.
 */
#ifndef AQ_FLOW_HELD_NEWS_H
#define AQ_FLOW_HELD_NEWS_H

#include "flow/flow.h"

#define HELD_NEWS_NS (10ll * 1000000000ll)

void held_news_init(struct held_news *h);
void held_news_finish(struct held_news *h);
/* From now on news of this account waits, until then at the latest. */
void held_news_begin(struct flow *f, uint32_t account, int64_t until_ns);
/* True: it waits. False: it is to be booked now. */
bool held_news_take(struct flow *f, const struct aq_event *record);
/* Books what waits, in the order of the venue's times; from now on nothing waits. */
void held_news_release(struct flow *f, uint32_t account);
void held_news_tick(struct flow *f);

#endif
