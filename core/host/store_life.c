/* store_life.c: back ends come and go behind a store. */
#include "host/store.h"

#include "base/check.h"
#include "base/err.h"
#include "base/log.h"
#include "host/guard.h"
#include "host/host.h"
#include "host/options.h"
#include "host/reload.h"
#include "host/store_replace.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CLOSE_NS (5ll * 1000000000ll)  /* longest wait for the next answer to what has been accepted */
#define CLOSE_ALL_NS (60ll * 1000000000ll) /* and for all of them */
#define JOIN_NS (10ll * 1000000000ll)  /* and for a back end that ends */

/* ---- coming up ---- */

static struct stores *make_stores(void)
{
	struct stores *all = calloc(1, sizeof(*all));

	CHECK(all != NULL);
	all->calls = calloc(STORE_CALLS_MAX, sizeof(*all->calls));
	all->free_calls = calloc(STORE_CALLS_MAX, sizeof(*all->free_calls));
	CHECK(all->calls != NULL && all->free_calls != NULL);
	map_init(&all->by_id, STORE_CALLS_MAX);
	while (all->free_count < STORE_CALLS_MAX) {
		all->free_calls[all->free_count] = STORE_CALLS_MAX - 1 - all->free_count;
		all->free_count++;
	}
	return all;
}

/* They have passed the check of the configuration. */
void store_take_settings(struct store *s, const struct config_section *section)
{
	const struct config_entry *queue = config_get(section, "queue"), *latency = config_get(section, "latency");
	struct aq_err err;

	CHECK(config_size(queue != NULL ? queue->value : STORE_QUEUE_DEFAULT, &s->limit, &err) == AQ_OK);
	s->latency_ns = 0;
	CHECK(latency == NULL || config_duration(latency->value, &s->latency_ns, &err) == AQ_OK);
}

int store_make(struct host *h, const struct config_section *section, uint32_t id, struct aq_err *err)
{
	struct store *s = store_find(h, id);

	if (s != NULL && s->removed)
		return err_set(err, AQ_ESTATE, "%s: the store of that name still ends its calls; try again", section->name);
	if (s == NULL) {
		if (h->stores == NULL)
			h->stores = make_stores();
		if (h->stores->count == STORES_MAX)
			return err_set(err, AQ_EINVAL, "%s: more than %d stores", section->name, STORES_MAX);
		s = aligned_alloc(64, (sizeof(*s) + 63) & ~(size_t)63);
		CHECK(s != NULL);
		memset(s, 0, sizeof(*s));
		s->id = id;
		s->state_ns = host_wall_ns();
		snprintf(s->why, sizeof(s->why), "it has not come up yet");
		store_queue_init(&s->queue);
		h->stores->list[h->stores->count++] = s;
	}
	store_take_settings(s, section);
	return AQ_OK;
}

int store_start(struct host *h, struct instance *i, struct aq_err *err)
{
	struct store *s = store_find(h, i->id);
	int rc = store_worker_start(i->worker, err);

	if (rc != 0)
		return rc;
	i->state = INSTANCE_RUNNING;
	s->worker = i->worker;
	store_worker_give_turn(s->worker);
	return AQ_OK;
}

/* ---- going ---- */

static void end_calls(struct host *h, const struct store *s)
{
	for (uint32_t i = 0; i < STORE_CALLS_MAX; i++)
		if (h->stores->calls[i].id != 0 && h->stores->calls[i].store == s->id)
			store_answer_unheard(h, &h->stores->calls[i]);
}

static void free_store(struct host *h, struct store *s)
{
	struct stores *all = h->stores;
	uint32_t i = 0;

	end_calls(h, s);
	while (all->list[i] != s)
		i++;
	all->list[i] = all->list[--all->count];
	store_queue_finish(&s->queue);
	free(s);
}

/* Its thread has ended, or is about to. */
static bool free_instance(struct host *h, struct instance *i, bool is_kept)
{
	struct plugin *plugin = i->plugin;

	if (!store_worker_join(i->worker, JOIN_NS)) { /* then nothing of it may be freed */
		log_line(AQ_LOG_ERROR, i->name, "its back end does not end: it is left behind");
		return false;
	}
	instance_destroy(i);
	if (!is_kept)
		instance_free_plugin(h, plugin);
	return true;
}

/* The one in force would go back to it. */
static bool plugin_is_kept(const struct host *h, const struct instance *i)
{
	const struct instance *in_force = h->instances[i->id];

	return in_force != NULL && in_force->previous_plugin == i->plugin;
}

void store_remove(struct host *h, struct instance *i)
{
	struct store *s = store_find(h, i->id);

	s->removed = true;
	s->retired = i;
	s->retiring = s->worker;
	s->worker = NULL;
	store_worker_retire(s->retiring);
}

/* ---- what a back end says of itself ---- */

static void turn_is_free(struct store *s, struct store_worker *w)
{
	if (w != s->retiring)
		return;
	if (s->worker != NULL)
		store_worker_give_turn(s->worker);
}

