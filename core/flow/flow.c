/* flow.c: the frame that holds the services together: ids, events, records, the clock's ticks. */
#include "flow/flow.h"

#include "flow/candles.h"
#include "flow/held_news.h"
#include "flow/ledger.h"
#include "flow/market.h"
#include "flow/orders.h"
#include "flow/reconcile.h"
#include "flow/record.h"
#include "flow/risk.h"
#include "flow/standing.h"

#include "base/check.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define QUEUE_BYTES (8u << 20)

void flow_init(struct flow *f, const struct flow_options *options)
{
	memset(f, 0, sizeof(*f));
	f->options = *options;
	f->now_ns = options->started_ns;
	f->meter.day_ns = INT64_MIN;
	f->missed_ns = INT64_MAX;
	f->standing_due_ns = INT64_MAX;
	f->candles.due_ns = INT64_MAX;
	f->next_loss_ns = INT64_MAX;
	f->next_stale_ns = options->stale_after_ns > 0 ? f->now_ns : INT64_MAX;
	f->next_pull_ns = INT64_MAX;
	names_init(&f->names);
	queue_init(&f->out, QUEUE_BYTES);
	queue_init(&f->in, QUEUE_BYTES);
	flow_grow_instances(f, 15);
	flow_grow_accounts(f, 15);
	orders_init(f);
	ledger_init(f);
	held_news_init(&f->held);
}

static void meter_finish(struct flow_meter *meter)
{
	free(meter->sent_ns);
	free(meter->limits.positions);
}

void flow_finish(struct flow *f)
{
	candles_finish(f);
	for (uint32_t id = 1; id < f->market_capacity; id++) {
		if (f->markets[id] == NULL)
			continue;
		book_finish(&f->markets[id]->book);
		free(f->markets[id]->subscribers);
		free(f->markets[id]->waiting);
		free(f->markets[id]);
	}
	free(f->markets);
	for (uint32_t id = 0; id < f->instance_capacity; id++) {
		meter_finish(&f->instances[id].meter);
		free(f->instances[id].accounts);
	}
	for (uint32_t id = 0; id < f->account_capacity; id++)
		meter_finish(&f->accounts[id].meter);
	meter_finish(&f->meter);
	free(f->instances);
	free(f->accounts);
	orders_finish(f);
	ledger_finish(f);
	held_news_finish(&f->held);
	overrides_finish(&f->overrides);
	queue_finish(&f->in);
	queue_finish(&f->out);
	names_finish(&f->names);
}

void flow_say(struct flow *f, int level, const char *format, ...)
{
	char text[512];
	va_list args;

	if (f->log == NULL)
		return;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	f->log(f->log_context, level, text);
}

/* A zeroed array of at least id + 1 elements. */
static void *grown(void *array, uint32_t *capacity, uint32_t id, size_t size)
{
	uint32_t old = *capacity, want = old == 0 ? 16 : old;

	while (want <= id)
		want *= 2;
	if (want == old)
		return array;
	array = realloc(array, want * size);
	CHECK(array != NULL);
	memset((char *)array + old * size, 0, (want - old) * size);
	*capacity = want;
	return array;
}

void flow_grow_instances(struct flow *f, uint32_t id)
{
	uint32_t old = f->instance_capacity;

	f->instances = grown(f->instances, &f->instance_capacity, id, sizeof(*f->instances));
	for (uint32_t i = old; i < f->instance_capacity; i++) {
		f->instances[i].orders = FLOW_NIL;
		f->instances[i].rows = FLOW_NIL;
		f->instances[i].fees = FLOW_NIL;
		f->instances[i].meter.day_ns = INT64_MIN;
	}
}

void flow_grow_accounts(struct flow *f, uint32_t id)
{
	uint32_t old = f->account_capacity;

	f->accounts = grown(f->accounts, &f->account_capacity, id, sizeof(*f->accounts));
	for (uint32_t i = old; i < f->account_capacity; i++) {
		f->accounts[i].rows = FLOW_NIL;
		f->accounts[i].fees = FLOW_NIL;
		f->accounts[i].retry_ns = INT64_MAX;
		f->accounts[i].held_until_ns = INT64_MAX;
		f->accounts[i].from_ns = INT64_MAX;
		f->accounts[i].meter.day_ns = INT64_MIN;
	}
}

uint32_t flow_instance_id(struct flow *f, const char *name, uint32_t kind)
{
	uint32_t id = record_name(f, NAME_INSTANCE, name);

	if (id != 0)
		f->instances[id].kind = kind;
	return id;
}

uint32_t flow_account_id(struct flow *f, const char *name)
{
	return record_name(f, NAME_ACCOUNT, name);
}

const char *flow_instance_name(const struct flow *f, uint32_t id)
{
	return names_text(&f->names, NAME_INSTANCE, id);
}

