/* service.h: what a service manager hears of this process: that it has come up, that it reloads, that its trading loop
 * turns, that it stops, and a line about its instances. Without a manager all of it does nothing. */
#ifndef AQ_HOST_SERVICE_H
#define AQ_HOST_SERVICE_H

struct host;

/* From here on the manager's watchdog is fed by the loop alone: a callback that hangs starves it. By the wall clock, in a
 * replay too. */
void service_open(struct host *h);
void service_close(struct host *h);
/* Between two moments: says READY when all that can start has started and no reload is under way. An instance that waits
 * for a venue that is down delays that for some seconds only. */
void service_turn(struct host *h);
void service_reloading(struct host *h);
void service_stopping(struct host *h);

#endif
