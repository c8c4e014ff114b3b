/* candles.c: see candles.h. Who asks for the past is in candles_past.c. */
#include "flow/candles_internal.h"

#include "base/check.h"
#include "flow/market.h"

#include <stdlib.h>
#include <string.h>

/* ---- events ---- */

void candles_tell(struct flow *f, uint32_t instance, uint32_t instrument, const struct aq_kline *k, uint16_t flags)
{
	struct aq_event *event = flow_event(f, instance, AQ_EV_KLINE, sizeof(*k));

	if (event == NULL)
		return;
	event->instrument = instrument;
	event->flags |= flags;
	event->venue_ns = k->closed ? k->end_ns : 0;
	memcpy(event + 1, k, sizeof(*k));
}

static void tell_all(struct flow *f, const struct candles *c, uint32_t instrument, const struct aq_kline *k)
{
	for (uint32_t i = 0; i < c->count; i++)
		if (k->open_ns >= c->listeners[i].from_ns)
			candles_tell(f, c->listeners[i].instance, instrument, k, 0);
}

/* ---- building ---- */

static void expect_close(struct flow *f, const struct candles *c)
{
	int64_t due = c->k.now.end_ns + f->options.kline_grace_ns;

	if (kline_begun(&c->k) && due < f->candles.due_ns)
		f->candles.due_ns = due;
}

void candles_trade(struct flow *f, struct market *m, const struct aq_trade *t, int64_t venue_ns)
{
	struct aq_kline closed;
	struct aq_amt value;
	int64_t at_ns = venue_ns != 0 ? venue_ns : f->now_ns;

	if ((m->candles == NULL && f->candles.requests == NULL) || at_ns > f->now_ns + CANDLES_AHEAD_NS)
		return;
	candles_hold(f, m, t, at_ns);
	if (market_notional(m, t->price, t->qty, &value) != 0)
		return;
	for (struct candles *c = m->candles; c != NULL; c = c->next) {
		uint64_t before = c->k.now.trades;

		if (kline_add(&c->k, t, at_ns, value, &closed))
			tell_all(f, c, m->instrument.id, &closed);
		else if (c->k.now.trades == before)
			continue; /* told before, or too late */
		tell_all(f, c, m->instrument.id, &c->k.now);
		expect_close(f, c);
	}
}

/* Of what is shorter than all that the venue tells there is nothing to be told. */
static void say_none(struct flow *f, const struct market *m, struct candles *c, uint8_t interval)
{
	if (!c->none_said)
		flow_say(f, AQ_LOG_WARN, "%s: no candles of %s: %s tells those of %s, of which they cannot be made",
			m->instrument.symbol, kline_name(c->k.now.interval), flow_instance_name(f, m->instrument.exchange),
			kline_name(interval));
	c->none_said = true;
}

static void take_candle(struct flow *f, const struct market *m, struct candles *c, const struct aq_kline *k)
{
	struct aq_kline closed;
	int64_t before = c->k.told_ns;

	if (kline_add_candle(&c->k, k, &closed))
		tell_all(f, c, m->instrument.id, &closed);
	if (c->k.told_ns == before)
		return; /* told before, or too late */
	if (kline_complete(&c->k) && kline_close(&c->k, &closed))
		tell_all(f, c, m->instrument.id, &closed);
	else
		tell_all(f, c, m->instrument.id, &c->k.now);
	expect_close(f, c);
}

void candles_kline(struct flow *f, struct market *m, const struct aq_kline *k)
{
	if (!kline_makes_sense(k) || k->end_ns > f->now_ns + CANDLES_AHEAD_NS)
		return;
	candles_hold_kline(f, m, k);
	for (struct candles *c = m->candles; c != NULL; c = c->next) {
		if (kline_divides(k->interval, c->k.now.interval))
			take_candle(f, m, c, k);
		else
			say_none(f, m, c, k->interval);
	}
}

bool candles_is_over(const struct flow *f, const struct kline *k)
{
	return kline_begun(k) && f->now_ns >= k->now.end_ns + f->options.kline_grace_ns;
}

static void close_due(struct flow *f, const struct market *m)
{
	struct aq_kline closed;

	for (struct candles *c = m->candles; c != NULL; c = c->next) {
		if (candles_is_over(f, &c->k) && kline_close(&c->k, &closed))
			tell_all(f, c, m->instrument.id, &closed);
		expect_close(f, c);
	}
}

int64_t candles_due_ns(const struct flow *f)
{
	return f->candles.due_ns;
}

void candles_tick(struct flow *f)
{
	if (f->now_ns < f->candles.due_ns)
		return;
	f->candles.due_ns = INT64_MAX;
	for (uint32_t id = 1; id < f->market_capacity; id++)
		if (f->markets[id] != NULL)
			close_due(f, f->markets[id]);
	candles_requests_tick(f);
}

