/* cpu.h: `[host] cpu = N`: the trading loop alone on one processor; helper threads and children on the others. */
#ifndef AQ_HOST_CPU_H
#define AQ_HOST_CPU_H

#include <stdbool.h>
#include <stdint.h>

/* Before any thread or child is made: the calling thread, and what it makes, leave `cpu` to the loop. Nothing happens when
 * `cpu` is negative or the only one. False when this process may not run there. [start] */
bool cpu_leave(int64_t cpu);
/* The calling thread goes there. */
void cpu_take(int64_t cpu);

#endif
