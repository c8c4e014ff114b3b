/* test_candles.c: candles and the past, between a strategy that wants them and an adapter that tells trades: nothing is
 * missing, nothing comes twice, whatever the adapter does. */
#include "flow_rig.h"

#include "flow/candles.h"
#include "flow/kline.h"

#include "kline_naive.h"

#define GRACE (2 * SECOND)
#define MINUTE (60 * SECOND)
#define BEGIN (RIG_START + 600 * SECOND) /* of a minute; the rig's day began at RIG_START */
#define DIGITS 5                         /* of a price and a quantity together */
#define TOLD_MAX 512

static struct rig rig;
static uint32_t other; /* another strategy */

static int setup(void **state)
{
	struct flow_options options = rig_options();

	options.kline_grace_ns = GRACE;
	rig_new_with(&rig, &options);
	other = flow_instance_id(&rig.f, "other", AQ_STRATEGY);
	rig.f.instances[other].active = 1;
	rig.f.now_ns = BEGIN;
	rig_clear(&rig);
	return 0;
}

static int teardown(void **state)
{
	rig_free(&rig);
	return 0;
}

/* ---- what the adapter says ---- */

static void emit(struct aq_event head, const void *body, size_t size)
{
	struct {
		struct aq_event head;
		uint8_t bytes[64];
	} record = {.head = head};

	memcpy(record.bytes, body, size);
	record.head.size = (uint32_t)(sizeof(head) + size);
	assert_int_equal(flow_emit(&rig.f, rig.exchange, &record.head), AQ_OK);
	assert_true(flow_apply_next(&rig.f));
}

static void now_trade(const struct naive_trade *t)
{
	emit((struct aq_event){.type = AQ_EV_TRADE, .instrument = rig.spot, .venue_ns = t->at_ns}, &t->t, sizeof(t->t));
}

static void past_trade(uint64_t request, const struct naive_trade *t)
{
	emit((struct aq_event){.type = AQ_EV_TRADE, .flags = AQ_EV_HISTORICAL, .tag = request, .instrument = rig.spot,
		.venue_ns = t->at_ns}, &t->t, sizeof(t->t));
}

static void past_end_of(uint64_t request, uint32_t instrument, int64_t since_ns)
{
	struct aq_history body = {.since_ns = since_ns, .request = request};

	emit((struct aq_event){.type = AQ_EV_HISTORY, .instrument = instrument}, &body, sizeof(body));
}

static void past_end(uint64_t request, int64_t since_ns)
{
	past_end_of(request, rig.spot, since_ns);
}

static struct naive_trade trade(uint64_t id, int64_t at_ns)
{
	aq_px price = 10000 + (aq_px)(id * 37 % 101);
	aq_qty qty = 1 + (aq_qty)(id * 53 % 997);

	return (struct naive_trade){.t = {.id = id, .price = price, .qty = qty, .taker = id % 2 == 0 ? AQ_BUY : AQ_SELL},
		.at_ns = at_ns};
}

static void say_now(uint64_t id, int64_t at_ns)
{
	struct naive_trade t = trade(id, at_ns);

	now_trade(&t);
}

static void say_past(uint64_t request, uint64_t id, int64_t at_ns)
{
	struct naive_trade t = trade(id, at_ns);

	past_trade(request, &t);
}

static void pass_to(int64_t now_ns)
{
	rig.f.now_ns = now_ns;
	if (flow_due_ns(&rig.f) <= now_ns)
		flow_tick(&rig.f);
}

/* ---- what the strategy asks and hears ---- */

static void want(uint32_t instance, uint8_t interval, uint32_t count)
{
	assert_int_equal(candles_want(&rig.f, instance, rig.spot, interval, count), AQ_OK);
}

static const struct aq_past *asked(void)
{
	const struct aq_event *event = rig_last(&rig, rig.exchange, AQ_EV_PAST);

	return event == NULL ? NULL : AQ_BODY(aq_past, event);
}

static uint64_t request(void)
{
	assert_non_null(asked());
	return asked()->request;
}

/* The mask that the adapter was told last; UINT32_MAX = none. */
static uint32_t subscribed(void)
{
	const struct aq_event *event = rig_last(&rig, rig.exchange, AQ_EV_SUBSCRIBE);

	return event == NULL ? UINT32_MAX : (uint32_t)event->tag;
}