const char *flow_account_name(const struct flow *f, uint32_t id)
{
	return names_text(&f->names, NAME_ACCOUNT, id);
}

void flow_account_bind(struct flow *f, uint32_t account, uint32_t exchange, bool hedging, uint8_t margin_mode)
{
	struct flow_account *a = &f->accounts[account];

	a->exchange = exchange;
	a->hedging = hedging;
	a->margin_mode = margin_mode;
}

struct flow_meter *flow_meter_of(struct flow *f, uint32_t scope, uint32_t id)
{
	if (scope == SCOPE_HOST)
		return &f->meter;
	if (scope == SCOPE_ACCOUNT && id < f->account_capacity)
		return &f->accounts[id].meter;
	if (scope == SCOPE_INSTANCE && id < f->instance_capacity)
		return &f->instances[id].meter;
	return NULL;
}

bool flow_trades_on(const struct flow_instance *instance, uint32_t account)
{
	for (uint32_t i = 0; i < instance->account_count; i++)
		if (instance->accounts[i] == account)
			return true;
	return false;
}

void flow_trade_on(struct flow *f, uint32_t instance, uint32_t account)
{
	struct flow_instance *i = &f->instances[instance];

	if (account == 0 || flow_trades_on(i, account))
		return;
	i->accounts = realloc(i->accounts, (i->account_count + 1) * sizeof(*i->accounts));
	CHECK(i->accounts != NULL);
	i->accounts[i->account_count++] = account;
}

void flow_limits_set(struct flow_meter *meter, const struct flow_limits *limits)
{
	size_t bytes = limits->position_count * sizeof(*limits->positions);

	if (limits->order_rate != meter->limits.order_rate) { /* a new window begins empty */
		free(meter->sent_ns);
		meter->sent_ns = limits->order_rate == 0 ? NULL : calloc(limits->order_rate, sizeof(*meter->sent_ns));
		meter->sent_at = 0;
		for (uint32_t i = 0; i < limits->order_rate; i++)
			meter->sent_ns[i] = INT64_MIN / 2;
	}
	free(meter->limits.positions);
	meter->limits = *limits;
	meter->limits.positions = NULL;
	if (bytes == 0)
		return;
	meter->limits.positions = malloc(bytes);
	CHECK(meter->limits.positions != NULL);
	memcpy(meter->limits.positions, limits->positions, bytes);
}

struct aq_event *flow_event(struct flow *f, uint32_t instance, uint16_t type, uint32_t body)
{
	uint32_t size = (uint32_t)sizeof(struct aq_event) + ((body + 7) & ~7u);
	struct aq_event *event;

	if (instance >= f->instance_capacity || !f->instances[instance].active)
		return NULL;
	event = queue_push(&f->out, instance, size);
	*event = (struct aq_event){.size = size, .type = type, .time_ns = f->now_ns};
	if (type < AQ_EV_INSTRUMENT || type >= AQ_EV_ORDER)
		event->seq = ++f->instances[instance].seq;
	memset(event + 1, 0, size - sizeof(*event));
	return event;
}

int flow_emit(struct flow *f, uint32_t exchange, const struct aq_event *record)
{
	struct aq_event *copy;

	if (record->size < sizeof(*record) || record->size > AQ_EVENT_MAX || record->size % 8 != 0)
		return AQ_EINVAL;
	if (queue_bytes(&f->in) > QUEUE_BYTES / 2)
		return AQ_EAGAIN;
	copy = queue_push(&f->in, exchange, record->size);
	memcpy(copy, record, record->size);
	if (copy->time_ns == 0)
		copy->time_ns = f->now_ns;
	return AQ_OK;
}

/* A record may only speak of what its adapter serves. */
static bool belongs(const struct flow *f, uint32_t exchange, const struct aq_event *record)
{
	const struct market *m = market_find(f, record->instrument);

	if (record->account == 0 && record->type > AQ_EV_BOOK_UPDATE)
		return false;
	if (record->instrument != 0 && (m == NULL || m->instrument.exchange != exchange))
		return false;
	return record->account == 0 ||
		(record->account < f->account_capacity && f->accounts[record->account].exchange == exchange);
}

/* The least body of each record that is not checked elsewhere. */
static uint32_t least_body(uint16_t type)
{
	switch (type) {
	case AQ_EV_VENUE:
		return sizeof(struct aq_venue);
	case AQ_EV_ORDER_UPDATE:
		return sizeof(struct aq_order_update);
	case AQ_EV_VENUE_FILL:
		return sizeof(struct aq_fill);
	case AQ_EV_BALANCE:
		return sizeof(struct aq_balance);
	case AQ_EV_VENUE_POSITION:
		return sizeof(struct aq_position);
	case AQ_EV_CASHFLOW:
		return sizeof(struct aq_cashflow);
	case AQ_EV_HISTORY:
		return sizeof(struct aq_history);
	default:
		return 0;
	}
}

