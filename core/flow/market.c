/* market.c: instruments, subscriptions and reads. The records are in market_data.c. */
#include "flow/market.h"

#include "base/check.h"
#include "flow/candles.h"
#include "flow/record.h"

#include "decimal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BOOK_LEVELS 4096

static struct market *market_add(struct flow *f, uint32_t id)
{
	struct market *m = calloc(1, sizeof(*m));

	CHECK(m != NULL);
	while (id >= f->market_capacity) {
		uint32_t old = f->market_capacity;

		f->market_capacity = old == 0 ? 64 : 2 * old;
		f->markets = realloc(f->markets, f->market_capacity * sizeof(*f->markets));
		CHECK(f->markets != NULL);
		memset(f->markets + old, 0, (f->market_capacity - old) * sizeof(*f->markets));
	}
	m->top = (struct aq_top){.bid = AQ_NONE, .ask = AQ_NONE, .why = AQ_BOOK_NONE_YET};
	f->markets[id] = m;
	return m;
}

static bool same_scale(const struct aq_instrument *a, const struct aq_instrument *b)
{
	return a->kind == b->kind && a->px_digits == b->px_digits && a->qty_digits == b->qty_digits &&
	       a->qty_unit == b->qty_unit;
}

/* Everything but id, revision and exchange, which are ours. */
static bool same_rules(const struct aq_instrument *a, const struct aq_instrument *b)
{
	struct aq_instrument copy = *b;

	copy.id = a->id;
	copy.revision = a->revision;
	copy.exchange = a->exchange;
	return memcmp(a, &copy, sizeof(copy)) == 0;
}

static bool makes_sense(const struct aq_instrument *i)
{
	return i->size == sizeof(*i) && i->kind >= AQ_SPOT && i->kind <= AQ_INVERSE && i->px_digits <= 18 &&
	       i->qty_digits <= 18 && i->tick > 0 && i->lot > 0 && i->min_qty >= 0 && i->max_qty >= 0 &&
	       aq_amt_sign(i->min_notional) >= 0 && i->symbol[0] != '\0' &&
	       memchr(i->symbol, 0, sizeof(i->symbol)) != NULL && memchr(i->base, 0, sizeof(i->base)) != NULL &&
	       memchr(i->quote, 0, sizeof(i->quote)) != NULL && memchr(i->settle, 0, sizeof(i->settle)) != NULL &&
	       memchr(i->venue_symbol, 0, sizeof(i->venue_symbol)) != NULL;
}

int32_t market_instrument(struct flow *f, uint32_t exchange, const struct aq_instrument *instrument)
{
	struct aq_instrument fact = *instrument;
	char name[sizeof(((struct fact_name *)0)->text)];
	struct market *m;
	uint32_t id;

	if (!makes_sense(instrument))
		return AQ_EINVAL;
	snprintf(name, sizeof(name), "%s:%s", flow_instance_name(f, exchange), instrument->symbol);
	id = record_name(f, NAME_INSTRUMENT, name);
	if (id == 0)
		return AQ_ESTATE;
	m = market_find(f, id);
	if (m != NULL && m->instrument.id != 0) {
		if (!same_scale(&m->instrument, instrument))
			return AQ_EINVAL;
		if (same_rules(&m->instrument, instrument) && m->instrument.exchange == exchange)
			return (int32_t)id;
	}
	fact.id = id;
	fact.exchange = exchange;
	fact.revision = m == NULL ? 1 : m->instrument.revision + 1;
	if (record_fact(f, FACT_INSTRUMENT, &fact, sizeof(fact)) != 0)
		return AQ_ESTATE;
	m = market_find(f, id);
	for (uint32_t i = 0; i < m->subscriber_count; i++)
		market_tell_instrument(f, m, m->subscribers[i].instance, 0);
	if (m->has_book) /* it may be halted now */
		market_judge(f, m);
	return (int32_t)id;
}

