/* test_book_core.c: the book that strategies see. From recorded streams it equals, at every update id at which the
 * venue published its best prices, what the venue published; and whatever goes wrong with a chain, it is invalid
 * within the same event and valid again when it should be. */
#include "agreement.h"
#include "flow_rig.h"

#include <replay/import.h>

#include <unistd.h>

#define DATA AQ_SOURCE_DIR "/tests/data/"

/* ---- recorded streams ---- */

struct set {
	struct rig rig;
	struct agreement agreement;
	uint32_t instrument;
	uint64_t books, invalid, troubles;
};

static void give(struct set *s, const struct sim_frame *frame)
{
	static union {
		struct aq_event head;
		uint8_t bytes[AQ_EVENT_MAX];
	} record;
	uint32_t body = frame->size - (uint32_t)sizeof(*frame);

	record.head = (struct aq_event){.size = (uint32_t)sizeof(record.head) + body,
		.type = AQ_EV_BOOK_UPDATE,
		.instrument = s->instrument,
		.time_ns = frame->time_ns,
		.venue_ns = frame->venue_ns};
	memcpy(&record.head + 1, frame + 1, body);
	s->rig.f.now_ns = frame->time_ns;
	assert_int_equal(flow_emit(&s->rig.f, s->rig.exchange, &record.head), AQ_OK);
	assert_true(flow_apply_next(&s->rig.f));
}

/* The top of each event against the venue's own at the update that the book has reached. */
static void compare(struct set *s)
{
	rig_drain(&s->rig);
	for (uint32_t i = 0; i < s->rig.count; i++) {
		const struct aq_event *event = &s->rig.events[i].u.head;
		const struct aq_top *top = &AQ_BODY(aq_book, event)->top;

		s->troubles += event->type == AQ_EV_TROUBLE;
		if (event->type != AQ_EV_BOOK)
			continue;
		s->books++;
		s->invalid += !top->valid;
		agreement_check(&s->agreement, market_find(&s->rig.f, s->instrument)->reaches,
			(struct aq_level){top->bid, top->bid_qty}, (struct aq_level){top->ask, top->ask_qty});
	}
	s->rig.count = 0;
}

static void rebuild(struct set *s, const char *path)
{
	struct capture_reader reader;
	struct aq_err err = {0};
	int status;

	assert_true(agreement_load(&s->agreement, path));
	assert_int_equal(capture_open(&reader, path, &err), AQ_OK);
	while ((status = capture_next(&reader, &err)) > 0) {
		if (reader.frame->type == SIM_INSTRUMENT) {
			struct aq_instrument i = *SIM_BODY(aq_instrument, reader.frame);

			i.id = 0;
			snprintf(i.symbol, sizeof(i.symbol), "recorded");
			s->instrument = rig_add(&s->rig, &i);
			assert_int_equal(
				market_subscribe(&s->rig.f, s->rig.strategy, s->instrument, AQ_SUB_BOOK), AQ_OK);
		} else if (reader.frame->type == SIM_BOOK) {
			give(s, reader.frame);
			compare(s);
		}
	}
	assert_int_equal(status, 0);
	capture_close(&reader);
}

/* `deltas` that the capture holds, all but `old` of which change the book. */
static void check_set(struct replay_import import, uint64_t deltas, uint64_t old, uint64_t compared, const char *name)
{
	struct set *s = calloc(1, sizeof(*s));
	struct replay_result result;
	struct aq_err err = {0};
	char path[256];

	assert_non_null(s);
	snprintf(path, sizeof(path), "%s/book-core-%ld.aqc", AQ_BINARY_DIR, (long)getpid());
	import.out = path;
	import.shift_auto = true;
	if (replay_import(&import, &result, &err) != AQ_OK)
		fail_msg("%s", err.text);
	assert_int_equal(result.deltas, deltas);
	rig_new(&s->rig);
	rebuild(s, path);
	unlink(path);
	print_message("%llu/%llu %s\n", (unsigned long long)s->agreement.equal,
		(unsigned long long)s->agreement.compared, name);
	assert_int_equal(s->agreement.compared, compared);
	assert_int_equal(s->agreement.equal, compared);
	assert_int_equal(s->invalid, 0);
	assert_int_equal(s->troubles, 0);
	assert_true(s->books <= deltas + 1 - old && s->books > deltas - old - 64); /* some waited for the snapshot */
	rig_free(&s->rig);
	agreement_free(&s->agreement);
	free(s);
}