static const struct aq_history *told_end(uint32_t to)
{
	const struct aq_event *event = rig_last(&rig, to, AQ_EV_HISTORY);

	return event == NULL ? NULL : AQ_BODY(aq_history, event);
}

struct told {
	struct aq_kline k;
	bool past;
};

/* Candles told to an instance, closed ones alone if that is wanted, in their order. */
static uint32_t told_candles(uint32_t to, bool closed, struct told *out)
{
	uint32_t n = 0;

	rig_drain(&rig);
	for (uint32_t i = 0; i < rig.count; i++) {
		const struct aq_event *event = &rig.events[i].u.head;

		if (rig.events[i].to != to || event->type != AQ_EV_KLINE || (closed && !AQ_BODY(aq_kline, event)->closed))
			continue;
		assert_true(n < TOLD_MAX);
		out[n++] = (struct told){.k = *AQ_BODY(aq_kline, event), .past = (event->flags & AQ_EV_HISTORICAL) != 0};
	}
	return n;
}

static uint32_t closed_count(uint32_t to)
{
	static struct told told[TOLD_MAX];

	return told_candles(to, true, told);
}

static struct aq_kline last_candle(uint32_t to)
{
	const struct aq_event *event = rig_last(&rig, to, AQ_EV_KLINE);

	assert_non_null(event);
	return *AQ_BODY(aq_kline, event);
}

/* Ids of the trades told to an instance, up to `most`. */
static uint32_t told_trades(uint32_t to, uint64_t *ids, uint32_t *past, uint32_t most)
{
	uint32_t n = 0;

	rig_drain(&rig);
	*past = 0;
	for (uint32_t i = 0; i < rig.count; i++) {
		const struct aq_event *event = &rig.events[i].u.head;

		if (rig.events[i].to != to || event->type != AQ_EV_TRADE)
			continue;
		assert_true(n < most);
		assert_int_equal((event->flags & AQ_EV_HISTORICAL) != 0, event->seq == 0);
		*past += event->seq == 0;
		ids[n++] = AQ_BODY(aq_trade, event)->id;
	}
	return n;
}

/* ---- live candles ---- */

static void the_adapter_learns_that_trades_are_wanted(void **state)
{
	want(rig.strategy, AQ_1M, 0);
	assert_int_equal(subscribed() & AQ_SUB_TRADES, AQ_SUB_TRADES);
	assert_null(asked());
	assert_true(told_end(rig.strategy)->interval == AQ_1M && told_end(rig.strategy)->count == 0);
	want(other, AQ_1H, 0);
	rig_clear(&rig);
	market_forget(&rig.f, rig.strategy);
	assert_int_equal(subscribed(), UINT32_MAX); /* somebody still wants them */
	market_forget(&rig.f, other);
	assert_int_equal(subscribed() & AQ_SUB_TRADES, 0);
	rig_clear(&rig);
	say_now(1, BEGIN);
	assert_int_equal(rig.count, 0);
}

static void each_trade_tells_the_candle_and_a_later_one_closes_it(void **state)
{
	static struct told told[TOLD_MAX];
	struct naive_trade trades[] = {trade(1, BEGIN), trade(2, BEGIN + SECOND), trade(3, BEGIN + 59 * SECOND),
		trade(4, BEGIN + 180 * SECOND)};

	want(rig.strategy, AQ_1M, 0);
	for (int i = 0; i < 4; i++)
		now_trade(&trades[i]);
	assert_int_equal(told_candles(rig.strategy, false, told), 5);
	for (uint32_t i = 0; i < 3; i++) {
		struct aq_kline k = naive_candle(trades, i + 1, AQ_1M, BEGIN, BEGIN + MINUTE, DIGITS);

		assert_memory_equal(&told[i].k, &k, sizeof(k));
		k.closed = 1;
		if (i == 2)
			assert_memory_equal(&told[3].k, &k, sizeof(k));
	}
	assert_true(told[4].k.open_ns == BEGIN + 180 * SECOND && told[4].k.empty == 2 && !told[4].k.closed);
	assert_int_equal(rig_last(&rig, rig.strategy, AQ_EV_KLINE)->instrument, rig.spot);
	assert_int_equal(closed_count(other), 0);
}

