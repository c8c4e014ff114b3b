/* reconcile.c: one round per account: RECONCILE to the adapter; BEGIN, open orders, fills, cash flows, balances,
 * positions, END from it; then every order of ours that was not listed is looked up by its client id; when all are
 * answered the account is ready. */
#include "flow/reconcile.h"

#include "flow/held_news.h"
#include "flow/ledger.h"
#include "flow/market.h"
#include "flow/orders.h"
#include "flow/standing.h"

#include "decimal.h"

#include <inttypes.h>
#include <string.h>

#define MARGIN_NS (60ll * 1000000000ll)  /* fills may reach us out of the order of their times */
#define RETRY_NS (10ll * 1000000000ll)
#define MISSED_RETRY_NS 1000000000ll

static void tell_ready(struct flow *f, uint32_t account, bool ready)
{
	struct aq_trouble body = {.what = AQ_TROUBLE_NOT_READY, .over = ready};

	for (uint32_t id = 1; id <= names_count(&f->names, NAME_INSTANCE); id++) {
		struct aq_event *event;

		if (f->instances[id].kind != AQ_STRATEGY || !flow_trades_on(&f->instances[id], account))
			continue;
		event = flow_event(f, id, AQ_EV_TROUBLE, sizeof(body));
		if (event == NULL)
			continue;
		event->account = account;
		memcpy(event + 1, &body, sizeof(body));
		if (!ready)
			orders_pull(f, id, 0, account);
	}
}

void reconcile_pull_again(struct flow *f)
{
	for (uint32_t account = 1; account <= names_count(&f->names, NAME_ACCOUNT); account++) {
		if (f->accounts[account].exchange == 0 || f->accounts[account].ready)
			continue;
		for (uint32_t id = 1; id <= names_count(&f->names, NAME_INSTANCE); id++)
			if (f->instances[id].kind == AQ_STRATEGY && flow_trades_on(&f->instances[id], account))
				orders_pull_again(f, id, 0, account);
	}
}

static void set_ready(struct flow *f, uint32_t account, bool ready)
{
	if (f->accounts[account].ready == ready)
		return;
	f->accounts[account].ready = ready;
	f->accounts[account].changed_ns = f->now_ns;
	tell_ready(f, account, ready);
	standing_look_soon(f);
	for (uint32_t id = 1; ready && id <= names_count(&f->names, NAME_INSTANCE); id++)
		if (f->instances[id].withdrawn)
			orders_withdraw(f, id);
}

/* Fills before this are known for sure; what comes twice is recognised as long as it is remembered. */
static int64_t known_until(const struct flow *f, uint32_t account)
{
	int64_t since = f->accounts[account].since_ns - MARGIN_NS;

	since = f->ledger.forgotten_ns > since ? f->ledger.forgotten_ns : since;
	return since > 0 ? since : 0;
}

/* What was wanted of a round that was cut off is wanted of the next. */
static void ask(struct flow *f, uint32_t account)
{
	struct flow_account *a = &f->accounts[account];
	int64_t known = known_until(f, account);
	struct aq_event *event;

	set_ready(f, account, false);
	a->listing = 0;
	a->closing = 0;
	a->round++;
	a->retry_ns = f->now_ns + RETRY_NS;
	if (a->held_until_ns == INT64_MAX)
		held_news_begin(f, account, f->now_ns + HELD_NEWS_NS);
	event = flow_event(f, a->exchange, AQ_EV_RECONCILE, 0);
	if (event == NULL)
		return;
	event->account = account;
	event->tag = (uint64_t)(a->from_ns < known ? a->from_ns : known);
}

void reconcile_start(struct flow *f, uint32_t account)
{
	if (f->instances[f->accounts[account].exchange].up)
		ask(f, account);
}

void reconcile_start_from(struct flow *f, uint32_t account, int64_t since_ns)
{
	struct flow_account *a = &f->accounts[account];

	since_ns = since_ns > MARGIN_NS ? since_ns - MARGIN_NS : 0;
	a->from_ns = since_ns < a->from_ns ? since_ns : a->from_ns;
	reconcile_start(f, account);
}

