/* record.c: see record.h. */
#include "flow/record.h"

#include "flow/ledger.h"
#include "flow/market.h"
#include "flow/orders.h"
#include "flow/overrides.h"
#include "flow/standing.h"

#include "base/err.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#define MISSED_RETRY_NS 1000000000ll

static void apply_name(struct flow *f, const struct fact_name *fact)
{
	names_apply(&f->names, fact);
	if (fact->kind == NAME_INSTANCE)
		flow_grow_instances(f, fact->id);
	if (fact->kind == NAME_ACCOUNT)
		flow_grow_accounts(f, fact->id);
}

static void apply_day(struct flow *f, const struct fact_day *fact)
{
	struct flow_meter *meter = flow_meter_of(f, fact->scope, fact->id);

	meter->day_ns = fact->day_ns;
	meter->day_start = fact->profit;
}

/* A denied order never left, but its id has been given out. */
static void apply_denial(struct flow *f, const struct aq_order_change *fact)
{
	if (fact->order.id > f->orders.last_id)
		f->orders.last_id = fact->order.id;
}

static void apply_counter(struct flow *f, const struct fact_counter *fact)
{
	f->orders.last_id = fact->order_id;
	f->ledger.fill_number = fact->fill_number;
	if (fact->forgotten_ns > f->ledger.forgotten_ns) /* a smaller ring than before has forgotten more */
		f->ledger.forgotten_ns = fact->forgotten_ns;
}

static const uint32_t length_of[] = {
	[FACT_NAME] = sizeof(struct fact_name),
	[FACT_INSTRUMENT] = sizeof(struct aq_instrument),
	[FACT_ORDER] = sizeof(struct aq_order),
	[FACT_REQUEST] = sizeof(struct fact_request),
	[FACT_UPDATE] = sizeof(struct fact_update),
	[FACT_FILL] = sizeof(struct fact_fill),
	[FACT_BALANCE] = sizeof(struct aq_balance),
	[FACT_CASHFLOW] = sizeof(struct fact_cashflow),
	[FACT_DENIED] = sizeof(struct aq_order_change),
	[FACT_ADJUST] = sizeof(struct fact_adjust),
	[FACT_OPERATOR] = sizeof(struct fact_operator),
	[FACT_DAY] = sizeof(struct fact_day),
	[FACT_LEDGER] = sizeof(struct aq_position),
	[FACT_FEES] = sizeof(struct fact_fees),
	[FACT_SEEN] = sizeof(struct fact_fill),
	[FACT_SEEN_CASH] = sizeof(struct fact_cashflow),
	[FACT_COUNTER] = sizeof(struct fact_counter),
	[FACT_RESTART] = sizeof(struct fact_restart),
	[FACT_STANDING] = sizeof(struct fact_standing),
	[FACT_OVERRIDE] = sizeof(struct fact_override),
	[FACT_SEEN_ADJUST] = sizeof(struct fact_adjust),
};

static bool fits_day(const struct flow *f, const struct fact_day *fact)
{
	return fact->scope == SCOPE_HOST || (fact->scope == SCOPE_ACCOUNT && fact->id < f->account_capacity) ||
		(fact->scope == SCOPE_INSTANCE && fact->id < f->instance_capacity);
}

/* Does it make sense behind what has been applied? Whatever does can be applied to the end. */
static bool fits(const struct flow *f, uint16_t type, uint16_t version, const void *body, uint32_t length)
{
	if (type == 0 || type >= sizeof(length_of) / sizeof(*length_of) || version != FACT_VERSION || length_of[type] != length)
		return false;
	switch (type) {
	case FACT_NAME:
		return names_fits(&f->names, body);
	case FACT_INSTRUMENT:
		return market_fits_instrument(f, body);
	case FACT_ORDER:
		return orders_fits_order(f, body);
	case FACT_REQUEST:
		return orders_fits_request(f, body);
	case FACT_UPDATE:
		return orders_fits_update(f, body);
	case FACT_FILL:
		return ledger_fits_fill(f, body);
	case FACT_BALANCE:
		return ledger_fits_balance(f, body);
	case FACT_CASHFLOW:
	case FACT_SEEN_CASH:
		return ledger_fits_cashflow(f, body);
	case FACT_ADJUST:
		return ledger_fits_adjust(f, body);
	case FACT_SEEN_ADJUST:
		return ledger_fits_seen_adjust(f, body);
	case FACT_DAY:
		return fits_day(f, body);
	case FACT_LEDGER:
		return ledger_fits_row(f, body);
	case FACT_FEES:
		return ledger_fits_fees(f, body);
	case FACT_SEEN:
		return ledger_fits_seen(f, body);
	case FACT_STANDING:
		return standing_fits(f, body);
	case FACT_OVERRIDE:
		return overrides_fit(&f->overrides, body);
	default:
		return true;
	}
}

