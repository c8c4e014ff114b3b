/* counter.c: a strategy that keeps the books about itself, for the scenarios of reloads.
 *
 * It counts and hashes every live market event, looks for holes and repeats in their numbers, and carries all of that
 * through reloads in its saved state. It keeps orders resting, far and near, with the number of its build in their tags.
 * What it found it says when it stops, if it is told to. It speaks the raw ABI, where the numbers are to be seen.
 *
 * `mark` is found by its text and overwritten in copies of the file: thousands of builds, good and bad, from one. */
#include <aioquant/market.h>
#include <aioquant/orders.h>

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

enum behaviour {
	BEHAVE_WELL = 0,
	CREATE_FAILS = 1,
	LOAD_REFUSES = 2,
	START_FAILS = 3,
	CREATE_CRASHES = 4,
	LOAD_CRASHES = 5,
	CREATE_HANGS = 6,
	EVENT_FAILS = 7,
	LATE_CREATE_FAILS = 8, /* these pass the rehearsal and fail in the host */
	LATE_LOAD_REFUSES = 9,
	LATE_START_FAILS = 10,
	LATE_EVENT_FAILS = 11,
	NEVER_DONE = 12,    /* posts to itself at each post */
	NEVER_CONTENT = 13, /* places what is denied, at each denial */
	LATE_EVENT_HANGS = 14,
	LATE_READY_FAILS = 15 /* with its first events: within the reload that brings it */
};

static const volatile struct {
	char text[16];
	uint64_t number, behaviour;
} mark = {"AQ-BUILD-MARK::", 1, BEHAVE_WELL};

#define TIMER_NS INT64_C(100000000)
#define SHOT_NS INT64_C(30000000)
#define FAR 4u                /* resting orders of each side that are far from the market */
#define NEAR_BIT (1ull << 31) /* of a tag: near the market */
#define ORDERS_MAX 64u
#define LIVE_MAX 50u          /* events after which LATE_EVENT_FAILS does */
enum { TAG_TIMER = 1, TAG_SHOT = 2, TAG_NEVER = 3 };

/* All that survives; written as it stands. */
struct kept {
	uint64_t count, books, tickers, trades;
	uint64_t hash; /* of everything, with its numbers */
	uint64_t feed; /* of tickers and trades alone, as the venue hashes what it sends */
	uint64_t last_seq, missed, doubled;
	uint64_t generations, serial;
	int64_t timer_first_ns;
	uint64_t timer_slot, timers, timer_skipped, timer_again;
	uint64_t shots_set, shots_fired, never;
	uint64_t conf, mixed;
	uint64_t placed, denied, fills;
	uint64_t open, open_hash; /* own orders as they stood at save */
	uint64_t wrong;           /* downloads that brought other orders than those */
};

struct counter {
	const struct aq_host *host;
	const struct aq_market_api *market_api;
	const struct aq_orders_api *orders;
	struct aq_market market;
	aq_qty size;
	int64_t first, second; /* live; always equal */
	uint8_t trade, tell;
	bool loaded, downloading;
	uint64_t heard, heard_hash; /* orders of the download under way */
	uint64_t live;
	struct kept k;
};

static uint64_t mix(uint64_t hash, uint64_t word)
{
	hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
	return hash ^ hash >> 29;
}

static uint64_t mix_body(uint64_t hash, const struct aq_event *e)
{
	const uint64_t *word = (const uint64_t *)(const void *)(e + 1);

	hash = mix(hash, (uint64_t)e->venue_ns);
	for (uint32_t i = 0; i < (e->size - sizeof(*e)) / sizeof(*word); i++)
		hash = mix(hash, word[i]);
	return hash;
}

static uint64_t order_hash(const struct aq_order *o)
{
	return mix(mix(0, o->id), o->tag);
}

/* The rehearsal is run as /proc/self/exe. */
static bool rehearsed(void)
{
	char name[16] = "";

	prctl(PR_GET_NAME, name);
	return strcmp(name, "exe") == 0;
}