static void without_a_later_trade_the_clock_closes_it(void **state)
{
	want(rig.strategy, AQ_1M, 0);
	want(rig.strategy, AQ_1H, 0);
	say_now(1, BEGIN + SECOND);
	assert_int_equal(flow_due_ns(&rig.f), candles_due_ns(&rig.f));
	pass_to(BEGIN + MINUTE + GRACE - 1);
	assert_int_equal(closed_count(rig.strategy), 0);
	pass_to(BEGIN + MINUTE + GRACE);
	assert_int_equal(closed_count(rig.strategy), 1);
	say_now(2, BEGIN + MINUTE - 1); /* too late for the minute, not for the hour */
	assert_int_equal(closed_count(rig.strategy), 1);
	assert_true(last_candle(rig.strategy).interval == AQ_1H && last_candle(rig.strategy).trades == 2);
	pass_to(BEGIN + 3600 * SECOND);
	assert_int_equal(closed_count(rig.strategy), 2);
	assert_int_equal(candles_due_ns(&rig.f), INT64_MAX);
}

static void trades_without_a_time_are_of_now(void **state)
{
	want(rig.strategy, AQ_1M, 0);
	say_now(1, 0);
	assert_int_equal(last_candle(rig.strategy).open_ns, BEGIN);
	rig.f.now_ns += 70 * SECOND;
	say_now(2, 0);
	assert_int_equal(last_candle(rig.strategy).open_ns, BEGIN + MINUTE);
}

/* What cannot be a time or an amount neither ends the process nor spoils the candle. */
static void a_venue_that_says_nonsense(void **state)
{
	struct naive_trade bad[] = {trade(8, INT64_MAX), trade(9, INT64_MIN), trade(10, BEGIN), trade(11, BEGIN), trade(12, BEGIN)};

	bad[2].t.price = bad[2].t.qty = INT64_MAX;
	bad[3].t.price = INT64_MIN;
	bad[4].t.qty = INT64_MIN;
	want(rig.strategy, AQ_1Y, 0);
	want(rig.strategy, AQ_1M, 3);
	for (int i = 0; i < 5; i++) {
		past_trade(request(), &bad[i]);
		now_trade(&bad[i]);
	}
	past_end(request(), INT64_MIN);
	assert_null(rig_last(&rig, rig.strategy, AQ_EV_KLINE));
	say_now(20, BEGIN);
	assert_true(last_candle(rig.strategy).trades == 1);
}

/* ---- history ---- */

static void the_past_is_asked_from_the_first_candle_on(void **state)
{
	rig.f.now_ns = BEGIN + 30 * SECOND;
	want(rig.strategy, AQ_5M, 3);
	assert_int_equal(asked()->since_ns, naive_begin(AQ_5M, BEGIN) - 3 * 5 * MINUTE);
	assert_int_equal(asked()->count, UINT32_MAX);
	want(rig.strategy, AQ_TRADES_ONLY, 7);
	assert_int_equal(asked()->since_ns, INT64_MIN);
	assert_int_equal(asked()->count, 7);
}

static void what_may_be_asked(void **state)
{
	for (uint8_t interval = AQ_1M; interval <= AQ_1Y; interval++)
		want(rig.strategy, interval, CANDLES_HISTORY_MAX);
	want(rig.strategy, AQ_TRADES_ONLY, CANDLES_HISTORY_MAX);
	assert_int_equal(candles_want(&rig.f, rig.strategy, rig.spot, AQ_1M, CANDLES_HISTORY_MAX + 1), AQ_EINVAL);
	assert_int_equal(candles_want(&rig.f, rig.strategy, rig.spot, AQ_1M, UINT32_MAX), AQ_EINVAL);
	assert_int_equal(candles_want(&rig.f, rig.strategy, rig.spot, AQ_1Y + 1, 1), AQ_EINVAL);
	assert_int_equal(candles_want(&rig.f, rig.strategy, rig.spot, 255, 1), AQ_EINVAL);
	assert_int_equal(candles_want(&rig.f, rig.strategy, 1000, AQ_1M, 1), AQ_ENOENT);
	assert_int_equal(candles_want(&rig.f, rig.strategy, 0, AQ_1M, 1), AQ_ENOENT);
}

/* Closed candles told to an instance are those of all trades from `from` on, each once, in order; the last one that was told
 * is what is built now. */
