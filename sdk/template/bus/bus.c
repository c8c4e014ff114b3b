/* bus.c: the smallest bus, `minimal`: what is published comes back to who subscribed, in the same process.
 *
 * No host offers bus plugins yet; the header is a draft. A bus lives on a loop of its own, may wait for its broker
 * there, and answers each fact, intention and request.
 */
#include <aioquant/bus.h>

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SUBSCRIPTIONS 64

struct subscription {
	uint64_t id; /* 0 = free */
	char pattern[128];
};

struct minimal {
	const struct aq_host *host;
	const struct aq_bus_provider_api *provider;
	struct subscription subscriptions[SUBSCRIPTIONS];
};

static struct subscription *find(struct minimal *s, uint64_t id)
{
	for (int i = 0; i < SUBSCRIPTIONS; i++)
		if (s->subscriptions[i].id == id)
			return &s->subscriptions[i];
	return NULL;
}

/* Words with points between them; `*` is one word, `#` any number at the end. */
static bool matches(const char *pattern, const char *topic)
{
	for (;; pattern++, topic++) {
		size_t expected = strcspn(pattern, "."), found = strcspn(topic, ".");
		if (expected == 1 && *pattern == '#')
			return true;
		if (!(expected == 1 && *pattern == '*') && (expected != found || memcmp(pattern, topic, found) != 0))
			return false;
		pattern += expected;
		topic += found;
		if (*pattern == '\0' || *topic == '\0')
			return *pattern == *topic || strcmp(pattern, ".#") == 0;
	}
}

/* ---- what the host asks ---- */

static int32_t subscribe(void *self, uint64_t id, const char *pattern)
{
	struct subscription *free_one = find(self, 0);
	if (free_one == NULL)
		return AQ_ESPACE;
	free_one->id = id;
	snprintf(free_one->pattern, sizeof(free_one->pattern), "%s", pattern);
	return AQ_OK;
}

static int32_t unsubscribe(void *self, uint64_t id)
{
	struct subscription *gone = find(self, id);
	if (gone == NULL)
		return AQ_ENOENT;
	gone->id = 0;
	return AQ_OK;
}

static int32_t publish(void *self, uint64_t call, const struct aq_bus_message *message, const void *bytes)
{
	struct minimal *s = self;
	struct aq_bus_failure failure = {.fault = AQ_BUS_NO_ROUTE, .text = "nobody has subscribed"};
	uint32_t taken = 0;
	for (int i = 0; i < SUBSCRIPTIONS; i++) {
		const struct subscription *to = &s->subscriptions[i];
		if (to->id != 0 && matches(to->pattern, message->topic))
			taken += s->provider->arrived(s->host->owner, to->id, message, bytes) >= 0;
	}
	if (message->cls == AQ_BUS_DATA)
		return AQ_OK; /* may be lost, and nobody waits */
	if (taken > 0)
		return s->provider->confirmed(s->host->owner, call);
	return s->provider->failed(s->host->owner, call, &failure);
}

/* Who asks and who answers are in one process, where the host needs no bus. */
static int32_t reply(void *self, uint64_t request, uint8_t form, const void *bytes, uint32_t length)
{
	(void)self;
	(void)request;
	(void)form;
	(void)bytes;
	(void)length;
	return AQ_ENOENT;
}

/* ---- life ---- */

static int32_t create(const struct aq_host *host, void **self, struct aq_err *err)
{
	struct minimal *s = calloc(1, sizeof(*s));
	*self = s;
	if (s == NULL) {
		snprintf(err->text, sizeof(err->text), "out of memory");
		return AQ_ESPACE;
	}
	s->host = host;
	return AQ_OK;
}

static int32_t start(void *self, struct aq_err *err)
{
	struct minimal *s = self;
	s->provider = s->host->extension(s->host->owner, AQ_BUS_PROVIDER_EXT);
	if (s->provider == NULL) {
		snprintf(err->text, sizeof(err->text), "the host does not offer " AQ_BUS_PROVIDER_EXT);
		return AQ_ENOSYS;
	}
	s->provider->state(s->host->owner, 1, "ready");
	return AQ_OK;
}

static void destroy(void *self)
{
	free(self);
}

/* Subscriptions are told anew after a start: there is no state. */
static void on_event(void *self, const struct aq_event *event)
{
	(void)self;
	(void)event;
}

static const struct aq_bus_ops ops = {.size = sizeof(ops), .publish = publish, .subscribe = subscribe,
	.unsubscribe = unsubscribe, .reply = reply};

AQ_PLUGIN(.kind = AQ_BUS, .name = "minimal", .version = "1", .summary = "brings messages to who subscribed in this process",
	.create = create, .start = start, .destroy = destroy, .on_event = on_event, .ops = &ops);
