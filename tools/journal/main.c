/* main.c: `journal_state [--newest] FOLDER`: what a journal says, as lines of text. It changes nothing.
 *
 * Without an option every segment is read from the first record on, snapshots skipped: all that ever happened. With
 * --newest the newest segment alone, as a restart reads it: what the host would know. The two have to agree.
 *
 * Lines have the form of the venue's record (exchanges/sim/venue/records.h) where it has such a line; fields of its own
 * come last. `order` has placed_ns and ended_ns by the host's clock; requests: enum aq_request_state of place, cancel
 * and amend; the latest amend's targets. `position` is the account's sum, `row` one instance's part of it.
 *   fill ... number= instance=          as they are journalled, in that order; not with --newest
 *   denied instance= id= code= request= state= tag= symbol= side= price= qty= filled= placed_ns= ended_ns=
 *                                       the same; request: enum aq_request, the times are the denial's
 *   row account= symbol= side= instance= qty= cost= realised= bought= sold=
 *   fees account= instance= asset= paid=
 *   adjust account= symbol= difference= the venue's position differed
 *   end records= orders= restarts= cut= segments=
 */
#include "flow/ledger.h"
#include "flow/market.h"
#include "flow/orders.h"
#include "host/journal_files.h"

#include <decimal.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define MANY 262144u

struct report {
	struct flow flow;
	bool newest;
	uint64_t records, restarts, cut;
	uint32_t first, last; /* segments */
	int status;
};

struct text {
	char at[48];
};

static struct text amount(struct aq_amt value)
{
	struct text t;

	aq_amt_print(value, 0, t.at);
	return t;
}

static struct text scaled(int64_t value, uint8_t digits)
{
	struct text t;

	aq_dec_print(value, digits, 0, t.at);
	return t;
}

static const char *word(const char *const *words, unsigned count, unsigned at)
{
	return at < count && words[at] != NULL ? words[at] : "-";
}
#define WORD(words, at) word(words, sizeof(words) / sizeof(*(words)), at)

static const char *const sides[] = {[AQ_BUY] = "buy", [AQ_SELL] = "sell"};
static const char *const position_sides[] = {[AQ_NET] = "net", [AQ_LONG] = "long", [AQ_SHORT] = "short"};
static const char *const types[] = {[AQ_LIMIT] = "limit", [AQ_MARKET_ORDER] = "market"};
static const char *const tifs[] = {[AQ_GTC] = "gtc", [AQ_IOC] = "ioc", [AQ_FOK] = "fok", [AQ_GTD] = "gtd"};
static const char *const states[] = {[AQ_CREATED] = "created", [AQ_DENIED] = "denied", [AQ_SENT] = "sent",
	[AQ_UNTRIGGERED] = "untriggered", [AQ_OPEN] = "open", [AQ_FILLED] = "filled", [AQ_CANCELLED] = "cancelled",
	[AQ_REJECTED] = "rejected", [AQ_EXPIRED] = "expired"};
static const char *const liquidities[] = {[AQ_MAKER] = "maker", [AQ_TAKER] = "taker"};
static const char *const cash_kinds[] = {[AQ_CASH_FUNDING] = "funding", [AQ_CASH_TRANSFER] = "transfer"};

static const char *owner(const struct flow *f, uint32_t instance)
{
	return instance == AQ_ALL ? "*" : flow_instance_name(f, instance);
}

/* ---- what has happened ---- */

static void print_fill(const struct flow *f, const struct fact_fill *fact)
{
	const struct aq_fill *x = &fact->fill;
	const struct aq_instrument *i = &market_find(f, x->instrument)->instrument;

	printf("fill account=%s order=%" PRIu64 " trade=%s symbol=%s side=%s position_side=%s price=%s qty=%s cumulative=%s "
		"ahead=%s fee=%s fee_asset=%s liquidity=%s realised=%s time_ns=%" PRId64 " number=%" PRIu64 " instance=%s\n",
		flow_account_name(f, x->account), x->order, x->trade_id, i->symbol, WORD(sides, x->side),
		WORD(position_sides, x->position_side), scaled(x->price, i->px_digits).at, scaled(x->qty, i->qty_digits).at,
		scaled(x->cumulative, i->qty_digits).at, scaled(x->ahead, i->qty_digits).at, amount(x->fee).at, x->fee_asset,
		WORD(liquidities, x->liquidity), amount(x->realised).at, x->venue_ns, fact->number, owner(f, x->instance));
}