static int32_t fail(struct aq_err *err, const char *text)
{
	err->code = AQ_EINVAL;
	snprintf(err->text, sizeof(err->text), "%s", text);
	return AQ_EINVAL;
}

static bool behaves(enum behaviour now, enum behaviour late)
{
	return mark.behaviour == (uint64_t)now || (mark.behaviour == (uint64_t)late && !rehearsed());
}

/* ---- life ---- */

static int32_t create(const struct aq_host *host, void **self, struct aq_err *err)
{
	struct counter *c;

	if (behaves(CREATE_FAILS, LATE_CREATE_FAILS))
		return fail(err, "this build does not want to be");
	if (mark.behaviour == CREATE_CRASHES)
		__builtin_trap();
	while (mark.behaviour == CREATE_HANGS)
		pause();
	c = calloc(1, sizeof(*c));
	if (c == NULL)
		return fail(err, "out of memory");
	c->host = host;
	*self = c;
	return AQ_OK;
}

static int32_t check(const void *self, struct aq_err *err)
{
	const struct counter *c = self;

	return c->first == c->second ? AQ_OK : fail(err, "first and second must be equal");
}

static int32_t load(void *self, const struct aq_reader *in, struct aq_err *err)
{
	struct counter *c = self;

	if (behaves(LOAD_REFUSES, LATE_LOAD_REFUSES))
		return fail(err, "this build does not like the state");
	if (mark.behaviour == LOAD_CRASHES)
		__builtin_trap();
	if (in->length != sizeof(c->k))
		return fail(err, "the state has another length");
	memcpy(&c->k, in->bytes, sizeof(c->k));
	c->loaded = true;
	return AQ_OK;
}

static int64_t set_timer(struct counter *c, int64_t at_ns, int64_t period_ns, uint64_t tag)
{
	return c->host->timer_set(c->host->owner, at_ns, period_ns, tag);
}

/* Mistakes are answered alike at a first start, in a rehearsal, and while a reload holds calls back. */
static bool mistakes_are_told(const struct counter *c)
{
	static const char much[33 * 1024];
	const struct aq_host *h = c->host;

	return h->timer_set(h->owner, 0, -1, TAG_NEVER) == AQ_EINVAL &&
		h->post(h->owner, 0, much, sizeof(much)) == AQ_EINVAL &&
		c->market_api->subscribe(h->owner, c->market.instrument, 0) == AQ_EINVAL;
}

static int32_t start(void *self, struct aq_err *err)
{
	struct counter *c = self;
	int64_t now = c->host->now(c->host->owner);

	c->market_api = c->host->extension(c->host->owner, AQ_MARKET_EXT);
	c->orders = c->host->extension(c->host->owner, AQ_ORDERS_EXT);
	if (c->market_api == NULL || c->orders == NULL)
		return fail(err, "the host lacks an extension");
	if (!mistakes_are_told(c))
		return fail(err, "a mistake was answered as if it were none");
	if (behaves(START_FAILS, LATE_START_FAILS)) { /* what it asked for before must not happen */
		set_timer(c, now, 0, TAG_NEVER);
		return fail(err, "this build does not want to start");
	}
	if (!c->loaded) {
		c->k.timer_first_ns = now + TIMER_NS;
		set_timer(c, c->k.timer_first_ns, TIMER_NS, TAG_TIMER);
	}
	c->k.shots_set += set_timer(c, now + SHOT_NS, 0, TAG_SHOT) > 0;
	c->k.generations++;
	return AQ_OK;
}

static uint32_t open_orders(const struct counter *c, struct aq_order *out)
{
	for (uint32_t i = 0; i < ORDERS_MAX; i++)
		out[i].size = sizeof(*out);
	int32_t n = c->orders->open_orders(c->host->owner, 0, 0, out, ORDERS_MAX);

	return n < 0 ? 0 : (uint32_t)n < ORDERS_MAX ? (uint32_t)n : ORDERS_MAX;
}

