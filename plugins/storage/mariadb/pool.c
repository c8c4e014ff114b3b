/* pool.c: connections are made, lost and tried again; the host is told whether there are any. */
#include "mariadb/store.h"

#include <errmsg.h>
#include <stdio.h>
#include <string.h>

#define SECOND INT64_C(1000000000)
#define PAUSE_MAX (30 * SECOND)
#define IDLE (60 * SECOND) /* then a connection beyond the least is closed */

static unsigned connected(const struct store *s)
{
	unsigned count = 0;

	for (unsigned i = 0; i < s->pool_max; i++)
		count += s->sessions[i].connected;
	return count;
}

struct session *pool_idle(struct store *s)
{
	for (unsigned i = 0; i < s->pool_max; i++) {
		struct session *c = &s->sessions[i];

		if (c->connected && !c->lost && c->call == NULL && c->transaction == 0 && !c->fiber.under_way)
			return c;
	}
	return NULL;
}

unsigned pool_held(const struct store *s)
{
	unsigned count = 0;

	for (unsigned i = 0; i < s->pool_max; i++)
		count += s->sessions[i].transaction != 0 || (s->sessions[i].call != NULL && s->sessions[i].call->may_hold);
	return count;
}

/* ---- up and down ---- */

static void name(const struct store *s, char out[300])
{
	if (s->connect.host[0] != '\0')
		snprintf(out, 300, "%s:%u", s->connect.host, s->connect.port);
	else
		snprintf(out, 300, "%s", s->connect.path);
}

static void tell(struct store *s, bool up, const char *text)
{
	s->up = up;
	s->was_up |= up;
	s->told = true;
	s->provider->state(s->host->owner, up, text);
}

static void tell_up(struct store *s, const struct session *c)
{
	char where[300], text[600];

	if (s->up)
		return;
	name(s, where);
	snprintf(text, sizeof(text), "%s: connected to %s%s%s", where, mysql_get_server_info(c->mysql),
		mysql_get_ssl_cipher(c->mysql) != NULL ? ", " : "", mysql_get_ssl_cipher(c->mysql) != NULL ?
		mysql_get_ssl_cipher(c->mysql) : "");
	tell(s, true, text);
	s->host->log(s->host->owner, AQ_LOG_INFO, text);
}

static bool has_given_up(const struct store *s)
{
	return !s->was_up && s->connect_tries > 0 && s->tries == s->connect_tries;
}

/* Counts the tries before the first connection. True: that was the last one. */
static bool give_up(struct store *s, const struct sql_error *why)
{
	char where[300], text[800];

	s->tries += !s->was_up;
	if (!has_given_up(s))
		return false;
	name(s, where);
	snprintf(text, sizeof(text), "gives up after %d tries (connect_tries): %s: cannot connect: %s (%d)", (int)s->tries, where,
		why->text, why->code);
	s->host->fail(s->host->owner, text);
	return true;
}

/* Which try of how many that was; nothing when they are without end. */
static void count_tries(const struct store *s, char out[64])
{
	out[0] = '\0';
	if (!s->was_up && s->connect_tries > 0)
		snprintf(out, 64, "; try %d of %d", (int)s->tries, (int)s->connect_tries);
}

/* The first try after a loss comes at once, those after it when the pause is over; a call that worked begins anew. */
static void try_later(struct store *s, const char *what, const struct sql_error *why)
{
	char where[300], text[800], tries[64];

	name(s, where);
	count_tries(s, tries);
	if (s->pause == 0)
		snprintf(text, sizeof(text), "%s: %s: %s (%d); trying again", where, what, why->text, why->code);
	else
		snprintf(text, sizeof(text), "%s: %s: %s (%d)%s; next try in %d s", where, what, why->text, why->code,
			tries, (int)(s->pause / SECOND));
	s->host->log(s->host->owner, AQ_LOG_WARN, text);
	if (connected(s) == 0 && (s->up || !s->told))
		tell(s, false, text);
	if (connected(s) == 0)
		s->kill_count = 0; /* the next one may be another server, which numbers its connections anew */
	if (s->pause > 0 && s->retry == 0)
		s->retry = s->host->timer_set(s->host->owner, s->host->now(s->host->owner) + s->pause, 0, TIMER_RETRY);
	s->pause = s->pause == 0 ? SECOND : s->pause * 2 > PAUSE_MAX ? PAUSE_MAX : s->pause * 2;
}

void pool_works(struct store *s)
{
	s->pause = 0;
}

