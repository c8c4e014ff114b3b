/* follow.c: see follow.h. */
#include "host/follow.h"

#include "flow/ledger.h"
#include "flow/market.h"
#include "host/host.h"

#include "decimal.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define SECOND_NS 1000000000ll

/* What a person has seen so far; a process follows at most one strategy. */
static struct follow {
	char name[48];
	int64_t next_wall_ns;
	uint32_t instrument, account;
	aq_qty max_position;
	struct aq_amt best, drawdown;
	bool any;
} follow;

void follow_begin(struct host *h, const char *name)
{
	memset(&follow, 0, sizeof(follow));
	snprintf(follow.name, sizeof(follow.name), "%s", name);
	h->measure = true;
}

/* The first ledger row of the strategy names market and account; before its first fill its first order does. */
static bool find_market(struct host *h, const struct instance *i)
{
	const struct flow *f = &h->flow;
	uint32_t at = f->instances[i->id].orders;

	if (follow.instrument != 0)
		return true;
	if (f->instances[i->id].rows != FLOW_NIL) {
		follow.instrument = f->ledger.rows[f->instances[i->id].rows].p.instrument;
		follow.account = f->ledger.rows[f->instances[i->id].rows].p.account;
	} else if (at != FLOW_NIL) {
		follow.instrument = f->orders.slots[at].o.instrument;
		follow.account = f->orders.slots[at].o.account;
	}
	return follow.instrument != 0;
}

static struct aq_amt profit_of(struct host *h, const struct instance *i)
{
	struct aq_amt profit;

	return ledger_profit(&h->flow, SCOPE_INSTANCE, i->id, &profit) == 0 ? profit : aq_amt_zero();
}

void follow_sample(struct host *h)
{
	struct instance *i = follow.name[0] != '\0' ? host_instance(h, follow.name) : NULL;
	struct aq_position p;
	struct aq_amt profit, fall;

	if (i == NULL || !find_market(h, i))
		return;
	ledger_position(&h->flow, follow.account, follow.instrument, i->id, &p);
	p.qty = p.qty < 0 ? -p.qty : p.qty;
	follow.max_position = p.qty > follow.max_position ? p.qty : follow.max_position;
	profit = profit_of(h, i);
	if (!follow.any || aq_amt_cmp(profit, follow.best) > 0)
		follow.best = profit;
	follow.any = true;
	if (aq_amt_sub(follow.best, profit, &fall) == 0 && aq_amt_cmp(fall, follow.drawdown) > 0)
		follow.drawdown = fall;
}

static void quotes(const struct host *h, const struct instance *i, unsigned digits, char *out, size_t size)
{
	const struct flow *f = &h->flow;
	char side[2][48] = {"-", "-"};

	for (uint32_t at = f->instances[i->id].orders; at != FLOW_NIL; at = f->orders.slots[at].next) {
		const struct aq_order *o = &f->orders.slots[at].o;

		if (o->price != AQ_NONE)
			aq_dec_print(o->price, digits, 2, side[o->side == AQ_BUY ? 0 : 1]);
	}
	snprintf(out, size, "%s/%s", side[0], side[1]);
}

static void print_line(struct host *h, const struct instance *i)
{
	const struct market *m = market_find(&h->flow, follow.instrument);
	time_t second = (time_t)(h->flow.now_ns / SECOND_NS);
	char bid[48], ask[48], position[48], profit[48], both[100], clock[16];
	struct aq_position p;
	struct tm tm;

	ledger_position(&h->flow, follow.account, follow.instrument, i->id, &p);
	strftime(clock, sizeof(clock), "%H:%M:%S", gmtime_r(&second, &tm));
	aq_dec_print(m->top.bid, m->instrument.px_digits, 2, bid);
	aq_dec_print(m->top.ask, m->instrument.px_digits, 2, ask);
	aq_dec_print(p.qty, m->instrument.qty_digits, 3, position);
	aq_amt_print_short(profit_of(h, i), 2, 2, profit);
	quotes(h, i, m->instrument.px_digits, both, sizeof(both));
	printf("%s bid %s ask %s quotes %s pos %s%s fills %" PRIu64 " pnl %s%s\n", clock, bid, ask, both, p.qty > 0 ? "+" : "",
		position, h->flow.ledger.fill_number, aq_amt_sign(profit_of(h, i)) > 0 ? "+" : "", profit);
	fflush(stdout);
}

void follow_tick(struct host *h, int64_t wall_ns)
{
	struct instance *i;

	if (follow.name[0] == '\0' || wall_ns < follow.next_wall_ns)
		return;
	follow.next_wall_ns = wall_ns + SECOND_NS;
	i = host_instance(h, follow.name);
	if (i != NULL && find_market(h, i))
		print_line(h, i);
}

static struct aq_amt fees_of(const struct host *h, const struct instance *i)
{
	struct aq_amt sum = aq_amt_zero(), value;

	for (uint32_t at = h->flow.instances[i->id].fees; at != FLOW_NIL; at = h->flow.ledger.fees[at].next)
		if (market_convert(&h->flow, h->flow.ledger.fees[at].f.asset, h->flow.ledger.fees[at].f.paid, &value) == 0)
			aq_amt_add(sum, value, &sum);
	return sum;
}

void follow_end(struct host *h)
{
	struct instance *i = follow.name[0] != '\0' ? host_instance(h, follow.name) : NULL;
	char position[48] = "0", profit[48], fees[48], turnover[48], highest[48] = "0", fall[48];
	struct aq_amt both = aq_amt_zero();
	struct aq_position p = {0};

	if (i == NULL)
		return;
	if (find_market(h, i)) {
		const struct market *m = market_find(&h->flow, follow.instrument);

		ledger_position(&h->flow, follow.account, follow.instrument, i->id, &p);
		aq_dec_print(p.qty, m->instrument.qty_digits, 0, position);
		aq_dec_print(follow.max_position, m->instrument.qty_digits, 0, highest);
	}
	aq_amt_add(p.bought, p.sold, &both);
	aq_amt_print_short(profit_of(h, i), 2, 2, profit);
	aq_amt_print_short(fees_of(h, i), 0, 2, fees);
	aq_amt_print_short(both, 0, 0, turnover);
	aq_amt_print_short(follow.drawdown, 2, 2, fall);
	printf("demo: events=%" PRIu64 " orders=%" PRIu64 " fills=%" PRIu64 " position=%s pnl=%s max_latency_us=%" PRIu64
		" fees=%s turnover=%s max_position=%s drawdown=%s\n",
		h->events, h->orders_sent, h->flow.ledger.fill_number, position, profit, h->path.max / 1000, fees, turnover, highest,
		fall);
	fflush(stdout);
}