static void check_told(uint32_t to, const struct naive_trade *trades, uint32_t count, uint8_t interval, uint32_t from)
{
	static struct told told[TOLD_MAX];
	uint32_t n = told_candles(to, true, told), at = 0;
	bool live = false;

	for (uint32_t i = from; i < count;) {
		int64_t open = naive_begin(interval, trades[i].at_ns), end = naive_end(interval, open);
		struct aq_kline k = naive_candle(trades, count, interval, open, end, DIGITS), got;

		for (; i < count && trades[i].at_ns < end; i++)
			;
		got = at < n ? told[at].k : last_candle(to);
		k.closed = i < count;
		k.empty = got.empty; /* test_kline.c counts them */
		assert_true(k.closed == (at < n));
		assert_memory_equal(&got, &k, sizeof(k));
		assert_false(live && at < n && told[at].past);
		live = live || (at < n && !told[at].past);
		at++;
	}
	assert_true(at == n || at == n + 1);
}

struct scene {
	struct naive_trade trades[200];
	uint32_t past;     /* the adapter tells the first ones */
	uint32_t live;     /* live ones begin with this one: not above `past` */
	uint32_t answered; /* the first one that comes after the past has been told: before patience is at its end */
};

static void make_scene(struct scene *s, unsigned seed)
{
	int64_t at = BEGIN;

	srand(seed);
	for (uint32_t i = 0; i < 200; i++) {
		at += rand() % 6 == 0 ? SECOND * (rand() % 50) : rand() % 3 == 0 ? 0 : rand() % SECOND;
		s->trades[i] = trade(100 + i, at);
	}
	s->past = 20 + (uint32_t)rand() % 100;
	s->live = s->past - (uint32_t)rand() % 20;
	s->answered = s->live + (uint32_t)rand() % 60;
	while (s->answered > s->live && s->trades[s->answered].at_ns > s->trades[s->live].at_ns + 5 * SECOND)
		s->answered--;
}

static void go_to(int64_t at_ns)
{
	pass_to(rig.f.now_ns > at_ns ? rig.f.now_ns : at_ns);
}

static void tell_past(const struct scene *s, uint64_t id, uint32_t from, uint32_t to)
{
	for (uint32_t i = from; i < to; i++)
		past_trade(id, &s->trades[i]);
}

/* Live trades come from before the end of the past on, while it is told and after. */
static void history_and_live_meet(void **state)
{
	for (unsigned seed = 0; seed < 300; seed++) {
		struct scene s;
		uint64_t id;

		if (seed > 0)
			teardown(state), setup(state);
		make_scene(&s, seed);
		rig.f.now_ns = s.trades[s.live].at_ns;
		want(rig.strategy, AQ_1M, 200);
		id = request();
		tell_past(&s, id, 0, s.past / 2);
		for (uint32_t i = s.live; i < s.answered; i++) {
			go_to(s.trades[i].at_ns);
			now_trade(&s.trades[i]);
		}
		tell_past(&s, id, s.past / 2, s.past);
		assert_null(rig_last(&rig, rig.strategy, AQ_EV_KLINE)); /* nothing before all of it has been told */
		past_end(id, BEGIN);
		for (uint32_t i = s.answered; i < 200; i++) {
			go_to(s.trades[i].at_ns);
			now_trade(&s.trades[i]);
		}
		assert_int_equal(rig_seen(&rig, rig.strategy, AQ_EV_HISTORY), 1);
		check_told(rig.strategy, s.trades, 200, AQ_1M, 0);
	}
}

/* Another instance has had the same candles all along; the clock closes some of them. */
static void two_instances_have_the_same_candles(void **state)
{
	for (unsigned seed = 0; seed < 300; seed++) {
		struct scene s;
		uint64_t id;

		if (seed > 0)
			teardown(state), setup(state);
		make_scene(&s, seed);
		rig.f.now_ns = BEGIN;
		want(other, AQ_1M, 0);
		for (uint32_t i = 0; i < s.live; i++) {
			go_to(s.trades[i].at_ns);
			now_trade(&s.trades[i]);
		}
		go_to(s.trades[s.live].at_ns);
		want(rig.strategy, AQ_1M, 200);
		id = request();
		tell_past(&s, id, 0, s.past); /* it may be ahead of what comes live */
		for (uint32_t i = s.live; i < s.answered; i++) {
			go_to(s.trades[i].at_ns);
			now_trade(&s.trades[i]);
		}
		if (seed % 3 == 0)
			pass_to(rig.f.now_ns + seed % 5 * SECOND);
		past_end(id, BEGIN);
		for (uint32_t i = s.answered; i < 200; i++) {
			go_to(s.trades[i].at_ns);
			now_trade(&s.trades[i]);
		}
		check_told(other, s.trades, 200, AQ_1M, 0);
		check_told(rig.strategy, s.trades, 200, AQ_1M, 0);
	}
}

