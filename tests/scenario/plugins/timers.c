/* timers.c: a strategy that compares each call of its timers and of its heartbeat with the moment that it expects, also over
 * a reload, and says at its end what was wrong. */
#include <aioquant/strategy.h>

#define US INT64_C(1000)
#define MS (1000 * US)
#define SECOND (1000 * MS)
#define TAGS 32
#define TOGETHER 20 /* from this tag on five that are set for one moment, last tag first */

struct timers {
	struct aq_market market;
	int64_t begun;               /* its first start was then; 0 = not yet */
	int64_t due[TAGS], step[TAGS], fired[TAGS];
	int64_t order;               /* tags of those of one moment, as digits */
	int64_t beat, beats, wrong;
};

static const struct aq_option options[] = {AQ_MARKET(timers, market, AQ_TRADES, "whose clock"), AQ_END};
static const struct aq_keep keep[] = {
	AQ_KEEP(timers, begun), AQ_KEEP(timers, due), AQ_KEEP(timers, step), AQ_KEEP(timers, fired), AQ_KEEP(timers, order),
	AQ_KEEP(timers, beat), AQ_KEEP(timers, beats), AQ_KEEP(timers, wrong), AQ_KEEP_END};

static void expect(struct timers *s, uint64_t tag, int64_t due, int64_t step, int64_t id)
{
	s->due[tag] = due;
	s->step[tag] = step;
	s->wrong += id <= 0;
}

static void every(struct timers *s, struct aq_ctx *q, uint64_t tag, int64_t step)
{
	expect(s, tag, aq_now(q) + step, step, aq_every(q, tag, step));
}

static void aligned(struct timers *s, struct aq_ctx *q, uint64_t tag, int64_t step, int64_t offset)
{
	int64_t due = aq_now(q) / step * step + offset;

	expect(s, tag, due > aq_now(q) ? due : due + step, step, aq_every_aligned(q, tag, step, offset));
}

static void after(struct timers *s, struct aq_ctx *q, uint64_t tag, int64_t ns)
{
	expect(s, tag, aq_now(q) + ns, 0, aq_after(q, tag, ns));
}

static void ready(void *self, struct aq_ctx *q)
{
	struct timers *s = self;

	aq_info(q, "ready now=%lld again=%d", (long long)aq_now(q), s->begun != 0);
	if (s->begun != 0)
		return; /* its timers go on */
	s->begun = aq_now(q);
	every(s, q, 1, 50 * US);
	every(s, q, 2, MS);
	every(s, q, 3, 7 * MS + 1);
	aligned(s, q, 4, SECOND, 0);
	aligned(s, q, 5, 60 * SECOND, 0);
	aligned(s, q, 6, SECOND, 250 * MS);
	after(s, q, 7, 50 * US);
	after(s, q, 8, 2 * SECOND);
	after(s, q, 9, 30 * 86400 * SECOND);
	every(s, q, 10, MS); /* stops itself */
	after(s, q, 11, MS); /* is stopped before */
	s->wrong += aq_timer_stop(q, 11) != AQ_OK;
	s->wrong += aq_timer_stop(q, 11) != AQ_ENOENT;
	for (uint64_t i = 5; i > 0; i--)
		after(s, q, TOGETHER + i - 1, 5 * MS);
}

static void timer(void *self, struct aq_ctx *q, uint64_t tag)
{
	struct timers *s = self;

	if (tag >= TAGS || aq_now(q) != s->due[tag]) {
		s->wrong++;
		aq_info(q, "timer %llu at %lld", (unsigned long long)tag, (long long)aq_now(q));
		return;
	}
	s->due[tag] += s->step[tag];
	s->fired[tag]++;
	if (tag >= TOGETHER)
		s->order = s->order * 10 + (int64_t)tag - TOGETHER;
	if (tag == 10 && s->fired[tag] == 3)
		s->wrong += aq_timer_stop(q, tag) != AQ_OK;
}

static void heartbeat(void *self, struct aq_ctx *q, int64_t beat)
{
	struct timers *s = self;

	s->wrong += (s->beat != 0 && beat != s->beat + 1) || aq_now(q) != beat * SECOND;
	s->beat = beat;
	s->beats++;
	aq_info(q, "beat %lld", (long long)beat);
}

static void stop(void *self, struct aq_ctx *q)
{
	const struct timers *s = self;

	aq_info(q, "stopped now=%lld begun=%lld beats=%lld wrong=%lld order=%lld fired=%lld,%lld,%lld,%lld,%lld,%lld,%lld,%lld,"
		"%lld,%lld,%lld", (long long)aq_now(q), (long long)s->begun, (long long)s->beats, (long long)s->wrong, (long long)s->order,
		(long long)s->fired[1], (long long)s->fired[2], (long long)s->fired[3], (long long)s->fired[4],
		(long long)s->fired[5], (long long)s->fired[6], (long long)s->fired[7], (long long)s->fired[8],
		(long long)s->fired[9], (long long)s->fired[10], (long long)s->fired[11]);
}

AQ_STRATEGY(timers, .summary = "checks its timers", .options = options, .keep = keep, .ready = ready, .heartbeat = heartbeat,
	.timer = timer, .stop = stop);
