/* ledger_facts.c: what fills, cash flows and adjustments do to the ledger, and its snapshot. */
#include "flow/ledger.h"

#include "base/check.h"
#include "flow/market.h"
#include "flow/orders.h"

#include "decimal.h"

#include <string.h>

#define MOST_PASSED 64 /* fills of open orders that are looked at to find one to forget */
#define PROBES 4 /* keys that hash alike stand within this distance */

static uint64_t text_hash(const char *text, size_t size)
{
	uint64_t h = 0xcbf29ce484222325u;

	for (size_t i = 0; i < size && text[i] != '\0'; i++)
		h = (h ^ (uint8_t)text[i]) * 0x100000001b3u;
	return h;
}

/* By the venue's trade id, or by (order, cumulative quantity) where there is none. */
static uint64_t fill_key(const struct aq_fill *fill)
{
	uint64_t id = fill->trade_id[0] != '\0' ? text_hash(fill->trade_id, sizeof(fill->trade_id)) : (uint64_t)fill->cumulative;

	return map_hash(map_hash((uint64_t)fill->account << 32 | fill->instrument, fill->order), id);
}

bool ledger_same_fill(const struct aq_fill *a, const struct aq_fill *b)
{
	if (a->account != b->account || a->instrument != b->instrument || a->order != b->order)
		return false;
	if (a->trade_id[0] != '\0' || b->trade_id[0] != '\0')
		return strncmp(a->trade_id, b->trade_id, sizeof(a->trade_id)) == 0;
	return a->cumulative == b->cumulative;
}

bool ledger_seen_fill(const struct flow *f, const struct aq_fill *fill)
{
	uint64_t key = fill_key(fill);

	for (uint64_t i = 0; i < PROBES; i++) {
		uint32_t at = map_find(&f->ledger.seen, map_hash(key, i));

		if (at != MAP_NONE && at < f->ledger.fill_capacity && ledger_same_fill(&f->ledger.fills[at].fill, fill))
			return true;
	}
	return false;
}

/* Puts `at` under the first free of the keys that belong to `key`. */
static void seen_put(struct map *seen, uint64_t key, uint32_t at)
{
	for (uint64_t i = 0; i < PROBES; i++) {
		if (map_find(seen, map_hash(key, i)) != MAP_NONE)
			continue;
		CHECK(map_put(seen, map_hash(key, i), at) == 0);
		return;
	}
}

static void seen_drop(struct map *seen, uint64_t key, uint32_t at)
{
	for (uint64_t i = 0; i < PROBES; i++)
		if (map_find(seen, map_hash(key, i)) == at)
			map_remove(seen, map_hash(key, i));
}

/* Fills of orders that live are kept as long as can be: the oldest of an order that has ended makes room. */
static void pass_open_orders(const struct flow *f, struct ledger *l)
{
	for (uint32_t i = 0; i < MOST_PASSED && i < l->fill_capacity; i++) {
		const struct order *order = orders_find(f, l->fills[l->fill_at].fill.order);

		if (order == NULL || order_is_final(&order->o))
			return;
		l->fill_at = (l->fill_at + 1) % l->fill_capacity; /* from the oldest to the newest of a full ring */
	}
}

static void remember_fill(struct flow *f, const struct fact_fill *fact)
{
	struct ledger *l = &f->ledger;
	struct fact_fill *slot;

	if (l->fill_count == l->fill_capacity)
		pass_open_orders(f, l);
	slot = &l->fills[l->fill_at];
	if (l->fill_count == l->fill_capacity) {
		seen_drop(&l->seen, fill_key(&slot->fill), l->fill_at);
		l->forgotten_ns = slot->fill.venue_ns > l->forgotten_ns ? slot->fill.venue_ns : l->forgotten_ns;
	} else {
		l->fill_count++;
	}
	*slot = *fact;
	seen_put(&l->seen, fill_key(&fact->fill), l->fill_at);
	l->fill_at = (l->fill_at + 1) % l->fill_capacity;
	l->fill_number = fact->number;
}

/* The row of an owner as it is; a flat one when there is none yet. */
static struct aq_position row_of(const struct flow *f, const struct aq_fill *fill, uint32_t owner)
{
	const struct ledger_row *row =
		ledger_find(f, fill->account, fill->instrument, fill->position_side, fill->margin_mode, owner);

	return row != NULL ? row->p : (struct aq_position){.avg_price = AQ_NONE};
}

static bool fees_fit(const struct flow *f, const struct aq_fill *fill, const struct ledger_fee *fee, uint32_t owner,
	const char *quote)
{
	struct aq_amt sum;

	return (fee->asset[0] == '\0' || ledger_sum_fee(f, fill->account, owner, fee->asset, fee->paid, &sum)) &&
		(fee->lots == 0 || ledger_sum_fee(f, fill->account, owner, quote, fee->worth, &sum));
}