/* The first instance came in the middle of a candle whose begin the second one's history knows. */
static void a_history_completes_what_is_built(void **state)
{
	rig.f.now_ns = BEGIN + 30 * SECOND;
	want(other, AQ_1M, 0);
	say_now(3, BEGIN + 31 * SECOND);
	assert_true(last_candle(other).partial == 1);
	want(rig.strategy, AQ_1M, 5);
	for (uint64_t id = 1; id <= 3; id++)
		say_past(request(), id, BEGIN + (int64_t)id * SECOND + (id == 3 ? 28 * SECOND : 0));
	past_end(request(), BEGIN - MINUTE);
	say_now(4, BEGIN + 32 * SECOND);
	for (int i = 0; i < 2; i++) {
		struct aq_kline k = last_candle(i == 0 ? other : rig.strategy);

		assert_true(k.trades == 4 && k.first_trade == 1 && k.partial == 0);
	}
}

static void a_candle_that_the_clock_has_closed_is_of_the_past(void **state)
{
	static struct told told[TOLD_MAX];

	want(other, AQ_1M, 0);
	say_now(1, BEGIN + SECOND);
	rig.f.now_ns = BEGIN + MINUTE + GRACE; /* at the very moment, before the tick */
	want(rig.strategy, AQ_1M, 1);
	say_past(request(), 1, BEGIN + SECOND);
	past_end(request(), BEGIN);
	flow_tick(&rig.f);
	assert_int_equal(told_candles(other, true, told), 1);
	assert_false(told[0].past);
	assert_int_equal(told_candles(rig.strategy, true, told), 1);
	assert_true(told[0].past && told_end(rig.strategy)->count == 1);
}

static void only_as_many_as_were_asked_for(void **state)
{
	static struct told told[TOLD_MAX];

	want(rig.strategy, AQ_1M, 3);
	for (uint64_t i = 0; i < 10; i++)
		say_past(request(), 1 + i, BEGIN - (10 - (int64_t)i) * MINUTE);
	past_end(request(), BEGIN - 10 * MINUTE);
	assert_int_equal(told_end(rig.strategy)->count, 3);
	pass_to(BEGIN + GRACE); /* the clock has not closed the last minute before */
	assert_int_equal(told_candles(rig.strategy, true, told), 4);
	for (uint32_t i = 0; i < 4; i++)
		assert_true(told[i].k.open_ns == BEGIN - (4 - (int64_t)i) * MINUTE && told[i].past == (i < 3));
}

/* The source reaches back into the middle of a candle: that one is left out. */
static void a_candle_without_its_begin_is_none_of_the_past(void **state)
{
	want(rig.strategy, AQ_1M, 100);
	say_past(request(), 1, BEGIN - 130 * SECOND);
	say_past(request(), 2, BEGIN - 100 * SECOND);
	say_past(request(), 3, BEGIN - 30 * SECOND);
	past_end(request(), BEGIN - 131 * SECOND);
	assert_int_equal(closed_count(rig.strategy), 1);
	assert_true(last_candle(rig.strategy).open_ns == BEGIN - 120 * SECOND && last_candle(rig.strategy).partial == 0);
}

static void no_trade_in_the_past_is_known_too(void **state)
{
	rig.f.now_ns = BEGIN + 30 * SECOND;
	want(rig.strategy, AQ_1M, 5);
	past_end(request(), BEGIN - 60 * MINUTE);
	say_now(1, BEGIN + 31 * SECOND);
	assert_true(last_candle(rig.strategy).partial == 0);
}

/* ---- adapters that do what they should not ---- */

static void an_adapter_that_never_answers(void **state)
{
	want(rig.strategy, AQ_1M, 5);
	say_now(1, BEGIN + SECOND);
	pass_to(BEGIN + 10 * SECOND - 1);
	assert_null(told_end(rig.strategy));
	pass_to(BEGIN + 10 * SECOND);
	assert_int_equal(told_end(rig.strategy)->count, 0);
	say_now(2, BEGIN + 12 * SECOND);
	assert_true(last_candle(rig.strategy).trades == 2);
	past_end(request(), BEGIN); /* at last */
	assert_int_equal(rig_seen(&rig, rig.strategy, AQ_EV_HISTORY), 1);
}

