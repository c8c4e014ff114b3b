/* child_text.c: see child_text.h. */
#include "host/child_text.h"

#include "base/err.h"
#include "base/utf8.h"
#include "host/child_wait.h"
#include "host/host.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define LOOK_MS 100 /* so often *stop is looked at */

extern char **environ;

/* In a group of its own, so that what it starts goes with it; no signal is blocked there, as all are in a helper thread. */
static int start(const char *const *arguments, int out, pid_t *pid)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t none;
	int rc;

	sigemptyset(&none);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK);
	posix_spawnattr_setsigmask(&attributes, &none);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&actions, out, 1);
	posix_spawn_file_actions_adddup2(&actions, out, 2);
	rc = posix_spawn(pid, "/proc/self/exe", &actions, &attributes, (char *const *)(uintptr_t)arguments, environ);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attributes);
	return rc;
}

/* Until the pipe is closed. False: time is up, or nobody wants to know any more. */
static bool read_all(int fd, int64_t until_ns, const atomic_bool *stop, char *out, uint32_t size)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	uint32_t used = 0;
	char lost[1024];

	for (;;) {
		bool room = used < size - 1;
		ssize_t got;

		out[used] = '\0';
		if (host_wall_ns() >= until_ns || atomic_load(stop))
			return false;
		if (poll(&p, 1, LOOK_MS) == 0)
			continue;
		got = read(fd, room ? out + used : lost, room ? size - 1 - used : sizeof(lost));
		if (got == 0 || (got < 0 && errno != EINTR && errno != EAGAIN))
			return true;
		used += room && got > 0 ? (uint32_t)got : 0;
	}
}

int child_text(const char *const *arguments, int64_t timeout_ns, const atomic_bool *stop, char *out, uint32_t size,
	struct aq_err *err)
{
	int64_t until_ns = host_wall_ns() + timeout_ns;
	int pipes[2], status = 0, rc;
	bool in_time;
	pid_t pid;

	if (pipe2(pipes, O_CLOEXEC) != 0)
		return err_set(err, AQ_ENOSYS, "another process cannot be prepared: %s", strerror(errno));
	rc = start(arguments, pipes[1], &pid);
	close(pipes[1]);
	if (rc != 0) {
		close(pipes[0]);
		return err_set(err, AQ_ENOSYS, "another process cannot be started: %s", strerror(rc));
	}
	in_time = read_all(pipes[0], until_ns, stop, out, size) && child_wait(pid, until_ns, stop, &status);
	close(pipes[0]);
	if (!in_time)
		child_kill(pid, true, &status);
	utf8_clean(out, strlen(out), true);
	if (!in_time)
		return err_set(err, AQ_EINVAL, "it took more than %lld s and was ended", (long long)(timeout_ns / 1000000000));
	if (WIFSIGNALED(status))
		return err_set(err, AQ_EINVAL, "it crashed: %s", strsignal(WTERMSIG(status)));
	return WEXITSTATUS(status);
}