void reconcile_venue(struct flow *f, uint32_t exchange, bool up)
{
	bool was_up = f->instances[exchange].up;

	f->instances[exchange].up = up;
	if (was_up && !up)
		orders_connection_lost(f, exchange);
	for (uint32_t id = 1; id <= names_count(&f->names, NAME_ACCOUNT); id++) {
		if (f->accounts[id].exchange != exchange)
			continue;
		if (up)
			reconcile_start(f, id);
		else
			set_ready(f, id, false);
		f->accounts[id].retry_ns = up ? f->accounts[id].retry_ns : INT64_MAX;
	}
}

void reconcile_begin(struct flow *f, uint32_t account)
{
	f->accounts[account].listing = 1;
	reconcile_alive(f, account);
}

void reconcile_alive(struct flow *f, uint32_t account)
{
	struct flow_account *a = &f->accounts[account];

	if (a->retry_ns != INT64_MAX)
		a->retry_ns = f->now_ns + RETRY_NS;
	if (a->held_until_ns != INT64_MAX)
		a->held_until_ns = f->now_ns + HELD_NEWS_NS;
}

void reconcile_past_fills(struct flow *f, uint32_t account)
{
	if (f->accounts[account].listing)
		held_news_release(f, account);
}

struct closing {
	struct flow *flow;
	uint32_t account;
	uint32_t open;  /* not listed and not answered yet */
	bool look_up;
};

static void close_one(void *context, struct order *order)
{
	struct closing *c = context;

	if (order->o.account != c->account || order->listed == c->flow->accounts[c->account].round)
		return;
	c->open++;
	if (c->look_up)
		orders_lookup(c->flow, order);
}

/* Positions that the venue did not name are flat there. */
static void flatten_unnamed(struct flow *f, uint32_t account);

void reconcile_end(struct flow *f, uint32_t account)
{
	struct closing c = {.flow = f, .account = account, .look_up = true};

	if (!f->accounts[account].listing)
		return;
	held_news_release(f, account);
	f->accounts[account].listing = 0;
	f->accounts[account].closing = 1;
	f->accounts[account].from_ns = INT64_MAX;
	flatten_unnamed(f, account);
	orders_each_unsettled(f, close_one, &c);
	reconcile_progress(f, account);
}

void reconcile_progress(struct flow *f, uint32_t account)
{
	struct closing c = {.flow = f, .account = account};

	if (!f->accounts[account].closing)
		return;
	orders_each_unsettled(f, close_one, &c);
	if (c.open > 0)
		return;
	f->accounts[account].closing = 0;
	f->accounts[account].retry_ns = INT64_MAX;
	f->accounts[account].in_step_ns = f->now_ns;
	set_ready(f, account, true);
	flow_say(f, AQ_LOG_INFO, "account %s is in step with %s", flow_account_name(f, account),
		flow_instance_name(f, f->accounts[account].exchange));
}

/* ---- positions ---- */

/* Valued at the middle where that can be done. */
static bool book_difference(struct flow *f, struct fact_adjust *fact)
{
	const struct market *m = market_find(f, fact->instrument);

	if (__builtin_sub_overflow(fact->venue, fact->ledger, &fact->difference))
		return false;
	fact->price = m->middle2 > 1 ? m->middle2 / 2 : AQ_NONE;
	if (fact->price != AQ_NONE && !ledger_fits_adjust(f, fact))
		fact->price = AQ_NONE;
	return record_fact(f, FACT_ADJUST, fact, sizeof(*fact)) != AQ_EFORMAT;
}

/* The venue wins: an adjusting entry on the row `external`, with its evidence. */
static void adjust(struct flow *f, const struct aq_position *sum, aq_qty venue)
{
	const struct market *m = market_find(f, sum->instrument);
	struct fact_adjust fact = {.account = sum->account, .instrument = sum->instrument,
		.position_side = sum->position_side, .margin_mode = sum->margin_mode, .time_ns = f->now_ns, .venue = venue,
		.ledger = sum->qty};
	char ours[48], theirs[48];

	f->ledger.mismatches++;
	aq_dec_print(sum->qty, m->instrument.qty_digits, 0, ours);
	aq_dec_print(venue, m->instrument.qty_digits, 0, theirs);
	flow_say(f, AQ_LOG_ERROR, "account %s, %s: the venue has %s, the ledger %s: the difference is booked to external",
		flow_account_name(f, sum->account), m->instrument.symbol, theirs, ours);
	if (!book_difference(f, &fact))
		flow_say(f, AQ_LOG_ERROR, "account %s, %s: the difference cannot be booked: it does not fit a ledger",
			flow_account_name(f, sum->account), m->instrument.symbol);
}

