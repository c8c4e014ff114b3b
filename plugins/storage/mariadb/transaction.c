/* transaction.c: what happens as a whole or not at all. A caller's transaction has a session for itself. */
#include "mariadb/store.h"

#include <inttypes.h>
#include <stdio.h>

struct session *transaction_session(struct store *s, uint64_t id)
{
	for (unsigned i = 0; i < s->pool_max; i++)
		if (s->sessions[i].transaction == id && id != 0)
			return &s->sessions[i];
	return NULL;
}

int transaction_begin(struct session *c, struct call *call, struct sql_error *err)
{
	struct store *s = c->s;

	if (session_run(c, "START TRANSACTION WITH CONSISTENT SNAPSHOT", err) != 0)
		return -1;
	c->transaction = call->id;
	c->transaction_turn = call->turn;
	c->transaction_timer = s->host->timer_set(s->host->owner, s->host->now(s->host->owner) + s->transaction_limit, 0,
		TIMER_TRANSACTION | (uint64_t)c->number * TIMER_KINDS);
	call->answer.end.transaction = call->id;
	return 0;
}

void transaction_over(struct session *c)
{
	if (c->transaction_timer > 0)
		c->s->host->timer_clear(c->s->host->owner, c->transaction_timer);
	c->transaction_timer = 0;
	c->transaction = 0;
	c->give_up = false;
}

void transaction_rolled_back(struct session *c, uint8_t fault, const char *why)
{
	struct aq_store_error error = {.call = c->transaction, .fault = fault};

	if (c->transaction == 0)
		return;
	snprintf(error.text, sizeof(error.text), "transaction %" PRIu64 " is rolled back: %.180s", c->transaction, why);
	transaction_over(c);
	c->s->provider->failed(c->s->host->owner, &error); /* whoever began it may have gone */
}

int transaction_end(struct session *c, struct call *call, struct sql_error *err)
{
	bool commit = call->given.what.op == AQ_STORE_COMMIT;
	struct sql_error ignored;
	int status;

	if (c->transaction == 0)
		return sql_fail(err, AQ_STORE_REFUSED, "the call names no transaction");
	c->sent = commit;
	status = session_run(c, commit ? "COMMIT" : "ROLLBACK", err);
	if (status != 0 && !c->lost)
		session_run(c, "ROLLBACK", &ignored);
	transaction_over(c);
	return status;
}

/* ---- a call's own ---- */

static bool is_open(const struct session *c)
{
	return !c->lost && (c->mysql->server_status & SERVER_STATUS_IN_TRANS) != 0;
}

static int within(struct session *c, struct call *call, int (*work)(struct session *, struct call *, struct sql_error *),
	struct sql_error *err)
{
	struct sql_error ignored;
	int status;

	if (session_run(c, "SAVEPOINT aq", err) != 0)
		return -1;
	status = work(c, call, err);
	if (status != 0 && is_open(c))
		session_run(c, "ROLLBACK TO aq", &ignored);
	if (is_open(c))
		session_run(c, "RELEASE SAVEPOINT aq", &ignored);
	return status;
}

/* A connection that goes before the commit has left leaves nothing. */
static int alone(struct session *c, struct call *call, int (*work)(struct session *, struct call *, struct sql_error *),
	struct sql_error *err)
{
	struct sql_error ignored;
	int status;

	if (session_run(c, "START TRANSACTION", err) != 0)
		return -1;
	status = work(c, call, err);
	if (status == 0) {
		c->sent = true;
		status = session_run(c, "COMMIT", err);
	}
	if (status != 0 && is_open(c))
		session_run(c, "ROLLBACK", &ignored);
	return status;
}

int transaction_around(struct session *c, struct call *call,
	int (*work)(struct session *, struct call *, struct sql_error *), struct sql_error *err)
{
	return c->transaction != 0 ? within(c, call, work, err) : alone(c, call, work, err);
}
