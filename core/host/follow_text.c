/* follow_text.c: see follow_text.h. */
#include "host/follow_text.h"

#include "flow/ledger.h"
#include "flow/market.h"

#include "decimal.h"

#include <inttypes.h>
#include <string.h>

/* ---- numbers ---- */

/* Commas between the thousands in front of the point. */
static const char *group(char out[FORMAT_SIZE])
{
	size_t sign = out[0] == '-' || out[0] == '+', whole = strcspn(out + sign, ".");

	for (; whole > 3 && strlen(out) + 1 < FORMAT_SIZE; whole -= 3) {
		char *at = out + sign + whole - 3;

		memmove(at + 1, at, strlen(at) + 1);
		*at = ',';
	}
	return out;
}

const char *text_price(const struct aq_instrument *i, aq_px price, char out[FORMAT_SIZE])
{
	format_price(i, price, out);
	return group(out);
}

const char *text_count(uint64_t count, char out[FORMAT_SIZE])
{
	snprintf(out, FORMAT_SIZE, "%" PRIu64, count);
	return group(out);
}

const char *text_money(struct aq_amt amount, char out[FORMAT_SIZE])
{
	format_money(amount, SPLIT_DIGITS, true, NULL, out);
	return group(out);
}

const char *text_moved(const struct split_parts *p)
{
	return aq_amt_sign(p->moved) > 0 ? "price moved for us" : "price moved against us";
}

const char *text_fee(const struct follow *f, char out[FORMAT_SIZE])
{
	struct aq_amt bps;

	out[0] = '\0';
	if (aq_amt_mul_zero(f->host->flow.accounts[f->account].rates.maker, aq_amt_of(10000), &bps) == 0)
		snprintf(out + aq_amt_print_short(bps, 0, 2, out), 8, " bps");
	return out;
}

/* ---- the line of a second ---- */

static void quotes(const struct flow *f, const struct instance *i, unsigned digits, char *out, size_t size)
{
	char side[2][48] = {"-", "-"};

	for (uint32_t at = f->instances[i->id].orders; at != FLOW_NIL; at = f->orders.slots[at].next) {
		const struct aq_order *o = &f->orders.slots[at].o;

		if (o->price != AQ_NONE)
			aq_dec_print(o->price, digits, 2, side[o->side == AQ_BUY ? 0 : 1]);
	}
	snprintf(out, size, "%s/%s", side[0], side[1]);
}

void text_second(const struct follow *f, FILE *out)
{
	const struct flow *flow = &f->host->flow;
	const struct instance *i = follow_instance(f);
	const struct market *m = follow_market(f);
	char bid[48], ask[48], position[48], profit[FORMAT_SIZE], both[100], clock[16];
	struct aq_position p;

	ledger_position(flow, f->account, f->instrument, i->id, &p);
	aq_dec_print(m->top.bid, m->instrument.px_digits, 2, bid);
	aq_dec_print(m->top.ask, m->instrument.px_digits, 2, ask);
	aq_dec_print(p.qty, m->instrument.qty_digits, 3, position);
	quotes(flow, i, m->instrument.px_digits, both, sizeof(both));
	format_money(split_profit(flow, i->id), SPLIT_DIGITS, true, NULL, profit);
	format_clock(flow->now_ns, clock);
	fprintf(out, "%s bid %s ask %s quotes %s pos %s%s fills %" PRIu64 " pnl %s\n", clock, bid, ask, both,
		p.qty > 0 ? "+" : "", position, flow->ledger.fill_number, profit);
}

/* ---- the end ---- */

static void part(FILE *out, const char *name, struct aq_amt amount, const char *why)
{
	char money[FORMAT_SIZE];

	fprintf(out, "  %-23s %10s%s%s\n", name, text_money(amount, money), why[0] != '\0' ? "  " : "", why);
}

void text_split(const struct follow *f, FILE *out)
{
	const struct flow *flow = &f->host->flow;
	struct split_parts exact, p;
	char fees[100], fee[FORMAT_SIZE];

	if (!f->split.begun)
		return;
	exact = split_now(&f->split, flow, follow_instance(f)->id);
	p = split_shown(&exact);
	fprintf(out, "where the result comes from, in %s:\n", flow->options.report_currency);
	if (aq_amt_sign(p.before) != 0)
		part(out, "before this start", p.before, "It stood in the journal.");
	part(out, "spread captured", p.spread, "Our quotes are better than the middle.");
	part(out, text_moved(&p), p.moved, aq_amt_sign(p.moved) > 0 ? "Behind our fills the price came our way."
								   : "Who trades with us knows where it goes.");
	snprintf(fees, sizeof(fees), "fees (%s)", text_fee(f, fee));
	part(out, fees, aq_amt_neg(p.fees), "The venue takes them of each fill.");
	part(out, "total", p.total, aq_amt_sign(p.total) < 0 ? "Why, and what helps, is in README.md." : "");
}

void text_result(const struct follow *f, FILE *out)
{
	const struct host *h = f->host;
	const struct instance *i = follow_instance(f);
	char position[48] = "0", profit[48], fees[48], turnover[48], highest[48] = "0", fall[48];
	struct aq_amt both = aq_amt_zero();
	struct aq_position p = {0};

	if (f->instrument != 0) {
		const struct market *m = follow_market(f);

		ledger_position(&h->flow, f->account, f->instrument, i->id, &p);
		aq_dec_print(p.qty, m->instrument.qty_digits, 0, position);
		aq_dec_print(f->max_position, m->instrument.qty_digits, 0, highest);
	}
	aq_amt_add(p.bought, p.sold, &both);
	aq_amt_print_short(split_profit(&h->flow, i->id), 2, 2, profit);
	aq_amt_print_short(split_fees(&h->flow, i->id), 0, 2, fees);
	aq_amt_print_short(both, 0, 0, turnover);
	aq_amt_print_short(f->drawdown, 2, 2, fall);
	fprintf(out,
		"demo: events=%" PRIu64 " orders=%" PRIu64 " fills=%" PRIu64 " position=%s pnl=%s max_latency_us=%" PRIu64
		" fees=%s turnover=%s max_position=%s drawdown=%s\n",
		follow_events(f), h->orders_sent, h->flow.ledger.fill_number, position, profit, h->path.max / 1000, fees,
		turnover, highest, fall);
}
