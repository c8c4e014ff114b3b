/* hops.c: see hops.h. */
#include "host/hops.h"

#include "base/check.h"
#include "host/host.h"

#include <stdlib.h>
#include <string.h>

#define SENT_MAX 4096u /* orders that wait for an answer; an older one whose place is taken is not measured */

struct sent {
	uint64_t order; /* 0 = free */
	int64_t at_ns;
	uint32_t venue;
	uint8_t request; /* enum aq_request */
	uint8_t reserved[3];
};

struct venue_hops {
	uint32_t venue;
	struct hour hops[HOPS];
};

struct hops {
	struct venue_hops *venues[16];
	int count;
	int64_t caused_ns, decoded_ns; /* arrival of the bytes that were decoded last, and when they were */
	struct sent intent;            /* at its adapter, its bytes not yet out; at_ns: since when */
	struct sent sent[SENT_MAX];    /* by the low bits of the order's number */
};

/* ---- begin and end ---- */

static bool add_venue(struct hops *hops, uint32_t venue)
{
	struct venue_hops *v;

	for (int i = 0; i < hops->count; i++)
		if (hops->venues[i]->venue == venue)
			return false;
	if (hops->count == sizeof(hops->venues) / sizeof(*hops->venues))
		return false;
	v = calloc(1, sizeof(*v));
	CHECK(v != NULL);
	v->venue = venue;
	hops->venues[hops->count++] = v;
	return true;
}

bool hops_begin(struct host *h)
{
	bool any = false;

	if (h->hops == NULL)
		h->hops = calloc(1, sizeof(*h->hops));
	CHECK(h->hops != NULL);
	h->measure = true;
	for (uint32_t id = 1; id <= names_count(&h->flow.names, NAME_INSTANCE) && id < INSTANCES_MAX; id++)
		if (h->instances[id] != NULL && h->instances[id]->kind == AQ_EXCHANGE && add_venue(h->hops, id))
			any = true;
	return any;
}

void hops_end(struct host *h)
{
	if (h->hops == NULL)
		return;
	for (int i = 0; i < h->hops->count; i++)
		free(h->hops->venues[i]);
	free(h->hops);
	h->hops = NULL;
}

struct hour *hops_of(const struct host *h, uint32_t venue, enum hop hop)
{
	for (int i = 0; h->hops != NULL && i < h->hops->count; i++)
		if (h->hops->venues[i]->venue == venue)
			return &h->hops->venues[i]->hops[hop];
	return NULL;
}

const char *hops_name(enum hop hop)
{
	static const char *const names[HOPS] = {
		"bytes in -> decoded", "decoded -> order", "order -> bytes out", "bytes out -> acknowledged"};

	return names[hop];
}

/* ---- on the way ---- */

/* A wall clock that was set back makes no time negative. */
static void took(struct host *h, uint32_t venue, enum hop hop, int64_t from_ns, int64_t to_ns)
{
	struct hour *hour = hops_of(h, venue, hop);

	if (hour != NULL)
		hour_add(hour, to_ns, to_ns > from_ns ? (uint64_t)(to_ns - from_ns) : 0);
}

void hops_decoded(struct host *h, uint32_t venue)
{
	int64_t now = host_wall_ns();

	h->hops->caused_ns = h->bytes_in_ns;
	h->hops->decoded_ns = now;
	if (h->clock != CLOCK_REPLAY && h->bytes_in_ns != 0)
		took(h, venue, HOP_DECODED, h->bytes_in_ns, now);
}

static bool is_order(uint16_t type)
{
	return type == AQ_EV_PLACE || type == AQ_EV_AMEND;
}

/* What its venue has said about an order that we noted the sending of: by the bytes in hand. */
static void acknowledged(struct host *h, const struct aq_order_change *change)
{
	struct sent *s = &h->hops->sent[change->order.id % SENT_MAX];
	uint8_t left = s->request == AQ_REQ_PLACE ? change->order.place : change->order.amend;

	if (s->order != change->order.id || change->update == 0 || left != AQ_REQ_NONE)
		return;
	if (h->bytes_in_ns != 0)
		took(h, s->venue, HOP_ACKNOWLEDGED, s->at_ns, h->bytes_in_ns);
	s->order = 0;
}

void hops_before(struct host *h, uint32_t instance, const struct aq_event *event)
{
	struct hops *hops = h->hops;

	if (event->type == AQ_EV_ORDER && (event->flags & AQ_EV_DOWNLOADED) == 0)
		acknowledged(h, AQ_BODY(aq_order_change, event));
	if (!is_order(event->type))
		return;
	hops->intent = (struct sent){.order = AQ_BODY(aq_order, event)->id, .at_ns = host_wall_ns(), .venue = instance,
		.request = event->type == AQ_EV_PLACE ? AQ_REQ_PLACE : AQ_REQ_AMEND};
	if (h->bytes_in_ns != 0 && hops->caused_ns == h->bytes_in_ns) /* not of a timer */
		took(h, instance, HOP_ORDER, hops->decoded_ns, hops->intent.at_ns);
}

void hops_after(struct host *h, uint32_t instance, uint16_t type)
{
	if (type == AQ_EV_FRAME)
		hops_decoded(h, instance);
	else if (is_order(type))
		h->hops->intent.order = 0;
}

void hops_sent(struct host *h, uint32_t venue)
{
	struct sent *intent = &h->hops->intent, *s = &h->hops->sent[intent->order % SENT_MAX];

	if (intent->order == 0 || intent->venue != venue)
		return;
	*s = *intent;
	s->at_ns = host_wall_ns();
	took(h, venue, HOP_OUT, intent->at_ns, s->at_ns);
	intent->order = 0;
}