static bool rows_fit(const struct flow *f, const struct market *m, const struct aq_fill *fill)
{
	const uint32_t owners[2] = {fill->instance, AQ_ALL};
	struct ledger_fee fee;
	struct aq_amt sum;

	if (ledger_fee_of(m, fill, &fee) != 0)
		return false;
	for (int i = 0; i < 2; i++) {
		struct aq_position p = row_of(f, fill, owners[i]);

		if (!ledger_row_fits(f, fill->account, fill->instrument, fill->position_side, fill->margin_mode, owners[i]) ||
			ledger_fill_row(m, fill, &p, &sum) != 0 || !fees_fit(f, fill, &fee, owners[i], m->instrument.quote))
			return false;
	}
	return true;
}

static void add_fees(struct flow *f, const struct market *m, const struct aq_fill *fill, uint32_t owner)
{
	struct ledger_fee fee;

	CHECK(ledger_fee_of(m, fill, &fee) == 0);
	if (fee.asset[0] != '\0')
		ledger_add_fee(f, fill->account, owner, fee.asset, fee.paid);
	if (fee.lots != 0)
		ledger_add_fee(f, fill->account, owner, m->instrument.quote, fee.worth);
}

static void fill_rows(struct flow *f, const struct market *m, const struct aq_fill *fill)
{
	const uint32_t owners[2] = {fill->instance, AQ_ALL};
	struct aq_amt realised;

	for (int i = 0; i < 2; i++) {
		uint32_t row = ledger_row(f, fill->account, fill->instrument, fill->position_side, fill->margin_mode, owners[i]);

		CHECK(ledger_fill_row(m, fill, &f->ledger.rows[row].p, &realised) == 0);
		add_fees(f, m, fill, owners[i]);
	}
}

/* A change that does not fit is left out: it stands only until the venue tells the balance. */
static void balance_moves(struct flow *f, uint32_t account, const char *asset, struct aq_amt change)
{
	struct balance *b = &f->ledger.balances[ledger_balance_index(f, account, asset)];

	aq_amt_add(b->since, change, &b->since);
}

/* Until the venue tells the balance, ours follows the fill. */
static void move_balances(struct flow *f, const struct market *m, const struct aq_fill *fill, struct aq_amt value)
{
	struct aq_amt base;
	bool buys = fill->side == AQ_BUY;

	if (fill->fee_asset[0] != '\0')
		balance_moves(f, fill->account, fill->fee_asset, aq_amt_neg(fill->fee));
	if (m->instrument.kind != AQ_SPOT || aq_amt_from_scaled(fill->qty, m->instrument.qty_digits, &base) != 0)
		return;
	balance_moves(f, fill->account, m->instrument.base, buys ? base : aq_amt_neg(base));
	balance_moves(f, fill->account, m->instrument.quote, buys ? aq_amt_neg(value) : value);
}

static void account_knows(struct flow *f, uint32_t account, int64_t venue_ns)
{
	if (venue_ns > f->accounts[account].since_ns)
		f->accounts[account].since_ns = venue_ns;
}

static bool texts_end(const struct aq_fill *fill)
{
	return memchr(fill->fee_asset, 0, sizeof(fill->fee_asset)) != NULL &&
		memchr(fill->trade_id, 0, sizeof(fill->trade_id)) != NULL;
}

/* Of an order that we have: is it on its market and side, and can it be added? */
static bool order_takes(const struct flow *f, const struct aq_fill *fill, struct aq_amt value)
{
	const struct order *order = orders_find(f, fill->order);
	aq_qty filled;

	if (order == NULL)
		return true;
	return order->o.account == fill->account && order->o.instrument == fill->instrument && order->o.side == fill->side &&
		order->o.instance == fill->instance && order_fill_judge(&order->o, fill->qty) == ORDER_APPLY &&
		!__builtin_add_overflow(order->o.filled, fill->qty, &filled) &&
		aq_amt_add(order->o.value, value, &value) == 0;
}

bool ledger_fits_fill(const struct flow *f, const struct fact_fill *fact)
{
	const struct aq_fill *fill = &fact->fill;
	const struct market *m = market_find(f, fill->instrument);
	struct aq_amt value;

	return m != NULL && fill->account < f->account_capacity && fill->instance < f->instance_capacity && fill->qty > 0 &&
		fill->price > 0 && (fill->side == AQ_BUY || fill->side == AQ_SELL) && texts_end(fill) &&
		ledger_amount_fits(fill->fee) && market_notional(m, fill->price, fill->qty, &value) == 0 &&
		order_takes(f, fill, value) && rows_fit(f, m, fill);
}

