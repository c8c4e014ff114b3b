/* transaction.c: what happens as a whole or not at all.
 *
 * One transaction at a time is a caller's. While it is open its calls run in it, each as a savepoint, and all others wait
 * for its end. */
#include "sqlite/store.h"

#include <inttypes.h>
#include <stdio.h>

/* What a commit that fails has written may be found when the file is opened again; one that another's lock held up has
 * written nothing. */
static int commit(struct store *s, struct sql_error *err)
{
	if (connection_run(&s->writer, "COMMIT", err) == 0)
		return 0;
	if (err->fault == AQ_STORE_DOWN)
		err->fault = AQ_STORE_LOST;
	return -1;
}

int transaction_begin(struct store *s, struct call *c, struct sql_error *err)
{
	int64_t now = s->host->now(s->host->owner);

	if (connection_run(&s->writer, "BEGIN IMMEDIATE", err) != 0)
		return -1;
	s->transaction.id = c->id;
	s->transaction.timer = s->host->timer_set(s->host->owner, now + s->transaction_limit, 0, TIMER_TRANSACTION);
	c->answer.end.transaction = c->id;
	return 0;
}

static void over(struct store *s)
{
	if (s->transaction.timer > 0)
		s->host->timer_clear(s->host->owner, s->transaction.timer);
	s->transaction = (struct transaction){0};
	sql_known_forget(&s->collections); /* it may have made some */
}

int transaction_end(struct store *s, bool keep, struct sql_error *err)
{
	struct sql_error ignored;
	int status = keep ? commit(s, err) : connection_run(&s->writer, "ROLLBACK", err);

	if (!sqlite3_get_autocommit(s->writer.db))
		connection_run(&s->writer, "ROLLBACK", &ignored);
	over(s);
	return status;
}

/* It is no longer open, and nobody has ended it. */
static void tell_rolled_back(struct store *s, uint64_t id, uint8_t fault, const char *why)
{
	struct aq_store_error told = {.call = id, .fault = fault};

	snprintf(told.text, sizeof(told.text), "transaction %" PRIu64 " is rolled back: %.180s", id, why);
	s->host->log(s->host->owner, AQ_LOG_WARN, told.text);
	s->provider->failed(s->host->owner, &told); /* whoever began it may have gone */
}

void transaction_give_up(struct store *s, const char *why)
{
	uint64_t id = s->transaction.id;
	struct sql_error err;

	if (id == 0)
		return;
	transaction_end(s, false, &err);
	tell_rolled_back(s, id, AQ_STORE_CONFLICT, why);
}

/* The error of a call may have rolled back the whole of it. */
static void look_after(struct store *s, const struct sql_error *err)
{
	uint64_t id = s->transaction.id;

	if (id == 0 || !sqlite3_get_autocommit(s->writer.db))
		return;
	over(s);
	tell_rolled_back(s, id, err->fault == AQ_STORE_DOWN ? AQ_STORE_DOWN : AQ_STORE_CONFLICT, err->text);
}

static int within(struct store *s, struct call *c, int (*work)(struct store *, struct call *, struct sql_error *),
	struct sql_error *err)
{
	struct sql_error ignored;
	int status;

	if (connection_run(&s->writer, "SAVEPOINT aq", err) != 0)
		return -1;
	status = work(s, c, err);
	if (status != 0 && !sqlite3_get_autocommit(s->writer.db))
		connection_run(&s->writer, "ROLLBACK TO aq", &ignored);
	if (!sqlite3_get_autocommit(s->writer.db))
		connection_run(&s->writer, "RELEASE aq", &ignored);
	look_after(s, err);
	return status;
}

static int alone(struct store *s, struct call *c, int (*work)(struct store *, struct call *, struct sql_error *),
	struct sql_error *err)
{
	struct sql_error ignored;
	int status;

	if (connection_run(&s->writer, "BEGIN IMMEDIATE", err) != 0)
		return -1;
	status = work(s, c, err);
	if (status == 0)
		status = commit(s, err);
	if (status != 0 && !sqlite3_get_autocommit(s->writer.db))
		connection_run(&s->writer, "ROLLBACK", &ignored);
	if (status != 0)
		sql_known_forget(&s->collections);
	return status;
}

int transaction_around(struct store *s, struct call *c, int (*work)(struct store *, struct call *, struct sql_error *),
	struct sql_error *err)
{
	return s->transaction.id != 0 ? within(s, c, work, err) : alone(s, c, work, err);
}
