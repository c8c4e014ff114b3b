/* control_problems.h: what is wrong now, each with its time and what is being done. Inside of control. */
#ifndef AQ_HOST_CONTROL_PROBLEMS_H
#define AQ_HOST_CONTROL_PROBLEMS_H

#include "host/control_call.h"

void problems_tell(struct control_call *c);
/* A request of it has an unknown end. */
bool problems_is_unknown(const struct aq_order *o);
/* Orders of an account with a request of unknown end. */
uint32_t problems_unknown(struct host *h, uint32_t account);

#endif
