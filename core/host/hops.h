/* hops.h: how long each part of the way from a venue's bytes to its word about an order takes, for each venue. It costs a
 * reading of the clock a part, so it is measured from the first time on that somebody looks: host.hops is NULL until then.
 */
#ifndef AQ_HOST_HOPS_H
#define AQ_HOST_HOPS_H

#include "base/hour.h"

#include <aioquant/event.h>
#include <stdbool.h>

enum hop {
	HOP_DECODED = 0,      /* bytes in -> decoded: until the adapter has returned */
	HOP_ORDER = 1,        /* decoded -> order: until the order, or its amend, is at its adapter */
	HOP_OUT = 2,          /* order -> bytes out: until the kernel has them, or they wait for it */
	HOP_ACKNOWLEDGED = 3, /* bytes out -> acknowledged: until bytes came that say what became of it */
	HOPS = 4
};

struct host;

/* Begins to measure the venues that run now; called again for those that came later. True: one of them is new. */
bool hops_begin(struct host *h);
void hops_end(struct host *h);
/* NULL: not measured. */
struct hour *hops_of(const struct host *h, uint32_t venue, enum hop hop);
const char *hops_name(enum hop hop);

/* All below: only while host.hops is there. The adapter has got bytes that arrived at host.bytes_in_ns. */
void hops_decoded(struct host *h, uint32_t venue);
/* Before and after an instance gets an event, of this type. */
void hops_before(struct host *h, uint32_t instance, const struct aq_event *event);
void hops_after(struct host *h, uint32_t instance, uint16_t type);
/* The adapter sends bytes. */
void hops_sent(struct host *h, uint32_t venue);

#endif
