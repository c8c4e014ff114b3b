/* control.h: the socket of aqctl, and the one table of commands that aqctl, console and bus will share. */
#ifndef AQ_HOST_CONTROL_H
#define AQ_HOST_CONTROL_H

#include <aioquant/abi.h>
#include <stdbool.h>

struct host;

int control_open(struct host *h, struct aq_err *err);
void control_close(struct host *h);
/* Answers callers whose halt the venue has confirmed meanwhile; called between two moments. */
void control_standing_step(struct host *h);
/* Somebody waits: it is called often, whatever else there is to do. */
bool control_standing_awaits(struct host *h);

#endif
