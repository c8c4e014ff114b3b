/* ledger.c: rows, balances, fees and profit. Fills and cash flows are in ledger_facts.c. */
#include "flow/ledger.h"

#include "base/check.h"
#include "flow/market.h"

#include "decimal.h"

#include <stdlib.h>
#include <string.h>

#define ROWS 4096
#define CASH 1024

void ledger_init(struct flow *f)
{
	struct ledger *l = &f->ledger;

	l->capacity = ROWS;
	l->rows = calloc(l->capacity, sizeof(*l->rows));
	l->balance_capacity = 256;
	l->balances = calloc(l->balance_capacity, sizeof(*l->balances));
	l->fee_capacity = 256;
	l->fees = calloc(l->fee_capacity, sizeof(*l->fees));
	l->fill_capacity = f->options.max_fills;
	l->fills = calloc(l->fill_capacity, sizeof(*l->fills));
	l->forgotten_ns = INT64_MIN;
	l->cash_capacity = CASH;
	l->cash = calloc(l->cash_capacity, sizeof(*l->cash));
	l->adjusts = calloc(LEDGER_ADJUSTS, sizeof(*l->adjusts));
	CHECK(l->rows != NULL && l->balances != NULL && l->fees != NULL);
	CHECK(l->fills != NULL && l->cash != NULL && l->adjusts != NULL);
	map_init(&l->by_key, 2 * ROWS);
	map_init(&l->seen, 2 * (l->fill_capacity + CASH));
}

void ledger_finish(struct flow *f)
{
	struct ledger *l = &f->ledger;

	free(l->rows);
	free(l->balances);
	free(l->fees);
	free(l->fills);
	free(l->cash);
	free(l->adjusts);
	map_finish(&l->by_key);
	map_finish(&l->seen);
}

static uint64_t row_key(uint32_t account, uint32_t instrument, uint8_t side, uint8_t mode, uint32_t instance)
{
	return map_hash(map_hash((uint64_t)account << 32 | instrument, (uint64_t)side << 8 | mode),
		instance);
}

static bool row_is(const struct aq_position *p, uint32_t account, uint32_t instrument, uint8_t side, uint8_t mode,
	uint32_t instance)
{
	return p->account == account && p->instrument == instrument && p->position_side == side &&
		p->margin_mode == mode && p->instance == instance;
}

/* The map twice as large, when rows outgrow it. */
static void rehash(struct map *m)
{
	struct map larger;

	map_init(&larger, m->mask + 1);
	for (uint32_t i = 0; i <= m->mask; i++)
		if (m->keys[i] != 0)
			CHECK(map_put(&larger, m->keys[i], m->values[i]) == 0);
	map_finish(m);
	*m = larger;
}

static void key_put(struct ledger *l, uint64_t key, uint32_t index)
{
	if (map_put(&l->by_key, key, index) != 0) {
		rehash(&l->by_key);
		CHECK(map_put(&l->by_key, key, index) == 0);
	}
}

const struct ledger_row *ledger_find(const struct flow *f, uint32_t account, uint32_t instrument, uint8_t side,
	uint8_t mode, uint32_t instance)
{
	uint64_t key = row_key(account, instrument, side, mode, instance);
	uint32_t index;

	/* two keys that hash alike stand one behind the other */
	for (; (index = map_find(&f->ledger.by_key, key)) != MAP_NONE; key = key + 1 != 0 ? key + 1 : 1)
		if (index < f->ledger.count && row_is(&f->ledger.rows[index].p, account, instrument, side, mode, instance))
			return &f->ledger.rows[index];
	return NULL;
}

static uint32_t *row_list(struct flow *f, uint32_t account, uint32_t instance)
{
	return instance == AQ_ALL ? &f->accounts[account].rows : &f->instances[instance].rows;
}

static uint32_t row_add(struct flow *f, const struct aq_position *p)
{
	struct ledger *l = &f->ledger;
	uint64_t key = row_key(p->account, p->instrument, p->position_side, p->margin_mode, p->instance);
	uint32_t *list = row_list(f, p->account, p->instance);

	if (l->count == l->capacity) {
		l->capacity *= 2;
		l->rows = realloc(l->rows, l->capacity * sizeof(*l->rows));
		CHECK(l->rows != NULL);
	}
	l->rows[l->count] = (struct ledger_row){.p = *p, .next = *list};
	*list = l->count;
	while (map_find(&l->by_key, key) != MAP_NONE)
		key = key + 1 != 0 ? key + 1 : 1;
	key_put(l, key, l->count);
	return l->count++;
}

