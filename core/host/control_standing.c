/* control_standing.c: pause, close-only, halt, flatten, resume. The answer comes when the venue has confirmed, or says
 * after a while what is still awaited. */
#include "host/control_standing.h"

#include "host/control.h"

#include "base/err.h"
#include "flow/ledger.h"
#include "flow/market.h"
#include "flow/standing.h"
#include "host/control_format.h"
#include "host/operator.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define WAIT_NS 10000000000ll /* of the wall clock */

static const struct column columns[] = {{"name", "", 0}, {"state", "", 0}, {"sent", "", 0}, {"confirmed", "", 0},
	{"stays", "", 0}, {0}};

/* 14:06:02.114 */
static const char *moment(int64_t ns, char out[FORMAT_SIZE])
{
	char clock[16];

	snprintf(out, FORMAT_SIZE, "%s.%03d", format_clock(ns, clock), (int)(ns / 1000000 % 1000));
	return out;
}

static bool is_over(const struct operator_target *t, const struct aq_position *p)
{
	return t->scope == SCOPE_INSTANCE ? p->instance == t->id
					  : p->instance == AQ_ALL && (t->scope == SCOPE_HOST || p->account == t->id);
}

/* +0.030 BTC/USDT, -2 ETH/USDT stays */
static void positions_cell(const struct flow *f, struct result *r, const struct operator_target *t)
{
	char text[RESULT_CELL_MAX] = "", qty[FORMAT_SIZE];
	size_t used = 0;

	for (uint32_t i = 0; i < f->ledger.count && used < sizeof(text) - 80; i++) {
		const struct aq_position *p = &f->ledger.rows[i].p;
		const struct aq_instrument *instrument = &market_find(f, p->instrument)->instrument;

		if (p->qty != 0 && is_over(t, p))
			used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%s %s", used > 0 ? ", " : "",
				format_qty(instrument, p->qty, true, qty), instrument->symbol);
	}
	result_cell(r, "%s%s", text, used > 0 ? (t->scope == SCOPE_INSTANCE ? "" : " stays") : "");
}

void control_tell_standing(struct host *h, struct result *r, const struct operator_target *t)
{
	const struct standing *s = standing_find(&h->flow, t->scope, t->id);
	char text[FORMAT_SIZE];

	result_table(r, "standing", TABLE_LINE, columns);
	if (!result_row(r))
		return;
	result_cell(r, "%s", t->name);
	result_cell(r, "%s", standing_name(s->fact.state));
	if (s->cancels > 0)
		result_cell(r, "%u cancel%s sent %s", s->cancels, s->cancels == 1 ? "" : "s", moment(s->fact.time_ns, text));
	else
		result_cell(r, "%s", s->fact.state == STANDING_RUN ? "" : "no orders");
	if (s->confirmed_ns == 0)
		result_cell(r, "%s", "");
	else /* what closes a position may rest */
		result_cell(r, s->fact.state == STANDING_CLOSE_ONLY ? "others gone %s" : "confirmed empty %s",
			moment(s->confirmed_ns, text));
	positions_cell(&h->flow, r, t);
}

static void tell_end(struct control_call *c, const struct operator_target *t)
{
	const struct standing *s = standing_find(&c->host->flow, t->scope, t->id);
	struct result *r = &c->result;

	control_tell_standing(c->host, r, t);
	if (!standing_is_done(s)) {
		r->code = CONTROL_PARTLY;
		result_problem(r, c->host->flow.now_ns,
			"%s is %s, and the venue has not confirmed it yet: it is asked again every second; aqctl status says when it has",
			t->name, standing_name(s->fact.state));
	}
	result_hint(r, "until: aqctl %s %s", s->fact.state == STANDING_QUARANTINE ? "release" : "resume", t->name);
	if (s->fact.state != STANDING_FLATTEN && s->fact.orders != STANDING_CLOSE)
		result_hint(r, "close the position: aqctl flatten %s", t->name);
}

/* ---- waiting for the venue ---- */

static struct control_wait *free_wait(struct control_waits *w)
{
	for (int i = 0; i < CONTROL_WAITS; i++)
		if (!w->list[i].busy)
			return &w->list[i];
	return NULL;
}

static void end_wait(struct host *h, struct control_wait *w)
{
	struct control_call call = {.host = h, .request = &w->request};

	w->busy = false;
	result_init(&call.result, w->verb, w->request.skip);
	tell_end(&call, &w->target);
	control_answer(h, w->connection, &w->request, &call.result);
}

void control_standing_step(struct host *h)
{
	struct control_waits *waits = control_waits(h);

	if (waits == NULL || waits->count == 0)
		return;
	waits->count = 0;
	for (int i = 0; i < CONTROL_WAITS; i++) {
		struct control_wait *w = &waits->list[i];

		if (!w->busy)
			continue;
		if (standing_is_done(standing_find(&h->flow, w->target.scope, w->target.id)) || host_wall_ns() >= w->until_ns)
			end_wait(h, w);
		else
			waits->count++;
	}
}

