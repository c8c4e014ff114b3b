/* store_table.c: the host functions of a storage plugin. From start to stop they run on its own thread; before and after, in
 * create, check and destroy, on the trading loop, where nothing but log, now and conf_get does anything. */
#include "host/store_worker_impl.h"

#include "base/check.h"
#include "base/log.h"
#include "host/host.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define POST_MAX (32u * 1024u)
#define POSTS_WAITING_MAX (64u << 20)
#define TIMERS_MAX 4096

void store_deliver(struct store_worker *w, uint16_t type, uint64_t tag, const void *body, uint32_t length)
{
	struct aq_event *event = (struct aq_event *)(void *)w->event;
	uint32_t size = (uint32_t)sizeof(*event) + ((length + 7u) & ~7u);

	if (!w->plugin_runs)
		return;
	w->now_ns = loop_now(w->loop);
	memset(event, 0, size);
	*event = (struct aq_event){.size = size, .type = type, .tag = tag, .time_ns = w->now_ns};
	if (length > 0)
		memcpy(event + 1, body, length);
	store_enter(w, GUARD_EVENT, type);
	w->instance->plugin->table.on_event(w->instance->self, event);
	store_leave(w);
}

static void table_log(void *owner, int32_t level, const char *text)
{
	const struct store_worker *w = owner;

	log_line(level, w->instance->name, "%s", text);
}

static int64_t table_now(void *owner)
{
	return ((const struct store_worker *)owner)->now_ns;
}

static int64_t table_timer_set(void *owner, int64_t at_ns, int64_t period_ns, uint64_t tag)
{
	struct store_worker *w = owner;
	struct timer t = {.at_ns = at_ns, .period_ns = period_ns, .tag = tag};

	if (!w->plugin_runs)
		return AQ_ESTATE;
	if (period_ns < 0)
		return AQ_EINVAL;
	if (w->timers.count >= TIMERS_MAX)
		return AQ_EAGAIN;
	t.id = timers_next_id(&w->timers);
	timers_add(&w->timers, &t);
	return t.id;
}

static int32_t table_timer_clear(void *owner, int64_t id)
{
	struct store_worker *w = owner;

	return timers_remove(&w->timers, 0, id) == 0 ? AQ_OK : AQ_ENOENT;
}

static int32_t table_post(void *owner, uint64_t tag, const void *bytes, uint32_t length)
{
	struct store_worker *w = owner;
	struct store_post *p;

	if (!w->plugin_runs)
		return AQ_ESTATE;
	if (length > POST_MAX)
		return AQ_EINVAL;
	if (w->post_bytes > POSTS_WAITING_MAX)
		return AQ_EAGAIN;
	p = malloc(sizeof(*p) + length);
	CHECK(p != NULL);
	p->next = NULL;
	p->tag = tag;
	p->length = length;
	if (length > 0)
		memcpy(p->bytes, bytes, length);
	w->post_bytes += sizeof(*p) + length;
	if (w->last_post != NULL)
		w->last_post->next = p;
	else
		w->posts = p;
	w->last_post = p;
	return AQ_OK;
}

/* [any] */
static int32_t table_wake(void *owner, uint64_t tag)
{
	struct store_worker *w = owner;

	atomic_store(&w->wake_tag, tag);
	atomic_store(&w->woken, 1);
	loop_wake(w->loop);
	return AQ_OK;
}

static int32_t table_conf_get(void *owner, const char *name, char *out, uint32_t size)
{
	const struct store_worker *w = owner;
	const struct config_entry *entry = config_get(w->instance->section, name);
	size_t length = entry == NULL ? 0 : strlen(entry->value);

	if (entry == NULL)
		return AQ_ENOENT;
	if (length >= size)
		return AQ_ESPACE;
	memcpy(out, entry->value, length + 1);
	return (int32_t)length;
}

static uint64_t table_random(void *owner)
{
	struct store_worker *w = owner;

	return instance_random(w->random);
}

static void table_fail(void *owner, const char *why)
{
	struct store_worker *w = owner;

	w->broken = true;
	snprintf(w->why, sizeof(w->why), "%s", why);
}

static const void *table_extension(void *owner, const char *name)
{
	(void)owner;
	return strcmp(name, AQ_STORE_PROVIDER_EXT) == 0 ? &store_provider : NULL;
}

void store_worker_table(struct store_worker *w, struct aq_host *out)
{
	*out = (struct aq_host){.size = sizeof(*out), .abi_major = AQ_ABI_MAJOR, .abi_minor = AQ_ABI_MINOR, .owner = w,
		.log = table_log, .now = table_now, .timer_set = table_timer_set, .timer_clear = table_timer_clear,
		.post = table_post, .wake = table_wake, .conf_get = table_conf_get, .random = table_random, .fail = table_fail,
		.extension = table_extension};
}

void store_table_turn(struct store_worker *w)
{
	struct store_post *p = w->posts;

	if (atomic_exchange(&w->woken, 0))
		store_deliver(w, AQ_EV_WAKE, atomic_load(&w->wake_tag), NULL, 0);
	if (p == NULL)
		return;
	w->posts = p->next;
	if (w->posts == NULL)
		w->last_post = NULL;
	w->post_bytes -= sizeof(*p) + p->length;
	store_deliver(w, AQ_EV_POST, p->tag, p->bytes, p->length);
	free(p);
}

bool store_table_waits(const struct store_worker *w)
{
	return w->posts != NULL || atomic_load(&w->woken) != 0;
}

void store_table_free(struct store_worker *w)
{
	for (struct store_post *p = w->posts, *next; p != NULL; p = next) {
		next = p->next;
		free(p);
	}
	w->posts = w->last_post = NULL;
}