bool ledger_row_fits(const struct flow *f, uint32_t account, uint32_t instrument, uint8_t side, uint8_t mode,
	uint32_t instance)
{
	return side >= AQ_NET && side <= AQ_SHORT && mode <= AQ_ISOLATED && account < f->account_capacity &&
		market_find(f, instrument) != NULL && (instance == AQ_ALL || instance < f->instance_capacity);
}

uint32_t ledger_row(struct flow *f, uint32_t account, uint32_t instrument, uint8_t side, uint8_t mode, uint32_t instance)
{
	const struct ledger_row *row = ledger_find(f, account, instrument, side, mode, instance);
	struct aq_position p = {.size = sizeof(p), .account = account, .instrument = instrument, .instance = instance,
		.position_side = side, .margin_mode = mode, .avg_price = AQ_NONE};

	if (row != NULL)
		return (uint32_t)(row - f->ledger.rows);
	CHECK(ledger_row_fits(f, account, instrument, side, mode, instance));
	return row_add(f, &p);
}

/* Profit of the open quantity at the last valid middle, in the settle currency. */
static int unrealised(const struct flow *f, const struct aq_position *p, struct aq_amt *out)
{
	const struct market *m = market_find(f, p->instrument);
	int rc;

	*out = aq_amt_zero();
	if (p->qty == 0)
		return AQ_OK;
	rc = market_value(m, p->qty, out);
	if (rc != 0)
		return rc;
	if (m->instrument.kind == AQ_INVERSE) /* the cost is in base: less base for the same quote is a gain */
		return aq_amt_sub(p->cost, *out, out);
	return aq_amt_sub(*out, p->cost, out);
}

/* A sum that does not fit leaves out what is too much: this is for reading, and an adapter's numbers may not end the
 * host. */
static void add_row(const struct flow *f, const struct ledger_row *row, struct aq_position *out)
{
	struct aq_amt open;

	if (__builtin_add_overflow(out->qty, row->p.qty, &out->qty))
		out->qty = row->p.qty;
	aq_amt_add(out->cost, row->p.cost, &out->cost);
	aq_amt_add(out->realised, row->p.realised, &out->realised);
	aq_amt_add(out->bought, row->p.bought, &out->bought);
	aq_amt_add(out->sold, row->p.sold, &out->sold);
	if (unrealised(f, &row->p, &open) == 0)
		aq_amt_add(out->unrealised, open, &out->unrealised);
	out->position_side = row->p.position_side;
	out->margin_mode = row->p.margin_mode;
}

void ledger_position(const struct flow *f, uint32_t account, uint32_t instrument, uint32_t instance,
	struct aq_position *out)
{
	const struct market *m = market_find(f, instrument);
	uint32_t at = instance == AQ_ALL ? f->accounts[account].rows : f->instances[instance].rows;

	memset(out, 0, sizeof(*out));
	out->size = sizeof(*out);
	out->account = account;
	out->instrument = instrument;
	out->instance = instance;
	out->avg_price = AQ_NONE;
	for (; at != FLOW_NIL; at = f->ledger.rows[at].next)
		if (f->ledger.rows[at].p.account == account && f->ledger.rows[at].p.instrument == instrument)
			add_row(f, &f->ledger.rows[at], out);
	if (out->qty == 0 || m == NULL)
		return;
	if (m->instrument.kind != AQ_INVERSE)
		aq_px_of_zero(out->cost, out->qty, m->instrument.qty_digits, m->instrument.px_digits, &out->avg_price);
}

void ledger_tell_position(struct flow *f, uint32_t account, uint32_t instrument, uint32_t instance, uint16_t flags)
{
	struct aq_event *event = flow_event(f, instance, AQ_EV_POSITION, sizeof(struct aq_position));

	if (event == NULL)
		return;
	event->account = account;
	event->instrument = instrument;
	event->flags |= flags;
	ledger_position(f, account, instrument, instance, (struct aq_position *)(void *)(event + 1));
}