static void apply(struct flow *f, uint16_t type, const void *body)
{
	switch (type) {
	case FACT_NAME:
		apply_name(f, body);
		break;
	case FACT_INSTRUMENT:
		market_apply_instrument(f, body);
		break;
	case FACT_ORDER:
		orders_apply_order(f, body);
		break;
	case FACT_REQUEST:
		orders_apply_request(f, body);
		break;
	case FACT_UPDATE:
		orders_apply_update(f, body);
		break;
	case FACT_FILL:
		ledger_apply_fill(f, body);
		break;
	case FACT_BALANCE:
		ledger_apply_balance(f, body);
		break;
	case FACT_CASHFLOW:
		ledger_apply_cashflow(f, body);
		break;
	case FACT_DENIED:
		apply_denial(f, body);
		break;
	case FACT_ADJUST:
		ledger_apply_adjust(f, body);
		break;
	case FACT_SEEN_ADJUST:
		ledger_apply_seen_adjust(f, body);
		break;
	case FACT_DAY:
		apply_day(f, body);
		break;
	case FACT_LEDGER:
		ledger_apply_row(f, body);
		break;
	case FACT_FEES:
		ledger_apply_fees(f, body);
		break;
	case FACT_SEEN:
		ledger_apply_seen(f, body);
		break;
	case FACT_SEEN_CASH:
		ledger_apply_seen_cash(f, body);
		break;
	case FACT_COUNTER:
		apply_counter(f, body);
		break;
	case FACT_RESTART:
		orders_restarted(f);
		break;
	case FACT_STANDING:
		standing_apply(f, body);
		break;
	case FACT_OVERRIDE:
		overrides_apply(&f->overrides, body);
		break;
	default: /* FACT_OPERATOR: told, but no state follows from it */
		break;
	}
}

/* Journals of before have no value in it. */
static const void *widen(uint16_t type, const void *body, uint32_t *length, struct fact_cashflow *room)
{
	const uint32_t before = offsetof(struct fact_cashflow, value);

	if ((type != FACT_CASHFLOW && type != FACT_SEEN_CASH) || *length != before)
		return body;
	*room = (struct fact_cashflow){0};
	memcpy(room, body, before);
	*length = sizeof(*room);
	return room;
}

int record_apply(struct flow *f, uint16_t type, uint16_t version, const void *body, uint32_t length)
{
	struct fact_cashflow room;

	body = widen(type, body, &length, &room);
	if (!fits(f, type, version, body, length))
		return AQ_EFORMAT;
	apply(f, type, body);
	return AQ_OK;
}

static int append(struct flow *f, enum fact_type type, const void *body, uint32_t length)
{
	return journal_append(f->journal, (uint16_t)type, FACT_VERSION, f->now_ns, body, length, NULL, 0, NULL);
}

static int append_snapshot(void *context, enum fact_type type, const void *body, uint32_t length)
{
	return append(context, type, body, length);
}

/* A new segment begins with the whole state, so that recovery reads one. */
static int rotate(struct flow *f)
{
	int rc = journal_rotate_begin(f->journal, f->now_ns);

	if (rc == 0)
		rc = record_snapshot(f, true, append_snapshot, f);
	if (rc == 0)
		rc = journal_rotate_end(f->journal, f->now_ns);
	f->rotations++;
	return rc;
}

static void say_failure(struct flow *f, int rc)
{
	if (f->missed_ns == INT64_MAX)
		f->missed_ns = f->now_ns + MISSED_RETRY_NS;
	if (!f->journal_failed)
		flow_say(f, AQ_LOG_ERROR, "the journal cannot be written (%d): new orders are denied until it can", rc);
	f->journal_failed = true;
}

int record_fact(struct flow *f, enum fact_type type, const void *body, uint32_t length)
{
	int rc = 0;

	if (!fits(f, (uint16_t)type, FACT_VERSION, body, length)) /* once journalled it would stop every recovery */
		return AQ_EFORMAT;
	if (f->journal != NULL && !f->recovering) {
		if (journal_wants_rotation(f->journal, length))
			rc = rotate(f);
		if (rc == 0)
			rc = append(f, type, body, length);
		if (rc != 0) {
			say_failure(f, rc);
			return rc;
		}
		f->journal_failed = false;
	}
	apply(f, (uint16_t)type, body);
	return AQ_OK;
}

uint32_t record_name(struct flow *f, enum name_kind kind, const char *text)
{
	uint32_t id = names_find(&f->names, kind, text);
	struct fact_name fact;

	if (id != 0)
		return id;
	fact = names_next(&f->names, kind, text);
	return record_fact(f, FACT_NAME, &fact, sizeof(fact)) == 0 ? fact.id : 0;
}