static void print_cashflow(const struct flow *f, const struct fact_cashflow *fact)
{
	printf("cashflow account=%s id=%s kind=%s asset=%s amount=%s time_ns=%" PRId64 "\n",
		flow_account_name(f, fact->account), fact->flow.id, WORD(cash_kinds, fact->flow.kind), fact->flow.asset,
		amount(fact->flow.amount).at, fact->venue_ns);
}

static void print_adjust(const struct flow *f, const struct fact_adjust *fact)
{
	const struct aq_instrument *i = &market_find(f, fact->instrument)->instrument;

	printf("adjust account=%s symbol=%s difference=%s\n", flow_account_name(f, fact->account), i->symbol,
		scaled(fact->difference, i->qty_digits).at);
}

static void print_denied(const struct flow *f, const struct aq_order_change *fact)
{
	const struct aq_order *o = &fact->order;
	const struct market *m = market_find(f, o->instrument);
	const struct aq_instrument none = {0}, *i = m != NULL ? &m->instrument : &none;

	printf("denied instance=%s id=%" PRIu64 " code=%u request=%u state=%s tag=%" PRIu64 " symbol=%s side=%s price=%s qty=%s "
		"filled=%s placed_ns=%" PRId64 " ended_ns=%" PRId64 "\n", owner(f, o->instance), o->id, fact->code, fact->request,
		WORD(states, o->state), o->tag, i->symbol[0] != '\0' ? i->symbol : "-", WORD(sides, o->side),
		scaled(o->price, i->px_digits).at, scaled(o->qty, i->qty_digits).at, scaled(o->filled, i->qty_digits).at, f->now_ns,
		f->now_ns);
}

static void print_fact(struct report *r, const struct journal_record *record)
{
	r->restarts += record->type == FACT_RESTART;
	if (r->newest)
		return;
	if (record->type == FACT_FILL)
		print_fill(&r->flow, record->body);
	if (record->type == FACT_CASHFLOW)
		print_cashflow(&r->flow, record->body);
	if (record->type == FACT_ADJUST)
		print_adjust(&r->flow, record->body);
	if (record->type == FACT_DENIED)
		print_denied(&r->flow, record->body);
}

/* ---- what has come of it ---- */

static void print_order(const struct flow *f, const struct order *order)
{
	const struct aq_order *o = &order->o;
	const struct aq_instrument *i = &market_find(f, o->instrument)->instrument;

	printf("order account=%s id=%" PRIu64 " venue_id=%s symbol=%s side=%s type=%s tif=%s position_side=%s post_only=%u "
		"reduce_only=%u price=%s qty=%s filled=%s state=%s code=%u value=%s placed_ns=%" PRId64 " ended_ns=%" PRId64
		" instance=%s tag=%" PRIu64 " requests=%u%u%u amend_price=%s amend_qty=%s\n",
		flow_account_name(f, o->account), o->id, o->venue_id[0] != '\0' ? o->venue_id : "-", i->symbol,
		WORD(sides, o->side), WORD(types, o->type), WORD(tifs, o->tif), WORD(position_sides, o->position_side),
		o->post_only, o->reduce_only, scaled(o->price, i->px_digits).at,
		scaled(o->qty != 0 ? o->qty : AQ_NONE, i->qty_digits).at, scaled(o->filled, i->qty_digits).at,
		WORD(states, o->state), o->code, amount(o->value).at, o->created_ns,
		order_is_final(o) ? o->updated_ns : 0, owner(f, o->instance), o->tag, o->place, o->cancel, o->amend,
		scaled(o->amend_price, i->px_digits).at, scaled(o->amend_qty, i->qty_digits).at);
}

static uint32_t print_orders(const struct flow *f)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < f->orders.capacity; i++) {
		if (!f->orders.slots[i].used)
			continue;
		print_order(f, &f->orders.slots[i]);
		count++;
	}
	return count;
}

