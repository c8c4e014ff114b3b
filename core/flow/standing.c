/* standing.c: the facts, and what holds. What follows from it is done in standing_work.c. */
#include "flow/standing.h"

#include "flow/record.h"

#include <string.h>

const char *standing_name(uint8_t state)
{
	static const char *const names[] = {"running", "close only", "paused", "halted", "flattened", "quarantined"};

	return state < STANDING_STATES ? names[state] : "?";
}

const struct standing *standing_find(const struct flow *f, enum flow_scope scope, uint32_t id)
{
	if (scope == SCOPE_HOST)
		return &f->meter.standing;
	if (scope == SCOPE_ACCOUNT && id < f->account_capacity)
		return &f->accounts[id].meter.standing;
	if (scope == SCOPE_INSTANCE && id < f->instance_capacity)
		return &f->instances[id].meter.standing;
	return NULL;
}

uint8_t standing_of(const struct flow *f, uint32_t instance, uint32_t account)
{
	uint8_t strictest = f->meter.standing.fact.state;

	if (f->instances[instance].meter.standing.fact.state > strictest)
		strictest = f->instances[instance].meter.standing.fact.state;
	if (f->accounts[account].meter.standing.fact.state > strictest)
		strictest = f->accounts[account].meter.standing.fact.state;
	return strictest;
}

bool standing_is_done(const struct standing *s)
{
	return s->fact.state == STANDING_RUN || s->confirmed_ns != 0;
}

bool standing_ends_itself(const struct standing *s)
{
	return s->fact.state == STANDING_FLATTEN && strcmp(s->fact.who, STANDING_ON_STOP) == 0;
}

/* ---- telling strategies ---- */

uint16_t standing_trouble(uint8_t state)
{
	return state == STANDING_RUN ? 0 : state == STANDING_CLOSE_ONLY ? AQ_TROUBLE_CLOSE_ONLY : AQ_TROUBLE_STOPPED;
}

static void tell_one(struct flow *f, uint32_t instance, uint32_t account, uint16_t what, bool over)
{
	struct aq_trouble body = {.what = what, .over = over};
	struct aq_event *event = what != 0 ? flow_event(f, instance, AQ_EV_TROUBLE, sizeof(body)) : NULL;

	if (event == NULL)
		return;
	event->account = account;
	memcpy(event + 1, &body, sizeof(body));
}

/* An account that it trades on is no longer, or now, under that trouble. */
static void tell_change(struct flow *f, uint32_t instance, uint32_t account, uint8_t before, uint8_t after)
{
	if (standing_trouble(before) == standing_trouble(after))
		return;
	tell_one(f, instance, account, standing_trouble(before), true);
	tell_one(f, instance, account, standing_trouble(after), false);
}

static void tell_all(struct flow *f, struct standing *s, uint8_t old, uint8_t now)
{
	for (uint32_t id = 1; id <= names_count(&f->names, NAME_INSTANCE); id++) {
		const struct flow_instance *i = &f->instances[id];

		for (uint32_t k = 0; i->kind == AQ_STRATEGY && k < i->account_count; k++) {
			uint8_t before, after;

			s->fact.state = old;
			before = standing_of(f, id, i->accounts[k]);
			s->fact.state = now;
			after = standing_of(f, id, i->accounts[k]);
			tell_change(f, id, i->accounts[k], before, after);
		}
	}
}

/* ---- facts ---- */

bool standing_fits(const struct flow *f, const struct fact_standing *fact)
{
	bool known = fact->scope == SCOPE_HOST
		? fact->id == 0
		: fact->id != 0 && ((fact->scope == SCOPE_ACCOUNT && fact->id < f->account_capacity) ||
					   (fact->scope == SCOPE_INSTANCE && fact->id < f->instance_capacity));

	return known && fact->state < STANDING_STATES && fact->orders <= STANDING_CLOSE && fact->after < STANDING_FLATTEN &&
		(fact->state != STANDING_QUARANTINE || fact->scope == SCOPE_INSTANCE) &&
		memchr(fact->who, 0, sizeof(fact->who)) != NULL && memchr(fact->why, 0, sizeof(fact->why)) != NULL;
}

void standing_apply(struct flow *f, const struct fact_standing *fact)
{
	struct standing *s = &flow_meter_of(f, fact->scope, fact->id)->standing;
	uint8_t before = s->fact.state;

	f->standings += fact->state != STANDING_RUN;
	f->standings -= before != STANDING_RUN;
	*s = (struct standing){.fact = *fact};
	standing_look_soon(f);
	if (!f->recovering)
		tell_all(f, s, before, fact->state);
}

int standing_set(struct flow *f, const struct fact_standing *fact)
{
	int rc = record_fact(f, FACT_STANDING, fact, sizeof(*fact));

	if (rc != 0 && standing_fits(f, fact)) /* a full journal stops no operator */
		standing_apply(f, fact);
	return rc;
}

int standing_snapshot(const struct flow *f, standing_sink *sink, void *context)
{
	int rc = f->meter.standing.fact.state != STANDING_RUN ? sink(context, &f->meter.standing.fact) : 0;

	for (uint32_t id = 1; rc == 0 && id <= names_count(&f->names, NAME_ACCOUNT); id++)
		if (f->accounts[id].meter.standing.fact.state != STANDING_RUN)
			rc = sink(context, &f->accounts[id].meter.standing.fact);
	for (uint32_t id = 1; rc == 0 && id <= names_count(&f->names, NAME_INSTANCE); id++)
		if (f->instances[id].meter.standing.fact.state != STANDING_RUN)
			rc = sink(context, &f->instances[id].meter.standing.fact);
	return rc;
}
