#include "io/notify.h"

#include "base/check.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

struct notify {
	int fd;
	socklen_t length;
	struct sockaddr_un address;
};

/* The address is kept and not connected to: a manager that is replaced by a newer one listens there again. */
static bool take_address(struct notify *n, const char *name)
{
	size_t length = strlen(name);

	if ((name[0] != '/' && name[0] != '@') || length < 2 || length >= sizeof(n->address.sun_path))
		return false;
	n->address.sun_family = AF_UNIX;
	memcpy(n->address.sun_path, name, length);
	n->length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
	if (name[0] == '@')
		n->address.sun_path[0] = '\0'; /* abstract: as long as it is, without a NUL at its end */
	else
		n->length++;
	return true;
}

struct notify *notify_open(void)
{
	const char *name = getenv("NOTIFY_SOCKET");
	struct notify *n;

	if (name == NULL)
		return NULL;
	n = calloc(1, sizeof(*n));
	CHECK(n != NULL);
	n->fd = take_address(n, name) ? socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0) : -1;
	if (n->fd >= 0)
		return n;
	free(n);
	return NULL;
}

void notify_close(struct notify *n)
{
	if (n != NULL)
		close(n->fd);
	free(n);
}

bool notify_send(struct notify *n, const char *text)
{
	size_t length = strlen(text);

	return sendto(n->fd, text, length, MSG_NOSIGNAL, (const struct sockaddr *)&n->address, n->length) == (ssize_t)length;
}

/* -1 when it is not set or no number. */
static int64_t number_of(const char *variable)
{
	const char *text = getenv(variable);
	char *end;
	long long value;

	if (text == NULL || text[0] < '0' || text[0] > '9')
		return -1;
	value = strtoll(text, &end, 10);
	return *end == '\0' ? value : -1;
}

int64_t notify_watchdog_ns(void)
{
	int64_t us = number_of("WATCHDOG_USEC"), pid = number_of("WATCHDOG_PID");

	if (us <= 0 || us > INT64_MAX / 1000 || (getenv("WATCHDOG_PID") != NULL && pid != getpid()))
		return 0;
	return us * 1000 / 2;
}
