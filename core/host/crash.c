/* crash.c: the handler of fatal signals. Nothing here may need a lock or memory: the process may have stopped anywhere. */
#include "host/crash.h"

#include "base/check.h"
#include "base/log.h"
#include "host/crash_file.h"
#include "host/guard.h"

#include <execinfo.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

#define STACK_BYTES (256u * 1024u)
#define EXPLAIN_S 20 /* longest wait for the child; then the process ends without its text */

static const int fatal[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT};
#define FATALS (sizeof(fatal) / sizeof(*fatal))

static struct crash_handler {
	char path[600], log[300], format[8];
	pthread_t loop;
	void *stack;
	struct sigaction before[FATALS];
	atomic_bool busy;
	bool open, explains;
} crash;

/* ---- text without stdio ---- */

struct text {
	int fd;
	char bytes[2048];
	size_t used;
};

static void flush(struct text *t)
{
	size_t done = 0;
	ssize_t got = 1;

	while (done < t->used && got > 0) {
		got = write(t->fd, t->bytes + done, t->used - done);
		done += got > 0 ? (size_t)got : 0;
	}
	t->used = 0;
}

static void put(struct text *t, const char *text)
{
	for (; *text != '\0'; text++) {
		if (t->used == sizeof(t->bytes))
			flush(t);
		t->bytes[t->used++] = *text;
	}
}

static void put_number(struct text *t, uint64_t value, unsigned base)
{
	char digits[24];
	int at = (int)sizeof(digits) - 1;

	digits[at] = '\0';
	do {
		digits[--at] = "0123456789abcdef"[value % base];
		value /= base;
	} while (value > 0);
	put(t, digits + at);
}

static void put_line(struct text *t, const char *key, const char *value)
{
	put(t, key);
	put(t, " ");
	put(t, value);
	put(t, "\n");
}

static void put_count(struct text *t, const char *key, uint64_t value, unsigned base)
{
	put(t, key);
	put(t, " ");
	put_number(t, value, base);
	put(t, "\n");
}

/* ---- the file ---- */

static uint64_t program_counter(const void *context)
{
	const ucontext_t *c = context;

#if defined(__x86_64__)
	return (uint64_t)c->uc_mcontext.gregs[REG_RIP];
#elif defined(__aarch64__)
	return c->uc_mcontext.pc;
#else
	return 0;
#endif
}

static void put_frames(struct text *t, const void *context)
{
	void *frames[CRASH_FRAMES];
	int count = backtrace(frames, CRASH_FRAMES);

	put_count(t, "frame", program_counter(context), 16);
	for (int i = 0; i < count; i++)
		put_count(t, "frame", (uint64_t)(uintptr_t)frames[i] - 1, 16); /* into the call, not behind it */
}

static void put_maps(struct text *t)
{
	int fd = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
	ssize_t got;

	put(t, "maps\n");
	flush(t);
	while (fd >= 0 && (got = read(fd, t->bytes, sizeof(t->bytes))) > 0) {
		t->used = (size_t)got;
		flush(t);
	}
	if (fd >= 0)
		close(fd);
}

static void put_culprit(struct text *t, uint64_t word)
{
	const struct guard_about *a = guard_about(word);

	if (a == NULL)
		return;
	put_line(t, "instance", a->name);
	put_line(t, "call", guard_call_name(word));
	put_line(t, "event", guard_event_name(word));
	put_line(t, "library", a->library);
	put_line(t, "path", a->path);
	put_line(t, "hash", a->hash);
	put_count(t, "generation", a->generation, 10);
	put_count(t, "reloaded", (uint64_t)a->reloaded_ns, 10);
}