static void print_row(const struct flow *f, const struct aq_position *p)
{
	const struct aq_instrument *i = &market_find(f, p->instrument)->instrument;
	bool sum = p->instance == AQ_ALL;

	printf("%s account=%s symbol=%s side=%s", sum ? "position" : "row", flow_account_name(f, p->account), i->symbol,
		WORD(position_sides, p->position_side));
	if (!sum)
		printf(" instance=%s", owner(f, p->instance));
	printf(" qty=%s cost=%s realised=%s bought=%s sold=%s\n", scaled(p->qty, i->qty_digits).at, amount(p->cost).at,
		amount(p->realised).at, amount(p->bought).at, amount(p->sold).at);
}

static void print_ledger(const struct flow *f)
{
	const struct ledger *l = &f->ledger;

	for (uint32_t i = 0; i < l->balance_count; i++)
		printf("balance account=%s asset=%s total=%s locked=%s since=%s\n",
			flow_account_name(f, l->balances[i].b.account), l->balances[i].b.asset, amount(l->balances[i].b.total).at,
			amount(l->balances[i].b.locked).at, amount(l->balances[i].since).at);
	for (uint32_t i = 0; i < l->count; i++)
		print_row(f, &l->rows[i].p);
	for (uint32_t i = 0; i < l->fee_count; i++)
		printf("fees account=%s instance=%s asset=%s paid=%s\n", flow_account_name(f, l->fees[i].f.account),
			owner(f, l->fees[i].f.instance), l->fees[i].f.asset, amount(l->fees[i].f.paid).at);
}

static int take(void *context, const struct journal_record *record)
{
	struct report *r = context;
	uint32_t segment = (uint32_t)(record->position >> 32);

	r->first = r->first == 0 ? segment : r->first;
	r->last = segment;
	if (!r->newest && record->snapshot && segment != r->first)
		return 0;
	r->records++;
	r->flow.now_ns = record->time_ns;
	if (record_apply(&r->flow, record->type, record->version, record->body, record->length) != 0) {
		fprintf(stderr, "journal_state: the record at %" PRIx64 " of type %u does not fit\n", record->position, record->type);
		return -1;
	}
	print_fact(r, record);
	return 0;
}

static int read_all(struct report *r)
{
	struct journal_record record;
	uint64_t position = 0;
	int rc;

	while ((rc = journal_read(r->flow.journal, position, &record)) == 1) {
		if (take(r, &record) != 0)
			return -1;
		position = record.next;
	}
	return rc;
}

static int print_all(struct report *r)
{
	uint32_t orders;
	int rc = r->newest ? journal_replay(r->flow.journal, take, r, &r->cut) : read_all(r);

	if (rc != 0)
		return rc;
	orders = print_orders(&r->flow);
	print_ledger(&r->flow);
	printf("end records=%" PRIu64 " orders=%u restarts=%" PRIu64 " cut=%" PRIu64 " segments=%u\n", r->records, orders,
		r->restarts, r->cut, r->last - r->first + 1);
	return 0;
}

int main(int argc, char **argv)
{
	static struct report r;
	struct flow_options options = {.max_orders = MANY, .max_fills = MANY, .host_number = 1};
	struct journal_options journal = {.grade = JOURNAL_PAGE, .read_only = true};
	struct aq_err err = {0};
	int rc;

	r.newest = argc == 3 && strcmp(argv[1], "--newest") == 0;
	if (argc != 2 && !r.newest) {
		fputs("usage: journal_state [--newest] FOLDER\n", stderr);
		return 2;
	}
	journal.folder = argv[argc - 1];
	flow_init(&r.flow, &options);
	r.flow.recovering = true;
	rc = journal_open(&r.flow.journal, &journal, journal_files_system(), &err);
	if (rc == 0) {
		rc = print_all(&r);
		journal_close(r.flow.journal);
	}
	if (rc != 0)
		fprintf(stderr, "journal_state: %s: %s (%d)\n", journal.folder, err.text, rc);
	flow_finish(&r.flow);
	return rc == 0 ? 0 : 1;
}
