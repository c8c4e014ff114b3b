/* stalls.c: counts the books that it is told, and those that they stand for; now and then its callback takes long. Built
 * twice: with DELIVERY = AQ_LATEST, and with 0. */
#include <aioquant/strategy.h>

#include <time.h>

struct stalls {
	struct aq_market market;
	int64_t every, stall; /* each so many events it takes so long */
	int64_t told, replaced;
	struct aq_top last;
};

static const struct aq_option options[] = {
	AQ_MARKET(stalls, market, AQ_BOOK | DELIVERY, "whose books to count"),
	AQ_INT(stalls, every, 0, "0", "0", NULL, "events between two stalls; 0 = none"),
	AQ_DURATION(stalls, stall, 0, "20ms", "0", NULL, "how long one takes"),
	AQ_END
};

static void take_long(int64_t ns)
{
	struct timespec from, now;

	clock_gettime(CLOCK_MONOTONIC, &from);
	do
		clock_gettime(CLOCK_MONOTONIC, &now);
	while ((now.tv_sec - from.tv_sec) * 1000000000ll + now.tv_nsec - from.tv_nsec < ns);
}

/* Raw, since the helpers do not tell how many books one stands for. */
static void on_event(void *self, const struct aq_event *event)
{
	struct stalls *s = self;

	aq_strategy_event(self, event);
	if (event->type != AQ_EV_BOOK || (event->flags & AQ_EV_DOWNLOADED) != 0)
		return;
	s->told++;
	s->replaced += (int64_t)AQ_BODY(aq_book, event)->replaced;
	s->last = AQ_BODY(aq_book, event)->top;
	if (s->every > 0 && s->told % s->every == 0)
		take_long(s->stall);
}

static void stop(void *self, struct aq_ctx *q)
{
	const struct stalls *s = self;

	aq_info(q, "report told=%lld replaced=%lld bid=%lld ask=%lld seq=%llu", (long long)s->told, (long long)s->replaced,
		(long long)s->last.bid, (long long)s->last.ask, (unsigned long long)s->last.seq);
}

#pragma GCC diagnostic ignored "-Woverride-init" /* on_event in the place of the SDK's */
AQ_STRATEGY(stalls, .summary = "counts books", .options = options, .stop = stop, .on_event = on_event);
