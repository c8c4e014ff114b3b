/* control_standing.h: callers that wait until a venue has confirmed a halt. Inside of control. */
#ifndef AQ_HOST_CONTROL_STANDING_H
#define AQ_HOST_CONTROL_STANDING_H

#include "host/control_call.h"
#include "host/operator.h"

#define CONTROL_WAITS 8 /* whoever comes then is answered at once */

struct control_wait {
	bool busy;
	int64_t connection;
	int64_t until_ns; /* wall clock */
	const char *verb;
	struct operator_target target;
	struct control_request request;
};

struct control_waits {
	int count;
	struct control_wait list[CONTROL_WAITS];
};

/* The line of an answer that tells what is in force. */
void control_tell_standing(struct host *h, struct result *r, const struct operator_target *t);
/* NULL once control is closed. */
struct control_waits *control_waits(struct host *h);

#endif