/* The venue has named this row. Returns what the ledger has there; a row is made by facts alone. */
static aq_qty list_row(struct flow *f, const struct aq_position *sum)
{
	const struct ledger_row *row =
		ledger_find(f, sum->account, sum->instrument, sum->position_side, sum->margin_mode, AQ_ALL);

	if (row == NULL)
		return 0;
	f->ledger.rows[row - f->ledger.rows].listed = f->accounts[sum->account].round;
	return row->p.qty;
}

void reconcile_position(struct flow *f, const struct aq_event *record)
{
	const struct aq_position *p = AQ_BODY(aq_position, record);
	const struct flow_account *a = &f->accounts[record->account];
	struct aq_position sum = {.account = record->account, .instrument = record->instrument,
		.position_side = p->position_side != 0 ? p->position_side : AQ_NET,
		.margin_mode = p->margin_mode != 0 ? p->margin_mode : a->margin_mode};

	if (p->qty == AQ_NONE ||
		!ledger_row_fits(f, sum.account, sum.instrument, sum.position_side, sum.margin_mode, AQ_ALL))
		return;
	sum.qty = list_row(f, &sum);
	if (sum.qty == p->qty)
		return;
	if (a->listing) {
		adjust(f, &sum, p->qty);
		list_row(f, &sum);
	} else if (a->ready) {
		f->ledger.mismatches++;
		flow_say(f, AQ_LOG_WARN, "account %s, %s: the venue's position is not ours: reconciling",
			flow_account_name(f, record->account), market_find(f, record->instrument)->instrument.symbol);
		reconcile_start(f, record->account);
	}
}

static void flatten_unnamed(struct flow *f, uint32_t account)
{
	for (uint32_t at = f->accounts[account].rows; at != FLOW_NIL; at = f->ledger.rows[at].next) {
		struct aq_position sum = f->ledger.rows[at].p;

		if (sum.qty != 0 && f->ledger.rows[at].listed != f->accounts[account].round &&
			market_find(f, sum.instrument)->instrument.kind != AQ_SPOT)
			adjust(f, &sum, 0);
	}
}

/* ---- time ---- */

int64_t reconcile_due_ns(const struct flow *f)
{
	int64_t due = f->missed_ns;

	for (uint32_t id = 1; id <= names_count(&f->names, NAME_ACCOUNT); id++) {
		due = f->accounts[id].retry_ns < due ? f->accounts[id].retry_ns : due;
		due = f->accounts[id].held_until_ns < due ? f->accounts[id].held_until_ns : due;
	}
	return due;
}

/* What could not be journalled was not applied either: when the journal takes facts again the venue tells them again. */
static void ask_for_missed(struct flow *f)
{
	if (f->missed_ns > f->now_ns)
		return;
	if (f->journal != NULL && journal_state(f->journal) == JOURNAL_FULL) {
		f->missed_ns = f->now_ns + MISSED_RETRY_NS;
		return;
	}
	f->missed_ns = INT64_MAX;
	for (uint32_t id = 1; id <= names_count(&f->names, NAME_ACCOUNT); id++)
		reconcile_start(f, id);
}

void reconcile_tick(struct flow *f)
{
	held_news_tick(f);
	ask_for_missed(f);
	for (uint32_t id = 1; id <= names_count(&f->names, NAME_ACCOUNT); id++) {
		if (f->accounts[id].retry_ns > f->now_ns)
			continue;
		f->accounts[id].retry_ns = INT64_MAX;
		if (f->accounts[id].ready)
			continue;
		flow_say(f, AQ_LOG_WARN, "account %s: reconciling has not ended, asking again", flow_account_name(f, id));
		reconcile_start(f, id);
	}
}