int record_operator(struct flow *f, uint32_t uid, const char *who, const char *what)
{
	struct fact_operator fact = {.time_ns = f->now_ns, .uid = uid};

	snprintf(fact.who, sizeof(fact.who), "%s", who);
	snprintf(fact.what, sizeof(fact.what), "%s", what);
	return record_fact(f, FACT_OPERATOR, &fact, sizeof(fact));
}

static int snapshot_names(const struct flow *f, record_sink *sink, void *context)
{
	int rc = 0;

	for (int kind = 1; kind < NAME_KINDS; kind++)
		for (uint32_t i = 0; rc == 0 && i < f->names.kinds[kind].count; i++)
			rc = sink(context, FACT_NAME, &f->names.kinds[kind].list[i], sizeof(struct fact_name));
	for (uint32_t id = 1; rc == 0 && id < f->market_capacity; id++)
		if (f->markets[id] != NULL)
			rc = sink(context, FACT_INSTRUMENT, &f->markets[id]->instrument, sizeof(struct aq_instrument));
	return rc;
}

static int snapshot_day(const struct flow_meter *meter, enum flow_scope scope, uint32_t id, record_sink *sink, void *context)
{
	struct fact_day fact = {.scope = scope, .id = id, .day_ns = meter->day_ns, .profit = meter->day_start};

	return meter->day_ns == INT64_MIN ? 0 : sink(context, FACT_DAY, &fact, sizeof(fact));
}

static int snapshot_days(const struct flow *f, record_sink *sink, void *context)
{
	int rc = snapshot_day(&f->meter, SCOPE_HOST, 0, sink, context);

	for (uint32_t id = 1; rc == 0 && id <= names_count(&f->names, NAME_ACCOUNT); id++)
		rc = snapshot_day(&f->accounts[id].meter, SCOPE_ACCOUNT, id, sink, context);
	for (uint32_t id = 1; rc == 0 && id <= names_count(&f->names, NAME_INSTANCE); id++)
		rc = snapshot_day(&f->instances[id].meter, SCOPE_INSTANCE, id, sink, context);
	return rc;
}

struct forward {
	record_sink *sink;
	void *context;
};

static int forward_standing(void *context, const struct fact_standing *fact)
{
	const struct forward *to = context;

	return to->sink(to->context, FACT_STANDING, fact, sizeof(*fact));
}

static int snapshot_operator(const struct flow *f, record_sink *sink, void *context)
{
	struct forward to = {.sink = sink, .context = context};
	int rc = standing_snapshot(f, forward_standing, &to);

	for (uint32_t i = 0; rc == 0 && i < f->overrides.count; i++)
		rc = sink(context, FACT_OVERRIDE, &f->overrides.list[i], sizeof(f->overrides.list[i]));
	return rc;
}

int record_snapshot(const struct flow *f, bool history, record_sink *sink, void *context)
{
	struct fact_counter counter = {.order_id = f->orders.last_id, .fill_number = f->ledger.fill_number,
		.forgotten_ns = f->ledger.forgotten_ns};
	int rc = snapshot_names(f, sink, context);

	if (rc == 0) /* ahead of the orders, which make rows too: so rows come back in their order */
		rc = ledger_snapshot(f, history, sink, context);
	if (rc == 0)
		rc = orders_snapshot(f, history, sink, context);
	if (rc == 0)
		rc = snapshot_days(f, sink, context);
	if (rc == 0)
		rc = snapshot_operator(f, sink, context);
	return rc != 0 ? rc : sink(context, FACT_COUNTER, &counter, sizeof(counter));
}

struct recovery {
	struct flow *flow;
	struct aq_err *err;
	uint64_t count;
};

static int recover_one(void *context, const struct journal_record *record)
{
	struct recovery *r = context;
	int rc;

	r->flow->now_ns = record->time_ns;
	rc = record_apply(r->flow, record->type, record->version, record->body, record->length);
	r->count++;
	if (rc != 0)
		err_set(r->err, rc, "journal record at %llx of type %u, version %u, %u bytes does not fit what came before it",
			(unsigned long long)record->position, record->type, record->version, record->length);
	return rc;
}

int record_recover(struct flow *f, uint64_t *cut, struct aq_err *err)
{
	struct recovery r = {.flow = f, .err = err};
	struct fact_restart fact = {0};
	int64_t now = f->now_ns;
	int rc;

	f->recovering = true;
	rc = journal_replay(f->journal, recover_one, &r, cut);
	f->recovering = false;
	if (rc != 0)
		return rc;
	fact.time_ns = f->now_ns;
	fact.cut = *cut;
	if (r.count > 0) /* stamped with the last record's time: recovering the same journal gives the same bytes */
		rc = record_fact(f, FACT_RESTART, &fact, sizeof(fact));
	f->now_ns = now > f->now_ns ? now : f->now_ns;
	return rc == 0 ? AQ_OK : err_set(err, rc, "the journal cannot be continued (%d)", rc);
}
