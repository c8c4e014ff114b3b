/* child_wait.c: see child_wait.h. */
#include "host/child_wait.h"

#include "host/host.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>

#define LOOK_MS 10 /* so often is looked whether it has ended */

bool child_wait(pid_t pid, int64_t until_ns, const atomic_bool *stop, int *status)
{
	while (waitpid(pid, status, WNOHANG) == 0) {
		if (host_wall_ns() >= until_ns || (stop != NULL && atomic_load(stop)))
			return false;
		poll(NULL, 0, LOOK_MS);
	}
	return true;
}

void child_kill(pid_t pid, bool group, int *status)
{
	kill(group ? -pid : pid, SIGKILL);
	while (waitpid(pid, status, 0) < 0 && errno == EINTR)
		;
}