static int32_t save(const void *self, const struct aq_writer *out)
{
	const struct counter *c = self;
	struct aq_order orders[ORDERS_MAX];
	struct kept k = c->k;

	k.open = open_orders(c, orders);
	k.open_hash = 0;
	for (uint32_t i = 0; i < k.open; i++)
		k.open_hash += order_hash(&orders[i]);
	return out->write(out->sink, &k, sizeof(k));
}

static void say(const struct counter *c, const char *text)
{
	c->host->log(c->host->owner, AQ_LOG_INFO, text);
}

static void say_orders(const struct counter *c)
{
	struct aq_order orders[ORDERS_MAX];
	uint32_t n = open_orders(c, orders);
	char text[1000] = "orders";

	for (uint32_t i = 0; i < n; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), " %" PRIu64 ":%" PRIu64, orders[i].id,
			orders[i].tag >> 32);
	say(c, text);
}

static void stop(void *self)
{
	const struct counter *c = self;
	const struct kept *k = &c->k;
	char text[1000];

	if (!c->tell) /* a line takes the loop longer than a reload does */
		return;
	snprintf(text, sizeof(text),
		"report build=%" PRIu64 " generations=%" PRIu64 " count=%" PRIu64 " books=%" PRIu64 " tickers=%" PRIu64
		" trades=%" PRIu64 " hash=%016" PRIx64 " feed=%016" PRIx64 " missed=%" PRIu64 " doubled=%" PRIu64 " timers=%" PRIu64
		" timer_skipped=%" PRIu64 " timer_again=%" PRIu64 " shots_set=%" PRIu64 " shots_fired=%" PRIu64 " never=%" PRIu64
		" conf=%" PRIu64 " mixed=%" PRIu64 " placed=%" PRIu64 " denied=%" PRIu64 " fills=%" PRIu64 " wrong=%" PRIu64,
		(uint64_t)mark.number, k->generations, k->count, k->books, k->tickers, k->trades, k->hash, k->feed, k->missed,
		k->doubled, k->timers, k->timer_skipped, k->timer_again, k->shots_set, k->shots_fired, k->never, k->conf, k->mixed,
		k->placed, k->denied, k->fills, k->wrong);
	say(c, text);
	say_orders(c);
}

static void destroy(void *self)
{
	free(self);
}

/* ---- orders ---- */

static void place(struct counter *c, uint8_t side, aq_px price, bool near)
{
	struct aq_place p = {.size = sizeof(p), .account = c->market.account, .instrument = c->market.instrument, .side = side,
		.type = AQ_LIMIT, .tif = AQ_GTC, .price = price, .qty = c->size, .post_only = 1};

	p.tag = mark.number << 32 | (near ? NEAR_BIT : 0) | (++c->k.serial & (NEAR_BIT - 1));
	c->k.placed += c->orders->place(c->host->owner, &p) > 0;
}

/* A price that is `part` per mille away from the top, on the tick. */
static aq_px away(const struct aq_top *top, uint8_t side, int64_t part, aq_px tick)
{
	aq_px from = side == AQ_BUY ? top->bid : top->ask;
	aq_px price = from / 1000 * (1000 + (side == AQ_BUY ? -part : part));

	return price / tick * tick;
}

/* One near order and FAR far ones on each side; what is missing is placed. */
static void keep_orders(struct counter *c)
{
	struct aq_instrument in = {.size = sizeof(in)};
	struct aq_order orders[ORDERS_MAX];
	uint32_t n, near[3] = {0}, far[3] = {0};
	struct aq_top top;

	if (!c->trade || c->market_api->instrument(c->host->owner, c->market.instrument, &in) != AQ_OK ||
		c->market_api->top(c->host->owner, c->market.instrument, &top) != AQ_OK || !top.valid)
		return;
	n = open_orders(c, orders);
	for (uint32_t i = 0; i < n; i++)
		*((orders[i].tag & NEAR_BIT) != 0 ? &near[orders[i].side] : &far[orders[i].side]) += 1;
	for (uint8_t side = AQ_BUY; side <= AQ_SELL; side++) {
		if (near[side] == 0)
			place(c, side, away(&top, side, 0, in.tick), true);
		for (; far[side] < FAR; far[side]++)
			place(c, side, away(&top, side, 50 + far[side], in.tick), false);
	}
}