bool market_fits_instrument(const struct flow *f, const struct aq_instrument *fact)
{
	return fact->id != 0 && fact->id <= names_count(&f->names, NAME_INSTRUMENT) && makes_sense(fact);
}

void market_apply_instrument(struct flow *f, const struct aq_instrument *fact)
{
	struct market *m = market_find(f, fact->id);

	if (m == NULL) {
		m = market_add(f, fact->id);
		f->instruments_changed = true;
	}
	m->instrument = *fact;
	if (m->book.bids.levels == NULL)
		book_init(&m->book, BOOK_LEVELS);
}

void market_tell_wanted(struct flow *f, struct market *m)
{
	uint32_t wanted = candles_want_trades(f, m) ? AQ_SUB_TRADES : 0;
	struct aq_event *event;

	for (uint32_t i = 0; i < m->subscriber_count; i++)
		wanted |= m->subscribers[i].mask & ~AQ_SUB_LATEST;
	if (wanted == m->wanted)
		return;
	m->wanted = wanted;
	if ((wanted & AQ_SUB_BOOK) == 0) { /* nobody keeps it in step any more */
		m->has_book = 0;
		m->top.valid = 0;
		m->top.why = AQ_BOOK_NONE_YET;
	}
	if ((wanted & AQ_SUB_BOOK) != 0)
		market_expect_book(m);
	event = flow_event(f, m->instrument.exchange, AQ_EV_SUBSCRIBE, 0);
	if (event == NULL)
		return;
	event->instrument = m->instrument.id;
	event->tag = wanted;
}

static struct flow_subscriber *subscriber(struct market *m, uint32_t instance)
{
	for (uint32_t i = 0; i < m->subscriber_count; i++)
		if (m->subscribers[i].instance == instance)
			return &m->subscribers[i];
	return NULL;
}

static bool follows(const struct flow *f, uint32_t instance)
{
	uint32_t i = 0;

	while (i < f->follower_count && f->followers[i].instance != instance)
		i++;
	return i < f->follower_count;
}

/* Whoever follows others comes behind them. */
static struct flow_subscriber *add_subscriber(const struct flow *f, struct market *m, uint32_t instance)
{
	uint32_t at;

	if (m->subscriber_count == m->subscriber_capacity) {
		m->subscriber_capacity = m->subscriber_capacity == 0 ? 4 : 2 * m->subscriber_capacity;
		m->subscribers = realloc(m->subscribers, m->subscriber_capacity * sizeof(*m->subscribers));
		CHECK(m->subscribers != NULL);
	}
	at = m->subscriber_count++;
	for (; !follows(f, instance) && at > 0 && follows(f, m->subscribers[at - 1].instance); at--)
		m->subscribers[at] = m->subscribers[at - 1];
	m->subscribers[at] = (struct flow_subscriber){.instance = instance};
	return &m->subscribers[at];
}

int32_t market_check_subscription(const struct flow *f, uint32_t instrument, uint32_t mask)
{
	const uint32_t known = AQ_SUB_BOOK | AQ_SUB_TRADES | AQ_SUB_TICKER | AQ_SUB_FUNDING | AQ_SUB_LATEST;

	if (mask == 0 || (mask & ~known) != 0)
		return AQ_EINVAL;
	return market_find(f, instrument) == NULL ? AQ_ENOENT : AQ_OK;
}

/* Somebody has something of the market who does not follow others himself. */
static bool is_led(const struct flow *f, const struct market *m)
{
	uint32_t i = 0;

	while (i < m->subscriber_count && follows(f, m->subscribers[i].instance))
		i++;
	return i < m->subscriber_count;
}

bool market_is_told(const struct flow *f, uint32_t instance, const struct market *m)
{
	return market_mask(f, instance, m->instrument.id) != 0 || (follows(f, instance) && is_led(f, m));
}

static void lead(struct flow *f, struct market *m, const struct flow_follower *to)
{
	if (f->instances[to->instance].active)
		market_tell_instrument(f, m, to->instance, 0);
	if (to->mask != 0)
		market_subscribe(f, to->instance, m->instrument.id, to->mask);
}

