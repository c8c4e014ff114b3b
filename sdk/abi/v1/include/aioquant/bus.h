/* bus.h: draft. Kind bus, and the extension "aq.draft.bus/1" through which strategies and services use it.
 *
 * Publish and subscribe by topic, request and reply with a deadline. Within a process no broker takes part; between
 * processes a bus plugin carries messages, on a loop of its own. What a message is decides what may happen to it:
 * - data may be dropped, oldest first, and is counted;
 * - a fact (an order's change, a fill, a position, a halt) is numbered, confirmed, and kept until it is delivered;
 * - an intention (a new order, an amend, a command that adds risk) has a deadline and is never stored: without a
 *   route it is denied at once, one that arrives late is refused by its receiver, and until an answer comes the
 *   sender holds it as unknown. Topics are words with points between them; in a pattern `*` is one word and `#` any
 *   number at the end.
 */
#ifndef AIOQUANT_BUS_H
#define AIOQUANT_BUS_H

#include "plugin.h"

#define AQ_BUS_EXT "aq.draft.bus/1"
#define AQ_BUS_PROVIDER_EXT "aq.draft.bus_provider/1"
#define AQ_BUS_MAX (60u * 1024u) /* bytes of one message */

enum aq_bus_class { AQ_BUS_DATA = 1, AQ_BUS_FACT = 2, AQ_BUS_INTENTION = 3 };
enum aq_bus_form { AQ_BUS_BSON = 1, AQ_BUS_JSON = 2, AQ_BUS_BYTES = 3 };

/* A message; its bytes follow where it is an event, and stand beside it in calls. */
struct aq_bus_message {
	uint32_t size;
	uint32_t bus;          /* id of an AQ_OPT_BUS option; 0 = this process only */
	uint8_t cls;           /* enum aq_bus_class */
	uint8_t form;          /* enum aq_bus_form */
	uint8_t reserved[2];
	uint32_t length;       /* of the bytes, at most AQ_BUS_MAX */
	uint64_t tag;          /* of the call; of the subscription in what arrives */
	uint64_t number;       /* facts: set by the host, without gaps for one sender */
	uint64_t request;      /* what arrives: to be given to reply; 0 = nobody waits */
	int64_t deadline_ns;   /* intentions and requests; 0 = one second from now */
	int64_t sent_ns;       /* set by the sender's host */
	char topic[128];
	char sender[48];       /* server_id and instance; set by the host */
};

enum aq_bus_event {
	AQ_EV_BUS_MESSAGE = 140, /* [aq_bus_message, bytes] */
	AQ_EV_BUS_REPLY = 141,   /* [aq_bus_message, bytes] tag: the request's */
	AQ_EV_BUS_FAILED = 142,  /* [aq_bus_failure] tag: of the publish or request */
	AQ_EV_BUS_CONFIRMED = 143, /* tag: of the fact, which is kept by the broker or was taken by its subscribers */
	AQ_EV_BUS_ROOM = 144,    /* tag: the bus; a queue that was full has room */
	AQ_EV_BUS_STATE = 145    /* [aq_bus_state] */
};

enum aq_bus_fault {
	AQ_BUS_NO_ROUTE = 1,
	AQ_BUS_LATE = 2,       /* refused by the receiver, or not sent: the deadline passed */
	AQ_BUS_NO_ANSWER = 3,  /* the deadline passed without a reply: it may have been carried out */
	AQ_BUS_REFUSED = 4
};

struct aq_bus_failure {
	uint8_t fault;         /* enum aq_bus_fault */
	uint8_t reserved[7];
	char text[120];
};

struct aq_bus_state {
	uint32_t bus;
	uint8_t up;
	uint8_t reserved[3];
	uint64_t waiting;      /* facts not confirmed */
	uint64_t dropped;      /* data since the last event */
	char text[120];
};

/* What a strategy or service calls. */
struct aq_bus_api {
	uint32_t size;
	uint32_t reserved;
	/* AQ_EINVAL, AQ_ENOENT (bus), AQ_EAGAIN (queue full: nothing was taken), AQ_ESTATE. [loop] */
	int32_t (*publish)(void *owner, const struct aq_bus_message *message, const void *bytes);
	/* Messages on topics that match come as AQ_EV_BUS_MESSAGE with `tag`. Returns an id (> 0). [loop] */
	int64_t (*subscribe)(void *owner, uint32_t bus, const char *pattern, uint64_t tag);
	int32_t (*unsubscribe)(void *owner, int64_t subscription);
	/* Ends in exactly one AQ_EV_BUS_REPLY or AQ_EV_BUS_FAILED. [loop] */
	int32_t (*request)(void *owner, const struct aq_bus_message *message, const void *bytes);
	/* `request` as it arrived. AQ_ENOENT after its deadline. [loop] */
	int32_t (*reply)(void *owner, uint64_t request, uint8_t form, const void *bytes, uint32_t length);
};

/* aq_plugin.ops of a bus plugin. Called on its own loop. */
struct aq_bus_ops {
	uint32_t size;
	uint32_t reserved;
	/* Carries a message out. Answered with confirmed or failed for facts, intentions and requests. [loop] */
	int32_t (*publish)(void *self, uint64_t call, const struct aq_bus_message *message, const void *bytes);
	/* What the host's subscribers together want from outside. [loop] */
	int32_t (*subscribe)(void *self, uint64_t subscription, const char *pattern);
	int32_t (*unsubscribe)(void *self, uint64_t subscription);
	int32_t (*reply)(void *self, uint64_t request, uint8_t form, const void *bytes, uint32_t length);
};

/* What the bus plugin answers through. */
struct aq_bus_provider_api {
	uint32_t size;
	uint32_t reserved;
	/* A message from outside. AQ_EAGAIN: take no more from the broker until AQ_EV_BUS_ROOM. [any] */
	int32_t (*arrived)(void *owner, uint64_t subscription, const struct aq_bus_message *message, const void *bytes);
	int32_t (*confirmed)(void *owner, uint64_t call);
	int32_t (*failed)(void *owner, uint64_t call, const struct aq_bus_failure *failure);
	int32_t (*replied)(void *owner, uint64_t call, const struct aq_bus_message *message, const void *bytes);
	int32_t (*state)(void *owner, uint8_t up, const char *text);
};

#endif
