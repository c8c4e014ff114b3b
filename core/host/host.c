/* host.c: the turning of the process. How it comes up and goes down is in host_open.c. */
#include "host/host.h"

#include "base/check.h"
#include "base/log.h"
#include "flow/orders.h"
#include "host/control.h"
#include "host/control_query.h"
#include "host/cpu.h"
#include "host/errand.h"
#include "host/follow.h"
#include "host/history.h"
#include "host/hops.h"
#include "host/measure.h"
#include "host/net_owner.h"
#include "host/operator.h"
#include "host/options.h"
#include "host/policy.h"
#include "host/reload.h"
#include "host/replay.h"
#include "host/service.h"
#include "host/start.h"
#include "host/store.h"
#include "host/tap.h"

#include <string.h>
#include <time.h>

#define WITHDRAW_NS 5000000000ll /* longest wait for the cancels of a stop */
#define FINISH_NS 5000000000ll      /* services that get no further for so long are not waited for */
#define FINISH_ALL_NS 60000000000ll
#define CALLER_LOOK_NS 20000000ll
#define ALONE_LOOK_NS 20000000ll /* how often an adapter without its venue is given the time */
#define DRAIN_MAX 4096u /* deliveries of a turn: counted and not timed, so that a replay does the same each time */
#define LOOK_EVERY 256 /* moments of a replay between two looks at sockets and signals */

int64_t host_wall_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return ts.tv_sec * 1000000000ll + ts.tv_nsec;
}

struct instance *host_instance(struct host *h, const char *name)
{
	uint32_t id = names_find(&h->flow.names, NAME_INSTANCE, name);

	return id != 0 && id < INSTANCES_MAX ? h->instances[id] : NULL;
}

void host_set_now(struct host *h, int64_t now_ns)
{
	if (now_ns > h->flow.now_ns)
		h->flow.now_ns = now_ns;
}

void host_tick_real(struct host *h)
{
	struct timespec ts;
	int64_t monotonic, wall = loop_now(h->loop), passed;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	monotonic = ts.tv_sec * 1000000000ll + ts.tv_nsec;
	passed = h->monotonic_ns == 0 ? 0 : monotonic - h->monotonic_ns;
	h->monotonic_ns = monotonic;
	host_set_now(h, wall > h->flow.now_ns ? wall : h->flow.now_ns + passed);
}

/* An order has reached its adapter: how long since the bytes that caused it? */
static void measure_path(struct host *h, const struct aq_event *event)
{
	h->orders_sent += event->type == AQ_EV_PLACE;
	if (h->bytes_in_ns != 0 && (event->type == AQ_EV_PLACE || event->type == AQ_EV_AMEND))
		histogram_add(&h->path, (uint64_t)(host_wall_ns() - h->bytes_in_ns));
}

/* A venue that does not read would execute it late: it is told as never received instead. Cancels go on. */
static bool keep_back(struct host *h, uint32_t id, const struct aq_event *event)
{
	const struct aq_order *o = AQ_BODY(aq_order, event);
	struct {
		struct aq_event head;
		struct aq_order_update update;
	} answer = {.head = {.size = sizeof(answer), .type = AQ_EV_ORDER_UPDATE, .instrument = event->instrument,
		.account = event->account, .time_ns = h->flow.now_ns}};

	if (!net_owner_is_stuck(h, id))
		return false;
	answer.update = (struct aq_order_update){.size = sizeof(answer.update), .order = o->id, .price = AQ_NONE,
		.qty = AQ_NONE, .filled = AQ_NONE, .ahead = AQ_NONE, .code = AQ_VENUE_NOT_RECEIVED,
		.update = event->type == AQ_EV_PLACE ? AQ_UP_REJECTED : AQ_UP_AMEND_REJECTED,
		.answers = event->type == AQ_EV_PLACE ? AQ_REQ_PLACE : AQ_REQ_AMEND};
	return flow_emit(&h->flow, id, &answer.head) == AQ_OK;
}

static void deliver(struct host *h, uint32_t id, const struct aq_event *event)
{
	struct instance *i = h->instances[id];
	struct aq_event *copy = (struct aq_event *)(void *)h->scratch;
	uint16_t type = event->type;

	if (i == NULL || i->state != INSTANCE_RUNNING) {
		queue_drop(&h->flow.out);
		return;
	}
	memcpy(copy, event, event->size);
	queue_drop(&h->flow.out);
	if ((copy->type == AQ_EV_PAST && history_takes(h, id, copy)) || taps_are_old(h, id, copy))
		return;
	if (copy->type == AQ_EV_PLACE || copy->type == AQ_EV_AMEND) {
		if (keep_back(h, id, copy))
			return;
		measure_path(h, copy);
	}
	if (h->gaps != NULL && i->kind == AQ_STRATEGY)
		measure_dispatch(h->gaps);
	if (h->hops != NULL)
		hops_before(h, id, copy);
	instance_deliver(i, copy);
	if (h->hops != NULL)
		hops_after(h, id, type);
}