static void test_spot(void **unused)
{
	static const char *const files[] = {
		DATA "binance-spot/btcusdt_20240808.gz", DATA "binance-spot/btcusdt_20240809.gz"};

	check_set((struct replay_import){.venue = "binance", .symbol = "BTCUSDT", .in = files, .files = 2}, 6495, 2,
		1072, "spot");
}

static void test_usdm(void **unused)
{
	static const char *const files[] = {DATA "binance-usdm/btcusdt_20240808.gz"};

	check_set((struct replay_import){.venue = "binance_usdm", .symbol = "BTCUSDT", .in = files, .files = 1}, 6551,
		4, 629, "USD-M");
}

/* ---- one thing that goes wrong after the other ---- */

struct delta {
	uint64_t follows, reaches;
	aq_px bid, ask;
	aq_qty bid_qty, ask_qty;
	uint8_t snapshot, overlap;
};

static void book(struct rig *r, struct delta d)
{
	struct {
		struct aq_book_update u;
		struct aq_level levels[2];
	} body = {.u = {.follows = d.follows,
			  .reaches = d.reaches,
			  .bids = 1,
			  .asks = 1,
			  .snapshot = d.snapshot,
			  .overlap = d.overlap},
		.levels = {{d.bid, d.bid_qty}, {d.ask, d.ask_qty}}};

	rig_clear(r);
	r->f.now_ns += SECOND / 1000;
	rig_emit(r, AQ_EV_BOOK_UPDATE, r->spot, 0, &body, sizeof(body));
}

static void snapshot(struct rig *r, uint64_t reaches)
{
	book(r, (struct delta){.reaches = reaches, .bid = 100, .bid_qty = 1, .ask = 200, .ask_qty = 1, .snapshot = 1});
}

/* Adds a level far from the top. */
static void delta(struct rig *r, uint64_t follows, uint64_t reaches, uint8_t overlap)
{
	book(r, (struct delta){.follows = follows,
			.reaches = reaches,
			.bid = 50 + (aq_px)reaches % 50,
			.bid_qty = 1,
			.ask = 300,
			.ask_qty = 1,
			.overlap = overlap});
}

/* What the last event brought: books, troubles, and the validity told. */
static void expect(struct rig *r, uint32_t books, bool valid, uint8_t why)
{
	const struct aq_event *event;

	if (rig_seen(r, r->strategy, AQ_EV_BOOK) != books)
		fail_msg("%u books and not %u", rig_seen(r, r->strategy, AQ_EV_BOOK), books);
	event = rig_last(r, r->strategy, AQ_EV_BOOK);
	if (event != NULL) {
		assert_int_equal(AQ_BODY(aq_book, event)->top.valid, valid);
		assert_int_equal(AQ_BODY(aq_book, event)->top.why, why);
		assert_int_equal(AQ_BODY(aq_book, event)->replaced, 0);
	}
	assert_int_equal(market_find(&r->f, r->spot)->top.valid, valid);
	assert_int_equal(market_find(&r->f, r->spot)->top.why, why);
}

/* `what`: troubles in the order in which they are told, negative when over, 0 at the end. */
static void expect_troubles(struct rig *r, int first, int second)
{
	const int what[2] = {first, second};
	uint32_t n = 0;

	rig_drain(r);
	for (uint32_t i = 0; i < r->count; i++) {
		const struct aq_trouble *t = AQ_BODY(aq_trouble, &r->events[i].u.head);

		if (r->events[i].u.head.type != AQ_EV_TROUBLE)
			continue;
		assert_true(n < 2);
		assert_int_equal(t->over ? -(int)t->what : t->what, what[n]);
		assert_int_equal(r->events[i].u.head.instrument, r->spot);
		n++;
	}
	assert_int_equal(n, (first != 0) + (second != 0));
}

static struct rig *new_rig(void)
{
	struct flow_options options = rig_options();
	struct rig *r = calloc(1, sizeof(*r));

	assert_non_null(r);
	options.stale_after_ns = 10 * SECOND;
	rig_new_with(r, &options);
	rig_clear(r);
	assert_int_equal(market_subscribe(&r->f, r->strategy, r->spot, AQ_SUB_BOOK), AQ_OK);
	expect(r, 1, true, 0); /* the present one at once */
	snapshot(r, 10);
	expect(r, 1, true, 0);
	return r;
}

static void end_rig(struct rig *r)
{
	rig_free(r);
	free(r);
}

