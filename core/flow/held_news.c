/* held_news.c: see held_news.h. One list for all accounts: the oldest first, those of one time as they came. */
#include "flow/held_news.h"

#include "flow/ledger.h"
#include "flow/orders.h"

#include "base/check.h"

#include <stdlib.h>
#include <string.h>

/* Longer lists than that pass through it in order, as long as fewer live ones wait among them. */
#define CAPACITY 512u

void held_news_init(struct held_news *h)
{
	h->list = calloc(CAPACITY, sizeof(*h->list));
	CHECK(h->list != NULL);
}

void held_news_finish(struct held_news *h)
{
	free(h->list);
}

static int64_t time_of(const struct aq_event *record)
{
	int64_t at = record->type == AQ_EV_VENUE_FILL ? AQ_BODY(aq_fill, record)->venue_ns : 0;

	return at != 0 ? at : record->venue_ns;
}

static uint32_t size_of(const struct aq_event *record)
{
	size_t body = record->type == AQ_EV_VENUE_FILL ? sizeof(struct aq_fill) : sizeof(struct aq_cashflow);

	return (uint32_t)(sizeof(*record) + body);
}

/* The first `count` of the list, those of `account` or of all. */
static void book(struct flow *f, uint32_t count, uint32_t account)
{
	struct held_news *h = &f->held;
	uint32_t kept = 0;

	for (uint32_t i = 0; i < h->count; i++) {
		struct held_record *held = &h->list[i];

		if (i >= count || (account != AQ_ALL && held->event.account != account))
			h->list[kept++] = *held;
		else if (held->event.type == AQ_EV_VENUE_FILL)
			orders_fill(f, &held->event);
		else
			ledger_cashflow(f, &held->event);
	}
	h->count = kept;
}

/* As the ledger will see it: the body names account and instrument. */
static struct held_record held_of(const struct aq_event *record)
{
	struct held_record held = {0};

	memcpy(&held, record, size_of(record));
	if (record->type == AQ_EV_VENUE_FILL) {
		held.body.fill.account = record->account;
		held.body.fill.instrument = record->instrument;
	}
	return held;
}

static bool is_copy(const struct held_record *a, const struct held_record *b)
{
	if (a->event.type != b->event.type || a->event.account != b->event.account)
		return false;
	return a->event.type == AQ_EV_VENUE_FILL ? ledger_same_fill(&a->body.fill, &b->body.fill)
						 : ledger_same_cashflow(&a->body.flow, &b->body.flow);
}

/* The list's copy of what came live takes its place: the list knows the order of what has one time. */
static void drop_copy(struct held_news *h, const struct held_record *held)
{
	uint32_t at = 0;

	while (at < h->count && !is_copy(&h->list[at], held))
		at++;
	if (at == h->count)
		return;
	h->count--;
	memmove(h->list + at, h->list + at + 1, (h->count - at) * sizeof(*h->list));
}

static void insert(struct held_news *h, const struct held_record *held)
{
	uint32_t at = h->count;

	while (at > 0 && time_of(&h->list[at - 1].event) > time_of(&held->event))
		at--;
	memmove(h->list + at + 1, h->list + at, (h->count - at) * sizeof(*h->list));
	h->list[at] = *held;
	h->count++;
}

void held_news_begin(struct flow *f, uint32_t account, int64_t until_ns)
{
	f->accounts[account].held_until_ns = until_ns;
}

bool held_news_take(struct flow *f, const struct aq_event *record)
{
	struct held_news *h = &f->held;
	struct held_record held;

	if (record->account == 0 || f->accounts[record->account].held_until_ns == INT64_MAX)
		return false;
	held = held_of(record);
	drop_copy(h, &held);
	if (h->count == CAPACITY)
		book(f, CAPACITY / 2, AQ_ALL);
	insert(h, &held);
	return true;
}

void held_news_release(struct flow *f, uint32_t account)
{
	f->accounts[account].held_until_ns = INT64_MAX;
	book(f, f->held.count, account);
}

void held_news_tick(struct flow *f)
{
	for (uint32_t id = 1; id <= names_count(&f->names, NAME_ACCOUNT); id++)
		if (f->accounts[id].held_until_ns <= f->now_ns)
			held_news_release(f, id);
}
