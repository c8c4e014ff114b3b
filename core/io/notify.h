/* notify.h: words to the service manager that started this process: the protocol of systemd's NOTIFY_SOCKET, which is a
 * datagram of lines KEY=VALUE a message. It is so little that the library for it would be the larger part. */
#ifndef AQ_IO_NOTIFY_H
#define AQ_IO_NOTIFY_H

#include <stdbool.h>
#include <stdint.h>

struct notify;

/* By the environment: NULL when nobody listens or NOTIFY_SOCKET makes no sense. A name that begins with @ is abstract. */
struct notify *notify_open(void);
void notify_close(struct notify *n);
/* Never waits. False: the listener has no room now or is not there. */
bool notify_send(struct notify *n, const char *text);
/* How often WATCHDOG=1 is expected, half of WATCHDOG_USEC; 0 = not of this process. */
int64_t notify_watchdog_ns(void);

#endif
