/* test_candles_venue.c: a venue that tells candles of its own instead of trades: live and past ones meet, longer ones are
 * made of them, and of shorter ones it is said that there are none. */
#include "flow_rig.h"

#include "flow/candles.h"

#define MINUTE (60 * SECOND)
#define BEGIN (RIG_START + 600 * SECOND) /* of ten minutes; the rig's day began at RIG_START */
#define TOLD_MAX 256

static struct rig rig;

static int setup(void **state)
{
	struct flow_options options = rig_options();

	options.kline_grace_ns = SECOND;
	rig_new_with(&rig, &options);
	rig.f.now_ns = BEGIN;
	rig_clear(&rig);
	return 0;
}

static int teardown(void **state)
{
	rig_free(&rig);
	return 0;
}

static void emit(uint16_t type, uint16_t flags, uint64_t tag, const void *body, size_t size)
{
	struct {
		struct aq_event head;
		uint8_t bytes[sizeof(struct aq_kline)];
	} record = {.head = {.type = type, .flags = flags, .tag = tag, .instrument = rig.spot}};

	memcpy(record.bytes, body, size);
	record.head.size = (uint32_t)(sizeof(record.head) + size);
	assert_int_equal(flow_emit(&rig.f, rig.exchange, &record.head), AQ_OK);
	assert_true(flow_apply_next(&rig.f));
}

/* The candle of a minute from BEGIN on. */
static struct aq_kline minute(int n)
{
	aq_px price = 10000 + 37 * n % 101;

	return (struct aq_kline){.interval = AQ_1M, .open_ns = BEGIN + n * MINUTE, .end_ns = BEGIN + (n + 1) * MINUTE,
		.open = price, .high = price + 5, .low = price - 5, .close = price + 1, .qty = 100 + n, .closed = 1};
}

static void say_now(int n)
{
	struct aq_kline k = minute(n);

	rig.f.now_ns = k.end_ns;
	emit(AQ_EV_KLINE, 0, 0, &k, sizeof(k));
}

static void say_past(uint64_t request, int n)
{
	struct aq_kline k = minute(n);

	emit(AQ_EV_KLINE, AQ_EV_HISTORICAL, request, &k, sizeof(k));
}

static void end_past(uint64_t request, int64_t since_ns)
{
	struct aq_history body = {.since_ns = since_ns, .request = request};

	emit(AQ_EV_HISTORY, 0, 0, &body, sizeof(body));
}

static uint64_t want(uint8_t interval, uint32_t count)
{
	assert_int_equal(candles_want(&rig.f, rig.strategy, rig.spot, interval, count), AQ_OK);
	const struct aq_event *event = rig_last(&rig, rig.exchange, AQ_EV_PAST);

	return event == NULL ? 0 : AQ_BODY(aq_past, event)->request;
}

struct told {
	struct aq_kline k;
	bool past;
};

static uint32_t closed(uint8_t interval, struct told *out)
{
	uint32_t n = 0;

	rig_drain(&rig);
	for (uint32_t i = 0; i < rig.count; i++) {
		const struct aq_event *event = &rig.events[i].u.head;
		const struct aq_kline *k = AQ_BODY(aq_kline, event);

		if (rig.events[i].to != rig.strategy || event->type != AQ_EV_KLINE || !k->closed || k->interval != interval)
			continue;
		assert_true(n < TOLD_MAX);
		out[n++] = (struct told){.k = *k, .past = (event->flags & AQ_EV_HISTORICAL) != 0};
	}
	return n;
}

static void live_ones_are_told_as_they_come(void **state)
{
	struct told told[TOLD_MAX];

	want(AQ_1M, 0);
	say_now(0);
	say_now(1);
	say_now(1); /* once more */
	say_now(3); /* one is missing */
	assert_int_equal(closed(AQ_1M, told), 3);
	for (int i = 0; i < 3; i++) {
		struct aq_kline k = minute(i < 2 ? i : 3);

		k.empty = i < 2 ? 0 : 1;
		assert_memory_equal(&told[i].k, &k, sizeof(k));
	}
	assert_int_equal(rig_seen(&rig, rig.strategy, AQ_EV_KLINE), 3); /* closed at once: none that is still open */
}

