/* store_worker.c: the thread of a storage plugin, and what the trading loop says to it. */
#include "host/store_worker_impl.h"

#include "base/check.h"
#include "base/err.h"
#include "base/thread.h"
#include "host/cpu.h"
#include "host/guard.h"
#include "host/host.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static int64_t monotonic_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000ll + now.tv_nsec;
}

/* ---- calls into the plugin ---- */

void store_enter(struct store_worker *w, uint32_t call, uint16_t event)
{
	__atomic_store_n(&w->guard_word, guard_word_of(w->instance->id, call, event), __ATOMIC_RELEASE);
	atomic_store(&w->busy_since_ns, monotonic_ns());
}

void store_leave(struct store_worker *w)
{
	atomic_store(&w->busy_since_ns, 0);
	__atomic_store_n(&w->guard_word, 0, __ATOMIC_RELEASE);
}

int64_t store_worker_busy_ns(const struct store_worker *w)
{
	int64_t since = atomic_load(&w->busy_since_ns);

	return since != 0 ? monotonic_ns() - since : 0;
}

/* ---- the thread ---- */

static void start_plugin(struct store_worker *w)
{
	const struct aq_plugin *table = &w->instance->plugin->table;
	struct aq_err err = {0};
	int32_t rc = AQ_OK;

	w->now_ns = loop_now(w->loop);
	w->plugin_runs = true;
	store_enter(w, GUARD_START, 0);
	if (table->start != NULL)
		rc = table->start(w->instance->self, &err);
	store_leave(w);
	if (rc == AQ_OK)
		return;
	w->plugin_runs = false;
	w->broken = true;
	snprintf(w->why, sizeof(w->why), "start: %.140s", err.text);
}

static void stop_plugin(struct store_worker *w)
{
	const struct aq_plugin *table = &w->instance->plugin->table;

	if (!w->plugin_runs)
		return;
	store_enter(w, GUARD_STOP, 0);
	if (table->stop != NULL)
		table->stop(w->instance->self);
	store_leave(w);
	w->plugin_runs = false;
}

/* It has failed: it is stopped, what it had is lost, and whoever asks from now on is told so. */
static void break_down(struct store_worker *w)
{
	char why[sizeof(w->why)];

	if (w->up || w->owes_state) { /* the host tells what is wrong */
		w->up = false;
		w->owes_state = false;
	}
	stop_plugin(w);
	snprintf(why, sizeof(why), "%s", w->why);
	store_calls_lose(w);
	store_answer(w, STORE_ANSWER_BROKEN, 0, why, sizeof(why));
}

static void obey(struct store_worker *w, const struct store_command *c)
{
	switch (c->kind) {
	case COMMAND_TURN:
		w->has_turn = true;
		break;
	case COMMAND_MORE:
		store_calls_more(w, c->call, c->rows);
		break;
	case COMMAND_FORGET:
		store_calls_forget(w, c->call);
		break;
	case COMMAND_RETIRE:
		w->retires = true;
		break;
	default:
		w->ends = true;
		break;
	}
}

static void take_commands(struct store_worker *w)
{
	const struct store_command *c;
	uint32_t length;

	while ((c = byte_ring_peek(&w->commands, &length)) != NULL) {
		struct store_command copy = *c;

		byte_ring_drop(&w->commands);
		w->now_ns = loop_now(w->loop);
		obey(w, &copy);
	}
}

static void fire_timers(struct store_worker *w)
{
	int64_t last = w->timers.last_id, now = loop_now(w->loop);
	struct timer t;

	while (timers_first_id(&w->timers) <= last && timers_take(&w->timers, now, &t))
		store_deliver(w, AQ_EV_TIMER, t.tag, NULL, 0);
}

/* Reads that wait for their caller may wait long: they keep nobody from the turn. It ends itself with the last of them. */
static void give_up_turn(struct store_worker *w)
{
	if (w->retires && w->has_turn && store_calls_rest(w)) {
		w->has_turn = false;
		w->owes_turn = true;
	}
	if (w->retires && !w->has_turn && !w->owes_turn && store_calls_ended(w))
		w->ends = true;
}

static void turn(struct store_worker *w)
{
	bool was_broken = w->broken;

	take_commands(w);
	fire_timers(w);
	store_table_turn(w);
	store_calls_feed(w);
	store_calls_hand_over(w);
	give_up_turn(w);
	store_tell_owed(w);
	give_up_turn(w);
	if (store_queue_has_come_free(w->queue))
		loop_wake(w->trading_loop);
	if (w->broken && (!was_broken || w->plugin_runs))
		break_down(w);
}

static bool starves(const struct store_worker *w)
{
	for (uint32_t i = 0; i < w->call_count; i++)
		if (w->calls[i].starved)
			return true;
	return w->owes_state || w->owes_turn || !byte_ring_has_room(&w->answers, 0, ANSWER_RESERVE);
}

/* Until something happens. Whoever makes room looks at `wants_room` after it; this looks for room after saying so. */
static void rest(struct store_worker *w)
{
	int64_t due = timers_due_ns(&w->timers), late = store_calls_due_ns(w), now = loop_now(w->loop), wait = -1;

	due = due < late ? due : late;
	if (due != INT64_MAX)
		wait = due > now ? due - now : 0;
	atomic_exchange(&w->wants_room, starves(w)); /* and not a store: what is read next must not be read before */
	if (store_table_waits(w) || (starves(w) && byte_ring_has_room(&w->answers, 0, ANSWER_RESERVE + 2 * AQ_STORE_CHUNK)))
		wait = 0;
	loop_turn(w->loop, wait);
}