static void an_adapter_that_stops_in_the_middle(void **state)
{
	want(rig.strategy, AQ_1M, 5);
	for (int i = 1; i <= 4; i++) { /* what it tells is a sign of life */
		pass_to(BEGIN + i * 9 * SECOND);
		say_past(request(), (uint64_t)i, BEGIN - (10 - i) * MINUTE + SECOND);
	}
	assert_null(told_end(rig.strategy));
	pass_to(BEGIN + 46 * SECOND);
	assert_int_equal(told_end(rig.strategy)->count, 3); /* of the first one nobody knows whether its begin was told */
	assert_true(rig.f.candles.requests == NULL);
}

static void answers_that_nobody_waits_for(void **state)
{
	uint64_t id;

	want(rig.strategy, AQ_1M, 5);
	id = request();
	say_past(id + 1, 1, BEGIN - 5 * MINUTE);
	past_end(id + 1, BEGIN - 5 * MINUTE);
	past_end(0, BEGIN - 5 * MINUTE);
	past_end_of(id, rig.linear, BEGIN - 5 * MINUTE);
	past_end_of(id, 0, BEGIN - 5 * MINUTE);
	past_end_of(id, 9999, BEGIN - 5 * MINUTE);
	assert_null(told_end(rig.strategy));
	say_past(id, 2, BEGIN - 4 * MINUTE);
	past_end(id, BEGIN - 4 * MINUTE);
	say_past(id, 3, BEGIN - 3 * MINUTE); /* twice, and more of it */
	past_end(id, BEGIN - 4 * MINUTE);
	assert_int_equal(rig_seen(&rig, rig.strategy, AQ_EV_HISTORY), 1);
	say_now(10, BEGIN);
	assert_int_equal(closed_count(rig.strategy), 1);
}

/* Backwards, twice, of another century: candles still come in order and once. */
static void a_past_out_of_order(void **state)
{
	static struct told told[TOLD_MAX];
	uint32_t n;

	want(rig.strategy, AQ_1M, 50);
	for (uint64_t i = 0; i < 200; i++)
		say_past(request(), 1 + i * 7919 % 200, BEGIN - (3000 - (int64_t)(i * 104729 % 3000)) * SECOND);
	past_end(request(), INT64_MIN);
	say_now(1000, BEGIN + SECOND);
	n = told_candles(rig.strategy, true, told);
	for (uint32_t i = 1; i < n; i++)
		assert_true(told[i].k.open_ns >= told[i - 1].k.end_ns);
	assert_true(n > 0 && last_candle(rig.strategy).open_ns == BEGIN);
}

static void who_is_gone_hears_nothing(void **state)
{
	uint64_t id;

	want(rig.strategy, AQ_1M, 5);
	id = request();
	want(other, AQ_1M, 5);
	say_now(1, BEGIN);
	candles_forget_market(&rig.f, rig.strategy, rig.linear); /* another market */
	assert_true(candles_want_trades(&rig.f, market_find(&rig.f, rig.spot)));
	market_forget(&rig.f, rig.strategy);
	say_past(id, 2, BEGIN - MINUTE);
	past_end(id, BEGIN - MINUTE);
	assert_null(told_end(rig.strategy));
	past_end(request(), BEGIN - MINUTE);
	say_now(3, BEGIN + SECOND);
	assert_int_equal(last_candle(other).trades, 2);
	rig_clear(&rig);
	candles_forget_market(&rig.f, other, rig.spot);
	assert_int_equal(subscribed() & AQ_SUB_TRADES, 0);
	say_now(4, BEGIN + 2 * SECOND);
	assert_null(rig_last(&rig, other, AQ_EV_KLINE));
	market_forget(&rig.f, 12345);
}

/* While a reload puts other code behind it an instance gets nothing; what it had asked for is still asked for. */
static void a_reload_keeps_what_was_asked_for(void **state)
{
	want(rig.strategy, AQ_1M, 0);
	want(rig.strategy, AQ_5M, 2);
	say_now(1, BEGIN);
	rig.f.instances[rig.strategy].active = 0;
	say_now(2, BEGIN + SECOND);
	rig.f.instances[rig.strategy].active = 1;
	say_past(request(), 1, BEGIN);
	past_end(request(), BEGIN);
	rig_clear(&rig);
	say_now(3, BEGIN + 2 * SECOND);
	assert_int_equal(rig_seen(&rig, rig.strategy, AQ_EV_KLINE), 2);
	assert_int_equal(last_candle(rig.strategy).trades, 3);
	want(rig.strategy, AQ_1M, 0); /* as its ready callback does again */
	rig_clear(&rig);
	say_now(4, BEGIN + 3 * SECOND);
	assert_int_equal(rig_seen(&rig, rig.strategy, AQ_EV_KLINE), 2);
}

