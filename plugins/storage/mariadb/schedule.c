/* schedule.c: whose turn it is.
 *
 * Calls that name the same collection run one after the other; statements and lists that name none are in order among
 * themselves. A transaction's calls are in order, too, and wait for what was there before it began; nothing else of
 * others, since that might wait for it. */
#include "mariadb/store.h"

#include <inttypes.h>
#include <string.h>

/* ---- those that will not run ---- */

static int refuse(struct store *s, const struct call *c, struct sql_error *err)
{
	int64_t deadline = c->given.what.deadline_ns;
	const struct session *in = transaction_session(s, c->given.what.transaction);

	if (c->given.doomed) {
		*err = c->given.why;
		return -1;
	}
	if (deadline != 0 && s->host->now(s->host->owner) > deadline)
		return sql_fail(err, AQ_STORE_LATE, "the deadline passed before the call began");
	if (c->given.what.transaction != 0 && (in == NULL || in->give_up))
		return sql_fail(err, AQ_STORE_REFUSED, "there is no transaction %" PRIu64 ": it has ended", c->given.what.transaction);
	if (c->given.what.transaction != 0 && c->given.what.op == AQ_STORE_BEGIN)
		return sql_fail(err, AQ_STORE_REFUSED, "a transaction does not begin within another");
	if (c->given.what.transaction == 0 && (c->given.what.op == AQ_STORE_COMMIT || c->given.what.op == AQ_STORE_ROLLBACK))
		return sql_fail(err, AQ_STORE_REFUSED, "the call names no transaction");
	return 0;
}

static void refuse_all(struct store *s)
{
	struct sql_error err;

	for (int i = 0; i < CALLS_MAX; i++)
		if (s->calls[i] != NULL && s->calls[i]->state == CALL_WAITING && refuse(s, s->calls[i], &err) != 0)
			call_fail(s->calls[i], &err);
}

/* ---- order ---- */

static bool is_before(const struct store *s, const struct call *earlier, const struct call *c)
{
	uint64_t in = c->given.what.transaction;

	if ((earlier->state != CALL_WAITING && earlier->state != CALL_RUNNING) || earlier->turn >= c->turn)
		return false;
	if (in != 0 && earlier->given.what.transaction == in)
		return true;
	if (strcmp(earlier->given.what.collection, c->given.what.collection) != 0 || c->given.what.op == AQ_STORE_COMMIT ||
		c->given.what.op == AQ_STORE_ROLLBACK)
		return false;
	return in == 0 || earlier->turn < transaction_session((struct store *)(uintptr_t)s, in)->transaction_turn;
}

static bool must_wait(const struct store *s, const struct call *c)
{
	for (int i = 0; i < CALLS_MAX; i++)
		if (s->calls[i] != NULL && is_before(s, s->calls[i], c))
			return true;
	return false;
}

/* One session is never held, so that there is always one for calls that end by themselves. */
static bool may_hold(const struct store *s)
{
	return pool_held(s) + 1 < s->pool_max;
}

static bool may_run(const struct store *s, const struct call *c)
{
	if (c->state != CALL_WAITING || must_wait(s, c))
		return false;
	return c->given.what.op != AQ_STORE_BEGIN || may_hold(s);
}

static struct session *session_for(struct store *s, const struct call *c)
{
	struct session *in = transaction_session(s, c->given.what.transaction);

	if (in == NULL)
		return pool_idle(s);
	return in->call == NULL && !in->fiber.under_way ? in : NULL;
}

static struct call *next(struct store *s, struct session **session)
{
	struct call *best = NULL;

	for (int i = 0; i < CALLS_MAX; i++) {
		struct call *c = s->calls[i];
		struct session *to;

		if (c == NULL || (best != NULL && best->turn < c->turn) || !may_run(s, c))
			continue;
		to = session_for(s, c);
		if (to == NULL && c->given.what.transaction == 0)
			pool_grow(s, true);
		if (to == NULL)
			continue;
		best = c;
		*session = to;
	}
	return best;
}

/* ---- deadlines ---- */

static void watch_deadlines(struct store *s)
{
	int64_t first = 0;

	for (int i = 0; i < CALLS_MAX; i++) {
		const struct call *c = s->calls[i];

		if (c != NULL && c->state == CALL_WAITING && c->given.what.deadline_ns != 0 &&
			(first == 0 || c->given.what.deadline_ns < first))
			first = c->given.what.deadline_ns;
	}
	if (first == s->deadline_ns)
		return;
	if (s->deadline > 0)
		s->host->timer_clear(s->host->owner, s->deadline);
	s->deadline_ns = first;
	s->deadline = first != 0 ? s->host->timer_set(s->host->owner, first + 1, 0, TIMER_DEADLINE) : 0;
}

static void look(struct store *s)
{
	struct session *session = NULL;
	struct call *c;

	refuse_all(s);
	while (s->kill_count > 0 && (session = pool_idle(s)) != NULL)
		run_kill(session);
	while ((c = next(s, &session)) != NULL) {
		c->may_hold = call_operation(c)->holds && c->given.what.transaction == 0 && may_hold(s);
		run_call(session, c);
		refuse_all(s);
	}
}

/* What is begun here may end at once, or a connection be there at once: then there is something new to look at. */
void store_turn(struct store *s)
{
	s->again = true;
	if (!s->started || s->turning)
		return;
	s->turning = true;
	while (s->again) {
		s->again = false;
		look(s);
	}
	watch_deadlines(s);
	s->turning = false;
}