static void *run(void *context)
{
	struct store_worker *w = context;

	cpu_leave(w->host->options.cpu);
	guard_thread(&w->guard_word);
	start_plugin(w);
	if (w->broken)
		break_down(w);
	turn(w);
	while (!w->ends) {
		rest(w);
		turn(w);
	}
	stop_plugin(w);
	store_calls_lose(w);
	while (!store_answer(w, STORE_ANSWER_STOPPED, 0, NULL, 0))
		loop_turn(w->loop, 10000000);
	return NULL;
}

/* ---- the trading loop's side ---- */

struct store_worker *store_worker_create(struct instance *i, struct store_queue *q, bool one_by_one)
{
	struct store_worker *w = aligned_alloc(64, (sizeof(*w) + 63) & ~(size_t)63);

	CHECK(w != NULL);
	memset(w, 0, sizeof(*w));
	w->instance = i;
	w->host = i->host;
	w->queue = q;
	w->one_by_one = one_by_one;
	w->trading_loop = i->host->loop;
	w->loop = loop_create();
	w->event = aligned_alloc(64, AQ_EVENT_MAX);
	CHECK(w->loop != NULL && w->event != NULL);
	timers_init(&w->timers, 16);
	byte_ring_init(&w->commands, COMMAND_RING);
	byte_ring_init(&w->answers, ANSWER_RING);
	memcpy(w->random, i->random, sizeof(w->random));
	w->now_ns = i->now_ns;
	return w;
}

int store_worker_start(struct store_worker *w, struct aq_err *err)
{
	int rc = thread_start(&w->thread, run, w);

	if (rc != 0)
		return err_set(err, AQ_ENOSYS, "%s: no thread can be made: %s", w->instance->name, strerror(rc));
	w->runs = true;
	return AQ_OK;
}

static bool command(struct store_worker *w, enum store_command_kind kind, uint64_t call, uint32_t rows)
{
	struct store_command *to = byte_ring_reserve(&w->commands, sizeof(*to));

	if (to == NULL)
		return false;
	*to = (struct store_command){.call = call, .kind = kind, .rows = rows};
	byte_ring_commit(&w->commands);
	loop_wake(w->loop);
	return true;
}

void store_worker_give_turn(struct store_worker *w)
{
	CHECK(command(w, COMMAND_TURN, 0, 0));
}

void store_worker_retire(struct store_worker *w)
{
	CHECK(command(w, COMMAND_RETIRE, 0, 0));
}

void store_worker_stop(struct store_worker *w)
{
	CHECK(command(w, COMMAND_STOP, 0, 0));
}

void store_worker_look(struct store_worker *w)
{
	loop_wake(w->loop);
}

/* Half of the ring is left for what cannot be said again. */
bool store_worker_more(struct store_worker *w, uint64_t call, uint32_t rows)
{
	return byte_ring_free(&w->commands) > COMMAND_RING / 2 && command(w, COMMAND_MORE, call, rows);
}

void store_worker_forget(struct store_worker *w, uint64_t call)
{
	CHECK(command(w, COMMAND_FORGET, call, 0));
}

const struct store_answer *store_worker_peek(struct store_worker *w)
{
	uint32_t length;

	return byte_ring_peek(&w->answers, &length);
}

void store_worker_drop(struct store_worker *w)
{
	byte_ring_drop(&w->answers);
	if (atomic_exchange(&w->wants_room, 0))
		loop_wake(w->loop);
}

uint32_t *store_worker_cut(struct store_worker *w)
{
	return &w->cut;
}

void store_worker_long_row_taken(struct store_worker *w, uint32_t length)
{
	atomic_fetch_sub(&w->long_bytes, length);
}

bool store_worker_join(struct store_worker *w, int64_t patience_ns)
{
	struct timespec until;

	if (!w->runs)
		return true;
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += (patience_ns + until.tv_nsec) / 1000000000ll;
	until.tv_nsec = (patience_ns + until.tv_nsec) % 1000000000ll;
	if (pthread_timedjoin_np(w->thread, NULL, &until) != 0)
		return false;
	w->runs = false;
	return true;
}

/* Rows that nobody has taken. */
static void free_answers(struct store_worker *w)
{
	const struct store_answer *a;

	while ((a = store_worker_peek(w)) != NULL) {
		if (a->kind == STORE_ANSWER_LONG_ROW) {
			void *bytes;

			memcpy(&bytes, (const uint8_t *)(a + 1) + sizeof(struct aq_store_rows), sizeof(bytes));
			free(bytes);
		}
		byte_ring_drop(&w->answers);
	}
}

void store_worker_destroy(struct store_worker *w)
{
	if (w == NULL)
		return;
	CHECK(!w->runs);
	free_answers(w);
	store_table_free(w);
	timers_finish(&w->timers);
	byte_ring_finish(&w->commands);
	byte_ring_finish(&w->answers);
	loop_destroy(w->loop);
	free(w->event);
	free(w);
}