static void has_stopped(struct host *h, struct store *s, struct store_worker *w)
{
	struct instance *i = w == s->retiring ? s->retired : w == s->leaving ? s->left : NULL;

	CHECK(i != NULL);
	if (w == s->retiring) {
		s->retiring = NULL;
		s->retired = NULL;
	} else {
		s->leaving = NULL;
		s->left = NULL;
	}
	s->hangs |= !free_instance(h, i, plugin_is_kept(h, i));
	if (s->removed && !s->hangs)
		free_store(h, s);
}

static void has_broken(struct host *h, struct store *s, struct store_worker *w, const char *why)
{
	struct instance *i = h->instances[s->id];
	struct reload_result result;

	if (w == s->coming) {
		store_coming_broken(s, why);
		return;
	}
	if (w != s->worker) {
		log_line(AQ_LOG_ERROR, flow_instance_name(&h->flow, s->id), "the back end before failed while it ended: %s", why);
		return;
	}
	i->state = INSTANCE_FAILED;
	snprintf(i->why, sizeof(i->why), "%s", why);
	store_tell_state(h, s, false, why);
	if (i->previous_plugin != NULL && h->flow.now_ns < i->watch_until_ns && reload_rollback(h, i, &result) == AQ_OK)
		return;
	log_line(AQ_LOG_ERROR, i->name, "taken out: %s", why);
}

void store_worker_said(struct host *h, struct store *s, struct store_worker *w, uint32_t kind, const void *body)
{
	if (kind == STORE_ANSWER_TURN)
		turn_is_free(s, w);
	else if (kind == STORE_ANSWER_BROKEN)
		has_broken(h, s, w, body);
	else
		has_stopped(h, s, w);
}

/* ---- looking after them ---- */

/* A back end may wait for its disk or server, but not for ever. */
static void look_at(struct host *h, struct store *s)
{
	int64_t busy = store_worker_busy_ns(s->worker);
	bool slow = h->options.callback_kill > 0 && busy >= h->options.callback_kill;
	char text[120];

	if (slow == s->slow)
		return;
	s->slow = slow;
	snprintf(text, sizeof(text), "its plugin has not come back for %lld ms (callback_kill)", (long long)(busy / 1000000));
	store_tell_state(h, s, !slow && s->told_up, slow ? text : s->told_why);
}

void stores_step(struct host *h)
{
	for (uint32_t i = 0; h->stores != NULL && i < h->stores->count; i++)
		if (h->stores->list[i]->worker != NULL)
			look_at(h, h->stores->list[i]);
}

static bool is_awaited(const struct store *s)
{
	return s->coming != NULL || s->retiring != NULL || s->leaving != NULL || s->slow || s->asked > 0;
}

bool stores_are_awaited(const struct host *h)
{
	for (uint32_t i = 0; h->stores != NULL && i < h->stores->count; i++)
		if (is_awaited(h->stores->list[i]))
			return true;
	return false;
}

/* ---- the end ---- */

static uint32_t unanswered(const struct host *h)
{
	uint32_t sum = 0;

	for (uint32_t i = 0; i < h->stores->count; i++)
		sum += h->stores->list[i]->asked;
	return sum;
}

static void wait_for_answers(struct host *h)
{
	int64_t until = host_wall_ns() + CLOSE_NS, end = host_wall_ns() + CLOSE_ALL_NS;
	uint32_t left = unanswered(h), before = left;

	for (; left > 0 && host_wall_ns() < until; left = unanswered(h)) {
		if (left != before && host_wall_ns() + CLOSE_NS < end)
			until = host_wall_ns() + CLOSE_NS;
		before = left;
		if (h->clock == CLOCK_REPLAY && stores_due_ns(h) != INT64_MAX)
			host_set_now(h, stores_due_ns(h)); /* nothing else makes that time pass any more */
		host_begin_turn(h);
		stores_take(h);
		host_drain(h);
		if (unanswered(h) > 0)
			loop_turn(h->loop, 10000000);
	}
	if (left > 0)
		log_line(AQ_LOG_WARN, "host", "%u calls of stores had no answer when it stopped", left);
}

static bool close_instance(struct host *h, struct instance *i)
{
	if (i == NULL)
		return true;
	store_worker_stop(i->worker);
	return free_instance(h, i, plugin_is_kept(h, i));
}

static bool close_store(struct host *h, struct store *s)
{
	bool ended = !s->hangs && close_instance(h, s->retired); /* before the one that keeps its plugin */

	ended &= close_instance(h, s->left) && close_instance(h, s->coming_instance);
	ended &= close_instance(h, h->instances[s->id]);
	h->instances[s->id] = NULL;
	return ended;
}

bool stores_close(struct host *h)
{
	if (h->stores == NULL)
		return true;
	wait_for_answers(h);
	while (h->stores->count > 0) {
		struct store *s = h->stores->list[0];

		if (!close_store(h, s))
			return false;
		free_store(h, s);
	}
	map_finish(&h->stores->by_id);
	free(h->stores->calls);
	free(h->stores->free_calls);
	free(h->stores);
	h->stores = NULL;
	return true;
}
