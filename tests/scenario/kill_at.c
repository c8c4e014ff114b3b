/* kill_at.c: loaded ahead of a program (LD_PRELOAD): kills it, as kill -9 would, at the Nth of its calls that others
 * can see: send, write and rename. AQ_KILL_AT=before:N: the call does not happen. AQ_KILL_AT=after:N: it does, nothing
 * after it. What a program journals before it sends, or forgets to, is then seen for certain, and not once in a
 * thousand tries. Only this process: children do not inherit it. */
#define _GNU_SOURCE /* RTLD_NEXT */
#include <dlfcn.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static unsigned long left;
static bool before;

__attribute__((constructor)) static void arm(void)
{
	const char *wish = getenv("AQ_KILL_AT");
	const char *count = wish != NULL ? strchr(wish, ':') : NULL;

	if (count == NULL)
		return;
	before = wish[0] == 'b';
	left = strtoul(count + 1, NULL, 10);
	unsetenv("AQ_KILL_AT");
}

static bool is_last(void)
{
	unsigned long was = __atomic_load_n(&left, __ATOMIC_RELAXED);

	while (was > 0 && !__atomic_compare_exchange_n(&left, &was, was - 1, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
		;
	return was == 1;
}

/* True when this is the call after which the program dies. */
static bool enter(void)
{
	bool last = is_last();

	if (last && before)
		raise(SIGKILL);
	return last;
}

static void leave(bool last)
{
	if (last)
		raise(SIGKILL);
}

ssize_t send(int fd, const void *bytes, size_t length, int flags)
{
	static ssize_t (*next)(int, const void *, size_t, int);
	bool last = enter();
	ssize_t done;

	if (next == NULL)
		next = (ssize_t(*)(int, const void *, size_t, int))dlsym(RTLD_NEXT, "send");
	done = next(fd, bytes, length, flags);
	leave(last);
	return done;
}

ssize_t write(int fd, const void *bytes, size_t length)
{
	static ssize_t (*next)(int, const void *, size_t);
	bool last = enter();
	ssize_t done;

	if (next == NULL)
		next = (ssize_t(*)(int, const void *, size_t))dlsym(RTLD_NEXT, "write");
	done = next(fd, bytes, length);
	leave(last);
	return done;
}

int rename(const char *from, const char *to)
{
	static int (*next)(const char *, const char *);
	bool last = enter();
	int status;

	if (next == NULL)
		next = (int (*)(const char *, const char *))dlsym(RTLD_NEXT, "rename");
	status = next(from, to);
	leave(last);
	return status;
}