/* As a reload does: the listener of before hears of nothing twice. */
static void who_asks_again_is_told_once(void **state)
{
	static struct told told[TOLD_MAX];
	uint32_t count;
	uint64_t id;

	want(rig.strategy, AQ_1M, 0);
	say_now(1, BEGIN + 59 * SECOND);
	want(rig.strategy, AQ_1M, 5);
	id = request();
	rig_clear(&rig);
	say_now(2, BEGIN + MINUTE); /* closes the minute while the answer is on its way */
	assert_int_equal(rig_seen(&rig, rig.strategy, AQ_EV_KLINE), 0);
	say_past(id, 1, BEGIN + 59 * SECOND);
	past_end(id, BEGIN);
	count = told_candles(rig.strategy, true, told);
	assert_int_equal(count, 1);
	rig_clear(&rig);
	say_now(3, BEGIN + 61 * SECOND);
	assert_int_equal(rig_seen(&rig, rig.strategy, AQ_EV_KLINE), 1);
	assert_int_equal(last_candle(rig.strategy).trades, 2);
}

/* One that is stamped with a time to come does not end the candles until then. */
static void a_stamp_of_the_future_is_none(void **state)
{
	want(rig.strategy, AQ_1M, 0);
	say_now(1, BEGIN);
	rig_clear(&rig);
	say_now(2, BEGIN + 3600 * SECOND);
	assert_int_equal(rig_seen(&rig, rig.strategy, AQ_EV_KLINE), 0);
	say_now(3, BEGIN + SECOND);
	assert_int_equal(last_candle(rig.strategy).trades, 2);
}

/* However often the venue says a little more of the past. */
static void a_past_without_end_ends(void **state)
{
	want(rig.strategy, AQ_1M, 5);
	for (int i = 0; i < 100 && rig_seen(&rig, rig.strategy, AQ_EV_HISTORY) == 0; i++) {
		say_past(request(), 1, BEGIN - 60 * SECOND);
		pass_to(rig.f.now_ns + 9 * SECOND);
	}
	assert_int_equal(rig_seen(&rig, rig.strategy, AQ_EV_HISTORY), 1);
	assert_true(rig.f.now_ns <= BEGIN + 310 * SECOND);
}

/* Trades are missing when the venue was away: the candle says so, the one after it is whole again. */
static void while_the_venue_is_away(void **state)
{
	want(rig.strategy, AQ_1M, 0);
	say_now(1, BEGIN);
	assert_true(last_candle(rig.strategy).partial == 0);
	rig_venue(&rig, true); /* nothing new */
	say_now(2, BEGIN + SECOND);
	assert_true(last_candle(rig.strategy).partial == 0);
	rig_venue(&rig, false);
	pass_to(BEGIN + 70 * SECOND);
	assert_true(last_candle(rig.strategy).closed && last_candle(rig.strategy).partial);
	rig_venue(&rig, true);
	say_now(3, BEGIN + 71 * SECOND);
	assert_true(last_candle(rig.strategy).partial == 1);
	say_now(4, BEGIN + 121 * SECOND);
	assert_true(last_candle(rig.strategy).partial == 0);
}

static void a_question_that_was_lost_is_asked_again(void **state)
{
	uint64_t first;

	want(rig.strategy, AQ_1M, 5);
	first = request();
	say_past(first, 1, BEGIN - 3 * MINUTE);
	say_now(5, BEGIN);
	rig_venue(&rig, false);
	pass_to(BEGIN + 5 * SECOND);
	rig_venue(&rig, true);
	assert_true(request() > first);
	past_end(first, BEGIN - 3 * MINUTE);
	assert_null(told_end(rig.strategy));
	for (int i = 0; i < 5; i++)
		say_past(request(), 1 + (uint64_t)i, BEGIN - (3 - i) * MINUTE + (i == 3 ? -SECOND : 0) - (i == 4 ? MINUTE : 0));
	past_end(request(), BEGIN - 3 * MINUTE);
	assert_int_equal(told_end(rig.strategy)->count, 3);
}