static void test_chain(void **unused)
{
	struct rig *r = new_rig();

	delta(r, 5, 10, 1); /* ends exactly at the snapshot */
	expect(r, 0, true, 0);
	delta(r, 8, 12, 1); /* begins before it */
	expect(r, 1, true, 0);
	delta(r, 11, 12, 1); /* old */
	expect(r, 0, true, 0);
	delta(r, 12, 14, 1);
	expect(r, 1, true, 0);
	delta(r, 14, 15, 0);
	expect(r, 1, true, 0);
	expect_troubles(r, 0, 0);
	assert_int_equal(market_find(&r->f, r->spot)->reaches, 15);
	assert_int_equal(market_find(&r->f, r->spot)->gaps, 0);
	end_rig(r);
}

static void test_gap(void **unused)
{
	struct rig *r = new_rig();

	delta(r, 12, 13, 1);
	expect(r, 1, false, AQ_BOOK_GAP);
	expect_troubles(r, AQ_TROUBLE_GAP, 0);
	assert_int_equal(rig_seen(r, r->exchange, AQ_EV_SUBSCRIBE), 1); /* a new snapshot is asked for */
	delta(r, 13, 14, 1);
	expect(r, 0, false, AQ_BOOK_GAP); /* waits, and nothing is told twice */
	expect_troubles(r, 0, 0);
	assert_int_equal(rig_seen(r, r->exchange, AQ_EV_SUBSCRIBE), 0);
	snapshot(r, 13);
	expect(r, 1, true, 0);
	expect_troubles(r, -AQ_TROUBLE_GAP, 0);
	assert_int_equal(market_find(&r->f, r->spot)->reaches, 14); /* what waited is in it */
	assert_int_equal(market_find(&r->f, r->spot)->gaps, 1);
	delta(r, 11, 12, 0); /* without overlap an old one is a gap too */
	expect(r, 1, false, AQ_BOOK_GAP);
	snapshot(r, 20);
	expect(r, 1, true, 0); /* and does not come back behind the next snapshot */
	end_rig(r);
}

/* Deltas that wait with a hole between them: the snapshot that fills it comes second. */
static void test_gap_among_those_that_wait(void **unused)
{
	struct rig *r = new_rig();

	delta(r, 11, 12, 1);
	delta(r, 12, 13, 1);
	delta(r, 15, 16, 1);
	delta(r, 16, 17, 1);
	snapshot(r, 12);
	expect(r, 1, false, AQ_BOOK_GAP);
	expect_troubles(r, 0, 0);
	assert_int_equal(rig_seen(r, r->exchange, AQ_EV_SUBSCRIBE), 1);
	snapshot(r, 15);
	expect(r, 1, true, 0);
	assert_int_equal(market_find(&r->f, r->spot)->reaches, 17);
	end_rig(r);
}

static void test_crossed(void **unused)
{
	struct rig *r = new_rig();
	aq_px middle2 = market_find(&r->f, r->spot)->middle2;

	book(r, (struct delta){.follows = 10, .reaches = 11, .bid = 200, .bid_qty = 1, .ask = 300, .ask_qty = 1});
	expect(r, 1, false, AQ_BOOK_CROSSED);
	expect_troubles(r, AQ_TROUBLE_CROSSED, 0);
	assert_int_equal(market_find(&r->f, r->spot)->middle2, middle2); /* of the last valid book */
	delta(r, 11, 12, 1);
	expect(r, 1, false, AQ_BOOK_CROSSED);
	expect_troubles(r, 0, 0);
	book(r, (struct delta){.follows = 12, .reaches = 13, .bid = 200, .bid_qty = 0, .ask = 300, .ask_qty = 1});
	expect(r, 1, true, 0); /* the chain held, so no snapshot is needed */
	expect_troubles(r, -AQ_TROUBLE_CROSSED, 0);
	book(r, (struct delta){.follows = 13, .reaches = 14, .bid = 250, .bid_qty = 1, .ask = 300, .ask_qty = 1});
	delta(r, 20, 21, 1);
	expect(r, 1, false, AQ_BOOK_GAP); /* one trouble ends the other */
	expect_troubles(r, -AQ_TROUBLE_CROSSED, AQ_TROUBLE_GAP);
	end_rig(r);
}

