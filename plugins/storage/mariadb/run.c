/* run.c: work in the fiber of a session, and what comes after it. */
#include "mariadb/store.h"

#include <inttypes.h>
#include <stdio.h>

static void begin(struct session *c, enum session_task task, void (*work)(void *session), struct call *call)
{
	c->task = (uint8_t)task;
	c->call = call;
	c->sent = false;
	fiber_start(&c->fiber, work, c);
}

void run_start(struct session *c, enum session_task task, void (*work)(void *session), struct call *call)
{
	begin(c, task, work, call);
	pool_look(c);
}

/* Nothing more is wanted of the cursor. */
static void close_cursor(struct session *c, struct answer *a)
{
	statement_release(c, a->cursor);
	a->cursor = NULL;
}

/* ---- in the fiber ---- */

static int do_call(struct session *c, struct call *call)
{
	struct answer *a = &call->answer;

	if (call_operation(call)->run(c, call, &call->why) != 0)
		return -1;
	if (a->cursor == NULL && a->ready.length == 0)
		return 0;
	return answer_begin(c, a, &call->why);
}

/* A conflict may have rolled back the whole transaction; the server says so with the next answer that is no error. */
static void ask_after_conflict(struct session *c, const struct call *call)
{
	struct sql_error ignored;

	if (call->failed && call->why.fault == AQ_STORE_CONFLICT && c->transaction != 0)
		session_run(c, "DO 0", &ignored);
}

static void work_call(void *session)
{
	struct session *c = session;
	struct call *call = c->call;

	call->failed = do_call(c, call) != 0;
	ask_after_conflict(c, call);
	if (call->failed || call->gone)
		close_cursor(c, &call->answer);
}

static void work_fill(void *session)
{
	struct session *c = session;
	struct call *call = c->call;

	call->failed = answer_fill(c, &call->answer, &call->why) != 0;
	if (call->failed || call->gone)
		close_cursor(c, &call->answer);
}

static void work_close(void *session)
{
	struct session *c = session;

	close_cursor(c, &c->call->answer);
}

static void work_give_up(void *session)
{
	struct sql_error ignored;

	session_run(session, "ROLLBACK", &ignored);
}

/* One that has ended by itself is an error that does not matter. */
static void work_kill(void *session)
{
	struct session *c = session;
	struct sql_buffer text = {0};
	struct sql_error ignored;

	sql_buffer_put(&text, "KILL CONNECTION ");
	sql_buffer_number(&text, c->s->kills[--c->s->kill_count]);
	if (!text.failed)
		session_run(c, text.at, &ignored);
	sql_buffer_free(&text);
}

/* ---- when it has ended ---- */

/* An error may have rolled back the whole of it, too. */
static void look_after_transaction(struct session *c)
{
	if (c->lost)
		transaction_rolled_back(c, AQ_STORE_DOWN, c->why.text);
	else if (c->transaction != 0 && (c->mysql->server_status & SERVER_STATUS_IN_TRANS) == 0)
		transaction_rolled_back(c, AQ_STORE_CONFLICT, c->give_up ? c->give_up_why : "by the server, with the error of a call in it");
}

/* Without a cursor the call has no session any more. */
static void fill_ended(struct session *c, struct call *call)
{
	if (call->answer.cursor != NULL)
		return;
	c->call = NULL;
	call->session = NULL;
}

static void call_ended(struct session *c, struct call *call)
{
	bool began = call->given.what.op == AQ_STORE_BEGIN && c->transaction == call->id;

	fill_ended(c, call);
	if (began && call->gone)
		run_give_up(c, "its caller is gone");
	if (call->failed) {
		call_fail(call, &call->why);
	} else if (call->gone) {
		call_release(call);
	} else {
		call->state = CALL_ANSWERING;
		answer_pump(call);
	}
}

void run_ended(struct session *c, enum session_task task)
{
	struct call *call = c->call;

	look_after_transaction(c);
	if (!c->lost)
		pool_works(c->s);
	switch (task) {
	case TASK_CALL:
	case TASK_FILL:
		call_ended(c, call);
		break;
	case TASK_CLOSE:
		c->call = NULL;
		call_release(call);
		break;
	case TASK_GIVE_UP:
		transaction_rolled_back(c, AQ_STORE_CONFLICT, c->give_up_why);
		break;
	default:
		break;
	}
	if (c->give_up && !c->fiber.under_way && !c->lost)
		run_give_up(c, c->give_up_why);
}

/* A page that the caller has not taken yet goes with it. */
void run_lost(struct session *c)
{
	struct call *call = c->call;

	transaction_rolled_back(c, AQ_STORE_DOWN, c->why.text);
	c->call = NULL;
	if (call == NULL)
		return;
	call->session = NULL;
	if (!call->answer.cursor->kept) {
		call->answer.cursor->next = c->left;
		c->left = call->answer.cursor;
	}
	call->answer.cursor = NULL;
	call->why = c->why;
	call->why.fault = AQ_STORE_LOST;
	call_fail(call, &call->why);
}

/* ---- begun by the loop ---- */

void run_call(struct session *c, struct call *call)
{
	call->state = CALL_RUNNING;
	call->session = c;
	run_start(c, TASK_CALL, work_call, call);
}

bool run_fill(struct call *call)
{
	struct session *c = call->session;

	begin(c, TASK_FILL, work_fill, call);
	if (c->fiber.under_way)
		return false;
	c->task = TASK_NONE;
	fill_ended(c, call);
	return true;
}

void run_close(struct call *call)
{
	run_start(call->session, TASK_CLOSE, work_close, call);
}

void run_kill(struct session *c)
{
	run_start(c, TASK_KILL, work_kill, NULL);
}

void run_give_up(struct session *c, const char *why)
{
	char text[160];

	if (!c->give_up) {
		snprintf(text, sizeof(text), "transaction %" PRIu64 " is rolled back: %s", c->transaction, why);
		c->s->host->log(c->s->host->owner, AQ_LOG_WARN, text);
	}
	c->give_up = true;
	c->give_up_why = why;
	if (!c->fiber.under_way)
		run_start(c, TASK_GIVE_UP, work_give_up, NULL);
}
