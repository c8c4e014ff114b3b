/* storer.c: a strategy that puts numbered rows into a store, counts what is there, and says at its end what was wrong.
 *
 * A count is asked for between puts: since calls of one collection stay in order, it must be what was put before it. */
#include <aioquant/strategy.h>

#define MS INT64_C(1000000)

enum { TAG_CREATE = 1, TAG_LAST = 2, TAG_PUT = 1000, TAG_COUNT = INT64_C(1) << 40 };

struct storer {
	struct aq_market market;
	uint32_t store;
	int64_t every, burst, count_every, until;
	int64_t n;                          /* of the last row that was put */
	int64_t before;                     /* rows that were there at the first start */
	int64_t done, failed, counts, wrong, full, ups, downs;
	uint8_t made, waits;
};

static const struct aq_option options[] = {
	AQ_MARKET_IF_GIVEN(storer, market, AQ_TRADES, "whose clock"),
	AQ_STORE(storer, store, AQ_REQUIRED, "where the rows go"),
	AQ_DURATION(storer, every, 0, "1ms", NULL, NULL, "between two bursts"),
	AQ_INT(storer, burst, 0, "1", "1", "10000", "rows of a burst"),
	AQ_INT(storer, count_every, 0, "100", "1", NULL, "puts between two counts"),
	AQ_INT(storer, until, 0, "1000000000", "1", NULL, "rows in all"),
	AQ_END};
static const struct aq_keep keep[] = {AQ_KEEP(storer, n), AQ_KEEP(storer, before), AQ_KEEP(storer, done),
	AQ_KEEP(storer, failed), AQ_KEEP(storer, counts), AQ_KEEP(storer, wrong), AQ_KEEP(storer, full), AQ_KEEP(storer, ups),
	AQ_KEEP(storer, downs), AQ_KEEP(storer, made), AQ_KEEP_END};

static void say(const struct storer *s, struct aq_ctx *q, const char *what)
{
	aq_info(q, "%s put=%lld done=%lld failed=%lld counts=%lld wrong=%lld full=%lld ups=%lld downs=%lld", what,
		(long long)s->n, (long long)s->done, (long long)s->failed, (long long)s->counts, (long long)s->wrong,
		(long long)s->full, (long long)s->ups, (long long)s->downs);
}

static void ready(void *self, struct aq_ctx *q)
{
	struct storer *s = self;

	aq_every(q, 1, s->every);
	if (s->made) {
		aq_info(q, "goes on at %lld", (long long)s->n);
		return;
	}
	aq_create(q, s->store, "rows", TAG_CREATE,
		"{fields: [{name: n, type: int64, key: true}, {name: time, type: timestamp}, "
		"{name: price, type: decimal, precision: 28, digits: 8}, {name: note, type: text}], comment: \"it's here\"}");
	aq_find(q, &(struct aq_query){.store = s->store, .collection = "rows", .tag = TAG_LAST, .sort = "{n: -1}", .limit = 1}, NULL);
}

static void put(struct storer *s, struct aq_ctx *q)
{
	int64_t n = s->n + 1;
	int64_t call = aq_put(q, s->store, "rows", TAG_PUT + (uint64_t)n, "{n: %ld, time: %ld, price: %.*ld, note: %s}", n,
		aq_now(q), 8, n * 12345, "a 'note'; DROP TABLE rows; --");

	if (call == AQ_EAGAIN) {
		s->full++;
		s->waits = 1;
	} else if (call < 0) {
		s->wrong++;
		aq_info(q, "put: %lld", (long long)call);
	} else {
		s->n = n;
	}
}

static void burst(struct storer *s, struct aq_ctx *q)
{
	for (int64_t i = 0; i < s->burst && !s->waits && s->n < s->until; i++) {
		put(s, q);
		if (!s->waits && s->n % s->count_every == 0 &&
			aq_count(q, &(struct aq_query){.store = s->store, .collection = "rows", .tag = TAG_COUNT + (uint64_t)s->n},
				"{n: {$gt: %ld}}", s->before) == AQ_EAGAIN)
			s->full++;
	}
}

static void timer(void *self, struct aq_ctx *q, uint64_t tag)
{
	struct storer *s = self;

	if (s->made)
		burst(s, q);
}

static void room(void *self, struct aq_ctx *q, uint32_t store)
{
	struct storer *s = self;

	s->wrong += store != s->store;
	s->waits = 0;
}

static void row(void *self, struct aq_ctx *q, uint64_t tag, struct aq_bson row)
{
	struct storer *s = self;

	s->wrong += tag != TAG_LAST || aq_value_int64(aq_bson_find(row, "n"), &s->n) != AQ_OK;
	s->before = s->n;
}

static void answer(void *self, struct aq_ctx *q, uint64_t tag, const struct aq_answer *a)
{
	struct storer *s = self;

	if (a->fault != 0) {
		s->failed++;
		aq_info(q, "call %llu failed: fault %u code %d: %s", (unsigned long long)tag, a->fault, (int)a->code, a->text);
	} else if (tag == TAG_LAST) {
		s->made = 1;
		aq_info(q, "begins at %lld", (long long)s->n);
	} else if (tag >= TAG_COUNT) {
		s->counts++;
		if (a->matched != tag - TAG_COUNT - (uint64_t)s->before) {
			s->wrong++;
			aq_info(q, "count %llu, not %llu", (unsigned long long)a->matched, (unsigned long long)(tag - TAG_COUNT));
		}
	} else if (tag >= TAG_PUT) {
		s->done++;
		if ((tag - TAG_PUT) % 50 == 0)
			aq_info(q, "done n=%llu at %lld", (unsigned long long)(tag - TAG_PUT), (long long)aq_now(q));
		if (tag - TAG_PUT == (uint64_t)s->until)
			say(s, q, "all");
	}
}

static void store_state(void *self, struct aq_ctx *q, const struct aq_store_state *state)
{
	struct storer *s = self;

	s->ups += state->up;
	s->downs += !state->up;
	aq_info(q, "store %s %s", state->up ? "up" : "down", state->text);
}

static void stop(void *self, struct aq_ctx *q)
{
	say(self, q, "stopped");
}

AQ_STRATEGY(storer, .summary = "puts rows into a store", .options = options, .keep = keep, .ready = ready, .timer = timer,
	.row = row, .answer = answer, .room = room, .store_state = store_state, .stop = stop);