static void test_stale(void **unused)
{
	struct rig *r = new_rig();

	rig_clear(r);
	flow_tick(&r->f);
	assert_true(flow_due_ns(&r->f) <= r->f.now_ns + 10 * SECOND); /* a host that only ticks when due comes back */
	r->f.now_ns += 10 * SECOND;
	flow_tick(&r->f);
	expect(r, 0, true, 0);
	r->f.now_ns = flow_due_ns(&r->f);
	flow_tick(&r->f);
	expect(r, 1, false, AQ_BOOK_STALE);
	expect_troubles(r, AQ_TROUBLE_STALE, 0);
	rig_clear(r);
	r->f.now_ns = flow_due_ns(&r->f);
	flow_tick(&r->f);
	expect(r, 0, false, AQ_BOOK_STALE);
	delta(r, 10, 11, 1);
	expect(r, 1, true, 0); /* fresh again, and the chain held */
	expect_troubles(r, -AQ_TROUBLE_STALE, 0);
	end_rig(r);
}

/* An exchange may have an age of its own, shorter, longer or none, whatever that of the others is. */
static void test_stale_of_one_exchange(void **unused)
{
	struct rig *r = new_rig();
	uint32_t exchange = market_find(&r->f, r->spot)->instrument.exchange;

	rig_clear(r);
	flow_stale_after_set(&r->f, exchange, 2 * SECOND);
	assert_true(flow_due_ns(&r->f) <= r->f.now_ns + 2 * SECOND);
	r->f.now_ns += 2 * SECOND + 1;
	flow_tick(&r->f);
	expect(r, 1, false, AQ_BOOK_STALE);
	rig_clear(r);
	delta(r, 10, 11, 1);
	rig_clear(r);
	flow_stale_after_set(&r->f, exchange, INT64_MAX);
	r->f.now_ns += 1000 * SECOND;
	flow_tick(&r->f);
	expect(r, 0, true, 0);
	flow_stale_after_set(&r->f, exchange, 0);
	r->f.now_ns = flow_due_ns(&r->f);
	flow_tick(&r->f);
	expect(r, 1, false, AQ_BOOK_STALE);
	end_rig(r);
}

/* A delta that has waited does not make the snapshot behind it old. */
static void test_age_is_the_last_arrival(void **unused)
{
	struct rig *r = new_rig();

	delta(r, 11, 12, 1);
	r->f.now_ns += 9 * SECOND;
	snapshot(r, 11);
	assert_int_equal(market_find(&r->f, r->spot)->reaches, 12);
	assert_int_equal(market_find(&r->f, r->spot)->top.arrival_ns, r->f.now_ns);
	end_rig(r);
}

static void test_venue_down(void **unused)
{
	struct rig *r = new_rig();

	r->f.instances[r->strategy].account_count = 0; /* so that no account's trouble is among the book's */
	delta(r, 12, 13, 1);
	snapshot(r, 12);
	rig_clear(r);
	rig_venue(r, false);
	expect(r, 1, false, AQ_BOOK_VENUE_DOWN);
	expect_troubles(r, AQ_TROUBLE_VENUE_DOWN, 0);
	rig_clear(r);
	rig_venue(r, false);
	expect_troubles(r, 0, 0);
	delta(r, 13, 14, 1); /* of the old connection: waits */
	rig_clear(r);
	rig_venue(r, true);
	expect(r, 0, false, AQ_BOOK_VENUE_DOWN); /* up is not enough */
	snapshot(r, 30);
	expect(r, 1, true, 0);
	expect_troubles(r, -AQ_TROUBLE_VENUE_DOWN, 0);
	assert_int_equal(market_find(&r->f, r->spot)->reaches, 30);
	end_rig(r);
}

static void test_halted(void **unused)
{
	struct rig *r = new_rig();
	struct aq_instrument i = rig_instrument("BTC/USDT", AQ_SPOT, "USDT");

	i.state = AQ_HALTED;
	rig_clear(r);
	rig_add(r, &i);
	expect(r, 1, false, AQ_BOOK_HALTED);
	expect_troubles(r, AQ_TROUBLE_HALTED, 0);
	delta(r, 10, 11, 1);
	expect(r, 1, false, AQ_BOOK_HALTED);
	expect_troubles(r, 0, 0);
	i.state = AQ_TRADING;
	rig_clear(r);
	rig_add(r, &i);
	expect(r, 1, true, 0);
	expect_troubles(r, -AQ_TROUBLE_HALTED, 0);
	end_rig(r);
}

