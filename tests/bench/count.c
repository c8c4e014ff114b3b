/* count.c: see count.h. glibc's own functions do the work. */
#include "count.h"

#include <stdatomic.h>
#include <stddef.h>

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *at, size_t size);
void *__libc_memalign(size_t alignment, size_t size);
void *malloc(size_t size);
void *calloc(size_t count, size_t size);
void *realloc(void *at, size_t size);
void *aligned_alloc(size_t alignment, size_t size);

static _Atomic(const struct host *) watched;
static _Atomic uint64_t allocations;
static void *callers[COUNT_CALLERS + 1];

static void count(void *caller)
{
	const struct host *h = atomic_load_explicit(&watched, memory_order_relaxed);
	uint64_t before;

	if (h == NULL || h->events == 0 || h->ended)
		return;
	before = atomic_fetch_add(&allocations, 1);
	if (before < COUNT_CALLERS)
		callers[before] = caller;
}

void *malloc(size_t size)
{
	count(__builtin_return_address(0));
	return __libc_malloc(size);
}

void *calloc(size_t count_of, size_t size)
{
	count(__builtin_return_address(0));
	return __libc_calloc(count_of, size);
}

void *realloc(void *at, size_t size)
{
	count(__builtin_return_address(0));
	return __libc_realloc(at, size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
	count(__builtin_return_address(0));
	return __libc_memalign(alignment, size);
}

void count_watch(const struct host *h)
{
	if (h != NULL)
		atomic_store(&allocations, 0);
	for (int i = 0; h != NULL && i < COUNT_CALLERS; i++)
		callers[i] = NULL;
	atomic_store(&watched, h);
}

uint64_t count_allocations(void)
{
	return atomic_load(&allocations);
}

void *const *count_callers(void)
{
	return callers;
}