/* ---- balances ---- */

const struct balance *ledger_balance_find(const struct flow *f, uint32_t account, const char *asset)
{
	for (uint32_t i = 0; i < f->ledger.balance_count; i++)
		if (f->ledger.balances[i].b.account == account && strcmp(f->ledger.balances[i].b.asset, asset) == 0)
			return &f->ledger.balances[i];
	return NULL;
}

uint32_t ledger_balance_index(struct flow *f, uint32_t account, const char *asset)
{
	const struct balance *b = ledger_balance_find(f, account, asset);
	struct ledger *l = &f->ledger;

	if (b != NULL)
		return (uint32_t)(b - l->balances);
	if (l->balance_count == l->balance_capacity) {
		l->balance_capacity *= 2;
		l->balances = realloc(l->balances, l->balance_capacity * sizeof(*l->balances));
		CHECK(l->balances != NULL);
	}
	l->balances[l->balance_count] = (struct balance){.b = {.size = sizeof(struct aq_balance), .account = account}};
	memcpy(l->balances[l->balance_count].b.asset, asset, strnlen(asset, sizeof(b->b.asset) - 1));
	return l->balance_count++;
}

int ledger_available(const struct balance *b, struct aq_amt *out)
{
	int rc = aq_amt_add(b->b.total, b->since, out);

	return rc != 0 ? rc : aq_amt_sub(*out, b->reserved, out);
}

bool ledger_amount_fits(struct aq_amt a)
{
	return aq_amt_sub(aq_amt_zero(), a, &a) == 0;
}

bool ledger_fits_balance(const struct flow *f, const struct aq_balance *fact)
{
	return fact->account < f->account_capacity && memchr(fact->asset, 0, sizeof(fact->asset)) != NULL &&
		ledger_amount_fits(fact->total) && ledger_amount_fits(fact->locked);
}

void ledger_apply_balance(struct flow *f, const struct aq_balance *fact)
{
	struct balance *b = &f->ledger.balances[ledger_balance_index(f, fact->account, fact->asset)];

	b->b = *fact;
	b->since = aq_amt_zero();
}

static void tell_balance(struct flow *f, uint32_t account, const struct aq_balance *balance)
{
	for (uint32_t id = 1; id <= names_count(&f->names, NAME_INSTANCE); id++) {
		struct aq_event *event;

		if (f->instances[id].kind != AQ_STRATEGY || !flow_trades_on(&f->instances[id], account))
			continue;
		event = flow_event(f, id, AQ_EV_BALANCE, sizeof(*balance));
		if (event == NULL)
			continue;
		event->account = account;
		memcpy(event + 1, balance, sizeof(*balance));
	}
}

void ledger_balance(struct flow *f, const struct aq_event *record)
{
	struct aq_balance fact = *AQ_BODY(aq_balance, record);
	const struct balance *known;

	fact.size = sizeof(fact);
	fact.account = record->account;
	if (record->account == 0 || fact.asset[0] == '\0' || !ledger_fits_balance(f, &fact))
		return;
	known = ledger_balance_find(f, fact.account, fact.asset);
	if (known != NULL && memcmp(&known->b, &fact, sizeof(fact)) == 0 && aq_amt_sign(known->since) == 0)
		return; /* nothing new */
	if (record_fact(f, FACT_BALANCE, &fact, sizeof(fact)) == 0)
		tell_balance(f, fact.account, &fact);
}

/* ---- profit ---- */

static int add_profit(const struct flow *f, uint32_t rows, uint32_t fees, struct aq_amt *sum)
{
	struct aq_amt part, value;
	int rc = 0;

	for (; rc == 0 && rows != FLOW_NIL; rows = f->ledger.rows[rows].next) {
		const struct aq_position *p = &f->ledger.rows[rows].p;

		if ((rc = unrealised(f, p, &part)) == 0 && (rc = aq_amt_add(part, p->realised, &part)) == 0 &&
			(rc = market_convert(f, f->markets[p->instrument]->instrument.settle, part, &value)) == 0)
			rc = aq_amt_add(*sum, value, sum);
	}
	for (; rc == 0 && fees != FLOW_NIL; fees = f->ledger.fees[fees].next) {
		const struct fact_fees *fee = &f->ledger.fees[fees].f;

		if ((rc = market_convert(f, fee->asset, fee->paid, &value)) == 0)
			rc = aq_amt_sub(*sum, value, sum);
	}
	return rc;
}