/* Prices that cannot be, a count beyond the record: what the delta would have changed is unknown. */
static void test_malformed(void **unused)
{
	struct rig *r = new_rig();
	struct aq_book_update u = {.follows = 10, .reaches = 11, .bids = 3};
	const aq_px prices[] = {0, -5, AQ_NONE, INT64_MAX};

	for (size_t i = 0; i < sizeof(prices) / sizeof(*prices); i++) {
		book(r, (struct delta){.follows = 10,
				.reaches = 11,
				.bid = prices[i],
				.bid_qty = 1,
				.ask = 300,
				.ask_qty = 1});
		expect(r, 1, false, AQ_BOOK_GAP);
		book(r, (struct delta){.reaches = 11,
				.bid = prices[i],
				.bid_qty = 1,
				.ask = 300,
				.ask_qty = 1,
				.snapshot = 1});
		expect(r, 0, false, AQ_BOOK_GAP);
		snapshot(r, 10);
		expect(r, 1, true, 0);
	}
	book(r, (struct delta){.follows = 10, .reaches = 11, .bid = 90, .bid_qty = -1, .ask = 300, .ask_qty = 1});
	expect(r, 1, false, AQ_BOOK_GAP);
	snapshot(r, 10);
	rig_clear(r);
	rig_emit(r, AQ_EV_BOOK_UPDATE, r->spot, 0, &u, sizeof(u)); /* three levels said, none given */
	expect(r, 1, false, AQ_BOOK_GAP);
	end_rig(r);
}

/* ---- any chain, against the rules as they stand with struct aq_book_update ---- */

#define IDS 4000
#define WAIT 200

struct model {
	bool has, fresh;
	uint64_t at;
	bool in[IDS]; /* which updates the book is made of */
	struct delta waiting[WAIT];
	int ids[WAIT];
	int count;
	int asked; /* for a new snapshot */
};

/* Returns false at a gap. */
static bool model_delta(struct model *m, const struct delta *d, int id, bool waited)
{
	bool first = d->overlap && m->fresh && d->follows < m->at;
	bool old = (d->overlap || waited) && d->reaches <= m->at;

	if (d->follows != m->at && old)
		return true;
	if (d->follows != m->at && !first)
		return false;
	m->in[id] = true;
	m->at = d->reaches;
	m->fresh = false;
	return true;
}

static void model_wait(struct model *m, const struct delta *d, int id)
{
	assert_true(m->count < WAIT);
	m->waiting[m->count] = *d;
	m->ids[m->count++] = id;
}

static void model_snapshot(struct model *m, const struct delta *d, int id)
{
	int i = 0;

	memset(m->in, 0, sizeof(m->in));
	m->in[id] = true;
	m->has = m->fresh = true;
	m->at = d->reaches;
	while (i < m->count && model_delta(m, &m->waiting[i], m->ids[i], true))
		i++;
	m->count -= i;
	memmove(m->waiting, m->waiting + i, (size_t)m->count * sizeof(*m->waiting));
	memmove(m->ids, m->ids + i, (size_t)m->count * sizeof(*m->ids));
	if (m->count > 0) {
		m->has = false;
		m->asked++;
	}
}

static void model_take(struct model *m, const struct delta *d, int id)
{
	if (d->snapshot) {
		model_snapshot(m, d, id);
	} else if (!m->has) {
		model_wait(m, d, id);
	} else if (!model_delta(m, d, id, false)) {
		m->has = false;
		m->asked++;
		model_wait(m, d, id);
	}
}

static void check_model(struct rig *r, const struct model *m)
{
	static struct aq_level seen[IDS];
	const struct market *real = market_find(&r->f, r->spot);
	int32_t levels = 0;

	assert_int_equal(real->has_book, m->has);
	assert_int_equal(real->top.valid, m->has);
	if (!m->has)
		return;
	assert_int_equal(real->reaches, m->at);
	for (int id = 0; id < IDS; id++)
		levels += m->in[id];
	assert_int_equal(market_levels(&r->f, r->spot, AQ_BUY, seen, IDS), levels);
	for (int32_t i = 0; i < levels; i++)
		assert_true(m->in[seen[i].price - 1]);
}

static uint32_t random_below(uint64_t *state, uint32_t below)
{
	*state = *state * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(*state >> 33) % below;
}

static struct delta random_delta(uint64_t *state, const struct model *m, int id)
{
	struct delta d = {.bid = id + 1, .bid_qty = 1, .ask = IDS + 1 + id % 7, .ask_qty = 1};

