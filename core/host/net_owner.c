/* net_owner.c: see net_owner.h. Bytes go to their adapter at once, without a queue: what follows from them is drained
 * before the loop reads on. */
#include "host/net_owner.h"

#include "base/log.h"
#include "host/hops.h"
#include "host/host.h"

#include <string.h>

#define CONNECT_NS (5ll * 1000000000ll)

static struct host_connection *find(struct host *h, int64_t id)
{
	for (int i = 0; i < HOST_CONNECTIONS; i++)
		if (h->connections[i].id == id && id != 0)
			return &h->connections[i];
	return NULL;
}

/* An event without a queue; it lies in the scratch. */
static void deliver_now(struct host *h, const struct host_connection *c, uint16_t type, uint16_t flags, const void *body,
	uint32_t length, const void *more, uint32_t more_length)
{
	struct instance *i = h->instances[c->instance];
	struct aq_event *event = (struct aq_event *)(void *)h->scratch;
	uint32_t size = (uint32_t)sizeof(*event) + ((length + more_length + 7) & ~7u);

	if (i == NULL || i->state != INSTANCE_RUNNING)
		return;
	*event = (struct aq_event){.size = size, .type = type, .flags = flags, .tag = (uint64_t)c->id,
		.time_ns = h->flow.now_ns};
	memset((char *)event + size - 8, 0, length + more_length > 0 ? 8 : 0);
	if (length > 0)
		memcpy(event + 1, body, length);
	if (more_length > 0)
		memcpy((char *)(event + 1) + length, more, more_length);
	instance_deliver(i, event);
}

static void on_opened(void *context, int64_t id)
{
	struct host *h = context;
	struct host_connection *c = find(h, id);

	if (c == NULL)
		return;
	c->open = 1;
	if (h->clock == CLOCK_REAL)
		host_tick_real(h);
	deliver_now(h, c, AQ_EV_NET_OPEN, 0, NULL, 0, NULL, 0);
	host_drain(h);
}

static void on_data(void *context, int64_t id, const void *bytes, uint32_t length)
{
	struct host *h = context;
	const struct host_connection *c = find(h, id);
	uint32_t instance = c != NULL ? c->instance : 0;
	struct aq_net_data head = {.length = length};

	if (c == NULL)
		return;
	if (h->clock == CLOCK_REAL)
		host_tick_real(h);
	h->bytes_in_ns = h->measure ? host_wall_ns() : 0;
	deliver_now(h, c, AQ_EV_NET_DATA, 0, &head, sizeof(head), bytes, length);
	if (h->hops != NULL)
		hops_decoded(h, instance);
	host_drain(h);
	h->bytes_in_ns = 0; /* what comes from a timer later is not their doing */
}

static void on_closed(void *context, int64_t id, const char *why)
{
	struct host *h = context;
	struct host_connection *c = find(h, id);
	struct host_connection gone;

	if (c == NULL)
		return;
	gone = *c;
	*c = (struct host_connection){0};
	if (h->clock == CLOCK_REAL)
		host_tick_real(h);
	deliver_now(h, &gone, AQ_EV_NET_CLOSED, 0, why, (uint32_t)strlen(why) + 1, NULL, 0);
	host_drain(h);
}

static const struct net_events events = {.opened = on_opened, .data = on_data, .closed = on_closed};

int64_t net_owner_open(struct host *h, uint32_t instance, const char *address)
{
	struct host_connection *c = NULL;
	struct aq_err err = {0};
	int64_t id;

	for (int i = 0; i < HOST_CONNECTIONS && c == NULL; i++)
		c = h->connections[i].id == 0 ? &h->connections[i] : NULL;
	if (c == NULL)
		return AQ_EAGAIN;
	id = net_open(h->net, address, CONNECT_NS, &events, h, &err);
	if (id < 0) {
		log_line(AQ_LOG_ERROR, flow_instance_name(&h->flow, instance), "%s", err.text);
		return id;
	}
	*c = (struct host_connection){.id = id, .instance = instance};
	if (c - h->connections >= h->connection_end)
		h->connection_end = (int)(c - h->connections) + 1;
	return id;
}

int32_t net_owner_send(struct host *h, uint32_t instance, int64_t connection, const void *bytes, uint32_t length)
{
	const struct host_connection *c = find(h, connection);

	int rc = c == NULL || c->instance != instance ? AQ_ENOENT : net_send(h->net, connection, bytes, length);

	if (rc == AQ_OK && h->hops != NULL)
		hops_sent(h, instance);
	return rc;
}

int32_t net_owner_close(struct host *h, uint32_t instance, int64_t connection)
{
	struct host_connection *c = find(h, connection);

	if (c == NULL || c->instance != instance)
		return AQ_ENOENT;
	net_close(h->net, connection, true);
	*c = (struct host_connection){0};
	return AQ_OK;
}

bool net_owner_is_stuck(const struct host *h, uint32_t instance)
{
	for (int i = 0; i < h->connection_end; i++)
		if (h->connections[i].id != 0 && h->connections[i].instance == instance &&
			net_pending(h->net, h->connections[i].id) > 0)
			return true;
	return false;
}

void net_owner_tell(struct host *h, uint32_t instance)
{
	for (int i = 0; i < HOST_CONNECTIONS; i++) {
		struct aq_event *event;

		if (h->connections[i].id == 0 || h->connections[i].instance != instance || !h->connections[i].open)
			continue;
		event = flow_event(&h->flow, instance, AQ_EV_NET_OPEN, 0);
		if (event == NULL)
			return;
		event->tag = (uint64_t)h->connections[i].id;
		event->flags |= AQ_EV_DOWNLOADED;
	}
}

void net_owner_drop(struct host *h, uint32_t instance)
{
	for (int i = 0; i < HOST_CONNECTIONS; i++) {
		if (h->connections[i].id == 0 || h->connections[i].instance != instance)
			continue;
		net_close(h->net, h->connections[i].id, true);
		h->connections[i] = (struct host_connection){0};
	}
}
