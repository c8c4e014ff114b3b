/* control.h: the socket of aqctl, and the one table of commands that aqctl, console and bus will share. */
#ifndef AQ_HOST_CONTROL_H
#define AQ_HOST_CONTROL_H

#include <aioquant/abi.h>

struct host;

int control_open(struct host *h, struct aq_err *err);
void control_close(struct host *h);

#endif