void ledger_apply_fill(struct flow *f, const struct fact_fill *fact)
{
	const struct aq_fill *fill = &fact->fill;
	const struct market *m = market_find(f, fill->instrument);
	struct aq_amt value;

	CHECK(market_notional(m, fill->price, fill->qty, &value) == 0);
	orders_apply_fill(f, fill, value);
	fill_rows(f, m, fill);
	move_balances(f, m, fill, value);
	remember_fill(f, fact);
	account_knows(f, fill->account, fill->venue_ns);
}

bool ledger_fits_seen(const struct flow *f, const struct fact_fill *fact)
{
	return fact->fill.account < f->account_capacity && texts_end(&fact->fill);
}

void ledger_apply_seen(struct flow *f, const struct fact_fill *fact)
{
	remember_fill(f, fact);
	account_knows(f, fact->fill.account, fact->fill.venue_ns);
}

/* ---- cash flows: funding, transfers, fees beside trades ---- */

static uint64_t cash_key(const struct fact_cashflow *fact)
{
	return map_hash(map_hash(fact->account, text_hash(fact->flow.asset, sizeof(fact->flow.asset))),
		text_hash(fact->flow.id, sizeof(fact->flow.id)));
}

bool ledger_same_cashflow(const struct aq_cashflow *a, const struct aq_cashflow *b)
{
	return strncmp(a->asset, b->asset, sizeof(a->asset)) == 0 && strncmp(a->id, b->id, sizeof(a->id)) == 0;
}

static bool seen_cash(const struct ledger *l, const struct fact_cashflow *fact)
{
	for (uint64_t i = 0; i < PROBES; i++) {
		uint32_t at = map_find(&l->seen, map_hash(cash_key(fact), i));
		const struct fact_cashflow *known;

		if (at == MAP_NONE || at < l->fill_capacity)
			continue;
		known = &l->cash[at - l->fill_capacity];
		if (known->account == fact->account && ledger_same_cashflow(&known->flow, &fact->flow))
			return true;
	}
	return false;
}

bool ledger_fits_cashflow(const struct flow *f, const struct fact_cashflow *fact)
{
	return fact->account < f->account_capacity && memchr(fact->flow.asset, 0, sizeof(fact->flow.asset)) != NULL &&
		memchr(fact->flow.id, 0, sizeof(fact->flow.id)) != NULL && ledger_amount_fits(fact->flow.amount);
}

void ledger_apply_seen_cash(struct flow *f, const struct fact_cashflow *fact)
{
	struct ledger *l = &f->ledger;
	struct fact_cashflow *slot = &l->cash[l->cash_at];

	if (l->cash_count == l->cash_capacity)
		seen_drop(&l->seen, cash_key(slot), l->fill_capacity + l->cash_at);
	else
		l->cash_count++;
	*slot = *fact;
	seen_put(&l->seen, cash_key(fact), l->fill_capacity + l->cash_at);
	l->cash_at = (l->cash_at + 1) % l->cash_capacity;
	account_knows(f, fact->account, fact->venue_ns);
}

void ledger_apply_cashflow(struct flow *f, const struct fact_cashflow *fact)
{
	ledger_apply_seen_cash(f, fact);
	balance_moves(f, fact->account, fact->flow.asset, fact->flow.amount);
}

void ledger_cashflow(struct flow *f, const struct aq_event *record)
{
	struct fact_cashflow fact = {.account = record->account, .time_ns = f->now_ns, .venue_ns = record->venue_ns};

	fact.flow = *AQ_BODY(aq_cashflow, record);
	fact.flow.size = sizeof(fact.flow);
	if (fact.account == 0 || fact.flow.asset[0] == '\0' || fact.flow.id[0] == '\0' || !ledger_fits_cashflow(f, &fact)) {
		flow_say(f, AQ_LOG_ERROR, "account %s: a cash flow makes no sense and was not booked",
			flow_account_name(f, fact.account));
		return;
	}
	if (seen_cash(&f->ledger, &fact))
		return;
	fact.is_valued = market_convert(f, fact.flow.asset, fact.flow.amount, &fact.value) == 0;
	record_fact(f, FACT_CASHFLOW, &fact, sizeof(fact));
}

static const uint32_t adjusted[2] = {0, AQ_ALL}; /* whose rows an adjustment changes */

static struct aq_fill fill_of(const struct fact_adjust *fact)
{
	return (struct aq_fill){.account = fact->account, .instrument = fact->instrument, .price = fact->price,
		.qty = fact->difference < 0 ? -fact->difference : fact->difference,
		.side = fact->difference < 0 ? AQ_SELL : AQ_BUY, .position_side = fact->position_side,
		.margin_mode = fact->margin_mode};
}

