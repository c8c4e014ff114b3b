/* count.h: an interposed allocator that counts. Programs that link count.c have every call of the process counted,
 * those of plugins included, while the watched host is between its first market event and the end of its replay. */
#ifndef TESTS_BENCH_COUNT_H
#define TESTS_BENCH_COUNT_H

#include "host/host.h"

#define COUNT_CALLERS 16

/* NULL ends it. The count begins at 0. */
void count_watch(const struct host *h);
uint64_t count_allocations(void);
/* Return addresses of the first callers, for whoever looks for them; NULL behind the last. */
void *const *count_callers(void);

#endif