/* The oldest far one makes room for one of this build; the near ones come back to the market. */
static void cancel_some(struct counter *c, bool far)
{
	struct aq_order orders[ORDERS_MAX];
	uint32_t n = open_orders(c, orders);

	for (uint32_t i = 0; c->trade && i < n; i++) {
		bool near = (orders[i].tag & NEAR_BIT) != 0;

		if (!near && !far)
			continue;
		c->orders->cancel(c->host->owner, orders[i].id, 0, 0);
		far = far && near;
	}
}

static void on_order(struct counter *c, const struct aq_event *e)
{
	const struct aq_order_change *o = AQ_BODY(aq_order_change, e);

	if (c->downloading) {
		c->heard++;
		c->heard_hash += order_hash(&o->order);
		return;
	}
	c->k.denied += o->order.state == AQ_DENIED;
	if (o->order.state == AQ_DENIED && c->live >= LIVE_MAX && mark.behaviour == NEVER_CONTENT)
		place(c, AQ_BUY, 0, false);
}

static void hang(const struct counter *c)
{
	say(c, "hangs");
	for (;;)
		pause();
}

/* What it never ends with, once begun. */
static void begin_endless(struct counter *c)
{
	if (rehearsed() || (mark.behaviour != NEVER_DONE && mark.behaviour != NEVER_CONTENT))
		return;
	say(c, "has begun without end");
	if (mark.behaviour == NEVER_DONE)
		c->host->post(c->host->owner, 0, NULL, 0);
	else
		place(c, AQ_BUY, 0, false);
}

static void download_end(struct counter *c)
{
	c->downloading = false;
	if (c->loaded && (c->heard != c->k.open || c->heard_hash != c->k.open_hash))
		c->k.wrong++;
	keep_orders(c);
	if (c->loaded)
		cancel_some(c, true);
}

/* ---- market ---- */

static void take_number(struct kept *k, uint64_t seq)
{
	if (k->last_seq != 0 && seq <= k->last_seq)
		k->doubled++;
	else if (k->last_seq != 0)
		k->missed += seq - k->last_seq - 1;
	if (seq > k->last_seq)
		k->last_seq = seq;
}

static void on_market(struct counter *c, const struct aq_event *e)
{
	struct kept *k = &c->k;

	if ((e->flags & AQ_EV_DOWNLOADED) != 0 || e->seq == 0)
		return;
	if (k->count == 1000) /* the stream has come past its beginning, once */
		say(c, "hears");
	take_number(k, e->seq);
	k->count++;
	k->books += e->type == AQ_EV_BOOK;
	k->tickers += e->type == AQ_EV_TICKER;
	k->trades += e->type == AQ_EV_TRADE;
	if (e->type == AQ_EV_BOOK) {
		const struct aq_book *b = AQ_BODY(aq_book, e);

		k->hash = mix(mix(mix(k->hash, e->seq), (uint64_t)b->top.bid), (uint64_t)b->top.ask);
	} else {
		k->hash = mix_body(mix(k->hash, e->seq), e);
		k->feed = mix_body(mix(k->feed, e->type), e);
	}
	if (++c->live == LIVE_MAX && behaves(EVENT_FAILS, LATE_EVENT_FAILS))
		c->host->fail(c->host->owner, "this build has had enough");
	if (c->live == LIVE_MAX)
		begin_endless(c);
	if (c->live == LIVE_MAX && mark.behaviour == LATE_EVENT_HANGS && !rehearsed())
		hang(c);
}