void host_drain(struct host *h)
{
	const struct aq_event *event;
	uint32_t id;

	while (h->drain_left > 0) {
		h->drain_left--; /* first: what is delivered may drain itself */
		event = queue_peek(&h->flow.out, &id);
		if (event != NULL)
			deliver(h, id, event);
		else if (!flow_apply_next(&h->flow) && !taps_step(h))
			return;
	}
	while (flow_apply_next(&h->flow)) /* what a venue says has its turn, however much else there is */
		;
}

void host_begin_turn(struct host *h)
{
	h->drain_left = DRAIN_MAX;
}

/* Nothing follows any more from what has happened up to now. */
static bool drained(const struct host *h)
{
	return queue_empty(&h->flow.out) && queue_empty(&h->flow.in);
}

static int64_t next_due_ns(const struct host *h)
{
	int64_t due = timers_due_ns(&h->timers), flow = flow_due_ns(&h->flow);

	return due < flow ? due : flow;
}

void host_fire_timers(struct host *h)
{
	int64_t last = h->timers.last_id;
	struct timer t;

	if (next_due_ns(h) > h->flow.now_ns)
		return;
	/* one that is set for now while others fire waits for the next turn: a strategy cannot hold the loop for ever */
	while (timers_first_id(&h->timers) <= last && timers_take(&h->timers, h->flow.now_ns, &t)) {
		struct aq_event *event;

		if (t.owner == 0) {
			start_timer(h, t.tag);
			continue;
		}
		event = flow_event(&h->flow, t.owner, AQ_EV_TIMER, 0);
		if (event == NULL)
			continue;
		event->tag = t.tag;
		host_drain(h);
	}
	flow_tick(&h->flow);
	host_drain(h);
}

/* [any] thread may have asked for it. */
static void deliver_wakes(struct host *h)
{
	for (uint32_t id = 1; id <= names_count(&h->flow.names, NAME_INSTANCE) && id < INSTANCES_MAX; id++) {
		struct instance *i = h->instances[id];
		struct aq_event *event;

		if (i == NULL || !__atomic_exchange_n(&i->woken, 0, __ATOMIC_ACQUIRE))
			continue;
		event = flow_event(&h->flow, id, AQ_EV_WAKE, 0);
		if (event != NULL)
			event->tag = __atomic_load_n(&i->wake_tag, __ATOMIC_RELAXED);
	}
	host_drain(h);
}

/* The venue that owns the clock hears that this moment is done, and when our next timer is. */
static void settle(struct host *h)
{
	struct aq_event *event;

	if (!h->settle || !drained(h) || stores_pending(h))
		return;
	h->settle = false;
	event = flow_event(&h->flow, h->clock_owner, AQ_EV_SETTLED, 0);
	if (event != NULL)
		event->tag = (uint64_t)next_due_ns(h);
	host_drain(h);
}

/* A limit on a position binds to the instruments that are known. */
static void apply_limits_anew(struct host *h)
{
	struct config_errors *errors = config_errors_create();

	h->flow.instruments_changed = false;
	if (options_apply_limits(h, errors) > 0)
		log_line(AQ_LOG_ERROR, "host", "%s", config_errors_text(errors, 0));
	config_errors_destroy(errors);
}

/* What may happen between two moments: instances whose markets have come, a reload that is staged. */
static void between(struct host *h)
{
	if (h->withdrawing) /* nobody may come to life in the last turns */
		return;
	if (h->flow.instruments_changed)
		apply_limits_anew(h);
	if (h->waiting > 0)
		start_waiting(h);
	if (h->reload != NULL)
		reload_step(h);
	stores_step(h);
	history_step(h);
	errand_step(h);
	control_standing_step(h);
	control_queries_step(h);
	service_turn(h);
}

/* ---- a venue that owns the clock, and is not there ---- */

static bool has_connection(const struct host *h)
{
	for (int i = 0; i < HOST_CONNECTIONS; i++)
		if (h->connections[i].open)
			return true;
	return false;
}

/* Time stands still for all but the adapters, who must count the seconds to their next try: for them it passes as it does
 * on the wall, from the moment at which it stood still. */