int32_t market_follow(struct flow *f, uint32_t instance, uint32_t mask)
{
	uint32_t at = 0;

	while (at < f->follower_count && f->followers[at].instance != instance)
		at++;
	if (at == FLOW_FOLLOWERS)
		return AQ_EAGAIN;
	f->follower_count += at == f->follower_count;
	f->followers[at] = (struct flow_follower){.instance = instance, .mask = mask};
	for (uint32_t id = 1; id < f->market_capacity; id++)
		if (f->markets[id] != NULL && is_led(f, f->markets[id]))
			lead(f, f->markets[id], &f->followers[at]);
	return AQ_OK;
}

static void unfollow(struct flow *f, uint32_t instance)
{
	uint32_t at = 0;

	while (at < f->follower_count && f->followers[at].instance != instance)
		at++;
	if (at == f->follower_count)
		return;
	memmove(&f->followers[at], &f->followers[at + 1], (f->follower_count - at - 1) * sizeof(f->followers[0]));
	f->follower_count--;
}

int32_t market_subscribe(struct flow *f, uint32_t instance, uint32_t instrument, uint32_t mask)
{
	struct market *m = market_find(f, instrument);
	struct flow_subscriber *s;
	uint32_t added;
	bool is_new;
	int32_t rc = market_check_subscription(f, instrument, mask);

	if (rc != 0)
		return rc;
	s = subscriber(m, instance);
	is_new = s == NULL;
	if (is_new)
		s = add_subscriber(f, m, instance);
	added = mask & ~s->mask;
	s->mask |= mask;
	market_tell_wanted(f, m);
	if ((added & AQ_SUB_BOOK) != 0 && m->has_book)
		market_tell_book(f, m, instance, 0);
	for (uint32_t i = 0; is_new && !follows(f, instance) && i < f->follower_count; i++)
		lead(f, m, &f->followers[i]);
	return AQ_OK;
}

int32_t market_unsubscribe(struct flow *f, uint32_t instance, uint32_t instrument, uint32_t mask)
{
	struct market *m = market_find(f, instrument);
	struct flow_subscriber *s = m == NULL ? NULL : subscriber(m, instance);

	if (s == NULL)
		return AQ_ENOENT;
	s->mask &= ~mask;
	if ((mask & AQ_SUB_BOOK) != 0)
		s->books = 0;
	if ((mask & AQ_SUB_TICKER) != 0)
		s->tickers = 0;
	if ((s->mask & ~AQ_SUB_LATEST) == 0) /* order is kept, so that delivery stays deterministic */
		memmove(s, s + 1, (size_t)(m->subscribers + --m->subscriber_count - s) * sizeof(*s));
	market_tell_wanted(f, m);
	return AQ_OK;
}

void market_trades_after(struct flow *f, uint32_t instance, uint32_t instrument, uint64_t id)
{
	struct flow_subscriber *s = subscriber(market_find(f, instrument), instance);

	if (s != NULL)
		s->trades_after = id;
}

void market_forget(struct flow *f, uint32_t instance)
{
	unfollow(f, instance);
	candles_forget(f, instance);
	for (uint32_t id = 1; id < f->market_capacity; id++)
		if (f->markets[id] != NULL && market_unsubscribe(f, instance, id, UINT32_MAX) == AQ_ENOENT)
			market_tell_wanted(f, f->markets[id]);
}

uint32_t market_mask(const struct flow *f, uint32_t instance, uint32_t instrument)
{
	struct market *m = market_find(f, instrument);
	struct flow_subscriber *s = m == NULL ? NULL : subscriber(m, instance);

	return s == NULL ? 0 : s->mask;
}

bool market_told(const struct flow *f, uint32_t exchange)
{
	for (uint32_t id = 1; id < f->market_capacity; id++)
		if (f->markets[id] != NULL && f->markets[id]->instrument.exchange == exchange)
			return true;
	return false;
}