int ledger_profit(const struct flow *f, enum flow_scope scope, uint32_t id, struct aq_amt *out)
{
	int rc = 0;

	*out = aq_amt_zero();
	if (scope == SCOPE_INSTANCE)
		return add_profit(f, f->instances[id].rows, f->instances[id].fees, out);
	if (scope == SCOPE_ACCOUNT)
		return add_profit(f, f->accounts[id].rows, f->accounts[id].fees, out);
	for (uint32_t account = 1; rc == 0 && account <= names_count(&f->names, NAME_ACCOUNT); account++)
		rc = add_profit(f, f->accounts[account].rows, f->accounts[account].fees, out);
	return rc;
}

/* ---- fees ---- */

static uint32_t *fee_list(const struct flow *f, uint32_t account, uint32_t instance)
{
	return instance == AQ_ALL ? &f->accounts[account].fees : &f->instances[instance].fees;
}

static struct fee_row *fee_find(const struct flow *f, uint32_t account, uint32_t instance, const char *asset)
{
	for (uint32_t at = *fee_list(f, account, instance); at != FLOW_NIL; at = f->ledger.fees[at].next)
		if (f->ledger.fees[at].f.account == account && strcmp(f->ledger.fees[at].f.asset, asset) == 0)
			return &f->ledger.fees[at];
	return NULL;
}

/* The fee row of (account, instance, asset), made when not there. */
static struct fee_row *fee_row(struct flow *f, uint32_t account, uint32_t instance, const char *asset)
{
	struct ledger *l = &f->ledger;
	uint32_t *list = fee_list(f, account, instance);
	struct fee_row *known = fee_find(f, account, instance, asset);

	if (known != NULL)
		return known;
	if (l->fee_count == l->fee_capacity) {
		l->fee_capacity *= 2;
		l->fees = realloc(l->fees, l->fee_capacity * sizeof(*l->fees));
		CHECK(l->fees != NULL);
	}
	l->fees[l->fee_count] = (struct fee_row){.f = {.account = account, .instance = instance}, .next = *list};
	memcpy(l->fees[l->fee_count].f.asset, asset, strnlen(asset, sizeof(l->fees->f.asset) - 1));
	*list = l->fee_count;
	return &l->fees[l->fee_count++];
}

bool ledger_sum_fee(const struct flow *f, uint32_t account, uint32_t instance, const char *asset, struct aq_amt paid,
	struct aq_amt *sum)
{
	const struct fee_row *row = fee_find(f, account, instance, asset);

	return aq_amt_add(row != NULL ? row->f.paid : aq_amt_zero(), paid, sum) == 0;
}

void ledger_add_fee(struct flow *f, uint32_t account, uint32_t instance, const char *asset, struct aq_amt paid)
{
	struct fee_row *row = fee_row(f, account, instance, asset);

	CHECK(aq_amt_add(row->f.paid, paid, &row->f.paid) == 0);
}

bool ledger_fits_fees(const struct flow *f, const struct fact_fees *fact)
{
	return fact->account < f->account_capacity && (fact->instance == AQ_ALL || fact->instance < f->instance_capacity) &&
		memchr(fact->asset, 0, sizeof(fact->asset)) != NULL;
}

void ledger_apply_fees(struct flow *f, const struct fact_fees *fact)
{
	fee_row(f, fact->account, fact->instance, fact->asset)->f.paid = fact->paid;
}

bool ledger_fits_row(const struct flow *f, const struct aq_position *fact)
{
	return fact->size == sizeof(*fact) &&
		ledger_row_fits(f, fact->account, fact->instrument, fact->position_side, fact->margin_mode, fact->instance);
}

void ledger_apply_row(struct flow *f, const struct aq_position *fact)
{
	uint32_t index =
		ledger_row(f, fact->account, fact->instrument, fact->position_side, fact->margin_mode, fact->instance);

	f->ledger.rows[index].p = *fact;
}