static void turn_alone(struct host *h)
{
	int64_t wall = host_wall_ns();
	struct timer t;

	if (h->alone_since_ns == 0)
		h->alone_since_ns = wall;
	for (uint32_t id = 1; id <= names_count(&h->flow.names, NAME_INSTANCE) && id < INSTANCES_MAX; id++) {
		if (h->instances[id] == NULL || h->instances[id]->kind != AQ_EXCHANGE)
			continue;
		while (timers_take_of(&h->timers, id, h->flow.now_ns + wall - h->alone_since_ns, &t)) {
			struct aq_event *event = flow_event(&h->flow, id, AQ_EV_TIMER, 0);

			if (event != NULL)
				event->tag = t.tag;
			h->alone_since_ns = wall; /* what it sets now counts from now */
			host_drain(h);
		}
	}
}

/* Waits for sockets and signals, but not so long that a caller's patience is not looked after. */
static void wait_for_news(struct host *h, int64_t ns)
{
	if ((control_standing_awaits(h) || control_queries_wait(h) || stores_are_awaited(h)) && (ns < 0 || ns > CALLER_LOOK_NS))
		ns = CALLER_LOOK_NS;
	loop_turn(h->loop, ns);
}

void host_turn(struct host *h)
{
	int64_t due, now;

	host_begin_turn(h);
	if (h->clock == CLOCK_REAL)
		host_tick_real(h);
	stores_take(h);
	host_drain(h);
	host_fire_timers(h);
	between(h);
	if (h->measure)
		follow_sample(h);
	settle(h);
	now = loop_now(h->loop);
	due = h->clock == CLOCK_REAL ? next_due_ns(h) : INT64_MAX;
	if (h->clock == CLOCK_VENUE && !has_connection(h)) {
		turn_alone(h);
		due = now + ALONE_LOOK_NS;
	} else {
		h->alone_since_ns = 0;
	}
	if (h->stop)
		return;
	if (h->options.io_mode == HOST_IO_BUSY || !drained(h))
		loop_turn(h->loop, 0);
	else
		wait_for_news(h, due == INT64_MAX ? -1 : due > now ? due - now : 0);
}

/* ---- replay: the clock is simulated at every speed ---- */

struct pace {
	int64_t wall_ns, sim_ns; /* a pair that belongs together */
	int64_t percent;         /* of real time; 0 = as fast as possible */
};

/* Waits, serving sockets and signals, until the wall clock has come as far as `sim_ns`. */
static void keep_pace(struct host *h, struct pace *p, int64_t sim_ns)
{
	int64_t target;

	if (p->percent == 0) {
		if (h->moments % LOOK_EVERY == 0)
			loop_turn(h->loop, 0);
		return;
	}
	if (p->wall_ns == 0)
		*p = (struct pace){.wall_ns = host_wall_ns(), .sim_ns = sim_ns, .percent = p->percent};
	target = p->wall_ns + (sim_ns - p->sim_ns) * 100 / p->percent;
	for (int64_t now = host_wall_ns(); now < target && !h->stop; now = host_wall_ns()) {
		wait_for_news(h, target - now);
		host_begin_turn(h);
		stores_take(h); /* what comes from outside of the simulation: all else that is due has been taken */
		between(h);
	}
	if (h->moments % LOOK_EVERY == 0)
		loop_turn(h->loop, 0);
}

/* The data are played. Whoever waits for the operator still gets the venue's answers; true when there is none to come. */
static bool turn_ended(struct host *h, int64_t venue)
{
	h->ended = true;
	h->stop = h->stop || h->options.on_end != HOST_END_WAIT;
	if (!h->stop && venue != INT64_MAX)
		return false;
	host_fire_timers(h);
	if (!h->stop && replay_next_ns(h) == INT64_MAX)
		wait_for_news(h, -1);
	between(h);
	return true;
}

/* Time stands still until every call of a store is answered, however long that takes; those whose moment this is are
 * delivered. */
static void take_answers(struct host *h)
{
	while (!h->stop) {
		if (stores_pending(h)) {
			wait_for_news(h, -1);
			between(h);
		} else if (stores_due_ns(h) <= h->flow.now_ns) {
			stores_take(h);
			host_drain(h);
		} else {
			return;
		}
		host_begin_turn(h);
	}
}

static void turn_replay(struct host *h, struct pace *p)
{
	int64_t venue, due, moment;

	host_begin_turn(h);
	host_drain(h);
	if (!drained(h)) { /* time stands still until it is */
		loop_turn(h->loop, 0);
		between(h);
		return;
	}
	take_answers(h);
	venue = replay_next_ns(h);
	due = next_due_ns(h);
	due = due < stores_due_ns(h) ? due : stores_due_ns(h);
	moment = venue < due ? venue : due;
	if (replay_ended(h) && !h->withdrawing && turn_ended(h, venue))
		return;
	moment = moment > h->flow.now_ns ? moment : h->flow.now_ns; /* what was due before the begin is due now */
	keep_pace(h, p, moment);
	if (h->stop)
		return;
	host_begin_turn(h);
	host_set_now(h, moment);
	h->moments++;
	h->bytes_in_ns = h->measure ? host_wall_ns() : 0;
	if (venue <= moment) {
		replay_step(h);
		host_drain(h);
	}
	take_answers(h);
	host_fire_timers(h);
	between(h);
	if (h->measure)
		follow_sample(h);
}

