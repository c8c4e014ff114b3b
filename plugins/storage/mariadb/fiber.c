/* fiber.c: see fiber.h. */
#include "mariadb/fiber.h"

#include <stdint.h>
#include <sys/mman.h>

#if defined(__SANITIZE_ADDRESS__)
#define WITH_ASAN
#elif defined(__SANITIZE_THREAD__)
#define WITH_TSAN
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define WITH_ASAN
#elif __has_feature(thread_sanitizer)
#define WITH_TSAN
#endif
#endif
#ifdef WITH_ASAN
#include <sanitizer/common_interface_defs.h>
#endif
#ifdef WITH_TSAN
#include <sanitizer/tsan_interface.h>
#endif

#define STACK_BYTES (512u * 1024u)
/* On either side of the stack nothing is: what grows too large ends the process instead of writing elsewhere. And so far from
 * all other stacks valgrind takes a change of stacks for one. */
#define GUARD_BYTES (4u * 1024u * 1024u)
#define MAPPED_BYTES (GUARD_BYTES + STACK_BYTES + GUARD_BYTES)

bool fiber_make(struct fiber *f)
{
	char *stack = mmap(NULL, MAPPED_BYTES, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (stack == MAP_FAILED)
		return false;
	if (mprotect(stack + GUARD_BYTES, STACK_BYTES, PROT_READ | PROT_WRITE) != 0) {
		munmap(stack, MAPPED_BYTES);
		return false;
	}
	f->stack = stack;
#ifdef WITH_TSAN
	f->own_handle = __tsan_create_fiber(0);
#endif
	return true;
}

void fiber_free(struct fiber *f)
{
	if (f->stack == NULL)
		return;
#ifdef WITH_TSAN
	__tsan_destroy_fiber(f->own_handle);
#endif
	munmap(f->stack, MAPPED_BYTES);
	f->stack = NULL;
}

static void enter(struct fiber *f)
{
#ifdef WITH_ASAN
	__sanitizer_start_switch_fiber(&f->loop_fake, (char *)f->stack + GUARD_BYTES, STACK_BYTES);
#endif
#ifdef WITH_TSAN
	f->loop_handle = __tsan_get_current_fiber();
	__tsan_switch_to_fiber(f->own_handle, 0);
#endif
	swapcontext(&f->loop, &f->own);
#ifdef WITH_ASAN
	__sanitizer_finish_switch_fiber(f->loop_fake, NULL, NULL);
#endif
}

static void entered(struct fiber *f)
{
#ifdef WITH_ASAN
	__sanitizer_finish_switch_fiber(f->own_fake, &f->loop_bottom, &f->loop_size);
#else
	(void)f;
#endif
}

/* `ends`: it does not come back. */
static void leave(struct fiber *f, bool ends)
{
#ifdef WITH_ASAN
	__sanitizer_start_switch_fiber(ends ? NULL : &f->own_fake, f->loop_bottom, f->loop_size);
#endif
#ifdef WITH_TSAN
	__tsan_switch_to_fiber(f->loop_handle, 0);
#endif
	if (ends)
		setcontext(&f->loop);
	else
		swapcontext(&f->own, &f->loop);
	entered(f);
}

/* makecontext passes ints only. */
static void begin(unsigned high, unsigned low)
{
	struct fiber *f = (struct fiber *)(((uintptr_t)high << 32) | low);

	entered(f);
	f->work(f->context);
	f->under_way = false;
	leave(f, true);
}

void fiber_start(struct fiber *f, void (*work)(void *context), void *context)
{
	uintptr_t address = (uintptr_t)f;

	f->work = work;
	f->context = context;
	f->under_way = true;
	f->own_fake = NULL;
	getcontext(&f->own);
	f->own.uc_stack.ss_sp = (char *)f->stack + GUARD_BYTES;
	f->own.uc_stack.ss_size = STACK_BYTES;
	f->own.uc_link = NULL;
	makecontext(&f->own, (void (*)(void))begin, 2, (unsigned)(address >> 32), (unsigned)address);
	enter(f);
}

void fiber_resume(struct fiber *f)
{
	enter(f);
}

void fiber_wait(struct fiber *f)
{
	leave(f, false);
}