static void write_file(int number, const siginfo_t *info, const void *context)
{
	struct text t = {.fd = open(crash.path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600)};
	struct timespec now;

	if (t.fd < 0)
		return;
	clock_gettime(CLOCK_REALTIME, &now);
	put(&t, CRASH_MAGIC "\n");
	put_count(&t, "signal", (uint64_t)number, 10);
	put_count(&t, "verdict", guard_verdict(), 10);
	put_count(&t, "address", number == SIGABRT ? 0 : (uint64_t)(uintptr_t)info->si_addr, 16);
	put_count(&t, "time", (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec, 10);
	if (pthread_equal(pthread_self(), crash.loop))
		put_culprit(&t, guard_culprit());
	else
		put_culprit(&t, guard_thread_word());
	flush(&t);
	put_frames(&t, context); /* what follows may go wrong: what stands so far is enough */
	put_maps(&t);
	flush(&t);
	close(t.fd);
}

/* ---- the child that explains ---- */

static void explain(void)
{
	static char program[] = "aioquantd", option[] = "--explain-crash";
	char *arguments[] = {program, option, crash.path, crash.log, crash.format, NULL};
	const struct timespec moment = {.tv_nsec = 10000000};
	pid_t child = _Fork();

	if (child == 0) {
		sigset_t none;

		sigemptyset(&none);
		sigprocmask(SIG_SETMASK, &none, NULL); /* the handler's is not for it */
		execve("/proc/self/exe", arguments, environ);
		_exit(127);
	}
	for (int i = 0; child > 0 && i < EXPLAIN_S * 100 && waitpid(child, NULL, WNOHANG) == 0; i++)
		nanosleep(&moment, NULL);
}

static const struct sigaction *before_of(int number)
{
	size_t i = 0;

	while (i + 1 < FATALS && fatal[i] != number)
		i++;
	return &crash.before[i];
}

/* A fault happens again when this returns, and then ends the process as if nobody had looked; what was sent does not. */
static void end(int number, const siginfo_t *info)
{
	sigset_t one;

	if (info->si_code > 0) {
		sigaction(number, before_of(number), NULL);
		return;
	}
	signal(number, SIG_DFL);
	sigemptyset(&one);
	sigaddset(&one, number);
	raise(number);
	pthread_sigmask(SIG_UNBLOCK, &one, NULL);
}

/* Another thread has crashed: what is in memory may be wrong, so nothing is traded by it any more. */
static void stand_still(int number)
{
	(void)number;
	for (;;)
		pause();
}

static void stop_loop(void)
{
	if (pthread_equal(pthread_self(), crash.loop))
		return;
	signal(SIGRTMAX, stand_still);
	pthread_kill(crash.loop, SIGRTMAX);
}

static void on_fatal(int number, siginfo_t *info, void *context)
{
	if (!atomic_exchange(&crash.busy, true)) {
		signal(SIGALRM, SIG_DFL);
		alarm(EXPLAIN_S + 10); /* whatever happens in here, the process ends */
		stop_loop();
		write_file(number, info, context);
		if (crash.explains) {
			log_drain_signal();
			explain();
		}
	}
	end(number, info);
}

/* ---- life ---- */

static void open_handlers(void)
{
	struct sigaction action = {.sa_sigaction = on_fatal, .sa_flags = SA_SIGINFO | SA_ONSTACK};
	void *frame[1];
	sigset_t fatals;
	stack_t stack;

	crash.loop = pthread_self();
	crash.stack = malloc(STACK_BYTES);
	CHECK(crash.stack != NULL);
	stack = (stack_t){.ss_sp = crash.stack, .ss_size = STACK_BYTES};
	sigaltstack(&stack, NULL);
	backtrace(frame, 1); /* it loads what it needs now, not in the handler */
	sigfillset(&action.sa_mask);
	sigdelset(&action.sa_mask, SIGALRM); /* it ends what hangs in the handler */
	sigemptyset(&fatals);
	for (size_t i = 0; i < FATALS; i++) {
		sigaction(fatal[i], &action, &crash.before[i]);
		sigaddset(&fatals, fatal[i]);
	}
	pthread_sigmask(SIG_UNBLOCK, &fatals, NULL); /* a child has the mask of the thread that it comes from */
	crash.open = true;
}

void crash_open(struct host *h)
{
	snprintf(crash.path, sizeof(crash.path), "%s/crash", h->options.state_dir);
	snprintf(crash.log, sizeof(crash.log), "%s", h->options.log_file);
	snprintf(crash.format, sizeof(crash.format), "%d", h->options.log_format);
	crash.explains = true;
	open_handlers();
}

void crash_open_rehearsal(const char *file)
{
	snprintf(crash.path, sizeof(crash.path), "%s", file);
	open_handlers();
}

void crash_close(void)
{
	const stack_t none = {.ss_flags = SS_DISABLE};

	if (!crash.open)
		return;
	for (size_t i = 0; i < FATALS; i++)
		sigaction(fatal[i], &crash.before[i], NULL);
	sigaltstack(&none, NULL);
	free(crash.stack);
	crash.open = false;
}
