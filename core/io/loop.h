/* loop.h: libev behind ids. One loop a thread. Nothing of libev leaves this folder.
 *
 * Callbacks run on the loop's thread, never nested. Signals are delivered on the loop, several of one kind as one.
 */
#ifndef AQ_IO_LOOP_H
#define AQ_IO_LOOP_H

#include <aioquant/abi.h>
#include <stdbool.h>

struct loop;

struct loop *loop_create(void);
void loop_destroy(struct loop *l);

/* Wall clock, ns UTC, read now. */
int64_t loop_now(const struct loop *l);

/* One turn: waits for at most `wait_ns` (-1 = until something happens, 0 = only looks), then runs what is due. */
void loop_turn(struct loop *l, int64_t wait_ns);

/* Called right before the loop waits for the kernel and right after, also when it only looks. For measuring. */
void loop_on_wait(struct loop *l, void (*begin)(void *context), void (*end)(void *context), void *context);

/* One deadline of the loop, on a timerfd (exact far below a millisecond). INT64_MAX = none. A past one is due at once.
 */
void loop_deadline(struct loop *l, int64_t at_ns, void (*due)(void *context), void *context);

/* Readiness of a descriptor; `events`: LOOP_READ | LOOP_WRITE. Returns an id > 0. */
enum { LOOP_READ = 1, LOOP_WRITE = 2 };
int64_t loop_watch(struct loop *l, int fd, int events, void (*ready)(void *context, int events), void *context);
void loop_watch_change(struct loop *l, int64_t id, int events);
void loop_unwatch(struct loop *l, int64_t id);

/* Replaces the callback of a signal; NULL = as it was before. A signal belongs to one loop of the process. */
void loop_signal(struct loop *l, int signal, void (*got)(void *context, int signal), void *context);
/* Child of this process has ended: status as of waitpid, -1 when somebody else has waited for it.
 * AQ_ENOENT: no such child. */
int loop_child(struct loop *l, int pid, void (*ended)(void *context, int pid, int status), void *context);

/* loop_wake makes the loop turn and call `woken`, once for several wakes. [any thread] */
void loop_on_wake(struct loop *l, void (*woken)(void *context), void *context);
void loop_wake(struct loop *l);

#endif