bool control_standing_awaits(struct host *h)
{
	return control_waits(h) != NULL && control_waits(h)->count > 0;
}

static bool wait_for_venue(struct control_call *c, const char *verb, const struct operator_target *t)
{
	struct control_waits *waits = control_waits(c->host);
	struct control_wait *w = waits != NULL ? free_wait(waits) : NULL;

	if (w == NULL) {
		tell_end(c, t);
		return true;
	}
	*w = (struct control_wait){.busy = true, .connection = c->connection, .verb = verb, .target = *t,
		.until_ns = host_wall_ns() + WAIT_NS};
	control_request_copy(&w->request, c->request);
	waits->count++;
	result_finish(&c->result);
	return false;
}

/* ---- the verbs ---- */

/* What stands behind the name is why. */
static void why_of(const struct control_request *r, int first, char *out, size_t size)
{
	size_t used = 0;

	out[0] = '\0';
	for (int i = first; i < r->count && used < size; i++)
		used += (size_t)snprintf(out + used, size - used, "%s%s", i > first ? " " : "", r->words[i]);
}

static bool target_of(struct control_call *c, const char *name, struct operator_target *t)
{
	struct aq_err err;

	if (operator_target_find(c->host, name, t, &err) == 0) {
		uint32_t kind = t->scope == SCOPE_INSTANCE ? c->host->flow.instances[t->id].kind : 0;

		if (kind != AQ_STORAGE && kind != AQ_SERVICE)
			return true;
		err_set(&err, AQ_EINVAL, "%s is a %s: it has no orders", t->name, kind == AQ_STORAGE ? "store" : "service");
	}
	result_fail(&c->result, CONTROL_FAILED, "%s", err.text);
	return false;
}

static void tell_not_kept(struct control_call *c)
{
	result_problem(&c->result, c->host->flow.now_ns, "the journal could not take note of this: a restart forgets it");
}

static bool stand(struct control_call *c, const char *verb, uint8_t state)
{
	const struct control_request *r = c->request;
	struct operator_target t;
	struct fact_standing fact = {.state = state, .uid = c->uid};

	if (!target_of(c, r->count > 1 ? r->words[1] : "host", &t))
		return true;
	if (!operator_may(&t, state)) {
		result_fail(&c->result, CONTROL_REFUSED, "%s is quarantined and does not run: aqctl release %s ends that", t.name, t.name);
		return true;
	}
	snprintf(fact.who, sizeof(fact.who), "aqctl");
	why_of(r, 2, fact.why, sizeof(fact.why));
	if (operator_stand(c->host, &t, &fact) != 0)
		tell_not_kept(c);
	return wait_for_venue(c, verb, &t);
}

bool control_pause(struct control_call *c)
{
	return stand(c, "pause", STANDING_PAUSE);
}

bool control_close_only(struct control_call *c)
{
	return stand(c, "close-only", STANDING_CLOSE_ONLY);
}

bool control_halt(struct control_call *c)
{
	return stand(c, "halt", STANDING_HALT);
}

bool control_flatten(struct control_call *c)
{
	return stand(c, "flatten", STANDING_FLATTEN);
}

/* What still holds elsewhere is easily forgotten. */
static void tell_others(struct control_call *c)
{
	const struct flow *f = &c->host->flow;

	if (f->meter.standing.fact.state != STANDING_RUN)
		result_hint(&c->result, "the host is still %s: aqctl resume host", standing_name(f->meter.standing.fact.state));
	for (uint32_t id = 1; id <= names_count(&f->names, NAME_ACCOUNT); id++)
		if (f->accounts[id].meter.standing.fact.state != STANDING_RUN)
			result_hint(&c->result, "%s is still %s: aqctl resume %s", flow_account_name(f, id),
				standing_name(f->accounts[id].meter.standing.fact.state), flow_account_name(f, id));
	for (uint32_t id = 1; id <= names_count(&f->names, NAME_INSTANCE); id++)
		if (f->instances[id].meter.standing.fact.state != STANDING_RUN)
			result_hint(&c->result, "%s is still %s", flow_instance_name(f, id),
				standing_name(f->instances[id].meter.standing.fact.state));
}

bool control_resume(struct control_call *c)
{
	const struct control_request *r = c->request;
	struct fact_standing fact = {.state = STANDING_RUN, .uid = c->uid};
	struct operator_target t;

	if (!target_of(c, r->count > 1 ? r->words[1] : "host", &t))
		return true;
	if (t.standing->fact.state == STANDING_QUARANTINE)
		result_fail(&c->result, CONTROL_REFUSED, "%s is quarantined: aqctl release %s ends that", t.name, t.name);
	else if (t.standing->fact.state == STANDING_RUN)
		result_hint(&c->result, "%s has not been stopped", t.name);
	else {
		snprintf(fact.who, sizeof(fact.who), "aqctl");
		why_of(r, 2, fact.why, sizeof(fact.why));
		if (operator_stand(c->host, &t, &fact) != 0)
			tell_not_kept(c);
		control_tell_standing(c->host, &c->result, &t);
	}
	if (!c->result.failed)
		tell_others(c);
	return true;
}
