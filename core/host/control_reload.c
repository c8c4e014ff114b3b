/* control_reload.c: reload, rollback and release. */
#include "host/reload.h"

#include "host/control_format.h"
#include "host/control_standing.h"
#include "host/section.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const struct column columns[] = {{"instance", "INSTANCE", 0}, {"outcome", "OUTCOME", 0},
	{"generation", "GEN", COLUMN_COUNT}, {"before", "BEFORE", 0}, {"after", "AFTER", 0},
	{"frozen", "FROZEN", COLUMN_RIGHT}, {"waited", "WAITED", COLUMN_COUNT}, {"orders", "ORDERS", COLUMN_COUNT},
	{0}};

static const char *word(uint8_t outcome, bool plan)
{
	static const char *const done[] = {"?", "kept", "configured", "replaced", "added", "removed", "REFUSED"};
	static const char *const planned[] = {"?", "keep", "configure", "replace", "add", "remove", "REFUSED"};

	if (outcome >= sizeof(done) / sizeof(*done))
		outcome = 0;
	return plan ? planned[outcome] : done[outcome];
}

static void add_row(struct result *r, const struct reload_result *one, bool plan)
{
	bool happened = !plan && (one->outcome == RELOAD_REPLACED || one->outcome == RELOAD_ADDED);
	char text[FORMAT_SIZE];

	if (!result_row(r))
		return;
	result_cell(r, "%s", one->name);
	result_cell(r, "%s", word(one->outcome, plan));
	if (one->generation > 0)
		result_cell(r, "%u", one->generation);
	else
		result_cell(r, "%s", "");
	result_cell(r, "%s", one->before);
	result_cell(r, "%s", one->after);
	result_cell(r, "%s", happened ? format_latency((uint64_t)one->frozen_ns, text) : "");
	if (happened)
		result_cell(r, "%" PRIu64, one->queued);
	else
		result_cell(r, "%s", "");
	result_cell(r, "%u", one->orders);
}

/* Why it was refused, or how to undo it. */
static void add_remark(struct result *r, int64_t now_ns, const struct reload_result *one, bool plan)
{
	size_t length = strlen(one->text);
	int shown = (int)(length > 0 && one->text[length - 1] == '.' ? length - 1 : length);

	if (one->outcome == RELOAD_REFUSED && one->generation > 0)
		result_problem(r, now_ns, "%s: %.*s. The running generation %u goes on.", one->name, shown, one->text,
			one->generation);
	else if (one->outcome == RELOAD_REFUSED)
		result_problem(r, now_ns, "%s: %.*s.", one->name, shown, one->text);
	else if (one->outcome == RELOAD_REPLACED && !plan)
		result_hint(r, "back: aqctl rollback %s", one->name);
}

static void tell(struct result *r, int64_t now_ns, const struct reload_result *results, int count, bool plan)
{
	int refused = 0, changed = 0;

	result_table(r, "reload", TABLE_GRID, columns);
	for (int i = 0; i < count; i++) {
		add_row(r, &results[i], plan);
		add_remark(r, now_ns, &results[i], plan);
		refused += results[i].outcome == RELOAD_REFUSED;
		changed += results[i].outcome != RELOAD_REFUSED && results[i].outcome != RELOAD_KEPT;
	}
	if (plan)
		result_hint(r, "nothing was changed");
	else if (changed + refused == 0)
		result_hint(r, "nothing has changed");
	r->code = refused == 0 ? CONTROL_DONE : changed > 0 ? CONTROL_PARTLY : CONTROL_REFUSED;
}

/* ---- the answer comes when all is done ---- */

typedef void ended(void *context, const struct reload_result *results, int count);

static void answer(struct host *h, struct control_waiting *w, struct result *r)
{
	w->busy = false;
	control_answer(h, w->connection, &w->request, r);
}

static void reloaded(void *context, const struct reload_result *results, int count)
{
	struct host *h = context;
	struct control_waiting *w = control_waiting(h);
	struct result result;

	if (w == NULL)
		return;
	result_init(&result, "reload", w->request.skip);
	tell(&result, h->flow.now_ns, results, count, w->request.plan);
	answer(h, w, &result);
}

static void released(void *context, const struct reload_result *results, int count)
{
	struct host *h = context;
	struct control_waiting *w = control_waiting(h);
	struct operator_target t;
	struct result result;
	struct aq_err err = {0};

	if (w == NULL)
		return;
	result_init(&result, "release", w->request.skip);
	if (count == 0 || results[0].outcome == RELOAD_REFUSED)
		result_fail(&result, CONTROL_REFUSED, "%s", count > 0 ? results[0].text : "it is gone");
	else if (operator_target_find(h, w->request.words[1], &t, &err) != 0)
		result_fail(&result, CONTROL_FAILED, "%s", err.text);
	else
		control_tell_standing(h, &result, &t);
	answer(h, w, &result);
}

/* True: it could not begin, and the result says so. */
static bool begin(struct control_call *c, struct reload_request *request, ended *done)
{
	struct control_waiting *w = control_waiting(c->host);

	request->done = done;
	request->context = c->host;
	if (!w->busy && reload_begin(c->host, request) == 0) {
		control_request_copy(&w->request, c->request);
		w->connection = c->connection;
		w->busy = true;
		result_finish(&c->result);
		return false;
	}
	result_fail(&c->result, CONTROL_FAILED, "a reload is under way: try again when it has ended");
	return true;
}

bool control_reload(struct control_call *c)
{
	const struct control_request *asked = c->request;
	struct reload_request request = {.names = asked->count > 1 ? asked->words + 1 : NULL,
		.count = asked->count - 1,
		.plan = asked->plan,
		.fresh = asked->fresh};

	return begin(c, &request, reloaded);
}

/* What is quarantined comes up as if a reload added it. */
bool control_release(struct control_call *c)
{
	struct operator_target t;
	struct aq_err err;
	const char *name = t.name;
	struct reload_request request = {.names = &name, .count = 1, .release = true, .uid = c->uid};

	if (operator_target_find(c->host, c->request->words[1], &t, &err) != 0)
		result_fail(&c->result, CONTROL_FAILED, "%s", err.text);
	else if (t.standing->fact.state != STANDING_QUARANTINE)
		result_fail(&c->result, CONTROL_FAILED, "%s is not quarantined", t.name);
	else if (section_of_instance(c->host->config, t.name) != NULL)
		return begin(c, &request, released);
	else { /* nothing is there to come up */
		operator_release(c->host, t.id, c->uid);
		control_tell_standing(c->host, &c->result, &t);
	}
	return true;
}

bool control_rollback(struct control_call *c)
{
	struct instance *i = control_instance(c, c->request->words[1]);
	struct reload_result one;

	if (i == NULL)
		return true;
	if (c->host->reload != NULL) {
		result_fail(&c->result, CONTROL_FAILED, "a reload is under way: try again when it has ended");
		return true;
	}
	reload_rollback(c->host, i, &one);
	host_drain(c->host);
	tell(&c->result, c->host->flow.now_ns, &one, 1, false);
	return true;
}
