/* wait.c: a session waits for its socket without holding up the loop. */
#include "mariadb/store.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

void session_unwatch(struct session *c)
{
	if (c->watch > 0)
		c->s->provider->unwatch(c->s->host->owner, c->watch);
	c->watch = 0;
}

void session_drop_socket(struct session *c)
{
	session_unwatch(c);
	if (c->fd > 0)
		close(c->fd);
	c->fd = 0;
}

static bool is_of_socket(int fd, int socket)
{
	struct stat one, two;

	return fd > 0 && fstat(fd, &one) == 0 && fstat(socket, &two) == 0 && one.st_ino == two.st_ino && one.st_dev == two.st_dev;
}

/* The library closes its socket whenever something fails, and while it connects it may try another, but what is watched must
 * stay open until it no longer is: so that is a descriptor of our own. It stays as long as its socket: epoll goes on telling of one
 * that is closed while the socket is not. No child of the host keeps the connection. */
static bool take_socket(struct session *c)
{
	int socket = (int)mysql_get_socket(c->mysql);

	if (is_of_socket(c->fd, socket))
		return true;
	session_drop_socket(c);
	c->fd = fcntl(socket, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	return c->fd > 0 && fcntl(socket, F_SETFD, FD_CLOEXEC) == 0;
}

static bool watch(struct session *c, uint32_t events)
{
	if (c->watch > 0 && c->watched == events)
		return true;
	session_unwatch(c);
	if (!take_socket(c))
		return false;
	c->watched = events;
	c->watch = c->s->provider->watch(c->s->host->owner, c->fd, events, c->number);
	if (c->watch > 0)
		return true;
	c->watch = 0;
	return false;
}

int session_wait(struct session *c, int wanted)
{
	uint32_t events = ((wanted & MYSQL_WAIT_READ) != 0 ? AQ_WATCH_READ : 0) |
		((wanted & (MYSQL_WAIT_WRITE | MYSQL_WAIT_EXCEPT)) != 0 ? AQ_WATCH_WRITE : 0);

	if (c->cut == NULL && !watch(c, events))
		c->cut = "the host does not watch its socket";
	if (c->cut != NULL)
		return MYSQL_WAIT_TIMEOUT;
	c->ready = 0;
	fiber_wait(&c->fiber);
	if (!c->connected) /* the library may close this one and try the next address */
		session_unwatch(c);
	if (c->cut != NULL)
		return MYSQL_WAIT_TIMEOUT;
	return ((c->ready & AQ_WATCH_READ) != 0 ? MYSQL_WAIT_READ : 0) | ((c->ready & AQ_WATCH_WRITE) != 0 ? MYSQL_WAIT_WRITE : 0);
}

void session_rest(struct session *c)
{
	if (!watch(c, AQ_WATCH_READ))
		c->lost = true;
}

/* One timer for all that a session asks: it is moved only when it would come too late. */
void session_limit(struct session *c, int64_t duration)
{
	const struct aq_host *host = c->s->host;

	c->limit_ns = host->now(host->owner) + duration;
	if (c->timer > 0 && c->timer_ns > c->limit_ns) {
		host->timer_clear(host->owner, c->timer);
		c->timer = 0;
	}
	if (c->timer > 0)
		return;
	c->timer_ns = c->limit_ns;
	c->timer = host->timer_set(host->owner, c->timer_ns, 0, TIMER_SESSION | (uint64_t)c->number * TIMER_KINDS);
}

bool session_is_late(struct session *c)
{
	int64_t now = c->s->host->now(c->s->host->owner);

	c->timer = 0;
	if (c->limit_ns == 0)
		return false;
	if (now >= c->limit_ns)
		return true;
	session_limit(c, c->limit_ns - now);
	return false;
}

void session_cut(struct session *c, const char *why)
{
	c->cut = why;
	if (c->fiber.under_way)
		fiber_resume(&c->fiber);
}
