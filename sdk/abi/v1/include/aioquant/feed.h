/* feed.h: extensions of an exchange adapter. "aq.draft.feed/1" always; by its section one of "aq.draft.net/1" (sockets
 * of the host) and "aq.draft.replay/1" (a venue inside the host).
 *
 * An adapter is a state machine without input and output of its own. It gets intents (AQ_EV_SUBSCRIBE .. AQ_EV_ACCOUNT)
 * and inputs (AQ_EV_NET_*, AQ_EV_FRAME, AQ_EV_TIMER) and gives records. After every start it gets a download: accounts,
 * instruments, subscriptions, orders that are not final, open connections. It never decides what an order's state is:
 * it only says what the venue said.
 */
#ifndef AIOQUANT_FEED_H
#define AIOQUANT_FEED_H

#include "plugin.h"

#define AQ_FEED_EXT "aq.draft.feed/1"
#define AQ_NET_EXT "aq.draft.net/1"
#define AQ_REPLAY_EXT "aq.draft.replay/1"

struct aq_feed_api {
	uint32_t size;
	uint32_t reserved;
	/* Tells the host of an instrument. The same symbol keeps its id; a change of filters raises its revision; changed
	 * digits are AQ_EINVAL. Returns the id (> 0). [loop] */
	int32_t (*instrument)(void *owner, const struct aq_instrument *instrument);
	/* Gives one record: AQ_EV_TICKER, TRADE, FUNDING, BALANCE or one of AQ_EV_VENUE and above, copied. time_ns 0 =
	 * now. AQ_EINVAL, AQ_EAGAIN (queue full: emit the rest after the next event). [loop] */
	int32_t (*emit)(void *owner, const struct aq_event *record);
	/* Only with [host] clock = venue: the venue's simulated time is now `now_ns`; timers up to it fire first. It never
	 * goes back. When all that followed is done the adapter gets AQ_EV_SETTLED. AQ_ESTATE, AQ_EINVAL. [loop] */
	int32_t (*clock)(void *owner, int64_t now_ns);
};

struct aq_net_api {
	uint32_t size;
	uint32_t reserved;
	/* unix:PATH or tcp:HOST:PORT. Answer: AQ_EV_NET_OPEN or AQ_EV_NET_CLOSED with this tag. Returns an id (> 0), which
	 * is the tag of all events of the connection. AQ_EINVAL, AQ_EAGAIN. [loop] */
	int64_t (*open)(void *owner, const char *address);
	/* Sends or queues all of it. AQ_EAGAIN when more than 1 MiB would wait: nothing was taken. AQ_ENOENT. [loop] */
	int32_t (*send)(void *owner, int64_t connection, const void *bytes, uint32_t length);
	int32_t (*close)(void *owner, int64_t connection);
};

struct aq_replay_api {
	uint32_t size;
	uint32_t reserved;
	/* Gives the venue one frame. Frames of the venue come as AQ_EV_FRAME. [loop] */
	int32_t (*send)(void *owner, const void *frame, uint32_t length);
};

#endif
