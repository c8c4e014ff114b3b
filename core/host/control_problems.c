#include "host/control_problems.h"

#include "flow/market.h"
#include "flow/orders.h"
#include "flow/standing.h"
#include "host/control_format.h"
#include "host/order_text.h"
#include "host/user_name.h"
#include "host/store.h"

#include <inttypes.h>
#include <string.h>

bool problems_is_unknown(const struct aq_order *o)
{
	return o->place == AQ_REQ_UNKNOWN || o->cancel == AQ_REQ_UNKNOWN || o->amend == AQ_REQ_UNKNOWN;
}

struct count {
	uint32_t account, count;
};

static void count_unknown(void *context, struct order *order)
{
	struct count *c = context;

	c->count += order->o.account == c->account && problems_is_unknown(&order->o);
}

uint32_t problems_unknown(struct host *h, uint32_t account)
{
	struct count c = {.account = account};

	orders_each_open(&h->flow, count_unknown, &c);
	return c.count;
}

static void tell_order(void *context, struct order *order)
{
	struct control_call *c = context;
	const struct flow *f = &c->host->flow;
	const struct aq_order *o = &order->o;
	int request = o->place == AQ_REQ_UNKNOWN ? 0 : o->cancel == AQ_REQ_UNKNOWN ? 1 : 2;
	char id[ORDER_TEXT_SIZE], age[FORMAT_SIZE];
	int64_t since = order->sent_ns[request] != 0 ? order->sent_ns[request] : o->updated_ns;

	if (problems_is_unknown(o))
		result_problem(&c->result, since, "%s order %s is unknown since %s: asking by client id (try %u)",
			flow_account_name(f, o->account), order_text(o->id, id), format_age(f->now_ns - since, age),
			order->lookups + 1);
}

static void tell_store(struct control_call *c, const struct instance *i)
{
	const struct store *s = store_find(c->host, i->id);
	char age[FORMAT_SIZE];

	if (s != NULL && !s->up)
		result_problem(&c->result, s->state_ns, "store %s is down since %s: %s. %u calls wait; it is tried again", i->name,
			format_age(host_wall_ns() - s->state_ns, age), s->why, s->unanswered);
}

static void tell_instances(struct control_call *c)
{
	const struct host *h = c->host;

	for (uint32_t id = 1; id <= names_count(&h->flow.names, NAME_INSTANCE) && id < INSTANCES_MAX; id++) {
		const struct instance *i = h->instances[id];

		if (i == NULL)
			continue;
		if (i->state == INSTANCE_FAILED)
			result_problem(&c->result, h->flow.now_ns,
				"%s has been taken out: %s. Start it again: aqctl reload %s", i->name, i->why, i->name);
		else if (i->state == INSTANCE_CREATED)
			result_problem(&c->result, h->flow.now_ns,
				"%s waits for its markets, or for their first valid books", i->name);
		else if (i->kind == AQ_EXCHANGE && !h->flow.instances[id].up)
			result_problem(&c->result, h->flow.now_ns, "%s is down: new orders there are denied", i->name);
		else if (i->kind == AQ_STORAGE)
			tell_store(c, i);
	}
}

static void tell_standing(struct control_call *c, const struct standing *s, const char *name)
{
	const struct fact_standing *f = &s->fact;
	char when[FORMAT_SIZE];
	const char *user = user_name(f->uid);

	if (f->state == STANDING_RUN)
		return;
	result_problem(&c->result, f->time_ns, "%s is %s since %s by %s%s%s, uid %u%s%s%s%s. %s: aqctl %s %s", name,
		standing_name(f->state), format_time(f->time_ns, when), user, user[0] != '\0' ? " (" : "", f->who, f->uid,
		user[0] != '\0' ? ")" : "",
		f->why[0] != '\0' ? ": " : "", f->why, standing_is_done(s) ? "" : "; the venue has not confirmed it yet",
		f->state == STANDING_QUARANTINE ? "Start it again" : "Go on",
		f->state == STANDING_QUARANTINE ? "release" : "resume", name);
}

static void tell_standings(struct control_call *c)
{
	const struct flow *f = &c->host->flow;

	tell_standing(c, &f->meter.standing, "host");
	for (uint32_t id = 1; id <= names_count(&f->names, NAME_ACCOUNT); id++)
		tell_standing(c, &f->accounts[id].meter.standing, flow_account_name(f, id));
	for (uint32_t id = 1; id <= names_count(&f->names, NAME_INSTANCE); id++)
		tell_standing(c, &f->instances[id].meter.standing, flow_instance_name(f, id));
}

static void tell_accounts(struct control_call *c)
{
	const struct flow *f = &c->host->flow;

	for (uint32_t id = 1; id <= names_count(&f->names, NAME_ACCOUNT); id++)
		if (f->accounts[id].exchange != 0 && !f->accounts[id].ready)
			result_problem(&c->result, f->now_ns,
				"%s is not reconciled with its venue yet: new orders are denied, cancels pass",
				flow_account_name(f, id));
}

static void tell_books(struct control_call *c)
{
	static const char *const faults[] = {"is not valid", "has no snapshot yet",
		"has a gap: a new snapshot is awaited", "is stale", "is crossed", "is invalid: the venue is down",
		"is halted"};
	const struct flow *f = &c->host->flow;
	char age[FORMAT_SIZE] = "";

	for (uint32_t id = 1; id < f->market_capacity; id++) {
		const struct market *m = f->markets[id];
		const struct aq_top *t = m != NULL ? &m->top : NULL;

		if (m == NULL || t->valid || (m->wanted & AQ_SUB_BOOK) == 0)
			continue;
		if (t->arrival_ns != 0)
			format_age(f->now_ns - t->arrival_ns, age);
		result_problem(&c->result, t->arrival_ns != 0 ? t->arrival_ns : f->now_ns,
			"book %s %s%s%s: new orders there are denied", names_text(&f->names, NAME_INSTRUMENT, id),
			faults[t->why < sizeof(faults) / sizeof(*faults) ? t->why : 0],
			t->arrival_ns != 0 ? ", age " : "", age);
	}
}

static void tell_journal(struct control_call *c)
{
	const struct flow *f = &c->host->flow;
	enum journal_state state = journal_state(f->journal);

	if (f->journal_failed || state == JOURNAL_FULL)
		result_problem(&c->result, f->now_ns,
			"the journal takes nothing more: new orders are denied. Make room on its disk");
	else if (state == JOURNAL_LOW)
		result_problem(&c->result, f->now_ns,
			"the journal's disk is nearly full: new orders are denied, cancels and fills still recorded. "
			"Make room");
	if (f->ledger.mismatches > 0)
		result_problem(&c->result, f->now_ns,
			"%" PRIu64 " times a venue's position was not the ledger's: the venue's was taken",
			f->ledger.mismatches);
}

void problems_tell(struct control_call *c)
{
	if (c->host->reload != NULL)
		result_hint(&c->result, "a reload is under way");
	tell_standings(c);
	tell_instances(c);
	tell_accounts(c);
	tell_books(c);
	orders_each_open(&c->host->flow, tell_order, c);
	tell_journal(c);
}