	d.snapshot = random_below(state, 100) < 12;
	d.overlap = random_below(state, 100) < 60;
	d.follows = random_below(state, 3) > 0 ? m->at : m->at + random_below(state, 8) - (m->at > 4 ? 4 : 0);
	d.reaches = d.follows + random_below(state, 5);
	return d;
}

static void run_chains(uint64_t seed, uint64_t *gaps, uint64_t *waited)
{
	struct rig *r = new_rig();
	struct model *m = calloc(1, sizeof(*m));
	uint64_t state = seed;

	assert_non_null(m);
	rig_venue(r, false);
	rig_venue(r, true);
	for (int id = 0; id < IDS; id++) {
		struct delta d = random_delta(&state, m, id);
		int asked = m->asked;

		if (m->count == WAIT - 1)
			d.snapshot = 1;
		model_take(m, &d, id);
		book(r, d);
		check_model(r, m);
		assert_int_equal(rig_seen(r, r->exchange, AQ_EV_SUBSCRIBE), m->asked - asked);
		*waited += m->count > 0;
	}
	*gaps += (uint64_t)m->asked;
	free(m);
	end_rig(r);
}

static void test_any_chain(void **unused)
{
	uint64_t gaps = 0, waited = 0;

	for (uint64_t seed = 1; seed <= 25; seed++)
		run_chains(seed, &gaps, &waited);
	print_message(
		"%llu gaps, %llu updates with others waiting\n", (unsigned long long)gaps, (unsigned long long)waited);
	assert_true(gaps > 1000 && waited > 1000);
}

/* ---- levels against a plain array ---- */

#define PRICES 500

static void check_side(const struct book_side *side, const aq_qty *qty)
{
	static struct aq_level seen[PRICES];
	uint32_t n = book_copy(side, seen, PRICES), at = 0;

	for (int i = 0; i < PRICES; i++) {
		int price = side->sign > 0 ? PRICES - 1 - i : i; /* best first */

		if (qty[price] == 0)
			continue;
		assert_true(at < n);
		assert_int_equal(seen[at].price, price + 1);
		assert_int_equal(seen[at].qty, qty[price]);
		if (at == 0)
			assert_memory_equal(book_best(side), &seen[0], sizeof(*seen));
		at++;
	}
	assert_int_equal(at, n);
	assert_int_equal(book_best(side) == NULL, n == 0);
	assert_int_equal(book_copy(side, seen, 3), n < 3 ? n : 3);
}

/* Changes that mostly stand near each other and near the best, as a market's do, and now and then a book that empties.
 */
static void run_levels(uint64_t seed)
{
	aq_qty qty[2][PRICES] = {{0}};
	struct book b;
	uint64_t state = seed;
	uint32_t near = 0, keep = 50;

	book_init(&b, 4); /* outgrown soon */
	for (int i = 0; i < 30000; i++) {
		uint32_t s = random_below(&state, 2);
		int price;

		if (random_below(&state, 4) == 0)
			near = random_below(&state, PRICES);
		if (random_below(&state, 2000) == 0)
			keep = 5 + random_below(&state, 90);
		price = (int)((near + random_below(&state, 6)) % PRICES);
		qty[s][price] = random_below(&state, 100) < keep ? 1 + random_below(&state, 1000) : 0;
		book_set(s == 0 ? &b.bids : &b.asks, price + 1, qty[s][price]);
		if (random_below(&state, 9000) == 0) {
			book_clear(&b);
			memset(qty, 0, sizeof(qty));
		}
		if (i % 7 == 0)
			check_side(&b.bids, qty[0]);
		if (i % 7 == 0)
			check_side(&b.asks, qty[1]);
	}
	book_finish(&b);
}

static void test_levels(void **unused)
{
	for (uint64_t seed = 1; seed <= 6; seed++)
		run_levels(seed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_spot), cmocka_unit_test(test_usdm),
		cmocka_unit_test(test_chain), cmocka_unit_test(test_gap),
		cmocka_unit_test(test_gap_among_those_that_wait), cmocka_unit_test(test_crossed),
		cmocka_unit_test(test_stale), cmocka_unit_test(test_stale_of_one_exchange),
		cmocka_unit_test(test_age_is_the_last_arrival),
		cmocka_unit_test(test_venue_down), cmocka_unit_test(test_halted), cmocka_unit_test(test_malformed),
		cmocka_unit_test(test_any_chain), cmocka_unit_test(test_levels)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