static void apply_record(struct flow *f, uint32_t exchange, const struct aq_event *record)
{
	switch (record->type) {
	case AQ_EV_BOOK_UPDATE:
		market_book_update(f, record);
		break;
	case AQ_EV_TICKER:
		market_ticker(f, record);
		break;
	case AQ_EV_HISTORY:
		candles_history(f, record);
		break;
	case AQ_EV_TRADE:
		market_trade(f, record);
		break;
	case AQ_EV_KLINE:
		market_kline(f, record);
		break;
	case AQ_EV_FUNDING:
		market_funding(f, record);
		break;
	case AQ_EV_VENUE:
		market_venue(f, exchange, AQ_BODY(aq_venue, record)->up);
		break;
	case AQ_EV_ORDER_UPDATE:
		orders_update(f, record);
		break;
	case AQ_EV_VENUE_FILL:
		if (!held_news_take(f, record))
			orders_fill(f, record);
		break;
	case AQ_EV_BALANCE:
		reconcile_past_fills(f, record->account);
		ledger_balance(f, record);
		break;
	case AQ_EV_VENUE_POSITION:
		reconcile_past_fills(f, record->account);
		reconcile_position(f, record);
		break;
	case AQ_EV_CASHFLOW:
		if (!held_news_take(f, record))
			ledger_cashflow(f, record);
		break;
	case AQ_EV_RECONCILE_BEGIN:
		reconcile_begin(f, record->account);
		break;
	case AQ_EV_RECONCILE_END:
		reconcile_end(f, record->account);
		break;
	default:
		flow_say(f, AQ_LOG_WARN, "%s gave a record of unknown type %u", flow_instance_name(f, exchange), record->type);
	}
}

bool flow_apply_next(struct flow *f)
{
	uint32_t exchange;
	const struct aq_event *record = queue_peek(&f->in, &exchange);

	if (record == NULL) { /* a book may have changed without one: by its age, by its venue's end */
		if (f->latest == NULL)
			return false;
		market_tell_latest(f);
		return true;
	}
	if (!belongs(f, exchange, record) || record->size < sizeof(*record) + least_body(record->type))
		flow_say(f, AQ_LOG_WARN, "%s gave a record of type %u that is malformed or not its own",
			flow_instance_name(f, exchange), record->type);
	else
		apply_record(f, exchange, record);
	if (record->account != 0)
		standing_look_soon(f);
	queue_drop(&f->in);
	if (queue_empty(&f->in))
		queue_rewind(&f->in);
	return true;
}

int64_t flow_due_ns(const struct flow *f)
{
	int64_t due = orders_due_ns(f), retry = reconcile_due_ns(f);

	due = due < retry ? due : retry;
	due = due < f->next_day_ns ? due : f->next_day_ns;
	due = due < f->standing_due_ns ? due : f->standing_due_ns;
	due = due < candles_due_ns(f) ? due : candles_due_ns(f);
	due = due < f->next_loss_ns ? due : f->next_loss_ns;
	due = due < f->next_pull_ns ? due : f->next_pull_ns;
	return due < f->next_stale_ns ? due : f->next_stale_ns;
}

/* When books are looked at again: four times within the shortest age at which one is stale. */
static int64_t stale_look_ns(const struct flow *f)
{
	int64_t least = f->options.stale_after_ns > 0 ? f->options.stale_after_ns : INT64_MAX;

	for (uint32_t id = 1; id <= names_count(&f->names, NAME_INSTANCE); id++)
		if (f->instances[id].stale_after_ns > 0 && f->instances[id].stale_after_ns < least)
			least = f->instances[id].stale_after_ns;
	return least == INT64_MAX ? INT64_MAX : f->now_ns + least / 4 + 1;
}

void flow_stale_after_set(struct flow *f, uint32_t exchange, int64_t ns)
{
	int64_t next;

	f->instances[exchange].stale_after_ns = ns;
	next = stale_look_ns(f);
	if (next < f->next_stale_ns)
		f->next_stale_ns = next;
}

void flow_tick(struct flow *f)
{
	orders_tick(f);
	reconcile_tick(f);
	risk_tick(f);
	standing_tick(f);
	candles_tick(f);
	if (f->now_ns >= f->next_stale_ns) {
		market_check_stale(f);
		f->next_stale_ns = stale_look_ns(f);
	}
	if (f->now_ns >= f->next_pull_ns) {
		f->next_pull_ns = INT64_MAX;
		market_pull_again(f);
		reconcile_pull_again(f);
	}
}
