/* trades.c: a strategy that keeps a hash of all trades as it is told of them, those of the past first when it asks for them:
 * there are more than a log has room for. The judge is tests/scenario/store_replay.py. */
#include <aioquant/strategy.h>

struct trades {
	struct aq_market market;
	int64_t n;
	int64_t told;
	uint64_t first, last; /* ids */
	uint64_t hash;        /* FNV-1a of id, price, quantity and side of each, 8 bytes each */
};

static const struct aq_option options[] = {AQ_MARKET(trades, market, AQ_TRADES, "whose trades"),
	AQ_INT(trades, n, 0, "0", "0", "4096", "how many of the past; 0 = it does not ask"), AQ_END};

static void ready(void *self, struct aq_ctx *q)
{
	struct trades *s = self;

	if (s->n > 0 && aq_history(q, s->market, AQ_TRADES_ONLY, (uint32_t)s->n) != AQ_OK)
		aq_warn(q, "the past is refused");
}

static void add(struct trades *s, uint64_t value)
{
	if (s->hash == 0)
		s->hash = 14695981039346656037u;
	for (int i = 0; i < 8; i++, value >>= 8)
		s->hash = (s->hash ^ (value & 0xff)) * 1099511628211u;
}

static void trade(void *self, struct aq_ctx *q, struct aq_market m, const struct aq_trade *t)
{
	struct trades *s = self;

	(void)q;
	(void)m;
	s->first = s->told++ == 0 ? t->id : s->first;
	s->last = t->id;
	add(s, t->id);
	add(s, (uint64_t)t->price);
	add(s, (uint64_t)t->qty);
	add(s, t->taker);
}

static void say(const struct trades *s, struct aq_ctx *q, const char *what)
{
	aq_info(q, "%s now=%lld told=%lld first=%llu last=%llu hash=%llu", what, (long long)aq_now(q), (long long)s->told,
		(unsigned long long)s->first, (unsigned long long)s->last, (unsigned long long)s->hash);
}

static void history(void *self, struct aq_ctx *q, struct aq_market m, const struct aq_history *h)
{
	(void)m;
	aq_info(q, "count now=%lld count=%u", (long long)aq_now(q), h->count);
	say(self, q, "past");
}

static void stop(void *self, struct aq_ctx *q)
{
	say(self, q, "all");
}

AQ_STRATEGY(trades, .summary = "hashes all trades", .options = options, .ready = ready, .trade = trade, .history = history,
	.stop = stop);