/* ACCOUNT:SYMBOL or EXCHANGE:SYMBOL; the colon is the first one. An account's name wins. */
int32_t market_resolve(const struct flow *f, const char *text, struct aq_market *out)
{
	const char *colon = strchr(text, ':');
	char owner[96], name[96];
	uint32_t exchange;

	memset(out, 0, sizeof(*out));
	if (colon == NULL || (size_t)(colon - text) >= sizeof(owner))
		return AQ_ENOENT;
	memcpy(owner, text, (size_t)(colon - text));
	owner[colon - text] = '\0';
	out->account = names_find(&f->names, NAME_ACCOUNT, owner);
	exchange = out->account != 0 ? f->accounts[out->account].exchange : names_find(&f->names, NAME_INSTANCE, owner);
	if (exchange == 0)
		return AQ_ENOENT;
	snprintf(name, sizeof(name), "%s:%s", flow_instance_name(f, exchange), colon + 1);
	out->instrument = names_find(&f->names, NAME_INSTRUMENT, name);
	return market_find(f, out->instrument) != NULL ? AQ_OK : AQ_ENOENT;
}

int32_t market_levels(const struct flow *f, uint32_t instrument, uint8_t side, struct aq_level *out, uint32_t n)
{
	const struct market *m = market_find(f, instrument);

	if (m == NULL)
		return AQ_ENOENT;
	if (side != AQ_BUY && side != AQ_SELL)
		return AQ_EINVAL;
	return (int32_t)book_copy(side == AQ_BUY ? &m->book.bids : &m->book.asks, out, n);
}

int market_notional(const struct market *m, aq_px price, aq_qty qty, struct aq_amt *out)
{
	const struct aq_instrument *i = &m->instrument;
	struct aq_amt quote, base;
	int rc;

	if (i->kind != AQ_INVERSE)
		return aq_notional_zero(price, i->px_digits, qty, i->qty_digits, out);
	rc = aq_amt_from_scaled(qty, i->qty_digits, &quote);
	if (rc == 0)
		rc = aq_amt_from_scaled(price, i->px_digits, &base);
	return rc != 0 ? rc : aq_amt_div_zero(quote, base, out);
}

int market_value_at(const struct market *m, aq_px middle2, aq_qty qty, struct aq_amt *out)
{
	struct aq_amt twice;
	int rc;

	if (middle2 == 0)
		return AQ_ENOENT;
	if (m->instrument.kind == AQ_INVERSE)
		return market_notional(m, middle2 / 2, qty, out);
	rc = market_notional(m, middle2, qty, &twice);
	return rc != 0 ? rc : aq_amt_part_zero(twice, 1, 2, out);
}

int market_value(const struct market *m, aq_qty qty, struct aq_amt *out)
{
	return market_value_at(m, m->middle2, qty, out);
}

/* The market that prices `asset` in `currency`. */
static const struct market *pricing(const struct flow *f, const char *asset, const char *currency)
{
	for (uint32_t id = 1; id < f->market_capacity; id++) {
		const struct market *m = f->markets[id];

		if (m != NULL && m->middle2 > 0 && m->instrument.kind != AQ_INVERSE &&
			strcmp(m->instrument.base, asset) == 0 && strcmp(m->instrument.quote, currency) == 0)
			return m;
	}
	return NULL;
}

int market_convert(const struct flow *f, const char *asset, struct aq_amt amount, struct aq_amt *out)
{
	struct aq_amt middle;
	const struct market *m;

	if (strcmp(asset, f->options.report_currency) == 0 || aq_amt_sign(amount) == 0) {
		*out = amount;
		return AQ_OK;
	}
	m = pricing(f, asset, f->options.report_currency);
	if (m == NULL)
		return AQ_ENOENT;
	if (aq_amt_from_scaled(m->middle2, m->instrument.px_digits, &middle) != 0 ||
		aq_amt_part_zero(middle, 1, 2, &middle) != 0)
		return AQ_EOVERFLOW;
	return aq_amt_mul_zero(amount, middle, out);
}