void pool_retry(struct store *s)
{
	s->retry = 0;
	pool_grow(s, false);
}

/* ---- connecting ---- */

static void work_connect(void *session)
{
	struct session *c = session;
	struct sql_error err;

	if (session_open(c, &c->s->connect, &err) != 0) {
		c->why = err;
		c->lost = true;
	}
}

static bool is_connecting(const struct store *s)
{
	for (unsigned i = 0; i < s->pool_max; i++)
		if (s->sessions[i].task == TASK_CONNECT)
			return true;
	return false;
}

static void connect_one(struct store *s)
{
	struct session *c = s->sessions;

	while (c->connected || c->fiber.under_way)
		c++;
	if (c->fiber.stack == NULL && !fiber_make(&c->fiber)) {
		sql_no_memory(&c->why);
		s->pause = s->pause > 0 ? s->pause : SECOND;
		if (!give_up(s, &c->why))
			try_later(s, "cannot connect", &c->why);
		return;
	}
	run_start(c, TASK_CONNECT, work_connect, NULL);
}

void pool_grow(struct store *s, bool wanted)
{
	unsigned count = connected(s);

	if (!s->started || has_given_up(s) || s->retry > 0 || is_connecting(s) || count == s->pool_max)
		return;
	if (count < s->pool_min || wanted)
		connect_one(s);
}

/* ---- a session ---- */

static void lose(struct session *c)
{
	struct store *s = c->s;
	struct sql_error why = c->why;
	bool connecting = !c->connected;

	if (c->cut != NULL && c->connected && s->kill_count < KILLS_MAX)
		s->kills[s->kill_count++] = c->thread;
	run_lost(c);
	session_close(c);
	if (!s->started || (connecting && give_up(s, &why)))
		return;
	if (connecting && s->pause == 0)
		s->pause = SECOND;
	try_later(s, connecting ? "cannot connect" : "connection lost", &why);
}

/* A connection beyond the least is closed when it has been idle for some time. */
static void rest(struct session *c)
{
	c->limit_ns = 0;
	if (c->call == NULL && c->transaction == 0 && connected(c->s) > c->s->pool_min)
		session_limit(c, IDLE);
	session_rest(c);
}

void pool_settle(struct session *c)
{
	if (c->fiber.under_way || c->mysql == NULL)
		return;
	if (!c->lost)
		rest(c);
	if (c->lost)
		lose(c);
	pool_grow(c->s, false);
	store_turn(c->s);
}

void pool_look(struct session *c)
{
	struct store *s = c->s;
	enum session_task task = (enum session_task)c->task;

	if (c->fiber.under_way || task == TASK_NONE)
		return;
	c->task = TASK_NONE;
	if (task != TASK_CONNECT)
		run_ended(c, task);
	else if (!c->lost)
		tell_up(s, c);
	pool_settle(c);
}

/* Nothing is asked, and there is something to read: the server has ended the connection. */
static void ended_by_server(struct session *c)
{
	sql_fail(&c->why, AQ_STORE_LOST, "the server has ended the connection");
	c->why.code = CR_SERVER_GONE_ERROR;
	c->lost = true;
	pool_settle(c);
}

void pool_ready(struct session *c, uint32_t events)
{
	c->ready = events;
	if (c->fiber.under_way) {
		fiber_resume(&c->fiber);
		pool_look(c);
	} else if (c->connected) {
		ended_by_server(c);
	}
}

void pool_timer(struct session *c)
{
	if (!session_is_late(c))
		return;
	if (c->fiber.under_way) {
		session_cut(c, c->connected ? "it took longer than call_timeout" : "it took longer than connect_timeout");
		pool_look(c);
	} else if (c->call == NULL && c->transaction == 0 && connected(c->s) > c->s->pool_min) {
		session_close(c);
	}
}

/* ---- the whole ---- */

void pool_start(struct store *s)
{
	for (unsigned i = 0; i < s->pool_max; i++) {
		s->sessions[i].s = s;
		s->sessions[i].number = i;
	}
	pool_grow(s, false);
}

void pool_stop(struct store *s)
{
	for (unsigned i = 0; i < s->pool_max; i++) {
		struct session *c = &s->sessions[i];

		session_cut(c, "the store ends");
		if (c->call != NULL && c->task == TASK_NONE) {
			c->call->gone = true;
			run_lost(c);
		}
		session_close(c);
		fiber_free(&c->fiber);
	}
	sql_known_forget(&s->collections);
}