/* ---- timers ---- */

/* The timer of the first generation: each of its moments once. */
static void on_period(struct counter *c, int64_t now_ns)
{
	struct kept *k = &c->k;
	uint64_t slot = (uint64_t)((now_ns - k->timer_first_ns) / TIMER_NS) + 1;

	k->timers++;
	k->timer_again += slot <= k->timer_slot;
	if (slot > k->timer_slot) {
		k->timer_skipped += slot - k->timer_slot - 1;
		k->timer_slot = slot;
	}
	cancel_some(c, false);
	keep_orders(c);
}

static void on_timer(struct counter *c, const struct aq_event *e)
{
	if (e->tag == TAG_TIMER)
		on_period(c, e->time_ns);
	c->k.shots_fired += e->tag == TAG_SHOT;
	c->k.never += e->tag == TAG_NEVER;
}

static void on_event(void *self, const struct aq_event *e)
{
	struct counter *c = self;

	switch (e->type) {
	case AQ_EV_BOOK:
	case AQ_EV_TICKER:
	case AQ_EV_TRADE:
		on_market(c, e);
		break;
	case AQ_EV_ORDER:
		on_order(c, e);
		break;
	case AQ_EV_FILL:
		c->k.fills += (e->flags & AQ_EV_DOWNLOADED) == 0;
		break;
	case AQ_EV_TIMER:
		on_timer(c, e);
		break;
	case AQ_EV_POST:
		if (mark.behaviour == NEVER_DONE) /* those of a build before are not answered */
			c->host->post(c->host->owner, 0, NULL, 0);
		break;
	case AQ_EV_CONF:
		c->k.conf++;
		c->k.mixed += c->first != c->second;
		break;
	case AQ_EV_DOWNLOAD_BEGIN:
		c->downloading = true;
		c->heard = c->heard_hash = 0;
		break;
	case AQ_EV_DOWNLOAD_END:
		download_end(c);
		if (mark.behaviour == LATE_READY_FAILS && !rehearsed())
			c->host->fail(c->host->owner, "this build does not like what it finds");
		break;
	default:
		break;
	}
}

#define FIELD(member) .offset = offsetof(struct counter, member), .size = sizeof(((struct counter *)0)->member)
static const struct aq_option options[] = {
	{.name = "market", .type = AQ_OPT_MARKET, FIELD(market), .flags = AQ_REQUIRED | AQ_BOOK | AQ_TRADES | AQ_TICKER,
		.help = "what to count"},
	{.name = "size", .type = AQ_OPT_QUANTITY, FIELD(size), .fallback = "0.001 BTC", .help = "of each order"},
	{.name = "trade", .type = AQ_OPT_BOOL, FIELD(trade), .fallback = "no", .help = "keeps orders resting"},
	{.name = "tell", .type = AQ_OPT_BOOL, FIELD(tell), .flags = AQ_LIVE, .fallback = "no",
		.help = "says what it found, and its orders, when it stops"},
	{.name = "first", .type = AQ_OPT_INT, FIELD(first), .flags = AQ_LIVE, .fallback = "0", .help = "equal to second"},
	{.name = "second", .type = AQ_OPT_INT, FIELD(second), .flags = AQ_LIVE, .fallback = "0", .help = "equal to first"},
	{.name = NULL},
};

#ifdef NEEDS_WHAT_IS_NOT_THERE
extern const char *const nobody_has_this;
__attribute__((used)) static const char *const *const wanted = &nobody_has_this;
#endif

AQ_PLUGIN(.kind = AQ_STRATEGY, .name = "counter", .version = "1", .summary = "counts what it hears", .options = options,
	.state_schema = 1, .state_oldest = 1, .create = create, .check = check, .start = start, .stop = stop,
	.destroy = destroy, .save = save, .load = load, .on_event = on_event);