/* Five minutes: open ones with each minute, closed with the last of them, by the clock where that one is missing. */
static void longer_ones_are_made_of_them(void **state)
{
	struct told told[TOLD_MAX];

	want(AQ_5M, 0);
	for (int n = 0; n < 9; n++)
		say_now(n);
	assert_int_equal(closed(AQ_5M, told), 1);
	assert_int_equal(rig_seen(&rig, rig.strategy, AQ_EV_KLINE), 9);
	assert_true(told[0].k.open == minute(0).open && told[0].k.close == minute(4).close && !told[0].k.partial);
	assert_int_equal(told[0].k.qty, 100 + 101 + 102 + 103 + 104);
	rig.f.now_ns = BEGIN + 10 * MINUTE + SECOND;
	assert_true(flow_due_ns(&rig.f) <= rig.f.now_ns);
	flow_tick(&rig.f);
	assert_int_equal(closed(AQ_5M, told), 2);
	assert_int_equal(told[1].k.qty, 105 + 106 + 107 + 108);
}

static void the_past_and_live_ones_meet(void **state)
{
	struct told told[TOLD_MAX];
	uint64_t request;

	rig.f.now_ns = BEGIN + 8 * MINUTE;
	request = want(AQ_1M, 5);
	for (int n = 0; n < 7; n++)
		say_past(request, n);
	say_now(8); /* held until the past is told, which tells a candle more than was over when it was asked for */
	say_past(request, 7);
	end_past(request, BEGIN);
	say_now(8);
	say_now(9);
	assert_int_equal(closed(AQ_1M, told), 6);
	for (int i = 0; i < 6; i++) {
		assert_int_equal(told[i].k.open_ns, minute(4 + i).open_ns);
		assert_int_equal(told[i].past, i < 5);
	}
}

static void a_longer_one_begins_in_the_past(void **state)
{
	struct told told[TOLD_MAX];
	uint64_t request;

	rig.f.now_ns = BEGIN + 7 * MINUTE;
	request = want(AQ_5M, 5);
	for (int n = 0; n < 7; n++)
		say_past(request, n);
	end_past(request, BEGIN);
	for (int n = 7; n < 10; n++)
		say_now(n);
	assert_int_equal(closed(AQ_5M, told), 2);
	assert_true(told[0].past && told[0].k.qty == 510 && !told[1].past && told[1].k.qty == 535 && !told[1].k.partial);
}

static void of_shorter_ones_there_are_none(void **state)
{
	struct told told[TOLD_MAX];
	struct aq_kline hour = minute(0);

	want(AQ_1M, 0);
	hour.interval = AQ_1H;
	hour.open_ns = RIG_START;
	hour.end_ns = RIG_START + 60 * MINUTE;
	rig.f.now_ns = hour.end_ns;
	emit(AQ_EV_KLINE, 0, 0, &hour, sizeof(hour));
	assert_int_equal(closed(AQ_1M, told), 0);
	assert_int_equal(rig_seen(&rig, rig.strategy, AQ_EV_KLINE), 0);
}

static void nonsense_is_none(void **state)
{
	struct told told[TOLD_MAX];
	struct aq_kline k = minute(0);
	uint64_t request = want(AQ_1M, 9);

	k.low = k.high + 1;
	emit(AQ_EV_KLINE, 0, 0, &k, sizeof(k));
	emit(AQ_EV_KLINE, AQ_EV_HISTORICAL, request, &k, sizeof(k));
	emit(AQ_EV_KLINE, 0, 0, &k, 8); /* too short */
	k = minute(20);
	emit(AQ_EV_KLINE, 0, 0, &k, sizeof(k)); /* of the future */
	emit(AQ_EV_KLINE, AQ_EV_HISTORICAL, request, &k, sizeof(k));
	emit(AQ_EV_KLINE, AQ_EV_HISTORICAL, request + 1, &k, sizeof(k)); /* nobody has asked */
	end_past(request, BEGIN);
	assert_int_equal(closed(AQ_1M, told), 0);
	say_now(0);
	assert_int_equal(closed(AQ_1M, told), 1);
}

/* The last trades are none of candles. */
static void trades_of_the_past_are_none_of_them(void **state)
{
	uint64_t request = want(AQ_TRADES_ONLY, 5);

	say_past(request, 0);
	end_past(request, BEGIN);
	say_now(1);
	assert_int_equal(rig_seen(&rig, rig.strategy, AQ_EV_TRADE), 0);
	assert_int_equal(rig_seen(&rig, rig.strategy, AQ_EV_HISTORY), 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(live_ones_are_told_as_they_come),
		TEST(longer_ones_are_made_of_them),
		TEST(the_past_and_live_ones_meet),
		TEST(a_longer_one_begins_in_the_past),
		TEST(of_shorter_ones_there_are_none),
		TEST(nonsense_is_none),
		TEST(trades_of_the_past_are_none_of_them),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