/* Without a price: what it closes goes at its own cost, what it opens comes at none. */
static int adjust_row(const struct market *m, const struct aq_fill *fill, struct aq_position *p)
{
	aq_qty held = p->qty < 0 ? -p->qty : p->qty, change = fill->side == AQ_BUY ? fill->qty : -fill->qty;
	struct aq_amt realised, cost;

	if (fill->price != AQ_NONE)
		return ledger_fill_row(m, fill, p, &realised);
	if (held > 0 && (p->qty < 0) != (change < 0)) {
		if (aq_amt_part_zero(p->cost, fill->qty < held ? fill->qty : held, held, &cost) != 0 ||
			aq_amt_sub(p->cost, cost, &p->cost) != 0)
			return AQ_EOVERFLOW;
	}
	if (ledger_row_open(p, change, aq_amt_zero()) != 0)
		return AQ_EOVERFLOW;
	ledger_row_average(m, p);
	return AQ_OK;
}

bool ledger_fits_adjust(const struct flow *f, const struct fact_adjust *fact)
{
	const struct market *m = market_find(f, fact->instrument);
	struct aq_fill fill;

	if (m == NULL || fact->difference == 0 || fact->difference == AQ_NONE || (fact->price != AQ_NONE && fact->price <= 0))
		return false;
	fill = fill_of(fact);
	for (int i = 0; i < 2; i++) {
		struct aq_position p = row_of(f, &fill, adjusted[i]);

		if (!ledger_row_fits(f, fact->account, fact->instrument, fact->position_side, fact->margin_mode, adjusted[i]) ||
			adjust_row(m, &fill, &p) != 0)
			return false;
	}
	return true;
}

bool ledger_fits_seen_adjust(const struct flow *f, const struct fact_adjust *fact)
{
	return fact->account < f->account_capacity && market_find(f, fact->instrument) != NULL;
}

void ledger_apply_seen_adjust(struct flow *f, const struct fact_adjust *fact)
{
	struct ledger *l = &f->ledger;

	l->adjusts[l->adjust_at] = *fact;
	l->adjust_at = (l->adjust_at + 1) % LEDGER_ADJUSTS;
	l->adjust_count += l->adjust_count < LEDGER_ADJUSTS;
}

const struct fact_adjust *ledger_adjust_back(const struct flow *f, uint32_t back)
{
	const struct ledger *l = &f->ledger;

	return back < l->adjust_count ? &l->adjusts[(l->adjust_at + LEDGER_ADJUSTS - 1 - back) % LEDGER_ADJUSTS] : NULL;
}

void ledger_apply_adjust(struct flow *f, const struct fact_adjust *fact)
{
	const struct market *m = market_find(f, fact->instrument);
	struct aq_fill fill = fill_of(fact);

	for (int i = 0; i < 2; i++) {
		uint32_t row =
			ledger_row(f, fact->account, fact->instrument, fact->position_side, fact->margin_mode, adjusted[i]);

		CHECK(adjust_row(m, &fill, &f->ledger.rows[row].p) == 0);
	}
	ledger_apply_seen_adjust(f, fact);
}

int ledger_snapshot(const struct flow *f, bool history, record_sink *sink, void *context)
{
	const struct ledger *l = &f->ledger;
	uint32_t first = l->fill_count < l->fill_capacity ? 0 : l->fill_at;
	uint32_t first_cash = l->cash_count < l->cash_capacity ? 0 : l->cash_at;
	int rc = 0;

	for (uint32_t i = 0; rc == 0 && i < l->count; i++)
		rc = sink(context, FACT_LEDGER, &l->rows[i].p, sizeof(l->rows[i].p));
	for (uint32_t i = 0; rc == 0 && i < l->balance_count; i++)
		rc = sink(context, FACT_BALANCE, &l->balances[i].b, sizeof(l->balances[i].b));
	for (uint32_t i = 0; rc == 0 && i < l->fee_count; i++)
		rc = sink(context, FACT_FEES, &l->fees[i].f, sizeof(l->fees[i].f));
	for (uint32_t i = 0; history && rc == 0 && i < l->fill_count; i++)
		rc = sink(context, FACT_SEEN, &l->fills[(first + i) % l->fill_capacity], sizeof(*l->fills));
	for (uint32_t i = 0; history && rc == 0 && i < l->cash_count; i++)
		rc = sink(context, FACT_SEEN_CASH, &l->cash[(first_cash + i) % l->cash_capacity], sizeof(*l->cash));
	for (uint32_t back = l->adjust_count; history && rc == 0 && back > 0; back--)
		rc = sink(context, FACT_SEEN_ADJUST, ledger_adjust_back(f, back - 1), sizeof(*l->adjusts));
	return rc;
}