static void woken(void *context)
{
	deliver_wakes(context);
	operator_take_signal(context);
}

/* ---- the end ---- */

/* Its positions are still to be closed. */
static bool flattens(const struct host *h, uint32_t id)
{
	return standing_ends_itself(&h->flow.instances[id].meter.standing);
}

/* Orders of strategies whose on_stop is cancel, or flatten: that is one more until it is done. */
static uint32_t cancellable(struct host *h, bool cancel)
{
	uint32_t open = 0;

	for (uint32_t id = 1; id <= names_count(&h->flow.names, NAME_INSTANCE) && id < INSTANCES_MAX; id++) {
		struct instance *i = h->instances[id];

		if (i == NULL || i->kind != AQ_STRATEGY || !options_cancels_on_stop(i->section))
			continue;
		h->flow.instances[id].active = 0; /* its callbacks are over */
		h->flow.instances[id].stopping = 1;
		if (cancel)
			orders_withdraw(&h->flow, id);
		if (cancel && policy_on_stop(i->section).orders == POLICY_FLATTEN)
			operator_flatten_at_stop(h, id);
		open += h->flow.instances[id].meter.open + flattens(h, id);
	}
	return open;
}

static void turn_until_gone(struct host *h, const struct pace *p)
{
	struct pace fast = {.percent = p->percent > 0 ? p->percent : 0};

	if (h->clock == CLOCK_REPLAY && replay_next_ns(h) != INT64_MAX)
		turn_replay(h, &fast);
	else
		host_turn(h);
}

/* Cancels by policy and waits, but not for ever, until the venue has confirmed. */
static void withdraw(struct host *h, const struct pace *p)
{
	int64_t until = host_wall_ns() + WITHDRAW_NS;
	uint32_t open;

	h->withdrawing = true;
	save_all(h, true);
	open = cancellable(h, true);
	host_drain(h);
	while (open > 0 && host_wall_ns() < until && !(h->clock == CLOCK_REPLAY && replay_next_ns(h) == INT64_MAX)) {
		h->stop = false;
		turn_until_gone(h, p);
		open = cancellable(h, false);
	}
	h->stop = true;
	if (open > 0)
		log_line(AQ_LOG_WARN, "host", "%u orders were still open when it stopped", open);
}

/* ---- what services have not done yet ---- */

static void tell_services(struct host *h)
{
	for (uint32_t id = 1; id <= names_count(&h->flow.names, NAME_INSTANCE) && id < INSTANCES_MAX; id++)
		if (h->instances[id] != NULL && h->instances[id]->kind == AQ_SERVICE)
			flow_event(&h->flow, id, AQ_EV_STOPPING, 0);
}

static void turn_of_services(struct host *h)
{
	int64_t due = stores_pending(h) ? INT64_MAX : stores_due_ns(h);

	host_begin_turn(h);
	if (h->clock == CLOCK_REAL)
		host_tick_real(h);
	else if (due != INT64_MAX && due > h->flow.now_ns)
		host_set_now(h, due);
	stores_take(h);
	host_drain(h);
	if (h->clock == CLOCK_REAL)
		host_fire_timers(h);
	stores_step(h);
	loop_turn(h->loop, drained(h) ? CALLER_LOOK_NS : 0);
}

/* As long as they get on. What is left they find at the next start. */
static void finish_services(struct host *h)
{
	int64_t now = host_wall_ns(), until = now + FINISH_NS, until_all = now + FINISH_ALL_NS;
	uint64_t done = taps_progress(h);

	tell_services(h);
	host_drain(h);
	while (taps_are_behind(h) && now < until && now < until_all) {
		turn_of_services(h);
		now = host_wall_ns();
		until = taps_progress(h) != done ? now + FINISH_NS : until;
		done = taps_progress(h);
	}
	if (taps_are_behind(h))
		log_line(AQ_LOG_WARN, "host", "services have not finished: what they have left waits for the next start");
}

int host_run(struct host *h)
{
	struct pace pace = {0};

	options_speed(h->options.speed, &pace.percent);
	loop_on_wake(h->loop, woken, h);
	cpu_take(h->options.cpu);
	host_drain(h);
	while (!h->stop) {
		if (h->clock == CLOCK_REPLAY)
			turn_replay(h, &pace);
		else
			host_turn(h);
	}
	service_stopping(h);
	withdraw(h, &pace);
	finish_services(h);
	return 0;
}