/* A candle that is being built while the connection breaks lacks trades, and so does the one that begins before it is
 * back. */
static void gap(struct flow *f, struct market *m)
{
	for (struct candles *c = m->candles; c != NULL; c = c->next) {
		c->k.since_ns = f->now_ns;
		c->k.now.partial = kline_begun(&c->k);
	}
}

void candles_venue(struct flow *f, uint32_t exchange, bool up)
{
	if (f->instances[exchange].up == up)
		return;
	for (uint32_t id = 1; id < f->market_capacity; id++)
		if (f->markets[id] != NULL && f->markets[id]->instrument.exchange == exchange)
			gap(f, f->markets[id]);
	if (up)
		candles_requests_again(f, exchange);
}

/* ---- who wants them ---- */

static struct candles *find(struct market *m, uint8_t interval)
{
	struct candles *c = m->candles;

	while (c != NULL && c->k.now.interval != interval)
		c = c->next;
	return c;
}

static struct candles *make(struct market *m, const struct kline *known)
{
	struct candles *c = calloc(1, sizeof(*c));

	CHECK(c != NULL);
	c->k = *known;
	c->next = m->candles;
	m->candles = c;
	return c;
}

/* A history may know what came before the first trade that we have seen ourselves. */
static void learn(struct kline *k, const struct kline *known)
{
	bool blank = !kline_begun(k) && k->last_id == 0 && k->last_end_ns == INT64_MIN;
	bool whole = k->now.partial && !known->now.partial && kline_begun(known) && known->now.open_ns == k->now.open_ns;

	if (blank)
		*k = *known;
	if (!whole)
		return;
	k->now = known->now;
	k->last_id = known->last_id;
	k->last_ns = known->last_ns;
	k->told_ns = known->told_ns;
}

static struct candle_listener *listener_of(struct candles *c, uint32_t instance)
{
	for (uint32_t i = 0; i < c->count; i++)
		if (c->listeners[i].instance == instance)
			return &c->listeners[i];
	c->listeners = realloc(c->listeners, (c->count + 1) * sizeof(*c->listeners));
	CHECK(c->listeners != NULL);
	c->listeners[c->count] = (struct candle_listener){.instance = instance, .from_ns = INT64_MIN};
	return &c->listeners[c->count++];
}

void candles_add(struct flow *f, struct market *m, uint32_t instance, const struct kline *known)
{
	struct candles *c = find(m, known->now.interval);
	struct candle_listener *l;

	if (c == NULL)
		c = make(m, known);
	else
		learn(&c->k, known);
	l = listener_of(c, instance);
	l->from_ns = known->last_end_ns > l->from_ns ? known->last_end_ns : l->from_ns;
	expect_close(f, c);
}

static void drop_instance(struct candles *c, uint32_t instance)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < c->count; i++)
		if (c->listeners[i].instance != instance)
			c->listeners[kept++] = c->listeners[i];
	c->count = kept;
}

void candles_pause(struct market *m, uint8_t interval, uint32_t instance)
{
	struct candles *c = find(m, interval);

	if (c != NULL)
		drop_instance(c, instance);
}

static void candles_free(struct candles *c)
{
	free(c->listeners);
	free(c);
}

static void forget_of(struct market *m, uint32_t instance)
{
	for (struct candles **at = &m->candles; *at != NULL;) {
		struct candles *c = *at;

		drop_instance(c, instance);
		if (c->count > 0) {
			at = &c->next;
			continue;
		}
		*at = c->next;
		candles_free(c);
	}
}

void candles_forget(struct flow *f, uint32_t instance)
{
	candles_requests_forget(f, instance, 0);
	for (uint32_t id = 1; id < f->market_capacity; id++)
		if (f->markets[id] != NULL)
			forget_of(f->markets[id], instance);
}

void candles_forget_market(struct flow *f, uint32_t instance, uint32_t instrument)
{
	struct market *m = market_find(f, instrument);

	if (m == NULL)
		return;
	candles_requests_forget(f, instance, instrument);
	forget_of(m, instance);
	market_tell_wanted(f, m);
}

void candles_finish(struct flow *f)
{
	candles_requests_forget(f, AQ_ALL, 0);
	for (uint32_t id = 1; id < f->market_capacity; id++)
		while (f->markets[id] != NULL && f->markets[id]->candles != NULL) {
			struct candles *c = f->markets[id]->candles;

			f->markets[id]->candles = c->next;
			candles_free(c);
		}
}

bool candles_want_trades(const struct flow *f, const struct market *m)
{
	return m->candles != NULL || candles_awaited(f, m->instrument.id);
}
