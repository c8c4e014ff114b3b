/* child_wait.h: the end of a child that may not come: it can close its streams and live on. */
#ifndef AQ_HOST_CHILD_WAIT_H
#define AQ_HOST_CHILD_WAIT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* Waits until a child has ended, the wall clock says `until_ns`, or *stop is set (NULL: nobody sets it). False when it has not
 * ended. Else it is reaped, with its status in *status. [any] */
bool child_wait(pid_t pid, int64_t until_ns, const atomic_bool *stop, int *status);
/* Kills a child, with `group` all that it has started in its own, and reaps it. [any] */
void child_kill(pid_t pid, bool group, int *status);

#endif