/* ---- trades only ---- */

static void the_last_trades_then_live_ones(void **state)
{
	uint64_t ids[32], id;
	uint32_t past, n;

	want(rig.strategy, AQ_TRADES_ONLY, 4);
	id = request();
	for (uint64_t i = 1; i <= 6; i++)
		say_past(id, i, BEGIN - 10 * SECOND);
	say_now(6, BEGIN); /* of the past already */
	say_now(7, BEGIN);
	say_past(id, 6, BEGIN); /* twice */
	say_now(8, BEGIN);
	past_end(id, BEGIN - 10 * SECOND);
	say_now(9, BEGIN);
	n = told_trades(rig.strategy, ids, &past, 32);
	assert_true(n == 7 && past == 4);
	for (uint32_t i = 0; i < n; i++)
		assert_int_equal(ids[i], 3 + i);
	assert_true(told_end(rig.strategy)->interval == AQ_TRADES_ONLY && told_end(rig.strategy)->count == 4);
	assert_int_equal(market_mask(&rig.f, rig.strategy, rig.spot), AQ_SUB_TRADES);
}

/* It has them already, and asks for the past: what comes meanwhile waits, and what the past was ahead of is left out. */
static void the_past_of_trades_that_it_has_already(void **state)
{
	uint64_t ids[32];
	uint32_t past, n;

	market_subscribe(&rig.f, rig.strategy, rig.spot, AQ_SUB_TRADES);
	market_subscribe(&rig.f, other, rig.spot, AQ_SUB_TRADES);
	want(rig.strategy, AQ_TRADES_ONLY, 3);
	say_now(3, BEGIN);
	assert_int_equal(rig_seen(&rig, rig.strategy, AQ_EV_TRADE), 0);
	for (uint64_t i = 1; i <= 5; i++)
		say_past(request(), i, BEGIN);
	past_end(request(), BEGIN);
	for (uint64_t i = 4; i <= 7; i++)
		say_now(i, BEGIN);
	n = told_trades(rig.strategy, ids, &past, 32);
	assert_true(n == 5 && past == 3);
	for (uint32_t i = 0; i < n; i++)
		assert_int_equal(ids[i], 3 + i);
	assert_int_equal(told_trades(other, ids, &past, 32), 5); /* another one has had each as it came */
	say_now(2, BEGIN); /* ids begin anew */
	assert_int_equal(told_trades(rig.strategy, ids, &past, 32), 6);
}

static void no_past_trades_are_asked_for(void **state)
{
	want(rig.strategy, AQ_TRADES_ONLY, 0);
	assert_null(asked());
	assert_int_equal(told_end(rig.strategy)->count, 0);
	say_now(1, BEGIN);
	assert_int_equal(rig_seen(&rig, rig.strategy, AQ_EV_TRADE), 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_adapter_learns_that_trades_are_wanted),
		TEST(each_trade_tells_the_candle_and_a_later_one_closes_it),
		TEST(without_a_later_trade_the_clock_closes_it),
		TEST(trades_without_a_time_are_of_now),
		TEST(a_venue_that_says_nonsense),
		TEST(the_past_is_asked_from_the_first_candle_on),
		TEST(what_may_be_asked),
		TEST(history_and_live_meet),
		TEST(two_instances_have_the_same_candles),
		TEST(a_history_completes_what_is_built),
		TEST(a_candle_that_the_clock_has_closed_is_of_the_past),
		TEST(only_as_many_as_were_asked_for),
		TEST(a_candle_without_its_begin_is_none_of_the_past),
		TEST(no_trade_in_the_past_is_known_too),
		TEST(an_adapter_that_never_answers),
		TEST(an_adapter_that_stops_in_the_middle),
		TEST(answers_that_nobody_waits_for),
		TEST(a_past_out_of_order),
		TEST(who_is_gone_hears_nothing),
		TEST(a_reload_keeps_what_was_asked_for),
		TEST(who_asks_again_is_told_once),
		TEST(a_stamp_of_the_future_is_none),
		TEST(a_past_without_end_ends),
		TEST(while_the_venue_is_away),
		TEST(a_question_that_was_lost_is_asked_again),
		TEST(the_last_trades_then_live_ones),
		TEST(the_past_of_trades_that_it_has_already),
		TEST(no_past_trades_are_asked_for),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
